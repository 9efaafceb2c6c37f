/* compare.c - two results side by side, found to be the same bit by bit or told apart.
 *
 * Relative differences are over the first store's value, but never over less than a
 * thousandth of the series' mean, so that numbers near zero do not shout.
 */
#include "view/compare_inside.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/text.h"
#include "view/worlds.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_SCALE 1e-3 /* of the series' mean          */
#define SMALLEST_SHARE 1e-9 /* differences below are rounding */
#define SECONDS 3600

typedef struct pair {
    store_reader *a, *b;
    difference *d;
    const compare_options *options;
    yt_log *log;
    yt_status status; /* the first failure */
} pair;

/* --------------------------------------------------------------------------------- lists */

/* Room for one item more; false when memory is short. */
static bool grow(arena *memory, void **items, int32_t n, int32_t *room, size_t size)
{
    if (n < *room)
        return true;
    int32_t more = *room ? 2 * *room : 64;
    void *copy = arena_array(memory, (size_t)more, size);
    if (!copy)
        return false;
    if (n)
        memcpy(copy, *items, (size_t)n * size);
    *items = copy;
    *room = more;
    return true;
}

/* Append to a list of the difference; a failure is kept in the pair. */
#define APPEND(p, list, ...)                                                                       \
    do {                                                                                           \
        if (grow((p)->d->memory, (void **)&(p)->d->list.at, (p)->d->list.n, &(p)->d->list.room,    \
                 sizeof *(p)->d->list.at))                                                         \
            (p)->d->list.at[(p)->d->list.n++] = (__VA_ARGS__);                                     \
        else                                                                                       \
            (p)->status = YT_ENOMEM;                                                               \
    } while (0)

static const char *keep(pair *p, const char *text)
{
    if (!text)
        return NULL;
    const char *copy = arena_strdup(p->d->memory, text);
    if (!copy)
        p->status = YT_ENOMEM;
    return copy;
}

/* ---------------------------------------------------------------------------- statements */

/* The same question to both stores. */
typedef struct twins {
    sqlite3_stmt *a, *b;
} twins;

static bool ask_both(pair *p, const char *sql, twins *t)
{
    t->a = t->b = NULL;
    if (!p->status)
        p->status = store_reader_prepare(p->a, sql, p->log, &t->a);
    if (!p->status)
        p->status = store_reader_prepare(p->b, sql, p->log, &t->b);
    return !p->status;
}

static void forget(twins *t)
{
    sqlite3_finalize(t->a);
    sqlite3_finalize(t->b);
}

/* Next row; false at the end or after a failure. */
static bool next(pair *p, store_reader *reader, sqlite3_stmt *rows)
{
    int code = p->status ? SQLITE_DONE : sqlite3_step(rows);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        p->status = store_reader_failed(reader, p->log);
    return code == SQLITE_ROW;
}

static const char *text_at(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

/* ---------------------------------------------------------------------------- bit by bit */

static bool is_same_value(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    int type = sqlite3_column_type(a, column);
    if (type != sqlite3_column_type(b, column))
        return false;
    if (type == SQLITE_NULL)
        return true;
    if (type == SQLITE_INTEGER)
        return sqlite3_column_int64(a, column) == sqlite3_column_int64(b, column);
    if (type == SQLITE_FLOAT) {
        double x = sqlite3_column_double(a, column), y = sqlite3_column_double(b, column);
        return memcmp(&x, &y, sizeof x) == 0;
    }
    int n = sqlite3_column_bytes(a, column);
    return n == sqlite3_column_bytes(b, column) &&
           (n == 0 ||
            memcmp(sqlite3_column_blob(a, column), sqlite3_column_blob(b, column), (size_t)n) == 0);
}

static bool is_same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
    int n = sqlite3_column_count(a);
    if (n != sqlite3_column_count(b))
        return false;
    for (int c = 0; c < n; c++)
        if (!is_same_value(a, b, c))
            return false;
    return true;
}

