/* clear.c - clear one month, or many: Newton from last month's prices, interior point when
 * that fails, and an explanation when there is no answer.
 *
 * Whatever came out is certified on the problem as given; the best point seen is kept.
 */
#include "market/lanes.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Certificates we aim for, a margin below the bar, and how long we try. */
static const newton_effort WARM = {.goal = 1e-10, .bar = 5e-9, .steps = 60};
static const newton_effort POLISHING = {.goal = 1e-10, .bar = 5e-9, .steps = 60};
static const newton_effort APPROACHING = {.goal = 1e-10, .bar = 1e-9, .steps = 12};

/* The start, made safe: finite, not absurd, no lower than a thousandth of the reference. */
static void floor_start(const market_pattern *pattern, market_problem *problem, double *start)
{
    for (int32_t i = 0; i < pattern->markets; i++) {
        const double reference = problem->reference[i];
        const double given = problem->price[i];
        assert(reference > 0);
        start[i] =
            isfinite(given) ? fmin(fmax(given, 1e-3 * reference), 1e9 * reference) : reference;
    }
}

/* What lies in a market where nobody can do anything is worth nothing. */
static void price_leftovers(const market_pattern *pattern, const market_problem *problem,
                            const int32_t *what, double *price)
{
    for (int32_t i = 0; i < pattern->markets; i++)
        if (!what[i] && problem->supply[i] > 0)
            price[i] = 0;
}

static bool are_finite(const double *number, int32_t count)
{
    for (int32_t k = 0; k < count; k++)
        if (!isfinite(number[k]))
            return false;
    return true;
}

/* Keep the present point when it is the best so far; *best is its worst error. */
static void keep_if_best(const market_pattern *pattern, market_problem *problem, workspace *scratch,
                         double *best)
{
    const double worst = market_certificate_worst(&problem->certificate);
    if (!(worst < *best) || !isfinite(problem->objective) ||
        !are_finite(problem->price, pattern->markets) ||
        !are_finite(problem->level, pattern->activities))
        return;
    *best = worst;
    copy_numbers(scratch->best_price, problem->price, pattern->markets);
    copy_numbers(scratch->best_level, problem->level, pattern->activities);
}

static void restore_best(const market_pattern *pattern, market_problem *problem,
                         const workspace *scratch)
{
    copy_numbers(problem->price, scratch->best_price, pattern->markets);
    copy_numbers(problem->level, scratch->best_level, pattern->activities);
    market_certify(pattern, problem);
}

/* The worst answer to give. */
static void do_nothing(const market_pattern *pattern, market_problem *problem)
{
    for (int32_t j = 0; j < pattern->activities; j++)
        problem->level[j] = 0;
    market_certify(pattern, problem);
}

/* Interior point, then Newton from there to the exact answer; returns the certificate. */
static double solve_safely(const market_pattern *pattern, market_problem *problem,
                           workspace *scratch)
{
    double best = INFINITY;
    double *centre_level = scratch->column[COLUMN_ARRAYS - 1];
    double *centre_price = scratch->row[ROW_ARRAYS - 1];
    do_nothing(pattern, problem);
    keep_if_best(pattern, problem, scratch, &best);
    interior_solve(pattern, problem, scratch);
    copy_numbers(centre_price, problem->price, pattern->markets);
    copy_numbers(centre_level, problem->level, pattern->activities);
    closing_price(pattern, &scratch->closing, problem->coefficient, problem->cost, problem->price);
    market_certify(pattern, problem);
    keep_if_best(pattern, problem, scratch, &best);
    copy_numbers(problem->price, centre_price, pattern->markets);
    /* exact levels are worth more than a smaller certificate */
    if (newton_polish(pattern, problem, scratch, POLISHING.goal))
        return market_certificate_worst(&problem->certificate);
    keep_if_best(pattern, problem, scratch, &best);
    if (best <= POLISHING.bar) {
        restore_best(pattern, problem, scratch);
        return best;
    }
    copy_numbers(problem->price, centre_price, pattern->markets);
    if (newton_solve(pattern, problem, scratch, centre_price, centre_level, POLISHING))
        return market_certificate_worst(&problem->certificate);
    keep_if_best(pattern, problem, scratch, &best);
    restore_best(pattern, problem, scratch);
    return best;
}

/* Of several balancing prices take those nearest the start, if Newton gets there soon. */
static void approach_start(const market_pattern *pattern, market_problem *problem,
                           workspace *scratch)
{
    double best = INFINITY;
    double *centre_level = scratch->column[COLUMN_ARRAYS - 1];
    keep_if_best(pattern, problem, scratch, &best);
    copy_numbers(centre_level, problem->level, pattern->activities);
    if (!newton_solve(pattern, problem, scratch, scratch->start_price, centre_level, APPROACHING))
        restore_best(pattern, problem, scratch);
}

