/* backtest_keep.c - the answers of a backtest into a result file. */
#include "study/backtest_inside.h"

#include "base/calendar.h"

#include <math.h>
#include <stdio.h>

static const char *const kinds[] = {"price", "share", "quantity", "rent"};

static const char *name_start(int32_t start, char text[8])
{
    if (start == YT_NONE)
        return "dated";
    calendar_format(start, text);
    return text;
}

static yt_status keep_scores(yt_store *store, const backtest *b, yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->scores; i++) {
        const judge_score *s = &b->score[i];
        status =
            STORE_ROW(store, log, "f_score", STORE_TEXT(s->kind), STORE_TEXT(s->series),
                      STORE_TEXT(s->variable), STORE_TEXT(s->product), STORE_TEXT(s->place),
                      STORE_NUMBER(s->n), STORE_NUMBER(s->read), STORE_NUMBER(s->unknown),
                      STORE_NUMBER(s->rmsle), STORE_NUMBER(s->mae), STORE_NUMBER(s->bias),
                      STORE_NUMBER(s->crps), STORE_NUMBER(s->coverage80), STORE_NUMBER(s->pairs),
                      STORE_NUMBER(s->yearly), STORE_NUMBER(s->skill), STORE_NUMBER(s->skill_trend),
                      STORE_NUMBER(s->skill_step), STORE_NUMBER(s->timing), STORE_TEXT(s->reason));
    }
    return status;
}

static const char *verdict(const probe *row, const judge_row *judged)
{
    if (row->why)
        return row->why;
    if (!judged->is_known)
        return "most worlds have no answer then";
    return judged->is_read ? "read" : judged->is_covered ? "covered" : "missed";
}

static yt_status keep_rows(yt_store *store, const backtest *b, yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->rows; i++) {
        const probe *row = &b->row[i];
        const judge_row *j = &b->judged[i], *paid = &b->judged[b->rows + i];
        bool is_compared = !row->why && j->is_known;
        status = STORE_ROW(
            store, log, "f_match", STORE_NUMBER(i), STORE_TEXT(kinds[row->kind]),
            STORE_TEXT(row->seen.series), STORE_TEXT(row->variable), STORE_TEXT(row->seen.product),
            STORE_TEXT(row->seen.place), STORE_TEXT(row->seen.period), STORE_TEXT(row->unit),
            STORE_NUMBER(row->low), STORE_NUMBER(row->high), STORE_NUMBER(j->q10),
            STORE_NUMBER(j->median), STORE_NUMBER(j->q90),
            STORE_NUMBER(is_compared ? paid->median : NAN),
            STORE_NUMBER(is_compared ? j->error : NAN), STORE_NUMBER(is_compared ? j->crps : NAN),
            STORE_NUMBER(is_compared ? j->pit : NAN), STORE_TEXT(verdict(row, j)));
    }
    return status;
}

/* NAN, which is kept as nothing, for what has no end. */
static double or_nothing(double number)
{
    return isfinite(number) ? number : NAN;
}

static yt_status keep_targets(yt_store *store, const backtest *b, yt_log *log)
{
    char start[8];
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->targets; i++) {
        const backtest_target *t = &b->target[i];
        if (t->kind != TARGET_EVENT)
            continue;
        status = STORE_ROW(store, log, "f_target", STORE_TEXT(t->id), STORE_TEXT(t->event),
                           STORE_TEXT(name_start(t->start, start)), STORE_TEXT(t->fact),
                           STORE_NUMBER(t->low), STORE_NUMBER(t->high), STORE_NUMBER(t->q10),
                           STORE_NUMBER(t->value), STORE_NUMBER(t->q90), STORE_TEXT(t->unit),
                           STORE_NUMBER(t->n), STORE_NUMBER(t->inside));
    }
    return status;
}

static yt_status keep_forecasts(yt_store *store, const backtest *b, yt_log *log)
{
    char start[8];
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->targets; i++) {
        const backtest_target *t = &b->target[i];
        if (t->kind == TARGET_FORECAST)
            status = STORE_ROW(store, log, "f_forecast", STORE_TEXT(t->id),
                               STORE_TEXT(t->published), STORE_TEXT(name_start(t->start, start)),
                               STORE_TEXT(t->fact), STORE_NUMBER(t->claim_low),
                               STORE_NUMBER(or_nothing(t->claim_high)), STORE_NUMBER(t->claim),
                               STORE_NUMBER(t->low), STORE_NUMBER(or_nothing(t->high)),
                               STORE_NUMBER(t->share), STORE_NUMBER(t->q10), STORE_NUMBER(t->value),
                               STORE_NUMBER(t->q90), STORE_TEXT(t->unit), STORE_NUMBER(t->n),
                               STORE_NUMBER(t->inside), STORE_TEXT(t->verdict));
    }
    return status;
}

