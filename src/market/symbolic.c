/* symbolic.c - the shape of the factor: elimination tree, supernodes, where a number goes.
 *
 * Made for the activities at work, not for all there are: that factor is several times
 * smaller, and it is made again when an activity starts that does not fit.  The order is
 * postordered, so that a supernode's columns are neighbours.  Then columns of nearly equal
 * pattern are merged, zeros included: a dense loop over a few zeros beats a sparse loop
 * without them.
 */
#include "market/inside.h"

#include <assert.h>
#include <string.h>

static uint64_t *bits_of(const factor *f, const market_pattern *pattern, int32_t node)
{
    return f->bits + (size_t)node * (size_t)bit_words(pattern->markets);
}

/* Rows of bits of the graph of the edges at work. */
static void fill_bits(const market_pattern *pattern, const factor *f)
{
    const size_t words = (size_t)bit_words(pattern->markets);
    memset(f->bits, 0, (size_t)pattern->markets * words * sizeof(uint64_t));
    for (int32_t e = 0; e < pattern->edges; e++)
        if (f->is_live[e]) {
            const int32_t a = pattern->edge[e].low, b = pattern->edge[e].high;
            set_bit(bits_of(f, pattern, a), b);
            set_bit(bits_of(f, pattern, b), a);
        }
}

/* parent[k]: the place of the first row of column k below the diagonal, YT_NONE at a root. */
static void find_parents(const market_pattern *pattern, const factor *f)
{
    for (int32_t k = 0; k < pattern->markets; k++) {
        const uint64_t *row = bits_of(f, pattern, f->order[k]);
        int32_t first = INT32_MAX;
        for (int32_t w = 0; w < bit_words(pattern->markets); w++)
            for (uint64_t left = row[w]; left; left &= left - 1) {
                const int32_t place = f->place[64 * w + lowest_bit(left)];
                first = place < first ? place : first;
            }
        f->parent[k] = first < INT32_MAX ? first : YT_NONE;
    }
}

static void invert(int32_t nodes, const int32_t *order, int32_t *place)
{
    for (int32_t k = 0; k < nodes; k++)
        place[order[k]] = k;
}

/* Reorder so that every subtree is contiguous; children come before parents already. */
static void postorder(int32_t nodes, const factor *f)
{
    int32_t *size = f->head, *next = f->next, *renumbered = f->at, *moved = f->map;
    int32_t roots = 0;
    for (int32_t j = 0; j < nodes; j++)
        size[j] = 1;
    for (int32_t j = 0; j < nodes; j++)
        if (f->parent[j] >= 0)
            size[f->parent[j]] += size[j];
    /* from the root down: a node hands its children the places before its own */
    for (int32_t j = nodes - 1; j >= 0; j--) {
        int32_t *first = f->parent[j] >= 0 ? &next[f->parent[j]] : &roots;
        const int32_t begin = *first;
        *first += size[j];
        next[j] = begin; /* children fill [begin, begin + size - 1), j comes last */
        moved[j] = begin + size[j] - 1;
    }
    for (int32_t j = 0; j < nodes; j++)
        renumbered[moved[j]] = f->parent[j] >= 0 ? moved[f->parent[j]] : YT_NONE;
    memcpy(f->parent, renumbered, (size_t)nodes * sizeof(int32_t));
    for (int32_t j = 0; j < nodes; j++)
        renumbered[moved[j]] = f->order[j];
    memcpy(f->order, renumbered, (size_t)nodes * sizeof(int32_t));
}

/* May the supernode with rows [below] under `width` columns be merged into its parent? */
static bool worth_merging(int32_t width, int32_t below, int32_t parent_width, int32_t parent_below)
{
    const int32_t merged_width = width + parent_width;
    const int64_t zeros = (int64_t)width * (parent_width + parent_below - below);
    const int64_t total =
        (int64_t)merged_width * (merged_width + 1) / 2 + (int64_t)merged_width * parent_below;
    assert(zeros >= 0);
    if (zeros == 0)
        return true;
    if (merged_width <= 4)
        return zeros * 2 <= total;
    if (merged_width <= 16)
        return zeros * 5 <= total;
    return zeros * 20 <= total;
}

