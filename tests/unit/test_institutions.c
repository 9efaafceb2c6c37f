/* test_institutions.c - politics, instruments, gates, investors and plants that decide: chances
 * against counts, sums against sums by hand */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/finance.h"
#include "world.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define LEVERS "tests/unit/overlays/levers.yaml"

static int32_t programme_of(const world *w, const char *id)
{
    return index_of(&w->net->programmes, id);
}

/* Parameters at their modes, but a world that decides. */
static void decide_at_modes(world *w)
{
    yt_run_reset_central(w->net, w->run);
    w->run->is_central = false;
    w->run->seed = 1;
}

/* The state of the month in which decisions begin, before anything is decided. */
static void come_to_decide(world *w)
{
    decide_at_modes(w);
    step_to(w, w->net->first_month + w->net->decide);
}

static bool is_near(double found, double expected, double relative)
{
    return fabs(found - expected) <= relative * fabs(expected);
}

/* Is a count of n within four standard errors of its chance? */
static bool is_share(int count, int n, double chance)
{
    return fabs((double)count / n - chance) <= 4 * sqrt(chance * (1 - chance) / n) + 1e-12;
}

static int count_events(const yt_run *run, sim_event_kind kind, int32_t subject)
{
    int n = 0;
    for (int32_t i = 0; i < run->events && i < SIM_EVENTS_MOST; i++)
        n += run->event[i].kind == (int32_t)kind && run->event[i].subject == subject;
    return n;
}

/* --------------------------------------------------------------------------- attention */

/* A month of politics alone, from these states. */
static void hold_politics(world *w, uint32_t index)
{
    w->run->index = index;
    step_calendar(w->net, w->run);
    sim_hold_politics(w->net, w->run);
}

static void test_politics__attention_decays_to_its_floor(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    int32_t west = index_of(&w.net->regions, "west");
    VIEW(w.net, w.run, salience)[west] = 0.9;
    VIEW(w.net, w.run, shortage)[west] = 0.2;
    hold_politics(&w, 0);
    /* floor 0.1, memory 24 months, response 0.5 */
    assert_true(is_near(VIEW(w.net, w.run, next_salience)[west],
                        0.1 + 0.8 * exp(-1.0 / 24) + 0.5 * 0.2, 1e-12));
    VIEW(w.net, w.run, shortage)[west] = 1;
    hold_politics(&w, 0);
    assert_true(VIEW(w.net, w.run, next_salience)[west] == 1);
    world_free(&w);
}

/* What is launched is heard where its lanes end, in the same month, by holders and by voters. */
static void test_politics__news_of_a_programme_is_heard_abroad(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    int32_t west = index_of(&w.net->regions, "west"), east = index_of(&w.net->regions, "east");
    VIEW(w.net, w.run, initiation)[west] = VIEW(w.net, w.run, initiation_shock)[west] = 0;
    VIEW(w.net, w.run, initiation)[east] = VIEW(w.net, w.run, initiation_shock)[east] = 50;
    VIEW(w.net, w.run, salience)[west] = VIEW(w.net, w.run, salience)[east] = 0.3;
    for (int32_t p = 0; p < w.net->programmes.count; p++)
        VIEW(w.net, w.run, programme_weight)[p] = p == programme_of(&w, "an_export_quota");
    hold_politics(&w, 0);
    assert_int_equal(
        1, count_events(w.run, SIM_programme_launched, programme_of(&w, "an_export_quota")));
    int32_t node = node_of(&w, "metal_x", "west", SIDE_SPOT);
    assert_true(VIEW(w.net, w.run, news_now)[node] == 0.6);
    assert_true(is_near(VIEW(w.net, w.run, next_salience)[west],
                        0.1 + 0.2 * exp(-1.0 / 24) + 0.5 * 0.6, 1e-12));
    assert_true(is_near(VIEW(w.net, w.run, next_salience)[east], 0.3, 1e-12));
    world_free(&w);
}

/* -------------------------------------------------------------------------------- births */

static void test_politics__launches_as_often_as_it_cares(void **state)
{
    (void)state;
    enum { WORLDS = 10000 };
    world w = world_of(NULL);
    come_to_decide(&w);
    int32_t west = index_of(&w.net->regions, "west"), p = programme_of(&w, "west_floor");
    static const double salience[] = {0.1, 0.5, 1};
    for (int k = 0; k < 3; k++) {
        VIEW(w.net, w.run, initiation)[west] = 0.02;
        VIEW(w.net, w.run, initiation_shock)[west] = 0.3;
        VIEW(w.net, w.run, salience)[west] = salience[k];
        int launched = 0;
        for (uint32_t i = 0; i < WORLDS; i++) {
            hold_politics(&w, i);
            launched += VIEW(w.net, w.run, next_force)[p] == 1;
        }
        assert_true(is_share(launched, WORLDS, 1 - exp(-(0.02 + 0.28 * salience[k]))));
    }
    world_free(&w);
}

/* Which of them is launched: by weight; never one of weight 0, even where there is no other. */
static void test_politics__launches_by_weight(void **state)
{
    (void)state;
    enum { WORLDS = 4000 };
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    int32_t west = index_of(&w.net->regions, "west");
    int32_t a = programme_of(&w, "west_floor"), b = programme_of(&w, "a_grant");
    VIEW(w.net, w.run, initiation)[west] = VIEW(w.net, w.run, initiation_shock)[west] = 50;
    VIEW(w.net, w.run, programme_weight)[a] = 3;
    VIEW(w.net, w.run, programme_weight)[b] = 1;
    int first = 0, second = 0;
    for (uint32_t i = 0; i < WORLDS; i++) {
        hold_politics(&w, i);
        first += VIEW(w.net, w.run, next_force)[a] == 1;
        second += VIEW(w.net, w.run, next_force)[b] == 1;
    }
    assert_int_equal(WORLDS, first + second);
    assert_true(is_share(first, WORLDS, 0.75));
    VIEW(w.net, w.run, programme_weight)[a] = VIEW(w.net, w.run, programme_weight)[b] = 0;
    for (uint32_t i = 0; i < 100; i++) {
        hold_politics(&w, i);
        for (int32_t p = 0; p < w.net->programmes.count; p++)
            assert_false(w.net->programme[p].region == west &&
                         count_events(w.run, SIM_programme_launched, p));
    }
    world_free(&w);
}

