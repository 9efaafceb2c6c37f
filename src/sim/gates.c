/* gates.c - five approvals between an idea and a plant.
 *
 * Durations are lognormal; together they take (1 - k) sum + k max of them: each gate has its
 * place in the row for (1 - k) of its time, the longest for all of it.  The capital gate's
 * clock runs as fast as money is willing.  What a plan wants has its politics and its money
 * settled: two gates less.  Model: docs/model.md, "Pipeline".
 * Writes next_gate_work and next_project_gate.
 */
#include "base/distribution.h"
#include "sim/sim.h"

#include <math.h>

/* Even a gate that is passed beside the longest one has to be passed: it may stay shut. */
#define BESIDE 1e-12

static int32_t gate_slot(const yt_network *net, int32_t plant, int32_t gate)
{
    return net->plant[plant].tech * GATES + gate;
}

/* An expansion meets its neighbours, its judges and its banks for the second time. */
static double part_of(const yt_network *net, const yt_run *run, int32_t plant)
{
    return VIEW(net, run, plant_state)[plant] == PLANT_ABSENT
               ? 1
               : VIEW(net, run, brownfield)[net->plant[plant].tech];
}

/* Months, 0 where there is no such gate this time. */
static double draw_duration(const yt_network *net, const yt_run *run, int32_t slot,
                            random_stream *stream)
{
    double occurs = random_uniform(stream), u = random_uniform(stream);
    if (occurs >= VIEW(net, run, gate_occurs)[slot])
        return 0;
    return distribution_lognormal_median(u, VIEW(net, run, gate_median)[slot],
                                         VIEW(net, run, gate_sigma)[slot]);
}

void sim_draw_gates(const yt_network *net, yt_run *run, int32_t plant, bool is_directed,
                    random_stream *stream)
{
    int32_t tech = net->plant[plant].tech, longest = 0;
    double *work = VIEW(net, run, next_gate_work) + plant * GATES;
    double speed = VIEW(net, run, gate_speed)[tech] * VIEW(net, run, gate_help)[tech];
    double k = VIEW(net, run, concurrency)[tech], part = part_of(net, run, plant);
    for (int32_t gate = 0; gate < GATES; gate++) {
        work[gate] = draw_duration(net, run, gate_slot(net, plant, gate), stream) / speed * part;
        if (is_directed && (gate == GATE_POLITICAL || gate == GATE_CAPITAL))
            work[gate] = 0;
        if (work[gate] > work[longest])
            longest = gate;
    }
    for (int32_t gate = 0; gate < GATES; gate++)
        work[gate] *= gate == longest ? 1 : fmax(1 - k, BESIDE);
    VIEW(net, run, next_project_gate)[plant] = 0;
}

/* Chance that the gate stays shut; money that is eager forgives, and only money. */
static double chance_to_fail(const yt_network *net, const yt_run *run, int32_t plant, int32_t gate,
                             double finance)
{
    double fail = VIEW(net, run, gate_fail)[gate_slot(net, plant, gate)] * part_of(net, run, plant);
    return gate == GATE_CAPITAL ? fail / fmax(1, finance) : fail;
}

/* A month's work may pass several short gates; what is left of the month goes to the next. */
gate_result sim_work_at_gate(const yt_network *net, yt_run *run, int32_t plant, double finance,
                             random_stream *stream)
{
    double *work = VIEW(net, run, next_gate_work) + plant * GATES;
    double *at = &VIEW(net, run, next_project_gate)[plant];
    double month = 1;
    while (*at < GATES) {
        int32_t gate = (int32_t)*at;
        double pace = gate == GATE_CAPITAL ? finance : 1;
        double needed = pace > 0 ? work[gate] / pace : INFINITY;
        if (needed > month) {
            work[gate] -= month * pace;
            return GATE_WORKING;
        }
        month -= needed;
        bool is_there = work[gate] > 0;
        work[gate] = 0;
        if (is_there && random_uniform(stream) < chance_to_fail(net, run, plant, gate, finance)) {
            sim_note(run, SIM_failed_political + gate, plant, finance);
            return GATE_FAILED;
        }
        if (is_there)
            sim_note(run, SIM_gate_political + gate, plant, finance);
        *at += 1;
    }
    return GATE_PASSED_ALL;
}
