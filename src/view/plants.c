/* plants.c - facilities with every number assumed about them, and how well things are known. */
#include "view/inside.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Number when it is one, text otherwise, null when blank. */
static void write_value(json_writer *w, const char *text)
{
    double value;
    if (text_number(text, &value))
        json_number(w, value);
    else if (text_is_blank(text))
        json_nothing(w);
    else
        json_text(w, text);
}

/* Notes repeat; each is written once, rows point to it. */
static void write_note(view_list *notes, arena *memory, json_writer *w, const char *note)
{
    if (text_is_blank(note))
        json_nothing(w);
    else
        json_whole(w, view_add(memory, notes, note, ""));
}

/* [value, unit, low, high, sources, grade, note] */
static void write_fact(json_writer *w, arena *memory, view_list *notes, const view_fact *f)
{
    write_value(w, f->value);
    json_text(w, f->unit);
    write_value(w, f->low);
    write_value(w, f->high);
    json_text(w, f->source);
    json_text(w, f->grade);
    write_note(notes, memory, w, f->note);
}

/* Part i of a key "a|b|c" as a JSON text. */
static void write_part(json_writer *w, arena *memory, const char *key, int i)
{
    const char *start = key;
    while (i-- > 0 && start) {
        start = strchr(start, '|');
        start = start ? start + 1 : NULL;
    }
    size_t length = start ? strcspn(start, "|") : 0;
    char *part = start ? arena_strndup(memory, start, length) : NULL;
    json_text(w, part ? part : "");
}

/* ------------------------------------------------------------------------------ facilities */

static int32_t facility_of(const view_world *v, const view_fact *f)
{
    char id[256];
    size_t length = strcspn(f->key, "|");
    if (length >= sizeof id)
        return YT_NONE;
    memcpy(id, f->key, length);
    id[length] = '\0';
    return view_find(&v->facility_ids, id);
}

static void write_year_sums(const view_world *v, json_writer *w, const double *month)
{
    int32_t first_year = v->years, last_year = -1;
    for (int32_t m = 0; m < v->months; m++)
        if (month[m] != 0) {
            int32_t y = (v->start + m) / 12 - v->first_year;
            first_year = y < first_year ? y : first_year;
            last_year = y;
        }
    json_begin_array(w); /* first year with anything, then the years */
    for (int32_t y = first_year; y <= last_year; y++) {
        if (y == first_year)
            json_whole(w, y);
        int32_t first = (v->first_year + y) * 12 - v->start, last = first + 11;
        json_number(w, view_round(view_sum(month, first < 0 ? 0 : first,
                                           last >= v->months ? v->months - 1 : last),
                                  4));
    }
    json_end_array(w);
}

/* A letter a year: the status of its last month. */
static void write_status(const view_world *v, json_writer *w, const view_facility *f)
{
    char *word = arena_alloc(v->memory, (size_t)v->years + 1);
    for (int32_t m = 0; word && m < v->months; m++)
        word[(v->start + m) / 12 - v->first_year] = (char)('a' + f->word[m]);
    json_text(w, word);
}

static void write_facility(const view_world *v, json_writer *w, int32_t i)
{
    const view_facility *f = &v->facility[i];
    json_begin_object(w);
    json_key_text(w, "id", v->facility_ids.id[i]);
    json_key_text(w, "name", f->name);
    json_key_text(w, "site", f->site);
    json_key_integer(w, "r", f->region);
    json_key_integer(w, "s", f->stage);
    json_key_text(w, "recipe", f->recipe);
    json_key_text(w, "ownerType", f->owner_type);
    json_key_text(w, "status", f->status);
    if (*f->country)
        json_key_text(w, "country", f->country);
    if (*f->owner)
        json_key_text(w, "owner", f->owner);
    if (*f->note)
        json_key_text(w, "note", f->note);
    if (isfinite(f->lat) && isfinite(f->lon)) {
        json_key_number(w, "lat", view_round(f->lat, 5));
        json_key_number(w, "lon", view_round(f->lon, 5));
    }
    if (f->output && f->capacity && f->word) {
        json_key(w, "out");
        write_year_sums(v, w, f->output);
        json_key(w, "cap");
        write_year_sums(v, w, f->capacity);
        json_key(w, "st");
        write_status(v, w, f);
    }
    json_end_object(w);
}

/* Rows [..., value, unit, low, high, sources, grade, note] of a table; `parts` of its key
 * come first. */
static void write_table(const view_world *v, json_writer *w, view_list *notes, const char *table,
                        int parts)
{
    json_begin_array(w);
    for (int32_t i = 0; i < v->facts; i++) {
        const view_fact *f = &v->fact[i];
        if (!text_equal(f->table, table))
            continue;
        json_begin_array(w);
        for (int p = 0; p < parts; p++)
            write_part(w, v->memory, f->key, p);
        write_fact(w, v->memory, notes, f);
        json_end_array(w);
    }
    json_end_array(w);
}

