/* numeric_programs.c - public numeric problems that are programs: written out, then cleared.
 *
 * What is asked of the solver is its own kind of program: activities with a cost that rises, and
 * balances that may leave something over.  A term in which two variables meet becomes the square
 * of a new one; an answer that its own prices depend on is cleared again until it stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clearing.h"
#include "numeric_programs.h"
#include "reference.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------- programs */

/* min c x + sum q x^2 / 2, A x <= b, 0 <= x <= most */
enum { ROWS_MOST = 48, COLUMNS_MOST = 90 };
typedef struct program {
    int32_t rows, columns;
    double a[ROWS_MOST][COLUMNS_MOST], b[ROWS_MOST];
    double c[COLUMNS_MOST], q[COLUMNS_MOST], most[COLUMNS_MOST];
} program;

static int32_t add_column(program *p, double c, double q)
{
    assert_true(p->columns < COLUMNS_MOST);
    p->c[p->columns] = c;
    p->q[p->columns] = q;
    p->most[p->columns] = INFINITY;
    return p->columns++;
}

static int32_t add_row(program *p, double b)
{
    assert_true(p->rows < ROWS_MOST);
    p->b[p->rows] = b;
    return p->rows++;
}

static clearing clear_program(const program *p)
{
    clearing w = {0};
    for (int32_t i = 0; i < p->rows; i++)
        add_market(&w, p->b[i]);
    for (int32_t j = 0; j < p->columns; j++) {
        add_activity(&w, p->c[j], p->q[j], p->most[j]);
        for (int32_t i = 0; i < p->rows; i++)
            if (p->a[i][j] != 0)
                add_entry(&w, i, -p->a[i][j]);
    }
    clear_by_hand(&w);
    assert_cleared(&w);
    return w;
}

/* ------------------------------------------------------------------------- coupled squares */

/* A variable as activities: itself, or what is above 0 less what is below. */
typedef struct variable {
    int32_t above, below; /* below: -1 where it is never */
    double lowest;        /* what the activity begins at  */
} variable;

static void add_term(program *p, int32_t row, variable v, double times)
{
    p->a[row][v.above] += times;
    if (v.below >= 0)
        p->a[row][v.below] -= times;
    p->b[row] -= times * v.lowest;
}

static double value_of(const clearing *w, variable v)
{
    return v.lowest + w->level[v.above] - (v.below >= 0 ? w->level[v.below] : 0);
}

/* Adds x'Qx / 2 for the n variables: Q = L D L', a new variable for each column of L, whose
 * positive and negative parts bear the square.  Q is symmetric, positive semidefinite. */
static void add_square(program *p, const variable x[], int32_t n, double q[])
{
    for (int32_t k = 0; k < n; k++) {
        double d = q[k * n + k];
        if (!(d > 1e-12))
            continue;
        for (int sign = 1; sign >= -1; sign -= 2) {
            int32_t part = add_column(p, 0, d), row = add_row(p, 0);
            p->a[row][part] = -1; /* part >= sign y */
            for (int32_t j = k; j < n; j++)
                add_term(p, row, x[j], sign * q[k * n + j] / d);
        }
        for (int32_t i = n - 1; i > k; i--)
            for (int32_t j = n - 1; j > k; j--)
                q[i * n + j] -= q[k * n + i] * q[k * n + j] / d;
    }
}

static bool is_null(const json_t *root, const char *path)
{
    return json_is_null(at(root, "%s", path));
}

static variable add_variable(program *p, const json_t *bounds, double c)
{
    const json_t *low = json_array_get(bounds, 0), *high = json_array_get(bounds, 1);
    variable v = {add_column(p, c, 0), -1, 0};
    if (json_is_null(low))
        v.below = add_column(p, -c, 0);
    else
        v.lowest = json_number_value(low);
    if (!json_is_null(high))
        p->most[v.above] = json_number_value(high) - v.lowest;
    return v;
}

