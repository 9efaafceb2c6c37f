/* answers_shock_cards.c - the first screen of a shock: who runs short, when, of what, and what
 * helps.
 *
 * Ranges are 10 to 90 % of worlds; times that never came are counted, not dropped.
 */
#include "view/answers.h"
#include "view/words.h"

#include "base/text.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { Q05, Q10, Q50, Q90, Q95 };

static const answers_number *of_world(const answers *a, const char *name)
{
    return shock_number(a, name, "", "");
}

static bool is_known(const answers_number *n)
{
    return n && n->n > 0;
}

/* -------------------------------------------------------------------------------- what stops */

/* A name inside a sentence: those of elements begin small. */
static void say_small(view_words *s, const char *before, const char *name, int32_t element)
{
    bool is_capital = element != YT_NONE && name[0] >= 'A' && name[0] <= 'Z';
    view_say(s, "%s%c%s", before, is_capital ? name[0] - 'A' + 'a' : name[0], name + 1);
}

/* "Dy,=Tb" by name. */
static void say_goods(const answers *a, view_words *s, const char *goods, size_t length)
{
    for (size_t at = 0; at < length;) {
        char id[64];
        size_t n = strcspn(goods + at, ",;->");
        n = n < length - at ? n : length - at;
        const char *from = goods + at + (goods[at] == '=');
        snprintf(id, sizeof id, "%.*s", (int)(n - (goods[at] == '=')), from);
        say_small(s, at ? ", " : "", answers_name(a, id), view_find(&a->view.element, id));
        at += n + 1;
    }
}

/* "ORIGIN:GOODS->DESTINATION" as words; false: it is written otherwise. */
static bool say_cut(const answers *a, view_words *s, const char *cut, size_t length)
{
    char origin[64], destination[64];
    const char *colon = memchr(cut, ':', length), *arrow = strstr(cut, "->");
    if (!colon)
        return false;
    snprintf(origin, sizeof origin, "%.*s", (int)(colon - cut), cut);
    if (view_find(&a->view.region, origin) == YT_NONE)
        return false;
    bool is_aimed = arrow && arrow > colon && (size_t)(arrow - cut) < length;
    const char *end = is_aimed ? arrow : cut + length;
    view_say(s, "%s ships no ", answers_name(a, origin));
    say_goods(a, s, colon + 1, (size_t)(end - colon - 1));
    if (is_aimed) {
        snprintf(destination, sizeof destination, "%.*s", (int)(cut + length - arrow - 2),
                 arrow + 2);
        view_say(s, " to %s", answers_name(a, destination));
    }
    return true;
}

const char *shock_what(answers *a)
{
    const char *asked = answers_fact(a, "shock_description"), *at = asked;
    view_words s = {0};
    while (*at) {
        size_t length = strcspn(at, ";");
        if (s.length > 0)
            view_say(&s, "; ");
        if (!say_cut(a, &s, at, length))
            return *asked ? asked : answers_fact(a, "shock");
        at += length;
        at += strspn(at, "; ");
    }
    const char *kept = s.length > 0 ? arena_strdup(a->view.memory, s.text) : NULL;
    return kept ? kept : answers_fact(a, "shock");
}

/* ------------------------------------------------------------------------------ times, ranges */

/* "after 7 months (80 % of worlds: 3 to 9)", "at once"; beyond what was watched: so. */
static void say_time(view_words *s, const answers_number *n)
{
    char low[40], high[40], middle[40];
    if (!isfinite(n->q[Q50])) {
        view_say(s, "not in most worlds (in %.0f %% of them)", 100.0 * (n->n - n->censored) / n->n);
        return;
    }
    if (n->q[Q50] > 0)
        view_say(s, "after %s month%s", view_short_number(n->q[Q50], middle),
                 n->q[Q50] == 1 ? "" : "s");
    else
        view_say(s, "at once");
    if (n->n == 1 || n->q[Q10] == n->q[Q90])
        return;
    view_say(s, " (80 %% of worlds: %s to ", view_short_number(n->q[Q10], low));
    if (isfinite(n->q[Q90]))
        view_say(s, "%s months)", view_short_number(n->q[Q90], high));
    else
        view_say(s, "never)");
}

