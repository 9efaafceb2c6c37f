/* compare.c - where results differ. */
#include "cli.h"

#include "view/compare.h"

/* clang-format off */
const cli_option options_compare[] = {
    {"variable",  0,   "NAME",    "only this variable: price, flow.tonnes, use.served, ..."},
    {"region",    0,   "NAME",    "only series of this region"},
    {"commodity", 0,   "NAME",    "only series of this commodity"},
    {"rows",      'n', "N",       "rows of each list; else 20"},
    {"fail-on",   0,   "PERCENT", "exit code 1 when a series value differs by more"},
    CLI_JSON,
    CLI_OUTPUT,
    CLI_END,
};
/* clang-format on */

int command_compare(cli *c)
{
    int64_t rows = 20;
    compare_options options = {.variable = cli_value(c, "variable", NULL),
                               .region = cli_value(c, "region", NULL),
                               .commodity = cli_value(c, "commodity", NULL),
                               .fail_on = -1,
                               .is_stopped = cli_is_stopped};
    if (!cli_operands(c, 2, 1000) || !cli_integer(c, "rows", 0, 1000000, &rows) ||
        !cli_number(c, "fail-on", 0, 1e12, &options.fail_on))
        return 2;
    options.rows = (int32_t)rows;
    FILE *out = cli_out(c);
    if (!out)
        return yt_status_exit_code(YT_EIO);
    if (!c->json)
        return yt_status_exit_code(compare_stores(c->operand, c->operands, &options, out, c->log));
    json_writer w = cli_json_begin(c);
    options.json = &w;
    yt_status status = compare_stores(c->operand, c->operands, &options, out, c->log);
    cli_json_end(c, &w);
    return yt_status_exit_code(status);
}
