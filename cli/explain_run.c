/* explain_run.c - why a world of an ensemble ended as it did. */
#include "cli.h"
#include "recipe.h"

#include "base/calendar.h"
#include "study/story.h"

#include <stdlib.h>

/* clang-format off */
const cli_option options_explain_run[] = {
    {"run", 0, "N", "number of the world, from 0"},
    {"region", 0, "NAME", "whose freedom it is about; else the region of the headline"},
    {"rows", 'n', "N", "projects told one by one; else 10"},
    {"case", 0, "CASE", "where the case lies now, when it has moved"},
    CLI_JSON,
    CLI_OUTPUT,
    CLI_END,
};
/* clang-format on */

static yt_status tell(cli *c, const yt_model *model, const recipe *r, int64_t world, int64_t rows)
{
    yt_network *network = NULL;
    int32_t ignored;
    story_options options = {.seed = strtoull(r->seed, NULL, 10),
                             .world = world,
                             .threshold = strtod(r->threshold, NULL),
                             .region = cli_value(c, "region", r->headline),
                             .projects = (int32_t)rows,
                             .out = cli_out(c)};
    if (!options.out)
        return YT_EIO;
    if (!calendar_parse(r->end, &ignored, &options.last_month))
        return YT_EDATA;
    yt_status status = yt_network_compile(model, c->log, &network);
    if (status)
        return status;
    json_writer w;
    if (c->json) {
        w = cli_json_begin(c);
        options.json = &w;
    }
    status = study_tell(network, &options, c->log);
    if (c->json)
        cli_json_end(c, &w);
    yt_network_free(network);
    return status;
}

int command_explain_run(cli *c)
{
    int64_t world = -1, rows = 10;
    if (!cli_operands(c, 1, 1) || !cli_integer(c, "run", 0, UINT32_MAX, &world) ||
        !cli_integer(c, "rows", 0, 100000, &rows))
        return yt_status_exit_code(YT_EUSAGE);
    if (world < 0)
        return cli_usage(c, "explain-run needs the number of a world: --run 17");
    recipe r;
    yt_model *model;
    yt_status status = recipe_open_world(c, c->operand[0], world, &r, &model);
    if (!status)
        status = tell(c, model, &r, world, rows);
    yt_model_free(model);
    recipe_free(&r);
    return yt_status_exit_code(status);
}
