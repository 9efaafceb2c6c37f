/* test_base_math.c - frozen bits and edges of the elementary functions.
 *
 * Accuracy is measured in tests/oracle/math.c; here every build must give the same bits.
 */
#include "base/math.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* clang-format off */
static const struct {
    const char *name;
    double (*function)(double);
    double x;
    uint64_t bits;
} frozen[] = {
    {"exp", yt_exp, -0x1.748p+9, 0x0000000000000001},
    {"exp", yt_exp, -0x1.48p+4, 0x3e157a3afeed00ab},
    {"exp", yt_exp, -0x1.4p+0, 0x3fd25618372a584f},
    {"exp", yt_exp, -0x1.47ae147ae147bp-7, 0x3fefae7cfd2b9cfe},
    {"exp", yt_exp, 0x1.4f8b588e368f1p-17, 0x3ff0000a7c5e340e},
    {"exp", yt_exp, 0x1.3333333333333p-2, 0x3ff599058c8c1a96},
    {"exp", yt_exp, 0x1p+0, 0x4005bf0a8b145769},
    {"exp", yt_exp, 0x1.5bf0a8b145769p+1, 0x402e4efb75e4527a},
    {"exp", yt_exp, 0x1.92p+5, 0x44768e4824f25e63},
    {"exp", yt_exp, 0x1.62d999999999ap+9, 0x7fed75ae7a50ee14},
    {"expm1", yt_expm1, -0x1.748p+9, 0xbff0000000000000},
    {"expm1", yt_expm1, -0x1.48p+4, 0xbfefffffff542e28},
    {"expm1", yt_expm1, -0x1.4p+0, 0xbfe6d4f3e46ad3d8},
    {"expm1", yt_expm1, -0x1.47ae147ae147bp-7, 0xbf8460c0b518c09f},
    {"expm1", yt_expm1, 0x1.4f8b588e368f1p-17, 0x3ee4f8bc681cdfb6},
    {"expm1", yt_expm1, 0x1.3333333333333p-2, 0x3fd6641632306a56},
    {"expm1", yt_expm1, 0x1p+0, 0x3ffb7e151628aed3},
    {"expm1", yt_expm1, 0x1.5bf0a8b145769p+1, 0x402c4efb75e4527a},
    {"expm1", yt_expm1, 0x1.92p+5, 0x44768e4824f25e63},
    {"expm1", yt_expm1, 0x1.62d999999999ap+9, 0x7fed75ae7a50ee14},
    {"ln", yt_ln, 0x1.56e1fc2f8f359p-997, 0xc085963447f87fb5},
    {"ln", yt_ln, 0x1.4f8b588e368f1p-17, 0xc027069e2aa2aa5b},
    {"ln", yt_ln, 0x1.3333333333333p-2, 0xbff34378fcbda721},
    {"ln", yt_ln, 0x1.8p-1, 0xbfd269621134db92},
    {"ln", yt_ln, 0x1p+0, 0x0000000000000000},
    {"ln", yt_ln, 0x1.000001ad7f29bp+0, 0x3e7ad7f2847b6492},
    {"ln", yt_ln, 0x1.4p+1, 0x3fed5240f0e0e078},
    {"ln", yt_ln, 0x1.4p+3, 0x40026bb1bbb55516},
    {"ln", yt_ln, 0x1.81cd6c8b43958p+13, 0x4022d79559791e31},
    {"ln", yt_ln, 0x1.7e43c8800759cp+996, 0x4085963447f87fb5},
    {"log1p", yt_log1p, 0x1.56e1fc2f8f359p-997, 0x01a56e1fc2f8f359},
    {"log1p", yt_log1p, 0x1.4f8b588e368f1p-17, 0x3ee4f8aea9ae7317},
    {"log1p", yt_log1p, 0x1.3333333333333p-2, 0x3fd0ca937be1b9dc},
    {"log1p", yt_log1p, 0x1.8p-1, 0x3fe1e85f5e7040d0},
    {"log1p", yt_log1p, 0x1p+0, 0x3fe62e42fefa39ef},
    {"log1p", yt_log1p, 0x1.000001ad7f29bp+0, 0x3fe62e4319d22c7f},
    {"log1p", yt_log1p, 0x1.4p+1, 0x3ff40b512eb53d60},
    {"log1p", yt_log1p, 0x1.4p+3, 0x40032ee3b77f374c},
    {"log1p", yt_log1p, 0x1.81cd6c8b43958p+13, 0x4022d79ff745b2fd},
    {"log1p", yt_log1p, 0x1.7e43c8800759cp+996, 0x4085963447f87fb5},
    {"log10", yt_log10, 0x1.56e1fc2f8f359p-997, 0xc072c00000000000},
    {"log10", yt_log10, 0x1.4f8b588e368f1p-17, 0xc014000000000000},
    {"log10", yt_log10, 0x1.3333333333333p-2, 0xbfe0bb6c34d81502},
    {"log10", yt_log10, 0x1.8p-1, 0xbfbffbfc2bbc7803},
    {"log10", yt_log10, 0x1p+0, 0x0000000000000000},
    {"log10", yt_log10, 0x1.000001ad7f29bp+0, 0x3e6750e5ca0b1098},
    {"log10", yt_log10, 0x1.4p+1, 0x3fd977d95ec10c02},
    {"log10", yt_log10, 0x1.4p+3, 0x3ff0000000000000},
    {"log10", yt_log10, 0x1.81cd6c8b43958p+13, 0x40105db618083a9e},
    {"log10", yt_log10, 0x1.7e43c8800759cp+996, 0x4072c00000000000},
    {"erf", yt_erf, -0x1.748p+9, 0xbff0000000000000},
    {"erf", yt_erf, -0x1.48p+4, 0xbff0000000000000},
    {"erf", yt_erf, -0x1.4p+0, 0xbfed8865d98abe00},
    {"erf", yt_erf, -0x1.47ae147ae147bp-7, 0xbf871bc266657b66},
    {"erf", yt_erf, 0x1.4f8b588e368f1p-17, 0x3ee7a9f084b5e44c},
    {"erf", yt_erf, 0x1.3333333333333p-2, 0x3fd50838881dea0f},
    {"erf", yt_erf, 0x1p+0, 0x3feaf767a741088b},
    {"erf", yt_erf, 0x1.5bf0a8b145769p+1, 0x3fefff0263a46849},
    {"erf", yt_erf, 0x1.92p+5, 0x3ff0000000000000},
    {"erf", yt_erf, 0x1.62d999999999ap+9, 0x3ff0000000000000},
    {"erfc", yt_erfc, -0x1.748p+9, 0x4000000000000000},
    {"erfc", yt_erfc, -0x1.48p+4, 0x4000000000000000},
    {"erfc", yt_erfc, -0x1.4p+0, 0x3ffec432ecc55f00},
    {"erfc", yt_erfc, -0x1.47ae147ae147bp-7, 0x3ff02e3784cccaf7},
    {"erfc", yt_erfc, 0x1.4f8b588e368f1p-17, 0x3fefffe8560f7b4a},
    {"erfc", yt_erfc, 0x1.3333333333333p-2, 0x3fe57be3bbf10af8},
    {"erfc", yt_erfc, 0x1p+0, 0x3fc4226162fbddd5},
    {"erfc", yt_erfc, 0x1.5bf0a8b145769p+1, 0x3f1fb38b72f6d2b8},
    {"erfc", yt_erfc, 0x1.92p+5, 0x0000000000000000},
    {"erfc", yt_erfc, 0x1.62d999999999ap+9, 0x0000000000000000},
    {"tanh", yt_tanh, -0x1.748p+9, 0xbff0000000000000},
    {"tanh", yt_tanh, -0x1.48p+4, 0xbff0000000000000},
    {"tanh", yt_tanh, -0x1.4p+0, 0xbfeb2523bb6b2dee},
    {"tanh", yt_tanh, -0x1.47ae147ae147bp-7, 0xbf847ab48ae4595e},
    {"tanh", yt_tanh, 0x1.4f8b588e368f1p-17, 0x3ee4f8b588e06853},
    {"tanh", yt_tanh, 0x1.3333333333333p-2, 0x3fd2a4dda7d914f9},
    {"tanh", yt_tanh, 0x1p+0, 0x3fe85efab514f394},
    {"tanh", yt_tanh, 0x1.5bf0a8b145769p+1, 0x3fefb8f76b1e2ab6},
    {"tanh", yt_tanh, 0x1.92p+5, 0x3ff0000000000000},
    {"tanh", yt_tanh, 0x1.62d999999999ap+9, 0x3ff0000000000000},
    {"cdf", yt_normal_cdf, -0x1.748p+9, 0x0000000000000000},
    {"cdf", yt_normal_cdf, -0x1.48p+4, 0x2ca1f6a3f82871eb},
    {"cdf", yt_normal_cdf, -0x1.4p+0, 0x3fbb0bdd12ba9c29},
    {"cdf", yt_normal_cdf, -0x1.47ae147ae147bp-7, 0x3fdfbea36d462e24},
    {"cdf", yt_normal_cdf, 0x1.4f8b588e368f1p-17, 0x3fe000085dce185b},
    {"cdf", yt_normal_cdf, 0x1.3333333333333p-2, 0x3fe3c5ee2cc40b79},
    {"cdf", yt_normal_cdf, 0x1p+0, 0x3feaec4bd120d37d},
    {"cdf", yt_normal_cdf, 0x1.5bf0a8b145769p+1, 0x3fefe51f0b1604a8},
    {"cdf", yt_normal_cdf, 0x1.92p+5, 0x3ff0000000000000},
    {"cdf", yt_normal_cdf, 0x1.62d999999999ap+9, 0x3ff0000000000000},
    {"quantile", yt_normal_quantile, 0x1.cd2b297d889bcp-54, 0xc02071b4c29e9b5a},
    {"quantile", yt_normal_quantile, 0x1.0624dd2f1a9fcp-10, 0xc008b8cbb7204470},
    {"quantile", yt_normal_quantile, 0x1.999999999999ap-4, 0xbff4813c36e26d33},
    {"quantile", yt_normal_quantile, 0x1.b333333333333p-2, 0xbfc8350857f4d119},
    {"quantile", yt_normal_quantile, 0x1p-1, 0x0000000000000000},
    {"quantile", yt_normal_quantile, 0x1.3333333333333p-1, 0x3fd036d6c4a04b59},
    {"quantile", yt_normal_quantile, 0x1.ccccccccccccdp-1, 0x3ff4813c36e26d33},
    {"quantile", yt_normal_quantile, 0x1.f333333333333p-1, 0x3fff5c0331eeff82},
    {"quantile", yt_normal_quantile, 0x1.fff2e48e8a71ep-1, 0x400dc08bb712897a},
    {"quantile", yt_normal_quantile, 0x1.fffffffffffffp-1, 0x40206b48528cea51},
    {"sin", yt_sin, -0x1.748p+9, 0x3fdb683ccbc86662},
    {"sin", yt_sin, -0x1.48p+4, 0xbfefe60798c36321},
    {"sin", yt_sin, -0x1.4p+0, 0xbfee5e14fe11418c},
    {"sin", yt_sin, -0x1.47ae147ae147bp-7, 0xbf847acae915e807},
    {"sin", yt_sin, 0x1.4f8b588e368f1p-17, 0x3ee4f8b588e1e8a2},
    {"sin", yt_sin, 0x1.3333333333333p-2, 0x3fd2e9cd95baba33},
    {"sin", yt_sin, 0x1p+0, 0x3feaed548f090cee},
    {"sin", yt_sin, 0x1.5bf0a8b145769p+1, 0x3fda4a3d9c2131df},
    {"sin", yt_sin, 0x1.92p+5, 0xbf8fb4f13e2b4827},
    {"sin", yt_sin, 0x1.62d999999999ap+9, 0xbfd2e8dc01eac743},
    {"lgamma", yt_lgamma, 0x1.56e1fc2f8f359p-997, 0x4085963447f87fb6},
    {"lgamma", yt_lgamma, 0x1.4f8b588e368f1p-17, 0x4027069d68f4ec84},
    {"lgamma", yt_lgamma, 0x1.3333333333333p-2, 0x3ff188637a6c41a0},
    {"lgamma", yt_lgamma, 0x1.8p-1, 0x3fca051c37260a00},
    {"lgamma", yt_lgamma, 0x1p+0, 0x3cf0000000000000},
    {"lgamma", yt_lgamma, 0x1.000001ad7f29bp+0, 0xbe6efd30a0000000},
    {"lgamma", yt_lgamma, 0x1.4p+1, 0x3fd2383e809a6800},
    {"lgamma", yt_lgamma, 0x1.4p+3, 0x40299a8921a7f7d2},
    {"lgamma", yt_lgamma, 0x1.81cd6c8b43958p+13, 0x40f9617eb7eee0bc},
    {"lgamma", yt_lgamma, 0x1.7e43c8800759cp+996, 0x7ed017f38e7a1ab5},
};
/* clang-format on */

