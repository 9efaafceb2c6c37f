/* load.c - a result file read once, names turned into numbers.
 *
 * Views and columns that a result lacks count as empty, so that older and smaller results
 * still make a report; only a file that is no result at all is an error.
 */
#include "view/inside.h"

#include "base/calendar.h"
#include "base/text.h"
#include "store/read.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------- lists */

static uint32_t hash_text(const char *text)
{
    uint32_t h = 2166136261u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

static int32_t *slot_of(const view_list *list, const char *id)
{
    uint32_t mask = (uint32_t)list->slots - 1;
    uint32_t at = hash_text(id) & mask;
    while (list->slot[at] != YT_NONE && strcmp(list->id[list->slot[at]], id) != 0)
        at = (at + 1) & mask;
    return &list->slot[at];
}

int32_t view_find(const view_list *list, const char *id)
{
    return list->n == 0 || !id ? YT_NONE : *slot_of(list, id);
}

static bool grow_list(arena *memory, view_list *list)
{
    int32_t room = list->room ? 2 * list->room : 32;
    const char **id = arena_array(memory, (size_t)room, sizeof *id);
    const char **name = arena_array(memory, (size_t)room, sizeof *name);
    int32_t *slot = arena_array(memory, (size_t)room * 2, sizeof *slot);
    if (!id || !name || !slot)
        return false;
    for (int32_t i = 0; i < list->n; i++) {
        id[i] = list->id[i];
        name[i] = list->name[i];
    }
    list->id = id;
    list->name = name;
    list->room = room;
    list->slots = room * 2;
    list->slot = slot;
    for (int32_t i = 0; i < list->slots; i++)
        slot[i] = YT_NONE;
    for (int32_t i = 0; i < list->n; i++)
        *slot_of(list, id[i]) = i;
    return true;
}

int32_t view_add(arena *memory, view_list *list, const char *id, const char *name)
{
    int32_t old = view_find(list, id);
    if (old != YT_NONE)
        return old;
    if (list->n == list->room && !grow_list(memory, list))
        return YT_NONE;
    char *copy = arena_strdup(memory, id);
    char *label = arena_strdup(memory, name && *name ? name : id);
    if (!copy || !label)
        return YT_NONE;
    *slot_of(list, id) = list->n;
    list->id[list->n] = copy;
    list->name[list->n] = label;
    return list->n++;
}

/* ----------------------------------------------------------------------------------- rows */

/* What a view gives, row by row: the columns asked for, in that order. */
typedef struct reader {
    view_world *v;
    sqlite3 *db;
    yt_status status;
} reader;

typedef void take_row(view_world *v, sqlite3_stmt *row);

#define EVENTS_MOST 6000 /* far more than a world has */

static bool has_column(sqlite3 *db, const char *view, const char *column)
{
    sqlite3_stmt *info = NULL;
    bool found = false;
    if (sqlite3_prepare_v2(db, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", -1, &info,
                           NULL) == SQLITE_OK) {
        sqlite3_bind_text(info, 1, view, -1, SQLITE_STATIC);
        sqlite3_bind_text(info, 2, column, -1, SQLITE_STATIC);
        found = sqlite3_step(info) == SQLITE_ROW;
    }
    sqlite3_finalize(info);
    return found;
}

/* "a b c" becomes SELECT "a", "b", NULL FROM "view", NULL where the view lacks a column. */
static char *select_text(sqlite3 *db, arena *memory, const char *view, const char *columns)
{
    char *words = arena_strdup(memory, columns);
    char *text = arena_strdup(memory, "SELECT ");
    char *rest = NULL;
    for (char *word = words ? strtok_r(words, " ", &rest) : NULL; word && text;
         word = strtok_r(NULL, " ", &rest)) {
        const char *comma = word == words ? "" : ", ";
        text = has_column(db, view, word) ? arena_printf(memory, "%s%s\"%s\"", text, comma, word)
                                          : arena_printf(memory, "%s%sNULL", text, comma);
    }
    return text ? arena_printf(memory, "%s FROM \"%s\"", text, view) : NULL;
}

static void each_row(reader *r, const char *view, const char *columns, const char *tail,
                     take_row *take)
{
    if (r->status)
        return;
    char *text = select_text(r->db, r->v->memory, view, columns);
    if (text)
        text = arena_printf(r->v->memory, "%s %s", text, tail);
    if (!text) {
        r->status = YT_ENOMEM;
        return;
    }
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(r->db, text, -1, &rows, NULL) != SQLITE_OK)
        return; /* no such view: empty */
    int got;
    while ((got = sqlite3_step(rows)) == SQLITE_ROW)
        take(r->v, rows);
    if (got != SQLITE_DONE) {
        log_error(r->v->log, YT_EIO, place_at(r->v->path, 0, 0), "cannot read view %s: %s", view,
                  sqlite3_errmsg(r->db));
        r->status = YT_EIO;
    }
    sqlite3_finalize(rows);
}

