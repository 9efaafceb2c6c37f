/* test_market.c - the clearing: reference instances, problems with known answers, properties
 * and the JSON front. */
#include "base/hash.h"
#include "market/market.h"

/* the command is not part of the library */
#include "../../cli/clear_problem.c"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "clearing.h"
#include "reference.h"

/* ------------------------------------------------------------------------------ files */

/* All of a file or of what a command prints; the caller frees. */
static char *read_stream(FILE *stream, size_t *length)
{
    size_t room = 1 << 16;
    char *text = malloc(room);
    *length = 0;
    assert_non_null(stream);
    assert_non_null(text);
    for (size_t got; (got = fread(text + *length, 1, room - *length, stream)) > 0;) {
        *length += got;
        if (*length == room) {
            text = realloc(text, room *= 2);
            assert_non_null(text);
        }
    }
    return text;
}

static char *read_file(const char *path, size_t *length)
{
    FILE *stream = fopen(path, "rb");
    if (!stream)
        fail_msg("cannot open %s (tests run in the root of the sources)", path);
    char *text = read_stream(stream, length);
    fclose(stream);
    return text;
}

static char *read_instance(const char *name, size_t *length)
{
    char path[256];
    snprintf(path, sizeof(path), REFERENCE "instances/%s", name);
    if (!strstr(name, ".gz"))
        return read_file(path, length);
    char command[300];
    snprintf(command, sizeof(command), "gzip -dc %s", path);
    FILE *stream = popen(command, "r");
    char *text = read_stream(stream, length);
    pclose(stream);
    return text;
}

/* ------------------------------------------------------------------- reference instances */

static void test_market__reference_files_are_unchanged(void **state)
{
    (void)state;
    FILE *list = fopen(REFERENCE "SHA256SUMS", "r");
    assert_non_null(list);
    char expected[65], name[200];
    int files = 0;
    while (fscanf(list, "%64s %199s", expected, name) == 2) {
        char path[256], found[65];
        size_t length;
        snprintf(path, sizeof(path), REFERENCE "%s", name);
        char *bytes = read_file(path, &length);
        hash_sha256(bytes, length, found);
        assert_string_equal(found, expected);
        free(bytes);
        files++;
    }
    fclose(list);
    assert_true(files >= 90);
}

static bool is_listed(const json_t *list, const char *name)
{
    for (size_t k = 0; k < json_array_size(list); k++)
        if (strcmp(json_string_value(json_array_get(list, k)), name) == 0)
            return true;
    return false;
}

/* Objective 1e-9, certificate 1e-8, prices and levels that are unique 1e-6. */
static void compare_with_solution(const char *file, const clear_problem *p, const json_t *root)
{
    const market_problem *answer = &p->answer;
    const double objective = number_at(root, "solution.objective");
    print_message("%-26s %4d iterations, certificate %.1e\n", file, (int)answer->iterations,
                  market_certificate_worst(&answer->certificate));
    assert_int_equal(answer->status, MARKET_OPTIMAL);
    assert_true(market_certificate_worst(&answer->certificate) <= MARKET_BAR);
    assert_near(answer->objective, objective, 1e-9 * fabs(objective) + 1e-12);
    for (int32_t i = 0; i < p->markets; i++) {
        const double price =
            json_number_value(json_array_get(at(root, "solution.price"), (size_t)i));
        if (json_is_true(json_array_get(at(root, "solution.unique_price"), (size_t)i)))
            assert_near(p->price[p->market_rank[i]], price, 1e-6 * fabs(price) + 1e-9);
    }
    for (int32_t j = 0; j < p->activities; j++) {
        const double level =
            json_number_value(json_array_get(at(root, "solution.level"), (size_t)j));
        const int32_t rank = p->activity_rank[j];
        if (!is_listed(at(root, "checked.level_not_unique"), p->activity_name[rank]))
            assert_near(p->level[rank], level, 1e-6 * fmax(fabs(level), 1));
    }
}

