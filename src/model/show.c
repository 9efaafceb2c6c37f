/* show.c - a model read by name: cells, keys, rows that satisfy a condition. */
#include "model/inside.h"

#include "base/calendar.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

const model_cell *model_at(const yt_model *model, table_id id, int32_t row, int32_t column)
{
    const model_table *t = &model->table[id];
    assert(row >= 0 && row < t->rows && column >= 0 && column < t->columns);
    return &t->cell[(size_t)row * (size_t)t->columns + (size_t)column];
}

int32_t model_find(const yt_model *model, table_id id, const char *key)
{
    return model->key[id] ? map_get(model->key[id], key) : YT_NONE;
}

static bool same_month(bool is_last, const char *a, const char *b)
{
    int32_t first[2], last[2];
    if (!calendar_parse(a, &first[0], &last[0]) || !calendar_parse(b, &first[1], &last[1]))
        return false;
    return is_last ? last[0] == last[1] : first[0] == first[1];
}

bool cell_means(const model_column_info *column, const char *a, const char *b)
{
    if (strcmp(a, b) == 0)
        return true;
    if (strcmp(column->type, "MONTH") == 0)
        return same_month(strcmp(column->name, "to") == 0, a, b);
    double x, y;
    return strcmp(column->type, "NUMBER") == 0 && text_number(a, &x) && text_number(b, &y) &&
           x >= y && x <= y;
}

yt_status model_row_matches(const yt_model *model, table_id id, int32_t row, const char *condition,
                            bool *matches)
{
    const char *equals = strchr(condition, '=');
    char name[64];
    if (!equals)
        return YT_ERANGE;
    size_t n = (size_t)(equals - condition);
    if (n >= sizeof name)
        return YT_ENAME;
    memcpy(name, condition, n);
    name[n] = '\0';
    int32_t c = model_column_find(id, name);
    if (c == YT_NONE)
        return YT_ENAME;
    model_table_info info = model_table_describe(id);
    *matches = cell_means(&info.column[c], model_at(model, id, row, c)->text, equals + 1);
    return YT_OK;
}
