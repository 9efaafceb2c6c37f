/* clear_problem.c - reads a clearing problem from JSON and writes the answer.
 *
 * The JSON library gives positions for syntax errors only; everything else is named by its
 * path, activities[7].capacity, with what would be right.
 */
#include "clear_problem.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct reader {
    clear_problem *problem;
    const char *file;
    yt_log *log;
    yt_status status; /* of the first error */
} reader;

#define REPORT(r, code, ...)                                                                       \
    do {                                                                                           \
        log_error((r)->log, (code), place_at((r)->file, 0, 0), __VA_ARGS__);                       \
        if (!(r)->status)                                                                          \
            (r)->status = (code);                                                                  \
    } while (0)

/* A name of the file, short enough to quote. */
#define QUOTED "\"%.60s\""

static void *new_array(reader *r, size_t count, size_t size)
{
    void *array = arena_array(r->problem->memory, count + 1, size);
    if (!array && !r->status)
        r->status = YT_ENOMEM;
    return array;
}

/* --------------------------------------------------------------------------- numbers */

/* A number at `path`; false after a message. */
static bool read_number(reader *r, const json_t *value, const char *path, double *number)
{
    if (!value) {
        REPORT(r, YT_EDATA, "%s is missing; write a number", path);
        return false;
    }
    if (!json_is_number(value)) {
        REPORT(r, YT_EDATA, "%s must be a number", path);
        return false;
    }
    *number = json_number_value(value);
    if (!isfinite(*number)) {
        REPORT(r, YT_EDATA, "%s must be finite", path);
        return false;
    }
    return true;
}

static bool read_nonnegative(reader *r, const json_t *value, const char *path, const char *advice,
                             double *number)
{
    if (!read_number(r, value, path, number))
        return false;
    if (*number < 0) {
        REPORT(r, YT_EDATA, "%s is %g; %s", path, *number, advice);
        return false;
    }
    *number = fabs(*number); /* no negative zero */
    return true;
}

/* ----------------------------------------------------------------------------- names */

typedef struct named {
    const char *name;
    int32_t written;
} named;

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->written > y->written) - (x->written < y->written);
}

/* Sort names and tell duplicates; kind is "markets" or "activities". */
static void rank_names(reader *r, named *list, int32_t count, const char *kind, const char **name,
                       int32_t *rank)
{
    qsort(list, (size_t)count, sizeof(*list), by_name);
    for (int32_t k = 0; k < count; k++) {
        name[k] = list[k].name;
        rank[list[k].written] = k;
        if (k > 0 && strcmp(list[k].name, list[k - 1].name) == 0)
            REPORT(r, YT_ENAME, "%s[%d] has the name " QUOTED " of %s[%d]; names must differ", kind,
                   (int)list[k].written, list[k].name, kind, (int)list[k - 1].written);
    }
}

static const char *copy_name(reader *r, const json_t *value, const char *path)
{
    if (!json_is_string(value) || json_string_length(value) == 0) {
        REPORT(r, YT_EDATA, "%s must be a name, a text that is not empty", path);
        return "";
    }
    const char *name = arena_strdup(r->problem->memory, json_string_value(value));
    if (!name && !r->status)
        r->status = YT_ENOMEM;
    return name ? name : "";
}

/* Place of a market in the order of names; YT_NONE when there is none of that name. */
static int32_t find_market(const clear_problem *problem, const char *name)
{
    int32_t low = 0, high = problem->markets - 1;
    while (low <= high) {
        const int32_t middle = low + (high - low) / 2;
        const int order = strcmp(problem->market_name[middle], name);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle - 1;
    }
    return YT_NONE;
}

/* ----------------------------------------------------------------------------- parts */

