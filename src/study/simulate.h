/* simulate.h - many worlds of a case: outcomes of each, fans over all. */
#ifndef STUDY_SIMULATE_H
#define STUDY_SIMULATE_H

#include "study/study.h"

typedef struct simulate_options {
    uint64_t seed;
    int32_t worlds;        /* of the whole ensemble                             */
    int32_t shard, shards; /* this one does blocks shard, shard + shards, ...; 0 of 1: all */
    int32_t threads;
    int32_t last_month; /* stop after this one, counted from year 0; YT_NONE: to the end */
    double until_error; /* stop when the headline's standard error is below; 0: never */
    double threshold;   /* of the independence ratio                         */
    bool resume, overwrite;
    const char *result, *command;
    const char *case_path, *overlays, *sets; /* as given, one a line: for ytterby replay */
    study_progress *progress;                /* may be NULL; called from one thread at a time   */
    void *context;
} simulate_options;

typedef struct simulate_summary {
    int32_t worlds, broken; /* in the file; of them not certified in some month          */
    const char *headline;   /* region whose break-free date is the headline             */
    double share, error;    /* of worlds in which it comes, and its standard error       */
    double seconds;
} simulate_summary;

/* Errors: as study_run; YT_ESTOPPED: stopped on request, what is done is kept and finished. */
yt_status study_simulate(const yt_model *model, const yt_network *network,
                         const simulate_options *options, yt_log *log, simulate_summary *summary);

/* The shards of one ensemble into one file; out: worlds that it holds, `of` so many. */
yt_status study_merge(const char *const shards[], int32_t n, const char *result, bool overwrite,
                      const char *command, yt_log *log, int32_t *worlds, int32_t *of);

#endif
