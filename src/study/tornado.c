/* tornado.c - which single input moves the answer of an ensemble most.
 *
 * In two steps, for thousands of inputs cannot each be turned up and down.  First the rank
 * correlation of each outcome with each draw, over all worlds there are: what a world drew can be
 * computed again from its number.  Then the inputs that stand out are turned one at a time to
 * their 5 and 95 % values, in the same worlds, all else as it was drawn.
 */
#include "study/tornado.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/math.h"
#include "base/team.h"
#include "base/text.h"
#include "sim/sim.h"
#include "store/ensemble.h"
#include "store/read.h"
#include "study/fan.h"
#include "study/outcomes.h"

#include <math.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define ABREAST SIM_REPLICATES
#define LOW 0.05
#define HIGH 0.95
#define SHOWN 20    /* inputs kept of each outcome                                      */
#define FEWEST 32   /* worlds that a correlation can rest on                            */
#define CHANCE 0.05 /* of any false alarm among all inputs                              */
#define SURE                                                                                       \
    3.6 /* errors of 16 replicates: the same chance for ten inputs turned                          \
           twice (Student, 15 degrees of freedom)                           */

typedef struct target { /* an outcome that is to be explained */
    const char *name, *region;
    double *value; /* [runs]; NAN: none      */
    double *rank;  /* [runs] mid-ranks, 0..1 */
    int32_t n;
    int32_t key; /* in outcomes.h */
} target;

typedef struct study {
    const yt_network *net;
    const tornado_options *o;
    yt_log *log;
    arena *memory;
    int32_t *run, runs; /* sound worlds of the ensemble */
    target *target;
    int32_t targets;
    double *rho, *error; /* [targets][draws] */
    int32_t *chosen, chosen_n;
    double *turned; /* [chosen][low, high][targets][worlds] */
    ensemble_effect *effect;
    int32_t effects, room;
    pthread_mutex_t lock;
    int32_t next, done;
    yt_status status;
    outcomes *keys;
} study;

/* -------------------------------------------------------------------------------- outcomes */

static yt_status read_runs(study *s, store_reader *reader)
{
    sqlite3_stmt *rows = NULL;
    int32_t n = 0;
    yt_status status = store_reader_prepare(
        reader, "SELECT run FROM outcome WHERE name = 'broken_month' AND censored = 1 ORDER BY run",
        s->log, &rows);
    if (status)
        return status;
    while (sqlite3_step(rows) == SQLITE_ROW)
        n++;
    sqlite3_reset(rows);
    s->run = arena_array(s->memory, (size_t)n + 1, sizeof *s->run);
    while (s->run && s->runs < n && sqlite3_step(rows) == SQLITE_ROW)
        s->run[s->runs++] = sqlite3_column_int(rows, 0);
    sqlite3_finalize(rows);
    return s->run ? YT_OK : YT_ENOMEM;
}

static yt_status read_values(study *s, store_reader *reader, target *t)
{
    sqlite3_stmt *rows = NULL;
    yt_status status = store_reader_prepare(
        reader, "SELECT run, value FROM outcome WHERE name = ?1 AND coalesce(region, '') = ?2",
        s->log, &rows);
    if (status)
        return status;
    sqlite3_bind_text(rows, 1, t->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 2, t->region, -1, SQLITE_STATIC);
    for (int32_t i = 0; i < s->runs; i++)
        t->value[i] = NAN;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        int32_t at = store_run_at(s->run, s->runs, sqlite3_column_int(rows, 0));
        if (at != YT_NONE)
            t->value[at] = sqlite3_column_double(rows, 1);
    }
    sqlite3_finalize(rows);
    return YT_OK;
}

typedef struct ordered {
    double value;
    int32_t at;
} ordered;

