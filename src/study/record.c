/* record.c - series, flows, plants and uses of a month, out of a run's numbers. */
#include "study/record.h"

#include <math.h>
#include <string.h>

typedef enum series_id {
#define SERIES(name, unit, doc) SERIES_##name,
#define PERMIT_SERIES(name, unit, doc)
#include "study/series.def"
#undef SERIES
#undef PERMIT_SERIES
    SERIES_COUNT
} series_id;

typedef enum permit_series_id {
#define SERIES(name, unit, doc)
#define PERMIT_SERIES(name, unit, doc) SERIES_##name,
#include "study/series.def"
#undef SERIES
#undef PERMIT_SERIES
    PERMIT_SERIES_COUNT
} permit_series_id;

typedef struct series_info {
    const char *name, *unit;
} series_info;

static const series_info market_series[] = {
#define SERIES(name, unit, doc) {#name, unit},
#define PERMIT_SERIES(name, unit, doc)
#include "study/series.def"
#undef SERIES
#undef PERMIT_SERIES
};

static const series_info permit_series[] = {
#define SERIES(name, unit, doc)
#define PERMIT_SERIES(name, unit, doc) {#name, unit},
#include "study/series.def"
#undef SERIES
#undef PERMIT_SERIES
};

/* A commodity in a region: one node, or the two sides of a split market. */
typedef struct market_view {
    int32_t node, contract; /* spot side or the only one; contract side or NONE */
} market_view;

/* A use of a commodity in a region: its parts stand together, one a side of the market. */
typedef struct use_view {
    int32_t first, parts;
} use_view;

struct record {
    arena *memory;
    store_layout layout;
    store_series_key *series_key;
    store_arc_key *arc_key;
    store_facility_key *facility_key;
    store_use_key *use_key;
    market_view *market; /* [markets] */
    int32_t *market_of;  /* [nodes]   */
    use_view *use;       /* [uses]    */
    int32_t markets, first_permit;
    double *resold, *usually_resold; /* [nodes] from one side of a market to the other */
    int32_t *slot;                   /* [markets][SERIES_COUNT] place in series, or NONE     */
    double *scratch;                 /* [markets][SERIES_COUNT] all of them, while computing */
    double *series, *arc_tonnes, *arc_cif, *output, *capacity, *wanted, *served;
    const char **status;
    store_element_row *element;
    bool is_short; /* of memory */
};

static void *room(record *r, int32_t n, size_t size)
{
    void *p = arena_array(r->memory, n > 0 ? (size_t)n : 1, size);
    if (!p)
        r->is_short = true;
    return p;
}

/* --------------------------------------------------------------------------------- layout */

static void find_markets(record *r, const yt_network *net)
{
    r->market = room(r, net->nodes, sizeof *r->market);
    r->market_of = room(r, net->nodes, sizeof *r->market_of);
    r->resold = room(r, net->nodes, sizeof *r->resold);
    r->usually_resold = room(r, net->nodes, sizeof *r->usually_resold);
    for (int32_t n = 0; !r->is_short && n < net->nodes; n++) {
        const network_node *node = &net->node[n];
        r->market_of[n] = YT_NONE;
        if (node->kind != NODE_GOODS)
            continue;
        if (node->side == SIDE_SPOT) { /* its contract side came first */
            r->market_of[n] = r->market_of[node->twin];
            r->market[r->market_of[n]] = (market_view){n, node->twin};
            continue;
        }
        r->market_of[n] = r->markets;
        r->market[r->markets++] = (market_view){n, YT_NONE};
    }
}