static void compare_table(pair *p, const char *name)
{
    difference_table table = {keep(p, name), 0, 0, true};
    char sql[256];
    twins rows;
    sqlite3_snprintf(sizeof sql, sql, "SELECT * FROM \"%.100w\"", name);
    if (ask_both(p, sql, &rows)) {
        bool has_a = next(p, p->a, rows.a), has_b = next(p, p->b, rows.b);
        while (has_a || has_b) {
            if (has_a && has_b && table.is_same)
                table.is_same = is_same_row(rows.a, rows.b);
            table.rows_a += has_a;
            table.rows_b += has_b;
            has_a = has_a && next(p, p->a, rows.a);
            has_b = has_b && next(p, p->b, rows.b);
        }
        table.is_same = table.is_same && table.rows_a == table.rows_b;
    }
    forget(&rows);
    APPEND(p, table, table);
}

static void compare_tables(pair *p)
{
    twins names;
    bool same_names = true;
    if (ask_both(p,
                 "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                 " AND name <> 'd_manifest' ORDER BY name",
                 &names)) {
        bool has_a = next(p, p->a, names.a), has_b = next(p, p->b, names.b);
        while (has_a && has_b) {
            int order = strcmp(text_at(names.a, 0), text_at(names.b, 0));
            if (order == 0)
                compare_table(p, text_at(names.a, 0));
            else
                same_names = false;
            if (order <= 0)
                has_a = next(p, p->a, names.a);
            if (order >= 0)
                has_b = next(p, p->b, names.b);
        }
        same_names = same_names && !has_a && !has_b;
    }
    forget(&names);
    p->d->is_identical = same_names;
    for (int32_t i = 0; i < p->d->table.n; i++)
        p->d->is_identical = p->d->is_identical && p->d->table.at[i].is_same;
}

static bool is_same_table(const pair *p, const char *name)
{
    for (int32_t i = 0; i < p->d->table.n; i++)
        if (text_equal(p->d->table.at[i].name, name))
            return p->d->table.at[i].is_same;
    return false;
}

/* ------------------------------------------------------------------- manifest and inputs */

/* Step both lists, ordered by their first `keys` columns, and give each row that is in one
 * or both: a or b is NULL when that side lacks it. */
typedef void take_pair(pair *p, sqlite3_stmt *a, sqlite3_stmt *b);

static int order_of(sqlite3_stmt *a, sqlite3_stmt *b, int keys)
{
    int order = 0;
    for (int c = 0; c < keys && order == 0; c++)
        order = strcmp(text_at(a, c), text_at(b, c));
    return order;
}

static void merge(pair *p, const char *sql, int keys, take_pair *take)
{
    twins rows;
    if (ask_both(p, sql, &rows)) {
        bool has_a = next(p, p->a, rows.a), has_b = next(p, p->b, rows.b);
        while (!p->status && (has_a || has_b)) {
            int order = !has_a ? 1 : !has_b ? -1 : order_of(rows.a, rows.b, keys);
            take(p, order <= 0 ? rows.a : NULL, order >= 0 ? rows.b : NULL);
            if (order <= 0)
                has_a = next(p, p->a, rows.a);
            if (order >= 0)
                has_b = next(p, p->b, rows.b);
        }
    }
    forget(&rows);
}

static void take_fact(pair *p, sqlite3_stmt *a, sqlite3_stmt *b)
{
    const char *key = text_at(a ? a : b, 0);
    const char *left = a ? text_at(a, 1) : NULL, *right = b ? text_at(b, 1) : NULL;
    if (text_equal(key, "case") && a)
        p->d->case_a = keep(p, left);
    if (text_equal(key, "case") && b)
        p->d->case_b = keep(p, right);
    if (!text_equal(left, right))
        APPEND(p, fact, (difference_fact){keep(p, key), keep(p, left), keep(p, right)});
}

/* A number in its shortest form, or the text. */
static const char *cell_at(pair *p, sqlite3_stmt *row, int column)
{
    char number[40];
    if (sqlite3_column_type(row, column) != SQLITE_FLOAT)
        return text_at(row, column);
    text_format_number(number, sizeof number, sqlite3_column_double(row, column));
    const char *copy = keep(p, number);
    return copy ? copy : "";
}

/* "1200 t/a, 1000 to 1400": columns value, unit, low, high, dist from `first` on. */
static const char *number_as_written(pair *p, sqlite3_stmt *row, int first)
{
    if (!row)
        return NULL;
    const char *value = cell_at(p, row, first), *unit = text_at(row, first + 1);
    const char *low = cell_at(p, row, first + 2), *high = cell_at(p, row, first + 3);
    const char *dist = text_at(row, first + 4);
    const char *text =
        arena_printf(p->d->memory, "%s%s%s%s%s%s%s%s%s", value, unit[0] ? " " : "", unit,
                     low[0] || high[0] ? ", " : "", low, low[0] || high[0] ? " to " : "", high,
                     dist[0] ? " " : "", dist);
    if (!text)
        p->status = YT_ENOMEM;
    return text;
}

