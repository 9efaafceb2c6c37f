/* test_base_stats.c - distributions, samples, scores, money and flows at their edges.
 *
 * Values on random points: tests/oracle/statistics.py.  Known answers: test_numeric.c.
 */
#include "base/distribution.h"
#include "base/finance.h"
#include "base/flow.h"
#include "base/math.h"
#include "base/random.h"
#include "base/score.h"
#include "base/stats.h"
#include "study/shortage.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "reference.h"

/* -------------------------------------------------------------------------- distributions */

static const double spreads[][3] = {
    /* mode, low, high */
    {10, 8, 15}, {10, 10, 15}, {10, 5, 10}, {12000, 4000, 30000}, {0.5, 0.49, 0.51}, {1, 1e-6, 2},
};

static void test_distribution__meets_mode_and_percentiles(void **state)
{
    (void)state;
    for (int32_t shape = DIST_TRIANGULAR; shape <= DIST_UNIFORM; shape++)
        for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++) {
            double mode = spreads[i][0], low = spreads[i][1], high = spreads[i][2];
            distribution d = distribution_of(shape, mode, low, high);
            bool is_uniform = shape == DIST_UNIFORM;
            if (low < mode || is_uniform)
                assert_near(distribution_quantile(&d, 0.05), low, 1e-12 * high);
            if (high > mode || is_uniform)
                assert_near(distribution_quantile(&d, 0.95), high, 1e-12 * high);
            if (low < mode && mode < high && !is_uniform)
                assert_near(distribution_quantile(&d, d.share_below), mode, 1e-12 * high);
        }
}

static void test_distribution__rises_with_the_share(void **state)
{
    (void)state;
    for (int32_t shape = DIST_TRIANGULAR; shape <= DIST_UNIFORM; shape++)
        for (size_t i = 0; i < sizeof spreads / sizeof *spreads; i++) {
            distribution d = distribution_of(shape, spreads[i][0], spreads[i][1], spreads[i][2]);
            double last = -INFINITY;
            for (int k = 1; k < 2000; k++) {
                double value = distribution_quantile(&d, k / 2000.0);
                assert_true(value >= last && isfinite(value));
                last = value;
            }
            assert_true(isfinite(distribution_quantile(&d, 0x1p-1022)));
            assert_true(isfinite(distribution_quantile(&d, 1 - 0x1p-53)));
        }
}

/* with the mode in the middle it is the distribution of that name */
static void test_distribution__is_the_usual_one_when_even(void **state)
{
    (void)state;
    distribution normal = distribution_of(DIST_NORMAL, 10, 8, 12);
    distribution lognormal = distribution_of(DIST_LOGNORMAL, 10, 5, 20);
    double z95 = yt_normal_quantile(0.95);
    for (double u = 0.01; u < 1; u += 0.01) {
        double z = yt_normal_quantile(u);
        assert_near(distribution_quantile(&normal, u), 10 + 2 * z / z95, 1e-12);
        assert_near(distribution_quantile(&lognormal, u),
                    distribution_lognormal_median(u, 10, log(2) / z95), 1e-11);
    }
}

static void test_distribution__without_a_spread_is_certain(void **state)
{
    (void)state;
    distribution none = distribution_of(DIST_NONE, 7, 0, 0);
    distribution point = distribution_of(DIST_LOGNORMAL, 7, 7, 7);
    assert_true(distribution_quantile(&none, 0.001) == 7);
    assert_true(distribution_quantile(&point, 0.999) == 7);
}

static void test_distribution__ends_at_a_mode_that_is_low_or_high(void **state)
{
    (void)state;
    for (int32_t shape = DIST_TRIANGULAR; shape <= DIST_NORMAL; shape++) {
        distribution up = distribution_of(shape, 10, 10, 15),
                     down = distribution_of(shape, 10, 5, 10);
        assert_near(distribution_quantile(&up, 1e-12), 10, 1e-9);
        assert_near(distribution_quantile(&down, 1 - 1e-12), 10, 1e-5);
        assert_true(distribution_quantile(&down, 1 - 0x1p-53) <= 10 + 1e-14);
    }
}

