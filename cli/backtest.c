/* backtest.c - worlds of a case against the record, misses first. */
#include "cli.h"

#include "base/calendar.h"
#include "model/model.h"
#include "study/backtest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const cli_option options_backtest[] = {
    {"worlds", 'n', "N", "how many worlds from each start; 64 when not given"},
    {"seed", 0, "N", "seed of the ensembles; 1 when not given"},
    {"output", 'o', "RESULT", "result file to make; refused when it exists"},
    {"force", 'f', NULL, "replace an existing result"},
    {"free-from", 0, "MONTHS", "worlds that decide from these on, such as 2005-01,2010-01, or never; every fifth January when not given"},
    {"hindcast-from", 0, "MONTH", "simple forecasts know what was observed before it"},
    {"observations", 0, "FILE.csv", "score this table in place of the case's own"},
    {"resume", 0, NULL, "go on with what was left unfinished at RESULT.part"},
    {"shard", 0, "I/N", "do only the worlds of the I-th of N parts; RESULT is then for --take"},
    {"take", 0, "PART", "worlds done by a shard; may be repeated"},
    {"accept", 0, NULL, "keep the worlds that the record does not rule out"},
    {"threads", 'j', "N", "worlds are shared by so many threads; all processors when not given"},
    CLI_OVERLAY,
    CLI_SET,
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

#define SHOWN 20 /* scores of a table on the terminal */

static const char *start_text(int32_t start, char text[8])
{
    if (start == YT_NONE)
        return "dated";
    calendar_format(start, text);
    return text;
}

/* ----------------------------------------------------------------------------------- JSON */

static void write_score(json_writer *w, const judge_score *s)
{
    json_begin_object(w);
    json_key_text(w, "series", s->series);
    json_key_text(w, "kind", s->kind);
    json_key_text(w, "variable", s->variable);
    json_key_text(w, "product", s->product);
    json_key_text(w, "place", s->place);
    json_key_integer(w, "n", s->n);
    json_key_integer(w, "read", s->read);
    json_key_integer(w, "unknown", s->unknown);
    json_key_number(w, "skill", s->skill);
    json_key_number(w, "rmsle", s->rmsle);
    json_key_number(w, "crps", s->crps);
    json_key_number(w, "coverage80", s->coverage80);
    json_key_number(w, "mae_points", s->mae);
    json_key_number(w, "bias", s->bias);
    json_key_number(w, "pairs", s->pairs);
    json_key_integer(w, "years", s->yearly);
    json_key_number(w, "skill_trend", s->skill_trend);
    json_key_number(w, "skill_step", s->skill_step);
    json_key_number(w, "timing_months", s->timing);
    json_key_numbers(w, "pit", s->pit, JUDGE_PIT);
    json_key_text(w, "reason", s->reason);
    json_end_object(w);
}

static void write_range(json_writer *w, const char *key, double low, double high)
{
    json_key(w, key);
    json_begin_array(w);
    json_number(w, low);
    json_number(w, high);
    json_end_array(w);
}

static void write_target(json_writer *w, const backtest_target *t)
{
    char start[8];
    json_begin_object(w);
    json_key_text(w, "id", t->id);
    json_key_text(w, "event", t->event);
    json_key_text(w, "start", start_text(t->start, start));
    json_key_text(w, "fact", t->fact);
    write_range(w, "target", t->low, t->high);
    json_key_number(w, "value", t->value);
    write_range(w, "interval80", t->q10, t->q90);
    json_key_text(w, "unit", t->unit);
    json_key_integer(w, "worlds", t->n);
    json_key_bool(w, "inside", t->inside);
    json_end_object(w);
}

static void write_forecast(json_writer *w, const backtest_target *t)
{
    char start[8];
    json_begin_object(w);
    json_key_text(w, "id", t->id);
    json_key_text(w, "published", t->published);
    json_key_text(w, "start", start_text(t->start, start));
    json_key_text(w, "fact", t->fact);
    write_range(w, "claim", t->claim_low, t->claim_high);
    json_key_number(w, "claim_share", t->claim);
    write_range(w, "happened", t->low, t->high);
    json_key_number(w, "happened_share", t->share);
    json_key_number(w, "value", t->value);
    write_range(w, "interval80", t->q10, t->q90);
    json_key_text(w, "unit", t->unit);
    json_key_integer(w, "worlds", t->n);
    json_key_bool(w, "inside", t->inside);
    json_key_text(w, "verdict", t->verdict);
    json_end_object(w);
}

