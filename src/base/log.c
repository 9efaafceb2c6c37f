/* log.c - messages in order of arrival, each once, so many and no more. */
#include "base/log.h"

#include "base/arena.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEVERITIES 3
#define LONGEST_TEXT 1000 /* bytes of one message, before control characters are shown */

struct yt_log {
    arena *memory;
    yt_message message[SEVERITIES * LOG_ERRORS_KEPT];
    int32_t count;
    int32_t kept[SEVERITIES], dropped[SEVERITIES];
    yt_status worst;
    char rest[96]; /* "and 12 more errors ..." */
};

yt_log *yt_log_new(void)
{
    yt_log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    log->memory = arena_new();
    if (!log->memory) {
        free(log);
        return NULL;
    }
    return log;
}

void yt_log_free(yt_log *log)
{
    if (!log)
        return;
    arena_free(log->memory);
    free(log);
}

int32_t log_dropped(const yt_log *log)
{
    int32_t n = 0;
    for (int s = 0; log && s < SEVERITIES; s++)
        n += log->dropped[s];
    return n;
}

/* the closing note counts as a note */
int32_t yt_log_count(const yt_log *log, yt_severity at_least)
{
    int32_t n = 0;
    for (int s = (int)at_least; log && s < SEVERITIES; s++)
        n += log->kept[s];
    return at_least == YT_NOTE && log_dropped(log) > 0 ? n + 1 : n;
}

yt_message yt_log_get(const yt_log *log, int32_t i)
{
    if (log && i >= 0 && i < log->count)
        return log->message[i];
    if (log && i == log->count && log_dropped(log) > 0)
        return (yt_message){YT_NOTE, YT_OK, NULL, 0, 0, log->rest};
    return (yt_message){YT_NOTE, YT_OK, NULL, 0, 0, ""};
}

/* Characters that could move a terminal's cursor or turn the direction of writing. */
static bool is_plain(const unsigned char *c, size_t length)
{
    if (length == 1)
        return c[0] >= 0x20 && c[0] != 0x7f;
    if (length == 2)
        return !(c[0] == 0xc2 && c[1] < 0xa0); /* C1 controls */
    if (length == 3 && c[0] == 0xe2 && c[1] == 0x80)
        return !((c[2] >= 0x8b && c[2] <= 0x8f) || (c[2] >= 0xa8 && c[2] <= 0xae));
    if (length == 3 && c[0] == 0xe2 && c[1] == 0x81)
        return !(c[2] >= 0xa0 && c[2] <= 0xaf);
    return !(length == 3 && c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf);
}

/* A copy on the log's arena with everything that does not print shown as \xNN. */
static const char *printable(arena *memory, const char *text, size_t n)
{
    char *copy = arena_alloc(memory, 4 * n + 1);
    if (!copy)
        return NULL;
    char *out = copy;
    for (size_t i = 0; i < n;) {
        const unsigned char *c = (const unsigned char *)text + i;
        size_t length = text_utf8_length(text + i, n - i);
        bool shown = length > 0 && is_plain(c, length);
        if (length == 0)
            length = 1;
        for (size_t k = 0; k < length; k++) {
            if (shown)
                *out++ = (char)c[k];
            else
                out += sprintf(out, "\\x%02x", c[k]);
        }
        i += length;
    }
    *out = '\0';
    return copy;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_known(const yt_log *log, const yt_message *m)
{
    for (int32_t i = 0; i < log->count; i++) {
        const yt_message *k = &log->message[i];
        if (k->line == m->line && k->column == m->column && k->severity == m->severity &&
            same_text(k->file, m->file) && strcmp(k->text, m->text) == 0)
            return true;
    }
    return false;
}

static void count_dropped(yt_log *log, yt_severity severity)
{
    log->dropped[severity]++;
    int32_t errors = log->dropped[YT_ERROR];
    int32_t others = log_dropped(log) - errors;
    if (errors > 0 && others > 0)
        snprintf(log->rest, sizeof log->rest, "%d more errors and %d more warnings are not shown",
                 errors, others);
    else
        snprintf(log->rest, sizeof log->rest, "%d more %s%s not shown", errors + others,
                 errors ? "error" : "warning", errors + others == 1 ? " is" : "s are");
}

static void add(yt_log *log, yt_severity severity, yt_status status, place at, const char *format,
                va_list args)
{
    if (!log)
        return;
    if (severity == YT_ERROR && log->worst == YT_OK)
        log->worst = status == YT_OK ? YT_EDATA : status;
    if (log->kept[severity] >= LOG_ERRORS_KEPT) {
        count_dropped(log, severity);
        return;
    }

    char text[LONGEST_TEXT + 4];
    int length = vsnprintf(text, sizeof text, format, args);
    size_t n = length < 0 ? 0 : (size_t)length;
    if (n > LONGEST_TEXT) {
        /* cut between characters, not within one */
        n = LONGEST_TEXT;
        while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
        memcpy(text + n, "...", 4);
        n += 3;
    }
    /* the last file's name is most often this one's as well */
    const char *file = NULL;
    if (at.file) {
        size_t file_length = strlen(at.file);
        if (file_length > LONGEST_TEXT)
            file_length = LONGEST_TEXT;
        file = printable(log->memory, at.file, file_length);
        if (log->count > 0 && same_text(file, log->message[log->count - 1].file))
            file = log->message[log->count - 1].file;
    }
    yt_message m = {severity, status, file, at.line, at.column, printable(log->memory, text, n)};
    if (!m.text) {
        count_dropped(log, severity);
        return;
    }
    if (is_known(log, &m))
        return;
    log->message[log->count++] = m;
    log->kept[severity]++;
}

void log_add(yt_log *log, yt_severity severity, yt_status status, place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(log, severity, status, at, format, args);
    va_end(args);
}

void log_error(yt_log *log, yt_status status, place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(log, YT_ERROR, status, at, format, args);
    va_end(args);
}

void log_warning(yt_log *log, place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(log, YT_WARNING, YT_OK, at, format, args);
    va_end(args);
}

void log_note(yt_log *log, place at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add(log, YT_NOTE, YT_OK, at, format, args);
    va_end(args);
}

yt_status log_worst(const yt_log *log)
{
    return log ? log->worst : YT_OK;
}

bool log_has_errors(const yt_log *log)
{
    return log_worst(log) != YT_OK;
}

#define STATUS_TEXT(name, code, exit_code, text)                                                   \
    case YT_##name:                                                                                \
        return text;

const char *yt_status_text(yt_status status)
{
    switch (status) {
        YT_STATUS_LIST(STATUS_TEXT)
    }
    return "unknown status";
}

#define STATUS_EXIT(name, code, exit_code, text)                                                   \
    case YT_##name:                                                                                \
        return exit_code;

int yt_status_exit_code(yt_status status)
{
    switch (status) {
        YT_STATUS_LIST(STATUS_EXIT)
    }
    return 5;
}

const char *yt_version(void)
{
    return YT_VERSION;
}
