/* backtest.h - worlds against the record: as it was dated, and as they would have decided. */
#ifndef STUDY_BACKTEST_H
#define STUDY_BACKTEST_H

#include "study/judge.h"
#include "study/study.h"

#define BACKTEST_ASKED 16         /* months from which worlds decide, at most                 */
#define BACKTEST_STARTS 48        /* with those of forecasts                                  */
#define BACKTEST_EVERY_FIFTH (-1) /* starts: each January of 2000, 2005, ... of the record    */

typedef struct backtest_options {
    uint64_t seed;
    int32_t worlds, threads;
    const int32_t *free_from; /* [starts] months from which worlds decide           */
    int32_t starts;           /* or BACKTEST_EVERY_FIFTH                            */
    bool no_forecasts;        /* leave out targets with a start of their own        */
    int32_t hindcast_from;    /* before it simple forecasts know what was observed; YT_NONE:
                                 the case's first month                             */
    const char *observations; /* a table like observations/history; NULL: the case's */
    bool accept;              /* which worlds are consistent with the record?       */
    study_progress *progress; /* may be NULL                                        */
    void *context;
    const char *result, *command;
    bool overwrite;
    bool resume;             /* take up what was left at result.part                  */
    int32_t shard, shards;   /* result becomes a part: only blocks shard, shard + shards, ... of
                                each ensemble; shards 0: an answer from all of them   */
    const char *const *take; /* [takes] parts done elsewhere */
    int32_t takes;
} backtest_options;

typedef enum target_kind { TARGET_EVENT, TARGET_PUBLISHED, TARGET_FORECAST } target_kind;

/* What worlds say to a target of the case. */
typedef struct backtest_target {
    target_kind kind;
    const char *id, *event, *published, *fact, *how, *unit, *grade;
    int32_t row;                   /* of the case's table                                     */
    int32_t start;                 /* YT_NONE: worlds as dated; else they decide from then */
    double low, high;              /* high: INFINITY where there is none                    */
    double q10, value, q90, share; /* value: median; share: of worlds inside                */
    int32_t n;                     /* worlds that tell; 0: cannot be answered               */
    bool inside;
    double claim_low, claim_high, claim; /* of a forecast: what it said; share of worlds there */
    const char *verdict;                 /* of a forecast; "" */
} backtest_target;

/* A result of other people, by the targets that are part of it. */
typedef struct backtest_published {
    const char *id, *kind, *study, *finding, *tolerance, *grade, *why;
    bool by_ranks;               /* the screen of shocks answers it */
    int32_t parts, parts_inside; /* 0: not answered here; of several starts the first that tells */
    bool inside;
} backtest_published;

/* Of worlds that decide: a number outside the incumbent by year, beside the dated record. */
typedef struct backtest_band {
    int32_t start;
    const char *measure, *stage; /* capacity, output, share; mined: against the record */
    int32_t years, covered;
    double crps, persistence; /* over the mean of what was seen; points of shares   */
} backtest_band;

typedef struct backtest_year {
    int32_t band, year;
    double seen, q10, median, q90;
} backtest_year;

/* A parameter whose accepted values differ from the drawn ones. */
typedef struct backtest_parameter {
    const char *name;
    double mean, spread; /* of the accepted worlds' shares of its distribution: 0.5 and 1 when
                            nothing was learned                                       */
    double distance;     /* largest between the distributions (Kolmogorov, Smirnov)   */
} backtest_parameter;

typedef struct backtest {
    arena *memory;
    int32_t rows, compared; /* of the record; with an answer of the model            */
    const probe *row;       /* [rows]                                               */
    judge_row *judged;      /* [rows]                                               */
    judge_score *score;
    int32_t scores;
    backtest_target *target;
    int32_t targets;
    backtest_band *band;
    int32_t bands;
    backtest_year *year;
    int32_t years;
    backtest_published *published;
    int32_t publisheds, published_known, published_inside; /* known: answered here  */
    int32_t start[BACKTEST_STARTS], starts;                /* of worlds that decide           */
    bool is_free[BACKTEST_STARTS];                         /* else only for forecasts         */
    int32_t worlds, broken[BACKTEST_STARTS + 1];           /* as dated first                  */
    double *implausibility;                                /* [worlds]; NULL: not asked       */
    bool *accepted;                                        /* [worlds]                        */
    int32_t accepted_worlds, ruled_out_by[8], groups_used;
    const char *ruled_out_name[8];
    backtest_parameter *parameter;
    char answer[80];                  /* how far it is, in words                  */
    store_parts *parts;               /* open while worlds are simulated          */
    int32_t blocks;                   /* of worlds in the part that is left behind */
    int32_t parameters, moved, draws; /* moved: beyond the 1 % point, of all draws  */
    double moved_by_chance;
} backtest;

/* With a result, worlds that are done are safe in result.part until the answer is there; then the
 * part is removed.  Of a shard nothing is answered.  Errors: YT_EDATA, YT_ENAME (observations, with
 * their place), YT_ENOMEM, YT_EIO, YT_ESTOPPED.  The model's decide_from is changed and put back.
 */
yt_status study_backtest(yt_model *model, const backtest_options *options, yt_log *log,
                         backtest *made);
/* "targets", "screen" (of shocks) or "nothing". */
const char *backtest_answered_by(const backtest_published *p);
void backtest_free(backtest *b);

#endif
