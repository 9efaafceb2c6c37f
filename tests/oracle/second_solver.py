#!/usr/bin/python3
"""Compare the clearing with cvxopt, a solver of other authors, on random problems.

usage: oracle_random_problems --dump 1000 | tests/oracle/second_solver.py

Reads one problem per line with our objective, solves it by cvxopt's interior point after
scaling rows and columns, and wants the objectives equal to 1e-6.  Needs Debian's
python3-cvxopt.  Exit code 1 when an objective differs, 77 without cvxopt.
"""
import json
import math
import sys

try:
    from cvxopt import matrix, solvers, spmatrix
except ImportError:
    print("second_solver: skipped, apt-get install python3-cvxopt brings what it compares with")
    sys.exit(77)

TOLERANCE = 1e-6
solvers.options.update(show_progress=False, abstol=1e-11, reltol=1e-11, feastol=1e-11,
                       maxiters=200)


def scales(problem):
    """Rows and columns divided by the roots of their largest entries, a few times over."""
    rows = [1.0] * len(problem["supply"])
    columns = [1.0] * len(problem["activities"])
    for _ in range(10):
        row_most = [0.0] * len(rows)
        column_most = [0.0] * len(columns)
        for j, (_, _, capacity, *entries) in enumerate(problem["activities"]):
            for i, a in entries:
                size = abs(a) * rows[i] * columns[j]
                column_most[j] = max(column_most[j], size)
                if capacity != 0:
                    row_most[i] = max(row_most[i], size)
        rows = [r / math.sqrt(m or 1) for r, m in zip(rows, row_most)]
        columns = [c / math.sqrt(m or 1) for c, m in zip(columns, column_most)]
    return rows, columns


def solve(problem):
    """The least cost by cvxopt: min c'x + x'Qx/2, -A x <= b, 0 <= x <= k; None when it gives up.

    Comes with the size of money times quantity in which cvxopt's tolerances are meant.
    """
    rows, columns = scales(problem)
    activities = [a for a in problem["activities"] if a[2] != 0]
    columns = [c for c, a in zip(columns, problem["activities"]) if a[2] != 0]
    n, m = len(activities), len(rows)
    if n == 0:
        return 0.0, 1.0
    money = max(abs(a[0] * s) for a, s in zip(activities, columns)) or 1.0
    sizes = [a[2] / s for a, s in zip(activities, columns) if a[2] is not None]
    sizes += [abs(b) * r for b, r in zip(problem["supply"], rows) if b]
    quantity = sorted(sizes)[len(sizes) // 2] if sizes else 1.0
    value, row, column, bound = [], [], [], []
    used = sorted({i for a in activities for i, _ in a[3:]})
    place = {i: k for k, i in enumerate(used)}
    for j, (_, _, _, *entries) in enumerate(activities):
        for i, a in entries:
            value.append(-a * rows[i] * columns[j])
            row.append(place[i])
            column.append(j)
    bound = [problem["supply"][i] * rows[i] / quantity for i in used]
    for j, (_, _, capacity, *_) in enumerate(activities):
        value.append(-1.0)
        row.append(len(bound))
        column.append(j)
        bound.append(0.0)
        if capacity is not None:
            value.append(1.0)
            row.append(len(bound))
            column.append(j)
            bound.append(capacity / columns[j] / quantity)
    cost = matrix([a[0] * s / money for a, s in zip(activities, columns)])
    slope = [a[1] * s * s * quantity / money for a, s in zip(activities, columns)]
    answer = solvers.qp(spmatrix(slope, range(n), range(n)), cost,
                        spmatrix(value, row, column, (len(bound), n)), matrix(bound))
    x = [float(v) for v in answer["x"]]
    size = quantity * money
    value = sum(c * v + q * v * v / 2 for c, q, v in zip(cost, slope, x)) * size
    # it stops early where rounding is in the way: near enough when nothing is left to improve
    errors = [answer[k] for k in ("relative gap", "primal infeasibility", "dual infeasibility")]
    is_near = all(e is not None and abs(e) < 1e-7 for e in errors)
    is_solved = answer["status"] == "optimal" or is_near
    return (value, size) if is_solved else None


def main():
    compared = unsolved = wrong = 0
    for line in sys.stdin:
        problem = json.loads(line)
        try:
            found = solve(problem)
        except (ArithmeticError, ValueError):
            found = None
        if found is None:
            unsolved += 1
            continue
        compared += 1
        value, size = found
        ours = problem["objective"]
        # the second term: where nobody trades cvxopt stops at its own absolute tolerance
        if abs(value - ours) > TOLERANCE * max(abs(ours), abs(value)) + 1e-9 * size:
            wrong += 1
            print(f"problem on line {compared + unsolved}: ours {ours:.12g}, cvxopt {value:.12g}")
    print(f"{compared} compared, {wrong} differ, {unsolved} that cvxopt could not solve")
    return wrong > 0 or compared < 0.9 * (compared + unsolved)


if __name__ == "__main__":
    sys.exit(main())
