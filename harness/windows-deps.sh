#!/bin/sh
# Builds the libraries of guise.exe with mingw-w64 from Debian's source
# packages, once, into a folder of the user's cache:
#
#   windows-deps.sh           builds what is missing
#   windows-deps.sh --where   prints the folder and builds nothing
#
# The folder's name follows from this script and the compiler, so a change of
# either builds anew. GUISE_DEBIAN_MIRROR names another mirror.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
triple=x86_64-w64-mingw32
cc=$triple-gcc-win32
mirror=${GUISE_DEBIAN_MIRROR:-http://deb.debian.org}
suite=bookworm
cache=${XDG_CACHE_HOME:-$HOME/.cache}/guise
key=$({ cat "$here/windows-deps.sh"; $cc --version; } | sha256sum | cut -c 1-12)
prefix=$cache/windows-deps-$key

if [ "${1-}" = --where ]; then
  echo "$prefix"
  exit 0
fi
[ -e "$prefix/versions" ] && exit 0

umask 022
mkdir -p "$cache"
work=$(mktemp -d "$cache/windows-deps.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
out=$work/out # becomes $prefix when all is well
mkdir -p "$out/lib/pkgconfig" "$out/include"
cd "$work"

# An apt of our own, so that the machine's package lists stay as they are.
private_apt() {
  apt-get -q -o Dir::Etc::SourceList="$work/sources.list" \
    -o Dir::Etc::SourceParts=- -o Dir::State="$work/apt" \
    -o Dir::Cache="$work/apt" -o APT::Sandbox::User= \
    -o Acquire::Languages=none "$@"
}

fetch() {
  mkdir -p apt/lists/partial
  signed="signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"
  cat >sources.list <<END
deb-src [$signed] $mirror/debian $suite main
deb-src [$signed] $mirror/debian-security $suite-security main
END
  private_apt update
  for package in lua5.4 sqlite3 libuv1 jansson zlib cmocka; do
    mkdir "$package"
    (cd "$package" && private_apt source --download-only "$package" &&
      dpkg-source --no-check --extract ./*.dsc src >/dev/null)
    sed -n "s/^Version: /$package /p" "$package"/*.dsc | head -n 1 >>versions
  done
}

pc() { # NAME VERSION LIBS: a pkg-config file
  cat >"$out/lib/pkgconfig/$1.pc" <<END
prefix=$prefix
Name: $1
Description: $1, static, for Windows
Version: $2
Cflags: -I\${prefix}/include
Libs: -L\${prefix}/lib $3
END
}

version_of() { # PACKAGE: without Debian's epoch and revision
  sed -n "s/^$1 \\([0-9]*:\\)\\{0,1\\}\\([0-9.]*[0-9]\\).*/\\2/p" versions
}

with_cmake() { # PACKAGE OPTION...
  name=$1
  shift
  cmake -G Ninja -S "$name/src" -B "$name/build" \
    --toolchain "$here/cmake/windows.cmake" -DGUISE_WINDOWS_DEPS="$out" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
    -DCMAKE_INSTALL_LIBDIR=lib -DBUILD_SHARED_LIBS=OFF \
    -Wno-dev "$@" >"$name.log"
  cmake --build "$name/build" >>"$name.log"
}

# Debian's makefile wants libtool; the library is these files anyway.
build_lua() {
  (cd lua5.4/src/src && rm lua.c luac.c && $cc -O2 -c l*.c &&
    $triple-ar rcs "$out/lib/liblua5.4.a" ./*.o &&
    cp lua.h luaconf.h lualib.h lauxlib.h "$out/include/")
  pc lua5.4 "$(version_of lua5.4)" -llua5.4
}

# The amalgamation is made by programs that run here, then compiled for there.
build_sqlite() {
  (cd sqlite3/src && ./configure --disable-tcl --disable-readline \
    >../../sqlite3.log && make -s sqlite3.c >>../../sqlite3.log)
  (cd sqlite3/src && $cc -O2 -DSQLITE_THREADSAFE=1 \
    -DSQLITE_OMIT_LOAD_EXTENSION -c sqlite3.c &&
    $triple-ar rcs "$out/lib/libsqlite3.a" sqlite3.o &&
    cp sqlite3.h "$out/include/")
  pc sqlite3 "$(version_of sqlite3)" -lsqlite3
}

build_uv() {
  with_cmake libuv1 -DLIBUV_BUILD_TESTS=OFF
  cp libuv1/build/libuv_a.a "$out/lib/"
  cp -R libuv1/src/include/. "$out/include/"
  pc libuv "$(version_of libuv1)" "-luv_a -lws2_32 -liphlpapi -lpsapi \
-luserenv -luser32 -ladvapi32 -lshell32 -lole32 -luuid"
}

build_jansson() {
  with_cmake jansson -DJANSSON_BUILD_DOCS=OFF -DJANSSON_WITHOUT_TESTS=ON \
    -DJANSSON_EXAMPLES=OFF
  cp jansson/build/lib/libjansson.a "$out/lib/"
  cp jansson/build/include/*.h "$out/include/"
  pc jansson "$(version_of jansson)" -ljansson
}

# Its makefile for mingw builds the same, and programs besides.
build_zlib() {
  (cd zlib/src && $cc -O2 -c ./*.c && $triple-ar rcs "$out/lib/libz.a" ./*.o &&
    cp zlib.h zconf.h "$out/include/")
  pc zlib "$(version_of zlib)" -lz
}

build_cmocka() {
  with_cmake cmocka -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF
  find cmocka/build \( -name 'libcmocka*.a' ! -name '*.dll.a' \) \
    -exec cp {} "$out/lib/libcmocka.a" \;
  # The header promises msvcrt's formats; mingw's printf takes C's.
  sed -i 's/__printf__/__gnu_printf__/' cmocka/src/include/cmocka.h
  cp cmocka/src/include/cmocka*.h "$out/include/"
  pc cmocka "$(version_of cmocka)" -lcmocka
}

fetch
build_sqlite &
sqlite=$!
build_lua
build_uv
build_jansson
build_zlib
build_cmocka
wait $sqlite
cp versions "$out/versions"
# Another run may have been faster; its work is as good.
mv -T "$out" "$prefix" 2>/dev/null || [ -e "$prefix/versions" ]
