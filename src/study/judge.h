/* judge.h - scores of many worlds against the record, by what was observed.
 *
 * Errors are of natural logarithms, of shares in points; inside a quoted range there is none.
 * Rows whose answer was put in are not scored.
 */
#ifndef STUDY_JUDGE_H
#define STUDY_JUDGE_H

#include "study/drawn.h"

#define JUDGE_PIT 10 /* bins of the histogram */

/* One row of the record. */
typedef struct judge_row {
    int32_t probe;
    bool is_known, is_read, is_covered; /* known: at least half of the worlds tell */
    double q10, median, q90;            /* over the worlds                         */
    double error;                       /* of the median: ln, or points            */
    double crps, pit;                   /* of ln, or points                        */
    double past;                        /* share of worlds past the probe's limit  */
} judge_row;

/* Rows of one kind that belong together: a product in a place, or all of a kind. */
typedef struct judge_score {
    const char *series, *kind, *variable, *product, *place;
    int32_t n, read, unknown; /* scored; put in; not told by the model                  */
    double rmsle, mae, bias;  /* mae: points; bias: median error                        */
    double crps, coverage80;
    double pit[JUDGE_PIT]; /* share of rows in each tenth                            */
    double pairs;          /* of rows put in the right order                         */
    int32_t yearly;        /* years behind the next four                             */
    double skill;          /* over the value last known before the start             */
    double skill_trend;    /* over the trend known before the start                  */
    int32_t steps;
    double skill_step; /* one step ahead from the value observed, over a walk    */
    double timing;     /* of the highest year, months late                       */
    double surplus;    /* share of rows and worlds in surplus                    */
    double square_model, square_frozen, square_trend, square_trend_model, square_step,
        square_walk; /* sums behind the skills                                 */
    int32_t trends;
    char reason[160];
} judge_score;

/* rows [n], out, for probes first .. first + n - 1.  scratch [w->n]. */
void judge_rows(const probes *p, const drawn *w, int32_t first, int32_t n, double scratch[],
                judge_row rows[]);

/* Scores of groups, then of all of a kind; returns how many, at most `room`.  from: month before
 * which observations were known to simple forecasts. */
int32_t judge_scores(const probes *p, const judge_row rows[], int32_t n, int32_t from,
                     arena *memory, judge_score score[], int32_t room);

/* Do two rows ask for the same number at different times? */
bool judge_same(const probe *a, const probe *b);

/* Distance of a number to a range, 0 inside: logarithms, or points. */
double judge_error(double model, double low, double high, bool is_share);

#endif
