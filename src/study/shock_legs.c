/* shock_legs.c - a world's months after the branch, with the shock and without it. */
#include "study/shock.h"

#include "sim/sim.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------------------------- one month */

static bool names(const bool *list, int32_t i)
{
    return !list || list[i];
}

static bool is_on(const shock_event *e, int32_t k)
{
    return k >= e->after && k < e->after + e->months;
}

static bool touches_arc(const shock_event *e, const yt_network *net, int32_t i)
{
    const network_arc *arc = &net->arc[i];
    int32_t from = net->node[arc->from].region, to = net->node[arc->to].region;
    if (arc->kind == ARC_RESALE || from == to || e->kind > SHOCK_EMBARGO)
        return false;
    if (arc->kind == ARC_ILLEGAL && !e->closes_routes)
        return false;
    return names(e->origin, from) && names(e->destination, to) && names(e->goods, arc->commodity);
}

static double share_of(const shock_event *e, int32_t k)
{
    bool waits = e->kind == SHOCK_LICENCE && k < e->after + e->delay;
    return waits ? 0 : e->share;
}

double shock_arc_share(const shock_plan *p, const yt_network *net, int32_t arc, int32_t k)
{
    double share = INFINITY;
    for (int32_t i = 0; i < p->events; i++)
        if (is_on(&p->event[i], k) && touches_arc(&p->event[i], net, arc))
            share = fmin(share, share_of(&p->event[i], k));
    return share;
}

/* Does a plant make or take one of the goods?  Families sell hours: they do, if one of their
 * recipes does. */
static bool handles(const yt_network *net, const bool *goods, int32_t j)
{
    for (int32_t k = net->start[j]; k < net->start[j + 1]; k++) {
        const network_node *node = &net->node[net->row[k]];
        if (node->kind == NODE_GOODS && goods[node->commodity])
            return true;
    }
    return false;
}

static bool touches_plant(const shock_event *e, const yt_network *net, int32_t i)
{
    const network_plant *plant = &net->plant[i];
    bool is_of_goods = !e->goods || handles(net, e->goods, net->plants_at.first + i);
    for (int32_t l = 0; e->goods && plant->node != YT_NONE && l < net->lines && !is_of_goods; l++)
        is_of_goods =
            net->line[l].node == plant->node && handles(net, e->goods, net->lines_at.first + l);
    return names(e->origin, plant->region) && names(e->stage, plant->stage) &&
           names(e->facility, plant->facility) && is_of_goods;
}

static void stop_plants(const shock_event *e, const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < net->plants; i++)
        if (touches_plant(e, net, i))
            VIEW(net, run, shock_plant)[i] *= e->share;
}

static void raise_demand(const shock_event *e, const yt_network *net, yt_run *run)
{
    for (int32_t s = 0; s < net->segments; s++)
        if (names(e->end_use, net->segment[s].end_use) && names(e->origin, net->segment[s].region))
            VIEW(net, run, shock_demand)[s] *= e->share;
}

static void keep_know_how(const shock_event *e, const yt_network *net, yt_run *run)
{
    for (int32_t r = 0; r < net->regions.count; r++)
        for (int32_t stage = 0; stage < net->stages.count; stage++)
            if (names(e->origin, r) && names(e->stage, stage))
                VIEW(net, run, shock_ban)[network_tech(net, r, stage)] = 1 - e->share;
}

static void spread_news(const shock_event *e, const shock_plan *p, const yt_network *net,
                        yt_run *run)
{
    for (int32_t n = 0; n < net->nodes; n++) {
        const network_node *node = &net->node[n];
        if (node->kind == NODE_GOODS && p->felt[node->region] &&
            (e->goods ? e->goods[node->commodity] : p->goods[node->commodity]))
            VIEW(net, run, shock_news)[n] = fmax(VIEW(net, run, shock_news)[n], e->news);
    }
}

/* ------------------------------------------------------------------------------- reserves */

double shock_content(const shock_plan *p, const yt_network *net, int32_t commodity)
{
    const double *content = net->content + (size_t)commodity * (size_t)net->elements.count;
    double sum = 0;
    for (int32_t e = 0; e < net->elements.count; e++)
        sum += p->elements[e] ? content[e] : 0;
    return sum;
}

/* Tonnes of a good, or of an element in whatever users buy, that critical users of a region take
 * in a month. */
