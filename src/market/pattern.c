/* pattern.c - analyse the sparsity of a batch once: rows, the graph of markets, scatter lists.
 *
 * An activity with one entry only touches the diagonal of A W A'; every other activity adds
 * one number per pair of its entries, and pair[] says to which edge.
 */
#include "market/lanes.h"

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

/* Markets that share an activity with market i, each once, into near[]; their number. */
static int32_t neighbours_of(const market_pattern *pattern, int32_t i, int32_t *mark,
                             near_market *near)
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
            if (near)
                near[count].node = other;
            count++;
        }
    }
    return count;
}

/* Graph of A A' without the diagonal. */
static yt_status list_neighbours(market_pattern *pattern, int32_t *mark)
{
    for (int32_t i = 0; i < pattern->markets; i++)
        pattern->near_start[i + 1] = pattern->near_start[i] + neighbours_of(pattern, i, mark, NULL);
    pattern->edges = pattern->near_start[pattern->markets] / 2;
    pattern->near = calloc(2 * (size_t)pattern->edges + 1, sizeof(near_market));
    pattern->edge = calloc((size_t)pattern->edges + 1, sizeof(edge));
    if (!pattern->near || !pattern->edge)
        return YT_ENOMEM;
    memset(mark, 0, (size_t)pattern->markets * sizeof(int32_t));
    for (int32_t i = 0; i < pattern->markets; i++)
        neighbours_of(pattern, i, mark, pattern->near + pattern->near_start[i]);
    return YT_OK;
}

static yt_status count_pairs(market_pattern *pattern)
{
    int64_t pairs = 0;
    for (int32_t j = 0; j < pattern->activities; j++) {
        const int64_t entries = pattern->start[j + 1] - pattern->start[j];
        pairs += entries * (entries - 1) / 2;
        if (pairs > INT32_MAX / 2)
            return YT_ENOMEM;
        pattern->pair_start[j + 1] = (int32_t)pairs;
    }
    pattern->pair = new_ints(pairs);
    return pattern->pair ? YT_OK : YT_ENOMEM;
}

/* Number the edges by their lower market; edge_to [markets] finds them again. */
static void number_edges(market_pattern *pattern, int32_t *edge_to)
{
    int32_t edges = 0;
    for (int32_t i = 0; i < pattern->markets; i++) {
        for (int32_t k = pattern->near_start[i]; k < pattern->near_start[i + 1]; k++) {
            const int32_t other = pattern->near[k].node;
            if (other < i)
                continue;
            pattern->edge[edges] = (edge){i, other};
            pattern->near[k].edge = edge_to[other] = edges++;
        }
        for (int32_t k = pattern->row_start[i]; k < pattern->row_start[i + 1]; k++) {
            const int32_t j = pattern->row_activity[k], e = pattern->row_entry[k];
            const int32_t entries = pattern->start[j + 1] - pattern->start[j];
            const int32_t place = e - pattern->start[j];
            int32_t *pair =
                pattern->pair + pattern->pair_start[j] + place * entries - place * (place + 1) / 2;
            for (int32_t f = e + 1; f < pattern->start[j + 1]; f++)
                *pair++ = edge_to[pattern->row[f]];
        }
    }
}

/* The edges again, seen from their higher market. */
static void number_back(market_pattern *pattern, int32_t *edge_to)
{
    for (int32_t i = 0; i < pattern->markets; i++)
        edge_to[i] = pattern->near_start[i];
    for (int32_t i = 0; i < pattern->markets; i++)
        for (int32_t k = pattern->near_start[i]; k < pattern->near_start[i + 1]; k++)
            if (pattern->near[k].node > i) {
                int32_t *back = &edge_to[pattern->near[k].node];
                while (pattern->near[*back].node != i)
                    ++*back;
                pattern->near[*back].edge = pattern->near[k].edge;
                *back = pattern->near_start[pattern->near[k].node];
            }
}

static yt_status list_edges(market_pattern *pattern)
{
    int32_t *room = new_ints(pattern->markets);
    pattern->near_start = new_ints(pattern->markets);
    pattern->pair_start = new_ints(pattern->activities);
    pattern->order = new_ints(pattern->markets);
    pattern->place = new_ints(pattern->markets);
    pattern->row_place = new_ints(pattern->nonzeros);
    yt_status status = room && pattern->near_start && pattern->pair_start && pattern->order &&
                               pattern->place && pattern->row_place
                           ? YT_OK
                           : YT_ENOMEM;
    if (!status)
        status = list_neighbours(pattern, room);
    if (!status)
        status = count_pairs(pattern);
    if (!status) {
        number_edges(pattern, room);
        number_back(pattern, room);
    }
    free(room);
    return status;
}

/* Room the factor of everything needs; less is always enough for a part. */
static yt_status measure_factor(market_pattern *pattern)
{
    workspace scratch;
    void *block = malloc(scratch_layout(pattern, NULL, &scratch) + 1);
    if (!block)
        return YT_ENOMEM;
    scratch_layout(pattern, block, &scratch);
    const int64_t room = symbolic_size(pattern, &scratch.factor);
    for (int32_t k = 0; k < pattern->markets; k++) {
        pattern->order[k] = scratch.factor.order[k];
        pattern->place[pattern->order[k]] = k;
    }
    free(block);
    if (room > INT32_MAX)
        return YT_ENOMEM;
    pattern->factor_room = room;
    for (int32_t e = 0; e < pattern->nonzeros; e++)
        pattern->row_place[e] = pattern->place[pattern->row[e]];
    return YT_OK;
}

/* The same for the lanes. */
static yt_status measure_lanes(market_pattern *pattern)
{
    const int64_t m = pattern->markets;
    lane_shape shape = {0};
    int32_t **const index[] = {&shape.column,       &shape.row_start, &shape.value_start,
                               &shape.update_start, &shape.parent,    &shape.degree,
                               &shape.owner,        &shape.map};
    const size_t arrays = sizeof index / sizeof *index;
    bool made = true;
    for (size_t k = 0; k < arrays; k++)
        made = (*index[k] = new_ints(m + 1)) && made;
    shape.is_live = calloc((size_t)pattern->edges + 1, sizeof(bool));
    shape.bits = calloc((size_t)(m * bit_words(pattern->markets)) + 1, sizeof(uint64_t));
    made =
        made && shape.is_live && shape.bits && lane_shape_measure(pattern, &shape, &pattern->room);
    for (size_t k = 0; k < arrays; k++)
        free(*index[k]);
    free(shape.is_live);
    free(shape.bits);
    return made ? YT_OK : YT_ENOMEM;
}

static yt_status analyse(market_pattern *pattern)
{
    yt_status status = list_edges(pattern);
    if (!status)
        status = measure_factor(pattern);
    return status ? status : measure_lanes(pattern);
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
    free(pattern->start);
    free(pattern->row);
    free(pattern->row_start);
    free(pattern->row_activity);
    free(pattern->row_entry);
    free(pattern->edge);
    free(pattern->near_start);
    free(pattern->near);
    free(pattern->pair_start);
    free(pattern->pair);
    free(pattern->order);
    free(pattern->place);
    free(pattern->row_place);
    free(pattern);
}
