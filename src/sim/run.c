/* run.c - a world as one block of memory: make it, copy it, put it back to its first month. */
#include "base/hash.h"
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

size_t sim_numbers_size(const yt_network *net)
{
    size_t bytes = sizeof(yt_run) + net->doubles * sizeof(double);
    return (bytes + 63) / 64 * 64;
}

size_t yt_run_size(const yt_network *net)
{
    return sim_numbers_size(net) + (market_scratch_size(net->pattern) + 63) / 64 * 64;
}

void *sim_scratch(const yt_network *net, yt_run *run)
{
    return (char *)run + sim_numbers_size(net);
}

yt_status yt_run_new(const yt_network *net, yt_run **run)
{
    size_t bytes = yt_run_size(net);
    yt_run *made = aligned_alloc(64, bytes);
    if (!made)
        return YT_ENOMEM;
    memset(made, 0, bytes);
    *run = made;
    yt_run_reset_central(net, made);
    return YT_OK;
}

void yt_run_free(yt_run *run)
{
    free(run);
}

static void reset(const yt_network *net, yt_run *run, yt_run head)
{
    memset(run, 0, sim_numbers_size(net));
    run->first_month = net->first_month;
    run->seed = head.seed;
    run->index = head.index;
    run->is_central = head.is_central;
    run->turned = head.turned;
    run->turned_share = head.turned_share;
    sim_draw_parameters(net, run);
    sim_open_books(net, run);
}

void yt_run_reset(const yt_network *net, yt_run *run, uint64_t seed, uint32_t index)
{
    reset(net, run, (yt_run){.seed = seed, .index = index});
}

void sim_reset_turned(const yt_network *net, yt_run *run, uint64_t seed, uint32_t index,
                      int32_t draw, double share)
{
    reset(net, run,
          (yt_run){.seed = seed, .index = index, .turned = draw + 1, .turned_share = share});
}

void yt_run_reset_central(const yt_network *net, yt_run *run)
{
    reset(net, run, (yt_run){.is_central = true});
}

void yt_run_copy(const yt_network *net, yt_run *to, const yt_run *from)
{
    memcpy(to, from, sim_numbers_size(net));
}

uint64_t sim_state_hash(const yt_network *net, const yt_run *run)
{
    return hash_bytes(run->number, net->hashed * sizeof(double));
}

yt_status yt_run_status(const yt_run *run)
{
    return run->status;
}

int32_t yt_run_month(const yt_run *run)
{
    return run->first_month + run->t;
}
