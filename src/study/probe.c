/* probe.c - words of the record into sums over the numbers of a month. */
#include "study/probe.h"

#include "base/calendar.h"
#include "base/text.h"
#include "base/words.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Output within this share of what could run follows from capacity, which is an input. */
#define AT_CAPACITY 0.98
/* Of what is made: when so much is thrown away, doing so sets the price. */
#define SURPLUS 0.01

typedef enum term_from {
    FROM_SERIES,
    FROM_LANE,
    FROM_LANE_VALUE,
    FROM_WORK,
    FROM_CAPACITY,
    FROM_SERVED,   /* what a use bought                         */
    FROM_CRITICAL, /* what of it is critical                    */
    FROM_UNSERVED  /* critical use that got nothing at any price */
} term_from;

typedef struct term {
    term_from from;
    int32_t at;
    double weight;
} term;

struct probes {
    arena *memory;
    const yt_model *model;
    const yt_network *net;
    const store_layout *layout;
    int32_t exporter;
    probe *probe;
    int32_t count, room;
    term *term;
    int32_t terms, term_room;
    bool is_short; /* of memory */
    bool *chosen;  /* scratch for the longest list of names */
    const char **name;
    double *weight; /* [commodities] */
};

static const char *text_at(const probes *p, table_id table, int32_t row, int32_t column)
{
    return model_at(p->model, table, row, column)->text;
}

static int32_t id_at(const probes *p, table_id table, int32_t row, int32_t column)
{
    return model_at(p->model, table, row, column)->id;
}

static int32_t rows_of(const probes *p, table_id table)
{
    return p->model->table[table].rows;
}

/* Word of a CHOICE cell. */
static bool is_word(const probes *p, table_id table, int32_t row, int32_t column, const char *word)
{
    return text_equal(text_at(p, table, row, column), word);
}

/* --------------------------------------------------------------------------------- making */

static int32_t longest_list(const yt_model *m)
{
    int32_t most = 1;
    for (int t = 0; t < TABLE_COUNT; t++)
        if (t != TABLE_observation && m->table[t].rows > most)
            most = m->table[t].rows;
    return most;
}

/* Whose border prices are meant: the region of the first export permit, else the incumbent. */
static int32_t find_exporter(const probes *p)
{
    for (int32_t r = 0; r < rows_of(p, TABLE_permit); r++)
        if (is_word(p, TABLE_permit, r, permit_kind, "export"))
            return id_at(p, TABLE_permit, r, permit_region);
    return p->net->incumbent;
}

yt_status probes_new(const yt_model *model, const yt_network *net, const store_layout *layout,
                     probes **made)
{
    arena *memory = arena_new();
    probes *p = memory ? arena_alloc(memory, sizeof *p) : NULL;
    if (!p) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    *p = (probes){.memory = memory, .model = model, .net = net, .layout = layout};
    size_t longest = (size_t)longest_list(model);
    p->exporter = find_exporter(p);
    p->chosen = arena_array(memory, longest, sizeof *p->chosen);
    p->name = arena_array(memory, longest, sizeof *p->name);
    p->weight = arena_array(memory, longest, sizeof *p->weight);
    if (!p->chosen || !p->name || !p->weight) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    *made = p;
    return YT_OK;
}

void probes_free(probes *p)
{
    if (!p)
        return;
    free(p->probe);
    free(p->term);
    arena_free(p->memory);
}

int32_t probes_count(const probes *p)
{
    return p->count;
}

const probe *probes_at(const probes *p, int32_t i)
{
    return &p->probe[i];
}

/* Terms of a sum are added one after the other, those of no other between them. */
static void add_term(probes *p, probe_sum *sum, term_from from, int32_t at, double weight)
{
    assert(sum->count == 0 || sum->first + sum->count == p->terms);
    if (p->terms == p->term_room) {
        int32_t room = p->term_room ? 2 * p->term_room : 1024;
        term *grown = realloc(p->term, (size_t)room * sizeof *grown);
        p->is_short = p->is_short || !grown;
        if (!grown)
            return;
        p->term = grown;
        p->term_room = room;
    }
    if (sum->count == 0)
        sum->first = p->terms;
    sum->count++;
    p->term[p->terms++] = (term){from, at, weight};
}

/* ---------------------------------------------------------------------------------- money */

/* Value of the row in force that year: the latest not after it. */
static double step_at(const probes *p, table_id table, int32_t key_column, const char *key,
                      int32_t date_column, int32_t facts, int32_t per_year, int32_t year)
{
    int32_t best = -1;
    double value = NAN;
    for (int32_t r = 0; r < rows_of(p, table); r++) {
        int32_t from = id_at(p, table, r, date_column) / per_year;
        if (from > year || from <= best ||
            (key && !text_equal(text_at(p, table, r, key_column), key)))
            continue;
        best = from;
        value = model_at(p->model, table, r, facts + FACT_VALUE)->number;
    }
    return value;
}

