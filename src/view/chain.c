/* chain.c - who makes what from whose material: shares of stages, and the chain by element.
 *
 * The chain is drawn from what was used: a user's tonnes are split over the origins of what
 * his region had to use that year (made there, or shipped in), and each origin's over the
 * stages that make the commodity there.  What came from stock has a source of its own.
 */
#include "view/inside.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

/* A link is left out when it carries less than this share of its element's largest stage. */
#define SMALLEST_LINK 0.002

static size_t cell(const view_world *v, int32_t stage, int32_t region, int32_t commodity)
{
    return ((size_t)stage * (size_t)v->region.n + (size_t)region) * (size_t)v->commodity.n +
           (size_t)commodity;
}

/* ------------------------------------------------------------------ who comes first in lists */

static void sum_stages(view_world *v)
{
    for (int32_t i = 0; i < v->facility_ids.n; i++) {
        const view_facility *f = &v->facility[i];
        if (!f->output || f->stage == YT_NONE || f->region == YT_NONE)
            continue;
        size_t row =
            ((size_t)f->stage * (size_t)v->region.n + (size_t)f->region) * (size_t)v->years;
        for (int32_t m = 0; m < v->months; m++)
            v->made[row + (size_t)((v->start + m) / 12 - v->first_year)] += f->output[m];
    }
}

/* The region that issues export permits; without any, the one with most of the chain behind
 * the mine, over all years. */
static int32_t find_exporter(const view_world *v)
{
    int32_t best = YT_NONE;
    double most = 0;
    for (int32_t p = 0; p < v->permit.n; p++)
        if (v->permit_region[p] != YT_NONE && text_equal(v->permit_kind[p], "export"))
            return v->permit_region[p];
    for (int32_t r = 0; r < v->region.n; r++) {
        double weight = 0;
        for (int32_t s = 0; s < v->stage.n; s++)
            for (int32_t y = 0; y < v->years && !v->extracts[s]; y++) {
                double total = 0;
                for (int32_t o = 0; o < v->region.n; o++)
                    total +=
                        v->made[((size_t)s * (size_t)v->region.n + (size_t)o) * (size_t)v->years +
                                (size_t)y];
                size_t at =
                    ((size_t)s * (size_t)v->region.n + (size_t)r) * (size_t)v->years + (size_t)y;
                weight += total > 0 ? v->made[at] / total : 0;
            }
        if (weight > most) {
            most = weight;
            best = r;
        }
    }
    return best;
}

/* Commodities by what their trade is worth; those with observed prices come first. */
static void rank_commodities(view_world *v, double *worth)
{
    for (int32_t a = 0; a < v->arcs; a++)
        worth[v->arc[a].commodity] += view_sum(v->arc[a].value, 0, v->months - 1);
    double most = 1;
    for (int32_t c = 0; c < v->commodity.n; c++)
        most += worth[c];
    for (int32_t i = 0; i < v->observations; i++) {
        int32_t p = view_find(&v->product, v->observed[i].product);
        int32_t c = p == YT_NONE ? YT_NONE : v->product_commodity[p];
        if (c != YT_NONE && text_equal(v->observed[i].series, "price") && worth[c] < most)
            worth[c] += most;
    }
    for (int32_t c = 0; c < v->commodity.n; c++) {
        int32_t at = v->favourites++;
        while (at > 0 && worth[v->favourite[at - 1]] < worth[c]) {
            v->favourite[at] = v->favourite[at - 1];
            at--;
        }
        v->favourite[at] = c;
    }
}

void view_rank(view_world *v)
{
    v->made =
        arena_array(v->memory, (size_t)v->stage.n * (size_t)v->region.n * (size_t)v->years + 1,
                    sizeof *v->made);
    v->favourite = arena_array(v->memory, (size_t)v->commodity.n + 1, sizeof *v->favourite);
    double *worth = arena_array(v->memory, (size_t)v->commodity.n + 1, sizeof *worth);
    if (!v->made || !v->favourite || !worth)
        return;
    sum_stages(v);
    v->exporter = find_exporter(v);
    rank_commodities(v, worth);
}

/* ------------------------------------------------------------------------ a year of the chain */

typedef struct chain_year {
    const view_world *v;
    int32_t first, last; /* months */
    double *made, *used; /* [stage][region][commodity] t */
    double *final;       /* [region][commodity] t used by end uses */
    double *shipped;     /* [origin][destination], of one commodity, t */
    double *links;       /* [element] of [stage + 1 (stock)][region][stage + 1 (end use)][region] */
    double *link;        /* of one element */
    size_t link_size;
} chain_year;

static size_t link_at(const view_world *v, int32_t from, int32_t origin, int32_t to, int32_t region)
{
    size_t regions = (size_t)v->region.n;
    return (((size_t)from * regions + (size_t)origin) * (size_t)(v->stage.n + 1) + (size_t)to) *
               regions +
           (size_t)region;
}