static const char *source_of(pair *p, sqlite3_stmt *row, int first)
{
    if (!row)
        return NULL;
    const char *grade = text_at(row, first + 1);
    const char *text = arena_printf(p->d->memory, "%s%s%s%s", text_at(row, first),
                                    grade[0] ? " (" : "", grade, grade[0] ? ")" : "");
    if (!text)
        p->status = YT_ENOMEM;
    return text;
}

static void add_input(pair *p, difference_input input)
{
    if (!input.a)
        p->d->inputs_added++;
    else if (!input.b)
        p->d->inputs_removed++;
    else
        p->d->inputs_changed++;
    APPEND(p, input, input);
}

static void take_number(pair *p, sqlite3_stmt *a, sqlite3_stmt *b)
{
    if (a && b && is_same_row(a, b))
        return;
    sqlite3_stmt *row = a ? a : b;
    add_input(p, (difference_input){keep(p, text_at(row, 0)), keep(p, text_at(row, 1)),
                                    keep(p, text_at(row, 2)), number_as_written(p, a, 3),
                                    number_as_written(p, b, 3), source_of(p, a, 8),
                                    source_of(p, b, 8)});
}

static void take_cell(pair *p, sqlite3_stmt *a, sqlite3_stmt *b)
{
    if (a && b && is_same_row(a, b))
        return;
    sqlite3_stmt *row = a ? a : b;
    add_input(p, (difference_input){keep(p, text_at(row, 0)), keep(p, text_at(row, 1)),
                                    keep(p, text_at(row, 2)), a ? keep(p, text_at(a, 3)) : NULL,
                                    b ? keep(p, text_at(b, 3)) : NULL, NULL, NULL});
}

static void compare_inputs(pair *p)
{
    merge(p,
          "SELECT \"table\", key, \"column\", value, unit, low, high, dist, source_id, grade, note"
          " FROM input ORDER BY 1, 2, 3",
          3, take_number);
    merge(p, "SELECT \"table\", key, \"column\", text FROM entity ORDER BY 1, 2, 3", 3, take_cell);
}

/* --------------------------------------------------------------------------------- series */

/* A table of numbers by (key, run, month). */
typedef struct group {
    const char *table, *names; /* of the file: the same in both?               */
    const char *heads;         /* key, variable, subject, unit, what names a key */
    const char *values;        /* run, month, value of key ?1, in that order   */
    bool is_series, is_sparse; /* sparse: a month that is missing is 0         */
} group;

#define SUBJECT(a, b) "trim(ifnull(" a ", '') || ' ' || ifnull(" b ", ''))"
#define USE_HEADS(measure)                                                                         \
    "SELECT " STORE_TIER_KEY ", '" measure "',"                                                    \
    " end_use || ' ' || region || ' ' || commodity || ' ' || tier, 't'"                            \
    " FROM d_use d CROSS JOIN d_tier t"
#define ARC_HEADS(measure, unit)                                                                   \
    "SELECT key, '" measure "', commodity || ' ' || origin || ' to ' || destination ||"            \
    " CASE kind WHEN 'open' THEN '' ELSE ' ' || kind END, '" unit "' FROM d_arc"

static const group groups[] = {
    {"f_series", "d_series",
     "SELECT key, variable, " SUBJECT("region", "commodity") ", unit, region, commodity, name"
                                                             " FROM d_series",
     STORE_ROWS("f.value", "f_series"), true, false},
    {"f_flow", "d_arc", ARC_HEADS("flow.tonnes", "t"), STORE_ROWS("f.tonnes", "f_flow"), false,
     true},
    {"f_flow", "d_arc", ARC_HEADS("flow.cif_usd_per_t", "USD/t"), STORE_ROWS("f.cif", "f_flow"),
     false, false},
    {"f_facility", "d_facility", "SELECT key, 'facility_month.output', id, 't' FROM d_facility",
     STORE_ROWS("f.output", "f_facility"), false, false},
    {"f_facility", "d_facility", "SELECT key, 'facility_month.capacity', id, 't' FROM d_facility",
     STORE_ROWS("f.capacity", "f_facility"), false, false},
    {"f_use", "d_use", USE_HEADS("use.wanted"), STORE_TIER_ROWS(STORE_TIER_WANTED), false, false},
    {"f_use", "d_use", USE_HEADS("use.served"), STORE_TIER_ROWS(STORE_TIER_SERVED), false, false},
};

