/* lanes_4.c - the lane solver, 4 wide, portable */
#define LANES 4
#define LANE_NAME "4 lanes, portable"
#define LANE_SOLVER LANES_4
#include "market/lane_solve.h"
