/* accounts.c - the only place that changes state: stocks, goods in use, elements, memories.
 *
 * Model: docs/model.md, "Accounts".  Reads flows, writes state, turns the page.
 */
#include "base/distribution.h"
#include "sim/sim.h"

#include <math.h>
#include <string.h>

static void add_content(const yt_network *net, double *ledger, int32_t commodity, double tonnes)
{
    const double *content = net->content + (size_t)commodity * (size_t)net->elements.count;
    for (int32_t e = 0; e < net->elements.count; e++)
        ledger[e] += tonnes * content[e];
}

/* ---------------------------------------------------------------------- goods and stocks */

/* What the market left over at each node: A x + b. */
static void find_slack(const yt_network *net, yt_run *run)
{
    double *slack = VIEW(net, run, slack);
    const double *level = VIEW(net, run, level);
    memcpy(slack, VIEW(net, run, supply), (size_t)net->nodes * sizeof *slack);
    for (int32_t j = 0; j < net->activities; j++)
        for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
            slack[net->row[k]] += net->coefficient[k] * level[j];
}

/* Stocks end the month at what holders kept.  A market certified to 1e-8 may still be short of
 * a few grams: they come out of its stock, so that nothing is made of nothing. */
static void book_stocks(const yt_network *net, yt_run *run)
{
    double *slack = VIEW(net, run, slack), *stock = VIEW(net, run, stock);
    for (int32_t i = 0; i < net->holds; i++) {
        int32_t node = net->hold[i].node;
        stock[i] = VIEW(net, run, level)[net->holds_at.first + i];
        double missing = fmin(stock[i], -slack[node]);
        if (missing > 0) {
            stock[i] -= missing;
            slack[node] += missing;
        }
    }
    for (int32_t n = 0; n < net->nodes; n++)
        VIEW(net, run, reserve)[n] -= VIEW(net, run, released)[n];
}

void sim_lay_in(const yt_network *net, yt_run *run, int32_t node, double tonnes)
{
    VIEW(net, run, reserve)[node] += tonnes;
    add_content(net, VIEW(net, run, opening), net->node[node].commodity, tonnes);
}

/* -------------------------------------------------------------------------------- elements */

static void book_recipe(const yt_network *net, yt_run *run, int32_t recipe, double level)
{
    const network_recipe_books *books = &net->recipe_books[recipe];
    for (int32_t e = 0; e < net->elements.count; e++) {
        VIEW(net, run, mined)[e] += level * books->mined[e];
        VIEW(net, run, tailings)[e] += level * books->tailings[e];
        VIEW(net, run, losses)[e] += level * books->losses[e];
    }
}

static void book_production(const yt_network *net, yt_run *run)
{
    const double *level = VIEW(net, run, level);
    for (int32_t i = 0; i < net->plants; i++)
        if (net->plant[i].recipe != YT_NONE)
            book_recipe(net, run, net->plant[i].recipe, level[net->plants_at.first + i]);
    for (int32_t i = 0; i < net->lines; i++)
        book_recipe(net, run, net->line[i].recipe, level[net->lines_at.first + i]);
}

static void book_disposal(const yt_network *net, yt_run *run)
{
    double *disposed = VIEW(net, run, disposed);
    for (int32_t i = 0; i < net->dumps; i++) {
        int32_t node = net->dump[i];
        double tonnes = VIEW(net, run, level)[net->dumps_at.first + i];
        VIEW(net, run, dumped)[node] = tonnes;
        add_content(net, disposed, net->node[node].commodity, tonnes);
    }
    for (int32_t n = 0; n < net->nodes; n++)
        if (net->node[n].kind == NODE_GOODS)
            add_content(net, disposed, net->node[n].commodity, VIEW(net, run, slack)[n]);
}

/* ---------------------------------------------------------------------------- goods in use */

double sim_served(const yt_network *net, const yt_run *run, int32_t segment)
{
    const double *level = VIEW(net, run, level) + net->tiers_at.first + segment * TIERS;
    double served = 0;
    for (int32_t i = 0; i < TIERS; i++)
        served += level[i];
    return served;
}

