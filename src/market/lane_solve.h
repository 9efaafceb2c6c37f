/* lane_solve.h - lanes take problems, tick by tick, until all are answered; for each width.
 *
 * The file that includes this sets LANES and LANE_SOLVER, the name of what it makes.
 */
#include "market/lane_vector.h"

#include "market/lane_factor.h"
#include "market/lane_newton.h"
#include "market/lane_finish.h"

/* Cuts the caller's block; NULL only measures. */
typedef struct lane_cutter {
    char *block;
    size_t used;
} lane_cutter;

static void *cut(lane_cutter *cutter, int64_t count, size_t size)
{
    void *piece = cutter->block ? cutter->block + cutter->used : NULL;
    cutter->used += ((size_t)count * size + 63) / 64 * 64;
    return piece;
}

static size_t lay_out(const market_pattern *pattern, void *block, lanes *at)
{
    lane_cutter c = {.block = block};
    const int64_t m = pattern->markets, n = pattern->activities;
    const lane_room *room = &pattern->room;
    lane_shape *shape = &at->shape;
    vec **const column[] = {&at->cost,   &at->give,  &at->capacity,  &at->value,
                            &at->change, &at->level, &at->true_cost, &at->true_slope};
    vec **const row[] = {&at->supply,   &at->reference, &at->throughput,    &at->pull,
                         &at->centre,   &at->price,     &at->balance,       &at->step,
                         &at->diagonal, &at->gross,     &at->settled_price, &at->pivot,
                         &at->scale};
    for (size_t k = 0; k < sizeof column / sizeof *column; k++)
        *column[k] = cut(&c, n, sizeof(vec));
    for (size_t k = 0; k < sizeof row / sizeof *row; k++)
        *row[k] = cut(&c, m, sizeof(vec));
    at->panel = cut(&c, room->values, sizeof(vec));
    at->inside = cut(&c, n, 1);
    at->is_wanted = cut(&c, n, 1);
    at->last_seen = cut(&c, n, sizeof(int32_t));
    at->kinked = cut(&c, n, sizeof(lane_kink));
    at->plausible = cut(&c, n, sizeof(double));
    at->least = cut(&c, n, sizeof(double));
    at->flow = cut(&c, m, sizeof(double));
    at->closing.capacity = cut(&c, n, sizeof(double));
    at->closing.closed_by = cut(&c, n, sizeof(int32_t));
    at->closing.dead = cut(&c, m, sizeof(int32_t));
    at->closing.producers = cut(&c, m, sizeof(int32_t));
    at->to_zero = cut(&c, m, 1);
    shape->is_live = cut(&c, pattern->edges, sizeof(bool));
    int32_t **const index[] = {&shape->column,       &shape->row_start, &shape->value_start,
                               &shape->update_start, &shape->parent,    &shape->degree,
                               &shape->owner,        &shape->map};
    for (size_t k = 0; k < sizeof index / sizeof *index; k++)
        *index[k] = cut(&c, m + 1, sizeof(int32_t));
    shape->row = cut(&c, room->rows, sizeof(int32_t));
    shape->update = cut(&c, room->updates, sizeof(lane_update));
    shape->place = cut(&c, room->places, sizeof(int32_t));
    shape->slot = cut(&c, pattern->edges, sizeof(int32_t));
    shape->bits = cut(&c, m * bit_words(pattern->markets), sizeof(uint64_t));
    shape->value_room = room->values;
    shape->row_room = room->rows;
    shape->update_room = room->updates;
    shape->place_room = room->places;
    return c.used;
}

static size_t measure_lanes(const market_pattern *pattern)
{
    lanes ignored;
    return lay_out(pattern, NULL, &ignored);
}

/* The problems not taken yet. */
typedef struct lane_queue {
    market_problem *const *problems;
    const bool *is_closing;
    lane_outcome *outcome;
    int32_t count, next, busy;
} lane_queue;

/* Give lane l the next problem, if there is one. */
static void refill(lanes *at, int32_t l, lane_queue *queue)
{
    if (queue->next < queue->count) {
        const int32_t i = queue->next++;
        load_problem(at, l, queue->problems[i], i, queue->is_closing[i]);
        queue->problems[i]->iterations = 0;
        queue->busy++;
    } else {
        rest_lane(at, l);
    }
}

