/* fuzz_yaml.c - any bytes as YAML: no crash, and a tree that holds together. */
#include "base/text.h"
#include "base/yaml.h"
#include "fuzz/fuzz.h"

#include <assert.h>
#include <string.h>

static void check_node(const yaml_node *node, int depth)
{
    assert(depth <= YAML_MAX_DEPTH + 1);
    assert(node->line > 0 && node->column > 0);
    assert((node->kind == YAML_SCALAR) == (node->text != NULL));
    int32_t n = 0;
    for (const yaml_node *child = node->first; child; child = child->next, n++) {
        assert((node->kind == YAML_MAP) == (child->key != NULL));
        if (n < 100 && child->key)
            assert(yaml_get(node, child->key) == child);
        check_node(child, depth + 1);
    }
    assert(n == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *memory = arena_new();
    yt_log *log = yt_log_new();
    yaml_node *root;
    yt_status status = yaml_parse(memory, (const char *)data, size, "fuzz.yaml", log, &root);
    assert((status == YT_OK) == (root != NULL));
    assert(status == log_worst(log));
    if (root)
        check_node(root, 0);
    yt_log_free(log);
    arena_free(memory);
    return 0;
}
