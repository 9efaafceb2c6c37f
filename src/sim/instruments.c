/* instruments.c - what the programmes in force come to this month, for plants, lanes, stages,
 * stocks and quotas.
 *
 * A weakened programme acts at its force: shares are scaled, bans and quotas bite less.
 * Money stops when the budget is spent.  Model: docs/model.md, "Politics".
 * Writes the support_..., arc_..., permit_quota and like flows, and what it cost.
 */
#include "base/math.h"
#include "sim/sim.h"

#include <math.h>
#include <string.h>

typedef struct lever {
    const network_instrument *instrument;
    int32_t index, region, programme; /* region: whose programme it is */
    double level, force;
    bool is_new; /* the programme was not in force last month */
} lever;

typedef void apply_lever(const yt_network *net, yt_run *run, const lever *l, int32_t target);

/* ---------------------------------------------------------------------------- on plants */

/* Several supports of one kind add up to at most this share of a cost. */
#define MOST_PAID 0.9

static void add_grant(const yt_network *net, yt_run *run, const lever *l, int32_t i)
{
    double *share = &VIEW(net, run, support_grant)[i];
    *share = fmin(MOST_PAID, *share + l->force * l->level);
}

static void give_loan(const yt_network *net, yt_run *run, const lever *l, int32_t i)
{
    double hurdle = VIEW(net, run, hurdle_rate)[net->plant[i].tech];
    double rate = hurdle + l->force * (fmin(l->level, hurdle) - hurdle);
    double *best = &VIEW(net, run, support_loan)[i];
    *best = fmin(*best, rate);
}

static void give_credit(const yt_network *net, yt_run *run, const lever *l, int32_t i)
{
    double *share = &VIEW(net, run, support_credit)[i];
    *share = fmin(MOST_PAID, *share + l->force * l->level);
}

static void take_offtake(const yt_network *net, yt_run *run, const lever *l, int32_t i)
{
    double *share = &VIEW(net, run, support_offtake)[i];
    *share = fmin(1, *share + l->force * l->level);
}

static void add_standard(const yt_network *net, yt_run *run, const lever *l, int32_t i)
{
    VIEW(net, run, cost_added)[i] += l->force * l->level;
}

static void keep_from_running(const yt_network *net, yt_run *run, const lever *l, int32_t i)
{
    VIEW(net, run, run_share)[i] *= 1 - l->force * l->level;
}

static void set_quota(const yt_network *net, yt_run *run, const lever *l, int32_t i)
{
    VIEW(net, run, run_share)[i] *= 1 - l->force * (1 - fmin(1, l->level));
}

/* -------------------------------------------------------------- on stages, lanes, stocks */

static void ease_permits(const yt_network *net, yt_run *run, const lever *l, int32_t tech)
{
    VIEW(net, run, gate_help)[tech] /= 1 - l->force * l->level;
}

static void do_research(const yt_network *net, yt_run *run, const lever *l, int32_t tech)
{
    VIEW(net, run, research)[tech] += l->force * l->level;
}

static void ban_transfer(const yt_network *net, yt_run *run, const lever *l, int32_t tech)
{
    double *ban = &VIEW(net, run, transfer_ban)[tech];
    *ban = fmax(*ban, l->force * l->level);
}

static void let_pass(const yt_network *net, yt_run *run, const lever *l, int32_t arc)
{
    double *share = &VIEW(net, run, arc_share)[arc];
    *share = fmin(*share, fmax(l->level, 1 - l->force * (1 - l->level)));
}

static void delay_licences(const yt_network *net, yt_run *run, const lever *l, int32_t arc)
{
    if (VIEW(net, run, next_programme_age)[l->programme] < l->level)
        VIEW(net, run, arc_share)[arc] = 0;
}

static void tax_export(const yt_network *net, yt_run *run, const lever *l, int32_t arc)
{
    VIEW(net, run, arc_tax)[arc] += l->force * l->level;
    VIEW(net, run, arc_origin_tax)[arc] += l->force * l->level;
}

static void tax_import(const yt_network *net, yt_run *run, const lever *l, int32_t arc)
{
    VIEW(net, run, arc_tax)[arc] += l->force * l->level;
}

