/* lanes.c - which width of the lane solver this machine runs. */
#include "market/lanes.h"

#include <stdlib.h>

const lane_solver *lanes_widest(void)
{
#ifdef YT_X86_LANES
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
        return &LANES_8_AVX512;
    if (__builtin_cpu_supports("avx2"))
        return &LANES_4_AVX2;
#endif
    return &LANES_4;
}