/* Values of one key in both stores, month by month; NAN: none. */
typedef struct values {
    struct {
        int32_t run, month;
        double a, b;
    } * at;
    int32_t n, room;
} values;

static double number_at(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN
                                                           : sqlite3_column_double(row, column);
}

static int month_order(sqlite3_stmt *a, sqlite3_stmt *b)
{
    int run_a = sqlite3_column_int(a, 0), run_b = sqlite3_column_int(b, 0);
    if (run_a != run_b)
        return run_a < run_b ? -1 : 1;
    int month_a = sqlite3_column_int(a, 1), month_b = sqlite3_column_int(b, 1);
    return month_a < month_b ? -1 : month_a > month_b;
}

/* The values of a key, key_a and key_b in the two stores. */
static void read_values(pair *p, const twins *t, const group *g, int64_t key_a, int64_t key_b,
                        values *v)
{
    double missing = g->is_sparse ? 0 : (double)NAN;
    v->n = 0;
    sqlite3_bind_int64(t->a, 1, key_a);
    sqlite3_bind_int64(t->b, 1, key_b);
    bool has_a = next(p, p->a, t->a), has_b = next(p, p->b, t->b);
    while (!p->status && (has_a || has_b)) {
        int order = !has_a ? 1 : !has_b ? -1 : month_order(t->a, t->b);
        sqlite3_stmt *row = order <= 0 ? t->a : t->b;
        if (!grow(p->d->memory, (void **)&v->at, v->n, &v->room, sizeof *v->at)) {
            p->status = YT_ENOMEM;
            break;
        }
        v->at[v->n].run = sqlite3_column_int(row, 0);
        v->at[v->n].month = sqlite3_column_int(row, 1);
        v->at[v->n].a = order <= 0 ? number_at(t->a, 2) : missing;
        v->at[v->n].b = order >= 0 ? number_at(t->b, 2) : missing;
        v->n++;
        if (order <= 0)
            has_a = next(p, p->a, t->a);
        if (order >= 0)
            has_b = next(p, p->b, t->b);
    }
    sqlite3_reset(t->a);
    sqlite3_reset(t->b);
}

static double scale_of(const values *v)
{
    double sum = 0, sum_b = 0;
    int32_t n = 0;
    for (int32_t i = 0; i < v->n; i++)
        if (!isnan(v->at[i].a) && !isnan(v->at[i].b)) {
            sum += fabs(v->at[i].a);
            sum_b += fabs(v->at[i].b);
            n++;
        }
    /* the larger of the two means: what is next to nothing in one store is no million per cent */
    return n ? fmax(sum, sum_b) / n : 0;
}

/* Means by year of the months with a value in both; run 0 only. */
static void mean_years(pair *p, const values *v, difference_series *s)
{
    int32_t first = 0, last = -1;
    for (int32_t i = 0; i < v->n && v->at[i].run == v->at[0].run; i++) {
        int32_t year = calendar_year(v->at[i].month);
        first = i == 0 ? year : first;
        last = year;
    }
    if (last < first || last - first > 9999)
        return;
    size_t years = (size_t)(last - first + 1);
    double *sum = arena_array(p->d->memory, 3 * years, sizeof *sum);
    if (!sum) {
        p->status = YT_ENOMEM;
        return;
    }
    for (int32_t i = 0; i < v->n && v->at[i].run == v->at[0].run; i++) {
        if (isnan(v->at[i].a) || isnan(v->at[i].b))
            continue;
        size_t y = (size_t)(calendar_year(v->at[i].month) - first);
        sum[y] += v->at[i].a;
        sum[years + y] += v->at[i].b;
        sum[2 * years + y] += 1;
    }
    for (size_t y = 0; y < years; y++) {
        sum[y] = sum[2 * years + y] > 0 ? sum[y] / sum[2 * years + y] : (double)NAN;
        sum[years + y] = sum[2 * years + y] > 0 ? sum[years + y] / sum[2 * years + y] : (double)NAN;
    }
    s->years = (int32_t)years;
    s->first_year = first;
    s->year_a = sum;
    s->year_b = sum + years;
}

