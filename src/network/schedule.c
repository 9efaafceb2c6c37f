/* schedule.c - which row of the case holds when: capacities, demand, wedges, news.
 *
 * Rules are looked up only in months where a row begins or ends; the months between repeat.
 * Spin-up months live by the rules of the first reported month; licences, like permits and
 * news, keep their own dates, so that they find a usual flow to measure by.
 */
#include "network/build.h"

#include <math.h>
#include <string.h>

/* The calendar month whose rules hold in schedule month t. */
static int32_t rules_month(const yt_network *net, int32_t t)
{
    int32_t month = net->first_month + t;
    return month < net->start_month ? net->start_month : month;
}

/* The month itself. */
static int32_t own_month(const yt_network *net, int32_t t)
{
    return net->first_month + t;
}

/* changes[t]: some row of the table begins or has just ended in month t, later than `first`. */
static bool *changes_after(builder *b, int32_t first, table_id table, int32_t from_column,
                           int32_t to_column)
{
    yt_network *net = b->net;
    bool *changes = build_scratch(b, (size_t)net->months + 1, sizeof *changes);
    if (!changes)
        return NULL;
    changes[0] = true;
    for (int32_t r = 0; r < b->model->table[table].rows; r++) {
        int32_t from = model_at(b->model, table, r, from_column)->id;
        int32_t to = to_column == YT_NONE ? YT_NONE : model_at(b->model, table, r, to_column)->id;
        if (from != YT_NONE && from > first && from - net->first_month < net->months)
            changes[from - net->first_month] = true;
        if (to != YT_NONE && to + 1 > first && to + 1 - net->first_month < net->months)
            changes[to + 1 - net->first_month] = true;
    }
    return changes;
}

static bool *changes_of(builder *b, table_id table, int32_t from_column, int32_t to_column)
{
    return changes_after(b, b->net->start_month, table, from_column, to_column);
}

typedef int32_t figure_rule(builder *b, int32_t i, int32_t month);

/* A rule is asked only when something changes, of the calendar month that month_of gives. */
static network_schedule schedule_by(builder *b, int32_t n, const bool *changes, figure_rule *rule,
                                    int32_t (*month_of)(const yt_network *, int32_t t))
{
    const yt_network *net = b->net;
    network_schedule s = {.line = build_keep(b, (size_t)net->months, sizeof *s.line)};
    int32_t lines = 0;
    for (int32_t t = 0; s.line && changes && t < net->months; t++) {
        lines += changes[t];
        s.line[t] = lines - 1;
    }
    s.figure = build_keep(b, (size_t)lines * (size_t)n, sizeof *s.figure);
    for (int32_t t = 0; s.figure && t < net->months && lines; t++)
        for (int32_t i = 0; changes[t] && i < n; i++)
            s.figure[(size_t)s.line[t] * (size_t)n + (size_t)i] = rule(b, i, month_of(net, t));
    return s;
}

static network_schedule schedule_of(builder *b, int32_t n, const bool *changes, figure_rule *rule)
{
    return schedule_by(b, n, changes, rule, rules_month);
}

/* ------------------------------------------------------------------------------- plants */

static int32_t nameplate_rule(builder *b, int32_t i, int32_t month)
{
    const model_match match[] = {{facility_fact_facility, b->net->plant[i].facility}};
    return build_figure_of(b, TABLE_facility_fact, ITEM_facility_fact_capacity, match, 1, month,
                           FIGURE_ZERO);
}

static int32_t rate_rule(builder *b, int32_t i, int32_t month)
{
    const network_plant *plant = &b->net->plant[i];
    const model_match own[] = {{facility_fact_facility, plant->facility}};
    const model_match match[] = {
        {operating_rate_stage, plant->stage},
        {operating_rate_recipe, plant->recipe},
        {operating_rate_region, plant->region},
        {operating_rate_owner_type,
         model_at(b->model, TABLE_facility, plant->facility, facility_owner_type)->id}};
    int32_t figure = build_figure_of(b, TABLE_facility_fact, ITEM_facility_fact_operating_rate, own,
                                     1, month, FIGURE_NAN);
    return figure != FIGURE_NAN
               ? figure
               : build_figure_of(b, TABLE_operating_rate, YT_NONE, match, 4, month, FIGURE_ONE);
}

