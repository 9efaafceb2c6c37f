/* shock_measure.c - what a world with a shock has less than the same world without.
 *
 * Use that is missing is use there would have been and is not, by month: thrift, dear prices and
 * empty markets alike.  It is taken from the flexible tier first and from the critical one last.
 * Model: docs/model.md, "Shocks".
 */
#include "study/shock.h"

#include "sim/sim.h"
#include "study/shortage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHORT 0.05     /* of the use: less is no shortage anybody would notice */
#define OVER 0.01      /* and this little of it is none at all                 */
#define PRICE_BACK 0.2 /* prices this near to what they would have been are back */
#define EMPTY 0.05     /* of the stock there was                               */
#define USED 1e-3      /* t/month; less is no market                           */

enum { WORLD, USER, ELEMENT, MARKET, LINE };
enum number_id {
#define NUMBER(name, about, unit, doc) N_##name,
#include "study/shock.def"
#undef NUMBER
    NUMBERS
};
static const struct {
    const char *name, *unit;
    int about;
} numbers[NUMBERS] = {
#define NUMBER(name, about, unit, doc) {#name, unit, about},
#include "study/shock.def"
#undef NUMBER
};

struct shock_answer {
    const shock_plan *plan;
    const yt_network *net;
    const shock_bom *bom;
    int32_t users, elements, markets, lines, count;
    int32_t *element;                /* [elements] that it is about */
    int32_t *user_use, *user_region; /* [users]                    */
    int32_t *market;                 /* [markets] nodes: spot side or the only one */
};

/* ------------------------------------------------------------------------------------ keys */

static bool has_users(const yt_network *net, int32_t end_use, int32_t region)
{
    for (int32_t s = 0; s < net->segments; s++)
        if (net->segment[s].end_use == end_use && net->segment[s].region == region)
            return true;
    return false;
}

static void list_subjects(shock_answer *a)
{
    const yt_network *net = a->net;
    const shock_plan *p = a->plan;
    for (int32_t u = 0; u < net->end_uses.count; u++)
        for (int32_t r = 0; r < net->regions.count; r++)
            if (p->felt[r] && has_users(net, u, r)) {
                a->user_use[a->users] = u;
                a->user_region[a->users++] = r;
            }
    for (int32_t e = 0; e < net->elements.count; e++)
        if (p->elements[e])
            a->element[a->elements++] = e;
    for (int32_t n = 0; n < net->nodes; n++) {
        const network_node *node = &net->node[n];
        if (node->kind == NODE_GOODS && node->side != SIDE_CONTRACT && p->felt[node->region] &&
            p->goods[node->commodity])
            a->market[a->markets++] = n;
    }
}

static int32_t subjects(const shock_answer *a, int about)
{
    return about == WORLD     ? 1
           : about == USER    ? a->users
           : about == ELEMENT ? a->elements
           : about == MARKET  ? a->markets
                              : a->lines;
}

yt_status shock_answer_new(const shock_plan *p, const yt_network *net, const shock_bom *bom,
                           shock_answer **made)
{
    shock_answer *a = calloc(1, sizeof *a);
    if (!a)
        return YT_ENOMEM;
    size_t users = (size_t)net->end_uses.count * (size_t)net->regions.count;
    *a = (shock_answer){.plan = p, .net = net, .bom = bom, .lines = bom ? bom->products : 0};
    a->user_use = calloc(users, sizeof *a->user_use);
    a->user_region = calloc(users, sizeof *a->user_region);
    a->market = calloc((size_t)net->nodes, sizeof *a->market);
    a->element = calloc((size_t)net->elements.count, sizeof *a->element);
    if (!a->user_use || !a->user_region || !a->market || !a->element) {
        shock_answer_free(a);
        return YT_ENOMEM;
    }
    list_subjects(a);
    for (int i = 0; i < NUMBERS; i++)
        a->count += subjects(a, numbers[i].about);
    *made = a;
    return YT_OK;
}

void shock_answer_free(shock_answer *a)
{
    if (!a)
        return;
    free(a->user_use);
    free(a->user_region);
    free(a->market);
    free(a->element);
    free(a);
}

