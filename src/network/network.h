/* network.h - the case by number: structure, schedules and parameter defaults.
 *
 * Made once by yt_network_compile, const afterwards, shared by all runs and threads.
 * Everything that happens in a month is an activity (a column of one sparse matrix) on nodes
 * (its rows).  Model: docs/model.md, "The network".
 */
#ifndef NETWORK_NETWORK_H
#define NETWORK_NETWORK_H

#include "base/arena.h"
#include "market/market.h"
#include "model/model.h"
#include "ytterby.h"

#include <math.h>
#include <stdbool.h>

/* ------------------------------------------------------------------------------- structure */

typedef enum node_kind {
    NODE_GOODS,    /* a commodity in a region; where contract and spot are apart: two    */
    NODE_SERVICE,  /* an end use in a region whose basket can shift                      */
    NODE_CAPACITY, /* hours of the plants of a family in a region                        */
    NODE_PERMIT    /* the right to make or ship                                          */
} node_kind;

typedef enum node_side { SIDE_SINGLE, SIDE_CONTRACT, SIDE_SPOT } node_side;

typedef struct network_node {
    node_kind kind;
    node_side side;
    int32_t commodity, region; /* goods                                     */
    int32_t family;            /* capacity: index into network names        */
    int32_t permit;            /* permit                                    */
    int32_t end_use;           /* service                                   */
    int32_t twin;              /* the other side of a split market          */
    bool is_made;              /* some recipe yields it here: may be dumped */
} network_node;

/* Word number of facility.owner_type in schema.def. */
enum { OWNER_INFORMAL = 3 };

/* A facility that can run.  With a family: it sells capacity to `node`; else it runs `recipe`. */
typedef struct network_plant {
    int32_t facility, region, stage, recipe, family, node;
    int32_t tech;     /* the stage in its region: network_tech                      */
    int32_t owner;    /* word of facility.owner_type                                */
    bool is_closed;   /* today, for good                      */
    uint64_t process; /* names its random streams            */
} network_plant;

/* A recipe of a family, run in a region on the family's capacity. */
typedef struct network_line {
    int32_t recipe, region, node;
} network_line;

typedef enum arc_kind { ARC_OPEN, ARC_ILLEGAL, ARC_RESALE } arc_kind;

typedef struct network_arc {
    arc_kind kind;
    int32_t commodity, from, to; /* nodes                                        */
    int32_t lane;                /* index among stored lanes; resale: YT_NONE    */
    double licence_share;        /* of a licensed flow that may take this arc    */
    int32_t permit;              /* illegal: release that caps the route, or NONE */
} network_arc;

/* What the store calls a flow: a commodity between two regions by one kind of arc. */
typedef struct network_lane {
    int32_t commodity, origin, destination; /* regions */
    arc_kind kind;
} network_lane;

/* What has a demand curve: an end use in a region whose basket can shift (on its service
 * node), or one commodity of a basket that cannot (on one side of a split market). */
typedef struct network_segment {
    int32_t end_use, region;
    int32_t commodity; /* NONE for a basket that can shift               */
    int32_t node;
    double share; /* of the use bought on this side of a split market */
    double share_critical, share_flexible;
} network_segment;

/* A commodity in the goods of a segment: all it buys, or one of its basket, bought by a mix
 * activity that turns the commodity into the service. */
typedef struct network_use {
    int32_t segment, commodity;
    int32_t mix;        /* among mixes, or NONE            */
    int32_t node;       /* where the commodity is bought   */
    int32_t scrap_node; /* or NONE                         */
    double scrap_yield; /* t of scrap commodity per t collected */
} network_use;

typedef struct network_hold {
    int32_t node, holder;
    bool is_first; /* of those who hold at the node: state stocks lie with it */
} network_hold;

typedef struct network_permit {
    int32_t permit, region, node, kind;
    int32_t first_batch, batches;
    bool has_ask;
} network_permit;

/* A figure: a number of one row of the case, which schedules name by month.  The first few
 * stand for what holds where no row applies. */
enum { FIGURE_ZERO, FIGURE_ONE, FIGURE_INFINITY, FIGURE_NAN, FIGURE_FIRST };

typedef struct network_batch {
    int32_t from, to; /* schedule months */
    int32_t figure;   /* t               */
    double share;     /* of it; less than all when it began before the run */
} network_batch;

typedef struct network_news {
    int32_t at, node; /* schedule month */
    int32_t figure;   /* gain           */
} network_news;

