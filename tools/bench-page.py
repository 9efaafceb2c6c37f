#!/usr/bin/env python3
"""Put the tables of the last `make bench` into docs/performance.md, between its two marks.

    tools/bench-page.py [TABLES]        build/bench/tables.md unless told
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/performance.md"
BEGIN, END = "<!-- tables: written by tools/bench-page.py -->", "<!-- tables: end -->"


def main():
    tables = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/bench/tables.md")
    page = PAGE.read_text()
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        print(f"bench-page: {PAGE.name} lacks the marks {BEGIN} and {END}", file=sys.stderr)
        return 1
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables.read_text().strip()}\n\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
