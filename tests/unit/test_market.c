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

#define REFERENCE "tests/reference/"

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

static json_t *load_numeric(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), REFERENCE "numeric/%s.json", name);
    json_t *root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    return root;
}

/* The value at a path such as "expected.quota.pA" or "inputs.supply.1". */
static const json_t *at(const json_t *root, const char *path)
{
    char part[64];
    while (*path) {
        const size_t n = strcspn(path, ".");
        snprintf(part, sizeof(part), "%.*s", (int)n, path);
        root = json_is_array(root) ? json_array_get(root, strtoul(part, NULL, 10))
                                   : json_object_get(root, part);
        if (!root)
            fail_msg("no %s in the reference file", path);
        path += n + (path[n] == '.');
    }
    return root;
}

static double number_at(const json_t *root, const char *path)
{
    assert_true(json_is_number(at(root, path)));
    return json_number_value(at(root, path));
}

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.17g is not %.17g within %g", value, expected, tolerance);
}

/* "rel 1e-9" or "abs 1e-4" of a reference file. */
static void assert_as_told(const json_t *root, double value, double expected)
{
    const char *text = json_string_value(at(root, "tolerance"));
    const double tolerance = strtod(text + 4, NULL);
    assert_near(value, expected, strncmp(text, "rel", 3) ? tolerance : tolerance * fabs(expected));
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

/* --------------------------------------------------------------------- known answers */

enum { FEW_MARKETS = 64, FEW_ACTIVITIES = 64, FEW_ENTRIES = 256 };

/* A problem put together by hand. */
typedef struct world {
    int32_t markets, activities;
    int32_t start[FEW_ACTIVITIES + 1], row[FEW_ENTRIES];
    double coefficient[FEW_ENTRIES], supply[FEW_MARKETS], reference[FEW_MARKETS];
    double cost[FEW_ACTIVITIES], slope[FEW_ACTIVITIES], capacity[FEW_ACTIVITIES];
    double price[FEW_MARKETS], level[FEW_ACTIVITIES], ray[FEW_MARKETS];
    market_problem answer;
} world;

static int32_t add_market(world *w, double supply)
{
    w->supply[w->markets] = supply;
    w->reference[w->markets] = w->price[w->markets] = 1;
    return w->markets++;
}

static int32_t add_activity(world *w, double cost, double slope, double capacity)
{
    const int32_t j = w->activities++;
    w->cost[j] = cost;
    w->slope[j] = slope;
    w->capacity[j] = capacity;
    w->start[j + 1] = w->start[j];
    return j;
}

/* An entry of the newest activity; markets in ascending order. */
static void add_entry(world *w, int32_t market, double coefficient)
{
    const int32_t e = w->start[w->activities]++;
    w->row[e] = market;
    w->coefficient[e] = coefficient;
}

static int32_t add_arc(world *w, int32_t from, int32_t to, double cost, double capacity)
{
    const int32_t j = add_activity(w, cost, 0, capacity);
    add_entry(w, from < to ? from : to, from < to ? -1 : 1);
    add_entry(w, from < to ? to : from, from < to ? 1 : -1);
    return j;
}

static int32_t add_single(world *w, int32_t market, double coefficient, double cost, double slope)
{
    const int32_t j = add_activity(w, cost, slope, INFINITY);
    add_entry(w, market, coefficient);
    return j;
}

static void clear_world(world *w)
{
    market_pattern *pattern = NULL;
    assert_int_equal(market_pattern_new(w->markets, w->activities, w->start, w->row, &pattern),
                     YT_OK);
    void *scratch = aligned_alloc(64, (market_scratch_size(pattern) + 127) / 64 * 64);
    assert_non_null(scratch);
    w->answer = (market_problem){.coefficient = w->coefficient,
                                 .supply = w->supply,
                                 .cost = w->cost,
                                 .slope = w->slope,
                                 .capacity = w->capacity,
                                 .reference = w->reference,
                                 .price = w->price,
                                 .level = w->level,
                                 .ray = w->ray};
    market_clear(pattern, (market_problem *[]){&w->answer}, 1, scratch);
    free(scratch);
    market_pattern_free(pattern);
}

static void assert_cleared(const world *w)
{
    assert_int_equal(w->answer.status, MARKET_OPTIMAL);
    assert_true(market_certificate_worst(&w->answer.certificate) <= MARKET_BAR);
}

/* "100-p", "9000-60 p", "100-q": a, b of a - b p */
static void read_demand(const char *text, double *a, double *b)
{
    char *end;
    *a = strtod(text, &end);
    assert_int_equal(*end, '-');
    *b = end[1] == 'p' || end[1] == 'q' ? 1 : strtod(end + 1, NULL);
}

/* "10+2p", "0.5p": a, b of a + b p */
static void read_supply(const char *text, double *a, double *b)
{
    char *end;
    *a = 0;
    *b = strtod(text, &end);
    if (*end == '+') {
        *a = *b;
        *b = strtod(end + 1, NULL);
    }
}

static int32_t add_country(world *w, const json_t *root, const char *name)
{
    char path[40];
    double a, b;
    snprintf(path, sizeof(path), "inputs.%s.supply", name);
    read_supply(json_string_value(at(root, path)), &a, &b);
    const int32_t market = add_market(w, a);
    add_single(w, market, 1, 0, 1 / b);
    snprintf(path, sizeof(path), "inputs.%s.demand", name);
    read_demand(json_string_value(at(root, path)), &a, &b);
    add_single(w, market, -1, -a / b, 1 / b);
    return market;
}

static void test_market__export_quota_parts_two_prices(void **state)
{
    (void)state;
    json_t *root = load_numeric("pol_export_quota_two_region");
    const struct {
        const char *name;
        double quota;
    } policy[] = {{"free", INFINITY}, {"quota", number_at(root, "inputs.quota")}, {"embargo", 0}};
    for (int k = 0; k < 3; k++) {
        world w = {0};
        const int32_t a = add_country(&w, root, "A"), b = add_country(&w, root, "B");
        const int32_t arc = add_arc(&w, a, b, number_at(root, "inputs.transport"), policy[k].quota);
        char path[60];
        clear_world(&w);
        assert_cleared(&w);
        snprintf(path, sizeof(path), "expected.%s.pA", policy[k].name);
        assert_as_told(root, w.price[a], number_at(root, path));
        snprintf(path, sizeof(path), "expected.%s.pB", policy[k].name);
        assert_as_told(root, w.price[b], number_at(root, path));
        if (k == 0)
            assert_as_told(root, w.level[arc], number_at(root, "expected.free.exports"));
        if (k == 1)
            assert_as_told(root, w.price[b] - w.price[a] - number_at(root, "inputs.transport"),
                           number_at(root, "expected.quota.unit_rent"));
    }
    json_decref(root);
}

static void test_market__one_permit_row_gives_one_rent(void **state)
{
    (void)state;
    json_t *root = load_numeric("pol_weight_quota");
    static const char *const product[] = {"La", "Nd", "Dy"};
    world w = {0};
    int32_t export[3];
    char path[60];
    const int32_t permit = add_market(&w, number_at(root, "inputs.quota"));
    for (int k = 0; k < 3; k++) {
        const int32_t market = add_market(&w, 0);
        double a, b;
        snprintf(path, sizeof(path), "inputs.domestic_price.%s", product[k]);
        export[k] = add_activity(&w, number_at(root, path), 0, INFINITY);
        add_entry(&w, permit, -1);
        add_entry(&w, market, 1);
        snprintf(path, sizeof(path), "inputs.foreign_demand.%s", product[k]);
        read_demand(json_string_value(at(root, path)), &a, &b);
        add_single(&w, market, -1, -a / b, 1 / b);
    }
    clear_world(&w);
    assert_cleared(&w);
    assert_as_told(root, w.price[permit], number_at(root, "expected.rent_per_kg"));
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof(path), "expected.fob.%s", product[k]);
        assert_as_told(root, w.price[1 + k], number_at(root, path));
        snprintf(path, sizeof(path), "expected.exports.%s", product[k]);
        assert_as_told(root, w.level[export[k]], number_at(root, path));
    }
    json_decref(root);
}

