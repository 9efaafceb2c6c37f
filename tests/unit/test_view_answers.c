/* test_view_answers.c - what the pages of backtests, shocks and screens are told, from results
 * small enough to reckon by hand; and what the studies themselves leave in theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "room.h"
#include "store_fixture.h"
#include "study/shock.h"
#include "view/view.h"
#include "world.h"

#include <jansson.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START (2027 * 12)

static char room[64], path[96];
static yt_log *said;

static int make_folder(void **state)
{
    (void)state;
    said = yt_log_new();
    if (!said || make_room(room, NULL))
        return -1;
    snprintf(path, sizeof path, "%s/answers.ytt", room);
    return 0;
}

static int drop_folder(void **state)
{
    (void)state;
    yt_log_free(said);
    return remove_room(room);
}

/* ------------------------------------------------------------------------------ made-up files */

typedef struct made {
    yt_model *model;
    yt_store *store;
} made;

static made begin_store(void)
{
    const store_layout no_series = {0};
    store_fixture f = store_fixture_small();
    made m = {.model = make_model_for_tests(&f)};
    assert_int_equal(YT_OK, store_create(path, true, m.model, &no_series, said, &m.store));
    return m;
}

static void end_store(made *m, const store_fact *fact, int32_t n)
{
    assert_int_equal(YT_OK, store_finish(m->store, fact, n, said));
    arena_free(m->model->memory);
}

#define T(text)                                                                                    \
    {                                                                                              \
        text, NAN                                                                                  \
    }
#define N(number)                                                                                  \
    {                                                                                              \
        NULL, number                                                                               \
    }
#define ROW(m, table, ...)                                                                         \
    assert_int_equal(                                                                              \
        YT_OK,                                                                                     \
        store_write_row((m)->store, table, (const store_value[]){__VA_ARGS__},                     \
                        sizeof((const store_value[]){__VA_ARGS__}) / sizeof(store_value), said))

static char *text_of_view(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_writer w = json_to_file(out, 0);
    assert_int_equal(YT_OK, view_write_json(&(const char *){path}, 1, &w, said));
    assert_int_equal(YT_OK, json_finish(&w));
    fclose(out);
    return text;
}

static json_t *view_of(void)
{
    char *text = text_of_view();
    json_error_t error;
    json_t *view = json_loads(text, 0, &error);
    if (!view)
        fail_msg("line %d: %s", error.line, error.text);
    free(text);
    return view;
}

