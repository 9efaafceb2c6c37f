/* step.c - the month as a table of contents. */
#include "sim/sim.h"

void sim_before_market(const yt_network *net, yt_run *run)
{
    step_calendar(net, run);
    step_politics(net, run);
    step_pipeline(net, run);
    step_demand(net, run);
    step_clear_offers(net, run);
}

void sim_after_market(const yt_network *net, yt_run *run, const market_problem *problem)
{
    run->iterations = problem->iterations;
    run->method = problem->method;
    run->certificate = problem->certificate;
    run->objective = problem->objective;
    if (!step_clear_accept(net, run))
        return;
    step_learn(net, run);
    step_accounts(net, run);
}

/* Runs that clear together; more only cost stack. */
#define BATCH 16

void yt_step_many(const yt_network *net, yt_run *const runs[], int32_t n)
{
    for (int32_t first = 0; first < n; first += BATCH) {
        yt_run *live[BATCH];
        market_problem problem[BATCH], *problems[BATCH];
        int32_t count = 0;
        for (int32_t i = first; i < n && i < first + BATCH; i++)
            if (runs[i]->status == YT_OK && runs[i]->t < net->months)
                live[count++] = runs[i];
        for (int32_t i = 0; i < count; i++) {
            sim_before_market(net, live[i]);
            problem[i] = sim_problem(net, live[i]);
            problems[i] = &problem[i];
        }
        if (count)
            market_clear(net->pattern, problems, count, sim_scratch(net, live[0]));
        for (int32_t i = 0; i < count; i++)
            sim_after_market(net, live[i], &problem[i]);
    }
}

void yt_step(const yt_network *net, yt_run *run)
{
    yt_step_many(net, &run, 1);
}
