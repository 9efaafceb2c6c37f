/* fuzz_csv.c - any bytes as a table: no crash, cells are text, places are sane. */
#include "base/table.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *memory = arena_new();
    yt_log *log = yt_log_new();
    table t;
    yt_status status = table_parse(memory, (const char *)data, size, "fuzz.csv", log, &t);
    assert(status == log_worst(log));
    for (int32_t i = 0; i < t.rows; i++)
        for (int32_t j = 0; j < t.columns; j++) {
            const table_cell *c = table_at(&t, i, j);
            double number;
            char hint[80];
            assert(c->line > 1 && c->column > 0);
            assert(text_is_utf8(c->text, strlen(c->text)));
            if (!text_number(c->text, &number))
                assert(table_number_hint(c->text, hint, sizeof hint)[0]);
        }
    for (int32_t i = 0; i < yt_log_count(log, YT_NOTE); i++) {
        yt_message m = yt_log_get(log, i);
        assert(m.text[0] && text_is_utf8(m.text, strlen(m.text)) && !strpbrk(m.text, "\x1b\n\r"));
    }
    yt_log_free(log);
    arena_free(memory);
    return 0;
}
