/* chain.c - which commodity can be where, and which recipes can run there.
 *
 * A commodity can be in a region when it is made, stocked, collected or shipped there; a
 * recipe runs where all its inputs can be; both depend on each other, so the rules are
 * applied until nothing changes.  What nobody could ever make is left out of the matrix.
 */
#include "network/build.h"

#include <string.h>

static bool inputs_can_be_had(const builder *b, int32_t recipe, int32_t region)
{
    for (int32_t i = b->flow_start[recipe]; i < b->flow_start[recipe + 1]; i++) {
        build_flow flow = build_flow_at(b, i);
        if (flow.value < 0 && !b->can_have[build_pair(b, flow.commodity, region)])
            return false;
    }
    return true;
}

static void mark_outputs(builder *b, int32_t recipe, int32_t region)
{
    for (int32_t i = b->flow_start[recipe]; i < b->flow_start[recipe + 1]; i++) {
        build_flow flow = build_flow_at(b, i);
        int32_t at = build_pair(b, flow.commodity, region);
        if (flow.value > 0)
            b->can_have[at] = b->is_made[at] = true;
    }
}

static bool start_recipe(builder *b, int32_t recipe, int32_t region, bool *runs)
{
    if (*runs || !inputs_can_be_had(b, recipe, region))
        return false;
    *runs = true;
    mark_outputs(b, recipe, region);
    return true;
}

static bool start_plants(builder *b)
{
    bool changed = false;
    const yt_network *net = b->net;
    for (int32_t f = 0; f < net->facilities.count; f++) {
        if (!b->facility_sized[f])
            continue;
        int32_t region = model_at(b->model, TABLE_facility, f, facility_region)->id;
        if (b->facility_recipe[f] != YT_NONE) {
            changed |= start_recipe(b, b->facility_recipe[f], region, &b->facility_runs[f]);
            continue;
        }
        for (int32_t i = 0; i < net->recipes.count; i++) {
            const char *family = model_at(b->model, TABLE_recipe, i, recipe_family)->text;
            if (b->facility_family[f] == YT_NONE || !*family ||
                strcmp(family, net->families.id[b->facility_family[f]]) != 0)
                continue;
            if (start_recipe(b, i, region, &b->line_runs[i * net->regions.count + region]))
                changed = true;
            if (b->line_runs[i * net->regions.count + region])
                b->facility_runs[f] = true;
        }
    }
    return changed;
}

static bool ship_everywhere(builder *b)
{
    bool changed = false;
    for (int32_t i = 0; i < b->lanes; i++) {
        const build_lane *lane = &b->lane[i];
        bool *to = &b->can_have[build_pair(b, lane->commodity, lane->destination)];
        if (!*to && b->can_have[build_pair(b, lane->commodity, lane->origin)])
            *to = changed = true;
    }
    return changed;
}

bool build_is_demanded(const builder *b, int32_t end_use, int32_t region)
{
    for (int32_t r = 0; r < b->model->table[TABLE_demand].rows; r++)
        if (model_at(b->model, TABLE_demand, r, demand_end_use)->id == end_use &&
            model_at(b->model, TABLE_demand, r, demand_region)->id == region &&
            model_at(b->model, TABLE_demand, r, demand_facts + FACT_VALUE)->number > 0)
            return true;
    return false;
}

bool build_is_mixed(const builder *b, int32_t end_use)
{
    for (int32_t r = 0; r < b->model->table[TABLE_end_use_fact].rows; r++)
        if (model_at(b->model, TABLE_end_use_fact, r, end_use_fact_item)->id ==
                ITEM_end_use_fact_mix_friction &&
            model_at(b->model, TABLE_end_use_fact, r, end_use_fact_end_use)->id == end_use)
            return true;
    return false;
}

bool build_basket_has(const builder *b, int32_t end_use, int32_t commodity)
{
    for (int32_t r = 0; r < b->model->table[TABLE_basket].rows; r++)
        if (model_at(b->model, TABLE_basket, r, basket_end_use)->id == end_use &&
            model_at(b->model, TABLE_basket, r, basket_commodity)->id == commodity &&
            model_at(b->model, TABLE_basket, r, basket_facts + FACT_VALUE)->number > 0)
            return true;
    return false;
}

/* What end uses want, and the scrap that comes back from them. */
static void mark_demand(builder *b)
{
    const yt_network *net = b->net;
    for (int32_t u = 0; u < net->end_uses.count; u++)
        for (int32_t region = 0; region < net->regions.count; region++) {
            if (!build_is_demanded(b, u, region))
                continue;
            for (int32_t r = 0; r < b->model->table[TABLE_basket].rows; r++)
                if (model_at(b->model, TABLE_basket, r, basket_end_use)->id == u)
                    b->is_wanted[build_pair(
                        b, model_at(b->model, TABLE_basket, r, basket_commodity)->id, region)] =
                        true;
        }
    for (int32_t r = 0; r < b->model->table[TABLE_scrap_route].rows; r++)
        for (int32_t region = 0; region < net->regions.count; region++) {
            int32_t from = model_at(b->model, TABLE_scrap_route, r, scrap_route_commodity)->id;
            int32_t scrap = model_at(b->model, TABLE_scrap_route, r, scrap_route_scrap)->id;
            if (b->is_wanted[build_pair(b, from, region)]) {
                b->can_have[build_pair(b, scrap, region)] = true;
                b->is_made[build_pair(b, scrap, region)] = true;
            }
        }
}

