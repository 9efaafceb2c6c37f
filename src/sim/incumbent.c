/* incumbent.c - yearly quotas of a state that steers a stage: they follow prices, or answer
 * entrants.
 *
 * Where a price band is in force the share of its plants that the state lets run moves in
 * January, by the mean price of the stage's goods over what is thought normal.  Under limit
 * pricing all may run as soon as entrants are building, whatever the price, for as long as
 * patience lasts.  In the January after the last such programme ended all may run again.  Model:
 * docs/model.md, "Politics". Writes next_stage_quota, next_limit_months and run_share.
 */
#include "sim/sim.h"

#include <math.h>

#define BAND_LOW 0.7  /* of the anchor: below it quotas are cut ... */
#define BAND_HIGH 1.5 /* ... above it raised                       */
#define LEAST_QUOTA 0.3

/* What an activity makes at these prices. */
static double made_at(const yt_network *net, int32_t j, const double *price)
{
    double worth = 0;
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
        if (net->coefficient[k] > 0 && net->node[net->row[k]].kind == NODE_GOODS)
            worth += net->coefficient[k] * price[net->row[k]];
    return worth;
}

/* Mean price of what the stage makes in its region, over the anchor; by last month's work. */
static double price_index(const yt_network *net, const yt_run *run, int32_t tech)
{
    double now = 0, normal = 0;
    for (int32_t i = 0; i < net->plants; i++) {
        if (net->plant[i].tech != tech || net->plant[i].recipe == YT_NONE)
            continue;
        int32_t j = net->plants_at.first + i;
        double work = VIEW(net, run, plant_output)[i];
        now += work * made_at(net, j, VIEW(net, run, price_smooth));
        normal += work * made_at(net, j, VIEW(net, run, anchor));
    }
    return normal > 0 ? now / normal : 1;
}

/* Entrants' capacity under construction in the stage, over what the region has. */
static double threat(const yt_network *net, const yt_run *run, int32_t tech)
{
    int32_t stages = net->stages.count;
    double coming = 0, own = 0;
    for (int32_t i = 0; i < net->plants; i++) {
        if (net->plant[i].stage != tech % stages)
            continue;
        if (net->plant[i].region == tech / stages)
            own += VIEW(net, run, nameplate)[i];
        else if (VIEW(net, run, project_phase)[i] == PROJECT_BUILDING)
            coming += VIEW(net, run, project_size)[i];
    }
    return own > 0 ? coming / own : 0;
}

typedef struct rule {
    double step;   /* of a price band; 0: none in force              */
    double threat; /* that limit pricing answers; INFINITY: no regime */
} rule;

/* What the programmes in force say of the tech's quota.  A weakened band moves in smaller steps, a
 * weakened regime of limit pricing answers greater threats only. */
static rule rule_of(const yt_network *net, const yt_run *run, int32_t tech)
{
    rule found = {.threat = INFINITY};
    for (int32_t k = 0; k < net->instruments; k++) {
        const network_instrument *lever = &net->instrument[k];
        double force = VIEW(net, run, next_force)[lever->programme];
        double level = VIEW(net, run, instrument_level)[k];
        bool is_band = lever->item == ITEM_instrument_price_band;
        if (!(force > 0) || (!is_band && lever->item != ITEM_instrument_limit_pricing))
            continue;
        for (int32_t at = 0; at < lever->touches; at++) {
            if (net->touched[lever->first_touched + at] != tech)
                continue;
            if (is_band)
                found.step = fmax(found.step, force * level);
            else
                found.threat = fmin(found.threat, level / force);
        }
    }
    return found;
}

static void set_quota(const yt_network *net, yt_run *run, int32_t tech, rule now)
{
    double *quota = &VIEW(net, run, next_stage_quota)[tech];
    double *months = &VIEW(net, run, next_limit_months)[tech];
    double danger = threat(net, run, tech), before = *quota;
    int32_t region = tech / net->stages.count;
    if (danger > now.threat && *months < VIEW(net, run, patience)[tech]) {
        *quota = 1;
        *months += 12;
        sim_note(run, SIM_limit_pricing, region, danger);
        return;
    }
    double index = price_index(net, run, tech);
    *months = fmax(0, *months - 6);
    *quota *= index > BAND_HIGH ? 1 + now.step : index < BAND_LOW ? 1 - now.step : 1;
    *quota = fmin(1, fmax(LEAST_QUOTA, *quota));
    if (*quota != before)
        sim_note(run, *quota > before ? SIM_quota_raised : SIM_quota_cut, region, *quota);
}

void sim_set_quotas(const yt_network *net, yt_run *run)
{
    bool is_january = (net->first_month + run->t) % 12 == 0;
    int32_t techs = net->regions.count * net->stages.count;
    if (!sim_decides(net, run))
        return;
    for (int32_t tech = 0; tech < techs && is_january; tech++) {
        rule now = rule_of(net, run, tech);
        if (now.step > 0 || !isinf(now.threat))
            set_quota(net, run, tech, now);
        else
            VIEW(net, run, next_stage_quota)[tech] = 1; /* nobody sets one any more */
    }
    for (int32_t i = 0; i < net->plants; i++)
        VIEW(net, run, run_share)[i] *= VIEW(net, run, next_stage_quota)[net->plant[i].tech];
}
