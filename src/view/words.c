/* words.c - sentences that grow word by word. */
#include "view/words.h"

#include "view/inside.h"

#include <math.h>
#include <stdarg.h>

void view_say(view_words *s, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = vsnprintf(s->text + s->length, sizeof s->text - s->length, format, list);
    va_end(list);
    if (n > 0)
        s->length +=
            (size_t)n < sizeof s->text - s->length ? (size_t)n : sizeof s->text - s->length - 1;
}

void view_say_money(view_words *s, double dollars)
{
    char b[40];
    if (fabs(dollars) < 1)
        view_say(s, "0 USD");
    else if (fabs(dollars) >= 1e9)
        view_say(s, "%s billion USD", view_short_number(dollars / 1e9, b));
    else if (fabs(dollars) >= 1e5)
        view_say(s, "%s million USD", view_short_number(dollars / 1e6, b));
    else
        view_say(s, "%s USD", view_short_number(dollars, b));
}