static void aim_at_stock(const yt_network *net, yt_run *run, const lever *l, int32_t node)
{
    VIEW(net, run, stock_aim)[node] += l->force * l->level;
}

/* Half-yearly batches, each a half of what usually left in a year when the quota began; a quota
 * that is found in force issues what is left of its batch, and one that succeeds another keeps
 * its base. */
#define BATCH_MONTHS 6

static void limit_exports(const yt_network *net, yt_run *run, const lever *l, int32_t i)
{
    double *base = &VIEW(net, run, next_instrument_base)[l->index];
    int32_t node = net->permit[i].node;
    if (l->is_new) {
        *base = 0;
        for (int32_t a = 0; a < net->arcs; a++)
            for (int32_t k = net->start[net->arcs_at.first + a];
                 k < net->start[net->arcs_at.first + a + 1]; k++)
                if (net->row[k] == node)
                    *base -= net->coefficient[k] * VIEW(net, run, recent_flow)[a];
    }
    double share = fmax(l->level, 1 - l->force * (1 - l->level));
    int32_t into = (int32_t)VIEW(net, run, next_programme_age)[l->programme] % BATCH_MONTHS;
    int32_t months = BATCH_MONTHS - into;
    if (l->is_new || into == 0)
        VIEW(net, run, permit_quota)[i] = months * share * *base;
    VIEW(net, run, permit_months)[i] = months;
}

/* --------------------------------------------------------------------------- the levers */

static apply_lever *const levers[ITEM_COUNT] = {
    [ITEM_instrument_grant] = add_grant,
    [ITEM_instrument_equity] = add_grant,
    [ITEM_instrument_loan] = give_loan,
    [ITEM_instrument_tax_credit] = give_credit,
    [ITEM_instrument_offtake] = take_offtake,
    [ITEM_instrument_environmental_standard] = add_standard,
    [ITEM_instrument_enforcement] = keep_from_running,
    [ITEM_instrument_consolidation] = keep_from_running,
    [ITEM_instrument_production_quota] = set_quota,
    [ITEM_instrument_permitting] = ease_permits,
    [ITEM_instrument_research] = do_research,
    [ITEM_instrument_technology_ban] = ban_transfer,
    [ITEM_instrument_licence] = let_pass,
    [ITEM_instrument_licence_delay] = delay_licences,
    [ITEM_instrument_export_tax] = tax_export,
    [ITEM_instrument_tariff] = tax_import,
    [ITEM_instrument_export_quota] = limit_exports,
    [ITEM_instrument_stockpile] = aim_at_stock,
};

/* Instruments whose money comes out of the budget. */
static bool costs_money(int32_t item)
{
    return item == ITEM_instrument_grant || item == ITEM_instrument_equity ||
           item == ITEM_instrument_tax_credit || item == ITEM_instrument_price_floor ||
           item == ITEM_instrument_stockpile;
}

static lever lever_at(const yt_network *net, const yt_run *run, int32_t index)
{
    const network_instrument *instrument = &net->instrument[index];
    int32_t p = instrument->programme;
    lever l = {.instrument = instrument,
               .index = index,
               .region = net->programme[p].region,
               .programme = p,
               .level = VIEW(net, run, instrument_level)[index],
               .force = VIEW(net, run, next_force)[p],
               .is_new = VIEW(net, run, force)[p] == 0};
    bool is_spent = VIEW(net, run, next_programme_spent)[p] >= VIEW(net, run, programme_budget)[p];
    if (is_spent && costs_money(instrument->item))
        l.force = 0;
    return l;
}

static void fill(double *number, int32_t n, double value)
{
    for (int32_t i = 0; i < n; i++)
        number[i] = value;
}

static void clear_effects(const yt_network *net, yt_run *run)
{
    static const struct {
        variable_id variable;
        double neutral;
    } effect[] = {
        {VAR_support_grant, 0},  {VAR_support_loan, INFINITY}, {VAR_support_credit, 0},
        {VAR_support_floor, 0},  {VAR_support_offtake, 0},     {VAR_cost_added, 0},
        {VAR_run_share, 1},      {VAR_gate_help, 1},           {VAR_research, 0},
        {VAR_transfer_ban, 0},   {VAR_arc_share, INFINITY},    {VAR_arc_tax, 0},
        {VAR_arc_origin_tax, 0}, {VAR_stock_aim, 0},           {VAR_permit_quota, -1},
        {VAR_permit_months, 0},
    };
    for (size_t i = 0; i < sizeof effect / sizeof *effect; i++)
        fill(run->number + net->offset[effect[i].variable],
             net->axis[network_variable(effect[i].variable).axis], effect[i].neutral);
}

