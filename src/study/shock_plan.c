/* shock_plan.c - a shock as somebody writes it, by number: --cut, --stockpile, YAML files. */
#include "base/calendar.h"
#include "base/text.h"
#include "base/yaml.h"
#include "study/shock.h"

#include "network/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_CONTENT 1e-3 /* t/t; a plan may say otherwise */
#define WATCHED 36         /* months after the last event */

typedef struct reader {
    shock_plan *plan;
    const yt_network *net;
    yt_log *log;
    place at;
    yt_status status;
    const network_names *known[4]; /* what the next words may name; NULL ends them */
} reader;

static yt_status refuse(reader *r, yt_status status, const char *text, const char *why)
{
    log_error(r->log, status, r->at, "\"%s\" %s", text, why);
    r->status = r->status ? r->status : status;
    return status;
}

/* ----------------------------------------------------------------------------------- names */

static int32_t find(const network_names *names, const char *text, size_t n)
{
    for (int32_t i = 0; i < names->count; i++)
        if (strlen(names->id[i]) == n && strncmp(names->id[i], text, n) == 0)
            return i;
    return YT_NONE;
}

void shock_goods_of(const shock_plan *p, const yt_network *net, int32_t element, bool mostly,
                    bool *goods)
{
    for (int32_t c = 0; c < net->commodities.count; c++) {
        double content = net->content[(size_t)c * (size_t)net->elements.count + (size_t)element];
        goods[c] |= content >= (mostly ? 0.5 : p->least_content);
    }
}

/* The name of the lists that somebody who wrote `word` most likely meant; NULL. */
static const char *nearest(const reader *r, const char *word)
{
    const char *best = NULL;
    for (int i = 0; i < 4 && r->known[i]; i++) {
        const char *near = text_nearest(word, r->known[i]->id, (size_t)r->known[i]->count);
        if (near && (!best || text_distance(word, near) < text_distance(word, best)))
            best = near;
    }
    return best;
}

static void refuse_name(reader *r, const char *word, const char *is_none)
{
    char why[200];
    const char *near = nearest(r, word);
    snprintf(why, sizeof why, "%s%s%s%s", is_none, near ? "; did you mean " : "", near ? near : "",
             near ? "?" : "");
    refuse(r, YT_ENAME, word, why);
}

static void may_name(reader *r, const network_names *a, const network_names *b,
                     const network_names *c)
{
    r->known[0] = a;
    r->known[1] = b;
    r->known[2] = c;
}

/* Every word of "a, b c" is handed to `take`; blank: nothing happens. */
static void each_word(reader *r, const char *text, void *target,
                      bool (*take)(reader *r, const char *word, size_t n, void *target),
                      const char *is_none)
{
    while (*text) {
        text += strspn(text, ", \t");
        size_t n = strcspn(text, ", \t");
        if (n > 0 && !take(r, text, n, target)) {
            char word[64];
            snprintf(word, sizeof word, "%.*s", (int)n, text);
            refuse_name(r, word, is_none);
        }
        text += n;
    }
}

typedef struct name_list {
    const network_names *names;
    bool *has;
} name_list;

static bool take_name(reader *r, const char *word, size_t n, void *target)
{
    (void)r;
    name_list *list = target;
    int32_t i = find(list->names, word, n);
    if (i != YT_NONE)
        list->has[i] = true;
    return i != YT_NONE;
}

/* An element stands for all that contains it; with = before it, for what is mostly it. */
static bool take_goods(reader *r, const char *word, size_t n, void *target)
{
    bool *goods = target, mostly = word[0] == '=';
    int32_t e = find(&r->net->elements, word + mostly, n - mostly);
    int32_t c = find(&r->net->commodities, word, n), g = find(&r->net->groups, word, n);
    if (e != YT_NONE) {
        shock_goods_of(r->plan, r->net, e, mostly, goods);
        r->plan->elements[e] = true;
    } else if (c != YT_NONE) {
        goods[c] = true;
    } else {
        for (int32_t i = 0; g != YT_NONE && i < r->net->commodities.count; i++)
            goods[i] |= r->net->group_of[i] == g;
    }
    return e != YT_NONE || c != YT_NONE || g != YT_NONE;
}

