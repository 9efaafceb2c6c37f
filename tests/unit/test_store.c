/* test_store.c - what is written can be read back, bit by bit, or the old file stays. */
#include "room.h"
#include "store_fixture.h"

#include "base/text.h"
#include "store/read.h"

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    if (make_room(folder, NULL))
        return -1;
    snprintf(path, sizeof path, "%s/a.ytt", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return remove_room(folder);
}

/* Files in the folder, that of the store included. */
static int files(void)
{
    int n = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));)
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

static sqlite3 *open_plainly(const char *name)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return db;
}

static sqlite3_stmt *ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *rows;
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    return rows;
}

static int64_t count(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *rows = ask(db, sql);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(rows, 0);
    sqlite3_finalize(rows);
    return n;
}

static void assert_text(sqlite3 *db, const char *sql, const char *expected)
{
    sqlite3_stmt *rows = ask(db, sql);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(rows, 0), expected);
    sqlite3_finalize(rows);
}

/* -------------------------------------------------------------------------------- numbers */

static void test_store__prices_come_back_bit_by_bit(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    f.runs = 3;
    assert_int_equal(make_store_for_tests(path, &f, NULL), YT_OK);
    sqlite3 *db = open_plainly(path);
    sqlite3_stmt *rows = ask(db, "SELECT run, region, commodity_id, month, value FROM series"
                                 " WHERE variable = 'price'");
    int n = 0, nulls = 0;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        int region = atoi((const char *)sqlite3_column_text(rows, 1) + 6);
        int good = atoi((const char *)sqlite3_column_text(rows, 2) + 4);
        const char *month = (const char *)sqlite3_column_text(rows, 3);
        int m = (atoi(month) - 2010) * 12 + atoi(month + 5) - 1;
        double due = store_fixture_price(&f, sqlite3_column_int(rows, 0), region, good, m);
        if (isnan(due)) {
            assert_int_equal(sqlite3_column_type(rows, 4), SQLITE_NULL);
            nulls++;
        } else {
            double got = sqlite3_column_double(rows, 4);
            assert_memory_equal(&got, &due, sizeof due);
        }
        n++;
    }
    assert_int_equal(n, f.runs * f.regions * f.commodities * f.months);
    assert_true(nulls > 0);
    sqlite3_finalize(rows);
    sqlite3_close(db);
}

/* A store of nothing but one series with these values, month after month. */
static yt_status write_values(const double *value, int n)
{
    store_fixture f = store_fixture_small();
    yt_model *model = make_model_for_tests(&f);
    const store_series_key key = {"x", NULL, NULL, "1"};
    const store_layout layout = {.series = 1, .series_key = &key};
    yt_store *store = NULL;
    yt_status status = store_create(path, true, model, &layout, NULL, &store);
    for (int i = 0; !status && i < n; i++) {
        const store_month month = {.month = 24000 + i, .series = &value[i]};
        status = store_write_month(store, &month, NULL);
    }
    arena_free(model->memory);
    return status ? status : store_finish(store, NULL, 0, NULL);
}

