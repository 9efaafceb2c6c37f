/* lane_finish.h - the exact answer from settled bounds, and its certificate, in lanes.
 *
 * The method of newton.c: bounds that hold are taken as settled and the equations that are left
 * are solved for prices and levels together.  Compiled for each width.
 */

/* Gross flow of every market, both sides together. */
static void find_gross(lanes *at)
{
    const market_pattern *pattern = at->pattern;
    for (int32_t i = 0; i < pattern->markets; i++)
        at->gross[i] = size_of(at->supply[i]);
    for (int32_t j = 0; j < pattern->activities; j++)
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            at->gross[pattern->row_place[e]] += fabs(at->coefficient[e]) * at->level[j];
}

/* Is a change of level j by `distance` noise?  In an idle market traces are all the flow there
 * is; the same amount may be the marginal tonne of a market that trades. */
static mask is_noise(const lanes *at, int32_t j, vec distance, double pull, vec rounding)
{
    const market_pattern *pattern = at->pattern;
    mask is_idle = nowhere(), is_trace = ~nowhere(), is_rounding = ~nowhere();
    for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
        const int32_t i = pattern->row_place[e];
        const vec flow = fabs(at->coefficient[e]) * distance;
        const vec allowed = pull * at->pull[i] * size_of(at->price[i] - at->centre[i]) +
                            rounding * at->throughput[i];
        is_trace &= flow <= allowed;
        is_idle |= at->gross[i] <= 10 * allowed;
        is_rounding &= flow <= ROUNDING * at->gross[i];
    }
    return is_rounding | (is_trace & is_idle);
}

/* Levels that differ from a bound by noise go there. */
static void snap_levels(lanes *at, uint8_t which, double pull, vec rounding)
{
    find_gross(at);
    for (int32_t j = 0; j < at->pattern->activities; j++) {
        const uint8_t inside = at->inside[j] & which;
        if (!inside)
            continue;
        const vec level = at->level[j], room = at->capacity[j] - level;
        const mask noise = mask_of(inside) & is_noise(at, j, smaller(level, room), pull, rounding);
        at->level[j] = pick(noise, pick(level <= room, (vec){0}, at->capacity[j]), level);
        if (pull > 0) /* what is settled now stays so */
            at->inside[j] &= (uint8_t)~bits_of(noise);
    }
}

/* A x + b, without the pull. */
static void find_rest(const lanes *at, vec *rest)
{
    const market_pattern *pattern = at->pattern;
    for (int32_t i = 0; i < pattern->markets; i++)
        rest[i] = at->supply[i];
    for (int32_t j = 0; j < pattern->activities; j++)
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            rest[pattern->row_place[e]] += at->coefficient[e] * at->level[j];
}

/* Lanes that have settled: noise removed, surplus at price zero; the others must balance. */
static void settle(lanes *at, uint8_t which)
{
    const mask settling = mask_of(which);
    for (int32_t i = 0; i < at->pattern->markets; i++)
        at->settled_price[i] = pick(settling, at->price[i], at->settled_price[i]);
    for (int32_t j = 0; j < at->pattern->activities; j++)
        at->level[j] = pick(settling, best_level(at, j, at->value[j]), at->level[j]);
    snap_levels(at, which, TRACE, all(ROUNDING));
    find_rest(at, at->gross);
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const mask zero = (at->price[i] <= AT_ZERO * at->reference[i]) & (at->gross[i] > 0);
        at->to_zero[i] = (uint8_t)((at->to_zero[i] & ~which) | (bits_of(zero) & which));
        at->price[i] = pick(settling & zero, (vec){0}, at->price[i]);
    }
    for (int32_t l = 0; l < LANES; l++)
        if (which >> l & 1) {
            at->mode[l] = FINISHING_OFF;
            at->repeat[l] = 0;
            at->before[l] = INFINITY;
        }
    at->seeking &= (uint8_t)~which;
    at->finishing |= which;
}

/* Cost and slope as given; what flat activities were given is taken back. */
static inline vec given_cost(const lanes *at, int32_t j)
{
    return at->flat ? pick(mask_of(at->flat), at->true_cost[j], at->cost[j]) : at->cost[j];
}

static inline vec given_slope(const lanes *at, int32_t j)
{
    const vec slope = pick(at->give[j] > 0, 1 / at->give[j], (vec){0});
    return at->flat ? pick(mask_of(at->flat), at->true_slope[j], slope) : slope;
}

