/* shock.c - what a shock from outside leaves of lanes, plants and know-how this month.
 *
 * Somebody who asks a question sets the shock_... figures of a run before its month
 * (study/shock.c); a run that nobody asks about has none.  Demand and news are read where they
 * arise (given.c, calendar.c).
 * Model: docs/model.md, "Shocks".  Writes arc_share, run_share, transfer_ban.
 */
#include "sim/sim.h"

#include <math.h>
#include <string.h>

static const variable_id figures[] = {VAR_shock_arc,        VAR_shock_plant, VAR_shock_demand,
                                      VAR_shock_collection, VAR_shock_ban,   VAR_shock_news,
                                      VAR_shock_release};

void sim_calm(const yt_network *net, yt_run *run)
{
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        memcpy(run->number + net->offset[figures[i]], net->parameter + net->offset[figures[i]],
               (size_t)net->axis[network_variable(figures[i]).axis] * sizeof(double));
}

void sim_apply_shock(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->arcs; i++) {
        double *share = &VIEW(net, run, arc_share)[i];
        *share = fmin(*share, VIEW(net, run, shock_arc)[i]);
    }
    for (int32_t i = 0; i < net->plants; i++)
        VIEW(net, run, run_share)[i] *= VIEW(net, run, shock_plant)[i];
    for (int32_t k = 0; k < net->axis[AXIS_TECH]; k++) {
        double *ban = &VIEW(net, run, transfer_ban)[k];
        *ban = fmax(*ban, VIEW(net, run, shock_ban)[k]);
    }
}