int32_t shock_answer_count(const shock_answer *a)
{
    return a->count;
}

static int32_t first_of(const shock_answer *a, int number)
{
    int32_t first = 0;
    for (int i = 0; i < number; i++)
        first += subjects(a, numbers[i].about);
    return first;
}

shock_key shock_answer_key(const shock_answer *a, int32_t i)
{
    int n = 0;
    while (i >= subjects(a, numbers[n].about))
        i -= subjects(a, numbers[n++].about);
    shock_key key = {numbers[n].name, "", "", numbers[n].unit};
    const yt_network *net = a->net;
    if (numbers[n].about == USER) {
        key.region = net->regions.id[a->user_region[i]];
        key.about = net->end_uses.id[a->user_use[i]];
    } else if (numbers[n].about == ELEMENT) {
        key.about = net->elements.id[a->element[i]];
    } else if (numbers[n].about == MARKET) {
        key.region = net->regions.id[net->node[a->market[i]].region];
        key.about = net->commodities.id[net->node[a->market[i]].commodity];
    } else if (numbers[n].about == LINE) {
        key.region = net->regions.id[a->bom->region[i]];
        key.about = a->bom->product[i];
    }
    return key;
}

/* ---------------------------------------------------------------------------- what is missing */

typedef struct pair {
    const shock_plan *plan;
    const yt_network *net;
    const yt_run *before;
    const shock_leg *without, *with;
} pair;

static double at(const double *table, int32_t k, int32_t width, int32_t i)
{
    return table[(size_t)k * (size_t)width + (size_t)i];
}

/* What a segment would have bought: what it buys without the shock, or as much more as the shock
 * makes it want. */
static double due(const pair *w, int32_t k, int32_t s)
{
    int32_t n = w->net->segments;
    double served = at(w->without->served, k, n, s), now = at(w->with->wanted, k, n, s),
           then = at(w->without->wanted, k, n, s);
    return now > then && then > 0 ? served * now / then : served;
}

static double missing(const pair *w, int32_t k, int32_t s)
{
    return fmax(0, due(w, k, s) - at(w->with->served, k, w->net->segments, s));
}

/* Of the tiers flexible, normal, critical, in this order, what `lacking` of `had` takes. */
static void split_by_tier(const network_segment *segment, double wanted, double had, double lacking,
                          double tier[3])
{
    double critical = fmin(had, segment->share_critical * wanted);
    double normal =
        fmin(had - critical, (1 - segment->share_critical - segment->share_flexible) * wanted);
    double flexible = had - critical - normal;
    tier[2] = fmin(lacking, flexible);
    tier[1] = fmin(lacking - tier[2], normal);
    tier[0] = fmin(lacking - tier[2] - tier[1], critical);
}

static void missing_by_tier(const pair *w, int32_t k, int32_t s, double tier[3])
{
    int32_t n = w->net->segments;
    double wanted = fmax(at(w->without->wanted, k, n, s), at(w->with->wanted, k, n, s));
    split_by_tier(&w->net->segment[s], wanted, due(w, k, s), missing(w, k, s), tier);
}

/* Nobody pays more than the price at which the last buyer gives up. */
static double price_paid(const pair *w, const shock_leg *leg, int32_t k, int32_t s)
{
    int32_t node = w->net->segment[s].node;
    double most = *VIEW(w->net, w->before, curve_top) * VIEW(w->net, w->before, choke)[s] *
                  VIEW(w->net, w->before, reference_price)[node];
    return fmin(most, at(leg->price, k, w->net->nodes, node));
}

/* Of a segment in a month, USD: the strip of its demand curve between the two prices. */
static double lost_by(const pair *w, int32_t k, int32_t s)
{
    int32_t n = w->net->segments;
    double before = at(w->without->served, k, n, s), now = at(w->with->served, k, n, s);
    if (before + now < 1e-9)
        return 0;
    return 0.5 * (before + now) * (price_paid(w, w->with, k, s) - price_paid(w, w->without, k, s));
}

