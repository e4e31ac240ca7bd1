#!/bin/sh
# Breaking any one expectation of a built-in scenario makes the run fail and
# name its line. Each line that holds one is turned into its opposite, alone;
# each declared finding is left undeclared.
# shellcheck source=harness/tests/cli_common.sh
. "$(dirname "$0")/cli_common.sh"

# flip LINE: the opposite of the expectation on that line.
flip() {
  sed -E "$1{
    s/:granted\([^()]*\)/:@denied()/
    s/:denied\([^()]*\)/:@granted()/
    s/:succeeds\([^()]*\)/:@fails()/
    s/:fails\([^()]*\)/:@succeeds()/
    s/:acts_as\([^()]*\)/:@reverted()/
    s/:reverted\(\)/:@acts_as('NT AUTHORITY\\\\\\\\ANONYMOUS LOGON')/
    s/:has\(/:@lacks(/
    s/:lacks\(/:@has(/
    s/:@/:/g
  }" original
}

lines_with() {
  grep -nE ":($1)" original | cut -d: -f1
}

# Lua gives a call the line that its statement begins on.
statement_of() {
  head -n "$1" original | grep -nE ':(expect|require)\(' | tail -n 1 | cut -d: -f1
}

# broken LINE: the file at hand, changed at that line, must fail.
broken() {
  run run --quiet "$file"
  what="$what with line $1 broken"
  expect_code 1
  count=$((count + 1))
}

cp -r "$source_dir/scenarios" whole
count=0
files=$(find whole -name '*.lua' ! -name '_*' ! -name divergences.lua | sort)
for file in $files; do
  cp "$file" original
  lines=$(lines_with '(granted|denied|succeeds|fails|acts_as|reverted|has|lacks)\(')
  for line in $lines; do
    flip "$line" >"$file"
    broken "$line"
    expect_in err "$file:$(statement_of "$line"): fail: "
  done
  lines=$(lines_with 'expect_finding')
  for line in $lines; do
    sed "${line}s/s:expect_finding/local _ =/" original >"$file"
    broken "$line"
    rule=$(sed -n "${line}s/.*expect_finding[ (]*\"\([a-z-]*\)\".*/\1/p" original)
    expect_in err ": fail: $rule (CWE-"
  done
  cp original "$file"
done
echo "$count expectations broken"
what="the search for expectations"
[ "$count" -ge 400 ] || fail "only $count found"
finish