static void test_math__bits_are_frozen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frozen / sizeof *frozen; i++) {
        uint64_t bits = bits_of(frozen[i].function(frozen[i].x));
        if (bits != frozen[i].bits)
            print_error("%s(%a)\n", frozen[i].name, frozen[i].x);
        assert_int_equal(bits, frozen[i].bits);
    }
}

/* a million points of everything in one number */
static void test_math__bits_of_a_long_walk_are_frozen(void **state)
{
    (void)state;
    uint64_t h = 0;
    double x = 0.1;
    for (int i = 0; i < 1000000; i++) {
        x += 1e-3;
        h = h * 6364136223846793005u + bits_of(yt_exp(x * 0.5 - 300)) + bits_of(yt_ln(x)) +
            bits_of(yt_pow(x, x * 0.01 - 3)) + bits_of(yt_erfc(x * 0.02 - 5)) +
            bits_of(yt_normal_cdf(x * .02 - 10)) + bits_of(yt_sin(x)) +
            bits_of(yt_expm1(x * .1 - 50)) + bits_of(yt_log1p(x - .05)) +
            bits_of(yt_tanh(x * .02 - 10));
    }
    assert_int_equal(h, 0x52e5070f5202461bu);
}

static void test_math__exp_keeps_its_edges(void **state)
{
    (void)state;
    assert_true(yt_exp(0) == 1);
    assert_true(yt_exp(710) == INFINITY);
    assert_true(yt_exp(-746) == 0);
    assert_true(yt_exp(INFINITY) == INFINITY && yt_exp(-INFINITY) == 0);
    assert_true(isnan(yt_exp(NAN)));
    assert_true(yt_exp(709.78) < INFINITY && yt_exp(709.78) > 1.7e308);
    assert_true(yt_exp(-745.1) == 0x1p-1074);
    assert_true(yt_expm1(0) == 0 && signbit(yt_expm1(-0.0)));
    assert_true(yt_expm1(-INFINITY) == -1 && yt_expm1(INFINITY) == INFINITY);
}

