/* worlds.c - options and progress that all commands over many worlds share. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool cli_threads(const cli *c, int32_t *threads)
{
    int64_t number = sysconf(_SC_NPROCESSORS_ONLN);
    bool fine = cli_integer(c, "threads", 1, 256, &number);
    *threads = number > 0 ? (int32_t)number : 1;
    return fine;
}

bool cli_shard(const cli *c, int32_t *shard, int32_t *shards)
{
    const char *text = cli_value(c, "shard", "1/1");
    int number, of;
    char rest;
    if (sscanf(text, "%d/%d%c", &number, &of, &rest) != 2 || number < 1 || of < number) {
        cli_usage(c, "--shard %s: write it as 3/64, the third of 64", text);
        return false;
    }
    *shard = number - 1;
    *shards = of;
    return true;
}

char *cli_join_lines(const cli *c, const char *option)
{
    int32_t n;
    const char *const *value = cli_values(c, option, &n);
    size_t bytes = 1;
    for (int32_t i = 0; i < n; i++)
        bytes += strlen(value[i]) + 1;
    char *lines = calloc(bytes, 1);
    for (int32_t i = 0; lines && i < n; i++) {
        strcat(lines, value[i]);
        if (i + 1 < n)
            strcat(lines, "\n");
    }
    return lines;
}

bool cli_progress_step(void *progress, int32_t done, int32_t total, const char *answer)
{
    cli_progress *p = progress;
    p->total = total;
    cli_progress_show(p, done, answer);
    return !cli_is_stopped();
}
