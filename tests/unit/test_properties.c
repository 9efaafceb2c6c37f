/* test_properties.c - what must follow when one thing changes, over a thousand worlds.
 *
 * Worlds are pairs: the same luck and parameters with and without the change.  Luck is keyed by
 * process and month, so a project that is earlier in one of a pair draws other numbers from
 * there on: where the change moves decisions the claim is about distributions, compared at every
 * tenth part, within the error of two samples; where it does not, about every pair.
 *
 *   gates       1  a gate less never delays and never fails more            every pair
 *               2  more concurrency never delays                            every pair
 *               3  faster permitting never delays                           every pair
 *   programmes  4  a higher persistence never ends a programme earlier      every pair
 *               5  more salience never launches less                        every pair
 *               6  lasting support never reduces capacity                   in distribution
 *   investors   7  a higher hurdle rate never raises the worth of what earns  every pair
 *               8  nor brings its opening forward                           in distribution
 *               9  a grant, a floor, a credit never lowers the worth of it   every pair
 *   money      10  a larger budget never pays less                          every pair
 *   plants     11  a faster ramp-up never masters less                      every pair
 *              12  more patience never closes earlier                       every pair
 *   incumbent  13  a smaller plan of the incumbent never builds more          in distribution
 *   trade      14  an embargo never lowers the price of the scarcer metal     every pair
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEVERS "tests/unit/overlays/levers.yaml"
enum { WORLDS = 1000 };

/* The month in which decisions begin, parameters at their modes. */
static world world_about_to_decide(const char *overlay)
{
    world w = overlay ? world_laid_over(overlay) : world_of(NULL);
    w.run->is_central = false;
    w.run->seed = 1;
    step_to(&w, w.net->first_month + w.net->decide);
    return w;
}

/* One world of the luck `index` from here on. */
static void start(const world *w, yt_run *run, uint32_t index)
{
    yt_run_copy(w->net, run, w->run);
    run->index = index;
}

/* ---------------------------------------------------------------------------- comparing */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Is the second sample nowhere above the first by more than chance?  The one-sided distance of
 * two samples of n is beyond sqrt(-ln(p) / n) by chance p (Smirnov); p is 1e-4. */
static bool is_never_above(double *first, double *second, int n)
{
    double worst = 0, bound = sqrt(-log(1e-4) / n);
    qsort(first, (size_t)n, sizeof *first, by_size);
    qsort(second, (size_t)n, sizeof *second, by_size);
    for (int i = 0, k = 0; i < n; i++) {
        while (k < n && second[k] <= first[i])
            k++;
        /* share of the first up to here, over the share of the second */
        while (i + 1 < n && first[i + 1] == first[i])
            i++;
        worst = fmax(worst, (double)(i + 1 - k) / n);
    }
    return worst <= bound;
}

static double mean_of(const double *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] / n;
    return sum;
}

/* The comparison sees what it must: a shift of a fifth of the deviation is found. */
static void test_properties__comparison_sees_a_shift(void **state)
{
    (void)state;
    static double a[WORLDS], b[WORLDS], c[WORLDS];
    random_stream s = random_stream_of(1, 1, "shift", 0);
    for (int i = 0; i < WORLDS; i++) {
        a[i] = random_normal(&s);
        b[i] = random_normal(&s);
        c[i] = random_normal(&s) + 0.4;
    }
    assert_true(is_never_above(a, b, WORLDS));
    assert_false(is_never_above(a, c, WORLDS));
    assert_true(is_never_above(c, a, WORLDS));
}

/* --------------------------------------------------------------------------------- gates */

/* Months to pass all gates; negative where one stayed shut. */
static double months_at_gates(const world *w, int32_t plant, uint32_t index)
{
    random_stream stream = random_stream_of(3, index, "gates", 0);
    sim_draw_gates(w->net, w->run, plant, false, &stream);
    gate_result result = GATE_WORKING;
    double months = 0;
    for (; result == GATE_WORKING; months++)
        result = sim_work_at_gate(w->net, w->run, plant, 1, &stream);
    w->run->events = 0;
    return result == GATE_PASSED_ALL ? months : -1;
}

