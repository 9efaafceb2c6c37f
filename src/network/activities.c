/* activities.c - the columns of the matrix, kind by kind, with what each is about. */
#include "network/build.h"

#include "base/hash.h"

#include <math.h>
#include <string.h>

static void add_plants(builder *b)
{
    yt_network *net = b->net;
    net->plant = build_keep(b, (size_t)net->facilities.count, sizeof *net->plant);
    for (int32_t f = 0; net->plant && f < net->facilities.count; f++) {
        if (!b->facility_runs[f])
            continue;
        int32_t region = model_at(b->model, TABLE_facility, f, facility_region)->id;
        int32_t family = b->facility_family[f];
        net->plant[net->plants++] = (network_plant){
            .facility = f,
            .region = region,
            .stage = model_at(b->model, TABLE_facility, f, facility_stage)->id,
            .tech = network_tech(net, region,
                                 model_at(b->model, TABLE_facility, f, facility_stage)->id),
            .owner = model_at(b->model, TABLE_facility, f, facility_owner_type)->id,
            .is_closed =
                strcmp(model_at(b->model, TABLE_facility, f, facility_status)->text, "closed") == 0,
            .process = hash_text(net->facilities.id[f]),
            .recipe = b->facility_recipe[f],
            .family = family,
            .node = family == YT_NONE ? YT_NONE
                                      : b->capacity_node[family * net->regions.count + region],
        };
    }
}

static int32_t family_of(const builder *b, int32_t recipe)
{
    const char *family = model_at(b->model, TABLE_recipe, recipe, recipe_family)->text;
    for (int32_t i = 0; i < b->net->families.count; i++)
        if (strcmp(b->net->families.id[i], family) == 0)
            return i;
    return YT_NONE;
}

static void add_lines(builder *b)
{
    yt_network *net = b->net;
    int32_t regions = net->regions.count;
    net->line = build_keep(b, (size_t)net->recipes.count * (size_t)regions, sizeof *net->line);
    for (int32_t i = 0; net->line && i < net->recipes.count; i++)
        for (int32_t r = 0; r < regions; r++)
            if (b->line_runs[i * regions + r])
                net->line[net->lines++] = (network_line){
                    .recipe = i,
                    .region = r,
                    .node = b->capacity_node[family_of(b, i) * regions + r],
                };
}

/* The route's shared capacity, where a permit of kind illegal covers the commodity. */
static int32_t route_of(const builder *b, int32_t commodity, int32_t origin)
{
    for (int32_t r = 0; r < b->model->table[TABLE_permit_scope].rows; r++) {
        int32_t permit = model_at(b->model, TABLE_permit_scope, r, permit_scope_permit)->id;
        if (model_at(b->model, TABLE_permit, permit, permit_kind)->id == PERMIT_ILLEGAL &&
            model_at(b->model, TABLE_permit, permit, permit_region)->id == origin &&
            build_covers(b, TABLE_permit_scope, r, permit_scope_group, permit_scope_commodity,
                         commodity))
            return permit;
    }
    return YT_NONE;
}

static void add_arc(builder *b, network_arc arc)
{
    if (arc.from != YT_NONE && arc.to != YT_NONE)
        b->net->arc[b->net->arcs++] = arc;
}

