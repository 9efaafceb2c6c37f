/* pipeline.c - the plants there are this month, and what they ask for their work.
 *
 * Facilities open, grow and close by the dates of the case.  A plant's cost rises from its
 * best to its worst tonne: cost (1 - spread/2) + spread cost x / capacity.
 * Model: docs/model.md, "Pipeline".  Writes the offers of plants and lines.
 */
#include "sim/sim.h"

#include <math.h>

static void offer_plants(const yt_network *net, yt_run *run)
{
    const double *can_run = SCHEDULE(net, run, plant_capacity, net->plants);
    for (int32_t i = 0; i < net->plants; i++) {
        int32_t activity = net->plants_at.first + i;
        double cost = VIEW(net, run, operating_cost)[i], spread = VIEW(net, run, cost_spread)[i];
        VIEW(net, run, cost)[activity] = cost * (1 - spread / 2);
        VIEW(net, run, slope)[activity] = can_run[i] > 0 ? cost * spread / can_run[i] : 0;
        VIEW(net, run, capacity)[activity] = can_run[i];
    }
}

/* Lines have no cost of their own but the trouble of making one thing only. */
static void offer_lines(const yt_network *net, yt_run *run)
{
    const double *can_run = SCHEDULE(net, run, plant_capacity, net->plants);
    double *hours = VIEW(net, run, slack); /* of each capacity node; free until the market clears */
    for (int32_t n = 0; n < net->nodes; n++)
        hours[n] = 0;
    for (int32_t i = 0; i < net->plants; i++)
        if (net->plant[i].node != YT_NONE)
            hours[net->plant[i].node] += can_run[i];
    for (int32_t i = 0; i < net->lines; i++) {
        int32_t activity = net->lines_at.first + i, node = net->line[i].node;
        double trouble = *VIEW(net, run, line_spread) * VIEW(net, run, reference_price)[node];
        VIEW(net, run, cost)[activity] = 0;
        VIEW(net, run, slope)[activity] = hours[node] > 0 ? trouble / hours[node] : 0;
        VIEW(net, run, capacity)[activity] = hours[node] > 0 ? INFINITY : 0;
    }
}

void step_pipeline(const yt_network *net, yt_run *run)
{
    offer_plants(net, run);
    offer_lines(net, run);
}