/* What was said, kept, with a capital letter. */
static const char *as_sentence(answers *a, view_words *s)
{
    if (s->text[0] >= 'a' && s->text[0] <= 'z')
        s->text[0] = (char)(s->text[0] - 'a' + 'A');
    const char *kept = arena_strdup(a->view.memory, s->text);
    return kept ? kept : "";
}

static void say_range(view_words *s, const answers_number *n, double scale, const char *unit)
{
    char b[3][40];
    view_say(s, "%s %s", view_short_number(scale * n->mean, b[0]), unit);
    if (n->q[Q10] < n->q[Q90])
        view_say(s, " (80 %% of worlds: %s to %s)", view_short_number(scale * n->q[Q10], b[1]),
                 view_short_number(scale * n->q[Q90], b[2]));
}

/* The user who is short first; among those alike the one who loses most.  NULL: nobody is, in most
 * worlds. */
static const answers_number *first_short(const answers *a)
{
    const answers_number *first = NULL;
    double most = 0;
    for (int32_t i = 0; i < a->numbers; i++) {
        const answers_number *n = &a->number[i];
        if (!text_equal(n->name, "short_after") || !isfinite(n->q[Q50]))
            continue;
        const answers_number *lost = shock_number(a, "user_loss", n->region, n->about);
        double loss = lost ? lost->mean : 0;
        if (!first || n->q[Q50] < first->q[Q50] || (n->q[Q50] <= first->q[Q50] && loss > most)) {
            first = n;
            most = loss;
        }
    }
    return first;
}

static bool is_felt(const answers *a)
{
    return !*answers_fact(a, "explanation");
}

/* --------------------------------------------------------------------------------- headline */

static void say_critical(answers *a, view_words *s)
{
    const answers_number *after = of_world(a, "critical_short"),
                         *share = of_world(a, "unmet_critical_share");
    if (is_known(after) && isfinite(after->q[Q50])) {
        view_say(s, "Critical users run short ");
        say_time(s, after);
        view_say(s, ". ");
    } else if (is_known(share) && share->mean > 0.01) {
        view_say(s, "Critical users miss %.2g %% of what they need while it lasts. ",
                 100 * share->mean);
    } else if (is_known(share) && share->mean > 1e-4) {
        view_say(s, "Critical users hardly run short: %.2g %% of what they need is missing. ",
                 100 * share->mean);
    } else {
        view_say(s, "Critical users are served. ");
    }
}

const char *shock_headline(answers *a)
{
    view_words s = {0};
    const answers_number *short_one = first_short(a), *loss = of_world(a, "loss"),
                         *back = of_world(a, "recovery");
    say_critical(a, &s);
    if (short_one) {
        view_say(&s, "First to miss 5 %%: %s in %s, ", answers_name(a, short_one->about),
                 answers_name(a, short_one->region));
        say_time(&s, short_one);
        view_say(&s, ". ");
    } else {
        view_say(&s, "No user misses 5 %% of what it would have bought. ");
    }
    if (is_known(loss) && fabs(loss->mean) >= 1) {
        view_say(&s, "Users lose ");
        view_say_money(&s, loss->mean);
        view_say(&s, "; ");
    }
    if (is_known(back) && back->q[Q50] <= 0)
        view_say(&s, "%cogether they never miss 1 %%, and prices stay within 20 %%.",
                 is_known(loss) && fabs(loss->mean) >= 1 ? 't' : 'T');
    else if (is_known(back) && isfinite(back->q[Q50]))
        view_say(&s, "it is over %.3g months after it began.", back->q[Q50]);
    else
        view_say(&s, "it is not over when watching ends.");
    const char *kept = arena_strdup(a->view.memory, s.text);
    return kept ? kept : "";
}

/* ------------------------------------------------------------------------------------- cards */

static void card_headline(answers *a, const view_sink *sink)
{
    view_words question = {0};
    view_say(&question, "%s, %s months from %s: what happens?", shock_what(a),
             answers_fact(a, "shock_months"), answers_fact(a, "shock_from"));
    if (sink->page)
        view_card(sink, "headline", "answers", question.text, shock_headline(a), "");
}