static double gate_months(const world *w, int32_t plant, uint32_t index)
{
    random_stream stream = random_stream_of(3, index, "gates", 0);
    double sum = 0;
    sim_draw_gates(w->net, w->run, plant, false, &stream);
    for (int32_t gate = 0; gate < GATES; gate++)
        sum += VIEW(w->net, w->run, next_gate_work)[plant * GATES + gate];
    return sum;
}

static void test_properties__gates(void **state)
{
    (void)state;
    world w = world_about_to_decide(NULL);
    int32_t mine = plant_of(&w, "west_mine"), tech = w.net->plant[mine].tech;
    double *k = &VIEW(w.net, w.run, concurrency)[tech];
    double *help = &VIEW(w.net, w.run, gate_help)[tech];
    *help = 1;
    int shorter = 0;
    for (uint32_t i = 0; i < WORLDS; i++) {
        *k = 0.3;
        double usual = gate_months(&w, mine, i);
        for (int32_t gate = 0; gate < GATES; gate++) { /* 1 */
            double *occurs = &VIEW(w.net, w.run, gate_occurs)[tech * GATES + gate];
            double was = *occurs;
            *occurs = 0;
            double less = gate_months(&w, mine, i);
            *occurs = was;
            assert_true(less <= usual * (1 + 1e-12));
            shorter += less < usual;
        }
        *k = 0.7; /* 2 */
        assert_true(gate_months(&w, mine, i) <= usual * (1 + 1e-12));
        *k = 0.3;
        *help = 1.5; /* 3 */
        assert_true(gate_months(&w, mine, i) < usual);
        *help = 1;
    }
    assert_true(shorter > 4 * WORLDS);
    /* 1, the other half: fewer gates, fewer failures */
    int passed = 0, passed_less = 0;
    for (uint32_t i = 0; i < WORLDS; i++)
        passed += months_at_gates(&w, mine, i) >= 0;
    VIEW(w.net, w.run, gate_occurs)[tech * GATES + GATE_CAPITAL] = 0;
    for (uint32_t i = 0; i < WORLDS; i++)
        passed_less += months_at_gates(&w, mine, i) >= 0;
    assert_true(passed_less > passed && passed > 0);
    world_free(&w);
}

/* ---------------------------------------------------------------------------- programmes */

static void book_programmes(const world *w, yt_run *run)
{
    static const variable_id pair[][2] = {{VAR_force, VAR_next_force},
                                          {VAR_programme_age, VAR_next_programme_age}};
    for (size_t k = 0; k < sizeof pair / sizeof *pair; k++)
        memcpy(run->number + w->net->offset[pair[k][0]], run->number + w->net->offset[pair[k][1]],
               (size_t)w->net->programmes.count * sizeof(double));
    run->t++;
}

/* Months that the first launched run of a programme lasts, of the six years after decisions. */
static double life_of(const world *w, yt_run *run, int32_t p)
{
    double lived = 0;
    VIEW(w->net, run, force)[p] = 1;
    VIEW(w->net, run, programme_duration)[p] = INFINITY;
    while (run->t < w->net->months && VIEW(w->net, run, force)[p] > 0) {
        sim_carry_state(w->net, run);
        run->events = 0;
        sim_hold_politics(w->net, run);
        book_programmes(w, run);
        lived++;
    }
    return lived;
}

static void test_properties__programmes(void **state)
{
    (void)state;
    world w = world_about_to_decide(NULL);
    yt_run *run = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &run));
    int32_t p = index_of(&w.net->programmes, "west_floor"), longer = 0, more = 0;
    int32_t west = index_of(&w.net->regions, "west");
    for (uint32_t i = 0; i < WORLDS; i++) {
        double last = 0;
        for (int k = 0; k < 3; k++) { /* 4 */
            start(&w, run, i);
            VIEW(w.net, run, persistence)[west] = 0.2 + 0.4 * k;
            VIEW(w.net, run, continuity)[west] = 0;
            double life = life_of(&w, run, p);
            assert_true(life >= last);
            longer += k > 0 && life > last;
            last = life;
        }
        double launched[2];
        for (int k = 0; k < 2; k++) { /* 5 */
            start(&w, run, i);
            VIEW(w.net, run, salience)[west] = k ? 0.9 : 0.2;
            sim_carry_state(w.net, run);
            sim_hold_politics(w.net, run);
            launched[k] = VIEW(w.net, run, next_force)[p];
        }
        assert_true(launched[1] >= launched[0]);
        more += launched[1] > launched[0];
    }
    assert_true(longer > 100 && more > 10);
    yt_run_free(run);
    world_free(&w);
}

