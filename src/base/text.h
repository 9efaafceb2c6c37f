/* text.h - small questions about text, the same in every locale. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Equal, byte for byte; NULL equals only NULL. */
bool text_equal(const char *a, const char *b);
bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);
/* NULL, "" or white space only. */
bool text_is_blank(const char *text);

/* Edits (insert, delete, replace, swap of neighbours; ASCII case is free) from a to b. */
int text_distance(const char *a, const char *b);
/* The candidate a person who wrote `word` most likely meant; NULL when none is near. */
const char *text_nearest(const char *word, const char *const candidates[], size_t n);

/* A decimal number and nothing else: [+-]digits[.digits][e[+-]digits], correctly rounded,
 * independent of the locale.  No hexadecimal, inf, nan, separators, white space; refuses
 * what overflows.  `out` unchanged when false. */
bool text_number(const char *text, double *out);
/* Decimal integer within int32_t / int64_t and nothing else. */
bool text_integer(const char *text, int32_t *out);
bool text_integer64(const char *text, int64_t *out);

/* Shortest decimal text that reads back to the same double ("0.1", "1e+22", "nan", "inf");
 * independent of the locale.  32 bytes always suffice.  Returns the length. */
size_t text_format_number(char *buffer, size_t size, double value);

/* Length of the valid UTF-8 sequence at text (1..4) with `n` bytes left; 0 when invalid. */
size_t text_utf8_length(const char *text, size_t n);
bool text_is_utf8(const char *text, size_t n);

#endif
