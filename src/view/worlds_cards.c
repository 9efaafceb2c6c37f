/* worlds_cards.c - the first screen of an ensemble: plain questions, answered with how often and
 * how sure.
 *
 * "± 3" is the standard error of a share, from the replicates; ranges are 5 to 95 % of worlds.
 */
#include "view/words.h"
#include "view/worlds.h"

#include "base/math.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGE "5 to 95 %% of worlds" /* in formats */

/* Of n worlds; where none or all are alike their spread says nothing: the 95 % bound instead. */
static void say_share(view_words *s, double share, double error, int32_t n)
{
    double bound = n > 0 ? 100 * (1 - yt_exp(yt_ln(0.05) / n)) : NAN;
    view_say(s, "%.0f %%", 100 * share);
    if (n > 0 && share <= 0)
        view_say(s, " (below %.2g)", bound);
    else if (n > 0 && share >= 1)
        view_say(s, " (above %.3g)", 100 - bound);
    else if (isfinite(error))
        view_say(s, " (± %.1f)", 100 * error);
}

static void say_year(view_words *s, double year)
{
    if (isfinite(year))
        view_say(s, "%.0f", floor(year));
    else
        view_say(s, "later than the end");
}

static const char *end_of(const worlds *w)
{
    const char *end = view_manifest(&w->view, "end");
    return end ? end : "the end";
}

/* ---------------------------------------------------------------------------- breaking free */

static void card_break_free(const worlds *w, const view_sink *sink)
{
    const char *headline = view_manifest(&w->view, "headline"), *threshold;
    const worlds_number *n = headline ? worlds_find(w, "break_free_year", headline, "") : NULL;
    view_words answer = {0}, detail = {0}, question = {0};
    if (!n)
        return;
    worlds_date d = worlds_date_of(w, n);
    threshold = view_manifest(&w->view, "threshold");
    view_say(&question, "Does %s break free by %s?", worlds_region_name(w, headline), end_of(w));
    view_say(&answer, "In ");
    say_share(&answer, d.share, d.error, d.n);
    view_say(&answer, " of %d worlds.", d.n);
    view_say(&detail,
             "Free: from a year on, for two years, %.0f %% of critical use would be served if "
             "%s's goods stopped. ",
             100 * (threshold ? strtod(threshold, NULL) : 0.9),
             worlds_region_name(w, w->incumbent));
    if (isfinite(d.median)) {
        view_say(&detail, "Half the worlds are free by ");
        say_year(&detail, d.median);
        view_say(&detail, " (95 %% interval ");
        say_year(&detail, d.median_earliest);
        view_say(&detail, " to ");
        say_year(&detail, d.median_latest);
        view_say(&detail, "). ");
    } else {
        view_say(&detail, "Fewer than half are free by then, so there is no median date. ");
    }
    view_say(&detail, "%d worlds were not free when they ended; they are counted, not dropped.",
             d.n - d.came);
    view_card(sink, "break_free", "break-free", question.text, answer.text, detail.text);
}

static void card_others(const worlds *w, const view_sink *sink)
{
    view_words answer = {0}, detail = {0};
    int32_t i = 0, likely = 0, all = 0;
    double best = -1;
    const char *first = "";
    for (const worlds_number *n; (n = worlds_next(w, "break_free_year", &i)); all++) {
        worlds_date d = worlds_date_of(w, n);
        likely += d.share > 0.5;
        view_say(&detail, "%s%s ", all ? "; " : "", worlds_region_name(w, n->region));
        say_share(&detail, d.share, d.error, d.n);
        if (d.share > best) {
            best = d.share;
            first = worlds_region_name(w, n->region);
        }
    }
    if (all < 2)
        return;
    view_say(&answer, "%d of %d regions do in more than half of the worlds; most often %s.", likely,
             all, first);
    view_say(&detail, ".");
    view_card(sink, "others", "break-free", "Who else breaks free?", answer.text, detail.text);
}

/* The last year for which a yearly outcome was kept: "independence_outside_" gives its name. */
static const worlds_number *last_mark(const worlds *w, const char *prefix, const char *about,
                                      int32_t *year)
{
    const worlds_number *last = NULL;
    *year = 0;
    for (int32_t y = w->view.first_year; y < w->view.first_year + w->view.years; y++) {
        char name[80];
        snprintf(name, sizeof name, "%s%d", prefix, (int)y);
        const worlds_number *n = worlds_find(w, name, "", about);
        if (n && worlds_estimate_of(w, n).n > 0) {
            last = n;
            *year = y;
        }
    }
    return last;
}

