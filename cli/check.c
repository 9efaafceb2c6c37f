/* check.c - reads a case, compiles it, and says what is in it and what is only assumed. */
#include "inside.h"

#include "base/calendar.h"
#include "model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
const cli_option options_check[] = {
    CLI_OVERLAY,
    CLI_SET,
    {"strict", 0, NULL, "warnings give exit code 1"},
    CLI_JSON,
    CLI_OUTPUT,
    CLI_END,
};
/* clang-format on */

#define GRADES "ABCD"
#define RULES_SHOWN 10

/* Numbers of a table by grade; the last one counts rows without a grade. */
typedef struct grade_count {
    int32_t n[5];
} grade_count;

/* A source that carries assumed numbers. */
typedef struct rule_count {
    int32_t source, rows;
} rule_count;

/* How well the elements of a recipe's products add up to those of its feed. */
typedef struct closure {
    double worst; /* relative */
    int32_t recipe, element;
} closure;

static int32_t grade_column(table_id table)
{
    return model_column_find(table, "grade");
}

static void count_grades(const yt_model *model, table_id table, grade_count *count)
{
    int32_t column = grade_column(table);
    for (int32_t r = 0; column >= 0 && r < model->table[table].rows; r++) {
        const char *text = model_at(model, table, r, column)->text;
        const char *grade = *text ? strchr(GRADES, *text) : NULL;
        count->n[grade ? grade - GRADES : 4]++;
    }
}

static int most_rows_first(const void *a, const void *b)
{
    const rule_count *x = a, *y = b;
    return x->rows != y->rows ? (x->rows < y->rows) - (x->rows > y->rows)
                              : (x->source > y->source) - (x->source < y->source);
}

/* Numbers of grade D by the source that states the rule, most first; NULL without memory. */
static rule_count *count_rules(const yt_model *model, int32_t *n)
{
    int32_t sources = model->table[TABLE_source].rows;
    rule_count *rule = calloc((size_t)sources + 1, sizeof *rule);
    *n = 0;
    if (!rule)
        return NULL;
    for (int32_t s = 0; s < sources; s++)
        rule[s].source = s;
    for (int t = 0; t < TABLE_COUNT; t++) {
        table_id table = (table_id)t;
        int32_t grade = grade_column(table), source = model_column_find(table, "source_id");
        for (int32_t r = 0; grade >= 0 && source >= 0 && r < model->table[t].rows; r++) {
            int32_t s = model_at(model, table, r, source)->id;
            if (model_at(model, table, r, grade)->text[0] == 'D' && s >= 0 && s < sources)
                rule[s].rows++;
        }
    }
    qsort(rule, (size_t)sources, sizeof *rule, most_rows_first);
    while (*n < sources && rule[*n].rows > 0)
        ++*n;
    return rule;
}

/* Facilities that have no capacity: listed, not simulated. */
static int32_t count_unsized(const yt_model *model)
{
    int32_t facilities = model->table[TABLE_facility].rows, sized = 0;
    bool *has_capacity = calloc((size_t)facilities + 1, sizeof *has_capacity);
    for (int32_t r = 0; has_capacity && r < model->table[TABLE_facility_fact].rows; r++) {
        int32_t f = model_at(model, TABLE_facility_fact, r, facility_fact_facility)->id;
        int32_t item = model_at(model, TABLE_facility_fact, r, facility_fact_item)->id;
        if (item == ITEM_facility_fact_capacity && f >= 0 && f < facilities)
            has_capacity[f] = true;
    }
    for (int32_t f = 0; has_capacity && f < facilities; f++)
        sized += has_capacity[f];
    free(has_capacity);
    return facilities - sized;
}

static double content(const double *composition, int32_t elements, int32_t commodity,
                      int32_t element)
{
    return composition[(size_t)commodity * (size_t)elements + (size_t)element];
}

/* Feed, products and losses of every recipe, element by element; recipes that extract are
 * left out: what they do not account for comes out of the ground.
 * sum over flows of content x tonnes (+ made, - used) + lost = 0 */
