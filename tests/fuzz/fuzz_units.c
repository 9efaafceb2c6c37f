/* fuzz_units.c - any text as a unit, a number and a date. */
#include "base/calendar.h"
#include "base/text.h"
#include "base/units.h"
#include "fuzz/fuzz.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    assert(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';

    unit u, same;
    if (units_parse(text, &u)) {
        assert(u.kind > UNIT_NONE && u.kind < UNIT_KINDS && u.factor > 0);
        assert(units_parse_as(text, u.kind, &same) && same.factor == u.factor);
    }
    const char *near = units_nearest(text);
    assert(!near || near[0]);

    double value, back;
    char written[32];
    if (text_number(text, &value)) {
        assert(isfinite(value));
        text_format_number(written, sizeof written, value);
        assert(text_number(written, &back) && back == value);
    }
    int32_t first, last;
    if (calendar_parse(text, &first, &last))
        assert(first <= last && last - first < 12);
    free(text);
    return 0;
}
