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

size_t scratch_layout(const market_pattern *pattern, void *block, workspace *scratch)
{
    const int32_t m = pattern->markets, n = pattern->activities;
    block_cutter c = {.block = block};
    scratch->closing.capacity = cut_numbers(&c, n);
    scratch->closing.closed_by = cut_ints(&c, n);
    scratch->closing.dead = cut_ints(&c, m);
    scratch->closing.producers = cut_ints(&c, m);
    scratch->factor = cut_numbers(&c, factor_size(pattern));
    scratch->room.work = cut_numbers(&c, 2 * (int64_t)m + 4);
    scratch->room.map = cut_ints(&c, m);
    scratch->room.column = cut(&c, (int64_t)m + 4, sizeof(const double *));
    scratch->flag = cut_ints(&c, m);
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

size_t market_scratch_size(const market_pattern *pattern)
{
    workspace ignored;
    return scratch_layout(pattern, NULL, &ignored);
}
