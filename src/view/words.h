/* words.h - sentences that grow word by word. */
#ifndef VIEW_WORDS_H
#define VIEW_WORDS_H

#include <stddef.h>

typedef struct view_words { /* a text that grows; what does not fit is left out */
    char text[900];
    size_t length;
} view_words;

__attribute__((format(printf, 2, 3))) void view_say(view_words *s, const char *format, ...);
/* "1.23 billion USD", "45 million USD". */
void view_say_money(view_words *s, double dollars);

#endif