/* A programme more takes a launch where it wins and changes nothing else. */
static void test_politics__one_programme_more_shifts_nobody(void **state)
{
    (void)state;
    world w = world_of(NULL), wider = world_laid_over(LEVERS);
    int32_t own = programme_of(&wider, "a_licence"), taken = 0, same = 0;
    come_to_decide(&w);
    come_to_decide(&wider);
    for (int32_t r = 0; r < 2; r++)
        VIEW(w.net, w.run, initiation)
    [r] = VIEW(w.net, w.run, initiation_shock)[r] = VIEW(wider.net, wider.run, initiation)[r] =
        VIEW(wider.net, wider.run, initiation_shock)[r] = 0.4;
    VIEW(wider.net, wider.run, programme_weight)[own] = 1;
    for (uint32_t i = 0; i < 2000; i++) {
        hold_politics(&w, i);
        hold_politics(&wider, i);
        bool is_launched = VIEW(wider.net, wider.run, next_force)[own] > 0;
        for (int32_t p = 0; p < w.net->programmes.count; p++) {
            int32_t q = programme_of(&wider, w.net->programmes.id[p]);
            bool before = VIEW(w.net, w.run, next_force)[p] > 0;
            bool after = VIEW(wider.net, wider.run, next_force)[q] > 0;
            taken += before && !after;
            same += before && after;
            assert_true(after ? before : !before || is_launched);
        }
    }
    assert_true(taken > 100 && same > 1000);
    world_free(&wider);
    world_free(&w);
}

/* ------------------------------------------------------------------------------ elections */

/* Fate of a programme of this age at an election, by count against the hazard. */
static void check_fates(world *w, double age)
{
    enum { WORLDS = 5000 };
    int32_t p = programme_of(w, "west_floor"), west = index_of(&w->net->regions, "west");
    int ended = 0, succeeded = 0, weakened = 0, changed = 0;
    for (uint32_t i = 0; i < WORLDS; i++) {
        VIEW(w->net, w->run, force)[p] = 1;
        VIEW(w->net, w->run, programme_age)[p] = age;
        VIEW(w->net, w->run, programme_duration)[p] = INFINITY;
        hold_politics(w, i);
        changed += count_events(w->run, SIM_government_changed, west);
        ended += VIEW(w->net, w->run, next_force)[p] == 0;
        weakened += VIEW(w->net, w->run, next_force)[p] == 0.5;
        succeeded += count_events(w->run, SIM_programme_superseded, p);
    }
    /* party_change 0.5, persistence 0.7 and 0.95, age_effect 0.1 a year, continuity 0.3,
     * persistence_intact 0.5 */
    double mellow = exp(-0.1 / 12 * age);
    double at_change = 1 - 0.3 * mellow, in_calm = 1 - 0.05 * mellow;
    double dying = 1 - 0.5 * (at_change + in_calm);
    assert_true(is_share(changed, WORLDS, 0.5));
    assert_true(is_share(ended, WORLDS, 0.7 * dying));
    assert_true(is_share(succeeded, WORLDS, 0.3 * dying));
    assert_true(is_share(weakened, WORLDS, 0.5 * at_change * (1 - 0.5 / 0.7)));
}

static void test_politics__programmes_survive_by_their_hazard(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    w.run->t = month_of(2006, 1) - w.net->first_month; /* both vote */
    static const double age[] = {0, 24, 120};
    for (int k = 0; k < 3; k++)
        check_fates(&w, age[k]);
    world_free(&w);
}

/* One with the same aim goes on with the purse and the base, at age 0. */
static void test_politics__successor_keeps_purse_and_base(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    w.run->t = month_of(2006, 1) - w.net->first_month;
    int32_t p = programme_of(&w, "an_export_quota"), east = index_of(&w.net->regions, "east");
    int32_t k = w.net->programme[p].first_instrument;
    VIEW(w.net, w.run, persistence)[east] = VIEW(w.net, w.run, persistence_calm)[east] = 0;
    VIEW(w.net, w.run, age_effect)[east] = 0;
    VIEW(w.net, w.run, continuity)[east] = 1;
    VIEW(w.net, w.run, force)[p] = 1;
    VIEW(w.net, w.run, programme_age)[p] = 30;
    VIEW(w.net, w.run, programme_spent)[p] = 7;
    VIEW(w.net, w.run, instrument_base)[k] = 123;
    hold_politics(&w, 3);
    sim_apply_instruments(w.net, w.run);
    assert_true(VIEW(w.net, w.run, next_force)[p] == 1);
    assert_true(VIEW(w.net, w.run, next_programme_age)[p] == 0);
    assert_true(VIEW(w.net, w.run, next_programme_spent)[p] == 7);
    assert_true(VIEW(w.net, w.run, next_instrument_base)[k] == 123);
    world_free(&w);
}

/* Dated programmes that run when decisions begin are found running, at their age. */
static void test_politics__finds_what_runs(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    int32_t p = programme_of(&w, "west_grant");
    assert_true(VIEW(w.net, w.run, force)[p] == 0);
    hold_politics(&w, 0);
    assert_true(VIEW(w.net, w.run, next_force)[p] == 1);
    assert_true(VIEW(w.net, w.run, next_programme_age)[p] == 7);
    world_free(&w);
}

/* --------------------------------------------------------------------------- instruments */

/* One month of one programme, at this strength; news says whether it begins now. */
static void put_in_force(world *w, const char *programme, double force, bool is_new)
{
    int32_t p = programme_of(w, programme);
    memset(VIEW(w->net, w->run, force), 0, (size_t)w->net->programmes.count * sizeof(double));
    VIEW(w->net, w->run, force)[p] = is_new ? 0 : force;
    step_calendar(w->net, w->run);
    VIEW(w->net, w->run, next_force)[p] = force;
    sim_apply_instruments(w->net, w->run);
}

static void test_instruments__on_plants(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    int32_t mine = plant_of(&w, "west_mine"), furnace = plant_of(&w, "west_furnace");
    int32_t pit = plant_of(&w, "east_mine"), digger = plant_of(&w, "east_digger");
    double hurdle = VIEW(w.net, w.run, hurdle_rate)[w.net->plant[mine].tech];
    put_in_force(&w, "a_grant", 1, true);
    assert_true(VIEW(w.net, w.run, support_grant)[mine] == 0.4);
    assert_true(VIEW(w.net, w.run, support_grant)[furnace] == 0);
    assert_true(isinf(VIEW(w.net, w.run, support_loan)[mine]));
    put_in_force(&w, "a_grant", 0.5, false);
    assert_true(VIEW(w.net, w.run, support_grant)[mine] == 0.2);
    put_in_force(&w, "a_loan", 1, true); /* at no interest */
    assert_true(VIEW(w.net, w.run, support_loan)[mine] == 0);
    put_in_force(&w, "a_loan", 0.5, false);
    assert_true(is_near(VIEW(w.net, w.run, support_loan)[mine], hurdle / 2, 1e-12));
    put_in_force(&w, "a_credit", 1, true);
    assert_true(VIEW(w.net, w.run, support_credit)[furnace] == 0.25);
    assert_true(is_near(sim_cost_of_work(w.net, w.run, furnace), 0.75 * 2000, 1e-12));
    put_in_force(&w, "an_offtake", 1, true);
    assert_true(VIEW(w.net, w.run, support_offtake)[mine] == 0.5);
    put_in_force(&w, "a_standard", 1, true);
    assert_true(VIEW(w.net, w.run, cost_added)[pit] == 100);
    put_in_force(&w, "an_enforcement", 1, true);
    assert_true(is_near(VIEW(w.net, w.run, run_share)[digger], 0.2, 1e-12));
    assert_true(VIEW(w.net, w.run, run_share)[pit] == 1);
    put_in_force(&w, "a_consolidation", 0.5, false);
    assert_true(is_near(VIEW(w.net, w.run, run_share)[pit], 0.85, 1e-12));
    put_in_force(&w, "a_quota", 1, false);
    assert_true(is_near(VIEW(w.net, w.run, run_share)[pit], 0.6, 1e-12));
    world_free(&w);
}

