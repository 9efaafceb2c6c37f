/* projects.c - plants that are not there yet, or not yet as large: who studies them, who goes
 * on, who waits, who gives up; and plants that close and open again.
 *
 * Decisions fall quarterly, construction and gates work monthly.  A decision follows the plan
 * with the directive authority of the region, else the return: sunk cost is sunk.
 * Model: docs/model.md, "Pipeline".  Writes the next_... of plants and projects.
 */
#include "base/distribution.h"
#include "base/math.h"
#include "sim/sim.h"

#include <math.h>

#define QUARTER 3
#define UNDER_WAY 24      /* months ahead that builders had begun when decisions begin */
#define SETTLING 24       /* months in which plants found running come to the usual rate */
#define LOST_CAUSE 0.5    /* a return below which a project is given up at a gate           */
#define IDLE 0.1          /* of what it can: a plant that makes less stands still               */
#define WORTH_RUNNING 1.1 /* worth of the work over its cost for a restart                */

#define STATE(name) VIEW(net, run, name)[i]
#define NEXT(name) VIEW(net, run, next_##name)[i]
#define OF_TECH(name) VIEW(net, run, name)[net->plant[i].tech]

static bool is_quarter(const yt_network *net, const yt_run *run)
{
    return (net->first_month + run->t) % QUARTER == 0;
}

static bool is_running(const yt_network *net, const yt_run *run, int32_t i)
{
    return VIEW(net, run, next_plant_state)[i] == PLANT_RUNNING;
}

/* ------------------------------------------------------------------ when decisions begin */

static double nameplate_at(const yt_network *net, const yt_run *run, int32_t i, int32_t t)
{
    int32_t at = t < net->months ? t : net->months - 1;
    return VIEW(net, run, figure)[network_figures(&net->nameplate, net->plants, at)[i]];
}

static double last_before(const yt_network *net, const yt_run *run, int32_t i, int32_t t)
{
    double last = 0;
    for (int32_t at = 0; at <= t; at++)
        if (nameplate_at(net, run, i, at) > 0)
            last = nameplate_at(net, run, i, at);
    return last;
}

/* What the record enlarges or opens within two years was being built. */
static void find_builders(const yt_network *net, yt_run *run, int32_t i, random_stream *stream)
{
    double now = nameplate_at(net, run, i, run->t);
    bool is_restart =
        NEXT(plant_state) == PLANT_MOTHBALLED; /* what stands idle is not built anew */
    for (int32_t ahead = 1; ahead <= UNDER_WAY; ahead++) {
        double then = nameplate_at(net, run, i, run->t + ahead);
        if (!(then > 1.01 * now))
            continue;
        NEXT(project_phase) = is_restart ? PROJECT_RESTART : PROJECT_BUILDING;
        NEXT(project_size) = fmax(0, then - NEXT(nameplate));
        NEXT(project_clock) =
            distribution_lognormal_median(random_uniform(stream), ahead, OF_TECH(build_sigma));
        return;
    }
}

/* Part of the candidates is somewhere between the first gate and the last. */
static void find_candidates(const yt_network *net, yt_run *run, int32_t i, random_stream *stream)
{
    if (random_uniform(stream) >= OF_TECH(in_pipeline))
        return;
    double done = random_uniform(stream);
    NEXT(project_phase) = PROJECT_GATES;
    NEXT(project_size) = STATE(largest);
    sim_draw_gates(net, run, i, false, stream);
    double *work = VIEW(net, run, next_gate_work) + i * GATES, sum = 0;
    for (int32_t gate = 0; gate < GATES; gate++)
        sum += work[gate];
    double passed = done * sum;
    for (int32_t gate = 0; gate < GATES; gate++) {
        double part = fmin(passed, work[gate]);
        work[gate] -= part;
        passed -= part;
    }
}

static void find_plant(const yt_network *net, yt_run *run, int32_t i)
{
    random_stream stream = random_stream_at(run->seed, run->index, net->plant[i].process, run->t);
    double now = nameplate_at(net, run, i, run->t), before = last_before(net, run, i, run->t);
    double can = VIEW(net, run, dated_capacity)[i];
    NEXT(retry_at) = 0;
    NEXT(opened_at) = -1;
    NEXT(plant_state) = now > 0 ? PLANT_RUNNING : before > 0 ? PLANT_MOTHBALLED : PLANT_ABSENT;
    NEXT(nameplate) = now > 0 ? now : before;
    NEXT(ramped) = now;
    NEXT(rate) = now > 0 ? can / now : OF_TECH(utilisation);
    if (!net->is_governed[net->plant[i].region])
        return;
    find_builders(net, run, i, &stream);
    if (NEXT(project_phase) == PROJECT_NONE && NEXT(plant_state) == PLANT_ABSENT &&
        STATE(largest) > 0)
        find_candidates(net, run, i, &stream);
}

