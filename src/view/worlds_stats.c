/* worlds_stats.c - what the worlds of an ensemble say together, and how sure that is. */
#include "view/worlds.h"

#include <math.h>
#include <string.h>

void worlds_over_replicates(const double replicate[WORLDS_REPLICATES], double *mean, double *error)
{
    double sum = 0, squares = 0;
    int32_t n = 0;
    for (int i = 0; i < WORLDS_REPLICATES; i++)
        if (isfinite(replicate[i])) {
            sum += replicate[i];
            n++;
        }
    *mean = n ? sum / n : NAN;
    for (int i = 0; i < WORLDS_REPLICATES; i++)
        if (isfinite(replicate[i]))
            squares += (replicate[i] - *mean) * (replicate[i] - *mean);
    *error = n > 1 ? sqrt(squares / (n - 1) / n) : NAN;
}

/* 95 % points of Student's t with 1 .. 15 degrees of freedom. */
double worlds_student(int32_t replicates)
{
    static const double point[] = {6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860,
                                   1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753};
    return replicates < 2 ? NAN : point[replicates > 16 ? 14 : replicates - 2];
}

/* Means of the replicates; NAN where one has no world with the number. */
static void replicate_means(const worlds *w, const double *value, double mean[WORLDS_REPLICATES])
{
    double sum[WORLDS_REPLICATES] = {0};
    int32_t n[WORLDS_REPLICATES] = {0};
    for (int32_t i = 0; i < w->runs; i++)
        if (isfinite(value[i])) {
            sum[w->run[i] % WORLDS_REPLICATES] += value[i];
            n[w->run[i] % WORLDS_REPLICATES]++;
        }
    for (int r = 0; r < WORLDS_REPLICATES; r++)
        mean[r] = n[r] ? sum[r] / n[r] : NAN;
}

/* The numbers that are known, sorted; on the arena. */
static double *sorted_of(const worlds *w, const double *value, int32_t *n)
{
    double *sorted = arena_array(w->view.memory, (size_t)w->runs + 1, sizeof *sorted);
    *n = 0;
    for (int32_t i = 0; sorted && i < w->runs; i++)
        if (isfinite(value[i]))
            sorted[(*n)++] = value[i];
    if (sorted)
        stats_sort(sorted, *n);
    return sorted;
}

worlds_estimate worlds_estimate_values(const worlds *w, const double *value)
{
    worlds_estimate e = {0, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    double replicate[WORLDS_REPLICATES], ignored, *sorted = sorted_of(w, value, &e.n);
    if (!sorted || e.n == 0)
        return e;
    replicate_means(w, value, replicate);
    worlds_over_replicates(replicate, &ignored, &e.error);
    e.mean = stats_mean(sorted, e.n);
    e.lowest = stats_quantile(sorted, e.n, 0.05);
    e.lower = stats_quantile(sorted, e.n, 0.25);
    e.middle = stats_quantile(sorted, e.n, 0.5);
    e.higher = stats_quantile(sorted, e.n, 0.75);
    e.highest = stats_quantile(sorted, e.n, 0.95);
    return e;
}

worlds_estimate worlds_estimate_of(const worlds *w, const worlds_number *number)
{
    return worlds_estimate_values(w, number->value);
}

/* ---------------------------------------------------------------------------------- dates */

typedef struct lives {
    stats_life *life;
    stats_survival *step;
    int32_t n, steps;
} lives;

/* Lives of the worlds of a replicate; YT_NONE: of all. */
static lives lives_of(const worlds *w, const worlds_number *number, int32_t replicate)
{
    lives l = {arena_array(w->view.memory, (size_t)w->runs + 1, sizeof *l.life),
               arena_array(w->view.memory, (size_t)w->runs + 1, sizeof *l.step), 0, 0};
    if (!l.life || !l.step)
        return l;
    for (int32_t i = 0; i < w->runs; i++)
        if (isfinite(number->value[i]) &&
            (replicate == YT_NONE || w->run[i] % WORLDS_REPLICATES == replicate))
            l.life[l.n++] = (stats_life){number->value[i], !number->censored[i]};
    stats_sort_lives(l.life, l.n);
    l.steps = stats_kaplan_meier(l.life, l.n, 0.95, l.step);
    return l;
}

static double first_below(const lives *l, bool upper, double share)
{
    for (int32_t i = 0; i < l->steps; i++)
        if ((upper ? l->step[i].high : l->step[i].low) <= share)
            return l->step[i].time;
    return INFINITY;
}

worlds_date worlds_date_of(const worlds *w, const worlds_number *number)
{
    lives l = lives_of(w, number, YT_NONE);
    worlds_date d = {.n = l.n, .steps = l.steps, .step = l.step, .share = NAN, .error = NAN};
    double replicate[WORLDS_REPLICATES], ignored;
    for (int r = 0; r < WORLDS_REPLICATES; r++) {
        lives one = lives_of(w, number, r);
        replicate[r] = one.n ? stats_share_ended(one.step, one.steps, INFINITY) : NAN;
    }
    worlds_over_replicates(replicate, &ignored, &d.error);
    for (int32_t i = 0; i < l.n; i++)
        d.came += l.life[i].has_ended;
    d.share = l.n ? stats_share_ended(l.step, l.steps, INFINITY) : NAN;
    d.early = stats_survival_time(l.step, l.steps, 0.25);
    d.median = stats_survival_time(l.step, l.steps, 0.5);
    d.late = stats_survival_time(l.step, l.steps, 0.75);
    d.median_earliest = first_below(&l, false, 0.5);
    d.median_latest = first_below(&l, true, 0.5);
    return d;
}