static void test_distribution__has_no_step_at_the_mode(void **state)
{
    (void)state;
    for (int32_t shape = DIST_TRIANGULAR; shape <= DIST_NORMAL; shape++) {
        distribution d = distribution_of(shape, 10, 8, 15);
        double below = distribution_quantile(&d, d.share_below) -
                       distribution_quantile(&d, d.share_below - 1e-6);
        double above = distribution_quantile(&d, d.share_below + 1e-6) -
                       distribution_quantile(&d, d.share_below);
        assert_near(below / above, 1, 1e-4);
    }
}

static void test_distribution__equal_steps_are_an_erlang_delay(void **state)
{
    (void)state;
    const double mean[] = {4, 4, 4};
    for (double t = 0; t < 60; t += 1.5)
        assert_near(distribution_sequence_cdf(t, mean, 3), distribution_erlang_cdf(t, 3, 12),
                    1e-13);
    assert_near(distribution_sequence_cdf(distribution_sequence_inverse(0.3, mean, 3), mean, 3),
                0.3, 1e-13);
}

static void test_distribution__gates_without_time_are_none(void **state)
{
    (void)state;
    const double some[] = {0, 2, 0, 3}, two[] = {2, 3}, none[] = {0, 0};
    assert_true(distribution_sequence_cdf(4, some, 4) == distribution_sequence_cdf(4, two, 2));
    assert_true(distribution_sequence_cdf(0, none, 2) == 1);
    assert_true(distribution_sequence_cdf(-1, none, 2) == 0);
    assert_true(distribution_sequence_cdf(0, two, 2) == 0);
    assert_true(distribution_sequence_inverse(0.5, none, 2) == 0);
    assert_true(distribution_weibull_survival(0, 3, INFINITY) == 1);
    assert_true(distribution_erlang_cdf(0, 3, 2) == 0);
}

static void test_distribution__lives_as_long_as_it_should(void **state)
{
    (void)state;
    double scale = distribution_weibull_scale(12, 2.5), mean = 0;
    for (double age = 0.005; age < 100; age += 0.01)
        mean += 0.01 * distribution_weibull_survival(age, scale, 2.5);
    assert_near(mean, 12, 1e-4);
    assert_true(distribution_weibull_survival(4.999, 5, INFINITY) == 1);
    assert_true(distribution_weibull_survival(5, 5, INFINITY) == 0);
}

/* whatever was sold has failed in the end */
static void test_distribution__cohorts_lose_no_mass(void **state)
{
    (void)state;
    double sold[200] = {3, 1, 4, 1, 5, 9, 2, 6}, failed = 0;
    double scale = distribution_weibull_scale(8, 1.7);
    for (int32_t t = 1; t < 200; t++)
        failed += distribution_cohorts_failing(sold, t, 0.5, scale, 1.7);
    assert_near(failed, 31, 1e-12);
}

/* -------------------------------------------------------------------------------- samples */

static void test_stats__quantiles_stay_within_the_sample(void **state)
{
    (void)state;
    const double one[] = {5}, sorted[] = {1, 2, 4};
    for (int type = STATS_TYPE4; type <= STATS_TYPE9; type++) {
        stats_quantile_type t = (stats_quantile_type)type;
        assert_true(stats_quantile_of_type(one, 1, 0.3, t) == 5);
        assert_true(stats_quantile_of_type(sorted, 3, 0, t) == 1);
        assert_true(stats_quantile_of_type(sorted, 3, 1, t) == 4);
    }
    assert_true(stats_quantile(sorted, 3, 0.5) == 2);
}

static void test_stats__weights_of_nothing_do_not_count(void **state)
{
    (void)state;
    const double sorted[] = {1, 2, 3, 4, 5}, weight[] = {0, 3, 0, 1, 0};
    assert_true(stats_weighted_quantile(sorted, weight, 5, 0) == 2);
    assert_true(stats_weighted_quantile(sorted, weight, 5, 0.75) == 2);
    assert_true(stats_weighted_quantile(sorted, weight, 5, 0.76) == 4);
    assert_true(stats_weighted_quantile(sorted, weight, 5, 1) == 4);
    assert_near(stats_mean_beyond(sorted, weight, 5, 0), 2.5, 1e-15);
    assert_near(stats_mean_beyond(sorted, weight, 5, 0.5), 3, 1e-15);
}

