/* backtest_answers.c - what worlds say to targets, and years of worlds that decide. */
#include "study/backtest_inside.h"

#include "base/math.h"
#include "base/score.h"
#include "base/stats.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------------------- targets */

typedef struct asked { /* one target of the case */
    const yt_model *model;
    const plan *plan;
    const ensemble *e;
    int32_t row; /* of the table */
    const char *how;
    plan_target at;
    double times;
    double *number; /* [worlds] scratch: what each says */
} asked;

static const char *text_of(const yt_model *model, int32_t t, int32_t column)
{
    return model_at(model, TABLE_target, t, column)->text;
}

/* Month of the period in which the number is highest (or lowest); NONE: it is never known. */
static int32_t extreme(const asked *a, int32_t world, double sign)
{
    int32_t best = YT_NONE;
    for (int32_t m = 0; m < a->at.tops; m++) {
        double value = value_of(&a->e->worlds, world, a->at.top + m);
        if (isfinite(value) &&
            (best == YT_NONE ||
             sign * value > sign * value_of(&a->e->worlds, world, a->at.top + best)))
            best = m;
    }
    return best;
}

/* Years until the number is below `times` of the other one, after its peak; those of the whole
 * period when it never is. */
static double years_below(const asked *a, int32_t world, double over)
{
    int32_t m = extreme(a, world, 1);
    if (m == YT_NONE || !(over > 0))
        return NAN;
    while (m < a->at.tops && !(value_of(&a->e->worlds, world, a->at.top + m) < a->times * over))
        m++;
    return m / 12.0;
}

/* Years from the beginning until it is above `times`; those of the whole period when it never
 * is. */
static double years_above(const asked *a, int32_t world, double over)
{
    int32_t m = 0;
    if (extreme(a, world, 1) == YT_NONE)
        return NAN;
    while (m < a->at.tops && !(value_of(&a->e->worlds, world, a->at.top + m) > a->times * over))
        m++;
    return m / 12.0;
}

static bool within(const probe *b, const asked *a)
{
    int32_t first, last;
    const char *where = text_of(a->model, a->row, target_place);
    return model_period_parse(text_of(a->model, a->row, target_period), &first, &last) &&
           text_equal(b->seen.freq, "A") && b->first >= first && b->last <= last &&
           text_equal(b->seen.series, text_of(a->model, a->row, target_series)) &&
           text_equal(b->seen.product, text_of(a->model, a->row, target_product)) &&
           (!*where || text_equal(b->seen.place, where));
}

/* Root of the mean squared error of a world against the yearly records of the period. */
static double error_of_years(const asked *a, int32_t world)
{
    double sum = 0;
    int32_t n = 0;
    for (int32_t r = 0; r < a->plan->rows; r++) {
        const probe *b = probes_at(a->e->probes, r);
        double value = value_of(&a->e->worlds, world, r);
        if (b->why || b->is_input || !isfinite(value) || !within(b, a))
            continue;
        double error = judge_error(value, b->low, b->high, b->kind == PROBE_SHARE);
        sum += error * error;
        n++;
    }
    return n > 0 ? sqrt(sum / n) : NAN;
}

static asked ask_target(const yt_model *model, const plan *p, const ensemble *e, int32_t row,
                        double *number);
static double number_of(const asked *a, int32_t world);

/* The number of another target, which stands for none itself. */
static double number_of_other(const asked *a, int32_t row, int32_t world)
{
    asked other = ask_target(a->model, a->plan, a->e, row, a->number);
    bool is_plain = other.at.top_target == YT_NONE && other.at.over_target == YT_NONE;
    return is_plain ? number_of(&other, world) : NAN;
}

/* What the number is divided by; 1: nothing. */
static double divisor(const asked *a, int32_t world)
{
    if (a->at.over_target != YT_NONE)
        return number_of_other(a, a->at.over_target, world);
    return a->at.over == YT_NONE ? 1 : value_of(&a->e->worlds, world, a->at.over);
}

static bool is_ratio(const asked *a)
{
    return a->at.over != YT_NONE || a->at.over_target != YT_NONE;
}

