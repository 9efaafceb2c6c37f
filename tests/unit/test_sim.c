/* test_sim.c - worlds of the tiny case: certified months, closed books, equal bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <math.h>

/* ---------------------------------------------------------------- counting allocations */

static int allocations;
static bool is_counting;

#ifdef __SANITIZE_ADDRESS__
#define CAN_COUNT false /* the sanitizer brings a malloc of its own */
#else
#define CAN_COUNT true
extern void *__libc_malloc(size_t bytes);
void *malloc(size_t bytes);

/* The C library's own, counted while a month is simulated. */
void *malloc(size_t bytes)
{
    allocations += is_counting;
    return __libc_malloc(bytes);
}
#endif

/* ------------------------------------------------------------------------------ tests */

static void test_sim__certifies_every_month(void **state)
{
    (void)state;
    world w = world_of(NULL);
    while (yt_run_month(w.run) < end_of(&w)) {
        yt_step(w.net, w.run);
        assert_int_equal(YT_OK, yt_run_status(w.run));
        assert_true(market_certificate_worst(&w.run->certificate) <= MARKET_BAR);
    }
    world_free(&w);
}

static void test_sim__closes_every_element(void **state)
{
    (void)state;
    world w = world_of(NULL);
    while (yt_run_month(w.run) < end_of(&w)) {
        yt_step(w.net, w.run);
        for (int32_t e = 0; e < w.net->elements.count; e++)
            assert_true(fabs(sim_element_balance(w.net, w.run, e).closure) <= 1e-9);
    }
    assert_true(sim_element_balance(w.net, w.run, 0).mined > 0);
    world_free(&w);
}

/* A planted leak must be seen: the books would be no proof otherwise. */
static void test_sim__sees_a_leak(void **state)
{
    (void)state;
    world w = world_of(NULL);
    step_to(&w, w.net->first_month + 30);
    double closed = sim_element_balance(w.net, w.run, 0).closure;
    VIEW(w.net, w.run, in_use)[0] *= 1 - 1e-6;
    assert_true(fabs(sim_element_balance(w.net, w.run, 0).closure - closed) > 1e-9);
    world_free(&w);
}

static void test_sim__never_sells_what_is_not_there(void **state)
{
    (void)state;
    world w = world_of(NULL);
    while (yt_run_month(w.run) < end_of(&w)) {
        yt_step(w.net, w.run);
        for (int32_t i = 0; i < w.net->holds; i++)
            assert_true(VIEW(w.net, w.run, stock)[i] >= 0);
        for (int32_t i = 0; i < w.net->uses; i++)
            assert_true(VIEW(w.net, w.run, in_use)[i] >= -1e-9);
        for (int32_t p = 0; p < w.net->releases; p++)
            assert_true(VIEW(w.net, w.run, permit_left)[p] >= 0);
    }
    world_free(&w);
}

/* What is left of a stock that was sold is the rounding of a sum, and comes to no market: who
 * gets it cannot be decided to the certificate's precision. */
static void test_sim__dust_comes_to_no_market(void **state)
{
    (void)state;
    static const double dust[] = {1e-10, 1.8e-14, 1e-300};
    world w = world_of(NULL);
    step_to(&w, w.net->first_month + 30);
    for (int32_t i = 0; i < w.net->holds; i++) {
        VIEW(w.net, w.run, stock)[i] = dust[i % 3];
        yt_step(w.net, w.run);
        assert_int_equal(yt_run_status(w.run), YT_OK);
        for (int32_t n = 0; n < w.net->nodes; n++) {
            double supply = VIEW(w.net, w.run, supply)[n];
            assert_true(supply == 0 || supply >= 1e-9);
        }
    }
    world_free(&w);
}

static void test_sim__does_not_allocate_in_a_month(void **state)
{
    (void)state;
    if (!CAN_COUNT)
        skip();
    world w = world_of(NULL);
    for (int k = 0; k < 2; k++) { /* by dates, and across the month in which decisions begin */
        if (k)
            yt_run_reset(w.net, w.run, 1, 5);
        step_to(&w, w.net->first_month + (k ? w.net->decide - 3 : 3));
        allocations = 0;
        is_counting = true;
        for (int i = 0; i < 24; i++)
            yt_step(w.net, w.run);
        is_counting = false;
        assert_int_equal(0, allocations);
    }
    world_free(&w);
}

