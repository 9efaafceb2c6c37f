/* load.c - a case from its folder to a model: case.yaml, tables, overlays, checks.
 *
 * Reading goes on after mistakes, so that one pass tells them all, sorted by file and line.
 * Nothing outside the case folder is read but the overlays that the caller names.
 */
#include "model/inside.h"

#include "base/calendar.h"
#include "base/file.h"
#include "base/table.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define CASE_FILE "case.yaml"
#define SPIN_UP_DEFAULT 60 /* months, when case.yaml does not say */
#define SPIN_UP_MOST 1200  /* months */

/* ---------------------------------------------------------------------------- case.yaml */

static const char *const case_keys[] = {"name",    "title",          "description", "start",
                                        "end",     "spin_up_months", "base_year",   "overlays",
                                        "licence", "citation",       "decide_from", "incumbent"};
enum { CASE_KEYS = sizeof case_keys / sizeof *case_keys };

static void complain_of_keys(loader *l, const yaml_node *root)
{
    for (const yaml_node *v = root->first; v; v = v->next) {
        int k = 0;
        while (k < CASE_KEYS && strcmp(v->key, case_keys[k]) != 0)
            k++;
        if (k == CASE_KEYS)
            log_error(l->log, YT_ENAME, yaml_key_place(v), "unknown key '%s'%s", v->key,
                      hint_nearest(l, v->key, case_keys, CASE_KEYS));
        else if (strcmp(v->key, "overlays") != 0 && v->kind != YAML_SCALAR)
            log_error(l->log, YT_ESYNTAX, yaml_place(v), "%s is a %s here; a text is due", v->key,
                      yaml_kind_name(v->kind));
    }
}

/* Text of a key that must be there; NULL and a message when it is not. */
static const yaml_node *need(loader *l, const yaml_node *root, const char *key, const char *example)
{
    const yaml_node *node = yaml_get(root, key);
    if (!node || yaml_is_null(node)) {
        log_error(l->log, YT_ESYNTAX, node ? yaml_place(node) : yaml_place(root),
                  "'%s' is missing; write for example %s: %s", key, key, example);
        return NULL;
    }
    return node->kind == YAML_SCALAR ? node : NULL;
}

static int32_t read_month(loader *l, const yaml_node *node, bool is_last)
{
    int32_t first, last;
    if (!node)
        return YT_NONE;
    if (strlen(node->text) <= 7 && calendar_parse(node->text, &first, &last))
        return is_last ? last : first;
    log_error(l->log, YT_EDATA, yaml_place(node), "%s '%s' is no month; write it as 2000-01",
              node->key, node->text);
    return YT_NONE;
}

static int32_t read_integer(loader *l, const yaml_node *node, int32_t lowest, int32_t highest)
{
    int32_t value;
    if (!node || node->kind != YAML_SCALAR)
        return YT_NONE;
    if (text_integer(node->text, &value) && value >= lowest && value <= highest)
        return value;
    log_error(l->log, YT_EDATA, yaml_place(node), "%s '%s' is no whole number from %d to %d",
              node->key, node->text, lowest, highest);
    return YT_NONE;
}

static void read_case_keys(loader *l, const yaml_node *root)
{
    yt_model *m = l->model;
    complain_of_keys(l, root);
    const yaml_node *name = need(l, root, "name", "my-case");
    m->name = name ? name->text : "";
    m->title = yaml_text(root, "title", m->name);
    m->description = yaml_text(root, "description", "");
    m->licence = yaml_text(root, "licence", "");
    m->citation = yaml_text(root, "citation", "");
    const yaml_node *end = need(l, root, "end", "2040-12");
    m->start = read_month(l, need(l, root, "start", "2000-01"), false);
    m->end = read_month(l, end, true);
    if (m->start != YT_NONE && m->end != YT_NONE && m->start > m->end)
        log_error(l->log, YT_EDATA, yaml_place(end), "end %s is before start %s", end->text,
                  yaml_text(root, "start", ""));
    m->base_year = read_integer(l, need(l, root, "base_year", "2024"), 1000, 2999);
    const yaml_node *spin_up = yaml_get(root, "spin_up_months");
    m->spin_up = spin_up ? read_integer(l, spin_up, 0, SPIN_UP_MOST) : SPIN_UP_DEFAULT;
    const yaml_node *decide = yaml_get(root, "decide_from");
    m->decide_from = read_month(l, decide, false);
    if (m->decide_from != YT_NONE && m->start != YT_NONE && m->end >= m->start &&
        (m->decide_from < m->start || m->decide_from > m->end))
        log_error(l->log, YT_EDATA, yaml_place(decide),
                  "decide_from %s is not a month of the case, %s to %s", decide->text,
                  yaml_text(root, "start", ""), end->text);
    const yaml_node *incumbent = yaml_get(root, "incumbent");
    m->incumbent = incumbent && incumbent->kind == YAML_SCALAR ? incumbent->text : "";
    m->incumbent_at = incumbent ? yaml_place(incumbent) : yaml_place(root);
}

