/* rows.c - the tables of a case as text: files found, columns put in order, nothing judged yet.
 *
 * A table's rows may stand in one file or in every *.csv of a folder.  Whatever is read goes
 * into the manifest, whose hash names the case.
 */
#include "model/inside.h"

#include "base/file.h"
#include "base/table.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------ memory */

static yt_status make_room(loader *l, table_id id, int64_t rows)
{
    model_table *t = &l->model->table[id];
    if (rows <= l->room[id])
        return YT_OK;
    int64_t room = rows > 2 * (int64_t)l->room[id] ? rows : 2 * (int64_t)l->room[id];
    if (room > INT32_MAX / SCHEMA_COLUMNS_MAX)
        return YT_ENOMEM;
    model_cell *cell = arena_array(l->memory, (size_t)room * (size_t)t->columns, sizeof *cell);
    if (!cell)
        return YT_ENOMEM;
    if (t->rows > 0)
        memcpy(cell, t->cell, (size_t)t->rows * (size_t)t->columns * sizeof *cell);
    t->cell = cell;
    l->room[id] = (int32_t)room;
    return YT_OK;
}

static model_cell blank_cell(place at)
{
    model_cell cell = {"", NAN, YT_NONE, at};
    return cell;
}

model_cell *rows_add(loader *l, table_id id, place at)
{
    model_table *t = &l->model->table[id];
    if (make_room(l, id, (int64_t)t->rows + 1))
        return NULL;
    model_cell *row = &t->cell[(size_t)t->rows * (size_t)t->columns];
    for (int32_t c = 0; c < t->columns; c++)
        row[c] = blank_cell(at);
    t->rows++;
    return row;
}

void rows_remove(loader *l, table_id id, int32_t row)
{
    model_table *t = &l->model->table[id];
    size_t width = (size_t)t->columns;
    memmove(&t->cell[(size_t)row * width], &t->cell[((size_t)row + 1) * width],
            (size_t)(t->rows - row - 1) * width * sizeof *t->cell);
    t->rows--;
}

/* ---------------------------------------------------------------------------- manifest */

yt_status rows_note(loader *l, const char *name, const void *bytes, size_t n)
{
    char hex[65];
    hash_sha256(bytes, n, hex);
    size_t more = strlen(name) + 66;
    if (l->manifest_length + more + 1 > l->manifest_size) {
        size_t size = 2 * (l->manifest_length + more) + 4096;
        char *grown = arena_alloc(l->scratch, size);
        if (!grown)
            return YT_ENOMEM;
        if (l->manifest_length > 0)
            memcpy(grown, l->manifest, l->manifest_length);
        l->manifest = grown;
        l->manifest_size = size;
    }
    char *to = l->manifest + l->manifest_length;
    memcpy(to, name, more - 66);
    to[more - 66] = ' ';
    memcpy(to + more - 65, hex, 64);
    to[more - 1] = '\n';
    l->manifest_length += more;
    return YT_OK;
}

bool rows_stay_inside(const char *folder, const char *path)
{
    char *home = realpath(folder, NULL), *real = realpath(path, NULL);
    bool inside = true;
    if (home && real) {
        size_t n = strlen(home);
        bool is_root = n == 1;
        inside = strncmp(home, real, n) == 0 && (is_root || real[n] == '/' || real[n] == '\0');
    }
    free(home);
    free(real);
    return inside;
}

yt_status rows_read_file(loader *l, const char *path, const char *shown, const char *name,
                         char **bytes, size_t *n)
{
    yt_status status = file_read_all(l->scratch, path, shown, TABLE_MAX_BYTES, l->log, bytes, n);
    return status ? status : rows_note(l, name, *bytes, *n);
}

/* ------------------------------------------------------------------------------ header */

static void complain_of_column(loader *l, table_id id, const table *file, const table_cell *head)
{
    const char *near = model_column_nearest(id, head->text);
    if (text_is_blank(head->text))
        log_error(l->log, YT_ENAME, table_place(file, head), "this column has no name");
    else if (near)
        log_error(l->log, YT_ENAME, table_place(file, head),
                  "unknown column '%s', did you mean '%s'?", head->text, near);
    else
        log_error(l->log, YT_ENAME, table_place(file, head),
                  "unknown column '%s'; the table '%s' has none like it", head->text,
                  l->schema->info[id].name);
}

