/* reference.c - problems with known answers: found by path, compared as their file says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reference.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *load_reference(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, REFERENCE "numeric/%s.json", name);
    json_t *root = json_load_file(path, 0, NULL);
    if (!root)
        fail_msg("cannot read %s (tests run in the root of the sources)", path);
    return root;
}

int count_references(void)
{
    DIR *folder = opendir(REFERENCE "numeric");
    assert_non_null(folder);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strstr(entry->d_name, ".json") != NULL;
    closedir(folder);
    return count;
}

static const json_t *find(const json_t *root, const char *path)
{
    char part[64];
    while (*path) {
        size_t n = strcspn(path, ".");
        snprintf(part, sizeof part, "%.*s", (int)n, path);
        root = json_is_array(root) ? json_array_get(root, strtoul(part, NULL, 10))
                                   : json_object_get(root, part);
        if (!root)
            fail_msg("no %s in the reference file", path);
        path += n + (path[n] == '.');
    }
    return root;
}

static const json_t *find_formatted(const json_t *root, const char *path, va_list args)
{
    char whole[160];
    vsnprintf(whole, sizeof whole, path, args);
    return find(root, whole);
}

/* the value at the path of a function with variable arguments */
#define FIND(value, root, path)                                                                    \
    va_list args;                                                                                  \
    va_start(args, path);                                                                          \
    const json_t *value = find_formatted(root, path, args);                                        \
    va_end(args)

const json_t *at(const json_t *root, const char *path, ...)
{
    FIND(value, root, path);
    return value;
}

/* Some files keep all digits of a number by writing it as text. */
static double number_of(const json_t *value)
{
    if (json_is_string(value))
        return strtod(json_string_value(value), NULL);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

double number_at(const json_t *root, const char *path, ...)
{
    FIND(value, root, path);
    return number_of(value);
}

const char *text_at(const json_t *root, const char *path, ...)
{
    FIND(value, root, path);
    assert_true(json_is_string(value));
    return json_string_value(value);
}

int32_t count_at(const json_t *root, const char *path, ...)
{
    FIND(value, root, path);
    assert_true(json_is_array(value));
    return (int32_t)json_array_size(value);
}

int32_t numbers_at(const json_t *root, double values[NUMBERS_MOST], const char *path, ...)
{
    FIND(list, root, path);
    size_t n = json_array_size(list);
    assert_true(n > 0 && n <= NUMBERS_MOST);
    for (size_t i = 0; i < n; i++)
        values[i] = number_of(json_array_get(list, i));
    return (int32_t)n;
}

void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", value, expected, tolerance);
}

void assert_as_told(const json_t *root, double value, double expected)
{
    const char *text = text_at(root, "tolerance");
    double tolerance = 0;
    if (strncmp(text, "rel ", 4) == 0)
        tolerance = strtod(text + 4, NULL) * fabs(expected);
    else if (strncmp(text, "abs ", 4) == 0)
        tolerance = strtod(text + 4, NULL);
    else if (strncmp(text, "exact", 5) != 0 && strncmp(text, "bit exact", 9) != 0)
        fail_msg("no tolerance in '%s'", text);
    assert_near(value, expected, tolerance);
}

void assert_expected(const json_t *root, double value, const char *path, ...)
{
    FIND(expected, at(root, "expected"), path);
    assert_as_told(root, value, number_of(expected));
}
