/* fan.h - quantiles over worlds, from counts in buckets: in whatever order worlds come, the
 * counts are the same.
 *
 * A number is put into one of BUCKETS buckets of equal width in asinh(x / small): a share of its
 * size when it is large, evenly around 0.  The width is 1 % of a number far from 0, so a quantile
 * is known to half of that.
 */
#ifndef STUDY_FAN_H
#define STUDY_FAN_H

#include "sim/sim.h"

/* Bucket of a number, and the number in the middle of a bucket; FAN_NONE: not known. */
enum { FAN_NONE = INT16_MIN };
int16_t fan_bucket(double value);
double fan_middle(int16_t bucket);

typedef struct fan fan;

typedef struct fan_key {
    const char *variable, *region, *commodity, *unit;
} fan_key;

/* What is kept, by name; owned by the caller. */
yt_status fan_new(const yt_network *net, fan **made);
void fan_free(fan *f);
int32_t fan_count(const fan *f);
fan_key fan_key_of(const fan *f, int32_t i);
int32_t fan_first_year(const fan *f);
int32_t fan_years(const fan *f);

/* One world, month by month (yt_step done).  independence: [regions], of the December just
 * cleared, or NULL.  After its last month fan_code gives [count][years] buckets. */
void fan_reset(fan *f);
void fan_month(fan *f, const yt_network *net, const yt_run *run, const double *independence);
void fan_code(const fan *f, int16_t *bucket);

#endif
