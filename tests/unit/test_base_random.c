/* test_base_random.c - published answers, independence of streams, moments. */
#include "base/random.h"

#include "base/generator.h"
#include "base/math.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static void test_random__philox_gives_the_published_answers(void **state)
{
    (void)state;
    FILE *file = fopen("tests/reference/random123_kat_vectors.txt", "r");
    assert_non_null(file);
    char line[256];
    int checked = 0;
    while (fgets(line, sizeof line, file)) {
        uint32_t c[4], k[2], expected[4], out[4];
        if (sscanf(line, "philox4x32 10 %x %x %x %x %x %x %x %x %x %x", &c[0], &c[1], &c[2], &c[3],
                   &k[0], &k[1], &expected[0], &expected[1], &expected[2], &expected[3]) != 10)
            continue;
        random_philox4x32(c, k, out);
        assert_memory_equal(out, expected, sizeof out);
        checked++;
    }
    fclose(file);
    assert_int_equal(checked, 3);
}

/* the convention's published values: exact */
static void test_random__words_map_to_the_open_interval(void **state)
{
    (void)state;
    assert_true(random_u01_32(0) == 1.1641532182693481e-10);
    assert_true(random_u01_32(0xffffffffu) == 0.9999999998835847);
    assert_true(random_u01_32(0x80000000u) == 0.5000000001164153);
    assert_true(random_u01_64(0) == 5.551115123125783e-17);
    assert_true(random_u01_64(UINT64_MAX) == 1.0);
}

/* a stream whose next words are all ones */
static void test_random__uniform_is_never_one(void **state)
{
    (void)state;
    random_stream s = {.word = {~0u, ~0u, 0, 0}, .used = 0};
    double top = random_uniform(&s);
    assert_true(top < 1.0 && top > 0.9999999999999997);
    assert_true(random_uniform(&s) > 0.0);
}

static void test_random__a_stream_can_be_replayed_alone(void **state)
{
    (void)state;
    random_stream a = random_stream_of(7, 3, "elections", 24120);
    random_stream b = random_stream_of(7, 3, "elections", 24120);
    for (int i = 0; i < 1000; i++)
        assert_true(random_u64(&a) == random_u64(&b));
    /* frozen: results of stored studies depend on it */
    random_stream c = random_stream_of(1, 0, "prices", 24000);
    assert_true(random_u32(&c) == 0x88518a58u);
}

static void test_random__streams_differ_in_every_part_of_their_name(void **state)
{
    (void)state;
    random_stream s[] = {
        random_stream_of(1, 1, "a", 1), random_stream_of(2, 1, "a", 1),
        random_stream_of(1, 2, "a", 1), random_stream_of(1, 1, "b", 1),
        random_stream_of(1, 1, "a", 2), random_stream_of(1, 1, "", 1),
    };
    uint64_t first[6];
    for (int i = 0; i < 6; i++) {
        first[i] = random_u64(&s[i]);
        for (int j = 0; j < i; j++)
            assert_true(first[i] != first[j]);
    }
}

static void test_random__moments_are_right(void **state)
{
    (void)state;
    enum { N = 400000 };
    double u1 = 0, u2 = 0, n1 = 0, n2 = 0, n4 = 0, e1 = 0, cross = 0, last = 0;
    random_stream s = random_stream_of(42, 0, "moments", 0);
    for (int i = 0; i < N; i++) {
        double u = random_uniform(&s), z = random_normal(&s), e = random_exponential(&s);
        u1 += u;
        u2 += u * u;
        n1 += z;
        n2 += z * z;
        n4 += z * z * z * z;
        e1 += e;
        cross += z * last;
        last = z;
    }
    /* five standard errors */
    assert_true(fabs(u1 / N - 0.5) < 5 * sqrt(1.0 / 12 / N));
    assert_true(fabs(u2 / N - 1.0 / 3) < 5 * sqrt(4.0 / 45 / N));
    assert_true(fabs(n1 / N) < 5 / sqrt(N));
    assert_true(fabs(n2 / N - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(n4 / N - 3) < 5 * sqrt(96.0 / N));
    assert_true(fabs(e1 / N - 1) < 5 / sqrt(N));
    assert_true(fabs(cross / N) < 5 / sqrt(N));
}

/* the first numbers of 100,000 neighbouring streams, in 256 classes */
static void test_random__neighbouring_streams_are_unrelated(void **state)
{
    (void)state;
    enum { RUNS = 1000, MONTHS = 100 };
    int seen[256] = {0};
    for (uint32_t run = 0; run < RUNS; run++)
        for (int32_t month = 24000; month < 24000 + MONTHS; month++) {
            random_stream s = random_stream_of(1, run, "shock", month);
            seen[(int)(random_uniform(&s) * 256)]++;
        }
    double chi2 = 0, expected = RUNS * MONTHS / 256.0;
    for (int i = 0; i < 256; i++)
        chi2 += (seen[i] - expected) * (seen[i] - expected) / expected;
    assert_true(chi2 > 150 && chi2 < 380);
}

/* What Python 3 answers to random.seed(n), which hands over n as words of 32 bits, lowest first. */
static void test_generator__samples_of_another_program_are_made_again(void **state)
{
    (void)state;
    generator_twister g;
    generator_twister_seed_words(&g, (const uint32_t[]){12345}, 1);
    assert_true(generator_twister_uniform(&g) == 0.41661987254534116);
    generator_twister_seed_words(&g, (const uint32_t[]){12345}, 1);
    assert_true(generator_twister_u32(&g) == 1789368711u);
    assert_true(generator_twister_u32(&g) == 3146859322u);
    generator_twister_seed_words(&g, (const uint32_t[]){7, 256}, 2); /* 2^40 + 7 */
    assert_true(generator_twister_u32(&g) == 2635837658u);
}

/* A list longer than the state. */
static void test_generator__long_seeds_are_taken_whole(void **state)
{
    (void)state;
    generator_twister g;
    uint32_t word[700];
    for (uint32_t i = 0; i < 700; i++)
        word[i] = i + 1;
    generator_twister_seed_words(&g, word, 700);
    assert_true(generator_twister_u32(&g) == 1434167400u);
}

static void test_generator__xoshiro_is_seeded_away_from_zero(void **state)
{
    (void)state;
    uint64_t s[4];
    double sum = 0;
    generator_xoshiro_seed(s, 0);
    assert_true(s[0] && s[1] && s[2] && s[3]);
    for (int i = 0; i < 10000; i++)
        sum += random_u01_64(generator_xoshiro256ss(s));
    assert_true(fabs(sum / 10000 - 0.5) < 4 / sqrt(12 * 10000.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random__philox_gives_the_published_answers),
        cmocka_unit_test(test_random__words_map_to_the_open_interval),
        cmocka_unit_test(test_random__uniform_is_never_one),
        cmocka_unit_test(test_random__a_stream_can_be_replayed_alone),
        cmocka_unit_test(test_random__streams_differ_in_every_part_of_their_name),
        cmocka_unit_test(test_random__moments_are_right),
        cmocka_unit_test(test_random__neighbouring_streams_are_unrelated),
        cmocka_unit_test(test_generator__samples_of_another_program_are_made_again),
        cmocka_unit_test(test_generator__long_seeds_are_taken_whole),
        cmocka_unit_test(test_generator__xoshiro_is_seeded_away_from_zero),
    };
    return cmocka_run_group_tests_name("base/random", tests, NULL, NULL);
}
