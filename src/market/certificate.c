/* certificate.c - the proof that nobody wants to change: three relative errors.
 *
 * Always of the problem as given.  The dual value at prices p is
 *     -b'p + sum_j min over 0 <= x <= k_j of (c_j - a_j'p) x + q_j x^2 / 2,
 * a lower bound of every feasible cost.  An activity without bound and slope has no such
 * minimum when it pays; its relative profit then counts as the gap.
 */
#include "market/inside.h"

#include <math.h>

double market_certificate_worst(const market_certificate *certificate)
{
    return fmax(certificate->balance, fmax(certificate->complementarity, certificate->gap));
}

/* The error of what is not a number: finite, and worse than any other. */
static const double HOPELESS = 1e300;

static double ratio(double error, double scale)
{
    if (!isfinite(error) || !isfinite(scale))
        return HOPELESS;
    if (!(error > 0))
        return 0;
    return scale > 0 ? fmin(error / scale, HOPELESS) : HOPELESS;
}

void columns_add(const market_pattern *pattern, const double *coefficient, const double *level,
                 double *row)
{
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (level[j] == 0)
            continue;
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            row[pattern->row[e]] += coefficient[e] * level[j];
    }
}

/* Balance and complementarity of every market. */
static void certify_markets(const market_pattern *pattern, const market_problem *problem,
                            market_certificate *certificate)
{
    for (int32_t i = 0; i < pattern->markets; i++) {
        double rest = problem->supply[i], scale = fabs(rest);
        for (int32_t k = pattern->row_start[i]; k < pattern->row_start[i + 1]; k++) {
            const double flow = problem->coefficient[pattern->row_entry[k]] *
                                problem->level[pattern->row_activity[k]];
            rest += flow;
            scale += fabs(flow);
        }
        const double price = problem->price[i];
        certificate->balance = fmax(certificate->balance, ratio(-rest, scale));
        certificate->complementarity =
            fmax(certificate->complementarity,
                 ratio(price * fmax(rest, 0), scale * fmax(price, problem->reference[i])));
    }
}

/* Primal and dual value with the sum of their absolute terms. */
typedef struct value_sum {
    double primal, dual, terms;
    double unbounded; /* worst relative profit of an activity without bound and slope */
} value_sum;

static void add_activity(const market_pattern *pattern, const market_problem *problem, int32_t j,
                         value_sum *values)
{
    const double cost = problem->cost[j], slope = problem->slope[j];
    const double capacity = problem->capacity[j], level = problem->level[j];
    double profit = -cost, scale = fabs(cost);
    for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
        const double worth = problem->coefficient[e] * problem->price[pattern->row[e]];
        profit += worth;
        scale += fabs(worth);
    }
    const double linear = cost * level, quadratic = slope * level * level / 2;
    values->primal += linear + quadratic;
    values->terms += fabs(linear) + quadratic;
    if (!(profit > 0) || !(capacity > 0))
        return;
    if (slope * capacity > profit || (isinf(capacity) && slope > 0)) {
        values->dual -= profit * profit / (2 * slope);
        values->terms += profit * profit / (2 * slope);
    } else if (!isinf(capacity)) {
        const double least = (profit - slope * capacity / 2) * capacity;
        values->dual -= least;
        values->terms += fabs(least);
    } else {
        values->unbounded = fmax(values->unbounded, ratio(profit, scale));
    }
}

void market_certify(const market_pattern *pattern, market_problem *problem)
{
    market_certificate certificate = {0};
    value_sum values = {0};
    certify_markets(pattern, problem, &certificate);
    for (int32_t i = 0; i < pattern->markets; i++) {
        const double worth = problem->supply[i] * problem->price[i];
        values.dual -= worth;
        values.terms += fabs(worth);
    }
    for (int32_t j = 0; j < pattern->activities; j++)
        add_activity(pattern, problem, j, &values);
    certificate.gap =
        fmax(ratio(fabs(values.primal - values.dual), values.terms), values.unbounded);
    problem->objective = values.primal;
    problem->certificate = certificate;
}
