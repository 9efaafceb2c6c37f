/* show.c - the tables of a case as they are after overlays, and what their columns mean. */
#include "inside.h"

#include "base/calendar.h"
#include "base/text.h"
#include "base/units.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* clang-format off */
const cli_option options_show[] = {
    {"where",   'w', "COLUMN=VALUE", "only such rows; may be repeated: all must hold"},
    {"columns", 'c', "A,B,...",      "these columns, in this order"},
    {"facts",   'f', NULL,           "the rows of numbers that belong to the rows shown"},
    {"at",      0,   "MONTH",        "month whose capacities and numbers are shown; else today's"},
    {"schema",  's', NULL,           "what the table's columns, items and units mean"},
    CLI_OVERLAY,
    CLI_SET,
    CLI_CSV,
    CLI_JSON,
    CLI_OUTPUT,
    CLI_END,
};
/* clang-format on */

#define COLUMNS_MAX 64
#define STEPS_MAX 400 /* bytes of a list of capacity steps */

/* A column of the answer: one of the table's own, or one made from its facts. */
typedef struct shown_column {
    const char *name;
    int32_t own;  /* YT_NONE: made                           */
    int32_t item; /* made: of this item, see `kind`          */
    enum { MADE_VALUE, MADE_UNIT, MADE_START, MADE_STEPS, MADE_GRADE, MADE_SOURCE } made;
} shown_column;

typedef struct selection {
    const yt_model *model;
    table_id table, facts; /* facts: TABLE_COUNT when it has none       */
    int32_t fact_owner;    /* column of `facts` that names our rows     */
    int32_t month;         /* of --at                                   */
    int32_t *row, rows;    /* that satisfy --where                      */
    shown_column column[COLUMNS_MAX];
    int32_t columns;
} selection;

/* ------------------------------------------------------------------------------- schema */

/* "share, %": what may be written for a unit kind given by its name in schema.def. */
const char *cli_units_of(const char *kind)
{
    static const struct {
        const char *name;
        unit_kind kind;
    } kinds[] = {
        {"MASS", UNIT_MASS},
        {"MASS_PER_TIME", UNIT_MASS_PER_TIME},
        {"PRICE", UNIT_PRICE},
        {"SHARE", UNIT_SHARE},
        {"RATIO", UNIT_RATIO},
        {"DURATION", UNIT_DURATION},
        {"RATE", UNIT_RATE},
        {"MONEY", UNIT_MONEY},
        {"MONEY_PER_CAPACITY", UNIT_MONEY_PER_CAPACITY},
        {"NUMBER", UNIT_NUMBER},
        {"CURRENCY_RATE", UNIT_CURRENCY_RATE},
        {"INDEX", UNIT_INDEX},
    };
    for (size_t i = 0; kind && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, kind) == 0)
            return units_list(kinds[i].kind);
    return "";
}

static int show_schema(cli *c, table_id table)
{
    static const char *const names[] = {"column", "type", "of", "needed", "meaning"};
    static const char *const item_names[] = {"item", "units", "lowest", "highest", "meaning"};
    model_table_info info = model_table_describe(table);
    cli_table *columns = cli_table_new(5, names), *items = cli_table_new(5, item_names);
    for (int32_t i = 0; i < info.columns; i++) {
        cli_table_text(columns, info.column[i].name);
        cli_table_text(columns, info.column[i].type);
        cli_table_text(columns, info.column[i].target);
        cli_table_text(columns, info.column[i].needed ? "yes" : "");
        cli_table_text(columns, info.column[i].doc);
    }
    int32_t count = 0;
    for (int32_t i = 0; i < ITEM_COUNT; i++) {
        model_item_info item = model_item_describe(i);
        if (item.table != table)
            continue;
        cli_table_text(items, item.name);
        cli_table_text(items, cli_units_of(item.kind));
        cli_table_number(items, item.lowest);
        cli_table_number(items, item.highest);
        cli_table_text(items, item.doc);
        count++;
    }

    int exit_code = 0;
    FILE *out = cli_out(c);
    if (!out || !columns || !items) {
        exit_code = 5;
    } else if (c->json) {
        json_writer w = cli_json_begin(c);
        json_key_text(&w, "table", info.name);
        json_key_text(&w, "file", info.file);
        json_key_text(&w, "doc", info.doc);
        json_key(&w, "columns");
        cli_table_write_json(&w, columns);
        json_key(&w, "items");
        cli_table_write_json(&w, items);
        cli_json_end(c, &w);
    } else if (c->csv) {
        cli_table_write_csv(out, columns);
    } else {
        fprintf(out, "%s (%s): %s\n\n", info.name, info.file, info.doc);
        cli_table_write(c, out, columns);
        if (count > 0) {
            fputc('\n', out);
            cli_table_write(c, out, items);
        }
    }
    cli_table_free(columns);
    cli_table_free(items);
    return exit_code;
}