static void test_store__odd_numbers_come_back_bit_by_bit(void **state)
{
    (void)state;
    enum { N = 4000 };
    double *value = calloc(N, sizeof *value);
    const double odd[] = {0,
                          1,
                          -1,
                          0.1,
                          5e-324,
                          2.2250738585072014e-308,
                          1e308,
                          INFINITY,
                          -INFINITY,
                          4503599627370497.0,
                          9007199254740993.0,
                          1e15,
                          -1e-15,
                          281474976710656.0};
    uint64_t word = 88172645463325252u;
    for (int i = 0; i < N; i++) {
        word ^= word << 13, word ^= word >> 7, word ^= word << 17;
        memcpy(&value[i], &word, sizeof word);
        if (isnan(value[i]))
            value[i] = 0.5;
        if (i < (int)(sizeof odd / sizeof odd[0]))
            value[i] = odd[i];
    }
    assert_int_equal(write_values(value, N), YT_OK);
    sqlite3 *db = open_plainly(path);
    sqlite3_stmt *rows = ask(db, "SELECT value FROM series ORDER BY month");
    for (int i = 0; i < N; i++) {
        assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
        double got = sqlite3_column_double(rows, 0);
        assert_memory_equal(&got, &value[i], sizeof got);
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    free(value);
}

/* Many months of wide rows: written in several parts, still one after the other. */
static void test_store__rows_are_all_there(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    assert_int_equal(make_store_for_tests(path, &f, NULL), YT_OK);
    sqlite3 *db = open_plainly(path);
    assert_int_equal(count(db, "SELECT count(*) FROM series"),
                     (5 * f.regions * f.commodities + 1) * f.months);
    assert_int_equal(count(db, "SELECT count(*) FROM facility_month"), f.facilities * f.months);
    assert_int_equal(count(db, "SELECT count(*) FROM certificate"), f.months);
    assert_int_equal(count(db, "SELECT count(*) FROM balance"), 2 * f.months);
    assert_int_equal(count(db, "SELECT count(*) FROM event"), 1);
    assert_int_equal(count(db, "SELECT count(*) FROM month"), f.months);
    assert_int_equal(count(db, "SELECT count(*) FROM flow WHERE tonnes = 0"), 0);
    assert_true(count(db, "SELECT count(*) FROM flow WHERE cif_usd_per_t IS NULL") > 0);
    assert_int_equal(count(db, "SELECT count(*) FROM flow"), 2 * f.regions * f.commodities * 8);
    assert_int_equal(count(db, "SELECT count(DISTINCT status) FROM facility_month"), 2);
    assert_int_equal(count(db, "SELECT count(*) FROM use"), 9 * f.regions * f.months);
    assert_int_equal(count(db, "SELECT count(*) FROM use_commodity"), 18 * f.regions * f.months);
    assert_int_equal(count(db, "SELECT abs(sum(wanted) - (SELECT sum(wanted) FROM use_commodity))"
                               " < 1e-6 FROM use"),
                     1);
    sqlite3_close(db);
}

/* A tenth is missing from the middle on: the flexible lose it, or the normal where nobody is. */
static void test_store__what_is_served_goes_to_the_critical_first(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    assert_int_equal(make_store_for_tests(path, &f, NULL), YT_OK);
    sqlite3 *db = open_plainly(path);
    static const struct {
        const char *use, *tier;
        double share, served;
    } expected[] = {
        {"use00", "critical", 0.3, 1},     {"use00", "normal", 0.5, 1},
        {"use00", "flexible", 0.2, 0.5},   {"use01", "critical", 0.3, 1},
        {"use01", "normal", 0.7, 6.0 / 7}, {"use01", "flexible", 0, 1},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        char sql[800];
        snprintf(
            sql, sizeof sql,
            "SELECT count(*) FROM use_commodity u JOIN"
            " (SELECT end_use AS e, region AS r, commodity AS c, month AS m, sum(wanted) AS all_of"
            " FROM use_commodity GROUP BY 1, 2, 3, 4) ON e = end_use AND r = region AND"
            " c = commodity AND m = month WHERE end_use = '%s' AND tier = '%s' AND"
            " abs(wanted - %.17g * all_of) < 1e-12 AND abs(served - wanted *"
            " CASE WHEN month > '2011-01' THEN %.17g ELSE 1 END) < 1e-12",
            expected[i].use, expected[i].tier, expected[i].share, expected[i].served);
        assert_int_equal(count(db, sql), 2 * f.regions * f.months);
    }
    assert_int_equal(count(db, "SELECT count(*) FROM f_use WHERE served IS NULL"),
                     6 * f.regions * (f.months / 2 + 1));
    sqlite3_close(db);
}

/* ---------------------------------------------------------------------------------- views */

static void test_store__views_have_the_columns_that_are_promised(void **state)
{
    (void)state;
    static const char *const promised[][2] = {
        {"series", "run,variable,region,commodity,month,value,unit,commodity_id"},
        {"flow", "run,commodity,origin,destination,month,tonnes,cif_usd_per_t,kind,commodity_id"},
        {"facility_month", "run,facility,month,output,capacity,status"},
        {"use", "run,end_use,region,tier,month,wanted,served"},
        {"use_commodity", "run,end_use,region,commodity,tier,month,wanted,served,commodity_id"},
        {"certificate", "run,month,balance,complementarity,gap,iterations"},
        {"balance", "run,month,element,closure,opening,mined,in_use,stocks,scrap,tailings,losses,"
                    "disposed"},
        {"event", "run,month,kind,subject,text"},
        {"input",
         "table,key,column,value,unit,low,high,source_id,grade,note,dist,number,file,line"},
        {"manifest", "key,value"},
        {"entity", "table,row,key,column,text"},
        {"facility",
         "id,name,site,region,country,lat,lon,owner,owner_type,stage,recipe,status,note,"
         "file,line"},
    };
    sqlite3 *db = open_plainly(path);
    for (size_t i = 0; i < sizeof promised / sizeof promised[0]; i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "SELECT group_concat(name) FROM pragma_table_info('%s')",
                 promised[i][0]);
        assert_text(db, sql, promised[i][1]);
    }
    /* and those of views.def, in order */
    for (int32_t v = 0; store_view_at(v); v++) {
        char expected[500] = "", sql[200];
        for (int32_t c = 0; store_column_at(c); c++)
            if (text_equal(store_column_at(c)->view, store_view_at(v)->name)) {
                strcat(expected, expected[0] ? "," : "");
                strcat(expected, store_column_at(c)->name);
            }
        snprintf(sql, sizeof sql, "SELECT group_concat(name) FROM pragma_table_info('%s')",
                 store_view_at(v)->name);
        assert_text(db, sql, expected);
    }
    sqlite3_close(db);
}

