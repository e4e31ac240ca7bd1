#!/bin/sh
# The subcommands beside run and report, help, manual and completion.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"

manual=$source_dir/harness/manual/guise.1

# --- help, version, manual, completion

run --version
expect_code 0
expect_line out 'guise [0-9]+\.[0-9]+\.[0-9]+'
run --help
expect_code 0
cp out help
commands=$(awk '/^  [a-z]/ { print $1 }' help)
for command in $commands; do
  expect_line help "  $command +.*"
  run "$command" --help
  expect_code 0
  expect_lines err 0
  expect_in out "usage: guise $command"
  sed 's/\\-/-/g' "$manual" >page
  options=$(grep -oE -e ' --[a-z-]+' out)
  for option in $options; do
    expect_in page "$option"
  done
done

if command -v bash >/dev/null 2>&1; then
  what="bash completion"
  PATH=$(dirname "$guise"):$PATH bash -c '
    . "$1"
    try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _guise; }
    try guise fun && echo "${COMPREPLY[@]}"
    try guise run --os && echo "${COMPREPLY[@]}"
    try guise run --report c && echo "${COMPREPLY[@]}"
  ' bash "$source_dir/harness/cli/completion/guise.bash" >out 2>err
  expect_line out functions
  expect_line out '--os-threads'
  expect_line out csv
fi

# --- functions

run functions
expect_code 0
expect_line out 'ImpersonateNamedPipeClient +impersonate +advapi32 +BOOL +yes +pipe +RevertToSelf, SetThreadToken'
run functions --json
expect_code 0
expect_in out '"name": "RpcRevertToSelfEx"'
run functions --stubs
expect_code 0
expect_in out '---@meta'
expect_in out 'ImpersonateSelf'

# Every function that starts or ends impersonation is seen to succeed and to
# fail, every object type to be granted and denied, by the built-in scenarios.
run run --quiet --store all.db
expect_code 0
run functions --coverage all.db
expect_code 0
expect_line out '0 holes'

# --- check

run check --sddl 'O:BAG:BAD:(A;;FR;;;BU)' --user S-1-5-21-1-2-3-1001 \
  --group BU --access FILE_READ_DATA
expect_code 0
expect_line out 'granted: FILE_READ_DATA \(0x1\)'
expect_line out 'because: .*ACE 0 .*'
run check --sddl 'O:BAG:BAD:(D;;FW;;;BU)(A;;FA;;;WD)' --user S-1-5-21-1-2-3-1001 \
  --group 'BUILTIN\Users' --group WD --access 'FILE_READ_DATA|FILE_WRITE_DATA'
expect_code 0
expect_line out 'denied: ERROR_ACCESS_DENIED \(5\)'
expect_in out 'ACE 0'
run check --sddl 'O:BAG:BAD:(A;;FA;;;WD)' --user SY --level Identification \
  --group WD --json
expect_code 0
expect_in out '"granted": false'
expect_in out '"last_error": 1346'
run check --sddl 'O:BAG:BAD:(A;;KR;;;WD)' --type key --user SY --group WD:deny-only
expect_in out 'denied'
run check --sddl 'D:(A;;FA;;;WD' --user SY
expect_code 2
expect_in err 'byte'
expect_lines err 1
run check --sddl 'D:' --user SY --access FILE_REED_DATA
expect_code 2
expect_in err FILE_READ_DATA
run check --sddl 'D:' --user SY --priv SeDebugPrivilage
expect_code 2
expect_in err 'did you mean SeDebugPrivilege?'
run check --sddl 'O:BAG:BAD:' --user SY --priv SeTakeOwnership \
  --access WRITE_OWNER
expect_code 0
expect_in out 'SeTakeOwnershipPrivilege'
run check --user SY
expect_code 2
run check --sddl 'D:(A;;FR;;;BU)' --user LS --access FILE_READ_DATA
expect_in out 'the token in S-1-5-32-545'
cat >questions <<'END'
{"id":"a","sddl":"D:(A;;FR;;;WD)","token":{"user":"SY","groups":["WD"]},"desired_access":1}
{"id":"b","sddl":"D:(A;;FR","token":{"user":"SY"},"desired_access":1}
{"id":"c","api":"AccessCheck","sddl":"O:SYG:SYD:","token":{"user":"SY"},"desired_access":1}
END
run check --batch questions
expect_code 0
expect_lines out 3
expect_line out '.*"id":"a","granted":1,"access_status":true,"status":"STATUS_SUCCESS".*'
expect_line out '.*"id":"b","error":.*'
expect_line out '.*"id":"c",.*"granted":0,.*"last_error":5.*'

