/* distribution.c - spreads with a given mode, 5th and 95th percentile; waiting times; lives. */
#include "base/distribution.h"

#include "base/math.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

#define TAIL 0.05 /* of the draws lie below low, as many above high */

/* ---------------------------------------------------------------------- spreads of cases */

/* How far from the mode, in widths of its side, the share `beyond` of a side's draws begins. */
static double reach(int32_t shape, double beyond)
{
    if (shape == DIST_TRIANGULAR)
        return 1 - sqrt(beyond);
    return beyond < 1 ? -yt_normal_quantile(beyond / 2) : 0;
}

/* How far the percentile is from the mode when its side has this share of the draws, and the
 * same width; rises with the share, from 0 at TAIL. */
static double side_reach(int32_t shape, double share)
{
    return share * reach(shape, TAIL / share);
}

/* Share of the draws below the mode, TAIL..1-TAIL: the one with which the distances of both
 * percentiles are in the right proportion.  Halving an interval 60 times leaves one double. */
static double find_share_below(int32_t shape, double below, double above)
{
    double least = TAIL, most = 1 - TAIL;
    for (int i = 0; i < 60; i++) {
        double share = least + (most - least) / 2;
        if (side_reach(shape, share) * above < side_reach(shape, 1 - share) * below)
            least = share;
        else
            most = share;
    }
    return most;
}

static distribution two_sided(int32_t shape, double mode, double low, double high)
{
    if (low == mode)
        return (distribution){shape, mode, 0, 0, (high - mode) / reach(shape, TAIL)};
    if (high == mode)
        return (distribution){shape, mode, 1, (mode - low) / reach(shape, TAIL), 0};
    double share = find_share_below(shape, mode - low, high - mode);
    double width = (high - low) / (side_reach(shape, share) + side_reach(shape, 1 - share));
    return (distribution){shape, mode, share, share * width, (1 - share) * width};
}

distribution distribution_of(int32_t shape, double mode, double low, double high)
{
    if (shape == DIST_NONE || low == high)
        return (distribution){.shape = DIST_NONE, .mode = mode};
    if (shape == DIST_UNIFORM) {
        double width = (high - low) / (1 - 2 * TAIL);
        return (distribution){.shape = shape, .mode = low - TAIL * width, .above = width};
    }
    assert(low <= mode && mode <= high && (shape != DIST_LOGNORMAL || low > 0));
    if (shape == DIST_LOGNORMAL)
        return two_sided(shape, yt_ln(mode), yt_ln(low), yt_ln(high));
    return two_sided(shape, mode, low, high);
}

double distribution_quantile(const distribution *d, double u)
{
    assert(u > 0 && u < 1);
    if (d->shape == DIST_NONE)
        return d->mode;
    if (d->shape == DIST_UNIFORM)
        return d->mode + u * d->above;
    double value =
        u < d->share_below
            ? d->mode - d->below * reach(d->shape, u / d->share_below)
            : d->mode + d->above * reach(d->shape, fmin(1, (1 - u) / (1 - d->share_below)));
    return d->shape == DIST_LOGNORMAL ? yt_exp(value) : value;
}

/* ----------------------------------------------------------------------------- lognormal */

double distribution_lognormal_median(double u, double median, double sigma)
{
    return median * yt_exp(sigma * yt_normal_quantile(u));
}

void distribution_lognormal_moments(double mean, double deviation, double *mu, double *sigma)
{
    assert(mean > 0 && deviation > 0);
    double ratio = deviation / mean, variance = yt_log1p(ratio * ratio);
    *mu = yt_ln(mean) - variance / 2;
    *sigma = sqrt(variance);
}

/* --------------------------------------------------------------------------------- gamma */

/* x^a e^-x / Gamma(a + 1) */
static double gamma_front(double x, double a)
{
    return yt_exp(a * yt_ln(x) - x - yt_lgamma(a + 1));
}

/* Share below x; fast for x up to about a. */
static double gamma_series(double x, double a)
{
    double term = 1, sum = 1;
    for (double n = a + 1; term > sum * DBL_EPSILON / 4; n++) {
        term *= x / n;
        sum += term;
    }
    return sum * gamma_front(x, a);
}

