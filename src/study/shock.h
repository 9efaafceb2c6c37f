/* shock.h - what happens when something stops: the same worlds with it and without it.
 *
 * A world is simulated to the month before the shock once, copied, and goes on twice, with the
 * same draws.  Everything an answer says is a difference between the two.
 * Model: docs/model.md, "Shocks".
 */
#ifndef STUDY_SHOCK_H
#define STUDY_SHOCK_H

#include "base/arena.h"
#include "study/study.h"

/* ------------------------------------------------------------------------- what is asked */

typedef enum shock_kind {
    SHOCK_QUOTA,   /* so much of the usual flow may leave                            */
    SHOCK_LICENCE, /* nothing leaves at first, then so much as is approved           */
    SHOCK_EMBARGO, /* nothing leaves; third countries and smugglers go on, or do not */
    SHOCK_OUTAGE,  /* plants run at a share: accident, strike, enforcement           */
    SHOCK_SURGE,   /* users want more                                                */
    SHOCK_BAN,     /* know-how stays at home                                         */
    SHOCK_KINDS
} shock_kind;

/* One thing that happens; lists that are NULL mean everything. */
typedef struct shock_event {
    shock_kind kind;
    int32_t after, months; /* first month, counted from the shock's; how long                   */
    int32_t delay;         /* licences: months in which nothing is approved                     */
    double share;          /* that passes or runs, or by which demand grows                     */
    double news;           /* heard in its first month by whoever holds the goods               */
    bool closes_routes;    /* embargo: also those without permit                                */
    bool *origin, *destination; /* [regions]      */
    bool *goods;                /* [commodities]  */
    bool *stage;                /* [stages]       */
    bool *facility;             /* [facilities]   */
    bool *end_use;              /* [end uses]     */
} shock_event;

/* State stocks: so many months of critical use of a good, or of what it is made of. */
typedef struct shock_stock {
    int32_t commodity;
    int32_t element; /* the use of which counts; NONE: that of the good itself */
    double months;
    bool *region; /* [regions] where it lies; NULL: wherever the shock is felt */
} shock_stock;

typedef struct shock_plan {
    arena *memory;
    const char *name, *what; /* in a word; as asked                              */
    int32_t start;           /* month counted from year 0                        */
    int32_t months;          /* to the end of the last event                     */
    int32_t watched;         /* months after that                                */
    double least_content;    /* t/t: less of an element in a good is none of it  */
    int32_t events, stocks;
    shock_event event[32];
    shock_stock stock[32];
    int32_t *good_of; /* [elements] first good that is mostly the element; NONE  */
    bool *elements;   /* [elements] what the books of the answer follow           */
    bool *goods;      /* [commodities] that contain them: whose markets are shown */
    bool *origin;     /* [regions] where it comes from; what happens there is not counted */
    bool *felt;       /* [regions] whose users count                              */
} shock_plan;

/* An empty plan; later calls add to it.  Owned by the caller, holds nothing of the network.
 * Errors of all: YT_ENOMEM, YT_EUSAGE or YT_ENAME with a message. */
yt_status shock_plan_new(const yt_network *net, shock_plan **made);
void shock_plan_free(shock_plan *p);
/* "ORIGIN:goods->DESTINATION" for so many months; goods: elements, commodities or groups. */
yt_status shock_plan_cut(shock_plan *p, const yt_network *net, const char *text, int32_t months,
                         yt_log *log);
/* A YAML file of events and stocks: docs/data.md, "Shocks". */
yt_status shock_plan_read(shock_plan *p, const yt_network *net, const char *path, yt_log *log);
/* "Dy=24mo", "Dy,Tb=6mo@JPN,EUR". */
yt_status shock_plan_stock(shock_plan *p, const yt_network *net, const char *text, yt_log *log);
/* Once everything is added: what follows from it.  Errors: YT_EUSAGE. */
yt_status shock_plan_settle(shock_plan *p, const yt_network *net, yt_log *log);
/* Count the users of these regions only; after shock_plan_settle. */
yt_status shock_plan_felt(shock_plan *p, const yt_network *net, const char *regions, yt_log *log);
/* Commodities an element stands for: all that contain enough of it, or only those that are
 * mostly it (half of their mass or more: its oxide and metal, not what is made of them). */