/* ----------------------------------------------------------------------------- overlays */

/* Bytes and tree of a YAML file; *root is NULL when it cannot be read (told). */
static yt_status read_yaml(loader *l, const char *path, const char *name, yaml_node **root)
{
    char *bytes;
    size_t n;
    *root = NULL;
    yt_status status = rows_read_file(l, path, path, name, &bytes, &n);
    if (!status)
        status = yaml_parse(l->memory, bytes, n, path, l->log, root);
    return status == YT_ENOMEM ? status : YT_OK;
}

static yt_status apply_overlay(loader *l, const char *path, const char *name)
{
    yaml_node *root;
    yt_status status = read_yaml(l, path, name, &root);
    return status || !root ? status : overlay_apply(l, root);
}

static yt_status apply_case_overlays(loader *l, const yaml_node *root)
{
    const yaml_node *list = yaml_get(root, "overlays");
    if (!list || yaml_is_null(list))
        return YT_OK;
    if (list->kind != YAML_LIST) {
        log_error(l->log, YT_ESYNTAX, yaml_place(list), "overlays is a %s here; a list is due",
                  yaml_kind_name(list->kind));
        return YT_OK;
    }
    yt_status status = YT_OK;
    for (const yaml_node *v = list->first; v && !status; v = v->next) {
        if (v->kind != YAML_SCALAR || !file_is_inside(v->text)) {
            log_error(l->log, YT_EIO, yaml_place(v),
                      "an overlay of a case is a file inside its folder, for example "
                      "policies/x.yaml");
            continue;
        }
        char *path = file_join(l->memory, l->model->path, v->text);
        if (!path)
            return YT_ENOMEM;
        if (!file_is_regular(path))
            log_error(l->log, YT_EIO, yaml_place(v), "there is no file '%s' in the case folder",
                      v->text);
        else if (!rows_stay_inside(l->model->path, path))
            log_error(l->log, YT_EIO, yaml_place(v), "'%s' leads out of the case folder", v->text);
        else
            status = apply_overlay(l, path, v->text);
    }
    return status;
}

/* As given, then inside the case. */
static yt_status apply_given_overlay(loader *l, const char *given)
{
    const char *path = arena_strdup(l->memory, given);
    if (!path)
        return YT_ENOMEM;
    if (!file_exists(given) && file_is_inside(given)) {
        path = file_join(l->memory, l->model->path, given);
        if (!path)
            return YT_ENOMEM;
    }
    if (!file_exists(path)) {
        log_error(l->log, YT_EIO, place_at(given, 0, 0),
                  "there is no such overlay, neither as given nor in the case folder");
        return YT_OK;
    }
    return apply_overlay(l, path, "overlay");
}

/* --------------------------------------------------------------------------- whole case */

static yt_status set_given(loader *l, const char *text, int32_t number)
{
    yt_status status = rows_note(l, "set", text, strlen(text));
    return status ? status : overlay_set(l, text, number);
}

static yt_status read_all(loader *l, const char *const overlays[], int32_t n,
                          const char *const sets[], int32_t m)
{
    yaml_node *root;
    char *file = file_join(l->memory, l->model->path, CASE_FILE);
    if (!file)
        return YT_ENOMEM;
    yt_status status = read_yaml(l, file, CASE_FILE, &root);
    if (!status && root) {
        if (root->kind == YAML_MAP)
            read_case_keys(l, root);
        else
            log_error(l->log, YT_ESYNTAX, yaml_place(root), "a map is due: name: my-case ...");
    }
    if (!status)
        status = rows_read(l);
    if (!status && root && root->kind == YAML_MAP)
        status = apply_case_overlays(l, root);
    for (int32_t i = 0; i < n && !status; i++)
        status = apply_given_overlay(l, overlays[i]);
    for (int32_t i = 0; i < m && !status; i++)
        status = set_given(l, sets[i], i + 1);
    return status;
}

void *scratch_array(loader *l, size_t n, size_t size)
{
    void *memory = arena_array(l->scratch, n, size);
    l->is_out_of_memory = l->is_out_of_memory || !memory;
    return memory;
}

map *scratch_map(loader *l)
{
    map *m = map_new(l->scratch);
    l->is_out_of_memory = l->is_out_of_memory || !m;
    return m;
}

