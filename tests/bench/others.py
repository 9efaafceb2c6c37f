"""others.py - one solver of other authors, clearing the months it is handed.

    others.py SOLVER        tests/bench/compare.py talks to it: a structure, then months
    others.py --list        names and versions of the solvers that can be imported here

What a month costs is processor time of this process to take new numbers and to solve; not the
first setup, nor what Python does to bring numbers into shape, nor the judging.  Each solver starts
from its last month where it can.
Clp and Ipopt are under the EPL, HiGHS, Clarabel and OSQP under MIT or Apache licences, PIQP under
BSD: they run here, in a process of their own, and are neither linked nor shipped.
"""
import ctypes
import importlib.metadata
import json
import os
import pathlib
import sys
import time

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import numpy  # noqa: E402
import scipy.sparse  # noqa: E402

import months  # noqa: E402

TOLERANCE = 1e-8
LIMIT = 30.0  # s a month, of solvers that know limits


class Ours:
    """Our own answer through the judge written here: its time is measured elsewhere."""

    package = None

    def __init__(self, structure, month):
        pass

    def prepare(self, month):
        return month

    def solve(self, month):
        return month

    def answer(self, month):
        return month.level, month.price


class Piqp:
    """Interior point, proximal; pattern and scaling kept, no warm start."""

    package = "piqp"

    def __init__(self, structure, month, tolerance=TOLERANCE):
        import piqp
        self.structure, self.solved = structure, piqp.PIQP_SOLVED
        self.solver = solver = piqp.SparseSolver()
        settings = solver.settings
        settings.eps_abs = settings.eps_rel = tolerance
        settings.eps_duality_gap_abs = settings.eps_duality_gap_rel = tolerance
        c, q, u, need = structure.scale(month)
        solver.setup(scipy.sparse.diags(q, format="csc"), c, None, None, structure.scaled, need,
                     None, numpy.zeros(len(u)), u)

    def prepare(self, month):
        c, q, u, need = self.structure.scale(month)
        return {"P": scipy.sparse.diags(q, format="csc"), "c": c, "h_l": need, "x_u": u}

    def solve(self, numbers):
        self.solver.update(**numbers)
        return self.solver.solve() == self.solved and self.solver.result

    def answer(self, result):
        return self.structure.answer(result.x, result.z_l)


class PiqpLoose(Piqp):
    """PIQP told to stop at 1e-6."""

    def __init__(self, structure, month):
        super().__init__(structure, month, 1e-6)


class Osqp:
    """Alternating directions to 1e-4, warm."""

    package = "osqp"

    def __init__(self, structure, month, tolerance=1e-4, polish=False):
        import osqp
        self.structure = structure
        c, q, u, need = structure.scale(month)
        n = structure.activities
        self.solver = osqp.OSQP(algebra="builtin")
        self.upper = numpy.full(structure.markets, numpy.inf)
        rows = scipy.sparse.vstack([structure.scaled, scipy.sparse.identity(n)], format="csc")
        self.solver.setup(scipy.sparse.diags(q, format="csc"), c, rows,
                          numpy.concatenate([need, numpy.zeros(n)]),
                          numpy.concatenate([self.upper, u]), verbose=False, eps_abs=tolerance,
                          eps_rel=tolerance, max_iter=20000, polishing=polish)

    def prepare(self, month):
        c, q, u, need = self.structure.scale(month)
        return {"Px": q, "q": c, "l": numpy.concatenate([need, numpy.zeros(len(u))]),
                "u": numpy.concatenate([self.upper, u])}

    def solve(self, numbers):
        self.solver.update(**numbers)
        result = self.solver.solve(raise_error=False)
        return result.info.status == "solved" and result

    def answer(self, result):
        return self.structure.answer(result.x, -result.y[:self.structure.markets])


class OsqpTight(Osqp):
    """OSQP told to stop at 1e-6, and to polish."""

    def __init__(self, structure, month):
        super().__init__(structure, month, 1e-6, True)


class Clarabel:
    """Interior point, homogeneous embedding; cold each month."""

    package = "clarabel"

    def __init__(self, structure, month):
        import clarabel
        self.clarabel, self.structure = clarabel, structure
        n = structure.activities
        self.rows = scipy.sparse.vstack(
            [-structure.scaled, -scipy.sparse.identity(n), scipy.sparse.identity(n)], format="csr")
        self.settings = clarabel.DefaultSettings()
        self.settings.verbose = False
        self.settings.max_threads = 1

    def prepare(self, month):
        c, q, u, need = self.structure.scale(month)
        keep = numpy.concatenate([numpy.ones(len(need) + len(u), bool), numpy.isfinite(u)])
        limit = numpy.concatenate([-need, numpy.zeros(len(u)), u])[keep]
        return (scipy.sparse.diags(q, format="csc"), c, self.rows[keep].tocsc(), limit,
                [self.clarabel.NonnegativeConeT(len(limit))], self.settings)

    def solve(self, numbers):
        result = self.clarabel.DefaultSolver(*numbers).solve()
        return result.status == self.clarabel.SolverStatus.Solved and result

    def answer(self, result):
        dual = numpy.array(result.z[:self.structure.markets])
        return self.structure.answer(numpy.array(result.x), dual)


