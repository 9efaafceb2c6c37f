/* type.c - cells from text to what they mean: keys, references, months, sourced numbers.
 *
 * First every key of every table, so that references may point forward; then row by row.
 * Each mistake is told where it stands, and reading goes on.
 */
#include "model/inside.h"

#include "base/calendar.h"
#include "base/table.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_KEY 100
#define KEYS_SEARCHED 5000 /* a longer list of keys is not searched for a near one */
#define HOME_CURRENCY "USD"

/* ----------------------------------------------------------------------------- messages */

bool log_is_full(const yt_log *log)
{
    return yt_log_count(log, YT_ERROR) >= LOG_ERRORS_KEPT;
}

/* nine digits are enough to see by, and hide the dust of sums: 0.1, not 0.09999999999999998 */
shown_number show_number(double value)
{
    double scale = 1, size = fabs(value);
    if (size >= 1e-9 && size <= 1e15) {
        while (size * scale < 1e8)
            scale *= 10;
        value = rint(value * scale) / scale;
    }
    shown_number shown;
    text_format_number(shown.text, sizeof shown.text, value);
    return shown;
}

const char *hint_nearest(loader *l, const char *word, const char *const candidates[], size_t n)
{
    if (log_is_full(l->log))
        return "";
    const char *near = text_nearest(word, candidates, n);
    /* half a word is a likely slip too */
    for (size_t i = 0; i < n && !near; i++)
        if (strlen(word) >= 4 && text_starts_with(candidates[i], word))
            near = candidates[i];
    const char *hint = near ? arena_printf(l->scratch, ", did you mean '%s'?", near) : "";
    return hint ? hint : "";
}

const char *hint_key(loader *l, table_id id, const char *word)
{
    const model_table *t = &l->model->table[id];
    if (t->rows == 0 || t->rows > KEYS_SEARCHED || log_is_full(l->log))
        return "";
    const char **keys = arena_array(l->scratch, (size_t)t->rows, sizeof *keys);
    if (!keys)
        return "";
    for (int32_t r = 0; r < t->rows; r++)
        keys[r] = rows_cell(l, id, r, l->schema->table[id].key)->text;
    return hint_nearest(l, word, keys, (size_t)t->rows);
}

const char *type_where(loader *l, place other, place at)
{
    const char *text = other.file && at.file && strcmp(other.file, at.file) != 0
                           ? arena_printf(l->scratch, "%s:%d", other.file, other.line)
                           : arena_printf(l->scratch, "line %d", other.line);
    return text ? text : "another line";
}

/* A word items: "capacity, operating_rate, ..." */
static const char *item_list(loader *l, table_id id)
{
    const char *list = "";
    for (int32_t i = 0; i < ITEM_COUNT && list; i++)
        if (model_item_describe(i).table == id)
            list = arena_printf(l->scratch, "%s%s%s", list, *list ? ", " : "",
                                model_item_describe(i).name);
    return list ? list : "";
}

static const char *hint_item(loader *l, table_id id, const char *word)
{
    const char *names[ITEM_COUNT];
    size_t n = 0;
    for (int32_t i = 0; i < ITEM_COUNT; i++)
        if (model_item_describe(i).table == id)
            names[n++] = model_item_describe(i).name;
    return hint_nearest(l, word, names, n);
}

/* --------------------------------------------------------------------------------- keys */

static bool is_key_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '+' || c == '-';
}

/* NULL when `key` may be a key, otherwise what is wrong with it */
static const char *fault_of_key(const char *key)
{
    size_t n = strlen(key);
    if (n > LONGEST_KEY)
        return "is longer than 100 characters";
    if (key[0] == '-' || key[0] == '+')
        return "begins with a sign; begin with a letter, a digit, _ or .";
    for (const char *c = key; *c; c++)
        if (!is_key_character(*c))
            return *c == ' ' || (unsigned char)*c == 0xc2
                       ? "contains white space; write letters, digits, _ . + -"
                       : "contains a character that is none of letters, digits, _ . + -";
    return NULL;
}

