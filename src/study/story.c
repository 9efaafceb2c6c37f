/* story.c - why a world ended as it did.
 *
 * The world is simulated again and all that happens is kept.  Each December the incumbent's
 * goods are stopped (sim/stress.c); the last time also one kind of goods at a time, which shows
 * what freedom lacks.  Then the road of each project is told: which gate, which month, at which
 * price and return.  What would have been without a step that failed is not simulated: it is
 * said as what was lacking, never as what would have happened.
 */
#include "study/story.h"

#include "base/arena.h"
#include "base/calendar.h"
#include "base/log.h"
#include "base/text.h"
#include "sim/sim.h"

#include <math.h>
#include <string.h>

#define YEARS_MOST 200
#define STOP_YEARS 2 /* above the threshold for so long: free */

typedef struct happening {
    int32_t month, kind, subject, node;
    double value, price, size; /* price of the plant's main good; size of its project, t/month */
} happening;

typedef struct teller {
    const yt_network *net;
    const story_options *o;
    arena *memory;
    yt_run *run;
    int32_t region, room, n, free_since, shortest;
    happening *list;
    double *size; /* [plants] of the project on its way */
    double *served, *wanted, ratio[YEARS_MOST], worst_short, *by_group;
    int32_t first_year, years, bottleneck, short_months;
    bool is_free, is_certified;
} teller;

/* ----------------------------------------------------------------------------- what happens */

/* The goods whose price decides about a plant, as investors see it. */
static int32_t node_of(const teller *t, int32_t plant)
{
    int32_t node = YT_NONE;
    sim_worth_of_work(t->net, t->run, plant, &node);
    return node;
}

static bool keep(teller *t, happening h)
{
    if (t->n == t->room) {
        int32_t room = t->room ? 2 * t->room : 256;
        happening *list = arena_array(t->memory, (size_t)room, sizeof *list);
        if (!list)
            return false;
        if (t->n)
            memcpy(list, t->list, (size_t)t->n * sizeof *list);
        t->list = list;
        t->room = room;
    }
    t->list[t->n++] = h;
    return true;
}

static bool take_events(teller *t)
{
    for (int32_t e = 0; e < t->run->events && e < SIM_EVENTS_MOST; e++) {
        const sim_event *event = &t->run->event[e];
        happening h = {
            yt_run_month(t->run) - 1, event->kind, event->subject, YT_NONE, event->value, NAN, 0};
        if (sim_event_describe(event->kind).axis == AXIS_PLANT) {
            double size = VIEW(t->net, t->run, project_size)[event->subject];
            if (size > 0)
                t->size[event->subject] = size;
            h.size = t->size[event->subject];
            h.node = node_of(t, event->subject);
            if (h.node != YT_NONE)
                h.price = VIEW(t->net, t->run, clearing_price)[h.node];
        }
        if (!keep(t, h))
            return false;
    }
    return true;
}

static void note_freedom(teller *t, int32_t year, double ratio)
{
    if (!(ratio >= t->o->threshold)) {
        t->free_since = t->is_free ? t->free_since : YT_NONE;
        return;
    }
    if (t->free_since == YT_NONE)
        t->free_since = year;
    t->is_free |= year - t->free_since >= STOP_YEARS;
}

/* What the region would be served without the incumbent's goods of a group (NONE: of all). */
static double stop(teller *t, int32_t group, int32_t *bottleneck)
{
    market_problem cut = sim_cut_off(t->net, t->run, t->net->incumbent, group), *one = &cut;
    market_clear(t->net->pattern, &one, 1, sim_scratch(t->net, t->run));
    if (!(market_certificate_worst(&cut.certificate) <= MARKET_BAR))
        return NAN;
    sim_read_cut_off(t->net, t->run, t->net->incumbent, t->served, t->wanted, bottleneck);
    double wanted = t->wanted[t->region];
    return wanted > 0 ? t->served[t->region] / wanted : 1;
}

static void take_december(teller *t, int32_t year, bool is_last)
{
    int32_t at = year - t->first_year, ignored;
    if (at < 0 || at >= YEARS_MOST)
        return;
    t->ratio[at] = stop(t, YT_NONE, &t->bottleneck);
    t->years = at + 1;
    if (isfinite(t->ratio[at]))
        note_freedom(t, year, t->ratio[at]);
    for (int32_t g = 0; is_last && g < t->net->groups.count; g++)
        t->by_group[g] = stop(t, g, &ignored);
}

