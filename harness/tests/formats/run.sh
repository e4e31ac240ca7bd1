#!/bin/sh
# run.sh GUISE STORES BUILD_FOLDER: every report format, held against its
# schema or by a reader of its own. Packages and reports stay below
# BUILD_FOLDER. A tool that is missing is a failure.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
guise=$1 stores=$2 work=$3

for tool in node npm xmllint python3; do
  command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 1; }
done
mkdir -p "$work/reports"
cp "$here/package.json" "$here/package-lock.json" "$work/"
if ! cmp -s "$here/package-lock.json" "$work/installed"; then
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund)
  cp "$here/package-lock.json" "$work/installed"
fi

cd "$work/reports"
rm -f ./*
"$stores" .

# A real run, and again after its script has moved down by a line.
cp "$here/bad.lua" .
"$guise" run --quiet --store before.db bad.lua 2>/dev/null && exit 1
{ echo; cat "$here/bad.lua"; } >bad.lua
"$guise" run --quiet --store after.db bad.lua 2>/dev/null && exit 1

for name in sample empty hostile long errors cutoff before after; do
  "$guise" report --report csv=$name.csv --report jsonl=$name.jsonl \
    --report junit=$name.xml --report tap=$name.tap \
    --report sarif=$name.sarif $name.db
done
GUISE_FORMATS=$work exec node --test --test-reporter=spec "$here/formats.test.mjs"
