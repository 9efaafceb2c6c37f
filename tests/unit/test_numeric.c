/* test_numeric.c - the public numeric problems, each by the functions that studies use.
 *
 * Inputs, answers and tolerances come from tests/reference/numeric; a problem is in the list at
 * the end when the product can do what it asks.  Not asked, for want of anything in the product
 * that would answer: Sobol indices (gsa_*), Shapley values (shapley_*, attr_*), scenario discovery
 * (prim_*), whole numbers (mip_*), MPS files (lp_netlib_afiro, lp_mps_*), OSeMOSYS
 * (capexp_osemosys_*), Bass and Ornstein-Uhlenbeck (dyn_bass, sde_*).  Not separable convex
 * programs: mcp_kojima_shindo, nash_*.  oligo_dominant_fringe asks for 1e-9 of 1600 where the
 * clearing certifies 1e-8.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/distribution.h"
#include "base/finance.h"
#include "base/flow.h"
#include "base/formula.h"
#include "base/generator.h"
#include "base/math.h"
#include "base/random.h"
#include "base/score.h"
#include "base/sobol.h"
#include "base/stats.h"
#include "clearing.h"
#include "numeric_programs.h"
#include "reference.h"
#include "study/shortage.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ------------------------------------------------------------------------------- markets */

/* "100-p", "9000-60 p", "100-q": a, b of a - b p */
static void read_demand(const char *text, double *a, double *b)
{
    char *end;
    *a = strtod(text, &end);
    assert_int_equal(*end, '-');
    *b = end[1] == 'p' || end[1] == 'q' ? 1 : strtod(end + 1, NULL);
}

/* "10+2p", "0.5p": a, b of a + b p */
static void read_supply(const char *text, double *a, double *b)
{
    char *end;
    *a = 0;
    *b = strtod(text, &end);
    if (*end == '+') {
        *a = *b;
        *b = strtod(end + 1, NULL);
    }
}

static int32_t add_country(clearing *w, const json_t *root, const char *name)
{
    double a, b;
    read_supply(text_at(root, "inputs.%s.supply", name), &a, &b);
    int32_t market = add_market(w, a);
    add_single(w, market, 1, 0, 1 / b);
    read_demand(text_at(root, "inputs.%s.demand", name), &a, &b);
    add_single(w, market, -1, -a / b, 1 / b);
    return market;
}

static void pol_export_quota_two_region(const json_t *root)
{
    static const char *const policy[] = {"free", "quota", "embargo"};
    const double quota[] = {INFINITY, number_at(root, "inputs.quota"), 0};
    double transport = number_at(root, "inputs.transport");
    for (int k = 0; k < 3; k++) {
        clearing w = {0};
        int32_t a = add_country(&w, root, "A"), b = add_country(&w, root, "B");
        int32_t arc = add_arc(&w, a, b, transport, quota[k]);
        clear_by_hand(&w);
        assert_cleared(&w);
        assert_expected(root, w.price[a], "%s.pA", policy[k]);
        assert_expected(root, w.price[b], "%s.pB", policy[k]);
        if (k < 2)
            assert_expected(root, w.level[arc], "%s.exports", policy[k]);
        if (k == 1) {
            double rent = w.price[b] - w.price[a] - transport;
            assert_expected(root, rent, "quota.unit_rent");
            assert_expected(root, rent, "equivalent_tax");
        }
    }
}

/* One permit market over three products; without a quota it has more than anyone takes. */
static void pol_weight_quota(const json_t *root)
{
    static const char *const product[] = {"La", "Nd", "Dy"};
    for (int is_free = 0; is_free < 2; is_free++) {
        clearing w = {0};
        int32_t export[3];
        double exports = 0;
        int32_t permit = add_market(&w, is_free ? 1e6 : number_at(root, "inputs.quota"));
        for (int k = 0; k < 3; k++) {
            int32_t market = add_market(&w, 0);
            double a, b;
            export[k] = add_activity(&w, number_at(root, "inputs.domestic_price.%s", product[k]), 0,
                                     INFINITY);
            add_entry(&w, permit, -1);
            add_entry(&w, market, 1);
            read_demand(text_at(root, "inputs.foreign_demand.%s", product[k]), &a, &b);
            add_single(&w, market, -1, -a / b, 1 / b);
        }
        clear_by_hand(&w);
        assert_cleared(&w);
        for (int k = 0; k < 3; k++)
            exports += w.level[export[k]];
        if (is_free) {
            assert_expected(root, exports, "free_exports");
            continue;
        }
        assert_expected(root, w.price[permit], "rent_per_kg");
        for (int k = 0; k < 3; k++) {
            double inside = number_at(root, "inputs.domestic_price.%s", product[k]);
            assert_expected(root, w.price[1 + k], "fob.%s", product[k]);
            assert_expected(root, w.price[1 + k] / inside, "ratio_to_domestic.%s", product[k]);
            assert_expected(root, w.level[export[k]], "exports.%s", product[k]);
        }
    }
}

/* An ore of fixed composition and the demand for its elements; the mine is activity 0. */
static void add_joint_mine(clearing *w, const json_t *root, double capacity)
{
    static const char *const element[] = {"Ce", "La", "Nd", "Dy"};
    add_activity(w, number_at(root, "inputs.unit_cost_per_t_mix"), 0, capacity);
    for (int k = 0; k < 4; k++)
        add_entry(w, add_market(w, 0), number_at(root, "inputs.shares.%s", element[k]));
    for (int k = 0; k < 4; k++)
        add_single(w, k, -1, -number_at(root, "inputs.inverse_demand_intercept.%d", k),
                   number_at(root, "inputs.slope.%d", k));
}

static void coprod_balance_problem(const json_t *root)
{
    clearing w = {0};
    add_joint_mine(&w, root, INFINITY);
    clear_by_hand(&w);
    assert_cleared(&w);
    assert_expected(root, w.level[0], "ore_mix");
    for (int k = 0; k < 4; k++)
        assert_expected(root, w.price[k], "prices.%d", k);
}

