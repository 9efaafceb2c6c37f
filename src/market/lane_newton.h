/* lane_newton.h - semismooth Newton for problems side by side; compiled for each width.
 *
 * The method of newton.c.  A tick is one step of every lane: lanes that look for prices take a
 * Newton step, lanes that have settled take a step on the equations that hold, and all share
 * the factorisation.  A lane that is done takes the next problem at once.
 */

enum { MAX_ROUNDS = 6, MAX_TRIALS = 30, FINISHING = 8, MAX_STEPS = 60 };
enum { MEMORY = 1000 }; /* ticks an activity at rest keeps its place in the factor */

static const double FLAT = 1e-5, PULL = 1e-10, FADE = 0.03, AT_ZERO = 1e-9, FIXED = 1e12;
static const double NEAR = 0.01, SETTLED = 1e-4, TRACE = 100, ROUNDING = 1e-14, NOISE = 1e-13,
                    RESIDUE = 1e-12;
static const double WEAKER = 0.01; /* the pull while finishing */
static const double CAREFUL = 3;   /* damping of the second try */
static const double FLOOR = 1e-3, FIRST_DAMPING = 1e-4, GOAL = 1e-10, BAR = 5e-9;

/* What a lane is about to do. */
typedef enum lane_mode { RESTING, SEEKING, FINISHING_OFF } lane_mode;

typedef struct lane_kink {
    int32_t activity;
    uint8_t lanes;
} lane_kink;

typedef struct lanes {
    const market_pattern *pattern;
    const double *coefficient;
    lane_shape shape;
    bool is_shaped;
    int32_t tick;
    /* by activity */
    vec *cost, *give, *capacity; /* of the proximal activities       */
    vec *value, *change, *level; /* a'p, a'd, best level             */
    uint8_t *inside;             /* lanes in which it is strictly inside its bounds */
    uint8_t *is_wanted;          /* the shape has room for it                       */
    int32_t *last_seen;          /* tick                                            */
    lane_kink *kinked;           /* activities that change their piece on the step  */
    int32_t kinked_count;
    /* by place */
    vec *supply, *reference, *throughput, *pull, *centre, *price, *balance, *step, *diagonal;
    vec *gross, *scale, *settled_price;
    uint8_t *to_zero;
    /* the factor */
    vec *panel, *pivot;
    /* by lane */
    market_problem *problem[LANES];
    int32_t number[LANES]; /* of the problem in the batch */
    lane_mode mode[LANES];
    bool is_careful[LANES]; /* the second try */
    int32_t steps[LANES], round[LANES], repeat[LANES];
    bool is_fresh[LANES];
    double fading[LANES], worst[LANES], before[LANES];
    vec damping, error, length;
    vec *true_cost, *true_slope;      /* of lanes with flat activities [activities] */
    uint8_t seeking, finishing, flat; /* lanes, as bits */
    /* room for the scales of one problem */
    double *plausible, *least, *flow; /* [activities], [activities], [markets] */
    closings closing;
} lanes;

/* a_j'p of all lanes */
static inline vec worth(const lanes *at, int32_t j, const vec *price)
{
    const market_pattern *pattern = at->pattern;
    vec value = {0};
    for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
        value += at->coefficient[e] * price[pattern->row_place[e]];
    return value;
}

/* --------------------------------------------------------------------- taking a problem */

static double get(const vec *array, int32_t i, int32_t l)
{
    return array[i][l];
}

static void put(vec *array, int32_t i, int32_t l, double x)
{
    ((double *)array)[(size_t)i * LANES + (size_t)l] = x;
}

/* The proximal problem around a centre; flat activities are given a slope around their level. */
static void set_centre(lanes *at, int32_t l, bool has_level, double pull)
{
    const market_pattern *pattern = at->pattern;
    const market_problem *problem = at->problem[l];
    at->flat &= (uint8_t) ~(1 << l);
    for (int32_t j = 0; j < pattern->activities; j++) {
        const bool is_open = get(at->capacity, j, l) > 0;
        double cost = problem->cost[j], slope = problem->slope[j];
        if (is_open && slope < at->least[j]) {
            slope += at->least[j];
            cost -= has_level ? at->least[j] * get(at->level, j, l) : 0;
            at->flat |= (uint8_t)(1 << l);
        }
        put(at->cost, j, l, cost);
        put(at->give, j, l, is_open ? 1 / slope : 0);
    }
    for (int32_t j = 0; j < pattern->activities && at->flat >> l & 1; j++) {
        put(at->true_cost, j, l, problem->cost[j]);
        put(at->true_slope, j, l, problem->slope[j]);
    }
    for (int32_t i = 0; i < pattern->markets; i++) {
        put(at->centre, i, l, get(at->price, i, l));
        put(at->pull, i, l, pull * get(at->throughput, i, l) / get(at->reference, i, l));
    }
}

