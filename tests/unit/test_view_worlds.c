/* test_view_worlds.c - what is said of an ensemble is what its worlds say, and how sure it is. */
#include "model_fixture.h"
#include "room.h"

#include "base/calendar.h"
#include "sim/sim.h"
#include "study/simulate.h"
#include "study/story.h"
#include "study/tornado.h"
#include "view/compare.h"
#include "view/view.h"
#include "view/worlds_page.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORLDS 128
#define assert_near(a, b, within) assert_true(fabs((a) - (b)) <= (within))

static char folder[64], base[128], again[128], seeded[128], bars[128];
static yt_model *model;
static yt_network *net;

static int simulate(const char *path, uint64_t seed)
{
    yt_log *log = yt_log_new();
    simulate_options options = {.seed = seed,
                                .worlds = WORLDS,
                                .shards = 1,
                                .threads = 1,
                                .last_month = YT_NONE,
                                .threshold = 0.9,
                                .result = path,
                                .command = "test",
                                .case_path = TINY,
                                .overlays = "",
                                .sets = ""};
    simulate_summary summary;
    yt_status status = study_simulate(model, net, &options, log, &summary);
    yt_log_free(log);
    return status;
}

static int make_folder(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    if (make_room(folder, NULL) || yt_model_load(TINY, NULL, 0, log, &model) ||
        yt_network_compile(model, log, &net))
        return -1;
    yt_log_free(log);
    snprintf(base, sizeof base, "%s/base.ytt", folder);
    snprintf(again, sizeof again, "%s/again.ytt", folder);
    snprintf(seeded, sizeof seeded, "%s/seeded.ytt", folder);
    snprintf(bars, sizeof bars, "%s/bars.ytt", folder);
    return simulate(base, 1) || simulate(again, 1) || simulate(seeded, 2);
}

static int remove_folder(void **state)
{
    (void)state;
    yt_network_free(net);
    yt_model_free(model);
    return remove_room(folder);
}

static worlds opened(const char *path)
{
    worlds w;
    yt_log *log = yt_log_new();
    assert_int_equal(worlds_load(&w, path, log), YT_OK);
    yt_log_free(log);
    return w;
}

static void test_worlds__are_told_from_runs(void **state)
{
    (void)state;
    assert_true(worlds_are_in(base));
    assert_false(worlds_are_in("/nowhere/at/all.ytt"));
    worlds w = opened(base);
    assert_int_equal(w.runs, WORLDS);
    assert_int_equal(w.broken, 0);
    assert_string_equal(w.incumbent, "east");
    assert_int_equal(w.view.first_year, 2000);
    assert_int_equal(w.view.years, 10);
    worlds_free(&w);
}

static void test_dates__count_those_cut_short(void **state)
{
    (void)state;
    worlds w = opened(base);
    const worlds_number *n = worlds_find(&w, "break_free_year", "west", "");
    assert_non_null(n);
    worlds_date d = worlds_date_of(&w, n);
    int32_t came = 0;
    for (int32_t i = 0; i < w.runs; i++)
        came += !n->censored[i];
    assert_int_equal(d.n, WORLDS);
    assert_int_equal(d.came, came);
    /* all are watched to the same end: Kaplan and Meier's share is the plain one */
    assert_near(d.share, (double)came / WORLDS, 1e-12);
    assert_true(d.error > 0 && d.error < 0.2);
    assert_true(came * 2 >= WORLDS || !isfinite(d.median));
    for (int32_t i = 0; i < d.steps; i++)
        assert_true(d.step[i].low <= d.step[i].share && d.step[i].share <= d.step[i].high);
    worlds_free(&w);
}

static void test_estimates__are_means_of_replicates(void **state)
{
    (void)state;
    worlds w = opened(base);
    const worlds_number *n = worlds_find(&w, "project_begun", "outside", "");
    assert_non_null(n);
    worlds_estimate e = worlds_estimate_of(&w, n);
    double replicate[WORLDS_REPLICATES] = {0}, mean, error, sum = 0;
    for (int32_t i = 0; i < w.runs; i++) {
        replicate[w.run[i] % WORLDS_REPLICATES] += n->value[i] / (WORLDS / WORLDS_REPLICATES);
        sum += n->value[i];
    }
    worlds_over_replicates(replicate, &mean, &error);
    assert_near(e.mean, sum / WORLDS, 1e-9);
    assert_near(e.error, error, 1e-9);
    assert_true(e.lowest <= e.lower && e.lower <= e.middle && e.middle <= e.higher &&
                e.higher <= e.highest);
    worlds_free(&w);
}

static void test_points__have_the_units_of_their_band(void **state)
{
    (void)state;
    int32_t n, years = 0;
    worlds w = opened(base);
    const worlds_point *p = worlds_points(&w, &n);
    assert_true(n >= 2);
    for (int32_t i = 0; i < n; i++) {
        assert_string_equal(w.fan[p[i].fan].unit, "USD/t");
        assert_true(p[i].low <= p[i].high && p[i].from < p[i].to);
        assert_true(!p[i].is_in80 || p[i].is_in90);
        years += p[i].is_year;
    }
    assert_true(years >= 1);
    worlds_free(&w);
}

static char *compared(const char *with, yt_status due)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const char *const paths[] = {base, with};
    compare_options options = {.rows = 1000, .fail_on = -1};
    yt_log *log = yt_log_new();
    assert_int_equal(compare_stores(paths, 2, &options, out, log), due);
    yt_log_free(log);
    fclose(out);
    return text;
}

static void test_compare__the_same_worlds_are_the_same(void **state)
{
    (void)state;
    char *text = compared(again, YT_OK);
    assert_non_null(strstr(text, "break_free_year, West Shore: the same in every world"));
    assert_non_null(strstr(text, " 0 distinguishable"));
    assert_null(strstr(text, "not distinguishable"));
    free(text);
}

