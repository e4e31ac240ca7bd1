#!/bin/sh
# guise.exe on a Linux machine, Debian 12: built with mingw-w64, run by Wine.
#
#   windows.sh build                      makes build/windows/guise.exe
#   windows.sh run wine8|wine10 -- ARGS   runs it; the exit code is guise's
#   windows.sh test wine8|wine10          runs the tests and the scenarios there
#   windows.sh exec wine8|wine10 -- PROGRAM ARGS
#
# Installs what is missing. Wine 8 is Debian 12's package; Wine 10 lives in a
# Debian 13 tree of its own, which takes root to make and to enter. Libraries,
# tree and Wine's prefixes stay in ${XDG_CACHE_HOME:-~/.cache}/guise. A program
# that takes longer than GUISE_WINE_TIMEOUT seconds (600) is ended, exit code
# 124.
set -eu
# shellcheck source=harness/setup.sh
. "$(dirname "$0")/setup.sh"
# shellcheck source=harness/wine.sh
. "$guise_root/harness/wine.sh"

usage() {
  sed -n 's/^#   //p' "$0" >&2
  exit 2
}

build() {
  guise_need_for_windows
  guise_install
  sh "$guise_root/harness/windows-deps.sh"
  cd "$guise_root"
  guise_build windows "$@"
}

[ $# -gt 0 ] || usage
verb=$1
shift
if [ "$verb" = build ]; then
  build --target guise
  exit 0
fi
if [ "$verb" = emulate ]; then # for ctest: PROGRAM ARGS, all prepared
  wine_exec "${GUISE_WINE:?names wine8 or wine10}" "$@"
  exit
fi
wine=${1-}
case $wine in
wine8 | wine10) shift ;;
*) usage ;;
esac
[ "${1-}" != -- ] || shift
exe=$guise_root/build/windows/guise.exe

case $verb in
run)
  [ -e "$exe" ] || build --target guise >&2
  wine_prepare "$wine"
  wine_serve "$wine"
  wine_exec "$wine" "$exe" "$@"
  ;;
exec)
  [ $# -gt 0 ] || usage
  wine_prepare "$wine"
  wine_serve "$wine"
  wine_exec "$wine" "$@"
  ;;
test)
  build
  # What guise.exe says is held against what guise says here.
  guise_need_to_build
  guise_need lua5.4 command -v lua5.4
  guise_install
  guise_build release --target guise
  wine_prepare "$wine"
  wine_serve "$wine"
  GUISE_WINE=$wine ctest --preset windows -j "$(nproc)" "$@"
  ;;
*) usage ;;
esac
