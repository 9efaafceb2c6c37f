/* store_fixture.h - a made-up store for tests: smooth prices, a shock in the middle. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "store/store.h"

typedef struct store_fixture {
    int32_t runs, months, regions, commodities, facilities, end_uses;
    int32_t first_month; /* from year 0                                            */
    double shift;        /* prices of the last commodity are multiplied by 1 + shift */
    double capacity;     /* of the first facility, t/a                             */
    bool is_hostile;     /* names with SQL, HTML, formulas and control characters  */
} store_fixture;

/* 1 run, 24 months from 2010-01, 3 regions, 4 commodities, 5 facilities, 3 end uses. */
store_fixture store_fixture_small(void);
/* As large as a real case: 492 months, about 2,500 series. */
store_fixture store_fixture_large(void);

/* The value that the store must hold: what tests compare with.  NAN: NULL. */
double store_fixture_price(const store_fixture *f, int32_t run, int32_t region, int32_t commodity,
                           int32_t month);

/* Write a store at `path`, replacing what is there. */
yt_status make_store_for_tests(const char *path, const store_fixture *f, yt_log *log);
/* The model in it; free it with arena_free(model->memory). */
yt_model *make_model_for_tests(const store_fixture *f);

#endif
