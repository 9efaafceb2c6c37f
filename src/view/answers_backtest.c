/* answers_backtest.c - view.json of a backtest ("ytterby/backtest/1"), and its first screen. */
#include "view/answers.h"
#include "view/words.h"

#include "base/math.h"

#include <math.h>
#include <stdlib.h>

/* How far a target is missed, as a factor of the bound that is missed: dates and what may be 0
 * by difference.  Those nobody can answer come last. */
#define OFF                                                                                        \
    "CASE WHEN t.inside OR t.worlds = 0 THEN 0"                                                    \
    " WHEN t.unit = 'date' THEN 1 + max(t.low - t.value, t.value - coalesce(t.high, t.value))"     \
    " WHEN t.value < t.low THEN min(t.low / max(t.value, 1e-3), 1000)"                             \
    " ELSE min(t.value / max(t.high, 1e-3), 1000) END"

static const char *const targets_sql =
    "SELECT t.id, t.event, t.start, t.fact, t.low, t.high, t.q10, t.value, t.q90, t.unit, t.worlds,"
    " t.inside, " OFF " AS off, c.how, c.source, c.grade, c.note,"
    " (SELECT s.reason FROM score s WHERE s.series = c.series AND s.product = c.product"
    " AND s.place = c.place AND s.reason <> '' LIMIT 1) AS reason"
    " FROM event_target t LEFT JOIN target c ON c.id = t.id"
    " ORDER BY t.worlds = 0, t.inside, off DESC, t.event, t.id, t.start";

/* worst first: points of shares over 10 beside errors of logarithms */
static const char *const scores_sql =
    "SELECT kind, series, variable, product, place, rows, read, unknown, rmsle, mae, bias, crps,"
    " coverage80, pairs, years, skill, skill_trend, skill_step, timing, reason FROM score"
    " ORDER BY series NOT IN ('all', 'left out'), series, coalesce(mae / 10, rmsle) DESC, variable,"
    " product, place";

static const char *const rows_sql =
    "SELECT m.kind, m.series, m.variable, m.product, m.place, m.period, m.unit, m.low, m.high,"
    " m.q10, m.median, m.q90, m.paid, m.error, m.pit, m.verdict, o.source, o.grade, o.note"
    " FROM \"match\" m LEFT JOIN (SELECT series, product, place, period,"
    " group_concat(DISTINCT source) AS source, max(grade) AS grade, max(note) AS note"
    " FROM observation GROUP BY series, product, place, period) o"
    " ON o.series = m.series AND o.period = m.period AND o.product IS nullif(m.product, '')"
    " AND o.place IS nullif(m.place, '') ORDER BY m.observation";

static const char *const tenths_sql = /* how many rows have so large a share of worlds below */
    "SELECT kind, min(9, CAST(pit * 10 AS INTEGER)) AS tenth, count(*) AS rows FROM \"match\""
    " WHERE verdict IN ('covered', 'missed') AND pit IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2";

/* ---------------------------------------------------------------------------------- headline */

static double count_rows(answers *a, const char *verdict)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM \"match\" WHERE verdict = '%s'", verdict);
    return answers_ask(a, sql);
}

/* What passes, of how much, in how many worlds, and what was not asked. */
static const char *headline(answers *a)
{
    double known = answers_ask(a, "SELECT count(*) FROM event_target WHERE worlds > 0");
    double met = answers_ask(a, "SELECT total(inside) FROM event_target WHERE worlds > 0");
    double better = answers_ask(a, "SELECT count(*) FROM score WHERE skill > 0 AND series NOT IN "
                                   "('all', 'left out')");
    double judged = answers_ask(a, "SELECT count(*) FROM score WHERE skill IS NOT NULL AND series "
                                   "NOT IN ('all', 'left out')");
    double covered = count_rows(a, "covered"), missed = count_rows(a, "missed");
    view_words s = {0};
    if (known > 0)
        view_say(&s, "%.0f of %.0f targets of events are met; ", met, known);
    view_say(&s, "%.0f of %.0f rows lie in the band of 80 %% of worlds", covered, covered + missed);
    if (judged > 0)
        view_say(&s, "; of %.0f series that can be told %.0f are nearer than no change", judged,
                 better);
    view_say(&s, ". %s worlds; %.0f rows were read from inputs and are not scored.",
             answers_fact(a, "worlds"), count_rows(a, "read"));
    const char *kept = arena_strdup(a->view.memory, s.text);
    return kept ? kept : "";
}

/* ------------------------------------------------------------------------- what was learned */

/* Distance that chance exceeds once in a hundred times, of n worlds out of many (Kolmogorov and
 * Smirnov, as src/study/backtest_accept.c). */
static double chance_distance(double worlds)
{
    double root = sqrt(worlds);
    return worlds > 0 ? 1.628 / (root + 0.12 + 0.11 / root) : INFINITY;
}

