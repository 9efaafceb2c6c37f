/* drawn.c - many worlds in memory: what each says to the record, and what is kept of it. */
#include "study/drawn.h"

#include "base/stats.h"
#include "base/team.h"
#include "study/record.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ABREAST 16    /* worlds of a thread that step together                   */
#define THRESHOLD 0.9 /* of the independence ratio: nothing here asks for its date */

typedef struct job {
    const yt_model *model;
    const yt_network *net;
    const probes *probes;
    const drawn_options *options;
    drawn *made;
    pthread_mutex_t lock;
    int32_t next, done;
    bool stop;
    yt_status status; /* of keeping what is done */
} job;

/* What a thread needs. */
typedef struct bench {
    job *job;
    yt_batch *batch;
    outcomes *outcome[ABREAST];
    probe_tally *tally; /* [ABREAST][probes] */
    record *record;
} bench;

static void free_bench(bench *b)
{
    for (int32_t i = 0; i < ABREAST; i++)
        outcomes_free(b->outcome[i]);
    yt_batch_free(b->batch);
    record_free(b->record);
    free(b->tally);
}

static yt_status make_bench(bench *b, job *j)
{
    *b = (bench){.job = j};
    yt_status status = record_new(j->net, j->model, &b->record);
    int32_t abreast = j->options->worlds < ABREAST ? j->options->worlds : ABREAST;
    if (!status)
        status = yt_batch_new(j->net, abreast, &b->batch);
    for (int32_t i = 0; !status && i < abreast; i++)
        status = outcomes_new(j->net, THRESHOLD, &b->outcome[i]);
    b->tally = calloc(ABREAST * (size_t)probes_count(j->probes) + 1, sizeof *b->tally);
    return status ? status : b->tally ? YT_OK : YT_ENOMEM;
}

static yt_run *run_of(const bench *b, int32_t i)
{
    return yt_batch_run(b->batch, i);
}

static probe_tally *tally_of(const bench *b, int32_t i)
{
    return b->tally + (size_t)i * (size_t)probes_count(b->job->probes);
}

static void begin(bench *b, int32_t first, int32_t n)
{
    const job *j = b->job;
    for (int32_t i = 0; i < n; i++) {
        if (j->options->is_central)
            yt_run_reset_central(j->net, run_of(b, i));
        else
            yt_run_reset(j->net, run_of(b, i), j->options->seed, (uint32_t)(first + i));
        outcomes_reset(b->outcome[i]);
    }
    yt_batch_limit(b->batch, n);
    memset(b->tally, 0, ABREAST * (size_t)probes_count(j->probes) * sizeof *b->tally);
}

static void note_month(bench *b, int32_t i)
{
    const job *j = b->job;
    outcomes_month(b->outcome[i], j->net, run_of(b, i), NULL);
    if (yt_run_status(run_of(b, i)) || yt_run_month(run_of(b, i)) <= j->net->start_month)
        return;
    store_month month = record_month(b->record, j->net, run_of(b, i));
    probes_month(j->probes, &month, tally_of(b, i));
}

static void keep(bench *b, int32_t i, int32_t world)
{
    const job *j = b->job;
    drawn *w = j->made;
    bool is_broken = yt_run_status(run_of(b, i)) != YT_OK;
    int32_t done = yt_run_month(run_of(b, i));
    size_t row = (size_t)world;
    for (int32_t k = 0; k < w->probes; k++) {
        w->value[row * (size_t)w->probes + (size_t)k] =
            probes_value(j->probes, k, tally_of(b, i), done);
        w->past[row * (size_t)w->probes + (size_t)k] = probes_is_past(j->probes, k, tally_of(b, i));
    }
    outcomes_finish(b->outcome[i], j->net, run_of(b, i), w->outcome + row * (size_t)w->outcomes,
                    w->censored + row * (size_t)w->outcomes);
    w->is_broken[world] = is_broken;
    w->is_done[world] = true;
}

