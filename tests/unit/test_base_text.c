/* test_base_text.c - arena, log, text, hash and calendar. */
#include "base/arena.h"
#include "base/calendar.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------ arena */

static void test_arena__memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    arena *a = arena_new();
    char *last = NULL;
    for (size_t n = 0; n < 3000; n += 7) {
        char *p = arena_alloc(a, n);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        assert_true(p != last);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, n);
        last = p;
    }
    char *big = arena_alloc(a, 5 << 20);
    assert_non_null(big);
    assert_int_equal(big[(5 << 20) - 1], 0);
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_array(a, SIZE_MAX / 4, 8));
    assert_string_equal(arena_printf(a, "%s-%d", "x", 7), "x-7");
    assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
    arena_free(a);
    arena_free(NULL);
}

/* -------------------------------------------------------------------------------- log */

static void test_log__keeps_each_message_once_in_order(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    assert_int_equal(log_worst(log), YT_OK);
    log_warning(log, place_at("a.csv", 1, 2), "first");
    for (int i = 0; i < 3; i++)
        log_error(log, YT_EUNIT, place_at("a.csv", 3, 4), "second %d", 7);
    log_error(log, YT_ENAME, place_none(), "third");
    assert_int_equal(yt_log_count(log, YT_NOTE), 3);
    assert_int_equal(yt_log_count(log, YT_ERROR), 2);
    yt_message m = yt_log_get(log, 1);
    assert_string_equal(m.text, "second 7");
    assert_string_equal(m.file, "a.csv");
    assert_int_equal(m.line, 3);
    assert_int_equal(m.column, 4);
    assert_int_equal(log_worst(log), YT_EUNIT);
    assert_null(yt_log_get(log, 2).file);
    yt_log_free(log);
    yt_log_free(NULL);
    log_error(NULL, YT_EIO, place_none(), "nobody listens");
}

static void test_log__shows_two_hundred_errors_and_counts_the_rest(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    for (int i = 0; i < 250; i++)
        log_error(log, YT_EDATA, place_at("a.csv", i + 1, 1), "wrong");
    assert_int_equal(yt_log_count(log, YT_ERROR), 200);
    assert_int_equal(log_dropped(log), 50);
    assert_int_equal(yt_log_count(log, YT_NOTE), 201);
    assert_string_equal(yt_log_get(log, 200).text, "50 more errors are not shown");
    yt_log_free(log);
}

static void test_log__shows_control_characters_as_text(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    log_error(log, YT_EDATA, place_at("a\x1b[31m.csv", 1, 1), "name \"%s\"",
              "\x1b[2J\r\n\x7f\xc2\x9b\xe2\x80\xae\xff\xc3\xa9");
    assert_string_equal(yt_log_get(log, 0).file, "a\\x1b[31m.csv");
    assert_string_equal(yt_log_get(log, 0).text,
                        "name \"\\x1b[2J\\x0d\\x0a\\x7f\\xc2\\x9b\\xe2\\x80\\xae\\xff\xc3\xa9\"");
    char *big = malloc(100001);
    memset(big, 'x', 100000);
    big[100000] = '\0';
    log_error(log, YT_EDATA, place_none(), "%s", big);
    assert_true(strlen(yt_log_get(log, 1).text) < 1100);
    free(big);
    yt_log_free(log);
}

static void test_log__every_status_has_text_and_exit_code(void **state)
{
    (void)state;
    assert_string_equal(yt_status_text(YT_OK), "ok");
    assert_int_equal(yt_status_exit_code(YT_ESYNTAX), 3);
    assert_int_equal(yt_status_exit_code(YT_ESTOPPED), 130);
    assert_non_null(yt_status_text((yt_status)-99));
    assert_string_equal(yt_version(), YT_VERSION);
}

/* ------------------------------------------------------------------------------- text */