static void write_published(json_writer *w, const backtest *b, const backtest_published *p)
{
    json_begin_object(w);
    json_key_text(w, "id", p->id);
    json_key_text(w, "kind", "published");
    json_key_text(w, "what", p->kind);
    json_key_text(w, "study", p->study);
    json_key_text(w, "finding", p->finding);
    json_key_text(w, "tolerance", p->tolerance);
    json_key_text(w, "grade", p->grade);
    json_key_text(w, "answered_by", backtest_answered_by(p));
    json_key_text(w, "why", p->why);
    json_key_integer(w, "parts", p->parts);
    json_key_integer(w, "parts_inside", p->parts_inside);
    json_key(w, "inside");
    if (p->parts > 0)
        json_bool(w, p->inside);
    else
        json_nothing(w);
    json_key(w, "targets");
    json_begin_array(w);
    for (int32_t i = 0; i < b->targets; i++)
        if (!strcmp(b->target[i].published, p->id))
            write_target(w, &b->target[i]);
    json_end_array(w);
    json_end_object(w);
}

static void write_band(json_writer *w, const backtest_band *band)
{
    char start[8];
    json_begin_object(w);
    json_key_text(w, "start", start_text(band->start, start));
    json_key_text(w, "measure", band->measure);
    json_key_text(w, "stage", band->stage);
    json_key_integer(w, "years", band->years);
    json_key_number(w, "coverage80", band->years > 0 ? (double)band->covered / band->years : NAN);
    json_key_number(w, "crps", band->crps);
    json_key_number(w, "persistence", band->persistence);
    json_end_object(w);
}

static void write_accepted(json_writer *w, const backtest *b)
{
    json_key(w, "accepted");
    json_begin_array(w);
    for (int32_t i = 0; i < b->worlds; i++)
        if (b->accepted[i])
            json_whole(w, i);
    json_end_array(w);
    json_key_numbers(w, "implausibility", b->implausibility, (size_t)b->worlds);
    json_key(w, "learned");
    json_begin_array(w);
    for (int32_t i = 0; i < b->parameters && i < SHOWN; i++) {
        json_begin_object(w);
        json_key_text(w, "parameter", b->parameter[i].name);
        json_key_number(w, "mean", b->parameter[i].mean);
        json_key_number(w, "spread", b->parameter[i].spread);
        json_key_number(w, "distance", b->parameter[i].distance);
        json_end_object(w);
    }
    json_end_array(w);
}

static void write_json(cli *c, const backtest_options *options, const backtest *b)
{
    json_writer w = cli_json_begin(c);
    json_key_text(&w, "result", options->result);
    json_key_integer(&w, "worlds", b->worlds);
    json_key_integer(&w, "rows", b->rows);
    json_key_integer(&w, "compared", b->compared);
    json_key(&w, "broken");
    json_begin_array(&w);
    for (int32_t i = 0; i <= b->starts; i++)
        json_whole(&w, b->broken[i]);
    json_end_array(&w);
    json_key(&w, "scores");
    json_begin_array(&w);
    for (int32_t i = 0; i < b->scores; i++)
        write_score(&w, &b->score[i]);
    json_end_array(&w);
    json_key(&w, "events");
    json_begin_array(&w);
    for (int32_t i = 0; i < b->targets; i++)
        if (b->target[i].kind == TARGET_EVENT)
            write_target(&w, &b->target[i]);
    json_end_array(&w);
    json_key(&w, "forecasts");
    json_begin_array(&w);
    for (int32_t i = 0; i < b->targets; i++)
        if (b->target[i].kind == TARGET_FORECAST)
            write_forecast(&w, &b->target[i]);
    json_end_array(&w);
    json_key(&w, "published");
    json_begin_array(&w);
    for (int32_t i = 0; i < b->publisheds; i++)
        write_published(&w, b, &b->published[i]);
    json_end_array(&w);
    json_key(&w, "free");
    json_begin_array(&w);
    for (int32_t i = 0; i < b->bands; i++)
        write_band(&w, &b->band[i]);
    json_end_array(&w);
    if (b->accepted)
        write_accepted(&w, b);
    cli_json_end(c, &w);
}

/* ----------------------------------------------------------------------------------- text */

/* Worse first: totals, then what has the largest error in units of its kind. */
static double badness(const judge_score *s)
{
    if (s->n == 0)
        return -1;
    return isfinite(s->mae) ? s->mae / 10 : s->rmsle;
}

