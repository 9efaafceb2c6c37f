/* sim.h - one simulated world, and the phases of its month.
 *
 * Decide, then book: phases read parameters and state and write flows; step_accounts alone
 * writes state.  Model: docs/model.md, one section per phase.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "base/random.h"
#include "network/network.h"
#include "ytterby.h"

/* What happened in a world this month: see events.def. */
typedef enum sim_event_kind {
#define EVENT(name, axis, text) SIM_##name,
#include "sim/events.def"
#undef EVENT
    SIM_EVENT_KINDS
} sim_event_kind;

typedef struct sim_event {
    int32_t kind, subject; /* subject: a plant, programme or region */
    double value;
} sim_event;

typedef struct sim_event_info {
    const char *name, *text;
    axis_id axis;
} sim_event_info;
sim_event_info sim_event_describe(sim_event_kind kind);

#define SIM_EVENTS_MOST 128 /* a month; more are counted, not kept */

struct yt_run {
    yt_status status;
    int32_t t;           /* schedule month about to be simulated */
    int32_t first_month; /* calendar month of t = 0              */
    uint64_t seed;
    uint32_t index; /* which of the seed's worlds           */
    int32_t turned; /* draw that is set, not drawn, counted from 1; 0: none */
    double turned_share;
    bool is_central;    /* the world of modes and dates: nothing is drawn or decided */
    int32_t iterations; /* of the last clearing */
    market_method method;
    market_certificate certificate;
    double objective;
    int32_t events; /* of the last month, counted also where not kept      */
    sim_event event[SIM_EVENTS_MOST];
    _Alignas(64) double number[]; /* network layout; the market's scratch follows */
};

/* The numbers of a variable: VIEW(net, run, price)[node]. */
#define VIEW(net, run, name) ((run)->number + (net)->offset[VAR_##name])

/* A number of a [months][n] schedule in the run's month. */
#define SCHEDULE(net, run, table, n) ((net)->table + (size_t)(run)->t * (size_t)(n))

/* Do decisions replace dates this month? */
static inline bool sim_decides(const yt_network *net, const yt_run *run)
{
    return !run->is_central && run->t >= net->decide;
}

static inline int32_t sim_policy_month(const yt_network *net, const yt_run *run)
{
    return sim_decides(net, run) ? net->decide : run->t;
}

/* Note an event of this month. */
void sim_note(yt_run *run, sim_event_kind kind, int32_t subject, double value);

/* plant_state, and project_phase */
enum { PLANT_ABSENT, PLANT_RUNNING, PLANT_MOTHBALLED };
enum { PROJECT_NONE, PROJECT_GATES, PROJECT_WAITING, PROJECT_BUILDING, PROJECT_RESTART };

/* Phases of politics (politics.c calls them in order). */
void sim_hold_politics(const yt_network *net, yt_run *run);     /* programmes.c  */
void sim_apply_instruments(const yt_network *net, yt_run *run); /* instruments.c */
void sim_set_quotas(const yt_network *net, yt_run *run);        /* incumbent.c   */
/* What the state pays of a plant's capital cost, USD; out of the budgets of its programmes. */
double sim_pay_grants(const yt_network *net, yt_run *run, int32_t plant, double cost);
/* What price floors in force add to a tonne of a plant's work at these prices, USD/t; of
 * nodes without a price the floor counts whole.  bonus: [plants]. */
void sim_floor_bonus(const yt_network *net, const yt_run *run, const double *price, double *bonus);

/* What investors think goods will bring and cost, after chains that are not there yet. */
void sim_look_ahead(const yt_network *net, yt_run *run); /* outlook.c */
/* What a tonne of a plant's work is worth to them before the work is paid; node: where the
 * price that matters most is made, or NONE. */
double sim_worth_of_work(const yt_network *net, const yt_run *run, int32_t plant, int32_t *node);

/* A project meets its gates: durations drawn, or a month of work on the one it stands before
 * (true when the last one is passed). */
typedef enum gate_result { GATE_WORKING, GATE_FAILED, GATE_PASSED_ALL } gate_result;
void sim_draw_gates(const yt_network *net, yt_run *run, int32_t plant, bool is_directed,
                    random_stream *stream);
gate_result sim_work_at_gate(const yt_network *net, yt_run *run, int32_t plant, double finance,
                             random_stream *stream); /* gates.c */

/* Worth of a new plant over its cost, as an investor sees it, and what it must be for money to
 * be committed. */
typedef struct sim_offer {
    double worth, asked, per_tonne; /* per_tonne: USD per t of work, before its cost */
} sim_offer;
sim_offer sim_judge_plant(const yt_network *net, const yt_run *run, int32_t plant);
/* Cost of a tonne of a plant's work this month, after learning, credits and standards. */
double sim_cost_of_work(const yt_network *net, const yt_run *run, int32_t plant);
/* Capacity that plans still lack, t/month by tech; in gap [techs]. */
void sim_find_gaps(const yt_network *net, yt_run *run, double *gap); /* investors.c */