/* Marks what a market can have at all: nobody stores the exports of a place that has no lane. */
static void find_possible(record *r, const yt_network *net, bool *has)
{
#define HAS(node, series) has[r->market_of[node] * SERIES_COUNT + SERIES_##series]
    for (int32_t m = 0; m < r->markets; m++) {
        HAS(r->market[m].node, price) = HAS(r->market[m].node, price_paid) = true;
        HAS(r->market[m].node, price_contract) = r->market[m].contract != YT_NONE;
        HAS(r->market[m].node, disposed) = net->node[r->market[m].node].is_made;
    }
    for (int32_t j = 0; j < net->arcs_at.first; j++)
        for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
            if (r->market_of[net->row[k]] != YT_NONE)
                *(net->coefficient[k] > 0 ? &HAS(net->row[k], output) : &HAS(net->row[k], feed)) =
                    true;
    for (int32_t i = 0; i < net->arcs; i++) {
        if (net->arc[i].kind == ARC_RESALE)
            continue;
        HAS(net->arc[i].from, export) = HAS(net->arc[i].to, import) = true;
        HAS(net->arc[i].from, price_export) |= net->arc[i].kind == ARC_OPEN;
        HAS(net->arc[i].to, price_import) = true;
    }
    for (int32_t i = 0; i < net->uses; i++)
        HAS(net->use[i].node, use) = true;
    for (int32_t i = 0; i < net->holds; i++)
        HAS(net->hold[i].node, stock) = HAS(net->hold[i].node, cover) = true;
#undef HAS
}

static store_series_key market_key(const record *r, const yt_network *net, int32_t m, int32_t s)
{
    const network_node *node = &net->node[r->market[m].node];
    return (store_series_key){market_series[s].name, net->regions.id[node->region],
                              net->commodities.id[node->commodity], market_series[s].unit};
}

static void name_series(record *r, const yt_network *net)
{
    int32_t all = r->markets * SERIES_COUNT, n = 0;
    bool *has = room(r, all, sizeof *has);
    r->slot = room(r, all, sizeof *r->slot);
    r->series_key = room(r, all + net->releases * PERMIT_SERIES_COUNT, sizeof *r->series_key);
    r->series = room(r, all + net->releases * PERMIT_SERIES_COUNT, sizeof *r->series);
    r->scratch = room(r, all, sizeof *r->scratch);
    if (r->is_short)
        return;
    find_possible(r, net, has);
    for (int32_t i = 0; i < all; i++) {
        r->slot[i] = has[i] ? n : YT_NONE;
        if (has[i])
            r->series_key[n++] = market_key(r, net, i / SERIES_COUNT, i % SERIES_COUNT);
    }
    r->first_permit = n;
    for (int32_t p = 0; p < net->releases; p++)
        for (int32_t s = 0; s < PERMIT_SERIES_COUNT; s++)
            r->series_key[n++] =
                (store_series_key){permit_series[s].name, net->regions.id[net->permit[p].region],
                                   net->permits.id[net->permit[p].permit], permit_series[s].unit};
    r->layout.series = n;
    r->layout.series_key = r->series_key;
}

static void name_lanes(record *r, const yt_network *net)
{
    r->arc_key = room(r, net->lanes, sizeof *r->arc_key);
    r->arc_tonnes = room(r, net->lanes, sizeof *r->arc_tonnes);
    r->arc_cif = room(r, net->lanes, sizeof *r->arc_cif);
    for (int32_t i = 0; !r->is_short && i < net->lanes; i++)
        r->arc_key[i] = (store_arc_key){net->commodities.id[net->lane[i].commodity],
                                        net->regions.id[net->lane[i].origin],
                                        net->regions.id[net->lane[i].destination],
                                        net->lane[i].kind == ARC_ILLEGAL ? "illegal" : "open"};
    r->layout.arcs = net->lanes;
    r->layout.arc_key = r->arc_key;
}

static void name_plants(record *r, const yt_network *net, const yt_model *model)
{
    r->facility_key = room(r, net->plants, sizeof *r->facility_key);
    r->output = room(r, net->plants, sizeof *r->output);
    r->capacity = room(r, net->plants, sizeof *r->capacity);
    r->status = room(r, net->plants, sizeof *r->status);
    for (int32_t i = 0; !r->is_short && i < net->plants; i++) {
        const network_plant *plant = &net->plant[i];
        int32_t f = plant->facility;
        r->facility_key[i] = (store_facility_key){
            .id = net->facilities.id[f],
            .name = model_at(model, TABLE_facility, f, facility_name)->text,
            .site = model_at(model, TABLE_facility, f, facility_site)->text,
            .stage = net->stages.id[plant->stage],
            .region = net->regions.id[plant->region],
            .recipe = model_at(model, TABLE_facility, f, facility_recipe)->text,
            .owner_type = model_at(model, TABLE_facility, f, facility_owner_type)->text,
            .output_unit = model_at(model, TABLE_stage, plant->stage, stage_unit)->text,
        };
    }
    r->layout.facilities = net->plants;
    r->layout.facility_key = r->facility_key;
}

