/* words.h - which names people may have meant: words compared without their endings. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does the text contain this, written in small letters?  Capital letters are alike. */
bool words_has(const char *text, const char *word);

/* The names that fit a text's words best; those that share the same words all count.
 * whole: all words of a name must be there.  Sets is_chosen[n]; false when nothing fits, or when
 * different words fit equally well. */
bool words_choose(const char *const name[], int32_t n, const char *text, bool whole,
                  bool is_chosen[]);

/* Does the word mean the whole of a region, and no part of it?  members: countries inside, in
 * words, may be NULL or "". */
bool words_whole(const char *word, const char *id, const char *name, const char *members);

#endif