/* The column that names a row by itself: a KEY, or the only column of UNIQUE. */
static int32_t naming_column(const schema_table *t)
{
    return t->key != YT_NONE ? t->key : t->uniques == 1 ? t->unique[0] : YT_NONE;
}

static void check_key(loader *l, const model_column_info *column, const model_cell *cell)
{
    const char *fault = fault_of_key(cell->text);
    if (fault)
        log_error(l->log, YT_EDATA, cell->at, "%s '%.120s' %s", column->name, cell->text, fault);
}

static yt_status read_keys(loader *l, table_id id)
{
    const schema_table *t = &l->schema->table[id];
    int32_t c = naming_column(t);
    if (c == YT_NONE)
        return YT_OK;
    map *keys = map_new(l->memory);
    if (!keys)
        return YT_ENOMEM;
    l->model->key[id] = keys;
    for (int32_t r = 0; r < l->model->table[id].rows; r++) {
        model_cell *cell = rows_cell(l, id, r, c);
        if (text_is_blank(cell->text))
            continue; /* told with the other cells that are due */
        int added = map_put(keys, cell->text, r);
        if (added < 0)
            return YT_ENOMEM;
        if (t->key == YT_NONE)
            continue; /* UNIQUE is looked after elsewhere */
        check_key(l, &t->info->column[c], cell);
        if (added == 0) {
            place first = rows_cell(l, id, map_get(keys, cell->text), c)->at;
            log_error(l->log, YT_EDATA, cell->at, "%s '%s' is defined twice, first on %s",
                      t->info->column[c].name, cell->text, type_where(l, first, cell->at));
        }
        cell->id = r;
    }
    return YT_OK;
}

/* --------------------------------------------------------------------------- references */

static const char *trimmed(loader *l, const char *text, size_t n)
{
    while (n > 0 && strchr(" \t", text[0]) && *text) {
        text++;
        n--;
    }
    while (n > 0 && strchr(" \t", text[n - 1]))
        n--;
    return arena_strndup(l->scratch, text, n);
}

/* A key of `target` that does not exist.  Where rows of the target were lost, once a word. */
static void complain_of_reference(loader *l, table_id target, const char *word, place at)
{
    if (l->is_missing[target])
        return;
    const model_table_info *info = &l->schema->info[target];
    if (l->has_lost_rows[target]) {
        char *mark = arena_printf(l->scratch, "%s\x1f%s", info->name, word);
        int added = mark ? map_put(l->words_seen, mark, 1) : -1;
        l->is_out_of_memory = l->is_out_of_memory || added < 0;
        if (added != 1)
            return;
    }
    const char *bare = trimmed(l, word, strlen(word));
    if (bare && strcmp(bare, word) != 0 && model_find(l->model, target, bare) != YT_NONE)
        log_error(l->log, YT_ENAME, at, "'%s' has white space around it; write '%s'", word, bare);
    else
        log_error(l->log, YT_ENAME, at, "there is no %s '%s' in %s%s", info->name, word, info->file,
                  hint_key(l, target, word));
}

static void read_reference(loader *l, table_id target, model_cell *cell)
{
    cell->id = model_find(l->model, target, cell->text);
    if (cell->id == YT_NONE)
        complain_of_reference(l, target, cell->text, cell->at);
}

/* Several keys; the cell gets the row of the first. */
static yt_status read_references(loader *l, table_id target, model_cell *cell)
{
    /* one key alone, the usual case, needs no copy */
    if (!strpbrk(cell->text, "; \t")) {
        read_reference(l, target, cell);
        return YT_OK;
    }
    for (const char *p = cell->text;; p++) {
        size_t n = strcspn(p, ";");
        const char *word = trimmed(l, p, n);
        if (!word)
            return YT_ENOMEM;
        int32_t row = *word ? model_find(l->model, target, word) : YT_NONE;
        if (cell->id == YT_NONE)
            cell->id = row;
        if (!*word)
            log_error(l->log, YT_EDATA, cell->at, "'%s' has an empty place between its ;",
                      cell->text);
        else if (row == YT_NONE)
            complain_of_reference(l, target, word, cell->at);
        p += n;
        if (!*p)
            return YT_OK;
    }
}