static const char *text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

static const char *keep(view_world *v, sqlite3_stmt *row, int column)
{
    const char *copy = arena_strdup(v->memory, text_of(row, column));
    return copy ? copy : "";
}

static double number_of(sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);
    double value;
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
        return sqlite3_column_double(row, column);
    return text_number(text_of(row, column), &value) ? value : NAN;
}

/* Months since the first of the run; YT_NONE outside. */
static int32_t month_of(const view_world *v, sqlite3_stmt *row, int column)
{
    int32_t month;
    const char *t = text_of(row, column);
    if (strlen(t) == 7 && t[4] == '-') /* the common form, read without ado */
        month = ((t[0] - '0') * 1000 + (t[1] - '0') * 100 + (t[2] - '0') * 10 + t[3] - '0') * 12 +
                (t[5] - '0') * 10 + t[6] - '0' - 1;
    else if (sqlite3_column_type(row, column) == SQLITE_INTEGER)
        month = sqlite3_column_int(row, column);
    else
        return YT_NONE;
    month -= v->start;
    return month >= 0 && month < v->months ? month : YT_NONE;
}

/* An array that grows by doubling; memory of the old one is left to the arena. */
static void *grown(view_world *v, void *old, int32_t n, size_t size)
{
    if (n != 0 && (n < 64 || (n & (n - 1)) != 0))
        return old;
    void *bigger = arena_array(v->memory, n == 0 ? 64 : (size_t)n * 2, size);
    if (bigger && n)
        memcpy(bigger, old, (size_t)n * size);
    return bigger;
}

static double *empty_months(const view_world *v, double fill)
{
    double *month = arena_array(v->memory, (size_t)v->months, sizeof *month);
    for (int32_t m = 0; month && m < v->months; m++)
        month[m] = fill;
    return month;
}

/* ----------------------------------------------------------------------------- dimensions */

#define PUT(array, i, value)                                                                       \
    do {                                                                                           \
        (array) = grown(v, (array), (i), sizeof *(array));                                         \
        if (array)                                                                                 \
            (array)[i] = (value);                                                                  \
    } while (0)

static void take_region(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->region.n;
    int32_t r = view_add(v->memory, &v->region, text_of(row, 0), text_of(row, 1));
    if (r != before)
        return;
    PUT(v->lat, r, number_of(row, 2));
    PUT(v->lon, r, number_of(row, 3));
    PUT(v->members, r, keep(v, row, 4));
}

static void take_group(view_world *v, sqlite3_stmt *row)
{
    view_add(v->memory, &v->group, text_of(row, 0), text_of(row, 1));
}

static void take_commodity(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->commodity.n;
    int32_t c = view_add(v->memory, &v->commodity, text_of(row, 0), text_of(row, 1));
    if (c != before)
        return;
    const char *group = text_of(row, 2);
    PUT(v->commodity_group, c, view_add(v->memory, &v->group, group, group));
    PUT(v->basis, c, keep(v, row, 3));
}

static void take_stage(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->stage.n;
    int32_t s = view_add(v->memory, &v->stage, text_of(row, 0), text_of(row, 1));
    if (s != before)
        return;
    PUT(v->extracts, s, text_equal(text_of(row, 2), "yes"));
    PUT(v->stage_unit, s, keep(v, row, 3));
}

static void take_element(view_world *v, sqlite3_stmt *row)
{
    view_add(v->memory, &v->element, text_of(row, 0), text_of(row, 1));
}

