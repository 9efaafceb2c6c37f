/* explain.c - what a word means, wherever it is defined: the terms of docs/explain.md, the
 * tables, columns and items of schema.def, the numbers of a run, the views of a result, commands,
 * exit codes and, with --case, the identifiers and the glossary of a case.
 */
#include "inside.h"

#include "base/embedded.h"
#include "base/text.h"
#include "model/model.h"
#include "network/network.h"
#include "store/read.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
const cli_option options_explain[] = {
    {"case", 0, "CASE", "the identifiers and the glossary of this case as well"},
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

#define TERMS "docs/explain.md"
#define GLOSSARY_BYTES (1 << 20)
#define NAMES_MAX 4000
#define MEANINGS_MAX 200

typedef struct meaning {
    const char *name, *kind, *text;
} meaning;

/* A search under way: what was found, and every name that could have been asked for. */
typedef struct search {
    cli *c;
    const char *word;
    arena *memory;
    meaning *meaning; /* [found] */
    int32_t found;
    const char **name; /* [names] */
    size_t names;
} search;

static void know(search *s, const char *name)
{
    for (size_t i = 0; i < s->names; i++)
        if (strcmp(s->name[i], name) == 0)
            return;
    const char *copy = arena_strdup(s->memory, name);
    if (copy && s->names < NAMES_MAX)
        s->name[s->names++] = copy;
}

/* Is this the word?  Case and the choice between _, - and blank are free. */
static bool is_word(const search *s, const char *name)
{
    const char *a = name, *b = s->word;
    for (; *a && *b; a++, b++) {
        char x = *a == '_' || *a == '-' ? ' ' : *a, y = *b == '_' || *b == '-' ? ' ' : *b;
        if (strncasecmp(&x, &y, 1) != 0)
            return false;
    }
    return *a == *b;
}

static void answer(search *s, const char *name, const char *kind, const char *text)
{
    if (s->found == MEANINGS_MAX)
        return;
    meaning m = {arena_strdup(s->memory, name), arena_strdup(s->memory, kind),
                 arena_strdup(s->memory, text)};
    if (m.name && m.kind && m.text)
        s->meaning[s->found++] = m;
}

/* One line of a list: asked for by `name` or by `owner.name`. */
static void offer(search *s, const char *owner, const char *name, const char *kind,
                  const char *text)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s%s", owner, *owner ? "." : "", name);
    know(s, name);
    if (is_word(s, name) || is_word(s, full))
        answer(s, full, kind, text);
}

/* ------------------------------------------------------------------------------- terms */

/* Sections "## name, other name" of a page. */
static void search_page(search *s, const char *page, const char *kind)
{
    for (const char *at = page; at;) {
        const char *heading = strncmp(at, "## ", 3) == 0 ? at : strstr(at, "\n## ");
        if (!heading)
            return;
        heading += *heading == '\n' ? 4 : 3;
        size_t length = strcspn(heading, "\n");
        const char *text = heading + length;
        text += strspn(text, "\n");
        const char *end = strncmp(text, "## ", 3) == 0 ? text : strstr(text, "\n## ");
        size_t size = end ? (size_t)(end - text) : strlen(text);
        while (size > 0 && text[size - 1] == '\n')
            size--;

        char *names = arena_strndup(s->memory, heading, length);
        char *body = arena_strndup(s->memory, text, size), *rest = NULL;
        if (!names || !body)
            return;
        const char *title = arena_strdup(s->memory, names);
        bool is_it = false;
        for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
            name += strspn(name, " ");
            know(s, name);
            is_it = is_it || is_word(s, name);
        }
        if (is_it && title)
            answer(s, title, kind, body);
        at = end;
    }
}

/* ---------------------------------------------------------------------- lists in the code */

static void search_commands(search *s)
{
    for (int32_t i = 0; cli_command_at(i); i++) {
        const cli_command *command = cli_command_at(i);
        char text[400];
        snprintf(text, sizeof text, "%s: ytterby %s %s", command->doc, command->name,
                 command->usage);
        offer(s, "", command->name, "command", text);
    }
}

static void search_schema(search *s)
{
    char text[1000], kind[120];
    for (int t = 0; t < TABLE_COUNT; t++) {
        model_table_info info = model_table_describe((table_id)t);
        snprintf(text, sizeof text, "%s. File %s; columns and units: ytterby show --schema %s",
                 info.doc, info.file, info.name);
        offer(s, "", info.name, "table", text);
        /* the eight columns of a sourced number are terms of their own */
        int32_t own = info.facts == YT_NONE ? info.columns : info.facts;
        for (int32_t i = 0; i < own; i++) {
            if (!*info.column[i].doc && !strchr(s->word, '.'))
                continue;
            snprintf(kind, sizeof kind, "column of table %s", info.name);
            snprintf(text, sizeof text, "%s%s%s%s%s%s", info.column[i].doc,
                     *info.column[i].doc ? "; " : "", info.column[i].type,
                     *info.column[i].target ? " of " : "", info.column[i].target,
                     info.column[i].needed ? ", needed" : "");
            offer(s, info.name, info.column[i].name, kind, text);
        }
    }
    for (int32_t i = 0; i < ITEM_COUNT; i++) {
        model_item_info item = model_item_describe(i);
        model_table_info info = model_table_describe(item.table);
        snprintf(kind, sizeof kind, "item of table %s", info.name);
        snprintf(text, sizeof text, "%s. Written in %s, from %g to %g in the internal unit",
                 item.doc, cli_units_of(item.kind), item.lowest, item.highest);
        offer(s, info.name, item.name, kind, text);
    }
}

