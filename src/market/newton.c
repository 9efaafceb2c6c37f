/* newton.c - prices by semismooth Newton: fast from a good start, and exact at the end.
 *
 * For given prices every activity knows its best level, so prices are the only unknowns:
 * minimise the convex, piecewise quadratic
 *     g(p) = b'p - sum_j min over 0 <= x <= k of (c - a'p) x + q x^2 / 2,   p >= 0,
 * whose gradient is the balance A x(p) + b.  Two proximal terms make it strictly solvable and
 * vanish as their centres move to the answer: a flat activity is given a slope around its
 * centre level, and every price a weak pull to its centre, which chooses among several
 * balancing prices (an idle market keeps its price).
 * Source: docs/model.md, "Clearing"; Qi and Sun 1993; Rockafellar 1976 (proximal).
 */
#include "market/inside.h"

#include <assert.h>
#include <math.h>

enum { MAX_ROUNDS = 6, MAX_TRIALS = 30, FINISHING = 8, CALMING = 20, MAX_ATTEMPTS = 3 };

static const double FLAT = 1e-5;    /* slope given to flat activities, of price per level  */
static const double PULL = 1e-10;   /* pull to the centre price, of throughput per price    */
static const double FADE = 0.03;    /* of the pull from round to round */
static const double AT_ZERO = 1e-9; /* a price below this part of its reference is zero     */
static const double FIXED = 1e12;   /* weight of what is fixed, of throughput per price      */
static const double NEAR = 0.01;    /* of its worth: short of working, but may soon work */
static const double SETTLED = 1e-4; /* error: few activities will still start or stop */
static const double HAIR = 1e-11;   /* of a price: more than rounding                     */
static const double TRACE = 100;    /* times what the pull leaves: no flow                  */
#define ROUNDING 1e-14              /* of throughput */
#define RESIDUE 1e-12               /* of throughput: what exact equations leave of a trace */

typedef struct newton {
    const market_pattern *pattern;
    market_problem *problem;
    const double *capacity;
    double *cost, *give;    /* of the proximal activities                  */
    double *value, *change; /* a_j'p and a_j'd                             */
    double *level_scale;    /*                                [activities] */
    double *centre_level;   /*                                [activities] */
    double *balance;        /* gradient A x + b + pull (p - centre)        */
    double *throughput;     /* plausible flow through a market, > 0         */
    double *gross;          /* flow in and out now                             */
    int32_t *open;          /* activities that can run; the others stay at zero */
    int32_t open_count;
    int32_t *to_zero;      /* 1: the step ends at price zero                  */
    double *best_price;    /* best answer of a round                          */
    double *best_level;    /*                                  [activities]   */
    double *settled_price; /* prices the last round ended with             */
    double *pull, *centre; /* weight and centre of the price's proximal   */
    double *step;          /* d                                           */
    double *weight, *diagonal;
    factor *factor;
} newton;

/* Best level at value a'p. */
static inline double best_level(const newton *nt, int32_t j, double value)
{
    const double level = (value - nt->cost[j]) * nt->give[j];
    return level > 0 ? fmin(level, nt->capacity[j]) : 0;
}

static void find_values(const newton *nt, const double *price, double *value)
{
    for (int32_t k = 0; k < nt->open_count; k++)
        value[nt->open[k]] =
            column_value(nt->pattern, nt->problem->coefficient, price, nt->open[k]);
}

/* Levels of the activities at the present prices. */
static void find_levels(const newton *nt)
{
    for (int32_t k = 0; k < nt->open_count; k++)
        nt->problem->level[nt->open[k]] = best_level(nt, nt->open[k], nt->value[nt->open[k]]);
}

static void find_balance(const newton *nt)
{
    const market_problem *problem = nt->problem;
    for (int32_t i = 0; i < nt->pattern->markets; i++)
        nt->balance[i] = problem->supply[i] + nt->pull[i] * (problem->price[i] - nt->centre[i]);
    columns_add(nt->pattern, problem->coefficient, problem->level, nt->balance);
}

/* --------------------------------------------------------------------------- scales */