/* Typical flow of each market from plausible levels, and the least slope of each activity.
 * plausible[] comes as capacities. */
static void find_scales(lanes *at, int32_t l)
{
    const market_pattern *pattern = at->pattern;
    const market_problem *problem = at->problem[l];
    double *level = at->plausible, *least = at->least, *flow = at->flow;
    double sum = 0, count = 0;
    for (int32_t i = 0; i < pattern->markets; i++) {
        flow[i] = fabs(problem->supply[i]);
        sum += flow[i];
        count += flow[i] > 0;
    }
    for (int32_t j = 0; j < pattern->activities; j++) {
        double worth = fabs(problem->cost[j]);
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            worth += fabs(at->coefficient[e]) * problem->reference[pattern->row[e]];
        if (level[j] > 0 && problem->slope[j] > 0)
            level[j] = fmin(level[j], worth / problem->slope[j]);
        least[j] = FLAT * worth;
        if (level[j] > 0 && !isinf(level[j])) {
            sum += level[j];
            count++;
        }
    }
    const double mean = count > 0 && sum > 0 ? sum / count : 1;
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (level[j] == 0)
            continue;
        if (isinf(level[j]))
            level[j] = mean;
        least[j] /= level[j];
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            flow[pattern->row[e]] += fabs(at->coefficient[e]) * level[j] / 2;
    }
    for (int32_t i = 0; i < pattern->markets; i++)
        put(at->throughput, pattern->place[i], l, fmax(flow[i], 1e-9 * mean));
}

static void load_problem(lanes *at, int32_t l, market_problem *problem, int32_t number,
                         bool is_closing)
{
    const market_pattern *pattern = at->pattern;
    at->problem[l] = problem;
    at->number[l] = number;
    /* what needs a market that nobody can supply stays closed */
    const double *capacity = problem->capacity;
    if (is_closing) {
        closing_find(pattern, problem, &at->closing);
        capacity = at->closing.capacity;
    }
    for (int32_t j = 0; j < pattern->activities; j++) {
        at->plausible[j] = capacity[j] > 0 ? capacity[j] : 0;
        put(at->capacity, j, l, at->plausible[j]);
    }
    for (int32_t i = 0; i < pattern->markets; i++) {
        const int32_t place = pattern->place[i];
        put(at->supply, place, l, problem->supply[i]);
        put(at->reference, place, l, problem->reference[i]);
        put(at->price, place, l, problem->price[i]);
        at->to_zero[place] &= (uint8_t) ~(1 << l);
    }
    find_scales(at, l);
    set_centre(at, l, false, PULL);
    at->mode[l] = SEEKING;
    at->seeking |= (uint8_t)(1 << l);
    at->finishing &= (uint8_t) ~(1 << l);
    at->steps[l] = MAX_STEPS;
    at->round[l] = 0;
    at->is_fresh[l] = true;
    at->fading[l] = PULL;
    at->is_careful[l] = false;
    at->damping[l] = FIRST_DAMPING;
    at->length[l] = 0;
    at->error[l] = at->worst[l] = INFINITY;
}

/* A lane without a problem computes with harmless numbers. */
static void rest_lane(lanes *at, int32_t l)
{
    at->flat &= (uint8_t) ~(1 << l);
    at->mode[l] = RESTING;
    at->seeking &= (uint8_t) ~(1 << l);
    at->finishing &= (uint8_t) ~(1 << l);
    at->problem[l] = NULL;
    for (int32_t j = 0; j < at->pattern->activities; j++) {
        put(at->cost, j, l, 0);
        put(at->give, j, l, 0);
        put(at->capacity, j, l, 0);
        put(at->level, j, l, 0);
        at->inside[j] &= (uint8_t) ~(1 << l);
    }
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        put(at->supply, i, l, 0);
        put(at->reference, i, l, 1);
        put(at->throughput, i, l, 1);
        put(at->pull, i, l, 1);
        put(at->centre, i, l, 0);
        put(at->price, i, l, 0);
        at->to_zero[i] &= (uint8_t) ~(1 << l);
    }
    at->damping[l] = 1;
    at->length[l] = 0;
    at->error[l] = 0;
}