static void test_market__glut_of_a_joint_product_has_price_zero(void **state)
{
    (void)state;
    json_t *root = load_numeric("coprod_balance_problem");
    static const char *const element[] = {"Ce", "La", "Nd", "Dy"};
    world w = {0};
    char path[60];
    const int32_t ore =
        add_activity(&w, number_at(root, "inputs.unit_cost_per_t_mix"), 0, INFINITY);
    for (int k = 0; k < 4; k++) {
        snprintf(path, sizeof(path), "inputs.shares.%s", element[k]);
        add_entry(&w, add_market(&w, 0), number_at(root, path));
    }
    for (int k = 0; k < 4; k++) {
        snprintf(path, sizeof(path), "inputs.inverse_demand_intercept.%d", k);
        const double intercept = number_at(root, path);
        snprintf(path, sizeof(path), "inputs.slope.%d", k);
        add_single(&w, k, -1, -intercept, number_at(root, path));
    }
    clear_world(&w);
    assert_cleared(&w);
    assert_as_told(root, w.level[ore], number_at(root, "expected.ore_mix"));
    for (int k = 0; k < 4; k++) {
        snprintf(path, sizeof(path), "expected.prices.%d", k);
        assert_as_told(root, w.price[k], number_at(root, path));
    }
    json_decref(root);
}

