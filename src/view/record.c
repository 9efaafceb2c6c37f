/* record.c - a handful of facts of the record, the model's answer beside each.
 *
 * Which year, commodity or region they are about follows from the observations: the year in
 * which prices outside the exporter were highest, the commodities quoted on both sides of its
 * border, its export permits, its share of what is mined, the year the case was adjusted to.
 */
#include "view/inside.h"

#include "base/calendar.h"
#include "base/math.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST_COMMODITIES 3 /* that a year must quote to count as a peak            */
#define ABOUT_EQUAL 1.15     /* observed ratios closer than this are in no order     */
#define DISPOSED 0.05        /* of what is made: more thrown away is a surplus       */
#define VERDICT 400

typedef struct gap_row {
    int32_t commodity, peak; /* month in which the outside price was highest */
    double inside, outside;  /* means of the year                            */
    double seen, same;       /* ratio observed, and the model's in the same months */
    int32_t pairs;
} gap_row;

typedef struct quota_row {
    int32_t first, last; /* months */
    double issued, used, price, ask, without;
    double seen; /* share used on record, NAN: none */
} quota_row;

/* ------------------------------------------------------------------ the year of the peak */

static bool is_inside(const view_world *v, const view_row *row)
{
    return row->is_compared && text_equal(row->seen->series, "price") &&
           row->region == v->exporter && text_equal(row->variable, "price");
}

static bool is_outside(const view_world *v, const view_row *row)
{
    return row->is_compared && text_equal(row->seen->series, "price") && !is_inside(v, row);
}

static double middle(const view_row *row)
{
    return row->low > 0 ? sqrt(row->low * row->high) : NAN;
}

static int32_t year_of(const view_world *v, const view_row *row)
{
    return calendar_year(v->start + row->first);
}

/* Year whose observed outside prices stand highest over their commodity's mean, in logs. */
static int32_t peak_year(const view_world *v)
{
    double *sum = arena_array(v->memory, (size_t)v->commodity.n + 1, sizeof *sum);
    int32_t *n = arena_array(v->memory, (size_t)v->commodity.n + 1, sizeof *n), best = YT_NONE;
    double most = -INFINITY;
    if (!sum || !n)
        return YT_NONE;
    for (int32_t i = 0; i < v->rows; i++)
        if (is_outside(v, &v->row[i]) && middle(&v->row[i]) > 0) {
            sum[v->row[i].commodity] += yt_ln(middle(&v->row[i]));
            n[v->row[i].commodity]++;
        }
    for (int32_t year = v->first_year; year < v->first_year + v->years; year++) {
        double over = 0;
        int32_t rows = 0, kinds = 0;
        for (int32_t c = 0; c < v->commodity.n; c++) {
            bool any = false;
            for (int32_t i = 0; i < v->rows; i++)
                if (v->row[i].commodity == c && is_outside(v, &v->row[i]) &&
                    year_of(v, &v->row[i]) == year && middle(&v->row[i]) > 0) {
                    over += yt_ln(middle(&v->row[i])) - sum[c] / n[c];
                    rows++;
                    any = true;
                }
            kinds += any;
        }
        if (kinds >= FEWEST_COMMODITIES && over / rows > most) {
            most = over / rows;
            best = year;
        }
    }
    return best;
}

/* The outside quotation of shortest period that covers the inside one's months. */
static const view_row *partner_of(const view_world *v, const view_row *inside)
{
    const view_row *best = NULL;
    for (int32_t i = 0; i < v->rows; i++) {
        const view_row *row = &v->row[i];
        if (is_outside(v, row) && row->commodity == inside->commodity &&
            row->first <= inside->first && row->last >= inside->last && middle(row) > 0 &&
            (!best || row->last - row->first < best->last - best->first))
            best = row;
    }
    return best;
}

static const double *outside_of(const view_world *v, int32_t commodity)
{
    int32_t buyer[VIEW_BUYERS];
    const double *border = view_series(v, "price_export", v->exporter, commodity);
    if (border || view_buyers(v, commodity, 1, buyer) == 0)
        return border;
    return view_series(v, "price", buyer[0], commodity);
}

