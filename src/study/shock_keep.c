/* shock_keep.c - answers of a shock, or of a screen, into a result file. */
#include "study/shock.h"

#include "base/calendar.h"
#include "base/stats.h"
#include "network/network.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------- paths */

/* Of a month, what the worlds that are followed know, sorted; how many do. */
static int32_t known_in(const shock_result *r, int32_t path, int32_t month, double *known)
{
    int32_t n = 0, paths = shock_path_count(r->answer);
    for (int32_t w = 0; w < r->followed; w++) {
        float value =
            r->path[((size_t)w * (size_t)paths + (size_t)path) * (size_t)r->months + (size_t)month];
        if (isfinite(value))
            known[n++] = value;
    }
    stats_sort(known, n);
    return n;
}

/* Is there anything to see: a price, a stock, something missing, somebody who is due something? */
static bool is_empty_path(const shock_result *r, int32_t path)
{
    int32_t paths = shock_path_count(r->answer);
    for (int32_t w = 0; w < r->followed; w++)
        for (int32_t k = 0; k < r->months; k++) {
            float value =
                r->path[((size_t)w * (size_t)paths + (size_t)path) * (size_t)r->months + (size_t)k];
            if (isfinite(value) && fabsf(value) > 1e-6f)
                return false;
        }
    return true;
}

static yt_status keep_path(const shock_plan *p, const shock_result *r, int32_t path, double *known,
                           yt_store *store, yt_log *log)
{
    shock_key key = shock_path_key(r->answer, path);
    yt_status status =
        STORE_ROW(store, log, "d_path", STORE_NUMBER(path), STORE_TEXT(key.name),
                  STORE_TEXT(key.region), STORE_TEXT(key.about), STORE_TEXT(key.unit));
    for (int32_t k = 0; !status && k < r->months; k++) {
        int32_t n = known_in(r, path, k, known);
        if (n > 0)
            status = STORE_ROW(store, log, "f_path", STORE_NUMBER(path), STORE_NUMBER(p->start + k),
                               STORE_NUMBER(n), STORE_NUMBER(stats_mean(known, n)),
                               STORE_NUMBER(stats_quantile(known, n, 0.1)),
                               STORE_NUMBER(stats_quantile(known, n, 0.5)),
                               STORE_NUMBER(stats_quantile(known, n, 0.9)));
    }
    return status;
}

static yt_status keep_paths(const shock_plan *p, const shock_result *r, yt_store *store,
                            yt_log *log)
{
    double *known = malloc(((size_t)r->followed + 1) * sizeof *known);
    yt_status status = known ? YT_OK : YT_ENOMEM;
    for (int32_t i = 0; !status && r->path && i < shock_path_count(r->answer); i++)
        if (!is_empty_path(r, i))
            status = keep_path(p, r, i, known, store, log);
    free(known);
    return status;
}

/* ------------------------------------------------------------------------- measures and stocks */

static yt_status keep_measures(const shock_result *r, yt_store *store, yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; !status && i < r->measures; i++) {
        const shock_measure_row *m = &r->measure[i];
        status =
            STORE_ROW(store, log, "f_measure", STORE_TEXT(m->name), STORE_TEXT(m->what),
                      STORE_NUMBER(m->loss), STORE_NUMBER(m->loss_avoided), STORE_NUMBER(m->unmet));
    }
    return status;
}

static yt_status keep_stocks(const shock_result *r, const shock_options *options, yt_store *store,
                             yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t w = 0; !status && !isnan(options->limit) && w < r->worlds; w++)
        status = STORE_ROW(store, log, "f_least_stock", STORE_NUMBER(w),
                           STORE_NUMBER(r->least_stock[w]));
    return status;
}

static yt_status keep_lines(const yt_network *net, const shock_bom *bom, yt_store *store,
                            yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t i = 0; bom && i < bom->products; i++) {
        int32_t number = 0;
        for (int32_t k = 0; !status && k < bom->parts; k++) {
            const shock_part *part = &bom->part[k];
            if (part->product != i)
                continue;
            const char *good = part->commodity != YT_NONE ? net->commodities.id[part->commodity]
                                                          : net->elements.id[part->element];
            status = STORE_ROW(store, log, "f_part", STORE_TEXT(bom->product[i]),
                               STORE_TEXT(net->regions.id[bom->region[i]]), STORE_NUMBER(number),
                               STORE_TEXT(good), STORE_NUMBER(part->per_unit),
                               STORE_NUMBER(part->stock));
            number++;
        }
    }
    return status;
}