static void test_sim__resumes_to_the_same_bits_from_every_month(void **state)
{
    (void)state;
    world w = world_of(NULL);
    yt_run *saved = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &saved));
    step_to(&w, end_of(&w));
    uint64_t whole = sim_state_hash(w.net, w.run);
    for (int32_t cut = 0; cut < w.net->months; cut += 7) {
        yt_run_reset_central(w.net, w.run);
        step_to(&w, w.net->first_month + cut);
        yt_run_copy(w.net, saved, w.run);
        while (yt_run_month(saved) < end_of(&w))
            yt_step(w.net, saved);
        assert_true(whole == sim_state_hash(w.net, saved));
    }
    yt_run_free(saved);
    world_free(&w);
}

/* A run in a batch equals the same run alone, wherever it stands in the batch. */
static void test_sim__batch_does_not_matter(void **state)
{
    (void)state;
    world w = world_of(NULL);
    enum { RUNS = 19 }; /* more than clear together at once */
    yt_run *run[RUNS];
    for (int i = 0; i < RUNS; i++) {
        assert_int_equal(YT_OK, yt_run_new(w.net, &run[i]));
        /* worlds that differ: each starts a few months further on */
        for (int k = 0; k < i % 5; k++)
            yt_step(w.net, run[i]);
    }
    for (int k = 0; k < 40; k++)
        yt_step_many(w.net, run, RUNS);
    for (int i = 0; i < RUNS; i++) {
        yt_run_reset_central(w.net, w.run);
        step_to(&w, yt_run_month(run[i]));
        assert_true(sim_state_hash(w.net, w.run) == sim_state_hash(w.net, run[i]));
        yt_run_free(run[i]);
    }
    world_free(&w);
}

/* The same with runs that share their scratch and clear side by side. */
static void test_sim__runs_side_by_side_have_the_bits_of_runs_alone(void **state)
{
    (void)state;
    world w = world_of(NULL);
    enum { RUNS = 19 }; /* more than stand side by side */
    yt_batch *batch = NULL;
    assert_int_equal(YT_OK, yt_batch_new(w.net, RUNS, &batch));
    /* worlds that differ: each starts a few months further on */
    for (int i = 0; i < RUNS; i++) {
        yt_run_reset(w.net, w.run, 0, 0);
        for (int k = 0; k < i % 5; k++)
            yt_step(w.net, w.run);
        yt_run_copy(w.net, yt_batch_run(batch, i), w.run);
    }
    for (int k = 0; k < 40; k++)
        assert_int_equal(RUNS, yt_batch_step(batch));
    for (int i = 0; i < RUNS; i++) {
        yt_run *run = yt_batch_run(batch, i);
        yt_run_reset(w.net, w.run, 0, 0);
        step_to(&w, yt_run_month(run));
        assert_true(sim_state_hash(w.net, w.run) == sim_state_hash(w.net, run));
    }
    yt_batch_free(batch);
    world_free(&w);
}

/* ------------------------------------------------------------------ signs: what must follow */

/* Mean prices inside and outside with one value set. */
typedef struct pair {
    double inside, outside;
} pair;

static pair prices_with(const char *set, const char *commodity, int32_t from, int32_t to)
{
    world w = world_of(set);
    pair p = {.inside = mean_price(&w, commodity, "east", from, to)};
    yt_run_reset_central(w.net, w.run);
    p.outside = mean_price(&w, commodity, "west", from, to);
    world_free(&w);
    return p;
}

static void test_sim__quota_parts_the_prices(void **state)
{
    (void)state;
    int32_t from = month_of(2004, 3), to = month_of(2004, 12);
    pair loose = prices_with("permit_batch[east_quota,2004-01].value=60", "metal_x", from, to);
    pair tight = prices_with("permit_batch[east_quota,2004-01].value=6", "metal_x", from, to);
    assert_true(tight.outside > loose.outside);
    assert_true(tight.outside / tight.inside > loose.outside / loose.inside);
}

static void test_sim__less_ore_raises_the_price(void **state)
{
    (void)state;
    int32_t from = month_of(2002, 1), to = month_of(2003, 1);
    pair normal = prices_with(NULL, "metal_x", from, to);
    pair scarce =
        prices_with("facility_fact[east_mine,capacity,1998-01].value=90", "metal_x", from, to);
    assert_true(scarce.inside > normal.inside && scarce.outside > normal.outside);
}

/* Joint products: when less of one is wanted as much of it is made, and its price falls. */
static void test_sim__joint_product_falls_into_surplus(void **state)
{
    (void)state;
    int32_t from = month_of(2002, 1), to = month_of(2003, 1);
    pair normal = prices_with(NULL, "metal_y", from, to);
    pair glut = prices_with("basket[widgets,metal_y,1998-01].value=0.06", "metal_y", from, to);
    assert_true(glut.inside < normal.inside);
}

