/* rules.h - "the row that names most wins, then the latest": rules of a case, found fast. */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H

#include "model/model.h"

/* What is asked about: a column of the table that holds a REF, a CHOICE or a YEAR, and the id
 * its cell would have.  {trade_cost_origin, region} */
typedef struct model_match {
    int32_t column, id;
} model_match;

/* Best row of a table for these things in this month, YT_NONE when no row applies.
 *
 * A row applies when every such column it fills is among `match` with the same id (a blank
 * cell means "any"; a column that is not asked about must be blank), when its item is the one
 * asked for, and from <= month <= to where it has such dates.  Of the rows that apply the one
 * that fills most columns wins, then the latest `from`, then the first row.
 * item   ITEM number; YT_NONE for tables without items
 * match  at most one entry a column, in any order; may be NULL when n = 0 */
int32_t model_rule(const yt_model *model, table_id table, int32_t item, const model_match *match,
                   int32_t n, int32_t month);

/* The value of that row in internal units, `otherwise` when there is none. */
double model_rule_value(const yt_model *model, table_id table, int32_t item,
                        const model_match *match, int32_t n, int32_t month, double otherwise);

#endif