static double moved_beyond(answers *a, double distance)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM learned WHERE distance > %.17g",
             isfinite(distance) ? distance : 1e9);
    return answers_ask(a, sql);
}

static void write_learned(answers *a, json_writer *w)
{
    double kept = answers_ask(a, "SELECT count(*) FROM accepted WHERE accepted");
    json_key(w, "learning");
    json_begin_object(w);
    json_key_number(w, "kept", kept);
    json_key_number(w, "parameters", answers_ask(a, "SELECT count(*) FROM learned"));
    json_key_number(w, "moved", moved_beyond(a, chance_distance(kept)));
    json_key_number(w, "byChance", 0.01 * answers_ask(a, "SELECT count(*) FROM learned"));
    json_end_object(w);
    answers_rows(a, w, "accepted",
                 "SELECT run, implausibility, accepted FROM accepted ORDER BY implausibility, run");
    answers_rows(a, w, "learned",
                 "SELECT parameter, mean, spread, distance FROM learned"
                 " ORDER BY distance DESC, parameter LIMIT 60");
}

/* What others forecast and found: of cases that have such tables. */
static void write_published(answers *a, json_writer *w)
{
    answers_rows(a, w, "forecasts",
                 "SELECT f.id, f.start, f.fact, f.claim_low, f.claim_high, f.claim_share, f.low,"
                 " f.high, f.share, f.q10, f.value, f.q90, f.unit, f.worlds, f.inside, f.verdict,"
                 " p.study, p.finding, p.source, p.grade FROM forecast_answer f LEFT JOIN published"
                 " p ON p.id = f.published ORDER BY f.worlds = 0, f.inside, f.id, f.start");
    answers_rows(a, w, "published",
                 "SELECT b.id, b.kind, b.study, b.finding, b.tolerance, b.grade, b.answered_by AS"
                 " answeredBy, b.parts, b.parts_inside AS partsInside, b.inside, b.why, p.source"
                 " FROM published_answer b LEFT JOIN published p ON p.id = b.id"
                 " ORDER BY b.inside IS NULL, b.inside, b.id");
}

void backtest_write(answers *a, json_writer *w)
{
    json_key_text(w, "headline", headline(a));
    json_key_number(w, "worlds", strtod(answers_fact(a, "worlds"), NULL));
    json_key_number(w, "broken", strtod(answers_fact(a, "broken_worlds"), NULL));
    answers_rows(a, w, "targets", targets_sql);
    answers_rows(a, w, "scores", scores_sql);
    answers_rows(a, w, "rows", rows_sql);
    answers_rows(a, w, "tenths", tenths_sql);
    answers_rows(a, w, "roles",
                 "SELECT series, \"from\", \"to\", role, tolerance, note FROM period_role");
    answers_rows(a, w, "bands",
                 "SELECT start, measure, stage, years, coverage80, crps, persistence"
                 " FROM free_band WHERE years > 0 ORDER BY start, rowid");
    answers_rows(a, w, "bandYears",
                 "SELECT start, measure, stage, year, seen, q10, median, q90 FROM free_year");
    write_learned(a, w);
    write_published(a, w);
}

/* ------------------------------------------------------------------------------------- cards */

static void card_events(answers *a, const view_sink *sink)
{
    double known = answers_ask(a, "SELECT count(*) FROM event_target WHERE worlds > 0");
    double inside = answers_ask(a, "SELECT sum(inside) FROM event_target WHERE worlds > 0");
    view_words answer = {0}, detail = {0};
    if (!(known > 0))
        return;
    view_say(&answer, "%.0f of %.0f targets are met (%.0f %%).", inside, known,
             100 * inside / known);
    view_say(
        &detail,
        "Of worlds as dated %.0f of %.0f, of worlds that decide %.0f of %.0f. A target is met when "
        "the median of the worlds lies in the range the case asks for; the ranges are no inputs.",
        answers_ask(a, "SELECT total(inside) FROM event_target WHERE start = 'dated'"),
        answers_ask(a, "SELECT count(*) FROM event_target WHERE start = 'dated' AND worlds > 0"),
        answers_ask(a, "SELECT total(inside) FROM event_target WHERE start <> 'dated'"),
        answers_ask(a, "SELECT count(*) FROM event_target WHERE start <> 'dated' AND worlds > 0"));
    view_card(sink, "events", "events", "Does it show what happened?", answer.text, detail.text);
}

