/* clear.c - what traders and holders offer, the market's problem, and whether it was solved.
 *
 * Model: docs/model.md, "Clearing".  Writes the offers of lanes, holders and disposal, the
 * supply of every node; afterwards only checks the certificate.
 */
#include "base/math.h"
#include "sim/sim.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------------------ lanes */

double sim_friction_price(const yt_network *net, const yt_run *run, int32_t node)
{
    return fmin(VIEW(net, run, price_smooth)[node], VIEW(net, run, choke_price)[node]);
}

/* Scale of a lane's friction: the smoothed price at the origin. */
static double friction_scale(const yt_network *net, const yt_run *run, int32_t arc)
{
    return VIEW(net, run, friction)[arc] * sim_friction_price(net, run, net->arc[arc].from);
}

/* A lane's cost rises by its friction from no flow to twice the usual flow, and is the freight
 * and the wedges at the usual flow.  A newcomer is judged at `entry_share` of the buyer. */
static void offer_open_lane(const yt_network *net, yt_run *run, int32_t i)
{
    const network_arc *arc = &net->arc[i];
    double usual = VIEW(net, run, usual_flow)[i];
    double market = fmax(VIEW(net, run, throughput)[arc->to], VIEW(net, run, could_use)[arc->to]);
    double entry = *VIEW(net, run, entry_share) * market;
    double scale = fmax(fmax(usual, entry), 1e-3); /* t/month; a lane nobody would notice */
    double friction = friction_scale(net, run, i);
    int32_t activity = net->arcs_at.first + i;
    VIEW(net, run, cost)
    [activity] = VIEW(net, run, specific_wedge)[i] +
                 (VIEW(net, run, ad_valorem)[i] + VIEW(net, run, arc_tax)[i]) *
                     VIEW(net, run, price)[arc->from] -
                 0.5 * friction * usual / scale;
    VIEW(net, run, slope)[activity] = 0.5 * friction / scale;
}

/* Without permit: the risk is a share of the price and rises as the route fills. */
static void offer_illegal_lane(const yt_network *net, yt_run *run, int32_t i)
{
    const network_arc *arc = &net->arc[i];
    double price = VIEW(net, run, price)[arc->from];
    double rate = arc->permit == YT_NONE ? NAN : VIEW(net, run, permit_rate)[arc->permit];
    double room = rate > 0 ? rate : fmax(VIEW(net, run, throughput)[arc->to], 1e-3);
    int32_t activity = net->arcs_at.first + i;
    VIEW(net, run, cost)
    [activity] = VIEW(net, run, specific_wedge)[i] + VIEW(net, run, ad_valorem)[i] * price;
    VIEW(net, run, slope)
    [activity] = VIEW(net, run, risk_rise)[i] * VIEW(net, run, price_smooth)[arc->from] / room;
}

/* Contract users sell on at a cost and only so much; buying for a contract on the spot market
 * is free but for friction. */
static void offer_resale(const yt_network *net, yt_run *run, int32_t i)
{
    const network_arc *arc = &net->arc[i];
    int32_t activity = net->arcs_at.first + i;
    double use = fmax(VIEW(net, run, throughput)[arc->from], 1e-3);
    if (net->node[arc->from].side == SIDE_CONTRACT) {
        double room = *VIEW(net, run, resale_rate) * use;
        double cost = *VIEW(net, run, resale_cost) * VIEW(net, run, reference_price)[arc->from];
        VIEW(net, run, cost)[activity] = cost;
        VIEW(net, run, slope)[activity] = room > 0 ? cost / room : 0;
        VIEW(net, run, capacity)[activity] = room;
    } else {
        VIEW(net, run, cost)[activity] = 0;
        VIEW(net, run, slope)[activity] = friction_scale(net, run, i) / (2 * use);
    }
}

static void offer_lanes(const yt_network *net, yt_run *run)
{
    void (*const offer[])(const yt_network *, yt_run *,
                          int32_t) = {[ARC_OPEN] = offer_open_lane,
                                      [ARC_ILLEGAL] = offer_illegal_lane,
                                      [ARC_RESALE] = offer_resale};
    for (int32_t i = 0; i < net->arcs; i++)
        offer[net->arc[i].kind](net, run, i);
}

/* ---------------------------------------------------------------------------- holders */

/* ln E = ln p + 3 m g - rho ln(p / A): a trend is projected, prices return to the anchor. */
static double expected_price(const yt_network *net, const yt_run *run, int32_t node)
{
    double price = VIEW(net, run, price_smooth)[node], anchor = VIEW(net, run, anchor)[node];
    double pull = *VIEW(net, run, reversion) * yt_ln(price / anchor);
    double push = 3 * *VIEW(net, run, momentum) * VIEW(net, run, trend)[node];
    return price * yt_exp(push - pull);
}

/* v(S) = beta min(max(E, floor A), cap choke) + cy A (1 + news - S / S*), S* = cover x use. */
static void offer_hold(const yt_network *net, yt_run *run, int32_t i)
{
    int32_t node = net->hold[i].node, activity = net->holds_at.first + i;
    double anchor = VIEW(net, run, anchor)[node];
    double expected =
        fmin(fmax(VIEW(net, run, expected)[node], *VIEW(net, run, anchor_floor) * anchor),
             *VIEW(net, run, value_cap) * VIEW(net, run, choke_price)[node]);
    double news = VIEW(net, run, news_response)[i] *
                  (VIEW(net, run, news)[node] + VIEW(net, run, news_now)[node]);
    double convenience = VIEW(net, run, convenience)[i] * anchor;
    double aim = VIEW(net, run, cover)[i] * fmax(VIEW(net, run, throughput)[node], 1e-3) +
                 (net->hold[i].is_first ? VIEW(net, run, stock_aim)[node] : 0);
    VIEW(net, run, cost)
    [activity] = -(*VIEW(net, run, discount) * expected + convenience * (1 + news));
    VIEW(net, run, slope)[activity] = convenience / aim;
    VIEW(net, run, capacity)[activity] = INFINITY;
}

