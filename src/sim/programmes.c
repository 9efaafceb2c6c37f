/* programmes.c - attention rises and fades; programmes are born, judged at elections, and end.
 *
 * Initiation and persistence are different things: how often something is launched follows
 * attention, how long it lives follows elections and age.  Each programme draws from a stream
 * of its own name, so that one more programme shifts nobody's luck.
 * Model: docs/model.md, "Politics".  Sources: Downs 1972 (attention), Berry, Burden and Howell
 * 2010 (survival).  Writes next_salience, next_force, next_programme_age, news.
 */
#include "base/math.h"
#include "sim/sim.h"

#include <math.h>

#define WEAKENED 0.5 /* force of a programme that is kept but weakened */

/* Which number of a stream decides what: of a programme's, of a region's. */
enum { DRAW_FATE = 1, DRAW_RACE = 2 };
enum { DRAW_LAUNCH = 1, DRAW_ELECTION = 3 };

static double draw(const yt_run *run, uint64_t process, int32_t purpose)
{
    random_stream s = random_stream_at(run->seed, run->index, process, run->t);
    double u = 0;
    for (int32_t i = 0; i < purpose; i++)
        u = random_uniform(&s);
    return u;
}

/* ---------------------------------------------------------------------------- attention */

/* The loudest news in a region this month. */
static void hear_regions(const yt_network *net, yt_run *run)
{
    double *heard = VIEW(net, run, next_salience);
    for (int32_t r = 0; r < net->regions.count; r++)
        heard[r] = 0;
    for (int32_t n = 0; n < net->nodes; n++)
        if (net->node[n].kind == NODE_GOODS)
            heard[net->node[n].region] =
                fmax(heard[net->node[n].region], VIEW(net, run, news_now)[n]);
}

/* s' = floor + (s - floor) exp(-1 / memory) + response (news + shortage), at most 1 */
static void attend(const yt_network *net, yt_run *run)
{
    hear_regions(net, run);
    for (int32_t r = 0; r < net->regions.count; r++) {
        if (!net->is_governed[r])
            continue;
        double floor = VIEW(net, run, salience_floor)[r], *next = &VIEW(net, run, next_salience)[r];
        double shock = *next + VIEW(net, run, shortage)[r];
        double kept =
            (VIEW(net, run, salience)[r] - floor) * yt_exp(-1 / VIEW(net, run, salience_memory)[r]);
        *next = fmin(1, fmax(floor, floor + kept + VIEW(net, run, salience_response)[r] * shock));
    }
}

/* ------------------------------------------------------------------------------- births */

static bool needs_permit(const yt_network *net, int32_t arc, int32_t permit)
{
    int32_t j = net->arcs_at.first + arc;
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
        if (net->row[k] == net->permit[permit].node)
            return true;
    return false;
}

/* Does an instrument work on the lane, or on the permits it needs? */
static bool works_on_lane(const yt_network *net, const network_instrument *lever, int32_t arc)
{
    axis_id axis = network_instrument_axis(lever->item);
    for (int32_t i = 0; i < lever->touches; i++) {
        int32_t at = net->touched[lever->first_touched + i];
        if ((axis == AXIS_ARC && at == arc) || (axis == AXIS_PERMIT && needs_permit(net, arc, at)))
            return true;
    }
    return false;
}

/* Holders of the goods that a programme's lanes bring hear of it. */
static void spread_news(const yt_network *net, yt_run *run, int32_t p)
{
    const network_programme *programme = &net->programme[p];
    double news = VIEW(net, run, programme_news)[p], *heard = VIEW(net, run, news_now);
    for (int32_t k = 0; news > 0 && k < programme->instruments; k++) {
        const network_instrument *lever = &net->instrument[programme->first_instrument + k];
        for (int32_t i = 0; i < net->arcs; i++)
            if (works_on_lane(net, lever, i))
                heard[net->arc[i].to] = fmax(heard[net->arc[i].to], news);
    }
}

static void launch(const yt_network *net, yt_run *run, int32_t p)
{
    VIEW(net, run, next_force)[p] = 1;
    VIEW(net, run, next_programme_age)[p] = 0;
    VIEW(net, run, next_programme_spent)[p] = 0;
    spread_news(net, run, p);
    sim_note(run, SIM_programme_launched, p, VIEW(net, run, salience)[net->programme[p].region]);
}

static bool may_be_launched(const yt_network *net, const yt_run *run, int32_t p, int32_t region)
{
    const network_programme *programme = &net->programme[p];
    return programme->region == region && programme->by_salience && run->t >= programme->from &&
           run->t <= programme->to && VIEW(net, run, next_force)[p] == 0 &&
           VIEW(net, run, force)[p] == 0;
}

/* One of those that may be launched, by weight: the first to arrive when each waits a time of its
 * own, exponential with its weight for rate.  One programme more takes a launch from the others
 * only where it wins. */
