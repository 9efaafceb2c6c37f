/* xlsx.c - a store as a spreadsheet: one sheet per view, months across for results.
 *
 * Long views would not fit the 1,048,576 rows of a sheet, and nobody reads them that way:
 * numbers by month get one row each and a column per month.
 */
#include "base/text.h"
#include "store/export_inside.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define ROWS_MAX 1048576
#define COLUMNS_MAX 16384
#define SHEETS_MAX 400
#define CREATED                                                                                    \
    315532800          /* 1980-01-01, where the clock of ZIP files starts: same store, same bytes */
#define TEXT_MAX 32000 /* characters of a cell, a little below the limit */
#define HEADS_MAX 6
#define MEASURES_MAX 3

/* A view with a column per month. */
typedef struct pivot {
    const char *view;
    const char *heads;  /* key, then the texts that name a row              */
    const char *values; /* run, month and the measures of key ?1, in order  */
    const char *measure[MEASURES_MAX + 1];
} pivot;

static const pivot pivots[] = {
    {"series",
     "SELECT key, variable, region, name AS commodity, unit, commodity AS commodity_id FROM "
     "d_series"
     " ORDER BY key",
     STORE_ROWS("f.value", "f_series"),
     {"value", NULL}},
    {"flow",
     "SELECT key, name AS commodity, origin, destination, kind, commodity AS commodity_id FROM "
     "d_arc"
     " ORDER BY key",
     STORE_ROWS("f.tonnes, f.cif", "f_flow"),
     {"tonnes", "cif_usd_per_t", NULL}},
    {"facility_month",
     "SELECT key, id AS facility FROM d_facility ORDER BY key",
     STORE_ROWS("f.output, f.capacity, (SELECT w.text FROM d_word w WHERE w.key = f.status)",
                "f_facility"),
     {"output", "capacity", "status", NULL}},
    {"use",
     "SELECT min(" STORE_TIER_KEY "), end_use, region, tier FROM d_use d CROSS JOIN d_tier t"
     " GROUP BY end_use, region, tier",
     "SELECT r.run, f.id & 65535, sum(" STORE_TIER_WANTED "), sum(" STORE_TIER_SERVED ")"
     " FROM d_use a JOIN d_use d ON a.end_use IS d.end_use AND a.region IS d.region"
     " CROSS JOIN d_tier t CROSS JOIN d_run r CROSS JOIN f_use f"
     " ON f.id BETWEEN " STORE_FIRST_ID("r.run", "d.key") " AND " STORE_LAST_ID(
         "r.run", "d.key") " WHERE a.key = ?1 / 3 AND t.key = ?1 % 3 GROUP BY 1, 2 ORDER BY 1, 2",
     {"wanted", "served", NULL}},
    {"use_commodity",
     "SELECT " STORE_TIER_KEY
     ", end_use, region, name AS commodity, tier, commodity AS commodity_id"
     " FROM d_use d CROSS JOIN d_tier t ORDER BY 1",
     STORE_TIER_ROWS(STORE_TIER_WANTED ", " STORE_TIER_SERVED),
     {"wanted", "served", NULL}},
};

/* Sheets of these would say again what others say. */
static const char *const left_out[] = {"entity", "month", "manifest"};

typedef struct book {
    store_reader *reader;
    yt_log *log;
    lxw_workbook *workbook;
    lxw_format *bold, *wrapped;
    lxw_worksheet *sheet; /* being written        */
    int64_t row;          /* next one             */
    const char *name;     /* its name, and which part of it */
    int part;
    int64_t rows[SHEETS_MAX]; /* of each finished sheet */
    int32_t sheets;
    bool is_lost; /* a write that the library did not report */
    /* months of the store, and their columns */
    int32_t *month;
    int32_t months;
} book;

/* ---------------------------------------------------------------------------------- cells */

