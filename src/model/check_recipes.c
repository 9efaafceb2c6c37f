/* check_recipes.c - mass and metallurgy: nothing is made out of nothing.
 *
 * Per tonne of activity and for every element:
 *     sum of (flow x content) + losses = 0       anywhere
 *     sum of (flow x content) + losses >= 0      where elements come out of the ground
 * Where the case says what a pure commodity is made of its contents follow from the formula.
 * Commodities that hold none of the elements cannot be checked so; for them, and for mistakes
 * in the contents, no round trip through recipes may end with more than it began.
 */
#include "model/inside.h"

#include "base/formula.h"
#include "base/math.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define BALANCE_TOLERANCE 1e-6 /* t of element per t of activity                        */
#define CONTENT_TOLERANCE 1e-3 /* a tonne may hold this much too many tonnes: rounding  */
#define FORMULA_TOLERANCE 1e-3 /* t of element per t: contents are rounded                */
#define GAIN_TOLERANCE 1e-3    /* of a step of a round trip: contents are rounded       */
#define LONGEST_CHAIN 1000     /* steps from one end of a chain to the other: no chain is longer */

/* rows of a table by the row of another that they belong to */
typedef struct grouping {
    int32_t *first; /* [groups + 1] into row */
    int32_t *row;
} grouping;

typedef struct mass_book {
    loader *l;
    int32_t elements, commodities, recipes;
    double *content;   /* t/t, NAN where the number could not be read [commodities][elements] */
    grouping flows;    /* rows of recipe_flow by recipe */
    grouping losses;   /* rows of recipe_loss by recipe */
    bool *has_element; /*                                             [commodities] */
} mass_book;

static int32_t rows_of(const loader *l, table_id table)
{
    return l->model->table[table].rows;
}

static double value_at(const loader *l, table_id table, int32_t row)
{
    return rows_cell(l, table, row, l->schema->info[table].facts + FACT_VALUE)->number;
}

static bool group_rows(loader *l, table_id table, int32_t column, int32_t groups, grouping *g)
{
    int32_t rows = rows_of(l, table);
    g->first = scratch_array(l, (size_t)groups + 2, sizeof *g->first);
    g->row = scratch_array(l, (size_t)rows + 1, sizeof *g->row);
    if (!g->first || !g->row)
        return false;
    /* counts, two places on: after filling, first[i] is where group i begins */
    for (int32_t r = 0; r < rows; r++) {
        int32_t i = rows_cell(l, table, r, column)->id;
        if (i != YT_NONE)
            g->first[i + 2]++;
    }
    for (int32_t i = 2; i <= groups + 1; i++)
        g->first[i] += g->first[i - 1];
    for (int32_t r = 0; r < rows; r++) {
        int32_t i = rows_cell(l, table, r, column)->id;
        if (i != YT_NONE)
            g->row[g->first[i + 1]++] = r;
    }
    return true;
}

static bool open_book(loader *l, mass_book *b)
{
    b->l = l;
    b->elements = rows_of(l, TABLE_element);
    b->commodities = rows_of(l, TABLE_commodity);
    b->recipes = rows_of(l, TABLE_recipe);
    size_t cells = (size_t)b->elements * (size_t)b->commodities;
    if (cells > (size_t)1 << 26) {
        log_error(l->log, YT_EDATA, place_at(l->model->table[TABLE_commodity].file, 0, 0),
                  "%d commodities of %d elements are more than can be balanced", b->commodities,
                  b->elements);
        return false;
    }
    b->content = scratch_array(l, cells + 1, sizeof *b->content);
    b->has_element = scratch_array(l, (size_t)b->commodities + 1, sizeof *b->has_element);
    return b->content && b->has_element &&
           group_rows(l, TABLE_recipe_flow, recipe_flow_recipe, b->recipes, &b->flows) &&
           group_rows(l, TABLE_recipe_loss, recipe_loss_recipe, b->recipes, &b->losses);
}

/* -------------------------------------------------------------------------- compositions */

static void read_contents(mass_book *b)
{
    loader *l = b->l;
    for (int32_t r = 0; r < rows_of(l, TABLE_composition); r++) {
        int32_t c = rows_cell(l, TABLE_composition, r, composition_commodity)->id;
        int32_t e = rows_cell(l, TABLE_composition, r, composition_element)->id;
        if (c == YT_NONE || e == YT_NONE)
            continue;
        b->content[(size_t)c * (size_t)b->elements + (size_t)e] = value_at(l, TABLE_composition, r);
        b->has_element[c] = true;
    }
}