static void test_math__logarithms_keep_their_edges(void **state)
{
    (void)state;
    assert_true(yt_ln(1) == 0 && yt_log10(1) == 0 && yt_log1p(0) == 0);
    assert_true(yt_ln(0) == -INFINITY && yt_ln(-0.0) == -INFINITY && yt_log1p(-1) == -INFINITY);
    assert_true(isnan(yt_ln(-1)) && isnan(yt_log1p(-1.5)) && isnan(yt_ln(NAN)));
    assert_true(yt_ln(INFINITY) == INFINITY);
    assert_true(yt_ln(0x1p-1074) < -744.4 && yt_ln(0x1p-1074) > -744.5);
    assert_true(yt_log10(1000) == 3 && yt_log10(1e22) == 22);
}

/* C11 F.10.4.4, every line */
static void test_math__pow_keeps_its_edges(void **state)
{
    (void)state;
    static const double inf = INFINITY;
    static const double c[][3] = {
        {0.0, -3, INFINITY},
        {-0.0, -3, -INFINITY},
        {-0.0, -2, INFINITY},
        {0.0, -2.5, INFINITY},
        {0.0, 3, 0.0},
        {-0.0, 3, -0.0},
        {-0.0, 2, 0.0},
        {-0.0, 2.5, 0.0},
        {-1, INFINITY, 1},
        {-1, -INFINITY, 1},
        {0.5, INFINITY, 0},
        {2, INFINITY, INFINITY},
        {0.5, -INFINITY, INFINITY},
        {2, -INFINITY, 0},
        {-INFINITY, -3, -0.0},
        {-INFINITY, -2, 0},
        {-INFINITY, 3, -INFINITY},
        {-INFINITY, 2, INFINITY},
        {INFINITY, -0.5, 0},
        {INFINITY, 0.5, INFINITY},
        {-2, 3, -8},
        {-2, -1, -0.5},
        {-1, 1e300, 1},
        {2, 1023, 0x1p1023},
        {2, 1024, INFINITY},
        {2, -1074, 0x1p-1074},
        {2, -1080, 0},
        {-2, 1025, -INFINITY},
        {10, 22, 1e22},
        {1e-300, 1e300, 0},
        {1 + DBL_EPSILON, 1e20, INFINITY},
        {3, 1e-300, 1},
        {-0.5, 1e301, 0},
    };
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        double z = yt_pow(c[i][0], c[i][1]);
        if (bits_of(z) != bits_of(c[i][2]))
            print_error("pow(%g, %g) is %g, not %g\n", c[i][0], c[i][1], z, c[i][2]);
        assert_int_equal(bits_of(z), bits_of(c[i][2]));
    }
    assert_true(yt_pow(NAN, 0) == 1 && yt_pow(1, NAN) == 1 && yt_pow(inf, 0) == 1);
    assert_true(isnan(yt_pow(-2, 0.5)) && isnan(yt_pow(NAN, 1)) && isnan(yt_pow(2, NAN)));
}

