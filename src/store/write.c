/* write.c - months of results into a store that appears whole or not at all.
 *
 * The file is built beside its place.  Months are gathered until a run is over (or memory
 * for them is full) and then written series by series, in the order of the tables, so that
 * pages fill up and a series lies in one place.
 */
#include "store/store.h"

#include "base/calendar.h"
#include "base/text.h"
#include "store/inside.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GATHER_BYTES ((size_t)256 << 20) /* of months before they are written       */
#define ELEMENT_COLUMNS 9                /* of store_element_row                    */
#define CERTIFICATE_COLUMNS 4

/* One table of numbers by (key, run, month): what of a gathered month goes into its rows. */
typedef struct fact_table {
    const char *insert;
    int32_t keys, columns; /* numbers per key                                */
    size_t first;          /* of its numbers in a gathered month             */
    bool is_sparse;        /* rows whose first number is 0 are left out      */
    int32_t integer;       /* column that is a whole number; YT_NONE         */
    int32_t repeats;       /* column that is often the one before it; YT_NONE */
} fact_table;

enum { FACT_TABLES = 6 };

/* the integer of read.h, from key ?1, run ?2, month ?3 */
#define ROW_ID "((?2 << 24 | ?1) << 16) | ?3"

struct yt_store {
    arena *memory;
    sqlite3 *db;
    char *path, *partial;
    bool replace;
    yt_status status; /* the first failure: nothing more is written after it */
    fact_table table[FACT_TABLES];

    /* months of the run that is being written */
    size_t width; /* numbers of a month       */
    int32_t run, months, room;
    int32_t *month;
    double *number; /* [room][width]          */
    bool has_run;
    int32_t last_month;

    const char **word; /* status texts by number */
    int32_t words, word_room;
};

/* ------------------------------------------------------------------------------ errors */

static yt_status fail(yt_store *s, yt_status status, const char *why, yt_log *log)
{
    if (!s->status)
        s->status = status;
    log_error(log, status, place_at(s->path, 0, 0), "cannot be written: %s", why);
    return status;
}

static yt_status fail_sql(yt_store *s, yt_status status, yt_log *log)
{
    char buffer[512];
    return fail(s, status, sql_reason(s->db, buffer, sizeof buffer), log);
}

/* ------------------------------------------------------------------------------ layout */

static void set_table(yt_store *s, int i, const char *insert, int32_t keys, int32_t columns)
{
    s->table[i] = (fact_table){insert, keys, columns, s->width, false, YT_NONE, YT_NONE};
    s->width += (size_t)keys * (size_t)columns;
}

static void set_tables(yt_store *s, const store_layout *layout)
{
    set_table(s, 0, "INSERT INTO f_series VALUES(" ROW_ID ",?4)", layout->series, 1);
    set_table(s, 1, "INSERT INTO f_flow VALUES(" ROW_ID ",?4,?5)", layout->arcs, 2);
    set_table(s, 2, "INSERT INTO f_facility VALUES(" ROW_ID ",?4,?5,?6)", layout->facilities, 3);
    set_table(s, 3, "INSERT INTO f_use VALUES(" ROW_ID ",?4,?5)", layout->uses, 2);
    set_table(s, 4, "INSERT INTO f_element VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", layout->elements,
              ELEMENT_COLUMNS);
    set_table(s, 5, "INSERT INTO f_certificate SELECT ?2,?3,?4,?5,?6,?7 WHERE ?1 = 0", 1,
              CERTIFICATE_COLUMNS);
    s->table[1].is_sparse = true;
    s->table[2].integer = 2;
    s->table[3].repeats = 1;
    s->table[5].integer = 3;
}

yt_status write_names(sqlite3 *db, const char *insert, int32_t n, int32_t columns,
                      const char *const *text)
{
    sqlite3_stmt *statement = NULL;
    yt_status status = sql_prepare(db, insert, &statement);
    for (int32_t i = 0; !status && i < n; i++) {
        sqlite3_bind_int(statement, 1, i);
        for (int32_t c = 0; c < columns; c++)
            sql_bind_text(statement, c + 2, text[(size_t)i * (size_t)columns + (size_t)c]);
        status = sql_step_once(statement);
    }
    sqlite3_finalize(statement);
    return status;
}

