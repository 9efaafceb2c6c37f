/* shock.c - what happens when something stops: who runs short, when, and what helps. */
#include "cli.h"
#include "shock_print.h"

#include "base/calendar.h"
#include "base/file.h"
#include "base/text.h"
#include "model/model.h"
#include "network/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
const cli_option options_shock[] = {
    {"cut", 0, "ORIGIN:GOODS[->DEST]", "goods that stop; may be repeated"},
    {"file", 0, "FILE", "YAML file that says what happens; may be repeated"},
    {"from", 0, "MONTH", "first month of the shock; else that of the file, or when decisions begin"},
    {"months", 0, "N", "length of the cuts; 12 when not given"},
    {"worlds", 'n', "N", "so many drawn worlds; the world of modes alone when not given"},
    {"seed", 0, "N", "seed of the worlds; 1 when not given"},
    {"threads", 'j', "N", "worlds are shared by so many threads; all processors when not given"},
    {"decide-from", 0, "MONTH", "from when decisions replace dates; never: not at all"},
    {"stockpile", 0, "GOODS=24mo[@REGION]", "state stock of so many months of critical use; may be repeated"},
    {"limit", 0, "SHARE", "find the smallest stocks that keep the unserved share of critical use below this"},
    {"probability", 0, "SHARE", "of the worlds in which they do; 0.9 when not given"},
    {"measures", 0, NULL, "try single measures and say which helps most"},
    {"bom", 0, "FILE", "CSV with your own bill of materials: how long does the line run?"},
    {"screen", 0, NULL, "every element, every origin, 3 to 24 months: the table of exposures"},
    {"embodied", 0, NULL, "screen: stop all that contains the element, not only what is mostly it"},
    {"weight", 0, "END_USE=W", "screen: how much an end use counts, others then 0; may be repeated"},
    {"felt", 0, "REGION,...", "count the users of these regions only"},
    {"all", 'a', NULL, "long tables"},
    {"output", 'o', "RESULT", "result file to make; refused when it exists"},
    {"force", 'f', NULL, "replace an existing result"},
    CLI_OVERLAY,
    CLI_SET,
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

/* A file as given, or inside the case. */
static const char *find_file(const cli *c, const char *given, char *buffer, size_t size)
{
    if (access(given, R_OK) != 0) {
        snprintf(buffer, size, "%s/%s", c->operand[0], given);
        if (access(buffer, R_OK) == 0)
            return buffer;
    }
    return given;
}

static bool read_decisions(cli *c, yt_model *model)
{
    const char *text = cli_value(c, "decide-from", NULL);
    int32_t month = YT_NONE;
    if (!text)
        return true;
    if (strcmp(text, "never") != 0 && !cli_month(c, "decide-from", false, &month))
        return false;
    model->decide_from = month;
    return true;
}

/* The month asked for, that of the files, the last decision begins, or the middle. */
static int32_t default_start(const yt_model *model)
{
    int32_t decided = model->decide_from + 1, middle = (model->start + model->end) / 2;
    return model->decide_from != YT_NONE && decided < model->end ? decided : middle;
}

static yt_status read_plan(cli *c, const yt_model *model, const yt_network *net, shock_plan *p)
{
    int64_t months = 12;
    int32_t n;
    char path[4096];
    yt_status status = YT_OK;
    if (!cli_integer(c, "months", 1, 240, &months) || !cli_month(c, "from", false, &p->start))
        return YT_EUSAGE;
    const char *const *cut = cli_values(c, "cut", &n);
    for (int32_t i = 0; !status && i < n; i++)
        status = shock_plan_cut(p, net, cut[i], (int32_t)months, c->log);
    const char *const *file = cli_values(c, "file", &n);
    for (int32_t i = 0; !status && i < n; i++)
        status = shock_plan_read(p, net, find_file(c, file[i], path, sizeof path), c->log);
    const char *const *stock = cli_values(c, "stockpile", &n);
    for (int32_t i = 0; !status && i < n; i++)
        status = shock_plan_stock(p, net, stock[i], c->log);
    if (p->start == YT_NONE)
        p->start = default_start(model);
    if (!status)
        status = shock_plan_settle(p, net, c->log);
    return status || !cli_has(c, "felt")
               ? status
               : shock_plan_felt(p, net, cli_value(c, "felt", ""), c->log);
}

static bool read_numbers(cli *c, shock_options *o)
{
    int64_t worlds = 0, seed = 1;
    o->limit = NAN;
    bool fine = cli_integer(c, "worlds", 1, 1000000, &worlds) &&
                cli_integer(c, "seed", 0, INT64_MAX, &seed) && cli_threads(c, &o->threads) &&
                cli_number(c, "limit", 0, 1, &o->limit);
    o->worlds = (int32_t)worlds;
    o->seed = (uint64_t)seed;
    return fine;
}

/* --------------------------------------------------------------------------------- one shock */

static yt_status ask(cli *c, const yt_model *model, const yt_network *net, shock_options *options)
{
    shock_plan *plan = NULL;
    shock_bom *bom = NULL;
    shock_result *result = NULL;
    options->probability = 0.9;
    yt_status status =
        cli_number(c, "probability", 0, 1, &options->probability) ? YT_OK : YT_EUSAGE;
    if (!status)
        status = shock_plan_new(net, &plan);
    if (!status)
        status = read_plan(c, model, net, plan);
    if (!status && cli_has(c, "bom"))
        status = shock_bom_read(net, cli_value(c, "bom", ""), c->log, &bom);
    if (!status) {
        cli_progress progress =
            cli_progress_start(c, "shock", options->worlds > 0 ? options->worlds : 1);
        options->progress = cli_progress_step;
        options->context = &progress;
        status = study_shock(model, net, plan, bom, options, c->log, &result);
        cli_progress_end(&progress);
    }
    if (!status)
        shock_print(c, net, plan, bom, result, options);
    shock_result_free(result);
    shock_bom_free(bom);
    shock_plan_free(plan);
    return status;
}

/* ------------------------------------------------------------------------------- the screen */

static void complain_of_weight(cli *c, const yt_network *net, const char *text)
{
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(text, "="), text);
    const char *near = text_nearest(word, net->end_uses.id, (size_t)net->end_uses.count);
    bool is_known = near && strcmp(near, word) == 0;
    cli_usage(c, "--weight %s: write END_USE=W, an end use of the case and 0 or more%s%s%s", text,
              near && !is_known ? "; did you mean " : "", near && !is_known ? near : "",
              near && !is_known ? "?" : "");
}

