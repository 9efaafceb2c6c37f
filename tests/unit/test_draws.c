/* test_draws.c - uncertain numbers: spreads mean what the case says, points fill the cube, worlds
 * keep their names when an overlay adds to the case */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sobol.h"
#include "world.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* ---------------------------------------------------------------------------------- points */

static void test_sobol__first_points_are_the_published_ones(void **state)
{
    (void)state;
    json_t *root = json_load_file("tests/reference/numeric/lds_sobol4.json", 0, NULL);
    json_t *points = json_object_get(json_object_get(root, "expected"), "points");
    assert_true(json_array_size(points) == 8);
    for (uint32_t i = 0; i < 8; i++)
        for (int32_t d = 0; d < 4; d++) {
            uint32_t direction[32];
            sobol_directions(d, direction);
            double expected = json_number_value(json_array_get(json_array_get(points, i), d));
            assert_true(sobol_point(direction, i) * 0x1p-32 == expected);
        }
    json_decref(root);
}

/* Of 2^k points one lies in each 2^k-th of every dimension, scrambled or not. */
static void test_sobol__fills_every_dimension(void **state)
{
    (void)state;
    enum { POINTS = 256 };
    for (int32_t d = 0; d < SOBOL_DIMENSIONS; d += 61) {
        uint32_t direction[32];
        bool plain[POINTS] = {false}, scrambled[POINTS] = {false};
        sobol_directions(d, direction);
        for (uint32_t i = 0; i < POINTS; i++) {
            uint32_t x = sobol_point(direction, i);
            plain[x >> 24] = true;
            scrambled[(int)(POINTS * sobol_scramble(x, 12345 + (uint64_t)d))] = true;
        }
        for (int i = 0; i < POINTS; i++)
            assert_true(plain[i] && scrambled[i]);
    }
}

/* Over many keys a scrambled point is uniform, and two points are as far from dependent as
 * nested scrambling promises: never in the same half when the plain ones are not. */
static void test_sobol__scrambles_to_uniform(void **state)
{
    (void)state;
    enum { KEYS = 20000 };
    double mean = 0, square = 0;
    for (uint64_t key = 0; key < KEYS; key++) {
        double u = sobol_scramble(0x40000000u, key), v = sobol_scramble(0xc0000000u, key);
        assert_true(u > 0 && u < 1 && (u < 0.5) != (v < 0.5));
        mean += u / KEYS;
        square += u * u / KEYS;
    }
    assert_true(fabs(mean - 0.5) < 4 * 0.2887 / sqrt(KEYS));
    assert_true(fabs(square - 1.0 / 3) < 4 * 0.298 / sqrt(KEYS));
}

/* --------------------------------------------------------------------------------- spreads */

static network_spread spread(int32_t dist, double low, double mode, double high)
{
    return (network_spread){distribution_of(dist, mode, low, high), -1e300, 1e300};
}

/* Density by differences of the quantile. */
static double density(const network_spread *s, double u)
{
    return 2e-6 / (network_quantile(s, u + 1e-6) - network_quantile(s, u - 1e-6));
}

static void test_spread__low_and_high_are_tails(void **state)
{
    (void)state;
    static const double number[][3] = {{1, 2, 3}, {1, 2, 8}, {0.5, 4, 5}, {10, 11, 40}};
    for (int32_t dist = DIST_TRIANGULAR; dist <= DIST_UNIFORM; dist++)
        for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
            network_spread s = spread(dist, number[i][0], number[i][1], number[i][2]);
            assert_true(fabs(network_quantile(&s, 0.05) / number[i][0] - 1) < 1e-9);
            assert_true(fabs(network_quantile(&s, 0.95) / number[i][2] - 1) < 1e-9);
        }
}

/* Nothing is denser than the mode, but for a uniform; of a lognormal, of the logarithm. */
static void test_spread__value_is_the_mode(void **state)
{
    (void)state;
    static const int32_t dist[] = {DIST_TRIANGULAR, DIST_NORMAL};
    for (size_t d = 0; d < 2; d++) {
        network_spread s = spread(dist[d], 1, 2, 6);
        double best = 0, at = 0;
        for (double u = 0.001; u < 0.999; u += 0.001)
            if (density(&s, u) > best) {
                best = density(&s, u);
                at = network_quantile(&s, u);
            }
        assert_true(fabs(at - 2) < 0.03);
    }
    network_spread s = spread(DIST_LOGNORMAL, 0.5, 1, 2);
    assert_true(fabs(network_quantile(&s, 0.5) - 1) < 1e-12);
    assert_true(fabs(network_quantile(&s, 0.8) * network_quantile(&s, 0.2) - 1) < 1e-12);
}

