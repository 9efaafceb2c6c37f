/* test_sim.c - worlds of the tiny case: certified months, closed books, equal bits. */
#include "model/model.h"
#include "sim/sim.h"
#include "ytterby.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---------------------------------------------------------------- counting allocations */

extern void *__libc_malloc(size_t bytes);
static int allocations;
static bool is_counting;

/* The C library's own, counted while a month is simulated. */
void *malloc(size_t bytes)
{
    allocations += is_counting;
    return __libc_malloc(bytes);
}

/* --------------------------------------------------------------------------- fixtures */

typedef struct world {
    yt_model   *model;
    yt_network *net;
    yt_run     *run;
} world;

static world world_of(const char *set)
{
    world w = {0};
    yt_log *log = yt_log_new();
    const char *const sets[] = {set};
    assert_int_equal(YT_OK, model_load_with("tests/cases/tiny", NULL, 0, sets,
                                            set ? 1 : 0, log, &w.model));
    assert_int_equal(YT_OK, yt_network_compile(w.model, log, &w.net));
    assert_int_equal(YT_OK, yt_run_new(w.net, &w.run));
    yt_log_free(log);
    return w;
}

static void world_free(world *w)
{
    yt_run_free(w->run);
    yt_network_free(w->net);
    yt_model_free(w->model);
}

static void step_to(world *w, int32_t month)
{
    while (yt_run_month(w->run) < month && yt_run_status(w->run) == YT_OK)
        yt_step(w->net, w->run);
    assert_int_equal(YT_OK, yt_run_status(w->run));
}

static int32_t last_month(const world *w)
{
    return w->net->first_month + w->net->months;
}

static int32_t index_of(const network_names *names, const char *id)
{
    for (int32_t i = 0; i < names->count; i++)
        if (strcmp(names->id[i], id) == 0)
            return i;
    fail_msg("no %s", id);
    return YT_NONE;
}

/* Mean price over the months [from, to) on the spot side, or the only one. */
static double mean_price(world *w, const char *commodity, const char *region, int32_t from,
                         int32_t to)
{
    int32_t c = index_of(&w->net->commodities, commodity), r = index_of(&w->net->regions, region);
    int32_t node = network_find_node(w->net, c, r, SIDE_SINGLE);
    if (node == YT_NONE)
        node = network_find_node(w->net, c, r, SIDE_SPOT);
    assert_int_not_equal(YT_NONE, node);
    double sum = 0;
    for (step_to(w, from); yt_run_month(w->run) < to;) {
        yt_step(w->net, w->run);
        sum += VIEW(w->net, w->run, price)[node];
    }
    return sum / (to - from);
}

static int32_t month_of(int32_t year, int32_t month)
{
    return year * 12 + month - 1;
}

/* ------------------------------------------------------------------------------ tests */

static void test_sim__certifies_every_month(void **state)
{
    (void)state;
    world w = world_of(NULL);
    while (yt_run_month(w.run) < last_month(&w)) {
        yt_step(w.net, w.run);
        assert_int_equal(YT_OK, yt_run_status(w.run));
        assert_true(market_certificate_worst(&w.run->certificate) <= MARKET_BAR);
    }
    world_free(&w);
}

static void test_sim__closes_every_element(void **state)
{
    (void)state;
    world w = world_of(NULL);
    while (yt_run_month(w.run) < last_month(&w)) {
        yt_step(w.net, w.run);
        for (int32_t e = 0; e < w.net->elements.count; e++)
            assert_true(fabs(sim_element_balance(w.net, w.run, e).closure) <= 1e-9);
    }
    assert_true(sim_element_balance(w.net, w.run, 0).mined > 0);
    world_free(&w);
}

/* A planted leak must be seen: the books would be no proof otherwise. */
static void test_sim__sees_a_leak(void **state)
{
    (void)state;
    world w = world_of(NULL);
    step_to(&w, w.net->first_month + 30);
    double closed = sim_element_balance(w.net, w.run, 0).closure;
    VIEW(w.net, w.run, in_use)[0] *= 1 - 1e-6;
    assert_true(fabs(sim_element_balance(w.net, w.run, 0).closure - closed) > 1e-9);
    world_free(&w);
}

static void test_sim__never_sells_what_is_not_there(void **state)
{
    (void)state;
    world w = world_of(NULL);
    while (yt_run_month(w.run) < last_month(&w)) {
        yt_step(w.net, w.run);
        for (int32_t i = 0; i < w.net->holds; i++)
            assert_true(VIEW(w.net, w.run, stock)[i] >= 0);
        for (int32_t i = 0; i < w.net->uses; i++)
            assert_true(VIEW(w.net, w.run, in_use)[i] >= -1e-9);
        for (int32_t p = 0; p < w.net->releases; p++)
            assert_true(VIEW(w.net, w.run, permit_left)[p] >= 0);
    }
    world_free(&w);
}