/* ------------------------------------------------------------- when there is no answer */

/* Can no feasible levels make the ray's combination of markets balance?  A value of an
 * unlimited activity that is rounding noise counts as zero. */
static bool ray_proves(const market_pattern *pattern, const market_problem *problem,
                       const double *ray)
{
    double most = 0, terms = 0;
    for (int32_t i = 0; i < pattern->markets; i++) {
        most += ray[i] * problem->supply[i];
        terms += fabs(ray[i] * problem->supply[i]);
    }
    for (int32_t j = 0; j < pattern->activities; j++) {
        double value = 0, scale = 0;
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
            const double worth = problem->coefficient[e] * ray[pattern->row[e]];
            value += worth;
            scale += fabs(worth);
        }
        if (value <= 1e-9 * scale || !(problem->capacity[j] > 0))
            continue;
        if (isinf(problem->capacity[j]))
            return false;
        most += value * problem->capacity[j];
        terms += value * problem->capacity[j];
    }
    return most < -MARKET_BAR * terms;
}

/* Unlimited activities must not pay at the ray's prices; rounding lets some pay a little.
 * Raise the price of what such an activity uses most, or give up the price of what it makes
 * from nothing. */
static void lift_ray(const market_pattern *pattern, const market_problem *problem, double *ray)
{
    bool is_changing = true;
    for (int32_t sweep = 0; sweep < pattern->markets && is_changing; sweep++) {
        is_changing = false;
        for (int32_t j = 0; j < pattern->activities; j++) {
            const double profit = column_value(pattern, problem->coefficient, ray, j);
            if (!isinf(problem->capacity[j]) || !(profit > 0))
                continue;
            int32_t used = YT_NONE;
            for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
                if (problem->coefficient[e] < 0 &&
                    (used < 0 || problem->coefficient[e] < problem->coefficient[used]))
                    used = e;
            is_changing = true;
            if (used >= 0)
                ray[pattern->row[used]] =
                    (ray[pattern->row[used]] - profit / problem->coefficient[used]) * (1 + 1e-15);
            else
                for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
                    ray[pattern->row[e]] = 0;
        }
    }
}

/* Scale the ray to a largest entry of 1. */
static void scale_ray(const market_pattern *pattern, double *ray)
{
    double most = 0;
    for (int32_t i = 0; i < pattern->markets; i++)
        most = fmax(most, ray[i]);
    for (int32_t i = 0; i < pattern->markets; i++)
        ray[i] = most > 0 ? ray[i] / most : 0;
}

static bool is_infeasible(const market_pattern *pattern, market_problem *problem,
                          workspace *scratch, double *ray)
{
    if (scratch->closing.impossible >= 0) {
        memset(ray, 0, (size_t)pattern->markets * sizeof(double));
        ray[scratch->closing.impossible] = 1;
    } else {
        interior_ray(pattern, problem, scratch, ray);
    }
    scale_ray(pattern, ray);
    closing_price(pattern, &scratch->closing, problem->coefficient, NULL, ray);
    lift_ray(pattern, problem, ray);
    return ray_proves(pattern, problem, ray);
}

static market_status explain(const market_pattern *pattern, market_problem *problem,
                             workspace *scratch)
{
    double *ray = scratch->row[ROW_ARRAYS - 1];
    if (is_infeasible(pattern, problem, scratch, ray)) {
        if (problem->ray)
            memcpy(problem->ray, ray, (size_t)pattern->markets * sizeof(double));
        return MARKET_INFEASIBLE;
    }
    return interior_unbounded(pattern, problem, scratch) ? MARKET_UNBOUNDED : MARKET_UNCERTIFIED;
}

/* --------------------------------------------------------------------------- dispatch */

/* By interior point; when `from_start`, the answer nearest the start is sought afterwards. */
static void solve_by_interior(const market_pattern *pattern, market_problem *problem,
                              workspace *scratch, bool from_start)
{
    problem->method = MARKET_INTERIOR;
    if (scratch->closing.impossible >= 0)
        do_nothing(pattern, problem);
    if (scratch->closing.impossible >= 0 ||
        !(solve_safely(pattern, problem, scratch) <= MARKET_BAR))
        problem->status = explain(pattern, problem, scratch);
    else if (from_start)
        approach_start(pattern, problem, scratch);
}

