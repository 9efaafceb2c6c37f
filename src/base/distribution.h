/* distribution.h - how an uncertain number is spread: from a share u of (0, 1) to a value.
 *
 * A number of a case is its most likely value with a 5th and a 95th percentile.  All three are
 * met exactly, also when one side is wider than the other: each side of the mode is half of a
 * bell (or of a triangle) of its own width, and holds a share of the draws in proportion to it,
 * so that the density has no step.
 */
#ifndef BASE_DISTRIBUTION_H
#define BASE_DISTRIBUTION_H

#include <stdint.h>

/* Words of the `dist` column of a case, in their order.  DIST_NONE is YT_NONE: the number is
 * certain.  A row with low and high but no word is DIST_TRIANGULAR. */
typedef enum distribution_shape {
    DIST_NONE = -1,
    DIST_TRIANGULAR,
    DIST_LOGNORMAL, /* the logarithm is normal about the logarithm of the mode */
    DIST_NORMAL,
    DIST_UNIFORM /* the mode is not used */
} distribution_shape;

typedef struct distribution {
    int32_t shape;       /* distribution_shape                                      */
    double mode;         /* its logarithm for DIST_LOGNORMAL, least for DIST_UNIFORM  */
    double share_below;  /* of the draws: below the mode                            */
    double below, above; /* widths of the sides, in the unit of mode, >= 0          */
} distribution;

/* The spread with this mode, 5th and 95th percentile: low <= mode <= high, low > 0 for
 * DIST_LOGNORMAL.  Where low or high is the mode itself nothing lies beyond it; low equal to
 * high is certain whatever the shape.  docs/data.md, "Distributions". */
distribution distribution_of(int32_t shape, double mode, double low, double high);
/* The value below which the share u, 0 < u < 1, of draws lies.  Rises with u. */
double distribution_quantile(const distribution *d, double u);

/* Lognormal with this median; sigma, >= 0: standard deviation of the logarithm. */
double distribution_lognormal_median(double u, double median, double sigma);
/* Mean and standard deviation (> 0) of a lognormal number to those of its logarithm. */
void distribution_lognormal_moments(double mean, double deviation, double *mu, double *sigma);

/* Gamma with mean shape (shape > 0, scale 1): share of draws below x, and its inverse.
 * Errors below 1e-12 relative for shapes up to 1000.
 * Source: series and continued fraction of DLMF 8.7.1 and 8.9.2. */
double distribution_gamma_cdf(double x, double shape);
double distribution_gamma_inverse(double u, double shape);

/* Share of a delay of `order` equal steps, `mean` long in total, that is over after t: the
 * exact answer to a step, which monthly Euler steps miss by 3 %.
 * t, mean  any same unit; mean > 0, order >= 1
 * Source: Erlang; Forrester, Industrial Dynamics, 1961, appendix H. */
double distribution_erlang_cdf(double t, int32_t order, double mean);

/* Share of those that passed n steps one after the other, each exponential with its own mean
 * (0: it takes no time), by time t, to 1e-12; and the time by which the share u has passed, to
 * 1e-12 relative. Source: hypoexponential distribution by uniformisation (Jensen 1953). */
double distribution_sequence_cdf(double t, const double mean[], int32_t n);
double distribution_sequence_inverse(double u, const double mean[], int32_t n);

/* Share that lives at `age`, Weibull: exp(-(age / scale)^shape).  A shape of INFINITY is one
 * life for all: 1 before `scale`, 0 from then on.
 * age >= 0, scale > 0 in the same unit; shape > 0
 * Source: Weibull 1951. */
double distribution_weibull_survival(double age, double scale, double shape);
/* The scale at which the mean life is `mean`: mean / Gamma(1 + 1/shape). */
double distribution_weibull_scale(double mean, double shape);
/* What fails in one period of goods sold in the `periods` before it, sold[0] the first: of each
 * cohort S(a) - S(a + 1), a its age when the period begins, but all of the last cohort is
 * alive then.  Survival functions, not densities, so that no mass leaks.
 * part  of a period between sale and the end of its period: 1/2 for goods sold in its middle */
double distribution_cohorts_failing(const double sold[], int32_t periods, double part, double scale,
                                    double shape);

#endif