static int by_value(const void *a, const void *b)
{
    const ordered *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Equal values share the middle of their ranks: worlds that never got there are all alike. */
static yt_status rank(study *s, target *t)
{
    ordered *list = arena_array(s->memory, (size_t)s->runs + 1, sizeof *list);
    if (!list)
        return YT_ENOMEM;
    for (int32_t i = 0; i < s->runs; i++) {
        t->rank[i] = NAN;
        if (isfinite(t->value[i]))
            list[t->n++] = (ordered){t->value[i], i};
    }
    qsort(list, (size_t)t->n, sizeof *list, by_value);
    for (int32_t i = 0, end; i < t->n; i = end) {
        for (end = i + 1; end < t->n && list[end].value == list[i].value;)
            end++;
        for (int32_t k = i; k < end; k++)
            t->rank[list[k].at] = ((double)i + end) / (2.0 * t->n);
    }
    return YT_OK;
}

static bool varies(const target *t, int32_t runs)
{
    double low = INFINITY, high = -INFINITY;
    for (int32_t i = 0; i < runs; i++)
        if (isfinite(t->value[i])) {
            low = fmin(low, t->value[i]);
            high = fmax(high, t->value[i]);
        }
    return t->n >= FEWEST && high > low;
}

static yt_status add_target(study *s, store_reader *reader, int32_t key)
{
    outcome_key k = outcomes_key(s->keys, key);
    target *t = &s->target[s->targets];
    *t = (target){k.name,
                  k.region,
                  arena_array(s->memory, (size_t)s->runs + 1, sizeof(double)),
                  arena_array(s->memory, (size_t)s->runs + 1, sizeof(double)),
                  0,
                  key};
    if (!t->value || !t->rank)
        return YT_ENOMEM;
    yt_status status = read_values(s, reader, t);
    if (!status)
        status = rank(s, t);
    s->targets += !status && varies(t, s->runs);
    return status;
}

/* Dates of freedom, and the last year for which independence was kept. */
static bool is_wanted(const study *s, int32_t key, int32_t last_mark)
{
    char name[40], outside[40];
    outcome_key k = outcomes_key(s->keys, key);
    snprintf(name, sizeof name, "independence_%d", (int)last_mark);
    snprintf(outside, sizeof outside, "independence_outside_%d", (int)last_mark);
    const char *incumbent =
        s->net->incumbent == YT_NONE ? "" : s->net->regions.id[s->net->incumbent];
    if (*k.region && text_equal(k.region, incumbent))
        return false;
    return text_equal(k.name, "break_free_year") || text_equal(k.name, name) ||
           text_equal(k.name, outside);
}

/* The headline region's outcomes come first. */
static yt_status find_targets(study *s, store_reader *reader)
{
    yt_status status = YT_OK;
    int32_t n = outcomes_count(s->keys), mark = (s->o->last_month + 1) / 12 - 1;
    mark -= mark % 5;
    s->target = arena_array(s->memory, (size_t)n + 1, sizeof *s->target);
    if (!s->target)
        return YT_ENOMEM;
    for (int pass = 0; pass < 2; pass++)
        for (int32_t i = 0; !status && i < n; i++)
            if (is_wanted(s, i, mark) &&
                text_equal(outcomes_key(s->keys, i).region, s->o->headline) == (pass == 0))
                status = add_target(s, reader, i);
    return status;
}

/* ---------------------------------------------------------------------------- correlations */

typedef struct moments {
    double n, x, y, xx, yy, xy;
} moments;

static double correlation(const moments *m)
{
    double sx = m->xx - m->x * m->x / m->n, sy = m->yy - m->y * m->y / m->n;
    return sx > 0 && sy > 0 ? (m->xy - m->x * m->y / m->n) / sqrt(sx * sy) : 0;
}

/* With the jackknife's error: one replicate left out at a time. */
static void correlate(const study *s, const target *t, const double *share, double *rho,
                      double *error)
{
    moments all = {0}, part[SIM_REPLICATES] = {{0}};
    for (int32_t i = 0; i < s->runs; i++) {
        double x = share[i], y = t->rank[i];
        if (!isfinite(y))
            continue;
        moments *m = &part[s->run[i] % SIM_REPLICATES];
        m->n += 1;
        m->x += x;
        m->y += y;
        m->xx += x * x;
        m->yy += y * y;
        m->xy += x * y;
    }
    for (int r = 0; r < SIM_REPLICATES; r++)
        all = (moments){all.n + part[r].n,   all.x + part[r].x,   all.y + part[r].y,
                        all.xx + part[r].xx, all.yy + part[r].yy, all.xy + part[r].xy};
    double sum = 0, squares = 0;
    for (int r = 0; r < SIM_REPLICATES; r++) {
        const moments *p = &part[r];
        moments rest = {all.n - p->n,   all.x - p->x,   all.y - p->y,
                        all.xx - p->xx, all.yy - p->yy, all.xy - p->xy};
        double one = correlation(&rest);
        sum += one;
        squares += one * one;
    }
    *rho = correlation(&all);
    double spread = squares - sum * sum / SIM_REPLICATES;
    *error = sqrt(fmax(0, spread) * (SIM_REPLICATES - 1) / SIM_REPLICATES);
}

static yt_status correlate_all(study *s)
{
    size_t cells = (size_t)s->targets * (size_t)s->net->draws + 1;
    double *share = arena_array(s->memory, (size_t)s->runs + 1, sizeof *share);
    yt_run *run = NULL;
    s->rho = arena_array(s->memory, cells, sizeof *s->rho);
    s->error = arena_array(s->memory, cells, sizeof *s->error);
    if (!share || !s->rho || !s->error || yt_run_new(s->net, &run))
        return YT_ENOMEM;
    run->seed = s->o->seed;
    run->is_central = false;
    for (int32_t d = 0; d < s->net->draws; d++) {
        for (int32_t i = 0; i < s->runs; i++) {
            run->index = (uint32_t)s->run[i];
            share[i] = sim_drawn_share(s->net, run, d);
        }
        for (int32_t k = 0; k < s->targets; k++) {
            size_t at = (size_t)k * (size_t)s->net->draws + (size_t)d;
            correlate(s, &s->target[k], share, &s->rho[at], &s->error[at]);
        }
    }
    yt_run_free(run);
    return YT_OK;
}

/* What the largest of all correlations exceeds by chance once in twenty times. */
static double cut_of(const study *s, const target *t)
{
    double z = yt_normal_quantile(1 - CHANCE / 2 / fmax(1, s->net->draws));
    return z / sqrt(fmax(1, t->n - 1));
}

/* ------------------------------------------------------------------------------- one at a time */

static bool is_headline(const study *s, const target *t)
{
    return text_equal(t->region, s->o->headline) || !*t->region;
}

/* The largest correlation with an outcome of the headline, in units of its cut. */
static double standing(const study *s, int32_t draw)
{
    double most = 0;
    for (int32_t k = 0; k < s->targets; k++)
        if (is_headline(s, &s->target[k]))
            most = fmax(most, fabs(s->rho[(size_t)k * (size_t)s->net->draws + (size_t)draw]) /
                                  cut_of(s, &s->target[k]));
    return most;
}

static yt_status choose(study *s)
{
    bool *taken = arena_array(s->memory, (size_t)s->net->draws + 1, sizeof *taken);
    double *value = arena_array(s->memory, (size_t)s->net->draws + 1, sizeof *value);
    s->chosen = arena_array(s->memory, (size_t)s->o->turned + 1, sizeof *s->chosen);
    if (!taken || !value || !s->chosen)
        return YT_ENOMEM;
    for (int32_t d = 0; d < s->net->draws; d++)
        value[d] = s->net->draw[d].targets > 0 ? standing(s, d) : 0;
    while (s->chosen_n < s->o->turned) {
        int32_t best = YT_NONE;
        for (int32_t d = 0; d < s->net->draws; d++)
            if (!taken[d] && value[d] > 0 && (best == YT_NONE || value[d] > value[best]))
                best = d;
        if (best == YT_NONE)
            break;
        taken[best] = true;
        s->chosen[s->chosen_n++] = best;
    }
    return YT_OK;
}

static double *turned_at(const study *s, int32_t chosen, int side, int32_t k)
{
    size_t row = ((size_t)chosen * 2 + (size_t)side) * (size_t)s->targets + (size_t)k;
    return s->turned + row * (size_t)s->o->worlds;
}

typedef struct bench {
    study *s;
    yt_batch *batch;
    outcomes *outcome[ABREAST];
    double *value;
    bool *censored;
} bench;

static yt_status make_bench(bench *b, study *s)
{
    *b = (bench){.s = s};
    yt_status status = yt_batch_new(s->net, ABREAST, &b->batch);
    for (int i = 0; !status && i < ABREAST; i++)
        status = outcomes_new(s->net, s->o->threshold, &b->outcome[i]);
    size_t n = (size_t)outcomes_count(s->keys);
    b->value = malloc(n * sizeof *b->value);
    b->censored = malloc(n * sizeof *b->censored);
    return status ? status : b->value && b->censored ? YT_OK : YT_ENOMEM;
}

static void free_bench(bench *b)
{
    for (int i = 0; i < ABREAST; i++)
        outcomes_free(b->outcome[i]);
    yt_batch_free(b->batch);
    free(b->value);
    free(b->censored);
}

static bool is_stopped(study *s)
{
    pthread_mutex_lock(&s->lock);
    bool stop = s->status != YT_OK;
    pthread_mutex_unlock(&s->lock);
    return stop;
}

/* Worlds first .. first + n - 1 with one draw turned. */
static void turn(bench *b, int32_t chosen, int side, int32_t first, int32_t n)
{
    study *s = b->s;
    for (int32_t i = 0; i < n; i++) {
        sim_reset_turned(s->net, yt_batch_run(b->batch, i), s->o->seed, (uint32_t)(first + i),
                         s->chosen[chosen], side ? HIGH : LOW);
        outcomes_reset(b->outcome[i]);
    }
    yt_batch_limit(b->batch, n);
    int32_t months = s->o->last_month - s->net->first_month + 1;
    for (int32_t t = 0; t < months && t < s->net->months && !is_stopped(s); t++) {
        yt_batch_step(b->batch);
        outcomes_month_of_batch(b->outcome, s->net, b->batch, n);
    }
    for (int32_t i = 0; i < n; i++) {
        const yt_run *run = yt_batch_run(b->batch, i);
        outcomes_finish(b->outcome[i], s->net, run, b->value, b->censored);
        for (int32_t k = 0; k < s->targets; k++)
            turned_at(s, chosen, side, k)[first + i] =
                yt_run_status(run) == YT_OK ? b->value[s->target[k].key] : NAN;
    }
}

/* Jobs are counted input by input, side by side, sixteen worlds at a time. */
static void *work(void *context)
{
    bench *b = context;
    study *s = b->s;
    int32_t blocks = (s->o->worlds + ABREAST - 1) / ABREAST, jobs = s->chosen_n * 2 * blocks;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        int32_t job = s->status ? jobs : s->next++;
        pthread_mutex_unlock(&s->lock);
        if (job >= jobs)
            return NULL;
        int32_t first = job % blocks * ABREAST;
        int32_t n = s->o->worlds - first < ABREAST ? s->o->worlds - first : ABREAST;
        turn(b, job / blocks / 2, job / blocks % 2, first, n);
        pthread_mutex_lock(&s->lock);
        s->done += n;
        if (s->o->progress &&
            !s->o->progress(s->o->context, s->done, s->chosen_n * 2 * s->o->worlds, NULL))
            s->status = YT_ESTOPPED;
        pthread_mutex_unlock(&s->lock);
    }
}

