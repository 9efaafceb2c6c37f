/* answers.h - results that answer one question: backtest, shock, screen; shared by the files of
 * this folder that begin with answers.
 *
 * Their tables are small and read when they are written; names and manifest are in memory.
 */
#ifndef VIEW_ANSWERS_H
#define VIEW_ANSWERS_H

#include "view/inside.h"

struct sqlite3;
typedef struct store_reader store_reader;

typedef enum answers_kind {
    ANSWERS_NONE, /* a run, an ensemble, or no result at all */
    ANSWERS_BACKTEST,
    ANSWERS_SHOCK,
    ANSWERS_SCREEN
} answers_kind;

#define ANSWERS_QUANTILES 5 /* 5, 10, 50, 90, 95 % of worlds */

/* A number of a shock over all its worlds. */
typedef struct answers_number {
    const char *name, *region, *about, *unit; /* "" where it is about none */
    int32_t n, censored;                      /* worlds that know it; it never came  */
    double mean;                              /* of those in which it came; NAN: in none */
    double q[ANSWERS_QUANTILES];              /* over all; NAN: beyond what was watched  */
} answers_number;

typedef struct answers {
    answers_kind kind;
    view_world view; /* names and manifest */
    store_reader *store;
    struct sqlite3 *db;
    yt_status status; /* the first failure of reading */
    answers_number *number;
    int32_t numbers;
    view_list number_ids;
} answers;

answers_kind answers_in(const char *path);
/* Errors: those of store_reader_open, YT_EIO, YT_ENOMEM. */
yt_status answers_open(answers *a, const char *path, yt_log *log);
void answers_close(answers *a);

/* The document of docs/report.md: "ytterby/backtest/1", "ytterby/shock/1", "ytterby/screen/1". */
void answers_write(answers *a, json_writer *w);
/* The first screen, and the most important table, for readers without script. */
void answers_cards(answers *a, const view_sink *sink);
void answers_table(answers *a, FILE *page);

/* --------------------------------------------------------------------- asking (answers.c) */

/* Rows of a question as a list of objects, the columns' names as keys; six digits.  Of a result
 * that has no such view: an empty list. */
void answers_rows(answers *a, json_writer *w, const char *key, const char *sql);
/* The first number of the first row; NAN: none. */
double answers_ask(answers *a, const char *sql);
/* The first text of the first row; "": none.  Lives as long as the answers. */
const char *answers_ask_text(answers *a, const char *sql);
/* Rows of texts as rows of an HTML table. */
void answers_html(answers *a, FILE *page, const char *head, const char *sql);
const char *answers_fact(const answers *a, const char *key); /* of the manifest; "": absent */
/* Name of a region, an end use, an element, goods or a stage; the identifier where it has none. */
const char *answers_name(const answers *a, const char *id);

/* ------------------------------------------------------------------------------- by kind */

void backtest_write(answers *a, json_writer *w);
void backtest_cards(answers *a, const view_sink *sink);
void backtest_table(answers *a, FILE *page);

yt_status shock_read(answers *a); /* numbers over all worlds */
void shock_write(answers *a, json_writer *w);
void shock_cards(answers *a, const view_sink *sink);
void shock_table(answers *a, FILE *page);
/* What stops, in a sentence without its end; and the answer for whoever has ten seconds.  They live
 * as long as the answers. */
const char *shock_what(answers *a);
const char *shock_headline(answers *a);
/* The number of this name; NULL: there is none. */
const answers_number *shock_number(const answers *a, const char *name, const char *region,
                                   const char *about);

void screen_write(answers *a, json_writer *w);
void screen_cards(answers *a, const view_sink *sink);
void screen_table(answers *a, FILE *page);

#endif