static yt_status judge(loader *l)
{
    yt_status status = type_all(l);
    if (!status)
        status = rules_index(l);
    if (status)
        return status;
    check_entities(l);
    check_recipes(l);
    check_observations(l);
    return l->is_out_of_memory ? YT_ENOMEM : YT_OK;
}

static yt_status load(loader *l, const char *const overlays[], int32_t n, const char *const sets[],
                      int32_t m)
{
    l->schema = schema_new(l->scratch);
    l->words_seen = map_new(l->scratch);
    if (!l->schema || !l->words_seen)
        return YT_ENOMEM;
    yt_status status = read_all(l, overlays, n, sets, m);
    if (!status)
        status = judge(l);
    if (!status)
        hash_sha256(l->manifest, l->manifest_length, l->model->hash);
    return status;
}

/* ----------------------------------------------------------------------- messages in order */

static int by_place(const void *a, const void *b)
{
    const yt_message *x = a, *y = b;
    int files = strcmp(x->file ? x->file : "", y->file ? y->file : "");
    if (files)
        return files;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    if (x->severity != y->severity)
        return x->severity > y->severity ? -1 : 1;
    return strcmp(x->text, y->text);
}

/* Hand the load's messages to the caller, by file and line; the status of the first error. */
static yt_status tell(loader *l, yt_log *log)
{
    yt_status worst = YT_OK;
    int32_t n = yt_log_count(l->log, YT_NOTE);
    yt_message *message = arena_array(l->scratch, (size_t)n + 1, sizeof *message);
    if (!message) {
        log_error(log, YT_ENOMEM, place_none(), "not enough memory to show the messages");
        return YT_ENOMEM;
    }
    for (int32_t i = 0; i < n; i++)
        message[i] = yt_log_get(l->log, i);
    /* the count of what was not kept comes last */
    int32_t sorted = log_dropped(l->log) > 0 ? n - 1 : n;
    qsort(message, (size_t)sorted, sizeof *message, by_place);
    for (int32_t i = 0; i < n; i++) {
        const yt_message *m = &message[i];
        if (m->severity == YT_ERROR && !worst)
            worst = m->status;
        log_add(log, m->severity, m->status, place_at(m->file, m->line, m->column), "%s", m->text);
    }
    /* an error that found no memory in the log counts all the same */
    return worst ? worst : log_worst(l->log);
}

/* The folder of a case: the path itself, or where the case.yaml that it names stands. */
static const char *folder_of(arena *a, const char *path)
{
    size_t n = strlen(path);
    if (file_is_folder(path)) {
        while (n > 1 && path[n - 1] == '/')
            n--;
        return arena_strndup(a, path, n);
    }
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

static bool is_case(yt_log *log, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (!file_exists(path))
        log_error(log, YT_EIO, place_at(path, 0, 0), "there is no such folder or file");
    else if (!file_is_folder(path) && strcmp(name, CASE_FILE) != 0)
        log_error(log, YT_EIO, place_at(path, 0, 0),
                  "this is no case; name its folder, or the " CASE_FILE " in it");
    else
        return true;
    return false;
}

void yt_model_free(yt_model *model)
{
    if (model)
        arena_free(model->memory);
}

/* The model of a loader whose arenas and log are there. */
static yt_status load_into(loader *l, const char *path, const char *const overlays[], int32_t n,
                           const char *const sets[], int32_t m)
{
    if (!is_case(l->log, path))
        return YT_EIO;
    l->model = arena_alloc(l->memory, sizeof *l->model);
    if (!l->model)
        return YT_ENOMEM;
    l->model->memory = l->memory;
    l->model->start = l->model->end = l->model->base_year = l->model->decide_from = YT_NONE;
    l->model->path = folder_of(l->memory, path);
    if (!l->model->path)
        return YT_ENOMEM;
    return load(l, overlays, n, sets, m);
}

yt_status model_load_with(const char *path, const char *const overlays[], int32_t n,
                          const char *const sets[], int32_t m, yt_log *log, yt_model **model)
{
    loader l = {.memory = arena_new(), .scratch = arena_new(), .log = yt_log_new()};
    yt_status status = YT_ENOMEM;
    if (l.memory && l.scratch && l.log)
        status = load_into(&l, path, overlays, n, sets, m);
    if (status == YT_ENOMEM)
        log_error(log, YT_ENOMEM, place_at(path, 0, 0), "not enough memory to read the case");
    else
        status = tell(&l, log);
    if (status)
        arena_free(l.memory);
    else
        *model = l.model;
    yt_log_free(l.log);
    arena_free(l.scratch);
    return status;
}

yt_status yt_model_load(const char *path, const char *const overlays[], int32_t n, yt_log *log,
                        yt_model **model)
{
    return model_load_with(path, overlays, n, NULL, 0, log, model);
}
