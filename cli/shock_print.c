/* shock_print.c - the tables of ytterby shock, for a terminal and as JSON. */
#include "shock_print.h"

#include "base/calendar.h"
#include "base/math.h"
#include "base/stats.h"
#include "network/network.h"
#include "study/ranks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 12 /* rows of a table without --all */

typedef struct printer {
    cli *c;
    FILE *out;
    json_writer *json;
    const yt_network *net;
    const shock_plan *plan;
    const shock_result *r;
} printer;

/* ------------------------------------------------------------------------------- finding */

/* The number of this name about this; NONE. */
static int32_t find(const printer *p, const char *name, const char *region, const char *about)
{
    for (int32_t i = 0; i < p->r->numbers; i++) {
        shock_key k = shock_answer_key(p->r->answer, i);
        if (strcmp(k.name, name) == 0 && strcmp(k.region, region) == 0 &&
            strcmp(k.about, about) == 0)
            return i;
    }
    return YT_NONE;
}

static shock_spread spread(const printer *p, const char *name, const char *region,
                           const char *about)
{
    int32_t i = find(p, name, region, about);
    return i == YT_NONE ? (shock_spread){.mean = NAN, .median = NAN, .low = NAN, .high = NAN}
                        : shock_spread_of(p->r, i);
}

static double middle(const printer *p, const char *name, const char *region, const char *about)
{
    return spread(p, name, region, about).median;
}

/* -------------------------------------------------------------------------------- cells */

static void rounded(cli_table *t, double value, int digits)
{
    double scale = yt_pow(10, digits);
    cli_table_number(t, isfinite(value) ? round(value * scale) / scale : (double)NAN);
}

static void share(cli_table *t, double value)
{
    rounded(t, 100 * value, 1);
}

/* Months until something; in most worlds it never came: "never". */
static void months(cli_table *t, shock_spread s, const char *never)
{
    char text[32];
    if (s.n == 0) {
        cli_table_text(t, NULL);
        return;
    }
    if (2 * s.censored > s.n)
        snprintf(text, sizeof text, "%s", never);
    else
        snprintf(text, sizeof text, "%.3g", s.median);
    cli_table_text(t, text);
}

static void end_table(const printer *p, const char *name, const char *title, cli_table *t)
{
    if (p->json) {
        json_key(p->json, name);
        cli_table_write_json(p->json, t);
    } else {
        fprintf(p->out, "\n%s%s%s\n", cli_paint(p->c, p->out, CLI_BOLD), title,
                cli_paint(p->c, p->out, CLI_PLAIN));
        cli_table_write(p->c, p->out, t);
    }
    cli_table_free(t);
}

/* --------------------------------------------------------------------------- sorting rows */

typedef struct order {
    double by;
    int32_t number;
} order;

static int compare_order(const void *a, const void *b)
{
    const order *x = a, *y = b;
    return x->by < y->by ? 1 : x->by > y->by ? -1 : x->number - y->number;
}

/* Numbers of this name, most first; NAN and what is not over `least` are left out. */
static int32_t ranked(const printer *p, const char *name, double least, order *row)
{
    int32_t n = 0;
    for (int32_t i = 0; i < p->r->numbers; i++) {
        if (strcmp(shock_answer_key(p->r->answer, i).name, name) != 0)
            continue;
        double mean = shock_spread_of(p->r, i).mean;
        if (mean > least)
            row[n++] = (order){mean, i};
    }
    qsort(row, (size_t)n, sizeof *row, compare_order);
    return n;
}

static int32_t shown(const printer *p, int32_t n)
{
    return p->json || cli_has(p->c, "all") || n < SHOWN ? n : SHOWN;
}

/* ------------------------------------------------------------------------------- tables */