void shock_goods_of(const shock_plan *p, const yt_network *net, int32_t element, bool mostly,
                    bool *goods);

/* A user's line: what a unit of a product needs. */
typedef struct shock_part {
    int32_t product, commodity, element; /* one of the two is NONE */
    double per_unit, stock;              /* t; months of the line's need */
} shock_part;

typedef struct shock_bom {
    arena *memory;
    int32_t products, parts;
    const char **product;
    double *output; /* units a month */
    int32_t *region;
    shock_part *part;
} shock_bom;

/* CSV: product, region, good, per_unit, unit, output, stock_months. */
yt_status shock_bom_read(const yt_network *net, const char *path, yt_log *log, shock_bom **made);
void shock_bom_free(shock_bom *b);

/* ------------------------------------------------------------------------- two legs of a world */

/* What is kept of the months after the branch, of one leg. */
typedef struct shock_leg {
    int32_t months;              /* room and length           */
    double *price, *use, *stock; /* [months][nodes]    */
    double *served, *wanted;     /* [months][segments] */
    double *flow;                /* [months][arcs] t   */
    /* t of the elements followed, in the regions where it is felt [months] */
    double *mined, *scrap, *released, *bought, *stored;
    double *used; /* t of each element in what users bought there [months][elements] */
    double worst_closure, worst_certificate;
    bool broken; /* a month was not certified */
} shock_leg;

yt_status shock_leg_new(const yt_network *net, int32_t months, shock_leg **made);
void shock_leg_free(shock_leg *l);

/* Share of an arc's usual flow that passes in month k of the shock; INFINITY: it is free. */
double shock_arc_share(const shock_plan *p, const yt_network *net, int32_t arc, int32_t k);
/* Set the run's figures for month k of the shock (0 is the first); before the step. */
void shock_set_month(const shock_plan *p, const yt_network *net, yt_run *run, int32_t k);
/* Lay in the stocks of a plan; the run stands before the shock's first month. */
void shock_lay_in(const shock_plan *p, const yt_network *net, yt_run *run);
/* t of the elements followed in a tonne of a commodity. */
double shock_content(const shock_plan *p, const yt_network *net, int32_t commodity);
/* What a region would lay in of it, t of the good. */
double shock_stock_tonnes(const shock_plan *p, const yt_network *net, const yt_run *run,
                          const shock_stock *s, int32_t region);
/* One month whose figures are set, kept as month k. */
void shock_follow_month(const shock_plan *p, const yt_network *net, yt_run *run, int32_t k,
                        shock_leg *leg);
/* Step `run` through months [from, to) after the branch; p NULL: without the shock. */
void shock_follow(const shock_plan *watched, const shock_plan *p, const yt_network *net,
                  yt_run *run, int32_t from, int32_t to, shock_leg *leg);

/* ------------------------------------------------------------------------------- answers */

typedef struct shock_key { /* of a number; "" where it is about none */
    const char *name, *region, *about, *unit;
} shock_key;

typedef struct shock_answer shock_answer;

/* What will be measured, by name.  bom may be NULL. */
yt_status shock_answer_new(const shock_plan *p, const yt_network *net, const shock_bom *bom,
                           shock_answer **made);
void shock_answer_free(shock_answer *a);
int32_t shock_answer_count(const shock_answer *a);
shock_key shock_answer_key(const shock_answer *a, int32_t i);
/* Numbers of one world; value, censored: [count], out; NAN: not known. */
void shock_measure(const shock_answer *a, const yt_network *net, const yt_run *before,
                   const shock_leg *without, const shock_leg *with, double *value, bool *censored);

/* What is followed month by month: prices and stocks of markets, what users are due and miss. */
int32_t shock_path_count(const shock_answer *a);
shock_key shock_path_key(const shock_answer *a, int32_t i);
/* Paths of one world, value [paths][months], out; NAN: not known. */
void shock_measure_paths(const shock_answer *a, const yt_network *net, const shock_leg *without,
                         const shock_leg *with, float *value);

/* Loss of users where it is felt over the first months, USD: what a tonne was worth to them
 * less what they paid, without minus with; of each end use [end uses], out. */
double shock_loss(const shock_plan *p, const yt_network *net, const yt_run *before,
                  const shock_leg *without, const shock_leg *with, int32_t months,
                  double *by_end_use);