static bool want_inputs(builder *b, int32_t recipe, int32_t region)
{
    bool changed = false;
    for (int32_t i = b->flow_start[recipe]; i < b->flow_start[recipe + 1]; i++) {
        build_flow flow = build_flow_at(b, i);
        bool *wanted = &b->is_wanted[build_pair(b, flow.commodity, region)];
        changed |= flow.value < 0 && !*wanted;
        *wanted |= flow.value < 0;
    }
    return changed;
}

static bool want_upstream(builder *b)
{
    bool changed = false;
    const yt_network *net = b->net;
    for (int32_t f = 0; f < net->facilities.count; f++)
        if (b->facility_runs[f] && b->facility_recipe[f] != YT_NONE)
            changed |= want_inputs(b, b->facility_recipe[f],
                                   model_at(b->model, TABLE_facility, f, facility_region)->id);
    for (int32_t i = 0; i < net->recipes.count; i++)
        for (int32_t region = 0; region < net->regions.count; region++)
            if (b->line_runs[i * net->regions.count + region])
                changed |= want_inputs(b, i, region);
    for (int32_t i = 0; i < b->lanes; i++) {
        const build_lane *lane = &b->lane[i];
        int32_t from = build_pair(b, lane->commodity, lane->origin);
        if (b->can_have[from] && !b->is_wanted[from] &&
            b->is_wanted[build_pair(b, lane->commodity, lane->destination)])
            b->is_wanted[from] = changed = true;
    }
    return changed;
}

static int32_t find_lane(const builder *b, const build_lane *lane)
{
    for (int32_t i = 0; i < b->lanes; i++)
        if (b->lane[i].commodity == lane->commodity && b->lane[i].origin == lane->origin &&
            b->lane[i].destination == lane->destination && b->lane[i].kind == lane->kind)
            return i;
    return YT_NONE;
}

static void read_lanes(builder *b)
{
    const model_table *table = &b->model->table[TABLE_lane];
    size_t most = (size_t)table->rows * (size_t)b->net->commodities.count;
    b->lane = build_scratch(b, most, sizeof *b->lane);
    for (int32_t r = 0; b->lane && r < table->rows; r++)
        for (int32_t c = 0; c < b->net->commodities.count; c++) {
            if (!build_covers(b, TABLE_lane, r, lane_group, lane_commodity, c))
                continue;
            build_lane lane = {
                .commodity = c,
                .origin = model_at(b->model, TABLE_lane, r, lane_origin)->id,
                .destination = model_at(b->model, TABLE_lane, r, lane_destination)->id,
                .kind =
                    model_at(b->model, TABLE_lane, r, lane_kind)->id == 0 ? ARC_OPEN : ARC_ILLEGAL,
            };
            if (find_lane(b, &lane) == YT_NONE)
                b->lane[b->lanes++] = lane;
        }
}

static void warn_idle_plants(const builder *b)
{
    for (int32_t f = 0; f < b->net->facilities.count; f++)
        if (b->facility_sized[f] && !b->facility_runs[f])
            log_warning(b->log, model_at(b->model, TABLE_facility, f, facility_id)->at,
                        "facility %s can never run: nothing brings all inputs of %s to %s; add a "
                        "lane or a maker of the feed",
                        b->net->facilities.id[f],
                        model_at(b->model, TABLE_facility, f, facility_recipe)->text,
                        model_at(b->model, TABLE_facility, f, facility_region)->text);
}

void build_chain(builder *b)
{
    const yt_network *net = b->net;
    size_t pairs = (size_t)net->commodities.count * (size_t)net->regions.count;
    b->can_have = build_scratch(b, pairs, sizeof(bool));
    b->is_wanted = build_scratch(b, pairs, sizeof(bool));
    b->is_made = build_scratch(b, pairs, sizeof(bool));
    b->line_runs =
        build_scratch(b, (size_t)net->recipes.count * (size_t)net->regions.count, sizeof(bool));
    read_lanes(b);
    if (b->out_of_memory)
        return;

    mark_demand(b);
    for (int32_t r = 0; r < b->model->table[TABLE_stock].rows; r++)
        if (model_at(b->model, TABLE_stock, r, stock_facts + FACT_VALUE)->number > 0)
            b->can_have[build_pair(b, model_at(b->model, TABLE_stock, r, stock_commodity)->id,
                                   model_at(b->model, TABLE_stock, r, stock_region)->id)] = true;
    for (bool changed = true; changed;) {
        changed = start_plants(b);
        changed |= ship_everywhere(b);
    }
    while (want_upstream(b)) {
    }
    warn_idle_plants(b);
}
