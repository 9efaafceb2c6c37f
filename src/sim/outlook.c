/* outlook.c - what investors think goods will bring and cost, where they trade today and where
 * the next step of the chain has still to be built.
 *
 * A market that lives has a price: its smoothed price and what holders think normal, averaged.
 * One that does not has the best of what its goods fetch elsewhere, or would be worth to plants
 * that could be built there; and the least of what they cost to bring in or to make there.
 * Model: docs/model.md, "Pipeline".  Writes outlook_sell and outlook_buy.
 */
#include "base/math.h"
#include "sim/sim.h"

#include <math.h>

#define LEAST_SHARE 0.01   /* of a price that is left to pay, whatever rebates there are       */
#define ALIVE 1e-3         /* t/month: less is no market                                     */
#define CHAIN_ROUNDS 4     /* steps of the chain that may be missing one after the other     */
#define CAPITAL_CHARGE 1.3 /* full cost of a step that is not there yet, over its running cost */

static bool is_alive(const yt_network *net, const yt_run *run, int32_t node)
{
    return net->node[node].kind == NODE_GOODS && VIEW(net, run, throughput)[node] > ALIVE;
}

static void start_from_prices(const yt_network *net, yt_run *run)
{
    for (int32_t n = 0; n < net->nodes; n++) {
        bool alive = is_alive(net, run, n);
        double usual = yt_exp(0.5 * (yt_ln(fmax(VIEW(net, run, price_smooth)[n], 1e-9)) +
                                     yt_ln(fmax(VIEW(net, run, anchor)[n], 1e-9))));
        VIEW(net, run, outlook_sell)[n] = alive ? usual : 0;
        VIEW(net, run, outlook_buy)[n] = alive ? usual : INFINITY;
    }
}

/* A dead market is as good as its best outlet and as dear as its cheapest source. */
static void look_along_lane(const yt_network *net, yt_run *run, int32_t i)
{
    const network_arc *arc = &net->arc[i];
    double *sell = VIEW(net, run, outlook_sell), *buy = VIEW(net, run, outlook_buy);
    double ad_valorem = VIEW(net, run, ad_valorem)[i] + VIEW(net, run, arc_tax)[i];
    double freight = VIEW(net, run, specific_wedge)[i];
    if (arc->kind == ARC_ILLEGAL || !(VIEW(net, run, capacity)[net->arcs_at.first + i] > 0))
        return;
    if (!is_alive(net, run, arc->from))
        sell[arc->from] =
            fmax(sell[arc->from], (sell[arc->to] - freight) / fmax(1 + ad_valorem, LEAST_SHARE));
    if (!is_alive(net, run, arc->to))
        buy[arc->to] = fmin(buy[arc->to], buy[arc->from] * (1 + ad_valorem) + freight);
}

/* What a unit of an activity sells, buys and costs at the outlook, and the goods that matter. */
typedef struct step {
    double sold, bought, hours;
    int32_t main_out, main_in;
    double out_coefficient, in_coefficient;
} step;

static step look_at_step(const yt_network *net, const yt_run *run, int32_t j)
{
    step s = {.main_out = YT_NONE, .main_in = YT_NONE};
    double best = -1;
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++) {
        int32_t n = net->row[k];
        double a = net->coefficient[k];
        if (net->node[n].kind == NODE_CAPACITY)
            s.hours -= a;
        if (net->node[n].kind != NODE_GOODS)
            continue;
        double worth = a * (a > 0 ? VIEW(net, run, outlook_sell)[n] : 1);
        if (a > 0) {
            s.sold += worth;
            if (worth > best) {
                best = worth;
                s.main_out = n;
                s.out_coefficient = a;
            }
        } else {
            s.bought -= a * VIEW(net, run, outlook_buy)[n];
            if (-a > s.in_coefficient) {
                s.main_in = n;
                s.in_coefficient = -a;
            }
        }
    }
    return s;
}

/* A step that could be built gives its feed a worth and its product a cost. */
static void look_through_step(const yt_network *net, yt_run *run, int32_t j, double cost)
{
    step s = look_at_step(net, run, j);
    double *sell = VIEW(net, run, outlook_sell), *buy = VIEW(net, run, outlook_buy);
    if (s.main_in != YT_NONE && !is_alive(net, run, s.main_in)) {
        double own = s.in_coefficient * buy[s.main_in];
        double others = isinf(own) ? 0 : s.bought - own;
        sell[s.main_in] = fmax(sell[s.main_in], (s.sold - others - cost) / s.in_coefficient);
    }
    if (s.main_out != YT_NONE && !is_alive(net, run, s.main_out)) {
        double others = s.sold - s.out_coefficient * sell[s.main_out];
        double made = (s.bought + cost - others) / s.out_coefficient;
        buy[s.main_out] = fmin(buy[s.main_out], fmax(0, made));
    }
}

static void look_through_chain(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->arcs; i++)
        look_along_lane(net, run, i);
    for (int32_t i = 0; i < net->plants; i++)
        if (net->plant[i].recipe != YT_NONE)
            look_through_step(net, run, net->plants_at.first + i,
                              CAPITAL_CHARGE * VIEW(net, run, operating_cost)[i]);
    for (int32_t i = 0; i < net->lines; i++)
        look_through_step(net, run, net->lines_at.first + i,
                          CAPITAL_CHARGE * VIEW(net, run, reference_price)[net->line[i].node]);
}

void sim_look_ahead(const yt_network *net, yt_run *run)
{
    start_from_prices(net, run);
    for (int32_t round = 0; round < CHAIN_ROUNDS; round++)
        look_through_chain(net, run);
}

double sim_worth_of_work(const yt_network *net, const yt_run *run, int32_t plant, int32_t *node)
{
    const network_plant *p = &net->plant[plant];
    double best = -INFINITY;
    *node = YT_NONE;
    if (p->recipe != YT_NONE) {
        step s = look_at_step(net, run, net->plants_at.first + plant);
        *node = s.main_out;
        return s.sold - s.bought;
    }
    for (int32_t i = 0; i < net->lines; i++) {
        if (net->line[i].node != p->node)
            continue;
        step s = look_at_step(net, run, net->lines_at.first + i);
        double worth = s.hours > 0 ? (s.sold - s.bought) / s.hours : -INFINITY;
        if (worth > best) {
            best = worth;
            *node = s.main_out;
        }
    }
    return best;
}