# --- bench access

echo '{"tokens":[["S-1-5-18"],["S-1-5-19"]],
"sddl":["O:BAG:SYD:(A;;0x1200a9;;;S-1-5-18)"],
"order":[[0,0],[1,0]],"allowed":[1,1]}' >workload.json
run bench access --workload workload.json --rounds 1 --json
expect_code 0
expect_in out '"mismatches": 3'
run bench access --workload questions
expect_code 2
run bench access
expect_code 2

# --- bench sddl

run bench sddl --rounds 1
expect_code 0
expect_in out 'each of another domain'
run bench sddl --workload workload.json --rounds 1 --json
expect_code 0
expect_in out '"bytes": 34'
expect_in out '"mismatches": 0'
echo '{"sddl":["D:","D:(A;;XX;;;WD)"]}' >texts.json
run bench sddl --workload texts.json
expect_code 2
expect_in err 'sddl[1], offset 6'
run bench sddl --workload questions
expect_code 2
run bench
expect_code 2
expect_in err 'calls, access, sddl, matrix, report'

# --- bench report

run bench report --rows 300 --rounds 1 --json
expect_code 0
for format in csv jsonl sqlite junit tap sarif html; do
  expect_in out "\"format\": \"$format\""
done
expect_in out '"peak_kib"'
run bench report --rows 10 --rounds 1 --format csv
expect_code 0
expect_in out 'C fprintf'
expect_not_in out 'jsonl'
run bench report --format yaml
expect_code 2
run bench report --rows 0
expect_code 2

# --- inherit

run inherit
expect_code 2
echo '{"id":"a","is_container":false,"creator_token":{"user":"SY",
"default_owner":"SY","primary_group":"SY"},"parent":{"aces":[{"type":0,
"flags":1,"mask":268435456,"sid":"CO"}]}}' | tr -d '\n' >questions
run inherit --batch questions
expect_code 0
expect_in out '"aces":[{"type":0,"flags":0,"mask":2032127,"sid":"S-1-5-18"}]'

# --- status

run status 5
expect_code 0
expect_line out 'Win32 +0x00000005 5 ERROR_ACCESS_DENIED.*'
run status status_access_denied
expect_code 0
expect_line out 'NTSTATUS 0xC0000022 3221225506 STATUS_ACCESS_DENIED.*'
expect_line out ' +becomes Win32 5 ERROR_ACCESS_DENIED'
run status 0x80090302
expect_in out SEC_E_UNSUPPORTED_FUNCTION
run status ERROR_ACCES_DENIED
expect_code 2
expect_in err 'did you mean ERROR_ACCESS_DENIED?'
cat >lines <<'JSON'
{"id": "a", "ntstatus": 3221225506}
{"id": "b", "ntstatus": "x"}
not json

{"id": 7, "ntstatus": 0, "more": 1}
JSON
run status --batch lines
expect_code 0
expect_lines out 4
expect_line out '\{"id":"a","win32":5\}'
expect_line out '\{"id":"b","error":\{"message":".*ntstatus.*"\}\}'
expect_line out '\{"id":null,"error":\{"message":"not JSON.*'
expect_line out '\{"id":7,"win32":0\}'
run status --batch nowhere
expect_code 2

# --- lists

cat >two.lua <<'LUA'
local guise = require "guise"
guise.scenario("one", { tags = { "a" } }, function() end)
guise.scenario("two", { tags = { "b" } }, function() end)
LUA
run run --list two.lua
printf 'two.lua:2\tone\ntwo.lua:3\ttwo\n' >wanted
what="guise run --list"
checks=$((checks + 1))
cmp -s wanted out || fail "not FILE:LINE, tab, name"
run run --list --tag b two.lua
expect_lines out 1
run run --list
expect_code 0
expect_in out 'scenarios/'
finish
