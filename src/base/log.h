/* log.h - messages a reader can act on, collected while reading goes on.
 *
 * The public half (yt_log_new, _free, _count, _get, yt_status_text, yt_status_exit_code,
 * yt_version) is declared in ytterby.h and lives in log.c as well.
 * Every function accepts a NULL log and then does nothing.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "ytterby.h"

#include <stdbool.h>
#include <stdint.h>

/* After this many errors (and, apart, this many warnings and notes) the rest are counted,
 * not kept. */
#define LOG_ERRORS_KEPT 200

/* Where something stands in a file; {NULL, 0, 0} means "about no file", column 0 "whole
 * line". */
typedef struct place {
    const char *file; /* as shown to the reader; copied by the log */
    int32_t line, column;
} place;

static inline place place_at(const char *file, int32_t line, int32_t column)
{
    place at = {file, line, column};
    return at;
}

static inline place place_none(void)
{
    place at = {NULL, 0, 0};
    return at;
}

/* Add a message.  The text says what is wrong and what would be right, without file or
 * line.  Same place and same text twice is kept once; control characters are shown as \xNN. */
void log_add(yt_log *log, yt_severity severity, yt_status status, place at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void log_error(yt_log *log, yt_status status, place at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void log_warning(yt_log *log, place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_note(yt_log *log, place at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Status of the first error, YT_OK when there is none (warnings do not count). */
yt_status log_worst(const yt_log *log);
bool log_has_errors(const yt_log *log);
/* Messages that came after the cap and were not kept. */
int32_t log_dropped(const yt_log *log);

#endif
