/* table.h - CSV tables (RFC 4180) in which every cell knows its line and column. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/arena.h"
#include "base/log.h"

#include <stdint.h>

#define TABLE_MAX_BYTES (64 << 20)
#define TABLE_MAX_ROWS 1000000
#define TABLE_MAX_COLUMNS 1000
#define TABLE_MAX_CELL (1 << 20) /* bytes */

typedef struct table_cell {
    const char *text; /* never NULL in a table that was read; "" when blank        */
    int32_t line;     /* 1-based line of the cell's first character                */
    int32_t column;   /* 1-based, in characters (code points), of that character */
} table_cell;

typedef struct table {
    const char *file;         /* name shown in messages                    */
    int32_t columns;          /* cells in the header                       */
    int32_t rows;             /* data rows that were whole                 */
    const table_cell *header; /* [columns]                                 */
    const table_cell *cell;   /* [rows x columns], row by row              */
} table;

/* Read a whole table.  Rows with too few or too many cells are reported and left out, and
 * reading goes on.  Returns YT_OK, or the status of the first error; *out then holds the
 * rows that could be read (columns = 0 when the header could not).
 * path        what to open; a regular file
 * shown_name  name in messages; NULL: path */
yt_status table_read(arena *a, const char *path, const char *shown_name, yt_log *log, table *out);
/* The same from memory; `bytes` need not be NUL-terminated. */
yt_status table_parse(arena *a, const char *bytes, size_t n, const char *shown_name, yt_log *log,
                      table *out);

/* Number of the column called `name`, or YT_NONE. */
int32_t table_column(const table *t, const char *name);

static inline const table_cell *table_at(const table *t, int32_t row, int32_t column)
{
    return &t->cell[(size_t)row * (size_t)t->columns + (size_t)column];
}

static inline place table_place(const table *t, const table_cell *cell)
{
    return place_at(t->file, cell->line, cell->column);
}

/* Why `text`, which is no number, looks like one a spreadsheet spoiled, as the end of a
 * message: "write 0.5: the decimal mark is a point".  Never NULL: "a number is due" when
 * nothing better is known.  `buffer` holds the sentence if it must be built. */
const char *table_number_hint(const char *text, char *buffer, size_t size);

#endif
