/* export.c - every view of a store into CSV files or one JSON document. */
#include "store/export.h"

#include "base/json_write.h"
#include "base/text.h"
#include "store/export_inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VIEWS_MAX 500
#define EXPORT_SECONDS 900    /* some 60 MB take ten; a hostile view takes for ever */
#define COLUMN_FILE "columns" /* says what the columns of the others are */

const char *store_export_formats(void)
{
    return "csv (a folder with one file per view), json (one file), xlsx (a spreadsheet)";
}

static yt_status cannot_write(const char *to, int error, yt_log *log)
{
    log_error(log, YT_EIO, place_at(to, 0, 0), "cannot be written: %s",
              strerror(error ? error : EIO));
    return YT_EIO;
}

/* --------------------------------------------------------------------------------- views */

/* a name becomes the name of a file: nothing but letters, digits and _ */
static bool is_plain_name(const char *name)
{
    return name[0] && strlen(name) < 32 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789")] == '\0';
}

static bool is_result_view(const char *name)
{
    for (int32_t i = 0; store_view_at(i); i++)
        if (text_equal(store_view_at(i)->name, name))
            return true;
    return false;
}

static yt_status list_views(store_reader *r, arena *memory, view_names *views, yt_log *log)
{
    views->n = 0;
    views->name = arena_array(memory, VIEWS_MAX, sizeof *views->name);
    sqlite3_stmt *list;
    yt_status status = store_reader_prepare(
        r, "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY rowid", log, &list);
    if (status)
        return status;
    /* twice: results first */
    for (int pass = 0; pass < 2 && views->name; pass++) {
        int code;
        while ((code = sqlite3_step(list)) == SQLITE_ROW && views->n < VIEWS_MAX) {
            const char *name = (const char *)sqlite3_column_text(list, 0);
            if (!name || !is_plain_name(name) || is_result_view(name) != (pass == 0))
                continue;
            views->name[views->n] = arena_strdup(memory, name);
            if (!views->name[views->n++])
                status = YT_ENOMEM;
        }
        if (code != SQLITE_ROW && code != SQLITE_DONE)
            status = store_reader_failed(r, log);
        sqlite3_reset(list);
    }
    sqlite3_finalize(list);
    return views->name ? status : YT_ENOMEM;
}

yt_status export_select(store_reader *r, const char *view, yt_log *log, sqlite3_stmt **rows)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT * FROM \"%.64s\"", view);
    return store_reader_prepare(r, sql, log, rows);
}

/* ----------------------------------------------------------------------------------- CSV */

/* Close a file that was just written, errno being that of a failed write; 0 or errno. */
static int close_durably(FILE *file)
{
    int error = ferror(file) ? (errno ? errno : EIO) : 0;
    if (!error && (fflush(file) != 0 || fsync(fileno(file)) != 0))
        error = errno ? errno : EIO;
    if (fclose(file) != 0 && !error)
        error = errno ? errno : EIO;
    return error;
}

static yt_status put_csv_rows(store_reader *r, const char *view, FILE *file, yt_log *log)
{
    sqlite3_stmt *rows;
    yt_status status = export_select(r, view, log, &rows);
    if (status)
        return status;
    csv_put_header(file, rows);
    int code = SQLITE_ROW;
    while (!ferror(file) && (code = sqlite3_step(rows)) == SQLITE_ROW)
        csv_put_row(file, rows);
    int error = errno;
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = store_reader_failed(r, log);
    sqlite3_finalize(rows);
    errno = error;
    return status;
}

static void put_csv_columns(FILE *file)
{
    fputs("view,column,unit,meaning\n", file);
    for (int32_t i = 0; store_column_at(i); i++) {
        const store_column_info *c = store_column_at(i);
        fprintf(file, "%s,%s,", c->view, c->name);
        csv_put_text(file, c->unit);
        fputc(',', file);
        csv_put_text(file, c->doc);
        fputc('\n', file);
    }
}

/* One file of the folder; `view` NULL: the one that explains the columns. */
static yt_status write_csv(store_reader *r, const char *folder, const char *view, const char *to,
                           yt_log *log)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s.csv", folder, view ? view : COLUMN_FILE);
    if (n < 0 || (size_t)n >= sizeof path)
        return cannot_write(to, ENAMETOOLONG, log);
    FILE *file = fopen(path, "wxe");
    if (!file)
        return cannot_write(to, errno, log);
    yt_status status = YT_OK;
    if (view)
        status = put_csv_rows(r, view, file, log);
    else
        put_csv_columns(file);
    int error = close_durably(file);
    return status || !error ? status : cannot_write(to, error, log);
}