static bool same_use(const yt_network *net, const network_use *a, const network_use *b)
{
    const network_segment *s = &net->segment[a->segment], *t = &net->segment[b->segment];
    return s->end_use == t->end_use && s->region == t->region && a->commodity == b->commodity;
}

static void name_uses(record *r, const yt_network *net)
{
    r->use = room(r, net->uses, sizeof *r->use);
    r->use_key = room(r, net->uses, sizeof *r->use_key);
    r->wanted = room(r, net->uses, sizeof *r->wanted);
    r->served = room(r, net->uses, sizeof *r->served);
    int32_t uses = 0;
    for (int32_t i = 0; !r->is_short && i < net->uses; i++) {
        const network_segment *segment = &net->segment[net->use[i].segment];
        if (uses > 0 && same_use(net, &net->use[i], &net->use[r->use[uses - 1].first])) {
            r->use[uses - 1].parts++;
            continue;
        }
        r->use_key[uses] =
            (store_use_key){net->end_uses.id[segment->end_use], net->regions.id[segment->region],
                            net->commodities.id[net->use[i].commodity], segment->share_critical,
                            segment->share_flexible};
        r->use[uses++] = (use_view){i, 1};
    }
    r->layout.uses = uses;
    r->layout.use_key = r->use_key;
}

yt_status record_new(const yt_network *net, const yt_model *model, record **made)
{
    arena *memory = arena_new();
    record *r = memory ? arena_alloc(memory, sizeof *r) : NULL;
    if (!r) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    r->memory = memory;
    find_markets(r, net);
    name_series(r, net);
    name_lanes(r, net);
    name_plants(r, net, model);
    name_uses(r, net);
    r->element = room(r, net->elements.count, sizeof *r->element);
    r->layout.elements = net->elements.count;
    r->layout.element = net->elements.id;
    if (r->is_short) {
        record_free(r);
        return YT_ENOMEM;
    }
    *made = r;
    return YT_OK;
}

void record_free(record *r)
{
    if (r)
        arena_free(r->memory);
}

const store_layout *record_layout(const record *r)
{
    return &r->layout;
}

/* ---------------------------------------------------------------------------------- month */

static double *series_at(record *r, int32_t market, series_id s)
{
    return &r->scratch[market * SERIES_COUNT + (int32_t)s];
}

/* Months in which less than this moved had no trade, t. */
#define NO_TRADE 1e-6

static void add_production(record *r, const yt_network *net, const yt_run *run)
{
    const double *level = VIEW(net, run, level);
    for (int32_t j = 0; j < net->arcs_at.first; j++) /* plants and lines */
        for (int32_t k = net->start[j]; k < net->start[j + 1]; k++) {
            int32_t market = r->market_of[net->row[k]];
            double tonnes = net->coefficient[k] * level[j];
            if (market != YT_NONE)
                *series_at(r, market, tonnes > 0 ? SERIES_output : SERIES_feed) += fabs(tonnes);
        }
}

/* The price at the border is the highest of the lanes that could be used. */
static void add_trade(record *r, const yt_network *net, const yt_run *run)
{
    for (int32_t i = 0; i < net->lanes; i++)
        r->arc_tonnes[i] = r->arc_cif[i] = 0;
    for (int32_t i = 0; i < net->arcs; i++) {
        const network_arc *arc = &net->arc[i];
        if (arc->lane == YT_NONE)
            continue;
        double tonnes = VIEW(net, run, level)[net->arcs_at.first + i];
        r->arc_tonnes[arc->lane] += tonnes;
        r->arc_cif[arc->lane] += tonnes * VIEW(net, run, landed_price)[i];
        int32_t from = r->market_of[arc->from], to = r->market_of[arc->to];
        *series_at(r, from, SERIES_export) += tonnes;
        *series_at(r, to, SERIES_import) += tonnes;
        if (arc->kind == ARC_OPEN && VIEW(net, run, capacity)[net->arcs_at.first + i] > 0) {
            double *border = series_at(r, from, SERIES_price_export);
            *border = fmax(isnan(*border) ? 0 : *border, VIEW(net, run, border_price)[i]);
        }
    }
    for (int32_t i = 0; i < net->lanes; i++)
        r->arc_cif[i] = r->arc_tonnes[i] > NO_TRADE ? r->arc_cif[i] / r->arc_tonnes[i] : NAN;
}

