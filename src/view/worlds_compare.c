/* worlds_compare.c - two ensembles of the same seed, world by world.
 *
 * World 17 of one and world 17 of the other have drawn the same: their difference is what the
 * overlay does, with most of the noise gone.  The 16 replicates give its interval.
 */
#include "view/worlds.h"
#include "view/worlds_page.h"

#include "base/text.h"
#include "view/compare_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------ one number */

typedef struct paired {
    double sum[WORLDS_REPLICATES], years[WORLDS_REPLICATES], a, b;
    int32_t n[WORLDS_REPLICATES];
} paired;

static void add_pair(paired *p, worlds_change *c, int32_t run, int32_t i, int32_t k)
{
    double a = c->a->value[i], b = c->b->value[k];
    bool a_came = !c->a->censored[i], b_came = !c->b->censored[k];
    int r = run % WORLDS_REPLICATES;
    if (!isfinite(a) || !isfinite(b))
        return;
    c->pairs++;
    c->same += a == b && a_came == b_came;
    p->n[r]++;
    p->years[r] += b - a;
    p->a += c->is_date ? a_came : a;
    p->b += c->is_date ? b_came : b;
    p->sum[r] += c->is_date ? b_came - a_came : b - a;
}

/* Mean, standard error and half an interval of 90 % of sums over replicates. */
static void spread(const paired *p, const double sum[], double *mean, double *error, double *half)
{
    double replicate[WORLDS_REPLICATES];
    int32_t used = 0;
    for (int r = 0; r < WORLDS_REPLICATES; r++) {
        replicate[r] = p->n[r] ? sum[r] / p->n[r] : NAN;
        used += p->n[r] > 0;
    }
    worlds_over_replicates(replicate, mean, error);
    *half = worlds_student(used) * *error;
}

worlds_change worlds_compare(const worlds *a, const worlds *b, const worlds_number *number)
{
    worlds_change c = {.a = number, .is_date = worlds_is_date(number->name)};
    paired p = {.a = 0};
    double half;
    c.b = worlds_find(b, number->name, number->region, number->about);
    for (int32_t i = 0, k = 0; c.b && i < a->runs; i++) {
        while (k < b->runs && b->run[k] < a->run[i])
            k++;
        if (k < b->runs && b->run[k] == a->run[i] && !a->is_broken[i] && !b->is_broken[k])
            add_pair(&p, &c, a->run[i], i, k);
    }
    if (c.pairs == 0)
        return c;
    c.mean_a = p.a / c.pairs;
    c.mean_b = p.b / c.pairs;
    spread(&p, p.sum, &c.difference, &c.error, &half);
    c.low = c.difference - half;
    c.high = c.difference + half;
    c.is_distinct = isfinite(half) && (c.low > 0 || c.high < 0);
    if (!c.is_date)
        return c;
    double error;
    spread(&p, p.years, &c.years, &error, &half);
    c.years_low = c.years - half;
    c.years_high = c.years + half;
    c.is_distinct |= isfinite(half) && (c.years_low > 0 || c.years_high < 0);
    c.median_a = worlds_date_of(a, c.a).median;
    c.median_b = worlds_date_of(b, c.b).median;
    return c;
}

/* ----------------------------------------------------------------------------- all numbers */

static double certainty(const worlds_change *c)
{
    return c->error > 0 ? fabs(c->difference) / c->error : 0;
}

/* Dates first, then the most certain. */
static int by_certainty(const void *x, const void *y)
{
    const worlds_change *a = x, *b = y;
    bool a_first = text_equal(a->a->name, "break_free_year");
    bool b_first = text_equal(b->a->name, "break_free_year");
    if (a_first != b_first)
        return a_first ? -1 : 1;
    if (a->is_distinct != b->is_distinct)
        return a->is_distinct ? -1 : 1;
    double ca = certainty(a), cb = certainty(b);
    if (ca != cb)
        return ca > cb ? -1 : 1;
    return (a->a > b->a) - (a->a < b->a);
}

const worlds_change *worlds_changes(const worlds *a, const worlds *b, int32_t *n)
{
    worlds_change *list = arena_array(a->view.memory, (size_t)a->numbers + 1, sizeof *list);
    *n = 0;
    for (int32_t i = 0; list && i < a->numbers; i++) {
        if (text_equal(a->number[i].name, "broken_month") ||
            text_equal(a->number[i].name, "squeeze_year"))
            continue;
        list[*n] = worlds_compare(a, b, &a->number[i]);
        *n += list[*n].pairs > 0;
    }
    if (list)
        qsort(list, (size_t)*n, sizeof *list, by_certainty);
    return list;
}