static void card_bands(answers *a, const view_sink *sink)
{
    double rows = answers_ask(a, "SELECT count(*) FROM \"match\" WHERE verdict IN ('covered', "
                                 "'missed')");
    double covered = answers_ask(a, "SELECT count(*) FROM \"match\" WHERE verdict = 'covered'");
    view_words answer = {0}, detail = {0};
    if (!(rows > 0))
        return;
    view_say(&answer, "%.0f %% of %.0f rows lie in the band of 80 %% of worlds.",
             100 * covered / rows, rows);
    view_say(
        &detail,
        "Bands that are right hold 80 %%: fewer means too sure, or off. Above all worlds: "
        "%.0f rows, below all: %.0f. Rows of one series are not independent of each other.",
        answers_ask(a, "SELECT count(*) FROM \"match\" WHERE verdict = 'missed' AND pit >= 1"),
        answers_ask(a, "SELECT count(*) FROM \"match\" WHERE verdict = 'missed' AND pit <= 0"));
    view_card(sink, "bands", "calibration", "Do its bands hold the record?", answer.text,
              detail.text);
}

#define OF_ALL(column, kind)                                                                       \
    "SELECT " column                                                                               \
    " FROM score WHERE series = 'all' AND coalesce(variable, '') = '' AND kind = '" kind "'"

static void card_prices(answers *a, const view_sink *sink)
{
    double skill = answers_ask(a, OF_ALL("skill", "price"));
    double error = answers_ask(a, OF_ALL("rmsle", "price"));
    double rows = answers_ask(a, OF_ALL("rows", "price"));
    double step = answers_ask(a, OF_ALL("skill_step", "price"));
    view_words answer = {0}, detail = {0};
    if (!(rows > 0))
        return;
    if (isfinite(skill))
        view_say(&answer, "Prices: error %.0f %% %s than of no change since the start.",
                 100 * fabs(skill), skill >= 0 ? "lower" : "higher");
    else
        view_say(&answer, "Prices: off by a factor of %.2g.", yt_exp(error));
    view_say(&detail, "Root mean squared error of %.0f price rows: a factor of %.2f.", rows,
             yt_exp(error));
    if (isfinite(step))
        view_say(&detail, " One year ahead from what was observed: %.0f %% %s than of no change.",
                 100 * fabs(step), step >= 0 ? "lower" : "higher");
    view_card(sink, "prices", "scores", "Is it better than no model?", answer.text, detail.text);
}

static void card_worst(answers *a, const view_sink *sink)
{
    static const char *const from = "FROM score WHERE series NOT IN ('all', 'left out') AND rows > "
                                    "0 ORDER BY coalesce(mae / 10, rmsle) DESC LIMIT 1";
    char sql[512];
    view_words answer = {0}, detail = {0};
    char b[40];
    snprintf(sql, sizeof sql,
             "SELECT coalesce(product || ', ', '') || replace(coalesce(variable, series), '_', ' ')"
             " || coalesce(', ' || place, '') %s",
             from);
    const char *name = answers_ask_text(a, sql);
    snprintf(sql, sizeof sql, "SELECT mae %s", from);
    double points = answers_ask(a, sql);
    snprintf(sql, sizeof sql, "SELECT rmsle %s", from);
    double error = answers_ask(a, sql);
    snprintf(sql, sizeof sql, "SELECT reason %s", from);
    const char *reason = answers_ask_text(a, sql);
    if (!*name)
        return;
    if (isfinite(points))
        view_say(&answer, "%s: %.0f points off.", name, points);
    else
        view_say(&answer, "%s: a factor of %s.", name, view_short_number(yt_exp(error), b));
    if (*reason)
        view_say(&detail, "Said by the numbers: %s. Another cause may lie behind.", reason);
    else
        view_say(&detail, "The numbers give no reason.");
    view_card(sink, "worst", "scores", "What does it get most wrong?", answer.text, detail.text);
}

static void card_unscored(answers *a, const view_sink *sink)
{
    double all = answers_ask(a, "SELECT count(*) FROM \"match\"");
    double read = answers_ask(a, "SELECT count(*) FROM \"match\" WHERE verdict = 'read'");
    double scored = answers_ask(a, "SELECT count(*) FROM \"match\" WHERE verdict IN ('covered', "
                                   "'missed')");
    view_words answer = {0}, detail = {0};
    view_say(&answer, "%.0f of %.0f rows are not scored.", all - scored, all);
    view_say(&detail,
             "%.0f are read: their answer was put into the case, so they prove nothing. The other "
             "%.0f cannot be compared; each says why.",
             read, all - scored - read);
    view_card(sink, "unscored", "rows", "What is left out?", answer.text, detail.text);
}

