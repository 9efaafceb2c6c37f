/* test_base_csv.c - tables: what is read, what is refused, where and in which words. */
#include "base/file.h"
#include "base/table.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct reading {
    arena *memory;
    yt_log *log;
    table table;
    yt_status status;
} reading;

static reading read_bytes(const char *bytes, size_t n)
{
    reading r = {.memory = arena_new(), .log = yt_log_new()};
    /* exactly n bytes, so that a sanitizer sees a step too far */
    char *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    r.status = table_parse(r.memory, copy, n, "t.csv", r.log, &r.table);
    free(copy);
    return r;
}

static reading read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void close_reading(reading *r)
{
    arena_free(r->memory);
    yt_log_free(r->log);
}

static void assert_cell(const reading *r, int32_t row, int32_t column, const char *text)
{
    assert_true(row < r->table.rows && column < r->table.columns);
    assert_string_equal(table_at(&r->table, row, column)->text, text);
}

/* the only message: status, place, and a piece of its text */
static void assert_refused(const char *text, yt_status status, int32_t line, int32_t column,
                           const char *clue)
{
    reading r = read_text(text);
    assert_int_equal(r.status, status);
    assert_int_equal(yt_log_count(r.log, YT_ERROR), 1);
    yt_message m = yt_log_get(r.log, 0);
    if (!strstr(m.text, clue) || m.line != line || m.column != column)
        print_error("%d:%d %s\n", m.line, m.column, m.text);
    assert_non_null(strstr(m.text, clue));
    assert_string_equal(m.file, "t.csv");
    assert_int_equal(m.line, line);
    assert_int_equal(m.column, column);
    close_reading(&r);
}

static void test_csv__reads_plain_rows(void **state)
{
    (void)state;
    reading r = read_text("id,name\na,Alpha\nb,\n");
    assert_int_equal(r.status, YT_OK);
    assert_int_equal(r.table.columns, 2);
    assert_int_equal(r.table.rows, 2);
    assert_cell(&r, 0, 1, "Alpha");
    assert_cell(&r, 1, 1, "");
    assert_int_equal(table_column(&r.table, "name"), 1);
    assert_int_equal(table_column(&r.table, "nam"), YT_NONE);
    assert_int_equal(table_at(&r.table, 0, 1)->line, 2);
    assert_int_equal(table_at(&r.table, 0, 1)->column, 3);
    close_reading(&r);
}

static void test_csv__accepts_bom_crlf_and_a_missing_last_newline(void **state)
{
    (void)state;
    static const char *const same[] = {"a,b\n1,2\n",
                                       "a,b\n1,2",
                                       "\xef\xbb\xbf"
                                       "a,b\r\n1,2\r\n",
                                       "a,b\n1,2\n\n\n",
                                       "\"a\",\"b\"\n\"1\",\"2\"",
                                       "a,b\r\n1,2",
                                       "\n\na,b\n\n1,2\r\n\r\n"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        reading r = read_text(same[i]);
        assert_int_equal(r.status, YT_OK);
        assert_int_equal(r.table.rows, 1);
        assert_string_equal(r.table.header[0].text, "a");
        assert_cell(&r, 0, 0, "1");
        assert_cell(&r, 0, 1, "2");
        close_reading(&r);
    }
}

static void test_csv__reads_quotes_with_commas_quotes_and_lines(void **state)
{
    (void)state;
    reading r = read_text("id,note,end\na,\"x, \"\"y\"\"\r\nz\",1\nb,\"\",2\n");
    assert_int_equal(r.status, YT_OK);
    assert_int_equal(r.table.rows, 2);
    assert_cell(&r, 0, 1, "x, \"y\"\nz");
    assert_cell(&r, 0, 2, "1");
    assert_int_equal(table_at(&r.table, 0, 2)->line, 3);
    assert_int_equal(table_at(&r.table, 0, 2)->column, 4);
    assert_cell(&r, 1, 1, "");
    assert_int_equal(table_at(&r.table, 1, 0)->line, 4);
    close_reading(&r);
}

/* characters, not bytes */
static void test_csv__counts_columns_in_characters(void **state)
{
    (void)state;
    reading r = read_text("a,b,c\né€😀,\"ü\"\"\",x\n");
    assert_int_equal(table_at(&r.table, 0, 1)->column, 5);
    assert_int_equal(table_at(&r.table, 0, 2)->column, 11);
    close_reading(&r);
}

