/* fuzz_case.c - any bytes as files of a case: no crash, and a model that holds together.
 *
 * The blob changes the tiny case.  It is read line by line:
 *     %FILE                  what follows, up to the next % line, is that file's content
 *     @FILE ROW COLUMN TEXT  one cell of a table gets this text (row 0 is the header)
 *     !TEXT                  a --set
 * FILE is one of the schema's files, case.yaml, overlay.yaml (laid over the case) or
 * history.csv; others are left alone.  Run from the root of the repository.
 */
#include "base/file.h"
#include "base/table.h"
#include "fuzz/fuzz.h"
#include "model/model.h"
#include "model/rules.h"

#include <assert.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TINY "tests/cases/tiny"
#define HISTORY "observations/history/prices.csv"
#define SETS_MOST 8

static char folder[64];

static void clean_up(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    (void)!system(command);
}

static void set_up(void)
{
    char command[200];
    if (folder[0])
        return;
    strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/case.XXXXXX" : "/tmp/case.XXXXXX");
    if (!mkdtemp(folder))
        abort();
    atexit(clean_up);
    snprintf(command, sizeof command, "cp -r " TINY "/. %s", folder);
    if (system(command) != 0)
        abort();
}

/* the file's path inside the case, NULL when a blob may not touch it */
static const char *known_file(const char *name)
{
    static const char *const others[] = {"case.yaml", "overlay.yaml"};
    for (int i = 0; i < 2; i++)
        if (strcmp(name, others[i]) == 0)
            return others[i];
    if (strcmp(name, "history.csv") == 0)
        return HISTORY;
    for (int t = 0; t < TABLE_COUNT; t++) {
        const char *file = model_table_describe((table_id)t).file;
        if (strcmp(name, file) == 0 && strstr(file, ".csv"))
            return file;
    }
    return NULL;
}

static void write_file(const char *name, const void *bytes, size_t n)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert(file);
    fwrite(bytes, 1, n, file);
    fclose(file);
}

/* back to the tiny case's */
static void restore_file(const char *name)
{
    char path[300];
    size_t n;
    char *bytes;
    arena *memory = arena_new();
    if (strcmp(name, "overlay.yaml") == 0) {
        snprintf(path, sizeof path, "%s/%s", folder, name);
        unlink(path);
    } else {
        snprintf(path, sizeof path, TINY "/%s", name);
        if (file_read_all(memory, path, NULL, 1 << 20, NULL, &bytes, &n) == YT_OK)
            write_file(name, bytes, n);
    }
    arena_free(memory);
}

static void write_cell(FILE *file, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

/* the file as it is now, with one cell changed */
static void change_cell(const char *name, int row, int column, const char *text)
{
    char path[300];
    arena *memory = arena_new();
    table t = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)table_read(memory, path, NULL, NULL, &t);
    FILE *file = t.columns > 0 ? fopen(path, "wb") : NULL;
    for (int32_t r = 0; file && r <= t.rows; r++)
        for (int32_t c = 0; c < t.columns; c++) {
            const char *old = r == 0 ? t.header[c].text : table_at(&t, r - 1, c)->text;
            write_cell(file, r == row && c == column ? text : old);
            fputc(c + 1 < t.columns ? ',' : '\n', file);
        }
    if (file)
        fclose(file);
    arena_free(memory);
}

static bool is_start(const char *line, const char *end)
{
    return line < end && (*line == '%' || *line == '@' || *line == '!');
}

typedef struct changes {
    const char *touched[TABLE_COUNT + 8];
    int n;
    char set[SETS_MOST][200];
    int sets;
    bool has_overlay;
} changes;

static void touch(changes *c, const char *file)
{
    for (int i = 0; i < c->n; i++)
        if (c->touched[i] == file)
            return;
    c->touched[c->n++] = file;
    c->has_overlay = c->has_overlay || strcmp(file, "overlay.yaml") == 0;
}

static void apply(changes *c, const char *line, const char *line_end, const char *body,
                  const char *body_end)
{
    char text[400], name[100], cell[300] = "";
    int row, column;
    size_t n = (size_t)(line_end - line);
    if (n >= sizeof text)
        return;
    memcpy(text, line, n);
    text[n] = '\0';
    if (text[0] == '!' && c->sets < SETS_MOST) {
        snprintf(c->set[c->sets++], sizeof c->set[0], "%.199s", text + 1);
    } else if (text[0] == '%' && known_file(text + 1)) {
        touch(c, known_file(text + 1));
        write_file(known_file(text + 1), body, (size_t)(body_end - body));
    } else if (text[0] == '@' &&
               sscanf(text + 1, "%99s %d %d %299[^\n]", name, &row, &column, cell) >= 3 &&
               known_file(name) && strstr(name, ".csv")) {
        touch(c, known_file(name));
        change_cell(known_file(name), row, column, cell);
    }
}

static void read_blob(const char *blob, size_t n, changes *c)
{
    const char *end = blob + n;
    for (const char *line = blob; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *line_end = newline ? newline : end, *body = newline ? newline + 1 : end;
        const char *next = body;
        while (*line == '%' && next < end && !is_start(next, end)) {
            newline = memchr(next, '\n', (size_t)(end - next));
            next = newline ? newline + 1 : end;
        }
        apply(c, line, line_end, body, next);
        line = next;
    }
}

/* every reference leads somewhere, every number is a number */
static void check_model(const yt_model *m)
{
    for (int t = 0; t < TABLE_COUNT; t++) {
        model_table_info info = model_table_describe((table_id)t);
        for (int32_t r = 0; r < m->table[t].rows; r++)
            for (int32_t c = 0; c < info.columns; c++) {
                const model_cell *cell = model_at(m, (table_id)t, r, c);
                const char *type = info.column[c].type;
                assert(cell->text && cell->at.file);
                if (strcmp(type, "REF") == 0) {
                    int32_t rows = m->table[model_table_find(info.column[c].target)].rows;
                    assert(*cell->text ? cell->id >= 0 && cell->id < rows : cell->id == YT_NONE);
                }
                if (strcmp(type, "NUMBER") == 0)
                    assert(*cell->text ? isfinite(cell->number) : isnan(cell->number));
                assert(*cell->text || !info.column[c].needed);
            }
    }
    const model_match match[] = {{trade_cost_origin, 0}, {trade_cost_destination, 1}};
    (void)model_rule(m, TABLE_trade_cost, ITEM_trade_cost_freight, match, 2, m->start);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    set_up();
    changes c = {.n = 0};
    read_blob((const char *)data, size, &c);
    const char *overlay = "overlay.yaml", *sets[SETS_MOST];
    for (int i = 0; i < c.sets; i++)
        sets[i] = c.set[i];

    yt_log *log = yt_log_new();
    yt_model *model = NULL;
    yt_status status = model_load_with(folder, &overlay, c.has_overlay, sets, c.sets, log, &model);
    assert((status == YT_OK) == (yt_log_count(log, YT_ERROR) == 0));
    assert((status == YT_OK) == (model != NULL));
    if (model)
        check_model(model);
    yt_model_free(model);
    yt_log_free(log);
    for (int i = 0; i < c.n; i++)
        restore_file(c.touched[i]);
    return 0;
}
