#!/bin/bash
# ensemble.sh PROGRAM - many worlds: the same bits whoever does them, nothing that was done is
# lost, and no two ensembles are mixed.
set -u
source "$(dirname "$0")/../script.sh" "$@"
tiny=tests/cases/tiny

hash() { python3 tests/property/ensemble_hash.py "$@" 2>&1; }
# like NAME: the same ensemble as the whole one
like() { [ "$(hash "$1")" = "$whole" ]; }
not_like() { ! like "$1"; }
same() { cmp -s "$1" "$2"; }
only() { [ "$(find "$room" -name "$1*" | wc -l)" -eq 1 ]; }
no_such() { [ -z "$(find "$room" -name "$1*")" ]; }
fact() { "$program" query "$1" "SELECT value FROM manifest WHERE key = '$2'" --csv | tail -n 1; }
ask() { "$program" query "$1" "$2" --csv | tail -n +2; }

# ------------------------------------------------------------------------ the same bits
worlds=300 # four blocks and a part of one
y simulate $tiny -n $worlds -o "$room/a.ytt" --threads 1
is "simulate: done" gives 0
is "simulate: says how many and how sure" grep -qE "300 worlds .*standard error" "$room/err"
is "simulate: one file" only a.ytt
whole=$(hash "$room/a.ytt")
is "simulate: there is something to compare" test "${#whole}" -eq 16
for threads in 2 3; do
    y simulate $tiny -n $worlds -o "$room/b.ytt" --force --threads $threads
    is "the same bits with $threads threads" like "$room/b.ytt"
done
y simulate $tiny -n $worlds -o "$room/other.ytt" --seed 2
is "another seed gives another ensemble" not_like "$room/other.ytt"
y simulate $tiny -n 128 -o "$room/first.ytt"
sums="SELECT name, region, stage, sum(value), sum(censored) FROM outcome WHERE run < 128 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
is "worlds do not depend on how many there are" \
    test "$(ask "$room/first.ytt" "$sums")" = "$(ask "$room/a.ytt" "$sums")"

# what is said at the end is what the file holds
y simulate $tiny -n 100 -o "$room/c.ytt" --json
free="SELECT avg(1 - censored) FROM outcome WHERE name = 'break_free_year' AND region = '$(fact "$room/c.ytt" headline)'"
is "the headline is the share of worlds" python3 -c "
import json; d = json.load(open('$room/out'))
assert d['schema'] == 'ytterby/simulate/1' and d['worlds'] == 100 and d['broken'] == 0
assert abs(d['share'] - float('$(ask "$room/c.ytt" "$free")')) < 1e-12 and 0 < d['share'] < 1
assert 0 < d['standard_error'] < 0.2"
is "broken worlds are counted" test "$(fact "$room/c.ytt" broken_worlds)" = 0

# ----------------------------------------------------------------------------- shards
for i in 1 2 3; do
    y simulate $tiny -n $worlds -o "$room/shard-$i.ytt" --shard $i/3
    is "shard $i: done" gives 0
done
y merge "$room"/shard-{3,1,2}.ytt -o "$room/merged.ytt"
is "merge: done" gives 0
is "merge: all of it, whatever the order" like "$room/merged.ytt"
is "merge: one file" only merged.ytt
y merge "$room"/shard-{1,2,2,1,3}.ytt -o "$room/twice.ytt"
is "merge: a shard given twice counts once" like "$room/twice.ytt"
y merge "$room"/shard-{1,3}.ytt -o "$room/some.ytt"
is "merge: some shards: done" gives 0
is "merge: some shards: says what is missing" err_has "192 worlds of 300"
is "merge: some shards: not the whole" not_like "$room/some.ytt"
y merge "$room/some.ytt" "$room/shard-2.ytt" -o "$room/more.ytt"
is "merge: what was merged may be merged on" like "$room/more.ytt"
y simulate $tiny -n 100 -o "$room/empty.ytt" --shard 3/3
is "a shard without worlds: done" gives 0
is "a shard without worlds: has a file" test -f "$room/empty.ytt"
for i in 1 2; do y simulate $tiny -n 100 -o "$room/small-$i.ytt" --shard $i/3; done
y merge "$room/empty.ytt" "$room"/small-{1,2}.ytt -o "$room/small.ytt"
is "a shard without worlds is merged like others" \
    test "$(hash "$room/small.ytt")" = "$(hash "$room/c.ytt")"

