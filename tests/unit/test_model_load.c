/* test_model_load.c - what a model says after loading: cells, keys, units, overlays, hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/file.h"
#include "model/rules.h"
#include "model_fixture.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static double value_of(const yt_model *m, table_id table, int32_t row)
{
    return model_at(m, table, row, model_table_describe(table).facts + FACT_VALUE)->number;
}

/* the row of a table that satisfies every "column=value" of a NULL-terminated list */
static int32_t find_row(const yt_model *m, table_id table, const char *const conditions[])
{
    for (int32_t r = 0; r < m->table[table].rows; r++) {
        bool matches = true;
        for (int i = 0; conditions[i] && matches; i++)
            assert_int_equal(model_row_matches(m, table, r, conditions[i], &matches), YT_OK);
        if (matches)
            return r;
    }
    return YT_NONE;
}

static int32_t capacity_row(const yt_model *m, const char *facility)
{
    char condition[100];
    snprintf(condition, sizeof condition, "facility=%s", facility);
    const char *const conditions[] = {condition, "item=capacity", NULL};
    return find_row(m, TABLE_facility_fact, conditions);
}

static void test_load__reads_the_case_file(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY "/case.yaml", NULL);
    assert_string_equal(m->path, TINY);
    assert_string_equal(m->name, "tiny");
    assert_string_equal(m->title, "A world of two shores");
    assert_int_equal(m->start, calendar_month(2000, 1));
    assert_int_equal(m->end, calendar_month(2009, 12));
    assert_int_equal(m->spin_up, 24);
    assert_int_equal(m->base_year, 2005);
    assert_int_equal(strlen(m->hash), 64);
    yt_model_free(m);
}

static void test_load__turns_cells_into_ids_months_and_internal_units(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY, NULL);
    int32_t row = capacity_row(m, "west_mine");
    const model_cell *cell = model_at(m, TABLE_facility_fact, row, 0);
    assert_int_equal(cell[facility_fact_facility].id, model_find(m, TABLE_facility, "west_mine"));
    assert_int_equal(cell[facility_fact_item].id, ITEM_facility_fact_capacity);
    assert_int_equal(cell[facility_fact_from].id, calendar_month(2006, 7));
    const model_cell *facts = cell + facility_fact_facts;
    assert_float_equal(facts[FACT_VALUE].number, 2500, 1e-9); /* 30 kt/a in t/month */
    assert_float_equal(facts[FACT_LOW].number, 25e3 / 12, 1e-9);
    assert_int_equal(facts[FACT_DIST].id, DIST_TRIANGULAR);
    assert_int_equal(facts[FACT_SOURCE].id, model_find(m, TABLE_source, "guess"));
    assert_int_equal(facts[FACT_GRADE].id, 3);
    assert_string_equal(facts[FACT_UNIT].text, "kt/a");
    assert_int_equal(facts[FACT_VALUE].at.line, 3);
    assert_int_equal(facts[FACT_VALUE].at.column, 28);

    const model_cell *sure = model_at(m, TABLE_facility_fact, row - 1, facility_fact_facts);
    assert_int_equal(sure[FACT_DIST].id, DIST_NONE);
    assert_true(isnan(sure[FACT_LOW].number));
    /* the last month of a batch is included */
    const model_cell *batch = model_at(m, TABLE_permit_batch, 0, 0);
    assert_int_equal(batch[permit_batch_from].id, calendar_month(2003, 1));
    assert_int_equal(batch[permit_batch_to].id, calendar_month(2003, 12));
    yt_model_free(m);
}

static void test_load__finds_keys_and_words(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY, NULL);
    assert_int_equal(model_find(m, TABLE_region, "west"), 1);
    assert_int_equal(model_find(m, TABLE_region, "north"), YT_NONE);
    assert_int_equal(model_find(m, TABLE_place_name, "FOB East"), 1);
    assert_int_equal(model_find(m, TABLE_lane, "east"), YT_NONE);
    assert_int_equal(model_find(m, TABLE_parameter, "momentum"), 1);
    yt_model_free(m);
}