/* Largest level an activity may plausibly have: capacity, or what its slope allows. */
static double plausible_level(const newton *nt, int32_t j)
{
    const market_problem *problem = nt->problem;
    double worth = fabs(problem->cost[j]);
    for (int32_t e = nt->pattern->start[j]; e < nt->pattern->start[j + 1]; e++)
        worth += fabs(problem->coefficient[e]) * problem->reference[nt->pattern->row[e]];
    double level = nt->capacity[j];
    if (problem->slope[j] > 0)
        level = fmin(level, worth / problem->slope[j]);
    return level;
}

/* Typical flow of each market from plausible levels; unlimited ones take the mean of the
 * rest. */
static void find_scales(const newton *nt)
{
    const market_pattern *pattern = nt->pattern;
    const double *coefficient = nt->problem->coefficient;
    double sum = 0, all = 0;
    for (int32_t i = 0; i < pattern->markets; i++) {
        nt->throughput[i] = fabs(nt->problem->supply[i]);
        sum += nt->throughput[i];
        all += nt->throughput[i] > 0;
    }
    for (int32_t j = 0; j < pattern->activities; j++) {
        nt->level_scale[j] = nt->capacity[j] > 0 ? plausible_level(nt, j) : 0;
        if (nt->level_scale[j] > 0 && !isinf(nt->level_scale[j])) {
            sum += nt->level_scale[j];
            all++;
        }
    }
    const double mean = all > 0 && sum > 0 ? sum / all : 1;
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (isinf(nt->level_scale[j]))
            nt->level_scale[j] = mean;
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            nt->throughput[pattern->row[e]] += fabs(coefficient[e]) * nt->level_scale[j] / 2;
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        if (!(nt->throughput[i] > 1e-9 * mean))
            nt->throughput[i] = 1e-9 * mean;
}

/* The proximal problem around a centre. */
static void set_centre(const newton *nt, const double *centre_price, const double *centre_level,
                       double pull)
{
    const market_pattern *pattern = nt->pattern;
    const market_problem *problem = nt->problem;
    for (int32_t j = 0; j < pattern->activities; j++) {
        nt->centre_level[j] = centre_level ? centre_level[j] : 0;
        nt->cost[j] = problem->cost[j];
        nt->give[j] = 0;
        if (nt->capacity[j] == 0)
            continue;
        double worth = fabs(problem->cost[j]);
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            worth += fabs(problem->coefficient[e]) * problem->reference[pattern->row[e]];
        const double least = FLAT * worth / nt->level_scale[j];
        double slope = problem->slope[j];
        if (slope < least) {
            slope += least;
            nt->cost[j] -= least * nt->centre_level[j];
        }
        nt->give[j] = 1 / slope;
    }
    for (int32_t i = 0; i < pattern->markets; i++) {
        nt->centre[i] = centre_price[i];
        nt->pull[i] = pull * nt->throughput[i] / problem->reference[i];
    }
}

/* ---------------------------------------------------------------------------- steps */

static bool is_held_at_zero(const newton *nt, int32_t i)
{
    return nt->problem->price[i] <= AT_ZERO * nt->problem->reference[i] && nt->balance[i] > 0;
}

/* Worst scaled error of the proximal problem. */
static double error_now(const newton *nt)
{
    double worst = 0;
    for (int32_t i = 0; i < nt->pattern->markets; i++) {
        const double rest = nt->balance[i] / nt->throughput[i];
        const double price = nt->problem->price[i] / nt->problem->reference[i];
        worst = fmax(worst, fabs(fmin(rest, price)));
    }
    return worst;
}

static void set_weights(const newton *nt)
{
    for (int32_t k = 0; k < nt->open_count; k++) {
        const int32_t j = nt->open[k];
        const double level = nt->problem->level[j];
        nt->weight[j] = level > 0 && level < nt->capacity[j] ? nt->give[j] : 0;
    }
}

/* Solve for the step with some prices sent to zero, the others free: Levenberg damping that
 * vanishes with the imbalance, each market's own and the worst one, because in a block of flat
 * prices all markets move together. */
