/* layout.c - where a run keeps each of its numbers, and the defaults of its parameters. */
#include "network/build.h"

#include <math.h>
#include <string.h>

static const variable_info variables[VAR_COUNT] = {
#define VARIABLE(name, axis, part, unit, doc) {#name, unit, doc, AXIS_##axis, PART_##part},
#include "network/variables.def"
#undef VARIABLE
};

variable_info network_variable(variable_id variable)
{
    return variables[variable];
}

/* Parameters first, then state, then flows: a checkpoint is a prefix. */
void build_layout(builder *b)
{
    yt_network *net = b->net;
    /* cohorts for every calendar year of the run, spin-up included */
    net->cohort_years = (net->first_month + net->months - 1) / 12 - net->first_month / 12 + 1;
    const int32_t axis[AXIS_COUNT] = {
        [AXIS_ONE] = 1,
        [AXIS_NODE] = net->nodes,
        [AXIS_ACTIVITY] = net->activities,
        [AXIS_PLANT] = net->plants,
        [AXIS_SEGMENT] = net->segments,
        [AXIS_TIER] = net->segments * TIERS,
        [AXIS_USE] = net->uses,
        [AXIS_COHORT] = net->uses * net->cohort_years,
        [AXIS_ARC] = net->arcs,
        [AXIS_HOLD] = net->holds,
        [AXIS_PERMIT] = net->releases,
        [AXIS_ELEMENT] = net->elements.count,
        [AXIS_REGION] = net->regions.count,
        [AXIS_TECH] = net->regions.count * net->stages.count,
        [AXIS_GATE] = net->regions.count * net->stages.count * GATES,
        [AXIS_WORK] = net->plants * GATES,
        [AXIS_PROGRAMME] = net->programmes.count,
        [AXIS_INSTRUMENT] = net->instruments,
        [AXIS_FIGURE] = FIGURE_FIRST + b->figures,
    };
    memcpy(net->axis, axis, sizeof axis);
    net->figures = axis[AXIS_FIGURE];
    for (part_id part = PART_PARAMETER; part <= PART_GIVEN; part++) {
        for (int32_t v = 0; v < VAR_COUNT; v++)
            if (variables[v].part == part) {
                net->offset[v] = net->doubles;
                net->doubles += (size_t)((axis[variables[v].axis] + 7) / 8 * 8); /* 64 bytes */
            }
        if (part == PART_FLOW)
            net->hashed = net->doubles;
    }
}

static void set_globals(builder *b)
{
    static const struct {
        variable_id variable;
        int32_t item;
    } global[] = {
        {VAR_discount, ITEM_parameter_discount},
        {VAR_momentum, ITEM_parameter_momentum},
        {VAR_reversion, ITEM_parameter_reversion},
        {VAR_anchor_time, ITEM_parameter_anchor_time},
        {VAR_anchor_floor, ITEM_parameter_anchor_floor},
        {VAR_smoothing_time, ITEM_parameter_smoothing_time},
        {VAR_value_cap, ITEM_parameter_value_cap},
        {VAR_news_decay, ITEM_parameter_news_decay},
        {VAR_thrift_memory, ITEM_parameter_thrift_memory},
        {VAR_low_price_elasticity, ITEM_parameter_low_price_elasticity},
        {VAR_usual_time, ITEM_parameter_usual_time},
        {VAR_entry_share, ITEM_parameter_entry_share},
        {VAR_line_spread, ITEM_parameter_line_spread},
        {VAR_curve_low, ITEM_parameter_curve_low},
        {VAR_curve_top, ITEM_parameter_curve_top},
        {VAR_invoice_time, ITEM_parameter_invoice_time},
        {VAR_resale_cost, ITEM_parameter_resale_cost},
        {VAR_resale_rate, ITEM_parameter_resale_rate},
    };
    for (size_t i = 0; i < sizeof global / sizeof *global; i++)
        build_parameter(b, global[i].variable, 0, TABLE_parameter, global[i].item, NULL, 0, NAN,
                        "the case");
}

/* Rows that schedules name; the first figures are what holds without a row. */
static void set_figures(builder *b)
{
    double *figure = b->net->parameter + b->net->offset[VAR_figure];
    figure[FIGURE_ONE] = 1;
    figure[FIGURE_INFINITY] = INFINITY;
    figure[FIGURE_NAN] = NAN;
    for (int32_t i = 0; i < b->figures; i++)
        build_parameter_row(b, VAR_figure, FIGURE_FIRST + i, b->figure[i].table, b->figure[i].row);
}

/* Nothing happens that the case does not know of. */
static void set_calm(builder *b)
{
    static const struct {
        variable_id variable;
        double neutral;
    } calm[] = {{VAR_shock_arc, INFINITY},
                {VAR_shock_plant, 1},
                {VAR_shock_demand, 1},
                {VAR_shock_collection, 1}};
    for (size_t i = 0; i < sizeof calm / sizeof *calm; i++) {
        double *number = b->net->parameter + b->net->offset[calm[i].variable];
        for (int32_t k = 0; k < b->net->axis[network_variable(calm[i].variable).axis]; k++)
            number[k] = calm[i].neutral;
    }
}

