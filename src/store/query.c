/* query.c - one SELECT, answered as a table, CSV or JSON; and ready-made ones. */
#include "store/read.h"

#include "base/text.h"
#include "store/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKED_AT_ROWS 1000 /* before the widths of a table are settled */
#define WIDEST_COLUMN 60

static const store_question questions[] = {
#define QUESTION(name, doc, sql) {#name, doc, sql},
#include "store/queries.def"
#undef QUESTION
};
#define QUESTIONS ((int32_t)(sizeof questions / sizeof questions[0]))

const store_question *store_question_at(int32_t i)
{
    return i >= 0 && i < QUESTIONS ? &questions[i] : NULL;
}

const store_question *store_question_find(const char *name)
{
    for (int32_t i = 0; i < QUESTIONS; i++)
        if (text_equal(questions[i].name, name))
            return &questions[i];
    return NULL;
}

/* ---------------------------------------------------------------------- what is allowed */

static bool is_harmless_pragma(const char *name)
{
    return text_equal(name, "table_info") || text_equal(name, "table_xinfo") ||
           text_equal(name, "table_list");
}

static int allow(void *data, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)data, (void)c, (void)d;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_FUNCTION:
        return text_equal(b, "load_extension") || text_equal(b, "fts3_tokenizer") ? SQLITE_DENY
                                                                                  : SQLITE_OK;
    case SQLITE_PRAGMA:
        return is_harmless_pragma(a) ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

/* ----------------------------------------------------------------------- helpful errors */

typedef struct words {
    arena *memory;
    const char **word;
    int32_t n, room;
} words;

static void add_word(words *w, const char *word)
{
    if (w->n == w->room) {
        int32_t room = w->room ? 2 * w->room : 64;
        const char **more = arena_array(w->memory, (size_t)room, sizeof *more);
        if (!more)
            return;
        if (w->n)
            memcpy(more, w->word, (size_t)w->n * sizeof *more);
        w->word = more;
        w->room = room;
    }
    char *copy = arena_strdup(w->memory, word);
    if (copy)
        w->word[w->n++] = copy;
}

static words list_words(store_reader *r, arena *memory, const char *sql, const char *argument)
{
    words w = {.memory = memory};
    sqlite3_stmt *list;
    if (sql_prepare(store_reader_database(r), sql, &list))
        return w;
    if (argument)
        sql_bind_text(list, 1, argument);
    while (sqlite3_step(list) == SQLITE_ROW)
        if (sqlite3_column_text(list, 0))
            add_word(&w, (const char *)sqlite3_column_text(list, 0));
    sqlite3_finalize(list);
    return w;
}

static words list_views(store_reader *r, arena *memory)
{
    return list_words(r, memory, "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name",
                      NULL);
}

static const char *joined(const words *w)
{
    const char *text = "";
    for (int32_t i = 0; i < w->n && text; i++)
        text = arena_printf(w->memory, "%s%s%s", text, i ? ", " : "", w->word[i]);
    return text ? text : "";
}

static const char *did_you_mean(const words *w, const char *word)
{
    const char *near = text_nearest(word, w->word, (size_t)w->n);
    return near ? arena_printf(w->memory, "; did you mean %s?", near) : "";
}

static bool has_word(const words *w, const char *word)
{
    for (int32_t i = 0; i < w->n; i++)
        if (text_equal(w->word[i], word))
            return true;
    return false;
}

/* Does the name stand in the question as a word? */
static bool is_mentioned(const char *sql, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = sql; (p = strstr(p, name)); p++) {
        bool starts = p == sql || !(isalnum((unsigned char)p[-1]) || p[-1] == '_');
        bool ends = !(isalnum((unsigned char)p[n]) || p[n] == '_');
        if (starts && ends)
            return true;
    }
    return false;
}

static void explain_table(store_reader *r, arena *memory, const char *name, yt_log *log)
{
    words views = list_views(r, memory);
    log_error(log, YT_EUSAGE, place_none(), "there is no view %s%s  Views: %s", name,
              did_you_mean(&views, name), joined(&views));
}