static int32_t plant_cost_rule(builder *b, int32_t i, int32_t month)
{
    const network_plant *plant = &b->net->plant[i];
    const model_match own[] = {{facility_fact_facility, plant->facility}};
    const model_match match[] = {{unit_cost_stage, plant->stage},
                                 {unit_cost_recipe, plant->recipe},
                                 {unit_cost_region, plant->region}};
    int32_t figure = build_figure_of(b, TABLE_facility_fact, ITEM_facility_fact_operating_cost, own,
                                     1, month, FIGURE_NAN);
    return figure != FIGURE_NAN ? figure
                                : build_figure_of(b, TABLE_unit_cost, ITEM_unit_cost_operating_cost,
                                                  match, 3, month, FIGURE_NAN);
}

static void schedule_plants(builder *b)
{
    yt_network *net = b->net;
    const bool *own = changes_of(b, TABLE_facility_fact, facility_fact_from, YT_NONE);
    bool *costs = changes_of(b, TABLE_unit_cost, unit_cost_from, YT_NONE);
    bool *rates = changes_of(b, TABLE_operating_rate, operating_rate_from, YT_NONE);
    for (int32_t t = 0; own && costs && rates && t < net->months; t++) {
        costs[t] |= own[t];
        rates[t] |= own[t];
    }
    net->nameplate = schedule_of(b, net->plants, own, nameplate_rule);
    net->rate = schedule_of(b, net->plants, rates, rate_rule);
    net->plant_cost = schedule_of(b, net->plants, costs, plant_cost_rule);
    net->plant_cost_last = build_keep(b, (size_t)net->plants, sizeof *net->plant_cost_last);
    for (int32_t i = 0; net->plant_cost_last && i < net->plants; i++)
        net->plant_cost_last[i] = plant_cost_rule(b, i, b->model->end);
}

/* ------------------------------------------------------------------------------- demand */

/* t of commodity per t of use: straight lines between dates, flat outside them. */
static double basket_at(const builder *b, int32_t end_use, int32_t commodity, int32_t month)
{
    int32_t before = INT32_MIN, after = INT32_MAX;
    double at_before = NAN, at_after = NAN;
    for (int32_t r = 0; r < b->model->table[TABLE_basket].rows; r++) {
        if (model_at(b->model, TABLE_basket, r, basket_end_use)->id != end_use ||
            model_at(b->model, TABLE_basket, r, basket_commodity)->id != commodity)
            continue;
        int32_t from = model_at(b->model, TABLE_basket, r, basket_from)->id;
        double value = model_at(b->model, TABLE_basket, r, basket_facts + FACT_VALUE)->number;
        if (from <= month && from > before) {
            before = from;
            at_before = value;
        }
        if (from > month && from < after) {
            after = from;
            at_after = value;
        }
    }
    if (isnan(at_before))
        return at_after;
    if (isnan(at_after))
        return at_before;
    return at_before + (at_after - at_before) * (month - before) / (double)(after - before);
}

/* Figures of the demand table by end use, region and year; years without a row want nothing. */
static int32_t *read_demand(builder *b)
{
    const model_table *table = &b->model->table[TABLE_demand];
    yt_network *net = b->net;
    int32_t first = INT32_MAX, last = INT32_MIN;
    for (int32_t r = 0; r < table->rows; r++) {
        int32_t year = model_at(b->model, TABLE_demand, r, demand_year)->id;
        first = year < first ? year : first;
        last = year > last ? year : last;
    }
    net->demand_first_year = first;
    net->demand_years = table->rows ? last - first + 1 : 0;
    size_t years = (size_t)net->demand_years;
    int32_t *record = build_scratch(
        b, (size_t)net->end_uses.count * (size_t)net->regions.count * years, sizeof *record);
    for (int32_t r = 0; record && r < table->rows; r++) {
        int32_t use = model_at(b->model, TABLE_demand, r, demand_end_use)->id;
        int32_t region = model_at(b->model, TABLE_demand, r, demand_region)->id;
        int32_t year = model_at(b->model, TABLE_demand, r, demand_year)->id - first;
        record[(size_t)(use * net->regions.count + region) * years + (size_t)year] =
            build_figure(b, TABLE_demand, r);
    }
    return record;
}