static double price_level(const probes *p, int32_t year)
{
    double level = step_at(p, TABLE_deflator, 0, NULL, deflator_year, deflator_facts, 1, year);
    double base =
        step_at(p, TABLE_deflator, 0, NULL, deflator_year, deflator_facts, 1, p->model->base_year);
    return isfinite(level) && isfinite(base) ? level / base : 1;
}

/* Money in a quotation's unit, "CNY/kg" -> USD/t of the base year, without tax. */
static double money_factor(const probes *p, probe *b, const char *view, const char *region)
{
    const char *slash = strchr(b->seen.unit, '/');
    char currency[16] = "";
    size_t length = slash ? (size_t)(slash - b->seen.unit) : 0;
    if (length == 0 || length >= sizeof currency) {
        b->why = "its unit is no price";
        return NAN;
    }
    memcpy(currency, b->seen.unit, length);
    int32_t year = calendar_year((b->first + b->last) / 2);
    double factor = text_equal(slash + 1, "kg") ? 1000 : text_equal(slash + 1, "t") ? 1 : NAN;
    if (strcmp(currency, "USD") != 0)
        factor /= step_at(p, TABLE_fx, fx_currency, currency, fx_year, fx_facts, 1, year);
    if (text_equal(view, "inside_taxed")) {
        double tax = step_at(p, TABLE_tax, tax_region, region, tax_from, tax_facts, 12, year);
        factor /= isfinite(tax) ? 1 + tax : 1;
    }
    factor /= price_level(p, year);
    if (!isfinite(factor))
        b->why = "no exchange rate or unknown unit";
    return factor;
}

/* --------------------------------------------------------------------------------- prices */

static const char *id_of_region(const probes *p, int32_t region)
{
    return text_at(p, TABLE_region, region, region_id);
}

static int32_t find_series(const probes *p, const char *variable, const char *region,
                           const char *subject)
{
    for (int32_t i = 0; i < p->layout->series; i++) {
        const store_series_key *k = &p->layout->series_key[i];
        if (text_equal(k->variable, variable) && text_equal(k->commodity, subject) &&
            text_equal(k->region, region))
            return i;
    }
    return YT_NONE;
}

/* Which series a quotation is held against; NULL: none. */
static const char *price_variable(const probes *p, const char *view, int32_t region)
{
    bool is_border = region == YT_NONE || region == p->exporter;
    if (text_equal(view, "inside") || text_equal(view, "inside_taxed"))
        return "price";
    if (text_equal(view, "import"))
        return region == YT_NONE ? "price_export" : "price_import";
    if (text_equal(view, "outside"))
        return is_border ? "price_export" : "price";
    return text_equal(view, "world") ? "price_export" : NULL;
}

static void watch_surplus(probes *p, probe *b, const char *region, const char *commodity)
{
    int32_t made = find_series(p, "output", region, commodity);
    int32_t gone = find_series(p, "disposed", region, commodity);
    b->is_flagged_surplus = true;
    b->limit = SURPLUS;
    if (made == YT_NONE || gone == YT_NONE)
        return;
    add_term(p, &b->part, FROM_SERIES, gone, 1);
    add_term(p, &b->whole, FROM_SERIES, made, 1);
}

static void compile_price(probes *p, probe *b, const char *view)
{
    b->kind = PROBE_PRICE;
    b->unit = "USD/t";
    b->is_mean = true;
    b->variable = price_variable(p, view, b->region);
    int32_t region = b->region == YT_NONE ? p->exporter : b->region;
    if (b->commodity == YT_NONE || !b->variable || region == YT_NONE) {
        b->why = b->variable ? "the product is not a commodity of the case"
                             : "the place is not a market of the case";
        return;
    }
    const char *commodity = text_at(p, TABLE_commodity, b->commodity, commodity_id);
    b->region = region;
    double factor = money_factor(p, b, view, id_of_region(p, region));
    int32_t series = find_series(p, b->variable, id_of_region(p, region), commodity);
    if (series == YT_NONE) { /* no such border or import price: the market's own */
        b->variable = "price";
        series = find_series(p, "price", id_of_region(p, region), commodity);
    }
    b->low = b->seen.low * factor;
    b->high = b->seen.high * factor;
    if (series == YT_NONE)
        b->why = "the case has no such market";
    if (b->why)
        return;
    add_term(p, &b->top, FROM_SERIES, series, 1);
    watch_surplus(p, b, id_of_region(p, region), commodity);
}

/* ------------------------------------------------------------------------------- plants */

/* Shares and amounts of official records leave out owners who report to nobody. */
static bool is_on_record(const network_plant *plant)
{
    return plant->owner != OWNER_INFORMAL;
}