static void take_end_use(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->end_use.n;
    int32_t u = view_add(v->memory, &v->end_use, text_of(row, 0), text_of(row, 1));
    if (u == before)
        PUT(v->end_use_unit, u, keep(v, row, 2));
}

static void take_permit(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->permit.n;
    int32_t p = view_add(v->memory, &v->permit, text_of(row, 0), text_of(row, 1));
    if (p != before)
        return;
    PUT(v->permit_region, p, view_find(&v->region, text_of(row, 2)));
    PUT(v->permit_kind, p, keep(v, row, 3));
}

static void take_source(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->source.n;
    int32_t s = view_add(v->memory, &v->source, text_of(row, 0), text_of(row, 1));
    if (s != before)
        return;
    PUT(v->source_publisher, s, keep(v, row, 2));
    PUT(v->source_year, s, keep(v, row, 3));
    PUT(v->source_url, s, keep(v, row, 4));
}

static void take_recipe(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->recipe.n;
    int32_t r = view_add(v->memory, &v->recipe, text_of(row, 0), text_of(row, 1));
    if (r != before)
        return;
    PUT(v->recipe_stage, r, view_find(&v->stage, text_of(row, 2)));
    PUT(v->recipe_family, r, keep(v, row, 3));
}

static void put_coefficient(view_world *v, view_coefficient **list, int32_t *n,
                            view_coefficient entry)
{
    if (entry.row == YT_NONE || entry.column == YT_NONE || !isfinite(entry.value))
        return;
    PUT(*list, *n, entry);
    if (*list)
        ++*n;
}

static void take_composition(view_world *v, sqlite3_stmt *row)
{
    view_coefficient entry = {view_find(&v->commodity, text_of(row, 0)),
                              view_find(&v->element, text_of(row, 1)), number_of(row, 2)};
    put_coefficient(v, &v->content, &v->contents, entry);
}

static void take_recipe_flow(view_world *v, sqlite3_stmt *row)
{
    view_coefficient entry = {view_find(&v->recipe, text_of(row, 0)),
                              view_find(&v->commodity, text_of(row, 1)), number_of(row, 2)};
    put_coefficient(v, &v->flow_of, &v->flows_of, entry);
}

static void take_scope(view_world *v, sqlite3_stmt *row)
{
    int32_t permit = view_find(&v->permit, text_of(row, 0));
    int32_t group = view_find(&v->group, text_of(row, 1));
    int32_t commodity = view_find(&v->commodity, text_of(row, 2));
    double factor = number_of(row, 3);
    if (permit == YT_NONE || !text_equal(v->permit_kind[permit], "export"))
        return;
    for (int32_t c = 0; c < v->commodity.n; c++)
        if (commodity == YT_NONE ? v->commodity_group[c] == group : c == commodity) {
            view_coefficient entry = {permit, c, isfinite(factor) ? factor : 1};
            put_coefficient(v, &v->scope, &v->scopes, entry);
        }
}

/* A facility may name a recipe, or a family of them. */
static void add_recipes_of(view_world *v, view_facility *f)
{
    f->first_recipe = v->recipes_of;
    for (int32_t r = 0; r < v->recipe.n; r++)
        if (text_equal(v->recipe.id[r], f->recipe) ||
            (*f->recipe && text_equal(v->recipe_family[r], f->recipe))) {
            PUT(v->recipe_of, v->recipes_of, r);
            v->recipes_of++;
        }
    f->recipes = v->recipes_of - f->first_recipe;
}

static void take_facility(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->facility_ids.n;
    int32_t i = view_add(v->memory, &v->facility_ids, text_of(row, 0), text_of(row, 1));
    if (i != before)
        return;
    view_facility f = {.name = v->facility_ids.name[i],
                       .site = keep(v, row, 2),
                       .region = view_find(&v->region, text_of(row, 3)),
                       .country = keep(v, row, 4),
                       .lat = number_of(row, 5),
                       .lon = number_of(row, 6),
                       .owner = keep(v, row, 7),
                       .owner_type = keep(v, row, 8),
                       .stage = view_find(&v->stage, text_of(row, 9)),
                       .recipe = keep(v, row, 10),
                       .status = keep(v, row, 11),
                       .note = keep(v, row, 12)};
    PUT(v->facility, i, f);
    if (v->facility)
        add_recipes_of(v, &v->facility[i]);
}

