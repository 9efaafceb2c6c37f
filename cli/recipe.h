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
/* YT_EUSAGE, and the recipe is given back: the ensemble has no such world. */
yt_status recipe_check_world(cli *c, recipe *r, int64_t world);
/* The case again, from where it lay or from --case; YT_EDATA when it has changed since. */
yt_status recipe_load(cli *c, recipe *r, yt_model **model);

#endif
