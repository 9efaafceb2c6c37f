#!/bin/bash
# web_bundle.sh - the committed bundle comes from its source (tools/check-web.sh); inside the
# test suite only where web/node_modules is there already, so that tests need no network.
cd "$(dirname "$0")/../.." || exit 2
if [ $# -gt 0 ] && [ ! -d web/node_modules ]; then
    echo "web_bundle: skipped, npm ci in web/ was not run"
    exit 0
fi
exec tools/check-web.sh
