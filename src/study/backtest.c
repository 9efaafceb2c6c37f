/* backtest.c - worlds against the record: as it was dated, and as they would have decided.
 *
 * The same rows are asked of every ensemble; rows, what was paid, targets and years are probes of
 * one plan, compiled anew for each network.
 */
#include "study/backtest_inside.h"

#include "base/hash.h"
#include "base/table.h"
#include "base/text.h"
#include "study/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------------------------- record */

/* Columns of a table of observations that are read. */
enum { SERIES, PERIOD, FREQ, LOW, HIGH, UNIT, PRODUCT, PLACE, SOURCE, RECORD_COLUMNS };
static const int32_t record_column[RECORD_COLUMNS] = {
    observation_series,    observation_period,     observation_freq,
    observation_value_low, observation_value_high, observation_unit,
    observation_product,   observation_place,      observation_source};

static void take_rows_of_case(const yt_model *model, probe_row *row)
{
    for (int32_t r = 0; r < model->table[TABLE_observation].rows; r++) {
        const char *text[RECORD_COLUMNS];
        for (int c = 0; c < RECORD_COLUMNS; c++)
            text[c] = model_at(model, TABLE_observation, r, record_column[c])->text;
        row[r] = (probe_row){text[SERIES],
                             text[PERIOD],
                             text[FREQ],
                             text[UNIT],
                             text[PRODUCT],
                             text[PLACE],
                             text[SOURCE],
                             model_at(model, TABLE_observation, r, observation_value_low)->number,
                             model_at(model, TABLE_observation, r, observation_value_high)->number};
    }
}

static yt_status wrong(const table *t, const table_cell *cell, yt_status status, yt_log *log,
                       const char *what)
{
    log_error(log, status, table_place(t, cell), "%s '%s'", what, cell->text);
    return status;
}

/* A word that the name table of the case does not know. */
static yt_status unknown(const yt_model *model, const table *t, const table_cell *cell,
                         table_id names, yt_log *log)
{
    const model_table *known = &model->table[names];
    const char **word = calloc((size_t)known->rows + 1, sizeof *word);
    for (int32_t r = 0; word && r < known->rows; r++)
        word[r] = model_at(model, names, r, 0)->text;
    const char *near = word ? text_nearest(cell->text, word, (size_t)known->rows) : NULL;
    log_error(log, YT_ENAME, table_place(t, cell), "there is no '%s' in %s%s%s%s", cell->text,
              known->file ? known->file : "the case", near ? "; did you mean " : "",
              near ? near : "", near ? "?" : "");
    free(word);
    return YT_ENAME;
}

static yt_status read_row(const yt_model *model, const table *t, const int32_t *column, int32_t r,
                          yt_log *log, probe_row *row)
{
    const table_cell *cell[RECORD_COLUMNS];
    int32_t first, last;
    yt_status status = YT_OK;
    for (int c = 0; c < RECORD_COLUMNS; c++)
        cell[c] = table_at(t, r, column[c]);
    *row = (probe_row){cell[SERIES]->text,
                       cell[PERIOD]->text,
                       cell[FREQ]->text,
                       cell[UNIT]->text,
                       cell[PRODUCT]->text,
                       cell[PLACE]->text,
                       cell[SOURCE]->text,
                       NAN,
                       NAN};
    if (!text_number(cell[LOW]->text, &row->low))
        status = wrong(t, cell[LOW], YT_EDATA, log, "a number is due, not");
    if (*cell[HIGH]->text && !text_number(cell[HIGH]->text, &row->high))
        status = wrong(t, cell[HIGH], YT_EDATA, log, "a number is due, not");
    if (row->high < row->low)
        status = wrong(t, cell[HIGH], YT_EDATA, log, "value_high is below value_low:");
    if (!model_period_parse(row->period, &first, &last))
        status = wrong(t, cell[PERIOD], YT_EDATA, log, "this is no period:");
    if (model_find(model, TABLE_product_name, row->product) == YT_NONE)
        status = unknown(model, t, cell[PRODUCT], TABLE_product_name, log);
    if (model_find(model, TABLE_place_name, row->place) == YT_NONE)
        status = unknown(model, t, cell[PLACE], TABLE_place_name, log);
    return status;
}

