/* overlay.c - changes laid over a case: set, scale, add, remove, in the order they are written.
 *
 * A change works on the text of the tables, before anything is judged, so that what it leaves
 * behind passes the same checks as a file; its cells stand at the overlay's line and column.
 * A number that is given a new value loses its old spread and, when nothing else is said, gets
 * the overlay itself as its source and grade D.
 */
#include "model/inside.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* "column is one of these texts" */
typedef struct condition {
    int32_t column;
    const yaml_node *value; /* NULL: text below                  */
    const char *text;
} condition;

typedef struct selection {
    table_id table;
    int n;
    condition condition[SCHEMA_COLUMNS_MAX];
} selection;

/* What stands behind a changed number: a row of the source table made for it on demand. */
typedef struct origin {
    const char *id, *title;
    place at;
    bool is_there;
} origin;

/* --------------------------------------------------------------------- what is asked for */

static const char *text_of(const yaml_node *node)
{
    return yaml_is_null(node) ? "" : node->text;
}

static table_id find_table(loader *l, const char *name, place at)
{
    table_id id = model_table_find(name);
    if (id != TABLE_COUNT)
        return id;
    const char *near = model_table_nearest(name);
    if (near)
        log_error(l->log, YT_ENAME, at, "unknown table '%s', did you mean '%s'?", name, near);
    else
        log_error(l->log, YT_ENAME, at, "unknown table '%s'", name);
    return TABLE_COUNT;
}

static int32_t find_column(loader *l, table_id id, const char *name, place at)
{
    int32_t c = model_column_find(id, name);
    if (c != YT_NONE)
        return c;
    const char *table_name = l->schema->info[id].name;
    const char *near = model_column_nearest(id, name);
    if (near)
        log_error(l->log, YT_ENAME, at, "table '%s' has no column '%s', did you mean '%s'?",
                  table_name, name, near);
    else
        log_error(l->log, YT_ENAME, at, "table '%s' has no column '%s'", table_name, name);
    return YT_NONE;
}

static bool is_kind(loader *l, const yaml_node *node, yaml_kind kind, const char *what)
{
    if (node->kind == kind)
        return true;
    log_error(l->log, YT_ESYNTAX, yaml_place(node), "%s is a %s here; a %s is due", what,
              yaml_kind_name(node->kind), yaml_kind_name(kind));
    return false;
}

/* {column: text, column: [text, text]} */
static bool read_selection(loader *l, table_id id, const yaml_node *map_node, selection *s)
{
    s->table = id;
    s->n = 0;
    if (!is_kind(l, map_node, YAML_MAP, "what names a row"))
        return false;
    for (const yaml_node *v = map_node->first; v; v = v->next) {
        int32_t c = find_column(l, id, v->key, yaml_key_place(v));
        if (c == YT_NONE)
            return false;
        if (v->kind == YAML_MAP && !is_kind(l, v, YAML_SCALAR, v->key))
            return false;
        for (const yaml_node *w = v->first; w; w = w->next)
            if (!is_kind(l, w, YAML_SCALAR, v->key))
                return false;
        /* duplicate keys are refused by the reader: no more conditions than columns */
        s->condition[s->n++] = (condition){c, v, NULL};
    }
    return true;
}

static bool satisfies(const loader *l, const selection *s, int32_t row)
{
    for (int i = 0; i < s->n; i++) {
        const condition *c = &s->condition[i];
        const model_column_info *column = &l->schema->info[s->table].column[c->column];
        const char *text = rows_cell(l, s->table, row, c->column)->text;
        bool found = false;
        if (!c->value)
            found = cell_means(column, text, c->text);
        else if (c->value->kind == YAML_SCALAR)
            found = cell_means(column, text, text_of(c->value));
        else
            for (const yaml_node *w = c->value->first; w && !found; w = w->next)
                found = cell_means(column, text, text_of(w));
        if (!found)
            return false;
    }
    return true;
}

