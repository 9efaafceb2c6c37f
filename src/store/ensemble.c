/* ensemble.c - many worlds in one file: outcomes of each, quantiles over all.
 *
 * A block's buckets are kept compressed, as they are: they can be merged in any order, and
 * quantiles come from counting them.  See ensemble.h.
 */
#include "store/ensemble.h"

#include "base/file.h"
#include "base/text.h"
#include "store/inside.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define REPLICATES 16 /* of the sampling: world i belongs to replicate i % 16 */

static const double quantiles[] = {0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};
enum { QUANTILES = sizeof quantiles / sizeof *quantiles };

struct store_ensemble {
    arena *memory;
    sqlite3 *db;
    char *path, *partial;
    bool replace;
    ensemble_layout layout;
    sqlite3_stmt *has, *add_outcome, *add_code, *add_block;
};

static yt_status fail(const store_ensemble *e, yt_status status, const char *why, yt_log *log)
{
    log_error(log, status, place_at(e->path, 0, 0), "cannot be written: %s", why);
    return status;
}

static yt_status fail_sql(const store_ensemble *e, yt_status status, yt_log *log)
{
    char buffer[512];
    return fail(e, status, sql_reason(e->db, buffer, sizeof buffer), log);
}

/* ------------------------------------------------------------------------------- opening */

/* A key is a struct of nothing but texts. */
static yt_status write_keys(sqlite3 *db, const char *sql, const ensemble_key *key, int32_t n)
{
    return write_names(db, sql, n, sizeof *key / sizeof(const char *), (const char *const *)key);
}

static yt_status begin_file(store_ensemble *e, const yt_model *model, const store_fact *identity,
                            int32_t n)
{
    const store_layout no_series = {0};
    yt_status status = write_head(e->db, model, &no_series);
    if (!status)
        status = sql_run(e->db, "BEGIN");
    if (!status)
        status = write_keys(e->db, "INSERT INTO d_outcome VALUES(?,?,?,?,?)", e->layout.outcome,
                            e->layout.outcomes);
    if (!status)
        status =
            write_keys(e->db, "INSERT INTO d_fan VALUES(?,?,?,?,?)", e->layout.fan, e->layout.fans);
    if (!status)
        status = write_facts(e->db, identity, n);
    return status ? status : sql_run(e->db, "COMMIT");
}

static yt_status refuse(const char *name, yt_log *log)
{
    log_error(log, YT_EDATA, place_at(name, 0, 0), "is no result of ytterby simulate");
    return YT_EDATA;
}

/* Is what lies in `schema` ("main", or an attached file) the same ensemble? */
static yt_status check_identity(const store_ensemble *e, const char *schema, const char *name,
                                const store_fact *identity, int32_t n, yt_log *log)
{
    sqlite3_stmt *find = NULL;
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT value FROM %s.d_manifest WHERE key = ?", schema);
    if (sql_prepare(e->db, sql, &find))
        return refuse(name, log);
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < n; i++) {
        sql_bind_text(find, 1, identity[i].key);
        bool found = sqlite3_step(find) == SQLITE_ROW;
        const char *there = found ? (const char *)sqlite3_column_text(find, 0) : NULL;
        if (!there) {
            status = refuse(name, log);
        } else if (strcmp(there, identity[i].value) != 0) {
            log_error(log, YT_EDATA, place_at(name, 0, 0),
                      "is another ensemble: its %s is %s, this one's is %s", identity[i].key, there,
                      identity[i].value);
            status = YT_EDATA;
        }
        sqlite3_reset(find);
    }
    sqlite3_finalize(find);
    return status;
}

