/* outcomes.h - the few numbers that are kept of every world.
 *
 * To add one: a line in outcomes.def and a line in outcomes.c where its number becomes known.
 */
#ifndef STUDY_OUTCOMES_H
#define STUDY_OUTCOMES_H

#include "sim/sim.h"

typedef struct outcomes outcomes;

/* What a number is; texts live as long as the network and the outcomes. "" where it has none. */
typedef struct outcome_key {
    const char *name, *region, *stage, *unit;
} outcome_key;

/* threshold: of the independence ratio.  Owned by the caller; errors: YT_ENOMEM. */
yt_status outcomes_new(const yt_network *net, double threshold, outcomes **made);
void outcomes_free(outcomes *o);

int32_t outcomes_count(const outcomes *o);
outcome_key outcomes_key(const outcomes *o, int32_t i);

/* Is the incumbent stopped on the month just cleared? */
bool outcomes_want_cut_off(const yt_network *net, const yt_run *run);

/* One world: before its first month, after each of its months (yt_step done), at its end.
 * cut: the cleared problem of sim_cut_off where one is wanted, else NULL.
 * value, censored: [count], out; a value of NAN is not known of this world. */
void outcomes_reset(outcomes *o);
void outcomes_month(outcomes *o, const yt_network *net, const yt_run *run,
                    const market_problem *cut);
/* The same for the first n worlds of a batch, o[i] its i-th's: the incumbent's goods are stopped in
 * all of them side by side. */
void outcomes_month_of_batch(outcomes *const o[], const yt_network *net, yt_batch *batch,
                             int32_t n);
/* Independence by region in the December just cleared, [regions]; NULL in other months. */
const double *outcomes_independence(const outcomes *o);
void outcomes_finish(outcomes *o, const yt_network *net, const yt_run *run, double *value,
                     bool *censored);

#endif
