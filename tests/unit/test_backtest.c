/* test_backtest.c - worlds against a record: made-up answers scored by hand, words matched as the
 * report matches them, and the same answers however many threads there are. */
#include "room.h"
#include "world.h"

#include "base/words.h"
#include "study/backtest.h"
#include "study/record.h"
#include "view/inside.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_near(double due, double found, double within)
{
    assert_true(fabs(due - found) <= within);
}

/* ---------------------------------------------------------------------------------- words */

static void test_words__know_wholes_and_stems(void **state)
{
    (void)state;
    const char *const stage[] = {"Mining and concentration", "Metal making", "Magnet making"};
    bool chosen[3];
    assert_true(words_choose(stage, 3, "rare-earth metals", false, chosen));
    assert_true(!chosen[0] && chosen[1] && !chosen[2]);
    assert_false(words_choose(stage, 3, "yttrium", false, chosen));
    assert_true(words_has("Metal MAKING", "making"));
    assert_true(words_whole("East Shore", "east", "East Shore", NULL));
    assert_false(words_whole("Estonia", "EUR", "Europe", "Estonia, France"));
}

/* ------------------------------------------------------------------------- scores by hand */

/* Two years of a price in the money of 2005, and what three worlds say. */
typedef struct made_up {
    world w;
    record *record;
    probes *probes;
    drawn worlds;
    double value[3 * 2];
    bool past[3 * 2];
    arena *memory;
} made_up;

static void ask(made_up *m, const char *period, double low, double high)
{
    const probe_row row = {"price", period, "A", "USD/kg", "xium", "East", "", low, high};
    assert_int_not_equal(YT_NONE, probes_add(m->probes, &row));
}

static made_up make_up(void)
{
    made_up m = {.w = world_of(NULL), .memory = arena_new()};
    assert_int_equal(YT_OK, record_new(m.w.net, m.w.model, &m.record));
    assert_int_equal(YT_OK, probes_new(m.w.model, m.w.net, record_layout(m.record), &m.probes));
    ask(&m, "2004", 9.804, 9.804); /* 10 USD/kg of 2005 */
    ask(&m, "2005", 20, 40);
    return m;
}

static void clear_up(made_up *m)
{
    arena_free(m->memory);
    probes_free(m->probes);
    record_free(m->record);
    world_free(&m->w);
}

/* Worlds say exp(0.1), exp(0.2) and exp(0.3) times 10,000 USD/t, then the same numbers. */
static void answer(made_up *m, double second[3])
{
    m->worlds = (drawn){.n = 3, .probes = 2, .value = m->value, .past = m->past};
    for (int i = 0; i < 3; i++) {
        m->value[2 * i] = 10000 * exp(0.1 * (i + 1));
        m->value[2 * i + 1] = second[i];
    }
}

static void test_judge__scores_one_row_by_hand(void **state)
{
    (void)state;
    made_up m = make_up();
    double second[3] = {25000, 30000, 100000}, scratch[3];
    judge_row row[2];
    answer(&m, second);
    judge_rows(m.probes, &m.worlds, 0, 2, scratch, row);
    assert_true(row[0].is_known && !row[0].is_read && !row[0].is_covered);
    assert_near(0.2, row[0].error, 1e-12);
    /* mean distance 0.2, less half the mean distance of two worlds, 0.8 / 9 */
    assert_near(0.2 - 0.4 / 9, row[0].crps, 1e-12);
    assert_near(0, row[0].pit, 0);
    assert_near(0, row[1].error, 0); /* the median is inside the quoted range */
    assert_true(row[1].is_covered);
    clear_up(&m);
}

static void test_judge__scores_a_group_by_hand(void **state)
{
    (void)state;
    made_up m = make_up();
    double second[3] = {40000 * exp(0.1), 40000 * exp(0.1), 40000 * exp(0.1)}, scratch[3];
    judge_row row[2];
    judge_score score[8];
    answer(&m, second);
    judge_rows(m.probes, &m.worlds, 0, 2, scratch, row);
    int32_t n = judge_scores(m.probes, row, 2, 2005 * 12, m.memory, score, 8);
    assert_int_equal(2, n); /* the group, and all prices */
    assert_int_equal(2, score[0].n);
    assert_near(sqrt((0.04 + 0.01) / 2), score[0].rmsle, 1e-12);
    assert_near(0.15, score[0].bias, 1e-12);
    assert_near(0, score[0].coverage80, 0);
    assert_near(1, score[0].pairs, 0);
    /* 2004 was known: no change from 10 misses the range from 20 by ln 2, the model by 0.1 */
    assert_int_equal(1, score[0].yearly);
    assert_near(1 - 0.1 / log(2), score[0].skill, 1e-12);
    /* one step: 10 times the model's growth, 4 exp(0.1 - 0.2): inside the range */
    assert_int_equal(1, score[0].steps);
    assert_near(1, score[0].skill_step, 1e-12);
    assert_near(score[0].rmsle, score[1].rmsle, 0);
    clear_up(&m);
}

