/* inside.h - shared by the files of this folder: a result in memory, by number.
 *
 * view_load reads the whole result once; the other files only compute and write.
 */
#ifndef VIEW_INSIDE_H
#define VIEW_INSIDE_H

#include "base/arena.h"
#include "base/json_write.h"
#include "base/log.h"
#include "ytterby.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Identifiers and names of one kind of thing, with a hash table over the identifiers. */
typedef struct view_list {
    int32_t n, room, slots;
    const char **id, **name; /* [n]     */
    int32_t *slot;           /* [slots] */
} view_list;

int32_t view_find(const view_list *list, const char *id); /* YT_NONE: not there */
/* Row of the id, added when new; YT_NONE when memory is short. */
int32_t view_add(arena *memory, view_list *list, const char *id, const char *name);

typedef struct view_coefficient { /* recipe x commodity, or commodity x element */
    int32_t row, column;
    double value;
} view_coefficient;

typedef struct view_facility {
    const char *name, *site, *country, *owner, *owner_type, *recipe, *status, *note;
    int32_t region, stage;
    double lat, lon;               /* NAN: unknown                       */
    double *output, *capacity;     /* [months] t a month, NULL: no data  */
    char *word;                    /* [months] number of the status word */
    int32_t first_recipe, recipes; /* into recipe_of */
} view_facility;

typedef struct view_arc {
    int32_t commodity, origin, destination;
    bool is_open;   /* false: without permit   */
    double *tonnes; /* [months]               */
    double *value;  /* [months] tonnes x cif  */
} view_arc;

typedef struct view_use {
    int32_t end_use, region, tier, commodity;
    double *wanted, *served; /* [months] */
} view_use;

typedef struct view_fact { /* one sourced number of the case */
    const char *table, *key, *column, *value, *unit, *low, *high, *source, *grade, *note;
} view_fact;

typedef struct view_observed {
    const char *series, *period, *freq, *unit, *product, *place, *basis, *source, *grade, *note;
    double low, high;
} view_observed;

typedef struct view_role { /* what a stretch of a series was used for */
    const char *series, *role;
    int32_t first, last; /* months, counted from year 0 */
    double tolerance;    /* NAN: none                   */
} view_role;

typedef struct view_place {
    const char *view; /* inside | inside_taxed | outside | import | world | none */
    int32_t region;   /* YT_NONE: the world or unknown */
} view_place;

typedef struct view_certificate {
    double balance, complementarity, gap;
    int32_t iterations;
} view_certificate;

typedef struct view_closure {
    double ledger[8], closure, worst; /* opening .. disposed, t; relative; worst of all months */
    int32_t worst_month;
} view_closure;

typedef struct view_step { /* a yearly or dated parameter: deflator, exchange rate, tax */
    int32_t subject, year;
    double value;
} view_step;

/* One row of the comparison with history. */
typedef struct view_row {
    const view_observed *seen;
    const char *variable, *unit;
    const char *why, *how; /* why not compared; how compared, where that needs a word */
    const char *role;      /* NULL: none said */
    int32_t commodity, region, first, last; /* months the period covers  */
    int32_t stage;                          /* set by view_match; YT_NONE: none */
    double low, high, model, error;         /* error: ln(model / nearest observed) */
    double weight;                          /* 0..1 among rows of its series */
    double tolerance;                       /* factor or points; NAN: none said */
    bool is_compared, is_read, is_near;     /* near: within the tolerance */
} view_row;

typedef struct view_world {
    arena *memory;
    yt_log *log;
    const char *path;
    int32_t start, months, first_year, years, now; /* now: last year with observations */
    int32_t base_year;
    int32_t runs;

    view_list region, commodity, group, stage, element, end_use, tier, permit, source, recipe;
    view_list facility_ids, arc_ids, use_ids, status, currency, product, place_word;
    double *lat, *lon;          /* [region]    */
    const char **members;       /* [region]    countries inside, in words */
    int32_t *commodity_group;   /* [commodity] */
    const char **basis;         /* [commodity] */
    const char **stage_unit;    /* [stage]     */
    bool *extracts;             /* [stage]     */
    const char **end_use_unit;  /* [end_use]   */
    int32_t *permit_region;     /* [permit]    */
    const char **permit_kind;   /* [permit]    */
    int32_t *recipe_stage;      /* [recipe]    */
    const char **recipe_family; /* [recipe]    */
    const char **source_year, **source_publisher, **source_url; /* [source] */
    int32_t *product_commodity;                                 /* [product]   */
    const char **product_groups;                                /* [product] ids, with ; */
    view_place *place_of;                                       /* [place_word]*/

    view_coefficient *content; /* commodity x element, sorted by commodity */
    int32_t contents;
    view_coefficient *flow_of; /* recipe x commodity */
    int32_t flows_of;
    view_coefficient *scope; /* export permit x commodity */
    int32_t scopes;
    int32_t *recipe_of; /* recipes of facilities, one after the other */
    int32_t recipes_of;

    view_list variable;
    const char **variable_unit;
    int32_t subjects; /* commodities, then permits, then none */
    double **series;  /* [variable][region + 1][subject] -> [months] or NULL */

    view_facility *facility;
    view_arc *arc;
    int32_t arcs;
    view_use *use;
    int32_t uses;
    view_fact *fact;
    int32_t facts;
    view_observed *observed;
    int32_t observations;
    view_role *role;
    int32_t roles;
    view_step *deflator, *fx, *tax;
    int32_t deflators, fxs, taxes;
    view_certificate *certificate; /* [months] */
    view_closure *closure;         /* [element] */
    const char **event;            /* four texts each: month, kind, subject, text */
    int32_t events;
    const char **manifest; /* key, value */
    int32_t manifests;

    /* computed by view_chain, view_rank, view_history */
    double *made;       /* [stage][region][year] t of activity */
    int32_t exporter;   /* region that issues export permits, or makes most */
    int32_t *favourite; /* commodities, most traded first                      */
    int32_t favourites;
    view_row *row;
    int32_t rows;
} view_world;