/* ---------------------------------------------------------------------- what is done already */

typedef struct stretch { /* of memory */
    void *at;
    size_t bytes;
} stretch;

enum { STRETCHES = 5 };

/* All that is known of worlds first .. first + n - 1. */
static size_t stretches_of(const drawn *w, int32_t first, int32_t n, stretch of[STRETCHES])
{
    size_t from = (size_t)first, worlds = (size_t)n, sum = 0;
    size_t asked = (size_t)w->probes, kept = (size_t)w->outcomes;
    of[0] = (stretch){w->value + from * asked, worlds * asked * sizeof *w->value};
    of[1] = (stretch){w->past + from * asked, worlds * asked * sizeof *w->past};
    of[2] = (stretch){w->outcome + from * kept, worlds * kept * sizeof *w->outcome};
    of[3] = (stretch){w->censored + from * kept, worlds * kept * sizeof *w->censored};
    of[4] = (stretch){w->is_broken + from, worlds * sizeof *w->is_broken};
    for (int i = 0; i < STRETCHES; i++)
        sum += of[i].bytes;
    return sum;
}

static int32_t worlds_of_block(const job *j, int32_t block)
{
    int32_t left = j->options->worlds - block * ABREAST;
    return left < ABREAST ? left : ABREAST;
}

/* With the lock held. */
static yt_status write_block(job *j, int32_t block)
{
    stretch of[STRETCHES];
    size_t bytes = stretches_of(j->made, block * ABREAST, worlds_of_block(j, block), of);
    char *whole = malloc(bytes), *at = whole;
    if (!whole)
        return YT_ENOMEM;
    for (int i = 0; i < STRETCHES; at += of[i++].bytes)
        memcpy(at, of[i].at, of[i].bytes);
    yt_status status =
        parts_write(j->options->parts, j->options->ensemble, block, whole, bytes, j->options->log);
    free(whole);
    return status;
}

static yt_status read_block(job *j, int32_t block)
{
    stretch of[STRETCHES];
    int32_t n = worlds_of_block(j, block);
    size_t bytes = stretches_of(j->made, block * ABREAST, n, of);
    char *whole = malloc(bytes), *at = whole;
    if (!whole)
        return YT_ENOMEM;
    if (parts_read(j->options->parts, j->options->ensemble, block, whole, bytes)) {
        for (int i = 0; i < STRETCHES; at += of[i++].bytes)
            memcpy(of[i].at, at, of[i].bytes);
        memset(j->made->is_done + block * ABREAST, true, (size_t)n * sizeof *j->made->is_done);
        j->done += n;
    }
    free(whole);
    return YT_OK;
}

static yt_status read_blocks(job *j)
{
    yt_status status = YT_OK;
    for (int32_t b = 0; !status && j->options->parts && b * ABREAST < j->options->worlds; b++)
        status = read_block(j, b);
    return status;
}

static bool is_stopped(job *j)
{
    pthread_mutex_lock(&j->lock);
    bool stop = j->stop;
    pthread_mutex_unlock(&j->lock);
    return stop;
}

static void tell(job *j, int32_t n)
{
    const drawn_options *o = j->options;
    pthread_mutex_lock(&j->lock);
    j->done += n;
    if (o->progress && !o->progress(o->context, o->done + j->done, o->total, o->answer))
        j->stop = true;
    pthread_mutex_unlock(&j->lock);
}

/* Is there a month to go for any of them? */
static bool goes_on(const bench *b, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (!yt_run_status(run_of(b, i)) &&
            yt_run_month(run_of(b, i)) <= b->job->options->last_month)
            return true;
    return false;
}

