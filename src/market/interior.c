/* interior.c - primal-dual interior point, from a cold start: slow, and hardly ever fails.
 *
 * Mehrotra's predictor and corrector on
 *     min c'x + x'Qx/2   s.t.  A x + b + elastic p = s >= 0 (p),  0 <= x <= k (zl, zu).
 * Each step solves (A T^-1 A' + s/p + elastic) dp = r with T = q + zl/x + zu/(k - x).  Rows
 * and columns are first scaled by powers of two (exact), then quantities and money by one
 * power each.  With elastic = 1 and no costs the same code finds a ray of infeasibility.
 * Source: Mehrotra 1992; Wright 1997, ch. 10; scaling: Ruiz 2001.
 */
#include "market/inside.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { MAX_ITERATIONS = 100, PATIENCE = 30, SCALING_ROUNDS = 6 };

/* The scaled program and the arrays of one solve. */
typedef struct barrier {
    const market_pattern *pattern;
    double *a, *b, *c, *q, *k;
    const int32_t *producers;         /* open activities that deliver into a market */
    double *row_scale, *column_scale; /* row i and column j of A were multiplied */
    double quantity, money;           /* true x = quantity * column_scale * x   */
    double elastic;
    /* iterate: x + w = k; w is kept apart so that it stays accurate near the bound */
    double *x, *w, *zl, *zu, *p, *s;
    /* residuals, directions */
    double *rd, *rp, *dx, *dzl, *dzu, *dp, *ds, *g, *rhs, *refine;
    double *weight, *diagonal;
    factor *factor;
} barrier;

static double power_of_two(double value)
{
    int exponent;
    if (!(value > 0) || isinf(value))
        return 1;
    frexp(value, &exponent);
    return ldexp(1, exponent);
}

static bool is_open(const barrier *bar, int32_t j)
{
    return bar->k[j] > 0;
}

static bool is_bounded(const barrier *bar, int32_t j)
{
    return !isinf(bar->k[j]);
}

static bool is_dead(const barrier *bar, int32_t i)
{
    return bar->producers[i] == 0 && bar->b[i] == 0;
}

/* ------------------------------------------------------------------------- scaling */

/* Ruiz: divide rows and columns by the root of their largest entry, a few times over. */
static void equilibrate(barrier *bar, const double *coefficient)
{
    const market_pattern *pattern = bar->pattern;
    for (int32_t e = 0; e < pattern->nonzeros; e++)
        bar->a[e] = coefficient[e];
    for (int32_t i = 0; i < pattern->markets; i++)
        bar->row_scale[i] = 1;
    for (int32_t j = 0; j < pattern->activities; j++)
        bar->column_scale[j] = 1;
    for (int round = 0; round < SCALING_ROUNDS; round++) {
        double *row_most = bar->rhs;
        for (int32_t i = 0; i < pattern->markets; i++)
            row_most[i] = 0;
        for (int32_t j = 0; j < pattern->activities; j++) {
            double most = 0;
            for (int32_t e = pattern->start[j]; e < pattern->start[j + 1] && is_open(bar, j); e++) {
                most = fmax(most, fabs(bar->a[e]));
                row_most[pattern->row[e]] = fmax(row_most[pattern->row[e]], fabs(bar->a[e]));
            }
            bar->dx[j] = 1 / power_of_two(sqrt(most) * 0.75);
            bar->column_scale[j] *= bar->dx[j];
        }
        for (int32_t i = 0; i < pattern->markets; i++) {
            row_most[i] = 1 / power_of_two(sqrt(row_most[i]) * 0.75);
            bar->row_scale[i] *= row_most[i];
        }
        for (int32_t j = 0; j < pattern->activities; j++)
            for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
                bar->a[e] *= bar->dx[j] * row_most[pattern->row[e]];
    }
}

/* Mean binary exponent of the positive finite numbers offered: a geometric mean. */
typedef struct exponent_mean {
    int64_t sum, count;
} exponent_mean;

static void offer(exponent_mean *mean, double value)
{
    int exponent;
    if (!(value > 0) || isinf(value))
        return;
    frexp(value, &exponent);
    mean->sum += exponent;
    mean->count++;
}

static double mean_power(const exponent_mean *mean)
{
    return mean->count > 0 ? ldexp(1, (int)(mean->sum / mean->count)) : 1;
}

