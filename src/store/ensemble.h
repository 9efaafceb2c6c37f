/* ensemble.h - many worlds in one file: outcomes of each, quantiles over all.
 *
 * Worlds come in blocks; a block that was written is safe against anything that happens later.
 * While it grows the file stands beside its place (RESULT.part), and can be taken up again.
 */
#ifndef STORE_ENSEMBLE_H
#define STORE_ENSEMBLE_H

#include "store/store.h"

#define ENSEMBLE_BLOCK 64 /* worlds of a block: number BLOCK * 64 and after */

typedef struct ensemble_key { /* "" where it has none */
    const char *name, *region, *about, *unit;
} ensemble_key;

typedef struct ensemble_layout {
    int32_t outcomes, fans, first_year, years;
    const ensemble_key *outcome;      /* [outcomes] about: stage or kind of goods */
    const ensemble_key *fan;          /* [fans]     about: commodity or stage     */
    double (*middle)(int16_t bucket); /* number in the middle of a bucket     */
    int16_t none;                     /* bucket of what is not known         */
} ensemble_layout;

/* One block: worlds first_run .. first_run + runs - 1.  NAN outcomes are not written. */
typedef struct ensemble_block {
    int32_t block, first_run, runs;
    const double *value;   /* [runs][outcomes]      */
    const bool *censored;  /* [runs][outcomes]      */
    const int16_t *bucket; /* [runs][fans][years]   */
} ensemble_block;

typedef struct store_ensemble store_ensemble;

/* Begin a file, or (resume) take up the one that was left at path.part, else a finished one at
 * path: identity (manifest entries) must be the same.  Errors: YT_EIO, YT_ENOMEM, YT_EDATA (another
 * ensemble lies there). */
yt_status ensemble_open(const char *path, bool overwrite, bool resume, const yt_model *model,
                        const ensemble_layout *layout, const store_fact *identity, int32_t n,
                        yt_log *log, store_ensemble **made);
bool ensemble_has(const store_ensemble *e, int32_t block);
/* Runs in the file, of this and of earlier sittings. */
int32_t ensemble_runs(const store_ensemble *e);
/* Worlds that the whole ensemble has. */
int32_t ensemble_size(const store_ensemble *e);
/* Durable when it returns YT_OK. */
yt_status ensemble_write(store_ensemble *e, const ensemble_block *block, yt_log *log);
/* Begin a file that holds what the finished file `from` holds (merge); middle and none as in
 * the layout, the rest of which is read from the file. */
yt_status ensemble_open_copy(const char *path, bool overwrite, const char *from,
                             double (*middle)(int16_t), int16_t none, yt_log *log,
                             store_ensemble **made);
/* Take over all blocks of another finished file of the same ensemble. */
yt_status ensemble_take(store_ensemble *e, const char *path, yt_log *log);
/* A bar of the tornado (view tornado); NAN: none. */
typedef struct ensemble_effect {
    const char *outcome, *region, *parameter, *method, *unit;
    double low, high, effect_low, effect_high, error, cut;
    int32_t worlds;
} ensemble_effect;
/* All bars, in place of those that were there. */
yt_status ensemble_write_effects(store_ensemble *e, const ensemble_effect *effect, int32_t n,
                                 yt_log *log);
/* Quantiles, manifest, final name. */
yt_status ensemble_finish(store_ensemble *e, const store_fact *facts, int32_t n, yt_log *log);
/* Close; what is written stays at path.part.  Accepts NULL. */
void ensemble_leave(store_ensemble *e);

/* Close and throw away.  Accepts NULL. */
void ensemble_discard(store_ensemble *e);

/* Share of worlds in which an outcome is not censored, and its standard error from the spread of
 * the 16 replicates (run % 16), which are independent of each other; of worlds below `runs`. */
yt_status ensemble_headline(store_ensemble *e, const char *name, const char *region, int32_t runs,
                            double *share, double *error);
/* Forget worlds from this number on; a multiple of the block. */
yt_status ensemble_trim(store_ensemble *e, int32_t runs, yt_log *log);
/* Worlds in which it is not censored; of an outcome without a region. */
int32_t ensemble_happened(const store_ensemble *e, const char *name);

#endif