static void solve_step(const newton *nt, double damping, double error)
{
    const market_problem *problem = nt->problem;
    for (int32_t i = 0; i < nt->pattern->markets; i++) {
        const double natural = nt->throughput[i] / problem->reference[i];
        const double imbalance = fabs(nt->balance[i]) / (0.3 * problem->reference[i]);
        nt->diagonal[i] = nt->pull[i] + damping * (imbalance + 0.3 * error * natural);
        nt->step[i] = -nt->balance[i];
        if (nt->to_zero[i]) {
            nt->diagonal[i] = FIXED * natural;
            nt->step[i] = -FIXED * natural * problem->price[i];
        }
    }
    factor_compute(nt->pattern, problem->coefficient, nt->weight, nt->diagonal, nt->factor);
    factor_solve(nt->pattern, nt->factor, nt->step);
}

/* Prices that the step would make negative are sent to zero as well; how many. */
static int32_t send_to_zero(const newton *nt)
{
    int32_t found = 0;
    for (int32_t i = 0; i < nt->pattern->markets; i++)
        if (!nt->to_zero[i] && nt->step[i] < -nt->problem->price[i]) {
            nt->to_zero[i] = 1;
            found++;
        }
    return found;
}

/* Newton direction to prices that are not negative.  Cutting a step at zero after the solve
 * would bend it, and steps collapse; so those markets are fixed and the rest solved again. */
static void find_step(const newton *nt, double damping, double error)
{
    const market_problem *problem = nt->problem;
    set_weights(nt);
    for (int32_t i = 0; i < nt->pattern->markets; i++)
        nt->to_zero[i] = is_held_at_zero(nt, i) || (nt->to_zero[i] && nt->balance[i] > 0);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        solve_step(nt, damping, error);
        if (send_to_zero(nt) == 0)
            break;
    }
    for (int32_t i = 0; i < nt->pattern->markets; i++)
        nt->step[i] = nt->to_zero[i] ? -problem->price[i] : fmax(nt->step[i], -problem->price[i]);
}

/* Slope of g along the step at length t, and its derivative. */
typedef struct slope {
    double value, curvature;
} slope;

static slope slope_at(const newton *nt, double t)
{
    const market_problem *problem = nt->problem;
    slope along = {0};
    for (int32_t i = 0; i < nt->pattern->markets; i++) {
        const double d = nt->step[i];
        along.value +=
            d * (problem->supply[i] + nt->pull[i] * (problem->price[i] + t * d - nt->centre[i]));
        along.curvature += nt->pull[i] * d * d;
    }
    for (int32_t k = 0; k < nt->open_count; k++) {
        const int32_t j = nt->open[k];
        const double change = nt->change[j];
        if (change == 0)
            continue;
        const double level = (nt->value[j] + t * change - nt->cost[j]) * nt->give[j];
        if (!(level > 0))
            continue;
        if (level < nt->capacity[j]) {
            along.value += change * level;
            along.curvature += change * change * nt->give[j];
        } else {
            along.value += change * nt->capacity[j];
        }
    }
    return along;
}

/* Length at which the slope, rising and piecewise linear, has lost seven tenths: Newton on the
 * slope inside a bracket, halving when it leaves.  0 when the step does not descend. */
static double search(const newton *nt)
{
    double first = 0;
    for (int32_t i = 0; i < nt->pattern->markets; i++)
        first += nt->step[i] * nt->balance[i];
    const double goal = 0.3 * fabs(first);
    if (!(first < 0))
        return 0;
    slope along = slope_at(nt, 1);
    double low = 0, high = 1, t = 1;
    if (along.value <= goal)
        return 1;
    for (int trial = 0; trial < MAX_TRIALS && fabs(along.value) > goal; trial++) {
        if (along.value > 0)
            high = t;
        else
            low = t;
        const double guess = t - along.value / along.curvature;
        const bool is_inside = guess > low && guess < high;
        t = is_inside ? guess : (low > 0 || high > 1e-3 ? (low + high) / 2 : high * 0.1);
        along = slope_at(nt, t);
    }
    return t;
}

static double adapt_damping(double damping, double t)
{
    if (t > 0.9)
        damping *= 0.1;
    else if (t < 0.01)
        damping *= 10;
    else if (t < 0.2)
        damping *= 3;
    return fmin(fmax(damping, 1e-6), 1e3);
}

/* Do the same activities lie strictly inside their bounds as when the step was found?  Then a
 * full step was exact. */
