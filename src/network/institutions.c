/* institutions.c - parameters of those who decide: regions, stages in them, gates, programmes.
 *
 * A region lives by the institution that governs it; a rule may be of one institution, one
 * stage and one time.  Rules are those of the month in which decisions begin.
 * Model: docs/model.md, "Politics" and "Pipeline".
 */
#include "network/build.h"

#include <math.h>

/* Rules of the month in which decisions begin; of the last month where they never do. */
static int32_t rules_at(const builder *b)
{
    return b->model->decide_from == YT_NONE ? b->model->end : b->model->decide_from;
}

static int32_t institution_of(const builder *b, int32_t region)
{
    for (int32_t r = 0; r < b->model->table[TABLE_governance].rows; r++)
        if (model_at(b->model, TABLE_governance, r, governance_region)->id == region)
            return model_at(b->model, TABLE_governance, r, governance_institution)->id;
    return YT_NONE;
}

static place governance_place(const builder *b, int32_t region)
{
    for (int32_t r = 0; r < b->model->table[TABLE_governance].rows; r++) {
        const model_cell *cell = model_at(b->model, TABLE_governance, r, governance_region);
        if (cell->id == region)
            return cell->at;
    }
    return place_none();
}

/* A slot takes the best row; nothing is assumed where there is none. */
static void set_rule(builder *b, variable_id variable, int32_t slot, table_id table, int32_t item,
                     const model_match *match, int32_t n, int32_t region)
{
    int32_t row = model_rule(b->model, table, item, match, n, rules_at(b));
    if (row != YT_NONE)
        build_parameter_row(b, variable, slot, table, row);
    else
        log_error(b->log, YT_EDATA, governance_place(b, region),
                  "no row gives %s for the institution of %s; add one, naming it or leaving its "
                  "columns blank",
                  model_item_describe(item).name, b->net->regions.id[region]);
}

#define OF_REGION(X)                                                                               \
    X(initiation)                                                                                  \
    X(initiation_shock)                                                                            \
    X(persistence)                                                                                 \
    X(persistence_intact)                                                                          \
    X(persistence_calm)                                                                            \
    X(age_effect)                                                                                  \
    X(continuity)                                                                                  \
    X(party_change)                                                                                \
    X(salience_floor)                                                                              \
    X(salience_memory)                                                                             \
    X(salience_response)                                                                           \
    X(enforcement)

#define OF_TECH(X)                                                                                 \
    X(directive_authority)                                                                         \
    X(concurrency)                                                                                 \
    X(brownfield)                                                                                  \
    X(gate_speed)                                                                                  \
    X(learning)                                                                                    \
    X(forgetting)                                                                                  \
    X(transfer)                                                                                    \
    X(ramp_time)                                                                                   \
    X(ramp_gap)                                                                                    \
    X(cost_gap)                                                                                    \
    X(build_time)                                                                                  \
    X(build_sigma)                                                                                 \
    X(overrun)                                                                                     \
    X(overrun_sigma)                                                                               \
    X(utilisation)                                                                                 \
    X(hurdle_rate)                                                                                 \
    X(horizon)                                                                                     \
    X(patience)                                                                                    \
    X(attention)                                                                                   \
    X(fear)                                                                                        \
    X(finance_response)                                                                            \
    X(option_weight)                                                                               \
    X(expansion)                                                                                   \
    X(expansion_limit)                                                                             \
    X(restart_time)                                                                                \
    X(wait_limit)                                                                                  \
    X(retry_time)                                                                                  \
    X(in_pipeline)                                                                                 \
    X(plan_world)                                                                                  \
    X(plan_own)

#define PAIR(name) {VAR_##name, ITEM_institution_fact_##name},
typedef struct fact_pair {
    variable_id variable;
    int32_t item;
} fact_pair;

static void set_regions(builder *b, int32_t region, int32_t institution)
{
    static const fact_pair fact[] = {OF_REGION(PAIR)};
    const model_match match[] = {{institution_fact_institution, institution}};
    for (size_t k = 0; k < sizeof fact / sizeof *fact; k++)
        set_rule(b, fact[k].variable, region, TABLE_institution_fact, fact[k].item, match, 1,
                 region);
}

static void set_tech(builder *b, int32_t region, int32_t institution, int32_t stage)
{
    static const fact_pair fact[] = {
        OF_TECH(PAIR){VAR_know_how_start, ITEM_institution_fact_know_how}};
    const model_match match[] = {{institution_fact_institution, institution},
                                 {institution_fact_stage, stage}};
    for (size_t k = 0; k < sizeof fact / sizeof *fact; k++)
        set_rule(b, fact[k].variable, network_tech(b->net, region, stage), TABLE_institution_fact,
                 fact[k].item, match, 2, region);
}

