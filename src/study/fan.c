/* fan.c - means of calendar years of the series in fan.def, as buckets. */
#include "study/fan.h"

#include "base/math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MARKET, TECH, REGION };

enum fan_id {
#define FAN(name, axis, unit, doc) FAN_##name,
#include "study/fan.def"
#undef FAN
    FAN_IDS
};

static const struct {
    const char *name, *unit;
    int axis;
} kinds[FAN_IDS] = {
#define FAN(name, axis, unit, doc) {#name, unit, axis},
#include "study/fan.def"
#undef FAN
};

/* -------------------------------------------------------------------------------- buckets */

#define SMALL 1e-4    /* about which numbers are told apart evenly */
#define WIDTH 0.00995 /* of a bucket, in asinh: 1 % of a large number */

int16_t fan_bucket(double value)
{
    if (!isfinite(value))
        return FAN_NONE;
    double size = fabs(value) / SMALL;
    double position = yt_ln(size + sqrt(size * size + 1)) / WIDTH;
    double bucket = rint(fmin(position, 32000));
    return (int16_t)(value < 0 ? -bucket : bucket);
}

double fan_middle(int16_t bucket)
{
    double position = fabs((double)bucket) * WIDTH;
    double value = SMALL * 0.5 * (yt_exp(position) - yt_exp(-position));
    return bucket < 0 ? -value : value;
}

/* ----------------------------------------------------------------------------------- keys */

typedef struct fan_entry {
    int kind;
    int32_t at; /* node, tech or region; YT_NONE: outside */
    int32_t stage;
} fan_entry;

struct fan {
    arena *memory;
    int32_t count, first_year, years;
    fan_key *key;
    fan_entry *entry;
    double *sum;               /* [count][years] */
    int32_t *months;           /* [count][years] in which the number was known */
    double *output, *capacity; /* [techs] of the month */
};

static bool is_quoted(const yt_network *net, int32_t node)
{
    const network_node *n = &net->node[node];
    /* raw and intermediate goods come first in the order of groups; scrap comes last */
    return n->kind == NODE_GOODS && n->side != SIDE_CONTRACT &&
           net->group_of[n->commodity] >= net->groups.count - 5 &&
           net->group_of[n->commodity] < net->groups.count - 1;
}

static void add(fan *f, int kind, int32_t at, int32_t stage, const char *region,
                const char *commodity)
{
    if (f->key) {
        f->key[f->count] = (fan_key){kinds[kind].name, region, commodity, kinds[kind].unit};
        f->entry[f->count] = (fan_entry){kind, at, stage};
    }
    f->count++;
}

static void add_techs(fan *f, const yt_network *net, int kind)
{
    for (int32_t s = 0; s < net->stages.count; s++) {
        for (int32_t r = 0; r < net->regions.count; r++) {
            int32_t plants = 0, tech = network_tech(net, r, s);
            for (int32_t i = 0; i < net->plants; i++)
                plants += net->plant[i].tech == tech;
            if (plants > 0)
                add(f, kind, tech, s, net->regions.id[r], net->stages.id[s]);
        }
        if (kind != FAN_know_how)
            add(f, kind, YT_NONE, s, "outside", net->stages.id[s]);
    }
}

static void add_all(fan *f, const yt_network *net)
{
    f->count = 0;
    for (int kind = 0; kind < FAN_IDS; kind++) {
        if (kinds[kind].axis == TECH)
            add_techs(f, net, kind);
        for (int32_t n = 0; kinds[kind].axis == MARKET && n < net->nodes; n++)
            if (is_quoted(net, n) &&
                (kind != FAN_price_export || net->node[n].region == net->incumbent))
                add(f, kind, n, YT_NONE, net->regions.id[net->node[n].region],
                    net->commodities.id[net->node[n].commodity]);
        for (int32_t r = 0; kinds[kind].axis == REGION && r < net->regions.count; r++)
            add(f, kind, r, YT_NONE, net->regions.id[r], "");
    }
}

yt_status fan_new(const yt_network *net, fan **made)
{
    arena *memory = arena_new();
    fan *f = memory ? arena_alloc(memory, sizeof *f) : NULL;
    if (!f) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    f->memory = memory;
    f->first_year = net->start_month / 12;
    f->years = (net->first_month + net->months - 1) / 12 - f->first_year + 1;
    add_all(f, net);
    size_t cells = (size_t)f->count * (size_t)f->years;
    size_t techs = (size_t)net->regions.count * (size_t)net->stages.count;
    f->entry = arena_array(memory, (size_t)f->count, sizeof *f->entry);
    f->key = arena_array(memory, (size_t)f->count, sizeof *f->key);
    f->sum = arena_array(memory, cells, sizeof *f->sum);
    f->months = arena_array(memory, cells, sizeof *f->months);
    f->output = arena_array(memory, techs, sizeof *f->output);
    f->capacity = arena_array(memory, techs, sizeof *f->capacity);
    if (!f->entry || !f->key || !f->sum || !f->months || !f->output || !f->capacity) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    add_all(f, net);
    *made = f;
    return YT_OK;
}