static void test_math__distribution_functions_keep_their_edges(void **state)
{
    (void)state;
    assert_true(yt_erf(INFINITY) == 1 && yt_erf(-INFINITY) == -1 && yt_erf(0) == 0);
    assert_true(yt_erfc(INFINITY) == 0 && yt_erfc(-INFINITY) == 2);
    assert_true(yt_normal_cdf(0) == 0.5 && yt_normal_cdf(-50) == 0 && yt_normal_cdf(50) == 1);
    assert_true(yt_normal_quantile(0.5) == 0);
    assert_true(yt_normal_quantile(0) == -INFINITY && yt_normal_quantile(1) == INFINITY);
    assert_true(isnan(yt_normal_quantile(-0.1)) && isnan(yt_normal_quantile(NAN)));
    assert_true(fabs(yt_normal_quantile(0.975) - 1.959963984540054) < 1e-15);
    for (double p = 0x1p-53; p < 0.5; p *= 1.7)
        assert_true(fabs(yt_normal_cdf(yt_normal_quantile(p)) / p - 1) < 3e-14);
    assert_true(isnan(yt_erf(NAN)) && isnan(yt_erfc(NAN)) && isnan(yt_tanh(NAN)));
    assert_true(yt_tanh(100) == 1 && yt_tanh(-100) == -1);
}

