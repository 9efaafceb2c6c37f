/* worlds.c - view.json of an ensemble ("ytterby/ensemble/1"). */
#include "view/worlds.h"
#include "view/worlds_page.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A number that may lie beyond the end: null. */
static void write_finite(json_writer *w, const char *key, double value)
{
    json_key_number(w, key, isfinite(value) ? view_round(value, 6) : NAN);
}

static void write_key(json_writer *w, const char *name, const char *region, const char *about,
                      const char *unit)
{
    json_key_text(w, "v", name);
    json_key_text(w, "r", region);
    json_key_text(w, "about", about);
    json_key_text(w, "unit", unit);
}

/* ----------------------------------------------------------------------------------- dates */

/* Steps as fours: time, share that came by then, 95 % interval. */
static void write_date(const worlds *w, json_writer *j, const worlds_number *n)
{
    worlds_date d = worlds_date_of(w, n);
    json_begin_object(j);
    write_key(j, n->name, n->region, n->about, n->unit);
    json_key_integer(j, "n", d.n);
    json_key_integer(j, "came", d.came);
    write_finite(j, "share", d.share);
    write_finite(j, "error", d.error);
    write_finite(j, "early", d.early);
    write_finite(j, "median", d.median);
    write_finite(j, "late", d.late);
    write_finite(j, "medianEarliest", d.median_earliest);
    write_finite(j, "medianLatest", d.median_latest);
    json_key(j, "steps");
    json_begin_array(j);
    for (int32_t i = 0; i < d.steps; i++) {
        const stats_survival *s = &d.step[i];
        const double four[] = {s->time, 1 - s->share, 1 - s->high, 1 - s->low};
        view_numbers(j, four, 4, 6);
    }
    json_end_array(j);
    json_end_object(j);
}

static void write_dates(const worlds *w, json_writer *j)
{
    json_key(j, "dates");
    json_begin_array(j);
    for (int32_t i = 0; i < w->numbers; i++)
        if (worlds_is_date(w->number[i].name))
            write_date(w, j, &w->number[i]);
    json_end_array(j);
}

/* --------------------------------------------------------------------------------- numbers */

static void write_number(const worlds *w, json_writer *j, const worlds_number *n)
{
    worlds_estimate e = worlds_estimate_of(w, n);
    const double band[] = {e.lowest, e.lower, e.middle, e.higher, e.highest};
    if (e.n == 0)
        return;
    json_begin_object(j);
    write_key(j, n->name, n->region, n->about, n->unit);
    json_key_integer(j, "n", e.n);
    write_finite(j, "mean", e.mean);
    write_finite(j, "error", e.error);
    json_key(j, "q");
    view_numbers(j, band, 5, 5);
    json_end_object(j);
}

static void write_all_numbers(const worlds *w, json_writer *j)
{
    json_key(j, "numbers"); /* q: 5, 25, 50, 75, 95 % of worlds */
    json_begin_array(j);
    for (int32_t i = 0; i < w->numbers; i++)
        if (!worlds_is_date(w->number[i].name) && !text_equal(w->number[i].name, "broken_month"))
            write_number(w, j, &w->number[i]);
    json_end_array(j);
}

/* ------------------------------------------------------------------------------------ fans */