# --------------------------------------------------------------------- what is refused
cp "$room/a.ytt" "$room/keep.ytt"
y run $tiny -o "$room/run.ytt" -q
y merge "$room/run.ytt" -o "$room/no.ytt"
is "merge: a run: exit 3" gives 3
is "merge: a run: named" grep -q "run.ytt.*is no result of ytterby simulate" "$room/err"
y merge "$room/shard-1.ytt" "$room/run.ytt" -o "$room/no.ytt"
is "merge: a run later on: exit 3" gives 3
is "merge: a run later on: named" grep -q "run.ytt.*is no result of ytterby simulate" "$room/err"
y merge "$room/shard-1.ytt" "$room/nowhere.ytt" -o "$room/no.ytt"
is "merge: missing: exit 5" gives 5
is "merge: missing: named" grep -q "nowhere.ytt.*No such file" "$room/err"
is "merge: missing: and not made" test ! -e "$room/nowhere.ytt"
y merge "$room/nowhere.ytt" -o "$room/no.ytt"
is "merge: first missing: exit 5" gives 5
y merge README.md -o "$room/no.ytt"
is "merge: no result at all: exit 3" gives 3
y merge "$room/shard-1.ytt" README.md -o "$room/no.ytt"
is "merge: no result at all later on: exit 3" gives 3
is "merge: no result at all: named" err_has "README.md"
y merge "$room/shard-1.ytt" "$room/other.ytt" -o "$room/no.ytt"
is "merge: another seed: exit 3" gives 3
is "merge: another seed: named" grep -q "other.ytt.*its seed is 2, this one's is 1" "$room/err"
y merge "$room/shard-1.ytt" "$room/first.ytt" -o "$room/no.ytt"
is "merge: another number of worlds: exit 3" gives 3
y simulate $tiny -n $worlds -o "$room/overlaid.ytt" --shard 2/3 --overlay policies/no_quota.yaml
y merge "$room/shard-1.ytt" "$room/overlaid.ytt" -o "$room/no.ytt"
is "merge: another case: exit 3" gives 3
is "merge: another case: named" grep -q "overlaid.ytt.*its case_hash is" "$room/err"
is "merge: nothing is left of what failed" no_such no.ytt
y merge "$room"/shard-{1,2}.ytt -o "$room/a.ytt"
is "merge: does not replace unasked" gives 5
y merge "$room"/shard-{1,2,3}.ytt
is "merge: no place for the result: exit 2" gives 2
y simulate $tiny -n $worlds -o "$room/a.ytt"
is "simulate: does not replace unasked" gives 5
is "refused, and nothing changed" same "$room/a.ytt" "$room/keep.ytt"
for shard in 0/3 4/3 a/b 1/ 2/3x; do
    y simulate $tiny -o "$room/no.ytt" --shard $shard
    is "simulate --shard $shard: exit 2" gives 2
done
y simulate $tiny -o "$room/no.ytt" --decide-from 1990-01
is "simulate --decide-from of no month of the case: exit 2" gives 2
y simulate $tiny
is "simulate: no place for the result: exit 2" gives 2

# ------------------------------------------------------------------- going on, kill -9
# a part as a killed program leaves it
leave_part() { # SECONDS NAME [ARGUMENT]...
    local after=$1 name=$2
    shift 2
    "$program" simulate $tiny -n $worlds -o "$room/$name" "$@" >/dev/null 2>&1 </dev/null &
    local pid=$!
    sleep "$after"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
}
python3 - "$room/keep.ytt" "$room/k.ytt.part" <<'EOF'
import shutil, sqlite3, sys
shutil.copy(sys.argv[1], sys.argv[2])
part = sqlite3.connect(sys.argv[2])
part.executescript("DELETE FROM f_block WHERE block > 1; DELETE FROM f_code WHERE block > 1;"
                   "DELETE FROM f_outcome WHERE run > 127; DELETE FROM d_run WHERE run > 127;"
                   "DELETE FROM f_fan")