static void check_contents(mass_book *b)
{
    loader *l = b->l;
    double *sum = scratch_array(l, (size_t)b->commodities + 1, sizeof *sum);
    for (int32_t r = 0; sum && r < rows_of(l, TABLE_composition); r++) {
        const model_cell *commodity = rows_cell(l, TABLE_composition, r, composition_commodity);
        int32_t c = commodity->id;
        if (c == YT_NONE)
            continue;
        double before = sum[c];
        sum[c] += value_at(l, TABLE_composition, r);
        if (sum[c] > 1 + CONTENT_TOLERANCE && !(before > 1 + CONTENT_TOLERANCE))
            log_error(l->log, YT_EDATA,
                      rows_cell(l, TABLE_composition, r, composition_facts + FACT_VALUE)->at,
                      "the shares of elements in '%s' add up to %s by this row; a tonne holds at "
                      "most 1",
                      commodity->text, show_number(sum[c]).text);
    }
}

/* ------------------------------------------------------------------------------ formulas */

/* The row of a table with this text in a column; NONE. */
static int32_t find_text(const loader *l, table_id table, int32_t column, const char *text)
{
    for (int32_t r = 0; r < rows_of(l, table); r++)
        if (text_equal(rows_cell(l, table, r, column)->text, text))
            return r;
    return YT_NONE;
}

static double atomic_mass(const void *context, const char *symbol)
{
    const loader *l = context;
    int32_t row = find_text(l, TABLE_atom, atom_id, symbol);
    return row == YT_NONE ? (double)NAN : rows_cell(l, TABLE_atom, row, atom_mass)->number;
}

/* Where the table gives the content of an element in a commodity, or the formula stands. */
static place place_of_content(const loader *l, int32_t commodity, int32_t element, place formula)
{
    for (int32_t r = 0; r < rows_of(l, TABLE_composition); r++)
        if (rows_cell(l, TABLE_composition, r, composition_commodity)->id == commodity &&
            rows_cell(l, TABLE_composition, r, composition_element)->id == element)
            return rows_cell(l, TABLE_composition, r, composition_facts + FACT_VALUE)->at;
    return formula;
}

static void check_formula(const mass_book *b, const model_cell *formula, int32_t commodity)
{
    const loader *l = b->l;
    for (int32_t e = 0; e < b->elements; e++) {
        const char *wrong, *element = rows_cell(l, TABLE_element, e, element_id)->text;
        double share = formula_share(formula->text, element, atomic_mass, l, &wrong);
        double content = b->content[(size_t)commodity * (size_t)b->elements + (size_t)e];
        if (wrong) {
            log_error(l->log, YT_EDATA, formula->at,
                      "the formula '%s' cannot be read from '%s' on%s", formula->text, wrong,
                      *wrong >= 'A' && *wrong <= 'Z' ? "; an atom needs a row in atoms.csv" : "");
            return;
        }
        if (fabs(content - share) > FORMULA_TOLERANCE)
            log_error(l->log, YT_EDATA, place_of_content(l, commodity, e, formula->at),
                      "a tonne of '%s' holds %s t of '%s' by its formula %s, not %s",
                      rows_cell(l, TABLE_commodity, commodity, commodity_id)->text,
                      show_number(share).text, element, formula->text, show_number(content).text);
    }
}

/* The frequent mistake is a tonne of oxide taken for one of metal, or one oxide for another. */
static void check_formulas(const mass_book *b)
{
    const loader *l = b->l;
    for (int32_t r = 0; r < rows_of(l, TABLE_formula); r++) {
        int32_t commodity = rows_cell(l, TABLE_formula, r, formula_commodity)->id;
        if (commodity != YT_NONE)
            check_formula(b, rows_cell(l, TABLE_formula, r, formula_formula), commodity);
    }
}

/* ------------------------------------------------------------------------------ balances */

typedef struct element_balance {
    double in, out, lost;
    place at; /* the loss, or the first flow that carries the element */
} element_balance;

static element_balance balance_of(const mass_book *b, int32_t recipe, int32_t element)
{
    loader *l = b->l;
    element_balance e = {0, 0, 0, place_none()};
    for (int32_t i = b->flows.first[recipe]; i < b->flows.first[recipe + 1]; i++) {
        int32_t r = b->flows.row[i];
        int32_t c = rows_cell(l, TABLE_recipe_flow, r, recipe_flow_commodity)->id;
        /* a row that could not be read: no balance */
        double content = c == YT_NONE
                             ? (double)NAN
                             : b->content[(size_t)c * (size_t)b->elements + (size_t)element];
        double mass = value_at(l, TABLE_recipe_flow, r) * content;
        if (mass < 0)
            e.in -= mass;
        else
            e.out += mass;
        if (mass != 0 && !e.at.file)
            e.at = rows_cell(l, TABLE_recipe_flow, r, recipe_flow_facts + FACT_VALUE)->at;
    }
    for (int32_t i = b->losses.first[recipe]; i < b->losses.first[recipe + 1]; i++) {
        int32_t r = b->losses.row[i];
        if (rows_cell(l, TABLE_recipe_loss, r, recipe_loss_element)->id != element)
            continue;
        e.lost += value_at(l, TABLE_recipe_loss, r);
        e.at = rows_cell(l, TABLE_recipe_loss, r, recipe_loss_facts + FACT_VALUE)->at;
    }
    return e;
}