static bool allocate(reader *r, size_t markets, size_t activities, size_t entries)
{
    clear_problem *p = r->problem;
    if (markets > INT32_MAX / 2 || activities > INT32_MAX / 2 || entries > INT32_MAX / 2) {
        REPORT(r, YT_EDATA, "the problem is too large");
        return false;
    }
    p->markets = (int32_t)markets;
    p->activities = (int32_t)activities;
    p->market_name = new_array(r, markets, sizeof(char *));
    p->activity_name = new_array(r, activities, sizeof(char *));
    p->market_rank = new_array(r, markets, sizeof(int32_t));
    p->activity_rank = new_array(r, activities, sizeof(int32_t));
    p->start = new_array(r, activities + 1, sizeof(int32_t));
    p->row = new_array(r, entries, sizeof(int32_t));
    p->coefficient = new_array(r, entries, sizeof(double));
    p->supply = new_array(r, markets, sizeof(double));
    p->reference = new_array(r, markets, sizeof(double));
    p->price = new_array(r, markets, sizeof(double));
    p->ray = new_array(r, markets, sizeof(double));
    p->cost = new_array(r, activities, sizeof(double));
    p->slope = new_array(r, activities, sizeof(double));
    p->capacity = new_array(r, activities, sizeof(double));
    p->level = new_array(r, activities, sizeof(double));
    return r->status != YT_ENOMEM;
}

static void read_markets(reader *r, const json_t *markets)
{
    clear_problem *p = r->problem;
    named *list = new_array(r, (size_t)p->markets, sizeof(*list));
    if (!list)
        return;
    for (int32_t i = 0; i < p->markets; i++) {
        char path[40];
        snprintf(path, sizeof(path), "markets[%d]", (int)i);
        list[i] = (named){copy_name(r, json_array_get(markets, (size_t)i), path), i};
    }
    rank_names(r, list, p->markets, "markets", p->market_name, p->market_rank);
}

/* A list of one number per market, into target[] in the order of names. */
static void read_market_numbers(reader *r, const json_t *list, const char *key, double *target)
{
    const clear_problem *p = r->problem;
    if (!json_is_array(list)) {
        REPORT(r, YT_EDATA, "%s must be a list of %d numbers, one for each market", key,
               (int)p->markets);
        return;
    }
    if (json_array_size(list) != (size_t)p->markets)
        REPORT(r, YT_EDATA, "%s has %zu numbers; write %d, one for each market", key,
               json_array_size(list), (int)p->markets);
    for (size_t i = 0; i < json_array_size(list) && i < (size_t)p->markets; i++) {
        char path[60];
        snprintf(path, sizeof(path), "%s[%d]", key, (int)i);
        read_number(r, json_array_get(list, i), path, &target[p->market_rank[i]]);
    }
}

typedef struct column_entry {
    int32_t market;
    double value;
} column_entry;

static int by_market(const void *a, const void *b)
{
    const column_entry *x = a, *y = b;
    return (x->market > y->market) - (x->market < y->market);
}

/* The column of one activity, appended at start[j + 1]. */
static void read_column(reader *r, json_t *column, const char *path, int32_t j)
{
    clear_problem *p = r->problem;
    p->start[j + 1] = p->start[j];
    if (!json_is_object(column)) {
        REPORT(r, YT_EDATA, "%s must be an object of market: amount per unit of activity", path);
        return;
    }
    column_entry *list = new_array(r, json_object_size(column), sizeof(*list));
    const char *name;
    json_t *value;
    int32_t count = 0;
    if (!list)
        return;
    json_object_foreach(column, name, value)
    {
        char where[160];
        snprintf(where, sizeof(where), "%.60s." QUOTED, path, name);
        const int32_t market = find_market(p, name);
        double amount = 0;
        if (market < 0)
            REPORT(r, YT_ENAME, "%s is no market; write a name of the list markets", where);
        if (read_number(r, value, where, &amount) && market >= 0)
            list[count++] = (column_entry){market, amount};
    }
    qsort(list, (size_t)count, sizeof(*list), by_market);
    for (int32_t k = 0; k < count; k++) {
        const int32_t e = p->start[j + 1]++;
        p->row[e] = list[k].market;
        p->coefficient[e] = list[k].value;
    }
}

static void refuse_unknown_keys(reader *r, json_t *object, const char *prefix,
                                const char *const *known, const char *allowed)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const char *const *k = known;
        while (*k && strcmp(*k, key) != 0)
            k++;
        if (!*k)
            REPORT(r, YT_ESYNTAX, "%s" QUOTED " is not a key; the keys are %s", prefix, key,
                   allowed);
    }
}

