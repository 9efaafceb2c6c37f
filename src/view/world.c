/* world.c - small questions about a loaded result, and numbers as compact JSON. */
#include "view/inside.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const double *view_series(const view_world *v, const char *variable, int32_t region,
                          int32_t subject)
{
    int32_t i = view_find(&v->variable, variable);
    if (i == YT_NONE || !v->series)
        return NULL;
    size_t row =
        (size_t)i * (size_t)(v->region.n + 1) + (size_t)(region == YT_NONE ? v->region.n : region);
    return v->series[row * (size_t)v->subjects +
                     (size_t)(subject == YT_NONE ? v->subjects - 1 : subject)];
}

double view_sum(const double *month, int32_t first, int32_t last)
{
    double sum = 0;
    for (int32_t m = first; month && m <= last; m++)
        sum += isfinite(month[m]) ? month[m] : 0;
    return sum;
}

double view_mean(const double *month, int32_t first, int32_t last)
{
    double sum = 0;
    int32_t n = 0;
    for (int32_t m = first; month && m <= last; m++)
        if (isfinite(month[m])) {
            sum += month[m];
            n++;
        }
    return n ? sum / n : NAN;
}

double view_step_at(const view_step *step, int32_t n, int32_t subject, int32_t year)
{
    double value = NAN;
    int32_t best = -1;
    for (int32_t i = 0; i < n; i++)
        if (step[i].subject == subject && step[i].year <= year && step[i].year > best) {
            best = step[i].year;
            value = step[i].value;
        }
    return value;
}

double view_price_level(const view_world *v, int32_t year)
{
    double level = view_step_at(v->deflator, v->deflators, 0, year);
    double base = view_step_at(v->deflator, v->deflators, 0, v->base_year);
    if (!isfinite(base))
        base = level > 10 ? 100 : 1; /* points or a ratio */
    return isfinite(level) ? level / base : 1;
}

static double made_at(const view_world *v, int32_t stage, int32_t region, int32_t year)
{
    return v->made[((size_t)stage * (size_t)v->region.n + (size_t)region) * (size_t)v->years +
                   (size_t)year];
}

double view_hhi(const view_world *v, int32_t stage, int32_t year)
{
    double total = 0, squares = 0;
    for (int32_t r = 0; r < v->region.n; r++) {
        double made = made_at(v, stage, r, year);
        total += made;
        squares += made * made;
    }
    return total > 0 ? 1e4 * squares / (total * total) : NAN;
}

int32_t view_leader(const view_world *v, int32_t stage, int32_t year, double *share)
{
    int32_t leader = YT_NONE;
    double total = 0, most = 0;
    for (int32_t r = 0; r < v->region.n; r++) {
        double made = made_at(v, stage, r, year);
        total += made;
        if (made > most) {
            most = made;
            leader = r;
        }
    }
    *share = total > 0 ? most / total : NAN;
    return leader;
}

const char *view_manifest(const view_world *v, const char *key)
{
    for (int32_t i = 0; i < v->manifests; i++)
        if (text_equal(v->manifest[2 * i], key))
            return v->manifest[2 * i + 1];
    return NULL;
}

void view_names(json_writer *w, const char *key, const view_list *list)
{
    json_key(w, key);
    json_begin_array(w);
    for (int32_t i = 0; i < list->n; i++) {
        json_begin_object(w);
        json_key_text(w, "id", list->id[i]);
        json_key_text(w, "name", list->name[i]);
        json_end_object(w);
    }
    json_end_array(w);
}

void view_manifest_json(const view_world *v, json_writer *w)
{
    json_key(w, "manifest");
    json_begin_array(w);
    for (int32_t i = 0; i < v->manifests; i++) {
        json_begin_array(w);
        json_text(w, v->manifest[2 * i]);
        json_text(w, v->manifest[2 * i + 1]);
        json_end_array(w);
    }
    json_end_array(w);
}

double view_round(double value, int digits)
{
    if (!isfinite(value) || value == 0)
        return value;
    char text[40];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    return strtod(text, NULL);
}

void view_numbers(json_writer *w, const double *value, int32_t n, int digits)
{
    json_begin_array(w);
    for (int32_t i = 0; i < n; i++)
        json_number(w, view_round(value[i], digits));
    json_end_array(w);
}

void view_months(json_writer *w, const double *month, int32_t n, int digits)
{
    int32_t first = 0, end = n;
    while (first < n && !isfinite(month[first]))
        first++;
    while (end > first && !isfinite(month[end - 1]))
        end--;
    json_key_integer(w, "s", first);
    json_key(w, "d");
    view_numbers(w, month + first, end - first, digits);
}