static bool extracts(const loader *l, int32_t recipe)
{
    int32_t stage = rows_cell(l, TABLE_recipe, recipe, recipe_stage)->id;
    /* an unknown stage is told already: be generous */
    return stage == YT_NONE || rows_cell(l, TABLE_stage, stage, stage_extracts)->id == 0;
}

static void check_balance(mass_book *b, int32_t recipe, int32_t element)
{
    loader *l = b->l;
    element_balance e = balance_of(b, recipe, element);
    double more = e.out + e.lost - e.in;
    bool closes =
        extracts(l, recipe) ? !(more < -BALANCE_TOLERANCE) : !(fabs(more) > BALANCE_TOLERANCE);
    if (closes)
        return;
    log_error(l->log, YT_EDATA, e.at,
              "recipe '%s' does not balance for element '%s': %s t in, %s t out and %s t lost per "
              "tonne of activity, %s t too %s",
              rows_cell(l, TABLE_recipe, recipe, recipe_id)->text,
              rows_cell(l, TABLE_element, element, element_id)->text, show_number(e.in).text,
              show_number(e.out).text, show_number(e.lost).text, show_number(fabs(more)).text,
              more > 0 ? "much comes out" : "little comes out");
}

static void check_balances(mass_book *b)
{
    for (int32_t r = 0; r < b->recipes; r++)
        for (int32_t e = 0; e < b->elements; e++)
            check_balance(b, r, e);
}

/* ---------------------------------------------------------------------------- from nothing */

/* A recipe that makes without using, where nothing comes out of the ground. */
static void check_feed(mass_book *b)
{
    loader *l = b->l;
    for (int32_t recipe = 0; recipe < b->recipes; recipe++) {
        int32_t n = b->flows.first[recipe + 1] - b->flows.first[recipe], used = 0, made = 0;
        for (int32_t i = 0; i < n; i++) {
            double flow = value_at(l, TABLE_recipe_flow, b->flows.row[b->flows.first[recipe] + i]);
            used += !(flow > 0);
            made += !(flow < 0);
        }
        const model_cell *id = rows_cell(l, TABLE_recipe, recipe, recipe_id);
        if (model_find(l->model, TABLE_recipe, id->text) != recipe)
            continue; /* defined twice, and told */
        if (n == 0 && !l->is_missing[TABLE_recipe_flow])
            log_warning(l->log, id->at, "recipe '%s' has no flows: it makes and uses nothing",
                        id->text);
        else if (used == 0 && made > 0 && !extracts(l, recipe))
            log_error(l->log, YT_EDATA,
                      rows_cell(l, TABLE_recipe_flow, b->flows.row[b->flows.first[recipe]], 0)->at,
                      "recipe '%s' makes something out of nothing; name what it uses with a "
                      "negative value",
                      id->text);
    }
}

/* One step of a round trip: a recipe whose only feed is `from` makes `gain` t of `to` a tonne. */
typedef struct conversion {
    int32_t from, to, row;
    double log_gain;
} conversion;

static int32_t collect_conversions(mass_book *b, conversion *out)
{
    loader *l = b->l;
    int32_t n = 0;
    for (int32_t recipe = 0; recipe < b->recipes; recipe++) {
        int32_t begin = b->flows.first[recipe], end = b->flows.first[recipe + 1];
        int32_t feed = YT_NONE, feeds = 0;
        for (int32_t i = begin; i < end; i++)
            if (!(value_at(l, TABLE_recipe_flow, b->flows.row[i]) > 0)) {
                feed = b->flows.row[i];
                feeds++;
            }
        if (feeds != 1 || extracts(l, recipe))
            continue;
        double used = -value_at(l, TABLE_recipe_flow, feed);
        int32_t from = rows_cell(l, TABLE_recipe_flow, feed, recipe_flow_commodity)->id;
        for (int32_t i = begin; i < end; i++) {
            int32_t row = b->flows.row[i];
            int32_t to = rows_cell(l, TABLE_recipe_flow, row, recipe_flow_commodity)->id;
            double made = value_at(l, TABLE_recipe_flow, row);
            if (from != YT_NONE && to != YT_NONE && made > 0 && used > 0)
                out[n++] = (conversion){from, to, row, yt_ln(made / used) - GAIN_TOLERANCE};
        }
    }
    return n;
}