static void test_instruments__on_stages_and_stocks(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    int32_t west = index_of(&w.net->regions, "west");
    put_in_force(&w, "a_permitting", 1, true);
    assert_true(VIEW(w.net, w.run, gate_help)[tech_of(&w, "west", "mine")] == 2);
    assert_true(VIEW(w.net, w.run, gate_help)[tech_of(&w, "east", "mine")] == 1);
    put_in_force(&w, "a_research", 1, true);
    assert_true(
        is_near(VIEW(w.net, w.run, research)[tech_of(&w, "west", "refinery")], 0.01, 1e-12));
    put_in_force(&w, "a_ban", 0.5, false);
    assert_true(VIEW(w.net, w.run, transfer_ban)[tech_of(&w, "east", "refinery")] == 0.5);
    int32_t node = node_of(&w, "metal_x", "west", SIDE_SINGLE);
    double before = VIEW(w.net, w.run, public_cost)[west];
    put_in_force(&w, "a_stockpile", 1, true);
    assert_true(VIEW(w.net, w.run, stock_aim)[node] == 100);
    assert_true(is_near(VIEW(w.net, w.run, next_public_cost)[west] - before,
                        100 * VIEW(w.net, w.run, price)[node], 1e-9));
    put_in_force(&w, "a_stockpile", 1, false); /* bought once */
    assert_true(VIEW(w.net, w.run, next_public_cost)[west] == before);
    world_free(&w);
}

/* First arc of a commodity between two regions. */
static int32_t arc_of(const world *w, const char *commodity, const char *from, const char *to)
{
    int32_t c = index_of(&w->net->commodities, commodity);
    for (int32_t i = 0; i < w->net->arcs; i++)
        if (w->net->arc[i].commodity == c && w->net->arc[i].kind == ARC_OPEN &&
            w->net->node[w->net->arc[i].from].region == index_of(&w->net->regions, from) &&
            w->net->node[w->net->arc[i].to].region == index_of(&w->net->regions, to))
            return i;
    fail_msg("no lane of %s", commodity);
    return YT_NONE;
}

static void test_instruments__on_lanes(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    int32_t out = arc_of(&w, "metal_x", "east", "west"), ore = arc_of(&w, "ore_x", "east", "west");
    int32_t back = arc_of(&w, "metal_x", "west", "east");
    put_in_force(&w, "a_licence", 1, true);
    assert_true(is_near(VIEW(w.net, w.run, arc_share)[out], 0.4, 1e-12));
    assert_true(isinf(VIEW(w.net, w.run, arc_share)[ore]));
    assert_true(isinf(VIEW(w.net, w.run, arc_share)[back]));
    put_in_force(&w, "a_licence", 0.5, false);
    assert_true(is_near(VIEW(w.net, w.run, arc_share)[out], 0.7, 1e-12));
    put_in_force(&w, "a_wide_licence", 1, true);
    assert_true(VIEW(w.net, w.run, arc_share)[out] == 2);
    put_in_force(&w, "a_wide_licence", 0.5, false); /* weakened does not mean stricter */
    assert_true(VIEW(w.net, w.run, arc_share)[out] == 2);
    put_in_force(&w, "an_embargo", 1, true);
    assert_true(VIEW(w.net, w.run, arc_share)[out] == 0);
    int32_t p = programme_of(&w, "a_delay");
    VIEW(w.net, w.run, programme_age)[p] = 5;
    put_in_force(&w, "a_delay", 1, false);
    assert_true(VIEW(w.net, w.run, arc_share)[out] == 0);
    VIEW(w.net, w.run, programme_age)[p] = 6;
    put_in_force(&w, "a_delay", 1, false);
    assert_true(isinf(VIEW(w.net, w.run, arc_share)[out]));
    put_in_force(&w, "an_export_tax", 1, true);
    assert_true(VIEW(w.net, w.run, arc_tax)[out] == 0.2);
    assert_true(VIEW(w.net, w.run, arc_origin_tax)[out] == 0.2);
    put_in_force(&w, "a_tariff", 1, true);
    assert_true(VIEW(w.net, w.run, arc_tax)[out] == 0.3);
    assert_true(VIEW(w.net, w.run, arc_origin_tax)[out] == 0);
    world_free(&w);
}

/* Tonnes that usually leave under the quota. */
static double leaving(const world *w)
{
    return VIEW(w->net, w->run, usual_flow)[arc_of(w, "metal_x", "east", "west")] +
           VIEW(w->net, w->run, usual_flow)[arc_of(w, "metal_y", "east", "west")] +
           VIEW(w->net, w->run, usual_flow)[arc_of(w, "metal_y", "east", "west") + 1];
}

/* Half-yearly batches of what usually left; one that is found running has its base too, and
 * issues what is left of the batch. */
static void test_instruments__export_quota_issues_batches(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    step_to(&w, month_of(2005, 3));
    int32_t p = programme_of(&w, "an_export_quota");
    double base = leaving(&w);
    assert_true(base > 0);
    put_in_force(&w, "an_export_quota", 1, true);
    assert_true(is_near(VIEW(w.net, w.run, permit_quota)[0], 6 * 0.6 * base, 1e-9));
    assert_true(VIEW(w.net, w.run, permit_months)[0] == 6);
    VIEW(w.net, w.run, programme_age)[p] = 4;
    put_in_force(&w, "an_export_quota", 1, true);
    assert_true(is_near(VIEW(w.net, w.run, permit_quota)[0], 2 * 0.6 * base, 1e-9));
    put_in_force(&w, "an_export_quota", 1, false); /* within a batch: none is issued */
    assert_true(VIEW(w.net, w.run, permit_quota)[0] < 0);
    assert_true(VIEW(w.net, w.run, permit_months)[0] == 2);
    /* what is left lapses when the next is issued */
    VIEW(w.net, w.run, programme_age)[p] = 6;
    int32_t k = w.net->programme[p].first_instrument;
    VIEW(w.net, w.run, instrument_base)[k] = base;
    VIEW(w.net, w.run, permit_left)[0] = 77;
    memset(VIEW(w.net, w.run, force), 0, (size_t)w.net->programmes.count * sizeof(double));
    VIEW(w.net, w.run, force)[p] = 1;
    VIEW(w.net, w.run, programme_age)[p] = 5;
    for (int32_t r = 0; r < 2; r++)
        VIEW(w.net, w.run, initiation)[r] = VIEW(w.net, w.run, initiation_shock)[r] = 0;
    yt_step(w.net, w.run);
    assert_true(VIEW(w.net, w.run, permit_lapsed)[0] == 77);
    assert_true(is_near(VIEW(w.net, w.run, permit_issued)[0], 6 * 0.6 * base, 1e-9));
    world_free(&w);
}

