/* history.c - the model held against what was observed, misses first.
 *
 * Observations are words; the tables product_name and place_name say which commodity, region
 * and price they mean.  Quotations are brought to the model's money: the currency by the
 * mean rate of the year, tax taken off where it is inside, the price level of the base year.
 * A row is "read" when its answer was put in (an announced quota, a mine at its capacity) and
 * "computed" otherwise.  Its role (calibration, seen, unfitted) and tolerance come from
 * period_role.
 */
#include "view/inside.h"

#include "base/calendar.h"
#include "base/math.h"
#include "base/text.h"
#include "base/words.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Output within this share of what could run follows from capacity, which is an input. */
#define AT_CAPACITY 0.98
#define WORST 4.605 /* ln 100 */
#define FLOOR_SHARE 0.01
#define AT_FLOOR "in surplus there: its price is what throwing it away saves, an input"

/* --------------------------------------------------------------------------------- prices */

/* Units of money in a quotation's unit, "CNY/kg" -> USD/t of the base year, without tax. */
static double money_factor(const view_world *v, const view_row *row, const view_place *where,
                           const char **why)
{
    const char *slash = strchr(row->seen->unit, '/');
    char currency[16] = "";
    size_t length = slash ? (size_t)(slash - row->seen->unit) : 0;
    if (length == 0 || length >= sizeof currency) {
        *why = "its unit is no price";
        return NAN;
    }
    memcpy(currency, row->seen->unit, length);
    int32_t year = calendar_year(v->start + (row->first + row->last) / 2);
    double factor = text_equal(slash + 1, "kg") ? 1000 : text_equal(slash + 1, "t") ? 1 : NAN;
    if (strcmp(currency, "USD") != 0)
        factor /= view_step_at(v->fx, v->fxs, view_find(&v->currency, currency), year);
    if (text_equal(where->view, "inside_taxed")) {
        double tax = view_step_at(v->tax, v->taxes, where->region, year);
        factor /= isfinite(tax) ? 1 + tax : 1;
    }
    factor /= view_price_level(v, year);
    if (!isfinite(factor))
        *why = "no exchange rate or unknown unit";
    return factor;
}

/* Which series a quotation is held against; region may change. */
static const char *price_variable(const view_world *v, const view_place *where, int32_t *region)
{
    if (where->region == YT_NONE)
        *region = v->exporter;
    if (text_equal(where->view, "inside") || text_equal(where->view, "inside_taxed"))
        return "price";
    if (text_equal(where->view, "import"))
        return where->region == YT_NONE ? "price_export" : "price_import";
    if (text_equal(where->view, "outside"))
        return where->region == YT_NONE || where->region == v->exporter ? "price_export" : "price";
    if (text_equal(where->view, "world"))
        return "price_export";
    return NULL;
}

/* Is some of the commodity thrown away there then?  Its price is what that saves, an input. */
static bool is_at_floor(const view_world *v, const view_row *row, int32_t region)
{
    double made = view_sum(view_series(v, "output", region, row->commodity), row->first, row->last);
    double gone =
        view_sum(view_series(v, "disposed", region, row->commodity), row->first, row->last);
    return gone > FLOOR_SHARE * made && made > 0;
}

/* Which price of which market a quotation is, and its range in the model's money; false: none. */
static bool place_price(const view_world *v, view_row *row, const view_place *where)
{
    int32_t region = where->region;
    row->variable = price_variable(v, where, &region);
    row->unit = "USD/t";
    row->region = region;
    if (row->commodity == YT_NONE || !row->variable || region == YT_NONE) {
        row->why = row->variable ? "the product is not a commodity of the case"
                                 : "the place is not a market of the case";
        return false;
    }
    double factor = money_factor(v, row, where, &row->why);
    row->low = row->seen->low * factor;
    row->high = row->seen->high * factor;
    return isfinite(factor);
}

