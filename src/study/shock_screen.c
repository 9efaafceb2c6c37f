/* shock_screen.c - every element stopped by every origin that ships it, for 3 to 24 months.
 *
 * A world is simulated to the month before once; each cell branches off there.  A stop of 24
 * months is one of 3 that went on, so lengths share their months.
 */
#include "study/shock.h"

#include "base/log.h"
#include "base/team.h"
#include "sim/sim.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const int32_t screen_length[SCREEN_LENGTHS] = {3, 6, 12, 24};

#define AFTER 6       /* months that are counted after a stop: plants still wait for their feed */
#define SHIPPED 0.005 /* t of element a month; an origin that ships less is left out */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct cell {
    shock_plan *plan[SCREEN_LENGTHS];
} cell;

typedef struct job {
    const yt_network *net;
    const screen_options *options;
    screen_result *result;
    cell *cell; /* [rows] */
    yt_run *before;
    shock_leg *without;
    pthread_mutex_t lock;
    int32_t next, done, total;
    bool stop;
} job;

/* --------------------------------------------------------------------------------- what to try */

/* Elements in what an origin usually ships, t/month. */
static double usually_shipped(const yt_network *net, const yt_run *run, const bool *goods,
                              int32_t element, int32_t origin)
{
    double sum = 0;
    for (int32_t i = 0; i < net->arcs; i++) {
        const network_arc *arc = &net->arc[i];
        if (arc->kind == ARC_OPEN && goods[arc->commodity] &&
            net->node[arc->from].region == origin && net->node[arc->to].region != origin)
            sum += VIEW(net, run, usual_flow)[i] *
                   net->content[(size_t)arc->commodity * (size_t)net->elements.count +
                                (size_t)element];
    }
    return sum;
}

static yt_status plan_cell(const job *j, const screen_row *row, cell *c, yt_log *log)
{
    char text[128];
    yt_status status = YT_OK;
    const yt_network *net = j->net;
    snprintf(text, sizeof text, "%s:%s%s", net->regions.id[row->origin],
             j->options->mostly ? "=" : "", net->elements.id[row->element]);
    for (int l = 0; !status && l < SCREEN_LENGTHS; l++) {
        status = shock_plan_new(net, &c->plan[l]);
        if (status)
            return status;
        c->plan[l]->start = j->options->start;
        c->plan[l]->watched = AFTER;
        status = shock_plan_cut(c->plan[l], net, text, screen_length[l], log);
        if (!status)
            status = shock_plan_settle(c->plan[l], net, log);
        if (!status && j->options->felt)
            status = shock_plan_felt(c->plan[l], net, j->options->felt, log);
    }
    return status;
}

/* A row for each element that an origin ships; the last of them are found in the first world. */
static yt_status list_rows(job *j, yt_log *log)
{
    const yt_network *net = j->net;
    screen_result *r = j->result;
    size_t most = (size_t)net->elements.count * (size_t)net->regions.count;
    r->row = calloc(most, sizeof *r->row);
    j->cell = calloc(most, sizeof *j->cell);
    bool *goods = calloc((size_t)net->commodities.count, sizeof *goods);
    shock_plan like = {.least_content = 1e-3};
    yt_status status = r->row && j->cell && goods ? YT_OK : YT_ENOMEM;
    for (int32_t e = 0; !status && e < net->elements.count; e++) {
        memset(goods, 0, (size_t)net->commodities.count * sizeof *goods);
        shock_goods_of(&like, net, e, j->options->mostly, goods);
        for (int32_t o = 0; !status && o < net->regions.count; o++) {
            double usual = usually_shipped(net, j->before, goods, e, o);
            if (usual < SHIPPED)
                continue;
            r->row[r->rows] =
                (screen_row){.element = e,
                             .origin = o,
                             .usual = usual,
                             .by_end_use = calloc(SCREEN_LENGTHS * (size_t)net->end_uses.count + 1,
                                                  sizeof *r->row->by_end_use)};
            status = r->row[r->rows].by_end_use
                         ? plan_cell(j, &r->row[r->rows], &j->cell[r->rows], log)
                         : YT_ENOMEM;
            r->rows++;
        }
    }
    free(goods);
    return status;
}

/* ------------------------------------------------------------------------------------ one row */

typedef struct bench {
    job *job;
    yt_run *run, *branch;
    shock_leg *with;
    double *by_end_use;
} bench;

static void keep_cell(bench *b, screen_row *row, const shock_plan *p, int l)
{
    job *j = b->job;
    double worst, weighted = 0;
    if (b->with->broken || j->without->broken) {
        row->loss[l] = row->weighted[l] = row->unmet[l] = NAN;
        pthread_mutex_lock(&j->lock);
        j->result->broken++;
        pthread_mutex_unlock(&j->lock);
        return;
    }
    row->loss[l] +=
        shock_loss(p, j->net, j->before, j->without, b->with, p->months + AFTER, b->by_end_use);
    for (int32_t u = 0; u < j->net->end_uses.count; u++) {
        weighted += j->options->weight[u] * b->by_end_use[u];
        row->by_end_use[l * j->net->end_uses.count + u] += b->by_end_use[u];
    }
    row->weighted[l] += weighted;
    row->unmet[l] +=
        shock_unmet_critical(p, j->net, j->without, b->with, p->months + AFTER, &worst);
}