/* Text without control characters and broken UTF-8, short enough for a cell. */
static void put_text(book *b, lxw_col_t column, const char *text, lxw_format *format)
{
    char *shown = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&shown, &size);
    if (memory)
        text_put_shown(memory, text, "\n\t");
    if (!memory || fclose(memory) != 0) {
        free(shown);
        b->is_lost = true;
        return;
    }
    if (size > TEXT_MAX) { /* bytes: never fewer than characters */
        size_t n = TEXT_MAX;
        while (n > 0 && ((unsigned char)shown[n] & 0xc0) == 0x80)
            n--;
        shown[n] = '\0';
        log_warning(b->log, place_none(), "a text of sheet %s was cut at %d characters", b->name,
                    TEXT_MAX);
    }
    if (shown[0] && worksheet_write_string(b->sheet, (lxw_row_t)b->row, column, shown, format))
        b->is_lost = true;
    free(shown);
}

static void put_number(book *b, lxw_col_t column, double value)
{
    char text[32];
    if (isnan(value))
        return;
    if (isinf(value)) { /* the format knows no such number */
        text_format_number(text, sizeof text, value);
        put_text(b, column, text, NULL);
    } else if (worksheet_write_number(b->sheet, (lxw_row_t)b->row, column, value, NULL)) {
        b->is_lost = true;
    }
}

static void put_value(book *b, lxw_col_t column, sqlite3_stmt *row, int i)
{
    int type = sqlite3_column_type(row, i);
    if (type == SQLITE_NULL)
        return;
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
        put_number(b, column, sqlite3_column_double(row, i));
        return;
    }
    const char *text = (const char *)sqlite3_column_text(row, i);
    put_text(b, column, text ? text : "", NULL);
}

/* --------------------------------------------------------------------------------- sheets */

static void end_sheet(book *b)
{
    if (!b->sheet)
        return;
    if (b->sheet->optimize_tmpfile &&
        (fflush(b->sheet->optimize_tmpfile) != 0 || ferror(b->sheet->optimize_tmpfile)))
        b->is_lost = true;
    b->rows[b->sheets++] = b->row;
    b->sheet = NULL;
}

/* A new sheet called `name`, or "name 2" and so on. */
static yt_status begin_sheet(book *b, const char *name, int part)
{
    end_sheet(b);
    if (b->sheets == SHEETS_MAX)
        return YT_ERANGE;
    char title[48];
    if (part > 1)
        snprintf(title, sizeof title, "%.24s %d", name, part);
    else
        snprintf(title, sizeof title, "%.31s", name);
    b->sheet = workbook_add_worksheet(b->workbook, title);
    b->row = 0;
    b->name = name;
    b->part = part;
    return b->sheet ? YT_OK : YT_ENOMEM;
}

static void end_header(book *b, int frozen_columns)
{
    worksheet_freeze_panes(b->sheet, 1, (lxw_col_t)frozen_columns);
    b->row = 1;
}

/* ----------------------------------------------------------------------------- long views */

static void put_long_header(book *b, const char *view, sqlite3_stmt *rows)
{
    int n = sqlite3_column_count(rows);
    worksheet_set_column(b->sheet, 0, (lxw_col_t)(n > 1 ? n - 1 : 1), 16, NULL);
    for (int c = 0; c < n; c++) {
        char title[128];
        const char *name = sqlite3_column_name(rows, c);
        const store_column_info *info = store_column_find(view, name);
        bool has_unit = info && info->unit[0] && !text_equal(info->unit, "1");
        snprintf(title, sizeof title, has_unit ? "%s, %s" : "%s", name, has_unit ? info->unit : "");
        put_text(b, (lxw_col_t)c, title, b->bold);
    }
    end_header(b, 0);
}