static void measure(pair *p, const group *g, const values *v, difference_series *s)
{
    /* lanes open and close: over the usual shipment, not over next to nothing */
    double floor = (g->is_sparse ? 1 : SMALLEST_SCALE) * scale_of(v), sum = 0;
    for (int32_t i = 0; i < v->n; i++) {
        double a = v->at[i].a, b = v->at[i].b;
        if (isnan(a) || isnan(b)) {
            s->only_a += !isnan(a);
            s->only_b += !isnan(b);
            continue;
        }
        s->values++;
        if (memcmp(&a, &b, sizeof a) == 0 || a == b)
            continue;
        double relative = fabs(b - a) / (fabs(a) > floor ? fabs(a) : floor);
        s->differ++;
        sum += relative;
        if (relative > s->largest) {
            s->largest = relative;
            s->run = v->at[i].run;
            s->month = v->at[i].month;
            s->a = a;
            s->b = b;
        }
    }
    s->mean = s->values ? sum / s->values : 0;
    if (s->is_series && s->differ)
        mean_years(p, v, s);
}

static bool is_different(const difference_series *s)
{
    return s->differ || s->only_a || s->only_b;
}

/* --------------------------------------------------------------------- series, by name */

/* Keys of the second store by "variable|subject". */
static map *keys_of_b(pair *p, const group *g)
{
    sqlite3_stmt *heads;
    map *keys = map_new(p->d->memory);
    if (!keys)
        p->status = YT_ENOMEM;
    if (!p->status)
        p->status = store_reader_prepare(p->b, g->heads, p->log, &heads);
    if (p->status)
        return NULL;
    while (next(p, p->b, heads)) {
        const char *name =
            arena_printf(p->d->memory, "%s|%s", text_at(heads, 1), text_at(heads, 2));
        if (!name || map_put(keys, name, sqlite3_column_int(heads, 0)) < 0)
            p->status = YT_ENOMEM;
    }
    sqlite3_finalize(heads);
    return keys;
}

/* Names of commodities: small and capital letters are alike. */
static bool is_same_name(const char *a, const char *b)
{
    return a && b && sqlite3_stricmp(a, b) == 0;
}

static bool is_wanted(const pair *p, const group *g, sqlite3_stmt *head)
{
    const compare_options *o = p->options;
    if (o->variable && !text_equal(o->variable, text_at(head, 1)))
        return false;
    if (!g->is_series)
        return !o->region && !o->commodity;
    return (!o->region || text_equal(o->region, text_at(head, 4))) &&
           (!o->commodity || text_equal(o->commodity, text_at(head, 5)) ||
            is_same_name(o->commodity, text_at(head, 6)));
}

static difference_variable *variable_of(pair *p, const char *name, const char *unit)
{
    for (int32_t i = p->d->variable.n - 1; i >= 0; i--)
        if (text_equal(p->d->variable.at[i].variable, name))
            return &p->d->variable.at[i];
    int32_t before = p->d->variable.n;
    APPEND(p, variable, (difference_variable){keep(p, name), keep(p, unit), 0, 0, 0, NULL});
    return p->d->variable.n > before ? &p->d->variable.at[before] : NULL;
}

static void compare_key(pair *p, const twins *t, const group *g, sqlite3_stmt *head, map *keys,
                        values *v)
{
    char name[1024];
    snprintf(name, sizeof name, "%s|%s", text_at(head, 1), text_at(head, 2));
    int32_t key_b = map_get(keys, name);
    read_values(p, t, g, sqlite3_column_int64(head, 0), key_b, v); /* no such key: no rows */
    difference_series s = {.variable = keep(p, text_at(head, 1)),
                           .subject = keep(p, text_at(head, 2)),
                           .unit = keep(p, text_at(head, 3)),
                           .is_series = g->is_series};
    measure(p, g, v, &s);
    difference_variable *variable = variable_of(p, s.variable, s.unit);
    if (!variable || p->status)
        return;
    variable->series++;
    variable->mean += s.mean; /* a sum until the end */
    if (!is_different(&s))
        return;
    variable->differ++;
    APPEND(p, series, s);
}

