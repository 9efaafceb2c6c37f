/* test_view_compare.c - what differs is found, what does not is called identical. */
#include "room.h"
#include "store_fixture.h"

#include "view/compare.h"

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

static char folder[64];
static char base[128], same[128], other[128];

static int make_folder(void **state)
{
    (void)state;
    if (make_room(folder, NULL))
        return -1;
    snprintf(base, sizeof base, "%s/base.ytt", folder);
    snprintf(same, sizeof same, "%s/same.ytt", folder);
    snprintf(other, sizeof other, "%s/other.ytt", folder);
    store_fixture f = store_fixture_small();
    if (make_store_for_tests(base, &f, NULL) || make_store_for_tests(same, &f, NULL))
        return -1;
    f.shift = 0.25;
    f.capacity = 1500;
    return make_store_for_tests(other, &f, NULL);
}

static int remove_folder(void **state)
{
    (void)state;
    return remove_room(folder);
}

/* The comparison of base with `with`, as text; free it. */
static char *compared(const char *with, compare_options options, yt_status due)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const char *const paths[] = {base, with};
    yt_log *log = yt_log_new();
    options.rows = options.rows ? options.rows : 20;
    assert_int_equal(compare_stores(paths, 2, &options, out, log), due);
    assert_true(due == YT_OK || yt_log_count(log, YT_ERROR) == 1);
    yt_log_free(log);
    fclose(out);
    return text;
}

static void assert_says(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("'%s' is not in:\n%s", what, text);
}

static void test_compare__same_bits_are_identical(void **state)
{
    (void)state;
    char *text = compared(same, (compare_options){.fail_on = 0}, YT_OK);
    assert_says(text, "identical: every value of every table");
    free(text);
}

static void test_compare__finds_the_changed_inputs(void **state)
{
    (void)state;
    char *text = compared(other, (compare_options){.fail_on = -1}, YT_OK);
    assert_null(strstr(text, "identical"));
    assert_says(text, "Inputs: 5 changed, 0 removed (only in A), 0 added (only in B)");
    assert_says(text, "facility_fact[plant00|capacity|2010-07].capacity");
    assert_says(text, "1200 t/a [rule (D)] -> 1500 t/a [rule (D)]");
    free(text);
}

static void test_compare__finds_the_changed_series(void **state)
{
    (void)state;
    char *text = compared(other, (compare_options){.fail_on = -1}, YT_OK);
    assert_says(text, "price                          3/12      6.25 %       25 %");
    assert_says(text, "facility_month.capacity         5/5        25 %       25 %");
    assert_says(text, "stock                          0/12         0 %");
    assert_says(text, "Mean of the year: price, region00 good03");
    assert_says(text, "+25 %");
    free(text);
}

static void test_compare__fails_when_told(void **state)
{
    (void)state;
    free(compared(other, (compare_options){.fail_on = 24.9}, YT_EINFEAS));
    free(compared(other, (compare_options){.fail_on = 25.1}, YT_OK));
    free(compared(other, (compare_options){.fail_on = 0, .commodity = "good00"}, YT_OK));
    free(compared(other, (compare_options){.fail_on = 0, .variable = "stock"}, YT_OK));
    free(compared(other, (compare_options){.fail_on = 0, .region = "region01"}, YT_EINFEAS));
}

static void test_compare__sees_a_single_bit(void **state)
{
    (void)state;
    char name[160], command[400];
    snprintf(name, sizeof name, "%s/bit.ytt", folder);
    snprintf(command, sizeof command, "cp '%s' '%s'", base, name);
    assert_int_equal(system(command), 0);
    sqlite3 *db;
    sqlite3_open(name, &db);
    sqlite3_stmt *update;
    sqlite3_prepare_v2(db, "UPDATE f_series SET value = ?1 WHERE id = (2 << 16) + 24124", -1,
                       &update, NULL);
    store_fixture f = store_fixture_small();
    sqlite3_bind_double(update, 1, nextafter(store_fixture_price(&f, 0, 0, 2, 4), 1e9));
    assert_int_equal(sqlite3_step(update), SQLITE_DONE);
    sqlite3_finalize(update);
    assert_int_equal(sqlite3_changes(db), 1);
    sqlite3_close(db);
    char *text = compared(name, (compare_options){.fail_on = 0}, YT_EINFEAS);
    assert_null(strstr(text, "identical"));
    assert_says(text, "2010-05");
    assert_says(text, "price, region00 good02");
    free(text);
}

static void test_compare__knows_what_only_one_has(void **state)
{
    (void)state;
    char name[160];
    snprintf(name, sizeof name, "%s/larger.ytt", folder);
    store_fixture f = store_fixture_small();
    f.regions = 4;
    f.runs = 2;
    assert_int_equal(make_store_for_tests(name, &f, NULL), YT_OK);
    char *text = compared(name, (compare_options){.fail_on = 1e9, .rows = 1000}, YT_EINFEAS);
    assert_says(text, "(months with a value: 0 only in A, 48 only in B)");
    assert_says(text, "added    region[region03].name");
    free(text);
}

static void test_compare__writes_json(void **state)
{
    (void)state;
    json_writer w = json_to_memory(0);
    json_begin_object(&w);
    const char *const paths[] = {base, same, other};
    const compare_options options = {.json = &w, .fail_on = -1};
    assert_int_equal(compare_stores(paths, 3, &options, NULL, NULL), YT_OK);
    json_end_object(&w);
    char *text = json_take(&w, NULL);
    assert_non_null(text);
    assert_says(text, "\"identical\":true");
    assert_says(text, "\"identical\":false");
    assert_says(text, "\"variable\":\"price\",\"subject\":\"region00 good03\"");
    free(text);
}

static void test_compare__refuses_other_files(void **state)
{
    (void)state;
    free(compared("docs/store.md", (compare_options){.fail_on = -1}, YT_ESYNTAX));
    free(compared("/nowhere/at/all", (compare_options){.fail_on = -1}, YT_EIO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare__same_bits_are_identical),
        cmocka_unit_test(test_compare__finds_the_changed_inputs),
        cmocka_unit_test(test_compare__finds_the_changed_series),
        cmocka_unit_test(test_compare__fails_when_told),
        cmocka_unit_test(test_compare__sees_a_single_bit),
        cmocka_unit_test(test_compare__knows_what_only_one_has),
        cmocka_unit_test(test_compare__writes_json),
        cmocka_unit_test(test_compare__refuses_other_files),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