static void compare_price(const view_world *v, view_row *row, const view_place *where)
{
    bool is_placed = place_price(v, row, where);
    int32_t region = row->region;
    if (row->commodity == YT_NONE || !row->variable || region == YT_NONE)
        return;
    const double *month = view_series(v, row->variable, region, row->commodity);
    if (!month && !text_equal(row->variable, "price")) {
        row->variable = "price"; /* no such border or import price: the market's own */
        month = view_series(v, "price", region, row->commodity);
    }
    row->model = view_mean(month, row->first, row->last);
    row->is_compared = isfinite(row->model) && is_placed;
    if (!row->is_compared && !row->why)
        row->why = "no trade in the model then";
    if (row->is_compared && is_at_floor(v, row, region))
        row->how = AT_FLOOR;
}

/* ------------------------------------------------------------------------------- quantities */

/* Is the place the whole of its region?  A country inside a larger region is not. */
bool view_is_whole(const view_world *v, const char *word, int32_t region)
{
    return region != YT_NONE &&
           words_whole(word, v->region.id[region], v->region.name[region], v->members[region]);
}

/* What official records leave out: owners who report to nobody. */
static bool is_on_record(const view_facility *f)
{
    return !text_equal(f->owner_type, "informal");
}

double view_mined(const view_world *v, int32_t region, const char *country, int32_t first,
                  int32_t last, double *could)
{
    double sum = 0;
    *could = 0;
    for (int32_t i = 0; i < v->facility_ids.n; i++) {
        const view_facility *f = &v->facility[i];
        if (f->stage == YT_NONE || !v->extracts[f->stage] || !is_on_record(f) ||
            (region != YT_NONE && f->region != region) ||
            (country && !text_equal(country, f->country)))
            continue;
        sum += view_sum(f->output, first, last);
        *could += view_sum(f->capacity, first, last);
    }
    return sum;
}

static bool has_informal(const view_world *v, int32_t region, const view_row *row)
{
    for (int32_t i = 0; i < v->facility_ids.n; i++) {
        const view_facility *f = &v->facility[i];
        if (f->stage != YT_NONE && v->extracts[f->stage] && !is_on_record(f) &&
            (region == YT_NONE || f->region == region) &&
            view_sum(f->output, row->first, row->last) > 0)
            return true;
    }
    return false;
}

static bool is_country(const view_world *v, const char *word)
{
    for (int32_t i = 0; i < v->facility_ids.n; i++)
        if (v->facility[i].stage != YT_NONE && v->extracts[v->facility[i].stage] &&
            text_equal(word, v->facility[i].country))
            return true;
    return false;
}

/* A country of its own, or a part of a region in which the case has mines of that country. */
static void compare_mined(const view_world *v, view_row *row, const view_place *where)
{
    const char *word = row->seen->place, *country = NULL;
    int32_t region = where->region;
    double could = 0;
    row->variable = "mined";
    if (text_equal(where->view, "world")) {
        region = YT_NONE;
    } else if (!view_is_whole(v, word, region)) {
        if (region == YT_NONE || !is_country(v, word)) {
            row->why = "no mine of the case is there";
            return;
        }
        country = word;
    }
    row->model = view_mined(v, region, country, row->first, row->last, &could);
    row->is_read = row->model >= AT_CAPACITY * could;
    if (could <= 0)
        row->how = "the case has no capacity there then";
    else if (has_informal(v, region, row))
        row->how = "without unrecorded output, as official figures";
}

/* Tonnes of permit a tonne takes under an export permit of the region: product weight over what
 * the commodity is counted in.  1 where no permit says; 0 outside the scope of all permits. */
static double weight_in_scope(const view_world *v, int32_t region, int32_t commodity)
{
    bool any = false;
    for (int32_t i = 0; i < v->scopes; i++)
        if (v->permit_region[v->scope[i].row] == region) {
            any = true;
            if (v->scope[i].column == commodity)
                return v->scope[i].value;
        }
    return any ? 0 : 1;
}

