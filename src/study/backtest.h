/* backtest.h - worlds against the record: as it was dated, and as they would have decided. */
#ifndef STUDY_BACKTEST_H
#define STUDY_BACKTEST_H

#include "study/judge.h"
#include "study/study.h"

#define BACKTEST_STARTS 16 /* of worlds that decide, at most */

typedef struct backtest_options {
    uint64_t seed;
    int32_t worlds, threads;
    const int32_t *free_from; /* [starts] months from which worlds decide           */
    int32_t starts;
    int32_t hindcast_from;    /* before it simple forecasts know what was observed; YT_NONE:
                                 the case's first month                             */
    const char *observations; /* a table like observations/history; NULL: the case's */
    bool accept;              /* which worlds are consistent with the record?       */
    study_progress *progress; /* may be NULL                                        */
    void *context;
    const char *result, *command;
    bool overwrite;
} backtest_options;

/* What worlds say to a target of the case. */
typedef struct backtest_target {
    const char *id, *event, *fact, *how, *unit;
    int32_t start;                 /* YT_NONE: worlds as dated; else they decide from then */
    double low, high;              /* high: INFINITY where there is none                    */
    double q10, value, q90, share; /* value: median; share: of worlds inside                */
    int32_t n;                     /* worlds that tell; 0: cannot be answered               */
    bool inside;
} backtest_target;

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
    int32_t worlds, broken[BACKTEST_STARTS + 1]; /* as dated first                  */
    double *implausibility;                      /* [worlds]; NULL: not asked       */
    bool *accepted;                              /* [worlds]                        */
    int32_t accepted_worlds, ruled_out_by[8], groups_used;
    const char *ruled_out_name[8];
    backtest_parameter *parameter;
    int32_t parameters, moved, draws; /* moved: beyond the 1 % point, of all draws  */
    double moved_by_chance;
} backtest;

/* Errors: YT_EDATA, YT_ENAME (observations, with their place), YT_ENOMEM, YT_EIO,
 * YT_ESTOPPED.  The model's decide_from is changed and put back. */
yt_status study_backtest(yt_model *model, const backtest_options *options, yt_log *log,
                         backtest *made);
void backtest_free(backtest *b);

#endif
