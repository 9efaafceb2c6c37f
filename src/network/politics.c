/* politics.c - programmes, what each of their instruments touches, and when people vote.
 *
 * Which plants, lanes, goods, stages and permits an instrument works on is settled here, once;
 * a month only walks the lists.
 */
#include "network/build.h"

#include "base/hash.h"

#include <string.h>

static int32_t schedule_month(const builder *b, const model_cell *cell, int32_t blank)
{
    return cell->id == YT_NONE ? blank : cell->id - b->net->first_month;
}

/* ------------------------------------------------------------------------------ targets */

typedef struct lever {
    const builder *b;
    int32_t row, region; /* region: the row's, or its programme's */
} lever;

static int32_t named(const lever *l, int32_t column)
{
    return model_at(l->b->model, TABLE_instrument, l->row, column)->id;
}

static bool is_any_or(int32_t wanted, int32_t id)
{
    return wanted == YT_NONE || wanted == id;
}

/* Can the plant run the recipe: its own, or one of its family? */
static bool runs(const builder *b, const network_plant *plant, int32_t recipe)
{
    const char *family = model_at(b->model, TABLE_recipe, recipe, recipe_family)->text;
    return plant->recipe != YT_NONE ? recipe == plant->recipe
                                    : strcmp(family, b->net->families.id[plant->family]) == 0;
}

/* Tonnes of the commodity that a tonne of the plant's work yields, at most. */
static double yield_of(const builder *b, const network_plant *plant, int32_t commodity)
{
    double most = 0;
    for (int32_t r = 0; r < b->model->table[TABLE_recipe_flow].rows; r++) {
        int32_t recipe = model_at(b->model, TABLE_recipe_flow, r, recipe_flow_recipe)->id;
        double value =
            model_at(b->model, TABLE_recipe_flow, r, recipe_flow_facts + FACT_VALUE)->number;
        if (model_at(b->model, TABLE_recipe_flow, r, recipe_flow_commodity)->id == commodity &&
            value > most && runs(b, plant, recipe))
            most = value;
    }
    return most;
}

static bool touches_plant(const lever *l, int32_t i)
{
    const network_plant *plant = &l->b->net->plant[i];
    int32_t commodity = named(l, instrument_commodity);
    if (named(l, instrument_item) == ITEM_instrument_enforcement && plant->owner != OWNER_INFORMAL)
        return false;
    return plant->region == l->region && is_any_or(named(l, instrument_stage), plant->stage) &&
           is_any_or(named(l, instrument_owner_type), plant->owner) &&
           (commodity == YT_NONE || yield_of(l->b, plant, commodity) > 0);
}

/* Lanes out of the region; a tariff is on lanes into it. */
static bool touches_arc(const lever *l, int32_t i, bool inwards)
{
    const yt_network *net = l->b->net;
    const network_arc *arc = &net->arc[i];
    int32_t here = net->node[inwards ? arc->to : arc->from].region;
    int32_t there = net->node[inwards ? arc->from : arc->to].region;
    return arc->kind == ARC_OPEN && here == l->region && here != there &&
           is_any_or(named(l, instrument_partner), there) &&
           build_covers(l->b, TABLE_instrument, l->row, instrument_group, instrument_commodity,
                        arc->commodity);
}

static bool touches_node(const lever *l, int32_t n)
{
    const network_node *node = &l->b->net->node[n];
    return node->kind == NODE_GOODS && node->side != SIDE_SPOT && node->region == l->region &&
           build_covers(l->b, TABLE_instrument, l->row, instrument_group, instrument_commodity,
                        node->commodity);
}

static bool touches_permit(const lever *l, int32_t i)
{
    const network_permit *permit = &l->b->net->permit[i];
    return permit->kind == PERMIT_EXPORT && permit->region == l->region &&
           is_any_or(named(l, instrument_permit), permit->permit);
}

static bool touches_tech(const lever *l, int32_t tech)
{
    int32_t stages = l->b->net->stages.count;
    return tech / stages == l->region && is_any_or(named(l, instrument_stage), tech % stages);
}

