/* worlds_points.c - the record beside the bands of an ensemble. */
#include "view/worlds.h"

#include "base/text.h"

#include <math.h>

typedef struct found {
    worlds_point *point;
    int32_t n, room;
} found;

/* Does a range touch the band between two quantiles of a year? */
static bool touches(const worlds *w, const worlds_point *p, int32_t year, int below, int above)
{
    const double *band = w->fan[p->fan].value + (size_t)year * WORLDS_QUANTILES;
    return isfinite(band[below]) && p->high >= band[below] && p->low <= band[above];
}

static bool has_band(const worlds *w, int32_t fan, int32_t year)
{
    return isfinite(w->fan[fan].value[(size_t)year * WORLDS_QUANTILES]);
}

static void add(const worlds *w, found *f, const view_row *row, const worlds_fan *fan, double low,
                double high)
{
    int32_t year = (w->view.start + row->first) / 12 - w->view.first_year;
    if (!fan || f->n >= f->room || !isfinite(low) || !isfinite(high))
        return;
    worlds_point p = {.seen = row->seen, .fan = (int32_t)(fan - w->fan), .low = low, .high = high};
    p.from = (w->view.start + row->first) / 12.0;
    p.to = (w->view.start + row->last + 1) / 12.0;
    p.is_year = row->last - row->first == 11 && (w->view.start + row->first) % 12 == 0 &&
                has_band(w, p.fan, year);
    p.is_in80 = p.is_year && touches(w, &p, year, 1, 5);
    p.is_in90 = p.is_year && touches(w, &p, year, 0, 6);
    f->point[f->n++] = p;
}

static void add_price(const worlds *w, found *f, const view_row *row)
{
    const char *region = w->view.region.id[row->region];
    const char *commodity = w->view.commodity.id[row->commodity];
    const worlds_fan *fan = worlds_find_fan(w, row->variable, region, commodity);
    if (!fan)
        fan = worlds_find_fan(w, "price", region, commodity);
    add(w, f, row, fan, row->low, row->high);
}

/* The incumbent's figure for the months of a world figure, of the same source where there is one.
 */
static const view_row *of_incumbent(const worlds *w, const view_row *row, int32_t rows,
                                    const view_row *world)
{
    const view_row *best = NULL;
    for (int32_t i = 0; i < rows; i++) {
        const view_row *r = &row[i];
        if (r->stage == YT_NONE || r->region != w->view.exporter || r->first != world->first ||
            r->last != world->last)
            continue;
        if (!best || text_equal(r->seen->source, world->seen->source))
            best = r;
    }
    return best;
}

/* What was mined: a region's own figure; the world's less the incumbent's is "outside". */
static void add_mined(const worlds *w, found *f, const view_row *row, int32_t rows,
                      const view_row *mined)
{
    const char *stage = w->view.stage.id[mined->stage];
    if (mined->region != YT_NONE) {
        add(w, f, mined, worlds_find_fan(w, "output", w->view.region.id[mined->region], stage),
            mined->low, mined->high);
        return;
    }
    const view_row *theirs = of_incumbent(w, row, rows, mined);
    if (theirs)
        add(w, f, mined, worlds_find_fan(w, "output", "outside", stage),
            fmax(0, mined->low - theirs->high), fmax(0, mined->high - theirs->low));
}

const worlds_point *worlds_points(const worlds *w, int32_t *n)
{
    const view_world *v = &w->view;
    view_row *row = arena_array(v->memory, (size_t)v->observations + 1, sizeof *row);
    found f = {arena_array(v->memory, (size_t)v->observations + 1, sizeof *f.point), 0,
               v->observations};
    int32_t rows = 0;
    *n = 0;
    if (!row || !f.point)
        return NULL;
    for (int32_t i = 0; i < v->observations; i++) {
        row[rows] = (view_row){.seen = &v->observed[i]};
        rows += view_match(v, &row[rows]);
    }
    for (int32_t i = 0; i < rows; i++)
        if (row[i].stage != YT_NONE)
            add_mined(w, &f, row, rows, &row[i]);
        else
            add_price(w, &f, &row[i]);
    *n = f.n;
    return f.point;
}