static void explain_column(store_reader *r, arena *memory, const char *sql, const char *name,
                           yt_log *log)
{
    words views = list_views(r, memory), all = {.memory = memory};
    const char *text = "";
    for (int32_t i = 0; i < views.n; i++) {
        if (!is_mentioned(sql, views.word[i]))
            continue;
        words columns =
            list_words(r, memory, "SELECT name FROM pragma_table_info(?1)", views.word[i]);
        for (int32_t c = 0; c < columns.n; c++)
            add_word(&all, columns.word[c]);
        text = arena_printf(memory, "%s  %s has %s.", text, views.word[i], joined(&columns));
        if (!text)
            return;
    }
    const char *dot = strrchr(name, '.');
    const char *bare = dot ? dot + 1 : name;
    const char *hint =
        has_word(&all, bare) ? " in the views after FROM." : did_you_mean(&all, bare);
    log_error(log, YT_EUSAGE, place_none(), "there is no column %s%s%s", name, *hint ? hint : ".",
              text);
}

static yt_status explain_error(store_reader *r, const char *sql, int code, yt_log *log)
{
    sqlite3 *db = store_reader_database(r);
    int kind = code & 0xff;
    if (kind != SQLITE_ERROR && kind != SQLITE_AUTH && kind != SQLITE_RANGE &&
        kind != SQLITE_TOOBIG)
        return store_reader_failed(r, log);
    arena *memory = arena_new();
    char *text = arena_strdup(memory, sqlite3_errmsg(db));
    int32_t offset = sqlite3_error_offset(db);
    sqlite3_set_authorizer(db, NULL, NULL);
    if (!text)
        log_error(log, YT_EUSAGE, place_none(), "the question cannot be answered");
    else if (kind == SQLITE_AUTH)
        log_error(log, YT_EUSAGE, place_none(),
                  "only SELECT is answered: a result is never changed (%s)", text);
    else if (text_starts_with(text, "no such table: "))
        explain_table(r, memory, text + strlen("no such table: "), log);
    else if (text_starts_with(text, "no such column: "))
        explain_column(r, memory, sql, text + strlen("no such column: "), log);
    else if (offset >= 0)
        log_error(log, YT_EUSAGE, place_none(),
                  "the question is not understood: %s, at character %d", text, (int)offset + 1);
    else
        log_error(log, YT_EUSAGE, place_none(), "the question cannot be answered: %s", text);
    arena_free(memory);
    return YT_EUSAGE;
}

/* ------------------------------------------------------------------------------ prepare */

static bool is_nothing(const char *sql)
{
    return sql[strspn(sql, " \t\r\n;")] == '\0';
}

static yt_status bind_parameters(sqlite3_stmt *statement, const store_query_options *q, yt_log *log)
{
    for (int32_t i = 0; i < q->parameters; i++) {
        const store_parameter *p = &q->parameter[i];
        char name[72];
        snprintf(name, sizeof name, ":%.64s", p->name);
        int at = sqlite3_bind_parameter_index(statement, name);
        if (!at) {
            log_error(log, YT_EUSAGE, place_none(), "the question has no parameter %s", name);
            return YT_EUSAGE;
        }
        sqlite3_bind_text(statement, at, p->value, -1, SQLITE_STATIC);
    }
    return YT_OK;
}

static yt_status prepare(store_reader *r, const char *sql, const store_query_options *q,
                         yt_log *log, sqlite3_stmt **statement)
{
    const char *rest = "";
    int code = sqlite3_prepare_v2(store_reader_database(r), sql, -1, statement, &rest);
    if (code != SQLITE_OK)
        return explain_error(r, sql, code, log);
    const char *why = NULL;
    if (!*statement)
        why = "the question is empty; write a SELECT, or the name of a ready-made one (--list)";
    else if (!is_nothing(rest))
        why = "one question at a time: something follows the first ;";
    else if (sqlite3_column_count(*statement) == 0 || !sqlite3_stmt_readonly(*statement))
        why = "only SELECT is answered: a result is never changed";
    if (why) {
        log_error(log, YT_EUSAGE, place_none(), "%s", why);
        return YT_EUSAGE;
    }
    return bind_parameters(*statement, q, log);
}

/* ------------------------------------------------------------------------------- output */

void value_put_json(json_writer *w, sqlite3_stmt *row, int column)
{
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        json_nothing(w);
        break;
    case SQLITE_INTEGER:
        json_whole(w, sqlite3_column_int64(row, column));
        break;
    case SQLITE_FLOAT:
        json_number(w, sqlite3_column_double(row, column));
        break;
    default:
        json_text(w, (const char *)sqlite3_column_text(row, column));
    }
}

