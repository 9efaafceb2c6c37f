/* test_model_rules.c - the row that names most wins, then the latest; checked against a
 * search through all rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "model/rules.h"
#include "model_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void test_rules__the_row_that_names_most_wins_then_the_latest(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY, NULL);
    int32_t west = model_find(m, TABLE_region, "west"), east = model_find(m, TABLE_region, "east");
    int32_t mine = model_find(m, TABLE_stage, "mine");
    int32_t refinery = model_find(m, TABLE_stage, "refinery");
    int32_t early = calendar_month(2007, 12), late = calendar_month(2008, 1);
    model_match match[] = {{operating_rate_stage, mine},
                           {operating_rate_region, west},
                           {operating_rate_owner_type, 1}};
    assert_int_equal(model_rule(m, TABLE_operating_rate, YT_NONE, match, 3, early), 1);
    assert_int_equal(model_rule(m, TABLE_operating_rate, YT_NONE, match, 3, late), 2);
    match[1].id = east;
    assert_int_equal(model_rule(m, TABLE_operating_rate, YT_NONE, match, 3, late), 1);
    match[0].id = refinery;
    assert_int_equal(model_rule(m, TABLE_operating_rate, YT_NONE, match, 3, late), 0);
    assert_int_equal(model_rule(m, TABLE_operating_rate, YT_NONE, NULL, 0, late), 0);
    /* what is not asked about must be blank: the row for the west is about the west only */
    match[0].id = mine;
    assert_int_equal(model_rule(m, TABLE_operating_rate, YT_NONE, match, 1, late), 1);
    yt_model_free(m);
}

static void test_rules__a_date_ends_with_its_last_month(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY, NULL);
    int32_t metal = model_find(m, TABLE_group, "metal"), east = model_find(m, TABLE_region, "east");
    const model_match match[] = {{trade_cost_group, metal}, {trade_cost_origin, east}};
    const int32_t duty = ITEM_trade_cost_export_duty;
    assert_float_equal(
        model_rule_value(m, TABLE_trade_cost, duty, match, 2, calendar_month(2006, 12), 0), 0.1,
        1e-15);
    assert_float_equal(
        model_rule_value(m, TABLE_trade_cost, duty, match, 2, calendar_month(2007, 1), -1), -1, 0);
    assert_float_equal(
        model_rule_value(m, TABLE_trade_cost, duty, match, 2, calendar_month(2002, 12), -1), -1, 0);
    yt_model_free(m);
}

static void test_rules__years_are_names_too(void **state)
{
    (void)state;
    yt_model *m = model_fixture_load(TINY, NULL);
    const model_match match[] = {{demand_end_use, 0}, {demand_region, 1}, {demand_year, 1998}};
    assert_float_equal(model_rule_value(m, TABLE_demand, YT_NONE, match, 3, 0, -1), 2500, 1e-9);
    assert_int_equal(model_rule(m, TABLE_demand, YT_NONE, match, 2, 0), YT_NONE);
    yt_model_free(m);
}

/* ---------------------------------------------------------------------- a slow second way */

static int32_t slow_rule(const yt_model *m, table_id table, int32_t item, const model_match *match,
                         int32_t n, int32_t month)
{
    model_table_info info = model_table_describe(table);
    int32_t item_column = model_column_find(table, "item"), from = model_column_find(table, "from");
    int32_t to = model_column_find(table, "to"), best = YT_NONE, best_named = -1, best_date = 0;
    for (int32_t r = 0; r < m->table[table].rows; r++) {
        const model_cell *row = model_at(m, table, r, 0);
        if (item_column != YT_NONE && row[item_column].id != item)
            continue;
        int32_t date = from != YT_NONE && row[from].id != YT_NONE ? row[from].id : INT32_MIN;
        if (date > month || (to != YT_NONE && row[to].id != YT_NONE && row[to].id < month))
            continue;
        int32_t named = 0;
        bool applies = true;
        for (int32_t c = 0; c < info.facts; c++) {
            const char *type = info.column[c].type;
            if ((strcmp(type, "REF") != 0 && strcmp(type, "CHOICE") != 0 &&
                 strcmp(type, "YEAR") != 0) ||
                row[c].id == YT_NONE)
                continue;
            bool found = false;
            for (int32_t i = 0; i < n; i++)
                found = found || (match[i].column == c && match[i].id == row[c].id);
            applies = applies && found;
            named++;
        }
        if (applies && (named > best_named || (named == best_named && date > best_date))) {
            best = r;
            best_named = named;
            best_date = date;
        }
    }
    return best;
}