static void take_shortage(teller *t, int32_t month)
{
    double now = VIEW(t->net, t->run, shortage)[t->region];
    t->short_months += now > 0.01;
    if (now > t->worst_short) {
        t->worst_short = now;
        t->shortest = month;
    }
}

static yt_status live(teller *t)
{
    int32_t last = t->o->last_month;
    yt_run_reset(t->net, t->run, t->o->seed, (uint32_t)t->o->world);
    for (int32_t i = 0; i < t->net->months; i++) {
        int32_t month = yt_run_month(t->run);
        if (month > last)
            break;
        yt_step(t->net, t->run);
        t->is_certified = t->run->status == YT_OK;
        if (!t->is_certified)
            break;
        if (month < t->net->start_month)
            continue;
        take_shortage(t, month);
        if (!take_events(t))
            return YT_ENOMEM;
        if (month % 12 == 11)
            take_december(t, month / 12, month + 12 > last);
    }
    return YT_OK;
}

/* -------------------------------------------------------------------------------- counting */

static const network_plant *plant_of(const teller *t, const happening *h)
{
    return sim_event_describe(h->kind).axis == AXIS_PLANT ? &t->net->plant[h->subject] : NULL;
}

static bool is_programme(const teller *t, const happening *h, int32_t region)
{
    return sim_event_describe(h->kind).axis == AXIS_PROGRAMME &&
           t->net->programme[h->subject].region == region;
}

/* Events of a kind at plants of a stage (NONE: all) in a region (NONE: all but the incumbent). */
static int32_t count(const teller *t, int32_t kind, int32_t stage, int32_t region)
{
    int32_t n = 0;
    for (int32_t i = 0; i < t->n; i++) {
        const network_plant *p = plant_of(t, &t->list[i]);
        if (p && t->list[i].kind == kind && (stage == YT_NONE || p->stage == stage) &&
            (region == YT_NONE ? p->region != t->net->incumbent : p->region == region))
            n++;
    }
    return n;
}

static bool is_end(int32_t kind)
{
    return (kind >= SIM_failed_political && kind <= SIM_failed_capital) ||
           kind == SIM_project_abandoned || kind == SIM_plant_mothballed;
}

/* Capacity lost to a kind of end at the step that was lacking, t/month. */
static double lost(const teller *t, int32_t kind, int32_t stage)
{
    double sum = 0;
    for (int32_t i = 0; i < t->n; i++) {
        const network_plant *p = plant_of(t, &t->list[i]);
        if (p && t->list[i].kind == kind && p->stage == stage && p->region != t->net->incumbent)
            sum += t->list[i].size;
    }
    return sum;
}

/* ------------------------------------------------------------------------------- in words */

static const char *date(int32_t month, char text[8])
{
    calendar_format(month, text);
    return text;
}

static const char *facility(const teller *t, int32_t plant)
{
    return t->net->facilities.id[t->net->plant[plant].facility];
}

static const char *id_of_stage(const teller *t, int32_t stage)
{
    return t->net->stages.id[stage];
}

static int32_t last_known(const teller *t)
{
    for (int32_t y = t->years - 1; y >= 0; y--)
        if (isfinite(t->ratio[y]))
            return y;
    return YT_NONE;
}

static void tell_answer(const teller *t)
{
    FILE *out = t->o->out;
    const char *who = t->net->regions.id[t->region], *from = t->net->regions.id[t->net->incumbent];
    int32_t last = last_known(t);
    char text[8];
    fprintf(out, "World %lld: %s ", (long long)t->o->world, who);
    if (t->is_free)
        fprintf(out, "is free of %s from %d on", from, (int)t->free_since);
    else
        fprintf(out, "is not free of %s by %s", from, date(t->o->last_month, text));
    if (last != YT_NONE)
        fprintf(out,
                ": in December %d, without its goods, %.0f %% of critical use would be served "
                "(free: %.0f %%)",
                (int)(t->first_year + last), 100 * t->ratio[last], 100 * t->o->threshold);
    fputs(".\n", out);
    if (!t->is_certified)
        fprintf(out, "The world broke off: the market of %s was not certified.\n",
                date(yt_run_month(t->run), text));
}

static void tell_years(const teller *t)
{
    fputs("\nServed without the incumbent, by year\n ", t->o->out);
    for (int32_t y = 0; y < t->years; y++)
        if (isfinite(t->ratio[y]) && ((t->first_year + y) % 5 == 0 || y == t->years - 1))
            fprintf(t->o->out, " %d %.0f %%", (int)(t->first_year + y), 100 * t->ratio[y]);
    fputc('\n', t->o->out);
}

