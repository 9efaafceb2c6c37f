#!/bin/bash
# same_bits.sh PROGRAM... - the same case gives the same bits with every program and locale.
#
# Compares the state hash of the last month that each result's manifest holds, and a hash of all
# that a small ensemble says of its worlds.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# a locale with decimal commas, made here where the machine has its source
locales=C
if localedef -i de_DE -f UTF-8 "$work/de_DE.UTF-8" >/dev/null 2>&1; then
    export LOCPATH=$work
    locales="C de_DE.UTF-8"
else
    echo "only in the C locale: there is no source of another (apt-get install locales)"
fi

# hash PROGRAM CASE: the state hash of a run, or the program's complaint
hash() {
    "$1" run "$2" -o "$work/r.ytt" --force -q 2>"$work/messages" || cat "$work/messages"
    "$1" query "$work/r.ytt" "select value from manifest where key = 'state_hash'" --csv | tail -n 1
}

# worlds PROGRAM CASE [OPTION]...: the same of worlds drawn and decided
worlds() {
    "$1" simulate "$2" -o "$work/e.ytt" --force -q "${@:3}" 2>"$work/messages" || cat "$work/messages"
    python3 "$root/tests/property/ensemble_hash.py" "$work/e.ytt" 2>&1
}

programs=("$@")
# same HASH CASE [OPTION]...: one answer from every program and locale
same() {
    local first="" program locale bits name
    name="$(basename "$2") ($1 ${*:3})"
    for program in "${programs[@]}"; do
        for locale in $locales; do
            bits=$(LC_ALL=$locale "$1" "$program" "${@:2}")
            first=${first:-$bits}
            if [ "$bits" != "$first" ] || ! [[ $bits =~ ^[0-9a-f]{16}$ ]]; then
                echo "$name: $program ($locale) gives $bits, the first one gave $first"
                failed=$((failed + 1))
            fi
        done
    done
    echo "$name: $first"
}

same hash "$root/tests/cases/tiny"
same worlds "$root/tests/cases/tiny" -n 192 --threads 2
same hash "$root/cases/rare-earths"
same worlds "$root/cases/rare-earths" -n 4 --to 2010-12 --threads 2
exit $((failed > 0))
