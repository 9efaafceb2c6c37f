/* simulate.c - many worlds of a case: outcomes of each, fans over all.
 *
 * Worlds are done in blocks of 64: the unit of work, of what is safe on disk, of resuming and of
 * shards.  Which thread does a block, and when, changes nothing: worlds know nothing of each
 * other, outcomes are stored by world and fans are counted.
 */
#include "study/simulate.h"

#include "base/calendar.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/team.h"
#include "store/ensemble.h"
#include "study/fan.h"
#include "study/outcomes.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct job {
    const yt_network *net;
    const simulate_options *options;
    store_ensemble *store;
    yt_log *log;
    simulate_summary *summary;
    pthread_mutex_t lock;
    int32_t next_block, blocks, done;
    int32_t unbroken, enough; /* blocks from the first on; worlds that are enough, or 0 */
    char answer[160];
    bool stop;
    yt_status status;
} job;

/* What a thread needs to do a block. */
typedef struct bench {
    job *job;
    yt_status status;
    yt_batch *batch;
    outcomes *outcome[ENSEMBLE_BLOCK];
    fan *fan[ENSEMBLE_BLOCK];
    double *value;
    bool *censored;
    int16_t *bucket;
} bench;

/* ------------------------------------------------------------------------------ one block */

static void free_bench(bench *b)
{
    for (int32_t i = 0; i < ENSEMBLE_BLOCK; i++) {
        outcomes_free(b->outcome[i]);
        fan_free(b->fan[i]);
    }
    yt_batch_free(b->batch);
    free(b->value);
    free(b->censored);
    free(b->bucket);
}

static yt_status make_bench(bench *b, job *j)
{
    *b = (bench){.job = j};
    yt_status status = yt_batch_new(j->net, ENSEMBLE_BLOCK, &b->batch);
    for (int32_t i = 0; !status && i < ENSEMBLE_BLOCK; i++) {
        status = outcomes_new(j->net, j->options->threshold, &b->outcome[i]);
        if (!status)
            status = fan_new(j->net, &b->fan[i]);
    }
    if (status)
        return status;
    size_t numbers = (size_t)outcomes_count(b->outcome[0]);
    size_t cells = (size_t)fan_count(b->fan[0]) * (size_t)fan_years(b->fan[0]);
    b->value = malloc(ENSEMBLE_BLOCK * numbers * sizeof *b->value);
    b->censored = malloc(ENSEMBLE_BLOCK * numbers * sizeof *b->censored);
    b->bucket = malloc(ENSEMBLE_BLOCK * cells * sizeof *b->bucket);
    return b->value && b->censored && b->bucket ? YT_OK : YT_ENOMEM;
}

/* Show how far it is, and ask whether to go on; with the lock held. */
static void show(job *j)
{
    if (j->options->progress && !j->stop &&
        !j->options->progress(j->options->context, j->done, j->options->worlds, j->answer)) {
        j->stop = true;
        j->status = YT_ESTOPPED;
    }
}

static bool is_stopped(job *j)
{
    pthread_mutex_lock(&j->lock);
    show(j);
    bool stop = j->stop;
    pthread_mutex_unlock(&j->lock);
    return stop;
}

/* Months that worlds live. */
static int32_t last_month(const yt_network *net, const simulate_options *options)
{
    int32_t asked = options->last_month - net->first_month + 1;
    return options->last_month != YT_NONE && asked < net->months ? asked : net->months;
}

static void watch_month(bench *b, int32_t n)
{
    const yt_network *net = b->job->net;
    outcomes_month_of_batch(b->outcome, net, b->batch, n);
    for (int32_t i = 0; i < n; i++)
        fan_month(b->fan[i], net, yt_batch_run(b->batch, i), outcomes_independence(b->outcome[i]));
}

/* All months of worlds first .. first + n - 1, side by side; false: told to stop. */
static bool simulate_worlds(bench *b, int32_t first, int32_t n)
{
    const yt_network *net = b->job->net;
    for (int32_t i = 0; i < n; i++) {
        yt_run_reset(net, yt_batch_run(b->batch, i), b->job->options->seed, (uint32_t)(first + i));
        outcomes_reset(b->outcome[i]);
        fan_reset(b->fan[i]);
    }
    yt_batch_limit(b->batch, n);
    for (int32_t t = 0; t < last_month(net, b->job->options); t++) {
        if (is_stopped(b->job))
            return false;
        yt_batch_step(b->batch);
        watch_month(b, n);
    }
    return true;
}