static void launch_one(const yt_network *net, yt_run *run, int32_t region)
{
    const double *weight = VIEW(net, run, programme_weight);
    double first = INFINITY;
    int32_t winner = YT_NONE;
    for (int32_t p = 0; p < net->programmes.count; p++) {
        if (!may_be_launched(net, run, p, region) || !(weight[p] > 0))
            continue;
        double wait = -yt_ln(draw(run, net->programme[p].process, DRAW_RACE)) / weight[p];
        if (wait < first) {
            first = wait;
            winner = p;
        }
    }
    if (winner != YT_NONE)
        launch(net, run, winner);
}

static void launch_by_salience(const yt_network *net, yt_run *run)
{
    for (int32_t r = 0; r < net->regions.count; r++) {
        if (!net->is_governed[r])
            continue;
        double quiet = VIEW(net, run, initiation)[r], loud = VIEW(net, run, initiation_shock)[r];
        double pace = quiet + fmax(0, loud - quiet) * VIEW(net, run, salience)[r];
        if (draw(run, net->region_process[r], DRAW_LAUNCH) < -yt_expm1(-pace))
            launch_one(net, run, r);
    }
}

/* Programmes with dates begin and end by them; those on record are found running when
 * decisions begin.  In a world of dates only what begins after that month acts: the record
 * before has its effects in its numbers. */
static void follow_dates(const yt_network *net, yt_run *run)
{
    for (int32_t p = 0; p < net->programmes.count; p++) {
        const network_programme *programme = &net->programme[p];
        double *force = &VIEW(net, run, next_force)[p],
               *age = &VIEW(net, run, next_programme_age)[p];
        bool is_due = !programme->by_salience && programme->from == run->t;
        bool is_found = !programme->by_salience && !run->is_central && run->t == net->decide &&
                        programme->from < run->t && programme->to >= run->t;
        if (is_due && (run->t >= net->decide || net->decide == net->months)) {
            launch(net, run, p);
        } else if (is_found) {
            *force = 1;
            *age = fmin(600, (double)run->t - programme->from);
        }
        double life = programme->by_salience ? VIEW(net, run, programme_duration)[p] : INFINITY;
        if (*force > 0 && (programme->to < run->t || *age >= life)) {
            *force = 0;
            sim_note(run, SIM_programme_expired, p, *age);
        }
    }
}

/* ---------------------------------------------------------------------------- elections */

/* Chance to outlive this election: hazards fall with age. */
static double chance_to_live(const yt_network *net, const yt_run *run, int32_t p, bool change)
{
    int32_t r = net->programme[p].region;
    double own = VIEW(net, run, programme_persistence)[p];
    double live = own >= 0 ? own : VIEW(net, run, persistence)[r];
    if (!change)
        live = fmax(own, VIEW(net, run, persistence_calm)[r]);
    double mellow = yt_exp(-VIEW(net, run, age_effect)[r] * VIEW(net, run, programme_age)[p]);
    return 1 - (1 - live) * mellow;
}

static void judge(const yt_network *net, yt_run *run, int32_t p, bool change)
{
    int32_t r = net->programme[p].region;
    double live = chance_to_live(net, run, p, change);
    double intact =
        VIEW(net, run, persistence_intact)[r] / fmax(VIEW(net, run, persistence)[r], 1e-9);
    double u = draw(run, net->programme[p].process, DRAW_FATE);
    double *force = &VIEW(net, run, next_force)[p];
    if (u < live) {
        if (change && u > live * fmin(1, intact) && *force > WEAKENED) {
            *force = WEAKENED;
            sim_note(run, SIM_programme_weakened, p, VIEW(net, run, programme_age)[p]);
        }
    } else if ((u - live) / fmax(1 - live, 1e-12) < VIEW(net, run, continuity)[r]) {
        VIEW(net, run, next_programme_age)[p] = 0;
        sim_note(run, SIM_programme_superseded, p, VIEW(net, run, programme_age)[p]);
    } else {
        *force = 0;
        sim_note(run, SIM_programme_ended, p, VIEW(net, run, programme_age)[p]);
    }
}

static void hold_elections(const yt_network *net, yt_run *run)
{
    for (int32_t e = 0; e < net->elections; e++) {
        int32_t r = net->election[e].region;
        if (net->election[e].at != run->t || !net->is_governed[r])
            continue;
        bool change =
            draw(run, net->region_process[r], DRAW_ELECTION) < VIEW(net, run, party_change)[r];
        if (change)
            sim_note(run, SIM_government_changed, r, 0);
        for (int32_t p = 0; p < net->programmes.count; p++)
            if (net->programme[p].region == r && VIEW(net, run, next_force)[p] > 0)
                judge(net, run, p, change);
    }
}

void sim_hold_politics(const yt_network *net, yt_run *run)
{
    for (int32_t p = 0; p < net->programmes.count; p++)
        if (VIEW(net, run, force)[p] > 0)
            VIEW(net, run, next_programme_age)[p] += 1;
    if (sim_decides(net, run)) {
        hold_elections(net, run);
        launch_by_salience(net, run);
    }
    follow_dates(net, run);
    if (sim_decides(net, run))
        attend(net, run); /* hears what was launched */
}
