/* test_store_read.c - questions, and files that somebody has tampered with. */
#include "room.h"
#include "store_fixture.h"

#include "base/text.h"
#include "store/export.h"
#include "store/read.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char path[128], other[128];

static int make_folder(void **state)
{
    (void)state;
    if (make_room(folder, NULL))
        return -1;
    snprintf(path, sizeof path, "%s/a b%%20?#.ytt", folder); /* a name that wants care in a URI */
    snprintf(other, sizeof other, "%s/damaged.ytt", folder);
    store_fixture f = store_fixture_small();
    f.is_hostile = true;
    f.facilities = 12;
    return make_store_for_tests(path, &f, NULL);
}

static int remove_folder(void **state)
{
    (void)state;
    return remove_room(folder);
}

/* The answer as text; free it.  *status and *message (may be NULL) tell how it went. */
static char *answer_of(const char *file, store_query_options q, yt_status *status, char *message)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    yt_log *log = yt_log_new();
    *status = store_query(file, &q, out, log);
    assert_true(*status == YT_OK || yt_log_count(log, YT_ERROR) > 0);
    if (message)
        snprintf(message, 2000, "%s", yt_log_count(log, YT_NOTE) ? yt_log_get(log, 0).text : "");
    yt_log_free(log);
    fclose(out);
    return text;
}

static void assert_answer(const char *sql, const char *expected)
{
    yt_status status;
    char message[2000];
    char *text = answer_of(path, (store_query_options){.sql = sql, .csv = true}, &status, message);
    if (status)
        fail_msg("%s: %s", sql, message);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_refused(const char *sql, yt_status due, const char *why)
{
    yt_status status;
    char message[2000];
    char *text =
        answer_of(path, (store_query_options){.sql = sql, .seconds = 0.3}, &status, message);
    assert_int_equal(status, due);
    if (!strstr(message, why))
        fail_msg("%s: %s", sql, message);
    assert_string_equal(text, "");
    free(text);
}

static void test_query__answers_in_three_forms(void **state)
{
    (void)state;
    const char *sql = "SELECT 1 AS a, 0.1 AS b, NULL AS c, 'x,y' AS d, 'p' AS a";
    assert_answer(sql, "a,b,c,d,a\n1,0.1,,\"x,y\",p\n");
    yt_status status;
    char *text = answer_of(path, (store_query_options){.sql = sql}, &status, NULL);
    assert_string_equal(text, "a    b  c  d    a\n-  ---  -  ---  -\n1  0.1     x,y  p\n");
    free(text);
    json_writer w = json_to_memory(0);
    json_begin_object(&w);
    text = answer_of(path, (store_query_options){.sql = sql, .json = &w}, &status, NULL);
    free(text);
    json_end_object(&w);
    char *json = json_take(&w, NULL);
    assert_string_equal(json, "{\"columns\":[\"a\",\"b\",\"c\",\"d\",\"a_2\"],\"rows\":[{\"a\":1,"
                              "\"b\":0.1,\"c\":null,\"d\":\"x,y\",\"a_2\":\"p\"}]}");
    free(json);
}

static void test_query__shows_hostile_text_harmlessly(void **state)
{
    (void)state;
    assert_answer("SELECT name FROM facility WHERE id = 'plant00'",
                  "name\n\"'=cmd|' /C calc'!A0\"\n");
    assert_answer("SELECT name FROM facility WHERE id = 'plant05'",
                  "name\n\"a\"\"b\\c\nsecond line\"\n");
    assert_answer("SELECT name FROM facility WHERE id = 'plant06'", "name\n\\x1B[31mred\n");
    assert_answer("SELECT name FROM facility WHERE id = 'plant08'", "name\n\"'-2\"\n");
    assert_answer("SELECT -2 AS n", "n\n-2\n");
    assert_answer("SELECT name FROM facility WHERE id = 'plant09'", "name\n\xc3\xa4\xe2\x82\xac\n");
    yt_status status;
    char *text = answer_of(
        path, (store_query_options){.sql = "SELECT name FROM facility WHERE id = 'plant06'"},
        &status, NULL);
    assert_null(strchr(text, '\x1b'));
    free(text);
}

static void test_query__takes_parameters(void **state)
{
    (void)state;
    const store_parameter p[] = {{"year", "2011"}, {"commodity", "good02"}};
    yt_status status;
    char *text = answer_of(
        path, (store_query_options){.sql = "prices", .csv = true, .parameter = p, .parameters = 2},
        &status, NULL);
    assert_int_equal(status, YT_OK);
    int lines = 0;
    for (char *c = text; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 1 + 3); /* one for each region */
    free(text);
    const store_parameter wrong = {"decade", "2010"};
    text = answer_of(path,
                     (store_query_options){.sql = "prices", .parameter = &wrong, .parameters = 1},
                     &status, NULL);
    assert_int_equal(status, YT_EUSAGE);
    free(text);
}

static void test_query__every_ready_made_question_has_an_answer(void **state)
{
    (void)state;
    for (int32_t i = 0; store_question_at(i); i++) {
        yt_status status;
        char message[2000];
        char *text = answer_of(path, (store_query_options){.sql = store_question_at(i)->name},
                               &status, message);
        if (status)
            fail_msg("%s: %s", store_question_at(i)->name, message);
        assert_true(strlen(text) > 20);
        free(text);
    }
}

/* The questions of the manual are real ones. */
static void test_query__every_question_of_the_manual_has_an_answer(void **state)
{
    (void)state;
    FILE *file = fopen("docs/store.md", "r");
    assert_non_null(file);
    char line[500], sql[4000] = "";
    bool inside = false;
    int questions = 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "```", 3) == 0 && inside) {
            yt_status status;
            char message[2000];
            char *text = answer_of(path, (store_query_options){.sql = sql}, &status, message);
            if (status)
                fail_msg("%s: %s", sql, message);
            free(text);
            questions++;
            inside = false;
        } else if (strncmp(line, "```sql", 6) == 0) {
            inside = true;
            sql[0] = '\0';
        } else if (inside) {
            strncat(sql, line, sizeof sql - strlen(sql) - 1);
        }
    }
    fclose(file);
    assert_true(questions >= 8);
}

