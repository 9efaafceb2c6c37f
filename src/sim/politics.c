/* politics.c - who governs, which programmes live, what their instruments come to; permits on
 * offer, lanes open, licences.
 *
 * Permit holders are few and slow: they sell at an ask that moved with their sales against
 * pace (step_learn), never more than a multiple of the pace left.  Outside its batches a
 * permit is not needed: its market is given plenty, so its price is 0.
 * Model: docs/model.md, "Politics".  Writes the offers of releases and the capacity of lanes.
 */
#include "sim/sim.h"

#include <math.h>

/* More permits than anybody could use, t a month. */
#define PLENTY 1e6

typedef struct offer {
    double cost, slope, capacity;
} offer;

static void set_offer(const yt_network *net, yt_run *run, int32_t activity, offer o)
{
    VIEW(net, run, cost)[activity] = o.cost;
    VIEW(net, run, slope)[activity] = o.slope;
    VIEW(net, run, capacity)[activity] = o.capacity;
}

bool sim_batch_counts(const yt_network *net, const yt_run *run, const network_batch *batch)
{
    return run->is_central || batch->from < net->decide;
}

/* Months left of the batch in force, this one included; 0 when none is. */
static int32_t months_left(const yt_network *net, const yt_run *run, int32_t i)
{
    const network_permit *permit = &net->permit[i];
    int32_t left = (int32_t)VIEW(net, run, permit_months)[i], t = run->t;
    for (int32_t k = 0; k < permit->batches; k++) {
        const network_batch *batch = &net->batch[permit->first_batch + k];
        if (batch->from <= t && t <= batch->to && batch->to - t + 1 > left &&
            sim_batch_counts(net, run, batch))
            left = batch->to - t + 1;
    }
    return left;
}

static double permit_rate(const yt_network *net, const yt_run *run, int32_t i)
{
    return VIEW(net, run, permit_rate)[i];
}

static bool is_needed(const yt_network *net, const yt_run *run, int32_t permit)
{
    return !isnan(permit_rate(net, run, permit)) || months_left(net, run, permit) > 0;
}

/* A programme's export quota issues a batch in its first month and every half year. */
static void issue_quota(const yt_network *net, yt_run *run, int32_t i)
{
    double quota = VIEW(net, run, permit_quota)[i];
    if (quota < 0)
        return;
    VIEW(net, run, permit_issued)[i] += quota;
    VIEW(net, run, permit_lapsed)[i] = VIEW(net, run, permit_left)[i];
}

/* Tonnes that may be used this month and the months left to use them; a route without permits
 * has its rate. */
static double usable_now(const yt_network *net, const yt_run *run, int32_t i, int32_t *months)
{
    double rate = permit_rate(net, run, i);
    *months = isnan(rate) ? months_left(net, run, i) : 1;
    return isnan(rate) ? VIEW(net, run, permit_left)[i] - VIEW(net, run, permit_lapsed)[i] +
                             VIEW(net, run, usable)[i] * VIEW(net, run, permit_issued)[i]
                       : rate;
}

/* Permits with an ask are sold; the others are given out at an even pace; where none is needed
 * there are plenty. */
static void offer_permits(const yt_network *net, yt_run *run, int32_t i)
{
    int32_t months = 0, activity = net->releases_at.first + i;
    issue_quota(net, run, i);
    double usable = usable_now(net, run, i, &months);
    VIEW(net, run, permit_free)[i] = 0;
    VIEW(net, run, permit_needed)[i] = is_needed(net, run, i);
    VIEW(net, run, permit_pace)[i] = months > 0 ? usable / months : 0;
    VIEW(net, run, permit_asked)[i] = VIEW(net, run, ask)[i];
    set_offer(net, run, activity, (offer){0, 0, 0});
    if (VIEW(net, run, permit_needed)[i] == 0) {
        VIEW(net, run, permit_free)[i] = PLENTY;
    } else if (!net->permit[i].has_ask) {
        VIEW(net, run, permit_free)[i] = usable / months;
    } else if (usable > 0) {
        double most = fmin(usable, usable / months * VIEW(net, run, release_cap)[i]);
        double ask = VIEW(net, run, permit_asked)[i], spread = VIEW(net, run, ask_spread)[i];
        set_offer(net, run, activity, (offer){ask * (1 - spread), 2 * spread * ask / most, most});
    }
}

/* Recent flow of the lane when licences began; both sides of a split market together. */
static double own_base(const yt_network *net, const yt_run *run, int32_t i)
{
    return VIEW(net, run, licensed_before)[i] > 0 ? VIEW(net, run, licence_base)[i]
                                                  : VIEW(net, run, recent_flow)[i];
}

static double licensed_base(const yt_network *net, const yt_run *run, int32_t i)
{
    double sum = own_base(net, run, i);
    if (i > 0 && net->arc[i - 1].lane == net->arc[i].lane)
        sum += own_base(net, run, i - 1);
    if (i + 1 < net->arcs && net->arc[i + 1].lane == net->arc[i].lane)
        sum += own_base(net, run, i + 1);
    return sum;
}

/* A licensed flow below this share of the buyer's use, or a kilogram, is none: crumbs break
 * solvers. */
#define CRUMB 1e-4
#define KILOGRAM 1e-3

/* Lanes open by dates; in a world that decides, whoever will ever trade may trade now. */
static bool is_open(const yt_network *net, const yt_run *run, int32_t i)
{
    return SCHEDULE(net, run, arc_open, net->arcs)[i] ||
           (sim_decides(net, run) && net->arc_opens_later[i]);
}

static double lane_capacity(const yt_network *net, yt_run *run, int32_t i)
{
    double approved = fmin(VIEW(net, run, approved)[i], VIEW(net, run, arc_share)[i]);
    VIEW(net, run, lane_licensed)[i] = !isinf(approved);
    if (!is_open(net, run, i))
        return 0;
    if (isinf(approved))
        return INFINITY;
    double most = approved * licensed_base(net, run, i) * net->arc[i].licence_share;
    return most > fmax(KILOGRAM, CRUMB * VIEW(net, run, throughput)[net->arc[i].to]) ? most : 0;
}

void step_politics(const yt_network *net, yt_run *run)
{
    sim_hold_politics(net, run);
    sim_apply_instruments(net, run);
    sim_apply_shock(net, run);
    sim_set_quotas(net, run);
    for (int32_t i = 0; i < net->releases; i++)
        offer_permits(net, run, i);
    for (int32_t i = 0; i < net->arcs; i++)
        VIEW(net, run, capacity)[net->arcs_at.first + i] = lane_capacity(net, run, i);
}
