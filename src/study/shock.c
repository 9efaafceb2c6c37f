/* shock.c - many worlds, each with a shock and without it, and what helps.
 *
 * Worlds know nothing of each other; which thread does one changes nothing.
 */
#include "study/shock.h"

#include "base/calendar.h"
#include "base/log.h"
#include "base/stats.h"
#include "base/team.h"
#include "sim/sim.h"
#include "study/record.h"

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

/* ---------------------------------------------------------------------------------- measures */

/* One thing that somebody could do; what of it is modelled: docs/model.md, "Shocks". */
typedef struct measure {
    const char *name, *what;
    double stock;      /* months of critical use laid in before           */
    double collection; /* times what reaches recyclers                    */
    double capacity;   /* times what plants where it is felt can run      */
    double thrift;     /* time of users to save, over what they need      */
    double mixing;     /* trouble of another good in place of one, over what it is */
    double friction;   /* trouble of a new supplier, over what it is      */
    double approved;   /* added to the share that passes                  */
} measure;

static const measure measures[SHOCK_MEASURES] = {
    {"stock_6", "state stocks of 6 months of critical use, laid in before", 6, 1, 1, 1, 1, 1, 0},
    {"stock_12", "the same of 12 months", 12, 1, 1, 1, 1, 1, 0},
    {"recycling", "twice as much of old goods reaches recyclers", 0, 2, 1, 1, 1, 1, 0},
    {"capacity", "plants where it is felt can run a tenth more", 0, 1, 1.1, 1, 1, 1, 0},
    {"thrift", "users learn to save in half the time", 0, 1, 1, 0.5, 1, 1, 0},
    {"substitution", "half the trouble of using one good in place of another", 0, 1, 1, 1, 0.5, 1,
     0},
    {"suppliers", "half the trouble of buying from other suppliers", 0, 1, 1, 1, 1, 0.5, 0},
    {"licences", "a quarter of the usual flow more is let pass", 0, 1, 1, 1, 1, 1, 0.25},
};

/* State stocks of every element the shock is about, where it is felt. */
static void add_stocks(shock_plan *p, const yt_network *net, double months)
{
    char text[64];
    for (int32_t e = 0; e < net->elements.count; e++)
        if (p->elements[e] && months > 0) {
            snprintf(text, sizeof text, "%s=%g", net->elements.id[e], months);
            shock_plan_stock(p, net, text, NULL);
        }
}

static shock_plan plan_with(const shock_plan *p, const yt_network *net, const measure *m)
{
    shock_plan with = *p;
    for (int32_t i = 0; i < with.events; i++)
        if (with.event[i].kind <= SHOCK_EMBARGO)
            with.event[i].share = fmin(1, with.event[i].share + m->approved);
    add_stocks(&with, net, m->stock);
    return with;
}

/* What a measure changes of a world for good. */
static void take_measure(const shock_plan *p, const yt_network *net, yt_run *run, const measure *m)
{
    for (int32_t s = 0; s < net->segments; s++)
        if (p->felt[net->segment[s].region])
            VIEW(net, run, thrift_down)[s] *= m->thrift;
    for (int32_t i = 0; i < net->uses; i++)
        if (p->felt[net->segment[net->use[i].segment].region])
            VIEW(net, run, mix_friction)[i] *= m->mixing;
    for (int32_t a = 0; a < net->arcs; a++)
        if (p->felt[net->node[net->arc[a].to].region])
            VIEW(net, run, friction)[a] *= m->friction;
}

/* And what it changes of a month whose figures are set. */
static void keep_measure(const shock_plan *p, const yt_network *net, yt_run *run, const measure *m)
{
    for (int32_t i = 0; i < net->uses; i++)
        if (p->felt[net->segment[net->use[i].segment].region])
            VIEW(net, run, shock_collection)[i] *= m->collection;
    for (int32_t i = 0; i < net->plants; i++)
        if (p->felt[net->plant[i].region])
            VIEW(net, run, shock_plant)[i] *= m->capacity;
}

/* ------------------------------------------------------------------------------------- worlds */

typedef struct job {
    const yt_network *net;
    const shock_plan *plan;
    const shock_options *options;
    shock_result *result;
    pthread_mutex_t lock;
    int32_t next, worlds, done;
    bool stop;
    double *measured; /* [worlds][measures][2] loss, share unmet */
    shock_plan tried[SHOCK_MEASURES];
} job;

