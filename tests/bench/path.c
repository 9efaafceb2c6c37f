/* path.c - shocks, memories and offers of an invented chain's months. */
#include "bench/path.h"
#include "base/math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Memories in months, and the forms of docs/model.md 7.5 with round numbers. */
#define SMOOTHING 3.0
#define ANCHOR 36.0
#define USUAL 12.0
#define ENTRY 0.02      /* of a market's throughput: what a new lane is judged at    */
#define COVER 3.0       /* months of throughput holders aim at                       */
#define CONVENIENCE 1.0 /* worth of an empty store, in anchors                       */
#define PRICE_CAP 12.0  /* references: holders' and traders' memory of prices ends   */
#define PRICE_FLOOR 0.02
#define EXPANSION 0.03 /* a month, of capacity, for a profit equal to the trade's value */

static double *zeros(int32_t count)
{
    double *now = calloc((size_t)count + 1, sizeof(double));
    if (!now)
        abort();
    return now;
}

path path_new(const structure *made, uint64_t seed)
{
    const int32_t markets = made->markets, activities = made->activities;
    path p = {.made = made, .random = seed};
    double **const of_market[] = {&p.supply, &p.price, &p.smooth, &p.anchor, &p.stock};
    double **const of_activity[] = {&p.cost,  &p.slope, &p.capacity, &p.level, &p.range,
                                    &p.usual, &p.shock, &p.drift,    &p.outage};
    for (size_t k = 0; k < sizeof(of_market) / sizeof(*of_market); k++)
        *of_market[k] = zeros(markets);
    for (size_t k = 0; k < sizeof(of_activity) / sizeof(*of_activity); k++)
        *of_activity[k] = zeros(activities);
    for (int32_t i = 0; i < markets; i++) {
        p.price[i] = p.smooth[i] = p.anchor[i] = made->reference[i];
        p.stock[i] = 0.7 * COVER * made->throughput[i];
    }
    for (int32_t j = 0; j < activities; j++)
        if (made->activity[j].role == LANE)
            p.usual[j] = 0.1 * made->throughput[made->activity[j].to];
    return p;
}

void path_free(path *p)
{
    double *const all[] = {p->supply, p->price, p->smooth,   p->anchor, p->stock,
                           p->cost,   p->slope, p->capacity, p->level,  p->range,
                           p->usual,  p->shock, p->drift,    p->outage};
    for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
        free(all[k]);
}

bool path_is_embargo(int32_t month)
{
    return (month >= 120 && month < 144) || (month >= 300 && month < 312);
}

