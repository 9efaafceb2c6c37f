/* math.c - elementary functions with the same bits on every machine.
 *
 * Everything is IEEE double addition, subtraction, multiplication, division and square
 * root in a fixed order, compiled without contraction.  Where one double is not enough a
 * value is kept as an unevaluated sum high + low ("pair").
 *
 *   exp   x = k ln2/128 + r; 2^(k/128) from a table, e^r by its series (|r| < 0.0028)
 *   ln    x = 2^k m; m times a short 1/c from a table is 1 + r exactly; series of ln(1 + r)
 *   pow   e^(y ln x) with ln x as a pair good to about 2^-66
 *   erfc  e^(-x^2) times a Chebyshev series (Shepherd and Laframboise 1981)
 * Tables: tools/math-tables.py.
 */
#include "base/math.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/math_tables.h"

/* x87 arithmetic would give other bits */
_Static_assert(FLT_EVAL_METHOD == 0, "double arithmetic must round to double");

typedef struct pair {
    double high, low;
} pair;

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* a + b exactly (Knuth) */
static pair sum(double a, double b)
{
    double s = a + b;
    double b_seen = s - a;
    return (pair){s, (a - (s - b_seen)) + (b - b_seen)};
}

/* a + b exactly when |a| >= |b| or a is 0 (Dekker) */
static pair ordered_sum(double a, double b)
{
    double s = a + b;
    return (pair){s, b - (s - a)};
}

/* a * b exactly (Veltkamp and Dekker), |a| and |b| below 2^995 */
static pair product(double a, double b)
{
    double ca = 134217729.0 * a, cb = 134217729.0 * b;
    double a1 = ca - (ca - a), b1 = cb - (cb - b);
    double a2 = a - a1, b2 = b - b1;
    double p = a * b;
    return (pair){p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2};
}

/* nearest integer, |x| < 2^51: the sum rounds the fraction away */
static double nearest(double x)
{
    return (x + 0x1.8p52) - 0x1.8p52;
}

/* v 2^e, rounded once; |v| in [1/2, 128) */
static double scaled(double v, int e)
{
    if (e > 1022)
        return v * 0x1p1022 * from_bits((uint64_t)(e - 1022 + 1023) << 52);
    if (e < -1020)
        return v * from_bits((uint64_t)(e + 1020 + 1023) << 52) * 0x1p-1020;
    return v * from_bits((uint64_t)(e + 1023) << 52);
}

/* ------------------------------------------------------------------------ exponential */

typedef struct exp_parts {
    pair power;   /* 2^(j/128)            */
    double minus; /* e^r - 1              */
    int exponent; /* e^x = 2^exponent power (1 + minus) */
} exp_parts;

/* e^(high + low), |high| < 800 */
static exp_parts split_exp(double high, double low)
{
    double k = nearest(high * exp_steps);
    double r = (high - k * exp_step_high) + (low - k * exp_step_low);
    int n = (int)k;
    int j = n & 127;
    double r2 = r * r;
    exp_parts p = {.power = {exp_table[j][0], exp_table[j][1]}, .exponent = (n - j) / 128};
    p.minus = r + (r2 * 0.5 + r2 * r * (1.0 / 6 + r * (1.0 / 24) + r2 * (1.0 / 120)));
    return p;
}

static double exp_of_pair(double high, double low)
{
    if (high > 709.8)
        return INFINITY;
    if (high < -745.2)
        return 0.0;
    exp_parts p = split_exp(high, low);
    return scaled(p.power.high + (p.power.low + p.power.high * p.minus), p.exponent);
}

double yt_exp(double x)
{
    return isnan(x) ? x : exp_of_pair(x, 0.0);
}

double yt_expm1(double x)
{
    if (isnan(x) || fabs(x) < 0x1p-54)
        return x;
    if (x > 40.0)
        return yt_exp(x);
    if (x < -40.0)
        return -1.0;
    if (fabs(x) < 0.0055) /* a table step: the 1 would cancel */
        return x + x * x *
                       (0.5 +
                        x * (1.0 / 6 + x * (1.0 / 24 +
                                            x * (1.0 / 120 + x * (1.0 / 720 + x * (1.0 / 5040))))));
    exp_parts p = split_exp(x, 0.0);
    double scale = from_bits((uint64_t)(p.exponent + 1023) << 52);
    pair whole = sum(scale * p.power.high, -1.0);
    return whole.high + (whole.low + scale * (p.power.low + p.power.high * p.minus));
}

/* -------------------------------------------------------------------------- logarithm */

