#!/bin/sh
# Builds guise and runs every test: with clang's warnings, the fuzz targets for
# some seconds each, with the address, undefined-behaviour and thread
# sanitizers, as guise.exe under Wine 8 and Wine 10, and last as it is released.
# On a fresh Debian 12 it first installs what is missing. Wine 10 takes root;
# --without-wine10 goes without it.
set -eu
# shellcheck source=harness/setup.sh
. "$(dirname "$0")/setup.sh"

wines="wine8 wine10"
case "$*" in
'') ;;
--without-wine10) wines=wine8 ;;
*)
  echo "usage: test.sh [--without-wine10]" >&2
  exit 2
  ;;
esac

# timed COMMAND...: and says how long it took.
timed() {
  started=$(date +%s)
  "$@"
  echo "guise: $(($(date +%s) - started)) s: $*" >&2
}

with_clang() {
  [ -e build/clang/build.ninja ] ||
    cmake --preset debug -B build/clang -DCMAKE_C_COMPILER=clang
  cmake --build build/clang
}

guise_need_to_build
guise_need_to_test
guise_need_for_windows
guise_install
cd "$guise_root"

timed with_clang
timed guise_build fuzz --target fuzzers
timed ctest --preset fuzz -L fuzz -j 2
for preset in asan tsan; do
  timed guise_build "$preset"
  timed ctest --preset "$preset" -j "$(nproc)"
done
timed guise_build release
timed ./harness/windows.sh build
for wine in $wines; do
  timed ./harness/windows.sh test "$wine"
done
ctest --preset release -j "$(nproc)"
