/* json_write.h - a small streaming JSON writer, onto a file or into memory.
 *
 * Commas and nesting are looked after; numbers are in their shortest form, numbers that are
 * not finite become null, < is written \u003c so that the text may stand inside a page.
 * Errors are remembered and told at the end.
 */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include "ytterby.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_MAX_DEPTH 64

typedef struct json_writer {
    FILE *file; /* NULL: into memory                              */
    char *text; /* memory: grown with realloc, NUL-terminated     */
    size_t length, size;
    int indent; /* spaces per level; 0: all on one line           */
    int depth;
    bool has_items[JSON_MAX_DEPTH];
    bool is_list[JSON_MAX_DEPTH];
    bool after_key;
    yt_status status;
} json_writer;

json_writer json_to_file(FILE *file, int indent); /* the file stays the caller's */
json_writer json_to_memory(int indent);

void json_begin_object(json_writer *w);
void json_end_object(json_writer *w);
void json_begin_array(json_writer *w);
void json_end_array(json_writer *w);
void json_key(json_writer *w, const char *key);

void json_text(json_writer *w, const char *text); /* NULL: null; bad UTF-8: U+FFFD */
void json_number(json_writer *w, double value);
void json_whole(json_writer *w, int64_t value);
void json_bool(json_writer *w, bool value);
void json_nothing(json_writer *w);
/* Text that is JSON already. */
void json_raw(json_writer *w, const char *json);

/* key and value in one call */
void json_key_text(json_writer *w, const char *key, const char *text);
void json_key_number(json_writer *w, const char *key, double value);
void json_key_integer(json_writer *w, const char *key, int64_t value);
void json_key_bool(json_writer *w, const char *key, bool value);
void json_key_numbers(json_writer *w, const char *key, const double *value, size_t n);

/* Close what is open, end the line (file only), flush: YT_OK, YT_EIO or YT_ENOMEM. */
yt_status json_finish(json_writer *w);
/* Memory only: the text, the caller frees it with free(); NULL after an error. */
char *json_take(json_writer *w, size_t *length);
/* Memory only: give up. */
void json_discard(json_writer *w);

#endif