static void test_spread__copes_with_one_side(void **state)
{
    (void)state;
    for (int32_t dist = DIST_TRIANGULAR; dist <= DIST_UNIFORM; dist++) {
        network_spread up = spread(dist, 2, 2, 5), down = spread(dist, 1, 3, 3);
        assert_true(fabs(network_quantile(&up, 0.95) - 5) < 1e-9);
        assert_true(fabs(network_quantile(&down, 0.05) - 1) < 1e-9);
        if (dist != DIST_UNIFORM) {
            assert_true(network_quantile(&up, 1e-9) >= 2);
            assert_true(network_quantile(&down, 1 - 1e-9) <= 3);
        }
    }
}

static void test_spread__rises_and_stays_inside(void **state)
{
    (void)state;
    for (int32_t dist = DIST_TRIANGULAR; dist <= DIST_UNIFORM; dist++) {
        network_spread s = {distribution_of(dist, 0.8, 0.1, 0.99), 0, 1};
        double last = 0;
        for (double u = 1e-12; u < 1; u += 0.001) {
            double x = network_quantile(&s, u);
            assert_true(x >= last && x >= 0 && x <= 1);
            last = x;
        }
    }
}

/* ---------------------------------------------------------------------------------- worlds */

static int32_t draw_called(const world *w, const char *name)
{
    for (int32_t i = 0; i < w->net->draws; i++)
        if (strcmp(w->net->draw[i].name, name) == 0)
            return i;
    return YT_NONE;
}

static void test_draws__modes_are_drawn_by_nobody(void **state)
{
    (void)state;
    world w = world_of(NULL);
    yt_run *other = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &other));
    yt_run_reset(w.net, w.run, 1, 5);
    yt_run_reset_central(w.net, w.run);
    assert_true(sim_state_hash(w.net, w.run) == sim_state_hash(w.net, other));
    assert_true(VIEW(w.net, w.run, momentum)[0] == 0.1);
    yt_run_free(other);
    world_free(&w);
}

/* Means over worlds are those of the distributions; quasi-random points get close fast. */
static void test_draws__have_the_moments_of_the_case(void **state)
{
    (void)state;
    enum { WORLDS = 1024 };
    world w = world_of(NULL);
    double below = 0, above = 0, mean = 0;
    int32_t momentum = draw_called(&w, "parameter[momentum].value");
    assert_int_not_equal(YT_NONE, momentum);
    for (uint32_t i = 0; i < WORLDS; i++) {
        yt_run_reset(w.net, w.run, 7, i);
        double x = *VIEW(w.net, w.run, reversion);
        below += x < 0.12;
        above += x > 0.3;
        mean += sim_drawn_share(w.net, w.run, momentum) / WORLDS;
    }
    assert_true(fabs(below / WORLDS - 0.05) < 0.01 && fabs(above / WORLDS - 0.05) < 0.01);
    assert_true(fabs(mean - 0.5) < 0.002);
    world_free(&w);
}

static void test_draws__differ_by_seed_and_index_and_nothing_else(void **state)
{
    (void)state;
    world w = world_of(NULL);
    double seen[64];
    for (uint32_t i = 0; i < 64; i++) {
        yt_run_reset(w.net, w.run, 3, i);
        seen[i] = *VIEW(w.net, w.run, momentum);
        for (uint32_t k = 0; k < i; k++)
            assert_true(seen[i] != seen[k]);
    }
    yt_run_reset(w.net, w.run, 4, 9);
    assert_true(*VIEW(w.net, w.run, momentum) != seen[9]);
    yt_run_reset(w.net, w.run, 3, 9);
    assert_true(*VIEW(w.net, w.run, momentum) == seen[9]);
    world_free(&w);
}