EOF
cp "$room/k.ytt.part" "$room/part"
y simulate $tiny -n $worlds -o "$room/k.ytt"
is "a part without --resume: exit 5" gives 5
is "a part without --resume: says what to do" err_has "--resume goes on with it"
for other in "--seed 2" "-n 400" "--to 2008-12" "--threshold 0.8" "--decide-from never" \
    "--set parameter[discount].value=0.99"; do
    # shellcheck disable=SC2086
    y simulate $tiny -n $worlds $other -o "$room/k.ytt" --resume
    is "--resume with $other: exit 3" gives 3
    is "--resume with $other: says so" err_has "is another ensemble"
done
y query "$room/k.ytt.part" "SELECT count(*) AS n FROM f_block" --csv
is "the part was not touched" out_has 2
y simulate $tiny -n $worlds -o "$room/k.ytt" --resume
is "--resume: done" gives 0
is "--resume: as if never stopped" like "$room/k.ytt"
is "--resume: no part is left" test ! -e "$room/k.ytt.part"
cp "$room/part" "$room/k.ytt.part"
y simulate $tiny -n $worlds -o "$room/k.ytt" --force
is "--force begins again" like "$room/k.ytt"
rm "$room/k.ytt"
y simulate $tiny -n $worlds -o "$room/k.ytt" --resume
is "--resume with nothing there begins" like "$room/k.ytt"
y simulate $tiny -n $worlds -o "$room/k.ytt" --resume
is "--resume of what is whole changes nothing" like "$room/k.ytt"
y simulate $tiny -n $worlds -o "$room/k.ytt" --resume --seed 2
is "--resume of another finished ensemble: exit 3" gives 3
is "--resume of another finished ensemble: it stays" like "$room/k.ytt"
cp "$room/run.ytt" "$room/run2.ytt"
y simulate $tiny -n $worlds -o "$room/run2.ytt" --resume
is "--resume of a run: exit 3" gives 3
is "--resume of a run: it stays" same "$room/run.ytt" "$room/run2.ytt"

# Up to 45 hundredths of what a whole ensemble takes here, three times.
rm -f "$room"/k.ytt*
begun=$(date +%s%N)
y simulate $tiny -n $worlds -o "$room/k.ytt" --threads 2
hundredth=$((($(date +%s%N) - begun) / 100 / 1000)) # of its time, in us
gone_on=0
for i in $(seq 1 10); do
    rm -f "$room"/k.ytt*
    for try in 1 2 3; do
        delay=$((hundredth * ((i * 37 + try * 11) % 45)))
        leave_part "$(printf '%d.%06d' $((delay / 1000000)) $((delay % 1000000)))" \
            k.ytt --resume --threads $((i % 3 + 1))
    done
    [ -e "$room/k.ytt.part" ] && gone_on=$((gone_on + 1))
    y simulate $tiny -n $worlds -o "$room/k.ytt" --resume
    is "killed $i: --resume: done" gives 0
    is "killed $i: as if never stopped" like "$room/k.ytt"
done
is "some were killed before their end ($gone_on of 10)" test $gone_on -ge 3

# killed while the file was being laid out: nothing in it, or no names yet
for state in "" "CREATE TABLE d_manifest(key TEXT, value TEXT);"; do
    rm -f "$room"/k.ytt*
    python3 -c "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])" \
        "$room/k.ytt.part" "$state"
    y simulate $tiny -n $worlds -o "$room/k.ytt" --resume
    is "killed at the very beginning (${state:-empty}): begins again" like "$room/k.ytt"
done

