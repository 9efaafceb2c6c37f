/* table.c - rows and columns for a terminal, a spreadsheet or a program. */
#include "inside.h"

#include "base/arena.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GAP 2               /* spaces between columns               */
#define NARROWEST_FIRST 20  /* texts are not cut below this ...     */
#define NARROWEST_COLUMN 10 /* ... in later columns                */
#define UNLIMITED (1 << 29)

typedef struct cell {
    const char *text; /* NULL: blank                       */
    bool is_number;   /* `text` is a number as JSON has it */
} cell;

struct cli_table {
    arena *memory;
    int32_t columns;
    const char **name;
    bool *is_text; /* [columns] some cell is not a number: left-justified */
    cell *cells;   /* rows x columns and what has begun of the next row   */
    size_t count, room;
    bool is_broken; /* memory ran out */
};

cli_table *cli_table_new(int32_t columns, const char *const *name)
{
    arena *memory = arena_new();
    cli_table *t = memory ? arena_alloc(memory, sizeof *t) : NULL;
    if (!t) {
        arena_free(memory);
        return NULL;
    }
    t->memory = memory;
    t->columns = columns;
    t->name = arena_array(memory, (size_t)columns, sizeof *t->name);
    t->is_text = arena_array(memory, (size_t)columns, sizeof *t->is_text);
    t->is_broken = !t->name || !t->is_text;
    for (int32_t i = 0; i < columns && !t->is_broken; i++) {
        t->name[i] = arena_strdup(memory, name[i]);
        t->is_broken = !t->name[i];
    }
    return t;
}

void cli_table_free(cli_table *t)
{
    if (!t)
        return;
    free(t->cells);
    arena_free(t->memory);
}

static void add(cli_table *t, const char *text, bool is_number)
{
    if (!t || t->is_broken)
        return;
    if (t->count == t->room) {
        size_t room = t->room ? 2 * t->room : 256;
        cell *cells = realloc(t->cells, room * sizeof *cells);
        if (!cells) {
            t->is_broken = true;
            return;
        }
        t->cells = cells;
        t->room = room;
    }
    const char *copy = text ? arena_strdup(t->memory, text) : NULL;
    t->is_broken = text && !copy;
    if (text && *text && !is_number)
        t->is_text[t->count % (size_t)t->columns] = true;
    t->cells[t->count++] = (cell){copy, is_number};
}

void cli_table_text(cli_table *t, const char *text)
{
    add(t, text, false);
}

void cli_table_number(cli_table *t, double value)
{
    char text[32];
    text_format_number(text, sizeof text, value);
    if (isfinite(value))
        add(t, text, true);
    else
        add(t, isnan(value) ? NULL : text, false);
}

void cli_table_integer(cli_table *t, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    add(t, text, true);
}

static int32_t rows(const cli_table *t)
{
    return (int32_t)(t->count / (size_t)t->columns);
}

static const cell *at(const cli_table *t, int32_t row, int32_t column)
{
    return &t->cells[(size_t)row * (size_t)t->columns + (size_t)column];
}

/* ----------------------------------------------------------------------------- terminal */

/* What a person sees of a cell: six digits of a number are enough for the eye. */
static const char *shown(const cell *c, char buffer[32])
{
    if (!c->text)
        return "";
    if (!c->is_number || strlen(c->text) <= 8)
        return c->text;
    double value;
    if (!text_number(c->text, &value))
        return c->text;
    if (value == floor(value) && fabs(value) < 1e15)
        return c->text;
    snprintf(buffer, 32, "%.6g", value);
    return buffer;
}

/* Columns to stay within; no limit when the reader is a program. */
static int table_width(FILE *out)
{
    if (isatty(fileno(out)))
        return cli_width(out);
    const char *columns = getenv("COLUMNS");
    int32_t width;
    return columns && text_integer(columns, &width) && width >= 20 ? width : UNLIMITED;
}

static int total_width(const int *width, int32_t columns)
{
    int total = columns > 0 ? GAP * (columns - 1) : 0;
    for (int32_t i = 0; i < columns; i++)
        total += width[i];
    return total;
}

/* How narrow a column may become: numbers are not cut. */
static int narrowest(const cli_table *t, const int *width, int32_t column)
{
    int least = column == 0 ? NARROWEST_FIRST : NARROWEST_COLUMN;
    return t->is_text[column] && width[column] > least ? least : width[column];
}

/* Narrow the widest texts until the line fits; leave out last columns that cannot be
 * helped.  Returns the columns that are printed. */