static double number_of(const asked *a, int32_t world)
{
    const drawn *w = &a->e->worlds;
    if (text_equal(a->how, "rmsle"))
        return error_of_years(a, world);
    double over = divisor(a, world);
    if (a->at.top_target != YT_NONE)
        return over > 0 ? number_of_other(a, a->at.top_target, world) / over : NAN;
    if (text_equal(a->how, "below"))
        return years_below(a, world, over);
    if (text_equal(a->how, "above"))
        return years_above(a, world, over);
    bool is_mean = text_equal(a->how, "mean");
    int32_t m = is_mean ? 0 : extreme(a, world, text_equal(a->how, "trough") ? -1 : 1);
    if (m == YT_NONE || a->at.tops == 0 || (is_ratio(a) && !(over > 0)))
        return NAN;
    if (text_equal(a->how, "peak_date"))
        return (probes_at(a->e->probes, a->at.top + m)->first) / 12.0;
    return value_of(w, world, a->at.top + m) / over;
}

/* Units of the model's number in one of the target's. */
static double unit_factor(const asked *a, const backtest_target *t)
{
    const probe *b = a->at.tops > 0 ? probes_at(a->e->probes, a->at.top) : NULL;
    bool is_own =
        text_equal(a->how, "mean") || text_equal(a->how, "peak") || text_equal(a->how, "trough");
    return !b || b->why || is_ratio(a) || !is_own || !(t->low > 0) ? 1 : b->low / t->low;
}

static void judge_target(const asked *a, backtest_target *t)
{
    int32_t n = 0;
    double factor = unit_factor(a, t);
    for (int32_t i = 0; i < a->e->worlds.n; i++) {
        double number = number_of(a, i) / factor;
        if (!isfinite(number))
            continue;
        a->number[n++] = number;
        t->share += number >= t->low && number <= t->high;
        t->claim += number >= t->claim_low && number <= t->claim_high;
    }
    t->n = n;
    t->share = n > 0 ? t->share / n : NAN;
    t->claim = n > 0 ? t->claim / n : NAN;
    if (n == 0)
        return;
    stats_sort(a->number, n);
    t->q10 = stats_quantile(a->number, n, 0.1);
    t->value = stats_quantile(a->number, n, 0.5);
    t->q90 = stats_quantile(a->number, n, 0.9);
}

/* Number of an outcome; YT_NONE: there is none of the name. */
static int32_t find_outcome(const ensemble *e, const char *name, bool *is_share)
{
    outcomes *o = NULL;
    int32_t found = YT_NONE;
    if (outcomes_new(e->net, 0.9, &o))
        return YT_NONE;
    for (int32_t i = 0; i < outcomes_count(o) && found == YT_NONE; i++)
        if (text_equal(outcomes_key(o, i).name, name)) {
            found = i;
            *is_share = text_equal(outcomes_key(o, i).unit, "0 or 1");
        }
    outcomes_free(o);
    return found;
}

/* Half of the price rows of a world within a factor of the record? */
static bool follows_record(const asked *a, int32_t world, double *error)
{
    int32_t n = 0;
    for (int32_t r = 0; r < a->plan->rows; r++) {
        const probe *b = probes_at(a->e->probes, r);
        double value = value_of(&a->e->worlds, world, r);
        if (b->kind == PROBE_PRICE && !b->why && b->low > 0 && isfinite(value) &&
            b->first >= a->e->start)
            error[n++] = fabs(judge_error(value, b->low, b->high, false));
    }
    stats_sort(error, n);
    return n > 0 && stats_quantile(error, n, 0.5) <= yt_ln(a->times);
}

