/* yaml.c - libyaml's events turned into a tree, minus everything a case does not need. */
#include "base/yaml.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

/* Maps smaller than this look for duplicate keys one by one. */
#define SMALL_MAP 16

/* A collection that is being read. */
typedef struct level {
    yaml_node *node, *last; /* last child so far */
    map *keys;              /* key to position of its first use in the list of lines */
    bool has_key;           /* a key waits for its value */
    const char *key;
    int32_t key_line, key_column;
} level;

typedef struct builder {
    arena *memory;
    yt_log *log;
    const char *file;
    yt_status status;
    level level[YAML_MAX_DEPTH + 1];
    int depth;
    int32_t nodes;
    yaml_node *root;
} builder;

static void fail(builder *b, yt_status status, yaml_mark_t mark, const char *text)
{
    if (b->status == YT_OK)
        b->status = status;
    log_error(b->log, status, place_at(b->file, (int32_t)mark.line + 1, (int32_t)mark.column + 1),
              "%s", text);
}

/* --------------------------------------------------------------------------- the tree */

static yaml_node *find_key(const level *l, const char *key)
{
    for (yaml_node *n = l->node->first; n; n = n->next)
        if (strcmp(n->key, key) == 0)
            return n;
    return NULL;
}

/* Line of an earlier use of the key, 0 when there is none; from SMALL_MAP keys on by map. */
static int32_t earlier_line(builder *b, level *l, const char *key)
{
    if (l->node->count < SMALL_MAP) {
        const yaml_node *same = find_key(l, key);
        return same ? same->key_line : 0;
    }
    if (!l->keys) {
        l->keys = map_new(b->memory);
        for (yaml_node *n = l->node->first; l->keys && n; n = n->next)
            if (map_put(l->keys, n->key, n->key_line) < 0)
                l->keys = NULL;
    }
    if (!l->keys) {
        b->status = YT_ENOMEM;
        return 0;
    }
    int32_t line = map_get(l->keys, key);
    return line == YT_NONE ? 0 : line;
}

static void take_key(builder *b, level *l, const yaml_event_t *event)
{
    const char *key = (const char *)event->data.scalar.value;
    bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    char text[300];
    if (is_plain && strcmp(key, "<<") == 0) {
        fail(b, YT_ESYNTAX, event->start_mark,
             "merge keys (<<) are not part of the format; write the keys out");
        return;
    }
    if (key[0] == '\0') {
        fail(b, YT_ESYNTAX, event->start_mark, "a key is missing before the colon");
        return;
    }
    int32_t line = earlier_line(b, l, key);
    if (line > 0) {
        snprintf(text, sizeof text,
                 "key \"%.100s\" stands twice, here on line %d and first on line %d; keep one", key,
                 (int)event->start_mark.line + 1, line);
        fail(b, YT_ESYNTAX, event->start_mark, text);
        return;
    }
    l->key = arena_strdup(b->memory, key);
    l->key_line = (int32_t)event->start_mark.line + 1;
    l->key_column = (int32_t)event->start_mark.column + 1;
    l->has_key = true;
    if (!l->key || (l->keys && map_put(l->keys, l->key, l->key_line) < 0))
        b->status = YT_ENOMEM;
}

/* A new node in its place; NULL after an error. */
static yaml_node *add_node(builder *b, yaml_kind kind, const yaml_event_t *event)
{
    if (++b->nodes > YAML_MAX_NODES) {
        char text[80];
        snprintf(text, sizeof text, "the file has more than %d values", YAML_MAX_NODES);
        fail(b, YT_EDATA, event->start_mark, text);
        return NULL;
    }
    yaml_node *node = arena_alloc(b->memory, sizeof *node);
    if (!node) {
        b->status = YT_ENOMEM;
        return NULL;
    }
    node->kind = kind;
    node->file = b->file;
    node->line = (int32_t)event->start_mark.line + 1;
    node->column = (int32_t)event->start_mark.column + 1;
    if (b->depth == 0) {
        b->root = node;
        return node;
    }
    level *l = &b->level[b->depth - 1];
    if (l->node->kind == YAML_MAP) {
        node->key = l->key;
        node->key_line = l->key_line;
        node->key_column = l->key_column;
        l->has_key = false;
    }
    if (l->last)
        l->last->next = node;
    else
        l->node->first = node;
    l->last = node;
    l->node->count++;
    return node;
}

static bool is_key_due(const builder *b)
{
    return b->depth > 0 && b->level[b->depth - 1].node->kind == YAML_MAP &&
           !b->level[b->depth - 1].has_key;
}