static const char *text_in(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static double number_in(const json_t *row, const char *key)
{
    json_t *value = json_object_get(row, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* The row of a list whose member has this text; fails the test when there is none. */
static json_t *row_with(const json_t *view, const char *list, const char *key, const char *text)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(view, list), i, row)
    {
        if (strcmp(text_in(row, key), text) == 0)
            return row;
    }
    fail_msg("no row of %s with %s = %s", list, key, text);
    return NULL;
}

static const char *answer_to(const json_t *view, const char *id)
{
    return text_in(row_with(view, "cards", "id", id), "answer");
}

static double at(const json_t *row, const char *list, size_t i)
{
    json_t *value = json_array_get(json_object_get(row, list), i);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* ----------------------------------------------------------------------------------- backtest */

static const store_fact of_backtest[] = {
    {"study", "backtest"}, {"worlds", "8"}, {"broken_worlds", "1"}, {"title", "Made up"}};

static void write_target(made *m, const char *id, double low, double high, double value,
                         const char *unit, double worlds)
{
    ROW(m, "f_target", T(id), T("then"), T("dated"), T("what happened"), N(low), N(high),
        N(value * 0.9), N(value), N(value * 1.1), T(unit), N(worlds),
        N(worlds > 0 && value >= low && value <= high));
}

static void write_match(made *m, double number, const char *kind, double pit, const char *verdict)
{
    ROW(m, "f_match", N(number), T(kind), T("price"), T("price"), T("a word"), T("a place"),
        T("2010"), T("USD/t"), N(1), N(2), N(1), N(2), N(3), N(NAN), N(0.5), N(0.1), N(pit),
        T(verdict));
}

static void make_backtest(void)
{
    made m = begin_store();
    write_target(&m, "met", 1, 3, 2, "ratio", 8);
    write_target(&m, "near", 1, 2, 3, "ratio", 8);         /* 1.5 times the bound */
    write_target(&m, "far", 8, 10, 2, "ratio", 8);         /* 4 times below it    */
    write_target(&m, "late", 2010, 2011, 2013, "date", 8); /* 2 years              */
    write_target(&m, "nobody", 1, 2, NAN, "ratio", 0);
    write_match(&m, 0, "price", 1, "missed");
    write_match(&m, 1, "price", 0.45, "covered");
    write_match(&m, 2, "share", 0.05, "missed");
    write_match(&m, 3, "price", 0.95, "read");
    write_match(&m, 4, "price", NAN, "no such thing");
    ROW(&m, "f_accepted", N(0), N(5.5), N(0));
    ROW(&m, "f_accepted", N(1), N(2.5), N(1));
    end_store(&m, of_backtest, 4);
}

static void test_backtest__misses_come_first_furthest_off(void **state)
{
    (void)state;
    static const char *const order[] = {"far", "late", "near", "met", "nobody"};
    static const double off[] = {4, 3, 1.5, 0, 0};
    make_backtest();
    json_t *view = view_of(), *targets = json_object_get(view, "targets");
    assert_string_equal(text_in(view, "schema"), "ytterby/backtest/1");
    assert_int_equal(json_array_size(targets), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(text_in(json_array_get(targets, i), "id"), order[i]);
        assert_true(fabs(number_in(json_array_get(targets, i), "off") - off[i]) < 1e-9);
    }
    json_decref(view);
}

/* What was read, or cannot be compared, counts neither as inside nor as outside. */
static void test_backtest__counts_only_what_is_scored(void **state)
{
    (void)state;
    make_backtest();
    json_t *view = view_of();
    double rows = 0;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(view, "tenths"), i, row) rows += number_in(row, "rows");
    assert_true(rows == 3);
    assert_string_equal(answer_to(view, "events"), "1 of 4 targets are met (25 %).");
    assert_string_equal(answer_to(view, "bands"),
                        "33 % of 3 rows lie in the band of 80 % of worlds.");
    assert_string_equal(answer_to(view, "unscored"), "2 of 5 rows are not scored.");
    assert_string_equal(answer_to(view, "sound"), "No: 1 of 8 broke off.");
    assert_string_equal(answer_to(view, "learned"), "1 of 2 worlds are not ruled out.");
    assert_string_equal(text_in(view, "headline"),
                        "1 of 4 targets of events are met; 1 of 3 rows lie in the band of 80 % of "
                        "worlds. 8 worlds; 1 rows were read from inputs and are not scored.");
    /* nearest to the record first */
    assert_true(number_in(json_array_get(json_object_get(view, "accepted"), 0), "run") == 1);
    json_decref(view);
}

/* -------------------------------------------------------------------------------------- shock */

static const store_fact of_shock[] = {{"study", "shock"},
                                      {"shock", "a cut"},
                                      {"shock_description", "region00:E1->region01"},
                                      {"shock_from", "2027-01"},
                                      {"shock_months", "12"},
                                      {"shock_watched", "24"},
                                      {"runs", "10"},
                                      {"broken_worlds", "0"},
                                      {"limit", "0.05"},
                                      {"probability", "0.8"}};
#define SHOCK_FACTS (int32_t)(sizeof of_shock / sizeof *of_shock)

enum { LOSS, BACK, FIRST, SHARE, WORST, LATER, SOONER, LOST_A, LOST_B, SHOCK_NUMBERS };
static const store_outcome_key shock_key_of[SHOCK_NUMBERS] = {
    {"loss", "", "", "USD"},
    {"recovery", "", "", "months"},
    {"first_short", "", "", "months"},
    {"unmet_critical_share", "", "", "share"},
    {"unmet_critical_worst", "", "", "share"},
    {"short_after", "region00", "use00", "months"},
    {"short_after", "region01", "use00", "months"},
    {"user_loss", "region00", "use00", "USD"},
    {"user_loss", "region01", "use00", "USD"}};

/* Ten worlds; the shock is over after 1, 2, 3, 4, 5, 6 months, and not in the other four. */
static void write_outcomes(made *m)
{
    double value[10 * SHOCK_NUMBERS];
    bool censored[10 * SHOCK_NUMBERS] = {false};
    for (int w = 0; w < 10; w++) {
        double *v = value + w * SHOCK_NUMBERS;
        bool *never = censored + w * SHOCK_NUMBERS;
        v[LOSS] = 1e6 * (w + 1);
        v[BACK] = w < 6 ? w + 1 : 36;
        never[BACK] = w >= 6;
        v[FIRST] = v[SOONER] = 2;
        v[LATER] = w < 4 ? 1 : 36;
        never[LATER] = w >= 4;
        v[SHARE] = 0.2;
        v[WORST] = 0.4;
        v[LOST_A] = 8e6;
        v[LOST_B] = 1e6;
    }
    assert_int_equal(YT_OK, store_write_outcomes(m->store, shock_key_of, SHOCK_NUMBERS, 10, value,
                                                 censored, said));
}

static void make_shock(const char *product)
{
    made m = begin_store();
    write_outcomes(&m);
    for (int w = 0; w < 10; w++) /* smallest stocks: 1 .. 7 months, none in three worlds */
        ROW(&m, "f_least_stock", N(w), N(w < 7 ? 7 - w : (double)INFINITY));
    ROW(&m, "f_measure", T("less"), T("use less"), N(9e6), N(-1e6), N(0.1));
    ROW(&m, "f_measure", T("more"), T("dig more"), N(2e6), N(6e6), N(0.0));
    ROW(&m, "d_path", N(0), T("due"), T("region00"), T("use00"), T("t/month"));
    ROW(&m, "f_path", N(0), N(START), N(10), N(4), N(3), N(4), N(5));
    ROW(&m, "f_path", N(0), N(START + 2), N(10), N(6), N(5), N(6), N(7)); /* a month is missing */
    ROW(&m, "f_part", T(product), T("region01"), N(0), T("E1"), N(0.1), N(2));
    end_store(&m, of_shock, SHOCK_FACTS);
}

static void test_shock__times_that_never_came_are_not_known(void **state)
{
    (void)state;
    make_shock("motor");
    json_t *view = view_of(), *back = row_with(view, "numbers", "v", "recovery");
    assert_string_equal(text_in(view, "schema"), "ytterby/shock/1");
    assert_true(number_in(back, "n") == 10 && number_in(back, "censored") == 4);
    assert_true(fabs(number_in(back, "mean") - 3.5) < 1e-9); /* of those that came */
    assert_true(fabs(at(back, "q", 1) - 1.9) < 1e-9);        /* a tenth            */
    assert_true(fabs(at(back, "q", 2) - 5.5) < 1e-9);        /* half               */
    assert_true(isnan(at(back, "q", 3)) && isnan(at(back, "q", 4)));
    json_decref(view);
}

static void test_shock__says_in_words_who_is_short_first(void **state)
{
    (void)state;
    make_shock("motor");
    json_t *view = view_of();
    const char *headline = text_in(view, "headline");
    assert_non_null(strstr(headline, "Critical users miss 20 %"));
    /* use00 in region00 would be earlier, but in most worlds it never is */
    assert_non_null(strstr(headline, "in Region 01, after 2 months."));
    assert_non_null(strstr(headline, "Users lose 5.5 million USD"));
    assert_non_null(strstr(headline, "it is over 5.5 months after it began"));
    assert_string_equal(text_in(view, "what"), "Region 00 ships no element one to Region 01");
    assert_string_equal(answer_to(view, "measures"), "Dig more.");
    /* eight of ten worlds are to hold, seven do with any stock */
    assert_string_equal(answer_to(view, "stockpile"), "None of up to five years.");
    json_decref(view);
}

static void test_shock__months_without_a_number_stay_empty(void **state)
{
    (void)state;
    make_shock("motor");
    json_t *view = view_of(), *due = row_with(view, "paths", "v", "due");
    assert_string_equal(text_in(due, "from"), "2027-01");
    assert_int_equal(json_array_size(json_object_get(due, "median")), 3);
    assert_true(at(due, "median", 0) == 4 && isnan(at(due, "median", 1)) &&
                at(due, "median", 2) == 6);
    assert_true(at(due, "q10", 2) == 5 && at(due, "q90", 2) == 7);
    json_decref(view);
}

static void test_answers__no_name_ends_the_data_block(void **state)
{
    (void)state;
    make_shock("</script><b>");
    char *text = text_of_view(), *page = NULL;
    size_t size = 0;
    assert_null(strchr(text, '<'));
    free(text);
    FILE *out = open_memstream(&page, &size);
    yt_status status = view_write_report(&(const char *){path}, 1, out, said);
    fclose(out);
    if (status != YT_EABSENT) { /* built with web/dist */
        assert_int_equal(status, YT_OK);
        assert_null(strstr(page, "<!--ytterby:"));
        assert_non_null(strstr(page, "What users miss"));
    }
    free(page);
}

/* A file that calls itself a shock and has nothing of one. */
static void test_answers__say_what_is_no_result(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    remove(path);
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(SQLITE_OK,
                     sqlite3_exec(db,
                                  "PRAGMA application_id = 0x59747279; PRAGMA user_version = 1;"
                                  "CREATE TABLE manifest(key, value);"
                                  "INSERT INTO manifest VALUES('study', 'shock');",
                                  NULL, NULL, NULL));
    sqlite3_close(db);
    yt_log *log = yt_log_new();
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    json_writer w = json_to_file(out, 0);
    assert_int_equal(YT_EIO, view_write_json(&(const char *){path}, 1, &w, log));
    assert_true(yt_log_count(log, YT_ERROR) == 1);
    fclose(out);
    free(text);
    yt_log_free(log);
}

/* ------------------------------------------------------------------------------------- screen */

static void test_screen__ranks_a_year_by_those_who_count(void **state)
{
    (void)state;
    static const store_fact fact[] = {
        {"study", "screen"}, {"screen_from", "2027-01"}, {"weights", "use00=1"}, {"runs", "1"}};
    made m = begin_store();
    for (int months = 3; months <= 24; months *= 2) {
        ROW(&m, "f_exposure", T("E1"), T("region00"), N(months), N(10), N(9e6), N(2e6), N(0));
        ROW(&m, "f_exposure", T("E2"), T("region01"), N(months), N(0.1), N(3e6), N(3e6), N(0.02));
        ROW(&m, "f_exposure_use", T("E1"), T("region00"), N(months), T("use00"), N(2e6));
    }
    end_store(&m, fact, 4);
    json_t *view = view_of();
    assert_string_equal(text_in(view, "schema"), "ytterby/screen/1");
    assert_string_equal(answer_to(view, "most"), "Element two from Region 01: 3 million USD.");
    assert_string_equal(answer_to(view, "per_kg"), "Element two from Region 01: 2,500 USD a kg.");
    assert_string_equal(answer_to(view, "critical"), "In 1 of 2 stops of a year.");
    assert_int_equal(json_array_size(json_object_get(view, "cells")), 8);
    assert_int_equal(json_array_size(json_object_get(view, "uses")), 4);
    json_decref(view);
}

/* --------------------------------------------------------------------------- from the studies */

static shock_result *ask(const world *w, const char *what, int32_t worlds, int32_t threads,
                         shock_plan **plan)
{
    const shock_options options = {.seed = 1,
                                   .worlds = worlds,
                                   .threads = threads,
                                   .limit = NAN,
                                   .result = path,
                                   .command = "test",
                                   .overwrite = true};
    shock_result *r = NULL;
    assert_int_equal(YT_OK, shock_plan_new(w->net, plan));
    (*plan)->start = month_of(2005, 1);
    assert_int_equal(YT_OK, shock_plan_cut(*plan, w->net, what, 6, NULL));
    (*plan)->watched = 12;
    assert_int_equal(YT_OK, shock_plan_settle(*plan, w->net, NULL));
    assert_int_equal(YT_OK, study_shock(w->model, w->net, *plan, NULL, &options, said, &r));
    return r;
}

/* The only world is its own tenth, median and nine tenths: what the terminal prints. */
static void test_shock__paths_are_those_of_the_world(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *plan = NULL;
    shock_result *r = ask(&w, "east:X->west", 0, 1, &plan);
    json_t *view = view_of(), *paths = json_object_get(view, "paths"), *row;
    int32_t node = node_of(&w, "metal_x", "west", SIDE_SPOT), compared = 0;
    size_t i;
    json_array_foreach(paths, i, row)
    {
        bool with = strcmp(text_in(row, "v"), "price_with") == 0;
        if (strcmp(text_in(row, "about"), "metal_x") != 0 ||
            strcmp(text_in(row, "r"), "west") != 0 ||
            (!with && strcmp(text_in(row, "v"), "price_without") != 0))
            continue;
        for (int32_t k = 0; k < r->months; k++) {
            double price = (with ? r->price_with : r->price_without)[k * w.net->nodes + node];
            if (isnan(at(row, "median", (size_t)k)))
                continue;
            assert_true(fabs(at(row, "median", (size_t)k) - price) <= 1e-3 * price);
            assert_true(at(row, "q10", (size_t)k) == at(row, "q90", (size_t)k));
            compared++;
        }
    }
    assert_true(compared > r->months);
    json_decref(view);
    shock_result_free(r);
    shock_plan_free(plan);
    world_free(&w);
}

/* Nothing goes that way: an answer too, and it says why. */
static void test_shock__explains_that_nothing_happens(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *plan = NULL;
    shock_result *r = ask(&w, "west:ore_x->east", 2, 1, &plan);
    json_t *view = view_of();
    assert_non_null(strstr(text_in(view, "headline"), "Critical users are served."));
    assert_non_null(strstr(text_in(view, "headline"), "Together they never miss 1 %"));
    assert_non_null(strstr(text_in(view, "explanation"), "hardly anything goes that way"));
    assert_string_equal(answer_to(view, "over"), "It never begins for users together.");
    assert_string_equal(answer_to(view, "short"), "0 of 1 users miss 5 % or more.");
    json_decref(view);
    shock_result_free(r);
    shock_plan_free(plan);
    world_free(&w);
}

static void test_shock__says_the_same_on_any_number_of_threads(void **state)
{
    (void)state;
    char *text[2];
    for (int32_t threads = 1; threads <= 2; threads++) {
        world w = world_of(NULL);
        shock_plan *plan = NULL;
        shock_result *r = ask(&w, "east:X->west", 6, threads, &plan);
        json_t *view = view_of(), *paths = json_object_get(view, "paths");
        assert_true(json_array_size(paths) > 4);
        text[threads - 1] = json_dumps(paths, 0);
        json_decref(view);
        shock_result_free(r);
        shock_plan_free(plan);
        world_free(&w);
    }
    assert_string_equal(text[0], text[1]);
    free(text[0]);
    free(text[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_backtest__misses_come_first_furthest_off),
        cmocka_unit_test(test_backtest__counts_only_what_is_scored),
        cmocka_unit_test(test_shock__times_that_never_came_are_not_known),
        cmocka_unit_test(test_shock__says_in_words_who_is_short_first),
        cmocka_unit_test(test_shock__months_without_a_number_stay_empty),
        cmocka_unit_test(test_answers__no_name_ends_the_data_block),
        cmocka_unit_test(test_answers__say_what_is_no_result),
        cmocka_unit_test(test_screen__ranks_a_year_by_those_who_count),
        cmocka_unit_test(test_shock__paths_are_those_of_the_world),
        cmocka_unit_test(test_shock__explains_that_nothing_happens),
        cmocka_unit_test(test_shock__says_the_same_on_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