yt_status shock_keep(const shock_plan *p, const yt_network *net, const shock_bom *bom,
                     const shock_result *r, const shock_options *options, yt_store *store,
                     yt_log *log)
{
    yt_status status = keep_paths(p, r, store, log);
    if (!status)
        status = keep_measures(r, store, log);
    if (!status)
        status = keep_stocks(r, options, store, log);
    if (!status)
        status = keep_lines(net, bom, store, log);
    return status;
}

/* -------------------------------------------------------------------------------- the screen */

static yt_status keep_row(const yt_network *net, const screen_row *row, yt_store *store,
                          yt_log *log)
{
    yt_status status = YT_OK;
    const char *element = net->elements.id[row->element], *origin = net->regions.id[row->origin];
    for (int l = 0; !status && l < SCREEN_LENGTHS; l++) {
        status = STORE_ROW(store, log, "f_exposure", STORE_TEXT(element), STORE_TEXT(origin),
                           STORE_NUMBER(screen_length[l]), STORE_NUMBER(row->usual),
                           STORE_NUMBER(row->loss[l]), STORE_NUMBER(row->weighted[l]),
                           STORE_NUMBER(row->unmet[l]));
        for (int32_t u = 0; !status && u < net->end_uses.count && isfinite(row->loss[l]); u++)
            status =
                STORE_ROW(store, log, "f_exposure_use", STORE_TEXT(element), STORE_TEXT(origin),
                          STORE_NUMBER(screen_length[l]), STORE_TEXT(net->end_uses.id[u]),
                          STORE_NUMBER(row->by_end_use[l * net->end_uses.count + u]));
    }
    return status;
}

/* "A=1;B=0.5": weights that are not all alike; "": every user counts once. */
static void write_weights(const yt_network *net, const double *weight, char *text, size_t size)
{
    bool all_one = true;
    size_t used = 0;
    text[0] = '\0';
    for (int32_t u = 0; u < net->end_uses.count; u++)
        all_one &= weight[u] == 1;
    for (int32_t u = 0; !all_one && u < net->end_uses.count && used < size; u++)
        if (weight[u] > 0) {
            int n = snprintf(text + used, size - used, "%s%s=%g", used ? ";" : "",
                             net->end_uses.id[u], weight[u]);
            used += n > 0 ? (size_t)n : 0;
        }
}

static yt_status finish_screen(const yt_model *model, const yt_network *net,
                               const screen_options *options, const screen_result *r,
                               const screen_target *target, yt_store *store, yt_log *log)
{
    char seed[24], runs[16], broken[16], from[8], weights[512], seconds[32];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)options->seed);
    snprintf(runs, sizeof runs, "%d", options->worlds > 0 ? (int)options->worlds : 1);
    snprintf(broken, sizeof broken, "%d", (int)r->broken);
    snprintf(seconds, sizeof seconds, "%.2f", r->seconds);
    calendar_format(options->start, from);
    write_weights(net, options->weight, weights, sizeof weights);
    const store_fact fact[] = {{"study", "screen"},
                               {"case_hash", model->hash},
                               {"screen_from", from},
                               {"screen_goods", options->mostly ? "mostly" : "embodied"},
                               {"felt", options->felt ? options->felt : ""},
                               {"weights", weights},
                               {"runs", runs},
                               {"worlds", options->worlds > 0 ? "drawn" : "the world of modes"},
                               {"broken_cells", broken},
                               {"seed", seed},
                               {"version", yt_version()},
                               {"command", target->command},
                               {"seconds_simulating", seconds}};
    return store_finish(store, fact, sizeof fact / sizeof *fact, log);
}

yt_status screen_keep(const yt_model *model, const yt_network *net, const screen_options *options,
                      const screen_result *r, const screen_target *target, yt_log *log)
{
    const store_layout no_series = {0};
    yt_store *store = NULL;
    yt_status status =
        store_create(target->path, target->overwrite, model, &no_series, log, &store);
    for (int32_t i = 0; !status && i < r->rows; i++)
        status = keep_row(net, &r->row[i], store, log);
    if (status) {
        store_abandon(store);
        return status;
    }
    return finish_screen(model, net, options, r, target, store, log);
}