static void scale_program(barrier *bar, const market_problem *problem)
{
    const market_pattern *pattern = bar->pattern;
    exponent_mean quantity = {0}, money = {0};
    equilibrate(bar, problem->coefficient);
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (!is_open(bar, j))
            continue;
        const double size = bar->column_scale[j];
        bar->c[j] *= size;
        bar->q[j] *= size * size;
        bar->k[j] /= size;
        const double natural = bar->q[j] > 0 ? fabs(bar->c[j]) / bar->q[j] : INFINITY;
        offer(&quantity, fmin(bar->k[j], natural));
        offer(&money, fabs(bar->c[j]));
    }
    for (int32_t i = 0; i < pattern->markets; i++) {
        bar->b[i] *= bar->row_scale[i];
        offer(&quantity, fabs(bar->b[i]));
    }
    bar->quantity = mean_power(&quantity);
    bar->money = mean_power(&money);
    for (int32_t j = 0; j < pattern->activities; j++) {
        bar->c[j] /= bar->money;
        bar->q[j] *= bar->quantity / bar->money;
        bar->k[j] /= bar->quantity;
    }
    /* a dead market has no flow; something in it gives its equation an interior */
    for (int32_t i = 0; i < pattern->markets; i++)
        bar->b[i] = is_dead(bar, i) ? 1 : bar->b[i] / bar->quantity;
}

/* --------------------------------------------------------------------------- steps */