static void spe_compecon_3country(const json_t *root)
{
    clearing w = {0};
    for (int k = 0; k < 3; k++) {
        int32_t market = add_market(&w, 0);
        add_single(&w, market, 1, number_at(root, "inputs.a_s.%d", k),
                   number_at(root, "inputs.b_s.%d", k));
        add_single(&w, market, -1, -number_at(root, "inputs.a_d.%d", k),
                   number_at(root, "inputs.b_d.%d", k));
    }
    for (int from = 0; from < 3; from++)
        for (int to = 0; to < 3; to++)
            if (from != to)
                add_arc(&w, from, to, number_at(root, "inputs.transport.%d.%d", from, to),
                        INFINITY);
    clear_by_hand(&w);
    assert_cleared(&w);
    for (int k = 0; k < 3; k++) {
        assert_expected(root, w.price[k], "producer_price.%d", k);
        assert_expected(root, w.price[k], "consumer_price.%d", k);
        assert_expected(root, w.level[2 * k], "supply.%d", k);
        assert_expected(root, w.level[2 * k + 1], "demand.%d", k);
    }
}

static void storage_two_period(const json_t *root)
{
    double growth = 1 + number_at(root, "inputs.interest"), a, b;
    clearing w = {0};
    read_demand(text_at(root, "inputs.inverse_demand"), &a, &b);
    int32_t now = add_market(&w, number_at(root, "inputs.supply.0"));
    int32_t later = add_market(&w, number_at(root, "inputs.supply.1"));
    add_single(&w, now, -1, -a, b);
    add_single(&w, later, -1, -a / growth, b / growth); /* present value */
    int32_t store = add_arc(&w, now, later, number_at(root, "inputs.storage_cost"), INFINITY);
    clear_by_hand(&w);
    assert_cleared(&w);
    assert_expected(root, w.level[store], "stored");
    assert_expected(root, w.price[now], "p1");
    assert_expected(root, w.price[later] * growth, "p2");
}

/* -------------------------------------------------------------------------------- programs */

static void lp_dantzig_transport(const json_t *root)
{
    static const char *const plant[] = {"Seattle", "SanDiego"};
    static const char *const city[] = {"NewYork", "Chicago", "Topeka"};
    double freight = number_at(root, "inputs.freight_per_case_kmile") / 1000;
    clearing w = {0};
    for (int k = 0; k < 2; k++)
        add_market(&w, number_at(root, "inputs.supply.%s", plant[k]));
    for (int k = 0; k < 3; k++)
        add_market(&w, -number_at(root, "inputs.demand.%s", city[k]));
    for (int from = 0; from < 2; from++)
        for (int to = 0; to < 3; to++)
            add_arc(&w, from, 2 + to,
                    freight * number_at(root, "inputs.distance_kmiles.%d.%d", from, to), INFINITY);
    clear_by_hand(&w);
    assert_cleared(&w);
    assert_expected(root, w.answer.objective, "objective");
    for (int k = 0; k < 2; k++)
        assert_near(w.price[k], 0, 1e-9);
    for (int k = 0; k < 3; k++)
        assert_expected(root, w.price[2 + k], "duals_demand.%s", city[k]);
}

/* min q x^2/2 + c x, lowest <= x <= highest, as an activity x - lowest; the constant part of
 * the objective is returned. */
static double add_variable(clearing *w, double c, double q, double lowest, double highest)
{
    add_activity(w, c + q * lowest, q, highest - lowest);
    return c * lowest + q * lowest * lowest / 2;
}

static void qp_hs21(const json_t *root)
{
    clearing w = {0};
    double constant = number_at(root, "inputs.c0"), lowest[2];
    double room = number_at(root, "inputs.b_ub.0");
    add_market(&w, 0);
    for (int k = 0; k < 2; k++) {
        double taken = number_at(root, "inputs.A_ub.0.%d", k);
        lowest[k] = number_at(root, "inputs.bounds.%d.0", k);
        constant += add_variable(&w, number_at(root, "inputs.c.%d", k),
                                 number_at(root, "inputs.Q.%d.%d", k, k), lowest[k],
                                 number_at(root, "inputs.bounds.%d.1", k));
        add_entry(&w, 0, -taken);
        room -= taken * lowest[k];
    }
    w.supply[0] = room;
    clear_by_hand(&w);
    assert_cleared(&w);
    assert_expected(root, w.answer.objective + constant, "objective");
    for (int k = 0; k < 2; k++)
        assert_expected(root, w.level[k] + lowest[k], "x.%d", k);
}

/* The inputs of HS118 are prose in the file: c, Qdiag, ramp, demand and bounds as there. */
static void qp_hs118(const json_t *root)
{
    static const double c[] = {2.3, 1.7, 2.2}, q[] = {0.0002, 0.0002, 0.0003};
    static const double low[] = {8, 43, 3}, high[] = {21, 57, 16}, top[] = {90, 120, 60};
    static const double up[] = {6, 7, 6}, demand[] = {60, 50, 70, 85, 100};
    clearing w = {0};
    double constant = 0, lowest[15];
    for (int t = 0; t < 5; t++)
        add_market(&w, -demand[t]);
    for (int k = 0; k < 12; k++) { /* rows 5 + 2k: rises at most up, 6 + 2k: falls at most 7 */
        add_market(&w, up[k % 3]);
        add_market(&w, 7);
    }
    for (int j = 0; j < 15; j++) {
        lowest[j] = j < 3 ? low[j] : 0;
        constant += add_variable(&w, c[j % 3], q[j % 3], lowest[j], j < 3 ? high[j] : top[j % 3]);
        add_entry(&w, j / 3, 1);
        if (j >= 3) {
            add_entry(&w, 5 + 2 * (j - 3), -1);
            add_entry(&w, 6 + 2 * (j - 3), 1);
        }
        if (j < 12) {
            add_entry(&w, 5 + 2 * j, 1);
            add_entry(&w, 6 + 2 * j, -1);
        }
    }
    for (int j = 0; j < 15; j++)
        for (int32_t e = w.start[j]; e < w.start[j + 1]; e++)
            w.supply[w.row[e]] += w.coefficient[e] * lowest[j];
    clear_by_hand(&w);
    assert_cleared(&w);
    assert_expected(root, w.answer.objective + constant, "objective");
    for (int j = 0; j < 15; j++)
        assert_expected(root, w.level[j] + lowest[j], "x.%d", j);
}

