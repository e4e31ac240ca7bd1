#!/bin/sh
# Builds guise and runs every test: with clang's warnings, the fuzz targets for
# some seconds each, with the address, undefined-behaviour and thread
# sanitizers, and last as it is released. On a fresh Debian 12 it first installs
# what is missing.
set -eu
# shellcheck source=harness/setup.sh
. "$(dirname "$0")/setup.sh"

guise_need_to_build
guise_need_to_test
guise_install
cd "$guise_root"

[ -e build/clang/build.ninja ] ||
  cmake --preset debug -B build/clang -DCMAKE_C_COMPILER=clang
cmake --build build/clang
guise_build fuzz --target fuzzers
ctest --preset fuzz -L fuzz -j 2
for preset in asan tsan release; do
  guise_build "$preset"
  ctest --preset "$preset" -j "$(nproc)"
done