static yt_status find_columns(const table *t, yt_log *log, int32_t column[RECORD_COLUMNS])
{
    model_table_info info = model_table_describe(TABLE_observation);
    yt_status status = YT_OK;
    for (int c = 0; c < RECORD_COLUMNS; c++) {
        const char *name = info.column[record_column[c]].name;
        column[c] = table_column(t, name);
        if (column[c] == YT_NONE) {
            log_error(log, YT_EDATA, place_at(t->file, 1, 0), "there is no column '%s'", name);
            status = YT_EDATA;
        }
    }
    return status;
}

/* A file of the shape of observations/history. */
static yt_status read_record(const yt_model *model, const char *path, yt_log *log, plan *p)
{
    table t = {0};
    int32_t column[RECORD_COLUMNS];
    yt_status status = table_read(p->memory, path, NULL, log, &t);
    if (!status)
        status = find_columns(&t, log, column);
    probe_row *row = status ? NULL : arena_array(p->memory, (size_t)t.rows + 1, sizeof *row);
    if (!status && !row)
        status = YT_ENOMEM;
    for (int32_t r = 0; row && r < t.rows; r++) {
        yt_status bad = read_row(model, &t, column, r, log, &row[r]);
        status = status ? status : bad;
    }
    p->row = row;
    p->rows = t.rows;
    return status;
}

static yt_status take_record(const yt_model *model, const char *path, yt_log *log, plan *p)
{
    if (path)
        return read_record(model, path, log, p);
    p->rows = model->table[TABLE_observation].rows;
    probe_row *row = arena_array(p->memory, (size_t)p->rows + 1, sizeof *row);
    if (row)
        take_rows_of_case(model, row);
    p->row = row;
    return row ? YT_OK : YT_ENOMEM;
}

/* ----------------------------------------------------------------------------------- plan */

static const char *target_text(const yt_model *model, int32_t t, int32_t column)
{
    return model_at(model, TABLE_target, t, column)->text;
}

static probe_row target_row(const yt_model *model, int32_t t, bool is_over)
{
    return (probe_row){
        .series = target_text(model, t, is_over ? target_over_series : target_series),
        .product = target_text(model, t, is_over ? target_over_product : target_product),
        .place = target_text(model, t, is_over ? target_over_place : target_place),
        .period = target_text(model, t, is_over ? target_over_period : target_period),
        .unit = target_text(model, t, target_unit),
        .freq = "",
        .source = "",
        .low = model_at(model, TABLE_target, t, target_value_low)->number,
        .high = model_at(model, TABLE_target, t, target_value_high)->number,
    };
}

/* One probe a month of the period, for highest, lowest and when. */
static void add_months(probes *made, arena *memory, const probe_row *whole, plan_target *t)
{
    int32_t first, last;
    t->tops = 0;
    if (!model_period_parse(whole->period, &first, &last))
        return;
    for (int32_t m = first; m <= last; m++) {
        probe_row row = *whole;
        row.period = arena_printf(memory, "%04d-%02d", m / 12, m % 12 + 1);
        int32_t at = row.period ? probes_add(made, &row) : YT_NONE;
        t->top = t->tops == 0 ? at : t->top;
        t->tops++;
    }
}

static void add_target(const yt_model *model, plan *p, int32_t t, probes *made)
{
    const char *how = target_text(model, t, target_how);
    plan_target *target = &p->target[t];
    *target = (plan_target){.top = YT_NONE,
                            .over = YT_NONE,
                            .top_target = YT_NONE,
                            .over_target = YT_NONE,
                            .start = model_at(model, TABLE_target, t, target_start)->id,
                            .last = YT_NONE};
    if (text_equal(how, "outcome") || text_equal(how, "follows") || text_equal(how, "rmsle"))
        return;
    if (text_equal(target_text(model, t, target_over_series), "target"))
        target->over_target =
            model_find(model, TABLE_target, target_text(model, t, target_over_product));
    if (text_equal(target_text(model, t, target_series), "target")) {
        target->top_target = model_find(model, TABLE_target, target_text(model, t, target_product));
        return;
    }
    probe_row row = target_row(model, t, false);
    if (text_equal(how, "mean")) {
        target->top = probes_add(made, &row);
        target->tops = 1;
    } else {
        add_months(made, p->memory, &row, target);
    }
    if (target->over_target == YT_NONE && *target_text(model, t, target_over_series)) {
        row = target_row(model, t, true);
        target->over = probes_add(made, &row);
    }
    for (int32_t i = 0; i < target->tops; i++)
        if (!probes_at(made, target->top + i)->why)
            target->last = probes_at(made, target->top + i)->last;
}