/* ------------------------------------------------------------------------------- in words */

static const char *verdict(const worlds_change *c)
{
    if (c->same == c->pairs)
        return "the same in every world";
    if (!c->is_distinct)
        return "not distinguishable";
    if (c->is_date && !(c->low > 0 || c->high < 0))
        return c->years > 0 ? "later" : "sooner";
    if (c->is_date)
        return c->difference > 0 ? "more often" : "less often";
    return c->difference > 0 ? "more" : "less";
}

static void put_year(FILE *out, double year)
{
    if (isfinite(year))
        fprintf(out, "%.4g", year);
    else
        fputs("none by the end", out);
}

static void print_name(FILE *out, const worlds *w, const worlds_change *c)
{
    const char *region = worlds_region_name(w, c->a->region);
    fprintf(out, "%s%s%s%s%s", c->a->name, *region ? ", " : "", region, *c->a->about ? ", " : "",
            c->a->about);
}

static void print_date(FILE *out, const worlds_change *c)
{
    fprintf(out, "    comes by the end  %.1f %% -> %.1f %%   %+.1f points [%+.1f .. %+.1f]\n",
            100 * c->mean_a, 100 * c->mean_b, 100 * c->difference, 100 * c->low, 100 * c->high);
    fputs("    median            ", out);
    put_year(out, c->median_a);
    fputs(" -> ", out);
    put_year(out, c->median_b);
    fprintf(out, "; mean within the horizon %+.2f years [%+.2f .. %+.2f]\n", c->years, c->years_low,
            c->years_high);
}

static void print_change(FILE *out, const worlds *w, const worlds_change *c)
{
    print_name(out, w, c);
    fprintf(out, ": %s\n", verdict(c));
    if (c->same == c->pairs)
        return;
    if (c->is_date)
        print_date(out, c);
    else
        fprintf(out, "    mean  %.4g -> %.4g %s   %+.3g [%+.3g .. %+.3g]\n", c->mean_a, c->mean_b,
                c->a->unit, c->difference, c->low, c->high);
}

void worlds_write_change(json_writer *j, const worlds_change *c)
{
    json_key_text(j, "v", c->a->name);
    json_key_text(j, "r", c->a->region);
    json_key_text(j, "about", c->a->about);
    json_key_text(j, "unit", c->is_date ? "share" : c->a->unit);
    json_key_bool(j, "date", c->is_date);
    json_key_integer(j, "pairs", c->pairs);
    json_key_integer(j, "same", c->same);
    json_key_number(j, "a", view_round(c->mean_a, 6));
    json_key_number(j, "b", view_round(c->mean_b, 6));
    json_key_number(j, "difference", view_round(c->difference, 6));
    json_key_number(j, "error", view_round(c->error, 4));
    json_key_number(j, "low", view_round(c->low, 6));
    json_key_number(j, "high", view_round(c->high, 6));
    json_key_bool(j, "distinct", c->is_distinct);
    json_key_text(j, "verdict", verdict(c));
    if (!c->is_date)
        return;
    json_key_number(j, "medianA", isfinite(c->median_a) ? c->median_a : NAN);
    json_key_number(j, "medianB", isfinite(c->median_b) ? c->median_b : NAN);
    json_key_number(j, "years", view_round(c->years, 6));
    json_key_number(j, "yearsLow", view_round(c->years_low, 6));
    json_key_number(j, "yearsHigh", view_round(c->years_high, 6));
}

static bool is_asked_for(const worlds_change *c, const compare_options *o)
{
    return (!o->variable || text_equal(c->a->name, o->variable)) &&
           (!o->region || text_equal(c->a->region, o->region)) &&
           (!o->commodity || text_equal(c->a->about, o->commodity));
}

typedef struct tally {
    int32_t all, same, distinct, pairs;
    double largest; /* of distinct changes, over the first's mean */
} tally;

static tally count(const worlds_change *c, int32_t n, const compare_options *o)
{
    tally t = {0};
    for (int32_t i = 0; i < n; i++) {
        if (!is_asked_for(&c[i], o))
            continue;
        t.all++;
        t.same += c[i].same == c[i].pairs;
        t.distinct += c[i].is_distinct;
        t.pairs = c[i].pairs > t.pairs ? c[i].pairs : t.pairs;
        if (c[i].is_distinct)
            t.largest = fmax(t.largest, fabs(c[i].difference / c[i].mean_a));
    }
    return t;
}

