"""check_export.py STORE CSV_FOLDER XLSX JSON - do three exports say what the store says?

Standard library only.  Run by the unit test of the export.
"""

import csv
import json
import math
import pathlib
import re
import sqlite3
import sys
import xml.etree.ElementTree as xml
import zipfile

errors = []
checked = 0
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
csv.field_size_limit(1 << 30)


def is_same(name, got, due):
    global checked
    checked += 1
    if got != due:
        errors.append(f"{name}: {got!r} where {due!r} is due")


def shown(text):
    """As CSV and workbook show a text: control characters as \\xNN, but line feed and tab."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", lambda m: "\\x%02X" % ord(m.group()), text)


def csv_cell(value):
    if value is None:
        return ""
    if isinstance(value, str):
        text = shown(value)
        return "'" + text if value[:1] in set("=+-@\t\r") and value else text
    return value


def check_csv(db, folder, views):
    files = {p.stem for p in folder.iterdir()}
    is_same("csv files", files, set(views) | {"columns"})
    for view in views:
        rows = db.execute(f'SELECT * FROM "{view}"')
        with open(folder / f"{view}.csv", newline="", encoding="utf-8") as f:
            lines = csv.reader(f)
            is_same(f"{view}.csv header", next(lines), [c[0] for c in rows.description])
            n = 0
            for row, line in zip(rows, lines, strict=True):
                n += 1
                for value, cell in zip(row, line, strict=True):
                    due = csv_cell(value)
                    if isinstance(due, (int, float)):
                        is_same(f"{view}.csv line {n}", float(cell), float(due))
                    else:
                        is_same(f"{view}.csv line {n}", cell, due)


def check_json(db, path, views):
    document = json.loads(path.read_text(encoding="utf-8"))
    is_same("json schema", document["schema"], "ytterby/store/1")
    is_same("json views", set(document["views"]), set(views))
    for view in views:
        part = document["views"][view]
        rows = db.execute(f'SELECT * FROM "{view}"')
        is_same(f"json {view} columns", part["columns"], [c[0] for c in rows.description])
        is_same(f"json {view} units", len(part["units"]), len(part["columns"]))
        is_same(f"json {view} rows", part["rows"], [list(r) for r in rows])


def sheets_of(path):
    """Name to rows of cells: text, number or None."""
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        book = xml.fromstring(z.read("xl/workbook.xml"))
        for i, sheet in enumerate(book.find(MAIN + "sheets"), start=1):
            root = xml.fromstring(z.read(f"xl/worksheets/sheet{i}.xml"))
            rows = []
            for row in root.find(MAIN + "sheetData"):
                cells = {}
                for c in row:
                    column = 0
                    for letter in re.match("[A-Z]+", c.get("r")).group():
                        column = column * 26 + ord(letter) - 64
                    if c.find(MAIN + "f") is not None:
                        errors.append(f"sheet {i} holds a formula")
                    text = c.find(MAIN + "is")
                    value = c.find(MAIN + "v")
                    if text is not None:
                        cells[column - 1] = "".join(t.text or "" for t in text.iter(MAIN + "t"))
                    elif value is not None:
                        cells[column - 1] = float(value.text)
                rows.append(cells)
            yield sheet.get("name"), rows


def check_pivot(db, name, rows, keys, measures):
    """Back to long form, and compare with the view."""
    header = rows[0]
    width = max(header) + 1
    months = {c: header[c] for c in range(width) if re.fullmatch(r"\d{4}-\d\d", header[c])}
    first = min(months)
    due = {}
    for row in db.execute(f'SELECT run, {", ".join(keys)}, month, {", ".join(measures)} FROM "{name}"'):
        for measure, value in zip(measures, row[-len(measures):]):
            if value is not None:
                due[(row[0], *(k or "" for k in row[1:-len(measures) - 1]), measure,
                     row[-len(measures) - 1])] = value
    got = {}
    for row in rows[1:]:
        key = tuple(row.get(c, "") for c in range(1, 1 + len(keys)))
        measure = row[first - 2] if len(measures) > 1 else measures[0]
        for c, month in months.items():
            if c in row:
                got[(int(row[0]), *key, measure, month)] = row[c]
    is_same(f"sheet {name} cells", set(got), set(due))
    for key, value in due.items():
        cell = got.get(key)
        if isinstance(value, str):
            is_same(f"sheet {name} {key}", cell, value)
        else: # 16 digits are what the format is written with
            close = cell is not None and math.isclose(cell, value, rel_tol=1e-15, abs_tol=1e-300)
            is_same(f"sheet {name} {key}: {cell} for {value}", close, True)


def check_long(db, name, rows):
    found = db.execute(f'SELECT * FROM "{name}"')
    columns = [c[0] for c in found.description]
    is_same(f"sheet {name} header", [rows[0][c].split(",")[0] for c in range(len(columns))], columns)
    lines = list(found)
    is_same(f"sheet {name} rows", len(rows) - 1, len(lines))
    for row, line in zip(rows[1:], lines):
        for c, value in enumerate(line):
            cell = row.get(c)
            if isinstance(value, str):
                is_same(f"sheet {name}", cell or "", shown(value))
            elif value is None:
                is_same(f"sheet {name}", cell, None)
            else:
                is_same(f"sheet {name}", math.isclose(cell, value, rel_tol=1e-15), True)


def check_xlsx(db, path, views):
    pivots = {
        "series": (["variable", "region", "commodity", "unit", "commodity_id"], ["value"]),
        "flow": (["commodity", "origin", "destination", "kind", "commodity_id"], ["tonnes", "cif_usd_per_t"]),
        "facility_month": (["facility"], ["output", "capacity", "status"]),
        "use": (["end_use", "region", "tier"], ["wanted", "served"]),
        "use_commodity": (["end_use", "region", "commodity", "tier", "commodity_id"], ["wanted", "served"]),
    }
    seen = set()
    for name, rows in sheets_of(path):
        seen.add(name)
        if name in pivots:
            check_pivot(db, name, rows, *pivots[name])
        elif name != "README":
            check_long(db, name, rows)
        else:
            is_same("README has the manifest", any("case_hash" in r.values() for r in rows), True)
    due = {v for v in views if v not in ("entity", "month", "manifest")
           and db.execute(f'SELECT count(*) FROM "{v}"').fetchone()[0]}
    is_same("sheets", seen, due | {"README"})


def main():
    store, folder, book, document = map(pathlib.Path, sys.argv[1:5])
    db = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    views = [r[0] for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'view'")]
    check_csv(db, folder, views)
    check_json(db, document, views)
    check_xlsx(db, book, views)
    for error in errors[:20]:
        print(error)
    print(f"{checked} values compared, {len(errors)} differ")
    sys.exit(bool(errors))


main()
