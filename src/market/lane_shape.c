/* lane_shape.c - the shape of the factor that problems side by side share.
 *
 * The order of elimination belongs to the pattern and never changes: every number of the factor
 * is the same sum in the same order whatever the shape, and a place more holds an exact zero.
 * So a shape may be made for the activities at work in any of the problems, and made again when
 * another one starts, without changing a bit of an answer.
 */
#include "market/lanes.h"

#include <assert.h>
#include <stdlib.h>

enum { WIDEST = 8 }; /* columns of a panel: what the kernels keep in registers */

static uint64_t *row_of(const market_pattern *pattern, const lane_shape *shape, int32_t place)
{
    return shape->bits + (size_t)place * (size_t)bit_words(pattern->markets);
}

/* Rows of bits of the columns of the factor, by place, and their lengths. */
static void find_columns(const market_pattern *pattern, const lane_shape *shape)
{
    const int32_t words = bit_words(pattern->markets);
    memset(shape->bits, 0, (size_t)pattern->markets * (size_t)words * sizeof(uint64_t));
    for (int32_t e = 0; e < pattern->edges; e++) {
        if (!shape->is_live[e])
            continue;
        const int32_t a = pattern->place[pattern->edge[e].low];
        const int32_t b = pattern->place[pattern->edge[e].high];
        set_bit(row_of(pattern, shape, a < b ? a : b), a < b ? b : a);
    }
    for (int32_t k = 0; k < pattern->markets; k++) {
        const uint64_t *own = row_of(pattern, shape, k);
        int32_t parent = YT_NONE, degree = 0;
        for (int32_t w = k / 64; w < words; w++) {
            if (own[w] && parent < 0)
                parent = 64 * w + lowest_bit(own[w]);
            degree += __builtin_popcountll(own[w]);
        }
        shape->parent[k] = parent;
        shape->degree[k] = degree;
        if (parent < 0)
            continue;
        uint64_t *above = row_of(pattern, shape, parent);
        for (int32_t w = parent / 64; w < words; w++)
            above[w] |= own[w];
        clear_bit(above, parent);
    }
}

/* May columns [first, last] be one panel with the columns up to j?  Few zeros for wide loops. */
static bool worth_joining(const lane_shape *shape, int32_t first, int32_t last, int32_t j)
{
    const int32_t width = last - first + 1, more = j - last;
    const int32_t below = shape->degree[last], parent_below = shape->degree[j];
    const int64_t zeros = (int64_t)width * (more + parent_below - below);
    const int64_t total = (int64_t)(width + more) * ((width + more + 1) / 2 + parent_below);
    return width + more <= WIDEST && zeros * 4 <= total;
}

static void group_columns(const market_pattern *pattern, lane_shape *shape)
{
    int32_t count = 0;
    for (int32_t j = 0; j < pattern->markets; j++) {
        shape->column[count++] = j;
        while (count > 1) {
            const int32_t first = shape->column[count - 2], last = shape->column[count - 1] - 1;
            const int32_t parent = shape->parent[last];
            if (parent <= last || parent > j || !worth_joining(shape, first, last, j))
                break;
            count--;
        }
    }
    shape->column[count] = pattern->markets;
    shape->count = count;
    for (int32_t s = 0; s < count; s++)
        for (int32_t k = shape->column[s]; k < shape->column[s + 1]; k++)
            shape->owner[k] = s;
}

/* Numbers and rows of the panels; false when they do not fit. */
static bool measure(lane_shape *shape)
{
    int64_t rows = 0, values = 0;
    for (int32_t s = 0; s < shape->count; s++) {
        const int32_t width = shape->column[s + 1] - shape->column[s];
        const int32_t height = width + shape->degree[shape->column[s + 1] - 1];
        shape->row_start[s] = (int32_t)rows;
        shape->value_start[s] = (int32_t)values;
        rows += height;
        values += (int64_t)height * width;
    }
    if (rows > INT32_MAX || values > INT32_MAX)
        return false;
    shape->row_start[shape->count] = (int32_t)rows;
    shape->value_start[shape->count] = (int32_t)values;
    return true;
}

static void list_rows(const market_pattern *pattern, const lane_shape *shape)
{
    for (int32_t s = 0; s < shape->count; s++) {
        int32_t *row = shape->row + shape->row_start[s];
        const int32_t end = shape->column[s + 1];
        for (int32_t k = shape->column[s]; k < end; k++)
            *row++ = k;
        const uint64_t *below = row_of(pattern, shape, end - 1);
        for (int32_t w = 0; w < bit_words(pattern->markets); w++)
            for (uint64_t left = below[w]; left; left &= left - 1)
                *row++ = 64 * w + lowest_bit(left);
    }
}

/* Walk the stretches of rows that belong to one panel: count them, or list them.  Sources come
 * in ascending order to every panel. */
