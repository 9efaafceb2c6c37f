/* learn.c - what traders, holders and users take from the month: prices in memory, usual
 * flows, thrift, the asks of permit holders.
 *
 * Every memory is a moving average: next = last + (now - last) / time.
 * Model: docs/model.md, "Learning".  Writes the next_... flows.
 */
#include "base/math.h"
#include "sim/sim.h"

#include <math.h>
#include <string.h>

static double remember(double last, double now, double time)
{
    return time > 1 ? last + (now - last) / time : now;
}

/* Months in which the log price moved more than this count as this much in the trend. */
#define TREND_CLIP 0.3
/* Prices in memory stay above this share of the reference: a floor for scales, not a price. */
#define PRICE_FLOOR 1e-3

static double clip(double x, double most)
{
    return x > most ? most : x < -most ? -most : x;
}

/* A market in which nothing moved and nothing lies has no price: the last one is kept, as a
 * start for the solver, and nobody learns from it. */
static double known_price(const yt_network *net, const yt_run *run, int32_t node)
{
    bool is_idle = VIEW(net, run, can_be_had)[node] == 0;
    return is_idle ? VIEW(net, run, price)[node] : VIEW(net, run, clearing_price)[node];
}

static void learn_prices(const yt_network *net, yt_run *run)
{
    for (int32_t n = 0; n < net->nodes; n++) {
        double floor = PRICE_FLOOR * VIEW(net, run, reference_price)[n];
        VIEW(net, run, next_price)[n] = known_price(net, run, n);
        double now = fmax(VIEW(net, run, next_price)[n], floor);
        double last = fmax(VIEW(net, run, price)[n], floor);
        VIEW(net, run, next_price_smooth)
        [n] = remember(VIEW(net, run, price_smooth)[n], now, *VIEW(net, run, smoothing_time));
        VIEW(net, run, next_trend)
        [n] = remember(VIEW(net, run, trend)[n], clip(yt_ln(now / last), TREND_CLIP),
                       *VIEW(net, run, smoothing_time));
        VIEW(net, run, next_anchor)
        [n] = remember(VIEW(net, run, anchor)[n], now, *VIEW(net, run, anchor_time));
    }
}

static double permits_of(const yt_network *net, const yt_run *run, int32_t arc)
{
    double cost = 0;
    int32_t j = net->arcs_at.first + arc;
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
        if (net->node[net->row[k]].kind == NODE_PERMIT)
            cost -= net->coefficient[k] * VIEW(net, run, clearing_price)[net->row[k]];
    return cost;
}

/* What a tonne costs at the border and at the buyer's door; wedges are on last month's price. */
static void learn_lane_prices(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->arcs; i++) {
        int32_t from = net->arc[i].from;
        double inside = VIEW(net, run, clearing_price)[from] + permits_of(net, run, i);
        double last = VIEW(net, run, price)[from];
        VIEW(net, run, border_price)
        [i] = inside + (VIEW(net, run, export_tax)[i] + VIEW(net, run, arc_origin_tax)[i]) * last;
        VIEW(net, run, landed_price)
        [i] = inside + VIEW(net, run, specific_wedge)[i] +
              (VIEW(net, run, ad_valorem)[i] + VIEW(net, run, arc_tax)[i]) * last;
    }
}

/* Contract users pay what the goods cost to bring in, averaged; elsewhere the invoice is a
 * moving average of the price. */
static double landed_cost(const yt_network *net, const yt_run *run, int32_t node)
{
    double tonnes = 0, dollars = 0;
    for (int32_t i = 0; i < net->arcs; i++) {
        if (net->arc[i].to != node || net->arc[i].kind != ARC_OPEN)
            continue;
        double flow = VIEW(net, run, level)[net->arcs_at.first + i];
        tonnes += flow;
        dollars += flow * VIEW(net, run, landed_price)[i];
    }
    return tonnes > 0 ? dollars / tonnes : VIEW(net, run, next_price)[node];
}