static void card_short(answers *a, const view_sink *sink)
{
    const answers_number *first = of_world(a, "first_short");
    view_words answer = {0}, detail = {0};
    int32_t users = 0, hit = 0;
    for (int32_t i = 0; i < a->numbers; i++)
        if (text_equal(a->number[i].name, "short_after")) {
            users++;
            hit += isfinite(a->number[i].q[Q50]);
        }
    if (!is_known(first))
        return;
    view_say(&answer, "%d of %d users miss 5 %% or more.", (int)hit, (int)users);
    view_say(&detail, "In half the worlds or more. ");
    if (hit > 0) {
        view_say(&detail, "The first of them ");
        say_time(&detail, first);
        view_say(&detail, ". ");
    }
    view_say(&detail, "A user is an end use in a region; the critical tier is served first.");
    view_card(sink, "short", "users", "Who runs short?", answer.text, detail.text);
}

static void card_critical(answers *a, const view_sink *sink)
{
    const answers_number *share = of_world(a, "unmet_critical_share"),
                         *worst = of_world(a, "unmet_critical_worst");
    view_words answer = {0}, detail = {0};
    if (!is_known(share) || !is_known(worst))
        return;
    if (share->mean > 1e-4)
        say_range(&answer, share, 100, "% is not served");
    else
        view_say(&answer, "No.");
    view_say(&detail, "Share of critical use by worth, in the months of the shock. In the worst "
                      "month ");
    say_range(&detail, worst, 100, "%");
    view_say(&detail, ". ");
    if (!is_felt(a)) {
        view_words why = {0};
        view_say(&why, "%s.", answers_fact(a, "explanation"));
        view_say(&detail, "%s", as_sentence(a, &why));
    }
    view_card(sink, "critical", "users", "Do critical users go without?", answer.text, detail.text);
}

static void card_cost(answers *a, const view_sink *sink)
{
    const answers_number *loss = of_world(a, "loss");
    view_words answer = {0}, detail = {0};
    if (!is_known(loss))
        return;
    view_say_money(&answer, loss->mean);
    view_say(&answer, ".");
    if (loss->q[Q10] < loss->q[Q90]) {
        view_say(&detail, "80 %% of worlds: ");
        view_say_money(&detail, loss->q[Q10]);
        view_say(&detail, " to ");
        view_say_money(&detail, loss->q[Q90]);
        view_say(&detail, ". ");
    }
    view_say(&detail, "What goods were worth to users less what they paid, without the shock less "
                      "with it, until watching ends; below 0: users gain.");
    view_card(sink, "cost", "users", "What does it cost users?", answer.text, detail.text);
}

/* The market whose stock is gone first, else the one that survives least. */
static void card_stocks(answers *a, const view_sink *sink)
{
    const answers_number *empty = NULL, *weak = NULL;
    view_words answer = {0}, detail = {0};
    for (int32_t i = 0; i < a->numbers; i++) {
        const answers_number *n = &a->number[i];
        if (text_equal(n->name, "empty_after") && isfinite(n->q[Q50]) &&
            (!empty || n->q[Q50] < empty->q[Q50]))
            empty = n;
        if (text_equal(n->name, "survive") && isfinite(n->q[Q50]) &&
            (!weak || n->q[Q50] < weak->q[Q50]))
            weak = n;
    }
    if (empty) {
        view_say(&answer, "%s, %s: ", answers_name(a, empty->about),
                 answers_name(a, empty->region));
        say_time(&answer, empty);
        view_say(&answer, ".");
    } else {
        view_say(&answer, "In most worlds no stock runs out.");
    }
    if (weak) {
        view_say(&detail, "The market that misses 5 %% first: %s, %s, ",
                 answers_name(a, weak->about), answers_name(a, weak->region));
        say_time(&detail, weak);
        view_say(&detail, ". ");
    }
    view_say(&detail, "Empty: a twentieth of the stock is left. Holders sell while prices are "
                      "high and keep some back.");
    view_card(sink, "stocks", "clock", "When are stocks empty?", answer.text, detail.text);
}

