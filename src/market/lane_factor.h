/* lane_factor.h - L D L' of every lane's matrix, and its solution; compiled for each width.
 *
 * A panel lies row by row.  Every number collects its terms one after the other in the order
 * of elimination, so neither the panels nor the zeros in them matter to its bits.
 */

enum { WIDEST = 8 };

/* Two columns of the target panel less the products of one source panel: its rows from
 * `source` on go to the places given.  Inlined for each width, so that nothing is counted
 * inside. */
static inline __attribute__((always_inline)) void
take_two(const vec *restrict source, const int32_t width, int32_t rows,
         const vec *restrict first_multiplier, const vec *restrict second_multiplier,
         vec *restrict target, int32_t apart, const int32_t *restrict place, int32_t target_width)
{
    vec first[WIDEST], second[WIDEST];
    for (int32_t k = 0; k < width; k++) {
        first[k] = first_multiplier[k];
        second[k] = second_multiplier[k];
    }
    for (int32_t r = 0; r < rows; r++) {
        const vec *l = source + r * width;
        vec *at = target + place[r] * target_width;
        vec a = at[0], b = at[apart];
        for (int32_t k = 0; k < width; k++) {
            a -= l[k] * first[k];
            b -= l[k] * second[k];
        }
        at[0] = a;
        at[apart] = b;
    }
}

static inline __attribute__((always_inline)) void
take_one(const vec *restrict source, const int32_t width, int32_t rows,
         const vec *restrict multiplier, vec *restrict target, const int32_t *restrict place,
         int32_t target_width)
{
    for (int32_t r = 0; r < rows; r++) {
        const vec *l = source + r * width;
        vec *at = target + place[r] * target_width, a = *at;
        for (int32_t k = 0; k < width; k++)
            a -= l[k] * multiplier[k];
        *at = a;
    }
}

/* multiplier[k] = L[r, k] D[k] */
static inline void find_multipliers(const vec *row, const vec *pivot, int32_t width,
                                    vec *multiplier)
{
    for (int32_t k = 0; k < width; k++)
        multiplier[k] = row[k] * pivot[k];
}

/* Subtract from panel s, `target_width` wide, what a source panel owes it. */
static inline __attribute__((always_inline)) void
take_columns(const vec *source, const int32_t width, int32_t height, const lane_update *update,
             const vec *pivot, const int32_t *place, vec *target, int32_t target_width)
{
    vec even[WIDEST], odd[WIDEST];
    int32_t c = update->first;
    for (; c + 1 < update->end; c += 2) {
        const int32_t *from = place + (c - update->first);
        find_multipliers(source + c * width, pivot, width, even);
        find_multipliers(source + (c + 1) * width, pivot, width, odd);
        /* the second column also gets a number above its diagonal, which nobody reads */
        take_two(source + c * width, width, height - c, even, odd, target + from[0],
                 from[1] - from[0], from, target_width);
    }
    if (c < update->end) {
        const int32_t *from = place + (c - update->first);
        find_multipliers(source + c * width, pivot, width, even);
        take_one(source + c * width, width, height - c, even, target + from[0], from, target_width);
    }
}

static void take_update(const lane_shape *shape, const lane_update *update, int32_t s,
                        const vec *pivot, vec *value)
{
    const int32_t d = update->source;
    const int32_t height = shape->row_start[d + 1] - shape->row_start[d];
    const int32_t target_width = shape->column[s + 1] - shape->column[s];
    const vec *source = value + shape->value_start[d];
    vec *target = value + shape->value_start[s];
    const int32_t *place = shape->place + update->place;
    pivot += shape->column[d];
#define WIDE(n)                                                                                    \
    case n:                                                                                        \
        take_columns(source, n, height, update, pivot, place, target, target_width);               \
        break
    switch (shape->column[d + 1] - shape->column[d]) {
        WIDE(1);
        WIDE(2);
        WIDE(3);
        WIDE(4);
        WIDE(5);
        WIDE(6);
        WIDE(7);
        WIDE(8);
    }
#undef WIDE
}

/* Dense L D L' of one panel, in place. */
static void factor_panel(vec *panel, int32_t height, int32_t width, vec *pivot)
{
    for (int32_t k = 0; k < width; k++) {
        const vec d = panel[(size_t)k * width + k];
        /* the matrix is positive definite; rounding may still eat a pivot */
        pivot[k] = pick(d > 1e-300, d, all(1e300));
        const vec inverse = 1 / pivot[k];
        panel[(size_t)k * width + k] = inverse;
        for (int32_t r = k + 1; r < height; r++)
            panel[(size_t)r * width + k] *= inverse;
        for (int32_t j = k + 1; j < width; j++) {
            const vec multiplier = panel[(size_t)j * width + k] * pivot[k];
            for (int32_t r = j; r < height; r++)
                panel[(size_t)r * width + j] -= panel[(size_t)r * width + k] * multiplier;
        }
    }
}

/* value: the panels filled with the matrix; pivot [markets] by place. */
static void factor_lanes(const lane_shape *shape, vec *value, vec *pivot)
{
    for (int32_t s = 0; s < shape->count; s++) {
        for (int32_t n = shape->update_start[s]; n < shape->update_start[s + 1]; n++)
            take_update(shape, &shape->update[n], s, pivot, value);
        factor_panel(value + shape->value_start[s], shape->row_start[s + 1] - shape->row_start[s],
                     shape->column[s + 1] - shape->column[s], pivot + shape->column[s]);
    }
}

/* Solve in place: x [markets] by place. */
static void solve_lanes(const lane_shape *shape, const vec *value, vec *x)
{
    for (int32_t s = 0; s < shape->count; s++) {
        const vec *panel = value + shape->value_start[s];
        const int32_t *row = shape->row + shape->row_start[s];
        const int32_t height = shape->row_start[s + 1] - shape->row_start[s];
        const int32_t width = shape->column[s + 1] - shape->column[s];
        vec *own = x + shape->column[s];
        for (int32_t r = 1; r < height; r++) {
            const vec *l = panel + (size_t)r * width;
            const int32_t columns = r < width ? r : width;
            vec sum = x[row[r]];
            for (int32_t k = 0; k < columns; k++)
                sum -= l[k] * own[k];
            x[row[r]] = sum;
        }
    }
    for (int32_t s = shape->count - 1; s >= 0; s--) {
        const vec *panel = value + shape->value_start[s];
        const int32_t *row = shape->row + shape->row_start[s];
        const int32_t height = shape->row_start[s + 1] - shape->row_start[s];
        const int32_t width = shape->column[s + 1] - shape->column[s];
        vec *own = x + shape->column[s];
        for (int32_t k = 0; k < width; k++)
            own[k] *= panel[(size_t)k * width + k];
        for (int32_t r = height - 1; r >= 1; r--) {
            const vec *l = panel + (size_t)r * width, y = x[row[r]];
            const int32_t columns = r < width ? r : width;
            for (int32_t k = 0; k < columns; k++)
                own[k] -= l[k] * y;
        }
    }
}