double shock_loss(const shock_plan *p, const yt_network *net, const yt_run *before,
                  const shock_leg *without, const shock_leg *with, int32_t months,
                  double *by_end_use)
{
    pair w = {p, net, before, without, with};
    double sum = 0;
    if (by_end_use)
        memset(by_end_use, 0, (size_t)net->end_uses.count * sizeof *by_end_use);
    for (int32_t k = 0; k < months && k < with->months; k++)
        for (int32_t s = 0; s < net->segments; s++) {
            if (!p->felt[net->segment[s].region])
                continue;
            double lost = lost_by(&w, k, s);
            sum += lost;
            if (by_end_use)
                by_end_use[net->segment[s].end_use] += lost;
        }
    return sum;
}

/* Critical use by worth in a month, and what of it is missing. */
static double critical_missing(const pair *w, int32_t k, const double *reference, double *due_worth)
{
    double lacking = 0, whole = 0;
    for (int32_t s = 0; s < w->net->segments; s++) {
        const network_segment *segment = &w->net->segment[s];
        double tier[3], worth = reference[segment->node];
        if (!w->plan->felt[segment->region])
            continue;
        missing_by_tier(w, k, s, tier);
        lacking += worth * tier[0];
        whole += worth * fmin(due(w, k, s), segment->share_critical *
                                                at(w->without->wanted, k, w->net->segments, s));
    }
    *due_worth = whole;
    return lacking;
}

double shock_unmet_critical(const shock_plan *p, const yt_network *net, const shock_leg *without,
                            const shock_leg *with, int32_t months, double *worst)
{
    const double *reference = net->parameter + net->offset[VAR_reference_price];
    pair w = {p, net, NULL, without, with};
    double lacking = 0, whole = 0;
    *worst = 0;
    for (int32_t k = 0; k < months && k < with->months; k++) {
        double due_worth, now = critical_missing(&w, k, reference, &due_worth);
        lacking += now;
        whole += due_worth;
        if (due_worth > 0)
            *worst = fmax(*worst, now / due_worth);
    }
    return whole > 0 ? lacking / whole : 0;
}

/* Month in which critical use first misses 5 %; -1: never. */
static double critical_short(const pair *w)
{
    const double *reference = w->net->parameter + w->net->offset[VAR_reference_price];
    for (int32_t k = 0; k < w->with->months; k++) {
        double due_worth, now = critical_missing(w, k, reference, &due_worth);
        if (due_worth > 0 && now > SHORT * due_worth)
            return k;
    }
    return -1;
}

/* ------------------------------------------------------------------------------------ users */

typedef struct book {
    const shock_answer *answer;
    double *value;
    bool *censored;
} book;

static void put(const book *b, int number, int32_t i, double value)
{
    b->value[first_of(b->answer, number) + i] = value;
}

/* Months until something; `never` months when it did not come to pass. */
static void put_time(const book *b, int number, int32_t i, double months, double never)
{
    int32_t slot = first_of(b->answer, number) + i;
    b->value[slot] = months < 0 ? never : months;
    b->censored[slot] = months < 0;
}

typedef struct user_sum {
    double tier[3], worth, lost, worst;
    int32_t first; /* month; NONE */
} user_sum;

static void add_user_month(const pair *w, const shock_answer *a, int32_t i, int32_t k,
                           user_sum *sum)
{
    double lacking = 0, whole = 0;
    for (int32_t s = 0; s < w->net->segments; s++) {
        const network_segment *segment = &w->net->segment[s];
        double tier[3], now = missing(w, k, s);
        if (segment->end_use != a->user_use[i] || segment->region != a->user_region[i])
            continue;
        missing_by_tier(w, k, s, tier);
        for (int t = 0; t < 3; t++)
            sum->tier[t] += tier[t];
        sum->worth += now > 0 ? now * price_paid(w, w->without, k, s) : 0;
        sum->lost += lost_by(w, k, s);
        lacking += now;
        whole += due(w, k, s);
    }
    double share = whole > USED ? lacking / whole : 0;
    sum->worst = fmax(sum->worst, share);
    if (share > SHORT && sum->first == YT_NONE)
        sum->first = k;
}