/* A lane from the spot side of its origin to both sides of its destination. */
static void add_lane_arcs(builder *b, const build_lane *lane)
{
    yt_network *net = b->net;
    int32_t from_pair = build_pair(b, lane->commodity, lane->origin);
    int32_t to_pair = build_pair(b, lane->commodity, lane->destination);
    int32_t from =
        b->node_spot[from_pair] != YT_NONE ? b->node_spot[from_pair] : b->node_single[from_pair];
    if (from == YT_NONE || b->node_single[to_pair] == YT_NONE || !b->is_wanted[to_pair])
        return;
    const model_match match[] = {{contract_group, build_group_of(b, lane->commodity)},
                                 {contract_commodity, lane->commodity},
                                 {contract_region, lane->destination}};
    bool split = b->node_spot[to_pair] != YT_NONE;
    double priority = !split ? 1.0
                             : build_rule(b, TABLE_contract, ITEM_contract_licence_priority, match,
                                          3, YT_NONE, b->contract_share[to_pair]);
    network_arc arc = {
        .kind = lane->kind,
        .commodity = lane->commodity,
        .from = from,
        .to = b->node_single[to_pair],
        .lane = net->lanes,
        .licence_share = priority,
        .permit = lane->kind == ARC_ILLEGAL ? route_of(b, lane->commodity, lane->origin) : YT_NONE,
    };
    net->lane[net->lanes++] =
        (network_lane){lane->commodity, lane->origin, lane->destination, lane->kind};
    if (!split || lane->kind != ARC_ILLEGAL)
        add_arc(b, arc);
    arc.to = b->node_spot[to_pair];
    arc.licence_share = lane->kind == ARC_ILLEGAL ? 1.0 : 1.0 - priority;
    add_arc(b, arc);
}

static void add_arcs(builder *b)
{
    yt_network *net = b->net;
    net->arc = build_keep(b, 2 * (size_t)b->lanes + 2 * (size_t)net->nodes, sizeof *net->arc);
    net->lane = build_keep(b, (size_t)b->lanes, sizeof *net->lane);
    if (b->out_of_memory)
        return;
    for (int32_t i = 0; i < b->lanes; i++)
        add_lane_arcs(b, &b->lane[i]);
    for (int32_t n = 0; n < net->nodes; n++)
        if (net->node[n].kind == NODE_GOODS && net->node[n].side != SIDE_SINGLE)
            add_arc(b, (network_arc){.kind = ARC_RESALE,
                                     .commodity = net->node[n].commodity,
                                     .from = n,
                                     .to = net->node[n].twin,
                                     .lane = YT_NONE,
                                     .licence_share = 1.0,
                                     .permit = YT_NONE});
}

static double use_fact(const builder *b, int32_t item, int32_t end_use, int32_t commodity)
{
    const model_match match[] = {{end_use_fact_end_use, end_use},
                                 {end_use_fact_commodity, commodity}};
    return build_needed(b, TABLE_end_use_fact, item, match, 2, b->net->end_uses.id[end_use]);
}

static void find_scrap(const builder *b, int32_t region, network_use *use)
{
    use->scrap_node = YT_NONE;
    for (int32_t r = 0; r < b->model->table[TABLE_scrap_route].rows; r++) {
        if (model_at(b->model, TABLE_scrap_route, r, scrap_route_commodity)->id != use->commodity)
            continue;
        int32_t scrap = model_at(b->model, TABLE_scrap_route, r, scrap_route_scrap)->id;
        int32_t pair = build_pair(b, scrap, region);
        use->scrap_node = b->node_spot[pair] != YT_NONE ? b->node_spot[pair] : b->node_single[pair];
        use->scrap_yield =
            model_at(b->model, TABLE_scrap_route, r, scrap_route_facts + FACT_VALUE)->number;
    }
}

/* Is the commodity to be had there?  Warns when it is not. */
static bool can_be_bought(const builder *b, int32_t end_use, int32_t region, int32_t commodity)
{
    if (b->node_single[build_pair(b, commodity, region)] != YT_NONE)
        return true;
    log_warning(b->log, model_at(b->model, TABLE_end_use, end_use, end_use_id)->at,
                "use %s wants %s in %s but nothing brings it there; add a lane",
                b->net->end_uses.id[end_use], b->net->commodities.id[commodity],
                b->net->regions.id[region]);
    return false;
}

/* A use of the segment added last; mixes are numbered as they come. */
static void add_use(builder *b, int32_t commodity, int32_t node, bool is_mixed)
{
    yt_network *net = b->net;
    const network_segment *segment = &net->segment[net->segments - 1];
    network_use use = {
        .segment = net->segments - 1,
        .commodity = commodity,
        .mix = is_mixed ? net->mixes : YT_NONE,
        .node = node,
    };
    find_scrap(b, segment->region, &use);
    if (is_mixed)
        net->mix[net->mixes++] = net->uses;
    net->use[net->uses++] = use;
}

