/* kkt.h - checks an answer of the clearing without solving anything.
 *
 * Shares no code with src/market: rows are summed in long double from the columns, straight
 * from the definitions in docs/model.md, "Certificate".
 */
#ifndef ORACLE_KKT_H
#define ORACLE_KKT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct kkt_problem {
    int32_t markets, activities;
    const int32_t *start, *row;
    const double *coefficient, *supply, *cost, *slope, *capacity, *reference;
} kkt_problem;

typedef struct kkt_errors {
    long double balance, complementarity, gap;
    bool is_inside; /* 0 <= x <= k, p >= 0, all finite */
} kkt_errors;

static inline long double kkt_ratio(long double error, long double scale)
{
    return error > 0 ? error / scale : 0;
}

static inline long double kkt_larger(long double a, long double b)
{
    return a > b ? a : b;
}

/* Primal and dual values, and what their difference is measured by. */
static inline long double kkt_gap(const kkt_problem *p, const double *price, const double *level)
{
    long double primal = 0, dual = 0, terms = 0, endless = 0;
    for (int32_t i = 0; i < p->markets; i++) {
        dual -= (long double)p->supply[i] * price[i];
        terms += fabsl((long double)p->supply[i] * price[i]);
    }
    for (int32_t j = 0; j < p->activities; j++) {
        const long double q = p->slope[j], k = p->capacity[j], x = level[j];
        long double reduced = p->cost[j], scale = fabsl(reduced);
        for (int32_t e = p->start[j]; e < p->start[j + 1]; e++) {
            const long double worth = (long double)p->coefficient[e] * price[p->row[e]];
            reduced -= worth;
            scale += fabsl(worth);
        }
        primal += p->cost[j] * x + q * x * x / 2;
        terms += fabsl(p->cost[j] * x) + q * x * x / 2;
        /* the level that is best at these prices */
        if (reduced >= 0 || k == 0)
            continue;
        if (q == 0 && isinf(p->capacity[j])) {
            endless = kkt_larger(endless, -reduced / scale);
            continue;
        }
        const long double best = q * k > -reduced ? -reduced / q : k;
        const long double least = reduced * best + q * best * best / 2;
        dual += least;
        terms += fabsl(least);
    }
    return kkt_larger(kkt_ratio(fabsl(primal - dual), terms), endless);
}

static inline kkt_errors kkt_check(const kkt_problem *p, const double *price, const double *level)
{
    kkt_errors errors = {.is_inside = true};
    long double *rest = calloc((size_t)p->markets + 1, sizeof(*rest));
    long double *scale = calloc((size_t)p->markets + 1, sizeof(*scale));
    if (!rest || !scale)
        abort();
    for (int32_t j = 0; j < p->activities; j++) {
        errors.is_inside &= level[j] >= 0 && level[j] <= p->capacity[j] && isfinite(level[j]);
        for (int32_t e = p->start[j]; e < p->start[j + 1]; e++) {
            const long double flow = (long double)p->coefficient[e] * level[j];
            rest[p->row[e]] += flow;
            scale[p->row[e]] += fabsl(flow);
        }
    }
    for (int32_t i = 0; i < p->markets; i++) {
        errors.is_inside &= price[i] >= 0 && isfinite(price[i]);
        rest[i] += p->supply[i];
        scale[i] += fabsl((long double)p->supply[i]);
        const long double worth = kkt_larger(price[i], p->reference[i]);
        errors.balance = kkt_larger(errors.balance, kkt_ratio(-rest[i], scale[i]));
        errors.complementarity = kkt_larger(
            errors.complementarity, kkt_ratio(price[i] * kkt_larger(rest[i], 0), scale[i] * worth));
    }
    errors.gap = kkt_gap(p, price, level);
    free(rest);
    free(scale);
    return errors;
}

static inline bool kkt_is_certified(const kkt_errors *errors, long double bar)
{
    return errors->is_inside && errors->balance <= bar && errors->complementarity <= bar &&
           errors->gap <= bar;
}

/* Does the combination `ray` of markets prove that no levels balance? */
static inline bool kkt_is_infeasible(const kkt_problem *p, const double *ray)
{
    long double most = 0, terms = 0;
    for (int32_t i = 0; i < p->markets; i++) {
        if (!(ray[i] >= 0) || !isfinite(ray[i]))
            return false;
        most += (long double)ray[i] * p->supply[i];
        terms += fabsl((long double)ray[i] * p->supply[i]);
    }
    for (int32_t j = 0; j < p->activities; j++) {
        long double value = 0, scale = 0;
        for (int32_t e = p->start[j]; e < p->start[j + 1]; e++) {
            value += (long double)p->coefficient[e] * ray[p->row[e]];
            scale += fabsl((long double)p->coefficient[e] * ray[p->row[e]]);
        }
        if (value <= 2e-9L * scale || p->capacity[j] == 0)
            continue;
        if (isinf(p->capacity[j]))
            return false;
        most += value * p->capacity[j];
        terms += value * p->capacity[j];
    }
    return most < -1e-9L * terms;
}

#endif
