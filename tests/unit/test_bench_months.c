/* test_bench_months.c - the invented chains of the bench: the same each time, and markets that
 * can be cleared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/path.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* pattern and scratch of one path alone */
typedef struct clearing {
    structure made;
    path months;
    market_pattern *pattern;
    void *scratch;
} clearing;

static void begin_clearing(clearing *c, structure_shape shape, int32_t first)
{
    c->made = structure_new(shape, 7);
    c->months = path_new(&c->made, 8);
    c->months.month = first;
    assert_int_equal(YT_OK, market_pattern_new(c->made.markets, c->made.activities, c->made.start,
                                               c->made.row, &c->pattern));
    c->scratch = aligned_alloc(64, (market_scratch_size(c->pattern) + 127) / 64 * 64);
    assert_non_null(c->scratch);
}

static void end_clearing(clearing *c)
{
    free(c->scratch);
    market_pattern_free(c->pattern);
    path_free(&c->months);
    structure_free(&c->made);
}

static market_problem clear_next(clearing *c)
{
    market_problem problem = path_pose(&c->months);
    market_clear(c->pattern, (market_problem *[]){&problem}, 1, c->scratch);
    path_book(&c->months);
    return problem;
}

static void assert_same_numbers(const double *a, const double *b, int32_t count)
{
    assert_memory_equal(a, b, (size_t)count * sizeof(double));
}

static void test_structure__the_same_seed_makes_the_same(void **state)
{
    (void)state;
    const structure_shape shape = structure_shape_of(1, 0, FORM_CHOSEN);
    structure a = structure_new(shape, 5), b = structure_new(shape, 5),
              other = structure_new(shape, 6);
    assert_int_equal(a.nonzeros, b.nonzeros);
    assert_same_numbers(a.coefficient, b.coefficient, a.nonzeros);
    assert_same_numbers(a.throughput, b.throughput, a.markets);
    assert_true(a.nonzeros != other.nonzeros ||
                memcmp(a.coefficient, other.coefficient, (size_t)a.nonzeros * sizeof(double)) != 0);
    structure_free(&a);
    structure_free(&b);
    structure_free(&other);
}

static void assert_is_sound(const structure *s)
{
    for (int32_t i = 0; i < s->markets; i++)
        assert_true(s->reference[i] > 0 && s->throughput[i] > 0);
    for (int32_t j = 0; j < s->activities; j++) {
        assert_true(s->start[j + 1] > s->start[j]);
        assert_true(s->activity[j].market >= 0 && s->activity[j].market < s->markets);
        for (int32_t e = s->start[j]; e < s->start[j + 1]; e++) {
            assert_true(s->row[e] >= 0 && s->row[e] < s->markets);
            assert_true(e == s->start[j] || s->row[e] > s->row[e - 1]);
        }
    }
}

static void test_structure__sizes_are_as_announced(void **state)
{
    (void)state;
    static const int32_t prices[STRUCTURE_SIZES] = {300, 1000, 4000};
    for (int32_t size = 0; size < STRUCTURE_SIZES; size++)
        for (int32_t which = 0; which < STRUCTURES; which++)
            for (int form = FORM_FLAT; form <= FORM_CHOSEN; form++) {
                const structure_shape shape = structure_shape_of(which, size, (structure_form)form);
                structure s = structure_new(shape, 3);
                /* the chosen form has one market of permits */
                assert_int_equal(s.markets, prices[size] + (form == FORM_CHOSEN));
                assert_is_sound(&s);
                structure_free(&s);
            }
}

static void test_path__every_shape_clears(void **state)
{
    (void)state;
    for (int32_t which = 0; which < STRUCTURES; which++)
        for (int form = FORM_FLAT; form <= FORM_CHOSEN; form++) {
            clearing c;
            begin_clearing(&c, structure_shape_of(which, 0, (structure_form)form), 0);
            for (int month = 0; month < 8; month++) {
                const market_problem problem = clear_next(&c);
                assert_int_equal(MARKET_OPTIMAL, problem.status);
                assert_true(market_certificate_worst(&problem.certificate) <= MARKET_BAR);
            }
            for (int32_t i = 0; i < c.made.markets; i++)
                assert_true(c.months.stock[i] >= 0 && isfinite(c.months.smooth[i]));
            end_clearing(&c);
        }
}

static double controlled_trade(const clearing *c)
{
    double sum = 0;
    for (int32_t j = 0; j < c->made.activities; j++)
        if (c->made.activity[j].is_controlled)
            sum += c->months.level[j];
    return sum;
}

static void test_path__an_embargo_stops_what_it_names(void **state)
{
    (void)state;
    for (int form = FORM_FLAT; form <= FORM_CHOSEN; form++) {
        clearing c;
        begin_clearing(&c, structure_shape_of(0, 0, (structure_form)form), 118);
        clear_next(&c);
        clear_next(&c);
        assert_false(path_is_embargo(119));
        assert_true(controlled_trade(&c) > 0);
        clear_next(&c);
        assert_true(path_is_embargo(120));
        assert_true(controlled_trade(&c) == 0);
        end_clearing(&c);
    }
}

static void test_path__months_depend_on_the_seed_alone(void **state)
{
    (void)state;
    clearing c[2];
    for (int k = 0; k < 2; k++) {
        begin_clearing(&c[k], structure_shape_of(4, 0, FORM_CHOSEN), 0);
        for (int month = 0; month < 3; month++)
            clear_next(&c[k]);
    }
    assert_same_numbers(c[0].months.cost, c[1].months.cost, c[0].made.activities);
    assert_same_numbers(c[0].months.price, c[1].months.price, c[0].made.markets);
    path other = path_new(&c[0].made, 9);
    path_pose(&other);
    assert_true(
        memcmp(other.cost, c[0].months.cost, (size_t)c[0].made.activities * sizeof(double)) != 0);
    path_free(&other);
    end_clearing(&c[0]);
    end_clearing(&c[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure__the_same_seed_makes_the_same),
        cmocka_unit_test(test_structure__sizes_are_as_announced),
        cmocka_unit_test(test_path__every_shape_clears),
        cmocka_unit_test(test_path__an_embargo_stops_what_it_names),
        cmocka_unit_test(test_path__months_depend_on_the_seed_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
