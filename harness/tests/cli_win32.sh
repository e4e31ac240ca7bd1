#!/bin/sh
# The win32 target under Wine, from outside: the built-in scenarios go as
# expected but for what divergences.lua lists, and enough of them really ask
# the system. GUISE_WINE says under which.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"

run run --quiet --target win32 --store s.db --report jsonl=rows
expect_code 0
expect_not_in err ': fail: '
expect_not_in err ': error: '

# at_least N WHAT PATTERN...: rows that match every pattern.
at_least() {
  least=$1
  what="rows: $2"
  shift 2
  cp rows left
  for pattern in "$@"; do
    grep -E -e "$pattern" left >kept || :
    mv kept left
  done
  checks=$((checks + 1))
  [ "$(wc -l <left)" -ge "$least" ] || fail "only $(wc -l <left) of $least"
}

held='"verdict":"(pass|known)"'
attempt='"kind":"attempt"'
answered='"kind":"(call|attempt)"'

at_least 30 'calls and attempts that pass' "$answered" '"verdict":"pass"'
at_least 2 'DDE, driven' '"operation":"DdeImpersonateClient"' "$held"
at_least 3 'pipes, driven' '"operation":"ImpersonateNamedPipeClient"' "$held"
at_least 10 'RPC, driven' '"operation":"RpcImpersonateClient"' "$held"
what="a skip says what is missing"
grep '"verdict":"skip"' rows | grep -v '"reason":"win32 lacks ' >out
expect_lines out 0

if [ "$GUISE_WINE" = wine10 ]; then
  at_least 150 'attempts' "$attempt" "$held"
  at_least 50 'denials' "$attempt" "$held" '"status_name":"ERROR_ACCESS_DENIED"'
  for level in Anonymous Identification Impersonation Delegation; do
    at_least 1 "ImpersonateSelf at $level" '"via":"ImpersonateSelf"' \
      "\"level\":\"$level\"" "$held"
  done
  for function in ImpersonateLoggedOnUser SetThreadToken; do
    for user in alice bob eve; do
      at_least 1 "$user by $function" "\"via\":\"$function\"" "$held" \
        "\"identity\":\"MACHINE\\\\\\\\$user\""
    done
  done
fi

with_body wrong.lua <<'LUA'
  local t = s:process { name = "p" }:thread "t"
  s:expect(t:ImpersonateSelf("Impersonation")):fails("ERROR_ACCESS_DENIED")
  s:expect(t:RevertToSelf()):succeeds()
LUA
run run --target win32 --store s.db --filter other wrong.lua
expect_code 1
expect_in err 'wrong.lua:11: fail: '

run clean
expect_code 0
finish
