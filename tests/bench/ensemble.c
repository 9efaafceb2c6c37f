/* ensemble.c - how many worlds a core steps: worlds drawn from a case, side
 * by side and one after the other.
 *
 *     bench_ensemble [CASE [RUNS [MONTHS]]]     cases/rare-earths, 32 runs, all months
 */
#include "sim/sim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct tally {
    double seconds, worst;
    int64_t months, iterations, by_newton, uncertified;
} tally;

static void count(tally *sum, const yt_run *run)
{
    sum->months++;
    sum->iterations += run->iterations;
    sum->by_newton += run->method == MARKET_NEWTON;
    sum->worst = fmax(sum->worst, market_certificate_worst(&run->certificate));
    sum->uncertified += run->status != YT_OK;
}

static void print(const char *what, const tally *sum)
{
    printf(
        "%-12s %8lld months  %8.1f us a month  %6.2f iterations  %6.2f %% by Newton  worst %.1e  "
        "%lld uncertified\n",
        what, (long long)sum->months, 1e6 * sum->seconds / (double)sum->months,
        (double)sum->iterations / (double)sum->months,
        100.0 * (double)sum->by_newton / (double)sum->months, sum->worst,
        (long long)sum->uncertified);
}

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "cases/rare-earths";
    const int32_t runs = argc > 2 ? atoi(argv[2]) : 32;
    yt_log *log = yt_log_new();
    yt_model *model = NULL;
    yt_network *net = NULL;
    yt_batch *batch = NULL;
    yt_run *run = NULL;
    if (yt_model_load(path, NULL, 0, log, &model) || yt_network_compile(model, log, &net) ||
        yt_batch_new(net, runs, &batch) || yt_run_new(net, &run)) {
        fprintf(stderr, "bench_ensemble: the case does not load\n");
        return 1;
    }
    const int32_t months = argc > 3 ? atoi(argv[3]) : net->months;
    for (int32_t i = 0; i < runs; i++)
        yt_run_reset(net, yt_batch_run(batch, i), 1, (uint32_t)i);
    tally together = {0}, alone = {0};
    double start = now();
    for (int32_t t = 0; t < months; t++) {
        yt_batch_step(batch);
        for (int32_t i = 0; i < runs; i++)
            count(&together, yt_batch_run(batch, i));
    }
    together.seconds = now() - start;
    yt_run_reset(net, run, 1, 0);
    start = now();
    for (int32_t t = 0; t < months; t++) {
        yt_step(net, run);
        count(&alone, run);
    }
    alone.seconds = now() - start;
    print("side by side", &together);
    print("alone", &alone);
    printf("bits %s; %.2f MB a run, %.1f MB the batch\n",
           sim_state_hash(net, run) == sim_state_hash(net, yt_batch_run(batch, 0)) ? "equal"
                                                                                   : "DIFFERENT",
           (double)sim_numbers_size(net) / 1e6, (double)yt_batch_size(net, runs) / 1e6);
    yt_batch_free(batch);
    yt_run_free(run);
    yt_network_free(net);
    yt_model_free(model);
    yt_log_free(log);
    return 0;
}
