/* read.c - opening a store that may come from anybody. */
#include "store/read.h"

#include "base/text.h"
#include "store/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEADER_BYTES 100       /* of every SQLite file                                  */
#define OPS_BETWEEN_LOOKS 5000 /* steps of SQLite's machine between looks at the clock  */
#define LONGEST_VALUE (64 << 20)
#define OUR_SECONDS 120 /* a question of ours that takes longer meets a hostile file */

struct store_reader {
    sqlite3 *db;
    char *path;
    double seconds, deadline; /* allowed; end on the monotonic clock, 0: none */
    bool (*is_stopped)(void);
    bool was_late, was_stopped;
};

/* ------------------------------------------------------------------------------ header */

static uint32_t big_endian(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static yt_status cannot_read(const char *path, const char *why, yt_log *log)
{
    log_error(log, YT_EIO, place_at(path, 0, 0), "cannot be read: %s", why);
    return YT_EIO;
}

static yt_status judge_header(const unsigned char *header, size_t n, const char *path, yt_log *log)
{
    place at = place_at(path, 0, 0);
    if (n < HEADER_BYTES || memcmp(header, "SQLite format 3", 16) != 0) {
        log_error(log, YT_ESYNTAX, at,
                  "is not a result: results are SQLite files that `run` writes");
        return YT_ESYNTAX;
    }
    if (big_endian(header + 68) != STORE_APPLICATION_ID) {
        log_error(log, YT_ESYNTAX, at, "is an SQLite file, but not a result that `run` wrote");
        return YT_ESYNTAX;
    }
    uint32_t version = big_endian(header + 60);
    if (version != STORE_VERSION) {
        log_error(log, YT_ESYNTAX, at,
                  "is a result of format %u; this program reads format %d: run the case again",
                  (unsigned)version, STORE_VERSION);
        return YT_ESYNTAX;
    }
    return YT_OK;
}

static yt_status look_at_header(const char *path, yt_log *log)
{
    struct stat st;
    /* looked at before opening: opening a pipe may wait for ever */
    if (stat(path, &st) != 0)
        return cannot_read(path, strerror(errno), log);
    if (!S_ISREG(st.st_mode))
        return cannot_read(path, S_ISDIR(st.st_mode) ? "it is a folder" : "it is no regular file",
                           log);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return cannot_read(path, strerror(errno), log);
    unsigned char header[HEADER_BYTES];
    ssize_t got;
    do
        got = pread(fd, header, sizeof header, 0);
    while (got < 0 && errno == EINTR);
    int error = errno;
    close(fd);
    if (got < 0)
        return cannot_read(path, strerror(error), log);
    return judge_header(header, (size_t)got, path, log);
}

/* -------------------------------------------------------------------------------- open */

/* file:PATH?immutable=1, so that no lock, journal or WAL beside it is looked at. */
static char *uri_of(const char *path)
{
    size_t n = strlen(path);
    char *uri = malloc(3 * n + 64);
    if (!uri)
        return NULL;
    char *to = uri + sprintf(uri, path[0] == '/' ? "file://" : "file:");
    for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
        bool plain = *p > ' ' && *p < 0x7f && !strchr("%?#\"<>\\^`{}|", *p);
        to += sprintf(to, plain ? "%c" : "%%%02X", *p);
    }
    strcpy(to, "?mode=ro&immutable=1");
    return uri;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int look_at_clock(void *data)
{
    store_reader *r = data;
    if (r->is_stopped && r->is_stopped())
        r->was_stopped = true;
    if (r->deadline > 0 && now() > r->deadline)
        r->was_late = true;
    return r->was_stopped || r->was_late;
}

void store_reader_limit(store_reader *r, double seconds, bool (*is_stopped)(void))
{
    r->seconds = seconds;
    r->deadline = seconds > 0 ? now() + seconds : 0;
    r->is_stopped = is_stopped;
    r->was_late = r->was_stopped = false;
}

static yt_status harden(sqlite3 *db)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, (int *)NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LONGEST_VALUE);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    /* the first read of the file: its schema; and table functions that questions may use are
     * set up while that is still allowed */
    return sql_run(db, "PRAGMA query_only = ON; PRAGMA cell_size_check = ON;"
                       "PRAGMA cache_size = -32768; SELECT count(*) FROM sqlite_schema;"
                       "SELECT count(*) FROM pragma_table_info('d_series');"
                       "SELECT count(*) FROM json_each('[]');");
}

