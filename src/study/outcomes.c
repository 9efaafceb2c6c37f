/* outcomes.c - the few numbers that are kept of every world.
 *
 * Once a year, in December, the incumbent's goods are stopped on the month just cleared
 * (sim/stress.c): who would be served?  Everything else is summed up as months pass.
 */
#include "study/outcomes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORLD, REGION, STATE, GROUP, EVENT };

enum outcome_id {
#define OUTCOME(name, axis, unit, doc) OUTCOME_##name,
#include "study/outcomes.def"
#undef OUTCOME
    OUTCOME_IDS
};

static const struct {
    const char *name, *unit;
    int axis;
} kinds[OUTCOME_IDS] = {
#define OUTCOME(name, axis, unit, doc) {#name, unit, axis},
#include "study/outcomes.def"
#undef OUTCOME
};

#define FIRST_MARK 2010 /* years for which _YEAR outcomes are kept: every fifth from here */
#define MARK_STEP 5
#define MARKS_MOST 32
#define DEPENDENT 1e-3 /* t/month: less is no use */

struct outcomes {
    arena *memory;
    int32_t count, room;
    outcome_key *key;
    double *value;
    bool *censored;
    int32_t first[OUTCOME_IDS]; /* number of the first key of a kind */
    int32_t marks, mark[MARKS_MOST];
    int32_t regions;
    bool *has_users, *has_state;
    double threshold;
    int32_t months;
    double *served, *wanted; /* [regions] scratch        */
    double *independence;    /* [regions] last tried     */
    bool is_tried;           /* this month               */
    int32_t *above_since;    /* [regions] year, or NONE  */
    bool *is_free;           /* [regions]                */
    int32_t squeeze, first_mine, mine_after;
};

/* ----------------------------------------------------------------------------------- keys */

static void add_key(outcomes *o, const char *name, const char *region, const char *stage,
                    const char *unit)
{
    if (o->count < o->room)
        o->key[o->count] = (outcome_key){name, region, stage, unit};
    o->count++;
}

static void add_over_axis(outcomes *o, const yt_network *net, int kind, const char *name)
{
    const char *unit = kinds[kind].unit;
    if (kinds[kind].axis == WORLD)
        add_key(o, name, "", "", unit);
    for (int32_t g = 0; kinds[kind].axis == GROUP && g < net->groups.count; g++)
        add_key(o, name, "", net->groups.id[g], unit);
    for (int32_t r = 0; r < net->regions.count; r++)
        if ((kinds[kind].axis == REGION && o->has_users[r]) ||
            (kinds[kind].axis == STATE && o->has_state[r]))
            add_key(o, name, net->regions.id[r], "", unit);
    for (int32_t e = 0; kinds[kind].axis == EVENT && e < SIM_EVENT_KINDS; e++) {
        for (int32_t r = 0; r < net->regions.count; r++)
            if (o->has_state[r])
                add_key(o, sim_event_describe(e).name, net->regions.id[r], "", unit);
        add_key(o, sim_event_describe(e).name, "outside", "", unit);
    }
}

/* "independence_YEAR" to "independence_2030". */
static const char *name_of_mark(outcomes *o, const char *name, int32_t year)
{
    int length = (int)(strlen(name) - strlen("YEAR"));
    const char *made = arena_printf(o->memory, "%.*s%d", length, name, (int)year);
    return made ? made : "";
}

static void add_keys(outcomes *o, const yt_network *net)
{
    o->count = 0;
    for (int kind = 0; kind < OUTCOME_IDS; kind++) {
        const char *name = kinds[kind].name, *year = strstr(name, "_YEAR");
        o->first[kind] = o->count;
        for (int32_t m = 0; year && m < o->marks; m++)
            add_over_axis(o, net, kind, name_of_mark(o, name, o->mark[m]));
        if (!year)
            add_over_axis(o, net, kind, name);
    }
}

static void find_places(outcomes *o, const yt_network *net)
{
    for (int32_t s = 0; s < net->segments; s++)
        o->has_users[net->segment[s].region] = true;
    for (int32_t r = 0; r < net->regions.count; r++)
        o->has_state[r] = net->is_governed[r];
    int32_t last = (net->first_month + net->months) / 12;
    for (int32_t year = FIRST_MARK; year < last && o->marks < MARKS_MOST; year += MARK_STEP)
        if (year * 12 >= net->start_month)
            o->mark[o->marks++] = year;
}

