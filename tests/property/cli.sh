#!/bin/bash
# cli.sh PROGRAM - what a user may rely on: exit codes, streams, messages, tables, completion.
set -u
source "$(dirname "$0")/../script.sh" "$@"
tiny=tests/cases/tiny
export TERM=xterm
unset NO_COLOR COLUMNS

out_is_empty() { [ ! -s "$room/out" ]; }
err_is_empty() { [ ! -s "$room/err" ]; }
# json EXPRESSION: a Python expression about d, the document on standard output
json() { python3 -c "import json,sys; d=json.load(open('$room/out')); sys.exit(not ($1))"; }
fits() { awk -v w="$1" '{gsub(/[\200-\277]/, "")} length($0) > w {exit 1}' "$room/out"; }

# ------------------------------------------------------------- words, help and exit codes
y
is "alone: ten lines at most" test "$(wc -l <"$room/out")" -le 11
is "alone: says where help is" out_has "ytterby help"
is "alone: done" gives 0

y chekc
is "unknown command: exit 2" gives 2
is "unknown command: the nearest" err_has "did you mean 'check'?"
is "unknown command: nothing on stdout" out_is_empty

y check --strickt $tiny
is "unknown option: exit 2" gives 2
is "unknown option: the nearest" err_has "did you mean --strict?"
y check -x $tiny
is "unknown letter: exit 2" gives 2
y run $tiny -o "$room/early.ytt" --to 1999-12
is "a last month before the first: exit 2" gives 2
is "a last month before the first: named" err_has "2000-01 to 2009-12"
y run $tiny -o "$room/late.ytt" --to 2010-01
is "a last month after the last: exit 2" gives 2
y show $tiny facilities --where region=EAST
is "no such row: said" err_has "no row has region 'EAST'; did you mean 'east'?"
y run $tiny -o
is "missing value: exit 2" gives 2
y check --strict=yes $tiny
is "a flag takes no value" gives 2
y check
is "missing operand: exit 2" gives 2
is "missing operand: the usage" err_has "ytterby check CASE"
y check $tiny more
is "too many operands: exit 2" gives 2
y run $tiny
is "run without a place for the result: exit 2" gives 2
y check --stric $tiny
is "options cannot be abbreviated" gives 2

for command in check run simulate merge replay report compare show query export explain clear version help completion; do
    y help $command
    is "help $command" gives 0
    is "help $command has its exit codes" out_has "EXIT STATUS"
    is "help $command fits 80 columns" fits 80
    y $command --help
    is "$command --help is the page" out_has "ytterby $command -"
done
y help ytterby
is "help ytterby" out_has "EXIT STATUS"
y help chekc
is "help of nothing: exit 2" gives 2
y --help
is "--help lists commands" out_has "completion"
y --version
is "--version" out_has "ytterby "
y version --build
is "version --build names the compiler" out_has "compiler"
y version --json
is "version --json" json "d['schema'] == 'ytterby/version/1' and d['sqlite']"

# every option of the tables is in its manual page, and the other way round
for command in check run simulate merge replay report compare show query export explain clear version help; do
    "$program" completion fish | sed -nE \
        "s/^complete -c ytterby -n '__fish_seen_subcommand_from $command' -l ([a-z-]+).*/\1/p" |
        grep -vE '^(help|quiet|verbose|no-color)$' | sort >"$room/table"
    grep -oE -- '--[a-z][a-z-]+' docs/man/$command.md | sed 's/^--//' | sort -u |
        grep -vE '^(help|quiet|verbose|no-color)$' >"$room/page"
    missing=$(comm -23 "$room/table" "$room/page")
    is "docs/man/$command.md has all options (lacks: $missing)" test -z "$missing"
    if [ "$command" != help ]; then
        extra=$(sed -n '/^## OPTIONS/,/^## EX/p' docs/man/$command.md |
            grep -oE -- '--[a-z][a-z-]+' | sed 's/^--//' | sort -u |
            grep -vE '^(help|quiet|verbose|no-color)$' | comm -13 "$room/table" -)
        is "docs/man/$command.md has no other options (has: $extra)" test -z "$extra"
    fi
done

