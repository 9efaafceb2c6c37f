/* market.c - clears invented months when asked, times it, and hands the months on.
 *
 *     bench_market SHAPE SIZE FORM SEED PATHS [FIRST]
 *
 * SHAPE 0-4, SIZE 0-2 (about 300, 1,000, 4,000 markets), FORM flat or chosen: structure.h.  PATHS
 * paths of one structure step side by side from month FIRST (0).  Reads lines
 *     clear MONTHS [PATH]
 * and writes one line of JSON a month; with PATH, that path's problem and our answer follow it as
 * doubles.  The first line says what the structure is; its arrays follow.  All times are
 * microseconds of processor time.  tests/bench/compare.py asks the questions.
 *
 * A month of the batch is shared by its paths, so one hard problem hides in it: problems that
 * Newton left to the interior point, and those with the most iterations yet, are cleared again
 * alone, off the clock of the batch.
 */
#include "bench/path.h"
#include "market/lanes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_PATHS = 64, MOST_ALONE = 200 };

typedef struct bench {
    structure made;
    market_pattern *pattern;
    void *scratch, *batch_scratch;
    int32_t paths;
    path path[MAX_PATHS];
    market_problem problem[MAX_PATHS];
    double *start_price[MAX_PATHS]; /* [markets] where each problem started */
    double *price, *level;          /* answer of a problem cleared alone    */
    int32_t most_iterations,
        alone; /* of any problem yet; cleared alone so far, PATH's not counted */
} bench;

typedef struct month_times {
    double batch, alone, hardest; /* us: a path's share; PATH alone; the worst of those alone */
    int64_t iterations;
    int32_t interior, failed, different;
    double certificate;
} month_times;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static void *block(size_t bytes)
{
    void *made = aligned_alloc(64, (bytes + 127) / 64 * 64);
    if (!made)
        abort();
    return made;
}

static void begin(bench *b, char *const argv[])
{
    const int which = atoi(argv[1]), size = atoi(argv[2]);
    const structure_form form = strcmp(argv[3], "flat") == 0 ? FORM_FLAT : FORM_CHOSEN;
    const uint64_t seed = strtoull(argv[4], NULL, 10);
    b->paths = atoi(argv[5]);
    if (which < 0 || which >= STRUCTURES || size < 0 || size >= STRUCTURE_SIZES || b->paths < 1 ||
        b->paths > MAX_PATHS) {
        fprintf(stderr, "bench_market: no such structure, size or number of paths\n");
        exit(2);
    }
    b->made = structure_new(structure_shape_of(which, size, form), seed);
    const double before = now();
    if (market_pattern_new(b->made.markets, b->made.activities, b->made.start, b->made.row,
                           &b->pattern))
        abort();
    printf("{\"analysis_us\": %.0f, ", now() - before);
    b->scratch = block(market_scratch_size(b->pattern));
    b->batch_scratch = block(market_batch_size(b->pattern));
    b->price = block((size_t)b->made.markets * sizeof(double));
    b->level = block((size_t)b->made.activities * sizeof(double));
    for (int32_t k = 0; k < b->paths; k++) {
        b->path[k] = path_new(&b->made, seed * 1000 + (uint64_t)k);
        b->path[k].month = atoi(argv[6]);
        b->start_price[k] = block((size_t)b->made.markets * sizeof(double));
    }
}

static void end(bench *b)
{
    for (int32_t k = 0; k < b->paths; k++) {
        path_free(&b->path[k]);
        free(b->start_price[k]);
    }
    free(b->price);
    free(b->level);
    free(b->scratch);
    free(b->batch_scratch);
    market_pattern_free(b->pattern);
    structure_free(&b->made);
}

static void put_doubles(const double *numbers, int32_t count)
{
    fwrite(numbers, sizeof(double), (size_t)count, stdout);
}

static void put_structure(const bench *b)
{
    const structure *s = &b->made;
    printf("\"structure\": \"%s\", \"markets\": %d, \"activities\": %d, \"nonzeros\": %d, "
           "\"layers\": %d, \"regions\": %d, \"lanes\": %d, \"lane_solver\": \"%s\", "
           "\"compiler\": \"%s\", \"version\": \"%s\"}\n",
           s->shape.name, s->markets, s->activities, s->nonzeros, s->shape.layers, s->shape.regions,
           s->shape.lanes, lanes_widest()->name,
#ifdef __clang__
           "clang " __clang_version__,
#else
           "gcc " __VERSION__,
#endif
           yt_version());
    fwrite(s->start, sizeof(int32_t), (size_t)s->activities + 1, stdout);
    fwrite(s->row, sizeof(int32_t), (size_t)s->nonzeros, stdout);
    put_doubles(s->coefficient, s->nonzeros);
    put_doubles(s->reference, s->markets);
    put_doubles(s->throughput, s->markets);
    fflush(stdout);
}