static int32_t measure_users(const pair *w, const book *b)
{
    int32_t months = w->with->months, first = YT_NONE;
    for (int32_t i = 0; i < b->answer->users; i++) {
        user_sum sum = {.first = YT_NONE};
        for (int32_t k = 0; k < months; k++)
            add_user_month(w, b->answer, i, k, &sum);
        put(b, N_unmet_critical, i, sum.tier[0]);
        put(b, N_unmet_normal, i, sum.tier[1]);
        put(b, N_unmet_flexible, i, sum.tier[2]);
        put(b, N_unmet_worth, i, sum.worth);
        put(b, N_user_loss, i, sum.lost);
        put(b, N_short_worst, i, sum.worst);
        put_time(b, N_short_after, i, sum.first, months);
        if (sum.first != YT_NONE && (first == YT_NONE || sum.first < first))
            first = sum.first;
    }
    return first;
}

/* ---------------------------------------------------------------------------------- markets */

static double both_sides(const pair *w, const double *table, int32_t k, int32_t node)
{
    int32_t twin = w->net->node[node].twin;
    double sum = at(table, k, w->net->nodes, node);
    return sum + (twin == YT_NONE ? 0 : at(table, k, w->net->nodes, twin));
}

/* What still comes each month when every lane that the shock touches is shut as far as it will
 * be in its worst month. */
static double cut_from(const pair *w, int32_t node)
{
    double lost = 0;
    for (int32_t i = 0; i < w->net->arcs; i++) {
        const network_arc *arc = &w->net->arc[i];
        double share = 1;
        if (arc->to != node &&
            (w->net->node[node].twin == YT_NONE || arc->to != w->net->node[node].twin))
            continue;
        for (int32_t k = 0; k < w->plan->months; k++)
            share = fmin(share, shock_arc_share(w->plan, w->net, i, k));
        lost += (1 - share) * at(w->without->flow, 0, w->net->arcs, i);
    }
    return lost;
}

static double opening_stock(const pair *w, int32_t node)
{
    int32_t twin = w->net->node[node].twin;
    double stock = VIEW(w->net, w->before, reserve)[node];
    for (int32_t i = 0; i < w->net->holds; i++)
        if (w->net->hold[i].node == node || w->net->hold[i].node == twin)
            stock += VIEW(w->net, w->before, stock)[i];
    return stock;
}

static void measure_market(const pair *w, const book *b, int32_t i)
{
    int32_t node = b->answer->market[i], months = w->with->months;
    int32_t survives = YT_NONE, empty = YT_NONE, out = YT_NONE;
    double stock = opening_stock(w, node), peak = 1, worth = 0;
    for (int32_t k = 0; k < months; k++) {
        double then = both_sides(w, w->without->use, k, node);
        double now = both_sides(w, w->with->use, k, node);
        double price = at(w->with->price, k, w->net->nodes, node) /
                       at(w->without->price, k, w->net->nodes, node);
        bool is_market = then > USED;
        if (is_market && now < (1 - SHORT) * then && survives == YT_NONE)
            survives = k;
        if (both_sides(w, w->with->stock, k, node) < EMPTY * stock && empty == YT_NONE)
            empty = k + 1;
        if (is_market && (now < (1 - OVER) * then || fabs(price - 1) > PRICE_BACK))
            out = k;
        if (is_market && isfinite(price))
            peak = fmax(peak, price);
        if (is_market && now < then && isfinite(at(w->without->price, k, w->net->nodes, node)))
            worth += (then - now) * at(w->without->price, k, w->net->nodes, node);
    }
    double use = both_sides(w, w->without->use, 0, node);
    double cover = shortage_cover(stock, use, use - cut_from(w, node));
    put_time(b, N_cover, i, isfinite(cover) ? cover : -1, months);
    put_time(b, N_survive, i, survives, months);
    put_time(b, N_empty_after, i, stock > USED ? empty : -1, months);
    put_time(b, N_recover, i, out == months - 1 ? -1 : out + 1, months);
    put(b, N_price_peak, i, peak);
    put(b, N_market_short, i, worth);
    if (!(use > USED)) {
        static const int blank[] = {N_cover,   N_survive,    N_empty_after,
                                    N_recover, N_price_peak, N_market_short};
        for (size_t k = 0; k < sizeof blank / sizeof *blank; k++)
            put(b, blank[k], i, NAN);
    }
}

