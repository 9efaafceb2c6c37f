/* inside.h - what the files of this folder know of each other; nobody else includes it. */
#ifndef MODEL_INSIDE_H
#define MODEL_INSIDE_H

#include "base/units.h"
#include "base/yaml.h"
#include "model/model.h"

#include <math.h>

#define SCHEMA_COLUMNS_MAX 32 /* of one table, those of a sourced number included */

typedef enum column_type {
    TYPE_KEY,
    TYPE_REF,
    TYPE_REFS,
    TYPE_TEXT,
    TYPE_CHOICE,
    TYPE_MONTH,
    TYPE_YEAR,
    TYPE_NUMBER,
    TYPE_ITEM
} column_type;

typedef enum presence { NEEDED, OPTIONAL, ABSENT } presence;

/* One column as the loader wants to know it. */
typedef struct schema_column {
    column_type type;
    presence presence;
    table_id target; /* REF, REFS                         */
    bool is_last;    /* a MONTH that ends something: `to` */
} schema_column;

typedef struct schema_table {
    presence presence;
    unit_kind kind;    /* of a sourced number; UNIT_NONE: by its item, or no such number   */
    int32_t key;       /* its KEY column, YT_NONE when none                                */
    int32_t item;      /* its item column                                                  */
    int32_t from, to;  /* its columns of these names                                       */
    int32_t commodity; /* the same                                                         */
    int32_t group;
    int32_t unique[SCHEMA_COLUMNS_MAX];
    int32_t uniques; /* 0: rows need no name                                             */
    const model_table_info *info;
    const schema_column *column; /* [info->columns] */
} schema_table;

typedef struct schema {
    schema_table table[TABLE_COUNT];
    model_table_info info[TABLE_COUNT];
} schema;

/* The whole of schema.def on the arena, NULL when memory is short. */
schema *schema_new(arena *a);
/* Kind of unit an item is written in. */
unit_kind schema_item_kind(int32_t item);
/* Number of an item's word within a table, YT_NONE when there is no such word. */
int32_t schema_item_find(table_id table, const char *word);
/* Number of `word` in "one|two|three"; YT_NONE. */
int32_t schema_choice(const char *words, const char *word);
/* Word number i of "one|two|three"; "" when there is none.  buffer of 64 bytes. */
const char *schema_choice_word(const char *words, int32_t i, char buffer[64]);

/* Everything that is on the way while a case is read. */
typedef struct loader {
    arena *memory;  /* the model's                               */
    arena *scratch; /* given back after the load                 */
    yt_log *log;    /* the load's own, sorted before it is shown */
    schema *schema;
    yt_model *model;
    int32_t room[TABLE_COUNT];       /* rows for which there is memory                          */
    bool is_missing[TABLE_COUNT];    /* should be there, could not be read: no dangling errors  */
    bool has_lost_rows[TABLE_COUNT]; /* rows that could not be read: a key may be among them   */
    uint32_t lost_columns[TABLE_COUNT]; /* bit c: column c is missing from a file, and was told */
    map *words_seen;       /* words already complained of, where once is enough       */
    bool is_out_of_memory; /* a check could not be made */
    char *manifest;        /* "name sha256\n" of everything read                      */
    size_t manifest_length, manifest_size;
} loader;

/* rows.c: the tables as text */
/* A blank row at the end of a table, every cell standing at `at`; NULL without memory. */
model_cell *rows_add(loader *l, table_id table, place at);
void rows_remove(loader *l, table_id table, int32_t row);
static inline model_cell *rows_cell(const loader *l, table_id table, int32_t row, int32_t column)
{
    const model_table *t = &l->model->table[table];
    return &t->cell[(size_t)row * (size_t)t->columns + (size_t)column];
}
/* Every table of the case, read as text. */
yt_status rows_read(loader *l);
/* One file of the case into memory and into the manifest. */
yt_status rows_read_file(loader *l, const char *path, const char *shown, const char *name,
                         char **bytes, size_t *n);
/* A link inside the case must not lead out of it. */
bool rows_stay_inside(const char *folder, const char *path);
/* A line of the manifest. */
yt_status rows_note(loader *l, const char *name, const void *bytes, size_t n);

/* show.c: do two texts of a column mean the same?  2010 is 2010-01, 1e3 is 1000. */
bool cell_means(const model_column_info *column, const char *a, const char *b);

/* overlay.c: changes to the text of the tables */
yt_status overlay_apply(loader *l, const yaml_node *root);
yt_status overlay_set(loader *l, const char *text, int32_t number);

/* type.c: text to what it means */
yt_status type_all(loader *l);
/* "the file's line 12", or "file:12" when it is another file than `at`'s. */
const char *type_where(loader *l, place other, place at);
/* A number for a message, the same in every locale. */
typedef struct shown_number {
    char text[32];
} shown_number;
shown_number show_number(double value);

/* rules.c: rows by what they name */
yt_status rules_index(loader *l);

/* Zeroed scratch memory for a check; NULL, and a note for the loader, when memory is short. */
void *scratch_array(loader *l, size_t n, size_t size);
map *scratch_map(loader *l);

/* check*.c: what no single cell can say */
void check_entities(loader *l);     /* people and things: groups, dates, shares, permits, lanes */
void check_recipes(loader *l);      /* mass and metallurgy                                      */
void check_observations(loader *l); /* words and periods of the record                          */

/* Errors of the log are kept up to a limit; beyond it nobody reads a clever hint. */
bool log_is_full(const yt_log *log);
/* ", did you mean 'x'?" or "" on the scratch arena. */
const char *hint_nearest(loader *l, const char *word, const char *const candidates[], size_t n);
/* The same for the keys of a table. */
const char *hint_key(loader *l, table_id table, const char *word);

#endif
