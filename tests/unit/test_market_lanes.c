/* test_market_lanes.c - the same bits whatever the width, the batch and its order.
 *
 * Problems of one pattern with costs, supplies and capacities of their own, from every kind of
 * the oracle's generator.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "oracle/problems.h"

#include "market/lanes.h"

#include <stdio.h>
#include <stdlib.h>

enum { PROBLEMS = 21 }; /* more than lanes, and no multiple of their number */

typedef struct batch {
    problem base;
    market_pattern *pattern;
    double supply[PROBLEMS][MAX_MARKETS];
    double cost[PROBLEMS][MAX_ACTIVITIES], capacity[PROBLEMS][MAX_ACTIVITIES];
} batch;

typedef struct batch_answer {
    double price[PROBLEMS][MAX_MARKETS], level[PROBLEMS][MAX_ACTIVITIES];
    market_problem problem[PROBLEMS];
} batch_answer;

/* Problems around one of the generator's, up to a fifth apart. */
static void make_batch(batch *b, uint64_t number)
{
    make_problem(&b->base, number);
    problem *p = &b->base;
    assert_int_equal(YT_OK,
                     market_pattern_new(p->markets, p->activities, p->start, p->row, &b->pattern));
    for (int k = 0; k < PROBLEMS; k++) {
        for (int32_t i = 0; i < p->markets; i++)
            b->supply[k][i] = p->supply[i] * uniform(p, 1, 1.2);
        for (int32_t j = 0; j < p->activities; j++) {
            b->cost[k][j] = p->cost[j] * uniform(p, 0.9, 1.1);
            b->capacity[k][j] = chance(p, 0.05) ? 0 : p->capacity[j] * uniform(p, 0.9, 1.1);
        }
    }
}

static void pose(const batch *b, batch_answer *answer)
{
    for (int k = 0; k < PROBLEMS; k++) {
        memcpy(answer->price[k], b->base.reference, sizeof answer->price[k]);
        memset(answer->level[k], 0, sizeof answer->level[k]);
        answer->problem[k] = (market_problem){.coefficient = b->base.coefficient,
                                              .supply = b->supply[k],
                                              .cost = b->cost[k],
                                              .slope = b->base.slope,
                                              .capacity = b->capacity[k],
                                              .reference = b->base.reference,
                                              .price = answer->price[k],
                                              .level = answer->level[k]};
    }
}

static void assert_same(const batch *b, const batch_answer *one, const batch_answer *other)
{
    for (int k = 0; k < PROBLEMS; k++) {
        const market_problem *x = &one->problem[k], *y = &other->problem[k];
        assert_int_equal(x->status, y->status);
        assert_int_equal(x->method, y->method);
        assert_int_equal(x->iterations, y->iterations);
        assert_memory_equal(&x->certificate, &y->certificate, sizeof x->certificate);
        assert_memory_equal(x->price, y->price, (size_t)b->base.markets * sizeof(double));
        assert_memory_equal(x->level, y->level, (size_t)b->base.activities * sizeof(double));
    }
}

static void *room_of(size_t bytes)
{
    void *room = aligned_alloc(64, (bytes + 64) / 64 * 64);
    assert_non_null(room);
    memset(room, 0xa5, bytes);
    return room;
}

/* Each alone; all at once; all at once in another order. */
static void test_market_lanes__answer_does_not_depend_on_neighbours(void **state)
{
    (void)state;
    static batch b;
    static batch_answer alone, together, mixed;
    for (uint64_t number = 0; number < 60; number++) {
        make_batch(&b, number);
        void *scratch = room_of(market_scratch_size(b.pattern));
        void *wide = room_of(market_batch_size(b.pattern));
        market_problem *order[PROBLEMS];
        pose(&b, &alone);
        for (int k = 0; k < PROBLEMS; k++)
            market_clear(b.pattern, (market_problem *[]){&alone.problem[k]}, 1, scratch);
        pose(&b, &together);
        for (int k = 0; k < PROBLEMS; k++)
            order[k] = &together.problem[k];
        market_clear_batch(b.pattern, order, PROBLEMS, wide);
        pose(&b, &mixed);
        for (int k = 0; k < PROBLEMS; k++)
            order[k] = &mixed.problem[k * 8 % PROBLEMS];
        market_clear_batch(b.pattern, order, PROBLEMS, wide);
        assert_same(&b, &alone, &together);
        assert_same(&b, &alone, &mixed);
        free(scratch);
        free(wide);
        market_pattern_free(b.pattern);
    }
}

/* The widths this machine can run, and what they make of the same problems. */
static void test_market_lanes__every_width_gives_the_same_bits(void **state)
{
    (void)state;
    static batch b;
    static batch_answer first, other;
    const lane_solver *const solvers[] = {&LANES_1, &LANES_4, lanes_widest()};
    for (uint64_t number = 0; number < 60; number++) {
        make_batch(&b, number);
        for (int s = 0; s < 3; s++) {
            batch_answer *answer = s == 0 ? &first : &other;
            market_problem *open[PROBLEMS];
            lane_outcome outcome[PROBLEMS];
            const bool is_closing[PROBLEMS] = {false};
            int32_t what[MAX_MARKETS], count = 0;
            void *room = room_of(solvers[s]->size(b.pattern));
            pose(&b, answer);
            for (int k = 0; k < PROBLEMS; k++) {
                closing_look(b.pattern, &answer->problem[k], what);
                if (!closing_is_needed(b.pattern, &answer->problem[k], what))
                    open[count++] = &answer->problem[k];
            }
            solvers[s]->solve(b.pattern, open, is_closing, count, room, outcome);
            if (s > 0)
                assert_same(&b, &first, &other);
            free(room);
        }
        market_pattern_free(b.pattern);
    }
}

/* What the lanes certify is what market_certify says, up to the rounding of its sums. */
static void test_market_lanes__certificate_holds(void **state)
{
    (void)state;
    static batch b;
    static batch_answer answer;
    for (uint64_t number = 0; number < 60; number++) {
        make_batch(&b, number);
        void *wide = room_of(market_batch_size(b.pattern));
        market_problem *order[PROBLEMS];
        pose(&b, &answer);
        for (int k = 0; k < PROBLEMS; k++)
            order[k] = &answer.problem[k];
        market_clear_batch(b.pattern, order, PROBLEMS, wide);
        for (int k = 0; k < PROBLEMS; k++) {
            market_problem *p = &answer.problem[k];
            if (p->status != MARKET_OPTIMAL)
                continue;
            assert_true(market_certificate_worst(&p->certificate) <= MARKET_BAR);
            market_certify(b.pattern, p);
            assert_true(market_certificate_worst(&p->certificate) <= MARKET_BAR);
        }
        free(wide);
        market_pattern_free(b.pattern);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_market_lanes__answer_does_not_depend_on_neighbours),
        cmocka_unit_test(test_market_lanes__every_width_gives_the_same_bits),
        cmocka_unit_test(test_market_lanes__certificate_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
