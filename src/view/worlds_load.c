/* worlds_load.c - an ensemble's result read once. */
#include "view/worlds.h"

#include "base/text.h"
#include "store/read.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static const double quantiles[WORLDS_QUANTILES] = {0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};

static const char *text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return text ? text : "";
}

static double number_of(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? NAN
                                                           : sqlite3_column_double(row, column);
}

static const char *keep(worlds *w, const char *text)
{
    const char *copy = arena_strdup(w->view.memory, text);
    return copy ? copy : "";
}

bool worlds_are_in(const char *path)
{
    store_reader *reader = NULL;
    sqlite3_stmt *study = NULL;
    yt_log *log = yt_log_new(); /* whoever reads it next says what is wrong with it */
    bool found = false;
    if (!log || store_reader_open(path, log, &reader)) {
        yt_log_free(log);
        return false;
    }
    if (sqlite3_prepare_v2(store_reader_database(reader),
                           "SELECT 1 FROM manifest WHERE key = 'study' AND value = 'simulate'", -1,
                           &study, NULL) == SQLITE_OK)
        found = sqlite3_step(study) == SQLITE_ROW;
    sqlite3_finalize(study);
    store_reader_close(reader);
    yt_log_free(log);
    return found;
}

/* ----------------------------------------------------------------------------------- runs */

static yt_status read_runs(worlds *w, sqlite3 *db)
{
    sqlite3_stmt *rows = NULL;
    int32_t n = 0;
    if (sqlite3_prepare_v2(db, "SELECT run FROM outcome WHERE name = 'broken_month' ORDER BY run",
                           -1, &rows, NULL) != SQLITE_OK)
        return YT_EIO;
    while (sqlite3_step(rows) == SQLITE_ROW)
        n++;
    sqlite3_reset(rows);
    w->run = arena_array(w->view.memory, (size_t)n + 1, sizeof *w->run);
    while (w->run && w->runs < n && sqlite3_step(rows) == SQLITE_ROW)
        w->run[w->runs++] = sqlite3_column_int(rows, 0);
    sqlite3_finalize(rows);
    return w->run ? YT_OK : YT_ENOMEM;
}

/* ---------------------------------------------------------------------------------- lists */

static void key_text(char key[256], const char *name, const char *region, const char *about)
{
    snprintf(key, 256, "%s|%s|%s", name, region, about);
}

/* Room for a list that grows by doubling; NULL when memory is short. */
static void *grown(worlds *w, void *list, int32_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0)
        return list;
    char *room = arena_array(w->view.memory, n > 0 ? 2 * (size_t)n : 1, size);
    if (room && n > 0)
        memcpy(room, list, (size_t)n * size);
    return room;
}

static worlds_number *add_number(worlds *w, sqlite3_stmt *row, const char *key)
{
    worlds_number *list = grown(w, w->number, w->numbers, sizeof *list);
    double *value = arena_array(w->view.memory, (size_t)w->runs + 1, sizeof *value);
    bool *censored = arena_array(w->view.memory, (size_t)w->runs + 1, sizeof *censored);
    if (!list || !value || !censored ||
        view_add(w->view.memory, &w->number_ids, key, "") != w->numbers)
        return NULL;
    for (int32_t i = 0; i < w->runs; i++)
        value[i] = NAN;
    w->number = list;
    list[w->numbers] = (worlds_number){keep(w, text_of(row, 0)),
                                       keep(w, text_of(row, 1)),
                                       keep(w, text_of(row, 2)),
                                       keep(w, text_of(row, 3)),
                                       value,
                                       censored};
    return &list[w->numbers++];
}

static yt_status read_numbers(worlds *w, sqlite3 *db)
{
    sqlite3_stmt *rows = NULL;
    char last[256] = "", key[256];
    worlds_number *at = NULL;
    if (sqlite3_prepare_v2(db,
                           "SELECT name, region, stage, unit, run, value, censored FROM outcome",
                           -1, &rows, NULL) != SQLITE_OK)
        return YT_EIO;
    yt_status status = YT_OK;
    while (!status && sqlite3_step(rows) == SQLITE_ROW) {
        key_text(key, text_of(rows, 0), text_of(rows, 1), text_of(rows, 2));
        if (!at || strcmp(key, last) != 0) {
            int32_t found = view_find(&w->number_ids, key);
            at = found == YT_NONE ? add_number(w, rows, key) : &w->number[found];
            memcpy(last, key, sizeof last);
        }
        int32_t run = store_run_at(w->run, w->runs, sqlite3_column_int(rows, 4));
        status = at ? YT_OK : YT_ENOMEM;
        if (!at || run == YT_NONE)
            continue;
        at->value[run] = number_of(rows, 5);
        at->censored[run] = sqlite3_column_int(rows, 6) != 0;
    }
    sqlite3_finalize(rows);
    return status;
}