/* ln x as a pair, x positive and finite */
static pair log_pair(double x)
{
    uint64_t bits = bits_of(x);
    int k = 0;
    if (bits < 0x0010000000000000u) { /* subnormal */
        bits = bits_of(x * 0x1p54);
        k = -54;
    }
    /* m in [0.6875, 1.375), so that k is 0 around 1 */
    uint64_t offset = bits - 0x3fe6000000000000u;
    int i = (int)(offset >> 45) & 127;
    int exponent = (int)((int64_t)offset >> 52);
    k += exponent;
    double m = from_bits(bits - ((uint64_t)(int64_t)exponent << 52));

    /* r = m/c - 1 exactly: 1/c has 13 bits, the halves of m 26 and 27 */
    const double *entry = log_table[i];
    double m1 = from_bits(bits_of(m) & ~(uint64_t)0x7ffffff);
    double m2 = m - m1;
    pair r = sum(m1 * entry[0] - 1.0, m2 * entry[0]);

    /* k ln2 + ln c + r - r^2/2 + r^3/3 - ..., the first four with their rounding errors */
    pair s = sum(k * ln2_high + entry[1], r.high);
    pair square = product(r.high, r.high);
    pair t = sum(s.high, -0.5 * square.high);
    double x1 = r.high, x2 = square.high;
    double tail = x1 * x2 *
                  ((1.0 / 3 - x1 * (1.0 / 4)) +
                   x2 * ((1.0 / 5 - x1 * (1.0 / 6)) +
                         x2 * ((1.0 / 7 - x1 * (1.0 / 8)) + x2 * (1.0 / 9 - x1 * (1.0 / 10)))));
    double low = (k * ln2_low + entry[2]) + (s.low + t.low) +
                 ((r.low - r.high * r.low) - 0.5 * square.low) + tail;
    return ordered_sum(t.high, low);
}

/* What every logarithm says outside (0, infinity); false inside. */
static bool is_special_log(double x, double *answer)
{
    if (x > 0.0 && x <= DBL_MAX)
        return false;
    *answer = isnan(x) || x > 0.0 ? x : x < 0.0 ? NAN : -INFINITY;
    return true;
}

double yt_ln(double x)
{
    double special;
    if (is_special_log(x, &special))
        return special;
    return log_pair(x).high;
}

double yt_log10(double x)
{
    double special;
    if (is_special_log(x, &special))
        return special;
    pair l = log_pair(x);
    pair p = product(l.high, log10_e_high);
    return p.high + (p.low + (l.high * log10_e_low + l.low * log10_e_high));
}

double yt_log1p(double x)
{
    if (fabs(x) < 0x1p-54)
        return x;
    double special;
    if (is_special_log(1.0 + x, &special))
        return special;
    pair u = sum(1.0, x);
    pair l = log_pair(u.high);
    return l.high + (l.low + u.low / u.high);
}

/* ------------------------------------------------------------------------------ power */

/* 0 no integer, 1 odd, 2 even */
static int parity(double y)
{
    double magnitude = fabs(y);
    if (magnitude >= 0x1p53)
        return 2;
    if (magnitude != floor(magnitude))
        return 0;
    return (uint64_t)magnitude & 1 ? 1 : 2;
}

/* |x| is 0 or infinite, or y is infinite: C11 F.10.4.4 */
static double pow_at_the_edge(double x, double y)
{
    double magnitude = fabs(x);
    if (isinf(y)) {
        if (magnitude == 1.0)
            return 1.0;
        return (magnitude > 1.0) == (y > 0) ? INFINITY : 0.0;
    }
    double answer = (magnitude == 0.0) == (y > 0) ? 0.0 : INFINITY;
    return signbit(x) && parity(y) == 1 ? -answer : answer;
}

double yt_pow(double x, double y)
{
    if (y == 0.0 || x == 1.0)
        return 1.0;
    if (isnan(x) || isnan(y))
        return NAN;
    if (x == 0.0 || isinf(x) || isinf(y))
        return pow_at_the_edge(x, y);
    double sign = 1.0;
    if (x < 0.0) {
        int kind = parity(y);
        if (kind == 0)
            return NAN;
        sign = kind == 1 ? -1.0 : 1.0;
        x = -x;
        if (x == 1.0)
            return sign;
    }
    if (fabs(y) > 0x1p64) /* |ln x| >= 2^-53 */
        return sign * ((x > 1.0) == (y > 0.0) ? INFINITY : 0.0);
    if (fabs(y) < 0x1p-65)
        return sign;
    pair l = log_pair(x);
    pair p = product(l.high, y);
    if (fabs(p.high) > 800.0)
        return sign * (p.high > 0.0 ? INFINITY : 0.0);
    return sign * exp_of_pair(p.high, p.low + l.low * y);
}