class Ipopt:
    """Interior point with MUMPS, warm: levels and duals of the month before."""

    package = "ipyopt"

    def __init__(self, structure, month):
        import ipyopt
        self.ipyopt, self.structure = ipyopt, structure
        self.x, self.is_warm = None, False
        entries = structure.scaled.tocoo()
        self.entries = (entries.row.astype("i4"), entries.col.astype("i4"))
        self.values = entries.data
        self.transposed = structure.scaled.tocsr()

    def problem(self, c, q, u, need):
        n, m, A = len(c), len(need), self.transposed
        every = numpy.arange(n, dtype="i4")

        def put(out, numbers):
            out[()] = numbers

        return self.ipyopt.Problem(
            n, numpy.zeros(n), numpy.where(numpy.isinf(u), 2e19, u), m, need, numpy.full(m, 2e19),
            self.entries, (every, every),
            lambda x: float(c @ x + 0.5 * (q * x) @ x),
            lambda x, out: put(out, c + q * x),
            lambda x, out: put(out, A @ x),
            lambda x, out: put(out, self.values),
            lambda x, dual, factor, out: put(out, factor * q),
            ipopt_options=self.settings())

    def settings(self):
        chosen = {"print_level": 0, "sb": "yes", "tol": TOLERANCE, "jac_d_constant": "yes",
                  "hessian_constant": "yes", "max_iter": 500}
        if self.is_warm:
            chosen |= {"warm_start_init_point": "yes", "mu_init": 1e-4,
                       "warm_start_bound_push": 1e-6, "warm_start_mult_bound_push": 1e-6,
                       "warm_start_slack_bound_push": 1e-6}
        return chosen

    def prepare(self, month):
        c, q, u, need = self.structure.scale(month)
        if self.x is None:
            self.x = numpy.minimum(numpy.ones(len(c)), u / 2)
            self.duals = {"mult_g": numpy.zeros(len(need)), "mult_x_L": numpy.ones(len(c)),
                          "mult_x_U": numpy.ones(len(c))}
        return self.problem(c, q, u, need)

    def solve(self, problem):
        x, _, status = problem.solve(x0=self.x, **self.duals)
        self.is_warm = status in (0, 1)
        self.x = x if self.is_warm else None
        return self.is_warm and x

    def answer(self, x):
        return self.structure.answer(x, -self.duals["mult_g"])


class Clp:
    """Dual simplex on the copy in steps, warm: the last month's basis.  Clp's own C interface, in
    the library that the package cylp carries."""

    package = "cylp"

    def __init__(self, structure, month, segments=months.SEGMENTS):
        self.steps = months.Steps(structure, month, segments)
        A = self.steps.A
        c, u, need = self.steps.scale(month)
        self.columns, self.rows = len(c), len(need)
        self.lib = clp_library()
        self.model = ctypes.c_void_p(self.lib.Clp_newModel())
        self.lib.Clp_setLogLevel(self.model, 0)
        self.lib.Clp_loadProblem(
            self.model, self.columns, self.rows, pointer(A.indptr.astype("i4")),
            pointer(A.indices.astype("i4")), pointer(A.data), pointer(numpy.zeros(len(c))),
            pointer(bounded(u)), pointer(c), pointer(need), pointer(numpy.full(len(need), 1e30)))

    def prepare(self, month):
        c, u, need = self.steps.scale(month)
        return pointer(c), pointer(bounded(u)), pointer(need)

    def solve(self, numbers):
        c, u, need = numbers
        self.lib.Clp_chgObjCoefficients(self.model, c)
        self.lib.Clp_chgColumnUpper(self.model, u)
        self.lib.Clp_chgRowLower(self.model, need)
        self.lib.Clp_dual(self.model, 0)
        return self.lib.Clp_status(self.model) == 0

    def answer(self, _):
        x = self.lib.Clp_primalColumnSolution(self.model)
        dual = self.lib.Clp_dualRowSolution(self.model)
        return self.steps.answer(numpy.ctypeslib.as_array(x, (self.columns,)).copy(),
                                 numpy.ctypeslib.as_array(dual, (self.rows,)).copy())


class ClpCoarse(Clp):
    """Clp on curves of two steps."""

    def __init__(self, structure, month):
        super().__init__(structure, month, 2)


def clp_library():
    """libClp of the package, its functions typed."""
    import cylp.cy  # noqa: F401  loads what libClp needs
    folder = pathlib.Path(cylp.__file__).parent.parent / "cylp.libs"
    lib = ctypes.CDLL(str(next(folder.glob("libClp-*"))))
    lib.Clp_newModel.restype = ctypes.c_void_p
    for name in ("Clp_primalColumnSolution", "Clp_dualRowSolution"):
        getattr(lib, name).restype = ctypes.POINTER(ctypes.c_double)
    return lib