/* Totals, and products scored by worlds that were chosen without them. */
static bool is_summary(const judge_score *s)
{
    return !strcmp(s->series, "all") || !strcmp(s->series, "left out");
}

static int worse(const void *a, const void *b)
{
    const judge_score *x = *(judge_score *const *)a, *y = *(judge_score *const *)b;
    bool all_x = is_summary(x), all_y = is_summary(y);
    if (all_x != all_y)
        return all_x ? -1 : 1;
    double p = badness(x), q = badness(y);
    return (p < q) - (p > q);
}

/* A number with so many decimals, a sign where it may be below 0, and what follows it. */
typedef struct cell {
    char text[24];
} cell;

static cell show(double value, int decimals, bool is_signed, const char *after)
{
    cell made = {"-"};
    if (isfinite(value))
        snprintf(made.text, sizeof made.text, "%s%.*f%s", is_signed && value >= 0 ? "+" : "",
                 decimals, value, after);
    return made;
}

static cell show_digits(double value)
{
    cell made = {"-"};
    if (isfinite(value))
        snprintf(made.text, sizeof made.text, "%.*g", value > 1900 && value < 2100 ? 6 : 4, value);
    return made;
}

static void say_score(FILE *out, const judge_score *s)
{
    bool is_share = isfinite(s->mae), is_total = !strcmp(s->series, "all");
    cell error =
        show(is_share ? s->mae : s->rmsle, is_share ? 1 : 2, false, is_share ? " pts" : "");
    cell bias = show(s->bias, is_share ? 1 : 2, true, "");
    cell covered = show(100 * s->coverage80, 0, false, " %");
    cell skill = show(s->skill, 2, true, ""), step = show(s->skill_step, 2, true, "");
    fprintf(out, "%-9s %-12.12s %-22.22s %-20.20s %4d %9s %7s %7s %6s %6s  %s\n", s->kind,
            is_total && !*s->variable        ? "all"
            : !strcmp(s->series, "left out") ? "left out"
                                             : s->variable,
            s->product, s->place, (int)s->n, error.text, bias.text, covered.text, skill.text,
            step.text, s->reason);
}

static void say_scores(cli *c, FILE *out, const backtest *b)
{
    const judge_score **order = calloc((size_t)b->scores + 1, sizeof *order);
    int32_t shown = 0;
    for (int32_t i = 0; order && i < b->scores; i++)
        order[i] = &b->score[i];
    if (!order)
        return;
    qsort(order, (size_t)b->scores, sizeof *order, worse);
    fprintf(out, "%-9s %-12s %-22s %-20s %4s %9s %7s %7s %6s %6s  %s\n", "kind", "variable",
            "product", "place", "rows", "error", "bias", "in 80%", "skill", "step", "why");
    for (int32_t i = 0; i < b->scores && (shown < SHOWN || c->verbose); i++)
        if (order[i]->n > 0) {
            say_score(out, order[i]);
            shown++;
        }
    free(order);
}

static void say_target(FILE *out, const backtest_target *t)
{
    cell value = show_digits(t->value), q10 = show_digits(t->q10), q90 = show_digits(t->q90),
         low = show_digits(t->low), high = show_digits(t->high);
    char start[8];
    fprintf(out, "%-7s %-8s %-8s %-22s %8s [%s, %s] target %s to %s %s: %s\n",
            t->n == 0   ? "none"
            : t->inside ? "inside"
                        : "MISSED",
            t->event, start_text(t->start, start), t->id, value.text, q10.text, q90.text, low.text,
            high.text, t->unit, t->fact);
}

static void say_targets(FILE *out, const backtest *b)
{
    int32_t inside = 0, known = 0;
    for (int32_t i = 0; i < b->targets; i++)
        if (b->target[i].kind == TARGET_EVENT) {
            known += b->target[i].n > 0;
            inside += b->target[i].inside;
        }
    fprintf(out, "\nEvents: %d of %d targets inside; misses first\n", (int)inside, (int)known);
    for (int pass = 0; pass < 2; pass++)
        for (int32_t i = 0; i < b->targets; i++)
            if (b->target[i].kind == TARGET_EVENT && b->target[i].inside == (pass == 1))
                say_target(out, &b->target[i]);
}

/* "30 to 100", "1 or more" */
static void say_range(FILE *out, double low, double high)
{
    cell from = show_digits(low), to = show_digits(high);
    if (isfinite(high))
        fprintf(out, "%s to %s", from.text, to.text);
    else
        fprintf(out, "%s or more", from.text);
}