typedef struct bench {
    job *job;
    yt_run *run, *before, *other;
    shock_leg *without, *with, *third;
    yt_status status;
} bench;

static void free_bench(bench *b)
{
    yt_run_free(b->run);
    yt_run_free(b->before);
    yt_run_free(b->other);
    shock_leg_free(b->without);
    shock_leg_free(b->with);
    shock_leg_free(b->third);
}

static yt_status make_bench(bench *b, job *j)
{
    *b = (bench){.job = j};
    int32_t months = j->plan->months + j->plan->watched;
    yt_status status = yt_run_new(j->net, &b->run);
    if (!status)
        status = yt_run_new(j->net, &b->before);
    if (!status)
        status = yt_run_new(j->net, &b->other);
    if (!status)
        status = shock_leg_new(j->net, months, &b->without);
    if (!status)
        status = shock_leg_new(j->net, months, &b->with);
    if (!status)
        status = shock_leg_new(j->net, months, &b->third);
    return status;
}

static bool is_stopped(job *j)
{
    pthread_mutex_lock(&j->lock);
    bool stop = j->stop;
    pthread_mutex_unlock(&j->lock);
    return stop;
}

static void begin_world(const job *j, yt_run *run, int32_t world)
{
    if (j->options->worlds == 0)
        yt_run_reset_central(j->net, run);
    else
        yt_run_reset(j->net, run, j->options->seed, (uint32_t)world);
}

static bool step_to_branch(job *j, yt_run *run)
{
    while (yt_run_month(run) < j->plan->start && !yt_run_status(run)) {
        yt_step(j->net, run);
        if (is_stopped(j))
            return false;
    }
    return true;
}

/* The world of `before` with another plan, for as long as the shock lasts and a year. */
static void try_plan(bench *b, const shock_plan *p, const measure *m, int32_t months)
{
    const yt_network *net = b->job->net;
    yt_run_copy(net, b->other, b->before);
    if (m)
        take_measure(p, net, b->other, m);
    shock_lay_in(p, net, b->other);
    b->third->broken = false;
    for (int32_t k = 0; k < months && !b->third->broken; k++) {
        shock_set_month(p, net, b->other, k);
        if (m)
            keep_measure(p, net, b->other, m);
        shock_follow_month(b->job->plan, net, b->other, k, b->third);
    }
}

static void try_measures(bench *b, int32_t world)
{
    job *j = b->job;
    int32_t months = j->plan->months + j->plan->watched;
    for (int32_t m = 0; m < SHOCK_MEASURES; m++) {
        double worst, *out = j->measured + ((size_t)world * SHOCK_MEASURES + (size_t)m) * 2;
        try_plan(b, &j->tried[m], &measures[m], months);
        out[0] = out[1] = NAN;
        if (b->third->broken || b->without->broken)
            continue;
        out[0] = shock_loss(j->plan, j->net, b->before, b->without, b->third, months, NULL);
        out[1] =
            shock_unmet_critical(j->plan, j->net, b->without, b->third, j->plan->months, &worst);
    }
}

/* Stocks of so many months hold the unserved share of critical use under the limit? */
static bool holds(bench *b, double stock)
{
    job *j = b->job;
    shock_plan p = *j->plan;
    double worst;
    p.stocks = 0;
    pthread_mutex_lock(&j->lock); /* names are read into the plan's memory */
    add_stocks(&p, j->net, stock);
    pthread_mutex_unlock(&j->lock);
    try_plan(b, &p, NULL, p.months);
    return !b->third->broken && shock_unmet_critical(j->plan, j->net, b->without, b->third,
                                                     p.months, &worst) <= j->options->limit;
}

#define MOST_STOCK 60 /* months of critical use */

/* By halving; more stock is taken to hold better. */
static double find_least_stock(bench *b)
{
    double low = 0, high = MOST_STOCK;
    if (holds(b, 0))
        return 0;
    if (!holds(b, MOST_STOCK))
        return INFINITY;
    while (high - low > 0.5) {
        double middle = 0.5 * (low + high);
        *(holds(b, middle) ? &high : &low) = middle;
    }
    return high;
}

static void keep_prices(const bench *b, shock_result *r)
{
    size_t bytes = (size_t)r->months * (size_t)b->job->net->nodes * sizeof(double);
    memcpy(r->price_without, b->without->price, bytes);
    memcpy(r->price_with, b->with->price, bytes);
}

