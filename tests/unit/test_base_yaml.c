/* test_base_yaml.c - the subset: what is read as what, and everything that is refused. */
#include "base/text.h"
#include "base/yaml.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct reading {
    arena *memory;
    yt_log *log;
    yaml_node *root;
    yt_status status;
} reading;

static reading read_bytes(const char *bytes, size_t n)
{
    reading r = {.memory = arena_new(), .log = yt_log_new()};
    char *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    r.status = yaml_parse(r.memory, copy, n, "c.yaml", r.log, &r.root);
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

static void assert_refused(const char *text, int32_t line, int32_t column, const char *clue)
{
    reading r = read_text(text);
    assert_int_not_equal(r.status, YT_OK);
    assert_null(r.root);
    assert_int_equal(yt_log_count(r.log, YT_ERROR), 1);
    yt_message m = yt_log_get(r.log, 0);
    if (!strstr(m.text, clue) || m.line != line || (column && m.column != column))
        print_error("%d:%d %s\n", m.line, m.column, m.text);
    assert_non_null(strstr(m.text, clue));
    assert_int_equal(m.line, line);
    if (column)
        assert_int_equal(m.column, column);
    close_reading(&r);
}

static void test_yaml__reads_maps_lists_and_texts(void **state)
{
    (void)state;
    reading r = read_text("# a case\nname: Test\nlist: [a, 'b c', 3]\nmap:\n  x: 1\n  y:\n    - p\n"
                          "    - q: 2\ntext: |\n  one\n  two\n");
    assert_int_equal(r.status, YT_OK);
    assert_int_equal(r.root->kind, YAML_MAP);
    assert_int_equal(r.root->count, 4);
    assert_string_equal(yaml_text(r.root, "name", ""), "Test");
    yaml_node *list = yaml_get(r.root, "list");
    assert_int_equal(list->count, 3);
    assert_string_equal(yaml_item(list, 1)->text, "b c");
    assert_true(yaml_item(list, 1)->quoted);
    assert_null(yaml_item(list, 3));
    yaml_node *y = yaml_get(yaml_get(r.root, "map"), "y");
    assert_string_equal(yaml_get(yaml_item(y, 1), "q")->text, "2");
    assert_int_equal(y->line, 7);
    assert_int_equal(y->column, 5);
    assert_int_equal(y->key_line, 6);
    assert_int_equal(y->key_column, 3);
    assert_string_equal(yaml_text(r.root, "text", ""), "one\ntwo\n");
    assert_null(yaml_get(list, "x"));
    assert_null(yaml_get(NULL, "x"));
    close_reading(&r);
}

static void test_yaml__scalars_stay_text(void **state)
{
    (void)state;
    reading r =
        read_text("a: NO\nb: 010\nc: 1:30\nd: 1_000\ne: 2010-07-26\nf: yes\ng: ~\nh: 'null'\n"
                  "i:\nj: 0x1F\n");
    assert_int_equal(r.status, YT_OK);
    static const char *const expected[] = {"NO",  "010", "1:30", "1_000", "2010-07-26",
                                           "yes", "~",   "null", "",      "0x1F"};
    for (int32_t i = 0; i < 10; i++)
        assert_string_equal(yaml_item(r.root, i)->text, expected[i]);
    assert_true(yaml_is_null(yaml_get(r.root, "g")));
    assert_true(yaml_is_null(yaml_get(r.root, "i")));
    assert_false(yaml_is_null(yaml_get(r.root, "h")));
    close_reading(&r);
}

static void test_yaml__an_empty_file_is_an_empty_map(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "\n\n", "# only words\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < 4; i++) {
        reading r = read_text(empty[i]);
        assert_int_equal(r.status, YT_OK);
        assert_int_equal(r.root->kind, YAML_MAP);
        assert_int_equal(r.root->count, 0);
        close_reading(&r);
    }
}

static void test_yaml__reads_bom_crlf_and_document_marks(void **state)
{
    (void)state;
    reading r = read_text("\xef\xbb\xbf---\r\na: 1\r\nb: ü\r\n...\r\n");
    assert_int_equal(r.status, YT_OK);
    assert_string_equal(yaml_text(r.root, "b", ""), "ü");
    assert_int_equal(yaml_get(r.root, "b")->line, 3);
    close_reading(&r);
}

static void test_yaml__refuses_duplicate_keys_naming_both_lines(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: 2\na: 3\n", 3, 1, "here on line 3 and first on line 1");
    assert_refused("x:\n  'a': 1\n  a: 3\n", 3, 3, "first on line 2");
    assert_refused("x: [{a: 1, a: 2}]\n", 1, 12, "twice");
    /* past the size where a map takes over from the search */
    char text[4000] = "";
    for (int i = 0; i < 100; i++)
        sprintf(text + strlen(text), "key%d: 1\n", i);
    strcat(text, "key57: 2\n");
    assert_refused(text, 101, 1, "first on line 58");
}