# ------------------------------------------------------------------------------- check
y check $tiny
is "check: sound" gives 0
is "check: months" out_has "2000-01 to 2009-12"
is "check: facilities" out_has "with a capacity"
is "check: elements" out_has "closure"
is "check: grades" out_has " D "
y check -q $tiny
is "check -q says nothing" out_is_empty
is "check -q says nothing on stderr either" err_is_empty
y check $tiny --json
is "check --json" json "d['schema'] == 'ytterby/check/1' and d['case'] == 'tiny' and d['messages'] == []"
is "check --json: closure" json "d['closure']['worst'] < 1e-9"
y check $tiny/case.yaml
is "check of case.yaml" gives 0
y check $room/nothing
is "no such case: exit 5" gives 5
cp -r $tiny "$room/broken"
sed -i '2s/,10,/,ten,/' "$room/broken/regions.csv"
y check "$room/broken"
is "a wrong number: exit 3" gives 3
is "a wrong number: file:line:column" grep -qE 'regions\.csv:2:[0-9]+: error: ' "$room/err"
is "messages have no colour off a terminal" bash -c "! grep -q $'\033' '$room/err'"
y check "$room/broken" --json
is "errors as JSON" json "d['schema'] == 'ytterby/error/1' and d['exit_code'] == 3 and d['messages'][0]['line'] == 2"
is "errors as JSON: nothing on stderr" err_is_empty
y check $tiny --nonsense --json
is "usage errors as JSON too" json "d['exit_code'] == 2"
for i in $(seq 2 40); do echo "r$i,R,,x,y,"; done >>"$room/broken/regions.csv"
y check "$room/broken"
is "at most twenty lines and a count" test "$(wc -l <"$room/err")" -le 22
is "the count" err_has "more errors"
y check -v "$room/broken"
is "-v prints all" test "$(wc -l <"$room/err")" -gt 40
y check $tiny --set 'no_such_table[x].y=1'
is "--set on an unknown table: exit 3 or 2" test "$code" -eq 3 -o "$code" -eq 2
y check $tiny -o "$room/summary"
is "-o writes the file" grep -q tiny "$room/summary"

# -------------------------------------------------------------------------------- show
y show $tiny
is "show lists tables" out_has "facility_fact"
y show $tiny facilities --csv
cp "$room/out" "$room/plural"
y show $tiny facility --csv
is "plural and singular are the same" cmp -s "$room/out" "$room/plural"
y show $tiny facilities.csv --csv
is "so is the file's name" cmp -s "$room/out" "$room/plural"
y show $tiny facilities --where region=east --columns id,region --csv
is "where" bash -c "! grep -q west '$room/out'"
is "columns" test "$(head -1 "$room/out")" = id,region
y show $tiny facilities --where regoin=east
is "where an unknown column: exit 2" gives 2
is "where an unknown column: the nearest" err_has "did you mean 'region'?"
y show $tiny facilites
is "an unknown table: the nearest" err_has "did you mean"
y show $tiny facilities --json
is "show --json" json "len(d['facility']) > 1 and any(isinstance(r['capacity'], (int, float)) for r in d['facility'])"
y show $tiny facilities --facts --csv
is "facts" out_has "facility,item,from"
y show --schema facility_fact
is "schema: items" out_has "announced_capacity"
y show --schema --json
is "schema of all tables" json "len(d['tables']) >= 40"
COLUMNS=80 y show $tiny facilities
is "a table fits 80 columns" fits 80
COLUMNS=60 y show $tiny sources
is "a table fits 60 columns" fits 60
y show $tiny facilities --csv --json
is "two formats at once: exit 2" gives 2

# ----------------------------------------------------------------------------- explain
for word in price price_export price_import price_paid dual permit ask certificate balance \
    complementarity gap thrift cover anchor panic news HHI disposal grade REO cover \
    facility_fact.capacity facility.region run 3 YT_EDATA 'exit code' censored 'break-free date' \
    'common random numbers' replicate 'standard error' 'independence ratio' fan block world \
    break_free_year independence_YEAR independence_2030 outcome.broken_month plant_opened \
    fan.know_how simulate merge replay; do
    y explain "$word"
    is "explain $word" test "$code" -eq 0 -o "$word" = 'exit code'