static yt_status keep_published(yt_store *store, const backtest *b, yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->publisheds; i++) {
        const backtest_published *p = &b->published[i];
        status = STORE_ROW(store, log, "f_published", STORE_TEXT(p->id), STORE_TEXT(p->kind),
                           STORE_TEXT(p->study), STORE_TEXT(p->finding), STORE_TEXT(p->tolerance),
                           STORE_TEXT(p->grade), STORE_TEXT(backtest_answered_by(p)),
                           STORE_NUMBER(p->parts), STORE_NUMBER(p->parts_inside),
                           STORE_NUMBER(p->parts > 0 ? p->inside : NAN), STORE_TEXT(p->why));
    }
    return status;
}

static yt_status keep_bands(yt_store *store, const backtest *b, yt_log *log)
{
    char start[8];
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->bands; i++) {
        const backtest_band *band = &b->band[i];
        status =
            STORE_ROW(store, log, "f_band", STORE_TEXT(name_start(band->start, start)),
                      STORE_TEXT(band->measure), STORE_TEXT(band->stage), STORE_NUMBER(band->years),
                      STORE_NUMBER(band->years > 0 ? (double)band->covered / band->years : NAN),
                      STORE_NUMBER(band->crps), STORE_NUMBER(band->persistence));
    }
    for (int32_t i = 0; !status && i < b->years; i++) {
        const backtest_year *y = &b->year[i];
        const backtest_band *band = &b->band[y->band];
        status = STORE_ROW(store, log, "f_band_year", STORE_TEXT(name_start(band->start, start)),
                           STORE_TEXT(band->measure), STORE_TEXT(band->stage),
                           STORE_NUMBER(y->year), STORE_NUMBER(y->seen), STORE_NUMBER(y->q10),
                           STORE_NUMBER(y->median), STORE_NUMBER(y->q90));
    }
    return status;
}

static yt_status keep_accepted(yt_store *store, const backtest *b, yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && b->accepted && i < b->worlds; i++)
        status = STORE_ROW(store, log, "f_accepted", STORE_NUMBER(i),
                           STORE_NUMBER(b->implausibility[i]), STORE_NUMBER(b->accepted[i]));
    for (int32_t i = 0; !status && i < b->parameters; i++) {
        const backtest_parameter *p = &b->parameter[i];
        status = STORE_ROW(store, log, "f_learned", STORE_TEXT(p->name), STORE_NUMBER(p->mean),
                           STORE_NUMBER(p->spread), STORE_NUMBER(p->distance));
    }
    return status;
}

static yt_status finish(yt_store *store, const yt_model *model, const backtest_options *options,
                        const backtest *b, yt_log *log)
{
    char count[16], seed[24], broken[16];
    snprintf(count, sizeof count, "%d", (int)b->worlds);
    snprintf(broken, sizeof broken, "%d", (int)b->broken[0]);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)options->seed);
    const store_fact fact[] = {
        {"case_hash", model->hash},
        {"study", "backtest"},
        {"worlds", count},
        {"broken_worlds", broken},
        {"seed", seed},
        {"version", yt_version()},
        {"command", options->command},
        {"observations", options->observations ? options->observations : "of the case"},
    };
    return store_finish(store, fact, sizeof fact / sizeof *fact, log);
}

yt_status keep_backtest(const yt_model *model, const backtest_options *options, const backtest *b,
                        yt_log *log)
{
    const store_layout no_series = {0};
    yt_store *store = NULL;
    yt_status status =
        store_create(options->result, options->overwrite, model, &no_series, log, &store);
    if (status)
        return status;
    status = keep_scores(store, b, log);
    if (!status)
        status = keep_rows(store, b, log);
    if (!status)
        status = keep_targets(store, b, log);
    if (!status)
        status = keep_forecasts(store, b, log);
    if (!status)
        status = keep_published(store, b, log);
    if (!status)
        status = keep_bands(store, b, log);
    if (!status)
        status = keep_accepted(store, b, log);
    if (status) {
        store_abandon(store);
        return status;
    }
    return finish(store, model, options, b, log);
}
