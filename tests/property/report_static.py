"""report_static.py PROGRAM - what a report may not do, whatever the names in a result are.

One file, nothing loaded from elsewhere, data never run, names never markup; it draws from
file:// without an error on the console (where Chromium is installed, else that is skipped).
"""

import base64
import hashlib
import html
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import synthetic_store  # noqa: E402

bad = []


def check(is_true, what):
    if not is_true:
        bad.append(what)


class Page(html.parser.HTMLParser):
    """Elements in order, and the text of each script."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.elements, self.scripts, self.inside = [], [], None

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "script":
            self.inside = [dict(attributes), ""]

    def handle_data(self, data):
        if self.inside:
            self.inside[1] += data

    def handle_endtag(self, tag):
        if tag == "script" and self.inside:
            self.scripts.append(tuple(self.inside))
            self.inside = None


def static_checks(name, text):
    page = Page()
    page.feed(text)
    for tag, attributes in page.elements:
        for key in ("src", "href", "srcset", "action", "data", "poster", "formaction"):
            value = attributes.get(key)
            check(value is None or value.startswith("#"), f"{name}: <{tag} {key}={value!r}> would load something")
        check(not any(key.startswith("on") for key in attributes), f"{name}: <{tag}> has an event attribute")
        check(tag not in ("iframe", "object", "embed", "base", "link", "img"), f"{name}: there is a <{tag}>")
    check(len(page.scripts) == 2, f"{name}: {len(page.scripts)} scripts instead of 2")
    if len(page.scripts) != 2:
        return None
    (data_attributes, data), (_, code) = page.scripts
    check(data_attributes.get("type") == "application/json", f"{name}: the data stand in a script that runs")
    check("<" not in data, f"{name}: a < is left in the data")
    for call in (r"\bfetch\s*\(", r"XMLHttpRequest", r"\bimport\s*\(", r"WebSocket", r"sendBeacon", r"EventSource",
                 r"\beval\s*\(", r"insertAdjacentHTML", r"document\.write"):
        check(not re.search(call, code), f"{name}: the script has {call}")
    policy = next((a.get("content", "") for t, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"), "")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    check("default-src 'none'" in policy, f"{name}: no policy against loading")
    check(f"'sha256-{digest}'" in policy, f"{name}: the policy does not name this script")
    check("@import" not in text and not re.search(r"url\(\s*['\"]?(https?:)?//", text), f"{name}: a style loads something")
    return json.loads(data)


def browse(name, path, expected_title, fewest=12, pictures=None):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        print(f"report_static: {name}: Chromium is not installed, drawing is skipped")
        return
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             f"--user-data-dir={folder}", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=10000",
             "--window-size=1280,9000", "--dump-dom", f"file://{os.path.abspath(path)}?all"],
            capture_output=True, text=True, timeout=180)
    if not run.stdout.strip():
        print(f"report_static: {name}: Chromium did not start here, drawing is skipped")
        return
    for line in run.stderr.splitlines():
        check("CONSOLE" not in line, f"{name}: the console says {line}")
    drawn = re.sub(r"<script.*?</script>", "", run.stdout, flags=re.S)
    title = re.search(r"<title>(.*?)</title>", drawn, re.S)
    check(title and html.unescape(title.group(1)) == expected_title, f"{name}: the title became {title and title.group(1)!r}")
    check("could not be drawn" not in drawn, f"{name}: a part could not be drawn")
    check("<img" not in drawn, f"{name}: a name became an element")
    check(drawn.count("<figure") >= fewest, f"{name}: only {drawn.count('<figure')} charts")
    check(drawn.count("<svg") >= (fewest if pictures is None else pictures), f"{name}: only {drawn.count('<svg')} pictures were drawn")


def own_sources():
    """Names become text nodes: our own sources never hand text to the parser."""
    for name in sorted(os.listdir("web/src")):
        with open(os.path.join("web/src", name), encoding="utf-8") as f:
            text = f.read()
        check(not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|DOMParser|document\.write", text), f"web/src/{name} makes markup of text")


def ensembles(program, folder):
    """The page of an ensemble, and of two compared."""
    first, second = os.path.join(folder, "first.ytt"), os.path.join(folder, "second.ytt")
    for store, extra in ((first, []), (second, ["--set", "parameter[discount].value=0.99"])):
        subprocess.run([program, "simulate", "tests/cases/tiny", "-n", "64", "-o", store, "-q", *extra], check=True)
    turned = os.path.join(folder, "turned.ytt")
    subprocess.run([program, "tornado", first, "-o", turned, "--top", "2", "-q"], check=True)
    for name, stores in (("ensemble", [turned]), ("two ensembles", [turned, second])):
        page = os.path.join(folder, name + ".html")
        run = subprocess.run([program, "report", *stores, "-o", page], capture_output=True, text=True)
        check(run.returncode == 0, f"{name}: report ends with {run.returncode}: {run.stderr}")
        if run.returncode:
            continue
        with open(page, encoding="utf-8") as f:
            text = f.read()
        view = static_checks(name, text)
        if view:
            check(view["schema"] == "ytterby/ensemble/1", f"{name}: schema {view['schema']}")
            check(view["worlds"] == 64 and view["tornado"], f"{name}: worlds or bars are missing")
            check(all("±" in x["answer"] or "±" in x["detail"] or "%" in x["detail"] for x in view["cards"]
                      if x["id"] in ("break_free", "independence", "boom", "projects")), f"{name}: an answer without its error")
            check(("other" in view) == (len(stores) == 2), f"{name}: compared or not")
            browse(name, page, dict(view["manifest"])["title"], 9)
    run = subprocess.run([program, "report", first, "/dev/null"], capture_output=True, text=True)
    check(run.returncode != 0, "an ensemble and something else make a page")


LINES = """product,region,good,per_unit,unit,output,stock_months
<img src=x onerror=alert(1)>,west,metal_x,1.2,kg,10000,2
=1+1,west,Y,30,g,10000,1
"""


def backtest_is_told(view, text):
    """Misses first; what is counted on the first screen is what is in the lists."""
    targets = view["targets"]
    verdicts = [t["inside"] if t["worlds"] else 2 for t in targets]
    check(verdicts == sorted(verdicts), "backtest: a target that is met stands before one that is missed")
    off = [t["off"] for t in targets if t["worlds"] and not t["inside"]]
    check(off == sorted(off, reverse=True) and all(x > 1 for x in off), f"backtest: misses in the order {off}")
    scored = [r for r in view["rows"] if r["verdict"] in ("covered", "missed")]
    check(scored, "backtest: no row is scored")
    check(sum(t["rows"] for t in view["tenths"]) == len(scored), "backtest: the histogram counts other rows than are scored")
    for r in scored:
        overlaps = r["low"] <= r["q90"] and r["high"] >= r["q10"]
        check(overlaps == (r["verdict"] == "covered"), f"backtest: {r['product']} {r['period']} is called {r['verdict']}")
    check(view["bandYears"] and view["accepted"], "backtest: worlds that decide or accepted worlds are missing")
    check("Targets of events, misses first" in text, "backtest: without script no table")


def shock_is_told(view, text):
    """Tiers month by month add up to what is missing in all."""
    numbers = {(n["v"], n["r"], n["about"]): n for n in view["numbers"]}
    paths = [p for p in view["paths"] if p["v"].startswith("missing_")]
    check(paths, "shock: nothing is followed month by month")
    for p in paths:
        whole = numbers[("unmet_" + p["v"][8:], p["r"], p["about"])]["mean"]
        check(abs(sum(p["mean"]) - whole) <= 1e-3 * whole + 1e-6, f"shock: {p['v']} of {p['about']} adds up to {sum(p['mean'])}, not {whole}")
    check(all(len(p["median"]) <= view["months"] + view["watched"] for p in view["paths"]), "shock: a path is too long")
    check(len(view["measures"]) == 8 and len(view["stocks"]) == view["worlds"], "shock: measures or stocks are missing")
    check(len(view["parts"]) == 2, "shock: the bill of materials is missing")
    check(view["headline"] and view["headline"] in text, "shock: the first sentence is missing without script")


def screen_is_told(view, text):
    """What end uses lose adds up to the loss of all."""
    for c in view["cells"]:
        uses = sum(u["loss"] for u in view["uses"] if all(u[k] == c[k] for k in ("element", "origin", "months")))
        check(abs(uses - c["loss"]) <= 1e-4 * abs(c["loss"]) + 20, f"screen: end uses of {c['element']} from {c['origin']} add up to {uses}, not {c['loss']}")
    check(view["cells"] and "Loss of the users that count" in text, "screen: no table")


def studies(program, folder):
    """The pages of a backtest, a shock and a screen."""
    lines = os.path.join(folder, "lines.csv")
    with open(lines, "w", encoding="utf-8") as f:
        f.write(LINES)
    tiny = "tests/cases/tiny"
    for name, command, told, charts in (
            ("backtest", ["backtest", tiny, "-n", "8", "--free-from", "2005-01", "--accept"], backtest_is_told, 6),
            ("shock", ["shock", tiny, "--cut", "east:X->west", "-n", "8", "--measures", "--limit", "0.05", "--bom", lines], shock_is_told, 7),
            ("one-world", ["shock", tiny, "--file", "shocks/strike.yaml"], None, 4),
            ("nothing", ["shock", tiny, "--cut", "west:ore_x->east", "-n", "2"], None, 2),
            ("screen", ["shock", tiny, "--screen", "-n", "2"], screen_is_told, 2)):
        store, page = os.path.join(folder, name + ".ytt"), os.path.join(folder, name + ".html")
        run = subprocess.run([program, *command, "-q", "-o", store], capture_output=True, text=True)
        check(run.returncode == 0, f"{name}: ends with {run.returncode}: {run.stderr}")
        run = subprocess.run([program, "report", store, "-o", page], capture_output=True, text=True)
        check(run.returncode == 0, f"{name}: report ends with {run.returncode}: {run.stderr}")
        if run.returncode:
            continue
        with open(page, encoding="utf-8") as f:
            text = f.read()
        view = static_checks(name, text)
        if view:
            check(view["cards"] and all(c["answer"] for c in view["cards"]), f"{name}: a card without an answer")
            check(not re.search(r"\b(nan|inf)\b", json.dumps(view["cards"]), re.I), f"{name}: a card says nan")
            if told:
                told(view, html.unescape(text))
            browse(name, page, dict(view["manifest"])["title"], charts, pictures=max(1, charts - 2))
        again = subprocess.run([program, "report", store], capture_output=True, text=True)
        check(again.stdout == text, f"{name}: the same result gives another page")
        export = subprocess.run([program, "export", store, "-o", os.path.join(folder, name + ".json")], capture_output=True, text=True)
        check(export.returncode == 0, f"{name}: export ends with {export.returncode}: {export.stderr}")


def main(program):
    own_sources()
    with tempfile.TemporaryDirectory() as folder:
        for name, hostile in (("plain", False), ("hostile", True)):
            store, page = os.path.join(folder, name + ".ytt"), os.path.join(folder, name + ".html")
            synthetic_store.build(store, hostile)
            run = subprocess.run([program, "report", store, "-o", page], capture_output=True, text=True)
            if run.returncode == 6:
                print("report_static: skipped, the program was built without web/dist")
                return 0
            check(run.returncode == 0, f"{name}: report ends with {run.returncode}: {run.stderr}")
            if run.returncode:
                continue
            with open(page, encoding="utf-8") as f:
                text = f.read()
            check(os.listdir(folder).count(name + ".html") == 1, f"{name}: more than one file")
            view = static_checks(name, text)
            if view:
                check(view["schema"] == "ytterby/view/1", f"{name}: schema {view['schema']}")
                title = dict(view["manifest"])["title"]
                browse(name, page, title)
            again = subprocess.run([program, "report", store], capture_output=True, text=True)
            check(again.stdout == text, f"{name}: the same result gives another page")
        if not bad:
            ensembles(program, folder)
        if not bad:
            studies(program, folder)
    for line in bad:
        print("report_static:", line)
    print("report: one file, nothing loaded, nothing run, nothing drawn wrong" if not bad else f"{len(bad)} faults")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "./ytterby"))