/* Tell the round trip that passes through a commodity whose best yield still grows. */
static void tell_cycle(mass_book *b, const conversion *step, const int32_t *last, int32_t commodity)
{
    loader *l = b->l;
    /* so many steps back we are certainly inside the cycle, if there is one */
    for (int32_t i = 0; i < b->commodities && last[commodity] != YT_NONE; i++)
        commodity = step[last[commodity]].from;
    if (last[commodity] == YT_NONE)
        return;
    const char *path = rows_cell(l, TABLE_commodity, commodity, commodity_id)->text;
    double log_gain = 0;
    int32_t at = commodity, row = INT32_MAX;
    do {
        const conversion *s = &step[last[at]];
        log_gain += s->log_gain + GAIN_TOLERANCE;
        row = s->row < row ? s->row : row;
        at = s->from;
        const char *longer = arena_printf(
            l->scratch, "%s -> %s", rows_cell(l, TABLE_commodity, at, commodity_id)->text, path);
        path = longer ? longer : path;
    } while (at != commodity);
    log_error(l->log, YT_EDATA,
              rows_cell(l, TABLE_recipe_flow, row, recipe_flow_facts + FACT_VALUE)->at,
              "the round trip %s makes %s t out of 1 t: recipes may not gain", path,
              show_number(yt_exp(log_gain)).text);
}

/* Bellman and Ford: yields that still grow after as many rounds as commodities go in circles. */
static void check_round_trips(mass_book *b)
{
    loader *l = b->l;
    int32_t rows = rows_of(l, TABLE_recipe_flow);
    conversion *step = scratch_array(l, (size_t)rows + 1, sizeof *step);
    double *best = scratch_array(l, (size_t)b->commodities + 1, sizeof *best);
    int32_t *last = scratch_array(l, (size_t)b->commodities + 1, sizeof *last);
    if (!step || !best || !last)
        return;
    for (int32_t c = 0; c < b->commodities; c++)
        last[c] = YT_NONE;
    int32_t steps = collect_conversions(b, step), grown = YT_NONE;
    for (int32_t round = 0; round <= b->commodities && round <= LONGEST_CHAIN; round++) {
        grown = YT_NONE;
        for (int32_t i = 0; i < steps; i++) {
            double gain = best[step[i].from] + step[i].log_gain;
            if (!(gain > best[step[i].to] + 1e-12))
                continue;
            best[step[i].to] = gain;
            last[step[i].to] = i;
            grown = step[i].to;
        }
        if (grown == YT_NONE)
            return;
    }
    tell_cycle(b, step, last, grown);
}

/* ------------------------------------------------------------------------- made and used */

static void mark(const loader *l, table_id table, int32_t column, bool *is_marked)
{
    for (int32_t r = 0; r < rows_of(l, table); r++) {
        int32_t c = rows_cell(l, table, r, column)->id;
        if (c != YT_NONE)
            is_marked[c] = true;
    }
}

/* A commodity that nobody makes or nobody uses is likely a forgotten row. */
static void check_use(mass_book *b)
{
    loader *l = b->l;
    bool *made = scratch_array(l, (size_t)b->commodities + 1, sizeof *made);
    bool *used = scratch_array(l, (size_t)b->commodities + 1, sizeof *used);
    if (!made || !used || l->is_missing[TABLE_recipe_flow] || l->is_missing[TABLE_basket])
        return;
    for (int32_t r = 0; r < rows_of(l, TABLE_recipe_flow); r++) {
        int32_t c = rows_cell(l, TABLE_recipe_flow, r, recipe_flow_commodity)->id;
        double flow = value_at(l, TABLE_recipe_flow, r);
        if (c == YT_NONE)
            continue;
        made[c] = made[c] || !(flow <= 0);
        used[c] = used[c] || !(flow >= 0);
    }
    mark(l, TABLE_basket, basket_commodity, used);
    mark(l, TABLE_scrap_route, scrap_route_scrap, made);
    for (int32_t c = 0; c < b->commodities; c++) {
        const model_cell *id = rows_cell(l, TABLE_commodity, c, commodity_id);
        if (model_find(l->model, TABLE_commodity, id->text) != c)
            continue; /* defined twice, and told */
        if (!made[c] && !used[c])
            log_warning(l->log, id->at, "nobody makes or uses '%s'", id->text);
        else if (!made[c])
            log_warning(l->log, id->at, "nobody makes '%s': no recipe yields it", id->text);
        else if (!used[c])
            log_warning(l->log, id->at, "nobody uses '%s': no recipe and no basket takes it",
                        id->text);
    }
}

void check_recipes(loader *l)
{
    mass_book b;
    if (!open_book(l, &b))
        return;
    read_contents(&b);
    check_contents(&b);
    check_formulas(&b);
    check_balances(&b);
    check_feed(&b);
    check_round_trips(&b);
    check_use(&b);
}