static void keep_worlds(bench *b, int32_t n)
{
    size_t numbers = (size_t)outcomes_count(b->outcome[0]);
    size_t cells = (size_t)fan_count(b->fan[0]) * (size_t)fan_years(b->fan[0]);
    for (int32_t i = 0; i < n; i++) {
        size_t row = (size_t)i;
        outcomes_finish(b->outcome[i], b->job->net, yt_batch_run(b->batch, i),
                        b->value + row * numbers, b->censored + row * numbers);
        fan_code(b->fan[i], b->bucket + row * cells);
    }
}

/* Is the headline known well enough?  Worlds that all agree do not say that no other would differ:
 * one may.  Asked of the blocks before the first that is missing, so
 * that which worlds are kept does not depend on who was faster. */
static void judge_error(job *j)
{
    double share, error;
    while (j->options->until_error > 0 && j->enough == 0 && ensemble_has(j->store, j->unbroken)) {
        j->unbroken++;
        int32_t runs = j->unbroken * ENSEMBLE_BLOCK;
        ensemble_headline(j->store, "break_free_year", j->summary->headline, runs, &share, &error);
        if (j->unbroken >= 2 && fmax(error, 1.0 / runs) < j->options->until_error) {
            j->enough = runs;
            j->stop = true;
        }
    }
}

/* After a block is safe: what is known so far, and whether that is enough. */
static void tell(job *j, int32_t runs)
{
    simulate_summary *s = j->summary;
    j->done += runs;
    ensemble_headline(j->store, "break_free_year", s->headline, INT32_MAX, &s->share, &s->error);
    snprintf(j->answer, sizeof j->answer, "%s free: %.0f %% ± %.1f", s->headline, 100 * s->share,
             100 * s->error);
    show(j);
    judge_error(j);
}

static yt_status do_block(bench *b, int32_t block)
{
    job *j = b->job;
    int32_t first = block * ENSEMBLE_BLOCK;
    int32_t runs = j->options->worlds - first;
    runs = runs < ENSEMBLE_BLOCK ? runs : ENSEMBLE_BLOCK;
    if (!simulate_worlds(b, first, runs))
        return YT_OK;
    keep_worlds(b, runs);
    ensemble_block whole = {block, first, runs, b->value, b->censored, b->bucket};
    pthread_mutex_lock(&j->lock);
    yt_status status = ensemble_write(j->store, &whole, j->log);
    if (!status)
        tell(j, runs);
    pthread_mutex_unlock(&j->lock);
    return status;
}

/* The next block of this shard that is not in the file; NONE: all done, or stopped. */
static int32_t take_block(job *j)
{
    pthread_mutex_lock(&j->lock);
    int32_t block = YT_NONE;
    while (!j->stop && j->next_block < j->blocks && block == YT_NONE) {
        if (j->next_block % j->options->shards == j->options->shard &&
            !ensemble_has(j->store, j->next_block))
            block = j->next_block;
        j->next_block++;
    }
    pthread_mutex_unlock(&j->lock);
    return block;
}

static void *work(void *context)
{
    bench *b = context;
    for (int32_t block; !b->status && (block = take_block(b->job)) != YT_NONE;)
        b->status = do_block(b, block);
    if (b->status) {
        pthread_mutex_lock(&b->job->lock);
        b->job->stop = true;
        pthread_mutex_unlock(&b->job->lock);
    }
    return NULL;
}

/* -------------------------------------------------------------------------------- the file */

/* The biggest user but the incumbent: whose freedom is the headline. */
static const char *biggest_user(const yt_network *net)
{
    const double *reference = net->parameter + net->offset[VAR_reference_price];
    yt_run *run = NULL;
    int32_t best = 0;
    double most = -1;
    if (yt_run_new(net, &run))
        return "";
    const double *demand = run->number + net->offset[VAR_demand];
    for (int32_t r = 0; r < net->regions.count; r++) {
        double worth = 0;
        for (int32_t s = 0; s < net->segments; s++)
            if (net->segment[s].region == r)
                worth += demand[s] * reference[net->segment[s].node];
        if (r != net->incumbent && worth > most) {
            most = worth;
            best = r;
        }
    }
    yt_run_free(run);
    return net->regions.id[best];
}