/* ------------------------------------------------------------------- tanh, erf, normal */

double yt_tanh(double x)
{
    double magnitude = fabs(x);
    if (isnan(x) || magnitude < 0x1p-28)
        return x;
    double answer = 1.0;
    if (magnitude < 22.0) {
        double t = yt_expm1(2.0 * magnitude);
        answer = magnitude < 1.0 ? t / (t + 2.0) : 1.0 - 2.0 / (t + 2.0);
    }
    return x < 0.0 ? -answer : answer;
}

/* (1 + 2x) e^(x^2) erfc(x), x >= 0: between 1 and 1.2 */
static pair scaled_erfc(double x)
{
    enum { N = sizeof erfcx_series / sizeof *erfcx_series };
    double t = (x - 3.75) / (x + 3.75);
    double b1 = 0.0, b2 = 0.0; /* Clenshaw */
    for (int k = N - 1; k > 0; k--) {
        double b0 = 2.0 * t * b1 - b2 + erfcx_series[k];
        b2 = b1;
        b1 = b0;
    }
    return ordered_sum(0.5 * erfcx_series[0], t * b1 - b2);
}

/* erfc(x) for 1/4 <= x <= 27.5, given x^2 more exactly than x itself may be */
static double erfc_tail(double x, pair square)
{
    exp_parts p = split_exp(-square.high, -square.low);
    pair e = ordered_sum(p.power.high, p.power.low + p.power.high * p.minus);
    pair above = scaled_erfc(x), below = sum(2.0 * x, 1.0);
    double q = above.high / below.high;
    pair back = product(q, below.high);
    double rest =
        (((above.high - back.high) - back.low) + (above.low - q * below.low)) / below.high;
    pair answer = product(e.high, q);
    answer = ordered_sum(answer.high, answer.low + (e.high * rest + e.low * q));
    /* q may be as small as 1/50 */
    return scaled(answer.high * 0x1p6, p.exponent - 6);
}

/* |x| <= 1/2 */
static double erf_near_zero(double x)
{
    enum { N = sizeof erf_series / sizeof *erf_series };
    double x2 = x * x, s = 0.0;
    for (int n = N - 1; n > 0; n--)
        s = s * x2 + erf_series[n];
    return x * erf_series[0] + x * (s * x2);
}

double yt_erfc(double x)
{
    if (isnan(x))
        return x;
    if (x >= -0.5 && x <= 0.25)
        return 1.0 - erf_near_zero(x);
    double magnitude = fabs(x);
    if (magnitude > 27.5)
        return x > 0.0 ? 0.0 : 2.0;
    double tail = erfc_tail(magnitude, product(magnitude, magnitude));
    return x > 0.0 ? tail : 2.0 - tail;
}

double yt_erf(double x)
{
    if (isnan(x))
        return x;
    if (fabs(x) <= 0.5)
        return erf_near_zero(x);
    double answer = 1.0 - yt_erfc(fabs(x));
    return x < 0.0 ? -answer : answer;
}

double yt_normal_cdf(double x)
{
    double z = fabs(x) * sqrt_half;
    if (isnan(x))
        return x;
    if (z <= (x < 0.0 ? 0.25 : 0.5))
        return 0.5 + 0.5 * erf_near_zero(x * sqrt_half);
    if (z > 27.5)
        return x > 0.0 ? 1.0 : 0.0;
    /* x^2/2 exactly, so that the far tail keeps its digits */
    pair square = product(x, x);
    double tail = 0.5 * erfc_tail(z, (pair){0.5 * square.high, 0.5 * square.low});
    return x > 0.0 ? 1.0 - tail : tail;
}

static double ratio(const double *above, const double *below, double x)
{
    double a = above[7], b = below[7];
    for (int i = 6; i >= 0; i--) {
        a = a * x + above[i];
        b = b * x + below[i];
    }
    return a / b;
}