static void test_csv__refuses_semicolons(void **state)
{
    (void)state;
    assert_refused("id;name\na;b\n", YT_ESYNTAX, 1, 1, "semicolons");
    assert_refused("\xef\xbb\xbfid;name,x;y\n", YT_ESYNTAX, 1, 1, "semicolons");
}

static void test_csv__refuses_tabs_bars_and_sep_lines(void **state)
{
    (void)state;
    assert_refused("id\tname\na\tb\n", YT_ESYNTAX, 1, 1, "tabs");
    assert_refused("id|name\na|b\n", YT_ESYNTAX, 1, 1, "bars");
    assert_refused("sep=;\nid;name\n", YT_ESYNTAX, 1, 1, "sep=");
    assert_refused("sep=,\nid,name\n", YT_ESYNTAX, 1, 1, "sep=");
}

static void test_csv__refuses_rows_of_other_lengths_and_reads_on(void **state)
{
    (void)state;
    reading r = read_text("a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n1,2,3\n");
    assert_int_equal(r.status, YT_ESYNTAX);
    assert_int_equal(r.table.rows, 1);
    assert_cell(&r, 0, 2, "3");
    assert_int_equal(yt_log_count(r.log, YT_ERROR), 3);
    assert_non_null(strstr(yt_log_get(r.log, 0).text, "2 of 3 cells"));
    assert_int_equal(yt_log_get(r.log, 0).line, 2);
    assert_non_null(strstr(yt_log_get(r.log, 1).text, "4 cells; the header has 3"));
    assert_int_equal(yt_log_get(r.log, 1).line, 3);
    assert_int_equal(yt_log_get(r.log, 1).column, 7);
    assert_non_null(strstr(yt_log_get(r.log, 2).text, "trailing commas"));
    close_reading(&r);
}

static void test_csv__refuses_quotes_out_of_place(void **state)
{
    (void)state;
    assert_refused("a,b\n1,x\"y\n", YT_ESYNTAX, 2, 4, "a quote (\") stands inside");
    assert_refused("a,b\n\"1\"x,2\n", YT_ESYNTAX, 2, 4, "text follows a closing quote");
    assert_refused("a,b\n1,\"open\n2,3\n4,5\n", YT_ESYNTAX, 2, 3, "never closed");
    reading r = read_text("a,b\n1,\"open\n2,\"x\"\n4,5\n");
    assert_int_equal(r.status, YT_ESYNTAX);
    assert_non_null(strstr(yt_log_get(r.log, 0).text, "began at 2:3"));
    close_reading(&r);
}

static void test_csv__refuses_bytes_that_are_no_text(void **state)
{
    (void)state;
    assert_refused("a,b\n1,\xff\n", YT_ESYNTAX, 2, 3, "not UTF-8");
    assert_refused("a,b\n1,M\xfcller and more\n", YT_ESYNTAX, 2, 4, "not UTF-8");
    assert_refused("\xff\xfe"
                   "abc",
                   YT_ESYNTAX, 1, 1, "UTF-16");
    assert_refused("a,b\r1,2\r", YT_ESYNTAX, 1, 0, "carriage returns alone");
    assert_refused("a,b\n1\r2,3\n", YT_ESYNTAX, 2, 2, "lone carriage return");
    assert_refused("PK\3\4xxxxx", YT_ESYNTAX, 1, 1, "workbook");
    reading r = read_bytes("a,b\n1,2\n3,\0\n", 12);
    assert_int_equal(r.status, YT_ESYNTAX);
    assert_non_null(strstr(yt_log_get(r.log, 0).text, "NUL"));
    assert_int_equal(yt_log_get(r.log, 0).line, 3);
    assert_int_equal(yt_log_get(r.log, 0).column, 3);
    close_reading(&r);
}

static void test_csv__refuses_bad_headers(void **state)
{
    (void)state;
    assert_refused("", YT_ESYNTAX, 1, 1, "empty");
    assert_refused("\n\n", YT_ESYNTAX, 1, 1, "empty");
    assert_refused("a,,c\n", YT_ESYNTAX, 1, 3, "merged cell");
    assert_refused("a,b,\n1,2,\n", YT_ESYNTAX, 1, 5, "trailing comma");
    assert_refused("a,b,a\n", YT_ESYNTAX, 1, 5, "twice in the header, as 1 and 3");
}

