/* compare_inside.h - what compare.c finds and compare_print.c shows. */
#ifndef VIEW_COMPARE_INSIDE_H
#define VIEW_COMPARE_INSIDE_H

#include "base/arena.h"
#include "store/read.h"
#include "view/compare.h"

/* A key of the manifest with two values; NULL: absent. */
typedef struct difference_fact {
    const char *key, *a, *b;
} difference_fact;

/* A cell of the case that was added (a NULL), removed (b NULL) or changed. */
typedef struct difference_input {
    const char *table, *key, *column;
    const char *a, *b;               /* as written: "1200 t/a, 1000 to 1400" */
    const char *source_a, *source_b; /* "usgs (A)"                         */
} difference_input;

/* The numbers of one series in both stores. */
typedef struct difference_series {
    const char *variable, *subject, *unit; /* subject: region, commodity, ... */
    bool is_series;                        /* of view series, not of flow, use, ... */
    int32_t values, differ;                /* in both; of these not the same bits   */
    int32_t only_a, only_b;                /* months with a value in one store      */
    double mean, largest;                  /* relative, 1 = 100 %                   */
    int32_t run, month;                    /* of the largest, with its two values   */
    double a, b;
    int32_t years; /* means by year, of those with values in both */
    int32_t first_year;
    double *year_a, *year_b; /* [years], NAN where there are none */
} difference_series;

/* Share of a region in the output of a stage in a year. */
typedef struct difference_share {
    const char *stage, *region, *year;
    double a, b;
} difference_share;

typedef struct difference_variable {
    const char *variable, *unit;
    int32_t series, differ; /* series, and how many are not the same */
    double mean;            /* of their means                        */
    const difference_series *worst;
} difference_variable;

typedef struct difference_table { /* tables of the file, compared bit by bit */
    const char *name;
    int64_t rows_a, rows_b;
    bool is_same;
} difference_table;

#define LIST_OF(type)                                                                              \
    struct {                                                                                       \
        type *at;                                                                                  \
        int32_t n, room;                                                                           \
    }

typedef struct difference {
    arena *memory;
    const char *path_a, *path_b;
    const char *case_a, *case_b;
    bool is_identical; /* every value of every table but the manifest */
    LIST_OF(difference_fact) fact;
    LIST_OF(difference_input) input;
    int32_t inputs_added, inputs_removed, inputs_changed;
    LIST_OF(difference_series) series; /* those that differ, worst first */
    LIST_OF(difference_variable) variable;
    LIST_OF(difference_share) share;
    LIST_OF(difference_table) table;
    double largest; /* of view series; INFINITY where a value is in one store only */
} difference;

void compare_print(const difference *d, const compare_options *options, FILE *out);
void compare_put_json(const difference *d, const compare_options *options, json_writer *w);

/* Ensembles, world by world: worlds_compare.c */
yt_status compare_ensembles(const char *const paths[], int32_t n, const compare_options *options,
                            FILE *out, yt_log *log);

#endif
