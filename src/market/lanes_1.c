/* lanes_1.c - the lane solver, 1 wide, portable */
#define LANES 1
#define LANE_NAME "1 lanes, portable"
#define LANE_SOLVER LANES_1
#include "market/lane_solve.h"