static void test_judge__does_not_score_what_few_worlds_tell(void **state)
{
    (void)state;
    made_up m = make_up();
    double second[3] = {NAN, NAN, 30000}, scratch[3];
    judge_row row[2];
    judge_score score[8];
    answer(&m, second);
    judge_rows(m.probes, &m.worlds, 0, 2, scratch, row);
    assert_false(row[1].is_known);
    judge_scores(m.probes, row, 2, 2000 * 12, m.memory, score, 8);
    assert_int_equal(1, score[0].n);
    assert_int_equal(1, score[0].unknown);
    clear_up(&m);
}

static void test_judge__keeps_errors_within_a_range_at_zero(void **state)
{
    (void)state;
    assert_near(0, judge_error(3, 2, 4, false), 0);
    assert_near(log(2), judge_error(8, 2, 4, false), 1e-12);
    assert_near(-log(1000), judge_error(0, 2, 4, false), 1e-12);
    assert_near(-7, judge_error(50, 57, 60, true), 1e-12);
}

/* ------------------------------------------------------------- the same words as the report */

/* The answers point into the model. */
static backtest run_backtest(const char *result, int32_t threads, yt_log *log, yt_model **made)
{
    const int32_t start[] = {2005 * 12};
    const backtest_options options = {.seed = 1,
                                      .worlds = 20,
                                      .threads = threads,
                                      .free_from = start,
                                      .starts = 1,
                                      .hindcast_from = YT_NONE,
                                      .accept = true,
                                      .result = result,
                                      .command = "test"};
    yt_model *model = NULL;
    backtest b;
    assert_int_equal(YT_OK, yt_model_load("tests/cases/tiny", NULL, 0, log, &model));
    assert_int_equal(YT_OK, study_backtest(model, &options, log, &b));
    assert_int_equal(2004 * 12, model->decide_from);
    *made = model;
    return b;
}

static void test_backtest__matches_words_as_the_report_does(void **state)
{
    (void)state;
    char room[64], path[96];
    assert_int_equal(0, make_room(room, NULL));
    snprintf(path, sizeof path, "%s/run.ytt", room);
    world w = world_of(NULL);
    yt_log *log = yt_log_new();
    study_summary summary;
    const study_options run = {
        .last_month = YT_NONE, .result = path, .world = YT_NONE, .command = "test"};
    assert_int_equal(YT_OK, study_run(w.model, w.net, &run, log, &summary));
    view_world v = {0};
    assert_int_equal(YT_OK, view_load(&v, path, log));
    view_rank(&v);
    view_compare_history(&v);

    made_up m = {.w = w};
    drawn told;
    const drawn_options one = {
        .worlds = 1, .threads = 1, .is_central = true, .last_month = w.model->end};
    assert_int_equal(YT_OK, record_new(w.net, w.model, &m.record));
    assert_int_equal(YT_OK, probes_new(w.model, w.net, record_layout(m.record), &m.probes));
    for (int32_t i = 0; i < v.rows; i++) {
        const view_observed *seen = v.row[i].seen;
        const probe_row row = {seen->series, seen->period, seen->freq, seen->unit, seen->product,
                               seen->place,  seen->source, seen->low,  seen->high};
        assert_int_equal(i, probes_add(m.probes, &row));
    }
    assert_int_equal(YT_OK, drawn_simulate(w.model, w.net, m.probes, &one, &told));
    int32_t compared = 0;
    for (int32_t i = 0; i < v.rows; i++) {
        const probe *p = probes_at(m.probes, i);
        if (!v.row[i].is_compared)
            continue;
        compared++;
        assert_null(p->why);
        assert_string_equal(v.row[i].variable, p->variable);
        assert_near(v.row[i].low, p->low, 1e-9 * p->low);
        assert_near(v.row[i].high, p->high, 1e-9 * p->high);
        assert_near(v.row[i].model, told.value[i], 1e-9 * told.value[i]);
    }
    assert_true(compared >= 3);
    drawn_free(&told);
    arena_free(v.memory);
    yt_log_free(log);
    clear_up(&m);
    remove_room(room);
}

static double sum_of_month(const store_month *m, const store_layout *layout, const char *variable,
                           const char *region, const char *commodity)
{
    for (int32_t i = 0; i < layout->series; i++)
        if (!strcmp(layout->series_key[i].variable, variable) &&
            !strcmp(layout->series_key[i].region, region) &&
            !strcmp(layout->series_key[i].commodity, commodity))
            return m->series[i];
    return NAN;
}

