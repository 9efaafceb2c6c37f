#!/usr/bin/env python3
"""picture.py - the chart of the README: one commodity's price on both sides of a border.

picture.py RESULT COMMODITY REGION OUT.svg [FIRST LAST]

Lines are the model's monthly prices inside the region and at its border (price, price_export),
dots are what was observed of either, brought to the money of the model: without value added tax,
in dollars, at the price level of the base year.  Log scale.  Only the standard library: the
picture is committed, whoever wants to can make it again.
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
        "SELECT month, value FROM series WHERE run = 0 AND variable = ? AND commodity_id = ?"
        " AND region = ? ORDER BY month", (variable, commodity, region))
    return [(months(month), value / 1000 if value else None) for month, value in rows]


def by_year(db, query):
    return {int(year): float(value) for year, value in db.execute(query)}


def nearest(table, year):
    return table[min(table, key=lambda y: abs(y - year))]


def observed(db, commodity, region):
    """(year, USD/kg of the base year without tax, inside or outside) of prices per mass."""
    deflator = by_year(db, "SELECT year, value FROM deflator")
    taxes = sorted(db.execute('SELECT "from", number FROM tax WHERE region = ?', (region,)))
    rows = db.execute(
        "SELECT o.period, o.value_low, o.value_high, o.unit, n.view FROM observation o"
        " JOIN product_name p ON p.product = o.product JOIN place_name n ON n.place = o.place"
        " WHERE o.series = 'price' AND p.commodity = ? AND n.region = ?"
        " AND n.view IN ('inside', 'inside_taxed', 'outside')", (commodity, region))
    for period, low, high, unit, view in rows:
        year = months(period)
        currency, _, mass = unit.partition("/")
        if year is None or mass not in ("kg", "t") or not low:
            continue
        value = math.sqrt(float(low) * float(high or low)) / (1000 if mass == "t" else 1)
        if currency != "USD":
            rate = by_year(db, f"SELECT year, value FROM fx WHERE currency = '{currency}'")
            if not rate:
                continue
            value /= nearest(rate, int(year))
        if view == "inside_taxed":
            value /= 1 + ([t for start, t in taxes if start <= period] or [0])[-1]
        yield year, value / nearest(deflator, int(year)), view.split("_")[0]


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
    if len(sys.argv) not in (5, 7):
        sys.exit(__doc__.split("\n\n")[1])
    result, commodity, region, out = sys.argv[1:5]
    first, last = map(float, sys.argv[5:7]) if len(sys.argv) == 7 else (2005, 2026)
    db = sqlite3.connect(f"file:{result}?mode=ro", uri=True)
    lines = {"inside": model_line(db, "price", commodity, region),
             "outside": model_line(db, "price_export", commodity, region)}
    dots = [d for d in observed(db, commodity, region) if first <= d[0] <= last]
    values = [v for line in lines.values() for y, v in line if v and v > 0 and first <= y <= last]
    values += [v for _, v, _ in dots]
    if not values:
        sys.exit(f"picture.py: {result} has no price of {commodity} in {region}")
    name = dict(db.execute("SELECT id, name FROM commodity")).get(commodity, commodity)
    regions = dict(db.execute("SELECT id, name FROM region"))
    base = dict(db.execute("SELECT key, value FROM manifest"))
    chart = Chart(first, last, min(values), max(values))
    where = regions.get(region, region)
    ends = {"inside": f"inside {where}", "outside": f"leaving {where} (FOB)"}

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