static void print_summary(const printer *p)
{
    static const char *const name[] = {"number",           "mean", "p05", "median", "p95", "unit",
                                       "worlds_without_it"};
    cli_table *t = cli_table_new(7, name);
    for (int32_t i = 0; i < p->r->numbers; i++) {
        shock_key k = shock_answer_key(p->r->answer, i);
        shock_spread s = shock_spread_of(p->r, i);
        if (*k.about || *k.region)
            continue;
        cli_table_text(t, k.name);
        rounded(t, s.mean, 4);
        rounded(t, s.low, 4);
        rounded(t, s.median, 4);
        rounded(t, s.high, 4);
        cli_table_text(t, k.unit);
        cli_table_integer(t, s.censored);
    }
    end_table(p, "summary", "In all", t);
}

/* Who runs short: end uses, most worth first; the critical tier last, as it is served first. */
static void print_users(const printer *p, order *row)
{
    static const char *const name[] = {"end_use",    "region",     "short_after",
                                       "worst_%",    "flexible_t", "normal_t",
                                       "critical_t", "unmet_musd", "loss_musd"};
    int32_t n = ranked(p, "user_loss", 0, row);
    cli_table *t = cli_table_new(9, name);
    for (int32_t i = 0; i < shown(p, n); i++) {
        shock_key k = shock_answer_key(p->r->answer, row[i].number);
        cli_table_text(t, k.about);
        cli_table_text(t, k.region);
        months(t, spread(p, "short_after", k.region, k.about), "never");
        share(t, middle(p, "short_worst", k.region, k.about));
        rounded(t, spread(p, "unmet_flexible", k.region, k.about).mean, 2);
        rounded(t, spread(p, "unmet_normal", k.region, k.about).mean, 2);
        rounded(t, spread(p, "unmet_critical", k.region, k.about).mean, 2);
        rounded(t, 1e-6 * spread(p, "unmet_worth", k.region, k.about).mean, 2);
        rounded(t, 1e-6 * row[i].by, 2);
    }
    end_table(p, "users", "Who loses: unmet demand by end use and tier, months after the start", t);
}

/* What is missing of each element and what it is worth: the shape of official shortfall tables. */
static void print_materials(const printer *p, order *row)
{
    static const char *const name[] = {"element", "short_t", "p05_t", "p95_t", "short_%", "musd"};
    int32_t n = ranked(p, "element_short", -INFINITY, row);
    cli_table *t = cli_table_new(6, name);
    for (int32_t i = 0; i < n; i++) {
        shock_key k = shock_answer_key(p->r->answer, row[i].number);
        shock_spread s = shock_spread_of(p->r, row[i].number);
        cli_table_text(t, k.about);
        rounded(t, s.mean, 3);
        rounded(t, s.low, 3);
        rounded(t, s.high, 3);
        share(t, spread(p, "element_short_share", "", k.about).mean);
        rounded(t, 1e-6 * spread(p, "element_worth", "", k.about).mean, 3);
    }
    end_table(p, "materials",
              "Shortfall by material: in goods that users did without; share while it lasts", t);
}

static void print_markets(const printer *p, order *row)
{
    static const char *const name[] = {"good",  "region",  "cover",   "survive",
                                       "empty", "recover", "price_x", "missing_musd"};
    int32_t n = ranked(p, "market_short", 0, row);
    cli_table *t = cli_table_new(8, name);
    for (int32_t i = 0; i < shown(p, n); i++) {
        shock_key k = shock_answer_key(p->r->answer, row[i].number);
        cli_table_text(t, k.about);
        cli_table_text(t, k.region);
        months(t, spread(p, "cover", k.region, k.about), "for ever");
        months(t, spread(p, "survive", k.region, k.about), "always");
        months(t, spread(p, "empty_after", k.region, k.about), "never");
        months(t, spread(p, "recover", k.region, k.about), "not yet");
        rounded(t, middle(p, "price_peak", k.region, k.about), 2);
        rounded(t, 1e-6 * row[i].by, 3);
    }
    end_table(p, "markets",
              "Markets: months of cover by arithmetic, to survive, until stocks are empty, to "
              "recover; peak price over the price without; worth of what is missing",
              t);
}