void sim_find_plants(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->plants; i++)
        find_plant(net, run, i);
}

/* ------------------------------------------------------------------------- construction */

static void spend(const yt_network *net, yt_run *run, int32_t i, double size, double factor)
{
    double cost = size * STATE(capital_cost) * factor;
    double paid = sim_pay_grants(net, run, i, cost);
    NEXT(sunk) += cost - paid;
    VIEW(net, run, next_private_cost)[net->plant[i].region] += cost - paid;
}

static void build(const yt_network *net, yt_run *run, int32_t i, random_stream *stream)
{
    double factor = distribution_lognormal_median(random_uniform(stream), 1 + OF_TECH(overrun),
                                                  OF_TECH(overrun_sigma));
    NEXT(project_phase) = PROJECT_BUILDING;
    NEXT(project_clock) = distribution_lognormal_median(random_uniform(stream), OF_TECH(build_time),
                                                        OF_TECH(build_sigma));
    if (NEXT(plant_state) == PLANT_ABSENT ||
        NEXT(opened_at) >= 0) /* not by growing what was found */
        NEXT(price_at_start) = sim_judge_plant(net, run, i).per_tonne;
    spend(net, run, i, NEXT(project_size), factor);
    sim_note(run, SIM_construction_begun, i, STATE(plant_return));
}

/* The plant opens, grows or runs again.  An expansion of one that was mothballed meanwhile stands
 * idle with it. */
static void finish_building(const yt_network *net, yt_run *run, int32_t i)
{
    bool is_new = NEXT(plant_state) == PLANT_ABSENT,
         is_restart = NEXT(project_phase) == PROJECT_RESTART;
    NEXT(nameplate) += NEXT(project_size);
    if (is_new || is_restart) {
        NEXT(plant_state) = PLANT_RUNNING;
        NEXT(rate) = OF_TECH(utilisation);
        NEXT(ramped) = 0;
        NEXT(loss_months) = 0;
    }
    if (is_new)
        NEXT(opened_at) = run->t;
    sim_note(run,
             is_restart ? SIM_plant_restarted
             : is_new   ? SIM_plant_opened
                        : SIM_plant_enlarged,
             i, NEXT(nameplate));
    NEXT(project_phase) = PROJECT_NONE;
    NEXT(project_size) = 0;
}

/* -------------------------------------------------------------------------------- gates */

/* How willingly money comes: 1 at what it asks for. */
static double pace_of_finance(const yt_network *net, const yt_run *run, int32_t i)
{
    if (STATE(project_directed) > 0)
        return 1;
    double excess = STATE(plant_return) - 1;
    return fmin(4, fmax(0.1, 1 + OF_TECH(finance_response) * excess));
}

static void give_up(const yt_network *net, yt_run *run, int32_t i, bool is_told)
{
    NEXT(project_phase) = PROJECT_NONE;
    NEXT(project_size) = 0;
    NEXT(retry_at) = run->t + OF_TECH(retry_time);
    if (is_told)
        sim_note(run, SIM_project_abandoned, i, STATE(plant_return));
}

static void stand_before_gates(const yt_network *net, yt_run *run, int32_t i, random_stream *stream)
{
    double before = STATE(project_gate);
    gate_result result = sim_work_at_gate(net, run, i, pace_of_finance(net, run, i), stream);
    bool is_lost = STATE(project_directed) == 0 && STATE(plant_return) < LOST_CAUSE;
    if (result == GATE_FAILED) {
        give_up(net, run, i, false);
    } else if (NEXT(project_gate) > before && is_lost) {
        give_up(net, run, i, true);
    } else if (result == GATE_PASSED_ALL) {
        NEXT(project_phase) = PROJECT_WAITING;
        NEXT(project_clock) = 0;
    }
}

/* ---------------------------------------------------------------------------- decisions */