static bool allocate(outcomes *o, const yt_network *net)
{
    size_t regions = (size_t)net->regions.count;
    o->has_users = arena_array(o->memory, regions, sizeof(bool));
    o->has_state = arena_array(o->memory, regions, sizeof(bool));
    o->is_free = arena_array(o->memory, regions, sizeof(bool));
    o->above_since = arena_array(o->memory, regions, sizeof(int32_t));
    o->served = arena_array(o->memory, regions, sizeof(double));
    o->wanted = arena_array(o->memory, regions, sizeof(double));
    o->independence = arena_array(o->memory, regions, sizeof(double));
    if (!o->has_users || !o->has_state || !o->is_free || !o->above_since || !o->served ||
        !o->wanted || !o->independence)
        return false;
    find_places(o, net);
    add_keys(o, net);
    o->room = o->count;
    o->key = arena_array(o->memory, (size_t)o->room, sizeof *o->key);
    o->value = arena_array(o->memory, (size_t)o->room, sizeof *o->value);
    o->censored = arena_array(o->memory, (size_t)o->room, sizeof *o->censored);
    if (!o->key || !o->value || !o->censored)
        return false;
    add_keys(o, net);
    return true;
}

yt_status outcomes_new(const yt_network *net, double threshold, outcomes **made)
{
    arena *memory = arena_new();
    outcomes *o = memory ? arena_alloc(memory, sizeof *o) : NULL;
    if (!o) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    o->memory = memory;
    o->threshold = threshold;
    o->regions = net->regions.count;
    if (!allocate(o, net)) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    outcomes_reset(o);
    *made = o;
    return YT_OK;
}

void outcomes_free(outcomes *o)
{
    if (o)
        arena_free(o->memory);
}

int32_t outcomes_count(const outcomes *o)
{
    return o->count;
}

outcome_key outcomes_key(const outcomes *o, int32_t i)
{
    return o->key[i];
}

/* The number of a kind for a region, counted among those that have one; NULL: it has none. */
static double *at_region(outcomes *o, int kind, int32_t region)
{
    const bool *has = kinds[kind].axis == REGION ? o->has_users : o->has_state;
    int32_t i = o->first[kind];
    for (int32_t r = 0; r < region; r++)
        i += has[r];
    return has[region] ? &o->value[i] : NULL;
}

/* The same where it is kept by year. */
static double *at_mark(outcomes *o, int kind, int32_t mark, int32_t region)
{
    double *at = at_region(o, kind, region);
    int32_t users = 0;
    for (int32_t r = 0; r < o->regions; r++)
        users += o->has_users[r];
    return at ? at + mark * users : NULL;
}

static double *at_event(outcomes *o, int32_t event, int32_t region)
{
    int32_t states = 0, before = 0;
    for (int32_t r = 0; r < o->regions; r++) {
        states += o->has_state[r];
        before += r < region && o->has_state[r];
    }
    int32_t i = o->first[OUTCOME_count] + event * (states + 1);
    return &o->value[region == YT_NONE ? i + states : i + before];
}

static int32_t mark_of(const outcomes *o, int32_t year)
{
    for (int32_t m = 0; m < o->marks; m++)
        if (o->mark[m] == year)
            return m;
    return YT_NONE;
}

/* --------------------------------------------------------------------------------- months */

void outcomes_reset(outcomes *o)
{
    for (int32_t i = 0; i < o->count; i++) {
        o->value[i] = 0;
        o->censored[i] = false;
    }
    for (int kind = 0; kind < OUTCOME_IDS; kind++)
        if (strstr(kinds[kind].name, "_YEAR"))
            for (int32_t i = o->first[kind];
                 i < (kind + 1 < OUTCOME_IDS ? o->first[kind + 1] : o->count); i++)
                o->value[i] = NAN;
    for (int32_t r = 0; r < o->regions; r++) {
        o->above_since[r] = YT_NONE;
        o->is_free[r] = false;
    }
    o->months = 0;
    o->squeeze = o->first_mine = o->mine_after = YT_NONE;
}

/* Above the threshold in three Decembers: two years, and the first of them counts. */
static void note_freedom(outcomes *o, int32_t region, double ratio, int32_t year)
{
    if (!(ratio >= o->threshold)) {
        o->above_since[region] = o->is_free[region] ? o->above_since[region] : YT_NONE;
        return;
    }
    if (o->above_since[region] == YT_NONE)
        o->above_since[region] = year;
    o->is_free[region] |= year - o->above_since[region] >= 2;
}

