/* store.h - the answers, on disk: one SQLite file, documented views, all that reports read.
 *
 * The writer takes plain arrays described by a layout; it knows neither how a month is
 * simulated nor what is in it.  The reader is SQLite itself through the views of
 * docs/store.md: series, flow, facility_month, use, certificate, balance, event, input,
 * source, observation, manifest (and dimension tables behind them).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "model/model.h"
#include "ytterby.h"

typedef struct store_series_key { /* commodity: or permit, where the variable is about one */
    const char *variable, *region, *commodity, *unit;
} store_series_key;

typedef struct store_arc_key {
    const char *commodity, *origin, *destination, *kind; /* kind: open | illegal */
} store_arc_key;

typedef struct store_facility_key {
    const char *id, *name, *site, *stage, *region, *recipe, *owner_type;
    const char *output_unit; /* what a tonne of output means, in words */
} store_facility_key;

typedef struct store_use_key { /* shares of what is wanted; the rest is normal */
    const char *end_use, *region, *commodity;
    double share_critical, share_flexible;
} store_use_key;

/* What the arrays of a month mean; borrowed, must outlive the store. */
typedef struct store_layout {
    int32_t series, arcs, facilities, uses, elements;
    const store_series_key *series_key;     /* [series]     */
    const store_arc_key *arc_key;           /* [arcs]       */
    const store_facility_key *facility_key; /* [facilities] */
    const store_use_key *use_key;           /* [uses]       */
    const char *const *element;             /* [elements]   */
} store_layout;

/* Where an element is, cumulative since the start, t; the closure is the relative error of
 * mined + opening = in_use + stocks + scrap + tailings + losses + disposed. */
typedef struct store_element_row {
    double opening, mined, in_use, stocks, scrap, tailings, losses, disposed, closure;
} store_element_row;

/* One month of one run.  NAN in series or cif: no trade, stored as NULL. */
typedef struct store_month {
    int32_t run, month;
    const double *series;               /* [series]                           */
    const double *arc_tonnes;           /* [arcs] t; rows of 0 are not stored */
    const double *arc_cif;              /* [arcs] USD/t at the destination    */
    const double *facility_output;      /* [facilities] t of activity         */
    const double *facility_capacity;    /* [facilities] t a month that can run*/
    const char *const *facility_status; /* [facilities] running | idle | closed | ... */
    const double *use_wanted;           /* [uses] t, all tiers together */
    const double *use_served;           /* [uses] t: to the critical tier first, then the normal */
    const store_element_row *element;   /* [elements] */
    double balance, complementarity, gap;
    int32_t iterations;
} store_month;

typedef struct store_fact { /* a manifest entry */
    const char *key, *value;
} store_fact;

/* Create `path` (refused when it exists unless overwrite), write schema, layout, inputs with
 * their provenance, sources and observations of the model.  Built beside the target and
 * renamed by store_finish, so that a failure leaves nothing half-written.
 * Errors: YT_EIO (with path and reason), YT_ENOMEM. */
yt_status store_create(const char *path, bool overwrite, const yt_model *model,
                       const store_layout *layout, yt_log *log, yt_store **store);
yt_status store_write_month(yt_store *store, const store_month *month, yt_log *log);
yt_status store_write_event(yt_store *store, int32_t run, int32_t month, const char *kind,
                            const char *subject, const char *text, yt_log *log);
typedef struct store_outcome_key { /* "" where it has none */
    const char *name, *region, *about, *unit;
} store_outcome_key;
/* What is kept of worlds 0 .. worlds - 1: value, censored [worlds][n]; NAN is not written. */
yt_status store_write_outcomes(yt_store *store, const store_outcome_key *key, int32_t n,
                               int32_t worlds, const double *value, const bool *censored,
                               yt_log *log);
/* A row of a table of answers (schema.c: score, event_target, ...), its columns in order. */
typedef struct store_value {
    const char *text; /* NULL: the number, or nothing when that is NAN */
    double number;
} store_value;
yt_status store_write_row(yt_store *store, const char *table, const store_value *value, int32_t n,
                          yt_log *log);

/* The same with its values written out: STORE_TEXT(t), NULL is empty, or STORE_NUMBER(x). */
#define STORE_ROW(store, log, table, ...)                                                          \
    store_write_row(store, table, (const store_value[]){__VA_ARGS__},                              \
                    sizeof((const store_value[]){__VA_ARGS__}) / sizeof(store_value), log)
#define STORE_TEXT(t)                                                                              \
    {                                                                                              \
        (t) ? (t) : "", NAN                                                                        \
    }
#define STORE_NUMBER(x)                                                                            \
    {                                                                                              \
        NULL, (x)                                                                                  \
    }
/* Manifest entries (case hash, seed, version, build, command line, elapsed, ...), indices,
 * durable commit, rename to the final name. */
yt_status store_finish(yt_store *store, const store_fact *facts, int32_t n, yt_log *log);
/* Throw away whatever was written (also after an error); accepts NULL. */
void store_abandon(yt_store *store);

#endif
