/* math.c - our elementary functions against MPFR with 200 bits, on random points.
 *
 * YT_ORACLE_COUNT sets the points per function and range (40,000 when it is not set).
 */
#include "base/math.h"
#include "base/random.h"

#include <math.h>
#include <mpfr.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#define BITS 200

static int count(void)
{
    const char *text = getenv("YT_ORACLE_COUNT");
    int n = text ? atoi(text) : 40000;
    return n > 0 ? n : 40000;
}

/* Distance of `ours` from the exact value in units of the exact value's last place. */
static double ulps(double ours, mpfr_t exact)
{
    double rounded = mpfr_get_d(exact, MPFR_RNDN);
    if (isinf(rounded) || isnan(rounded) || rounded == 0.0)
        return (isnan(rounded) && isnan(ours)) || ours == rounded ? 0.0
               : rounded == 0.0 && fabs(ours) <= 0x1p-1074        ? 1.0
                                                                  : INFINITY;
    double magnitude = fabs(rounded);
    double unit = nextafter(magnitude, INFINITY) - magnitude;
    if (isinf(unit))
        unit = magnitude - nextafter(magnitude, 0.0);
    mpfr_t difference;
    mpfr_init2(difference, BITS);
    mpfr_d_sub(difference, ours, exact, MPFR_RNDN);
    double d = fabs(mpfr_get_d(difference, MPFR_RNDN)) / unit;
    mpfr_clear(difference);
    return d;
}

typedef int oracle(mpfr_t out, const mpfr_t x, mpfr_rnd_t round);

typedef struct range {
    const char *name;
    double (*ours)(double);
    oracle *exact;
    double from, to;
    int is_logarithmic; /* points spread over magnitudes, both signs when from < 0 */
    double limit;       /* ulp */
} range;

static int normal_cdf(mpfr_t out, const mpfr_t x, mpfr_rnd_t round)
{
    mpfr_t half;
    mpfr_init2(half, BITS);
    mpfr_set_d(half, 0.5, round);
    mpfr_sqrt(half, half, round);
    mpfr_mul(out, x, half, round);
    mpfr_neg(out, out, round);
    mpfr_erfc(out, out, round);
    mpfr_div_ui(out, out, 2, round);
    mpfr_clear(half);
    return 0;
}

static int lgamma_positive(mpfr_t out, const mpfr_t x, mpfr_rnd_t round)
{
    return mpfr_lngamma(out, x, round);
}

static const range ranges[] = {
    {"exp", yt_exp, mpfr_exp, -745, 710, 0, 1.0},
    {"exp near 0", yt_exp, mpfr_exp, -1, 1, 0, 0.6},
    {"exp tiny", yt_exp, mpfr_exp, 1e-30, 1, 1, 0.6},
    {"expm1", yt_expm1, mpfr_expm1, -40, 60, 0, 0.7},
    {"expm1 near 0", yt_expm1, mpfr_expm1, -1, 1, 0, 1.5},
    {"expm1 tiny", yt_expm1, mpfr_expm1, 1e-30, 1, 1, 1.5},
    {"ln", yt_ln, mpfr_log, 1e-320, 1e308, 1, 0.51},
    {"ln near 1", yt_ln, mpfr_log, 0.5, 2, 0, 0.51},
    {"ln at 1", yt_ln, mpfr_log, 0.99999, 1.00001, 0, 0.51},
    {"log10", yt_log10, mpfr_log10, 1e-320, 1e308, 1, 0.51},
    {"log1p", yt_log1p, mpfr_log1p, -0.999, 5, 0, 0.6},
    {"log1p tiny", yt_log1p, mpfr_log1p, 1e-30, 1e30, 1, 0.7},
    {"tanh", yt_tanh, mpfr_tanh, -25, 25, 0, 2.5},
    {"tanh tiny", yt_tanh, mpfr_tanh, 1e-30, 1, 1, 2.5},
    {"erf", yt_erf, mpfr_erf, -7, 7, 0, 2.0},
    {"erf near 0", yt_erf, mpfr_erf, -1, 1, 0, 2.0},
    {"erfc", yt_erfc, mpfr_erfc, -7, 26.5, 0, 2.0},
    {"erfc near 0", yt_erfc, mpfr_erfc, -1, 1.5, 0, 2.0},
    {"normal cdf", yt_normal_cdf, normal_cdf, -37, 9, 0, 2.5},
    {"sin", yt_sin, mpfr_sin, -400, 400, 0, 1.1},
    {"sin far", yt_sin, mpfr_sin, -1e5, 1e5, 0, 1.1},
    {"cos", yt_cos, mpfr_cos, -400, 400, 0, 1.1},
    {"asin", yt_asin, mpfr_asin, -1, 1, 0, 2.0},
    {"lgamma", yt_lgamma, lgamma_positive, 5, 1e4, 1, 30.0},
};