/* What made up for it: tonnes of the elements. */
static void print_account(const printer *p)
{
    static const char *const made_up[] = {"by_other_lanes", "by_routes", "by_exports_kept",
                                          "by_mines",       "by_scrap",  "by_stocks",
                                          "by_reserve",     "by_use"};
    static const char *const words[] = {"other origins and third countries",
                                        "routes without permit",
                                        "less shipped on",
                                        "more mined",
                                        "more old goods returned",
                                        "stocks of traders and users",
                                        "the reserve",
                                        "users did without"};
    static const char *const name[] = {"what_made_up_for_it", "t", "%"};
    double lost = spread(p, "lost_on_lanes", "", "").mean, sum = 0;
    cli_table *t = cli_table_new(3, name);
    cli_table_text(t, "no longer came");
    rounded(t, lost, 3);
    cli_table_text(t, NULL);
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++) {
        double tonnes = spread(p, made_up[i], "", "").mean;
        cli_table_text(t, words[i]);
        rounded(t, tonnes, 3);
        rounded(t, lost > 0 ? 100 * tonnes / lost : (double)NAN, 1);
        sum += tonnes;
    }
    cli_table_text(t, "less waste, and what is on its way");
    rounded(t, lost - sum, 3);
    rounded(t, lost > 0 ? 100 * (lost - sum) / lost : (double)NAN, 1);
    end_table(p, "account", "Where the elements came from instead, t of them over the shock", t);
}

/* Paths of the markets that miss most, without and with. */
static void print_prices(const printer *p, order *row)
{
    static const char *const name[] = {"good", "region", "month", "without", "with"};
    int32_t n = ranked(p, "market_short", 0, row), most = p->json ? n : n < 3 ? n : 3;
    cli_table *t = cli_table_new(5, name);
    for (int32_t i = 0; i < most; i++) {
        shock_key k = shock_answer_key(p->r->answer, row[i].number);
        int32_t node = YT_NONE;
        for (int32_t m = 0; m < p->net->nodes; m++)
            if (p->net->node[m].kind == NODE_GOODS && p->net->node[m].side != SIDE_CONTRACT &&
                p->net->commodities.id[p->net->node[m].commodity] == k.about &&
                p->net->regions.id[p->net->node[m].region] == k.region)
                node = m;
        for (int32_t m = 0; node != YT_NONE && m < p->r->months; m += p->json ? 1 : 6) {
            size_t at = (size_t)m * (size_t)p->net->nodes + (size_t)node;
            char month[8];
            calendar_format(p->plan->start + m, month);
            cli_table_text(t, k.about);
            cli_table_text(t, k.region);
            cli_table_text(t, month);
            rounded(t, p->r->price_without[at], 0);
            rounded(t, p->r->price_with[at], 0);
        }
    }
    end_table(p, "prices", "Prices of what is missing most, USD/t", t);
}

static void print_lines(const printer *p, const shock_bom *bom)
{
    static const char *const name[] = {"product",    "runs_months", "p05",     "p95",
                                       "stops_in_%", "worst_%",     "short_of"};
    cli_table *t = cli_table_new(7, name);
    for (int32_t i = 0; bom && i < bom->products; i++) {
        const char *region = p->net->regions.id[bom->region[i]];
        shock_spread s = spread(p, "line_runs", region, bom->product[i]);
        double number = middle(p, "line_short_of", region, bom->product[i]);
        const char *good = NULL;
        int32_t k = 0;
        for (int32_t j = 0; j < bom->parts; j++)
            if (bom->part[j].product == i && (double)k++ == round(number))
                good = bom->part[j].commodity != YT_NONE
                           ? p->net->commodities.id[bom->part[j].commodity]
                           : p->net->elements.id[bom->part[j].element];
        cli_table_text(t, bom->product[i]);
        months(t, s, "always");
        rounded(t, s.low, 1);
        rounded(t, s.high, 1);
        share(t, s.n > 0 ? 1 - (double)s.censored / s.n : (double)NAN);
        share(t, middle(p, "line_worst", region, bom->product[i]));
        cli_table_text(t, good);
    }
    if (bom)
        end_table(p, "lines", "Your lines: months until they cannot run whole", t);
    else
        cli_table_free(t);
}

