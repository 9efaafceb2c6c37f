/* worlds.h - an ensemble in memory: numbers of each world, bands over all; shared by the files
 * of this folder.
 *
 * Worlds of the 16 replicates (run % 16) are independent of each other: the spread of what they
 * say is the error of what all say.  Dates that had not come by the end of a world are lives cut
 * short, counted as such.
 */
#ifndef VIEW_WORLDS_H
#define VIEW_WORLDS_H

#include "base/stats.h"
#include "view/inside.h"

#define WORLDS_REPLICATES 16
enum { WORLDS_QUANTILES = 7 }; /* of a fan: 5, 10, 25, 50, 75, 90, 95 % */

typedef struct worlds_number { /* kept of every world; "" where it has no region, ... */
    const char *name, *region, *about, *unit;
    double *value;  /* [runs] NAN: none */
    bool *censored; /* [runs]           */
} worlds_number;

typedef struct worlds_fan {
    const char *variable, *region, *about, *unit;
    double *value; /* [years][WORLDS_QUANTILES] NAN: none */
} worlds_fan;

typedef struct worlds_effect { /* a bar of the tornado: docs/store.md, view tornado */
    const char *outcome, *region, *parameter, *method;
    double low, high, effect_low, effect_high, error, cut;
    int32_t worlds;
} worlds_effect;

typedef struct worlds {
    view_world view; /* names, observations, what made it; no months */
    const char *incumbent;
    int32_t runs, *run; /* their numbers, rising */
    bool *is_broken;    /* [runs] a month was not certified: the world ended there */
    int32_t broken;
    worlds_number *number;
    int32_t numbers;
    worlds_fan *fan;
    int32_t fans;
    worlds_effect *effect;
    int32_t effects;
    view_list number_ids, fan_ids;
} worlds;

/* Is the result an ensemble?  False also when it cannot be read. */
bool worlds_are_in(const char *path);
/* Errors: as view_load.  Give back with worlds_free, also after an error. */
yt_status worlds_load(worlds *w, const char *path, yt_log *log);
void worlds_free(worlds *w);
/* NULL: not kept.  about may be "". */
const worlds_number *worlds_find(const worlds *w, const char *name, const char *region,
                                 const char *about);
const worlds_fan *worlds_find_fan(const worlds *w, const char *variable, const char *region,
                                  const char *about);
bool worlds_is_date(const char *name); /* something that may not have come by the end */
/* Name of a region by its identifier; "outside" has one too. */
const char *worlds_region_name(const worlds *w, const char *id);
/* All regions but the incumbent that have the number, one after the other: *i from 0. */
const worlds_number *worlds_next(const worlds *w, const char *name, int32_t *i);

typedef struct worlds_estimate {
    int32_t n;                                     /* worlds that have it         */
    double mean, error;                            /* standard error of the mean  */
    double lowest, lower, middle, higher, highest; /* 5, 25, 50, 75, 95 %         */
} worlds_estimate;
worlds_estimate worlds_estimate_of(const worlds *w, const worlds_number *number);
/* The same of a sum over worlds' numbers; value: [runs]. */
worlds_estimate worlds_estimate_values(const worlds *w, const double *value);

typedef struct worlds_date {
    int32_t n, came, steps;
    stats_survival *step;                  /* share not yet, and its 95 % interval       */
    double share, error;                   /* by the end, and its standard error         */
    double early, median, late;            /* by which 25, 50, 75 % came; INFINITY       */
    double median_earliest, median_latest; /* 95 % interval of the median                */
} worlds_date;
worlds_date worlds_date_of(const worlds *w, const worlds_number *number);

/* Mean over replicates and its standard error; NAN replicates are left out. */
void worlds_over_replicates(const double replicate[WORLDS_REPLICATES], double *mean, double *error);

/* Half a 90 % interval in standard errors, of so many replicates (Student's t). */
double worlds_student(int32_t replicates);

void worlds_cards(const worlds *w, const view_sink *sink); /* worlds_cards.c */

/* An observation and the band it belongs to. */
typedef struct worlds_point {
    const view_observed *seen;
    int32_t fan;
    double from, to; /* as fractions of years */
    double low, high;
    bool is_year;          /* one whole calendar year: what bands are about */
    bool is_in80, is_in90; /* overlaps the band of its year                 */
} worlds_point;
/* All that can be placed; *n how many. */
const worlds_point *worlds_points(const worlds *w, int32_t *n); /* worlds_points.c */

/* Two ensembles, world by world (worlds_compare.c). */
typedef struct worlds_change {
    const worlds_number *a, *b;
    bool is_date;
    int32_t pairs, same;       /* worlds in both; of them equal to the bit               */
    double mean_a, mean_b;     /* of the pairs; of dates: share that came by the end     */
    double difference, error;  /* b - a, paired                                          */
    double low, high;          /* 90 % interval                                          */
    bool is_distinct;          /* it leaves 0 out                                        */
    double median_a, median_b; /* of dates: Kaplan-Meier                                 */
    double years, years_low, years_high; /* of dates: mean years until then, within the horizon */
} worlds_change;
worlds_change worlds_compare(const worlds *a, const worlds *b, const worlds_number *number);
/* Changes worth a line, most certain first; *n how many. */
const worlds_change *worlds_changes(const worlds *a, const worlds *b, int32_t *n);

#endif
