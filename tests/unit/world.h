/* world.h - the tiny case, loaded, compiled and ready to step: for tests of network and sim. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include "model/model.h"
#include "sim/sim.h"
#include "ytterby.h"

typedef struct world {
    yt_model *model;
    yt_network *net;
    yt_run *run;
} world;

/* The tiny case with n values set, "table[key].column=value" each; fails the test when it does
 * not load or compile. */
world world_with(int n, const char *const *sets);
world world_of(const char *set); /* one value, or none: NULL */
/* The tiny case with a file of changes laid over it. */
world world_laid_over(const char *overlay);
void world_free(world *w);

/* Simulate up to the month (not into it); fails the test when a month fails. */
void step_to(world *w, int32_t month);
/* First month after the case's last. */
int32_t end_of(const world *w);

int32_t month_of(int32_t year, int32_t month);
/* Row of an id among names; fails the test when it is not there. */
int32_t index_of(const network_names *names, const char *id);
/* Node of a commodity: the only one, or the side asked for. */
int32_t node_of(const world *w, const char *commodity, const char *region, node_side side);
/* Plant of a facility, region and stage together, as the network numbers them. */
int32_t plant_of(const world *w, const char *facility);
int32_t tech_of(const world *w, const char *region, const char *stage);
/* Mean price over the months [from, to), on the spot side where there are two. */
double mean_price(world *w, const char *commodity, const char *region, int32_t from, int32_t to);

#endif