static void print_measures(const printer *p)
{
    static const char *const name[] = {"measure", "loss_musd", "avoided_musd", "unmet_critical_%",
                                       "what"};
    cli_table *t = cli_table_new(5, name);
    for (int32_t i = 0; i < p->r->measures; i++) {
        const shock_measure_row *m = &p->r->measure[i];
        cli_table_text(t, m->name);
        rounded(t, 1e-6 * m->loss, 2);
        rounded(t, 1e-6 * m->loss_avoided, 2);
        rounded(t, 100 * m->unmet, 2);
        cli_table_text(t, m->what);
    }
    if (p->r->measures > 0)
        end_table(p, "measures", "Single measures, best first (priorities are not modelled)", t);
    else
        cli_table_free(t);
}

static void print_stock(const printer *p, const shock_options *o)
{
    if (isnan(o->limit))
        return;
    double *sorted = malloc((size_t)p->r->worlds * sizeof *sorted);
    if (!sorted)
        return;
    memcpy(sorted, p->r->least_stock, (size_t)p->r->worlds * sizeof *sorted);
    stats_sort(sorted, p->r->worlds);
    int32_t at = (int32_t)ceil(o->probability * p->r->worlds) - 1;
    double needed = sorted[at < 0 ? 0 : at];
    if (p->json) {
        json_key_number(p->json, "least_stock_months", needed);
    } else if (isfinite(needed)) {
        fprintf(p->out,
                "\nStocks of %.1f months of critical use keep its unserved share below %g %% in "
                "%g %% of the worlds.\n",
                needed, 100 * o->limit, 100 * o->probability);
    } else {
        fprintf(p->out,
                "\nNo stock of up to 60 months of critical use keeps its unserved share below %g "
                "%% in %g %% of the worlds: what users miss is made of it elsewhere, or is missing "
                "for another reason.\n",
                100 * o->limit, 100 * o->probability);
    }
    free(sorted);
}

static void print_head(const printer *p, const shock_options *o)
{
    char month[8], why[256];
    calendar_format(p->plan->start, month);
    shock_spread first = spread(p, "first_short", "", ""), back = spread(p, "recovery", "", "");
    const char *explanation = shock_explain(p->plan, p->r, why, sizeof why);
    if (p->json) {
        json_key_text(p->json, "shock", p->plan->name);
        json_key_text(p->json, "what", p->plan->what);
        json_key_text(p->json, "from", month);
        json_key_integer(p->json, "months", p->plan->months);
        json_key_integer(p->json, "worlds", o->worlds);
        json_key_integer(p->json, "broken", p->r->broken);
        json_key_number(p->json, "seconds", p->r->seconds);
        json_key_number(p->json, "worst_closure", p->r->worst_closure);
        json_key_number(p->json, "worst_certificate", p->r->worst_certificate);
        json_key_text(p->json, "explanation", explanation);
        return;
    }
    fprintf(p->out, "%s: %s, %d months from %s; %s\n", p->plan->name, p->plan->what,
            (int)p->plan->months, month, o->worlds == 0 ? "the world of modes" : "drawn worlds");
    if (2 * first.censored > first.n)
        fprintf(p->out, "No user misses 5 %% of what it would have bought.\n");
    else
        fprintf(p->out, "The first user is short after %.3g months.  ", first.median);
    if (2 * back.censored > back.n)
        fprintf(p->out, "It is not over %d months after the end.\n", (int)p->plan->watched);
    else if (back.median > 0)
        fprintf(p->out, "It is over %.3g months after it began.\n", back.median);
    else
        fprintf(p->out, "Users together never miss 1 %%, and prices stay within 20 %%.\n");
    if (explanation)
        fprintf(p->out, "Why so little: %s.\n", explanation);
    fprintf(p->out, "Loss of users: %.4g million USD (5 %%: %.4g, 95 %%: %.4g)\n",
            1e-6 * spread(p, "loss", "", "").mean, 1e-6 * spread(p, "loss", "", "").low,
            1e-6 * spread(p, "loss", "", "").high);
}