/* min c x, A x <= b, x >= 0: a market for each row, with supply b. */
static clearing cleared_program(const json_t *root)
{
    clearing w = {0};
    double bound[NUMBERS_MOST], cost[NUMBERS_MOST];
    int32_t rows = numbers_at(root, bound, "inputs.b_ub");
    int32_t columns = numbers_at(root, cost, "inputs.min_c");
    for (int32_t i = 0; i < rows; i++)
        add_market(&w, bound[i]);
    for (int32_t j = 0; j < columns; j++) {
        add_activity(&w, cost[j], 0, INFINITY);
        for (int32_t i = 0; i < rows; i++)
            add_entry(&w, i, -number_at(root, "inputs.A_ub.%d.%d", i, j));
    }
    clear_by_hand(&w);
    return w;
}

static void lp_beale_cycling(const json_t *root)
{
    clearing w = cleared_program(root);
    assert_cleared(&w);
    assert_expected(root, w.answer.objective, "objective");
    for (int32_t j = 0; j < w.activities; j++)
        assert_expected(root, w.level[j], "x.%d", j);
}

static void lp_status_infeasible(const json_t *root)
{
    clearing w = cleared_program(root);
    assert_int_equal(w.answer.status, MARKET_INFEASIBLE);
    /* Farkas, as in the file: the same weight on both rows */
    assert_true(w.ray[0] > 0);
    assert_near(w.ray[1] / w.ray[0], 1, 1e-8);
}

static void lp_status_unbounded(const json_t *root)
{
    clearing w = cleared_program(root);
    assert_int_equal(w.answer.status, MARKET_UNBOUNDED);
}

/* max sum 10^(n-j) x_j; 2 sum_{j<i} 10^(i-j) x_j + x_i <= 100^(i-1) */
static void lp_klee_minty_3(const json_t *root)
{
    int32_t n = (int32_t)number_at(root, "inputs.n");
    clearing w = {0};
    for (int32_t i = 0; i < n; i++)
        add_market(&w, pow(100, i));
    for (int32_t j = 0; j < n; j++) {
        add_activity(&w, -pow(10, n - 1 - j), 0, INFINITY);
        for (int32_t i = j; i < n; i++)
            add_entry(&w, i, i == j ? -1 : -2 * pow(10, i - j));
    }
    clear_by_hand(&w);
    assert_cleared(&w);
    assert_expected(root, -w.answer.objective, "objective");
    for (int32_t j = 0; j < n; j++)
        assert_near(w.level[j], j == n - 1 ? pow(100, n - 1) : 0, 1e-5);
}

/* -------------------------------------------------------------------------- random numbers */

static uint32_t hex_at(const json_t *list, int32_t i)
{
    return (uint32_t)strtoul(text_at(list, "%d", i), NULL, 16);
}

static void rng_philox4x32_10(const json_t *root)
{
    for (int32_t v = 0; v < count_at(root, "inputs.vectors"); v++) {
        uint32_t counter[4], key[2], out[4];
        for (int32_t i = 0; i < 4; i++)
            counter[i] = hex_at(at(root, "inputs.vectors.%d.ctr", v), i);
        for (int32_t i = 0; i < 2; i++)
            key[i] = hex_at(at(root, "inputs.vectors.%d.key", v), i);
        random_philox4x32(counter, key, out);
        for (int32_t i = 0; i < 4; i++)
            assert_int_equal(out[i], hex_at(at(root, "expected.out.%d", v), i));
    }
}

static void rng_splitmix64(const json_t *root)
{
    uint64_t state = (uint64_t)number_at(root, "inputs.seed");
    for (int32_t i = 0; i < 5; i++) {
        char found[24];
        snprintf(found, sizeof found, "%" PRIu64, random_splitmix64(&state));
        assert_string_equal(found, text_at(root, "expected.first5.%d", i));
    }
}

static void rng_mt19937(const json_t *root)
{
    generator_twister g;
    uint32_t word = 0;
    generator_twister_seed(&g, (uint32_t)number_at(root, "inputs.seed"));
    for (int i = 0; i < 10000; i++)
        word = generator_twister_u32(&g);
    assert_true(word == number_at(root, "expected.tenthousandth"));
}

static void rng_xoshiro256ss(const json_t *root)
{
    uint64_t state[4];
    for (int i = 0; i < 4; i++)
        state[i] = (uint64_t)number_at(root, "inputs.state.%d", i);
    for (int32_t i = 0; i < count_at(root, "expected.first10"); i++) {
        char found[24];
        snprintf(found, sizeof found, "%" PRIu64, generator_xoshiro256ss(state));
        assert_string_equal(found, text_at(root, "expected.first10.%d", i));
    }
}

static void rng_u01_convention(const json_t *root)
{
    for (int32_t i = 0; i < count_at(root, "inputs.words32"); i++)
        assert_expected(root, random_u01_32(hex_at(at(root, "inputs.words32"), i)), "values32.%d",
                        i);
    for (int32_t i = 0; i < count_at(root, "inputs.words64"); i++) {
        uint64_t word = strtoull(text_at(root, "inputs.words64.%d", i), NULL, 16);
        assert_expected(root, random_u01_64(word), "values64.%d", i);
    }
}

static void lds_sobol4(const json_t *root)
{
    for (int32_t k = 0; k < (int32_t)number_at(root, "inputs.dim"); k++) {
        uint32_t direction[32];
        sobol_directions(k, direction);
        for (int32_t i = 0; i < count_at(root, "expected.points"); i++)
            assert_expected(root, sobol_point(direction, (uint32_t)i) * 0x1p-32, "points.%d.%d", i,
                            k);
    }
}

/* ------------------------------------------------------------------------------ quantiles */

