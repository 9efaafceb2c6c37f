/* test_shock.c - shocks of the tiny case: paired worlds, closed books, longer is never better. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "study/shock.h"
#include "world.h"

#include <math.h>
#include <string.h>

#define START month_of(2005, 1)

static shock_plan *cut(const world *w, const char *what, int32_t months)
{
    shock_plan *p = NULL;
    assert_int_equal(YT_OK, shock_plan_new(w->net, &p));
    p->start = START;
    assert_int_equal(YT_OK, shock_plan_cut(p, w->net, what, months, NULL));
    p->watched = 24;
    assert_int_equal(YT_OK, shock_plan_settle(p, w->net, NULL));
    return p;
}

static shock_result *ask(const world *w, const shock_plan *p, const shock_bom *bom,
                         shock_options options)
{
    shock_result *r = NULL;
    options.seed = 1;
    options.threads = options.threads ? options.threads : 1;
    options.limit = options.limit > 0 ? options.limit : (double)NAN;
    assert_int_equal(YT_OK, study_shock(w->model, w->net, p, bom, &options, NULL, &r));
    assert_int_equal(0, r->broken);
    return r;
}

static double number_of(const shock_result *r, const char *name, const char *region,
                        const char *about)
{
    for (int32_t i = 0; i < r->numbers; i++) {
        shock_key k = shock_answer_key(r->answer, i);
        if (strcmp(k.name, name) == 0 && strcmp(k.region, region) == 0 &&
            strcmp(k.about, about) == 0)
            return shock_spread_of(r, i).mean;
    }
    fail_msg("no %s of %s in %s", name, about, region);
    return NAN;
}

static double loss_of(const world *w, const char *what, int32_t months)
{
    shock_plan *p = cut(w, what, months);
    p->watched = 36 - months;
    shock_result *r = ask(w, p, NULL, (shock_options){0});
    double loss = number_of(r, "loss", "", "");
    shock_result_free(r);
    shock_plan_free(p);
    return loss;
}

static void test_shock__hurts_whoever_bought_there(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *p = cut(&w, "east:X->west", 12);
    shock_result *r = ask(&w, p, NULL, (shock_options){0});
    assert_true(number_of(r, "loss", "", "") > 1e6);
    assert_true(number_of(r, "lost_on_lanes", "", "") > 100);
    assert_true(number_of(r, "unmet_normal", "west", "widgets") +
                    number_of(r, "unmet_flexible", "west", "widgets") >
                100);
    assert_true(number_of(r, "price_peak", "west", "metal_x") > 2);
    shock_result_free(r);
    shock_plan_free(p);
    world_free(&w);
}

/* Nothing goes that way: the two legs are the same to the last bit. */
static void test_shock__does_nothing_where_nothing_goes(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *p = cut(&w, "west:ore_x->east", 12);
    shock_result *r = ask(&w, p, NULL, (shock_options){0});
    assert_true(number_of(r, "loss", "", "") == 0);
    assert_true(number_of(r, "recovery", "", "") == 0);
    shock_result_free(r);
    shock_plan_free(p);
    world_free(&w);
}

static void test_shock__leaves_the_other_leg_as_it_was(void **state)
{
    (void)state;
    world w = world_of(NULL), plain = world_of(NULL);
    shock_plan *p = cut(&w, "east:X", 6);
    shock_leg *leg = NULL;
    assert_int_equal(YT_OK, shock_leg_new(w.net, 12, &leg));
    yt_run_reset(w.net, w.run, 1, 3);
    yt_run_reset(plain.net, plain.run, 1, 3);
    step_to(&w, START);
    step_to(&plain, START + 12);
    shock_follow(p, NULL, w.net, w.run, 0, 12, leg);
    assert_true(sim_state_hash(w.net, w.run) == sim_state_hash(plain.net, plain.run));
    shock_leg_free(leg);
    shock_plan_free(p);
    world_free(&w);
    world_free(&plain);
}

static void test_shock__closes_the_books_with_a_reserve(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *p = cut(&w, "east:X->west", 12);
    assert_int_equal(YT_OK, shock_plan_stock(p, w.net, "X=24mo", NULL));
    assert_int_equal(YT_OK, shock_plan_stock(p, w.net, "metal_x,Y=3mo@west", NULL));
    shock_result *r = ask(&w, p, NULL, (shock_options){.worlds = 8});
    assert_true(r->worst_closure <= 1e-9);
    assert_true(r->worst_certificate <= 1e-8);
    assert_true(number_of(r, "by_reserve", "", "") > 0);
    shock_result_free(r);
    shock_plan_free(p);
    world_free(&w);
}

static void test_shock__costs_more_the_longer_it_lasts(void **state)
{
    (void)state;
    world w = world_of(NULL);
    double last = 0;
    for (int32_t months = 1; months <= 24; months += 4) {
        double loss = loss_of(&w, "east:X->west", months);
        assert_true(loss >= last);
        last = loss;
    }
    world_free(&w);
}

static void test_shock__costs_less_with_a_reserve(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *p = cut(&w, "east:X->west", 12);
    shock_result *alone = ask(&w, p, NULL, (shock_options){0});
    assert_int_equal(YT_OK, shock_plan_stock(p, w.net, "X=24mo", NULL));
    shock_result *with = ask(&w, p, NULL, (shock_options){0});
    assert_true(number_of(with, "loss", "", "") < number_of(alone, "loss", "", ""));
    shock_result_free(alone);
    shock_result_free(with);
    shock_plan_free(p);
    world_free(&w);
}

