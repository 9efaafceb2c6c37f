/* compare_print.c - differences in words, and as JSON. */
#include "view/compare_inside.h"

#include "base/calendar.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define YEARS_SHOWN 5 /* series whose years are shown */

/* Text in at most `width` columns, without characters that a terminal would obey. */
static void put(FILE *out, const char *text, int width)
{
    int n = 0;
    for (const unsigned char *p = (const unsigned char *)(text ? text : "-"); *p; p++) {
        bool starts = (*p & 0xc0) != 0x80;
        if (starts && n == width - 1 && p[1]) {
            fputs("\xe2\x80\xa6", out);
            n++;
            break;
        }
        bool is_control = *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
        fputc(is_control ? '?' : *p, out);
        if (is_control && *p == 0xc2)
            p++;
        n += starts;
    }
    fprintf(out, "%*s", n < width ? width - n : 0, "");
}

static void put_percent(FILE *out, double share)
{
    if (share != 0 && share < 5e-7)
        fprintf(out, "%9.1e %%", 100 * share);
    else
        fprintf(out, "%9.4g %%", 100 * share);
}

static const char *month_of(int32_t month, char text[8])
{
    if (month < 0 || month >= 120000)
        return "-";
    calendar_format(month, text);
    return text;
}

static void put_more(FILE *out, int32_t n, int32_t shown)
{
    if (n > shown)
        fprintf(out, "  ... and %d more\n", (int)(n - shown));
}

static int32_t at_most(int32_t n, int32_t most)
{
    return n < most ? n : most;
}

/* ----------------------------------------------------------------------------------- text */

static void print_facts(const difference *d, FILE *out)
{
    if (d->fact.n == 0)
        return;
    fputs("\nMade differently            A                         B\n", out);
    for (int32_t i = 0; i < d->fact.n; i++) {
        fputs("  ", out);
        put(out, d->fact.at[i].key, 24);
        fputs("  ", out);
        put(out, d->fact.at[i].a, 24);
        fputs("  ", out);
        put(out, d->fact.at[i].b, 24);
        fputc('\n', out);
    }
}

static void print_inputs(const difference *d, int32_t rows, FILE *out)
{
    if (d->input.n == 0)
        return;
    fprintf(out, "\nInputs: %d changed, %d removed (only in A), %d added (only in B)\n",
            (int)d->inputs_changed, (int)d->inputs_removed, (int)d->inputs_added);
    for (int32_t i = 0; i < at_most(d->input.n, rows); i++) {
        const difference_input *n = &d->input.at[i];
        fputs(n->a && n->b ? "  changed  " : n->a ? "  removed  " : "  added    ", out);
        char name[256];
        snprintf(name, sizeof name, "%s[%s].%s", n->table, n->key, n->column);
        put(out, name, 60);
        fputs("\n           ", out);
        if (n->a)
            put(out, n->a, (int)strlen(n->a) < 40 ? (int)strlen(n->a) + 1 : 40);
        if (n->a && n->source_a)
            fprintf(out, "[%s] ", n->source_a);
        if (n->a && n->b)
            fputs("-> ", out);
        if (n->b)
            put(out, n->b, (int)strlen(n->b) < 40 ? (int)strlen(n->b) + 1 : 40);
        if (n->b && n->source_b)
            fprintf(out, "[%s]", n->source_b);
        fputc('\n', out);
    }
    put_more(out, d->input.n, at_most(d->input.n, rows));
}

static void print_variables(const difference *d, FILE *out)
{
    if (d->variable.n == 0)
        return;
    fputs("\nResults by variable        differ/all   mean diff.     largest  where\n", out);
    for (int32_t i = 0; i < d->variable.n; i++) {
        const difference_variable *v = &d->variable.at[i];
        char count[32];
        snprintf(count, sizeof count, "%d/%d", (int)v->differ, (int)v->series);
        fputs("  ", out);
        put(out, v->variable, 23);
        fprintf(out, "%12s ", count);
        put_percent(out, v->mean);
        if (v->worst && v->worst->differ) {
            char month[8];
            put_percent(out, v->worst->largest);
            fprintf(out, "  %s ", month_of(v->worst->month, month));
            put(out, v->worst->subject, (int)strlen(v->worst->subject));
        }
        fputc('\n', out);
    }
}