/* ---------------------------------------------------------------------------- institutions */

/* In the order of the words of gate_fact.gate, which is the order of passing. */
typedef enum gate_id {
    GATE_POLITICAL,
    GATE_ENVIRONMENTAL,
    GATE_LOCAL,
    GATE_LEGAL,
    GATE_CAPITAL,
    GATES
} gate_id;

typedef struct network_election {
    int32_t at, region; /* schedule month */
} network_election;

/* Instruments that live and die together; from, to: schedule months, inclusive. */
typedef struct network_programme {
    int32_t region;
    bool by_salience;
    int32_t from, to;
    int32_t first_instrument, instruments;
    uint64_t process; /* names its random streams */
} network_programme;

/* A lever: its item of the schema and what it touches (plants, arcs, nodes, techs or permits). */
typedef struct network_instrument {
    int32_t programme, item;
    int32_t first_touched, touches;
    int32_t commodity; /* what the row names, or NONE      */
    int32_t node;      /* where its price is read, or NONE */
} network_instrument;

/* Which figure holds for each of n things, month by month; months that are alike share a line. */
typedef struct network_schedule {
    int32_t *line;   /* [months]   */
    int32_t *figure; /* [lines][n] */
} network_schedule;

static inline const int32_t *network_figures(const network_schedule *s, int32_t n, int32_t t)
{
    return s->figure + (size_t)s->line[t] * (size_t)n;
}

/* How an uncertain number is spread, and the bounds it cannot leave. */
typedef struct network_spread {
    distribution of;
    double lowest, highest;
} network_spread;

/* Something that is drawn once for a world: a row, or rows that differ in their dates only. */
typedef struct network_draw {
    const char *name;         /* table[key].value                             */
    const char *group, *unit; /* table.item; as written in the case           */
    int32_t table, row;       /* of the case: the first of its rows           */
    int32_t first, targets;   /* what it sets                                 */
    int32_t dimension;        /* of the Sobol points; NONE: a stream of its own */
    int32_t common;           /* draw it goes along with, or NONE             */
    uint64_t hash;            /* of the name                                  */
} network_draw;

typedef struct network_target {
    size_t offset; /* in a run's numbers */
    network_spread spread;
} network_target;

/* What a recipe does to elements, t per t of activity. */
typedef struct network_recipe_books {
    double *mined, *tailings, *losses; /* [elements] each */
} network_recipe_books;

/* A contiguous range of activities. */
typedef struct network_range {
    int32_t first, count;
} network_range;

#define TIERS 7 /* columns of a demand curve: five, the critical base, the cheap tail */

typedef enum axis_id {
    AXIS_ONE,
    AXIS_NODE,
    AXIS_ACTIVITY,
    AXIS_PLANT,
    AXIS_SEGMENT,
    AXIS_TIER,
    AXIS_COHORT,
    AXIS_ARC,
    AXIS_USE,
    AXIS_HOLD,
    AXIS_PERMIT,
    AXIS_ELEMENT,
    AXIS_REGION,
    AXIS_TECH,
    AXIS_GATE,
    AXIS_WORK,
    AXIS_PROGRAMME,
    AXIS_INSTRUMENT,
    AXIS_FIGURE,
    AXIS_COUNT
} axis_id;

/* What an instrument touches: plants, arcs, nodes, techs or permits. */
axis_id network_instrument_axis(int32_t item);

typedef enum part_id { PART_PARAMETER, PART_STATE, PART_FLOW, PART_FIGURE, PART_GIVEN } part_id;

typedef enum variable_id {
#define VARIABLE(name, axis, part, unit, doc) VAR_##name,
#include "network/variables.def"
#undef VARIABLE
    VAR_COUNT
} variable_id;

typedef struct variable_info {
    const char *name, *unit, *doc;
    axis_id axis;
    part_id part;
} variable_info;
variable_info network_variable(variable_id variable);

typedef struct network_names { /* ids as in the case */
    int32_t count;
    const char *const *id;
} network_names;

struct yt_network {
    arena *memory;

    network_names regions, commodities, elements, stages, groups, recipes, families, facilities,
        end_uses, holders, permits, programmes;

    int32_t nodes, activities, nonzeros;
    int32_t plants, lines, arcs, mixes, segments, uses, holds, dumps, releases, lanes;
    int32_t cohort_years; /* per use */