static bool is_wanted(const yt_network *net, const yt_run *run, int32_t i, const sim_offer *offer)
{
    /* the gap counts the project itself as on its way */
    double gap =
        VIEW(net, run, plan_gap)[net->plant[i].tech] + STATE(project_size) * OF_TECH(utilisation);
    return STATE(project_directed) > 0 ? gap > 0 || offer->worth >= 1
                                       : offer->worth >= offer->asked;
}

static void wait_or_build(const yt_network *net, yt_run *run, int32_t i, random_stream *stream)
{
    sim_offer offer = sim_judge_plant(net, run, i);
    if (is_wanted(net, run, i, &offer)) {
        build(net, run, i, stream);
        return;
    }
    if (STATE(project_clock) == 0)
        sim_note(run, SIM_project_waits, i, offer.worth);
    NEXT(project_clock) += QUARTER;
    if (NEXT(project_clock) > OF_TECH(wait_limit))
        give_up(net, run, i, true);
}

/* Largest step: a first build, or an expansion, within the limit of the site.  A plan that lacks
 * more may double a plant. */
static double size_of_step(const yt_network *net, const yt_run *run, int32_t i, bool is_directed)
{
    double there = STATE(plant_state) == PLANT_ABSENT ? 0 : STATE(nameplate);
    double step = there > 0 ? OF_TECH(expansion) * there : STATE(largest);
    double gap = VIEW(net, run, plan_gap)[net->plant[i].tech] / OF_TECH(utilisation);
    if (is_directed && there > 0)
        step = fmin(fmax(step, gap), there);
    return fmin(step, OF_TECH(expansion_limit) * STATE(largest) - there);
}

static void begin(const yt_network *net, yt_run *run, int32_t i, double size, bool is_directed,
                  random_stream *stream)
{
    NEXT(project_phase) = PROJECT_GATES;
    NEXT(project_size) = size;
    NEXT(project_directed) = is_directed;
    VIEW(net, run, plan_gap)[net->plant[i].tech] -= size * OF_TECH(utilisation);
    sim_draw_gates(net, run, i, is_directed, stream);
    sim_note(run, SIM_project_begun, i, STATE(plant_return));
}

/* Somebody looks at the site: the state with its authority, else an investor. */
static void study(const yt_network *net, yt_run *run, int32_t i, const sim_offer *offer,
                  random_stream *stream)
{
    double pace = OF_TECH(attention) * QUARTER;
    if (net->plant[i].owner == OWNER_INFORMAL)
        pace *= 1 - VIEW(net, run, enforcement)[net->plant[i].region];
    double looks = random_uniform(stream), asks = random_uniform(stream);
    bool is_directed = asks < OF_TECH(directive_authority);
    double size = size_of_step(net, run, i, is_directed);
    if (run->t < STATE(retry_at) || looks >= -yt_expm1(-pace) || !(size > 1e-6 * STATE(largest)))
        return;
    if (is_directed ? VIEW(net, run, plan_gap)[net->plant[i].tech] > 0 : offer->worth >= 1)
        begin(net, run, i, size, is_directed, stream);
}

/* A mothballed plant comes back when its work is worth its cost, or a plan wants it. */
static void consider_restart(const yt_network *net, yt_run *run, int32_t i, const sim_offer *offer,
                             random_stream *stream)
{
    bool is_directed = random_uniform(stream) < OF_TECH(directive_authority);
    bool pays =
        offer->per_tonne + STATE(floor_outlook) > WORTH_RUNNING * sim_cost_of_work(net, run, i);
    bool wanted = is_directed && VIEW(net, run, plan_gap)[net->plant[i].tech] > 0;
    double looks = -yt_expm1(-OF_TECH(attention) * QUARTER);
    if (random_uniform(stream) >= looks || run->t < NEXT(retry_at) || !(pays || wanted))
        return;
    NEXT(project_phase) = PROJECT_RESTART;
    NEXT(price_at_start) = offer->per_tonne;
    NEXT(project_size) = 0;
    VIEW(net, run, plan_gap)[net->plant[i].tech] -= STATE(nameplate) * OF_TECH(utilisation);
    NEXT(project_clock) = OF_TECH(restart_time);
    sim_note(run, SIM_restart_begun, i, offer->worth);
}