static void start_point(barrier *bar)
{
    const market_pattern *pattern = bar->pattern;
    for (int32_t i = 0; i < pattern->markets; i++)
        bar->p[i] = 1;
    for (int32_t j = 0; j < pattern->activities; j++) {
        bar->x[j] = bar->w[j] = bar->zl[j] = bar->zu[j] = 0;
        if (!is_open(bar, j))
            continue;
        bar->x[j] = fmin(1, bar->k[j] / 2);
        bar->w[j] = bar->k[j] - bar->x[j];
        /* dual feasible from the start wherever a bound lets it be */
        const double worth = column_value(pattern, bar->a, bar->p, j);
        const double loss = bar->c[j] + bar->q[j] * bar->x[j] - worth;
        bar->zl[j] = 1 + fmax(loss, 0);
        bar->zu[j] = is_bounded(bar, j) ? 1 + fmax(-loss, 0) : 0;
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        bar->rp[i] = bar->b[i];
    columns_add(pattern, bar->a, bar->x, bar->rp);
    for (int32_t i = 0; i < pattern->markets; i++) {
        bar->s[i] = fmax(1, bar->rp[i]);
    }
}

/* Errors of an iterate; sizes are what they are compared with. */
typedef struct progress {
    double mu, primal, dual;
} progress;

static progress measure(barrier *bar)
{
    const market_pattern *pattern = bar->pattern;
    progress now = {0};
    double products = 0;
    int64_t count = pattern->markets;
    for (int32_t i = 0; i < pattern->markets; i++)
        bar->rp[i] = bar->b[i] - bar->s[i] + bar->elastic * bar->p[i];
    columns_add(pattern, bar->a, bar->x, bar->rp);
    for (int32_t i = 0; i < pattern->markets; i++) {
        now.primal = fmax(now.primal, fabs(bar->rp[i]) / (1 + fabs(bar->b[i])));
        products += bar->p[i] * bar->s[i];
    }
    for (int32_t j = 0; j < pattern->activities; j++) {
        bar->rd[j] = 0;
        if (!is_open(bar, j))
            continue;
        bar->rd[j] = bar->c[j] + bar->q[j] * bar->x[j] - column_value(pattern, bar->a, bar->p, j) -
                     bar->zl[j] + bar->zu[j];
        now.dual = fmax(now.dual, fabs(bar->rd[j]) / (1 + fabs(bar->c[j])));
        products += bar->x[j] * bar->zl[j];
        count++;
        if (is_bounded(bar, j)) {
            products += bar->w[j] * bar->zu[j];
            count++;
        }
    }
    now.mu = count > 0 ? products / (double)count : 0;
    return now;
}

static void factorise(barrier *bar)
{
    const market_pattern *pattern = bar->pattern;
    for (int32_t j = 0; j < pattern->activities; j++) {
        bar->weight[j] = 0;
        if (!is_open(bar, j))
            continue;
        double curvature = bar->q[j] + bar->zl[j] / bar->x[j] + 1e-13;
        if (is_bounded(bar, j))
            curvature += bar->zu[j] / bar->w[j];
        bar->weight[j] = 1 / curvature;
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        bar->diagonal[i] = bar->s[i] / bar->p[i] + bar->elastic + 1e-13;
    factor_compute(pattern, bar->a, bar->weight, bar->diagonal, bar->factor);
}

/* rhs -= (A W A' + diagonal) dp; uses g as room for W A' dp. */
static void subtract_product(barrier *bar, const double *dp, double *residual, double *room)
{
    const market_pattern *pattern = bar->pattern;
    for (int32_t j = 0; j < pattern->activities; j++)
        room[j] = bar->weight[j] == 0 ? 0 : -bar->weight[j] * column_value(pattern, bar->a, dp, j);
    for (int32_t i = 0; i < pattern->markets; i++)
        residual[i] -= bar->diagonal[i] * dp[i];
    columns_add(pattern, bar->a, room, residual);
}

/* Newton direction towards complementarity products of `target`, less the share
 * `second_order` of the products of the direction found before. */
static void direction(barrier *bar, double target, double second_order)
{
    const market_pattern *pattern = bar->pattern;
    for (int32_t j = 0; j < pattern->activities; j++) {
        bar->g[j] = 0;
        if (!is_open(bar, j))
            continue;
        const double second_lower = second_order > 0 ? second_order * bar->dx[j] * bar->dzl[j] : 0;
        const double second_upper = second_order > 0 ? second_order * bar->dx[j] * bar->dzu[j] : 0;
        const double lower = target - bar->x[j] * bar->zl[j] - second_lower;
        bar->g[j] = -bar->rd[j] + lower / bar->x[j];
        bar->dzl[j] = lower;
        if (is_bounded(bar, j)) {
            const double upper = target - bar->w[j] * bar->zu[j] + second_upper;
            bar->g[j] -= upper / bar->w[j];
            bar->dzu[j] = upper;
        }
        bar->dx[j] = -bar->weight[j] * bar->g[j];
    }
    for (int32_t i = 0; i < pattern->markets; i++) {
        const double second = second_order > 0 ? second_order * bar->ds[i] * bar->dp[i] : 0;
        bar->ds[i] = target - bar->s[i] * bar->p[i] - second;
        bar->rhs[i] = -bar->rp[i] + bar->ds[i] / bar->p[i];
    }
    columns_add(pattern, bar->a, bar->dx, bar->rhs);
    for (int32_t i = 0; i < pattern->markets; i++)
        bar->dp[i] = bar->refine[i] = bar->rhs[i];
    factor_solve(pattern, bar->factor, bar->dp);
    subtract_product(bar, bar->dp, bar->refine, bar->dx);
    factor_solve(pattern, bar->factor, bar->refine);
    for (int32_t i = 0; i < pattern->markets; i++) {
        bar->dp[i] += bar->refine[i];
        bar->ds[i] = (bar->ds[i] - bar->s[i] * bar->dp[i]) / bar->p[i];
    }
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (!is_open(bar, j)) {
            bar->dx[j] = 0;
            continue;
        }
        bar->dx[j] = bar->weight[j] * (column_value(pattern, bar->a, bar->dp, j) + bar->g[j]);
        bar->dzl[j] = (bar->dzl[j] - bar->zl[j] * bar->dx[j]) / bar->x[j];
        bar->dzu[j] = is_bounded(bar, j) ? (bar->dzu[j] + bar->zu[j] * bar->dx[j]) / bar->w[j] : 0;
    }
}

static double shorten(double step, double value, double change)
{
    return change < 0 ? fmin(step, -value / change) : step;
}

/* Longest step that keeps everything nonnegative, at most 1. */
static double longest_step(const barrier *bar)
{
    double step = 1;
    for (int32_t j = 0; j < bar->pattern->activities; j++) {
        if (!is_open(bar, j))
            continue;
        step = shorten(step, bar->x[j], bar->dx[j]);
        step = shorten(step, bar->zl[j], bar->dzl[j]);
        if (is_bounded(bar, j)) {
            step = shorten(step, bar->w[j], -bar->dx[j]);
            step = shorten(step, bar->zu[j], bar->dzu[j]);
        }
    }
    for (int32_t i = 0; i < bar->pattern->markets; i++) {
        step = shorten(step, bar->p[i], bar->dp[i]);
        step = shorten(step, bar->s[i], bar->ds[i]);
    }
    return step;
}

/* Mean complementarity after a step. */
static double mu_after(const barrier *bar, double step)
{
    double products = 0;
    int64_t count = bar->pattern->markets;
    for (int32_t i = 0; i < bar->pattern->markets; i++)
        products += (bar->p[i] + step * bar->dp[i]) * (bar->s[i] + step * bar->ds[i]);
    for (int32_t j = 0; j < bar->pattern->activities; j++) {
        if (!is_open(bar, j))
            continue;
        products += (bar->x[j] + step * bar->dx[j]) * (bar->zl[j] + step * bar->dzl[j]);
        count++;
        if (is_bounded(bar, j)) {
            products += (bar->w[j] - step * bar->dx[j]) * (bar->zu[j] + step * bar->dzu[j]);
            count++;
        }
    }
    return count > 0 ? products / (double)count : 0;
}

/* No number may leave the range in which quotients of two of them are finite. */
static double floored(double value)
{
    return fmin(fmax(value, 1e-100), 1e100);
}

static void move(barrier *bar, double step)
{
    for (int32_t j = 0; j < bar->pattern->activities; j++) {
        if (!is_open(bar, j))
            continue;
        bar->x[j] = floored(bar->x[j] + step * bar->dx[j]);
        bar->zl[j] = floored(bar->zl[j] + step * bar->dzl[j]);
        if (is_bounded(bar, j)) {
            bar->w[j] = floored(bar->w[j] - step * bar->dx[j]);
            bar->zu[j] = floored(bar->zu[j] + step * bar->dzu[j]);
        }
    }
    for (int32_t i = 0; i < bar->pattern->markets; i++) {
        bar->p[i] = floored(bar->p[i] + step * bar->dp[i]);
        bar->s[i] = floored(bar->s[i] + step * bar->ds[i]);
    }
}

/* ---------------------------------------------------------------------------- loop */

/* Mean product of the scaled program.  It is so small because it is an amount of money: what is
 * nothing to the largest market must be nothing to one of a kilogram as well, or nobody knows
 * which of its activities work. */
static const double CONVERGED = 1e-22;
/* Equations are relative to their own numbers and cannot become that exact; Newton finishes. */
static const double EXACT_ENOUGH = 1e-8;

/* Iterate until all products have vanished or stop falling; returns iterations.  A start far off
 * the scale of some market moves very little for a while. */
static int32_t iterate(barrier *bar)
{
    double best = INFINITY;
    int32_t since_best = 0;
    start_point(bar);
    for (int32_t n = 0; n < MAX_ITERATIONS; n++) {
        const progress now = measure(bar);
        const double rest = fmax(now.primal, now.dual) / EXACT_ENOUGH;
        const double error = fmax(now.mu, CONVERGED * rest);
        if (error < 0.9 * best) {
            best = error;
            since_best = 0;
        } else if (++since_best > PATIENCE) {
            return n;
        }
        if (!(error > CONVERGED))
            return n;
        factorise(bar);
        direction(bar, 0, 0);
        const double reach = longest_step(bar);
        const double affine = mu_after(bar, reach) / now.mu;
        const double centring = fmin(1, fmax(affine * affine * affine, 1e-8));
        /* a predictor that gets nowhere says little about curvature */
        direction(bar, centring * now.mu, reach);
        const double longest = longest_step(bar);
        move(bar, longest < 1 ? longest * fmax(0.99, fmin(0.9995, 1 - now.mu)) : 1);
    }
    return MAX_ITERATIONS;
}

static barrier barrier_new(const market_pattern *pattern, workspace *scratch)
{
    double **column = scratch->column, **row = scratch->row;
    return (barrier){
        .pattern = pattern,
        .a = scratch->entry,
        .producers = scratch->closing.producers,
        .c = column[0],
        .q = column[1],
        .k = column[2],
        .column_scale = column[3],
        .x = column[4],
        .w = column[5],
        .zl = column[6],
        .zu = column[7],
        .rd = column[8],
        .dx = column[9],
        .dzl = column[10],
        .dzu = column[11],
        .g = column[12],
        .b = row[0],
        .row_scale = row[1],
        .p = row[2],
        .s = row[3],
        .rp = row[4],
        .dp = row[5],
        .ds = row[6],
        .rhs = row[7],
        .refine = row[8],
        .weight = scratch->weight,
        .diagonal = scratch->diagonal,
        .factor = &scratch->factor,
    };
}

/* Of a pair whose product vanishes: is it this one that is zero? */
static bool is_settled(double value, double other)
{
    return value < 1e-3 * other && value < 1e-4;
}

/* Load the open part of a problem and scale it. */
static barrier barrier_load(const market_pattern *pattern, const market_problem *problem,
                            workspace *scratch)
{
    barrier bar = barrier_new(pattern, scratch);
    factor_forget(pattern, bar.factor);
    for (int32_t j = 0; j < pattern->activities; j++) {
        bar.c[j] = problem->cost[j];
        bar.q[j] = problem->slope[j];
        bar.k[j] = scratch->closing.capacity[j];
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        bar.b[i] = problem->supply[i];
    scale_program(&bar, problem);
    return bar;
}

void interior_solve(const market_pattern *pattern, market_problem *problem, workspace *scratch)
{
    barrier bar = barrier_load(pattern, problem, scratch);
    problem->iterations += iterate(&bar);
    for (int32_t j = 0; j < pattern->activities; j++) {
        const double capacity = scratch->closing.capacity[j];
        const double level = fmin(bar.x[j] * bar.quantity * bar.column_scale[j], capacity);
        if (is_settled(bar.x[j], bar.zl[j]))
            problem->level[j] = 0;
        else
            problem->level[j] =
                is_bounded(&bar, j) && is_settled(bar.w[j], bar.zu[j]) ? capacity : level;
    }
    for (int32_t i = 0; i < pattern->markets; i++) {
        const bool is_idle = scratch->closing.producers[i] == 0 && problem->supply[i] == 0;
        const double price = is_settled(bar.p[i], bar.s[i]) ? 0 : bar.p[i];
        problem->price[i] =
            is_idle ? scratch->start_price[i] : price * bar.money * bar.row_scale[i];
    }
}

void interior_ray(const market_pattern *pattern, market_problem *problem, workspace *scratch,
                  double *ray)
{
    market_problem free_of_cost = *problem;
    double *nothing = scratch->column[COLUMN_ARRAYS - 1];
    memset(nothing, 0, (size_t)pattern->activities * sizeof(double));
    free_of_cost.cost = free_of_cost.slope = nothing;
    barrier bar = barrier_load(pattern, &free_of_cost, scratch);
    bar.elastic = 1;
    problem->iterations += iterate(&bar);
    double most = 0;
    for (int32_t i = 0; i < pattern->markets; i++)
        most = fmax(most, bar.p[i]);
    for (int32_t i = 0; i < pattern->markets; i++)
        ray[i] = bar.p[i] > 1e-8 * most ? bar.p[i] * bar.row_scale[i] : 0;
}

bool interior_unbounded(const market_pattern *pattern, market_problem *problem, workspace *scratch)
{
    market_problem direction = *problem;
    double *most = scratch->column[COLUMN_ARRAYS - 1],
           *nothing = scratch->column[COLUMN_ARRAYS - 2];
    double *supply = scratch->row[ROW_ARRAYS - 1];
    for (int32_t j = 0; j < pattern->activities; j++) {
        nothing[j] = 0;
        most[j] = isinf(problem->capacity[j]) && problem->slope[j] == 0 ? 1 : 0;
    }
    memset(supply, 0, (size_t)pattern->markets * sizeof(double));
    direction.capacity = most;
    direction.slope = nothing;
    direction.supply = supply;
    closing_find(pattern, &direction, &scratch->closing);
    barrier bar = barrier_load(pattern, &direction, scratch);
    problem->iterations += iterate(&bar);
    double gain = 0, terms = 0;
    for (int32_t j = 0; j < pattern->activities; j++) {
        gain -= bar.c[j] * bar.x[j];
        terms += fabs(bar.c[j] * bar.x[j]);
    }
    const progress end = measure(&bar);
    return gain > 1e-6 * terms && gain > 1e-9 && fmax(end.primal, end.dual) < 1e-8;
}
