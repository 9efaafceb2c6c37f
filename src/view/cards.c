/* cards.c - the first screen: plain questions, answered from the result alone.
 *
 * One run has no spread of its own, so each card says what it rests on; the card on history
 * says how far off such answers have been.
 */
#include "view/inside.h"

#include "base/calendar.h"
#include "base/math.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THEN_YEARS 15 /* how far back "then" looks */
/* Of a commodity's mean price: below it is as good as given away, and no ratio means much. */
#define SMALLEST_PRICE 0.05

typedef struct card {
    const char *id, *section, *question;
    char answer[400], detail[900];
} card;

/* A card goes into view.json, or (page set) as plain words into the page. */
static bool begin_card(const view_sink *sink, const card *c)
{
    if (sink->page) {
        fputs("<h2>", sink->page);
        view_escape(sink->page, c->question);
        fputs("</h2>\n<p><strong>", sink->page);
        view_escape(sink->page, c->answer);
        fputs("</strong> ", sink->page);
        view_escape(sink->page, c->detail);
        fputs("</p>\n", sink->page);
        return false;
    }
    json_begin_object(sink->json);
    json_key_text(sink->json, "id", c->id);
    json_key_text(sink->json, "section", c->section);
    json_key_text(sink->json, "question", c->question);
    json_key_text(sink->json, "answer", c->answer);
    json_key_text(sink->json, "detail", c->detail);
    return true;
}

static void write_card(const view_sink *sink, const card *c)
{
    if (begin_card(sink, c))
        json_end_object(sink->json);
}

void view_card(const view_sink *sink, const char *id, const char *section, const char *question,
               const char *answer, const char *detail)
{
    card c = {.id = id, .section = section, .question = question};
    snprintf(c.answer, sizeof c.answer, "%s", answer);
    snprintf(c.detail, sizeof c.detail, "%s", detail);
    write_card(sink, &c);
}

/* Three significant digits, thousands apart: "8,940", "1.23", "0.045". */
const char *view_short_number(double value, char buffer[40])
{
    value = view_round(value, 3);
    if (fabs(value) >= 1e3) {
        char digits[40];
        snprintf(digits, sizeof digits, "%.0f", value);
        size_t n = strlen(digits), out = 0;
        for (size_t i = 0; i < n && out < 38; i++) {
            buffer[out++] = digits[i];
            if ((n - i) % 3 == 1 && i + 1 < n && digits[i] != '-')
                buffer[out++] = ',';
        }
        buffer[out] = '\0';
    } else {
        snprintf(buffer, 40, "%.3g", value);
    }
    return buffer;
}

static const char *month_text(const view_world *v, int32_t month, char buffer[8])
{
    calendar_format(v->start + month, buffer);
    return buffer;
}

/* Months until the end of the last observed year: what headlines of the past are about. */
static int32_t months_seen(const view_world *v)
{
    int32_t end = (v->now + 1) * 12 - v->start;
    return end < v->months ? end : v->months;
}

/* ------------------------------------------------------------------------------- the chain */

static int32_t year_then(const view_world *v)
{
    int32_t then = v->now - THEN_YEARS - v->first_year;
    return then < 0 ? 0 : then;
}