static void take_step(view_world *v, sqlite3_stmt *row, view_step **list, int32_t *n,
                      int32_t subject)
{
    view_step step = {subject, (int32_t)strtol(text_of(row, 0), NULL, 10), number_of(row, 1)};
    if (!isfinite(step.value) || step.year == 0)
        return;
    PUT(*list, *n, step);
    if (*list)
        ++*n;
}

static void take_deflator(view_world *v, sqlite3_stmt *row)
{
    take_step(v, row, &v->deflator, &v->deflators, 0);
}

static void take_fx(view_world *v, sqlite3_stmt *row)
{
    take_step(v, row, &v->fx, &v->fxs, view_add(v->memory, &v->currency, text_of(row, 2), ""));
}

static void take_tax(view_world *v, sqlite3_stmt *row)
{
    take_step(v, row, &v->tax, &v->taxes, view_find(&v->region, text_of(row, 2)));
}

static void take_product(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->product.n;
    int32_t p = view_add(v->memory, &v->product, text_of(row, 0), "");
    if (p == before)
        PUT(v->product_commodity, p, view_find(&v->commodity, text_of(row, 1)));
    if (p == before)
        PUT(v->product_groups, p, keep(v, row, 2));
}

static void take_role(view_world *v, sqlite3_stmt *row)
{
    int32_t ignored;
    view_role role = {keep(v, row, 0), keep(v, row, 3), 0, 0, number_of(row, 4)};
    if (!calendar_parse(text_of(row, 1), &role.first, &ignored) ||
        !calendar_parse(text_of(row, 2), &ignored, &role.last))
        return;
    PUT(v->role, v->roles, role);
    if (v->role)
        v->roles++;
}

static void take_place(view_world *v, sqlite3_stmt *row)
{
    int32_t before = v->place_word.n;
    int32_t p = view_add(v->memory, &v->place_word, text_of(row, 0), "");
    if (p != before)
        return;
    view_place market = {keep(v, row, 2), view_find(&v->region, text_of(row, 1))};
    PUT(v->place_of, p, market);
}

static void take_fact(view_world *v, sqlite3_stmt *row)
{
    view_fact fact = {keep(v, row, 0), keep(v, row, 1), keep(v, row, 2), keep(v, row, 3),
                      keep(v, row, 4), keep(v, row, 5), keep(v, row, 6), keep(v, row, 7),
                      keep(v, row, 8), keep(v, row, 9)};
    PUT(v->fact, v->facts, fact);
    if (v->fact)
        v->facts++;
}

static void take_observation(view_world *v, sqlite3_stmt *row)
{
    double low = number_of(row, 3), high = number_of(row, 4);
    view_observed seen = {.series = keep(v, row, 0),
                          .period = keep(v, row, 1),
                          .freq = keep(v, row, 2),
                          .low = low,
                          .high = isfinite(high) ? high : low,
                          .unit = keep(v, row, 5),
                          .product = keep(v, row, 6),
                          .place = keep(v, row, 7),
                          .basis = keep(v, row, 8),
                          .source = keep(v, row, 9),
                          .grade = keep(v, row, 10),
                          .note = keep(v, row, 11)};
    if (!isfinite(low))
        return;
    PUT(v->observed, v->observations, seen);
    if (v->observed)
        v->observations++;
}

/* ----------------------------------------------------------------------------- the months */