static void test_describe__lists_every_table_and_item(void **state)
{
    (void)state;
    model_table_info info = model_table_describe(TABLE_facility_fact);
    assert_string_equal(info.name, "facility_fact");
    assert_string_equal(info.file, "facility_facts.csv");
    assert_int_equal(info.columns, 11);
    assert_int_equal(info.facts, 3);
    assert_string_equal(info.column[info.facts + FACT_GRADE].name, "grade");
    assert_int_equal(model_table_describe(TABLE_region).facts, YT_NONE);
    for (int t = 0; t < TABLE_COUNT; t++) {
        info = model_table_describe((table_id)t);
        assert_true(info.columns > 0);
        assert_int_equal(model_table_find(info.name), t);
        for (int32_t c = 0; c < info.columns; c++)
            assert_int_equal(model_column_find((table_id)t, info.column[c].name), c);
    }
    assert_int_equal(model_table_find("facility_facts.csv"), TABLE_facility_fact);
    assert_int_equal(model_table_find("facility_facts"), TABLE_facility_fact);
    assert_int_equal(model_table_find(""), TABLE_COUNT);
    assert_string_equal(model_table_nearest("facilty"), "facility");
    model_item_info item = model_item_describe(ITEM_trade_cost_tariff);
    assert_int_equal(item.table, TABLE_trade_cost);
    assert_string_equal(item.name, "tariff");
    assert_string_equal(item.kind, "SHARE");
}

static void test_row_matches__compares_meanings(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY, NULL);
    bool matches;
    assert_int_equal(model_row_matches(m, TABLE_permit_batch, 0, "from=2003", &matches), YT_OK);
    assert_true(matches);
    assert_int_equal(model_row_matches(m, TABLE_permit_batch, 0, "to=2003", &matches), YT_OK);
    assert_true(matches);
    assert_int_equal(model_row_matches(m, TABLE_permit_batch, 0, "value=14.0", &matches), YT_OK);
    assert_true(matches);
    assert_int_equal(model_row_matches(m, TABLE_permit_batch, 0, "unit=t", &matches), YT_OK);
    assert_false(matches);
    assert_int_equal(model_row_matches(m, TABLE_permit_batch, 0, "a=b", &matches), YT_ENAME);
    assert_int_equal(model_row_matches(m, TABLE_permit_batch, 0, "from", &matches), YT_ERANGE);
    yt_model_free(m);
}

/* ------------------------------------------------------------------------------ overlays */

static void test_overlay__removes_rows(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY, "policies/no_quota.yaml");
    assert_int_equal(m->table[TABLE_permit_batch].rows, 2);
    yt_model_free(m);
}

static void test_overlay__sets_scales_and_adds(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY, "policies/more_mines.yaml");
    int32_t row = capacity_row(m, "west_mine");
    const model_cell *facts = model_at(m, TABLE_facility_fact, row, facility_fact_facts);
    assert_float_equal(facts[FACT_VALUE].number, 45e3 / 12, 1e-9);
    assert_float_equal(facts[FACT_HIGH].number, 60e3 / 12, 1e-9);
    /* nothing was said about where it comes from: the overlay itself, D */
    assert_string_equal(facts[FACT_SOURCE].text, "overlay.more_mines");
    assert_true(model_find(m, TABLE_source, "overlay.more_mines") != YT_NONE);
    assert_string_equal(facts[FACT_GRADE].text, "D");
    assert_true(strstr(facts[FACT_VALUE].at.file, "more_mines.yaml") != NULL);
    assert_float_equal(value_of(m, TABLE_facility_fact, capacity_row(m, "east_mine")), 11000, 1e-9);
    assert_float_equal(value_of(m, TABLE_facility_fact, capacity_row(m, "west_mine_2")), 10e3 / 12,
                       1e-9);
    yt_model_free(m);
}

