/* history.c - the model held against what was observed, misses first.
 *
 * Observations are words; the tables product_name and place_name say which commodity, region
 * and price they mean.  Quotations are brought to the model's money: the currency by the
 * mean rate of the year, tax taken off where it is inside, the price level of the base year.
 * A row is "read" when its answer was put in (an announced quota, a mine at its capacity) and
 * "computed" otherwise.
 */
#include "view/inside.h"

#include "base/calendar.h"
#include "base/math.h"
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Output within this share of what could run follows from capacity, which is an input. */
#define AT_CAPACITY 0.98
#define WORST 4.605 /* ln 100 */

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

static void compare_price(const view_world *v, view_row *row, const view_place *where)
{
    int32_t region = where->region;
    row->variable = price_variable(v, where, &region);
    row->unit = "USD/t";
    row->region = region;
    if (row->commodity == YT_NONE || !row->variable || region == YT_NONE) {
        row->why = row->variable ? "the product is not a commodity of the case"
                                 : "the place is not a market of the case";
        return;
    }
    double factor = money_factor(v, row, where, &row->why);
    const double *month = view_series(v, row->variable, region, row->commodity);
    if (!month && !text_equal(row->variable, "price")) {
        row->variable = "price"; /* no such border or import price: the market's own */
        month = view_series(v, "price", region, row->commodity);
    }
    row->low = row->seen->low * factor;
    row->high = row->seen->high * factor;
    row->model = view_mean(month, row->first, row->last);
    row->is_compared = isfinite(row->model) && isfinite(factor);
    if (!row->is_compared && !row->why)
        row->why = "no trade in the model then";
}

/* ------------------------------------------------------------------------------- quantities */

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && tolower((unsigned char)text[i]) == word[i])
            i++;
        if (i == n)
            return true;
    }
    return false;
}

/* Length of the run of letters at text, and where the next one starts. */
static size_t word_length(const char *text)
{
    size_t n = 0;
    while (isalpha((unsigned char)text[n]))
        n++;
    return n;
}

static const char *next_word(const char *text)
{
    while (*text && !isalpha((unsigned char)*text))
        text++;
    return text;
}

/* "mined" and "mining", "magnet" and "magnets": the same but for their endings. */
static bool same_stem(const char *a, size_t n, const char *b, size_t m)
{
    size_t shorter = n < m ? n : m, common = 0;
    while (common < shorter &&
           tolower((unsigned char)a[common]) == tolower((unsigned char)b[common]))
        common++;
    return shorter >= 4 && common >= 3 && common + 2 >= shorter;
}

/* Which words of `text` are also in `name`: a bit each; `hits` of the `words` in name match. */
static uint32_t shared_words(const char *text, const char *name, int *hits, int *words)
{
    uint32_t shared = 0;
    *hits = *words = 0;
    for (const char *b = next_word(name); *b; b = next_word(b + word_length(b))) {
        bool hit = false;
        int bit = 0;
        ++*words;
        for (const char *a = next_word(text); *a && bit < 32;
             a = next_word(a + word_length(a)), bit++)
            if (same_stem(a, word_length(a), b, word_length(b))) {
                shared |= 1u << bit;
                hit = true;
            }
        *hits += hit;
    }
    return shared;
}

/* Names that fit a product's words best; those that share the same words all count.
 * Sets is_chosen[list->n]; false when nothing fits, or when different words fit equally. */
static bool choose_by_words(const view_list *list, const char *text, bool whole, bool *is_chosen)
{
    double best = 0;
    uint32_t shared = 0;
    bool is_clear = false;
    for (int32_t i = 0; i < list->n; i++) {
        int hits, words;
        uint32_t mine = shared_words(text, list->name[i], &hits, &words);
        double score = words ? hits + (double)hits / words : 0;
        is_chosen[i] = false;
        if (hits == 0 || (whole && hits < words) || score < best)
            continue;
        if (score > best) {
            memset(is_chosen, 0, (size_t)i * sizeof *is_chosen);
            best = score;
            shared = mine;
            is_clear = true;
        }
        is_clear = is_clear && mine == shared;
        is_chosen[i] = true;
    }
    return is_clear;
}