static double point(random_stream *s, const range *r)
{
    double u = random_uniform(s);
    if (!r->is_logarithmic)
        return r->from + (r->to - r->from) * u;
    double low = log(r->from), high = log(r->to);
    return exp(low + (high - low) * u);
}

static void test_math__one_argument_functions_are_close_to_exact(void **state)
{
    (void)state;
    mpfr_t x, y;
    mpfr_inits2(BITS, x, y, (mpfr_ptr)0);
    int failed = 0;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const range *r = &ranges[i];
        random_stream s = random_stream_of(1, 0, r->name, 0);
        double worst = 0, at = 0;
        for (int n = count(); n > 0; n--) {
            double p = point(&s, r);
            mpfr_set_d(x, p, MPFR_RNDN);
            r->exact(y, x, MPFR_RNDN);
            double error = ulps(r->ours(p), y);
            if (!(error <= worst)) {
                worst = error;
                at = p;
            }
        }
        printf("  %-14s worst %.3f ulp at %.17g\n", r->name, worst, at);
        failed += !(worst <= r->limit);
    }
    mpfr_clears(x, y, (mpfr_ptr)0);
    assert_int_equal(failed, 0);
}

static void test_math__power_is_close_to_exact(void **state)
{
    (void)state;
    mpfr_t x, y, z;
    mpfr_inits2(BITS, x, y, z, (mpfr_ptr)0);
    random_stream s = random_stream_of(2, 0, "pow", 0);
    double worst = 0, at_x = 0, at_y = 0;
    for (int n = 3 * count(); n > 0; n--) {
        /* everyday powers, bases near 1, and results over the whole range */
        double u = random_uniform(&s), v = random_uniform(&s), a, b;
        if (n % 3 == 0) {
            a = exp(20 * (u - 0.5));
            b = 8 * (v - 0.5);
        } else if (n % 3 == 1) {
            a = 1 + (u - 0.5) * 1e-3;
            b = 1e6 * (v - 0.5);
        } else {
            a = exp(1400 * (u - 0.5));
            b = 1460 * (v - 0.51) / log(a);
        }
        mpfr_set_d(x, a, MPFR_RNDN);
        mpfr_set_d(y, b, MPFR_RNDN);
        mpfr_pow(z, x, y, MPFR_RNDN);
        double error = ulps(yt_pow(a, b), z);
        if (!(error <= worst)) {
            worst = error;
            at_x = a;
            at_y = b;
        }
    }
    printf("  %-14s worst %.3f ulp at %.17g, %.17g\n", "pow", worst, at_x, at_y);
    mpfr_clears(x, y, z, (mpfr_ptr)0);
    assert_true(worst <= 1.0);
}

/* the quantile's error is measured by the exact distribution at our answer */
static void test_math__normal_quantile_is_the_inverse_of_the_distribution(void **state)
{
    (void)state;
    mpfr_t x, y;
    mpfr_inits2(BITS, x, y, (mpfr_ptr)0);
    random_stream s = random_stream_of(3, 0, "quantile", 0);
    double worst = 0, at = 0;
    for (int n = count(); n > 0; n--) {
        double p = random_uniform(&s);
        if (n % 2)
            p = exp(-700 * p);
        double q = yt_normal_quantile(p);
        mpfr_set_d(x, q, MPFR_RNDN);
        normal_cdf(y, x, MPFR_RNDN);
        mpfr_sub_d(y, y, p, MPFR_RNDN);
        /* error in q, relative to q and 1 */
        double density = exp(-0.5 * q * q) * 0.3989422804014327;
        double error = fabs(mpfr_get_d(y, MPFR_RNDN)) / density / fmax(fabs(q), 0.1);
        if (!(error <= worst)) {
            worst = error;
            at = p;
        }
    }
    printf("  %-14s worst relative error %.3g at %.17g\n", "quantile", worst, at);
    mpfr_clears(x, y, (mpfr_ptr)0);
    assert_true(worst < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_math__one_argument_functions_are_close_to_exact),
        cmocka_unit_test(test_math__power_is_close_to_exact),
        cmocka_unit_test(test_math__normal_quantile_is_the_inverse_of_the_distribution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