static yt_status prepare(store_ensemble *e)
{
    yt_status status = sql_prepare(e->db, "SELECT 1 FROM f_block WHERE block = ?", &e->has);
    if (!status)
        status = sql_prepare(e->db, "INSERT INTO f_outcome VALUES(?,?,?,?)", &e->add_outcome);
    if (!status)
        status = sql_prepare(e->db, "INSERT INTO f_code VALUES(?,?,?)", &e->add_code);
    if (!status)
        status = sql_prepare(e->db, "INSERT INTO f_block VALUES(?,?,?)", &e->add_block);
    return status;
}

static bool has_rows(sqlite3 *db, const char *sql, bool otherwise)
{
    sqlite3_stmt *find = NULL;
    int code = sql_prepare(db, sql, &find) ? SQLITE_ERROR : sqlite3_step(find);
    sqlite3_finalize(find);
    return code == SQLITE_ROW ? true : code == SQLITE_DONE ? false : otherwise;
}

/* Was the writer ended before the file had a beginning?  What else lies there is left alone. */
static bool is_stillborn(sqlite3 *db)
{
    return !has_rows(db, "SELECT 1 FROM sqlite_schema", true) ||
           !has_rows(db, "SELECT 1 FROM d_manifest WHERE key = 'seed'", true);
}

static void remove_part(store_ensemble *e)
{
    sqlite3_close(e->db);
    e->db = NULL;
    unlink(e->partial);
    write_remove_beside(e->memory, e->partial);
}

