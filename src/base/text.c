/* text.c - comparisons, nearest words and numbers as text, without the locale. */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_WORD 127

bool text_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);
    return n >= m && memcmp(text + n - m, suffix, m) == 0;
}

bool text_is_blank(const char *text)
{
    return !text || text[strspn(text, " \t\r\n")] == '\0';
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

/* optimal string alignment: rows of the table two, one and none back */
int text_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST_WORD || m > LONGEST_WORD)
        return text_equal(a, b) ? 0 : (int)least((int)(n > m ? n : m), INT_MAX);
    int row[3][LONGEST_WORD + 1];
    int *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= m; j++)
        last[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int differs = lower(a[i - 1]) != lower(b[j - 1]);
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + differs);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                now[j] = least(now[j], before[j - 2] + 1);
        }
        int *old = before;
        before = last;
        last = now;
        now = old;
    }
    return last[m];
}

const char *text_nearest(const char *word, const char *const candidates[], size_t n)
{
    size_t length = strlen(word);
    if (length == 0 || length > LONGEST_WORD)
        return NULL;
    /* a third of the letters may be wrong, at least one, but not all of a short word */
    int allowed = length < 3 ? (length == 2) : (int)(length + 2) / 3;
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!candidates[i] || candidates[i][0] == '\0')
            continue;
        int distance = text_distance(word, candidates[i]);
        int least = best ? text_distance(word, best) : allowed + 1;
        bool goes_on = strncmp(candidates[i], word, length) == 0; /* US: USA before AUS */
        if (distance < least ||
            (best && distance == least && goes_on && strncmp(best, word, length) != 0))
            best = candidates[i];
    }
    return best;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Powers of ten that a double holds exactly. */
static const double exact_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The C locale's strtod; newlocale of "C" hands out a constant of the C library. */
static bool slow_number(const char *text, double *out)
{
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        return false;
    char *end = NULL;
    double value = strtod_l(text, &end, c_locale);
    freelocale(c_locale);
    if (*end != '\0' || !isfinite(value))
        return false;
    *out = value;
    return true;
}

/* Step over a sign, if there is one; is it a minus? */
static bool take_sign(const char **p)
{
    bool is_minus = **p == '-';
    if (is_minus || **p == '+')
        (*p)++;
    return is_minus;
}

bool text_number(const char *text, double *out)
{
    if (!text)
        return false;
    const char *p = text;
    bool is_negative = take_sign(&p);

    /* the grammar, gathering up to 19 digits of the mantissa on the way */
    uint64_t mantissa = 0;
    int digits = 0, scale = 0;
    bool is_exact = true;
    if (!is_digit(*p))
        return false;
    for (bool after_point = false;; p++) {
        if (*p == '.' && !after_point) {
            if (!is_digit(p[1]))
                return false;
            after_point = true;
            continue;
        }
        if (!is_digit(*p))
            break;
        if (digits < 19) {
            mantissa = mantissa * 10 + (uint64_t)(*p - '0');
            digits += mantissa != 0;
            scale -= after_point;
        } else {
            is_exact = false;
        }
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        bool is_small = take_sign(&p);
        if (!is_digit(*p))
            return false;
        int exponent = 0;
        for (; is_digit(*p); p++)
            if (exponent < 100000)
                exponent = exponent * 10 + (*p - '0');
        scale += is_small ? -exponent : exponent;
    }
    if (*p != '\0')
        return false;

    /* mantissa and power of ten both exact: one rounding gives the nearest double */
    if (is_exact && mantissa <= (uint64_t)1 << 53 && scale >= -22 && scale <= 22) {
        double value = (double)mantissa;
        value = scale < 0 ? value / exact_ten[-scale] : value * exact_ten[scale];
        *out = is_negative ? -value : value;
        return true;
    }
    return slow_number(text, out);
}

bool text_integer64(const char *text, int64_t *out)
{
    if (!text)
        return false;
    const char *p = text;
    bool is_negative = take_sign(&p);
    if (!is_digit(*p))
        return false;
    uint64_t limit = is_negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t value = 0;
    for (; is_digit(*p); p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (*p != '\0')
        return false;
    *out = is_negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

bool text_integer(const char *text, int32_t *out)
{
    int64_t value;
    if (!text_integer64(text, &value) || value < INT32_MIN || value > INT32_MAX)
        return false;
    *out = (int32_t)value;
    return true;
}

/* printf's %g with whatever the locale uses as decimal mark turned into a point */
static void print_plain(char *out, size_t size, int digits, double value)
{
    char raw[64];
    snprintf(raw, sizeof raw, "%.*g", digits, value);
    size_t n = 0;
    bool in_mark = false;
    for (const char *p = raw; *p && n + 1 < size; p++) {
        bool is_plain = is_digit(*p) || *p == '-' || *p == '+' || *p == 'e';
        if (is_plain || !in_mark)
            out[n++] = is_plain ? *p : '.';
        in_mark = !is_plain;
    }
    out[n] = '\0';
}

static size_t copy_out(char *buffer, size_t size, const char *text)
{
    size_t n = strlen(text);
    if (size > 0) {
        size_t fits = n < size ? n : size - 1;
        memcpy(buffer, text, fits);
        buffer[fits] = '\0';
    }
    return n;
}

size_t text_format_number(char *buffer, size_t size, double value)
{
    if (isnan(value))
        return copy_out(buffer, size, "nan");
    if (isinf(value))
        return copy_out(buffer, size, value < 0 ? "-inf" : "inf");
    char text[40];
    double magnitude = fabs(value);
    if (magnitude < 1e15 && magnitude == floor(magnitude) && !(value == 0 && signbit(value))) {
        snprintf(text, sizeof text, "%lld", (long long)value);
        return copy_out(buffer, size, text);
    }
    /* 15 digits are never one too many, except for subnormal numbers */
    for (int digits = magnitude < 2.3e-308 ? 1 : 15; digits <= 17; digits++) {
        double back;
        print_plain(text, sizeof text, digits, value);
        if (digits == 17 || (text_number(text, &back) && back == value))
            break;
    }
    return copy_out(buffer, size, text);
}

size_t text_utf8_length(const char *text, size_t n)
{
    const unsigned char *c = (const unsigned char *)text;
    if (n == 0)
        return 0;
    if (c[0] < 0x80)
        return 1;
    size_t length = c[0] >= 0xc2 && c[0] <= 0xdf ? 2 : c[0] >= 0xe0 && c[0] <= 0xef ? 3 : 0;
    if (c[0] >= 0xf0 && c[0] <= 0xf4)
        length = 4;
    if (length == 0 || n < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    /* overlong forms, surrogates, beyond U+10FFFF */
    if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
        (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
        return 0;
    return length;
}

bool text_is_utf8(const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t length = text_utf8_length(text + i, n - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}