static void test_market__three_countries_trade(void **state)
{
    (void)state;
    json_t *root = load_numeric("spe_compecon_3country");
    world w = {0};
    char path[60];
    const char *const key[] = {"a_s", "b_s", "a_d", "b_d"};
    for (int k = 0; k < 3; k++) {
        double value[4];
        for (int n = 0; n < 4; n++) {
            snprintf(path, sizeof(path), "inputs.%s.%d", key[n], k);
            value[n] = number_at(root, path);
        }
        const int32_t market = add_market(&w, 0);
        add_single(&w, market, 1, value[0], value[1]);
        add_single(&w, market, -1, -value[2], value[3]);
    }
    for (int from = 0; from < 3; from++)
        for (int to = 0; to < 3; to++) {
            snprintf(path, sizeof(path), "inputs.transport.%d.%d", from, to);
            if (from != to)
                add_arc(&w, from, to, number_at(root, path), INFINITY);
        }
    clear_world(&w);
    assert_cleared(&w);
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof(path), "expected.producer_price.%d", k);
        assert_as_told(root, w.price[k], number_at(root, path));
        snprintf(path, sizeof(path), "expected.supply.%d", k);
        assert_as_told(root, w.level[2 * k], number_at(root, path));
        snprintf(path, sizeof(path), "expected.demand.%d", k);
        assert_as_told(root, w.level[2 * k + 1], number_at(root, path));
    }
    json_decref(root);
}

static void test_market__storage_links_two_periods(void **state)
{
    (void)state;
    json_t *root = load_numeric("storage_two_period");
    const double growth = 1 + number_at(root, "inputs.interest");
    world w = {0};
    double a, b;
    read_demand(json_string_value(at(root, "inputs.inverse_demand")), &a, &b);
    const int32_t now = add_market(&w, number_at(root, "inputs.supply.0"));
    const int32_t later = add_market(&w, number_at(root, "inputs.supply.1"));
    add_single(&w, now, -1, -a, b);
    add_single(&w, later, -1, -a / growth, b / growth); /* present value */
    const int32_t store = add_arc(&w, now, later, number_at(root, "inputs.storage_cost"), INFINITY);
    clear_world(&w);
    assert_cleared(&w);
    assert_as_told(root, w.level[store], number_at(root, "expected.stored"));
    assert_as_told(root, w.price[now], number_at(root, "expected.p1"));
    assert_as_told(root, w.price[later] * growth, number_at(root, "expected.p2"));
    json_decref(root);
}

