/* matrix.c - what each activity takes from the nodes and gives to them. */
#include "network/build.h"

#include <stdlib.h>
#include <string.h>

/* One column under construction: dense over nodes, so that entries add up. */
typedef struct column {
    double *value;    /* [nodes] */
    bool *is_touched; /* [nodes] */
    int32_t *touched;
    int32_t count;
} column;

static void put(column *c, int32_t node, double value)
{
    if (node == YT_NONE || value == 0)
        return;
    if (!c->is_touched[node])
        c->touched[c->count++] = node;
    c->is_touched[node] = true;
    c->value[node] += value;
}

/* Inputs of a split market come from contract and spot in the shares of its users; outputs go
 * to the spot side. */
static void put_commodity(const builder *b, column *c, int32_t commodity, int32_t region,
                          double value)
{
    int32_t pair = build_pair(b, commodity, region);
    if (b->node_spot[pair] == YT_NONE) {
        put(c, b->node_single[pair], value);
    } else if (value > 0) {
        put(c, b->node_spot[pair], value);
    } else {
        put(c, b->node_single[pair], value * b->contract_share[pair]);
        put(c, b->node_spot[pair], value * (1 - b->contract_share[pair]));
    }
}

static void put_recipe(const builder *b, column *c, int32_t recipe, int32_t region)
{
    for (int32_t i = b->flow_start[recipe]; i < b->flow_start[recipe + 1]; i++) {
        build_flow flow = build_flow_at(b, i);
        put_commodity(b, c, flow.commodity, region, flow.value);
    }
}

static int32_t permit_node(const builder *b, int32_t permit)
{
    return b->net->permit[permit].node;
}

/* What each permit of the kind that the region issues takes for a tonne: of the rows of its scope
 * the one that names most.  match[0] is for the permit. */
static void put_permits(const builder *b, column *c, int32_t kind, int32_t region,
                        model_match *match, int32_t n)
{
    for (int32_t p = 0; p < b->net->permits.count; p++) {
        if (model_at(b->model, TABLE_permit, p, permit_kind)->id != kind ||
            model_at(b->model, TABLE_permit, p, permit_region)->id != region)
            continue;
        match[0] = (model_match){permit_scope_permit, p};
        put(c, permit_node(b, p),
            -build_rule(b, TABLE_permit_scope, YT_NONE, match, n, b->model->end, 0));
    }
}

/* Production permits: plants of the issuing region with a recipe and an owner in scope. */
static void put_production_permits(const builder *b, column *c, const network_plant *plant)
{
    model_match match[] = {
        {permit_scope_permit, YT_NONE},
        {permit_scope_recipe, plant->recipe},
        {permit_scope_owner_type,
         model_at(b->model, TABLE_facility, plant->facility, facility_owner_type)->id},
    };
    put_permits(b, c, PERMIT_PRODUCTION, plant->region, match, 3);
}

static void put_shipping_permits(const builder *b, column *c, const network_arc *arc)
{
    model_match match[] = {
        {permit_scope_permit, YT_NONE},
        {permit_scope_group, build_group_of(b, arc->commodity)},
        {permit_scope_commodity, arc->commodity},
    };
    put_permits(b, c, arc->kind == ARC_OPEN ? PERMIT_EXPORT : PERMIT_ILLEGAL,
                b->net->node[arc->from].region, match, 3);
}

static void fill_plant(const builder *b, column *c, int32_t i)
{
    const network_plant *plant = &b->net->plant[i];
    if (plant->recipe == YT_NONE)
        put(c, plant->node, 1);
    else
        put_recipe(b, c, plant->recipe, plant->region);
    put_production_permits(b, c, plant);
}

static void fill_line(const builder *b, column *c, int32_t i)
{
    const network_line *line = &b->net->line[i];
    put_recipe(b, c, line->recipe, line->region);
    put(c, line->node, -1);
}