static void write_facility_facts(const view_world *v, json_writer *w, view_list *notes)
{
    json_key(w, "facts"); /* [facility, item, from, value, ...] */
    json_begin_array(w);
    for (int32_t i = 0; i < v->facts; i++) {
        const view_fact *f = &v->fact[i];
        int32_t facility = text_equal(f->table, "facility_fact") ? facility_of(v, f) : YT_NONE;
        if (facility == YT_NONE)
            continue;
        json_begin_array(w);
        json_whole(w, facility);
        write_part(w, v->memory, f->key, 1);
        write_part(w, v->memory, f->key, 2);
        write_fact(w, v->memory, notes, f);
        json_end_array(w);
    }
    json_end_array(w);
}

void view_facilities(const view_world *v, json_writer *w)
{
    static const struct {
        const char *table;
        int parts;
    } rules[] = {{"operating_rate", 5}, {"unit_cost", 5}, {"recipe_flow", 2}};
    view_list notes = {0};
    json_key(w, "statuses");
    json_begin_array(w);
    for (int32_t i = 0; i < v->status.n; i++)
        json_text(w, v->status.id[i]);
    json_end_array(w);
    json_key(w, "recipes");
    json_begin_array(w);
    for (int32_t r = 0; r < v->recipe.n; r++) {
        json_begin_array(w);
        json_text(w, v->recipe.id[r]);
        json_text(w, v->recipe.name[r]);
        json_text(w, v->recipe_family[r]);
        json_end_array(w);
    }
    json_end_array(w);
    json_key(w, "facilities");
    json_begin_array(w);
    for (int32_t i = 0; i < v->facility_ids.n; i++)
        write_facility(v, w, i);
    json_end_array(w);
    write_facility_facts(v, w, &notes);
    json_key(w, "rules");
    json_begin_object(w);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        json_key(w, rules[i].table);
        write_table(v, w, &notes, rules[i].table, rules[i].parts);
    }
    json_end_object(w);
    json_key(w, "notes");
    json_begin_array(w);
    for (int32_t i = 0; i < notes.n; i++)
        json_text(w, notes.id[i]);
    json_end_array(w);
}

/* --------------------------------------------------------------------------------- quality */

typedef struct tally {
    const char *table;
    int32_t source, grade[5]; /* A, B, C, D, other */
} tally;

static int grade_of(const char *grade)
{
    return *grade >= 'A' && *grade <= 'D' ? *grade - 'A' : 4;
}

static void write_tally(json_writer *w, const tally *t)
{
    json_key(w, "n");
    json_begin_array(w);
    for (int g = 0; g < 5; g++)
        json_whole(w, t->grade[g]);
    json_end_array(w);
}

static void count_sources(const view_world *v, const view_fact *f, tally *by_source)
{
    char id[128];
    for (const char *at = f->source; *at;) {
        size_t length = strcspn(at, ";");
        if (length < sizeof id) {
            memcpy(id, at, length);
            id[length] = '\0';
            int32_t s = view_find(&v->source, id);
            if (s != YT_NONE)
                by_source[s].grade[grade_of(f->grade)]++;
        }
        at += length + (at[length] == ';');
        at += strspn(at, " ");
    }
}

void view_quality(const view_world *v, json_writer *w)
{
    view_list tables = {0};
    tally *by_table = arena_array(v->memory, 256, sizeof *by_table);
    tally *by_source = arena_array(v->memory, (size_t)v->source.n + 1, sizeof *by_source);
    if (!by_table || !by_source)
        return;
    for (int32_t i = 0; i < v->facts; i++) {
        int32_t t = view_add(v->memory, &tables, v->fact[i].table, "");
        if (t != YT_NONE && t < 256)
            by_table[t].grade[grade_of(v->fact[i].grade)]++;
        count_sources(v, &v->fact[i], by_source);
    }
    json_key(w, "quality"); /* rows by table and grade A, B, C, D, none */
    json_begin_array(w);
    for (int32_t t = 0; t < tables.n && t < 256; t++) {
        json_begin_object(w);
        json_key_text(w, "table", tables.id[t]);
        write_tally(w, &by_table[t]);
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "sources");
    json_begin_array(w);
    for (int32_t s = 0; s < v->source.n; s++) {
        json_begin_object(w);
        json_key_text(w, "id", v->source.id[s]);
        json_key_text(w, "title", v->source.name[s]);
        if (*v->source_publisher[s])
            json_key_text(w, "publisher", v->source_publisher[s]);
        if (*v->source_year[s])
            json_key_text(w, "year", v->source_year[s]);
        if (*v->source_url[s])
            json_key_text(w, "url", v->source_url[s]);
        write_tally(w, &by_source[s]);
        json_end_object(w);
    }
    json_end_array(w);
}
