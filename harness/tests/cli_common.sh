# shellcheck shell=sh
# Sourced by the tests of the program, which are given its path and the
# source folder. Everything happens in a scratch folder.
set -u
guise=$1
# shellcheck disable=SC2034 # for those who source this
source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
XDG_STATE_HOME=$work/state
NO_COLOR=1
export XDG_STATE_HOME NO_COLOR
failures=0
checks=0
what=

# run ARG...: guise's exit code in $code, its output in out and err.
run() {
  what="guise $*"
  code=0
  "$guise" "$@" >out 2>err </dev/null || code=$?
}

fail() {
  failures=$((failures + 1))
  printf 'FAIL: %s\n  %s\n' "$what" "$1"
  sed 's/^/  err: /' err | head -n 8
}

expect_code() {
  checks=$((checks + 1))
  [ "$code" -eq "$1" ] || fail "exit code $code, expected $1"
}

# expect_in FILE TEXT: a fixed string somewhere in it.
expect_in() {
  checks=$((checks + 1))
  grep -qF -e "$2" "$1" || fail "no \"$2\" in $1"
}

expect_not_in() {
  checks=$((checks + 1))
  ! grep -qF -e "$2" "$1" || fail "\"$2\" in $1"
}

# expect_line FILE REGEX: a whole line.
expect_line() {
  checks=$((checks + 1))
  grep -qxE -e "$2" "$1" || fail "no line like $2 in $1"
}

expect_lines() {
  checks=$((checks + 1))
  lines=$(wc -l <"$1")
  [ "$lines" -eq "$2" ] || fail "$lines lines in $1, expected $2"
}

finish() {
  echo "$checks checks, $failures failed"
  [ "$failures" -eq 0 ]
  exit
}

# scenario_file NAME: one passing scenario, `body` from standard input after
# it as a second one.
scenario_head() {
  cat <<'LUA'
local guise = require "guise"

guise.scenario("good", function(s)
  local t = s:process { name = "p", account = "NT AUTHORITY\\SYSTEM" }:thread "t"
  local f = s:file { path = [[C:\f]], sddl = "O:SYG:SYD:(A;;FA;;;SY)" }
  s:expect(t:open(f, "FILE_READ_DATA")):granted()
end)
LUA
}

# with_body FILE: the passing scenario, then one whose body, from line 10 on,
# is standard input.
with_body() {
  {
    scenario_head
    echo
    echo 'guise.scenario("other", function(s)'
    cat
    echo 'end)'
  } >"$1"
}
