#!/usr/bin/env python3
"""compare.py - how fast we clear a month, and how fast what a user would take instead, on the same
months in the same run.

    compare.py PROGRAM [--python PYTHON] [--out FOLDER] [--quick] [--seed N] [--only TEXT]

PROGRAM is build/bench_market; PYTHON runs tests/bench/others.py (tools/bench-solvers.sh makes an
environment for it).  We clear some months, the others the last few of them, and so on, so that all
see the same load of the machine.  Every solver starts each stretch with one month that is not
counted: what counts has a month before it to start from.  Writes ours.csv, others.csv, machine.csv
and tables.md.  Exit code 1 when a month of ours is not certified, here or by the judge in
months.py, or differs alone from side by side.
"""
import argparse
import csv
import dataclasses
import datetime
import itertools
import json
import math
import os
import pathlib
import platform
import select
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SHAPES = ["chain", "deep", "wide", "dense", "spread"]
FORMS = ["chosen", "flat"]
BAR = 1e-8


@dataclasses.dataclass
class Plan:
    """What is done with problems of one size.  Budgets: s of processor time per structure."""
    prices: int
    forms: list
    shapes: list
    paths: int
    months: int
    first: int  # month the path begins at
    every: int  # months from one stretch of the others to the next
    stretch: int  # months of a stretch, the first not counted
    budget: float  # ours; months are cut when it is spent
    others: float  # each other solver's
    patience: float = 30  # s a month, then a solver is stopped


SIZES = [300, 1000, 4000]
PLANS = [
    Plan(300, FORMS, SHAPES, 32, 480, 0, 40, 6, 12, 1),
    Plan(1000, FORMS, SHAPES, 32, 480, 0, 20, 4, 12, 1.5),
    Plan(4000, ["chosen"], ["chain", "dense"], 8, 24, 108, 8, 3, 30, 4),
    Plan(4000, ["flat"], ["chain"], 2, 3, 119, 3, 3, 30, 4),
]
QUICK = [
    Plan(300, FORMS, SHAPES, 32, 120, 0, 60, 4, 4, 0.6),
    Plan(1000, FORMS, ["chain"], 8, 60, 0, 30, 3, 10, 2),
]


