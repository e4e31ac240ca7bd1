#!/bin/sh
# What a run says of decisions that were not as expected.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"

cat >a.lua <<'LUA'
local guise = require "guise"
guise.scenario("one", {}, function(s)
  local alice = s:account { name = "alice", groups = { "BUILTIN\\Users" } }
  local t = s:process { name = "p", account = alice }:thread "t"
  local sddl = "O:SYG:SYD:(A;;FA;;;SY)(A;;FR;;;BU)"
  local x = s:file { path = [[C:\x]], sddl = sddl }
  local long = s:file { path = [[C:\long]],
    sddl = "O:SYG:SYD:" .. ("(A;;FA;;;SY)"):rep(40) }
  s:expect(t:open(x, "FILE_READ_DATA")):granted()
  s:expect(t:open(x, "FILE_WRITE_DATA")):granted()
  s:expect(t:open(long, "FILE_WRITE_DATA")):granted()
  s:expect(t:open(x, "FILE_READ_DATA")):denied()
  t:ImpersonateSelf "Identification"
  s:expect(t:open(x, "FILE_READ_DATA")):granted()
  s:expect(t:RevertToSelf()):fails()
end)
LUA
run run --store s.db a.lua
expect_code 1
cp err whole
grep '^[^ ]' whole >err
what='lines that begin with a place'
expect_lines err 7
expect_line err 'a\.lua:10: fail: expected granted, observed denied with .*'
expect_line err 'a\.lua:15: fail: expected fails?, .*'

# part FIRST NEXT: the lines below that one's, into err.
part() {
  sed -n "/^a\\.lua:$1: /,/^a\\.lua:$2: /p" whole | grep '^ ' >err
  what="what follows line $1"
}
part 10 11
expect_line err '  the access check for MACHINE\\alice \(S-1-5-21-.*-1000\):'
expect_line err '    dacl: ACE 0 .* does not apply: .*'
expect_line err '    dacl: ACE 1 .* grants .* to S-1-5-32-545 \(BUILTIN\\Users\), .*'
expect_line err '    result: denied on 0x2'
expect_line err '  it would be otherwise with:'
expect_line err '    the token in S-1-5-18 \(NT AUTHORITY\\SYSTEM\)'
part 11 12
expect_line err '    \.\.\. and 29 more'
expect_in err 'result: denied'
expect_lines err 17
part 12 14
expect_line err '    the token not in S-1-5-32-545 \(BUILTIN\\Users\)'
part 14 15
expect_line err '    level: the token is at Identification, .*'
expect_line err '    a token at Impersonation'

# From the store as well: the page of a run that is over.
run report --report html=page.html s.db
expect_code 0
expect_in page.html '<summary>the access check</summary>'
expect_in page.html 'level: the token is at Identification'
checks=$((checks + 1))
[ "$(grep -o '<summary>the access check' page.html | wc -l)" -eq 4 ] ||
  fail 'not one for each decision that failed'

# A store of an older guise is refused in one line.
run run --store s.db --quiet a.lua
printf '\000\000\000\001' | dd of=s.db bs=1 seek=60 conv=notrunc 2>/dev/null
run report --report csv=- s.db
expect_code 2
expect_lines err 1
expect_in err 'was written by another version of guise'
finish
