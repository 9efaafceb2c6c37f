/* factor.c - L D L' of A W A' + diagonal, supernode by supernode.
 *
 * Left-looking: a panel first collects the updates of the supernodes before it, then is
 * factored as a dense block.  The sums run in one fixed order, so every machine gets the
 * same bits.  Multipliers that are exactly zero (activities at a bound) are skipped.
 */
#include "market/inside.h"

#include <assert.h>
#include <string.h>

void factor_forget(const market_pattern *pattern, factor *f)
{
    f->is_shaped = false;
    memset(f->is_live, 0, (size_t)pattern->edges);
}

void factor_expect(const market_pattern *pattern, int32_t j, factor *f)
{
    for (int32_t k = pattern->pair_start[j]; k < pattern->pair_start[j + 1]; k++)
        f->is_live[pattern->pair[k]] = true;
}

/* A W A' by edges, and its diagonal. */
static void sum_edges(const market_pattern *pattern, const double *coefficient,
                      const double *weight, const double *diagonal, factor *f)
{
    memset(f->edge, 0, (size_t)pattern->edges * sizeof(double));
    copy_numbers(f->sum, diagonal, pattern->markets);
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (weight[j] == 0)
            continue;
        const int32_t *pair = pattern->pair + pattern->pair_start[j];
        const int32_t end = pattern->start[j + 1];
        for (int32_t e = pattern->start[j]; e < end; e++) {
            const double weighted = weight[j] * coefficient[e];
            f->sum[pattern->row[e]] += weighted * coefficient[e];
            for (int32_t k = e + 1; k < end; k++)
                f->edge[*pair++] += weighted * coefficient[k];
        }
    }
}

/* Edges stay live until the shape is forgotten: what worked once may work again. */
static void make_shape(const market_pattern *pattern, factor *f)
{
    for (int32_t e = 0; e < pattern->edges; e++)
        f->is_live[e] |= f->edge[e] != 0;
    symbolic_shape(pattern, f);
    f->is_shaped = true;
}

/* False when there is no place for an edge. */
static bool fill_panels(const market_pattern *pattern, factor *f)
{
    const int32_t numbers = f->super.value_start[f->super.count];
    memset(f->value, 0, (size_t)numbers * sizeof(double));
    for (int32_t i = 0; i < pattern->markets; i++)
        f->value[f->diagonal[i]] = f->sum[i];
    for (int32_t e = 0; e < pattern->edges; e++) {
        if (f->edge[e] == 0)
            continue;
        if (f->slot[e] < 0)
            return false;
        f->value[f->slot[e]] = f->edge[e];
    }
    return true;
}

/* Two neighbouring rows at once; every row gets the same operations in the same order as it
 * would alone, so the bits do not depend on what the machine makes of it. */
typedef double two __attribute__((vector_size(16), aligned(8), may_alias));

/* Columns of a panel that take part in an update, with their multipliers; filled up with
 * zeros to a multiple of four (but a single one stays single). */
typedef struct update_terms {
    const double **column;
    double *multiplier;
    int32_t count;
} update_terms;

static inline two two_at(const double *column, int32_t r)
{
    return *(const two *)(column + r);
}

/* sum[r] = column[r] multiplier, r in [first, height) */
static void take_one(const update_terms *terms, int32_t first, int32_t height, double *restrict sum)
{
    const double *c = terms->column[0], m = terms->multiplier[0];
    int32_t r = first;
    for (; r + 2 <= height; r += 2)
        *(two *)(sum + r) = two_at(c, r) * m;
    for (; r < height; r++)
        sum[r] = c[r] * m;
}

/* sum[r] += four terms from the k-th on */
static void add_four(const update_terms *terms, int32_t k, int32_t first, int32_t height,
                     double *restrict sum)
{
    const double *const *c = terms->column + k, *m = terms->multiplier + k;
    const double *c0 = c[0], *c1 = c[1], *c2 = c[2], *c3 = c[3];
    int32_t r = first;
    for (; r + 2 <= height; r += 2)
        *(two *)(sum + r) += (two_at(c0, r) * m[0] + two_at(c1, r) * m[1]) +
                             (two_at(c2, r) * m[2] + two_at(c3, r) * m[3]);
    for (; r < height; r++)
        sum[r] += (c0[r] * m[0] + c1[r] * m[1]) + (c2[r] * m[2] + c3[r] * m[3]);
}