/* ---------------------------------------------------------------------- worth and money */

static void test_properties__worth_and_money(void **state)
{
    (void)state;
    world w = world_about_to_decide(LEVERS);
    yt_step(w.net, w.run);
    int32_t mine = plant_of(&w, "west_mine"), tech = w.net->plant[mine].tech;
    int32_t ore = node_of(&w, "ore_x", "west", SIDE_SINGLE);
    int32_t grant = index_of(&w.net->programmes, "a_grant");
    VIEW(w.net, w.run, cost_then)[mine] = 1;
    for (uint32_t i = 0; i < WORLDS; i++) {
        random_stream s = random_stream_of(4, i, "worth", 0);
        VIEW(w.net, w.run, outlook_sell)[ore] = 2000 + 6000 * random_uniform(&s);
        VIEW(w.net, w.run, volatility)[ore] = 0.02 * random_uniform(&s);
        VIEW(w.net, w.run, floor_outlook)[mine] = 0;
        VIEW(w.net, w.run, support_grant)[mine] = 0;
        VIEW(w.net, w.run, support_credit)[mine] = 0;
        double *hurdle = &VIEW(w.net, w.run, hurdle_rate)[tech];
        *hurdle = 0.05 + 0.2 * random_uniform(&s);
        sim_offer plain = sim_judge_plant(w.net, w.run, mine);
        *hurdle *= 1.5; /* 7 */
        assert_true(plain.worth > 0 && sim_judge_plant(w.net, w.run, mine).worth < plain.worth);
        *hurdle /= 1.5;
        double *const support[] = {&VIEW(w.net, w.run, floor_outlook)[mine],
                                   &VIEW(w.net, w.run, support_grant)[mine],
                                   &VIEW(w.net, w.run, support_credit)[mine]};
        const double amount[] = {300, 0.3, 0.3};
        for (int k = 0; k < 3; k++) { /* 9 */
            *support[k] = amount[k];
            sim_offer helped = sim_judge_plant(w.net, w.run, mine);
            *support[k] = 0;
            assert_true(helped.worth >= plain.worth && helped.asked <= plain.asked);
        }
        double paid[2], cost = 5e6 * random_uniform(&s); /* 10 */
        for (int k = 0; k < 2; k++) {
            memset(VIEW(w.net, w.run, next_force), 0,
                   (size_t)w.net->programmes.count * sizeof(double));
            VIEW(w.net, w.run, next_force)[grant] = 1;
            VIEW(w.net, w.run, next_programme_spent)[grant] = 0;
            VIEW(w.net, w.run, programme_budget)[grant] = (k + 1) * 0.6e6;
            paid[k] = sim_pay_grants(w.net, w.run, mine, cost);
        }
        assert_true(paid[1] >= paid[0] && paid[1] <= 0.4 * cost * (1 + 1e-12));
    }
    world_free(&w);
}

/* -------------------------------------------------------------------------------- plants */

/* Months until the pit, whose work nobody wants, is mothballed; 200: not in the case. */
static double months_to_close(const world *w, yt_run *run, int32_t pit)
{
    for (double month = 1; run->t < w->net->months; month++) {
        sim_carry_state(w->net, run);
        run->events = 0;
        sim_move_plants(w->net, run);
        if (VIEW(w->net, run, next_plant_state)[pit] == PLANT_MOTHBALLED)
            return month;
        memcpy(VIEW(w->net, run, loss_months), VIEW(w->net, run, next_loss_months),
               (size_t)w->net->plants * sizeof(double));
        run->t++;
    }
    return 200;
}

