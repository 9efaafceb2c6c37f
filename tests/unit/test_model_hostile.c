/* test_model_hostile.c - wrong cases are refused where they are wrong, right ones accepted.
 *
 * Every file of tests/cases/hostile says how the tiny case is changed and which messages that
 * must give, all of them and no other.  A file is read line by line:
 *     # why                  for the reader
 *     in FILE                the file that the next lines change
 *     - old / + new          put new where old stands first; a + alone adds a line at the end
 *     whole / | line         the file's new content, line by line
 *     raw TEXT               the file's new content, without a closing newline
 *     delete, pipe, folder, link TARGET    what the file becomes
 *     bom, crlf, repeat N TEXT             the same file otherwise; TEXT N times at its end
 *     overlay FILE, set TEXT               arguments of the load
 *     expect FILE:LINE:COLUMN REGEX        an error; * for a line or column that may be any
 *     warn FILE:LINE:COLUMN REGEX          a warning
 *     more                   other messages may come as well
 *     same                   the model is that of the tiny case
 * Escapes in texts: \n \r \t \s (a blank) \\ \xNN.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_fixture.h"

#include "base/file.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOSTILE "tests/cases/hostile"
#define MOST 80          /* expectations of one case         */
#define MOST_SECONDS 2.0 /* for one load, under sanitizers too */

typedef struct expectation {
    yt_severity severity;
    char file[200], line[16], column[16], clue[500];
    bool is_met;
} expectation;

typedef struct hostile_case {
    const char *name;
    model_fixture fixture;
    char file[200]; /* the one being changed */
    char old[4000];
    bool has_old;
    char *whole; /* content so far, NULL outside `whole` */
    expectation expected[MOST];
    int n;
    bool may_have_more, is_same;
    char overlay[8][200], set[8][500];
    int overlays, sets;
} hostile_case;

static void unescape(char *text)
{
    char *out = text;
    for (char *c = text; *c; c++) {
        if (*c != '\\' || !c[1]) {
            *out++ = *c;
            continue;
        }
        c++;
        unsigned byte;
        if (*c == 'x' && sscanf(c + 1, "%2x", &byte) == 1) {
            *out++ = (char)byte;
            c += 2;
        } else {
            *out++ = *c == 'n' ? '\n' : *c == 'r' ? '\r' : *c == 't' ? '\t' : *c == 's' ? ' ' : *c;
        }
    }
    *out = '\0';
}

static void append(hostile_case *h, const char *text, int times)
{
    size_t n = 0, more = strlen(text);
    char *bytes = file_exists(model_fixture_path(&h->fixture, h->file))
                      ? model_fixture_read(&h->fixture, h->file, &n)
                      : strdup("");
    bytes = realloc(bytes, n + more * (size_t)times + 1);
    assert_non_null(bytes);
    for (int i = 0; i < times; i++, n += more)
        memcpy(bytes + n, text, more);
    model_fixture_write(&h->fixture, h->file, bytes, n);
    free(bytes);
}

static void to_crlf(hostile_case *h)
{
    size_t n, m = 0;
    char *bytes = model_fixture_read(&h->fixture, h->file, &n), *out = malloc(2 * n + 1);
    assert_non_null(out);
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n')
            out[m++] = '\r';
        out[m++] = bytes[i];
    }
    model_fixture_write(&h->fixture, h->file, out, m);
    free(out);
    free(bytes);
}

static void add_bom(hostile_case *h)
{
    size_t n;
    char *bytes = model_fixture_read(&h->fixture, h->file, &n), *out = malloc(n + 4);
    assert_non_null(out);
    memcpy(out, "\xef\xbb\xbf", 3);
    memcpy(out + 3, bytes, n);
    model_fixture_write(&h->fixture, h->file, out, n + 3);
    free(out);
    free(bytes);
}

static void close_whole(hostile_case *h)
{
    if (!h->whole)
        return;
    model_fixture_write_text(&h->fixture, h->file, h->whole);
    free(h->whole);
    h->whole = NULL;
}