static void add_segment(builder *b, int32_t end_use, int32_t region, int32_t commodity,
                        int32_t node, double share)
{
    b->net->segment[b->net->segments++] = (network_segment){
        .end_use = end_use,
        .region = region,
        .commodity = commodity,
        .node = node,
        .share = share,
        .share_critical = use_fact(b, ITEM_end_use_fact_share_critical, end_use, commodity),
        .share_flexible = use_fact(b, ITEM_end_use_fact_share_flexible, end_use, commodity),
    };
}

/* A commodity that nothing stands in for: a demand curve on each side of its market. */
static void add_single(builder *b, int32_t end_use, int32_t region, int32_t commodity)
{
    int32_t pair = build_pair(b, commodity, region);
    if (!can_be_bought(b, end_use, region, commodity))
        return;
    bool split = b->node_spot[pair] != YT_NONE;
    double share = split ? b->contract_share[pair] : 1.0;
    add_segment(b, end_use, region, commodity, b->node_single[pair], share);
    add_use(b, commodity, b->node_single[pair], false);
    if (split) {
        add_segment(b, end_use, region, commodity, b->node_spot[pair], 1.0 - share);
        add_use(b, commodity, b->node_spot[pair], false);
    }
}

/* A basket that can shift: one demand curve on a service, mixes from its commodities. */
static void add_basket(builder *b, int32_t end_use, int32_t region)
{
    yt_network *net = b->net;
    int32_t service = YT_NONE;
    for (int32_t n = 0; n < net->nodes; n++)
        if (net->node[n].kind == NODE_SERVICE && net->node[n].end_use == end_use &&
            net->node[n].region == region)
            service = n;
    if (service != YT_NONE)
        add_segment(b, end_use, region, YT_NONE, service, 1.0);
    for (int32_t c = 0; c < net->commodities.count; c++)
        if (build_basket_has(b, end_use, c) && can_be_bought(b, end_use, region, c))
            add_use(b, c, b->node_single[build_pair(b, c, region)], true);
}

static void add_segments(builder *b)
{
    yt_network *net = b->net;
    size_t most = 2 * (size_t)b->model->table[TABLE_basket].rows * (size_t)net->regions.count;
    net->segment = build_keep(b, most, sizeof *net->segment);
    net->use = build_keep(b, most, sizeof *net->use);
    net->mix = build_keep(b, most, sizeof *net->mix);
    if (b->out_of_memory)
        return;
    for (int32_t u = 0; u < net->end_uses.count; u++)
        for (int32_t r = 0; r < net->regions.count; r++) {
            if (!build_is_demanded(b, u, r))
                continue;
            if (build_is_mixed(b, u))
                add_basket(b, u, r);
            for (int32_t c = 0; !build_is_mixed(b, u) && c < net->commodities.count; c++)
                if (build_basket_has(b, u, c))
                    add_single(b, u, r, c);
        }
}

static void add_holds(builder *b)
{
    yt_network *net = b->net;
    net->hold = build_keep(b, (size_t)net->nodes * (size_t)net->holders.count, sizeof *net->hold);
    for (int32_t n = 0; net->hold && n < net->nodes; n++) {
        if (net->node[n].kind != NODE_GOODS)
            continue;
        for (int32_t h = 0; h < net->holders.count; h++) {
            const model_match match[] = {
                {holder_fact_holder, h},
                {holder_fact_group, build_group_of(b, net->node[n].commodity)},
                {holder_fact_commodity, net->node[n].commodity},
                {holder_fact_region, net->node[n].region}};
            if (build_rule(b, TABLE_holder_fact, ITEM_holder_fact_cover, match, 4, b->model->end,
                           0) > 0) {
                bool is_first = net->holds == 0 || net->hold[net->holds - 1].node != n;
                net->hold[net->holds++] = (network_hold){n, h, is_first};
            }
        }
    }
}

/* A surplus may always be left over for nothing; an activity of its own is needed only where
 * throwing away saves the cost of finishing. */