/* The stop goes on; at each length a branch sees it end. */
static void do_row(bench *b, int32_t i)
{
    job *j = b->job;
    const yt_network *net = j->net;
    shock_plan *const *plan = j->cell[i].plan;
    const shock_plan *longest = plan[SCREEN_LENGTHS - 1];
    int32_t k = 0;
    yt_run_copy(net, b->run, j->before);
    for (int l = 0; l < SCREEN_LENGTHS; l++) {
        int32_t end = screen_length[l];
        shock_follow(longest, longest, net, b->run, k, end, b->with);
        k = end;
        b->with->broken = yt_run_status(b->run) != YT_OK;
        yt_run_copy(net, b->branch, b->run);
        shock_follow(longest, plan[l], net, b->branch, end, end + AFTER, b->with);
        keep_cell(b, &j->result->row[i], plan[l], l);
        b->with->broken = yt_run_status(b->run) != YT_OK;
    }
}

static int32_t take_row(job *j)
{
    pthread_mutex_lock(&j->lock);
    j->done++;
    int32_t percent = (int32_t)(100.0 * j->done / j->total);
    if (j->options->progress && !j->options->progress(j->options->context, percent, 100, NULL))
        j->stop = true;
    int32_t row = !j->stop && j->next < j->result->rows ? j->next++ : YT_NONE;
    pthread_mutex_unlock(&j->lock);
    return row;
}

static void *work(void *context)
{
    bench *b = context;
    for (int32_t row; (row = take_row(b->job)) != YT_NONE;)
        do_row(b, row);
    return NULL;
}

static yt_status make_bench(bench *b, job *j)
{
    *b = (bench){.job = j};
    yt_status status = yt_run_new(j->net, &b->run);
    if (!status)
        status = yt_run_new(j->net, &b->branch);
    if (!status)
        status = shock_leg_new(j->net, screen_length[SCREEN_LENGTHS - 1] + AFTER, &b->with);
    b->by_end_use = calloc((size_t)j->net->end_uses.count, sizeof *b->by_end_use);
    return status ? status : b->by_end_use ? YT_OK : YT_ENOMEM;
}

static void free_bench(bench *b)
{
    yt_run_free(b->run);
    yt_run_free(b->branch);
    shock_leg_free(b->with);
    free(b->by_end_use);
}

static yt_status do_rows(job *j, bench *team)
{
    j->next = 0;
    team_work(work, team, sizeof *team, j->options->threads);
    return j->stop ? YT_ESTOPPED : YT_OK;
}

/* ---------------------------------------------------------------------------------- the study */

static int compare_rows(const void *a, const void *b)
{
    const screen_row *x = a, *y = b;
    double more = y->weighted[2] - x->weighted[2]; /* a year's stop: what officials plan for */
    return more > 0 ? 1 : more < 0 ? -1 : 0;
}

static yt_status do_world(job *j, int32_t world, bench *team, yt_log *log)
{
    const yt_network *net = j->net;
    if (j->options->worlds == 0)
        yt_run_reset_central(net, j->before);
    else
        yt_run_reset(net, j->before, j->options->seed, (uint32_t)world);
    while (yt_run_month(j->before) < j->options->start && !yt_run_status(j->before))
        yt_step(net, j->before);
    yt_status status = world == 0 ? list_rows(j, log) : YT_OK;
    if (status || j->result->rows == 0)
        return status;
    j->total = j->result->rows * (j->options->worlds > 0 ? j->options->worlds : 1);
    yt_run_copy(net, team[0].run, j->before);
    shock_follow(j->cell[0].plan[SCREEN_LENGTHS - 1], NULL, net, team[0].run, 0, j->without->months,
                 j->without);
    return do_rows(j, team);
}

static void finish(const job *j)
{
    screen_result *r = j->result;
    double worlds = j->options->worlds > 0 ? j->options->worlds : 1;
    for (int32_t i = 0; i < r->rows; i++)
        for (int l = 0; l < SCREEN_LENGTHS; l++) {
            r->row[i].loss[l] /= worlds;
            r->row[i].weighted[l] /= worlds;
            r->row[i].unmet[l] /= worlds;
            for (int32_t u = 0; u < j->net->end_uses.count; u++)
                r->row[i].by_end_use[l * j->net->end_uses.count + u] /= worlds;
        }
    r->cells = r->rows * SCREEN_LENGTHS;
    for (int32_t i = 0; i < r->rows; i++)
        for (int l = 0; l < SCREEN_LENGTHS; l++)
            shock_plan_free(j->cell[i].plan[l]);
    free(j->cell);
    qsort(r->row, (size_t)r->rows, sizeof *r->row, compare_rows);
}

yt_status study_screen(const yt_network *net, const screen_options *options, yt_log *log,
                       screen_result **made)
{
    screen_result *r = calloc(1, sizeof *r);
    bench *team = calloc((size_t)options->threads, sizeof *team);
    job j = {.net = net, .options = options, .result = r};
    double start = now();
    pthread_mutex_init(&j.lock, NULL);
    yt_status status = r && team ? yt_run_new(net, &j.before) : YT_ENOMEM;
    if (!status)
        status = shock_leg_new(net, screen_length[SCREEN_LENGTHS - 1] + AFTER, &j.without);
    for (int32_t i = 0; !status && i < options->threads; i++)
        status = make_bench(&team[i], &j);
    for (int32_t w = 0; !status && (w == 0 || w < options->worlds); w++)
        status = do_world(&j, w, team, log);
    if (r)
        finish(&j);
    for (int32_t i = 0; team && i < options->threads; i++)
        free_bench(&team[i]);
    free(team);
    yt_run_free(j.before);
    shock_leg_free(j.without);
    pthread_mutex_destroy(&j.lock);
    if (status) {
        screen_result_free(r);
        return status;
    }
    r->seconds = now() - start;
    *made = r;
    return YT_OK;
}

void screen_result_free(screen_result *r)
{
    for (int32_t i = 0; r && i < r->rows; i++)
        free(r->row[i].by_end_use);
    if (r)
        free(r->row);
    free(r);
}