/* Rows "<=", and again the other way round where they are equalities. */
static void add_rows(program *p, const json_t *root, const char *name, const variable x[],
                     int32_t n, bool is_equality)
{
    char a[32], b[32];
    snprintf(a, sizeof a, "inputs.A_%s", name);
    snprintf(b, sizeof b, "inputs.b_%s", name);
    for (int32_t i = 0; !is_null(root, a) && i < count_at(root, "%s", a); i++)
        for (int sign = 1; sign >= (is_equality ? -1 : 1); sign -= 2) {
            int32_t row = add_row(p, sign * number_at(root, "%s.%d", b, i));
            for (int32_t j = 0; j < n; j++)
                add_term(p, row, x[j], sign * number_at(root, "%s.%d.%d", a, i, j));
        }
}

void qp_coupled(const json_t *root)
{
    static program p;
    variable x[16] = {0};
    double c[NUMBERS_MOST], q[16 * 16], objective = number_at(root, "inputs.c0");
    int32_t n = numbers_at(root, c, "inputs.c");
    p = (program){0};
    for (int32_t j = 0; j < n; j++)
        x[j] = add_variable(&p, at(root, "inputs.bounds.%d", j), c[j]);
    for (int32_t i = 0; i < n * n; i++)
        q[i] = number_at(root, "inputs.Q.%d.%d", i / n, i % n);
    add_square(&p, x, n, q);
    add_rows(&p, root, "ub", x, n, false);
    add_rows(&p, root, "eq", x, n, true);
    clearing w = clear_program(&p);
    for (int32_t i = 0; i < n; i++) {
        assert_expected(root, value_of(&w, x[i]), "x.%d", i);
        objective += c[i] * x[i].lowest;
    }
    assert_expected(root, w.answer.objective + objective, "objective");
}

/* Two goods, each cheaper where the other is: quantities = constant + coefficient x prices.
 * Worth (sign -1) or cost (sign 1) of quantities x: (x' M x / 2 - constant' M x), M the inverse
 * of the coefficients. */
static void add_two_goods(program *p, const json_t *root, const char *side, int32_t region,
                          const variable x[2])
{
    double k[2], a[4];
    for (int g = 0; g < 2; g++) {
        k[g] = number_at(root, "inputs.%s_const.%d.%d", side, region, g);
        for (int h = 0; h < 2; h++)
            a[2 * g + h] = number_at(root, "inputs.%s_coef.%d.%d.%d", side, region, g, h);
    }
    double size = a[0] * a[3] - a[1] * a[2], sign = a[0] < 0 ? -1 : 1;
    double m[4] = {sign * a[3] / size, -sign * a[1] / size, -sign * a[2] / size,
                   sign * a[0] / size};
    for (int g = 0; g < 2; g++)
        p->c[x[g].above] -= m[2 * g] * k[0] + m[2 * g + 1] * k[1];
    add_square(p, x, 2, m);
}

void spe_takayama_judge_1964(const json_t *root)
{
    static program p;
    variable made[3][2], used[3][2], sent[3][3][2];
    p = (program){.rows = 6}; /* balance of good g in region r: row 2 r + g */
    for (int r = 0; r < 3; r++)
        for (int g = 0; g < 2; g++) {
            made[r][g] = (variable){add_column(&p, 0, 0), -1, 0};
            used[r][g] = (variable){add_column(&p, 0, 0), -1, 0};
            add_term(&p, 2 * r + g, made[r][g], -1);
            add_term(&p, 2 * r + g, used[r][g], 1);
        }
    for (int lane = 0; lane < 18; lane++) {
        int from = lane / 6, to = lane / 2 % 3, g = lane % 2;
        if (from == to)
            continue;
        double freight = number_at(root, "inputs.transport_cost_ijc.%d.%d.%d", from, to, g);
        sent[from][to][g] = (variable){add_column(&p, freight, 0), -1, 0};
        add_term(&p, 2 * from + g, sent[from][to][g], 1);
        add_term(&p, 2 * to + g, sent[from][to][g], -1);
    }
    for (int r = 0; r < 3; r++) {
        add_two_goods(&p, root, "supply", r, made[r]);
        add_two_goods(&p, root, "demand", r, used[r]);
    }
    clearing w = clear_program(&p);
    double freight = 0;
    for (int lane = 0; lane < 18; lane++) {
        int from = lane / 6, to = lane / 2 % 3, g = lane % 2;
        if (from != to)
            freight += value_of(&w, sent[from][to][g]) *
                       number_at(root, "inputs.transport_cost_ijc.%d.%d.%d", from, to, g);
    }
    assert_near(freight, number_at(root, "expected.total_transport_cost"), 1e-3);
    for (int r = 0; r < 3; r++)
        for (int g = 0; g < 2; g++) {
            assert_expected(root, w.price[2 * r + g], "price.%d.%d", r, g);
            assert_expected(root, value_of(&w, made[r][g]), "supply.%d.%d", r, g);
            assert_expected(root, value_of(&w, used[r][g]), "demand.%d.%d", r, g);
        }
}

