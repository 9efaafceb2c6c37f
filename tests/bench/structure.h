/* structure.h - invented chains to measure the clearing with: what is made of what, where, and
 * how it travels.
 *
 * Ores -> oxides (a plant makes several) -> metals, alloys, magnets (swarf comes back as oxide)
 * -> products, in regions joined by lanes.  Every number is invented: such a chain says how fast
 * a month clears, nothing else.  Its months: path.h.
 */
#ifndef BENCH_STRUCTURE_H
#define BENCH_STRUCTURE_H

#include <stdbool.h>
#include <stdint.h>

/* FLAT: many lanes whose cost hardly rises, one step of demand (the form first tried).
 * CHOSEN: few lanes that cost less below and more above their usual flow, five steps of demand,
 * a holder in every market (docs/model.md, 7.5). */
typedef enum structure_form { FORM_FLAT, FORM_CHOSEN } structure_form;

enum { STRUCTURES = 5, STRUCTURE_SIZES = 3, TIERS = 5 };

/* What a structure is told to be. */
typedef struct structure_shape {
    const char *name;
    structure_form form;
    int32_t layers;      /* ores first, products last                              */
    int32_t commodities; /* of all layers                                          */
    int32_t regions;
    int32_t families;   /* of commodities that mostly go into one another          */
    int32_t lanes;      /* that leave a market                                     */
    double cost_spread; /* standard deviation of log costs between plants, freights */
} structure_shape;

typedef enum activity_role { MINE, PLANT, LANE, BUYER, SELLER, KEEPER, RELEASE } activity_role;

/* What an activity is before the month's shocks.  cost, slope and capacity: USD/t, USD/t per t,
 * t; of a LANE in the CHOSEN form `slope` is its friction, a share of the price. */
typedef struct base_activity {
    activity_role role;
    int32_t market;     /* where it sells, buys or keeps; of a plant: its first product; of a LANE:
                           where it starts */
    int32_t to;         /* of a LANE: where it ends                                       */
    bool is_controlled; /* a LANE that a quota limits and an embargo closes           */
    double cost, slope, capacity;
} base_activity;

typedef struct structure {
    structure_shape shape;
    int32_t markets, activities, nonzeros;
    base_activity *activity; /* [activities]                                          */
    int32_t *start, *row;    /* [activities + 1], [nonzeros]: columns, rows ascending */
    double *coefficient;     /* [nonzeros] t per t of activity, < 0: used             */
    double *reference;       /* [markets] typical price, USD/t                        */
    double *throughput;      /* [markets] typical use, t a month, > 0                 */
} structure;

/* Shape `which` (0 .. STRUCTURES - 1) with about 300, 1,000 or 4,000 markets (size 0, 1, 2). */
structure_shape structure_shape_of(int32_t which, int32_t size, structure_form form);

/* The same seed makes the same structure.  Owned by the caller, free with structure_free;
 * aborts without memory. */
structure structure_new(structure_shape shape, uint64_t seed);
void structure_free(structure *s);

/* Layer of a commodity, 0: ores. */
int32_t structure_layer(const structure_shape *shape, int32_t commodity);

/* Uniform in [low, high), and about normal with variance 1; *state moves on. */
double bench_uniform(uint64_t *state, double low, double high);
double bench_noise(uint64_t *state);

#endif
