/* demand.c - what end uses want, at which price they give up, and the scrap they return.
 *
 * A segment's demand D (p / p0)^-e is cut into five linear steps at geometric prices from
 * `curve_low` to the choke, a critical base above the choke and a tail at low prices.
 * Model: docs/model.md, "Demand"; form and ranges measured in docs/decisions.
 * The commodities of some baskets stand in for each other at a cost.
 * Writes wanted, discards, collected and the offers of tiers and mixes.
 */
#include "base/math.h"
#include "sim/sim.h"

#include <math.h>

#define STEPS 5 /* of the constant-elasticity part; TIERS has two more */

/* Tonnes bought at price `ratio` times the reference, per tonne wanted. */
static double bought_at(double ratio, double elasticity)
{
    return yt_pow(ratio, -elasticity);
}

typedef struct tier {
    double *share, *top, *fall;
} tier;

static void set_tier(tier *at, int32_t i, double share, double top, double fall)
{
    at->share[i] = share;
    at->top[i] = top;
    at->fall[i] = fall;
}

static void shape_segment(const yt_network *net, yt_run *run, int32_t s)
{
    double reference = VIEW(net, run, reference_price)[net->segment[s].node];
    double elasticity = VIEW(net, run, elasticity)[s], choke = VIEW(net, run, choke)[s];
    double low = *VIEW(net, run, curve_low), top = *VIEW(net, run, curve_top);
    double ratio = yt_pow(choke / low, 1.0 / STEPS);
    tier at = {VIEW(net, run, tier_share) + s * TIERS, VIEW(net, run, tier_top) + s * TIERS,
               VIEW(net, run, tier_fall) + s * TIERS};

    /* the critical base: buys up to the choke whatever it costs, gives up above it */
    set_tier(&at, 0, bought_at(choke, elasticity), top * choke * reference,
             (top - 1) * choke * reference);
    double high = choke;
    for (int32_t i = 1; i <= STEPS; i++) {
        double next = i == STEPS ? low : high / ratio;
        set_tier(&at, i, bought_at(next, elasticity) - bought_at(high, elasticity),
                 high * reference, (high - next) * reference);
        high = next;
    }
    /* the tail: what is used because it is nearly free */
    set_tier(&at, STEPS + 1, *VIEW(net, run, low_price_elasticity) * bought_at(low, elasticity),
             low * reference, low * reference);
}

void sim_shape_demand(const yt_network *net, yt_run *run)
{
    for (int32_t s = 0; s < net->segments; s++)
        shape_segment(net, run, s);
}

static void offer_tiers(const yt_network *net, yt_run *run, int32_t s)
{
    double wanted = VIEW(net, run, wanted)[s];
    for (int32_t i = 0; i < TIERS; i++) {
        int32_t at = s * TIERS + i, activity = net->tiers_at.first + at;
        double width = wanted * VIEW(net, run, tier_share)[at];
        VIEW(net, run, cost)[activity] = -VIEW(net, run, tier_top)[at];
        VIEW(net, run, slope)[activity] = width > 0 ? VIEW(net, run, tier_fall)[at] / width : 0;
        VIEW(net, run, capacity)[activity] = width;
    }
}

/* The basket is what users choose at reference prices: there every commodity, with its trouble,
 * costs them the same.  More of a commodity, or less, is trouble: the cost rises by the
 * friction from none to twice the share. */
static void offer_mix(const yt_network *net, yt_run *run, int32_t i)
{
    const network_use *use = &net->use[net->mix[i]];
    double wanted = VIEW(net, run, wanted)[use->segment];
    double usual = SCHEDULE(net, run, basket_share, net->uses)[net->mix[i]] * wanted;
    double scale = fmax(usual, *VIEW(net, run, entry_share) * wanted);
    double friction =
        VIEW(net, run, mix_friction)[net->mix[i]] * sim_friction_price(net, run, use->node);
    const double *reference = VIEW(net, run, reference_price);
    double worth_more = reference[use->node] - reference[net->segment[use->segment].node];
    int32_t activity = net->mixes_at.first + i;
    VIEW(net, run, capacity)[activity] = wanted > 0 ? INFINITY : 0;
    VIEW(net, run, cost)[activity] = wanted > 0 ? -worth_more - 0.5 * friction * usual / scale : 0;
    VIEW(net, run, slope)[activity] = wanted > 0 ? 0.5 * friction / scale : 0;
}

static void return_scrap(const yt_network *net, yt_run *run)
{
    const double *collection = VIEW(net, run, collection);
    for (int32_t i = 0; i < net->uses; i++) {
        VIEW(net, run, discards)[i] = VIEW(net, run, discard_rate)[i];
        VIEW(net, run, collected)[i] = collection[i] * VIEW(net, run, discards)[i];
    }
}

void step_demand(const yt_network *net, yt_run *run)
{
    const double *demand = VIEW(net, run, demand);
    for (int32_t s = 0; s < net->segments; s++) {
        VIEW(net, run, wanted)[s] = demand[s] * VIEW(net, run, intensity)[s];
        offer_tiers(net, run, s);
    }
    for (int32_t i = 0; i < net->mixes; i++)
        offer_mix(net, run, i);
    return_scrap(net, run);
}