/* Numbers of one world's paths. */
static size_t path_size(const shock_result *r)
{
    return (size_t)shock_path_count(r->answer) * (size_t)r->months;
}

static void simulate_world(bench *b, int32_t world)
{
    job *j = b->job;
    shock_result *r = j->result;
    int32_t months = r->months;
    begin_world(j, b->run, world);
    if (!step_to_branch(j, b->run))
        return;
    yt_run_copy(j->net, b->before, b->run);
    yt_run_copy(j->net, b->other, b->run);
    shock_follow(j->plan, NULL, j->net, b->run, 0, months, b->without);
    shock_lay_in(j->plan, j->net, b->other);
    shock_follow(j->plan, j->plan, j->net, b->other, 0, months, b->with);
    size_t at = (size_t)world * (size_t)r->numbers;
    shock_measure(r->answer, j->net, b->before, b->without, b->with, r->value + at,
                  r->censored + at);
    if (world == 0)
        keep_prices(b, r);
    if (world < r->followed)
        shock_measure_paths(r->answer, j->net, b->without, b->with,
                            r->path + (size_t)world * path_size(r));
    if (j->options->tries_measures)
        try_measures(b, world);
    if (!isnan(j->options->limit))
        r->least_stock[world] = find_least_stock(b);
}

static void tell(job *j, const bench *b)
{
    shock_result *r = j->result;
    pthread_mutex_lock(&j->lock);
    j->done++;
    r->broken += b->without->broken || b->with->broken;
    r->worst_closure =
        fmax(r->worst_closure, fmax(b->without->worst_closure, b->with->worst_closure));
    r->worst_certificate =
        fmax(r->worst_certificate, fmax(b->without->worst_certificate, b->with->worst_certificate));
    if (j->options->progress &&
        !j->options->progress(j->options->context, j->done, j->worlds, NULL))
        j->stop = true;
    pthread_mutex_unlock(&j->lock);
}

static int32_t take_world(job *j)
{
    pthread_mutex_lock(&j->lock);
    int32_t world = !j->stop && j->next < j->worlds ? j->next++ : YT_NONE;
    pthread_mutex_unlock(&j->lock);
    return world;
}

static void *work(void *context)
{
    bench *b = context;
    for (int32_t world; (world = take_world(b->job)) != YT_NONE;) {
        simulate_world(b, world);
        tell(b->job, b);
    }
    return NULL;
}

static yt_status run_threads(job *j, int32_t threads)
{
    bench *team = calloc((size_t)threads, sizeof *team);
    yt_status status = team ? YT_OK : YT_ENOMEM;
    for (int32_t i = 0; !status && i < threads; i++)
        status = make_bench(&team[i], j);
    if (!status)
        team_work(work, team, sizeof *team, threads);
    for (int32_t i = 0; team && i < threads; i++)
        free_bench(&team[i]);
    free(team);
    return status ? status : j->stop ? YT_ESTOPPED : YT_OK;
}

/* ------------------------------------------------------------------------------------ result */

static int compare_rows(const void *a, const void *b)
{
    double x = ((const shock_measure_row *)a)->loss, y = ((const shock_measure_row *)b)->loss;
    return x < y ? -1 : x > y;
}

/* Means over the worlds in which all of it is known; best first. */
static void sum_measures(const job *j)
{
    shock_result *r = j->result;
    r->measures = SHOCK_MEASURES;
    for (int32_t m = 0; m < SHOCK_MEASURES; m++) {
        double loss = 0, avoided = 0, unmet = 0;
        int32_t n = 0;
        for (int32_t w = 0; w < j->worlds; w++) {
            const double *at = j->measured + ((size_t)w * SHOCK_MEASURES + (size_t)m) * 2;
            double alone = r->value[(size_t)w * (size_t)r->numbers];
            if (isnan(at[0]) || isnan(alone))
                continue;
            loss += at[0];
            avoided += alone - at[0];
            unmet += at[1];
            n++;
        }
        r->measure[m] = (shock_measure_row){measures[m].name, measures[m].what, loss / n,
                                            avoided / n, unmet / n};
    }
    qsort(r->measure, SHOCK_MEASURES, sizeof *r->measure, compare_rows);
}

#define PATH_NUMBERS ((size_t)32 << 20) /* of all worlds: what is kept month by month, at most */

