/* politics.c - the instruments in force this month: permits on offer, lanes open, licences.
 *
 * Permit holders are few and slow: they sell at an ask that moved with their sales against
 * pace (step_learn), never more than a multiple of the pace left.  Outside its batches a
 * permit is not needed: it is free and unlimited.
 * Model: docs/model.md, "Politics".  Writes the offers of releases and the capacity of lanes.
 */
#include "sim/sim.h"

#include <math.h>

typedef struct offer {
    double cost, slope, capacity;
} offer;

static void set_offer(const yt_network *net, yt_run *run, int32_t activity, offer o)
{
    VIEW(net, run, cost)[activity] = o.cost;
    VIEW(net, run, slope)[activity] = o.slope;
    VIEW(net, run, capacity)[activity] = o.capacity;
}

/* Months left of the batch in force, this one included; 0 when none is. */
static int32_t months_left(const yt_network *net, const network_permit *permit, int32_t t)
{
    int32_t left = 0;
    for (int32_t k = 0; k < permit->batches; k++) {
        const network_batch *batch = &net->batch[permit->first_batch + k];
        if (batch->from <= t && t <= batch->to && batch->to - t + 1 > left)
            left = batch->to - t + 1;
    }
    return left;
}

static offer permit_offer(const yt_network *net, const yt_run *run, int32_t i)
{
    const network_permit *permit = &net->permit[i];
    double rate = SCHEDULE(net, run, permit_rate, net->releases)[i];
    if (!isnan(rate))
        return (offer){0, 0, rate};
    int32_t months = months_left(net, permit, run->t);
    if (months == 0)
        return (offer){0, 0, INFINITY};
    double left = VIEW(net, run, permit_left)[i] - VIEW(net, run, permit_lapsed)[i] +
                  permit->usable * VIEW(net, run, permit_issued)[i];
    if (!permit->has_ask)
        return (offer){0, 0, left / months};
    double most = fmin(left, left / months * VIEW(net, run, release_cap)[i]);
    double ask = VIEW(net, run, ask)[i], spread = VIEW(net, run, ask_spread)[i];
    return (offer){ask * (1 - spread), most > 0 ? 2 * spread * ask / most : 0, most};
}

/* Usual flow of the lane when licences began; both sides of a split market together. */
static double licensed_base(const yt_network *net, const yt_run *run, int32_t i)
{
    const double *base = VIEW(net, run, licence_base);
    double sum = base[i];
    if (i > 0 && net->arc[i - 1].lane == net->arc[i].lane)
        sum += base[i - 1];
    if (i + 1 < net->arcs && net->arc[i + 1].lane == net->arc[i].lane)
        sum += base[i + 1];
    return sum;
}

static double lane_capacity(const yt_network *net, const yt_run *run, int32_t i)
{
    if (!SCHEDULE(net, run, arc_open, net->arcs)[i])
        return 0;
    double approved = SCHEDULE(net, run, arc_approved, net->arcs)[i];
    if (isinf(approved))
        return INFINITY;
    return approved * licensed_base(net, run, i) * net->arc[i].licence_share;
}

void step_politics(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->releases; i++)
        set_offer(net, run, net->releases_at.first + i, permit_offer(net, run, i));
    for (int32_t i = 0; i < net->arcs; i++)
        VIEW(net, run, capacity)[net->arcs_at.first + i] = lane_capacity(net, run, i);
}