static yt_status put_long_view(book *b, const char *view)
{
    sqlite3_stmt *rows;
    yt_status status = export_select(b->reader, view, b->log, &rows);
    if (status)
        return status;
    int code = sqlite3_step(rows);
    int part = 0;
    while (!status && code == SQLITE_ROW && !b->is_lost) {
        if (part == 0 || b->row == ROWS_MAX) {
            status = begin_sheet(b, view, ++part);
            if (status)
                break;
            put_long_header(b, view, rows);
        }
        for (int c = 0; c < sqlite3_column_count(rows); c++)
            put_value(b, (lxw_col_t)c, rows, c);
        b->row++;
        code = sqlite3_step(rows);
    }
    if (!status && code != SQLITE_DONE && code != SQLITE_ROW)
        status = store_reader_failed(b->reader, b->log);
    sqlite3_finalize(rows);
    return status;
}

/* ---------------------------------------------------------------------------- pivoted views */

/* The months of one run of one key, waiting to be written as a row per measure. */
typedef struct block {
    int run, measures;
    bool has_rows;
    double *number;    /* [measures][months], NAN where there is none */
    const char **text; /* [months] of the measure that is text: words of `memory` */
    arena *memory;
} block;

static void clear_block(block *k, int32_t months)
{
    for (int32_t i = 0; i < k->measures * months; i++)
        k->number[i] = NAN;
    for (int32_t m = 0; m < months; m++)
        k->text[m] = NULL;
    k->has_rows = false;
}

static int compare_months(const void *a, const void *b)
{
    return *(const int32_t *)a < *(const int32_t *)b ? -1
                                                     : *(const int32_t *)a > *(const int32_t *)b;
}

static int32_t column_of_month(const book *b, int32_t month)
{
    const int32_t *at = bsearch(&month, b->month, (size_t)b->months, sizeof month, compare_months);
    return at ? (int32_t)(at - b->month) : YT_NONE;
}

static yt_status put_pivot_header(book *b, const pivot *p, sqlite3_stmt *head, int heads)
{
    worksheet_set_column(b->sheet, 0, (lxw_col_t)(heads + 1), 14, NULL);
    lxw_col_t column = 0;
    put_text(b, column++, "run", b->bold);
    for (int h = 0; h < heads; h++)
        put_text(b, column++, sqlite3_column_name(head, h + 1), b->bold);
    if (p->measure[1]) { /* one measure: its unit is a head already */
        put_text(b, column++, "measure", b->bold);
        put_text(b, column++, "unit", b->bold);
    }
    for (int32_t m = 0; m < b->months; m++) {
        char text[16];
        snprintf(text, sizeof text, "%04d-%02d", (int)(b->month[m] / 12),
                 (int)(b->month[m] % 12 + 1));
        put_text(b, (lxw_col_t)(column + m), text, b->bold);
    }
    end_header(b, column);
    return YT_OK;
}

static const char *intern(block *k, const char *text, const char *last)
{
    return last && text_equal(last, text) ? last : arena_strdup(k->memory, text);
}

static yt_status put_block(book *b, const pivot *p, block *k, sqlite3_stmt *head)
{
    int heads = sqlite3_column_count(head) - 1;
    for (int measure = 0; measure < k->measures; measure++) {
        if (b->row == ROWS_MAX) {
            yt_status status = begin_sheet(b, p->view, b->part + 1);
            if (status)
                return status;
            put_pivot_header(b, p, head, heads);
        }
        lxw_col_t column = 0;
        put_number(b, column++, k->run);
        for (int h = 0; h < heads; h++)
            put_value(b, column++, head, h + 1);
        if (p->measure[1]) {
            const store_column_info *info = store_column_find(p->view, p->measure[measure]);
            put_text(b, column++, p->measure[measure], NULL);
            put_text(b, column++, info ? info->unit : "", NULL);
        }
        bool is_text = text_equal(p->measure[measure], "status");
        for (int32_t m = 0; m < b->months; m++) {
            if (!is_text)
                put_number(b, (lxw_col_t)(column + m), k->number[measure * b->months + m]);
            else if (k->text[m])
                put_text(b, (lxw_col_t)(column + m), k->text[m], NULL);
        }
        b->row++;
    }
    clear_block(k, b->months);
    return b->is_lost ? YT_EIO : YT_OK;
}

