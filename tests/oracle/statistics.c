/* statistics.c - our distributions, quantiles and scores on random points, for others to judge.
 *
 *     statistics N    N lines "name argument... value", for statistics.py
 */
#include "base/distribution.h"
#include "base/finance.h"
#include "base/random.h"
#include "base/score.h"
#include "base/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static random_stream stream;

/* Spread over magnitudes. */
static double between(double low, double high)
{
    return low * exp(random_uniform(&stream) * log(high / low));
}

static void line(const char *name, int n, const double argument[], double value)
{
    printf("%s", name);
    for (int i = 0; i < n; i++)
        printf(" %.17g", argument[i]);
    printf(" %.17g\n", value);
}

#define LINE(name, value, ...)                                                                     \
    line(name, (int)(sizeof(double[]){__VA_ARGS__} / sizeof(double)), (double[]){__VA_ARGS__},     \
         value)

static void show_distributions(void)
{
    double u = random_uniform(&stream), shape = between(0.2, 500), x = shape * between(0.05, 5);
    LINE("gamma_cdf", distribution_gamma_cdf(x, shape), x, shape);
    LINE("gamma_inverse", distribution_gamma_inverse(u, shape), u, shape);
    double order = floor(between(1, 30)), mean = between(0.1, 100), t = mean * between(0.1, 4);
    LINE("erlang_cdf", distribution_erlang_cdf(t, (int32_t)order, mean), t, order, mean);
    double scale = between(0.1, 100), age = scale * between(0.01, 5), k = between(0.5, 10);
    LINE("weibull_survival", distribution_weibull_survival(age, scale, k), age, scale, k);
    LINE("weibull_scale", distribution_weibull_scale(scale, k), scale, k);
    double mode = between(0.01, 1000), low = mode * between(0.3, 1), high = mode * between(1, 4);
    for (int32_t s = DIST_TRIANGULAR; s <= DIST_UNIFORM; s++) {
        distribution d = distribution_of(s, mode, low, high);
        LINE("spread", distribution_quantile(&d, u), s, mode, low, high, u);
    }
    double step[4];
    for (int i = 0; i < 4; i++)
        step[i] = between(0.1, 10);
    LINE("sequence_cdf", distribution_sequence_cdf(t, step, 4), t, step[0], step[1], step[2],
         step[3]);
}

static void show_samples(void)
{
    double a[12], b[12], p = random_uniform(&stream);
    for (int i = 0; i < 12; i++) {
        a[i] = floor(between(1, 50));
        b[i] = floor(a[i] * between(0.3, 3)) + 1;
    }
#define ALL(x) x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11]
    LINE("spearman", score_spearman(a, b, 12), ALL(a), ALL(b));
    LINE("pairs", score_pairs(a, b, 12), ALL(a), ALL(b));
    LINE("crps_normal", score_crps_normal(a[0], b[0], a[1]), a[0], b[0], a[1]);
    double y = a[0];
    stats_sort(b, 12);
    LINE("crps", score_crps(b, 12, y), y, ALL(b));
    for (int type = STATS_TYPE4; type <= STATS_TYPE9; type++)
        LINE("quantile", stats_quantile_of_type(b, 12, p, (stats_quantile_type)type), type, p,
             ALL(b));
    double rate = between(0.001, 0.5), years = between(0.1, 40);
    LINE("annuity", finance_annuity(rate, years), rate, years);
}

int main(int argc, char **argv)
{
    stream = random_stream_of(1, 0, "statistics", 0);
    for (long i = argc > 1 ? strtol(argv[1], NULL, 10) : 0; i > 0; i--) {
        show_distributions();
        show_samples();
    }
    return 0;
}