/* sum[r] = sum over terms of column[r] multiplier, r in [first, height). */
static void combine(const update_terms *terms, int32_t first, int32_t height, double *restrict sum)
{
    if (terms->count == 1) {
        take_one(terms, first, height, sum);
        return;
    }
    for (int32_t r = first; r < height; r++)
        sum[r] = 0;
    for (int32_t k = 0; k < terms->count; k += 4)
        add_four(terms, k, first, height, sum);
}

/* target[place[r]] -= column[r] multiplier, r in [first, height) */
static void subtract_one(const update_terms *terms, int32_t first, int32_t height,
                         const int32_t *place, double *restrict target)
{
    const double *c = terms->column[0], m = terms->multiplier[0];
    for (int32_t r = first; r < height; r++)
        target[place[r]] -= c[r] * m;
}

/* The same for four terms. */
static void subtract_four(const update_terms *terms, int32_t first, int32_t height,
                          const int32_t *place, double *restrict target)
{
    const double *const *c = terms->column, *m = terms->multiplier;
    const double *c0 = c[0], *c1 = c[1], *c2 = c[2], *c3 = c[3];
    int32_t r = first;
    for (; r + 2 <= height; r += 2) {
        const two sum = (two_at(c0, r) * m[0] + two_at(c1, r) * m[1]) +
                        (two_at(c2, r) * m[2] + two_at(c3, r) * m[3]);
        target[place[r]] -= sum[0];
        target[place[r + 1]] -= sum[1];
    }
    for (; r < height; r++)
        target[place[r]] -= (c0[r] * m[0] + c1[r] * m[1]) + (c2[r] * m[2] + c3[r] * m[3]);
}

/* Subtract all terms from target[place[r]], r in [first, height). */
static void subtract(const update_terms *terms, int32_t first, int32_t height, const int32_t *place,
                     double *restrict sum, double *restrict target)
{
    if (terms->count == 1) {
        subtract_one(terms, first, height, place, target);
    } else if (terms->count == 4) {
        subtract_four(terms, first, height, place, target);
    } else {
        combine(terms, first, height, sum);
        for (int32_t r = first; r < height; r++)
            target[place[r]] -= sum[r];
    }
}

/* The terms of row r of a panel: multiplier panel[r, k] d_k, where it is not zero. */
static void find_terms(const double *panel, int32_t height, int32_t width, int32_t r,
                       const double *pivot, update_terms *terms)
{
    int32_t count = 0;
    for (int32_t k = 0; k < width; k++) {
        const double *column = panel + (size_t)k * (size_t)height;
        const double multiplier = column[r] * pivot[k];
        terms->column[count] = column;
        terms->multiplier[count] = multiplier;
        count += multiplier != 0;
    }
    while (count > 1 && count % 4 > 0) {
        terms->column[count] = panel;
        terms->multiplier[count++] = 0;
    }
    terms->count = count;
}

/* Supernode d next updates the owner of its row `first`, if there is such a row. */
static void queue_update(factor *f, int32_t d, int32_t first)
{
    const supernodes *super = &f->super;
    const int32_t start = super->row_start[d];
    if (first >= super->row_start[d + 1] - start)
        return;
    const int32_t owner = f->owner[super->row[start + first]];
    f->at[d] = first;
    f->next[d] = f->head[owner];
    f->head[owner] = d;
}

/* Subtract from panel s what supernode d owes; returns the first row beyond the panel. */
static int32_t take_update(const factor *f, int32_t s, int32_t d, update_terms *terms)
{
    const supernodes *super = &f->super;
    double *panel = f->value + super->value_start[s];
    const int32_t height = super->row_start[s + 1] - super->row_start[s];
    const double *source = f->value + super->value_start[d];
    const int32_t *row = super->row + super->row_start[d];
    const int32_t source_height = super->row_start[d + 1] - super->row_start[d];
    const int32_t width = super->column[d + 1] - super->column[d];
    int32_t c = f->at[d];
    for (int32_t r = c; r < source_height; r++)
        f->target[r] = f->map[row[r]];
    for (; c < source_height && row[c] < super->column[s + 1]; c++) {
        find_terms(source, source_height, width, c, f->pivot + super->column[d], terms);
        if (terms->count > 0)
            subtract(terms, c, source_height, f->target, f->work,
                     panel + (size_t)(row[c] - super->column[s]) * (size_t)height);
    }
    return c;
}