/* The double next to 0.999999 is 3e-17 away, which moves the quantile by 6e-12: close to 1 the
 * share above, as the file's decimals have it, is what a double can hold. */
static double normal_quantile_of(const char *decimals)
{
    long double p = strtold(decimals, NULL);
    return p <= 0.5L ? yt_normal_quantile((double)p) : -yt_normal_quantile((double)(1 - p));
}

static void quant_normal(const json_t *root)
{
    for (int32_t i = 0; i < count_at(root, "inputs.p"); i++) {
        const char *p = text_at(root, "inputs.p.%d", i);
        double z = number_at(root, "expected.z.%d", i), found = normal_quantile_of(p);
        assert_near(found, z, 1e-12);
        if (fabs(z) > 1.5) /* in the tails relative, too */
            assert_near(found, z, 1e-12 * fabs(z));
    }
}

static void quant_lognormal(const json_t *root)
{
    double p[NUMBERS_MOST];
    int32_t n = numbers_at(root, p, "inputs.p");
    for (int32_t k = 0; k < count_at(root, "inputs.mu_sigma"); k++)
        for (int32_t i = 0; i < n; i++) {
            double median = exp(number_at(root, "inputs.mu_sigma.%d.0", k));
            double sigma = number_at(root, "inputs.mu_sigma.%d.1", k);
            assert_expected(root, distribution_lognormal_median(p[i], median, sigma), "q.%d.%d", k,
                            i);
        }
    for (int32_t k = 0; k < count_at(root, "inputs.mean_sd"); k++) {
        double mu, sigma;
        distribution_lognormal_moments(number_at(root, "inputs.mean_sd.%d.0", k),
                                       number_at(root, "inputs.mean_sd.%d.1", k), &mu, &sigma);
        assert_expected(root, mu, "mu_sigma_from_mean_sd.%d.0", k);
        assert_expected(root, sigma, "mu_sigma_from_mean_sd.%d.1", k);
    }
}

static void quant_gamma(const json_t *root)
{
    for (int32_t i = 0; i < count_at(root, "inputs.shape_p"); i++)
        assert_expected(root,
                        distribution_gamma_inverse(number_at(root, "inputs.shape_p.%d.1", i),
                                                   number_at(root, "inputs.shape_p.%d.0", i)),
                        "q.%d", i);
}

static void quant_sample_types(const json_t *root)
{
    double data[NUMBERS_MOST], p = number_at(root, "inputs.p");
    int32_t n = numbers_at(root, data, "inputs.data");
    stats_sort(data, n);
    for (int type = STATS_TYPE4; type <= STATS_TYPE9; type++)
        assert_expected(root, stats_quantile_of_type(data, n, p, (stats_quantile_type)type),
                        "type%d", type);
    assert_expected(root, stats_quantile(data, n, p), "type7");
}

static void risk_cvar_discrete(const json_t *root)
{
    double loss[NUMBERS_MOST], weight[NUMBERS_MOST];
    int32_t n = numbers_at(root, loss, "inputs.loss");
    numbers_at(root, weight, "inputs.prob");
    assert_expected(root, stats_weighted_quantile(loss, weight, n, 0.9), "VaR_90");
    for (int level = 80; level <= 95; level += level == 80 ? 10 : 5)
        assert_expected(root, stats_mean_beyond(loss, weight, n, level / 100.0), "CVaR_%d", level);
    assert_expected(root, stats_mean_beyond(loss, weight, n, 0), "mean");
}

static void km_freireich(const json_t *root)
{
    stats_life life[NUMBERS_MOST];
    stats_survival step[NUMBERS_MOST];
    int32_t n = count_at(root, "inputs.times");
    assert_true(n <= NUMBERS_MOST);
    for (int32_t i = 0; i < n; i++)
        life[i] = (stats_life){number_at(root, "inputs.times.%d", i),
                               number_at(root, "inputs.event.%d", i) > 0};
    stats_sort_lives(life, n);
    int32_t steps = stats_kaplan_meier(life, n, 0.95, step);
    assert_int_equal(steps, count_at(root, "expected.t"));
    for (int32_t i = 0; i < steps; i++) {
        assert_expected(root, step[i].time, "t.%d", i);
        assert_expected(root, step[i].share, "S.%d", i);
    }
    assert_expected(root, stats_survival_time(step, steps, 0.5), "median");
}

static void hhi_basic(const json_t *root)
{
    for (int32_t k = 0; k < count_at(root, "inputs.shares"); k++) {
        double share[NUMBERS_MOST];
        int32_t n = numbers_at(root, share, "inputs.shares.%d", k);
        assert_expected(root, stats_concentration(share, n), "hhi.%d", k);
    }
}

/* --------------------------------------------------------------------------------- scores */

static void score_crps_problem(const json_t *root)
{
    for (int32_t k = 0; k < count_at(root, "inputs.gauss"); k++)
        assert_expected(root,
                        score_crps_normal(number_at(root, "inputs.gauss.%d.0", k),
                                          number_at(root, "inputs.gauss.%d.1", k),
                                          number_at(root, "inputs.gauss.%d.2", k)),
                        "gauss.%d", k);
    double member[NUMBERS_MOST];
    int32_t n = numbers_at(root, member, "inputs.ensemble");
    assert_expected(root, score_crps(member, n, number_at(root, "inputs.obs")), "ensemble");
}

static void score_deterministic(const json_t *root)
{
    double observed[NUMBERS_MOST], forecast[NUMBERS_MOST];
    int32_t n = numbers_at(root, observed, "inputs.obs");
    numbers_at(root, forecast, "inputs.sim");
    assert_expected(root, score_rmse(forecast, observed, n), "rmse");
    assert_expected(root, score_nash_sutcliffe(forecast, observed, n), "nse");
    assert_expected(root, score_mase(forecast, observed, n), "mase");
    assert_expected(root, score_rmsle(forecast, observed, n), "rmsle");
    assert_expected(root, score_kling_gupta(forecast, observed, n), "kge");
    assert_expected(root, score_theil(forecast, observed, n), "theil_u2");
}

/* -------------------------------------------------------------------------------- finance */