/* A list of names as a mask; NULL when the text is blank: everything. */
static bool *read_names(reader *r, const network_names *names, const char *text, const char *none)
{
    if (text_is_blank(text))
        return NULL;
    name_list list = {names, arena_array(r->plan->memory, (size_t)names->count, sizeof(bool))};
    may_name(r, names, NULL, NULL);
    if (!list.has)
        r->status = YT_ENOMEM;
    else
        each_word(r, text, &list, take_name, none);
    return list.has;
}

static bool *read_goods(reader *r, const char *text)
{
    if (text_is_blank(text))
        return NULL;
    bool *goods = arena_array(r->plan->memory, (size_t)r->net->commodities.count, sizeof(bool));
    may_name(r, &r->net->elements, &r->net->commodities, &r->net->groups);
    if (!goods)
        r->status = YT_ENOMEM;
    else
        each_word(r, text, goods, take_goods, "is no element, commodity or group of the case");
    return goods;
}

static bool *read_regions(reader *r, const char *text)
{
    return read_names(r, &r->net->regions, text, "is no region of the case");
}

/* -------------------------------------------------------------------------------- the plan */

/* The first good of the case that is mostly the element, the one with most lanes of its group:
 * what is stocked, and by whose price it is valued. */
static int32_t first_good(const yt_network *net, int32_t element)
{
    int32_t best = YT_NONE, most = 0;
    for (int32_t c = 0; c < net->commodities.count; c++) {
        int32_t lanes = 0;
        for (int32_t i = 0; i < net->arcs; i++)
            lanes += net->arc[i].commodity == c;
        bool is_of_group = best == YT_NONE || net->group_of[c] == net->group_of[best];
        double content = net->content[(size_t)c * (size_t)net->elements.count + (size_t)element];
        if (content >= 0.5 && is_of_group && lanes > most) {
            best = c;
            most = lanes;
        }
    }
    return best;
}

yt_status shock_plan_new(const yt_network *net, shock_plan **made)
{
    arena *memory = arena_new();
    shock_plan *p = memory ? arena_alloc(memory, sizeof *p) : NULL;
    if (!p) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    *p = (shock_plan){.memory = memory,
                      .name = "shock",
                      .what = "",
                      .start = YT_NONE,
                      .watched = WATCHED,
                      .least_content = LEAST_CONTENT};
    p->elements = arena_array(memory, (size_t)net->elements.count, sizeof(bool));
    p->goods = arena_array(memory, (size_t)net->commodities.count, sizeof(bool));
    p->origin = arena_array(memory, (size_t)net->regions.count, sizeof(bool));
    p->felt = arena_array(memory, (size_t)net->regions.count, sizeof(bool));
    p->good_of = arena_array(memory, (size_t)net->elements.count, sizeof(int32_t));
    if (!p->elements || !p->goods || !p->origin || !p->felt || !p->good_of) {
        arena_free(memory);
        return YT_ENOMEM;
    }
    for (int32_t e = 0; e < net->elements.count; e++)
        p->good_of[e] = first_good(net, e);
    *made = p;
    return YT_OK;
}

void shock_plan_free(shock_plan *p)
{
    if (p)
        arena_free(p->memory);
}

static shock_event *add_event(reader *r)
{
    shock_plan *p = r->plan;
    if (p->events == sizeof p->event / sizeof *p->event) {
        refuse(r, YT_EUSAGE, p->name, "has more events than a shock may have");
        return NULL;
    }
    return &p->event[p->events++];
}

