/* lanes_8_avx512.c - the lane solver, 8 wide, AVX-512 */
#define LANES 8
#define LANE_NAME "8 lanes, AVX-512"
#define LANE_SOLVER LANES_8_AVX512
#include "market/lane_solve.h"