/* A cell as shown in a table: few digits, one line, not too wide. */
static char *shown_cell(sqlite3_stmt *row, int column)
{
    if (sqlite3_column_type(row, column) == SQLITE_FLOAT) {
        char buffer[40];
        double value = sqlite3_column_double(row, column);
        text_format_number(buffer, sizeof buffer, value);
        if (strlen(buffer) > 8)
            snprintf(buffer, sizeof buffer, "%.6g", value);
        return strdup(buffer);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return NULL;
    const char *value = (const char *)sqlite3_column_text(row, column);
    text_put_shown(memory, value ? value : "", "");
    if (fclose(memory) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int width_of(const char *text)
{
    int n = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        n += (*p & 0xc0) != 0x80;
    return n;
}

static void put_cell(FILE *out, const char *text, int width, bool to_the_right, bool is_last)
{
    int n = width_of(text);
    if (n > width) {
        int shown = 0;
        const unsigned char *p = (const unsigned char *)text;
        for (; *p && (shown < width - 1 || (*p & 0xc0) == 0x80); p++) {
            fputc(*p, out);
            shown += (p[1] & 0xc0) != 0x80;
        }
        fputs("\xe2\x80\xa6", out);
        return;
    }
    if (to_the_right)
        fprintf(out, "%*s", width - n, "");
    fputs(text, out);
    if (!to_the_right && !is_last)
        fprintf(out, "%*s", width - n, "");
}

/* A table that is printed while it is read: widths are those of the first rows. */
typedef struct grid {
    int columns;
    int *width;
    bool *is_number;
    char **cell; /* of the rows looked at */
    int32_t rows;
    bool is_settled;
} grid;

static void put_line(const grid *g, FILE *out, char *const *cell)
{
    for (int c = 0; c < g->columns; c++) {
        if (c)
            fputs("  ", out);
        put_cell(out, cell[c], g->width[c], g->is_number[c], c == g->columns - 1);
    }
    fputc('\n', out);
}

static void settle_grid(grid *g, sqlite3_stmt *row, FILE *out)
{
    for (int c = 0; c < g->columns; c++) {
        int width = width_of(sqlite3_column_name(row, c));
        for (int32_t i = 0; i < g->rows; i++) {
            int w = width_of(g->cell[(size_t)i * (size_t)g->columns + (size_t)c]);
            width = w > width ? w : width;
        }
        g->width[c] = width < WIDEST_COLUMN ? width : WIDEST_COLUMN;
    }
    for (int c = 0; c < g->columns; c++) {
        if (c)
            fputs("  ", out);
        put_cell(out, sqlite3_column_name(row, c), g->width[c], g->is_number[c],
                 c == g->columns - 1);
    }
    fputc('\n', out);
    for (int c = 0; c < g->columns; c++) {
        if (c)
            fputs("  ", out);
        for (int i = 0; i < g->width[c]; i++)
            fputc('-', out);
    }
    fputc('\n', out);
    for (int32_t i = 0; i < g->rows; i++)
        put_line(g, out, &g->cell[(size_t)i * (size_t)g->columns]);
    g->is_settled = true;
}

static yt_status grid_row(grid *g, sqlite3_stmt *row, FILE *out)
{
    if (g->rows == LOOKED_AT_ROWS && !g->is_settled)
        settle_grid(g, row, out);
    char **cell = &g->cell[g->is_settled ? 0 : (size_t)g->rows * (size_t)g->columns];
    for (int c = 0; c < g->columns; c++) {
        int type = sqlite3_column_type(row, c);
        if (type == SQLITE_TEXT && !g->is_settled)
            g->is_number[c] = false;
        free(cell[c]);
        cell[c] = shown_cell(row, c);
        if (!cell[c])
            return YT_ENOMEM;
    }
    if (g->is_settled)
        put_line(g, out, cell);
    else
        g->rows++;
    return YT_OK;
}

static yt_status grid_begin(grid *g, int columns)
{
    *g = (grid){.columns = columns};
    g->width = calloc((size_t)columns, sizeof *g->width);
    g->is_number = calloc((size_t)columns, sizeof *g->is_number);
    g->cell = calloc((size_t)columns * LOOKED_AT_ROWS, sizeof *g->cell);
    for (int c = 0; g->is_number && c < columns; c++)
        g->is_number[c] = true;
    return g->width && g->is_number && g->cell ? YT_OK : YT_ENOMEM;
}

static void grid_end(grid *g)
{
    for (size_t i = 0; g->cell && i < (size_t)g->columns * LOOKED_AT_ROWS; i++)
        free(g->cell[i]);
    free(g->cell);
    free(g->width);
    free(g->is_number);
}

/* Names of the columns, made unique: a second x becomes x_2. */
static const char **json_names(arena *memory, sqlite3_stmt *row)
{
    int n = sqlite3_column_count(row);
    const char **name = arena_array(memory, (size_t)n, sizeof *name);
    for (int c = 0; name && c < n; c++) {
        const char *base = sqlite3_column_name(row, c);
        int same = 1;
        for (int before = 0; before < c; before++)
            same += text_equal(sqlite3_column_name(row, before), base);
        name[c] = same > 1 ? arena_printf(memory, "%s_%d", base, same) : arena_strdup(memory, base);
        if (!name[c])
            return NULL;
    }
    return name;
}

/* ---------------------------------------------------------------------------------- run */

typedef struct answer {
    const store_query_options *q;
    FILE *out;
    grid grid;
    arena *memory;
    const char **name;
} answer;

static yt_status answer_begin(answer *a, sqlite3_stmt *row)
{
    if (a->q->csv) {
        csv_put_header(a->out, row);
        return YT_OK;
    }
    if (!a->q->json)
        return grid_begin(&a->grid, sqlite3_column_count(row));
    a->memory = arena_new();
    a->name = json_names(a->memory, row);
    if (!a->name)
        return YT_ENOMEM;
    json_key(a->q->json, "columns");
    json_begin_array(a->q->json);
    for (int c = 0; c < sqlite3_column_count(row); c++)
        json_text(a->q->json, a->name[c]);
    json_end_array(a->q->json);
    json_key(a->q->json, "rows");
    json_begin_array(a->q->json);
    return YT_OK;
}

static yt_status answer_row(answer *a, sqlite3_stmt *row)
{
    json_writer *w = a->q->json;
    if (a->q->csv) {
        csv_put_row(a->out, row);
        return YT_OK;
    }
    if (!w)
        return grid_row(&a->grid, row, a->out);
    json_begin_object(w);
    for (int c = 0; c < sqlite3_column_count(row); c++) {
        json_key(w, a->name[c]);
        value_put_json(w, row, c);
    }
    json_end_object(w);
    return YT_OK;
}

static void answer_end(answer *a, sqlite3_stmt *row, yt_status status)
{
    if (!a->q->csv && a->q->json && a->name)
        json_end_array(a->q->json);
    if (!a->q->csv && !a->q->json && !status && !a->grid.is_settled)
        settle_grid(&a->grid, row, a->out);
    grid_end(&a->grid);
    arena_free(a->memory);
}

static yt_status answer_rows(answer *a, store_reader *r, sqlite3_stmt *statement, const char *sql,
                             yt_log *log)
{
    yt_status status = answer_begin(a, statement);
    int64_t rows = 0;
    int code = SQLITE_DONE;
    while (!status && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (a->q->most_rows && rows++ == a->q->most_rows) {
            log_note(log, place_none(), "only the first %lld rows are shown (--rows)",
                     (long long)a->q->most_rows);
            code = SQLITE_DONE;
            break;
        }
        status = answer_row(a, statement);
        if (a->out && ferror(a->out))
            status = YT_EIO;
    }
    if (status == YT_ENOMEM)
        log_error(log, status, place_none(), "the answer does not fit into memory");
    else if (status)
        log_error(log, status, place_none(), "the answer cannot be written");
    else if (code != SQLITE_DONE)
        status = explain_error(r, sql, code, log);
    answer_end(a, statement, status);
    return status;
}

yt_status store_query(const char *path, const store_query_options *q, FILE *out, yt_log *log)
{
    store_reader *r = NULL;
    yt_status status = store_reader_open(path, log, &r);
    if (status)
        return status;
    const store_question *ready = store_question_find(q->sql);
    const char *sql = ready ? ready->sql : q->sql;
    store_reader_limit(r, q->seconds, q->is_stopped);
    sqlite3 *db = store_reader_database(r);
    sqlite3_set_authorizer(db, allow, NULL);
    sqlite3_stmt *statement = NULL;
    status = prepare(r, sql, q, log, &statement);
    if (!status) {
        answer a = {.q = q, .out = out};
        status = answer_rows(&a, r, statement, sql, log);
    }
    sqlite3_finalize(statement);
    store_reader_close(r);
    return status;
}