static void tell_lack(const teller *t)
{
    FILE *out = t->o->out;
    int32_t worst = YT_NONE, told = 0;
    for (int32_t g = 0; g < t->net->groups.count; g++)
        if (isfinite(t->by_group[g]) && (worst == YT_NONE || t->by_group[g] < t->by_group[worst]))
            worst = g;
    fputs("\nWhat is lacking at the end\n", out);
    if (t->bottleneck != YT_NONE)
        fprintf(out, "  The scarce step: %s.\n", id_of_stage(t, t->bottleneck));
    if (worst == YT_NONE)
        return;
    fputs("  Served if only one kind of goods were stopped:", out);
    for (int32_t g = 0; g < t->net->groups.count; g++)
        if (isfinite(t->by_group[g]) && t->by_group[g] < 0.995)
            fprintf(out, "%s %s %.0f %%", told++ ? "," : "", t->net->groups.id[g],
                    100 * t->by_group[g]);
    fputs(told ? ".\n" : " all, whichever it is.\n", out);
}

static void tell_counts(const teller *t, const char *name, int32_t stage, int32_t region)
{
    FILE *out = t->o->out;
    int32_t begun = count(t, SIM_project_begun, stage, region);
    fprintf(out, "  %s: %d set out", name, (int)begun);
    static const char *const where[] = {"politics", "the environmental assessment",
                                        "local approval", "legal review", "finance"};
    for (int gate = 0; gate < 5; gate++) {
        int32_t n = count(t, SIM_failed_political + gate, stage, region);
        if (n)
            fprintf(out, ", %d fail at %s", (int)n, where[gate]);
    }
    fprintf(out, ", %d given up waiting, %d building starts, %d open, %d enlarged, %d mothballed\n",
            (int)count(t, SIM_project_abandoned, stage, region),
            (int)count(t, SIM_construction_begun, stage, region),
            (int)count(t, SIM_plant_opened, stage, region),
            (int)count(t, SIM_plant_enlarged, stage, region),
            (int)count(t, SIM_plant_mothballed, stage, region));
}

/* One event of a project: month, what, at which price and return. */
static void tell_step(const teller *t, const happening *h)
{
    FILE *out = t->o->out;
    char text[8];
    fprintf(out, "      %s  %s", date(h->month, text), sim_event_describe(h->kind).text);
    switch (h->kind) {
    case SIM_project_waits:
    case SIM_project_abandoned:
    case SIM_construction_begun:
        fprintf(out, "; worth %.2f of its cost to investors", h->value);
        break;
    case SIM_failed_capital:
        fprintf(out, "; lenders at %.1f of their usual pace", h->value);
        break;
    case SIM_plant_mothballed:
        if (h->value > 0)
            fprintf(out, "; its goods were worth %.1f times as much when money was committed",
                    h->value);
        break;
    default:
        break;
    }
    if (isfinite(h->price) && h->node != YT_NONE && t->net->node[h->node].kind == NODE_GOODS)
        fprintf(out, "; %s at %.3g USD/kg in %s",
                t->net->commodities.id[t->net->node[h->node].commodity], h->price / 1000,
                t->net->regions.id[t->net->node[h->node].region]);
    fputc('\n', out);
}

/* Passed gates are told only by those that failed later, the rest by its ends. */
static void tell_project(const teller *t, int32_t plant)
{
    const network_plant *p = &t->net->plant[plant];
    fprintf(t->o->out, "    %s (%s, %s, %.0f t/a)\n", facility(t, plant),
            t->net->regions.id[p->region], id_of_stage(t, p->stage), 12 * t->size[plant]);
    for (int32_t i = 0; i < t->n; i++)
        if (plant_of(t, &t->list[i]) && t->list[i].subject == plant)
            tell_step(t, &t->list[i]);
}

/* How much a project says about the answer: at the scarce step, at home, large. */
static double weight(const teller *t, int32_t plant)
{
    const network_plant *p = &t->net->plant[plant];
    double size = 0;
    for (int32_t i = 0; i < t->n; i++)
        if (plant_of(t, &t->list[i]) && t->list[i].subject == plant && is_end(t->list[i].kind))
            size = fmax(size, t->list[i].size);
    if (size <= 0 || p->region == t->net->incumbent)
        return 0;
    return size * (p->stage == t->bottleneck ? 1e6 : 1) * (p->region == t->region ? 100 : 1);
}