static void print_ranks(const difference *d, int32_t rows, FILE *out)
{
    if (d->series.n == 0)
        return;
    fputs("\nWhat differs most, by mean\n"
          "  mean diff.     largest  month             A           B  what\n",
          out);
    for (int32_t i = 0; i < at_most(d->series.n, rows); i++) {
        const difference_series *s = &d->series.at[i];
        char month[8];
        put_percent(out, s->mean);
        put_percent(out, s->largest);
        fprintf(out, "  %-7s  %10.5g  %10.5g  %s, ", s->differ ? month_of(s->month, month) : "-",
                s->a, s->b, s->variable);
        put(out, s->subject, (int)strlen(s->subject) + 1);
        if (s->only_a || s->only_b)
            fprintf(out, "(months with a value: %d only in A, %d only in B)", (int)s->only_a,
                    (int)s->only_b);
        fputc('\n', out);
    }
    put_more(out, d->series.n, at_most(d->series.n, rows));
}

static bool is_headline(const difference_series *s)
{
    return s->is_series && s->years > 0 &&
           (text_equal(s->variable, "price") || text_equal(s->unit, "share"));
}

static void print_years(const difference *d, FILE *out)
{
    int shown = 0;
    for (int32_t i = 0; i < d->series.n && shown < YEARS_SHOWN; i++) {
        const difference_series *s = &d->series.at[i];
        if (!is_headline(s))
            continue;
        shown++;
        fprintf(out, "\nMean of the year: %s, ", s->variable);
        put(out, s->subject, (int)strlen(s->subject) + 1);
        fprintf(out, "%s\n  year           A           B        B/A-1\n", s->unit ? s->unit : "");
        for (int32_t y = 0; y < s->years; y++) {
            double a = s->year_a[y], b = s->year_b[y];
            if (isnan(a) || (a == b))
                continue;
            fprintf(out, "  %4d  %10.5g  %10.5g  ", (int)(s->first_year + y), a, b);
            if (a != 0)
                fprintf(out, "%+9.3g %%", 100 * (b / a - 1));
            fputc('\n', out);
        }
    }
}

static void print_shares(const difference *d, int32_t rows, FILE *out)
{
    if (d->share.n == 0)
        return;
    fputs("\nShare of the output of a stage     A         B\n", out);
    for (int32_t i = 0; i < at_most(d->share.n, rows); i++) {
        const difference_share *s = &d->share.at[i];
        fprintf(out, "  %s  ", s->year);
        put(out, s->stage, 14);
        fputc(' ', out);
        put(out, s->region, 10);
        fprintf(out, "%7.2f %% %7.2f %%\n", 100 * s->a, 100 * s->b);
    }
    put_more(out, d->share.n, at_most(d->share.n, rows));
}

/* Tables that differ and are not shown above as numbers. */
static void print_tables(const difference *d, FILE *out)
{
    bool is_begun = false;
    for (int32_t i = 0; i < d->table.n; i++) {
        const difference_table *t = &d->table.at[i];
        if (t->is_same)
            continue;
        fprintf(out, "%s%s",
                is_begun ? ", " : "\nTables of the file that are not the same: ", t->name);
        is_begun = true;
        if (t->rows_a != t->rows_b)
            fprintf(out, " (%lld and %lld rows)", (long long)t->rows_a, (long long)t->rows_b);
    }
    if (is_begun)
        fputc('\n', out);
}

void compare_print(const difference *d, const compare_options *o, FILE *out)
{
    fprintf(out, "A  %s  (%s)\nB  %s  (%s)\n", d->path_a, d->case_a ? d->case_a : "-", d->path_b,
            d->case_b ? d->case_b : "-");
    if (d->is_identical) {
        fputs("identical: every value of every table\n", out);
        print_facts(d, out);
        return;
    }
    print_facts(d, out);
    print_inputs(d, o->rows, out);
    print_variables(d, out);
    print_ranks(d, o->rows, out);
    print_years(d, out);
    print_shares(d, o->rows, out);
    print_tables(d, out);
}

/* ----------------------------------------------------------------------------------- JSON */

