/* hash.h - hashes of text and bytes, SHA-256, and a map from text to int32_t. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

/* FNV-1a, 64 bits, with a final mix: the same on every machine, for ever (random streams
 * are keyed by it).  Not for keys an enemy may choose: use map. */
uint64_t hash_text(const char *text);
uint64_t hash_bytes(const void *bytes, size_t n);
/* Go on from an earlier hash: a state made of several blocks. */
uint64_t hash_more(uint64_t hash, const void *bytes, size_t n);

/* SHA-256 as 64 lower-case hex digits and NUL. */
void hash_sha256(const void *bytes, size_t n, char hex[65]);

/* Text to int32_t, open addressing.  Keys are borrowed: they must outlive the map.
 * Seeded (SipHash-1-3 with the map's own key), so colliding keys cannot be prepared. */
typedef struct map map;

map *map_new(arena *a); /* NULL when memory is short */
/* 1 new key, 0 the key was there (value kept as it was), -1 no memory. */
int map_put(map *m, const char *key, int32_t value);
/* Put or replace: 1, 0, -1 as above, the value is the new one. */
int map_set(map *m, const char *key, int32_t value);
/* The value, or YT_NONE (-1) when the key is absent. */
int32_t map_get(const map *m, const char *key);
int32_t map_count(const map *m);

#endif
