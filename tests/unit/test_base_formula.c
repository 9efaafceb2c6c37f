/* test_base_formula.c - chemical formulas: what is read, what is refused and where. */
#include "base/formula.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

/* made-up atoms: whole numbers, so that shares can be seen */
static double mass_of(const void *context, const char *symbol)
{
    (void)context;
    static const struct {
        const char *symbol;
        double mass;
    } atoms[] = {{"A", 10}, {"Bb", 20}, {"O", 16}, {"H", 1}, {"C", 12}};
    for (size_t i = 0; i < sizeof atoms / sizeof *atoms; i++)
        if (!strcmp(atoms[i].symbol, symbol))
            return atoms[i].mass;
    return NAN;
}

static double share(const char *formula, const char *symbol)
{
    const char *wrong;
    double found = formula_share(formula, symbol, mass_of, NULL, &wrong);
    assert_null(wrong);
    return found;
}

static void assert_close(double found, double due)
{
    assert_true(fabs(found - due) < 1e-15);
}

static void test_formula__counts_atoms(void **state)
{
    (void)state;
    assert_close(share("A", "A"), 1);
    assert_close(share("A2O3", "A"), 20.0 / 68);
    assert_close(share("A2O3", "Bb"), 0);
    assert_close(share("Bb6O11", "Bb"), 120.0 / (120 + 176));
    assert_close(share("ABbA", "A"), 20.0 / 40);
    assert_close(share("A1.6Bb0.4", "A"), 16.0 / 24);
    assert_close(share("A10", "A"), 1);
}

static void test_formula__brackets_and_crystal_water(void **state)
{
    (void)state;
    assert_close(share("A2(CO3)3", "A"), 20.0 / (20 + 3 * 60));
    assert_close(share("(A(O)2)2", "O"), 32.0 / 42);
    assert_close(share("AO*6H2O", "H"), 12.0 / (26 + 6 * 18));
    assert_close(share("AO\xc2\xb7"
                       "6H2O",
                       "A"),
                 10.0 / (26 + 6 * 18));
    assert_close(share("A(Bb)0", "A"), 1);
}

static void assert_refused(const char *formula, ptrdiff_t at)
{
    const char *wrong;
    assert_true(isnan(formula_share(formula, "A", mass_of, NULL, &wrong)));
    assert_non_null(wrong);
    assert_int_equal(wrong - formula, at);
}

static void test_formula__says_where_it_stops(void **state)
{
    (void)state;
    assert_refused("", 0);
    assert_refused("A2Zz3", 2);
    assert_refused("Abcdef", 0);
    assert_refused("a2", 0);
    assert_refused("A2 O3", 2);
    assert_refused("A(O", 1);
    assert_refused("AO)2", 2);
    assert_refused("()", 1);
    assert_refused("A*", 2);
    assert_refused("A0", 2);
    assert_refused("((((((((((A))))))))))", 8);
}

static void test_formula__factors_between_compounds(void **state)
{
    (void)state;
    assert_close(formula_factor("A", "A2O3", "A", mass_of, NULL), 68.0 / 20);
    assert_close(formula_factor("A2O3", "A", "A", mass_of, NULL), 20.0 / 68);
    assert_true(isnan(formula_factor("A", "BbO", "A", mass_of, NULL)));
    assert_true(isnan(formula_factor("?", "A", "A", mass_of, NULL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula__counts_atoms),
        cmocka_unit_test(test_formula__brackets_and_crystal_water),
        cmocka_unit_test(test_formula__says_where_it_stops),
        cmocka_unit_test(test_formula__factors_between_compounds),
    };
    return cmocka_run_group_tests_name("base/formula", tests, NULL, NULL);
}
