#!/bin/bash
# backtest.sh PROGRAM - worlds against a record: nothing that was done is lost, parts make the whole,
# forecasts and published results are answered from their dates.
set -u
source "$(dirname "$0")/../script.sh" "$@"
tiny=tests/cases/tiny

# answer FILE: what the last command said as JSON, without the names of files
answer() { python3 -c "
import json, sys
d = json.load(open('$room/out'))
for k in ('result', 'messages'):
    d.pop(k, None)
json.dump(d, open(sys.argv[1], 'w'), sort_keys=True)" "$1"; }
json() { python3 -c "import json,sys; d=json.load(open('$room/out')); sys.exit(not ($1))"; }
sqlite_count() { python3 -c "
import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM part').fetchone()[0])" "$1"; }

y backtest $tiny --free-from 2005-01 -n 40 --json -o "$room/a.ytt"
is "whole: done" gives 0
is "whole: nothing is left beside it" [ ! -e "$room/a.ytt.part" ]
is "whole: worlds decide from 2005 on" json '{b["start"] for b in d["free"]} >= {"2005-01"}'
answer "$room/a.json"

# shards in any order, by other threads
for i in 2 1 3; do
    y backtest $tiny --free-from 2005-01 -n 40 --shard $i/3 -j $i -o "$room/part$i.ytt" -q
    is "shard $i: done" gives 0
done
y backtest $tiny --free-from 2005-01 -n 40 --json -o "$room/b.ytt" --take "$room/part3.ytt" --take "$room/part1.ytt" \
    --take "$room/part2.ytt"
is "parts: taken" gives 0
answer "$room/b.json"
is "parts: the same answer" cmp -s "$room/a.json" "$room/b.json"
y backtest $tiny --free-from 2005-01 -n 40 --seed 2 -o "$room/c.ytt" --take "$room/part1.ytt"
is "parts of another seed: exit 3" gives 3
is "parts of another seed: told" err_has "its seed is 1, this one's is 2"
y backtest $tiny --free-from 2005-01 -n 40 -o "$room/c.ytt" --take "$room/a.ytt"
is "no parts: exit 3" gives 3
is "no parts: nothing is left" [ ! -e "$room/c.ytt.part" ]
y backtest $tiny --shard 4/3 -o "$room/c.ytt"
is "shard 4/3: exit 2" gives 2
y backtest $tiny --resume
is "resume of nothing: exit 2" gives 2

# killed, then taken up
"$program" backtest $tiny --free-from 2005-01 -n 4000 -j 1 -o "$room/k.ytt" -q >/dev/null 2>&1 </dev/null &
victim=$!
for _ in $(seq 100); do
    sleep 0.1
    [ -e "$room/k.ytt.part" ] && [ "$(stat -c %s "$room/k.ytt.part-wal" 2>/dev/null || echo 0)" -gt 200000 ] && break
done
kill -9 $victim
wait $victim 2>/dev/null
is "killed: a part is left" [ -e "$room/k.ytt.part" ]
is "killed: no result" [ ! -e "$room/k.ytt" ]
y backtest $tiny --free-from 2005-01 -n 40 -o "$room/k.ytt"
is "killed: not overwritten" gives 5
is "killed: says how to go on" err_has "--resume"
cp "$room/k.ytt.part" "$room/copy" && cp "$room/k.ytt.part-wal" "$room/copy-wal"
is "killed: blocks are in it" [ "$(sqlite_count "$room/copy")" -gt 0 ]
y backtest $tiny --free-from 2005-01 -n 40 --resume --json -o "$room/k.ytt"
is "resumed: done" gives 0
answer "$room/k.json"
is "resumed: the same answer" cmp -s "$room/a.json" "$room/k.json"
is "resumed: nothing is left beside it" [ ! -e "$room/k.ytt.part" ]

# stopped in good order: told how to go on
timeout -s INT 1.5 "$program" backtest $tiny --free-from 2005-01 -n 4000 -j 1 -o "$room/i.ytt" >"$room/out" 2>"$room/err"
code=$?
is "stopped: a part is left" [ -e "$room/i.ytt.part" ]
is "stopped: told" err_has "--resume goes on"

# forecasts and published results
cp -r $tiny "$room/case" && chmod -R u+w "$room/case"
cat >"$room/case/observations/published.csv" <<EOT
id,kind,study,finding,tolerance,answered_by,why,source,url,grade,note
gap,study result,A book,the border is dearer,1 to 3,targets,,A book,,D,
half,study result,A book,a half of it,1 to 3,targets,,A book,,D,
doom,failed forecast,Another,no ytonium,none,targets,,A book,,D,
order,ranking,A list,X before Y,rank,ranks,,A book,,D,
else,study result,A third,the moon,none,nothing,there is no moon,A book,,D,
EOT
printf 'published,element,rank,note\norder,X,1,\norder,Y,2,\n' \
    >"$room/case/observations/published_ranks.csv"
cat >"$room/case/observations/targets.csv" <<EOT
id,event,published,start,fact,how,series,product,place,period,over_series,over_product,over_place,over_period,times,value_low,value_high,claim_low,claim_high,unit,source,grade,note
border_gap,invented,gap,,border over inside,mean,price,xium,FOB East,2005,price,xium,East,2005,,1,3,,,USD/kg,A book,D,
twice,published,gap,,the same over itself,mean,target,border_gap,,,target,border_gap,,,,1,1,,,ratio,A book,D,
again,published,half,,the same,mean,target,border_gap,,,target,border_gap,,,,1,1,,,ratio,A book,D,
untold,published,half,,what no world tells,mean,price,nothing,East,2005,,,,,,1,3,,,USD/kg,A book,D,
served,published,doom,2005-02,ytonium runs out,mean,unserved,ytonium,world,2005-06..2005-12,,,,,,0,5,90,,%,A book,D,
new_mine,invented,,,years to a new mine,outcome,years_to_first_mine,,,2004-06..2006,,,,,,1,3,,,years,A book,D,
EOT
y backtest "$room/case" -n 16 --free-from 2004-06,2005-01 --json -o "$room/p.ytt"
is "published: done" gives 0
is "published: a target over itself is 1" json 'all(t["value"] == 1 for p in d["published"] for t in p["targets"] if t["id"] == "twice")'
is "published: all five are listed" json 'len(d["published"]) == 5'
is "published: a part that nobody tells is not inside" json '[(p["parts"], p["parts_inside"], p["inside"]) for p in d["published"] if p["id"] == "half"] == [(2, 1, False)]'
is "published: parts count" json '[p["parts"] for p in d["published"] if p["id"] == "gap"] == [2]'
is "published: what cannot be answered says why" json '[p["why"] for p in d["published"] if p["id"] == "else"] == ["there is no moon"]'
is "published: its targets are no events" json '[e["id"] for e in d["events"]].count("twice") == 0'
is "forecast: asked from its date" json '[f["start"] for f in d["forecasts"]] == ["2005-02"]'
is "forecast: shares of worlds" json 'all(0 <= f["claim_share"] <= 1 and 0 <= f["happened_share"] <= 1 for f in d["forecasts"])'
is "forecast: a verdict" json 'all(f["verdict"] for f in d["forecasts"])'
is "outcome: not asked of worlds that decide too late" json '[e["start"] for e in d["events"] if e["id"] == "new_mine"] == ["2004-06"]'
y query "$room/p.ytt" "SELECT id, answered_by FROM published_answer" --csv
is "stored: published" out_has "order,screen"
y query "$room/p.ytt" "SELECT verdict FROM forecast_answer" --csv
is "stored: forecasts" gives 0
y backtest "$room/case" -n 4 --free-from never --json
is "never: no worlds decide" json 'd["forecasts"] == [] and d["free"] == []'
y shock "$room/case" --screen --json
is "screen: beside the ranking" json '[r["pairs"] for r in d["published"]] == [1]'

echo "backtest: $((checks - failures)) of $checks checks passed"
[ $failures -eq 0 ]