static bool is_same_set(const newton *nt)
{
    for (int32_t k = 0; k < nt->open_count; k++) {
        const int32_t j = nt->open[k];
        const double level = nt->problem->level[j];
        if ((nt->weight[j] > 0) != (level > 0 && level < nt->capacity[j]))
            return false;
    }
    return true;
}

static void evaluate(const newton *nt)
{
    find_values(nt, nt->problem->price, nt->value);
    find_levels(nt);
    find_balance(nt);
}

/* Activities that work at the present prices, or would if prices moved a little. */
static void expect_activities(const newton *nt)
{
    const market_pattern *pattern = nt->pattern;
    for (int32_t k = 0; k < nt->open_count; k++) {
        const int32_t j = nt->open[k];
        if (pattern->pair_start[j] == pattern->pair_start[j + 1])
            continue;
        double worth = fabs(nt->problem->cost[j]);
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            worth += fabs(nt->problem->coefficient[e]) * nt->problem->price[pattern->row[e]];
        const double profit = nt->value[j] - nt->cost[j], margin = NEAR * worth;
        if (profit > -margin && (profit - margin) * nt->give[j] < nt->capacity[j])
            factor_expect(pattern, j, nt->factor);
    }
}

/* Minimise the proximal g from the present prices until the bounds that hold are known; false
 * when the steps run out before. */