static bool is_there(const probes *p, const network_plant *plant, int32_t region,
                     const char *country)
{
    return (region == YT_NONE || plant->region == region) &&
           (!country ||
            text_equal(country, text_at(p, TABLE_facility, plant->facility, facility_country)));
}

static bool is_country(const probes *p, const char *word)
{
    for (int32_t i = 0; i < p->net->plants; i++)
        if (p->net->extracts[p->net->plant[i].stage] &&
            is_there(p, &p->net->plant[i], YT_NONE, word))
            return true;
    return false;
}

static bool is_whole(const probes *p, const char *word, int32_t region)
{
    return region != YT_NONE &&
           words_whole(word, id_of_region(p, region), text_at(p, TABLE_region, region, region_name),
                       text_at(p, TABLE_region, region, region_members));
}

static void add_mines(probes *p, probe_sum *sum, term_from from, int32_t region,
                      const char *country)
{
    for (int32_t i = 0; i < p->net->plants; i++) {
        const network_plant *plant = &p->net->plant[i];
        if (p->net->extracts[plant->stage] && is_on_record(plant) &&
            is_there(p, plant, region, country))
            add_term(p, sum, from, i, 1);
    }
}

/* A country of its own, or a part of a region in which the case has mines of that country. */
static void compile_mined(probes *p, probe *b, const char *view)
{
    const char *country = NULL;
    b->variable = "mined";
    if (text_equal(view, "world")) {
        b->region = YT_NONE;
    } else if (!is_whole(p, b->seen.place, b->region)) {
        country = b->seen.place;
        if (b->region == YT_NONE || !is_country(p, country)) {
            b->why = "no mine of the case is there";
            return;
        }
    }
    b->limit = AT_CAPACITY;
    add_mines(p, &b->top, FROM_WORK, b->region, country);
    add_mines(p, &b->part, FROM_WORK, b->region, country);
    add_mines(p, &b->whole, FROM_CAPACITY, b->region, country);
}

/* Tonnes of an element group's content in a tonne of what a recipe makes. */
static double content_of_recipe(const probes *p, int32_t recipe, const bool *is_named)
{
    double sum = 0;
    for (int32_t i = 0; i < rows_of(p, TABLE_recipe_flow); i++) {
        double made =
            model_at(p->model, TABLE_recipe_flow, i, recipe_flow_facts + FACT_VALUE)->number;
        int32_t commodity = id_at(p, TABLE_recipe_flow, i, recipe_flow_commodity);
        if (id_at(p, TABLE_recipe_flow, i, recipe_flow_recipe) != recipe || !(made > 0))
            continue;
        for (int32_t e = 0; e < p->net->elements.count; e++)
            if (is_named[e])
                sum += made * p->net->content[commodity * p->net->elements.count + e];
    }
    return sum;
}

/* Weight of a tonne of a mine's work: its content of the elements.  A facility with several
 * recipes counts their mean. */
static double content_of(const probes *p, const network_plant *plant, const bool *is_named)
{
    const char *named = text_at(p, TABLE_facility, plant->facility, facility_recipe);
    double sum = 0;
    int32_t n = 0;
    for (int32_t r = 0; r < rows_of(p, TABLE_recipe); r++)
        if (text_equal(named, text_at(p, TABLE_recipe, r, recipe_id)) ||
            text_equal(named, text_at(p, TABLE_recipe, r, recipe_family))) {
            sum += content_of_recipe(p, r, is_named);
            n++;
        }
    return n ? sum / n : 0;
}

/* Which elements the words name; how many. */
static int32_t name_elements(const probes *p, const char *text, bool *is_named)
{
    int32_t n = 0;
    for (int32_t e = 0; e < rows_of(p, TABLE_element); e++) {
        const char *name = text_at(p, TABLE_element, e, element_name);
        char word[64];
        size_t length = 0;
        for (; name[length] && length + 1 < sizeof word; length++)
            word[length] = (char)tolower((unsigned char)name[length]);
        word[length] = '\0';
        is_named[e] = length > 2 && words_has(text, word);
        n += is_named[e];
    }
    return n;
}

/* Names of a table into p->name. */
static const char *const *names_of(probes *p, table_id table, int32_t column)
{
    for (int32_t r = 0; r < rows_of(p, table); r++)
        p->name[r] = text_at(p, table, r, column);
    return p->name;
}

