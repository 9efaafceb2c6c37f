/* rules.c - an index of rows by what they name.
 *
 * Rows are filed under their item, the set of columns they fill (a mask) and the ids in them;
 * rows of one file stand latest first.  A question looks into one file for each mask that
 * occurs, most columns first, and stops when no mask left can name more.
 */
#include "model/rules.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 16

struct model_index {
    int32_t columns, column[COLUMNS_MAX]; /* columns that name things, by their place in a mask */
    int32_t item, from, to, value;        /* columns, YT_NONE when there is none                */
    int32_t masks;
    uint32_t *mask;     /* that occur, most bits first                       [masks] */
    uint32_t slots;     /* a power of two                                            */
    int32_t *head;      /* first row of a file, YT_NONE when free            [slots] */
    int32_t *next;      /* next row of the same file, YT_NONE at the end     [rows]  */
    uint32_t *row_mask; /*                                               [rows]  */
};

/* what one file holds */
typedef struct file_name {
    int32_t item;
    uint32_t mask;
    int32_t id[COLUMNS_MAX]; /* only those of the mask */
} file_name;

static uint64_t hash_file(const file_name *f)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ (uint32_t)f->item;
    h = (h ^ f->mask) * 0xff51afd7ed558ccdu;
    for (uint32_t m = f->mask, i = 0; m; m >>= 1, i++)
        if (m & 1u)
            h = ((h ^ (h >> 29)) + (uint32_t)f->id[i]) * 0xc4ceb9fe1a85ec53u;
    return h ^ (h >> 32);
}

static const model_cell *row_of(const yt_model *m, table_id table, int32_t row)
{
    const model_table *t = &m->table[table];
    return &t->cell[(size_t)row * (size_t)t->columns];
}

static bool is_in_file(const yt_model *m, table_id table, const model_index *x, int32_t row,
                       const file_name *f)
{
    const model_cell *cell = row_of(m, table, row);
    if (x->row_mask[row] != f->mask || (x->item != YT_NONE && cell[x->item].id != f->item))
        return false;
    for (uint32_t mask = f->mask, i = 0; mask; mask >>= 1, i++)
        if (mask & 1u && cell[x->column[i]].id != f->id[i])
            return false;
    return true;
}

/* slot of the file, or the free one where it would go */
static uint32_t find_slot(const yt_model *m, table_id table, const model_index *x,
                          const file_name *f)
{
    uint32_t slot = (uint32_t)hash_file(f) & (x->slots - 1);
    while (x->head[slot] != YT_NONE && !is_in_file(m, table, x, x->head[slot], f))
        slot = (slot + 1) & (x->slots - 1);
    return slot;
}

/* ----------------------------------------------------------------------------- building */

static int bits(uint32_t mask)
{
    int n = 0;
    for (; mask; mask &= mask - 1)
        n++;
    return n;
}

static int by_bits(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return bits(x) != bits(y) ? bits(y) - bits(x) : (x > y) - (x < y);
}

/* a row and its date, to be sorted */
typedef struct dated_row {
    int32_t from, row;
} dated_row;

/* earliest first, of the same date the last row first: each goes before those put earlier */
static int by_date(const void *a, const void *b)
{
    const dated_row *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
                              : (x->row < y->row) - (x->row > y->row);
}

static int32_t date_of(const model_index *x, const model_cell *row)
{
    return x->from != YT_NONE && row[x->from].id != YT_NONE ? row[x->from].id : INT32_MIN;
}

static void choose_columns(const schema_table *t, model_index *x)
{
    x->item = t->item;
    x->from = t->from;
    x->to = t->to;
    x->value = t->info->facts == YT_NONE ? YT_NONE : t->info->facts + FACT_VALUE;
    int32_t own = t->info->facts == YT_NONE ? t->info->columns : t->info->facts;
    for (int32_t c = 0; c < own && x->columns < COLUMNS_MAX; c++) {
        column_type type = t->column[c].type;
        bool is_grade = type == TYPE_CHOICE && strcmp(t->info->column[c].name, "grade") == 0;
        if (!is_grade && (type == TYPE_REF || type == TYPE_CHOICE || type == TYPE_YEAR))
            x->column[x->columns++] = c;
    }
}

static file_name name_of_file(const model_index *x, const model_cell *row)
{
    file_name f = {.item = x->item == YT_NONE ? YT_NONE : row[x->item].id};
    for (int32_t i = 0; i < x->columns; i++) {
        int32_t id = row[x->column[i]].id;
        f.id[i] = id;
        f.mask |= id == YT_NONE ? 0 : 1u << i;
    }
    return f;
}