class Ours:
    """bench_market, asked for months."""

    def __init__(self, program, shape, size, form, seed, plan):
        self.process = subprocess.Popen(
            [program, str(SHAPES.index(shape)), str(size), form, str(seed), str(plan.paths),
             str(plan.first)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.line = self.process.stdout.readline()
        self.header = json.loads(self.line)
        markets, activities, entries = (self.header[k] for k in ("markets", "activities", "nonzeros"))
        self.structure = self.process.stdout.read(4 * (activities + 1) + 12 * entries + 16 * markets)
        self.month_bytes = 8 * (2 * markets + 5 * activities)

    def clear(self, months, path=None):
        """Clear months one by one; yields what was measured, and the month as bytes if asked for."""
        for _ in range(months):
            asked = "clear 1\n" if path is None else f"clear 1 {path}\n"
            self.process.stdin.write(asked.encode())
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            yield json.loads(line), line + (
                b"" if path is None else self.process.stdout.read(self.month_bytes))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Worker:
    """A solver of other authors in its own process, for one structure."""

    def __init__(self, python, name, ours, plan):
        self.name, self.plan = name, plan
        self.spent, self.stopped = 0.0, ""
        self.rows = []  # of months: measured, with "warm"
        self.process = subprocess.Popen(
            [python, str(HERE / "others.py"), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.send(ours.line + ours.structure)

    def send(self, told):
        try:
            self.process.stdin.write(told)
            self.process.stdin.flush()
        except BrokenPipeError:
            self.stop("crashed")

    def stop(self, why):
        self.stopped = why
        self.process.kill()
        self.process.wait()

    def has_done_enough(self):
        """The budget is spent; twice over if no month that counts has come of it."""
        has_warm = any(row["warm"] for row in self.rows)
        return self.spent > self.plan.others * (1 if has_warm else 2)

    def clear(self, month, told, is_warm):
        if self.stopped or self.has_done_enough():
            return
        self.send(told)
        if self.stopped:
            return
        ready, _, _ = select.select([self.process.stdout], [], [], self.plan.patience)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.stop("crashed" if ready else f"no answer in {self.plan.patience:.0f} s")
            return
        row = json.loads(line)
        self.spent += row["us"] * 1e-6
        self.rows.append(row | {"warm": is_warm, "month": month["month"],
                                "batch_us": month["batch_us"], "alone_us": month["alone_us"]})

    def close(self):
        if not self.stopped:
            self.process.stdin.close()
            self.process.wait()


# ---------------------------------------------------------------------------- measuring


def stretch_of(months, plan, k, ours, workers):
    """The next months of path k, by us and then by everyone else."""
    done = []
    for number, (month, told) in enumerate(ours.clear(months, k)):
        done.append(month)
        for worker in workers:
            worker.clear(month, told, number > 0)
    return done


def measure(ours, workers, plan):
    """All months of one structure."""
    rows, spent = [], 0.0
    for lap in range(plan.months // plan.every):
        for month, _ in ours.clear(plan.every - plan.stretch):
            rows.append(month)
            spent += 1e-6 * (month["batch_us"] * plan.paths + month["alone_us"])
            if spent > plan.budget:
                break
        rows += stretch_of(plan.stretch, plan, lap % plan.paths, ours, workers)
        if spent > plan.budget:
            break
    return rows


def quantile(numbers, share):
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def of_ours(header, rows, plan, form, seed):
    """One row of ours.csv."""
    batch, alone = ([r[k] for r in rows] for k in ("batch_us", "alone_us"))
    return {
        "prices": header["markets"], "structure": header["structure"], "form": form, "seed": seed,
        "activities": header["activities"], "entries": header["nonzeros"],
        "layers": header["layers"], "regions": header["regions"], "lanes": header["lanes"],
        "paths": plan.paths, "first_month": plan.first, "months": len(rows),
        "months_wanted": plan.months,
        "solves_per_s": 1e6 / statistics.mean(batch),
        "batch_mean_us": statistics.mean(batch), "batch_median_us": statistics.median(batch),
        "batch_p95_us": quantile(batch, 0.95), "batch_worst_us": max(batch),
        "alone_mean_us": statistics.mean(alone), "alone_p95_us": quantile(alone, 0.95),
        "worst_month": max(rows, key=lambda r: r["batch_us"])["month"],
        "hardest_us": max(r["hardest_us"] for r in rows),
        "hardest_month": max(rows, key=lambda r: r["hardest_us"])["month"],
        "steps": statistics.mean(r["iterations"] for r in rows),
        "interior_share": sum(r["interior"] for r in rows) / len(rows) / plan.paths,
        "uncertified": sum(r["failed"] for r in rows),
        "different_bits": sum(r["different"] for r in rows),
        "certificate": max(r["certificate"] for r in rows), "analysis_us": header["analysis_us"],
        "lane_solver": header["lane_solver"],
    }


ERRORS = ["balance", "complementarity", "gap", "imbalance", "objective", "price"]


def of_other(worker, ours):
    """One row of others.csv: warm months, or cold ones where there are no others."""
    warm = [r for r in worker.rows if r["warm"]]
    rows = warm or worker.rows
    solved = [r for r in rows if r["status"] == "solved"]
    found = {k: ours[k] for k in ("prices", "structure", "form", "seed")}
    found |= {"solver": worker.name, "months": len(rows), "start": "warm" if warm else "cold",
              "failed": len(rows) - len(solved), "stopped": worker.stopped}
    if rows:
        mean = statistics.mean(r["us"] for r in rows)
        found |= {"mean_us": mean, "median_us": statistics.median(r["us"] for r in rows),
                  "worst_us": max(r["us"] for r in rows),
                  "over_batch": mean / statistics.mean(r["batch_us"] for r in rows),
                  "over_alone": mean / statistics.mean(r["alone_us"] for r in rows)}
    for error in ERRORS if solved else []:
        found[error] = max(r[error] for r in solved)
    if solved:
        found["objective_median"] = statistics.median(r["objective"] for r in solved)
        found["price_median"] = statistics.median(r["price"] for r in solved)
    return found


def instance(program, python, names, shape, form, seed, plan):
    ours = Ours(program, shape, SIZES.index(plan.prices), form, seed, plan)
    workers = [Worker(python, name, ours, plan) for name in names]
    rows = measure(ours, workers, plan)
    ours.close()
    for worker in workers:
        worker.close()
    mine = of_ours(ours.header, rows, plan, form, seed)
    return mine, [of_other(w, mine) for w in workers]


# ---------------------------------------------------------------------------- reporting


def us(value):
    """Three digits, thousands apart."""
    if value is None:
        return ""
    digits = max(0, 2 - int(math.floor(math.log10(max(value, 1e-3)))))
    return f"{round(value, digits) if digits else round(value):,}"


def power(value):
    return "" if value is None else f"{value:.0e}"


def span(values):
    """Middle of the structures, and the smallest and largest."""
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.3g}"
    middle = math.exp(statistics.mean(math.log(v) for v in values))
    return f"{middle:.3g} ({min(values):.3g}-{max(values):.3g})"


def table_of_ours(rows):
    out = ["| prices | structure | form | paths x months | side by side: mean | p95 | worst | hardest "
           "problem, alone | alone: mean | p95 | steps | interior | uncertified |",
           "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
    for r in rows:
        cut = "" if r["months"] >= r["months_wanted"] else f" of {r['months_wanted']}"
        out.append(
            f"| {r['prices']:,} | {r['structure']} | {r['form']} | {r['paths']} x {r['months']}{cut} | "
            f"{us(r['batch_mean_us'])} | {us(r['batch_p95_us'])} | {us(r['batch_worst_us'])} | "
            f"{us(r['hardest_us'])} | {us(r['alone_mean_us'])} | {us(r['alone_p95_us'])} | "
            f"{r['steps']:.1f} | {100 * r['interior_share']:.2f} % | {r['uncertified']} |")
    return out


def comparison(rows):
    """One line: a solver on all structures of one size and form."""
    timed = [r for r in rows if "mean_us" in r]
    note = "; ".join(sorted({r["stopped"] for r in rows if r["stopped"]}))
    if not timed:
        return f"| | | | | | | | {note or 'not available'} |"

    def middle(key):
        found = [r[key] for r in timed if key in r]
        return statistics.median(found) if found else None

    if any(r["start"] == "cold" for r in timed):
        note = "; ".join(filter(None, [note, "cold months among them"]))
    worst = max((r["imbalance"] for r in timed if "imbalance" in r), default=None)
    return (f"| {us(statistics.mean(r['mean_us'] for r in timed))} | "
            f"{span([r['over_batch'] for r in timed])} | {span([r['over_alone'] for r in timed])} | "
            f"{power(middle('objective_median'))} | {power(middle('price_median'))} | "
            f"{power(worst)} | "
            f"{sum(r['failed'] for r in timed)} of {sum(r['months'] for r in timed)} | {note} |")


def table_of_others(rows, versions):
    out = ["| prices | form | solver | us a month | over ours side by side | over ours alone | objective "
           "off | prices off | worst imbalance | failed | |",
           "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"]

    def place(row):
        return row["plan"], row["form"], list(versions).index(row["solver"])
    for (prices, form, solver), group in itertools.groupby(
            sorted(rows, key=place), lambda r: (r["plan"], r["form"], r["solver"])):
        if solver != "ours":
            out.append(f"| {prices:,} | {form} | {solver} {comparison(list(group))}")
    missing = [name for name, version in versions.items() if version is None]
    out += [f"| | | {name} | | | | | | | | not available |" for name in missing]
    return out if versions else ["Other solvers: not available."]


def write_csv(path, rows):
    names = list(dict.fromkeys(itertools.chain.from_iterable(rows)))
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def cpu():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def machine(header, versions, load):
    commit = ["git", "-C", str(HERE), "describe", "--always", "--dirty", "--match", "v*"]
    found = {"date": datetime.date.today().isoformat(), "cpu": cpu(), "cores": os.cpu_count(),
             "system": platform.platform(), "compiler": header["compiler"],
             "lane_solver": header["lane_solver"], "version": header["version"],
             "commit": first_line(commit), "python": platform.python_version(),
             "load_before": f"{load[0]:.2f}", "load_after": f"{os.getloadavg()[0]:.2f}",
             "processor_s": f"{spent():.0f}"}
    return found | {name: version or "not available" for name, version in versions.items()
                    if name != "ours"}


def versions_of(python):
    """Solvers that others.py knows, and which of them are there."""
    if not python or not os.access(python, os.X_OK):
        return {}
    told = subprocess.run([python, str(HERE / "others.py"), "--list"], capture_output=True, text=True,
                          check=False)
    return json.loads(told.stdout) if told.returncode == 0 else {}


def sentence(facts, versions):
    """Where and when: what a reader of the tables needs to know."""
    solvers = ", ".join(dict.fromkeys(v for v in versions.values() if v)) or "No other solvers"
    return (f"{facts['date']}, {facts['commit']}: {facts['cpu']}, {facts['cores']} cores, load "
            f"{facts['load_before']} before and {facts['load_after']} after, {facts['compiler']}, "
            f"{facts['lane_solver']}. {solvers}.")


def report(folder, ours, others, facts, versions):
    folder.mkdir(parents=True, exist_ok=True)
    with_facts = {k: facts[k] for k in ("cpu", "compiler", "version", "commit", "date")}
    write_csv(folder / "ours.csv", [r | with_facts for r in ours])
    write_csv(folder / "others.csv", [r | {"solver_version": versions.get(r["solver"]) or ""} | with_facts
                                      for r in others])
    write_csv(folder / "machine.csv", [{"key": k, "value": v} for k, v in facts.items()])
    lines = [sentence(facts, versions), "", *table_of_ours(ours), "", *table_of_others(others, versions)]
    (folder / "tables.md").write_text("\n".join(lines) + "\n")


def spent():
    """s of processor time of this run, ours and theirs."""
    return sum(os.times()[:4])


def faults(ours, others):
    for row in ours:
        what = f"{row['prices']} {row['structure']} {row['form']} seed {row['seed']}"
        if row["uncertified"] or row["certificate"] > BAR:
            yield f"{what}: {row['uncertified']} months not certified, worst {row['certificate']:.1e}"
        if row["different_bits"]:
            yield f"{what}: {row['different_bits']} answers differ alone from side by side"
    for row in others:
        if row["solver"] == "ours" and max(row.get(k, 0) for k in ERRORS[:3]) > BAR:
            yield (f"{row['prices']} {row['structure']} {row['form']}: the judge finds errors of "
                   + ", ".join(f"{k} {row[k]:.1e}" for k in ERRORS[:3]))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--python", default="")
    parser.add_argument("--out", default="build/bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="300, 4000-flat, 1000-chosen-wide, ...")
    return parser.parse_args()


def wanted(told):
    for plan in QUICK if told.quick else PLANS:
        for form in plan.forms:
            for shape in plan.shapes:
                if f"{plan.prices}-{form}-{shape}".startswith(told.only):
                    yield plan, form, shape


def main():
    told = arguments()
    versions, load = versions_of(told.python), os.getloadavg()
    names = [n for n, version in versions.items() if version is not None]
    for name in versions:
        if name not in names:
            print(f"not available: {name}")
    if not versions:
        print("not available: solvers of other authors (tools/bench-solvers.sh installs them)")
    ours, others, header = [], [], {}
    for plan, form, shape in wanted(told):
        mine, theirs = instance(told.program, told.python, names, shape, form, told.seed, plan)
        ours.append(mine)
        others += [r | {"plan": plan.prices} for r in theirs]
        print(table_of_ours([mine])[-1])
        for row in theirs[1:]:
            print(f"    {row['solver']} {comparison([row])}", flush=True)
    header = json.loads(subprocess.run([told.program, "0", "0", "flat", "1", "1"], input=b"",
                                       capture_output=True, check=True).stdout.split(b"\n")[0])
    report(pathlib.Path(told.out), ours, others, machine(header, versions, load), versions)
    print(pathlib.Path(told.out, "tables.md").read_text())
    bad = list(faults(ours, others))
    for fault in bad:
        print(f"compare: {fault}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