static void add_years(const yt_network *net, plan *p, probes *made)
{
    p->years_at = probes_count(made);
    for (int32_t s = 0; s < net->stages.count; s++)
        for (int32_t m = 0; m < YEAR_MEASURES; m++)
            for (int32_t y = 0; y < p->years; y++) {
                int32_t first = (p->first_year + y) * 12;
                probes_add_stage(made, s, m == YEAR_INCUMBENT ? net->incumbent : YT_NONE,
                                 m == YEAR_CAPACITY, first, first + 11);
            }
}

/* What is asked of the worlds of a network; asks in the same order every time. */
static yt_status ask(const yt_model *model, plan *p, ensemble *e)
{
    yt_status status = record_new(e->net, model, &e->record);
    if (!status)
        status = probes_new(model, e->net, record_layout(e->record), &e->probes);
    if (status)
        return status;
    for (int32_t r = 0; r < p->rows; r++)
        probes_add(e->probes, &p->row[r]);
    for (int32_t r = 0; r < p->rows; r++)
        probes_add_paid(e->probes, r);
    int32_t last = probes_last_month(e->probes);
    for (int32_t t = 0; t < model->table[TABLE_target].rows; t++) {
        add_target(model, p, t, e->probes);
        if (p->target[t].start == YT_NONE && p->target[t].last > last)
            last = p->target[t].last;
    }
    if (p->last_month == YT_NONE) {
        p->last_month = last == YT_NONE ? model->start : last;
        p->first_year = model->start / 12;
        p->years = (p->last_month + 1) / 12 - p->first_year;
    }
    add_years(e->net, p, e->probes);
    return probes_count(e->probes) > 0 ? YT_OK : YT_ENOMEM;
}

/* -------------------------------------------------------------------------------- worlds */

static void free_ensemble(ensemble *e)
{
    drawn_free(&e->worlds);
    probes_free(e->probes);
    record_free(e->record);
    yt_network_free(e->net);
    *e = (ensemble){0};
}

/* Last month that worlds from this start are asked about. */
static int32_t last_month_of(const yt_model *model, const plan *p, int32_t start)
{
    int32_t last = p->last_month;
    for (int32_t t = 0; start != YT_NONE && t < model->table[TABLE_target].rows; t++)
        if (p->target[t].start == start && p->target[t].last > last)
            last = p->target[t].last;
    return last;
}

/* The ensemble of this number: 0 as dated, then one for each start. */
static yt_status simulate(yt_model *model, plan *p, const backtest_options *options, int32_t number,
                          yt_log *log, const backtest *b, ensemble *e)
{
    drawn_options how = {.seed = options->seed,
                         .worlds = options->worlds,
                         .threads = options->threads,
                         .progress = options->progress,
                         .context = options->context,
                         .done = number * options->worlds,
                         .total = (b->starts + 1) * options->worlds,
                         .answer = b->answer,
                         .parts = b->parts,
                         .shard = options->shard,
                         .shards = options->shards,
                         .log = log};
    int32_t kept = model->decide_from;
    e->model = model;
    e->start = number == 0 ? YT_NONE : b->start[number - 1];
    e->is_free = number > 0 && b->is_free[number - 1];
    model->decide_from = e->start;
    yt_status status = yt_network_compile(model, log, &e->net);
    model->decide_from = kept;
    if (!status)
        status = ask(model, p, e);
    how.last_month = last_month_of(model, p, e->start);
    how.ensemble = e->start;
    return status ? status : drawn_simulate(model, e->net, e->probes, &how, &e->worlds);
}

/* The world of modes and dates: what years of worlds that decide are held against. */
static yt_status simulate_dated(const yt_model *model, const plan *p, const ensemble *e,
                                drawn *dated)
{
    drawn_options how = {
        .worlds = 1, .threads = 1, .is_central = true, .last_month = p->last_month};
    return drawn_simulate(model, e->net, e->probes, &how, dated);
}

/* -------------------------------------------------------------------------------- answers */

#define SCORES_PER_ROW                                                                             \
    2 /* at most: each row and what was paid a group of its own; once more                         \
         where its product is left out */

static yt_status make_room(const yt_model *model, const plan *p, backtest *b)
{
    size_t rows = (size_t)p->rows, starts = (size_t)b->starts + 1;
    size_t bands = starts * ((size_t)model->table[TABLE_stage].rows * YEAR_MEASURES + 1);
    b->rows = p->rows;
    b->judged = arena_array(b->memory, SCORES_PER_ROW * rows + 1, sizeof *b->judged);
    b->score = arena_array(b->memory, 2 * SCORES_PER_ROW * rows + 8, sizeof *b->score);
    b->target = arena_array(b->memory, starts * (size_t)model->table[TABLE_target].rows + 1,
                            sizeof *b->target);
    b->band = arena_array(b->memory, bands, sizeof *b->band);
    b->year = arena_array(b->memory, bands * (size_t)(p->years + 1), sizeof *b->year);
    return b->judged && b->score && b->target && b->band && b->year ? YT_OK : YT_ENOMEM;
}