/* where[c] = column of the file that holds our column c, YT_NONE when it is not there */
static bool match_header(loader *l, table_id id, const table *file, int32_t *where)
{
    const schema_table *t = &l->schema->table[id];
    bool is_whole = true;
    for (int32_t c = 0; c < t->info->columns; c++)
        where[c] = YT_NONE;
    for (int32_t f = 0; f < file->columns; f++) {
        const table_cell *head = &file->header[f];
        int32_t c = model_column_find(id, head->text);
        if (c == YT_NONE) {
            complain_of_column(l, id, file, head);
        } else if (where[c] != YT_NONE) {
            log_error(l->log, YT_ESYNTAX, table_place(file, head),
                      "column '%s' is already there, as number %d", head->text, where[c] + 1);
        } else {
            where[c] = f;
        }
    }
    for (int32_t c = 0; c < t->info->columns; c++) {
        if (where[c] != YT_NONE || t->column[c].presence == ABSENT)
            continue;
        l->lost_columns[id] |= 1u << c;
        is_whole = is_whole && t->column[c].presence != NEEDED;
        log_error(l->log, YT_ESYNTAX, place_at(file->file, file->header[0].line, 0),
                  "column '%s' is missing%s", t->info->column[c].name,
                  t->column[c].presence == NEEDED ? "" : " (its cells may be blank)");
    }
    return is_whole;
}

/* -------------------------------------------------------------------------------- rows */

static yt_status append(loader *l, table_id id, const table *file, const int32_t *where,
                        const char *shown)
{
    int32_t columns = l->schema->info[id].columns;
    yt_status status = make_room(l, id, (int64_t)l->model->table[id].rows + file->rows);
    if (status)
        return status;
    for (int32_t r = 0; r < file->rows; r++) {
        model_cell *row = rows_add(l, id, place_at(shown, table_at(file, r, 0)->line, 0));
        for (int32_t c = 0; c < columns; c++) {
            if (where[c] == YT_NONE)
                continue;
            const table_cell *cell = table_at(file, r, where[c]);
            row[c].text = cell->text;
            row[c].at.line = cell->line;
            row[c].at.column = cell->column;
        }
    }
    return YT_OK;
}

static yt_status read_one(loader *l, table_id id, const char *name)
{
    char *path = file_join(l->memory, l->model->path, name);
    if (!path)
        return YT_ENOMEM;
    if (!rows_stay_inside(l->model->path, path)) {
        log_error(l->log, YT_EIO, place_at(path, 0, 0),
                  "this link leads out of the case folder; put the file itself there");
        l->is_missing[id] = true;
        return YT_OK;
    }
    char *bytes;
    size_t n;
    yt_status status = rows_read_file(l, path, path, name, &bytes, &n);
    if (status == YT_ENOMEM)
        return status;
    if (status) {
        l->is_missing[id] = true;
        return YT_OK;
    }
    table file = {0};
    status = table_parse(l->memory, bytes, n, path, l->log, &file);
    if (status == YT_ENOMEM)
        return status;
    if (status)
        l->has_lost_rows[id] = true;
    if (file.columns == 0) {
        l->is_missing[id] = true;
        return YT_OK;
    }
    int32_t where[SCHEMA_COLUMNS_MAX];
    if (!match_header(l, id, &file, where))
        l->is_missing[id] = true; /* no dangling references into half a table */
    if (!l->model->table[id].file)
        l->model->table[id].file = path;
    return append(l, id, &file, where, path);
}

static yt_status read_folder(loader *l, table_id id, const char *folder)
{
    const char **names;
    int32_t n;
    yt_status status = file_list(l->scratch, folder, ".csv", l->log, &names, &n);
    if (status)
        return status == YT_ENOMEM ? status : YT_OK;
    l->model->table[id].file = folder;
    for (int32_t i = 0; i < n && !status; i++) {
        char *name = file_join(l->scratch, l->schema->info[id].file, names[i]);
        status = name ? read_one(l, id, name) : YT_ENOMEM;
    }
    return status;
}

static yt_status read_table(loader *l, table_id id)
{
    const schema_table *t = &l->schema->table[id];
    char *path = file_join(l->memory, l->model->path, t->info->file);
    if (!path)
        return YT_ENOMEM;
    if (!text_ends_with(t->info->file, ".csv") && file_is_folder(path)) {
        if (rows_stay_inside(l->model->path, path))
            return read_folder(l, id, path);
        log_error(l->log, YT_EIO, place_at(path, 0, 0), "this link leads out of the case folder");
        return YT_OK;
    }
    if (file_exists(path) && text_ends_with(path, ".csv"))
        return read_one(l, id, t->info->file);
    if (t->presence == NEEDED) {
        l->is_missing[id] = true;
        log_error(l->log, YT_EIO, place_at(path, 0, 0),
                  "the file is missing; it holds the table '%s': %s", t->info->name, t->info->doc);
    }
    return YT_OK;
}

yt_status rows_read(loader *l)
{
    yt_status status = YT_OK;
    for (int i = 0; i < TABLE_COUNT && !status; i++) {
        l->model->table[i].columns = l->schema->info[i].columns;
        status = read_table(l, (table_id)i);
    }
    return status;
}
