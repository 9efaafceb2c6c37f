/* reference.h - problems with known answers: tests/reference/numeric, one JSON file each. */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include <jansson.h>
#include <stdint.h>

#define REFERENCE "tests/reference/"

/* The file of this name; give it back with json_decref. */
json_t *load_reference(const char *name);
/* How many files there are. */
int count_references(void);

/* The value at a path such as "expected.quota.pA" or "inputs.supply.%d"; fails the test when
 * there is none, or another kind than asked for. */
const json_t *at(const json_t *root, const char *path, ...) __attribute__((format(printf, 2, 3)));
double number_at(const json_t *root, const char *path, ...) __attribute__((format(printf, 2, 3)));
const char *text_at(const json_t *root, const char *path, ...)
    __attribute__((format(printf, 2, 3)));
int32_t count_at(const json_t *root, const char *path, ...) __attribute__((format(printf, 2, 3)));
/* A list of numbers, at most 64, into values; how many. */
enum { NUMBERS_MOST = 64 };
int32_t numbers_at(const json_t *root, double values[NUMBERS_MOST], const char *path, ...)
    __attribute__((format(printf, 3, 4)));

void assert_near(double value, double expected, double tolerance);
/* Within "rel 1e-9", "abs 1e-4" or "exact" of the file. */
void assert_as_told(const json_t *root, double value, double expected);
/* As told, at the path "expected.<path>". */
void assert_expected(const json_t *root, double value, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

#endif