static void add_facility(chain_year *y, const view_facility *f)
{
    const view_world *v = y->v;
    double activity = view_sum(f->output, y->first, y->last);
    if (activity <= 0 || f->stage == YT_NONE || f->region == YT_NONE)
        return;
    for (int32_t k = 0; k < f->recipes; k++)
        for (int32_t i = 0; i < v->flows_of; i++) {
            const view_coefficient *c = &v->flow_of[i];
            if (c->row != v->recipe_of[f->first_recipe + k])
                continue;
            double tonnes = activity * c->value / f->recipes;
            size_t at = cell(v, f->stage, f->region, c->column);
            if (tonnes > 0)
                y->made[at] += tonnes;
            else
                y->used[at] -= tonnes;
        }
}

/* Bring what recipes imply to what the markets saw (families, yields that move). */
static void scale_to_market(chain_year *y, double *tonnes, const char *variable)
{
    const view_world *v = y->v;
    for (int32_t r = 0; r < v->region.n; r++)
        for (int32_t c = 0; c < v->commodity.n; c++) {
            const double *month = view_series(v, variable, r, c);
            double implied = 0, seen = view_sum(month, y->first, y->last);
            for (int32_t s = 0; s < v->stage.n; s++)
                implied += tonnes[cell(v, s, r, c)];
            for (int32_t s = 0; month && implied > 0 && s < v->stage.n; s++)
                tonnes[cell(v, s, r, c)] *= seen / implied;
        }
}

static void gather_year(chain_year *y)
{
    const view_world *v = y->v;
    size_t cells = (size_t)v->stage.n * (size_t)v->region.n * (size_t)v->commodity.n;
    memset(y->made, 0, cells * sizeof *y->made);
    memset(y->used, 0, cells * sizeof *y->used);
    for (int32_t i = 0; i < v->facility_ids.n; i++)
        add_facility(y, &v->facility[i]);
    scale_to_market(y, y->made, "output");
    scale_to_market(y, y->used, "feed");
    memset(y->final, 0, (size_t)v->region.n * (size_t)v->commodity.n * sizeof *y->final);
    for (int32_t u = 0; u < v->uses; u++)
        if (v->use[u].commodity != YT_NONE)
            y->final[(size_t)v->use[u].region * (size_t)v->commodity.n +
                     (size_t)v->use[u].commodity] += view_sum(v->use[u].served, y->first, y->last);
}

/* Give `tonnes` of commodity c from origin to a user; content t of element in a tonne. */
static void credit(chain_year *y, int32_t c, int32_t origin, int32_t to, int32_t region,
                   double tonnes)
{
    const view_world *v = y->v;
    double total = 0;
    for (int32_t s = 0; s < v->stage.n; s++)
        total += y->made[cell(v, s, origin, c)];
    if (total <= 0) { /* shipped on, or out of stock */
        y->link[link_at(v, v->stage.n, origin, to, region)] += tonnes;
        return;
    }
    for (int32_t s = 0; s < v->stage.n; s++)
        y->link[link_at(v, s, origin, to, region)] +=
            tonnes * y->made[cell(v, s, origin, c)] / total;
}

/* Spread what stages and end uses of a region took of a commodity over its origins. */
static void link_region(chain_year *y, int32_t c, int32_t region, double content)
{
    const view_world *v = y->v;
    double pool = 0, here = 0;
    for (int32_t s = 0; s < v->stage.n; s++)
        here += y->made[cell(v, s, region, c)];
    double left = here; /* what is made here and not shipped away stays */
    for (int32_t o = 0; o < v->region.n; o++) {
        pool += y->shipped[(size_t)o * (size_t)v->region.n + (size_t)region];
        left -= y->shipped[(size_t)region * (size_t)v->region.n + (size_t)o];
    }
    left = left > 0 ? left : 0;
    pool += left;
    for (int32_t s = 0; s <= v->stage.n; s++) {
        double used = s < v->stage.n
                          ? y->used[cell(v, s, region, c)]
                          : y->final[(size_t)region * (size_t)v->commodity.n + (size_t)c];
        if (used <= 0)
            continue;
        double from_pool = used < pool || pool <= 0 ? used : pool;
        double stocked = pool > 0 ? 0 : used;
        for (int32_t o = 0; pool > 0 && o < v->region.n; o++) {
            double share = y->shipped[(size_t)o * (size_t)v->region.n + (size_t)region] / pool;
            share += o == region ? left / pool : 0;
            if (share > 0)
                credit(y, c, o, s, region, from_pool * share * content);
        }
        stocked += pool > 0 ? used - from_pool : 0;
        y->link[link_at(v, v->stage.n, region, s, region)] += stocked * content;
    }
}