static yt_status put_key(book *b, const pivot *p, block *k, sqlite3_stmt *head,
                         sqlite3_stmt *values)
{
    yt_status status = YT_OK;
    sqlite3_bind_int64(values, 1, sqlite3_column_int64(head, 0));
    int code;
    while (!status && (code = sqlite3_step(values)) == SQLITE_ROW) {
        int run = sqlite3_column_int(values, 0);
        int32_t m = column_of_month(b, sqlite3_column_int(values, 1));
        if (m == YT_NONE)
            continue;
        if (k->has_rows && run != k->run)
            status = put_block(b, p, k, head);
        k->run = run;
        k->has_rows = true;
        for (int i = 0; i < k->measures; i++) {
            int type = sqlite3_column_type(values, i + 2);
            if (type == SQLITE_TEXT)
                k->text[m] = intern(k, (const char *)sqlite3_column_text(values, i + 2),
                                    m > 0 ? k->text[m - 1] : NULL);
            else if (type != SQLITE_NULL)
                k->number[i * b->months + m] = sqlite3_column_double(values, i + 2);
        }
    }
    if (!status && code != SQLITE_DONE)
        status = store_reader_failed(b->reader, b->log);
    sqlite3_reset(values);
    if (!status && k->has_rows)
        status = put_block(b, p, k, head);
    return status;
}

static yt_status put_keys(book *b, const pivot *p, block *k)
{
    sqlite3_stmt *head = NULL, *values = NULL;
    yt_status status = store_reader_prepare(b->reader, p->heads, b->log, &head);
    if (!status)
        status = store_reader_prepare(b->reader, p->values, b->log, &values);
    bool is_begun = false;
    int code = SQLITE_DONE;
    while (!status && (code = sqlite3_step(head)) == SQLITE_ROW) {
        if (!is_begun) {
            status = begin_sheet(b, p->view, 1);
            if (!status)
                status = put_pivot_header(b, p, head, sqlite3_column_count(head) - 1);
            is_begun = true;
        }
        if (!status)
            status = put_key(b, p, k, head, values);
    }
    if (!status && code != SQLITE_DONE)
        status = store_reader_failed(b->reader, b->log);
    sqlite3_finalize(head);
    sqlite3_finalize(values);
    return status;
}

static yt_status put_pivot(book *b, const pivot *p)
{
    block k = {.memory = arena_new()};
    while (p->measure[k.measures])
        k.measures++;
    size_t months = (size_t)b->months;
    k.number = arena_array(k.memory, months * (size_t)k.measures + 1, sizeof *k.number);
    k.text = arena_array(k.memory, months + 1, sizeof *k.text);
    yt_status status = k.number && k.text ? YT_OK : YT_ENOMEM;
    if (!status) {
        clear_block(&k, b->months);
        status = put_keys(b, p, &k);
    }
    arena_free(k.memory);
    return status;
}

/* --------------------------------------------------------------------------------- README */

static void put_pair(book *b, const char *left, const char *middle, const char *right,
                     lxw_format *format)
{
    put_text(b, 0, left, format);
    put_text(b, 1, middle, format);
    put_text(b, 2, right, format ? format : b->wrapped);
    b->row++;
}