void sim_floor_bonus(const yt_network *net, const yt_run *run, const double *price, double *bonus)
{
    fill(bonus, net->plants, 0);
    for (int32_t index = 0; index < net->instruments; index++) {
        lever l = lever_at(net, run, index);
        if (l.instrument->item != ITEM_instrument_price_floor || !(l.force > 0))
            continue;
        double now = l.instrument->node == YT_NONE ? 0 : price[l.instrument->node];
        double gap = l.force * fmax(0, l.level - now);
        for (int32_t k = 0; k < l.instrument->touches; k++) {
            int32_t at = l.instrument->first_touched + k;
            double *best = &bonus[net->touched[at]];
            *best = fmax(*best, gap * net->touched_weight[at]);
        }
    }
}

/* -------------------------------------------------------------------------------- money */

/* What a lever cost last month: by the work its plants did. */
static double running_cost(const yt_network *net, const yt_run *run, const lever *l)
{
    double cost = 0;
    int32_t item = l->instrument->item;
    for (int32_t k = 0; k < l->instrument->touches; k++) {
        int32_t at = l->instrument->first_touched + k, i = net->touched[at];
        if (item == ITEM_instrument_tax_credit)
            cost += l->force * l->level * VIEW(net, run, operating_cost)[i] *
                    VIEW(net, run, plant_output)[i];
        if (item == ITEM_instrument_price_floor && l->instrument->node != YT_NONE)
            cost += l->force * net->touched_weight[at] * VIEW(net, run, plant_output)[i] *
                    fmax(0, l->level - VIEW(net, run, price)[l->instrument->node]);
        if (item == ITEM_instrument_stockpile && l->is_new)
            cost += l->force * l->level * VIEW(net, run, price)[i];
    }
    return cost;
}

static void pay(const yt_network *net, yt_run *run, const lever *l)
{
    if (!costs_money(l->instrument->item))
        return;
    double cost = running_cost(net, run, l);
    VIEW(net, run, next_programme_spent)[l->programme] += cost;
    VIEW(net, run, next_public_cost)[l->region] += cost;
}

/* What the state pays of a capital cost, out of the budgets of those who promised it. */
double sim_pay_grants(const yt_network *net, yt_run *run, int32_t plant, double cost)
{
    double paid = 0, most = MOST_PAID * cost;
    for (int32_t index = 0; index < net->instruments; index++) {
        lever l = lever_at(net, run, index);
        if (l.instrument->item != ITEM_instrument_grant &&
            l.instrument->item != ITEM_instrument_equity)
            continue;
        for (int32_t k = 0; l.force > 0 && k < l.instrument->touches; k++) {
            if (net->touched[l.instrument->first_touched + k] != plant)
                continue;
            double budget = VIEW(net, run, programme_budget)[l.programme] -
                            VIEW(net, run, next_programme_spent)[l.programme];
            double part = fmin(fmin(l.force * l.level * cost, most - paid), fmax(0, budget));
            VIEW(net, run, next_programme_spent)[l.programme] += part;
            VIEW(net, run, next_public_cost)[l.region] += part;
            paid += part;
        }
    }
    return paid;
}

void sim_apply_instruments(const yt_network *net, yt_run *run)
{
    clear_effects(net, run);
    for (int32_t index = 0; index < net->instruments; index++) {
        lever l = lever_at(net, run, index);
        apply_lever *apply = levers[l.instrument->item];
        if (!(l.force > 0))
            continue;
        pay(net, run, &l);
        for (int32_t k = 0; apply && k < l.instrument->touches; k++)
            apply(net, run, &l, net->touched[l.instrument->first_touched + k]);
    }
    sim_floor_bonus(net, run, VIEW(net, run, price), VIEW(net, run, support_floor));
}
