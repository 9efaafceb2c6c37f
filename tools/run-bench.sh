#!/bin/bash
# run-bench.sh BUILD [--quick] [--seed N] - run every measurement, one after the other.
#
# Tables go to the terminal, numbers to BUILD/bench/*.csv, rows for docs/performance.md to
# BUILD/bench/tables.md.  Other solvers live in BUILD/bench/venv, made when it is not there.
set -u
build=${1:?build folder}
shift
cd "$(dirname "$0")/.." || exit 2
out=$build/bench
mkdir -p "$out"
worlds=()
[[ " $* " == *" --quick "* ]] && worlds=(cases/rare-earths 16 60)
bad=0

for name in base store case peak; do
    echo "== $name"
    "$build/bench_$name" || bad=1
done
echo "== ensemble"
"$build/bench_ensemble" --csv "$out/ensemble.csv" "${worlds[@]}" || bad=1
echo "== market"
tools/bench-solvers.sh "$out/venv"
if [ -x "$out/venv/bin/python" ]; then
    PYTHONDONTWRITEBYTECODE=1 "$out/venv/bin/python" -m unittest discover -q -s tests/bench || bad=1
fi
tests/bench/compare.py "$build/bench_market" --python "$out/venv/bin/python" --out "$out" "$@" ||
    bad=1
exit $bad