static void card_independence(const worlds *w, const view_sink *sink)
{
    int32_t year;
    const worlds_number *n = last_mark(w, "independence_outside_", "", &year);
    view_words question = {0}, answer = {0}, detail = {0};
    if (!n)
        return;
    worlds_estimate e = worlds_estimate_of(w, n);
    view_say(&question,
             "If %s's goods stopped in %d, how much critical use elsewhere would be served?",
             worlds_region_name(w, w->incumbent), (int)year);
    view_say(&answer, "%.0f %% (%.0f to %.0f in " RANGE ").", 100 * e.middle, 100 * e.lowest,
             100 * e.highest);
    view_say(&detail,
             "Mean %.1f %%, standard error %.1f, of %d worlds; in December, stocks left out.",
             100 * e.mean, 100 * e.error, e.n);
    view_card(sink, "independence", "independence", question.text, answer.text, detail.text);
}

static void card_dependence(const worlds *w, const view_sink *sink)
{
    view_words answer = {0}, detail = {0};
    double most = -1;
    int32_t last = 0, told = 0;
    for (int32_t g = 0; g < w->view.group.n; g++) {
        int32_t year;
        const worlds_number *n = last_mark(w, "dependence_", w->view.group.id[g], &year);
        if (!n)
            continue;
        worlds_estimate e = worlds_estimate_of(w, n);
        view_say(&detail, "%s%s %.0f %%", told++ ? "; " : "", w->view.group.name[g],
                 100 * e.middle);
        if (e.middle > most) {
            most = e.middle;
            answer = (view_words){0};
            view_say(&answer, "%s: %.0f %% of what others use (%.0f to %.0f in " RANGE ").",
                     w->view.group.name[g], 100 * e.middle, 100 * e.lowest, 100 * e.highest);
        }
        last = year;
    }
    if (most < 0)
        return;
    view_say(&detail, ": straight from %s, medians of December %d.",
             worlds_region_name(w, w->incumbent), (int)last);
    view_card(sink, "dependence", "dependence", "Which goods come most from the incumbent?",
              answer.text, detail.text);
}

/* -------------------------------------------------------------------------------- projects */

static worlds_estimate outside(const worlds *w, const char *event)
{
    const worlds_number *n = worlds_find(w, event, "outside", "");
    return n ? worlds_estimate_of(w, n) : (worlds_estimate){.mean = NAN};
}

static void card_projects(const worlds *w, const view_sink *sink)
{
    static const char *const ends[] = {"failed_political", "failed_environmental",
                                       "failed_local",     "failed_legal",
                                       "failed_capital",   "project_abandoned"};
    static const char *const names[] = {"political negotiation",
                                        "the environmental assessment",
                                        "local approval",
                                        "legal review",
                                        "finance",
                                        "the return, after waiting for better prices"};
    worlds_estimate begun = outside(w, "project_begun"), opened = outside(w, "plant_opened"),
                    worst = {.mean = -1};
    view_words answer = {0}, detail = {0};
    int gate = 0;
    if (!(begun.mean > 0))
        return;
    view_say(&detail, "Means of a world: %.3g (± %.1f) set out, %.3g (± %.1f) open", begun.mean,
             begun.error, opened.mean, opened.error);
    for (int g = 0; g < 6; g++) {
        worlds_estimate e = outside(w, ends[g]);
        view_say(&detail, "; %.1f end at %s", e.mean, names[g]);
        if (e.mean > worst.mean) {
            worst = e;
            gate = g;
        }
    }
    view_say(&detail, ". Outside %s, to %s.", worlds_region_name(w, w->incumbent), end_of(w));
    view_say(&answer, "Most often %s: %.1f (± %.1f) of %.3g projects a world end there.",
             names[gate], worst.mean, worst.error, begun.mean);
    view_card(sink, "projects", "projects", "What stops projects?", answer.text, detail.text);
}