static void say_forecasts(FILE *out, const backtest *b)
{
    bool is_first = true;
    for (int32_t i = 0; i < b->targets; i++) {
        const backtest_target *t = &b->target[i];
        char start[8];
        if (t->kind != TARGET_FORECAST)
            continue;
        if (is_first)
            fprintf(out, "\nForecasts that failed, asked again of worlds that decide from their "
                         "date on\n");
        is_first = false;
        fprintf(out, "%-7s %-18s %s  %s\n        said ", t->inside ? "humble" : "MISSED", t->id,
                start_text(t->start, start), t->fact);
        say_range(out, t->claim_low, t->claim_high);
        fprintf(out, " %s: %.0f %% of worlds; happened ", t->unit, 100 * t->claim);
        say_range(out, t->low, t->high);
        fprintf(out, ": %.0f %% of worlds; median %s; %s\n", 100 * t->share,
                show_digits(t->value).text, t->verdict);
    }
}

static void say_part(FILE *out, const backtest_target *t)
{
    char start[8];
    fprintf(out, "          %s %s (%s): %s %s, ",
            t->n == 0   ? "untold"
            : t->inside ? "inside"
                        : "missed",
            t->id, start_text(t->start, start), show_digits(t->value).text, t->unit);
    say_range(out, t->low, t->high);
    fprintf(out, " asked\n");
}

static void say_published(cli *c, FILE *out, const backtest *b)
{
    if (b->publisheds == 0)
        return;
    fprintf(out,
            "\nPublished results: %d of %d that can be answered here are inside; misses first\n",
            (int)b->published_inside, (int)b->published_known);
    for (int pass = 0; pass < 4; pass++)
        for (int32_t i = 0; i < b->publisheds; i++) {
            const backtest_published *p = &b->published[i];
            int class = p->parts > 0 ? p->inside : p->by_ranks ? 2 : 3;
            if (class != pass)
                continue;
            static const char *const word[] = {"MISSED", "inside", "screen", "none"};
            const char *why = class == 2 ? "shock --screen compares the ranks" : p->why;
            fprintf(out, "%-7s %-20s %s%s%s\n", word[class], p->id, p->study, *why ? ": " : "",
                    why);
            for (int32_t k = 0; k < b->targets && (class == 0 || c->verbose); k++)
                if (!strcmp(b->target[k].published, p->id) && b->target[k].kind != TARGET_FORECAST)
                    say_part(out, &b->target[k]);
        }
}

static void say_bands(FILE *out, const backtest *b)
{
    char start[8];
    if (b->bands > 0)
        fprintf(out,
                "\nWorlds that decide, outside the incumbent, beside the dated record\n"
                "%-8s %-24s %-18s %5s %7s %7s %12s\n",
                "start", "measure", "stage", "years", "in 80%", "crps", "persistence");
    for (int32_t i = 0; i < b->bands; i++) {
        const backtest_band *band = &b->band[i];
        if (band->years > 0)
            fprintf(out, "%-8s %-24s %-18s %5d %5.0f %% %7.3g %12.3g\n",
                    start_text(band->start, start), band->measure, band->stage, (int)band->years,
                    100.0 * band->covered / band->years, band->crps, band->persistence);
    }
}

static void say_accepted(FILE *out, const backtest *b)
{
    if (!b->accepted)
        return;
    fprintf(out, "\n%d of %d worlds are not ruled out by %d groups of rows\n",
            (int)b->accepted_worlds, (int)b->worlds, (int)b->groups_used);
    for (int32_t k = 0; k < 8 && b->ruled_out_name[k]; k++)
        fprintf(out, "  %4d worlds are more than 3 standard deviations from %s\n",
                (int)b->ruled_out_by[k], b->ruled_out_name[k]);
    if (b->accepted_worlds == 0)
        return;
    fprintf(out, "  %d of %d parameters moved beyond the 1 %% point, %.0f would by chance: %s\n",
            (int)b->moved, (int)b->draws, b->moved_by_chance,
            b->moved > 2 * b->moved_by_chance ? "the others remain unidentified"
                                              : "all remain unidentified");
    for (int32_t i = 0; i < b->parameters && i < 8 && b->moved > 2 * b->moved_by_chance; i++)
        fprintf(out, "  %-60s mean share %.2f, spread %.2f\n", b->parameter[i].name,
                b->parameter[i].mean, b->parameter[i].spread);
}

