/* words.c - which names people may have meant: words compared without their endings. */
#include "base/words.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

bool words_has(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && tolower((unsigned char)text[i]) == word[i])
            i++;
        if (i == n)
            return true;
    }
    return false;
}

/* Length of the run of letters at text, and where the next one starts. */
static size_t length_of(const char *text)
{
    size_t n = 0;
    while (isalpha((unsigned char)text[n]))
        n++;
    return n;
}

static const char *next(const char *text)
{
    while (*text && !isalpha((unsigned char)*text))
        text++;
    return text;
}

/* "mined" and "mining", "magnet" and "magnets": the same but for their endings. */
static bool same_stem(const char *a, size_t n, const char *b, size_t m)
{
    size_t shorter = n < m ? n : m, common = 0;
    while (common < shorter &&
           tolower((unsigned char)a[common]) == tolower((unsigned char)b[common]))
        common++;
    return shorter >= 4 && common >= 3 && common + 2 >= shorter;
}

/* Which words of `text` are also in `name`: a bit each; `hits` of the `words` in name match. */
static uint32_t shared(const char *text, const char *name, int *hits, int *words)
{
    uint32_t bits = 0;
    *hits = *words = 0;
    for (const char *b = next(name); *b; b = next(b + length_of(b))) {
        bool hit = false;
        int bit = 0;
        ++*words;
        for (const char *a = next(text); *a && bit < 32; a = next(a + length_of(a)), bit++)
            if (same_stem(a, length_of(a), b, length_of(b))) {
                bits |= 1u << bit;
                hit = true;
            }
        *hits += hit;
    }
    return bits;
}

bool words_choose(const char *const name[], int32_t n, const char *text, bool whole,
                  bool is_chosen[])
{
    double best = 0;
    uint32_t bits = 0;
    bool is_clear = false;
    for (int32_t i = 0; i < n; i++) {
        int hits, words;
        uint32_t mine = shared(text, name[i], &hits, &words);
        double score = words ? hits + (double)hits / words : 0;
        is_chosen[i] = false;
        if (hits == 0 || (whole && hits < words) || score < best)
            continue;
        if (score > best) {
            memset(is_chosen, 0, (size_t)i * sizeof *is_chosen);
            best = score;
            bits = mine;
            is_clear = true;
        }
        is_clear = is_clear && mine == bits;
        is_chosen[i] = true;
    }
    return is_clear;
}

bool words_whole(const char *word, const char *id, const char *name, const char *members)
{
    if (text_equal(word, id) || text_equal(word, name) || text_equal(word, members))
        return true;
    if (!members || strpbrk(members, ",;"))
        return false;
    for (const char *at = next(word); *at; at = next(at + length_of(at))) {
        bool is_found = false;
        for (const char *b = next(name); *b && !is_found; b = next(b + length_of(b)))
            is_found = length_of(b) == length_of(at) && !strncmp(at, b, length_of(at));
        if (!is_found)
            return false;
    }
    return true;
}