/* What the manual says of a view's columns is what views.def says. */
static void test_query__the_manual_names_every_view_and_column(void **state)
{
    (void)state;
    FILE *file = fopen("docs/store.md", "r");
    assert_non_null(file);
    static char text[100000];
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (int32_t i = 0; store_column_at(i); i++) {
        const store_column_info *c = store_column_at(i);
        char view[80];
        snprintf(view, sizeof view, "\n`%s`:", c->view);
        const char *section = strstr(text, view);
        if (!section)
            fail_msg("docs/store.md lacks view %s", c->view);
        const char *end = strstr(section + 1, "\n`");
        const char *found = strstr(section, c->name);
        if (!found || (end && found > end))
            fail_msg("docs/store.md lacks %s.%s", c->view, c->name);
    }
}

static void test_query__says_what_is_wrong(void **state)
{
    (void)state;
    assert_refused("SELECT * FROM serie", YT_EUSAGE, "did you mean series?");
    assert_refused("SELECT * FROM nothing_like_it", YT_EUSAGE,
                   "facility_month, fan, flow, forecast_answer");
    assert_refused("SELECT valu FROM series", YT_EUSAGE, "did you mean value?");
    assert_refused("SELECT s.valu FROM series s", YT_EUSAGE, "series has run, variable, region");
    /* a column of another view of the question: never "no stage, did you mean stage?" */
    assert_refused("SELECT m.stage FROM facility_month m JOIN simulated_facility s", YT_EUSAGE,
                   "no column m.stage in the views after FROM.  facility_month has");
    assert_refused("SELECT FROM", YT_EUSAGE, "at character 8");
    assert_refused("", YT_EUSAGE, "empty");
    assert_refused("-- nothing", YT_EUSAGE, "empty");
    assert_refused("SELECT 1; SELECT 2", YT_EUSAGE, "one question at a time");
}