/* The word of a condition that no row has at all, with a near one: what is likely misspelt. */
static const char *hint_selection(loader *l, const selection *s)
{
    const model_table *t = &l->model->table[s->table];
    for (int i = 0; i < s->n && t->rows > 0 && t->rows <= 5000; i++) {
        const condition *c = &s->condition[i];
        const char *word = c->value && c->value->kind == YAML_SCALAR ? text_of(c->value) : c->text;
        if (!word || !*word)
            continue;
        const model_column_info *column = &l->schema->info[s->table].column[c->column];
        const char **words = arena_array(l->scratch, (size_t)t->rows, sizeof *words);
        bool is_there = !words;
        for (int32_t r = 0; r < t->rows && !is_there; r++) {
            words[r] = rows_cell(l, s->table, r, c->column)->text;
            is_there = cell_means(column, words[r], word);
        }
        if (is_there)
            continue;
        const char *near = hint_nearest(l, word, words, (size_t)t->rows);
        const char *hint =
            arena_printf(l->scratch, ": no row has %s '%s'%s", column->name, word, near);
        return hint ? hint : "";
    }
    return "";
}

static int32_t count_matches(const loader *l, const selection *s, int32_t *first, int32_t *second)
{
    int32_t n = 0;
    for (int32_t r = 0; r < l->model->table[s->table].rows; r++) {
        if (!satisfies(l, s, r))
            continue;
        n++;
        if (n == 1)
            *first = r;
        if (n == 2)
            *second = r;
    }
    return n;
}

/* The one row that is meant; YT_NONE and a message when there is none or several. */
static int32_t find_row(loader *l, const selection *s, place at)
{
    int32_t first = YT_NONE, second = YT_NONE;
    int32_t n = count_matches(l, s, &first, &second);
    if (n == 1)
        return first;
    const char *name = l->schema->info[s->table].name;
    if (n == 0)
        log_error(l->log, YT_ENAME, at, "this names no row of '%s'%s", name, hint_selection(l, s));
    else
        log_error(l->log, YT_EDATA, at,
                  "this names %d rows of '%s' (%s and %s%s); name more columns", n, name,
                  type_where(l, rows_cell(l, s->table, first, 0)->at, at),
                  type_where(l, rows_cell(l, s->table, second, 0)->at, at), n > 2 ? ", ..." : "");
    return YT_NONE;
}

/* --------------------------------------------------------------------- numbers that change */

/* The source that stands for the overlay itself. */
static yt_status need_origin(loader *l, origin *o)
{
    for (int32_t r = 0; r < l->model->table[TABLE_source].rows && !o->is_there; r++)
        o->is_there = strcmp(rows_cell(l, TABLE_source, r, source_id)->text, o->id) == 0;
    if (o->is_there)
        return YT_OK;
    model_cell *row = rows_add(l, TABLE_source, o->at);
    if (!row)
        return YT_ENOMEM;
    row[source_id].text = o->id;
    row[source_title].text = o->title;
    o->is_there = true;
    return YT_OK;
}

/* A new value without a word about its source and spread: ours, D, certain. */
static yt_status vouch(loader *l, table_id id, int32_t row, uint32_t given, place at, origin *o)
{
    int32_t facts = l->schema->info[id].facts;
    if (facts == YT_NONE || !(given >> (facts + FACT_VALUE) & 1u))
        return YT_OK;
    static const int spread[] = {FACT_LOW, FACT_HIGH, FACT_DIST};
    if (!(given >> (facts + FACT_LOW) & 1u) && !(given >> (facts + FACT_HIGH) & 1u))
        for (int i = 0; i < 3; i++)
            if (!(given >> (facts + spread[i]) & 1u))
                rows_cell(l, id, row, facts + spread[i])->text = "";
    bool has_source = given >> (facts + FACT_SOURCE) & 1u;
    if (!has_source) {
        yt_status status = need_origin(l, o);
        if (status)
            return status;
        model_cell *cell = rows_cell(l, id, row, facts + FACT_SOURCE);
        cell->text = o->id;
        cell->at = at;
    }
    if (!has_source && !(given >> (facts + FACT_GRADE) & 1u)) {
        model_cell *cell = rows_cell(l, id, row, facts + FACT_GRADE);
        cell->text = "D";
        cell->at = at;
    }
    return YT_OK;
}

static void put(loader *l, table_id id, int32_t row, int32_t column, const yaml_node *value)
{
    model_cell *cell = rows_cell(l, id, row, column);
    cell->text = text_of(value);
    cell->at = yaml_place(value);
}

