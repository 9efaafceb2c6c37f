/* embedded.h - files carried inside the program: help texts and the report's bundle.
 *
 * The table is generated at build time from docs/man and web/dist by tools/embed.c.
 */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

typedef struct embedded_file {
    const char *name;  /* path in the source tree: "docs/man/run.md"   */
    const char *bytes; /* with a NUL after the last                    */
    size_t size;       /* without that NUL                             */
} embedded_file;

/* NULL when there is no such file. */
const embedded_file *embedded_find(const char *name);
/* File i of them all, sorted by name; NULL when i is outside 0..count-1. */
const embedded_file *embedded_at(int32_t i);
int32_t embedded_count(void);

#endif