/* [end uses][months] t of all commodities in a tonne of an end use whose basket can shift. */
static double *basket_totals(builder *b)
{
    const yt_network *net = b->net;
    double *total =
        build_scratch(b, (size_t)net->end_uses.count * (size_t)net->months, sizeof(double));
    for (int32_t u = 0; total && u < net->end_uses.count; u++)
        for (int32_t c = 0; build_is_mixed(b, u) && c < net->commodities.count; c++)
            for (int32_t t = 0; build_basket_has(b, u, c) && t < net->months; t++)
                total[u * net->months + t] += basket_at(b, u, c, rules_month(net, t));
    return total;
}

static void schedule_segment(builder *b, const int32_t *record, int32_t i)
{
    yt_network *net = b->net;
    const network_segment *s = &net->segment[i];
    size_t years = (size_t)net->demand_years;
    if (years)
        memcpy(net->demand_figure + (size_t)i * years,
               record + (size_t)(s->end_use * net->regions.count + s->region) * years,
               years * sizeof *record);
}

/* A basket that can shift is wanted as tonnes of commodities, each at its share of them; where
 * nothing stands in, the share is in the demand already. */
static void schedule_use(builder *b, const double *totals, int32_t i)
{
    yt_network *net = b->net;
    const network_use *use = &net->use[i];
    int32_t end_use = net->segment[use->segment].end_use;
    bool is_first = i == 0 || net->use[i - 1].segment != use->segment;
    for (int32_t t = 0; t < net->months; t++) {
        double share = basket_at(b, end_use, use->commodity, rules_month(net, t));
        double total = use->mix == YT_NONE ? share : totals[end_use * net->months + t];
        if (is_first)
            net->demand_share[(size_t)t * (size_t)net->segments + (size_t)use->segment] = total;
        net->basket_share[(size_t)t * (size_t)net->uses + (size_t)i] = use->mix == YT_NONE ? 1
                                                                       : total > 0 ? share / total
                                                                                   : 0;
    }
}

static void schedule_demand(builder *b)
{
    yt_network *net = b->net;
    const int32_t *record = read_demand(b);
    net->demand_figure = build_keep(b, (size_t)net->segments * (size_t)net->demand_years,
                                    sizeof *net->demand_figure);
    net->demand_share =
        build_keep(b, (size_t)net->months * (size_t)net->segments, sizeof *net->demand_share);
    net->basket_share = build_keep(b, (size_t)net->months * (size_t)net->uses, sizeof(double));
    const double *totals = basket_totals(b);
    if (b->out_of_memory)
        return;
    for (int32_t i = 0; i < net->segments; i++)
        schedule_segment(b, record, i);
    for (int32_t i = 0; i < net->uses; i++)
        schedule_use(b, totals, i);
}

static int32_t collection_rule(builder *b, int32_t i, int32_t month)
{
    const network_use *use = &b->net->use[i];
    if (use->scrap_node == YT_NONE)
        return FIGURE_ZERO;
    const model_match match[] = {{end_use_fact_end_use, b->net->segment[use->segment].end_use},
                                 {end_use_fact_commodity, use->commodity}};
    return build_figure_of(b, TABLE_end_use_fact, ITEM_end_use_fact_collection, match, 2, month,
                           FIGURE_ZERO);
}