void shock_print(cli *c, const yt_network *net, const shock_plan *plan, const shock_bom *bom,
                 const shock_result *result, const shock_options *options)
{
    json_writer w;
    FILE *out = cli_out(c);
    order *row = calloc((size_t)result->numbers + 1, sizeof *row);
    if (!out || !row) {
        free(row);
        return;
    }
    if (c->json)
        w = cli_json_begin(c);
    printer p = {c, out, c->json ? &w : NULL, net, plan, result};
    print_head(&p, options);
    if (c->json || cli_has(c, "all"))
        print_summary(&p);
    print_users(&p, row);
    print_materials(&p, row);
    print_markets(&p, row);
    print_account(&p);
    print_prices(&p, row);
    print_lines(&p, bom);
    print_measures(&p);
    print_stock(&p, options);
    fflush(out);
    if (c->json)
        cli_json_end(c, &w);
    else
        cli_say(c, "%d worlds in %.1f s, %d broken; elements close to %.1e, worst certificate %.1e",
                (int)result->worlds, result->seconds, (int)result->broken, result->worst_closure,
                result->worst_certificate);
    free(row);
}

/* ------------------------------------------------------------------------------- the screen */

/* Of an element: its worst origin, and its place among the elements by what a year's stop costs
 * and by what it costs for each kg that is stopped. */
typedef struct screen_element {
    int32_t element, origin;
    double loss, per_kg;
} screen_element;

static int by_loss(const void *a, const void *b)
{
    double x = ((const screen_element *)a)->loss, y = ((const screen_element *)b)->loss;
    return x < y ? 1 : x > y ? -1 : 0;
}

static double loss_per_kg(const screen_row *row)
{
    return row->usual > 0 ? row->weighted[2] / (12e3 * row->usual) : 0;
}

static int32_t list_elements(const screen_result *r, int32_t elements, screen_element *list)
{
    int32_t n = 0;
    for (int32_t e = 0; e < elements; e++) {
        screen_element worst = {e, YT_NONE, -1, 0};
        for (int32_t i = 0; i < r->rows; i++)
            if (r->row[i].element == e && r->row[i].weighted[2] > worst.loss)
                worst = (screen_element){e, r->row[i].origin, r->row[i].weighted[2],
                                         loss_per_kg(&r->row[i])};
        if (worst.origin != YT_NONE)
            list[n++] = worst;
    }
    qsort(list, (size_t)n, sizeof *list, by_loss);
    return n;
}

static cli_table *element_table(const yt_network *net, const screen_result *r)
{
    static const char *const name[] = {"rank",    "element",    "worst_origin",
                                       "loss_12", "usd_per_kg", "rank_per_kg"};
    cli_table *t = cli_table_new(6, name);
    screen_element *list = calloc((size_t)net->elements.count, sizeof *list);
    int32_t n = list ? list_elements(r, net->elements.count, list) : 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t rank = 1;
        for (int32_t k = 0; k < n; k++)
            rank += list[k].per_kg > list[i].per_kg;
        cli_table_integer(t, i + 1);
        cli_table_text(t, net->elements.id[list[i].element]);
        cli_table_text(t, net->regions.id[list[i].origin]);
        rounded(t, 1e-6 * list[i].loss, 4);
        rounded(t, list[i].per_kg, 2);
        cli_table_integer(t, rank);
    }
    free(list);
    return t;
}

