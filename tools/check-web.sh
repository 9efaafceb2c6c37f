#!/bin/bash
# check-web.sh - web/dist is what web/src gives: types are right, and a fresh build of the
# bundle has the same bytes.  Needs node 18 or later and npm; says so and passes without them
# (YT_REQUIRE_WEB=1: fails instead).
set -u
cd "$(dirname "$0")/.." || exit 2

skip() {
    echo "check-web: skipped, $1"
    [ "${YT_REQUIRE_WEB:-0}" = 0 ]
    exit
}

command -v node >/dev/null || skip "node is not installed"
command -v npm >/dev/null || skip "npm is not installed"
major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
[ "$major" -ge 18 ] || skip "node $(node --version) is older than 18"

copy=$(mktemp -d) || exit 2
trap 'rm -rf "$copy"' EXIT
tar -C web --exclude=./node_modules --exclude=./dist -cf - . | tar -C "$copy" -xf -
if [ -d web/node_modules ]; then
    ln -s "$PWD/web/node_modules" "$copy/node_modules"
elif ! (cd "$copy" && npm ci --no-audit --no-fund --fetch-retries=1 >npm.log 2>&1); then
    skip "npm ci did not work (no network?)"
fi
(cd "$copy" && npx --no-install tsc --noEmit -p .) || exit 1
(cd "$copy" && node build.mjs >/dev/null) || exit 1
bad=0
for name in report.html LICENSES.txt; do
    if ! cmp "$copy/dist/$name" "web/dist/$name"; then
        echo "check-web: web/dist/$name is not what web/src gives: npm run build in web/, commit it"
        bad=1
    fi
done
if grep -q '"resolved"' web/package-lock.json; then
    echo "check-web: package-lock.json names a registry host; install with the .npmrc of web/"
    bad=1
fi
[ $bad -eq 0 ] && echo "web: the bundle comes from its source"
exit $bad