static int32_t disposal_rule(builder *b, int32_t i, int32_t month)
{
    const network_node *node = &b->net->node[i];
    if (node->kind != NODE_GOODS)
        return FIGURE_ZERO;
    const model_match match[] = {{commodity_fact_group, build_group_of(b, node->commodity)},
                                 {commodity_fact_commodity, node->commodity},
                                 {commodity_fact_region, node->region}};
    return build_figure_of(b, TABLE_commodity_fact, ITEM_commodity_fact_disposal_cost, match, 3,
                           month, FIGURE_ZERO);
}

/* --------------------------------------------------------------------------------- trade */

/* The trade cost `item` of an arc, of the kinds of arc it is charged on. */
static int32_t trade_rule(builder *b, int32_t item, bool is_charged, int32_t i, int32_t month)
{
    const network_arc *arc = &b->net->arc[i];
    const model_match match[] = {{trade_cost_group, build_group_of(b, arc->commodity)},
                                 {trade_cost_commodity, arc->commodity},
                                 {trade_cost_origin, b->net->node[arc->from].region},
                                 {trade_cost_destination, b->net->node[arc->to].region}};
    return is_charged ? build_figure_of(b, TABLE_trade_cost, item, match, 4, month, FIGURE_ZERO)
                      : FIGURE_ZERO;
}

