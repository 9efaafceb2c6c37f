"""synthetic_store.py - a small result file with made-up numbers: synthetic_store.py OUT [--hostile]

The views have the names and columns of docs/store.md; the world in it is invented (regions
Red, Blue, Green; metals Aa, Bb), so that the report can be tested without a simulation.
With --hostile every name tries to break out of the page.
"""

import math
import os
import sqlite3
import sys

START, MONTHS = 2000 * 12, 25 * 12
NASTY = "</script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"


def month_text(m):
    return f"{(START + m) // 12:04d}-{(START + m) % 12 + 1:02d}"


def table(db, name, columns, rows):
    quoted = ", ".join(f'"{c}"' for c in columns.split())
    db.execute(f'CREATE TABLE "{name}" ({quoted})')
    marks = ", ".join("?" for _ in columns.split())
    db.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)


def build(path, hostile=False):
    if os.path.exists(path):
        os.remove(path)
    db = sqlite3.connect(path)
    db.execute("PRAGMA application_id = 0x59747279")
    db.execute("PRAGMA user_version = 1")
    bad = (lambda s: s + NASTY) if hostile else (lambda s: s)
    regions = [("RED", "Red", 35, 105), ("BLU", "Blue", 38, 138), ("GRN", "Green", 40, -100),
               ("YEL", "Yellow", 50, 10), ("GRY", "Grey", -25, 135)]
    stages = [("mine", "Mining", "yes", "t of concentrate"), ("sep", "Separation", "no", "t of feed"),
              ("metal", "Metal making", "no", "t of metal"), ("part", "Parts", "no", "t of parts")]
    goods = [("conc", "Concentrate", "concentrate"), ("ox_Aa", "Aa oxide", "oxide"),
             ("ox_Bb", "Bb oxide", "oxide"), ("met_Aa", "Aa metal", "metal"), ("part_x", "Parts", "part")]
    table(db, "region", "id name members lat lon note", [(i, bad(n), n, a, o, "") for i, n, a, o in regions])
    table(db, "commodity_group", "id name note",
          [(g, g.capitalize(), "") for g in ("concentrate", "oxide", "metal", "part")])
    table(db, "commodity", "id name group basis note", [(i, bad(n), g, "gross", "") for i, n, g in goods])
    table(db, "stage", "id name extracts unit note", [(i, bad(n), e, u, "") for i, n, e, u in stages])
    table(db, "element", "id name note", [("Aa", bad("Aalium"), ""), ("Bb", "Bebium", "")])
    table(db, "end_use", "id name unit note", [("motor", bad("Motors"), "t of parts", ""), ("glass", "Glass", "t", "")])
    table(db, "permit", "id name region kind note", [("quota", bad("Export quota"), "RED", "export", "")])
    table(db, "permit_scope", "permit group commodity recipe owner_type number", [("quota", "oxide", None, None, None, 1)])
    table(db, "source", "id title publisher year url note",
          [("S1", bad("Yearbook of metals"), "Office", "2020", "https://example.org/a", ""),
           ("RULE", "Rule: half of nameplate is the cheapest tonne", "", "", "javascript:alert(1)" if hostile else "", "")])
    table(db, "recipe", "id name stage family note",
          [("r_mine", "Mining", "mine", "", ""), ("r_sep", "Separation", "sep", "", ""),
           ("r_metal", "Electrolysis", "metal", "", ""), ("r_part", "Part making", "part", "", "")])
    table(db, "recipe_flow", "recipe commodity number",
          [("r_mine", "conc", 1), ("r_sep", "conc", -1), ("r_sep", "ox_Aa", .3), ("r_sep", "ox_Bb", .6),
           ("r_metal", "ox_Aa", -1.2), ("r_metal", "met_Aa", 1), ("r_part", "met_Aa", -.4), ("r_part", "part_x", 1)])
    table(db, "composition", "commodity element number",
          [("conc", "Aa", .27), ("conc", "Bb", .52), ("ox_Aa", "Aa", .85), ("ox_Bb", "Bb", .85),
           ("met_Aa", "Aa", .99), ("part_x", "Aa", .38)])
    table(db, "deflator", "year number", [(2000 + y, .6 + .4 * y / 24) for y in range(26)])
    table(db, "fx", "currency year number", [("RDC", 2000 + y, 7) for y in range(26)])
    table(db, "tax", "region from number", [("RED", "2000-01", .13)])

    # plants: share of a stage by region, Red growing
    plants, facts, months = [], [], []
    share = {"RED": (.5, .9), "BLU": (.1, .03), "GRN": (.25, .02), "YEL": (.1, .03), "GRY": (.05, .02)}
    for k, (stage, name, _, _) in enumerate(stages):
        for region, _, lat, lon in regions:
            for j in range(3 if region == "RED" else 1):
                fid = f"{region.lower()}_{stage}_{j}"
                plants.append((fid, bad(f"{name} plant {j + 1} of {region}"), fid, region, region, lat + 2 * j + k,
                               lon + 3 * j - 2 * k, bad("Owner & sons"), "private", stage, "r_" + stage, "operating",
                               bad("a <b>note</b>")))
                facts.append(("facility_fact", f"{fid}|capacity|2000-01", "capacity", 5000, "t/a", 4000, 6000, "S1", "B", ""))
                facts.append(("facility_fact", f"{fid}|operating_cost|", "operating_cost", 4000, "USD/t", 2000, 9000,
                              "RULE;S1", "D", bad("from the cost curve")))
                for m in range(MONTHS):
                    t = m / MONTHS
                    a, b = share[region]
                    out = 1000 * (1 + 2 * t) * (a + (b - a) * min(1, 1.6 * t)) / (3 if region == "RED" else 1) * (1, .95, .28, .6)[k]
                    months.append((0, fid, month_text(m), round(out, 3), round(out * 1.25, 3), "running" if out > 12 else "idle"))
    plants.append(("grn_new", "Undated project", "grn_new", "GRN", "", None, None, "", "private", "sep", "r_sep", "proposed", ""))
    table(db, "facility", "id name site region country lat lon owner owner_type stage recipe status note", plants)
    table(db, "facility_month", "run facility month output capacity status", months)

    series, flows, uses, certificates, balances = [], [], [], [], []
    base = {"conc": 3000, "ox_Aa": 20000, "ox_Bb": 3000, "met_Aa": 32000, "part_x": 40000}
    for m in range(MONTHS):
        t, month = m / MONTHS, month_text(m)
        spike = math.exp(-((m - 138) / 9) ** 2)
        late = 1 / (1 + math.exp(-(m - 280) / 2))
        for good, p in base.items():
            inside = p * (1 + .4 * t + .15 * math.sin(m / 7) + 5 * spike)
            rent = 90000 * spike if good.startswith("ox") else 0
            for region, *_ in regions:
                price = inside if region == "RED" else inside * (1.2 + (2 * late if good == "met_Aa" else 0)) + rent
                series.append((0, "price", region, good, month, None if region == "GRY" and m % 50 == 7 else price, "USD/t"))
                series.append((0, "price_paid", region, good, month, price if region == "RED" else .5 * (price + inside), "USD/t"))
                scale = {"RED": 600, "BLU": 120, "GRN": 90, "YEL": 80, "GRY": 5}[region] * (1 + 2 * t)
                series.append((0, "use", region, good, month, scale, "t/month"))
                series.append((0, "cover", region, good, month, (1.6 if region == "RED" else 3 - 1.8 * spike + .3 * math.sin(m / 5)), "months"))
            series.append((0, "price_export", "RED", good, month, inside * 1.25 + rent, "USD/t"))
            for dest, w in (("BLU", 100), ("GRN", 70), ("YEL", 60)):
                flows.append((0, good, "RED", dest, month, w * (1 + t) * (1 - .6 * spike), price, "open"))
            flows.append((0, good, "GRY", "RED", month, 20, inside, "open"))
            flows.append((0, good, "RED", "BLU", month, 10 + 30 * spike, inside, "illegal"))
        for variable, value, unit in (("permit_price", 60000 * spike, "USD/t"), ("permit_ask", 20000 * spike + 300, "USD/t"),
                                      ("permit_used", 1500 * (1 - .5 * spike), "t/month"), ("permit_issued", 2500, "t/month")):
            if 60 <= m < 180:
                series.append((0, variable, "RED", "quota", month, value, unit))
        for use, good in (("motor", "part_x"), ("glass", "ox_Bb")):
            for region, *_ in regions[:4]:
                for tier, share_, loss in (("critical", .3, .02), ("normal", .5, .2), ("flexible", .2, .6)):
                    w = 300 * share_ * (1 + 2 * t)
                    uses.append((0, use, region, good, tier, month, w, w * (1 - loss * spike)))
        certificates.append((0, month, 1e-12 * (1 + m % 7), 3e-13, 2e-11, 9 + m % 5))
        for element in ("Aa", "Bb"):
            balances.append((0, month, element, 1e-13, 100, 50. * m, 40. * m, 5. * m, 0, 3. * m, 2. * m, 0))
    table(db, "series", "run variable region commodity_id month value unit", series)
    table(db, "flow", "run commodity_id origin destination month tonnes cif_usd_per_t kind", flows)
    table(db, "use_commodity", "run end_use region commodity_id tier month wanted served", uses)
    table(db, "certificate", "run month balance complementarity gap iterations", certificates)
    table(db, "balance", "run month element closure opening mined in_use stocks scrap tailings losses disposed", balances)
    table(db, "event", "run month kind subject text", [(0, "2014-02", "closure", "grn_mine_0", bad("Green mine closes"))])
    table(db, "case_event", "month kind region title", [("2010-07", "quota", "RED", bad("Quota for the second half cut by 40 %"))])
    facts.append(("operating_rate", "mine||||", "value", .9, "1", .8, .95, "RULE", "D", ""))
    facts.append(("unit_cost", "operating_cost|sep||RED|", "operating_cost", 3500, "USD/t", 2000, 5000, "RULE", "D", ""))
    facts.append(("recipe_flow", "r_sep|ox_Aa", "value", .3, "t/t", .25, .33, "S1", "C", ""))
    table(db, "input", "table key column value unit low high source_id grade note", facts)
    table(db, "product_name", "product commodity note", [("Aa oxide", "ox_Aa", ""), ("Bb oxide", "ox_Bb", ""), ("ore", None, ""), ("all", None, "")])
    table(db, "place_name", "place region view note",
          [("FOB Red", "RED", "outside", ""), ("Red domestic", "RED", "inside_taxed", ""), ("Green", "GRN", "none", ""),
           ("World", None, "world", ""), ("Blue", "BLU", "import", ""), ("Moon", None, "none", "")])
    observed = [("price", str(y), "A", 16 + .5 * (y - 2004) + (60 if y == 2011 else 0), None, "USD/kg", "Aa oxide", "FOB Red", "nominal", bad("Trade press"), "B", "")
                for y in range(2004, 2020)]
    observed += [("price", "2012-03-09", "D", 300, 340, "RDC/kg", "Aa oxide", "Red domestic", "incl. tax", "Exchange", "B", ""),
                 ("price", "2011Q3", "Q", 80, 120, "USD/kg", "Bb oxide", "FOB Red", "", "Trade press", "C", ""),
                 ("mine_production", "2010", "A", 22000, 22000, "t", "ore", "World", "", "Office", "A", ""),
                 ("mine_production", "2010", "A", 1500, 1500, "t", "ore", "Green", "", "Office", "A", ""),
                 ("exports", "2010-09", "M", 400, 400, "t", "all", "FOB Red", "", "Customs", "A", ""),
                 ("export_quota", "2010", "A", 30000, 30000, "t", "all", "FOB Red", "", "Ministry", "A", ""),
                 ("price", "2012", "A", 1, 1, "USD/kg", "Aa oxide", "Moon", "", bad("Hearsay"), "D", bad("who knows"))]
    table(db, "observation", "series period freq value_low value_high unit product place basis source grade note", observed)
    table(db, "manifest", "key value",
          [("case", "synthetic"), ("title", bad("A made-up chain")), ("description", "Invented numbers for tests"), ("case_hash", "0" * 64),
           ("seed", "1"), ("version", "0.1.0"), ("build", "test"), ("command", "ytterby run cases/synthetic -o synthetic.ytt"),
           ("base_year", "2024"), ("elapsed", "0.1 s")])
    db.commit()
    db.close()


if __name__ == "__main__":
    build(sys.argv[1], "--hostile" in sys.argv[2:])