static void test_store__every_table_of_the_case_has_a_view(void **state)
{
    (void)state;
    sqlite3 *db = open_plainly(path);
    for (int t = 0; t < TABLE_COUNT; t++) {
        const char *name = model_table_describe((table_id)t).name;
        char sql[200];
        const char *view = text_equal(name, "group")   ? "commodity_group"
                           : text_equal(name, "event") ? "case_event"
                                                       : name;
        snprintf(sql, sizeof sql, "SELECT count(*) >= 0 FROM \"%s\"", view);
        assert_int_equal(count(db, sql), 1);
    }
    sqlite3_close(db);
}

static void test_store__inputs_are_as_written(void **state)
{
    (void)state;
    sqlite3 *db = open_plainly(path);
    assert_text(
        db,
        "SELECT \"column\" || ' ' || value || ' ' || unit || ' ' || source_id || ' ' || grade"
        " FROM input WHERE \"table\" = 'facility_fact' AND key = 'plant00|capacity|2010-07'",
        "capacity 1200.0 t/a rule D");
    assert_text(db, "SELECT \"column\" FROM input WHERE \"table\" = 'fx' AND key = 'XYZ|2010'",
                "value");
    assert_text(db, "SELECT share FROM composition WHERE commodity = 'good00'", "0.5");
    assert_text(db,
                "SELECT text FROM entity WHERE \"table\" = 'facility' AND key = 'plant01'"
                " AND \"column\" = 'region'",
                "region01");
    assert_text(db, "SELECT value FROM manifest WHERE key = 'seed'", "1");
    assert_text(db, "SELECT value FROM manifest WHERE key = 'start'", "2010-01");
    sqlite3_close(db);
}

static void test_store__hostile_names_are_only_names(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    f.is_hostile = true;
    f.facilities = 12;
    assert_int_equal(make_store_for_tests(path, &f, NULL), YT_OK);
    sqlite3 *db = open_plainly(path);
    assert_text(db, "SELECT name FROM facility WHERE id = 'plant01'",
                "'); DROP TABLE d_series; --");
    assert_text(db, "SELECT name FROM simulated_facility WHERE id = 'plant05'",
                "a\"b\\c\nsecond line");
    assert_text(db, "SELECT text FROM event", "'); DROP TABLE d_series; --");
    assert_true(count(db, "SELECT count(*) FROM series") > 0);
    sqlite3_close(db);
}

/* --------------------------------------------------------------------------------- places */

static void test_store__one_file_remains(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    assert_int_equal(make_store_for_tests(path, &f, NULL), YT_OK);
    assert_int_equal(files(), 1);
    sqlite3 *db = open_plainly(path);
    assert_text(db, "PRAGMA journal_mode", "delete");
    assert_int_equal(count(db, "PRAGMA application_id"), 0x59747279);
    assert_int_equal(count(db, "PRAGMA user_version"), 1);
    sqlite3_close(db);
}

