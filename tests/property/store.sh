#!/bin/bash
# store.sh PROGRAM - results of a real run: whole or not there, the same twice, readable by
# all commands, harmless when damaged.
set -u
source "$(dirname "$0")/../script.sh" "$@"
tiny=tests/cases/tiny

same() { cmp -s "$1" "$2"; }
nothing_left() { ! ls "$room"/*.partial-* >/dev/null 2>&1; }

y run $tiny -o "$room/a.ytt"
is "run: done" gives 0
is "run: one file" test "$(find "$room" -name 'a.ytt*' | wc -l)" -eq 1
cp "$room/a.ytt" "$room/keep.ytt"

# ------------------------------------------------------------------------ the same twice
y run $tiny -o "$room/b.ytt"
y compare "$room/a.ytt" "$room/b.ytt" --fail-on 0
is "compare: the same case gives the same bits" gives 0
is "compare: says so" grep -q "identical: every value of every table" "$room/out"

# -------------------------------------------------------------------------------- places
y run $tiny -o "$room/a.ytt"
is "run: does not replace unasked" gives 5
is "run: says how to" err_has "--force"
is "run: old result untouched" same "$room/a.ytt" "$room/keep.ytt"
y run $tiny -o "$room/no/where.ytt"
is "run: missing folder" gives 5
is "run: names it" err_has "$room/no/where.ytt"
mkdir "$room/folder"
y run $tiny -o "$room/folder" --force
is "run: a folder is no place" gives 5
ln -s "$room/nowhere" "$room/link.ytt"
y run $tiny -o "$room/link.ytt" --force
is "run: a dangling link is replaced" gives 0
is "run: by a file" test -f "$room/link.ytt" -a ! -L "$room/link.ytt"
if [ "$(id -u)" -ne 0 ]; then
    mkdir "$room/locked" && chmod a-w "$room/locked"
    y run $tiny -o "$room/locked/a.ytt"
    is "run: read-only folder" gives 5
    is "run: says why" err_has "Permission denied"
fi

# ------------------------------------- a full disk; no trap: the program ignores SIGXFSZ itself
size=$(($(stat -c %s "$room/a.ytt") / 1024))
for limit in 0 1 9 64 200 $((size / 2)) $((size - 8)); do
    (ulimit -f "$limit" && exec "$program" run $tiny -o "$room/a.ytt" --force) \
        >"$room/out" 2>"$room/err.full" </dev/null
    code=$?
    cp "$room/err.full" "$room/err" 2>/dev/null
    is "full disk at $limit kB: exit 5" gives 5
    is "full disk at $limit kB: names the file" \
        test "$limit" -lt 2 -o -n "$(grep -F "$room/a.ytt" "$room/err")"
    is "full disk at $limit kB: old result untouched" same "$room/a.ytt" "$room/keep.ytt"
    is "full disk at $limit kB: nothing left" nothing_left
done

for command in report "export --to xlsx" "export --to json"; do
    # shellcheck disable=SC2086
    (ulimit -f 8 && exec "$program" ${command%% *} "$room/a.ytt" ${command#"${command%% *}"} \
        -o "$room/limited") >"$room/out" 2>"$room/err" </dev/null
    code=$?
    is "$command at 8 kB: exit 5" gives 5
    is "$command at 8 kB: says what could not be written" \
        test -n "$(grep -E "$room/limited|report could not be written" "$room/err")"
    is "$command at 8 kB: nothing left" test ! -e "$room/limited"
done

# ------------------------------------------------------------------------------ kill -9
for i in $(seq 1 25); do
    "$program" run $tiny -o "$room/a.ytt" --force >/dev/null 2>&1 </dev/null &
    pid=$!
    sleep "0.0$((i * 37 % 100 / 10))$((i * 37 % 10))"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    y compare "$room/a.ytt" "$room/keep.ytt" --fail-on 0
    is "kill $i: a whole result" gives 0
done
rm -f "$room"/*.partial-*

# ------------------------------------------------------------------- every way of reading
cp "$room/keep.ytt" "$room/a.ytt"
for question in $("$program" query --list --csv | awk -F, '$2 == "question" {print $1}'); do
    y query "$room/a.ytt" "$question"
    is "query $question" gives 0
    y query "$room/a.ytt" "$question" --json
    is "query $question --json" python3 -c "import json; json.load(open('$room/out'))['rows']"
done
for format in csv json xlsx; do
    y export "$room/a.ytt" --to $format -o "$room/out.$format"
    is "export $format" gives 0
done
is "exports say what the result says" python3 tests/property/check_export.py "$room/a.ytt" \
    "$room/out.csv" "$room/out.xlsx" "$room/out.json"
y export "$room/a.ytt" --to dbf -o "$room/out.dbf"
is "export: unknown format" gives 2
is "export: says which there are" err_has "csv (a folder"
is "reading changed nothing" same "$room/a.ytt" "$room/keep.ytt"

# ------------------------------------------------------------------------------- damage
damage() { # SEED: flip bytes, in the schema as well, or cut the file off
    python3 - "$room/keep.ytt" "$room/bad.ytt" "$1" <<'EOF'
import random, sys
source, target, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
r = random.Random(seed)
b = bytearray(open(source, "rb").read())
if seed % 4 == 0:
    b = b[:r.randrange(len(b))]
else:
    for i in range(12):
        b[r.randrange(16384 if i % 2 else len(b))] = r.randrange(256)
open(target, "wb").write(b)
EOF
}
bearable() { [ "$code" -eq 0 ] || [ "$code" -eq 2 ] || [ "$code" -eq 3 ] || [ "$code" -eq 5 ]; }
for seed in $(seq 1 40); do
    damage "$seed"
    y query "$room/bad.ytt" prices -t 5
    is "damaged $seed: query" bearable
    y export "$room/bad.ytt" -o "$room/bad.json" --force
    is "damaged $seed: export" bearable
    y compare "$room/keep.ytt" "$room/bad.ytt"
    is "damaged $seed: compare" bearable
    y report "$room/bad.ytt" -o "$room/bad.html"
    is "damaged $seed: report" bearable
done

echo "store.sh: $checks checks, $failures failed"
[ $failures -eq 0 ]
