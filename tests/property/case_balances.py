#!/usr/bin/env python3
"""Balances of a case, checked from its CSV files alone.

An oracle that shares no code with the engine: every recipe must return, element by element,
what it takes (a mine may take more from the ground, never less), every name must resolve,
every key be unique, and shares stay shares. Every region is governed, every rule has a default, and
programmes point at plants and goods that exist.

Usage: case_balances.py [CASE...]     default: every folder of cases/ with a recipes.csv
"""
import collections
import csv
import glob
import os
import re
import sys

TOLERANCE = 1e-9

KEYS = {
    "composition": ("commodity", "element"),
    "commodity_facts": ("commodity", "group", "region", "item", "from"),
    "recipe_flows": ("recipe", "commodity"),
    "recipe_losses": ("recipe", "element"),
    "facility_facts": ("facility", "item", "from"),
    "operating_rates": ("stage", "recipe", "region", "owner_type", "from"),
    "unit_costs": ("item", "stage", "recipe", "region", "from"),
    "end_use_facts": ("end_use", "item", "commodity", "from"),
    "baskets": ("end_use", "commodity", "from"),
    "demand": ("end_use", "region", "year"),
    "scrap_routes": ("commodity",),
    "holder_facts": ("holder", "item", "group", "commodity", "region", "from"),
    "stocks": ("region", "commodity", "holder"),
    "institution_facts": ("institution", "stage", "item", "from"),
    "gate_facts": ("institution", "stage", "gate", "item", "from"),
    "programme_facts": ("programme", "item"),
    "instruments": ("programme", "item", "region", "stage", "group", "commodity", "partner",
                    "owner_type", "permit"),
}
ENTITIES = {
    "source": "sources", "element": "elements", "group": "groups", "commodity": "commodities",
    "region": "regions", "stage": "stages", "recipe": "recipes", "facility": "facilities",
    "end_use": "end_uses", "holder": "holders", "institution": "institutions",
    "programme": "programmes", "permit": "permits",
}
ALIASES = {"scrap": "commodity", "origin": "region", "destination": "region",
           "partner": "region"}
NAMED_ROWS = ("governance", "elections", "programmes")  # without numbers of their own
GATES = ("political", "environmental", "local", "legal", "capital")
# what an instrument must point at
ON_PLANTS = ("grant", "equity", "loan", "tax_credit", "price_floor", "offtake",
             "environmental_standard", "enforcement", "consolidation", "production_quota")
ON_STAGES = ("technology_ban", "price_band", "limit_pricing")
ON_LANES = ("licence", "licence_delay", "export_tax", "tariff")
YEARS_BETWEEN_ELECTIONS = 7


def table(case, name):
    path = os.path.join(case, name + ".csv")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, strict=True))
    for number, row in enumerate(rows, 2):
        if None in row or None in row.values():
            sys.exit(f"{path}:{number}: wrong number of cells")
    return rows


