/* run.c - simulates one world of a case into a result file. */
#include "cli.h"

#include "base/calendar.h"
#include "model/model.h"
#include "study/study.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
const cli_option options_run[] = {
    {"output", 'o', "RESULT", "result file to make; refused when it exists"},
    {"force", 'f', NULL, "replace an existing result"},
    CLI_OVERLAY,
    CLI_SET,
    {"to", 0, "MONTH", "last month to simulate, such as 2026-12"},
    {"seed", 0, "N", "seed of this world; 0 when not given"},
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

static bool show_progress(void *context, int32_t done, int32_t total, const char *answer)
{
    (void)total;
    cli_progress_show(context, done, answer);
    return !cli_is_stopped();
}

static void tell(cli *c, const char *result, const study_summary *s)
{
    if (!c->json) {
        cli_say(c,
                "%s: %d months, every one certified (worst %.1e), %d by Newton; elements close to "
                "%.1e; simulated in %.2f s, stored in %.2f s",
                result, s->months, s->worst_certificate, s->by_newton, s->worst_closure,
                s->seconds_simulating, s->seconds_storing);
        return;
    }
    json_writer w = cli_json_begin(c);
    json_key_text(&w, "result", result);
    json_key_integer(&w, "months", s->months);
    json_key_integer(&w, "by_newton", s->by_newton);
    json_key_number(&w, "worst_certificate", s->worst_certificate);
    json_key_number(&w, "worst_closure", s->worst_closure);
    json_key_number(&w, "seconds_simulating", s->seconds_simulating);
    json_key_number(&w, "seconds_storing", s->seconds_storing);
    cli_json_end(c, &w);
}

static yt_status simulate(cli *c, const yt_model *model, study_options *options)
{
    yt_network *network = NULL;
    yt_status status = yt_network_compile(model, c->log, &network);
    if (status)
        return status;
    int32_t months = model->end - model->start + 1 + model->spin_up;
    cli_progress progress = cli_progress_start(c, "run", months);
    options->progress = show_progress;
    options->context = &progress;
    study_summary summary;
    status = study_run(model, network, options, c->log, &summary);
    cli_progress_end(&progress);
    if (!status)
        tell(c, options->result, &summary);
    yt_network_free(network);
    return status;
}

int command_run(cli *c)
{
    int64_t seed = 0;
    int32_t last = YT_NONE;
    if (!cli_operands(c, 1, 1) || !cli_integer(c, "seed", 0, INT64_MAX, &seed) ||
        !cli_month(c, "to", true, &last))
        return yt_status_exit_code(YT_EUSAGE);
    const char *result = cli_value(c, "output", NULL);
    if (!result)
        return cli_usage(c, "run needs a place for its result: -o base.ytt");
    yt_model *model = NULL;
    yt_status status = cli_load_case(c, c->operand[0], &model);
    if (status)
        return yt_status_exit_code(status);
    if (last != YT_NONE && (last < model->start || last > model->end)) {
        char first[8], end[8];
        calendar_format(model->start, first);
        calendar_format(model->end, end);
        yt_model_free(model);
        return cli_usage(c, "--to %s is no month of the case, which has %s to %s",
                         cli_value(c, "to", ""), first, end);
    }
    char *command = cli_command_line(c);
    study_options options = {.seed = (uint64_t)seed,
                             .world = YT_NONE,
                             .last_month = last,
                             .result = result,
                             .overwrite = cli_has(c, "force"),
                             .command = command ? command : "run"};
    status = simulate(c, model, &options);
    free(command);
    yt_model_free(model);
    return yt_status_exit_code(status);
}
