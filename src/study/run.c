/* run.c - one world from its spin-up to its last month, into a result file. */
#include "base/calendar.h"
#include "base/log.h"
#include "study/record.h"
#include "study/study.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static yt_status report_failure(const yt_run *run, yt_log *log)
{
    char month[8];
    calendar_format(yt_run_month(run), month);
    log_error(
        log, YT_ENUMERIC, place_none(),
        "the market of %s was not certified: balance %.1e, complementarity %.1e, gap %.1e, bar "
        "%.0e; the months before it are sound.  This is our mistake: please report the case",
        month, run->certificate.balance, run->certificate.complementarity, run->certificate.gap,
        MARKET_BAR);
    return YT_ENUMERIC;
}

static void note_month(study_summary *summary, const yt_run *run, const store_month *month,
                       int32_t elements)
{
    summary->months++;
    summary->by_newton += run->method == MARKET_NEWTON;
    summary->worst_certificate =
        fmax(summary->worst_certificate, market_certificate_worst(&run->certificate));
    for (int32_t e = 0; e < elements; e++)
        summary->worst_closure = fmax(summary->worst_closure, fabs(month->element[e].closure));
}

typedef struct world {
    const yt_network *net;
    const study_options *options;
    yt_run *run;
    record *rec;
    yt_store *store;
    yt_log *log;
    study_summary *summary;
} world;

const char *study_subject(const yt_network *net, const sim_event *event)
{
    switch (sim_event_describe(event->kind).axis) {
    case AXIS_PLANT:
        return net->facilities.id[net->plant[event->subject].facility];
    case AXIS_PROGRAMME:
        return net->programmes.id[event->subject];
    default:
        return net->regions.id[event->subject];
    }
}

/* What was decided in the month. */
static yt_status write_happenings(const world *w, int32_t month)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < w->run->events && i < SIM_EVENTS_MOST; i++) {
        const sim_event *event = &w->run->event[i];
        sim_event_info info = sim_event_describe(event->kind);
        status = store_write_event(w->store, (int32_t)w->run->index, month, info.name,
                                   study_subject(w->net, event), info.text, w->log);
    }
    return status;
}

static yt_status run_months(world *w, int32_t last)
{
    int32_t total = last - w->net->first_month + 1;
    for (int32_t done = 0; done < total; done++) {
        double start = now();
        yt_step(w->net, w->run);
        if (yt_run_status(w->run))
            return report_failure(w->run, w->log);
        store_month month = record_month(w->rec, w->net, w->run);
        note_month(w->summary, w->run, &month, w->net->elements.count);
        double stepped = now();
        w->summary->seconds_simulating += stepped - start;
        bool is_kept = month.month >= w->net->start_month;
        yt_status status = YT_OK;
        if (is_kept && w->store)
            status = store_write_month(w->store, &month, w->log);
        if (!status && is_kept && w->store)
            status = write_happenings(w, month.month);
        if (is_kept && w->options->watch)
            w->options->watch(w->options->watcher, w->net, w->run);
        w->summary->seconds_storing += now() - stepped;
        if (status)
            return status;
        if (w->options->progress &&
            !w->options->progress(w->options->context, done + 1, total, NULL))
            return YT_ESTOPPED;
    }
    return YT_OK;
}

static yt_status write_events(const world *w, const yt_model *model, int32_t last)
{
    for (int32_t r = 0; r < model->table[TABLE_event].rows; r++) {
        int32_t month = model_at(model, TABLE_event, r, event_month)->id;
        if (month < w->net->start_month || month > last)
            continue;
        yt_status status =
            store_write_event(w->store, (int32_t)w->run->index, month,
                              model_at(model, TABLE_event, r, event_kind)->text,
                              model_at(model, TABLE_event, r, event_region)->text,
                              model_at(model, TABLE_event, r, event_title)->text, w->log);
        if (status)
            return status;
    }
    return YT_OK;
}

static yt_status finish(const world *w, const yt_model *model)
{
    char state[24], seed[24], start[8], end[8], certificate[32], closure[32], seconds[32],
        newton[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)w->options->seed);
    calendar_format(model->start, start);
    calendar_format(yt_run_month(w->run) - 1, end);
    snprintf(certificate, sizeof certificate, "%.3e", w->summary->worst_certificate);
    snprintf(closure, sizeof closure, "%.3e", w->summary->worst_closure);
    snprintf(seconds, sizeof seconds, "%.2f", w->summary->seconds_simulating);
    snprintf(newton, sizeof newton, "%d of %d", w->summary->by_newton, w->summary->months);
    snprintf(state, sizeof state, "%016llx", (unsigned long long)sim_state_hash(w->net, w->run));
    const store_fact fact[] = {
        {"case", model->name},
        {"title", model->title},
        {"case_hash", model->hash},
        {"study", "run"},
        {"runs", "1"},
        {"seed", seed},
        {"state_hash", state}, /* equal bits, equal hash: on any machine and compiler */
        {"version", yt_version()},
        {"command", w->options->command},
        {"start", start},
        {"end", end},
        {"worst_certificate", certificate},
        {"worst_element_closure", closure},
        {"months_cleared_by_newton", newton},
        {"seconds_simulating", seconds},
    };
    return store_finish(w->store, fact, sizeof fact / sizeof *fact, w->log);
}

yt_status study_run(const yt_model *model, const yt_network *net, const study_options *options,
                    yt_log *log, study_summary *summary)
{
    world w = {.net = net, .options = options, .log = log, .summary = summary};
    *summary = (study_summary){0};
    int32_t last = net->first_month + net->months - 1;
    if (options->last_month != YT_NONE && options->last_month < last)
        last = options->last_month;

    yt_status status = yt_run_new(net, &w.run);
    if (!status)
        status = record_new(net, model, &w.rec);
    double opening = now();
    if (!status && options->result)
        status = store_create(options->result, options->overwrite, model, record_layout(w.rec), log,
                              &w.store);
    summary->seconds_storing += now() - opening;
    if (!status) {
        if (options->world == YT_NONE)
            yt_run_reset_central(net, w.run);
        else
            yt_run_reset(net, w.run, options->seed, (uint32_t)options->world);
        status = run_months(&w, last);
    }
    if (!status && w.store)
        status = write_events(&w, model, last);
    double closing = now();
    if (!status && w.store)
        status = finish(&w, model);
    else
        store_abandon(w.store);
    summary->seconds_storing += now() - closing;
    record_free(w.rec);
    yt_run_free(w.run);
    return status;
}
