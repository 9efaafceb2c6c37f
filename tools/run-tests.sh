#!/bin/bash
# run-tests.sh BUILD [LABELS] - run the tests of a build and say how many passed.
#
# LABELS is a regular expression (unit|oracle|fuzz|script); all when it is left out.
# Test cases of cmocka programs are counted one by one, other tests as one each.
set -u
build=${1:?build folder}
labels=${2:-}
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 2
log=$build/tests.log

failed=0
passed=0
checks=""
if [ -z "$labels" ]; then
    for check in tools/check-*; do
        [ -x "$check" ] || continue
        name=$(basename "$check")
        # asked for by name: versions differ; needs node and a network
        [[ $name = check-format.sh || $name = check-web.sh ]] && continue
        checks="$checks $check"
    done
fi

ctest --test-dir "$build" --verbose --no-tests=error ${labels:+-L "$labels"} \
    -j "$(nproc 2>/dev/null || echo 2)" >"$log" 2>&1
ctest_status=$?

# cmocka's own lines, without ctest's numbering
sed -nE 's/^[0-9]+: (\[( *(PASSED|FAILED|ERROR|LINE|SKIPPED|==========) *)\].*)$/\1/p' "$log" |
    grep -vE '^\[==========\] Running'
if [ $ctest_status -ne 0 ]; then
    sed -nE '/^The following tests FAILED/,/^Errors while/p' "$log"
    echo "The whole record is in $log."
fi

# cases: "[  PASSED  ] 7 test(s)." and "[  FAILED  ] 1 test(s), listed below:"
cases_passed=$(sed -nE 's/^[0-9]+: \[  PASSED  \] ([0-9]+) test.*/\1/p' "$log" |
    awk '{n += $1} END {print n + 0}')
cases_failed=$(sed -nE 's/^[0-9]+: \[  FAILED  \] ([0-9]+) test.*/\1/p' "$log" |
    awk '{n += $1} END {print n + 0}')
# programs without cmocka, and programs that ended without its summary
summarised=$(sed -nE 's/^([0-9]+): \[==========\] [0-9]+ test\(s\) run.*/\1/p' "$log" | sort -nu)
others=$(sed -nE 's/^ *[0-9]+\/[0-9]+ Test +#([0-9]+): .*(Passed|Failed|\*\*\*).*/\1 \2/p' "$log" |
    awk -v skip="$summarised" 'BEGIN {split(skip, s); for (i in s) seen[s[i]] = 1} !($1 in seen)')
others_passed=$(echo "$others" | grep -c Passed)
others_failed=$(echo "$others" | grep -cE 'Failed|\*')
skipped=$(grep -cE '\*\*\*Skipped' "$log")
others_failed=$((others_failed - skipped))
passed=$((passed + cases_passed + others_passed))
failed=$((failed + cases_failed + others_failed))
[ $ctest_status -ne 0 ] && [ $failed -eq 0 ] && failed=1

# what programs without cmocka say of themselves: how much was compared, what was left out
grep -E '^[0-9]+: ([0-9]+ compared, |[a-z_]+: (skipped,|[0-9]+ of) )' "$log" | sed -E 's/^[0-9]+: //'

for check in $checks; do
    if "$check"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