typedef struct layout {
    ensemble_layout layout;
    ensemble_key *outcome, *fan;
} layout;

static yt_status make_layout(const bench *b, layout *made)
{
    int32_t numbers = outcomes_count(b->outcome[0]), fans = fan_count(b->fan[0]);
    made->outcome = calloc((size_t)numbers, sizeof *made->outcome);
    made->fan = calloc((size_t)fans, sizeof *made->fan);
    if (!made->outcome || !made->fan)
        return YT_ENOMEM;
    for (int32_t i = 0; i < numbers; i++) {
        outcome_key k = outcomes_key(b->outcome[0], i);
        made->outcome[i] = (ensemble_key){k.name, k.region, k.stage, k.unit};
    }
    for (int32_t i = 0; i < fans; i++) {
        fan_key k = fan_key_of(b->fan[0], i);
        made->fan[i] = (ensemble_key){k.variable, k.region, k.commodity, k.unit};
    }
    made->layout = (ensemble_layout){numbers,
                                     fans,
                                     fan_first_year(b->fan[0]),
                                     fan_years(b->fan[0]),
                                     made->outcome,
                                     made->fan,
                                     fan_middle,
                                     FAN_NONE};
    return YT_OK;
}

static void free_layout(layout *l)
{
    free(l->outcome);
    free(l->fan);
}

enum { IDENTITY = 10 };

typedef struct identity {
    char seed[24], worlds[16], decisions[8], end[8], threshold[24], first_year[16], years[16],
        layout[24];
    store_fact fact[IDENTITY];
} identity;

/* Names of all that is kept: programs that keep other numbers do not mix. */
static uint64_t hash_keys(uint64_t hash, const ensemble_key *key, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const char *text[] = {key[i].name, key[i].region, key[i].about, key[i].unit};
        for (size_t t = 0; t < sizeof text / sizeof *text; t++)
            hash = hash_more(hash, text[t], strlen(text[t]) + 1);
    }
    return hash;
}

/* What two sittings, or two shards, must have in common. */
static void identify(identity *id, const yt_model *model, const yt_network *net,
                     const simulate_options *options, const ensemble_layout *l)
{
    snprintf(id->first_year, sizeof id->first_year, "%d", (int)l->first_year);
    snprintf(id->years, sizeof id->years, "%d", (int)l->years);
    snprintf(id->seed, sizeof id->seed, "%llu", (unsigned long long)options->seed);
    snprintf(id->worlds, sizeof id->worlds, "%d", (int)options->worlds);
    snprintf(id->threshold, sizeof id->threshold, "%.17g", options->threshold);
    if (model->decide_from == YT_NONE)
        snprintf(id->decisions, sizeof id->decisions, "never");
    else
        calendar_format(model->decide_from, id->decisions);
    calendar_format(net->first_month + last_month(net, options) - 1, id->end);
    uint64_t hash = hash_keys(hash_text(""), l->outcome, l->outcomes);
    snprintf(id->layout, sizeof id->layout, "%016llx",
             (unsigned long long)hash_keys(hash, l->fan, l->fans));
    const store_fact fact[IDENTITY] = {{"worlds", id->worlds},
                                       {"case_hash", model->hash},
                                       {"seed", id->seed},
                                       {"decisions", id->decisions},
                                       {"end", id->end},
                                       {"version", yt_version()},
                                       {"threshold", id->threshold},
                                       {"layout", id->layout},
                                       {"fan_first_year", id->first_year},
                                       {"fan_years", id->years}};
    memcpy(id->fact, fact, sizeof fact);
}

