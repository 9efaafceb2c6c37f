/* test_ensemble.c - the file of many worlds: quantiles against sorted numbers, blocks in any
 * order and in several sittings, parts put together, and what does not belong together */
#include "room.h"
#include "store_fixture.h"

#include "store/ensemble.h"
#include "study/fan.h"

#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { OUTCOMES = 3, FANS = 2, YEARS = 2, BLOCKS = 3, WORLDS = 150 }; /* 64, 64 and 22 */

static char folder[64], path[128], part[160];
static yt_model *model;
static yt_log *mistakes;

static int make_folder(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    if (make_room(folder, NULL))
        return -1;
    snprintf(path, sizeof path, "%s/a.ytt", folder);
    snprintf(part, sizeof part, "%s.part", path);
    model = make_model_for_tests(&f);
    mistakes = yt_log_new();
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    arena_free(model->memory);
    yt_log_free(mistakes);
    return remove_room(folder);
}

static const ensemble_key outcome_keys[OUTCOMES] = {
    {"date", "west", "", "year"}, {"broken", "", "", "month"}, {"cost", "", "mine", "USD"}};
static const ensemble_key fan_keys[FANS] = {{"price", "west", "x", "USD/t"},
                                            {"stock", "west", "x", "t"}};

static const ensemble_layout layout = {OUTCOMES,     FANS,     2000,       YEARS,
                                       outcome_keys, fan_keys, fan_middle, FAN_NONE};

/* What a world has; not known of every seventh in the first year. */
static double number_of(int32_t run, int32_t key, int32_t year)
{
    uint32_t h = (uint32_t)run * 2654435761u + (uint32_t)key * 40503u + (uint32_t)year * 977u;
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    double u = h / 4294967296.0;
    if (year == 0 && run % 7 == 3)
        return NAN;
    return key == 0 ? 10 * exp(9 * u) : 1e-3 * (u - 0.5);
}

static bool is_censored(int32_t run)
{
    return run % 3 == 0 || run % 16 == 5;
}

static store_ensemble *open_with(const char *name, const char *seed, bool overwrite, bool resume,
                                 yt_status due)
{
    const store_fact identity[] = {
        {"worlds", "150"},          {"case_hash", "abc"},         {"seed", seed},
        {"decisions", "never"},     {"end", "2001-12"},           {"version", "1"},
        {"threshold", "0.9"},       {"layout", "1234"},           {"fan_years", "2"},
        {"fan_first_year", "2000"}, {"seconds_simulating", "1.5"}};
    store_ensemble *e = NULL;
    yt_log_free(mistakes);
    mistakes = yt_log_new();
    assert_int_equal(due, ensemble_open(name, overwrite, resume, model, &layout, identity,
                                        sizeof identity / sizeof *identity, mistakes, &e));
    return e;
}

static void write_block(store_ensemble *e, int32_t block)
{
    double value[ENSEMBLE_BLOCK * OUTCOMES];
    bool censored[ENSEMBLE_BLOCK * OUTCOMES] = {false};
    int16_t bucket[ENSEMBLE_BLOCK * FANS * YEARS];
    int32_t first = block * ENSEMBLE_BLOCK;
    int32_t runs = first + ENSEMBLE_BLOCK <= WORLDS ? ENSEMBLE_BLOCK : WORLDS - first;
    for (int32_t r = 0; r < runs; r++) {
        int32_t run = first + r;
        double *at = value + (ptrdiff_t)r * OUTCOMES;
        at[0] = 2000 + run % 10;
        censored[r * OUTCOMES] = is_censored(run);
        at[1] = 24000;
        censored[r * OUTCOMES + 1] = run != 77;
        at[2] = run % 5 == 0 ? NAN : run / 7.0;
        for (int32_t k = 0; k < FANS; k++)
            for (int32_t y = 0; y < YEARS; y++)
                bucket[(r * FANS + k) * YEARS + y] = fan_bucket(number_of(run, k, y));
    }
    ensemble_block whole = {block, first, runs, value, censored, bucket};
    assert_int_equal(YT_OK, ensemble_write(e, &whole, mistakes));
}

static void finish(store_ensemble *e)
{
    const store_fact fact = {"runs", "some"};
    assert_int_equal(YT_OK, ensemble_finish(e, &fact, 1, mistakes));
}

static bool says(const char *text)
{
    for (int32_t i = 0; i < yt_log_count(mistakes, YT_NOTE); i++)
        if (strstr(yt_log_get(mistakes, i).text, text))
            return true;
    return false;
}

static sqlite3 *open_plainly(const char *name)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return db;
}

