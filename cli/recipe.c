/* recipe.c - how an ensemble was made, so that its worlds can be made again. */
#include "recipe.h"

#include "base/calendar.h"
#include "base/text.h"
#include "model/model.h"
#include "store/read.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

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

void recipe_free(recipe *r)
{
    free(r->case_path);
    free(r->overlays);
    free(r->sets);
    free(r->case_hash);
    free(r->seed);
    free(r->decisions);
    free(r->headline);
    free(r->worlds);
    free(r->end);
    free(r->threshold);
}

yt_status recipe_read(cli *c, const char *path, recipe *r)
{
    store_reader *reader = NULL;
    yt_status status = store_reader_open(path, c->log, &reader);
    if (status)
        return status;
    sqlite3 *db = store_reader_database(reader);
    *r = (recipe){fact_of(db, "case_path"), fact_of(db, "overlays"), fact_of(db, "sets"),
                  fact_of(db, "case_hash"), fact_of(db, "seed"),     fact_of(db, "decisions"),
                  fact_of(db, "headline"),  fact_of(db, "end"),      fact_of(db, "threshold"),
                  fact_of(db, "worlds")};
    store_reader_close(reader);
    if (r->decisions && r->decisions[0])
        return YT_OK;
    log_error(c->log, YT_EDATA, place_at(path, 0, 0), "is no result of ytterby simulate");
    recipe_free(r);
    *r = (recipe){0};
    return YT_EDATA;
}

static yt_status check_world(cli *c, const recipe *r, int64_t world)
{
    int32_t worlds = INT32_MAX;
    if (!text_integer(r->worlds, &worlds) || world < worlds)
        return YT_OK;
    cli_usage(c, "the ensemble has worlds 0 to %d; --run %lld is none of them", (int)worlds - 1,
              (long long)world);
    return YT_EUSAGE;
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

yt_status recipe_load(cli *c, recipe *r, yt_model **model)
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

yt_status recipe_open_world(cli *c, const char *path, int64_t world, recipe *r, yt_model **model)
{
    *r = (recipe){0};
    *model = NULL;
    yt_status status = recipe_read(c, path, r);
    if (!status)
        status = check_world(c, r, world);
    return status ? status : recipe_load(c, r, model);
}
