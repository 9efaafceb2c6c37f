/* shock_explain.c - why a shock does little. */
#include "study/shock.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FELT 0.01 /* share of critical use unserved: more needs no explanation */

static double mean_of(const shock_result *r, const char *name)
{
    for (int32_t i = 0; i < r->numbers; i++)
        if (strcmp(shock_answer_key(r->answer, i).name, name) == 0)
            return shock_spread_of(r, i).mean;
    return NAN;
}

static bool touches_lanes(const shock_plan *p)
{
    for (int32_t i = 0; i < p->events; i++)
        if (p->event[i].kind <= SHOCK_EMBARGO)
            return true;
    return false;
}

/* What made up for most of it, t. */
static const char *largest_part(const shock_result *r, double *most)
{
    static const struct {
        const char *number, *words;
    } part[] = {{"by_other_lanes", "other origins and third countries took over"},
                {"by_routes", "routes without permit took over"},
                {"by_exports_kept", "less was shipped on"},
                {"by_mines", "mines where it is felt had capacity to spare"},
                {"by_stocks", "traders and users lived on their stocks"},
                {"by_reserve", "the reserve was released"},
                {"by_use", "users did without at once"}};
    const char *why = "waste fell";
    *most = 0;
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        double tonnes = mean_of(r, part[i].number);
        if (tonnes > *most) {
            *most = tonnes;
            why = part[i].words;
        }
    }
    return why;
}

/* Of a shock that moved nothing at all; NULL: it closes lanes, or is explained otherwise. */
static const char *explain_nothing(const shock_plan *p)
{
    static const char *const words[SHOCK_KINDS] = {
        [SHOCK_OUTAGE] = "the plants it names would not have run in these months, or nobody lacks "
                         "what they make",
        [SHOCK_SURGE] = "the end uses it names buy nothing, or no more than before",
        [SHOCK_BAN] = "know-how is asked for only when plants are built, and none that would be "
                      "built in the months watched waits for it"};
    for (int32_t i = 0; i < p->events; i++)
        if (!words[p->event[i].kind])
            return NULL;
    return words[p->event[0].kind];
}

const char *shock_explain(const shock_plan *p, const shock_result *r, char *text, size_t size)
{
    double lost = mean_of(r, "lost_on_lanes"), critical = mean_of(r, "unmet_critical_share"), most;
    bool trades = touches_lanes(p);
    if (critical > FELT)
        return NULL;
    if (trades && !(lost > 1e-3)) {
        snprintf(text, size,
                 "the lanes it touches carry no less than they would have: hardly anything goes "
                 "that way, or what may pass is more than passes anyhow");
        return text;
    }
    const char *why = largest_part(r, &most), *nothing = most < 1e-3 ? explain_nothing(p) : NULL;
    if (nothing)
        return nothing;
    if (!trades || !(lost > 0))
        snprintf(text, size, "critical users hardly feel it (%.2f %% unserved): %s (%.4g t)",
                 100 * critical, why, most);
    else
        snprintf(text, size,
                 "critical users hardly feel it (%.2f %% unserved): %s (%.0f %% of what was lost)",
                 100 * critical, why, 100 * most / lost);
    return text;
}