/* Problem k once more, by itself from the same price; its time, and whether its bits differ. */
static double clear_alone(bench *b, int32_t k, month_times *times)
{
    market_problem again = b->problem[k];
    memcpy(b->price, b->start_price[k], (size_t)b->made.markets * sizeof(double));
    again.price = b->price;
    again.level = b->level;
    const double before = now();
    market_clear(b->pattern, (market_problem *[]){&again}, 1, b->scratch);
    const double spent = now() - before;
    times->different +=
        memcmp(b->price, b->problem[k].price, (size_t)b->made.markets * sizeof(double)) != 0;
    times->hardest = fmax(times->hardest, spent);
    return spent;
}

static bool is_hard(bench *b, int32_t k)
{
    const bool is_record = b->problem[k].iterations > b->most_iterations;
    if (is_record)
        b->most_iterations = b->problem[k].iterations;
    return (is_record || b->problem[k].method == MARKET_INTERIOR) && b->alone++ < MOST_ALONE;
}

/* shown: the path that is cleared alone as well */
static month_times clear_month(bench *b, int32_t shown)
{
    month_times times = {0};
    market_problem *order[MAX_PATHS];
    for (int32_t k = 0; k < b->paths; k++) {
        b->problem[k] = path_pose(&b->path[k]);
        memcpy(b->start_price[k], b->path[k].price, (size_t)b->made.markets * sizeof(double));
        order[k] = &b->problem[k];
    }
    const double before = now();
    market_clear_batch(b->pattern, order, b->paths, b->batch_scratch);
    times.batch = (now() - before) / b->paths;
    times.alone = clear_alone(b, shown, &times);
    for (int32_t k = 0; k < b->paths; k++) {
        const market_problem *problem = &b->problem[k];
        times.iterations += problem->iterations;
        times.interior += problem->method == MARKET_INTERIOR;
        times.failed += problem->status != MARKET_OPTIMAL;
        times.certificate =
            fmax(times.certificate, market_certificate_worst(&problem->certificate));
        if (is_hard(b, k) && k != shown)
            clear_alone(b, k, &times);
    }
    return times;
}

static void put_month(const bench *b, const month_times *times, int32_t shown, bool is_dumped)
{
    const path *p = &b->path[shown];
    printf("{\"month\": %d, \"path\": %d, \"batch_us\": %.3f, \"alone_us\": %.3f, "
           "\"hardest_us\": %.3f, \"iterations\": %.3f, \"interior\": %d, \"failed\": %d, "
           "\"different\": %d, \"certificate\": %.3e, \"objective\": %.17g, \"dumped\": %s}\n",
           p->month, shown, times->batch, times->alone, times->hardest,
           (double)times->iterations / b->paths, times->interior, times->failed, times->different,
           times->certificate, b->problem[shown].objective, is_dumped ? "true" : "false");
    if (!is_dumped)
        return;
    put_doubles(p->supply, b->made.markets);
    put_doubles(p->price, b->made.markets);
    put_doubles(p->cost, b->made.activities);
    put_doubles(p->slope, b->made.activities);
    put_doubles(p->capacity, b->made.activities);
    put_doubles(p->range, b->made.activities);
    put_doubles(p->level, b->made.activities);
}

static void answer(bench *b, int32_t months, int32_t shown, bool is_dumped)
{
    for (int32_t m = 0; m < months; m++) {
        const month_times times = clear_month(b, shown);
        put_month(b, &times, shown, is_dumped);
        for (int32_t k = 0; k < b->paths; k++)
            path_book(&b->path[k]);
    }
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: bench_market SHAPE SIZE flat|chosen SEED PATHS [FIRST]\n");
        return 2;
    }
    static bench b;
    char *arguments[] = {
        argv[0], argv[1], argv[2], argv[3], argv[4], argv[5], argc > 6 ? argv[6] : "0"};
    begin(&b, arguments);
    put_structure(&b);
    char line[80];
    while (fgets(line, sizeof(line), stdin)) {
        int32_t months = 0, shown = 0;
        const int given = sscanf(line, "clear %d %d", &months, &shown);
        if (given < 1 || months < 1 || shown < 0 || shown >= b.paths) {
            fprintf(stderr, "bench_market: what does '%s' mean?\n", line);
            end(&b);
            return 2;
        }
        answer(&b, months, shown, given == 2);
    }
    end(&b);
    return 0;
}
