/* given.c - what the case says of the run's month, by the figures this world has drawn.
 *
 * Model: docs/model.md, "Calendar".  Reads figures, writes the GIVEN variables.
 */
#include "sim/sim.h"

#include <math.h>

/* Number of thing i by one of the network's schedules. */
#define FIGURE(schedule, n, i) (figure[network_figures(&net->schedule, net->n, run->t)[i]])
/* The same of rules that politics would change: in a world that decides they stay as they were
 * when decisions began, but for what its programmes do. */
#define POLICY(schedule, n, i)                                                                     \
    (figure[network_figures(&net->schedule, net->n, sim_policy_month(net, run))[i]])

static void read_plants(const yt_network *net, yt_run *run)
{
    const double *figure = VIEW(net, run, figure);
    for (int32_t i = 0; i < net->plants; i++) {
        double nameplate = FIGURE(nameplate, plants, i);
        VIEW(net, run, dated_capacity)[i] = nameplate > 0 ? nameplate * FIGURE(rate, plants, i) : 0;
        double last = figure[net->plant_cost_last[i]], cost = FIGURE(plant_cost, plants, i);
        VIEW(net, run, cost_then)[i] = last > 0 && cost >= 0 ? cost / last : 1;
    }
}

/* t/month of a use in mid-year; straight lines between mid-years, flat outside the record.
 * Spin-up months live by the first reported one. */
static double demand_of(const yt_network *net, const yt_run *run, int32_t segment)
{
    const double *figure = VIEW(net, run, figure);
    const int32_t *year = net->demand_figure + (size_t)segment * (size_t)net->demand_years;
    int32_t month = net->first_month + run->t;
    if (month < net->start_month)
        month = net->start_month;
    double position = (month - (net->demand_first_year * 12 + 5.5)) / 12.0;
    int32_t i = (int32_t)floor(position);
    if (i < 0)
        return figure[year[0]];
    if (i >= net->demand_years - 1)
        return figure[year[net->demand_years - 1]];
    return figure[year[i]] + (position - i) * (figure[year[i + 1]] - figure[year[i]]);
}

static void read_uses(const yt_network *net, yt_run *run)
{
    const double *figure = VIEW(net, run, figure);
    const double *share = SCHEDULE(net, run, demand_share, net->segments);
    for (int32_t s = 0; s < net->segments; s++)
        VIEW(net, run, demand)
    [s] = net->demand_years ? net->segment[s].share * demand_of(net, run, s) * share[s] *
                                  VIEW(net, run, shock_demand)[s]
                            : 0;
    for (int32_t i = 0; i < net->uses; i++)
        VIEW(net, run, collection)
    [i] = fmin(1, FIGURE(collection, uses, i) * VIEW(net, run, shock_collection)[i]);
}

static void read_disposal(const yt_network *net, yt_run *run)
{
    const double *figure = VIEW(net, run, figure);
    for (int32_t n = 0; n < net->nodes; n++)
        VIEW(net, run, disposal_cost)[n] = FIGURE(disposal_cost, nodes, n);
}

/* What leaving the origin costs over its price: tax not given back, duty. */
static void read_arcs(const yt_network *net, yt_run *run)
{
    const double *figure = VIEW(net, run, figure);
    for (int32_t i = 0; i < net->arcs; i++) {
        double tax = (1 + POLICY(unrefunded_tax, arcs, i)) * (1 + POLICY(export_duty, arcs, i)) - 1;
        VIEW(net, run, specific_wedge)[i] = FIGURE(freight, arcs, i) + FIGURE(handling, arcs, i);
        VIEW(net, run, export_tax)[i] = tax;
        VIEW(net, run, ad_valorem)
        [i] = net->arc[i].kind == ARC_ILLEGAL
                  ? POLICY(risk, arcs, i)
                  : (1 + tax) * (1 + FIGURE(margin, arcs, i)) - 1 + POLICY(tariff, arcs, i) +
                        POLICY(special_tariff, arcs, i);
        VIEW(net, run, risk_rise)[i] = POLICY(risk_rise, arcs, i);
        VIEW(net, run, approved)[i] = POLICY(approved, arcs, i);
    }
}

static void read_permits(const yt_network *net, yt_run *run)
{
    const double *figure = VIEW(net, run, figure);
    for (int32_t i = 0; i < net->releases; i++)
        VIEW(net, run, permit_rate)[i] = POLICY(permit_rate, releases, i);
}

void sim_read_case(const yt_network *net, yt_run *run)
{
    read_plants(net, run);
    read_uses(net, run);
    read_disposal(net, run);
    read_arcs(net, run);
    read_permits(net, run);
}