static void test_overlay__a_new_value_without_spread_is_certain(void **state)
{
    (void)state;
    static const char *const sets[] = {"facility_fact[west_mine,capacity].value=99"};
    yt_model *m = NULL;
    assert_int_equal(model_load_with(TINY, NULL, 0, sets, 1, NULL, &m), YT_OK);
    const model_cell *facts =
        model_at(m, TABLE_facility_fact, capacity_row(m, "west_mine"), facility_fact_facts);
    assert_float_equal(facts[FACT_VALUE].number, 99e3 / 12, 1e-9);
    assert_true(isnan(facts[FACT_LOW].number));
    assert_int_equal(facts[FACT_DIST].id, DIST_NONE);
    assert_string_equal(facts[FACT_SOURCE].text, "command-line");
    yt_model_free(m);
}

static void test_overlay__order_counts_the_last_one_wins(void **state)
{
    (void)state;
    model_fixture f = model_fixture_new(TINY);
    model_fixture_write_text(&f, "a.yaml",
                             "set: [{table: parameter, key: {item: discount}, value: 0.9}]\n");
    model_fixture_write_text(&f, "b.yaml",
                             "set: [{table: parameter, key: {item: discount}, value: 0.8}]\n");
    static const char *const orders[2][2] = {{"a.yaml", "b.yaml"}, {"b.yaml", "a.yaml"}};
    double value[2];
    char hash[2][65];
    for (int i = 0; i < 2; i++) {
        yt_model *m = NULL;
        assert_int_equal(yt_model_load(f.folder, orders[i], 2, NULL, &m), YT_OK);
        value[i] = value_of(m, TABLE_parameter, 0);
        memcpy(hash[i], m->hash, 65);
        yt_model_free(m);
    }
    assert_float_equal(value[0], 0.8, 0);
    assert_float_equal(value[1], 0.9, 0);
    assert_string_not_equal(hash[0], hash[1]);
    model_fixture_free(&f);
}

static void test_overlay__of_the_case_comes_before_those_given(void **state)
{
    (void)state;
    model_fixture f = model_fixture_new(TINY);
    model_fixture_replace(&f, "case.yaml", "base_year", "overlays: [policies/a.yaml]\nbase_year");
    model_fixture_write_text(&f, "policies/a.yaml",
                             "set: [{table: parameter, key: {item: discount}, value: 0.9}]\n");
    model_fixture_write_text(&f, "b.yaml",
                             "scale: [{table: parameter, where: {item: discount}, factor: 0.9}]\n");
    yt_model *m = model_fixture_load(f.folder, "b.yaml");
    assert_float_equal(value_of(m, TABLE_parameter, 0), 0.81, 1e-15);
    yt_model_free(m);
    model_fixture_free(&f);
}

/* ---------------------------------------------------------------------------------- hash */

static void test_hash__follows_every_file_and_no_place(void **state)
{
    (void)state;
    yt_model *here = model_fixture_load(TINY, NULL);
    model_fixture f = model_fixture_new(TINY);
    yt_model *copy = model_fixture_load(f.folder, NULL);
    assert_string_equal(here->hash, copy->hash);
    model_fixture_replace(&f, "events.csv", "halves", "nearly halves");
    yt_model *other = model_fixture_load(f.folder, NULL);
    assert_string_not_equal(here->hash, other->hash);
    yt_model_free(here);
    yt_model_free(copy);
    yt_model_free(other);
    model_fixture_free(&f);
}

/* --------------------------------------------------------------------------------- order */

static uint32_t seed = 1;

static int32_t draw(int32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (int32_t)(seed >> 8) % n;
}