static void test_sim__tariff_falls_on_the_buyer(void **state)
{
    (void)state;
    int32_t from = month_of(2001, 1), to = month_of(2002, 1);
    pair low = prices_with(NULL, "metal_x", from, to);
    pair high = prices_with("trade_cost[item=tariff,group=metal,destination=west].value=40",
                            "metal_x", from, to);
    assert_true(high.outside / high.inside > low.outside / low.inside);
}

/* News makes holders want more: their stock and the price rise in the months after it. */
static void test_sim__news_fills_the_shelves(void **state)
{
    (void)state;
    world calm = world_of("news[quota_cut].value=0");
    world alarmed = world_of("news[quota_cut].value=2");
    int32_t node = node_of(&calm, "metal_x", "west", SIDE_SINGLE);
    step_to(&calm, month_of(2005, 2));
    step_to(&alarmed, month_of(2005, 2));
    assert_true(VIEW(alarmed.net, alarmed.run, price)[node] >
                VIEW(calm.net, calm.run, price)[node]);
    for (int32_t i = 0; i < calm.net->holds; i++)
        if (calm.net->hold[i].node == node)
            assert_true(VIEW(alarmed.net, alarmed.run, stock)[i] >
                        VIEW(calm.net, calm.run, stock)[i]);
    world_free(&calm);
    world_free(&alarmed);
}

/* Intensity falls fast when prices are high and recovers slowly. */
static void test_sim__thrift_is_slow_to_forget(void **state)
{
    (void)state;
    world w = world_of(NULL);
    step_to(&w, month_of(2000, 1));
    int32_t node = w.net->segment[0].node;
    double *theta = VIEW(w.net, w.run, intensity), *memory = VIEW(w.net, w.run, price_memory);
    theta[0] = 0.8;
    memory[0] = 4 * VIEW(w.net, w.run, reference_price)[node];
    yt_step(w.net, w.run);
    double fall = 0.8 - theta[0];
    theta[0] = 0.8;
    memory[0] = 1e-3 * VIEW(w.net, w.run, reference_price)[node];
    yt_step(w.net, w.run);
    double rise = theta[0] - 0.8;
    assert_true(fall > 0 && rise > 0 && fall > 2 * rise);
    world_free(&w);
}

/* Goods leave use by their survival: what was sold comes back, no more and no less. */
static void test_sim__goods_come_back_as_scrap(void **state)
{
    (void)state;
    world w = world_of("end_use_fact[widgets,lifetime].value=2");
    double sold = 0, returned = 0;
    while (yt_run_month(w.run) < end_of(&w)) {
        yt_step(w.net, w.run);
        sold += sim_bought(w.net, w.run, 0);
        returned += VIEW(w.net, w.run, discards)[0];
    }
    assert_true(fabs(sold - returned - VIEW(w.net, w.run, in_use)[0]) <= 1e-9 * sold);
    assert_true(returned > 0.6 * sold);
    world_free(&w);
}

/* A permit that is not sold out lapses at the end of its batch. */
static void test_sim__permits_lapse(void **state)
{
    (void)state;
    world w = world_of("permit_batch[east_quota,2003-01].value=500");
    step_to(&w, month_of(2004, 1));
    assert_true(VIEW(w.net, w.run, permit_left)[0] > 0.5 * 0.8 * 500000);
    step_to(&w, month_of(2004, 2));
    assert_true(VIEW(w.net, w.run, permit_left)[0] <= 0.8 * 12000);
    world_free(&w);
}

/* In the last month of a batch all that is left is the pace, whatever the cap on sales. */
static void test_sim__pace_is_what_is_left_over_what_is_left(void **state)
{
    (void)state;
    world w = world_of(NULL);
    step_to(&w, month_of(2004, 12));
    double left = VIEW(w.net, w.run, permit_left)[0];
    yt_step(w.net, w.run);
    assert_true(left > 0);
    assert_true(fabs(VIEW(w.net, w.run, permit_pace)[0] - left) <= 1e-9 * left);
    world_free(&w);
}

/* Licences measure by the recent flow of the month before the first of them. */
static void test_sim__licence_halves_the_flow(void **state)
{
    (void)state;
    world w = world_of(NULL);
    int32_t c = index_of(&w.net->commodities, "metal_y");
    step_to(&w, month_of(2009, 2));
    double base = 0, flow = 0;
    for (int32_t i = 0; i < w.net->arcs; i++)
        if (w.net->arc[i].commodity == c && w.net->arc[i].kind == ARC_OPEN &&
            w.net->node[w.net->arc[i].from].region == index_of(&w.net->regions, "east")) {
            base += VIEW(w.net, w.run, licence_base)[i];
            flow += VIEW(w.net, w.run, level)[w.net->arcs_at.first + i];
        }
    assert_true(base > 0);
    assert_true(flow <= 0.5 * base * (1 + 1e-9));
    world_free(&w);
}