static void take_series(view_world *v, sqlite3_stmt *row)
{
    int32_t month = month_of(v, row, 3);
    if (month == YT_NONE || sqlite3_column_type(row, 4) == SQLITE_NULL)
        return;
    int32_t variables = v->variable.n;
    int32_t variable = view_add(v->memory, &v->variable, text_of(row, 0), "");
    if (variable == YT_NONE)
        return;
    int32_t per_variable = (v->region.n + 1) * v->subjects;
    if (variable == variables) {
        if (variable >= 64)
            return; /* far more than any result has */
        PUT(v->variable_unit, variable, keep(v, row, 5));
        if (!v->series)
            v->series = arena_array(v->memory, (size_t)per_variable * 64, sizeof *v->series);
    }
    if (!v->series)
        return;
    const char *about = text_of(row, 2);
    int32_t region = view_find(&v->region, text_of(row, 1));
    int32_t subject = v->subjects - 1;
    if (*about) {
        int32_t commodity = view_find(&v->commodity, about);
        int32_t permit = view_find(&v->permit, about);
        subject = commodity != YT_NONE ? commodity
                  : permit != YT_NONE  ? v->commodity.n + permit
                                       : YT_NONE;
    }
    if (subject == YT_NONE)
        return;
    double **months =
        &v->series[(size_t)variable * (size_t)per_variable +
                   (size_t)(region == YT_NONE ? v->region.n : region) * (size_t)v->subjects +
                   (size_t)subject];
    if (!*months)
        *months = empty_months(v, NAN);
    if (*months)
        (*months)[month] = sqlite3_column_double(row, 4);
}

static void take_flow(view_world *v, sqlite3_stmt *row)
{
    int32_t month = month_of(v, row, 3);
    int32_t commodity = view_find(&v->commodity, text_of(row, 0));
    int32_t origin = view_find(&v->region, text_of(row, 1));
    int32_t destination = view_find(&v->region, text_of(row, 2));
    if (month == YT_NONE || commodity == YT_NONE || origin == YT_NONE || destination == YT_NONE)
        return;
    bool is_open = !text_equal(text_of(row, 6), "illegal");
    char key[64];
    snprintf(key, sizeof key, "%d %d %d %d", commodity, origin, destination, is_open);
    int32_t before = v->arc_ids.n;
    int32_t a = view_add(v->memory, &v->arc_ids, key, "");
    if (a == before) {
        view_arc arc = {commodity,         origin, destination, is_open, empty_months(v, 0),
                        empty_months(v, 0)};
        PUT(v->arc, a, arc);
        v->arcs = v->arc_ids.n;
    }
    if (a == YT_NONE || !v->arc || !v->arc[a].tonnes || !v->arc[a].value)
        return;
    double tonnes = number_of(row, 4), cif = number_of(row, 5);
    v->arc[a].tonnes[month] += isfinite(tonnes) ? tonnes : 0;
    v->arc[a].value[month] += isfinite(tonnes * cif) ? tonnes * cif : 0;
}

static void take_facility_month(view_world *v, sqlite3_stmt *row)
{
    int32_t month = month_of(v, row, 1);
    int32_t i = view_find(&v->facility_ids, text_of(row, 0));
    if (month == YT_NONE || i == YT_NONE)
        return;
    view_facility *f = &v->facility[i];
    if (!f->output) {
        f->output = empty_months(v, 0);
        f->capacity = empty_months(v, 0);
        f->word = arena_alloc(v->memory, (size_t)v->months);
    }
    if (!f->output || !f->capacity || !f->word)
        return;
    double output = number_of(row, 2), capacity = number_of(row, 3);
    f->output[month] = isfinite(output) ? output : 0;
    f->capacity[month] = isfinite(capacity) ? capacity : 0;
    const char *status = text_of(row, 4);
    int32_t word = *status ? view_add(v->memory, &v->status, status, "") : 0;
    f->word[month] = (char)(word >= 0 && word < 26 ? word : 0);
}

static void take_use(view_world *v, sqlite3_stmt *row)
{
    int32_t month = month_of(v, row, 3);
    int32_t end_use = view_find(&v->end_use, text_of(row, 0));
    int32_t region = view_find(&v->region, text_of(row, 1));
    int32_t tier = view_add(v->memory, &v->tier, text_of(row, 2), "");
    int32_t commodity = view_find(&v->commodity, text_of(row, 6));
    if (month == YT_NONE || end_use == YT_NONE || region == YT_NONE || tier == YT_NONE)
        return;
    char key[64];
    snprintf(key, sizeof key, "%d %d %d %d", end_use, region, tier, commodity);
    int32_t before = v->use_ids.n;
    int32_t u = view_add(v->memory, &v->use_ids, key, "");
    if (u == before) {
        view_use use = {end_use, region, tier, commodity, empty_months(v, 0), empty_months(v, 0)};
        PUT(v->use, u, use);
        v->uses = v->use_ids.n;
    }
    if (u == YT_NONE || !v->use || !v->use[u].wanted || !v->use[u].served)
        return;
    double wanted = number_of(row, 4), served = number_of(row, 5);
    v->use[u].wanted[month] += isfinite(wanted) ? wanted : 0;
    v->use[u].served[month] += isfinite(served) ? served : 0;
}

