#!/bin/sh
# Builds guise, runs the built-in scenarios and writes both reports. On a fresh
# Debian 12 it first installs what is missing.
set -eu
# shellcheck source=harness/setup.sh
. "$(dirname "$0")/setup.sh"

guise_need_to_build
guise_install
cd "$guise_root"
guise_build release --target guise

code=0
build/guise run --report html=guise-report.html --report csv=guise-report.csv ||
  code=$?
[ -e guise-report.html ] || exit "$code"
echo
echo "The reports:"
echo "  $guise_root/guise-report.html"
echo "  $guise_root/guise-report.csv"
exit "$code"
