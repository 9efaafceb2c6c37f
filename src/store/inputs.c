/* inputs.c - the case inside its results: every table as it was read, with file and line.
 *
 * Each table of schema.def becomes in_<table> with the columns it has there; numbers with a
 * source keep the value in the unit as written, and `number` is the same in the internal
 * unit.  Over them lie one view per table, `input` (all sourced numbers) and `entity` (all
 * other cells).
 */
#include "store/inside.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *table, *view;
} renamed[] = {{"group", "commodity_group"}, {"event", "case_event"}};

const char *inputs_view_name(const char *table)
{
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
        if (text_equal(renamed[i].table, table))
            return renamed[i].view;
    return table;
}

static bool is_number_column(const model_table_info *info, int32_t column)
{
    if (info->facts != YT_NONE && column >= info->facts) {
        int32_t fact = column - info->facts;
        return fact == FACT_VALUE || fact == FACT_LOW || fact == FACT_HIGH;
    }
    return text_equal(info->column[column].type, "NUMBER");
}

static bool is_year_column(const model_table_info *info, int32_t column)
{
    return text_equal(info->column[column].type, "YEAR");
}

static int32_t own_columns(const model_table_info *info)
{
    return info->facts == YT_NONE ? info->columns : info->facts;
}

/* --------------------------------------------------------------------------- tables */

/* "a, b, c" with `each` around every column name */
static void append_columns(sqlite3_str *sql, const model_table_info *info, bool with_type)
{
    for (int32_t c = 0; c < info->columns; c++) {
        const char *type = "";
        if (with_type)
            type = is_number_column(info, c) ? " REAL"
                   : is_year_column(info, c) ? " INTEGER"
                                             : " TEXT";
        sqlite3_str_appendf(sql, ", \"%w\"%s", info->column[c].name, type);
    }
    if (info->facts != YT_NONE)
        sqlite3_str_appendf(sql, ", number%s", with_type ? " REAL" : "");
}

static yt_status run_built(sqlite3 *db, sqlite3_str *built)
{
    int code = sqlite3_str_errcode(built);
    char *sql = sqlite3_str_finish(built);
    if (code || !sql) {
        sqlite3_free(sql);
        return YT_ENOMEM;
    }
    yt_status status = sql_run(db, sql);
    sqlite3_free(sql);
    return status;
}

static yt_status create_table(sqlite3 *db, const model_table_info *info)
{
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendf(sql, "CREATE TABLE \"in_%w\"(row INTEGER PRIMARY KEY", info->name);
    append_columns(sql, info, true);
    sqlite3_str_appendall(sql, ", file TEXT, line INTEGER)");
    return run_built(db, sql);
}

static yt_status create_view(sqlite3 *db, const model_table_info *info)
{
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendf(sql, "CREATE VIEW \"%w\" AS SELECT ", inputs_view_name(info->name));
    for (int32_t c = 0; c < info->columns; c++)
        sqlite3_str_appendf(sql, "%s\"%w\"", c ? ", " : "", info->column[c].name);
    if (info->facts != YT_NONE)
        sqlite3_str_appendall(sql, ", number");
    if (text_equal(info->name, "composition"))
        sqlite3_str_appendall(sql, ", number AS share");
    sqlite3_str_appendf(sql, ", file, line FROM \"in_%w\"", info->name);
    return run_built(db, sql);
}

/* ----------------------------------------------------------------------------- rows */

static int bind_cell(sqlite3_stmt *insert, int i, const model_table_info *info, int32_t column,
                     const model_cell *cell)
{
    double number;
    /* the number as written; a text that is none is kept as text */
    if (is_number_column(info, column) && cell->text && text_number(cell->text, &number))
        return sqlite3_bind_double(insert, i, number);
    if (is_year_column(info, column) && cell->id != YT_NONE)
        return sqlite3_bind_int(insert, i, cell->id);
    return sql_bind_text(insert, i, cell->text);
}

static yt_status write_row(sqlite3_stmt *insert, const yt_model *model, table_id id,
                           const model_table_info *info, int32_t row)
{
    int at = 1;
    sqlite3_bind_int(insert, at++, row);
    for (int32_t c = 0; c < info->columns; c++) {
        int code = bind_cell(insert, at++, info, c, model_at(model, id, row, c));
        if (code != SQLITE_OK)
            return sql_status(code);
    }
    const model_cell *first = model_at(model, id, row, 0);
    if (info->facts != YT_NONE)
        sqlite3_bind_double(insert, at++,
                            model_at(model, id, row, info->facts + FACT_VALUE)->number);
    sql_bind_text(insert, at++, first->at.file ? first->at.file : model->table[id].file);
    sqlite3_bind_int(insert, at, first->at.line);
    return sql_step_once(insert);
}

