/* test_network.c - from names to numbers: what exists, what is scheduled, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <math.h>
#include <string.h>

/* Messages of compiling the tiny case with values set. */
static yt_log *messages_of(int n, const char *const *sets)
{
    yt_log *log = yt_log_new();
    yt_model *model = NULL;
    yt_network *net = NULL;
    assert_int_equal(YT_OK, model_load_with("tests/cases/tiny", NULL, 0, sets, n, log, &model));
    yt_network_compile(model, log, &net);
    yt_network_free(net);
    yt_model_free(model);
    return log;
}

static yt_log *messages_with(const char *set)
{
    return messages_of(set ? 1 : 0, &set);
}

static int says(const yt_log *log, const char *words)
{
    int n = 0;
    for (int32_t i = 0; i < yt_log_count(log, YT_NOTE); i++)
        n += strstr(yt_log_get(log, i).text, words) != NULL;
    return n;
}

static void test_network__is_quiet_on_a_sound_case(void **state)
{
    (void)state;
    yt_log *log = messages_with(NULL);
    assert_int_equal(0, yt_log_count(log, YT_NOTE));
    yt_log_free(log);
}

/* Without a mine and a stock nothing brings ore to the refinery, and the message says so. */
static void test_network__names_a_plant_that_cannot_run(void **state)
{
    (void)state;
    const char *const sets[] = {"facility_fact[east_mine,capacity,1998-01].value=0",
                                "stock[east,ore_x,trader].value=0"};
    yt_log *log = messages_of(2, sets);
    assert_int_equal(1, says(log, "facility east_refinery can never run"));
    yt_log_free(log);
}

static void test_network__assumes_nothing_silently(void **state)
{
    (void)state;
    yt_log *log = messages_with("unit_cost[item=operating_cost,stage=mine].region=west");
    assert_int_equal(1, says(log, "no row gives operating_cost for east_mine"));
    yt_log_free(log);
}

static void test_network__splits_a_contract_market(void **state)
{
    (void)state;
    world w = world_of(NULL);
    int32_t c = index_of(&w.net->commodities, "metal_y"), r = index_of(&w.net->regions, "west");
    int32_t contract = network_find_node(w.net, c, r, SIDE_CONTRACT);
    int32_t spot = network_find_node(w.net, c, r, SIDE_SPOT);
    assert_int_not_equal(YT_NONE, contract);
    assert_int_equal(contract, w.net->node[spot].twin);
    double share = 0;
    for (int32_t s = 0; s < w.net->segments; s++)
        if (w.net->segment[s].node == contract || w.net->segment[s].node == spot)
            share += w.net->segment[s].share;
    assert_true(fabs(share - 1) < 1e-12);
    world_free(&w);
}

/* What the case says of a month, as the world of modes reads it. */
static double given(const world *w, variable_id variable, int32_t i, int32_t t)
{
    int32_t now = w->run->t;
    w->run->t = t;
    sim_read_case(w->net, w->run);
    w->run->t = now;
    return w->run->number[w->net->offset[variable] + (size_t)i];
}

/* Mean over the first months. */
static double mean_given(const world *w, variable_id variable, int32_t i, int32_t months)
{
    double sum = 0;
    for (int32_t t = 0; t < months; t++)
        sum += given(w, variable, i, t);
    return sum / months;
}

/* Of a basket that can shift tonnes of commodities are wanted, each at its share of them, also
 * of what cannot be had; the service costs what a tonne of the rest costs. */
static void test_network__measures_a_basket_in_tonnes(void **state)
{
    (void)state;
    world w = world_laid_over("tests/unit/overlays/mixed.yaml"), plain = world_of(NULL);
    int32_t east = index_of(&w.net->regions, "east");
    int32_t months = w.net->start_month - w.net->first_month; /* basket: 0.49 X, 0.1 Y, 0.2 Z */
    int32_t at = YT_NONE, was = YT_NONE;
    for (int32_t s = 0; s < w.net->segments; s++)
        if (w.net->segment[s].region == east)
            at = s;
    for (int32_t s = 0; s < plain.net->segments; s++)
        if (plain.net->segment[s].region == east &&
            plain.net->segment[s].commodity == index_of(&plain.net->commodities, "metal_y"))
            was = s;
    assert_true(fabs(mean_given(&w, VAR_demand, at, months) -
                     7.9 * mean_given(&plain, VAR_demand, was, months)) < 1e-9);
    double share = 0;
    for (int32_t u = 0; u < w.net->uses; u++)
        if (w.net->use[u].segment == at)
            share += w.net->basket_share[u];
    assert_true(fabs(share - 0.59 / 0.79) < 1e-12);
    double price = VIEW(w.net, w.run, reference_price)[w.net->segment[at].node];
    assert_true(price > 9000 && price < 9300); /* of X at 10 and Y at 5, 45 to 10, USD/kg */
    step_to(&w, month_of(2001, 1));
    world_free(&plain);
    world_free(&w);
}

/* A use of which nothing can be had has no market. */
static void test_network__leaves_out_what_cannot_be_had(void **state)
{
    (void)state;
    world w = world_laid_over("tests/unit/overlays/mixed.yaml");
    int32_t toys = index_of(&w.net->end_uses, "toys");
    for (int32_t n = 0; n < w.net->nodes; n++)
        assert_int_not_equal(toys, w.net->node[n].end_use);
    for (int32_t s = 0; s < w.net->segments; s++)
        assert_int_not_equal(toys, w.net->segment[s].end_use);
    world_free(&w);
}

