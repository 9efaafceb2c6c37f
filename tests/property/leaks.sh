#!/bin/bash
# leaks.sh PROGRAM - a program built with the address sanitizer loses no memory over a case.
#
# Some years of the flagship, its report, tables, questions and a comparison; first a look at
# whether lost memory would be seen at all.  The sanitizer ends a faulty run with 86.
set -u
program=$(readlink -f "${1:?program}")
cd "$(dirname "$0")/../.." || exit 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ASAN_OPTIONS=detect_leaks=1:exitcode=86 UBSAN_OPTIONS=print_stacktrace=1
failed=0
runs=0

echo 'char *p; char *malloc(); int main(void) { p = malloc(9); p = 0; return 0; }' >"$work/lost.c"
cc -w -fsanitize=address "$work/lost.c" -o "$work/lost"
"$work/lost" 2>/dev/null
[ $? -eq 86 ] || { echo "leaks: lost memory would not be seen here" && exit 1; }

# clean CODE ARGUMENT...: ends with CODE, and without a word of the sanitizer
clean() {
    local due=$1 code
    shift
    runs=$((runs + 1))
    "$program" "$@" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    if [ $code -ne "$due" ] || grep -qE 'Sanitizer|runtime error' "$work/err"; then
        echo "leaks: ytterby $* ended with $code"
        head -n 40 "$work/err"
        failed=$((failed + 1))
    fi
}

case=cases/rare-earths
clean 0 check $case
clean 0 show $case facilities
clean 0 run $case -o "$work/a.ytt" --to 2001-12 -q
clean 0 run $case -o "$work/b.ytt" --to 2001-12 -q --set 'parameter[discount].value=0.98'
clean 0 report "$work/a.ytt" -o "$work/a.html"
clean 0 compare "$work/a.ytt" "$work/b.ytt"
clean 0 query "$work/a.ytt" peaks
clean 0 query "$work/a.ytt" peaks --json
clean 2 query "$work/a.ytt" "SELECT nothing FROM series"
clean 0 export "$work/a.ytt" -o "$work/a.xlsx"
clean 0 export "$work/a.ytt" --to csv -o "$work/a"
clean 3 report "$work/a.html" -o "$work/b.html"
clean 5 run "$work/nothing" -o "$work/c.ytt"
tiny=tests/cases/tiny
clean 0 simulate $tiny -n 80 -o "$work/w.ytt" --threads 2
clean 0 simulate $tiny -n 80 -o "$work/w.ytt" --resume
clean 3 simulate $tiny -n 80 -o "$work/w.ytt" --resume --seed 2
clean 0 simulate $tiny -n 80 -o "$work/v.ytt" --shard 2/2
clean 0 merge "$work/v.ytt" "$work/w.ytt" -o "$work/m.ytt"
clean 3 merge "$work/v.ytt" "$work/a.ytt" -o "$work/n.ytt"
clean 3 merge "$work/a.ytt" -o "$work/n.ytt"
clean 5 merge "$work/v.ytt" "$work/nothing" -o "$work/n.ytt"
clean 0 replay "$work/m.ytt" --run 70 -o "$work/r.ytt" --trace
clean 3 replay "$work/a.ytt" --run 0
clean 0 shock $tiny --cut 'east:X->west' -n 3 --measures --limit 0.05 -o "$work/s.ytt"
clean 0 report "$work/s.ytt" -o "$work/s.html"
clean 5 shock $tiny --cut 'east:X->west' -o "$work/s.ytt"
clean 0 shock $tiny --screen -o "$work/e.ytt"
clean 0 report "$work/e.ytt" -o "$work/e.html"
clean 0 backtest $tiny -n 2 --accept -o "$work/k.ytt"
clean 0 report "$work/k.ytt" -o "$work/k.html"
echo "leaks: $((runs - failed)) of $runs runs lose no memory"
exit $((failed > 0))
