/* schema.c - schema.def as data: what there may be in a case, and what its columns mean. */
#include "model/inside.h"

#include "base/text.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* FIRST_<table>: number of its first column in the flat list below. */
enum {
#define TABLE(table, file, presence, doc) FIRST_##table, FLAT_##table##_before = FIRST_##table - 1,
#define COLUMN(table, column, type, target, presence, doc) FLAT_##table##_##column,
#define FACTS(table, kinds)                                                                        \
    FLAT_##table##_value, FLAT_##table##_unit_, FLAT_##table##_low, FLAT_##table##_high,           \
        FLAT_##table##_dist, FLAT_##table##_source, FLAT_##table##_grade_, FLAT_##table##_note_,
#define ITEM(...)
#define UNIQUE(...)
#include "model/schema.def"
#undef TABLE
#undef COLUMN
#undef FACTS
#undef ITEM
#undef UNIQUE
    FIRST_COUNT
};

static const int32_t first_column[TABLE_COUNT + 1] = {
#define TABLE(table, file, presence, doc) FIRST_##table,
#define COLUMN(...)
#define FACTS(...)
#define ITEM(...)
#define UNIQUE(...)
#include "model/schema.def"
#undef TABLE
#undef COLUMN
#undef FACTS
    FIRST_COUNT};

#define DIST_WORDS "triangular|lognormal|normal|uniform"
#define GRADE_WORDS "A|B|C|D"
#define IS_NEEDED_NEEDED true
#define IS_NEEDED_OPTIONAL false
#define IS_NEEDED_ABSENT false

