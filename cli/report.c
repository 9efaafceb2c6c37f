/* report.c - one web page out of a result. */
#include "cli.h"

#include "base/json_write.h"
#include "base/text.h"
#include "view/view.h"

const cli_option options_report[] = {
    CLI_OUTPUT,
    {"json", 0, NULL, "write the numbers of the page (view.json) instead of the page"},
    CLI_END,
};

int command_report(cli *c)
{
    if (!cli_operands(c, 1, 2))
        return yt_status_exit_code(YT_EUSAGE);
    FILE *out = cli_out(c);
    if (!out)
        return yt_status_exit_code(YT_EIO);
    yt_status status;
    if (c->json) {
        json_writer w = json_to_file(out, 0);
        status = view_write_json(c->operand, c->operands, &w, c->log);
        yt_status written = json_finish(&w);
        status = status ? status : written;
    } else {
        status = view_write_report(c->operand, c->operands, out, c->log);
    }
    if (!status && c->output)
        cli_say(c, "%s: open it in a browser; it needs no network", c->output);
    return yt_status_exit_code(status);
}
