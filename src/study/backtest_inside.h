/* backtest_inside.h - what the files behind study_backtest share. */
#ifndef STUDY_BACKTEST_INSIDE_H
#define STUDY_BACKTEST_INSIDE_H

#include "study/backtest.h"

/* Numbers asked of a year: plants of a stage outside the incumbent, and the incumbent's. */
enum { YEAR_OUTPUT, YEAR_CAPACITY, YEAR_INCUMBENT, YEAR_MEASURES };

typedef struct plan_target {         /* probes of a target of the case; none: an outcome */
    int32_t top, tops, over;         /* over: YT_NONE without one                        */
    int32_t top_target, over_target; /* its number is that of one target over that of another */
    int32_t start, last; /* YT_NONE: of no start in particular; last month it asks for */
} plan_target;

/* Which probe is what: the same numbers for every network of the case. */
typedef struct plan {
    arena *memory;
    const probe_row *row;
    int32_t rows;        /* probes 0 .. rows - 1; rows .. 2 rows - 1: what was paid */
    plan_target *target; /* [targets of the case]                                   */
    int32_t first_year, years, years_at; /* probes of years begin at years_at       */
    int32_t last_month;                  /* of what is asked of every ensemble */
} plan;

/* Probe of a stage's number in year first_year + y. */
static inline int32_t plan_year(const plan *p, int32_t stage, int32_t measure, int32_t y)
{
    return p->years_at + (stage * YEAR_MEASURES + measure) * p->years + y;
}

/* Worlds from one start, and what they were asked by. */
typedef struct ensemble {
    int32_t start; /* YT_NONE: as dated */
    bool is_free;  /* its years and outcomes count; else it is there for forecasts alone */
    const yt_model *model;
    yt_network *net;
    struct record *record;
    probes *probes;
    drawn worlds;
} ensemble;

/* Targets of the case: as dated, or of worlds that decide.  Appends to b->target. */
void answer_targets(const yt_model *model, const plan *p, const ensemble *e, backtest *b);
/* Results of other people, once all targets are answered. */
yt_status answer_published(const yt_model *model, backtest *b);
/* Years of worlds that decide beside the dated world.  Appends to b->band and b->year. */
void answer_bands(const yt_model *model, const plan *p, const ensemble *e, const drawn *dated,
                  backtest *b);
/* Implausibility of each world, and what the accepted have in common. */
yt_status accept_worlds(const plan *p, const ensemble *e, uint64_t seed, int32_t from, backtest *b);
/* Everything into a result file. */
yt_status keep_backtest(const yt_model *model, const backtest_options *options, const backtest *b,
                        yt_log *log);

/* Number of world i at a probe. */
static inline double value_of(const drawn *w, int32_t i, int32_t at)
{
    return w->value[(size_t)i * (size_t)w->probes + (size_t)at];
}

#endif