static void print_all(FILE *out, const worlds *a, const worlds *b, const worlds_change *c,
                      int32_t n, const compare_options *o)
{
    tally t = count(c, n, o);
    int32_t shown = 0;
    fprintf(out, "A  %s\nB  %s\n", a->view.path, b->view.path);
    fprintf(
        out,
        "%d worlds, sound in both, paired by number; B less A, intervals of 90 %% from "
        "%d replicates\n%d numbers: %d distinguishable (about %d would be by chance), %d the same "
        "in every world\n\n",
        (int)t.pairs, WORLDS_REPLICATES, (int)t.all, (int)t.distinct, (int)((t.all - t.same) / 10),
        (int)t.same);
    for (int32_t i = 0; i < n && shown < o->rows; i++)
        if (is_asked_for(&c[i], o)) {
            print_change(out, a, &c[i]);
            shown++;
        }
    if (t.all > shown)
        fprintf(out, "\n%d more: --rows %d shows them\n", (int)(t.all - shown), (int)t.all);
}

static void write_all(const worlds *b, const worlds_change *c, int32_t n, const compare_options *o)
{
    tally t = count(c, n, o);
    int32_t shown = 0;
    json_begin_object(o->json);
    json_key_text(o->json, "with", b->view.path);
    json_key_integer(o->json, "pairs", t.pairs);
    json_key_integer(o->json, "numbers", t.all);
    json_key_integer(o->json, "distinct", t.distinct);
    json_key_integer(o->json, "same", t.same);
    json_key(o->json, "changes");
    json_begin_array(o->json);
    for (int32_t i = 0; i < n && shown < o->rows; i++)
        if (is_asked_for(&c[i], o)) {
            json_begin_object(o->json);
            worlds_write_change(o->json, &c[i]);
            json_end_object(o->json);
            shown++;
        }
    json_end_array(o->json);
    json_end_object(o->json);
}

/* Pairs mean something when both drew from the same seed and lived as long. */
yt_status worlds_check_pair(const worlds *a, const worlds *b, yt_log *log)
{
    static const char *const keys[] = {"seed", "end", "threshold"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *x = view_manifest(&a->view, keys[i]), *y = view_manifest(&b->view, keys[i]);
        if (x && y && text_equal(x, y))
            continue;
        log_error(log, YT_EDATA, place_at(b->view.path, 0, 0),
                  "cannot be paired with %s: its %s is %s, there it is %s", a->view.path, keys[i],
                  y ? y : "not told", x ? x : "not told");
        return YT_EDATA;
    }
    return YT_OK;
}

static yt_status compare_with(const worlds *a, const char *path, const compare_options *o,
                              FILE *out, yt_log *log, double *largest)
{
    worlds b;
    int32_t n = 0;
    yt_status status = worlds_load(&b, path, log);
    if (!status)
        status = worlds_check_pair(a, &b, log);
    const worlds_change *c = status ? NULL : worlds_changes(a, &b, &n);
    if (!status && !c)
        status = YT_ENOMEM;
    if (!status) {
        *largest = fmax(*largest, count(c, n, o).largest);
        if (o->json)
            write_all(&b, c, n, o);
        else
            print_all(out, a, &b, c, n, o);
    }
    worlds_free(&b);
    return status;
}

yt_status compare_ensembles(const char *const paths[], int32_t n, const compare_options *options,
                            FILE *out, yt_log *log)
{
    worlds a;
    double largest = 0;
    yt_status status = worlds_load(&a, paths[0], log);
    if (options->json) {
        json_key(options->json, "ensembles");
        json_begin_array(options->json);
    }
    for (int32_t i = 1; !status && i < n; i++)
        status = compare_with(&a, paths[i], options, out, log, &largest);
    if (options->json)
        json_end_array(options->json);
    worlds_free(&a);
    if (!status && options->fail_on >= 0 && 100 * largest > options->fail_on) {
        log_error(log, YT_EINFEAS, place_none(),
                  "distinguishable numbers differ by up to %.6g %%, more than %g %%", 100 * largest,
                  options->fail_on);
        status = YT_EINFEAS;
    }
    return status;
}