static yt_status make_paths(const job *j, shock_result *r)
{
    size_t most = PATH_NUMBERS / path_size(r);
    if (!j->options->result)
        return YT_OK;
    r->followed = most < (size_t)j->worlds ? (int32_t)(most > 0 ? most : 1) : j->worlds;
    r->path = malloc((size_t)r->followed * path_size(r) * sizeof *r->path);
    for (size_t i = 0; r->path && i < (size_t)r->followed * path_size(r); i++)
        r->path[i] = (float)NAN; /* a world that breaks before the branch */
    return r->path ? YT_OK : YT_ENOMEM;
}

static yt_status make_result(const job *j, const shock_bom *bom, shock_result *r)
{
    size_t worlds = (size_t)j->worlds, nodes = (size_t)j->net->nodes;
    yt_status status = shock_answer_new(j->plan, j->net, bom, &r->answer);
    if (status)
        return status;
    r->worlds = j->worlds;
    r->numbers = shock_answer_count(r->answer);
    r->months = j->plan->months + j->plan->watched;
    r->value = calloc(worlds * (size_t)r->numbers, sizeof *r->value);
    r->censored = calloc(worlds * (size_t)r->numbers, sizeof *r->censored);
    r->price_without = calloc((size_t)r->months * nodes, sizeof *r->price_without);
    r->price_with = calloc((size_t)r->months * nodes, sizeof *r->price_with);
    r->least_stock = calloc(worlds, sizeof *r->least_stock);
    return r->value && r->censored && r->price_without && r->price_with && r->least_stock
               ? make_paths(j, r)
               : YT_ENOMEM;
}

void shock_result_free(shock_result *r)
{
    if (!r)
        return;
    shock_answer_free(r->answer);
    free(r->value);
    free(r->censored);
    free(r->price_without);
    free(r->price_with);
    free(r->least_stock);
    free(r->path);
    free(r);
}

shock_spread shock_spread_of(const shock_result *r, int32_t number)
{
    shock_spread s = {.mean = NAN, .low = NAN, .median = NAN, .high = NAN};
    double *known = malloc((size_t)r->worlds * sizeof *known);
    for (int32_t w = 0; known && w < r->worlds; w++) {
        size_t at = (size_t)w * (size_t)r->numbers + (size_t)number;
        if (isnan(r->value[at]))
            continue;
        known[s.n++] = r->value[at];
        s.censored += r->censored[at];
    }
    if (s.n > 0) {
        stats_sort(known, s.n);
        s.mean = stats_mean(known, s.n);
        s.low = stats_quantile(known, s.n, 0.05);
        s.median = stats_quantile(known, s.n, 0.5);
        s.high = stats_quantile(known, s.n, 0.95);
    }
    free(known);
    return s;
}

/* ------------------------------------------------------------------------------ result file */

#define BEFORE 24 /* months shown before the shock */

/* The first world once more, as run 0 without the shock or run 1 with it. */
static yt_status write_leg(const job *j, bool with, yt_run *run, record *rec, yt_store *store,
                           yt_log *log)
{
    int32_t end = j->plan->start + j->result->months;
    yt_status status = YT_OK;
    begin_world(j, run, 0);
    while (!status && yt_run_month(run) < end) {
        int32_t k = yt_run_month(run) - j->plan->start;
        if (with && k == 0)
            shock_lay_in(j->plan, j->net, run);
        if (with && k >= 0)
            shock_set_month(j->plan, j->net, run, k);
        yt_step(j->net, run);
        status = yt_run_status(run);
        if (status || k < -BEFORE)
            continue;
        store_month month = record_month(rec, j->net, run);
        month.run = with;
        status = store_write_month(store, &month, log);
    }
    return status;
}

static yt_status write_outcomes(const job *j, yt_store *store, yt_log *log)
{
    const shock_result *r = j->result;
    store_outcome_key *key = calloc((size_t)r->numbers, sizeof *key);
    if (!key)
        return YT_ENOMEM;
    for (int32_t i = 0; i < r->numbers; i++) {
        shock_key k = shock_answer_key(r->answer, i);
        key[i] = (store_outcome_key){k.name, k.region, k.about, k.unit};
    }
    yt_status status =
        store_write_outcomes(store, key, r->numbers, r->worlds, r->value, r->censored, log);
    free(key);
    return status;
}

