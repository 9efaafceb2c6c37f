/* clearing.h - clearing problems put together by hand, an activity at a time. */
#ifndef TESTS_CLEARING_H
#define TESTS_CLEARING_H

#include "market/market.h"

#include <stdint.h>

enum { FEW_MARKETS = 64, FEW_ACTIVITIES = 96, FEW_ENTRIES = 384 };

/* Starts as {0}. */
typedef struct clearing {
    int32_t markets, activities;
    int32_t start[FEW_ACTIVITIES + 1], row[FEW_ENTRIES];
    double coefficient[FEW_ENTRIES], supply[FEW_MARKETS], reference[FEW_MARKETS];
    double cost[FEW_ACTIVITIES], slope[FEW_ACTIVITIES], capacity[FEW_ACTIVITIES];
    double price[FEW_MARKETS], level[FEW_ACTIVITIES], ray[FEW_MARKETS];
    market_problem answer;
} clearing;

/* Each returns the number of what it adds. */
int32_t add_market(clearing *w, double supply);
int32_t add_activity(clearing *w, double cost, double slope, double capacity);
/* An entry of the newest activity; markets in ascending order. */
void add_entry(clearing *w, int32_t market, double coefficient);
/* From one market to another. */
int32_t add_arc(clearing *w, int32_t from, int32_t to, double cost, double capacity);
/* An activity without bound that gives to one market, or takes from it. */
int32_t add_single(clearing *w, int32_t market, double coefficient, double cost, double slope);

/* Fills answer, price, level and, when nothing can balance, ray. */
void clear_by_hand(clearing *w);
/* The same by interior point alone. */
void clear_by_interior(clearing *w);
/* Fails the test unless the answer is optimal and certified. */
void assert_cleared(const clearing *w);

#endif
