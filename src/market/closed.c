/* closed.c - what can be settled before solving.
 *
 * A market with no supply of its own and no open activity that delivers into it is dead: its
 * buyers cannot run, which may leave further markets without supply.  An embargo makes many.
 * Afterwards the price of a dead market must be high enough that none of the activities it
 * closed would pay.  Markets are priced in reverse order of death: what an earlier one closed
 * is made to fit the prices of the later ones.
 */
#include "market/inside.h"

#include <math.h>

static void close_activity(const market_pattern *pattern, const double *coefficient, int32_t j,
                           closings *closing)
{
    closing->capacity[j] = 0;
    for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
        closing->producers[pattern->row[e]] -= coefficient[e] > 0;
}

static void start_open(const market_pattern *pattern, const market_problem *problem,
                       closings *closing)
{
    closing->dead_count = 0;
    closing->impossible = YT_NONE;
    for (int32_t i = 0; i < pattern->markets; i++)
        closing->producers[i] = 0;
    for (int32_t j = 0; j < pattern->activities; j++) {
        closing->closed_by[j] = YT_NONE;
        closing->capacity[j] = problem->capacity[j] > 0 ? problem->capacity[j] : 0;
        if (closing->capacity[j] > 0)
            for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
                closing->producers[pattern->row[e]] += problem->coefficient[e] > 0;
    }
}

/* Close the buyers of dead market i; markets that lose their last supplier die next. */
static void close_buyers(const market_pattern *pattern, const market_problem *problem, int32_t i,
                         closings *closing)
{
    for (int32_t k = pattern->row_start[i]; k < pattern->row_start[i + 1]; k++) {
        const int32_t j = pattern->row_activity[k];
        if (problem->coefficient[pattern->row_entry[k]] >= 0 || closing->capacity[j] == 0)
            continue;
        close_activity(pattern, problem->coefficient, j, closing);
        closing->closed_by[j] = i;
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
            const int32_t other = pattern->row[e];
            if (problem->coefficient[e] > 0 && closing->producers[other] == 0 &&
                problem->supply[other] == 0)
                closing->dead[closing->dead_count++] = other;
        }
    }
}

/* A market whose suppliers, all at capacity, cannot cover what is taken from it. */
static int32_t find_impossible(const market_pattern *pattern, const market_problem *problem,
                               const closings *closing)
{
    for (int32_t i = 0; i < pattern->markets; i++) {
        double most = problem->supply[i], scale = fabs(problem->supply[i]);
        if (problem->supply[i] >= 0)
            continue;
        for (int32_t k = pattern->row_start[i]; k < pattern->row_start[i + 1]; k++) {
            const double a = problem->coefficient[pattern->row_entry[k]];
            if (a > 0 && closing->capacity[pattern->row_activity[k]] > 0)
                most += a * closing->capacity[pattern->row_activity[k]];
        }
        if (most < -MARKET_BAR * scale)
            return i;
    }
    return YT_NONE;
}

void closing_find(const market_pattern *pattern, const market_problem *problem, closings *closing)
{
    start_open(pattern, problem, closing);
    for (int32_t i = 0; i < pattern->markets; i++)
        if (closing->producers[i] == 0 && problem->supply[i] == 0)
            closing->dead[closing->dead_count++] = i;
    for (int32_t d = 0; d < closing->dead_count; d++)
        close_buyers(pattern, problem, closing->dead[d], closing);
    closing->impossible = find_impossible(pattern, problem, closing);
}

void closing_look(const market_pattern *pattern, const market_problem *problem, int32_t *what)
{
    memset(what, 0, (size_t)pattern->markets * sizeof *what);
    for (int32_t j = 0; j < pattern->activities; j++) {
        const int32_t is_open = problem->capacity[j] > 0;
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
            const double a = problem->coefficient[e];
            const int32_t does = MARKET_OPEN | (a > 0) * MARKET_MADE | (a < 0) * MARKET_USED;
            what[pattern->row[e]] |= is_open * does;
        }
    }
}

bool closing_is_needed(const market_pattern *pattern, const market_problem *problem,
                       const int32_t *what)
{
    for (int32_t i = 0; i < pattern->markets; i++)
        if (problem->supply[i] == 0 && (what[i] & MARKET_USED) && !(what[i] & MARKET_MADE))
            return true;
    return false;
}

void closing_price(const market_pattern *pattern, const closings *closing,
                   const double *coefficient, const double *cost, double *price)
{
    for (int32_t d = closing->dead_count - 1; d >= 0; d--) {
        const int32_t i = closing->dead[d];
        for (int32_t k = pattern->row_start[i]; k < pattern->row_start[i + 1]; k++) {
            const int32_t j = pattern->row_activity[k];
            if (closing->closed_by[j] != i)
                continue;
            const double a = coefficient[pattern->row_entry[k]];
            const double profit =
                column_value(pattern, coefficient, price, j) - (cost ? cost[j] : 0);
            if (profit > 0)
                price[i] = (price[i] + profit / -a) * (1 + 1e-12);
        }
    }
}
