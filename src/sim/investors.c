/* investors.c - what a plant is worth to private money, and what a plan still lacks.
 *
 * Private money asks for a present value at its hurdle rate, on prices marked down for fear of
 * the incumbent, and for more where prices are volatile: waiting is worth something.  Support
 * enters the sum as cash, as a lower rate or as less risk, for as long as it is expected to
 * live.  A plan asks what the world and the region use and what is there.
 * Model: docs/model.md, "Pipeline".
 */
#include "base/finance.h"
#include "base/math.h"
#include "sim/sim.h"

#include <math.h>
#include <string.h>

/* ----------------------------------------------------------------------- private money */

/* Share of a stage's output made by the incumbent. */
static double incumbent_share(const yt_network *net, const yt_run *run, int32_t stage)
{
    double world = 0, own = 0;
    for (int32_t r = 0; r < net->regions.count; r++) {
        double output = VIEW(net, run, stage_output)[network_tech(net, r, stage)];
        world += output;
        own += r == net->incumbent ? output : 0;
    }
    return world > 0 ? own / world : 0;
}

static double mark_down(const yt_network *net, const yt_run *run, const network_plant *plant)
{
    if (net->incumbent == YT_NONE || plant->region == net->incumbent)
        return 0;
    return VIEW(net, run, fear)[plant->tech] * incumbent_share(net, run, plant->stage);
}

/* Cost of a tonne of work where know-how has grown, or not, since decisions began. */
double sim_cost_of_work(const yt_network *net, const yt_run *run, int32_t i)
{
    int32_t tech = net->plant[i].tech;
    double gap = VIEW(net, run, cost_gap)[tech];
    double learnt = VIEW(net, run, know_how)[tech] - VIEW(net, run, know_how_start)[tech];
    double factor = (1 + gap * (1 - VIEW(net, run, know_how)[tech])) /
                    (1 + gap * (1 - VIEW(net, run, know_how_start)[tech]));
    double cost = VIEW(net, run, operating_cost)[i] * VIEW(net, run, cost_then)[i] *
                  (sim_decides(net, run) && learnt != 0 ? factor : 1);
    return cost * (1 - VIEW(net, run, support_credit)[i]) + VIEW(net, run, cost_added)[i];
}

/* How long support is expected to act, as a share of the horizon: it outlives a change of
 * government with the persistence of the region. */
static double trust_in_support(const yt_network *net, const yt_run *run, int32_t region)
{
    return VIEW(net, run, persistence)[region];
}

/* Volatility a year of the price that matters, less what others carry. */
static double risk_carried(const yt_network *net, const yt_run *run, int32_t plant, int32_t node)
{
    double variance = node == YT_NONE ? 0 : 12 * VIEW(net, run, volatility)[node];
    return sqrt(variance) * (1 - VIEW(net, run, support_offtake)[plant]);
}

#define MOST_ASKED 10 /* times the cost, however volatile the price and patient the money */

static double option_multiple(double risk, double rate)
{
    if (!(risk > 0))
        return 1;
    return rate > 0 ? fmin(MOST_ASKED, finance_option_multiple(0, risk, yt_ln(1 + rate)))
                    : MOST_ASKED;
}

sim_offer sim_judge_plant(const yt_network *net, const yt_run *run, int32_t i)
{
    const network_plant *plant = &net->plant[i];
    int32_t tech = plant->tech, node;
    double work = sim_worth_of_work(net, run, i, &node);
    double floor = VIEW(net, run, floor_outlook)[i];
    double revenue = work > 0 ? work * (1 - mark_down(net, run, plant)) : work;
    double trust = trust_in_support(net, run, plant->region);
    double margin = revenue + trust * floor - sim_cost_of_work(net, run, i);
    double rate = fmin(VIEW(net, run, support_loan)[i], VIEW(net, run, hurdle_rate)[tech]);
    double years = VIEW(net, run, horizon)[tech] / 12;
    double wait = VIEW(net, run, build_time)[tech] / 12;
    double income = 12 * VIEW(net, run, utilisation)[tech] * margin *
                    (finance_annuity(rate, wait + years) - finance_annuity(rate, wait));
    double cost = VIEW(net, run, capital_cost)[i] * (1 + VIEW(net, run, overrun)[tech]) *
                  (1 - VIEW(net, run, support_grant)[i]);
    double covered = work > 0 ? fmin(1, trust * floor / fmax(work + floor, 1e-9)) : 0;
    double risk = risk_carried(net, run, i, node) * (1 - covered);
    double multiple = option_multiple(risk, rate);
    sim_offer offer = {.worth = cost > 0 ? income / cost : 0,
                       .asked = 1 + VIEW(net, run, option_weight)[tech] * (multiple - 1),
                       .per_tonne = work};
    return offer;
}

/* ------------------------------------------------------------------------------- plans */

/* Yearly growth of what users want, from two memories three years apart. */
static double growth_of(double now, double past)
{
    return now > 0 && past > 0 ? fmin(0.2, fmax(-0.05, yt_ln(now / past) / 3)) : 0;
}

/* What users want in each region, at reference prices, over what the world wants. */
static void share_out(const yt_network *net, const yt_run *run, double *share)
{
    double total = 0;
    memset(share, 0, (size_t)net->regions.count * sizeof *share);
    for (int32_t s = 0; s < net->segments; s++) {
        double worth =
            VIEW(net, run, demand)[s] * VIEW(net, run, reference_price)[net->segment[s].node];
        share[net->segment[s].region] += worth;
        total += worth;
    }
    for (int32_t r = 0; total > 0 && r < net->regions.count; r++)
        share[r] /= total;
}

void sim_find_gaps(const yt_network *net, yt_run *run, double *gap)
{
    int32_t stages = net->stages.count, regions = net->regions.count;
    double *share = VIEW(net, run, world_share);
    share_out(net, run, share);
    double growth = growth_of(*VIEW(net, run, demand_now), *VIEW(net, run, demand_past));
    memset(gap, 0, (size_t)(stages * regions) * sizeof *gap);
    for (int32_t s = 0; s < stages; s++) {
        double now = 0;
        for (int32_t r = 0; r < regions; r++)
            now += VIEW(net, run, stage_output)[network_tech(net, r, s)];
        for (int32_t r = 0; r < regions; r++) {
            int32_t tech = network_tech(net, r, s);
            double years = 1 + VIEW(net, run, build_time)[tech] / 12;
            double then = now * yt_exp(years * growth);
            gap[tech] = net->is_governed[r] ? then * (VIEW(net, run, plan_world)[tech] +
                                                      VIEW(net, run, plan_own)[tech] * share[r])
                                            : 0;
        }
    }
    for (int32_t i = 0; i < net->plants; i++) {
        int32_t tech = net->plant[i].tech;
        double built = VIEW(net, run, plant_state)[i] == PLANT_RUNNING
                           ? VIEW(net, run, nameplate)[i] * VIEW(net, run, rate)[i]
                           : 0;
        double size =
            VIEW(net, run, project_phase)[i] == PROJECT_NONE ? 0 : VIEW(net, run, project_size)[i];
        if (VIEW(net, run, project_phase)[i] == PROJECT_RESTART)
            size += VIEW(net, run, nameplate)[i];
        gap[tech] -= built + size * VIEW(net, run, utilisation)[tech];
    }
}