static void search_variables(search *s)
{
    static const char *const part[] = {"parameter", "state", "flow", "row of the case",
                                       "number of the month"};
    for (int v = 0; v < VAR_COUNT; v++) {
        variable_info info = network_variable((variable_id)v);
        char kind[80];
        if (!*info.doc)
            continue;
        snprintf(kind, sizeof kind, "%s of a run, %s", part[info.part], info.unit);
        offer(s, "", info.name, kind, info.doc);
    }
}

/* What a result holds month by month. */
static void search_series(search *s)
{
#define SERIES(name, unit, doc) offer(s, "series", #name, "series of a result, " unit, doc);
#define PERMIT_SERIES(name, unit, doc) SERIES(name, unit, doc)
#include "study/series.def"
#undef PERMIT_SERIES
#undef SERIES
}

/* "independence_YEAR" is also asked for as independence_2030. */
static void offer_yearly(search *s, const char *owner, const char *name, const char *kind,
                         const char *text)
{
    const char *year = strstr(name, "_YEAR"), *asked = strrchr(s->word, '_');
    char full[128];
    if (year && asked && strlen(asked) == 5 && strspn(asked + 1, "0123456789") == 4) {
        snprintf(full, sizeof full, "%.*s%s", (int)(year - name), name, asked);
        if (is_word(s, full))
            answer(s, full, kind, text);
    }
    offer(s, owner, name, kind, text);
}

