/* table.c - a reader of CSV files that knows where everything stands.
 *
 * RFC 4180, with LF or CRLF, with or without a byte order mark.  The file's own bytes are
 * the cells' texts: separators become NUL, quotes are taken out in place.
 * What spreadsheets do to files is recognised and named.
 */
#include "base/table.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define MAX_CELLS 16000000

typedef struct reader {
    arena *memory;
    yt_log *log;
    const char *file;
    yt_status status; /* of the first error */

    char *next, *end;     /* where reading stands */
    int32_t line, column; /* of next */
    int32_t row_line;     /* where the current row began */
} reader;

static void fail(reader *r, yt_status status, int32_t line, int32_t column, const char *text)
{
    if (r->status == YT_OK)
        r->status = status;
    log_error(r->log, status, place_at(r->file, line, column), "%s", text);
}

/* --------------------------------------------------------------- the file as a whole */

/* Line and column of a byte, for messages about bytes. */
static void locate(const char *bytes, size_t offset, int32_t *line, int32_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (bytes[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)bytes[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

static void fail_at(reader *r, const char *bytes, size_t offset, const char *text)
{
    int32_t line, column;
    locate(bytes, offset, &line, &column);
    fail(r, YT_ESYNTAX, line, column, text);
}

/* Text in UTF-8 without NUL; says what it is instead. */
static bool check_encoding(reader *r, const char *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (n >= 2 && ((b[0] == 0xff && b[1] == 0xfe) || (b[0] == 0xfe && b[1] == 0xff))) {
        fail(r, YT_ESYNTAX, 1, 1, "the file is in UTF-16; save it as \"CSV UTF-8\"");
        return false;
    }
    if (n >= 4 && memcmp(bytes, "PK\3\4", 4) == 0) {
        fail(r, YT_ESYNTAX, 1, 1, "the file is a workbook or archive; save it as \"CSV UTF-8\"");
        return false;
    }
    for (size_t i = 0; i < n;) {
        uint64_t eight;
        if (n - i >= 8) {
            /* eight plain characters at once: no high bit, no zero byte */
            memcpy(&eight, bytes + i, 8);
            uint64_t zero = (eight - 0x0101010101010101u) & ~eight;
            if (((eight | zero) & 0x8080808080808080u) == 0) {
                i += 8;
                continue;
            }
        }
        if (b[i] == 0) {
            fail_at(r, bytes, i, "the file contains a NUL byte; save it as \"CSV UTF-8\"");
            return false;
        }
        size_t length = text_utf8_length(bytes + i, n - i);
        if (length == 0) {
            fail_at(r, bytes, i, "this is not UTF-8 text; save the file as \"CSV UTF-8\"");
            return false;
        }
        i += length;
    }
    return true;
}

/* The first line tells the separator: other ones are named. */
static bool check_separator(reader *r, const char *bytes, size_t n)
{
    if (n >= 4 && strncmp(bytes, "sep=", 4) == 0) {
        fail(r, YT_ESYNTAX, 1, 1,
             "\"sep=\" is a spreadsheet's own line; remove it and separate cells with commas");
        return false;
    }
    size_t commas = 0, semicolons = 0, tabs = 0, bars = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < n && (is_quoted || (bytes[i] != '\n' && bytes[i] != '\r')); i++) {
        if (bytes[i] == '"')
            is_quoted = !is_quoted;
        if (is_quoted)
            continue;
        commas += bytes[i] == ',';
        semicolons += bytes[i] == ';';
        tabs += bytes[i] == '\t';
        bars += bytes[i] == '|';
    }
    const char *text = NULL;
    if (semicolons > commas)
        text = "cells are separated by semicolons (;); separate them with commas and write "
               "numbers with a decimal point";
    else if (tabs > commas)
        text = "cells are separated by tabs; separate them with commas";
    else if (bars > commas)
        text = "cells are separated by bars (|); separate them with commas";
    if (text)
        fail(r, YT_ESYNTAX, 1, 1, text);
    return !text;
}

/* ------------------------------------------------------------------------- one cell */

typedef enum after { AFTER_COMMA, AFTER_LINE, AFTER_FILE } after;

/* Step over the rest of a line that could not be understood. */
static after skip_line(reader *r)
{
    char *newline = memchr(r->next, '\n', (size_t)(r->end - r->next));
    if (!newline) {
        r->next = r->end;
        return AFTER_FILE;
    }
    r->next = newline + 1;
    r->line++;
    r->column = 1;
    return AFTER_LINE;
}

/* What follows a cell whose text ends at `stop`; the cell is closed there. */
static after close_cell(reader *r, char *stop)
{
    char c = r->next < r->end ? *r->next : '\0';
    *stop = '\0'; /* may be the separator just read */
    if (r->next == r->end)
        return AFTER_FILE;
    r->next++;
    if (c == ',') {
        r->column++;
        return AFTER_COMMA;
    }
    if (c == '\r')
        r->next++;
    r->line++;
    r->column = 1;
    return AFTER_LINE;
}

static bool at_cell_end(const reader *r)
{
    return r->next == r->end || *r->next == ',' || *r->next == '\n' ||
           (*r->next == '\r' && r->next + 1 < r->end && r->next[1] == '\n');
}

/* A quoted cell: doubled quotes become one, CRLF becomes LF, in place. */
static after read_quoted(reader *r, table_cell *cell, bool *is_bad)
{
    char *out = ++r->next;
    cell->text = out;
    r->column++;
    for (;; r->next++) {
        if (r->next == r->end) {
            fail(r, YT_ESYNTAX, cell->line, cell->column,
                 "the quote (\") that opens here is never closed");
            *is_bad = true;
            *out = '\0';
            return AFTER_FILE;
        }
        char c = *r->next;
        if (c == '"') {
            if (r->next + 1 == r->end || r->next[1] != '"')
                break;
            r->next++;
            r->column++;
        } else if (c == '\r' && r->next + 1 < r->end && r->next[1] == '\n') {
            continue;
        } else if (c == '\n') {
            r->line++;
            r->column = 0;
        }
        *out++ = c;
        r->column += ((unsigned char)c & 0xc0) != 0x80;
    }
    r->next++; /* the closing quote */
    r->column++;
    if (at_cell_end(r))
        return close_cell(r, out);

    char text[200];
    if (cell->line != r->line)
        snprintf(text, sizeof text,
                 "text follows a closing quote (\"); the cell began at %d:%d: is a quote "
                 "missing there?",
                 cell->line, cell->column);
    else
        snprintf(text, sizeof text,
                 "text follows a closing quote (\"); write two quotes for one "
                 "inside a quoted cell");
    fail(r, YT_ESYNTAX, r->line, r->column, text);
    *is_bad = true;
    *out = '\0';
    return skip_line(r);
}

static after read_plain(reader *r, table_cell *cell, bool *is_bad)
{
    char *p = r->next, *end = r->end;
    int32_t column = r->column;
    cell->text = p;
    for (; p < end; p++) {
        unsigned char c = (unsigned char)*p;
        if (c > ',' || c == ' ') { /* most of any table */
            column += (c & 0xc0) != 0x80;
            continue;
        }
        if (c == ',' || c == '\n')
            break;
        if (c == '\r' && p + 1 < end && p[1] == '\n')
            break;
        if (c == '"' || c == '\r') {
            r->next = p;
            r->column = column;
            fail(r, YT_ESYNTAX, r->line, column,
                 c == '"' ? "a quote (\") stands inside a cell that is not quoted; quote the whole "
                            "cell and double the quotes inside"
                          : "a lone carriage return stands here; end lines with LF or CRLF");
            *is_bad = true;
            return skip_line(r);
        }
        column++;
    }
    r->next = p;
    r->column = column;
    return close_cell(r, p);
}

static after read_cell(reader *r, table_cell *cell, bool *is_bad)
{
    *cell = (table_cell){"", r->line, r->column};
    const char *start = r->next;
    after then = r->next < r->end && *r->next == '"' ? read_quoted(r, cell, is_bad)
                                                     : read_plain(r, cell, is_bad);
    if (r->next - start > TABLE_MAX_CELL && !*is_bad) {
        fail(r, YT_EDATA, cell->line, cell->column, "the cell is longer than 1 MB");
        *is_bad = true;
    }
    return then;
}

/* -------------------------------------------------------------------------- one row */

static bool at_blank_line(const reader *r)
{
    return *r->next == '\n' || (*r->next == '\r' && r->next + 1 < r->end && r->next[1] == '\n');
}

/* Step over lines without any character. */
static void skip_blank_lines(reader *r)
{
    while (r->next < r->end && at_blank_line(r))
        skip_line(r);
}

/* One row of exactly `columns` cells; false when it is none (reported). */
static bool read_row(reader *r, table_cell *cell, int32_t columns)
{
    r->row_line = r->line;
    bool is_bad = false, is_blank_beyond = true;
    int32_t n = 0;
    table_cell beyond = {"", 0, 0}; /* the first cell too many */
    table_cell last = {"", r->line, r->column};
    for (after then = AFTER_COMMA; then == AFTER_COMMA; n++) {
        table_cell spare;
        table_cell *c = n < columns ? &cell[n] : &spare;
        then = read_cell(r, c, &is_bad);
        if (n == columns)
            beyond = *c;
        if (n >= columns)
            is_blank_beyond = is_blank_beyond && c->text[0] == '\0';
        last = *c;
    }
    if (is_bad)
        return false;
    if (n == columns)
        return true;

    char text[200];
    const char *cells = columns == 1 ? "cell" : "cells";
    if (n < columns) {
        snprintf(text, sizeof text,
                 "the row has %d of %d %s; the header has %d: write a comma for each empty cell", n,
                 columns, cells, columns);
        fail(r, YT_ESYNTAX, last.line, last.column, text);
    } else {
        snprintf(text, sizeof text, "the row has %d cells; the header has %d: %s", n, columns,
                 is_blank_beyond ? "remove the trailing commas"
                                 : "quote a cell that contains a comma (\"1,5\"), and write "
                                   "numbers without one");
        fail(r, YT_ESYNTAX, beyond.line, beyond.column, text);
    }
    return false;
}

/* ---------------------------------------------------------------------------- header */

static bool check_header(reader *r, const table_cell *header, int32_t columns)
{
    map *seen = map_new(r->memory);
    if (!seen)
        return false;
    bool is_good = true;
    char text[300];
    for (int32_t j = 0; j < columns; j++) {
        if (text_is_blank(header[j].text)) {
            snprintf(text, sizeof text,
                     "column %d of the header has no name (a merged cell or a trailing comma?); "
                     "name it or remove the column",
                     j + 1);
            fail(r, YT_ESYNTAX, header[j].line, header[j].column, text);
            is_good = false;
            continue;
        }
        int added = map_put(seen, header[j].text, j);
        if (added < 0)
            return false;
        if (added == 0) {
            snprintf(text, sizeof text,
                     "column \"%.100s\" stands twice in the header, as %d and %d", header[j].text,
                     map_get(seen, header[j].text) + 1, j + 1);
            fail(r, YT_ESYNTAX, header[j].line, header[j].column, text);
            is_good = false;
        }
    }
    return is_good;
}

static bool read_header(reader *r, table *out)
{
    if (r->next == r->end) {
        fail(r, YT_ESYNTAX, 1, 1, "the file is empty; a header line with column names is due");
        return false;
    }
    table_cell *header = arena_array(r->memory, TABLE_MAX_COLUMNS, sizeof *header);
    if (!header)
        return false;
    bool is_bad = false;
    int32_t columns = 0;
    for (after then = AFTER_COMMA; then == AFTER_COMMA;) {
        if (columns == TABLE_MAX_COLUMNS) {
            char text[80];
            snprintf(text, sizeof text, "the header has more than %d columns", TABLE_MAX_COLUMNS);
            fail(r, YT_EDATA, r->line, r->column, text);
            return false;
        }
        then = read_cell(r, &header[columns++], &is_bad);
    }
    if (is_bad || !check_header(r, header, columns))
        return false;
    out->columns = columns;
    out->header = header;
    return true;
}

/* ----------------------------------------------------------------------------- whole */

/* Cells to make room for: no more rows than lines, no more cells than separators. */
static size_t cells_needed(const reader *r, int32_t columns)
{
    size_t lines = 1, separators = 1;
    for (const char *p = r->next; p < r->end; p++) {
        lines += *p == '\n';
        separators += *p == ',' || *p == '\n';
    }
    if (lines > TABLE_MAX_ROWS)
        lines = TABLE_MAX_ROWS;
    size_t by_lines = lines * (size_t)columns;
    /* a row is written cell by cell before it turns out too short: one row more */
    return (by_lines < separators ? by_lines : separators) + (size_t)columns;
}

static void read_rows(reader *r, table *out)
{
    size_t room = cells_needed(r, out->columns);
    if (room > MAX_CELLS) {
        char text[80];
        snprintf(text, sizeof text, "the table has more than %d cells", MAX_CELLS);
        fail(r, YT_EDATA, 0, 0, text);
        return;
    }
    table_cell *cell = arena_array(r->memory, room, sizeof *cell);
    if (!cell) {
        r->status = YT_ENOMEM;
        return;
    }
    out->cell = cell;
    for (skip_blank_lines(r); r->next < r->end; skip_blank_lines(r)) {
        if (out->rows == TABLE_MAX_ROWS) {
            char text[80];
            snprintf(text, sizeof text, "the table has more than %d rows", TABLE_MAX_ROWS);
            fail(r, YT_EDATA, r->line, 0, text);
            return;
        }
        if (read_row(r, cell + (size_t)out->rows * (size_t)out->columns, out->columns))
            out->rows++;
    }
}

/* `bytes` is ours and has room for a NUL at bytes[n] */
static yt_status parse(arena *a, char *bytes, size_t n, const char *shown_name, yt_log *log,
                       table *out)
{
    reader r = {
        .memory = a, .log = log, .file = arena_strdup(a, shown_name), .line = 1, .column = 1};
    *out = (table){.file = r.file};
    if (!r.file)
        return YT_ENOMEM;
    if (!check_encoding(&r, bytes, n))
        return r.status;
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    r.next = bytes;
    r.end = bytes + n;
    skip_blank_lines(&r);
    if (memchr(bytes, '\r', n) && !memchr(bytes, '\n', n)) {
        fail(&r, YT_ESYNTAX, 1, 0, "lines end in carriage returns alone; end them with LF or CRLF");
        return r.status;
    }
    if (!check_separator(&r, r.next, (size_t)(r.end - r.next)))
        return r.status;
    if (read_header(&r, out))
        read_rows(&r, out);
    else if (r.status == YT_OK)
        r.status = YT_ENOMEM;
    if (r.status == YT_ENOMEM)
        log_error(log, YT_ENOMEM, place_at(r.file, 0, 0), "does not fit into memory");
    return r.status;
}

yt_status table_parse(arena *a, const char *bytes, size_t n, const char *shown_name, yt_log *log,
                      table *out)
{
    *out = (table){.file = shown_name};
    if (n > TABLE_MAX_BYTES) {
        log_error(log, YT_EDATA, place_at(shown_name, 0, 0), "has %zu bytes; the limit is %d", n,
                  TABLE_MAX_BYTES);
        return YT_EDATA;
    }
    char *copy = arena_alloc(a, n + 1);
    if (!copy)
        return YT_ENOMEM;
    if (n > 0)
        memcpy(copy, bytes, n);
    return parse(a, copy, n, shown_name, log, out);
}

yt_status table_read(arena *a, const char *path, const char *shown_name, yt_log *log, table *out)
{
    const char *name = shown_name ? shown_name : path;
    *out = (table){.file = name};
    char *bytes;
    size_t n;
    yt_status status = file_read_all(a, path, name, TABLE_MAX_BYTES, log, &bytes, &n);
    if (status)
        return status;
    return parse(a, bytes, n, name, log, out);
}

int32_t table_column(const table *t, const char *name)
{
    for (int32_t j = 0; j < t->columns; j++)
        if (strcmp(t->header[j].text, name) == 0)
            return j;
    return YT_NONE;
}

/* ----------------------------------------------------------- what spreadsheets spoiled */

static const char *after_digits(const char *p)
{
    while (*p >= '0' && *p <= '9')
        p++;
    return p;
}

/* Groups of three after the first: "1,234", "45.000"; the end of them, or NULL. */
static const char *after_groups(const char *p, char mark)
{
    const char *q = after_digits(p);
    if (q == p || q - p > 3 || *q != mark)
        return NULL;
    while (*q == mark) {
        const char *group = q + 1;
        if (after_digits(group) - group != 3)
            return NULL;
        q = group + 3;
    }
    return q;
}

/* Copy without the marks in `drop`. */
static void without(char *out, size_t size, const char *text, const char *drop)
{
    size_t n = 0;
    for (; *text && n + 1 < size; text++)
        if (!strchr(drop, *text))
            out[n++] = *text;
    out[n] = '\0';
}

/* The same, and a comma left becomes a point. */
static void cleaned(char *out, size_t size, const char *text, const char *drop)
{
    without(out, size, text, drop);
    for (char *comma = strchr(out, ','); comma; comma = strchr(comma, ','))
        *comma = '.';
}

static bool is_month_name(const char *p)
{
    static const char *const names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
    for (int m = 0; m < 12; m++) {
        bool same = true;
        for (int i = 0; i < 3 && same; i++)
            same = p[i] && (p[i] | 0x20) == names[m][i];
        if (same)
            return true;
    }
    return false;
}

static bool has_month_name(const char *text)
{
    for (const char *p = text; *p; p++)
        if (is_month_name(p) && strpbrk(text, "0123456789") && strpbrk(text, "-/. "))
            return true;
    return false;
}

/* Digits twice parted by - or /: "1/2", "3-4-2010" */
static bool looks_like_date(const char *text)
{
    const char *p = after_digits(text);
    if (p == text || (*p != '-' && *p != '/'))
        return false;
    const char *q = after_digits(p + 1);
    return q > p + 1 && (*q == '\0' || *q == *p);
}

/* "write NUMBER" and why, or only why when the buffer is too small */
static const char *say(char *buffer, size_t size, const char *number, const char *why)
{
    int n = snprintf(buffer, size, "write %s: %s", number, why);
    return n > 0 && (size_t)n < size ? buffer : why;
}

const char *table_number_hint(const char *text, char *buffer, size_t size)
{
    const char *p = text + (text[0] == '-' || text[0] == '+');
    char clean[64];
    double number;

    if (text_is_blank(text))
        return "a number is due; the cell is empty";
    if (text[0] == '#')
        return "a spreadsheet formula failed here; write the number itself";
    if (text[0] == '=')
        return "this is a spreadsheet formula; write its result";
    if (strstr(text, "\xc2\xa0") || strstr(text, "\xe2\x80\xaf") || strstr(text, "\xe2\x80\x89"))
        return "remove the no-break or thin space: digits are not grouped";
    if (strstr(text, "\xe2\x88\x92") || strstr(text, "\xe2\x80\x93"))
        return "write a hyphen (-) for minus, not a dash";
    if (text[0] == ' ' || text[0] == '\t' || text_ends_with(text, " "))
        return "remove the blanks around the number";
    if (strchr(text, '%'))
        return "write the number without % and name the unit % in the unit column";
    if (strpbrk(text, "$\xe2\xc2") && strpbrk(text, "0123456789"))
        return "write the number alone; currency and unit have columns of their own";
    if (has_month_name(text) || looks_like_date(text))
        return "a spreadsheet turned this into a date; write the number or the range again as text";

    static const char mark_is_point[] = "the decimal mark is a point";
    static const char not_grouped[] = "digits are not grouped";
    /* 45.000,00 and 1,234.5: both marks */
    const char *q = after_groups(p, '.');
    if (q && *q == ',' && after_digits(q + 1) > q + 1 && *after_digits(q + 1) == '\0') {
        cleaned(clean, sizeof clean, text, ".");
        return say(buffer, size, clean, "the decimal mark is a point and digits are not grouped");
    }
    q = after_groups(p, ',');
    if (q && (*q == '\0' || (*q == '.' && *after_digits(q + 1) == '\0'))) {
        bool is_one_group = *q == '\0' && !strchr(strchr(p, ',') + 1, ',');
        without(clean, sizeof clean, text, ",");
        return say(buffer, size, clean,
                   is_one_group ? "digits are not grouped (or write a point, if the comma is a "
                                  "decimal mark)"
                                : not_grouped);
    }
    q = after_groups(p, '.');
    if (q && *q == '\0' && strchr(strchr(p, '.') + 1, '.')) {
        cleaned(clean, sizeof clean, text, ".");
        return say(buffer, size, clean, not_grouped);
    }
    q = after_digits(p);
    cleaned(clean, sizeof clean, text, "");
    if (*q == ',' && text_number(clean, &number))
        return say(buffer, size, clean, mark_is_point);
    cleaned(clean, sizeof clean, text, " '_");
    if (strpbrk(text, " '_") && text_number(clean, &number))
        return say(buffer, size, clean, not_grouped);
    if ((*p == '.' && after_digits(p + 1) > p + 1) || (*q == '.' && q[1] == '\0' && q > p))
        return "write a digit on both sides of the decimal point";
    if (q > p && *q == 'e' && q[1])
        return "a number such as 1.5e3 is due";
    if (q > p && q[0] && !strpbrk(q, "0123456789"))
        return "write the number alone; its unit has a column of its own";
    char word[8] = "";
    cleaned(word, sizeof word, p, "");
    if (text_distance(word, "nan") == 0 || text_distance(word, "inf") == 0 ||
        text_distance(word, "n/a") == 0 || text_distance(word, "na") == 0)
        return "a number is due; leave the cell empty when it is not known";
    return "a number is due";
}
