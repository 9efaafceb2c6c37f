/* problems.h - random clearing problems of many kinds, the same on every machine. */
#ifndef ORACLE_PROBLEMS_H
#define ORACLE_PROBLEMS_H

#include "oracle/kkt.h"

#include <assert.h>
#include <string.h>

enum { MAX_MARKETS = 128, MAX_ACTIVITIES = 1024, MAX_ENTRIES = 4096 };

typedef enum kind {
    CHAIN,     /* mines, plants, arcs, buyers                       */
    FLAT,      /* the same without slopes                           */
    TIES,      /* small whole numbers, no slopes                    */
    TRANSPORT, /* endowments, requirements, linear freight          */
    JOINT,     /* one activity, many products in fixed proportion   */
    SCALES,    /* every market in units of its own, up to 1e6 apart */
    EMBARGO,   /* half of the arcs and some mines closed            */
    PERMITS,   /* arcs need permits of which there are few          */
    IDLE,      /* regions nobody supplies or nobody uses            */
    SHORT,     /* requirements that may be impossible               */
    CRUMBS,    /* kilograms, steep holders, plenty of permits       */
    KINDS
} kind;

static const char *const kind_name[KINDS] = {"chain", "flat",   "ties",    "transport",
                                             "joint", "scales", "embargo", "permits",
                                             "idle",  "short",  "crumbs"};

typedef struct problem {
    kind kind;
    int32_t markets, activities;
    int32_t start[MAX_ACTIVITIES + 1], row[MAX_ENTRIES];
    double coefficient[MAX_ENTRIES];
    double supply[MAX_MARKETS], reference[MAX_MARKETS];
    double cost[MAX_ACTIVITIES], slope[MAX_ACTIVITIES], capacity[MAX_ACTIVITIES];
    uint64_t random;
} problem;