    network_node *node;       /* [nodes]    */
    network_plant *plant;     /* [plants]   */
    network_line *line;       /* [lines]    */
    network_arc *arc;         /* [arcs]     */
    network_lane *lane;       /* [lanes]    */
    network_segment *segment; /* [segments] */
    network_use *use;         /* [uses]     */
    int32_t *mix;             /* [mixes]    uses */
    network_hold *hold;       /* [holds]    */
    network_permit *permit;   /* [releases] */
    int32_t *dump;            /* [dumps]    nodes */
    network_batch *batch;
    network_news *news_item;
    int32_t news_items;

    /* activities, in this order: plants, lines, arcs, mixes, tiers (segment-major), holds,
     * dumps, releases */
    network_range plants_at, lines_at, arcs_at, mixes_at, tiers_at, holds_at, dumps_at, releases_at;

    /* the matrix A [nodes][activities], compressed columns, rows ascending */
    int32_t *start; /* [activities + 1] */
    int32_t *row;   /* [nonzeros]       */
    double *coefficient;
    market_pattern *pattern;

    /* institutions; decide: schedule month from which decisions replace dates, `months` when
     * they never do */
    int32_t decide, incumbent;      /* incumbent: region or NONE          */
    bool *is_governed;              /* [regions]                          */
    network_programme *programme;   /* [programmes.count]                 */
    network_instrument *instrument; /* [instruments], programme by programme */
    network_election *election;     /* [elections]                        */
    int32_t *touched;               /* [..] by instrument: what they touch */
    double *touched_weight;         /* [..] t of the named good per t of a plant's work, or 1 */
    int32_t instruments, elections;
    uint64_t *region_process; /* [regions] names of random streams */

    int32_t *group_of; /* [commodities] */
    bool *extracts;    /* [stages] elements come out of the ground here */

    double *content;                    /* [commodities][elements] t per t */
    network_recipe_books *recipe_books; /* [recipes] */

    /* what the case says will be, month by month, spin-up included: by figure (sim/given.c) */
    int32_t first_month, start_month, months; /* months: spin-up + reported */
    network_schedule nameplate, rate;         /* [plants] t/month, share that can run */
    network_schedule plant_cost;              /* [plants] operating cost              */
    int32_t *plant_cost_last;                 /* [plants] figure of the last month    */
    network_schedule collection;              /* [uses] share of discards             */
    network_schedule disposal_cost;           /* [nodes] USD/t                        */
    network_schedule freight, handling, export_duty, unrefunded_tax, margin, tariff, special_tariff,
        risk, risk_rise;          /* [arcs] */
    network_schedule approved;    /* [arcs] share of the licence base; FIGURE_INFINITY: free  */
    network_schedule permit_rate; /* [releases] t/month of routes with a rate; else FIGURE_NAN */
    int32_t *demand_figure;       /* [segments][demand_years] t/month of the end use in mid-year */
    int32_t demand_first_year, demand_years;
    double *demand_share;     /* [months][segments] t of the segment in a tonne of the end use */
    double *basket_share;     /* [months][uses] of the segment's use  */
    uint8_t *arc_open;        /* [months][arcs] */
    uint8_t *arc_opens_later; /* [arcs] open when decisions begin, or after */

    /* what is uncertain, in the order of the case */
    network_draw *draw;     /* [draws]   */
    network_target *target; /* [targets] by draw */
    uint32_t *direction;    /* [dimensions][32] of the Sobol points */
    int32_t draws, targets, dimensions;

    /* layout of a run: offsets in doubles from the start of its numbers */
    size_t offset[VAR_COUNT], doubles;
    size_t hashed; /* those of parameters, state and flows: what the state hash covers */
    int32_t axis[AXIS_COUNT];
    int32_t figures;
    double *parameter; /* defaults of all PARAMETER and FIGURE variables, in run layout */
};

/* Index of a stage in a region on AXIS_TECH. */
static inline int32_t network_tech(const yt_network *network, int32_t region, int32_t stage)
{
    return region * network->stages.count + stage;
}
/* What follows from other parameters: prices of services, capacities and permits, chokes.
 * numbers: those of a run, or the defaults. */
void network_derive(const yt_network *network, double *numbers);

/* The number that a share u of the distribution lies below, 0 < u < 1. */
static inline double network_quantile(const network_spread *spread, double u)
{
    return fmin(fmax(distribution_quantile(&spread->of, u), spread->lowest), spread->highest);
}

/* The facility's commodity names etc. come from the model that was compiled: ids only here. */
int32_t network_find_node(const yt_network *network, int32_t commodity, int32_t region,
                          node_side side);

#endif