static yt_status turn_all(study *s)
{
    size_t cells = (size_t)s->chosen_n * 2 * (size_t)s->targets * (size_t)s->o->worlds;
    bench *team = calloc((size_t)s->o->threads, sizeof *team);
    s->turned = arena_array(s->memory, cells + 1, sizeof *s->turned);
    yt_status status = team && s->turned ? YT_OK : YT_ENOMEM;
    for (int32_t i = 0; !status && i < s->o->threads; i++)
        status = make_bench(&team[i], s);
    if (!status)
        team_work(work, team, sizeof *team, s->o->threads);
    for (int32_t i = 0; team && i < s->o->threads; i++)
        free_bench(&team[i]);
    free(team);
    return status ? status : s->status;
}

/* ------------------------------------------------------------------------------------ bars */

/* Of the numbers that a draw sets: those of the model, not of the case. */
static const char *unit_of(const yt_network *net, const network_draw *draw)
{
    size_t at = draw->targets > 0 ? net->target[draw->first].offset : SIZE_MAX;
    for (variable_id v = 0; v < VAR_COUNT; v++) {
        variable_info info = network_variable(v);
        if (at >= net->offset[v] && at < net->offset[v] + (size_t)net->axis[info.axis])
            return info.unit;
    }
    return "";
}

