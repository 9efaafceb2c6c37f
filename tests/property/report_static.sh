#!/bin/bash
# report_static.sh PROGRAM - the report is one harmless file: see report_static.py
cd "$(dirname "$0")/../.." || exit 2
exec python3 tests/property/report_static.py "${1:-./ytterby}"
