/* calendar.c - dates as people write them, as ranges of months. */
#include "base/calendar.h"

#include <string.h>

/* `n` digits at *text, stepped over; -1 when they are not there */
static int32_t digits(const char **text, int n)
{
    int32_t value = 0;
    for (int i = 0; i < n; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9')
            return -1;
        value = 10 * value + (c - '0');
    }
    *text += n;
    return value;
}

static int32_t days_in(int32_t year, int32_t month_of_year)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month_of_year - 1] + (month_of_year == 2 && is_leap);
}

static bool is_part_of_month(const char *text)
{
    return strcmp(text, "-early") == 0 || strcmp(text, "-mid") == 0 || strcmp(text, "-late") == 0;
}

bool calendar_parse(const char *text, int32_t *first, int32_t *last)
{
    if (!text)
        return false;
    int32_t year = digits(&text, 4);
    if (year < 1000 || year > 2999)
        return false;
    int32_t from = 1, to = 12;
    if (*text == 'Q' || *text == 'H') {
        int32_t length = *text == 'Q' ? 3 : 6;
        text++;
        int32_t part = digits(&text, 1);
        if (part < 1 || part > 12 / length || *text)
            return false;
        to = part * length;
        from = to - length + 1;
    } else if (*text == '-') {
        text++;
        from = to = digits(&text, 2);
        if (from < 1 || from > 12)
            return false;
        if (*text && !is_part_of_month(text)) {
            if (*text++ != '-')
                return false;
            int32_t day = digits(&text, 2);
            if (day < 1 || day > days_in(year, from) || *text)
                return false;
        }
    } else if (*text) {
        return false;
    }
    *first = calendar_month(year, from);
    *last = calendar_month(year, to);
    return true;
}

void calendar_format(int32_t month, char text[8])
{
    int32_t year = month / 12, part = month % 12 + 1;
    if (month < 0 || year > 9999) {
        memcpy(text, "-------", 8);
        return;
    }
    for (int i = 3; i >= 0; i--, year /= 10)
        text[i] = (char)('0' + year % 10);
    text[4] = '-';
    text[5] = (char)('0' + part / 10);
    text[6] = (char)('0' + part % 10);
    text[7] = '\0';
}