static double ask(const char *name, const char *sql)
{
    sqlite3 *db = open_plainly(name);
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    double value = sqlite3_column_double(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(db);
    return value;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the numbers in the middle of the buckets, sorted; between neighbours, straight lines. */
static double sorted_quantile(int32_t key, int32_t year, int32_t worlds, double q)
{
    double known[WORLDS];
    int32_t n = 0;
    for (int32_t run = 0; run < worlds; run++)
        if (!isnan(number_of(run, key, year)))
            known[n++] = fan_middle(fan_bucket(number_of(run, key, year)));
    qsort(known, (size_t)n, sizeof *known, by_size);
    double at = q * (n - 1);
    int32_t below = (int32_t)at;
    return below + 1 < n ? known[below] + (at - below) * (known[below + 1] - known[below])
                         : known[below];
}

static void assert_quantiles(const char *name, int32_t worlds)
{
    sqlite3 *db = open_plainly(name);
    sqlite3_stmt *rows;
    int32_t seen = 0;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT key, month / 12 - 2000, quantile, value FROM f_fan",
                                        -1, &rows, NULL),
                     SQLITE_OK);
    for (; sqlite3_step(rows) == SQLITE_ROW; seen++) {
        double due = sorted_quantile(sqlite3_column_int(rows, 0), sqlite3_column_int(rows, 1),
                                     worlds, sqlite3_column_double(rows, 2));
        assert_true(sqlite3_column_double(rows, 3) == due);
    }
    assert_int_equal(FANS * YEARS * 7, seen);
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

static void assert_whole(const char *name)
{
    assert_quantiles(name, WORLDS);
    assert_true(ask(name, "SELECT count(*) FROM f_block") == BLOCKS);
    assert_true(ask(name, "SELECT count(*) FROM d_run") == WORLDS);
    assert_true(ask(name, "SELECT count(*) FROM outcome WHERE name = 'date'") == WORLDS);
    /* a number that is not known is not there */
    assert_true(ask(name, "SELECT count(*) FROM outcome WHERE name = 'cost'") == WORLDS * 4 / 5);
    assert_true(ask(name, "SELECT count(*) FROM outcome WHERE name = 'cost' AND run % 5 = 0") == 0);
    assert_true(ask(name, "SELECT value FROM outcome WHERE name = 'cost' AND run = 149") ==
                149 / 7.0);
    assert_true(ask(name, "SELECT sum(censored) FROM outcome WHERE name = 'broken'") == WORLDS - 1);
}

static void make_whole(const char *name, const char *seed, const int32_t *block, int32_t n)
{
    store_ensemble *e = open_with(name, seed, true, false, YT_OK);
    for (int32_t i = 0; i < n; i++)
        write_block(e, block[i]);
    finish(e);
}

static void test_ensemble__quantiles_are_those_of_sorted_numbers(void **state)
{
    (void)state;
    make_whole(path, "1", (int32_t[]){0, 1, 2}, 3);
    assert_whole(path);
    make_whole(path, "1", (int32_t[]){2, 0, 1}, 3);
    assert_whole(path);
    make_whole(path, "1", (int32_t[]){0}, 1);
    assert_quantiles(path, ENSEMBLE_BLOCK);
    assert_int_not_equal(0, access(part, F_OK));
}

/* 1 - censored over all worlds; its error from the 16 means of every 16th world. */
static void test_ensemble__headline_by_hand(void **state)
{
    (void)state;
    store_ensemble *e = open_with(path, "1", true, false, YT_OK);
    double share, error, mean[16] = {0}, of[16] = {0}, all = 0, middle = 0, squares = 0;
    for (int32_t b = 0; b < BLOCKS; b++)
        write_block(e, b);
    for (int32_t run = 0; run < WORLDS; run++) {
        mean[run % 16] += !is_censored(run);
        of[run % 16]++;
        all += !is_censored(run);
    }
    for (int32_t i = 0; i < 16; i++)
        middle += mean[i] / of[i] / 16;
    for (int32_t i = 0; i < 16; i++)
        squares += (mean[i] / of[i] - middle) * (mean[i] / of[i] - middle);
    assert_int_equal(YT_OK, ensemble_headline(e, "date", "west", INT32_MAX, &share, &error));
    assert_true(fabs(share - all / WORLDS) < 1e-15);
    assert_true(fabs(error - sqrt(squares / 15 / 16)) < 1e-15 && error > 0.03);
    assert_int_equal(YT_OK, ensemble_headline(e, "date", "nowhere", INT32_MAX, &share, &error));
    assert_true(isnan(share) && isnan(error));
    assert_int_equal(1, ensemble_happened(e, "broken"));
    assert_int_equal(WORLDS, ensemble_runs(e));
    assert_int_equal(150, ensemble_size(e));
    ensemble_discard(e);
    assert_int_not_equal(0, access(part, F_OK));
}

static void test_ensemble__goes_on_where_it_was_left(void **state)
{
    (void)state;
    unlink(path);
    store_ensemble *e = open_with(path, "1", false, false, YT_OK);
    write_block(e, 1);
    ensemble_leave(e);
    assert_int_equal(0, access(part, F_OK));
    assert_int_not_equal(0, access(path, F_OK));

    open_with(path, "1", false, false, YT_EIO);
    assert_true(says("--resume goes on with it"));
    open_with(path, "2", false, true, YT_EDATA);
    assert_true(says("its seed is 1, this one's is 2"));

    e = open_with(path, "1", false, true, YT_OK);
    assert_true(ensemble_has(e, 1) && !ensemble_has(e, 0) && !ensemble_has(e, 2));
    assert_int_equal(ENSEMBLE_BLOCK, ensemble_runs(e));
    write_block(e, 0);
    finish(e); /* as after Ctrl-C: finished, and not whole */
    assert_quantiles(path, 2 * ENSEMBLE_BLOCK);

    open_with(path, "1", false, false, YT_EIO);
    assert_true(says("--force replaces it"));
    open_with(path, "2", false, true, YT_EDATA);
    assert_quantiles(path, 2 * ENSEMBLE_BLOCK); /* it stays where it was */
    e = open_with(path, "1", false, true, YT_OK);
    assert_true(ensemble_has(e, 1) && ensemble_has(e, 0) && !ensemble_has(e, 2));
    write_block(e, 2);
    finish(e);
    assert_whole(path);
}

static void test_ensemble__parts_are_put_together(void **state)
{
    (void)state;
    char one[160], two[160], three[160], other[160];
    snprintf(one, sizeof one, "%s/1.ytt", folder);
    snprintf(two, sizeof two, "%s/2.ytt", folder);
    snprintf(three, sizeof three, "%s/3.ytt", folder);
    snprintf(other, sizeof other, "%s/4.ytt", folder);
    make_whole(one, "1", (int32_t[]){0}, 1);
    make_whole(two, "1", (int32_t[]){2, 0}, 2); /* block 0 is in both */
    make_whole(three, "1", (int32_t[]){1}, 1);
    make_whole(other, "2", (int32_t[]){1}, 1);

    store_ensemble *e = NULL;
    assert_int_equal(YT_OK,
                     ensemble_open_copy(path, true, one, fan_middle, FAN_NONE, mistakes, &e));
    assert_int_equal(YT_EDATA, ensemble_take(e, other, mistakes));
    assert_true(says("its seed is 2, this one's is 1"));
    assert_int_equal(ENSEMBLE_BLOCK, ensemble_runs(e));
    assert_int_equal(YT_OK, ensemble_take(e, two, mistakes));
    assert_int_equal(YT_OK, ensemble_take(e, three, mistakes));
    assert_int_equal(WORLDS, ensemble_runs(e));
    finish(e);
    assert_whole(path);
    assert_true(ask(path, "SELECT value + 0 FROM manifest WHERE key = 'seconds_simulating'") ==
                4.5);
    assert_true(ask(one, "SELECT count(*) FROM f_block") == 1);

    /* a part that somebody is making at that place is none of merge's business */
    unlink(path);
    e = open_with(path, "1", false, false, YT_OK);
    write_block(e, 1);
    ensemble_leave(e);
    assert_int_equal(YT_OK,
                     ensemble_open_copy(path, false, one, fan_middle, FAN_NONE, mistakes, &e));
    finish(e);
    assert_quantiles(path, ENSEMBLE_BLOCK);
    unlink(path);
    e = open_with(path, "1", false, true, YT_OK);
    assert_true(ensemble_has(e, 1) && !ensemble_has(e, 0));
    ensemble_discard(e);
}

static void test_ensemble__what_is_no_ensemble_is_named(void **state)
{
    (void)state;
    char run[160], text[160];
    store_fixture f = store_fixture_small();
    store_ensemble *e = NULL;
    snprintf(run, sizeof run, "%s/run.ytt", folder);
    snprintf(text, sizeof text, "%s/text", folder);
    assert_int_equal(YT_OK, make_store_for_tests(run, &f, mistakes));
    FILE *out = fopen(text, "w");
    assert_true(fputs("nothing of the kind, and long enough to have a header of SQLite's size: "
                      "one hundred bytes it must be at least, or it is empty",
                      out) > 0);
    fclose(out);
    const char *wrong[] = {run, text, folder};
    unlink(path);
    for (size_t i = 0; i < 3; i++) {
        yt_log_free(mistakes);
        mistakes = yt_log_new();
        yt_status due = i < 2 ? YT_EDATA : YT_EIO;
        yt_status got =
            ensemble_open_copy(path, false, wrong[i], fan_middle, FAN_NONE, mistakes, &e);
        assert_int_equal(due, got);
        assert_string_equal(wrong[i], yt_log_get(mistakes, 0).file);
        assert_int_not_equal(0, access(path, F_OK));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ensemble__quantiles_are_those_of_sorted_numbers),
        cmocka_unit_test(test_ensemble__headline_by_hand),
        cmocka_unit_test(test_ensemble__goes_on_where_it_was_left),
        cmocka_unit_test(test_ensemble__parts_are_put_together),
        cmocka_unit_test(test_ensemble__what_is_no_ensemble_is_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