static void check_instance(const char *file, bool from_start)
{
    size_t length;
    clear_problem problem;
    char *text = read_instance(file, &length);
    json_t *root = json_loadb(text, length, 0, NULL);
    assert_non_null(root);
    assert_int_equal(clear_problem_read(text, length, file, NULL, &problem), YT_OK);
    problem.has_start = from_start; /* from the reference prices */
    for (int32_t i = 0; i < problem.markets; i++)
        problem.price[i] = 1;
    assert_int_equal(clear_problem_solve(&problem), YT_OK);
    compare_with_solution(file, &problem, root);
    clear_problem_free(&problem);
    json_decref(root);
    free(text);
}

static const char *const instances[] = {
    "n0002_equal_cost.json",  "n0002_supply_only.json", "n0002_ties.json",     "n0002_two.json",
    "n0005_demand_zero.json", "n0005_joint.json",       "n0005_zero_cap.json", "n0020_embargo.json",
    "n0020_plain.json",       "n0020_scales.json",      "n0021_quota.json",    "n0024_idle.json",
    "n0100_plain.json",       "n0101_mixed.json",       "n0300_month0.json",   "n0300_month1.json",
    "n1000_month2.json.gz",
};

static void test_market__interior_point_solves_every_instance(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(instances) / sizeof(*instances); k++)
        check_instance(instances[k], false);
}

static void test_market__newton_with_its_net_solves_every_instance(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(instances) / sizeof(*instances); k++)
        check_instance(instances[k], true);
}

/* Months of drawn worlds cut down to what the interior point once failed on: markets of a few
 * kilograms beside kilotonnes, and prices far above all costs.  A certificate needs no solution to
 * compare with. */
static void test_market__hard_months_are_certified(void **state)
{
    (void)state;
    static const char *const files[] = {"n0028_kilograms.json", "n0055_dear.json"};
    for (int k = 0; k < 4; k++) {
        size_t length;
        clear_problem problem;
        char *text = read_instance(files[k / 2], &length);
        assert_int_equal(clear_problem_read(text, length, files[k / 2], NULL, &problem), YT_OK);
        problem.has_start = k % 2 == 1;
        for (int32_t i = 0; i < problem.markets; i++)
            problem.price[i] = 1;
        assert_int_equal(clear_problem_solve(&problem), YT_OK);
        assert_int_equal(problem.answer.status, MARKET_OPTIMAL);
        assert_true(market_certificate_worst(&problem.answer.certificate) <= MARKET_BAR);
        clear_problem_free(&problem);
        free(text);
    }
}

/* ------------------------------------------------------------------------ corner cases */

static void test_market__requirement_beyond_capacity_is_infeasible(void **state)
{
    (void)state;
    clearing w = {0};
    const int32_t here = add_market(&w, 0), there = add_market(&w, -6);
    add_activity(&w, 1, 0, 5);
    add_entry(&w, here, 1);
    add_arc(&w, here, there, 1, INFINITY);
    clear_by_hand(&w);
    assert_int_equal(w.answer.status, MARKET_INFEASIBLE);
    /* y'(A x + b): here can bring 5, six are asked for */
    assert_true(w.ray[here] >= w.ray[there] && w.ray[there] > 0);
    assert_true(5 * w.ray[here] - 6 * w.ray[there] < 0);
}

static void test_market__activity_that_pays_for_ever_is_unbounded(void **state)
{
    (void)state;
    clearing w = {0};
    const int32_t market = add_market(&w, 0);
    add_single(&w, market, 1, 1, 0);
    add_single(&w, market, -1, -2, 0);
    clear_by_hand(&w);
    assert_int_equal(w.answer.status, MARKET_UNBOUNDED);
}

static void test_market__idle_market_keeps_its_price(void **state)
{
    (void)state;
    clearing w = {0};
    const int32_t busy = add_market(&w, 0), idle = add_market(&w, 0);
    add_single(&w, busy, 1, 1, 0.1);
    add_single(&w, busy, -1, -10, 0.1);
    add_activity(&w, -5, 1, 0);
    add_entry(&w, idle, -1);
    w.price[idle] = 7.5;
    clear_by_hand(&w);
    assert_cleared(&w);
    assert_near(w.price[idle], 7.5, 1e-12);
    assert_near(w.price[busy], 5.5, 1e-9);
}