static closure find_closure(const yt_model *model)
{
    closure found = {0, YT_NONE, YT_NONE};
    int32_t elements = model->table[TABLE_element].rows;
    int32_t recipes = model->table[TABLE_recipe].rows;
    size_t commodities = (size_t)model->table[TABLE_commodity].rows;
    double *composition = calloc(commodities * (size_t)elements + 1, sizeof *composition);
    double *net = calloc((size_t)recipes * (size_t)elements + 1, sizeof *net);
    double *used = calloc((size_t)recipes * (size_t)elements + 1, sizeof *used);
    if (!composition || !net || !used)
        goto done;

    for (int32_t r = 0; r < model->table[TABLE_composition].rows; r++) {
        int32_t c = model_at(model, TABLE_composition, r, composition_commodity)->id;
        int32_t e = model_at(model, TABLE_composition, r, composition_element)->id;
        int32_t value = composition_facts + FACT_VALUE;
        if (c >= 0 && e >= 0)
            composition[(size_t)c * (size_t)elements + (size_t)e] =
                model_at(model, TABLE_composition, r, value)->number;
    }
    for (int32_t r = 0; r < model->table[TABLE_recipe_flow].rows; r++) {
        int32_t recipe = model_at(model, TABLE_recipe_flow, r, recipe_flow_recipe)->id;
        int32_t c = model_at(model, TABLE_recipe_flow, r, recipe_flow_commodity)->id;
        double tonnes =
            model_at(model, TABLE_recipe_flow, r, recipe_flow_facts + FACT_VALUE)->number;
        for (int32_t e = 0; recipe >= 0 && c >= 0 && e < elements; e++) {
            double mass = tonnes * content(composition, elements, c, e);
            net[recipe * elements + e] += mass;
            used[recipe * elements + e] += fabs(mass) / 2;
        }
    }
    for (int32_t r = 0; r < model->table[TABLE_recipe_loss].rows; r++) {
        int32_t recipe = model_at(model, TABLE_recipe_loss, r, recipe_loss_recipe)->id;
        int32_t e = model_at(model, TABLE_recipe_loss, r, recipe_loss_element)->id;
        double tonnes =
            model_at(model, TABLE_recipe_loss, r, recipe_loss_facts + FACT_VALUE)->number;
        if (recipe >= 0 && e >= 0)
            net[recipe * elements + e] += tonnes;
    }
    for (int32_t recipe = 0; recipe < recipes; recipe++) {
        int32_t stage = model_at(model, TABLE_recipe, recipe, recipe_stage)->id;
        if (stage < 0 || model_at(model, TABLE_stage, stage, stage_extracts)->text[0] == 'y')
            continue;
        for (int32_t e = 0; e < elements; e++) {
            double scale = used[recipe * elements + e];
            double error = scale > 0 ? fabs(net[recipe * elements + e]) / scale : 0;
            if (error > found.worst)
                found = (closure){error, recipe, e};
        }
    }
done:
    free(composition);
    free(net);
    free(used);
    return found;
}

static const char *key_of(const yt_model *model, table_id table, int32_t row)
{
    return row >= 0 ? model_at(model, table, row, 0)->text : NULL;
}

/* ------------------------------------------------------------------------------- writing */

typedef struct summary {
    int32_t tables, rows, unsized, rules;
    grade_count grade; /* observations apart: they are no input */
    rule_count *rule;
    closure closure;
} summary;

static summary summarise(const yt_model *model)
{
    summary s = {.unsized = count_unsized(model), .closure = find_closure(model)};
    for (int t = 0; t < TABLE_COUNT; t++) {
        s.tables += model->table[t].file != NULL;
        s.rows += model->table[t].rows;
        if (t != TABLE_observation)
            count_grades(model, (table_id)t, &s.grade);
    }
    s.rule = count_rules(model, &s.rules);
    return s;
}

static void write_text(const cli *c, FILE *out, const yt_model *model, const summary *s)
{
    char start[8], end[8];
    calendar_format(model->start, start);
    calendar_format(model->end, end);
    const char *bold = cli_paint(c, out, CLI_BOLD), *plain = cli_paint(c, out, CLI_PLAIN);
    fprintf(out, "%s%s%s  %s\n", bold, model->name, plain, model->title ? model->title : "");
    fprintf(out, "  months      %s to %s, after %d of spin-up\n", start, end, model->spin_up);
    fprintf(out, "  data        %d tables, %d rows; sha256 %.12s\n", s->tables, s->rows,
            model->hash);

    int32_t graded = 0;
    for (int g = 0; g < 4; g++)
        graded += s->grade.n[g];
    fprintf(out, "  numbers     %d with a grade:", graded);
    for (int g = 0; g < 4; g++)
        fprintf(out, " %c %d", GRADES[g], s->grade.n[g]);
    fprintf(out, "\n  record      %d observations, never an input\n",
            model->table[TABLE_observation].rows);

    int32_t facilities = model->table[TABLE_facility].rows;
    fprintf(out, "  facilities  %d with a capacity, %d without (listed, not simulated)\n",
            facilities - s->unsized, s->unsized);
    fprintf(out, "  elements    %d; ", model->table[TABLE_element].rows);
    if (s->closure.recipe >= 0)
        fprintf(out, "worst closure of a recipe %.1e (%s in %s)\n", s->closure.worst,
                key_of(model, TABLE_element, s->closure.element),
                key_of(model, TABLE_recipe, s->closure.recipe));
    else
        fputs("every recipe closes\n", out);

    if (s->rules > 0)
        fprintf(out, "  assumed     %d numbers of grade D, by the source that states the rule:\n",
                s->grade.n[3]);
    for (int32_t i = 0; i < s->rules && (i < RULES_SHOWN || c->verbose); i++) {
        char line[400];
        snprintf(line, sizeof line, "%7d  %-12s %s", s->rule[i].rows,
                 key_of(model, TABLE_source, s->rule[i].source),
                 model_at(model, TABLE_source, s->rule[i].source, source_title)->text);
        int used, room = isatty(fileno(out)) ? cli_width(out) - 3 : (int)sizeof line;
        int bytes = cli_text_fit(line, room, &used);
        fprintf(out, "  %.*s%s\n", bytes, line, line[bytes] ? "…" : "");
    }
    if (s->rules > RULES_SHOWN && !c->verbose)
        fprintf(out, "           and %d more sources; -v lists them\n", s->rules - RULES_SHOWN);
}

