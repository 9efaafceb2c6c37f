/* draws.c - what differs from world to world: one draw for each uncertain number of the case.
 *
 * A row whose low and high are apart is drawn; rows that differ in their dates only are one
 * number over time and share their draw, each with its own spread.  Demand of an end use in
 * different regions goes together.  Rules: docs/data.md, "Distributions".
 */
#include "base/hash.h"
#include "base/sobol.h"
#include "base/text.h"
#include "network/build.h"

#include <math.h>
#include <string.h>

static const model_cell *fact_of(const builder *b, build_row at, int32_t fact)
{
    return model_at(b->model, at.table, at.row, model_table_describe(at.table).facts + fact);
}

static bool is_uncertain(const builder *b, build_row at)
{
    const model_cell *low = fact_of(b, at, FACT_LOW), *high = fact_of(b, at, FACT_HIGH);
    return low->number < high->number; /* false of a blank one, which is NAN */
}

/* Columns that say when, not what. */
static bool is_date(const char *column)
{
    return text_equal(column, "from") || text_equal(column, "to") || text_equal(column, "year") ||
           text_equal(column, "month");
}

/* table[key].value without dates: the columns that name the row, "blank" where one is blank,
 * nothing after the last that matters. */
static const char *name_of(builder *b, build_row at, int32_t columns)
{
    int32_t unique[MODEL_UNIQUE_MAX], n = model_unique(at.table, unique);
    char *key = arena_strdup(b->net->memory, "");
    int32_t blanks = 0;
    bool has_some = false;
    model_table_info info = model_table_describe(at.table);
    for (int32_t i = 0; key && i < n && i < columns; i++) {
        if (is_date(info.column[unique[i]].name))
            continue;
        const char *text = model_at(b->model, at.table, at.row, unique[i])->text;
        if (!*text) {
            blanks++;
            continue;
        }
        for (; key && blanks > 0; blanks--, has_some = true)
            key = arena_printf(b->net->memory, "%s%sblank", key, has_some ? "," : "");
        key = key ? arena_printf(b->net->memory, "%s%s%s", key, has_some ? "," : "", text) : NULL;
        has_some = true;
    }
    const char *name = key ? arena_printf(b->net->memory, "%s[%s].value", info.name, key) : NULL;
    if (!name)
        b->out_of_memory = true;
    return name;
}

/* table.item: draws that a reader would look at together. */
static const char *group_of(builder *b, build_row at)
{
    model_table_info info = model_table_describe(at.table);
    int32_t item = model_column_find(at.table, "item");
    const char *group = item == YT_NONE
                            ? arena_strdup(b->net->memory, info.name)
                            : arena_printf(b->net->memory, "%s.%s", info.name,
                                           model_at(b->model, at.table, at.row, item)->text);
    if (!group)
        b->out_of_memory = true;
    return group;
}

/* What no world may have: the bounds of its item; else nothing below 0 that was not. */
static network_spread spread_of(const builder *b, build_row at)
{
    double lowest = 0, highest = INFINITY;
    int32_t item = model_column_find(at.table, "item");
    if (item != YT_NONE && model_at(b->model, at.table, at.row, item)->id != YT_NONE) {
        model_item_info info = model_item_describe(model_at(b->model, at.table, at.row, item)->id);
        lowest = info.lowest;
        highest = info.highest;
    } else if (fact_of(b, at, FACT_LOW)->number < 0) {
        lowest = -INFINITY;
    }
    distribution of =
        distribution_of(fact_of(b, at, FACT_DIST)->id, fact_of(b, at, FACT_VALUE)->number,
                        fact_of(b, at, FACT_LOW)->number, fact_of(b, at, FACT_HIGH)->number);
    return (network_spread){of, lowest, highest};
}

typedef struct drawing {
    builder *b;
    map *by_name;
    int32_t room;
    int32_t *of_slot; /* [slots] draw, or NONE */
} drawing;

static int32_t add_draw(drawing *d, const char *name, build_row at)
{
    builder *b = d->b;
    yt_network *net = b->net;
    int32_t found = name ? map_get(d->by_name, name) : YT_NONE;
    if (found != YT_NONE || !name)
        return found;
    net->draw = build_grow(b, net->draw, net->draws, &d->room, sizeof *net->draw);
    if (!net->draw || map_put(d->by_name, name, net->draws) < 0) {
        b->out_of_memory = true;
        return YT_NONE;
    }
    net->draw[net->draws] = (network_draw){.name = name,
                                           .group = group_of(b, at),
                                           .unit = fact_of(b, at, FACT_UNIT)->text,
                                           .table = at.table,
                                           .row = at.row,
                                           .dimension = YT_NONE,
                                           .common = YT_NONE,
                                           .hash = hash_text(name)};
    return net->draws++;
}

