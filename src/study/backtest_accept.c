/* backtest_accept.c - which worlds the record does not rule out, and what they have in common.
 *
 * History matching: a world's distance to each group of rows is measured in standard deviations
 * of the record and of the model's known coarseness together.  The third largest distance is its
 * implausibility, so that no single group decides; worlds below CUT are kept, all of them.
 * Source: Vernon, Goldstein, Bower 2010, Bayesian Analysis 5(4); the cut is Pukelsheim's three.
 */
#include "study/backtest_inside.h"

#include "base/math.h"
#include "base/stats.h"
#include "sim/sim.h"

#include <math.h>
#include <stdlib.h>

#define CUT 3.0
#define RANK 3              /* largest distance that counts                              */
#define RECORD_ERROR 0.10   /* of a quotation or statistic beside its range, ln          */
#define RECORD_POINTS 2.0   /* the same of shares                                        */
#define MODEL_FACTOR 1.5    /* one standard deviation of the model, where no row says so */
#define MODEL_POINTS 5.0

/* Variance of what is seen around the truth, and of the model around it. */
static double variance_of(const probe *b)
{
    bool is_share = b->kind == PROBE_SHARE;
    double record = is_share ? RECORD_POINTS : RECORD_ERROR;
    double model = is_share ? MODEL_POINTS : yt_ln(MODEL_FACTOR);
    if (isfinite(b->tolerance) && b->tolerance > 1)
        model = is_share ? b->tolerance : yt_ln(b->tolerance);
    return record * record + model * model;
}

/* Groups of rows that are scored: group[row], NONE where it is not; how many. */
static int32_t find_groups(const plan *p, const ensemble *e, const backtest *b, int32_t *group)
{
    int32_t groups = 0;
    for (int32_t r = 0; r < p->rows; r++) {
        group[r] = YT_NONE;
        if (probes_at(e->probes, r)->why || !b->judged[r].is_known || b->judged[r].is_read)
            continue;
        for (int32_t k = 0; k < r && group[r] == YT_NONE; k++)
            if (group[k] != YT_NONE && judge_same(probes_at(e->probes, k), probes_at(e->probes, r)))
                group[r] = group[k];
        if (group[r] == YT_NONE)
            group[r] = groups++;
    }
    return groups;
}

/* Distances of a world, one a group; NAN: it says nothing. */
static void measure(const plan *p, const ensemble *e, const int32_t *group, int32_t groups,
                    int32_t world, double *distance, int32_t *count)
{
    for (int32_t g = 0; g < groups; g++)
        distance[g] = count[g] = 0;
    for (int32_t r = 0; r < p->rows; r++) {
        const probe *b = probes_at(e->probes, r);
        double value = value_of(&e->worlds, world, r);
        if (group[r] == YT_NONE || !isfinite(value))
            continue;
        double error = judge_error(value, b->low, b->high, b->kind == PROBE_SHARE);
        distance[group[r]] += error * error / variance_of(b);
        count[group[r]]++;
    }
    for (int32_t g = 0; g < groups; g++)
        distance[g] = count[g] > 0 ? sqrt(distance[g] / count[g]) : 0;
}

static double implausibility(double *distance, int32_t groups)
{
    if (groups == 0)
        return NAN;
    stats_sort(distance, groups);
    return distance[groups >= RANK ? groups - RANK : groups - 1];
}

/* ------------------------------------------------------------------------- what was learned */

static int by_distance(const void *a, const void *b)
{
    const backtest_parameter *x = a, *y = b;
    return (x->distance < y->distance) - (x->distance > y->distance);
}

/* Largest distance between the accepted worlds' shares, sorted, and those of all, which are
 * spread evenly. */
static double distance_to_even(const double *share, int32_t n)
{
    double most = 0;
    for (int32_t i = 0; i < n; i++)
        most = fmax(most, fmax(share[i] - (double)i / n, (double)(i + 1) / n - share[i]));
    return most;
}