/* The tables that a case may have. */
static int list_schema(cli *c)
{
    static const char *const names[] = {"table", "file", "what it says"};
    cli_table *t = cli_table_new(3, names);
    for (int i = 0; i < TABLE_COUNT; i++) {
        model_table_info info = model_table_describe((table_id)i);
        cli_table_text(t, info.name);
        cli_table_text(t, info.file);
        cli_table_text(t, info.doc);
    }
    yt_status st = cli_table_print(c, "tables", t);
    cli_table_free(t);
    return yt_status_exit_code(st);
}

/* The tables of a case: rows, and how many of them have which grade. */
static int list_tables(cli *c, const yt_model *model)
{
    static const char *const names[] = {"table", "rows", "A", "B", "C", "D", "what it says"};
    cli_table *t = cli_table_new(7, names);
    for (int i = 0; i < TABLE_COUNT; i++) {
        table_id table = (table_id)i;
        int32_t count[4] = {0}, grade = model_column_find(table, "grade");
        for (int32_t r = 0; grade >= 0 && r < model->table[i].rows; r++) {
            char g = model_at(model, table, r, grade)->text[0];
            if (g >= 'A' && g <= 'D')
                count[g - 'A']++;
        }
        cli_table_text(t, model_table_describe(table).name);
        cli_table_integer(t, model->table[i].rows);
        for (int g = 0; g < 4; g++) {
            if (count[g])
                cli_table_integer(t, count[g]);
            else
                cli_table_text(t, NULL);
        }
        cli_table_text(t, model_table_describe(table).doc);
    }
    yt_status st = cli_table_print(c, "tables", t);
    cli_table_free(t);
    return yt_status_exit_code(st);
}

/* A table by its name, its file or their plural or singular. */
static bool find_table(const cli *c, const char *word, table_id *table)
{
    char name[128];
    *table = model_table_find(word);
    for (int t = 0; *table == TABLE_COUNT && t < TABLE_COUNT; t++) {
        const char *known = model_table_describe((table_id)t).name;
        size_t n = strlen(known);
        snprintf(name, sizeof name, "%ss", known);
        if (strcmp(word, name) == 0)
            *table = (table_id)t;
        /* facility -> facilities */
        snprintf(name, sizeof name, "%.*sies", (int)n - 1, known);
        if (known[n - 1] == 'y' && strcmp(word, name) == 0)
            *table = (table_id)t;
    }
    if (*table != TABLE_COUNT)
        return true;
    const char *nearest = model_table_nearest(word);
    if (nearest)
        cli_usage(c, "unknown table '%s'; did you mean '%s'?", word, nearest);
    else
        cli_usage(c, "unknown table '%s'; ytterby show --schema lists them", word);
    return false;
}

/* -------------------------------------------------------------------------------- facts */

