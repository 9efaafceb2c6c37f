/* simulate.c - many worlds of a case into one result file. */
#include "cli.h"

#include "base/calendar.h"
#include "model/model.h"
#include "study/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const cli_option options_simulate[] = {
    {"worlds", 'n', "N", "how many worlds; 1000 when not given"},
    {"seed", 0, "N", "seed of the ensemble; 1 when not given"},
    {"output", 'o', "RESULT", "result file to make; refused when it exists"},
    {"force", 'f', NULL, "replace an existing result"},
    {"resume", 0, NULL, "go on with what was left unfinished at RESULT.part"},
    {"shard", 0, "I/N", "do only the I-th of N parts; ytterby merge puts them together"},
    {"decide-from", 0, "MONTH", "from when decisions replace dates; never: not at all"},
    {"to", 0, "MONTH", "last month to simulate, such as 2026-12"},
    {"threads", 'j', "N", "worlds are shared by so many threads; all processors when not given"},
    {"until-se", 0, "SHARE", "stop when the standard error of the headline is below this"},
    {"threshold", 0, "SHARE", "of the independence ratio, for the break-free date; 0.9 when not given"},
    CLI_OVERLAY,
    CLI_SET,
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

static void tell(cli *c, const simulate_options *options, const simulate_summary *s)
{
    if (c->json) {
        json_writer w = cli_json_begin(c);
        json_key_text(&w, "result", options->result);
        json_key_integer(&w, "worlds", s->worlds);
        json_key_integer(&w, "broken", s->broken);
        json_key_text(&w, "headline", s->headline);
        json_key_number(&w, "share", s->share);
        json_key_number(&w, "standard_error", s->error);
        json_key_number(&w, "seconds", s->seconds);
        cli_json_end(c, &w);
        return;
    }
    if (s->worlds == 0) {
        cli_say(c, "%s: no worlds", options->result);
        return;
    }
    cli_say(c, "%s: %d worlds in %.0f s; %s breaks free in %.1f %% of them (standard error %.1f)",
            options->result, s->worlds, s->seconds, s->headline, 100 * s->share, 100 * s->error);
    if (s->broken > 0)
        cli_say(c, "%d worlds broke off: a month was not certified (outcome broken_month)",
                s->broken);
}

static bool read_decisions(cli *c, yt_model *model)
{
    const char *text = cli_value(c, "decide-from", NULL);
    int32_t month = YT_NONE;
    if (!text)
        return true;
    if (strcmp(text, "never") != 0 && !cli_month(c, "decide-from", false, &month))
        return false;
    if (month != YT_NONE && (month < model->start || month > model->end)) {
        cli_usage(c, "--decide-from %s is no month of the case", text);
        return false;
    }
    model->decide_from = month;
    return true;
}

static bool read_numbers(cli *c, simulate_options *options)
{
    int64_t worlds = 1000, seed = 1;
    options->last_month = YT_NONE;
    options->threshold = 0.9;
    bool fine = cli_integer(c, "worlds", 1, 100000000, &worlds) &&
                cli_integer(c, "seed", 0, INT64_MAX, &seed) && cli_threads(c, &options->threads) &&
                cli_number(c, "until-se", 0, 1, &options->until_error) &&
                cli_number(c, "threshold", 0, 1, &options->threshold) &&
                cli_month(c, "to", true, &options->last_month) &&
                cli_shard(c, &options->shard, &options->shards);
    if (fine && options->until_error > 0 && options->shards > 1) {
        cli_usage(c, "--until-se asks all worlds in order; a shard does not have them");
        return false;
    }
    options->worlds = (int32_t)worlds;
    options->seed = (uint64_t)seed;
    return fine;
}

static yt_status simulate(cli *c, const yt_model *model, simulate_options *options)
{
    yt_network *network = NULL;
    yt_status status = yt_network_compile(model, c->log, &network);
    if (status)
        return status;
    cli_progress progress = cli_progress_start(c, "simulate", options->worlds);
    options->progress = cli_progress_step;
    options->context = &progress;
    simulate_summary summary;
    status = study_simulate(model, network, options, c->log, &summary);
    cli_progress_end(&progress);
    if (!status || (status == YT_ESTOPPED && summary.worlds > 0))
        tell(c, options, &summary);
    else if (status == YT_ESTOPPED)
        cli_say(c, "stopped before a block of worlds was done: nothing is kept");
    yt_network_free(network);
    return status;
}

int command_simulate(cli *c)
{
    simulate_options options = {.resume = cli_has(c, "resume"), .overwrite = cli_has(c, "force")};
    if (!cli_operands(c, 1, 1) || !read_numbers(c, &options))
        return yt_status_exit_code(YT_EUSAGE);
    options.result = cli_value(c, "output", NULL);
    if (!options.result)
        return cli_usage(c, "simulate needs a place for its result: -o base.ytt");
    yt_model *model = NULL;
    yt_status status = cli_load_case(c, c->operand[0], &model);
    if (status)
        return yt_status_exit_code(status);
    if (!read_decisions(c, model)) {
        yt_model_free(model);
        return yt_status_exit_code(YT_EUSAGE);
    }
    char *command = cli_command_line(c), *overlays = cli_join_lines(c, "overlay"),
         *sets = cli_join_lines(c, "set");
    options.command = command ? command : "simulate";
    options.case_path = c->operand[0];
    options.overlays = overlays ? overlays : "";
    options.sets = sets ? sets : "";
    status = simulate(c, model, &options);
    free(command);
    free(overlays);
    free(sets);
    yt_model_free(model);
    return yt_status_exit_code(status);
}
