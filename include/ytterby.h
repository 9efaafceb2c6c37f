/* ytterby.h - a laboratory for strategic supply chains: the public API.
 *
 * Five nouns, each made from the one before it:
 *
 *     yt_model    what the case files say, by name          (editable)
 *     yt_network  the same thing compiled, by number        (never changes again)
 *     yt_run      one simulated world                       (one block of memory)
 *     study       a question asked of many runs             (functions, not objects)
 *     yt_store    the answers, on disk                      (all that reports ever read)
 *
 * Conventions, true everywhere:
 *   Errors   What can fail returns yt_status: YT_OK is 0, errors are negative.  The log
 *            passed in says what, where (file:line:column) and what to do about it.
 *   Order    The object acted on comes first, inputs follow, outputs come last.
 *   Owning   _load, _compile, _new, _open give you an object; the matching _free takes it
 *            back and accepts NULL.  Every other pointer is borrowed and lives as long as
 *            the object it came from.
 *   Units    mass t per month where it is a flow, money USD of the case's base year,
 *            shares 0..1, months counted from year 0 (year * 12 + month - 1).
 *   Threads  A const yt_network may be shared by any number of threads; any other object
 *            belongs to one thread at a time.  No hidden global state.
 */
#ifndef YTTERBY_H
#define YTTERBY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define YT_NONE (-1)
#define YT_VERSION "0.1.0"

typedef struct yt_log yt_log;
typedef struct yt_model yt_model;
typedef struct yt_network yt_network;
typedef struct yt_run yt_run;
typedef struct yt_store yt_store;

/* Status codes.  One list: enum, text, exit code and the manual page expand it. */
#define YT_STATUS_LIST(X)                                                                          \
    X(OK, 0, 0, "ok")                                                                              \
    X(ENOMEM, -1, 5, "out of memory")                                                              \
    X(EIO, -2, 5, "a file could not be read or written")                                           \
    X(ESYNTAX, -3, 3, "a data file does not follow the format")                                    \
    X(EDATA, -4, 3, "the data contradict each other or a bound")                                   \
    X(EUNIT, -5, 3, "a unit is unknown or of the wrong kind")                                      \
    X(ENAME, -6, 3, "a name is not defined")                                                       \
    X(ERANGE, -7, 3, "an argument is outside its range")                                           \
    X(ENUMERIC, -8, 4, "a number stopped being finite or a month was not certified")               \
    X(EINFEAS, -9, 1, "no answer satisfies the constraints")                                       \
    X(ESTOPPED, -10, 130, "stopped on request")                                                    \
    X(EUSAGE, -11, 2, "wrong usage")                                                               \
    X(EABSENT, -12, 6, "not built in")

#define YT_STATUS_ENUM(name, code, exit_code, text) YT_##name = (code),
typedef enum yt_status { YT_STATUS_LIST(YT_STATUS_ENUM) } yt_status;

/* The fixed English text of a status; never NULL. */
const char *yt_status_text(yt_status status);
/* The exit code a command ends with: docs/man, "EXIT STATUS". */
int yt_status_exit_code(yt_status status);

typedef enum yt_severity { YT_NOTE, YT_WARNING, YT_ERROR } yt_severity;

typedef struct yt_message {
    yt_severity severity;
    yt_status status;
    const char *file;     /* NULL when the message is about no file         */
    int32_t line, column; /* 1-based, 0 when they do not apply              */
    const char *text;     /* what is wrong and what would be right          */
} yt_message;

/* Collects messages; reading goes on after an error so that one pass reports them all. */
yt_log *yt_log_new(void);
void yt_log_free(yt_log *log);
int32_t yt_log_count(const yt_log *log, yt_severity at_least);
yt_message yt_log_get(const yt_log *log, int32_t i);

/* Version of the library, "MAJOR.MINOR.PATCH". */
const char *yt_version(void);

/* ----------------------------------------------------------- model: what the files say */

/* Read a case folder (or its case.yaml), then the overlays in order, and check it all.
 * overlays  YAML files: looked up as given, then inside the case; may be NULL when n = 0
 * model     owned by the caller; unchanged unless YT_OK
 * Errors: YT_EIO, YT_ESYNTAX, YT_EUNIT, YT_ENAME, YT_EDATA, YT_ENOMEM; the worst of the
 * log.  Format: docs/data.md. */
yt_status yt_model_load(const char *path, const char *const overlays[], int32_t n, yt_log *log,
                        yt_model **model);
void yt_model_free(yt_model *model);

/* ------------------------------------------------------ network: the model, by number */

/* Turn names into numbers and fix the layout of a run.  The model may be freed after. */
yt_status yt_network_compile(const yt_model *model, yt_log *log, yt_network **network);
void yt_network_free(yt_network *network);

/* ------------------------------------------------------------- run: one simulated world */

/* Bytes of one run: parameters, state, flows and scratch in one block without pointers. */
size_t yt_run_size(const yt_network *network);
yt_status yt_run_new(const yt_network *network, yt_run **run);
void yt_run_free(yt_run *run);
/* Back to the first month of world `index` of a seed, every uncertain number of the case drawn:
 * the same world however many are simulated, and paired with the same world of the case under
 * an overlay.  Allocates nothing. */
void yt_run_reset(const yt_network *network, yt_run *run, uint64_t seed, uint32_t index);
/* Back to the first month of the world of modes: every number is its `value` in the case. */
void yt_run_reset_central(const yt_network *network, yt_run *run);
/* Copy a whole world: checkpoint, branch, rewind.  Same network; allocates nothing. */
void yt_run_copy(const yt_network *network, yt_run *to, const yt_run *from);
/* Advance one month.  Allocates, prints and opens nothing.  If a number stops being finite
 * or the market is not certified the run keeps its last good month; see yt_run_status. */
void yt_step(const yt_network *network, yt_run *run);
void yt_step_many(const yt_network *network, yt_run *const runs[], int32_t n);

/* Worlds that step together, much faster than one after the other and to the same bits.  Each
 * thread makes its own.  The runs belong to the batch; reset and copy them like others, but
 * step them with yt_batch_step only: a month of all that are not at their end or at fault.
 * Returns how many stepped. */
typedef struct yt_batch yt_batch;
yt_status yt_batch_new(const yt_network *network, int32_t runs, yt_batch **batch);
void yt_batch_free(yt_batch *batch);
yt_run *yt_batch_run(const yt_batch *batch, int32_t i);
int32_t yt_batch_step(yt_batch *batch);
/* From now on only the first `runs` of the batch step. */
void yt_batch_limit(yt_batch *batch, int32_t runs);
size_t yt_batch_size(const yt_network *network, int32_t runs); /* bytes */

yt_status yt_run_status(const yt_run *run);
/* Month about to be simulated, counted from year 0. */
int32_t yt_run_month(const yt_run *run);

#ifdef __cplusplus
}
#endif
#endif
