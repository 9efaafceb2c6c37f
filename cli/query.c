/* query.c - a result asked in SQL, or by the name of a ready-made question. */
#include "cli.h"

#include "base/arena.h"
#include "base/text.h"
#include "store/read.h"

#include <stdlib.h>
#include <string.h>

#define PARAMETERS_MAX 32

/* clang-format off */
const cli_option options_query[] = {
    {"list",    'l', NULL,         "list the ready-made questions, and the views of a result"},
    {"sql",     0,   NULL,         "print a ready-made question instead of answering it"},
    {"param",   'p', "NAME=VALUE", "value of :NAME in the question; may be repeated"},
    {"rows",    'n', "N",          "at most so many rows"},
    {"timeout", 't', "SECONDS",    "give up after this time; else 60"},
    CLI_CSV,
    CLI_JSON,
    CLI_OUTPUT,
    CLI_END,
};
/* clang-format on */

static int list_questions(cli *c)
{
    static const char *const head[] = {"name", "kind", "what"};
    cli_table *t = cli_table_new(3, head);
    if (!t)
        return yt_status_exit_code(YT_ENOMEM);
    for (int32_t i = 0; store_question_at(i); i++) {
        cli_table_text(t, store_question_at(i)->name);
        cli_table_text(t, "question");
        cli_table_text(t, store_question_at(i)->doc);
    }
    for (int32_t i = 0; store_view_at(i); i++) {
        cli_table_text(t, store_view_at(i)->name);
        cli_table_text(t, "view");
        cli_table_text(t, store_view_at(i)->doc);
    }
    yt_status status = cli_table_print(c, "questions", t);
    cli_table_free(t);
    return yt_status_exit_code(status);
}

static int print_question(cli *c, const char *name)
{
    const store_question *q = store_question_find(name);
    if (!q)
        return cli_usage(c, "there is no ready-made question %s; --list shows them", name);
    FILE *out = cli_out(c);
    if (!out)
        return yt_status_exit_code(YT_EIO);
    fprintf(out, "%s\n", q->sql);
    return 0;
}

/* The --param options; the texts are on `memory`. */
static bool take_parameters(const cli *c, arena *memory, store_parameter *parameter, int32_t *n)
{
    const char *const *value = cli_values(c, "param", n);
    for (int32_t i = 0; i < *n; i++) {
        const char *equals = strchr(value[i], '=');
        if (i == PARAMETERS_MAX || !equals || equals == value[i]) {
            cli_usage(c,
                      i == PARAMETERS_MAX ? "too many --param: %s" : "--param %s: write NAME=VALUE",
                      value[i]);
            return false;
        }
        parameter[i].name = arena_strndup(memory, value[i], (size_t)(equals - value[i]));
        parameter[i].value = equals + 1;
        if (!parameter[i].name)
            return false;
    }
    return true;
}

static int ask(cli *c, const char *path, store_query_options *q)
{
    FILE *out = cli_out(c);
    if (!out)
        return yt_status_exit_code(YT_EIO);
    if (!c->json)
        return yt_status_exit_code(store_query(path, q, out, c->log));
    json_writer w = cli_json_begin(c);
    q->json = &w;
    yt_status status = store_query(path, q, out, c->log);
    cli_json_end(c, &w);
    return yt_status_exit_code(status);
}

/* A single word that is no ready-made question is more likely a misspelt one than SQL. */
static const char *misspelt(const char *sql)
{
    if (text_is_blank(sql) || sql[strcspn(sql, " \t\r\n;(")] != '\0' || store_question_find(sql))
        return NULL;
    const char *name[64];
    size_t n = 0;
    for (int32_t i = 0; n < 64 && store_question_at(i); i++)
        name[n++] = store_question_at(i)->name;
    const char *near = text_nearest(sql, name, n);
    return near ? near : "";
}

int command_query(cli *c)
{
    if (cli_has(c, "list"))
        return cli_operands(c, 0, 1) ? list_questions(c) : 2;
    if (cli_has(c, "sql"))
        return cli_operands(c, 1, 2) ? print_question(c, c->operand[c->operands - 1]) : 2;
    if (!cli_operands(c, 2, 2))
        return 2;
    const char *near = misspelt(c->operand[1]);
    if (near)
        return cli_usage(c,
                         "there is no ready-made question %s%s%s; --list shows them, and a "
                         "question in SQL starts with SELECT",
                         c->operand[1], near[0] ? "; did you mean " : "", near);

    store_parameter parameter[PARAMETERS_MAX];
    store_query_options q = {.sql = c->operand[1],
                             .parameter = parameter,
                             .csv = c->csv,
                             .seconds = 60,
                             .is_stopped = cli_is_stopped};
    if (!cli_integer(c, "rows", 1, INT64_MAX, &q.most_rows) ||
        !cli_number(c, "timeout", 0, 1e9, &q.seconds))
        return 2;
    arena *memory = arena_new();
    int status = memory ? 2 : yt_status_exit_code(YT_ENOMEM);
    if (memory && take_parameters(c, memory, parameter, &q.parameters))
        status = ask(c, c->operand[0], &q);
    arena_free(memory);
    return status;
}
