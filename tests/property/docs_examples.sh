#!/bin/bash
# docs_examples.sh PROGRAM - the examples of the documentation still work.
exec python3 "$(dirname "$0")/docs_examples.py" "${1:-./ytterby}"