static void test_query__changes_and_loads_nothing(void **state)
{
    (void)state;
    struct stat before, after;
    stat(path, &before);
    static const char *const bad[] = {
        "DELETE FROM f_series",
        "INSERT INTO d_manifest VALUES('a', 'b')",
        "UPDATE f_series SET value = 0",
        "DROP VIEW series",
        "CREATE TEMP TABLE t(x)",
        "CREATE TABLE t(x)",
        "ATTACH '/etc/passwd' AS p",
        "DETACH main",
        "VACUUM INTO '/tmp/stolen'",
        "PRAGMA writable_schema = 1",
        "PRAGMA journal_mode = WAL",
        "SELECT load_extension('libc.so.6')",
        "REINDEX",
        "BEGIN",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(bad[i], YT_EUSAGE, "");
    stat(path, &after);
    assert_int_equal(before.st_size, after.st_size);
    assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void test_query__does_not_take_for_ever(void **state)
{
    (void)state;
    assert_refused("WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t)"
                   " SELECT count(*) FROM t",
                   YT_EIO, "no answer within 0.3 s");
    assert_refused("SELECT count(*) FROM series a, series b, series c, series d", YT_EIO,
                   "no answer");
}

static void test_query__files_that_are_no_result(void **state)
{
    (void)state;
    yt_status status;
    char message[2000];
    const store_query_options q = {.sql = "manifest"};
    free(answer_of("/nowhere/at/all", q, &status, message));
    assert_int_equal(status, YT_EIO);
    free(answer_of(folder, q, &status, message));
    assert_int_equal(status, YT_EIO);
    free(answer_of("/dev/zero", q, &status, message));
    assert_int_equal(status, YT_EIO);
    free(answer_of("docs/store.md", q, &status, message));
    assert_int_equal(status, YT_ESYNTAX);

    /* another program's database, and one of the future */
    unlink(other);
    sqlite3 *db;
    sqlite3_open(other, &db);
    sqlite3_exec(db, "CREATE TABLE t(x)", NULL, NULL, NULL);
    free(answer_of(other, q, &status, message));
    assert_int_equal(status, YT_ESYNTAX);
    sqlite3_exec(db, "PRAGMA application_id = 1500803705; PRAGMA user_version = 9", NULL, NULL,
                 NULL);
    free(answer_of(other, q, &status, message));
    assert_int_equal(status, YT_ESYNTAX);
    assert_non_null(strstr(message, "format 9"));
    sqlite3_close(db);
}

/* ------------------------------------------------------------------------------- damage */

static char *bytes;
static size_t size;

static void read_store(void)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct stat st;
    fstat(fileno(file), &st);
    size = (size_t)st.st_size;
    bytes = malloc(size);
    assert_int_equal(fread(bytes, 1, size, file), size);
    fclose(file);
}

static void write_damaged(size_t n)
{
    FILE *file = fopen(other, "wb");
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

/* Questions to a damaged file: answered or refused, never a crash. */
static int ask_damaged(void)
{
    static const char *const asked[] = {
        "prices",
        "output",
        "trade",
        "unserved",
        "balances",
        "grades",
        "events",
        "manifest",
        "SELECT count(*), sum(value) FROM series",
        "SELECT count(*) FROM entity",
    };
    int refused = 0;
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        yt_status status;
        char message[2000];
        free(answer_of(other, (store_query_options){.sql = asked[i], .csv = true, .seconds = 5},
                       &status, message));
        assert_true(status == YT_OK || status == YT_EIO || status == YT_ESYNTAX ||
                    status == YT_EUSAGE || status == YT_ENOMEM);
        refused += status != YT_OK;
    }
    store_reader *r = NULL;
    if (store_reader_open(other, NULL, &r) == YT_OK)
        refused += store_reader_check(r, NULL) != YT_OK;
    store_reader_close(r);
    return refused;
}

static void test_damage__flipped_bytes(void **state)
{
    (void)state;
    read_store();
    uint32_t random = 4711;
    int noticed = 0;
    for (int round = 0; round < 200; round++) {
        size_t at[12];
        char old[12];
        int flips = 1 + round % 12;
        for (int i = 0; i < flips; i++) {
            random = random * 1664525u + 1013904223u;
            /* every other one in the first pages, where the schema is */
            at[i] = i % 2 ? (random >> 4) % 16384 : (random >> 4) % size;
            old[i] = bytes[at[i]];
            bytes[at[i]] = (char)(random >> 24);
        }
        write_damaged(size);
        noticed += ask_damaged() > 0;
        for (int i = flips - 1; i >= 0; i--)
            bytes[at[i]] = old[i];
    }
    assert_true(noticed > 20);
    free(bytes);
}

static void test_damage__cut_off(void **state)
{
    (void)state;
    read_store();
    for (size_t n = 0; n < size; n += n < 200 ? 25 : 37813) {
        write_damaged(n);
        assert_true(ask_damaged() > 0);
    }
    free(bytes);
}

static void test_damage__a_view_without_end(void **state)
{
    (void)state;
    read_store();
    write_damaged(size);
    free(bytes);
    sqlite3 *db;
    sqlite3_open(other, &db);
    assert_int_equal(sqlite3_exec(db,
                                  "DROP VIEW manifest; CREATE VIEW manifest AS WITH RECURSIVE"
                                  " t(key, value) AS (SELECT 1, 1 UNION ALL SELECT key + 1, 1"
                                  " FROM t) SELECT key, value FROM t;"
                                  "DROP VIEW tax; CREATE VIEW tax AS SELECT load_extension('x');"
                                  "DROP VIEW fx; CREATE VIEW \"../fx\" AS SELECT 1 AS x;",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    yt_status status;
    char message[2000];
    time_t start = time(NULL);
    free(answer_of(other,
                   (store_query_options){.sql = "SELECT count(*) FROM manifest", .seconds = 1},
                   &status, message));
    assert_int_equal(status, YT_EIO);
    assert_true(time(NULL) - start < 10);
    free(answer_of(other, (store_query_options){.sql = "SELECT * FROM tax"}, &status, message));
    assert_int_not_equal(status, YT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query__answers_in_three_forms),
        cmocka_unit_test(test_query__shows_hostile_text_harmlessly),
        cmocka_unit_test(test_query__takes_parameters),
        cmocka_unit_test(test_query__every_ready_made_question_has_an_answer),
        cmocka_unit_test(test_query__every_question_of_the_manual_has_an_answer),
        cmocka_unit_test(test_query__the_manual_names_every_view_and_column),
        cmocka_unit_test(test_query__says_what_is_wrong),
        cmocka_unit_test(test_query__changes_and_loads_nothing),
        cmocka_unit_test(test_query__does_not_take_for_ever),
        cmocka_unit_test(test_query__files_that_are_no_result),
        cmocka_unit_test(test_damage__flipped_bytes),
        cmocka_unit_test(test_damage__cut_off),
        cmocka_unit_test(test_damage__a_view_without_end),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