static double critical_use(const yt_network *net, const yt_run *run, const shock_stock *s,
                           int32_t region)
{
    double tonnes = 0;
    for (int32_t i = 0; i < net->uses; i++) {
        const network_use *use = &net->use[i];
        const network_segment *segment = &net->segment[use->segment];
        double content = s->element == YT_NONE
                             ? use->commodity == s->commodity
                             : net->content[(size_t)use->commodity * (size_t)net->elements.count +
                                            (size_t)s->element];
        double share =
            use->mix == YT_NONE
                ? 1
                : net->basket_share[(size_t)(run->t > 0 ? run->t - 1 : 0) * (size_t)net->uses +
                                    (size_t)i];
        if (segment->region == region)
            tonnes +=
                segment->share_critical * VIEW(net, run, wanted)[use->segment] * share * content;
    }
    return s->element == YT_NONE
               ? tonnes
               : tonnes / net->content[(size_t)s->commodity * (size_t)net->elements.count +
                                       (size_t)s->element];
}

double shock_stock_tonnes(const shock_plan *p, const yt_network *net, const yt_run *run,
                          const shock_stock *s, int32_t region)
{
    bool lies_here = s->region ? s->region[region] : p->felt[region];
    return lies_here ? s->months * critical_use(net, run, s, region) : 0;
}

static int32_t reserve_node(const yt_network *net, const shock_stock *s, int32_t region)
{
    int32_t node = network_find_node(net, s->commodity, region, SIDE_SINGLE);
    return node != YT_NONE ? node : network_find_node(net, s->commodity, region, SIDE_SPOT);
}

void shock_lay_in(const shock_plan *p, const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < p->stocks; i++)
        for (int32_t r = 0; r < net->regions.count; r++) {
            int32_t node = reserve_node(net, &p->stock[i], r);
            if (node != YT_NONE)
                sim_lay_in(net, run, node, shock_stock_tonnes(p, net, run, &p->stock[i], r));
        }
}

/* A month of critical use, or what empties the stock over the shock if that is more, while the
 * price is above what holders think normal. */
static void release_stocks(const shock_plan *p, const yt_network *net, yt_run *run)
{
    for (int32_t i = 0; i < p->stocks; i++)
        for (int32_t r = 0; r < net->regions.count; r++) {
            const shock_stock *s = &p->stock[i];
            int32_t n = reserve_node(net, s, r);
            if (n == YT_NONE || !(s->months > 0) ||
                VIEW(net, run, price)[n] < VIEW(net, run, anchor)[n])
                continue;
            double month = shock_stock_tonnes(p, net, run, s, r) / s->months;
            VIEW(net, run, shock_release)[n] += month * fmax(1, s->months / p->months);
        }
}

/* -------------------------------------------------------------------------------- the month */

void shock_set_month(const shock_plan *p, const yt_network *net, yt_run *run, int32_t k)
{
    sim_calm(net, run);
    for (int32_t a = 0; a < net->arcs; a++)
        VIEW(net, run, shock_arc)[a] = shock_arc_share(p, net, a, k);
    for (int32_t i = 0; i < p->events; i++) {
        const shock_event *e = &p->event[i];
        if (!is_on(e, k))
            continue;
        if (e->kind == SHOCK_OUTAGE)
            stop_plants(e, net, run);
        if (e->kind == SHOCK_SURGE)
            raise_demand(e, net, run);
        if (e->kind == SHOCK_BAN)
            keep_know_how(e, net, run);
        if (e->news > 0 && k == e->after)
            spread_news(e, p, net, run);
    }
    if (k < p->months)
        release_stocks(p, net, run);
}

/* ------------------------------------------------------------------------------------ legs */

yt_status shock_leg_new(const yt_network *net, int32_t months, shock_leg **made)
{
    shock_leg *l = calloc(1, sizeof *l);
    if (!l)
        return YT_ENOMEM;
    l->months = months;
    struct {
        double **array;
        int32_t width;
    } wanted[] = {{&l->price, net->nodes},
                  {&l->use, net->nodes},
                  {&l->stock, net->nodes},
                  {&l->served, net->segments},
                  {&l->wanted, net->segments},
                  {&l->flow, net->arcs},
                  {&l->mined, 1},
                  {&l->scrap, 1},
                  {&l->released, 1},
                  {&l->bought, 1},
                  {&l->stored, 1},
                  {&l->used, net->elements.count}};
    bool whole = true;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        *wanted[i].array = calloc((size_t)months * (size_t)(wanted[i].width + 1), sizeof(double));
        whole &= *wanted[i].array != NULL;
    }
    if (!whole) {
        shock_leg_free(l);
        return YT_ENOMEM;
    }
    *made = l;
    return YT_OK;
}

void shock_leg_free(shock_leg *l)
{
    if (!l)
        return;
    double *array[] = {l->price, l->use,   l->stock,    l->served, l->wanted, l->flow,
                       l->mined, l->scrap, l->released, l->bought, l->stored, l->used};
    for (size_t i = 0; i < sizeof array / sizeof *array; i++)
        free(array[i]);
    free(l);
}