/* The draw of a row; demand brings one for its end use everywhere. */
static int32_t draw_of(drawing *d, build_row at)
{
    int32_t common = YT_NONE;
    if (at.table == TABLE_demand)
        common = add_draw(d, name_of(d->b, at, 1), at);
    int32_t draw = add_draw(d, name_of(d->b, at, MODEL_UNIQUE_MAX), at);
    if (draw != YT_NONE && draw != common)
        d->b->net->draw[draw].common = common;
    return draw;
}

/* Was the row written by an overlay or --set?  Tables are CSV files. */
static bool is_laid_over(const builder *b, build_row at)
{
    const char *file = model_at(b->model, at.table, at.row, 0)->at.file;
    return file && !text_ends_with(file, ".csv");
}

/* Draws in the order of the case; those that overlays add come last, so that the others keep
 * their dimensions. */
static void find_draws(drawing *d, const bool *const uses[])
{
    for (int pass = 0; pass < 2; pass++)
        for (table_id table = 0; table < TABLE_COUNT; table++)
            for (int32_t r = 0; uses[table] && r < d->b->model->table[table].rows; r++) {
                build_row at = {table, r};
                if (uses[table][r] && is_uncertain(d->b, at) && is_laid_over(d->b, at) == pass)
                    draw_of(d, at);
            }
}

static void find_used_rows(builder *b, bool *uses[])
{
    for (int32_t i = 0; i < b->slots; i++) {
        build_row at = b->slot[i].from;
        if (!uses[at.table])
            uses[at.table] =
                build_scratch(b, (size_t)b->model->table[at.table].rows, sizeof **uses);
        if (uses[at.table])
            uses[at.table][at.row] = true;
    }
}

/* Targets of a draw stand together, in the order in which parameters were set. */
static void place_targets(drawing *d)
{
    builder *b = d->b;
    yt_network *net = b->net;
    for (int32_t i = 0; i < b->slots; i++) {
        d->of_slot[i] = is_uncertain(b, b->slot[i].from) ? draw_of(d, b->slot[i].from) : YT_NONE;
        if (d->of_slot[i] != YT_NONE)
            net->draw[d->of_slot[i]].targets++;
    }
    for (int32_t i = 0; i < net->draws; i++) {
        net->draw[i].first = net->targets;
        net->targets += net->draw[i].targets;
        net->draw[i].targets = 0;
    }
    net->target = build_keep(b, (size_t)net->targets, sizeof *net->target);
    for (int32_t i = 0; net->target && i < b->slots; i++)
        if (d->of_slot[i] != YT_NONE) {
            network_draw *draw = &net->draw[d->of_slot[i]];
            net->target[draw->first + draw->targets++] =
                (network_target){b->slot[i].offset, spread_of(b, b->slot[i].from)};
        }
}

static void give_dimensions(builder *b)
{
    yt_network *net = b->net;
    net->dimensions = net->draws < SOBOL_DIMENSIONS ? net->draws : SOBOL_DIMENSIONS;
    if (net->dimensions < net->draws)
        log_note(b->log, place_none(),
                 "the case has %d uncertain numbers: the last %d are drawn independently, for "
                 "Sobol points have %d dimensions here",
                 (int)net->draws, (int)(net->draws - net->dimensions), SOBOL_DIMENSIONS);
    net->direction = build_keep(b, 32 * (size_t)net->dimensions, sizeof *net->direction);
    for (int32_t i = 0; net->direction && i < net->dimensions; i++) {
        net->draw[i].dimension = i;
        sobol_directions(i, net->direction + 32 * (size_t)i);
    }
}

void build_draws(builder *b)
{
    drawing d = {.b = b, .by_name = map_new(b->scratch)};
    bool *uses[TABLE_COUNT] = {NULL};
    d.of_slot = build_scratch(b, (size_t)b->slots, sizeof *d.of_slot);
    if (!d.by_name)
        b->out_of_memory = true;
    find_used_rows(b, uses);
    if (b->out_of_memory)
        return;
    find_draws(&d, (const bool *const *)uses);
    if (!b->out_of_memory)
        place_targets(&d);
    const network_draw *found = b->net->draw; /* grown on scratch memory: keep a copy */
    b->net->draw = build_keep(b, (size_t)b->net->draws, sizeof *found);
    if (b->out_of_memory)
        return;
    if (b->net->draws)
        memcpy(b->net->draw, found, (size_t)b->net->draws * sizeof *found);
    for (int32_t i = 0; i < b->net->draws; i++) {
        network_draw *draw = &b->net->draw[i];
        draw->unit = arena_strdup(b->net->memory, draw->unit); /* the model may go first */
        if (!draw->unit)
            b->out_of_memory = true;
    }
    give_dimensions(b);
}