/* Series that only the second store has: named, with their months counted. */
static void add_new_keys(pair *p, const twins *t, const group *g, values *v)
{
    sqlite3_stmt *heads_a = NULL, *heads = NULL;
    map *keys = map_new(p->d->memory);
    if (!keys)
        p->status = YT_ENOMEM;
    if (!p->status)
        p->status = store_reader_prepare(p->a, g->heads, p->log, &heads_a);
    while (!p->status && next(p, p->a, heads_a)) {
        const char *name =
            arena_printf(p->d->memory, "%s|%s", text_at(heads_a, 1), text_at(heads_a, 2));
        if (!name || map_put(keys, name, 1) < 0)
            p->status = YT_ENOMEM;
    }
    sqlite3_finalize(heads_a);
    if (!p->status)
        p->status = store_reader_prepare(p->b, g->heads, p->log, &heads);
    while (!p->status && next(p, p->b, heads)) {
        char name[1024];
        snprintf(name, sizeof name, "%s|%s", text_at(heads, 1), text_at(heads, 2));
        if (map_get(keys, name) != YT_NONE || !is_wanted(p, g, heads))
            continue;
        read_values(p, t, g, YT_NONE, sqlite3_column_int64(heads, 0), v);
        difference_series s = {.variable = keep(p, text_at(heads, 1)),
                               .subject = keep(p, text_at(heads, 2)),
                               .unit = keep(p, text_at(heads, 3)),
                               .is_series = g->is_series};
        measure(p, g, v, &s);
        difference_variable *variable = variable_of(p, s.variable, s.unit);
        if (!variable || p->status || !is_different(&s))
            continue;
        variable->series++;
        variable->differ++;
        APPEND(p, series, s);
    }
    sqlite3_finalize(heads);
}

static void compare_group(pair *p, const group *g, values *v)
{
    if (is_same_table(p, g->table) && is_same_table(p, g->names))
        return;
    map *keys = keys_of_b(p, g);
    sqlite3_stmt *heads = NULL;
    twins t = {NULL, NULL};
    if (keys && ask_both(p, g->values, &t))
        p->status = store_reader_prepare(p->a, g->heads, p->log, &heads);
    while (keys && !p->status && next(p, p->a, heads))
        if (is_wanted(p, g, heads))
            compare_key(p, &t, g, heads, keys, v);
    sqlite3_finalize(heads);
    if (keys && !is_same_table(p, g->names))
        add_new_keys(p, &t, g, v);
    forget(&t);
}

static double rank_of(const difference_series *s)
{
    return s->only_a || s->only_b ? s->mean + s->largest : s->mean;
}

static int worst_first(const void *a, const void *b)
{
    const difference_series *x = a, *y = b;
    if (x->is_series != y->is_series)
        return x->is_series ? -1 : 1;
    double left = rank_of(x), right = rank_of(y);
    if (left != right)
        return left > right ? -1 : 1;
    int order = strcmp(x->variable, y->variable);
    return order ? order : strcmp(x->subject, y->subject);
}

static void compare_series(pair *p)
{
    values v = {NULL, 0, 0};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (!p->status)
            compare_group(p, &groups[i], &v);
    difference *d = p->d;
    if (d->series.n)
        qsort(d->series.at, (size_t)d->series.n, sizeof *d->series.at, worst_first);
    for (int32_t i = 0; i < d->series.n; i++) {
        const difference_series *s = &d->series.at[i];
        difference_variable *variable = variable_of(p, s->variable, s->unit);
        if (variable && (!variable->worst || s->largest > variable->worst->largest))
            variable->worst = s;
        if (s->is_series && s->largest > d->largest)
            d->largest = s->largest;
        if (s->is_series && (s->only_a || s->only_b))
            d->largest = INFINITY;
    }
    for (int32_t i = 0; i < d->variable.n; i++)
        if (d->variable.at[i].series)
            d->variable.at[i].mean /= d->variable.at[i].series;
}

/* --------------------------------------------------------------------------------- shares */