/* Algorithm AS 241, PPND16 (Wichura 1988): three rational functions. */
double yt_normal_quantile(double p)
{
    static const double a[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double b[8] = {1.0,
                                4.2313330701600911252e+1,
                                6.8718700749205790830e+2,
                                5.3941960214247511077e+3,
                                2.1213794301586595867e+4,
                                3.9307895800092710610e+4,
                                2.8729085735721942674e+4,
                                5.2264952788528545610e+3};
    static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double d[8] = {1.0,
                                2.05319162663775882187e0,
                                1.67638483018380384940e0,
                                6.89767334985100004550e-1,
                                1.48103976427480074590e-1,
                                1.51986665636164571966e-2,
                                5.47593808499534494600e-4,
                                1.05075007164441684324e-9};
    static const double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                1.78482653991729133580e0,  2.96560571828504891230e-1,
                                2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double f[8] = {1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};
    if (!(p > 0.0 && p < 1.0))
        return p == 0.0 ? -INFINITY : p == 1.0 ? INFINITY : NAN;
    double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return q * ratio(a, b, 0.180625 - q * q);
    double r = sqrt(-yt_ln(q < 0.0 ? p : 1.0 - p));
    double x = r <= 5.0 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5.0);
    return q < 0.0 ? -x : x;
}

/* ------------------------------------------------------------------------ trigonometry */

/* x = n pi/2 + r, |r| <= pi/4 and a little; returns n mod 4 */
static int reduce(double x, pair *r)
{
    double n = nearest(x * two_over_pi);
    pair a = sum(x - n * half_pi_1, -n * half_pi_2);
    *r = ordered_sum(a.high, a.low - n * half_pi_3);
    return (int)n & 3;
}

static double sin_near_zero(pair r)
{
    double x = r.high, z = x * x;
    double s =
        -1.0 / 6 +
        z * (1.0 / 120 +
             z * (-1.0 / 5040 +
                  z * (1.0 / 362880 + z * (-1.0 / 39916800 + z * (1.0 / 6227020800.0 +
                                                                  z * (-1.0 / 1307674368000.0))))));
    return x + (r.low * (1.0 - 0.5 * z) + x * z * s);
}

static double cos_near_zero(pair r)
{
    double x = r.high, z = x * x;
    double s =
        1.0 / 24 +
        z * (-1.0 / 720 +
             z * (1.0 / 40320 + z * (-1.0 / 3628800 +
                                     z * (1.0 / 479001600 + z * (-1.0 / 87178291200.0 +
                                                                 z * (1.0 / 20922789888000.0))))));
    pair head = ordered_sum(1.0, -0.5 * z);
    return head.high + (head.low + (z * z * s - x * r.low));
}

static double turned(double x, int quarters)
{
    if (!(fabs(x) <= 1e5))
        return NAN;
    pair r;
    switch ((reduce(x, &r) + quarters) & 3) {
    case 0:
        return sin_near_zero(r);
    case 1:
        return cos_near_zero(r);
    case 2:
        return -sin_near_zero(r);
    default:
        return -cos_near_zero(r);
    }
}

double yt_sin(double x)
{
    return fabs(x) < 0x1p-27 ? x : turned(x, 0);
}

double yt_cos(double x)
{
    return turned(x, 1);
}

/* |x| <= 1/2: asin(x) - x */
static double asin_excess(double x)
{
    enum { N = sizeof asin_series / sizeof *asin_series };
    double x2 = x * x, s = 0.0;
    for (int n = N - 1; n > 0; n--)
        s = s * x2 + asin_series[n];
    return x * (x2 * s);
}

double yt_asin(double x)
{
    double magnitude = fabs(x);
    if (!(magnitude <= 1.0))
        return NAN;
    if (magnitude <= 0.5)
        return x + asin_excess(x);
    /* asin x = pi/2 - 2 asin sqrt((1 - x) / 2), the root with its rounding error */
    double half = 0.5 * (1.0 - magnitude);
    double root = sqrt(half);
    pair square = product(root, root);
    double missing = root > 0.0 ? ((half - square.high) - square.low) / (2.0 * root) : 0.0;
    pair head = ordered_sum(half_pi, -2.0 * root);
    double answer = head.high + (head.low + (half_pi_rest - 2.0 * (missing + asin_excess(root))));
    return x < 0.0 ? -answer : answer;
}

/* ------------------------------------------------------------------------------ gamma */

/* Stirling's series from 12 on, the recurrence below it */
double yt_lgamma(double x)
{
    if (!(x > 0.0))
        return isnan(x) ? x : NAN;
    double factor = 1.0;
    for (; x < 12.0; x += 1.0)
        factor *= x;
    double z = 1.0 / (x * x);
    double s =
        1.0 / 12 +
        z * (-1.0 / 360 +
             z * (1.0 / 1260 +
                  z * (-1.0 / 1680 + z * (1.0 / 1188 + z * (-691.0 / 360360 + z * (1.0 / 156))))));
    return (x - 0.5) * yt_ln(x) - x + half_ln_two_pi + s / x - yt_ln(factor);
}