/* Mean observed ratio, outside over inside, of quotations that begin in the months; the
 * model's ratio in the same months. */
static int32_t mean_pairs(const view_world *v, int32_t commodity, int32_t first, int32_t last,
                          double *seen, double *same)
{
    int32_t pairs = 0;
    double seen_sum = 0, same_sum = 0;
    for (int32_t i = 0; i < v->rows; i++) {
        const view_row *in = &v->row[i];
        if (!is_inside(v, in) || in->commodity != commodity || in->first < first ||
            in->last > last || !(middle(in) > 0))
            continue;
        const view_row *out = partner_of(v, in);
        if (!out)
            continue;
        double model =
            view_mean(view_series(v, out->variable, out->region, commodity), in->first, in->last);
        if (!(model > 0) || !(in->model > 0))
            continue;
        seen_sum += yt_ln(middle(out) / middle(in));
        same_sum += yt_ln(model / in->model);
        pairs++;
    }
    *seen = pairs ? yt_exp(seen_sum / pairs) : NAN;
    *same = pairs ? yt_exp(same_sum / pairs) : NAN;
    return pairs;
}

double view_seen_gap(const view_world *v, int32_t commodity, int32_t month)
{
    double seen, same;
    int32_t first = month > 5 ? month - 5 : 0;
    int32_t last = month + 5 < v->months ? month + 5 : v->months - 1;
    mean_pairs(v, commodity, first, last, &seen, &same);
    return seen;
}

static int by_seen(const void *a, const void *b)
{
    const gap_row *x = a, *y = b;
    return x->seen != y->seen ? (x->seen < y->seen ? 1 : -1) : x->commodity - y->commodity;
}

/* Commodities quoted on both sides in the year, widest observed gap first; how many. */
static int32_t gaps_of(const view_world *v, int32_t year, gap_row *gap)
{
    int32_t n = 0, first = year * 12 - v->start, last = first + 11;
    int32_t end = (v->now + 1) * 12 - v->start;
    if (year == YT_NONE || v->exporter == YT_NONE || first < 0 || last >= v->months)
        return 0;
    for (int32_t c = 0; c < v->commodity.n; c++) {
        gap_row row = {.commodity = c, .peak = YT_NONE};
        const double *outside = outside_of(v, c);
        row.pairs = mean_pairs(v, c, first, last, &row.seen, &row.same);
        if (row.pairs == 0 || !outside)
            continue;
        row.inside = view_mean(view_series(v, "price", v->exporter, c), first, last);
        row.outside = view_mean(outside, first, last);
        double most = 0;
        for (int32_t m = 1; m + 1 < v->months && m < end; m++)
            if (view_mean(outside, m - 1, m + 1) > most) {
                most = view_mean(outside, m - 1, m + 1);
                row.peak = m;
            }
        gap[n++] = row;
    }
    qsort(gap, (size_t)n, sizeof *gap, by_seen);
    return n;
}

/* -------------------------------------------------------------------------------- permits */

static bool is_export_permit(const view_world *v, int32_t p)
{
    return v->permit_region[p] == v->exporter && text_equal(v->permit_kind[p], "export");
}

static double permits(const view_world *v, const char *variable, const char *kind, int32_t first,
                      int32_t last)
{
    double sum = 0;
    for (int32_t p = 0; p < v->permit.n; p++)
        if (v->permit_region[p] == v->exporter && text_equal(v->permit_kind[p], kind))
            for (int32_t r = -1; r < v->region.n; r++)
                sum += view_sum(view_series(v, variable, r, v->commodity.n + p), first, last);
    return sum;
}

/* Mean over export permits and months of a price, weighted by what was used. */
static double permit_mean(const view_world *v, const char *variable, int32_t first, int32_t last)
{
    double sum = 0, weight = 0;
    for (int32_t p = 0; p < v->permit.n; p++)
        for (int32_t r = -1; r < v->region.n && is_export_permit(v, p); r++) {
            const double *price = view_series(v, variable, r, v->commodity.n + p);
            const double *used = view_series(v, "permit_used", r, v->commodity.n + p);
            for (int32_t m = first; price && used && m <= last; m++)
                if (isfinite(price[m]) && used[m] > 0) {
                    sum += used[m] * price[m];
                    weight += used[m];
                }
        }
    return weight > 0 ? sum / weight : NAN;
}

