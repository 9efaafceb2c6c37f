/* formula.c - chemical formulas read from left to right, brackets inside brackets. */
#include "base/formula.h"

#include "base/text.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define BRACKETS_MOST 8

typedef struct reading {
    const char *at;
    const char *symbol;
    formula_mass *mass;
    const void *context;
    const char *wrong;
} reading;

typedef struct grams { /* of a mole */
    double all, of_symbol;
} grams;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "2", "1.6"; 1 where nothing is written. */
static double read_count(reading *r)
{
    double count = 0, place = 1;
    if (!is_digit(*r->at))
        return 1;
    for (; is_digit(*r->at); r->at++)
        count = 10 * count + (*r->at - '0');
    if (*r->at == '.' && is_digit(r->at[1]))
        for (r->at++; is_digit(*r->at); r->at++)
            count += (*r->at - '0') * (place /= 10);
    return count;
}

/* A capital and the small letters behind it. */
static grams read_atom(reading *r)
{
    char symbol[4] = {0};
    const char *begin = r->at;
    size_t n = 0;
    do {
        if (n < sizeof symbol - 1)
            symbol[n++] = *r->at;
        r->at++;
    } while (*r->at >= 'a' && *r->at <= 'z');
    double mass = r->at - begin > 3 ? NAN : r->mass(r->context, symbol);
    if (!(mass > 0))
        r->wrong = begin;
    return (grams){mass, text_equal(symbol, r->symbol) ? mass : 0};
}

static void add(grams *to, grams what, double count)
{
    to->all += count * what.all;
    to->of_symbol += count * what.of_symbol;
}

/* Is there crystal water, behind "*" or a raised dot (UTF-8)?  Bytes of the mark. */
static int joined(const char *at)
{
    return *at == '*' ? 1 : at[0] == '\xc2' && at[1] == '\xb7' ? 2 : 0;
}

/* Atoms and brackets up to the end, a closing bracket, or the mark before crystal water. */
static grams read_group(reading *r, int depth)
{
    grams sum = {0, 0};
    const char *first = r->at;
    while (!r->wrong && *r->at && *r->at != ')' && !joined(r->at)) {
        grams part;
        const char *begin = r->at;
        if (*r->at >= 'A' && *r->at <= 'Z') {
            part = read_atom(r);
        } else if (*r->at == '(' && depth < BRACKETS_MOST) {
            r->at++;
            part = read_group(r, depth + 1);
            if (!r->wrong && *r->at != ')')
                r->wrong = begin;
            else if (!r->wrong)
                r->at++;
        } else {
            r->wrong = r->at;
            break;
        }
        add(&sum, part, read_count(r));
    }
    if (r->at == first)
        r->wrong = first; /* nothing in it */
    return sum;
}

double formula_share(const char *formula, const char *symbol, formula_mass *mass,
                     const void *context, const char **wrong)
{
    reading r = {formula, symbol, mass, context, *formula ? NULL : formula};
    grams sum = {0, 0};
    while (!r.wrong) {
        double count = read_count(&r); /* of "6H2O" */
        add(&sum, read_group(&r, 0), count);
        if (r.wrong || !joined(r.at))
            break;
        r.at += joined(r.at);
    }
    if (!r.wrong && (*r.at || !(sum.all > 0)))
        r.wrong = r.at;
    *wrong = r.wrong;
    return r.wrong ? NAN : sum.of_symbol / sum.all;
}

double formula_factor(const char *from, const char *to, const char *symbol, formula_mass *mass,
                      const void *context)
{
    const char *wrong;
    double in_from = formula_share(from, symbol, mass, context, &wrong);
    double in_to = formula_share(to, symbol, mass, context, &wrong);
    return in_from > 0 && in_to > 0 ? in_from / in_to : NAN;
}