/* Kinds of commodity that a product's words cover; false: cannot be told. */
static bool choose_groups(const view_world *v, const view_row *row, bool *groups)
{
    const char *product = row->seen->product;
    int32_t p = view_find(&v->product, product);
    const char *list = p == YT_NONE ? NULL : v->product_groups[p];
    if (row->commodity != YT_NONE) {
        groups[v->commodity_group[row->commodity]] = true;
        return true;
    }
    for (int32_t g = 0; list && *list && g < v->group.n; g++) {
        size_t n = strlen(v->group.id[g]);
        for (const char *at = list; at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
            if (strncmp(at, v->group.id[g], n) == 0 && (at[n] == ';' || at[n] == '\0'))
                groups[g] = true;
    }
    return (list && *list) || (!strpbrk(product, ",;+") && !words_has(product, " and ") &&
                               words_choose(v->group.name, v->group.n, product, true, groups));
}

/* Weight of each commodity in a trade record: the kinds the product's words cover, or, for
 * "all ...", what export permits of the exporter cover.  Customs weigh the product; export permits
 * say what a tonne of it weighs.  False: cannot be told. */
static bool choose_goods(const view_world *v, const view_row *row, double *weight)
{
    bool *groups = arena_array(v->memory, (size_t)v->group.n + 1, sizeof *groups);
    const char *product = row->seen->product;
    if (!groups)
        return false;
    bool is_all = text_equal(product, "all") || text_starts_with(product, "all ");
    bool is_oxide = words_has(row->unit, "reo"); /* contained, not product weight */
    if (!is_all && !choose_groups(v, row, groups))
        return false;
    for (int32_t c = 0; c < v->commodity.n; c++) {
        double scope = weight_in_scope(v, v->exporter, c);
        weight[c] = is_all                          ? scope
                    : groups[v->commodity_group[c]] ? (is_oxide || scope <= 0 ? 1 : scope)
                                                    : 0;
    }
    return true;
}

/* Shipments from `origin` (YT_NONE: all others) to `destination` (YT_NONE: all others), t.  What
 * left without a permit is in no record of the origin; the buyer's customs see it arrive. */
static double shipped(const view_world *v, int32_t origin, int32_t destination, bool with_illegal,
                      const view_row *row)
{
    double *weight = arena_array(v->memory, (size_t)v->commodity.n + 1, sizeof *weight), sum = 0;
    if (!weight || !choose_goods(v, row, weight))
        return NAN;
    for (int32_t a = 0; a < v->arcs; a++) {
        const view_arc *arc = &v->arc[a];
        if ((arc->is_open || with_illegal) && arc->destination != arc->origin &&
            (origin == YT_NONE || arc->origin == origin) &&
            (destination == YT_NONE || arc->destination == destination))
            sum += weight[arc->commodity] * view_sum(arc->tonnes, row->first, row->last);
    }
    return sum;
}

/* A place word and the region it means; false: unknown, or only a part of one. */
static bool find_end(const view_world *v, const char *word, bool world_too, int32_t *region)
{
    int32_t found = view_find(&v->place_word, word);
    if (found == YT_NONE)
        return false;
    *region = v->place_of[found].region;
    return (world_too && text_equal(v->place_of[found].view, "world")) ||
           view_is_whole(v, word, *region);
}

/* "X to Y" and "Y from X": both ends.  Otherwise the place is `near` and the other end open. */
static bool both_ends(const view_world *v, const char *text, int32_t *origin, int32_t *destination,
                      int32_t *near)
{
    const char *to = strstr(text, " to "), *from = strstr(text, " from ");
    const char *cut = to ? to : from;
    char word[128];
    if (!cut)
        return find_end(v, text, true, near);
    if ((size_t)(cut - text) >= sizeof word)
        return false;
    memcpy(word, text, (size_t)(cut - text));
    word[cut - text] = '\0';
    return to ? find_end(v, word, false, origin) && find_end(v, to + 4, true, destination)
              : find_end(v, word, true, destination) && find_end(v, from + 6, false, origin);
}

static void compare_trade(const view_world *v, view_row *row)
{
    const char *series = row->seen->series;
    bool is_import = words_has(series, "import");
    int32_t origin = YT_NONE, destination = YT_NONE;
    row->variable = is_import ? "import" : "export";
    if (!both_ends(v, row->seen->place, &origin, &destination,
                   is_import ? &destination : &origin)) {
        row->why = "the place is only part of a region, or several";
        return;
    }
    if (words_has(series, "imports_from"))
        origin = v->exporter;
    if (!is_import && origin == YT_NONE) {
        row->why = "the origin is unknown";
        return;
    }
    row->model = shipped(v, origin, destination, is_import, row);
    if (text_equal(row->unit, "%")) {
        if (origin == YT_NONE || (!is_import && destination == YT_NONE)) {
            row->model = NAN; /* a share of what? */
            row->why = "the other end is unknown";
            return;
        }
        row->model *= 100 / shipped(v, is_import ? YT_NONE : origin,
                                    is_import ? destination : YT_NONE, is_import, row);
    }
    row->why = "the product is not a kind of commodity of the case";
    if (is_import)
        row->how = "arrivals, with or without permit";
    else if (row->commodity == YT_NONE && !words_has(row->unit, "reo"))
        row->how = "product weight, as permits count it; legal shipments only";
}

/* Permits of a region whose kind or name begins like the series ("export_quota") and whose name
 * fits the product's words; "all ..." names all of them. */
static void compare_quota(const view_world *v, view_row *row, const view_place *where)
{
    char word[64];
    const char *series = row->seen->series, *end = strchr(series, '_');
    size_t length = end ? (size_t)(end - series) : strlen(series);
    bool *is_named = arena_array(v->memory, (size_t)v->permit.n + 1, sizeof *is_named);
    const char **name = arena_array(v->memory, (size_t)v->permit.n + 1, sizeof *name);
    bool is_all =
        text_equal(row->seen->product, "all") || text_starts_with(row->seen->product, "all ");
    double sum = 0;
    row->variable = "permit_issued";
    row->is_read = true;
    row->why = "no such permit in the case then";
    if (!is_named || !name || length >= sizeof word ||
        !view_is_whole(v, row->seen->place, where->region))
        return;
    memcpy(word, series, length);
    word[length] = '\0';
    for (int32_t p = 0; p < v->permit.n; p++) {
        bool is_kind = v->permit_region[p] == where->region &&
                       !text_equal(v->permit_kind[p], "illegal") &&
                       (text_equal(v->permit_kind[p], word) || words_has(v->permit.name[p], word));
        name[p] = is_kind ? v->permit.name[p] : "";
        is_named[p] = is_kind;
    }
    if (!is_all && !words_choose(name, v->permit.n, row->seen->product, false, is_named))
        return;
    for (int32_t p = 0; p < v->permit.n; p++)
        for (int32_t r = -1; r < v->region.n && is_named[p]; r++)
            sum += view_sum(view_series(v, "permit_issued", r, v->commodity.n + p), row->first,
                            row->last);
    row->model = sum > 0 ? sum : NAN;
}

/* Weight of a tonne of a mine's activity: 1, or its content of the elements that the product's
 * words name.  A facility with several recipes counts their mean. */
static double content_of(const view_world *v, const view_facility *f, const bool *is_named)
{
    double sum = 0;
    for (int32_t k = 0; k < f->recipes; k++)
        for (int32_t i = 0; i < v->flows_of; i++)
            if (v->flow_of[i].row == v->recipe_of[f->first_recipe + k] && v->flow_of[i].value > 0)
                for (int32_t e = 0; e < v->contents; e++)
                    if (v->content[e].row == v->flow_of[i].column && is_named[v->content[e].column])
                        sum += v->flow_of[i].value * v->content[e].value;
    return f->recipes ? sum / f->recipes : 0;
}

/* Which elements the words name; how many. */
static int32_t name_elements(const view_world *v, const char *text, bool *is_named)
{
    int32_t n = 0;
    for (int32_t e = 0; e < v->element.n; e++) {
        char word[64];
        size_t length = 0;
        for (const char *at = v->element.name[e]; at[length] && length + 1 < sizeof word; length++)
            word[length] = (char)tolower((unsigned char)at[length]);
        word[length] = '\0';
        is_named[e] = length > 2 && words_has(text, word);
        n += is_named[e];
    }
    return n;
}

/* Share of a region in the stage a product's words name, percent. */
static double share_of(const view_world *v, int32_t region, view_row *row)
{
    bool *is_chosen = arena_array(v->memory, (size_t)v->stage.n + 1, sizeof *is_chosen);
    bool *is_named = arena_array(v->memory, (size_t)v->element.n + 1, sizeof *is_named);
    double here = 0, total = 0, made = 0, could = 0;
    const char *product = row->seen->product;
    row->why = "the product's words name no stage, or several";
    if (!is_chosen || !is_named ||
        !words_choose(v->stage.name, v->stage.n, product, false, is_chosen))
        return NAN;
    int32_t elements = name_elements(v, product, is_named);
    if (elements == 0 && words_has(product, " and "))
        return NAN;
    for (int32_t i = 0; i < v->facility_ids.n; i++) {
        const view_facility *f = &v->facility[i];
        if (f->stage == YT_NONE || !is_chosen[f->stage])
            continue;
        if (v->extracts[f->stage] && !is_on_record(f))
            continue;
        if (elements && !v->extracts[f->stage])
            return NAN;
        double output = view_sum(f->output, row->first, row->last);
        double weight = elements ? content_of(v, f, is_named) : 1;
        made += output;
        could += view_sum(f->capacity, row->first, row->last);
        total += weight * output;
        here += f->region == region ? weight * output : 0;
    }
    for (int32_t s = 0; s < v->stage.n; s++)
        if (is_chosen[s] && v->extracts[s] && has_informal(v, YT_NONE, row))
            row->how = elements ? "by content of the elements; without unrecorded output"
                                : "without unrecorded output, as official figures";
    row->is_read = could > 0 && made >= AT_CAPACITY * could;
    return total > 0 ? 100 * here / total : NAN;
}

static void compare_rent(const view_world *v, view_row *row, const view_place *where)
{
    double sum = 0, factor = money_factor(v, row, where, &row->why);
    int32_t n = 0;
    for (int32_t p = 0; p < v->permit.n; p++)
        for (int32_t r = -1; r < v->region.n && v->permit_region[p] == where->region; r++) {
            double mean = view_mean(view_series(v, "permit_price", r, v->commodity.n + p),
                                    row->first, row->last);
            if (isfinite(mean) && text_equal(v->permit_kind[p], "export")) {
                sum += mean;
                n++;
            }
        }
    row->variable = "permit_price";
    row->unit = "USD/t";
    row->low = row->seen->low * factor;
    row->high = row->seen->high * factor;
    row->model = n ? sum / n : NAN;
}

static void compare_quantity(const view_world *v, view_row *row, const view_place *where)
{
    const char *series = row->seen->series;
    row->low = row->seen->low;
    row->high = row->seen->high;
    row->unit = row->seen->unit;
    row->region = where->region;
    row->model = NAN;
    row->why = "the model has no such series";
    bool is_mass = text_starts_with(row->unit, "t") && !strchr(row->unit, '/');
    bool is_percent = text_equal(row->unit, "%");
    bool is_trade = (words_has(series, "import") || words_has(series, "export")) &&
                    !words_has(series, "reliance");
    if (words_has(series, "rent")) {
        compare_rent(v, row, where);
    } else if (is_mass && words_has(series, "quota")) {
        compare_quota(v, row, where);
    } else if ((is_mass || is_percent) && is_trade) {
        compare_trade(v, row);
    } else if (is_percent && words_has(series, "share")) {
        row->variable = "share";
        if (!view_is_whole(v, row->seen->place, where->region))
            row->why = "the place is only part of a region, or several";
        else
            row->model = share_of(v, where->region, row);
    } else if (is_mass && words_has(series, "mine_production")) {
        compare_mined(v, row, where);
    }
    row->is_compared = isfinite(row->model) && (row->model > 0 || row->high > 0);
    if (isfinite(row->model) && !row->is_compared)
        row->why = "nothing in the record and nothing in the model";
    if (row->is_compared)
        row->why = NULL;
    else
        row->how = NULL;
}

/* ------------------------------------------------------------------------------- all rows */

/* ln of model over the nearest end of what was observed; 0 inside. */
static double error_of(const view_row *row)
{
    if (row->model <= 0 || row->low <= 0)
        return row->model == row->low ? 0 : INFINITY;
    if (row->model < row->low)
        return yt_ln(row->model / row->low);
    return row->model > row->high ? yt_ln(row->model / row->high) : 0;
}

/* First and last month of a period; "2010-01..09" and "2010..2012" too. */
static bool parse_period(const char *text, int32_t *first, int32_t *last)
{
    const char *dots = strstr(text, "..");
    char from[16], to[24];
    int32_t ignored;
    if (!dots)
        return calendar_parse(text, first, last);
    if ((size_t)(dots - text) >= sizeof from || strlen(dots + 2) > 12)
        return false;
    memcpy(from, text, (size_t)(dots - text));
    from[dots - text] = '\0';
    if (strlen(dots + 2) == 2 && strlen(from) >= 4)
        snprintf(to, sizeof to, "%.4s-%s", from, dots + 2);
    else
        snprintf(to, sizeof to, "%s", dots + 2);
    return calendar_parse(from, first, &ignored) && calendar_parse(to, &ignored, last);
}

const view_role *view_role_of(const view_world *v, const char *series, int32_t first, int32_t last)
{
    const view_role *found = NULL;
    for (int32_t i = 0; i < v->roles; i++)
        if (text_equal(v->role[i].series, series) && v->role[i].first <= first &&
            last <= v->role[i].last)
            found = &v->role[i];
    return found;
}

/* Role and verdict of a compared row; its months counted from year 0. */
void view_judge(const view_world *v, view_row *row, int32_t first, int32_t last)
{
    const view_role *role = view_role_of(v, row->seen->series, first, last);
    row->role = role ? role->role : NULL;
    row->tolerance = role ? role->tolerance : NAN;
    if (!isfinite(row->tolerance))
        return;
    if (text_equal(row->unit, "%"))
        row->is_near =
            row->model >= row->low - row->tolerance && row->model <= row->high + row->tolerance;
    else
        row->is_near = row->tolerance > 0 && fabs(row->error) <= yt_ln(row->tolerance);
}

/* Product, place and months of an observation; false: not one of the simulated months. */
static bool find_row(const view_world *v, view_row *row, const view_place **where)
{
    static const view_place nowhere = {"none", YT_NONE};
    const view_observed *seen = row->seen;
    int32_t product = view_find(&v->product, seen->product);
    int32_t word = view_find(&v->place_word, seen->place);
    *where = word == YT_NONE ? &nowhere : &v->place_of[word];
    row->commodity = product == YT_NONE ? YT_NONE : v->product_commodity[product];
    row->region = (*where)->region;
    if (!parse_period(seen->period, &row->first, &row->last)) {
        row->why = "its period is not a date";
        return false;
    }
    row->first -= v->start;
    row->last -= v->start;
    if (text_equal(seen->freq, "E")) /* the year's last month */
        row->first = row->last;
    if (row->first < 0 || row->last >= v->months) {
        row->why = "outside the simulated months";
        row->first = row->last = 0;
        return false;
    }
    return true;
}

static int32_t only_mine(const view_world *v)
{
    int32_t mine = YT_NONE, mines = 0;
    for (int32_t s = 0; s < v->stage.n; s++)
        if (v->extracts[s]) {
            mine = s;
            mines++;
        }
    return mines == 1 ? mine : YT_NONE;
}

bool view_match(const view_world *v, view_row *row)
{
    const view_observed *seen = row->seen;
    const view_place *where;
    row->stage = YT_NONE;
    if (!find_row(v, row, &where))
        return false;
    if (text_equal(seen->series, "price"))
        return place_price(v, row, where);
    bool is_world = text_equal(where->view, "world");
    if (!words_has(seen->series, "mine_production") || strchr(seen->unit, '/') ||
        !text_starts_with(seen->unit, "t") ||
        (!is_world && !view_is_whole(v, seen->place, where->region)))
        return false;
    row->variable = "output";
    row->unit = "t/month";
    row->region = is_world ? YT_NONE : where->region;
    row->stage = only_mine(v);
    row->low = seen->low / (row->last - row->first + 1);
    row->high = seen->high / (row->last - row->first + 1);
    return row->stage != YT_NONE;
}

static void compare_row(const view_world *v, view_row *row)
{
    const view_observed *seen = row->seen;
    const view_place *where;
    if (!find_row(v, row, &where))
        return;
    if (text_equal(seen->series, "price"))
        compare_price(v, row, where);
    else
        compare_quantity(v, row, where);
    row->tolerance = NAN;
    if (row->is_compared) {
        row->error = error_of(row);
        view_judge(v, row, v->start + row->first, v->start + row->last);
        if (text_equal(row->how, AT_FLOOR) && text_equal(row->role, "calibration"))
            row->is_read = true; /* an input found by this very price */
    }
}

/* How much a row matters among those of its kind: what was seen over the most ever seen. */
static double weight_of(const view_world *v, const view_observed *seen)
{
    double most = 0;
    for (int32_t i = 0; i < v->observations; i++)
        if (text_equal(v->observed[i].series, seen->series) &&
            text_equal(v->observed[i].unit, seen->unit))
            most = fmax(most, v->observed[i].high);
    return most > 0 ? seen->high / most : 0;
}

/* Compared rows before others, large errors before small, large things before small (errors
 * past a factor of 100, and a model that has none at all, count as equally large). */
static int by_error(const void *a, const void *b)
{
    const view_row *x = a, *y = b;
    if (x->is_compared != y->is_compared)
        return x->is_compared ? -1 : 1;
    double ex = fmin(fabs(x->error), WORST), ey = fmin(fabs(y->error), WORST);
    if (x->is_compared && ex != ey)
        return ex > ey ? -1 : 1;
    if (x->is_compared && x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return (x->seen > y->seen) - (x->seen < y->seen);
}

void view_compare_history(view_world *v)
{
    v->row = arena_array(v->memory, (size_t)v->observations + 1, sizeof *v->row);
    for (int32_t i = 0; v->row && i < v->observations; i++) {
        v->row[i].seen = &v->observed[i];
        v->row[i].weight = weight_of(v, &v->observed[i]);
        compare_row(v, &v->row[i]);
        v->rows++;
    }
    if (v->row)
        qsort(v->row, (size_t)v->rows, sizeof *v->row, by_error);
}

/* A text that many rows repeat: its number in the list written after them. */
static void write_shared(const view_world *v, json_writer *w, view_list *texts, const char *key,
                         const char *text)
{
    if (*text)
        json_key_integer(w, key, view_add(v->memory, texts, text, ""));
}

static void write_row(const view_world *v, json_writer *w, view_list *texts, const view_row *row)
{
    const view_observed *seen = row->seen;
    json_begin_object(w);
    write_shared(v, w, texts, "series", seen->series);
    json_key_text(w, "period", seen->period);
    write_shared(v, w, texts, "product", seen->product);
    write_shared(v, w, texts, "place", seen->place);
    write_shared(v, w, texts, "unit", seen->unit);
    json_key_number(w, "seenLow", seen->low);
    if (seen->high != seen->low)
        json_key_number(w, "seenHigh", seen->high);
    if (!row->is_compared) {
        write_shared(v, w, texts, "why", row->why ? row->why : "unknown");
        json_end_object(w);
        return;
    }
    json_key_text(w, "freq", seen->freq);
    write_shared(v, w, texts, "source", seen->source);
    json_key_text(w, "grade", seen->grade);
    write_shared(v, w, texts, "basis", seen->basis);
    write_shared(v, w, texts, "note", seen->note);
    json_key_integer(w, "c", row->commodity);
    json_key_integer(w, "r", row->region);
    write_shared(v, w, texts, "v", row->variable ? row->variable : "");
    json_key_integer(w, "first", row->first);
    json_key_integer(w, "last", row->last);
    write_shared(v, w, texts, "modelUnit", row->unit);
    json_key_number(w, "low", view_round(row->low, 5));
    if (row->high != row->low)
        json_key_number(w, "high", view_round(row->high, 5));
    json_key_number(w, "model", view_round(row->model, 5));
    json_key_number(w, "error", view_round(row->error, 4));
    json_key_bool(w, "read", row->is_read);
    write_shared(v, w, texts, "how", row->how ? row->how : "");
    write_shared(v, w, texts, "role", row->role ? row->role : "");
    if (isfinite(row->tolerance))
        json_key_bool(w, "near", row->is_near);
    json_end_object(w);
}

void view_history(const view_world *v, json_writer *w)
{
    view_list texts = {0};
    json_key(w, "history"); /* largest error first; texts are numbers into historyTexts */
    json_begin_array(w);
    for (int32_t i = 0; i < v->rows; i++)
        write_row(v, w, &texts, &v->row[i]);
    json_end_array(w);
    json_key(w, "historyTexts");
    json_begin_array(w);
    for (int32_t i = 0; i < texts.n; i++)
        json_text(w, texts.id[i]);
    json_end_array(w);
}