static void test_sim__does_not_allocate_in_a_month(void **state)
{
    (void)state;
    world w = world_of(NULL);
    step_to(&w, w.net->first_month + 3);
    allocations = 0;
    is_counting = true;
    for (int i = 0; i < 24; i++)
        yt_step(w.net, w.run);
    is_counting = false;
    assert_int_equal(0, allocations);
    world_free(&w);
}

static void test_sim__resumes_to_the_same_bits_from_every_month(void **state)
{
    (void)state;
    world w = world_of(NULL);
    yt_run *saved = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &saved));
    step_to(&w, last_month(&w));
    uint64_t whole = sim_state_hash(w.net, w.run);
    for (int32_t cut = 0; cut < w.net->months; cut += 7) {
        yt_run_reset(w.net, w.run, 0, 0);
        step_to(&w, w.net->first_month + cut);
        yt_run_copy(w.net, saved, w.run);
        while (yt_run_month(saved) < last_month(&w))
            yt_step(w.net, saved);
        assert_true(whole == sim_state_hash(w.net, saved));
    }
    yt_run_free(saved);
    world_free(&w);
}

/* A run in a batch equals the same run alone, wherever it stands in the batch. */
static void test_sim__batch_does_not_matter(void **state)
{
    (void)state;
    world w = world_of(NULL);
    enum { RUNS = 19 }; /* more than clear together at once */
    yt_run *run[RUNS];
    for (int i = 0; i < RUNS; i++) {
        assert_int_equal(YT_OK, yt_run_new(w.net, &run[i]));
        /* worlds that differ: each starts a few months further on */
        for (int k = 0; k < i % 5; k++)
            yt_step(w.net, run[i]);
    }
    for (int k = 0; k < 40; k++)
        yt_step_many(w.net, run, RUNS);
    for (int i = 0; i < RUNS; i++) {
        yt_run_reset(w.net, w.run, 0, 0);
        step_to(&w, yt_run_month(run[i]));
        assert_true(sim_state_hash(w.net, w.run) == sim_state_hash(w.net, run[i]));
        yt_run_free(run[i]);
    }
    world_free(&w);
}

/* The sign of an export quota: cheaper inside, dearer outside. */
static void test_sim__quota_parts_the_prices(void **state)
{
    (void)state;
    world loose = world_of("permit_batch[east_quota,2004-01].value=60");
    world tight = world_of("permit_batch[east_quota,2004-01].value=6");
    int32_t from = month_of(2004, 3), to = month_of(2004, 12);
    double inside_loose = mean_price(&loose, "metal_x", "east", from, to);
    yt_run_reset(loose.net, loose.run, 0, 0);
    double outside_loose = mean_price(&loose, "metal_x", "west", from, to);
    double inside_tight = mean_price(&tight, "metal_x", "east", from, to);
    yt_run_reset(tight.net, tight.run, 0, 0);
    double outside_tight = mean_price(&tight, "metal_x", "west", from, to);
    assert_true(outside_tight > outside_loose);
    assert_true(outside_tight / inside_tight > outside_loose / inside_loose);
    world_free(&loose);
    world_free(&tight);
}

static void test_sim__stops_whole_when_a_number_breaks(void **state)
{
    (void)state;
    world w = world_of(NULL);
    step_to(&w, w.net->first_month + 5);
    yt_run *before = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &before));
    VIEW(w.net, w.run, stock)[0] = NAN;
    yt_run_copy(w.net, before, w.run);
    yt_step(w.net, w.run);
    assert_int_equal(YT_ENUMERIC, yt_run_status(w.run));
    assert_int_equal(yt_run_month(before), yt_run_month(w.run));
    /* the state is that of the last good month; only flows were tried */
    assert_memory_equal(VIEW(w.net, before, price), VIEW(w.net, w.run, price),
                        (size_t)w.net->nodes * sizeof(double));
    yt_run_free(before);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim__certifies_every_month),
        cmocka_unit_test(test_sim__closes_every_element),
        cmocka_unit_test(test_sim__sees_a_leak),
        cmocka_unit_test(test_sim__never_sells_what_is_not_there),
        cmocka_unit_test(test_sim__does_not_allocate_in_a_month),
        cmocka_unit_test(test_sim__resumes_to_the_same_bits_from_every_month),
        cmocka_unit_test(test_sim__batch_does_not_matter),
        cmocka_unit_test(test_sim__quota_parts_the_prices),
        cmocka_unit_test(test_sim__stops_whole_when_a_number_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