/* rows and columns of a plain file (no quotes in it) in another order */
static void shuffle(const model_fixture *f, const char *name)
{
    size_t n;
    char *bytes = model_fixture_read(f, name, &n), *line[400], *cell[400][32];
    int32_t lines = 0, cells = 0;
    for (char *l = strtok(bytes, "\n"); l; l = strtok(NULL, "\n"))
        line[lines++] = l;
    for (int32_t i = 0; i < lines; i++) {
        cells = 0;
        for (char *c = line[i]; c; cells++) {
            cell[i][cells] = c;
            c = strchr(c, ',');
            if (c)
                *c++ = '\0';
        }
    }
    int32_t row[400], column[32];
    for (int32_t i = 0; i < lines; i++)
        row[i] = i;
    for (int32_t i = 0; i < cells; i++)
        column[i] = i;
    for (int32_t i = lines - 1; i > 1; i--) {
        int32_t k = 1 + draw(i), t = row[i];
        row[i] = row[k];
        row[k] = t;
    }
    for (int32_t i = cells - 1; i > 0; i--) {
        int32_t k = draw(i + 1), t = column[i];
        column[i] = column[k];
        column[k] = t;
    }
    char *out = calloc(n + 400, 1);
    assert_non_null(out);
    for (int32_t i = 0; i < lines; i++)
        for (int32_t c = 0; c < cells; c++)
            strcat(strcat(out, cell[row[i]][column[c]]), c + 1 < cells ? "," : "\n");
    model_fixture_write_text(f, name, out);
    free(out);
    free(bytes);
}

static void test_load__order_of_rows_and_columns_does_not_matter(void **state)
{
    (void)state;
    yt_model *tiny = model_fixture_load(TINY, NULL);
    char *expected = model_fixture_canonical(tiny);
    yt_model_free(tiny);
    for (int round = 0; round < 5; round++) {
        model_fixture f = model_fixture_new(TINY);
        for (int t = 0; t < TABLE_COUNT; t++) {
            const char *file = model_table_describe((table_id)t).file;
            bool is_there = access(model_fixture_path(&f, file), F_OK) == 0;
            if (strstr(file, ".csv") && is_there)
                shuffle(&f, file);
        }
        shuffle(&f, "observations/history/prices.csv");
        yt_model *m = model_fixture_load(f.folder, NULL);
        char *text = model_fixture_canonical(m);
        assert_string_equal(text, expected);
        free(text);
        yt_model_free(m);
        model_fixture_free(&f);
    }
    free(expected);
}

/* -------------------------------------------------------------------------------- locale */

static const char *const locales[] = {"de_DE.UTF-8", "tr_TR.UTF-8", "fr_FR.UTF-8", "ar_EG.UTF-8"};
enum { LOCALES = sizeof locales / sizeof *locales };

/* Make the locales that are not installed, where the system has the sources for them.  All
 * of them before the first is asked for: the C library remembers what it did not find. */
static void make_locales(const model_fixture *f)
{
    char command[300];
    for (int i = 0; i < LOCALES; i++) {
        snprintf(command, sizeof command,
                 "localedef --no-archive -c -i %.5s -f UTF-8 %s/%s >/dev/null 2>&1", locales[i],
                 f->folder, locales[i]);
        (void)!system(command);
    }
    setenv("LOCPATH", f->folder, 1);
}

static void test_load__is_the_same_in_every_locale(void **state)
{
    (void)state;
    yt_model *plain = model_fixture_load(TINY, NULL);
    char *expected = model_fixture_canonical(plain);
    model_fixture f = model_fixture_new(TINY); /* a home for locales */
    int tried = 0;
    make_locales(&f);
    for (int i = 0; i < LOCALES; i++) {
        if (!setlocale(LC_ALL, locales[i]))
            continue;
        tried++;
        yt_model *m = NULL;
        yt_status status = yt_model_load(TINY, NULL, 0, NULL, &m);
        setlocale(LC_ALL, "C");
        assert_int_equal(status, YT_OK);
        char *text = model_fixture_canonical(m);
        assert_string_equal(text, expected);
        assert_string_equal(m->hash, plain->hash);
        free(text);
        yt_model_free(m);
    }
    free(expected);
    yt_model_free(plain);
    unsetenv("LOCPATH");
    model_fixture_free(&f);
    printf("%d of 4 locales tried\n", tried);
    if (tried == 0) {
        fprintf(stderr, "SKIPPED: de_DE, tr_TR, fr_FR, ar_EG are neither installed nor can be "
                        "made (apt-get install locales)\n");
        skip();
    }
}

/* ------------------------------------------------------------------------------- failure */

