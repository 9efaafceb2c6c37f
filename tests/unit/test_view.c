/* test_view.c - what the report is told about a result small enough to reckon by hand. */
#include "store_fixture.h"

#include "view/view.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Two regions, a mine and a smelter; 24 months from 2010-01.  West mines 100 t a month, half
 * of it smelted at home, half shipped to East; the price inside is 1000 USD/t, at the border
 * 3000 in 2010 and 1500 after. */
static const char small_world[] =
    "PRAGMA application_id = 0x59747279; PRAGMA user_version = 1;"
    "CREATE TABLE manifest(key, value);"
    "INSERT INTO manifest VALUES('title', 'Small <b>world</b>'), ('base_year', '2011');"
    "CREATE TABLE region(id, name, members, lat, lon);"
    "INSERT INTO region VALUES('W', 'West', 'West', 0, 0), ('E', 'East', 'Eastland; Isles', 0, 90);"
    "CREATE TABLE commodity_group(id, name); INSERT INTO commodity_group VALUES"
    " ('ore', 'Ores'), ('bar', 'Bars');"
    "CREATE TABLE commodity(id, name, \"group\", basis);"
    "INSERT INTO commodity VALUES('ore_q', 'Q ore', 'ore', 'gross'), ('bar_q', 'Q bars', 'bar', "
    "'gross');"
    "CREATE TABLE stage(id, name, extracts, unit);"
    "INSERT INTO stage VALUES('mine', 'Mining', 'yes', 't'), ('smelt', 'Smelting', 'no', 't');"
    "CREATE TABLE element(id, name); INSERT INTO element VALUES('Q', 'Quietium');"
    "CREATE TABLE end_use(id, name, unit); INSERT INTO end_use VALUES('door', 'Doors', 't');"
    "CREATE TABLE recipe(id, name, stage, family);"
    "INSERT INTO recipe VALUES('dig', '', 'mine', ''), ('melt', '', 'smelt', '');"
    "CREATE TABLE recipe_flow(recipe, commodity, number);"
    "INSERT INTO recipe_flow VALUES('dig', 'ore_q', 1), ('melt', 'ore_q', -2), ('melt', 'bar_q', "
    "1);"
    "CREATE TABLE composition(commodity, element, number);"
    "INSERT INTO composition VALUES('ore_q', 'Q', 0.5), ('bar_q', 'Q', 1);"
    "CREATE TABLE facility(id, name, site, region, country, lat, lon, owner, owner_type, stage,"
    " recipe, status, note);"
    "INSERT INTO facility VALUES"
    " ('wm', 'West mine', 'wm', 'W', '', 0, 0, '', 'state', 'mine', 'dig', 'operating', ''),"
    " ('ws', 'West smelter', 'ws', 'W', '', 0, 0, '', 'state', 'smelt', 'melt', 'operating', ''),"
    " ('es', 'East smelter', 'es', 'E', '', 0, 9, '', 'state', 'smelt', 'melt', 'operating', ''),"
    " ('pit', 'Hidden pit', 'pit', 'W', '', 0, 0, '', 'informal', 'mine', 'dig', 'operating', '');"
    "CREATE TABLE input(\"table\", key, \"column\", value, unit, low, high, source_id, grade, "
    "note);"
    "INSERT INTO input VALUES"
    " ('facility_fact', 'wm|capacity|', 'capacity', 2400, 't/a', 2000, 2800, 'S', 'D', 'a guess'),"
    " ('composition', 'ore_q|Q', 'value', 0.5, 't/t', NULL, NULL, 'S', 'A', '');"
    "CREATE TABLE source(id, title, publisher, year, url);"
    "INSERT INTO source VALUES('S', '</script>', '', '', '');"
    "CREATE TABLE fx(currency, year, number); INSERT INTO fx VALUES('WCU', 2010, 5);"
    "CREATE TABLE deflator(year, number); INSERT INTO deflator VALUES(2010, 0.8), (2011, 1);"
    "CREATE TABLE tax(region, \"from\", number); INSERT INTO tax VALUES('W', '2000-01', 0.25);"
    "CREATE TABLE product_name(product, commodity, groups);"
    "INSERT INTO product_name VALUES('Q bar', 'bar_q', NULL), ('mined things', NULL, NULL),"
    " ('all', NULL, NULL), ('mined quietium', NULL, NULL), ('stones', NULL, 'bar;ore');"
    "CREATE TABLE period_role(series, \"from\", \"to\", role, tolerance);"
    "INSERT INTO period_role VALUES('price', '2010', '2010', 'unfitted', 1.5),"
    " ('price', '2011', '2011', 'calibration', 1.5), ('share', '2000', '2020', 'other', 5),"
    " ('mine_share', '2000', '2020', 'other', 5);"
    "CREATE TABLE place_name(place, region, view); INSERT INTO place_name VALUES"
    " ('West market', 'W', 'inside_taxed'), ('FOB West', 'W', 'outside'), ('West', 'W', 'none'),"
    " ('Isles', 'E', 'none'), ('World', NULL, 'world'), ('East', 'E', 'none'),"
    " ('East from West', 'E', 'none');"
    "CREATE TABLE observation(series, period, freq, value_low, value_high, unit, product, place,"
    " basis, source, grade, note);"
    "INSERT INTO observation VALUES"
    /* 6.25 WCU/kg: 5 without tax, 1 USD/kg, 1.25 in money of 2011 */
    " ('price', '2010', 'A', 6.25, NULL, 'WCU/kg', 'Q bar', 'West market', '', 'x', 'B', ''),"
    " ('price', '2011-12', 'E', 1, 2, 'USD/kg', 'Q bar', 'FOB West', '', 'x', 'B', ''),"
    " ('mine_production', '2010', 'A', 1200, NULL, 't', 'all', 'World', '', 'x', 'A', ''),"
    " ('mine_production', '2010', 'A', 5, NULL, 't', 'all', 'Isles', '', 'x', 'A', ''),"
    " ('exports', '2010', 'A', 300, NULL, 't', 'all', 'West', '', 'x', 'A', ''),"
    " ('exports', '2010-01..03', 'P', 140, NULL, 't', 'all', 'West', '', 'x', 'A', ''),"
    " ('imports', '2010', 'A', 600, NULL, 't', 'stones', 'East', '', 'x', 'A', ''),"
    " ('import_share', '2010..2011', 'P', 90, NULL, '%', 'stones', 'East from West', '', 'x', 'A', "
    "''),"
    " ('share', '2011', 'A', 96, NULL, '%', 'mined quietium', 'West', '', 'x', 'A', ''),"
    " ('mine_production', '2010', 'A', 1100, NULL, 't', 'all', 'West', '', 'x', 'A', ''),"
    " ('share', '2010', 'A', 100, NULL, '%', 'mined things', 'West', '', 'x', 'A', ''),"
    " ('price', '1990', 'A', 1, NULL, 'USD/kg', 'Q bar', 'FOB West', '', 'x', 'B', '');"
    "CREATE TABLE month(i, month);"
    "WITH RECURSIVE m(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM m WHERE i < 23)"
    " INSERT INTO month SELECT i, printf('%04d-%02d', 2010 + i / 12, i % 12 + 1) FROM m;"
    "CREATE VIEW certificate AS SELECT 0 AS run, month, 1e-12 AS balance, 0.0 AS complementarity,"
    " 1e-11 AS gap, 9 AS iterations FROM month;"
    "CREATE VIEW balance AS SELECT 0 AS run, month, 'Q' AS element, 1e-15 AS closure, 0 AS opening,"
    " 50 * (i + 1) AS mined, 50 * (i + 1) AS in_use, 0 AS stocks, 0 AS scrap, 0 AS tailings,"
    " 0 AS losses, 0 AS disposed FROM month;"
    "CREATE VIEW facility_month AS"
    " SELECT 0 AS run, 'wm' AS facility, month, 100.0 AS output, 100.0 AS capacity, 'running' AS"
    " status FROM month"
    " UNION ALL SELECT 0, 'pit', month, iif(i < 6, 0.0, 7.0), 7.0, 'running' FROM month"
    " UNION ALL SELECT 0, 'ws', month, 25.0, 50.0, 'running' FROM month"
    " UNION ALL SELECT 0, 'es', month, 25.0, 50.0, 'running' FROM month;"
    "CREATE VIEW flow AS SELECT 0 AS run, 'ore_q' AS commodity_id, 'W' AS origin, 'E' AS "
    "destination,"
    " month, 50.0 AS tonnes, 700.0 AS cif_usd_per_t, 'open' AS kind FROM month;"
    "CREATE VIEW series AS"
    " SELECT 0 AS run, 'price' AS variable, 'W' AS region, 'bar_q' AS commodity_id, month,"
    " 1000.0 AS value, 'USD/t' AS unit FROM month"
    " UNION ALL SELECT 0, 'price_export', 'W', 'bar_q', month, iif(i < 12, 3000.0, 1500.0),"
    " 'USD/t' FROM month"
    " UNION ALL SELECT 0, 'price', 'E', 'bar_q', month, iif(i = 3, NULL, 3100.0), 'USD/t' FROM "
    "month"
    " UNION ALL SELECT 0, 'use', r.id, 'bar_q', month, 25.0, 't/month' FROM month, region r"
    " UNION ALL SELECT 0, 'cover', 'E', 'bar_q', month, 2.0 - 0.05 * i, 'months' FROM month;"
    "CREATE VIEW use_commodity AS SELECT 0 AS run, 'door' AS end_use, r.id AS region,"
    " 'bar_q' AS commodity_id, 'normal' AS tier, month, 30.0 AS wanted, 25.0 AS served"
    " FROM month, region r;";