/* The table of numbers about this one's rows, and its column that names them. */
static void find_facts(selection *s)
{
    char name[80];
    snprintf(name, sizeof name, "%s_fact", model_table_describe(s->table).name);
    s->facts = model_table_find(name);
    s->fact_owner = s->facts == TABLE_COUNT
                        ? YT_NONE
                        : model_column_find(s->facts, model_table_describe(s->table).name);
    if (s->fact_owner == YT_NONE)
        s->facts = TABLE_COUNT;
}

/* The row of `item` about entity `owner` that holds in month: the last that has begun. */
static int32_t fact_row(const selection *s, int32_t owner, int32_t item, int32_t month)
{
    int32_t item_column = model_column_find(s->facts, "item");
    int32_t from = model_column_find(s->facts, "from"), found = YT_NONE, begun = INT32_MIN;
    for (int32_t r = 0; r < s->model->table[s->facts].rows; r++) {
        if (model_at(s->model, s->facts, r, s->fact_owner)->id != owner ||
            model_at(s->model, s->facts, r, item_column)->id != item)
            continue;
        int32_t begins = from >= 0 ? model_at(s->model, s->facts, r, from)->id : YT_NONE;
        if (begins <= month && begins >= begun) {
            found = r;
            begun = begins;
        }
    }
    return found;
}

static const model_cell *fact_cell(const selection *s, int32_t row, int fact)
{
    return model_at(s->model, s->facts, row, model_table_describe(s->facts).facts + fact);
}

/* First month with a value above 0, as written; "" when there is none. */
static const char *first_start(const selection *s, int32_t owner, int32_t item)
{
    int32_t item_column = model_column_find(s->facts, "item");
    int32_t from = model_column_find(s->facts, "from"), earliest = INT32_MAX;
    const char *text = "";
    for (int32_t r = 0; from >= 0 && r < s->model->table[s->facts].rows; r++) {
        const model_cell *begins = model_at(s->model, s->facts, r, from);
        if (model_at(s->model, s->facts, r, s->fact_owner)->id == owner &&
            model_at(s->model, s->facts, r, item_column)->id == item &&
            fact_cell(s, r, FACT_VALUE)->number > 0 && begins->id < earliest) {
            earliest = begins->id;
            text = begins->text;
        }
    }
    return text;
}

/* "2012-01 20000; 2018-01 30000" */
static void list_steps(const selection *s, int32_t owner, int32_t item, char text[STEPS_MAX])
{
    int32_t item_column = model_column_find(s->facts, "item");
    int32_t from = model_column_find(s->facts, "from");
    size_t n = 0;
    text[0] = '\0';
    for (int32_t r = 0; r < s->model->table[s->facts].rows; r++) {
        if (model_at(s->model, s->facts, r, s->fact_owner)->id != owner ||
            model_at(s->model, s->facts, r, item_column)->id != item)
            continue;
        const char *begins = from >= 0 ? model_at(s->model, s->facts, r, from)->text : "";
        int added = snprintf(text + n, STEPS_MAX - n, "%s%s%s%s", n ? "; " : "", begins,
                             *begins ? " " : "", fact_cell(s, r, FACT_VALUE)->text);
        if (added < 0 || (size_t)added >= STEPS_MAX - n)
            return;
        n += (size_t)added;
    }
}

/* ------------------------------------------------------------------------------ columns */

static void add_column(selection *s, const char *name, int32_t own, int32_t item, int made)
{
    if (s->columns < COLUMNS_MAX)
        s->column[s->columns++] = (shown_column){name, own, item, made};
}

static void add_own(selection *s, const char *name)
{
    int32_t own = model_column_find(s->table, name);
    if (own >= 0)
        add_column(s, name, own, YT_NONE, MADE_VALUE);
}