/* The rest of a sum that should have been zero lies in a market where nobody is: it is worth
 * nothing, whatever it was worth before. */
static void test_market__trace_that_nobody_wants_is_free(void **state)
{
    (void)state;
    static const double trace[] = {1e-3, 1e-9, 1.8e-14, 1e-30};
    for (size_t k = 0; k < sizeof trace / sizeof *trace; k++) {
        clearing w = {0};
        const int32_t busy = add_market(&w, 0), left = add_market(&w, trace[k]);
        add_single(&w, busy, 1, 1, 0.1);
        add_single(&w, busy, -1, -10, 0.1);
        w.reference[left] = 85000;
        w.price[left] = 25000;
        clear_by_hand(&w);
        assert_cleared(&w);
        assert_near(w.price[left], 0, 1e-6);
    }
}

/* A month of a drawn world, cut down: goods of which a kilogram or two is in store beside goods
 * of tonnes, and who holds the kilogram is decided long after the rest. */
static void test_market__markets_of_a_kilogram_are_decided(void **state)
{
    (void)state;
    clearing w = {0};
    static const double supply[] = {2.6389536744830693,
                                    0.46521983343595502,
                                    0.0020302712484708465,
                                    0.0020339173812961957,
                                    0.001415469176351171,
                                    0.00075048498975514009,
                                    0};
    static const double reference[] = {20534.214466967929, 20534.214466967929, 386886.41443876026,
                                       386886.41443876026, 17406.471539602531, 237996.60750269599,
                                       15476.00243475736};
    static const double price[] = {22817.315202679049, 22817.570565931896,  89595.925451575124,
                                   89594.370614914777, 0.01667579585236036, 118323.18467008282,
                                   7753.3987393262405};
    for (int32_t i = 0; i < 7; i++) {
        add_market(&w, supply[i]);
        w.reference[i] = reference[i];
        w.price[i] = price[i];
    }
    add_activity(&w, 7753.3986822051174, 107.86828384473391, 48.875004385305843);
    add_entry(&w, 6, 1);
    add_activity(&w, 0, 0.055174322349652756, INFINITY);
    add_entry(&w, 0, -1.031278055);
    add_entry(&w, 1, -0.18199024500000002);
    add_entry(&w, 4, 1);
    add_entry(&w, 6, -1);
    add_activity(&w, 0, 361.86994534992175, INFINITY);
    add_entry(&w, 2, -1.048982552);
    add_entry(&w, 3, -0.18511456800000001);
    add_entry(&w, 5, 1);
    add_entry(&w, 6, -1);
    add_activity(&w, -141633.70560264308, 25243707.318839647, INFINITY);
    add_entry(&w, 2, -1);
    add_activity(&w, -141863.53016883979, 25313860.394182753, INFINITY);
    add_entry(&w, 3, -1);
    add_activity(&w, -185521.73674900329, 88178395.180956706, INFINITY);
    add_entry(&w, 5, -1);
    clear_by_interior(&w);
    assert_cleared(&w);
}

static void test_market__garbage_start_does_not_matter(void **state)
{
    (void)state;
    const double start[] = {0, NAN, INFINITY, -3, 1e300};
    for (int k = 0; k < 5; k++) {
        clearing w = {0};
        const int32_t market = add_market(&w, 0);
        add_single(&w, market, 1, 1, 0.1);
        add_single(&w, market, -1, -10, 0.1);
        w.price[market] = start[k];
        clear_by_hand(&w);
        assert_cleared(&w);
        assert_near(w.price[market], 5.5, 1e-9);
    }
}