static char path[] = "/tmp/test-view-XXXXXX";

static void change_small_world(const char *sql)
{
    sqlite3 *db = NULL;
    char *why = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &why);
    if (why)
        fail_msg("%s", why);
    sqlite3_close(db);
}

static void make_small_world(void)
{
    unlink(path);
    change_small_world(small_world);
}

static int make_path(void **state)
{
    (void)state;
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

/* view.json of the result at `path`; the text too when asked for. */
static json_t *view_of(char **text)
{
    yt_log *log = yt_log_new();
    json_writer w = json_to_memory(0);
    assert_int_equal(view_write_json(&(const char *){path}, 1, &w, log), YT_OK);
    assert_int_equal(yt_log_count(log, YT_WARNING), 0);
    yt_log_free(log);
    size_t length;
    char *json = json_take(&w, &length);
    json_error_t error;
    json_t *view = json_loads(json, JSON_REJECT_DUPLICATES, &error);
    if (!view)
        fail_msg("%s", error.text);
    if (text)
        *text = json;
    else
        free(json);
    return view;
}

static double number_at(json_t *array, size_t i)
{
    return json_number_value(json_array_get(array, i));
}

static double member(json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

/* ------------------------------------------------------------------------------ the chain */

static void test_view__names_the_exporter_and_shares(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL);
    json_t *mine = json_array_get(json_object_get(view, "shares"), 0);
    json_t *smelt = json_array_get(json_object_get(view, "shares"), 1);

    assert_float_equal(number_at(json_object_get(mine, "hhi"), 0), 10000, 1e-9);
    assert_float_equal(number_at(json_object_get(smelt, "hhi"), 1), 5000, 1e-9);
    assert_int_equal(json_integer_value(json_object_get(view, "exporter")), 0);
    assert_int_equal(json_integer_value(json_object_get(view, "now")), 2011);
    json_decref(view);
}

/* 600 t of ore a year to each smelter, half of it the element; 300 t of bars to each region. */
static void test_view__links_carry_what_was_used(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL);
    json_t *links = json_array_get(json_array_get(json_object_get(view, "links"), 0), 0);
    double seen[3][2][3][2] = {0};
    for (size_t i = 0; i + 4 < json_array_size(links); i += 5)
        seen[(int)number_at(links, i)][(int)number_at(links, i + 1)][(int)number_at(links, i + 2)]
            [(int)number_at(links, i + 3)] += number_at(links, i + 4);

    assert_float_equal(seen[0][0][1][0], 300, 1e-6); /* mine of West to its smelter  */
    assert_float_equal(seen[0][0][1][1], 300, 1e-6); /* and to that of East          */
    assert_float_equal(seen[1][0][2][0], 300, 1e-6); /* smelter of West to end users */
    assert_float_equal(seen[1][1][2][1], 300, 1e-6);
    assert_float_equal(seen[2][1][1][1], 0, 1e-6); /* nothing out of stock */
    json_decref(view);
}