double sim_bought(const yt_network *net, const yt_run *run, int32_t use)
{
    int32_t mix = net->use[use].mix;
    return mix == YT_NONE ? sim_served(net, run, net->use[use].segment)
                          : VIEW(net, run, level)[net->mixes_at.first + mix];
}

static void book_use(const yt_network *net, yt_run *run)
{
    int32_t year = (net->first_month + run->t) / 12 - net->first_month / 12;
    for (int32_t i = 0; i < net->uses; i++) {
        const network_use *use = &net->use[i];
        double bought = sim_bought(net, run, i), discards = VIEW(net, run, discards)[i];
        double collected = VIEW(net, run, collected)[i];
        VIEW(net, run, cohort)[i * net->cohort_years + year] += bought;
        VIEW(net, run, in_use)[i] += bought - discards;
        add_content(net, VIEW(net, run, discarded), use->commodity, discards - collected);
        if (collected > 0) {
            int32_t scrap = net->node[use->scrap_node].commodity;
            add_content(net, VIEW(net, run, losses), use->commodity, collected);
            add_content(net, VIEW(net, run, losses), scrap, -collected * use->scrap_yield);
        }
    }
}

/* Goods sold in mid-year: what of all cohorts fails in the year that begins, a month. */
static void plan_discards(const yt_network *net, yt_run *run, int32_t year)
{
    for (int32_t i = 0; i < net->uses; i++) {
        double life = VIEW(net, run, lifetime)[i] / 12, shape = VIEW(net, run, lifetime_shape)[i];
        const double *sold = VIEW(net, run, cohort) + i * net->cohort_years;
        double scale = distribution_weibull_scale(life, shape);
        VIEW(net, run, discard_rate)
        [i] = distribution_cohorts_failing(sold, year, 0.5, scale, shape) / 12;
    }
}

/* --------------------------------------------------------------------------- rules, memory */

static void book_permits(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->releases; i++) {
        double used = VIEW(net, run, permit_used)[i];
        double left = VIEW(net, run, permit_left)[i] - VIEW(net, run, permit_lapsed)[i] +
                      VIEW(net, run, usable)[i] * VIEW(net, run, permit_issued)[i];
        VIEW(net, run, permit_left)[i] = fmax(0, left - used);
    }
}

/* The flow that licences are measured by is the recent one when the first of them begins. */
static void book_licences(const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->arcs; i++) {
        bool is_licensed = VIEW(net, run, lane_licensed)[i] > 0;
        if (is_licensed && VIEW(net, run, licensed_before)[i] == 0)
            VIEW(net, run, licence_base)[i] = VIEW(net, run, recent_flow)[i];
        VIEW(net, run, licensed_before)[i] = is_licensed;
    }
}

typedef struct memory {
    variable_id state, next;
} memory;

#define MEMORY(name)                                                                               \
    {                                                                                              \
        VAR_##name, VAR_next_##name                                                                \
    }

/* What step_learn fills whole. */
static const memory learnt[] = {
    MEMORY(price),     MEMORY(price_smooth), MEMORY(trend),      MEMORY(anchor),
    MEMORY(invoice),   MEMORY(throughput),   MEMORY(usual_flow), MEMORY(recent_flow),
    MEMORY(intensity), MEMORY(price_memory), MEMORY(ask),
};

/* What politics and the pipeline change here and there: it starts the month as it is. */
static const memory carried[] = {
    MEMORY(volatility),   MEMORY(shortage),      MEMORY(salience),        MEMORY(public_cost),
    MEMORY(private_cost), MEMORY(private_loss),  MEMORY(know_how),        MEMORY(stage_output),
    MEMORY(demand_now),   MEMORY(demand_past),   MEMORY(stage_quota),     MEMORY(limit_months),
    MEMORY(force),        MEMORY(programme_age), MEMORY(programme_spent), MEMORY(instrument_base),
    MEMORY(plant_state),  MEMORY(nameplate),     MEMORY(ramped),          MEMORY(rate),
    MEMORY(plant_output), MEMORY(has_run),       MEMORY(loss_months),     MEMORY(plant_return),
    MEMORY(sunk),         MEMORY(opened_at),     MEMORY(price_at_start),  MEMORY(project_phase),
    MEMORY(project_size), MEMORY(project_gate),  MEMORY(project_clock),   MEMORY(project_directed),
    MEMORY(retry_at),     MEMORY(gate_work),     MEMORY(licensed_before),
};