static void add_share(probes *p, probe *b, const bool *is_stage, const bool *is_named,
                      int32_t elements)
{
    for (int32_t i = 0; i < p->net->plants && !b->why; i++) {
        const network_plant *plant = &p->net->plant[i];
        bool is_mine = p->net->extracts[plant->stage];
        if (!is_stage[plant->stage] || (is_mine && !is_on_record(plant)))
            continue;
        if (elements && !is_mine) {
            b->why = "what a tonne of the stage's work holds differs from plant to plant";
            return;
        }
        double weight = elements ? content_of(p, plant, is_named) : 1;
        if (plant->region == b->region)
            add_term(p, &b->top, FROM_WORK, i, weight);
    }
    for (int32_t i = 0; i < p->net->plants && !b->why; i++) {
        const network_plant *plant = &p->net->plant[i];
        if (is_stage[plant->stage] && !(p->net->extracts[plant->stage] && !is_on_record(plant)))
            add_term(p, &b->bottom, FROM_WORK, i, elements ? content_of(p, plant, is_named) : 1);
    }
}

static void watch_capacity(probes *p, probe *b, const bool *is_stage)
{
    for (int pass = 0; pass < 2; pass++)
        for (int32_t i = 0; i < p->net->plants; i++)
            if (is_stage[p->net->plant[i].stage])
                add_term(p, pass ? &b->whole : &b->part, pass ? FROM_CAPACITY : FROM_WORK, i, 1);
    b->limit = AT_CAPACITY;
}

/* Share of a region in the stage a product's words name, percent. */
static void compile_share(probes *p, probe *b)
{
    bool *is_named = arena_array(p->memory, (size_t)p->net->elements.count + 1, sizeof *is_named);
    b->kind = PROBE_SHARE;
    b->variable = "share";
    b->scale = 100;
    if (!is_named || !is_whole(p, b->seen.place, b->region)) {
        b->why = "the place is only part of a region, or several";
        return;
    }
    int32_t elements = name_elements(p, b->seen.product, is_named);
    if (!words_choose(names_of(p, TABLE_stage, stage_name), rows_of(p, TABLE_stage),
                      b->seen.product, false, p->chosen) ||
        (elements == 0 && words_has(b->seen.product, " and "))) {
        b->why = "the product's words name no stage, or several";
        return;
    }
    add_share(p, b, p->chosen, is_named, elements);
    if (!b->why)
        watch_capacity(p, b, p->chosen);
}

/* ---------------------------------------------------------------------------------- trade */

/* Tonnes of permit a tonne takes under an export permit of the region: product weight over what
 * the commodity is counted in.  1 where no permit says; 0 outside the scope of all permits. */
static double weight_in_scope(const probes *p, int32_t region, int32_t commodity)
{
    bool any = false;
    for (int32_t r = 0; r < rows_of(p, TABLE_permit_scope); r++) {
        int32_t permit = id_at(p, TABLE_permit_scope, r, permit_scope_permit);
        int32_t named = id_at(p, TABLE_permit_scope, r, permit_scope_commodity);
        int32_t group = id_at(p, TABLE_permit_scope, r, permit_scope_group);
        if (!is_word(p, TABLE_permit, permit, permit_kind, "export") ||
            id_at(p, TABLE_permit, permit, permit_region) != region ||
            (named == YT_NONE && group == YT_NONE))
            continue;
        any = true;
        double weight =
            model_at(p->model, TABLE_permit_scope, r, permit_scope_facts + FACT_VALUE)->number;
        if (named == YT_NONE ? p->net->group_of[commodity] == group : named == commodity)
            return isfinite(weight) ? weight : 1;
    }
    return any ? 0 : 1;
}