static void test_properties__plants(void **state)
{
    (void)state;
    world w = world_about_to_decide(NULL);
    yt_step(w.net, w.run);
    yt_run *run = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &run));
    int32_t pit = plant_of(&w, "east_mine"), tech = w.net->plant[pit].tech, later = 0;
    VIEW(w.net, w.run, project_phase)[pit] = PROJECT_NONE;
    for (int32_t k = 0; k < w.net->regions.count * w.net->stages.count; k++)
        VIEW(w.net, w.run, attention)[k] = 0;
    VIEW(w.net, w.run, plant_output)[pit] = 0;
    VIEW(w.net, w.run, loss_months)[pit] = 0;
    for (uint32_t i = 0; i < WORLDS; i++) {
        double close[2], mastered[2];
        for (int k = 0; k < 2; k++) { /* 12 */
            start(&w, run, i);
            VIEW(w.net, run, patience)[tech] = 6 + 12 * k;
            close[k] = months_to_close(&w, run, pit);
        }
        assert_true(close[1] >= close[0]);
        later += close[1] > close[0];
        random_stream s = random_stream_of(6, i, "ramp", 0);
        double time = 1 + 40 * random_uniform(&s), skill = random_uniform(&s);
        for (int k = 0; k < 2; k++) { /* 11 */
            start(&w, run, i);
            VIEW(w.net, run, ramped)[pit] = 0;
            VIEW(w.net, run, know_how)[tech] = skill;
            VIEW(w.net, run, ramp_time)[tech] = time * (k ? 0.5 : 1);
            sim_carry_state(w.net, run);
            sim_move_plants(w.net, run);
            mastered[k] = VIEW(w.net, run, next_ramped)[pit];
        }
        assert_true(mastered[1] >= mastered[0]);
    }
    assert_true(later > WORLDS / 2);
    yt_run_free(run);
    world_free(&w);
}

/* -------------------------------------------------------------------------- whole worlds */

typedef struct result {
    double opens[WORLDS];    /* month of the first tonne of a new mine outside; 999: never */
    double capacity[WORLDS]; /* of mines outside at the end                                 */
    double planned[WORLDS];  /* built inside by the end                                     */
} result;

typedef void change(const world *w, yt_run *run);

/* The west has a site that pays at the price of its ore, and nobody at work on it. */
static void set_stage(const world *w, yt_run *run)
{
    int32_t west = tech_of(w, "west", "mine");
    VIEW(w->net, run, in_pipeline)[west] = 0;
    VIEW(w->net, run, attention)[west] = 1;
    VIEW(w->net, run, capital_cost)[plant_of(w, "west_mine")] = 18000;
}

static void play(const world *w, yt_run *run, change *apply, result *r)
{
    int32_t mine = plant_of(w, "west_mine"), east = index_of(&w->net->regions, "east");
    for (uint32_t i = 0; i < WORLDS; i++) {
        start(w, run, i);
        set_stage(w, run);
        if (apply)
            apply(w, run);
        while (run->t < w->net->decide + 60 && run->status == YT_OK)
            yt_step(w->net, run);
        assert_int_equal(YT_OK, run->status);
        double opened = VIEW(w->net, run, opened_at)[mine];
        r->opens[i] = opened >= 0 ? opened : 999;
        r->capacity[i] = VIEW(w->net, run, plant_state)[mine] == PLANT_RUNNING
                             ? VIEW(w->net, run, nameplate)[mine]
                             : 0;
        r->planned[i] = 0;
        for (int32_t k = 0; k < w->net->plants; k++)
            if (w->net->plant[k].region == east)
                r->planned[i] += VIEW(w->net, run, nameplate)[k];
    }
}

static void ask_more(const world *w, yt_run *run)
{
    VIEW(w->net, run, hurdle_rate)[tech_of(w, "west", "mine")] = 0.3;
}

/* A grant for the mine from the start; it lives through elections, or not through the next. */
static void support(const world *w, yt_run *run, double persistence)
{
    int32_t west = index_of(&w->net->regions, "west");
    int32_t p = index_of(&w->net->programmes, "a_grant");
    VIEW(w->net, run, force)[p] = 1;
    VIEW(w->net, run, programme_budget)[p] = INFINITY;
    VIEW(w->net, run, programme_persistence)[p] = persistence;
    VIEW(w->net, run, persistence_calm)[west] = persistence;
    VIEW(w->net, run, persistence_intact)[west] = VIEW(w->net, run, persistence)[west];
    VIEW(w->net, run, continuity)[west] = 0;
    VIEW(w->net, run, age_effect)[west] = 0;
}