static void card_over(answers *a, const view_sink *sink)
{
    const answers_number *back = of_world(a, "recovery");
    view_words answer = {0};
    if (!is_known(back))
        return;
    if (back->q[Q50] <= 0) {
        view_say(&answer, "It never begins for users together.");
    } else {
        say_time(&answer, back);
        view_say(&answer, ".");
    }
    view_card(
        sink, "over", "clock", "When is it over?", as_sentence(a, &answer),
        "Counted from its first month: users miss less than 1 % and prices are within 20 % of "
        "what they would have been, for good.");
}

static void card_materials(answers *a, const view_sink *sink)
{
    const answers_number *most = NULL;
    view_words answer = {0}, detail = {0};
    char b[40];
    int32_t others = 0;
    for (int32_t i = 0; i < a->numbers; i++)
        if (text_equal(a->number[i].name, "element_worth") &&
            (!most || a->number[i].mean > most->mean))
            most = &a->number[i];
    const answers_number *tonnes = most ? shock_number(a, "element_short", "", most->about) : NULL;
    if (!is_known(tonnes))
        return;
    view_say(&answer, "%s: %s t, worth ", answers_name(a, most->about),
             view_short_number(tonnes->mean, b));
    view_say_money(&answer, most->mean);
    view_say(&answer, ".");
    view_say(&detail, "In goods that users did without until watching ends; dollars as the first "
                      "refined good at the case's reference price.");
    for (int32_t i = 0; i < a->numbers; i++) {
        const answers_number *n = &a->number[i];
        if (!text_equal(n->name, "element_short") || n == tonnes || others == 3)
            continue;
        view_say(&detail, "%s %s %s t", others ? ";" : " Also", answers_name(a, n->about),
                 view_short_number(n->mean, b));
        others++;
    }
    view_card(sink, "materials", "materials", "How much is missing, of what?", answer.text,
              detail.text);
}

static void card_instead(answers *a, const view_sink *sink)
{
    static const struct {
        const char *name, *words;
    } part[] = {{"by_other_lanes", "other origins and third countries"},
                {"by_routes", "routes without permit"},
                {"by_exports_kept", "less shipped on"},
                {"by_mines", "more mined"},
                {"by_scrap", "more old goods returned"},
                {"by_stocks", "stocks of traders and users"},
                {"by_reserve", "the reserve"},
                {"by_use", "users did without"}};
    const answers_number *lost = of_world(a, "lost_on_lanes");
    view_words answer = {0}, detail = {0};
    const char *first = NULL;
    double most = 0;
    int told = 0;
    char b[40];
    if (!is_known(lost) || !(lost->mean > 1e-3))
        return;
    view_say(&detail, "Of %s t (elements) that no longer came, means over the worlds:",
             view_short_number(lost->mean, b));
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        const answers_number *n = of_world(a, part[i].name);
        double share = is_known(n) ? n->mean / lost->mean : 0;
        if (share > most) {
            most = share;
            first = part[i].words;
        }
        if (fabs(share) >= 0.005)
            view_say(&detail, "%s %s %.0f %%", told++ ? ";" : "", part[i].words, 100 * share);
    }
    if (!first)
        return;
    view_say(&answer, "%c%s: %.0f %%.", first[0] - 'a' + 'A', first + 1, 100 * most);
    view_say(&detail, ". In the months of the shock.");
    view_card(sink, "instead", "instead", "Where does it come from instead?", answer.text,
              detail.text);
}

static void card_measures(answers *a, const view_sink *sink)
{
    double avoided = answers_ask(a, "SELECT max(loss_avoided) FROM shock_measure");
    const answers_number *loss = of_world(a, "loss");
    view_words answer = {0}, detail = {0};
    if (!isfinite(avoided))
        return;
    view_say(&answer, "%s.",
             answers_ask_text(a, "SELECT upper(substr(what, 1, 1)) || substr(what, 2) FROM"
                                 " shock_measure ORDER BY loss_avoided DESC LIMIT 1"));
    view_say(&detail, "It avoids ");
    view_say_money(&detail, avoided);
    if (is_known(loss) && loss->mean > 0)
        view_say(&detail, " of loss, %.0f %% of it", 100 * avoided / loss->mean);
    view_say(&detail, ". Eight single measures were tried, each alone, in the same worlds; what "
                      "they cost is not known here.");
    view_card(sink, "measures", "measures", "What helps most?", answer.text, detail.text);
}

