/* check_entities.c - what rows of different tables, or several rows of one, say against each
 * other: plants and their recipes, demand by year, permits, lanes, price levels.
 */
#include "model/inside.h"

#include "base/calendar.h"
#include "model/rules.h"

#include <stdlib.h>
#include <string.h>

#define SHARE_TOLERANCE 1e-9
#define BASKET_MOST 1.5      /* t of commodity per t of use beyond which a basket looks wrong */
#define LEVEL_TOLERANCE 5e-3 /* of the price level of the base year */

static int32_t rows_of(const loader *l, table_id table)
{
    return l->model->table[table].rows;
}

static const model_cell *at(const loader *l, table_id table, int32_t row, int32_t column)
{
    return rows_cell(l, table, row, column);
}

static const char *key_of(const loader *l, table_id table, int32_t row)
{
    return at(l, table, row, l->schema->table[table].key)->text;
}

/* ------------------------------------------------------------------------------- groups */

/* A rule that names a commodity and a group that it is not in applies to nothing. */
static void check_groups(loader *l, table_id table)
{
    const schema_table *t = &l->schema->table[table];
    if (t->commodity == YT_NONE || t->group == YT_NONE || table == TABLE_commodity)
        return;
    for (int32_t r = 0; r < rows_of(l, table); r++) {
        const model_cell *commodity = at(l, table, r, t->commodity);
        const model_cell *group = at(l, table, r, t->group);
        if (commodity->id == YT_NONE || group->id == YT_NONE)
            continue;
        const model_cell *right = at(l, TABLE_commodity, commodity->id, commodity_group);
        if (right->id != group->id && right->id != YT_NONE)
            log_error(l->log, YT_EDATA, commodity->at,
                      "'%s' is of group '%s', not '%s': the row applies to nothing",
                      commodity->text, right->text, group->text);
    }
}

/* ------------------------------------------------------------------------------- plants */

/* Recipes and families by name, and the stages they belong to. */
typedef struct recipe_names {
    map *name; /* to one of its recipes               */
    map *pair; /* "stage name": the name fits the stage */
} recipe_names;

static bool add_name(loader *l, recipe_names *n, const char *name, int32_t recipe)
{
    if (!*name)
        return true;
    char *pair =
        arena_printf(l->scratch, "%d %s", at(l, TABLE_recipe, recipe, recipe_stage)->id, name);
    if (pair && map_put(n->name, name, recipe) >= 0 && map_put(n->pair, pair, recipe) >= 0)
        return true;
    l->is_out_of_memory = true;
    return false;
}

static bool read_recipe_names(loader *l, recipe_names *n)
{
    n->name = scratch_map(l);
    n->pair = scratch_map(l);
    bool is_good = n->name && n->pair;
    for (int32_t r = 0; is_good && r < rows_of(l, TABLE_recipe); r++)
        is_good = add_name(l, n, at(l, TABLE_recipe, r, recipe_id)->text, r) &&
                  add_name(l, n, at(l, TABLE_recipe, r, recipe_family)->text, r);
    return is_good;
}

static const char *hint_recipe(loader *l, const char *word)
{
    int32_t n = rows_of(l, TABLE_recipe);
    const char **words = scratch_array(l, 2 * (size_t)n + 1, sizeof *words);
    for (int32_t r = 0; words && r < n; r++) {
        words[r] = at(l, TABLE_recipe, r, recipe_id)->text;
        words[n + r] = at(l, TABLE_recipe, r, recipe_family)->text;
    }
    return words ? hint_nearest(l, word, words, 2 * (size_t)n) : "";
}

