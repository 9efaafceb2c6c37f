/* compare.h - where results differ: in what made them, in their inputs, in their numbers. */
#ifndef VIEW_COMPARE_H
#define VIEW_COMPARE_H

#include "base/json_write.h"
#include "base/log.h"
#include "ytterby.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct compare_options {
    json_writer *json;    /* not NULL: keys of the object being written; else text          */
    const char *variable; /* only these series; NULL: all                                   */
    const char *region, *commodity;
    double fail_on;           /* percent: a series value that differs by more gives YT_EINFEAS;
                                 negative: never                                            */
    int32_t rows;             /* of each list, at most                                      */
    bool (*is_stopped)(void); /* may be NULL                                                */
} compare_options;

/* Compare the first store with each of the others.
 * Errors: those of store_reader_open, YT_EINFEAS (see fail_on), YT_ESTOPPED, YT_ENOMEM. */
yt_status compare_stores(const char *const paths[], int32_t n, const compare_options *options,
                         FILE *out, yt_log *log);

#endif
