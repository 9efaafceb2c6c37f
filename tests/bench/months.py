"""months.py - a month's market as other solvers want it: scaled, in steps, and judged again.

    minimise sum_j c_j x_j + q_j x_j^2 / 2   subject to A x + b >= 0 (dual p >= 0), 0 <= x <= u

as tests/bench/market.c hands it on.  Needs numpy and scipy, which only the bench's environment has.
"""
import dataclasses

import numpy
import scipy.sparse

SEGMENTS = 5  # steps of a curve in the piecewise linear copy
STEEP = 0.01  # of the reference price: a cost that rises by less stays one step


@dataclasses.dataclass
class Month:
    supply: numpy.ndarray  # [markets] b, t
    price: numpy.ndarray  # [markets] our answer, USD/t
    cost: numpy.ndarray  # [activities] c, USD/t
    slope: numpy.ndarray  # [activities] q, USD/t per t
    capacity: numpy.ndarray  # [activities] u, t; inf
    range: numpy.ndarray  # [activities] t, finite: where the steps of a curve end
    level: numpy.ndarray  # [activities] our answer, t


class Structure:
    """What all months share, and the scales that make numbers near one: level = column * x,
    price = objective * row * dual.  The same for every solver: columns by the range of the first
    month, with which PIQP needs a third of the steps that columns of like entries cost it."""

    def __init__(self, markets, activities, start, row, coefficient, reference, throughput):
        self.markets, self.activities = markets, activities
        self.A = scipy.sparse.csc_matrix((coefficient, row, start), (markets, activities))
        self.reference = reference
        self.owner = row[start[:-1]]
        self.row = 1 / throughput
        self.objective = float(numpy.mean(reference * throughput))
        self.column = self.scaled = None  # fit() gives them

    def fit(self, month):
        """Choose the scales of columns by the first month's ranges."""
        self.column = numpy.maximum(month.range, 1e-3 / self.row[self.owner])
        self.scaled = self.matrix(self.column)

    def matrix(self, column):
        made = scipy.sparse.csc_matrix(
            scipy.sparse.diags(self.row) @ self.A @ scipy.sparse.diags(column))
        made.sort_indices()
        return made

    def scale(self, month):
        """The month's c, q, u and -b in scaled terms."""
        by = self.column / self.objective
        return (month.cost * by, month.slope * self.column * by, month.capacity / self.column,
                -month.supply * self.row)

    def answer(self, x, dual):
        """Level and price from scaled terms; no price is negative."""
        return x * self.column, numpy.maximum(dual, 0) * self.row * self.objective


def read_structure(header, read):
    markets, activities, nonzeros = (header[k] for k in ("markets", "activities", "nonzeros"))
    start = numpy.frombuffer(read(4 * (activities + 1)), "<i4")
    row = numpy.frombuffer(read(4 * nonzeros), "<i4")
    coefficient, reference, throughput = (
        numpy.frombuffer(read(8 * count), "<f8") for count in (nonzeros, markets, markets))
    return Structure(markets, activities, start, row, coefficient, reference, throughput)


def read_month(structure, read):
    counts = [structure.markets] * 2 + [structure.activities] * 5
    return Month(*(numpy.frombuffer(read(8 * count), "<f8") for count in counts))


# ------------------------------------------------------------------------------- judging


def relative(error, scale):
    """error / scale, and 0 for 0 / 0."""
    error = numpy.maximum(error, 0)
    return numpy.divide(error, scale, out=numpy.where(error > 0, numpy.inf, 0.0), where=scale > 0)


def gap_of(structure, month, level, price):
    """Primal less dual over the sum of absolute terms (docs/model.md, Certificate), and the primal."""
    A, c, q, u = structure.A, month.cost, month.slope, month.capacity
    profit, worth = A.T @ price - c, month.supply * price
    with numpy.errstate(divide="ignore", invalid="ignore"):
        best = numpy.where(profit > 0, numpy.minimum(profit / q, u), 0)
    unbounded = numpy.isinf(best)
    best = numpy.where(unbounded, 0, best)
    gain = profit * best - q * best * best / 2
    linear, quadratic = c * level, q * level * level / 2
    primal = linear.sum() + quadratic.sum()
    terms = abs(linear).sum() + quadratic.sum() + abs(worth).sum() + abs(gain).sum()
    loose = relative(profit, abs(c) + abs(A).T @ price)[unbounded].max(initial=0)
    return max(float(relative(abs(primal + worth.sum() + gain.sum()), terms)), float(loose)), primal, terms


def judge(structure, month, level, price):
    """Errors of an answer: our certificate's three, recomputed here; the worst imbalance over what
    the market usually handles, since a market without trade makes much of nothing in `balance`; and
    how far objective and prices (median of markets that trade) are from ours."""
    level = numpy.clip(level, 0, month.capacity)
    flow = abs(structure.A) @ level + abs(month.supply)
    rest = structure.A @ level + month.supply
    gap, primal, terms = gap_of(structure, month, level, price)
    ours = gap_of(structure, month, month.level, month.price)[1]
    scale = flow * numpy.maximum(price, structure.reference)
    trades = abs(structure.A) @ month.level > 1e-6 / structure.row
    apart = abs(price - month.price) / numpy.maximum(month.price, 0.01 * structure.reference)
    return {
        "balance": float(relative(-rest, flow).max()),
        "complementarity": float(relative(price * numpy.maximum(rest, 0), scale).max()),
        "gap": gap,
        "imbalance": float((numpy.maximum(-rest, 0) / numpy.maximum(flow, 1 / structure.row)).max()),
        "objective": float(abs(primal - ours) / terms) if terms else 0.0,
        "price": float(numpy.median(apart[trades])) if trades.any() else 0.0,
    }


# --------------------------------------------------------------------------------- steps


class Steps:
    """The piecewise linear copy: a rising cost becomes steps of equal width up to the column's
    range, the last without end where the column has none; flat ones stay one step.  Columns are
    scaled to entries of at most one, with which HiGHS finds an optimum where ranges mislead it."""

    def __init__(self, structure, month, segments=SEGMENTS):
        rise = month.slope * month.range
        steep = rise > STEEP * structure.reference[structure.owner]
        self.structure = structure
        largest = abs(structure.matrix(numpy.ones(structure.activities))).max(axis=0)
        self.column = 1 / largest.toarray().ravel()
        self.of = numpy.repeat(numpy.arange(structure.activities), numpy.where(steep, segments, 1))
        first = numpy.flatnonzero(numpy.diff(self.of, prepend=-1))
        self.number = numpy.arange(len(self.of)) - first[self.of]
        self.count = numpy.where(steep, segments, 1)[self.of]
        self.A = structure.matrix(self.column)[:, self.of]
        self.A.sort_indices()

    def scale(self, month):
        """Scaled costs and capacities of the steps, and -b."""
        width = month.range[self.of] / self.count
        cost = month.cost[self.of] + month.slope[self.of] * (self.number + 0.5) * width
        last = (self.number == self.count - 1) & numpy.isinf(month.capacity)[self.of]
        column = self.column[self.of]
        return (cost * column / self.structure.objective,
                numpy.where(last, numpy.inf, width / column), -month.supply * self.structure.row)

    def answer(self, x, dual):
        """Level and price from scaled terms; no price is negative."""
        level = numpy.bincount(self.of, x, self.structure.activities) * self.column
        return level, numpy.maximum(dual, 0) * self.structure.row * self.structure.objective
