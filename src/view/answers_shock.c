/* answers_shock.c - view.json of a shock ("ytterby/shock/1"). */
#include "view/answers.h"

#include "base/stats.h"
#include "base/text.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define MARKETS 24 /* of which paths are shown, most worth missing first */
#define USERS 30   /* likewise, largest loss first                       */

static const double quantiles[ANSWERS_QUANTILES] = {0.05, 0.10, 0.50, 0.90, 0.95};

/* ----------------------------------------------------------------------------------- numbers */

typedef struct group { /* rows of one number, those in which it came first, rising */
    const char *name, *region, *about, *unit;
    double *value;
    int32_t n, censored, room;
} group;

/* A quantile that falls among those in which it never came is not known. */
static double quantile_of(const group *g, double p)
{
    int32_t came = g->n - g->censored;
    return ceil(p * (g->n - 1)) < came ? stats_quantile(g->value, g->n, p) : NAN;
}

static yt_status add_number(answers *a, const group *g)
{
    char key[256];
    arena *memory = a->view.memory;
    snprintf(key, sizeof key, "%s|%s|%s", g->name, g->region, g->about);
    if (g->n == 0)
        return YT_OK;
    if (a->numbers == 0 || (a->numbers & (a->numbers - 1)) == 0) {
        answers_number *more = arena_array(memory, 2 * (size_t)a->numbers + 1, sizeof *more);
        if (!more)
            return YT_ENOMEM;
        if (a->numbers > 0)
            memcpy(more, a->number, (size_t)a->numbers * sizeof *more);
        a->number = more;
    }
    int32_t came = g->n - g->censored;
    answers_number *to = &a->number[a->numbers];
    *to = (answers_number){.name = g->name,
                           .region = g->region,
                           .about = g->about,
                           .unit = g->unit,
                           .n = g->n,
                           .censored = g->censored,
                           .mean = came > 0 ? stats_mean(g->value, came) : NAN};
    for (int i = 0; i < ANSWERS_QUANTILES; i++)
        to->q[i] = quantile_of(g, quantiles[i]);
    return view_add(memory, &a->number_ids, key, "") == a->numbers++ ? YT_OK : YT_ENOMEM;
}

static const char *keep(answers *a, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    const char *copy = arena_strdup(a->view.memory, text ? text : "");
    return copy ? copy : "";
}

static bool is_of(const group *g, sqlite3_stmt *row)
{
    const char *const known[] = {g->name, g->region, g->about};
    for (int c = 0; c < 3; c++) {
        const char *text = (const char *)sqlite3_column_text(row, c);
        if (!known[c] || !text_equal(known[c], text ? text : ""))
            return false;
    }
    return true;
}

static void begin_group(answers *a, group *g, sqlite3_stmt *row)
{
    g->name = keep(a, row, 0);
    g->region = keep(a, row, 1);
    g->about = keep(a, row, 2);
    g->unit = keep(a, row, 3);
    g->n = g->censored = 0;
}

static bool add_value(group *g, sqlite3_stmt *row)
{
    if (g->n == g->room) {
        int32_t room = g->room ? 2 * g->room : 256;
        double *more = realloc(g->value, (size_t)room * sizeof *more);
        if (!more)
            return false;
        g->value = more;
        g->room = room;
    }
    g->value[g->n++] = sqlite3_column_double(row, 4);
    g->censored += sqlite3_column_int(row, 5) != 0;
    return true;
}

yt_status shock_read(answers *a)
{
    sqlite3_stmt *rows = NULL;
    group g = {0};
    yt_status status = YT_OK;
    if (sqlite3_prepare_v2(a->db,
                           "SELECT name, region, stage, unit, value, censored FROM outcome"
                           " ORDER BY name, region, stage, censored, value",
                           -1, &rows, NULL) != SQLITE_OK)
        return YT_EIO;
    int code = SQLITE_DONE;
    while (!status && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        if (!is_of(&g, rows)) {
            status = add_number(a, &g);
            begin_group(a, &g, rows);
        }
        if (!status && !add_value(&g, rows))
            status = YT_ENOMEM;
    }
    if (!status)
        status = code == SQLITE_DONE ? add_number(a, &g) : YT_EIO;
    sqlite3_finalize(rows);
    free(g.value);
    return status;
}

const answers_number *shock_number(const answers *a, const char *name, const char *region,
                                   const char *about)
{
    char key[256];
    snprintf(key, sizeof key, "%s|%s|%s", name, region, about);
    int32_t found = view_find(&a->number_ids, key);
    return found == YT_NONE ? NULL : &a->number[found];
}

/* ------------------------------------------------------------------------------------ writing */

static void write_numbers(const answers *a, json_writer *w)
{
    json_key(w, "numbers"); /* q: 5, 10, 50, 90, 95 % of worlds; null: beyond what was watched */
    json_begin_array(w);
    for (int32_t i = 0; i < a->numbers; i++) {
        const answers_number *n = &a->number[i];
        json_begin_object(w);
        json_key_text(w, "v", n->name);
        json_key_text(w, "r", n->region);
        json_key_text(w, "about", n->about);
        json_key_text(w, "unit", n->unit);
        json_key_integer(w, "n", n->n);
        json_key_integer(w, "censored", n->censored);
        json_key_number(w, "mean", view_round(n->mean, 6));
        json_key(w, "q");
        view_numbers(w, n->q, ANSWERS_QUANTILES, 6);
        json_end_object(w);
    }
    json_end_array(w);
}

