/* factor.c - L D L' of A W A' + diagonal, supernode by supernode.
 *
 * Left-looking: a panel first collects the updates of the supernodes before it, then is
 * factored as a dense block.  The sums run in one fixed order, so every machine gets the
 * same bits.  Multipliers that are exactly zero (activities at a bound) are skipped.
 */
#include "market/inside.h"

#include <assert.h>
#include <string.h>

int32_t factor_size(const market_pattern *pattern)
{
    return pattern->super.value_start[pattern->super.count];
}

static void assemble(const market_pattern *pattern, const double *coefficient, const double *weight,
                     const double *diagonal, double *factor)
{
    memset(factor, 0, (size_t)factor_size(pattern) * sizeof(double));
    for (int32_t i = 0; i < pattern->markets; i++)
        factor[pattern->diagonal[i]] = diagonal[i];
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (weight[j] == 0)
            continue;
        const int32_t *pair = pattern->pair + pattern->pair_start[j];
        const int32_t end = pattern->start[j + 1];
        for (int32_t e = pattern->start[j]; e < end; e++) {
            const double weighted = weight[j] * coefficient[e];
            factor[pattern->diagonal[pattern->row[e]]] += weighted * coefficient[e];
            for (int32_t f = e + 1; f < end; f++)
                factor[*pair++] += weighted * coefficient[f];
        }
    }
}

/* sum[r] = sum_k panel[r, k] multiplier[k], r in [first, height): four columns at a time. */
static void combine(const double *panel, int32_t height, int32_t width, int32_t first,
                    const double *multiplier, double *restrict sum)
{
    int32_t k = 0;
    for (int32_t r = first; r < height; r++)
        sum[r] = 0;
    for (; k + 4 <= width; k += 4) {
        const double m0 = multiplier[k], m1 = multiplier[k + 1], m2 = multiplier[k + 2],
                     m3 = multiplier[k + 3];
        if (m0 == 0 && m1 == 0 && m2 == 0 && m3 == 0)
            continue;
        const double *c0 = panel + (size_t)k * (size_t)height, *c1 = c0 + height, *c2 = c1 + height,
                     *c3 = c2 + height;
        for (int32_t r = first; r < height; r++)
            sum[r] += (c0[r] * m0 + c1[r] * m1) + (c2[r] * m2 + c3[r] * m3);
    }
    for (; k < width; k++) {
        const double m = multiplier[k];
        if (m == 0)
            continue;
        const double *c = panel + (size_t)k * (size_t)height;
        for (int32_t r = first; r < height; r++)
            sum[r] += c[r] * m;
    }
}

/* multiplier[k] = panel[r, k] d_k; false when all are zero. */
static bool multipliers(const double *panel, int32_t height, int32_t width, int32_t r,
                        double *multiplier)
{
    bool any = false;
    for (int32_t k = 0; k < width; k++) {
        multiplier[k] =
            panel[(size_t)k * (size_t)height + (size_t)r] * panel[(size_t)k * ((size_t)height + 1)];
        any |= multiplier[k] != 0;
    }
    return any;
}

/* Subtract from panel s what the supernodes before it owe. */
static void collect_updates(const supernodes *super, int32_t s, double *factor, double *work,
                            const int32_t *map)
{
    double *panel = factor + super->value_start[s];
    const int32_t height = super->row_start[s + 1] - super->row_start[s];
    double *sum = work;
    for (int32_t u = super->update_start[s]; u < super->update_start[s + 1]; u++) {
        const panel_update update = super->update[u];
        const int32_t d = update.source;
        const double *source = factor + super->value_start[d];
        const int32_t *row = super->row + super->row_start[d];
        const int32_t source_height = super->row_start[d + 1] - super->row_start[d];
        const int32_t width = super->column[d + 1] - super->column[d];
        double *multiplier = work + source_height;
        for (int32_t c = update.first; c < update.last; c++) {
            if (!multipliers(source, source_height, width, c, multiplier))
                continue;
            combine(source, source_height, width, c, multiplier, sum);
            double *target = panel + (size_t)(row[c] - super->column[s]) * (size_t)height;
            for (int32_t r = c; r < source_height; r++)
                target[map[row[r]]] -= sum[r];
        }
    }
}

/* Dense L D L' of one panel, in place. */
static void factor_panel(double *panel, int32_t height, int32_t width, double *work)
{
    double *sum = work, *multiplier = work + height;
    for (int32_t k = 0; k < width; k++) {
        double *column = panel + (size_t)k * (size_t)height;
        if (k > 0 && multipliers(panel, height, k, k, multiplier)) {
            combine(panel, height, k, k, multiplier, sum);
            for (int32_t r = k; r < height; r++)
                column[r] -= sum[r];
        }
        /* the matrix is positive definite; rounding may still eat a pivot */
        if (!(column[k] > 1e-300))
            column[k] = 1e300;
        const double inverse = 1 / column[k];
        for (int32_t r = k + 1; r < height; r++)
            column[r] *= inverse;
    }
}

void factor_compute(const market_pattern *pattern, const double *coefficient, const double *weight,
                    const double *diagonal, double *factor, double *work, int32_t *map)
{
    const supernodes *super = &pattern->super;
    assemble(pattern, coefficient, weight, diagonal, factor);
    for (int32_t s = 0; s < super->count; s++) {
        const int32_t *row = super->row + super->row_start[s];
        const int32_t height = super->row_start[s + 1] - super->row_start[s];
        const int32_t width = super->column[s + 1] - super->column[s];
        for (int32_t r = 0; r < height; r++)
            map[row[r]] = r;
        collect_updates(super, s, factor, work, map);
        factor_panel(factor + super->value_start[s], height, width, work);
    }
}

void factor_solve(const market_pattern *pattern, const double *factor, double *vector, double *work)
{
    const supernodes *super = &pattern->super;
    for (int32_t i = 0; i < pattern->markets; i++)
        work[pattern->position[i]] = vector[i];
    for (int32_t s = 0; s < super->count; s++) {
        const int32_t *row = super->row + super->row_start[s];
        const int32_t height = super->row_start[s + 1] - super->row_start[s];
        const int32_t width = super->column[s + 1] - super->column[s];
        for (int32_t k = 0; k < width; k++) {
            const double *column = factor + super->value_start[s] + (size_t)k * (size_t)height;
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
            const double *column = factor + super->value_start[s] + (size_t)k * (size_t)height;
            double value = work[row[k]] / column[k];
            for (int32_t r = k + 1; r < height; r++)
                value -= column[r] * work[row[r]];
            work[row[k]] = value;
        }
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        vector[i] = work[pattern->position[i]];
}