static cli_table *cell_table(const cli *c, const yt_network *net, const screen_result *r)
{
    static const char *const name[] = {"rank",       "element",   "origin",  "usual_t_month",
                                       "loss_3",     "loss_6",    "loss_12", "loss_24",
                                       "usd_per_kg", "unmet_12_%"};
    cli_table *t = cli_table_new(10, name);
    for (int32_t i = 0; i < r->rows && (c->json || cli_has(c, "all") || i < 2 * SHOWN); i++) {
        const screen_row *row = &r->row[i];
        cli_table_integer(t, i + 1);
        cli_table_text(t, net->elements.id[row->element]);
        cli_table_text(t, net->regions.id[row->origin]);
        rounded(t, row->usual, 3);
        for (int l = 0; l < SCREEN_LENGTHS; l++)
            rounded(t, 1e-6 * row->weighted[l], 4);
        rounded(t, loss_per_kg(row), 2);
        rounded(t, 100 * row->unmet[2], 2);
    }
    return t;
}

/* Published rankings: in how many pairs of elements the screen says the same. */
static cli_table *rank_table(const yt_model *model, const screen_result *r)
{
    static const char *const name[] = {"published",      "study",   "pairs",
                                       "same_by_loss",   "against", "per_kg",
                                       "against_per_kg", "grade",   "source"};
    cli_table *t = cli_table_new(9, name);
    ranks_of *of = calloc((size_t)model->table[TABLE_published].rows + 1, sizeof *of);
    int32_t n = of ? ranks_compare(model, r, of) : 0;
    for (int32_t i = 0; i < n; i++) {
        cli_table_text(t, of[i].id);
        cli_table_text(t, of[i].study);
        cli_table_integer(t, of[i].pairs);
        for (int by = 0; by < RANK_MEASURES; by++) {
            cli_table_integer(t, of[i].agree[by]);
            cli_table_text(t, of[i].against[by]);
        }
        cli_table_text(t, of[i].grade);
        cli_table_text(t, of[i].source);
    }
    free(of);
    return t;
}

/* The same for a terminal, a sentence each. */
static void say_ranks(FILE *out, const yt_model *model, const screen_result *r)
{
    static const char *const by[] = {"by loss", "by loss for each kg"};
    ranks_of *of = calloc((size_t)model->table[TABLE_published].rows + 1, sizeof *of);
    int32_t n = of ? ranks_compare(model, r, of) : 0;
    if (n > 0)
        fprintf(out, "\nPublished rankings: pairs of elements that the screen puts in the same "
                     "order\n");
    for (int32_t i = 0; i < n; i++) {
        fprintf(out, "%s, %s (%s)\n", of[i].id, of[i].study, of[i].source);
        for (int m = 0; m < RANK_MEASURES; m++)
            fprintf(out, "  %d of %d %s%s%s\n", (int)of[i].agree[m], (int)of[i].pairs, by[m],
                    *of[i].against[m] ? "; here " : "", of[i].against[m]);
    }
    free(of);
}

void screen_print(cli *c, const yt_model *model, const yt_network *net, const screen_result *r)
{
    json_writer w;
    FILE *out = cli_out(c);
    if (!out)
        return;
    cli_table *cells = cell_table(c, net, r), *elements = element_table(net, r);
    if (c->json) {
        w = cli_json_begin(c);
        json_key_integer(&w, "cells", r->cells);
        json_key_integer(&w, "broken", r->broken);
        json_key_number(&w, "seconds", r->seconds);
        json_key(&w, "elements");
        cli_table_write_json(&w, elements);
        json_key(&w, "screen");
        cli_table_write_json(&w, cells);
        cli_table *ranks = rank_table(model, r);
        json_key(&w, "published");
        cli_table_write_json(&w, ranks);
        cli_table_free(ranks);
        cli_json_end(c, &w);
    } else {
        fprintf(out, "Loss of the users that count, million USD, by months of the stop; for each "
                     "kg stopped in a year; share of critical use unserved\n");
        cli_table_write(c, out, cells);
        fprintf(out, "\nElements, by their worst origin and a year's stop\n");
        cli_table_write(c, out, elements);
        say_ranks(out, model, r);
        cli_say(c, "%d cells in %.1f s", (int)r->cells, r->seconds);
    }
    cli_table_free(cells);
    cli_table_free(elements);
}
