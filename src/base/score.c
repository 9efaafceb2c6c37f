/* score.c - errors of forecasts, their skill over simple ones, ensembles and ranks. */
#include "base/score.h"

#include "base/math.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#define ROOT_PI 1.7724538509055160273

/* -------------------------------------------------------------------------------- numbers */

static bool is_pair(const double a[], const double b[], int32_t i)
{
    return !isnan(a[i]) && !isnan(b[i]);
}

/* Mean over the pairs of an error of each. */
static double mean_error(const double forecast[], const double observed[], int32_t n,
                         double error(double forecast, double observed))
{
    double sum = 0;
    int32_t pairs = 0;
    for (int32_t i = 0; i < n; i++)
        if (is_pair(forecast, observed, i)) {
            sum += error(forecast[i], observed[i]);
            pairs++;
        }
    return pairs > 0 ? sum / pairs : NAN;
}

static double absolute_error(double forecast, double observed)
{
    return fabs(forecast - observed);
}

static double squared_error(double forecast, double observed)
{
    return (forecast - observed) * (forecast - observed);
}

static double squared_log_error(double forecast, double observed)
{
    double error = yt_ln(forecast / observed);
    return error * error;
}

double score_rmse(const double forecast[], const double observed[], int32_t n)
{
    return sqrt(mean_error(forecast, observed, n, squared_error));
}

double score_mae(const double forecast[], const double observed[], int32_t n)
{
    return mean_error(forecast, observed, n, absolute_error);
}

double score_rmsle(const double forecast[], const double observed[], int32_t n)
{
    return sqrt(mean_error(forecast, observed, n, squared_log_error));
}

/* observed[i - 1] is the forecast of observed[i] */
double score_mase(const double forecast[], const double observed[], int32_t n)
{
    return score_mae(forecast, observed, n) / score_mae(observed, observed + 1, n - 1);
}

typedef struct moments {
    double mean_a, mean_b, aa, bb, ab; /* means; mean products of the distances from them */
} moments;

static moments moments_of(const double a[], const double b[], int32_t n)
{
    moments m = {0};
    int32_t pairs = 0;
    for (int32_t i = 0; i < n; i++)
        if (is_pair(a, b, i)) {
            m.mean_a += a[i];
            m.mean_b += b[i];
            pairs++;
        }
    m.mean_a /= pairs;
    m.mean_b /= pairs;
    for (int32_t i = 0; i < n; i++)
        if (is_pair(a, b, i)) {
            double da = a[i] - m.mean_a, db = b[i] - m.mean_b;
            m.aa += da * da / pairs;
            m.bb += db * db / pairs;
            m.ab += da * db / pairs;
        }
    return m;
}

double score_nash_sutcliffe(const double forecast[], const double observed[], int32_t n)
{
    double error = mean_error(forecast, observed, n, squared_error);
    return 1 - error / moments_of(forecast, observed, n).bb;
}

double score_kling_gupta(const double forecast[], const double observed[], int32_t n)
{
    moments m = moments_of(forecast, observed, n);
    double correlation = m.ab / sqrt(m.aa * m.bb) - 1;
    double spread = sqrt(m.aa / m.bb) - 1, mean = m.mean_a / m.mean_b - 1;
    return 1 - sqrt(correlation * correlation + spread * spread + mean * mean);
}

double score_theil(const double forecast[], const double observed[], int32_t n)
{
    double ours = 0, walk = 0;
    for (int32_t i = 1; i < n; i++) {
        double before = observed[i - 1];
        if (!is_pair(forecast, observed, i) || isnan(before))
            continue;
        ours += squared_error(forecast[i] / before, observed[i] / before);
        walk += squared_error(1, observed[i] / before);
    }
    return sqrt(ours / walk);
}

double score_skill(double score, double reference)
{
    return 1 - score / reference;
}

/* ----------------------------------------------------------- what costs nothing to forecast */

void score_walk(const double time[], const double observed[], int32_t n, double step,
                double forecast[])
{
    for (int32_t i = 0; i < n; i++)
        forecast[i] = i > 0 && time[i] - time[i - 1] == step ? observed[i - 1] : NAN;
}

