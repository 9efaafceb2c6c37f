/* test_outcomes.c - numbers kept of a world: dates that come or are censored, dependence, and a
 * world alone against the same world in an ensemble; buckets of the fans */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "room.h"
#include "study/fan.h"
#include "study/outcomes.h"
#include "study/simulate.h"
#include "world.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THRESHOLD 0.9

/* The tiny case until 2012, so that it has a year of which numbers are kept: 2010. */
static world longer_world(void)
{
    world w = {0};
    yt_log *log = yt_log_new();
    assert_int_equal(YT_OK, model_load_with("tests/cases/tiny", NULL, 0, NULL, 0, log, &w.model));
    w.model->end = month_of(2012, 12);
    assert_int_equal(YT_OK, yt_network_compile(w.model, log, &w.net));
    assert_int_equal(YT_OK, yt_run_new(w.net, &w.run));
    yt_log_free(log);
    return w;
}

typedef struct watched {
    world w;
    outcomes *o;
    int32_t west;
    double *value;
    bool *censored;
} watched;

static watched watch(void)
{
    watched x = {.w = longer_world()};
    assert_int_equal(YT_OK, outcomes_new(x.w.net, THRESHOLD, &x.o));
    x.west = index_of(&x.w.net->regions, "west");
    x.value = calloc((size_t)outcomes_count(x.o), sizeof *x.value);
    x.censored = calloc((size_t)outcomes_count(x.o), sizeof *x.censored);
    return x;
}

static void unwatch(watched *x)
{
    outcomes_free(x->o);
    world_free(&x->w);
    free(x->value);
    free(x->censored);
}

static int32_t number_of(const watched *x, const char *name, const char *region, const char *stage)
{
    for (int32_t i = 0; i < outcomes_count(x->o); i++) {
        outcome_key key = outcomes_key(x->o, i);
        if (strcmp(key.name, name) == 0 && strcmp(key.region, region) == 0 &&
            strcmp(key.stage, stage) == 0)
            return i;
    }
    fail_msg("no outcome %s of %s %s", name, region, stage);
    return YT_NONE;
}

/* A December in which all of the region's critical use, or a share of it, would be served. */
static void pass_december(watched *x, int32_t year, double ratio, double error)
{
    const yt_network *net = x->w.net;
    yt_run *run = x->w.run;
    run->t = month_of(year, 12) + 1 - net->first_month;
    run->events = 0;
    for (int32_t s = 0; s < net->segments; s++) {
        double *tier = VIEW(net, run, stress_level) + net->tiers_at.first + s * TIERS;
        VIEW(net, run, wanted)[s] = 10;
        memset(tier, 0, TIERS * sizeof *tier);
        tier[0] =
            10 * net->segment[s].share_critical * (net->segment[s].region == x->west ? ratio : 1);
    }
    market_problem cut = {.certificate = {error, error, error}};
    outcomes_month(x->o, net, run, &cut);
}

/* Ratios of the Decembers from 2000; 2: that one was not certified. */
static void live(watched *x, const double *ratio, int32_t years)
{
    outcomes_reset(x->o);
    x->w.run->status = YT_OK;
    for (int32_t i = 0; i < years; i++)
        pass_december(x, 2000 + i, ratio[i] > 1 ? 1 : ratio[i], ratio[i] > 1 ? 1e-3 : 0);
    outcomes_finish(x->o, x->w.net, x->w.run, x->value, x->censored);
}

static void assert_freedom(double due, bool censored, int32_t years, const double *ratio)
{
    watched x = watch();
    int32_t free_year = number_of(&x, "break_free_year", "west", "");
    live(&x, ratio, years);
    assert_true(x.value[free_year] == due);
    assert_true(x.censored[free_year] == censored);
    unwatch(&x);
}

#define YEARS(...)                                                                                 \
    sizeof((double[]){__VA_ARGS__}) / sizeof(double), (double[])                                   \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void test_break_free__three_decembers_in_a_row(void **state)
{
    (void)state;
    assert_freedom(2001, false, YEARS(0.2, 0.95, 0.91, 0.99, 0.5));
    assert_freedom(2000, false, YEARS(1, 1, 1));
}