static int64_t walk_updates(lane_shape *shape, bool is_listing)
{
    int64_t places = 0;
    for (int32_t d = 0; d < shape->count; d++) {
        const int32_t *row = shape->row + shape->row_start[d];
        const int32_t height = shape->row_start[d + 1] - shape->row_start[d];
        for (int32_t r = shape->column[d + 1] - shape->column[d]; r < height;) {
            const int32_t owner = shape->owner[row[r]];
            int32_t end = r;
            while (end < height && shape->owner[row[end]] == owner)
                end++;
            const int32_t n = shape->update_start[owner]++;
            if (is_listing)
                shape->update[n] = (lane_update){d, r, end, 0};
            places += height - r;
            r = end;
        }
    }
    return places;
}

/* The list of updates of every panel. */
static bool list_updates(lane_shape *shape)
{
    for (int32_t s = 0; s <= shape->count; s++)
        shape->update_start[s] = 0;
    if (walk_updates(shape, false) > shape->place_room)
        return false;
    int32_t first = 0;
    for (int32_t s = 0; s <= shape->count; s++) {
        const int32_t count = shape->update_start[s];
        shape->update_start[s] = first;
        first += s < shape->count ? count : 0;
    }
    if (first > shape->update_room)
        return false;
    walk_updates(shape, true);
    for (int32_t s = shape->count; s > 0; s--)
        shape->update_start[s] = shape->update_start[s - 1];
    shape->update_start[0] = 0;
    return true;
}

/* Where the rows of each update lie in the panel they belong to, and the edges' numbers. */
static void find_places(const market_pattern *pattern, lane_shape *shape)
{
    int32_t used = 0;
    for (int32_t e = 0; e < pattern->edges; e++)
        shape->slot[e] = YT_NONE;
    for (int32_t s = 0; s < shape->count; s++) {
        const int32_t *row = shape->row + shape->row_start[s];
        const int32_t height = shape->row_start[s + 1] - shape->row_start[s];
        const int32_t width = shape->column[s + 1] - shape->column[s];
        for (int32_t r = 0; r < height; r++)
            shape->map[row[r]] = r;
        for (int32_t n = shape->update_start[s]; n < shape->update_start[s + 1]; n++) {
            lane_update *update = &shape->update[n];
            const int32_t d = update->source;
            const int32_t count = shape->row_start[d + 1] - shape->row_start[d];
            update->place = used;
            for (int32_t r = update->first; r < count; r++)
                shape->place[used++] = shape->map[shape->row[shape->row_start[d] + r]];
        }
        for (int32_t k = shape->column[s]; k < shape->column[s + 1]; k++) {
            const int32_t node = pattern->order[k];
            for (int32_t i = pattern->near_start[node]; i < pattern->near_start[node + 1]; i++) {
                const int32_t other = pattern->place[pattern->near[i].node];
                if (other > k && shape->is_live[pattern->near[i].edge])
                    shape->slot[pattern->near[i].edge] =
                        shape->value_start[s] + shape->map[other] * width + k - shape->column[s];
            }
        }
    }
}

static bool plan(const market_pattern *pattern, lane_shape *shape)
{
    find_columns(pattern, shape);
    group_columns(pattern, shape);
    return measure(shape) && shape->value_start[shape->count] <= shape->value_room &&
           shape->row_start[shape->count] <= shape->row_room;
}

void lane_shape_make(const market_pattern *pattern, lane_shape *shape)
{
    bool fits = plan(pattern, shape);
    if (fits) {
        list_rows(pattern, shape);
        fits = list_updates(shape);
    }
    if (!fits) {
        /* few edges can be worse than all by the luck of the panels; there is room for all */
        memset(shape->is_live, 1, (size_t)pattern->edges);
        fits = plan(pattern, shape);
        list_rows(pattern, shape);
        fits = fits && list_updates(shape);
        assert(fits);
    }
    find_places(pattern, shape);
}

/* Room for the shape of all activities. */
bool lane_shape_measure(const market_pattern *pattern, lane_shape *shape, lane_room *room)
{
    shape->value_room = shape->row_room = shape->update_room = INT32_MAX;
    shape->place_room = INT32_MAX;
    memset(shape->is_live, 1, (size_t)pattern->edges);
    find_columns(pattern, shape);
    group_columns(pattern, shape);
    if (!measure(shape))
        return false;
    room->values = shape->value_start[shape->count];
    room->rows = shape->row_start[shape->count];
    shape->row = calloc((size_t)room->rows + 1, sizeof(int32_t));
    if (!shape->row)
        return false;
    list_rows(pattern, shape);
    for (int32_t s = 0; s <= shape->count; s++)
        shape->update_start[s] = 0;
    const int64_t places = walk_updates(shape, false);
    int64_t updates = 0;
    for (int32_t s = 0; s < shape->count; s++)
        updates += shape->update_start[s];
    free(shape->row);
    if (places > INT32_MAX || updates > INT32_MAX)
        return false;
    room->places = (int32_t)places;
    room->updates = (int32_t)updates;
    return true;
}
