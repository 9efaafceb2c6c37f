/* stats.h - what a sample says: quantiles, spread, lives cut short, concentration.
 *
 * Nothing here allocates.  Samples are finite; sorted ones are sorted by the caller
 * (stats_sort), once for all the questions asked of them.
 */
#ifndef BASE_STATS_H
#define BASE_STATS_H

#include <stdbool.h>
#include <stdint.h>

/* Rising order. */
void stats_sort(double value[], int32_t n);

/* ------------------------------------------------------------------------------ quantiles */

/* How the sample's order is turned into a quantile: types 4..9 of Hyndman and Fan,
 * "Sample quantiles in statistical packages", American Statistician 50, 1996.  Type 7 is what
 * spreadsheets, R and NumPy give unless told otherwise, so a reader finds the same number. */
typedef enum stats_quantile_type {
    STATS_TYPE4 = 4,
    STATS_TYPE5,
    STATS_TYPE6,
    STATS_TYPE7,
    STATS_TYPE8,
    STATS_TYPE9
} stats_quantile_type;

/* The value below which the share p, 0..1, of a sorted sample lies; n >= 1. */
double stats_quantile(const double sorted[], int32_t n, double p); /* type 7 */
double stats_quantile_of_type(const double sorted[], int32_t n, double p, stats_quantile_type type);
/* The least value with the share p of all weight (>= 0, some > 0) at or below it: for accepted
 * sets and for losses with probabilities (value at risk). */
double stats_weighted_quantile(const double sorted[], const double weight[], int32_t n, double p);
/* Mean of the worst: of the share 1 - p, 0 <= p < 1, of all weight with the highest values.
 * Source: conditional value at risk, Rockafellar and Uryasev 2000. */
double stats_mean_beyond(const double sorted[], const double weight[], int32_t n, double p);

/* -------------------------------------------------------------------------------- moments */

double stats_mean(const double value[], int32_t n); /* n >= 1 */
/* Of the population the sample stands for (divided by n - 1); 0 for one value. */
double stats_variance(const double value[], int32_t n);
/* Of the mean of n independent replicates of an estimate: sqrt(variance / n).  INFINITY for
 * one replicate: it says nothing about its error. */
double stats_standard_error(const double replicate[], int32_t n);

/* How much of a market is in few hands: 10,000 times the sum of squared shares
 * (Herfindahl and Hirschman); one supplier is 10,000.  Amounts >= 0 in any unit; 0 when there
 * is nothing. */
double stats_concentration(const double amount[], int32_t n);

/* ------------------------------------------------------------------------- lives cut short */

/* Until something happened, or until it was last known not to have happened. */
typedef struct stats_life {
    double time;
    bool has_ended; /* false: cut short by the end of watching */
} stats_life;

/* The share still going just after `time`, and the interval it lies in. */
typedef struct stats_survival {
    double time, share;
    double low, high;
} stats_survival;

/* By time; at the same time, ends before those cut short. */
void stats_sort_lives(stats_life life[], int32_t n);
/* A step for each time at which something ended, at most n; returns how many.  sorted: by
 * stats_sort_lives.  The interval covers the truth with probability `confidence` (0.95):
 * Greenwood's variance on the scale of ln(-ln share), which stays within 0..1; after the last one
 * has ended low is 0 and high that of the step before. Source: Kaplan and Meier 1958; Kalbfleisch
 * and Prentice 1980, 1.4. */
int32_t stats_kaplan_meier(const stats_life sorted[], int32_t n, double confidence,
                           stats_survival step[]);
/* The time by which the share p, 0 < p < 1, has ended (0.5: the median); INFINITY when fewer
 * were seen to end. */
double stats_survival_time(const stats_survival step[], int32_t steps, double p);
/* The share that has ended by `time`. */
double stats_share_ended(const stats_survival step[], int32_t steps, double time);

#endif
