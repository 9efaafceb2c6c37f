/* arena.c - memory in chunks that double up to a limit; big requests get their own. */
#include "base/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK ((size_t)16 << 10)
#define LARGEST_CHUNK ((size_t)1 << 20)
#define ALIGNMENT _Alignof(max_align_t)

typedef struct chunk chunk;
struct chunk {
    chunk *next;
    size_t size, used;
    _Alignas(max_align_t) char bytes[];
};

struct arena {
    chunk *current; /* the one small requests are cut from; full ones follow */
    size_t next_size;
    size_t asked;
};

arena *arena_new(void)
{
    arena *a = calloc(1, sizeof *a);
    if (a)
        a->next_size = FIRST_CHUNK;
    return a;
}

void arena_free(arena *a)
{
    if (!a)
        return;
    for (chunk *c = a->current; c;) {
        chunk *next = c->next;
        free(c);
        c = next;
    }
    free(a);
}

/* calloc, so that pages of a big chunk cost nothing until they are touched */
static chunk *chunk_new(size_t size)
{
    chunk *c = calloc(1, sizeof(chunk) + size);
    if (c)
        c->size = size;
    return c;
}

void *arena_alloc(arena *a, size_t bytes)
{
    if (!a || bytes > SIZE_MAX / 2)
        return NULL;
    size_t size = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size == 0)
        size = ALIGNMENT;
    chunk *c = a->current;
    if (!c || c->size - c->used < size) {
        int is_big = size > a->next_size / 4;
        chunk *fresh = chunk_new(is_big ? size : a->next_size);
        if (!fresh)
            return NULL;
        if (is_big && c) {
            /* behind the current chunk, which still has room for small requests */
            fresh->next = c->next;
            c->next = fresh;
        } else {
            fresh->next = c;
            a->current = fresh;
            if (a->next_size < LARGEST_CHUNK)
                a->next_size *= 2;
        }
        c = fresh;
    }
    void *p = c->bytes + c->used;
    c->used += size;
    a->asked += bytes;
    return p;
}

void *arena_array(arena *a, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return arena_alloc(a, n * size);
}

char *arena_strndup(arena *a, const char *text, size_t n)
{
    size_t length = strnlen(text, n);
    char *copy = arena_alloc(a, length + 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

char *arena_strdup(arena *a, const char *text)
{
    return arena_strndup(a, text, strlen(text));
}

char *arena_vprintf(arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : arena_alloc(a, (size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

size_t arena_bytes(const arena *a)
{
    return a ? a->asked : 0;
}