/* splitmix64 */
static uint64_t next_random(problem *p)
{
    uint64_t z = p->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double uniform(problem *p, double low, double high)
{
    const double value = low + (high - low) * (double)(next_random(p) >> 11) / 9007199254740992.0;
    return p->kind == TIES ? ceil(value) : value;
}

static int32_t below(problem *p, int32_t n)
{
    return (int32_t)(next_random(p) % (uint64_t)n);
}

static bool chance(problem *p, double share)
{
    return (double)(next_random(p) >> 11) / 9007199254740992.0 < share;
}

/* Start a column; entries follow with `entry`. */
static void column(problem *p, double cost, double slope, double capacity)
{
    const int32_t j = p->activities++;
    assert(j < MAX_ACTIVITIES);
    const bool is_flat = p->kind == FLAT || p->kind == TIES || p->kind == TRANSPORT;
    p->cost[j] = cost;
    p->slope[j] = is_flat || chance(p, 0.1) ? 0 : slope;
    p->capacity[j] = capacity;
    p->start[j + 1] = p->start[j];
}

/* One entry of the newest column, kept in ascending order of rows. */
static void entry(problem *p, int32_t i, double coefficient)
{
    int32_t *end = &p->start[p->activities], e = *end;
    assert(e < MAX_ENTRIES);
    for (; e > p->start[p->activities - 1] && p->row[e - 1] > i; e--) {
        p->row[e] = p->row[e - 1];
        p->coefficient[e] = p->coefficient[e - 1];
    }
    p->row[e] = i;
    p->coefficient[e] = coefficient;
    ++*end;
}

/* One draw per statement: the order in which arguments are evaluated is the compiler's. */
static void add_mine(problem *p, int32_t i, double price)
{
    const bool is_closed = chance(p, p->kind == EMBARGO ? 0.3 : 0.1);
    const double capacity = uniform(p, 10, 300);
    const bool is_unlimited = chance(p, 0.2) && p->kind != FLAT;
    const double cost = price * uniform(p, 0.1, 0.6);
    const double slope = price * uniform(p, 0.0005, 0.01);
    column(p, cost, slope, is_closed ? 0 : is_unlimited ? INFINITY : capacity);
    entry(p, i, 1);
}

static void add_buyer(problem *p, int32_t i, double price)
{
    const double capacity = chance(p, 0.05) ? 0 : uniform(p, 5, 200);
    const double bid = price * uniform(p, 0.8, 3);
    const double slope = price * uniform(p, 0.001, 0.05);
    column(p, -bid, slope, capacity);
    entry(p, i, -1);
}

static void add_arc(problem *p, int32_t from, int32_t to, double price, int32_t permit)
{
    const bool is_closed = p->kind == EMBARGO && chance(p, 0.5);
    const double capacity = chance(p, 0.3) ? uniform(p, 5, 100) : INFINITY;
    const double cost = price * uniform(p, 0.01, 0.1);
    const double slope = price * uniform(p, 0.00001, 0.002);
    column(p, cost, slope, is_closed ? 0 : capacity);
    entry(p, from, -1);
    entry(p, to, chance(p, 0.2) && p->kind != TIES ? uniform(p, 0.9, 1) : 1);
    if (permit >= 0)
        entry(p, permit, -1);
}

/* A plant that turns the last stage into this one in one region, perhaps with by-products. */
static void add_plant(problem *p, int32_t from, int32_t to, int32_t other, double price)
{
    const double yield = p->kind == TIES ? 1 : uniform(p, 0.3, 0.95);
    const double cost = price * uniform(p, 0.02, 0.3);
    const double slope = price * uniform(p, 0.0002, 0.005);
    column(p, cost, slope, chance(p, 0.4) ? INFINITY : uniform(p, 20, 400));
    entry(p, from, -1);
    entry(p, to, yield);
    if (other >= 0 && other != from && other != to)
        entry(p, other, (p->kind == TIES ? 1 : 1 - yield) * (chance(p, 0.2) ? 0.01 : 1));
}

/* stages x regions of markets, market = stage * regions + region */
static void make_chain(problem *p)
{
    const int32_t stages = 1 + below(p, 4), regions = 1 + below(p, 8);
    const bool has_permit = p->kind == PERMITS || p->kind == CRUMBS;
    const int32_t permit = has_permit ? stages * regions : -1;
    p->markets = stages * regions + (permit >= 0);
    for (int32_t s = 0; s < stages; s++) {
        const double price = uniform(p, 5, 50) * (1 + 3 * s);
        for (int32_t r = 0; r < regions; r++) {
            const int32_t i = s * regions + r;
            const bool is_idle = p->kind == IDLE && chance(p, 0.5);
            p->reference[i] = price;
            if (s > 0 && chance(p, 0.7))
                add_plant(p, i - regions, i,
                          p->kind == JOINT || chance(p, 0.3) ? s * regions + below(p, regions) : -1,
                          price);
            if ((s == 0 || chance(p, 0.1)) && !is_idle)
                add_mine(p, i, price);
            if ((s == stages - 1 || chance(p, 0.4)) && !is_idle)
                for (int32_t tiers = 1 + below(p, 3); tiers > 0; tiers--)
                    add_buyer(p, i, price);
            for (int32_t to = 0; to < regions; to++)
                if (to != r && chance(p, 0.4))
                    add_arc(p, i, s * regions + to, price, chance(p, 0.5) ? permit : -1);
            if (chance(p, 0.1))
                p->supply[i] = uniform(p, 0, 50);
            if (p->kind == SHORT && chance(p, 0.15))
                p->supply[i] = -uniform(p, 0, 60);
        }
    }
    if (permit >= 0) {
        p->supply[permit] = chance(p, 0.1) ? 0 : uniform(p, 1, 60);
        p->reference[permit] = uniform(p, 1, 20);
    }
}

/* Endowments on one side, requirements on the other; total supply suffices, or nearly not. */
static void make_transport(problem *p)
{
    const int32_t origins = 1 + below(p, 8), destinations = 1 + below(p, 8);
    double required = 0;
    p->markets = origins + destinations;
    for (int32_t i = 0; i < p->markets; i++)
        p->reference[i] = uniform(p, 1, 10);
    for (int32_t d = 0; d < destinations; d++) {
        const double amount = ceil(uniform(p, 1, 100));
        p->supply[origins + d] = -amount;
        required += amount;
    }
    for (int32_t o = 0; o < origins; o++)
        p->supply[o] = ceil(required / origins) + (double)below(p, 3);
    for (int32_t o = 0; o < origins; o++)
        for (int32_t d = 0; d < destinations; d++) {
            column(p, (double)(1 + below(p, 12)), 0, INFINITY);
            entry(p, o, -1);
            entry(p, origins + d, 1);
        }
}

/* An ore of fixed composition, buyers of each element, several ores. */
static void make_joint(problem *p)
{
    const int32_t elements = 2 + below(p, 14), ores = 1 + below(p, 4);
    p->markets = elements + ores;
    for (int32_t o = 0; o < ores; o++) {
        p->reference[elements + o] = 5;
        add_mine(p, elements + o, 5);
        column(p, uniform(p, 1, 5), 0.01, INFINITY);
        entry(p, elements + o, -1);
        for (int32_t e = 0; e < elements; e++)
            entry(p, e, uniform(p, 0.001, 1) / elements);
    }
    for (int32_t e = 0; e < elements; e++) {
        p->reference[e] = uniform(p, 1, 500);
        for (int32_t tiers = 1 + below(p, 3); tiers > 0; tiers--)
            add_buyer(p, e, p->reference[e]);
    }
}

/* Market i is counted in units of unit[i] tonnes, activity j in lots. */
static void change_units(problem *p)
{
    double unit[MAX_MARKETS];
    for (int32_t i = 0; i < p->markets; i++) {
        unit[i] = pow(10, uniform(p, -3, 3));
        p->supply[i] /= unit[i];
        p->reference[i] *= unit[i];
    }
    for (int32_t j = 0; j < p->activities; j++) {
        const double lot = pow(10, uniform(p, -2, 2));
        for (int32_t e = p->start[j]; e < p->start[j + 1]; e++)
            p->coefficient[e] *= lot / unit[p->row[e]];
        p->cost[j] *= lot;
        p->slope[j] *= lot * lot;
        p->capacity[j] /= lot;
    }
}

/* What months of drawn worlds are made of: a kilogram in store here and kilotonnes there, somebody
 * who holds a little whatever the price, activities that may hardly run, permits without end. */
static void add_crumbs(problem *p)
{
    for (int32_t j = 0; j < p->activities; j++)
        if (chance(p, 0.2))
            p->capacity[j] *= pow(10, uniform(p, -5, -2));
    for (int32_t i = 0; i + 1 < p->markets; i++) {
        const double bid = p->reference[i] * uniform(p, 0.3, 3);
        const double aim = pow(10, uniform(p, -3.5, 2));
        p->supply[i] = chance(p, 0.6) ? pow(10, uniform(p, -4, 3)) : 0;
        column(p, -bid, 0, INFINITY);
        p->slope[p->activities - 1] = bid / aim; /* a flat one could want all there is */
        entry(p, i, -1);
    }
    p->supply[p->markets - 1] = chance(p, 0.5) ? 1e6 : pow(10, uniform(p, -3, 1));
}

/* Problem number `number`: its kind is number % KINDS. */
static void make_problem(problem *p, uint64_t number)
{
    memset(p, 0, sizeof(*p));
    p->kind = (kind)(number % KINDS);
    p->random = number * 0x2545f4914f6cdd1du + 1;
    if (p->kind == TRANSPORT)
        make_transport(p);
    else if (p->kind == JOINT && chance(p, 0.7))
        make_joint(p);
    else
        make_chain(p);
    if (p->kind == SCALES)
        change_units(p);
    if (p->kind == CRUMBS)
        add_crumbs(p);
}

static inline kkt_problem as_kkt(const problem *p)
{
    return (kkt_problem){p->markets, p->activities, p->start, p->row,      p->coefficient,
                         p->supply,  p->cost,       p->slope, p->capacity, p->reference};
}

#endif