/* Share of critical use, by worth, that is not served because of the shock: in all and in the
 * worst month. */
double shock_unmet_critical(const shock_plan *p, const yt_network *net, const shock_leg *without,
                            const shock_leg *with, int32_t months, double *worst);

/* ------------------------------------------------------------------------------- the study */

typedef struct shock_options {
    uint64_t seed;
    int32_t worlds; /* 0: the world of modes alone */
    int32_t threads;
    bool tries_measures;
    double limit;       /* of critical use unserved, for the smallest stockpile; NAN: not asked */
    double probability; /* of the worlds in which it is to hold: told, and kept with the result */
    const char *result, *command; /* result may be NULL */
    bool overwrite;
    study_progress *progress;
    void *context;
} shock_options;

typedef struct shock_measure_row {
    const char *name, *what;
    double loss, loss_avoided; /* USD, means over worlds */
    double unmet;              /* share of critical use  */
} shock_measure_row;

enum { SHOCK_MEASURES = 8 };

typedef struct shock_result {
    shock_answer *answer;
    int32_t worlds, broken, numbers;
    double *value;  /* [worlds][numbers] */
    bool *censored; /* [worlds][numbers] */
    int32_t months;
    double *price_without, *price_with; /* [months][nodes] of the first world */
    int32_t measures;
    shock_measure_row measure[SHOCK_MEASURES];
    double *least_stock; /* [worlds] months of critical use of the goods; INFINITY: none does */
    int32_t followed;    /* first worlds, as many as are kept month by month                  */
    float *path;         /* [followed][paths][months]; NULL: no result is to be made          */
    double seconds, worst_closure, worst_certificate;
} shock_result;

/* Errors: as study_run. */
yt_status study_shock(const yt_model *model, const yt_network *net, const shock_plan *plan,
                      const shock_bom *bom, const shock_options *options, yt_log *log,
                      shock_result **made);
void shock_result_free(shock_result *r);
/* A shock that critical users hardly feel says why; NULL: they feel it. */
const char *shock_explain(const shock_plan *p, const shock_result *r, char *text, size_t size);
/* What a result file has beside months and outcomes: paths, measures, stocks, the user's lines. */
yt_status shock_keep(const shock_plan *p, const yt_network *net, const shock_bom *bom,
                     const shock_result *r, const shock_options *options, yt_store *store,
                     yt_log *log);
/* Column i of all worlds that know it: mean and quantiles; censored ones count as they stand. */
typedef struct shock_spread {
    int32_t n, censored;
    double mean, low, median, high; /* 5th, 50th, 95th percentile */
} shock_spread;
shock_spread shock_spread_of(const shock_result *r, int32_t number);

/* --------------------------------------------------------------------------------- the screen */

enum { SCREEN_LENGTHS = 4 };
extern const int32_t screen_length[SCREEN_LENGTHS];

typedef struct screen_row {
    int32_t element, origin;
    double usual; /* t of element a month that usually left, when the screen began */
    double loss[SCREEN_LENGTHS], unmet[SCREEN_LENGTHS]; /* USD; share of critical use, by worth */
    double weighted[SCREEN_LENGTHS];                    /* loss of the end uses that count */
    double *by_end_use; /* [lengths][end uses] USD; owned by the result                    */
} screen_row;

typedef struct screen_options {
    uint64_t seed;
    int32_t worlds, start, threads;
    bool mostly;          /* cut only what is mostly the element             */
    const double *weight; /* [end uses] */
    const char *felt;     /* regions whose users count; NULL: all but the origin */
    study_progress *progress;
    void *context;
} screen_options;

typedef struct screen_result {
    int32_t rows;
    screen_row *row;       /* [rows] most loss first */
    int32_t cells, broken; /* broken: not known, because a month was not certified */
    double seconds;
} screen_result;

yt_status study_screen(const yt_network *net, const screen_options *options, yt_log *log,
                       screen_result **made);
void screen_result_free(screen_result *r);

/* The table of exposures as a result file.  Errors: those of store_create and store_finish. */
typedef struct screen_target {
    const char *path, *command;
    bool overwrite;
} screen_target;
yt_status screen_keep(const yt_model *model, const yt_network *net, const screen_options *options,
                      const screen_result *r, const screen_target *target, yt_log *log);

#endif
