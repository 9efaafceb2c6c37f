/* export_inside.h - what export.c and xlsx.c share. */
#ifndef STORE_EXPORT_INSIDE_H
#define STORE_EXPORT_INSIDE_H

#include "store/inside.h"
#include "store/read.h"

#include <stdbool.h>

/* Names of the views to be exported: those of results first, then the tables of the case. */
typedef struct view_names {
    const char **name;
    int32_t n;
} view_names;

/* Write an .xlsx at `file`, which nobody else knows yet; messages name `shown`. */
yt_status xlsx_write(store_reader *reader, const view_names *views, const char *file,
                     const char *shown, yt_log *log);

/* Is the finished .xlsx what was meant: every sheet with its number of rows?  The library
 * that writes it does not notice every write that fails. */
bool xlsx_is_whole(const char *file, const int64_t *rows, int32_t sheets);

/* SELECT * FROM view. */
yt_status export_select(store_reader *reader, const char *view, yt_log *log, sqlite3_stmt **rows);

#endif
