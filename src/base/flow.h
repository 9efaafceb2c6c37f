/* flow.h - how much a network or a chain can let through, and what holds it back. */
#ifndef BASE_FLOW_H
#define BASE_FLOW_H

#include "ytterby.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct flow_edge {
    int32_t from, to; /* nodes, 0..nodes-1                                     */
    double capacity;  /* >= 0; INFINITY where nothing limits                   */
    double flow;      /* answer: 0..capacity, the same unit                    */
    bool is_cut;      /* answer: one of the edges that together hold it back   */
} flow_edge;

typedef struct flow_problem {
    flow_edge *edge; /* may repeat and go both ways                            [edges] */
    int32_t edges, nodes;
    int32_t source, sink; /* two nodes                                                 */
    double most;          /* answer; INFINITY when a path without limit leads through  */
    int32_t paths;        /* answer: found one after the other                         */
} flow_problem;

/* The most that can go from source to sink, with flows that do it (0 when there is no limit)
 * and the cut nearest to the source: its edges are full, and add up to `most`.
 * Errors: YT_ENOMEM.  Source: shortest augmenting paths, Edmonds and Karp 1972. */
yt_status flow_maximum(flow_problem *problem);

/* The most that leaves the last stage of a chain.  Stage i takes in at most capacity[i], and
 * yield[i] (stages - 1 of them) of what it takes in reaches the next; what the last takes in
 * leaves.  binding, if not NULL: the last stage that is full. */
double flow_chain(const double capacity[], const double yield[], int32_t stages, int32_t *binding);

#endif
