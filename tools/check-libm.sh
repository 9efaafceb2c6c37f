#!/bin/bash
# check-libm.sh - exp, log, pow and friends come from base/math.c alone.
#
# The C library's differ between machines in the last bit; see docs, "same bits".
# Exactly rounded ones (sqrt, fabs, floor, ceil, fmin, fmax, ...) are fine.
set -u
cd "$(dirname "$0")/.." || exit 2
names='exp|exp2|exp10|expm1|log|log2|log10|log1p|pow|cbrt|hypot|sin|cos|tan|asin|acos|atan|atan2'
names="$names|sinh|cosh|tanh|asinh|acosh|atanh|erf|erfc|lgamma|tgamma|fma"
mapfile -t files < <(git ls-files 'src/*.c' 'src/*.h' 'cli/*.c' 'cli/*.h' ':!:src/base/math.c' \
    ':!:src/base/math_tables.h')
# comments and strings are taken out first; a name that is a member or a definition of ours
# ("->log(", "static double log(") would be caught as well: choose another name
found=$(python3 - "$names" "${files[@]}" <<'PY'
import re, sys
names = re.compile(r"(?<![A-Za-z0-9_.>])(?:%s)[fl]?\s*\(" % sys.argv[1])
skip = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
for path in sys.argv[2:]:
    text = skip.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), open(path, encoding="utf-8").read())
    for number, line in enumerate(text.splitlines(), 1):
        if names.search(line):
            print("%s:%d: %s" % (path, number, line.strip()))
PY
)
if [ -n "$found" ]; then
    echo "$found"
    echo "check-libm: use yt_exp, yt_ln, yt_pow, ... of base/math.h"
    exit 1
fi
echo "libm: ${#files[@]} files use our own elementary functions"