static void decide(const yt_network *net, yt_run *run, int32_t i, random_stream *stream)
{
    sim_offer offer = sim_judge_plant(net, run, i);
    NEXT(plant_return) = offer.asked > 0 ? offer.worth / offer.asked : offer.worth;
    if (NEXT(project_phase) == PROJECT_WAITING && STATE(project_phase) == PROJECT_WAITING)
        wait_or_build(net, run, i, stream);
    else if (STATE(project_phase) != PROJECT_NONE)
        return;
    else if (NEXT(plant_state) == PLANT_MOTHBALLED)
        consider_restart(net, run, i, &offer, stream);
    else
        study(net, run, i, &offer, stream);
}

/* ------------------------------------------------------------------------------ running */

/* Worth of the work when money was committed over that of today; 0: not by decision. */
static double fall_since_start(const yt_network *net, const yt_run *run, int32_t i)
{
    int32_t node;
    double now = sim_worth_of_work(net, run, i, &node);
    return STATE(price_at_start) > 0 ? STATE(price_at_start) / fmax(now, 1) : 0;
}

static void mothball(const yt_network *net, yt_run *run, int32_t i)
{
    int32_t region = net->plant[i].region;
    NEXT(plant_state) = PLANT_MOTHBALLED;
    NEXT(ramped) = 0;
    NEXT(loss_months) = 0;
    NEXT(retry_at) = run->t + 12;
    if (NEXT(project_phase) == PROJECT_GATES || NEXT(project_phase) == PROJECT_WAITING) {
        NEXT(project_phase) = PROJECT_NONE; /* nobody enlarges what stands idle */
        NEXT(project_size) = 0;
    }
    VIEW(net, run, next_private_loss)[region] += STATE(sunk);
    NEXT(sunk) = 0;
    sim_look_ahead(net, run); /* the last look may be two months old */
    sim_note(run, SIM_plant_mothballed, i, fall_since_start(net, run, i));
}

/* A plant whose work does not pay what idling saves stands still; that is borne for as long as
 * patience lasts, and good months heal twice as fast. */
static void bear_losses(const yt_network *net, yt_run *run, int32_t i, random_stream *stream)
{
    bool is_idle = STATE(plant_output) < IDLE * STATE(ramped) * STATE(rate);
    NEXT(loss_months) = is_idle ? STATE(loss_months) + 1 : fmax(0, STATE(loss_months) - 2);
    bool is_over = NEXT(loss_months) > OF_TECH(patience);
    if (is_over && random_uniform(stream) < 1.0 / 6)
        mothball(net, run, i);
}

/* The gap to nameplate closes so that 80 % of it is mastered after the ramp-up time. */
static void ramp_up(const yt_network *net, yt_run *run, int32_t i)
{
    double slow = 1 + OF_TECH(ramp_gap) * (1 - OF_TECH(know_how));
    double time = fmax(1, OF_TECH(ramp_time) * slow) / yt_ln(5);
    NEXT(ramped) = STATE(ramped) + (NEXT(nameplate) - STATE(ramped)) * -yt_expm1(-1 / time);
    if (STATE(opened_at) < 0)
        NEXT(rate) = STATE(rate) + (OF_TECH(utilisation) - STATE(rate)) / SETTLING;
}

static void advance(const yt_network *net, yt_run *run, int32_t i, random_stream *stream)
{
    double phase = STATE(project_phase);
    if (phase == PROJECT_GATES) {
        stand_before_gates(net, run, i, stream);
    } else if (phase == PROJECT_BUILDING || phase == PROJECT_RESTART) {
        NEXT(project_clock) = STATE(project_clock) - 1;
        if (NEXT(project_clock) <= 0)
            finish_building(net, run, i);
    }
    if (STATE(plant_state) == PLANT_RUNNING && is_running(net, run, i)) {
        ramp_up(net, run, i);
        bear_losses(net, run, i, stream);
    }
}

void sim_move_plants(const yt_network *net, yt_run *run)
{
    bool decides = is_quarter(net, run);
    if (decides) {
        sim_look_ahead(net, run);
        sim_floor_bonus(net, run, VIEW(net, run, outlook_sell), VIEW(net, run, floor_outlook));
        sim_find_gaps(net, run, VIEW(net, run, plan_gap));
    }
    for (int32_t i = 0; i < net->plants; i++) {
        if (!net->is_governed[net->plant[i].region])
            continue;
        random_stream stream =
            random_stream_at(run->seed, run->index, net->plant[i].process, run->t);
        advance(net, run, i, &stream);
        if (decides)
            decide(net, run, i, &stream);
    }
}