static void fin_npv_irr(const json_t *root)
{
    double flow[NUMBERS_MOST];
    int32_t n = numbers_at(root, flow, "inputs.cashflow");
    assert_expected(root, finance_present_value(flow, n, 0.08), "npv8");
    assert_expected(root, finance_present_value(flow, n, 0.15), "npv15");
    assert_expected(root, finance_internal_rate(flow, n), "irr");
    assert_expected(root, finance_monthly_rate(0.12), "monthly_equiv_of_12pct");
}

/* delta: what the project pays out, so its worth drifts by r - delta */
static void fin_dixit_pindyck(const json_t *root)
{
    double r = number_at(root, "inputs.r"), drift = r - number_at(root, "inputs.delta");
    double multiple = finance_option_multiple(drift, number_at(root, "inputs.sigma"), r);
    assert_expected(root, multiple, "trigger");
    assert_expected(root, multiple / (multiple - 1), "beta1");
}

/* ------------------------------------------------------------------- goods in use, waiting */

/* Goods sold at the end of each period. */
static void check_cohorts(const json_t *root, double scale, double shape)
{
    double sold[NUMBERS_MOST], stock = 0;
    int32_t n = numbers_at(root, sold, "inputs.inflow");
    for (int32_t t = 0; t < n; t++) {
        double failing = distribution_cohorts_failing(sold, t, 0, scale, shape);
        stock += sold[t] - failing;
        assert_expected(root, failing, "outflow.%d", t);
        assert_expected(root, stock, "stock.%d", t);
    }
}

static void dsm_fixed(const json_t *root)
{
    double life = number_at(root, "inputs.lifetime");
    check_cohorts(root, distribution_weibull_scale(life, INFINITY), INFINITY);
}

static void dsm_weibull(const json_t *root)
{
    check_cohorts(root, number_at(root, "inputs.scale"), number_at(root, "inputs.shape"));
}

/* exact: the file's 1e-3 is for Euler steps, and says that these are not enough */
static void dyn_erlang_delay(const json_t *root)
{
    int32_t order = (int32_t)number_at(root, "inputs.order");
    for (int32_t i = 0; i < count_at(root, "inputs.t"); i++) {
        double due = number_at(root, "expected.cum_out.%d", i);
        double share = distribution_erlang_cdf(number_at(root, "inputs.t.%d", i), order,
                                               number_at(root, "inputs.mean"));
        assert_near(share, due, 1e-9 * due);
    }
}

/* Mean and standard deviation of the time to pass all gates, from the share that has not by t:
 * E T = int S dt, E T^2 = int 2 t S dt (Simpson). */
static void moments_of_sequence(const double mean[], int32_t n, double *first, double *deviation)
{
    enum { STEPS = 4000 };
    double width = 100.0 / STEPS, moment[2] = {0};
    for (int i = 0; i <= STEPS; i++) {
        double t = i * width, left = 1 - distribution_sequence_cdf(t, mean, n);
        double weight = (i == 0 || i == STEPS ? 1 : i % 2 ? 4 : 2) * width / 3;
        moment[0] += weight * left;
        moment[1] += weight * 2 * t * left;
    }
    *first = moment[0];
    *deviation = sqrt(moment[1] - moment[0] * moment[0]);
}

static void draw_gates(const json_t *root, const double mean[], const double pass[], int32_t n)
{
    enum { DRAWS = 100000 };
    random_stream s = random_stream_of(1, 0, "gates", 0);
    double total = 0, passed = 0;
    for (int i = 0; i < DRAWS; i++) {
        bool has_passed = true;
        for (int32_t k = 0; k < n; k++) {
            total += mean[k] * random_exponential(&s);
            has_passed &= random_uniform(&s) < pass[k];
        }
        passed += has_passed;
    }
    double due = number_at(root, "expected.prob_all_pass");
    assert_near(total / DRAWS, number_at(root, "expected.mean"),
                3 * number_at(root, "expected.sd") / sqrt(DRAWS));
    assert_near(passed / DRAWS, due, 3 * sqrt(due * (1 - due) / DRAWS));
}

static void gates_hypoexponential(const json_t *root)
{
    double mean[NUMBERS_MOST], pass[NUMBERS_MOST], first, deviation, all = 1;
    int32_t n = numbers_at(root, mean, "inputs.mean_years");
    numbers_at(root, pass, "inputs.pass_prob");
    for (int32_t k = 0; k < n; k++)
        all *= pass[k];
    moments_of_sequence(mean, n, &first, &deviation);
    assert_expected(root, first, "mean");
    assert_expected(root, deviation, "sd");
    assert_expected(root, distribution_sequence_inverse(0.1, mean, n), "q10_q50_q90.0");
    assert_expected(root, distribution_sequence_inverse(0.5, mean, n), "q10_q50_q90.1");
    assert_expected(root, distribution_sequence_inverse(0.9, mean, n), "q10_q50_q90.2");
    assert_expected(root, distribution_sequence_cdf(10, mean, n), "cdf_at_10y");
    assert_expected(root, all, "prob_all_pass");
    draw_gates(root, mean, pass, n);
}

/* ------------------------------------------------------------------------------ chemistry */

static double atomic_mass(const void *root, const char *symbol)
{
    const json_t *mass = json_object_get(at(root, "inputs.atomic_mass"), symbol);
    return mass ? json_number_value(mass) : NAN;
}

static void chem_oxide_to_metal(const json_t *root)
{
    const char *oxide;
    const json_t *share;
    int32_t n = 0;
    json_object_foreach((json_t *)(uintptr_t)at(root, "expected"), oxide, share)
    {
        char metal[3] = {oxide[0], oxide[1] >= 'a' ? oxide[1] : '\0', '\0'};
        const char *wrong;
        double found = formula_share(oxide, metal, atomic_mass, root, &wrong);
        assert_null(wrong);
        assert_as_told(root, found, json_number_value(share));
        assert_near(formula_factor(metal, oxide, metal, atomic_mass, root), 1 / found, 1e-12);
        n++;
    }
    assert_int_equal(n, 8);
}

