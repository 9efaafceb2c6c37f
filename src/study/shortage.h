/* shortage.h - what can be said of a shortage without simulating it: the first answer of a
 * shock, and what its worlds are held against. */
#ifndef STUDY_SHORTAGE_H
#define STUDY_SHORTAGE_H

/* How long a stock lasts, in months, when `use` is drawn and `supply` still comes, both in the
 * unit of the stock a month; INFINITY when supply is enough. */
double shortage_cover(double stock, double use, double supply);

/* The price, as a multiple of before, when the share `lost`, 0..1, of all supply is
 * gone: (1 - lost)^(-1 / (e + s)) for use p^-e and supply (1 - lost) p^s; e, s >= 0.  INFINITY
 * when nothing is left, or nobody gives way.
 * Use falls to (that price)^-e, of what there still is when the price has no bound. */
double shortage_price(double lost, double demand_elasticity, double supply_elasticity);
double shortage_use(double lost, double demand_elasticity, double supply_elasticity);

#endif
