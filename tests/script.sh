# script.sh - sourced by the whole-program checks: run the program, look at what it did.
#   source tests/script.sh PROGRAM     goes to the root of the repository and makes $room
program=$(readlink -f "${1:-./ytterby}")
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
room=$(mktemp -d)
trap 'chmod -R u+w "$room"; rm -rf "$room"' EXIT
export LC_ALL=C.UTF-8
checks=0
failures=0

# is NAME CONDITION...
is() {
    local name=$1
    shift
    checks=$((checks + 1))
    if ! "$@"; then
        failures=$((failures + 1))
        echo "failed: $name"
        echo "  out: $(head -c 300 "$room/out" 2>/dev/null | head -n 5)"
        echo "  err: $(head -c 300 "$room/err" 2>/dev/null | head -n 5)"
    fi
}

# y ARGUMENT...: runs the program; $code, $room/out, $room/err
y() {
    "$program" "$@" >"$room/out" 2>"$room/err" </dev/null
    code=$?
}
gives() { [ "$code" -eq "$1" ]; }
out_has() { grep -qF -- "$1" "$room/out"; }
err_has() { grep -qF -- "$1" "$room/err"; }
