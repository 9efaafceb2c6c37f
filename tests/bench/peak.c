/* peak.c - what a core could do at best: multiply and subtract, and read from its caches.
 *
 * The factor of a month is c -= l * u over and over, not contracted to one operation (that would
 * change bits between machines), so its peak is half of what processors advertise.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDE = 8, CHAINS = 12, ROUNDS = 20000000, REPEATS = 3 };

typedef double wide __attribute__((vector_size(WIDE * sizeof(double))));

#ifdef __x86_64__
#define WIDEST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDEST
#endif

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ROUNDS / CHAINS rounds of independent chains long enough to hide an operation's latency. */
WIDEST static double multiply_and_subtract(const double *start)
{
    wide sum[CHAINS], factor[CHAINS], l;
    memcpy(&l, start, sizeof l);
    for (int c = 0; c < CHAINS; c++) {
        factor[c] = l * (double)c;
        sum[c] = l + (double)c;
    }
    for (int round = 0; round < ROUNDS / CHAINS; round++) {
        l = -l; /* or the products would be made once */
#pragma GCC unroll 12
        for (int c = 0; c < CHAINS; c++)
            sum[c] -= l * factor[c];
    }
    double all = 0;
    for (int c = 0; c < CHAINS; c++)
        for (int k = 0; k < WIDE; k++)
            all += sum[c][k];
    return all;
}

WIDEST static double add_up(const double *numbers, size_t count)
{
    wide sum[4] = {0}, next;
    for (size_t i = 0; i + 4 * WIDE <= count; i += 4 * WIDE)
#pragma GCC unroll 4
        for (size_t c = 0; c < 4; c++) {
            memcpy(&next, numbers + i + c * WIDE, sizeof next);
            sum[c] += next;
        }
    return sum[0][0] + sum[1][1] + sum[2][2] + sum[3][3];
}

static double best_flops(double *sink)
{
    double start[WIDE], best = 0;
    for (int k = 0; k < WIDE; k++)
        start[k] = 1e-3 * k;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        const double before = now();
        *sink += multiply_and_subtract(start);
        const double rate = 2.0 * WIDE * (ROUNDS / CHAINS * CHAINS) / (now() - before);
        best = rate > best ? rate : best;
    }
    return best;
}

static double best_reading(size_t bytes, double *sink)
{
    const size_t count = bytes / sizeof(double), laps = ((size_t)1 << 31) / bytes;
    double *numbers = aligned_alloc(64, bytes), best = 0;
    if (!numbers)
        abort();
    for (size_t i = 0; i < count; i++)
        numbers[i] = 1e-6 * (double)i;
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        const double before = now();
        for (size_t lap = 0; lap < laps; lap++) {
            *sink += add_up(numbers, count);
            __asm__ volatile("" ::: "memory"); /* the next lap reads again */
        }
        const double rate = (double)(laps * bytes) / (now() - before);
        best = rate > best ? rate : best;
    }
    free(numbers);
    return best;
}

int main(void)
{
    static const size_t kib[] = {32, 512, 1536, 16384};
    double sink = 0;
    printf("multiply and subtract: %.1f Gflop/s a core\n", 1e-9 * best_flops(&sink));
    for (size_t k = 0; k < sizeof(kib) / sizeof(*kib); k++)
        printf("reads of %6zu KiB: %.0f GB/s\n", kib[k], 1e-9 * best_reading(kib[k] * 1024, &sink));
    return sink == 0.5; /* the sums are wanted, whatever they are */
}
