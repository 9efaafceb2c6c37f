/* structure.c - makes an invented chain: recipes, tonnes that would meet demand, plants, lanes. */
#include "bench/structure.h"
#include "base/math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FEEDS = 3 };

/* What one commodity is made of, everywhere alike; of an ore: what a plant gets out of a tonne. */
typedef struct recipe {
    int32_t feeds, feed[MAX_FEEDS];
    double need[MAX_FEEDS]; /* t per t of product */
    double processing;      /* USD per t of product */
    int32_t swarf;          /* the oxide that comes back, or -1 */
} recipe;

typedef struct maker {
    structure *made;
    uint64_t random;
    int32_t room, entries_room;
    recipe *recipe; /* [commodities]                                        */
    double *assay;  /* [commodities of the ores' layer][commodities], t per t of ore */
    double *price;  /* [commodities] USD/t                                  */
    double *tonnes; /* [commodities] the world's use, t a month             */
    double *demand; /* [commodities] of which by end users                  */
    double *share;  /* [regions] of the world's demand                      */
    int32_t *hub;   /* [commodities] the region most of its trade goes through */
} maker;

double bench_uniform(uint64_t *state, double low, double high)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return low + (high - low) * (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

double bench_noise(uint64_t *state)
{
    double sum = -6;
    for (int k = 0; k < 12; k++)
        sum += bench_uniform(state, 0, 1);
    return sum;
}

static double uniform(maker *m, double low, double high)
{
    return bench_uniform(&m->random, low, high);
}

static int32_t pick(maker *m, int32_t count)
{
    return (int32_t)uniform(m, 0, count);
}

static void *zeros(int32_t count, size_t size)
{
    void *now = calloc((size_t)count + 1, size);
    if (!now)
        abort();
    return now;
}

static void *grown(void *old, int32_t count, size_t size)
{
    void *now = realloc(old, (size_t)count * size);
    if (!now)
        abort();
    return now;
}

/* --------------------------------------------------------------------------- shapes */

structure_shape structure_shape_of(int32_t which, int32_t size, structure_form form)
{
    static const struct {
        const char *name;
        int32_t layers, families, lanes[2]; /* FLAT, CHOSEN */
        int32_t regions[STRUCTURE_SIZES], commodities[STRUCTURE_SIZES];
        double cost_spread;
    } known[STRUCTURES] = {
        {"chain", 6, 3, {5, 3}, {12, 20, 40}, {25, 50, 100}, 0.2},
        {"deep", 9, 3, {5, 3}, {10, 20, 40}, {30, 50, 100}, 0.2},
        {"wide", 4, 2, {5, 3}, {20, 40, 80}, {15, 25, 50}, 0.2},
        {"dense", 6, 3, {12, 6}, {15, 25, 50}, {20, 40, 80}, 0.1},
        {"spread", 6, 5, {4, 2}, {6, 10, 20}, {50, 100, 200}, 0.5},
    };
    return (structure_shape){.name = known[which].name,
                             .form = form,
                             .layers = known[which].layers,
                             .families = known[which].families,
                             .lanes = known[which].lanes[form],
                             .regions = known[which].regions[size],
                             .commodities = known[which].commodities[size],
                             .cost_spread = known[which].cost_spread};
}

int32_t structure_layer(const structure_shape *shape, int32_t commodity)
{
    return commodity * shape->layers / shape->commodities;
}

static int32_t first_of_layer(const structure_shape *shape, int32_t layer)
{
    return (layer * shape->commodities + shape->layers - 1) / shape->layers;
}

/* A commodity of `layer`, three times in four of the family that `commodity` belongs to. */
static int32_t pick_of_layer(maker *m, int32_t layer, int32_t commodity)
{
    const structure_shape *shape = &m->made->shape;
    const int32_t first = first_of_layer(shape, layer),
                  count = first_of_layer(shape, layer + 1) - first,
                  family = commodity % shape->families;
    if (count > shape->families && uniform(m, 0, 1) < 0.75)
        return first + (family + shape->families * pick(m, count)) % count;
    return first + pick(m, count);
}

/* -------------------------------------------------------------------------- recipes */

/* What is in an ore: oxides from a hundredth to a seventh of a tonne. */
static void make_assay(maker *m, int32_t ore)
{
    const structure_shape *shape = &m->made->shape;
    double *assay = m->assay + (size_t)ore * (size_t)shape->commodities, worth = 0;
    for (int32_t c = first_of_layer(shape, 1); c < first_of_layer(shape, 2); c++) {
        if (uniform(m, 0, 1) < 0.6)
            assay[c] = uniform(m, 0.01, 0.15);
        worth += assay[c] * m->price[c];
    }
    m->price[ore] = 0.6 * worth + 0.1;
}

static void make_recipe(maker *m, int32_t commodity)
{
    const structure_shape *shape = &m->made->shape;
    const int32_t layer = structure_layer(shape, commodity), wanted = 1 + pick(m, MAX_FEEDS);
    recipe *made = &m->recipe[commodity];
    double worth = 0;
    made->swarf = -1;
    for (int32_t k = 0; k < wanted; k++) {
        const int32_t feed = pick_of_layer(m, layer - 1, commodity);
        bool is_new = true;
        for (int32_t f = 0; f < made->feeds; f++)
            is_new &= made->feed[f] != feed;
        if (is_new)
            made->feed[made->feeds++] = feed;
    }
    for (int32_t f = 0; f < made->feeds; f++) {
        made->need[f] = uniform(m, 0.8, 1.3) / made->feeds;
        worth += made->need[f] * m->price[made->feed[f]];
    }
    if (layer == shape->layers - 2 && layer > 2)
        made->swarf = pick_of_layer(m, 1, commodity);
    made->processing = uniform(m, 0.1, 0.4) * worth;
    m->price[commodity] = 1.1 * (worth + made->processing);
}

static void make_recipes(maker *m)
{
    const structure_shape *shape = &m->made->shape;
    const int32_t oxides = first_of_layer(shape, 1), metals = first_of_layer(shape, 2);
    for (int32_t c = oxides; c < metals; c++)
        m->price[c] = 5 * yt_exp(uniform(m, 0, 3));
    for (int32_t ore = 0; ore < oxides; ore++)
        make_assay(m, ore);
    for (int32_t c = metals; c < shape->commodities; c++)
        make_recipe(m, c);
}

/* --------------------------------------------------------------------------- tonnes */

/* Tonnes of ore between what its oxides are wanted for on average and what the scarcest is. */
static double ore_wanted(const maker *m, int32_t ore)
{
    const structure_shape *shape = &m->made->shape;
    const int32_t oxides = first_of_layer(shape, 1), stride = shape->commodities;
    double sum = 0, most = 1;
    int32_t count = 0;
    for (int32_t c = oxides; c < first_of_layer(shape, 2); c++) {
        double found = 0;
        for (int32_t o = 0; o < oxides; o++)
            found += m->assay[o * stride + c];
        if (m->assay[ore * stride + c] > 0) {
            sum += m->tonnes[c] / found;
            most = fmax(most, m->tonnes[c] / found);
            count++;
        }
    }
    return count ? (sum / count + most) / 2 : 1;
}

/* From end users back to the mines. */
static void size_the_world(maker *m)
{
    const structure_shape *shape = &m->made->shape;
    const int32_t last = shape->layers - 1;
    double sum = 0;
    for (int32_t r = 0; r < shape->regions; r++)
        sum += m->share[r] = yt_exp(0.7 * bench_noise(&m->random));
    for (int32_t r = 0; r < shape->regions; r++)
        m->share[r] /= sum;
    for (int32_t c = shape->commodities - 1; c >= first_of_layer(shape, 1); c--) {
        if (structure_layer(shape, c) == last || uniform(m, 0, 1) < 0.3)
            m->demand[c] = shape->regions * uniform(m, 20, 200);
        m->tonnes[c] += m->demand[c] + 1;
        for (int32_t f = 0; f < m->recipe[c].feeds; f++)
            m->tonnes[m->recipe[c].feed[f]] += m->tonnes[c] * m->recipe[c].need[f];
    }
    for (int32_t ore = 0; ore < first_of_layer(shape, 1); ore++)
        m->tonnes[ore] = ore_wanted(m, ore);
}

/* ----------------------------------------------------------------------- activities */

static void add_activity(maker *m, base_activity made)
{
    structure *s = m->made;
    if (s->activities == m->room) {
        m->room = m->room * 2 + 1024;
        s->activity = grown(s->activity, m->room, sizeof(base_activity));
        s->start = grown(s->start, m->room + 1, sizeof(int32_t));
        s->start[0] = 0;
    }
    s->activity[s->activities++] = made;
    s->start[s->activities] = s->nonzeros;
}

/* Entry of the newest activity: rows kept ascending, entries of one row added up. */
static void add_entry(maker *m, int32_t market, double coefficient)
{
    structure *s = m->made;
    for (int32_t e = s->start[s->activities - 1]; e < s->nonzeros; e++)
        if (s->row[e] == market) {
            s->coefficient[e] += coefficient;
            return;
        }
    if (s->nonzeros == m->entries_room) {
        m->entries_room = m->entries_room * 2 + 4096;
        s->row = grown(s->row, m->entries_room, sizeof(int32_t));
        s->coefficient = grown(s->coefficient, m->entries_room, sizeof(double));
    }
    int32_t e = s->nonzeros++;
    for (; e > s->start[s->activities - 1] && s->row[e - 1] > market; e--) {
        s->row[e] = s->row[e - 1];
        s->coefficient[e] = s->coefficient[e - 1];
    }
    s->row[e] = market;
    s->coefficient[e] = coefficient;
    s->start[s->activities] = s->nonzeros;
}

static int32_t market_of(const maker *m, int32_t commodity, int32_t region)
{
    return commodity * m->made->shape.regions + region;
}

static void add_single(maker *m, double sign, base_activity made)
{
    add_activity(m, made);
    add_entry(m, made.market, sign);
}

/* Of the plants of one commodity: where they stand, and each one's part of `tonnes` and a third
 * more.  Region 0 has two fifths of ores and oxides, as incumbents have. */
static void share_out(maker *m, int32_t layer, double tonnes, double *capacity)
{
    const int32_t regions = m->made->shape.regions;
    double sum = 0;
    for (int32_t r = 0; r < regions; r++) {
        const bool is_there = r == 0 || uniform(m, 0, 1) < 0.45;
        sum += capacity[r] = is_there ? yt_exp(0.8 * bench_noise(&m->random)) : 0;
    }
    if (layer <= 1) {
        sum -= capacity[0];
        capacity[0] = 2.0 / 3 * sum + 0.01;
        sum += capacity[0];
    }
    for (int32_t r = 0; r < regions; r++)
        capacity[r] *= 1.3 * tonnes / sum;
}

/* A mine or a plant: dearer ones and cheaper ones, and within each a rise of its cost. */
static base_activity facility(maker *m, activity_role role, int32_t market, double cost,
                              double capacity)
{
    const structure_shape *shape = &m->made->shape;
    const double own = cost * yt_exp(shape->cost_spread * bench_noise(&m->random)),
                 rise = shape->form == FORM_FLAT ? 0.02 : 0.3;
    return (base_activity){.role = role,
                           .market = market,
                           .cost = own * (1 - rise / 2),
                           .slope = own * rise / capacity,
                           .capacity = capacity};
}

static void add_ore(maker *m, int32_t ore, double *capacity)
{
    const structure_shape *shape = &m->made->shape;
    const double *assay = m->assay + (size_t)ore * (size_t)shape->commodities;
    share_out(m, 0, m->tonnes[ore], capacity);
    for (int32_t r = 0; r < shape->regions; r++) {
        const int32_t market = market_of(m, ore, r);
        if (capacity[r] > 0)
            add_single(m, 1, facility(m, MINE, market, 0.8 * m->price[ore], capacity[r]));
        m->made->throughput[market] += capacity[r];
    }
    share_out(m, 1, m->tonnes[ore], capacity);
    for (int32_t r = 0; r < shape->regions; r++) {
        if (!(capacity[r] > 0))
            continue;
        add_activity(m, facility(m, PLANT, market_of(m, ore, r), 0.5 * m->price[ore], capacity[r]));
        add_entry(m, market_of(m, ore, r), -1);
        m->made->throughput[market_of(m, ore, r)] += capacity[r];
        for (int32_t c = 0; c < shape->commodities; c++)
            if (assay[c] > 0) {
                add_entry(m, market_of(m, c, r), assay[c]);
                m->made->throughput[market_of(m, c, r)] += assay[c] * capacity[r];
            }
    }
}

static void add_plants(maker *m, int32_t commodity, double *capacity)
{
    const recipe *made = &m->recipe[commodity];
    double *throughput = m->made->throughput;
    share_out(m, structure_layer(&m->made->shape, commodity), m->tonnes[commodity], capacity);
    for (int32_t r = 0; r < m->made->shape.regions; r++) {
        if (!(capacity[r] > 0))
            continue;
        const int32_t market = market_of(m, commodity, r);
        add_activity(m, facility(m, PLANT, market, made->processing, capacity[r]));
        add_entry(m, market, 1);
        throughput[market] += capacity[r];
        for (int32_t f = 0; f < made->feeds; f++) {
            add_entry(m, market_of(m, made->feed[f], r), -made->need[f]);
            throughput[market_of(m, made->feed[f], r)] += made->need[f] * capacity[r];
        }
        if (made->swarf >= 0)
            add_entry(m, market_of(m, made->swarf, r), 0.1);
    }
}

/* What users take at `price` references: elasticity 0.25. */
static double wanted_at(double tonnes, double price)
{
    return tonnes * yt_pow(price, -0.25);
}

/* Users: one step of demand, or five at geometric prices from 0.3 to 15 references, the last
 * for what must be had. */
static void add_users(maker *m, int32_t market, double tonnes)
{
    const double price = m->made->reference[market];
    if (m->made->shape.form == FORM_FLAT) {
        add_single(m, -1,
                   (base_activity){.role = BUYER,
                                   .market = market,
                                   .cost = -2.5 * price,
                                   .slope = 1.5 * price / tonnes,
                                   .capacity = 1.5 * tonnes});
        return;
    }
    double low = 0.3;
    for (int tier = 0; tier < TIERS; tier++) {
        const bool is_last = tier == TIERS - 1;
        const double high = is_last ? 20 : 0.3 * yt_pow(50, (tier + 1.0) / (TIERS - 1)),
                     width = wanted_at(tonnes, low) - (is_last ? 0 : wanted_at(tonnes, high));
        add_single(m, -1,
                   (base_activity){.role = BUYER,
                                   .market = market,
                                   .cost = -high * price,
                                   .slope = (high - low) * price / width,
                                   .capacity = width});
        low = high;
    }
}

static void add_holder(maker *m, int32_t market)
{
    add_single(m, 1, (base_activity){.role = SELLER, .market = market});
    add_single(m, -1, (base_activity){.role = KEEPER, .market = market});
}

static void add_lane(maker *m, int32_t from, int32_t to)
{
    const structure_shape *shape = &m->made->shape;
    const int32_t commodity = from / shape->regions;
    const double price = m->made->reference[from],
                 freight =
                     uniform(m, 0.01, 0.07) * yt_exp(shape->cost_spread * bench_noise(&m->random)),
                 busier = fmax(m->made->throughput[from], m->made->throughput[to]);
    const bool is_controlled = from % shape->regions == 0 && structure_layer(shape, commodity) == 1;
    if (to == from)
        return;
    add_activity(m, (base_activity){.role = LANE,
                                    .market = from,
                                    .to = to,
                                    .is_controlled = is_controlled,
                                    .cost = freight * price,
                                    .slope = shape->form == FORM_FLAT
                                                 ? 0.002 * price * shape->lanes / busier
                                                 : uniform(m, 0.15, 0.9),
                                    .capacity = INFINITY});
    add_entry(m, from, -1);
    add_entry(m, to, 1);
    if (is_controlled && shape->form == FORM_CHOSEN)
        add_entry(m, m->made->markets - 1, -1);
}

/* Lanes of the FLAT form go anywhere; of the CHOSEN form to and from a hub, the rest anywhere. */
static void add_lanes(maker *m, int32_t commodity, int32_t region)
{
    const structure_shape *shape = &m->made->shape;
    const int32_t here = market_of(m, commodity, region),
                  hub = market_of(m, commodity, m->hub[commodity]);
    int32_t lanes = shape->lanes;
    if (shape->form == FORM_CHOSEN) {
        add_lane(m, here, hub);
        add_lane(m, hub, here);
        lanes -= 2;
    }
    for (; lanes > 0; lanes--)
        add_lane(m, here, market_of(m, commodity, pick(m, shape->regions)));
}

static void add_markets(maker *m)
{
    const structure_shape *shape = &m->made->shape;
    for (int32_t c = 0; c < shape->commodities; c++)
        for (int32_t r = 0; r < shape->regions; r++) {
            const int32_t market = market_of(m, c, r);
            const double tonnes = m->demand[c] * m->share[r];
            m->made->throughput[market] += tonnes + 0.002 * m->tonnes[c];
            if (tonnes > 0)
                add_users(m, market, tonnes);
            if (shape->form == FORM_CHOSEN || uniform(m, 0, 1) < 0.4)
                add_holder(m, market);
        }
}

/* ---------------------------------------------------------------------------- whole */

static void begin(maker *m, structure_shape shape)
{
    structure *s = m->made;
    s->shape = shape;
    s->markets = shape.commodities * shape.regions + (shape.form == FORM_CHOSEN);
    s->reference = zeros(s->markets, sizeof(double));
    s->throughput = zeros(s->markets, sizeof(double));
    m->recipe = zeros(shape.commodities, sizeof(recipe));
    m->assay = zeros(shape.commodities * shape.commodities, sizeof(double));
    m->price = zeros(shape.commodities, sizeof(double));
    m->tonnes = zeros(shape.commodities, sizeof(double));
    m->demand = zeros(shape.commodities, sizeof(double));
    m->share = zeros(shape.regions, sizeof(double));
    m->hub = zeros(shape.commodities, sizeof(int32_t));
}

static void end(maker *m)
{
    free(m->recipe);
    free(m->assay);
    free(m->price);
    free(m->tonnes);
    free(m->demand);
    free(m->share);
    free(m->hub);
}

/* The last market: permits for what region 0 exports, released at an ask. */
static void add_permits(maker *m)
{
    structure *s = m->made;
    const int32_t permit = s->markets - 1, first = first_of_layer(&s->shape, 1),
                  last = first_of_layer(&s->shape, 2);
    double worth = 0, tonnes = 0;
    for (int32_t c = first; c < last; c++) {
        tonnes += 0.3 * m->tonnes[c];
        worth += m->price[c] / (last - first);
    }
    s->reference[permit] = 0.1 * worth;
    s->throughput[permit] = tonnes;
    add_single(m, 1,
               (base_activity){.role = RELEASE,
                               .market = permit,
                               .cost = 0.05 * worth,
                               .slope = 0.1 * worth / tonnes,
                               .capacity = tonnes});
}

structure structure_new(structure_shape shape, uint64_t seed)
{
    structure made = {0};
    maker m = {.made = &made, .random = seed};
    begin(&m, shape);
    double *capacity = zeros(shape.regions, sizeof(double));
    make_recipes(&m);
    size_the_world(&m);
    for (int32_t c = 0; c < shape.commodities; c++) {
        m.hub[c] = pick(&m, shape.regions);
        for (int32_t r = 0; r < shape.regions; r++)
            made.reference[market_of(&m, c, r)] = m.price[c];
    }
    const int32_t ores = first_of_layer(&shape, 1), metals = first_of_layer(&shape, 2);
    for (int32_t ore = 0; ore < ores; ore++)
        add_ore(&m, ore, capacity);
    for (int32_t c = metals; c < shape.commodities; c++)
        add_plants(&m, c, capacity);
    add_markets(&m);
    for (int32_t c = 0; c < shape.commodities; c++)
        for (int32_t r = 0; r < shape.regions; r++)
            add_lanes(&m, c, r);
    if (shape.form == FORM_CHOSEN)
        add_permits(&m);
    free(capacity);
    end(&m);
    return made;
}

void structure_free(structure *s)
{
    free(s->activity);
    free(s->start);
    free(s->row);
    free(s->coefficient);
    free(s->reference);
    free(s->throughput);
}