static int32_t start_of(const yt_model *model, const backtest_options *options)
{
    return options->hindcast_from == YT_NONE ? model->start : options->hindcast_from;
}

static yt_status judge_dated(const yt_model *model, const plan *p, const ensemble *e,
                             const backtest_options *options, backtest *b)
{
    int32_t from = start_of(model, options);
    int32_t n = SCORES_PER_ROW * p->rows;
    double *scratch = arena_array(b->memory, (size_t)e->worlds.n + 1, sizeof *scratch);
    probe *row = arena_array(b->memory, (size_t)p->rows + 1, sizeof *row);
    if (!scratch || !row)
        return YT_ENOMEM;
    judge_rows(e->probes, &e->worlds, 0, n, scratch, b->judged);
    b->scores = judge_scores(e->probes, b->judged, n, from, b->memory, b->score, n + 8);
    for (int32_t r = 0; r < p->rows; r++) {
        row[r] = *probes_at(e->probes, r);
        b->compared += !row[r].why && b->judged[r].is_known;
    }
    b->row = row;
    return YT_OK;
}

/* What is known by now, for those who wait. */
static void tell_so_far(backtest *b)
{
    int32_t known = 0, inside = 0;
    for (int32_t i = 0; i < b->targets; i++)
        if (b->target[i].kind == TARGET_EVENT) {
            known += b->target[i].n > 0;
            inside += b->target[i].inside;
        }
    snprintf(b->answer, sizeof b->answer, "events: %d of %d inside", (int)inside, (int)known);
}

static yt_status answer_dated(const yt_model *model, const plan *p, const ensemble *e,
                              const backtest_options *options, backtest *b)
{
    yt_status status = make_room(model, p, b);
    if (!status)
        status = judge_dated(model, p, e, options, b);
    if (status)
        return status;
    b->worlds = e->worlds.n;
    b->broken[0] = e->worlds.broken;
    answer_targets(model, p, e, b);
    tell_so_far(b);
    return options->accept ? accept_worlds(p, e, options->seed, start_of(model, options), b)
                           : YT_OK;
}

static yt_status answer_starts(yt_model *model, plan *p, const backtest_options *options,
                               const drawn *dated, yt_log *log, backtest *b)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < b->starts; i++) {
        ensemble e = {0};
        status = simulate(model, p, options, i + 1, log, b, &e);
        if (!status) {
            b->broken[i + 1] = e.worlds.broken;
            answer_targets(model, p, &e, b);
            if (e.is_free)
                answer_bands(model, p, &e, dated, b);
            tell_so_far(b);
        }
        free_ensemble(&e);
    }
    return status;
}

/* --------------------------------------------------------------------------------- starts */

static void add_start(backtest *b, int32_t month, bool is_free)
{
    for (int32_t i = 0; i < b->starts; i++)
        if (b->start[i] == month) {
            b->is_free[i] = b->is_free[i] || is_free;
            return;
        }
    if (b->starts < BACKTEST_STARTS) {
        b->is_free[b->starts] = is_free;
        b->start[b->starts++] = month;
    }
}

/* Last month that the record speaks of. */
static int32_t end_of_record(const yt_model *model, const plan *p)
{
    int32_t first, last, end = model->start;
    for (int32_t r = 0; r < p->rows; r++)
        if (model_period_parse(p->row[r].period, &first, &last) && last <= model->end && last > end)
            end = last;
    return end;
}

#define FREE_YEARS 5 /* between starts, and the least to be judged by */

/* Months from which worlds decide: as asked, and those of the forecasts of the case. */
static void choose_starts(const yt_model *model, const plan *p, const backtest_options *options,
                          backtest *b)
{
    int32_t end = end_of_record(model, p), every = 12 * FREE_YEARS;
    int32_t first = (model->start + every - 1) / every * every;
    for (int32_t i = 0; i < options->starts; i++)
        add_start(b, options->free_from[i], true);
    for (int32_t m = first; options->starts == BACKTEST_EVERY_FIFTH && m + every <= end + 1;
         m += every)
        add_start(b, m, true);
    for (int32_t t = 0; !options->no_forecasts && t < model->table[TABLE_target].rows; t++) {
        int32_t start = model_at(model, TABLE_target, t, target_start)->id;
        if (start != YT_NONE && start >= model->start && start <= model->end)
            add_start(b, start, false);
    }
}