/* Prices and levels of the first instance months solved together and alone. */
static void test_market__answer_does_not_depend_on_the_batch(void **state)
{
    (void)state;
    size_t length;
    clear_problem p;
    char *text = read_instance("n0100_plain.json", &length);
    assert_int_equal(clear_problem_read(text, length, "", NULL, &p), YT_OK);
    guess_reference(&p);
    market_pattern *pattern = NULL;
    assert_int_equal(market_pattern_new(p.markets, p.activities, p.start, p.row, &pattern), YT_OK);
    void *scratch = aligned_alloc(64, (market_scratch_size(pattern) + 127) / 64 * 64);
    assert_non_null(scratch);
    enum { BATCH = 3 };
    market_problem problem[BATCH], *batch[BATCH];
    double *price[BATCH], *alone = calloc((size_t)p.markets, sizeof(double));
    double *cost = calloc((size_t)p.activities, sizeof(double));
    double *level = calloc((size_t)p.activities, sizeof(double));
    assert_true(alone && cost && level);
    for (int32_t j = 0; j < p.activities; j++)
        cost[j] = 1.1 * p.cost[j];
    for (int k = 0; k < BATCH; k++) {
        price[k] = calloc((size_t)p.markets, sizeof(double));
        memcpy(price[k], p.reference, (size_t)p.markets * sizeof(double));
        problem[k] = (market_problem){p.coefficient,
                                      p.supply,
                                      k == 1 ? cost : p.cost,
                                      p.slope,
                                      p.capacity,
                                      p.reference,
                                      price[k],
                                      level,
                                      NULL,
                                      MARKET_OPTIMAL,
                                      MARKET_NEWTON,
                                      0,
                                      0,
                                      {0, 0, 0}};
        batch[k] = &problem[k];
    }
    market_clear(pattern, batch, BATCH, scratch);
    memcpy(alone, p.reference, (size_t)p.markets * sizeof(double));
    problem[1].price = alone;
    market_clear(pattern, &batch[1], 1, scratch);
    assert_memory_equal(alone, price[1], (size_t)p.markets * sizeof(double));
    assert_memory_equal(price[0], price[2], (size_t)p.markets * sizeof(double));
    for (int k = 0; k < BATCH; k++)
        free(price[k]);
    free(alone);
    free(cost);
    free(level);
    free(scratch);
    market_pattern_free(pattern);
    clear_problem_free(&p);
    free(text);
}

static void test_market__pattern_refuses_rows_that_do_not_ascend(void **state)
{
    (void)state;
    market_pattern *pattern = NULL;
    const int32_t start[] = {0, 2};
    assert_int_equal(market_pattern_new(2, 1, start, (int32_t[]){1, 0}, &pattern), YT_ERANGE);
    assert_int_equal(market_pattern_new(2, 1, start, (int32_t[]){1, 1}, &pattern), YT_ERANGE);
    assert_int_equal(market_pattern_new(2, 1, start, (int32_t[]){0, 2}, &pattern), YT_ERANGE);
    assert_int_equal(market_pattern_new(0, 0, (int32_t[]){0}, NULL, &pattern), YT_OK);
    market_pattern_free(pattern);
}

/* ------------------------------------------------------------------------------- JSON */

static yt_status read_text(const char *text, yt_log *log, clear_problem *problem)
{
    return clear_problem_read(text, strlen(text), "p.json", log, problem);
}

static void assert_refused(const char *text, const char *words)
{
    yt_log *log = yt_log_new();
    clear_problem problem;
    const yt_status status = read_text(text, log, &problem);
    assert_int_equal(yt_status_exit_code(status), 3);
    bool is_told = false;
    for (int32_t k = 0; k < yt_log_count(log, YT_ERROR); k++)
        is_told |= strstr(yt_log_get(log, k).text, words) != NULL;
    if (!is_told)
        fail_msg("no message says \"%s\" about %s", words, text);
    clear_problem_free(&problem);
    yt_log_free(log);
}

#define ONE_ACTIVITY(rest)                                                                         \
    "{\"markets\":[\"m\"],\"supply\":[0],\"activities\":[{\"name\":\"a\",\"column\":{\"m\":1},"    \
    "\"cost\":1" rest "}]}"