static void test_break_free__two_are_not_enough(void **state)
{
    (void)state;
    assert_freedom(2004, false, YEARS(0.2, 0.95, 0.95, 0.3, 0.95, 0.95, 0.95));
    assert_freedom(2006, true, YEARS(0.2, 0.95, 0.95, 0.3, 0.95, 0.95));
}

static void test_break_free__the_threshold_itself_counts(void **state)
{
    (void)state;
    assert_freedom(2000, false, YEARS(0.9, 0.9, 0.9));
    assert_freedom(2003, true, YEARS(0.8999, 0.8999, 0.8999));
}

/* What was reached is not taken back, nor dated anew. */
static void test_break_free__the_first_time_counts(void **state)
{
    (void)state;
    assert_freedom(2000, false, YEARS(1, 1, 1, 0, 0, 1, 1, 1, 1));
}

/* A December that was not certified says neither yes nor no. */
static void test_break_free__a_december_that_is_not_known(void **state)
{
    (void)state;
    assert_freedom(2000, false, YEARS(0.95, 2, 0.95));
    assert_freedom(2003, true, YEARS(0.95, 2, 0.3));
    assert_freedom(2003, true, YEARS(2, 2, 2));
}

/* A world that broke off is censored when it broke, and months after it say nothing. */
static void test_break_free__a_broken_world_is_censored(void **state)
{
    (void)state;
    watched x = watch();
    int32_t free_year = number_of(&x, "break_free_year", "west", "");
    int32_t broken = number_of(&x, "broken_month", "", "");
    live(&x, (double[]){1, 1}, 2);
    assert_true(x.censored[broken] && x.censored[free_year]);
    outcomes_reset(x.o);
    pass_december(&x, 2000, 1, 0);
    pass_december(&x, 2001, 1, 0);
    x.w.run->status = YT_ENUMERIC;
    pass_december(&x, 2002, 1, 0);
    x.w.run->t = month_of(2002, 5) - x.w.net->first_month;
    outcomes_finish(x.o, x.w.net, x.w.run, x.value, x.censored);
    assert_true(x.censored[free_year] && x.value[free_year] == 2002);
    assert_true(!x.censored[broken] && x.value[broken] == month_of(2002, 5));
    unwatch(&x);
}

static void test_independence__is_kept_of_its_year(void **state)
{
    (void)state;
    watched x = watch();
    int32_t west = number_of(&x, "independence_2010", "west", "");
    int32_t outside = number_of(&x, "independence_outside_2010", "", "");
    double ratio[11] = {0};
    ratio[10] = 0.25;
    live(&x, ratio, 11);
    assert_true(fabs(x.value[west] - 0.25) < 1e-12);
    assert_true(fabs(x.value[outside] - 0.25) < 1e-12); /* west is all there is outside */
    live(&x, ratio, 10);                                /* and none of a year that did not come */
    assert_true(isnan(x.value[west]) && isnan(x.value[outside]));
    ratio[10] = 2; /* nor of one that is not known */
    live(&x, ratio, 11);
    assert_true(isnan(x.value[west]) && isnan(x.value[outside]));
    unwatch(&x);
}

/* 10 t used outside, 4 of them straight from the incumbent, 3 handed on by others. */
static void test_dependence__is_what_comes_straight_from_the_incumbent(void **state)
{
    (void)state;
    watched x = watch();
    const yt_network *net = x.w.net;
    yt_run *run = x.w.run;
    int32_t arc = YT_NONE;
    for (int32_t i = 0; i < net->arcs && arc == YT_NONE; i++)
        if (net->arc[i].kind == ARC_OPEN && net->node[net->arc[i].from].region == net->incumbent &&
            net->node[net->arc[i].to].region == x.west)
            arc = i;
    assert_int_not_equal(YT_NONE, arc);
    int32_t group = net->group_of[net->arc[arc].commodity];
    int32_t share = number_of(&x, "dependence_2010", "", net->groups.id[group]);
    memset(VIEW(net, run, use), 0, (size_t)net->nodes * sizeof(double));
    memset(VIEW(net, run, level), 0, (size_t)net->activities * sizeof(double));
    outcomes_reset(x.o);
    pass_december(&x, 2010, 0, 0);
    outcomes_finish(x.o, net, run, x.value, x.censored);
    assert_true(isnan(x.value[share])); /* of nothing there is no share */

    VIEW(net, run, use)[net->arc[arc].to] = 10;
    VIEW(net, run, use)[net->arc[arc].from] = 100; /* what the incumbent uses is its own matter */
    VIEW(net, run, level)[net->arcs_at.first + arc] = 4;
    outcomes_reset(x.o);
    pass_december(&x, 2010, 0, 0);
    outcomes_finish(x.o, net, run, x.value, x.censored);
    assert_true(fabs(x.value[share] - 0.4) < 1e-12);

    int32_t back = YT_NONE; /* west ships on what it took: it did not use it */
    for (int32_t i = 0; i < net->arcs && back == YT_NONE; i++)
        if (net->arc[i].kind == ARC_OPEN && net->node[net->arc[i].from].region == x.west &&
            net->group_of[net->arc[i].commodity] == group)
            back = i;
    if (back != YT_NONE) {
        VIEW(net, run, level)[net->arcs_at.first + back] = 2;
        outcomes_reset(x.o);
        pass_december(&x, 2010, 0, 0);
        outcomes_finish(x.o, net, run, x.value, x.censored);
        assert_true(fabs(x.value[share] - 0.5) < 1e-12);
    }
    unwatch(&x);
}