def pointer(array):
    """To the numbers; the array lives as long as the pointer."""
    kind = ctypes.c_int if array.dtype == numpy.int32 else ctypes.c_double
    return array.ctypes.data_as(ctypes.POINTER(kind))


def bounded(u):
    return numpy.where(numpy.isinf(u), 1e30, u)


class Highs:
    """Dual simplex on the copy in steps, warm: the last month's basis."""

    package = "highspy"

    def begin(self, A, c, u, need):
        import highspy
        self.highspy = highspy
        self.solver = highspy.Highs()
        self.solver.silent()
        for option, value in {"output_flag": False, "threads": 1, "parallel": "off"}.items():
            self.solver.setOptionValue(option, value)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = A.shape[1], A.shape[0]
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = c, numpy.zeros(len(c)), u
        lp.row_lower_, lp.row_upper_ = need, numpy.full(len(need), numpy.inf)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = A.indptr, A.indices, A.data
        self.solver.passModel(lp)
        self.columns = numpy.arange(len(c), dtype="i4")
        self.rows = numpy.arange(len(need), dtype="i4")
        self.zeros, self.no_limit = numpy.zeros(len(c)), numpy.full(len(need), numpy.inf)

    def change(self, c, u, need):
        self.solver.changeColsCost(len(c), self.columns, c)
        self.solver.changeColsBounds(len(c), self.columns, self.zeros, u)
        self.solver.changeRowsBounds(len(need), self.rows, need, self.no_limit)

    def run(self):
        # the limit counts from the solver's birth
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + LIMIT)
        self.solver.run()
        return self.solver.getModelStatus() == self.highspy.HighsModelStatus.kOptimal

    def answer(self, _):
        solution = self.solver.getSolution()
        return self.posed.answer(numpy.array(solution.col_value), numpy.array(solution.row_dual))

    def __init__(self, structure, month):
        self.posed = months.Steps(structure, month)
        self.begin(self.posed.A, *self.posed.scale(month))
        self.solver.setOptionValue("solver", "simplex")

    def prepare(self, month):
        return self.posed.scale(month)

    def solve(self, numbers):
        self.change(*numbers)
        return self.run()


class HighsQp(Highs):
    """Active set on the quadratic problem, from the last month's basis where it takes it."""

    def __init__(self, structure, month):
        self.posed = structure
        c, _, u, need = structure.scale(month)
        self.begin(structure.scaled, c, u, need)

    def prepare(self, month):
        c, q, u, need = self.posed.scale(month)
        hessian = self.highspy.HighsHessian()
        hessian.dim_ = len(q)
        hessian.format_ = self.highspy.HessianFormat.kTriangular
        hessian.start_ = numpy.arange(len(q) + 1, dtype="i4")
        hessian.index_, hessian.value_ = self.columns, q
        return c, u, need, hessian

    def solve(self, numbers):
        c, u, need, hessian = numbers
        self.change(c, u, need)
        self.solver.passHessian(hessian)
        return self.run()


SOLVERS = {
    "ours": Ours,
    "piqp": Piqp,
    "piqp-1e-6": PiqpLoose,
    "clarabel": Clarabel,
    "osqp": Osqp,
    "osqp-1e-6": OsqpTight,
    "ipopt": Ipopt,
    "highs-qp": HighsQp,
    "highs-steps": Highs,
    "clp-steps": Clp,
    "clp-2-steps": ClpCoarse,
}


def version_of(solver):
    """Package and version, or None where it cannot be imported."""
    if not solver.package:
        return ""
    try:
        __import__("cylp.cy" if solver.package == "cylp" else solver.package)
        return f"{solver.package} {importlib.metadata.version(solver.package)}"
    except ImportError:
        return None


def clear(solver, structure, month):
    """One answer for a month, its time and its errors."""
    numbers = solver.prepare(month)
    before = time.process_time()
    found = solver.solve(numbers)
    spent = {"us": 1e6 * (time.process_time() - before)}
    if found is None or found is False:
        return spent | {"status": "failed"}
    level, price = solver.answer(found)
    if not (numpy.isfinite(level).all() and numpy.isfinite(price).all()):
        return spent | {"status": "failed"}
    return spent | {"status": "solved"} | months.judge(structure, month, level, price)


def talk(kind, source, sink):
    structure = solver = None
    for line in iter(source.readline, b""):
        told = json.loads(line)
        if "markets" in told:
            structure, solver = months.read_structure(told, source.read), None
            continue
        month = months.read_month(structure, source.read)
        if solver is None:
            structure.fit(month)
            solver = kind(structure, month)
        sink.write(json.dumps(clear(solver, structure, month)).encode() + b"\n")
        sink.flush()


def main():
    if sys.argv[1] == "--list":
        print(json.dumps({name: version_of(solver) for name, solver in SOLVERS.items()}))
        return
    # solvers that print must not disturb the answers
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    talk(SOLVERS[sys.argv[1]], sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
