/* spread.c - distributions of uncertain numbers, made of what a case says: a mode, and the
 * values that 5 % and 95 % lie below.
 *
 * docs/data.md, "Distributions".  Nothing is drawn here: a spread turns a share of the
 * distribution into the number that share lies below.
 */
#include "base/math.h"
#include "network/network.h"

#include <math.h>

#define TAIL 0.05  /* below low, and above high                 */
#define ROUNDS 400 /* of iterations that halve their error or so */

/* Distances p, q from the mode m to the ends of a triangle with P(x < m - left) = TAIL and the
 * same above: (p - left)^2 = TAIL p (p + q).  A mode at low has nothing below it. */
static void fit_triangle(double left, double right, network_spread *s)
{
    double p = left, q = right;
    for (int i = 0; i < ROUNDS; i++) {
        p = left > 0 ? left + sqrt(TAIL * p * (p + q)) : 0;
        q = right > 0 ? right + sqrt(TAIL * q * (p + q)) : 0;
    }
    s->left = p;
    s->right = q;
}

/* Widths a, b of a normal in two halves that meet at the mode, a/(a+b) of it below:
 * 2 a/(a+b) Phi(-left/a) = TAIL.  Where one side is so much wider that less than TAIL is left
 * for the other, that one is as wide as low (or high) is far. */
static double half_width(double distance, double own, double other)
{
    double share = own / (own + other);
    double z = share > TAIL ? -yt_normal_quantile(TAIL / (2 * share)) : 0;
    return z > 0.1 ? distance / z : distance;
}

static void fit_halves(double left, double right, network_spread *s)
{
    double a = left, b = right;
    for (int i = 0; i < ROUNDS; i++) {
        double next_a = left > 0 ? half_width(left, a, b) : 0;
        double next_b = right > 0 ? half_width(right, b, a) : 0;
        a = 0.5 * (a + next_a);
        b = 0.5 * (b + next_b);
    }
    s->left = left > 0 ? a : 0;
    s->right = right > 0 ? b : 0;
}

network_spread network_spread_of(int32_t dist, double mode, double low, double high, double lowest,
                                 double highest)
{
    network_spread s = {.kind = dist, .mode = mode, .lowest = lowest, .highest = highest};
    double beyond = TAIL * (high - low) / (1 - 2 * TAIL);
    switch (dist) {
    case DIST_LOGNORMAL:
        s.mode = yt_ln(mode);
        fit_halves(s.mode - yt_ln(low), yt_ln(high) - s.mode, &s);
        break;
    case DIST_NORMAL:
        fit_halves(mode - low, high - mode, &s);
        break;
    case DIST_UNIFORM:
        s.left = mode - low + beyond;
        s.right = high - mode + beyond;
        break;
    default:
        fit_triangle(mode - low, high - mode, &s);
    }
    return s;
}

static double triangle_at(const network_spread *s, double u)
{
    double width = s->left + s->right, below = s->left / width;
    return u < below ? s->mode - s->left + sqrt(u * width * s->left)
                     : s->mode + s->right - sqrt((1 - u) * width * s->right);
}

static double halves_at(const network_spread *s, double u)
{
    double width = s->left + s->right, below = s->left / width;
    return u < below ? s->mode + s->left * yt_normal_quantile(u * width / (2 * s->left))
                     : s->mode - s->right * yt_normal_quantile((1 - u) * width / (2 * s->right));
}

double network_quantile(const network_spread *s, double u)
{
    double x = s->mode;
    switch (s->kind) {
    case DIST_LOGNORMAL:
        x = yt_exp(halves_at(s, u));
        break;
    case DIST_NORMAL:
        x = halves_at(s, u);
        break;
    case DIST_UNIFORM:
        x = s->mode - s->left + u * (s->left + s->right);
        break;
    default:
        x = triangle_at(s, u);
    }
    return fmin(fmax(x, s->lowest), s->highest);
}