static void learn_invoices(const yt_network *net, yt_run *run)
{
    for (int32_t n = 0; n < net->nodes; n++) {
        double now = net->node[n].side == SIDE_CONTRACT ? landed_cost(net, run, n)
                                                        : VIEW(net, run, next_price)[n];
        VIEW(net, run, next_invoice)
        [n] = remember(VIEW(net, run, invoice)[n], now, *VIEW(net, run, invoice_time));
    }
}

/* What the activities before the holders take from each node. */
static void measure_use(const yt_network *net, yt_run *run)
{
    double *use = VIEW(net, run, use);
    memset(use, 0, (size_t)net->nodes * sizeof *use);
    const double *level = VIEW(net, run, level);
    for (int32_t j = 0; j < net->holds_at.first; j++)
        for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
            if (net->coefficient[k] < 0)
                use[net->row[k]] -= net->coefficient[k] * level[j];
}

/* A market with no past takes its first month for usual. */
static double usual(double last, double now, double time)
{
    return last > 0 ? remember(last, now, time) : now;
}

static void learn_flows(const yt_network *net, yt_run *run)
{
    double time = *VIEW(net, run, usual_time);
    measure_use(net, run);
    for (int32_t i = 0; i < net->releases; i++)
        VIEW(net, run, permit_used)[i] = VIEW(net, run, use)[net->permit[i].node];
    for (int32_t n = 0; n < net->nodes; n++)
        VIEW(net, run, next_throughput)
    [n] = usual(VIEW(net, run, throughput)[n], VIEW(net, run, use)[n], time);
    for (int32_t i = 0; i < net->arcs; i++) {
        double flow = VIEW(net, run, level)[net->arcs_at.first + i];
        VIEW(net, run, next_usual_flow)
        [i] = usual(VIEW(net, run, usual_flow)[i], flow, VIEW(net, run, lane_memory)[i]);
        VIEW(net, run, next_recent_flow)[i] = usual(VIEW(net, run, recent_flow)[i], flow, time);
    }
}

/* theta' = (theta* - theta) / tau, theta* = clip((p / p0)^-e_long, floor, 1): fast down, slow
 * up.  Source: docs/model.md, "Thrift". */
static void learn_thrift(const yt_network *net, yt_run *run)
{
    for (int32_t s = 0; s < net->segments; s++) {
        int32_t node = net->segment[s].node;
        double reference = VIEW(net, run, reference_price)[node];
        double memory = remember(VIEW(net, run, price_memory)[s],
                                 fmax(VIEW(net, run, next_price)[node], PRICE_FLOOR * reference),
                                 *VIEW(net, run, thrift_memory));
        double theta = VIEW(net, run, intensity)[s];
        double aim = yt_pow(memory / reference, -VIEW(net, run, elasticity_long)[s]);
        aim = fmin(1, fmax(VIEW(net, run, thrift_floor)[s], aim));
        double time = aim < theta ? VIEW(net, run, thrift_down)[s] : VIEW(net, run, thrift_up)[s];
        VIEW(net, run, next_price_memory)[s] = memory;
        VIEW(net, run, next_intensity)[s] = remember(theta, aim, time);
    }
}

/* ask *= exp(gamma (sold / pace - 1)): holders who sell faster than their batch allows ask
 * more. */
static void learn_asks(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->releases; i++) {
        const network_permit *permit = &net->permit[i];
        double *next = &VIEW(net, run, next_ask)[i];
        *next = VIEW(net, run, ask)[i];
        double most = VIEW(net, run, capacity)[net->releases_at.first + i];
        if (!permit->has_ask || !(most > 0))
            continue;
        double pace = VIEW(net, run, permit_pace)[i], sold = VIEW(net, run, permit_used)[i];
        double growth = VIEW(net, run, ask_speed)[i] * (sold / pace - 1);
        *next = fmax(VIEW(net, run, ask_floor)[i], *next * yt_exp(growth));
    }
}

/* ---------------------------------------------------------------- those who decide */

#define VOLATILITY_TIME 24 /* months */
#define LARGE_CLIP 1.0     /* a month in which the log price moved more counts as this much */

static void learn_volatility(const yt_network *net, yt_run *run)
{
    for (int32_t n = 0; n < net->nodes; n++) {
        double last = fmax(VIEW(net, run, price)[n], 1e-9);
        double move = clip(yt_ln(fmax(VIEW(net, run, next_price)[n], 1e-9) / last), LARGE_CLIP);
        VIEW(net, run, next_volatility)
        [n] = remember(VIEW(net, run, volatility)[n], move * move, VOLATILITY_TIME);
    }
}