static void test_market__json_mistakes_are_named(void **state)
{
    (void)state;
    assert_refused("", "");
    assert_refused("[]", "must hold an object");
    assert_refused("{}", "markets must be a list");
    assert_refused("{\"markets\":[\"a\"],\"supply\":[],\"activities\":[]}", "supply has 0 numbers");
    assert_refused("{\"markets\":[\"a\",\"a\"],\"supply\":[0,0],\"activities\":[]}", "markets[1]");
    assert_refused("{\"markets\":[1],\"supply\":[0],\"activities\":[]}", "markets[0]");
    assert_refused("{\"markets\":[],\"supply\":[],\"activities\":[],\"x\":1}", "is not a key");
    assert_refused(ONE_ACTIVITY(",\"slope\":-1"), "activities[0].slope");
    assert_refused(ONE_ACTIVITY(",\"slope\":0,\"capacity\":-1"), "activities[0].capacity");
    assert_refused(ONE_ACTIVITY(",\"slope\":0,\"capacity\":\"1\""), "activities[0].capacity");
    assert_refused(ONE_ACTIVITY(",\"slope\":1e400"), "overflow");
    assert_refused(ONE_ACTIVITY(",\"slope\":NaN"), "");
    assert_refused(ONE_ACTIVITY(",\"slope\":0,\"slope\":0"), "duplicate");
    assert_refused(ONE_ACTIVITY(",\"slope\":0,\"colour\":0"), "colour");
    assert_refused("{\"markets\":[],\"supply\":[],\"activities\":[7]}", "activities[0]");
    assert_refused("{\"markets\":[\"m\"],\"supply\":[0],\"activities\":[{\"name\":\"a\",\"column\":"
                   "{\"n\":1},\"cost\":1,\"slope\":0}]}",
                   "is no market");
}

static void test_market__json_order_does_not_change_a_bit(void **state)
{
    (void)state;
    const char *text[] = {
        "{\"markets\":[\"a\",\"b\"],\"supply\":[3,-1],\"activities\":["
        "{\"name\":\"x\",\"column\":{\"a\":-1,\"b\":0.7},\"cost\":1.3,\"slope\":0.11},"
        "{\"name\":\"y\",\"column\":{\"b\":-1},\"cost\":-9.1,\"slope\":1.7,\"capacity\":4}]}",
        "{\"activities\":["
        "{\"name\":\"y\",\"column\":{\"b\":-1},\"cost\":-9.1,\"slope\":1.7,\"capacity\":4},"
        "{\"column\":{\"b\":0.7,\"a\":-1},\"cost\":1.3,\"name\":\"x\",\"slope\":0.11}],"
        "\"supply\":[-1,3],\"markets\":[\"b\",\"a\"]}"};
    clear_problem p[2];
    for (int k = 0; k < 2; k++) {
        assert_int_equal(read_text(text[k], NULL, &p[k]), YT_OK);
        assert_int_equal(clear_problem_solve(&p[k]), YT_OK);
        assert_int_equal(p[k].answer.status, MARKET_OPTIMAL);
    }
    assert_memory_equal(p[0].price, p[1].price, 2 * sizeof(double));
    assert_memory_equal(p[0].level, p[1].level, 2 * sizeof(double));
    assert_int_equal(p[0].market_rank[0], p[1].market_rank[1]);
    clear_problem_free(&p[0]);
    clear_problem_free(&p[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_market__reference_files_are_unchanged),
        cmocka_unit_test(test_market__interior_point_solves_every_instance),
        cmocka_unit_test(test_market__newton_with_its_net_solves_every_instance),
        cmocka_unit_test(test_market__requirement_beyond_capacity_is_infeasible),
        cmocka_unit_test(test_market__activity_that_pays_for_ever_is_unbounded),
        cmocka_unit_test(test_market__idle_market_keeps_its_price),
        cmocka_unit_test(test_market__trace_that_nobody_wants_is_free),
        cmocka_unit_test(test_market__markets_of_a_kilogram_are_decided),
        cmocka_unit_test(test_market__hard_months_are_certified),
        cmocka_unit_test(test_market__garbage_start_does_not_matter),
        cmocka_unit_test(test_market__answer_does_not_depend_on_the_batch),
        cmocka_unit_test(test_market__pattern_refuses_rows_that_do_not_ascend),
        cmocka_unit_test(test_market__json_mistakes_are_named),
        cmocka_unit_test(test_market__json_order_does_not_change_a_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
