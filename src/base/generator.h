/* generator.h - the generators that other programs draw with, word for word.
 *
 * Worlds are drawn with base/random.h alone.  These are here so that a sample made elsewhere can
 * be made again from its seed, and held against ours: the Mersenne Twister is what R, Python and
 * older NumPy draw with, xoshiro256** what Julia and many newer programs do.
 */
#ifndef BASE_GENERATOR_H
#define BASE_GENERATOR_H

#include <stdint.h>

#define GENERATOR_TWISTER_WORDS 624

typedef struct generator_twister {
    uint32_t word[GENERATOR_TWISTER_WORDS];
    int32_t used; /* words of it already given out */
} generator_twister;

/* MT19937 as seeded by one word (5489 is what nobody chose), or by a list of n >= 1 words, as
 * Python does.  Source: Matsumoto and Nishimura 1998, initialisation of 2002. */
void generator_twister_seed(generator_twister *g, uint32_t seed);
void generator_twister_seed_words(generator_twister *g, const uint32_t word[], int32_t n);
uint32_t generator_twister_u32(generator_twister *g);
/* Of [0, 1) with 53 bits, from two words: what R's and Python's uniform numbers are made by. */
double generator_twister_uniform(generator_twister *g);

/* xoshiro256** on its four words, not all 0.  Source: Blackman and Vigna 2018. */
uint64_t generator_xoshiro256ss(uint64_t state[4]);
/* Fills the state from one number by SplitMix64, as its authors ask. */
void generator_xoshiro_seed(uint64_t state[4], uint64_t seed);

#endif