static void do_worlds(bench *b, int32_t first, int32_t n)
{
    job *j = b->job;
    begin(b, first, n);
    while (goes_on(b, n)) {
        if (is_stopped(j))
            return;
        yt_batch_step(b->batch);
        for (int32_t i = 0; i < n; i++)
            note_month(b, i);
        tell(j, 0); /* somebody may wish to stop */
    }
    for (int32_t i = 0; i < n; i++)
        keep(b, i, first + i);
    if (j->options->parts) {
        pthread_mutex_lock(&j->lock);
        yt_status status = write_block(j, first / ABREAST);
        j->status = j->status ? j->status : status;
        j->stop = j->stop || status;
        pthread_mutex_unlock(&j->lock);
    }
    tell(j, n);
}

/* First world of the next block to do; *n: of how many, 0 when there is none. */
static int32_t take(job *j, int32_t *n)
{
    const drawn_options *o = j->options;
    int32_t block = 0;
    pthread_mutex_lock(&j->lock);
    *n = 0;
    while (!j->stop && *n == 0 && j->next * ABREAST < o->worlds) {
        block = j->next++;
        bool is_ours = o->shards == 0 || block % o->shards == o->shard;
        if (is_ours && !j->made->is_done[block * ABREAST])
            *n = worlds_of_block(j, block);
    }
    pthread_mutex_unlock(&j->lock);
    return block * ABREAST;
}

static void *work(void *context)
{
    bench *b = context;
    int32_t n, first;
    while (first = take(b->job, &n), n > 0)
        do_worlds(b, first, n);
    return NULL;
}

static yt_status make_room(drawn *w, const job *j, const bench *b)
{
    *w = (drawn){.n = j->options->worlds,
                 .probes = probes_count(j->probes),
                 .outcomes = outcomes_count(b->outcome[0])};
    size_t values = (size_t)w->n * (size_t)w->probes + 1;
    size_t numbers = (size_t)w->n * (size_t)w->outcomes + 1;
    w->value = calloc(values, sizeof *w->value);
    w->past = calloc(values, sizeof *w->past);
    w->outcome = calloc(numbers, sizeof *w->outcome);
    w->censored = calloc(numbers, sizeof *w->censored);
    w->is_broken = calloc((size_t)w->n + 1, sizeof *w->is_broken);
    w->is_done = calloc((size_t)w->n + 1, sizeof *w->is_done);
    return w->is_done && w->value && w->past && w->outcome && w->censored && w->is_broken
               ? YT_OK
               : YT_ENOMEM;
}

yt_status drawn_simulate(const yt_model *model, const yt_network *net, const probes *p,
                         const drawn_options *options, drawn *made)
{
    job j = {.model = model, .net = net, .probes = p, .options = options, .made = made};
    pthread_mutex_init(&j.lock, NULL);
    bench *team = calloc((size_t)options->threads, sizeof *team);
    yt_status status = team ? YT_OK : YT_ENOMEM;
    *made = (drawn){0};
    for (int32_t i = 0; !status && i < options->threads; i++)
        status = make_bench(&team[i], &j);
    if (!status)
        status = make_room(made, &j, &team[0]);
    if (!status)
        status = read_blocks(&j);
    if (!status)
        team_work(work, team, sizeof *team, options->threads);
    for (int32_t i = 0; !status && i < made->n; i++)
        made->broken += made->is_broken[i];
    for (int32_t i = 0; team && i < options->threads; i++)
        free_bench(&team[i]);
    free(team);
    pthread_mutex_destroy(&j.lock);
    if (!status)
        status = j.status;
    return !status && j.stop ? YT_ESTOPPED : status;
}

void drawn_free(drawn *w)
{
    free(w->value);
    free(w->past);
    free(w->outcome);
    free(w->censored);
    free(w->is_broken);
    free(w->is_done);
    *w = (drawn){0};
}

int32_t drawn_sorted(const drawn *w, int32_t at, double sorted[])
{
    int32_t n = 0;
    for (int32_t i = 0; i < w->n; i++) {
        double value = w->value[(size_t)i * (size_t)w->probes + (size_t)at];
        if (isfinite(value))
            sorted[n++] = value;
    }
    stats_sort(sorted, n);
    return n;
}
