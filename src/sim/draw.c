/* draw.c - the parameters of one world out of many.
 *
 * World `index` of a seed is point index / 16 of replicate index % 16 of scrambled Sobol points:
 * which world it is does not depend on how many are simulated, and the 16 replicates are
 * independent, so that their spread is the error of a mean.  A draw's scrambling is keyed by its
 * name: what an overlay adds does not change what the others draw.
 * Model: docs/model.md, "Worlds".
 */
#include "base/math.h"
#include "base/random.h"
#include "base/sobol.h"
#include "sim/sim.h"

#include <math.h>
#include <string.h>

/* Shares of the variance that uses of one kind have in common over regions: docs/data.md. */
#define COMMON_SHARE 0.7

/* What is keyed by a replicate and what by a world must not share a stream. */
enum { STREAM_SCRAMBLING = -1, STREAM_OWN = -2 };

static double uniform_of(const yt_network *net, const yt_run *run, const network_draw *draw)
{
    if (draw->dimension == YT_NONE) {
        random_stream own = random_stream_at(run->seed, run->index, draw->hash, STREAM_OWN);
        return random_uniform(&own);
    }
    random_stream key =
        random_stream_at(run->seed, run->index % SIM_REPLICATES, draw->hash, STREAM_SCRAMBLING);
    uint32_t point =
        sobol_point(net->direction + 32 * (size_t)draw->dimension, run->index / SIM_REPLICATES);
    return sobol_scramble(point, random_u64(&key));
}

double sim_drawn_share(const yt_network *net, const yt_run *run, int32_t i)
{
    const network_draw *draw = &net->draw[i];
    if (run->turned == i + 1)
        return run->turned_share;
    double own = uniform_of(net, run, draw);
    if (draw->common == YT_NONE)
        return own;
    double common = run->turned == draw->common + 1
                        ? run->turned_share
                        : uniform_of(net, run, &net->draw[draw->common]);
    double z = sqrt(COMMON_SHARE) * yt_normal_quantile(common) +
               sqrt(1 - COMMON_SHARE) * yt_normal_quantile(own);
    double share = yt_normal_cdf(z);
    return fmin(fmax(share, 0x1p-53), 1 - 0x1p-53);
}

static void copy_modes(const yt_network *net, yt_run *run)
{
    for (int32_t v = 0; v < VAR_COUNT; v++) {
        variable_info info = network_variable(v);
        if (info.part == PART_PARAMETER || info.part == PART_FIGURE)
            memcpy(run->number + net->offset[v], net->parameter + net->offset[v],
                   (size_t)net->axis[info.axis] * sizeof(double));
    }
}

void sim_draw_parameters(const yt_network *net, yt_run *run)
{
    copy_modes(net, run);
    for (int32_t i = 0; i < net->draws && !run->is_central; i++) {
        double share = sim_drawn_share(net, run, i);
        const network_target *target = net->target + net->draw[i].first;
        for (int32_t k = 0; k < net->draw[i].targets; k++)
            run->number[target[k].offset] = network_quantile(&target[k].spread, share);
    }
    if (!run->is_central)
        network_derive(net, run->number);
    sim_shape_demand(net, run);
}
