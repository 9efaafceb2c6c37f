/* inside.h - what the files of src/store share; nobody else includes it. */
#ifndef STORE_INSIDE_H
#define STORE_INSIDE_H

#include "base/arena.h"
#include "base/log.h"
#include "model/model.h"
#include "store/store.h"

#include <sqlite3.h>
#include <stdio.h>

struct json_writer;

/* In the header of the file: `file`, sqlite3 and we ourselves know a store by them. */
#define STORE_APPLICATION_ID 0x59747279 /* "Ytry" */
#define STORE_VERSION 1

/* Everything that does not depend on the case: tables, and the views of views.def. */
yt_status schema_create_tables(sqlite3 *db);
/* What people call commodities beside their identifiers; once the case's tables are written. */
yt_status schema_name_commodities(sqlite3 *db);
yt_status schema_create_views(sqlite3 *db);

/* The tables of a case: in_<table> for each, its view, and the views input and entity. */
yt_status inputs_write(sqlite3 *db, const yt_model *model);

/* Name of the view over a table of a case: its own, unless a view of results or SQL has
 * taken it. */
const char *inputs_view_name(const char *table);

/* YT_OK, YT_ENOMEM or YT_EIO for a result code of SQLite. */
yt_status sql_status(int code);
/* Run statements without results. */
yt_status sql_run(sqlite3 *db, const char *sql);
yt_status sql_runf(sqlite3 *db, const char *format, ...) __attribute__((format(printf, 2, 3)));
yt_status sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **statement);
/* One execution of a statement that gives no rows; ready for the next. */
yt_status sql_step_once(sqlite3_stmt *statement);
/* NULL and "" give NULL; the text must live until the next step. */
int sql_bind_text(sqlite3_stmt *statement, int i, const char *text);
/* "database or disk is full (No space left on device)"; buffer holds it. */
const char *sql_reason(sqlite3 *db, char *buffer, size_t size);

/* What writers of worlds and of ensembles share (write.c). */
yt_status write_check_target(const char *path, bool overwrite, yt_log *log);
yt_status write_open_database(arena *memory, const char *path, sqlite3 **db);
yt_status write_set_journal(sqlite3 *db, const char *sql, const char *mode);
/* Tables, views, the case's inputs and what the model can tell of itself, in one transaction. */
yt_status write_head(sqlite3 *db, const yt_model *model, const store_layout *layout);
/* Insert n names, each row its number and `columns` texts that `text` points to. */
yt_status write_names(sqlite3 *db, const char *insert, int32_t n, int32_t columns,
                      const char *const *text);
yt_status write_facts(sqlite3 *db, const store_fact *facts, int32_t n);
/* Unlink what SQLite keeps beside a file while it is open. */
void write_remove_beside(arena *memory, const char *path);

/* Files on their way to their place: name beside it, durable rename. */
char *place_partial_name(arena *a, const char *path, int attempt);
/* fsync a file or folder; 0 or errno. */
int place_sync(const char *path);
int place_sync_folder_of(const char *path);
/* Rename, refusing to replace unless told; 0 or errno. */
int place_rename(const char *from, const char *to, bool replace);
/* A finished file to its place for good: synced, renamed, its folder synced; 0 or errno. */
int place_settle(const char *partial, const char *path, bool replace);
/* Say which files interrupted writers left beside `path`. */
void place_note_leftovers(const char *path, yt_log *log);

/* Is this text one that a spreadsheet would take for a formula? */
bool csv_is_formula(const char *text);
void csv_put_text(FILE *out, const char *text);
void csv_put_value(FILE *out, sqlite3_stmt *row, int column);
void csv_put_row(FILE *out, sqlite3_stmt *row);
void csv_put_header(FILE *out, sqlite3_stmt *row);
/* Text with control characters and broken UTF-8 as \xNN, but for those in `allowed`. */
void text_put_shown(FILE *out, const char *text, const char *allowed);
/* A value of a row as JSON. */
void value_put_json(struct json_writer *w, sqlite3_stmt *row, int column);

#endif
