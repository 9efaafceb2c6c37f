/* random.h - counter-based random numbers (Philox4x32-10).
 *
 * A stream is named by (seed, run, process name, month); no stream depends on how many
 * numbers another one has drawn, nor on which other processes exist.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

/* One Philox4x32-10 block: out = f(counter, key). */
void random_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* The next number of a SplitMix64 sequence (Steele, Lea, Flood 2014): what keys are made with,
 * because neighbouring states give numbers that have nothing in common. */
uint64_t random_splitmix64(uint64_t *state);

typedef struct random_stream {
    uint32_t counter[4]; /* block, month, run, high half of the name's hash  */
    uint32_t key[2];     /* seed mixed with the name's hash                  */
    uint32_t word[4];    /* the current block                                */
    int32_t used;        /* words of it already given out                    */
} random_stream;

random_stream random_stream_of(uint64_t seed, uint32_t run, const char *process, int32_t month);
/* The same with hash_text(process) at hand: for the step. */
random_stream random_stream_at(uint64_t seed, uint32_t run, uint64_t process_hash, int32_t month);

uint32_t random_u32(random_stream *s);
uint64_t random_u64(random_stream *s); /* first word drawn is the low half */

/* Uniform on the open interval: never 0, never 1. */
double random_uniform(random_stream *s);
/* Standard normal by the inverse of the distribution: one uniform each. */
double random_normal(random_stream *s);
/* Exponential with mean 1. */
double random_exponential(random_stream *s);

/* Words to (0,1): (w + 0.5) 2^-32 and ((w >> 11) + 0.5) 2^-53.  The second, as published,
 * rounds to 1 for the 1 word in 2^53 at the top; random_uniform takes the number below. */
double random_u01_32(uint32_t word);
double random_u01_64(uint64_t word);

#endif