static void add_expectation(hostile_case *h, yt_severity severity, const char *text)
{
    assert_true(h->n < MOST);
    expectation *e = &h->expected[h->n++];
    e->severity = severity;
    if (sscanf(text, "%199[^:]:%15[^:]:%15s %499[^\n]", e->file, e->line, e->column, e->clue) != 4)
        fail_msg("%s: cannot read 'expect %s'", h->name, text);
}

static void change(hostile_case *h, const char *word, char *rest)
{
    const char *path = model_fixture_path(&h->fixture, h->file);
    if (strcmp(word, "delete") == 0) {
        assert_int_equal(remove(path), 0);
    } else if (strcmp(word, "pipe") == 0) {
        remove(path);
        assert_int_equal(mkfifo(path, 0600), 0);
    } else if (strcmp(word, "folder") == 0) {
        remove(path);
        assert_int_equal(mkdir(path, 0700), 0);
    } else if (strcmp(word, "link") == 0) {
        remove(path);
        assert_int_equal(symlink(rest, path), 0);
    } else if (strcmp(word, "raw") == 0) {
        model_fixture_write_text(&h->fixture, h->file, rest);
    } else if (strcmp(word, "repeat") == 0) {
        char *text = strchr(rest, ' ');
        assert_non_null(text);
        append(h, text + 1, atoi(rest));
    } else if (strcmp(word, "crlf") == 0) {
        to_crlf(h);
    } else if (strcmp(word, "bom") == 0) {
        add_bom(h);
    } else {
        fail_msg("%s: unknown line '%s %s'", h->name, word, rest);
    }
}

static void read_line(hostile_case *h, char *line)
{
    char *rest = strchr(line, ' ');
    if (rest)
        *rest++ = '\0';
    else
        rest = line + strlen(line);
    if (*line == '\0' || *line == '#')
        return;
    if (strcmp(line, "expect") == 0 || strcmp(line, "warn") == 0) {
        add_expectation(h, *line == 'e' ? YT_ERROR : YT_WARNING, rest);
        return;
    }
    unescape(rest);
    if (strcmp(line, "|") == 0) {
        assert_non_null(h->whole);
        h->whole = realloc(h->whole, strlen(h->whole) + strlen(rest) + 2);
        assert_non_null(h->whole);
        strcat(strcat(h->whole, rest), "\n");
        return;
    }
    close_whole(h);
    if (strcmp(line, "in") == 0) {
        snprintf(h->file, sizeof h->file, "%s", rest);
    } else if (strcmp(line, "whole") == 0) {
        h->whole = strdup("");
    } else if (strcmp(line, "-") == 0) {
        snprintf(h->old, sizeof h->old, "%s", rest);
        h->has_old = true;
    } else if (strcmp(line, "+") == 0 && h->has_old) {
        model_fixture_replace(&h->fixture, h->file, h->old, rest);
        h->has_old = false;
    } else if (strcmp(line, "+") == 0) {
        append(h, rest, 1);
        append(h, "\n", 1);
    } else if (strcmp(line, "overlay") == 0) {
        snprintf(h->overlay[h->overlays++], sizeof h->overlay[0], "%s", rest);
    } else if (strcmp(line, "set") == 0) {
        snprintf(h->set[h->sets++], sizeof h->set[0], "%s", rest);
    } else if (strcmp(line, "more") == 0) {
        h->may_have_more = true;
    } else if (strcmp(line, "same") == 0) {
        h->is_same = true;
    } else {
        change(h, line, rest);
    }
}

/* ------------------------------------------------------------------------------ verdict */

static bool is_number_met(const char *expected, int32_t number)
{
    return strcmp(expected, "*") == 0 || atoi(expected) == number;
}

static bool is_met(const hostile_case *h, const expectation *e, const yt_message *m)
{
    const char *file = m->file ? m->file : "-";
    size_t n = strlen(h->fixture.folder);
    if (strncmp(file, h->fixture.folder, n) == 0 && file[n] == '/')
        file += n + 1;
    if (m->severity != e->severity || strcmp(file, e->file) != 0 ||
        !is_number_met(e->line, m->line) || !is_number_met(e->column, m->column))
        return false;
    regex_t clue;
    if (regcomp(&clue, e->clue, REG_EXTENDED | REG_NOSUB) != 0)
        fail_msg("%s: bad clue '%s'", h->name, e->clue);
    bool found = regexec(&clue, m->text, 0, NULL, 0) == 0;
    regfree(&clue);
    return found;
}