static size_t length_of(const yt_network *net, const memory *m)
{
    return (size_t)net->axis[network_variable(m->state).axis] * sizeof(double);
}

void sim_carry_state(const yt_network *net, yt_run *run)
{
    for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
        memcpy(run->number + net->offset[carried[i].next],
               run->number + net->offset[carried[i].state], length_of(net, &carried[i]));
}

static void book_all(const yt_network *net, yt_run *run, const memory *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        memcpy(run->number + net->offset[list[i].state], run->number + net->offset[list[i].next],
               length_of(net, &list[i]));
}

static void book_memories(const yt_network *net, yt_run *run)
{
    book_all(net, run, learnt, sizeof learnt / sizeof *learnt);
    book_all(net, run, carried, sizeof carried / sizeof *carried);
    for (int32_t n = 0; n < net->nodes; n++)
        VIEW(net, run, news)
    [n] = *VIEW(net, run, news_decay) * (VIEW(net, run, news)[n] + VIEW(net, run, news_now)[n]);
}

void step_accounts(const yt_network *net, yt_run *run)
{
    find_slack(net, run);
    book_stocks(net, run);
    book_production(net, run);
    book_disposal(net, run);
    book_use(net, run);
    book_permits(net, run);
    book_licences(net, run);
    book_memories(net, run);
    run->t++;
    if ((net->first_month + run->t) % 12 == 0)
        plan_discards(net, run, (net->first_month + run->t) / 12 - net->first_month / 12);
}

/* ------------------------------------------------------------------------------ first month */

/* Add what an activity at this level takes from goods and makes of them. */
static void guess_activity(const yt_network *net, int32_t j, double level, double *taken,
                           double *made)
{
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++)
        *(net->coefficient[k] < 0 ? &taken[net->row[k]] : &made[net->row[k]]) +=
            fabs(net->coefficient[k]) * level;
}

/* Before anything is known, plants run at what they can, the lines of a family share its
 * hours, and users take what they want; the spin-up forgets it.
 * taken, made: what is used and made at each node, t/month. */
static void guess_month(const yt_network *net, yt_run *run, double *taken, double *made)
{
    const double *can_run = VIEW(net, run, dated_capacity);
    const double *share = SCHEDULE(net, run, basket_share, net->uses);
    const double *demand = VIEW(net, run, demand);
    double *lines = VIEW(net, run, slack); /* of each capacity node */
    memset(taken, 0, (size_t)net->nodes * sizeof *taken);
    memset(made, 0, (size_t)net->nodes * sizeof *made);
    memset(lines, 0, (size_t)net->nodes * sizeof *lines);
    for (int32_t i = 0; i < net->plants; i++)
        guess_activity(net, net->plants_at.first + i, can_run[i], taken, made);
    for (int32_t i = 0; i < net->lines; i++)
        lines[net->line[i].node]++;
    for (int32_t i = 0; i < net->lines; i++) {
        int32_t node = net->line[i].node;
        guess_activity(net, net->lines_at.first + i, made[node] / lines[node], taken, made);
    }
    for (int32_t i = 0; i < net->uses; i++) {
        double wanted = share[i] * demand[net->use[i].segment];
        if (net->use[i].mix == YT_NONE)
            taken[net->use[i].node] += wanted;
        else
            guess_activity(net, net->mixes_at.first + net->use[i].mix, wanted, taken, made);
    }
}

/* A market uses what is taken or made there, whichever is more; every lane open in the first
 * month brings its share of what is not made at home. */
