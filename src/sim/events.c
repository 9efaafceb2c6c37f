/* events.c - what happens in a world, kept for whoever watches it. */
#include "sim/sim.h"

static const sim_event_info kinds[SIM_EVENT_KINDS] = {
#define EVENT(name, axis, text) {#name, text, AXIS_##axis},
#include "sim/events.def"
#undef EVENT
};

sim_event_info sim_event_describe(sim_event_kind kind)
{
    return kinds[kind];
}

void sim_note(yt_run *run, sim_event_kind kind, int32_t subject, double value)
{
    if (run->events < SIM_EVENTS_MOST)
        run->event[run->events] = (sim_event){(int32_t)kind, subject, value};
    run->events++;
}
