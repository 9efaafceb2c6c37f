/* clear_problem.h - a clearing problem as JSON: read it, solve it, say the answer.
 *
 * Format: docs/man/clear.md.  Markets and activities are solved in the order of their names,
 * so that the answer does not depend on the order in which they were written.
 */
#ifndef CLI_CLEAR_PROBLEM_H
#define CLI_CLEAR_PROBLEM_H

#include "base/arena.h"
#include "base/json_write.h"
#include "base/log.h"
#include "market/market.h"

/* All arrays in the order of names; *_rank: place of the n-th one written. */
typedef struct clear_problem {
    arena *memory; /* holds all below, and the texts of the names */
    int32_t markets, activities;
    const char **market_name, **activity_name; /* as written, sorted by byte                 */
    int32_t *market_rank, *activity_rank;      /* written order -> order of names            */
    int32_t *start, *row;
    double *coefficient, *supply, *cost, *slope, *capacity, *reference, *price, *level, *ray;
    bool has_start; /* price holds the price_start of the file */
    market_problem answer;
} clear_problem;

/* Read a problem; `file` is the name shown in messages.  Reading goes on after an error, so
 * that one pass reports them all.  Free with clear_problem_free even after an error.
 * Errors: YT_ESYNTAX, YT_EDATA, YT_ENAME, YT_ENOMEM. */
yt_status clear_problem_read(const char *text, size_t length, const char *file, yt_log *log,
                             clear_problem *problem);
void clear_problem_free(clear_problem *problem);

/* Fill problem->answer.  Errors: YT_ENOMEM. */
yt_status clear_problem_solve(clear_problem *problem);

/* The keys of the answer, into an object that is open. */
void clear_problem_write(const clear_problem *problem, json_writer *out);

/* Exit code of an answer: 0, 1 (infeasible, unbounded) or 4 (not certified). */
int clear_problem_exit_code(const clear_problem *problem);

#endif