/* --------------------------------------------------------------------------------- materials */

static void measure_element(const pair *w, const book *b, int32_t i)
{
    int32_t e = b->answer->element[i], width = w->net->elements.count, good = w->plan->good_of[e];
    const double *reference = w->net->parameter + w->net->offset[VAR_reference_price];
    double lacking = 0, lacking_in_time = 0, whole = 0, price = NAN;
    for (int32_t k = 0; k < w->with->months; k++) {
        double then = at(w->without->used, k, width, e);
        lacking += then - at(w->with->used, k, width, e);
        lacking_in_time += k < w->plan->months ? then - at(w->with->used, k, width, e) : 0;
        whole += k < w->plan->months ? then : 0;
    }
    for (int32_t n = 0; n < w->net->nodes; n++)
        if (good != YT_NONE && w->net->node[n].kind == NODE_GOODS &&
            w->net->node[n].commodity == good)
            price = reference[n] / w->net->content[(size_t)good * (size_t)width + (size_t)e];
    put(b, N_element_short, i, lacking);
    put(b, N_element_short_share, i, whole > 0 ? lacking_in_time / whole : 0);
    put(b, N_element_worth, i, lacking * price);
}

/* ------------------------------------------------------------------------------------- lines */

/* What a line in a region can buy of a part, over what it could without the shock. */
static double fill_of(const pair *w, const shock_part *part, int32_t region, int32_t k)
{
    const yt_network *net = w->net;
    double now = 0, then = 0;
    for (int32_t n = 0; n < net->nodes; n++) {
        const network_node *node = &net->node[n];
        if (node->kind != NODE_GOODS || node->region != region)
            continue;
        double weight = part->element == YT_NONE
                            ? node->commodity == part->commodity
                            : net->content[(size_t)node->commodity * (size_t)net->elements.count +
                                           (size_t)part->element];
        now += weight * at(w->with->use, k, net->nodes, n);
        then += weight * at(w->without->use, k, net->nodes, n);
    }
    return then > 0 ? fmin(1, now / then) : 1;
}

/* The line buys its share of what there is and lives on its own stock for the rest. */
static void measure_line(const pair *w, const book *b, int32_t i)
{
    const shock_bom *bom = b->answer->bom;
    double runs = -1, worst = 1, short_of = NAN;
    int32_t number = 0;
    for (int32_t j = 0; j < bom->parts; j++) {
        const shock_part *part = &bom->part[j];
        double stock = part->stock;
        if (part->product != i)
            continue;
        for (int32_t k = 0; k < w->with->months; k++) {
            double fill = fill_of(w, part, bom->region[i], k), share = fmin(1, fill + stock);
            if (share < 1 - SHORT && (runs < 0 || k + stock / (1 - fill) < runs)) {
                runs = k + stock / (1 - fill);
                short_of = number;
            }
            stock = fmax(0, stock - (1 - fill));
            worst = fmin(worst, share);
        }
        number++;
    }
    put_time(b, N_line_runs, i, runs, w->with->months);
    put(b, N_line_short_of, i, short_of);
    put(b, N_line_worst, i, worst);
}

/* ------------------------------------------------------------------------------------- world */