static void test_stats__error_of_replicates(void **state)
{
    (void)state;
    const double replicate[] = {1, 2, 3, 4};
    assert_near(stats_variance(replicate, 4), 5.0 / 3, 1e-15);
    assert_near(stats_standard_error(replicate, 4), sqrt(5.0 / 12), 1e-15);
    assert_true(isinf(stats_standard_error(replicate, 1)));
    const double nobody[] = {0, 0};
    assert_true(stats_concentration(nobody, 2) == 0);
}

static void test_stats__nobody_ended(void **state)
{
    (void)state;
    stats_life life[] = {{3, false}, {2, false}};
    stats_survival step[2];
    assert_int_equal(stats_kaplan_meier(life, 2, 0.95, step), 0);
    assert_true(isinf(stats_survival_time(step, 0, 0.5)));
    assert_true(stats_share_ended(step, 0, 9) == 0);
}

/* without anything cut short it is the plain share */
static void test_stats__all_ended(void **state)
{
    (void)state;
    stats_life life[40];
    stats_survival step[40];
    for (int i = 0; i < 40; i++)
        life[i] = (stats_life){(i * 17) % 40, true};
    stats_sort_lives(life, 40);
    assert_int_equal(stats_kaplan_meier(life, 40, 0.9, step), 40);
    for (int i = 0; i < 40; i++) {
        assert_near(step[i].share, (39 - i) / 40.0, 1e-12);
        assert_true(step[i].low <= step[i].share && step[i].share <= step[i].high);
        assert_true(i == 0 || step[i].high <= step[i - 1].high);
    }
    assert_true(stats_survival_time(step, 40, 0.5) == 19);
    assert_near(stats_share_ended(step, 40, 9.5), 0.25, 1e-12);
}

/* Three of ten ended at once: Greenwood's sum is 3 / (10 7). */
static void test_stats__interval_is_greenwoods(void **state)
{
    (void)state;
    stats_life life[10] = {{1, true}, {1, true}, {1, true}};
    stats_survival step[10];
    for (int i = 3; i < 10; i++)
        life[i] = (stats_life){5, false};
    assert_int_equal(stats_kaplan_meier(life, 10, 0.95, step), 1);
    double side = 1.959963984540054 * sqrt(3.0 / 70) / log(0.7);
    assert_near(step[0].share, 0.7, 1e-15);
    assert_near(step[0].low, pow(0.7, exp(-side)), 1e-14);
    assert_near(step[0].high, pow(0.7, exp(side)), 1e-14);
}

/* 95 % intervals of 400 samples with a quarter cut short hold the truth about as often */
static void test_stats__interval_covers_the_truth(void **state)
{
    (void)state;
    random_stream s = random_stream_of(1, 0, "lives", 0);
    int covered = 0;
    for (int k = 0; k < 400; k++) {
        stats_life life[60];
        stats_survival step[60];
        for (int i = 0; i < 60; i++) {
            double end = random_exponential(&s), watched = 3 * random_exponential(&s);
            life[i] = (stats_life){fmin(end, watched), end <= watched};
        }
        stats_sort_lives(life, 60);
        int32_t steps = stats_kaplan_meier(life, 60, 0.95, step), at = 0;
        while (at + 1 < steps && step[at + 1].time <= log(2))
            at++;
        covered += step[at].low <= 0.5 && 0.5 <= step[at].high;
    }
    assert_in_range(covered, 364, 396);
}

/* --------------------------------------------------------------------------------- scores */