/* A yearly price is the mean of its months in which there is one. */
static void test_probe__is_the_mean_of_its_months(void **state)
{
    (void)state;
    made_up m = make_up();
    probe_tally tally[2] = {{0}};
    double sum = 0;
    int32_t months = 0;
    while (yt_run_month(m.w.run) < 2006 * 12) {
        yt_step(m.w.net, m.w.run);
        store_month month = record_month(m.record, m.w.net, m.w.run);
        double price = sum_of_month(&month, record_layout(m.record), "price", "east", "metal_x");
        probes_month(m.probes, &month, tally);
        if (month.month / 12 == 2004 && isfinite(price)) {
            sum += price;
            months++;
        }
    }
    assert_true(months > 0);
    assert_near(sum / months, probes_value(m.probes, 0, tally, 2006 * 12), 1e-9 * sum);
    assert_true(isnan(probes_value(m.probes, 1, tally, 2005 * 12 + 11)));
    clear_up(&m);
}

/* --------------------------------------------------------------------------- whole backtest */

static void test_backtest__is_the_same_with_two_threads(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    yt_model *first, *second;
    backtest a = run_backtest(NULL, 1, log, &first), b = run_backtest(NULL, 2, log, &second);
    assert_int_equal(a.scores, b.scores);
    for (int32_t i = 0; i < a.scores; i++) {
        assert_true(a.score[i].crps == b.score[i].crps || isnan(a.score[i].crps));
        assert_int_equal(a.score[i].n, b.score[i].n);
    }
    assert_memory_equal(a.implausibility, b.implausibility, 20 * sizeof(double));
    assert_int_equal(3, a.targets);
    for (int32_t i = 0; i < a.targets; i++)
        assert_true(a.target[i].value == b.target[i].value || isnan(a.target[i].value));
    assert_true(a.target[0].value > 1); /* duty and permits make the border dearer */
    assert_int_equal(a.accepted_worlds, b.accepted_worlds);
    backtest_free(&a);
    backtest_free(&b);
    yt_model_free(first);
    yt_model_free(second);
    yt_log_free(log);
}

static void test_backtest__keeps_its_answers(void **state)
{
    (void)state;
    char room[64], path[96];
    assert_int_equal(0, make_room(room, NULL));
    snprintf(path, sizeof path, "%s/back.ytt", room);
    yt_log *log = yt_log_new();
    yt_model *model;
    backtest b = run_backtest(path, 1, log, &model);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fclose(file);
    backtest_free(&b);
    yt_model_free(model);
    yt_log_free(log);
    remove_room(room);
}

/* --------------------------------------------------------------------- a table from outside */

static yt_status score_file(const char *text, yt_log *log)
{
    char room[64], path[96];
    assert_int_equal(0, make_room(room, NULL));
    snprintf(path, sizeof path, "%s/seen.csv", room);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    const backtest_options options = {
        .worlds = 1, .threads = 1, .hindcast_from = YT_NONE, .observations = path};
    yt_model *model = NULL;
    backtest b;
    assert_int_equal(YT_OK, yt_model_load("tests/cases/tiny", NULL, 0, log, &model));
    yt_status status = study_backtest(model, &options, log, &b);
    backtest_free(&b);
    yt_model_free(model);
    remove_room(room);
    return status;
}

#define HEADER "series,period,freq,value_low,value_high,unit,product,place,source\n"

static void test_observations__say_where_a_word_is_unknown(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    assert_int_equal(YT_ENAME, score_file(HEADER "price,2004,A,9,,USD/kg,xium,Nowhere,x\n", log));
    yt_message said = yt_log_get(log, 0);
    assert_int_equal(2, said.line);
    assert_int_equal(29, said.column);
    assert_non_null(strstr(said.text, "Nowhere"));
    yt_log_free(log);
}

static void test_observations__refuse_what_is_no_number(void **state)
{
    (void)state;
    yt_log *log = yt_log_new();
    assert_int_equal(YT_EDATA, score_file(HEADER "price,2004,A,many,,USD/kg,xium,East,x\n", log));
    assert_int_equal(14, yt_log_get(log, 0).column);
    assert_int_equal(YT_EDATA, score_file("series,period\nprice,2004\n", log));
    yt_log_free(log);
    log = yt_log_new();
    assert_int_equal(YT_OK, score_file(HEADER "price,2004,A,9,,USD/kg,xium,East,x\n", log));
    yt_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words__know_wholes_and_stems),
        cmocka_unit_test(test_judge__scores_one_row_by_hand),
        cmocka_unit_test(test_judge__scores_a_group_by_hand),
        cmocka_unit_test(test_judge__does_not_score_what_few_worlds_tell),
        cmocka_unit_test(test_judge__keeps_errors_within_a_range_at_zero),
        cmocka_unit_test(test_probe__is_the_mean_of_its_months),
        cmocka_unit_test(test_backtest__matches_words_as_the_report_does),
        cmocka_unit_test(test_backtest__is_the_same_with_two_threads),
        cmocka_unit_test(test_backtest__keeps_its_answers),
        cmocka_unit_test(test_observations__say_where_a_word_is_unknown),
        cmocka_unit_test(test_observations__refuse_what_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