static void card_boom(const worlds *w, const view_sink *sink)
{
    const worlds_number *n = worlds_find(w, "boom_and_bust", "", "");
    worlds_estimate closed = outside(w, "plant_mothballed");
    view_words answer = {0}, detail = {0};
    if (!n)
        return;
    worlds_estimate e = worlds_estimate_of(w, n);
    view_say(&answer, "In ");
    say_share(&answer, e.mean, e.error, e.n);
    view_say(&answer, " of worlds.");
    view_say(&detail,
             "A plant outside %s, decided on when its goods were worth half as much again, is "
             "mothballed. Plants mothballed there: %.1f in the mean (%.0f to %.0f in " RANGE ").",
             worlds_region_name(w, w->incumbent), closed.mean, closed.lowest, closed.highest);
    view_card(sink, "boom", "projects", "Is it built at the top and closed after the fall?",
              answer.text, detail.text);
}

static void card_first_mine(const worlds *w, const view_sink *sink)
{
    const worlds_number *n = worlds_find(w, "first_mine_year", "", "");
    const worlds_number *after = worlds_find(w, "years_to_first_mine", "", "");
    view_words answer = {0}, detail = {0};
    if (!n)
        return;
    worlds_date d = worlds_date_of(w, n);
    if (isfinite(d.median))
        view_say(&answer, "Half the worlds have it by %.0f.", floor(d.median));
    else
        view_say(&answer, "Fewer than half the worlds have one.");
    view_say(&detail, "It opens in ");
    say_share(&detail, d.share, d.error, d.n);
    view_say(&detail, " of worlds by %s", end_of(w));
    if (isfinite(d.early) && isfinite(d.late))
        view_say(&detail, ", in the middle half between %.0f and %.0f", floor(d.early),
                 floor(d.late));
    view_say(&detail, ".");
    worlds_date squeezed = after ? worlds_date_of(w, after) : (worlds_date){0};
    if (after && squeezed.n > 0 && isfinite(squeezed.median))
        view_say(&detail,
                 " After the first export quota: median %.1f years (%d worlds with a quota).",
                 squeezed.median, squeezed.n);
    view_card(sink, "first_mine", "projects", "When does the first new mine open outside?",
              answer.text, detail.text);
}

/* ---------------------------------------------------------------------------- money, politics */

/* Sum over all states but the incumbent, world by world. */
static worlds_estimate sum_outside(const worlds *w, const char *name)
{
    double *sum = arena_array(w->view.memory, (size_t)w->runs + 1, sizeof *sum);
    int32_t at = 0;
    for (const worlds_number *n; sum && (n = worlds_next(w, name, &at));)
        for (int32_t i = 0; i < w->runs; i++)
            sum[i] += n->value[i];
    return sum ? worlds_estimate_values(w, sum) : (worlds_estimate){.mean = NAN};
}

static void card_cost(const worlds *w, const view_sink *sink)
{
    static const char *const names[] = {"public_cost", "private_cost", "private_loss"};
    static const char *const said[] = {"public money", "private money",
                                       "of it lost in plants that were mothballed"};
    view_words answer = {0}, detail = {0};
    for (int k = 0; k < 3; k++) {
        worlds_estimate e = sum_outside(w, names[k]);
        view_words *to = k == 0 ? &answer : &detail;
        view_say_money(to, e.middle);
        view_say(to, " %s (", said[k]);
        view_say_money(to, e.lowest);
        view_say(to, " to ");
        view_say_money(to, e.highest);
        view_say(to, k == 0 ? ")." : k == 1 ? "); " : ")");
    }
    view_say(&detail, ". Medians and " RANGE ", all regions but %s together.",
             worlds_region_name(w, w->incumbent));
    view_card(sink, "cost", "costs", "What does it cost?", answer.text, detail.text);
}

static void card_programmes(const worlds *w, const view_sink *sink)
{
    worlds_estimate begun = outside(w, "programme_launched"), ended = outside(w, "programme_ended"),
                    weakened = outside(w, "programme_weakened"),
                    over = outside(w, "programme_expired");
    view_words answer = {0}, detail = {0};
    if (!(begun.mean > 0))
        return;
    view_say(&answer, "%.1f (± %.1f) begin in a world; %.1f (± %.1f) are ended early.", begun.mean,
             begun.error, ended.mean, ended.error);
    view_say(&detail, "%.1f are weakened, %.1f run out as planned. Means of %d worlds, outside %s.",
             weakened.mean, over.mean, begun.n, worlds_region_name(w, w->incumbent));
    view_card(sink, "programmes", "programmes", "Do programmes live?", answer.text, detail.text);
}

