#!/bin/sh
# imports.sh OBJDUMP GUISE.EXE: what guise.exe imports is in imports.txt, whose
# functions Windows 8 has. Anything newer is to be looked up at run time.
set -u
objdump=$1
exe=$2
listed=$(dirname "$0")/imports.txt

# "dll.dll Function" a line; only import tables name a DLL on lines before.
imports() {
  LC_ALL=C "$objdump" -p "$exe" | awk '
    /DLL Name:/ { dll = tolower($3); next }
    /^$/ { dll = "" }
    dll != "" && $2 ~ /^[0-9]+$/ { print dll, $3 }' | LC_ALL=C sort -u
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
