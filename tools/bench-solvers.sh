#!/bin/bash
# bench-solvers.sh FOLDER - an environment with the solvers that the bench compares with.
#
# Installs tests/bench/solvers.txt one by one into FOLDER, and says which cannot be had; the bench
# then goes on without them.  Does nothing when the list has been installed before.
set -u
folder=${1:?folder}
cd "$(dirname "$0")/.." || exit 2
list=tests/bench/solvers.txt
cmp -s "$list" "$folder/installed.txt" && exit 0
if ! python3 -m venv "$folder" >/dev/null 2>&1; then
    echo "bench-solvers: python3 cannot make an environment (Debian: apt-get install python3-venv)" >&2
    exit 1
fi
missing=0
while read -r package; do
    case $package in '' | '#'*) continue ;; esac
    if ! "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: \
        "$package" >"$folder/install.log" 2>&1; then
        echo "bench-solvers: not available: $package ($(tail -1 "$folder/install.log"))" >&2
        missing=1
    fi
done <"$list"
[ $missing -eq 0 ] && cp "$list" "$folder/installed.txt"
exit 0
