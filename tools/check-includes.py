#!/usr/bin/env python3
"""Check that includes between the folders of src/ follow the arrows of the architecture.

base <- market <- network <- sim <- study <- cli        base <- model <- network
network <- store <- study        store <- view <- cli
cli may include model, study, store and view.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# folder: what it may build on directly; what those may use, it may use as well,
# except that view reads stores only and nothing of the engine behind them
ARROWS = {
    "base": [],
    "market": ["base"],
    "model": ["base"],
    "network": ["market", "model"],
    "solve": ["network"],
    "sim": ["network"],
    "store": ["network"],
    "study": ["sim", "store", "solve"],
    "view": ["store"],
    "cli": ["model", "study", "store", "view"],
}
ONLY = {"view": {"base", "store", "view"}}


def reachable(folder):
    seen, todo = set(), [folder]
    while todo:
        f = todo.pop()
        if f not in seen:
            seen.add(f)
            todo += ARROWS[f]
    return seen


def main():
    errors, checked = [], 0
    files = sorted(ROOT.glob("src/*/*.[ch]")) + sorted(ROOT.glob("cli/*.[ch]"))
    for path in files:
        folder = path.parent.name
        shown = path.relative_to(ROOT)
        if folder not in ARROWS:
            errors.append("%s: folder %s has no place in the architecture" % (shown, folder))
            continue
        allowed = ONLY.get(folder, reachable(folder))
        checked += 1
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            target = match.group(1)
            if target.startswith("../"):
                errors.append("%s:%d: include by folder, not by %s" % (shown, number, target))
            if "/" not in target:
                # the public API, or a neighbour in the same folder
                continue
            to = target.split("/")[0]
            if to in ARROWS and to not in allowed:
                errors.append("%s:%d: %s may not include %s" % (shown, number, folder, target))
            # a folder's inside.h is its own
            if to != folder and target.endswith("/inside.h"):
                errors.append("%s:%d: %s is for its own folder" % (shown, number, target))
    for error in errors:
        print(error)
    if not errors:
        print("includes: %d files follow the arrows" % checked)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