/* "independence_2030": known as soon as that year is over. */
static bool is_of_a_year(const char *name)
{
    size_t n = strlen(name);
    return n > 5 && name[n - 5] == '_' && strspn(name + n - 4, "0123456789") == 4;
}

/* A world that broke off lived too short for its sums to be counted among the others'; its dates
 * are lives cut short when it broke. */
static void mark_broken(worlds *w)
{
    const worlds_number *end = worlds_find(w, "broken_month", "", "");
    w->is_broken = arena_array(w->view.memory, (size_t)w->runs + 1, sizeof *w->is_broken);
    for (int32_t i = 0; end && w->is_broken && i < w->runs; i++) {
        w->is_broken[i] = !end->censored[i];
        w->broken += w->is_broken[i];
        for (int32_t k = 0; k < w->numbers && w->is_broken[i]; k++)
            if (!worlds_is_date(w->number[k].name) && !is_of_a_year(w->number[k].name) &&
                &w->number[k] != end)
                w->number[k].value[i] = NAN;
    }
}

/* ----------------------------------------------------------------------------------- fans */

static worlds_fan *add_fan(worlds *w, sqlite3_stmt *row, const char *key)
{
    size_t cells = (size_t)w->view.years * WORLDS_QUANTILES;
    worlds_fan *list = grown(w, w->fan, w->fans, sizeof *list);
    double *value = arena_array(w->view.memory, cells + 1, sizeof *value);
    if (!list || !value || view_add(w->view.memory, &w->fan_ids, key, "") != w->fans)
        return NULL;
    for (size_t i = 0; i < cells; i++)
        value[i] = NAN;
    w->fan = list;
    list[w->fans] = (worlds_fan){keep(w, text_of(row, 0)), keep(w, text_of(row, 1)),
                                 keep(w, text_of(row, 2)), keep(w, text_of(row, 3)), value};
    return &list[w->fans++];
}

static yt_status read_fans(worlds *w, sqlite3 *db)
{
    sqlite3_stmt *rows = NULL;
    char key[256];
    if (sqlite3_prepare_v2(
            db,
            "SELECT variable, region, commodity, unit, substr(month, 1, 4), quantile, value"
            " FROM fan",
            -1, &rows, NULL) != SQLITE_OK)
        return YT_EIO;
    yt_status status = YT_OK;
    while (!status && sqlite3_step(rows) == SQLITE_ROW) {
        key_text(key, text_of(rows, 0), text_of(rows, 1), text_of(rows, 2));
        int32_t found = view_find(&w->fan_ids, key);
        worlds_fan *at = found == YT_NONE ? add_fan(w, rows, key) : &w->fan[found];
        int32_t year = sqlite3_column_int(rows, 4) - w->view.first_year;
        status = at ? YT_OK : YT_ENOMEM;
        for (int q = 0; at && q < WORLDS_QUANTILES && year >= 0 && year < w->view.years; q++)
            if (fabs(number_of(rows, 5) - quantiles[q]) < 1e-9)
                at->value[year * WORLDS_QUANTILES + q] = number_of(rows, 6);
    }
    sqlite3_finalize(rows);
    return status;
}

/* -------------------------------------------------------------------------------- tornado */

/* Results without the view have no bars. */
static yt_status read_effects(worlds *w, sqlite3 *db)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(db,
                           "SELECT outcome, region, parameter, method, low, high, effect_low,"
                           " effect_high, error, cut, worlds FROM tornado",
                           -1, &rows, NULL) != SQLITE_OK)
        return YT_OK;
    yt_status status = YT_OK;
    while (!status && sqlite3_step(rows) == SQLITE_ROW) {
        worlds_effect *list = grown(w, w->effect, w->effects, sizeof *list);
        status = list ? YT_OK : YT_ENOMEM;
        if (!list)
            continue;
        w->effect = list;
        list[w->effects++] = (worlds_effect){
            keep(w, text_of(rows, 0)), keep(w, text_of(rows, 1)),   keep(w, text_of(rows, 2)),
            keep(w, text_of(rows, 3)), number_of(rows, 4),          number_of(rows, 5),
            number_of(rows, 6),        number_of(rows, 7),          number_of(rows, 8),
            number_of(rows, 9),        sqlite3_column_int(rows, 10)};
    }
    sqlite3_finalize(rows);
    return status;
}