static void test_csv__a_header_alone_is_an_empty_table(void **state)
{
    (void)state;
    reading r = read_text("a,b");
    assert_int_equal(r.status, YT_OK);
    assert_int_equal(r.table.rows, 0);
    close_reading(&r);
}

static void test_csv__keeps_its_limits(void **state)
{
    (void)state;
    size_t n = 4 + (size_t)2 * (TABLE_MAX_ROWS + 1);
    char *bytes = malloc(n);
    memcpy(bytes, "id\n", 3);
    for (size_t i = 3; i + 1 < n; i += 2)
        memcpy(bytes + i, "7\n", 2);
    for (int extra = 0; extra <= 1; extra++) {
        reading r = read_bytes(bytes, 3 + 2 * ((size_t)TABLE_MAX_ROWS + (size_t)extra));
        assert_int_equal(r.status, extra ? YT_EDATA : YT_OK);
        assert_int_equal(r.table.rows, TABLE_MAX_ROWS);
        close_reading(&r);
    }
    /* one cell of a megabyte, and one byte more */
    free(bytes);
    n = TABLE_MAX_CELL;
    bytes = malloc(n + 16);
    memcpy(bytes, "id\n", 3);
    memset(bytes + 3, 'x', n + 1);
    reading r = read_bytes(bytes, 3 + n - 1);
    assert_int_equal(r.status, YT_OK);
    close_reading(&r);
    r = read_bytes(bytes, 3 + n + 1);
    assert_int_equal(r.status, YT_EDATA);
    close_reading(&r);
    /* columns */
    for (int columns = TABLE_MAX_COLUMNS; columns <= TABLE_MAX_COLUMNS + 1; columns++) {
        size_t used = 0;
        for (int j = 0; j < columns; j++)
            used += (size_t)sprintf(bytes + used, "%sc%d", j ? "," : "", j);
        r = read_bytes(bytes, used);
        assert_int_equal(r.status, columns > TABLE_MAX_COLUMNS ? YT_EDATA : YT_OK);
        close_reading(&r);
    }
    free(bytes);
}

static void test_csv__reads_regular_files_only(void **state)
{
    (void)state;
    reading r = {.memory = arena_new(), .log = yt_log_new()};
    assert_int_equal(table_read(r.memory, "no/such/file.csv", NULL, r.log, &r.table), YT_EIO);
    assert_int_equal(table_read(r.memory, "/dev/zero", "z.csv", r.log, &r.table), YT_EIO);
    assert_int_equal(table_read(r.memory, "tests", NULL, r.log, &r.table), YT_EIO);
    assert_string_equal(yt_log_get(r.log, 1).file, "z.csv");
    assert_non_null(strstr(yt_log_get(r.log, 1).text, "device"));
    assert_non_null(strstr(yt_log_get(r.log, 2).text, "folder"));
    close_reading(&r);
}

static void test_csv__recognises_what_spreadsheets_do_to_numbers(void **state)
{
    (void)state;
    static const char *const c[][2] = {
        {"0,5", "write 0.5: the decimal mark is a point"},
        {"-12,75", "write -12.75: the decimal mark is a point"},
        {"45.000,00", "write 45000.00: the decimal mark is a point"},
        {"1.234.567,8", "write 1234567.8"},
        {"1,234", "write 1234: digits are not grouped"},
        {"1,234,567.5", "write 1234567.5"},
        {"1.234.567", "write 1234567"},
        {"1 234", "write 1234"},
        {"1'234", "write 1234"},
        {"1\xc2\xa0"
         "234",
         "no-break"},
        {"5%", "unit"},
        {"Jan-20", "date"},
        {"20-Jan", "date"},
        {"1/2", "date"},
        {"03/04/2010", "date"},
        {"#REF!", "formula"},
        {"#DIV/0!", "formula"},
        {"=A1+B2", "formula"},
        {" 5", "blanks"},
        {"5 ", "blanks"},
        {"", "empty"},
        {"$5", "currency"},
        {"5 €", "currency"},
        {"12kt", "unit has a column"},
        {".5", "both sides"},
        {"5.", "both sides"},
        {"n/a", "leave the cell empty"},
        {"NaN", "leave the cell empty"},
        {"−5", "hyphen"},
        {"lots", "a number is due"},
    };
    char buffer[120];
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        const char *hint = table_number_hint(c[i][0], buffer, sizeof buffer);
        if (!strstr(hint, c[i][1]))
            print_error("\"%s\": %s\n", c[i][0], hint);
        assert_non_null(strstr(hint, c[i][1]));
        assert_non_null(table_number_hint(c[i][0], buffer, 3));
    }
}