/* Right-hand side of a step on the equations:  q dx - a'dp = a'p - c - q x,  A dx = -(A x + b).
 * Leaves in change[] what levels alone would do. */
static void pose_equations(lanes *at)
{
    const market_pattern *pattern = at->pattern;
    const mask finishing = mask_of(at->finishing);
    for (int32_t i = 0; i < pattern->markets; i++)
        at->gross[i] = at->supply[i];
    for (int32_t j = 0; j < pattern->activities; j++) {
        vec level = at->level[j];
        const uint8_t inside = at->inside[j] & at->finishing;
        if (inside) {
            const vec profit =
                worth(at, j, at->price) - given_cost(at, j) - given_slope(at, j) * level;
            at->change[j] = pick(mask_of(inside), at->give[j] * profit, (vec){0});
            level += at->change[j];
        }
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            at->gross[pattern->row_place[e]] += at->coefficient[e] * level;
    }
    for (int32_t i = 0; i < pattern->markets; i++) {
        /* what is free and short is not free */
        at->to_zero[i] &= (uint8_t) ~(bits_of(at->gross[i] < 0) & at->finishing);
        const vec rest = pick(mask_of(at->to_zero[i]), (vec){0}, -at->gross[i]);
        at->step[i] = pick(finishing, rest, at->step[i]);
    }
}

static void take_equations(lanes *at)
{
    const mask finishing = mask_of(at->finishing);
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const mask moves = finishing & ~mask_of(at->to_zero[i]);
        at->gross[i] = pick(moves, at->step[i], (vec){0});
    }
    for (int32_t j = 0; j < at->pattern->activities; j++) {
        const uint8_t inside = at->inside[j] & at->finishing;
        if (!inside)
            continue;
        const vec level = at->level[j] + (at->change[j] + at->give[j] * worth(at, j, at->gross));
        const vec bounded = larger(smaller(level, at->capacity[j]), (vec){0});
        at->level[j] = pick(mask_of(inside), bounded, at->level[j]);
        /* what would go beyond its bound is not between its bounds */
        at->inside[j] &= (uint8_t) ~(inside & bits_of(level != bounded));
    }
    for (int32_t i = 0; i < at->pattern->markets; i++)
        at->price[i] = pick(finishing, larger(at->price[i] + at->gross[i], (vec){0}), at->price[i]);
}

/* -------------------------------------------------------------------------- certificate */

typedef struct lane_certificate {
    vec balance, complementarity, gap, objective;
    mask trades; /* somebody does something */
} lane_certificate;

/* error / scale; 0 / 0 = 0; hopeless when there is nothing to compare with */
static inline vec ratio(vec error, vec scale)
{
    const vec quotient = pick(scale > 0, error / scale, all(1e300));
    return pick(error > 0, smaller(quotient, all(1e300)), (vec){0});
}

/* The definition is market_certify's. */
static lane_certificate certify(lanes *at)
{
    const market_pattern *pattern = at->pattern;
    lane_certificate out = {{0}, {0}, {0}, {0}, {0}};
    vec *rest = at->gross, *scale = at->scale;
    vec primal = {0}, dual = {0}, terms = {0}, unbounded = {0};
    for (int32_t i = 0; i < pattern->markets; i++) {
        rest[i] = at->supply[i];
        scale[i] = size_of(rest[i]);
        const vec worth_of_supply = at->supply[i] * at->price[i];
        dual -= worth_of_supply;
        terms += size_of(worth_of_supply);
    }
    for (int32_t j = 0; j < pattern->activities; j++) {
        const vec level = at->level[j], cost = given_cost(at, j);
        const vec slope = given_slope(at, j);
        const vec capacity = at->capacity[j];
        vec profit = -cost, size = size_of(cost);
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++) {
            const int32_t i = pattern->row_place[e];
            const vec flow = at->coefficient[e] * level, value = at->coefficient[e] * at->price[i];
            rest[i] += flow;
            scale[i] += size_of(flow);
            profit += value;
            size += size_of(value);
        }
        out.trades |= level > 0;
        const vec linear = cost * level, quadratic = slope * level * level / 2;
        primal += linear + quadratic;
        terms += size_of(linear) + quadratic;
        const mask pays = (profit > 0) & (capacity > 0), is_unlimited = capacity == INFINITY;
        const mask bends = (slope * capacity > profit) | (is_unlimited & (slope > 0));
        const vec inner = profit * profit / (2 * slope);
        const vec outer = (profit - slope * capacity / 2) * capacity;
        dual -= pick(pays & bends, inner, pick(pays & ~bends & ~is_unlimited, outer, (vec){0}));
        terms += pick(pays & bends, inner,
                      pick(pays & ~bends & ~is_unlimited, size_of(outer), (vec){0}));
        unbounded =
            larger(pick(pays & ~bends & is_unlimited, ratio(profit, size), (vec){0}), unbounded);
    }
    for (int32_t i = 0; i < pattern->markets; i++) {
        out.balance = larger(ratio(-rest[i], scale[i]), out.balance);
        const vec price = larger(at->price[i], at->reference[i]);
        out.complementarity = larger(
            ratio(at->price[i] * larger(rest[i], (vec){0}), scale[i] * price), out.complementarity);
    }
    out.gap = larger(ratio(size_of(primal - dual), terms), unbounded);
    out.objective = primal;
    return out;
}