static void test_score__what_costs_nothing(void **state)
{
    (void)state;
    const double time[] = {2007, 2008, 2009, 2011, 2012}, observed[] = {1, 2, 4, 100, 50};
    double forecast[5];
    score_walk(time, observed, 5, 1, forecast);
    assert_true(isnan(forecast[0]) && forecast[1] == 1 && forecast[2] == 2);
    assert_true(isnan(forecast[3]) && forecast[4] == 100);
    assert_near(score_rmsle(forecast, observed, 5), log(2), 1e-15);
    score_persistence(time, observed, 5, 2011, forecast);
    assert_true(isnan(forecast[2]) && forecast[3] == 4 && forecast[4] == 4);
    score_trend(time, observed, 5, 2011, forecast);
    assert_true(isnan(forecast[2]));
    assert_near(forecast[3], 16, 1e-12);
    assert_near(forecast[4], 32, 1e-12);
    score_persistence(time, observed, 5, 2007, forecast);
    assert_true(isnan(score_rmsle(forecast, observed, 5)));
    assert_near(score_skill(0.3, 0.4), 0.25, 1e-15);
}

static void test_score__one_member_is_a_number(void **state)
{
    (void)state;
    const double member[] = {3};
    assert_true(score_crps(member, 1, 5) == 2);
    assert_true(score_pit(member, 1, 3) == 0.5 && score_pit(member, 1, 5) == 1);
}

static void test_score__intervals_and_ranks(void **state)
{
    (void)state;
    const double low[] = {1, 1, 1, NAN}, high[] = {2, 2, 2, 2}, observed[] = {1, 2, 3, 1};
    assert_near(score_coverage(low, high, observed, 4), 2.0 / 3, 1e-15);
    const double a[] = {1, 2, 3, 3}, b[] = {10, 30, 20, 20}, same[] = {1, 1, 1, 1};
    assert_near(score_pairs(a, b, 4), 4.0 / 6, 1e-15);
    assert_true(score_spearman(a, a, 4) == 1);
    assert_true(isnan(score_spearman(a, same, 4)));
}

/* An honest ensemble: members and truth from the same distribution fill all ranks alike. */
static void test_score__pit_of_an_honest_ensemble_is_flat(void **state)
{
    (void)state;
    random_stream s = random_stream_of(1, 0, "pit", 0);
    int bin[5] = {0};
    for (int k = 0; k < 5000; k++) {
        double member[19];
        for (int i = 0; i < 19; i++)
            member[i] = random_normal(&s);
        stats_sort(member, 19);
        bin[(int)(score_pit(member, 19, random_normal(&s)) * 19 / 4)]++;
    }
    for (int i = 0; i < 5; i++) /* five standard deviations */
        assert_in_range(bin[i], 1000 - 142, 1000 + 142);
}

/* ------------------------------------------------------------------------- money, shortages */

static void test_finance__limits(void **state)
{
    (void)state;
    assert_true(finance_annuity(0, 12) == 12 && finance_annuity(0.1, 0) == 0);
    assert_near(finance_annuity(1e-9, 10), 10, 1e-7);
    assert_near(finance_annuity(0.08, 1000), 1 / log(1.08), 1e-12);
    /* an investor who cannot be surprised waits only while the worth grows */
    assert_true(finance_option_multiple(0, 0, 0.1) == 1);
    assert_near(finance_option_multiple(0.05, 1e-4, 0.1), finance_option_multiple(0.05, 0, 0.1),
                1e-6);
    assert_near(finance_option_multiple(-0.05, 1e-4, 0.1), 1, 1e-6);
    assert_true(isinf(finance_option_multiple(0.1, 0.2, 0.1)));
    const double never[] = {100, 30}, even[] = {-100, 0, 121};
    assert_true(isnan(finance_internal_rate(never, 2)));
    assert_near(finance_internal_rate(even, 3), 0.1, 1e-15);
}

static void test_shortage__limits(void **state)
{
    (void)state;
    assert_true(isinf(shortage_cover(5, 10, 10)));
    assert_true(shortage_cover(0, 10, 5) == 0);
    assert_true(shortage_price(0, 0.2, 0.1) == 1 && shortage_use(0, 0.2, 0.1) == 1);
    /* all of it gone, or nobody who gives way */
    assert_true(isinf(shortage_price(1, 0.2, 0.1)) && shortage_use(1, 0.2, 0.1) == 0);
    assert_true(isinf(shortage_price(0.3, 0, 0)));
    assert_near(shortage_use(0.3, 0, 0), 0.7, 1e-15);
    assert_true(shortage_price(0, 0, 0) == 1 && shortage_use(0.3, 0, 0.5) == 1);
}