/* ----------------------------------------------------------------------------- the months */

static void test_view__gaps_in_a_series_stay_gaps(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL), *prices = json_object_get(view, "prices"), *east = NULL, *p;
    size_t i;
    json_array_foreach(prices, i, p)
    {
        if (member(p, "r") == 1)
            east = json_object_get(p, "d");
    }
    assert_int_equal(json_array_size(east), 24);
    assert_true(json_is_null(json_array_get(east, 3)));
    assert_float_equal(number_at(east, 4), 3100, 1e-9);
    json_decref(view);
}

static bool has_card(json_t *view, const char *id)
{
    json_t *card;
    size_t i;
    json_array_foreach(json_object_get(view, "cards"), i, card)
    {
        if (strcmp(json_string_value(json_object_get(card, "id")), id) == 0)
            return true;
    }
    return false;
}

/* A place that begins to use a thing has no shelf to empty. */
static void test_view__cover_is_of_those_who_used_it_before(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL);
    assert_true(has_card(view, "cover"));
    json_decref(view);

    change_small_world("CREATE TABLE kept AS SELECT * FROM series; DROP VIEW series;"
                       "ALTER TABLE kept RENAME TO series;"
                       "UPDATE series SET value = 0 WHERE variable IN ('use', 'cover')"
                       " AND month < '2011-06'");
    view = view_of(NULL);
    assert_false(has_card(view, "cover"));
    json_decref(view);
}