/* What a plant costs by its own row, or by the rule of its stage. */
static void set_plants(builder *b)
{
    for (int32_t i = 0; i < b->net->plants; i++) {
        const network_plant *plant = &b->net->plant[i];
        const char *subject = b->net->facilities.id[plant->facility];
        const model_match own[] = {{facility_fact_facility, plant->facility}};
        const model_match match[] = {{unit_cost_stage, plant->stage},
                                     {unit_cost_recipe, plant->recipe},
                                     {unit_cost_region, plant->region}};
        int32_t row = model_rule(b->model, TABLE_facility_fact, ITEM_facility_fact_operating_cost,
                                 own, 1, b->model->end);
        if (row != YT_NONE)
            build_parameter_row(b, VAR_operating_cost, i, TABLE_facility_fact, row);
        else
            build_parameter(b, VAR_operating_cost, i, TABLE_unit_cost,
                            ITEM_unit_cost_operating_cost, match, 3, NAN, subject);
        build_parameter(b, VAR_cost_spread, i, TABLE_unit_cost, ITEM_unit_cost_cost_spread, match,
                        3, NAN, subject);
        build_parameter(b, VAR_avoidable, i, TABLE_unit_cost, ITEM_unit_cost_avoidable, match, 3, 1,
                        subject);
    }
}

/* Prices of goods; those of the other nodes follow (derive.c). */
static void set_nodes(builder *b)
{
    const yt_network *net = b->net;
    for (int32_t n = 0; n < net->nodes; n++) {
        const network_node *node = &net->node[n];
        if (node->kind != NODE_GOODS)
            continue;
        const model_match match[] = {{commodity_fact_group, build_group_of(b, node->commodity)},
                                     {commodity_fact_commodity, node->commodity},
                                     {commodity_fact_region, node->region}};
        const char *name = net->commodities.id[node->commodity];
        double price = build_parameter(b, VAR_reference_price, n, TABLE_commodity_fact,
                                       ITEM_commodity_fact_reference_price, match, 3, 0, name);
        if (!(price > 0))
            log_error(b->log, YT_EDATA,
                      model_at(b->model, TABLE_commodity, node->commodity, commodity_id)->at,
                      "commodity %s has no reference_price above 0; add one to commodity_facts",
                      name);
    }
}

static void set_segments(builder *b)
{
    static const struct {
        variable_id variable;
        int32_t item;
    } fact[] = {
        {VAR_elasticity, ITEM_end_use_fact_elasticity},
        {VAR_elasticity_long, ITEM_end_use_fact_elasticity_long},
        {VAR_choke, ITEM_end_use_fact_choke},
        {VAR_thrift_down, ITEM_end_use_fact_thrift_down},
        {VAR_thrift_up, ITEM_end_use_fact_thrift_up},
        {VAR_thrift_floor, ITEM_end_use_fact_thrift_floor},
    };
    for (int32_t i = 0; i < b->net->segments; i++) {
        const network_segment *segment = &b->net->segment[i];
        const model_match match[] = {{end_use_fact_end_use, segment->end_use},
                                     {end_use_fact_commodity, segment->commodity}};
        for (size_t k = 0; k < sizeof fact / sizeof *fact; k++)
            build_parameter(b, fact[k].variable, i, TABLE_end_use_fact, fact[k].item, match, 2, NAN,
                            b->net->end_uses.id[segment->end_use]);
    }
}

static void set_uses(builder *b)
{
    for (int32_t i = 0; i < b->net->uses; i++) {
        const network_use *use = &b->net->use[i];
        int32_t end_use = b->net->segment[use->segment].end_use;
        const model_match match[] = {{end_use_fact_end_use, end_use},
                                     {end_use_fact_commodity, use->commodity}};
        const char *subject = b->net->end_uses.id[end_use];
        build_parameter(b, VAR_lifetime, i, TABLE_end_use_fact, ITEM_end_use_fact_lifetime, match,
                        2, NAN, subject);
        build_parameter(b, VAR_lifetime_shape, i, TABLE_end_use_fact,
                        ITEM_end_use_fact_lifetime_shape, match, 2, NAN, subject);
        if (use->mix != YT_NONE)
            build_parameter(b, VAR_mix_friction, i, TABLE_end_use_fact,
                            ITEM_end_use_fact_mix_friction, match, 2, NAN,
                            b->net->commodities.id[use->commodity]);
    }
}