static void collect_masks(model_index *x, int32_t rows)
{
    for (int32_t r = 0; r < rows; r++) {
        int32_t i = 0;
        while (i < x->masks && x->mask[i] != x->row_mask[r])
            i++;
        if (i == x->masks)
            x->mask[x->masks++] = x->row_mask[r];
    }
    qsort(x->mask, (size_t)x->masks, sizeof *x->mask, by_bits);
}

static yt_status index_table(loader *l, table_id id)
{
    const schema_table *t = &l->schema->table[id];
    int32_t rows = l->model->table[id].rows;
    model_index *x = arena_alloc(l->memory, sizeof *x);
    if (!x)
        return YT_ENOMEM;
    l->model->index[id] = x;
    choose_columns(t, x);
    x->slots = 16;
    while (x->slots < 2 * (uint32_t)rows)
        x->slots *= 2;
    /* as many masks as subsets of the columns, but no more than rows */
    size_t masks = x->columns < 12 ? (size_t)1 << x->columns : (size_t)rows + 1;
    x->mask = arena_array(l->memory, masks, sizeof *x->mask);
    x->head = arena_array(l->memory, x->slots, sizeof *x->head);
    x->next = arena_array(l->memory, (size_t)rows + 1, sizeof *x->next);
    x->row_mask = arena_array(l->memory, (size_t)rows + 1, sizeof *x->row_mask);
    dated_row *order = arena_array(l->scratch, (size_t)rows + 1, sizeof *order);
    if (!x->mask || !x->head || !x->next || !x->row_mask || !order)
        return YT_ENOMEM;

    memset(x->head, 0xff, x->slots * sizeof *x->head);
    for (int32_t r = 0; r < rows; r++) {
        const model_cell *row = row_of(l->model, id, r);
        x->row_mask[r] = name_of_file(x, row).mask;
        order[r] = (dated_row){date_of(x, row), r};
    }
    collect_masks(x, rows);
    qsort(order, (size_t)rows, sizeof *order, by_date);
    for (int32_t i = 0; i < rows; i++) {
        int32_t r = order[i].row;
        file_name f = name_of_file(x, row_of(l->model, id, r));
        uint32_t slot = find_slot(l->model, id, x, &f);
        x->next[r] = x->head[slot];
        x->head[slot] = r;
    }
    return YT_OK;
}

yt_status rules_index(loader *l)
{
    yt_status status = YT_OK;
    for (int i = 0; i < TABLE_COUNT && !status; i++) {
        const schema_table *t = &l->schema->table[i];
        if (t->info->facts != YT_NONE || t->from != YT_NONE)
            status = index_table(l, (table_id)i);
    }
    return status;
}

/* ------------------------------------------------------------------------------- asking */

/* the latest row of a file that is in force */
static int32_t latest(const yt_model *m, table_id table, const model_index *x, const file_name *f,
                      int32_t month)
{
    for (int32_t r = x->head[find_slot(m, table, x, f)]; r != YT_NONE; r = x->next[r]) {
        const model_cell *row = row_of(m, table, r);
        bool has_begun = date_of(x, row) <= month;
        bool has_ended = x->to != YT_NONE && row[x->to].id != YT_NONE && row[x->to].id < month;
        if (has_begun && !has_ended)
            return r;
    }
    return YT_NONE;
}

int32_t model_rule(const yt_model *model, table_id table, int32_t item, const model_match *match,
                   int32_t n, int32_t month)
{
    const model_index *x = model->index[table];
    if (!x)
        return YT_NONE;
    file_name f = {.item = x->item == YT_NONE ? YT_NONE : item};
    uint32_t asked = 0;
    for (int32_t i = 0; i < x->columns; i++)
        for (int32_t k = 0; k < n; k++)
            if (match[k].column == x->column[i] && match[k].id != YT_NONE) {
                asked |= 1u << i;
                f.id[i] = match[k].id;
            }

    int32_t best = YT_NONE, best_date = INT32_MIN;
    int best_bits = 0;
    for (int32_t i = 0; i < x->masks; i++) {
        f.mask = x->mask[i];
        if (f.mask & ~asked)
            continue;
        if (best != YT_NONE && bits(f.mask) < best_bits)
            break;
        int32_t row = latest(model, table, x, &f, month);
        if (row == YT_NONE)
            continue;
        int32_t date = date_of(x, row_of(model, table, row));
        if (best == YT_NONE || date > best_date || (date == best_date && row < best)) {
            best = row;
            best_date = date;
            best_bits = bits(f.mask);
        }
    }
    return best;
}

double model_rule_value(const yt_model *model, table_id table, int32_t item,
                        const model_match *match, int32_t n, int32_t month, double otherwise)
{
    int32_t row = model_rule(model, table, item, match, n, month);
    const model_index *x = model->index[table];
    return row == YT_NONE || x->value == YT_NONE ? otherwise
                                                 : row_of(model, table, row)[x->value].number;
}