static void test_market__transport_problem_of_dantzig(void **state)
{
    (void)state;
    json_t *root = load_numeric("lp_dantzig_transport");
    static const char *const plant[] = {"Seattle", "SanDiego"}, *const city[] = {
                                                                    "NewYork", "Chicago", "Topeka"};
    const double freight = number_at(root, "inputs.freight_per_case_kmile") / 1000;
    world w = {0};
    char path[80];
    for (int k = 0; k < 2; k++) {
        snprintf(path, sizeof(path), "inputs.supply.%s", plant[k]);
        add_market(&w, number_at(root, path));
    }
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof(path), "inputs.demand.%s", city[k]);
        add_market(&w, -number_at(root, path));
    }
    for (int from = 0; from < 2; from++)
        for (int to = 0; to < 3; to++) {
            snprintf(path, sizeof(path), "inputs.distance_kmiles.%d.%d", from, to);
            add_arc(&w, from, 2 + to, freight * number_at(root, path), INFINITY);
        }
    clear_world(&w);
    assert_cleared(&w);
    assert_as_told(root, w.answer.objective, number_at(root, "expected.objective"));
    for (int k = 0; k < 2; k++)
        assert_near(w.price[k], 0, 1e-9);
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof(path), "expected.duals_demand.%s", city[k]);
        assert_as_told(root, w.price[2 + k], number_at(root, path));
    }
    json_decref(root);
}

/* min q x^2/2 + c x, lowest <= x <= highest, as an activity x - lowest; the constant part of
 * the objective is returned. */
static double add_variable(world *w, double c, double q, double lowest, double highest)
{
    add_activity(w, c + q * lowest, q, highest - lowest);
    return c * lowest + q * lowest * lowest / 2;
}

static void test_market__hs21(void **state)
{
    (void)state;
    json_t *root = load_numeric("qp_hs21");
    world w = {0};
    double constant = number_at(root, "inputs.c0"), lowest[2];
    double room = number_at(root, "inputs.b_ub.0");
    char path[60];
    add_market(&w, 0);
    for (int k = 0; k < 2; k++) {
        snprintf(path, sizeof(path), "inputs.bounds.%d.0", k);
        lowest[k] = number_at(root, path);
        snprintf(path, sizeof(path), "inputs.bounds.%d.1", k);
        const double highest = number_at(root, path);
        snprintf(path, sizeof(path), "inputs.Q.%d.%d", k, k);
        const double q = number_at(root, path);
        snprintf(path, sizeof(path), "inputs.c.%d", k);
        constant += add_variable(&w, number_at(root, path), q, lowest[k], highest);
        snprintf(path, sizeof(path), "inputs.A_ub.0.%d", k);
        add_entry(&w, 0, -number_at(root, path));
        room -= number_at(root, path) * lowest[k];
    }
    w.supply[0] = room;
    clear_world(&w);
    assert_cleared(&w);
    assert_as_told(root, w.answer.objective + constant, number_at(root, "expected.objective"));
    assert_as_told(root, w.level[0] + lowest[0], number_at(root, "expected.x.0"));
    assert_as_told(root, w.level[1] + lowest[1], number_at(root, "expected.x.1"));
    json_decref(root);
}

/* The inputs of HS118 are prose in the file: c, Qdiag, ramp, demand and bounds as there. */
static void test_market__hs118(void **state)
{
    (void)state;
    json_t *root = load_numeric("qp_hs118");
    static const double c[] = {2.3, 1.7, 2.2}, q[] = {0.0002, 0.0002, 0.0003};
    static const double low[] = {8, 43, 3}, high[] = {21, 57, 16}, top[] = {90, 120, 60};
    static const double up[] = {6, 7, 6}, demand[] = {60, 50, 70, 85, 100};
    world w = {0};
    double constant = 0, lowest[15];
    for (int t = 0; t < 5; t++)
        add_market(&w, -demand[t]);
    for (int k = 0; k < 12; k++) { /* rows 5 + 2k: rises at most up, 6 + 2k: falls at most 7 */
        add_market(&w, up[k % 3]);
        add_market(&w, 7);
    }
    for (int j = 0; j < 15; j++) {
        lowest[j] = j < 3 ? low[j] : 0;
        constant += add_variable(&w, c[j % 3], q[j % 3], lowest[j], j < 3 ? high[j] : top[j % 3]);
        add_entry(&w, j / 3, 1);
        if (j >= 3) {
            add_entry(&w, 5 + 2 * (j - 3), -1);
            add_entry(&w, 6 + 2 * (j - 3), 1);
        }
        if (j < 12) {
            add_entry(&w, 5 + 2 * j, 1);
            add_entry(&w, 6 + 2 * j, -1);
        }
    }
    for (int j = 0; j < 15; j++)
        for (int32_t e = w.start[j]; e < w.start[j + 1]; e++)
            w.supply[w.row[e]] += w.coefficient[e] * lowest[j];
    clear_world(&w);
    assert_cleared(&w);
    assert_as_told(root, w.answer.objective + constant, number_at(root, "expected.objective"));
    for (int j = 0; j < 15; j++) {
        char path[40];
        snprintf(path, sizeof(path), "expected.x.%d", j);
        assert_as_told(root, w.level[j] + lowest[j], number_at(root, path));
    }
    json_decref(root);
}