/* Tonnes of permit for a tonne shipped: of the rows that cover a lane the closest one. */
static double permits_taken(const world *w, int32_t arc)
{
    double taken = 0;
    int32_t j = w->net->arcs_at.first + arc;
    for (int32_t k = w->net->start[j]; k < w->net->start[j + 1]; k++)
        if (w->net->node[w->net->row[k]].kind == NODE_PERMIT)
            taken -= w->net->coefficient[k];
    return taken;
}

static void test_network__counts_a_permit_once(void **state)
{
    (void)state;
    world w = world_laid_over("tests/unit/overlays/scopes.yaml");
    int32_t x = index_of(&w.net->commodities, "metal_x");
    int32_t east = index_of(&w.net->regions, "east"), lanes = 0;
    for (int32_t i = 0; i < w.net->arcs; i++) {
        const network_arc *arc = &w.net->arc[i];
        if (arc->kind == ARC_OPEN && arc->commodity == x && w.net->node[arc->from].region == east) {
            assert_true(permits_taken(&w, i) == 2);
            lanes++;
        }
    }
    assert_true(lanes > 0);
    world_free(&w);
}

static double scheduled_capacity(const world *w, const char *facility, int32_t month)
{
    int32_t f = index_of(&w->net->facilities, facility);
    for (int32_t i = 0; i < w->net->plants; i++)
        if (w->net->plant[i].facility == f)
            return given(w, VAR_dated_capacity, i, month - w->net->first_month);
    fail_msg("%s is no plant", facility);
    return NAN;
}

static void test_network__schedules_steps_and_rates(void **state)
{
    (void)state;
    world w = world_of(NULL);
    /* 30 kt/a from July 2006, at 90 %, from 2008 at 85 % in this region */
    assert_true(scheduled_capacity(&w, "west_mine", month_of(2006, 6)) == 0);
    assert_true(fabs(scheduled_capacity(&w, "west_mine", month_of(2006, 7)) - 2250) < 1e-9);
    assert_true(fabs(scheduled_capacity(&w, "west_mine", month_of(2008, 1)) - 2125) < 1e-9);
    assert_true(fabs(scheduled_capacity(&w, "east_refinery", month_of(2006, 12)) - 7916.666667) <
                1e-3);
    world_free(&w);
}

/* 900 USD/t by the rule, 1,500 of its own from 2008: costs follow their dates. */
static void test_network__schedules_costs(void **state)
{
    (void)state;
    world w = world_of("facility_fact[west_mine,operating_cost].from=2008-01");
    int32_t f = index_of(&w.net->facilities, "west_mine"), plants = w.net->plants;
    for (int32_t i = 0; i < plants; i++) {
        if (w.net->plant[i].facility != f)
            continue;
        int32_t change = month_of(2008, 1) - w.net->first_month;
        assert_true(fabs(given(&w, VAR_cost_then, i, change - 1) - 0.6) < 1e-12);
        assert_true(given(&w, VAR_cost_then, i, change) == 1);
    }
    world_free(&w);
}

/* A plant that is announced without a date is there, without capacity, for whoever decides; one
 * without any size is not. */
static void test_network__leaves_unsized_plants_out(void **state)
{
    (void)state;
    static const char *const sets[] = {NULL, "facility_fact[east_plan,announced_capacity].value=0"};
    for (int k = 0; k < 2; k++) {
        world w = world_of(sets[k]);
        int32_t f = index_of(&w.net->facilities, "east_plan"), found = 0;
        for (int32_t i = 0; i < w.net->plants; i++)
            if (w.net->plant[i].facility == f) {
                found++;
                assert_true(given(&w, VAR_dated_capacity, i, w.net->months - 1) == 0);
            }
        assert_int_equal(k ? 0 : 1, found);
        world_free(&w);
    }
}

/* Spin-up lives by the first reported month; demand runs straight between mid-years. */
static void test_network__schedules_demand(void **state)
{
    (void)state;
    world w = world_of(NULL);
    int32_t c = index_of(&w.net->commodities, "metal_x"), r = index_of(&w.net->regions, "east");
    int32_t at = YT_NONE;
    for (int32_t s = 0; s < w.net->segments; s++)
        if (w.net->segment[s].commodity == c && w.net->segment[s].region == r)
            at = s;
    assert_int_not_equal(YT_NONE, at);
    int32_t first = w.net->first_month;
    assert_true(given(&w, VAR_demand, at, 0) ==
                given(&w, VAR_demand, at, w.net->start_month - first));
    /* between mid-2003 and mid-2004, a twelfth of the way a month; basket 0.5 to 0.45 in ten years
     */
    double july = given(&w, VAR_demand, at, month_of(2003, 7) - first);
    double january = given(&w, VAR_demand, at, month_of(2004, 1) - first);
    assert_true(july < january * 1.01 && january < july * 1.03);
    world_free(&w);
}

static void test_network__refuses_a_commodity_without_a_price(void **state)
{
    (void)state;
    yt_log *log = messages_with("commodity_fact[item=reference_price,commodity=ore_x].region=west");
    assert_true(says(log, "commodity ore_x has no reference_price") > 0);
    yt_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network__is_quiet_on_a_sound_case),
        cmocka_unit_test(test_network__names_a_plant_that_cannot_run),
        cmocka_unit_test(test_network__assumes_nothing_silently),
        cmocka_unit_test(test_network__splits_a_contract_market),
        cmocka_unit_test(test_network__measures_a_basket_in_tonnes),
        cmocka_unit_test(test_network__leaves_out_what_cannot_be_had),
        cmocka_unit_test(test_network__counts_a_permit_once),
        cmocka_unit_test(test_network__schedules_steps_and_rates),
        cmocka_unit_test(test_network__schedules_costs),
        cmocka_unit_test(test_network__leaves_unsized_plants_out),
        cmocka_unit_test(test_network__schedules_demand),
        cmocka_unit_test(test_network__refuses_a_commodity_without_a_price),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