/* The floor adds what the price lacks, by what a tonne of work yields, and costs the same. */
static void test_instruments__floor_pays_what_lacks(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    step_to(&w, month_of(2004, 6));
    int32_t furnace = plant_of(&w, "west_furnace"), west = index_of(&w.net->regions, "west");
    int32_t node = node_of(&w, "metal_x", "west", SIDE_SINGLE);
    double lack = 50000 - VIEW(w.net, w.run, price)[node];
    double work = VIEW(w.net, w.run, plant_output)[furnace];
    double before = VIEW(w.net, w.run, public_cost)[west];
    assert_true(lack > 0 && work > 0);
    put_in_force(&w, "a_floor", 1, false);
    assert_true(is_near(VIEW(w.net, w.run, support_floor)[furnace], 0.9 * lack, 1e-12));
    assert_true(
        is_near(VIEW(w.net, w.run, next_public_cost)[west] - before, 0.9 * lack * work, 1e-9));
    /* an empty purse pays nothing */
    int32_t p = programme_of(&w, "a_floor");
    VIEW(w.net, w.run, programme_budget)[p] = 5;
    VIEW(w.net, w.run, programme_spent)[p] = 5;
    put_in_force(&w, "a_floor", 1, false);
    assert_true(VIEW(w.net, w.run, support_floor)[furnace] == 0);
    world_free(&w);
}

/* Grants come out of what the budget has, and never pay more than nine tenths. */
static void test_instruments__grants_end_with_the_budget(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    int32_t mine = plant_of(&w, "west_mine"), west = index_of(&w.net->regions, "west");
    put_in_force(&w, "a_grant", 1, true);
    double before = VIEW(w.net, w.run, next_public_cost)[west];
    assert_true(is_near(sim_pay_grants(w.net, w.run, mine, 2e6), 0.8e6, 1e-12));
    assert_true(is_near(sim_pay_grants(w.net, w.run, mine, 2e6), 0.2e6, 1e-9));
    assert_true(sim_pay_grants(w.net, w.run, mine, 2e6) == 0);
    assert_true(is_near(VIEW(w.net, w.run, next_public_cost)[west] - before, 1e6, 1e-12));
    put_in_force(&w, "a_grant", 1, false);
    VIEW(w.net, w.run, next_force)[programme_of(&w, "a_equity")] = 1;
    sim_apply_instruments(w.net, w.run);
    assert_true(VIEW(w.net, w.run, support_grant)[mine] == 0.9);
    assert_true(is_near(sim_pay_grants(w.net, w.run, mine, 1e6), 0.9e6, 1e-12));
    world_free(&w);
}

/* --------------------------------------------------------------------------- the incumbent */

/* January, this much over normal; entrants build this share of what the incumbent has. */
static double quota_after(world *w, double price, double danger)
{
    int32_t pit = plant_of(w, "east_mine"), mine = plant_of(w, "west_mine");
    int32_t node = node_of(w, "ore_x", "east", SIDE_SINGLE), tech = tech_of(w, "east", "mine");
    VIEW(w->net, w->run, price_smooth)[node] = price * VIEW(w->net, w->run, anchor)[node];
    VIEW(w->net, w->run, project_phase)[mine] = danger > 0 ? PROJECT_BUILDING : PROJECT_NONE;
    VIEW(w->net, w->run, project_size)[mine] = danger * VIEW(w->net, w->run, nameplate)[pit];
    sim_set_quotas(w->net, w->run);
    return VIEW(w->net, w->run, next_stage_quota)[tech];
}

static void test_incumbent__quota_follows_the_band(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    step_to(&w, month_of(2005, 1));
    int32_t tech = tech_of(&w, "east", "mine"), pit = plant_of(&w, "east_mine");
    int32_t digger = plant_of(&w, "east_digger");
    VIEW(w.net, w.run, nameplate)[digger] = 0;
    VIEW(w.net, w.run, stage_quota)[tech] = 0.8;
    put_in_force(&w, "a_band", 1, false);
    assert_true(quota_after(&w, 1, 0) == 0.8);
    assert_true(is_near(VIEW(w.net, w.run, run_share)[pit], 0.8, 1e-12));
    put_in_force(&w, "a_band", 1, false);
    assert_true(is_near(quota_after(&w, 0.5, 0), 0.8 * 0.9, 1e-12));
    put_in_force(&w, "a_band", 0.5, false);
    assert_true(is_near(quota_after(&w, 2, 0), 0.8 * 1.05, 1e-12));
    /* nobody sets a quota any more */
    put_in_force(&w, "a_ban", 1, false);
    assert_true(quota_after(&w, 1, 0) == 1);
    world_free(&w);
}

static void test_incumbent__fights_entrants_with_patience(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    step_to(&w, month_of(2005, 1));
    int32_t tech = tech_of(&w, "east", "mine");
    VIEW(w.net, w.run, nameplate)[plant_of(&w, "east_digger")] = 0;
    VIEW(w.net, w.run, stage_quota)[tech] = 0.5;
    put_in_force(&w, "a_fight", 1, false);
    assert_true(quota_after(&w, 1, 0.1) == 0.5); /* 0.15 is the bar */
    put_in_force(&w, "a_fight", 1, false);
    assert_true(quota_after(&w, 0.5, 0.2) == 1);
    assert_true(VIEW(w.net, w.run, next_limit_months)[tech] == 12);
    put_in_force(&w, "a_fight", 0.5, false); /* weakened: 0.3 */
    assert_true(quota_after(&w, 1, 0.2) == 0.5);
    put_in_force(&w, "a_fight", 0.5, false);
    assert_true(quota_after(&w, 1, 0.31) == 1);
    VIEW(w.net, w.run, limit_months)[tech] = VIEW(w.net, w.run, patience)[tech];
    put_in_force(&w, "a_fight", 1, false);
    assert_true(quota_after(&w, 1, 0.2) == 0.5);
    world_free(&w);
}

