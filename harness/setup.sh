# shellcheck shell=sh
# Sourced by quickstart.sh, test.sh and .ci/run: what a fresh Debian machine lacks, and
# the build. Asks apt for nothing when nothing is missing.

# shellcheck disable=SC2034 # for those who source this
guise_root=$(cd "$(dirname "$0")/.." && pwd)
guise_missing=

# guise_need PACKAGE COMMAND...: the package is missing when COMMAND fails.
guise_need() {
  guise_package=$1
  shift
  "$@" >/dev/null 2>&1 || guise_missing="$guise_missing $guise_package"
}

guise_need_to_build() {
  guise_need cmake command -v cmake
  guise_need ninja-build command -v ninja
  guise_need gcc command -v gcc
  guise_need libc6-dev test -e /usr/include/stdio.h
  guise_need pkg-config command -v pkg-config
  guise_need liblua5.4-dev pkg-config --exists lua5.4
  guise_need libsqlite3-dev pkg-config --exists sqlite3
  guise_need libuv1-dev pkg-config --exists libuv
  guise_need libjansson-dev pkg-config --exists jansson
  guise_need zlib1g-dev pkg-config --exists zlib
  guise_need libcmocka-dev pkg-config --exists cmocka
}

guise_has_fuzzer() {
  ls "$(clang -print-resource-dir)"/lib/linux/libclang_rt.fuzzer-*.a
}

guise_need_to_test() {
  guise_need clang command -v clang
  guise_need libclang-rt-14-dev guise_has_fuzzer
  guise_need clang-format command -v clang-format
  guise_need lua5.4 command -v lua5.4
  guise_need lua-check command -v luacheck
  guise_need ccache command -v ccache
  guise_need chromium command -v chromium
  guise_need nodejs command -v node
  guise_need npm command -v npm
  guise_need python3 command -v python3
  guise_need libxml2-utils command -v xmllint
}

guise_need_for_windows() {
  guise_need cmake command -v cmake
  guise_need ninja-build command -v ninja
  guise_need pkg-config command -v pkg-config
  guise_need gcc-mingw-w64-x86-64-win32 command -v x86_64-w64-mingw32-gcc-win32
  guise_need mingw-w64-tools command -v x86_64-w64-mingw32-widl
  # For the libraries: harness/windows-deps.sh.
  guise_need gcc command -v gcc
  guise_need libc6-dev test -e /usr/include/stdio.h
  guise_need make command -v make
  guise_need tcl command -v tclsh
  guise_need dpkg-dev command -v dpkg-source
}

guise_install() {
  [ -n "$guise_missing" ] || return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "guise: not a Debian system; please install:$guise_missing" >&2
    exit 1
  fi
  guise_sudo=
  [ "$(id -u)" -eq 0 ] || guise_sudo=sudo
  echo "guise: installing$guise_missing" >&2
  $guise_sudo apt-get update -q
  # shellcheck disable=SC2086 # a list of packages
  $guise_sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $guise_missing
  guise_missing=
}

# guise_build PRESET [OPTION...]: configures where that was not done, and
# builds, with the options of cmake --build.
guise_build() {
  [ -e "build/$1/build.ninja" ] || cmake --preset "$1"
  cmake --build --preset "$@"
  [ "$1" != release ] || ln -sfn release/guise build/guise
}
