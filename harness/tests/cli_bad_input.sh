#!/bin/sh
# Bad input: one clear line with its place, the right exit code, and all other
# scenarios run and kept.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"

scenario_head >good.lua

# refused LINE TEXT: the scenario at hand ends in one error at that line, which
# says TEXT; the good one beside it is kept.
refused() {
  run run --timeout 500ms --memory 32M --report csv=kept.csv bad.lua good.lua
  expect_code 3
  expect_line err "bad.lua:$1: error: .*"
  expect_in err "$2"
  expect_lines err 3
  expect_in kept.csv ',good.lua,'
  if [ "$3" = kept ]; then
    expect_in kept.csv ',bad.lua,6,'
  else
    expect_in kept.csv '(file)'
  fi
}

thread='local t = s:process { name = "p", account = "SYSTEM" }:thread "t"
  local f = s:file { path = [[C:\g]], sddl = "O:SYG:SYD:(A;;FA;;;SY)" }'

run run good.lua nowhere.lua
expect_code 2
expect_line err 'guise run: nowhere.lua: no such file or directory'
expect_lines err 1

run run --fitler x good.lua
expect_code 2
expect_line err 'guise run: unknown option --fitler; did you mean --filter\?'
expect_lines err 1

run runn
expect_code 2
expect_line err 'guise: unknown command runn; did you mean run\?'

printf 'local guise = require "guise"\nlocal x = = 1\n' >bad.lua
refused 2 "unexpected symbol near '='" whole
printf 'return 1\n' >bad.lua
refused 1 'no scenario' whole
printf '\n\nerror "on load"\n' >bad.lua
refused 3 'on load' whole
printf '\nwhile true do end\n' >bad.lua
refused 2 'still running after 500 ms' whole

with_body bad.lua <<LUA
  $thread
  t:open(f, "FILE_READ_DAT")
LUA
refused 12 'FILE_READ_DATA' kept

with_body bad.lua <<LUA
  $thread
  t:open(f, "KEY_SET_VALUE")
LUA
refused 12 'KEY_SET_VALUE' kept

with_body bad.lua <<'LUA'
  s:file { path = [[C:\x]], sddl = "D:(A;;FA;;;XX)" }
LUA
refused 10 'XX' kept

# A closed handle is no misuse: it answers as Windows does, for an expectation
# to judge.
with_body bad.lua <<LUA
  $thread
  local h = t:CreateFile { path = f, access = "GENERIC_READ" }
  t:CloseHandle(h)
  s:expect(t:use(h, "FILE_READ_DATA")):granted()
LUA
run run --report csv=kept.csv bad.lua good.lua
expect_code 1
expect_line err 'bad.lua:14: fail: expected granted, .*ERROR_INVALID_HANDLE.*'
expect_in kept.csv ',good.lua,'

with_body bad.lua <<LUA
  $thread

  while true do end
LUA
refused 13 'still running after 500 ms' kept

with_body bad.lua <<'LUA'
  local hog = {}
  for i = 1, 1e9 do hog[i] = ("x"):rep(100000) .. i end
LUA
refused 11 'limit of 32768 KiB of memory' kept

with_body bad.lua <<LUA
  $thread
  t:ImpersonateSlef "Impersonation"
LUA
refused 12 'ImpersonateSelf' kept

with_body bad.lua <<LUA
  $thread
  t:ImpersonateSelf "Impersonate"
LUA
refused 12 'Impersonation' kept

with_body bad.lua <<'LUA'
  s:expect(nil):granted()
LUA
refused 10 'expect cannot judge nothing' kept

with_body bad.lua <<'LUA'
  os.execute "true"
LUA
refused 10 'os' kept

with_body bad.lua <<'LUA'
  s:process { name = "p", account = "nobody-of-that-name" }
LUA
refused 10 'nobody-of-that-name' kept
finish
