/* stress.c - what would be left if one region's goods stopped: the same market once more, with
 * its lanes closed and without stocks.
 *
 * Model: docs/model.md, "Independence".  Reads the month just cleared, writes stress_....
 */
#include "sim/sim.h"

#include <math.h>
#include <string.h>

/* Lanes out of the origin are closed, legal or not; nobody holds stock. */
static void cut_lanes(const yt_network *net, yt_run *run, int32_t origin, int32_t group)
{
    double *capacity = VIEW(net, run, stress_capacity);
    memcpy(capacity, VIEW(net, run, capacity), (size_t)net->activities * sizeof *capacity);
    for (int32_t i = 0; i < net->arcs; i++) {
        const network_arc *arc = &net->arc[i];
        bool is_meant = group == YT_NONE || net->group_of[arc->commodity] == group;
        if (net->node[arc->from].region == origin && net->node[arc->to].region != origin &&
            is_meant)
            capacity[net->arcs_at.first + i] = 0;
    }
    for (int32_t i = 0; i < net->holds; i++)
        capacity[net->holds_at.first + i] = 0;
}

static void empty_stores(const yt_network *net, yt_run *run)
{
    double *supply = VIEW(net, run, stress_supply);
    memcpy(supply, VIEW(net, run, supply), (size_t)net->nodes * sizeof *supply);
    for (int32_t i = 0; i < net->holds; i++)
        supply[net->hold[i].node] = 0;
    for (int32_t i = 0; i < net->uses; i++)
        if (net->use[i].scrap_node != YT_NONE)
            supply[net->use[i].scrap_node] = 0;
    for (int32_t i = 0; i < net->uses; i++)
        if (net->use[i].scrap_node != YT_NONE)
            supply[net->use[i].scrap_node] +=
                VIEW(net, run, collected)[i] * net->use[i].scrap_yield;
}

static double served_by(const yt_network *net, const double *level, int32_t segment)
{
    const double *tier = level + net->tiers_at.first + segment * TIERS;
    double served = 0;
    for (int32_t i = 0; i < TIERS; i++)
        served += tier[i];
    return served;
}

static void serve_critical(const yt_network *net, const yt_run *run, double *served, double *wanted)
{
    memset(served, 0, (size_t)net->regions.count * sizeof *served);
    memset(wanted, 0, (size_t)net->regions.count * sizeof *wanted);
    for (int32_t s = 0; s < net->segments; s++) {
        const network_segment *segment = &net->segment[s];
        double worth = VIEW(net, run, reference_price)[segment->node];
        double critical = segment->share_critical * VIEW(net, run, wanted)[s];
        double got = fmin(critical, served_by(net, VIEW(net, run, stress_level), s));
        wanted[segment->region] += worth * critical;
        served[segment->region] += worth * got;
    }
}

/* What plants of a stage outside the origin earn above their cost in the cut-off, USD. */
static double rent_of(const yt_network *net, const yt_run *run, int32_t origin, int32_t stage,
                      double *output)
{
    double rent = 0;
    *output = 0;
    for (int32_t i = 0; i < net->plants; i++) {
        if (net->plant[i].stage != stage || net->plant[i].region == origin)
            continue;
        int32_t j = net->plants_at.first + i;
        double profit = -VIEW(net, run, cost)[j];
        for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
            profit += net->coefficient[k] * VIEW(net, run, stress_price)[net->row[k]];
        rent += fmax(0, profit) * VIEW(net, run, stress_level)[j];
        *output += VIEW(net, run, stress_level)[j];
    }
    return rent;
}

static int32_t find_bottleneck(const yt_network *net, const yt_run *run, int32_t origin)
{
    int32_t at = YT_NONE;
    double most = 0;
    for (int32_t stage = 0; stage < net->stages.count; stage++) {
        double output, rent = rent_of(net, run, origin, stage, &output);
        double normal = VIEW(net, run, stage_output)[network_tech(net, origin, stage)];
        if (normal > 0 && !(output > 0))
            return stage;
        if (rent > most) {
            most = rent;
            at = stage;
        }
    }
    return at;
}

/* From the prices of the last cut-off, which are nearer than those of the market as it is. */
static void start_prices(const yt_network *net, yt_run *run)
{
    double *price = VIEW(net, run, stress_price), most = 0;
    for (int32_t i = 0; i < net->nodes; i++)
        most = fmax(most, price[i]);
    if (!(most > 0))
        memcpy(price, VIEW(net, run, clearing_price), (size_t)net->nodes * sizeof *price);
}

market_problem sim_cut_off(const yt_network *net, yt_run *run, int32_t origin, int32_t group)
{
    cut_lanes(net, run, origin, group);
    empty_stores(net, run);
    market_problem problem = sim_problem(net, run);
    problem.supply = VIEW(net, run, stress_supply);
    problem.capacity = VIEW(net, run, stress_capacity);
    problem.price = VIEW(net, run, stress_price);
    problem.level = VIEW(net, run, stress_level);
    start_prices(net, run);
    sim_close_empty_markets(net, problem.supply, VIEW(net, run, stress_capacity),
                            VIEW(net, run, stress_had));
    return problem;
}

void sim_read_cut_off(const yt_network *net, const yt_run *run, int32_t origin, double *served,
                      double *wanted, int32_t *bottleneck)
{
    serve_critical(net, run, served, wanted);
    *bottleneck = find_bottleneck(net, run, origin);
}