static void check_facilities(loader *l)
{
    recipe_names names;
    if (l->is_missing[TABLE_recipe] || !read_recipe_names(l, &names))
        return;
    for (int32_t r = 0; r < rows_of(l, TABLE_facility); r++) {
        const model_cell *recipe = at(l, TABLE_facility, r, facility_recipe);
        int32_t stage = at(l, TABLE_facility, r, facility_stage)->id;
        if (!*recipe->text)
            continue;
        int32_t known = map_get(names.name, recipe->text);
        if (known == YT_NONE) {
            log_error(l->log, YT_ENAME, recipe->at, "there is no recipe or family '%s'%s",
                      recipe->text, hint_recipe(l, recipe->text));
            continue;
        }
        char *pair = arena_printf(l->scratch, "%d %s", stage, recipe->text);
        int32_t other = at(l, TABLE_recipe, known, recipe_stage)->id;
        l->is_out_of_memory = l->is_out_of_memory || !pair;
        if (pair && stage != YT_NONE && other != YT_NONE && map_get(names.pair, pair) == YT_NONE)
            log_error(l->log, YT_EDATA, recipe->at,
                      "recipe '%s' belongs to stage '%s', the facility to '%s'", recipe->text,
                      key_of(l, TABLE_stage, other), key_of(l, TABLE_stage, stage));
    }
}

/* ------------------------------------------------------------------------------- demand */

typedef struct year_of_demand {
    int32_t end_use, region, year, row;
} year_of_demand;