static void offer_holds(const yt_network *net, yt_run *run)
{
    for (int32_t n = 0; n < net->nodes; n++)
        VIEW(net, run, expected)
    [n] = net->node[n].kind == NODE_GOODS ? expected_price(net, run, n) : 0;
    for (int32_t i = 0; i < net->holds; i++)
        offer_hold(net, run, i);
}

/* --------------------------------------------------------------------- the rest, and go */

/* Throwing away saves the finishing cost, that of the dearest tonne first. */
static void offer_dumps(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->dumps; i++) {
        int32_t activity = net->dumps_at.first + i, node = net->dump[i];
        double saved = -VIEW(net, run, disposal_cost)[node];
        double use = fmax(VIEW(net, run, throughput)[node], 1e-3) + VIEW(net, run, dumped)[node];
        VIEW(net, run, cost)[activity] = -saved;
        VIEW(net, run, slope)[activity] = *VIEW(net, run, line_spread) * saved / use;
        VIEW(net, run, capacity)[activity] = INFINITY;
    }
}

/* Less than a milligram is the rounding of a sum, t: it is left lying. */
#define DUST 1e-9

/* Reserves give what they were told to, as long as they last. */
static void give_supply(const yt_network *net, yt_run *run)
{
    double *supply = VIEW(net, run, supply);
    for (int32_t n = 0; n < net->nodes; n++)
        supply[n] = VIEW(net, run, released)[n] =
            fmin(VIEW(net, run, reserve)[n], VIEW(net, run, shock_release)[n]);
    for (int32_t i = 0; i < net->holds; i++)
        supply[net->hold[i].node] += VIEW(net, run, stock)[i];
    for (int32_t i = 0; i < net->releases; i++)
        supply[net->permit[i].node] += VIEW(net, run, permit_free)[i];
    for (int32_t i = 0; i < net->uses; i++)
        if (net->use[i].scrap_node != YT_NONE)
            supply[net->use[i].scrap_node] +=
                VIEW(net, run, collected)[i] * net->use[i].scrap_yield;
    for (int32_t n = 0; n < net->nodes; n++)
        supply[n] = supply[n] < DUST ? 0 : supply[n];
}

/* Less than a kilogram in a market is nothing, t: nobody trades it, and a market that nearly has
 * nothing breaks solvers. */
#define NOTHING 1e-3

/* Is there something of every input of the activity? */
static bool can_run(const yt_network *net, const double *capacity, const double *had, int32_t j)
{
    bool is_trade = j < net->tiers_at.first || j >= net->releases_at.first;
    if (!(capacity[j] > (is_trade ? NOTHING : 0)))
        return false;
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
        if (net->coefficient[k] < 0 && had[net->row[k]] == 0)
            return false;
    return true;
}

/* Close what cannot happen: markets that nothing reaches this month, and whatever needs them.
 * An activity that makes nothing (use, holding, disposal) waits until all markets are known. */
void sim_close_empty_markets(const yt_network *net, const double *supply, double *capacity,
                             double *had)
{
    for (int32_t n = 0; n < net->nodes; n++)
        had[n] = supply[n] > NOTHING;
    for (int32_t p = 0; p < net->releases; p++)
        if (capacity[net->releases_at.first + p] > NOTHING)
            had[net->permit[p].node] = 1;
    for (bool changed = true; changed;) {
        changed = false;
        for (int32_t j = 0; j < net->tiers_at.first; j++)
            for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
                if (net->coefficient[k] > 0 && had[net->row[k]] == 0 &&
                    can_run(net, capacity, had, j)) {
                    had[net->row[k]] = 1;
                    changed = true;
                }
    }
    for (int32_t j = 0; j < net->activities; j++)
        if (!can_run(net, capacity, had, j))
            capacity[j] = 0;
}

void step_clear_offers(const yt_network *net, yt_run *run)
{
    offer_lanes(net, run);
    offer_holds(net, run);
    offer_dumps(net, run);
    give_supply(net, run);
    sim_close_empty_markets(net, VIEW(net, run, supply), VIEW(net, run, capacity),
                            VIEW(net, run, can_be_had));
    memcpy(VIEW(net, run, clearing_price), VIEW(net, run, price),
           (size_t)net->nodes * sizeof(double));
}

market_problem sim_problem(const yt_network *net, yt_run *run)
{
    return (market_problem){
        .coefficient = net->coefficient,
        .supply = VIEW(net, run, supply),
        .cost = VIEW(net, run, cost),
        .slope = VIEW(net, run, slope),
        .capacity = VIEW(net, run, capacity),
        .reference = VIEW(net, run, reference_price),
        .price = VIEW(net, run, clearing_price),
        .level = VIEW(net, run, level),
    };
}

bool step_clear_accept(const yt_network *net, yt_run *run)
{
    (void)net;
    if (!(market_certificate_worst(&run->certificate) <= MARKET_BAR))
        run->status = YT_ENUMERIC;
    return run->status == YT_OK;
}