static void write_tables(const yt_model *model, json_writer *w)
{
    json_key(w, "tables");
    json_begin_object(w);
    for (int t = 0; t < TABLE_COUNT; t++) {
        if (!model->table[t].file)
            continue;
        grade_count count = {{0}};
        count_grades(model, (table_id)t, &count);
        json_key(w, model_table_describe((table_id)t).name);
        json_begin_object(w);
        json_key_integer(w, "rows", model->table[t].rows);
        for (int g = 0; g < 4 && grade_column((table_id)t) >= 0; g++)
            json_key_integer(w, (const char[]){GRADES[g], '\0'}, count.n[g]);
        json_end_object(w);
    }
    json_end_object(w);
}

static void write_json(json_writer *w, const yt_model *model, const summary *s)
{
    char month[8];
    json_key_text(w, "case", model->name);
    json_key_text(w, "title", model->title);
    json_key_text(w, "hash", model->hash);
    calendar_format(model->start, month);
    json_key_text(w, "start", month);
    calendar_format(model->end, month);
    json_key_text(w, "end", month);
    json_key_integer(w, "rows", s->rows);
    write_tables(model, w);
    json_key(w, "grades");
    json_begin_object(w);
    for (int g = 0; g < 4; g++)
        json_key_integer(w, (const char[]){GRADES[g], '\0'}, s->grade.n[g]);
    json_end_object(w);
    json_key(w, "facilities");
    json_begin_object(w);
    json_key_integer(w, "sized", model->table[TABLE_facility].rows - s->unsized);
    json_key_integer(w, "unsized", s->unsized);
    json_end_object(w);
    json_key(w, "closure");
    json_begin_object(w);
    json_key_number(w, "worst", s->closure.worst);
    json_key_text(w, "recipe", key_of(model, TABLE_recipe, s->closure.recipe));
    json_key_text(w, "element", key_of(model, TABLE_element, s->closure.element));
    json_end_object(w);
    json_key(w, "assumed");
    json_begin_array(w);
    for (int32_t i = 0; i < s->rules; i++) {
        json_begin_object(w);
        json_key_text(w, "source", key_of(model, TABLE_source, s->rule[i].source));
        json_key_integer(w, "numbers", s->rule[i].rows);
        json_end_object(w);
    }
    json_end_array(w);
}

int command_check(cli *c)
{
    if (!cli_operands(c, 1, 1))
        return 2;
    yt_model *model = NULL;
    yt_network *network = NULL;
    yt_status st = cli_load_case(c, c->operand[0], &model);
    if (!st)
        st = yt_network_compile(model, c->log, &network);
    int32_t errors = yt_log_count(c->log, YT_ERROR);
    int32_t warnings = yt_log_count(c->log, YT_WARNING) - errors;
    if (!c->json)
        cli_messages(c);

    int exit_code = yt_status_exit_code(st);
    if (!st) {
        summary s = summarise(model);
        FILE *out = cli_out(c);
        if (!out) {
            exit_code = yt_status_exit_code(YT_EIO);
        } else if (c->json) {
            json_writer w = cli_json_begin(c);
            write_json(&w, model, &s);
            cli_json_end(c, &w);
        } else if (!c->quiet) {
            write_text(c, out, model, &s);
        }
        free(s.rule);
    }
    if (!c->json)
        cli_say(c, "%d error%s, %d warning%s", errors, errors == 1 ? "" : "s", warnings,
                warnings == 1 ? "" : "s");
    yt_network_free(network);
    yt_model_free(model);
    return exit_code == 0 && warnings > 0 && cli_has(c, "strict") ? 1 : exit_code;
}