/* The list of (region, about) whose paths are shown, and the paths' common part. */
#define SHOWN(number, limit)                                                                       \
    "(p.region, p.about) IN (SELECT region, stage FROM outcome WHERE name = '" number "'"          \
    " GROUP BY region, stage HAVING avg(value) > 0 ORDER BY avg(value) DESC LIMIT " limit ")"
#define DIGITS_OF(x) #x
#define TEXT_OF(x) DIGITS_OF(x)

#define MOST_MONTHS 600

typedef struct path { /* months of one path as they come; those it does not know are NAN */
    json_writer *w;
    double *value; /* [months][mean, q10, median, q90] */
    int32_t n, first;
    char name[256];
} path;

static int32_t month_number(const char *text)
{
    return text ? (int32_t)strtol(text, NULL, 10) * 12 + (int32_t)strtol(text + 5, NULL, 10) : 0;
}

static void end_path(path *p)
{
    static const char *const key[] = {"mean", "q10", "median", "q90"};
    if (!*p->name)
        return;
    for (int k = 0; k < 4; k++) {
        json_key(p->w, key[k]);
        json_begin_array(p->w);
        for (int32_t i = 0; i < p->n; i++)
            json_number(p->w, view_round(p->value[4 * i + k], 4));
        json_end_array(p->w);
    }
    json_end_object(p->w);
}

static void begin_path(path *p, sqlite3_stmt *row, const char *name)
{
    static const char *const key[] = {"v", "r", "about", "unit", "from"};
    end_path(p);
    json_begin_object(p->w);
    for (int c = 0; c < 5; c++)
        json_key_text(p->w, key[c], (const char *)sqlite3_column_text(row, c));
    json_key_integer(p->w, "worlds", sqlite3_column_int(row, 5));
    snprintf(p->name, sizeof p->name, "%s", name);
    p->first = month_number((const char *)sqlite3_column_text(row, 4));
    p->n = 0;
}

static void add_month(path *p, sqlite3_stmt *row)
{
    int32_t at = month_number((const char *)sqlite3_column_text(row, 4)) - p->first;
    for (; p->n < at && p->n < MOST_MONTHS; p->n++)
        for (int k = 0; k < 4; k++)
            p->value[4 * p->n + k] = NAN;
    if (p->n == MOST_MONTHS)
        return;
    for (int k = 0; k < 4; k++)
        p->value[4 * p->n + k] = sqlite3_column_double(row, 6 + k);
    p->n++;
}

static void write_paths(answers *a, json_writer *w)
{
    static const char *const sql =
        "SELECT p.variable, p.region, p.about, p.unit, p.month, p.worlds, p.mean, p.q10, p.median,"
        " p.q90 FROM shock_path p WHERE " SHOWN("market_short", TEXT_OF(MARKETS)) " OR " SHOWN(
            "user_loss", TEXT_OF(USERS)) " ORDER BY p.about, p.region, p.variable, p.month";
    sqlite3_stmt *rows = NULL;
    path p = {.w = w, .value = arena_array(a->view.memory, 4 * MOST_MONTHS, sizeof *p.value)};
    char name[256];
    json_key(w, "paths");
    json_begin_array(w);
    bool can_read = p.value && sqlite3_prepare_v2(a->db, sql, -1, &rows, NULL) == SQLITE_OK;
    while (can_read && sqlite3_step(rows) == SQLITE_ROW) {
        snprintf(name, sizeof name, "%s|%s|%s", sqlite3_column_text(rows, 0),
                 sqlite3_column_text(rows, 1), sqlite3_column_text(rows, 2));
        if (!text_equal(name, p.name))
            begin_path(&p, rows, name);
        add_month(&p, rows);
    }
    end_path(&p);
    json_end_array(w);
    sqlite3_finalize(rows);
}

void shock_write(answers *a, json_writer *w)
{
    json_key_text(w, "headline", shock_headline(a));
    json_key_text(w, "what", shock_what(a));
    json_key_text(w, "from", answers_fact(a, "shock_from"));
    json_key_number(w, "months", strtod(answers_fact(a, "shock_months"), NULL));
    json_key_number(w, "watched", strtod(answers_fact(a, "shock_watched"), NULL));
    json_key_number(w, "worlds", strtod(answers_fact(a, "runs"), NULL));
    json_key_number(w, "broken", strtod(answers_fact(a, "broken_worlds"), NULL));
    json_key_text(w, "explanation", answers_fact(a, "explanation"));
    write_numbers(a, w);
    write_paths(a, w);
    answers_rows(a, w, "measures",
                 "SELECT measure, what, loss, loss_avoided AS avoided, unmet_critical AS unmet"
                 " FROM shock_measure ORDER BY loss");
    answers_rows(a, w, "stocks", "SELECT months FROM least_stock ORDER BY months IS NULL, months");
    answers_rows(a, w, "parts",
                 "SELECT product, region, number, good, per_unit AS perUnit, stock FROM line_part"
                 " ORDER BY product, number");
}