static yt_status write_uses(sqlite3 *db, int32_t n, const store_use_key *key)
{
    sqlite3_stmt *insert = NULL;
    yt_status status = sql_prepare(db, "INSERT INTO d_use VALUES(?,?,?,?,?,?,NULL)", &insert);
    for (int32_t i = 0; !status && i < n; i++) {
        sqlite3_bind_int(insert, 1, i);
        sql_bind_text(insert, 2, key[i].end_use);
        sql_bind_text(insert, 3, key[i].region);
        sql_bind_text(insert, 4, key[i].commodity);
        sqlite3_bind_double(insert, 5, key[i].share_critical);
        sqlite3_bind_double(insert, 6, key[i].share_flexible);
        status = sql_step_once(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

/* the other keys are structs of nothing but texts: rows of texts to us */
#define TEXTS(type) ((int32_t)(sizeof(type) / sizeof(const char *)))

static yt_status write_layout(sqlite3 *db, const store_layout *layout)
{
    yt_status st = write_names(db, "INSERT INTO d_series VALUES(?,?,?,?,?,NULL)", layout->series,
                               TEXTS(store_series_key), (const char *const *)layout->series_key);
    if (!st)
        st = write_names(db, "INSERT INTO d_arc VALUES(?,?,?,?,?,NULL)", layout->arcs,
                         TEXTS(store_arc_key), (const char *const *)layout->arc_key);
    if (!st)
        st = write_names(db, "INSERT INTO d_facility VALUES(?,?,?,?,?,?,?,?,?)", layout->facilities,
                         TEXTS(store_facility_key), (const char *const *)layout->facility_key);
    if (!st)
        st = write_uses(db, layout->uses, layout->use_key);
    if (!st)
        st = write_names(db, "INSERT INTO d_element VALUES(?,?)", layout->elements, 1,
                         layout->element);
    return st;
}

/* ---------------------------------------------------------------------------- manifest */

yt_status write_facts(sqlite3 *db, const store_fact *facts, int32_t n)
{
    sqlite3_stmt *insert = NULL;
    yt_status status = sql_prepare(db, "INSERT OR REPLACE INTO d_manifest VALUES(?,?)", &insert);
    for (int32_t i = 0; !status && i < n; i++) {
        sql_bind_text(insert, 1, facts[i].key);
        sql_bind_text(insert, 2, facts[i].value);
        status = sql_step_once(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

static const char *month_text(int32_t month, char text[8])
{
    calendar_format(month, text);
    return text;
}

/* What the model itself can tell; the caller's facts come later and win. */
static yt_status write_case_facts(sqlite3 *db, const yt_model *model)
{
    char start[8], end[8], spin_up[16], base_year[16], version[16];
    snprintf(spin_up, sizeof spin_up, "%d", (int)model->spin_up);
    snprintf(base_year, sizeof base_year, "%d", (int)model->base_year);
    snprintf(version, sizeof version, "%d", STORE_VERSION);
    const store_fact facts[] = {
        {"case", model->name},
        {"title", model->title},
        {"description", model->description},
        {"licence", model->licence},
        {"citation", model->citation},
        {"case_hash", model->hash},
        {"start", month_text(model->start, start)},
        {"end", month_text(model->end, end)},
        {"spin_up_months", spin_up},
        {"base_year", base_year},
        {"store_version", version},
        {"version", yt_version()},
    };
    return write_facts(db, facts, (int32_t)(sizeof facts / sizeof facts[0]));
}

/* ------------------------------------------------------------------------------ create */

yt_status write_check_target(const char *path, bool overwrite, yt_log *log)
{
    struct stat st;
    const char *why = NULL;
    if (!path || !path[0])
        why = "its name is empty";
    else if (stat(path, &st) != 0)
        return YT_OK;
    else if (S_ISDIR(st.st_mode))
        why = "it is a folder; name a file";
    else if (!S_ISREG(st.st_mode))
        why = "it is a pipe, device or socket; name a file";
    else if (!overwrite)
        why = "it exists already (--force replaces it)";
    if (!why)
        return YT_OK;
    log_error(log, YT_EIO, place_at(path ? path : "", 0, 0), "cannot be written: %s", why);
    return YT_EIO;
}

/* The empty file beside the target: a name that nobody else has. */
static int claim_partial(yt_store *s)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        s->partial = place_partial_name(s->memory, s->path, attempt);
        if (!s->partial)
            return ENOMEM;
        int fd = open(s->partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            return close(fd) == 0 ? 0 : errno;
        if (errno != EEXIST)
            break;
    }
    int error = errno;
    s->partial = NULL;
    return error;
}

/* Set the journal mode; SQLite says no by answering with the old one. */
yt_status write_set_journal(sqlite3 *db, const char *sql, const char *mode)
{
    sqlite3_stmt *pragma = NULL;
    yt_status status = sql_prepare(db, sql, &pragma);
    int code = status ? SQLITE_ERROR : sqlite3_step(pragma);
    const char *got = code == SQLITE_ROW ? (const char *)sqlite3_column_text(pragma, 0) : NULL;
    if (!status && code != SQLITE_ROW)
        status = sql_status(code);
    if (!status && !text_equal(got, mode))
        status = YT_EIO;
    sqlite3_finalize(pragma);
    return status;
}

/* locking_mode: nobody else may look at it yet, and WAL then needs no shared memory */
static const char *const settings = "PRAGMA page_size = 8192;"
                                    "PRAGMA encoding = 'UTF-8';"
                                    "PRAGMA locking_mode = EXCLUSIVE;"
                                    "PRAGMA synchronous = FULL;"
                                    "PRAGMA wal_autocheckpoint = 4000;"
                                    "PRAGMA cache_size = -65536;"
                                    "PRAGMA temp_store = MEMORY;";

yt_status write_open_database(arena *memory, const char *path, sqlite3 **db)
{
    /* ./ keeps a name that starts with "file:" or ":" from meaning something else */
    const char *name = path[0] == '/' ? path : arena_printf(memory, "./%s", path);
    if (!name)
        return YT_ENOMEM;
    int code = sqlite3_open_v2(name, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (code != SQLITE_OK)
        return sql_status(code);
    sqlite3_extended_result_codes(*db, 1);
    yt_status status = sql_run(*db, settings);
    if (!status)
        status = write_set_journal(*db, "PRAGMA journal_mode = WAL", "wal");
    if (!status)
        status = sql_runf(*db, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
                          STORE_APPLICATION_ID, STORE_VERSION);
    return status;
}

yt_status write_head(sqlite3 *db, const yt_model *model, const store_layout *layout)
{
    yt_status status = sql_run(db, "BEGIN");
    if (!status)
        status = schema_create_tables(db);
    if (!status)
        status = write_layout(db, layout);
    if (!status)
        status = inputs_write(db, model);
    if (!status)
        status = schema_name_commodities(db);
    if (!status)
        status = schema_create_views(db);
    if (!status)
        status = write_case_facts(db, model);
    return status ? status : sql_run(db, "COMMIT");
}

yt_status store_create(const char *path, bool overwrite, const yt_model *model,
                       const store_layout *layout, yt_log *log, yt_store **store)
{
    yt_status status = write_check_target(path, overwrite, log);
    if (status)
        return status;
    arena *memory = arena_new();
    yt_store *s = arena_alloc(memory, sizeof *s);
    char *copy = arena_strdup(memory, path);
    if (!s || !copy) {
        arena_free(memory);
        log_error(log, YT_ENOMEM, place_at(path, 0, 0), "cannot be written: out of memory");
        return YT_ENOMEM;
    }
    s->memory = memory;
    s->path = copy;
    s->replace = overwrite;
    set_tables(s, layout);
    place_note_leftovers(path, log);

    int error = claim_partial(s);
    if (error) {
        status = fail(s, error == ENOMEM ? YT_ENOMEM : YT_EIO, strerror(error), log);
    } else {
        status = write_open_database(s->memory, s->partial, &s->db);
        if (!status)
            status = write_head(s->db, model, layout);
        if (status)
            fail_sql(s, status, log);
    }
    if (status) {
        store_abandon(s);
        return status;
    }
    *store = s;
    return YT_OK;
}

/* ------------------------------------------------------------------------------ months */

/* Number of a status text, from 1; 0 for none, -1 when memory is short. */
static int32_t word_number(yt_store *s, const char *text)
{
    if (!text || !text[0])
        return 0;
    for (int32_t i = 0; i < s->words; i++)
        if (text_equal(s->word[i], text))
            return i + 1;
    if (s->words == s->word_room) {
        int32_t room = s->word_room ? 2 * s->word_room : 16;
        const char **more = realloc(s->word, (size_t)room * sizeof *more);
        if (!more)
            return -1;
        s->word = more;
        s->word_room = room;
    }
    char *copy = arena_strdup(s->memory, text);
    if (!copy)
        return -1;
    s->word[s->words++] = copy;
    return s->words;
}

/* The numbers of a month, in the order of the fact tables. */
static yt_status gather(yt_store *s, const store_month *month, double *to)
{
    const fact_table *t = s->table;
    if (t[0].keys)
        memcpy(to, month->series, (size_t)t[0].keys * sizeof *to);
    for (int32_t a = 0; a < t[1].keys; a++) {
        to[t[1].first + 2 * (size_t)a] = month->arc_tonnes[a];
        to[t[1].first + 2 * (size_t)a + 1] = month->arc_cif[a];
    }
    for (int32_t f = 0; f < t[2].keys; f++) {
        double *row = to + t[2].first + 3 * (size_t)f;
        int32_t word = word_number(s, month->facility_status ? month->facility_status[f] : NULL);
        if (word < 0)
            return YT_ENOMEM;
        row[0] = month->facility_output[f];
        row[1] = month->facility_capacity[f];
        row[2] = word ? word : (double)NAN;
    }
    for (int32_t u = 0; u < t[3].keys; u++) {
        to[t[3].first + 2 * (size_t)u] = month->use_wanted[u];
        to[t[3].first + 2 * (size_t)u + 1] = month->use_served[u];
    }
    for (int32_t e = 0; e < t[4].keys; e++) {
        const store_element_row *r = &month->element[e];
        const double row[ELEMENT_COLUMNS] = {r->opening, r->mined,    r->in_use,
                                             r->stocks,  r->scrap,    r->tailings,
                                             r->losses,  r->disposed, r->closure};
        memcpy(to + t[4].first + ELEMENT_COLUMNS * (size_t)e, row, sizeof row);
    }
    const double certificate[CERTIFICATE_COLUMNS] = {month->balance, month->complementarity,
                                                     month->gap, month->iterations};
    memcpy(to + t[5].first, certificate, sizeof certificate);
    return YT_OK;
}

/* A number that mostly is the one before it, which then is not said again: STORE_SERVED. */
static void bind_repeated(sqlite3_stmt *insert, int i, double number, double before)
{
    if (number == before || (isnan(number) && isnan(before)))
        sqlite3_bind_null(insert, i);
    else if (isnan(number))
        sqlite3_bind_text(insert, i, "", 0, SQLITE_STATIC);
    else
        sqlite3_bind_double(insert, i, number);
}

/* The rows of one key: month after month. */
static yt_status write_key(const yt_store *s, const fact_table *t, sqlite3_stmt *insert,
                           int32_t key)
{
    yt_status status = YT_OK;
    size_t first = t->first + (size_t)key * (size_t)t->columns;
    for (int32_t m = 0; !status && m < s->months; m++) {
        const double *number = s->number + (size_t)m * s->width + first;
        if (t->is_sparse && number[0] == 0)
            continue;
        sqlite3_bind_int(insert, 3, s->month[m]);
        for (int32_t c = 0; c < t->columns; c++) {
            if (c == t->integer && !isnan(number[c]))
                sqlite3_bind_int(insert, c + 4, (int)number[c]);
            else if (c == t->repeats)
                bind_repeated(insert, c + 4, number[c], number[c - 1]);
            else
                sqlite3_bind_double(insert, c + 4, number[c]); /* NAN becomes NULL */
        }
        status = sql_step_once(insert);
    }
    return status;
}

static yt_status write_table(const yt_store *s, const fact_table *t)
{
    sqlite3_stmt *insert = NULL;
    yt_status status = sql_prepare(s->db, t->insert, &insert);
    for (int32_t key = 0; !status && key < t->keys; key++) {
        sqlite3_bind_int(insert, 1, key);
        sqlite3_bind_int(insert, 2, s->run);
        status = write_key(s, t, insert, key);
    }
    sqlite3_finalize(insert);
    return status;
}

static yt_status write_month_names(const yt_store *s)
{
    sqlite3_stmt *insert = NULL;
    yt_status status = sql_prepare(s->db, "INSERT OR IGNORE INTO d_month VALUES(?,?)", &insert);
    for (int32_t m = 0; !status && m < s->months; m++) {
        char text[8];
        sqlite3_bind_int(insert, 1, s->month[m]);
        sql_bind_text(insert, 2, month_text(s->month[m], text));
        status = sql_step_once(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

static yt_status write_run_name(const yt_store *s)
{
    return s->months == 0 ? YT_OK
                          : sql_runf(s->db, "INSERT OR IGNORE INTO d_run VALUES(%d)", (int)s->run);
}

static yt_status write_words(const yt_store *s)
{
    sqlite3_stmt *insert = NULL;
    yt_status status = sql_prepare(s->db, "INSERT OR IGNORE INTO d_word VALUES(?,?)", &insert);
    for (int32_t i = 0; !status && i < s->words; i++) {
        sqlite3_bind_int(insert, 1, i + 1);
        sql_bind_text(insert, 2, s->word[i]);
        status = sql_step_once(insert);
    }
    sqlite3_finalize(insert);
    return status;
}

/* Write the gathered months, in the transaction that events may have begun. */
static yt_status write_gathered(yt_store *s, yt_log *log)
{
    if (s->months == 0 && sqlite3_get_autocommit(s->db))
        return YT_OK;
    yt_status status = sqlite3_get_autocommit(s->db) ? sql_run(s->db, "BEGIN") : YT_OK;
    if (!status)
        status = write_month_names(s);
    if (!status)
        status = write_run_name(s);
    if (!status)
        status = write_words(s);
    for (int i = 0; !status && i < FACT_TABLES; i++)
        status = write_table(s, &s->table[i]);
    if (!status)
        status = sql_run(s->db, "COMMIT");
    s->months = 0;
    return status ? fail_sql(s, status, log) : YT_OK;
}

/* Room for one month more; memory grows with the run up to GATHER_BYTES. */
static yt_status make_room(yt_store *s, yt_log *log)
{
    if (s->months < s->room)
        return YT_OK;
    size_t bytes = s->width * sizeof(double);
    size_t most = GATHER_BYTES / bytes > 1 ? GATHER_BYTES / bytes : 1;
    if ((size_t)s->room >= most)
        return write_gathered(s, log);
    size_t room = s->room ? 2 * (size_t)s->room : 16;
    if (room > most)
        room = most;
    double *number = realloc(s->number, room * bytes);
    if (number)
        s->number = number;
    int32_t *month = realloc(s->month, room * sizeof *month);
    if (month)
        s->month = month;
    if (!number || !month)
        return s->months ? write_gathered(s, log) : fail(s, YT_ENOMEM, "out of memory", log);
    s->room = (int32_t)room;
    return YT_OK;
}

yt_status store_write_month(yt_store *s, const store_month *month, yt_log *log)
{
    if (s->status)
        return s->status;
    if (s->has_run && month->run == s->run && month->month <= s->last_month)
        return fail(s, YT_ERANGE, "the months of a run must come in order", log);
    yt_status status = YT_OK;
    if (s->has_run && month->run != s->run)
        status = write_gathered(s, log);
    if (!status)
        status = make_room(s, log);
    if (status)
        return status;
    s->run = month->run;
    s->has_run = true;
    s->last_month = month->month;
    s->month[s->months] = month->month;
    if (gather(s, month, s->number + (size_t)s->months * s->width))
        return fail(s, YT_ENOMEM, "out of memory", log);
    s->months++;
    return YT_OK;
}

yt_status store_write_event(yt_store *s, int32_t run, int32_t month, const char *kind,
                            const char *subject, const char *text, yt_log *log)
{
    if (s->status)
        return s->status;
    yt_status status = sqlite3_get_autocommit(s->db) ? sql_run(s->db, "BEGIN") : YT_OK;
    sqlite3_stmt *insert = NULL;
    if (!status)
        status = sql_prepare(s->db, "INSERT INTO f_event VALUES(NULL,?,?,?,?,?)", &insert);
    if (!status) {
        sqlite3_bind_int(insert, 1, run);
        sqlite3_bind_int(insert, 2, month);
        sql_bind_text(insert, 3, kind);
        sql_bind_text(insert, 4, subject);
        sql_bind_text(insert, 5, text);
        status = sql_step_once(insert);
    }
    sqlite3_finalize(insert);
    if (!status) { /* an event may come before or without its month */
        char name[8];
        status = sql_runf(s->db, "INSERT OR IGNORE INTO d_month VALUES(%d, '%s')", (int)month,
                          month_text(month, name));
    }
    return status ? fail_sql(s, status, log) : YT_OK;
}

static yt_status write_outcome_values(sqlite3 *db, int32_t n, int32_t worlds, const double *value,
                                      const bool *censored)
{
    sqlite3_stmt *insert = NULL;
    yt_status status = sql_prepare(db, "INSERT INTO f_outcome VALUES(?,?,?,?)", &insert);
    for (int32_t r = 0; r < worlds; r++)
        for (int32_t i = 0; !status && i < n; i++) {
            size_t at = (size_t)r * (size_t)n + (size_t)i;
            if (isnan(value[at]))
                continue;
            sqlite3_bind_int(insert, 1, r);
            sqlite3_bind_int(insert, 2, i);
            sqlite3_bind_double(insert, 3, value[at]);
            sqlite3_bind_int(insert, 4, censored[at]);
            status = sql_step_once(insert);
        }
    sqlite3_finalize(insert);
    return status;
}

yt_status store_write_outcomes(yt_store *s, const store_outcome_key *key, int32_t n, int32_t worlds,
                               const double *value, const bool *censored, yt_log *log)
{
    yt_status status = s->status ? s->status : write_gathered(s, log);
    if (!status)
        status = sql_run(s->db, "BEGIN");
    if (!status)
        status = write_names(s->db, "INSERT INTO d_outcome VALUES(?,?,?,?,?)", n,
                             TEXTS(store_outcome_key), (const char *const *)key);
    if (!status)
        status = write_outcome_values(s->db, n, worlds, value, censored);
    if (!status)
        status = sql_run(s->db, "COMMIT");
    return status && !s->status ? fail_sql(s, status, log) : status;
}

yt_status store_write_row(yt_store *s, const char *table, const store_value *value, int32_t n,
                          yt_log *log)
{
    char sql[256];
    int used = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES(?", table);
    assert(used + 2 * n < (int)sizeof sql);
    for (int32_t i = 1; i < n; i++)
        used += snprintf(sql + used, sizeof sql - (size_t)used, ",?");
    snprintf(sql + used, sizeof sql - (size_t)used, ")");
    if (s->status)
        return s->status;
    yt_status status = sqlite3_get_autocommit(s->db) ? sql_run(s->db, "BEGIN") : YT_OK;
    sqlite3_stmt *insert = NULL;
    if (!status)
        status = sql_prepare(s->db, sql, &insert);
    for (int32_t i = 0; !status && i < n; i++)
        if (value[i].text)
            sql_bind_text(insert, i + 1, value[i].text);
        else if (isfinite(value[i].number))
            sqlite3_bind_double(insert, i + 1, value[i].number);
    if (!status)
        status = sql_step_once(insert);
    sqlite3_finalize(insert);
    return status ? fail_sql(s, status, log) : YT_OK;
}

/* ------------------------------------------------------------------------------ finish */

/* What SQLite keeps beside the file while it is open, and sometimes after. */
void write_remove_beside(arena *memory, const char *path)
{
    static const char *const ending[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        char *name = arena_printf(memory, "%s%s", path, ending[i]);
        if (name)
            unlink(name);
    }
}

/* One file without a journal beside it, durable under its final name. */
static yt_status settle(yt_store *s, yt_log *log)
{
    if (sqlite3_close(s->db) != SQLITE_OK)
        return fail_sql(s, YT_EIO, log);
    s->db = NULL;
    write_remove_beside(s->memory,
                        s->partial); /* an emptied journal, when a sync had to be repeated */
    int error = place_sync(s->partial);
    if (!error)
        error = place_rename(s->partial, s->path, s->replace);
    if (error)
        return fail(s, YT_EIO, strerror(error), log);
    s->partial = NULL;
    error = place_sync_folder_of(s->path);
    return error ? fail(s, YT_EIO, strerror(error), log) : YT_OK;
}

yt_status store_finish(yt_store *s, const store_fact *facts, int32_t n, yt_log *log)
{
    yt_status status = s->status;
    if (!status)
        status = write_gathered(s, log);
    if (!status) {
        status = write_facts(s->db, facts, n);
        if (!status)
            status = sql_run(s->db, "PRAGMA analysis_limit = 400; ANALYZE;");
        if (!status)
            status = write_set_journal(s->db, "PRAGMA journal_mode = DELETE", "delete");
        if (status)
            fail_sql(s, status, log);
    }
    if (!status)
        status = settle(s, log);
    store_abandon(s);
    return status;
}

void store_abandon(yt_store *s)
{
    if (!s)
        return;
    sqlite3_close(s->db);
    if (s->partial) {
        write_remove_beside(s->memory, s->partial);
        unlink(s->partial);
    }
    free(s->number);
    free(s->month);
    free(s->word);
    arena_free(s->memory);
}
