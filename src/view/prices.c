/* prices.c - monthly series a reader looks at: prices, permits, stocks, shortage; and trade. */
#include "view/inside.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

#define DIGITS 4
#define SMALLEST_ARC 0.002 /* of a commodity's trade over all years */

static bool has_values(const double *month, int32_t n)
{
    for (int32_t m = 0; month && m < n; m++)
        if (isfinite(month[m]))
            return true;
    return false;
}

static bool same_values(const double *a, const double *b, int32_t n)
{
    for (int32_t m = 0; m < n; m++)
        if (isfinite(a[m]) && isfinite(b[m]) && fabs(a[m] - b[m]) > 1e-4 * fabs(b[m]))
            return false;
    return true;
}

int32_t view_buyers(const view_world *v, int32_t commodity, int32_t most,
                    int32_t buyer[VIEW_BUYERS])
{
    static const char *const taking[] = {"use", "feed"};
    double taken[VIEW_BUYERS] = {0};
    int32_t n = 0;
    for (int32_t r = 0; r < v->region.n; r++) {
        double tonnes = 0;
        for (int i = 0; i < 2; i++)
            tonnes += view_sum(view_series(v, taking[i], r, commodity), 0, v->months - 1);
        if (r == v->exporter || tonnes <= 0 ||
            !has_values(view_series(v, "price", r, commodity), v->months))
            continue;
        int32_t at = n < most ? n++ : n;
        while (at > 0 && taken[at - 1] < tonnes) {
            if (at < most) {
                taken[at] = taken[at - 1];
                buyer[at] = buyer[at - 1];
            }
            at--;
        }
        if (at < most) {
            taken[at] = tonnes;
            buyer[at] = r;
        }
    }
    return n;
}

static void write_series(const view_world *v, json_writer *w, const char *variable, int32_t region,
                         int32_t subject)
{
    const double *month = view_series(v, variable, region, subject);
    if (!has_values(month, v->months))
        return;
    json_begin_object(w);
    json_key_text(w, "v", variable);
    json_key_integer(w, "c", subject);
    json_key_integer(w, "r", region);
    view_months(w, month, v->months, DIGITS);
    json_end_object(w);
}

static void write_buyer(const view_world *v, json_writer *w, int32_t region, int32_t commodity)
{
    static const char *const other[] = {"price_paid", "price_contract", "price_import"};
    const double *price = view_series(v, "price", region, commodity);
    write_series(v, w, "price", region, commodity);
    for (int i = 0; i < 3; i++) {
        const double *month = view_series(v, other[i], region, commodity);
        if (month && !same_values(month, price, v->months))
            write_series(v, w, other[i], region, commodity);
    }
}

static void write_permits(const view_world *v, json_writer *w)
{
    static const char *const variable[] = {"permit_price", "permit_ask", "permit_used",
                                           "permit_issued"};
    for (int32_t p = 0; p < v->permit.n; p++)
        for (int i = 0; i < 4; i++)
            for (int32_t r = -1; r < v->region.n; r++)
                write_series(v, w, variable[i], r, v->commodity.n + p);
}

void view_prices(const view_world *v, json_writer *w)
{
    json_key(w, "prices");
    json_begin_array(w);
    for (int32_t i = 0; i < v->favourites; i++) {
        int32_t c = v->favourite[i], buyer[VIEW_BUYERS] = {0};
        int32_t most = i < VIEW_DETAILED ? VIEW_BUYERS : 1;
        if (v->exporter != YT_NONE) {
            write_series(v, w, "price", v->exporter, c);
            write_series(v, w, "price_export", v->exporter, c);
            const double *paid = view_series(v, "price_paid", v->exporter, c);
            const double *price = view_series(v, "price", v->exporter, c);
            if (i < VIEW_DETAILED && paid && price && !same_values(paid, price, v->months))
                write_series(v, w, "price_paid", v->exporter, c);
        }
        int32_t n = view_buyers(v, c, most, buyer);
        for (int32_t b = 0; b < n; b++)
            write_buyer(v, w, buyer[b], c);
    }
    json_end_array(w);

    json_key(w, "permitSeries");
    json_begin_array(w);
    write_permits(v, w);
    json_end_array(w);

    json_key(w, "stocks");
    json_begin_array(w);
    for (int32_t i = 0; i < v->favourites && i < VIEW_DETAILED; i++) {
        int32_t c = v->favourite[i], buyer[VIEW_BUYERS] = {0};
        int32_t n = view_buyers(v, c, VIEW_BUYERS, buyer);
        if (v->exporter != YT_NONE)
            write_series(v, w, "cover", v->exporter, c);
        for (int32_t b = 0; b < n; b++)
            write_series(v, w, "cover", buyer[b], c);
    }
    json_end_array(w);
}