static int32_t known_before(const double time[], int32_t n, double start)
{
    int32_t known = 0;
    while (known < n && time[known] < start)
        known++;
    return known;
}

void score_persistence(const double time[], const double observed[], int32_t n, double start,
                       double forecast[])
{
    int32_t known = known_before(time, n, start);
    for (int32_t i = 0; i < n; i++)
        forecast[i] = i >= known && known > 0 ? observed[known - 1] : NAN;
}

void score_trend(const double time[], const double observed[], int32_t n, double start,
                 double forecast[])
{
    int32_t known = known_before(time, n, start);
    for (int32_t i = 0; i < known; i++) /* logarithms of what is known, for a moment */
        forecast[i] = yt_ln(observed[i]);
    moments m = moments_of(time, forecast, known);
    for (int32_t i = 0; i < n; i++)
        forecast[i] =
            i < known || known < 2 ? NAN : yt_exp(m.mean_b + m.ab / m.aa * (time[i] - m.mean_a));
}

/* ------------------------------------------------------------------------------ ensembles */

/* mean |x - y| - half the mean |x - x'|; the second from the sorted members, where number i of
 * n is the larger of i pairs and the smaller of n - 1 - i */
double score_crps(const double sorted[], int32_t n, double observed)
{
    assert(n >= 1);
    double distance = 0, spread = 0;
    for (int32_t i = 0; i < n; i++) {
        distance += fabs(sorted[i] - observed);
        spread += (2.0 * i - (n - 1)) * (sorted[i] - sorted[0]);
    }
    return distance / n - spread / ((double)n * n);
}

double score_crps_normal(double mean, double deviation, double observed)
{
    assert(deviation > 0);
    double z = (observed - mean) / deviation;
    double density = yt_exp(-z * z / 2) / (sqrt(2.0) * ROOT_PI);
    return deviation * (z * (2 * yt_normal_cdf(z) - 1) + 2 * density - 1 / ROOT_PI);
}

double score_pit(const double sorted[], int32_t n, double observed)
{
    assert(n >= 1);
    double below = 0;
    for (int32_t i = 0; i < n && sorted[i] <= observed; i++)
        below += sorted[i] < observed ? 1 : 0.5;
    return below / n;
}

double score_coverage(const double low[], const double high[], const double observed[], int32_t n)
{
    int32_t inside = 0, seen = 0;
    for (int32_t i = 0; i < n; i++) {
        if (isnan(low[i]) || isnan(high[i]) || isnan(observed[i]))
            continue;
        seen++;
        inside += low[i] <= observed[i] && observed[i] <= high[i];
    }
    return seen > 0 ? (double)inside / seen : NAN;
}

/* --------------------------------------------------------------------------------- ranks */

static int order_of(double a, double b)
{
    return (a > b) - (a < b);
}

double score_pairs(const double a[], const double b[], int32_t n)
{
    double alike = 0, pairs = 0;
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < i; j++) {
            int in_a = order_of(a[i], a[j]), in_b = order_of(b[i], b[j]);
            alike += in_a == in_b ? 1 : in_a == 0 || in_b == 0 ? 0.5 : 0;
            pairs++;
        }
    return pairs > 0 ? alike / pairs : NAN;
}

/* Twice its rank less the middle one: how many are below, less how many are above. */
static double rank_of(const double value[], int32_t n, int32_t i)
{
    double rank = 0;
    for (int32_t j = 0; j < n; j++)
        rank += order_of(value[i], value[j]);
    return rank;
}

double score_spearman(const double a[], const double b[], int32_t n)
{
    double aa = 0, bb = 0, ab = 0; /* the ranks have mean 0 */
    for (int32_t i = 0; i < n; i++) {
        double in_a = rank_of(a, n, i), in_b = rank_of(b, n, i);
        aa += in_a * in_a;
        bb += in_b * in_b;
        ab += in_a * in_b;
    }
    return ab / sqrt(aa * bb);
}