/* Is the id one of "a;b;c"? */
static bool is_listed(const char *list, const char *id)
{
    size_t n = strlen(id);
    for (const char *at = list; at && *at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
        if (strncmp(at, id, n) == 0 && (at[n] == ';' || at[n] == '\0'))
            return true;
    return false;
}

/* Kinds of commodity that a product's words cover; false: cannot be told. */
static bool choose_groups(probes *p, const probe *b, bool *groups)
{
    const char *product = b->seen.product;
    int32_t known = model_find(p->model, TABLE_product_name, product);
    const char *list =
        known == YT_NONE ? "" : text_at(p, TABLE_product_name, known, product_name_groups);
    int32_t n = rows_of(p, TABLE_group);
    memset(groups, 0, (size_t)n * sizeof *groups);
    if (b->commodity != YT_NONE) {
        groups[p->net->group_of[b->commodity]] = true;
        return true;
    }
    if (*list) {
        for (int32_t g = 0; g < n; g++)
            groups[g] = is_listed(list, text_at(p, TABLE_group, g, group_id));
        return true;
    }
    return !strpbrk(product, ",;+") && !words_has(product, " and ") &&
           words_choose(names_of(p, TABLE_group, group_name), n, product, true, groups);
}

static bool is_all(const char *product)
{
    return text_equal(product, "all") || text_starts_with(product, "all ");
}

/* Weight of each commodity in a trade record: the kinds the product's words cover, or, for
 * "all ...", what export permits of the exporter cover.  Customs weigh the product; export permits
 * say what a tonne of it weighs.  False: cannot be told. */
static bool choose_goods(probes *p, const probe *b)
{
    const char *product = b->seen.product;
    bool is_oxide = words_has(b->seen.unit, "reo"); /* contained, not product weight */
    bool every = is_all(product);
    if (!every && !choose_groups(p, b, p->chosen))
        return false;
    for (int32_t c = 0; c < rows_of(p, TABLE_commodity); c++) {
        double scope = weight_in_scope(p, p->exporter, c);
        double weight = is_oxide || scope <= 0 ? 1 : scope;
        p->weight[c] = every ? scope : p->chosen[p->net->group_of[c]] ? weight : 0;
    }
    return true;
}

typedef enum lanes_kind { LANES_OPEN, LANES_HIDDEN, LANES_BOTH } lanes_kind;

/* Shipments from `origin` (YT_NONE: all others) to `destination` (YT_NONE: all others), t.  What
 * left without a permit is in no record of the origin; the buyer's customs see it arrive. */
static void add_shipped(probes *p, probe_sum *sum, int32_t origin, int32_t destination,
                        lanes_kind kind)
{
    for (int32_t a = 0; a < p->net->lanes; a++) {
        const network_lane *lane = &p->net->lane[a];
        bool is_hidden = lane->kind == ARC_ILLEGAL;
        if ((kind != LANES_BOTH && is_hidden != (kind == LANES_HIDDEN)) ||
            lane->destination == lane->origin || p->weight[lane->commodity] == 0 ||
            (origin != YT_NONE && lane->origin != origin) ||
            (destination != YT_NONE && lane->destination != destination))
            continue;
        add_term(p, sum, FROM_LANE, a, p->weight[lane->commodity]);
    }
}

/* A place word and the region it means; false: unknown, or only a part of one. */
static bool find_end(const probes *p, const char *word, bool world_too, int32_t *region)
{
    int32_t found = model_find(p->model, TABLE_place_name, word);
    if (found == YT_NONE)
        return false;
    *region = id_at(p, TABLE_place_name, found, place_name_region);
    return (world_too && is_word(p, TABLE_place_name, found, place_name_view, "world")) ||
           is_whole(p, word, *region);
}

/* "X to Y" and "Y from X": both ends.  Otherwise the place is `near` and the other end open. */
static bool both_ends(const probes *p, const char *text, int32_t *origin, int32_t *destination,
                      int32_t *near)
{
    const char *to = strstr(text, " to "), *from = strstr(text, " from ");
    const char *cut = to ? to : from;
    char word[128];
    if (!cut)
        return find_end(p, text, true, near);
    if ((size_t)(cut - text) >= sizeof word)
        return false;
    memcpy(word, text, (size_t)(cut - text));
    word[cut - text] = '\0';
    return to ? find_end(p, word, false, origin) && find_end(p, to + 4, true, destination)
              : find_end(p, word, true, destination) && find_end(p, from + 6, false, origin);
}

static void compile_trade(probes *p, probe *b)
{
    const char *series = b->seen.series;
    bool is_import = words_has(series, "import"), is_hidden = words_has(series, "unrecorded");
    bool is_percent = text_equal(b->seen.unit, "%");
    int32_t origin = YT_NONE, destination = YT_NONE;
    lanes_kind kind = is_import ? LANES_BOTH : is_hidden ? LANES_HIDDEN : LANES_OPEN;
    b->variable = is_import ? "import" : "export";
    if (!both_ends(p, b->seen.place, &origin, &destination, is_import ? &destination : &origin)) {
        b->why = "the place is only part of a region, or several";
        return;
    }
    if (words_has(series, "imports_from"))
        origin = p->exporter;
    if (!is_import && origin == YT_NONE)
        b->why = "the origin is unknown";
    else if (is_percent && (origin == YT_NONE || (!is_import && destination == YT_NONE)))
        b->why = "the other end is unknown";
    else if (!choose_goods(p, b))
        b->why = "the product is not a kind of commodity of the case";
    if (b->why)
        return;
    add_shipped(p, &b->top, origin, destination, kind);
    if (!is_percent)
        return;
    b->kind = PROBE_SHARE;
    b->scale = 100;
    add_shipped(p, &b->bottom, is_import ? YT_NONE : origin, is_import ? destination : YT_NONE,
                kind);
}

/* -------------------------------------------------------------------------------- permits */

static void add_permit(probes *p, probe *b, const char *variable, int32_t permit)
{
    const char *id = text_at(p, TABLE_permit, permit, permit_id);
    for (int32_t i = 0; i < p->layout->series; i++) {
        const store_series_key *k = &p->layout->series_key[i];
        if (text_equal(k->variable, variable) && text_equal(k->commodity, id))
            add_term(p, &b->top, FROM_SERIES, i, 1);
    }
}

/* Permits of a region whose kind or name begins like the series ("export_quota") and whose name
 * fits the product's words; "all ..." names all of them.  quota_use: tonnes used over issued. */
static void compile_quota(probes *p, probe *b)
{
    char word[64];
    const char *series = b->seen.series, *end = strchr(series, '_');
    size_t length = end ? (size_t)(end - series) : strlen(series);
    int32_t n = rows_of(p, TABLE_permit);
    b->variable = "permit_issued";
    b->is_input = true;
    if (length >= sizeof word || !is_whole(p, b->seen.place, b->region)) {
        b->why = "no such permit in the case then";
        return;
    }
    memcpy(word, series, length);
    word[length] = '\0';
    for (int32_t r = 0; r < n; r++) {
        const char *kind = text_at(p, TABLE_permit, r, permit_kind);
        const char *name = text_at(p, TABLE_permit, r, permit_name);
        p->chosen[r] = id_at(p, TABLE_permit, r, permit_region) == b->region &&
                       !text_equal(kind, "illegal") &&
                       (text_equal(kind, word) || words_has(name, word));
        p->name[r] = p->chosen[r] ? name : "";
    }
    if (!is_all(b->seen.product) && !words_choose(p->name, n, b->seen.product, false, p->chosen)) {
        b->why = "no such permit in the case then";
        return;
    }
    for (int32_t r = 0; r < n; r++)
        if (p->chosen[r])
            add_permit(p, b, "permit_issued", r);
}

/* Permits used over issued in the months, percent: of all export permits of the place. */
static void compile_quota_use(probes *p, probe *b)
{
    b->kind = PROBE_SHARE;
    b->variable = "permit_used";
    b->scale = 100;
    for (int pass = 0; pass < 2; pass++)
        for (int32_t r = 0; r < rows_of(p, TABLE_permit); r++)
            for (int32_t i = 0; i < p->layout->series; i++) {
                const store_series_key *k = &p->layout->series_key[i];
                if (is_word(p, TABLE_permit, r, permit_kind, "export") &&
                    id_at(p, TABLE_permit, r, permit_region) == b->region &&
                    text_equal(k->commodity, text_at(p, TABLE_permit, r, permit_id)) &&
                    text_equal(k->variable, pass ? "permit_issued" : "permit_used"))
                    add_term(p, pass ? &b->bottom : &b->top, FROM_SERIES, i, 1);
            }
}

static void compile_rent(probes *p, probe *b, const char *view)
{
    b->kind = PROBE_RENT;
    b->variable = "permit_price";
    b->unit = "USD/t";
    b->is_mean = true;
    if (b->region == YT_NONE) {
        b->why = "the place is unknown";
        return;
    }
    double factor = money_factor(p, b, view, id_of_region(p, b->region));
    b->low = b->seen.low * factor;
    b->high = b->seen.high * factor;
    for (int32_t r = 0; r < rows_of(p, TABLE_permit); r++)
        if (id_at(p, TABLE_permit, r, permit_region) == b->region &&
            is_word(p, TABLE_permit, r, permit_kind, "export"))
            add_permit(p, b, "permit_price", r);
}

/* -------------------------------------------------------------------------------- use */

/* t of the elements in a tonne of a commodity. */
static double content_named(const probes *p, int32_t commodity, const bool *is_named)
{
    double sum = 0;
    for (int32_t e = 0; e < p->net->elements.count; e++)
        if (is_named[e])
            sum += p->net->content[commodity * p->net->elements.count + e];
    return sum;
}

/* Elements in the goods that end uses buy, in a region or the world. */
static void add_uses(probes *p, probe_sum *sum, term_from from, int32_t region,
                     const bool *is_named)
{
    for (int32_t u = 0; u < p->layout->uses; u++) {
        const store_use_key *k = &p->layout->use_key[u];
        int32_t commodity = model_find(p->model, TABLE_commodity, k->commodity);
        if (commodity == YT_NONE ||
            (region != YT_NONE && !text_equal(k->region, id_of_region(p, region))))
            continue;
        double content = content_named(p, commodity, is_named);
        if (content > 0)
            add_term(p, sum, from, u, content);
    }
}

/* demand: t bought; unserved: percent of the critical use, which is served first. */
static void compile_use(probes *p, probe *b, const char *view)
{
    bool *is_named = arena_array(p->memory, (size_t)p->net->elements.count + 1, sizeof *is_named);
    bool is_world = text_equal(view, "world"), is_demand = text_equal(b->seen.series, "demand");
    b->variable = is_demand ? "use" : "unserved";
    if (!is_named || name_elements(p, b->seen.product, is_named) == 0)
        b->why = "the product's words name no element";
    else if (!is_world && !is_whole(p, b->seen.place, b->region))
        b->why = "the place is only part of a region, or several";
    if (b->why)
        return;
    int32_t region = is_world ? YT_NONE : b->region;
    add_uses(p, &b->top, is_demand ? FROM_SERVED : FROM_UNSERVED, region, is_named);
    if (is_demand)
        return;
    b->kind = PROBE_SHARE;
    b->scale = 100;
    add_uses(p, &b->bottom, FROM_CRITICAL, region, is_named);
}

/* ------------------------------------------------------------------------------- all rows */

static void compile_quantity(probes *p, probe *b, const char *view)
{
    const char *series = b->seen.series;
    b->unit = b->seen.unit;
    bool is_mass = text_starts_with(b->unit, "t") && !strchr(b->unit, '/');
    bool is_percent = text_equal(b->unit, "%");
    bool is_trade = (words_has(series, "import") || words_has(series, "export")) &&
                    !words_has(series, "reliance");
    if (words_has(series, "rent"))
        compile_rent(p, b, view);
    else if (is_percent && text_equal(series, "quota_use"))
        compile_quota_use(p, b);
    else if (is_mass && words_has(series, "quota"))
        compile_quota(p, b);
    else if ((is_mass || is_percent) && is_trade)
        compile_trade(p, b);
    else if (is_percent && words_has(series, "share"))
        compile_share(p, b);
    else if ((is_mass && text_equal(series, "demand")) ||
             (is_percent && text_equal(series, "unserved")))
        compile_use(p, b, view);
    else if (is_mass && words_has(series, "mine_production"))
        compile_mined(p, b, view);
    else
        b->why = "the model has no such series";
}

/* The last row of period_role that fits says what a stretch of a series was used for. */
static void find_role(const probes *p, probe *b)
{
    for (int32_t r = 0; r < rows_of(p, TABLE_period_role); r++) {
        if (!text_equal(text_at(p, TABLE_period_role, r, period_role_series), b->seen.series) ||
            id_at(p, TABLE_period_role, r, period_role_from) > b->first ||
            id_at(p, TABLE_period_role, r, period_role_to) < b->last)
            continue;
        b->is_calibration = is_word(p, TABLE_period_role, r, period_role_role, "calibration");
        b->tolerance = model_at(p->model, TABLE_period_role, r, period_role_tolerance)->number;
    }
}

static void compile(probes *p, probe *b)
{
    int32_t product = model_find(p->model, TABLE_product_name, b->seen.product);
    int32_t word = model_find(p->model, TABLE_place_name, b->seen.place);
    const char *view =
        word == YT_NONE ? "none" : text_at(p, TABLE_place_name, word, place_name_view);
    if (product != YT_NONE)
        b->commodity = id_at(p, TABLE_product_name, product, product_name_commodity);
    if (word != YT_NONE)
        b->region = id_at(p, TABLE_place_name, word, place_name_region);
    if (!model_period_parse(b->seen.period, &b->first, &b->last)) {
        b->why = "its period is not a date";
        return;
    }
    if (text_equal(b->seen.freq, "E")) /* the year's last month */
        b->first = b->last;
    if (b->first < p->model->start || b->last > p->model->end) {
        b->why = "outside the simulated months";
        return;
    }
    find_role(p, b);
    if (text_equal(b->seen.series, "price"))
        compile_price(p, b, view);
    else
        compile_quantity(p, b, view);
    if (!b->why && b->top.count == 0)
        b->why = "the case has nothing of the kind";
}

static int32_t append(probes *p, const probe *b)
{
    if (p->count == p->room) {
        int32_t room = p->room ? 2 * p->room : 256;
        probe *grown = realloc(p->probe, (size_t)room * sizeof *grown);
        p->is_short = p->is_short || !grown;
        if (grown) {
            p->probe = grown;
            p->room = room;
        }
    }
    if (p->is_short)
        return YT_NONE;
    p->probe[p->count] = *b;
    return p->count++;
}

static probe empty_probe(void)
{
    return (probe){.kind = PROBE_QUANTITY,
                   .variable = "",
                   .unit = "",
                   .region = YT_NONE,
                   .commodity = YT_NONE,
                   .first = 0,
                   .last = -1,
                   .scale = 1,
                   .tolerance = NAN};
}

int32_t probes_add(probes *p, const probe_row *row)
{
    probe b = empty_probe();
    b.seen = *row;
    b.low = row->low;
    b.high = isfinite(row->high) ? row->high : row->low;
    b.seen.high = b.high;
    compile(p, &b);
    return append(p, &b);
}

int32_t probes_add_paid(probes *p, int32_t price)
{
    probe b = p->probe[price];
    if (b.kind != PROBE_PRICE && !b.why)
        b.why = "no price";
    if (b.why)
        return append(p, &b);
    const char *commodity = text_at(p, TABLE_commodity, b.commodity, commodity_id);
    bool is_border = text_equal(b.variable, "price_export");
    b.top = b.bottom = (probe_sum){0};
    b.variable = "price_paid";
    b.is_mean = !is_border;
    for (int32_t pass = 0; is_border && pass < 2; pass++)
        for (int32_t a = 0; a < p->net->lanes; a++)
            if (p->net->lane[a].origin == b.region && p->net->lane[a].kind == ARC_OPEN &&
                p->net->lane[a].commodity == b.commodity && p->net->lane[a].destination != b.region)
                add_term(p, pass ? &b.bottom : &b.top, pass ? FROM_LANE : FROM_LANE_VALUE, a, 1);
    int32_t series = find_series(p, "price_paid", id_of_region(p, b.region), commodity);
    if (!is_border && series != YT_NONE)
        add_term(p, &b.top, FROM_SERIES, series, 1);
    if (b.top.count == 0)
        b.why = "the case has nothing of the kind";
    return append(p, &b);
}

int32_t probes_add_stage(probes *p, int32_t stage, int32_t at, bool is_capacity, int32_t first,
                         int32_t last)
{
    probe b = empty_probe();
    b.first = first;
    b.last = last;
    b.is_mean = true;
    b.unit = "t/month";
    b.variable = is_capacity ? "capacity" : "output";
    for (int32_t i = 0; i < p->net->plants; i++) {
        const network_plant *plant = &p->net->plant[i];
        if (plant->stage == stage &&
            (at == YT_NONE ? plant->region != p->net->incumbent : plant->region == at))
            add_term(p, &b.top, is_capacity ? FROM_CAPACITY : FROM_WORK, i, 1);
    }
    return append(p, &b);
}

int32_t probes_last_month(const probes *p)
{
    int32_t last = YT_NONE;
    for (int32_t i = 0; i < p->count; i++)
        if (!p->probe[i].why && p->probe[i].last > last)
            last = p->probe[i].last;
    return last;
}

/* --------------------------------------------------------------------------------- months */

static double critical_use(const probes *p, int32_t use, const store_month *m)
{
    return p->layout->use_key[use].share_critical * m->use_wanted[use];
}

static double number_of(const probes *p, const term *t, const store_month *m)
{
    switch (t->from) {
    case FROM_SERIES:
        return m->series[t->at];
    case FROM_LANE:
        return m->arc_tonnes[t->at];
    case FROM_LANE_VALUE:
        return m->arc_tonnes[t->at] * m->arc_cif[t->at];
    case FROM_WORK:
        return m->facility_output[t->at];
    case FROM_SERVED:
        return m->use_served[t->at];
    case FROM_CRITICAL:
        return critical_use(p, t->at, m);
    case FROM_UNSERVED:
        return fmax(0, critical_use(p, t->at, m) - m->use_served[t->at]);
    default:
        return m->facility_capacity[t->at];
    }
}

/* Sum of the terms that have a number; NAN: none has. */
static double add_up(const probes *p, const probe_sum *sum, const store_month *m)
{
    double total = NAN;
    for (int32_t i = sum->first; i < sum->first + sum->count; i++) {
        const term *t = &p->term[i];
        double number = number_of(p, t, m);
        if (isfinite(number))
            total = (isnan(total) ? 0 : total) + t->weight * number;
    }
    return total;
}

static double or_zero(double number)
{
    return isfinite(number) ? number : 0;
}

void probes_month(const probes *p, const store_month *month, probe_tally tally[])
{
    for (int32_t i = 0; i < p->count; i++) {
        const probe *b = &p->probe[i];
        if (b->why || month->month < b->first || month->month > b->last)
            continue;
        double top = add_up(p, &b->top, month);
        tally[i].top += or_zero(top);
        tally[i].months += isfinite(top);
        tally[i].bottom += or_zero(add_up(p, &b->bottom, month));
        tally[i].part += or_zero(add_up(p, &b->part, month));
        tally[i].whole += or_zero(add_up(p, &b->whole, month));
    }
}

double probes_value(const probes *p, int32_t i, const probe_tally tally[], int32_t done)
{
    const probe *b = &p->probe[i];
    const probe_tally *t = &tally[i];
    if (b->why || b->last >= done || (b->is_input && !(t->top > 0)))
        return NAN;
    if (b->is_mean)
        return t->months > 0 ? b->scale * t->top / t->months : NAN;
    if (b->bottom.count > 0)
        return t->bottom > 0 ? b->scale * t->top / t->bottom : NAN;
    return b->scale * t->top;
}

bool probes_is_past(const probes *p, int32_t i, const probe_tally tally[])
{
    const probe *b = &p->probe[i];
    return tally[i].whole > 0 && tally[i].part >= b->limit * tally[i].whole;
}