/* Months of a series, NULL when there is none.  region: YT_NONE for the whole world. */
const double *view_series(const view_world *v, const char *variable, int32_t region,
                          int32_t subject);
double view_sum(const double *month, int32_t first, int32_t last);  /* 0 when NULL    */
double view_mean(const double *month, int32_t first, int32_t last); /* NAN when empty */
/* Value of the step in force in that year; NAN before the first. */
double view_step_at(const view_step *step, int32_t n, int32_t subject, int32_t year);
/* Price level of a year over the base year; 1 when the case does not say. */
double view_price_level(const view_world *v, int32_t year);
/* Herfindahl-Hirschman index of a stage, 0..10000; NAN without output. */
double view_hhi(const view_world *v, int32_t stage, int32_t year);
/* Largest producer of a stage and its share; YT_NONE without output. */
int32_t view_leader(const view_world *v, int32_t stage, int32_t year, double *share);
const char *view_manifest(const view_world *v, const char *key); /* NULL: absent */
/* Regions other than the exporter with a price that take most of a commodity, at most
 * VIEW_BUYERS; largest first.  Returns how many. */
#define VIEW_BUYERS 3
#define VIEW_DETAILED 24 /* favourites shown with all their buyers */
int32_t view_buyers(const view_world *v, int32_t commodity, int32_t most,
                    int32_t buyer[VIEW_BUYERS]);
/* Identifiers and names as one member of the object being written. */
void view_names(json_writer *w, const char *key, const view_list *list);
void view_manifest_json(const view_world *v, json_writer *w); /* likewise: pairs of texts */
double view_round(double value, int digits);
void view_numbers(json_writer *w, const double *value, int32_t n, int digits);
/* {"s": first month with data, "d": [...]}, as two keys of the object being written. */
void view_months(json_writer *w, const double *month, int32_t n, int digits);

yt_status view_load(view_world *v, const char *path, yt_log *log); /* load.c    */
/* Names, numbers and observations of the case, for a result that has no months. */
struct sqlite3;
yt_status view_load_names(view_world *v, struct sqlite3 *db, int32_t first_year, int32_t years);
void view_rank(view_world *v);                             /* chain.c   */
void view_chain(const view_world *v, json_writer *w);      /* chain.c   */
void view_prices(const view_world *v, json_writer *w);     /* prices.c  */
void view_trade(const view_world *v, json_writer *w);      /* prices.c  */
void view_shortage(const view_world *v, json_writer *w);   /* prices.c  */
void view_facilities(const view_world *v, json_writer *w); /* plants.c  */
void view_quality(const view_world *v, json_writer *w);    /* plants.c  */
void view_compare_history(view_world *v);                  /* history.c */
/* What an observation is about, in the model's units, when no month is there to compare it
 * with: variable, region (YT_NONE: the world), commodity or stage, months, range. */
bool view_match(const view_world *v, view_row *row);    /* history.c */
void view_history(const view_world *v, json_writer *w); /* history.c */
/* Row of the tolerance and role for a series at months counted from year 0; NULL: none. */
const view_role *view_role_of(const view_world *v, const char *series, int32_t first, int32_t last);
void view_judge(const view_world *v, view_row *row, int32_t first, int32_t last); /* history.c */
/* Mined in a region (YT_NONE: everywhere) by those on record, t; `could` gets what capacity
 * allowed.  country: only there, NULL for any. */
double view_mined(const view_world *v, int32_t region, const char *country, int32_t first,
                  int32_t last, double *could);
bool view_is_whole(const view_world *v, const char *word, int32_t region); /* history.c */
void view_record(const view_world *v, json_writer *w);                     /* record.c  */
/* Observed ratio of outside to inside prices near a month; NAN: none. */
double view_seen_gap(const view_world *v, int32_t commodity, int32_t month); /* record.c  */
typedef struct view_sink { /* where cards go: one of the two */
    json_writer *json;
    FILE *page;
} view_sink;
void view_cards(const view_world *v, const view_sink *sink); /* cards.c   */
void view_card(const view_sink *sink, const char *id, const char *section, const char *question,
               const char *answer, const char *detail); /* one of them */
/* Three significant digits, thousands apart. */
const char *view_short_number(double value, char buffer[40]);
void view_escape(FILE *page, const char *text); /* report.c: text as HTML */

#endif
