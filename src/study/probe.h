/* probe.h - what a world says to each row of the record: one number a row, summed as it runs.
 *
 * A row of the record is words; the tables product_name and place_name say which commodity,
 * region and price they mean.  Compiled once for a network, a row is a few of the numbers of a
 * month (record.h) with weights, added up or averaged over the months of its period, perhaps
 * over others; every world keeps a tally of each.
 */
#ifndef STUDY_PROBE_H
#define STUDY_PROBE_H

#include "model/model.h"
#include "network/network.h"
#include "store/store.h"

/* A row of the record, or of what is aimed at. */
typedef struct probe_row {
    const char *series, *period, *freq, *unit, *product, *place, *source;
    double low, high;
} probe_row;

typedef enum probe_kind { PROBE_PRICE, PROBE_SHARE, PROBE_QUANTITY, PROBE_RENT } probe_kind;

/* What is done with a month's number. */
typedef struct probe_sum {
    int32_t first, count; /* terms */
} probe_sum;

typedef struct probe {
    probe_row seen;
    probe_kind kind;
    const char *variable, *unit; /* of the model's number                          */
    const char *why;             /* it cannot be compared; NULL: it can            */
    int32_t region, commodity;   /* YT_NONE: the world, or none in particular      */
    int32_t first, last;         /* months, from year 0                            */
    double low, high;            /* observed, in the model's unit                  */
    double scale, tolerance;     /* tolerance: factor, or points of shares; NAN    */
    bool is_mean;                /* over the months in which there is one; else a sum */
    bool is_input;               /* the answer was put in                          */
    bool is_calibration;         /* the case was adjusted to it                    */
    bool is_flagged_surplus;     /* past the limit: in surplus; else: at capacity  */
    double limit;                /* of part over whole                             */
    probe_sum top, bottom, part, whole;
} probe;

typedef struct probe_tally { /* of a row in a world */
    double top, bottom, part, whole;
    int32_t months;
} probe_tally;

typedef struct probes probes;

/* Owned by the caller; holds references into the model, the network and the layout. */
yt_status probes_new(const yt_model *model, const yt_network *net, const store_layout *layout,
                     probes **made);
void probes_free(probes *p);

/* Compile a row; its number, YT_NONE when memory is short.  Texts must outlive the probes. */
int32_t probes_add(probes *p, const probe_row *row);
/* What the tonnes paid, weighted by them, where the row asks for the price at the margin; a row
 * without an answer where it does not. */
int32_t probes_add_paid(probes *p, int32_t price);
/* Work (or what could be done) of a stage's plants over some months, mean t/month; at: region;
 * YT_NONE: all but the incumbent's. */
int32_t probes_add_stage(probes *p, int32_t stage, int32_t at, bool is_capacity, int32_t first,
                         int32_t last);
int32_t probes_count(const probes *p);
const probe *probes_at(const probes *p, int32_t i);
int32_t probes_last_month(const probes *p); /* that any of them needs */

/* tally: [probes_count], zeroed before a world's first month. */
void probes_month(const probes *p, const store_month *month, probe_tally tally[]);
/* NAN: not known of this world.  done: first month it has not simulated. */
double probes_value(const probes *p, int32_t i, const probe_tally tally[], int32_t done);
/* Is part over whole past its limit? */
bool probes_is_past(const probes *p, int32_t i, const probe_tally tally[]);

#endif
