/* market.c - how long a month's clearing takes, along 480 months of an invented world.
 *
 * Ore -> oxides (one plant makes several) -> metals -> alloys -> products, in regions joined by
 * lanes; five tiers of buyers, a holder in every market, export permits, outages, embargoes in
 * months 120-143 and 300-311.  Demand and freight move by a few per cent a month.
 *     bench_market [seed]     prints us of processor time per month: mean, median, p95, worst;
 *                             share of fallbacks
 *
 * `newton` and `interior` clear one path alone; `batch` clears 32 paths of one structure side by
 * side, and a month's time is that of the batch over 32.
 */
#include "market/market.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MONTHS = 480, TIERS = 5, LANES = 5, MAX_RECIPE = 12 };

typedef enum role { MINE, PLANT, LANE, BUYER, SELLER, KEEPER } activity_role;

/* What an activity is at its base, before the month's shocks. */
typedef struct base_activity {
    activity_role role;
    int32_t region; /* where it stands; of a lane: where it starts */
    int32_t market; /* of BUYER, SELLER, KEEPER                    */
    double cost, slope, capacity;
} base_activity;

typedef struct bench {
    int32_t stages, regions, markets, activities, nonzeros, room, entries_room;
    base_activity *base;
    int32_t *start, *row;
    double *coefficient;
    double *supply, *reference, *price;                       /* [markets]    */
    double *cost, *slope, *capacity, *level, *shock, *outage; /* [activities] */
    double *stock, *use;                                      /* [markets]    */
    uint64_t random;
} bench;