/* Subtract what the supernodes before it owe; each then waits for its next panel. */
static void collect_updates(factor *f, int32_t s, update_terms *terms)
{
    for (int32_t d = f->head[s]; d >= 0;) {
        const int32_t following = f->next[d];
        queue_update(f, d, take_update(f, s, d, terms));
        d = following;
    }
}

/* Dense L D L' of one panel, in place. */
static void factor_panel(double *panel, int32_t height, int32_t width, double *pivot, double *sum,
                         update_terms *terms)
{
    for (int32_t k = 0; k < width; k++) {
        double *column = panel + (size_t)k * (size_t)height;
        find_terms(panel, height, k, k, pivot, terms);
        if (terms->count > 0) {
            combine(terms, k, height, sum);
            for (int32_t r = k; r < height; r++)
                column[r] -= sum[r];
        }
        /* the matrix is positive definite; rounding may still eat a pivot */
        if (!(column[k] > 1e-300))
            column[k] = 1e300;
        pivot[k] = column[k];
        const double inverse = 1 / column[k];
        for (int32_t r = k + 1; r < height; r++)
            column[r] *= inverse;
    }
}

void factor_compute(const market_pattern *pattern, const double *coefficient, const double *weight,
                    const double *diagonal, factor *f)
{
    const supernodes *super = &f->super;
    update_terms terms = {.column = f->column, .multiplier = f->work + pattern->markets};
    sum_edges(pattern, coefficient, weight, diagonal, f);
    if (!f->is_shaped || !fill_panels(pattern, f)) {
        make_shape(pattern, f);
        fill_panels(pattern, f);
    }
    for (int32_t s = 0; s < super->count; s++)
        f->head[s] = YT_NONE;
    for (int32_t s = 0; s < super->count; s++) {
        const int32_t *row = super->row + super->row_start[s];
        const int32_t height = super->row_start[s + 1] - super->row_start[s];
        const int32_t width = super->column[s + 1] - super->column[s];
        for (int32_t r = 0; r < height; r++)
            f->map[row[r]] = r;
        collect_updates(f, s, &terms);
        factor_panel(f->value + super->value_start[s], height, width, f->pivot + super->column[s],
                     f->work, &terms);
        queue_update(f, s, width);
    }
}

/* sum of column[r] x[row[r]], in four interleaved parts */
static double dot(const double *column, const int32_t *row, const double *x, int32_t first,
                  int32_t end)
{
    double part[4] = {0};
    int32_t r = first;
    for (; r + 4 <= end; r += 4) {
        part[0] += column[r] * x[row[r]];
        part[1] += column[r + 1] * x[row[r + 1]];
        part[2] += column[r + 2] * x[row[r + 2]];
        part[3] += column[r + 3] * x[row[r + 3]];
    }
    for (; r < end; r++)
        part[0] += column[r] * x[row[r]];
    return (part[0] + part[1]) + (part[2] + part[3]);
}

void factor_solve(const market_pattern *pattern, const factor *f, double *vector)
{
    const supernodes *super = &f->super;
    double *work = f->work;
    for (int32_t i = 0; i < pattern->markets; i++)
        work[f->place[i]] = vector[i];
    for (int32_t s = 0; s < super->count; s++) {
        const int32_t *row = super->row + super->row_start[s];
        const int32_t height = super->row_start[s + 1] - super->row_start[s];
        const int32_t width = super->column[s + 1] - super->column[s];
        for (int32_t k = 0; k < width; k++) {
            const double *column = f->value + super->value_start[s] + (size_t)k * (size_t)height;
            const double value = work[row[k]];
            if (value == 0)
                continue;
            for (int32_t r = k + 1; r < height; r++)
                work[row[r]] -= column[r] * value;
        }
    }
    for (int32_t s = super->count - 1; s >= 0; s--) {
        const int32_t *row = super->row + super->row_start[s];
        const int32_t height = super->row_start[s + 1] - super->row_start[s];
        const int32_t width = super->column[s + 1] - super->column[s];
        for (int32_t k = width - 1; k >= 0; k--) {
            const double *column = f->value + super->value_start[s] + (size_t)k * (size_t)height;
            work[row[k]] = work[row[k]] / column[k] - dot(column, row, work, k + 1, height);
        }
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        vector[i] = work[f->place[i]];
}