/* ---------------------------------------------------------------------------------- parts */

static uint64_t hash_number(uint64_t hash, double number)
{
    return hash_more(hash, &number, sizeof number);
}

/* What is asked, but of which starts. */
static uint64_t hash_questions(const plan *p)
{
    uint64_t hash = hash_text("");
    for (int32_t r = 0; r < p->rows; r++) {
        const probe_row *row = &p->row[r];
        const char *text[] = {row->series,  row->period, row->freq,  row->unit,
                              row->product, row->place,  row->source};
        for (size_t t = 0; t < sizeof text / sizeof *text; t++)
            hash = hash_more(hash, text[t], strlen(text[t]) + 1);
        hash = hash_number(hash_number(hash, row->low), isfinite(row->high) ? row->high : row->low);
    }
    return hash;
}

/* Where worlds that are done are kept; none without a result. */
static yt_status open_parts(const yt_model *model, const plan *p, const backtest_options *options,
                            yt_log *log, backtest *b)
{
    char seed[24], questions[24];
    if (!options->result)
        return YT_OK;
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)options->seed);
    snprintf(questions, sizeof questions, "%016llx", (unsigned long long)hash_questions(p));
    const store_fact identity[] = {{"study", "backtest"},
                                   {"case_hash", model->hash},
                                   {"seed", seed},
                                   {"version", yt_version()},
                                   {"questions", questions}};
    yt_status status = parts_open(options->result, options->overwrite, options->resume, identity,
                                  sizeof identity / sizeof *identity, log, &b->parts);
    for (int32_t i = 0; !status && i < options->takes; i++)
        status = parts_take(b->parts, options->take[i], log);
    return status;
}

/* Of a shard only the worlds are made. */
static yt_status simulate_shard(yt_model *model, plan *p, const backtest_options *options,
                                yt_log *log, backtest *b)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i <= b->starts; i++) {
        ensemble e = {0};
        status = simulate(model, p, options, i, log, b, &e);
        free_ensemble(&e);
    }
    return status;
}

/* Part file: kept by a shard and after an interruption, of no use beside the answer. */
static yt_status close_parts(const backtest_options *options, yt_status status, yt_log *log,
                             backtest *b)
{
    store_parts *parts = b->parts;
    b->parts = NULL;
    if (!parts)
        return status;
    b->blocks = parts_count(parts);
    if (!status && options->shards > 0)
        return parts_finish(parts, options->overwrite, log);
    if (status && b->blocks > 0)
        parts_leave(parts);
    else
        parts_remove(parts);
    return status;
}

static yt_status answer_all(yt_model *model, plan *p, const backtest_options *options, yt_log *log,
                            backtest *made)
{
    ensemble e = {0};
    drawn dated = {0};
    yt_status status = simulate(model, p, options, 0, log, made, &e);
    if (!status)
        status = answer_dated(model, p, &e, options, made);
    if (!status && made->starts > 0)
        status = simulate_dated(model, p, &e, &dated);
    if (!status)
        status = answer_starts(model, p, options, &dated, log, made);
    if (!status)
        status = answer_published(model, made);
    if (!status && options->result)
        status = keep_backtest(model, options, made, log);
    drawn_free(&dated);
    free_ensemble(&e);
    return status;
}

yt_status study_backtest(yt_model *model, const backtest_options *options, yt_log *log,
                         backtest *made)
{
    *made = (backtest){.memory = arena_new()};
    plan p = {.memory = made->memory, .last_month = YT_NONE};
    yt_status status = made->memory ? YT_OK : YT_ENOMEM;
    if (!status) {
        p.target =
            arena_array(p.memory, (size_t)model->table[TABLE_target].rows + 1, sizeof *p.target);
        status = p.target ? take_record(model, options->observations, log, &p) : YT_ENOMEM;
    }
    if (!status) {
        choose_starts(model, &p, options, made);
        status = open_parts(model, &p, options, log, made);
    }
    if (!status)
        status = options->shards > 0 ? simulate_shard(model, &p, options, log, made)
                                     : answer_all(model, &p, options, log, made);
    return close_parts(options, status, log, made);
}

void backtest_free(backtest *b)
{
    arena_free(b->memory);
    *b = (backtest){0};
}