static void stop_incumbent(outcomes *o, const yt_network *net, const yt_run *run,
                           const market_problem *cut, int32_t year)
{
    int32_t bottleneck, mark = mark_of(o, year);
    double served = 0, wanted = 0;
    if (!(market_certificate_worst(&cut->certificate) <= MARKET_BAR))
        return; /* not known */
    sim_read_cut_off(net, run, net->incumbent, o->served, o->wanted, &bottleneck);
    o->is_tried = true;
    for (int32_t r = 0; r < net->regions.count; r++) {
        double ratio = o->wanted[r] > 0 ? o->served[r] / o->wanted[r] : 1;
        double *at = mark == YT_NONE ? NULL : at_mark(o, OUTCOME_independence_YEAR, mark, r);
        if (at)
            *at = ratio;
        o->independence[r] = ratio;
        note_freedom(o, r, ratio, year);
        served += r == net->incumbent ? 0 : o->served[r];
        wanted += r == net->incumbent ? 0 : o->wanted[r];
    }
    if (mark != YT_NONE && wanted > 0)
        o->value[o->first[OUTCOME_independence_outside_YEAR] + mark] = served / wanted;
}

/* What other regions use of each kind of goods, and what of it came from the incumbent. */
static void note_dependence(outcomes *o, const yt_network *net, const yt_run *run, int32_t mark)
{
    for (int32_t g = 0; g < net->groups.count; g++) {
        double used = 0, bought = 0;
        for (int32_t n = 0; n < net->nodes; n++)
            if (net->node[n].kind == NODE_GOODS && net->node[n].region != net->incumbent &&
                net->group_of[net->node[n].commodity] == g)
                used += VIEW(net, run, use)[n];
        for (int32_t i = 0; i < net->arcs; i++) {
            int32_t from = net->node[net->arc[i].from].region,
                    to = net->node[net->arc[i].to].region;
            if (net->arc[i].kind == ARC_RESALE || net->group_of[net->arc[i].commodity] != g)
                continue;
            double level = VIEW(net, run, level)[net->arcs_at.first + i];
            used -= from != net->incumbent ? level : 0; /* handed on, not used */
            bought += from == net->incumbent && to != net->incumbent ? level : 0;
        }
        o->value[o->first[OUTCOME_dependence_YEAR] + mark * net->groups.count + g] =
            used > DEPENDENT ? fmin(1, bought / used) : NAN;
    }
}

static void note_shortage(outcomes *o, const yt_network *net, const yt_run *run)
{
    for (int32_t r = 0; r < net->regions.count; r++) {
        double now = VIEW(net, run, shortage)[r];
        double *mean = at_region(o, OUTCOME_shortage, r);
        double *worst = at_region(o, OUTCOME_shortage_worst, r);
        if (mean) {
            *mean += now;
            *worst = fmax(*worst, now);
        }
    }
    for (int32_t s = 0; s < net->segments; s++) {
        int32_t node = net->segment[s].node;
        double above = VIEW(net, run, clearing_price)[node] - VIEW(net, run, reference_price)[node];
        *at_region(o, OUTCOME_consumer_cost, net->segment[s].region) +=
            above * sim_served(net, run, s);
    }
}

static bool is_squeeze(const yt_network *net, int32_t programme)
{
    const network_programme *p = &net->programme[programme];
    for (int32_t k = 0; k < p->instruments; k++)
        if (network_instrument_axis(net->instrument[p->first_instrument + k].item) == AXIS_PERMIT)
            return p->region == net->incumbent;
    return false;
}

/* Worth of the work when money was committed over that when the plant was mothballed. */
#define BUST 1.5
#define PIT 12 /* months of construction: less is a pit */

/* A mine that is built, not a pit that is dug within a year or that reports to nobody. */
static bool is_built_mine(const yt_network *net, const network_plant *plant)
{
    double usual = net->parameter[net->offset[VAR_build_time] + (size_t)plant->tech];
    return net->extracts[plant->stage] && plant->owner != OWNER_INFORMAL && usual >= PIT;
}

static void note_event(outcomes *o, const yt_network *net, const sim_event *event, int32_t month)
{
    axis_id axis = sim_event_describe(event->kind).axis;
    const network_plant *plant = axis == AXIS_PLANT ? &net->plant[event->subject] : NULL;
    int32_t region = plant                    ? plant->region
                     : axis == AXIS_PROGRAMME ? net->programme[event->subject].region
                                              : event->subject;
    bool is_outside = region != net->incumbent;
    if (o->has_state[region])
        *at_event(o, event->kind, region) += 1;
    if (is_outside)
        *at_event(o, event->kind, YT_NONE) += 1;
    if (event->kind == SIM_programme_launched && o->squeeze == YT_NONE &&
        is_squeeze(net, event->subject))
        o->squeeze = month;
    if (event->kind == SIM_plant_opened && is_outside && is_built_mine(net, plant)) {
        if (o->first_mine == YT_NONE)
            o->first_mine = month;
        if (o->squeeze != YT_NONE && o->mine_after == YT_NONE)
            o->mine_after = month;
    }
    if (event->kind == SIM_plant_mothballed && is_outside && event->value >= BUST &&
        is_built_mine(net, plant))
        o->value[o->first[OUTCOME_boom_and_bust]] = 1;
}