static void take_scalar(builder *b, const yaml_event_t *event)
{
    size_t length = event->data.scalar.length;
    const char *value = (const char *)event->data.scalar.value;
    if (length > YAML_MAX_SCALAR) {
        fail(b, YT_EDATA, event->start_mark, "the text is longer than 1 MB");
        return;
    }
    if (memchr(value, '\0', length)) {
        fail(b, YT_ESYNTAX, event->start_mark, "the text contains a NUL character");
        return;
    }
    if (is_key_due(b)) {
        take_key(b, &b->level[b->depth - 1], event);
        return;
    }
    yaml_node *node = add_node(b, YAML_SCALAR, event);
    if (!node)
        return;
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = arena_strndup(b->memory, value, length);
    if (!node->text)
        b->status = YT_ENOMEM;
}

static void take_collection(builder *b, yaml_kind kind, const yaml_event_t *event)
{
    char text[80];
    if (is_key_due(b)) {
        snprintf(text, sizeof text, "a key must be a text, not a %s", yaml_kind_name(kind));
        fail(b, YT_ESYNTAX, event->start_mark, text);
        return;
    }
    if (b->depth == YAML_MAX_DEPTH) {
        snprintf(text, sizeof text, "values are nested more than %d deep", YAML_MAX_DEPTH);
        fail(b, YT_EDATA, event->start_mark, text);
        return;
    }
    yaml_node *node = add_node(b, kind, event);
    if (node)
        b->level[b->depth++] = (level){.node = node};
}

/* ------------------------------------------------------------------- what is refused */

static bool refuse_tag(builder *b, const yaml_event_t *event, const yaml_char_t *anchor,
                       const yaml_char_t *tag)
{
    if (anchor)
        fail(b, YT_ESYNTAX, event->start_mark,
             "anchors (&) are not part of the format; write the value out where it is used (or "
             "quote a text that begins with &)");
    else if (tag)
        fail(b, YT_ESYNTAX, event->start_mark,
             "tags (!) are not part of the format; write the value alone (or quote a text that "
             "begins with !)");
    return anchor || tag;
}

static void take_document(builder *b, const yaml_event_t *event)
{
    if (event->data.document_start.version_directive ||
        event->data.document_start.tag_directives.start !=
            event->data.document_start.tag_directives.end)
        fail(b, YT_ESYNTAX, event->start_mark,
             "directives (%) are not part of the format; remove the line");
    else if (b->root)
        fail(b, YT_ESYNTAX, event->start_mark,
             "a second document begins here; a file holds one: remove the line ---");
}

/* false when reading should stop: after an error, or at the end */
static bool take_event(builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        take_document(b, event);
        break;
    case YAML_ALIAS_EVENT:
        fail(b, YT_ESYNTAX, event->start_mark,
             "aliases (*) are not part of the format; write the value out (or quote a text that "
             "begins with *)");
        break;
    case YAML_SCALAR_EVENT:
        if (!refuse_tag(b, event, event->data.scalar.anchor, event->data.scalar.tag))
            take_scalar(b, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        if (!refuse_tag(b, event, event->data.sequence_start.anchor,
                        event->data.sequence_start.tag))
            take_collection(b, YAML_LIST, event);
        break;
    case YAML_MAPPING_START_EVENT:
        if (!refuse_tag(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag))
            take_collection(b, YAML_MAP, event);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        break;
    case YAML_STREAM_END_EVENT:
        return false;
    default:
        break;
    }
    return b->status == YT_OK;
}

/* The byte at a mark; marks count characters. */
static char byte_at(const char *bytes, size_t n, size_t index)
{
    size_t i = 0;
    for (; i < n && index > 0; index--) {
        size_t length = text_utf8_length(bytes + i, n - i);
        i += length ? length : 1;
    }
    return i < n ? bytes[i] : '\0';
}

/* libyaml's own words, with what most often causes them */
static void report_syntax(builder *b, const yaml_parser_t *parser, const char *bytes, size_t n)
{
    yaml_mark_t mark = parser->problem_mark;
    const char *problem = parser->problem ? parser->problem : "this is not YAML";
    char c = byte_at(bytes, n, mark.index);
    char text[400];
    int used = snprintf(text, sizeof text, "%s", problem);
    if (parser->context)
        used += snprintf(text + used, sizeof text - (size_t)used, ", %s that began on line %d",
                         parser->context, (int)parser->context_mark.line + 1);
    if (c == '\t')
        snprintf(text + used, sizeof text - (size_t)used, ": indent with blanks, not with tabs");
    else if (c == '@' || c == '`')
        snprintf(text + used, sizeof text - (size_t)used, ": put the text in quotes");
    else if (strstr(problem, "mapping values are not allowed"))
        snprintf(text + used, sizeof text - (size_t)used,
                 ": put a text that contains \": \" in quotes, and check the indentation");
    fail(b, YT_ESYNTAX, mark, text);
}