/* ------------------------------------------------------------------- what a month depends on */

/* A month reads parameters and state: what flows and scratch held before it does not matter. */
static void test_sim__forgets_the_flows_of_last_month(void **state)
{
    (void)state;
    world w = world_of(NULL);
    yt_run *other = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &other));
    while (yt_run_month(w.run) < end_of(&w)) {
        for (int32_t v = 0; v < VAR_COUNT; v++) {
            variable_info info = network_variable(v);
            bool is_decided = info.part == PART_FLOW || info.part == PART_GIVEN;
            for (int32_t i = 0; is_decided && i < w.net->axis[info.axis]; i++)
                other->number[w.net->offset[v] + (size_t)i] = NAN;
        }
        yt_step(w.net, w.run);
        yt_step(w.net, other);
        assert_int_equal(YT_OK, yt_run_status(other));
        assert_memory_equal(w.run->number, other->number,
                            w.net->offset[VAR_supply] * sizeof(double));
    }
    yt_run_free(other);
    world_free(&w);
}

/* Tonnes of a commodity that left the east by open lanes in the month just simulated. */
static double shipped(const world *w, const char *commodity)
{
    int32_t c = index_of(&w->net->commodities, commodity),
            east = index_of(&w->net->regions, "east");
    double tonnes = 0;
    for (int32_t i = 0; i < w->net->arcs; i++)
        if (w->net->arc[i].commodity == c && w->net->arc[i].kind == ARC_OPEN &&
            w->net->node[w->net->arc[i].from].region == east)
            tonnes += VIEW(w->net, w->run, level)[w->net->arcs_at.first + i];
    return tonnes;
}

/* Lanes of metal_y from the east are those that the tiny case licenses in 2009. */
static bool is_licensed_lane(const world *w, int32_t i)
{
    return w->net->arc[i].commodity == index_of(&w->net->commodities, "metal_y") &&
           w->net->arc[i].kind == ARC_OPEN &&
           w->net->node[w->net->arc[i].from].region == index_of(&w->net->regions, "east");
}

/* Buyers may take years to get used to a supplier; a licence lets pass a share of last year. */
static void test_sim__licence_measures_by_last_year(void **state)
{
    (void)state;
    const char *const sets[] = {"trade_cost[item=unrefunded_tax].unit=months",
                                "trade_cost[item=unrefunded_tax].item=usual_time",
                                "trade_cost[item=usual_time].value=600"};
    world w = world_with(3, sets);
    step_to(&w, month_of(2007, 1));
    double least = INFINITY, most = 0, base = 0, habit = 0;
    for (int t = 0; t < 24; t++) {
        yt_step(w.net, w.run);
        least = fmin(least, shipped(&w, "metal_y"));
        most = fmax(most, shipped(&w, "metal_y"));
    }
    step_to(&w, month_of(2009, 2));
    for (int32_t i = 0; i < w.net->arcs; i++)
        if (is_licensed_lane(&w, i)) {
            base += VIEW(w.net, w.run, licence_base)[i];
            habit += VIEW(w.net, w.run, usual_flow)[i];
        }
    assert_true(base >= least && base <= most);
    assert_true(habit < least || habit > most);
    world_free(&w);
}

/* What throwing away saves follows its dates: before the first there is nothing to save. */
static void test_sim__disposal_cost_has_dates(void **state)
{
    (void)state;
    world w = world_of("commodity_fact[commodity=metal_y,item=disposal_cost].from=2005-01");
    int32_t c = index_of(&w.net->commodities, "metal_y");
    for (int year = 2004; year <= 2005; year++) {
        step_to(&w, month_of(year, 12));
        for (int32_t n = 0; n < w.net->nodes; n++)
            if (w.net->node[n].kind == NODE_GOODS && w.net->node[n].commodity == c)
                assert_true(VIEW(w.net, w.run, disposal_cost)[n] == (year < 2005 ? 0 : -200));
    }
    world_free(&w);
}