static yt_status put_readme(book *b)
{
    yt_status status = begin_sheet(b, "README", 1);
    sqlite3_stmt *facts = NULL;
    if (!status)
        status = store_reader_prepare(b->reader, "SELECT key, value FROM manifest ORDER BY key",
                                      b->log, &facts);
    if (status)
        return status;
    worksheet_set_column(b->sheet, 0, 1, 20, NULL);
    worksheet_set_column(b->sheet, 2, 2, 90, NULL);
    put_pair(b, "What made these numbers", "", "", b->bold);
    int code;
    while ((code = sqlite3_step(facts)) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(facts, 0);
        const char *value = (const char *)sqlite3_column_text(facts, 1);
        put_pair(b, key ? key : "", "", value ? value : "", NULL);
    }
    sqlite3_finalize(facts);
    put_pair(b, "Sheet and column", "unit", "what it says", b->bold);
    for (int32_t i = 0; store_view_at(i); i++) {
        const store_view_info *view = store_view_at(i);
        put_pair(b, view->name, "", view->doc, NULL);
        for (int32_t c = 0; store_column_at(c); c++) {
            const store_column_info *column = store_column_at(c);
            char name[128];
            snprintf(name, sizeof name, "    %s", column->name);
            if (text_equal(column->view, view->name))
                put_pair(b, name, column->unit, column->doc, NULL);
        }
    }
    put_pair(b, "other sheets", "as written",
             "tables of the case; number is value in the unit of the "
             "model",
             NULL);
    return code == SQLITE_DONE ? YT_OK : store_reader_failed(b->reader, b->log);
}

/* ------------------------------------------------------------------------------------ all */

static yt_status read_months(book *b)
{
    sqlite3_stmt *list;
    yt_status status =
        store_reader_prepare(b->reader, "SELECT month FROM d_month ORDER BY month", b->log, &list);
    if (status)
        return status;
    b->month = calloc(COLUMNS_MAX, sizeof *b->month);
    int code = SQLITE_NOMEM;
    while (b->month && (code = sqlite3_step(list)) == SQLITE_ROW && !status) {
        if (b->months == COLUMNS_MAX - HEADS_MAX - 3)
            status = YT_ERANGE;
        else
            b->month[b->months++] = sqlite3_column_int(list, 0);
    }
    if (!b->month)
        status = YT_ENOMEM;
    else if (status)
        log_error(b->log, status, place_none(), "there are more months than columns of a sheet");
    else if (code != SQLITE_DONE)
        status = store_reader_failed(b->reader, b->log);
    sqlite3_finalize(list);
    return status;
}

static yt_status put_view(book *b, const char *view)
{
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
        if (text_equal(view, left_out[i]))
            return YT_OK;
    for (size_t i = 0; i < sizeof pivots / sizeof pivots[0]; i++)
        if (text_equal(view, pivots[i].view))
            return put_pivot(b, &pivots[i]);
    return put_long_view(b, view);
}

static yt_status write_book(book *b, const view_names *views)
{
    b->bold = workbook_add_format(b->workbook);
    b->wrapped = workbook_add_format(b->workbook);
    if (!b->bold || !b->wrapped)
        return YT_ENOMEM;
    format_set_bold(b->bold);
    format_set_text_wrap(b->wrapped);
    lxw_doc_properties properties = {.created = CREATED};
    if (workbook_set_properties(b->workbook, &properties))
        return YT_ENOMEM;
    yt_status status = read_months(b);
    if (!status)
        status = put_readme(b);
    for (int32_t i = 0; !status && i < views->n; i++)
        status = put_view(b, views->name[i]);
    end_sheet(b);
    return status;
}

yt_status xlsx_write(store_reader *reader, const view_names *views, const char *file,
                     const char *shown, yt_log *log)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    book *b = calloc(1, sizeof *b);
    if (!b)
        return YT_ENOMEM;
    b->reader = reader;
    b->log = log;
    b->workbook = workbook_new_opt(file, &options);
    yt_status status = b->workbook ? write_book(b, views) : YT_ENOMEM;
    lxw_error error = LXW_NO_ERROR;
    errno = 0;
    if (b->workbook)
        error = workbook_close(b->workbook);
    int reason = errno;
    if (b->is_lost || (!status && (error || !xlsx_is_whole(file, b->rows, b->sheets)))) {
        const char *why =
            reason == ENOSPC || reason == EFBIG || reason == EACCES || reason == ENOENT
                ? strerror(reason)
            : error ? lxw_strerror(error)
                    : "the disk, or the folder for temporary files, is full";
        log_error(log, YT_EIO, place_at(shown, 0, 0), "cannot be written: %s", why);
        status = YT_EIO;
    }
    free(b->month);
    free(b);
    return status;
}