static void add_effect(study *s, ensemble_effect x, int32_t draw)
{
    const network_draw *d = &s->net->draw[draw];
    if (s->effects >= s->room)
        return;
    x.parameter = d->name;
    x.unit = unit_of(s->net, d);
    x.low = x.high = NAN;
    if (d->targets > 0) {
        x.low = network_quantile(&s->net->target[d->first].spread, LOW);
        x.high = network_quantile(&s->net->target[d->first].spread, HIGH);
    }
    s->effect[s->effects++] = x;
}

static void add_ranked(study *s, int32_t k)
{
    const target *t = &s->target[k];
    const double *rho = s->rho + (size_t)k * (size_t)s->net->draws;
    const double *error = s->error + (size_t)k * (size_t)s->net->draws;
    double below = INFINITY;
    int32_t last = YT_NONE;
    for (int32_t n = 0; n < SHOWN; n++) {
        int32_t best = YT_NONE;
        for (int32_t d = 0; d < s->net->draws; d++) {
            double size = fabs(rho[d]);
            bool is_left = size < below || (size == below && d > last);
            if (is_left && (best == YT_NONE || size > fabs(rho[best])))
                best = d;
        }
        if (best == YT_NONE)
            return;
        below = fabs(rho[best]);
        last = best;
        add_effect(s,
                   (ensemble_effect){.outcome = t->name,
                                     .region = t->region,
                                     .method = "ranked",
                                     .effect_low = NAN,
                                     .effect_high = rho[best],
                                     .error = error[best],
                                     .cut = cut_of(s, t),
                                     .worlds = t->n},
                   best);
    }
}

