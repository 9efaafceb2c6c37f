#!/usr/bin/python3
"""Compare our distributions, quantiles and scores with SciPy's, on random points.

usage: oracle_statistics 300 | tests/oracle/statistics.py

Needs Debian's python3-scipy.  Exit code 1 when a value differs, 77 without SciPy.
"""
import sys

try:
    import numpy as np
    from scipy import integrate, linalg, optimize, special, stats
except ImportError:
    print("statistics: skipped, apt-get install python3-scipy brings what it compares with")
    sys.exit(77)

METHODS = {4: "interpolated_inverted_cdf", 5: "hazen", 6: "weibull", 7: "linear",
           8: "median_unbiased", 9: "normal_unbiased"}


def halves(shape, mode, low, high):
    """Share below the mode, and both widths, by a solver for the two percentiles."""
    def reach(beyond):
        return 1 - np.sqrt(beyond) if shape == 0 else -special.ndtri(beyond / 2)

    def miss(share):
        return (share * reach(0.05 / share) * (high - mode)
                - (1 - share) * reach(0.05 / (1 - share)) * (mode - low))

    share = optimize.brentq(miss, 0.05, 0.95, xtol=1e-15)
    width = (high - low) / (share * reach(0.05 / share) + (1 - share) * reach(0.05 / (1 - share)))
    return share, share * width, (1 - share) * width


def spread(shape, mode, low, high, u):
    if shape == 3:
        return stats.uniform.ppf(u, low - (high - low) / 18, (high - low) / 0.9)
    if shape == 1:
        return np.exp(spread(2, np.log(mode), np.log(low), np.log(high), u))
    share, below, above = halves(shape, mode, low, high)
    if shape == 0:
        return stats.triang.ppf(u, share, mode - below, below + above)
    if u < share:
        return mode + below * special.ndtri(u / share / 2)
    return mode - above * special.ndtri((1 - u) / (1 - share) / 2)


def sequence_cdf(t, *means):
    rates = 1 / np.array(means)
    generator = np.diag(-rates) + np.diag(rates[:-1], 1)
    return 1 - linalg.expm(generator * t)[0].sum()


def crps(y, *members):
    """The integral of (F(x) - [x >= y])^2, piece by piece."""
    edges = np.sort(np.append(members, y))
    share = np.searchsorted(np.sort(members), edges[:-1], side="right") / len(members)
    return np.sum(np.diff(edges) * (share - (edges[:-1] >= y)) ** 2)


def crps_normal(mean, deviation, y):
    below = integrate.quad(lambda x: stats.norm.cdf(x, mean, deviation) ** 2, -np.inf, y)[0]
    above = integrate.quad(lambda x: stats.norm.sf(x, mean, deviation) ** 2, y, np.inf)[0]
    return below + above


def pairs(*both):
    a, b = np.array(both[:12]), np.array(both[12:])
    total = []
    for i in range(12):
        for j in range(i):
            in_a, in_b = np.sign(a[i] - a[j]), np.sign(b[i] - b[j])
            total.append(1 if in_a == in_b else 0.5 if in_a * in_b == 0 else 0)
    return np.mean(total)


# name: what it should be, relative tolerance
ORACLE = {
    "gamma_cdf": (lambda x, a: special.gammainc(a, x), 2e-12),
    "gamma_inverse": (lambda u, a: special.gammaincinv(a, u), 2e-12),
    "erlang_cdf": (lambda t, k, mean: stats.erlang.cdf(t, k, scale=mean / k), 2e-12),
    "weibull_survival": (lambda a, s, k: stats.weibull_min.sf(a, k, scale=s), 1e-12),
    "weibull_scale": (lambda m, k: m / special.gamma(1 + 1 / k), 1e-13),
    "spread": (spread, 1e-9),
    "sequence_cdf": (sequence_cdf, 1e-11),
    "quantile": (lambda kind, p, *x: np.quantile(x, p, method=METHODS[kind]), 1e-12),
    "spearman": (lambda *x: stats.spearmanr(x[:12], x[12:])[0], 1e-12),
    "pairs": (pairs, 1e-12),
    "crps": (crps, 1e-12),
    "crps_normal": (crps_normal, 1e-6),
    "annuity": (lambda r, y: integrate.quad(lambda t: (1 + r) ** -t, 0, y)[0], 1e-9),
}


def main():
    compared, wrong = 0, 0
    for text in sys.stdin:
        name, *numbers = text.split()
        *arguments, ours = map(float, numbers)
        theirs, tolerance = ORACLE[name][0](*arguments), ORACLE[name][1]
        compared += 1
        if not abs(ours - theirs) <= tolerance * max(abs(theirs), 1e-3):
            wrong += 1
            if wrong <= 10:
                print(f"{name}{tuple(arguments)}: {ours!r}, SciPy {theirs!r}")
    print(f"{compared} compared, {wrong} wrong")
    return wrong > 0 or compared == 0


if __name__ == "__main__":
    sys.exit(main())