static bool minimise(const newton *nt, int *steps)
{
    market_problem *problem = nt->problem;
    double damping = 3;
    evaluate(nt);
    for (int32_t i = 0; i < nt->pattern->markets; i++)
        nt->to_zero[i] = 0;
    for (; *steps > 0; --*steps) {
        const double error = error_now(nt);
        if (!(error > ROUNDING))
            return true;
        if (error > SETTLED)
            expect_activities(nt);
        find_step(nt, damping, error);
        find_values(nt, nt->step, nt->change);
        const double t = search(nt);
        problem->iterations++;
        if (t == 0 && error < 1e-9)
            return true;
        damping = adapt_damping(damping, t);
        for (int32_t i = 0; i < nt->pattern->markets; i++)
            problem->price[i] = fmax(problem->price[i] + t * nt->step[i], 0);
        evaluate(nt);
        if (t == 1 && error < SETTLED && is_same_set(nt))
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------------------- finish */

/* Gross flow of every market, both sides together. */
static void find_gross(const newton *nt)
{
    const market_pattern *pattern = nt->pattern;
    for (int32_t i = 0; i < pattern->markets; i++)
        nt->gross[i] = fabs(nt->problem->supply[i]);
    for (int32_t j = 0; j < pattern->activities; j++)
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            nt->gross[pattern->row[e]] += fabs(nt->problem->coefficient[e]) * nt->problem->level[j];
}

/* What leaves traces in a market that does not trade. */
typedef struct trace {
    double pull, rounding; /* times the flow from the pull; of the throughput */
} trace;

/* Flow through a market that may be due to the pull and to rounding alone. */
static double trace_flow(const newton *nt, int32_t i, trace of)
{
    return of.pull * nt->pull[i] * fabs(nt->problem->price[i] - nt->centre[i]) +
           of.rounding * nt->throughput[i];
}

/* Is a change of level j by `distance` noise?  In an idle market traces are all the flow there
 * is; the same amount may be the marginal tonne of a market that trades. */
static bool is_noise(const newton *nt, int32_t j, double distance, trace of)
{
    const market_pattern *pattern = nt->pattern;
    bool is_idle = false, is_trace = true, is_rounding = true;
    for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
        const int32_t i = pattern->row[e];
        const double flow = fabs(nt->problem->coefficient[e]) * distance;
        const double allowed = trace_flow(nt, i, of);
        is_trace &= flow <= allowed;
        is_idle |= nt->gross[i] <= 10 * allowed;
        is_rounding &= flow <= ROUNDING * nt->gross[i];
    }
    return is_rounding || (is_trace && is_idle);
}

/* Levels that differ from a bound by noise go there. */
static void snap_levels(const newton *nt, trace of)
{
    find_gross(nt);
    for (int32_t j = 0; j < nt->pattern->activities; j++) {
        double *level = &nt->problem->level[j];
        const double room = nt->capacity[j] - *level;
        if (*level > 0 && room > 0 && is_noise(nt, j, fmin(*level, room), of))
            *level = *level <= room ? 0 : nt->capacity[j];
    }
}

/* A x + b, without the pull. */
static void find_rest(const newton *nt, double *rest)
{
    copy_numbers(rest, nt->problem->supply, nt->pattern->markets);
    columns_add(nt->pattern, nt->problem->coefficient, nt->problem->level, rest);
}

/* Markets in surplus have price zero; the others must balance. */
static void settle_surplus(const newton *nt)
{
    find_rest(nt, nt->balance);
    for (int32_t i = 0; i < nt->pattern->markets; i++) {
        nt->to_zero[i] = is_held_at_zero(nt, i);
        if (nt->to_zero[i])
            nt->problem->price[i] = 0;
    }
}

/* Matrix of the equations that hold: activities strictly inside their bounds, markets not in
 * surplus. */
static void factor_equations(const newton *nt)
{
    const market_problem *problem = nt->problem;
    set_weights(nt);
    for (int32_t i = 0; i < nt->pattern->markets; i++) {
        const double natural = nt->throughput[i] / problem->reference[i];
        nt->diagonal[i] = nt->to_zero[i] ? FIXED * natural : nt->pull[i];
    }
    factor_compute(nt->pattern, problem->coefficient, nt->weight, nt->diagonal, nt->factor);
}

/* One Newton step on those equations, prices and levels together:
 *     q dx - a'dp = a'p - c - q x,   A dx = -(A x + b). */
static void step_equations(const newton *nt)
{
    market_problem *problem = nt->problem;
    const market_pattern *pattern = nt->pattern;
    double *const level_step = nt->change;
    find_values(nt, problem->price, nt->value);
    for (int32_t j = 0; j < pattern->activities; j++)
        level_step[j] = nt->weight[j] == 0
                            ? 0
                            : nt->weight[j] * (nt->value[j] - problem->cost[j] -
                                               problem->slope[j] * problem->level[j]);
    find_rest(nt, nt->step);
    columns_add(pattern, problem->coefficient, level_step, nt->step);
    for (int32_t i = 0; i < pattern->markets; i++)
        nt->step[i] = nt->to_zero[i] ? 0 : -nt->step[i];
    factor_solve(pattern, nt->factor, nt->step);
    for (int32_t i = 0; i < pattern->markets; i++)
        nt->step[i] = nt->to_zero[i] ? 0 : nt->step[i];
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (nt->weight[j] == 0)
            continue;
        const double change =
            level_step[j] +
            nt->weight[j] * column_value(pattern, problem->coefficient, nt->step, j);
        problem->level[j] = fmin(fmax(problem->level[j] + change, 0), nt->capacity[j]);
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        problem->price[i] = fmax(problem->price[i] + nt->step[i], 0);
}

static bool is_trading(const newton *nt)
{
    for (int32_t j = 0; j < nt->pattern->activities; j++)
        if (nt->problem->level[j] > 0)
            return true;
    return false;
}

/* Where an idle market's price is just what its cheapest supplier or keenest buyer would
 * take, move it a hair inwards: rounding must not make anybody wish to trade. */
static void calm_idle_market(const newton *nt, int32_t i)
{
    const market_pattern *pattern = nt->pattern;
    const market_problem *problem = nt->problem;
    double low = 0, high = INFINITY;
    for (int32_t k = pattern->row_start[i]; k < pattern->row_start[i + 1]; k++) {
        const int32_t j = pattern->row_activity[k];
        const double a = problem->coefficient[pattern->row_entry[k]];
        if (nt->capacity[j] == 0 || a == 0)
            continue;
        const double profit =
            column_value(pattern, problem->coefficient, problem->price, j) - problem->cost[j];
        const double indifferent = problem->price[i] - profit / a;
        if (a > 0)
            high = fmin(high, indifferent);
        else
            low = fmax(low, indifferent);
    }
    /* a third of a narrow interval: leaves room for the neighbours to do the same */
    const double hair = fmin(HAIR * problem->price[i], (high - low) / 3);
    if (hair > 0)
        problem->price[i] = fmin(fmax(problem->price[i], low + (low > 0 ? hair : 0)), high - hair);
}

/* Take the bounds that hold as settled and solve the rest exactly: removes the proximal terms
 * and what rounding left (a price carries a level only to rounding / slope).  Returns the
 * worst of the certificate. */
static double finish(const newton *nt, const closings *closing, double goal)
{
    market_problem *problem = nt->problem;
    double worst = 1e300;
    snap_levels(nt, (trace){TRACE, ROUNDING});
    settle_surplus(nt);
    factor_equations(nt);
    /* without any trade the gap has nothing to be small against */
    for (int sweep = 0; sweep < CALMING && !is_trading(nt); sweep++)
        for (int32_t i = 0; i < nt->pattern->markets; i++)
            if (problem->supply[i] == 0)
                calm_idle_market(nt, i);
    double before = INFINITY;
    for (int repeat = 0; repeat < FINISHING && worst > goal && worst < 0.5 * before; repeat++) {
        before = worst;
        step_equations(nt);
        snap_levels(nt, (trace){0, RESIDUE});
        closing_price(nt->pattern, closing, problem->coefficient, problem->cost, problem->price);
        market_certify(nt->pattern, problem);
        worst = market_certificate_worst(&problem->certificate);
    }
    return worst;
}

static newton newton_new(const market_pattern *pattern, market_problem *problem, workspace *scratch)
{
    double **column = scratch->column, **row = scratch->row;
    newton nt = {
        .pattern = pattern,
        .problem = problem,
        .capacity = scratch->closing.capacity,
        .give = column[0],
        .cost = column[1],
        .value = column[2],
        .change = column[3],
        .level_scale = column[4],
        .centre_level = column[5],
        .balance = row[0],
        .throughput = row[1],
        .pull = row[2],
        .centre = row[3],
        .step = row[4],
        .settled_price = row[5],
        .best_price = row[7],
        .best_level = column[6],
        .gross = row[6],
        .to_zero = scratch->flag,
        .weight = scratch->weight,
        .diagonal = scratch->diagonal,
        .factor = &scratch->factor,
        .open = scratch->open,
    };
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (nt.capacity[j] > 0) {
            nt.open[nt.open_count++] = j;
            continue;
        }
        problem->level[j] = nt.weight[j] = nt.value[j] = nt.change[j] = 0;
    }
    return nt;
}