/* Where what no longer came was made up for: tonnes of the elements, over the shock's months. */
static void account_for(const pair *w, const book *b)
{
    double lost = 0, other = 0, routes = 0, kept = 0, mines = 0, scrap = 0, released = 0, used = 0;
    int32_t months = w->plan->months;
    for (int32_t k = 0; k < months; k++) {
        for (int32_t i = 0; i < w->net->arcs; i++) {
            const network_arc *arc = &w->net->arc[i];
            bool into = w->plan->felt[w->net->node[arc->to].region],
                 from = w->plan->felt[w->net->node[arc->from].region];
            if (into == from || arc->kind == ARC_RESALE)
                continue;
            double more =
                shock_content(w->plan, w->net, arc->commodity) *
                (at(w->with->flow, k, w->net->arcs, i) - at(w->without->flow, k, w->net->arcs, i));
            bool is_cut = isfinite(shock_arc_share(w->plan, w->net, i, k));
            if (!into)
                kept -= more;
            else if (is_cut)
                lost -= more;
            else
                *(arc->kind == ARC_ILLEGAL ? &routes : &other) += more;
        }
        mines += w->with->mined[k] - w->without->mined[k];
        scrap += w->with->scrap[k] - w->without->scrap[k];
        released += w->with->released[k];
        used += w->without->bought[k] - w->with->bought[k];
    }
    put(b, N_lost_on_lanes, 0, lost);
    put(b, N_by_other_lanes, 0, other);
    put(b, N_by_routes, 0, routes);
    put(b, N_by_exports_kept, 0, kept);
    put(b, N_by_mines, 0, mines);
    put(b, N_by_scrap, 0, scrap);
    put(b, N_by_stocks, 0, w->without->stored[months - 1] - w->with->stored[months - 1]);
    put(b, N_by_reserve, 0, released);
    put(b, N_by_use, 0, used);
}

/* Is everything back: less than 1 % of use missing, prices of the goods within 20 %? */
static bool is_over(const pair *w, const shock_answer *a, int32_t k)
{
    double lacking = 0, whole = 0, then = 0, now = 0;
    for (int32_t s = 0; s < w->net->segments; s++)
        if (w->plan->felt[w->net->segment[s].region]) {
            double worth = price_paid(w, w->without, k, s);
            lacking += missing(w, k, s) > 0 ? worth * missing(w, k, s) : 0;
            whole += due(w, k, s) > 0 ? worth * due(w, k, s) : 0;
        }
    for (int32_t i = 0; i < a->markets; i++) {
        double use = both_sides(w, w->without->use, k, a->market[i]);
        double before = at(w->without->price, k, w->net->nodes, a->market[i]),
               price = at(w->with->price, k, w->net->nodes, a->market[i]);
        if (use > USED && isfinite(before)) {
            then += use * before;
            now += use * (isfinite(price) ? price : 10 * before);
        }
    }
    return lacking < OVER * whole && fabs(now - then) <= PRICE_BACK * then;
}

static double recovery_of(const pair *w, const shock_answer *a)
{
    for (int32_t k = w->with->months - 1; k >= 0; k--)
        if (!is_over(w, a, k))
            return k == w->with->months - 1 ? -1 : k + 1;
    return 0;
}

void shock_measure(const shock_answer *a, const yt_network *net, const yt_run *before,
                   const shock_leg *without, const shock_leg *with, double *value, bool *censored)
{
    pair w = {a->plan, net, before, without, with};
    book b = {a, value, censored};
    double worst;
    int32_t months = with->months;
    for (int32_t i = 0; i < a->count; i++) {
        value[i] = NAN;
        censored[i] = false;
    }
    if (without->broken || with->broken)
        return;
    put(&b, N_loss, 0, shock_loss(a->plan, net, before, without, with, months, NULL));
    put(&b, N_unmet_critical_share, 0,
        shock_unmet_critical(a->plan, net, without, with, a->plan->months, &worst));
    shock_unmet_critical(a->plan, net, without, with, months, &worst);
    put(&b, N_unmet_critical_worst, 0, worst);
    put_time(&b, N_recovery, 0, recovery_of(&w, a), months);
    put_time(&b, N_first_short, 0, measure_users(&w, &b), months);
    put_time(&b, N_critical_short, 0, critical_short(&w), months);
    account_for(&w, &b);
    for (int32_t i = 0; i < a->elements; i++)
        measure_element(&w, &b, i);
    for (int32_t i = 0; i < a->markets; i++)
        measure_market(&w, &b, i);
    for (int32_t i = 0; i < a->lines; i++)
        measure_line(&w, &b, i);
}

/* ------------------------------------------------------------------------------------- months */

