#!/bin/bash
# same_bits.sh PROGRAM... - the same case gives the same bits with every program and locale.
#
# Compares the state hash of the last month that each result's manifest holds.
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

for case in "$root/tests/cases/tiny" "$root/cases/rare-earths"; do
    first=""
    for program in "$@"; do
        for locale in $locales; do
            bits=$(LC_ALL=$locale hash "$program" "$case")
            first=${first:-$bits}
            if [ "$bits" != "$first" ] || [ -z "$bits" ]; then
                echo "$(basename "$case"): $program ($locale) gives $bits, the first one gave $first"
                failed=$((failed + 1))
            fi
        done
    done
    echo "$(basename "$case"): $first"
done
exit $((failed > 0))