# ------------------------------------------------------------------------------ Ctrl-C
rm -f "$room"/k.ytt*
# what runs in the background ignores SIGINT: ask for it again
stop_after() { # SECONDS ARGUMENT...
    python3 - "$@" "$program" >"$room/out" 2>"$room/err" <<'EOF'
import signal, subprocess, sys, time
seconds, arguments, program = float(sys.argv[1]), sys.argv[2:-1], sys.argv[-1]
job = subprocess.Popen([program, *arguments],
                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
time.sleep(seconds)
job.send_signal(signal.SIGINT)
asked = time.monotonic()
code = job.wait()
print("stopped after %.2f s" % (time.monotonic() - asked))
sys.exit(code)
EOF
    code=$?
}
stop_after 2 simulate $tiny -n 100000 -o "$room/k.ytt" --threads 2
is "Ctrl-C: exit 130" gives 130
is "Ctrl-C: a finished result" only k.ytt
runs=$(fact "$room/k.ytt" runs)
is "Ctrl-C: keeps what is done ($runs worlds)" test "$runs" -ge 64 -a "$runs" -lt 100000
is "Ctrl-C: whole blocks" test $((runs % 64)) -eq 0
of_world() { echo "SELECT name, region, stage, value, censored FROM outcome WHERE run = $1 ORDER BY 1, 2, 3"; }
is "Ctrl-C: of the same worlds" \
    test "$(ask "$room/k.ytt" "$(of_world 5)")" = "$(ask "$room/a.ytt" "$(of_world 5)")"
y simulate $tiny -n 100000 --until-se 0.03 -o "$room/k.ytt" --resume
is "Ctrl-C: --resume goes on" gives 0
is "Ctrl-C: --resume ends with one file" only k.ytt
rm -f "$room"/k.ytt*
stop_after 6 simulate cases/rare-earths -n 64 -o "$room/k.ytt" --threads 1
is "Ctrl-C before the first block: exit 130" gives 130
is "Ctrl-C before the first block: says so" err_has "nothing is kept"
is "Ctrl-C before the first block: nothing is left" no_such k.ytt
is "Ctrl-C before the first block: heard within a month" \
    grep -qE "after [0-9]\.|after 1[0-9]\." "$room/out"

# ------------------------------------------------------------------------------ enough
rm -f "$room"/k.ytt*
y simulate $tiny -n 3000 --until-se 0.04 -o "$room/k.ytt" --json
is "--until-se: stops early, when it is sure enough" python3 -c "
import json; d = json.load(open('$room/out'))
assert 128 <= d['worlds'] < 3000 and d['standard_error'] < 0.04"
y simulate $tiny -n 3000 --until-se 0.06 --shard 2/2 -o "$room/half.ytt"
is "--until-se of a shard: exit 2" gives 2
is "--until-se of a shard: says why" err_has "a shard does not have them"
for threads in 1 3; do
    y simulate $tiny -n 3000 --until-se 0.04 --threads $threads -o "$room/k$threads.ytt"
    is "--until-se: the same worlds with $threads threads" \
        test "$(hash "$room/k$threads.ytt")" = "$(hash "$room/k.ytt")"
done
y simulate $tiny -n 3000 --until-se 0.001 --to 2001-12 -o "$room/e.ytt" --json
is "--until-se: worlds that agree do not say that all would" python3 -c "
import json; d = json.load(open('$room/out'))
assert d['standard_error'] == 0 and 1000 < d['worlds'] < 3000"

# ------------------------------------------------------------------------------ replay
# count of what happened in a world, alone and in the ensemble
happened="SELECT kind, count(*) FROM event WHERE run = RUN AND kind IN (SELECT name FROM outcome) GROUP BY 1 ORDER BY 1"
kept="SELECT name, cast(sum(value) AS INTEGER) FROM outcome WHERE run = RUN AND region <> 'outside' AND unit = 'number' GROUP BY 1 HAVING sum(value) > 0 ORDER BY 1"
for run in 0 17 255 299; do
    y replay "$room/a.ytt" --run $run -o "$room/world-$run.ytt"
    is "replay $run: done" gives 0
    alone=$(python3 - "$room/a.ytt" "$room/world-$run.ytt" "${happened//RUN/$run}" "${kept//RUN/$run}" <<'EOF'
import sqlite3, sys
ensemble, world = (sqlite3.connect(f"file:{p}?mode=ro", uri=True) for p in sys.argv[1:3])
names = {n for n, in ensemble.execute("SELECT DISTINCT name FROM outcome WHERE unit = 'number'")}
question = sys.argv[3].replace("AND kind IN (SELECT name FROM outcome)", "")
alone = [row for row in world.execute(question) if row[0] in names]
kept = list(ensemble.execute(sys.argv[4]))
assert alone, "nothing happened"
print("same" if alone == kept else f"{alone} and {kept}")
EOF
    )
    is "replay $run: what happens is what the ensemble counted: $alone" test "$alone" = same
    y replay "$room/merged.ytt" --run $run -o "$room/again.ytt" --force
    is "replay $run: the same from a merged file" \
        test "$(fact "$room/again.ytt" state_hash)" = "$(fact "$room/world-$run.ytt" state_hash)"
done
is "replay: worlds differ" \
    test "$(fact "$room/world-0.ytt" state_hash)" != "$(fact "$room/world-17.ytt" state_hash)"
is "replay: all of a world is the same run" \
    test "$(ask "$room/world-17.ytt" "SELECT DISTINCT run FROM event UNION SELECT DISTINCT run FROM series WHERE month = '2005-01'")" = 17
y replay "$room/a.ytt" --run 17 --trace
is "replay --trace: month and words" grep -qE '^20[0-9]{2}-[0-9]{2}  [a-z]' "$room/out"
y replay "$room/a.ytt" --run 300
is "replay: no such world: exit 2" gives 2
is "replay: no such world: says which there are" err_has "worlds 0 to 299"
y replay "$room/a.ytt"
is "replay: which?: exit 2" gives 2
y replay "$room/run.ytt" --run 0
is "replay of a run: exit 3" gives 3
is "replay of a run: says so" err_has "is no result of ytterby simulate"
y replay "$room/a.ytt" --run 0 --case cases/rare-earths
is "replay of another case: exit 3" gives 3
is "replay of another case: says so" err_has "is not the case of this ensemble any more"
y simulate $tiny -n 64 -o "$room/set.ytt" --overlay policies/no_quota.yaml \
    --set 'parameter[discount].value=0.99' --set 'parameter[discount].note=a, b'
y replay "$room/set.ytt" --run 3
is "replay: with overlays and changes" gives 0
cp -r $tiny "$room/moved"
y replay "$room/a.ytt" --run 3 --case "$room/moved"
is "replay: a case that has moved" gives 0
y simulate $tiny -n 64 --to 2006-12 -o "$room/short.ytt"
y replay "$room/short.ytt" --run 3 -o "$room/short-3.ytt"
is "replay: as far as the ensemble went" test "$(fact "$room/short-3.ytt" end)" = 2006-12

# ------------------------------------------------------------------------------ memory
kilobytes() { # ARGUMENT...
    python3 - "$program" "$@" <<'EOF'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
EOF
}
# a sanitizer keeps freed memory for a while, and would be taken for a leak
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1"
few=$(kilobytes simulate $tiny -n 128 --threads 1 -o "$room/few.ytt")
many=$(kilobytes simulate $tiny -n 1280 --threads 1 -o "$room/many.ytt")
is "memory does not grow with worlds ($few kB for 128, $many kB for 1280)" \
    test $((many * 100)) -lt $((few * 125 + 400000))
few=$(kilobytes merge "$room/few.ytt" -o "$room/few2.ytt")
many=$(kilobytes merge "$room/many.ytt" -o "$room/many2.ytt")
is "nor does that of merge ($few kB, $many kB)" test $((many * 100)) -lt $((few * 125 + 400000))

echo "ensemble.sh: $checks checks, $failures failed"
[ $failures -eq 0 ]
