/* clearing.c - clearing problems put together by hand, an activity at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clearing.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

int32_t add_market(clearing *w, double supply)
{
    w->supply[w->markets] = supply;
    w->reference[w->markets] = w->price[w->markets] = 1;
    return w->markets++;
}

int32_t add_activity(clearing *w, double cost, double slope, double capacity)
{
    const int32_t j = w->activities++;
    w->cost[j] = cost;
    w->slope[j] = slope;
    w->capacity[j] = capacity;
    w->start[j + 1] = w->start[j];
    return j;
}

void add_entry(clearing *w, int32_t market, double coefficient)
{
    const int32_t e = w->start[w->activities]++;
    w->row[e] = market;
    w->coefficient[e] = coefficient;
}

int32_t add_arc(clearing *w, int32_t from, int32_t to, double cost, double capacity)
{
    const int32_t j = add_activity(w, cost, 0, capacity);
    add_entry(w, from < to ? from : to, from < to ? -1 : 1);
    add_entry(w, from < to ? to : from, from < to ? 1 : -1);
    return j;
}

int32_t add_single(clearing *w, int32_t market, double coefficient, double cost, double slope)
{
    const int32_t j = add_activity(w, cost, slope, INFINITY);
    add_entry(w, market, coefficient);
    return j;
}

static void clear(clearing *w, bool by_interior)
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
    if (by_interior)
        market_clear_interior(pattern, &w->answer, scratch);
    else
        market_clear(pattern, (market_problem *[]){&w->answer}, 1, scratch);
    free(scratch);
    market_pattern_free(pattern);
}

void clear_by_hand(clearing *w)
{
    clear(w, false);
}

void clear_by_interior(clearing *w)
{
    clear(w, true);
}

void assert_cleared(const clearing *w)
{
    assert_int_equal(w->answer.status, MARKET_OPTIMAL);
    assert_true(market_certificate_worst(&w->answer.certificate) <= MARKET_BAR);
}
