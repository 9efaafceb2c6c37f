/* sim.h - one simulated world, and the phases of its month.
 *
 * Decide, then book: phases read parameters and state and write flows; step_accounts alone
 * writes state.  Model: docs/model.md, one section per phase.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "network/network.h"
#include "ytterby.h"

struct yt_run {
    yt_status status;
    int32_t t;           /* schedule month about to be simulated */
    int32_t first_month; /* calendar month of t = 0              */
    uint64_t seed;
    uint32_t index;
    int32_t iterations; /* of the last clearing */
    market_method method;
    market_certificate certificate;
    double objective;
    _Alignas(64) double number[]; /* network layout; the market's scratch follows */
};

/* The numbers of a variable: VIEW(net, run, price)[node]. */
#define VIEW(net, run, name) ((run)->number + (net)->offset[VAR_##name])

/* A number of a [months][n] schedule in the run's month. */
#define SCHEDULE(net, run, table, n) ((net)->table + (size_t)(run)->t * (size_t)(n))

/* The seven phases, in order; docs/model.md has a section for each. */
void step_calendar(const yt_network *net, yt_run *run);
void step_politics(const yt_network *net, yt_run *run);
void step_pipeline(const yt_network *net, yt_run *run);
void step_demand(const yt_network *net, yt_run *run);
void step_clear_offers(const yt_network *net, yt_run *run); /* what is left to offer   */
bool step_clear_accept(const yt_network *net, yt_run *run); /* certificate; false: stop */
void step_learn(const yt_network *net, yt_run *run);
void step_accounts(const yt_network *net, yt_run *run);

/* Hash of all numbers of the run: equal runs, equal hash. */
uint64_t sim_state_hash(const yt_network *net, const yt_run *run);

/* Room for one clearing, inside the run's block. */
void *sim_scratch(const yt_network *net, yt_run *run);

/* The market's view of the run's month; pointers into the run. */
market_problem sim_problem(const yt_network *net, yt_run *run);

/* The month split around the market, so that many runs can clear as one batch. */
void sim_before_market(const yt_network *net, yt_run *run);
void sim_after_market(const yt_network *net, yt_run *run, const market_problem *problem);

/* Parameters of this world; writes the PARAMETER part only. */
void sim_draw_parameters(const yt_network *net, yt_run *run);
/* Demand curves of the parameters: tier_share, tier_top, tier_fall. */
void sim_shape_demand(const yt_network *net, yt_run *run);
/* State of the first month. */
void sim_open_books(const yt_network *net, yt_run *run);

/* Bought of a commodity by a use, t. */
double sim_bought(const yt_network *net, const yt_run *run, int32_t use);

/* Is a permit needed in schedule month t? */
bool sim_permit_needed(const yt_network *net, int32_t permit, int32_t t);

/* Served this month, t: what the tiers of a segment buy. */
double sim_served(const yt_network *net, const yt_run *run, int32_t segment);

/* Where an element is; t of element. */
typedef struct sim_element {
    double opening, mined, in_use, stocks, scrap, tailings, losses, disposed, closure;
} sim_element;
sim_element sim_element_balance(const yt_network *net, const yt_run *run, int32_t element);

#endif
