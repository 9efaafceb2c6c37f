/* arena.h - memory that is given back all at once.
 *
 * Everything a model is made of lives in one arena; arena_free returns the lot.
 * A failed allocation returns NULL and leaves the arena usable.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct arena arena;

/* NULL when memory is short. */
arena *arena_new(void);
/* Accepts NULL. */
void arena_free(arena *a);

/* `bytes` of zeroed memory aligned for any type; NULL when memory is short. */
void *arena_alloc(arena *a, size_t bytes);
/* `n` zeroed elements of `size` bytes; NULL also when n * size overflows. */
void *arena_array(arena *a, size_t n, size_t size);

/* Copies with a closing NUL; NULL when memory is short.  strndup stops at a NUL in `text`. */
char *arena_strdup(arena *a, const char *text);
char *arena_strndup(arena *a, const char *text, size_t n);
char *arena_printf(arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(arena *a, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Bytes asked for so far, for reports and tests. */
size_t arena_bytes(const arena *a);

#endif