static yt_status finish(const job *j, const yt_model *model, yt_store *store, yt_log *log)
{
    char seed[24], runs[16], start[8], end[8], from[8], months[16], seconds[32], broken[16],
        watched[16], limit[32] = "", probability[32], why[256];
    const shock_result *r = j->result;
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)j->options->seed);
    snprintf(runs, sizeof runs, "%d", (int)r->worlds);
    snprintf(months, sizeof months, "%d", (int)j->plan->months);
    snprintf(seconds, sizeof seconds, "%.2f", r->seconds);
    calendar_format(j->plan->start - BEFORE, start);
    calendar_format(j->plan->start + r->months - 1, end);
    calendar_format(j->plan->start, from);
    snprintf(broken, sizeof broken, "%d", (int)r->broken);
    snprintf(watched, sizeof watched, "%d", (int)j->plan->watched);
    snprintf(probability, sizeof probability, "%g", j->options->probability);
    if (!isnan(j->options->limit))
        snprintf(limit, sizeof limit, "%g", j->options->limit);
    const char *explanation = shock_explain(j->plan, r, why, sizeof why);
    const store_fact fact[] = {
        {"case", model->name},
        {"title", model->title},
        {"case_hash", model->hash},
        {"study", "shock"},
        {"shock", j->plan->name},
        {"shock_description", j->plan->what},
        {"shock_from", from},
        {"shock_months", months},
        {"shock_watched", watched},
        {"explanation", explanation ? explanation : ""},
        {"limit", limit},
        {"probability", *limit ? probability : ""},
        {"runs", runs},
        {"broken_worlds", broken},
        {"seed", seed},
        {"version", yt_version()},
        {"command", j->options->command},
        {"start", start},
        {"end", end},
        {"seconds_simulating", seconds},
        {"worlds", j->options->worlds == 0 ? "the world of modes" : "drawn"}};
    return store_finish(store, fact, sizeof fact / sizeof *fact, log);
}

static yt_status write_result(const job *j, const yt_model *model, const shock_bom *bom,
                              yt_log *log)
{
    yt_store *store = NULL;
    record *rec = NULL;
    yt_run *run = NULL;
    yt_status status = yt_run_new(j->net, &run);
    if (!status)
        status = record_new(j->net, model, &rec);
    if (!status)
        status = store_create(j->options->result, j->options->overwrite, model, record_layout(rec),
                              log, &store);
    for (int with = 0; !status && with < 2; with++)
        status = write_leg(j, with, run, rec, store, log);
    if (!status)
        status = write_outcomes(j, store, log);
    if (!status)
        status = shock_keep(j->plan, j->net, bom, j->result, j->options, store, log);
    if (!status)
        status = finish(j, model, store, log);
    else
        store_abandon(store);
    record_free(rec);
    yt_run_free(run);
    return status;
}

/* ----------------------------------------------------------------------------------- the study */

/* Plans of measures are made before threads begin: names are read into the plan's memory. */
static yt_status do_worlds(job *j, int32_t threads)
{
    for (int32_t m = 0; m < SHOCK_MEASURES; m++)
        j->tried[m] = plan_with(j->plan, j->net, &measures[m]);
    j->measured = calloc((size_t)j->worlds * SHOCK_MEASURES * 2, sizeof *j->measured);
    return j->measured ? run_threads(j, threads < j->worlds ? threads : j->worlds) : YT_ENOMEM;
}

yt_status study_shock(const yt_model *model, const yt_network *net, const shock_plan *plan,
                      const shock_bom *bom, const shock_options *options, yt_log *log,
                      shock_result **made)
{
    shock_result *r = calloc(1, sizeof *r);
    if (!r)
        return YT_ENOMEM;
    job j = {.net = net,
             .plan = plan,
             .options = options,
             .result = r,
             .worlds = options->worlds > 0 ? options->worlds : 1};
    double start = now();
    pthread_mutex_init(&j.lock, NULL);
    yt_status status = make_result(&j, bom, r);
    if (!status)
        status = do_worlds(&j, options->threads);
    r->seconds = now() - start;
    if (!status && options->tries_measures)
        sum_measures(&j);
    if (!status && r->broken == r->worlds) {
        log_error(log, YT_ENUMERIC, place_none(),
                  "no world could be simulated to its end: a month was not certified");
        status = YT_ENUMERIC;
    }
    if (!status && options->result)
        status = write_result(&j, model, bom, log);
    free(j.measured);
    pthread_mutex_destroy(&j.lock);
    if (status)
        shock_result_free(r);
    else
        *made = r;
    return status;
}