static void learn_of(const ensemble *e, yt_run *run, uint64_t seed, int32_t draw, double *share,
                     backtest *b)
{
    int32_t n = 0;
    backtest_parameter *parameter = &b->parameter[b->parameters++];
    run->seed = seed;
    for (int32_t i = 0; i < b->worlds; i++)
        if (b->accepted[i]) {
            run->index = (uint32_t)i;
            share[n++] = sim_drawn_share(e->net, run, draw);
        }
    stats_sort(share, n);
    double spread = stats_quantile(share, n, 0.9) - stats_quantile(share, n, 0.1);
    *parameter = (backtest_parameter){arena_strdup(b->memory, e->net->draw[draw].name), stats_mean(share, n), spread / 0.8,
                                      distance_to_even(share, n)};
    /* 1 % point of Kolmogorov's distribution (Stephens 1974) */
    double root = sqrt(n);
    b->moved += parameter->distance > 1.628 / (root + 0.12 + 0.11 / root);
}

static yt_status learn(const ensemble *e, uint64_t seed, backtest *b)
{
    yt_run *run = NULL;
    double *share = arena_array(b->memory, (size_t)b->worlds + 1, sizeof *share);
    b->parameter = arena_array(b->memory, (size_t)e->net->draws + 1, sizeof *b->parameter);
    b->draws = e->net->draws;
    b->moved_by_chance = 0.01 * e->net->draws;
    if (!share || !b->parameter || yt_run_new(e->net, &run))
        return YT_ENOMEM;
    for (int32_t i = 0; i < e->net->draws && b->accepted_worlds > 0; i++)
        learn_of(e, run, seed, i, share, b);
    qsort(b->parameter, (size_t)b->parameters, sizeof *b->parameter, by_distance);
    yt_run_free(run);
    return YT_OK;
}

/* ------------------------------------------------------------------------------------ all */

/* Which groups rule out most worlds: the eight worst. */
static void note_rulers(const plan *p, const int32_t *group, int32_t groups, int32_t *ruled,
                        backtest *b)
{
    for (int32_t k = 0; k < 8; k++) {
        int32_t worst = 0;
        for (int32_t g = 1; g < groups; g++)
            worst = ruled[g] > ruled[worst] ? g : worst;
        if (groups == 0 || ruled[worst] <= 0)
            return;
        b->ruled_out_by[k] = ruled[worst];
        for (int32_t r = p->rows - 1; r >= 0; r--)
            if (group[r] == worst)
                b->ruled_out_name[k] =
                    arena_printf(b->memory, "%s %s %s", p->row[r].series, p->row[r].product,
                                 p->row[r].place);
        ruled[worst] = 0;
    }
}

yt_status accept_worlds(const plan *p, const ensemble *e, uint64_t seed, backtest *b)
{
    size_t rows = (size_t)p->rows + 1;
    int32_t *group = arena_array(b->memory, rows, sizeof *group);
    int32_t *count = arena_array(b->memory, rows, sizeof *count);
    int32_t *ruled = arena_array(b->memory, rows, sizeof *ruled);
    double *distance = arena_array(b->memory, rows, sizeof *distance);
    b->implausibility = arena_array(b->memory, (size_t)b->worlds + 1, sizeof(double));
    b->accepted = arena_array(b->memory, (size_t)b->worlds + 1, sizeof(bool));
    if (!group || !count || !ruled || !distance || !b->implausibility || !b->accepted)
        return YT_ENOMEM;
    int32_t groups = b->groups_used = find_groups(p, e, b, group);
    for (int32_t i = 0; i < b->worlds; i++) {
        measure(p, e, group, groups, i, distance, count);
        for (int32_t g = 0; g < groups; g++)
            ruled[g] += distance[g] > CUT;
        b->implausibility[i] = implausibility(distance, groups);
        b->accepted[i] = b->implausibility[i] <= CUT && !e->worlds.is_broken[i];
        b->accepted_worlds += b->accepted[i];
    }
    note_rulers(p, group, groups, ruled, b);
    return learn(e, seed, b);
}