static int32_t fit(const cli_table *t, int *width, int limit)
{
    int32_t columns = t->columns;
    for (; columns > 1; columns--) {
        int least = GAP * (columns - 1);
        for (int32_t i = 0; i < columns; i++)
            least += narrowest(t, width, i);
        if (least <= limit)
            break;
    }
    while (total_width(width, columns) > limit) {
        int32_t widest = -1;
        for (int32_t i = 0; i < columns; i++)
            if (width[i] > (columns > 1 ? narrowest(t, width, i) : 1) &&
                (widest < 0 || width[i] > width[widest]))
                widest = i;
        if (widest < 0)
            break;
        width[widest]--;
    }
    return columns;
}

/* `text` in exactly `width` columns, cut with an ellipsis; nothing after the last column. */
static void write_cell(FILE *out, const char *text, int width, bool to_right, bool is_last)
{
    int used, wide = cli_text_width(text);
    if (wide > width) {
        int bytes = cli_text_fit(text, width - 1, &used);
        fprintf(out, "%.*s…", bytes, text);
        wide = used + 1;
        if (!is_last)
            fprintf(out, "%*s", width - wide, "");
        return;
    }
    fprintf(out, "%*s%s%*s", to_right ? width - wide : 0, "", text,
            to_right || is_last ? 0 : width - wide, "");
}

void cli_table_write(const cli *c, FILE *out, const cli_table *t)
{
    if (t->is_broken)
        return;
    int *width = calloc((size_t)t->columns, sizeof *width);
    if (!width)
        return;
    char buffer[32];
    for (int32_t i = 0; i < t->columns; i++) {
        width[i] = cli_text_width(t->name[i]);
        for (int32_t r = 0; r < rows(t); r++) {
            int wide = cli_text_width(shown(at(t, r, i), buffer));
            width[i] = wide > width[i] ? wide : width[i];
        }
    }
    int32_t columns = fit(t, width, table_width(out));

    const char *bold = cli_paint(c, out, CLI_BOLD), *plain = cli_paint(c, out, CLI_PLAIN);
    for (int32_t r = -1; r < rows(t); r++) {
        fputs(r < 0 ? bold : "", out);
        for (int32_t i = 0; i < columns; i++) {
            const char *text = r < 0 ? t->name[i] : shown(at(t, r, i), buffer);
            fprintf(out, "%*s", i > 0 ? GAP : 0, "");
            write_cell(out, text, width[i], !t->is_text[i], i == columns - 1);
        }
        fputs(r < 0 ? plain : "", out);
        fputc('\n', out);
    }
    if (columns < t->columns && !c->quiet) {
        fprintf(stderr, "%snot shown for want of room:", cli_paint(c, stderr, CLI_DIM));
        for (int32_t i = columns; i < t->columns; i++)
            fprintf(stderr, "%s %s", i > columns ? "," : "", t->name[i]);
        fprintf(stderr, "%s\n", cli_paint(c, stderr, CLI_PLAIN));
    }
    free(width);
}

/* ------------------------------------------------------------------------- CSV and JSON */

static void write_csv_cell(FILE *out, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

void cli_table_write_csv(FILE *out, const cli_table *t)
{
    if (t->is_broken)
        return;
    for (int32_t r = -1; r < rows(t); r++)
        for (int32_t i = 0; i < t->columns; i++) {
            const char *text = r < 0 ? t->name[i] : at(t, r, i)->text;
            write_csv_cell(out, text ? text : "");
            fputc(i + 1 < t->columns ? ',' : '\n', out);
        }
}

void cli_table_write_json(json_writer *w, const cli_table *t)
{
    json_begin_array(w);
    for (int32_t r = 0; !t->is_broken && r < rows(t); r++) {
        json_begin_object(w);
        for (int32_t i = 0; i < t->columns; i++) {
            const cell *c = at(t, r, i);
            json_key(w, t->name[i]);
            if (c->is_number)
                json_raw(w, c->text);
            else
                json_text(w, c->text);
        }
        json_end_object(w);
    }
    json_end_array(w);
}

yt_status cli_table_print(cli *c, const char *name, const cli_table *t)
{
    if (!t || t->is_broken) {
        log_error(c->log, YT_ENOMEM, place_none(), "out of memory for the table");
        return YT_ENOMEM;
    }
    if (c->json) {
        json_writer w = cli_json_begin(c);
        json_key(&w, name);
        cli_table_write_json(&w, t);
        yt_status st = w.status;
        cli_json_end(c, &w);
        return st;
    }
    FILE *out = cli_out(c);
    if (!out)
        return YT_EIO;
    if (c->csv)
        cli_table_write_csv(out, t);
    else
        cli_table_write(c, out, t);
    return YT_OK;
}