static void test_text__finds_the_word_that_was_meant(void **state)
{
    (void)state;
    static const char *const names[] = {"capacity", "recovery", "region", "recipe", NULL};
    assert_int_equal(text_distance("capcity", "capacity"), 1);
    assert_int_equal(text_distance("ab", "ba"), 1);
    assert_int_equal(text_distance("Region", "region"), 0);
    assert_string_equal(text_nearest("capcaity", names, 5), "capacity");
    assert_string_equal(text_nearest("reigon", names, 5), "region");
    const char *const places[] = {"AUS", "USA", "USB"};
    assert_string_equal(text_nearest("US", places, 3), "USA"); /* it goes on like the word */
    assert_null(text_nearest("refin", (const char *const[]){"refinery"}, 1)); /* too far */
    assert_null(text_nearest("zzz", names, 5));
    assert_null(text_nearest("", names, 5));
}

static void test_text__reads_numbers_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},
        {"-0", -0.0},
        {"010", 10},
        {"+5", 5},
        {"0.5", 0.5},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"0.1", 0.1},
        {"1e-320", 1e-320},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"4.9e-324", 4.9e-324},
        {"1e-400", 0},
        {"9007199254740993", 9007199254740992.0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"0.000000000000000000000000000000000000000001", 1e-42},
        {"179769313486231580793728971405301199e273", 179769313486231580793728971405301199e273},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        double value = 77;
        assert_true(text_number(good[i].text, &value));
        assert_memory_equal(&value, &good[i].value, sizeof value);
    }
    static const char *const bad[] = {
        "",    " 1",  "1 ",    "1,5",   "1.5.2", ".5", "5.", "0x10", "inf", "nan",   "1e", "1e+",
        "--1", "+-1", "1_000", "1e400", "1:30",  "١",  "1f", "e5",   "+",   "1e5.5", "1\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double value = 77;
        assert_false(text_number(bad[i], &value));
        assert_true(value == 77);
    }
    assert_false(text_number(NULL, NULL));
}

static void test_text__numbers_survive_writing_and_reading(void **state)
{
    (void)state;
    char text[32];
    static const struct {
        double value;
        const char *text;
    } known[] = {{0.1, "0.1"},
                 {1, "1"},
                 {-2.5, "-2.5"},
                 {1e22, "1e+22"},
                 {1.0 / 3, "0.3333333333333333"},
                 {0x1p-1074, "5e-324"},
                 {123456789012.0, "123456789012"},
                 {-0.0, "-0"},
                 {NAN, "nan"},
                 {-INFINITY, "-inf"},
                 {5e-7, "5e-07"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = text_format_number(text, sizeof text, known[i].value);
        assert_string_equal(text, known[i].text);
        assert_int_equal(n, strlen(text));
    }
    uint64_t h = 1;
    for (int i = 0; i < 200000; i++) {
        h = h * 6364136223846793005u + 1442695040888963407u;
        double value, back;
        uint64_t bits = hash_bytes(&h, sizeof h);
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        assert_true(text_format_number(text, sizeof text, value) < sizeof text);
        assert_true(text_number(text, &back));
        assert_memory_equal(&value, &back, sizeof value);
    }
    assert_int_equal(text_format_number(text, 3, 123456), 6);
    assert_string_equal(text, "12");
}

/* decimal commas wherever the machine has such a locale */
static void test_text__does_not_depend_on_the_locale(void **state)
{
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "tr_TR.UTF-8",
                                          "ar_EG.UTF-8", "C.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        if (!setlocale(LC_ALL, locales[i]))
            continue;
        char text[32];
        double value;
        text_format_number(text, sizeof text, 1234.5678);
        assert_string_equal(text, "1234.5678");
        assert_true(text_number("123456789.123456789123e-30", &value));
        assert_true(value == 123456789.123456789123e-30);
        assert_false(text_number("0,5", &value));
    }
    setlocale(LC_ALL, "C");
}

static void test_text__integers_stay_in_range(void **state)
{
    (void)state;
    int32_t i;
    int64_t l;
    assert_true(text_integer("-2147483648", &i) && i == INT32_MIN);
    assert_false(text_integer("2147483648", &i));
    assert_false(text_integer("1.0", &i));
    assert_true(text_integer64("-9223372036854775808", &l) && l == INT64_MIN);
    assert_false(text_integer64("9223372036854775808", &l));
}