/* ---------------------------------------------------------------------------------- set */

static yt_status set_row(loader *l, const yaml_node *node, origin *o)
{
    if (!is_kind(l, node, YAML_MAP, "an entry of set"))
        return YT_OK;
    const yaml_node *table_node = yaml_get(node, "table"), *key = yaml_get(node, "key");
    if (!table_node || !key) {
        log_error(l->log, YT_ESYNTAX, yaml_place(node),
                  "'%s' is missing; write "
                  "{table: ..., key: {column: text, ...}, column: new text, ...}",
                  table_node ? "key" : "table");
        return YT_OK;
    }
    if (!is_kind(l, table_node, YAML_SCALAR, "table"))
        return YT_OK;
    table_id id = find_table(l, table_node->text, yaml_place(table_node));
    selection s;
    if (id == TABLE_COUNT || !read_selection(l, id, key, &s))
        return YT_OK;
    int32_t row = find_row(l, &s, yaml_place(key));
    uint32_t given = 0;
    for (const yaml_node *v = node->first; v; v = v->next) {
        if (v == table_node || v == key)
            continue;
        int32_t c = find_column(l, id, v->key, yaml_key_place(v));
        if (c == YT_NONE || !is_kind(l, v, YAML_SCALAR, v->key) || row == YT_NONE)
            continue;
        given |= 1u << c;
        put(l, id, row, c, v);
    }
    if (node->count < 3)
        log_error(l->log, YT_ESYNTAX, yaml_place(node),
                  "nothing is set; write the columns to change, for example value: 0.9");
    return row == YT_NONE ? YT_OK : vouch(l, id, row, given, yaml_place(node), o);
}

/* -------------------------------------------------------------------------------- scale */

static yt_status scale_cell(loader *l, model_cell *cell, double factor, place at)
{
    double value;
    char text[32];
    if (!*cell->text || !text_number(cell->text, &value))
        return YT_OK; /* blank, or told later */
    text_format_number(text, sizeof text, value * factor);
    cell->text = arena_strdup(l->memory, text);
    cell->at = at;
    return cell->text ? YT_OK : YT_ENOMEM;
}

static yt_status scale_row(loader *l, const yaml_node *node, table_id id, int32_t row,
                           double factor, origin *o)
{
    static const int number[] = {FACT_VALUE, FACT_LOW, FACT_HIGH};
    int32_t facts = l->schema->info[id].facts;
    yt_status status = YT_OK;
    for (int i = 0; i < 3 && !status; i++)
        status = scale_cell(l, rows_cell(l, id, row, facts + number[i]), factor, yaml_place(node));
    uint32_t given = 7u << facts | 1u << (facts + FACT_LOW) | 1u << (facts + FACT_HIGH);
    for (const yaml_node *v = node->first; v; v = v->next) {
        bool is_source = strcmp(v->key, "source_id") == 0, is_grade = strcmp(v->key, "grade") == 0;
        if ((!is_source && !is_grade && strcmp(v->key, "note") != 0) || v->kind != YAML_SCALAR)
            continue;
        int32_t c = facts + (is_source ? FACT_SOURCE : is_grade ? FACT_GRADE : FACT_NOTE);
        given |= 1u << c;
        put(l, id, row, c, v);
    }
    return status ? status : vouch(l, id, row, given, yaml_place(node), o);
}

/* the keys of an entry of scale */
static bool check_scale(loader *l, const yaml_node *node)
{
    static const char *const keys[] = {"table", "where", "factor", "source_id", "grade", "note"};
    if (!is_kind(l, node, YAML_MAP, "an entry of scale"))
        return false;
    bool is_good = true;
    for (const yaml_node *v = node->first; v; v = v->next) {
        bool is_known = false;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            is_known = is_known || strcmp(keys[i], v->key) == 0;
        if (!is_known) {
            log_error(l->log, YT_ENAME, yaml_key_place(v), "unknown key '%s'%s", v->key,
                      hint_nearest(l, v->key, keys, sizeof keys / sizeof *keys));
            is_good = false;
        } else if (strcmp(v->key, "where") != 0 && !is_kind(l, v, YAML_SCALAR, v->key)) {
            is_good = false;
        }
    }
    for (int i = 0; i < 3; i++) {
        if (yaml_get(node, keys[i]))
            continue;
        log_error(l->log, YT_ESYNTAX, yaml_place(node),
                  "'%s' is missing; write {table: ..., where: {column: text}, factor: 0.9}",
                  keys[i]);
        is_good = false;
    }
    return is_good;
}

