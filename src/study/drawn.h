/* drawn.h - many worlds in memory: what each says to the record, and what is kept of it. */
#ifndef STUDY_DRAWN_H
#define STUDY_DRAWN_H

#include "store/parts.h"
#include "study/outcomes.h"
#include "study/probe.h"
#include "study/study.h"

typedef struct drawn_options {
    uint64_t seed;
    int32_t worlds, threads;
    int32_t last_month;       /* counted from year 0                              */
    bool is_central;          /* one world, of modes and dates                    */
    study_progress *progress; /* may be NULL; called from one thread at a time    */
    void *context;
    int32_t done, total;   /* worlds of earlier calls, and of all: for the progress */
    const char *answer;    /* so far, for the progress; may be NULL                 */
    store_parts *parts;    /* blocks of worlds that are done are kept there; may be NULL */
    int32_t ensemble;      /* whose blocks they are                                 */
    int32_t shard, shards; /* only blocks shard, shard + shards, ...; shards 0: all  */
    yt_log *log;           /* may be NULL without parts                              */
} drawn_options;

typedef struct drawn {
    int32_t n, probes, outcomes;
    int32_t broken;  /* not certified in some month; what they said before it counts */
    double *value;   /* [n][probes] NAN: not known    */
    bool *past;      /* [n][probes] probes_is_past    */
    double *outcome; /* [n][outcomes]                */
    bool *censored;  /* [n][outcomes]                */
    bool *is_broken; /* [n]                          */
    bool *is_done;   /* [n] false: of another shard  */
} drawn;

/* Errors: YT_ENOMEM, YT_ESTOPPED. */
yt_status drawn_simulate(const yt_model *model, const yt_network *net, const probes *p,
                         const drawn_options *options, drawn *made);
void drawn_free(drawn *w);

/* What the worlds say to a probe, without those that say nothing, rising; how many. */
int32_t drawn_sorted(const drawn *w, int32_t at, double sorted[]);

#endif
