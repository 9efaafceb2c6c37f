#!/bin/bash
# run-bench.sh BUILD - run every measurement, one after the other.
set -u
build=${1:?build folder}
cd "$(dirname "$0")/.." || exit 2
for program in "$build"/bench_*; do
    [ -x "$program" ] && [ -f "$program" ] || continue
    echo "== $(basename "$program")"
    "$program" || exit 1
done
