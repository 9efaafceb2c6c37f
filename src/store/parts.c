/* parts.c - what is done of a long study, block by block, until its answer can be given. */
#include "store/parts.h"

#include "base/text.h"
#include "store/inside.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct store_parts {
    arena *memory;
    sqlite3 *db;
    char *path, *partial;
    const store_fact *identity; /* [facts] */
    int32_t facts;
    sqlite3_stmt *find, *add;
};

static yt_status fail(const store_parts *p, yt_status status, const char *why, yt_log *log)
{
    log_error(log, status, place_at(p->partial, 0, 0), "cannot be written: %s", why);
    return status;
}

static yt_status fail_sql(const store_parts *p, yt_status status, yt_log *log)
{
    char buffer[512];
    return fail(p, status, sql_reason(p->db, buffer, sizeof buffer), log);
}

/* ------------------------------------------------------------------------------- identity */

static yt_status keep_identity(store_parts *p, const store_fact *identity, int32_t n)
{
    store_fact *kept = arena_array(p->memory, (size_t)n + 1, sizeof *kept);
    for (int32_t i = 0; kept && i < n; i++)
        kept[i] = (store_fact){arena_strdup(p->memory, identity[i].key),
                               arena_strdup(p->memory, identity[i].value)};
    p->identity = kept;
    p->facts = n;
    return kept ? YT_OK : YT_ENOMEM;
}

/* Is what lies in the file of the same study? */
static yt_status check_identity(const store_parts *p, sqlite3 *db, const char *name, yt_log *log)
{
    sqlite3_stmt *find = NULL;
    yt_status status = sql_prepare(db, "SELECT value FROM part_of WHERE key = ?", &find);
    if (status) {
        log_error(log, YT_EDATA, place_at(name, 0, 0), "holds no parts of a study");
        return YT_EDATA;
    }
    for (int32_t i = 0; !status && i < p->facts; i++) {
        sql_bind_text(find, 1, p->identity[i].key);
        bool found = sqlite3_step(find) == SQLITE_ROW;
        const char *there = found ? (const char *)sqlite3_column_text(find, 0) : "missing";
        if (!text_equal(there, p->identity[i].value)) {
            log_error(log, YT_EDATA, place_at(name, 0, 0),
                      "holds parts of another study: its %s is %s, this one's is %s",
                      p->identity[i].key, there, p->identity[i].value);
            status = YT_EDATA;
        }
        sqlite3_reset(find);
    }
    sqlite3_finalize(find);
    return status;
}

/* -------------------------------------------------------------------------------- opening */

static yt_status begin_file(store_parts *p)
{
    sqlite3_stmt *insert = NULL;
    yt_status status =
        sql_run(p->db, "BEGIN; CREATE TABLE part_of(key TEXT PRIMARY KEY, value TEXT);"
                       "CREATE TABLE part(ensemble INTEGER, block INTEGER, bytes BLOB,"
                       " PRIMARY KEY(ensemble, block))");
    if (!status)
        status = sql_prepare(p->db, "INSERT INTO part_of VALUES(?,?)", &insert);
    for (int32_t i = 0; !status && i < p->facts; i++) {
        sql_bind_text(insert, 1, p->identity[i].key);
        sql_bind_text(insert, 2, p->identity[i].value);
        status = sql_step_once(insert);
    }
    sqlite3_finalize(insert);
    return status ? status : sql_run(p->db, "COMMIT");
}

static bool has_beginning(sqlite3 *db)
{
    sqlite3_stmt *find = NULL;
    bool has = !sql_prepare(db, "SELECT 1 FROM part_of", &find) && sqlite3_step(find) == SQLITE_ROW;
    sqlite3_finalize(find);
    return has;
}

static void unlink_part(store_parts *p)
{
    unlink(p->partial);
    write_remove_beside(p->memory, p->partial);
}

static yt_status open_file(store_parts *p, bool overwrite, bool resume, yt_log *log)
{
    bool is_there = access(p->partial, F_OK) == 0;
    if (is_there && !resume && !overwrite) {
        log_error(log, YT_EIO, place_at(p->partial, 0, 0),
                  "an unfinished study lies here: --resume goes on with it, --force begins again");
        return YT_EIO;
    }
    if (is_there && !resume)
        unlink_part(p);
    yt_status status = write_open_database(p->memory, p->partial, &p->db);
    if (status)
        return fail_sql(p, status, log);
    /* ended before it had a beginning: begin it now */
    if (!has_beginning(p->db)) {
        if ((status = begin_file(p)))
            return fail_sql(p, status, log);
    } else if ((status = check_identity(p, p->db, p->partial, log))) {
        return status;
    }
    status =
        sql_prepare(p->db, "SELECT bytes FROM part WHERE ensemble = ? AND block = ?", &p->find);
    if (!status)
        status = sql_prepare(p->db, "INSERT OR REPLACE INTO part VALUES(?,?,?)", &p->add);
    return status ? fail_sql(p, status, log) : YT_OK;
}