static void judge_share(const asked *a, int32_t outcome, bool only_followers, double *error,
                        backtest_target *t)
{
    double sum = 0;
    for (int32_t i = 0; i < a->e->worlds.n; i++) {
        double value =
            a->e->worlds.outcome[(size_t)i * (size_t)a->e->worlds.outcomes + (size_t)outcome];
        if (isnan(value) || (only_followers && !follows_record(a, i, error)))
            continue;
        sum += value;
        t->n++;
    }
    t->value = t->n > 0 ? sum / t->n : NAN;
    double spread = t->n > 0 ? 1.2816 * sqrt(t->value * (1 - t->value) / t->n) : NAN;
    t->q10 = fmax(0, t->value - spread); /* of the share: 80 % of samples of this size */
    t->q90 = fmin(1, t->value + spread);
}

/* Median time until something happened, worlds cut short counted as such. */
static void judge_time(const asked *a, int32_t outcome, backtest_target *t)
{
    const drawn *w = &a->e->worlds;
    stats_life *life = calloc((size_t)w->n + 1, sizeof *life);
    stats_survival *step = calloc((size_t)w->n + 1, sizeof *step);
    for (int32_t i = 0; life && step && i < w->n; i++) {
        size_t at = (size_t)i * (size_t)w->outcomes + (size_t)outcome;
        if (isfinite(w->outcome[at]) && w->outcome[at] >= 0)
            life[t->n++] = (stats_life){w->outcome[at], !w->censored[at]};
    }
    if (t->n > 0) {
        stats_sort_lives(life, t->n);
        int32_t steps = stats_kaplan_meier(life, t->n, 0.95, step);
        t->q10 = stats_survival_time(step, steps, 0.1);
        t->value = stats_survival_time(step, steps, 0.5);
        t->q90 = stats_survival_time(step, steps, 0.9);
        t->share = stats_share_ended(step, steps, t->high) - stats_share_ended(step, steps, t->low);
    }
    free(life);
    free(step);
}

static void judge_outcome(const asked *a, const char *name, double *error, backtest_target *t)
{
    bool is_share = false, only_followers = text_equal(a->how, "follows");
    int32_t outcome = find_outcome(a->e, name, &is_share);
    if (outcome == YT_NONE)
        return;
    if (is_share || only_followers)
        judge_share(a, outcome, only_followers, error, t);
    else
        judge_time(a, outcome, t);
}

static asked ask_target(const yt_model *model, const plan *p, const ensemble *e, int32_t row,
                        double *number)
{
    return (asked){.model = model,
                   .plan = p,
                   .e = e,
                   .row = row,
                   .how = text_of(model, row, target_how),
                   .at = p->target[row],
                   .times = model_at(model, TABLE_target, row, target_times)->number,
                   .number = number};
}

static const char *unit_of(const asked *a)
{
    if (text_equal(a->how, "below") || text_equal(a->how, "above"))
        return "years";
    if (text_equal(a->how, "peak_date"))
        return "date";
    return is_ratio(a) ? "ratio" : text_of(a->model, a->row, target_unit);
}

static double number_in_row(const asked *a, int32_t column)
{
    return model_at(a->model, TABLE_target, a->row, column)->number;
}

static backtest_target begin_target(const asked *a)
{
    const char *event = text_of(a->model, a->row, target_event);
    double high = number_in_row(a, target_value_high), claim = number_in_row(a, target_claim_low),
           claim_high = number_in_row(a, target_claim_high);
    return (backtest_target){.kind = isfinite(claim)                  ? TARGET_FORECAST
                                     : text_equal(event, "published") ? TARGET_PUBLISHED
                                                                      : TARGET_EVENT,
                             .id = text_of(a->model, a->row, target_id),
                             .event = event,
                             .published = text_of(a->model, a->row, target_published),
                             .fact = text_of(a->model, a->row, target_fact),
                             .grade = text_of(a->model, a->row, target_grade),
                             .how = a->how,
                             .unit = unit_of(a),
                             .row = a->row,
                             .start = a->e->start,
                             .low = number_in_row(a, target_value_low),
                             .high = isfinite(high) ? high : INFINITY,
                             .q10 = NAN,
                             .value = NAN,
                             .q90 = NAN,
                             .claim_low = claim,
                             .claim_high = isfinite(claim_high) ? claim_high : INFINITY,
                             .verdict = ""};
}