static bool touches(const lever *l, axis_id axis, int32_t i)
{
    switch (axis) {
    case AXIS_ARC:
        return touches_arc(l, i, named(l, instrument_item) == ITEM_instrument_tariff);
    case AXIS_NODE:
        return touches_node(l, i);
    case AXIS_PERMIT:
        return touches_permit(l, i);
    case AXIS_TECH:
        return touches_tech(l, i);
    default:
        return touches_plant(l, i);
    }
}

axis_id network_instrument_axis(int32_t item)
{
    switch (item) {
    case ITEM_instrument_licence:
    case ITEM_instrument_licence_delay:
    case ITEM_instrument_export_tax:
    case ITEM_instrument_tariff:
        return AXIS_ARC;
    case ITEM_instrument_export_quota:
        return AXIS_PERMIT;
    case ITEM_instrument_stockpile:
        return AXIS_NODE;
    case ITEM_instrument_permitting:
    case ITEM_instrument_research:
    case ITEM_instrument_technology_ban:
    case ITEM_instrument_price_band:
    case ITEM_instrument_limit_pricing:
        return AXIS_TECH;
    default:
        return AXIS_PLANT;
    }
}

static int32_t axis_length(const yt_network *net, axis_id axis)
{
    switch (axis) {
    case AXIS_ARC:
        return net->arcs;
    case AXIS_NODE:
        return net->nodes;
    case AXIS_PERMIT:
        return net->releases;
    case AXIS_TECH:
        return net->regions.count * net->stages.count;
    default:
        return net->plants;
    }
}

/* Fill `target` (or only count, when it is NULL) with what the lever touches. */
static int32_t collect_targets(const lever *l, int32_t *target)
{
    axis_id axis = network_instrument_axis(named(l, instrument_item));
    int32_t n = 0;
    for (int32_t i = 0; i < axis_length(l->b->net, axis); i++)
        if (touches(l, axis, i)) {
            if (target)
                target[n] = i;
            n++;
        }
    return n;
}

/* How much of the named good a tonne of each plant's work is: what a price floor pays on. */
static void weigh_targets(const lever *l, const network_instrument *instrument)
{
    const yt_network *net = l->b->net;
    for (int32_t k = 0; k < instrument->touches; k++) {
        int32_t at = instrument->first_touched + k;
        net->touched_weight[at] =
            instrument->item == ITEM_instrument_price_floor && instrument->commodity != YT_NONE
                ? yield_of(l->b, &net->plant[net->touched[at]], instrument->commodity)
                : 1;
    }
}

/* Where the price of the named good is read. */
static int32_t price_node(const lever *l, int32_t commodity)
{
    if (commodity == YT_NONE)
        return YT_NONE;
    int32_t node = network_find_node(l->b->net, commodity, l->region, SIDE_SINGLE);
    return node != YT_NONE ? node : network_find_node(l->b->net, commodity, l->region, SIDE_SPOT);
}

static void complain_of_targets(builder *b, const lever *l)
{
    const model_cell *item = model_at(b->model, TABLE_instrument, l->row, instrument_item);
    bool is_quota = item->id == ITEM_instrument_export_quota;
    log_warning(b->log, item->at, "%s touches nothing%s; look at region, stage, goods and partner",
                item->text, is_quota ? ": no export permit of the region covers these goods" : "");
}

static lever lever_of(const builder *b, int32_t row)
{
    int32_t region = model_at(b->model, TABLE_instrument, row, instrument_region)->id;
    int32_t programme = model_at(b->model, TABLE_instrument, row, instrument_programme)->id;
    if (region == YT_NONE)
        region = model_at(b->model, TABLE_programme, programme, programme_region)->id;
    return (lever){b, row, region};
}

/* ------------------------------------------------------------------- programmes, elections */