static void add_dumps(builder *b)
{
    yt_network *net = b->net;
    net->dump = build_keep(b, (size_t)net->nodes, sizeof *net->dump);
    for (int32_t n = 0; net->dump && n < net->nodes; n++) {
        const network_node *node = &net->node[n];
        if (node->kind != NODE_GOODS || !node->is_made)
            continue;
        const model_match match[] = {{commodity_fact_group, build_group_of(b, node->commodity)},
                                     {commodity_fact_commodity, node->commodity},
                                     {commodity_fact_region, node->region}};
        if (build_rule(b, TABLE_commodity_fact, ITEM_commodity_fact_disposal_cost, match, 3,
                       b->model->end, 0) < 0)
            net->dump[net->dumps++] = n;
    }
}

static bool has_ask(const builder *b, int32_t permit)
{
    const model_match match[] = {{permit_fact_permit, permit}};
    return model_rule(b->model, TABLE_permit_fact, ITEM_permit_fact_ask_start, match, 1,
                      b->model->end) != YT_NONE;
}

static void add_batches(builder *b, network_permit *permit)
{
    yt_network *net = b->net;
    int32_t batches = 0;
    for (const network_permit *other = net->permit; other < permit; other++)
        batches += other->batches;
    permit->first_batch = batches;
    for (int32_t r = 0; r < b->model->table[TABLE_permit_batch].rows; r++) {
        if (model_at(b->model, TABLE_permit_batch, r, permit_batch_permit)->id != permit->permit)
            continue;
        network_batch batch = {
            .from =
                model_at(b->model, TABLE_permit_batch, r, permit_batch_from)->id - net->first_month,
            .to = model_at(b->model, TABLE_permit_batch, r, permit_batch_to)->id - net->first_month,
            .figure = build_figure(b, TABLE_permit_batch, r),
            .share = 1,
        };
        if (batch.from < 0 && batch.to >= 0) { /* in force when the run begins: used evenly */
            batch.share = (double)(batch.to + 1) / (batch.to + 1 - batch.from);
            batch.from = 0;
        }
        net->batch[batches++] = batch;
    }
    permit->batches = batches - permit->first_batch;
}

static void add_releases(builder *b)
{
    yt_network *net = b->net;
    net->permit = build_keep(b, (size_t)net->permits.count, sizeof *net->permit);
    net->batch =
        build_keep(b, (size_t)b->model->table[TABLE_permit_batch].rows, sizeof *net->batch);
    if (b->out_of_memory)
        return;
    for (int32_t n = 0; n < net->nodes; n++) {
        if (net->node[n].kind != NODE_PERMIT)
            continue;
        int32_t p = net->node[n].permit;
        net->permit[net->releases] = (network_permit){
            .permit = p,
            .region = net->node[n].region,
            .node = n,
            .kind = model_at(b->model, TABLE_permit, p, permit_kind)->id,
            .has_ask = has_ask(b, p),
        };
        add_batches(b, &net->permit[net->releases]);
        net->releases++;
    }
}

static network_range next_range(int32_t *at, int32_t count)
{
    network_range range = {*at, count};
    *at += count;
    return range;
}

void build_activities(builder *b)
{
    yt_network *net = b->net;
    void (*const kind[])(builder *) = {add_plants, add_lines, add_arcs,    add_segments,
                                       add_holds,  add_dumps, add_releases};
    for (size_t i = 0; i < sizeof kind / sizeof *kind && !b->out_of_memory; i++)
        kind[i](b);

    int32_t at = 0;
    net->plants_at = next_range(&at, net->plants);
    net->lines_at = next_range(&at, net->lines);
    net->arcs_at = next_range(&at, net->arcs);
    net->mixes_at = next_range(&at, net->mixes);
    net->tiers_at = next_range(&at, net->segments * TIERS);
    net->holds_at = next_range(&at, net->holds);
    net->dumps_at = next_range(&at, net->dumps);
    net->releases_at = next_range(&at, net->releases);
    net->activities = at;
}
