/* judge.c - scores of many worlds against the record, by what was observed. */
#include "study/judge.h"

#include "base/math.h"
#include "base/score.h"
#include "base/stats.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORST 1000.0 /* factor beyond which a miss is a miss */

static const char *const kinds[] = {"price", "share", "quantity", "rent"};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ----------------------------------------------------------------------------------- rows */

/* A number on the scale of its errors: its logarithm, kept within WORST of what was seen. */
static double on_scale(double value, double seen, bool is_share)
{
    return is_share ? value : yt_ln(fmin(fmax(value, seen / WORST), seen * WORST));
}

double judge_error(double model, double low, double high, bool is_share)
{
    double nearest = fmin(fmax(model, low), high);
    if (is_share)
        return model - nearest;
    return nearest > 0 ? on_scale(model, nearest, false) - yt_ln(nearest) : 0;
}

/* The middle of what was seen, on the scale of errors. */
static double middle(const probe *b)
{
    return b->kind == PROBE_SHARE ? 0.5 * (b->low + b->high)
                                  : 0.5 * (yt_ln(b->low) + yt_ln(b->high));
}

static double share_past(const drawn *w, int32_t at)
{
    int32_t past = 0;
    for (int32_t i = 0; i < w->n; i++)
        past += w->past[(size_t)i * (size_t)w->probes + (size_t)at];
    return (double)past / w->n;
}

static void judge_row_of(const probe *b, double *sorted, int32_t n, judge_row *row)
{
    bool is_share = b->kind == PROBE_SHARE;
    double seen = is_share ? 0 : sqrt(b->low * b->high);
    row->q10 = stats_quantile(sorted, n, 0.1);
    row->median = stats_quantile(sorted, n, 0.5);
    row->q90 = stats_quantile(sorted, n, 0.9);
    row->error = judge_error(row->median, b->low, b->high, is_share);
    row->is_covered = row->q10 <= b->high && row->q90 >= b->low;
    for (int32_t i = 0; i < n; i++)
        sorted[i] = on_scale(sorted[i], seen, is_share);
    row->crps = score_crps(sorted, n, middle(b));
    row->pit = score_pit(sorted, n, middle(b));
}

void judge_rows(const probes *p, const drawn *w, int32_t first, int32_t n, double scratch[],
                judge_row rows[])
{
    for (int32_t i = 0; i < n; i++) {
        const probe *b = probes_at(p, first + i);
        judge_row *row = &rows[i];
        int32_t known = b->why ? 0 : drawn_sorted(w, first + i, scratch);
        *row = (judge_row){.probe = first + i, .q10 = NAN, .median = NAN, .q90 = NAN, .error = NAN};
        row->past = share_past(w, first + i);
        bool can_be = b->kind == PROBE_SHARE || b->low > 0;
        row->is_known = can_be && known > 0 && 2 * known >= w->n;
        if (known > 0 && can_be)
            judge_row_of(b, scratch, known, row);
        row->is_read = b->is_input || (row->past >= 0.5 && b->limit > 0 &&
                                       (!b->is_flagged_surplus || b->is_calibration));
    }
}

/* --------------------------------------------------------------------------------- groups */

bool judge_same(const probe *a, const probe *b)
{
    return a->kind == b->kind && a->commodity == b->commodity && a->region == b->region &&
           text_equal(a->variable, b->variable) &&
           (a->kind == PROBE_PRICE || (text_equal(a->seen.series, b->seen.series) &&
                                       text_equal(a->seen.product, b->seen.product) &&
                                       text_equal(a->seen.place, b->seen.place)));
}

/* One year of a group: its mean, or, without one, its end. */
typedef struct year_seen {
    int32_t year;
    bool is_mean;
    double low, high, model;
} year_seen;

static int by_year(const void *a, const void *b)
{
    const year_seen *x = a, *y = b;
    return x->year - y->year;
}

/* Years of the rows; a mean beats a year-end, several of a kind make a range. */
static int32_t find_years(const probes *p, const judge_row *const member[], int32_t n,
                          year_seen *year)
{
    int32_t years = 0;
    for (int32_t i = 0; i < n; i++) {
        const probe *b = probes_at(p, member[i]->probe);
        bool is_mean = text_equal(b->seen.freq, "A");
        int32_t at = 0;
        if (!is_mean && !text_equal(b->seen.freq, "E"))
            continue;
        while (at < years && year[at].year != b->first / 12)
            at++;
        if (at == years || (is_mean && !year[at].is_mean)) {
            year[at] = (year_seen){b->first / 12, is_mean, b->low, b->high, member[i]->median};
            years += at == years;
        } else if (is_mean == year[at].is_mean) {
            year[at].low = fmin(year[at].low, b->low);
            year[at].high = fmax(year[at].high, b->high);
        }
    }
    qsort(year, (size_t)years, sizeof *year, by_year);
    return years;
}

static double square(double x)
{
    return x * x;
}

static double miss(const year_seen *y, double forecast, bool is_share)
{
    return square(judge_error(forecast, y->low, y->high, is_share));
}