void fan_free(fan *f)
{
    if (f)
        arena_free(f->memory);
}

int32_t fan_count(const fan *f)
{
    return f->count;
}

fan_key fan_key_of(const fan *f, int32_t i)
{
    return f->key[i];
}

int32_t fan_first_year(const fan *f)
{
    return f->first_year;
}

int32_t fan_years(const fan *f)
{
    return f->years;
}

/* --------------------------------------------------------------------------------- months */

void fan_reset(fan *f)
{
    size_t cells = (size_t)f->count * (size_t)f->years;
    memset(f->sum, 0, cells * sizeof *f->sum);
    memset(f->months, 0, cells * sizeof *f->months);
}

static void add_up_plants(fan *f, const yt_network *net, const yt_run *run)
{
    size_t techs = (size_t)net->regions.count * (size_t)net->stages.count;
    memset(f->output, 0, techs * sizeof *f->output);
    memset(f->capacity, 0, techs * sizeof *f->capacity);
    for (int32_t i = 0; i < net->plants; i++) {
        f->output[net->plant[i].tech] += VIEW(net, run, level)[net->plants_at.first + i];
        f->capacity[net->plant[i].tech] += VIEW(net, run, can_run)[i];
    }
}

static double outside(const yt_network *net, const double *by_tech, int32_t stage)
{
    double sum = 0;
    for (int32_t r = 0; r < net->regions.count; r++)
        sum += r == net->incumbent ? 0 : by_tech[network_tech(net, r, stage)];
    return sum;
}

/* At the border, of what left: weighted by what went along each lane. */
static double export_price(const yt_network *net, const yt_run *run, int32_t node)
{
    double tonnes = 0, dollars = 0;
    for (int32_t i = 0; i < net->arcs; i++) {
        if (net->arc[i].from != node || net->arc[i].kind != ARC_OPEN)
            continue;
        double level = VIEW(net, run, level)[net->arcs_at.first + i];
        tonnes += level;
        dollars += level * VIEW(net, run, border_price)[i];
    }
    return tonnes > 1e-3 ? dollars / tonnes : NAN;
}

static double running(const yt_network *net, const yt_run *run, int32_t region)
{
    double sum = 0;
    for (int32_t p = 0; p < net->programmes.count; p++)
        if (net->programme[p].region == region)
            sum += VIEW(net, run, force)[p];
    return sum;
}

static double number_of(const fan *f, const yt_network *net, const yt_run *run, const fan_entry *e,
                        const double *independence)
{
    switch (e->kind) {
    case FAN_price:
        return VIEW(net, run, can_be_had)[e->at] > 0 ? VIEW(net, run, clearing_price)[e->at] : NAN;
    case FAN_price_export:
        return export_price(net, run, e->at);
    case FAN_output:
        return e->at == YT_NONE ? outside(net, f->output, e->stage) : f->output[e->at];
    case FAN_capacity:
        return e->at == YT_NONE ? outside(net, f->capacity, e->stage) : f->capacity[e->at];
    case FAN_shortage:
        return VIEW(net, run, shortage)[e->at];
    case FAN_independence:
        return independence ? independence[e->at] : NAN;
    case FAN_salience:
        return VIEW(net, run, salience)[e->at];
    case FAN_know_how:
        return VIEW(net, run, know_how)[e->at];
    default:
        return running(net, run, e->at);
    }
}

void fan_month(fan *f, const yt_network *net, const yt_run *run, const double *independence)
{
    int32_t month = yt_run_month(run) - 1, year = month / 12 - f->first_year;
    if (run->status || year < 0 || year >= f->years)
        return;
    add_up_plants(f, net, run);
    for (int32_t i = 0; i < f->count; i++) {
        double number = number_of(f, net, run, &f->entry[i], independence);
        size_t cell = (size_t)i * (size_t)f->years + (size_t)year;
        if (!isfinite(number))
            continue;
        f->sum[cell] += number;
        f->months[cell]++;
    }
}

void fan_code(const fan *f, int16_t *bucket)
{
    size_t cells = (size_t)f->count * (size_t)f->years;
    for (size_t c = 0; c < cells; c++)
        bucket[c] = f->months[c] > 0 ? fan_bucket(f->sum[c] / f->months[c]) : FAN_NONE;
}