/* ------------------------------------------------------------------------ the whole */

/* UTF-8 without control characters; libyaml names no line for those */
static bool check_text(builder *b, const char *bytes, size_t n)
{
    const unsigned char *c = (const unsigned char *)bytes;
    yaml_mark_t mark = {0, 0, 0};
    if (n >= 2 && ((c[0] == 0xff && c[1] == 0xfe) || (c[0] == 0xfe && c[1] == 0xff))) {
        fail(b, YT_ESYNTAX, mark, "the file is in UTF-16; save it as UTF-8");
        return false;
    }
    for (size_t i = 0; i < n;) {
        size_t length = text_utf8_length(bytes + i, n - i);
        bool is_control = c[i] == 0x7f || (c[i] < 0x20 && !strchr("\t\n\r", c[i])) || c[i] == 0 ||
                          (length == 2 && c[i] == 0xc2 && c[i + 1] < 0xa0 && c[i + 1] != 0x85);
        if (length == 0 || is_control) {
            char text[80];
            snprintf(text, sizeof text,
                     length ? "a control character (\\x%02x) stands here; remove it"
                            : "this is not UTF-8 text (byte \\x%02x); save the file as UTF-8",
                     c[i]);
            fail(b, YT_ESYNTAX, mark, text);
            return false;
        }
        mark.column++;
        if (c[i] == '\n' || (c[i] == '\r' && !(i + 1 < n && c[i + 1] == '\n'))) {
            mark.line++;
            mark.column = 0;
        }
        i += length;
    }
    return true;
}

static void build(builder *b, const char *bytes, size_t n)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        b->status = YT_ENOMEM;
        return;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, n);
    for (bool go_on = true; go_on;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            if (parser.error == YAML_MEMORY_ERROR)
                b->status = YT_ENOMEM;
            else
                report_syntax(b, &parser, bytes, n);
            break;
        }
        go_on = take_event(b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

yt_status yaml_parse(arena *a, const char *bytes, size_t n, const char *shown_name, yt_log *log,
                     yaml_node **root)
{
    *root = NULL;
    builder b = {.memory = a, .log = log, .file = arena_strdup(a, shown_name)};
    if (!b.file)
        return YT_ENOMEM;
    if (n > YAML_MAX_BYTES) {
        log_error(log, YT_EDATA, place_at(shown_name, 0, 0), "has %zu bytes; the limit is %d", n,
                  YAML_MAX_BYTES);
        return YT_EDATA;
    }
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    if (check_text(&b, bytes, n))
        build(&b, bytes, n);
    if (b.status == YT_OK && !b.root) {
        yaml_event_t nowhere = {.type = YAML_NO_EVENT};
        add_node(&b, YAML_MAP, &nowhere);
    }
    if (b.status == YT_ENOMEM)
        log_error(log, YT_ENOMEM, place_at(b.file, 0, 0), "does not fit into memory");
    if (b.status == YT_OK)
        *root = b.root;
    return b.status;
}

yt_status yaml_read(arena *a, const char *path, const char *shown_name, yt_log *log,
                    yaml_node **root)
{
    *root = NULL;
    char *bytes;
    size_t n;
    const char *name = shown_name ? shown_name : path;
    yt_status status = file_read_all(a, path, name, YAML_MAX_BYTES, log, &bytes, &n);
    return status ? status : yaml_parse(a, bytes, n, name, log, root);
}

/* --------------------------------------------------------------------------- looking */

yaml_node *yaml_get(const yaml_node *node, const char *key)
{
    if (!node || node->kind != YAML_MAP)
        return NULL;
    for (yaml_node *n = node->first; n; n = n->next)
        if (strcmp(n->key, key) == 0)
            return n;
    return NULL;
}

yaml_node *yaml_item(const yaml_node *node, int32_t i)
{
    if (!node || i < 0)
        return NULL;
    yaml_node *n = node->first;
    while (n && i-- > 0)
        n = n->next;
    return n;
}

const char *yaml_text(const yaml_node *node, const char *key, const char *otherwise)
{
    const yaml_node *n = yaml_get(node, key);
    return n && n->kind == YAML_SCALAR && !yaml_is_null(n) ? n->text : otherwise;
}

bool yaml_is_null(const yaml_node *node)
{
    if (!node || node->kind != YAML_SCALAR || node->quoted)
        return false;
    return node->text[0] == '\0' || strcmp(node->text, "~") == 0 ||
           strcmp(node->text, "null") == 0 || strcmp(node->text, "Null") == 0 ||
           strcmp(node->text, "NULL") == 0;
}

const char *yaml_kind_name(yaml_kind kind)
{
    return kind == YAML_MAP ? "map" : kind == YAML_LIST ? "list" : "text";
}