static void take_certificate(view_world *v, sqlite3_stmt *row)
{
    int32_t month = month_of(v, row, 0);
    if (month == YT_NONE || !v->certificate)
        return;
    view_certificate seen = {number_of(row, 1), number_of(row, 2), number_of(row, 3),
                             sqlite3_column_int(row, 4)};
    v->certificate[month] = seen;
}

static void take_balance(view_world *v, sqlite3_stmt *row)
{
    int32_t month = month_of(v, row, 0);
    int32_t e = view_find(&v->element, text_of(row, 1));
    if (month == YT_NONE || e == YT_NONE || !v->closure)
        return;
    view_closure *at = &v->closure[e];
    double closure = fabs(number_of(row, 2));
    if (closure > at->worst || at->worst_month == YT_NONE) {
        at->worst = closure;
        at->worst_month = month;
    }
    if (month == v->months - 1) {
        at->closure = closure;
        for (int i = 0; i < 8; i++)
            at->ledger[i] = number_of(row, 3 + i);
    }
}

static void take_event(view_world *v, sqlite3_stmt *row)
{
    if (v->events >= EVENTS_MOST)
        return;
    for (int i = 0; i < 4; i++)
        PUT(v->event, 4 * v->events + i, keep(v, row, i));
    if (v->event)
        v->events++;
}

static void take_manifest(view_world *v, sqlite3_stmt *row)
{
    for (int i = 0; i < 2; i++)
        PUT(v->manifest, 2 * v->manifests + i, keep(v, row, i));
    if (v->manifest)
        v->manifests++;
}

/* ---------------------------------------------------------------------------- the whole */

/* Which months the result holds, and how many runs. */
static bool read_span(view_world *v, sqlite3 *db)
{
    static const char *const views[] = {"certificate", "facility_month", "series"};
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        sqlite3_stmt *span = NULL;
        char *text = arena_printf(v->memory, "SELECT min(month), max(month) FROM %s", views[i]);
        bool found = false;
        if (text && sqlite3_prepare_v2(db, text, -1, &span, NULL) == SQLITE_OK &&
            sqlite3_step(span) == SQLITE_ROW) {
            int32_t first, last, other;
            found = calendar_parse(text_of(span, 0), &first, &other) &&
                    calendar_parse(text_of(span, 1), &other, &last) && last >= first;
            if (found) {
                v->start = first;
                v->months = last - first + 1;
            }
        }
        sqlite3_finalize(span);
        if (found)
            break;
    }
    v->first_year = calendar_year(v->start);
    v->years = v->months ? calendar_year(v->start + v->months - 1) - v->first_year + 1 : 0;
    return v->months > 0 && v->months < 12 * 500;
}

static void read_names(reader *r)
{
    each_row(r, "region", "id name lat lon members", "", take_region);
    each_row(r, "commodity_group", "id name", "", take_group);
    each_row(r, "commodity", "id name group basis", "", take_commodity);
    each_row(r, "stage", "id name extracts unit", "", take_stage);
    each_row(r, "element", "id name", "", take_element);
    each_row(r, "end_use", "id name unit", "", take_end_use);
    each_row(r, "permit", "id name region kind", "", take_permit);
    each_row(r, "source", "id title publisher year url", "", take_source);
    each_row(r, "recipe", "id name stage family", "", take_recipe);
    each_row(r, "composition", "commodity element number", "", take_composition);
    each_row(r, "recipe_flow", "recipe commodity number", "", take_recipe_flow);
    each_row(r, "permit_scope", "permit group commodity number", "", take_scope);
    each_row(r, "facility",
             "id name site region country lat lon owner owner_type stage recipe status note", "",
             take_facility);
    each_row(r, "deflator", "year number", "", take_deflator);
    each_row(r, "fx", "year number currency", "", take_fx);
    each_row(r, "tax", "from number region", "", take_tax);
    each_row(r, "product_name", "product commodity groups", "", take_product);
    each_row(r, "place_name", "place region view", "", take_place);
    each_row(r, "period_role", "series from to role tolerance", "", take_role);
    each_row(r, "input", "table key column value unit low high source_id grade note", "",
             take_fact);
    each_row(r, "observation",
             "series period freq value_low value_high unit product place basis source grade note",
             "", take_observation);
    each_row(r, "manifest", "key value", "", take_manifest);
}