static void test_text__knows_utf8(void **state)
{
    (void)state;
    assert_true(text_is_utf8("aé€😀", strlen("aé€😀")));
    static const char *const bad[] = {"\xff",     "\xc0\xaf", "\xed\xa0\x80",    "\xf4\x90\x80\x80",
                                      "\xe2\x82", "\x80",     "\xf0\x80\x80\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_is_utf8(bad[i], strlen(bad[i])));
}

/* ------------------------------------------------------------------------------- hash */

static void test_hash__gives_published_answers(void **state)
{
    (void)state;
    char hex[65];
    hash_sha256("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_sha256("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_true(hash_text("a") != hash_text("b"));
    assert_true(hash_text("") == hash_bytes("", 0));
    /* frozen: random streams are keyed by it */
    assert_true(hash_text("elections") == 0x07ac51c355ae1c51u);
}

static void test_map__finds_what_was_put(void **state)
{
    (void)state;
    arena *a = arena_new();
    map *m = map_new(a);
    for (int32_t i = 0; i < 20000; i++)
        assert_int_equal(map_put(m, arena_printf(a, "key-%d", i), i), 1);
    assert_int_equal(map_count(m), 20000);
    assert_int_equal(map_put(m, "key-7", 99), 0);
    assert_int_equal(map_get(m, "key-7"), 7);
    assert_int_equal(map_set(m, "key-7", 99), 0);
    assert_int_equal(map_get(m, "key-7"), 99);
    assert_int_equal(map_get(m, "absent"), YT_NONE);
    for (int32_t i = 8; i < 20000; i++) {
        char key[32];
        snprintf(key, sizeof key, "key-%d", i);
        assert_int_equal(map_get(m, key), i);
    }
    arena_free(a);
}

/* --------------------------------------------------------------------------- calendar */

static void test_calendar__reads_dates_as_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t year, from, to;
    } good[] = {
        {"2010", 2010, 1, 12},  {"2010-07", 2010, 7, 7},       {"2010-07-26", 2010, 7, 7},
        {"2010Q3", 2010, 7, 9}, {"2010Q1", 2010, 1, 3},        {"2010H2", 2010, 7, 12},
        {"2010H1", 2010, 1, 6}, {"2010-04-early", 2010, 4, 4}, {"2012-02-29", 2012, 2, 2},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int32_t first, last;
        assert_true(calendar_parse(good[i].text, &first, &last));
        assert_int_equal(first, calendar_month(good[i].year, good[i].from));
        assert_int_equal(last, calendar_month(good[i].year, good[i].to));
        assert_int_equal(calendar_year(first), good[i].year);
        assert_int_equal(calendar_month_of_year(last), good[i].to);
    }
    static const char *const bad[] = {
        "",        "20",         "2010-13", "2010-00",      "2010-7",   "2011-02-29",
        "2010Q5",  "2010H3",     "2010Q",   "2010-07-32",   "2010-07-", "2010-07-26x",
        "2010/07", "26.07.2010", "Jan-20",  "2010-04-soon", "99999",    "0999"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t first = -5, last = -5;
        assert_false(calendar_parse(bad[i], &first, &last));
        assert_true(first == -5 && last == -5);
    }
    assert_false(calendar_parse(NULL, NULL, NULL));
    char text[8];
    calendar_format(calendar_month(2010, 7), text);
    assert_string_equal(text, "2010-07");
    calendar_format(-1, text);
    assert_string_equal(text, "-------");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena__memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(test_log__keeps_each_message_once_in_order),
        cmocka_unit_test(test_log__shows_two_hundred_errors_and_counts_the_rest),
        cmocka_unit_test(test_log__shows_control_characters_as_text),
        cmocka_unit_test(test_log__every_status_has_text_and_exit_code),
        cmocka_unit_test(test_text__finds_the_word_that_was_meant),
        cmocka_unit_test(test_text__reads_numbers_and_nothing_else),
        cmocka_unit_test(test_text__numbers_survive_writing_and_reading),
        cmocka_unit_test(test_text__does_not_depend_on_the_locale),
        cmocka_unit_test(test_text__integers_stay_in_range),
        cmocka_unit_test(test_text__knows_utf8),
        cmocka_unit_test(test_hash__gives_published_answers),
        cmocka_unit_test(test_map__finds_what_was_put),
        cmocka_unit_test(test_calendar__reads_dates_as_ranges),
    };
    return cmocka_run_group_tests_name("base/text", tests, NULL, NULL);
}