bool newton_polish(const market_pattern *pattern, market_problem *problem, workspace *scratch,
                   double goal)
{
    newton nt = newton_new(pattern, problem, scratch);
    factor_forget(pattern, nt.factor);
    find_scales(&nt);
    copy_numbers(nt.centre_level, problem->level, pattern->activities);
    set_centre(&nt, problem->price, nt.centre_level, PULL);
    return finish(&nt, &scratch->closing, goal) <= goal;
}

bool newton_solve(const market_pattern *pattern, market_problem *problem, workspace *scratch,
                  const double *centre_price, const double *centre_level, newton_effort effort)
{
    newton nt = newton_new(pattern, problem, scratch);
    factor_forget(pattern, nt.factor);
    find_scales(&nt);
    set_centre(&nt, centre_price, centre_level, PULL);
    double pull = PULL;
    double best = INFINITY;
    for (int round = 0; round < MAX_ROUNDS && minimise(&nt, &effort.steps); round++) {
        copy_numbers(nt.settled_price, problem->price, pattern->markets);
        const double worst = finish(&nt, &scratch->closing, effort.goal);
        if (worst <= effort.goal)
            return true;
        if (worst < best) {
            best = worst;
            copy_numbers(nt.best_price, problem->price, pattern->markets);
            copy_numbers(nt.best_level, problem->level, pattern->activities);
        }
        copy_numbers(problem->price, nt.settled_price, pattern->markets);
        evaluate(&nt);
        /* traces that the pull keeps alive need a weaker one, or very many rounds */
        if (round > 0)
            pull *= FADE;
        set_centre(&nt, problem->price, problem->level, pull);
    }
    if (!isinf(best)) {
        copy_numbers(problem->price, nt.best_price, pattern->markets);
        copy_numbers(problem->level, nt.best_level, pattern->activities);
    }
    market_certify(pattern, problem);
    return best <= effort.bar;
}
