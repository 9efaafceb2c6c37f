/* store_fixture.c - a made-up model and its made-up results. */
#include "store_fixture.h"

#include "base/calendar.h"
#include "base/math.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIABLES 5
#define ROOM 1200

store_fixture store_fixture_small(void)
{
    return (store_fixture){.runs = 1,
                           .months = 24,
                           .regions = 3,
                           .commodities = 4,
                           .facilities = 5,
                           .end_uses = 3,
                           .first_month = calendar_month(2010, 1),
                           .capacity = 1200};
}

store_fixture store_fixture_large(void)
{
    store_fixture f = store_fixture_small();
    f.months = 492;
    f.first_month = calendar_month(2000, 1);
    f.regions = 10;
    f.commodities = 50;
    f.facilities = 350;
    f.end_uses = 25;
    return f;
}

/* ------------------------------------------------------------------------------- model */

/* A row of texts, one for each column of the table, NULL for blank; ends with the columns. */
static void put_row(yt_model *m, table_id id, ...)
{
    model_table *t = &m->table[id];
    model_table_info info = model_table_describe(id);
    if (!t->cell) {
        t->columns = info.columns;
        t->file = info.file;
        t->cell = arena_array(m->memory, (size_t)ROOM * (size_t)t->columns, sizeof *t->cell);
    }
    if (!t->cell || t->rows == ROOM)
        abort();
    va_list args;
    va_start(args, id);
    for (int32_t c = 0; c < t->columns; c++) {
        const char *text = va_arg(args, const char *);
        model_cell *cell = &t->cell[(size_t)t->rows * (size_t)t->columns + (size_t)c];
        cell->text = arena_strdup(m->memory, text ? text : "");
        cell->number = NAN;
        (void)text_number(cell->text, &cell->number);
        cell->id = YT_NONE;
        if (text_equal(info.column[c].type, "YEAR"))
            (void)text_integer(cell->text, &cell->id);
        cell->at = place_at(t->file, t->rows + 2, c + 1);
    }
    va_end(args);
    t->rows++;
}

#define FACTS_OF(value, unit) value, unit, NULL, NULL, NULL, "rule", "D", "made up"

static const char *text_of(yt_model *m, const char *format, int number)
{
    return arena_printf(m->memory, format[0] ? "%s%02d" : "%s%d", format, number);
}

/* Names that mean something to a shell, SQL, HTML, a spreadsheet or printf. */
static const char *const hostile[] = {
    "=cmd|' /C calc'!A0",
    "'); DROP TABLE d_series; --",
    "<script>alert(1)</script>",
    "%s%n%x",
    "@SUM(A1)",
    "a\"b\\c\nsecond line",
    "\x1b[31mred",
    "+1+1",
    "-2",
    "\xc3\xa4\xe2\x82\xac",
};
#define HOSTILE ((int)(sizeof hostile / sizeof hostile[0]))

static const char *name_of(yt_model *m, const store_fixture *f, const char *what, int i)
{
    if (f->is_hostile)
        return hostile[i % HOSTILE];
    return text_of(m, what, i);
}

static void put_places(yt_model *m, const store_fixture *f)
{
    for (int r = 0; r < f->regions; r++) {
        char lat[32], lon[32];
        text_format_number(lat, sizeof lat, 10.0 + 5 * r);
        text_format_number(lon, sizeof lon, -100.0 + 40 * r);
        put_row(m, TABLE_region, text_of(m, "region", r), name_of(m, f, "Region ", r), "one; two",
                lat, lon, NULL);
        put_row(m, TABLE_tax, text_of(m, "region", r), "2010-01", FACTS_OF("0.1", "1"));
    }
    put_row(m, TABLE_place_name, "the market", "region00", "inside", NULL);
}

static void put_goods(yt_model *m, const store_fixture *f)
{
    put_row(m, TABLE_element, "E1", "Element one", NULL);
    put_row(m, TABLE_element, "E2", "Element two", NULL);
    put_row(m, TABLE_group, "goods", "Goods", NULL);
    for (int c = 0; c < f->commodities; c++) {
        const char *id = text_of(m, "good", c);
        put_row(m, TABLE_commodity, id, name_of(m, f, "Good ", c), "goods", "gross", NULL);
        put_row(m, TABLE_composition, id, c % 2 ? "E1" : "E2", FACTS_OF("0.5", "t/t"));
        put_row(m, TABLE_product_name, text_of(m, "word ", c), id, NULL, NULL);
        put_row(m, TABLE_observation, "price", "2010-07", "M", "12.5", NULL, "USD/kg",
                text_of(m, "word ", c), "the market", "FOB", "A journal", NULL, "B", NULL);
    }
}