/* Activity number j in the order of names, written as activities[written]. */
static void read_activity(reader *r, json_t *activity, int32_t written, int32_t j)
{
    static const char *const keys[] = {"name", "column", "cost", "slope", "capacity", NULL};
    clear_problem *p = r->problem;
    char path[5][60], prefix[40];
    snprintf(prefix, sizeof(prefix), "activities[%d].", (int)written);
    for (int k = 0; keys[k]; k++)
        snprintf(path[k], sizeof(path[k]), "%s%s", prefix, keys[k]);
    p->start[j + 1] = p->start[j];
    if (!json_is_object(activity))
        return; /* told when names were read */
    refuse_unknown_keys(r, activity, prefix, keys, "name, column, cost, slope, capacity");
    read_column(r, json_object_get(activity, "column"), path[1], j);
    read_number(r, json_object_get(activity, "cost"), path[2], &p->cost[j]);
    read_nonnegative(r, json_object_get(activity, "slope"), path[3],
                     "write 0 for a flat cost or a positive slope", &p->slope[j]);
    const json_t *capacity = json_object_get(activity, "capacity");
    p->capacity[j] = INFINITY;
    if (capacity && !json_is_null(capacity))
        read_nonnegative(r, capacity, path[4], "write 0 for a closed activity or null for no limit",
                         &p->capacity[j]);
}

static void read_activities(reader *r, const json_t *activities)
{
    clear_problem *p = r->problem;
    named *list = new_array(r, (size_t)p->activities, sizeof(*list));
    if (!list)
        return;
    for (int32_t n = 0; n < p->activities; n++) {
        const json_t *activity = json_array_get(activities, (size_t)n);
        char path[60];
        snprintf(path, sizeof(path), "activities[%d].name", (int)n);
        list[n] = (named){"", n};
        if (json_is_object(activity))
            list[n].name = copy_name(r, json_object_get(activity, "name"), path);
        else
            REPORT(r, YT_EDATA, "activities[%d] must be an object with name, column, cost, slope",
                   (int)n);
    }
    /* an empty name was told already */
    if (r->status == YT_OK)
        rank_names(r, list, p->activities, "activities", p->activity_name, p->activity_rank);
    else
        for (int32_t n = 0; n < p->activities; n++)
            p->activity_rank[n] = n;
    int32_t *written = new_array(r, (size_t)p->activities, sizeof(*written));
    for (int32_t n = 0; written && n < p->activities; n++)
        written[p->activity_rank[n]] = n;
    for (int32_t j = 0; written && j < p->activities; j++)
        read_activity(r, json_array_get(activities, (size_t)written[j]), written[j], j);
}

static size_t count_entries(const json_t *activities)
{
    size_t entries = 0;
    for (size_t j = 0; j < json_array_size(activities); j++)
        entries += json_object_size(json_object_get(json_array_get(activities, j), "column"));
    return entries;
}

static void read_root(reader *r, json_t *root)
{
    static const char *const keys[] = {"markets", "supply", "activities",  "solution",
                                       "checked", "note",   "price_start", NULL};
    clear_problem *p = r->problem;
    if (!json_is_object(root)) {
        REPORT(r, YT_ESYNTAX, "the file must hold an object with markets, supply and activities");
        return;
    }
    refuse_unknown_keys(r, root, "", keys,
                        "markets, supply, activities and, optional, price_start, solution, "
                        "checked, note");
    const json_t *markets = json_object_get(root, "markets");
    const json_t *activities = json_object_get(root, "activities");
    const json_t *price_start = json_object_get(root, "price_start");
    if (!json_is_array(markets))
        REPORT(r, YT_EDATA, "markets must be a list of names");
    if (!json_is_array(activities))
        REPORT(r, YT_EDATA, "activities must be a list of objects");
    if (!allocate(r, json_array_size(markets), json_array_size(activities),
                  count_entries(activities)))
        return;
    read_markets(r, markets);
    read_market_numbers(r, json_object_get(root, "supply"), "supply", p->supply);
    p->has_start = price_start != NULL && !json_is_null(price_start);
    if (p->has_start)
        read_market_numbers(r, price_start, "price_start", p->price);
    for (int32_t i = 0; p->has_start && i < p->markets; i++)
        if (p->price[p->market_rank[i]] < 0)
            REPORT(r, YT_EDATA, "price_start[%d] is negative; write 0 or more", (int)i);
    read_activities(r, activities);
}

yt_status clear_problem_read(const char *text, size_t length, const char *file, yt_log *log,
                             clear_problem *problem)
{
    *problem = (clear_problem){.memory = arena_new()};
    reader r = {.problem = problem, .file = file, .log = log};
    if (!problem->memory)
        return YT_ENOMEM;
    json_error_t error;
    json_t *root = json_loadb(
        text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY, &error);
    if (!root) {
        log_error(log, YT_ESYNTAX, place_at(file, error.line, error.column), "%s", error.text);
        return YT_ESYNTAX;
    }
    read_root(&r, root);
    json_decref(root);
    return r.status;
}

