/* answers.c - results that answer one question, opened and asked. */
#include "view/answers.h"

#include "base/text.h"
#include "store/read.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 6

/* ------------------------------------------------------------------------------------ asking */

static sqlite3_stmt *prepare(const answers *a, const char *sql)
{
    sqlite3_stmt *rows = NULL;
    return sqlite3_prepare_v2(a->db, sql, -1, &rows, NULL) == SQLITE_OK ? rows : NULL;
}

static bool next_row(answers *a, sqlite3_stmt *rows)
{
    int code = rows ? sqlite3_step(rows) : SQLITE_DONE;
    if (code != SQLITE_ROW && code != SQLITE_DONE && !a->status)
        a->status = YT_EIO;
    return code == SQLITE_ROW;
}

static void write_value(json_writer *w, sqlite3_stmt *row, int column)
{
    json_key(w, sqlite3_column_name(row, column));
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        json_nothing(w);
        break;
    case SQLITE_INTEGER:
        json_whole(w, sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        json_number(w, view_round(sqlite3_column_double(row, column), DIGITS));
        break;
    default:
        json_text(w, (const char *)sqlite3_column_text(row, column));
    }
}

void answers_rows(answers *a, json_writer *w, const char *key, const char *sql)
{
    sqlite3_stmt *rows = prepare(a, sql);
    json_key(w, key);
    json_begin_array(w);
    while (next_row(a, rows)) {
        json_begin_object(w);
        for (int c = 0; c < sqlite3_column_count(rows); c++)
            write_value(w, rows, c);
        json_end_object(w);
    }
    json_end_array(w);
    sqlite3_finalize(rows);
}

double answers_ask(answers *a, const char *sql)
{
    sqlite3_stmt *rows = prepare(a, sql);
    double value = NAN;
    if (next_row(a, rows) && sqlite3_column_type(rows, 0) != SQLITE_NULL)
        value = sqlite3_column_double(rows, 0);
    sqlite3_finalize(rows);
    return value;
}

const char *answers_ask_text(answers *a, const char *sql)
{
    sqlite3_stmt *rows = prepare(a, sql);
    const char *text = NULL;
    if (next_row(a, rows))
        text = (const char *)sqlite3_column_text(rows, 0);
    text = arena_strdup(a->view.memory, text ? text : "");
    sqlite3_finalize(rows);
    return text ? text : "";
}

void answers_html(answers *a, FILE *page, const char *head, const char *sql)
{
    sqlite3_stmt *rows = prepare(a, sql);
    fprintf(page, "<h2>%s</h2>\n<table><thead><tr>", head);
    for (int c = 0; rows && c < sqlite3_column_count(rows); c++) {
        fputs("<th>", page);
        view_escape(page, sqlite3_column_name(rows, c));
        fputs("</th>", page);
    }
    fputs("</tr></thead>\n<tbody>", page);
    while (next_row(a, rows)) {
        fputs("<tr>", page);
        for (int c = 0; c < sqlite3_column_count(rows); c++) {
            const char *text = (const char *)sqlite3_column_text(rows, c);
            fputs("<td>", page);
            view_escape(page, text ? text : "");
            fputs("</td>", page);
        }
        fputs("</tr>\n", page);
    }
    fputs("</tbody></table>\n", page);
    sqlite3_finalize(rows);
}

const char *answers_fact(const answers *a, const char *key)
{
    const char *value = view_manifest(&a->view, key);
    return value ? value : "";
}

const char *answers_name(const answers *a, const char *id)
{
    const view_list *const lists[] = {&a->view.region, &a->view.end_use, &a->view.element,
                                      &a->view.commodity, &a->view.stage};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        int32_t found = view_find(lists[i], id);
        if (found != YT_NONE && *lists[i]->name[found])
            return lists[i]->name[found];
    }
    return id;
}

/* ----------------------------------------------------------------------------------- opening */

