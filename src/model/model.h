/* model.h - what the case files say, by name: typed tables, positions kept.
 *
 * One generic representation for all tables of schema.def.  Cells know where they stand in
 * their file, so that whoever finds a contradiction later can still name line and column.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/arena.h"
#include "base/distribution.h"
#include "base/hash.h"
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
    FACT_VALUE,
    FACT_UNIT,
    FACT_LOW,
    FACT_HIGH,
    FACT_DIST,
    FACT_SOURCE,
    FACT_GRADE,
    FACT_NOTE,
    FACT_COLUMNS
};

/* A cell after reading.  `text` is as written ("" when blank). */
typedef struct model_cell {
    const char *text;
    double number; /* NUMBER, and value/low/high in the internal unit; NAN when blank */
    int32_t id;    /* REF: row of the target, REFS: of the first one, CHOICE and dist:
                      word number, MONTH: month (of a column `to`: the last one), YEAR:
                      year, item: ITEM number; YT_NONE when blank                      */
    place at;
} model_cell;

typedef struct model_table {
    const char *file; /* as shown to the user; NULL when absent */
    int32_t rows, columns;
    model_cell *cell; /* [rows][columns] */
} model_table;

typedef struct model_index model_index;

struct yt_model {
    arena *memory;
    const char *path; /* folder of the case                       */
    const char *name, *title, *description;
    int32_t start, end;    /* first and last month, from year 0 */
    int32_t spin_up;       /* months run and not reported       */
    int32_t base_year;     /* of money                          */
    int32_t decide_from;   /* plants and programmes follow from decisions from this
                              month on in drawn worlds; YT_NONE: never           */
    const char *incumbent; /* region whose hold on the chain is measured, or ""   */
    place incumbent_at;
    char hash[65];                  /* SHA-256 of everything read        */
    const char *licence, *citation; /* "" when not given               */
    model_table table[TABLE_COUNT];

    /* ways in, kept by load */
    map *key[TABLE_COUNT];           /* KEY, or the only column of UNIQUE, to row; or NULL */
    model_index *index[TABLE_COUNT]; /* rows by what they name: rules.c  */
};

/* yt_model_load, then changes "table[key].column=value", one text each: the command line's
 * --set.  key names one row: its KEY, or the columns of UNIQUE in order, separated by commas
 * ("blank" where a cell is blank, nothing after the last one that matters), or
 * column=value,column=value. */
yt_status model_load_with(const char *path, const char *const overlays[], int32_t n,
                          const char *const sets[], int32_t m, yt_log *log, yt_model **model);

/* Read one cell.  row, column in range. */
const model_cell *model_at(const yt_model *model, table_id table, int32_t row, int32_t column);
/* Row of the table with this key (or with this text in the only column of UNIQUE: a word of
 * product_name, an item of parameter), YT_NONE if there is none. */
int32_t model_find(const yt_model *model, table_id table, const char *key);

/* Table of this name (facility_fact) or file (facility_facts.csv, facility_facts); TABLE_COUNT
 * when there is none. */
table_id model_table_find(const char *name);
/* Column of this name, those of a sourced number included; YT_NONE when there is none. */
int32_t model_column_find(table_id table, const char *column);
/* Nearest name to a misspelt one, NULL when none is near. */
const char *model_table_nearest(const char *name);
const char *model_column_nearest(table_id table, const char *column);

/* Does a row satisfy "column=value"?  The value is compared as written, or as what it means
 * (2010 is 2010-01).  YT_ENAME: no such column; YT_ERANGE: no "=" in the condition. */
yt_status model_row_matches(const yt_model *model, table_id table, int32_t row,
                            const char *condition, bool *matches);

/* First and last month of an observation's period: what calendar_parse knows, and spans of
 * it: 2010-01..09, 2010-11..2011-02, 2010..2012.  False (nothing written) otherwise. */
bool model_period_parse(const char *text, int32_t *first, int32_t *last);

/* What a table is, for show, docs and the store. */
typedef struct model_column_info {
    const char *name, *type, *target, *doc;
    bool needed;
} model_column_info;
typedef struct model_table_info {
    const char *name, *file, *doc;
    int32_t columns;                 /* with the eight of a sourced number */
    int32_t facts;                   /* first of them, YT_NONE when none   */
    const model_column_info *column; /* [columns] */
} model_table_info;
model_table_info model_table_describe(table_id table);
/* The columns that together name a row (UNIQUE, or the KEY) into `column`; how many. */
#define MODEL_UNIQUE_MAX 16
int32_t model_unique(table_id table, int32_t column[MODEL_UNIQUE_MAX]);

/* Item numbers: ITEM_commodity_fact_reference_price, ... counted through the whole list. */
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
    table_id table;
    const char *name, *kind, *doc;
    double lowest, highest;
} model_item_info;
model_item_info model_item_describe(int32_t item);

#endif