static void put_plants(yt_model *m, const store_fixture *f)
{
    put_row(m, TABLE_stage, "making", "Making", "no", "tonnes of goods", NULL);
    put_row(m, TABLE_recipe, "make", "Make it", "making", NULL, NULL);
    for (int i = 0; i < f->facilities; i++) {
        char capacity[32];
        text_format_number(capacity, sizeof capacity, f->capacity * (i + 1));
        const char *id = text_of(m, "plant", i);
        put_row(m, TABLE_facility, id, name_of(m, f, "Plant ", i), text_of(m, "site", i),
                text_of(m, "region", i % f->regions), "Country", "1.5", "-2.5", "Owner", "private",
                "making", "make", "operating", NULL);
        put_row(m, TABLE_facility_fact, id, "capacity", "2010-07", FACTS_OF(capacity, "t/a"));
    }
}

yt_model *make_model_for_tests(const store_fixture *f)
{
    arena *memory = arena_new();
    yt_model *m = arena_alloc(memory, sizeof *m);
    if (!m)
        return NULL;
    m->memory = memory;
    m->path = "made-up";
    m->name = "made-up";
    m->title = f->is_hostile ? hostile[2] : "A made-up case";
    m->description = "for tests";
    m->start = f->first_month;
    m->end = f->first_month + f->months - 1;
    m->base_year = 2024;
    memset(m->hash, 'a', 64);
    put_row(m, TABLE_source, "rule", "A rule", "Nobody", "2024", NULL, NULL);
    put_places(m, f);
    put_goods(m, f);
    put_plants(m, f);
    for (int u = 0; u < f->end_uses; u++)
        put_row(m, TABLE_end_use, text_of(m, "use", u), name_of(m, f, "Use ", u), "tonnes", NULL);
    put_row(m, TABLE_holder, "traders", "Traders", NULL);
    put_row(m, TABLE_event, "halt", "2010-09-07", "region00", "policy", "Exports halt", "rule", "D",
            NULL);
    put_row(m, TABLE_deflator, "2010", FACTS_OF("0.7", "1"));
    put_row(m, TABLE_fx, "XYZ", "2010", FACTS_OF("6.77", "XYZ/USD"));
    return m;
}

/* ------------------------------------------------------------------------------ layout */

typedef struct made_up {
    const store_fixture *f;
    yt_model *model;
    store_layout layout;
    double *series, *tonnes, *cif, *output, *capacity, *wanted, *served;
    const char **status;
    store_element_row element[2];
} made_up;

static void *array(made_up *w, int32_t n, size_t size)
{
    void *p = arena_array(w->model->memory, n > 0 ? (size_t)n : 1, size);
    if (!p)
        abort();
    return p;
}

static const char *const variable[VARIABLES] = {"price", "stock", "production", "use", "cover"};
static const char *const unit[VARIABLES] = {"USD/t", "t", "t/month", "t/month", "months"};

static void lay_out_series(made_up *w)
{
    const store_fixture *f = w->f;
    int32_t n = 0;
    store_series_key *key = array(w, VARIABLES * f->regions * f->commodities + 1, sizeof *key);
    for (int v = 0; v < VARIABLES; v++)
        for (int r = 0; r < f->regions; r++)
            for (int c = 0; c < f->commodities; c++)
                key[n++] = (store_series_key){variable[v], text_of(w->model, "region", r),
                                              text_of(w->model, "good", c), unit[v]};
    key[n++] = (store_series_key){"concentration", NULL, NULL, "share"};
    w->layout.series = n;
    w->layout.series_key = key;
    w->series = array(w, n, sizeof(double));
}

static void lay_out_arcs(made_up *w)
{
    const store_fixture *f = w->f;
    int32_t n = 0;
    store_arc_key *key = array(w, 3 * f->regions * f->commodities, sizeof *key);
    for (int r = 0; r < f->regions; r++)
        for (int c = 0; c < f->commodities; c++)
            for (int k = 1; k < 3; k++)
                key[n++] =
                    (store_arc_key){text_of(w->model, "good", c), text_of(w->model, "region", r),
                                    text_of(w->model, "region", (r + k) % f->regions),
                                    c % 7 == 6 ? "illegal" : "open"};
    w->layout.arcs = n;
    w->layout.arc_key = key;
    w->tonnes = array(w, n, sizeof(double));
    w->cif = array(w, n, sizeof(double));
}

static void lay_out_uses(made_up *w)
{
    const store_fixture *f = w->f;
    int32_t n = 0, per_use = f->commodities < 2 ? f->commodities : 2;
    store_use_key *key = array(w, f->end_uses * f->regions * per_use, sizeof *key);
    for (int u = 0; u < f->end_uses; u++)
        for (int r = 0; r < f->regions; r++)
            for (int c = 0; c < per_use; c++)
                key[n++] =
                    (store_use_key){text_of(w->model, "use", u), text_of(w->model, "region", r),
                                    text_of(w->model, "good", c), 0.3, u % 3 ? 0 : 0.2};
    w->layout.uses = n;
    w->layout.use_key = key;
    w->wanted = array(w, n, sizeof(double));
    w->served = array(w, n, sizeof(double));
}

