/* check_observations.c - the record: its words are known, its periods are dates. */
#include "model/inside.h"

#include "base/calendar.h"
#include "base/text.h"

#include <string.h>

#define LONGEST_PERIOD 31

/* the last month of "..." after the two points, which may leave out the year */
static bool parse_end(const char *first_date, const char *text, int32_t *last)
{
    char whole[LONGEST_PERIOD + 1];
    int32_t first;
    if (calendar_parse(text, &first, last))
        return true;
    if (strlen(text) != 2 || first_date[4] != '-')
        return false;
    memcpy(whole, first_date, 5);
    memcpy(whole + 5, text, 3);
    return calendar_parse(whole, &first, last);
}

bool model_period_parse(const char *text, int32_t *first, int32_t *last)
{
    char begin[LONGEST_PERIOD + 1];
    const char *points = strstr(text, "..");
    int32_t from, to;
    if (!points)
        return calendar_parse(text, first, last);
    size_t n = (size_t)(points - text);
    if (n < 4 || n > LONGEST_PERIOD)
        return false;
    memcpy(begin, text, n);
    begin[n] = '\0';
    if (!calendar_parse(begin, &from, &to) || !parse_end(begin, points + 2, &to) || to < from)
        return false;
    *first = from;
    *last = to;
    return true;
}

/* A word of the record that its name table does not know, told once. */
static void check_word(loader *l, const model_cell *cell, table_id names, int32_t column)
{
    if (!*cell->text || l->is_missing[names] || model_find(l->model, names, cell->text) != YT_NONE)
        return;
    const model_table *t = &l->model->table[names];
    char *once = arena_printf(l->scratch, "%d\x1f%s", names, cell->text);
    int added = once ? map_put(l->words_seen, once, 1) : -1;
    l->is_out_of_memory = l->is_out_of_memory || added < 0;
    if (added != 1)
        return;
    const char **words = scratch_array(l, (size_t)t->rows + 1, sizeof *words);
    for (int32_t r = 0; words && r < t->rows; r++)
        words[r] = rows_cell(l, names, r, column)->text;
    log_error(l->log, YT_ENAME, cell->at, "there is no %s '%s' in %s%s",
              l->schema->info[names].column[column].name, cell->text, l->schema->info[names].file,
              words && t->rows < 5000 ? hint_nearest(l, cell->text, words, (size_t)t->rows) : "");
}

/* Another target that a target's number is made of. */
static void check_reference(loader *l, const model_cell *series, const model_cell *named)
{
    int32_t n = l->model->table[TABLE_target].rows;
    if (!text_equal(series->text, "target") ||
        model_find(l->model, TABLE_target, named->text) != YT_NONE)
        return;
    const char **ids = scratch_array(l, (size_t)n + 1, sizeof *ids);
    for (int32_t r = 0; ids && r < n; r++)
        ids[r] = rows_cell(l, TABLE_target, r, target_id)->text;
    log_error(l->log, YT_ENAME, named->at, "there is no target '%s'%s", named->text,
              ids ? hint_nearest(l, named->text, ids, (size_t)n) : "");
}

static void check_period(loader *l, const model_cell *period)
{
    int32_t first, last;
    if (*period->text && !model_period_parse(period->text, &first, &last))
        log_error(l->log, YT_EDATA, period->at,
                  "'%s' is no period; write 2010, 2010Q3, 2010H2, 2010-07, 2010-07-26, "
                  "2010-01..09 or 2010..2012",
                  period->text);
}

static void check_range(loader *l, const model_cell *low, const model_cell *high, const char *name)
{
    if (low->number > high->number)
        log_error(l->log, YT_EDATA, high->at, "%s_high %s is below %s_low %s", name, high->text,
                  name, low->text);
}

static void check_targets(loader *l)
{
    for (int32_t r = 0; r < l->model->table[TABLE_target].rows; r++) {
        const model_cell *row = rows_cell(l, TABLE_target, r, 0);
        check_period(l, &row[target_period]);
        check_period(l, &row[target_over_period]);
        check_range(l, &row[target_value_low], &row[target_value_high], "value");
        check_range(l, &row[target_claim_low], &row[target_claim_high], "claim");
        check_reference(l, &row[target_series], &row[target_product]);
        check_reference(l, &row[target_over_series], &row[target_over_product]);
    }
}

void check_observations(loader *l)
{
    check_targets(l);
    for (int32_t r = 0; r < l->model->table[TABLE_observation].rows; r++) {
        const model_cell *row = rows_cell(l, TABLE_observation, r, 0);
        check_period(l, &row[observation_period]);
        check_range(l, &row[observation_value_low], &row[observation_value_high], "value");
        check_word(l, &row[observation_product], TABLE_product_name, product_name_product);
        check_word(l, &row[observation_place], TABLE_place_name, place_name_place);
    }
}