static void card_deciding(answers *a, const view_sink *sink)
{
    double years = answers_ask(a, "SELECT sum(years) FROM free_band");
    double covered = answers_ask(a, "SELECT sum(years * coverage80) FROM free_band");
    double better = answers_ask(a, "SELECT sum(crps < persistence) FROM free_band WHERE years > 0");
    double bands = answers_ask(a, "SELECT count(*) FROM free_band WHERE years > 0");
    view_words answer = {0}, detail = {0};
    if (!(years > 0))
        return;
    view_say(&answer, "%.0f %% of years lie in the band of 80 %% of worlds.",
             100 * covered / years);
    view_say(&detail,
             "Output, capacity and shares outside the incumbent, in worlds that decide for "
             "themselves from %s on. Of %.0f bands %.0f are nearer than no change since the start.",
             answers_ask_text(
                 a, "SELECT replace(group_concat(DISTINCT start), ',', ', ') FROM free_band"),
             bands, better);
    view_card(sink, "deciding", "deciding", "And when nobody tells it what was built?", answer.text,
              detail.text);
}

static void card_forecasts(answers *a, const view_sink *sink)
{
    double known = answers_ask(a, "SELECT count(*) FROM forecast_answer WHERE worlds > 0");
    double inside = answers_ask(a, "SELECT total(inside) FROM forecast_answer WHERE worlds > 0");
    double agreed = answers_ask(a, "SELECT total(inside) FROM published_answer");
    double asked = answers_ask(a, "SELECT count(inside) FROM published_answer");
    view_words answer = {0}, detail = {0};
    if (!(known > 0) && !(asked > 0))
        return;
    if (known > 0)
        view_say(&answer, "%.0f of %.0f failed forecasts are not repeated.", inside, known);
    else
        view_say(&answer, "It agrees with %.0f of %.0f results.", agreed, asked);
    view_say(&detail, "Worlds begin when the forecast was made: they should neither repeat it with "
                      "confidence nor rule out what happened.");
    if (known > 0 && asked > 0)
        view_say(&detail, " With %.0f of %.0f published results that can be asked they agree.",
                 agreed, asked);
    view_card(sink, "forecasts", "published", "Is it humble where others were wrong?", answer.text,
              detail.text);
}

static void card_learned(answers *a, const view_sink *sink)
{
    double worlds = answers_ask(a, "SELECT count(*) FROM accepted");
    double kept = answers_ask(a, "SELECT total(accepted) FROM accepted");
    double draws = answers_ask(a, "SELECT count(*) FROM learned");
    double moved = moved_beyond(a, chance_distance(kept));
    view_words answer = {0}, detail = {0};
    if (!(worlds > 0))
        return;
    view_say(&answer, "%.0f of %.0f worlds are not ruled out.", kept, worlds);
    if (kept > 0)
        view_say(&detail,
                 "Of %.0f drawn inputs %.0f are distributed otherwise among them than chance alone "
                 "gives once in a hundred times; %.0f would be by chance. %s",
                 draws, moved, 0.01 * draws,
                 moved > 0.02 * draws ? "The others remain unidentified."
                                      : "All remain unidentified.");
    else
        view_say(&detail, "The record rules all of them out: more worlds, or another model.");
    view_card(sink, "learned", "accepted", "What does the record teach?", answer.text, detail.text);
}

static void card_sound(answers *a, const view_sink *sink)
{
    double broken = strtod(answers_fact(a, "broken_worlds"), NULL);
    view_words answer = {0};
    if (!(broken > 0))
        return;
    view_say(&answer, "No: %.0f of %s broke off.", broken, answers_fact(a, "worlds"));
    view_card(sink, "sound", "method", "Are all worlds sound?", answer.text,
              "The market of a month was not certified. What they said before counts.");
}

void backtest_cards(answers *a, const view_sink *sink)
{
    if (sink->page)
        view_card(sink, "headline", "answers", "Model against history", headline(a), "");
    card_events(a, sink);
    card_bands(a, sink);
    card_prices(a, sink);
    card_worst(a, sink);
    card_deciding(a, sink);
    card_forecasts(a, sink);
    card_learned(a, sink);
    card_unscored(a, sink);
    card_sound(a, sink);
}

void backtest_table(answers *a, FILE *page)
{
    answers_html(a, page, "Targets of events, misses first",
                 "SELECT CASE WHEN t.worlds = 0 THEN 'not answered' WHEN t.inside THEN 'met' ELSE "
                 "'missed' END AS verdict, t.event, t.start, t.fact, round(t.low, 3) AS \"from\","
                 " round(t.high, 3) AS \"to\", round(t.value, 3) AS median, round(t.q10, 3) AS"
                 " \"10 %\", round(t.q90, 3) AS \"90 %\", t.unit FROM event_target t"
                 " ORDER BY t.worlds = 0, t.inside, " OFF " DESC, t.event, t.id");
    answers_html(a, page, "Scores, worst first",
                 "SELECT kind, variable, product, place, rows, round(rmsle, 2) AS rmsle,"
                 " round(mae, 1) AS points, round(coverage80, 2) AS \"in 80 %\", round(skill, 2)"
                 " AS skill, reason FROM score WHERE rows > 0"
                 " ORDER BY coalesce(mae / 10, rmsle) DESC LIMIT 60");
}