static const model_column_info flat_column[] = {
#define TABLE(table, file, presence, doc)
#define COLUMN(table, column, type, target, presence, doc)                                         \
    {#column, #type, target, doc, IS_NEEDED_##presence},
#define FACTS(table, kinds)                                                                        \
    {"value", "NUMBER", kinds, "the most likely value", true},                                     \
        {"unit", "TEXT", kinds, "what the value is counted in", true},                             \
        {"low", "NUMBER", kinds, "one in twenty is lower; blank: certain", false},                 \
        {"high", "NUMBER", kinds, "one in twenty is higher", false},                               \
        {"dist", "CHOICE", DIST_WORDS, "shape; blank: triangular when low and high are given",     \
         false},                                                                                   \
        {"source_id", "REFS", "source", "where the value comes from", true},                       \
        {"grade", "CHOICE", GRADE_WORDS,                                                           \
         "A official, B published, C recalled or judged, D by a stated rule", true},               \
        {"note", "TEXT", "", "", false},
#include "model/schema.def"
#undef TABLE
#undef COLUMN
#undef FACTS
};

static const presence flat_presence[] = {
#define TABLE(table, file, presence, doc)
#define COLUMN(table, column, type, target, presence, doc) presence,
#define FACTS(table, kinds) NEEDED, NEEDED, ABSENT, ABSENT, ABSENT, NEEDED, NEEDED, ABSENT,
#include "model/schema.def"
#undef TABLE
#undef COLUMN
#undef FACTS
};

typedef struct table_line {
    const char *name, *file, *doc;
    presence presence;
} table_line;

static const table_line table_lines[TABLE_COUNT] = {
#define TABLE(table, file, presence, doc) {#table, file, doc, presence},
#define COLUMN(...)
#define FACTS(...)
#include "model/schema.def"
#undef TABLE
#undef FACTS
};

/* first column of a sourced number, YT_NONE when the table has none */
#define TABLE(table, file, presence, doc)
#define FACTS(table, kinds) [TABLE_##table] = 1 + table##_facts,
static const int32_t facts_plus_one[TABLE_COUNT] = {
#include "model/schema.def"
};
#undef FACTS

#define FACTS(table, kinds) [TABLE_##table] = (kinds),
static const char *const facts_kind[TABLE_COUNT] = {
#include "model/schema.def"
};
#undef FACTS
#define FACTS(...)
#undef UNIQUE

#define UNIQUE(table, columns) [TABLE_##table] = (columns),
static const char *const unique_columns[TABLE_COUNT] = {
#include "model/schema.def"
};
#undef UNIQUE
#define UNIQUE(...)
#undef ITEM

#define ITEM(table, item, kind, lowest, highest, doc)                                              \
    {TABLE_##table, #item, #kind, doc, lowest, highest},
static const model_item_info items[] = {
#include "model/schema.def"
};
#undef ITEM

#define ITEM(table, item, kind, lowest, highest, doc) UNIT_##kind,
static const unit_kind item_kinds[] = {
#include "model/schema.def"
};
#undef ITEM
#undef TABLE
#undef COLUMN
#undef FACTS
#undef UNIQUE

model_table_info model_table_describe(table_id table)
{
    const table_line *line = &table_lines[table];
    model_table_info info = {
        .name = line->name,
        .file = line->file,
        .doc = line->doc,
        .columns = first_column[table + 1] - first_column[table],
        .facts = facts_plus_one[table] - 1,
        .column = &flat_column[first_column[table]],
    };
    return info;
}

model_item_info model_item_describe(int32_t item)
{
    return items[item];
}

unit_kind schema_item_kind(int32_t item)
{
    return item_kinds[item];
}

int32_t schema_item_find(table_id table, const char *word)
{
    for (int32_t i = 0; i < ITEM_COUNT; i++)
        if (items[i].table == table && strcmp(items[i].name, word) == 0)
            return i;
    return YT_NONE;
}

static bool is_file_name(const char *file, const char *name)
{
    size_t n = strlen(name);
    return strncmp(file, name, n) == 0 && (file[n] == '\0' || strcmp(file + n, ".csv") == 0);
}

table_id model_table_find(const char *name)
{
    for (int t = 0; t < TABLE_COUNT; t++)
        if (strcmp(table_lines[t].name, name) == 0)
            return (table_id)t;
    for (int t = 0; t < TABLE_COUNT; t++)
        if (*name && is_file_name(table_lines[t].file, name))
            return (table_id)t;
    return TABLE_COUNT;
}

int32_t model_column_find(table_id table, const char *column)
{
    for (int32_t c = first_column[table]; c < first_column[table + 1]; c++)
        if (strcmp(flat_column[c].name, column) == 0)
            return c - first_column[table];
    return YT_NONE;
}

const char *model_table_nearest(const char *name)
{
    const char *names[TABLE_COUNT];
    for (int t = 0; t < TABLE_COUNT; t++)
        names[t] = table_lines[t].name;
    return text_nearest(name, names, TABLE_COUNT);
}

const char *model_column_nearest(table_id table, const char *column)
{
    const char *names[SCHEMA_COLUMNS_MAX];
    size_t n = 0;
    for (int32_t c = first_column[table]; c < first_column[table + 1]; c++)
        names[n++] = flat_column[c].name;
    return text_nearest(column, names, n);
}

int32_t schema_choice(const char *words, const char *word)
{
    size_t n = strlen(word);
    int32_t i = 0;
    for (const char *w = words;; i++) {
        size_t m = strcspn(w, "|");
        if (n == m && strncmp(w, word, n) == 0)
            return i;
        if (!w[m])
            return YT_NONE;
        w += m + 1;
    }
}

const char *schema_choice_word(const char *words, int32_t i, char buffer[64])
{
    const char *w = words;
    for (; i > 0; i--) {
        w += strcspn(w, "|");
        if (!*w++)
            return "";
    }
    size_t n = strcspn(w, "|");
    if (i < 0 || n >= 64)
        return "";
    memcpy(buffer, w, n);
    buffer[n] = '\0';
    return buffer;
}

static column_type type_of(const model_column_info *column, bool has_items)
{
    static const char *const names[] = {"KEY",    "REF",   "REFS", "TEXT",
                                        "CHOICE", "MONTH", "YEAR", "NUMBER"};
    if (has_items && strcmp(column->name, "item") == 0)
        return TYPE_ITEM;
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(column->type, names[i]) == 0)
            return (column_type)i;
    return TYPE_TEXT;
}

/* "RATIO" to UNIT_RATIO, and so on for every kind that FACTS uses */
static unit_kind kind_of(const char *name)
{
    static const struct {
        const char *name;
        unit_kind kind;
    } kinds[] = {
        {"MASS", UNIT_MASS},     {"MASS_PER_TIME", UNIT_MASS_PER_TIME},
        {"PRICE", UNIT_PRICE},   {"SHARE", UNIT_SHARE},
        {"RATIO", UNIT_RATIO},   {"DURATION", UNIT_DURATION},
        {"RATE", UNIT_RATE},     {"MONEY", UNIT_MONEY},
        {"NUMBER", UNIT_NUMBER}, {"CURRENCY_RATE", UNIT_CURRENCY_RATE},
        {"INDEX", UNIT_INDEX},   {"DISTANCE", UNIT_DISTANCE},
    };
    for (size_t i = 0; name && i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    return UNIT_NONE;
}

static int32_t columns_of(const char *names, table_id table, int32_t *column)
{
    int32_t columns = 0;
    char name[64];
    for (const char *w = names; *w; w += *w == ',') {
        size_t n = strcspn(w, ",");
        memcpy(name, w, n);
        name[n] = '\0';
        column[columns++] = model_column_find(table, name);
        w += n;
    }
    return columns;
}

int32_t model_unique(table_id table, int32_t column[MODEL_UNIQUE_MAX])
{
    return columns_of(unique_columns[table] ? unique_columns[table] : "id", table, column);
}

schema *schema_new(arena *a)
{
    schema *s = arena_alloc(a, sizeof *s);
    schema_column *column = arena_array(a, FIRST_COUNT, sizeof *column);
    if (!s || !column)
        return NULL;
    bool has_items[TABLE_COUNT] = {false};
    for (int32_t i = 0; i < ITEM_COUNT; i++)
        has_items[items[i].table] = true;

    for (int i = 0; i < TABLE_COUNT; i++) {
        table_id table = (table_id)i;
        schema_table *t = &s->table[i];
        s->info[i] = model_table_describe(table);
        t->info = &s->info[i];
        t->presence = table_lines[i].presence;
        t->kind = kind_of(facts_kind[i]);
        t->column = &column[first_column[i]];
        t->key = YT_NONE;
        t->item = has_items[i] ? model_column_find(table, "item") : YT_NONE;
        t->from = model_column_find(table, "from");
        t->to = model_column_find(table, "to");
        t->commodity = model_column_find(table, "commodity");
        t->group = model_column_find(table, "group");
        t->uniques =
            columns_of(unique_columns[table] ? unique_columns[table] : "", table, t->unique);
        for (int32_t c = 0; c < t->info->columns; c++) {
            const model_column_info *info = &t->info->column[c];
            schema_column *out = &column[first_column[i] + c];
            out->type = type_of(info, has_items[i]);
            out->presence = flat_presence[first_column[i] + c];
            out->is_last = strcmp(info->name, "to") == 0;
            out->target = TABLE_COUNT;
            if (out->type == TYPE_REF || out->type == TYPE_REFS)
                out->target = model_table_find(info->target);
            if (out->type == TYPE_KEY)
                t->key = c;
        }
    }
    return s;
}