static void set_gates(builder *b, int32_t region, int32_t institution, int32_t stage)
{
    static const fact_pair fact[] = {{VAR_gate_median, ITEM_gate_fact_median},
                                     {VAR_gate_sigma, ITEM_gate_fact_sigma},
                                     {VAR_gate_fail, ITEM_gate_fact_fail}};
    for (int32_t gate = 0; gate < GATES; gate++) {
        int32_t slot = network_tech(b->net, region, stage) * GATES + gate;
        const model_match match[] = {
            {gate_fact_institution, institution}, {gate_fact_stage, stage}, {gate_fact_gate, gate}};
        for (size_t k = 0; k < sizeof fact / sizeof *fact; k++)
            set_rule(b, fact[k].variable, slot, TABLE_gate_fact, fact[k].item, match, 3, region);
        int32_t row =
            model_rule(b->model, TABLE_gate_fact, ITEM_gate_fact_occurs, match, 3, rules_at(b));
        if (row != YT_NONE)
            build_parameter_row(b, VAR_gate_occurs, slot, TABLE_gate_fact, row);
        else
            b->net->parameter[b->net->offset[VAR_gate_occurs] + (size_t)slot] = 1;
    }
}

static void set_programme(builder *b, int32_t programme)
{
    static const struct {
        variable_id variable;
        int32_t item;
        double otherwise;
    } fact[] = {
        {VAR_programme_budget, ITEM_programme_fact_budget, INFINITY},
        {VAR_programme_weight, ITEM_programme_fact_weight, 1},
        {VAR_programme_duration, ITEM_programme_fact_duration, INFINITY},
        {VAR_programme_persistence, ITEM_programme_fact_persistence, -1},
        {VAR_programme_news, ITEM_programme_fact_news, 0},
    };
    const model_match match[] = {{programme_fact_programme, programme}};
    for (size_t k = 0; k < sizeof fact / sizeof *fact; k++) {
        int32_t row = model_rule(b->model, TABLE_programme_fact, fact[k].item, match, 1, YT_NONE);
        if (row != YT_NONE)
            build_parameter_row(b, fact[k].variable, programme, TABLE_programme_fact, row);
        else
            b->net->parameter[b->net->offset[fact[k].variable] + (size_t)programme] =
                fact[k].otherwise;
    }
}

static double largest_of(const builder *b, int32_t facility)
{
    double largest = 0;
    for (int32_t r = 0; r < b->model->table[TABLE_facility_fact].rows; r++) {
        int32_t item = model_at(b->model, TABLE_facility_fact, r, facility_fact_item)->id;
        if (model_at(b->model, TABLE_facility_fact, r, facility_fact_facility)->id == facility &&
            (item == ITEM_facility_fact_capacity || item == ITEM_facility_fact_announced_capacity))
            largest = fmax(largest, model_at(b->model, TABLE_facility_fact, r,
                                             facility_fact_facts + FACT_VALUE)
                                        ->number);
    }
    return largest;
}

/* Capital cost of the plant's stage and region, USD per t/month. */
static void set_plant(builder *b, int32_t i)
{
    const network_plant *plant = &b->net->plant[i];
    const model_match match[] = {{unit_cost_stage, plant->stage},
                                 {unit_cost_recipe, plant->recipe},
                                 {unit_cost_region, plant->region}};
    int32_t row =
        model_rule(b->model, TABLE_unit_cost, ITEM_unit_cost_capital_cost, match, 3, rules_at(b));
    b->net->parameter[b->net->offset[VAR_largest] + (size_t)i] = largest_of(b, plant->facility);
    if (row != YT_NONE)
        build_parameter_row(b, VAR_capital_cost, i, TABLE_unit_cost, row);
}

void build_institutions(builder *b)
{
    yt_network *net = b->net;
    for (int32_t region = 0; region < net->regions.count; region++) {
        int32_t institution = institution_of(b, region);
        if (!net->is_governed[region])
            continue;
        set_regions(b, region, institution);
        for (int32_t stage = 0; stage < net->stages.count; stage++) {
            set_tech(b, region, institution, stage);
            set_gates(b, region, institution, stage);
        }
    }
    for (int32_t p = 0; p < net->programmes.count; p++)
        set_programme(b, p);
    for (int32_t i = 0; i < net->instruments; i++)
        build_parameter_row(b, VAR_instrument_level, i, TABLE_instrument, b->instrument_row[i]);
    for (int32_t i = 0; i < net->plants; i++)
        set_plant(b, i);
}
