/* study.h - questions asked of worlds; each is a function. */
#ifndef STUDY_STUDY_H
#define STUDY_STUDY_H

#include "model/model.h"
#include "store/store.h"
#include "ytterby.h"

/* Called after each month; return false to stop. */
typedef bool study_progress(void *context, int32_t done, int32_t total, const char *answer);

typedef struct study_options {
    uint64_t seed;
    int32_t last_month;       /* stop after this one, counted from year 0; YT_NONE: to the end */
    study_progress *progress; /* may be NULL */
    void *context;
    const char *result; /* path of the result file; NULL: none is written */
    int64_t world;      /* number of a drawn world; YT_NONE: the world of modes */
    /* Called after each month of the case; may be NULL. */
    void (*watch)(void *context, const yt_network *network, const yt_run *run);
    void *watcher;
    bool overwrite;      /* an existing one                  */
    const char *command; /* the command line, for the manifest */
} study_options;

typedef struct study_summary {
    int32_t months, by_newton; /* reported and spin-up; cleared without fallback */
    double worst_certificate, worst_closure;
    double seconds_simulating, seconds_storing;
} study_summary;

/* One deterministic world, month by month, into a result file.
 * summary receives what is known, also after an error.
 * Errors: YT_ENUMERIC (with month), YT_EIO, YT_ENOMEM, YT_ESTOPPED (nothing is kept). */
yt_status study_run(const yt_model *model, const yt_network *network, const study_options *options,
                    yt_log *log, study_summary *summary);

struct sim_event;
/* Identifier of what an event is about. */
const char *study_subject(const yt_network *network, const struct sim_event *event);

#endif