/* --------------------------------------------------------------------------------- gates */

static random_stream stream_of(uint32_t i)
{
    return random_stream_of(5, i, "gates of a test", 0);
}

static double *gates_of(const world *w, int32_t plant)
{
    return VIEW(w->net, w->run, next_gate_work) + plant * GATES;
}

static double gate_total(const world *w, int32_t plant)
{
    double sum = 0;
    for (int32_t gate = 0; gate < GATES; gate++)
        sum += gates_of(w, plant)[gate];
    return sum;
}

static void test_gates__take_a_share_of_sum_and_the_longest(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    int32_t mine = plant_of(&w, "west_mine"), tech = w.net->plant[mine].tech;
    for (uint32_t i = 0; i < 1000; i++) {
        double k = i % 11 / 10.0, sum = 0, longest = 0;
        random_stream one = stream_of(i), two = stream_of(i);
        VIEW(w.net, w.run, concurrency)[tech] = 0;
        sim_draw_gates(w.net, w.run, mine, false, &one);
        for (int32_t gate = 0; gate < GATES; gate++) {
            sum += gates_of(&w, mine)[gate];
            longest = fmax(longest, gates_of(&w, mine)[gate]);
        }
        VIEW(w.net, w.run, concurrency)[tech] = k;
        sim_draw_gates(w.net, w.run, mine, false, &two);
        assert_true(is_near(gate_total(&w, mine), (1 - k) * sum + k * longest, 1e-9));
    }
    world_free(&w);
}

/* Five gates in a row whose spread is that of waiting times: mean, deviation and the chance to
 * pass all are those of the published sequence. */
static void test_gates__agree_with_the_closed_form(void **state)
{
    (void)state;
    enum { DRAWS = 10000 };
    json_t *root = json_load_file("tests/reference/numeric/gates_hypoexponential.json", 0, NULL);
    json_t *in = json_object_get(root, "inputs"), *out = json_object_get(root, "expected");
    world w = world_of(NULL);
    come_to_decide(&w);
    int32_t mine = plant_of(&w, "west_mine"), tech = w.net->plant[mine].tech;
    VIEW(w.net, w.run, concurrency)[tech] = 0;
    VIEW(w.net, w.run, gate_speed)[tech] = VIEW(w.net, w.run, gate_help)[tech] = 1;
    for (size_t gate = 0; gate < GATES; gate++) {
        size_t slot = (size_t)(tech * GATES) + gate;
        double mean = json_number_value(json_array_get(json_object_get(in, "mean_years"), gate));
        double pass = json_number_value(json_array_get(json_object_get(in, "pass_prob"), gate));
        VIEW(w.net, w.run, gate_occurs)[slot] = 1;
        VIEW(w.net, w.run, gate_sigma)[slot] = sqrt(log(2)); /* deviation = mean */
        VIEW(w.net, w.run, gate_median)[slot] = 12 * mean / sqrt(2);
        VIEW(w.net, w.run, gate_fail)[slot] = 1 - pass;
    }
    double sum = 0, squares = 0;
    int passed = 0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        random_stream stream = stream_of(i);
        sim_draw_gates(w.net, w.run, mine, false, &stream);
        double total = gate_total(&w, mine), months = 0;
        gate_result result = GATE_WORKING;
        for (; result == GATE_WORKING; months++)
            result = sim_work_at_gate(w.net, w.run, mine, 1, &stream);
        passed += result == GATE_PASSED_ALL;
        assert_true(result == GATE_FAILED || (months >= total && months < total + 1 + 1e-9));
        w.run->events = 0;
        sum += total / 12 / DRAWS;
        squares += total / 12 * (total / 12) / DRAWS;
    }
    double mean = json_number_value(json_object_get(out, "mean"));
    double deviation = json_number_value(json_object_get(out, "sd"));
    assert_true(fabs(sum - mean) < 4 * deviation / sqrt(DRAWS));
    /* the fourth moment of these lognormals makes the error of a deviation some 5 % */
    assert_true(is_near(sqrt(squares - sum * sum), deviation, 0.1));
    assert_true(is_share(passed, DRAWS, json_number_value(json_object_get(out, "prob_all_pass"))));
    json_decref(root);
    world_free(&w);
}

/* A gate that is passed beside the longest is still a gate that may stay shut. */
static void test_gates__fail_beside_each_other_too(void **state)
{
    (void)state;
    enum { DRAWS = 10000 };
    world w = world_of(NULL);
    come_to_decide(&w);
    int32_t mine = plant_of(&w, "west_mine"), tech = w.net->plant[mine].tech;
    int passed = 0, suits = 0;
    VIEW(w.net, w.run, concurrency)[tech] = 1;
    for (uint32_t i = 0; i < DRAWS; i++) {
        random_stream stream = stream_of(i);
        sim_draw_gates(w.net, w.run, mine, false, &stream);
        suits += gates_of(&w, mine)[GATE_LEGAL] > 0;
        gate_result result = GATE_WORKING;
        while (result == GATE_WORKING)
            result = sim_work_at_gate(w.net, w.run, mine, 1, &stream);
        passed += result == GATE_PASSED_ALL;
        w.run->events = 0;
    }
    assert_true(is_share(suits, DRAWS, 0.3));
    assert_true(is_share(passed, DRAWS, 0.9 * 0.9 * 0.95 * (1 - 0.3 * 0.1) * 0.7));
    world_free(&w);
}

/* The capital gate's clock and its chance follow finance; the others do not. */
static void test_gates__money_hurries_only_money(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    int32_t mine = plant_of(&w, "west_mine");
    double *work = gates_of(&w, mine);
    for (int32_t gate = 0; gate < GATES; gate++) {
        random_stream stream = stream_of(1);
        for (int32_t k = 0; k < GATES; k++)
            work[k] = k == gate ? 10 : 0;
        VIEW(w.net, w.run, next_project_gate)[mine] = 0;
        sim_work_at_gate(w.net, w.run, mine, 4, &stream);
        assert_true(work[gate] == (gate == GATE_CAPITAL ? 6 : 9));
    }
    world_free(&w);
}

/* ----------------------------------------------------------------------------- investors */

static double annuity(double rate, double years)
{
    return (1 - pow(1 + rate, -years)) / log(1 + rate);
}