/* Share above x for x > a + 1: continued fraction, evaluated from the front (Lentz). */
static double gamma_fraction(double x, double a)
{
    double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / b, value = d;
    for (int i = 1; i < 10000; i++) {
        double an = -i * (i - a);
        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        value *= d * c;
        if (fabs(d * c - 1) < DBL_EPSILON)
            break;
    }
    return value * a * gamma_front(x, a);
}

double distribution_gamma_cdf(double x, double shape)
{
    assert(shape > 0);
    if (!(x > 0))
        return 0;
    return x < shape + 1 ? gamma_series(x, shape) : 1 - gamma_fraction(x, shape);
}

/* Is less than u of the draws below x?  The smaller tail is compared, so no digits are lost. */
static bool gamma_is_below(double x, double shape, double u)
{
    return x < shape + 1 ? gamma_series(x, shape) < u : gamma_fraction(x, shape) > 1 - u;
}

double distribution_gamma_inverse(double u, double shape)
{
    assert(u > 0 && u < 1 && shape > 0);
    double most = shape + 1;
    while (gamma_is_below(most, shape, u))
        most *= 2;
    double least = most / 2;
    while (least > 0 && !gamma_is_below(least, shape, u))
        most = least, least /= 2;
    for (int i = 0; i < 53; i++) {
        double middle = least + (most - least) / 2;
        *(gamma_is_below(middle, shape, u) ? &least : &most) = middle;
    }
    return most;
}

/* ------------------------------------------------------------------------- waiting times */

double distribution_erlang_cdf(double t, int32_t order, double mean)
{
    assert(order >= 1 && mean > 0);
    return distribution_gamma_cdf(order * t / mean, order);
}

/* P(N >= step for a Poisson N with this mean) is the share that a run of equal steps lets
 * through; steps of several means are made equal by letting the slower ones fail to move. */
double distribution_sequence_cdf(double t, const double mean[], int32_t n)
{
    enum { MOST = 64 };
    assert(n >= 0 && n <= MOST);
    double step[MOST], rate = 0, at[MOST] = {1}; /* share of those in each step */
    int32_t steps = 0;
    for (int32_t i = 0; i < n; i++) {
        assert(mean[i] >= 0);
        if (mean[i] > 0) {
            rate = fmax(rate, 1 / mean[i]);
            step[steps++] = mean[i];
        }
    }
    if (steps == 0 || !(t > 0))
        return steps == 0 && t >= 0;
    double expected = rate * t, passed = 0, seen = 0, done = 0;
    /* the weights beyond 12 standard deviations are less than 1e-16 */
    double last = expected + 12 * sqrt(expected) + 60;
    for (double moves = 0; moves <= last; moves++) {
        double weight = yt_exp(moves * yt_ln(expected) - expected - yt_lgamma(moves + 1));
        seen += weight;
        done += weight * passed;
        for (int32_t i = steps - 1; i >= 0; i--) {
            double moving = at[i] / (step[i] * rate);
            at[i] -= moving;
            *(i == steps - 1 ? &passed : &at[i + 1]) += moving;
        }
    }
    return done / seen;
}

double distribution_sequence_inverse(double u, const double mean[], int32_t n)
{
    assert(u > 0 && u < 1);
    double least = 0, most = 0;
    for (int32_t i = 0; i < n; i++)
        most += mean[i];
    while (distribution_sequence_cdf(most, mean, n) < u)
        least = most, most *= 2;
    for (int i = 0; i < 53; i++) {
        double middle = least + (most - least) / 2;
        *(distribution_sequence_cdf(middle, mean, n) < u ? &least : &most) = middle;
    }
    return most;
}

/* --------------------------------------------------------------------------------- lives */

double distribution_weibull_survival(double age, double scale, double shape)
{
    if (age <= 0)
        return 1;
    if (isinf(shape))
        return age < scale;
    return yt_exp(-yt_pow(age / scale, shape));
}

double distribution_weibull_scale(double mean, double shape)
{
    return mean / yt_exp(yt_lgamma(1 + 1 / shape));
}

double distribution_cohorts_failing(const double sold[], int32_t periods, double part, double scale,
                                    double shape)
{
    double failing = 0;
    double left = distribution_weibull_survival(periods + part, scale, shape);
    for (int32_t i = 0; i < periods; i++) {
        double age = periods - 1 - i + part;
        double alive = i == periods - 1 ? 1 : distribution_weibull_survival(age, scale, shape);
        failing += sold[i] * (alive - left);
        left = alive;
    }
    return failing;
}