static yt_status scale_rows(loader *l, const yaml_node *node, origin *o)
{
    if (!check_scale(l, node))
        return YT_OK;
    const yaml_node *table_node = yaml_get(node, "table"), *by = yaml_get(node, "factor");
    table_id id = find_table(l, table_node->text, yaml_place(table_node));
    selection s;
    if (id == TABLE_COUNT || !read_selection(l, id, yaml_get(node, "where"), &s))
        return YT_OK;
    double factor;
    if (!text_number(by->text, &factor) || factor < 0) {
        log_error(l->log, YT_EDATA, yaml_place(by), "factor '%s' is no number of 0 or more",
                  by->text);
        return YT_OK;
    }
    if (l->schema->info[id].facts == YT_NONE) {
        log_error(l->log, YT_EDATA, yaml_place(table_node), "table '%s' has no values to scale",
                  table_node->text);
        return YT_OK;
    }
    yt_status status = YT_OK;
    int32_t n = 0;
    for (int32_t r = 0; r < l->model->table[id].rows && !status; r++) {
        if (!satisfies(l, &s, r))
            continue;
        n++;
        status = scale_row(l, node, id, r, factor, o);
    }
    if (n == 0)
        log_error(l->log, YT_ENAME, yaml_place(yaml_get(node, "where")),
                  "this names no row of '%s'%s", l->schema->info[id].name, hint_selection(l, &s));
    return status;
}

/* --------------------------------------------------------------------------- add, remove */

static yt_status add_rows(loader *l, const yaml_node *list)
{
    table_id id = find_table(l, list->key, yaml_key_place(list));
    if (id == TABLE_COUNT || !is_kind(l, list, YAML_LIST, list->key))
        return YT_OK;
    for (const yaml_node *node = list->first; node; node = node->next) {
        if (!is_kind(l, node, YAML_MAP, "a row"))
            continue;
        model_cell *row = rows_add(l, id, yaml_place(node));
        if (!row)
            return YT_ENOMEM;
        if (!l->model->table[id].file)
            l->model->table[id].file = node->file;
        for (const yaml_node *v = node->first; v; v = v->next) {
            int32_t c = find_column(l, id, v->key, yaml_key_place(v));
            if (c != YT_NONE && is_kind(l, v, YAML_SCALAR, v->key))
                put(l, id, l->model->table[id].rows - 1, c, v);
        }
    }
    return YT_OK;
}

static void remove_rows(loader *l, const yaml_node *list)
{
    table_id id = find_table(l, list->key, yaml_key_place(list));
    if (id == TABLE_COUNT || !is_kind(l, list, YAML_LIST, list->key))
        return;
    for (const yaml_node *node = list->first; node; node = node->next) {
        selection s;
        if (!read_selection(l, id, node, &s))
            continue;
        int32_t row = find_row(l, &s, yaml_place(node));
        if (row != YT_NONE)
            rows_remove(l, id, row);
    }
}

/* -------------------------------------------------------------------------- whole overlay */

/* The name as an identifier: what a key may not contain becomes _. */
static const char *identifier(loader *l, const char *prefix, const char *name)
{
    char *id = arena_printf(l->memory, "%s%.80s", prefix, name);
    for (char *c = id; c && *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              strchr("_.+-", *c)))
            *c = '_';
    return id;
}

static yt_status apply_section(loader *l, const yaml_node *section, origin *o)
{
    bool is_set = strcmp(section->key, "set") == 0, is_scale = strcmp(section->key, "scale") == 0;
    yt_status status = YT_OK;
    if (yaml_is_null(section) ||
        !is_kind(l, section, is_set || is_scale ? YAML_LIST : YAML_MAP, section->key))
        return YT_OK;
    for (const yaml_node *node = section->first; node && !status; node = node->next) {
        if (is_set)
            status = set_row(l, node, o);
        else if (is_scale)
            status = scale_rows(l, node, o);
        else if (strcmp(section->key, "add") == 0)
            status = add_rows(l, node);
        else
            remove_rows(l, node);
    }
    return status;
}