static yt_status write_rows(sqlite3 *db, const yt_model *model, table_id id,
                            const model_table_info *info)
{
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendf(sql, "INSERT INTO \"in_%w\"(row", info->name);
    append_columns(sql, info, false);
    sqlite3_str_appendall(sql, ", file, line) VALUES(?");
    int others = info->columns + (info->facts != YT_NONE) + 2;
    for (int i = 0; i < others; i++)
        sqlite3_str_appendall(sql, ", ?");
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    if (!text)
        return YT_ENOMEM;

    sqlite3_stmt *insert = NULL;
    yt_status status = sql_prepare(db, text, &insert);
    sqlite3_free(text);
    for (int32_t row = 0; !status && row < model->table[id].rows; row++)
        status = write_row(insert, model, id, info, row);
    sqlite3_finalize(insert);
    return status;
}

/* --------------------------------------------------------------------- input, entity */

static void append_key(sqlite3_str *sql, const model_table_info *info)
{
    for (int32_t c = 0; c < own_columns(info); c++)
        sqlite3_str_appendf(sql, "%sifnull(\"%w\", '')", c ? " || '|' || " : "",
                            info->column[c].name);
}

static bool has_item(const model_table_info *info)
{
    for (int32_t c = 0; c < own_columns(info); c++)
        if (text_equal(info->column[c].name, "item"))
            return true;
    return false;
}

static yt_status create_input_view(sqlite3 *db)
{
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendall(sql, "CREATE VIEW input AS ");
    const char *separator = "";
    for (int t = 0; t < TABLE_COUNT; t++) {
        model_table_info info = model_table_describe((table_id)t);
        if (info.facts == YT_NONE)
            continue;
        sqlite3_str_appendf(sql, "%sSELECT %Q AS \"table\", ", separator, info.name);
        append_key(sql, &info);
        sqlite3_str_appendf(sql, " AS key, %s AS \"column\"", has_item(&info) ? "item" : "'value'");
        sqlite3_str_appendf(sql,
                            ", value, unit, low, high, source_id, grade, note, dist, number, file,"
                            " line FROM \"in_%w\"",
                            info.name);
        separator = " UNION ALL ";
    }
    return run_built(db, sql);
}

static const struct {
    const char *table, *columns;
} unique_columns[] = {
#define TABLE(...)
#define COLUMN(...)
#define FACTS(...)
#define ITEM(...)
#define UNIQUE(table, columns) {#table, columns},
#include "model/schema.def"
#undef TABLE
#undef COLUMN
#undef FACTS
#undef ITEM
#undef UNIQUE
};

/* "a,b" becomes ifnull("a", '') || '|' || ifnull("b", '') */
static void append_unique(sqlite3_str *sql, const char *columns)
{
    const char *separator = "";
    while (columns[0]) {
        int n = (int)strcspn(columns, ",");
        sqlite3_str_appendf(sql, "%sifnull(\"%.*s\", '')", separator, n, columns);
        separator = " || '|' || ";
        columns += n + (columns[n] == ',');
    }
}

/* What names a row: its KEY, else the columns of UNIQUE, else its number. */
static void append_row_key(sqlite3_str *sql, const model_table_info *info)
{
    for (int32_t c = 0; c < info->columns; c++)
        if (text_equal(info->column[c].type, "KEY")) {
            sqlite3_str_appendf(sql, "\"%w\"", info->column[c].name);
            return;
        }
    for (size_t i = 0; i < sizeof unique_columns / sizeof unique_columns[0]; i++)
        if (text_equal(unique_columns[i].table, info->name)) {
            append_unique(sql, unique_columns[i].columns);
            return;
        }
    sqlite3_str_appendall(sql, "CAST(row AS TEXT)");
}

static yt_status create_entity_view(sqlite3 *db)
{
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendall(sql, "CREATE VIEW entity AS ");
    const char *separator = "";
    for (int t = 0; t < TABLE_COUNT; t++) {
        model_table_info info = model_table_describe((table_id)t);
        if (info.facts != YT_NONE)
            continue;
        for (int32_t c = 0; c < info.columns; c++) {
            sqlite3_str_appendf(sql, "%sSELECT %Q AS \"table\", row, ", separator, info.name);
            append_row_key(sql, &info);
            sqlite3_str_appendf(sql, " AS key, %Q AS \"column\", CAST(\"%w\" AS TEXT) AS text",
                                info.column[c].name, info.column[c].name);
            sqlite3_str_appendf(sql, " FROM \"in_%w\" WHERE \"%w\" IS NOT NULL", info.name,
                                info.column[c].name);
            separator = " UNION ALL ";
        }
    }
    return run_built(db, sql);
}

yt_status inputs_write(sqlite3 *db, const yt_model *model)
{
    yt_status status = YT_OK;
    for (int t = 0; !status && t < TABLE_COUNT; t++) {
        model_table_info info = model_table_describe((table_id)t);
        status = create_table(db, &info);
        if (!status)
            status = create_view(db, &info);
        if (!status)
            status = write_rows(db, model, (table_id)t, &info);
    }
    if (!status)
        status = create_input_view(db);
    return status ? status : create_entity_view(db);
}