/* What passes between the sides of a market is used only once. */
static void find_resales(record *r, const yt_network *net, const yt_run *run)
{
    memset(r->resold, 0, (size_t)net->nodes * sizeof *r->resold);
    memset(r->usually_resold, 0, (size_t)net->nodes * sizeof *r->usually_resold);
    for (int32_t i = 0; i < net->arcs; i++)
        if (net->arc[i].kind == ARC_RESALE) {
            r->resold[net->arc[i].from] = VIEW(net, run, level)[net->arcs_at.first + i];
            r->usually_resold[net->arc[i].from] = VIEW(net, run, usual_flow)[i];
        }
}

static void add_stocks(record *r, const yt_network *net, const yt_run *run)
{
    for (int32_t i = 0; i < net->holds; i++)
        *series_at(r, r->market_of[net->hold[i].node], SERIES_stock) += VIEW(net, run, stock)[i];
    for (int32_t i = 0; i < net->dumps; i++)
        *series_at(r, r->market_of[net->dump[i]], SERIES_disposed) +=
            VIEW(net, run, level)[net->dumps_at.first + i];
    for (int32_t n = 0; n < net->nodes; n++)
        if (r->market_of[n] != YT_NONE)
            *series_at(r, r->market_of[n], SERIES_disposed) += VIEW(net, run, slack)[n];
}

/* Used this month and usually, t; without what is sold on to the other side. */
static double used(const record *r, const yt_network *net, const yt_run *run, int32_t node)
{
    return VIEW(net, run, use)[node] - r->resold[node];
}

static double usually_used(const record *r, const yt_network *net, const yt_run *run, int32_t node)
{
    return VIEW(net, run, throughput)[node] - r->usually_resold[node];
}

/* Tonnes at invoices over tonnes; the spot side pays its price. */
static double price_paid(const record *r, const yt_network *net, const yt_run *run,
                         const market_view *m)
{
    if (m->contract == YT_NONE)
        return VIEW(net, run, invoice)[m->node];
    double contract = used(r, net, run, m->contract), spot = used(r, net, run, m->node);
    return (contract * VIEW(net, run, invoice)[m->contract] +
            spot * VIEW(net, run, clearing_price)[m->node]) /
           (contract + spot);
}

/* Dual of the contract side, where something moved on it. */
static double price_contract(const yt_network *net, const yt_run *run, int32_t node)
{
    return node != YT_NONE && VIEW(net, run, use)[node] > NO_TRADE
               ? VIEW(net, run, clearing_price)[node]
               : (double)NAN;
}

static void add_prices(record *r, const yt_network *net, const yt_run *run)
{
    for (int32_t i = 0; i < r->markets; i++) {
        const market_view *m = &r->market[i];
        double use = used(r, net, run, m->node), usual = usually_used(r, net, run, m->node);
        if (m->contract != YT_NONE) {
            use += used(r, net, run, m->contract);
            usual += usually_used(r, net, run, m->contract);
        }
        bool trades = use > NO_TRADE;
        double price = VIEW(net, run, clearing_price)[m->node];
        *series_at(r, i, SERIES_price) = trades ? price : NAN;
        *series_at(r, i, SERIES_price_contract) = price_contract(net, run, m->contract);
        *series_at(r, i, SERIES_price_import) =
            *series_at(r, i, SERIES_import) > NO_TRADE ? price : NAN;
        if (*series_at(r, i, SERIES_export) <= NO_TRADE)
            *series_at(r, i, SERIES_price_export) = NAN;
        *series_at(r, i, SERIES_price_paid) = trades ? price_paid(r, net, run, m) : NAN;
        *series_at(r, i, SERIES_cover) =
            usual > NO_TRADE ? *series_at(r, i, SERIES_stock) / usual : NAN;
    }
}