static bool has_plain_text(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

/* 0 when every expectation is met by a message and every message was expected */
static int judge(hostile_case *h, const yt_log *log, yt_status status)
{
    int faults = 0, errors = 0;
    for (int32_t i = 0; i < yt_log_count(log, YT_NOTE); i++) {
        yt_message m = yt_log_get(log, i);
        bool is_expected = h->may_have_more;
        errors += m.severity == YT_ERROR;
        for (int k = 0; k < h->n && !(is_expected && !h->may_have_more); k++)
            if (!h->expected[k].is_met && is_met(h, &h->expected[k], &m))
                h->expected[k].is_met = is_expected = true;
        if (!is_expected || !has_plain_text(m.text)) {
            fprintf(stderr, "%s: unexpected %s\n", h->name, m.text);
            faults++;
        }
    }
    for (int k = 0; k < h->n; k++)
        if (!h->expected[k].is_met) {
            const expectation *e = &h->expected[k];
            fprintf(stderr, "%s: no message like %s:%s:%s %s\n", h->name, e->file, e->line,
                    e->column, e->clue);
            faults++;
        }
    if ((status != YT_OK) != (errors > 0) ||
        (status && !h->sets && yt_status_exit_code(status) != 3 && status != YT_EIO)) {
        fprintf(stderr, "%s: status %d with %d errors\n", h->name, status, errors);
        faults++;
    }
    return faults;
}

static int run(hostile_case *h, const char *tiny)
{
    const char *overlays[8], *sets[8];
    for (int i = 0; i < 8; i++) {
        overlays[i] = h->overlay[i];
        sets[i] = h->set[i];
    }
    yt_log *log = yt_log_new();
    yt_model *model = NULL;
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    yt_status status =
        model_load_with(h->fixture.folder, overlays, h->overlays, sets, h->sets, log, &model);
    clock_gettime(CLOCK_MONOTONIC, &end);
    int faults = judge(h, log, status);
    double seconds =
        (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    if (seconds > MOST_SECONDS) {
        fprintf(stderr, "%s: took %.1f s\n", h->name, seconds);
        faults++;
    }
    if (h->is_same && model) {
        char *text = model_fixture_canonical(model);
        if (strcmp(text, tiny) != 0) {
            fprintf(stderr, "%s: the model is not that of the tiny case\n", h->name);
            faults++;
        }
        free(text);
    }
    if (faults)
        model_fixture_show(log);
    yt_model_free(model);
    yt_log_free(log);
    return faults;
}

static int run_file(const char *name, const char *tiny)
{
    char path[300];
    snprintf(path, sizeof path, HOSTILE "/%s", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    hostile_case *h = calloc(1, sizeof *h);
    assert_non_null(h);
    h->name = name;
    h->fixture = model_fixture_new(TINY);
    char line[8000];
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        read_line(h, line);
    }
    close_whole(h);
    fclose(file);
    int faults = run(h, tiny);
    model_fixture_free(&h->fixture);
    free(h);
    return faults;
}

static void test_hostile__every_case_gives_the_messages_it_must(void **state)
{
    (void)state;
    arena *memory = arena_new();
    const char **names;
    int32_t n;
    assert_int_equal(file_list(memory, HOSTILE, ".case", NULL, &names, &n), YT_OK);
    assert_true(n >= 60);
    yt_model *tiny = model_fixture_load(TINY, NULL);
    char *text = model_fixture_canonical(tiny);
    yt_model_free(tiny);
    int wrong = 0;
    for (int32_t i = 0; i < n; i++)
        wrong += run_file(names[i], text) > 0;
    printf("hostile cases: %d of %d as they should be\n", n - wrong, n);
    free(text);
    arena_free(memory);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile__every_case_gives_the_messages_it_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