/* Is the place the whole of its region?  A country inside a larger region is not. */
static bool is_whole(const view_world *v, const char *word, int32_t region)
{
    return region != YT_NONE &&
           (text_equal(word, v->region.id[region]) || text_equal(word, v->region.name[region]) ||
            text_equal(word, v->members[region]));
}

/* Mined in a region (YT_NONE: everywhere), t; `could` gets what capacity allowed. */
static double mined(const view_world *v, int32_t region, const view_row *row, double *could)
{
    double sum = 0;
    *could = 0;
    for (int32_t i = 0; i < v->facility_ids.n; i++) {
        const view_facility *f = &v->facility[i];
        if (f->stage == YT_NONE || !v->extracts[f->stage] ||
            (region != YT_NONE && f->region != region))
            continue;
        sum += view_sum(f->output, row->first, row->last);
        *could += view_sum(f->capacity, row->first, row->last);
    }
    return sum;
}

static bool is_in_scope(const view_world *v, int32_t region, int32_t commodity)
{
    bool any = false;
    for (int32_t i = 0; i < v->scopes; i++)
        if (v->permit_region[v->scope[i].row] == region) {
            any = true;
            if (v->scope[i].column == commodity)
                return true;
        }
    return !any;
}

/* Which commodities a trade record is about: the product's kind, the kind its words name,
 * or, for "all ...", what export permits cover.  False: cannot be told. */
static bool choose_goods(const view_world *v, const view_row *row, int32_t origin, bool *is_chosen)
{
    bool *groups = arena_array(v->memory, (size_t)v->group.n + 1, sizeof *groups);
    const char *product = row->seen->product;
    if (!groups)
        return false;
    bool is_all = text_equal(product, "all") || text_starts_with(product, "all ");
    if (row->commodity != YT_NONE)
        groups[v->commodity_group[row->commodity]] = true;
    else if (!is_all && (strpbrk(product, ",;+") || has_word(product, " and ") ||
                         !choose_by_words(&v->group, product, true, groups)))
        return false; /* several things in one, or none of ours */
    for (int32_t c = 0; c < v->commodity.n; c++)
        is_chosen[c] = is_all ? is_in_scope(v, origin, c) : groups[v->commodity_group[c]];
    return true;
}

/* Legal shipments from `origin` to `destination` (YT_NONE: all others), t. */
static double shipped(const view_world *v, int32_t origin, int32_t destination, const view_row *row)
{
    bool *is_chosen = arena_array(v->memory, (size_t)v->commodity.n + 1, sizeof *is_chosen);
    double sum = 0;
    if (!is_chosen || !choose_goods(v, row, origin, is_chosen))
        return NAN;
    for (int32_t a = 0; a < v->arcs; a++) {
        const view_arc *arc = &v->arc[a];
        if (arc->is_open && arc->origin == origin && arc->destination != origin &&
            (destination == YT_NONE || arc->destination == destination) &&
            is_chosen[arc->commodity])
            sum += view_sum(arc->tonnes, row->first, row->last);
    }
    return sum;
}

/* "X to Y" in a place: both ends; false when an end is unknown or a part of a region. */
static bool both_ends(const view_world *v, const char *text, int32_t *origin, int32_t *destination)
{
    const char *to = strstr(text, " to ");
    char word[128];
    if (!to || (size_t)(to - text) >= sizeof word)
        return is_whole(v, text, *origin);
    memcpy(word, text, (size_t)(to - text));
    word[to - text] = '\0';
    int32_t from = view_find(&v->place_word, word), end = view_find(&v->place_word, to + 4);
    if (from == YT_NONE || end == YT_NONE)
        return false;
    *origin = v->place_of[from].region;
    *destination = v->place_of[end].region;
    return is_whole(v, word, *origin) &&
           (text_equal(v->place_of[end].view, "world") || is_whole(v, to + 4, *destination));
}

static double permits_issued(const view_world *v, int32_t region, const view_row *row)
{
    double sum = 0;
    for (int32_t p = 0; p < v->permit.n; p++)
        if (v->permit_region[p] == region && text_equal(v->permit_kind[p], "export"))
            for (int32_t r = -1; r < v->region.n; r++)
                sum += view_sum(view_series(v, "permit_issued", r, v->commodity.n + p), row->first,
                                row->last);
    return sum;
}

