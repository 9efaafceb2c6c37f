/* model_fixture.h - cases made for a test: a copy of tests/cases/tiny, changed and loaded. */
#ifndef MODEL_FIXTURE_H
#define MODEL_FIXTURE_H

#include "model/model.h"

#define TINY "tests/cases/tiny"

/* A folder of its own that holds a copy of a case. */
typedef struct model_fixture {
    char folder[64];
} model_fixture;

model_fixture model_fixture_new(const char *copy_of);
void model_fixture_free(model_fixture *f);

/* Bytes of a file of the copy, NUL-terminated, to be given back with free(). */
char *model_fixture_read(const model_fixture *f, const char *name, size_t *n);
/* Write a file of the copy, making its folder. */
void model_fixture_write(const model_fixture *f, const char *name, const void *bytes, size_t n);
void model_fixture_write_text(const model_fixture *f, const char *name, const char *text);
/* Put `new` where `old` stands first; fails the test when it does not. */
void model_fixture_replace(const model_fixture *f, const char *name, const char *old,
                           const char *new);
/* folder/name in a buffer that the next call overwrites. */
const char *model_fixture_path(const model_fixture *f, const char *name);

/* All a model says, as text in which the order of rows, columns and files does not show, to
 * be given back with free(): one line a row, numbers and dates by what they mean. */
char *model_fixture_canonical(const yt_model *model);

/* Load, expecting no message at all. */
yt_model *model_fixture_load(const char *path, const char *overlay);
/* Print the messages of a log, for a failing test. */
void model_fixture_show(const yt_log *log);

#endif
