/* sobol.h - points that fill a cube evenly in every dimension, scrambled at random. */
#ifndef BASE_SOBOL_H
#define BASE_SOBOL_H

#include <stdint.h>

#define SOBOL_DIMENSIONS 3600

/* Direction numbers of a dimension, 0 <= dimension < SOBOL_DIMENSIONS. */
void sobol_directions(int32_t dimension, uint32_t direction[32]);

/* Coordinate of point `index`, as a fraction of 2^32; in the usual order (Gray code). */
uint32_t sobol_point(const uint32_t direction[32], uint32_t index);

/* The coordinate after Owen's nested uniform scrambling: points stay as even as they were, each
 * is uniform on the open interval, and different keys are independent. */
double sobol_scramble(uint32_t point, uint64_t key);

#endif
