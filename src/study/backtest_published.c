/* backtest_published.c - results of other people, each by the targets that are part of it. */
#include "study/backtest_inside.h"

#include "base/text.h"

static const char *published_text(const yt_model *model, int32_t row, int32_t column)
{
    return model_at(model, TABLE_published, row, column)->text;
}

/* Was the row of the case's table answered by worlds that decided earlier? */
static bool is_answered_before(const backtest *b, int32_t at)
{
    for (int32_t i = 0; i < at; i++)
        if (b->target[i].row == b->target[at].row && b->target[i].n > 0)
            return true;
    return false;
}

/* All parts that worlds tell have to be inside, each asked where it is answered first. */
static void count_parts(const backtest *b, backtest_published *p)
{
    for (int32_t i = 0; i < b->targets; i++) {
        const backtest_target *t = &b->target[i];
        if (!t->published || !text_equal(t->published, p->id) || t->n == 0 ||
            is_answered_before(b, i))
            continue;
        p->parts++;
        p->parts_inside += t->inside;
    }
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
        count_parts(b, p);
        b->published_known += p->parts > 0;
        b->published_inside += p->inside;
    }
    return YT_OK;
}

const char *backtest_answered_by(const backtest_published *p)
{
    return p->parts > 0 ? "targets" : p->by_ranks ? "screen" : "nothing";
}