/* ---------------------------------------------------------- prices that depend on each other */

/* The number in front of a name: "3 Q21+2 Q11+15", "Q21": 3; "-2 d1 - d2", "d2": -1; of the
 * term without a name when name is "". */
static double coefficient(const char *text, const char *name)
{
    while (*text) {
        double sign = 1, number = 1;
        text += strspn(text, " ");
        if (*text == '+' || *text == '-')
            sign = *text++ == '-' ? -1 : 1;
        text += strspn(text, " ");
        char *end;
        double read = strtod(text, &end);
        if (end != text)
            number = read;
        text = end + strspn(end, " ");
        size_t length = strcspn(text, " +-");
        if (length == strlen(name) && strncmp(text, name, length) == 0)
            return sign * number;
        text += length;
    }
    return 0;
}

static const char *const flow_name[] = {"Q11", "Q12", "Q21", "Q22"};

/* What the other ones add to the price of `own`, at the last answer. */
static double of_others(const char *text, const char *own, const char *const name[],
                        const double value[], int32_t n)
{
    double sum = coefficient(text, "");
    for (int32_t i = 0; i < n; i++)
        if (strcmp(name[i], own) != 0)
            sum += coefficient(text, name[i]) * value[i];
    return sum;
}

static const char *function_of(const json_t *root, const char *head, const char *tail)
{
    char path[32];
    snprintf(path, sizeof path, "inputs.%s%s", head, tail);
    return text_at(root, "%s", path);
}

/* One clearing with the cross terms held at `x`: s1, s2, d1, d2, Q11 .. Q22, in and out. */
static clearing clear_crossed(const json_t *root, double x[8])
{
    static const char *const supply[] = {"s1", "s2"}, *const demand[] = {"d1", "d2"};
    clearing w = {0};
    for (int i = 0; i < 4; i++)
        add_market(&w, 0);
    for (int i = 0; i < 2; i++) {
        const char *pi = function_of(root, "pi", supply[i] + 1);
        add_single(&w, i, 1, of_others(pi, supply[i], supply, x, 2), coefficient(pi, supply[i]));
    }
    for (int i = 0; i < 2; i++) {
        const char *rho = function_of(root, "rho", demand[i] + 1);
        add_single(&w, 2 + i, -1, -of_others(rho, demand[i], demand, x + 2, 2),
                   -coefficient(rho, demand[i]));
    }
    for (int k = 0; k < 4; k++) {
        const char *cost = function_of(root, "c", flow_name[k] + 1);
        int32_t lane = add_arc(&w, k / 2, 2 + k % 2,
                               of_others(cost, flow_name[k], flow_name, x + 4, 4), INFINITY);
        w.slope[lane] = coefficient(cost, flow_name[k]);
    }
    clear_by_hand(&w);
    assert_cleared(&w);
    return w;
}