/* The stock that holds in the share of worlds that was asked for. */
static void card_stockpile(answers *a, const view_sink *sink)
{
    char sql[160], b[40];
    double worlds = answers_ask(a, "SELECT count(*) FROM least_stock");
    double probability = strtod(answers_fact(a, "probability"), NULL);
    view_words answer = {0}, detail = {0};
    if (!(worlds > 0))
        return;
    int32_t at = (int32_t)ceil(probability * worlds) - 1;
    snprintf(sql, sizeof sql,
             "SELECT months FROM least_stock ORDER BY months IS NULL, months LIMIT 1 OFFSET %d",
             at < 0 ? 0 : (int)at);
    double months = answers_ask(a, sql);
    if (!isfinite(months))
        view_say(&answer, "None of up to five years.");
    else if (months > 0)
        view_say(&answer, "%s months of critical use.", view_short_number(months, b));
    else
        view_say(&answer, "None is needed.");
    view_say(
        &detail,
        "That keeps the unserved share of critical use below %g %% in %g %% of worlds; laid in "
        "before the shock, of the elements it is about.",
        100 * strtod(answers_fact(a, "limit"), NULL), 100 * probability);
    view_card(sink, "stockpile", "measures", "How large a stock would do?", answer.text,
              detail.text);
}

static void card_lines(answers *a, const view_sink *sink)
{
    const answers_number *first = NULL;
    view_words answer = {0};
    int32_t lines = 0;
    for (int32_t i = 0; i < a->numbers; i++) {
        const answers_number *n = &a->number[i];
        if (!text_equal(n->name, "line_runs"))
            continue;
        lines++;
        if (isfinite(n->q[Q50]) && (!first || n->q[Q50] < first->q[Q50]))
            first = n;
    }
    if (lines == 0)
        return;
    if (first) {
        view_say(&answer, "%s no longer runs whole ", first->about);
        say_time(&answer, first);
        view_say(&answer, ".");
    } else {
        view_say(&answer, "All run on in most worlds.");
    }
    view_card(sink, "lines", "lines", "How long do my lines run?", as_sentence(a, &answer),
              "Each line buys its share of what there is and lives on its own stock for the rest.");
}

static void card_sound(answers *a, const view_sink *sink)
{
    double broken = strtod(answers_fact(a, "broken_worlds"), NULL);
    view_words answer = {0};
    if (!(broken > 0))
        return;
    view_say(&answer, "No: %.0f of %s broke off.", broken, answers_fact(a, "runs"));
    view_card(sink, "sound", "method", "Are all worlds sound?", answer.text,
              "A month was not certified; they are left out of every number here.");
}

void shock_cards(answers *a, const view_sink *sink)
{
    card_headline(a, sink);
    card_critical(a, sink);
    card_short(a, sink);
    card_stocks(a, sink);
    card_over(a, sink);
    card_cost(a, sink);
    card_materials(a, sink);
    card_instead(a, sink);
    card_stockpile(a, sink);
    card_measures(a, sink);
    card_lines(a, sink);
    card_sound(a, sink);
}

void shock_table(answers *a, FILE *page)
{
    answers_html(a, page, "What users miss, means over worlds",
                 "SELECT end_use AS \"end use\", region, tier, round(tonnes, 3) AS \"tonnes\","
                 " round(worst_tonnes, 3) AS \"worst world, t\","
                 " round(worth_usd / 1e6, 3) AS \"all tiers, million USD\" FROM shortfall"
                 " WHERE tonnes > 0 ORDER BY worth_usd DESC, end_use, region LIMIT 60");
    answers_html(a, page, "How long markets last, months, means over worlds",
                 "SELECT commodity_id AS goods, region, round(cover, 1) AS cover, round(survive, 1)"
                 " AS survive, round(empty_after, 1) AS \"empty after\", round(recover, 1) AS"
                 " recover, round(falls_short, 2) AS \"short in so many worlds\" FROM survival"
                 " WHERE survive IS NOT NULL ORDER BY survive, commodity_id, region LIMIT 60");
}