/* Does the folder hold nothing but what an export writes? */
static bool is_our_folder(const char *folder, const view_names *views)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return false;
    bool ours = true;
    for (struct dirent *entry; ours && (entry = readdir(dir));) {
        size_t n = strlen(entry->d_name);
        if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, ".."))
            continue;
        ours = text_equal(entry->d_name, COLUMN_FILE ".csv");
        for (int32_t i = 0; !ours && i < views->n; i++)
            ours = n == strlen(views->name[i]) + 4 &&
                   text_starts_with(entry->d_name, views->name[i]) &&
                   text_ends_with(entry->d_name, ".csv");
    }
    closedir(dir);
    return ours;
}

/* Remove a folder that holds nothing but files we know. */
static void remove_folder(const char *folder, const view_names *views)
{
    for (int32_t i = -1; i < views->n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.csv", folder, i < 0 ? COLUMN_FILE : views->name[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* Put the finished folder at its place: a new name, or an exchange with the old folder. */
static yt_status place_folder(const char *partial, const char *to, bool replace,
                              const view_names *views, yt_log *log)
{
    int error = place_sync(partial);
    if (!error)
        error = place_rename(partial, to, false);
    if (error == EEXIST && replace) {
        error = renameat2(AT_FDCWD, partial, AT_FDCWD, to, RENAME_EXCHANGE) == 0 ? 0 : errno;
        if (!error)
            remove_folder(partial, views);
    }
    if (!error)
        error = place_sync_folder_of(to);
    return error ? cannot_write(to, error, log) : YT_OK;
}

static yt_status export_csv(store_reader *r, const view_names *views, const store_export_options *o,
                            arena *memory, yt_log *log)
{
    struct stat st;
    if (stat(o->to, &st) == 0) {
        const char *why = NULL;
        if (!S_ISDIR(st.st_mode))
            why = "it is a file; CSV needs the name of a folder";
        else if (!is_our_folder(o->to, views))
            why = "it is a folder with other files in it";
        else if (!o->replace)
            why = "it exists already (--force replaces it)";
        if (why) {
            log_error(log, YT_EIO, place_at(o->to, 0, 0), "cannot be written: %s", why);
            return YT_EIO;
        }
    }
    char *partial = NULL;
    for (int attempt = 0; attempt < 100; attempt++) {
        partial = place_partial_name(memory, o->to, attempt);
        if (!partial)
            return YT_ENOMEM;
        if (mkdir(partial, 0777) == 0)
            break;
        if (errno != EEXIST || attempt == 99)
            return cannot_write(o->to, errno, log);
    }
    yt_status status = write_csv(r, partial, NULL, o->to, log);
    for (int32_t i = 0; !status && i < views->n; i++)
        status = write_csv(r, partial, views->name[i], o->to, log);
    if (!status)
        status = place_folder(partial, o->to, o->replace, views, log);
    if (status)
        remove_folder(partial, views);
    return status;
}

/* ---------------------------------------------------------------------------------- JSON */

static yt_status put_json_view(store_reader *r, const char *view, json_writer *w, yt_log *log)
{
    sqlite3_stmt *rows;
    yt_status status = export_select(r, view, log, &rows);
    if (status)
        return status;
    json_key(w, view);
    json_begin_object(w);
    json_key(w, "columns");
    json_begin_array(w);
    for (int c = 0; c < sqlite3_column_count(rows); c++)
        json_text(w, sqlite3_column_name(rows, c));
    json_end_array(w);
    json_key(w, "units");
    json_begin_array(w);
    for (int c = 0; c < sqlite3_column_count(rows); c++) {
        const store_column_info *info = store_column_find(view, sqlite3_column_name(rows, c));
        json_text(w, info ? info->unit : "");
    }
    json_end_array(w);
    json_key(w, "rows");
    json_begin_array(w);
    int code = SQLITE_ROW;
    while (w->status == YT_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
        json_begin_array(w);
        for (int c = 0; c < sqlite3_column_count(rows); c++)
            value_put_json(w, rows, c);
        json_end_array(w);
    }
    json_end_array(w);
    json_end_object(w);
    int error = errno;
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = store_reader_failed(r, log);
    sqlite3_finalize(rows);
    errno = error;
    return status;
}

static yt_status put_json(store_reader *r, const view_names *views, FILE *file, yt_log *log)
{
    json_writer w = json_to_file(file, 0);
    json_begin_object(&w);
    json_key_text(&w, "schema", "ytterby/store/1");
    json_key(&w, "views");
    json_begin_object(&w);
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && !w.status && i < views->n; i++)
        status = put_json_view(r, views->name[i], &w, log);
    json_end_object(&w);
    json_end_object(&w);
    (void)json_finish(&w); /* close_durably sees the same failure, with its errno */
    return status;
}

/* ----------------------------------------------------------------------------- one file */

typedef yt_status write_file(store_reader *r, const view_names *views, const char *file,
                             const char *shown, yt_log *log);

static yt_status write_json(store_reader *r, const view_names *views, const char *name,
                            const char *shown, yt_log *log)
{
    FILE *file = fopen(name, "we");
    if (!file)
        return cannot_write(shown, errno, log);
    yt_status status = put_json(r, views, file, log);
    int error = close_durably(file);
    return status || !error ? status : cannot_write(shown, error, log);
}

static yt_status check_file(const char *to, bool replace, yt_log *log)
{
    struct stat st;
    if (stat(to, &st) != 0)
        return YT_OK;
    const char *why = NULL;
    if (!S_ISREG(st.st_mode))
        why = S_ISDIR(st.st_mode) ? "it is a folder; name a file" : "it is no regular file";
    else if (!replace)
        why = "it exists already (--force replaces it)";
    if (!why)
        return YT_OK;
    log_error(log, YT_EIO, place_at(to, 0, 0), "cannot be written: %s", why);
    return YT_EIO;
}

static yt_status export_file(store_reader *r, const view_names *views,
                             const store_export_options *o, write_file *write, arena *memory,
                             yt_log *log)
{
    yt_status status = check_file(o->to, o->replace, log);
    char *partial = status ? NULL : place_partial_name(memory, o->to, 0);
    if (!partial)
        return status ? status : YT_ENOMEM;
    status = write(r, views, partial, o->to, log);
    if (!status) {
        int error = place_sync(partial);
        if (!error)
            error = place_rename(partial, o->to, o->replace);
        if (!error)
            error = place_sync_folder_of(o->to);
        if (error)
            status = cannot_write(o->to, error, log);
    }
    if (status)
        unlink(partial);
    return status;
}

/* ------------------------------------------------------------------------------ dispatch */

static const char *format_of(const store_export_options *o)
{
    if (o->format)
        return o->format;
    if (text_ends_with(o->to, ".xlsx"))
        return "xlsx";
    if (text_ends_with(o->to, ".json"))
        return "json";
    return text_ends_with(o->to, "/") || text_ends_with(o->to, ".csv") ? "csv" : "";
}

static yt_status check_format(const char *format, yt_log *log)
{
    static const char *const known[] = {"csv", "json", "xlsx"};
    for (size_t i = 0; i < 3; i++)
        if (text_equal(format, known[i]))
            return YT_OK;
    log_error(log, YT_EUSAGE, place_none(), "%s%s%s; there are: %s",
              format[0] ? "there is no format " : "say which format with --to", format, "",
              store_export_formats());
    return YT_EUSAGE;
}

yt_status store_export(const char *path, const store_export_options *o, yt_log *log)
{
    const char *format = format_of(o);
    yt_status status = check_format(format, log);
    if (status)
        return status;
    store_reader *r = NULL;
    status = store_reader_open(path, log, &r);
    if (status)
        return status;
    arena *memory = arena_new();
    view_names views = {NULL, 0};
    store_reader_limit(r, EXPORT_SECONDS, o->is_stopped);
    status = store_reader_check(r, log);
    if (!status)
        status = list_views(r, memory, &views, log);
    if (!status && text_equal(format, "csv"))
        status = export_csv(r, &views, o, memory, log);
    else if (!status)
        status = export_file(r, &views, o, text_equal(format, "json") ? write_json : xlsx_write,
                             memory, log);
    if (status == YT_ENOMEM)
        log_error(log, status, place_at(o->to, 0, 0), "cannot be written: out of memory");
    arena_free(memory);
    store_reader_close(r);
    return status;
}
