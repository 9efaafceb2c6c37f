/* order.c - in which order to eliminate markets so that the factor stays sparse.
 *
 * Minimum degree on rows of bits, one bit a market: an eliminated market joins its remaining
 * neighbours, and its row is left with them: the pattern of its column of the factor.  Ties
 * go to the first found in a fixed round, so the order is the same everywhere.  The rows take
 * markets^2 / 8 bytes: right for thousands of markets, not for hundreds of thousands.
 */
#include "market/inside.h"

static int32_t count_bits(const uint64_t *row, int32_t words)
{
    uint64_t sum = 0;
    for (int32_t w = 0; w < words; w++) {
        uint64_t v = row[w];
        v -= v >> 1 & 0x5555555555555555u;
        v = (v & 0x3333333333333333u) + (v >> 2 & 0x3333333333333333u);
        v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fu;
        sum += v * 0x0101010101010101u >> 56;
    }
    return (int32_t)sum;
}

/* Markets not eliminated yet, in no particular but a fixed order. */
typedef struct remaining {
    int32_t *node;
    int32_t count, cursor;
} remaining;

/* Take out a node of the lowest degree; none is below `bound`, so one of that will do. */
static int32_t take_lowest(remaining *rest, const int32_t *degree, int32_t bound)
{
    int32_t best = YT_NONE, k = rest->cursor;
    for (int32_t n = 0; n < rest->count; n++, k++) {
        if (k >= rest->count)
            k = 0;
        if (best < 0 || degree[rest->node[k]] < degree[rest->node[best]]) {
            best = k;
            if (degree[rest->node[k]] <= bound)
                break;
        }
    }
    const int32_t pivot = rest->node[best];
    rest->node[best] = rest->node[--rest->count];
    rest->cursor = best;
    return pivot;
}

/* The pivot leaves the graph and joins its neighbours; returns their lowest degree. */
static int32_t eliminate(uint64_t *bits, int32_t words, int32_t pivot, int32_t *degree)
{
    const uint64_t *own = bits + (size_t)pivot * (size_t)words;
    int32_t lowest = INT32_MAX;
    for (int32_t w = 0; w < words; w++)
        for (uint64_t left = own[w]; left; left &= left - 1) {
            const int32_t i = 64 * w + lowest_bit(left);
            uint64_t *row = bits + (size_t)i * (size_t)words;
            for (int32_t v = 0; v < words; v++)
                row[v] |= own[v];
            clear_bit(row, i);
            clear_bit(row, pivot);
            degree[i] = count_bits(row, words);
            lowest = degree[i] < lowest ? degree[i] : lowest;
        }
    return lowest;
}

/* Everybody left is everybody's neighbour: any order will do. */
static void order_clique(remaining *rest, uint64_t *bits, int32_t words, int32_t last,
                         int32_t *degree, int32_t *order)
{
    for (const uint64_t *before = bits + (size_t)last * (size_t)words; rest->count > 0;) {
        const int32_t pivot = rest->node[--rest->count];
        uint64_t *row = bits + (size_t)pivot * (size_t)words;
        for (int32_t w = 0; w < words; w++)
            row[w] = before[w];
        clear_bit(row, pivot);
        degree[pivot] = rest->count;
        *order++ = pivot;
        before = row;
    }
}

void order_find(int32_t nodes, uint64_t *bits, int32_t *degree, int32_t *room, int32_t *order)
{
    const int32_t words = bit_words(nodes);
    remaining rest = {.node = room, .count = nodes};
    int32_t bound = 0;
    for (int32_t i = 0; i < nodes; i++) {
        rest.node[i] = i;
        degree[i] = count_bits(bits + (size_t)i * (size_t)words, words);
    }
    for (int32_t k = 0; k < nodes; k++) {
        const int32_t pivot = take_lowest(&rest, degree, bound);
        order[k] = pivot;
        if (degree[pivot] == rest.count) {
            order_clique(&rest, bits, words, pivot, degree, order + k + 1);
            return;
        }
        const int32_t lowest = eliminate(bits, words, pivot, degree);
        bound = lowest < degree[pivot] ? lowest : degree[pivot];
    }
}
