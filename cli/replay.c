/* replay.c - one world of an ensemble once more, with everything that happens in it. */
#include "cli.h"
#include "recipe.h"

#include "base/calendar.h"
#include "sim/sim.h"
#include "study/study.h"

#include <stdlib.h>

/* clang-format off */
const cli_option options_replay[] = {
    {"run", 0, "N", "number of the world, from 0"},
    {"trace", 0, NULL, "print what happens, month by month"},
    {"output", 'o', "RESULT", "write the world as ytterby run would"},
    {"force", 'f', NULL, "replace an existing result"},
    {"case", 0, "CASE", "where the case lies now, when it has moved"},
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

typedef struct trace {
    FILE *out;
} trace;

static void print_month(void *context, const yt_network *net, const yt_run *run)
{
    const trace *t = context;
    char month[8];
    calendar_format(yt_run_month(run) - 1, month);
    for (int32_t i = 0; i < run->events && i < SIM_EVENTS_MOST; i++)
        fprintf(t->out, "%s  %-36s %s (%.3g)\n", month, study_subject(net, &run->event[i]),
                sim_event_describe(run->event[i].kind).text, run->event[i].value);
}

static bool show_progress(void *context, int32_t done, int32_t total, const char *answer)
{
    (void)total;
    cli_progress_show(context, done, answer);
    return !cli_is_stopped();
}

static yt_status replay(cli *c, const yt_model *model, const recipe *r, int64_t world)
{
    yt_network *network = NULL;
    yt_status status = yt_network_compile(model, c->log, &network);
    if (status)
        return status;
    int32_t first, last = YT_NONE; /* the ensemble may stop before the case does */
    calendar_parse(r->end, &first, &last);
    trace t = {cli_has(c, "trace") && !c->json ? cli_out(c) : NULL};
    char *command = cli_command_line(c);
    int32_t months = (last == YT_NONE ? model->end : last) - model->start + 1 + model->spin_up;
    cli_progress progress = cli_progress_start(c, "replay", months);
    study_options options = {.seed = strtoull(r->seed, NULL, 10),
                             .world = world,
                             .last_month = last,
                             .result = cli_value(c, "output", NULL),
                             .overwrite = cli_has(c, "force"),
                             .watch = t.out ? print_month : NULL,
                             .watcher = &t,
                             .progress = show_progress,
                             .context = &progress,
                             .command = command ? command : "replay"};
    study_summary summary;
    status = study_run(model, network, &options, c->log, &summary);
    cli_progress_end(&progress);
    free(command);
    if (!status && c->json) {
        json_writer w = cli_json_begin(c);
        json_key_integer(&w, "run", world);
        json_key_integer(&w, "months", summary.months);
        json_key_number(&w, "worst_certificate", summary.worst_certificate);
        json_key_number(&w, "worst_closure", summary.worst_closure);
        cli_json_end(c, &w);
    } else if (!status) {
        cli_say(c, "world %lld: %d months, worst certificate %.1e", (long long)world,
                (int)summary.months, summary.worst_certificate);
    }
    yt_network_free(network);
    return status;
}

int command_replay(cli *c)
{
    int64_t world = -1;
    if (!cli_operands(c, 1, 1) || !cli_integer(c, "run", 0, UINT32_MAX, &world))
        return yt_status_exit_code(YT_EUSAGE);
    if (world < 0)
        return cli_usage(c, "replay needs the number of a world: --run 8731");
    recipe r;
    yt_model *model;
    yt_status status = recipe_open_world(c, c->operand[0], world, &r, &model);
    if (!status)
        status = replay(c, model, &r, world);
    yt_model_free(model);
    recipe_free(&r);
    return yt_status_exit_code(status);
}