/* ------------------------------------------------------------------------------- the end */

static bool is_finite_lane(const lanes *at, int32_t l)
{
    for (int32_t i = 0; i < at->pattern->markets; i++)
        if (!isfinite(get(at->price, i, l)))
            return false;
    return true;
}

static void give_answer(lanes *at, int32_t l, const lane_certificate *certificate)
{
    const market_pattern *pattern = at->pattern;
    market_problem *problem = at->problem[l];
    for (int32_t i = 0; i < pattern->markets; i++)
        problem->price[i] = get(at->price, pattern->place[i], l) + 0.0;
    for (int32_t j = 0; j < pattern->activities; j++)
        problem->level[j] = get(at->level, j, l) + 0.0;
    problem->certificate = (market_certificate){
        certificate->balance[l], certificate->complementarity[l], certificate->gap[l]};
    problem->objective = certificate->objective[l];
    problem->status = MARKET_OPTIMAL;
    problem->method = MARKET_NEWTON;
}

/* Another round around the present answer; traces that the pull keeps alive need a weaker one. */
static void start_round(lanes *at, int32_t l)
{
    for (int32_t i = 0; i < at->pattern->markets; i++)
        put(at->price, i, l, get(at->settled_price, i, l));
    for (int32_t j = 0; j < at->pattern->activities; j++)
        at->plausible[j] = get(at->capacity, j, l);
    find_scales(at, l);
    at->fading[l] *= at->round[l] > 1 ? FADE : 1;
    set_centre(at, l, true, at->fading[l]);
    at->mode[l] = SEEKING;
    at->finishing &= (uint8_t) ~(1 << l);
    at->seeking |= (uint8_t)(1 << l);
    at->damping[l] = at->is_careful[l] ? CAREFUL : FIRST_DAMPING;
    at->length[l] = 0;
    at->error[l] = INFINITY;
}

/* What becomes of a lane after a step on the equations. */
typedef enum lane_verdict { GO_ON, SOLVED, IDLE, FAILED } lane_verdict;

static lane_outcome outcome_of(lane_verdict verdict)
{
    return verdict == SOLVED ? LANE_SOLVED : verdict == IDLE ? LANE_IDLE : LANE_FAILED;
}

static lane_verdict judge(lanes *at, int32_t l, const lane_certificate *certificate)
{
    const double worst =
        fmax(certificate->balance[l], fmax(certificate->complementarity[l], certificate->gap[l]));
    const bool is_falling = worst < 0.5 * at->before[l];
    if (!certificate->trades[l])
        return IDLE;
    at->before[l] = worst;
    if (worst < at->worst[l] && is_finite_lane(at, l)) {
        at->worst[l] = worst;
        if (worst <= BAR) /* in case nothing better comes */
            give_answer(at, l, certificate);
    }
    if (at->worst[l] <= GOAL)
        return SOLVED;
    if (is_falling && ++at->repeat[l] < FINISHING)
        return GO_ON;
    if (++at->round[l] < MAX_ROUNDS && at->steps[l] > 0) {
        start_round(at, l);
        return GO_ON;
    }
    return at->worst[l] <= BAR ? SOLVED : FAILED;
}