/* Share of a region in the stage a product's words name, percent. */
static double share_of(const view_world *v, int32_t region, view_row *row)
{
    bool *is_chosen = arena_array(v->memory, (size_t)v->stage.n + 1, sizeof *is_chosen);
    double here = 0, total = 0, could = 0;
    if (!is_chosen || !choose_by_words(&v->stage, row->seen->product, false, is_chosen))
        return NAN;
    for (int32_t i = 0; i < v->facility_ids.n; i++) {
        const view_facility *f = &v->facility[i];
        if (f->stage == YT_NONE || !is_chosen[f->stage])
            continue;
        double made = view_sum(f->output, row->first, row->last);
        total += made;
        here += f->region == region ? made : 0;
        could += view_sum(f->capacity, row->first, row->last);
    }
    row->is_read = could > 0 && total >= AT_CAPACITY * could;
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
    int32_t origin = where->region, destination = YT_NONE;
    double could = NAN;
    row->low = row->seen->low;
    row->high = row->seen->high;
    row->unit = row->seen->unit;
    row->region = where->region;
    row->model = NAN;
    row->why = "the model has no such series";
    bool is_region = is_whole(v, row->seen->place, where->region);
    bool is_mass = text_starts_with(row->unit, "t") && !strchr(row->unit, '/');
    bool is_trade = has_word(series, "import") || has_word(series, "export");
    if (has_word(series, "rent")) {
        compare_rent(v, row, where);
    } else if (has_word(series, "share") && text_equal(row->unit, "%")) {
        row->variable = "share";
        if (!is_region)
            row->why = "the place is not a region of the case";
        else
            row->model = share_of(v, where->region, row);
    } else if (is_mass && has_word(series, "mine_production")) {
        row->variable = "mined";
        if (!is_region && !text_equal(where->view, "world"))
            row->why = "the place is not a region of the case";
        else
            row->model = mined(v, where->region, row, &could);
        row->is_read = could > 0 && row->model >= AT_CAPACITY * could;
    } else if (is_mass && has_word(series, "export_quota")) {
        row->variable = "permit_issued";
        if (is_region && text_starts_with(row->seen->product, "all"))
            row->model = permits_issued(v, where->region, row);
        row->is_read = true;
    } else if (is_mass && is_trade && !both_ends(v, row->seen->place, &origin, &destination)) {
        row->why = "the place is not a region of the case";
    } else if (is_mass && has_word(series, "imports_from")) {
        row->variable = "import"; /* a buyer's record of what the exporter sent */
        row->model = shipped(v, v->exporter, origin, row);
    } else if (is_mass && has_word(series, "exports")) {
        row->variable = "export";
        row->model = shipped(v, origin, destination, row);
    }
    row->is_compared = isfinite(row->model) && (row->model > 0 || row->high > 0);
    if (row->is_compared)
        row->why = NULL;
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

static void compare_row(const view_world *v, view_row *row)
{
    static const view_place nowhere = {"none", YT_NONE};
    const view_observed *seen = row->seen;
    int32_t product = view_find(&v->product, seen->product);
    int32_t word = view_find(&v->place_word, seen->place);
    const view_place *where = word == YT_NONE ? &nowhere : &v->place_of[word];
    row->commodity = product == YT_NONE ? YT_NONE : v->product_commodity[product];
    row->region = where->region;
    if (!calendar_parse(seen->period, &row->first, &row->last)) {
        row->why = "its period is not a date";
        return;
    }
    row->first -= v->start;
    row->last -= v->start;
    if (text_equal(seen->freq, "E")) /* the year's last month */
        row->first = row->last;
    if (row->first < 0 || row->last >= v->months) {
        row->why = "outside the simulated months";
        row->first = row->last = 0;
        return;
    }
    if (text_equal(seen->series, "price"))
        compare_price(v, row, where);
    else
        compare_quantity(v, row, where);
    if (row->is_compared)
        row->error = error_of(row);
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