#define CONFIDENT 0.8  /* of worlds: a forecast of ours that would be told as one         */
#define SURPRISED 0.05 /* of worlds: what happened could not have been foreseen from them */

/* A failed forecast is not to be repeated with confidence, nor what happened ruled out. */
static void judge_forecast(backtest_target *t)
{
    bool repeats = t->claim >= CONFIDENT, rules_out = t->share < SURPRISED;
    t->inside = t->n > 0 && !repeats && !rules_out;
    t->verdict = t->n == 0   ? "no answer"
                 : repeats   ? "repeats the forecast with confidence"
                 : rules_out ? "does not repeat it, but rules out what happened"
                             : "does not repeat it, and leaves room for what happened";
}

/* Is this row asked of these worlds?  Rows with a start of their own of no others; outcomes of
 * worlds that decide before it could begin. */
static bool is_asked(const asked *a, bool of_decisions)
{
    int32_t first, last;
    if (a->at.start != YT_NONE)
        return a->e->start == a->at.start;
    if (!of_decisions)
        return a->e->start == YT_NONE;
    return a->e->is_free &&
           (!model_period_parse(text_of(a->model, a->row, target_period), &first, &last) ||
            a->e->start <= first);
}

void answer_targets(const yt_model *model, const plan *p, const ensemble *e, backtest *b)
{
    double *number = arena_array(b->memory, (size_t)e->worlds.n + 1, sizeof *number);
    double *error = arena_array(b->memory, (size_t)p->rows + 1, sizeof *error);
    for (int32_t i = 0; number && error && i < model->table[TABLE_target].rows; i++) {
        asked a = ask_target(model, p, e, i, number);
        bool of_decisions = text_equal(a.how, "outcome") || text_equal(a.how, "follows");
        if (!is_asked(&a, of_decisions))
            continue;
        backtest_target *t = &b->target[b->targets++];
        *t = begin_target(&a);
        if (of_decisions)
            judge_outcome(&a, text_of(model, i, target_series), error, t);
        else
            judge_target(&a, t);
        t->inside = t->value >= t->low && t->value <= t->high;
        if (t->kind == TARGET_FORECAST)
            judge_forecast(t);
    }
}

/* ---------------------------------------------------------------------------------- years */

typedef struct year_rule { /* where a band's numbers come from */
    const drawn *worlds, *dated;
    int32_t top, rest; /* first probes: value, or share top / (top + rest); rest NONE */
} year_rule;

static double number_in(const drawn *w, int32_t world, const year_rule *rule, int32_t y)
{
    double top = value_of(w, world, rule->top + y);
    if (rule->rest == YT_NONE)
        return top;
    double whole = top + value_of(w, world, rule->rest + y);
    return whole > 0 ? 100 * top / whole : NAN;
}

/* One year's quantiles and scores; false: nobody knows. */
static bool add_year(backtest *b, const double seen, double *number, int32_t n, int32_t band,
                     int32_t year, double *crps)
{
    if (n == 0 || !isfinite(seen))
        return false;
    stats_sort(number, n);
    backtest_year *y = &b->year[b->years++];
    *y = (backtest_year){band,
                         year,
                         seen,
                         stats_quantile(number, n, 0.1),
                         stats_quantile(number, n, 0.5),
                         stats_quantile(number, n, 0.9)};
    b->band[band].years++;
    b->band[band].covered += y->q10 <= seen && seen <= y->q90;
    *crps += score_crps(number, n, seen);
    return true;
}

static void finish_band(backtest_band *band, double crps, double still, double total, bool is_share)
{
    double scale = is_share ? band->years : total; /* a share of what was seen */
    band->crps = scale > 0 ? crps / scale : NAN;
    band->persistence = scale > 0 ? still / scale : NAN;
}