/* ------------------------------------------------------------------------------ the whole */

static void find_incumbent(worlds *w)
{
    w->incumbent = "";
    for (int32_t i = 0; i < w->fans && !*w->incumbent; i++)
        if (text_equal(w->fan[i].variable, "price_export"))
            w->incumbent = w->fan[i].region;
    w->view.exporter = view_find(&w->view.region, w->incumbent);
}

static int32_t fact_year(sqlite3 *db, const char *key, int32_t otherwise)
{
    sqlite3_stmt *find = NULL;
    int32_t year = otherwise;
    if (sqlite3_prepare_v2(db,
                           "SELECT CAST(substr(value, 1, 4) AS INTEGER) FROM manifest"
                           " WHERE key = ?",
                           -1, &find, NULL) == SQLITE_OK) {
        sqlite3_bind_text(find, 1, key, -1, SQLITE_STATIC);
        if (sqlite3_step(find) == SQLITE_ROW)
            year = sqlite3_column_int(find, 0);
    }
    sqlite3_finalize(find);
    return year;
}

static yt_status read_all(worlds *w, sqlite3 *db, const char *path, yt_log *log)
{
    int32_t first = fact_year(db, "fan_first_year", 0), last = fact_year(db, "end", 0);
    yt_status status = YT_EIO;
    if (first > 0 && last >= first && last - first < 500)
        status = view_load_names(&w->view, db, first, last - first + 1);
    if (!status)
        status = read_runs(w, db);
    if (!status)
        status = read_numbers(w, db);
    if (!status)
        status = read_fans(w, db);
    if (!status)
        status = read_effects(w, db);
    if (status == YT_EIO || (!status && w->runs == 0)) {
        log_error(log, YT_EIO, place_at(path, 0, 0),
                  "this result has no worlds in it; make one with: ytterby simulate CASE -o %s",
                  path);
        status = YT_EIO;
    }
    if (!status) {
        find_incumbent(w);
        mark_broken(w);
    }
    return status;
}

yt_status worlds_load(worlds *w, const char *path, yt_log *log)
{
    memset(w, 0, sizeof *w);
    w->view.path = path;
    w->view.log = log;
    w->view.exporter = YT_NONE;
    w->view.memory = arena_new();
    if (!w->view.memory)
        return YT_ENOMEM;
    store_reader *store = NULL;
    yt_status status = store_reader_open(path, log, &store);
    if (!status)
        status = read_all(w, store_reader_database(store), path, log);
    store_reader_close(store);
    return status;
}

void worlds_free(worlds *w)
{
    arena_free(w->view.memory);
    w->view.memory = NULL;
}

const worlds_number *worlds_find(const worlds *w, const char *name, const char *region,
                                 const char *about)
{
    char key[256];
    key_text(key, name, region, about);
    int32_t found = view_find(&w->number_ids, key);
    return found == YT_NONE ? NULL : &w->number[found];
}

const worlds_fan *worlds_find_fan(const worlds *w, const char *variable, const char *region,
                                  const char *about)
{
    char key[256];
    key_text(key, variable, region, about);
    int32_t found = view_find(&w->fan_ids, key);
    return found == YT_NONE ? NULL : &w->fan[found];
}

const worlds_number *worlds_next(const worlds *w, const char *name, int32_t *i)
{
    for (; *i < w->numbers; ++*i)
        if (text_equal(w->number[*i].name, name) && *w->number[*i].region &&
            !text_equal(w->number[*i].region, w->incumbent) &&
            !text_equal(w->number[*i].region, "outside"))
            return &w->number[(*i)++];
    return NULL;
}

bool worlds_is_date(const char *name)
{
    static const char *const dates[] = {"break_free_year", "first_mine_year", "squeeze_year",
                                        "years_to_first_mine"};
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        if (text_equal(name, dates[i]))
            return true;
    return false;
}

const char *worlds_region_name(const worlds *w, const char *id)
{
    int32_t r = view_find(&w->view.region, id);
    return r == YT_NONE ? id : w->view.region.name[r];
}
