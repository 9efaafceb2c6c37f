/* case.c - how long a whole case takes: reading, compiling, its months, its result file.
 *
 *     bench_case [--csv] [CASE]     cases/rare-earths unless told
 *
 * Every tenth month is also cleared from the same offers by interior point alone: what Newton
 * from last month's prices is worth.
 */
#include "sim/sim.h"
#include "study/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { EVERY = 10 }; /* months between two that interior point clears as well */

typedef struct bench {
    yt_log *log;
    yt_model *model;
    yt_network *net;
    yt_run *run, *twin;
    record *rec;
    yt_store *store;
    char path[40];
    double load, compile, recording, storing; /* s */
    double *month;                            /* [months] s, then sorted */
    double all, reported;                     /* s */
    double newton, interior;                  /* s of the months cleared twice */
    int32_t months, reported_months, twice, interior_failed;
    int64_t iterations;
    int32_t by_newton;
    double worst;
    double megabytes;
} bench;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void give_up(const bench *b, const char *what)
{
    const char *why = yt_log_count(b->log, YT_ERROR) ? "" : "?";
    for (int32_t i = 0; i < yt_log_count(b->log, YT_NOTE); i++)
        if (yt_log_get(b->log, i).severity == YT_ERROR)
            why = yt_log_get(b->log, i).text;
    fprintf(stderr, "bench_case: %s: %s\n", what, why);
    if (b->path[0])
        unlink(b->path);
    exit(1);
}

static void make(bench *b, const char *path)
{
    double start = now();
    if (yt_model_load(path, NULL, 0, b->log, &b->model))
        give_up(b, "load");
    double loaded = now();
    if (yt_network_compile(b->model, b->log, &b->net))
        give_up(b, "compile");
    b->load = loaded - start;
    b->compile = now() - loaded;
    b->months = b->net->months;
    b->month = calloc((size_t)b->months, sizeof *b->month);
    if (!b->month || yt_run_new(b->net, &b->run) || yt_run_new(b->net, &b->twin) ||
        record_new(b->net, b->model, &b->rec))
        give_up(b, "memory");
}

/* The clearing alone of the month the run is about to step, by both methods. */
static void clear_twice(bench *b)
{
    yt_run_copy(b->net, b->twin, b->run);
    sim_before_market(b->net, b->twin);
    market_problem problem = sim_problem(b->net, b->twin);
    double start = now();
    market_clear(b->net->pattern, (market_problem *[]){&problem}, 1, sim_scratch(b->net, b->twin));
    b->newton += now() - start;

    yt_run_copy(b->net, b->twin, b->run);
    sim_before_market(b->net, b->twin);
    problem = sim_problem(b->net, b->twin);
    start = now();
    market_clear_interior(b->net->pattern, &problem, sim_scratch(b->net, b->twin));
    b->interior += now() - start;
    b->interior_failed += problem.status != MARKET_OPTIMAL;
    b->twice++;
}

static void open_store(bench *b)
{
    strcpy(b->path, "/tmp/ytterby-bench-XXXXXX");
    int fd = mkstemp(b->path);
    if (fd < 0)
        give_up(b, "temporary file");
    close(fd);
    double start = now();
    if (store_create(b->path, true, b->model, record_layout(b->rec), b->log, &b->store))
        give_up(b, "store");
    b->storing += now() - start;
}

static void step(bench *b, int32_t t)
{
    if (t % EVERY == 0)
        clear_twice(b);
    double start = now();
    yt_step(b->net, b->run);
    b->month[t] = now() - start;
    if (yt_run_status(b->run))
        give_up(b, "a month was not certified");
    b->all += b->month[t];
    b->iterations += b->run->iterations;
    b->by_newton += b->run->method == MARKET_NEWTON;
    b->worst = fmax(b->worst, market_certificate_worst(&b->run->certificate));

    start = now();
    store_month month = record_month(b->rec, b->net, b->run);
    b->recording += now() - start;
    if (month.month < b->net->start_month)
        return;
    b->reported += b->month[t];
    b->reported_months++;
    start = now();
    if (store_write_month(b->store, &month, b->log))
        give_up(b, "store");
    b->storing += now() - start;
}

static void finish_store(bench *b)
{
    struct stat st;
    double start = now();
    if (store_finish(b->store, NULL, 0, b->log) || stat(b->path, &st) != 0)
        give_up(b, "store");
    b->storing += now() - start;
    b->megabytes = (double)st.st_size / 1e6;
    unlink(b->path);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(bench *b, bool csv)
{
    qsort(b->month, (size_t)b->months, sizeof *b->month, ascending);
    const struct {
        const char *name, *unit;
        int digits; /* after the point; -1: with an exponent */
        double value;
    } figure[] = {
        {"load", "ms", 1, 1e3 * b->load},
        {"compile", "ms", 1, 1e3 * b->compile},
        {"months_reported", "", 0, b->reported_months},
        {"months_all", "", 0, b->months},
        {"simulating_reported", "s", 3, b->reported},
        {"simulating_all", "s", 3, b->all},
        {"month_mean", "ms", 3, 1e3 * b->all / b->months},
        {"month_p95", "ms", 3, 1e3 * b->month[b->months * 95 / 100]},
        {"month_worst", "ms", 3, 1e3 * b->month[b->months - 1]},
        {"iterations_per_month", "", 2, (double)b->iterations / b->months},
        {"newton_share", "%", 2, 100.0 * b->by_newton / b->months},
        {"worst_certificate", "", -1, b->worst},
        {"run_size", "bytes", 0, (double)yt_run_size(b->net)},
        {"recording", "s", 3, b->recording},
        {"storing", "s", 3, b->storing},
        {"store_size", "MB", 2, b->megabytes},
        {"months_cleared_twice", "", 0, b->twice},
        {"clearing_mean", "ms", 3, 1e3 * b->newton / b->twice},
        {"interior_alone_mean", "ms", 3, 1e3 * b->interior / b->twice},
        {"interior_alone_failed", "", 0, b->interior_failed},
        {"interior_over_clearing", "", 2, b->interior / b->newton},
    };
    const int n = sizeof figure / sizeof figure[0];
    for (int i = 0; csv && i < n; i++)
        printf("%s%s%s%c", figure[i].name, figure[i].unit[0] ? "_" : "",
               figure[i].unit[0] == '%' ? "percent" : figure[i].unit, i < n - 1 ? ',' : '\n');
    for (int i = 0; i < n; i++) {
        if (!csv)
            printf("%-24s ", figure[i].name);
        if (figure[i].digits < 0)
            printf("%.2e", figure[i].value);
        else
            printf("%.*f", figure[i].digits, figure[i].value);
        if (csv)
            putchar(i < n - 1 ? ',' : '\n');
        else
            printf("%s%s\n", figure[i].unit[0] ? " " : "", figure[i].unit);
    }
}

int main(int argc, char **argv)
{
    bench b = {.log = yt_log_new()};
    const char *path = "cases/rare-earths";
    bool csv = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--csv") == 0)
            csv = true;
        else
            path = argv[i];
    }
    make(&b, path);
    open_store(&b);
    yt_run_reset_central(b.net, b.run);
    for (int32_t t = 0; t < b.months; t++)
        step(&b, t);
    finish_store(&b);
    print(&b, csv);
    free(b.month);
    record_free(b.rec);
    yt_run_free(b.run);
    yt_run_free(b.twin);
    yt_network_free(b.net);
    yt_model_free(b.model);
    yt_log_free(b.log);
    return 0;
}
