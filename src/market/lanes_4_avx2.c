/* lanes_4_avx2.c - the lane solver, 4 wide, AVX2 */
#define LANES 4
#define LANE_NAME "4 lanes, AVX2"
#define LANE_SOLVER LANES_4_AVX2
#include "market/lane_solve.h"