/* --------------------------------------------------------------------- files written */

static void test_file__appears_whole_or_not_at_all(void **state)
{
    (void)state;
    char folder[] = "/tmp/ytterby-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    arena *a = arena_new();
    char *path = file_join(a, folder, "out.txt");
    char *bytes;
    size_t n;
    assert_int_equal(file_write_atomic(path, "old", 3, NULL), YT_OK);

    file_out out;
    assert_int_equal(file_out_open(&out, path, NULL), YT_OK);
    fputs("new and longer", out.file);
    fflush(out.file);
    assert_int_equal(file_read_all(a, path, NULL, 100, NULL, &bytes, &n), YT_OK);
    assert_string_equal(bytes, "old"); /* not yet */
    file_out_discard(&out);
    assert_int_equal(file_read_all(a, path, NULL, 100, NULL, &bytes, &n), YT_OK);
    assert_string_equal(bytes, "old"); /* given up */

    assert_int_equal(file_out_open(&out, path, NULL), YT_OK);
    fputs("new", out.file);
    assert_int_equal(file_out_commit(&out, NULL), YT_OK);
    assert_int_equal(file_read_all(a, path, NULL, 100, NULL, &bytes, &n), YT_OK);
    assert_string_equal(bytes, "new");
    assert_int_equal(file_read_all(a, path, NULL, 2, NULL, &bytes, &n), YT_EDATA);

    /* nothing but the file is left */
    const char **names;
    int32_t count;
    assert_int_equal(file_list(a, folder, "", NULL, &names, &count), YT_OK);
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "out.txt");
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    arena_free(a);
}

static void test_file__says_when_it_cannot_write(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    file_out out;
    assert_int_equal(file_out_open(&out, "/no/such/folder/x", log), YT_EIO);
    assert_int_equal(file_out_open(&out, "/tmp", log), YT_EIO);
    assert_int_equal(file_write_atomic("/dev/full", "x", 1, log), YT_EIO);
    assert_int_equal(yt_log_count(log, YT_ERROR), 3);
    assert_non_null(strstr(yt_log_get(log, 2).text, "cannot be written"));
    yt_log_free(log);
}

static void test_file__knows_paths_that_leave_the_folder(void **state)
{
    (void)state;
    static const char *const inside[] = {"a.csv", "policies/x.yaml", "a..b", "./a", "x/..y"};
    static const char *const outside[] = {"",   "/etc/passwd", "../a",       "a/../b", "a/..",
                                          "..", "~/x",         "http://x/y", "a\\b"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        assert_true(file_is_inside(inside[i]));
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_false(file_is_inside(outside[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv__reads_plain_rows),
        cmocka_unit_test(test_csv__accepts_bom_crlf_and_a_missing_last_newline),
        cmocka_unit_test(test_csv__reads_quotes_with_commas_quotes_and_lines),
        cmocka_unit_test(test_csv__counts_columns_in_characters),
        cmocka_unit_test(test_csv__refuses_semicolons),
        cmocka_unit_test(test_csv__refuses_tabs_bars_and_sep_lines),
        cmocka_unit_test(test_csv__refuses_rows_of_other_lengths_and_reads_on),
        cmocka_unit_test(test_csv__refuses_quotes_out_of_place),
        cmocka_unit_test(test_csv__refuses_bytes_that_are_no_text),
        cmocka_unit_test(test_csv__refuses_bad_headers),
        cmocka_unit_test(test_csv__a_header_alone_is_an_empty_table),
        cmocka_unit_test(test_csv__keeps_its_limits),
        cmocka_unit_test(test_csv__reads_regular_files_only),
        cmocka_unit_test(test_csv__recognises_what_spreadsheets_do_to_numbers),
        cmocka_unit_test(test_file__appears_whole_or_not_at_all),
        cmocka_unit_test(test_file__says_when_it_cannot_write),
        cmocka_unit_test(test_file__knows_paths_that_leave_the_folder),
    };
    return cmocka_run_group_tests_name("base/table", tests, NULL, NULL);
}
