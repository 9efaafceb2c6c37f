/* recipe.h - how an ensemble was made, so that its worlds can be made again. */
#ifndef CLI_RECIPE_H
#define CLI_RECIPE_H

#include "cli.h"
#include "ytterby.h"

/* What the ensemble's file tells; texts on the heap, "" where it does not. */
typedef struct recipe {
    char *case_path, *overlays, *sets, *case_hash, *seed, *decisions, *headline, *end, *threshold,
        *worlds;
} recipe;

/* Errors: those of store_reader_open; YT_EDATA: no result of simulate. */
yt_status recipe_read(cli *c, const char *path, recipe *r);
void recipe_free(recipe *r);
/* The case again, from where it lay or from --case; YT_EDATA when it has changed since. */
yt_status recipe_load(cli *c, recipe *r, yt_model **model);
/* Both, for one of its worlds; *model NULL and *r empty, or to be freed, after an error.
 * YT_EUSAGE: the ensemble has no such world. */
yt_status recipe_open_world(cli *c, const char *path, int64_t world, recipe *r, yt_model **model);

#endif