static void support_for_a_while(const world *w, yt_run *run)
{
    support(w, run, 0);
}

static void support_for_good(const world *w, yt_run *run)
{
    support(w, run, 1);
}

static void plan_less(const world *w, yt_run *run)
{
    for (int32_t s = 0; s < w->net->stages.count; s++)
        VIEW(w->net, run, plan_world)
    [network_tech(w->net, index_of(&w->net->regions, "east"), s)] = 0.2;
}

static void test_properties__whole_worlds(void **state)
{
    (void)state;
    static result base, other;
    world w = world_about_to_decide(LEVERS);
    yt_run *run = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &run));
    play(&w, run, NULL, &base);
    play(&w, run, ask_more, &other); /* 8 */
    printf("mean opening %.1f, %.1f with a higher hurdle\n", mean_of(base.opens, WORLDS),
           mean_of(other.opens, WORLDS));
    assert_true(mean_of(other.opens, WORLDS) > mean_of(base.opens, WORLDS));
    assert_true(is_never_above(other.opens, base.opens, WORLDS));
    play(&w, run, plan_less, &other); /* 13 */
    printf("mean capacity inside %.0f, %.0f with a smaller plan\n", mean_of(base.planned, WORLDS),
           mean_of(other.planned, WORLDS));
    assert_true(mean_of(other.planned, WORLDS) < mean_of(base.planned, WORLDS));
    assert_true(is_never_above(base.planned, other.planned, WORLDS));
    play(&w, run, support_for_a_while, &base); /* 6 */
    play(&w, run, support_for_good, &other);
    printf("mean capacity %.0f, %.0f with lasting support\n", mean_of(base.capacity, WORLDS),
           mean_of(other.capacity, WORLDS));
    assert_true(mean_of(other.capacity, WORLDS) > mean_of(base.capacity, WORLDS));
    assert_true(is_never_above(other.capacity, base.capacity, WORLDS));
    yt_run_free(run);
    world_free(&w);
}

/* ---------------------------------------------------------------------------------- trade */

/* 14: in the first month of the embargo, on markets of many worlds.  Of the scarcer metal: the
 * other comes along with it where refineries outside run harder, and may become cheaper. */
static void test_properties__embargo_never_lowers_the_price_outside(void **state)
{
    (void)state;
    world w = world_about_to_decide(LEVERS);
    yt_run *run = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &run));
    int32_t p = index_of(&w.net->programmes, "an_embargo"), higher = 0;
    int32_t x = node_of(&w, "metal_x", "west", SIDE_SINGLE);
    for (uint32_t i = 0; i < WORLDS; i++) {
        if (i % 20 == 0) {
            yt_run_reset(w.net, w.run, 2, i / 20);
            step_to(&w, w.net->first_month + w.net->decide);
        }
        double price[2];
        yt_step(w.net, w.run);
        assert_int_equal(YT_OK, w.run->status);
        for (int k = 0; k < 2; k++) {
            yt_run_copy(w.net, run, w.run);
            VIEW(w.net, run, force)[p] = k;
            yt_step(w.net, run);
            assert_int_equal(YT_OK, run->status);
            price[k] = VIEW(w.net, run, price)[x];
        }
        assert_true(price[1] >= price[0] * (1 - 1e-6));
        higher += price[1] > 1.01 * price[0];
    }
    assert_true(higher > WORLDS / 2);
    yt_run_free(run);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_properties__comparison_sees_a_shift),
        cmocka_unit_test(test_properties__gates),
        cmocka_unit_test(test_properties__programmes),
        cmocka_unit_test(test_properties__worth_and_money),
        cmocka_unit_test(test_properties__plants),
        cmocka_unit_test(test_properties__whole_worlds),
        cmocka_unit_test(test_properties__embargo_never_lowers_the_price_outside),
    };
    return cmocka_run_group_tests_name("properties", tests, NULL, NULL);
}
