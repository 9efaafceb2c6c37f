/* yaml.h - the YAML 1.2 subset of a case: one document, maps, lists and texts.
 *
 * Scalars stay text until somebody who knows the schema types them, so NO is Norway.
 * Aliases, anchors, tags, merge keys, directives and duplicate keys are refused.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/arena.h"
#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>

#define YAML_MAX_BYTES (64 << 20)
#define YAML_MAX_DEPTH 64
#define YAML_MAX_NODES 1000000
#define YAML_MAX_SCALAR (1 << 20) /* bytes */

typedef enum yaml_kind { YAML_SCALAR, YAML_MAP, YAML_LIST } yaml_kind;

typedef struct yaml_node yaml_node;
struct yaml_node {
    yaml_kind kind;
    bool quoted;      /* scalar written with quotes or as a block                */
    const char *text; /* scalar: its text; NULL otherwise                        */
    const char *file; /* name shown in messages                                  */
    int32_t line, column;
    const char *key; /* as a value of a map: its key; NULL otherwise            */
    int32_t key_line, key_column;
    int32_t count;    /* children of a map or list                               */
    yaml_node *first; /* first child, NULL when none                             */
    yaml_node *next;  /* next sibling, NULL at the end                           */
};

/* Read one file into a tree on the arena.  *root is NULL unless YT_OK; an empty file gives
 * an empty map.
 * shown_name  name in messages; NULL: path */
yt_status yaml_read(arena *a, const char *path, const char *shown_name, yt_log *log,
                    yaml_node **root);
yt_status yaml_parse(arena *a, const char *bytes, size_t n, const char *shown_name, yt_log *log,
                     yaml_node **root);

/* Child of a map by key; NULL when absent, when node is NULL or not a map. */
yaml_node *yaml_get(const yaml_node *node, const char *key);
/* Child i of a map or list, 0-based; NULL when there is none.  Walk with first/next. */
yaml_node *yaml_item(const yaml_node *node, int32_t i);
/* Text of a scalar child, or `otherwise`. */
const char *yaml_text(const yaml_node *node, const char *key, const char *otherwise);
/* A plain, unquoted scalar that is empty, ~ or null: "nothing given". */
bool yaml_is_null(const yaml_node *node);
/* "map", "list" or "text", for messages. */
const char *yaml_kind_name(yaml_kind kind);

static inline place yaml_place(const yaml_node *node)
{
    return place_at(node->file, node->line, node->column);
}

static inline place yaml_key_place(const yaml_node *node)
{
    return node->key ? place_at(node->file, node->key_line, node->key_column) : yaml_place(node);
}

#endif