static double seen_of(const year_seen *y, bool is_share)
{
    return is_share ? 0.5 * (y->low + y->high) : sqrt(y->low * y->high);
}

/* Against the last value known when the hindcast starts, and against the trend then. */
static void score_from_start(judge_score *s, const year_seen *year, int32_t n, int32_t from,
                             bool is_share)
{
    double time[200], seen[200], trend[200];
    int32_t known = 0;
    n = n < 200 ? n : 200;
    while (known < n && year[known].year < from / 12)
        known++;
    known = known > 0 ? known : 1; /* nothing known before: the first counts as known */
    for (int32_t i = 0; i < n; i++) {
        time[i] = year[i].year;
        seen[i] = seen_of(&year[i], is_share);
        trend[i] = NAN;
    }
    if (!is_share && known >= 2)
        score_trend(time, seen, n, time[known - 1] + 0.5, trend);
    for (int32_t i = known; i < n; i++) {
        s->yearly++;
        s->square_model += miss(&year[i], year[i].model, is_share);
        s->square_frozen += miss(&year[i], seen[known - 1], is_share);
        if (isnan(trend[i]))
            continue;
        s->trends++;
        s->square_trend += miss(&year[i], trend[i], is_share);
        s->square_trend_model += miss(&year[i], year[i].model, is_share);
    }
}

/* From each year's observation by the model's change to the next. */
static void score_steps(judge_score *s, const year_seen *year, int32_t n, bool is_share)
{
    for (int32_t i = 1; i < n; i++) {
        if (year[i].year != year[i - 1].year + 1 || !(year[i - 1].model > 0))
            continue;
        double before = seen_of(&year[i - 1], is_share);
        double step = is_share ? before + year[i].model - year[i - 1].model
                               : before * year[i].model / year[i - 1].model;
        s->steps++;
        s->square_step += miss(&year[i], step, is_share);
        s->square_walk += miss(&year[i], before, is_share);
    }
}

/* Months by which the model's highest year is late; NAN with fewer than four years. */
static double timing_of(const year_seen *year, int32_t n, bool is_share)
{
    int32_t seen = 0, model = 0;
    for (int32_t i = 1; i < n; i++) {
        if (seen_of(&year[i], is_share) > seen_of(&year[seen], is_share))
            seen = i;
        if (year[i].model > year[model].model)
            model = i;
    }
    return n >= 4 ? 12.0 * (year[model].year - year[seen].year) : NAN;
}

static double root_mean(double sum, int32_t n)
{
    return n > 0 ? sqrt(sum / n) : NAN;
}

static void finish_skills(judge_score *s)
{
    s->skill =
        score_skill(root_mean(s->square_model, s->yearly), root_mean(s->square_frozen, s->yearly));
    s->skill_trend = score_skill(root_mean(s->square_trend_model, s->trends),
                                 root_mean(s->square_trend, s->trends));
    s->skill_step =
        score_skill(root_mean(s->square_step, s->steps), root_mean(s->square_walk, s->steps));
}

static double median_of(double *value, int32_t n)
{
    stats_sort(value, n);
    return n > 0 ? stats_quantile(value, n, 0.5) : NAN;
}

/* Why it misses, as far as the numbers tell. */
static void explain(judge_score *s, bool is_share, int32_t below)
{
    bool is_biased = fabs(s->bias) > (is_share ? 5 : yt_ln(1.25));
    int used = 0;
    s->reason[0] = '\0';
    if (s->n == 0)
        return;
    if (is_biased && (below >= 0.8 * s->n || below <= 0.2 * s->n))
        used = snprintf(s->reason, sizeof s->reason, "too %s throughout",
                        s->bias < 0 ? "low" : "high");
    else if (is_biased)
        used = snprintf(s->reason, sizeof s->reason, "mostly too %s", s->bias < 0 ? "low" : "high");
    else if (s->coverage80 < 0.65)
        used = snprintf(s->reason, sizeof s->reason, "no bias, but worlds differ too little");
    if (used > 0 && s->surplus > 0.3)
        snprintf(s->reason + used, sizeof s->reason - (size_t)used,
                 "; in surplus in %.0f %% of them: what throwing it away saves sets the price",
                 100 * s->surplus);
}

/* Scores of the rows themselves. */
static void score_members(const probes *p, const judge_row *const member[], int32_t n,
                          judge_score *s, double *scratch, double *seen)
{
    double squares = 0, sum = 0, covered = 0, crps = 0;
    int32_t below = 0;
    bool is_share = n > 0 && probes_at(p, member[0]->probe)->kind == PROBE_SHARE;
    s->n = n;
    for (int32_t i = 0; i < n; i++) {
        squares += square(member[i]->error);
        sum += fabs(member[i]->error);
        crps += member[i]->crps;
        covered += member[i]->is_covered;
        below += member[i]->error < 0;
        s->surplus += probes_at(p, member[i]->probe)->is_flagged_surplus ? member[i]->past / n : 0;
        s->pit[(int)fmin(JUDGE_PIT * member[i]->pit, JUDGE_PIT - 1)] += 1.0 / n;
        scratch[i] = member[i]->median;
        seen[i] = middle(probes_at(p, member[i]->probe));
    }
    s->rmsle = is_share ? NAN : root_mean(squares, n);
    s->mae = is_share && n > 0 ? sum / n : NAN;
    s->crps = n > 0 ? crps / n : NAN;
    s->coverage80 = n > 0 ? covered / n : NAN;
    s->pairs = n > 1 ? score_pairs(scratch, seen, n) : NAN;
    for (int32_t i = 0; i < n; i++)
        scratch[i] = member[i]->error;
    s->bias = median_of(scratch, n);
    explain(s, is_share, below);
}

