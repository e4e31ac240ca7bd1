#!/bin/sh
# guise matrix: who can do what.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"

cat >people.jsonl <<'JSON'
{"name": "alice", "token": {"user": "S-1-5-21-1-2-3-1001", "groups": ["BU", "WD"]}}
{"name": "bob", "token": {"user": "S-1-5-21-1-2-3-1002", "groups": ["WD", {"sid": "BU", "attributes": 16}]}}

{"name": "=root", "token": {"type": "primary", "user": "SY", "groups": ["BA", "WD"], "integrity": "S-1-16-16384"}}
JSON
cat >things.jsonl <<'JSON'
{"name": "secret.txt", "sddl": "O:BAG:BAD:(A;;FA;;;SY)(A;;FR;;;BU)"}
{"name": "HKLM\\S, \"x\"", "type": "key", "sddl": "O:BAD:(D;;KW;;;BU)(A;;KA;;;WD)"}
{"name": "copy.txt", "sddl": "O:BAG:BAD:(A;;FA;;;SY)(A;;FR;;;BU)"}
{"name": "own", "sddl": "O:BAD:(A;;GR;;;WD)", "generic_mapping": {"read": 1, "write": 2, "execute": 4, "all": 7}}
JSON
cat people.jsonl things.jsonl >both.jsonl

# --- the table, in each format

run matrix --principals people.jsonl --objects things.jsonl
expect_code 0
expect_lines err 0
expect_lines out 13
expect_line out 'principal  object       rights'
expect_line out 'alice      secret.txt   FILE_GENERIC_READ'
expect_line out 'bob        secret.txt   -'
expect_line out '=root      secret.txt   FILE_ALL_ACCESS'
expect_line out 'alice      copy.txt     FILE_GENERIC_READ'
expect_line out 'alice      own          0x1'
cp out table

run matrix --principals both.jsonl
expect_code 0
what='one file with both kinds'
checks=$((checks + 1))
cmp -s out table || fail 'not the same table'
what='guise matrix <both.jsonl'
"$guise" matrix <both.jsonl >out 2>err
checks=$((checks + 1))
cmp -s out table || fail 'not the same table'

run matrix --principals people.jsonl --objects things.jsonl --format csv
expect_code 0
tr -d '\r' <out >plain
expect_lines plain 13
expect_line plain 'principal,object,type,granted,rights'
expect_line plain 'alice,secret.txt,file,0x120089,FILE_GENERIC_READ'
expect_line plain 'bob,secret.txt,file,0x0,'
expect_line plain "'=root,secret.txt,file,0x1F01FF,FILE_ALL_ACCESS"
expect_in plain 'alice,"HKLM\S, ""x""",key,'
expect_line plain 'alice,own,,0x1,0x1'

run matrix --principals people.jsonl --objects things.jsonl --format json
expect_code 0
expect_lines out 12
expect_in out '{"principal":"alice","object":"secret.txt","type":"file","granted":1179785,"rights":"FILE_GENERIC_READ"}'
expect_in out '"object":"HKLM\\S, \"x\"","type":"key"'
expect_in out '{"principal":"bob","object":"secret.txt","type":"file","granted":0,"rights":""}'

# --- cells are what check decides

run check --sddl 'O:BAD:(D;;KW;;;BU)(A;;KA;;;WD)' --type key \
  --user S-1-5-21-1-2-3-1001 --group BU --group WD --json
mask=$(grep -oE '"mask": [0-9]+' out | grep -oE '[0-9]+')
run matrix --principals people.jsonl --objects things.jsonl --format json \
  --effective alice
expect_code 0
expect_lines out 4
expect_in out "\"type\":\"key\",\"granted\":$mask,"

# --- less than all

run matrix --principals people.jsonl --objects things.jsonl \
  --who-can FILE_READ_DATA secret.txt
expect_code 0
expect_lines out 3
expect_line out 'alice .*'
expect_line out '=root .*'
run matrix --principals people.jsonl --objects things.jsonl \
  --who-can GENERIC_WRITE 'HKLM\S, "x"' --format json
expect_code 0
expect_lines out 1
expect_in out '"principal":"=root"'
run matrix --principals people.jsonl --objects things.jsonl \
  --effective bob --who-can FILE_READ_DATA secret.txt --format json
expect_code 0
expect_lines out 0
run matrix --principals people.jsonl --objects things.jsonl \
  --rights 'FILE_READ_DATA, KEY_QUERY_VALUE|GENERIC_READ' --format json