static void tell_projects(const teller *t)
{
    bool *told = arena_array(t->memory, (size_t)t->net->plants + 1, sizeof *told);
    fputs("\nProjects\n", t->o->out);
    tell_counts(t, t->net->regions.id[t->region], YT_NONE, t->region);
    tell_counts(t, "all regions but the incumbent", YT_NONE, YT_NONE);
    if (t->bottleneck != YT_NONE)
        tell_counts(t, "of them at the scarce step", t->bottleneck, YT_NONE);
    fputs("  Those that ended without a plant, or were closed, first the scarce step and home:\n",
          t->o->out);
    for (int32_t k = 0; told && k < t->o->projects; k++) {
        int32_t best = YT_NONE;
        for (int32_t i = 0; i < t->net->plants; i++)
            if (!told[i] && weight(t, i) > 0 && (best == YT_NONE || weight(t, i) > weight(t, best)))
                best = i;
        if (best == YT_NONE)
            break;
        told[best] = true;
        tell_project(t, best);
    }
}

static void tell_programmes(const teller *t)
{
    FILE *out = t->o->out;
    char text[8];
    int32_t n = 0;
    fprintf(out, "\nProgrammes and governments of %s\n", t->net->regions.id[t->region]);
    for (int32_t i = 0; i < t->n; i++) {
        const happening *h = &t->list[i];
        bool is_government = h->kind == SIM_government_changed && h->subject == t->region;
        if (!is_government && !is_programme(t, h, t->region))
            continue;
        n++;
        fprintf(out, "  %s  ", date(h->month, text));
        if (is_government)
            fprintf(out, "%s\n", sim_event_describe(h->kind).text);
        else if (h->kind == SIM_programme_launched)
            fprintf(out, "%s: begins, attention %.2f\n", t->net->programmes.id[h->subject],
                    h->value);
        else
            fprintf(out, "%s: %s after %.1f years\n", t->net->programmes.id[h->subject],
                    sim_event_describe(h->kind).text + strlen("a programme "), h->value / 12);
    }
    if (n == 0)
        fputs("  none\n", out);
}

static void tell_shortage(const teller *t)
{
    char text[8];
    fputs("\nShortage\n", t->o->out);
    if (t->short_months == 0)
        fputs("  no month in which more than 1 % of critical use was not served\n", t->o->out);
    else
        fprintf(t->o->out,
                "  %d months in which more than 1 %% of critical use was not served; the "
                "worst %s with %.0f %%\n",
                (int)t->short_months, date(t->shortest, text), 100 * t->worst_short);
}

static void tell_what_if(const teller *t)
{
    static const int32_t kinds[] = {
        SIM_failed_political, SIM_failed_environmental, SIM_failed_local,    SIM_failed_legal,
        SIM_failed_capital,   SIM_project_abandoned,    SIM_plant_mothballed};
    static const char *const words[] = {"political negotiation",
                                        "environmental assessment",
                                        "local approval",
                                        "legal review",
                                        "finance",
                                        "the return while waiting",
                                        "prices after opening"};
    FILE *out = t->o->out;
    int32_t last = last_known(t), ended = 0;
    if (t->is_free || last == YT_NONE)
        return;
    fputs("\nWhat would have had to hold\n", out);
    fprintf(out, "  %.0f points more of critical use served without the incumbent's goods.\n",
            100 * fmax(0, t->o->threshold - t->ratio[last]));
    for (int k = 0; t->bottleneck != YT_NONE && k < 7; k++) {
        double size = lost(t, kinds[k], t->bottleneck);
        if (size > 0)
            fprintf(out, "  %s: %.0f t/a of %s ended there, outside the incumbent\n", words[k],
                    12 * size, id_of_stage(t, t->bottleneck));
    }
    for (int32_t i = 0; i < t->n; i++)
        ended += t->list[i].kind == SIM_programme_ended && is_programme(t, &t->list[i], t->region);
    if (ended)
        fprintf(out, "  programmes: %d ended early\n", (int)ended);
    fputs("  A project may set out again, so tonnes can count more than once; what would have\n"
          "  happened had they opened is not simulated here.\n",
          out);
}

/* ----------------------------------------------------------------------------------- JSON */