/* A mine or plant in one line: what it is, what it can do, since when, who says so. */
static void choose_facility_columns(selection *s)
{
    int32_t item = ITEM_facility_fact_capacity;
    add_own(s, "id");
    add_own(s, "stage");
    add_own(s, "recipe");
    add_column(s, "capacity", YT_NONE, item, MADE_VALUE);
    add_column(s, "unit", YT_NONE, item, MADE_UNIT);
    add_column(s, "start", YT_NONE, item, MADE_START);
    add_column(s, "grade", YT_NONE, item, MADE_GRADE);
    add_own(s, "region");
    add_own(s, "name");
    add_column(s, "steps", YT_NONE, item, MADE_STEPS);
    add_column(s, "source_id", YT_NONE, item, MADE_SOURCE);
    add_own(s, "status");
    add_own(s, "owner");
    add_own(s, "site");
}

/* The table's own columns, notes last; then a column for each item that somebody has. */
static void choose_columns(selection *s)
{
    if (s->table == TABLE_facility) {
        choose_facility_columns(s);
        return;
    }
    model_table_info info = model_table_describe(s->table);
    for (int32_t i = 0; i < info.columns; i++)
        if (strcmp(info.column[i].name, "note") != 0)
            add_column(s, info.column[i].name, i, YT_NONE, MADE_VALUE);
    for (int32_t i = 0; i < ITEM_COUNT && s->facts != TABLE_COUNT; i++) {
        model_item_info item = model_item_describe(i);
        bool is_given = false;
        for (int32_t r = 0; item.table == s->facts && !is_given && r < s->rows; r++)
            is_given = fact_row(s, s->row[r], i, s->month) != YT_NONE;
        if (is_given)
            add_column(s, item.name, YT_NONE, i, MADE_VALUE);
    }
    add_own(s, "note");
}

/* --columns a,b: own columns, items of the facts, and what the facility view makes. */
static bool pick_columns(const cli *c, selection *s, const char *list)
{
    selection all = *s;
    all.columns = 0;
    choose_columns(&all);
    for (const char *at = list; *at;) {
        int length = (int)strcspn(at, ",");
        char word[80];
        snprintf(word, sizeof word, "%.*s", length, at);
        at += length + (at[length] == ',');
        int32_t own = model_column_find(s->table, word), i = 0;
        while (i < all.columns && strcmp(all.column[i].name, word) != 0)
            i++;
        if (i < all.columns && s->columns < COLUMNS_MAX) {
            s->column[s->columns++] = all.column[i];
        } else if (own >= 0) {
            add_column(s, model_table_describe(s->table).column[own].name, own, YT_NONE, 0);
        } else {
            const char *nearest = model_column_nearest(s->table, word);
            cli_usage(c, "table '%s' has no column '%s'%s%s%s", model_table_describe(s->table).name,
                      word, nearest ? "; did you mean '" : "", nearest ? nearest : "",
                      nearest ? "'?" : "");
            return false;
        }
    }
    return true;
}

/* -------------------------------------------------------------------------------- rows */

/* The word of a column that is most like `word`, in capitals or not; NULL when none is. */
static const char *nearest_cell(const selection *s, int32_t column, const char *word)
{
    int32_t rows = s->model->table[s->table].rows;
    const char **words = calloc((size_t)rows + 1, sizeof *words);
    const char *near = NULL;
    for (int32_t r = 0; words && r < rows; r++) {
        words[r] = model_at(s->model, s->table, r, column)->text;
        if (!near && strcasecmp(words[r], word) == 0)
            near = words[r];
    }
    if (words && !near)
        near = text_nearest(word, words, (size_t)rows);
    free(words);
    return near;
}

/* Of conditions that no row satisfies: which one alone leaves none, and what was likely meant. */
static void explain_nothing(cli *c, const selection *s, const char *const *where, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        bool matches = false;
        for (int32_t r = 0; r < s->model->table[s->table].rows && !matches; r++)
            if (model_row_matches(s->model, s->table, r, where[i], &matches))
                matches = false;
        if (matches)
            continue;
        char column[80];
        const char *word = strchr(where[i], '=') + 1;
        snprintf(column, sizeof column, "%.*s", (int)(word - where[i]) - 1, where[i]);
        const char *near = nearest_cell(s, model_column_find(s->table, column), word);
        cli_say(c, "no row has %s '%s'%s%s%s", column, word, near ? "; did you mean '" : "",
                near ? near : "", near ? "'?" : "");
    }
}