/* --------------------------------------------------------------------------------- flows */

static void test_flow__cut_holds_what_flows(void **state)
{
    (void)state;
    random_stream s = random_stream_of(1, 0, "flow", 0);
    for (int k = 0; k < 300; k++) {
        enum { NODES = 12, EDGES = 40 };
        flow_edge edge[EDGES];
        double kept[NODES] = {0}, cut = 0;
        for (int e = 0; e < EDGES; e++)
            edge[e] = (flow_edge){.from = (int32_t)(random_uniform(&s) * NODES),
                                  .to = (int32_t)(random_uniform(&s) * NODES),
                                  .capacity = random_exponential(&s)};
        flow_problem p = {.edge = edge, .edges = EDGES, .nodes = NODES, .source = 0, .sink = 1};
        assert_int_equal(flow_maximum(&p), YT_OK);
        for (int e = 0; e < EDGES; e++) {
            assert_true(edge[e].flow >= 0 && edge[e].flow <= edge[e].capacity);
            kept[edge[e].from] -= edge[e].flow;
            kept[edge[e].to] += edge[e].flow;
            cut += edge[e].is_cut ? edge[e].capacity : 0;
        }
        assert_near(cut, p.most, 1e-12);
        assert_near(kept[1], p.most, 1e-12);
        for (int i = 2; i < NODES; i++)
            assert_near(kept[i], 0, 1e-12);
    }
}

static void test_flow__without_limit_or_path(void **state)
{
    (void)state;
    flow_edge edge[] = {{.from = 0, .to = 1, .capacity = INFINITY},
                        {.from = 1, .to = 2, .capacity = INFINITY}};
    flow_problem p = {.edge = edge, .edges = 2, .nodes = 3, .source = 0, .sink = 2};
    assert_int_equal(flow_maximum(&p), YT_OK);
    assert_true(isinf(p.most) && edge[0].flow == 0 && !edge[0].is_cut);
    p.source = 2, p.sink = 0;
    assert_int_equal(flow_maximum(&p), YT_OK);
    assert_true(p.most == 0 && p.paths == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distribution__meets_mode_and_percentiles),
        cmocka_unit_test(test_distribution__rises_with_the_share),
        cmocka_unit_test(test_distribution__is_the_usual_one_when_even),
        cmocka_unit_test(test_distribution__without_a_spread_is_certain),
        cmocka_unit_test(test_distribution__ends_at_a_mode_that_is_low_or_high),
        cmocka_unit_test(test_distribution__has_no_step_at_the_mode),
        cmocka_unit_test(test_distribution__equal_steps_are_an_erlang_delay),
        cmocka_unit_test(test_distribution__gates_without_time_are_none),
        cmocka_unit_test(test_distribution__lives_as_long_as_it_should),
        cmocka_unit_test(test_distribution__cohorts_lose_no_mass),
        cmocka_unit_test(test_stats__quantiles_stay_within_the_sample),
        cmocka_unit_test(test_stats__weights_of_nothing_do_not_count),
        cmocka_unit_test(test_stats__error_of_replicates),
        cmocka_unit_test(test_stats__nobody_ended),
        cmocka_unit_test(test_stats__all_ended),
        cmocka_unit_test(test_stats__interval_is_greenwoods),
        cmocka_unit_test(test_stats__interval_covers_the_truth),
        cmocka_unit_test(test_score__what_costs_nothing),
        cmocka_unit_test(test_score__one_member_is_a_number),
        cmocka_unit_test(test_score__intervals_and_ranks),
        cmocka_unit_test(test_score__pit_of_an_honest_ensemble_is_flat),
        cmocka_unit_test(test_finance__limits),
        cmocka_unit_test(test_shortage__limits),
        cmocka_unit_test(test_flow__cut_holds_what_flows),
        cmocka_unit_test(test_flow__without_limit_or_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