/* --------------------------------------------------------------------- prices to levels */

static inline vec best_level(const lanes *at, int32_t j, vec value)
{
    const vec level = (value - at->cost[j]) * at->give[j];
    return larger(smaller(level, at->capacity[j]), (vec){0});
}

/* Values and balances at the present prices, for the lanes that seek; the lanes in which another
 * set of activities is inside its bounds than before. */
static uint8_t evaluate(lanes *at)
{
    const market_pattern *pattern = at->pattern;
    uint8_t changed = 0;
    for (int32_t i = 0; i < pattern->markets; i++)
        at->balance[i] = at->supply[i] + at->pull[i] * (at->price[i] - at->centre[i]);
    for (int32_t j = 0; j < pattern->activities; j++) {
        const vec value = worth(at, j, at->price), level = best_level(at, j, value);
        const uint8_t now = bits_of((level > 0) & (level < at->capacity[j])) & at->seeking;
        const uint8_t inside = now | (at->inside[j] & (uint8_t)~at->seeking);
        at->value[j] = value;
        changed |= inside ^ at->inside[j];
        at->inside[j] = inside;
        for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
            at->balance[pattern->row_place[e]] += at->coefficient[e] * level;
    }
    return changed;
}

/* A price at zero where something is missing starts at a thousandth of the reference. */
static bool lift_fresh(lanes *at)
{
    uint8_t fresh = 0;
    for (int32_t l = 0; l < LANES; l++) {
        fresh |= (uint8_t)(at->is_fresh[l] << l);
        at->is_fresh[l] = false;
    }
    if (!fresh)
        return false;
    mask lifted = nowhere();
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const vec floor = FLOOR * at->reference[i];
        const mask m = mask_of(fresh) & (at->price[i] < floor) & (at->balance[i] <= 0);
        at->price[i] = pick(m, floor, at->price[i]);
        lifted |= m;
    }
    return any(lifted);
}

static inline mask held_at_zero(const lanes *at, int32_t i)
{
    return (at->price[i] <= AT_ZERO * at->reference[i]) & (at->balance[i] > 0);
}

/* Worst scaled error of the proximal problem. */
static vec error_now(const lanes *at)
{
    vec worst = {0};
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const vec rest = at->balance[i] / at->throughput[i];
        const vec price = at->price[i] / at->reference[i];
        worst = larger(worst, size_of(smaller(rest, price)));
    }
    return worst;
}

/* ----------------------------------------------------------------------------- the shape */

/* Lanes in which activity j works, or would if prices moved a little. */
static bool is_expected(const lanes *at, int32_t j)
{
    const market_pattern *pattern = at->pattern;
    vec scale = size_of(at->cost[j]);
    for (int32_t e = pattern->start[j]; e < pattern->start[j + 1]; e++)
        scale += fabs(at->coefficient[e]) * at->price[pattern->row_place[e]];
    const vec profit = at->value[j] - at->cost[j], margin = NEAR * scale;
    return any((at->capacity[j] > 0) & (profit > -margin) &
               ((profit - margin) * at->give[j] < at->capacity[j]));
}

static void make_shape(lanes *at)
{
    const market_pattern *pattern = at->pattern;
    memset(at->shape.is_live, 0, (size_t)pattern->edges);
    for (int32_t j = 0; j < pattern->activities; j++) {
        at->is_wanted[j] =
            at->inside[j] || (at->is_shaped && at->tick - at->last_seen[j] < MEMORY) ||
            pattern->pair_start[j] == pattern->pair_start[j + 1] || is_expected(at, j);
        if (at->is_wanted[j])
            for (int32_t k = pattern->pair_start[j]; k < pattern->pair_start[j + 1]; k++)
                at->shape.is_live[pattern->pair[k]] = true;
    }
    lane_shape_make(pattern, &at->shape);
    if (!at->is_shaped)
        for (int32_t j = 0; j < pattern->activities; j++)
            at->last_seen[j] = at->tick - MEMORY;
    at->is_shaped = true;
}

/* Make the shape again when an activity has started that it has no room for. */
static void keep_shape(lanes *at)
{
    bool fits = at->is_shaped;
    for (int32_t j = 0; j < at->pattern->activities; j++)
        if (at->inside[j]) {
            fits = fits && at->is_wanted[j];
            at->last_seen[j] = at->tick;
        }
    if (!fits)
        make_shape(at);
}

