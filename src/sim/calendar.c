/* calendar.c - what the date brings: the case's figures, permits issued and lapsed, news heard.
 *
 * In a world that decides, permits and news come from its programmes instead.
 *
 * Model: docs/model.md, "Calendar".  Writes permit_issued, permit_lapsed, news_now.
 */
#include "sim/sim.h"

#include <string.h>

/* A new batch replaces what is left of the last one; after the last batch the rest lapses. */
static void turn_batches(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->releases; i++) {
        const network_permit *permit = &net->permit[i];
        double left = VIEW(net, run, permit_left)[i];
        VIEW(net, run, permit_issued)[i] = VIEW(net, run, permit_lapsed)[i] = 0;
        for (int32_t k = 0; k < permit->batches; k++) {
            const network_batch *batch = &net->batch[permit->first_batch + k];
            if (!sim_batch_counts(net, run, batch))
                continue;
            if (batch->from == run->t)
                VIEW(net, run, permit_issued)
            [i] += batch->share * VIEW(net, run, figure)[batch->figure];
            if (batch->to == run->t - 1 || batch->from == run->t)
                VIEW(net, run, permit_lapsed)[i] = left;
        }
    }
}

static void hear_news(const yt_network *net, yt_run *run)
{
    double *heard = VIEW(net, run, news_now);
    memcpy(heard, VIEW(net, run, shock_news), (size_t)net->nodes * sizeof *heard);
    for (int32_t i = 0; i < net->news_items && !sim_decides(net, run); i++)
        if (net->news_item[i].at == run->t)
            heard[net->news_item[i].node] += VIEW(net, run, figure)[net->news_item[i].figure];
}

void step_calendar(const yt_network *net, yt_run *run)
{
    run->events = 0;
    sim_carry_state(net, run);
    sim_read_case(net, run);
    turn_batches(net, run);
    hear_news(net, run);
}
