/* case.c - reads the case of a command line, with what --overlay and --set lay over it. */
#include "inside.h"

#include "model/model.h"

yt_status cli_load_case(cli *c, const char *path, yt_model **model)
{
    int32_t overlays, sets;
    const char *const *overlay = cli_values(c, "overlay", &overlays);
    const char *const *set = cli_values(c, "set", &sets);
    return model_load_with(path, overlay, overlays, set, sets, c->log, model);
}