def items(name):
    """The words of a table's item column, from the schema."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "model",
                        "schema.def")
    with open(path, encoding="utf-8") as f:
        return set(re.findall(rf"^ITEM\({name}, (\w+),", f.read(), re.MULTILINE))


class Case:
    def __init__(self, path):
        self.path = path
        self.problems = []
        self.ids = {}
        for kind, name in ENTITIES.items():
            seen = collections.Counter(row["id"] for row in table(path, name))
            self.ids[kind] = set(seen)
            for key, times in seen.items():
                if times > 1:
                    self.say(f"{name}: {key} stands {times} times")

    def say(self, text):
        self.problems.append(text)

    def check_tables(self):
        for name, key in KEYS.items():
            seen = set()
            for number, row in enumerate(table(self.path, name), 2):
                where = f"{name}.csv:{number}"
                names = tuple(row.get(column, "") for column in key)
                if names in seen:
                    self.say(f"{where}: {names} stands twice")
                seen.add(names)
                self.check_names(where, row)
                self.check_number(where, row)
        families = {row["family"] for row in table(self.path, "recipes")} - {""}
        for number, row in enumerate(table(self.path, "recipes"), 2):
            self.check_names(f"recipes.csv:{number}", row)
        for number, row in enumerate(table(self.path, "facilities"), 2):
            where = f"facilities.csv:{number}"
            recipe = row.pop("recipe")
            self.check_names(where, row)
            if recipe not in self.ids["recipe"] and recipe not in families:
                self.say(f"{where}: {recipe} is neither a recipe nor a family")

    def check_governments(self):
        """Who decides, by which rules, until when; what programmes point at."""
        table_of = lambda name: table(self.path, name)
        if not table_of("institutions"):
            return
        for name in NAMED_ROWS:
            for number, row in enumerate(table_of(name), 2):
                self.check_names(f"{name}.csv:{number}", row)
        governed = {row["region"] for row in table_of("governance")}
        for region in sorted(self.ids["region"] - governed):
            self.say(f"governance: nobody decides in {region}")
        self.check_rules(table_of("institution_facts"), ("item",), items("institution_fact"))
        gates = {(gate, item) for gate in GATES for item in ("median", "sigma", "fail")}
        self.check_rules(table_of("gate_facts"), ("gate", "item"), gates)
        self.check_survival(table_of("institution_facts"))
        self.check_elections(governed)
        self.check_instruments(table_of("instruments"))

    def check_rules(self, rows, kind, wanted):
        """Every kind has a default, from the first month on, and no two rows tie: where the
        default names a stage, an institution with rows of its own must name it too."""
        named = collections.defaultdict(set)
        for row in rows:
            key = tuple(row[column] for column in kind)
            named[key].add((row["institution"], row["stage"], row["from"]))
        for key in sorted(wanted):
            key = key if isinstance(key, tuple) else (key,)
            if ("", "", "") not in named[key]:
                self.say(f"no default row gives {' '.join(key)}")
        for key, places in named.items():
            stages = {stage for institution, stage, _ in places if not institution} - {""}
            for institution in {i for i, stage, _ in places if i and not stage}:
                for stage in sorted(stages - {s for i, s, _ in places if i == institution}):
                    self.say(f"{' '.join(key)}: {institution} and the default of {stage} tie")

    def check_survival(self, rows):
        """A programme that is unweakened is not ended either, at every date."""
        level = collections.defaultdict(dict)
        for row in rows:
            level[row["item"], row["institution"], row["from"]] = float(row["value"])
        for item, institution, date in list(level):
            if item != "persistence_intact":
                continue
            known = [level[key] for key in (("persistence", institution, date),
                                            ("persistence", institution, ""),
                                            ("persistence", "", "")) if key in level]
            if known and level[item, institution, date] > known[0]:
                self.say(f"persistence_intact of {institution or 'the default'} is above "
                         "its persistence")

    def check_elections(self, governed):
        last = {}
        for row in table(self.path, "elections"):
            last[row["region"]] = max(last.get(row["region"], ""), row["month"])
        with open(os.path.join(self.path, "case.yaml"), encoding="utf-8") as f:
            end = next(line.split()[1] for line in f if line.startswith("end:"))
        for row in table(self.path, "programmes"):
            region = row["region"]
            if region not in governed:
                self.say(f"programmes: {row['id']} is of {region}, where nobody decides")
        for region in sorted({row["region"] for row in table(self.path, "programmes")}):
            if int(last.get(region, "0")[:4]) + YEARS_BETWEEN_ELECTIONS <= int(end[:4]):
                self.say(f"elections: those of {region} end before the case does")

    def check_instruments(self, rows):
        region_of = {row["id"]: row["region"] for row in table(self.path, "programmes")}
        plants = {(row["region"], row["stage"], row["owner_type"])
                  for row in table(self.path, "facilities")}
        group_of = {row["id"]: row["group"] for row in table(self.path, "commodities")}
        lanes = {(row["group"], row["origin"], row["destination"])
                 for row in table(self.path, "lanes")}
        for number, row in enumerate(rows, 2):
            where, item = f"instruments.csv:{number}: {row['item']}", row["item"]
            region = row["region"] or region_of.get(row["programme"], "")
            fits = [plant for plant in plants if plant[0] == region
                    and row["stage"] in ("", plant[1]) and row["owner_type"] in ("", plant[2])]
            if item in ON_PLANTS and not fits:
                self.say(f"{where} finds no plant in {region}")
            if item == "price_floor" and not row["commodity"]:
                self.say(f"{where} names no commodity")
            if item == "enforcement" and row["owner_type"] != "informal":
                self.say(f"{where} would stop lawful plants")
            if item in ON_STAGES and not row["stage"]:
                self.say(f"{where} names no stage")
            if row["group"] and row["commodity"] and group_of[row["commodity"]] != row["group"]:
                self.say(f"{where}: {row['commodity']} is not in {row['group']}")
            group = row["group"] or group_of.get(row["commodity"], "")
            ends = (region, row["partner"]) if item != "tariff" else (row["partner"], region)
            if item in ON_LANES and not any(
                    group in ("", lane[0]) and ends[0] in ("", lane[1]) and ends[1] in ("", lane[2])
                    for lane in lanes):
                self.say(f"{where} finds no lane")

    def check_names(self, where, row):
        for column, value in row.items():
            kind = ALIASES.get(column, column)
            if kind in self.ids and value and value not in self.ids[kind]:
                self.say(f"{where}: no {kind} {value}")
        for source in row.get("source_id", "").split(";"):
            if source and source not in self.ids["source"]:
                self.say(f"{where}: no source {source}")

    def check_number(self, where, row):
        if "value" not in row:
            return
        value = float(row["value"])
        if row["grade"] not in ("A", "B", "C", "D"):
            self.say(f"{where}: grade {row['grade']!r}")
        if not row["source_id"]:
            self.say(f"{where}: no source")
        if bool(row["low"]) != bool(row["high"]):
            self.say(f"{where}: low without high")
        if row["low"] and not float(row["low"]) - 1e-6 * abs(value) <= value <= \
                float(row["high"]) + 1e-6 * abs(value):
            self.say(f"{where}: {value} is outside {row['low']}..{row['high']}")

    def check_recipes(self):
        """Returns the largest relative residual of an element in a recipe."""
        content = collections.defaultdict(dict)
        for row in table(self.path, "composition"):
            content[row["commodity"]][row["element"]] = float(row["value"])
        for commodity, parts in content.items():
            if not 0 < sum(parts.values()) <= 1 + TOLERANCE or min(parts.values()) < 0:
                self.say(f"composition: {commodity} sums to {sum(parts.values())}")
        extracts = {row["id"] for row in table(self.path, "stages") if row["extracts"] == "yes"}
        mines = {row["id"] for row in table(self.path, "recipes") if row["stage"] in extracts}
        net, gross = collections.Counter(), collections.Counter()
        for row in table(self.path, "recipe_flows"):
            for element, part in content[row["commodity"]].items():
                moved = float(row["value"]) * part
                net[row["recipe"], element] += moved
                gross[row["recipe"], element] += abs(moved)
        for row in table(self.path, "recipe_losses"):
            if float(row["value"]) < 0:
                self.say(f"recipe_losses: {row['recipe']} gains {row['element']}")
            net[row["recipe"], row["element"]] += float(row["value"])
            gross[row["recipe"], row["element"]] += float(row["value"])
        worst = 0.0
        for (recipe, element), residual in net.items():
            if recipe in mines:
                if residual < 0:
                    self.say(f"{recipe}: a mine that buries {element}")
                continue
            relative = abs(residual) / gross[recipe, element] if gross[recipe, element] else 0.0
            worst = max(worst, relative)
            if relative > TOLERANCE:
                self.say(f"{recipe}: {element} does not close, {residual:g} t per t")
        return worst

    def check_shares(self):
        """Baskets of finished goods sum to one; critical and flexible parts fit in it."""
        baskets = collections.Counter()
        for row in table(self.path, "baskets"):
            baskets[row["end_use"], row["from"]] += float(row["value"])
        for key, total in baskets.items():
            if abs(total - 1) > 1e-9:
                self.say(f"baskets: {key} sums to {total}")
        parts = collections.Counter()
        for row in table(self.path, "end_use_facts"):
            if row["item"] in ("share_critical", "share_flexible"):
                parts[row["end_use"], row["commodity"], row["from"]] += float(row["value"])
        for key, total in parts.items():
            if not 0 <= total <= 1 + 1e-12:
                self.say(f"end_use_facts: parts of {key} sum to {total}")


def main(paths):
    here = os.path.dirname(os.path.abspath(__file__))
    if not paths:
        paths = sorted(os.path.dirname(p) for p in
                       glob.glob(os.path.join(here, "..", "..", "cases", "*", "recipes.csv")))
    failed = False
    for path in paths:
        case = Case(path)
        case.check_tables()
        worst = case.check_recipes()
        case.check_shares()
        case.check_governments()
        for text in case.problems:
            print(f"{os.path.basename(path)}: {text}")
        failed |= bool(case.problems)
        print(f"{os.path.basename(path)}: {len(case.problems)} problems, "
              f"worst element residual {worst:.1e}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
