/* compile.c - from names to numbers: the steps of making a network, in order. */
#include "network/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void *build_keep(builder *b, size_t n, size_t size)
{
    void *p = arena_array(b->net->memory, n ? n : 1, size);
    if (!p)
        b->out_of_memory = true;
    return p;
}

void *build_scratch(builder *b, size_t n, size_t size)
{
    void *p = arena_array(b->scratch, n ? n : 1, size);
    if (!p)
        b->out_of_memory = true;
    return p;
}

double build_rule(const builder *b, table_id table, int32_t item, const model_match *match,
                  int32_t n, int32_t month, double fallback)
{
    int32_t row = model_rule(b->model, table, item, match, n, month);
    if (row == YT_NONE)
        return fallback;
    return model_at(b->model, table, row, model_table_describe(table).facts + FACT_VALUE)->number;
}

double build_needed(const builder *b, table_id table, int32_t item, const model_match *match,
                    int32_t n, const char *subject)
{
    double value = build_rule(b, table, item, match, n, b->model->end, NAN);
    if (isnan(value))
        log_error(b->log, YT_EDATA, place_at(b->model->table[table].file, 1, 0),
                  "no row gives %s for %s; add one, naming it or leaving its columns blank",
                  model_item_describe(item).name, subject);
    return value;
}

void *build_grow(builder *b, void *array, int32_t count, int32_t *room, size_t size)
{
    if (count < *room)
        return array;
    int32_t more = *room ? 2 * *room : 256;
    void *grown = build_scratch(b, (size_t)more, size);
    if (grown && count)
        memcpy(grown, array, (size_t)count * size);
    *room = grown ? more : 0;
    return grown;
}

static void remember_slot(builder *b, size_t offset, table_id table, int32_t row)
{
    b->slot = build_grow(b, b->slot, b->slots, &b->slot_room, sizeof *b->slot);
    if (b->slot)
        b->slot[b->slots++] = (build_slot){offset, {table, row}};
}

void build_parameter_row(builder *b, variable_id variable, int32_t i, table_id table, int32_t row)
{
    size_t offset = b->net->offset[variable] + (size_t)i;
    b->net->parameter[offset] =
        model_at(b->model, table, row, model_table_describe(table).facts + FACT_VALUE)->number;
    remember_slot(b, offset, table, row);
}

double build_parameter(builder *b, variable_id variable, int32_t i, table_id table, int32_t item,
                       const model_match *match, int32_t n, double fallback, const char *subject)
{
    double *at = &b->net->parameter[b->net->offset[variable] + (size_t)i];
    int32_t row = model_rule(b->model, table, item, match, n, b->model->end);
    if (row != YT_NONE)
        build_parameter_row(b, variable, i, table, row);
    else if (!isnan(fallback))
        *at = fallback;
    else
        *at = build_needed(b, table, item, match, n, subject);
    return *at;
}

int32_t build_figure(builder *b, table_id table, int32_t row)
{
    int32_t **of = &b->figure_of[table];
    if (!*of)
        *of = build_scratch(b, (size_t)b->model->table[table].rows, sizeof **of);
    if (!*of)
        return FIGURE_NAN;
    if ((*of)[row] == 0) {
        b->figure = build_grow(b, b->figure, b->figures, &b->figure_room, sizeof *b->figure);
        if (!b->figure)
            return FIGURE_NAN;
        (*of)[row] = FIGURE_FIRST + b->figures;
        b->figure[b->figures++] = (build_row){table, row};
    }
    return (*of)[row];
}

int32_t build_figure_of(builder *b, table_id table, int32_t item, const model_match *match,
                        int32_t n, int32_t month, int32_t otherwise)
{
    int32_t row = model_rule(b->model, table, item, match, n, month);
    return row == YT_NONE ? otherwise : build_figure(b, table, row);
}

int32_t build_group_of(const builder *b, int32_t commodity)
{
    return model_at(b->model, TABLE_commodity, commodity, commodity_group)->id;
}

bool build_covers(const builder *b, table_id table, int32_t row, int32_t group_column,
                  int32_t commodity_column, int32_t commodity)
{
    int32_t one = model_at(b->model, table, row, commodity_column)->id;
    if (one != YT_NONE)
        return one == commodity;
    int32_t group = model_at(b->model, table, row, group_column)->id;
    return group == YT_NONE || group == build_group_of(b, commodity);
}

int32_t network_find_node(const yt_network *net, int32_t commodity, int32_t region, node_side side)
{
    for (int32_t i = 0; i < net->nodes; i++) {
        const network_node *node = &net->node[i];
        if (node->kind == NODE_GOODS && node->commodity == commodity && node->region == region &&
            node->side == side)
            return i;
    }
    return YT_NONE;
}

static void run_steps(builder *b)
{
    void (*const step[])(builder *) = {
        build_names,      build_books,      build_chain,    build_nodes,
        build_activities, build_matrix,     build_schedule, build_politics,
        build_layout,     build_parameters, build_draws,
    };
    for (size_t i = 0; i < sizeof step / sizeof *step && !b->out_of_memory; i++)
        step[i](b);
}

yt_status yt_network_compile(const yt_model *model, yt_log *log, yt_network **network)
{
    builder b = {.model = model, .log = log};
    arena *memory = arena_new();
    b.scratch = arena_new();
    b.net = memory ? arena_alloc(memory, sizeof *b.net) : NULL;
    if (!b.net || !b.scratch) {
        arena_free(memory);
        arena_free(b.scratch);
        return YT_ENOMEM;
    }
    b.net->memory = memory;
    run_steps(&b);
    arena_free(b.scratch);

    yt_status status = b.out_of_memory ? YT_ENOMEM : log ? log_worst(log) : YT_OK;
    if (!status && !b.net->pattern)
        status = YT_EDATA;
    if (status) {
        yt_network_free(b.net);
        return status;
    }
    *network = b.net;
    return YT_OK;
}

void yt_network_free(yt_network *net)
{
    if (!net)
        return;
    market_pattern_free(net->pattern);
    arena_free(net->memory);
}