/* A W A' and its diagonal into the panels. */
static void fill_panels(lanes *at)
{
    const market_pattern *pattern = at->pattern;
    const lane_shape *shape = &at->shape;
    memset(at->panel, 0, (size_t)shape->value_start[shape->count] * sizeof(vec));
    for (int32_t j = 0; j < pattern->activities; j++) {
        if (!at->inside[j])
            continue;
        const vec weight = pick(mask_of(at->inside[j]), at->give[j], (vec){0});
        const int32_t *pair = pattern->pair + pattern->pair_start[j];
        const int32_t end = pattern->start[j + 1];
        for (int32_t e = pattern->start[j]; e < end; e++) {
            const vec weighted = weight * at->coefficient[e];
            at->diagonal[pattern->row_place[e]] += weighted * at->coefficient[e];
            for (int32_t k = e + 1; k < end; k++)
                at->panel[shape->slot[*pair++]] += weighted * at->coefficient[k];
        }
    }
    for (int32_t s = 0; s < shape->count; s++) {
        const int32_t width = shape->column[s + 1] - shape->column[s];
        vec *panel = at->panel + shape->value_start[s];
        for (int32_t k = 0; k < width; k++)
            panel[(size_t)k * width + k] = at->diagonal[shape->column[s] + k];
    }
}

/* ------------------------------------------------------------------------------- seeking */

/* Which prices the step holds at zero, its damping and its right-hand side. */
static void pose_step(lanes *at)
{
    const mask seeking = mask_of(at->seeking);
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const mask was = mask_of(at->to_zero[i]);
        const mask now = held_at_zero(at, i) | (was & (at->balance[i] > 0));
        const mask zero = (now & seeking) | (was & ~seeking);
        at->to_zero[i] = bits_of(zero);
        const vec natural = at->throughput[i] / at->reference[i];
        const vec imbalance = size_of(at->balance[i]) / (0.3 * at->reference[i]);
        const vec damped = at->pull[i] + at->damping * (imbalance + 0.3 * at->error * natural);
        const vec free = pick(seeking, damped, WEAKER * at->pull[i]);
        at->diagonal[i] = pick(zero, FIXED * natural, free);
        at->step[i] = pick(seeking, pick(zero, -FIXED * natural * at->price[i], -at->balance[i]),
                           at->step[i]);
    }
}

/* Prices that the step would make negative are sent to zero, and stay there while something is
 * left over: those worst hit, for the others may only have followed them. */
static void send_to_zero(lanes *at)
{
    const mask seeking = mask_of(at->seeking);
    vec worst = {0};
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const mask free = ~mask_of(at->to_zero[i]) & (at->price[i] > 0);
        const vec fall = smaller(-at->step[i] / at->price[i], all(1e6));
        worst = larger(worst, pick(free, fall, (vec){0}));
    }
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const mask m = seeking & ~mask_of(at->to_zero[i]) & (at->step[i] < -at->price[i]) &
                       (at->step[i] < -0.1 * worst * at->price[i]);
        at->to_zero[i] |= bits_of(m);
    }
}

/* Slope of g along the step at length t, and its derivative. */
typedef struct lane_slope {
    vec value, curvature;
} lane_slope;

/* The slope without the activities that change their piece on the way, at no length; those are
 * listed, with the lanes in which they do. */
static lane_slope straight_slope(lanes *at)
{
    const market_pattern *pattern = at->pattern;
    lane_slope straight = {{0}, {0}};
    for (int32_t i = 0; i < pattern->markets; i++) {
        const vec d = at->step[i];
        straight.value += d * (at->supply[i] + at->pull[i] * (at->price[i] - at->centre[i]));
        straight.curvature += at->pull[i] * d * d;
    }
    at->kinked_count = 0;
    for (int32_t j = 0; j < pattern->activities; j++) {
        const vec change = worth(at, j, at->step), capacity = at->capacity[j];
        const vec level = (at->value[j] - at->cost[j]) * at->give[j];
        const vec end = (at->value[j] + change - at->cost[j]) * at->give[j];
        const mask is_inside = (level > 0) & (level < capacity);
        const mask stays =
            (is_inside == ((end > 0) & (end < capacity))) & ((level > 0) == (end > 0));
        const uint8_t leaves = bits_of(~stays);
        at->change[j] = change;
        if (leaves)
            at->kinked[at->kinked_count++] = (lane_kink){j, leaves};
        straight.value +=
            pick(stays, change * larger(smaller(level, capacity), (vec){0}), (vec){0});
        straight.curvature += pick(stays & is_inside, change * change * at->give[j], (vec){0});
    }
    return straight;
}