/* -------------------------------------------------------------------- shortages, bottlenecks */

static void stock_runout(const json_t *root)
{
    double stock = number_at(root, "inputs.stock_t");
    double use = number_at(root, "inputs.consumption_t_per_month");
    double supply = number_at(root, "inputs.other_supply_t_per_month");
    double cut = number_at(root, "inputs.demand_cut_fraction");
    double cover = shortage_cover(stock, use * (1 - cut), supply);
    assert_expected(root, shortage_cover(stock, use, supply), "months_of_cover_no_response");
    assert_expected(root, cover, "months_of_cover_with_demand_cut");
    assert_expected(root, number_at(root, "inputs.cutoff_start_month") + cover, "runout_month");
}

static void disrupt_constant_elasticity(const json_t *root)
{
    for (int32_t k = 0; k < count_at(root, "inputs.cases_e_s_phi"); k++) {
        double e = number_at(root, "inputs.cases_e_s_phi.%d.0", k);
        double s = number_at(root, "inputs.cases_e_s_phi.%d.1", k);
        double lost = number_at(root, "inputs.cases_e_s_phi.%d.2", k);
        assert_expected(root, shortage_price(lost, e, s), "price_consumption.%d.0", k);
        assert_expected(root, shortage_use(lost, e, s), "price_consumption.%d.1", k);
    }
}

/* Nodes in the order in which the file names them. */
typedef struct named_flow {
    const char *node[16];
    flow_edge edge[16];
    flow_problem problem;
} named_flow;

static int32_t node_of(named_flow *f, const char *name)
{
    for (int32_t i = 0; i < f->problem.nodes; i++)
        if (strcmp(f->node[i], name) == 0)
            return i;
    f->node[f->problem.nodes] = name;
    return f->problem.nodes++;
}

static void solve_flow(named_flow *f, const json_t *root)
{
    f->problem = (flow_problem){.edge = f->edge, .edges = count_at(root, "inputs.edges")};
    for (int32_t e = 0; e < f->problem.edges; e++)
        f->edge[e] = (flow_edge){.from = node_of(f, text_at(root, "inputs.edges.%d.0", e)),
                                 .to = node_of(f, text_at(root, "inputs.edges.%d.1", e)),
                                 .capacity = number_at(root, "inputs.edges.%d.2", e)};
    f->problem.source = node_of(f, text_at(root, "inputs.source"));
    f->problem.sink = node_of(f, text_at(root, "inputs.sink"));
    assert_int_equal(flow_maximum(&f->problem), YT_OK);
    assert_near(f->problem.most, number_at(root, "expected.max_flow"), 0);
}

static void flow_clrs(const json_t *root)
{
    named_flow f;
    solve_flow(&f, root);
    int32_t cut = 0;
    for (int32_t e = 0; e < f.problem.edges; e++)
        cut += f.edge[e].is_cut;
    assert_int_equal(cut, count_at(root, "expected.min_cut"));
    for (int32_t k = 0; k < cut; k++) {
        int32_t from = node_of(&f, text_at(root, "expected.min_cut.%d.0", k));
        int32_t to = node_of(&f, text_at(root, "expected.min_cut.%d.1", k)), found = 0;
        for (int32_t e = 0; e < f.problem.edges; e++)
            found += f.edge[e].is_cut && f.edge[e].from == from && f.edge[e].to == to;
        assert_int_equal(found, 1);
    }
}

static void flow_ff_adversarial(const json_t *root)
{
    named_flow f;
    clock_t begin = clock();
    solve_flow(&f, root);
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 0.01);
    assert_true(f.problem.paths <= number_at(root, "expected.max_bfs_augmentations"));
}

static void flow_generalised_chain(const json_t *root)
{
    double capacity[NUMBERS_MOST], yield[NUMBERS_MOST];
    int32_t n = numbers_at(root, capacity, "inputs.input_capacity"), binding;
    numbers_at(root, yield, "inputs.yield_between");
    assert_expected(root, flow_chain(capacity, yield, n, &binding), "final");
    assert_string_equal(text_at(root, "expected.binding"), "last stage");
    assert_int_equal(binding, n - 1);
}

/* -------------------------------------------------------------------- what must always hold */

enum { REGIONS = 3, ELEMENTS = 3, WORLDS = 1000 };

/* Mines with joint products, demand and trade, all drawn; the last element has no demand. */
typedef struct trading_world {
    double mine_cost[REGIONS], mine_slope[REGIONS], capacity[REGIONS];
    double share[REGIONS][ELEMENTS];
    double choke[REGIONS][ELEMENTS], fall[REGIONS][ELEMENTS];
    double freight[REGIONS][REGIONS], lane_slope, quota; /* quota: of each lane */
    bool has_last;                                       /* the last element is there at all */
    int place[REGIONS]; /* of each region in the order of markets */
} trading_world;

static double drawn(random_stream *s, double low, double high)
{
    return low + (high - low) * random_uniform(s);
}

static trading_world draw_world(uint32_t number)
{
    random_stream s = random_stream_of(1, number, "trading world", 0);
    trading_world t = {.quota = INFINITY, .place = {0, 1, 2}, .lane_slope = drawn(&s, 0.02, 0.2)};
    for (int r = 0; r < REGIONS; r++) {
        t.mine_cost[r] = drawn(&s, 1, 8);
        t.mine_slope[r] = drawn(&s, 0.01, 0.1);
        t.capacity[r] = drawn(&s, 20, 200);
        for (int e = 0; e < ELEMENTS; e++) {
            t.share[r][e] = drawn(&s, 0.05, 0.6);
            t.choke[r][e] = drawn(&s, 10, 100);
            t.fall[r][e] = drawn(&s, 0.2, 3);
            t.freight[r][e] = drawn(&s, 0.5, 5);
        }
    }
    return t;
}

static int32_t market_of(const trading_world *t, int region, int element)
{
    return t->place[region] * (t->has_last ? ELEMENTS : ELEMENTS - 1) + element;
}

