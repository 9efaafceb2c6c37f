/* answers_screen.c - view.json of a screen ("ytterby/screen/1"), and its first screen. */
#include "view/answers.h"
#include "view/words.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>

#define YEAR "months = 12" /* what officials plan for, and what the screen ranks by */

void screen_write(answers *a, json_writer *w)
{
    json_key_text(w, "from", answers_fact(a, "screen_from"));
    json_key_text(w, "goods", answers_fact(a, "screen_goods"));
    json_key_text(w, "weights", answers_fact(a, "weights"));
    json_key_text(w, "felt", answers_fact(a, "felt"));
    json_key_number(w, "worlds", strtod(answers_fact(a, "runs"), NULL));
    json_key_number(w, "broken", strtod(answers_fact(a, "broken_cells"), NULL));
    answers_rows(a, w, "cells",
                 "SELECT element, origin, months, usual, loss, weighted, unmet_critical AS unmet"
                 " FROM exposure ORDER BY element, origin, months");
    answers_rows(a, w, "uses",
                 "SELECT element, origin, months, end_use AS endUse, loss FROM exposure_use"
                 " WHERE abs(loss) >= 1 ORDER BY element, origin, months, end_use");
    /* of cases that have published rankings */
    answers_rows(a, w, "ranks",
                 "SELECT r.published, r.element, r.rank, r.note, p.study, p.finding, p.tolerance,"
                 " p.source, p.grade FROM published_rank r JOIN published p ON p.id = r.published"
                 " ORDER BY r.published, r.rank, r.element");
}

static void card_most(answers *a, const view_sink *sink)
{
    static const char *const worst =
        "FROM exposure WHERE " YEAR " ORDER BY weighted DESC, element, origin LIMIT 1";
    char sql[256];
    view_words answer = {0}, detail = {0};
    snprintf(sql, sizeof sql, "SELECT element %s", worst);
    const char *element = answers_ask_text(a, sql);
    snprintf(sql, sizeof sql, "SELECT origin %s", worst);
    const char *origin = answers_ask_text(a, sql);
    snprintf(sql, sizeof sql, "SELECT weighted %s", worst);
    double loss = answers_ask(a, sql);
    if (!*element)
        return;
    view_say(&answer, "%s from %s: ", answers_name(a, element), answers_name(a, origin));
    view_say_money(&answer, loss);
    view_say(&answer, ".");
    view_say(&detail,
             "Loss of the users that count when it is stopped for a year, until six "
             "months after%s%s.",
             *answers_fact(a, "weights") ? "; weights " : "", answers_fact(a, "weights"));
    view_card(sink, "most", "ranking", "Which stop costs most?", answer.text, detail.text);
}

static void card_per_kg(answers *a, const view_sink *sink)
{
    static const char *const sql =
        "SELECT element || '|' || origin FROM exposure WHERE " YEAR " AND usual > 0"
        " ORDER BY weighted / usual DESC, element, origin LIMIT 1";
    double dollars = answers_ask(
        a, "SELECT max(weighted / (12000 * usual)) FROM exposure WHERE " YEAR " AND usual > 0");
    char element[64], b[40], *bar;
    view_words answer = {0};
    snprintf(element, sizeof element, "%s", answers_ask_text(a, sql));
    bar = element;
    while (*bar && *bar != '|')
        bar++;
    if (!*bar)
        return;
    *bar = '\0';
    view_say(&answer, "%s from %s: %s USD a kg.", answers_name(a, element),
             answers_name(a, bar + 1), view_short_number(dollars, b));
    view_card(sink, "per_kg", "ranking", "And for each kilogram?", answer.text,
              "The same loss over what would have left in that year: small flows on which much "
              "depends stand out.");
}

static void card_critical(answers *a, const view_sink *sink)
{
    double cells = answers_ask(a, "SELECT count(*) FROM exposure WHERE " YEAR);
    double hit =
        answers_ask(a, "SELECT count(*) FROM exposure WHERE " YEAR " AND unmet_critical > 0.01");
    view_words answer = {0};
    if (!(cells > 0))
        return;
    view_say(&answer, "In %.0f of %.0f stops of a year.", hit, cells);
    view_card(sink, "critical", "ranking", "Do critical users go without?", answer.text,
              "More than 1 % of critical use, by worth, is not served. The critical tier is served "
              "first, so losses are mostly dear prices and what others do without.");
}

static void card_sound(answers *a, const view_sink *sink)
{
    double broken = strtod(answers_fact(a, "broken_cells"), NULL);
    view_words answer = {0};
    if (!(broken > 0))
        return;
    view_say(&answer, "No: %.0f are not known.", broken);
    view_card(sink, "sound", "method", "Are all cells sound?", answer.text,
              "A month was not certified.");
}

void screen_cards(answers *a, const view_sink *sink)
{
    card_most(a, sink);
    card_per_kg(a, sink);
    card_critical(a, sink);
    card_sound(a, sink);
}

void screen_table(answers *a, FILE *page)
{
    answers_html(a, page, "Loss of the users that count, million USD, a year's stop",
                 "SELECT element, origin, round(usual, 3) AS \"t a month\", round(weighted / 1e6,"
                 " 3) AS loss, round(weighted / (12000 * usual), 2) AS \"USD a kg\","
                 " round(100 * unmet_critical, 2) AS \"critical use unserved, %\" FROM exposure"
                 " WHERE " YEAR " ORDER BY weighted DESC, element, origin LIMIT 60");
}
