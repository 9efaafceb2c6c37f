/* ranks.h - the screen of shocks beside what others hold to be critical, pair by pair. */
#ifndef STUDY_RANKS_H
#define STUDY_RANKS_H

#include "study/shock.h"

/* How an element's exposure is measured: its worst origin, a year's stop. */
typedef enum rank_by { RANK_BY_LOSS, RANK_BY_LOSS_PER_KG, RANK_MEASURES } rank_by;

typedef struct ranks_of {
    const char *id, *kind, *study, *tolerance, *source, *grade, *why;
    int32_t pairs;                    /* of elements that the two do not hold to be equal       */
    int32_t agree[RANK_MEASURES];     /* of them in the same order                              */
    char against[RANK_MEASURES][160]; /* "Nd over Tb, Pr over Tb": pairs in the other order     */
} ranks_of;

/* Loss of the users that count, USD, or for each kg stopped; 0: nobody ships it. */
double ranks_exposure(const screen_result *r, int32_t element, rank_by by);

/* Results of the case's table `published` that ranks answer into made [its rows]; how many. */
int32_t ranks_compare(const yt_model *model, const screen_result *r, ranks_of made[]);

#endif