static void test_load__leaves_the_caller_alone_when_it_fails(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    yt_model *m = (yt_model *)&log;
    assert_int_equal(yt_model_load("tests/cases/nowhere", NULL, 0, log, &m), YT_EIO);
    assert_ptr_equal(m, &log);
    assert_int_equal(yt_log_count(log, YT_ERROR), 1);
    assert_int_equal(yt_model_load(TINY "/regions.csv", NULL, 0, NULL, &m), YT_EIO);
    assert_int_equal(yt_model_load("tests/cases", NULL, 0, NULL, &m), YT_EIO);
    assert_ptr_equal(m, &log);
    yt_log_free(log);
    yt_model_free(NULL);
}

static void test_load__tells_messages_by_file_and_line(void **state)
{
    (void)state;
    model_fixture f = model_fixture_new(TINY);
    model_fixture_replace(&f, "taxes.csv", "west,1998-01", "wset,1998-13");
    model_fixture_replace(&f, "baskets.csv", "2008-01,0.45", "2008-01,x");
    model_fixture_replace(&f, "taxes.csv", "east,1998-01", "esat,1998-01");
    yt_log *log = yt_log_new();
    yt_model *m = NULL;
    assert_int_equal(yt_model_load(f.folder, NULL, 0, log, &m), YT_EDATA);
    assert_int_equal(yt_log_count(log, YT_ERROR), 4);
    static const int32_t line[] = {3, 2, 3, 3}, column[] = {25, 1, 1, 6};
    for (int32_t i = 0; i < 4; i++) {
        yt_message message = yt_log_get(log, i);
        assert_int_equal(message.line, line[i]);
        assert_int_equal(message.column, column[i]);
        assert_true(strstr(message.file, i == 0 ? "baskets.csv" : "taxes.csv") != NULL);
    }
    yt_log_free(log);
    model_fixture_free(&f);
}

/* -------------------------------------------------------------------------------- period */

static void test_period__reads_dates_and_spans(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t first_year, first_month, last_year, last_month;
    } good[] = {
        {"2010", 2010, 1, 2010, 12},          {"2010Q3", 2010, 7, 2010, 9},
        {"2010-01..09", 2010, 1, 2010, 9},    {"2010-11..2011-02", 2010, 11, 2011, 2},
        {"2010..2012", 2010, 1, 2012, 12},    {"2010-07-26", 2010, 7, 2010, 7},
        {"2010H2..2011H1", 2010, 7, 2011, 6}, {"2010Q1..2010Q2", 2010, 1, 2010, 6},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int32_t first, last;
        assert_true(model_period_parse(good[i].text, &first, &last));
        assert_int_equal(first, calendar_month(good[i].first_year, good[i].first_month));
        assert_int_equal(last, calendar_month(good[i].last_year, good[i].last_month));
    }
    static const char *const bad[] = {"",       "2010-13",     "2010..",   "..2010",     "2010..09",
                                      "2010Q5", "2010-09..01", "20..2010", "2010...2011"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t first = -7, last = -7;
        assert_false(model_period_parse(bad[i], &first, &last));
        assert_int_equal(first, -7);
        assert_int_equal(last, -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load__reads_the_case_file),
        cmocka_unit_test(test_load__turns_cells_into_ids_months_and_internal_units),
        cmocka_unit_test(test_load__finds_keys_and_words),
        cmocka_unit_test(test_describe__lists_every_table_and_item),
        cmocka_unit_test(test_row_matches__compares_meanings),
        cmocka_unit_test(test_overlay__removes_rows),
        cmocka_unit_test(test_overlay__sets_scales_and_adds),
        cmocka_unit_test(test_overlay__a_new_value_without_spread_is_certain),
        cmocka_unit_test(test_overlay__order_counts_the_last_one_wins),
        cmocka_unit_test(test_overlay__of_the_case_comes_before_those_given),
        cmocka_unit_test(test_hash__follows_every_file_and_no_place),
        cmocka_unit_test(test_load__order_of_rows_and_columns_does_not_matter),
        cmocka_unit_test(test_load__is_the_same_in_every_locale),
        cmocka_unit_test(test_load__leaves_the_caller_alone_when_it_fails),
        cmocka_unit_test(test_load__tells_messages_by_file_and_line),
        cmocka_unit_test(test_period__reads_dates_and_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