void clear_problem_free(clear_problem *problem)
{
    arena_free(problem->memory);
    *problem = (clear_problem){0};
}

/* ------------------------------------------------------------------------------ solve */

/* A typical price for every market, on the low side: the least cost per tonne of what
 * trades there.  1 where nothing costs anything. */
static void guess_reference(clear_problem *p)
{
    for (int32_t j = 0; j < p->activities; j++)
        for (int32_t e = p->start[j]; e < p->start[j + 1]; e++) {
            const double price = fabs(p->cost[j] / p->coefficient[e]);
            double *reference = &p->reference[p->row[e]];
            if (price > 0 && isfinite(price) && (*reference == 0 || price < *reference))
                *reference = price;
        }
    for (int32_t i = 0; i < p->markets; i++)
        if (p->reference[i] == 0)
            p->reference[i] = 1;
}

yt_status clear_problem_solve(clear_problem *p)
{
    market_pattern *pattern = NULL;
    yt_status status = market_pattern_new(p->markets, p->activities, p->start, p->row, &pattern);
    if (status)
        return status;
    const size_t size = (market_scratch_size(pattern) + 63) / 64 * 64 + 64;
    void *scratch = aligned_alloc(64, size);
    if (scratch) {
        guess_reference(p);
        p->answer = (market_problem){.coefficient = p->coefficient,
                                     .supply = p->supply,
                                     .cost = p->cost,
                                     .slope = p->slope,
                                     .capacity = p->capacity,
                                     .reference = p->reference,
                                     .price = p->price,
                                     .level = p->level,
                                     .ray = p->ray};
        if (!p->has_start)
            memcpy(p->price, p->reference, (size_t)p->markets * sizeof(double));
        if (p->has_start)
            market_clear(pattern, (market_problem *[]){&p->answer}, 1, scratch);
        else
            market_clear_interior(pattern, &p->answer, scratch);
    }
    free(scratch);
    market_pattern_free(pattern);
    return scratch ? YT_OK : YT_ENOMEM;
}

/* ------------------------------------------------------------------------------ write */

static void write_numbers(json_writer *out, const char *key, const double *number,
                          const int32_t *rank, int32_t count)
{
    json_key(out, key);
    json_begin_array(out);
    for (int32_t k = 0; k < count; k++)
        json_number(out, number[rank[k]]);
    json_end_array(out);
}

void clear_problem_write(const clear_problem *p, json_writer *out)
{
    static const char *const status_name[] = {[MARKET_OPTIMAL] = "optimal",
                                              [MARKET_INFEASIBLE] = "infeasible",
                                              [MARKET_UNBOUNDED] = "unbounded",
                                              [MARKET_UNCERTIFIED] = "uncertified"};
    const market_problem *answer = &p->answer;
    json_key_text(out, "status", status_name[answer->status]);
    if (answer->status == MARKET_INFEASIBLE)
        write_numbers(out, "ray", p->ray, p->market_rank, p->markets);
    if (answer->status == MARKET_OPTIMAL || answer->status == MARKET_UNCERTIFIED) {
        write_numbers(out, "price", p->price, p->market_rank, p->markets);
        write_numbers(out, "level", p->level, p->activity_rank, p->activities);
        json_key_number(out, "objective", answer->objective);
        json_key(out, "certificate");
        json_begin_object(out);
        json_key_number(out, "balance", answer->certificate.balance);
        json_key_number(out, "complementarity", answer->certificate.complementarity);
        json_key_number(out, "gap", answer->certificate.gap);
        json_end_object(out);
    }
    json_key_integer(out, "iterations", answer->iterations);
    json_key_text(out, "method", answer->method == MARKET_NEWTON ? "newton" : "interior");
}

int clear_problem_exit_code(const clear_problem *problem)
{
    switch (problem->answer.status) {
    case MARKET_OPTIMAL:
        return 0;
    case MARKET_INFEASIBLE:
    case MARKET_UNBOUNDED:
        return yt_status_exit_code(YT_EINFEAS);
    case MARKET_UNCERTIFIED:
        break;
    }
    return yt_status_exit_code(YT_ENUMERIC);
}