static void tell(cli *c, const backtest_options *options, const backtest *b)
{
    FILE *out = c->json ? NULL : cli_out(c);
    if (c->json) {
        write_json(c, options, b);
        return;
    }
    if (!out)
        return;
    fprintf(out, "%d of %d rows of the record can be compared, %d worlds\n\n", (int)b->compared,
            (int)b->rows, (int)b->worlds);
    say_scores(c, out, b);
    say_targets(out, b);
    say_forecasts(out, b);
    say_published(c, out, b);
    say_bands(out, b);
    say_accepted(out, b);
    for (int32_t i = 0; i <= b->starts; i++) {
        char start[8];
        int32_t from = i == 0 ? YT_NONE : b->start[i - 1];
        if (b->broken[i] > 0)
            cli_say(c, "%s: %d of %d worlds broke off; what they said before counts",
                    start_text(from, start), (int)b->broken[i], (int)b->worlds);
    }
}

/* -------------------------------------------------------------------------------- options */

/* "2005-01,2010-01" */
static bool read_starts(const cli *c, const yt_model *model, int32_t start[BACKTEST_ASKED],
                        int32_t *n)
{
    const char *text = cli_value(c, "free-from", NULL);
    *n = text ? 0 : BACKTEST_EVERY_FIFTH;
    if (!text || !strcmp(text, "never"))
        return true;
    while (*text) {
        size_t length = strcspn(text, ",");
        char word[16];
        int32_t last;
        if (length < sizeof word)
            memcpy(word, text, length);
        word[length < sizeof word ? length : 0] = '\0';
        if (*n == BACKTEST_ASKED || !calendar_parse(word, &start[*n], &last) ||
            start[*n] < model->start || start[*n] > model->end) {
            cli_usage(c, "--free-from %.*s: write months of the case, such as 2005-01,2010-01",
                      (int)length, text);
            return false;
        }
        ++*n;
        text += length + (text[length] == ',');
    }
    return true;
}

static bool read_numbers(cli *c, backtest_options *options)
{
    int64_t number = 64, seed = 1;
    options->hindcast_from = YT_NONE;
    bool fine = cli_integer(c, "worlds", 1, 1000000, &number) &&
                cli_integer(c, "seed", 0, INT64_MAX, &seed) && cli_threads(c, &options->threads) &&
                cli_month(c, "hindcast-from", false, &options->hindcast_from);
    fine = fine && cli_shard(c, &options->shard, &options->shards);
    options->shards = options->shards > 1 ? options->shards : 0;
    options->worlds = (int32_t)number;
    options->seed = (uint64_t)seed;
    return fine;
}

int command_backtest(cli *c)
{
    backtest_options options = {.overwrite = cli_has(c, "force"),
                                .accept = cli_has(c, "accept"),
                                .observations = cli_value(c, "observations", NULL),
                                .result = cli_value(c, "output", NULL)};
    int32_t start[BACKTEST_ASKED];
    if (!cli_operands(c, 1, 1) || !read_numbers(c, &options))
        return yt_status_exit_code(YT_EUSAGE);
    options.resume = cli_has(c, "resume");
    options.take = cli_values(c, "take", &options.takes);
    if (!options.result && (options.resume || options.shards > 0))
        return cli_usage(c, "worlds are kept beside a result: -o backtest.ytt");
    yt_model *model = NULL;
    yt_status status = cli_load_case(c, c->operand[0], &model);
    if (status)
        return yt_status_exit_code(status);
    if (!read_starts(c, model, start, &options.starts)) {
        yt_model_free(model);
        return yt_status_exit_code(YT_EUSAGE);
    }
    char *command = cli_command_line(c);
    options.command = command ? command : "backtest";
    options.free_from = start;
    options.no_forecasts = !strcmp(cli_value(c, "free-from", ""), "never");
    cli_progress progress = cli_progress_start(c, "backtest", options.worlds);
    options.progress = cli_progress_step;
    options.context = &progress;
    backtest answer;
    status = study_backtest(model, &options, c->log, &answer);
    cli_progress_end(&progress);
    if (!status && options.shards > 0)
        cli_say(c, "%s: %d blocks of worlds; give them to backtest --take", options.result,
                (int)answer.blocks);
    else if (!status)
        tell(c, &options, &answer);
    else if (answer.blocks > 0)
        cli_say(c, "%s.part keeps %d blocks of worlds: --resume goes on", options.result,
                (int)answer.blocks);
    backtest_free(&answer);
    free(command);
    yt_model_free(model);
    return yt_status_exit_code(status);
}