static void test_investors__judge_by_present_value(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    int32_t mine = plant_of(&w, "west_mine"), tech = w.net->plant[mine].tech;
    int32_t node = node_of(&w, "ore_x", "west", SIDE_SINGLE);
    VIEW(w.net, w.run, outlook_sell)[node] = 3000;
    VIEW(w.net, w.run, floor_outlook)[mine] = 100;
    VIEW(w.net, w.run, support_grant)[mine] = 0.4;
    VIEW(w.net, w.run, support_loan)[mine] = INFINITY;
    VIEW(w.net, w.run, support_offtake)[mine] = 0.5;
    VIEW(w.net, w.run, support_credit)[mine] = VIEW(w.net, w.run, cost_added)[mine] = 0;
    VIEW(w.net, w.run, cost_then)[mine] = 1;
    VIEW(w.net, w.run, know_how)[tech] = VIEW(w.net, w.run, know_how_start)[tech];
    VIEW(w.net, w.run, stage_output)[tech] = 200;
    VIEW(w.net, w.run, stage_output)[tech_of(&w, "east", "mine")] = 800;
    VIEW(w.net, w.run, volatility)[node] = 0.01;
    sim_offer offer = sim_judge_plant(w.net, w.run, mine);
    /* fear 0.1 of 80 %, persistence 0.7, cost 1500, utilisation 0.85, hurdle 15 %, 12 months to
     * build, ten years, 1200 USD per t/a, overrun 20 % */
    double margin = 3000 * (1 - 0.1 * 0.8) + 0.7 * 100 - 1500;
    double income = 12 * 0.85 * margin * (annuity(0.15, 11) - annuity(0.15, 1));
    double cost = 1200 * 12 * 1.2 * 0.6;
    assert_true(offer.per_tonne == 3000);
    assert_true(is_near(offer.worth, income / cost, 1e-9));
    double risk = sqrt(12 * 0.01) * 0.5 * (1 - 0.7 * 100 / 3100);
    double s2 = risk * risk, beta = 0.5 + sqrt(0.25 + 2 * log(1.15) / s2);
    assert_true(is_near(offer.asked, 1 + 0.2 * (beta / (beta - 1) - 1), 1e-9));
    /* money for nothing is still a loan, and may wait for ever */
    VIEW(w.net, w.run, support_loan)[mine] = 0;
    sim_offer cheap = sim_judge_plant(w.net, w.run, mine);
    assert_true(is_near(cheap.worth, 12 * 0.85 * margin * 10 / cost, 1e-9));
    assert_true(is_near(cheap.asked, 1 + 0.2 * 9, 1e-12));
    world_free(&w);
}

/* Where the good is not traded yet its worth comes from the next step of the chain. */
static void test_outlook__looks_through_a_step_that_is_missing(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    int32_t ore = node_of(&w, "ore_x", "west", SIDE_SINGLE);
    VIEW(w.net, w.run, throughput)[ore] = 0;
    for (int32_t i = 0; i < w.net->arcs; i++) /* no way in or out */
        if (w.net->arc[i].to == ore || w.net->arc[i].from == ore)
            VIEW(w.net, w.run, capacity)[w.net->arcs_at.first + i] = 0;
    sim_look_ahead(w.net, w.run);
    const double *sell = VIEW(w.net, w.run, outlook_sell);
    double x = sell[node_of(&w, "metal_x", "west", SIDE_SINGLE)];
    double y = sell[node_of(&w, "metal_y", "west", SIDE_SPOT)];
    int32_t refinery = plant_of(&w, "west_refinery");
    double hours = VIEW(w.net, w.run, reference_price)[w.net->plant[refinery].node];
    double plain = 0.27 * x + 0.08 * y, better = 0.28 * x + 0.09 * y;
    assert_true(x > 0 && y > 0);
    assert_true(is_near(sell[ore], fmax(plain, better) - 1.3 * hours, 1e-9));
    /* and costs what it takes to dig */
    double dig = VIEW(w.net, w.run, operating_cost)[plant_of(&w, "west_mine")];
    assert_true(is_near(VIEW(w.net, w.run, outlook_buy)[ore], 1.3 * dig, 1e-9));
    world_free(&w);
}

/* What comes back to work counts as there; what is on its way does not count against itself. */
static void test_plans__count_what_is_on_its_way(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    yt_step(w.net, w.run);
    int32_t pit = plant_of(&w, "east_mine"), tech = w.net->plant[pit].tech;
    double gap[64], with[64], use = VIEW(w.net, w.run, utilisation)[tech];
    assert_true(w.net->regions.count * w.net->stages.count <= 64);
    VIEW(w.net, w.run, plant_state)[pit] = PLANT_MOTHBALLED;
    VIEW(w.net, w.run, project_phase)[pit] = PROJECT_NONE;
    sim_find_gaps(w.net, w.run, gap);
    VIEW(w.net, w.run, project_phase)[pit] = PROJECT_RESTART;
    VIEW(w.net, w.run, project_size)[pit] = 0;
    sim_find_gaps(w.net, w.run, with);
    assert_true(is_near(gap[tech] - with[tech], VIEW(w.net, w.run, nameplate)[pit] * use, 1e-9));
    VIEW(w.net, w.run, project_phase)[pit] = PROJECT_WAITING;
    VIEW(w.net, w.run, project_size)[pit] = 100;
    sim_find_gaps(w.net, w.run, with);
    assert_true(is_near(gap[tech] - with[tech], 100 * use, 1e-9));
    world_free(&w);
}

/* -------------------------------------------------------------------------------- plants */

static void give_project(world *w, int32_t i, int phase, double size, double clock)
{
    VIEW(w->net, w->run, project_phase)[i] = phase;
    VIEW(w->net, w->run, project_size)[i] = size;
    VIEW(w->net, w->run, project_clock)[i] = clock;
}

static void book_plants(world *w)
{
    static const variable_id pair[][2] = {
        {VAR_plant_state, VAR_next_plant_state},
        {VAR_nameplate, VAR_next_nameplate},
        {VAR_ramped, VAR_next_ramped},
        {VAR_rate, VAR_next_rate},
        {VAR_project_phase, VAR_next_project_phase},
        {VAR_project_size, VAR_next_project_size},
        {VAR_project_clock, VAR_next_project_clock},
        {VAR_opened_at, VAR_next_opened_at},
        {VAR_retry_at, VAR_next_retry_at},
        {VAR_loss_months, VAR_next_loss_months},
    };
    for (size_t k = 0; k < sizeof pair / sizeof *pair; k++)
        memcpy(w->run->number + w->net->offset[pair[k][0]],
               w->run->number + w->net->offset[pair[k][1]],
               (size_t)w->net->plants * sizeof(double));
    w->run->t++;
}

/* A month of plants in a world where nothing else happens; nobody studies anything. */
static void move_plants(world *w)
{
    for (int32_t k = 0; k < w->net->regions.count * w->net->stages.count; k++)
        VIEW(w->net, w->run, attention)[k] = 0;
    step_calendar(w->net, w->run);
    step_politics(w->net, w->run);
    sim_move_plants(w->net, w->run);
    book_plants(w);
}