static void set_arcs(builder *b)
{
    int32_t usual_time =
        model_rule(b->model, TABLE_parameter, ITEM_parameter_usual_time, NULL, 0, b->model->end);
    for (int32_t i = 0; i < b->net->arcs && usual_time != YT_NONE; i++) {
        const network_arc *arc = &b->net->arc[i];
        const model_match match[] = {{trade_cost_group, build_group_of(b, arc->commodity)},
                                     {trade_cost_commodity, arc->commodity},
                                     {trade_cost_origin, b->net->node[arc->from].region},
                                     {trade_cost_destination, b->net->node[arc->to].region}};
        build_parameter(b, VAR_friction, i, TABLE_trade_cost, ITEM_trade_cost_friction, match, 4,
                        NAN, b->net->commodities.id[arc->commodity]);
        int32_t own = arc->kind == ARC_RESALE
                          ? YT_NONE
                          : model_rule(b->model, TABLE_trade_cost, ITEM_trade_cost_usual_time,
                                       match, 4, b->model->end);
        if (own != YT_NONE)
            build_parameter_row(b, VAR_lane_memory, i, TABLE_trade_cost, own);
        else
            build_parameter_row(b, VAR_lane_memory, i, TABLE_parameter, usual_time);
    }
}

static void set_holds(builder *b)
{
    static const struct {
        variable_id variable;
        int32_t item;
    } fact[] = {
        {VAR_cover, ITEM_holder_fact_cover},
        {VAR_convenience, ITEM_holder_fact_convenience},
        {VAR_news_response, ITEM_holder_fact_news_response},
    };
    for (int32_t i = 0; i < b->net->holds; i++) {
        const network_node *node = &b->net->node[b->net->hold[i].node];
        const model_match match[] = {{holder_fact_holder, b->net->hold[i].holder},
                                     {holder_fact_group, build_group_of(b, node->commodity)},
                                     {holder_fact_commodity, node->commodity},
                                     {holder_fact_region, node->region}};
        for (size_t k = 0; k < sizeof fact / sizeof *fact; k++)
            build_parameter(b, fact[k].variable, i, TABLE_holder_fact, fact[k].item, match, 4, NAN,
                            b->net->commodities.id[node->commodity]);
    }
}

static void set_permits(builder *b)
{
    static const struct {
        variable_id variable;
        int32_t item;
    } fact[] = {
        {VAR_ask_start, ITEM_permit_fact_ask_start},
        {VAR_ask_floor, ITEM_permit_fact_ask_floor},
        {VAR_ask_speed, ITEM_permit_fact_ask_speed},
        {VAR_ask_spread, ITEM_permit_fact_ask_spread},
        {VAR_release_cap, ITEM_permit_fact_release_cap},
    };
    for (int32_t i = 0; i < b->net->releases; i++) {
        const network_permit *permit = &b->net->permit[i];
        const model_match match[] = {{permit_fact_permit, permit->permit}};
        const char *subject = b->net->permits.id[permit->permit];
        for (size_t k = 0; permit->has_ask && k < sizeof fact / sizeof *fact; k++)
            build_parameter(b, fact[k].variable, i, TABLE_permit_fact, fact[k].item, match, 1, NAN,
                            subject);
        build_parameter(b, VAR_usable, i, TABLE_permit_fact, ITEM_permit_fact_usable, match, 1, 1,
                        subject);
    }
}

/* Stocks of the first month: a split market's stock is with its contract users. */
static void set_stocks(builder *b)
{
    const yt_network *net = b->net;
    for (int32_t r = 0; r < b->model->table[TABLE_stock].rows; r++) {
        int32_t pair = build_pair(b, model_at(b->model, TABLE_stock, r, stock_commodity)->id,
                                  model_at(b->model, TABLE_stock, r, stock_region)->id);
        int32_t holder = model_at(b->model, TABLE_stock, r, stock_holder)->id;
        bool placed = false;
        for (int32_t i = 0; i < net->holds && !placed; i++) {
            placed = net->hold[i].node == b->node_single[pair] && net->hold[i].holder == holder;
            if (placed)
                build_parameter_row(b, VAR_opening_stock, i, TABLE_stock, r);
        }
        if (!placed)
            log_warning(b->log, model_at(b->model, TABLE_stock, r, stock_commodity)->at,
                        "this stock is left out: nobody holds %s in %s; give the holder a cover in "
                        "holder_facts",
                        model_at(b->model, TABLE_stock, r, stock_commodity)->text,
                        model_at(b->model, TABLE_stock, r, stock_region)->text);
    }
}

void build_parameters(builder *b)
{
    b->net->parameter = build_keep(b, b->net->doubles, sizeof(double));
    if (b->out_of_memory)
        return;
    void (*const set[])(builder *) = {set_globals, set_figures,  set_calm,   set_plants,
                                      set_nodes,   set_segments, set_uses,   set_arcs,
                                      set_holds,   set_permits,  set_stocks, build_institutions};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        set[i](b);
    network_derive(b->net, b->net->parameter);
}