yt_status shock_plan_cut(shock_plan *p, const yt_network *net, const char *text, int32_t months,
                         yt_log *log)
{
    reader r = {p, net, log, place_none(), YT_OK, {NULL}};
    const char *colon = strchr(text, ':'), *arrow = strstr(text, "->");
    if (!colon || (arrow && arrow < colon))
        return refuse(&r, YT_EUSAGE, text,
                      "is no cut: write ORIGIN:goods->DESTINATION, such as "
                      "R:G->S; without ->DESTINATION nobody gets it");
    size_t goods = arrow ? (size_t)(arrow - colon - 1) : strlen(colon + 1);
    shock_event *e = add_event(&r);
    if (!e)
        return r.status;
    *e = (shock_event){.kind = SHOCK_EMBARGO, .months = months};
    e->origin = read_regions(&r, arena_strndup(p->memory, text, (size_t)(colon - text)));
    e->goods = read_goods(&r, arena_strndup(p->memory, colon + 1, goods));
    e->destination = arrow ? read_regions(&r, arrow + 2) : NULL;
    p->what = arena_printf(p->memory, "%s%s%s", p->what, *p->what ? "; " : "", text);
    return p->what ? r.status : YT_ENOMEM;
}

static bool take_stock(reader *r, const char *word, size_t n, void *target)
{
    shock_stock like = *(const shock_stock *)target;
    shock_plan *p = r->plan;
    like.element = find(&r->net->elements, word, n);
    like.commodity =
        like.element == YT_NONE ? find(&r->net->commodities, word, n) : p->good_of[like.element];
    if (like.commodity == YT_NONE || p->stocks == sizeof p->stock / sizeof *p->stock)
        return false;
    p->stock[p->stocks++] = like;
    return true;
}

yt_status shock_plan_stock(shock_plan *p, const yt_network *net, const char *text, yt_log *log)
{
    reader r = {p, net, log, place_none(), YT_OK, {NULL}};
    const char *equals = strrchr(text, '='), *at = strchr(text, '@');
    char number[32] = "", *unit;
    if (equals)
        snprintf(number, sizeof number, "%s", equals + 1);
    number[strcspn(number, "@")] = '\0';
    shock_stock like = {.element = YT_NONE};
    unit = number + strspn(number, "0123456789.");
    bool is_fine = strcmp(unit, "mo") == 0 || strcmp(unit, "month") == 0 ||
                   strcmp(unit, "months") == 0 || *unit == '\0';
    *unit = '\0';
    if (!equals || !is_fine || !text_number(number, &like.months) || like.months < 0)
        return refuse(&r, YT_EUSAGE, text,
                      "is no stock: write GOODS=24mo, or GOODS=24mo@REGION,REGION");
    like.region = at ? read_regions(&r, at + 1) : NULL;
    may_name(&r, &net->elements, &net->commodities, NULL);
    each_word(&r, arena_strndup(p->memory, text, (size_t)(equals - text)), &like, take_stock,
              "is no element or commodity that can be stocked");
    return r.status;
}

/* ------------------------------------------------------------------------------ YAML files */

static const char *const kind_names[SHOCK_KINDS] = {"quota_cut", "licence", "embargo",
                                                    "outage",    "surge",   "technology_ban"};

static double number_of(reader *r, const yaml_node *entry, const char *key, double otherwise)
{
    const yaml_node *node = yaml_get(entry, key);
    double value = otherwise;
    if (!node || yaml_is_null(node))
        return otherwise;
    r->at = yaml_place(node);
    if (node->kind != YAML_SCALAR || !text_number(node->text, &value))
        refuse(r, YT_EDATA, key, "is a number");
    return value;
}

/* Text of a key, "" without it; what is wrong with it is said where it stands. */
static const char *text_of(reader *r, const yaml_node *entry, const char *key)
{
    const yaml_node *node = yaml_get(entry, key);
    r->at = yaml_place(node ? node : entry);
    return yaml_text(entry, key, "");
}

static void check_keys(reader *r, const yaml_node *entry, const char *const *known)
{
    for (const yaml_node *child = entry->first; child; child = child->next) {
        bool found = false;
        for (int i = 0; known[i]; i++)
            found |= strcmp(known[i], child->key) == 0;
        r->at = yaml_key_place(child);
        if (!found)
            refuse(r, YT_EDATA, child->key, "means nothing here: docs/data.md, \"Shocks\"");
    }
}

static void refuse_kind(reader *r, const char *kind)
{
    const network_names kinds = {SHOCK_KINDS, kind_names};
    may_name(r, &kinds, NULL, NULL);
    refuse_name(r, kind,
                "is no kind of shock: quota_cut, licence, embargo, outage, surge, technology_ban");
    may_name(r, NULL, NULL, NULL);
}