/* Exports over quota on record, both of the same period and place; percent. */
static double use_on_record(const view_world *v, int32_t first, int32_t last)
{
    double sent = 0, issued = 0;
    for (int32_t i = 0; i < v->rows; i++) {
        const view_row *row = &v->row[i];
        if (!row->is_compared || row->first != first || row->last != last ||
            row->region != v->exporter || !view_is_whole(v, row->seen->place, v->exporter) ||
            !text_starts_with(row->seen->product, "all"))
            continue;
        if (text_equal(row->seen->series, "exports"))
            sent = fmax(sent, row->high);
        else if (text_equal(row->seen->series, "export_quota"))
            issued = fmax(issued, row->high);
    }
    return sent > 0 && issued > 0 ? 100 * sent / issued : NAN;
}

/* By `step` months, from the first month with a batch to the last; how many. */
static int32_t quotas(const view_world *v, int32_t step, quota_row *row, int32_t most)
{
    int32_t n = 0;
    for (int32_t first = 0; first + step <= v->months && n < most; first += step) {
        quota_row q = {.first = first, .last = first + step - 1};
        q.issued = permits(v, "permit_issued", "export", q.first, q.last);
        q.used = permits(v, "permit_used", "export", q.first, q.last);
        if (q.issued <= 0 && q.used <= 0)
            continue;
        q.without = permits(v, "permit_used", "illegal", q.first, q.last);
        q.price = permit_mean(v, "permit_price", q.first, q.last);
        q.ask = permit_mean(v, "permit_ask", q.first, q.last);
        q.seen = use_on_record(v, q.first, q.last);
        row[n++] = q;
    }
    return n;
}

/* ------------------------------------------------------------------------------- verdicts */

typedef struct verdict {
    const char *what, *kind; /* kind: computed | read */
    int32_t hits, of;
    char text[VERDICT];
} verdict;

static void put_verdict(json_writer *w, const verdict *d)
{
    if (d->of == 0)
        return;
    json_begin_object(w);
    json_key_text(w, "what", d->what);
    json_key_text(w, "kind", d->kind);
    json_key_integer(w, "hits", d->hits);
    json_key_integer(w, "of", d->of);
    json_key_text(w, "text", d->text);
    json_end_object(w);
}

static void judge_order(const gap_row *gap, int32_t n, int32_t year, verdict *d)
{
    for (int32_t i = 0; i < n; i++)
        for (int32_t k = i + 1; k < n; k++)
            if (gap[i].seen > ABOUT_EQUAL * gap[k].seen) {
                d->of++;
                d->hits += gap[i].same > gap[k].same;
            }
    snprintf(d->text, VERDICT,
             "Outside over inside price in %d, commodities two by two: %d of %d pairs stand in "
             "the order of the record.",
             (int)year, (int)d->hits, (int)d->of);
}

static void judge_peak(const view_world *v, const gap_row *gap, int32_t n, int32_t year, verdict *d)
{
    for (int32_t i = 0; i < n; i++) {
        d->of++;
        d->hits += gap[i].peak != YT_NONE && calendar_year(v->start + gap[i].peak) == year;
    }
    snprintf(d->text, VERDICT,
             "%d of %d commodities quoted on both sides have their highest outside price (three "
             "months' mean, until %d) in %d.",
             (int)d->hits, (int)d->of, (int)v->now, (int)year);
}

static void judge_size(const gap_row *gap, int32_t n, int32_t year, verdict *d)
{
    double most = 0;
    for (int32_t i = 0; i < n; i++) {
        double miss = gap[i].same / gap[i].seen;
        d->of++;
        d->hits += miss <= 1.5 && miss >= 1 / 1.5;
        most = fmax(most, fmax(miss, 1 / miss));
    }
    snprintf(d->text, VERDICT,
             "%d of %d ratios of outside to inside price in %d are within a factor of 1.5 of the "
             "record; the worst is off by a factor of %.3g.",
             (int)d->hits, (int)d->of, (int)year, most);
}