static void read_months(reader *r)
{
    view_world *v = r->v;
    v->subjects = v->commodity.n + v->permit.n + 1;
    v->certificate = arena_array(v->memory, (size_t)v->months, sizeof *v->certificate);
    v->closure = arena_array(v->memory, (size_t)v->element.n + 1, sizeof *v->closure);
    for (int32_t e = 0; v->closure && e < v->element.n; e++)
        v->closure[e].worst_month = YT_NONE;
    for (int32_t m = 0; v->certificate && m < v->months; m++)
        v->certificate[m].balance = NAN;
    const char *run = "WHERE run = (SELECT min(run) FROM certificate)";
    char *shown = arena_printf(v->memory,
                               "%s AND (variable LIKE 'price%%' OR variable LIKE 'permit%%' OR "
                               "variable IN ('output', 'use', 'feed', 'cover', 'disposed'))",
                               run);
    each_row(r, "series", "variable region commodity_id month value unit", shown ? shown : run,
             take_series);
    each_row(r, "flow", "commodity_id origin destination month tonnes cif_usd_per_t kind", run,
             take_flow);
    each_row(r, "facility_month", "facility month output capacity status", run,
             take_facility_month);
    each_row(r, "use_commodity", "end_use region tier month wanted served commodity_id", run,
             take_use);
    each_row(r, "certificate", "month balance complementarity gap iterations", run,
             take_certificate);
    each_row(r, "balance",
             "month element closure opening mined in_use stocks scrap tailings losses disposed",
             run, take_balance);
    each_row(r, "case_event", "month kind region title", "ORDER BY month", take_event);
    each_row(r, "event", "month kind subject text", run, take_event);
}

/* The last year that somebody observed: what "now" means in sentences. */
static int32_t last_observed_year(const view_world *v)
{
    int32_t last_year = v->first_year + v->years - 1;
    int32_t now = YT_NONE;
    for (int32_t i = 0; i < v->observations; i++) {
        int32_t first, last;
        if (calendar_parse(v->observed[i].period, &first, &last) && calendar_year(last) > now)
            now = calendar_year(last);
    }
    return now < v->first_year || now > last_year ? last_year : now;
}

static void read_base_year(view_world *v)
{
    const char *base = view_manifest(v, "base_year");
    v->base_year = base ? (int32_t)strtol(base, NULL, 10) : 0;
}

yt_status view_load_names(view_world *v, sqlite3 *db, int32_t first_year, int32_t years)
{
    reader r = {v, db, YT_OK};
    v->start = first_year * 12;
    v->months = years * 12;
    v->first_year = first_year;
    v->years = years;
    read_names(&r);
    v->now = last_observed_year(v);
    read_base_year(v);
    return r.status;
}

yt_status view_load(view_world *v, const char *path, yt_log *log)
{
    v->path = path;
    v->log = log;
    v->exporter = YT_NONE;
    v->memory = arena_new();
    if (!v->memory)
        return YT_ENOMEM;
    store_reader *store = NULL;
    yt_status status = store_reader_open(path, log, &store);
    if (status)
        return status;
    sqlite3 *db = store_reader_database(store);
    reader r = {v, db, YT_OK};
    if (!read_span(v, db)) {
        log_error(log, YT_EIO, place_at(path, 0, 0),
                  "this result has no months in it; make one with: ytterby run CASE -o %s", path);
        r.status = YT_EIO;
    }
    if (!r.status)
        read_names(&r);
    if (!r.status)
        read_months(&r);
    store_reader_close(store);
    if (!r.status) {
        v->now = last_observed_year(v);
        read_base_year(v);
    }
    return r.status;
}
