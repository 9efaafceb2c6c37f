/* test_store_export.c - exports hold what the store holds, and stand in nobody's way. */
#include "room.h"
#include "store_fixture.h"

#include "store/export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char store[128], csv[128], xlsx[128], json[128];

static int make_folder(void **state)
{
    (void)state;
    if (make_room(folder, NULL))
        return -1;
    snprintf(store, sizeof store, "%s/a.ytt", folder);
    snprintf(csv, sizeof csv, "%s/out", folder);
    snprintf(xlsx, sizeof xlsx, "%s/out.xlsx", folder);
    snprintf(json, sizeof json, "%s/out.json", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return remove_room(folder);
}

static yt_status export_to(const char *format, const char *to, bool replace, char *message)
{
    const store_export_options options = {.format = format, .to = to, .replace = replace};
    yt_log *log = yt_log_new();
    yt_status status = store_export(store, &options, log);
    if (message)
        snprintf(message, 1000, "%s", yt_log_count(log, YT_NOTE) ? yt_log_get(log, 0).text : "");
    yt_log_free(log);
    return status;
}

/* Export three times and let Python read all of it back. */
static void check_with_python(const store_fixture *f)
{
    if (system("python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null") != 0)
        skip();
    assert_int_equal(make_store_for_tests(store, f, NULL), YT_OK);
    assert_int_equal(export_to("csv", csv, true, NULL), YT_OK);
    assert_int_equal(export_to(NULL, xlsx, true, NULL), YT_OK);
    assert_int_equal(export_to(NULL, json, true, NULL), YT_OK);
    char command[800];
    snprintf(command, sizeof command, "python3 tests/property/check_export.py %s %s %s %s", store,
             csv, xlsx, json);
    assert_int_equal(system(command), 0);
}

static void test_export__says_what_the_store_says(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    f.runs = 2;
    check_with_python(&f);
}

static void test_export__hostile_names_are_only_names(void **state)
{
    (void)state;
    store_fixture f = store_fixture_small();
    f.is_hostile = true;
    f.facilities = 12;
    check_with_python(&f);
}

static void test_export__replaces_only_when_told(void **state)
{
    (void)state;
    char message[1000];
    assert_int_equal(export_to("csv", csv, false, message), YT_EIO);
    assert_non_null(strstr(message, "exists already"));
    assert_int_equal(export_to("csv", csv, true, message), YT_OK);
    assert_int_equal(export_to("xlsx", xlsx, false, message), YT_EIO);
    assert_int_equal(export_to("json", json, false, message), YT_EIO);
}

static void test_export__leaves_the_files_of_others_alone(void **state)
{
    (void)state;
    char thesis[200], message[1000];
    snprintf(thesis, sizeof thesis, "%s/thesis.tex", csv);
    FILE *file = fopen(thesis, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(export_to("csv", csv, true, message), YT_EIO);
    assert_non_null(strstr(message, "other files"));
    assert_int_equal(access(thesis, F_OK), 0);
    assert_int_equal(export_to("json", csv, true, message), YT_EIO);
    assert_int_equal(export_to("csv", json, true, message), YT_EIO);
}

static void test_export__says_which_formats_there_are(void **state)
{
    (void)state;
    char message[1000], nowhere[200];
    assert_int_equal(export_to("parquet", csv, true, message), YT_EUSAGE);
    assert_non_null(strstr(message, "there is no format parquet; there are: csv"));
    assert_int_equal(export_to(NULL, "out", true, message), YT_EUSAGE);
    assert_non_null(strstr(message, "xlsx"));
    snprintf(nowhere, sizeof nowhere, "%s/no/where.json", folder);
    assert_int_equal(export_to(NULL, nowhere, true, message), YT_EIO);
    snprintf(nowhere, sizeof nowhere, "%s/no/where.xlsx", folder);
    assert_int_equal(export_to(NULL, nowhere, true, message), YT_EIO);
    snprintf(nowhere, sizeof nowhere, "%s/no/where/", folder);
    assert_int_equal(export_to("csv", nowhere, true, message), YT_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_export__says_what_the_store_says),
        cmocka_unit_test(test_export__hostile_names_are_only_names),
        cmocka_unit_test(test_export__replaces_only_when_told),
        cmocka_unit_test(test_export__leaves_the_files_of_others_alone),
        cmocka_unit_test(test_export__says_which_formats_there_are),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