#define TRADE_RULE(item, condition)                                                                \
    static int32_t item##_rule(builder *b, int32_t i, int32_t month)                               \
    {                                                                                              \
        arc_kind kind = b->net->arc[i].kind;                                                       \
        return trade_rule(b, ITEM_trade_cost_##item, condition, i, month);                         \
    }
TRADE_RULE(freight, kind != ARC_RESALE)
TRADE_RULE(handling, kind != ARC_RESALE)
TRADE_RULE(unrefunded_tax, kind == ARC_OPEN)
TRADE_RULE(export_duty, kind == ARC_OPEN)
TRADE_RULE(margin, kind == ARC_OPEN)
TRADE_RULE(tariff, kind == ARC_OPEN)
TRADE_RULE(special_tariff, kind == ARC_OPEN)
TRADE_RULE(risk, kind == ARC_ILLEGAL)
TRADE_RULE(risk_rise, kind == ARC_ILLEGAL)

static int32_t approved_rule(builder *b, int32_t i, int32_t month)
{
    const network_arc *arc = &b->net->arc[i];
    if (arc->kind != ARC_OPEN)
        return FIGURE_INFINITY;
    const model_match match[] = {{licence_group, build_group_of(b, arc->commodity)},
                                 {licence_commodity, arc->commodity},
                                 {licence_origin, b->net->node[arc->from].region},
                                 {licence_destination, b->net->node[arc->to].region}};
    return build_figure_of(b, TABLE_licence, ITEM_licence_approved, match, 4, month,
                           FIGURE_INFINITY);
}

static void open_lane(const builder *b, int32_t row)
{
    yt_network *net = b->net;
    int32_t from = model_at(b->model, TABLE_lane, row, lane_from)->id;
    int32_t to = model_at(b->model, TABLE_lane, row, lane_to)->id;
    arc_kind kind =
        model_at(b->model, TABLE_lane, row, lane_kind)->id == 0 ? ARC_OPEN : ARC_ILLEGAL;
    for (int32_t i = 0; i < net->arcs; i++) {
        const network_arc *arc = &net->arc[i];
        if (arc->kind != kind ||
            net->node[arc->from].region != model_at(b->model, TABLE_lane, row, lane_origin)->id ||
            net->node[arc->to].region !=
                model_at(b->model, TABLE_lane, row, lane_destination)->id ||
            !build_covers(b, TABLE_lane, row, lane_group, lane_commodity, arc->commodity))
            continue;
        for (int32_t t = 0; t < net->months; t++) {
            int32_t month = rules_month(net, t);
            if ((from == YT_NONE || month >= from) && (to == YT_NONE || month <= to))
                net->arc_open[(size_t)t * (size_t)net->arcs + (size_t)i] = 1;
        }
    }
}

static void schedule_openings(builder *b)
{
    yt_network *net = b->net;
    net->arc_open = build_keep(b, (size_t)net->months * (size_t)net->arcs, 1);
    net->arc_opens_later = build_keep(b, (size_t)net->arcs, 1);
    if (b->out_of_memory)
        return;
    for (int32_t r = 0; r < b->model->table[TABLE_lane].rows; r++)
        open_lane(b, r);
    for (int32_t i = 0; i < net->arcs; i++)
        for (int32_t t = 0; net->arc[i].kind == ARC_RESALE && t < net->months; t++)
            net->arc_open[(size_t)t * (size_t)net->arcs + (size_t)i] = 1;
    for (int32_t i = 0; i < net->arcs; i++)
        for (int32_t t = net->decide; t < net->months; t++)
            net->arc_opens_later[i] |= net->arc_open[(size_t)t * (size_t)net->arcs + (size_t)i];
}

static void schedule_trade(builder *b)
{
    yt_network *net = b->net;
    const bool *costs = changes_of(b, TABLE_trade_cost, trade_cost_from, trade_cost_to);
    const bool *licences =
        changes_after(b, net->first_month, TABLE_licence, licence_from, licence_to);
    const struct {
        network_schedule *schedule;
        figure_rule *rule;
    } item[] = {
        {&net->freight, freight_rule},
        {&net->handling, handling_rule},
        {&net->unrefunded_tax, unrefunded_tax_rule},
        {&net->export_duty, export_duty_rule},
        {&net->margin, margin_rule},
        {&net->tariff, tariff_rule},
        {&net->special_tariff, special_tariff_rule},
        {&net->risk, risk_rule},
        {&net->risk_rise, risk_rise_rule},
    };
    for (size_t i = 0; i < sizeof item / sizeof *item; i++)
        *item[i].schedule = schedule_of(b, net->arcs, costs, item[i].rule);
    net->approved = schedule_by(b, net->arcs, licences, approved_rule, own_month);
    schedule_openings(b);
}

static int32_t permit_rate_rule(builder *b, int32_t i, int32_t month)
{
    const model_match match[] = {{permit_fact_permit, b->net->permit[i].permit}};
    return build_figure_of(b, TABLE_permit_fact, ITEM_permit_fact_rate, match, 1, month,
                           FIGURE_NAN);
}

/* ---------------------------------------------------------------------------------- news */

static bool hears(const builder *b, int32_t row, const network_node *node)
{
    int32_t region = model_at(b->model, TABLE_news, row, news_region)->id;
    return node->kind == NODE_GOODS && (region == YT_NONE || region == node->region) &&
           build_covers(b, TABLE_news, row, news_group, news_commodity, node->commodity);
}

static void schedule_news(builder *b)
{
    yt_network *net = b->net;
    int32_t rows = b->model->table[TABLE_news].rows;
    net->news_item = build_keep(b, (size_t)rows * (size_t)net->nodes, sizeof *net->news_item);
    for (int32_t r = 0; net->news_item && r < rows; r++) {
        int32_t at = model_at(b->model, TABLE_news, r, news_month)->id - net->first_month;
        for (int32_t n = 0; at >= 0 && n < net->nodes; n++)
            if (hears(b, r, &net->node[n]))
                net->news_item[net->news_items++] =
                    (network_news){at, n, build_figure(b, TABLE_news, r)};
    }
}

void build_schedule(builder *b)
{
    schedule_plants(b);
    schedule_demand(b);
    b->net->collection =
        schedule_of(b, b->net->uses, changes_of(b, TABLE_end_use_fact, end_use_fact_from, YT_NONE),
                    collection_rule);
    b->net->disposal_cost = schedule_of(
        b, b->net->nodes, changes_of(b, TABLE_commodity_fact, commodity_fact_from, YT_NONE),
        disposal_rule);
    schedule_trade(b);
    b->net->permit_rate =
        schedule_of(b, b->net->releases,
                    changes_of(b, TABLE_permit_fact, permit_fact_from, YT_NONE), permit_rate_rule);
    schedule_news(b);
}