/* From the quota to the first mine after it; mines before it are another matter. */
static void test_first_mine__is_counted_from_the_squeeze(void **state)
{
    (void)state;
    watched x = watch();
    const yt_network *net = x.w.net;
    int32_t years = number_of(&x, "years_to_first_mine", "", "");
    int32_t mine = number_of(&x, "first_mine_year", "", "");
    int32_t plant = YT_NONE, quota = YT_NONE;
    for (int32_t i = 0; i < net->plants; i++)
        if (net->extracts[net->plant[i].stage] && net->plant[i].region == x.west &&
            net->plant[i].owner != OWNER_INFORMAL)
            plant = i;
    for (int32_t p = 0; p < net->programmes.count; p++)
        for (int32_t k = 0; k < net->programme[p].instruments; k++)
            if (net->programme[p].region == net->incumbent &&
                network_instrument_axis(
                    net->instrument[net->programme[p].first_instrument + k].item) == AXIS_PERMIT)
                quota = p;
    assert_int_not_equal(YT_NONE, plant);
    assert_int_not_equal(YT_NONE, quota);

    struct {
        int32_t kind, subject, month;
    } happens[] = {{SIM_plant_opened, plant, month_of(2003, 7)},
                   {SIM_programme_launched, quota, month_of(2004, 1)},
                   {SIM_plant_opened, plant, month_of(2006, 7)},
                   {SIM_plant_opened, plant, month_of(2008, 1)}};
    for (int32_t n = 0; n <= 4; n++) {
        outcomes_reset(x.o);
        x.w.run->status = YT_OK;
        for (int32_t i = 0; i < n; i++) {
            x.w.run->t = happens[i].month + 1 - net->first_month;
            x.w.run->events = 1;
            x.w.run->event[0] = (sim_event){happens[i].kind, happens[i].subject, 1};
            outcomes_month(x.o, net, x.w.run, NULL);
        }
        x.w.run->events = 0;
        x.w.run->t = month_of(2010, 1) - net->first_month;
        outcomes_finish(x.o, net, x.w.run, x.value, x.censored);
        assert_true(x.censored[mine] == (n < 1));
        assert_true(x.value[mine] == (n < 1 ? 2010 : 2003.5));
        assert_true(n < 2 ? isnan(x.value[years]) : x.value[years] == (n < 3 ? 6 : 2.5));
        assert_true(x.censored[years] == (n < 3));
    }
    unwatch(&x);
}

/* ------------------------------------------------------------------------------- buckets */

static void test_bucket__holds_a_number_to_half_a_percent(void **state)
{
    (void)state;
    int16_t last = FAN_NONE;
    for (double size = 1e-3; size < 1e15; size *= 1.0007) {
        double middle = fan_middle(fan_bucket(size));
        assert_true(fabs(middle - size) < 0.0051 * size);
        assert_true(fan_middle(fan_bucket(-size)) == -middle);
        assert_true(fan_bucket(size) >= last);
        last = fan_bucket(size);
    }
}

static void test_bucket__tells_small_numbers_apart_evenly(void **state)
{
    (void)state;
    assert_true(fan_middle(fan_bucket(0)) == 0 && fan_middle(fan_bucket(-0.0)) == 0);
    for (double small = -2e-4; small < 2e-4; small += 1e-8)
        assert_true(fabs(fan_middle(fan_bucket(small)) - small) < 1.2e-6);
}

