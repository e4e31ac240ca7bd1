#!/bin/sh
# Every exit code of the program.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"

scenario_head >pass.lua
with_body fail.lua <<'LUA'
  local t = s:process { name = "p", account = "NT AUTHORITY\\SYSTEM" }:thread "t"
  local f = s:file { path = [[C:\g]], sddl = "O:SYG:SYD:(A;;FR;;;SY)" }
  s:expect(t:open(f, "FILE_WRITE_DATA")):granted()
LUA
with_body error.lua <<'LUA'
  error "on purpose"
LUA
with_body leak.lua <<'LUA'
  local t = s:process { name = "p", account = "NT AUTHORITY\\SYSTEM" }:thread "t"
  t:ImpersonateSelf("Impersonation")
LUA
mkdir -p both empty
cp fail.lua error.lua both

run run pass.lua
expect_code 0
run run fail.lua
expect_code 1
expect_in err 'fail.lua:12: fail: '
run run leak.lua
expect_code 1
expect_in err 'leak.lua:11: fail: '
run run error.lua
expect_code 3
expect_line err 'error.lua:10: error: .*on purpose.*'
run run both
expect_code 3
expect_in err 'both/fail.lua:12: fail: '

run
expect_code 2
run nothing
expect_code 2
run run --nothing
expect_code 2
run run nowhere.lua
expect_code 2
run run --target vms pass.lua
expect_code 2
run run --report pdf pass.lua
expect_code 2
run run --report csv=- --report html=- pass.lua
expect_code 2
run run --filter nothing-like-it pass.lua
expect_code 2
run run --list --tag nothing-like-it pass.lua
expect_code 2
run run empty
expect_code 2
run run --report csv=no/such/folder.csv pass.lua
expect_code 3
run run --store no/such/folder.db pass.lua
expect_code 3

run run --list fail.lua error.lua
expect_code 0
run run --store kept.db fail.lua
run report --report csv=kept.csv kept.db
expect_code 0
run report nowhere.db
expect_code 2
run functions --coverage kept.db
expect_code 1

# A run that is interrupted finishes its scenario, keeps what it has and says
# so.
cat >long.lua <<'LUA'
local guise = require "guise"
guise.scenario("long", function()
  local n = 0
  for i = 1, 200000000 do n = n + i end
end)
guise.scenario("never", function() end)
LUA
what="guise run long.lua, interrupted"
"$guise" run --verbose --timeout 60s --store long.db --report csv=long.csv \
  pass.lua long.lua >out 2>err &
pid=$!
while ! grep -q good err; do sleep 0.05; done
sleep 0.2
kill -INT "$pid"
code=0
wait "$pid" || code=$?
expect_code 130
expect_in err interrupted
expect_in err ': pass: long'
expect_not_in err never
expect_in long.csv good
run report --report tap=- long.db
expect_line out 'Bail out! the run was cut off'
finish
