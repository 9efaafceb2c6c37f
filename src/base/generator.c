/* generator.c - MT19937 (Matsumoto, Nishimura 1998) and xoshiro256** (Blackman, Vigna 2018). */
#include "base/generator.h"

#include "base/random.h"

enum { WORDS = GENERATOR_TWISTER_WORDS, MIDDLE = 397 };

/* ------------------------------------------------------------------------ Mersenne Twister */

void generator_twister_seed(generator_twister *g, uint32_t seed)
{
    g->word[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++)
        g->word[i] = 1812433253u * (g->word[i - 1] ^ g->word[i - 1] >> 30) + i;
    g->used = WORDS;
}

/* One step of seeding by a list: the word at `at` mixed with the one before it, plus `add`;
 * returns where the next one is. */
static uint32_t stir(generator_twister *g, uint32_t at, uint32_t factor, uint32_t add)
{
    uint32_t before = g->word[at - 1];
    g->word[at] = (g->word[at] ^ (before ^ before >> 30) * factor) + add;
    if (at + 1 < WORDS)
        return at + 1;
    g->word[0] = g->word[WORDS - 1];
    return 1;
}

void generator_twister_seed_words(generator_twister *g, const uint32_t word[], int32_t n)
{
    uint32_t at = 1, list = (uint32_t)n, rounds = list > WORDS ? list : WORDS;
    generator_twister_seed(g, 19650218u);
    for (uint32_t k = 0; k < rounds; k++)
        at = stir(g, at, 1664525u, word[k % list] + k % list);
    for (uint32_t k = 1; k < WORDS; k++)
        at = stir(g, at, 1566083941u, -at);
    g->word[0] = 0x80000000u;
}

static void twist(generator_twister *g)
{
    for (uint32_t i = 0; i < WORDS; i++) {
        uint32_t y = (g->word[i] & 0x80000000u) | (g->word[(i + 1) % WORDS] & 0x7fffffffu);
        g->word[i] = g->word[(i + MIDDLE) % WORDS] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
    }
    g->used = 0;
}

uint32_t generator_twister_u32(generator_twister *g)
{
    if (g->used >= WORDS)
        twist(g);
    uint32_t y = g->word[g->used++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

double generator_twister_uniform(generator_twister *g)
{
    uint32_t high = generator_twister_u32(g) >> 5, low = generator_twister_u32(g) >> 6;
    return (high * 0x1p26 + low) * 0x1p-53;
}

/* ------------------------------------------------------------------------------ xoshiro256 */

static uint64_t turn(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

uint64_t generator_xoshiro256ss(uint64_t state[4])
{
    uint64_t given = turn(state[1] * 5, 7) * 9, kept = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= kept;
    state[3] = turn(state[3], 45);
    return given;
}

void generator_xoshiro_seed(uint64_t state[4], uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        state[i] = random_splitmix64(&seed);
}