static void add_band(const plan *p, int32_t start, const year_rule *rule, const char *measure,
                     const char *stage, double *number, backtest *b)
{
    int32_t first = start / 12 - p->first_year, at = b->bands++;
    double crps = 0, still = 0, total = 0;
    double before = number_in(rule->dated, 0, rule, first > 0 ? first - 1 : 0);
    b->band[at] = (backtest_band){.start = start, .measure = measure, .stage = stage};
    for (int32_t y = first; y < p->years; y++) {
        int32_t n = 0;
        double seen = number_in(rule->dated, 0, rule, y);
        for (int32_t i = 0; i < rule->worlds->n; i++) {
            number[n] = number_in(rule->worlds, i, rule, y);
            n += isfinite(number[n]);
        }
        if (!add_year(b, seen, number, n, at, p->first_year + y, &crps))
            continue;
        still += fabs(seen - before);
        total += seen;
    }
    finish_band(&b->band[at], crps, still, total, rule->rest != YT_NONE);
}

/* ------------------------------------------------------- what the record says of mines outside */

/* Mean of a year's records of mine output: of the world, or of all of a region; NONE: no row. */
static bool is_mined_row(const plan *p, const ensemble *e, int32_t r, int32_t region, int32_t year)
{
    const probe *b = probes_at(e->probes, r);
    return !b->why && text_equal(b->variable, "mined") && text_equal(p->row[r].freq, "A") &&
           b->first / 12 == year && b->region == region &&
           (region == YT_NONE || text_equal(p->row[r].product, "TREO"));
}

static double seen_mined(const plan *p, const ensemble *e, int32_t region, int32_t year,
                         int32_t *row)
{
    double sum = 0;
    int32_t n = 0;
    for (int32_t r = 0; r < p->rows; r++)
        if (is_mined_row(p, e, r, region, year)) {
            sum += 0.5 * (probes_at(e->probes, r)->low + probes_at(e->probes, r)->high);
            *row = r;
            n++;
        }
    return n > 0 ? sum / n : NAN;
}

static void add_mined(const plan *p, const ensemble *e, double *number, backtest *b)
{
    int32_t at = b->bands++, start = e->start / 12;
    double crps = 0, still = 0, total = 0, before = NAN;
    b->band[at] = (backtest_band){.start = e->start, .measure = "mined, on record", .stage = ""};
    for (int32_t year = p->first_year; year < p->first_year + p->years; year++) {
        int32_t all = YT_NONE, own = YT_NONE, n = 0;
        double seen =
            seen_mined(p, e, YT_NONE, year, &all) - seen_mined(p, e, e->net->incumbent, year, &own);
        if (!isfinite(seen))
            continue;
        if (year < start || isnan(before)) {
            before = seen;
            if (year < start)
                continue;
        }
        for (int32_t i = 0; i < e->worlds.n; i++) {
            number[n] = value_of(&e->worlds, i, all) - value_of(&e->worlds, i, own);
            n += isfinite(number[n]);
        }
        if (!add_year(b, seen, number, n, at, year, &crps))
            continue;
        still += fabs(seen - before);
        total += seen;
    }
    finish_band(&b->band[at], crps, still, total, false);
}

void answer_bands(const yt_model *model, const plan *p, const ensemble *e, const drawn *dated,
                  backtest *b)
{
    double *number = arena_array(b->memory, (size_t)e->worlds.n + 1, sizeof *number);
    if (!number || e->net->incumbent == YT_NONE)
        return;
    add_mined(p, e, number, b);
    for (int32_t s = 0; s < e->net->stages.count; s++) {
        const char *stage = model_at(model, TABLE_stage, s, stage_id)->text;
        year_rule output = {&e->worlds, dated, plan_year(p, s, YEAR_OUTPUT, 0), YT_NONE};
        year_rule capacity = {&e->worlds, dated, plan_year(p, s, YEAR_CAPACITY, 0), YT_NONE};
        year_rule share = {&e->worlds, dated, plan_year(p, s, YEAR_INCUMBENT, 0),
                           plan_year(p, s, YEAR_OUTPUT, 0)};
        add_band(p, e->start, &output, "output", stage, number, b);
        add_band(p, e->start, &capacity, "capacity", stage, number, b);
        add_band(p, e->start, &share, "share of the incumbent", stage, number, b);
    }
}