yt_status parts_open(const char *path, bool overwrite, bool resume, const store_fact *identity,
                     int32_t n, yt_log *log, store_parts **made)
{
    yt_status status = write_check_target(path, overwrite, log);
    arena *memory = status ? NULL : arena_new();
    store_parts *p = memory ? arena_alloc(memory, sizeof *p) : NULL;
    if (!p) {
        arena_free(memory);
        return status ? status : YT_ENOMEM;
    }
    *p = (store_parts){.memory = memory};
    p->path = arena_strdup(memory, path);
    p->partial = arena_printf(memory, "%s.part", path);
    status = p->path && p->partial ? keep_identity(p, identity, n) : YT_ENOMEM;
    if (!status)
        status = open_file(p, overwrite, resume, log);
    if (status)
        parts_leave(p);
    else
        *made = p;
    return status;
}

/* --------------------------------------------------------------------------------- blocks */

bool parts_read(store_parts *p, int32_t ensemble, int32_t block, void *bytes, size_t size)
{
    sqlite3_bind_int(p->find, 1, ensemble);
    sqlite3_bind_int(p->find, 2, block);
    bool found =
        sqlite3_step(p->find) == SQLITE_ROW && (size_t)sqlite3_column_bytes(p->find, 0) == size;
    if (found)
        memcpy(bytes, sqlite3_column_blob(p->find, 0), size);
    sqlite3_reset(p->find);
    return found;
}

yt_status parts_write(store_parts *p, int32_t ensemble, int32_t block, const void *bytes,
                      size_t size, yt_log *log)
{
    sqlite3_bind_int(p->add, 1, ensemble);
    sqlite3_bind_int(p->add, 2, block);
    sqlite3_bind_blob64(p->add, 3, bytes, size, SQLITE_STATIC);
    yt_status status = sql_step_once(p->add);
    return status ? fail_sql(p, status, log) : YT_OK;
}

static yt_status copy_blocks(store_parts *p, sqlite3 *other)
{
    sqlite3_stmt *rows = NULL;
    yt_status status = sql_prepare(other, "SELECT ensemble, block, bytes FROM part", &rows);
    if (!status)
        status = sql_run(p->db, "BEGIN");
    while (!status && sqlite3_step(rows) == SQLITE_ROW) {
        for (int i = 0; i < 3; i++)
            sqlite3_bind_value(p->add, 1 + i, sqlite3_column_value(rows, i));
        status = sql_step_once(p->add);
    }
    sqlite3_finalize(rows);
    return status ? status : sql_run(p->db, "COMMIT");
}

yt_status parts_take(store_parts *p, const char *path, yt_log *log)
{
    sqlite3 *other = NULL;
    const char *name = path[0] == '/' ? path : arena_printf(p->memory, "./%s", path);
    if (!name)
        return YT_ENOMEM;
    if (access(name, R_OK) != 0 ||
        sqlite3_open_v2(name, &other, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        log_error(log, YT_EIO, place_at(path, 0, 0), "cannot be read: %s", strerror(errno));
        sqlite3_close(other);
        return YT_EIO;
    }
    yt_status status = check_identity(p, other, path, log);
    if (!status && (status = copy_blocks(p, other)))
        fail_sql(p, status, log);
    sqlite3_close(other);
    return status;
}

int32_t parts_count(const store_parts *p)
{
    sqlite3_stmt *count = NULL;
    int32_t n = 0;
    if (!sql_prepare(p->db, "SELECT count(*) FROM part", &count) &&
        sqlite3_step(count) == SQLITE_ROW)
        n = sqlite3_column_int(count, 0);
    sqlite3_finalize(count);
    return n;
}

/* --------------------------------------------------------------------------------- closing */

static void close_database(store_parts *p)
{
    sqlite3_finalize(p->find);
    sqlite3_finalize(p->add);
    sqlite3_close(p->db);
    p->find = p->add = NULL;
    p->db = NULL;
}

void parts_leave(store_parts *p)
{
    if (!p)
        return;
    close_database(p);
    arena_free(p->memory);
}

void parts_remove(store_parts *p)
{
    if (!p)
        return;
    close_database(p);
    unlink_part(p);
    arena_free(p->memory);
}

yt_status parts_finish(store_parts *p, bool overwrite, yt_log *log)
{
    yt_status status = write_set_journal(p->db, "PRAGMA journal_mode = DELETE", "delete");
    if (status)
        fail_sql(p, status, log);
    close_database(p);
    int error = 0;
    if (!status)
        error = place_settle(p->partial, p->path, overwrite);
    if (error)
        status = fail(p, YT_EIO, strerror(error), log);
    arena_free(p->memory);
    return status;
}
