/* pattern.c - analyse the sparsity of a batch once: rows, order, factor, scatter lists.
 *
 * An activity with one entry only touches the diagonal of A W A'; every other activity adds
 * one number per pair of its entries, and pair[] says where.
 */
#include "market/inside.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static yt_status check_columns(int32_t markets, int32_t activities, const int32_t *start,
                               const int32_t *row)
{
    if (markets < 0 || activities < 0 || start[0] != 0)
        return YT_ERANGE;
    for (int32_t j = 0; j < activities; j++) {
        if (start[j + 1] < start[j])
            return YT_ERANGE;
        for (int32_t e = start[j]; e < start[j + 1]; e++)
            if (row[e] < 0 || row[e] >= markets || (e > start[j] && row[e] <= row[e - 1]))
                return YT_ERANGE;
    }
    return YT_OK;
}

static int32_t *new_ints(int64_t count)
{
    return calloc((size_t)count + 1, sizeof(int32_t));
}

static yt_status copy_columns(market_pattern *pattern, const int32_t *start, const int32_t *row)
{
    pattern->start = new_ints(pattern->activities);
    pattern->row = new_ints(pattern->nonzeros);
    if (!pattern->start || !pattern->row)
        return YT_ENOMEM;
    memcpy(pattern->start, start, ((size_t)pattern->activities + 1) * sizeof(int32_t));
    if (pattern->nonzeros > 0)
        memcpy(pattern->row, row, (size_t)pattern->nonzeros * sizeof(int32_t));
    return YT_OK;
}

static yt_status list_rows(market_pattern *pattern)
{
    pattern->row_start = new_ints(pattern->markets);
    pattern->row_activity = new_ints(pattern->nonzeros);
    pattern->row_entry = new_ints(pattern->nonzeros);
    int32_t *fill = new_ints(pattern->markets);
    if (!pattern->row_start || !pattern->row_activity || !pattern->row_entry || !fill) {
        free(fill);
        return YT_ENOMEM;
    }
    for (int32_t e = 0; e < pattern->nonzeros; e++)
        pattern->row_start[pattern->row[e] + 1]++;
    for (int32_t i = 0; i < pattern->markets; i++)
        pattern->row_start[i + 1] += pattern->row_start[i];
    memcpy(fill, pattern->row_start, (size_t)pattern->markets * sizeof(int32_t));
    for (int32_t j = 0; j < pattern->activities; j++)
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
            const int32_t place = fill[pattern->row[e]]++;
            pattern->row_activity[place] = j;
            pattern->row_entry[place] = e;
        }
    free(fill);
    return YT_OK;
}

/* Markets that share an activity with market i, each once, into neighbour[]; their number. */
static int32_t neighbours_of(const market_pattern *pattern, int32_t i, int32_t *mark,
                             int32_t *neighbour)
{
    int32_t count = 0;
    mark[i] = i + 1;
    for (int32_t k = pattern->row_start[i]; k < pattern->row_start[i + 1]; k++) {
        const int32_t j = pattern->row_activity[k];
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
            const int32_t other = pattern->row[e];
            if (mark[other] == i + 1)
                continue;
            mark[other] = i + 1;
            if (neighbour)
                neighbour[count] = other;
            count++;
        }
    }
    return count;
}