void spe_nagurney_asymmetric(const json_t *root)
{
    double x[8] = {0}, change = 1;
    clearing w;
    int rounds = 0;
    for (; change > 1e-10 && rounds < 1000; rounds++) {
        w = clear_crossed(root, x);
        change = 0;
        for (int i = 0; i < 8; i++) {
            change = fmax(change, fabs(w.level[i] - x[i]));
            x[i] = (x[i] + w.level[i]) / 2;
        }
    }
    assert_true(rounds < 1000);
    for (int i = 0; i < 2; i++) {
        assert_expected(root, w.level[i], "s.%d", i);
        assert_expected(root, w.level[2 + i], "d.%d", i);
        assert_expected(root, w.price[i], "pi.%d", i);
        assert_expected(root, w.price[2 + i], "rho.%d", i);
    }
    for (int k = 0; k < 4; k++)
        assert_expected(root, w.level[4 + k], "Q.%d.%d", k / 2, k % 2);
    double unused = w.price[1] + w.cost[6] - w.price[2];
    assert_expected(root, unused, "unused_path_gap");
}

/* z >= 0, M z + q >= 0, z (M z + q) = 0, with what lies above the diagonal held at the last
 * answer: each z is an activity whose cost rises. */
void lcp_murty_8(const json_t *root)
{
    int32_t n = (int32_t)number_at(root, "inputs.n");
    double z[16] = {0}, change = 1;
    int rounds = 0;
    for (; change > 0 && rounds <= n; rounds++) {
        clearing w = {0};
        add_market(&w, 1);
        for (int32_t i = 0; i < n; i++) {
            double q = number_at(root, "inputs.q");
            for (int32_t j = i + 1; j < n; j++)
                q += 2 * z[j];
            add_activity(&w, q, 1, INFINITY);
        }
        clear_by_hand(&w);
        assert_cleared(&w);
        change = 0;
        for (int32_t i = 0; i < n; i++) {
            change = fmax(change, fabs(w.level[i] - z[i]) > 1e-12);
            z[i] = w.level[i];
        }
    }
    assert_true(rounds <= n + 1);
    for (int32_t i = 0; i < n; i++)
        assert_near(z[i], i == n - 1, 1e-9);
}

/* What is sown at the last price is all there is at the next. */
void cobweb_linear(const json_t *root)
{
    double a = number_at(root, "inputs.a"), b = number_at(root, "inputs.b");
    double price = number_at(root, "inputs.p0"), star = number_at(root, "expected.p_star");
    for (int32_t t = 0; t < count_at(root, "expected.path"); t++) {
        double before = price;
        if (t > 0) {
            clearing w = {0};
            add_market(&w, number_at(root, "inputs.c") + number_at(root, "inputs.d") * price);
            add_single(&w, 0, -1, -a / b, 1 / b);
            clear_by_hand(&w);
            assert_cleared(&w);
            price = w.price[0];
            assert_near((price - star) / (before - star), number_at(root, "expected.ratio"), 1e-9);
        }
        assert_expected(root, price, "path.%d", t);
    }
}

/* -------------------------------------------------------------------------- chains of causes */

/* How often each state is seen by somebody who begins in `start`: as many as possible, each visit
 * one that came from another state.  move [n][n]; rows may add up to less than 1. */
static void count_visits(const double move[], int32_t n, int32_t start, double visits[])
{
    static program p;
    p = (program){0};
    for (int32_t i = 0; i < n; i++) {
        add_row(&p, i == start);
        add_column(&p, -1, 0);
    }
    for (int32_t i = 0; i < n; i++)
        for (int32_t j = 0; j < n; j++)
            p.a[i][j] = (i == j) - move[j * n + i];
    clearing w = clear_program(&p);
    memcpy(visits, w.level, (size_t)n * sizeof *visits);
}