static void add_instruments(builder *b, int32_t programme)
{
    yt_network *net = b->net;
    for (int32_t r = 0; r < b->model->table[TABLE_instrument].rows; r++) {
        if (model_at(b->model, TABLE_instrument, r, instrument_programme)->id != programme)
            continue;
        lever l = lever_of(b, r);
        network_instrument *made = &net->instrument[net->instruments];
        *made = (network_instrument){
            .programme = programme,
            .item = named(&l, instrument_item),
            .first_touched = net->instruments > 0 ? made[-1].first_touched + made[-1].touches : 0,
            .commodity = named(&l, instrument_commodity),
            .node = price_node(&l, named(&l, instrument_commodity)),
        };
        made->touches = collect_targets(&l, net->touched + made->first_touched);
        weigh_targets(&l, made);
        if (made->touches == 0)
            complain_of_targets(b, &l);
        b->instrument_row[net->instruments++] = r;
        net->programme[programme].instruments++;
    }
}

static void add_programmes(builder *b)
{
    yt_network *net = b->net;
    for (int32_t p = 0; p < net->programmes.count; p++) {
        net->programme[p] = (network_programme){
            .region = model_at(b->model, TABLE_programme, p, programme_region)->id,
            .by_salience = model_at(b->model, TABLE_programme, p, programme_launch)->id == 1,
            .from = schedule_month(b, model_at(b->model, TABLE_programme, p, programme_from),
                                   INT32_MIN),
            .to =
                schedule_month(b, model_at(b->model, TABLE_programme, p, programme_to), INT32_MAX),
            .first_instrument = net->instruments,
            .process = hash_text(net->programmes.id[p]),
        };
        add_instruments(b, p);
    }
}

static void add_elections(builder *b)
{
    yt_network *net = b->net;
    int32_t rows = b->model->table[TABLE_election].rows;
    net->election = build_keep(b, (size_t)rows, sizeof *net->election);
    for (int32_t r = 0; net->election && r < rows; r++)
        net->election[net->elections++] = (network_election){
            .at = model_at(b->model, TABLE_election, r, election_month)->id - net->first_month,
            .region = model_at(b->model, TABLE_election, r, election_region)->id,
        };
}

static void find_incumbent(builder *b)
{
    const char *id = b->model->incumbent;
    b->net->incumbent = id[0] ? model_find(b->model, TABLE_region, id) : YT_NONE;
    if (id[0] && b->net->incumbent == YT_NONE)
        log_error(b->log, YT_ENAME, b->model->incumbent_at, "incumbent '%s' is no region", id);
}

static void find_governed(builder *b)
{
    yt_network *net = b->net;
    net->is_governed = build_keep(b, (size_t)net->regions.count, sizeof *net->is_governed);
    net->region_process = build_keep(b, (size_t)net->regions.count, sizeof *net->region_process);
    if (b->out_of_memory)
        return;
    for (int32_t r = 0; r < b->model->table[TABLE_governance].rows; r++)
        net->is_governed[model_at(b->model, TABLE_governance, r, governance_region)->id] = true;
    for (int32_t r = 0; r < net->regions.count; r++)
        net->region_process[r] = hash_text(net->regions.id[r]);
}

void build_politics(builder *b)
{
    yt_network *net = b->net;
    int32_t rows = b->model->table[TABLE_instrument].rows;
    size_t targets = 0;
    for (int32_t r = 0; r < rows; r++) {
        lever l = lever_of(b, r);
        targets += (size_t)collect_targets(&l, NULL);
    }
    net->programme = build_keep(b, (size_t)net->programmes.count, sizeof *net->programme);
    net->instrument = build_keep(b, (size_t)rows, sizeof *net->instrument);
    net->touched = build_keep(b, targets, sizeof *net->touched);
    net->touched_weight = build_keep(b, targets, sizeof *net->touched_weight);
    b->instrument_row = build_scratch(b, (size_t)rows, sizeof *b->instrument_row);
    if (b->out_of_memory)
        return;
    add_programmes(b);
    add_elections(b);
    find_incumbent(b);
    find_governed(b);
}