static void test_plants__master_four_fifths_in_the_ramp_up_time(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    yt_step(w.net, w.run);
    int32_t mine = plant_of(&w, "west_mine"), tech = w.net->plant[mine].tech;
    VIEW(w.net, w.run, plant_state)[mine] = PLANT_ABSENT;
    VIEW(w.net, w.run, nameplate)[mine] = 0;
    VIEW(w.net, w.run, patience)[tech] = 600;
    VIEW(w.net, w.run, know_how)[tech] = 0.5;
    give_project(&w, mine, PROJECT_BUILDING, 1000, 1);
    move_plants(&w); /* opens: ramp_time 6 months x (1 + 1 x 0.5) */
    assert_true(VIEW(w.net, w.run, plant_state)[mine] == PLANT_RUNNING);
    assert_true(VIEW(w.net, w.run, nameplate)[mine] == 1000);
    assert_true(VIEW(w.net, w.run, ramped)[mine] == 0);
    for (int k = 0; k < 9; k++)
        move_plants(&w);
    assert_true(is_near(VIEW(w.net, w.run, ramped)[mine], 800, 1e-9));
    world_free(&w);
}

/* Idle for longer than patience: mothballed, within months; it comes back when work pays, not in
 * the same month, and is no new plant. */
static void test_plants__close_and_come_back(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    yt_step(w.net, w.run);
    int32_t pit = plant_of(&w, "east_mine"), tech = w.net->plant[pit].tech, closed = 0;
    double nameplate = VIEW(w.net, w.run, nameplate)[pit];
    VIEW(w.net, w.run, patience)[tech] = 5;
    VIEW(w.net, w.run, directive_authority)[tech] = 0;
    VIEW(w.net, w.run, plant_output)[pit] = 0;
    give_project(&w, pit, PROJECT_NONE, 0, 0);
    for (int month = 1; month <= 60 && !closed; month++) {
        move_plants(&w);
        if (VIEW(w.net, w.run, plant_state)[pit] == PLANT_MOTHBALLED)
            closed = month;
    }
    assert_true(closed > 5);
    assert_true(VIEW(w.net, w.run, ramped)[pit] == 0);
    assert_true(VIEW(w.net, w.run, project_phase)[pit] == PROJECT_NONE);
    assert_true(VIEW(w.net, w.run, retry_at)[pit] == w.run->t - 1 + 12);
    give_project(&w, pit, PROJECT_RESTART, 0, 2);
    move_plants(&w);
    assert_true(VIEW(w.net, w.run, plant_state)[pit] == PLANT_MOTHBALLED);
    move_plants(&w);
    assert_true(VIEW(w.net, w.run, plant_state)[pit] == PLANT_RUNNING);
    assert_true(VIEW(w.net, w.run, nameplate)[pit] == nameplate);
    assert_true(VIEW(w.net, w.run, opened_at)[pit] < 0);
    world_free(&w);
}

/* A plant that somebody restarted remembers at which worth, whoever built it; one that was found
 * running has no such memory. */
static void test_plants__remember_what_they_were_begun_at(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    yt_step(w.net, w.run);
    int32_t pit = plant_of(&w, "east_mine"), node;
    sim_look_ahead(w.net, w.run);
    double now = sim_worth_of_work(w.net, w.run, pit, &node);
    assert_true(now > 0);
    for (int k = 0; k < 2; k++) {
        double fall = -1;
        VIEW(w.net, w.run, plant_state)[pit] = PLANT_RUNNING;
        VIEW(w.net, w.run, opened_at)[pit] = -1;
        VIEW(w.net, w.run, price_at_start)[pit] = k * 3 * now;
        VIEW(w.net, w.run, ramped)[pit] = 100;
        VIEW(w.net, w.run, plant_output)[pit] = 0;
        VIEW(w.net, w.run, loss_months)[pit] = 600;
        give_project(&w, pit, PROJECT_NONE, 0, 0);
        for (int month = 0; month < 60 && fall < 0; month++) {
            w.run->t = w.net->decide + 1; /* the same month of many worlds */
            w.run->index++;
            move_plants(&w);
            for (int32_t e = 0; e < w.run->events; e++)
                if (w.run->event[e].kind == SIM_plant_mothballed && w.run->event[e].subject == pit)
                    fall = w.run->event[e].value;
        }
        assert_true(k ? is_near(fall, 3, 1e-9) : fall == 0);
    }
    world_free(&w);
}

/* An expansion that is finished where the plant stands idle stands idle with it. */
static void test_plants__an_expansion_opens_no_idle_plant(void **state)
{
    (void)state;
    world w = world_of(NULL);
    come_to_decide(&w);
    yt_step(w.net, w.run);
    int32_t pit = plant_of(&w, "east_mine");
    double nameplate = VIEW(w.net, w.run, nameplate)[pit];
    VIEW(w.net, w.run, plant_state)[pit] = PLANT_MOTHBALLED;
    give_project(&w, pit, PROJECT_BUILDING, 50, 1);
    move_plants(&w);
    assert_true(VIEW(w.net, w.run, plant_state)[pit] == PLANT_MOTHBALLED);
    assert_true(VIEW(w.net, w.run, nameplate)[pit] == nameplate + 50);
    world_free(&w);
}

/* A plant that stands idle when decisions begin and reopens on record is not built twice. */
static void test_plants__found_idle_are_not_doubled(void **state)
{
    (void)state;
    world w = world_laid_over("tests/unit/overlays/idle.yaml");
    come_to_decide(&w);
    int32_t furnace = plant_of(&w, "west_furnace");
    yt_step(w.net, w.run);
    assert_true(VIEW(w.net, w.run, plant_state)[furnace] == PLANT_MOTHBALLED);
    assert_true(VIEW(w.net, w.run, project_phase)[furnace] == PROJECT_RESTART);
    assert_true(VIEW(w.net, w.run, project_size)[furnace] == 0);
    assert_true(is_near(VIEW(w.net, w.run, nameplate)[furnace], 5000.0 / 12, 1e-9));
    world_free(&w);
}

/* Where nobody decides plants stay as they were when decisions began. */
static void test_plants__stay_where_nobody_decides(void **state)
{
    (void)state;
    world w = world_of(NULL);
    int32_t works = plant_of(&w, "east_refinery");
    w.net->is_governed[index_of(&w.net->regions, "east")] = false;
    come_to_decide(&w);
    step_to(&w, month_of(2006, 12));
    double before = VIEW(w.net, w.run, can_run)[works];
    step_to(&w, month_of(2007, 3)); /* the record enlarges it in 2007-01 */
    assert_true(before > 0 && VIEW(w.net, w.run, can_run)[works] == before);
    world_free(&w);
}