static void test_bucket__knows_what_is_not_known(void **state)
{
    (void)state;
    assert_int_equal(FAN_NONE, fan_bucket(NAN));
    assert_int_equal(FAN_NONE, fan_bucket(INFINITY));
    assert_int_equal(FAN_NONE, fan_bucket(-INFINITY));
    assert_int_not_equal(FAN_NONE, fan_bucket(1e300));
    assert_int_not_equal(FAN_NONE, fan_bucket(-1e300));
    for (int32_t bucket = -32000; bucket <= 32000; bucket++)
        assert_int_equal(bucket, fan_bucket(fan_middle((int16_t)bucket)));
}

/* ----------------------------------------------------------------- alone and in an ensemble */

static void simulate_into(world *w, const char *path, int32_t worlds, yt_log *log)
{
    simulate_options options = {.seed = 1,
                                .worlds = worlds,
                                .shards = 1,
                                .threads = 2,
                                .last_month = YT_NONE,
                                .threshold = THRESHOLD,
                                .overwrite = true,
                                .result = path,
                                .command = "",
                                .case_path = "",
                                .overlays = "",
                                .sets = ""};
    simulate_summary summary;
    assert_int_equal(YT_OK, study_simulate(w->model, w->net, &options, log, &summary));
    assert_int_equal(worlds, summary.worlds);
    assert_int_equal(0, summary.broken);
}

static void *room_to_clear(const yt_network *net)
{
    void *scratch = aligned_alloc(64, (market_scratch_size(net->pattern) + 63) / 64 * 64);
    assert_non_null(scratch);
    return scratch;
}

/* How far the cut-off is served, of the west, when Newton starts from a year ago (or from now). */
static double served_from(watched *x, void *scratch, bool is_from_now)
{
    const yt_network *net = x->w.net;
    yt_run *run = x->w.run;
    double served[8], wanted[8];
    int32_t bottleneck;
    assert_true(net->regions.count <= 8);
    if (is_from_now)
        memset(VIEW(net, run, stress_price), 0, (size_t)net->nodes * sizeof(double));
    market_problem cut = sim_cut_off(net, run, net->incumbent, YT_NONE), *order = &cut;
    market_clear(net->pattern, &order, 1, scratch);
    assert_true(market_certificate_worst(&cut.certificate) <= MARKET_BAR);
    sim_read_cut_off(net, run, net->incumbent, served, wanted, &bottleneck);
    return served[x->west] / wanted[x->west];
}

static void test_cut_off__where_it_starts_changes_nothing(void **state)
{
    (void)state;
    watched x = watch();
    void *scratch = room_to_clear(x.w.net);
    int32_t decembers = 0;
    double least = 1;
    for (int32_t t = 0; t < x.w.net->months; t++) {
        yt_step(x.w.net, x.w.run);
        if (!outcomes_want_cut_off(x.w.net, x.w.run))
            continue;
        double from_last = served_from(&x, scratch, false);
        double from_now = served_from(&x, scratch, true);
        assert_float_equal(from_last, from_now, 1e-6);
        least = fmin(least, from_now);
        decembers++;
    }
    assert_true(decembers >= 10);
    assert_true(least < 0.99);
    free(scratch);
    unwatch(&x);
}

/* All its months, one after the other, with nobody beside it. */
static void live_alone(watched *x, fan *f, uint32_t index)
{
    const yt_network *net = x->w.net;
    yt_run *run = x->w.run;
    void *scratch = room_to_clear(net);
    yt_run_reset(net, run, 1, index);
    outcomes_reset(x->o);
    fan_reset(f);
    for (int32_t t = 0; t < net->months; t++) {
        yt_step(net, run);
        bool is_tried = outcomes_want_cut_off(net, run);
        market_problem cut, *order = &cut;
        if (is_tried) {
            cut = sim_cut_off(net, run, net->incumbent, YT_NONE);
            market_clear(net->pattern, &order, 1, scratch);
        }
        outcomes_month(x->o, net, run, is_tried ? &cut : NULL);
        fan_month(f, net, run, outcomes_independence(x->o));
    }
    outcomes_finish(x->o, net, run, x->value, x->censored);
    free(scratch);
}