done
y explain prise
is "explain nothing: exit 2" gives 2
is "explain nothing: the nearest" err_has "did you mean"
y explain
is "explain lists names" out_has "thrift"
y explain independence_YEAR --json
is "explain of an outcome: once" json "sum('outcome' in m['kind'] for m in d['meanings']) == 1"
y explain independence_20300
is "explain of an outcome of no year: exit 2" gives 2
y explain critical_short
is "explain of an outcome of a shock" out_has "of critical use"
y explain exposure
is "explain of a view" out_has "view of a result"
y explain thrift --json
is "explain --json" json "'thrift' in d['meanings'][0]['name']"
y explain east --case $tiny
is "explain an identifier of a case" out_has "East Shore"

# ------------------------------------------------------------------------ run and result
y run $tiny -o "$room/tiny.ytt"
is "run" gives 0
is "run says how exact" err_has "certified"
y run $tiny -o "$room/tiny.ytt"
is "a result is not overwritten" test "$code" -ne 0
y run $tiny -o "$room/tiny.ytt" --force --json
is "run --json, with --force" json "d['worst_certificate'] <= 1e-8 and d['worst_closure'] <= 1e-8"
y run $tiny -o "$room/no/such/folder/x.ytt"
is "a place that is not there: exit 5" gives 5
y run $tiny -o "$room/x.ytt" --seed x
is "a wrong seed: exit 2" gives 2
y query "$room/tiny.ytt" "SELECT count(*) AS n FROM series"
is "query" gives 0
y query "$room/broken/regions.csv" "SELECT 1"
is "query of no result" test "$code" -eq 3 -o "$code" -eq 5
y query "$room/tiny.ytt" "SELEC 1"
is "wrong SQL" test "$code" -ne 0

# ------------------------------------------------------------------------------- clear
# bread TONNES COST CAPACITY: bakers want so much wheat, the mill pays or earns so much a tonne
bread() {
    echo '{"markets": ["wheat"], "supply": ['"$1"'], "activities": [{"name": "mill",
          "column": {"wheat": 1}, "cost": '"$2"', "slope": 0, "capacity": '"$3"'}]}' >"$room/bread.json"
    y clear "$room/bread.json"
}
bread -5 2 9
is "clear: optimal" json "d['status'] == 'optimal' and abs(d['objective'] - 10) < 1e-9"
is "clear: exit 0" gives 0
bread -5 2 4
is "clear: infeasible, with a ray" json "d['status'] == 'infeasible' and d['ray'][0] > 0"
is "clear: infeasible: exit 1" gives 1
bread 5 -2 null
is "clear: unbounded" json "d['status'] == 'unbounded'"
is "clear: unbounded: exit 1" gives 1

# ------------------------------------------------------------------------ streams, signals
"$program" show --schema >/dev/full 2>"$room/err"
is "a full disk: exit 5" test $? -eq 5
is "a full disk is told" err_has "could not be written"
"$program" show --schema >&- 2>"$room/err"
is "closed standard output: exit 5" test $? -eq 5
"$program" show $tiny --csv 2>"$room/err" | head -n 1 >/dev/null
is "a reader that has seen enough is no error" test "${PIPESTATUS[0]}" -eq 0 -a ! -s "$room/err"
y show $tiny -o /dev/full --csv
is "-o onto a full disk" test "$code" -ne 0

# -------------------------------------------------------------------------- completion
for shell in bash zsh fish; do
    y completion $shell
    is "completion $shell" gives 0
    is "completion $shell knows options" out_has overlay
done
y completion bsh
is "unknown shell: exit 2" gives 2
complete_in_bash() {
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ytterby
             printf "%s\n" "${COMPREPLY[@]}"' - "$room/bash" ytterby "$@"
}
"$program" completion bash >"$room/bash"
is "bash completes commands" test "$(complete_in_bash ch)" = check
is "bash completes options" test "$(complete_in_bash run --thr ; complete_in_bash check --str)" = --strict -o \
    "$(complete_in_bash check --str)" = --strict
is "bash completes tables" grep -qx facility <(complete_in_bash show facil)
is "bash completes shells" test "$(complete_in_bash completion fi)" = fish
if command -v zsh >/dev/null; then
    is "zsh can read its script" zsh -n <("$program" completion zsh)
fi
if command -v fish >/dev/null; then
    is "fish can read its script" fish -n <("$program" completion fish)
fi

echo "cli: $((checks - failures)) of $checks checks passed"
[ "$failures" -eq 0 ]
