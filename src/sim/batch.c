/* batch.c - worlds that step together: their markets clear side by side.
 *
 * A run of a batch has no scratch of its own: the batch has one for all, as wide as the machine
 * makes it.  The bits are those of a run that steps alone.
 */
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

struct yt_batch {
    const yt_network *net;
    int32_t count, used; /* used: the first of them that step */
    yt_run **run;        /* [count] */
    void *scratch;
    /* those that clear this month [count] */
    yt_run **live;
    market_problem *problem, **order;
};

static bool make_runs(yt_batch *batch)
{
    const size_t bytes = sim_numbers_size(batch->net);
    for (int32_t i = 0; i < batch->count; i++) {
        batch->run[i] = aligned_alloc(64, bytes);
        if (!batch->run[i])
            return false;
        memset(batch->run[i], 0, bytes);
        yt_run_reset(batch->net, batch->run[i], 0, (uint32_t)i);
    }
    return true;
}

yt_status yt_batch_new(const yt_network *net, int32_t runs, yt_batch **batch)
{
    const size_t count = runs > 0 ? (size_t)runs : 0;
    yt_batch *made = calloc(1, sizeof *made);
    if (!made)
        return YT_ENOMEM;
    made->net = net;
    made->count = made->used = (int32_t)count;
    made->run = calloc(count + 1, sizeof *made->run);
    made->live = calloc(count + 1, sizeof *made->live);
    made->problem = calloc(count + 1, sizeof *made->problem);
    made->order = calloc(count + 1, sizeof *made->order);
    made->scratch = aligned_alloc(64, (market_batch_size(net->pattern) + 63) / 64 * 64);
    if (!made->run || !made->live || !made->problem || !made->order || !made->scratch ||
        !make_runs(made)) {
        yt_batch_free(made);
        return YT_ENOMEM;
    }
    *batch = made;
    return YT_OK;
}

void yt_batch_free(yt_batch *batch)
{
    if (!batch)
        return;
    for (int32_t i = 0; batch->run && i < batch->count; i++)
        free(batch->run[i]);
    free(batch->run);
    free(batch->live);
    free(batch->problem);
    free(batch->order);
    free(batch->scratch);
    free(batch);
}

yt_run *yt_batch_run(const yt_batch *batch, int32_t i)
{
    return batch->run[i];
}

size_t yt_batch_size(const yt_network *net, int32_t runs)
{
    return sizeof(yt_batch) + market_batch_size(net->pattern) +
           (size_t)runs * (sim_numbers_size(net) + sizeof(market_problem) + 3 * sizeof(void *));
}

void yt_batch_limit(yt_batch *batch, int32_t runs)
{
    batch->used = runs < batch->count ? runs : batch->count;
}

/* Problems that took long last month go first, so that none of them is left alone at the end. */
static void put_hardest_first(yt_batch *batch, int32_t count)
{
    for (int32_t k = 1; k < count; k++) {
        market_problem *moved = batch->order[k];
        const int32_t steps = batch->live[moved - batch->problem]->iterations;
        int32_t i = k;
        for (; i > 0; i--) {
            market_problem *before = batch->order[i - 1];
            if (batch->live[before - batch->problem]->iterations >= steps)
                break;
            batch->order[i] = before;
        }
        batch->order[i] = moved;
    }
}

int32_t yt_batch_step(yt_batch *batch)
{
    int32_t count = 0;
    for (int32_t i = 0; i < batch->used; i++) {
        yt_run *run = batch->run[i];
        if (run->status || run->t >= batch->net->months)
            continue;
        sim_before_market(batch->net, run);
        batch->live[count] = run;
        batch->problem[count] = sim_problem(batch->net, run);
        batch->order[count] = &batch->problem[count];
        count++;
    }
    put_hardest_first(batch, count);
    market_clear_batch(batch->net->pattern, batch->order, count, batch->scratch);
    for (int32_t k = 0; k < count; k++)
        sim_after_market(batch->net, batch->live[k], &batch->problem[k]);
    return count;
}

void sim_batch_clear(const yt_batch *batch, market_problem *const problems[], int32_t n)
{
    market_clear_batch(batch->net->pattern, problems, n, batch->scratch);
}
