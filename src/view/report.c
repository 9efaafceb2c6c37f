/* report.c - view.json, and the page around it. */
#include "view/view.h"
#include "view/answers.h"
#include "view/inside.h"
#include "view/worlds_page.h"

#include "base/embedded.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_ROWS 60 /* of the comparison with history, for readers without script */

/* ------------------------------------------------------------------------------- view.json */

static void write_regions(const view_world *v, json_writer *w)
{
    json_key(w, "regions");
    json_begin_array(w);
    for (int32_t r = 0; r < v->region.n; r++) {
        json_begin_object(w);
        json_key_text(w, "id", v->region.id[r]);
        json_key_text(w, "name", v->region.name[r]);
        json_key_number(w, "lat", v->lat[r]);
        json_key_number(w, "lon", v->lon[r]);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_kinds(const view_world *v, json_writer *w)
{
    json_key(w, "commodities");
    json_begin_array(w);
    for (int32_t c = 0; c < v->commodity.n; c++) {
        json_begin_object(w);
        json_key_text(w, "id", v->commodity.id[c]);
        json_key_text(w, "name", v->commodity.name[c]);
        json_key_integer(w, "g", v->commodity_group[c]);
        json_key_text(w, "basis", v->basis[c]);
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "stages");
    json_begin_array(w);
    for (int32_t s = 0; s < v->stage.n; s++) {
        json_begin_object(w);
        json_key_text(w, "id", v->stage.id[s]);
        json_key_text(w, "name", v->stage.name[s]);
        json_key_text(w, "unit", v->stage_unit[s]);
        json_key_bool(w, "extracts", v->extracts[s]);
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "permits");
    json_begin_array(w);
    for (int32_t p = 0; p < v->permit.n; p++) {
        json_begin_object(w);
        json_key_text(w, "id", v->permit.id[p]);
        json_key_text(w, "name", v->permit.name[p]);
        json_key_integer(w, "r", v->permit_region[p]);
        json_key_text(w, "kind", v->permit_kind[p]);
        json_end_object(w);
    }
    json_end_array(w);
}

/* Price level, and for the exporter the currency and tax in which quotations there come. */
static void write_money(const view_world *v, json_writer *w)
{
    const char *local = NULL;
    for (int32_t i = 0; i < v->rows && !local; i++) {
        const view_observed *seen = v->row[i].seen;
        int32_t p = view_find(&v->place_word, seen->place);
        if (p != YT_NONE && v->place_of[p].region == v->exporter &&
            text_starts_with(v->place_of[p].view, "inside") &&
            !text_starts_with(seen->unit, "USD") && text_equal(seen->series, "price"))
            local = seen->unit;
    }
    int32_t currency = YT_NONE;
    for (int32_t k = 0; local && k < v->currency.n; k++)
        if (text_starts_with(local, v->currency.id[k]))
            currency = k;
    json_key(w, "money");
    json_begin_object(w);
    json_key_integer(w, "base", v->base_year);
    json_key(w, "level");
    json_begin_array(w);
    for (int32_t y = 0; y < v->years; y++)
        json_number(w, view_round(view_price_level(v, v->first_year + y), 5));
    json_end_array(w);
    if (currency != YT_NONE) {
        json_key_text(w, "currency", v->currency.id[currency]);
        json_key(w, "rate");
        json_begin_array(w);
        for (int32_t y = 0; y < v->years; y++)
            json_number(w, view_round(view_step_at(v->fx, v->fxs, currency, v->first_year + y), 5));
        json_end_array(w);
        json_key(w, "tax");
        json_begin_array(w);
        for (int32_t y = 0; y < v->years; y++)
            json_number(w, view_step_at(v->tax, v->taxes, v->exporter, v->first_year + y));
        json_end_array(w);
    }
    json_end_object(w);
}

static void write_head(const view_world *v, json_writer *w)
{
    json_key_text(w, "schema", "ytterby/view/1");
    json_key_integer(w, "firstYear", v->first_year);
    json_key_integer(w, "startMonth", v->start);
    json_key_integer(w, "months", v->months);
    json_key_integer(w, "years", v->years);
    json_key_integer(w, "now", v->now);
    json_key_integer(w, "exporter", v->exporter);
    write_regions(v, w);
    view_names(w, "groups", &v->group);
    view_names(w, "elements", &v->element);
    json_key(w, "endUses");
    json_begin_array(w);
    for (int32_t u = 0; u < v->end_use.n; u++) {
        json_begin_object(w);
        json_key_text(w, "id", v->end_use.id[u]);
        json_key_text(w, "name", v->end_use.name[u]);
        json_key_text(w, "unit", v->end_use_unit[u]);
        json_end_object(w);
    }
    json_end_array(w);
    write_kinds(v, w);
    json_key(w, "favourites");
    json_begin_array(w);
    for (int32_t i = 0; i < v->favourites; i++)
        json_whole(w, v->favourite[i]);
    json_end_array(w);
    write_money(v, w);
}

/* Worst certificate of each year, the ledger of each element, what made the result. */
static void write_proof(const view_world *v, json_writer *w)
{
    json_key(w, "certificates"); /* year: months, worst balance, complementarity, gap, iterations */
    json_begin_array(w);
    for (int32_t y = 0; v->certificate && y < v->years; y++) {
        double worst[3] = {0};
        int32_t n = 0, iterations = 0;
        for (int32_t m = 0; m < v->months; m++) {
            const view_certificate *c = &v->certificate[m];
            if ((v->start + m) / 12 - v->first_year != y || !isfinite(c->balance))
                continue;
            n++;
            worst[0] = fmax(worst[0], c->balance);
            worst[1] = fmax(worst[1], c->complementarity);
            worst[2] = fmax(worst[2], fabs(c->gap));
            iterations = c->iterations > iterations ? c->iterations : iterations;
        }
        json_begin_array(w);
        json_whole(w, n);
        for (int i = 0; i < 3; i++)
            json_number(w, view_round(worst[i], 2));
        json_whole(w, iterations);
        json_end_array(w);
    }
    json_end_array(w);
    json_key(w, "balances");
    json_begin_array(w);
    for (int32_t e = 0; v->closure && e < v->element.n; e++) {
        const view_closure *c = &v->closure[e];
        if (c->worst_month == YT_NONE)
            continue;
        json_begin_object(w);
        json_key_integer(w, "e", e);
        json_key(w, "ledger");
        view_numbers(w, c->ledger, 8, 5);
        json_key_number(w, "closure", view_round(c->closure, 2));
        json_key_number(w, "worst", view_round(c->worst, 2));
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "events"); /* month, kind, subject, text */
    json_begin_array(w);
    for (int32_t i = 0; i < v->events; i++) {
        json_begin_array(w);
        for (int k = 0; k < 4; k++)
            json_text(w, v->event[4 * i + k]);
        json_end_array(w);
    }
    json_end_array(w);
    view_manifest_json(v, w);
}

static void write_world(view_world *v, json_writer *w)
{
    json_begin_object(w);
    write_head(v, w);
    const view_sink sink = {.json = w};
    json_key(w, "cards");
    json_begin_array(w);
    view_cards(v, &sink);
    json_end_array(w);
    view_chain(v, w);
    view_prices(v, w);
    view_shortage(v, w);
    view_trade(v, w);
    view_facilities(v, w);
    view_history(v, w);
    view_record(v, w);
    view_quality(v, w);
    write_proof(v, w);
    json_end_object(w);
}

static yt_status open_world(view_world *v, const char *store_path, yt_log *log)
{
    memset(v, 0, sizeof *v);
    yt_status status = view_load(v, store_path, log);
    if (status)
        return status;
    view_rank(v);
    view_compare_history(v);
    return YT_OK;
}

/* What a page is about: one run; an ensemble, or two; or the answers of a study. */
typedef struct subject {
    bool is_ensemble, has_answers;
    view_world run;
    worlds first, second;
    const worlds *other; /* NULL: only one */
    answers answers;
} subject;

static yt_status open_subject(subject *s, const char *const paths[], int32_t n, yt_log *log)
{
    memset(s, 0, sizeof *s);
    s->is_ensemble = worlds_are_in(paths[0]);
    s->has_answers = answers_in(paths[0]) != ANSWERS_NONE;
    if (n > 1 && !s->is_ensemble) {
        log_error(log, YT_EUSAGE, place_at(paths[0], 0, 0),
                  "a page about two results needs two ensembles (ytterby simulate)");
        return YT_EUSAGE;
    }
    if (s->has_answers)
        return answers_open(&s->answers, paths[0], log);
    if (!s->is_ensemble)
        return open_world(&s->run, paths[0], log);
    yt_status status = worlds_load(&s->first, paths[0], log);
    if (!status && n > 1)
        status = worlds_load(&s->second, paths[1], log);
    if (!status && n > 1)
        status = worlds_check_pair(&s->first, &s->second, log);
    s->other = n > 1 ? &s->second : NULL;
    return status;
}

static void close_subject(subject *s)
{
    arena_free(s->run.memory);
    worlds_free(&s->first);
    worlds_free(&s->second);
    answers_close(&s->answers);
}

static void write_subject(subject *s, json_writer *w)
{
    if (s->has_answers)
        answers_write(&s->answers, w);
    else if (s->is_ensemble)
        worlds_write(&s->first, s->other, w);
    else
        write_world(&s->run, w);
}

static const view_world *names_of(const subject *s)
{
    return s->has_answers ? &s->answers.view : s->is_ensemble ? &s->first.view : &s->run;
}

yt_status view_write_json(const char *const paths[], int32_t n, json_writer *w, yt_log *log)
{
    subject s;
    yt_status status = open_subject(&s, paths, n, log);
    if (!status) {
        write_subject(&s, w);
        status = w->status;
    }
    close_subject(&s);
    return status;
}

/* --------------------------------------------------------------------------------- the page */

void view_escape(FILE *page, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", page);
            break;
        case '>':
            fputs("&gt;", page);
            break;
        case '&':
            fputs("&amp;", page);
            break;
        case '"':
            fputs("&quot;", page);
            break;
        default:
            fputc((unsigned char)*text < ' ' ? ' ' : *text, page);
        }
}

static const char *title_of(const view_world *v)
{
    const char *title = view_manifest(v, "title");
    return title && *title ? title : "Ytterby report";
}

static void write_cell(FILE *page, const char *text)
{
    fputs("<td>", page);
    view_escape(page, text);
    fputs("</td>", page);
}

static void write_misses(const view_world *v, FILE *page)
{
    for (int32_t i = 0; i < v->rows && i < PLAIN_ROWS && v->row[i].is_compared; i++) {
        const view_row *row = &v->row[i];
        char text[80];
        fputs("<tr><td>", page);
        view_escape(page, row->seen->series);
        fputs(" ", page);
        view_escape(page, row->seen->product);
        fputs("</td>", page);
        write_cell(page, row->seen->place);
        write_cell(page, row->seen->period);
        int n = snprintf(text, sizeof text, "%.4g", row->low);
        if (row->high > row->low)
            snprintf(text + n, sizeof text - (size_t)n, " to %.4g", row->high);
        write_cell(page, text);
        snprintf(text, sizeof text, "%.4g", row->model);
        write_cell(page, text);
        write_cell(page, row->unit);
        write_cell(page, row->is_read ? "read" : "computed");
        fputs("</tr>\n", page);
    }
}

static void write_cards(subject *s, FILE *page)
{
    const view_sink sink = {.page = page};
    if (s->has_answers)
        answers_cards(&s->answers, &sink);
    else if (s->is_ensemble)
        worlds_cards(&s->first, &sink);
    else
        view_cards(&s->run, &sink);
}

static void write_table(subject *s, FILE *page)
{
    if (s->has_answers) {
        answers_table(&s->answers, page);
    } else if (!s->is_ensemble) {
        fputs(
            "<h2>Model against history, largest misses first</h2>\n<table><thead><tr><th>What</th>"
            "<th>Where</th><th>When</th><th>Observed</th><th>Model</th><th>Unit</th><th>Kind</th>"
            "</tr></thead>\n<tbody>",
            page);
        write_misses(&s->run, page);
        fputs("</tbody></table>\n", page);
    }
}

static void write_facts(const view_world *v, FILE *page)
{
    for (int32_t i = 0; i < v->manifests; i++) {
        fputs("<tr><th scope=\"row\">", page);
        view_escape(page, v->manifest[2 * i]);
        fputs("</th><td>", page);
        view_escape(page, v->manifest[2 * i + 1]);
        fputs("</td></tr>\n", page);
    }
}

static bool is_named(const char *name, size_t length, const char *mark)
{
    return length == strlen(mark) && strncmp(name, mark, length) == 0;
}

/* What can be read without script: title, cards, the most important table and what made the
 * result come from here as plain text. */
static void fill(subject *s, const char *name, size_t length, FILE *out, yt_status *status)
{
    if (is_named(name, length, "title")) {
        view_escape(out, title_of(names_of(s)));
    } else if (is_named(name, length, "view")) {
        json_writer w = json_to_file(out, 0);
        write_subject(s, &w);
        *status = json_finish(&w);
    } else if (is_named(name, length, "cards")) {
        write_cards(s, out);
    } else if (is_named(name, length, "table")) {
        write_table(s, out);
    } else if (is_named(name, length, "facts")) {
        write_facts(names_of(s), out);
    }
}

yt_status view_write_report(const char *const paths[], int32_t n, FILE *out, yt_log *log)
{
    static const char mark[] = "<!--ytterby:";
    const embedded_file *page = embedded_find("web/dist/report.html");
    if (!page) {
        log_error(log, YT_EABSENT, place_none(),
                  "the report's page is not built in: run npm run build in web/, then build again");
        return YT_EABSENT;
    }
    subject s;
    yt_status status = open_subject(&s, paths, n, log);
    const char *at = page->bytes;
    while (!status) {
        const char *next = strstr(at, mark);
        fwrite(at, 1, next ? (size_t)(next - at) : strlen(at), out);
        if (!next)
            break;
        const char *name = next + sizeof mark - 1, *end = strstr(name, "-->");
        if (!end)
            break;
        fill(&s, name, (size_t)(end - name), out, &status);
        at = end + 3;
    }
    /* the JSON part says it failed, not why */
    if ((!status || status == YT_EIO) && ferror(out)) {
        log_error(log, YT_EIO, place_none(),
                  "the report could not be written: no room left, or the "
                  "file may not grow so large");
        status = YT_EIO;
    }
    close_subject(&s);
    return status;
}
