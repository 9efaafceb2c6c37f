/* backtest_published.c - results of other people, each by the targets that are part of it. */
#include "study/backtest_inside.h"

#include "base/text.h"

static const char *published_text(const yt_model *model, int32_t row, int32_t column)
{
    return model_at(model, TABLE_published, row, column)->text;
}

/* A row of the case's table may be asked of several ensembles: what the first of them that can
 * tell says; NULL: none can.  *is_asked: of any. */
static const backtest_target *first_answer(const backtest *b, int32_t row, bool *is_asked)
{
    *is_asked = false;
    for (int32_t i = 0; i < b->targets; i++)
        if (b->target[i].row == row) {
            *is_asked = true;
            if (b->target[i].n > 0)
                return &b->target[i];
        }
    return NULL;
}

/* All parts have to be inside; one that no world can tell is not. */
static void count_parts(const yt_model *model, const backtest *b, int32_t published,
                        backtest_published *p)
{
    int32_t answered = 0;
    for (int32_t r = 0; r < model->table[TABLE_target].rows; r++) {
        bool is_asked;
        if (model_at(model, TABLE_target, r, target_published)->id != published)
            continue;
        const backtest_target *t = first_answer(b, r, &is_asked);
        p->parts += is_asked;
        p->parts_inside += t && t->inside;
        answered += t != NULL;
    }
    p->parts = answered > 0 ? p->parts : 0;
    p->inside = p->parts > 0 && p->parts_inside == p->parts;
}

yt_status answer_published(const yt_model *model, backtest *b)
{
    int32_t rows = model->table[TABLE_published].rows;
    b->published = arena_array(b->memory, (size_t)rows + 1, sizeof *b->published);
    if (!b->published)
        return YT_ENOMEM;
    for (int32_t r = 0; r < rows; r++) {
        backtest_published *p = &b->published[b->publisheds++];
        *p = (backtest_published){
            .id = published_text(model, r, published_id),
            .kind = published_text(model, r, published_kind),
            .study = published_text(model, r, published_study),
            .finding = published_text(model, r, published_finding),
            .tolerance = published_text(model, r, published_tolerance),
            .grade = published_text(model, r, published_grade),
            .why = published_text(model, r, published_why),
            .by_ranks = text_equal(published_text(model, r, published_answered_by), "ranks")};
        count_parts(model, b, r, p);
        b->published_known += p->parts > 0;
        b->published_inside += p->inside;
    }
    return YT_OK;
}

const char *backtest_answered_by(const backtest_published *p)
{
    return p->parts > 0 ? "targets" : p->by_ranks ? "screen" : "nothing";
}