/* ---------------------------------------------------------------------------- the history */

static json_t *history_row(json_t *view, const char *series, const char *period, const char *where)
{
    json_t *texts = json_object_get(view, "historyTexts"), *row;
    size_t i;
    json_array_foreach(json_object_get(view, "history"), i, row)
    {
        json_t *s = json_array_get(texts, (size_t)member(row, "series"));
        json_t *p = json_array_get(texts, (size_t)member(row, "place"));
        if (strcmp(json_string_value(s), series) == 0 &&
            strcmp(json_string_value(json_object_get(row, "period")), period) == 0 &&
            strcmp(json_string_value(p), where) == 0)
            return row;
    }
    fail_msg("no row %s %s %s", series, period, where);
    return NULL;
}

static void test_view__quotations_become_money_of_the_model(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL);
    json_t *taxed = history_row(view, "price", "2010", "West market");
    assert_float_equal(member(taxed, "low"), 1250, 1e-6);
    assert_float_equal(member(taxed, "model"), 1000, 1e-6);
    assert_float_equal(member(taxed, "error"), log(1000.0 / 1250), 1e-3);

    json_t *inside_range = history_row(view, "price", "2011-12", "FOB West");
    assert_float_equal(member(inside_range, "model"), 1500, 1e-6);
    assert_float_equal(member(inside_range, "error"), 0, 0);
    assert_null(json_object_get(history_row(view, "price", "1990", "FOB West"), "model"));
    json_decref(view);
}

