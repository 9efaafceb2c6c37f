/* score.h - how good a forecast was: of one number, of an interval, of an ensemble.
 *
 * forecast[i] belongs to observed[i].  A pair with a NAN on either side is not counted, so a
 * forecast that cannot be made is NAN; scores of no pair at all are NAN.
 */
#ifndef BASE_SCORE_H
#define BASE_SCORE_H

#include <stdint.h>

/* -------------------------------------------------------------------------------- numbers */

/* Root of the mean squared error, and the mean absolute error, in the unit of the numbers. */
double score_rmse(const double forecast[], const double observed[], int32_t n);
double score_mae(const double forecast[], const double observed[], int32_t n);
/* Root of the mean squared error of the natural logarithm; all numbers > 0. */
double score_rmsle(const double forecast[], const double observed[], int32_t n);
/* Mean absolute error over that of a walk one step ahead (Hyndman and Koehler 2006). */
double score_mase(const double forecast[], const double observed[], int32_t n);
/* 1 - squared error / that of the observed mean (Nash and Sutcliffe 1970). */
double score_nash_sutcliffe(const double forecast[], const double observed[], int32_t n);
/* Distance of correlation, spread and mean from perfect (Gupta and others 2009). */
double score_kling_gupta(const double forecast[], const double observed[], int32_t n);
/* Relative errors of changes over those of a walk (Theil 1966, U2); 1: no better. */
double score_theil(const double forecast[], const double observed[], int32_t n);

/* 1 - score / score of the reference: 0 is no better, 1 perfect, below 0 worse. */
double score_skill(double score, double reference);

/* ----------------------------------------------------------- what costs nothing to forecast */

/* A walk, one step ahead: the observation before, where that is `step` earlier (in the unit of
 * time; time rises); NAN elsewhere. */
void score_walk(const double time[], const double observed[], int32_t n, double step,
                double forecast[]);
/* From what was known before `start`: the last observation (a walk frozen then). */
void score_persistence(const double time[], const double observed[], int32_t n, double start,
                       double forecast[]);
/* The same with the trend: the line of ln observed over time through all known; at least two,
 * observed > 0. */
void score_trend(const double time[], const double observed[], int32_t n, double start,
                 double forecast[]);

/* ------------------------------------------------------------------------------ ensembles */

/* Continuous ranked probability score, in the unit of the numbers, of a sorted ensemble
 * (its empirical distribution), n >= 1; and of a normal forecast, deviation > 0.
 * Source: Gneiting and Raftery 2007, JASA 102, eqs. 20 and 21. */
double score_crps(const double sorted[], int32_t n, double observed);
double score_crps_normal(double mean, double deviation, double observed);
/* Where in the sorted ensemble the observation falls, 0..1 (the probability integral
 * transform); members equal to it count half. */
double score_pit(const double sorted[], int32_t n, double observed);
/* Share of observations within [low, high], ends included. */
double score_coverage(const double low[], const double high[], const double observed[], int32_t n);

/* --------------------------------------------------------------------------------- ranks */

/* Share of pairs that a and b put in the same order; a pair tied in one of them counts half,
 * tied in both one. */
double score_pairs(const double a[], const double b[], int32_t n);
/* Spearman's rank correlation, equal values sharing their ranks; NAN when all of one are equal. */
double score_spearman(const double a[], const double b[], int32_t n);

#endif