void markov_drunkard(const json_t *root)
{
    enum { INNER = 3 };
    assert_int_equal((int)number_at(root, "inputs.states"), INNER + 2);
    const double move[INNER * INNER] = {0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0};
    for (int32_t from = 0; from < INNER; from++) {
        double visits[INNER], steps = 0;
        count_visits(move, INNER, from, visits);
        for (int32_t i = 0; i < INNER; i++) {
            assert_near(visits[i], number_at(root, "expected.N.%d.%d", from, i), 1e-12);
            steps += visits[i];
        }
        assert_near(steps, number_at(root, "expected.t.%d", from), 1e-12);
        assert_near(visits[0] / 2, number_at(root, "expected.B.%d.0", from), 1e-12);
        assert_near(visits[INNER - 1] / 2, number_at(root, "expected.B.%d.1", from), 1e-12);
    }
}

/* State i: i supportive terms in a row so far. */
void run_of_terms(const json_t *root)
{
    for (int32_t k = 0; k < count_at(root, "inputs.p"); k++) {
        double p = number_at(root, "inputs.p.%d", k), move[8 * 8] = {0}, visits[8], terms = 0;
        int32_t n = (int32_t)number_at(root, "inputs.k.%d", k);
        for (int32_t i = 0; i < n; i++) {
            move[i * n] += 1 - p;
            if (i + 1 < n)
                move[i * n + i + 1] += p;
        }
        count_visits(move, n, 0, visits);
        for (int32_t i = 0; i < n; i++)
            terms += visits[i];
        double due = number_at(root, "expected.expected_terms.%d", k);
        assert_near(terms, due, 1e-12 * due);
        assert_near(4 * terms, number_at(root, "expected.years_at_4_per_term.%d", k), 1e-11 * due);
    }
}

/* As little as possible of everything, of which each good needs the others. */
static void supply_needs(const json_t *root, const double use[2], double made[2])
{
    static program p;
    p = (program){0};
    for (int i = 0; i < 2; i++) {
        add_column(&p, 1, 0);
        add_row(&p, -use[i]);
        for (int j = 0; j < 2; j++)
            p.a[i][j] = number_at(root, "inputs.A.%d.%d", i, j) - (i == j);
    }
    clearing w = clear_program(&p);
    made[0] = w.level[0];
    made[1] = w.level[1];
}

void io_leontief_2x2(const json_t *root)
{
    double use[NUMBERS_MOST], made[2];
    numbers_at(root, use, "inputs.f");
    supply_needs(root, use, made);
    for (int i = 0; i < 2; i++)
        assert_expected(root, made[i], "x.%d", i);
    for (int j = 0; j < 2; j++) {
        supply_needs(root, (const double[]){j == 0, j == 1}, made);
        for (int i = 0; i < 2; i++)
            assert_expected(root, made[i], "L.%d.%d", i, j);
    }
}

/* ----------------------------------------------------------------- investment and uncertainty */

/* Value in period 0 of what an age-limited plant is still worth at the end. */
static double salvage(const json_t *root, const char *kind, int32_t built, int32_t periods)
{
    double life = number_at(root, "inputs.%s.life", kind);
    double left = fmax(0, built + life - periods) / life;
    return left * number_at(root, "inputs.%s.capex", kind) /
           pow(1 + number_at(root, "inputs.rate"), periods);
}