static void read_event(reader *r, const yaml_node *entry)
{
    static const char *const known[] = {"kind",   "origin",   "destination", "goods",   "stage",
                                        "region", "facility", "end_use",     "after",   "months",
                                        "delay",  "share",    "news",        "reroute", "source_id",
                                        "grade",  "note",     NULL};
    const yt_network *net = r->net;
    shock_event *e = add_event(r);
    if (!e)
        return;
    check_keys(r, entry, known);
    *e = (shock_event){.kind = SHOCK_KINDS};
    const char *kind = text_of(r, entry, "kind");
    for (int32_t k = 0; k < SHOCK_KINDS; k++)
        if (strcmp(kind, kind_names[k]) == 0)
            e->kind = k;
    if (e->kind == SHOCK_KINDS)
        refuse_kind(r, kind);
    e->origin = read_regions(r, text_of(r, entry, yaml_get(entry, "region") ? "region" : "origin"));
    e->destination = read_regions(r, text_of(r, entry, "destination"));
    e->goods = read_goods(r, text_of(r, entry, "goods"));
    e->stage = read_names(r, &net->stages, text_of(r, entry, "stage"), "is no stage of the case");
    e->facility = read_names(r, &net->facilities, text_of(r, entry, "facility"),
                             "is no facility of the case");
    e->end_use =
        read_names(r, &net->end_uses, text_of(r, entry, "end_use"), "is no end use of the case");
    const char *reroute = text_of(r, entry, "reroute");
    if (*reroute && strcmp(reroute, "yes") != 0 && strcmp(reroute, "no") != 0)
        refuse(r, YT_EDATA, reroute, "is neither yes nor no");
    e->closes_routes = strcmp(reroute, "no") == 0;
    e->after = (int32_t)number_of(r, entry, "after", 0);
    e->months = (int32_t)number_of(r, entry, "months", 12);
    e->delay = (int32_t)number_of(r, entry, "delay", 0);
    e->share = number_of(r, entry, "share", e->kind == SHOCK_SURGE ? 1 : 0);
    e->news = number_of(r, entry, "news", 0);
    if (yaml_get(entry, "share") && e->kind != SHOCK_SURGE && e->share > 1)
        refuse(r, YT_EDATA, text_of(r, entry, "share"),
               "is more than all of it: the share that still passes or runs is 0 to 1");
    r->at = yaml_place(entry);
    if (e->after < 0 || e->months < 1 || e->delay < 0 || !(e->share >= 0) || !(e->news >= 0))
        refuse(r, YT_EDATA, kind,
               "needs months of 1 or more; after, delay, share, news of 0 or more");
}

static void read_stock(reader *r, const yaml_node *entry)
{
    static const char *const known[] = {"goods", "months", "region", "source_id",
                                        "grade", "note",   NULL};
    check_keys(r, entry, known);
    r->at = yaml_place(entry);
    shock_stock like = {.element = YT_NONE, .months = number_of(r, entry, "months", 0)};
    like.region = read_regions(r, text_of(r, entry, "region"));
    may_name(r, &r->net->elements, &r->net->commodities, NULL);
    each_word(r, text_of(r, entry, "goods"), &like, take_stock,
              "is no element or commodity that can be stocked");
}

static void read_plan(reader *r, const yaml_node *root)
{
    static const char *const known[] = {"name",   "description", "from",    "least_content",
                                        "events", "stocks",      "watched", NULL};
    shock_plan *p = r->plan;
    int32_t last;
    check_keys(r, root, known);
    p->name = arena_strdup(p->memory, yaml_text(root, "name", "shock"));
    p->what = arena_strdup(p->memory, yaml_text(root, "description", ""));
    p->least_content = number_of(r, root, "least_content", p->least_content);
    p->watched = (int32_t)number_of(r, root, "watched", p->watched);
    const char *from = yaml_text(root, "from", NULL);
    if (from && p->start == YT_NONE && !calendar_parse(from, &p->start, &last))
        refuse(r, YT_EDATA, from, "is no month such as 2027-01");
    const yaml_node *events = yaml_get(root, "events"), *stocks = yaml_get(root, "stocks");
    for (const yaml_node *e = events ? events->first : NULL; e; e = e->next)
        read_event(r, e);
    for (const yaml_node *s = stocks ? stocks->first : NULL; s; s = s->next)
        read_stock(r, s);
}

