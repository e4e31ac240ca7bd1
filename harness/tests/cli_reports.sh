#!/bin/sh
# Reports and stores: what a run leaves, and what is made of it later.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"

scenario_head >pass.lua
columns=run,seq,time_utc,scenario,file,line,step,kind,process,thread,identity
columns=$columns,identity_sid,level,via,operation,object_type,object,asked
columns=$columns,granted,status_code,status_name,expected,verdict,rule,cwe
columns=$columns,reason,duration_ns

run run --report csv --report html=page.html pass.lua
expect_code 0
head -n 1 guise-report.csv | tr -d '\r' >header
expect_line header "$columns"
expect_in guise-report.csv ',good,pass.lua,6,'
expect_in page.html '</html>'
expect_in err 'guise-report.csv'
expect_in err 'page.html'

# Any number of formats in one run, or later from the store.
run run --store all.db --report junit --report sarif --report tap=all.tap \
  --report jsonl=- pass.lua
expect_code 0
expect_lines out 2
expect_in guise-report.xml '<testcase name="good"'
expect_in guise-report.sarif '"version":"2.1.0"'
expect_line all.tap 'ok 1 - good \(pass\.lua:3\)'
cp out lines
run report --report jsonl=- --report junit=again.xml all.db
what="the report of a run, and the same from its store"
checks=$((checks + 1))
cmp -s out lines || fail "JSON Lines differ"
checks=$((checks + 1))
cmp -s guise-report.xml again.xml || fail "JUnit XML differs"
run report --report yaml all.db
expect_code 2
for format in html csv junit sarif tap jsonl; do
  expect_in err " $format"
done
run report --help
for format in html csv junit sarif tap jsonl; do
  expect_in out "  $format "
done

# The default store is below XDG_STATE_HOME, and replaced.
run run pass.lua
run report --report csv=- "$work/state/guise/last.db"
expect_code 0
expect_in out ',good,pass.lua,6,'
run report --run 2 "$work/state/guise/last.db"
expect_code 2
expect_lines err 1

# A store that is named is appended to.
run run --store s.db pass.lua
run run --store s.db --filter good pass.lua
run report --report csv=two.csv s.db
run report --run 1 --report csv=one.csv s.db
sed -n 2p one.csv | cut -d, -f1 >first
sed -n 2p two.csv | cut -d, -f1 >second
expect_line first 1
expect_line second 2

# A file that is no store is refused and left alone.
echo precious >notes.txt
run run --store notes.txt pass.lua
expect_code 2
expect_line notes.txt precious

# Standard output carries the report and nothing else.
run run --report csv=- pass.lua
head -n 1 out | tr -d '\r' >header
expect_line header "$columns"

# A page in a team's colours, and what changed since another run.
echo '{"title": "Team <7>", "colours": {"accent": "#7a1f5c"}}' >team.json
run report --report html=page.html --template team.json s.db
expect_code 0
expect_in page.html '<h1>Team &lt;7&gt;</h1>'
expect_in page.html '#7a1f5c'
echo '{"titel": 1}' >team.json
run report --report html=page.html --template team.json s.db
expect_code 2
expect_in err 'template team.json: there is no member "titel"'
run report --report csv=- --template team.json s.db
expect_code 2
run report --report html=page.html --baseline s.db --baseline-run 1 s.db
expect_code 0
expect_in page.html 'since run 1 of s.db'
run report --report html=page.html --baseline none.db s.db
expect_code 2
run report --report html=page.html --baseline-run 1 s.db
expect_code 2

# Quiet is quiet; verbose names each scenario.
run run --quiet pass.lua
expect_lines err 0
run run --verbose pass.lua
expect_line err 'pass.lua:3: pass: good'

# The same with an OS thread for each thread.
run run --os-threads --report csv=threads.csv
expect_code 0
run run --report csv=plain.csv
expect_code 0
for f in threads plain; do
  # Times and durations differ from run to run.
  awk -F, 'NR > 1 { $3 = ""; $NF = ""; print }' $f.csv >$f.cut
done
what="--os-threads against none"
checks=$((checks + 1))
cmp -s threads.cut plain.cut || fail "the rows differ"
finish