static void judge_quota(const view_world *v, const quota_row *row, int32_t n, verdict *d)
{
    size_t at = 0;
    for (int32_t i = 0; i < n; i++) {
        const view_role *role =
            view_role_of(v, "quota_use", v->start + row[i].first, v->start + row[i].last);
        if (!isfinite(row[i].seen) || !role || !isfinite(role->tolerance) || row[i].issued <= 0)
            continue;
        double used = 100 * row[i].used / row[i].issued;
        d->of++;
        d->hits += fabs(used - row[i].seen) <= role->tolerance;
        if (at < VERDICT)
            at += (size_t)snprintf(d->text + at, VERDICT - at,
                                   "%s%d: %.0f %% used, %.0f %% on record", at ? "; " : "",
                                   (int)calendar_year(v->start + row[i].first), used, row[i].seen);
    }
    if (at < VERDICT)
        snprintf(d->text + at, VERDICT - at, ".");
}

/* Rows of a role: how many are within their tolerance. */
static void judge_role(const view_world *v, const char *series, const char *role, verdict *d)
{
    double *error = arena_array(v->memory, (size_t)v->rows + 1, sizeof *error);
    double tolerance = NAN;
    for (int32_t i = 0; error && i < v->rows; i++) {
        const view_row *row = &v->row[i];
        if (!row->is_compared || row->is_read || !isfinite(row->tolerance) ||
            !text_equal(row->seen->series, series) || !row->role || !text_equal(row->role, role))
            continue;
        tolerance = row->tolerance;
        error[d->of++] = fmin(fabs(row->error), 99);
        d->hits += row->is_near;
    }
    for (int32_t i = 1; i < d->of; i++) /* few rows: by insertion */
        for (int32_t k = i; k > 0 && error[k] < error[k - 1]; k--) {
            double swap = error[k];
            error[k] = error[k - 1];
            error[k - 1] = swap;
        }
    if (d->of)
        snprintf(d->text, VERDICT,
                 "%d of %d price quotations are within a factor of %.3g; half are within %.3g.",
                 (int)d->hits, (int)d->of, tolerance, yt_exp(error[d->of / 2]));
}

/* ----------------------------------------------------------------- the share of what is mined */

typedef struct mine_row {
    int32_t year;
    double low, high, model, tolerance; /* percent */
    bool is_read, is_near;
} mine_row;

/* Mine production of the exporter over the world's, of the same source. */
static void widen_by_tonnes(const view_world *v, int32_t first, mine_row *mine)
{
    for (int32_t i = 0; i < v->rows; i++) {
        const view_row *a = &v->row[i];
        if (!a->is_compared || a->first != first || a->last != first + 11 ||
            !text_equal(a->variable, "mined") || a->region != v->exporter ||
            !view_is_whole(v, a->seen->place, v->exporter))
            continue;
        for (int32_t k = 0; k < v->rows; k++) {
            const view_row *b = &v->row[k];
            if (b->is_compared && b->first == first && b->last == first + 11 &&
                text_equal(b->variable, "mined") && b->region == YT_NONE && b->high > 0 &&
                text_equal(a->seen->product, b->seen->product)) {
                mine->low = fmin(mine->low, 100 * a->low / b->high);
                mine->high = fmax(mine->high, fmin(100, 100 * a->high / b->low));
            }
        }
    }
}

static int32_t mine_shares(const view_world *v, mine_row *mine)
{
    int32_t n = 0;
    for (int32_t year = v->first_year; year <= v->now && v->exporter != YT_NONE; year++) {
        int32_t first = year * 12 - v->start;
        mine_row m = {.year = year, .low = INFINITY, .high = -INFINITY};
        double here, world, could, all;
        if (first < 0 || first + 11 >= v->months)
            continue;
        widen_by_tonnes(v, first, &m);
        const view_role *role =
            view_role_of(v, "mine_share", v->start + first, v->start + first + 11);
        if (m.low > m.high)
            continue;
        here = view_mined(v, v->exporter, NULL, first, first + 11, &could);
        world = view_mined(v, YT_NONE, NULL, first, first + 11, &all);
        m.model = world > 0 ? 100 * here / world : NAN;
        m.is_read = could > 0 && here >= 0.98 * could && world >= 0.98 * all;
        m.tolerance = role ? role->tolerance : NAN;
        m.is_near = m.model >= m.low - m.tolerance && m.model <= m.high + m.tolerance;
        if (isfinite(m.model))
            mine[n++] = m;
    }
    return n;
}