yt_status shock_plan_read(shock_plan *p, const yt_network *net, const char *path, yt_log *log)
{
    reader r = {p, net, log, place_at(path, 0, 0), YT_OK, {NULL}};
    yaml_node *root = NULL;
    yt_status status = yaml_read(p->memory, path, path, log, &root);
    if (status)
        return status;
    read_plan(&r, root);
    return r.status;
}

/* ------------------------------------------------------------------------ what follows */

static bool is_trade(const shock_event *e)
{
    return e->kind == SHOCK_QUOTA || e->kind == SHOCK_LICENCE || e->kind == SHOCK_EMBARGO;
}

/* Elements of goods that were named as goods. */
static void follow_elements(shock_plan *p, const yt_network *net)
{
    bool any = false;
    for (int32_t e = 0; e < net->elements.count; e++)
        any |= p->elements[e];
    for (int32_t e = 0; e < net->elements.count && !any; e++) {
        bool is_in = false;
        for (int32_t i = 0; i < p->events; i++)
            for (int32_t c = 0; c < net->commodities.count; c++)
                is_in |= (!p->event[i].goods || p->event[i].goods[c]) &&
                         net->content[(size_t)c * (size_t)net->elements.count + (size_t)e] >=
                             p->least_content;
        p->elements[e] = is_in;
    }
    for (int32_t e = 0; e < net->elements.count; e++)
        if (p->elements[e])
            shock_goods_of(p, net, e, false, p->goods);
}

/* Whose users count: those the shock aims at; where it aims at nobody, all but where it comes
 * from; where it comes from nowhere, all. */
static void find_felt(shock_plan *p, const yt_network *net)
{
    for (int32_t r = 0; r < net->regions.count; r++) {
        bool is_aimed_at = false, comes_from = false;
        for (int32_t i = 0; i < p->events; i++) {
            const shock_event *e = &p->event[i];
            bool is_origin = is_trade(e) && e->origin && e->origin[r];
            comes_from |= is_origin;
            is_aimed_at |= e->destination ? e->destination[r] : !is_origin;
        }
        p->origin[r] = comes_from;
        p->felt[r] = is_aimed_at;
    }
}

yt_status shock_plan_settle(shock_plan *p, const yt_network *net, yt_log *log)
{
    int32_t first = net->start_month + 1, last = net->first_month + net->months - 1;
    p->months = 0;
    if (p->events == 0 || p->start < first || p->start > last) {
        char month[8];
        calendar_format(first, month);
        log_error(log, YT_EUSAGE, place_none(),
                  p->events == 0 ? "nothing happens: give --cut or --file"
                                 : "the shock must begin in a month of the case, from %s on",
                  month);
        return YT_EUSAGE;
    }
    for (int32_t i = 0; i < p->events; i++)
        if (p->event[i].after + p->event[i].months > p->months)
            p->months = p->event[i].after + p->event[i].months;
    if (p->start + p->months - 1 > last) {
        log_error(log, YT_EUSAGE, place_none(), "the shock lasts beyond the end of the case");
        return YT_EUSAGE;
    }
    if (p->start + p->months + p->watched - 1 > last)
        p->watched = last + 1 - p->start - p->months;
    follow_elements(p, net);
    find_felt(p, net);
    return YT_OK;
}

yt_status shock_plan_felt(shock_plan *p, const yt_network *net, const char *regions, yt_log *log)
{
    reader r = {p, net, log, place_none(), YT_OK, {NULL}};
    bool *felt = read_regions(&r, regions);
    if (!r.status && felt)
        memcpy(p->felt, felt, (size_t)net->regions.count * sizeof *felt);
    return r.status;
}
