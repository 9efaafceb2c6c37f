/* scratch.c - cuts the caller's one block into the arrays a clearing needs. */
#include "market/inside.h"

enum { ALIGNMENT = 64 };

typedef struct block_cutter {
    char *block; /* NULL while measuring */
    size_t used;
} block_cutter;

static void *cut(block_cutter *cutter, int64_t count, size_t size)
{
    void *piece = cutter->block ? cutter->block + cutter->used : NULL;
    cutter->used += ((size_t)count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return piece;
}

static double *cut_numbers(block_cutter *cutter, int64_t count)
{
    return cut(cutter, count, sizeof(double));
}

static int32_t *cut_ints(block_cutter *cutter, int64_t count)
{
    return cut(cutter, count, sizeof(int32_t));
}

static bool *cut_flags(block_cutter *cutter, int64_t count)
{
    return cut(cutter, count, sizeof(bool));
}

static void cut_factor(block_cutter *c, const market_pattern *pattern, factor *f)
{
    const int64_t m = pattern->markets, words = bit_words(pattern->markets);
    f->is_live = cut_flags(c, pattern->edges);
    f->edge = cut_numbers(c, pattern->edges);
    f->sum = cut_numbers(c, m);
    f->slot = cut_ints(c, pattern->edges);
    f->diagonal = cut_ints(c, m);
    f->order = cut_ints(c, m);
    f->place = cut_ints(c, m);
    f->parent = cut_ints(c, m);
    f->owner = cut_ints(c, m);
    f->degree = cut_ints(c, m);
    f->bits = cut(c, m * words, sizeof(uint64_t));
    f->sorter = cut(c, words, sizeof(uint64_t));
    f->super.column = cut_ints(c, m + 1);
    f->super.row_start = cut_ints(c, m + 1);
    f->super.row = cut_ints(c, pattern->factor_room);
    f->super.value_start = cut_ints(c, m + 1);
    f->value = cut_numbers(c, pattern->factor_room);
    f->pivot = cut_numbers(c, m);
    f->work = cut_numbers(c, 2 * m + 4);
    f->column = cut(c, m + 4, sizeof(const double *));
    f->map = cut_ints(c, m);
    f->target = cut_ints(c, m);
    f->head = cut_ints(c, m + 1);
    f->next = cut_ints(c, m + 1);
    f->at = cut_ints(c, m + 1);
}

size_t scratch_layout(const market_pattern *pattern, void *block, workspace *scratch)
{
    const int32_t m = pattern->markets, n = pattern->activities;
    block_cutter c = {.block = block};
    scratch->closing.capacity = cut_numbers(&c, n);
    scratch->closing.closed_by = cut_ints(&c, n);
    scratch->closing.dead = cut_ints(&c, m);
    scratch->closing.producers = cut_ints(&c, m);
    cut_factor(&c, pattern, &scratch->factor);
    scratch->flag = cut_ints(&c, m);
    scratch->open = cut_ints(&c, n);
    scratch->weight = cut_numbers(&c, n);
    scratch->diagonal = cut_numbers(&c, m);
    scratch->best_price = cut_numbers(&c, m);
    scratch->best_level = cut_numbers(&c, n);
    scratch->start_price = cut_numbers(&c, m);
    scratch->entry = cut_numbers(&c, pattern->nonzeros);
    for (int k = 0; k < COLUMN_ARRAYS; k++)
        scratch->column[k] = cut_numbers(&c, n);
    for (int k = 0; k < ROW_ARRAYS; k++)
        scratch->row[k] = cut_numbers(&c, m);
    return c.used;
}
