/* replay.c - one world of an ensemble once more, with everything that happens in it. */
#include "cli.h"

#include "base/calendar.h"
#include "base/text.h"
#include "model/model.h"
#include "sim/sim.h"
#include "store/read.h"
#include "study/study.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const cli_option options_replay[] = {
    {"run", 0, "N", "number of the world, from 0"},
    {"trace", 0, NULL, "print what happens, month by month"},
    {"output", 'o', "RESULT", "write the world as ytterby run would"},
    {"force", 'f', NULL, "replace an existing result"},
    {"case", 0, "CASE", "where the case lies now, when it has moved"},
    CLI_JSON,
    CLI_END,
};
/* clang-format on */

/* What the ensemble's file tells of how it was made; texts on the heap. */
typedef struct recipe {
    char *case_path, *overlays, *sets, *case_hash, *seed, *decisions, *worlds, *end;
} recipe;

static char *fact_of(sqlite3 *db, const char *key)
{
    sqlite3_stmt *find = NULL;
    char *copy = NULL;
    if (sqlite3_prepare_v2(db, "SELECT value FROM manifest WHERE key = ?", -1, &find, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(find, 1, key, -1, SQLITE_STATIC);
        if (sqlite3_step(find) == SQLITE_ROW && sqlite3_column_text(find, 0))
            copy = strdup((const char *)sqlite3_column_text(find, 0));
    }
    sqlite3_finalize(find);
    return copy ? copy : strdup("");
}

static void free_recipe(recipe *r)
{
    free(r->case_path);
    free(r->overlays);
    free(r->sets);
    free(r->case_hash);
    free(r->seed);
    free(r->decisions);
    free(r->worlds);
    free(r->end);
}

static yt_status read_recipe(cli *c, const char *path, recipe *r)
{
    store_reader *reader = NULL;
    yt_status status = store_reader_open(path, c->log, &reader);
    if (status)
        return status;
    sqlite3 *db = store_reader_database(reader);
    *r = (recipe){fact_of(db, "case_path"), fact_of(db, "overlays"), fact_of(db, "sets"),
                  fact_of(db, "case_hash"), fact_of(db, "seed"),     fact_of(db, "decisions"),
                  fact_of(db, "worlds"),    fact_of(db, "end")};
    store_reader_close(reader);
    if (r->decisions && r->decisions[0])
        return YT_OK;
    log_error(c->log, YT_EDATA, place_at(path, 0, 0), "is no result of ytterby simulate");
    free_recipe(r);
    return YT_EDATA;
}

/* Cut a text into its lines, in place; returns how many. */
static int32_t split_lines(char *text, const char **line, int32_t most)
{
    int32_t n = 0;
    for (char *next = text; next && *next && n < most;) {
        char *end = strchr(next, '\n');
        line[n++] = next;
        if (end)
            *end = '\0';
        next = end ? end + 1 : NULL;
    }
    return n;
}

#define LINES_MOST 256

static yt_status load_again(cli *c, recipe *r, yt_model **model)
{
    const char *overlay[LINES_MOST], *set[LINES_MOST];
    int32_t overlays = split_lines(r->overlays, overlay, LINES_MOST);
    int32_t sets = split_lines(r->sets, set, LINES_MOST);
    const char *path = cli_value(c, "case", r->case_path);
    yt_status status = model_load_with(path, overlay, overlays, set, sets, c->log, model);
    if (status)
        return status;
    int32_t first, last;
    bool decides = calendar_parse(r->decisions, &first, &last);
    (*model)->decide_from = decides ? first : YT_NONE;
    if (strcmp((*model)->hash, r->case_hash) == 0)
        return YT_OK;
    log_error(c->log, YT_EDATA, place_at(path, 0, 0),
              "is not the case of this ensemble any more: its hash is %.12s, that was %.12s",
              (*model)->hash, r->case_hash);
    yt_model_free(*model);
    *model = NULL;
    return YT_EDATA;
}

typedef struct trace {
    FILE *out;
} trace;

static void print_month(void *context, const yt_network *net, const yt_run *run)
{
    const trace *t = context;
    char month[8];
    calendar_format(yt_run_month(run) - 1, month);
    for (int32_t i = 0; i < run->events && i < SIM_EVENTS_MOST; i++)
        fprintf(t->out, "%s  %-36s %s (%.3g)\n", month, study_subject(net, &run->event[i]),
                sim_event_describe(run->event[i].kind).text, run->event[i].value);
}

static bool show_progress(void *context, int32_t done, int32_t total, const char *answer)
{
    (void)total;
    cli_progress_show(context, done, answer);
    return !cli_is_stopped();
}

static yt_status replay(cli *c, const yt_model *model, const recipe *r, int64_t world)
{
    yt_network *network = NULL;
    yt_status status = yt_network_compile(model, c->log, &network);
    if (status)
        return status;
    int32_t first, last = YT_NONE; /* the ensemble may stop before the case does */
    calendar_parse(r->end, &first, &last);
    trace t = {cli_has(c, "trace") && !c->json ? cli_out(c) : NULL};
    char *command = cli_command_line(c);
    int32_t months = (last == YT_NONE ? model->end : last) - model->start + 1 + model->spin_up;
    cli_progress progress = cli_progress_start(c, "replay", months);
    study_options options = {.seed = strtoull(r->seed, NULL, 10),
                             .world = world,
                             .last_month = last,
                             .result = cli_value(c, "output", NULL),
                             .overwrite = cli_has(c, "force"),
                             .watch = t.out ? print_month : NULL,
                             .watcher = &t,
                             .progress = show_progress,
                             .context = &progress,
                             .command = command ? command : "replay"};
    study_summary summary;
    status = study_run(model, network, &options, c->log, &summary);
    cli_progress_end(&progress);
    free(command);
    if (!status && c->json) {
        json_writer w = cli_json_begin(c);
        json_key_integer(&w, "run", world);
        json_key_integer(&w, "months", summary.months);
        json_key_number(&w, "worst_certificate", summary.worst_certificate);
        json_key_number(&w, "worst_closure", summary.worst_closure);
        cli_json_end(c, &w);
    } else if (!status) {
        cli_say(c, "world %lld: %d months, worst certificate %.1e", (long long)world,
                (int)summary.months, summary.worst_certificate);
    }
    yt_network_free(network);
    return status;
}

int command_replay(cli *c)
{
    int64_t world = -1;
    if (!cli_operands(c, 1, 1) || !cli_integer(c, "run", 0, UINT32_MAX, &world))
        return yt_status_exit_code(YT_EUSAGE);
    if (world < 0)
        return cli_usage(c, "replay needs the number of a world: --run 8731");
    recipe r;
    yt_status status = read_recipe(c, c->operand[0], &r);
    if (status)
        return yt_status_exit_code(status);
    yt_model *model = NULL;
    int32_t worlds = INT32_MAX;
    if (text_integer(r.worlds, &worlds) && world >= worlds) {
        int code = cli_usage(c, "the ensemble has worlds 0 to %d; --run %lld is none of them",
                             (int)worlds - 1, (long long)world);
        free_recipe(&r);
        return code;
    }
    status = load_again(c, &r, &model);
    if (!status)
        status = replay(c, model, &r, world);
    yt_model_free(model);
    free_recipe(&r);
    return yt_status_exit_code(status);
}