/* Toys and a metal more, rows in the middle of tables: the old numbers are drawn as before. */
static void test_draws__do_not_shift_under_an_overlay(void **state)
{
    (void)state;
    world w = world_of(NULL), wider = world_laid_over("tests/unit/overlays/uncertain.yaml");
    assert_true(wider.net->draws > w.net->draws);
    for (uint32_t index = 0; index < 40; index += 13) {
        yt_run_reset(w.net, w.run, 1, index);
        yt_run_reset(wider.net, wider.run, 1, index);
        for (int32_t i = 0; i < w.net->draws; i++) {
            int32_t same = draw_called(&wider, w.net->draw[i].name);
            assert_int_not_equal(YT_NONE, same);
            assert_true(sim_drawn_share(w.net, w.run, i) ==
                        sim_drawn_share(wider.net, wider.run, same));
        }
    }
    world_free(&wider);
    world_free(&w);
}

/* Years of demand go together; regions nearly so: correlation 0.7. */
static void test_draws__tie_demand_together(void **state)
{
    (void)state;
    enum { WORLDS = 2048 };
    world w = world_laid_over("tests/unit/overlays/uncertain.yaml");
    int32_t east = draw_called(&w, "demand[toys,east].value");
    int32_t west = draw_called(&w, "demand[toys,west].value");
    assert_true(east != YT_NONE && west != YT_NONE);
    assert_int_equal(draw_called(&w, "demand[toys].value"), w.net->draw[east].common);
    assert_int_equal(2, w.net->draw[east].targets); /* 2000 and 2001 */
    double product = 0;
    for (uint32_t i = 0; i < WORLDS; i++) {
        yt_run_reset(w.net, w.run, 1, i);
        product += (sim_drawn_share(w.net, w.run, east) - 0.5) *
                   (sim_drawn_share(w.net, w.run, west) - 0.5) * 12 / WORLDS;
    }
    /* of ranks: 6/pi asin(0.7 / 2) */
    assert_true(fabs(product - 0.683) < 0.04);
    world_free(&w);
}

/* What is derived follows what is drawn: the choke is a multiple of the reference. */
static void test_draws__derive_what_follows(void **state)
{
    (void)state;
    world w = world_of(NULL);
    int32_t node = node_of(&w, "metal_x", "east", SIDE_SPOT);
    double ratio =
        VIEW(w.net, w.run, choke_price)[node] / VIEW(w.net, w.run, reference_price)[node];
    double mode = VIEW(w.net, w.run, reference_price)[node];
    yt_run_reset(w.net, w.run, 1, 3);
    double drawn = VIEW(w.net, w.run, reference_price)[node];
    assert_true(drawn != mode);
    assert_true(fabs(VIEW(w.net, w.run, choke_price)[node] / drawn / ratio - 1) < 1e-12);
    assert_true(VIEW(w.net, w.run, price)[node] == drawn);
    world_free(&w);
}

static void test_draws__every_world_closes_its_books(void **state)
{
    (void)state;
    world w = world_laid_over("tests/unit/overlays/uncertain.yaml");
    for (uint32_t i = 0; i < 48; i++) {
        yt_run_reset(w.net, w.run, 11, i);
        step_to(&w, end_of(&w));
        for (int32_t e = 0; e < w.net->elements.count; e++)
            assert_true(fabs(sim_element_balance(w.net, w.run, e).closure) <= 1e-9);
    }
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sobol__first_points_are_the_published_ones),
        cmocka_unit_test(test_sobol__fills_every_dimension),
        cmocka_unit_test(test_sobol__scrambles_to_uniform),
        cmocka_unit_test(test_spread__low_and_high_are_tails),
        cmocka_unit_test(test_spread__value_is_the_mode),
        cmocka_unit_test(test_spread__copes_with_one_side),
        cmocka_unit_test(test_spread__rises_and_stays_inside),
        cmocka_unit_test(test_draws__modes_are_drawn_by_nobody),
        cmocka_unit_test(test_draws__have_the_moments_of_the_case),
        cmocka_unit_test(test_draws__differ_by_seed_and_index_and_nothing_else),
        cmocka_unit_test(test_draws__do_not_shift_under_an_overlay),
        cmocka_unit_test(test_draws__tie_demand_together),
        cmocka_unit_test(test_draws__derive_what_follows),
        cmocka_unit_test(test_draws__every_world_closes_its_books),
    };
    return cmocka_run_group_tests_name("draws", tests, NULL, NULL);
}
