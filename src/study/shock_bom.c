/* shock_bom.c - a user's own bill of materials, from a CSV file. */
#include "base/table.h"
#include "base/text.h"
#include "study/shock.h"

#include "network/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCT, REGION, GOOD, PER_UNIT, UNIT, OUTPUT, STOCK, COLUMNS };
static const char *const columns[COLUMNS] = {"product", "region", "good",        "per_unit",
                                             "unit",    "output", "stock_months"};

static int32_t find(const network_names *names, const char *text)
{
    for (int32_t i = 0; i < names->count; i++)
        if (strcmp(names->id[i], text) == 0)
            return i;
    return YT_NONE;
}

typedef struct reader {
    const yt_network *net;
    const table *t;
    yt_log *log;
    int32_t column[COLUMNS];
    shock_bom *bom;
} reader;

static const char *cell(const reader *r, int32_t row, int column)
{
    return table_at(r->t, row, r->column[column])->text;
}

static void complain(const reader *r, int32_t row, int column, const char *due)
{
    const table_cell *at = table_at(r->t, row, r->column[column]);
    log_error(r->log, YT_EDATA, table_place(r->t, at), "\"%s\": %s", at->text, due);
}

/* A name of the case was due; those of `more` will do as well (may be NULL). */
static void complain_of_name(const reader *r, int32_t row, int column, const char *due,
                             const network_names *names, const network_names *more)
{
    char text[160];
    const char *word = cell(r, row, column);
    const char *near = text_nearest(word, names->id, (size_t)names->count);
    const char *other = more ? text_nearest(word, more->id, (size_t)more->count) : NULL;
    if (!near || (other && text_distance(word, other) < text_distance(word, near)))
        near = other;
    snprintf(text, sizeof text, "%s%s%s%s", due, near ? "; did you mean " : "", near ? near : "",
             near ? "?" : "");
    complain(r, row, column, text);
}

static double number(const reader *r, int32_t row, int column)
{
    double value = 0;
    if (!text_number(cell(r, row, column), &value) || !(value >= 0))
        complain(r, row, column, "a number of 0 or more is due");
    return value;
}

/* Tonnes in a unit of mass. */
static double tonnes(const reader *r, int32_t row)
{
    const char *written = cell(r, row, UNIT);
    static const struct {
        const char *name;
        double tonnes;
    } known[] = {{"t", 1}, {"kg", 1e-3}, {"g", 1e-6}, {"mg", 1e-9}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, written) == 0)
            return known[i].tonnes;
    complain(r, row, UNIT, "t, kg, g or mg is due");
    return 1;
}

static int32_t product_of(const reader *r, int32_t row)
{
    shock_bom *b = r->bom;
    for (int32_t i = 0; i < b->products; i++)
        if (strcmp(b->product[i], cell(r, row, PRODUCT)) == 0)
            return i;
    int32_t i = b->products++;
    b->product[i] = arena_strdup(b->memory, cell(r, row, PRODUCT));
    b->output[i] = number(r, row, OUTPUT) / 12;
    b->region[i] = find(&r->net->regions, cell(r, row, REGION));
    if (b->region[i] == YT_NONE)
        complain_of_name(r, row, REGION, "a region of the case is due", &r->net->regions, NULL);
    return i;
}

static void read_part(reader *r, int32_t row)
{
    shock_part *part = &r->bom->part[r->bom->parts++];
    const char *good = cell(r, row, GOOD);
    *part = (shock_part){.product = product_of(r, row),
                         .commodity = find(&r->net->commodities, good),
                         .element = find(&r->net->elements, good),
                         .per_unit = number(r, row, PER_UNIT) * tonnes(r, row),
                         .stock = number(r, row, STOCK)};
    if (part->commodity == YT_NONE && part->element == YT_NONE)
        complain_of_name(r, row, GOOD, "an element or a commodity of the case is due",
                         &r->net->elements, &r->net->commodities);
}

yt_status shock_bom_read(const yt_network *net, const char *path, yt_log *log, shock_bom **made)
{
    arena *memory = arena_new();
    shock_bom *b = memory ? arena_alloc(memory, sizeof *b) : NULL;
    table t = {0};
    reader r = {.net = net, .t = &t, .log = log, .bom = b};
    yt_status status = b ? table_read(memory, path, path, log, &t) : YT_ENOMEM;
    for (int c = 0; !status && c < COLUMNS; c++)
        if ((r.column[c] = table_column(&t, columns[c])) == YT_NONE) {
            log_error(log, YT_EDATA, place_at(path, 1, 0),
                      "the column %s is missing; due are product, region, good, per_unit, unit, "
                      "output (units a year), stock_months",
                      columns[c]);
            status = YT_EDATA;
        }
    if (!status) {
        size_t rows = (size_t)t.rows + 1;
        b->memory = memory;
        b->product = arena_array(memory, rows, sizeof *b->product);
        b->output = arena_array(memory, rows, sizeof *b->output);
        b->region = arena_array(memory, rows, sizeof *b->region);
        b->part = arena_array(memory, rows, sizeof *b->part);
        status = b->product && b->output && b->region && b->part ? YT_OK : YT_ENOMEM;
    }
    for (int32_t row = 0; !status && row < t.rows; row++)
        read_part(&r, row);
    if (!status)
        status = log_worst(log);
    if (status)
        arena_free(memory);
    else
        *made = b;
    return status;
}

void shock_bom_free(shock_bom *b)
{
    if (b)
        arena_free(b->memory);
}