/* Graph of A A' without the diagonal; free start and neighbour. */
static yt_status shared_graph(const market_pattern *pattern, int32_t **start, int32_t **neighbour)
{
    int32_t *mark = new_ints(pattern->markets);
    *neighbour = NULL;
    *start = new_ints(pattern->markets);
    if (!*start || !mark) {
        free(mark);
        return YT_ENOMEM;
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        (*start)[i + 1] = (*start)[i] + neighbours_of(pattern, i, mark, NULL);
    *neighbour = new_ints((*start)[pattern->markets]);
    memset(mark, 0, (size_t)pattern->markets * sizeof(int32_t));
    for (int32_t i = 0; i < pattern->markets && *neighbour; i++)
        neighbours_of(pattern, i, mark, *neighbour + (*start)[i]);
    free(mark);
    return *neighbour ? YT_OK : YT_ENOMEM;
}

/* Where the number (p, q) of the permuted lower triangle lies in the factor, p >= q. */
static int32_t find_number(const supernodes *super, int32_t s, int32_t p, int32_t q)
{
    const int32_t *row = super->row + super->row_start[s];
    const int32_t height = super->row_start[s + 1] - super->row_start[s];
    int32_t low = 0, high = height - 1;
    while (low < high) {
        const int32_t middle = (low + high) / 2;
        if (row[middle] < p)
            low = middle + 1;
        else
            high = middle;
    }
    assert(row[low] == p);
    return super->value_start[s] + (q - super->column[s]) * height + low;
}

static yt_status list_pairs(market_pattern *pattern)
{
    const supernodes *super = &pattern->super;
    int32_t *owner = new_ints(pattern->markets);
    int64_t pairs = 0;
    pattern->pair_start = new_ints(pattern->activities);
    pattern->diagonal = new_ints(pattern->markets);
    if (!owner || !pattern->pair_start || !pattern->diagonal) {
        free(owner);
        return YT_ENOMEM;
    }
    for (int32_t j = 0; j < pattern->activities; j++) {
        const int64_t entries = pattern->start[j + 1] - pattern->start[j];
        pairs += entries * (entries - 1) / 2;
        if (pairs > INT32_MAX / 2) {
            free(owner);
            return YT_ENOMEM;
        }
        pattern->pair_start[j + 1] = (int32_t)pairs;
    }
    pattern->pair = new_ints(pairs);
    if (!pattern->pair) {
        free(owner);
        return YT_ENOMEM;
    }
    for (int32_t s = 0; s < super->count; s++)
        for (int32_t k = super->column[s]; k < super->column[s + 1]; k++)
            owner[k] = s;
    for (int32_t i = 0; i < pattern->markets; i++) {
        const int32_t p = pattern->position[i];
        pattern->diagonal[i] = find_number(super, owner[p], p, p);
    }
    int32_t *pair = pattern->pair;
    for (int32_t j = 0; j < pattern->activities; j++)
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            for (int32_t f = e + 1; f < pattern->start[j + 1]; f++) {
                const int32_t p = pattern->position[pattern->row[e]];
                const int32_t q = pattern->position[pattern->row[f]];
                const int32_t low = p < q ? p : q;
                *pair++ = find_number(super, owner[low], p < q ? q : p, low);
            }
    free(owner);
    return YT_OK;
}

static yt_status analyse(market_pattern *pattern)
{
    int32_t *start = NULL, *neighbour = NULL;
    int32_t *order = new_ints(pattern->markets);
    yt_status status = order ? shared_graph(pattern, &start, &neighbour) : YT_ENOMEM;
    if (!status)
        status = market_order(pattern->markets, start, neighbour, order);
    if (!status)
        status = market_symbolic(pattern->markets, start, neighbour, order, &pattern->super);
    pattern->position = new_ints(pattern->markets);
    if (!status && !pattern->position)
        status = YT_ENOMEM;
    for (int32_t k = 0; k < pattern->markets && !status; k++)
        pattern->position[order[k]] = k;
    free(start);
    free(neighbour);
    free(order);
    return status ? status : list_pairs(pattern);
}

yt_status market_pattern_new(int32_t markets, int32_t activities, const int32_t *start,
                             const int32_t *row, market_pattern **pattern)
{
    yt_status status = check_columns(markets, activities, start, row);
    if (status)
        return status;
    market_pattern *made = calloc(1, sizeof(*made));
    if (!made)
        return YT_ENOMEM;
    made->markets = markets;
    made->activities = activities;
    made->nonzeros = start[activities];
    status = copy_columns(made, start, row);
    if (!status)
        status = list_rows(made);
    if (!status)
        status = analyse(made);
    if (status) {
        market_pattern_free(made);
        return status;
    }
    *pattern = made;
    return YT_OK;
}

void market_pattern_free(market_pattern *pattern)
{
    if (!pattern)
        return;
    market_symbolic_free(&pattern->super);
    free(pattern->start);
    free(pattern->row);
    free(pattern->row_start);
    free(pattern->row_activity);
    free(pattern->row_entry);
    free(pattern->position);
    free(pattern->diagonal);
    free(pattern->pair_start);
    free(pattern->pair);
    free(pattern);
}