static void card_shortage(const worlds *w, const view_sink *sink)
{
    view_words answer = {0}, detail = {0};
    const char *where = "";
    worlds_estimate worst = {.mean = -1};
    int32_t at = 0;
    for (const worlds_number *n; (n = worlds_next(w, "shortage", &at));) {
        worlds_estimate e = worlds_estimate_of(w, n);
        if (e.mean > worst.mean) {
            worst = e;
            where = n->region;
        }
    }
    const worlds_number *peak = worlds_find(w, "shortage_worst", where, "");
    if (worst.mean < 0 || !peak)
        return;
    worlds_estimate top = worlds_estimate_of(w, peak);
    view_say(&answer, "%s: %.2f %% (± %.2f) of critical use over all months.",
             worlds_region_name(w, where), 100 * worst.mean, 100 * worst.error);
    view_say(&detail,
             "In its worst month %.0f %% was not served (median; %.0f to %.0f in " RANGE ").",
             100 * top.middle, 100 * top.lowest, 100 * top.highest);
    view_card(sink, "shortage", "costs", "Who goes short most?", answer.text, detail.text);
}

/* ----------------------------------------------------------------------------- how sure it is */

static void card_sound(const worlds *w, const view_sink *sink)
{
    view_words answer = {0};
    if (w->broken == 0)
        return;
    view_say(&answer, "No: %d of %d broke off, because the market of a month was not certified.",
             w->broken, w->runs);
    view_card(
        sink, "sound", "method", "Are all worlds sound?", answer.text,
        "Dates take such a world as a life cut short when it broke; bands hold its years until "
        "then; sums and counts leave it out. If what breaks a world is related to the answer, "
        "the answer is off. Outcome broken_month says which and when.");
}

static void card_record(const worlds *w, const view_sink *sink)
{
    int32_t n, years = 0, in80 = 0, in90 = 0;
    const worlds_point *p = worlds_points(w, &n);
    view_words answer = {0}, detail = {0};
    for (int32_t i = 0; i < n; i++) {
        years += p[i].is_year;
        in80 += p[i].is_in80;
        in90 += p[i].is_in90;
    }
    if (years == 0)
        return;
    view_say(&answer, "%d of %d yearly figures lie in the band of 80 %% of worlds (%.0f %%).", in80,
             years, 100.0 * in80 / years);
    view_say(
        &detail,
        "In that of 90 %%: %d. A band that is right holds as many as its name says; "
        "figures of one series are not independent of each other. Prices and mine output only. "
        "Before %s plants and permits follow the record, so those years prove less.",
        in90,
        view_manifest(&w->view, "decisions") ? view_manifest(&w->view, "decisions") : "decisions");
    view_card(sink, "record", "independence", "Does the record lie within the bands?", answer.text,
              detail.text);
}

static void card_inputs(const worlds *w, const view_sink *sink)
{
    int32_t recalled = 0, assumed = 0;
    const view_world *v = &w->view;
    view_words answer = {0}, detail = {0};
    for (int32_t i = 0; i < v->facts; i++) {
        recalled += text_equal(v->fact[i].grade, "C");
        assumed += text_equal(v->fact[i].grade, "D");
    }
    if (v->facts == 0)
        return;
    view_say(&answer,
             "%.0f %% of %d input numbers are assumed (grade D), %.0f %% recalled or judged (C).",
             100.0 * assumed / v->facts, (int)v->facts, 100.0 * recalled / v->facts);
    view_say(&detail,
             "What is uncertain was drawn anew for each world, so the intervals hold it; that "
             "the model itself may be wrong they do not hold.");
    view_card(sink, "inputs", "quality", "How much of this rests on assumptions?", answer.text,
              detail.text);
}

void worlds_cards(const worlds *w, const view_sink *sink)
{
    card_break_free(w, sink);
    card_others(w, sink);
    card_independence(w, sink);
    card_dependence(w, sink);
    card_projects(w, sink);
    card_boom(w, sink);
    card_first_mine(w, sink);
    card_cost(w, sink);
    card_programmes(w, sink);
    card_shortage(w, sink);
    card_sound(w, sink);
    card_record(w, sink);
    card_inputs(w, sink);
}
