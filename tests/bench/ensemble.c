/* ensemble.c - how many worlds a core runs: worlds drawn from a case, side by side and one alone.
 *
 *     bench_ensemble [--csv FILE] [CASE [RUNS [MONTHS]]]   cases/rare-earths, 64 runs, all months
 *
 * Processor time of one core; books and decisions count, statistics and the store do not.  Then
 * as many and twice as many worlds go through the first MONTHS / 8: twice the worlds should take
 * twice the time.  Exit code 1 when a month is not certified or bits differ.
 */
#include "sim/sim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_RUNS = 64 };

typedef struct tally {
    double seconds, clearing, worst; /* s; of which in the market; worst certificate */
    int64_t months, iterations, by_newton, uncertified;
} tally;

typedef struct bench {
    yt_log *log;
    yt_model *model;
    yt_network *net;
    int32_t runs, months;
    uint64_t first_hash; /* of the first world at its end, side by side */
} bench;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void count(tally *sum, const yt_run *run)
{
    sum->months++;
    sum->iterations += run->iterations;
    sum->by_newton += run->method == MARKET_NEWTON;
    sum->worst = fmax(sum->worst, market_certificate_worst(&run->certificate));
    sum->uncertified += run->status != YT_OK;
}

/* yt_batch_step with a clock between its parts; worlds at fault stay where they are. */
static void step(const bench *b, yt_batch *batch, int32_t runs, tally *sum)
{
    market_problem problem[2 * MOST_RUNS], *order[2 * MOST_RUNS];
    yt_run *live[2 * MOST_RUNS];
    int32_t n = 0;
    const double start = now();
    for (int32_t i = 0; i < runs; i++) {
        yt_run *run = yt_batch_run(batch, i);
        if (run->status)
            continue;
        sim_before_market(b->net, run);
        problem[n] = sim_problem(b->net, run);
        order[n] = &problem[n];
        live[n++] = run;
    }
    const double offered = now();
    sim_batch_clear(batch, order, n);
    const double cleared = now();
    for (int32_t k = 0; k < n; k++)
        sim_after_market(b->net, live[k], &problem[k]);
    sum->seconds += now() - start;
    sum->clearing += cleared - offered;
    for (int32_t k = 0; k < n; k++)
        count(sum, live[k]);
}

/* Worlds 0 .. runs - 1 through their first `months`. */
static tally side_by_side(bench *b, int32_t runs, int32_t months)
{
    tally sum = {0};
    yt_batch *batch = NULL;
    if (yt_batch_new(b->net, runs, &batch))
        abort();
    for (int32_t i = 0; i < runs; i++)
        yt_run_reset(b->net, yt_batch_run(batch, i), 1, (uint32_t)i);
    for (int32_t t = 0; t < months; t++)
        step(b, batch, runs, &sum);
    b->first_hash = sim_state_hash(b->net, yt_batch_run(batch, 0));
    yt_batch_free(batch);
    return sum;
}

/* World 0 alone. */
static tally alone(const bench *b, uint64_t *hash)
{
    tally sum = {0};
    yt_run *run = NULL;
    if (yt_run_new(b->net, &run))
        abort();
    yt_run_reset(b->net, run, 1, 0);
    for (int32_t t = 0; t < b->months && !run->status; t++) {
        const double start = now();
        yt_step(b->net, run);
        sum.seconds += now() - start;
        count(&sum, run);
    }
    *hash = sim_state_hash(b->net, run);
    yt_run_free(run);
    return sum;
}

static void print(const char *what, const tally *sum)
{
    printf("%-12s %7lld months  %8.1f us a month  %6.2f steps  %6.2f %% by Newton  worst %.1e  "
           "%lld uncertified\n",
           what, (long long)sum->months, 1e6 * sum->seconds / (double)sum->months,
           (double)sum->iterations / (double)sum->months,
           100.0 * (double)sum->by_newton / (double)sum->months, sum->worst,
           (long long)sum->uncertified);
}

static bool load(bench *b, const char *path)
{
    b->log = yt_log_new();
    if (!yt_model_load(path, NULL, 0, b->log, &b->model) &&
        !yt_network_compile(b->model, b->log, &b->net))
        return true;
    fprintf(stderr, "bench_ensemble: the case does not load\n");
    return false;
}

static void unload(bench *b)
{
    yt_network_free(b->net);
    yt_model_free(b->model);
    yt_log_free(b->log);
}

static void write_csv(const char *name, const bench *b, const tally *together, const tally *one,
                      double twice)
{
    FILE *file = fopen(name, "w");
    if (!file)
        return;
    fprintf(file, "runs,months,us_a_month,clearing_share,runs_per_s,us_a_month_alone,steps,"
                  "newton_share,uncertified,bytes_a_run,bytes_batch,twice_the_runs\n");
    fprintf(file, "%d,%d,%.1f,%.4f,%.4f,%.1f,%.3f,%.6f,%lld,%.0f,%zu,%.4f\n", (int)b->runs,
            (int)b->months, 1e6 * together->seconds / (double)together->months,
            together->clearing / together->seconds, b->runs / together->seconds,
            1e6 * one->seconds / (double)one->months,
            (double)together->iterations / (double)together->months,
            (double)together->by_newton / (double)together->months,
            (long long)(together->uncertified + one->uncertified),
            (double)yt_batch_size(b->net, b->runs) / b->runs, yt_batch_size(b->net, b->runs),
            twice);
    fclose(file);
}

static int measure(bench *b, const char *csv)
{
    uint64_t hash_alone;
    const tally together = side_by_side(b, b->runs, b->months);
    const uint64_t hash = b->first_hash;
    const tally one = alone(b, &hash_alone);
    print("side by side", &together);
    print("alone", &one);
    printf("%.3f runs of %d months a second and core; clearing %.1f %% of it; bits %s\n",
           b->runs / together.seconds, (int)b->months, 100 * together.clearing / together.seconds,
           hash == hash_alone ? "equal" : "DIFFERENT");
    printf("%.2f MB a concurrent run: %.2f its own numbers, the rest the batch's scratch\n",
           1e-6 * (double)yt_batch_size(b->net, b->runs) / b->runs,
           1e-6 * (double)sim_numbers_size(b->net));
    const int32_t some = b->months / 8 > 0 ? b->months / 8 : 1;
    const tally once = side_by_side(b, b->runs, some), twice = side_by_side(b, 2 * b->runs, some);
    printf("%d runs take %.2f times as long as %d (%d months)\n", (int)(2 * b->runs),
           twice.seconds / once.seconds, (int)b->runs, (int)some);
    if (csv)
        write_csv(csv, b, &together, &one, twice.seconds / once.seconds);
    return together.uncertified || one.uncertified || hash != hash_alone;
}

int main(int argc, char **argv)
{
    const char *csv = NULL;
    if (argc > 2 && strcmp(argv[1], "--csv") == 0) {
        csv = argv[2];
        argc -= 2;
        argv += 2;
    }
    bench b = {0};
    if (!load(&b, argc > 1 ? argv[1] : "cases/rare-earths"))
        return 1;
    b.runs = argc > 2 ? atoi(argv[2]) : 64;
    b.months = argc > 3 ? atoi(argv[3]) : b.net->months;
    int bad = 1;
    if (b.runs < 1 || b.runs > MOST_RUNS || b.months < 1 || b.months > b.net->months)
        fprintf(stderr, "bench_ensemble: 1 to %d runs, 1 to %d months\n", MOST_RUNS,
                (int)b.net->months);
    else
        bad = measure(&b, csv);
    unload(&b);
    return bad;
}