static void test_yaml__refuses_what_a_case_does_not_need(void **state)
{
    (void)state;
    assert_refused("a: &x 1\nb: 2\n", 1, 4, "anchors");
    assert_refused("a: *x\n", 1, 4, "aliases");
    assert_refused("a: !!int 1\n", 1, 4, "tags");
    assert_refused("a: !x [1]\n", 1, 4, "tags");
    assert_refused("<<: {a: 1}\n", 1, 1, "merge");
    assert_refused("%YAML 1.2\n---\na: 1\n", 1, 1, "directives");
    assert_refused("a: 1\n---\nb: 2\n", 2, 1, "second document");
    assert_refused("? [a, b]\n: 1\n", 1, 3, "a key must be a text");
    assert_refused("\"\": 1\n", 1, 1, "key is missing");
}

static void test_yaml__names_the_place_of_bad_syntax(void **state)
{
    (void)state;
    assert_refused("a: 1\n\tb: 2\n", 2, 1, "tabs");
    assert_refused("ü: 1\nb: @x\n", 2, 4, "quotes");
    assert_refused("a: b: c\n", 1, 5, "quotes");
    assert_refused("a: [1, 2\nb: 3\n", 2, 0, "flow");
    assert_refused("a: \"open\n", 2, 0, "");
    assert_refused("a: 1\nb: \xff\n", 2, 4, "UTF-8");
    assert_refused("a: 1\nb: x\x01y\n", 2, 5, "control character (\\x01)");
    reading r = read_bytes("\xff\xfe"
                           "a\0:\0",
                           6);
    assert_int_equal(r.status, YT_ESYNTAX);
    close_reading(&r);
    r = read_bytes("a: x\0y\n", 7);
    assert_int_equal(r.status, YT_ESYNTAX);
    close_reading(&r);
    assert_refused("a: \"x\\0y\"\n", 1, 4, "NUL");
}

static void test_yaml__keeps_its_limits(void **state)
{
    (void)state;
    /* depth: the limit is read, one more is refused, thousands are refused fast */
    char *text = malloc(4 << 20);
    for (int depth = YAML_MAX_DEPTH; depth <= YAML_MAX_DEPTH + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        reading r = read_bytes(text, 2 * (size_t)depth);
        assert_int_equal(r.status, depth > YAML_MAX_DEPTH ? YT_EDATA : YT_OK);
        close_reading(&r);
    }
    clock_t start = clock();
    memset(text, '[', 20000);
    reading r = read_bytes(text, 20000);
    assert_int_equal(r.status, YT_EDATA);
    close_reading(&r);
    size_t n = 0;
    for (int i = 0; i < 20000; i++)
        n += (size_t)sprintf(text + n, "- ");
    r = read_bytes(text, n);
    assert_int_equal(r.status, YT_EDATA);
    close_reading(&r);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 1);

    /* a text of a megabyte */
    for (size_t extra = 0; extra <= 1; extra++) {
        memcpy(text, "a: ", 3);
        memset(text + 3, 'x', YAML_MAX_SCALAR + extra);
        r = read_bytes(text, 3 + YAML_MAX_SCALAR + extra);
        assert_int_equal(r.status, extra ? YT_EDATA : YT_OK);
        close_reading(&r);
    }

    /* nodes: the list itself and its items */
    for (int extra = 0; extra <= 1; extra++) {
        n = 0;
        for (int i = 0; i < YAML_MAX_NODES - 1 + extra; i++) {
            memcpy(text + n, i % 2 ? "a," : "b,", 2);
            n += 2;
            (void)0;
        }
        char *list = malloc(n + 2);
        list[0] = '[';
        memcpy(list + 1, text, n);
        list[n] = ']'; /* in place of the last comma */
        r = read_bytes(list, n + 1);
        assert_int_equal(r.status, extra ? YT_EDATA : YT_OK);
        close_reading(&r);
        free(list);
    }
    free(text);
}

static void test_yaml__many_keys_take_no_quadratic_time(void **state)
{
    (void)state;
    size_t n = 0;
    char *text = malloc(4 << 20);
    for (int i = 0; i < 100000; i++)
        n += (size_t)sprintf(text + n, "key%d: 1\n", i);
    clock_t start = clock();
    reading r = read_bytes(text, n);
    assert_int_equal(r.status, YT_OK);
    assert_int_equal(r.root->count, 100000);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
    close_reading(&r);
    free(text);
}

static void test_yaml__reads_regular_files_only(void **state)
{
    (void)state;
    reading r = {.memory = arena_new(), .log = yt_log_new()};
    assert_int_equal(yaml_read(r.memory, "/dev/zero", NULL, r.log, &r.root), YT_EIO);
    assert_int_equal(yaml_read(r.memory, "nowhere.yaml", NULL, r.log, &r.root), YT_EIO);
    close_reading(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yaml__reads_maps_lists_and_texts),
        cmocka_unit_test(test_yaml__scalars_stay_text),
        cmocka_unit_test(test_yaml__an_empty_file_is_an_empty_map),
        cmocka_unit_test(test_yaml__reads_bom_crlf_and_document_marks),
        cmocka_unit_test(test_yaml__refuses_duplicate_keys_naming_both_lines),
        cmocka_unit_test(test_yaml__refuses_what_a_case_does_not_need),
        cmocka_unit_test(test_yaml__names_the_place_of_bad_syntax),
        cmocka_unit_test(test_yaml__keeps_its_limits),
        cmocka_unit_test(test_yaml__many_keys_take_no_quadratic_time),
        cmocka_unit_test(test_yaml__reads_regular_files_only),
    };
    return cmocka_run_group_tests_name("base/yaml", tests, NULL, NULL);
}
