/* market.h - clears one month: prices at which nobody wants to change, and the proof.
 *
 * Knows matrices only.  Minimise  sum_j cost_j x_j + slope_j x_j^2 / 2  subject to
 * sum_j a_ij x_j + supply_i >= 0 (dual: price_i >= 0) and 0 <= x_j <= capacity_j.
 * Source: docs/model.md, "Clearing"; Koopmans 1951; Takayama and Judge 1971.
 *
 * Batch-shaped: the pattern is shared by all problems of a batch and analysed once; values
 * belong to each problem.  Nothing here allocates after market_pattern_new.
 */
#ifndef MARKET_MARKET_H
#define MARKET_MARKET_H

#include "ytterby.h"

/* Sparsity pattern of A (columns = activities), ordering and symbolic factor.  Const after
 * _new; shared by any number of threads.  Opaque: only market/ looks inside. */
typedef struct market_pattern market_pattern;

/* start [activities + 1], row [start[activities]]: compressed columns, rows ascending, no
 * duplicates.  Copies its input.  Owned by the caller, free with market_pattern_free.
 * Errors: YT_ENOMEM, YT_ERANGE (row out of range or not ascending). */
yt_status market_pattern_new(int32_t markets, int32_t activities, const int32_t *start,
                             const int32_t *row, market_pattern **pattern);
void market_pattern_free(market_pattern *pattern);

/* Bytes of scratch (64-byte aligned; reusable by later calls) of market_clear, and of
 * market_clear_batch, which works on several problems side by side. */
size_t market_scratch_size(const market_pattern *pattern);
size_t market_batch_size(const market_pattern *pattern);

typedef enum market_status {
    MARKET_OPTIMAL,
    MARKET_INFEASIBLE, /* ray_market is a combination of markets that cannot all balance */
    MARKET_UNBOUNDED,  /* a direction of activities that pays for ever                    */
    MARKET_UNCERTIFIED /* no answer met the bar; price and level hold the best point       */
} market_status;

typedef enum market_method { MARKET_NEWTON, MARKET_INTERIOR } market_method;

/* Relative errors of an answer, of the problem as given (not the regularised one).
 * Definition: docs/model.md, "Certificate"; with r = A x + b:
 * balance = max_i max(0, -r_i) / (|b_i| + sum_j |a_ij x_j|)
 * complementarity = max_i p_i max(0, r_i) / (same scale * max(p_i, reference_i))
 * gap = |primal - dual| / (sum of absolute terms); 0/0 = 0; an activity without bound and
 * slope that pays has no dual value: its profit over its absolute terms counts as the gap */
typedef struct market_certificate {
    double balance, complementarity, gap;
} market_certificate;

typedef struct market_problem {
    /* given; borrowed for the call.  nnz in pattern order */
    const double *coefficient; /* [nnz] */
    const double *supply;      /* [markets]     b, any sign, t                     */
    const double *cost;        /* [activities]  USD/t of activity                  */
    const double *slope;       /* [activities]  USD/t per t, >= 0                  */
    const double *capacity;    /* [activities]  t, >= 0; INFINITY when unlimited   */
    const double *reference;   /* [markets]     typical price, > 0, for scaling    */
    /* out: the answer.  price in: where to start (a former answer, or reference); of several
     * balancing prices those near it are taken, so a market without trade keeps its price */
    double *price; /* [markets]    USD/t */
    double *level; /* [activities] t; out only */
    double *ray;   /* [markets] or NULL: certificate of infeasibility, else untouched */
    /* out */
    market_status status;
    market_method method;
    int32_t iterations;
    double objective;
    market_certificate certificate;
} market_problem;

/* Clear n problems that share a pattern, each by itself: the answer of a problem never
 * depends on its neighbours, their number or their order.  scratch: market_scratch_size
 * bytes.  Newton from the given price first, interior point when that fails. */
void market_clear(const market_pattern *pattern, market_problem *const problems[], int32_t n,
                  void *scratch);

/* The same to the bit, many times faster for many problems that share their coefficients: as
 * many side by side as the machine's registers hold numbers.  scratch: market_batch_size. */
void market_clear_batch(const market_pattern *pattern, market_problem *const problems[], int32_t n,
                        void *scratch);

/* The same by interior point alone, from a cold start. */
void market_clear_interior(const market_pattern *pattern, market_problem *problem, void *scratch);

/* Worst of the three numbers of a certificate. */
double market_certificate_worst(const market_certificate *certificate);

/* Recompute objective and certificate of problem->price and ->level. */
void market_certify(const market_pattern *pattern, market_problem *problem);

#define MARKET_BAR 1e-8 /* a certificate above this is not an answer */

#endif