static int by_use_region_year(const void *a, const void *b)
{
    const year_of_demand *x = a, *y = b;
    if (x->end_use != y->end_use)
        return x->end_use < y->end_use ? -1 : 1;
    if (x->region != y->region)
        return x->region < y->region ? -1 : 1;
    if (x->year != y->year)
        return x->year < y->year ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void check_gap(loader *l, const year_of_demand *before, const year_of_demand *after)
{
    if (before->end_use != after->end_use || before->region != after->region ||
        after->year <= before->year + 1)
        return;
    const char *use = key_of(l, TABLE_end_use, after->end_use);
    const char *region = key_of(l, TABLE_region, after->region);
    const model_cell *cell = at(l, TABLE_demand, after->row, demand_year);
    if (after->year == before->year + 2)
        log_error(l->log, YT_EDATA, cell->at, "demand of '%s' in '%s' has no row for %d", use,
                  region, before->year + 1);
    else
        log_error(l->log, YT_EDATA, cell->at, "demand of '%s' in '%s' has no rows for %d to %d",
                  use, region, before->year + 1, after->year - 1);
}

static void check_demand(loader *l)
{
    int32_t n = 0, rows = rows_of(l, TABLE_demand);
    year_of_demand *list = scratch_array(l, (size_t)rows + 1, sizeof *list);
    for (int32_t r = 0; list && r < rows; r++) {
        year_of_demand d = {at(l, TABLE_demand, r, demand_end_use)->id,
                            at(l, TABLE_demand, r, demand_region)->id,
                            at(l, TABLE_demand, r, demand_year)->id, r};
        if (d.end_use != YT_NONE && d.region != YT_NONE && d.year != YT_NONE)
            list[n++] = d;
    }
    if (!list)
        return;
    qsort(list, (size_t)n, sizeof *list, by_use_region_year);
    for (int32_t i = 1; i < n; i++)
        check_gap(l, &list[i - 1], &list[i]);
}

/* A use without a basket, or without demand, does nothing. */
static void check_uses(loader *l)
{
    int32_t n = rows_of(l, TABLE_end_use);
    bool *has_basket = scratch_array(l, (size_t)n + 1, sizeof *has_basket);
    bool *has_demand = scratch_array(l, (size_t)n + 1, sizeof *has_demand);
    if (!has_basket || !has_demand)
        return;
    for (int32_t r = 0; r < rows_of(l, TABLE_basket); r++)
        if (at(l, TABLE_basket, r, basket_end_use)->id != YT_NONE)
            has_basket[at(l, TABLE_basket, r, basket_end_use)->id] = true;
    for (int32_t r = 0; r < rows_of(l, TABLE_demand); r++)
        if (at(l, TABLE_demand, r, demand_end_use)->id != YT_NONE)
            has_demand[at(l, TABLE_demand, r, demand_end_use)->id] = true;
    for (int32_t u = 0; u < n; u++) {
        const model_cell *id = at(l, TABLE_end_use, u, end_use_id);
        if (!has_basket[u] && !l->is_missing[TABLE_basket])
            log_warning(l->log, id->at, "'%s' has no basket: it takes no commodity", id->text);
        if (!has_demand[u] && !l->is_missing[TABLE_demand])
            log_warning(l->log, id->at, "'%s' has no demand in any region", id->text);
    }
}

/* Shares of use by priority: together at most all of it, whenever either changes. */
static void check_priorities(loader *l)
{
    for (int32_t r = 0; r < rows_of(l, TABLE_end_use_fact); r++) {
        const model_cell *row = at(l, TABLE_end_use_fact, r, 0);
        int32_t item = row[end_use_fact_item].id;
        bool is_critical = item == ITEM_end_use_fact_share_critical;
        if (!is_critical && item != ITEM_end_use_fact_share_flexible)
            continue;
        const model_match match[] = {{end_use_fact_end_use, row[end_use_fact_end_use].id},
                                     {end_use_fact_commodity, row[end_use_fact_commodity].id}};
        int32_t month = row[end_use_fact_from].id;
        int32_t other = model_rule(l->model, TABLE_end_use_fact,
                                   is_critical ? ITEM_end_use_fact_share_flexible
                                               : ITEM_end_use_fact_share_critical,
                                   match, 2, month == YT_NONE ? l->model->start : month);
        if (other == YT_NONE)
            continue;
        double sum = row[end_use_fact_facts + FACT_VALUE].number +
                     at(l, TABLE_end_use_fact, other, end_use_fact_facts + FACT_VALUE)->number;
        /* told once, at the later of the two rows */
        int32_t later = other > r ? other : r;
        if (sum > 1 + SHARE_TOLERANCE)
            log_error(l->log, YT_EDATA,
                      at(l, TABLE_end_use_fact, later, end_use_fact_facts + FACT_VALUE)->at,
                      "share_critical and share_flexible of '%s' add up to %s; 1 is the most",
                      row[end_use_fact_end_use].text, show_number(sum).text);
    }
}

/* More than a tonne and a half of commodities in a tonne of use is a slip of units. */
static void check_baskets(loader *l)
{
    map *first = scratch_map(l); /* "use from" to the row where it began */
    int32_t rows = rows_of(l, TABLE_basket);
    double *sum = scratch_array(l, (size_t)rows + 1, sizeof *sum);
    for (int32_t r = 0; first && sum && r < rows; r++) {
        const model_cell *row = at(l, TABLE_basket, r, 0);
        char *name = arena_printf(l->scratch, "%d %d", row[basket_end_use].id, row[basket_from].id);
        if (!name || map_put(first, name, r) < 0) {
            l->is_out_of_memory = true;
            return;
        }
        double *total = &sum[map_get(first, name)], before = *total;
        *total += row[basket_facts + FACT_VALUE].number;
        if (*total > BASKET_MOST && !(before > BASKET_MOST))
            log_warning(l->log, row[basket_facts + FACT_VALUE].at,
                        "the basket of '%s' from %s holds more than %s t of commodities in a tonne",
                        row[basket_end_use].text, row[basket_from].text,
                        show_number(BASKET_MOST).text);
    }
}

/* ------------------------------------------------------------------------------- permits */

typedef struct batch {
    int32_t permit, from, to, row;
} batch;

static int by_permit_and_date(const void *a, const void *b)
{
    const batch *x = a, *y = b;
    if (x->permit != y->permit)
        return x->permit < y->permit ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void check_batches(loader *l)
{
    int32_t n = 0, rows = rows_of(l, TABLE_permit_batch);
    batch *list = scratch_array(l, (size_t)rows + 1, sizeof *list);
    for (int32_t r = 0; list && r < rows; r++) {
        const model_cell *row = at(l, TABLE_permit_batch, r, 0);
        batch b = {row[permit_batch_permit].id, row[permit_batch_from].id, row[permit_batch_to].id,
                   r};
        if (b.permit != YT_NONE && b.from != YT_NONE && b.to != YT_NONE && b.from <= b.to)
            list[n++] = b;
    }
    if (!list)
        return;
    qsort(list, (size_t)n, sizeof *list, by_permit_and_date);
    /* of the earlier batches of a permit the one that lasts longest */
    for (int32_t i = 1, longest = 0; i < n; i++) {
        if (list[i].permit != list[longest].permit) {
            longest = i;
            continue;
        }
        const model_cell *from = at(l, TABLE_permit_batch, list[i].row, permit_batch_from);
        const model_cell *until = at(l, TABLE_permit_batch, list[longest].row, permit_batch_to);
        /* the same `from` twice is told as a row that stands twice */
        if (list[i].from <= list[longest].to && list[i].from > list[longest].from)
            log_error(l->log, YT_EDATA, from->at,
                      "this batch of '%s' begins in %s, before the batch of %s ends in %s",
                      key_of(l, TABLE_permit, list[i].permit), from->text,
                      type_where(l, until->at, from->at), until->text);
        if (list[i].to > list[longest].to)
            longest = i;
    }
}

static void check_scopes(loader *l)
{
    static const int32_t by_maker[] = {permit_scope_recipe, permit_scope_owner_type};
    static const int32_t by_goods[] = {permit_scope_group, permit_scope_commodity};
    int32_t production =
        schema_choice(l->schema->info[TABLE_permit].column[permit_kind].target, "production");
    for (int32_t r = 0; r < rows_of(l, TABLE_permit_scope); r++) {
        const model_cell *row = at(l, TABLE_permit_scope, r, 0);
        int32_t permit = row[permit_scope_permit].id;
        if (permit == YT_NONE || at(l, TABLE_permit, permit, permit_kind)->id == YT_NONE)
            continue;
        bool makes = at(l, TABLE_permit, permit, permit_kind)->id == production;
        const int32_t *wrong = makes ? by_goods : by_maker;
        for (int i = 0; i < 2; i++)
            if (row[wrong[i]].id != YT_NONE)
                log_error(l->log, YT_EDATA, row[wrong[i]].at,
                          "'%s' is a permit %s: this cell must be blank", row[0].text,
                          makes ? "to produce, named by recipe and owner_type"
                                : "to ship, named by group and commodity");
    }
}

/* A permit that covers nothing, or that nobody issues. */
static void check_permits(loader *l)
{
    int32_t n = rows_of(l, TABLE_permit);
    bool *has_scope = scratch_array(l, (size_t)n + 1, sizeof *has_scope);
    bool *is_issued = scratch_array(l, (size_t)n + 1, sizeof *is_issued);
    if (!has_scope || !is_issued)
        return;
    for (int32_t r = 0; r < rows_of(l, TABLE_permit_scope); r++)
        if (at(l, TABLE_permit_scope, r, permit_scope_permit)->id != YT_NONE)
            has_scope[at(l, TABLE_permit_scope, r, permit_scope_permit)->id] = true;
    for (int32_t r = 0; r < rows_of(l, TABLE_permit_batch); r++)
        if (at(l, TABLE_permit_batch, r, permit_batch_permit)->id != YT_NONE)
            is_issued[at(l, TABLE_permit_batch, r, permit_batch_permit)->id] = true;
    for (int32_t r = 0; r < rows_of(l, TABLE_permit_fact); r++)
        if (at(l, TABLE_permit_fact, r, permit_fact_permit)->id != YT_NONE &&
            at(l, TABLE_permit_fact, r, permit_fact_item)->id == ITEM_permit_fact_rate)
            is_issued[at(l, TABLE_permit_fact, r, permit_fact_permit)->id] = true;
    for (int32_t p = 0; p < n; p++) {
        const model_cell *id = at(l, TABLE_permit, p, permit_id);
        if (!has_scope[p])
            log_warning(l->log, id->at, "'%s' has no row in permit_scopes.csv: it covers nothing",
                        id->text);
        if (!is_issued[p])
            log_warning(l->log, id->at, "'%s' has neither batches nor a rate: it is never needed",
                        id->text);
    }
}

/* --------------------------------------------------------------------------------- trade */

/* A way from a place to itself. */
static void check_way(loader *l, table_id table, int32_t origin, int32_t destination)
{
    for (int32_t r = 0; r < rows_of(l, table); r++) {
        const model_cell *from = at(l, table, r, origin), *to = at(l, table, r, destination);
        if (from->id != YT_NONE && from->id == to->id)
            log_error(l->log, YT_EDATA, to->at, "origin and destination are both '%s'", to->text);
    }
}

/* A stock opens where its holder has a cover to aim at. */
static void check_stocks(loader *l)
{
    for (int32_t r = 0; r < rows_of(l, TABLE_stock); r++) {
        const model_cell *row = at(l, TABLE_stock, r, 0);
        int32_t commodity = row[stock_commodity].id;
        if (commodity == YT_NONE || row[stock_holder].id == YT_NONE ||
            row[stock_region].id == YT_NONE)
            continue;
        const model_match match[] = {
            {holder_fact_holder, row[stock_holder].id},
            {holder_fact_group, at(l, TABLE_commodity, commodity, commodity_group)->id},
            {holder_fact_commodity, commodity},
            {holder_fact_region, row[stock_region].id}};
        /* a cover that begins later will do */
        if (model_rule(l->model, TABLE_holder_fact, ITEM_holder_fact_cover, match, 4, INT32_MAX) ==
            YT_NONE)
            log_warning(l->log, row[stock_holder].at,
                        "holder '%s' has no cover for '%s' in '%s': this stock cannot be kept",
                        row[stock_holder].text, row[stock_commodity].text, row[stock_region].text);
    }
}

/* --------------------------------------------------------------------------------- money */

static void check_base_level(loader *l, const model_cell *level)
{
    if (fabs(level->number - 1) > LEVEL_TOLERANCE)
        log_error(l->log, YT_EDATA, level->at,
                  "the price level of the base year %d is %s; it is 1 by definition",
                  l->model->base_year, level->text);
}

/* A level for every year between the first and the base year. */
static void check_deflator(loader *l)
{
    const yt_model *m = l->model;
    if (l->is_missing[TABLE_deflator] || m->start == YT_NONE || m->base_year == YT_NONE)
        return;
    bool has_level[3000] = {false}; /* years end at 2999 */
    for (int32_t r = 0; r < rows_of(l, TABLE_deflator); r++) {
        int32_t year = at(l, TABLE_deflator, r, deflator_year)->id;
        if (year != YT_NONE)
            has_level[year] = true;
        if (year == m->base_year)
            check_base_level(l, at(l, TABLE_deflator, r, deflator_facts + FACT_VALUE));
    }
    int32_t start = calendar_year(m->start);
    int32_t from = start < m->base_year ? start : m->base_year;
    int32_t to = start < m->base_year ? m->base_year : start, absent = 0, first = 0;
    for (int32_t year = to; year >= from; year--)
        if (!has_level[year]) {
            first = year;
            absent++;
        }
    if (absent > 0)
        log_warning(l->log, place_at(m->table[TABLE_deflator].file, 0, 0),
                    "%d of the years %d to %d have no price level, %d the first of them: their "
                    "money cannot be shown",
                    absent, from, to, first);
}

void check_entities(loader *l)
{
    for (int i = 0; i < TABLE_COUNT; i++)
        check_groups(l, (table_id)i);
    check_facilities(l);
    check_demand(l);
    check_uses(l);
    check_priorities(l);
    check_baskets(l);
    check_batches(l);
    check_scopes(l);
    check_permits(l);
    check_way(l, TABLE_lane, lane_origin, lane_destination);
    check_way(l, TABLE_trade_cost, trade_cost_origin, trade_cost_destination);
    check_way(l, TABLE_licence, licence_origin, licence_destination);
    check_stocks(l);
    check_deflator(l);
}