static void learn_output(const yt_network *net, yt_run *run)
{
    double *now = VIEW(net, run, next_stage_output);
    int32_t techs = net->regions.count * net->stages.count;
    memset(now, 0, (size_t)techs * sizeof *now);
    for (int32_t i = 0; i < net->plants; i++) {
        double made = VIEW(net, run, level)[net->plants_at.first + i];
        VIEW(net, run, next_plant_output)[i] = made;
        now[net->plant[i].tech] += made;
    }
    for (int32_t k = 0; k < techs; k++)
        now[k] = usual(VIEW(net, run, stage_output)[k], now[k], 12);
}

static void learn_demand(const yt_network *net, yt_run *run)
{
    double worth = 0;
    for (int32_t s = 0; s < net->segments; s++)
        worth += VIEW(net, run, demand)[s] * VIEW(net, run, reference_price)[net->segment[s].node];
    *VIEW(net, run, next_demand_now) = usual(*VIEW(net, run, demand_now), worth, 12);
    *VIEW(net, run, next_demand_past) = usual(*VIEW(net, run, demand_past), worth, 48);
}

/* Practice is full at a tenth of the world's work.  K' = K + (learning practice + research)
 * (1 - K) - forgetting (1 - practice) K + transfer (leader - K). */
#define FULL_PRACTICE 0.1

static void learn_skill(const yt_network *net, yt_run *run, int32_t stage)
{
    const double *output = VIEW(net, run, stage_output), *skill = VIEW(net, run, know_how);
    double world = 0, leader = 0, ban = 0;
    for (int32_t r = 0; r < net->regions.count; r++) {
        int32_t tech = network_tech(net, r, stage);
        world += output[tech];
        if (skill[tech] > leader) {
            leader = skill[tech];
            ban = VIEW(net, run, transfer_ban)[tech];
        }
    }
    for (int32_t r = 0; r < net->regions.count; r++) {
        int32_t tech = network_tech(net, r, stage);
        double practice = world > 0 ? fmin(1, output[tech] / (FULL_PRACTICE * world)) : 0;
        double gain = VIEW(net, run, learning)[tech] * practice + VIEW(net, run, research)[tech];
        double loss = VIEW(net, run, forgetting)[tech] * (1 - practice);
        double taken = VIEW(net, run, transfer)[tech] * (1 - ban) * (leader - skill[tech]);
        double next = skill[tech] + gain * (1 - skill[tech]) - loss * skill[tech] + taken;
        VIEW(net, run, next_know_how)[tech] = fmin(1, fmax(0, next));
    }
}

/* Of what critical users wanted and did not get, by region. */
static void learn_shortage(const yt_network *net, yt_run *run)
{
    for (int32_t r = 0; r < net->regions.count; r++) {
        double wanted = 0, missing = 0;
        for (int32_t s = 0; s < net->segments; s++) {
            if (net->segment[s].region != r)
                continue;
            double worth = VIEW(net, run, reference_price)[net->segment[s].node];
            double critical = net->segment[s].share_critical * VIEW(net, run, wanted)[s];
            wanted += worth * critical;
            missing += worth * fmax(0, critical - sim_served(net, run, s));
        }
        VIEW(net, run, next_shortage)[r] = wanted > 0 ? missing / wanted : 0;
    }
}

static void learn_to_decide(const yt_network *net, yt_run *run)
{
    learn_volatility(net, run);
    learn_output(net, run);
    learn_demand(net, run);
    learn_shortage(net, run);
    for (int32_t stage = 0; sim_decides(net, run) && stage < net->stages.count; stage++)
        learn_skill(net, run, stage);
}

void step_learn(const yt_network *net, yt_run *run)
{
    learn_prices(net, run);
    learn_lane_prices(net, run);
    learn_invoices(net, run);
    learn_flows(net, run);
    learn_thrift(net, run);
    learn_asks(net, run);
    learn_to_decide(net, run);
}