/* ------------------------------------------------------------------------------------ trade */

static void write_years(const view_world *v, json_writer *w, const double *month, int digits)
{
    json_begin_array(w);
    for (int32_t y = 0; y < v->years; y++) {
        int32_t first = (v->first_year + y) * 12 - v->start, last = first + 11;
        double sum =
            view_sum(month, first < 0 ? 0 : first, last >= v->months ? v->months - 1 : last);
        json_number(w, view_round(sum, digits));
    }
    json_end_array(w);
}

void view_trade(const view_world *v, json_writer *w)
{
    double *total = arena_array(v->memory, (size_t)v->commodity.n + 1, sizeof *total);
    json_key(w, "trade"); /* t a year on lanes that ever mattered */
    json_begin_array(w);
    for (int32_t a = 0; total && a < v->arcs; a++)
        total[v->arc[a].commodity] += view_sum(v->arc[a].tonnes, 0, v->months - 1);
    for (int32_t a = 0; total && a < v->arcs; a++) {
        const view_arc *arc = &v->arc[a];
        if (view_sum(arc->tonnes, 0, v->months - 1) <= SMALLEST_ARC * total[arc->commodity])
            continue;
        json_begin_object(w);
        json_key_integer(w, "c", arc->commodity);
        json_key_integer(w, "o", arc->origin);
        json_key_integer(w, "t", arc->destination);
        if (!arc->is_open)
            json_key_bool(w, "x", true);
        json_key(w, "d");
        write_years(v, w, arc->tonnes, 3);
        json_end_object(w);
    }
    json_end_array(w);
}

/* --------------------------------------------------------------------------------- shortage */

typedef struct shortage {    /* world, by end use and tier */
    double *wanted, *served; /* [months] */
} shortage;

static void write_share(const view_world *v, json_writer *w, const shortage *s, int32_t end_use,
                        int32_t tier)
{
    double *unserved = arena_array(v->memory, (size_t)v->months, sizeof *unserved);
    if (!unserved)
        return;
    for (int32_t m = 0; m < v->months; m++) {
        double share = s->wanted[m] > 0 ? 1 - s->served[m] / s->wanted[m] : 0;
        unserved[m] = share < 5e-5 ? 0 : view_round(share, 3);
    }
    json_begin_object(w);
    json_key_integer(w, "u", end_use);
    json_key_integer(w, "tier", tier);
    json_key(w, "wanted");
    write_years(v, w, s->wanted, 4);
    json_key(w, "served");
    write_years(v, w, s->served, 4);
    view_months(w, unserved, v->months, 3);
    json_end_object(w);
}

void view_shortage(const view_world *v, json_writer *w)
{
    size_t n = (size_t)v->end_use.n * (size_t)v->tier.n;
    shortage *world = arena_array(v->memory, n + 1, sizeof *world);
    json_key(w, "tiers");
    json_begin_array(w);
    for (int32_t t = 0; t < v->tier.n; t++)
        json_text(w, v->tier.id[t]);
    json_end_array(w);
    for (int32_t u = 0; world && u < v->uses; u++) {
        const view_use *use = &v->use[u];
        shortage *s = &world[(size_t)use->end_use * (size_t)v->tier.n + (size_t)use->tier];
        if (!s->wanted) {
            s->wanted = arena_array(v->memory, (size_t)v->months, sizeof *s->wanted);
            s->served = arena_array(v->memory, (size_t)v->months, sizeof *s->served);
        }
        for (int32_t m = 0; s->wanted && s->served && m < v->months; m++) {
            s->wanted[m] += use->wanted[m];
            s->served[m] += use->served[m];
        }
    }
    json_key(w, "shortage");
    json_begin_array(w);
    for (size_t i = 0; world && i < n; i++)
        if (world[i].wanted && world[i].served)
            write_share(v, w, &world[i], (int32_t)(i / (size_t)v->tier.n),
                        (int32_t)(i % (size_t)v->tier.n));
    json_end_array(w);
}