/* Mean over worlds of turned less drawn, and its error over replicates. */
static double change(const study *s, int32_t chosen, int side, int32_t k, double *error,
                     int32_t *worlds)
{
    const double *turned = turned_at(s, chosen, side, k);
    double sum[SIM_REPLICATES] = {0}, mean = 0, squares = 0;
    int32_t n[SIM_REPLICATES] = {0}, used = 0;
    *worlds = 0;
    for (int32_t i = 0; i < s->runs && s->run[i] < s->o->worlds; i++) {
        double difference = turned[s->run[i]] - s->target[k].value[i];
        if (!isfinite(difference))
            continue;
        sum[s->run[i] % SIM_REPLICATES] += difference;
        n[s->run[i] % SIM_REPLICATES]++;
        ++*worlds;
    }
    for (int r = 0; r < SIM_REPLICATES; r++)
        if (n[r]) {
            mean += sum[r] / n[r];
            used++;
        }
    mean = used ? mean / used : NAN;
    for (int r = 0; r < SIM_REPLICATES; r++)
        if (n[r])
            squares += (sum[r] / n[r] - mean) * (sum[r] / n[r] - mean);
    *error = used > 1 ? sqrt(squares / (used - 1) / used) : NAN;
    return mean;
}

static void add_turned(study *s, int32_t chosen, int32_t k)
{
    double error[2];
    int32_t worlds[2];
    double low = change(s, chosen, 0, k, &error[0], &worlds[0]);
    double high = change(s, chosen, 1, k, &error[1], &worlds[1]);
    double larger = fabs(high) > fabs(low) ? error[1] : error[0];
    add_effect(s,
               (ensemble_effect){.outcome = s->target[k].name,
                                 .region = s->target[k].region,
                                 .method = "turned",
                                 .effect_low = low,
                                 .effect_high = high,
                                 .error = larger,
                                 .cut = SURE * larger,
                                 .worlds = worlds[0] < worlds[1] ? worlds[0] : worlds[1]},
               s->chosen[chosen]);
}