yt_status overlay_apply(loader *l, const yaml_node *root)
{
    static const char *const keys[] = {"name", "description", "set", "scale", "add", "remove"};
    enum { KEYS = sizeof keys / sizeof *keys };
    if (!is_kind(l, root, YAML_MAP, "an overlay"))
        return YT_OK;
    const char *name = yaml_text(root, "name", NULL);
    if (!name) {
        const char *slash = strrchr(root->file, '/');
        name = slash ? slash + 1 : root->file;
    }
    const char *description = yaml_text(root, "description", "");
    origin o = {.at = yaml_place(root)};
    o.id = identifier(l, "overlay.", name);
    o.title =
        arena_printf(l->memory, "overlay %s%s%s", name, *description ? ": " : "", description);
    if (!o.id || !o.title)
        return YT_ENOMEM;
    yt_status status = YT_OK;
    for (const yaml_node *v = root->first; v && !status; v = v->next) {
        int k = 0;
        while (k < KEYS && strcmp(v->key, keys[k]) != 0)
            k++;
        if (k == KEYS)
            log_error(l->log, YT_ENAME, yaml_key_place(v),
                      "unknown key '%s'%s; an overlay has name, description, set, scale, add, "
                      "remove",
                      v->key, hint_nearest(l, v->key, keys, KEYS));
        else if (k < 2)
            (void)is_kind(l, v, YAML_SCALAR, v->key);
        else
            status = apply_section(l, v, &o);
    }
    return status;
}

/* ------------------------------------------------------------------- one line of --set */

/* "table[key].column=value" cut into its four parts, in place; false when it is not so */
static bool cut(char *text, char *part[4])
{
    char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
    if (!close || close[1] != '.')
        return false;
    char *equals = strchr(close, '=');
    if (!equals || equals == close + 2 || open == text)
        return false;
    *open = *close = *equals = '\0';
    part[0] = text;
    part[1] = open + 1;
    part[2] = close + 2;
    part[3] = equals + 1;
    return true;
}

/* "a,b,c" or "column=a,column=b" */
static bool read_key(loader *l, table_id id, char *key, place at, selection *s)
{
    const schema_table *t = &l->schema->table[id];
    int32_t positions = t->key != YT_NONE ? 1 : t->uniques, position = 0;
    s->table = id;
    s->n = 0;
    for (char *next = key; next;) {
        char *word = next;
        next = strchr(word, ',');
        if (next)
            *next++ = '\0';
        char *equals = strchr(word, '=');
        int32_t c;
        if (equals) {
            *equals = '\0';
            c = find_column(l, id, word, at);
            word = equals + 1;
        } else if (position < positions) {
            c = t->key != YT_NONE ? t->key : t->unique[position];
            position++;
        } else {
            log_error(l->log, YT_EUSAGE, at,
                      "too many words in [...]: a row of '%s' is named by %d", t->info->name,
                      positions);
            return false;
        }
        if (c == YT_NONE || s->n == SCHEMA_COLUMNS_MAX)
            return false;
        s->condition[s->n++] = (condition){c, NULL, word};
    }
    return true;
}

yt_status overlay_set(loader *l, const char *text, int32_t number)
{
    char *copy = arena_strdup(l->memory, text), *part[4];
    if (!copy)
        return YT_ENOMEM;
    place at = place_at("--set", number, 0);
    if (!cut(copy, part)) {
        log_error(l->log, YT_EUSAGE, at,
                  "'%.200s' is not table[key].column=value, for example "
                  "parameter[discount].value=0.99",
                  text);
        return YT_OK;
    }
    table_id id = find_table(l, part[0], at);
    selection s;
    if (id == TABLE_COUNT || !read_key(l, id, part[1], at, &s))
        return YT_OK;
    int32_t c = find_column(l, id, part[2], at), row = find_row(l, &s, at);
    if (c == YT_NONE || row == YT_NONE)
        return YT_OK;
    model_cell *cell = rows_cell(l, id, row, c);
    cell->text = part[3];
    cell->at = at;
    origin o = {.id = "command-line", .title = "set on the command line", .at = at};
    return vouch(l, id, row, 1u << c, at, &o);
}
