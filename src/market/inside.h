/* inside.h - what the files of market/ share: the analysed pattern and the scratch block.
 *
 * Nobody outside market/ includes this.
 */
#ifndef MARKET_INSIDE_H
#define MARKET_INSIDE_H

#include "market/market.h"

#include <stdbool.h>
#include <string.h>

/* ------------------------------------------------------------------------- rows of bits */

static inline int32_t bit_words(int32_t bits)
{
    return (bits + 63) / 64;
}

static inline void set_bit(uint64_t *row, int32_t i)
{
    row[i / 64] |= (uint64_t)1 << (i % 64);
}

static inline void clear_bit(uint64_t *row, int32_t i)
{
    row[i / 64] &= ~((uint64_t)1 << (i % 64));
}

/* Number of the lowest bit that is set; some bit must be. */
static inline int32_t lowest_bit(uint64_t bits)
{
    return __builtin_ctzll(bits);
}

/* ------------------------------------------------------------------------------- pattern */

/* Two markets that share an activity. */
typedef struct edge {
    int32_t low, high;
} edge;

/* One of the neighbours of a market, and the edge to it. */
typedef struct near_market {
    int32_t node, edge;
} near_market;

/* Room the largest shape of the lanes' factor takes. */
typedef struct lane_room {
    int32_t values, rows, updates, places;
} lane_room;

struct market_pattern {
    int32_t markets, activities;
    int32_t nonzeros;
    /* A by columns, as given */
    int32_t *start, *row;
    /* A by rows: which column, and where in the column-wise arrays */
    int32_t *row_start, *row_activity, *row_entry;
    /* the matrix A W A' + diagonal: an edge for every number off the diagonal */
    int32_t edges;
    edge *edge;          /*                                              [edges]        */
    int32_t *near_start; /* neighbours of a market                       [markets + 1]  */
    near_market *near;   /*                                              [2 edges]      */
    int32_t *pair_start; /* first off-diagonal pair of an activity       [activities+1] */
    int32_t *pair;       /* pair (e, f), e < f in column order -> edge                  */
    int64_t factor_room; /* numbers the factor of all activities has                    */
    /* the lanes' order of elimination: market eliminated k-th, the inverse, and row[] by it */
    int32_t *order, *place, *row_place;
    lane_room room;
};

/* Neighbouring columns of the factor L with nearly the same rows, stored as one dense panel
 * (column-major, `height` rows of which the first `width` are the columns themselves; D on the
 * diagonal). */
typedef struct supernodes {
    int32_t count;
    int32_t *column;      /* first column                               [count + 1]    */
    int32_t *row_start;   /* first of its rows in row[]                 [count + 1]    */
    int32_t *row;         /* elimination places, ascending              [row_start]    */
    int32_t *value_start; /* first number of the panel                  [count + 1]    */
} supernodes;

/* The factor L D L' of A W A' + diagonal: its shape, for the edges at work, and its numbers. */
typedef struct factor {
    bool is_shaped;
    bool *is_live;           /* edges the shape is made for                 [edges]        */
    double *edge;            /* numbers of A W A' off the diagonal          [edges]        */
    double *sum;             /* and on it                                   [markets]      */
    int32_t *slot;           /* edge -> its number in value, or YT_NONE     [edges]        */
    int32_t *diagonal;       /* market -> its number in value               [markets]      */
    int32_t *order, *place;  /* market eliminated k-th, and the inverse     [markets]      */
    int32_t *parent;         /* elimination tree, by place                  [markets]      */
    int32_t *owner;          /* supernode of a column                       [markets]      */
    int32_t *degree;         /* rows below the diagonal, by market          [markets]      */
    uint64_t *bits, *sorter; /* patterns by market; one row                                */
    supernodes super;
    double *value;             /* panels                                      [factor_room]  */
    double *pivot;             /* D, by place [markets] */
    double *work;              /*                                             [2 markets + 4]*/
    const double **column;     /*                                             [markets + 4]  */
    int32_t *map;              /* place -> row of the panel at hand           [markets]      */
    int32_t *target;           /* rows of a source in the panel at hand       [markets]      */
    int32_t *head, *next, *at; /* panels that update a panel, as lists        [markets + 1]  */
} factor;

/* --------------------------------------------------------------------------- order.c */

/* Minimum-degree order of a graph of `nodes` rows of bits (symmetric, without the diagonal):
 * order[k] is the node eliminated k-th.  A row comes back as the pattern of the node's column
 * of the factor, degree[] as its length.  room [nodes]. */
void order_find(int32_t nodes, uint64_t *bits, int32_t *degree, int32_t *room, int32_t *order);

/* ------------------------------------------------------------------------ symbolic.c */

/* Numbers of the factor when all activities are at work. */
int64_t symbolic_size(const market_pattern *pattern, factor *f);

/* The shape of the factor for the edges that are live. */
void symbolic_shape(const market_pattern *pattern, factor *f);

/* -------------------------------------------------------------------------- factor.c */

/* Forget the shape: the next one is made for the activities it meets. */
void factor_forget(const market_pattern *pattern, factor *f);

/* Make the next shape for activity j as well: it may soon be at work. */
void factor_expect(const market_pattern *pattern, int32_t j, factor *f);

/* Factor A W A' + diag.  coefficient [nonzeros], weight [activities] >= 0 (0 drops the
 * column), diagonal [markets] > 0. */
void factor_compute(const market_pattern *pattern, const double *coefficient, const double *weight,
                    const double *diagonal, factor *f);

/* Solve in place: vector [markets] in market order. */
void factor_solve(const market_pattern *pattern, const factor *f, double *vector);

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

/* What open activities do in a market, as bits. */
enum { MARKET_MADE = 1, MARKET_USED = 2, MARKET_OPEN = 4 };

/* Look at every market once: what [markets]. */
void closing_look(const market_pattern *pattern, const market_problem *problem, int32_t *what);

/* Is there an open activity that uses what nobody can supply?  what: of closing_look. */
bool closing_is_needed(const market_pattern *pattern, const market_problem *problem,
                       const int32_t *what);

/* Raise the prices of dead markets until no activity they close would pay.  cost NULL: 0. */
void closing_price(const market_pattern *pattern, const closings *closing,
                   const double *coefficient, const double *cost, double *price);

/* ------------------------------------------------------------------------ scratch.c */

enum { COLUMN_ARRAYS = 16, ROW_ARRAYS = 12 };

/* Everything one clearing needs, cut out of the caller's block. */
typedef struct workspace {
    closings closing;
    factor factor;
    double *weight, *diagonal;
    double *best_price, *best_level, *start_price;
    double *column[COLUMN_ARRAYS]; /* [activities] each */
    double *row[ROW_ARRAYS];       /* [markets] each    */
    double *entry;                 /* [nonzeros]        */
    int32_t *flag;                 /* [markets] */
    int32_t *open;                 /* activities that can run: [activities] */
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
