#!/bin/bash
# install-deps.sh - install the Debian packages that building and testing need, if missing.
#
#   tools/install-deps.sh          what `make`, `make demo` and `make test` need
#   tools/install-deps.sh --ci     also a second compiler, the format checker, a second solver to
#                                  compare with, locales, and what builds the report's charts
set -eu

packages="build-essential cmake ninja-build pkg-config git python3
    libyaml-dev libjansson-dev libsqlite3-dev libxlsxwriter-dev zlib1g-dev libmd-dev
    libcmocka-dev libmpfr-dev sqlite3"
if [ "${1:-}" = --ci ]; then
    packages="$packages clang clang-format python3-cvxopt python3-scipy locales"
    # a machine may have them from elsewhere, which the packages would contradict
    command -v node >/dev/null || packages="$packages nodejs"
    command -v npm >/dev/null || packages="$packages npm"
fi

missing=""
for p in $packages; do
    case "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null || true)" in
    *" installed") ;;
    *) missing="$missing $p" ;;
    esac
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "These Debian packages (or their like on this system) are missing:$missing" >&2
    echo "Install them with your package manager and try again." >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo"
elif command -v sudo >/dev/null && [ -t 0 ]; then
    as_root="sudo"
else
    echo "Packages are missing and only root may install them.  As root:" >&2
    echo "    apt-get install$missing" >&2
    exit 1
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
if ! $as_root apt-get install -y --no-install-recommends $missing >/dev/null 2>&1; then
    # the lists of a fresh machine are empty
    $as_root apt-get update -qq || echo "apt-get update failed; trying with the lists at hand" >&2
    $as_root apt-get install -y --no-install-recommends $missing >/dev/null || {
        echo "apt-get could not install:$missing" >&2
        exit 1
    }
fi