static answers_kind kind_of(sqlite3 *db)
{
    static const struct {
        const char *study;
        answers_kind kind;
    } known[] = {
        {"backtest", ANSWERS_BACKTEST}, {"shock", ANSWERS_SHOCK}, {"screen", ANSWERS_SCREEN}};
    answers_kind kind = ANSWERS_NONE;
    answers a = {.db = db};
    sqlite3_stmt *rows = prepare(&a, "SELECT value FROM manifest WHERE key = 'study'");
    if (next_row(&a, rows))
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (text_equal((const char *)sqlite3_column_text(rows, 0), known[i].study))
                kind = known[i].kind;
    sqlite3_finalize(rows);
    return kind;
}

answers_kind answers_in(const char *path)
{
    store_reader *reader = NULL;
    yt_log *log = yt_log_new(); /* whoever reads it next says what is wrong with it */
    answers_kind kind = ANSWERS_NONE;
    if (log && !store_reader_open(path, log, &reader))
        kind = kind_of(store_reader_database(reader));
    store_reader_close(reader);
    yt_log_free(log);
    return kind;
}

static int32_t year_of(const answers *a, const char *key, int32_t otherwise)
{
    char sql[128];
    snprintf(sql, sizeof sql,
             "SELECT CAST(substr(value, 1, 4) AS INTEGER) FROM manifest WHERE key = '%s'", key);
    sqlite3_stmt *row = prepare(a, sql);
    int32_t year = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int(row, 0) : otherwise;
    sqlite3_finalize(row);
    return year;
}

yt_status answers_open(answers *a, const char *path, yt_log *log)
{
    memset(a, 0, sizeof *a);
    a->view.path = path;
    a->view.log = log;
    a->view.exporter = YT_NONE;
    a->view.memory = arena_new();
    if (!a->view.memory)
        return YT_ENOMEM;
    yt_status status = store_reader_open(path, log, &a->store);
    if (status)
        return status;
    a->db = store_reader_database(a->store);
    a->kind = kind_of(a->db);
    int32_t first = year_of(a, "start", 0), last = year_of(a, "end", 0);
    int32_t years = last >= first && last - first < 500 ? last - first + 1 : 1;
    status = view_load_names(&a->view, a->db, first, years);
    if (!status && a->kind == ANSWERS_SHOCK)
        status = shock_read(a);
    if (status == YT_EIO)
        log_error(log, status, place_at(path, 0, 0),
                  "the result cannot be read: tables of it are "
                  "missing or damaged");
    return status;
}

void answers_close(answers *a)
{
    store_reader_close(a->store);
    arena_free(a->view.memory);
    a->view.memory = NULL;
    a->store = NULL;
}

/* ----------------------------------------------------------------------------------- by kind */

static void write_head(const answers *a, json_writer *w)
{
    const view_world *v = &a->view;
    view_names(w, "regions", &v->region);
    view_names(w, "elements", &v->element);
    view_names(w, "endUses", &v->end_use);
    view_names(w, "commodities", &v->commodity);
    view_names(w, "stages", &v->stage);
    json_key_integer(w, "baseYear", v->base_year);
}

void answers_write(answers *a, json_writer *w)
{
    const view_sink sink = {.json = w};
    json_begin_object(w);
    json_key_text(w, "schema",
                  a->kind == ANSWERS_BACKTEST ? "ytterby/backtest/1"
                  : a->kind == ANSWERS_SHOCK  ? "ytterby/shock/1"
                                              : "ytterby/screen/1");
    write_head(a, w);
    json_key(w, "cards");
    json_begin_array(w);
    answers_cards(a, &sink);
    json_end_array(w);
    if (a->kind == ANSWERS_BACKTEST)
        backtest_write(a, w);
    else if (a->kind == ANSWERS_SHOCK)
        shock_write(a, w);
    else
        screen_write(a, w);
    view_quality(&a->view, w);
    view_manifest_json(&a->view, w);
    json_end_object(w);
    if (a->status && !w->status)
        w->status = a->status;
}

void answers_cards(answers *a, const view_sink *sink)
{
    if (a->kind == ANSWERS_BACKTEST)
        backtest_cards(a, sink);
    else if (a->kind == ANSWERS_SHOCK)
        shock_cards(a, sink);
    else
        screen_cards(a, sink);
}

void answers_table(answers *a, FILE *page)
{
    if (a->kind == ANSWERS_BACKTEST)
        backtest_table(a, page);
    else if (a->kind == ANSWERS_SHOCK)
        shock_table(a, page);
    else
        screen_table(a, page);
}