static uint32_t seed = 7;

static int32_t draw(int32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (int32_t)(seed >> 8) % n;
}

/* 400 rules over few regions, commodities and months, so that ties and overlaps abound */
static void write_rules(const model_fixture *f)
{
    static const char *const item[] = {"freight", "tariff", "margin"};
    static const char *const group[] = {"", "metal", "ore"};
    static const char *const region[] = {"", "east", "west"};
    static const char *const month[] = {"", "2001-01", "2002-06", "2005-01"};
    static const char *const last[] = {"", "2006-12", "2005-03"};
    char *text = calloc(1, 200000), seen[400][64];
    assert_non_null(text);
    strcpy(text, "item,group,commodity,origin,destination,from,to,value,unit,source_id,grade\n");
    for (int i = 0, n = 0; i < 3000 && n < 400; i++) {
        int kind = draw(3), origin = draw(3), destination = draw(3);
        if (origin && origin == destination)
            continue;
        char name[64];
        bool is_new = true;
        snprintf(name, sizeof name, "%s,%s,,%s,%s,%s,", item[kind], group[draw(3)], region[origin],
                 region[destination], month[draw(4)]);
        for (int k = 0; k < n; k++)
            is_new = is_new && strcmp(seen[k], name) != 0;
        if (!is_new)
            continue;
        strcpy(seen[n++], name);
        sprintf(text + strlen(text), "%s%s,%d,%s,guess,D\n", name, last[draw(3)], draw(100),
                kind == 0 ? "USD/t" : "%");
    }
    model_fixture_write_text(f, "trade_costs.csv", text);
    free(text);
}

static void test_rules__agree_with_a_search_through_all_rows(void **state)
{
    (void)state;
    model_fixture f = model_fixture_new(TINY);
    write_rules(&f);
    yt_model *m = model_fixture_load(f.folder, NULL);
    static const int32_t items[] = {ITEM_trade_cost_freight, ITEM_trade_cost_tariff,
                                    ITEM_trade_cost_margin, ITEM_trade_cost_risk};
    int found = 0;
    for (int i = 0; i < 20000; i++) {
        const model_match match[] = {{trade_cost_origin, draw(3) - 1},
                                     {trade_cost_commodity, draw(4)},
                                     {trade_cost_group, draw(3)},
                                     {trade_cost_destination, draw(3) - 1}};
        int32_t n = draw(5), month = calendar_month(2000 + draw(8), 1 + draw(12));
        int32_t item = items[draw(4)];
        int32_t row = model_rule(m, TABLE_trade_cost, item, match, n, month);
        assert_int_equal(row, slow_rule(m, TABLE_trade_cost, item, match, n, month));
        found += row != YT_NONE;
    }
    assert_true(found > 5000);
    yt_model_free(m);
    model_fixture_free(&f);
}

static void test_rules__are_fast_enough_for_a_compile(void **state)
{
    (void)state;
    model_fixture f = model_fixture_new(TINY);
    write_rules(&f);
    yt_model *m = model_fixture_load(f.folder, NULL);
    clock_t begin = clock();
    int64_t sum = 0;
    for (int i = 0; i < 200000; i++) {
        const model_match match[] = {{trade_cost_origin, i & 1},
                                     {trade_cost_commodity, i & 3},
                                     {trade_cost_group, i % 3},
                                     {trade_cost_destination, (i >> 1) & 1}};
        sum += model_rule(m, TABLE_trade_cost, ITEM_trade_cost_freight, match, 4,
                          calendar_month(2000, 1) + i % 120);
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    printf("200,000 rules in %.3f s (%lld)\n", seconds, (long long)sum);
    assert_true(seconds < 2); /* under sanitizers; plain: about 0.02 */
    yt_model_free(m);
    model_fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules__the_row_that_names_most_wins_then_the_latest),
        cmocka_unit_test(test_rules__a_date_ends_with_its_last_month),
        cmocka_unit_test(test_rules__years_are_names_too),
        cmocka_unit_test(test_rules__agree_with_a_search_through_all_rows),
        cmocka_unit_test(test_rules__are_fast_enough_for_a_compile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
