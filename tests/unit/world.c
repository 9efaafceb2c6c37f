/* world.c - the tiny case, loaded, compiled and ready to step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <string.h>

static world load_world(const char *overlay, int n, const char *const *sets)
{
    world w = {0};
    yt_log *log = yt_log_new();
    yt_status status =
        model_load_with("tests/cases/tiny", &overlay, overlay ? 1 : 0, sets, n, log, &w.model);
    if (!status)
        status = yt_network_compile(w.model, log, &w.net);
    if (status && yt_log_count(log, YT_ERROR) > 0)
        fail_msg("%s", yt_log_get(log, 0).text);
    assert_int_equal(YT_OK, status);
    assert_int_equal(YT_OK, yt_run_new(w.net, &w.run));
    yt_log_free(log);
    return w;
}

world world_with(int n, const char *const *sets)
{
    return load_world(NULL, n, sets);
}

world world_laid_over(const char *overlay)
{
    return load_world(overlay, 0, NULL);
}

world world_of(const char *set)
{
    return world_with(set ? 1 : 0, &set);
}

void world_free(world *w)
{
    yt_run_free(w->run);
    yt_network_free(w->net);
    yt_model_free(w->model);
}

void step_to(world *w, int32_t month)
{
    while (yt_run_month(w->run) < month && yt_run_status(w->run) == YT_OK)
        yt_step(w->net, w->run);
    assert_int_equal(YT_OK, yt_run_status(w->run));
}

int32_t end_of(const world *w)
{
    return w->net->first_month + w->net->months;
}

int32_t month_of(int32_t year, int32_t month)
{
    return year * 12 + month - 1;
}

int32_t index_of(const network_names *names, const char *id)
{
    for (int32_t i = 0; i < names->count; i++)
        if (strcmp(names->id[i], id) == 0)
            return i;
    fail_msg("no %s", id);
    return YT_NONE;
}

int32_t node_of(const world *w, const char *commodity, const char *region, node_side side)
{
    int32_t c = index_of(&w->net->commodities, commodity), r = index_of(&w->net->regions, region);
    int32_t node = network_find_node(w->net, c, r, SIDE_SINGLE);
    if (node == YT_NONE)
        node = network_find_node(w->net, c, r, side);
    assert_int_not_equal(YT_NONE, node);
    return node;
}

int32_t plant_of(const world *w, const char *facility)
{
    int32_t f = index_of(&w->net->facilities, facility);
    for (int32_t i = 0; i < w->net->plants; i++)
        if (w->net->plant[i].facility == f)
            return i;
    fail_msg("no plant %s", facility);
    return YT_NONE;
}

int32_t tech_of(const world *w, const char *region, const char *stage)
{
    return network_tech(w->net, index_of(&w->net->regions, region),
                        index_of(&w->net->stages, stage));
}

double mean_price(world *w, const char *commodity, const char *region, int32_t from, int32_t to)
{
    int32_t node = node_of(w, commodity, region, SIDE_SPOT);
    double sum = 0;
    for (step_to(w, from); yt_run_month(w->run) < to;) {
        yt_step(w->net, w->run);
        sum += VIEW(w->net, w->run, price)[node];
    }
    return sum / (to - from);
}
