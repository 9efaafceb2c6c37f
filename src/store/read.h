/* read.h - a store opened for questions only: nothing in the file or in the question can
 * change anything, load anything or take for ever.
 */
#ifndef STORE_READ_H
#define STORE_READ_H

#include "base/json_write.h"
#include "base/log.h"
#include "ytterby.h"

#include <stdbool.h>
#include <stdio.h>

struct sqlite3;
struct sqlite3_stmt;

typedef struct store_reader store_reader;

/* Open a finished store, read-only.
 * Errors: YT_EIO (cannot be read, damaged), YT_ESYNTAX (something else than a store, or one
 * of a later version), YT_ENOMEM. */
yt_status store_reader_open(const char *path, yt_log *log, store_reader **reader);
void store_reader_close(store_reader *reader); /* accepts NULL */
/* SQLite's own checks of every page: about 0.2 s for 60 MB.  YT_EIO when it is damaged. */
yt_status store_reader_check(store_reader *reader, yt_log *log);

struct sqlite3 *store_reader_database(const store_reader *reader);
const char *store_reader_path(const store_reader *reader);

/* Stop questions after so many seconds from now (0: never), or when is_stopped says so. */
void store_reader_limit(store_reader *reader, double seconds, bool (*is_stopped)(void));

/* Prepare a statement of ours; a message when it fails. */
yt_status store_reader_prepare(store_reader *reader, const char *sql, yt_log *log,
                               struct sqlite3_stmt **statement);
/* The message and status for what SQLite just answered. */
yt_status store_reader_failed(store_reader *reader, yt_log *log);

/* ------------------------------------------------------------------------------- views */

/* What views.def says: the views of results and their columns, in order; NULL outside
 * 0..count-1.  The views over the tables of a case are described by model/schema.def. */
typedef struct store_view_info {
    const char *name, *doc;
} store_view_info;
typedef struct store_column_info {
    const char *view, *name, *unit, *doc;
} store_column_info;
const store_view_info *store_view_at(int32_t i);
const store_column_info *store_column_at(int32_t i);
const store_column_info *store_column_find(const char *view, const char *column);

/* Tables f_series, f_flow, f_facility and f_use have one integer for run, key and month:
 * id = ((run << 24 | key) << 16) | month, month counted from year 0. */
#define STORE_FIRST_ID(run, key) "(" run " << 24 | " key ") << 16"
#define STORE_LAST_ID(run, key) STORE_FIRST_ID(run, key) " | 65535"
/* Rows of key ?1 in order: run, month, columns. */
#define STORE_ROWS(columns, table)                                                                 \
    "SELECT r.run, f.id & 65535, " columns " FROM d_run r CROSS JOIN " table " f"                  \
    " ON f.id BETWEEN " STORE_FIRST_ID("r.run", "?1") " AND " STORE_LAST_ID("r.run",               \
                                                                            "?1") " ORDER BY f.id"

/* f_use has all that a use wanted and was served; what is served goes to d_tier 0 first, then
 * to 1, then to 2.  d: of d_use, t: of d_tier, f: of f_use, where served is NULL when it is all
 * that was wanted, '' when there is no number. */
#define STORE_TIER_WANTED                                                                          \
    "f.wanted * CASE t.key WHEN 0 THEN d.share_critical WHEN 2 THEN d.share_flexible"              \
    " ELSE 1 - d.share_critical - d.share_flexible END"
#define STORE_TIER_SERVED                                                                          \
    "CASE typeof(f.served) WHEN 'null' THEN " STORE_TIER_WANTED                                    \
    " WHEN 'real' THEN max(0.0, min(" STORE_TIER_WANTED ", f.served - f.wanted *"                  \
    " CASE t.key WHEN 0 THEN 0 WHEN 1 THEN d.share_critical ELSE 1 - d.share_flexible END)) END"
/* A tier of a use as one number, and its rows in order: run, month, columns. */
#define STORE_TIER_KEY "d.key * 3 + t.key"
#define STORE_TIER_ROWS(columns)                                                                   \
    "SELECT r.run, f.id & 65535, " columns                                                         \
    " FROM d_use d CROSS JOIN d_tier t CROSS JOIN d_run r CROSS JOIN f_use f"                      \
    " ON f.id BETWEEN " STORE_FIRST_ID("r.run", "d.key") " AND " STORE_LAST_ID(                    \
        "r.run", "d.key") " WHERE d.key = ?1 / 3 AND t.key = ?1 % 3 ORDER BY f.id"

/* ------------------------------------------------------------------------------- query */

typedef struct store_parameter {
    const char *name, *value; /* :name in the question stands for the value */
} store_parameter;

typedef struct store_query_options {
    const char *sql; /* or the name of a ready-made question */
    const store_parameter *parameter;
    int32_t parameters;
    bool csv;                 /* else a table                                                  */
    json_writer *json;        /* not NULL: "columns" and "rows" into the object being written  */
    int64_t most_rows;        /* 0: all                                                        */
    double seconds;           /* 0: no limit                                                   */
    bool (*is_stopped)(void); /* may be NULL */
} store_query_options;

/* Answer one SELECT.
 * Errors: those of store_reader_open; YT_EUSAGE for a question that cannot be understood,
 * YT_EIO when it took too long or the output cannot be written, YT_ESTOPPED. */
yt_status store_query(const char *path, const store_query_options *q, FILE *out, yt_log *log);

typedef struct store_question {
    const char *name, *doc, *sql;
} store_question;
/* Ready-made questions; NULL outside 0..count-1. */
const store_question *store_question_at(int32_t i);
const store_question *store_question_find(const char *name);

/* Where a run stands in a rising list of runs; YT_NONE: nowhere. */
int32_t store_run_at(const int32_t run[], int32_t n, int32_t wanted);

#endif