/* Mines are the first activities, in the order of regions. */
static clearing clear_trade(const trading_world *t)
{
    int elements = t->has_last ? ELEMENTS : ELEMENTS - 1;
    clearing w = {0};
    for (int i = 0; i < REGIONS * elements; i++)
        add_market(&w, 0);
    for (int r = 0; r < REGIONS; r++)
        for (int e = 0; e < elements; e++)
            w.reference[market_of(t, r, e)] = w.price[market_of(t, r, e)] = t->choke[r][e] / 2;
    for (int r = 0; r < REGIONS; r++) {
        add_activity(&w, t->mine_cost[r], t->mine_slope[r], t->capacity[r]);
        for (int e = 0; e < elements; e++)
            add_entry(&w, market_of(t, r, e), t->share[r][e]);
    }
    for (int e = 0; e < ELEMENTS - 1; e++)
        for (int r = 0; r < REGIONS; r++) {
            add_single(&w, market_of(t, r, e), -1, -t->choke[r][e], t->fall[r][e]);
            for (int to = 0; to < REGIONS; to++)
                if (to != r) {
                    int32_t lane = add_arc(&w, market_of(t, r, e), market_of(t, to, e),
                                           t->freight[r][to], t->quota);
                    w.slope[lane] = t->lane_slope;
                }
        }
    clear_by_hand(&w);
    assert_cleared(&w);
    return w;
}

/* A market where nothing is bought or sold has no price of its own. */
static bool is_traded(const clearing *w, int32_t market)
{
    double tonnes = 0;
    for (int32_t j = 0; j < w->activities; j++)
        for (int32_t e = w->start[j]; e < w->start[j + 1]; e++)
            tonnes += w->row[e] == market ? fabs(w->coefficient[e]) * w->level[j] : 0;
    return tonnes > 1e-6;
}

/* The same prices times `factor`, of every element that is in demand. */
static void assert_same_prices(const trading_world *a, const clearing *in_a, const trading_world *b,
                               const clearing *in_b, double factor)
{
    for (int r = 0; r < REGIONS; r++)
        for (int e = 0; e < ELEMENTS - 1; e++) {
            double due = factor * in_a->price[market_of(a, r, e)];
            if (is_traded(in_a, market_of(a, r, e)))
                assert_near(in_b->price[market_of(b, r, e)], due, 1e-9 * fmax(due, factor));
        }
}

static void check_scales(const trading_world *t, const clearing *w)
{
    trading_world twice = *t, other_money = *t;
    twice.lane_slope /= 2;
    other_money.lane_slope *= 7.1;
    for (int r = 0; r < REGIONS; r++) {
        twice.capacity[r] *= 2;
        twice.mine_slope[r] /= 2;
        other_money.mine_cost[r] *= 7.1;
        other_money.mine_slope[r] *= 7.1;
        for (int e = 0; e < ELEMENTS; e++) {
            twice.fall[r][e] /= 2;
            other_money.choke[r][e] *= 7.1;
            other_money.fall[r][e] *= 7.1;
            other_money.freight[r][e] *= 7.1;
        }
    }
    clearing doubled = clear_trade(&twice), renamed = clear_trade(&other_money);
    assert_same_prices(t, w, &twice, &doubled, 1);
    assert_same_prices(t, w, &other_money, &renamed, 7.1);
    for (int32_t j = 0; j < w->activities; j++)
        assert_near(renamed.level[j], w->level[j], 1e-9 * fmax(w->level[j], 1));
}

/* The file says the same bits, "exact or 1e-9" is its tolerance.  Bits may differ: the solver takes
 * its scales from what an activity could do at most. */
static void check_quota_beyond_need(const trading_world *t, const clearing *w)
{
    trading_world with_quota = *t;
    double most = 0;
    for (int32_t j = REGIONS; j < w->activities; j++)
        most = fmax(most, w->level[j]);
    with_quota.quota = 1.5 * most;
    clearing limited = clear_trade(&with_quota);
    assert_same_prices(t, w, &with_quota, &limited, 1);
    for (int32_t j = 0; j < w->activities; j++)
        assert_near(limited.level[j], w->level[j], 1e-9 * fmax(w->level[j], 1));
}

static void check_other_order(const trading_world *t, const clearing *w)
{
    trading_world turned = *t;
    for (int r = 0; r < REGIONS; r++)
        turned.place[r] = (r + 1) % REGIONS;
    clearing again = clear_trade(&turned);
    assert_same_prices(t, w, &turned, &again, 1);
}

static void check_element_nobody_wants(const trading_world *t, const clearing *w)
{
    trading_world more = *t;
    more.has_last = true;
    clearing with = clear_trade(&more);
    assert_same_prices(t, w, &more, &with, 1);
    for (int r = 0; r < REGIONS; r++)
        if (is_traded(&with, market_of(&more, r, ELEMENTS - 1)))
            assert_true(with.price[market_of(&more, r, ELEMENTS - 1)] == 0);
}

/* What a mine's tonne is worth never rises when there can be more of them.  (Of one element of
 * several that is no theorem: more of a mine can crowd out another that is richer in it.) */
static void check_larger_mine(const trading_world *t, const clearing *w)
{
    for (int mine = 0; mine < REGIONS; mine++) {
        trading_world larger = *t;
        larger.capacity[mine] *= 1.2;
        clearing with = clear_trade(&larger);
        double before = 0, after = 0;
        for (int e = 0; e < ELEMENTS - 1; e++) {
            before += t->share[mine][e] * w->price[market_of(t, mine, e)];
            after += t->share[mine][e] * with.price[market_of(t, mine, e)];
        }
        assert_true(after <= before + 1e-9 * before);
    }
}

/* The only mine of a world: the price of each of its elements. */
static void check_larger_only_mine(void)
{
    json_t *root = load_reference("coprod_balance_problem");
    double last[4] = {INFINITY, INFINITY, INFINITY, INFINITY};
    for (double capacity = 50; capacity <= 1000; capacity += 50) {
        clearing w = {0};
        add_joint_mine(&w, root, capacity);
        clear_by_hand(&w);
        assert_cleared(&w);
        for (int e = 0; e < 4; e++) {
            assert_true(w.price[e] <= last[e] + 1e-9);
            last[e] = w.price[e];
        }
    }
    json_decref(root);
}