static sqlite3_stmt *ask(sqlite3 *db, const char *sql, int32_t run)
{
    sqlite3_stmt *rows;
    assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, sql, -1, &rows, NULL));
    sqlite3_bind_int(rows, 1, run);
    return rows;
}

static void assert_kept(const watched *x, sqlite3 *db, int32_t run)
{
    sqlite3_stmt *rows =
        ask(db, "SELECT key, value, censored FROM f_outcome WHERE run = ? ORDER BY key", run);
    for (int32_t i = 0; i < outcomes_count(x->o); i++) {
        if (isnan(x->value[i]))
            continue;
        assert_int_equal(SQLITE_ROW, sqlite3_step(rows));
        assert_int_equal(i, sqlite3_column_int(rows, 0));
        assert_true(sqlite3_column_double(rows, 1) == x->value[i]);
        assert_int_equal(x->censored[i], sqlite3_column_int(rows, 2));
    }
    assert_int_equal(SQLITE_DONE, sqlite3_step(rows));
    sqlite3_finalize(rows);
}

static void test_simulate__a_world_alone_is_the_world_of_the_ensemble(void **state)
{
    (void)state;
    static const uint32_t indices[] = {0, 1, 15, 16, 39};
    watched x = watch();
    fan *f;
    sqlite3 *db;
    char room[64], path[128];
    yt_log *log = yt_log_new();
    assert_int_equal(0, make_room(room, NULL));
    snprintf(path, sizeof path, "%s/a.ytt", room);
    assert_int_equal(YT_OK, fan_new(x.w.net, &f));
    simulate_into(&x.w, path, 40, log);
    assert_int_equal(SQLITE_OK, sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL));
    for (size_t i = 0; i < sizeof indices / sizeof *indices; i++) {
        live_alone(&x, f, indices[i]);
        assert_kept(&x, db, (int32_t)indices[i]);
    }
    sqlite3_close(db);

    /* of one world every quantile is that world */
    simulate_into(&x.w, path, 1, log);
    live_alone(&x, f, 0);
    size_t cells = (size_t)fan_count(f) * (size_t)fan_years(f);
    int16_t *bucket = malloc(cells * sizeof *bucket);
    fan_code(f, bucket);
    assert_int_equal(SQLITE_OK, sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL));
    sqlite3_stmt *rows = ask(db, "SELECT key, month / 12, value FROM f_fan", 0);
    int32_t seen = 0;
    for (; sqlite3_step(rows) == SQLITE_ROW; seen++) {
        int32_t at = sqlite3_column_int(rows, 0) * fan_years(f) + sqlite3_column_int(rows, 1) -
                     fan_first_year(f);
        assert_true(sqlite3_column_double(rows, 2) == fan_middle(bucket[at]));
    }
    int32_t due = 0;
    for (size_t i = 0; i < cells; i++)
        due += bucket[i] != FAN_NONE ? 7 : 0;
    assert_int_equal(due, seen);
    assert_true(due > 1000);
    sqlite3_finalize(rows);
    sqlite3_close(db);
    free(bucket);
    fan_free(f);
    remove_room(room);
    yt_log_free(log);
    unwatch(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_break_free__three_decembers_in_a_row),
        cmocka_unit_test(test_break_free__two_are_not_enough),
        cmocka_unit_test(test_break_free__the_threshold_itself_counts),
        cmocka_unit_test(test_break_free__the_first_time_counts),
        cmocka_unit_test(test_break_free__a_december_that_is_not_known),
        cmocka_unit_test(test_break_free__a_broken_world_is_censored),
        cmocka_unit_test(test_independence__is_kept_of_its_year),
        cmocka_unit_test(test_dependence__is_what_comes_straight_from_the_incumbent),
        cmocka_unit_test(test_first_mine__is_counted_from_the_squeeze),
        cmocka_unit_test(test_bucket__holds_a_number_to_half_a_percent),
        cmocka_unit_test(test_bucket__tells_small_numbers_apart_evenly),
        cmocka_unit_test(test_bucket__knows_what_is_not_known),
        cmocka_unit_test(test_cut_off__where_it_starts_changes_nothing),
        cmocka_unit_test(test_simulate__a_world_alone_is_the_world_of_the_ensemble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