static yt_status make_bars(study *s)
{
    s->room = s->targets * (SHOWN + s->chosen_n);
    s->effect = arena_array(s->memory, (size_t)s->room + 1, sizeof *s->effect);
    if (!s->effect)
        return YT_ENOMEM;
    for (int32_t k = 0; k < s->targets; k++) {
        for (int32_t c = 0; c < s->chosen_n; c++)
            if (is_headline(s, &s->target[k]))
                add_turned(s, c, k);
        add_ranked(s, k);
    }
    return YT_OK;
}

static void sum_up(const study *s, tornado_summary *summary)
{
    *summary = (tornado_summary){s->net->draws, s->targets, s->runs, 0, ""};
    for (int32_t k = 0; k < s->targets; k++)
        for (int32_t d = 0; d < s->net->draws; d++)
            summary->beyond_chance += fabs(s->rho[(size_t)k * (size_t)s->net->draws + (size_t)d]) >
                                      cut_of(s, &s->target[k]);
    if (s->chosen_n > 0)
        summary->first = s->net->draw[s->chosen[0]].name;
}

static yt_status write(study *s)
{
    store_ensemble *store = NULL;
    yt_status status = ensemble_open_copy(s->o->result, s->o->overwrite, s->o->ensemble, fan_middle,
                                          FAN_NONE, s->log, &store);
    if (status)
        return status;
    status = ensemble_write_effects(store, s->effect, s->effects, s->log);
    if (status) {
        ensemble_discard(store);
        return status;
    }
    const store_fact fact[] = {{"tornado_command", s->o->command}};
    return ensemble_finish(store, fact, 1, s->log);
}

static yt_status find_out(study *s, tornado_summary *summary)
{
    store_reader *reader = NULL;
    yt_status status = store_reader_open(s->o->ensemble, s->log, &reader);
    if (!status)
        status = read_runs(s, reader);
    if (!status && s->runs < FEWEST) {
        log_error(s->log, YT_EDATA, place_at(s->o->ensemble, 0, 0),
                  "has %d sound worlds: too few to tell inputs apart, %d are needed", s->runs,
                  FEWEST);
        status = YT_EDATA;
    }
    if (!status)
        status = find_targets(s, reader);
    store_reader_close(reader);
    if (!status)
        status = correlate_all(s);
    if (!status)
        status = choose(s);
    if (!status && s->chosen_n > 0)
        status = turn_all(s);
    if (!status)
        status = make_bars(s);
    if (!status)
        sum_up(s, summary);
    return status ? status : write(s);
}

yt_status study_tornado(const yt_network *net, const tornado_options *options, yt_log *log,
                        tornado_summary *summary)
{
    study s = {.net = net, .o = options, .log = log, .memory = arena_new()};
    yt_status status = s.memory ? outcomes_new(net, options->threshold, &s.keys) : YT_ENOMEM;
    pthread_mutex_init(&s.lock, NULL);
    if (!status)
        status = find_out(&s, summary);
    pthread_mutex_destroy(&s.lock);
    outcomes_free(s.keys);
    arena_free(s.memory);
    return status;
}