enum {
    PRICE_WITHOUT,
    PRICE_WITH,
    STOCK_WITHOUT,
    STOCK_WITH,
    MARKET_PATHS,
    USER_DUE = 0,
    USER_CRITICAL,
    USER_NORMAL,
    USER_FLEXIBLE,
    USER_PATHS
};
static const char *const market_path[MARKET_PATHS][2] = {{"price_without", "USD/t"},
                                                         {"price_with", "USD/t"},
                                                         {"stock_without", "t"},
                                                         {"stock_with", "t"}};
static const char *const user_path[USER_PATHS][2] = {{"due", "t/month"},
                                                     {"missing_critical", "t/month"},
                                                     {"missing_normal", "t/month"},
                                                     {"missing_flexible", "t/month"}};

int32_t shock_path_count(const shock_answer *a)
{
    return MARKET_PATHS * a->markets + USER_PATHS * a->users;
}

shock_key shock_path_key(const shock_answer *a, int32_t i)
{
    const yt_network *net = a->net;
    if (i < MARKET_PATHS * a->markets) {
        const network_node *node = &net->node[a->market[i / MARKET_PATHS]];
        return (shock_key){market_path[i % MARKET_PATHS][0], net->regions.id[node->region],
                           net->commodities.id[node->commodity], market_path[i % MARKET_PATHS][1]};
    }
    i -= MARKET_PATHS * a->markets;
    return (shock_key){user_path[i % USER_PATHS][0],
                       net->regions.id[a->user_region[i / USER_PATHS]],
                       net->end_uses.id[a->user_use[i / USER_PATHS]], user_path[i % USER_PATHS][1]};
}

/* A price nobody can have the goods at is none. */
static float price_in(const pair *w, const shock_leg *leg, int32_t k, int32_t node)
{
    double price = at(leg->price, k, w->net->nodes, node);
    return isfinite(price) && both_sides(w, leg->use, k, node) > USED ? (float)price : (float)NAN;
}

static void follow_market(const pair *w, int32_t node, float *path[])
{
    for (int32_t k = 0; k < w->with->months; k++) {
        path[PRICE_WITHOUT][k] = price_in(w, w->without, k, node);
        path[PRICE_WITH][k] = price_in(w, w->with, k, node);
        path[STOCK_WITHOUT][k] = (float)both_sides(w, w->without->stock, k, node);
        path[STOCK_WITH][k] = (float)both_sides(w, w->with->stock, k, node);
    }
}

static void follow_user(const pair *w, const shock_answer *a, int32_t i, float *path[])
{
    for (int32_t k = 0; k < w->with->months; k++) {
        double whole = 0, sum[3] = {0};
        for (int32_t s = 0; s < w->net->segments; s++) {
            const network_segment *segment = &w->net->segment[s];
            double tier[3];
            if (segment->end_use != a->user_use[i] || segment->region != a->user_region[i])
                continue;
            missing_by_tier(w, k, s, tier);
            whole += due(w, k, s);
            for (int t = 0; t < 3; t++)
                sum[t] += tier[t];
        }
        path[USER_DUE][k] = (float)whole;
        for (int t = 0; t < 3; t++)
            path[USER_CRITICAL + t][k] = (float)sum[t];
    }
}

void shock_measure_paths(const shock_answer *a, const yt_network *net, const shock_leg *without,
                         const shock_leg *with, float *value)
{
    pair w = {a->plan, net, NULL, without, with};
    size_t months = (size_t)with->months;
    float *path[MARKET_PATHS > USER_PATHS ? MARKET_PATHS : USER_PATHS];
    if (without->broken || with->broken) {
        for (size_t i = 0; i < (size_t)shock_path_count(a) * months; i++)
            value[i] = (float)NAN;
        return;
    }
    for (int32_t i = 0; i < a->markets; i++) {
        for (int p = 0; p < MARKET_PATHS; p++, value += months)
            path[p] = value;
        follow_market(&w, a->market[i], path);
    }
    for (int32_t i = 0; i < a->users; i++) {
        for (int p = 0; p < USER_PATHS; p++, value += months)
            path[p] = value;
        follow_user(&w, a, i, path);
    }
}
