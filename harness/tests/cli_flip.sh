#!/bin/sh
# Breaking any one expectation of a built-in scenario makes the run fail and
# name its line. Each line that holds one is turned into its opposite, alone.
. "$(dirname "$0")/cli_common.sh"

pattern=':(granted|denied|succeeds|fails)\('

# Lua gives a call the line that its statement begins on.
statement_of() {
  head -n "$1" original | grep -nE ':(expect|require)\(' | tail -n 1 | cut -d: -f1
}

# flip LINE FILE: the opposite of the expectation on that line.
flip() {
  sed -E "$1{
    s/:granted\([^()]*\)/:@denied()/
    s/:denied\([^()]*\)/:@granted()/
    s/:succeeds\([^()]*\)/:@fails()/
    s/:fails\([^()]*\)/:@succeeds()/
    s/:@/:/g
  }" "$2"
}

cp -r "$source_dir/scenarios" whole
flipped=0
for file in $(cd whole && find . -name '*.lua' ! -name '_*' ! -name divergences.lua | sort); do
  file=whole/${file#./}
  cp "$file" original
  lines=$(grep -nE "$pattern" original | cut -d: -f1)
  for line in $lines; do
    flip "$line" original >"$file"
    if cmp -s original "$file"; then
      continue
    fi
    run run --quiet --store flip.db "$file"
    what="$what with line $line flipped"
    expect_code 1
    expect_in err "$file:$(statement_of "$line"): fail: "
    flipped=$((flipped + 1))
    rm -f flip.db
  done
  cp original "$file"
done
echo "$flipped expectations flipped"
what="the pattern"
[ "$flipped" -ge 100 ] || fail "only $flipped expectations found"
finish
