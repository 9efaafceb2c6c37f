/* base.c - how fast tables are read, and what an elementary function costs. */
#include "base/arena.h"
#include "base/json_write.h"
#include "base/math.h"
#include "base/random.h"
#include "base/table.h"
#include "base/text.h"
#include "base/yaml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void time_table(void)
{
    enum { ROWS = 900000 };
    char *text = malloc((size_t)ROWS * 80 + 100);
    size_t n = (size_t)sprintf(text, "id,item,from,value,unit,low,high,grade,note\n");
    for (int i = 0; i < ROWS && n < TABLE_MAX_BYTES - 100; i++)
        n += (size_t)sprintf(text + n, "plant-%d,capacity,2010,%d.5,t/a,%d,%d,B,\"a, note\"\n",
                             i % 1000, i, i, i + 7);
    double start = now();
    arena *memory = arena_new();
    table t;
    yt_status status = table_parse(memory, text, n, "bench.csv", NULL, &t);
    double elapsed = now() - start;
    printf("table   %8.1f MB/s  (%.1f MB, %d rows, status %d, %.1f bytes kept per byte read)\n",
           1e-6 * (double)n / elapsed, 1e-6 * (double)n, t.rows, status,
           (double)arena_bytes(memory) / (double)n);
    start = now();
    double sum = 0, value;
    int32_t count = 0;
    for (int32_t i = 0; i < t.rows; i++)
        for (int32_t j = 3; j < 7; j++)
            if (text_number(table_at(&t, i, j)->text, &value)) {
                sum += value;
                count++;
            }
    printf("numbers %8.1f ns each (%d of them, sum %g)\n", 1e9 * (now() - start) / count, count,
           sum);
    arena_free(memory);
    free(text);
}

static void time_yaml(void)
{
    size_t n = 0;
    char *text = malloc((size_t)16 << 20);
    for (int i = 0; i < 50000; i++)
        n += (size_t)sprintf(text + n, "- name: plant-%d\n  capacity: %d\n  list: [a, b]\n", i, i);
    double start = now();
    arena *memory = arena_new();
    yaml_node *root;
    yt_status status = yaml_parse(memory, text, n, "bench.yaml", NULL, &root);
    printf("yaml    %8.1f MB/s  (status %d)\n", 1e-6 * (double)n / (now() - start), status);
    arena_free(memory);
    free(text);
}

static double power_of(double x)
{
    return yt_pow(x, 1.7);
}

static double libm_power_of(double x)
{
    return pow(x, 1.7);
}

static void time_function(const char *name, double (*ours)(double), double (*libm)(double))
{
    enum { N = 10000000 };
    double seconds[2], sum = 0;
    double (*const f[2])(double) = {ours, libm};
    for (int k = 0; k < 2 && f[k]; k++) {
        double start = now();
        for (int i = 1; i <= N; i++)
            sum += f[k](i * 5e-7);
        seconds[k] = now() - start;
    }
    if (libm)
        printf("%-7s %8.1f ns, the C library %.1f ns (%g)\n", name, 1e9 * seconds[0] / N,
               1e9 * seconds[1] / N, sum);
    else
        printf("%-7s %8.1f ns (%g)\n", name, 1e9 * seconds[0] / N, sum);
}

static void time_random(void)
{
    enum { N = 10000000 };
    random_stream s = random_stream_of(1, 0, "bench", 0);
    double sum = 0, start = now();
    for (int i = 0; i < N; i++)
        sum += random_uniform(&s);
    printf("uniform %8.1f ns\n", 1e9 * (now() - start) / N);
    start = now();
    for (int i = 0; i < N; i++)
        sum += random_normal(&s);
    printf("normal  %8.1f ns (%g)\n", 1e9 * (now() - start) / N, sum);
}

static void time_json(void)
{
    enum { N = 1000000 };
    json_writer w = json_to_memory(0);
    double start = now();
    json_begin_array(&w);
    for (int i = 0; i < N; i++)
        json_number(&w, i / 7.0);
    json_finish(&w);
    printf("json    %8.1f ns per number\n", 1e9 * (now() - start) / N);
    json_discard(&w);
}

int main(void)
{
    time_table();
    time_yaml();
    time_function("exp", yt_exp, exp);
    time_function("ln", yt_ln, log);
    time_function("pow", power_of, libm_power_of);
    time_function("tanh", yt_tanh, tanh);
    time_function("erfc", yt_erfc, erfc);
    time_function("cdf", yt_normal_cdf, NULL);
    time_random();
    time_json();
    return 0;
}
