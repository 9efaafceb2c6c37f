#!/bin/bash
# check-format.sh [--fix] - are the C sources as .clang-format wants them?
set -u
cd "$(dirname "$0")/.." || exit 2
if ! command -v clang-format >/dev/null; then
    echo "clang-format is missing: apt-get install clang-format" >&2
    exit 1
fi
mapfile -t files < <(git ls-files '*.c' '*.h' ':!:web/*' ':!:src/base/math_tables.h' ':!:src/base/sobol_numbers.h')
if [ "${1:-}" = --fix ]; then
    clang-format -i "${files[@]}"
    exit
fi
bad=0
for file in "${files[@]}"; do
    [ -f "$file" ] || continue
    if ! clang-format --dry-run -Werror "$file" >/dev/null 2>&1; then
        echo "$file is not formatted: run make format"
        bad=1
    fi
done
[ $bad -eq 0 ] && echo "format: ${#files[@]} files in shape"
exit $bad
