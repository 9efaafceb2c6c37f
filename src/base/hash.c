/* hash.c - FNV-1a with a final mix, SHA-256 through libmd, and a seeded map. */
#include "base/hash.h"

#include "ytterby.h"

#include <sha2.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define FNV_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* MurmurHash3's finaliser: every input bit moves every output bit. */
static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53u;
    h ^= h >> 33;
    return h;
}

uint64_t hash_more(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint64_t h = FNV_BASIS ^ hash;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * FNV_PRIME;
    return mix(h);
}

uint64_t hash_bytes(const void *bytes, size_t n)
{
    return hash_more(0, bytes, n);
}

uint64_t hash_text(const char *text)
{
    return hash_bytes(text, strlen(text));
}

void hash_sha256(const void *bytes, size_t n, char hex[65])
{
    static const char digit[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_LENGTH];
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, bytes, n);
    SHA256Final(sum, &context);
    for (int i = 0; i < SHA256_DIGEST_LENGTH; i++) {
        hex[2 * i] = digit[sum[i] >> 4];
        hex[2 * i + 1] = digit[sum[i] & 15];
    }
    hex[64] = '\0';
}

/* ------------------------------------------------------------------------------- map */

typedef struct slot {
    const char *key; /* NULL: free */
    uint64_t hash;
    int32_t value;
} slot;

struct map {
    arena *memory;
    slot *slot;
    size_t size; /* a power of two, at most 3/4 full */
    int32_t count;
    uint64_t key[2];
};

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3 (Aumasson and Bernstein): nobody without the key can prepare collisions */
static uint64_t sip_hash(const uint64_t key[2], const char *text)
{
    uint64_t v[4] = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f6du,
                     key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};
    size_t n = strlen(text), left = n;
    for (; left >= 8; left -= 8, text += 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t word = (uint64_t)n << 56;
    for (size_t i = 0; i < left; i++)
        word |= (uint64_t)(unsigned char)text[i] << (8 * i);
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

map *map_new(arena *a)
{
    map *m = arena_alloc(a, sizeof *m);
    if (!m)
        return NULL;
    m->memory = a;
    m->size = 16;
    m->slot = arena_array(a, m->size, sizeof *m->slot);
    if (!m->slot)
        return NULL;
    /* the order of the slots is never shown, so a random key changes no result */
    if (getentropy(m->key, sizeof m->key) != 0)
        m->key[0] = mix((uint64_t)(uintptr_t)m);
    return m;
}

/* the key's slot, or the free one where it belongs */
static slot *find(const map *m, const char *key, uint64_t hash)
{
    for (size_t i = (size_t)hash & (m->size - 1);; i = (i + 1) & (m->size - 1)) {
        slot *s = &m->slot[i];
        if (!s->key || (s->hash == hash && strcmp(s->key, key) == 0))
            return s;
    }
}

static bool grow(map *m)
{
    slot *old = m->slot;
    size_t old_size = m->size;
    slot *fresh = arena_array(m->memory, 2 * old_size, sizeof *fresh);
    if (!fresh)
        return false;
    m->slot = fresh;
    m->size = 2 * old_size;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].key)
            *find(m, old[i].key, old[i].hash) = old[i];
    return true;
}

static int put(map *m, const char *key, int32_t value, bool replace)
{
    uint64_t hash = sip_hash(m->key, key);
    slot *s = find(m, key, hash);
    if (s->key) {
        if (replace)
            s->value = value;
        return 0;
    }
    if (4 * ((size_t)m->count + 1) > 3 * m->size) {
        if (!grow(m))
            return -1;
        s = find(m, key, hash);
    }
    *s = (slot){key, hash, value};
    m->count++;
    return 1;
}

int map_put(map *m, const char *key, int32_t value)
{
    return put(m, key, value, false);
}

int map_set(map *m, const char *key, int32_t value)
{
    return put(m, key, value, true);
}

int32_t map_get(const map *m, const char *key)
{
    const slot *s = find(m, key, sip_hash(m->key, key));
    return s->key ? s->value : YT_NONE;
}

int32_t map_count(const map *m)
{
    return m->count;
}
