/* math.h - exp, logarithm, power and friends that give the same bits on every machine.
 *
 * Only IEEE double addition, multiplication, division and square root, never contracted,
 * so compilers and processors cannot disagree.  Worst errors seen against MPFR, in units of
 * the last place: exp, ln, log1p, log10, pow 0.51 to 0.7 (1.0 where the result is
 * subnormal), expm1 1.4, sin, cos, asin 1.1, erf, erfc 1.7, normal cdf, tanh 2.5; the normal
 * quantile 7e-16 relative, lgamma 1e-14 absolute or relative.
 * (The natural logarithm is yt_ln because yt_log is the message log.)
 */
#ifndef BASE_MATH_H
#define BASE_MATH_H

double yt_exp(double x);
double yt_expm1(double x); /* e^x - 1, exact near 0     */
double yt_ln(double x);    /* natural logarithm         */
double yt_log1p(double x); /* ln(1 + x), exact near 0   */
double yt_log10(double x);
double yt_pow(double x, double y);
double yt_tanh(double x);
double yt_erf(double x);
double yt_erfc(double x);
/* Great circles on a map; not for the step. */
double yt_sin(double x); /* |x| <= 1e5 */
double yt_cos(double x); /* |x| <= 1e5 */
double yt_asin(double x);
/* ln |Gamma(x)|, x > 0. */
double yt_lgamma(double x);

/* Standard normal distribution and its inverse (0 < p < 1). */
double yt_normal_cdf(double x);
double yt_normal_quantile(double p);

#endif