/* ------------------------------------------------------------------------ corner cases */

static void test_market__requirement_beyond_capacity_is_infeasible(void **state)
{
    (void)state;
    world w = {0};
    const int32_t here = add_market(&w, 0), there = add_market(&w, -6);
    add_activity(&w, 1, 0, 5);
    add_entry(&w, here, 1);
    add_arc(&w, here, there, 1, INFINITY);
    clear_world(&w);
    assert_int_equal(w.answer.status, MARKET_INFEASIBLE);
    /* y'(A x + b): here can bring 5, six are asked for */
    assert_true(w.ray[here] >= w.ray[there] && w.ray[there] > 0);
    assert_true(5 * w.ray[here] - 6 * w.ray[there] < 0);
}

static void test_market__activity_that_pays_for_ever_is_unbounded(void **state)
{
    (void)state;
    world w = {0};
    const int32_t market = add_market(&w, 0);
    add_single(&w, market, 1, 1, 0);
    add_single(&w, market, -1, -2, 0);
    clear_world(&w);
    assert_int_equal(w.answer.status, MARKET_UNBOUNDED);
}

static void test_market__idle_market_keeps_its_price(void **state)
{
    (void)state;
    world w = {0};
    const int32_t busy = add_market(&w, 0), idle = add_market(&w, 0);
    add_single(&w, busy, 1, 1, 0.1);
    add_single(&w, busy, -1, -10, 0.1);
    add_activity(&w, -5, 1, 0);
    add_entry(&w, idle, -1);
    w.price[idle] = 7.5;
    clear_world(&w);
    assert_cleared(&w);
    assert_near(w.price[idle], 7.5, 1e-12);
    assert_near(w.price[busy], 5.5, 1e-9);
}

static void test_market__garbage_start_does_not_matter(void **state)
{
    (void)state;
    const double start[] = {0, NAN, INFINITY, -3, 1e300};
    for (int k = 0; k < 5; k++) {
        world w = {0};
        const int32_t market = add_market(&w, 0);
        add_single(&w, market, 1, 1, 0.1);
        add_single(&w, market, -1, -10, 0.1);
        w.price[market] = start[k];
        clear_world(&w);
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
        cmocka_unit_test(test_market__export_quota_parts_two_prices),
        cmocka_unit_test(test_market__one_permit_row_gives_one_rent),
        cmocka_unit_test(test_market__glut_of_a_joint_product_has_price_zero),
        cmocka_unit_test(test_market__three_countries_trade),
        cmocka_unit_test(test_market__storage_links_two_periods),
        cmocka_unit_test(test_market__transport_problem_of_dantzig),
        cmocka_unit_test(test_market__hs21),
        cmocka_unit_test(test_market__hs118),
        cmocka_unit_test(test_market__requirement_beyond_capacity_is_infeasible),
        cmocka_unit_test(test_market__activity_that_pays_for_ever_is_unbounded),
        cmocka_unit_test(test_market__idle_market_keeps_its_price),
        cmocka_unit_test(test_market__garbage_start_does_not_matter),
        cmocka_unit_test(test_market__answer_does_not_depend_on_the_batch),
        cmocka_unit_test(test_market__pattern_refuses_rows_that_do_not_ascend),
        cmocka_unit_test(test_market__json_mistakes_are_named),
        cmocka_unit_test(test_market__json_order_does_not_change_a_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