static void lay_out(made_up *w)
{
    static const char *const element[] = {"E1", "E2"};
    const store_fixture *f = w->f;
    store_facility_key *key = array(w, f->facilities, sizeof *key);
    for (int i = 0; i < f->facilities; i++)
        key[i] = (store_facility_key){text_of(w->model, "plant", i),
                                      name_of(w->model, f, "Plant ", i),
                                      text_of(w->model, "site", i),
                                      "making",
                                      text_of(w->model, "region", i % f->regions),
                                      "make",
                                      "private",
                                      "tonnes of goods"};
    lay_out_series(w);
    lay_out_arcs(w);
    lay_out_uses(w);
    w->layout.facilities = f->facilities;
    w->layout.facility_key = key;
    w->output = array(w, f->facilities, sizeof(double));
    w->capacity = array(w, f->facilities, sizeof(double));
    w->status = array(w, f->facilities, sizeof *w->status);
    w->layout.elements = 2;
    w->layout.element = element;
}

/* ------------------------------------------------------------------------------ months */

double store_fixture_price(const store_fixture *f, int32_t run, int32_t region, int32_t commodity,
                           int32_t month)
{
    if (commodity == 1 && region == 1 && month % 5 == 4)
        return NAN; /* no trade */
    double wave = yt_sin(0.1 * month + commodity);
    double shock = month > f->months / 2 ? yt_exp(-0.05 * (month - f->months / 2)) : 0;
    double price = 1000.0 * (commodity + 1) * (1 + 0.1 * region) * (1 + 0.3 * wave + 2 * shock);
    if (commodity == f->commodities - 1)
        price *= 1 + f->shift;
    return price * (1 + 0.01 * run);
}

static void fill_month(made_up *w, int32_t run, int32_t month)
{
    const store_fixture *f = w->f;
    int32_t goods = f->regions * f->commodities;
    for (int32_t i = 0; i < w->layout.series; i++) {
        int32_t r = i % goods / f->commodities, c = i % f->commodities;
        w->series[i] = i < goods ? store_fixture_price(f, run, r, c, month)
                                 : yt_exp(yt_sin(0.01 * (i + 1) * month) + run * 0.001);
    }
    for (int32_t a = 0; a < w->layout.arcs; a++) {
        w->tonnes[a] = (a + month) % 3 ? 0 : 10 + yt_sin(a + 0.3 * month);
        w->cif[a] = a % 11 ? 1000 + yt_sin(a + 0.1 * month) : NAN;
    }
    for (int32_t i = 0; i < w->layout.facilities; i++) {
        w->capacity[i] = f->capacity * (i + 1) / 12;
        w->output[i] = w->capacity[i] * (0.8 + 0.1 * yt_sin(i + 0.2 * month));
        w->status[i] = i % 4 == 3 && month % 6 == 0 ? "idle" : "running";
    }
    for (int32_t u = 0; u < w->layout.uses; u++) {
        w->wanted[u] = 5 + yt_sin(u + 0.05 * month);
        w->served[u] = w->wanted[u] * (month > f->months / 2 ? 0.9 : 1);
    }
    for (int e = 0; e < 2; e++) {
        double mined = 100.0 * (month + 1);
        w->element[e] = (store_element_row){10, mined, mined, 4, 3, 2, 1, 0, 1e-16 * month};
    }
}

static yt_status write_months(made_up *w, yt_store *store, yt_log *log)
{
    yt_status status = YT_OK;
    for (int32_t run = 0; run < w->f->runs; run++)
        for (int32_t m = 0; !status && m < w->f->months; m++) {
            fill_month(w, run, m);
            const store_month month = {run,         w->f->first_month + m,
                                       w->series,   w->tonnes,
                                       w->cif,      w->output,
                                       w->capacity, w->status,
                                       w->wanted,   w->served,
                                       w->element,  1e-12,
                                       1e-13,       -1e-14,
                                       10 + m % 5};
            status = store_write_month(store, &month, log);
            if (!status && m == w->f->months / 2)
                status = store_write_event(store, run, month.month, "shock", "good00",
                                           w->f->is_hostile ? hostile[1] : "supply was cut", log);
        }
    return status;
}

yt_status make_store_for_tests(const char *path, const store_fixture *f, yt_log *log)
{
    made_up w = {.f = f, .model = make_model_for_tests(f)};
    if (!w.model)
        return YT_ENOMEM;
    lay_out(&w);
    yt_store *store = NULL;
    yt_status status = store_create(path, true, w.model, &w.layout, log, &store);
    if (!status)
        status = write_months(&w, store, log);
    if (!status) {
        const store_fact facts[] = {{"seed", "1"}, {"command", "made for tests"}};
        status = store_finish(store, facts, 2, log);
    } else {
        store_abandon(store);
    }
    arena_free(w.model->memory);
    return status;
}
