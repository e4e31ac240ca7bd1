#!/bin/sh
# guise.exe under Wine, from outside: exit codes, names in UTF-8, bytes on
# standard output, long paths, an interrupt, and the rows of the built-in
# scenarios, which are those of the native program.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"
native=$source_dir/build/release/guise

scenario_head >pass.lua
with_body fail.lua <<'LUA'
  local t = s:process { name = "p", account = "NT AUTHORITY\\SYSTEM" }:thread "t"
  local f = s:file { path = [[C:\g]], sddl = "O:SYG:SYD:(A;;FR;;;SY)" }
  s:expect(t:open(f, "FILE_WRITE_DATA")):granted()
LUA
with_body error.lua <<'LUA'
  error "on purpose"
LUA

run run --store s.db pass.lua
expect_code 0
run run --store s.db fail.lua
expect_code 1
expect_in err 'fail.lua:12: fail: '
run run --nothing
expect_code 2
run run nowhere.lua
expect_code 2
expect_in err 'nowhere.lua: no such file or directory'
run run --store s.db error.lua
expect_code 3
run run --store no/such/folder.db pass.lua
expect_code 3
run report --report csv=- s.db
expect_code 0
expect_not_in out "$(printf '\r\r')"

# The rows are the native program's but for times and what is measured.
what="the rows of guise.exe and of $native"
rows() { # PROGRAM
  "$1" run --quiet --store "$2" --report csv=- >"$2.csv" 2>err || fail "exit $?"
  # shellcheck disable=SC2016 # Lua's
  lua5.4 "$source_dir/harness/tests/csv_columns.lua" time_utc duration_ns \
    <"$2.csv" >"$2.rows"
}
rows "$native" native.db
rows "$guise" windows.db
checks=$((checks + 1))
cmp native.db.rows windows.db.rows || fail "they differ"
[ "$(wc -l <native.db.rows)" -gt 500 ] || fail "too few rows"

# Names that the ANSI code page has not, in arguments, files and messages.
mkdir 'Łódź 日本'
cp pass.lua 'Łódź 日本/прогон.lua'
run run --list 'Łódź 日本'
expect_code 0
expect_in out 'Łódź 日本/прогон.lua:'
run run --store 'Łódź 日本/店.db' --report 'csv=Łódź 日本/表.csv' \
  'Łódź 日本/прогон.lua'
expect_code 0
expect_in 'Łódź 日本/表.csv' 'прогон.lua'
run report --report csv=- 'Łódź 日本/店.db'
expect_code 0
run run 'Łódź 日本/нет.lua'
expect_code 2
expect_in err 'нет.lua: no such file or directory'
# shellcheck disable=SC1003 # a backslash before the end is meant
run run 'a b"c\' 'x*'
expect_code 2
# shellcheck disable=SC1003
expect_in err 'a b"c\'

# A path longer than MAX_PATH.
long=$(printf '%0120d' 0)
mkdir -p "$long/$long/$long"
cp pass.lua fail.lua "$long/$long/$long/"
run run --store "$long/$long/$long/s.db" \
  --report "csv=$long/$long/$long/out.csv" "$long/$long/$long/pass.lua"
expect_code 0
expect_in "$long/$long/$long/out.csv" pass.lua
run run --store "$long/$long/$long/s.db" "$long"
expect_code 1

# Backslashes separate as well.
mkdir sub
cp pass.lua sub/_shared.lua
cp pass.lua sub/
run run --list sub
expect_lines out 1
# shellcheck disable=SC1003
run run --list 'sub\'
expect_lines out 1
run run --store s.db 'sub\pass.lua'
expect_code 0

# What guise.exe reads of the machine the native program evaluates.
echo text >sub/read.txt
key='HKLM\Software\Microsoft\Windows NT\CurrentVersion\Time Zones\UTC'
run snapshot --process guise.exe --files sub --keys "$key" \
  --keys 'HKLM\Software\nowhere' --output machine.jsonl
expect_code 0
expect_lines out 0
expect_line err 'guise snapshot: [0-9]* objects, 1 principals, 1 could not be read'
expect_line machine.jsonl '.*\\\\sub","type":"directory","sddl":"O:.*'
expect_line machine.jsonl '.*\\\\sub\\\\read.txt","type":"file","sddl":"O:.*'
expect_line machine.jsonl '.*\\\\Time Zones\\\\UTC","type":"key","sddl":".*'
expect_line machine.jsonl '\{"name":"guise.exe \([0-9]*\)","type":"process",.*'
expect_line machine.jsonl '.*"token":\{"type":"primary","user":"S-1-5-21-.*'
expect_line machine.jsonl '.*nowhere","type":"key","error":\{"code":2,.*'
what="the native program reads guise.exe's snapshot"
"$native" matrix --snapshot machine.jsonl >out 2>err || fail "exit $?"
expect_line err '.*machine.jsonl: 1 things could not be read there .*'
expect_line out 'guise.exe \([0-9]*\) .*\\Time Zones\\UTC  *KEY_ALL_ACCESS'
expect_line out 'guise.exe \([0-9]*\) .*\\sub\\read.txt  *FILE_.*'
run snapshot --process nobody.exe
expect_code 2
expect_in err 'there is no process nobody.exe'
run snapshot --quiet --process guise.exe
expect_code 0
expect_lines out 2
expect_lines err 0

# An interrupt ends the run after the scenario at hand.
with_body long.lua <<'LUA'
  local stop = os.clock() + 1
  while os.clock() < stop do end
end)
for i = 1, 20 do guise.scenario("more " .. i, function()
  local stop = os.clock() + 1
  while os.clock() < stop do end
end) end
guise.scenario("last", function()
LUA
what="an interrupt"
code=0
timeout --preserve-status -s INT 5 \
  "$guise" run --store int.db long.lua >out 2>err </dev/null || code=$?
expect_code 130
expect_in err interrupted

finish