/* -------------------------------------------------------------------------- other types */

static void read_text(loader *l, model_cell *cell)
{
    for (const char *c = cell->text; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if ((byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r') && byte != 0x7f)
            continue;
        log_error(l->log, YT_EDATA, cell->at, "the text contains the control character \\x%02x",
                  byte);
        return;
    }
}

static void read_choice(loader *l, const char *words, model_cell *cell)
{
    cell->id = schema_choice(words, cell->text);
    if (cell->id != YT_NONE)
        return;
    char word[16][64];
    const char *candidate[16];
    size_t n = 0;
    while (n < 16 && *schema_choice_word(words, (int32_t)n, word[n])) {
        candidate[n] = word[n];
        n++;
    }
    log_error(l->log, YT_EDATA, cell->at, "'%s' is not one of %s%s", cell->text, words,
              hint_nearest(l, cell->text, candidate, n));
}

/* 2010, 2010-07, 2010-07-26: no quarters, halves or parts of months */
static bool is_date(const char *text)
{
    size_t n = strlen(text);
    return (n == 4 || n == 7 || n == 10) && strspn(text, "0123456789-") == n;
}

static void read_month(loader *l, bool is_last, model_cell *cell)
{
    int32_t first, last;
    if (is_date(cell->text) && calendar_parse(cell->text, &first, &last)) {
        cell->id = is_last ? last : first;
        return;
    }
    double serial;
    if (text_number(cell->text, &serial) && serial > 3000)
        log_error(l->log, YT_EDATA, cell->at,
                  "'%s' is a spreadsheet's number of a day; write the month as 2010-07",
                  cell->text);
    else
        log_error(l->log, YT_EDATA, cell->at, "'%s' is no month; write 2010, 2010-07 or 2010-07-26",
                  cell->text);
}

static void read_year(loader *l, model_cell *cell)
{
    int32_t year;
    if (strlen(cell->text) == 4 && text_integer(cell->text, &year) && year >= 1000 && year < 3000)
        cell->id = year;
    else
        log_error(l->log, YT_EDATA, cell->at, "'%s' is no year; write four digits: 2010",
                  cell->text);
}

static void read_number(loader *l, const char *column, model_cell *cell)
{
    char hint[200];
    if (!text_number(cell->text, &cell->number))
        log_error(l->log, YT_EDATA, cell->at, "%s '%.100s' is no number: %s", column, cell->text,
                  table_number_hint(cell->text, hint, sizeof hint));
}

static void read_item(loader *l, table_id id, model_cell *cell)
{
    cell->id = schema_item_find(id, cell->text);
    if (cell->id != YT_NONE)
        return;
    const char *hint = hint_item(l, id, cell->text);
    if (*hint)
        log_error(l->log, YT_ENAME, cell->at, "unknown item '%s'%s", cell->text, hint);
    else
        log_error(l->log, YT_ENAME, cell->at, "unknown item '%s'; there are %s", cell->text,
                  item_list(l, id));
}

static yt_status read_cell(loader *l, table_id id, int32_t column, model_cell *cell)
{
    const schema_table *t = &l->schema->table[id];
    const schema_column *c = &t->column[column];
    const model_column_info *info = &t->info->column[column];
    if (text_is_blank(cell->text)) {
        if (c->presence == NEEDED && !(l->lost_columns[id] >> column & 1u))
            log_error(l->log, YT_EDATA, cell->at, "%s is blank; it is needed%s%s", info->name,
                      *info->doc ? ": " : "", info->doc);
        cell->text = "";
        return YT_OK;
    }
    switch (c->type) {
    case TYPE_KEY:
        return YT_OK;
    case TYPE_REF:
        read_reference(l, c->target, cell);
        return YT_OK;
    case TYPE_REFS:
        return read_references(l, c->target, cell);
    case TYPE_TEXT:
        read_text(l, cell);
        return YT_OK;
    case TYPE_CHOICE:
        read_choice(l, info->target, cell);
        return YT_OK;
    case TYPE_MONTH:
        read_month(l, c->is_last, cell);
        return YT_OK;
    case TYPE_YEAR:
        read_year(l, cell);
        return YT_OK;
    case TYPE_NUMBER:
        read_number(l, info->name, cell);
        return YT_OK;
    case TYPE_ITEM:
        read_item(l, id, cell);
        return YT_OK;
    }
    return YT_OK;
}

/* ------------------------------------------------------------------------ sourced numbers */

/* What the number of this row is, for messages: "capacity" or "value". */
static const char *name_of_number(const schema_table *t, const model_cell *row)
{
    return t->item != YT_NONE && row[t->item].id != YT_NONE
               ? model_item_describe(row[t->item].id).name
               : "value";
}

static void complain_of_unit(loader *l, const model_cell *cell, unit_kind kind, const char *name)
{
    unit other;
    const char *near = log_is_full(l->log) ? NULL : units_nearest(cell->text);
    if (units_parse(cell->text, &other))
        log_error(l->log, YT_EUNIT, cell->at, "'%s' is a unit of %s; %s is a %s: write %s",
                  cell->text, units_kind_name(other.kind), name, units_kind_name(kind),
                  units_list(kind));
    else
        log_error(l->log, YT_EUNIT, cell->at, "unknown unit '%s'%s%s%s; %s is a %s: write %s",
                  cell->text, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "",
                  name, units_kind_name(kind), units_list(kind));
}

/* Money is given in the case's own money; a rate of exchange is per unit of that money. */
static bool check_currency(loader *l, table_id id, const model_cell *row, const unit *u)
{
    const schema_table *t = &l->schema->table[id];
    const model_cell *cell = &row[t->info->facts + FACT_UNIT];
    if (u->kind != UNIT_CURRENCY_RATE) {
        if (!u->currency[0] || strcmp(u->currency, HOME_CURRENCY) == 0)
            return true;
        log_error(l->log, YT_EUNIT, cell->at,
                  "'%s' is in %s; convert to %s of %d with fx.csv and deflator.csv", cell->text,
                  u->currency, HOME_CURRENCY, l->model->base_year);
        return false;
    }
    const char *currency = id == TABLE_fx ? row[fx_currency].text : u->currency;
    if (strcmp(u->per_currency, HOME_CURRENCY) == 0 && strcmp(u->currency, currency) == 0)
        return true;
    log_error(l->log, YT_EUNIT, cell->at, "'%s' does not fit; write %s/%s", cell->text, currency,
              HOME_CURRENCY);
    return false;
}

/* Tonnes of what: a unit that says so must say what the commodity is counted in. */
static void check_basis(loader *l, table_id id, const model_cell *row, const unit *u)
{
    const schema_table *t = &l->schema->table[id];
    if (!u->qualifier[0] || t->commodity == YT_NONE || row[t->commodity].id == YT_NONE)
        return;
    char word[64];
    const char *words = l->schema->info[TABLE_commodity].column[commodity_basis].target;
    const model_cell *basis = rows_cell(l, TABLE_commodity, row[t->commodity].id, commodity_basis);
    if (schema_choice(words, u->qualifier) == YT_NONE ||
        strcmp(schema_choice_word(words, basis->id, word), u->qualifier) == 0 || !*basis->text)
        return;
    log_error(l->log, YT_EUNIT, row[t->info->facts + FACT_UNIT].at,
              "the unit counts %s, but tonnes of '%s' are %s; convert the value", u->qualifier,
              row[t->commodity].text, basis->text);
}

/* Bounds of the tables whose numbers are all of one kind. */
static void bounds_of(table_id id, const model_cell *row, const schema_table *t, double *lowest,
                      double *highest)
{
    *lowest = 0;
    *highest = 1e15;
    if (t->item != YT_NONE) {
        if (row[t->item].id != YT_NONE) {
            model_item_info item = model_item_describe(row[t->item].id);
            *lowest = item.lowest;
            *highest = item.highest;
        }
        return;
    }
    switch (id) {
    case TABLE_recipe_flow:
        *lowest = -1e6;
        *highest = 1e6;
        break;
    case TABLE_news:
        *lowest = -100;
        *highest = 100;
        break;
    case TABLE_composition:
    case TABLE_tax:
        *highest = 1;
        break;
    case TABLE_operating_rate:
        *highest = 1.5;
        break;
    case TABLE_deflator:
    case TABLE_fx:
        *lowest = 1e-9;
        break;
    default:
        break;
    }
}

static void check_bounds(loader *l, table_id id, const model_cell *row, double factor)
{
    const schema_table *t = &l->schema->table[id];
    const model_cell *facts = &row[t->info->facts];
    const char *name = name_of_number(t, row);
    double lowest, highest;
    bounds_of(id, row, t, &lowest, &highest);
    static const int column[] = {FACT_VALUE, FACT_LOW, FACT_HIGH};
    for (int i = 0; i < 3; i++) {
        const model_cell *cell = &facts[column[i]];
        bool too_low = cell->number<lowest, too_high = cell->number> highest;
        if (!too_low && !too_high)
            continue;
        if (i > 0 && (facts[FACT_VALUE].number < lowest || facts[FACT_VALUE].number > highest))
            continue; /* the value is told already */
        const char *unit_text = facts[FACT_UNIT].text;
        double bound = (too_low ? lowest : highest) / factor;
        if (too_low && lowest == 0)
            log_error(l->log, YT_EDATA, cell->at, "%s %s is negative; 0 is the least", name,
                      cell->text);
        else
            log_error(l->log, YT_EDATA, cell->at, "%s %s %s is %s than %s %s, the %s allowed", name,
                      cell->text, unit_text, too_low ? "lower" : "higher", show_number(bound).text,
                      unit_text, too_low ? "lowest" : "highest");
    }
}

/* low <= value <= high, and a distribution that can have them */
static void check_spread(loader *l, model_cell *facts, const model_column_info *columns)
{
    model_cell *value = &facts[FACT_VALUE], *low = &facts[FACT_LOW], *high = &facts[FACT_HIGH];
    model_cell *dist = &facts[FACT_DIST];
    bool has_low = *low->text != '\0', has_high = *high->text != '\0';
    if (has_low != has_high) {
        log_error(l->log, YT_EDATA, has_low ? high->at : low->at,
                  "%s is blank though %s is given; write both, or none when the value is certain",
                  has_low ? "high" : "low", has_low ? "low" : "high");
        return;
    }
    if (!has_low) {
        if (dist->id != YT_NONE)
            log_error(l->log, YT_EDATA, dist->at, "'%s' needs low and high", dist->text);
        return;
    }
    if (low->number > high->number)
        log_error(l->log, YT_EDATA, low->at, "low %s is above high %s", low->text, high->text);
    else if (low->number > value->number)
        log_error(l->log, YT_EDATA, low->at, "low %s is above the value %s", low->text,
                  value->text);
    else if (high->number < value->number)
        log_error(l->log, YT_EDATA, high->at, "high %s is below the value %s", high->text,
                  value->text);
    if (dist->id == YT_NONE && !*dist->text)
        dist->id = DIST_TRIANGULAR;
    if (dist->id == DIST_LOGNORMAL && low->number <= 0)
        log_error(l->log, YT_EDATA, low->at,
                  "low %s is not above 0, which %s needs; write another %s", low->text, dist->text,
                  columns[FACT_DIST].name);
}

static void read_facts(loader *l, table_id id, model_cell *row)
{
    const schema_table *t = &l->schema->table[id];
    model_cell *facts = &row[t->info->facts];
    const char *text = facts[FACT_UNIT].text;
    unit_kind kind = t->kind;
    if (t->item != YT_NONE) {
        if (row[t->item].id == YT_NONE)
            return; /* an unknown item: nothing more can be said */
        kind = schema_item_kind(row[t->item].id);
    }
    /* compared as written; the factor is positive */
    check_spread(l, facts, &t->info->column[t->info->facts]);
    unit u = {.kind = kind, .factor = 1};
    bool is_known = *text && units_parse_as(text, kind, &u);
    if (*text && !is_known)
        complain_of_unit(l, &facts[FACT_UNIT], kind, name_of_number(t, row));
    if (is_known)
        is_known = check_currency(l, id, row, &u);
    if (is_known)
        check_basis(l, id, row, &u);

    static const int column[] = {FACT_VALUE, FACT_LOW, FACT_HIGH};
    for (int i = 0; i < 3; i++)
        facts[column[i]].number =
            is_known ? units_convert(facts[column[i]].number, &u) : (double)NAN;
    if (is_known)
        check_bounds(l, id, row, u.factor);
}

/* --------------------------------------------------------------------------- whole rows */

static void check_dates(loader *l, table_id id, const model_cell *row)
{
    const schema_table *t = &l->schema->table[id];
    if (t->from == YT_NONE || t->to == YT_NONE)
        return;
    const model_cell *from = &row[t->from], *to = &row[t->to];
    if (from->id != YT_NONE && to->id != YT_NONE && from->id > to->id)
        log_error(l->log, YT_EDATA, to->at, "to %s is before from %s; the last month comes second",
                  to->text, from->text);
}

/* The name of a row: what its UNIQUE columns mean. */
static char *name_of_row(loader *l, const schema_table *t, const model_cell *row)
{
    char buffer[SCHEMA_COLUMNS_MAX * 16];
    size_t n = 0;
    bool is_plain = true;
    for (int32_t i = 0; i < t->uniques && is_plain; i++) {
        const model_cell *cell = &row[t->unique[i]];
        is_plain = cell->id != YT_NONE || !*cell->text;
        n += (size_t)snprintf(buffer + n, sizeof buffer - n, "%d,", cell->id);
    }
    if (is_plain)
        return arena_strndup(l->scratch, buffer, n);
    char *name = arena_strdup(l->scratch, "");
    for (int32_t i = 0; i < t->uniques && name; i++) {
        const model_cell *cell = &row[t->unique[i]];
        name = cell->id != YT_NONE ? arena_printf(l->scratch, "%s%d,", name, cell->id)
                                   : arena_printf(l->scratch, "%s=%s,", name, cell->text);
    }
    return name;
}

static yt_status check_unique(loader *l, table_id id)
{
    const schema_table *t = &l->schema->table[id];
    if (t->uniques == 0)
        return YT_OK;
    map *names = map_new(l->scratch);
    if (!names)
        return YT_ENOMEM;
    for (int32_t r = 0; r < l->model->table[id].rows; r++) {
        const model_cell *row = rows_cell(l, id, r, 0);
        char *name = name_of_row(l, t, row);
        int added = name ? map_put(names, name, r) : -1;
        if (added < 0)
            return YT_ENOMEM;
        if (added == 1)
            continue;
        place at = row[t->unique[0]].at, first = rows_cell(l, id, map_get(names, name), 0)->at;
        const char *columns = "";
        for (int32_t i = 0; i < t->uniques && columns; i++)
            columns = arena_printf(l->scratch, "%s%s%s", columns, i ? ", " : "",
                                   t->info->column[t->unique[i]].name);
        log_error(l->log, YT_EDATA, at, "a row with the same %s stands on %s",
                  columns ? columns : "name", type_where(l, first, at));
    }
    return YT_OK;
}

yt_status type_all(loader *l)
{
    yt_status status = YT_OK;
    for (int i = 0; i < TABLE_COUNT && !status; i++)
        status = read_keys(l, (table_id)i);
    for (int i = 0; i < TABLE_COUNT && !status; i++) {
        table_id id = (table_id)i;
        const schema_table *t = &l->schema->table[i];
        const model_table *rows = &l->model->table[i];
        for (int32_t r = 0; r < rows->rows && !status; r++) {
            model_cell *row = rows_cell(l, id, r, 0);
            for (int32_t c = 0; c < rows->columns && !status; c++)
                status = read_cell(l, id, c, &row[c]);
            if (t->info->facts != YT_NONE)
                read_facts(l, id, row);
            check_dates(l, id, row);
        }
        if (!status)
            status = check_unique(l, id);
    }
    return status;
}
