/* backtest_keep.c - the answers of a backtest into a result file. */
#include "study/backtest_inside.h"

#include "base/calendar.h"

#include <math.h>
#include <stdio.h>

#define ROW(table, ...)                                                                            \
    store_write_row(store, table, (const store_value[]){__VA_ARGS__},                              \
                    sizeof((const store_value[]){__VA_ARGS__}) / sizeof(store_value), log)
#define TEXT(t)                                                                                    \
    {                                                                                              \
        (t) ? (t) : "", NAN                                                                        \
    }
#define NUMBER(x)                                                                                  \
    {                                                                                              \
        NULL, (x)                                                                                  \
    }

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
            ROW("f_score", TEXT(s->kind), TEXT(s->series), TEXT(s->variable), TEXT(s->product),
                TEXT(s->place), NUMBER(s->n), NUMBER(s->read), NUMBER(s->unknown), NUMBER(s->rmsle),
                NUMBER(s->mae), NUMBER(s->bias), NUMBER(s->crps), NUMBER(s->coverage80),
                NUMBER(s->pairs), NUMBER(s->yearly), NUMBER(s->skill), NUMBER(s->skill_trend),
                NUMBER(s->skill_step), NUMBER(s->timing), TEXT(s->reason));
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
        status = ROW("f_match", NUMBER(i), TEXT(kinds[row->kind]), TEXT(row->seen.series),
                     TEXT(row->variable), TEXT(row->seen.product), TEXT(row->seen.place),
                     TEXT(row->seen.period), TEXT(row->unit), NUMBER(row->low), NUMBER(row->high),
                     NUMBER(j->q10), NUMBER(j->median), NUMBER(j->q90),
                     NUMBER(is_compared ? paid->median : NAN), NUMBER(is_compared ? j->error : NAN),
                     NUMBER(is_compared ? j->crps : NAN), NUMBER(is_compared ? j->pit : NAN),
                     TEXT(verdict(row, j)));
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
        status =
            ROW("f_target", TEXT(t->id), TEXT(t->event), TEXT(name_start(t->start, start)),
                TEXT(t->fact), NUMBER(t->low), NUMBER(t->high), NUMBER(t->q10), NUMBER(t->value),
                NUMBER(t->q90), TEXT(t->unit), NUMBER(t->n), NUMBER(t->inside));
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
            status = ROW("f_forecast", TEXT(t->id), TEXT(t->published),
                         TEXT(name_start(t->start, start)), TEXT(t->fact), NUMBER(t->claim_low),
                         NUMBER(or_nothing(t->claim_high)), NUMBER(t->claim), NUMBER(t->low),
                         NUMBER(or_nothing(t->high)), NUMBER(t->share), NUMBER(t->q10),
                         NUMBER(t->value), NUMBER(t->q90), TEXT(t->unit), NUMBER(t->n),
                         NUMBER(t->inside), TEXT(t->verdict));
    }
    return status;
}

static yt_status keep_published(yt_store *store, const backtest *b, yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->publisheds; i++) {
        const backtest_published *p = &b->published[i];
        status =
            ROW("f_published", TEXT(p->id), TEXT(p->kind), TEXT(p->study), TEXT(p->finding),
                TEXT(p->tolerance), TEXT(p->grade), TEXT(backtest_answered_by(p)), NUMBER(p->parts),
                NUMBER(p->parts_inside), NUMBER(p->parts > 0 ? p->inside : NAN), TEXT(p->why));
    }
    return status;
}

static yt_status keep_bands(yt_store *store, const backtest *b, yt_log *log)
{
    char start[8];
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->bands; i++) {
        const backtest_band *band = &b->band[i];
        status = ROW("f_band", TEXT(name_start(band->start, start)), TEXT(band->measure),
                     TEXT(band->stage), NUMBER(band->years),
                     NUMBER(band->years > 0 ? (double)band->covered / band->years : NAN),
                     NUMBER(band->crps), NUMBER(band->persistence));
    }
    for (int32_t i = 0; !status && i < b->years; i++) {
        const backtest_year *y = &b->year[i];
        const backtest_band *band = &b->band[y->band];
        status = ROW("f_band_year", TEXT(name_start(band->start, start)), TEXT(band->measure),
                     TEXT(band->stage), NUMBER(y->year), NUMBER(y->seen), NUMBER(y->q10),
                     NUMBER(y->median), NUMBER(y->q90));
    }
    return status;
}

static yt_status keep_accepted(yt_store *store, const backtest *b, yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && b->accepted && i < b->worlds; i++)
        status = ROW("f_accepted", NUMBER(i), NUMBER(b->implausibility[i]), NUMBER(b->accepted[i]));
    for (int32_t i = 0; !status && i < b->parameters; i++) {
        const backtest_parameter *p = &b->parameter[i];
        status = ROW("f_learned", TEXT(p->name), NUMBER(p->mean), NUMBER(p->spread),
                     NUMBER(p->distance));
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