static bool choose_rows(cli *c, selection *s)
{
    int32_t n, all = s->model->table[s->table].rows;
    const char *const *where = cli_values(c, "where", &n);
    s->row = malloc(((size_t)all + 1) * sizeof *s->row);
    if (!s->row) {
        log_error(c->log, YT_ENOMEM, place_none(), "out of memory for %d rows", all);
        return false;
    }
    /* a condition is judged even when there is no row to try it on */
    for (int32_t i = 0; i < n; i++) {
        int length = (int)strcspn(where[i], "=");
        char word[80];
        snprintf(word, sizeof word, "%.*s", length, where[i]);
        if (where[i][length] != '=') {
            cli_usage(c, "--where %s: COLUMN=VALUE is due", where[i]);
            return false;
        }
        if (model_column_find(s->table, word) == YT_NONE) {
            const char *nearest = model_column_nearest(s->table, word);
            cli_usage(c, "--where %s: table '%s' has no column '%s'%s%s%s", where[i],
                      model_table_describe(s->table).name, word, nearest ? "; did you mean '" : "",
                      nearest ? nearest : "", nearest ? "'?" : "");
            return false;
        }
    }
    for (int32_t r = 0; r < all; r++) {
        bool matches = true;
        for (int32_t i = 0; i < n && matches; i++)
            if (model_row_matches(s->model, s->table, r, where[i], &matches))
                matches = false;
        if (matches)
            s->row[s->rows++] = r;
    }
    if (s->rows == 0)
        explain_nothing(c, s, where, n);
    return true;
}

/* Turn a selection of entities into one of the numbers about them. */
static bool turn_to_facts(cli *c, selection *s)
{
    if (s->facts == TABLE_COUNT) {
        cli_usage(c, "table '%s' has no table of numbers beside it",
                  model_table_describe(s->table).name);
        return false;
    }
    int32_t all = s->model->table[s->facts].rows, rows = 0;
    int32_t *row = malloc(((size_t)all + 1) * sizeof *row);
    if (!row) {
        log_error(c->log, YT_ENOMEM, place_none(), "out of memory for %d rows", all);
        return false;
    }
    for (int32_t i = 0; i < s->rows; i++)
        for (int32_t r = 0; r < all; r++)
            if (model_at(s->model, s->facts, r, s->fact_owner)->id == s->row[i])
                row[rows++] = r;
    free(s->row);
    s->row = row;
    s->rows = rows;
    s->table = s->facts;
    s->facts = TABLE_COUNT;
    return true;
}

/* -------------------------------------------------------------------------------- cells */

static bool is_number(const selection *s, int32_t own)
{
    model_table_info info = model_table_describe(s->table);
    if (info.facts >= 0 && own >= info.facts)
        return own - info.facts == FACT_VALUE || own - info.facts == FACT_LOW ||
               own - info.facts == FACT_HIGH;
    return strcmp(info.column[own].type, "NUMBER") == 0 ||
           strcmp(info.column[own].type, "YEAR") == 0;
}

/* Numbers are shown as they are written, in the unit they are written in. */
static void put_written(cli_table *t, const char *text, bool as_number)
{
    double value;
    if (!*text)
        cli_table_text(t, NULL);
    else if (as_number && text_number(text, &value))
        cli_table_number(t, value);
    else
        cli_table_text(t, text);
}

