/* random.c - Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011) and what is drawn with it. */
#include "base/random.h"

#include "base/hash.h"
#include "base/math.h"

#include <string.h>

void random_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
    uint32_t k[2] = {key[0], key[1]};
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * c[0];
        uint64_t b = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b,
                            (uint32_t)(a >> 32) ^ c[3] ^ k[1], (uint32_t)a};
        memcpy(c, next, sizeof c);
        k[0] += 0x9E3779B9u; /* golden ratio and sqrt(3) - 1, as published */
        k[1] += 0xBB67AE85u;
    }
    memcpy(out, c, sizeof c);
}

/* splitmix64's finaliser */
static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t random_splitmix64(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    return mix(*state);
}

random_stream random_stream_at(uint64_t seed, uint32_t run, uint64_t process_hash, int32_t month)
{
    uint64_t state = process_hash, key = mix(seed ^ random_splitmix64(&state));
    random_stream s = {.counter = {0, (uint32_t)month, run, (uint32_t)(process_hash >> 32)},
                       .key = {(uint32_t)key, (uint32_t)(key >> 32)},
                       .used = 4};
    return s;
}

random_stream random_stream_of(uint64_t seed, uint32_t run, const char *process, int32_t month)
{
    return random_stream_at(seed, run, hash_text(process), month);
}

uint32_t random_u32(random_stream *s)
{
    if (s->used == 4) {
        random_philox4x32(s->counter, s->key, s->word);
        s->counter[0]++;
        s->used = 0;
    }
    return s->word[s->used++];
}

uint64_t random_u64(random_stream *s)
{
    uint64_t low = random_u32(s);
    return (uint64_t)random_u32(s) << 32 | low;
}

double random_u01_32(uint32_t word)
{
    return ((double)word + 0.5) * 0x1p-32;
}

double random_u01_64(uint64_t word)
{
    return ((double)(word >> 11) + 0.5) * 0x1p-53;
}

double random_uniform(random_stream *s)
{
    double u = random_u01_64(random_u64(s));
    return u < 1.0 ? u : 1.0 - 0x1p-53;
}

double random_normal(random_stream *s)
{
    return yt_normal_quantile(random_uniform(s));
}

double random_exponential(random_stream *s)
{
    return -yt_ln(random_uniform(s));
}