static void card_leader(const view_world *v, const view_sink *sink)
{
    int32_t now = v->now - v->first_year, then = year_then(v), stages = 0, led = 0;
    card c = {.id = "leader", .section = "concentration", .question = "Who holds the chain?"};
    for (int32_t s = 0; s < v->stage.n; s++) {
        double share;
        int32_t leader = view_leader(v, s, now, &share);
        stages += leader != YT_NONE;
        led += leader != YT_NONE && leader == v->exporter;
    }
    if (v->exporter == YT_NONE || stages == 0)
        return;
    snprintf(c.answer, sizeof c.answer, "%s leads %d of %d stages in %d.",
             v->region.name[v->exporter], led, stages, v->now);
    snprintf(c.detail, sizeof c.detail,
             "Largest producer of each stage by tonnes of activity, in %d and in %d.", v->now,
             v->first_year + then);
    if (!begin_card(sink, &c))
        return;
    json_writer *w = sink->json;
    json_key(w, "rows"); /* stage, leader and share now, leader and share then */
    json_begin_array(w);
    for (int32_t s = 0; s < v->stage.n; s++) {
        double share, before;
        int32_t leader = view_leader(v, s, now, &share);
        int32_t former = view_leader(v, s, then, &before);
        if (leader == YT_NONE)
            continue;
        json_begin_array(w);
        json_whole(w, s);
        json_whole(w, leader);
        json_number(w, view_round(share, 3));
        json_whole(w, former);
        json_number(w, view_round(before, 3));
        json_end_array(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void card_concentration(const view_world *v, const view_sink *sink)
{
    int32_t now = v->now - v->first_year, worst = YT_NONE;
    for (int32_t s = 0; s < v->stage.n; s++)
        if (isfinite(view_hhi(v, s, now)) &&
            (worst == YT_NONE || view_hhi(v, s, now) > view_hhi(v, worst, now)))
            worst = s;
    if (worst == YT_NONE)
        return;
    card c = {.id = "concentration",
              .section = "concentration",
              .question = "Where is the chain narrowest?"};
    double share, before = view_hhi(v, worst, year_then(v));
    int32_t leader = view_leader(v, worst, now, &share);
    char a[40], b[40];
    snprintf(c.answer, sizeof c.answer, "%s: %.0f %% of the world's in %s in %d.",
             v->stage.name[worst], 100 * share, v->region.name[leader], v->now);
    snprintf(c.detail, sizeof c.detail,
             "Herfindahl-Hirschman index %s of 10,000 in %d, %s in %d; above 2,500 counts as "
             "highly concentrated.",
             view_short_number(view_hhi(v, worst, now), a), v->now,
             isfinite(before) ? view_short_number(before, b) : "none",
             v->first_year + year_then(v));
    write_card(sink, &c);
}

/* What others took of a kind of commodity this year, and how much of it the exporter sent. */
static void taken_abroad(const view_world *v, int32_t group, double *taken, double *sent,
                         double *value)
{
    int32_t first = v->now * 12 - v->start, last = first + 11;
    *taken = *sent = *value = 0;
    if (first < 0 || last >= v->months)
        return;
    for (int32_t c = 0; c < v->commodity.n; c++)
        for (int32_t r = 0; r < v->region.n && v->commodity_group[c] == group; r++)
            if (r != v->exporter)
                *taken += view_sum(view_series(v, "use", r, c), first, last) +
                          view_sum(view_series(v, "feed", r, c), first, last);
    for (int32_t a = 0; a < v->arcs; a++) {
        const view_arc *arc = &v->arc[a];
        if (arc->origin == v->exporter && arc->destination != v->exporter &&
            v->commodity_group[arc->commodity] == group) {
            *sent += view_sum(arc->tonnes, first, last);
            *value += view_sum(arc->value, first, last);
        }
    }
}

static void card_dependence(const view_world *v, const view_sink *sink)
{
    int32_t group = YT_NONE;
    double most = 0, taken, sent, value;
    for (int32_t g = 0; g < v->group.n && v->exporter != YT_NONE; g++) {
        taken_abroad(v, g, &taken, &sent, &value);
        if (value > most && taken > 0) {
            most = value;
            group = g;
        }
    }
    if (group == YT_NONE)
        return;
    taken_abroad(v, group, &taken, &sent, &value);
    card c = {
        .id = "dependence", .section = "trade", .question = "How dependent is everyone else?"};
    char a[40], b[40];
    snprintf(c.answer, sizeof c.answer,
             "%s: what %s sent out in %d came to %.0f %% of what others used.",
             v->group.name[group], v->region.name[v->exporter], v->now, 100 * sent / taken);
    snprintf(c.detail, sizeof c.detail,
             "%s t sent, with or without permit, %s t used outside; part may have gone into stock "
             "or on to a third place, and goods that contain them are not counted. The kind of "
             "commodity whose export from there is worth most.",
             view_short_number(sent, a), view_short_number(taken, b));
    write_card(sink, &c);
}

/* --------------------------------------------------------------------------------- prices */

typedef struct gap_found {
    double ratio, inside, outside;
    int32_t commodity, region, month;
} gap_found;

static void search_gap(const view_world *v, int32_t commodity, gap_found *best)
{
    int32_t buyer[VIEW_BUYERS];
    const double *inside = view_series(v, "price", v->exporter, commodity);
    if (!inside || view_buyers(v, commodity, 1, buyer) == 0)
        return;
    const double *outside = view_series(v, "price", buyer[0], commodity);
    double usual = view_mean(inside, 0, v->months - 1);
    for (int32_t m = 2; m < months_seen(v); m++) {
        /* three months, so that one odd month does not make the headline */
        double in = view_mean(inside, m - 2, m), out = view_mean(outside, m - 2, m);
        if (in > SMALLEST_PRICE * usual && isfinite(out) && out / in > best->ratio) {
            gap_found found = {out / in, in, out, commodity, buyer[0], m - 1};
            *best = found;
        }
    }
}

static void card_gap(const view_world *v, const view_sink *sink)
{
    gap_found gap = {.commodity = YT_NONE};
    for (int32_t i = 0; v->exporter != YT_NONE && i < v->favourites && i < 12; i++)
        if (v->months > 2)
            search_gap(v, v->favourite[i], &gap);
    if (gap.commodity == YT_NONE)
        return;
    card c = {.id = "gap", .section = "prices", .question = "What did it cost to be outside?"};
    char a[40], b[40], r[40], month[8];
    snprintf(c.answer, sizeof c.answer, "%s: up to %s times the inside price, in the model.",
             v->commodity.name[gap.commodity], view_short_number(gap.ratio, r));
    snprintf(c.detail, sizeof c.detail,
             "%s paid %s USD/kg where %s paid %s, around %s (mean of three months, constant "
             "money, without tax).",
             v->region.name[gap.region], view_short_number(gap.outside / 1000, a),
             v->region.name[v->exporter], view_short_number(gap.inside / 1000, b),
             month_text(v, gap.month, month));
    double seen = view_seen_gap(v, gap.commodity, gap.month);
    size_t at = strlen(c.detail);
    if (isfinite(seen))
        snprintf(c.detail + at, sizeof c.detail - at, " On record about then: %s times.",
                 view_short_number(seen, r));
    if (!begin_card(sink, &c))
        return;
    json_key_integer(sink->json, "commodity", gap.commodity);
    json_key_integer(sink->json, "region", gap.region);
    json_end_object(sink->json);
}

/* Did the region take at least a quarter of its usual tonnes of the commodity?  Cover of those
 * who hardly use it says nothing. */
static bool is_in_use(const view_world *v, int32_t commodity, int32_t region, int32_t month)
{
    double now = 0, usual = 0;
    static const char *const taking[] = {"use", "feed"};
    for (int i = 0; i < 2; i++) {
        const double *taken = view_series(v, taking[i], region, commodity);
        now += view_sum(taken, month - 2, month) / 3;
        usual += view_sum(taken, 0, v->months - 1) / v->months;
    }
    return now > 0 && now >= 0.25 * usual;
}

static void card_cover(const view_world *v, const view_sink *sink)
{
    int32_t commodity = YT_NONE, region = YT_NONE, month = 0;
    double least = INFINITY;
    for (int32_t i = 0; i < v->favourites && i < 12; i++) {
        int32_t buyer[VIEW_BUYERS], n = view_buyers(v, v->favourite[i], VIEW_BUYERS, buyer);
        for (int32_t b = 0; b < n; b++) {
            const double *cover = view_series(v, "cover", buyer[b], v->favourite[i]);
            for (int32_t m = 11; cover && m < months_seen(v); m++)
                /* a plant that opens finds empty shelves: it says nothing either */
                if (view_mean(cover, m - 2, m) < least &&
                    is_in_use(v, v->favourite[i], buyer[b], m) &&
                    is_in_use(v, v->favourite[i], buyer[b], m - 9)) {
                    least = view_mean(cover, m - 2, m);
                    commodity = v->favourite[i];
                    region = buyer[b];
                    month = m - 1;
                }
        }
    }
    if (commodity == YT_NONE)
        return;
    card c = {.id = "cover", .section = "stocks", .question = "When were the shelves emptiest?"};
    char a[40], m[8];
    snprintf(c.answer, sizeof c.answer, "%s in %s: %s months of use around %s.",
             v->commodity.name[commodity], v->region.name[region],
             least < 0.1 ? "less than 0.1" : view_short_number(least, a), month_text(v, month, m));
    snprintf(c.detail, sizeof c.detail,
             "Lowest stock cover among the largest buyers of the most traded commodities, mean "
             "of three months. Opening stocks are weakly known; see data quality.");
    if (!begin_card(sink, &c))
        return;
    json_key_integer(sink->json, "commodity", commodity);
    json_key_integer(sink->json, "region", region);
    json_end_object(sink->json);
}

typedef struct shortfall {
    double share;
    int32_t use, year;
} shortfall;

/* Largest yearly gap of an end use between wanted and bought. */
static shortfall worst_shortfall(const view_world *v, int32_t from, int32_t to)
{
    shortfall worst = {0, YT_NONE, 0};
    for (int32_t u = 0; u < v->end_use.n; u++)
        for (int32_t year = from; year <= to; year++) {
            double wanted = 0, served = 0;
            int32_t first = year * 12 - v->start, last = first + 11;
            for (int32_t i = 0; i < v->uses && first >= 0 && last < v->months; i++)
                if (v->use[i].end_use == u) {
                    wanted += view_sum(v->use[i].wanted, first, last);
                    served += view_sum(v->use[i].served, first, last);
                }
            if (wanted > 0 && 1 - served / wanted > worst.share) {
                shortfall found = {1 - served / wanted, u, year};
                worst = found;
            }
        }
    return worst;
}

static void card_shortage(const view_world *v, const view_sink *sink)
{
    shortfall past = worst_shortfall(v, v->first_year, v->now);
    shortfall ahead = worst_shortfall(v, v->now + 1, v->first_year + v->years - 1);
    if (past.use == YT_NONE)
        return;
    card c = {.id = "shortage", .section = "shortage", .question = "Who went short?"};
    snprintf(c.answer, sizeof c.answer,
             "%s: %.0f %% of what was wanted was not bought in %d, in the model.",
             v->end_use.name[past.use], 100 * past.share, past.year);
    int at = snprintf(c.detail, sizeof c.detail,
                      "Largest yearly gap of any end use until %d between what was wanted at "
                      "reference prices and what was bought, all regions and tiers together.",
                      v->now);
    if (ahead.use != YT_NONE)
        snprintf(c.detail + at, sizeof c.detail - (size_t)at,
                 " After that up to %.0f %% (%s, %d), with no more plants than the case dates: a "
                 "consequence of that, not a forecast.",
                 100 * ahead.share, v->end_use.name[ahead.use], ahead.year);
    write_card(sink, &c);
}

/* ------------------------------------------------------------------------ how far to trust */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Prices of the years of a role, in a sentence. */
static void put_role(const view_world *v, const char *role, const char *years, double *error,
                     char *detail, size_t room)
{
    int32_t n = 0, at = (int32_t)strlen(detail);
    char half[40];
    for (int32_t i = 0; i < v->rows; i++) {
        const view_row *row = &v->row[i];
        if (row->is_compared && !row->is_read && row->role && text_equal(row->role, role) &&
            text_equal(row->seen->series, "price"))
            error[n++] = fabs(row->error);
    }
    if (n == 0)
        return;
    qsort(error, (size_t)n, sizeof *error, by_size);
    snprintf(detail + at, room - (size_t)at,
             " Of %d prices of years %s, half are within a factor of %s.", n, years,
             view_short_number(yt_exp(error[n / 2]), half));
}

static void card_history(const view_world *v, const view_sink *sink)
{
    int32_t compared = 0, computed = 0, near = 0;
    double *error = arena_array(v->memory, (size_t)v->rows + 1, sizeof *error);
    const view_row *worst = NULL;
    for (int32_t i = 0; error && i < v->rows; i++) {
        const view_row *row = &v->row[i];
        compared += row->is_compared;
        if (!row->is_compared || row->is_read)
            continue;
        worst = worst ? worst : row;
        error[computed++] = fabs(row->error);
        near += fabs(row->error) <= yt_ln(1.5);
    }
    if (computed == 0)
        return;
    qsort(error, (size_t)computed, sizeof *error, by_size);
    card c = {
        .id = "history", .section = "history", .question = "Does it reproduce what happened?"};
    char typical[40], miss[40];
    snprintf(c.answer, sizeof c.answer, "Half of the %d computed rows are within a factor of %s.",
             computed, view_short_number(yt_exp(error[computed / 2]), typical));
    if (isfinite(worst->error))
        snprintf(miss, sizeof miss, "off by a factor of %s",
                 view_short_number(yt_exp(fabs(worst->error)), typical));
    else
        snprintf(miss, sizeof miss, "the model has none");
    snprintf(c.detail, sizeof c.detail,
             "%d of %d computed rows are within a factor of 1.5; %d more were read from the "
             "inputs and prove nothing. Largest miss: %s, %s, %s, %s: %s.",
             near, computed, compared - computed, worst->seen->series, worst->seen->product,
             worst->seen->place, worst->seen->period, miss);
    put_role(v, "unfitted", "the case was not adjusted to", error, c.detail, sizeof c.detail);
    put_role(v, "seen", "looked at while it was mended", error, c.detail, sizeof c.detail);
    for (char *at = c.detail; *at; at++)
        *at = *at == '_' ? ' ' : *at;
    write_card(sink, &c);
}

static void card_trust(const view_world *v, const view_sink *sink)
{
    double balance = 0, gap = 0, closure = 0;
    int32_t months = 0;
    for (int32_t m = 0; v->certificate && m < v->months; m++)
        if (isfinite(v->certificate[m].balance)) {
            months++;
            balance = fmax(balance, v->certificate[m].balance);
            balance = fmax(balance, v->certificate[m].complementarity);
            gap = fmax(gap, fabs(v->certificate[m].gap));
        }
    for (int32_t e = 0; v->closure && e < v->element.n; e++)
        closure = fmax(closure, v->closure[e].worst);
    if (months == 0)
        return;
    card c = {.id = "trust", .section = "method", .question = "Is the arithmetic right?"};
    snprintf(c.answer, sizeof c.answer,
             "%s: every month's market is certified to %.1e, every element balances to %.1e.",
             balance <= 1e-8 && gap <= 1e-8 ? "Yes" : "Not to the bar of 1e-8", fmax(balance, gap),
             closure);
    snprintf(c.detail, sizeof c.detail,
             "%d months checked against their optimality conditions; worst duality gap %.1e. "
             "This says that the model was solved, not that the model is right.",
             months, gap);
    write_card(sink, &c);
}

static void card_data(const view_world *v, const view_sink *sink)
{
    int32_t assumed = 0;
    for (int32_t i = 0; i < v->facts; i++)
        assumed += text_equal(v->fact[i].grade, "D");
    if (v->facts == 0)
        return;
    card c = {.id = "data", .section = "quality", .question = "How much of it is assumed?"};
    char a[40];
    snprintf(c.answer, sizeof c.answer, "%.0f %% of %s numbers are assumptions (grade D).",
             100.0 * assumed / v->facts, view_short_number(v->facts, a));
    snprintf(c.detail, sizeof c.detail,
             "Each number has a unit, a range, a source and a grade: A official, B published, C "
             "recalled, D assumed by a stated rule. %d sources.",
             v->source.n);
    write_card(sink, &c);
}

void view_cards(const view_world *v, const view_sink *sink)
{
    if (v->made) {
        card_leader(v, sink);
        card_concentration(v, sink);
    }
    card_dependence(v, sink);
    card_gap(v, sink);
    card_cover(v, sink);
    card_shortage(v, sink);
    card_history(v, sink);
    card_trust(v, sink);
    card_data(v, sink);
}
