#!/bin/bash
# shock.sh PROGRAM - what must hold of every shock: longer is never better, stocks help, mistakes
# are told.
set -u
source "$(dirname "$0")/../script.sh" "$@"
tiny=tests/cases/tiny

json() { python3 -c "import json,sys; d=json.load(open('$room/out')); sys.exit(not ($1))"; }
number() { python3 -c "
import json
d = json.load(open('$room/out'))
print([r['mean'] for r in d['summary'] if r['number'] == '$1'][0])"; }
no_less() { python3 -c "import sys; sys.exit(not (float('$2') >= float('$1') - 1e-6))"; }

for months in 1 3 6 12 24; do
    y shock $tiny --cut 'east:X->west' --from 2004-06 --months $months --json
    is "$months months: done" gives 0
    is "$months months: elements close" json 'd["worst_closure"] <= 1e-9'
    is "$months months: every month certified" json 'd["worst_certificate"] <= 1e-8'
done
last=0
for share in 0.8 0.5 0.2; do
    printf 'events:\n  - {kind: quota_cut, origin: east, goods: X, months: 12, share: %s}\n' $share \
        >"$room/cut.yaml"
    y shock $tiny --file "$room/cut.yaml" --from 2004-06 --json
    now=$(number loss)
    is "share $share: costs no less than a higher one" no_less "$last" "$now"
    last=$now
done
y shock $tiny --cut 'east:X->west' --from 2004-06 -n 8 --json
alone=$(number loss)
y shock $tiny --cut 'east:X->west' --from 2004-06 -n 8 --stockpile X=12mo --json
is "a stock helps" no_less "$(number loss)" "$alone"
is "a stock is released" json '[r["mean"] for r in d["summary"] if r["number"] == "by_reserve"][0] > 0'
y shock $tiny --cut 'east:X->west' --from 2004-06 --limit 0.05 --measures --json
is "measures: all tried" json 'len(d["measures"]) == 8'
is "measures: best first" json 'd["measures"] == sorted(d["measures"], key=lambda m: m["loss_musd"])'

y shock $tiny --cut 'west:ore_x->east' --from 2004-06
is "no effect: says why" out_has "Why so little"
y shock $tiny --screen --json
is "screen: done" gives 0
is "screen: cells" json 'd["cells"] == 4 * len(d["screen"]) > 0'

y shock $tiny
is "nothing asked: exit 2" gives 2
y shock $tiny --cut 'east'
is "no cut: exit 2" gives 2
y shock $tiny --cut 'east:Zz'
is "unknown good: exit 3" gives 3
is "unknown good: named" err_has "Zz"
printf 'events:\n  - {kind: wish, months: 1}\n' >"$room/wish.yaml"
y shock $tiny --file "$room/wish.yaml"
is "unknown kind: exit 3" gives 3
is "unknown kind: place" err_has "wish.yaml:2"
cat >"$room/wrong.yaml" <<EOT
name: wrong
events:
  - {kind: embrago, origin: east, months: 3}
  - {kind: embargo, origin: eats, goods: "X, metal_z", months: 3, reroute: perhaps}
  - {kind: outage, region: west, stage: refin, months: 3, share: 1.5}
EOT
y shock $tiny --file "$room/wrong.yaml"
is "mistakes: exit 3" gives 3
is "mistakes: kind where it stands" err_has "wrong.yaml:3:12: error: \"embrago\" is no kind"
is "mistakes: nearest kind" err_has "did you mean embargo?"
is "mistakes: region" err_has "wrong.yaml:4:29: error: \"eats\" is no region of the case; did you mean east?"
is "mistakes: good" err_has "did you mean metal_x?"
is "mistakes: yes or no" err_has "\"perhaps\" is neither yes nor no"
is "mistakes: stage" err_has "wrong.yaml:5:"
is "mistakes: share of an outage" err_has "\"1.5\" is more than all of it"
y shock $tiny --screen --weight widgts=1
is "weight: exit 2" gives 2
is "weight: nearest end use" err_has "did you mean"
printf 'events:\n  - {kind: technology_ban, origin: east, months: 6}\n' >"$room/ban.yaml"
y shock $tiny --file "$room/ban.yaml" --from 2004-06
is "no effect of a ban: says why" out_has "Why so little"
is "no effect of a ban: not by waste" test -z "$(grep 'waste fell (0' "$room/out")"
y explain line_runs
is "explain: numbers of a shock" out_has "until the line stops"
printf 'product,region,good\nmotor,west,X\n' >"$room/bom.csv"
y shock $tiny --cut 'east:X' --bom "$room/bom.csv"
is "short bill of materials: exit 3" gives 3
y shock $tiny --cut 'east:X->west' -n 2 -o "$room/s.ytt" -q
is "result: written" gives 0
y query "$room/s.ytt" "select 'rows: ' || count(*) as n from shortfall where tonnes > 0" --csv
is "result: shortfall" out_has "rows: 2"
y query "$room/s.ytt" "select max(abs(closure)) < 1e-9 as closes from balance" --csv
is "result: elements close" out_has "1"
y query "$room/s.ytt" "select abs(sum(p.mean) - s.tonnes) < 1e-4 * s.tonnes as same from shock_path p
    join shortfall s on s.region = p.region and s.end_use = p.about
    where p.variable = 'missing_' || s.tier group by s.end_use, s.region, s.tier" --csv
is "result: months add up to what is missing in all" out_has "1"
is "result: months add up for every tier" test "$(grep -c '^0' "$room/out")" = 0
y shock $tiny --cut 'east:X->west' -n 3 -f -o "$room/s.ytt" -q --measures --limit 0.05
y query "$room/s.ytt" "select (select count(*) from shock_measure) || ' measures, ' ||
    (select count(*) from least_stock) || ' worlds' as n" --csv
is "result: measures and stocks" out_has "8 measures, 3 worlds"
y shock $tiny --screen -q -o "$room/screen.ytt"
is "screen: written" gives 0
y shock $tiny --screen -q -o "$room/screen.ytt"
is "screen: not written over" gives 5
y query "$room/screen.ytt" "select count(*) = 4 * count(distinct element || ' ' || origin) and
    count(*) > 0 as whole from exposure" --csv
is "screen: four lengths of each" out_has "1"
y query "$room/screen.ytt" "select 'off: ' || count(*) as n from exposure e where abs(loss - (select sum(u.loss)
    from exposure_use u where u.element = e.element and u.origin = e.origin
    and u.months = e.months)) > 1e-6 * abs(loss) + 1e-3" --csv
is "screen: end uses add up" out_has "off: 0"
echo "shock: $((checks - failures)) of $checks checks passed"
[ "$failures" -eq 0 ]