/* A second try is far cheaper than interior point.  A lane whose steps were used up goes on where
 * it is; one whose equations had no answer begins again, with short steps. */
static void try_again(lanes *at, int32_t l, const lane_queue *queue)
{
    at->steps[l] = MAX_STEPS;
    if (at->mode[l] != SEEKING) {
        load_problem(at, l, at->problem[l], at->number[l], queue->is_closing[at->number[l]]);
        at->damping[l] = CAREFUL;
    }
    at->is_careful[l] = true;
}

static void release(lanes *at, int32_t l, lane_outcome outcome, lane_queue *queue)
{
    if (outcome == LANE_FAILED && !at->is_careful[l]) {
        try_again(at, l, queue);
        return;
    }
    queue->outcome[at->number[l]] = outcome;
    queue->busy--;
    refill(at, l, queue);
}

/* Lanes whose prices need no further step: as small as rounding, or the last full step was
 * exact because the same activities are still inside their bounds. */
static uint8_t find_settled(lanes *at, uint8_t changed)
{
    const vec error = error_now(at);
    uint8_t settled = 0;
    for (int32_t l = 0; l < LANES; l++) {
        if (at->mode[l] != SEEKING)
            continue;
        const bool was_exact = at->length[l] == 1 && at->error[l] < SETTLED && !(changed >> l & 1);
        /* a step that cannot be taken at this size of error is rounding */
        const bool is_stuck = at->length[l] == 0 && at->error[l] < 1e-9;
        if (!(error[l] > NOISE) || was_exact || is_stuck)
            settled |= (uint8_t)(1 << l);
    }
    at->error = pick(mask_of(at->seeking), error, at->error);
    return settled;
}

/* What counts as nothing fades with the rounds, as the pull does. */
static vec residue(const lanes *at)
{
    vec share = {0};
    for (int32_t l = 0; l < LANES; l++)
        share[l] = RESIDUE * at->fading[l] / PULL;
    return share;
}

/* One step of every lane. */
static void tick(lanes *at, lane_queue *queue)
{
    uint8_t changed = evaluate(at);
    if (lift_fresh(at))
        changed |= evaluate(at);
    const uint8_t settled = find_settled(at, changed);
    if (settled)
        settle(at, settled);
    if (at->finishing)
        pose_equations(at);
    pose_step(at);
    keep_shape(at);
    fill_panels(at);
    factor_lanes(&at->shape, at->panel, at->pivot);
    solve_lanes(&at->shape, at->panel, at->step);
    const uint8_t finishing = at->finishing;
    lane_certificate certificate = {{0}, {0}, {0}, {0}, {0}};
    if (finishing) {
        take_equations(at);
        snap_levels(at, finishing, 0, residue(at));
        certificate = certify(at);
    }
    if (at->seeking)
        take_step(at);
    for (int32_t l = 0; l < LANES; l++) {
        if (finishing >> l & 1) {
            const lane_verdict verdict = judge(at, l, &certificate);
            if (verdict != GO_ON)
                release(at, l, outcome_of(verdict), queue);
        } else if (at->mode[l] == SEEKING && at->steps[l] <= 0) {
            release(at, l, at->worst[l] <= BAR ? LANE_SOLVED : LANE_FAILED, queue);
        }
    }
    at->tick++;
}

static void solve_queue(const market_pattern *pattern, market_problem *const problems[],
                        const bool *is_closing, int32_t n, void *block, lane_outcome *outcome)
{
    lanes at = {.pattern = pattern, .coefficient = n > 0 ? problems[0]->coefficient : NULL};
    lane_queue queue = {problems, is_closing, outcome, n, 0, 0};
    lay_out(pattern, block, &at);
    memset(at.inside, 0, (size_t)pattern->activities);
    memset(at.to_zero, 0, (size_t)pattern->markets);
    for (int32_t i = 0; i < pattern->markets; i++)
        at.step[i] = at.balance[i] = at.settled_price[i] = (vec){0};
    for (int32_t j = 0; j < pattern->activities; j++)
        at.value[j] = at.change[j] = at.level[j] = (vec){0};
    for (int32_t l = 0; l < LANES; l++)
        refill(&at, l, &queue);
    while (queue.busy > 0)
        tick(&at, &queue);
}

const lane_solver LANE_SOLVER = {LANE_NAME, LANES, measure_lanes, solve_queue};
