#!/bin/sh
# run.sh GUISE STORES BUILD_FOLDER: the HTML report in Chromium. Packages,
# stores, pages and screenshots stay below BUILD_FOLDER.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
guise=$1 stores=$2 work=$3

for tool in node npm; do
  command -v $tool >/dev/null || { echo "$tool is missing" >&2; exit 1; }
done
mkdir -p "$work/pages" "$work/screenshots"
cp "$here/package.json" "$here/package-lock.json" "$work/"
if ! cmp -s "$here/package-lock.json" "$work/installed"; then
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund)
  cp "$here/package-lock.json" "$work/installed"
fi

cd "$work/pages"
"$stores" .
"$stores" many.db 40000
"$guise" run --quiet --store good.db.new || true
mv good.db.new good.db
cp "$here/bad.lua" .
rm -f bad.db
"$guise" run --quiet --store bad.db bad.lua 2>/dev/null && exit 1
sed 's/"nothing"/"something"/; s/, "FILE_WRITE_DATA")):granted/, "FILE_WRITE_DATA")):denied/' \
  bad.lua >older.lua
mkdir -p older
mv older.lua older/bad.lua
rm -f older.db
(cd older && "$guise" run --quiet --store ../older.db bad.lua 2>/dev/null) && exit 1
cp "$here/team.json" "$here/team.svg" .
"$guise" report --report html=team.html --template team.json \
  --baseline older.db bad.db
for name in empty interrupted errors hostile many good bad; do
  "$guise" report --report html=$name.html --report csv=$name.csv $name.db
done
GUISE_BROWSER="$work" GUISE_ASSETS="$here/../../../reports/html" \
  exec node --test --test-reporter=spec "$here/"*.test.mjs