static void test_view__what_follows_from_capacity_is_read(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL);
    json_t *mined = history_row(view, "mine_production", "2010", "World");
    assert_float_equal(member(mined, "model"), 1200, 1e-6);
    assert_true(json_is_true(json_object_get(mined, "read")));
    assert_true(json_is_true(json_object_get(history_row(view, "share", "2010", "West"), "read")));

    json_t *sent = history_row(view, "exports", "2010", "West");
    assert_float_equal(member(sent, "model"), 600, 1e-6);
    assert_true(json_is_false(json_object_get(sent, "read")));
    json_decref(view);
}

static const char *words_of(json_t *view, json_t *row, const char *key)
{
    json_t *number = json_object_get(row, key);
    return number ? json_string_value(json_array_get(json_object_get(view, "historyTexts"),
                                                     (size_t)json_integer_value(number)))
                  : "";
}

static void test_view__records_leave_out_what_nobody_reports(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL), *mined = history_row(view, "mine_production", "2010", "West");
    assert_float_equal(member(mined, "model"), 1200,
                       1e-6); /* the hidden pit's 42 t are not in it */
    assert_string_equal(words_of(view, mined, "how"),
                        "without unrecorded output, as official figures");
    json_t *content = history_row(view, "share", "2011", "West");
    assert_float_equal(member(content, "model"), 100, 1e-6);
    json_decref(view);
}

static void test_view__trade_is_compared_by_kind_and_period(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL);
    assert_float_equal(member(history_row(view, "exports", "2010-01..03", "West"), "model"), 150,
                       1e-6);
    assert_float_equal(member(history_row(view, "imports", "2010", "East"), "model"), 600, 1e-6);
    assert_float_equal(
        member(history_row(view, "import_share", "2010..2011", "East from West"), "model"), 100,
        1e-6);
    json_decref(view);
}

static void test_view__roles_say_what_rows_prove(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL);
    json_t *before = history_row(view, "price", "2010", "West market");
    json_t *after = history_row(view, "price", "2011-12", "FOB West");
    assert_string_equal(words_of(view, before, "role"), "unfitted");
    assert_true(json_is_true(json_object_get(before, "near"))); /* 1000 for 1250: within 1.5 */
    assert_string_equal(words_of(view, after, "role"), "calibration");
    json_t *share = history_row(view, "share", "2011", "West"); /* 100 for 96: within 5 points */
    assert_true(json_is_true(json_object_get(share, "near")));
    assert_null(json_object_get(history_row(view, "imports", "2010", "East"), "near"));
    json_decref(view);
}

static void test_view__facts_of_the_record_are_judged(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL), *record = json_object_get(view, "record"), *verdict;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(record, "verdicts"), i, verdict)
    {
        assert_true(member(verdict, "hits") <= member(verdict, "of"));
        assert_true(strlen(json_string_value(json_object_get(verdict, "text"))) > 0);
        seen++;
    }
    assert_true(seen >= 3); /* the mine share, the adjusted prices, the others */
    json_t *mine = json_array_get(json_object_get(record, "mines"), 0);
    assert_float_equal(number_at(mine, 0), 2010, 0);
    assert_true(fabs(number_at(mine, 1) - 100 * 1100.0 / 1200) < 0.01); /* on record */
    assert_float_equal(number_at(mine, 3), 100, 1e-9);                  /* in the model */
    assert_int_equal(json_array_size(json_object_get(json_object_get(record, "gaps"), "rows")), 0);
    json_decref(view);
}

static void test_view__a_part_of_a_region_is_not_compared(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL);
    assert_null(json_object_get(history_row(view, "mine_production", "2010", "Isles"), "model"));
    json_decref(view);
}

