/* merge.c - the shards of one ensemble into one result file. */
#include "cli.h"

#include "study/simulate.h"

#include <stdlib.h>

/* clang-format off */
const cli_option options_merge[] = {
    {"output", 'o', "RESULT", "result file to make; refused when it exists"},
    {"force", 'f', NULL, "replace an existing result"},
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

int command_merge(cli *c)
{
    if (!cli_operands(c, 1, 1000000))
        return yt_status_exit_code(YT_EUSAGE);
    const char *result = cli_value(c, "output", NULL);
    if (!result)
        return cli_usage(c, "merge needs a place for its result: -o all.ytt");
    int32_t worlds = 0, of = 0;
    char *command = cli_command_line(c);
    yt_status status = study_merge(c->operand, c->operands, result, cli_has(c, "force"),
                                   command ? command : "merge", c->log, &worlds, &of);
    free(command);
    if (!status && c->json) {
        json_writer w = cli_json_begin(c);
        json_key_text(&w, "result", result);
        json_key_integer(&w, "worlds", worlds);
        json_key_integer(&w, "of", of);
        cli_json_end(c, &w);
    } else if (!status) {
        cli_say(c, "%s: %d worlds of %d, from %d files", result, (int)worlds, (int)of,
                (int)c->operands);
    }
    return yt_status_exit_code(status);
}