/* The plants there are when decisions begin, and what becomes of them (projects.c). */
void sim_find_plants(const yt_network *net, yt_run *run);
void sim_move_plants(const yt_network *net, yt_run *run);

/* Close the capacity of what nothing can reach at these supplies; had [nodes] tells (clear.c). */
void sim_close_empty_markets(const yt_network *net, const double *supply, double *capacity,
                             double *had);

/* The price that frictions are a share of: the smoothed one, no higher than the keenest user's
 * choke.  The first tonne costs less by half the friction; without a bound a price that rises
 * would raise what is bid, and so rise for ever (clear.c). */
double sim_friction_price(const yt_network *net, const yt_run *run, int32_t node);

/* The month just cleared once more, without the goods of `origin` and without stocks (stress.c).
 * group: goods that are cut off; YT_NONE: all.  The problem points into the run's stress_...
 * numbers; whoever asks clears it. */
market_problem sim_cut_off(const yt_network *net, yt_run *run, int32_t origin, int32_t group);
/* What each region's critical users would get of what they want, worth at reference prices,
 * USD; served, wanted: [regions], out.  bottleneck: stage that earns most from the scarcity, or
 * that nobody else has; NONE when nothing is scarce. */
void sim_read_cut_off(const yt_network *net, const yt_run *run, int32_t origin, double *served,
                      double *wanted, int32_t *bottleneck);

/* Clear n problems of the batch's network with the batch's scratch (batch.c). */
void sim_batch_clear(const yt_batch *batch, market_problem *const problems[], int32_t n);

/* No shock: the shock_... figures say that nothing happens (shock.c). */
void sim_calm(const yt_network *net, yt_run *run);
/* What the shock_... figures leave of lanes, plants and transfer, after all programmes. */
void sim_apply_shock(const yt_network *net, yt_run *run);
/* Tonnes that somebody put by before, off the market: booked as there from the start
 * (accounts.c).  Between months only. */
void sim_lay_in(const yt_network *net, yt_run *run, int32_t node, double tonnes);

/* Every state that decisions change starts the month as it ended the last (accounts.c). */
void sim_carry_state(const yt_network *net, yt_run *run);

/* The seven phases, in order; docs/model.md has a section for each. */
void step_calendar(const yt_network *net, yt_run *run);
void step_politics(const yt_network *net, yt_run *run);
void step_pipeline(const yt_network *net, yt_run *run);
void step_demand(const yt_network *net, yt_run *run);
void step_clear_offers(const yt_network *net, yt_run *run); /* what is left to offer   */
bool step_clear_accept(const yt_network *net, yt_run *run); /* certificate; false: stop */
void step_learn(const yt_network *net, yt_run *run);
void step_accounts(const yt_network *net, yt_run *run);

/* Hash of the run's parameters, state and flows: equal runs, equal hash. */
uint64_t sim_state_hash(const yt_network *net, const yt_run *run);

/* Bytes of a run without scratch. */
size_t sim_numbers_size(const yt_network *net);

/* Room for one clearing, inside the run's block; runs of a batch have none. */
void *sim_scratch(const yt_network *net, yt_run *run);

/* The market's view of the run's month; pointers into the run. */
market_problem sim_problem(const yt_network *net, yt_run *run);

/* The month split around the market, so that many runs can clear as one batch. */
void sim_before_market(const yt_network *net, yt_run *run);
void sim_after_market(const yt_network *net, yt_run *run, const market_problem *problem);

/* Worlds of a seed come in this many independent sets: world i is point i / 16 of set i % 16. */
#define SIM_REPLICATES 16

/* Parameters of this world; writes the PARAMETER and FIGURE parts only. */
void sim_draw_parameters(const yt_network *net, yt_run *run);
/* As yt_run_reset, but draw number `draw` has this share of its distribution. */
void sim_reset_turned(const yt_network *net, yt_run *run, uint64_t seed, uint32_t index,
                      int32_t draw, double share);
/* The share of its distribution that draw number i of the network has in this world. */
double sim_drawn_share(const yt_network *net, const yt_run *run, int32_t i);
/* What the case says of the run's month, of these figures; writes the GIVEN part only. */
void sim_read_case(const yt_network *net, yt_run *run);
/* Demand curves of the parameters: tier_share, tier_top, tier_fall. */
void sim_shape_demand(const yt_network *net, yt_run *run);
/* State of the first month. */
void sim_open_books(const yt_network *net, yt_run *run);

/* Bought of a commodity by a use, t. */
double sim_bought(const yt_network *net, const yt_run *run, int32_t use);

/* Does a batch on record count?  Not where decisions have begun before it. */
bool sim_batch_counts(const yt_network *net, const yt_run *run, const network_batch *batch);

/* Served this month, t: what the tiers of a segment buy. */
double sim_served(const yt_network *net, const yt_run *run, int32_t segment);

/* Where an element is; t of element. */
typedef struct sim_element {
    double opening, mined, in_use, stocks, scrap, tailings, losses, disposed, closure;
} sim_element;
sim_element sim_element_balance(const yt_network *net, const yt_run *run, int32_t element);

#endif