/* Two legs made by hand: 10 t a month, and from the third month nothing. */
static void test_shock__measures_what_a_hand_would(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *p = cut(&w, "east:X->west", 6);
    shock_part part = {.commodity = index_of(&w.net->commodities, "metal_x"),
                       .element = YT_NONE,
                       .per_unit = 1,
                       .stock = 1.5};
    int32_t region = index_of(&w.net->regions, "west");
    const char *product = "motor";
    double output = 10;
    shock_bom bom = {.products = 1,
                     .parts = 1,
                     .product = &product,
                     .output = &output,
                     .region = &region,
                     .part = &part};
    shock_answer *a = NULL;
    shock_leg *without = NULL, *with = NULL;
    assert_int_equal(YT_OK, shock_answer_new(p, w.net, &bom, &a));
    assert_int_equal(YT_OK, shock_leg_new(w.net, 12, &without));
    assert_int_equal(YT_OK, shock_leg_new(w.net, 12, &with));
    int32_t node = node_of(&w, "metal_x", "west", SIDE_SPOT);
    double stock = 0, inflow = 0;
    step_to(&w, START);
    for (int32_t i = 0; i < w.net->holds; i++)
        stock += w.net->hold[i].node == node ? VIEW(w.net, w.run, stock)[i] : 0;
    for (int32_t k = 0; k < 12; k++) {
        size_t at = (size_t)k * (size_t)w.net->nodes + (size_t)node;
        without->price[at] = with->price[at] = 1;
        without->use[at] = 10;
        with->use[at] = k < 2 ? 10 : 0;
    }
    for (int32_t i = 0; i < w.net->arcs; i++)
        if (w.net->arc[i].to == node && isfinite(shock_arc_share(p, w.net, i, 0))) {
            without->flow[i] = 4;
            inflow += 4;
        }
    double value[512];
    bool censored[512];
    assert_true(shock_answer_count(a) <= 512 && inflow > 0);
    shock_measure(a, w.net, w.run, without, with, value, censored);
    for (int32_t i = 0; i < shock_answer_count(a); i++) {
        shock_key k = shock_answer_key(a, i);
        bool is_metal = strcmp(k.about, "metal_x") == 0 && strcmp(k.region, "west") == 0;
        if (strcmp(k.name, "survive") == 0 && is_metal)
            assert_true(value[i] == 2 && !censored[i]);
        if (strcmp(k.name, "recover") == 0 && is_metal)
            assert_true(censored[i]);
        if (strcmp(k.name, "cover") == 0 && is_metal)
            assert_true(fabs(value[i] - stock / inflow) <= 1e-12 * value[i]);
        if (strcmp(k.name, "line_runs") == 0)
            assert_true(value[i] == 3.5 && !censored[i]); /* two months, and its own stock */
    }
    shock_leg_free(without);
    shock_leg_free(with);
    shock_answer_free(a);
    shock_plan_free(p);
    world_free(&w);
}

static void test_shock__is_the_same_on_any_number_of_threads(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *p = cut(&w, "east:X->west", 6);
    shock_result *one = ask(&w, p, NULL, (shock_options){.worlds = 6});
    shock_result *two = ask(&w, p, NULL, (shock_options){.worlds = 6, .threads = 2});
    for (int32_t i = 0; i < 6 * one->numbers; i++)
        assert_true(one->value[i] == two->value[i] ||
                    (isnan(one->value[i]) && isnan(two->value[i])));
    shock_result_free(one);
    shock_result_free(two);
    shock_plan_free(p);
    world_free(&w);
}

static void test_shock__reads_a_file(void **state)
{
    (void)state;
    world w = world_of(NULL);
    shock_plan *p = NULL;
    yt_log *log = yt_log_new();
    assert_int_equal(YT_OK, shock_plan_new(w.net, &p));
    assert_int_equal(YT_OK, shock_plan_read(p, w.net, "tests/cases/tiny/shocks/strike.yaml", log));
    assert_int_equal(YT_OK, shock_plan_settle(p, w.net, log));
    assert_int_equal(2, p->events);
    assert_int_equal(6, p->months);
    assert_int_equal(START, p->start);
    assert_int_equal(SHOCK_OUTAGE, p->event[0].kind);
    assert_int_equal(1, p->stocks);
    assert_int_equal(YT_ENAME, shock_plan_cut(p, w.net, "east:Nothing", 3, log));
    assert_int_equal(YT_EUSAGE, shock_plan_cut(p, w.net, "east", 3, log));
    assert_int_equal(YT_EUSAGE, shock_plan_stock(p, w.net, "X=two", log));
    yt_log_free(log);
    shock_plan_free(p);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shock__hurts_whoever_bought_there),
        cmocka_unit_test(test_shock__does_nothing_where_nothing_goes),
        cmocka_unit_test(test_shock__leaves_the_other_leg_as_it_was),
        cmocka_unit_test(test_shock__closes_the_books_with_a_reserve),
        cmocka_unit_test(test_shock__costs_more_the_longer_it_lasts),
        cmocka_unit_test(test_shock__costs_less_with_a_reserve),
        cmocka_unit_test(test_shock__measures_what_a_hand_would),
        cmocka_unit_test(test_shock__is_the_same_on_any_number_of_threads),
        cmocka_unit_test(test_shock__reads_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
