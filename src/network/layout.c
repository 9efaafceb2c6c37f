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
    };
    memcpy(net->axis, axis, sizeof axis);
    for (part_id part = PART_PARAMETER; part <= PART_SCRATCH; part++)
        for (int32_t v = 0; v < VAR_COUNT; v++)
            if (variables[v].part == part) {
                net->offset[v] = net->doubles;
                net->doubles += (size_t)((axis[variables[v].axis] + 7) / 8 * 8); /* 64 bytes */
            }
}

void build_parameter_row(builder *b, variable_id variable, int32_t i, table_id table, int32_t row)
{
    b->net->parameter[b->net->offset[variable] + (size_t)i] =
        model_at(b->model, table, row, model_table_describe(table).facts + FACT_VALUE)->number;
}

static double *default_of(builder *b, variable_id v)
{
    return b->net->parameter + b->net->offset[v];
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
        *default_of(b, global[i].variable) =
            build_needed(b, TABLE_parameter, global[i].item, NULL, 0, "the case");
}

static double goods_fact(const builder *b, int32_t item, const network_node *node, double fallback)
{
    const model_match match[] = {{commodity_fact_group, build_group_of(b, node->commodity)},
                                 {commodity_fact_commodity, node->commodity},
                                 {commodity_fact_region, node->region}};
    return build_rule(b, TABLE_commodity_fact, item, match, 3, b->model->end, fallback);
}

static double unit_cost_of(const builder *b, int32_t item, const network_plant *plant,
                           double otherwise)
{
    const model_match match[] = {{unit_cost_stage, plant->stage},
                                 {unit_cost_recipe, plant->recipe},
                                 {unit_cost_region, plant->region}};
    return isnan(otherwise)
               ? build_needed(b, TABLE_unit_cost, item, match, 3,
                              b->net->facilities.id[plant->facility])
               : build_rule(b, TABLE_unit_cost, item, match, 3, b->model->end, otherwise);
}

static double plant_cost_of(const builder *b, const network_plant *plant)
{
    const model_match match[] = {{facility_fact_facility, plant->facility}};
    double own = build_rule(b, TABLE_facility_fact, ITEM_facility_fact_operating_cost, match, 1,
                            b->model->end, NAN);
    return isnan(own) ? unit_cost_of(b, ITEM_unit_cost_operating_cost, plant, NAN) : own;
}

static void set_plants(builder *b)
{
    for (int32_t i = 0; i < b->net->plants; i++) {
        default_of(b, VAR_operating_cost)[i] = plant_cost_of(b, &b->net->plant[i]);
        default_of(b, VAR_cost_spread)[i] =
            unit_cost_of(b, ITEM_unit_cost_cost_spread, &b->net->plant[i], NAN);
        default_of(b, VAR_avoidable)[i] =
            unit_cost_of(b, ITEM_unit_cost_avoidable, &b->net->plant[i], 1);
    }
}

/* Mean operating cost of the plants that sell to a capacity node: its typical price. */
static double family_cost(builder *b, int32_t node)
{
    double sum = 0;
    int32_t n = 0;
    for (int32_t i = 0; i < b->net->plants; i++)
        if (b->net->plant[i].node == node) {
            sum += default_of(b, VAR_operating_cost)[i];
            n++;
        }
    return n && sum > 0 ? sum / n : 1000;
}

static double permit_price(const builder *b, int32_t permit)
{
    for (int32_t i = 0; i < b->net->releases; i++)
        if (b->net->permit[i].permit == permit && b->net->permit[i].ask_start > 0)
            return b->net->permit[i].ask_start;
    return 1000;
}

static void set_nodes(builder *b)
{
    const yt_network *net = b->net;
    for (int32_t n = 0; n < net->nodes; n++) {
        const network_node *node = &net->node[n];
        double *price = &default_of(b, VAR_reference_price)[n];
        if (node->kind == NODE_CAPACITY) {
            *price = family_cost(b, n);
        } else if (node->kind == NODE_PERMIT) {
            *price = permit_price(b, node->permit);
        } else if (node->kind == NODE_SERVICE) {
            *price = 0; /* the basket's, once the goods have theirs */
            continue;
        } else {
            *price = goods_fact(b, ITEM_commodity_fact_reference_price, node, NAN);
            default_of(b, VAR_disposal_cost)[n] =
                goods_fact(b, ITEM_commodity_fact_disposal_cost, node, 0);
        }
        if (!(*price > 0))
            log_error(b->log, YT_EDATA,
                      model_at(b->model, TABLE_commodity, node->commodity, commodity_id)->at,
                      "commodity %s has no reference_price above 0; add one to commodity_facts",
                      net->commodities.id[node->commodity]);
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
            default_of(b, fact[k].variable)[i] =
                build_needed(b, TABLE_end_use_fact, fact[k].item, match, 2,
                             b->net->end_uses.id[segment->end_use]);
    }
}

/* A service costs what a tonne of its basket costs at the end of the case: of what can be had
 * there; where none of that is in the basket any more, its plain mean. */
