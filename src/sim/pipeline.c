/* pipeline.c - the plants there are this month, and what they ask for their work.
 *
 * Facilities open, grow and close by the dates of the case, and by decisions once they begin
 * (projects.c).  A plant runs as long as it earns
 * what idling would save, and that rises from its best to its worst tonne:
 * cost (1 - spread/2) + spread cost x / capacity.
 * Model: docs/model.md, "Pipeline".  Writes the offers of plants and lines.
 */
#include "sim/sim.h"

#include <math.h>
#include <string.h>

static void offer_plants(const yt_network *net, yt_run *run)
{
    const double *can_run = VIEW(net, run, can_run);
    for (int32_t i = 0; i < net->plants; i++) {
        int32_t activity = net->plants_at.first + i;
        double cost = VIEW(net, run, avoidable)[i] * sim_cost_of_work(net, run, i);
        double spread = VIEW(net, run, cost_spread)[i];
        VIEW(net, run, cost)[activity] = cost * (1 - spread / 2) - VIEW(net, run, support_floor)[i];
        VIEW(net, run, slope)[activity] = can_run[i] > 0 ? cost * spread / can_run[i] : 0;
        VIEW(net, run, capacity)[activity] = can_run[i];
    }
}

/* What a tonne of the line's work is sold for, at smoothed prices. */
static double value_of_line(const yt_network *net, const yt_run *run, int32_t i)
{
    int32_t j = net->lines_at.first + i;
    double value = 0;
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
        if (net->coefficient[k] > 0)
            value += net->coefficient[k] * VIEW(net, run, price_smooth)[net->row[k]];
    return value;
}

/* Lines have no cost of their own but the trouble of selling one thing only, a share of what
 * it is sold for.  Lines without any trouble would describe no plant. */
static void offer_lines(const yt_network *net, yt_run *run)
{
    const double *can_run = VIEW(net, run, can_run);
    double *hours = VIEW(net, run, slack); /* of each capacity node; free until the market clears */
    for (int32_t n = 0; n < net->nodes; n++)
        hours[n] = 0;
    for (int32_t i = 0; i < net->plants; i++)
        if (net->plant[i].node != YT_NONE)
            hours[net->plant[i].node] += can_run[i];
    for (int32_t i = 0; i < net->lines; i++) {
        int32_t activity = net->lines_at.first + i, node = net->line[i].node;
        double trouble = *VIEW(net, run, line_spread) * value_of_line(net, run, i);
        VIEW(net, run, cost)[activity] = 0;
        VIEW(net, run, slope)[activity] = hours[node] > 0 ? trouble / hours[node] : 0;
        VIEW(net, run, capacity)[activity] = hours[node] > 0 ? INFINITY : 0;
    }
}

/* What is built and mastered, or what the case dates, as far as quotas let it run.  Where nobody
 * decides all stays as it was when decisions began. */
static void find_capacity(const yt_network *net, yt_run *run)
{
    const double *dated = VIEW(net, run, dated_capacity);
    for (int32_t i = 0; i < net->plants; i++) {
        bool runs = VIEW(net, run, next_plant_state)[i] == PLANT_RUNNING;
        double mastered = runs ? VIEW(net, run, next_ramped)[i] * VIEW(net, run, next_rate)[i] : 0;
        VIEW(net, run, can_run)
        [i] = (sim_decides(net, run) ? mastered : dated[i]) * VIEW(net, run, run_share)[i];
        VIEW(net, run, next_has_run)[i] += VIEW(net, run, can_run)[i] > 0;
    }
}

static void add_feed(const yt_network *net, double *feed, int32_t j, double level)
{
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
        if (net->coefficient[k] < 0 && net->node[net->row[k]].kind == NODE_GOODS)
            feed[net->row[k]] -= net->coefficient[k] * level;
}

/* What plants could take of each good, were it all theirs: newcomers' lanes are judged by it, so
 * that a plant that has to bring in its feed is no stranger in its own market. */
static void find_appetite(const yt_network *net, yt_run *run)
{
    double *feed = VIEW(net, run, could_use);
    const double *hours = VIEW(net, run, slack); /* of each capacity node: offer_lines */
    memset(feed, 0, (size_t)net->nodes * sizeof *feed);
    for (int32_t i = 0; i < net->plants; i++)
        add_feed(net, feed, net->plants_at.first + i, VIEW(net, run, can_run)[i]);
    for (int32_t i = 0; i < net->lines; i++)
        add_feed(net, feed, net->lines_at.first + i, hours[net->line[i].node]);
}

void step_pipeline(const yt_network *net, yt_run *run)
{
    if (sim_decides(net, run)) {
        if (run->t == net->decide)
            sim_find_plants(net, run);
        else
            sim_move_plants(net, run);
    }
    find_capacity(net, run);
    offer_plants(net, run);
    offer_lines(net, run);
    find_appetite(net, run);
}