static void add_permits(record *r, const yt_network *net, const yt_run *run)
{
    double *out = r->series + r->first_permit;
    for (int32_t p = 0; p < net->releases; p++, out += PERMIT_SERIES_COUNT) {
        bool needed = VIEW(net, run, permit_needed)[p] > 0;
        out[SERIES_permit_price] =
            needed ? VIEW(net, run, clearing_price)[net->permit[p].node] : NAN;
        out[SERIES_permit_ask] =
            needed && net->permit[p].has_ask ? VIEW(net, run, permit_asked)[p] : NAN;
        out[SERIES_permit_issued] = VIEW(net, run, permit_issued)[p];
        out[SERIES_permit_used] = needed ? VIEW(net, run, permit_used)[p] : NAN;
        out[SERIES_permit_left] = needed ? VIEW(net, run, permit_left)[p] : NAN;
    }
}

static const char *plant_status(const record *r, const yt_network *net, const yt_run *run,
                                int32_t i)
{
    if (r->capacity[i] > 0)
        return r->output[i] > 1e-6 * r->capacity[i] ? "running" : "idle";
    return VIEW(net, run, has_run)[i] > 0 ? "closed" : "not open";
}

static void add_plants(record *r, const yt_network *net, const yt_run *run)
{
    for (int32_t i = 0; i < net->plants; i++) {
        r->output[i] = VIEW(net, run, level)[net->plants_at.first + i];
        r->capacity[i] = VIEW(net, run, can_run)[i];
        r->status[i] = plant_status(r, net, run, i);
    }
}

/* A commodity of a basket that can shift is wanted at its share of what is served, and at its
 * usual share of what is not: a shift is no shortage.  What a low price sells beyond what was
 * wanted serves no tier. */
static void add_use(record *r, const yt_network *net, const yt_run *run, int32_t u)
{
    const double *share = net->basket_share + (size_t)(run->t - 1) * (size_t)net->uses;
    double wanted = 0, served = 0;
    for (int32_t i = r->use[u].first; i < r->use[u].first + r->use[u].parts; i++) {
        int32_t s = net->use[i].segment;
        double bought = sim_bought(net, run, i),
               short_by = VIEW(net, run, wanted)[s] - sim_served(net, run, s);
        served += bought;
        wanted += net->use[i].mix == YT_NONE ? VIEW(net, run, wanted)[s]
                                             : bought + share[i] * fmax(0, short_by);
    }
    *series_at(r, r->market_of[net->use[r->use[u].first].node], SERIES_use) += served;
    r->wanted[u] = wanted;
    r->served[u] = fmin(wanted, served);
}

static void add_uses(record *r, const yt_network *net, const yt_run *run)
{
    for (int32_t u = 0; u < r->layout.uses; u++)
        add_use(r, net, run, u);
}

static void add_elements(record *r, const yt_network *net, const yt_run *run)
{
    for (int32_t e = 0; e < net->elements.count; e++) {
        sim_element at = sim_element_balance(net, run, e);
        r->element[e] =
            (store_element_row){at.opening,  at.mined,  at.in_use,   at.stocks, at.scrap,
                                at.tailings, at.losses, at.disposed, at.closure};
    }
}

store_month record_month(record *r, const yt_network *net, const yt_run *run)
{
    memset(r->scratch, 0, (size_t)(r->markets * SERIES_COUNT) * sizeof *r->scratch);
    for (int32_t i = 0; i < r->markets; i++)
        *series_at(r, i, SERIES_price_export) = NAN;
    add_production(r, net, run);
    add_trade(r, net, run);
    find_resales(r, net, run);
    add_stocks(r, net, run);
    add_uses(r, net, run);
    add_prices(r, net, run);
    add_permits(r, net, run);
    add_plants(r, net, run);
    add_elements(r, net, run);
    for (int32_t i = 0; i < r->markets * SERIES_COUNT; i++)
        if (r->slot[i] != YT_NONE)
            r->series[r->slot[i]] = r->scratch[i];
    return (store_month){
        .run = (int32_t)run->index,
        .month = net->first_month + run->t - 1,
        .series = r->series,
        .arc_tonnes = r->arc_tonnes,
        .arc_cif = r->arc_cif,
        .facility_output = r->output,
        .facility_capacity = r->capacity,
        .facility_status = r->status,
        .use_wanted = r->wanted,
        .use_served = r->served,
        .element = r->element,
        .balance = run->certificate.balance,
        .complementarity = run->certificate.complementarity,
        .gap = run->certificate.gap,
        .iterations = run->iterations,
    };
}
