/* formula.h - what a chemical formula says of mass: oxide, metal, compound, crystal water. */
#ifndef BASE_FORMULA_H
#define BASE_FORMULA_H

#include <stdint.h>

/* Mass of one mole of an atom, g/mol; NAN: there is no such atom. */
typedef double formula_mass(const void *context, const char *symbol);

/* Mass of `symbol` in a formula such as Pr6O11, Ce2(CO3)3, NdCl3*6H2O or Nd1.6Pr0.4Fe14B, over
 * the mass of all of it: t of the element in a t.  0 when it is not in it.
 * *wrong: where the formula cannot be read, or begins an atom without a mass; NULL when it can
 * be.  NAN then, and for the empty formula. */
double formula_share(const char *formula, const char *symbol, formula_mass *mass,
                     const void *context, const char **wrong);

/* t of one compound that hold the same of the element as a t of another: a t of metal as oxide
 * is formula_factor("Nd", "Nd2O3", "Nd", ...).  NAN where formula_share is, or there is none. */
double formula_factor(const char *from, const char *to, const char *symbol, formula_mass *mass,
                      const void *context);

#endif
