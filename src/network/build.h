/* build.h - what the compiler's own files share while a network is made. */
#ifndef NETWORK_BUILD_H
#define NETWORK_BUILD_H

#include "base/log.h"
#include "model/rules.h"
#include "network/network.h"

/* Word numbers of permits.kind in schema.def. */
enum { PERMIT_EXPORT, PERMIT_PRODUCTION, PERMIT_ILLEGAL };

/* A commodity of a lane, between two regions; several rows of the case may open it in turn. */
typedef struct build_lane {
    int32_t commodity, origin, destination;
    arc_kind kind;
} build_lane;

typedef struct build_row {
    table_id table;
    int32_t row;
} build_row;

typedef struct build_slot {
    size_t offset; /* in a run's numbers */
    build_row from;
} build_slot;

typedef struct builder {
    const yt_model *model;
    yt_log *log;
    yt_network *net;
    arena *scratch; /* given back after compiling */

    /* [commodities][regions] */
    bool *can_have, *is_wanted, *is_made;
    int32_t *node_single, *node_spot; /* contract side, or the only one; spot side or NONE */
    double *contract_share;           /* of a split market, else NAN                       */

    /* rows of recipe_flows by recipe: flow_row[flow_start[recipe] .. flow_start[recipe + 1]) */
    int32_t *flow_start, *flow_row;
    /* [recipes][regions]: a family's recipe that can run there */
    bool *line_runs;
    /* [families][regions]: node of the family's capacity, NONE without plants */
    int32_t *capacity_node;
    /* [facilities]: recipe or family, NONE when unknown; whether it has a capacity */
    int32_t *facility_recipe, *facility_family;
    bool *facility_sized, *facility_runs;

    build_lane *lane;
    int32_t lanes;

    int32_t *instrument_row; /* [instruments] rows of the table */

    /* rows that schedules name, by figure; figure_of[table][row] is 0 for the others */
    build_row *figure;
    int32_t figures, figure_room;
    int32_t *figure_of[TABLE_COUNT];
    /* parameters and the rows they come from */
    build_slot *slot;
    int32_t slots, slot_room;

    bool out_of_memory;
} builder;

/* Commodity x region index into the builder's tables. */
static inline int32_t build_pair(const builder *b, int32_t commodity, int32_t region)
{
    return commodity * b->net->regions.count + region;
}

/* n zeroed elements that live as long as the network, or only while compiling. */
void *build_keep(builder *b, size_t n, size_t size);
void *build_scratch(builder *b, size_t n, size_t size);

/* A rule's value for the matches given, or `fallback` when no row applies. */
double build_rule(const builder *b, table_id table, int32_t item, const model_match *match,
                  int32_t n, int32_t month, double fallback);

/* The same for a rule that must exist: nothing is assumed silently.  subject: who needs it. */
double build_needed(const builder *b, table_id table, int32_t item, const model_match *match,
                    int32_t n, const char *subject);

/* Set parameter number i of a variable by the rule's row and remember the row: an uncertain one
 * is drawn for each world.  Without a row: the fallback, for certain, or the error of
 * build_needed when that is NAN.  The value in the world of modes. */
double build_parameter(builder *b, variable_id variable, int32_t i, table_id table, int32_t item,
                       const model_match *match, int32_t n, double fallback, const char *subject);
/* The same of one given row. */
void build_parameter_row(builder *b, variable_id variable, int32_t i, table_id table, int32_t row);

/* The figure of a row, or of a rule's row; `otherwise` (FIGURE_...) when no row applies. */
int32_t build_figure(builder *b, table_id table, int32_t row);
int32_t build_figure_of(builder *b, table_id table, int32_t item, const model_match *match,
                        int32_t n, int32_t month, int32_t otherwise);
/* An array that doubles: room for one element more; NULL when memory is short. */
void *build_grow(builder *b, void *array, int32_t count, int32_t *room, size_t size);

/* Whether a row's optional group and commodity columns cover a commodity. */
bool build_covers(const builder *b, table_id table, int32_t row, int32_t group_column,
                  int32_t commodity_column, int32_t commodity);
int32_t build_group_of(const builder *b, int32_t commodity);

/* One flow of a recipe. */
typedef struct build_flow {
    int32_t commodity;
    double value;
} build_flow;
build_flow build_flow_at(const builder *b, int32_t i);

/* Does the end use buy anything in the region at any time?  Can its basket shift? */
bool build_is_demanded(const builder *b, int32_t end_use, int32_t region);
bool build_is_mixed(const builder *b, int32_t end_use);
/* Does the basket of the end use hold the commodity at any time? */
bool build_basket_has(const builder *b, int32_t end_use, int32_t commodity);

/* The steps of compiling, in order; each leaves its part of the network complete. */
void build_names(builder *b);
void build_books(builder *b);        /* contents and what recipes do to elements  */
void build_chain(builder *b);        /* which commodity is where, which line runs */
void build_nodes(builder *b);        /* rows                                      */
void build_activities(builder *b);   /* columns, with their subjects            */
void build_matrix(builder *b);       /* the sparse matrix and its pattern         */
void build_schedule(builder *b);     /* which row holds when                      */
void build_layout(builder *b);       /* where a run keeps its numbers             */
void build_parameters(builder *b);   /* the world of modes                        */
void build_draws(builder *b);        /* what differs from world to world          */
void build_politics(builder *b);     /* programmes, their targets, elections      */
void build_institutions(builder *b); /* parameters of institutions, gates, plants */

#endif
