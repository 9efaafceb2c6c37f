/* stats.c - quantiles, moments, concentration and Kaplan-Meier of a sample. */
#include "base/stats.h"

#include "base/math.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stats_sort(double value[], int32_t n)
{
    qsort(value, (size_t)n, sizeof *value, by_value);
}

/* ------------------------------------------------------------------------------ quantiles */

/* Place of the quantile among the sorted values, counted from 1. */
static double place_of(stats_quantile_type type, int32_t n, double p)
{
    switch (type) {
    case STATS_TYPE4:
        return n * p;
    case STATS_TYPE5:
        return n * p + 0.5;
    case STATS_TYPE6:
        return (n + 1) * p;
    case STATS_TYPE7:
        return (n - 1) * p + 1;
    case STATS_TYPE8:
        return (n + 1.0 / 3) * p + 1.0 / 3;
    case STATS_TYPE9:
        break;
    }
    return (n + 0.25) * p + 0.375;
}

double stats_quantile_of_type(const double sorted[], int32_t n, double p, stats_quantile_type type)
{
    assert(n >= 1 && p >= 0 && p <= 1);
    double place = fmin(fmax(place_of(type, n, p), 1), n);
    int32_t below = (int32_t)place; /* counted from 1 */
    double part = place - below;
    if (part == 0)
        return sorted[below - 1];
    return sorted[below - 1] + part * (sorted[below] - sorted[below - 1]);
}

double stats_quantile(const double sorted[], int32_t n, double p)
{
    return stats_quantile_of_type(sorted, n, p, STATS_TYPE7);
}

static double sum_of(const double value[], int32_t n)
{
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += value[i];
    return sum;
}

/* The first value with the share p of all weight at or below it.  Sums of weights such as
 * 0.2 + 0.3 + 0.4 may miss 0.9 by their rounding. */
static int32_t weighted_place(const double weight[], int32_t n, double p)
{
    double due = p * sum_of(weight, n) * (1 - 1e-12), below = 0;
    for (int32_t i = 0; i < n; i++) {
        below += weight[i];
        if (below >= due && below > 0)
            return i;
    }
    return n - 1;
}

double stats_weighted_quantile(const double sorted[], const double weight[], int32_t n, double p)
{
    assert(n >= 1 && p >= 0 && p <= 1);
    return sorted[weighted_place(weight, n, p)];
}

/* All that lies beyond the quantile, and of the quantile's own weight what is missing to 1 - p. */
double stats_mean_beyond(const double sorted[], const double weight[], int32_t n, double p)
{
    assert(n >= 1 && p >= 0 && p < 1);
    int32_t at = weighted_place(weight, n, p);
    double excess = 0;
    for (int32_t i = at + 1; i < n; i++)
        excess += weight[i] * (sorted[i] - sorted[at]);
    return sorted[at] + excess / ((1 - p) * sum_of(weight, n));
}

/* -------------------------------------------------------------------------------- moments */

double stats_mean(const double value[], int32_t n)
{
    assert(n >= 1);
    return sum_of(value, n) / n;
}

double stats_variance(const double value[], int32_t n)
{
    double mean = stats_mean(value, n), sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += (value[i] - mean) * (value[i] - mean);
    return n > 1 ? sum / (n - 1) : 0;
}

double stats_standard_error(const double replicate[], int32_t n)
{
    return n > 1 ? sqrt(stats_variance(replicate, n) / n) : INFINITY;
}

double stats_concentration(const double amount[], int32_t n)
{
    double total = sum_of(amount, n), sum = 0;
    for (int32_t i = 0; i < n && total > 0; i++)
        sum += (amount[i] / total) * (amount[i] / total);
    return 10000 * sum;
}

/* ------------------------------------------------------------------------- lives cut short */

static int by_time(const void *a, const void *b)
{
    const stats_life *x = a, *y = b;
    if (x->time != y->time)
        return x->time > y->time ? 1 : -1;
    return y->has_ended - x->has_ended;
}

void stats_sort_lives(stats_life life[], int32_t n)
{
    qsort(life, (size_t)n, sizeof *life, by_time);
}

/* share^(e^d), share^(e^-d): the interval on the scale of ln(-ln share), d half its length */
static void set_interval(stats_survival *step, double greenwood, double z)
{
    double d = z * sqrt(greenwood) / -yt_ln(step->share);
    step->low = yt_pow(step->share, yt_exp(d));
    step->high = yt_pow(step->share, yt_exp(-d));
}

int32_t stats_kaplan_meier(const stats_life sorted[], int32_t n, double confidence,
                           stats_survival step[])
{
    assert(confidence > 0 && confidence < 1);
    double z = yt_normal_quantile(0.5 + confidence / 2);
    double share = 1, greenwood = 0; /* sum of ended / (watched (watched - ended)) */
    int32_t steps = 0;
    for (int32_t i = 0; i < n;) {
        int32_t watched = n - i, ended = 0;
        double time = sorted[i].time;
        for (; i < n && sorted[i].time == time; i++)
            ended += sorted[i].has_ended;
        if (ended == 0)
            continue;
        share *= (double)(watched - ended) / watched;
        stats_survival *at = &step[steps];
        *at = (stats_survival){time, share, 0, steps > 0 ? step[steps - 1].high : 1};
        steps++;
        if (share > 0) {
            greenwood += ended / ((double)watched * (watched - ended));
            set_interval(at, greenwood, z);
        }
    }
    return steps;
}

double stats_survival_time(const stats_survival step[], int32_t steps, double p)
{
    assert(p > 0 && p < 1);
    for (int32_t i = 0; i < steps; i++)
        if (step[i].share <= 1 - p + 1e-12) /* a product of ratios is not exactly a half */
            return step[i].time;
    return INFINITY;
}

double stats_share_ended(const stats_survival step[], int32_t steps, double time)
{
    double share = 1;
    for (int32_t i = 0; i < steps && step[i].time <= time; i++)
        share = step[i].share;
    return 1 - share;
}
