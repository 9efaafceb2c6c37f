/* tornado.c - which single input moves the answer of an ensemble most. */
#include "cli.h"
#include "recipe.h"

#include "base/calendar.h"
#include "study/tornado.h"

#include <stdlib.h>

/* clang-format off */
const cli_option options_tornado[] = {
    {"output", 'o', "RESULT", "the ensemble with its tornado; refused when it exists"},
    {"force", 'f', NULL, "replace an existing result"},
    {"top", 0, "N", "inputs turned one at a time; 10 when not given, 0: rank correlations only"},
    {"worlds", 'n', "N", "of the ensemble, simulated again for each turn; 16 when not given"},
    {"threads", 'j', "N", "all processors when not given"},
    {"case", 0, "CASE", "where the case lies now, when it has moved"},
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

static void tell(cli *c, const tornado_options *o, const tornado_summary *s)
{
    if (c->json) {
        json_writer w = cli_json_begin(c);
        json_key_text(&w, "result", o->result);
        json_key_integer(&w, "inputs", s->inputs);
        json_key_integer(&w, "outcomes", s->outcomes);
        json_key_integer(&w, "worlds", s->worlds);
        json_key_integer(&w, "beyond_chance", s->beyond_chance);
        json_key_text(&w, "first", s->first);
        cli_json_end(c, &w);
        return;
    }
    cli_say(c,
            "%s: %d inputs and %d outcomes over %d sound worlds: %d pairs go together beyond "
            "chance",
            o->result, (int)s->inputs, (int)s->outcomes, (int)s->worlds, (int)s->beyond_chance);
    if (*s->first)
        cli_say(c, "first among those turned one at a time: %s", s->first);
}

static yt_status turn(cli *c, const yt_model *model, tornado_options *o)
{
    yt_network *network = NULL;
    yt_status status = yt_network_compile(model, c->log, &network);
    if (status)
        return status;
    cli_progress progress = cli_progress_start(c, "tornado", o->turned * 2 * o->worlds);
    o->progress = cli_progress_step;
    o->context = &progress;
    tornado_summary summary;
    status = study_tornado(network, o, c->log, &summary);
    cli_progress_end(&progress);
    if (!status)
        tell(c, o, &summary);
    yt_network_free(network);
    return status;
}

static bool read_numbers(cli *c, tornado_options *o)
{
    int64_t top = 10, worlds = 16;
    bool fine = cli_integer(c, "top", 0, 1000, &top) &&
                cli_integer(c, "worlds", 2, 100000, &worlds) && cli_threads(c, &o->threads);
    o->turned = (int32_t)top;
    o->worlds = (int32_t)worlds;
    return fine;
}

int command_tornado(cli *c)
{
    tornado_options o = {.overwrite = cli_has(c, "force")};
    int32_t ignored;
    if (!cli_operands(c, 1, 1) || !read_numbers(c, &o))
        return yt_status_exit_code(YT_EUSAGE);
    o.ensemble = c->operand[0];
    o.result = cli_value(c, "output", NULL);
    if (!o.result)
        return cli_usage(c, "tornado needs a place for its result: -o tornado.ytt");
    recipe r;
    yt_status status = recipe_read(c, o.ensemble, &r);
    if (status)
        return yt_status_exit_code(status);
    char *command = cli_command_line(c);
    o.command = command ? command : "tornado";
    o.seed = strtoull(r.seed, NULL, 10);
    o.threshold = strtod(r.threshold, NULL);
    o.headline = r.headline;
    yt_model *model = NULL;
    status = calendar_parse(r.end, &ignored, &o.last_month) ? recipe_load(c, &r, &model) : YT_EDATA;
    if (!status)
        status = turn(c, model, &o);
    free(command);
    yt_model_free(model);
    recipe_free(&r);
    return yt_status_exit_code(status);
}
