/* json_write.c - JSON out, one token after the other. */
#include "base/json_write.h"

#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

json_writer json_to_file(FILE *file, int indent)
{
    return (json_writer){.file = file, .indent = indent};
}

json_writer json_to_memory(int indent)
{
    return (json_writer){.indent = indent};
}

static void put(json_writer *w, const char *bytes, size_t n)
{
    if (w->status)
        return;
    if (w->file) {
        if (fwrite(bytes, 1, n, w->file) != n)
            w->status = YT_EIO;
        return;
    }
    if (w->length + n + 1 > w->size) {
        size_t size = w->size ? w->size : 256;
        while (size < w->length + n + 1)
            size *= 2;
        char *more = realloc(w->text, size);
        if (!more) {
            w->status = YT_ENOMEM;
            return;
        }
        w->text = more;
        w->size = size;
    }
    memcpy(w->text + w->length, bytes, n);
    w->length += n;
    w->text[w->length] = '\0';
}

static void put_text(json_writer *w, const char *text)
{
    put(w, text, strlen(text));
}

static void new_line(json_writer *w)
{
    if (w->indent <= 0)
        return;
    put(w, "\n", 1);
    for (int i = 0; i < w->depth * w->indent; i++)
        put(w, " ", 1);
}

/* what stands before a value or a key: comma and line break */
static void before_item(json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0)
        return;
    if (w->has_items[w->depth - 1])
        put(w, ",", 1);
    w->has_items[w->depth - 1] = true;
    new_line(w);
}

static void begin(json_writer *w, bool is_list)
{
    assert(w->depth < JSON_MAX_DEPTH);
    before_item(w);
    put(w, is_list ? "[" : "{", 1);
    w->is_list[w->depth] = is_list;
    w->has_items[w->depth] = false;
    w->depth++;
}

static void end(json_writer *w, bool is_list)
{
    assert(w->depth > 0 && w->is_list[w->depth - 1] == is_list && !w->after_key);
    w->depth--;
    if (w->has_items[w->depth])
        new_line(w);
    put(w, is_list ? "]" : "}", 1);
}

void json_begin_object(json_writer *w)
{
    begin(w, false);
}

void json_end_object(json_writer *w)
{
    end(w, false);
}

void json_begin_array(json_writer *w)
{
    begin(w, true);
}

void json_end_array(json_writer *w)
{
    end(w, true);
}

static void put_string(json_writer *w, const char *text)
{
    put(w, "\"", 1);
    size_t n = strlen(text), plain = 0; /* text[plain..i) waits to be written as it is */
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)text[i];
        size_t length = text_utf8_length(text + i, n - i);
        char escaped[8] = "";
        if (length == 0)
            memcpy(escaped, "\\ufffd", 7);
        else if (c == '"' || c == '\\')
            snprintf(escaped, sizeof escaped, "\\%c", c);
        else if (c == '\n')
            memcpy(escaped, "\\n", 3);
        else if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&')
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
        else if (length == 3 && c == 0xe2 && (unsigned char)text[i + 1] == 0x80 &&
                 ((unsigned char)text[i + 2] & 0xfe) == 0xa8)
            /* U+2028 and U+2029 end a line in old JavaScript */
            memcpy(escaped, (unsigned char)text[i + 2] == 0xa8 ? "\\u2028" : "\\u2029", 7);
        if (length == 0)
            length = 1;
        if (escaped[0]) {
            put(w, text + plain, i - plain);
            put_text(w, escaped);
            plain = i + length;
        }
        i += length;
    }
    put(w, text + plain, n - plain);
    put(w, "\"", 1);
}

void json_key(json_writer *w, const char *key)
{
    assert(w->depth > 0 && !w->is_list[w->depth - 1] && !w->after_key);
    before_item(w);
    put_string(w, key);
    put(w, ": ", w->indent > 0 ? 2 : 1);
    w->after_key = true;
}

void json_text(json_writer *w, const char *text)
{
    before_item(w);
    if (text)
        put_string(w, text);
    else
        put(w, "null", 4);
}

void json_number(json_writer *w, double value)
{
    before_item(w);
    char text[32];
    if (isfinite(value))
        put(w, text, text_format_number(text, sizeof text, value));
    else
        put(w, "null", 4);
}

void json_whole(json_writer *w, int64_t value)
{
    before_item(w);
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, value);
    put_text(w, text);
}

void json_bool(json_writer *w, bool value)
{
    before_item(w);
    put_text(w, value ? "true" : "false");
}

void json_nothing(json_writer *w)
{
    before_item(w);
    put(w, "null", 4);
}

void json_raw(json_writer *w, const char *json)
{
    before_item(w);
    put_text(w, json);
}

void json_key_text(json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_text(w, text);
}

void json_key_number(json_writer *w, const char *key, double value)
{
    json_key(w, key);
    json_number(w, value);
}

void json_key_integer(json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_whole(w, value);
}

void json_key_bool(json_writer *w, const char *key, bool value)
{
    json_key(w, key);
    json_bool(w, value);
}

void json_key_numbers(json_writer *w, const char *key, const double *value, size_t n)
{
    json_key(w, key);
    json_begin_array(w);
    int indent = w->indent;
    w->indent = 0; /* a row of numbers stays on its line */
    for (size_t i = 0; i < n; i++)
        json_number(w, value[i]);
    w->has_items[w->depth - 1] = false;
    json_end_array(w);
    w->indent = indent;
}

yt_status json_finish(json_writer *w)
{
    while (w->depth > 0)
        end(w, w->is_list[w->depth - 1]);
    if (w->file) {
        put(w, "\n", 1);
        if (fflush(w->file) != 0 && w->status == YT_OK)
            w->status = YT_EIO;
    }
    return w->status;
}

char *json_take(json_writer *w, size_t *length)
{
    assert(!w->file);
    char *text = w->text;
    if (w->status) {
        json_discard(w);
        return NULL;
    }
    if (length)
        *length = w->length;
    *w = json_to_memory(w->indent);
    return text;
}

void json_discard(json_writer *w)
{
    if (!w->file)
        free(w->text);
    w->text = NULL;
    w->length = w->size = 0;
}
