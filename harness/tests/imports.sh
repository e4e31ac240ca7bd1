#!/bin/sh
# imports.sh OBJDUMP GUISE.EXE: what guise.exe imports is in imports.txt, whose
# functions Windows 8 has. Anything newer is to be looked up at run time.
set -u
objdump=$1
exe=$2
listed=$(dirname "$0")/imports.txt

# "DLL function", in lower and as written.
imports() {
  LC_ALL=C "$objdump" -p "$exe" | awk '
    /DLL Name:/ { dll = tolower($3); next }
    /^\t[0-9a-f]+\t +[0-9]+  / && dll != "" { print dll, $3; next }
    /^\t[0-9a-f]+ +[0-9]+ / && dll != "" { print dll, $3; next }
    /^The |^There / { dll = "" }' | LC_ALL=C sort -u
}

found=$(imports)
[ "$(echo "$found" | wc -l)" -gt 50 ] || {
  echo "no import table was read"
  exit 1
}
new=$(echo "$found" | LC_ALL=C comm -23 - "$listed")
[ -z "$new" ] || {
  echo "imports that are not in imports.txt; has Windows 8 got them?"
  echo "$new"
  exit 1
}
