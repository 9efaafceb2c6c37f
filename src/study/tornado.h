/* tornado.h - which single input moves the answer of an ensemble most. */
#ifndef STUDY_TORNADO_H
#define STUDY_TORNADO_H

#include "study/study.h"

typedef struct tornado_options {
    const char *ensemble, *result, *command;
    uint64_t seed;        /* of the ensemble                                        */
    int32_t last_month;   /* counted from year 0                                    */
    double threshold;     /* of the independence ratio                              */
    const char *headline; /* region whose outcomes choose what is turned            */
    int32_t turned;       /* inputs turned one at a time; 0: rank correlations only */
    int32_t worlds;       /* of the ensemble that are simulated again for each turn */
    int32_t threads;
    bool overwrite;
    study_progress *progress; /* may be NULL; called from one thread at a time */
    void *context;
} tornado_options;

typedef struct tornado_summary {
    int32_t inputs, outcomes, worlds; /* tried; worlds that are sound   */
    int32_t beyond_chance;            /* pairs of input and outcome     */
    const char *first;                /* input that moves the headline most; of the network */
} tornado_summary;

/* The ensemble with its bars (view tornado) into a new file.
 * Errors: those of store_reader_open; YT_EDATA: too few worlds; YT_ESTOPPED: nothing is kept. */
yt_status study_tornado(const yt_network *network, const tornado_options *options, yt_log *log,
                        tornado_summary *summary);

#endif