static yt_status finish(job *j)
{
    char runs[16], broken[16], seconds[32], block[16];
    if (j->enough > 0 && ensemble_trim(j->store, j->enough, j->log))
        return YT_EIO;
    simulate_summary *s = j->summary;
    s->worlds = ensemble_runs(j->store);
    s->broken = ensemble_happened(j->store, "broken_month");
    ensemble_headline(j->store, "break_free_year", s->headline, INT32_MAX, &s->share, &s->error);
    snprintf(runs, sizeof runs, "%d", (int)s->worlds);
    snprintf(broken, sizeof broken, "%d", (int)s->broken);
    snprintf(seconds, sizeof seconds, "%.2f", s->seconds);
    snprintf(block, sizeof block, "%d", ENSEMBLE_BLOCK);
    const store_fact fact[] = {
        {"case_path", j->options->case_path},
        {"overlays", j->options->overlays},
        {"sets", j->options->sets},
        {"study", "simulate"},
        {"runs", runs},
        {"block", block},
        {"command", j->options->command},
        {"headline", s->headline},
        {"seconds_simulating", seconds},
        {"broken_worlds", broken},
    };
    return ensemble_finish(j->store, fact, sizeof fact / sizeof *fact, j->log);
}

static void run_threads(job *j, bench *team)
{
    team_work(work, team, sizeof *team, j->options->threads);
    for (int32_t i = 0; i < j->options->threads; i++)
        if (team[i].status)
            j->status = team[i].status;
}

/* A part without worlds is of no use to anybody, a shard without worlds is. */
static yt_status finish_or_discard(job *j)
{
    if (j->status == YT_ESTOPPED && ensemble_runs(j->store) == 0) {
        ensemble_discard(j->store);
        return YT_ESTOPPED;
    }
    yt_status status = finish(j);
    return status ? status : j->status;
}

/* Open the file, put blocks into it, finish it. */
static yt_status fill_file(job *j, const yt_model *model, bench *team)
{
    layout l = {0};
    identity id;
    yt_status status = make_layout(&team[0], &l);
    identify(&id, model, j->net, j->options, &l.layout);
    if (!status)
        status = ensemble_open(j->options->result, j->options->overwrite, j->options->resume, model,
                               &l.layout, id.fact, IDENTITY, j->log, &j->store);
    if (!status) {
        double start = now();
        j->done = ensemble_runs(j->store);
        run_threads(j, team);
        status = j->status;
        j->summary->seconds = now() - start;
        if (!status || status == YT_ESTOPPED) {
            status = finish_or_discard(j);
        } else {
            ensemble_leave(j->store);
        }
    }
    free_layout(&l);
    return status;
}

yt_status study_simulate(const yt_model *model, const yt_network *net,
                         const simulate_options *options, yt_log *log, simulate_summary *summary)
{
    *summary = (simulate_summary){.headline = biggest_user(net), .share = NAN, .error = NAN};
    job j = {.net = net,
             .options = options,
             .log = log,
             .summary = summary,
             .blocks = (options->worlds + ENSEMBLE_BLOCK - 1) / ENSEMBLE_BLOCK};
    pthread_mutex_init(&j.lock, NULL);
    bench *team = calloc((size_t)options->threads, sizeof *team);
    yt_status status = team ? YT_OK : YT_ENOMEM;
    for (int32_t i = 0; !status && i < options->threads; i++)
        status = make_bench(&team[i], &j);
    if (!status)
        status = fill_file(&j, model, team);
    for (int32_t i = 0; team && i < options->threads; i++)
        free_bench(&team[i]);
    free(team);
    pthread_mutex_destroy(&j.lock);
    return status;
}

yt_status study_merge(const char *const shards[], int32_t n, const char *result, bool overwrite,
                      const char *command, yt_log *log, int32_t *worlds, int32_t *of)
{
    store_ensemble *store = NULL;
    yt_status status =
        ensemble_open_copy(result, overwrite, shards[0], fan_middle, FAN_NONE, log, &store);
    for (int32_t i = 1; !status && i < n; i++)
        status = ensemble_take(store, shards[i], log);
    if (status) {
        ensemble_discard(store);
        return status;
    }
    char runs[16], broken[16];
    *worlds = ensemble_runs(store);
    *of = ensemble_size(store);
    snprintf(runs, sizeof runs, "%d", (int)*worlds);
    snprintf(broken, sizeof broken, "%d", (int)ensemble_happened(store, "broken_month"));
    const store_fact fact[] = {{"runs", runs}, {"broken_worlds", broken}, {"command", command}};
    return ensemble_finish(store, fact, sizeof fact / sizeof *fact, log);
}