static void write_fan(const worlds *w, json_writer *j, const worlds_fan *f)
{
    static const int shown[] = {0, 2, 3, 4, 6};
    json_begin_object(j);
    write_key(j, f->variable, f->region, f->about, f->unit);
    json_key(j, "q");
    json_begin_array(j);
    for (int k = 0; k < 5; k++) {
        json_begin_array(j);
        for (int32_t y = 0; y < w->view.years; y++)
            json_number(j, view_round(f->value[y * WORLDS_QUANTILES + shown[k]], 3));
        json_end_array(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void write_fans(const worlds *w, json_writer *j)
{
    json_key(j, "fans"); /* q: 5, 25, 50, 75, 95 % of worlds, each by year */
    json_begin_array(j);
    for (int32_t i = 0; i < w->fans; i++)
        write_fan(w, j, &w->fan[i]);
    json_end_array(j);
}

static void write_points(const worlds *w, json_writer *j)
{
    int32_t n;
    const worlds_point *p = worlds_points(w, &n);
    json_key(j, "points");
    json_begin_array(j);
    for (int32_t i = 0; i < n; i++) {
        json_begin_object(j);
        json_key_integer(j, "fan", p[i].fan);
        json_key_number(j, "from", view_round(p[i].from, 7));
        json_key_number(j, "to", view_round(p[i].to, 7));
        json_key_number(j, "low", view_round(p[i].low, 5));
        json_key_number(j, "high", view_round(p[i].high, 5));
        json_key_text(j, "period", p[i].seen->period);
        json_key_text(j, "source", p[i].seen->source);
        json_key_text(j, "grade", p[i].seen->grade);
        json_key_text(j, "what", p[i].seen->product);
        json_key_text(j, "place", p[i].seen->place);
        if (p[i].is_year)
            json_key_integer(j, "band", p[i].is_in80 ? 80 : p[i].is_in90 ? 90 : 0);
        json_end_object(j);
    }
    json_end_array(j);
}

/* ----------------------------------------------------------------------- tornado, comparison */

/* The next part of a list and what follows its separator; false: no more. */
static bool next_part(const char **list, char separator, char part[96])
{
    const char *end = strchr(*list, separator);
    size_t n = end ? (size_t)(end - *list) : strlen(*list);
    if (!**list && !end)
        return false;
    n = n < 95 ? n : 95;
    memcpy(part, *list, n);
    part[n] = '\0';
    *list = end ? end + 1 : "";
    return true;
}

/* Is a row of the case, with key "a||b|2010", what a draw's "a,blank,b" stands for?  Dates are
 * left out of the draw's name. */
static bool is_of_draw(const char *key, const char *names)
{
    char want[96], have[96];
    while (next_part(&names, ',', want)) {
        if (text_equal(want, "blank"))
            continue;
        bool found = false;
        while (!found && next_part(&key, '|', have))
            found = text_equal(want, have);
        if (!found)
            return false;
    }
    return true;
}

/* The worst grade of the rows that a parameter, table[key].value, was drawn from; "": none. */
static const char *grade_of(const worlds *w, const char *parameter)
{
    char table[96], names[96];
    const char *rest = parameter, *grade = "";
    if (!next_part(&rest, '[', table) || !next_part(&rest, ']', names))
        return "";
    for (int32_t i = 0; i < w->view.facts; i++) {
        const view_fact *f = &w->view.fact[i];
        if (*f->low && strcmp(f->grade, grade) > 0 && text_equal(f->table, table) &&
            is_of_draw(f->key, names))
            grade = f->grade;
    }
    return grade;
}

static void write_tornado(const worlds *w, json_writer *j)
{
    json_key(j, "tornado");
    json_begin_array(j);
    for (int32_t i = 0; i < w->effects; i++) {
        const worlds_effect *e = &w->effect[i];
        json_begin_object(j);
        json_key_text(j, "outcome", e->outcome);
        json_key_text(j, "r", e->region);
        json_key_text(j, "parameter", e->parameter);
        json_key_text(j, "method", e->method);
        json_key_text(j, "grade", grade_of(w, e->parameter));
        write_finite(j, "low", e->low);
        write_finite(j, "high", e->high);
        write_finite(j, "effectLow", e->effect_low);
        write_finite(j, "effectHigh", e->effect_high);
        write_finite(j, "error", e->error);
        write_finite(j, "cut", e->cut);
        json_key_integer(j, "worlds", e->worlds);
        json_end_object(j);
    }
    json_end_array(j);
}

static void write_change(json_writer *j, const worlds_change *c)
{
    json_begin_object(j);
    worlds_write_change(j, c);
    json_end_object(j);
}

static void write_comparison(const worlds *w, const worlds *other, json_writer *j)
{
    int32_t n;
    const worlds_change *change = worlds_changes(w, other, &n);
    json_key(j, "other");
    json_begin_object(j);
    json_key_text(j, "overlays", view_manifest(&other->view, "overlays"));
    json_key_text(j, "command", view_manifest(&other->view, "command"));
    json_key_text(j, "hash", view_manifest(&other->view, "case_hash"));
    json_key_integer(j, "worlds", other->runs);
    write_dates(other, j);
    json_key(j, "changes");
    json_begin_array(j);
    for (int32_t i = 0; change && i < n; i++)
        write_change(j, &change[i]);
    json_end_array(j);
    json_end_object(j);
}

/* --------------------------------------------------------------------------------- the whole */

void worlds_write(const worlds *w, const worlds *other, json_writer *j)
{
    const view_world *v = &w->view;
    const view_sink sink = {.json = j};
    json_begin_object(j);
    json_key_text(j, "schema", "ytterby/ensemble/1");
    json_key_integer(j, "worlds", w->runs);
    json_key_integer(j, "broken", w->broken);
    json_key_integer(j, "firstYear", v->first_year);
    json_key_integer(j, "years", v->years);
    json_key_integer(j, "now", v->now);
    json_key_integer(j, "baseYear", v->base_year);
    json_key_text(j, "incumbent", w->incumbent);
    view_names(j, "regions", &v->region);
    view_names(j, "groups", &v->group);
    view_names(j, "stages", &v->stage);
    view_names(j, "commodities", &v->commodity);
    json_key(j, "groupOf");
    json_begin_array(j);
    for (int32_t c = 0; c < v->commodity.n; c++)
        json_whole(j, v->commodity_group[c]);
    json_end_array(j);
    json_key(j, "cards");
    json_begin_array(j);
    worlds_cards(w, &sink);
    json_end_array(j);
    write_dates(w, j);
    write_all_numbers(w, j);
    write_fans(w, j);
    write_points(w, j);
    write_tornado(w, j);
    if (other)
        write_comparison(w, other, j);
    view_quality(v, j);
    view_manifest_json(v, j);
    json_end_object(j);
}