static void guess_flows(const yt_network *net, yt_run *run)
{
    double *taken = VIEW(net, run, use), *made = VIEW(net, run, next_throughput);
    double *lanes = VIEW(net, run, slack); /* into each node */
    const uint8_t *open = SCHEDULE(net, run, arc_open, net->arcs);
    guess_month(net, run, taken, made);
    memset(lanes, 0, (size_t)net->nodes * sizeof *lanes);
    for (int32_t i = 0; i < net->arcs; i++)
        lanes[net->arc[i].to] += open[i];
    for (int32_t n = 0; n < net->nodes; n++)
        VIEW(net, run, throughput)[n] = fmax(taken[n], made[n]);
    for (int32_t i = 0; i < net->arcs; i++) {
        int32_t to = net->arc[i].to;
        double missing = fmax(taken[to] - made[to], *VIEW(net, run, entry_share) * taken[to]);
        if (open[i])
            VIEW(net, run, usual_flow)[i] = VIEW(net, run, recent_flow)[i] = missing / lanes[to];
    }
}

static void open_institutions(const yt_network *net, yt_run *run)
{
    for (int32_t k = 0; k < net->regions.count * net->stages.count; k++) {
        VIEW(net, run, know_how)[k] = VIEW(net, run, know_how_start)[k];
        VIEW(net, run, stage_quota)[k] = 1;
    }
    for (int32_t r = 0; r < net->regions.count; r++)
        VIEW(net, run, salience)[r] = VIEW(net, run, salience_floor)[r];
}

void sim_open_books(const yt_network *net, yt_run *run)
{
    open_institutions(net, run);
    sim_read_case(net, run);
    guess_flows(net, run);
    for (int32_t n = 0; n < net->nodes; n++) {
        double reference = VIEW(net, run, reference_price)[n];
        VIEW(net, run, price)[n] = VIEW(net, run, price_smooth)[n] = reference;
        VIEW(net, run, anchor)[n] = VIEW(net, run, invoice)[n] = reference;
    }
    for (int32_t s = 0; s < net->segments; s++) {
        VIEW(net, run, intensity)[s] = 1;
        VIEW(net, run, price_memory)[s] = VIEW(net, run, reference_price)[net->segment[s].node];
    }
    for (int32_t i = 0; i < net->releases; i++)
        VIEW(net, run, ask)[i] = VIEW(net, run, ask_start)[i];
    for (int32_t i = 0; i < net->holds; i++) {
        VIEW(net, run, stock)[i] = VIEW(net, run, opening_stock)[i];
        add_content(net, VIEW(net, run, opening), net->node[net->hold[i].node].commodity,
                    VIEW(net, run, opening_stock)[i]);
    }
}

sim_element sim_element_balance(const yt_network *net, const yt_run *run, int32_t element)
{
    const size_t elements = (size_t)net->elements.count, e = (size_t)element;
    sim_element at = {.opening = VIEW(net, run, opening)[e],
                      .mined = VIEW(net, run, mined)[e],
                      .scrap = VIEW(net, run, discarded)[e],
                      .tailings = VIEW(net, run, tailings)[e],
                      .losses = VIEW(net, run, losses)[e],
                      .disposed = VIEW(net, run, disposed)[e]};
    for (int32_t i = 0; i < net->uses; i++)
        at.in_use +=
            VIEW(net, run, in_use)[i] * net->content[(size_t)net->use[i].commodity * elements + e];
    for (int32_t i = 0; i < net->holds; i++)
        at.stocks += VIEW(net, run, stock)[i] *
                     net->content[(size_t)net->node[net->hold[i].node].commodity * elements + e];
    for (int32_t n = 0; n < net->nodes; n++)
        if (net->node[n].kind == NODE_GOODS)
            at.stocks += VIEW(net, run, reserve)[n] *
                         net->content[(size_t)net->node[n].commodity * elements + e];
    double given = at.opening + at.mined;
    double found = at.in_use + at.stocks + at.scrap + at.tailings + at.losses + at.disposed;
    at.closure = given > 0 ? (given - found) / given : 0;
    return at;
}
