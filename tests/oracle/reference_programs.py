#!/usr/bin/env python3
"""reference_programs.py PROGRAM - linear programs of tests/reference/numeric, by `ytterby clear`.

A x <= b, x >= 0 is a market for each row: supply b, and an activity takes a_ij of it.  Says at the
end how many of the numeric reference problems any test of ours reads.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
NUMERIC = ROOT / "tests/reference/numeric"


def cleared(program, cost, matrix, bound):
    """Exit code and answer of the clearing of min cost x."""
    problem = {
        "markets": [f"row{i}" for i in range(len(bound))],
        "supply": bound,
        "activities": [{"name": f"x{j}", "cost": c, "slope": 0, "capacity": None,
                        "column": {f"row{i}": -row[j] for i, row in enumerate(matrix) if row[j]}}
                       for j, c in enumerate(cost)],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(problem, file)
        file.flush()
        done = subprocess.run([program, "clear", file.name, "--json"], capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)


def klee_minty(n):
    cost = [-10.0 ** (n - 1 - j) for j in range(n)]
    matrix = [[2 * 10.0 ** (i - j) if j < i else float(j == i) for j in range(n)] for i in range(n)]
    return cost, matrix, [100.0 ** i for i in range(n)]


def main():
    program, wrong = sys.argv[1], 0
    names = ["lp_beale_cycling", "lp_klee_minty_3", "lp_status_infeasible", "lp_status_unbounded"]
    for name in names:
        given = json.loads((NUMERIC / f"{name}.json").read_text())
        inputs, due = given["inputs"], given["expected"]
        data = (klee_minty(inputs["n"]) if "n" in inputs
                else (inputs["min_c"], inputs["A_ub"], inputs["b_ub"]))
        code, answer = cleared(program, *data)
        if "status" in due:
            is_right = code == 1 and answer["status"] == due["status"]
        else:
            objective = abs(answer["objective"])
            is_right = code == 0 and abs(objective - abs(due["objective"])) <= 1e-8 * max(1, objective)
        if not is_right:
            wrong += 1
            print(f"{name}: {due} is due, got exit {code} and {str(answer)[:200]}")
    sources = "".join(p.read_text() for p in sorted(ROOT.glob("tests/*/*.[ch]"))) + pathlib.Path(__file__).read_text()
    numeric = sorted(p.stem for p in NUMERIC.glob("*.json"))
    read = sum(f'"{stem}"' in sources for stem in numeric)
    print(f"reference_programs: {len(names) - wrong} of {len(names)} right; "
          f"tests read {read} of {len(numeric)} numeric reference problems")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