static void keep_markets(const yt_network *net, const yt_run *run, int32_t k, shock_leg *l)
{
    size_t at = (size_t)k * (size_t)net->nodes;
    for (int32_t n = 0; n < net->nodes; n++) {
        /* what nobody can have at any price is worth what its keenest user would pay */
        bool had = VIEW(net, run, can_be_had)[n] != 0;
        l->price[at + (size_t)n] = had ? VIEW(net, run, clearing_price)[n] : (double)INFINITY;
        l->use[at + (size_t)n] = VIEW(net, run, use)[n];
        l->stock[at + (size_t)n] = VIEW(net, run, reserve)[n];
    }
    for (int32_t i = 0; i < net->holds; i++)
        l->stock[at + (size_t)net->hold[i].node] += VIEW(net, run, stock)[i];
    memcpy(l->flow + (size_t)k * (size_t)net->arcs, VIEW(net, run, level) + net->arcs_at.first,
           (size_t)net->arcs * sizeof *l->flow);
    for (int32_t s = 0; s < net->segments; s++) {
        size_t i = (size_t)k * (size_t)net->segments + (size_t)s;
        l->served[i] = sim_served(net, run, s);
        l->wanted[i] = VIEW(net, run, wanted)[s];
    }
}

static double mined_by(const shock_plan *p, const yt_network *net, int32_t recipe, double level)
{
    double mined = 0;
    for (int32_t e = 0; recipe != YT_NONE && e < net->elements.count; e++)
        mined += p->elements[e] ? net->recipe_books[recipe].mined[e] * level : 0;
    return mined;
}

/* Where the elements that the shock is about came from and went, in the regions that feel it. */
static void keep_elements(const shock_plan *p, const yt_network *net, const yt_run *run, int32_t k,
                          shock_leg *l)
{
    const double *level = VIEW(net, run, level);
    for (int32_t i = 0; i < net->plants; i++)
        if (p->felt[net->plant[i].region])
            l->mined[k] += mined_by(p, net, net->plant[i].recipe, level[net->plants_at.first + i]);
    for (int32_t i = 0; i < net->lines; i++)
        if (p->felt[net->line[i].region])
            l->mined[k] += mined_by(p, net, net->line[i].recipe, level[net->lines_at.first + i]);
    for (int32_t i = 0; i < net->uses; i++) {
        const network_use *use = &net->use[i];
        if (!p->felt[net->segment[use->segment].region])
            continue;
        const double *content = net->content + (size_t)use->commodity * (size_t)net->elements.count;
        l->bought[k] += shock_content(p, net, use->commodity) * sim_bought(net, run, i);
        for (int32_t e = 0; e < net->elements.count; e++)
            l->used[(size_t)k * (size_t)net->elements.count + (size_t)e] +=
                content[e] * sim_bought(net, run, i);
        if (use->scrap_node != YT_NONE)
            l->scrap[k] += VIEW(net, run, collected)[i] * use->scrap_yield *
                           shock_content(p, net, net->node[use->scrap_node].commodity);
    }
    for (int32_t n = 0; n < net->nodes; n++) {
        if (net->node[n].kind != NODE_GOODS || !p->felt[net->node[n].region])
            continue;
        double content = shock_content(p, net, net->node[n].commodity);
        l->released[k] += content * VIEW(net, run, released)[n];
        l->stored[k] += content * (l->stock[(size_t)k * (size_t)net->nodes + (size_t)n] -
                                   VIEW(net, run, reserve)[n]);
    }
}

static void check_books(const yt_network *net, const yt_run *run, shock_leg *l)
{
    l->worst_certificate = fmax(l->worst_certificate, market_certificate_worst(&run->certificate));
    for (int32_t e = 0; e < net->elements.count; e++)
        l->worst_closure = fmax(l->worst_closure, fabs(sim_element_balance(net, run, e).closure));
}

void shock_follow_month(const shock_plan *p, const yt_network *net, yt_run *run, int32_t k,
                        shock_leg *leg)
{
    yt_step(net, run);
    leg->mined[k] = leg->scrap[k] = leg->released[k] = leg->bought[k] = leg->stored[k] = 0;
    memset(leg->used + (size_t)k * (size_t)net->elements.count, 0,
           (size_t)net->elements.count * sizeof *leg->used);
    leg->broken |= yt_run_status(run) != YT_OK;
    if (leg->broken)
        return;
    keep_markets(net, run, k, leg);
    keep_elements(p, net, run, k, leg);
    check_books(net, run, leg);
}

void shock_follow(const shock_plan *watched, const shock_plan *p, const yt_network *net,
                  yt_run *run, int32_t from, int32_t to, shock_leg *leg)
{
    if (from == 0) {
        leg->broken = false;
        leg->worst_closure = leg->worst_certificate = 0;
    }
    for (int32_t k = from; k < to && k < leg->months && !leg->broken; k++) {
        if (p)
            shock_set_month(p, net, run, k);
        else
            sim_calm(net, run);
        shock_follow_month(watched, net, run, k, leg);
    }
}