static void put_json_inputs(const difference *d, json_writer *w)
{
    json_key(w, "inputs");
    json_begin_array(w);
    for (int32_t i = 0; i < d->input.n; i++) {
        const difference_input *n = &d->input.at[i];
        json_begin_object(w);
        json_key_text(w, "change", n->a && n->b ? "changed" : n->a ? "removed" : "added");
        json_key_text(w, "table", n->table);
        json_key_text(w, "key", n->key);
        json_key_text(w, "column", n->column);
        json_key_text(w, "a", n->a);
        json_key_text(w, "b", n->b);
        json_key_text(w, "source_a", n->source_a);
        json_key_text(w, "source_b", n->source_b);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_json_years(const difference_series *s, json_writer *w)
{
    json_key(w, "years");
    json_begin_array(w);
    for (int32_t y = 0; y < s->years; y++) {
        json_begin_object(w);
        json_key_integer(w, "year", s->first_year + y);
        json_key_number(w, "a", s->year_a[y]);
        json_key_number(w, "b", s->year_b[y]);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_json_series(const difference *d, json_writer *w)
{
    json_key(w, "series");
    json_begin_array(w);
    for (int32_t i = 0; i < d->series.n; i++) {
        const difference_series *s = &d->series.at[i];
        char month[8];
        json_begin_object(w);
        json_key_text(w, "variable", s->variable);
        json_key_text(w, "subject", s->subject);
        json_key_text(w, "unit", s->unit);
        json_key_integer(w, "values", s->values);
        json_key_integer(w, "differ", s->differ);
        json_key_integer(w, "only_a", s->only_a);
        json_key_integer(w, "only_b", s->only_b);
        json_key_number(w, "mean", s->mean);
        json_key_number(w, "largest", s->largest);
        json_key_integer(w, "run", s->run);
        json_key_text(w, "month", s->differ ? month_of(s->month, month) : NULL);
        json_key_number(w, "a", s->differ ? s->a : (double)NAN);
        json_key_number(w, "b", s->differ ? s->b : (double)NAN);
        if (is_headline(s))
            put_json_years(s, w);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_json_variables(const difference *d, json_writer *w)
{
    json_key(w, "variables");
    json_begin_array(w);
    for (int32_t i = 0; i < d->variable.n; i++) {
        const difference_variable *v = &d->variable.at[i];
        json_begin_object(w);
        json_key_text(w, "variable", v->variable);
        json_key_text(w, "unit", v->unit);
        json_key_integer(w, "series", v->series);
        json_key_integer(w, "differ", v->differ);
        json_key_number(w, "mean", v->mean);
        json_key_number(w, "largest", v->worst ? v->worst->largest : 0);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_json_shares(const difference *d, json_writer *w)
{
    json_key(w, "shares");
    json_begin_array(w);
    for (int32_t i = 0; i < d->share.n; i++) {
        const difference_share *s = &d->share.at[i];
        json_begin_object(w);
        json_key_text(w, "stage", s->stage);
        json_key_text(w, "region", s->region);
        json_key_text(w, "year", s->year);
        json_key_number(w, "a", s->a);
        json_key_number(w, "b", s->b);
        json_end_object(w);
    }
    json_end_array(w);
}

void compare_put_json(const difference *d, const compare_options *o, json_writer *w)
{
    (void)o; /* JSON has all rows */
    json_begin_object(w);
    json_key_text(w, "a", d->path_a);
    json_key_text(w, "b", d->path_b);
    json_key_bool(w, "identical", d->is_identical);
    json_key(w, "manifest");
    json_begin_array(w);
    for (int32_t i = 0; i < d->fact.n; i++) {
        json_begin_object(w);
        json_key_text(w, "key", d->fact.at[i].key);
        json_key_text(w, "a", d->fact.at[i].a);
        json_key_text(w, "b", d->fact.at[i].b);
        json_end_object(w);
    }
    json_end_array(w);
    put_json_inputs(d, w);
    put_json_variables(d, w);
    put_json_series(d, w);
    put_json_shares(d, w);
    json_key(w, "tables");
    json_begin_array(w);
    for (int32_t i = 0; i < d->table.n; i++)
        if (!d->table.at[i].is_same)
            json_text(w, d->table.at[i].name);
    json_end_array(w);
    json_end_object(w);
}