/* For a look: what a wrong name holds is not touched. */
static yt_status open_to_look(store_ensemble *e, const char *path, yt_log *log)
{
    const char *name = path[0] == '/' ? path : arena_printf(e->memory, "./%s", path);
    int error = name ? 0 : ENOMEM;
    if (!error && access(name, R_OK) != 0)
        error = errno;
    if (!error && sqlite3_open_v2(name, &e->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        error = EIO;
    if (!error)
        return YT_OK;
    log_error(log, YT_EIO, place_at(path, 0, 0), "cannot be read: %s", strerror(error));
    return YT_EIO;
}

/* A finished file that holds only some of its worlds: Ctrl-C, or --until-se. */
static yt_status take_up_finished(store_ensemble *e, const store_fact *identity, int32_t n,
                                  yt_log *log)
{
    yt_status status = open_to_look(e, e->path, log);
    if (!status)
        status = check_identity(e, "main", e->path, identity, n, log);
    sqlite3_close(e->db);
    e->db = NULL;
    int error = status ? 0 : place_rename(e->path, e->partial, false);
    return error ? fail(e, YT_EIO, strerror(error), log) : status;
}

static yt_status open_part(store_ensemble *e, bool resume, const yt_model *model,
                           const store_fact *identity, int32_t n, yt_log *log)
{
    bool is_there = access(e->partial, F_OK) == 0;
    if (resume && !is_there && access(e->path, F_OK) == 0) {
        yt_status status = take_up_finished(e, identity, n, log);
        if (status)
            return status;
        is_there = true;
    }
    if (is_there && !resume && !e->replace) {
        log_error(log, YT_EIO, place_at(e->partial, 0, 0),
                  "an unfinished ensemble lies here: --resume goes on with it, --force begins "
                  "again");
        return YT_EIO;
    }
    if (is_there && !resume) {
        remove_part(e);
        is_there = false;
    }
    yt_status status = write_open_database(e->memory, e->partial, &e->db);
    if (!status && is_there && is_stillborn(e->db)) {
        remove_part(e);
        is_there = false;
        status = write_open_database(e->memory, e->partial, &e->db);
    }
    if (status)
        return fail_sql(e, status, log);
    if (is_there)
        status = check_identity(e, "main", e->partial, identity, n, log);
    else if ((status = begin_file(e, model, identity, n)))
        fail_sql(e, status, log);
    if (!status && (status = prepare(e)))
        fail_sql(e, status, log);
    return status;
}

yt_status ensemble_open(const char *path, bool overwrite, bool resume, const yt_model *model,
                        const ensemble_layout *layout, const store_fact *identity, int32_t n,
                        yt_log *log, store_ensemble **made)
{
    char *partial = NULL;
    arena *memory = arena_new();
    store_ensemble *e = memory ? arena_alloc(memory, sizeof *e) : NULL;
    if (e)
        partial = arena_printf(memory, "%s.part", path);
    if (!partial) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    bool goes_on = resume && access(partial, F_OK) != 0;
    yt_status status = write_check_target(path, overwrite || goes_on, log);
    *e = (store_ensemble){.memory = memory, .replace = overwrite, .layout = *layout};
    e->path = arena_strdup(memory, path);
    e->partial = partial;
    if (status) {
        arena_free(memory);
        return status;
    }
    status = e->path && e->partial ? open_part(e, resume, model, identity, n, log) : YT_ENOMEM;
    if (status)
        ensemble_leave(e);
    else
        *made = e;
    return status;
}

void ensemble_leave(store_ensemble *e)
{
    if (!e)
        return;
    sqlite3_finalize(e->has);
    sqlite3_finalize(e->add_outcome);
    sqlite3_finalize(e->add_code);
    sqlite3_finalize(e->add_block);
    sqlite3_close(e->db);
    arena_free(e->memory);
}

void ensemble_discard(store_ensemble *e)
{
    if (e && e->partial) {
        unlink(e->partial);
        write_remove_beside(e->memory, e->partial);
    }
    ensemble_leave(e);
}

/* --------------------------------------------------------------------------------- blocks */

bool ensemble_has(const store_ensemble *e, int32_t block)
{
    sqlite3_bind_int(e->has, 1, block);
    bool found = sqlite3_step(e->has) == SQLITE_ROW;
    sqlite3_reset(e->has);
    return found;
}

int32_t ensemble_runs(const store_ensemble *e)
{
    sqlite3_stmt *sum = NULL;
    int32_t runs = 0;
    if (!sql_prepare(e->db, "SELECT coalesce(sum(runs), 0) FROM f_block", &sum) &&
        sqlite3_step(sum) == SQLITE_ROW)
        runs = sqlite3_column_int(sum, 0);
    sqlite3_finalize(sum);
    return runs;
}

static yt_status write_outcomes(store_ensemble *e, const ensemble_block *block)
{
    yt_status status = YT_OK;
    int32_t n = e->layout.outcomes;
    for (int32_t r = 0; !status && r < block->runs; r++) {
        status =
            sql_runf(e->db, "INSERT OR IGNORE INTO d_run VALUES(%d)", (int)(block->first_run + r));
        for (int32_t i = 0; !status && i < n; i++) {
            size_t at = (size_t)r * (size_t)n + (size_t)i;
            if (isnan(block->value[at]))
                continue;
            sqlite3_bind_int(e->add_outcome, 1, block->first_run + r);
            sqlite3_bind_int(e->add_outcome, 2, i);
            sqlite3_bind_double(e->add_outcome, 3, block->value[at]);
            sqlite3_bind_int(e->add_outcome, 4, block->censored[at]);
            status = sql_step_once(e->add_outcome);
        }
    }
    return status;
}

/* Buckets of a key in all years, the worlds of a year side by side: alike numbers compress. */
static void side_by_side(const store_ensemble *e, const ensemble_block *block, int32_t key,
                         int16_t *codes)
{
    size_t years = (size_t)e->layout.years, cells = (size_t)e->layout.fans * years;
    for (size_t y = 0; y < years; y++)
        for (int32_t r = 0; r < block->runs; r++)
            codes[y * (size_t)block->runs + (size_t)r] =
                block->bucket[(size_t)r * cells + (size_t)key * years + y];
}

static yt_status write_code(store_ensemble *e, const ensemble_block *block, int32_t key,
                            int16_t *codes, Bytef *packed, uLongf room)
{
    uLongf packed_bytes = room;
    size_t bytes = (size_t)e->layout.years * (size_t)block->runs * sizeof *codes;
    side_by_side(e, block, key, codes);
    if (compress2(packed, &packed_bytes, (const Bytef *)codes, bytes, Z_BEST_SPEED) != Z_OK)
        return YT_ENOMEM;
    sqlite3_bind_int(e->add_code, 1, key);
    sqlite3_bind_int(e->add_code, 2, block->block);
    sqlite3_bind_blob64(e->add_code, 3, packed, packed_bytes, SQLITE_STATIC);
    return sql_step_once(e->add_code);
}

static yt_status write_codes(store_ensemble *e, const ensemble_block *block)
{
    size_t bytes = (size_t)e->layout.years * (size_t)block->runs * sizeof(int16_t);
    uLongf room = compressBound(bytes);
    int16_t *codes = malloc(bytes);
    Bytef *packed = malloc(room);
    yt_status status = codes && packed ? YT_OK : YT_ENOMEM;
    for (int32_t key = 0; !status && key < e->layout.fans; key++)
        status = write_code(e, block, key, codes, packed, room);
    free(codes);
    free(packed);
    if (status)
        return status;
    sqlite3_bind_int(e->add_block, 1, block->block);
    sqlite3_bind_int(e->add_block, 2, block->first_run);
    sqlite3_bind_int(e->add_block, 3, block->runs);
    return sql_step_once(e->add_block);
}

yt_status ensemble_write(store_ensemble *e, const ensemble_block *block, yt_log *log)
{
    yt_status status = sql_run(e->db, "BEGIN IMMEDIATE");
    if (!status)
        status = write_outcomes(e, block);
    if (!status)
        status = write_codes(e, block);
    if (!status)
        status = sql_run(e->db, "COMMIT");
    if (status) {
        fail_sql(e, status, log);
        sql_run(e->db, "ROLLBACK");
    }
    return status;
}

/* A manifest entry; "" when there is none. */
static yt_status read_fact(const store_ensemble *e, const char *key, char value[80])
{
    sqlite3_stmt *find = NULL;
    yt_status status = sql_prepare(e->db, "SELECT value FROM d_manifest WHERE key = ?", &find);
    value[0] = '\0';
    if (!status) {
        sql_bind_text(find, 1, key);
        if (sqlite3_step(find) == SQLITE_ROW)
            snprintf(value, 80, "%s", (const char *)sqlite3_column_text(find, 0));
    }
    sqlite3_finalize(find);
    return status;
}

/* Bytes of a finished file; 0 or errno. */
static int copy_bytes(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wb") : NULL;
    int error = in && out ? 0 : errno;
    char chunk[1 << 16];
    for (size_t n; !error && (n = fread(chunk, 1, sizeof chunk, in)) > 0;)
        if (fwrite(chunk, 1, n, out) != n)
            error = errno;
    if (!error && ferror(in))
        error = EIO;
    if (in)
        fclose(in);
    if (out && fclose(out) != 0 && !error)
        error = errno;
    return error;
}

int32_t ensemble_size(const store_ensemble *e)
{
    char worlds[80];
    return read_fact(e, "worlds", worlds) ? 0 : (int32_t)strtol(worlds, NULL, 10);
}

static yt_status copy_file(store_ensemble *e, const char *from, yt_log *log)
{
    static const store_fact none[1];
    yt_status status = open_to_look(e, from, log);
    if (!status)
        status = check_identity(e, "main", from, none, 0, log);
    sqlite3_close(e->db);
    e->db = NULL;
    int error = status ? 0 : copy_bytes(from, e->partial);
    return error ? fail(e, YT_EIO, strerror(error), log) : status;
}

static yt_status read_layout(store_ensemble *e)
{
    char first[80], years[80];
    sqlite3_stmt *count = NULL;
    yt_status status = read_fact(e, "fan_first_year", first);
    if (!status)
        status = read_fact(e, "fan_years", years);
    if (!status)
        status = sql_prepare(e->db, "SELECT count(*) FROM d_fan", &count);
    if (!status && sqlite3_step(count) == SQLITE_ROW)
        e->layout.fans = sqlite3_column_int(count, 0);
    sqlite3_finalize(count);
    e->layout.first_year = (int32_t)strtol(first, NULL, 10);
    e->layout.years = (int32_t)strtol(years, NULL, 10);
    return status ? status : e->layout.years > 0 ? YT_OK : YT_EDATA;
}

yt_status ensemble_open_copy(const char *path, bool overwrite, const char *from,
                             double (*middle)(int16_t), int16_t none, yt_log *log,
                             store_ensemble **made)
{
    yt_status status = write_check_target(path, overwrite, log);
    arena *memory = status ? NULL : arena_new();
    store_ensemble *e = memory ? arena_alloc(memory, sizeof *e) : NULL;
    if (status || !e) {
        arena_free(memory);
        return status ? status : YT_ENOMEM;
    }
    *e = (store_ensemble){.memory = memory, .replace = overwrite};
    e->layout.middle = middle;
    e->layout.none = none;
    e->path = arena_strdup(memory, path);
    e->partial = place_partial_name(memory, path, 0);
    place_note_leftovers(path, log);
    status = e->path && e->partial ? copy_file(e, from, log) : YT_ENOMEM;
    if (!status && (status = write_open_database(memory, e->partial, &e->db)))
        fail_sql(e, status, log);
    if (!status && read_layout(e))
        status = refuse(from, log);
    if (!status && (status = prepare(e)))
        fail_sql(e, status, log);
    if (status)
        ensemble_discard(e);
    else
        *made = e;
    return status;
}

yt_status ensemble_take(store_ensemble *e, const char *path, yt_log *log)
{
    static const char *const keys[] = {"worlds", "case_hash", "seed",      "decisions",
                                       "end",    "version",   "threshold", "layout"};
    enum { KEYS = sizeof keys / sizeof *keys };
    char value[KEYS][80];
    store_fact identity[KEYS];
    sqlite3_stmt *attach = NULL;
    const char *name = path[0] == '/' ? path : arena_printf(e->memory, "./%s", path);
    if (!name)
        return YT_ENOMEM;
    if (access(name, R_OK) != 0) { /* ATTACH would make it */
        log_error(log, YT_EIO, place_at(path, 0, 0), "cannot be read: %s", strerror(errno));
        return YT_EIO;
    }
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < KEYS; i++) {
        status = read_fact(e, keys[i], value[i]);
        identity[i] = (store_fact){keys[i], value[i]};
    }
    if (!status)
        status = sql_prepare(e->db, "ATTACH ? AS other", &attach);
    if (!status) {
        sql_bind_text(attach, 1, name);
        status = sql_step_once(attach);
    }
    sqlite3_finalize(attach);
    if (status && sqlite3_errcode(e->db) == SQLITE_NOTADB)
        return refuse(path, log);
    if (status)
        return fail_sql(e, status, log);
    status = check_identity(e, "other", path, identity, KEYS, log);
    if (!status) {
        status = sql_run(e->db, "BEGIN IMMEDIATE;"
                                "INSERT OR IGNORE INTO f_outcome SELECT * FROM other.f_outcome;"
                                "INSERT OR IGNORE INTO f_code SELECT * FROM other.f_code;"
                                "INSERT OR IGNORE INTO f_block SELECT * FROM other.f_block;"
                                "UPDATE d_manifest SET value = printf('%.2f', value + (SELECT"
                                " value FROM other.d_manifest WHERE key = 'seconds_simulating'))"
                                " WHERE key = 'seconds_simulating';"
                                "COMMIT");
        if (status) {
            fail_sql(e, status, log);
            sql_run(e->db, "ROLLBACK");
        }
    }
    sql_run(e->db, "DETACH other");
    return status;
}

/* -------------------------------------------------------------------------------- tornado */

static yt_status write_effect(sqlite3_stmt *insert, const ensemble_effect *x)
{
    const char *const text[] = {x->outcome, x->region, x->parameter, x->method};
    const double number[] = {x->effect_low, x->effect_high, x->error, x->cut};
    for (int i = 0; i < 4; i++)
        sql_bind_text(insert, 1 + i, text[i]);
    sqlite3_bind_double(insert, 5, x->low);
    sqlite3_bind_double(insert, 6, x->high);
    sql_bind_text(insert, 7, x->unit);
    for (int i = 0; i < 4; i++)
        sqlite3_bind_double(insert, 8 + i, number[i]); /* SQLite keeps NAN as NULL */
    sqlite3_bind_int(insert, 12, x->worlds);
    return sql_step_once(insert);
}

yt_status ensemble_write_effects(store_ensemble *e, const ensemble_effect *effect, int32_t n,
                                 yt_log *log)
{
    sqlite3_stmt *insert = NULL;
    yt_status status = sql_run(e->db, "BEGIN; DELETE FROM f_effect");
    if (!status)
        status = sql_prepare(e->db, "INSERT INTO f_effect VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?)",
                             &insert);
    for (int32_t i = 0; !status && i < n; i++)
        status = write_effect(insert, &effect[i]);
    sqlite3_finalize(insert);
    if (!status)
        status = sql_run(e->db, "COMMIT");
    return status ? fail_sql(e, status, log) : YT_OK;
}

/* ------------------------------------------------------------------------------ quantiles */

/* One bucket a code; a drawer holds SPAN of them, so that empty ones are passed over. */
enum { BUCKETS = 65536, SPAN = 256, DRAWERS = BUCKETS / SPAN };

/* How many worlds fall into each bucket, by year: [years][BUCKETS], [years][DRAWERS]. */
typedef struct counting {
    int32_t *count, *drawer;
    int16_t *codes;
    size_t room; /* of codes */
} counting;

static void count_code(counting *c, int32_t year, int32_t bucket)
{
    c->count[(size_t)year * BUCKETS + (size_t)bucket]++;
    c->drawer[(size_t)year * DRAWERS + (size_t)(bucket / SPAN)]++;
}

static yt_status count_block(const store_ensemble *e, counting *c, sqlite3_stmt *row)
{
    int32_t runs = sqlite3_column_int(row, 0);
    size_t bytes = (size_t)e->layout.years * (size_t)runs * sizeof *c->codes;
    if (bytes > c->room) {
        int16_t *codes = realloc(c->codes, bytes);
        if (!codes)
            return YT_ENOMEM;
        c->codes = codes;
        c->room = bytes;
    }
    uLongf got = (uLongf)bytes;
    if (uncompress((Bytef *)c->codes, &got, sqlite3_column_blob(row, 1),
                   (uLong)sqlite3_column_bytes(row, 1)) != Z_OK ||
        got != bytes)
        return YT_EIO;
    for (int32_t y = 0; y < e->layout.years; y++)
        for (int32_t r = 0; r < runs; r++) {
            int16_t code = c->codes[(size_t)y * (size_t)runs + (size_t)r];
            if (code != e->layout.none)
                count_code(c, y, code + BUCKETS / 2);
        }
    return YT_OK;
}

static void forget_counts(const store_ensemble *e, counting *c)
{
    for (size_t d = 0; d < (size_t)e->layout.years * DRAWERS; d++)
        if (c->drawer[d]) {
            memset(c->count + d * SPAN, 0, SPAN * sizeof *c->count);
            c->drawer[d] = 0;
        }
}

/* The world of the year that has `rank` (from 0) others below it. */
static double at_rank(const store_ensemble *e, const counting *c, int32_t year, int32_t rank)
{
    const int32_t *drawer = c->drawer + (size_t)year * DRAWERS;
    const int32_t *count = c->count + (size_t)year * BUCKETS;
    int32_t d = 0, seen = 0;
    for (; d < DRAWERS - 1 && seen + drawer[d] <= rank; d++)
        seen += drawer[d];
    int32_t bucket = d * SPAN;
    for (seen += count[bucket]; seen <= rank && bucket < BUCKETS - 1; seen += count[bucket])
        bucket++;
    return e->layout.middle((int16_t)(bucket - BUCKETS / 2));
}

/* Linear between order statistics, as type 7 of Hyndman and Fan 1996; of n worlds. */
static double quantile_of(const store_ensemble *e, const counting *c, int32_t year, int32_t n,
                          double q)
{
    double position = q * (n - 1);
    int32_t below = (int32_t)floor(position);
    double low = at_rank(e, c, year, below);
    double high = below + 1 < n ? at_rank(e, c, year, below + 1) : low;
    return low + (position - below) * (high - low);
}

static yt_status write_year(const store_ensemble *e, const counting *c, sqlite3_stmt *insert,
                            int32_t key, int32_t year)
{
    yt_status status = YT_OK;
    int32_t n = 0;
    for (int32_t d = 0; d < DRAWERS; d++)
        n += c->drawer[(size_t)year * DRAWERS + (size_t)d];
    for (int q = 0; n > 0 && !status && q < QUANTILES; q++) {
        sqlite3_bind_int(insert, 1, key);
        sqlite3_bind_int(insert, 2, (e->layout.first_year + year) * 12 + 6);
        sqlite3_bind_double(insert, 3, quantiles[q]);
        sqlite3_bind_double(insert, 4, quantile_of(e, c, year, n, quantiles[q]));
        status = sql_step_once(insert);
    }
    return status;
}

static yt_status write_key(store_ensemble *e, counting *c, sqlite3_stmt *rows, sqlite3_stmt *insert,
                           int32_t key)
{
    yt_status status = YT_OK;
    forget_counts(e, c);
    sqlite3_bind_int(rows, 1, key);
    while (!status && sqlite3_step(rows) == SQLITE_ROW)
        status = count_block(e, c, rows);
    sqlite3_reset(rows);
    for (int32_t y = 0; !status && y < e->layout.years; y++)
        status = write_year(e, c, insert, key, y);
    return status;
}

/* One key at a time: memory does not grow with the number of worlds. */
static yt_status write_quantiles(store_ensemble *e)
{
    sqlite3_stmt *rows = NULL, *insert = NULL;
    const size_t years = (size_t)e->layout.years;
    counting c = {.count = calloc(years * BUCKETS, sizeof *c.count),
                  .drawer = calloc(years * DRAWERS, sizeof *c.drawer)};
    yt_status status = c.count && c.drawer ? sql_run(e->db, "BEGIN; DELETE FROM f_fan") : YT_ENOMEM;
    if (!status)
        status = sql_prepare(e->db, "INSERT INTO f_fan VALUES(?,?,?,?)", &insert);
    if (!status)
        status = sql_prepare(e->db,
                             "SELECT b.runs, c.codes FROM f_code c JOIN f_block b"
                             " ON b.block = c.block WHERE c.key = ?",
                             &rows);
    for (int32_t key = 0; !status && key < e->layout.fans; key++)
        status = write_key(e, &c, rows, insert, key);
    sqlite3_finalize(rows);
    sqlite3_finalize(insert);
    free(c.count);
    free(c.drawer);
    free(c.codes);
    return status ? status : sql_run(e->db, "COMMIT");
}

static yt_status settle(store_ensemble *e, yt_log *log)
{
    sqlite3_finalize(e->has);
    sqlite3_finalize(e->add_outcome);
    sqlite3_finalize(e->add_code);
    sqlite3_finalize(e->add_block);
    e->has = e->add_outcome = e->add_code = e->add_block = NULL;
    if (sqlite3_close(e->db) != SQLITE_OK)
        return fail_sql(e, YT_EIO, log);
    e->db = NULL;
    write_remove_beside(e->memory, e->partial);
    int error = place_settle(e->partial, e->path, e->replace);
    return error ? fail(e, YT_EIO, strerror(error), log) : YT_OK;
}

yt_status ensemble_finish(store_ensemble *e, const store_fact *facts, int32_t n, yt_log *log)
{
    yt_status status = write_quantiles(e);
    if (!status)
        status = sql_run(e->db, "INSERT OR IGNORE INTO d_run SELECT DISTINCT run FROM f_outcome");
    if (!status)
        status = write_facts(e->db, facts, n);
    if (!status)
        status = sql_run(e->db, "PRAGMA analysis_limit = 400; ANALYZE;");
    if (!status)
        status = write_set_journal(e->db, "PRAGMA journal_mode = DELETE", "delete");
    if (status)
        fail_sql(e, status, log);
    else
        status = settle(e, log);
    ensemble_leave(e);
    return status;
}

/* -------------------------------------------------------------------------------- headline */

yt_status ensemble_headline(store_ensemble *e, const char *name, const char *region, int32_t runs,
                            double *share, double *error)
{
    sqlite3_stmt *rows = NULL;
    yt_status status = sql_prepare(e->db,
                                   /* the order of the joins: one number of each run is looked up */
                                   "SELECT sum(1 - f.censored), count(*) FROM d_outcome d"
                                   " CROSS JOIN d_run r"
                                   " CROSS JOIN f_outcome f ON f.run = r.run AND f.key = d.key"
                                   " WHERE d.name = ?1 AND d.region IS ?2 AND r.run < ?3"
                                   " GROUP BY r.run % 16",
                                   &rows);
    if (status)
        return status;
    sql_bind_text(rows, 1, name);
    sql_bind_text(rows, 2, region);
    sqlite3_bind_int(rows, 3, runs);
    double happened = 0, worlds = 0, mean[REPLICATES], middle = 0, squares = 0;
    int32_t n = 0;
    for (; n < REPLICATES && sqlite3_step(rows) == SQLITE_ROW; n++) {
        double of = sqlite3_column_double(rows, 1);
        happened += sqlite3_column_double(rows, 0);
        worlds += of;
        mean[n] = sqlite3_column_double(rows, 0) / of;
        middle += mean[n];
    }
    sqlite3_finalize(rows);
    for (int32_t i = 0; i < n; i++)
        squares += (mean[i] - middle / n) * (mean[i] - middle / n);
    *share = n ? happened / worlds : NAN;
    *error = n > 1 ? sqrt(squares / n / (n - 1)) : NAN;
    return YT_OK;
}

yt_status ensemble_trim(store_ensemble *e, int32_t runs, yt_log *log)
{
    yt_status status =
        sql_runf(e->db,
                 "BEGIN IMMEDIATE;"
                 "DELETE FROM f_outcome WHERE run >= %d; DELETE FROM d_run WHERE run >= %d;"
                 "DELETE FROM f_code WHERE block >= %d; DELETE FROM f_block WHERE block >= %d;"
                 "COMMIT",
                 (int)runs, (int)runs, (int)(runs / ENSEMBLE_BLOCK), (int)(runs / ENSEMBLE_BLOCK));
    return status ? fail_sql(e, status, log) : YT_OK;
}

int32_t ensemble_happened(const store_ensemble *e, const char *name)
{
    sqlite3_stmt *rows = NULL;
    int32_t n = 0;
    if (!sql_prepare(e->db,
                     "SELECT count(*) FROM d_outcome d CROSS JOIN f_outcome f ON f.key = d.key"
                     " WHERE d.name = ? AND f.censored = 0",
                     &rows)) {
        sql_bind_text(rows, 1, name);
        if (sqlite3_step(rows) == SQLITE_ROW)
            n = sqlite3_column_int(rows, 0);
    }
    sqlite3_finalize(rows);
    return n;
}