static void expand(const json_t *root, bool has_salvage)
{
    static program p;
    const char *const kind[] = {"A", "B"}, *answer = has_salvage ? "salvage" : "no_salvage";
    int32_t periods = count_at(root, "inputs.demand"), built[2][8], run[2][8];
    p = (program){0};
    for (int k = 0; k < 2; k++)
        for (int32_t t = 0; t < periods; t++) {
            double now = pow(1 + number_at(root, "inputs.rate"), -t);
            double back = has_salvage ? salvage(root, kind[k], t, periods) : 0;
            built[k][t] =
                add_column(&p, now * number_at(root, "inputs.%s.capex", kind[k]) - back, 0);
            run[k][t] = add_column(&p, now * number_at(root, "inputs.%s.opex", kind[k]), 0);
        }
    for (int32_t t = 0; t < periods; t++) {
        int32_t demand = add_row(&p, -number_at(root, "inputs.demand.%d", t));
        for (int k = 0; k < 2; k++) {
            int32_t capacity = add_row(&p, 0),
                    life = (int32_t)number_at(root, "inputs.%s.life", kind[k]);
            p.a[demand][run[k][t]] = -1;
            p.a[capacity][run[k][t]] = 1;
            for (int32_t since = t >= life ? t - life + 1 : 0; since <= t; since++)
                p.a[capacity][built[k][since]] = -1;
        }
    }
    clearing w = clear_program(&p);
    assert_expected(root, w.answer.objective, "%s.objective", answer);
    for (int32_t t = 0; t < periods; t++) {
        assert_near(w.level[built[0][t]], number_at(root, "expected.%s.buildA.%d", answer, t),
                    1e-7);
        assert_near(w.level[built[1][t]], number_at(root, "expected.%s.buildB.%d", answer, t),
                    1e-7);
    }
}

void capexp_three_period(const json_t *root)
{
    expand(root, false);
    expand(root, true);
}

/* Yields of a scenario, or of the mean of all (-1). */
static double crop_yield(const json_t *root, int32_t scenario, int crop)
{
    if (scenario >= 0)
        return number_at(root, "inputs.yields.%d.%d", scenario, crop);
    double sum = 0;
    for (int32_t s = 0; s < 3; s++)
        sum += crop_yield(root, s, crop) / 3;
    return sum;
}

/* What the harvest of one scenario brings: rows of crops, columns of buying and selling. */
static void add_harvest(program *p, const json_t *root, int32_t scenario, double chance)
{
    static const char *const crop[] = {"wheat", "corn"};
    for (int k = 0; k < 2; k++) {
        int32_t row = add_row(p, -number_at(root, "inputs.need.%s", crop[k]));
        p->a[row][k] = -crop_yield(root, scenario, k);
        int32_t buy = add_column(p, chance * number_at(root, "inputs.buy.%s", crop[k]), 0);
        int32_t sell = add_column(p, -chance * number_at(root, "inputs.sell.%s", crop[k]), 0);
        p->a[row][buy] = -1;
        p->a[row][sell] = 1;
    }
    int32_t row = add_row(p, 0);
    p->a[row][2] = -crop_yield(root, scenario, 2);
    int32_t first = add_column(p, -chance * number_at(root, "inputs.sell.beets_first_6000"), 0);
    int32_t above = add_column(p, -chance * number_at(root, "inputs.sell.beets_above"), 0);
    p->most[first] = 6000;
    p->a[row][first] = p->a[row][above] = 1;
}

/* Cost of the best fields for one scenario (-1: the mean), or for all of them (-2); sown: as
 * given where it is not NAN, and what is chosen. */
static double farm(const json_t *root, int32_t scenario, double sown[3])
{
    static program p;
    p = (program){0};
    int32_t land = add_row(&p, number_at(root, "inputs.acres"));
    for (int k = 0; k < 3; k++) {
        add_column(&p, number_at(root, "inputs.cost.%d", k), 0);
        p.a[land][k] = 1;
        if (isfinite(sown[k])) {
            p.a[add_row(&p, sown[k])][k] = 1;
            p.a[add_row(&p, -sown[k])][k] = -1;
        }
    }
    if (scenario == -2)
        for (int32_t s = 0; s < 3; s++)
            add_harvest(&p, root, s, 1.0 / 3);
    else
        add_harvest(&p, root, scenario, 1);
    clearing w = clear_program(&p);
    memcpy(sown, w.level, 3 * sizeof *sown);
    return w.answer.objective;
}

#define ANY ((double[]){NAN, NAN, NAN, NAN})

