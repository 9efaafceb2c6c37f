/* export.c - a result written for other tools. */
#include "cli.h"

#include "store/export.h"

/* clang-format off */
const cli_option options_export[] = {
    {"to",    't', "FORMAT", "csv, json or xlsx; else by the name of the output"},
    {"force", 'f', NULL,     "replace what is there"},
    CLI_OUTPUT,
    CLI_END,
};
/* clang-format on */

int command_export(cli *c)
{
    if (!cli_operands(c, 1, 1))
        return 2;
    const store_export_options options = {.format = cli_value(c, "to", NULL),
                                          .to = c->output,
                                          .replace = cli_has(c, "force"),
                                          .is_stopped = cli_is_stopped};
    if (!options.to)
        return cli_usage(c, "say with -o where to write; formats of --to: %s",
                         store_export_formats());
    yt_status status = store_export(c->operand[0], &options, c->log);
    if (!status)
        cli_say(c, "%s is written", options.to);
    return yt_status_exit_code(status);
}
