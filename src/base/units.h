/* units.h - units as data: one table says what may be written and what it means.
 *
 * Internal units: t, t/month, USD/t, share 0..1, months, per month, USD.  A year has
 * 12 months and 365.25 days.
 */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum unit_kind {
    UNIT_NONE,
    UNIT_MASS,               /* t                                        */
    UNIT_MASS_PER_TIME,      /* t/month                                  */
    UNIT_PRICE,              /* currency per t                           */
    UNIT_SHARE,              /* 0..1                                     */
    UNIT_RATIO,              /* t/t                                      */
    UNIT_DURATION,           /* months                                   */
    UNIT_RATE,               /* per month                                */
    UNIT_MONEY,              /* currency                                 */
    UNIT_MONEY_PER_CAPACITY, /* currency per (t/month)                   */
    UNIT_MONEY_PER_TIME,     /* currency per month                       */
    UNIT_ANGLE,              /* degrees                                  */
    UNIT_NUMBER,             /* pure number                              */
    UNIT_CURRENCY_RATE,      /* currency per one of per_currency         */
    UNIT_INDEX,              /* index points                             */
    UNIT_DISTANCE,           /* km                                       */
    UNIT_TRANSPORT_COST,     /* currency per (t*km)                      */
    UNIT_KINDS
} unit_kind;

typedef struct unit {
    unit_kind kind;
    double factor;        /* internal = written * factor                           */
    char currency[4];     /* ISO code, "" when there is no money in it             */
    char per_currency[4]; /* CURRENCY_RATE: the currency below the line            */
    char qualifier[24];   /* what the tonnes are of: "metal", "element", ...; or ""  */
} unit;

/* Understand a unit as written: "t/a", "kt_metal/a", "USD/kg", "t oxide", "%".  A text that
 * fits several kinds ("1") gives the first in the order of the enum; see
 * units_parse_as.  False when unknown; `out` unchanged then. */
bool units_parse(const char *text, unit *out);
/* The same when the kind is known, so that "1" is a share, a ratio or a number as is due. */
bool units_parse_as(const char *text, unit_kind kind, unit *out);

/* Written value to internal value. */
double units_convert(double value, const unit *u);

/* What may be written for a kind, for messages: "t/a, t/month, kt/a". */
const char *units_list(unit_kind kind);
/* "mass per time" and so on. */
const char *units_kind_name(unit_kind kind);
/* The unit closest to a misspelt one, NULL when none is near. */
const char *units_nearest(const char *text);

#endif