static void set_services(builder *b)
{
    const yt_network *net = b->net;
    const double *share = net->basket_share + (size_t)(net->months - 1) * (size_t)net->uses;
    double *reference = default_of(b, VAR_reference_price);
    for (int32_t first = 0, next = 0; first < net->uses; first = next) {
        double shares = 0, price = 0, mean = 0;
        for (next = first; next < net->uses && net->use[next].segment == net->use[first].segment;
             next++) {
            shares += share[next];
            price += share[next] * reference[net->use[next].node];
            mean += reference[net->use[next].node];
        }
        if (net->use[first].mix != YT_NONE)
            reference[net->segment[net->use[first].segment].node] =
                shares > 0 ? price / shares : mean / (next - first);
    }
}

static void set_mixes(builder *b)
{
    for (int32_t i = 0; i < b->net->uses; i++) {
        const network_use *use = &b->net->use[i];
        const model_match match[] = {{end_use_fact_end_use, b->net->segment[use->segment].end_use},
                                     {end_use_fact_commodity, use->commodity}};
        if (use->mix != YT_NONE)
            default_of(b, VAR_mix_friction)[i] =
                build_needed(b, TABLE_end_use_fact, ITEM_end_use_fact_mix_friction, match, 2,
                             b->net->commodities.id[use->commodity]);
    }
}

/* The keenest user's choke, or the keenest of all where only plants buy. */
static void set_chokes(builder *b)
{
    const yt_network *net = b->net;
    double keenest = 0;
    for (int32_t i = 0; i < net->uses; i++) {
        double choke = default_of(b, VAR_choke)[net->use[i].segment];
        int32_t node = net->use[i].node,
                twin = net->use[i].mix == YT_NONE ? YT_NONE : net->node[node].twin;
        double *at = &default_of(b, VAR_choke_price)[node];
        *at = choke > *at ? choke : *at;
        if (twin != YT_NONE) /* a mix buys on both sides */
            default_of(b, VAR_choke_price)[twin] = *at;
        keenest = choke > keenest ? choke : keenest;
    }
    for (int32_t n = 0; n < net->nodes; n++) {
        double *at = &default_of(b, VAR_choke_price)[n];
        *at = (*at > 0 ? *at : keenest) * default_of(b, VAR_reference_price)[n];
    }
}

static void set_arcs(builder *b)
{
    for (int32_t i = 0; i < b->net->arcs; i++) {
        const network_arc *arc = &b->net->arc[i];
        const model_match match[] = {{trade_cost_group, build_group_of(b, arc->commodity)},
                                     {trade_cost_commodity, arc->commodity},
                                     {trade_cost_origin, b->net->node[arc->from].region},
                                     {trade_cost_destination, b->net->node[arc->to].region}};
        default_of(b, VAR_friction)[i] =
            build_needed(b, TABLE_trade_cost, ITEM_trade_cost_friction, match, 4,
                         b->net->commodities.id[arc->commodity]);
        double usual_time = *default_of(b, VAR_usual_time);
        default_of(b, VAR_lane_memory)[i] =
            arc->kind == ARC_RESALE ? usual_time
                                    : build_rule(b, TABLE_trade_cost, ITEM_trade_cost_usual_time,
                                                 match, 4, b->model->end, usual_time);
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
            default_of(b, fact[k].variable)[i] =
                build_needed(b, TABLE_holder_fact, fact[k].item, match, 4,
                             b->net->commodities.id[node->commodity]);
    }
}

static void set_permits(builder *b)
{
    static const struct {
        variable_id variable;
        int32_t item;
    } fact[] = {
        {VAR_ask_floor, ITEM_permit_fact_ask_floor},
        {VAR_ask_speed, ITEM_permit_fact_ask_speed},
        {VAR_ask_spread, ITEM_permit_fact_ask_spread},
        {VAR_release_cap, ITEM_permit_fact_release_cap},
    };
    for (int32_t i = 0; i < b->net->releases; i++) {
        const model_match match[] = {{permit_fact_permit, b->net->permit[i].permit}};
        for (size_t k = 0; k < sizeof fact / sizeof *fact; k++)
            default_of(b, fact[k].variable)[i] =
                b->net->permit[i].has_ask
                    ? build_needed(b, TABLE_permit_fact, fact[k].item, match, 1,
                                   b->net->permits.id[b->net->permit[i].permit])
                    : 0;
    }
}

/* Stocks of the first month: a split market's stock is with its contract users. */
static void set_stocks(builder *b)
{
    yt_network *net = b->net;
    net->opening_stock = build_keep(b, (size_t)net->holds, sizeof *net->opening_stock);
    for (int32_t r = 0; net->opening_stock && r < b->model->table[TABLE_stock].rows; r++) {
        int32_t pair = build_pair(b, model_at(b->model, TABLE_stock, r, stock_commodity)->id,
                                  model_at(b->model, TABLE_stock, r, stock_region)->id);
        int32_t holder = model_at(b->model, TABLE_stock, r, stock_holder)->id;
        bool placed = false;
        for (int32_t i = 0; i < net->holds && !placed; i++) {
            placed = net->hold[i].node == b->node_single[pair] && net->hold[i].holder == holder;
            if (placed)
                net->opening_stock[i] +=
                    model_at(b->model, TABLE_stock, r, stock_facts + FACT_VALUE)->number;
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
    void (*const set[])(builder *) = {set_globals, set_plants,   set_nodes,  set_services,
                                      set_mixes,   set_segments, set_chokes, set_arcs,
                                      set_holds,   set_permits,  set_stocks, build_institutions};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        set[i](b);
}
