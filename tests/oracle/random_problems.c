/* random_problems.c - clears random problems of every kind; an independent checker judges.
 *
 * YT_ORACLE_COUNT problems (10,000 unless set), each by Newton from a random start and by
 * interior point; both must be certified and agree on the objective.
 *     random_problems               test
 *     random_problems --dump N      N problems of up to 100 markets with our objective, one
 *                                   JSON text per line, for second_solver.py
 */
#include "oracle/problems.h"

#include "market/market.h"

#include <stdio.h>

/* Two runs of one problem and what they gave. */
typedef struct answers {
    market_problem newton, interior;
    double price[2][MAX_MARKETS], level[2][MAX_ACTIVITIES], ray[2][MAX_MARKETS];
} answers;

static market_problem posed(const problem *p, answers *a, int which)
{
    return (market_problem){.coefficient = p->coefficient,
                            .supply = p->supply,
                            .cost = p->cost,
                            .slope = p->slope,
                            .capacity = p->capacity,
                            .reference = p->reference,
                            .price = a->price[which],
                            .level = a->level[which],
                            .ray = a->ray[which]};
}

static void clear_both(problem *p, answers *a)
{
    market_pattern *pattern = NULL;
    if (market_pattern_new(p->markets, p->activities, p->start, p->row, &pattern))
        abort();
    const size_t size = (market_scratch_size(pattern) + 63) / 64 * 64;
    void *scratch = aligned_alloc(64, size);
    if (!scratch)
        abort();
    memset(a, 0, sizeof(*a));
    memset(scratch, 0xff, size); /* NaN: nothing may be read before it is written */
    a->newton = posed(p, a, 0);
    a->interior = posed(p, a, 1);
    for (int32_t i = 0; i < p->markets; i++) {
        a->price[0][i] = p->reference[i] * uniform(p, 0, 2);
        a->price[1][i] = p->reference[i];
    }
    market_clear(pattern, (market_problem *[]){&a->newton}, 1, scratch);
    market_clear_interior(pattern, &a->interior, scratch);
    free(scratch);
    market_pattern_free(pattern);
}

static bool is_right(const problem *p, const market_problem *answer)
{
    const kkt_problem given = as_kkt(p);
    if (answer->status == MARKET_INFEASIBLE)
        return kkt_is_infeasible(&given, answer->ray);
    const kkt_errors errors = kkt_check(&given, answer->price, answer->level);
    return answer->status == MARKET_OPTIMAL && kkt_is_certified(&errors, MARKET_BAR);
}

static bool do_agree(const answers *a)
{
    const double size = fmax(fabs(a->newton.objective), fabs(a->interior.objective));
    return a->newton.status == a->interior.status &&
           (a->newton.status != MARKET_OPTIMAL ||
            fabs(a->newton.objective - a->interior.objective) <= 1e-6 * size + 1e-9);
}

/* ------------------------------------------------------------------------------- dump */

static void print_bounded(const char *before, double value)
{
    if (isinf(value))
        printf("%snull", before);
    else
        printf("%s%.17g", before, value);
}

static void dump(const problem *p, const market_problem *answer)
{
    printf("{\"objective\":%.17g,\"supply\":[", answer->objective);
    for (int32_t i = 0; i < p->markets; i++)
        printf("%s%.17g", i ? "," : "", p->supply[i]);
    printf("],\"activities\":[");
    for (int32_t j = 0; j < p->activities; j++) {
        printf("%s[%.17g,%.17g", j ? "," : "", p->cost[j], p->slope[j]);
        print_bounded(",", p->capacity[j]);
        for (int32_t e = p->start[j]; e < p->start[j + 1]; e++)
            printf(",[%d,%.17g]", (int)p->row[e], p->coefficient[e]);
        printf("]");
    }
    printf("]}\n");
}

static int dump_problems(int64_t count)
{
    static problem p;
    static answers a;
    for (uint64_t number = 0; count > 0; number++) {
        make_problem(&p, number);
        clear_both(&p, &a);
        if (p.markets > 100 || a.interior.status != MARKET_OPTIMAL)
            continue;
        dump(&p, &a.interior);
        count--;
    }
    return 0;
}

/* ------------------------------------------------------------------------------- test */

typedef struct kind_tally {
    int64_t problems, wrong, infeasible, by_newton;
} kind_tally;

static void count_answer(kind_tally *tally, const problem *p, const answers *a, uint64_t number)
{
    tally->problems++;
    tally->infeasible += a->interior.status == MARKET_INFEASIBLE;
    tally->by_newton += a->newton.method == MARKET_NEWTON;
    if (is_right(p, &a->newton) && is_right(p, &a->interior) && do_agree(a))
        return;
    tally->wrong++;
    printf("problem %llu (%s, %d markets): newton status %d error %.2g, interior status %d "
           "error %.2g, objectives %.12g %.12g\n",
           (unsigned long long)number, kind_name[p->kind], (int)p->markets, a->newton.status,
           market_certificate_worst(&a->newton.certificate), a->interior.status,
           market_certificate_worst(&a->interior.certificate), a->newton.objective,
           a->interior.objective);
}

static int test_problems(uint64_t count)
{
    static problem p;
    static answers a;
    kind_tally tally[KINDS] = {0};
    int64_t wrong = 0;
    for (uint64_t number = 0; number < count; number++) {
        make_problem(&p, number);
        clear_both(&p, &a);
        count_answer(&tally[p.kind], &p, &a, number);
    }
    printf("kind       problems  wrong  infeasible  newton\n");
    for (int k = 0; k < KINDS; k++) {
        printf("%-10s %8lld %6lld %11lld %7lld\n", kind_name[k], (long long)tally[k].problems,
               (long long)tally[k].wrong, (long long)tally[k].infeasible,
               (long long)tally[k].by_newton);
        wrong += tally[k].wrong;
    }
    return wrong > 0;
}

int main(int argc, char **argv)
{
    const char *count = getenv("YT_ORACLE_COUNT");
    if (argc == 3 && strcmp(argv[1], "--dump") == 0)
        return dump_problems(strtol(argv[2], NULL, 10));
    return test_problems(count ? strtoull(count, NULL, 10) : 10000);
}