static void write_happening(const teller *t, json_writer *j, const happening *h)
{
    char text[8];
    const sim_event event = {h->kind, h->subject, h->value};
    const network_plant *p = plant_of(t, h);
    json_begin_object(j);
    json_key_text(j, "month", date(h->month, text));
    json_key_text(j, "kind", sim_event_describe(h->kind).name);
    json_key_text(j, "subject", study_subject(t->net, &event));
    json_key_text(j, "text", sim_event_describe(h->kind).text);
    json_key_number(j, "value", h->value);
    if (p) {
        json_key_text(j, "region", t->net->regions.id[p->region]);
        json_key_text(j, "stage", id_of_stage(t, p->stage));
        json_key_number(j, "tonnes_a_year", 12 * h->size);
        json_key_number(j, "price_usd_per_t", h->price);
    }
    json_end_object(j);
}

static void write_all(const teller *t, json_writer *j)
{
    json_key_integer(j, "run", t->o->world);
    json_key_text(j, "region", t->net->regions.id[t->region]);
    json_key_bool(j, "certified", t->is_certified);
    json_key_bool(j, "free", t->is_free);
    if (t->is_free)
        json_key_integer(j, "free_from", t->free_since);
    json_key_number(j, "threshold", t->o->threshold);
    json_key(j, "served_without_incumbent");
    json_begin_array(j);
    for (int32_t y = 0; y < t->years; y++) {
        json_begin_object(j);
        json_key_integer(j, "year", t->first_year + y);
        json_key_number(j, "share", t->ratio[y]);
        json_end_object(j);
    }
    json_end_array(j);
    if (t->bottleneck != YT_NONE)
        json_key_text(j, "scarce_step", id_of_stage(t, t->bottleneck));
    json_key(j, "served_if_one_kind_stops");
    json_begin_object(j);
    for (int32_t g = 0; g < t->net->groups.count; g++)
        json_key_number(j, t->net->groups.id[g], t->by_group[g]);
    json_end_object(j);
    json_key_integer(j, "months_short", t->short_months);
    json_key_number(j, "worst_shortage", t->worst_short);
    json_key(j, "events");
    json_begin_array(j);
    for (int32_t i = 0; i < t->n; i++)
        write_happening(t, j, &t->list[i]);
    json_end_array(j);
}

static void tell(const teller *t)
{
    if (t->o->json) {
        write_all(t, t->o->json);
        return;
    }
    tell_answer(t);
    tell_years(t);
    tell_lack(t);
    tell_projects(t);
    tell_programmes(t);
    tell_shortage(t);
    tell_what_if(t);
}

static int32_t find_region(const yt_network *net, const char *id)
{
    for (int32_t r = 0; r < net->regions.count; r++)
        if (text_equal(net->regions.id[r], id))
            return r;
    return YT_NONE;
}

static yt_status prepare(teller *t, yt_log *log)
{
    size_t regions = (size_t)t->net->regions.count;
    t->region = find_region(t->net, t->o->region);
    if (t->net->incumbent == YT_NONE) {
        log_error(log, YT_EDATA, place_none(), "the case names no incumbent to be free of");
        return YT_EDATA;
    }
    if (t->region == YT_NONE) {
        log_error(log, YT_EUSAGE, place_none(), "the case has no region '%s'", t->o->region);
        return YT_EUSAGE;
    }
    t->size = arena_array(t->memory, (size_t)t->net->plants + 1, sizeof *t->size);
    t->served = arena_array(t->memory, regions, sizeof *t->served);
    t->wanted = arena_array(t->memory, regions, sizeof *t->wanted);
    t->by_group = arena_array(t->memory, (size_t)t->net->groups.count + 1, sizeof *t->by_group);
    if (!t->size || !t->served || !t->wanted || !t->by_group)
        return YT_ENOMEM;
    for (int32_t g = 0; g < t->net->groups.count; g++)
        t->by_group[g] = NAN;
    t->first_year = t->net->start_month / 12;
    t->free_since = t->bottleneck = YT_NONE;
    return yt_run_new(t->net, &t->run);
}

yt_status study_tell(const yt_network *net, const story_options *options, yt_log *log)
{
    teller *t = NULL;
    arena *memory = arena_new();
    yt_status status = memory ? YT_OK : YT_ENOMEM;
    if (!status)
        t = arena_alloc(memory, sizeof *t);
    if (!t) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    memset(t, 0, sizeof *t);
    t->net = net;
    t->o = options;
    t->memory = memory;
    status = prepare(t, log);
    if (!status)
        status = live(t);
    if (!status)
        tell(t);
    yt_run_free(t->run);
    arena_free(memory);
    return status;
}