static void name_group(const probes *p, const probe *b, judge_score *s)
{
    (void)p;
    *s = (judge_score){.series = b->seen.series,
                       .kind = kinds[b->kind],
                       .variable = b->variable,
                       .product = b->seen.product,
                       .place = b->seen.place,
                       .timing = NAN};
}

typedef struct workshop { /* scratch of judge_scores */
    const judge_row **member;
    double *a, *b;
    year_seen *year;
} workshop;

/* A row of a group is counted as read, as unknown, or becomes a member; the members there are. */
static int32_t admit(const judge_row *row, workshop *w, int32_t members, judge_score *s)
{
    if (row->is_read)
        s->read++;
    else if (!row->is_known)
        s->unknown++;
    else
        w->member[members++] = row;
    return members;
}

static void score_group(const probes *p, const judge_row rows[], int32_t n, int32_t first,
                        int32_t from, workshop *w, judge_score *s)
{
    const probe *lead = probes_at(p, rows[first].probe);
    bool is_share = lead->kind == PROBE_SHARE;
    int32_t members = 0;
    name_group(p, lead, s);
    for (int32_t i = first; i < n; i++) {
        if (!judge_same(lead, probes_at(p, rows[i].probe)))
            continue;
        members = admit(&rows[i], w, members, s);
    }
    score_members(p, w->member, members, s, w->a, w->b);
    int32_t years = find_years(p, w->member, members, w->year);
    if (years > 1) {
        score_from_start(s, w->year, years, from, is_share);
        score_steps(s, w->year, years, is_share);
        s->timing = timing_of(w->year, years, is_share);
    }
    finish_skills(s);
}

static bool is_first(const probes *p, const judge_row rows[], int32_t i)
{
    for (int32_t k = 0; k < i; k++)
        if (judge_same(probes_at(p, rows[k].probe), probes_at(p, rows[i].probe)))
            return false;
    return !probes_at(p, rows[i].probe)->why;
}

/* All rows of a kind and a variable together; skills from the sums of their groups. */
static void score_kind(const probes *p, const judge_row rows[], int32_t n, probe_kind kind,
                       const char *variable, const judge_score group[], int32_t groups, workshop *w,
                       judge_score *s)
{
    int32_t members = 0;
    *s = (judge_score){.series = "all",
                       .kind = kinds[kind],
                       .variable = variable,
                       .product = "",
                       .place = "",
                       .timing = NAN};
    for (int32_t i = 0; i < n; i++) {
        const probe *b = probes_at(p, rows[i].probe);
        bool is_paid = text_equal(b->variable, "price_paid");
        if (b->kind != kind || b->why || is_paid != text_equal(variable, "price_paid"))
            continue;
        members = admit(&rows[i], w, members, s);
    }
    score_members(p, w->member, members, s, w->a, w->b);
    for (int32_t g = 0; g < groups; g++) {
        if (!text_equal(group[g].kind, kinds[kind]) ||
            text_equal(group[g].variable, "price_paid") != text_equal(variable, "price_paid"))
            continue;
        s->yearly += group[g].yearly;
        s->steps += group[g].steps;
        s->trends += group[g].trends;
        s->square_model += group[g].square_model;
        s->square_frozen += group[g].square_frozen;
        s->square_trend += group[g].square_trend;
        s->square_trend_model += group[g].square_trend_model;
        s->square_step += group[g].square_step;
        s->square_walk += group[g].square_walk;
    }
    finish_skills(s);
}

int32_t judge_scores(const probes *p, const judge_row rows[], int32_t n, int32_t from,
                     arena *memory, judge_score score[], int32_t room)
{
    size_t most = (size_t)n + 1;
    workshop w = {arena_array(memory, most, sizeof *w.member),
                  arena_array(memory, most, sizeof *w.a), arena_array(memory, most, sizeof *w.b),
                  arena_array(memory, most, sizeof *w.year)};
    int32_t groups = 0, all;
    if (!w.member || !w.a || !w.b || !w.year)
        return 0;
    for (int32_t i = 0; i < n && groups < room; i++)
        if (is_first(p, rows, i))
            score_group(p, rows, n, i, from, &w, &score[groups++]);
    all = groups;
    for (int k = 0; k < KINDS && all < room; k++) {
        score_kind(p, rows, n, k, "", score, groups, &w, &score[all]);
        all += score[all].n + score[all].read + score[all].unknown > 0;
    }
    if (all < room) {
        score_kind(p, rows, n, PROBE_PRICE, "price_paid", score, groups, &w, &score[all]);
        all += score[all].n > 0;
    }
    return all;
}