/* A run that begins within a batch has its share of it: without, nobody could ship. */
static void test_sim__begins_within_a_batch(void **state)
{
    (void)state;
    const char *const sets[] = {"permit_batch[east_quota,2003-01].value=480",
                                "permit_batch[east_quota,2003-01].to=1998-12",
                                "permit_batch[east_quota,2003-01].from=1997-01"};
    world w = world_with(3, sets);
    yt_step(w.net, w.run);
    assert_true(fabs(VIEW(w.net, w.run, permit_issued)[0] - 240000) < 1e-6);
    step_to(&w, month_of(1998, 6));
    assert_true(shipped(&w, "metal_y") > 0);
    world_free(&w);
}

/* Licences keep their own dates during the spin-up; those of before it measure by a guess. */
static void test_sim__begins_under_licences(void **state)
{
    (void)state;
    static const char *const from[] = {"licence[item=approved].from=1998-11",
                                       "licence[item=approved].from=1990-01"};
    for (int i = 0; i < 2; i++) {
        world w = world_of(from[i]);
        step_to(&w, month_of(2000, 6));
        assert_true(shipped(&w, "metal_y") > 1);
        world_free(&w);
    }
}

/* Contract users who may resell nothing have an offer of nothing, not of no number. */
static void test_sim__resells_nothing(void **state)
{
    (void)state;
    const char *const sets[] = {"parameter[resale_rate].value=0", "parameter[resale_cost].value=0"};
    for (int n = 1; n <= 2; n++) {
        world w = world_with(n, sets);
        step_to(&w, month_of(1999, 1));
        world_free(&w);
    }
}

/* The ask on record is the one of the month, not what was learnt from it. */
static void test_sim__asks_before_it_learns(void **state)
{
    (void)state;
    world w = world_of(NULL);
    step_to(&w, month_of(2003, 1));
    double ask = VIEW(w.net, w.run, ask)[0];
    yt_step(w.net, w.run);
    assert_true(VIEW(w.net, w.run, permit_asked)[0] == ask);
    assert_true(VIEW(w.net, w.run, ask)[0] != ask);
    world_free(&w);
}

/* ------------------------------------------------------------------------------- failure */

static void test_sim__stops_whole_when_a_number_breaks(void **state)
{
    (void)state;
    world w = world_of(NULL);
    step_to(&w, w.net->first_month + 5);
    yt_run *before = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &before));
    VIEW(w.net, w.run, stock)[0] = NAN;
    yt_run_copy(w.net, before, w.run);
    yt_step(w.net, w.run);
    assert_int_equal(YT_ENUMERIC, yt_run_status(w.run));
    assert_int_equal(yt_run_month(before), yt_run_month(w.run));
    /* the state is that of the last good month; only flows were tried */
    assert_memory_equal(VIEW(w.net, before, price), VIEW(w.net, w.run, price),
                        (size_t)w.net->nodes * sizeof(double));
    yt_run_free(before);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sim__certifies_every_month),
        cmocka_unit_test(test_sim__closes_every_element),
        cmocka_unit_test(test_sim__sees_a_leak),
        cmocka_unit_test(test_sim__never_sells_what_is_not_there),
        cmocka_unit_test(test_sim__dust_comes_to_no_market),
        cmocka_unit_test(test_sim__does_not_allocate_in_a_month),
        cmocka_unit_test(test_sim__resumes_to_the_same_bits_from_every_month),
        cmocka_unit_test(test_sim__batch_does_not_matter),
        cmocka_unit_test(test_sim__runs_side_by_side_have_the_bits_of_runs_alone),
        cmocka_unit_test(test_sim__quota_parts_the_prices),
        cmocka_unit_test(test_sim__less_ore_raises_the_price),
        cmocka_unit_test(test_sim__joint_product_falls_into_surplus),
        cmocka_unit_test(test_sim__tariff_falls_on_the_buyer),
        cmocka_unit_test(test_sim__news_fills_the_shelves),
        cmocka_unit_test(test_sim__thrift_is_slow_to_forget),
        cmocka_unit_test(test_sim__goods_come_back_as_scrap),
        cmocka_unit_test(test_sim__permits_lapse),
        cmocka_unit_test(test_sim__pace_is_what_is_left_over_what_is_left),
        cmocka_unit_test(test_sim__licence_halves_the_flow),
        cmocka_unit_test(test_sim__licence_measures_by_last_year),
        cmocka_unit_test(test_sim__disposal_cost_has_dates),
        cmocka_unit_test(test_sim__forgets_the_flows_of_last_month),
        cmocka_unit_test(test_sim__begins_within_a_batch),
        cmocka_unit_test(test_sim__begins_under_licences),
        cmocka_unit_test(test_sim__resells_nothing),
        cmocka_unit_test(test_sim__asks_before_it_learns),
        cmocka_unit_test(test_sim__stops_whole_when_a_number_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
