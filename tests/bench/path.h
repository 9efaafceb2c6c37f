/* path.h - months of an invented chain, one after the other: what moves and what is remembered.
 *
 * Demand moves by 1.5 % a month, freight by 2 %, costs by 1 %, each around its mean; capacities
 * follow profits; plants fall out for three months; quotas change every year; stocks, prices in
 * memory and usual flows follow from what was traded.  Embargoes: months 120-143 and 300-311.
 */
#ifndef BENCH_PATH_H
#define BENCH_PATH_H

#include "bench/structure.h"
#include "market/market.h"

typedef struct path {
    const structure *made; /* borrowed */
    uint64_t random;
    int32_t month;                                    /* the one posed, or to be posed     */
    double *supply, *price, *smooth, *anchor, *stock; /* [markets] t, USD/t, .., .., t     */
    double *cost, *slope, *capacity, *level;          /* [activities] of the month posed   */
    double *range; /* [activities] t: up to where a curve of steps should follow the slope  */
    double *usual, *shock, *drift, *outage; /* [activities] memories             */
} path;

/* A path before its first month.  Owned by the caller, free with path_free; aborts without
 * memory. */
path path_new(const structure *made, uint64_t seed);
void path_free(path *p);

/* The problem of the month; it borrows the path's arrays.  price: last month's. */
market_problem path_pose(path *p);

/* Remember what the month's answer (price, level) came to, and go on to the next. */
void path_book(path *p);

/* Is the lane between region 0 and the others closed in this month? */
bool path_is_embargo(int32_t month);

#endif