static void test_view__misses_come_first(void **state)
{
    (void)state;
    make_small_world();
    json_t *view = view_of(NULL), *row;
    double before = INFINITY;
    size_t i;
    json_array_foreach(json_object_get(view, "history"), i, row)
    {
        if (!json_object_get(row, "error"))
            continue;
        assert_true(fabs(member(row, "error")) <= before);
        before = fabs(member(row, "error"));
    }
    json_decref(view);
}

/* ------------------------------------------------------------------------------- the page */

static void test_view__no_name_ends_the_data_block(void **state)
{
    (void)state;
    make_small_world();
    char *text;
    json_t *view = view_of(&text);
    assert_null(strchr(text, '<'));
    json_t *source = json_array_get(json_object_get(view, "sources"), 0);
    assert_string_equal(json_string_value(json_object_get(source, "title")), "</script>");
    free(text);
    json_decref(view);
}

static void test_view__the_page_is_the_same_twice(void **state)
{
    (void)state;
    make_small_world();
    char *page[2] = {NULL, NULL};
    size_t size[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        yt_log *log = yt_log_new();
        FILE *out = open_memstream(&page[i], &size[i]);
        yt_status status = view_write_report(&(const char *){path}, 1, out, log);
        fclose(out);
        yt_log_free(log);
        if (status == YT_EABSENT) { /* built without web/dist */
            free(page[0]);
            skip();
        }
        assert_int_equal(status, YT_OK);
    }
    assert_string_equal(page[0], page[1]);
    assert_null(strstr(page[0], "<b>world</b>"));
    assert_non_null(strstr(page[0], "Small &lt;b&gt;world&lt;/b&gt;"));
    assert_null(strstr(page[0], "<!--ytterby:"));
    free(page[0]);
    free(page[1]);
}

static void test_view__results_of_the_writer_can_be_shown(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    for (int hostile = 0; hostile < 2; hostile++) {
        f.is_hostile = hostile;
        yt_log *log = yt_log_new();
        assert_int_equal(make_store_for_tests(path, &f, log), YT_OK);
        yt_log_free(log);
        char *text;
        json_t *view = view_of(&text);
        assert_int_equal(json_array_size(json_object_get(view, "regions")), f.regions);
        assert_int_equal(member(view, "months"), f.months);
        assert_null(strchr(text, '<'));
        free(text);
        json_decref(view);
    }
}

static void test_view__refuses_what_is_no_result(void **state)
{
    (void)state;
    FILE *out = fopen(path, "wb");
    fputs("a page of prose, and nothing like a result", out);
    fclose(out);
    yt_log *log = yt_log_new();
    json_writer w = json_to_memory(0);
    assert_true(view_write_json(&(const char *){path}, 1, &w, log) < 0);
    assert_int_equal(yt_log_count(log, YT_ERROR), 1);
    json_discard(&w);
    yt_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view__names_the_exporter_and_shares),
        cmocka_unit_test(test_view__links_carry_what_was_used),
        cmocka_unit_test(test_view__gaps_in_a_series_stay_gaps),
        cmocka_unit_test(test_view__cover_is_of_those_who_used_it_before),
        cmocka_unit_test(test_view__quotations_become_money_of_the_model),
        cmocka_unit_test(test_view__what_follows_from_capacity_is_read),
        cmocka_unit_test(test_view__records_leave_out_what_nobody_reports),
        cmocka_unit_test(test_view__trade_is_compared_by_kind_and_period),
        cmocka_unit_test(test_view__roles_say_what_rows_prove),
        cmocka_unit_test(test_view__facts_of_the_record_are_judged),
        cmocka_unit_test(test_view__a_part_of_a_region_is_not_compared),
        cmocka_unit_test(test_view__misses_come_first),
        cmocka_unit_test(test_view__no_name_ends_the_data_block),
        cmocka_unit_test(test_view__the_page_is_the_same_twice),
        cmocka_unit_test(test_view__results_of_the_writer_can_be_shown),
        cmocka_unit_test(test_view__refuses_what_is_no_result),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