yt_status store_reader_open(const char *path, yt_log *log, store_reader **reader)
{
    yt_status status = look_at_header(path, log);
    if (status)
        return status;
    store_reader *r = calloc(1, sizeof *r);
    char *uri = r ? uri_of(path) : NULL;
    if (uri)
        r->path = strdup(path);
    if (!uri || !r->path) {
        free(uri);
        store_reader_close(r);
        log_error(log, YT_ENOMEM, place_at(path, 0, 0), "cannot be read: out of memory");
        return YT_ENOMEM;
    }
    int code = sqlite3_open_v2(uri, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    free(uri);
    status = sql_status(code);
    if (!status) {
        store_reader_limit(r, OUR_SECONDS, NULL);
        sqlite3_progress_handler(r->db, OPS_BETWEEN_LOOKS, look_at_clock, r);
        status = harden(r->db);
    }
    if (status) {
        status = store_reader_failed(r, log);
        store_reader_close(r);
        return status;
    }
    *reader = r;
    return YT_OK;
}

void store_reader_close(store_reader *r)
{
    if (!r)
        return;
    sqlite3_close(r->db);
    free(r->path);
    free(r);
}

struct sqlite3 *store_reader_database(const store_reader *r)
{
    return r->db;
}

const char *store_reader_path(const store_reader *r)
{
    return r->path;
}

/* -------------------------------------------------------------------------------- errors */

yt_status store_reader_failed(store_reader *r, yt_log *log)
{
    place at = place_at(r->path, 0, 0);
    int code = sqlite3_errcode(r->db) & 0xff;
    char buffer[512];
    if (r->was_stopped) {
        log_note(log, at, "stopped on request");
        return YT_ESTOPPED;
    }
    if (r->was_late) {
        log_error(log, YT_EIO, at, "gave no answer within %g s", r->seconds);
        return YT_EIO;
    }
    yt_status status = sql_status(code) == YT_ENOMEM ? YT_ENOMEM : YT_EIO;
    bool is_damage = code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_FORMAT ||
                     code == SQLITE_ERROR || code == SQLITE_TOOBIG;
    log_error(log, status, at, is_damage ? "is damaged: %s" : "cannot be read: %s",
              sql_reason(r->db, buffer, sizeof buffer));
    return status;
}

yt_status store_reader_prepare(store_reader *r, const char *sql, yt_log *log,
                               sqlite3_stmt **statement)
{
    *statement = NULL;
    return sql_prepare(r->db, sql, statement) ? store_reader_failed(r, log) : YT_OK;
}

yt_status store_reader_check(store_reader *r, yt_log *log)
{
    sqlite3_stmt *check;
    yt_status status = store_reader_prepare(r, "PRAGMA quick_check(1)", log, &check);
    if (status)
        return status;
    int code = sqlite3_step(check);
    const char *answer = code == SQLITE_ROW ? (const char *)sqlite3_column_text(check, 0) : NULL;
    if (code != SQLITE_ROW) {
        status = store_reader_failed(r, log);
    } else if (!text_equal(answer, "ok")) {
        log_error(log, YT_EIO, place_at(r->path, 0, 0), "is damaged: %s", answer ? answer : "?");
        status = YT_EIO;
    }
    sqlite3_finalize(check);
    return status;
}

/* ------------------------------------------------------------------------------- views */

static const store_view_info views[] = {
#define VIEW(name, doc, select) {#name, doc},
#define COLUMN(...)
#include "store/views.def"
#undef VIEW
#undef COLUMN
};

static const store_column_info columns[] = {
#define VIEW(...)
#define COLUMN(view, column, unit, doc) {#view, #column, unit, doc},
#include "store/views.def"
#undef VIEW
#undef COLUMN
};

#define COUNT(array) ((int32_t)(sizeof(array) / sizeof *(array)))

const store_view_info *store_view_at(int32_t i)
{
    return i >= 0 && i < COUNT(views) ? &views[i] : NULL;
}

const store_column_info *store_column_at(int32_t i)
{
    return i >= 0 && i < COUNT(columns) ? &columns[i] : NULL;
}

const store_column_info *store_column_find(const char *view, const char *column)
{
    for (int32_t i = 0; i < COUNT(columns); i++)
        if (text_equal(columns[i].view, view) && text_equal(columns[i].name, column))
            return &columns[i];
    return NULL;
}

int32_t store_run_at(const int32_t run[], int32_t n, int32_t wanted)
{
    int32_t low = 0, high = n - 1;
    while (low <= high) {
        int32_t middle = low + (high - low) / 2;
        if (run[middle] == wanted)
            return middle;
        if (run[middle] < wanted)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return YT_NONE;
}
