/* symbolic.c - the shape of the factor: elimination tree, column patterns, supernodes.
 *
 * The order is first postordered, so that a supernode's columns are neighbours.  Then columns
 * of nearly equal pattern are merged, zeros included: a dense loop over a few zeros beats a
 * sparse loop without them.
 */
#include "market/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Patterns of the columns of L below the diagonal, one after another. */
typedef struct factor_shape {
    int32_t nodes;
    int32_t *parent; /* elimination tree, YT_NONE at a root     [nodes]     */
    int32_t *start;  /*                                         [nodes + 1] */
    int32_t *row;    /* ascending within a column               [start]     */
    int32_t room;    /* numbers row[] can hold                              */
} factor_shape;

static void shape_free(factor_shape *shape)
{
    free(shape->parent);
    free(shape->start);
    free(shape->row);
}

static int ascending(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static bool reserve(factor_shape *shape, int32_t needed)
{
    if (needed <= shape->room)
        return true;
    const int32_t room = needed + needed / 2 + 64;
    int32_t *row = realloc(shape->row, (size_t)room * sizeof(int32_t));
    if (!row)
        return false;
    shape->row = row;
    shape->room = room;
    return true;
}

/* Append to column j every row of from[] beyond j that it does not have yet. */
static int32_t join(factor_shape *shape, int32_t j, int32_t end, const int32_t *from, int32_t count,
                    int32_t *mark)
{
    for (int32_t k = 0; k < count; k++)
        if (from[k] > j && mark[from[k]] != j) {
            mark[from[k]] = j;
            shape->row[end++] = from[k];
        }
    return end;
}

/* Column patterns of the factor of the graph permuted by `order`; place = inverse order. */
static yt_status find_shape(int32_t nodes, const int32_t *start, const int32_t *neighbour,
                            const int32_t *order, const int32_t *place, factor_shape *shape)
{
    const size_t n = (size_t)nodes + 1;
    int32_t *mark = malloc(n * sizeof(int32_t)), *image = malloc(n * sizeof(int32_t));
    int32_t *child = malloc(n * sizeof(int32_t)), *sibling = malloc(n * sizeof(int32_t));
    yt_status status = mark && image && child && sibling ? YT_OK : YT_ENOMEM;
    for (int32_t j = 0; j < nodes && !status; j++)
        mark[j] = child[j] = sibling[j] = YT_NONE;
    if (!status)
        shape->start[0] = 0;
    for (int32_t j = 0; j < nodes && !status; j++) {
        int32_t end = shape->start[j];
        if (!reserve(shape, end + nodes)) {
            status = YT_ENOMEM;
            break;
        }
        const int32_t node = order[j], degree = start[node + 1] - start[node];
        for (int32_t k = 0; k < degree; k++)
            image[k] = place[neighbour[start[node] + k]];
        end = join(shape, j, end, image, degree, mark);
        for (int32_t c = child[j]; c >= 0; c = sibling[c])
            end = join(shape, j, end, shape->row + shape->start[c],
                       shape->start[c + 1] - shape->start[c], mark);
        qsort(shape->row + shape->start[j], (size_t)(end - shape->start[j]), sizeof(int32_t),
              ascending);
        shape->start[j + 1] = end;
        shape->parent[j] = end > shape->start[j] ? shape->row[shape->start[j]] : YT_NONE;
        if (shape->parent[j] >= 0) {
            sibling[j] = child[shape->parent[j]];
            child[shape->parent[j]] = j;
        }
    }
    free(mark);
    free(image);
    free(child);
    free(sibling);
    return status;
}

/* Reorder so that every subtree is contiguous; children come before parents already. */
static yt_status postorder(const factor_shape *shape, int32_t *order)
{
    const int32_t nodes = shape->nodes;
    const size_t n = (size_t)nodes + 1;
    int32_t *size = malloc(n * sizeof(int32_t)), *next = malloc(n * sizeof(int32_t));
    int32_t *renumbered = malloc(n * sizeof(int32_t));
    if (!size || !next || !renumbered) {
        free(size);
        free(next);
        free(renumbered);
        return YT_ENOMEM;
    }
    for (int32_t j = 0; j < nodes; j++)
        size[j] = 1;
    for (int32_t j = 0; j < nodes; j++)
        if (shape->parent[j] >= 0)
            size[shape->parent[j]] += size[j];
    /* from the root down: a node hands its children the places before its own */
    int32_t roots = 0;
    for (int32_t j = 0; j < nodes; j++)
        next[j] = YT_NONE;
    for (int32_t j = nodes - 1; j >= 0; j--) {
        const int32_t parent = shape->parent[j];
        int32_t *first = parent >= 0 ? &next[parent] : &roots;
        const int32_t begin = *first;
        *first += size[j];
        next[j] = begin; /* children fill [begin, begin + size - 1), j comes last */
        renumbered[begin + size[j] - 1] = order[j];
    }
    memcpy(order, renumbered, (size_t)nodes * sizeof(int32_t));
    free(size);
    free(next);
    free(renumbered);
    return YT_OK;
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

/* column[] of the supernodes; returns how many. */
static int32_t group_columns(const factor_shape *shape, int32_t *column)
{
    int32_t count = 0;
    for (int32_t j = 0; j < shape->nodes; j++) {
        column[count++] = j;
        /* the column just opened may swallow the supernode before it, again and again */
        while (count > 1) {
            const int32_t first = column[count - 2], last = column[count - 1] - 1;
            const int32_t below = shape->start[last + 1] - shape->start[last];
            const int32_t top_below = shape->start[j + 1] - shape->start[j];
            if (shape->parent[last] < column[count - 1] || shape->parent[last] > j ||
                !worth_merging(last - first + 1, below, j - last, top_below))
                break;
            count--;
        }
    }
    column[count] = shape->nodes;
    return count;
}

/* Rows of each supernode: its columns, then the pattern of its last column. */
static void list_rows(const factor_shape *shape, supernodes *super)
{
    int32_t rows = 0, values = 0;
    for (int32_t s = 0; s < super->count; s++) {
        const int32_t first = super->column[s], end = super->column[s + 1];
        super->row_start[s] = rows;
        super->value_start[s] = values;
        for (int32_t j = first; j < end; j++)
            super->row[rows++] = j;
        for (int32_t k = shape->start[end - 1]; k < shape->start[end]; k++)
            super->row[rows++] = shape->row[k];
        values += (rows - super->row_start[s]) * (end - first);
    }
    super->row_start[super->count] = rows;
    super->value_start[super->count] = values;
}

/* Which supernodes update which: a source updates the owner of each of its lower rows.
 * update NULL: only count, into update_start[owner + 1]. */
static void list_updates(supernodes *super, const int32_t *owner, int32_t *fill,
                         panel_update *update)
{
    for (int32_t s = 0; s < super->count; s++) {
        const int32_t *row = super->row + super->row_start[s];
        const int32_t height = super->row_start[s + 1] - super->row_start[s];
        int32_t first = super->column[s + 1] - super->column[s];
        while (first < height) {
            const int32_t target = owner[row[first]];
            int32_t last = first;
            while (last < height && row[last] < super->column[target + 1])
                last++;
            if (update)
                update[fill[target]++] = (panel_update){s, first, last};
            else
                super->update_start[target + 1]++;
            first = last;
        }
    }
}

static yt_status find_updates(int32_t nodes, supernodes *super)
{
    int32_t *owner = malloc(((size_t)nodes + 1) * sizeof(int32_t));
    int32_t *fill = malloc(((size_t)super->count + 1) * sizeof(int32_t));
    super->update_start = calloc((size_t)super->count + 1, sizeof(int32_t));
    if (!owner || !fill || !super->update_start) {
        free(owner);
        free(fill);
        return YT_ENOMEM;
    }
    for (int32_t s = 0; s < super->count; s++)
        for (int32_t j = super->column[s]; j < super->column[s + 1]; j++)
            owner[j] = s;
    list_updates(super, owner, fill, NULL);
    for (int32_t s = 0; s < super->count; s++)
        super->update_start[s + 1] += super->update_start[s];
    memcpy(fill, super->update_start, (size_t)super->count * sizeof(int32_t));
    super->update = malloc(((size_t)super->update_start[super->count] + 1) * sizeof(panel_update));
    if (super->update)
        list_updates(super, owner, fill, super->update);
    free(owner);
    free(fill);
    return super->update ? YT_OK : YT_ENOMEM;
}

static yt_status group(const factor_shape *shape, supernodes *super)
{
    const size_t n = (size_t)shape->nodes + 1;
    super->column = malloc(n * sizeof(int32_t));
    super->row_start = malloc(n * sizeof(int32_t));
    super->value_start = malloc(n * sizeof(int32_t));
    super->row =
        malloc(((size_t)shape->nodes + (size_t)shape->start[shape->nodes] + 1) * sizeof(int32_t));
    if (!super->column || !super->row_start || !super->value_start || !super->row)
        return YT_ENOMEM;
    super->count = group_columns(shape, super->column);
    list_rows(shape, super);
    return find_updates(shape->nodes, super);
}

static void invert(int32_t nodes, const int32_t *order, int32_t *place)
{
    for (int32_t k = 0; k < nodes; k++)
        place[order[k]] = k;
}

yt_status market_symbolic(int32_t nodes, const int32_t *start, const int32_t *neighbour,
                          int32_t *order, supernodes *super)
{
    const size_t n = (size_t)nodes + 1;
    int32_t *place = malloc(n * sizeof(int32_t));
    factor_shape shape = {.nodes = nodes,
                          .parent = malloc(n * sizeof(int32_t)),
                          .start = malloc(n * sizeof(int32_t))};
    yt_status status = place && shape.parent && shape.start ? YT_OK : YT_ENOMEM;
    *super = (supernodes){0};
    if (!status)
        invert(nodes, order, place);
    if (!status)
        status = find_shape(nodes, start, neighbour, order, place, &shape);
    if (!status)
        status = postorder(&shape, order);
    if (!status)
        invert(nodes, order, place);
    if (!status)
        status = find_shape(nodes, start, neighbour, order, place, &shape);
    if (!status)
        status = group(&shape, super);
    shape_free(&shape);
    free(place);
    return status;
}

void market_symbolic_free(supernodes *super)
{
    free(super->column);
    free(super->row_start);
    free(super->row);
    free(super->value_start);
    free(super->update_start);
    free(super->update);
    *super = (supernodes){0};
}