static void fill_arc(const builder *b, column *c, int32_t i)
{
    const network_arc *arc = &b->net->arc[i];
    put(c, arc->from, -1);
    put(c, arc->to, 1);
    if (arc->kind != ARC_RESALE)
        put_shipping_permits(b, c, arc);
}

static void fill_mix(const builder *b, column *c, int32_t i)
{
    const network_use *use = &b->net->use[b->net->mix[i]];
    const network_segment *segment = &b->net->segment[use->segment];
    put_commodity(b, c, use->commodity, segment->region, -1);
    put(c, segment->node, 1);
}

static void fill_tier(const builder *b, column *c, int32_t i)
{
    put(c, b->net->segment[i / TIERS].node, -1);
}

static void fill_hold(const builder *b, column *c, int32_t i)
{
    put(c, b->net->hold[i].node, -1);
}

static void fill_dump(const builder *b, column *c, int32_t i)
{
    put(c, b->net->dump[i], -1);
}

static void fill_release(const builder *b, column *c, int32_t i)
{
    put(c, b->net->permit[i].node, 1);
}

static int ascending(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

typedef struct matrix_store {
    int32_t *row;
    double *value;
    int32_t count, room;
} matrix_store;

static bool append(matrix_store *m, column *c)
{
    if (m->count + c->count > m->room) {
        m->room = 2 * m->room + c->count + 1024;
        int32_t *row = realloc(m->row, (size_t)m->room * sizeof *row);
        m->row = row ? row : m->row;
        double *value = realloc(m->value, (size_t)m->room * sizeof *value);
        m->value = value ? value : m->value;
        if (!row || !value)
            return false;
    }
    qsort(c->touched, (size_t)c->count, sizeof *c->touched, ascending);
    for (int32_t i = 0; i < c->count; i++) {
        m->row[m->count] = c->touched[i];
        m->value[m->count++] = c->value[c->touched[i]];
        c->value[c->touched[i]] = 0;
        c->is_touched[c->touched[i]] = false;
    }
    c->count = 0;
    return true;
}

static bool fill_matrix(builder *b, matrix_store *m)
{
    yt_network *net = b->net;
    const struct {
        network_range range;
        void (*fill)(const builder *, column *, int32_t);
    } kind[] = {
        {net->plants_at, fill_plant}, {net->lines_at, fill_line},       {net->arcs_at, fill_arc},
        {net->mixes_at, fill_mix},    {net->tiers_at, fill_tier},       {net->holds_at, fill_hold},
        {net->dumps_at, fill_dump},   {net->releases_at, fill_release},
    };
    column c = {.value = build_scratch(b, (size_t)net->nodes, sizeof(double)),
                .is_touched = build_scratch(b, (size_t)net->nodes, sizeof(bool)),
                .touched = build_scratch(b, (size_t)net->nodes, sizeof(int32_t))};
    if (b->out_of_memory)
        return false;
    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++)
        for (int32_t i = 0; i < kind[k].range.count; i++) {
            kind[k].fill(b, &c, i);
            if (!append(m, &c))
                return false;
            net->start[kind[k].range.first + i + 1] = m->count;
        }
    return true;
}

void build_matrix(builder *b)
{
    yt_network *net = b->net;
    net->start = build_keep(b, (size_t)net->activities + 1, sizeof *net->start);
    if (b->out_of_memory)
        return;
    matrix_store m = {0};
    bool done = fill_matrix(b, &m);
    net->nonzeros = m.count;
    net->row = build_keep(b, (size_t)m.count, sizeof *net->row);
    net->coefficient = build_keep(b, (size_t)m.count, sizeof *net->coefficient);
    if (done && !b->out_of_memory) {
        memcpy(net->row, m.row, (size_t)m.count * sizeof *m.row);
        memcpy(net->coefficient, m.value, (size_t)m.count * sizeof *m.value);
        if (market_pattern_new(net->nodes, net->activities, net->start, net->row, &net->pattern))
            b->out_of_memory = true;
    } else {
        b->out_of_memory = true;
    }
    free(m.row);
    free(m.value);
}