static lane_slope slope_at(const lanes *at, lane_slope straight, vec t)
{
    lane_slope along = {{0}, {0}};
    for (int32_t k = 0; k < at->kinked_count; k++) {
        const int32_t j = at->kinked[k].activity;
        const mask own = mask_of(at->kinked[k].lanes);
        const vec change = at->change[j];
        const vec level = (at->value[j] + t * change - at->cost[j]) * at->give[j];
        const mask inside = (level > 0) & (level < at->capacity[j]);
        along.value +=
            pick(own, change * larger(smaller(level, at->capacity[j]), (vec){0}), (vec){0});
        along.curvature += pick(own & inside, change * change * at->give[j], (vec){0});
    }
    along.value += straight.value + t * straight.curvature;
    along.curvature += straight.curvature;
    return along;
}

/* Length at which the slope, rising and piecewise linear, has lost seven tenths: Newton on the
 * slope inside a bracket, halving when it leaves.  0 when the step does not descend. */
static void search(lanes *at, mask stepping)
{
    vec first = {0};
    for (int32_t i = 0; i < at->pattern->markets; i++)
        first += at->step[i] * at->balance[i];
    const vec goal = 0.3 * size_of(first);
    const mask descends = first < 0;
    const lane_slope straight = straight_slope(at);
    lane_slope along = slope_at(at, straight, all(1));
    vec low = {0}, high = all(1), t = all(1);
    mask searching = stepping & descends & (along.value > goal);
    for (int trial = 0; trial < MAX_TRIALS && any(searching); trial++) {
        const mask beyond = along.value > 0;
        high = pick(searching & beyond, t, high);
        low = pick(searching & ~beyond, t, low);
        const vec guess = t - along.value / along.curvature;
        const mask is_inside = (guess > low) & (guess < high);
        const vec middle = pick((low > 0) | (high > 1e-3), (low + high) / 2, high * 0.1);
        t = pick(searching, pick(is_inside, guess, middle), t);
        along = slope_at(at, straight, t);
        searching &= size_of(along.value) > goal;
    }
    at->length = pick(stepping, pick(descends, t, (vec){0}), at->length);
}

static void adapt_damping(lanes *at, mask stepping)
{
    const vec t = at->length;
    const vec times =
        pick(t > 0.9, all(0.1), pick(t < 0.01, all(10), pick(t < 0.2, all(3), all(1))));
    const vec damping = smaller(larger(at->damping * times, all(1e-6)), all(1e3));
    at->damping = pick(stepping, damping, at->damping);
}

/* A step cut off at zero may lead uphill; then every price follows its own balance alone, which
 * never does. */
static void turn_downhill(lanes *at, mask stepping)
{
    vec slope = {0};
    for (int32_t i = 0; i < at->pattern->markets; i++)
        slope += at->step[i] * at->balance[i];
    const mask uphill = stepping & (slope >= 0);
    if (!any(uphill))
        return;
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const vec own = larger(-at->balance[i] / at->diagonal[i], -at->price[i]);
        at->step[i] = pick(uphill & ~mask_of(at->to_zero[i]), own, at->step[i]);
    }
}

/* Move the prices of the lanes that seek. */
static void take_step(lanes *at)
{
    const mask stepping = mask_of(at->seeking);
    send_to_zero(at);
    for (int32_t i = 0; i < at->pattern->markets; i++) {
        const vec price = at->price[i];
        const vec step = pick(mask_of(at->to_zero[i]), -price, larger(at->step[i], -price));
        at->step[i] = pick(stepping, step, (vec){0});
    }
    turn_downhill(at, stepping);
    search(at, stepping);
    adapt_damping(at, stepping);
    for (int32_t i = 0; i < at->pattern->markets; i++)
        at->price[i] =
            pick(stepping, larger(at->price[i] + at->length * at->step[i], (vec){0}), at->price[i]);
    for (int32_t l = 0; l < LANES; l++)
        if (at->seeking >> l & 1) {
            at->problem[l]->iterations++;
            at->steps[l]--;
        }
}