bool outcomes_want_cut_off(const yt_network *net, const yt_run *run)
{
    int32_t month = yt_run_month(run) - 1;
    return !run->status && month >= net->start_month && month % 12 == 11 &&
           net->incumbent != YT_NONE;
}

void outcomes_month(outcomes *o, const yt_network *net, const yt_run *run,
                    const market_problem *cut)
{
    int32_t month = yt_run_month(run) - 1, year = month / 12;
    o->is_tried = false;
    if (run->status || month < net->start_month)
        return;
    o->months++;
    note_shortage(o, net, run);
    for (int32_t e = 0; e < run->events && e < SIM_EVENTS_MOST; e++)
        note_event(o, net, &run->event[e], month);
    if (month % 12 == 11 && net->incumbent != YT_NONE && mark_of(o, year) != YT_NONE)
        note_dependence(o, net, run, mark_of(o, year));
    if (cut)
        stop_incumbent(o, net, run, cut, year);
}

#define ABREAST 64 /* worlds of a batch that are asked at once */

void outcomes_month_of_batch(outcomes *const o[], const yt_network *net, yt_batch *batch, int32_t n)
{
    for (int32_t first = 0; first < n; first += ABREAST) {
        int32_t end = n - first < ABREAST ? n : first + ABREAST, count = 0;
        market_problem cut[ABREAST], *order[ABREAST], *of[ABREAST] = {NULL};
        for (int32_t i = first; i < end; i++) {
            yt_run *run = yt_batch_run(batch, i);
            if (!outcomes_want_cut_off(net, run))
                continue;
            cut[count] = sim_cut_off(net, run, net->incumbent, YT_NONE);
            of[i - first] = order[count] = &cut[count];
            count++;
        }
        if (count > 0)
            sim_batch_clear(batch, order, count);
        for (int32_t i = first; i < end; i++)
            outcomes_month(o[i], net, yt_batch_run(batch, i), of[i - first]);
    }
}

const double *outcomes_independence(const outcomes *o)
{
    return o->is_tried ? o->independence : NULL;
}

/* ------------------------------------------------------------------------------------- end */

static void set_date(outcomes *o, int kind, int32_t month, int32_t last)
{
    int32_t i = o->first[kind];
    o->value[i] = (month == YT_NONE ? last : month) / 12.0;
    o->censored[i] = month == YT_NONE;
}

static void finish_dates(outcomes *o, int32_t last)
{
    int32_t i = o->first[OUTCOME_years_to_first_mine];
    set_date(o, OUTCOME_first_mine_year, o->first_mine, last);
    set_date(o, OUTCOME_squeeze_year, o->squeeze, last);
    o->value[i] = o->squeeze == YT_NONE
                      ? NAN
                      : ((o->mine_after == YT_NONE ? last : o->mine_after) - o->squeeze) / 12.0;
    o->censored[i] = o->mine_after == YT_NONE;
    for (int32_t r = 0; r < o->regions; r++) {
        double *at = at_region(o, OUTCOME_break_free_year, r);
        if (!at)
            continue;
        *at = o->is_free[r] ? o->above_since[r] : last / 12;
        o->censored[at - o->value] = !o->is_free[r];
    }
}

void outcomes_finish(outcomes *o, const yt_network *net, const yt_run *run, double *value,
                     bool *censored)
{
    int32_t last = yt_run_month(run), broken = o->first[OUTCOME_broken_month];
    finish_dates(o, last);
    for (int32_t r = 0; r < net->regions.count; r++) {
        double *shortage = at_region(o, OUTCOME_shortage, r);
        if (shortage && o->months > 0)
            *shortage /= o->months;
        if (!o->has_state[r])
            continue;
        *at_region(o, OUTCOME_public_cost, r) = VIEW(net, run, public_cost)[r];
        *at_region(o, OUTCOME_private_cost, r) = VIEW(net, run, private_cost)[r];
        *at_region(o, OUTCOME_private_loss, r) = VIEW(net, run, private_loss)[r];
    }
    o->value[broken] = last;
    o->censored[broken] = run->status == YT_OK;
    memcpy(value, o->value, (size_t)o->count * sizeof *value);
    memcpy(censored, o->censored, (size_t)o->count * sizeof *censored);
}