static void link_commodity(chain_year *y, int32_t c)
{
    const view_world *v = y->v;
    bool is_clear = false;
    for (int32_t i = 0; i < v->contents; i++) {
        if (v->content[i].row != c || v->content[i].value <= 0)
            continue;
        if (!is_clear) {
            memset(y->shipped, 0, (size_t)v->region.n * (size_t)v->region.n * sizeof *y->shipped);
            for (int32_t a = 0; a < v->arcs; a++)
                if (v->arc[a].commodity == c)
                    y->shipped[(size_t)v->arc[a].origin * (size_t)v->region.n +
                               (size_t)v->arc[a].destination] +=
                        view_sum(v->arc[a].tonnes, y->first, y->last);
            is_clear = true;
        }
        y->link = y->links + (size_t)v->content[i].column * y->link_size;
        for (int32_t r = 0; r < v->region.n; r++)
            link_region(y, c, r, v->content[i].value);
    }
}

/* Five numbers a link: stage and region it leaves, stage and region it reaches, t. */
static void write_links(const chain_year *y, json_writer *w)
{
    const view_world *v = y->v;
    double largest = 0;
    for (int32_t from = 0; from <= v->stage.n; from++) {
        double total = 0;
        for (int32_t o = 0; o < v->region.n; o++)
            for (int32_t to = 0; to <= v->stage.n; to++)
                for (int32_t r = 0; r < v->region.n; r++)
                    total += y->link[link_at(v, from, o, to, r)];
        largest = fmax(largest, total);
    }
    json_begin_array(w);
    for (int32_t from = 0; from <= v->stage.n; from++)
        for (int32_t o = 0; o < v->region.n; o++)
            for (int32_t to = 0; to <= v->stage.n; to++)
                for (int32_t r = 0; r < v->region.n; r++) {
                    double tonnes = y->link[link_at(v, from, o, to, r)];
                    if (tonnes <= 0 || tonnes < SMALLEST_LINK * largest)
                        continue;
                    json_whole(w, from);
                    json_whole(w, o);
                    json_whole(w, to);
                    json_whole(w, r);
                    json_number(w, view_round(tonnes, 3));
                }
    json_end_array(w);
}

static void write_sankey(const view_world *v, json_writer *w)
{
    size_t cells = (size_t)v->stage.n * (size_t)v->region.n * (size_t)v->commodity.n + 1;
    size_t ends = (size_t)(v->stage.n + 1) * (size_t)v->region.n;
    chain_year y = {
        .v = v,
        .made = arena_array(v->memory, cells, sizeof(double)),
        .used = arena_array(v->memory, cells, sizeof(double)),
        .final = arena_array(v->memory, cells, sizeof(double)),
        .shipped =
            arena_array(v->memory, (size_t)v->region.n * (size_t)v->region.n + 1, sizeof(double)),
        .link_size = ends * ends,
        .links = arena_array(v->memory, ends * ends * (size_t)v->element.n + 1, sizeof(double))};
    if (!y.made || !y.used || !y.final || !y.shipped || !y.links)
        return;
    for (int32_t year = 0; year < v->years; year++) {
        y.first = (v->first_year + year) * 12 - v->start;
        y.last = y.first + 11;
        y.first = y.first < 0 ? 0 : y.first;
        y.last = y.last >= v->months ? v->months - 1 : y.last;
        gather_year(&y);
        json_begin_array(w);
        memset(y.links, 0, y.link_size * (size_t)v->element.n * sizeof *y.links);
        for (int32_t c = 0; c < v->commodity.n; c++)
            link_commodity(&y, c);
        for (int32_t e = 0; e < v->element.n; e++) {
            y.link = y.links + (size_t)e * y.link_size;
            write_links(&y, w);
        }
        json_end_array(w);
    }
}

void view_chain(const view_world *v, json_writer *w)
{
    json_key(w, "shares"); /* t of activity by stage, region, year */
    json_begin_array(w);
    for (int32_t s = 0; v->made && s < v->stage.n; s++) {
        json_begin_object(w);
        json_key(w, "hhi");
        json_begin_array(w);
        for (int32_t y = 0; y < v->years; y++)
            json_number(w, view_round(view_hhi(v, s, y), 4));
        json_end_array(w);
        json_key(w, "made");
        json_begin_array(w);
        for (int32_t r = 0; r < v->region.n; r++) {
            const double *made =
                &v->made[((size_t)s * (size_t)v->region.n + (size_t)r) * (size_t)v->years];
            if (view_sum(made, 0, v->years - 1) <= 0)
                continue;
            json_begin_object(w);
            json_key_integer(w, "r", r);
            json_key(w, "d");
            view_numbers(w, made, v->years, 4);
            json_end_object(w);
        }
        json_end_array(w);
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "links"); /* by year, by element */
    json_begin_array(w);
    if (v->made)
        write_sankey(v, w);
    json_end_array(w);
}
