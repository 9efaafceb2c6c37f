#!/usr/bin/env python3
"""ensemble_hash.py RESULT... - a hash of what each ensemble says of its worlds.

Outcomes of every world, quantiles and blocks, numbers to the last bit; not when and by which
command they were made.
"""
import hashlib
import sqlite3
import struct
import sys

QUESTIONS = [
    "SELECT run, name, region, stage, value, unit, censored FROM outcome"
    " ORDER BY run, name, region, stage",
    "SELECT variable, region, commodity, month, quantile, value, unit FROM fan"
    " ORDER BY variable, region, commodity, month, quantile",
    "SELECT block, first_run, runs FROM f_block ORDER BY block",
    "SELECT key, value FROM manifest WHERE key IN"
    " ('runs', 'worlds', 'seed', 'case_hash', 'broken_worlds', 'headline') ORDER BY key",
]


def bits(value):
    return struct.pack("<d", value) if isinstance(value, float) else repr(value).encode()


def main():
    for path in sys.argv[1:]:
        store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        digest = hashlib.sha256()
        rows = 0
        for question in QUESTIONS:
            for row in store.execute(question):
                digest.update(b"|".join(bits(value) for value in row) + b"\n")
                rows += 1
        if rows < 100:
            sys.exit(f"{path}: only {rows} rows: too few to say anything")
        print(digest.hexdigest()[:16])


main()
