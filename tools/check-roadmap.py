#!/usr/bin/env python3
"""Check that docs/roadmap.md has one sentence for each source file; --fix writes it.

The sentence is the first of the comment a file begins with ("name.c - what it is for."), so the
page and the source cannot disagree.  What stands before the first list is kept.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/roadmap.md"
START = "<!-- files: written by tools/check-roadmap.py --fix -->"

# folder, title, patterns
FOLDERS = [
    ("include", "the public interface", ["include/*.h"]),
    ("src/base", "knows nothing of the subject", None),
    ("src/model", "names and files", None),
    ("src/network", "numbers and layout", None),
    ("src/market", "the clearing solver: knows matrices only", None),
    ("src/sim", "one world; one file for each phase of a month", None),
    ("src/store", "results on disk", None),
    ("src/study", "questions asked of worlds", None),
    ("src/view", "what a reader sees, from results only", None),
    ("cli", "the command line, one file for each command", ["cli/*.c", "cli/*.h", "cli/*.def"]),
    ("web/src", "the charts of the report", ["web/src/*.ts"]),
    ("tools", "build, checks, pictures", ["tools/*"]),
    ("tests", "what tests share", ["tests/*"]),
    ("tests/unit", "small worlds, one point each", ["tests/unit/*"]),
    ("tests/oracle", "answers compared with somebody else's", ["tests/oracle/*"]),
    ("tests/property", "the whole program, and the cases", ["tests/property/*"]),
    ("tests/golden", "small answers kept", ["tests/golden/*"]),
    ("tests/fuzz", "hostile bytes", ["tests/fuzz/*.c", "tests/fuzz/*.h"]),
    ("tests/bench", "speed", ["tests/bench/*"]),
]
SOURCES = {".c", ".h", ".def", ".ts", ".py", ".sh", ".awk", ".cmake", ".mjs"}


def files(folder, patterns):
    patterns = patterns or [f"{folder}/*.c", f"{folder}/*.h", f"{folder}/*.def"]
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return sorted(p for p in set(listed)
                  if pathlib.Path(p).suffix in SOURCES and pathlib.Path(p).parent == pathlib.Path(folder)
                  and (ROOT / p).exists())


def comment(text):
    """The words of the comment a file begins with, on one line."""
    text = re.sub(r"\A#!.*\n", "", text)
    if match := re.match(r'(?:/\*+|""")(.*?)(?:\*/|""")', text, re.S):
        body = re.sub(r"^\s*\* ?", "", match.group(1), flags=re.M)
        body = body.split("\n\n")[0]
    else:
        lines = []
        for line in text.splitlines():
            match = re.match(r"(?://|#) ?(.*)", line)
            if not match or not match.group(1):
                break
            lines.append(match.group(1))
        body = "\n".join(lines)
    return " ".join(body.split())


def sentence(path):
    words = comment((ROOT / path).read_text(errors="replace"))
    name = re.escape(path.name)
    words = re.sub(rf"^{name}(?: .{{0,60}}?)? - ", "", words)
    words = re.split(r"(?<=[a-z0-9)\]?])\.(?:\s|$)|(?<=\?)\s", words)[0].rstrip(". ")
    return words


def lists():
    out, silent = [], []
    for folder, title, patterns in FOLDERS:
        found = files(folder, patterns)
        if not found:
            continue
        out.append(f"## {folder}: {title}\n")
        for name in found:
            path = pathlib.Path(name)
            words = sentence(path)
            if not words:
                silent.append(name)
            out.append(f"- `{path.name}` {words}")
        out.append("")
    return "\n".join(out).rstrip() + "\n", silent


def main():
    page = PAGE.read_text()
    if START not in page:
        print(f"check-roadmap: {PAGE.relative_to(ROOT)} lacks the line {START}")
        return 1
    text, silent = lists()
    for name in silent:
        print(f"{name}: begins without a comment that says what the file is for")
    new = page[:page.index(START)] + START + "\n\n" + text
    if "--fix" in sys.argv[1:]:
        PAGE.write_text(new)
    elif new != page:
        old = set(page.splitlines())
        for line in new.splitlines():
            if line not in old:
                print(f"roadmap lacks: {line}")
        for line in page[page.index(START):].splitlines():
            if line and line not in set(new.splitlines()):
                print(f"roadmap has too much: {line}")
        print("check-roadmap: run tools/check-roadmap.py --fix")
        return 1
    if not silent:
        print("roadmap: one sentence for each source file")
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main())
