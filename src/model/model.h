/* model.h - what the case files say, by name: typed tables, positions kept.
 *
 * One generic representation for all tables of schema.def.  Cells know where they stand in
 * their file, so that whoever finds a contradiction later can still name line and column.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/arena.h"
#include "base/log.h"
#include "ytterby.h"

#include <stdbool.h>

/* TABLE_source, TABLE_element, ... TABLE_COUNT */
typedef enum table_id {
#define TABLE(table, file, presence, doc) TABLE_##table,
#define COLUMN(...)
#define FACTS(...)
#define ITEM(...)
#define UNIQUE(...)
#include "model/schema.def"
#undef TABLE
#undef COLUMN
#undef FACTS
#undef ITEM
#undef UNIQUE
    TABLE_COUNT
} table_id;

/* commodity_id, commodity_name, ... : column numbers inside their table.  The eight columns
 * of a sourced number come after the table's own and have names of their own: FACT_... */
enum {
#define TABLE(table, file, presence, doc) table##_first_column = -1,
#define COLUMN(table, column, type, target, presence, doc) table##_##column,
#define FACTS(table, kinds) table##_facts,
#define ITEM(...)
#define UNIQUE(...)
#include "model/schema.def"
#undef TABLE
#undef COLUMN
#undef FACTS
#undef ITEM
#undef UNIQUE
};

/* Offsets from <table>_facts. */
enum {
    FACT_VALUE, FACT_UNIT, FACT_LOW, FACT_HIGH, FACT_DIST, FACT_SOURCE, FACT_GRADE, FACT_NOTE,
    FACT_COLUMNS
};

/* A cell after reading.  `text` is as written ("" when blank). */
typedef struct model_cell {
    const char *text;
    double      number; /* NUMBER, and value/low/high in the internal unit; NAN when blank */
    int32_t     id;     /* REF: row of the target, CHOICE: word number, MONTH: month, YEAR:
                           year, item: ITEM number within the table; YT_NONE when blank     */
    place       at;
} model_cell;

typedef struct model_table {
    const char *file; /* as shown to the user; NULL when absent */
    int32_t     rows, columns;
    model_cell *cell; /* [rows][columns] */
} model_table;

struct yt_model {
    arena      *memory;
    const char *path;     /* folder of the case                       */
    const char *name, *title, *description;
    int32_t     start, end;       /* first and last month, from year 0 */
    int32_t     spin_up;          /* months run and not reported       */
    int32_t     base_year;        /* of money                          */
    char        hash[65];         /* SHA-256 of everything read        */
    model_table table[TABLE_COUNT];
};

/* Read one cell.  row, column in range. */
const model_cell *model_at(const yt_model *model, table_id table, int32_t row, int32_t column);
/* Row of the table with this key, YT_NONE if there is none. */
int32_t model_find(const yt_model *model, table_id table, const char *key);

/* What a table is, for show, docs and the store. */
typedef struct model_column_info {
    const char *name, *type, *target, *doc;
    bool        needed;
} model_column_info;
typedef struct model_table_info {
    const char *name, *file, *doc;
    int32_t     columns;             /* with the eight of a sourced number */
    int32_t     facts;               /* first of them, YT_NONE when none   */
    const model_column_info *column; /* [columns] */
} model_table_info;
model_table_info model_table_describe(table_id table);

/* Item numbers: ITEM_commodity_fact_reference_price, ... counted within their table. */
#define TABLE(table, file, presence, doc)
#define COLUMN(...)
#define FACTS(...)
#define UNIQUE(...)
enum model_item {
#define ITEM(table, item, kind, lowest, highest, doc) ITEM_##table##_##item,
#include "model/schema.def"
#undef ITEM
    ITEM_COUNT
};
#undef TABLE
#undef COLUMN
#undef FACTS
#undef UNIQUE

typedef struct model_item_info {
    table_id    table;
    const char *name, *kind, *doc;
    double      lowest, highest;
} model_item_info;
model_item_info model_item_describe(int32_t item);

#endif