static void put_made(cli_table *t, const selection *s, const shown_column *column, int32_t owner)
{
    char steps[STEPS_MAX];
    int32_t row = fact_row(s, owner, column->item, s->month);
    switch (column->made) {
    case MADE_START:
        put_written(t, first_start(s, owner, column->item), false);
        return;
    case MADE_STEPS:
        list_steps(s, owner, column->item, steps);
        put_written(t, steps, false);
        return;
    case MADE_VALUE:
        if (row >= 0 && s->table != TABLE_facility) {
            /* the unit would not be known otherwise */
            const char *written_in = fact_cell(s, row, FACT_UNIT)->text;
            bool is_pure = strcmp(written_in, "1") == 0 || strcmp(written_in, "number") == 0;
            char text[160];
            snprintf(text, sizeof text, "%s%s%s", fact_cell(s, row, FACT_VALUE)->text,
                     is_pure ? "" : " ", is_pure ? "" : written_in);
            cli_table_text(t, text);
            return;
        }
        put_written(t, row < 0 ? "" : fact_cell(s, row, FACT_VALUE)->text, true);
        return;
    case MADE_UNIT:
    case MADE_GRADE:
    case MADE_SOURCE: {
        int fact = column->made == MADE_UNIT    ? FACT_UNIT
                   : column->made == MADE_GRADE ? FACT_GRADE
                                                : FACT_SOURCE;
        put_written(t, row < 0 ? "" : fact_cell(s, row, fact)->text, false);
        return;
    }
    }
}

static int show_rows(cli *c, selection *s)
{
    const char *names[COLUMNS_MAX];
    for (int32_t i = 0; i < s->columns; i++)
        names[i] = s->column[i].name;
    cli_table *t = cli_table_new(s->columns, names);
    for (int32_t r = 0; t && r < s->rows; r++)
        for (int32_t i = 0; i < s->columns; i++) {
            const shown_column *column = &s->column[i];
            if (column->own >= 0)
                put_written(t, model_at(s->model, s->table, s->row[r], column->own)->text,
                            is_number(s, column->own));
            else
                put_made(t, s, column, s->row[r]);
        }
    yt_status st = cli_table_print(c, model_table_describe(s->table).name, t);
    cli_table_free(t);
    if (!st && !c->json && !c->csv && isatty(STDOUT_FILENO))
        cli_say(c, "%d of %d rows of %s", s->rows, s->model->table[s->table].rows,
                s->model->table[s->table].file ? s->model->table[s->table].file : "nothing");
    return yt_status_exit_code(st);
}

static int32_t this_month(void)
{
    time_t now = time(NULL);
    struct tm date;
    gmtime_r(&now, &date);
    return calendar_month(date.tm_year + 1900, date.tm_mon + 1);
}

static int show_table(cli *c, const yt_model *model, const char *word)
{
    selection s = {.model = model, .month = this_month()};
    if (!find_table(c, word, &s.table) || !cli_month(c, "at", false, &s.month))
        return 2;
    find_facts(&s);
    const char *list = cli_value(c, "columns", NULL);
    int exit_code = 2;
    if (choose_rows(c, &s) && (!cli_has(c, "facts") || turn_to_facts(c, &s))) {
        bool is_fine = true;
        if (list)
            is_fine = pick_columns(c, &s, list);
        else
            choose_columns(&s);
        if (is_fine)
            exit_code = show_rows(c, &s);
    }
    free(s.row);
    return exit_code;
}

int command_show(cli *c)
{
    table_id table;
    if (!cli_operands(c, cli_has(c, "schema") ? 0 : 1, 2))
        return 2;
    if (cli_has(c, "schema")) {
        if (c->operands == 0)
            return list_schema(c);
        return find_table(c, c->operand[c->operands - 1], &table) ? show_schema(c, table) : 2;
    }
    /* a wrong name is told before a large case is read */
    if (c->operands == 2 && !find_table(c, c->operand[1], &table))
        return 2;
    yt_model *model = NULL;
    yt_status st = cli_load_case(c, c->operand[0], &model);
    if (st)
        return yt_status_exit_code(st);
    int exit_code = c->operands == 1 ? list_tables(c, model) : show_table(c, model, c->operand[1]);
    yt_model_free(model);
    return exit_code;
}