static double uniform(bench *b, double low, double high)
{
    uint64_t z = b->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return low + (high - low) * (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

/* About normal, variance 1. */
static double noise(bench *b)
{
    double sum = -6;
    for (int k = 0; k < 12; k++)
        sum += uniform(b, 0, 1);
    return sum;
}

static void *grown(void *old, int32_t count, size_t size)
{
    void *now = realloc(old, (size_t)count * size);
    if (!now)
        abort();
    return now;
}

static void add_activity(bench *b, base_activity made)
{
    if (b->activities == b->room) {
        b->room = b->room * 2 + 1024;
        b->base = grown(b->base, b->room, sizeof(base_activity));
        b->start = grown(b->start, b->room + 1, sizeof(int32_t));
        b->start[0] = 0;
    }
    b->base[b->activities++] = made;
    b->start[b->activities] = b->nonzeros;
}

/* Entry of the newest activity, rows kept ascending. */
static void add_entry(bench *b, int32_t market, double coefficient)
{
    if (b->nonzeros == b->entries_room) {
        b->entries_room = b->entries_room * 2 + 4096;
        b->row = grown(b->row, b->entries_room, sizeof(int32_t));
        b->coefficient = grown(b->coefficient, b->entries_room, sizeof(double));
    }
    int32_t e = b->nonzeros++;
    for (; e > b->start[b->activities - 1] && b->row[e - 1] > market; e--) {
        b->row[e] = b->row[e - 1];
        b->coefficient[e] = b->coefficient[e - 1];
    }
    b->row[e] = market;
    b->coefficient[e] = coefficient;
    b->start[b->activities] = b->nonzeros;
}

/* ---------------------------------------------------------------------------- world */

/* Quarters of the commodities: ores, oxides, metals and alloys, products. */
static int32_t quarter(const bench *b, int32_t commodity)
{
    return commodity * 4 / b->stages;
}

static void add_single(bench *b, activity_role role, int32_t market, double sign,
                       base_activity made)
{
    made.role = role;
    made.market = market;
    made.region = market % b->regions;
    add_activity(b, made);
    add_entry(b, market, sign);
}

static void add_market_activities(bench *b, int32_t market, int32_t permit)
{
    const int32_t commodity = market / b->regions, region = market % b->regions;
    const double price = b->reference[market], flow = uniform(b, 20, 200);
    b->use[market] = flow;
    b->stock[market] = 2 * flow;
    if (quarter(b, commodity) == 0 && uniform(b, 0, 1) < 0.5)
        add_single(b, MINE, market, 1,
                   (base_activity){
                       .cost = 0.5 * price, .slope = 0.3 * price / flow, .capacity = 3 * flow});
    if (quarter(b, commodity) == 3 || uniform(b, 0, 1) < 0.3)
        for (int tier = 0; tier < TIERS; tier++) {
            const double bid = price * (0.5 + 0.6 * tier * tier / 2);
            add_single(
                b, BUYER, market, -1,
                (base_activity){.cost = -1.3 * bid, .slope = bid / flow, .capacity = 0.6 * flow});
        }
    add_single(b, SELLER, market, 1,
               (base_activity){.cost = 0.98 * price, .slope = 0.4 * price / flow});
    add_single(
        b, KEEPER, market, -1,
        (base_activity){.cost = -0.96 * price, .slope = 0.4 * price / flow, .capacity = flow});
    for (int lane = 0; lane < LANES; lane++) {
        const int32_t to = (int32_t)uniform(b, 0, b->regions);
        if (to == region)
            continue;
        add_activity(
            b, (base_activity){LANE, region, market, 0.03 * price, 0.05 * price / flow, INFINITY});
        add_entry(b, market, -1);
        add_entry(b, commodity * b->regions + to, 1);
        if (region == 0 && quarter(b, commodity) == 1)
            add_entry(b, permit, -1);
    }
}

/* Plants that make commodity `commodity` in `region`; an ore's plant makes many oxides. */
static void add_plants(bench *b, int32_t commodity, int32_t region)
{
    const int32_t stage = quarter(b, commodity), per_stage = (b->stages + 3) / 4;
    const double price = b->reference[commodity * b->regions + region];
    if (stage == 0 || uniform(b, 0, 1) < 0.4)
        return;
    add_activity(b, (base_activity){PLANT, region, commodity * b->regions + region, 0.1 * price,
                                    0.0005 * price, uniform(b, 50, 400)});
    const int32_t feeds = stage == 1 ? 1 : 1 + (int32_t)uniform(b, 0, 3);
    int32_t used[MAX_RECIPE], count = 0;
    for (int32_t f = 0; f < feeds; f++) {
        int32_t from = (int32_t)uniform(b, 0, per_stage) + commodity - per_stage;
        while (from > 0 && quarter(b, from) >= stage)
            from--;
        from = from < 0 ? 0 : from;
        bool is_new = true;
        for (int32_t k = 0; k < count; k++)
            is_new &= used[k] != from;
        if (is_new)
            used[count++] = from;
    }
    for (int32_t k = 0; k < count; k++)
        add_entry(b, used[k] * b->regions + region, -uniform(b, 0.4, 1.2) / count);
    add_entry(b, commodity * b->regions + region, stage == 1 ? 0.3 : 1);
    for (int32_t other = 0; stage == 1 && other < b->stages; other++)
        if (quarter(b, other) == 1 && other != commodity && uniform(b, 0, 1) < 0.6)
            add_entry(b, other * b->regions + region, uniform(b, 0.01, 0.15));
}

static bench make_world(int32_t stages, int32_t regions, uint64_t seed)
{
    bench b = {.stages = stages, .regions = regions, .markets = stages * regions + 1};
    b.random = seed;
    const size_t m = (size_t)b.markets;
    b.supply = calloc(m, sizeof(double));
    b.reference = calloc(m, sizeof(double));
    b.price = calloc(m, sizeof(double));
    b.stock = calloc(m, sizeof(double));
    b.use = calloc(m, sizeof(double));
    const int32_t permit = b.markets - 1;
    b.reference[permit] = 5;
    for (int32_t c = 0; c < stages; c++) {
        const double price = uniform(&b, 5, 40) * (1 + 3 * quarter(&b, c));
        for (int32_t r = 0; r < regions; r++)
            b.reference[c * regions + r] = price;
    }
    for (int32_t i = 0; i < permit; i++)
        add_market_activities(&b, i, permit);
    for (int32_t c = 0; c < stages; c++)
        for (int32_t r = 0; r < regions; r++)
            add_plants(&b, c, r);
    const size_t n = (size_t)b.activities;
    b.cost = calloc(n, sizeof(double));
    b.slope = calloc(n, sizeof(double));
    b.capacity = calloc(n, sizeof(double));
    b.level = calloc(n, sizeof(double));
    b.shock = calloc(n, sizeof(double));
    b.outage = calloc(n, sizeof(double));
    memcpy(b.price, b.reference, m * sizeof(double));
    return b;
}

static void free_world(bench *b)
{
    void *const all[] = {b->base,      b->start, b->row,   b->coefficient, b->supply,
                         b->reference, b->price, b->cost,  b->slope,       b->capacity,
                         b->level,     b->shock, b->stock, b->use,         b->outage};
    for (size_t k = 0; k < sizeof(all) / sizeof(*all); k++)
        free(all[k]);
}

/* ------------------------------------------------------------------------------ months */

static void set_month(bench *b, int month)
{
    const bool is_embargo = (month >= 120 && month < 144) || (month >= 300 && month < 312);
    for (int32_t j = 0; j < b->activities; j++) {
        const base_activity *base = &b->base[j];
        b->shock[j] = 0.97 * b->shock[j] + (base->role == LANE ? 0.02 : 0.015) * noise(b);
        if (base->role == MINE || base->role == PLANT)
            b->outage[j] = b->outage[j] > 0 ? b->outage[j] - 1 : uniform(b, 0, 1) < 0.01 ? 3 : 0;
        const double factor = 1 + fmin(fmax(b->shock[j], -0.5), 0.5);
        b->cost[j] = base->cost * factor;
        b->slope[j] = base->slope;
        b->capacity[j] = b->outage[j] > 0 ? 0 : base->capacity * (base->role == LANE ? 1 : factor);
        if (base->role == SELLER)
            b->capacity[j] = b->stock[base->market];
        if (base->role == LANE && base->region == 0 && is_embargo &&
            quarter(b, base->market / b->regions) == 1)
            b->capacity[j] = 0;
    }
    b->supply[b->markets - 1] = 300 + 100 * (month / 12 % 3);
}

static void keep_stocks(bench *b)
{
    for (int32_t j = 0; j < b->activities; j++)
        if (b->base[j].role == SELLER || b->base[j].role == KEEPER) {
            double *stock = &b->stock[b->base[j].market];
            *stock += b->base[j].role == KEEPER ? b->level[j] : -b->level[j];
            *stock = fmin(fmax(*stock, 0), 12 * b->use[b->base[j].market]);
        }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static market_problem posed(bench *b)
{
    return (market_problem){.coefficient = b->coefficient,
                            .supply = b->supply,
                            .cost = b->cost,
                            .slope = b->slope,
                            .capacity = b->capacity,
                            .reference = b->reference,
                            .price = b->price,
                            .level = b->level};
}

static void *scratch_new(const market_pattern *pattern)
{
    void *scratch = aligned_alloc(64, (market_scratch_size(pattern) + 127) / 64 * 64);
    if (!scratch)
        abort();
    return scratch;
}

static void time_path(int32_t stages, int32_t regions, uint64_t seed, bool interior_only)
{
    bench b = make_world(stages, regions, seed);
    market_pattern *pattern = NULL;
    const double before = now();
    if (market_pattern_new(b.markets, b.activities, b.start, b.row, &pattern))
        abort();
    const double analysis = now() - before;
    void *scratch = scratch_new(pattern);
    double time[MONTHS], sum = 0, worst = 0;
    int64_t iterations = 0;
    int fallbacks = 0, failed = 0;
    const int months = interior_only ? 60 : MONTHS;
    for (int month = 0; month < months; month++) {
        market_problem problem = posed(&b);
        set_month(&b, month);
        const double start = now();
        if (interior_only)
            market_clear_interior(pattern, &problem, scratch);
        else
            market_clear(pattern, (market_problem *[]){&problem}, 1, scratch);
        time[month] = now() - start;
        sum += time[month];
        iterations += problem.iterations;
        fallbacks += problem.method == MARKET_INTERIOR;
        failed += problem.status != MARKET_OPTIMAL;
        worst = fmax(worst, market_certificate_worst(&problem.certificate));
        keep_stocks(&b);
    }
    qsort(time, (size_t)months, sizeof(double), ascending);
    printf("%5d %6d %8s %4d %8.0f %8.0f %8.0f %8.0f %6.1f %8.1f%% %6d %9.1e %8.0f\n",
           (int)b.markets, (int)b.activities, interior_only ? "interior" : "newton", (int)seed,
           sum / months, time[months / 2], time[months * 95 / 100], time[months - 1],
           (double)iterations / months, 100.0 * fallbacks / months, failed, worst, analysis);
    free(scratch);
    market_pattern_free(pattern);
    free_world(&b);
}

enum { PATHS = 32 };

/* Paths of one structure with shocks of their own, side by side. */
static void time_batch(int32_t stages, int32_t regions, uint64_t seed)
{
    static bench b[PATHS];
    market_problem problem[PATHS], *order[PATHS];
    market_pattern *pattern = NULL;
    for (int k = 0; k < PATHS; k++) {
        b[k] = make_world(stages, regions, seed);
        b[k].random = seed * 1000 + (uint64_t)k;
    }
    if (market_pattern_new(b->markets, b->activities, b->start, b->row, &pattern))
        abort();
    void *scratch = aligned_alloc(64, (market_batch_size(pattern) + 127) / 64 * 64);
    if (!scratch)
        abort();
    double time[MONTHS], sum = 0, worst = 0;
    int64_t iterations = 0, fallbacks = 0, failed = 0;
    for (int month = 0; month < MONTHS; month++) {
        for (int k = 0; k < PATHS; k++) {
            set_month(&b[k], month);
            problem[k] = posed(&b[k]);
            problem[k].coefficient = b->coefficient;
            order[k] = &problem[k];
        }
        const double start = now();
        market_clear_batch(pattern, order, PATHS, scratch);
        time[month] = (now() - start) / PATHS;
        sum += time[month];
        for (int k = 0; k < PATHS; k++) {
            iterations += problem[k].iterations;
            fallbacks += problem[k].method == MARKET_INTERIOR;
            failed += problem[k].status != MARKET_OPTIMAL;
            worst = fmax(worst, market_certificate_worst(&problem[k].certificate));
            keep_stocks(&b[k]);
        }
    }
    qsort(time, MONTHS, sizeof(double), ascending);
    printf("%5d %6d %8s %4d %8.0f %8.0f %8.0f %8.0f %6.1f %8.2f%% %6d %9.1e\n", (int)b->markets,
           (int)b->activities, "batch", (int)seed, sum / MONTHS, time[MONTHS / 2],
           time[MONTHS * 95 / 100], time[MONTHS - 1], (double)iterations / MONTHS / PATHS,
           100.0 * (double)fallbacks / MONTHS / PATHS, (int)failed, worst);
    free(scratch);
    market_pattern_free(pattern);
    for (int k = 0; k < PATHS; k++)
        free_world(&b[k]);
}

int main(int argc, char **argv)
{
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    printf("prices    act.   method seed  mean us   median      p95    worst   iter. interior "
           "failed  certif. analysis\n");
    for (uint64_t k = 0; k < 5; k++)
        time_batch(25, 12, seed + k);
    time_batch(50, 20, seed);
    for (uint64_t k = 0; k < 2; k++) {
        time_path(25, 12, seed + k, false);
        time_path(30, 20, seed + k, false);
        time_path(50, 20, seed + k, false);
    }
    time_path(25, 12, seed, true);
    time_path(30, 20, seed, true);
    time_path(50, 20, seed, true);
    return 0;
}