static void test_compare__other_seeds_are_no_pairs(void **state)
{
    (void)state;
    free(compared(seeded, YT_EDATA));
}

/* What holds for two ensembles that differ in one number of one world. */
static void test_compare__noise_is_called_noise(void **state)
{
    (void)state;
    worlds a = opened(base), b = opened(again);
    const worlds_number *n = worlds_find(&b, "public_cost", "west", "");
    assert_non_null(n);
    n->value[5] += 1e6;
    worlds_change c = worlds_compare(&a, &b, worlds_find(&a, "public_cost", "west", ""));
    assert_int_equal(c.pairs, WORLDS);
    assert_int_equal(c.same, WORLDS - 1);
    assert_near(c.difference, 1e6 / WORLDS, 1e-3);
    assert_false(c.is_distinct);
    for (int32_t i = 0; i < b.runs; i++)
        n->value[i] += 2e6 + 1e3 * i;
    c = worlds_compare(&a, &b, worlds_find(&a, "public_cost", "west", ""));
    assert_true(c.is_distinct && c.low > 0);
    worlds_free(&a);
    worlds_free(&b);
}

static void test_page__of_one_and_of_two(void **state)
{
    (void)state;
    for (int32_t n = 1; n <= 2; n++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        const char *const paths[] = {base, again};
        yt_log *log = yt_log_new();
        json_writer w = json_to_file(out, 0);
        assert_int_equal(view_write_json(paths, n, &w, log), YT_OK);
        assert_int_equal(json_finish(&w), YT_OK);
        fclose(out);
        assert_non_null(strstr(text, "\"ytterby/ensemble/1\""));
        assert_true((strstr(text, "\"changes\"") != NULL) == (n == 2));
        assert_null(strstr(text, ":nan"));
        yt_log_free(log);
        free(text);
    }
}

/* A draw set to what it would have been anyway changes nothing. */
static void test_tornado__turning_to_the_drawn_share_is_the_same_world(void **state)
{
    (void)state;
    yt_run *drawn, *turned;
    assert_int_equal(yt_run_new(net, &drawn), YT_OK);
    assert_int_equal(yt_run_new(net, &turned), YT_OK);
    yt_run_reset(net, drawn, 1, 7);
    for (int32_t d = 0; d < net->draws; d += 11) {
        double share = sim_drawn_share(net, drawn, d);
        sim_reset_turned(net, turned, 1, 7, d, share);
        assert_true(sim_state_hash(net, drawn) == sim_state_hash(net, turned));
        sim_reset_turned(net, turned, 1, 7, d, share > 0.5 ? 0.01 : 0.99);
        assert_near(sim_drawn_share(net, turned, d), share > 0.5 ? 0.01 : 0.99, 0);
    }
    yt_run_free(drawn);
    yt_run_free(turned);
}

static void test_tornado__finds_what_moves_the_answer(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    tornado_options o = {.ensemble = base,
                         .result = bars,
                         .command = "test",
                         .seed = 1,
                         .threshold = 0.9,
                         .headline = "west",
                         .last_month = net->first_month + net->months - 1,
                         .turned = 2,
                         .worlds = 16,
                         .threads = 2};
    tornado_summary summary;
    assert_int_equal(study_tornado(net, &o, log, &summary), YT_OK);
    assert_true(summary.beyond_chance >= 1 && summary.inputs == net->draws);
    worlds w = opened(bars);
    int32_t turned = 0, ranked = 0;
    for (int32_t i = 0; i < w.effects; i++) {
        const worlds_effect *e = &w.effect[i];
        turned += strcmp(e->method, "turned") == 0;
        ranked += strcmp(e->method, "ranked") == 0 && fabs(e->effect_high) <= 1 && e->cut > 0;
    }
    assert_true(turned >= 2 && ranked >= 20);
    worlds_free(&w);
    yt_log_free(log);
}

static void test_story__ends_as_the_stored_world(void **state)
{
    (void)state;
    worlds w = opened(base);
    const worlds_number *n = worlds_find(&w, "break_free_year", "west", "");
    for (int32_t run = 0; run < 12; run++) {
        char *text = NULL, due[80];
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        yt_log *log = yt_log_new();
        story_options o = {.seed = 1,
                           .world = run,
                           .last_month = net->first_month + net->months - 1,
                           .threshold = 0.9,
                           .region = "west",
                           .projects = 5,
                           .out = out};
        assert_int_equal(study_tell(net, &o, log), YT_OK);
        fclose(out);
        if (n->censored[run])
            snprintf(due, sizeof due, "World %d: west is not free of east", run);
        else
            snprintf(due, sizeof due, "World %d: west is free of east from %.0f on", run,
                     n->value[run]);
        assert_non_null(strstr(text, due));
        assert_true((strstr(text, "What would have had to hold") != NULL) == n->censored[run]);
        yt_log_free(log);
        free(text);
    }
    worlds_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worlds__are_told_from_runs),
        cmocka_unit_test(test_dates__count_those_cut_short),
        cmocka_unit_test(test_estimates__are_means_of_replicates),
        cmocka_unit_test(test_points__have_the_units_of_their_band),
        cmocka_unit_test(test_compare__the_same_worlds_are_the_same),
        cmocka_unit_test(test_compare__other_seeds_are_no_pairs),
        cmocka_unit_test(test_compare__noise_is_called_noise),
        cmocka_unit_test(test_page__of_one_and_of_two),
        cmocka_unit_test(test_tornado__turning_to_the_drawn_share_is_the_same_world),
        cmocka_unit_test(test_tornado__finds_what_moves_the_answer),
        cmocka_unit_test(test_story__ends_as_the_stored_world),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
