/* ranks.c - the screen of shocks beside what others hold to be critical, pair by pair. */
#include "study/ranks.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { YEAR = 2 }; /* of screen_length: what officials plan for */

static double exposure_of_row(const screen_row *row, rank_by by)
{
    double loss = row->weighted[YEAR];
    if (by == RANK_BY_LOSS)
        return loss;
    return row->usual > 0 ? loss / (screen_length[YEAR] * 1e3 * row->usual) : 0;
}

/* Both measures are of the origin whose stop costs most. */
double ranks_exposure(const screen_result *r, int32_t element, rank_by by)
{
    const screen_row *worst = NULL;
    for (int32_t i = 0; i < r->rows; i++)
        if (r->row[i].element == element &&
            (!worst || r->row[i].weighted[YEAR] > worst->weighted[YEAR]))
            worst = &r->row[i];
    return worst ? exposure_of_row(worst, by) : 0;
}

typedef struct ranked { /* a row of published_rank */
    int32_t element;
    const char *name;
    double rank;
} ranked;

static ranked ranked_at(const yt_model *model, int32_t row)
{
    int32_t element = model_at(model, TABLE_published_rank, row, published_rank_element)->id;
    return (ranked){element, model_at(model, TABLE_element, element, element_id)->text,
                    model_at(model, TABLE_published_rank, row, published_rank_rank)->number};
}

static bool is_of(const yt_model *model, int32_t row, int32_t published)
{
    return model_at(model, TABLE_published_rank, row, published_rank_published)->id == published;
}

static void note_against(const ranked *over, const ranked *under, char text[160])
{
    size_t n = strlen(text);
    snprintf(text + n, 160 - n, "%s%s over %s", n ? ", " : "", over->name, under->name);
}

/* One pair: `first` should be the more exposed. */
static void count_pair(const screen_result *r, const ranked *first, const ranked *second,
                       ranks_of *made)
{
    made->pairs++;
    for (int by = 0; by < RANK_MEASURES; by++)
        if (ranks_exposure(r, first->element, by) > ranks_exposure(r, second->element, by))
            made->agree[by]++;
        else
            note_against(second, first, made->against[by]);
}

static void compare_one(const yt_model *model, const screen_result *r, int32_t published,
                        ranks_of *made)
{
    int32_t rows = model->table[TABLE_published_rank].rows;
    for (int32_t i = 0; i < rows; i++)
        for (int32_t k = 0; k < rows; k++) {
            if (!is_of(model, i, published) || !is_of(model, k, published))
                continue;
            ranked first = ranked_at(model, i), second = ranked_at(model, k);
            if (first.rank < second.rank)
                count_pair(r, &first, &second, made);
        }
}

int32_t ranks_compare(const yt_model *model, const screen_result *r, ranks_of made[])
{
    int32_t n = 0;
    for (int32_t p = 0; p < model->table[TABLE_published].rows; p++) {
#define TEXT(column) model_at(model, TABLE_published, p, published_##column)->text
        if (!text_equal(TEXT(answered_by), "ranks"))
            continue;
        made[n] = (ranks_of){.id = TEXT(id),
                             .kind = TEXT(kind),
                             .study = TEXT(study),
                             .tolerance = TEXT(tolerance),
                             .source = TEXT(source),
                             .grade = TEXT(grade),
                             .why = TEXT(why)};
#undef TEXT
        compare_one(model, r, p, &made[n]);
        n++;
    }
    return n;
}