expect_code 0
expect_lines out 12
expect_in out '"object":"secret.txt","type":"file","granted":1179785,"rights":"FILE_READ_DATA|GENERIC_READ"'
expect_in out '"type":"key","granted":131097,"rights":"KEY_QUERY_VALUE|GENERIC_READ"'
expect_in out '"object":"own","type":"","granted":1,"rights":"GENERIC_READ"'

# --- bad lines: one error each, the rest goes on

cat >bad.jsonl <<'JSON'
{"name": "a", "token": {"user": "SY"}}
{"name": "b"}
{"token": {"user": "SY"}}
{"name": "c", "token": {"user": "nobody"}}
{"name": "d", "token": {"user": "SY", "privileges_enabled": ["SeNone"]}}
{"name": "a", "token": {"user": "BA"}}
{"name": "o", "sddl": "D:(A;;FR;;;WD"}
{"name": "p", "sd_hex": "0100zz"}
{"name": "q", "sd_hex": "01000480"}
{"name": "r", "type": "fil", "sddl": "D:"}
{"name": "two\nlines", "sddl": "D:"}
["name"]
{"name": "s", "sddl":
{"name": "t", "sddl": "D:(A;;FR;;;WD)", "generic_mapping": {"read": -1}}
{"name": "good", "sddl": "D:(A;;FR;;;SY)"}
JSON
run matrix --principals bad.jsonl --format json
expect_code 2
expect_lines err 13
for line in 2 3 4 5 6 7 8 9 10 11 12 13 14; do
  expect_line err "bad.jsonl:$line: error: .+"
done
expect_line err 'bad.jsonl:2: error: neither .* a principal has a token, an object sddl or sd_hex'
expect_line err 'bad.jsonl:3: error: name must be .*'
expect_line err 'bad.jsonl:6: error: .*bad.jsonl:1.*'
expect_line err 'bad.jsonl:7: error: descriptor: .*byte.*'
expect_line err 'bad.jsonl:8: error: descriptor: .*\(byte 4\)'
expect_line err 'bad.jsonl:10: error: .*did you mean file\?'
expect_lines out 1
expect_in out '{"principal":"a","object":"good","type":"file","granted":1179785,"rights":"FILE_GENERIC_READ"}'

run matrix --principals things.jsonl --objects people.jsonl
expect_code 2
expect_line err 'things.jsonl:1: error: token.*'
expect_line err 'guise matrix: there is no principal: .*'
expect_lines out 0

# --- bad command lines

# refused TEXT ARG...: exit code 2, one line that says TEXT, no output.
refused() {
  text=$1
  shift
  run matrix "$@"
  expect_code 2
  expect_lines err 1
  expect_in err "$text"
  expect_lines out 0
}
set -- --principals people.jsonl --objects things.jsonl
refused 'nowhere.jsonl: No such file' --principals nowhere.jsonl
refused 'unknown format xml: text, csv or json' "$@" --format xml
refused 'go together' "$@" --who-can FILE_READ_DATA
refused 'go together' "$@" secret.txt
refused 'did you mean FILE_READ_DATA?' "$@" --who-can FILE_REED_DATA secret.txt
refused 'did you mean secret.txt?' "$@" --who-can FILE_READ_DATA secrets.txt
refused 'did you mean alice?' "$@" --effective alic
refused 'FILE_REED_DATA' "$@" --rights FILE_REED_DATA
refused 'MAXIMUM_ALLOWED is no right' "$@" --rights MAXIMUM_ALLOWED
refused 'needs names' "$@" --rights ,
refused 'there is no object' --principals people.jsonl
refused 'there is no principal' --objects things.jsonl
refused 'there is no principal'

# --- the world of a scenario

cat >world.lua <<'LUA'
local guise = require "guise"
guise.scenario("a world: as it ends", {}, function(s)
  local users = { sid = "BUILTIN\\Users", attributes = 6 }
  local alice = s:account { name = "alice", groups = { users } }
  local app = s:process { name = "app", account = alice }
  local system = s:process { name = "alice", account = "SYSTEM" }
  s:token { account = alice, groups = {} }
  s:file { path = [[C:\x]], sddl = "O:SYG:SYD:(A;;FR;;;BU)" }
  s:event { name = "x", sddl = "O:SYG:SYD:(A;;0x1;;;WD)" }
  s:mutex { name = "x", sddl = "O:SYG:SYD:(A;;0x1;;;WD)" }
  local y = s:file { path = [[C:\y]], sddl = "O:SYG:SYD:(A;;FR;;;BU)" }
  system:thread "s":SetNamedSecurityInfo {
    object = y, information = "DACL_SECURITY_INFORMATION",
    sddl = "D:(A;;0x2;;;BU)",
  }
  local t = app:thread "main"
  local own = t:OpenProcessToken { access = "TOKEN_ALL_ACCESS" }
  t:AdjustTokenGroups { token = own, disable = { "BUILTIN\\Users" } }
end)
LUA
run matrix --scenario world.lua
expect_code 0
expect_lines err 0
expect_lines out 17
expect_line out 'alice  *C:\\x  *FILE_GENERIC_READ'
expect_line out 'alice \(process\)  *C:\\x  *READ_CONTROL\|WRITE_DAC'
expect_line out 'MACHINE\\alice \(token\)  *C:\\x  *-'
what='guise matrix: as it is at the end'
expect_line out 'app  *C:\\x  *-'
expect_line out 'app  *x  *EVENT_QUERY_STATE'
expect_line out 'alice  *C:\\y  *FILE_WRITE_DATA'
expect_line out 'app  *x \(mutex\)  *MUTEX_MODIFY_STATE'

run matrix --scenario 'world.lua:a world: as it ends' --format csv \
  --effective alice --rights FILE_READ_DATA
expect_code 0
tr -d '\r' <out >plain
expect_line plain 'alice,C:\\x,file,0x1,FILE_READ_DATA'
expect_line plain 'alice,x,event,0x0,'
run matrix --scenario world.lua:2 --who-can FILE_READ_DATA 'C:\x'
expect_code 0
expect_lines out 2
expect_line out 'alice  *C:\\x  *FILE_GENERIC_READ'

# A name of a scenario that is built in, and the place that --list prints.
"$guise" run --list >list
builtin=$(grep '/logged_on_user.lua:' list | head -n 1)
run matrix --scenario "$(printf '%s' "$builtin" | cut -f 2)"
expect_code 0
expect_in out 'FILE_GENERIC_READ'
cp out named
run matrix --scenario "$(printf '%s' "$builtin" | cut -f 1)"
expect_code 0
checks=$((checks + 1))
cmp -s out named || fail 'not the same matrix'

# What went wrong in it is said; the matrix is what there is.
sed 's/^end)/  s:expect(t:open("C:\\\\x", "FILE_READ_DATA")):granted()\n&/' \
  world.lua >failing.lua
run matrix --scenario failing.lua
expect_code 0
expect_lines out 17
expect_lines err 2
expect_line err 'failing.lua:19: fail: expected granted, .*'
expect_line err 'guise matrix: warning: failing.lua:2 ended in fail; .*'

printf '%s\n' 'local guise = require "guise"' \
  'guise.scenario("one", {}, function() end)' \
  'guise.scenario("two", {}, function() end)' >two.lua
refused 'two.lua has 2 scenarios: say which' --scenario two.lua
refused 'did you mean two?' --scenario two.lua:twoo
refused 'two.lua has no scenario named "7"' --scenario two.lua:7
refused 'there is no principal: the scenario makes no account' \
  --scenario two.lua:one
refused 'there is neither a file nor a built-in scenario "nowhere.lua"' \
  --scenario nowhere.lua
refused 'leave out --principals and --objects' --scenario two.lua:one \
  --objects things.jsonl
echo 'this is no Lua' >broken.lua
run matrix --scenario broken.lua
expect_code 3
expect_lines out 0
expect_line err 'broken.lua:1: error: .*'

# A snapshot of a machine; what could not be read there is told.
printf '%s\n' \
  '{"name":"app.exe (12)","token":{"user":"S-1-5-21-1-2-3-1001","groups":["BU"]}}' \
  '{"name":"app.exe (12)","type":"process","sddl":"O:BAG:SYD:(A;;0x1000;;;BU)"}' \
  '{"name":"HKLM\\x","type":"key","sddl":"O:BAG:SYD:(A;;KR;;;BU)"}' \
  '{"name":"C:\\x","type":"file","error":{"code":5}}' >machine.jsonl
run matrix --snapshot machine.jsonl
expect_code 0
expect_lines out 3
expect_line out 'app.exe \(12\)  *app.exe \(12\)  *PROCESS_QUERY_LIMITED_INFORMATION'
expect_line out 'app.exe \(12\)  *HKLM\\x  *KEY_READ'
expect_line err 'guise matrix: machine.jsonl: 1 things could not be read there .*'
run matrix --snapshot machine.jsonl --who-can KEY_QUERY_VALUE 'HKLM\x'
expect_code 0
expect_lines out 2
echo '{"name":"x"}' >>machine.jsonl
refused 'machine.jsonl:5: a line has one of token' --snapshot machine.jsonl
refused 'leave out --scenario, --principals and --objects' \
  --snapshot machine.jsonl --objects things.jsonl
finish
