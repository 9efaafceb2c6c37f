/* finance.h - what money at other times is worth now, and what it is worth to wait.
 *
 * Rates are effective, shares a year (0.08), above -1.
 */
#ifndef BASE_FINANCE_H
#define BASE_FINANCE_H

#include <stdint.h>

/* Worth now of flow[i], paid i years from now. */
double finance_present_value(const double flow[], int32_t n, double rate_per_year);
/* The rate at which that is 0, for flows that are first paid and then earned; NAN when no rate
 * between -99.9999 % and 1,000,000 % does it. */
double finance_internal_rate(const double flow[], int32_t n);
/* Worth now of 1 a year, paid evenly over `years` (>= 0): the integral of (1 + rate)^-t. */
double finance_annuity(double rate_per_year, double years);
/* The rate a month that comes to this rate a year. */
double finance_monthly_rate(double rate_per_year);

/* How many times its cost a project must be worth before an investor who may wait goes ahead:
 * beta / (beta - 1), beta = 1/2 - m/s^2 + sqrt((m/s^2 - 1/2)^2 + 2 r/s^2), for a worth that
 * drifts by m and has volatility s, continuous rates a year, and an investor who asks r > 0.
 * INFINITY when the worth grows as fast as r: waiting is always better.
 * Source: Dixit and Pindyck 1994, chapter 5. */
double finance_option_multiple(double drift, double volatility, double rate);

#endif
