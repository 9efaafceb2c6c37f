/* case.c - reads the case of a command line, with what --overlay and --set lay over it; and the
 * command line as a text. */
#include "inside.h"

#include "model/model.h"

#include <stdlib.h>
#include <string.h>

yt_status cli_load_case(cli *c, const char *path, yt_model **model)
{
    int32_t overlays, sets;
    const char *const *overlay = cli_values(c, "overlay", &overlays);
    const char *const *set = cli_values(c, "set", &sets);
    return model_load_with(path, overlay, overlays, set, sets, c->log, model);
}

char *cli_command_line(const cli *c)
{
    size_t bytes = 1;
    for (int i = 0; i < c->argc; i++)
        bytes += strlen(c->argv[i]) + 1;
    char *line = calloc(bytes, 1);
    for (int i = 0; line && i < c->argc; i++) {
        const char *base = i == 0 ? strrchr(c->argv[0], '/') : NULL;
        strcat(line, i == 0 ? (base ? base + 1 : c->argv[0]) : c->argv[i]);
        if (i + 1 < c->argc)
            strcat(line, " ");
    }
    return line;
}
