#!/usr/bin/env python3
"""picture.py - the chart of the README: one commodity's price on both sides of a border.

picture.py RESULT COMMODITY INSIDE OUTSIDE OUT.svg [FIRST LAST]

Lines are the model's monthly prices (inside: price; outside: price_import), dots are what was
observed, brought to the money of the model with the deflator of the case.  Log scale.  Only the
standard library: the picture is committed, whoever wants to can make it again.
"""
import html
import math
import sqlite3
import sys

WIDTH, HEIGHT = 860, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 150, 64, 44
COLOUR = {"inside": "#c8501e", "outside": "#0072b2"}


def months(text):
    """Position in years of 2010, 2010-07, 2010-07-26, 2010Q3 or 2010H2; None for others."""
    year = int(text[:4])
    if len(text) == 4:
        return year + 0.5
    if text[4] == "Q":
        return year + (int(text[5]) - 0.5) / 4
    if text[4] == "H":
        return year + (int(text[5]) - 0.5) / 2
    if text[4] == "-" and text[5:7].isdigit():
        return year + (int(text[5:7]) - 0.5) / 12
    return None


def model_line(db, variable, commodity, region):
    rows = db.execute(
        "SELECT month, value FROM series WHERE run = 0 AND variable = ? AND commodity = ?"
        " AND region = ? ORDER BY month", (variable, commodity, region))
    return [(months(month), value / 1000 if value else None) for month, value in rows]


def observed(db, commodity, region):
    """(year, USD/kg of the base year, inside or outside) of dollar prices per kg."""
    deflator = {int(year): float(value) for year, value in db.execute(
        "SELECT year, value FROM deflator")}
    rows = db.execute(
        "SELECT o.period, o.value_low, o.value_high, o.unit, n.view, n.region FROM observation o"
        " JOIN product_name p ON p.product = o.product JOIN place_name n ON n.place = o.place"
        " WHERE o.series = 'price' AND p.commodity = ? AND n.view IN ('inside', 'outside')",
        (commodity,))
    for period, low, high, unit, view, where in rows:
        year = months(period)
        if year is None or unit not in ("USD/kg", "USD/t") or not low:
            continue
        if view == "inside" and where and where != region:
            continue
        value = math.sqrt(float(low) * float(high or low)) / (1000 if unit == "USD/t" else 1)
        level = deflator.get(int(year), deflator.get(min(deflator, key=lambda y: abs(y - year))))
        yield year, value / level, view


def label(value):
    return f"{value:g}"


class Chart:
    def __init__(self, first, last, lowest, highest):
        self.first, self.last = first, last
        self.low = math.floor(math.log10(lowest) * 2) / 2
        self.high = math.ceil(math.log10(highest) * 2) / 2

    def x(self, year):
        return LEFT + (year - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def grid(self):
        for decade in range(math.floor(self.low), math.ceil(self.high) + 1):
            for step in (1, 2, 5):
                value = step * 10.0 ** decade
                if not self.low <= math.log10(value) <= self.high:
                    continue
                y = self.y(value)
                yield (f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
                       f' stroke="#dfe3e4"/>')
                yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label(value)}</text>'
        for year in range(math.ceil(self.first), math.floor(self.last) + 1):
            if year % 5 == 0:
                yield (f'<text x="{self.x(year):.1f}" y="{HEIGHT - BOTTOM + 20}"'
                       f' text-anchor="middle">{year}</text>')

    def line(self, points, colour):
        path, pen = [], "M"
        for year, value in points:
            if value is None or value <= 0 or not self.first <= year <= self.last:
                pen = "M"
                continue
            path.append(f"{pen}{self.x(year):.1f} {self.y(value):.1f}")
            pen = "L"
        return f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="2"/>'


def main():
    if len(sys.argv) not in (6, 8):
        sys.exit(__doc__.split("\n\n")[1])
    result, commodity, inside, outside, out = sys.argv[1:6]
    first, last = map(float, sys.argv[6:8]) if len(sys.argv) == 8 else (2005, 2026)
    db = sqlite3.connect(f"file:{result}?mode=ro", uri=True)
    lines = {"inside": model_line(db, "price", commodity, inside),
             "outside": model_line(db, "price_import", commodity, outside)}
    dots = [d for d in observed(db, commodity, inside) if first <= d[0] <= last]
    values = [v for line in lines.values() for y, v in line if v and v > 0 and first <= y <= last]
    values += [v for _, v, _ in dots]
    if not values:
        sys.exit(f"picture.py: {result} has no price of {commodity} in {inside} or {outside}")
    name = dict(db.execute("SELECT id, name FROM commodity")).get(commodity, commodity)
    regions = dict(db.execute("SELECT id, name FROM region"))
    base = dict(db.execute("SELECT key, value FROM manifest"))
    chart = Chart(first, last, min(values), max(values))
    ends = {"inside": f"inside {regions.get(inside, inside)}",
            "outside": f"imported, {regions.get(outside, outside)}"}

    svg = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
           f' font-family="system-ui, sans-serif" font-size="13" fill="#1d2328">',
           f'<title>{html.escape(name)}: two prices for one good</title>',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fcfcfa"/>',
           f'<text x="{LEFT}" y="26" font-size="17" font-weight="600">{html.escape(name)}: two prices'
           f' for one good</text>',
           f'<text x="{LEFT}" y="46" fill="#59636b">USD/kg of the base year without tax, log scale;'
           f' lines: model, dots: observed</text>',
           *chart.grid()]
    for year, value, view in dots:
        svg.append(f'<circle cx="{chart.x(year):.1f}" cy="{chart.y(value):.1f}" r="3.2"'
                   f' fill="{COLOUR[view]}" fill-opacity="0.45"/>')
    seen = []
    for side, points in lines.items():
        svg.append(chart.line(points, COLOUR[side]))
        drawn = [(y, v) for y, v in points if v and v > 0 and first <= y <= last]
        if drawn:
            y = chart.y(drawn[-1][1])
            if seen and abs(y - seen[0]) < 18:
                y = seen[0] + (18 if y >= seen[0] else -18)
            seen.append(y)
            svg.append(f'<text x="{WIDTH - RIGHT + 8}" y="{y + 4:.1f}" fill="{COLOUR[side]}">'
                       f'{html.escape(ends[side])}</text>')
    svg.append(f'<text x="{LEFT}" y="{HEIGHT - 6}" font-size="11" fill="#59636b">ytterby'
               f' {base.get("version", "")}, case {base.get("case", "")}'
               f' {base.get("case_hash", "")[:12]}</text>')
    svg.append("</svg>")
    with open(out, "w") as file:
        file.write("\n".join(svg) + "\n")


if __name__ == "__main__":
    main()
