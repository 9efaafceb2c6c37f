/* inside.h - what the files of market/ share: the analysed pattern and the scratch block.
 *
 * Nobody outside market/ includes this.
 */
#ifndef MARKET_INSIDE_H
#define MARKET_INSIDE_H

#include "market/market.h"

#include <stdbool.h>
#include <string.h>

/* One dense update of the supernodal factor: rows [first, last) of supernode `source` lie in
 * the columns of the supernode being built. */
typedef struct panel_update {
    int32_t source, first, last;
} panel_update;

/* The factor L D L' of a symmetric markets x markets matrix, by supernodes: neighbouring
 * columns of L with the same rows, stored as one dense panel (column-major, `height` rows of
 * which the first `width` are the columns themselves; D on the diagonal). */
typedef struct supernodes {
    int32_t count;
    int32_t *column;       /* first column                               [count + 1]    */
    int32_t *row_start;    /* first of its rows in row[]                 [count + 1]    */
    int32_t *row;          /* elimination positions, ascending           [row_start]    */
    int32_t *value_start;  /* first number of the panel                  [count + 1]    */
    int32_t *update_start; /* first of the updates it receives           [count + 1]    */
    panel_update *update;  /*                                            [update_start] */
} supernodes;

struct market_pattern {
    int32_t markets, activities;
    int32_t nonzeros;
    /* A by columns, as given */
    int32_t *start, *row;
    /* A by rows: which column, and where in the column-wise arrays */
    int32_t *row_start, *row_activity, *row_entry;
    /* the matrix A W A' + diagonal */
    int32_t *position;   /* market -> place in the elimination order        [markets]      */
    int32_t *diagonal;   /* market -> number of its diagonal in the factor  [markets]      */
    int32_t *pair_start; /* first off-diagonal pair of an activity          [activities+1] */
    int32_t *pair;       /* pair (e, f), e < f in column order -> number in the factor     */
    supernodes super;
};

/* ---------------------------------------------------------------- order.c, pattern.c */

/* Minimum-degree order of a symmetric graph (adjacency without the diagonal): order[k] is
 * the node eliminated k-th.  Errors: YT_ENOMEM. */
yt_status market_order(int32_t nodes, const int32_t *start, const int32_t *neighbour,
                       int32_t *order);

/* Group the columns of the factor of a permuted graph into supernodes; `order` comes back
 * postordered.  Errors: YT_ENOMEM. */
yt_status market_symbolic(int32_t nodes, const int32_t *start, const int32_t *neighbour,
                          int32_t *order, supernodes *super);
void market_symbolic_free(supernodes *super);

/* -------------------------------------------------------------------------- factor.c */

/* Numbers of the factor. */
int32_t factor_size(const market_pattern *pattern);

/* Room the factorisation works in. */
typedef struct factor_room {
    double *work;          /* [2 markets + 4] */
    int32_t *map;          /* [markets]   */
    const double **column; /* [markets + 4] */
} factor_room;

/* Factor A W A' + diag.  coefficient [nonzeros], weight [activities] >= 0 (0 drops the
 * column), diagonal [markets] > 0; factor [factor_size]. */
void factor_compute(const market_pattern *pattern, const double *coefficient, const double *weight,
                    const double *diagonal, double *factor, factor_room room);

/* Solve in place: vector [markets] in market order; work [markets]. */
void factor_solve(const market_pattern *pattern, const double *factor, double *vector,
                  double *work);

/* ------------------------------------------------------------------------- columns.c */

/* sum_i a_ij p_i of one activity. */
static inline double column_value(const market_pattern *pattern, const double *coefficient,
                                  const double *price, int32_t j)
{
    double value = 0;
    for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
        value += coefficient[e] * price[pattern->row[e]];
    return value;
}

static inline void copy_numbers(double *to, const double *from, int32_t count)
{
    if (count > 0)
        memcpy(to, from, (size_t)count * sizeof(double));
}

/* row += A level */
void columns_add(const market_pattern *pattern, const double *coefficient, const double *level,
                 double *row);

/* -------------------------------------------------------------------------- closed.c */

/* What can be settled before solving: columns that cannot run and markets nobody can supply.
 */
typedef struct closings {
    double *capacity;   /* capacity, 0 where the activity cannot run         [activities] */
    int32_t *closed_by; /* dead market that closed it, else YT_NONE         [activities] */
    int32_t *dead;      /* markets that nobody can supply, in order found    [markets]    */
    int32_t dead_count;
    int32_t *producers; /* open activities that can deliver                 [markets]    */
    int32_t impossible; /* a market that cannot balance whatever is done, or YT_NONE    */
} closings;

void closing_find(const market_pattern *pattern, const market_problem *problem, closings *closing);

/* Raise the prices of dead markets until no activity they close would pay.  cost NULL: 0. */
void closing_price(const market_pattern *pattern, const closings *closing,
                   const double *coefficient, const double *cost, double *price);

/* ------------------------------------------------------------------------ scratch.c */

enum { COLUMN_ARRAYS = 16, ROW_ARRAYS = 12 };

/* Everything one clearing needs, cut out of the caller's block. */
typedef struct workspace {
    closings closing;
    double *factor, *weight, *diagonal;
    factor_room room;
    double *best_price, *best_level, *start_price;
    double *column[COLUMN_ARRAYS]; /* [activities] each */
    double *row[ROW_ARRAYS];       /* [markets] each    */
    double *entry;                 /* [nonzeros]        */
    int32_t *flag;                 /* [markets] */
} workspace;

/* Lay the scratch out at `block`; NULL only measures.  Returns bytes. */
size_t scratch_layout(const market_pattern *pattern, void *block, workspace *scratch);

/* ----------------------------------------------------------------------- interior.c */

/* Interior point from a cold start.  Leaves price and level, not certified.  Counts its
 * iterations into problem->iterations. */
void interior_solve(const market_pattern *pattern, market_problem *problem, workspace *scratch);

/* Combination of markets that cannot all balance, or the least violation there is: prices of
 * min |max(0, -(A x + b))|^2 / 2 over 0 <= x <= k. */
void interior_ray(const market_pattern *pattern, market_problem *problem, workspace *scratch,
                  double *ray);

/* Is there a direction that pays for ever?  Looks among activities without bound and slope. */
bool interior_unbounded(const market_pattern *pattern, market_problem *problem, workspace *scratch);

/* ------------------------------------------------------------------------- newton.c */

/* From a point whose settled bounds hold exactly: solve for everything between them.  True
 * when certified to the goal. */
bool newton_polish(const market_pattern *pattern, market_problem *problem, workspace *scratch,
                   double goal);

/* When Newton may stop: with a certificate of `goal`, or after so many steps and rounds with
 * one of `bar`. */
typedef struct newton_effort {
    double goal, bar;
    int steps;
} newton_effort;

/* Semismooth Newton on the prices, from problem->price; proximal around centre_price and,
 * for flat activities, around centre_level (NULL: 0).  True when the answer it leaves is
 * certified to the bar; certificate and objective are up to date either way. */
bool newton_solve(const market_pattern *pattern, market_problem *problem, workspace *scratch,
                  const double *centre_price, const double *centre_level, newton_effort effort);

#endif
