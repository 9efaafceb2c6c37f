/* lanes.h - problems side by side: what the widths of the lane solver share.
 *
 * Numbers of several problems stand next to each other, [index][lane], and one instruction does
 * the same for all.  What a lane computes never depends on the others: every sum has one order.
 * Nobody outside market/ includes this.
 */
#ifndef MARKET_LANES_H
#define MARKET_LANES_H

#include "market/inside.h"

/* Rows [first, end) of panel `source` are columns of the panel updated; `place` is where the
 * places of its rows from `first` on begin. */
typedef struct lane_update {
    int32_t source, first, end, place;
} lane_update;

/* The shape of a factor of lanes: panels of neighbouring columns, row by row, D on the
 * diagonal; rows are places of elimination. */
typedef struct lane_shape {
    bool *is_live; /* edges it is made for                           [edges]        */
    int32_t count; /* panels                                                        */
    int32_t *column, *row_start, *value_start, *update_start; /*     [markets + 1]  */
    int32_t *row;
    lane_update *update; /* by the panel updated                                    */
    int32_t *place;      /* of a source's row in the panel updated                  */
    int32_t *slot;       /* edge -> its number, or YT_NONE           [edges]        */
    int32_t *parent, *degree, *owner, *map; /*                       [markets]      */
    uint64_t *bits;
    int32_t value_room, row_room, update_room, place_room;
} lane_shape;

void lane_shape_make(const market_pattern *pattern, lane_shape *shape);
bool lane_shape_measure(const market_pattern *pattern, lane_shape *shape, lane_room *room);

/* How a problem came out of its lane.  Without any trade the certificate's gap has nothing to be
 * small against: such a problem is left to newton.c, which looks at idle markets one by one. */
typedef enum lane_outcome { LANE_FAILED, LANE_SOLVED, LANE_IDLE } lane_outcome;

/* A compiled width of the solver. */
typedef struct lane_solver {
    const char *name;
    int32_t width;
    size_t (*size)(const market_pattern *pattern);
    /* Newton from each problem's price, which must be finite and not negative; the problems
     * share their coefficients.  is_closing: of closing_is_needed.  Unless solved, a price is as
     * it was. */
    void (*solve)(const market_pattern *pattern, market_problem *const problems[],
                  const bool *is_closing, int32_t n, void *block, lane_outcome *outcome);
} lane_solver;

extern const lane_solver LANES_1, LANES_4, LANES_4_AVX2, LANES_8_AVX512;

/* The widest the machine can run. */
const lane_solver *lanes_widest(void);

#endif