enum { MONTHS = 24 };

typedef struct drought {
    int first_short, months_short; /* MONTHS when none is */
} drought;

/* Use of 50 a month, whose supply falls to 10 for some months; what is left over is kept. */
static drought cut_off(double stock, int from, int months)
{
    clearing w = {0};
    for (int t = 0; t < MONTHS; t++)
        add_market(&w, (t == 0 ? stock : 0) + (t >= from && t < from + months ? 10 : 50));
    for (int t = 0; t < MONTHS; t++) {
        add_activity(&w, -1000, 0, 50);
        add_entry(&w, t, -1);
    }
    for (int t = 0; t + 1 < MONTHS; t++)
        add_arc(&w, t, t + 1, 1, INFINITY);
    clear_by_hand(&w);
    assert_cleared(&w);
    drought d = {MONTHS, 0};
    for (int t = MONTHS - 1; t >= 0; t--)
        if (w.level[t] < 50 - 1e-6) {
            d.first_short = t;
            d.months_short++;
        }
    return d;
}

static void check_stockpiles_and_embargoes(void)
{
    for (int months = 0; months < 18; months++)
        for (double stock = 0; stock < 500; stock += 35) {
            drought d = cut_off(stock, 3, months), larger = cut_off(stock + 35, 3, months);
            drought longer = cut_off(stock, 3, months + 1);
            assert_true(larger.first_short >= d.first_short);
            assert_true(longer.months_short >= d.months_short);
        }
}

/* The file asks for "exact or 1e-9": all of its relations are held to 1e-9. */
static void prop_monotonicity(const json_t *root)
{
    assert_int_equal(count_at(root, "expected.relations"), 8);
    check_larger_only_mine();
    check_stockpiles_and_embargoes();
    for (uint32_t k = 0; k < WORLDS; k++) {
        trading_world t = draw_world(k);
        clearing w = clear_trade(&t);
        check_scales(&t, &w);
        check_quota_beyond_need(&t, &w);
        check_other_order(&t, &w);
        check_element_nobody_wants(&t, &w);
        check_larger_mine(&t, &w);
    }
}

/* -------------------------------------------------------------------------------- the list */

static const struct problem {
    const char *name;
    void (*check)(const json_t *root);
} problems[] = {
    {"capexp_three_period", capexp_three_period},
    {"chem_oxide_to_metal", chem_oxide_to_metal},
    {"cobweb_linear", cobweb_linear},
    {"coprod_balance_problem", coprod_balance_problem},
    {"disrupt_constant_elasticity", disrupt_constant_elasticity},
    {"dsm_fixed", dsm_fixed},
    {"dsm_weibull", dsm_weibull},
    {"dyn_erlang_delay", dyn_erlang_delay},
    {"fin_dixit_pindyck", fin_dixit_pindyck},
    {"fin_npv_irr", fin_npv_irr},
    {"flow_clrs", flow_clrs},
    {"flow_ff_adversarial", flow_ff_adversarial},
    {"flow_generalised_chain", flow_generalised_chain},
    {"gates_hypoexponential", gates_hypoexponential},
    {"hhi_basic", hhi_basic},
    {"io_leontief_2x2", io_leontief_2x2},
    {"km_freireich", km_freireich},
    {"lcp_murty_8", lcp_murty_8},
    {"lds_sobol4", lds_sobol4},
    {"lp_beale_cycling", lp_beale_cycling},
    {"lp_dantzig_transport", lp_dantzig_transport},
    {"lp_klee_minty_3", lp_klee_minty_3},
    {"lp_status_infeasible", lp_status_infeasible},
    {"lp_status_unbounded", lp_status_unbounded},
    {"markov_drunkard", markov_drunkard},
    {"pol_export_quota_two_region", pol_export_quota_two_region},
    {"pol_weight_quota", pol_weight_quota},
    {"prop_monotonicity", prop_monotonicity},
    {"qp_hs118", qp_hs118},
    {"qp_hs21", qp_hs21},
    {"qp_hs35", qp_coupled},
    {"qp_hs51", qp_coupled},
    {"qp_hs76", qp_coupled},
    {"qp_tame", qp_coupled},
    {"quant_gamma", quant_gamma},
    {"quant_lognormal", quant_lognormal},
    {"quant_normal", quant_normal},
    {"quant_sample_types", quant_sample_types},
    {"risk_cvar_discrete", risk_cvar_discrete},
    {"rng_mt19937", rng_mt19937},
    {"rng_philox4x32_10", rng_philox4x32_10},
    {"rng_splitmix64", rng_splitmix64},
    {"rng_u01_convention", rng_u01_convention},
    {"rng_xoshiro256ss", rng_xoshiro256ss},
    {"run_of_terms", run_of_terms},
    {"score_crps", score_crps_problem},
    {"score_deterministic", score_deterministic},
    {"slp_farmer", slp_farmer},
    {"slp_lands", slp_lands},
    {"spe_compecon_3country", spe_compecon_3country},
    {"spe_nagurney_asymmetric", spe_nagurney_asymmetric},
    {"spe_takayama_judge_1964", spe_takayama_judge_1964},
    {"stock_runout", stock_runout},
    {"storage_two_period", storage_two_period},
};
enum { PROBLEMS = sizeof problems / sizeof *problems };

static int passed;

static void check_problem(void **state)
{
    const struct problem *problem = *state;
    json_t *root = load_reference(problem->name);
    problem->check(root);
    json_decref(root);
    passed++;
}

static int say_how_many(void **state)
{
    (void)state;
    printf("numeric: %d of %d public numeric problems\n", passed, count_references());
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[PROBLEMS];
    for (int i = 0; i < PROBLEMS; i++)
        tests[i] = (struct CMUnitTest){.name = problems[i].name,
                                       .test_func = check_problem,
                                       .initial_state = (void *)(uintptr_t)&problems[i]};
    return cmocka_run_group_tests_name("numeric", tests, NULL, say_how_many);
}
