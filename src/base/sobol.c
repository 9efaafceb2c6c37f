/* sobol.c - Sobol points (Joe and Kuo 2008) and Owen's scrambling of them (Owen 1995). */
#include "base/sobol.h"

#include "base/sobol_numbers.h"

#include <assert.h>

/* v_k = m_k 2^(32-k), where m_k follows from the s before it by the primitive polynomial
 * x^s + a_1 x^(s-1) + ... + 1. */
void sobol_directions(int32_t dimension, uint32_t direction[32])
{
    assert(dimension >= 0 && dimension < SOBOL_DIMENSIONS);
    const uint16_t *number = sobol_numbers[dimension];
    uint32_t polynomial = number[0];
    int degree = 0;
    while (polynomial >> (degree + 1))
        degree++;
    for (int k = 0; k < 32; k++) {
        if (degree == 0 || k < degree) {
            direction[k] = (degree == 0 ? 1u : number[k + 1]) << (31 - k);
            continue;
        }
        uint32_t v = direction[k - degree] ^ direction[k - degree] >> degree;
        for (int i = 1; i < degree; i++)
            if (polynomial >> (degree - i) & 1)
                v ^= direction[k - i];
        direction[k] = v;
    }
}

uint32_t sobol_point(const uint32_t direction[32], uint32_t index)
{
    uint32_t gray = index ^ index >> 1, x = 0;
    for (int k = 0; gray >> k && k < 32; k++)
        if (gray >> k & 1)
            x ^= direction[k];
    return x;
}

/* splitmix64's finaliser */
static uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Each digit is flipped or not by a coin that belongs to the digits before it; what follows the
 * last digit is random as well. */
double sobol_scramble(uint32_t point, uint64_t key)
{
    uint32_t digits = 0;
    for (int k = 0; k < 32; k++) {
        uint64_t before = (uint64_t)1 << k | (k ? point >> (32 - k) : 0);
        uint32_t coin = (uint32_t)(mix(key + before * 0x9e3779b97f4a7c15u) >> 63);
        digits = digits << 1 | ((point >> (31 - k) & 1) ^ coin);
    }
    uint64_t rest = mix(key ^ ((uint64_t)1 << 32 | point) * 0xd1342543de82ef95u) >> 44;
    return ((double)((uint64_t)digits << 20 | rest) + 0.5) * 0x1p-52;
}
