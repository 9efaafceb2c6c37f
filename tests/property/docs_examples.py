#!/usr/bin/env python3
"""docs_examples.py PROGRAM - runs the examples of README.md, docs/man/*.md and docs/guide/*.md.

Every ```sh block (with pandas at hand every ```python block as well) runs in a copy of what a
reader has: the cases, in a folder of its own.  All lines of a block must end with 0, except one
that says otherwise: "# exit 3".  A block that begins with "# long" runs only when YT_LONG is
set; "# not run" says so of what a test cannot do.
"""
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```", re.M | re.S)


def blocks():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs/man").glob("*.md")),
                 *sorted((ROOT / "docs/guide").glob("*.md"))]:
        if not page.exists():
            continue
        text = page.read_text()
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 2
            name = f"{page.relative_to(ROOT)}:{line}"
            if match.group(1) == "sh":
                yield name, match.group(2)
            elif importlib.util.find_spec("pandas"):
                # Python examples find a result
                yield name, ("ytterby run tests/cases/tiny -o base.ytt -q\n"
                             f"{sys.executable} - <<'EOT'\n{match.group(2)}EOT\n")


def script(block):
    """The block, stopping at the first line that does not end as it should."""
    lines = ["set -euo pipefail"]
    for line in block.splitlines():
        due = re.search(r"#\s*exit (\d+)", line)
        if due:
            line = (f"if {line.split('#')[0]}; then code=0; else code=$?; fi; "
                    f"[ $code -eq {due.group(1)} ]")
        lines.append(line)
    return "\n".join(lines)


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    failures = done = skipped = 0
    for name, block in blocks():
        first = block.splitlines()[0] if block.strip() else ""
        if "# not run" in first or ("# long" in first and not os.environ.get("YT_LONG")):
            skipped += 1
            continue
        with tempfile.TemporaryDirectory() as room:
            (pathlib.Path(room) / "tests").mkdir()
            shutil.copytree(ROOT / "tests/cases", pathlib.Path(room) / "tests/cases")
            os.symlink(ROOT / "cases", pathlib.Path(room) / "cases")
            bin_folder = pathlib.Path(room) / ".bin"
            bin_folder.mkdir()
            os.symlink(program, bin_folder / "ytterby")
            os.symlink(program, pathlib.Path(room) / "ytterby")
            environment = dict(os.environ, PATH=f"{bin_folder}:{os.environ['PATH']}")
            try:
                answer = subprocess.run(["bash", "-c", script(block)], cwd=room, env=environment,
                                        stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                        errors="replace", timeout=600)
                code, said = answer.returncode, answer.stderr
            except subprocess.TimeoutExpired:
                code, said = -1, "took more than ten minutes"
        done += 1
        if code != 0:
            failures += 1
            print(f"failed: {name}: {said.strip()[-500:]}")
    print(f"examples: {done - failures} of {done} end as they should, {skipped} not run")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
