/* calendar.h - months counted from year 0: month = year * 12 + (1..12) - 1. */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/* First and last month that a date covers: "2010", "2010-07", "2010-07-26", "2010Q3",
 * "2010H2", and "2010-04-early", "-mid", "-late".  False (nothing written) when it is no
 * such date; years 1000..2999. */
bool calendar_parse(const char *text, int32_t *first, int32_t *last);

/* "2010-07"; years 0..9999 only. */
void calendar_format(int32_t month, char text[8]);

static inline int32_t calendar_month(int32_t year, int32_t month_of_year)
{
    return year * 12 + month_of_year - 1;
}

static inline int32_t calendar_year(int32_t month)
{
    return month / 12;
}

/* 1..12 */
static inline int32_t calendar_month_of_year(int32_t month)
{
    return month % 12 + 1;
}

#endif