static void judge_mines(const view_world *v, const mine_row *mine, int32_t n, verdict *d)
{
    size_t at = 0;
    int32_t read = 0, worst = 0;
    double most = -1;
    for (int32_t i = 0; i < n; i++) {
        double miss = fmax(mine[i].low - mine[i].model, mine[i].model - mine[i].high);
        if (!isfinite(mine[i].tolerance))
            continue;
        d->of++;
        d->hits += mine[i].is_near;
        read += mine[i].is_read;
        if (miss > most) {
            most = miss;
            worst = i;
        }
    }
    if (d->of == 0)
        return;
    at = (size_t)snprintf(d->text, VERDICT,
                          "%s's share of recorded mine output is within the tolerance in %d of %d "
                          "years",
                          v->region.name[v->exporter], (int)d->hits, (int)d->of);
    if (at < VERDICT && most > 0)
        at += (size_t)snprintf(
            d->text + at, VERDICT - at, "; furthest off in %d: %.0f %%, %.0f %% on record",
            (int)mine[worst].year, mine[worst].model,
            mine[worst].model > mine[worst].high ? mine[worst].high : mine[worst].low);
    if (at < VERDICT)
        snprintf(d->text + at, VERDICT - at,
                 ". In %d of the years mines ran at the capacity they were given.", (int)read);
    d->kind = 2 * read >= d->of ? "read" : "computed";
}

/* -------------------------------------------------------------------------------- baskets */

/* The kind of commodity with most quotations. */
static int32_t quoted_group(const view_world *v)
{
    int32_t best = YT_NONE, most = 0;
    for (int32_t g = 0; g < v->group.n; g++) {
        int32_t n = 0;
        for (int32_t i = 0; i < v->rows; i++)
            n += v->row[i].is_compared && text_equal(v->row[i].seen->series, "price") &&
                 v->row[i].commodity != YT_NONE && v->commodity_group[v->row[i].commodity] == g;
        if (n > most) {
            most = n;
            best = g;
        }
    }
    return best;
}

static double total(const view_world *v, const char *variable, int32_t commodity, int32_t first)
{
    double sum = 0;
    for (int32_t r = 0; r < v->region.n; r++)
        sum += view_sum(view_series(v, variable, r, commodity), first, first + 11);
    return sum;
}

static void write_basket(const view_world *v, json_writer *w)
{
    int32_t group = quoted_group(v), year = v->now;
    for (int32_t i = 0; i < v->roles; i++)
        if (text_equal(v->role[i].role, "calibration") && text_equal(v->role[i].series, "price"))
            year = calendar_year(v->role[i].first);
    int32_t first = year * 12 - v->start;
    if (group == YT_NONE || v->exporter == YT_NONE || first < 0 || first + 11 >= v->months)
        return;
    json_key(w, "basket"); /* commodity, made, thrown away, used or fed, price inside */
    json_begin_object(w);
    json_key_integer(w, "year", year);
    json_key_integer(w, "g", group);
    json_key(w, "rows");
    json_begin_array(w);
    for (int32_t c = 0; c < v->commodity.n; c++) {
        double made = total(v, "output", c, first);
        if (v->commodity_group[c] != group || made <= 0)
            continue;
        const double row[] = {
            c, made, total(v, "disposed", c, first),
            total(v, "use", c, first) + total(v, "feed", c, first),
            view_mean(view_series(v, "price", v->exporter, c), first, first + 11)};
        view_numbers(w, row, 5, 4);
    }
    json_end_array(w);
    json_key_number(w, "surplus", DISPOSED);
    json_end_object(w);
}