static bool read_weights(cli *c, const yt_network *net, double *weight)
{
    int32_t n;
    const char *const *text = cli_values(c, "weight", &n);
    for (int32_t u = 0; u < net->end_uses.count; u++)
        weight[u] = n == 0;
    for (int32_t i = 0; i < n; i++) {
        const char *equals = strchr(text[i], '=');
        bool found = false;
        for (int32_t u = 0; equals && u < net->end_uses.count; u++)
            if (strlen(net->end_uses.id[u]) == (size_t)(equals - text[i]) &&
                strncmp(net->end_uses.id[u], text[i], (size_t)(equals - text[i])) == 0)
                found = text_number(equals + 1, &weight[u]) && weight[u] >= 0;
        if (!found) {
            complain_of_weight(c, net, text[i]);
            return false;
        }
    }
    return true;
}

static yt_status screen(cli *c, const yt_model *model, const yt_network *net,
                        const shock_options *like)
{
    double *weight = calloc((size_t)net->end_uses.count, sizeof *weight);
    screen_result *result = NULL;
    screen_options o = {.seed = like->seed,
                        .worlds = like->worlds,
                        .threads = like->threads,
                        .start = YT_NONE,
                        .mostly = !cli_has(c, "embodied"),
                        .weight = weight,
                        .felt = cli_value(c, "felt", NULL)};
    yt_status status = !weight                                  ? YT_ENOMEM
                       : !cli_month(c, "from", false, &o.start) ? YT_EUSAGE
                       : !read_weights(c, net, weight)          ? YT_EUSAGE
                                                                : YT_OK;
    if (!status) {
        o.start = o.start == YT_NONE ? default_start(model) : o.start;
        cli_progress progress = cli_progress_start(c, "screen", 100);
        o.progress = cli_progress_step;
        o.context = &progress;
        status = study_screen(net, &o, c->log, &result);
        cli_progress_end(&progress);
    }
    const screen_target target = {like->result, like->command, like->overwrite};
    if (!status && target.path)
        status = screen_keep(model, net, &o, result, &target, c->log);
    if (!status)
        screen_print(c, model, net, result);
    screen_result_free(result);
    free(weight);
    return status;
}

int command_shock(cli *c)
{
    shock_options options = {.overwrite = cli_has(c, "force"),
                             .tries_measures = cli_has(c, "measures"),
                             .result = cli_value(c, "output", NULL)};
    if (!cli_operands(c, 1, 1) || !read_numbers(c, &options))
        return yt_status_exit_code(YT_EUSAGE);
    yt_model *model = NULL;
    yt_network *net = NULL;
    yt_status status = cli_load_case(c, c->operand[0], &model);
    if (!status && !read_decisions(c, model))
        status = YT_EUSAGE;
    if (!status)
        status = yt_network_compile(model, c->log, &net);
    char *command = cli_command_line(c);
    options.command = command ? command : "shock";
    if (!status)
        status =
            cli_has(c, "screen") ? screen(c, model, net, &options) : ask(c, model, net, &options);
    free(command);
    yt_network_free(net);
    yt_model_free(model);
    return yt_status_exit_code(status);
}
