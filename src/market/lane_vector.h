/* lane_vector.h - a number of every lane at once.
 *
 * LANES is set by the file that includes this.  Plain C vectors: the same operation for each
 * lane, never contracted, so every width and machine gives the same bits.
 */
#ifndef LANES
#error "LANES is not set"
#endif

#include "market/lanes.h"

#include <math.h>
#if defined(__AVX512F__) || defined(__AVX2__)
#include <immintrin.h>
#endif

typedef double vec __attribute__((vector_size(8 * LANES)));
typedef int64_t mask __attribute__((vector_size(8 * LANES))); /* 0 or -1 */

static inline vec all(double x)
{
    return (vec){0} + x;
}

static inline vec pick(mask m, vec yes, vec no)
{
    return (vec)(((mask)yes & m) | ((mask)no & ~m));
}

/* The larger; b when neither is. */
static inline vec larger(vec a, vec b)
{
#if defined(__AVX512F__) && LANES == 8
    return (vec)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif defined(__AVX2__) && LANES == 4
    return (vec)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
    return pick(a > b, a, b);
#endif
}

static inline vec smaller(vec a, vec b)
{
#if defined(__AVX512F__) && LANES == 8
    return (vec)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif defined(__AVX2__) && LANES == 4
    return (vec)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
    return pick(a < b, a, b);
#endif
}

static inline vec size_of(vec a)
{
    return (vec)((mask)a & INT64_MAX);
}

static inline mask nowhere(void)
{
    return (mask){0};
}

/* One bit a lane. */
static inline uint8_t bits_of(mask m)
{
#if defined(__AVX512DQ__) && LANES == 8
    return (uint8_t)_mm512_movepi64_mask((__m512i)m);
#elif defined(__AVX2__) && LANES == 4
    return (uint8_t)_mm256_movemask_pd((__m256d)m);
#else
    uint8_t bits = 0;
    for (int32_t l = 0; l < LANES; l++)
        bits |= (uint8_t)((m[l] & 1) << l);
    return bits;
#endif
}

static inline mask mask_of(uint8_t bits)
{
#if defined(__AVX512DQ__) && LANES == 8
    return (mask)_mm512_movm_epi64(bits);
#else
    mask m = {0};
    for (int32_t l = 0; l < LANES; l++)
        m[l] = -(int64_t)(bits >> l & 1);
    return m;
#endif
}

static inline bool any(mask m)
{
    int64_t found = 0;
    for (int32_t l = 0; l < LANES; l++)
        found |= m[l];
    return found != 0;
}