/* ------------------------------------------------------------------------------------ all */

static void write_gaps(const gap_row *gap, int32_t n, int32_t year, json_writer *w)
{
    json_key(w, "gaps");
    json_begin_object(w);
    json_key_integer(w, "year", year);
    json_key(w, "rows"); /* commodity, peak month, inside, outside, seen, same months, pairs */
    json_begin_array(w);
    for (int32_t i = 0; i < n; i++) {
        const double row[] = {gap[i].commodity, gap[i].peak, gap[i].inside, gap[i].outside,
                              gap[i].seen,      gap[i].same, gap[i].pairs};
        view_numbers(w, row, 7, 4);
    }
    json_end_array(w);
    json_end_object(w);
}

static void write_quotas(const quota_row *row, int32_t n, json_writer *w)
{
    json_key(w, "quota"); /* first month, issued, used, price, ask, without permit */
    json_begin_array(w);
    for (int32_t i = 0; i < n; i++) {
        const double numbers[] = {row[i].first, row[i].issued, row[i].used,
                                  row[i].price, row[i].ask,    row[i].without};
        view_numbers(w, numbers, 6, 4);
    }
    json_end_array(w);
}

static void write_mines(const mine_row *mine, int32_t n, json_writer *w)
{
    json_key(w, "mines"); /* year, observed low, high, model, tolerance, percent; near, read */
    json_begin_array(w);
    for (int32_t i = 0; i < n; i++) {
        const double row[] = {mine[i].year,      mine[i].low,     mine[i].high,   mine[i].model,
                              mine[i].tolerance, mine[i].is_near, mine[i].is_read};
        view_numbers(w, row, 7, 4);
    }
    json_end_array(w);
}

void view_record(const view_world *v, json_writer *w)
{
    size_t years = (size_t)v->years + 1, halves = 2 * years;
    gap_row *gap = arena_array(v->memory, (size_t)v->commodity.n + 1, sizeof *gap);
    quota_row *half = arena_array(v->memory, halves, sizeof *half);
    quota_row *yearly = arena_array(v->memory, years, sizeof *yearly);
    mine_row *mine = arena_array(v->memory, years, sizeof *mine);
    if (!gap || !half || !yearly || !mine)
        return;
    int32_t year = peak_year(v), gaps = gaps_of(v, year, gap), mines = mine_shares(v, mine);
    int32_t n = v->exporter == YT_NONE ? 0 : quotas(v, 12, yearly, (int32_t)years);
    verdict d[] = {{.what = "Order of the two-price gap", .kind = "computed"},
                   {.what = "Size of the two-price gap", .kind = "computed"},
                   {.what = "Year of the outside peak", .kind = "computed"},
                   {.what = "Use of export quotas", .kind = "computed"},
                   {.what = "Share of what is mined", .kind = "computed"},
                   {.what = "Prices the case was adjusted to", .kind = "computed"},
                   {.what = "Prices of years it was not adjusted to", .kind = "computed"},
                   {.what = "Prices of years looked at while it was mended", .kind = "computed"}};
    judge_order(gap, gaps, year, &d[0]);
    judge_size(gap, gaps, year, &d[1]);
    judge_peak(v, gap, gaps, year, &d[2]);
    judge_quota(v, yearly, n, &d[3]);
    judge_mines(v, mine, mines, &d[4]);
    judge_role(v, "price", "calibration", &d[5]);
    judge_role(v, "price", "unfitted", &d[6]);
    judge_role(v, "price", "seen", &d[7]);
    json_key(w, "record");
    json_begin_object(w);
    json_key(w, "verdicts");
    json_begin_array(w);
    for (size_t i = 0; i < sizeof d / sizeof d[0]; i++)
        put_verdict(w, &d[i]);
    json_end_array(w);
    write_gaps(gap, gaps, year, w);
    write_quotas(half, v->exporter == YT_NONE ? 0 : quotas(v, 6, half, (int32_t)halves), w);
    write_mines(mine, mines, w);
    write_basket(v, w);
    json_end_object(w);
}