/* ------------------------------------------------------------------------------ know-how */

static void test_know_how__grows_fades_and_travels(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    come_to_decide(&w);
    int32_t east = tech_of(&w, "east", "refinery"), west = tech_of(&w, "west", "refinery");
    double *skill = VIEW(w.net, w.run, know_how);
    static const double share[] = {0, 0.05, 0.5}; /* of the world's work, in the west */
    for (int k = 0; k < 3; k++)
        for (int ban = 0; ban < 2; ban++) {
            put_in_force(&w, ban ? "a_ban" : "a_research", 1, false);
            skill[east] = 0.9;
            skill[west] = 0.4;
            VIEW(w.net, w.run, stage_output)[west] = 1000 * share[k];
            VIEW(w.net, w.run, stage_output)[east] = 1000 * (1 - share[k]);
            memcpy(VIEW(w.net, w.run, clearing_price), VIEW(w.net, w.run, price),
                   (size_t)w.net->nodes * sizeof(double));
            step_learn(w.net, w.run);
            /* learning 0.2, forgetting 0.05, transfer 0.05, research 0.12 a year */
            double practice = fmin(1, share[k] / 0.1);
            double expected = 0.4 + (0.2 * practice + (ban ? 0 : 0.12)) / 12 * 0.6 -
                              0.05 * (1 - practice) / 12 * 0.4 + (ban ? 0 : 0.05 / 12 * 0.5);
            assert_true(is_near(VIEW(w.net, w.run, next_know_how)[west], expected, 1e-12));
            assert_true(
                is_near(VIEW(w.net, w.run, next_know_how)[east], 0.9 + 0.2 / 12 * 0.1, 1e-12));
        }
    world_free(&w);
}

/* ------------------------------------------------------------------------- whole worlds */

static void test_worlds__are_the_same_twice_and_close_their_books(void **state)
{
    (void)state;
    world w = world_laid_over(LEVERS);
    yt_run *other = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &other));
    for (uint32_t i = 0; i < 24; i++) {
        yt_run_reset(w.net, w.run, 3, i);
        yt_run_reset(w.net, other, 3, i);
        step_to(&w, month_of(2006, 5));
        while (yt_run_month(w.run) < end_of(&w)) {
            yt_step(w.net, w.run);
            assert_int_equal(YT_OK, yt_run_status(w.run));
            for (int32_t e = 0; e < w.net->elements.count; e++)
                assert_true(fabs(sim_element_balance(w.net, w.run, e).closure) <= 1e-9);
            for (int32_t p = 0; p < w.net->plants; p++) {
                double can = VIEW(w.net, w.run, can_run)[p];
                assert_true(can >= 0 && can <= VIEW(w.net, w.run, nameplate)[p] * (1 + 1e-12));
            }
        }
        while (yt_run_month(other) < end_of(&w))
            yt_step(w.net, other);
        assert_true(sim_state_hash(w.net, w.run) == sim_state_hash(w.net, other));
    }
    yt_run_free(other);
    world_free(&w);
}

/* A month of a world that decides reads parameters and state, not what last month decided. */
static void test_worlds__forget_the_flows_of_last_month(void **state)
{
    (void)state;
    world w = world_of(NULL);
    yt_run *other = NULL;
    assert_int_equal(YT_OK, yt_run_new(w.net, &other));
    yt_run_reset(w.net, w.run, 3, 7);
    yt_run_reset(w.net, other, 3, 7);
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

/* Decisions may begin in the first month, without any spin-up, and in the last. */
static void test_worlds__decide_from_start_and_from_the_end(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        world w = world_of(NULL);
        yt_run_free(w.run);
        yt_network_free(w.net);
        w.model->spin_up = k ? 24 : 0;
        w.model->decide_from = k ? w.model->end : w.model->start;
        assert_int_equal(YT_OK, yt_network_compile(w.model, NULL, &w.net));
        assert_int_equal(YT_OK, yt_run_new(w.net, &w.run));
        assert_int_equal(k ? w.net->months - 1 : 0, w.net->decide);
        for (uint32_t i = 0; i < 4; i++) {
            yt_run_reset(w.net, w.run, 3, i);
            step_to(&w, end_of(&w));
        }
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_politics__attention_decays_to_its_floor),
        cmocka_unit_test(test_politics__news_of_a_programme_is_heard_abroad),
        cmocka_unit_test(test_politics__launches_as_often_as_it_cares),
        cmocka_unit_test(test_politics__launches_by_weight),
        cmocka_unit_test(test_politics__one_programme_more_shifts_nobody),
        cmocka_unit_test(test_politics__programmes_survive_by_their_hazard),
        cmocka_unit_test(test_politics__successor_keeps_purse_and_base),
        cmocka_unit_test(test_politics__finds_what_runs),
        cmocka_unit_test(test_instruments__on_plants),
        cmocka_unit_test(test_instruments__on_stages_and_stocks),
        cmocka_unit_test(test_instruments__on_lanes),
        cmocka_unit_test(test_instruments__export_quota_issues_batches),
        cmocka_unit_test(test_instruments__floor_pays_what_lacks),
        cmocka_unit_test(test_instruments__grants_end_with_the_budget),
        cmocka_unit_test(test_incumbent__quota_follows_the_band),
        cmocka_unit_test(test_incumbent__fights_entrants_with_patience),
        cmocka_unit_test(test_gates__take_a_share_of_sum_and_the_longest),
        cmocka_unit_test(test_gates__agree_with_the_closed_form),
        cmocka_unit_test(test_gates__fail_beside_each_other_too),
        cmocka_unit_test(test_gates__money_hurries_only_money),
        cmocka_unit_test(test_investors__judge_by_present_value),
        cmocka_unit_test(test_outlook__looks_through_a_step_that_is_missing),
        cmocka_unit_test(test_plans__count_what_is_on_its_way),
        cmocka_unit_test(test_plants__master_four_fifths_in_the_ramp_up_time),
        cmocka_unit_test(test_plants__close_and_come_back),
        cmocka_unit_test(test_plants__remember_what_they_were_begun_at),
        cmocka_unit_test(test_plants__an_expansion_opens_no_idle_plant),
        cmocka_unit_test(test_plants__found_idle_are_not_doubled),
        cmocka_unit_test(test_plants__stay_where_nobody_decides),
        cmocka_unit_test(test_know_how__grows_fades_and_travels),
        cmocka_unit_test(test_worlds__are_the_same_twice_and_close_their_books),
        cmocka_unit_test(test_worlds__forget_the_flows_of_last_month),
        cmocka_unit_test(test_worlds__decide_from_start_and_from_the_end),
    };
    return cmocka_run_group_tests_name("institutions", tests, NULL, NULL);
}