static void prepare(const market_pattern *pattern, market_problem *problem, workspace *scratch)
{
    problem->status = MARKET_OPTIMAL;
    problem->method = MARKET_NEWTON;
    floor_start(pattern, problem, scratch->start_price);
    closing_look(pattern, problem, scratch->flag);
    price_leftovers(pattern, problem, scratch->flag, scratch->start_price);
    closing_find(pattern, problem, &scratch->closing);
    copy_numbers(problem->price, scratch->start_price, pattern->markets);
}

/* A problem with markets that nobody can supply, or where nobody trades. */
static void clear_alone(const market_pattern *pattern, market_problem *problem, workspace *scratch)
{
    prepare(pattern, problem, scratch);
    if (scratch->closing.impossible >= 0 ||
        !newton_solve(pattern, problem, scratch, scratch->start_price, NULL, WARM))
        solve_by_interior(pattern, problem, scratch, true);
}

/* A problem that the lanes could not solve. */
static void clear_failed(const market_pattern *pattern, market_problem *problem, workspace *scratch)
{
    prepare(pattern, problem, scratch);
    solve_by_interior(pattern, problem, scratch, true);
}

/* The start, made safe for the lanes: finite and not absurd. */
static void make_start_safe(const market_pattern *pattern, market_problem *problem)
{
    for (int32_t i = 0; i < pattern->markets; i++) {
        const double reference = problem->reference[i], given = problem->price[i];
        assert(reference > 0);
        problem->price[i] = isfinite(given) ? fmin(fmax(given, 0), 1e9 * reference) : reference;
    }
}

/* The lanes left markets that nobody can supply at their start: raise their prices until nobody
 * would buy there.  Is the answer certified with them? */
static bool price_closings(const market_pattern *pattern, market_problem *problem,
                           workspace *scratch)
{
    closing_find(pattern, problem, &scratch->closing);
    closing_price(pattern, &scratch->closing, problem->coefficient, problem->cost, problem->price);
    market_certify(pattern, problem);
    return scratch->closing.impossible < 0 &&
           market_certificate_worst(&problem->certificate) <= POLISHING.bar;
}

enum { CHUNK = 128 }; /* problems the lanes are given at once; more only cost stack */

/* Clear up to CHUNK problems that share their coefficients. */
static void clear_chunk(const lane_solver *solver, const market_pattern *pattern,
                        market_problem *const problems[], int32_t n, workspace *scratch, void *room)
{
    lane_outcome outcome[CHUNK];
    bool is_closing[CHUNK];
    for (int32_t i = 0; i < n; i++) {
        closing_look(pattern, problems[i], scratch->flag);
        is_closing[i] = closing_is_needed(pattern, problems[i], scratch->flag);
        make_start_safe(pattern, problems[i]);
        price_leftovers(pattern, problems[i], scratch->flag, problems[i]->price);
    }
    solver->solve(pattern, problems, is_closing, n, room, outcome);
    for (int32_t i = 0; i < n; i++)
        if (outcome[i] == LANE_FAILED)
            clear_failed(pattern, problems[i], scratch);
        else if (outcome[i] == LANE_IDLE ||
                 (is_closing[i] && !price_closings(pattern, problems[i], scratch)))
            clear_alone(pattern, problems[i], scratch);
}

static void clear_all(const lane_solver *solver, const market_pattern *pattern,
                      market_problem *const problems[], int32_t n, void *block)
{
    workspace scratch;
    void *room = (char *)block + scratch_layout(pattern, block, &scratch);
    for (int32_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && end - first < CHUNK; end++)
            if (problems[end]->coefficient != problems[first]->coefficient)
                break;
        clear_chunk(solver, pattern, problems + first, end - first, &scratch, room);
    }
}

size_t market_scratch_size(const market_pattern *pattern)
{
    workspace ignored;
    return scratch_layout(pattern, NULL, &ignored) + LANES_1.size(pattern);
}

void market_clear(const market_pattern *pattern, market_problem *const problems[], int32_t n,
                  void *block)
{
    clear_all(&LANES_1, pattern, problems, n, block);
}

size_t market_batch_size(const market_pattern *pattern)
{
    workspace ignored;
    return scratch_layout(pattern, NULL, &ignored) + lanes_widest()->size(pattern);
}

void market_clear_batch(const market_pattern *pattern, market_problem *const problems[], int32_t n,
                        void *block)
{
    clear_all(lanes_widest(), pattern, problems, n, block);
}

void market_clear_interior(const market_pattern *pattern, market_problem *problem, void *block)
{
    workspace scratch;
    scratch_layout(pattern, block, &scratch);
    problem->iterations = 0;
    prepare(pattern, problem, &scratch);
    solve_by_interior(pattern, problem, &scratch, false);
}