/* column[] of the supernodes. */
static void group_columns(int32_t nodes, factor *f)
{
    int32_t *column = f->super.column, count = 0;
    for (int32_t j = 0; j < nodes; j++) {
        column[count++] = j;
        /* the column just opened may swallow the supernode before it, again and again */
        while (count > 1) {
            const int32_t first = column[count - 2], last = column[count - 1] - 1;
            if (f->parent[last] < column[count - 1] || f->parent[last] > j ||
                !worth_merging(last - first + 1, f->degree[f->order[last]], j - last,
                               f->degree[f->order[j]]))
                break;
            count--;
        }
    }
    column[count] = nodes;
    f->super.count = count;
}

/* Numbers of the factor with these supernodes. */
static int64_t count_numbers(const factor *f)
{
    int64_t numbers = 0;
    for (int32_t s = 0; s < f->super.count; s++) {
        const int64_t width = f->super.column[s + 1] - f->super.column[s];
        numbers += width * (width + f->degree[f->order[f->super.column[s + 1] - 1]]);
    }
    return numbers;
}

static void name_owners(const factor *f)
{
    for (int32_t s = 0; s < f->super.count; s++)
        for (int32_t j = f->super.column[s]; j < f->super.column[s + 1]; j++)
            f->owner[j] = s;
}

/* Rows of each supernode: its columns, then the pattern of its last column, ascending. */
static void list_rows(const market_pattern *pattern, const factor *f)
{
    const supernodes *super = &f->super;
    const int32_t words = bit_words(pattern->markets);
    int32_t rows = 0, values = 0;
    memset(f->sorter, 0, (size_t)words * sizeof(uint64_t));
    for (int32_t s = 0; s < super->count; s++) {
        const int32_t first = super->column[s], end = super->column[s + 1];
        const uint64_t *below = bits_of(f, pattern, f->order[end - 1]);
        super->row_start[s] = rows;
        super->value_start[s] = values;
        for (int32_t j = first; j < end; j++)
            super->row[rows++] = j;
        for (int32_t w = 0; w < words; w++)
            for (uint64_t left = below[w]; left; left &= left - 1)
                set_bit(f->sorter, f->place[64 * w + lowest_bit(left)]);
        for (int32_t w = 0; w < words; w++) {
            for (uint64_t left = f->sorter[w]; left; left &= left - 1)
                super->row[rows++] = 64 * w + lowest_bit(left);
            f->sorter[w] = 0;
        }
        values += (rows - super->row_start[s]) * (end - first);
    }
    super->row_start[super->count] = rows;
    super->value_start[super->count] = values;
}

/* Where the number of every edge lies, YT_NONE when the factor has no place for it. */
static void find_slots(const market_pattern *pattern, const factor *f)
{
    const supernodes *super = &f->super;
    int32_t *last_seen = f->at;
    for (int32_t k = 0; k < pattern->markets; k++)
        last_seen[k] = YT_NONE;
    for (int32_t s = 0; s < super->count; s++) {
        const int32_t *row = super->row + super->row_start[s];
        const int32_t height = super->row_start[s + 1] - super->row_start[s];
        for (int32_t r = 0; r < height; r++) {
            f->map[row[r]] = r;
            last_seen[row[r]] = s;
        }
        for (int32_t p = super->column[s]; p < super->column[s + 1]; p++) {
            const int32_t node = f->order[p];
            const int32_t column = super->value_start[s] + (p - super->column[s]) * height;
            f->diagonal[node] = column + p - super->column[s];
            for (int32_t k = pattern->near_start[node]; k < pattern->near_start[node + 1]; k++) {
                const int32_t other = f->place[pattern->near[k].node];
                if (other > p)
                    f->slot[pattern->near[k].edge] =
                        last_seen[other] == s ? column + f->map[other] : YT_NONE;
            }
        }
    }
}

static int64_t plan(const market_pattern *pattern, factor *f)
{
    fill_bits(pattern, f);
    order_find(pattern->markets, f->bits, f->degree, f->map, f->order);
    invert(pattern->markets, f->order, f->place);
    find_parents(pattern, f);
    postorder(pattern->markets, f);
    invert(pattern->markets, f->order, f->place);
    group_columns(pattern->markets, f);
    return count_numbers(f);
}

int64_t symbolic_size(const market_pattern *pattern, factor *f)
{
    memset(f->is_live, 1, (size_t)pattern->edges);
    return plan(pattern, f);
}

void symbolic_shape(const market_pattern *pattern, factor *f)
{
    /* few edges can be worse than all by the luck of the ties; there is room for all */
    if (plan(pattern, f) > pattern->factor_room)
        symbolic_size(pattern, f);
    name_owners(f);
    list_rows(pattern, f);
    find_slots(pattern, f);
}