static void take_share(pair *p, sqlite3_stmt *a, sqlite3_stmt *b)
{
    sqlite3_stmt *row = a ? a : b;
    double left = a ? sqlite3_column_double(a, 3) : 0, right = b ? sqlite3_column_double(b, 3) : 0;
    if (fabs(left - right) > SMALLEST_SHARE)
        APPEND(p, share,
               (difference_share){keep(p, text_at(row, 0)), keep(p, text_at(row, 1)),
                                  keep(p, text_at(row, 2)), left, right});
}

static int widest_first(const void *a, const void *b)
{
    const difference_share *x = a, *y = b;
    double left = fabs(x->b - x->a), right = fabs(y->b - y->a);
    return left > right ? -1 : left < right;
}

/* What part of a stage's output a region makes, year by year. */
static void compare_shares(pair *p)
{
    if (is_same_table(p, "f_facility") && is_same_table(p, "d_facility"))
        return;
    merge(p,
          "SELECT stage, region, year, sum(tonnes) / nullif(sum(sum(tonnes)) OVER"
          " (PARTITION BY stage, year), 0) FROM (SELECT d.stage, d.region,"
          " CAST((f.id & 65535) / 12 AS TEXT) AS year, sum(f.output) AS tonnes FROM d_run r"
          " CROSS JOIN d_facility d CROSS JOIN f_facility f ON f.id BETWEEN " STORE_FIRST_ID(
              "r.run", "d.key") " AND " STORE_LAST_ID("r.run",
                                                      "d.key") " GROUP BY 1, 2, 3)"
                                                               " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
          3, take_share);
    if (p->d->share.n)
        qsort(p->d->share.at, (size_t)p->d->share.n, sizeof *p->d->share.at, widest_first);
}

/* ------------------------------------------------------------------------------------ all */

static yt_status find_differences(pair *p)
{
    compare_tables(p);
    merge(p, "SELECT key, value FROM manifest ORDER BY key", 1, take_fact);
    if (!p->d->is_identical) {
        compare_inputs(p);
        compare_series(p);
        compare_shares(p);
    }
    return p->status;
}

static yt_status compare_pair(store_reader *a, const char *path, const compare_options *options,
                              FILE *out, yt_log *log, double *largest)
{
    store_reader *b = NULL;
    yt_status status = store_reader_open(path, log, &b);
    if (!status)
        status = store_reader_check(b, log);
    difference d = {.memory = arena_new()};
    if (!status && !d.memory)
        status = YT_ENOMEM;
    if (!status) {
        store_reader_limit(a, SECONDS, options->is_stopped);
        store_reader_limit(b, SECONDS, options->is_stopped);
        d.path_a = store_reader_path(a);
        d.path_b = path;
        pair p = {a, b, &d, options, log, YT_OK};
        status = find_differences(&p);
    }
    if (!status && options->json)
        compare_put_json(&d, options, options->json);
    else if (!status)
        compare_print(&d, options, out);
    if (status == YT_ENOMEM)
        log_error(log, status, place_at(path, 0, 0), "cannot be compared: out of memory");
    if (d.largest > *largest)
        *largest = d.largest;
    arena_free(d.memory);
    store_reader_close(b);
    return status;
}

static bool all_are_ensembles(const char *const paths[], int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (!worlds_are_in(paths[i]))
            return false;
    return true;
}

yt_status compare_stores(const char *const paths[], int32_t n, const compare_options *options,
                         FILE *out, yt_log *log)
{
    store_reader *a = NULL;
    if (all_are_ensembles(paths, n))
        return compare_ensembles(paths, n, options, out, log);
    yt_status status = store_reader_open(paths[0], log, &a);
    if (!status)
        status = store_reader_check(a, log);
    double largest = 0;
    if (!status && options->json) {
        json_key(options->json, "pairs");
        json_begin_array(options->json);
    }
    for (int32_t i = 1; !status && i < n; i++) {
        if (i > 1 && !options->json)
            fputc('\n', out);
        status = compare_pair(a, paths[i], options, out, log, &largest);
    }
    if (a && options->json)
        json_end_array(options->json);
    store_reader_close(a);
    if (!status && options->fail_on >= 0 && largest * 100 > options->fail_on) {
        log_error(log, YT_EINFEAS, place_none(),
                  isinf(largest) ? "series differ by more than %g %%: some have values in one "
                                   "result only"
                                 : "series differ by up to %2$.6g %%, more than %1$g %%",
                  options->fail_on, 100 * largest);
        status = YT_EINFEAS;
    }
    return status;
}
