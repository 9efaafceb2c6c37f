/* model_fixture.c - copies of a case in a temporary folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_fixture.h"
#include "room.h"

#include "base/file.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *model_fixture_path(const model_fixture *f, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    return path;
}

static char *read_file(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot read %s", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    *n = fread(bytes, 1, (size_t)size, file);
    bytes[*n] = '\0';
    fclose(file);
    return bytes;
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        fail_msg("cannot write %s", path);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static void copy_folder(const char *from, const char *to)
{
    mkdir(to, 0755);
    DIR *folder = opendir(from);
    if (!folder)
        fail_msg("there is no folder %s: run the tests from the root of the repository", from);
    for (struct dirent *e = readdir(folder); e; e = readdir(folder)) {
        char source[512], target[512];
        if (e->d_name[0] == '.')
            continue;
        snprintf(source, sizeof source, "%s/%s", from, e->d_name);
        snprintf(target, sizeof target, "%s/%s", to, e->d_name);
        if (file_is_folder(source)) {
            copy_folder(source, target);
            continue;
        }
        size_t n;
        char *bytes = read_file(source, &n);
        write_file(target, bytes, n);
        free(bytes);
    }
    closedir(folder);
}

model_fixture model_fixture_new(const char *copy_of)
{
    model_fixture f;
    assert_int_equal(make_room(f.folder, NULL), 0);
    copy_folder(copy_of, f.folder);
    return f;
}

void model_fixture_free(model_fixture *f)
{
    remove_room(f->folder);
    f->folder[0] = '\0';
}

char *model_fixture_read(const model_fixture *f, const char *name, size_t *n)
{
    return read_file(model_fixture_path(f, name), n);
}

void model_fixture_write(const model_fixture *f, const char *name, const void *bytes, size_t n)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", f->folder, name);
    for (char *slash = strchr(path + strlen(f->folder) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
    write_file(path, bytes, n);
}

void model_fixture_write_text(const model_fixture *f, const char *name, const char *text)
{
    model_fixture_write(f, name, text, strlen(text));
}

void model_fixture_replace(const model_fixture *f, const char *name, const char *old,
                           const char *new)
{
    size_t n, old_n = strlen(old), new_n = strlen(new);
    char *bytes = model_fixture_read(f, name, &n);
    char *at = strstr(bytes, old);
    if (!at)
        fail_msg("%s does not contain '%s'", name, old);
    char *out = malloc(n + new_n + 1);
    assert_non_null(out);
    size_t before = (size_t)(at - bytes);
    memcpy(out, bytes, before);
    memcpy(out + before, new, new_n);
    memcpy(out + before + new_n, at + old_n, n - before - old_n);
    model_fixture_write(f, name, out, n - old_n + new_n);
    free(out);
    free(bytes);
}

/* ---------------------------------------------------------------------------- canonical */

typedef struct growing {
    char *text;
    size_t n, size;
} growing;

static void add_text(growing *g, const char *text)
{
    size_t n = strlen(text);
    if (g->n + n + 1 > g->size) {
        g->size = 2 * (g->n + n) + 1024;
        g->text = realloc(g->text, g->size);
        assert_non_null(g->text);
    }
    memcpy(g->text + g->n, text, n + 1);
    g->n += n;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_cell(growing *g, const model_table_info *info, int32_t column,
                     const model_cell *cell)
{
    char text[64];
    const char *type = info->column[column].type;
    if (info->facts != YT_NONE && column == info->facts + FACT_UNIT)
        return;
    if (strcmp(type, "NUMBER") == 0)
        snprintf(text, sizeof text, "%.12g", cell->number);
    else if (strcmp(type, "MONTH") == 0 || strcmp(type, "YEAR") == 0)
        snprintf(text, sizeof text, "%d", cell->id);
    else
        text[0] = '\0';
    add_text(g, *text ? text : cell->text);
    add_text(g, "\x1f");
}

char *model_fixture_canonical(const yt_model *model)
{
    growing all = {NULL, 0, 0};
    for (int t = 0; t < TABLE_COUNT; t++) {
        model_table_info info = model_table_describe((table_id)t);
        int32_t rows = model->table[t].rows;
        char **line = calloc((size_t)rows + 1, sizeof *line);
        assert_non_null(line);
        for (int32_t r = 0; r < rows; r++) {
            growing g = {NULL, 0, 0};
            for (int32_t c = 0; c < info.columns; c++)
                add_cell(&g, &info, c, model_at(model, (table_id)t, r, c));
            line[r] = g.text;
        }
        qsort(line, (size_t)rows, sizeof *line, by_text);
        add_text(&all, info.name);
        add_text(&all, "\n");
        for (int32_t r = 0; r < rows; r++) {
            add_text(&all, line[r]);
            add_text(&all, "\n");
            free(line[r]);
        }
        free(line);
    }
    return all.text;
}

/* ------------------------------------------------------------------------------- loading */

void model_fixture_show(const yt_log *log)
{
    for (int32_t i = 0; i < yt_log_count(log, YT_NOTE); i++) {
        yt_message m = yt_log_get(log, i);
        fprintf(stderr, "    %s:%d:%d: %s: %s\n", m.file ? m.file : "-", m.line, m.column,
                m.severity == YT_ERROR ? "error" : "warning", m.text);
    }
}

yt_model *model_fixture_load(const char *path, const char *overlay)
{
    yt_log *log = yt_log_new();
    yt_model *model = NULL;
    yt_status status = yt_model_load(path, &overlay, overlay ? 1 : 0, log, &model);
    if (status || yt_log_count(log, YT_NOTE) > 0) {
        model_fixture_show(log);
        fail_msg("%s: status %d", path, status);
    }
    yt_log_free(log);
    return model;
}
