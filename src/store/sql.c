/* sql.c - the few things we ask of SQLite, with our own statuses. */
#include "store/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

yt_status sql_status(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return YT_OK;
    case SQLITE_NOMEM:
        return YT_ENOMEM;
    default:
        return YT_EIO;
    }
}

yt_status sql_run(sqlite3 *db, const char *sql)
{
    return sql_status(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

yt_status sql_runf(sqlite3 *db, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sql = sqlite3_vmprintf(format, args);
    va_end(args);
    if (!sql)
        return YT_ENOMEM;
    yt_status status = sql_run(db, sql);
    sqlite3_free(sql);
    return status;
}

yt_status sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **statement)
{
    return sql_status(sqlite3_prepare_v2(db, sql, -1, statement, NULL));
}

yt_status sql_step_once(sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return sql_status(code);
}

int sql_bind_text(sqlite3_stmt *statement, int i, const char *text)
{
    if (!text || !text[0])
        return sqlite3_bind_null(statement, i);
    return sqlite3_bind_text(statement, i, text, -1, SQLITE_STATIC);
}

const char *sql_reason(sqlite3 *db, char *buffer, size_t size)
{
    const char *text = db ? sqlite3_errmsg(db) : "out of memory";
    int error = db ? sqlite3_system_errno(db) : 0;
    /* the errno of an earlier, harmless call may still stand there */
    int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;
    bool is_system = code == SQLITE_IOERR || code == SQLITE_FULL || code == SQLITE_CANTOPEN;
    if (is_system && error)
        snprintf(buffer, size, "%s (%s)", text, strerror(error));
    else
        snprintf(buffer, size, "%s", text);
    return buffer;
}