/* What an ensemble holds of its worlds. */
static void search_worlds(search *s)
{
#define OUTCOME(name, axis, unit, doc)                                                             \
    if (OUTCOME_IS_##axis)                                                                         \
        offer_yearly(s, "outcome", #name, "outcome of a world, " unit, doc);
#define OUTCOME_IS_WORLD true
#define OUTCOME_IS_REGION true
#define OUTCOME_IS_STATE true
#define OUTCOME_IS_GROUP true
#define OUTCOME_IS_EVENT false /* its names are those of events */
#include "study/outcomes.def"
#undef OUTCOME
#define FAN(name, axis, unit, doc)                                                                 \
    offer(s, "fan", #name, "quantiles over worlds, " unit, "of means of calendar years: " doc);
#include "study/fan.def"
#undef FAN
#define EVENT(name, axis, text)                                                                    \
    offer(s, "outcome", #name, "event of a world; as an outcome: how often it happened", text);
#include "sim/events.def"
#undef EVENT
}

/* What is measured of every world of a shock. */
static void search_shocks(search *s)
{
#define NUMBER(name, about, unit, doc)                                                             \
    offer(s, "outcome", #name, "outcome of a shock, " SHOCK_##about ", " unit, doc);
#define SHOCK_WORLD "one a world"
#define SHOCK_USER "of each end use in each region"
#define SHOCK_ELEMENT "of each element"
#define SHOCK_MARKET "of each market"
#define SHOCK_LINE "of each of the user's lines"
#include "study/shock.def"
#undef NUMBER
}

static void search_views(search *s)
{
    for (int32_t i = 0; store_view_at(i); i++)
        offer(s, "view", store_view_at(i)->name, "view of a result", store_view_at(i)->doc);
}

static void search_statuses(search *s)
{
    char kind[80];
#define STATUS(name, code, exit_code, text)                                                        \
    snprintf(kind, sizeof kind, "status, exit code %d", exit_code);                                \
    offer(s, "", is_word(s, #name) ? #name : "YT_" #name, kind, text);                             \
    if (exit_code != 0 && s->word[0] && atoi(s->word) == exit_code)                                \
        answer(s, "YT_" #name, kind, text);
    YT_STATUS_LIST(STATUS)
#undef STATUS
}

/* -------------------------------------------------------------------------------- a case */

static void describe_row(search *s, const yt_model *model, table_id table, int32_t row)
{
    model_table_info info = model_table_describe(table);
    char text[2000] = "", kind[120];
    size_t n = 0;
    for (int32_t i = 1; i < info.columns; i++) {
        const char *cell = model_at(model, table, row, i)->text;
        if (!*cell)
            continue;
        int added = snprintf(text + n, sizeof text - n, "%s%s: %s", n ? "\n" : "",
                             info.column[i].name, cell);
        if (added < 0 || (size_t)added >= sizeof text - n)
            break;
        n += (size_t)added;
    }
    snprintf(kind, sizeof kind, "%s of the case", info.name);
    answer(s, model_at(model, table, row, 0)->text, kind, text);
}

/* Identifiers of the case, and its glossary.md when it has one. */
static yt_status search_case(search *s, const char *path)
{
    yt_model *model = NULL;
    yt_status st = cli_load_case(s->c, path, &model);
    if (st)
        return st;
    char *glossary = file_join(s->memory, model->path, "glossary.md"), *page;
    size_t size;
    if (glossary && file_exists(glossary)) {
        st = file_read_all(s->memory, glossary, glossary, GLOSSARY_BYTES, s->c->log, &page, &size);
        if (!st)
            search_page(s, page, "glossary of the case");
    }
    for (int t = 0; t < TABLE_COUNT && !st; t++) {
        model_table_info info = model_table_describe((table_id)t);
        if (strcmp(info.column[0].type, "KEY") != 0)
            continue;
        for (int32_t r = 0; r < model->table[t].rows; r++) {
            const char *key = model_at(model, (table_id)t, r, 0)->text;
            know(s, key);
            if (strcmp(key, s->word) == 0)
                describe_row(s, model, (table_id)t, r);
        }
    }
    yt_model_free(model);
    return st;
}

static yt_status search_all(search *s)
{
    const embedded_file *terms = embedded_find(TERMS);
    const char *path = cli_value(s->c, "case", NULL);
    if (terms)
        search_page(s, terms->bytes, "term");
    search_commands(s);
    search_schema(s);
    search_series(s);
    search_worlds(s);
    search_shocks(s);
    search_views(s);
    search_variables(s);
    search_statuses(s);
    return path ? search_case(s, path) : YT_OK;
}

/* ------------------------------------------------------------------------------ the answer */

static int by_name(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Every name there is, in columns. */
static void list_names(search *s)
{
    int widest = 1;
    for (size_t i = 0; i < s->names; i++)
        widest = cli_text_width(s->name[i]) > widest ? cli_text_width(s->name[i]) : widest;
    size_t across = (size_t)((cli_width(stdout) + 2) / (widest + 2));
    across = across < 1 ? 1 : across;
    size_t down = (s->names + across - 1) / across;
    for (size_t row = 0; row < down; row++) {
        for (size_t i = row; i < s->names; i += down)
            printf("%s%*s", s->name[i],
                   i + down < s->names ? widest + 2 - cli_text_width(s->name[i]) : 0, "");
        putchar('\n');
    }
}

static void write_json(search *s)
{
    json_writer w = cli_json_begin(s->c);
    json_key(&w, "names");
    json_begin_array(&w);
    for (size_t i = 0; i < s->names && !*s->word; i++)
        json_text(&w, s->name[i]);
    json_end_array(&w);
    json_key(&w, "meanings");
    json_begin_array(&w);
    for (int32_t i = 0; i < s->found; i++) {
        json_begin_object(&w);
        json_key_text(&w, "name", s->meaning[i].name);
        json_key_text(&w, "kind", s->meaning[i].kind);
        json_key_text(&w, "text", s->meaning[i].text);
        json_end_object(&w);
    }
    json_end_array(&w);
    cli_json_end(s->c, &w);
}

static void write_text(const search *s)
{
    const char *bold = cli_paint(s->c, stdout, CLI_BOLD),
               *plain = cli_paint(s->c, stdout, CLI_PLAIN);
    for (int32_t i = 0; i < s->found; i++) {
        const meaning *m = &s->meaning[i];
        printf("%s%s%s%s  (%s)\n", i ? "\n" : "", bold, m->name, plain, m->kind);
        if (strchr(m->text, '\n'))
            cli_markdown(s->c, stdout, m->text);
        else
            cli_wrap(stdout, m->text, 0, cli_width(stdout) < 80 ? cli_width(stdout) : 80);
    }
}

/* Write what was found; the exit code. */
static int tell(search *s)
{
    bool is_list = s->c->operands == 0;
    if (!is_list && s->found == 0) {
        const char *nearest = text_nearest(s->word, s->name, s->names);
        if (nearest)
            return cli_usage(s->c, "nothing is called '%s'; did you mean '%s'?", s->word, nearest);
        return cli_usage(s->c, "nothing is called '%s'; ytterby explain lists all names", s->word);
    }
    qsort(s->name, s->names, sizeof *s->name, by_name);
    if (s->c->json)
        write_json(s);
    else if (is_list)
        list_names(s);
    else
        write_text(s);
    return 0;
}

int command_explain(cli *c)
{
    if (!cli_operands(c, 0, 1))
        return 2;
    search s = {.c = c, .word = c->operands ? c->operand[0] : "", .memory = arena_new()};
    if (s.memory) {
        s.name = arena_array(s.memory, NAMES_MAX, sizeof *s.name);
        s.meaning = arena_array(s.memory, MEANINGS_MAX, sizeof *s.meaning);
    }
    yt_status st = YT_ENOMEM;
    if (s.name && s.meaning)
        st = search_all(&s);
    else
        log_error(c->log, st, place_none(), "out of memory");
    int exit_code = st ? yt_status_exit_code(st) : tell(&s);
    arena_free(s.memory);
    return exit_code;
}
