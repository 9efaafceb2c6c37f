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
#include "base/text.h"
#include "sim/sim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUT 3.0
#define RANK 3            /* largest distance that counts                              */
#define RECORD_ERROR 0.10 /* of a quotation or statistic beside its range, ln          */
#define RECORD_POINTS 2.0 /* the same of shares                                        */
#define MODEL_FACTOR 1.5  /* one standard deviation of the model, where no row says so */
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
    *parameter =
        (backtest_parameter){arena_strdup(b->memory, e->net->draw[draw].name), stats_mean(share, n),
                             spread / 0.8, distance_to_even(share, n)};
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

/* ---------------------------------------------------------------- one product left out in turn */

/* The worlds kept, as if there were no others; false: none, or no memory. */
static bool pick(const drawn *all, const bool *is_kept, arena *memory, drawn *kept)
{
    size_t width = (size_t)all->probes, n = 0;
    *kept = (drawn){.probes = all->probes};
    kept->value = arena_array(memory, (size_t)all->n * width + 1, sizeof *kept->value);
    kept->past = arena_array(memory, (size_t)all->n * width + 1, sizeof *kept->past);
    for (int32_t i = 0; kept->value && kept->past && i < all->n; i++)
        if (is_kept[i]) {
            memcpy(kept->value + n * width, all->value + (size_t)i * width,
                   width * sizeof *kept->value);
            memcpy(kept->past + n * width, all->past + (size_t)i * width,
                   width * sizeof *kept->past);
            n++;
        }
    kept->n = (int32_t)n;
    return n > 0;
}

/* Worlds that the prices of all products but one do not rule out; how many. */
static int32_t accept_without(const plan *p, const ensemble *e, const int32_t *group,
                              int32_t groups, int32_t commodity, arena *memory, bool *is_kept)
{
    int32_t kept = 0;
    int32_t *only = arena_array(memory, (size_t)p->rows + 1, sizeof *only);
    int32_t *count = arena_array(memory, (size_t)groups + 1, sizeof *count);
    double *distance = arena_array(memory, (size_t)groups + 1, sizeof *distance);
    if (!only || !count || !distance)
        return 0;
    for (int32_t r = 0; r < p->rows; r++) {
        const probe *b = probes_at(e->probes, r);
        only[r] = b->kind == PROBE_PRICE && b->commodity != commodity ? group[r] : YT_NONE;
    }
    for (int32_t i = 0; i < e->worlds.n; i++) {
        measure(p, e, only, groups, i, distance, count);
        is_kept[i] = implausibility(distance, groups) <= CUT && !e->worlds.is_broken[i];
        kept += is_kept[i];
    }
    return kept;
}

/* Scores of a product's price over the worlds that all other products leave. */
static void score_left_out(const plan *p, const ensemble *e, const int32_t *group, int32_t groups,
                           const judge_score *whole, int32_t commodity, int32_t from, backtest *b)
{
    drawn kept;
    arena *scratch = arena_new();
    bool *is_kept = arena_array(b->memory, (size_t)b->worlds + 1, sizeof *is_kept);
    judge_row *row = arena_array(b->memory, (size_t)p->rows + 1, sizeof *row);
    judge_score *score = arena_array(b->memory, (size_t)p->rows + 8, sizeof *score);
    double *sorted = arena_array(b->memory, (size_t)b->worlds + 1, sizeof *sorted);
    judge_score *out = &b->score[b->scores];
    if (!scratch || !is_kept || !row || !score || !sorted) {
        arena_free(scratch);
        return;
    }
    int32_t n = accept_without(p, e, group, groups, commodity, scratch, is_kept);
    *out = (judge_score){.kind = "price", .rmsle = NAN, .crps = NAN, .coverage80 = NAN};
    out->skill = out->skill_step = out->skill_trend = out->bias = out->pairs = out->timing = NAN;
    out->mae = NAN;
    if (pick(&e->worlds, is_kept, scratch, &kept)) {
        judge_rows(e->probes, &kept, 0, p->rows, sorted, row);
        int32_t scores = judge_scores(e->probes, row, p->rows, from, scratch, score, p->rows + 8);
        for (int32_t i = 0; i < scores; i++)
            if (text_equal(score[i].product, whole->product) &&
                text_equal(score[i].place, whole->place) &&
                text_equal(score[i].variable, whole->variable))
                *out = score[i];
    }
    out->series = "left out";
    out->variable = whole->variable;
    out->product = whole->product;
    out->place = whole->place;
    snprintf(out->reason, sizeof out->reason, "%d of %d worlds pass on the other products", (int)n,
             (int)b->worlds);
    b->scores++;
    arena_free(scratch);
}

/* Every price with years enough, held against worlds that were chosen without its product. */
static void leave_out(const plan *p, const ensemble *e, const int32_t *group, int32_t groups,
                      int32_t from, backtest *b)
{
    int32_t scores = b->scores;
    for (int32_t i = 0; i < scores; i++) {
        int32_t product = model_find(e->model, TABLE_product_name, b->score[i].product);
        if (!text_equal(b->score[i].series, "price") || b->score[i].yearly < 3 ||
            text_equal(b->score[i].variable, "price_paid") || product == YT_NONE)
            continue;
        int32_t commodity =
            model_at(e->model, TABLE_product_name, product, product_name_commodity)->id;
        score_left_out(p, e, group, groups, &b->score[i], commodity, from, b);
    }
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
                b->ruled_out_name[k] = arena_printf(b->memory, "%s %s %s", p->row[r].series,
                                                    p->row[r].product, p->row[r].place);
        ruled[worst] = 0;
    }
}

yt_status accept_worlds(const plan *p, const ensemble *e, uint64_t seed, int32_t from, backtest *b)
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
    leave_out(p, e, group, groups, from, b);
    return learn(e, seed, b);
}