static void test_math__angles_keep_their_edges(void **state)
{
    (void)state;
    assert_true(yt_sin(0) == 0 && yt_cos(0) == 1 && yt_asin(0) == 0);
    assert_true(yt_asin(1) == 0x1.921fb54442d18p+0 && yt_asin(-1) == -0x1.921fb54442d18p+0);
    assert_true(isnan(yt_asin(1.1)) && isnan(yt_sin(INFINITY)) && isnan(yt_cos(NAN)));
    for (double x = -3; x < 3; x += 0.01)
        assert_true(fabs(yt_sin(x) * yt_sin(x) + yt_cos(x) * yt_cos(x) - 1) < 4e-16);
    double factorial = 1; /* ln (n-1)! */
    for (int n = 1; n < 20; factorial *= n++)
        assert_true(fabs(yt_lgamma(n) - yt_ln(factorial)) < 2e-14 * (1 + yt_ln(factorial)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_math__bits_are_frozen),
        cmocka_unit_test(test_math__bits_of_a_long_walk_are_frozen),
        cmocka_unit_test(test_math__exp_keeps_its_edges),
        cmocka_unit_test(test_math__logarithms_keep_their_edges),
        cmocka_unit_test(test_math__pow_keeps_its_edges),
        cmocka_unit_test(test_math__distribution_functions_keep_their_edges),
        cmocka_unit_test(test_math__angles_keep_their_edges),
    };
    return cmocka_run_group_tests_name("base/math", tests, NULL, NULL);
}