static void assert_refused(const char *name, bool overwrite, const char *why)
{
    store_fixture f = store_fixture_small();
    yt_model *model = make_model_for_tests(&f);
    const store_layout layout = {0};
    yt_store *store = NULL;
    yt_log *log = yt_log_new();
    assert_int_equal(store_create(name, overwrite, model, &layout, log, &store), YT_EIO);
    assert_null(store);
    assert_true(yt_log_count(log, YT_ERROR) == 1);
    yt_message m = yt_log_get(log, 0);
    assert_string_equal(m.file, name);
    if (!strstr(m.text, why))
        fail_msg("%s: %s", name, m.text);
    yt_log_free(log);
    arena_free(model->memory);
}

static void test_store__says_why_a_place_will_not_do(void **state)
{
    (void)state;
    char missing[160];
    snprintf(missing, sizeof missing, "%s/nowhere/a.ytt", folder);
    assert_refused(path, false, "exists already");
    assert_refused(folder, true, "is a folder");
    assert_refused(missing, true, "No such file or directory");
    assert_refused("/dev/null", true, "device");
    assert_int_equal(files(), 1);
}

static void test_store__abandoned_leaves_the_old_file(void **state)
{
    (void)state;
    struct stat before, after;
    assert_int_equal(stat(path, &before), 0);
    store_fixture f = store_fixture_small();
    yt_model *model = make_model_for_tests(&f);
    const store_layout layout = {0};
    yt_store *store = NULL;
    assert_int_equal(store_create(path, true, model, &layout, NULL, &store), YT_OK);
    assert_true(files() >= 2);
    const store_month month = {.month = 24000};
    assert_int_equal(store_write_month(store, &month, NULL), YT_OK);
    store_abandon(store);
    store_abandon(NULL);
    arena_free(model->memory);
    assert_int_equal(files(), 1);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void test_store__months_come_in_order(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    yt_model *model = make_model_for_tests(&f);
    const store_layout layout = {0};
    yt_store *store = NULL;
    yt_log *log = yt_log_new();
    assert_int_equal(store_create(path, true, model, &layout, log, &store), YT_OK);
    store_month month = {.month = 24001};
    assert_int_equal(store_write_month(store, &month, log), YT_OK);
    assert_int_equal(store_write_month(store, &month, log), YT_ERANGE);
    month.month = 24002;
    assert_int_equal(store_write_month(store, &month, log), YT_ERANGE); /* once failed */
    assert_int_equal(store_finish(store, NULL, 0, log), YT_ERANGE);
    yt_log_free(log);
    arena_free(model->memory);
    assert_int_equal(files(), 1);
}

/* A file that appears while ours is being written is not overwritten. */
static void test_store__does_not_replace_a_newcomer(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    yt_model *model = make_model_for_tests(&f);
    const store_layout layout = {0};
    yt_store *store = NULL;
    unlink(path);
    assert_int_equal(store_create(path, false, model, &layout, NULL, &store), YT_OK);
    FILE *other = fopen(path, "w");
    fputs("mine", other);
    fclose(other);
    assert_int_equal(store_finish(store, NULL, 0, NULL), YT_EIO);
    arena_free(model->memory);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 4);
    assert_int_equal(files(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store__prices_come_back_bit_by_bit),
        cmocka_unit_test(test_store__odd_numbers_come_back_bit_by_bit),
        cmocka_unit_test(test_store__rows_are_all_there),
        cmocka_unit_test(test_store__what_is_served_goes_to_the_critical_first),
        cmocka_unit_test(test_store__views_have_the_columns_that_are_promised),
        cmocka_unit_test(test_store__every_table_of_the_case_has_a_view),
        cmocka_unit_test(test_store__inputs_are_as_written),
        cmocka_unit_test(test_store__hostile_names_are_only_names),
        cmocka_unit_test(test_store__one_file_remains),
        cmocka_unit_test(test_store__says_why_a_place_will_not_do),
        cmocka_unit_test(test_store__abandoned_leaves_the_old_file),
        cmocka_unit_test(test_store__months_come_in_order),
        cmocka_unit_test(test_store__does_not_replace_a_newcomer),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