static double clamp(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

/* Profit of a tonne at last month's prices over the value it takes and gives, -1..1. */
static double margin(const path *p, int32_t j)
{
    const structure *s = p->made;
    double profit = -s->activity[j].cost, value = s->activity[j].cost;
    for (int32_t e = s->start[j]; e < s->start[j + 1]; e++) {
        profit += s->coefficient[e] * p->price[s->row[e]];
        value += fabs(s->coefficient[e]) * p->price[s->row[e]];
    }
    return profit / value;
}

/* Capacity follows profit, slowly: otherwise one scarce oxide starves all that is made of it. */
static void drift_capacity(path *p, int32_t j)
{
    p->drift[j] += EXPANSION * (margin(p, j) - 0.1) + 0.003 * bench_noise(&p->random);
    p->drift[j] = clamp(p->drift[j], -1.5, 1.5);
    const bool stops = bench_uniform(&p->random, 0, 1) < 0.01;
    p->outage[j] = p->outage[j] > 0 ? p->outage[j] - 1 : stops ? 3 : 0;
}

static void draw_shocks(path *p)
{
    for (int32_t j = 0; j < p->made->activities; j++) {
        const activity_role role = p->made->activity[j].role;
        const double size = role == LANE ? 0.02 : role == BUYER ? 0.015 : 0.01;
        p->shock[j] = 0.97 * p->shock[j] + size * bench_noise(&p->random);
        if (role == MINE || role == PLANT)
            drift_capacity(p, j);
    }
}

static void offer_facility(path *p, int32_t j)
{
    const base_activity *base = &p->made->activity[j];
    p->cost[j] = base->cost * yt_exp(p->shock[j]);
    p->slope[j] = base->slope * yt_exp(p->shock[j]);
    p->capacity[j] = p->outage[j] > 0 ? 0 : base->capacity * yt_exp(p->drift[j]);
}

/* Demand moves as a whole: as much more at every price. */
static void offer_user(path *p, int32_t j)
{
    const base_activity *base = &p->made->activity[j];
    p->cost[j] = base->cost;
    p->slope[j] = base->slope * yt_exp(-p->shock[j]);
    p->capacity[j] = base->capacity * yt_exp(p->shock[j]);
}

/* A holder's value of a tonne falls with what is held: in units of a slow anchor (CHOSEN), or of
 * the price last month (FLAT). */
static void offer_holder(path *p, int32_t j)
{
    const base_activity *base = &p->made->activity[j];
    const int32_t i = base->market;
    const double reference = p->made->reference[i], aim = COVER * p->made->throughput[i];
    double value, slope;
    if (p->made->shape.form == FORM_CHOSEN) {
        const double anchor = fmax(p->anchor[i], 0.05 * reference);
        slope = CONVENIENCE * anchor / aim;
        value = 0.98 * clamp(p->smooth[i], 0.5 * anchor, PRICE_CAP * reference) +
                slope * (aim - p->stock[i]);
    } else {
        value = clamp(0.97 * p->price[i], PRICE_FLOOR * reference, PRICE_CAP * reference);
        slope = 0.2 * value / p->made->throughput[i];
    }
    const double sign = base->role == SELLER ? 1 : -1;
    p->cost[j] = sign * value;
    p->slope[j] = slope;
    p->capacity[j] = base->role == SELLER ? p->stock[i] : fmax(4 * aim - p->stock[i], 0);
}

static void offer_lane(path *p, int32_t j)
{
    const base_activity *base = &p->made->activity[j];
    const double reference = p->made->reference[base->market];
    p->cost[j] = base->cost * yt_exp(p->shock[j]);
    p->slope[j] = base->slope;
    p->capacity[j] = base->capacity;
    p->range[j] = 2 * fmax(p->made->throughput[base->market], p->made->throughput[base->to]);
    if (p->made->shape.form == FORM_CHOSEN) {
        const double known = fmax(p->usual[j], ENTRY * p->made->throughput[base->to]),
                     scale = clamp(p->smooth[base->market], PRICE_FLOOR * reference,
                                   PRICE_CAP * reference);
        p->slope[j] = 0.5 * base->slope * scale / known;
        p->cost[j] -= p->slope[j] * p->usual[j];
        p->range[j] = 3 * known;
    } else if (base->is_controlled) {
        p->capacity[j] = (0.1 + 0.05 * (p->month / 12 % 3)) * p->made->throughput[base->market];
    }
    if (base->is_controlled && path_is_embargo(p->month))
        p->capacity[j] = 0;
}

static void offer_permits(path *p, int32_t j)
{
    const base_activity *base = &p->made->activity[j];
    p->cost[j] = base->cost;
    p->slope[j] = base->slope;
    p->capacity[j] = base->capacity * (0.6 + 0.2 * (p->month / 12 % 3));
}

static void offer(path *p, int32_t j)
{
    switch (p->made->activity[j].role) {
    case MINE:
    case PLANT:
        offer_facility(p, j);
        break;
    case LANE:
        offer_lane(p, j);
        break;
    case BUYER:
        offer_user(p, j);
        break;
    case SELLER:
    case KEEPER:
        offer_holder(p, j);
        break;
    case RELEASE:
        offer_permits(p, j);
        break;
    }
    if (isfinite(p->capacity[j]))
        p->range[j] = p->capacity[j];
}

market_problem path_pose(path *p)
{
    draw_shocks(p);
    for (int32_t j = 0; j < p->made->activities; j++)
        offer(p, j);
    return (market_problem){.coefficient = p->made->coefficient,
                            .supply = p->supply,
                            .cost = p->cost,
                            .slope = p->slope,
                            .capacity = p->capacity,
                            .reference = p->made->reference,
                            .price = p->price,
                            .level = p->level};
}

void path_book(path *p)
{
    for (int32_t j = 0; j < p->made->activities; j++) {
        const base_activity *base = &p->made->activity[j];
        double *stock = &p->stock[base->market];
        if (base->role == SELLER)
            *stock = fmax(*stock - p->level[j], 0);
        if (base->role == KEEPER)
            *stock += p->level[j];
        if (base->role == LANE)
            p->usual[j] += (p->level[j] - p->usual[j]) / USUAL;
    }
    for (int32_t i = 0; i < p->made->markets; i++) {
        const double price = fmin(p->price[i], PRICE_CAP * p->made->reference[i]);
        p->smooth[i] += (price - p->smooth[i]) / SMOOTHING;
        p->anchor[i] += (price - p->anchor[i]) / ANCHOR;
    }
    p->month++;
}