void slp_farmer(const json_t *root)
{
    static const char *const crop[] = {"wheat", "corn", "beets"};
    double chosen[] = {NAN, NAN, NAN}, by_mean[] = {NAN, NAN, NAN}, wait = 0;
    double recourse = farm(root, -2, chosen), mean = farm(root, -1, by_mean);
    assert_expected(root, recourse, "RP");
    assert_expected(root, mean, "EV");
    for (int k = 0; k < 3; k++) {
        assert_expected(root, chosen[k], "x.%s", crop[k]);
        assert_expected(root, by_mean[k], "EV_x.%s", crop[k]);
    }
    for (int32_t s = 0; s < 3; s++) {
        double alone = farm(root, s, ANY);
        wait += alone / 3;
        assert_near(alone, number_at(root, "expected.per_scenario_deterministic.%d", s), 0.1);
    }
    double fixed = farm(root, -2, by_mean);
    assert_expected(root, wait, "WS");
    assert_expected(root, recourse - wait, "EVPI");
    assert_expected(root, fixed, "EEV");
    assert_expected(root, fixed - recourse, "VSS");
}

/* Demand of the first mode in a scenario, or its mean (-1). */
static double mode_demand(const json_t *root, int32_t scenario)
{
    double sum = 0;
    if (scenario >= 0)
        return number_at(root, "inputs.demand_mode1.%d", scenario);
    for (int32_t s = 0; s < 3; s++)
        sum += number_at(root, "inputs.prob.%d", s) * mode_demand(root, s);
    return sum;
}

static void add_year(program *p, const json_t *root, double first_mode, double chance)
{
    int32_t operated[4][3], rows[3];
    const double demand[] = {first_mode, number_at(root, "inputs.demand_mode2"),
                             number_at(root, "inputs.demand_mode3")};
    for (int m = 0; m < 3; m++)
        rows[m] = add_row(p, -demand[m]);
    for (int k = 0; k < 4; k++) {
        int32_t capacity = add_row(p, 0);
        p->a[capacity][k] = -1;
        for (int m = 0; m < 3; m++) {
            double cost = number_at(root, "inputs.oper_cost.%d.%d", k, m);
            operated[k][m] = add_column(p, chance * cost, 0);
            p->a[capacity][operated[k][m]] = 1;
            p->a[rows[m]][operated[k][m]] = -1;
        }
    }
}

/* As farm. */
static double power(const json_t *root, int32_t scenario, double built[4])
{
    static program p;
    p = (program){0};
    int32_t least = add_row(&p, -number_at(root, "inputs.min_total_capacity"));
    int32_t money = add_row(&p, number_at(root, "inputs.budget"));
    for (int k = 0; k < 4; k++) {
        double cost = number_at(root, "inputs.invest_cost.%d", k);
        add_column(&p, cost, 0);
        p.a[least][k] = -1;
        p.a[money][k] = cost;
        if (isfinite(built[k])) {
            p.a[add_row(&p, built[k])][k] = 1;
            p.a[add_row(&p, -built[k])][k] = -1;
        }
    }
    if (scenario == -2)
        for (int32_t s = 0; s < 3; s++)
            add_year(&p, root, mode_demand(root, s), number_at(root, "inputs.prob.%d", s));
    else
        add_year(&p, root, mode_demand(root, scenario), 1);
    clearing w = clear_program(&p);
    memcpy(built, w.level, 4 * sizeof *built);
    return w.answer.objective;
}

void slp_lands(const json_t *root)
{
    double chosen[] = {NAN, NAN, NAN, NAN}, by_mean[] = {NAN, NAN, NAN, NAN}, wait = 0;
    assert_expected(root, power(root, -2, chosen), "RP");
    for (int k = 0; k < 4; k++)
        assert_near(chosen[k], number_at(root, "expected.x.%d", k), 1e-5);
    for (int32_t s = 0; s < 3; s++)
        wait += number_at(root, "inputs.prob.%d", s) * power(root, s, ANY);
    assert_expected(root, wait, "WS");
    assert_expected(root, power(root, -1, by_mean), "EV");
    assert_expected(root, power(root, -2, by_mean), "EEV");
}
