# shellcheck shell=sh
# shellcheck disable=SC2154 # guise_root is setup.sh's
# Sourced by windows.sh: Wine 8 and Wine 10, installed, with a prefix each, and
# programs run by them. The functions that differ are called wine8_... and
# wine10_...

wine_cache=${XDG_CACHE_HOME:-$HOME/.cache}/guise
wine_timeout=${GUISE_WINE_TIMEOUT:-600}
wine_tree=$wine_cache/debian13

wine_give_up() {
  echo "guise: $*" >&2
  exit 3
}

# winedbg is off because with it a program that crashed may be said to have
# ended well; mscoree and mshtml because their installers ask.
wine_environment() { # wine8|wine10
  unset DISPLAY WAYLAND_DISPLAY
  export WINEPREFIX="$wine_cache/$1" WINEARCH=win64 WINEDEBUG=-all
  export WINEDLLOVERRIDES="mscoree,mshtml,winedbg.exe=" LC_ALL=C.UTF-8
  export PATH="/usr/lib/wine:$PATH"
}

# DDE wants windows; the null driver has them without a display.
wine_first_steps() { # wine8|wine10
  "$1_in" timeout 300 wine64 wineboot.exe -i &&
    "$1_in" timeout 60 wineserver -w &&
    "$1_in" timeout 60 wine64 reg.exe add 'HKCU\Software\Wine\Drivers' \
      /v Graphics /d null /f &&
    "$1_in" timeout 60 wineserver -k &&
    "$1_in" timeout 60 wineserver -w
}

wine_prefix() { # wine8|wine10
  [ ! -e "$WINEPREFIX/.guise-ready" ] || return 0
  echo "guise: preparing $WINEPREFIX" >&2
  mkdir -p "$WINEPREFIX"
  if ! wine_first_steps "$1" </dev/null >"$WINEPREFIX.log" 2>&1; then
    cat "$WINEPREFIX.log" >&2
    wine_give_up "Wine could not prepare $WINEPREFIX"
  fi
  touch "$WINEPREFIX/.guise-ready"
}

wine8_in() {
  "$@"
}

wine8_install() {
  guise_need wine64 test -x /usr/lib/wine/wine64
  guise_install
  case $(/usr/lib/wine/wine64 --version) in
  wine-8.*) ;;
  *) wine_give_up "this machine's wine64 is not Wine 8 (Debian 12's)" ;;
  esac
}

wine10_namespace() {
  unshare -m --propagation private sh "$guise_root/harness/wine10.sh" "$@"
}

wine10_in() {
  wine10_namespace enter "$wine_tree" "$@"
}

wine10_install() {
  [ "$(id -u)" -eq 0 ] || wine_give_up "Wine 10 lives in a Debian 13 tree," \
    "which takes root (debootstrap, mount, chroot)"
  guise_need debootstrap command -v debootstrap
  guise_need util-linux command -v unshare
  guise_install
  unshare -m --propagation private true ||
    wine_give_up "Wine 10 needs leave to mount (docker: --cap-add SYS_ADMIN)"
  [ ! -e "$wine_tree" ] || return 0
  echo "guise: making a Debian 13 tree with Wine 10, $wine_tree" >&2
  if ! wine10_namespace make "$wine_tree" </dev/null >"$wine_tree.log" 2>&1
  then
    tail -n 30 "$wine_tree.log" >&2
    wine_give_up "the tree could not be made"
  fi
}

# One at a time: two programs that start at once prepare once.
wine_prepare() { # wine8|wine10
  mkdir -p "$wine_cache"
  (
    flock 9
    "$1_install" 9>&-
    wine_environment "$1"
    wine_prefix "$1" 9>&-
  ) 9>"$wine_cache/$1.lock"
}

# The server outlives the program, for the next one's sake, and with it Wine's
# services, which the first program starts and which keep its output open: so
# that one is none that somebody waits for.
wine_serve() { # wine8|wine10
  wine_environment "$1"
  {
    "$1_in" wineserver -p120 || :
    "$1_in" timeout 60 wine64 cmd.exe /c exit 0
  } </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- ||
    wine_give_up "$1 runs no program"
}

# An interrupt, which timeout passes on, is for the program alone to act on:
# hence setsid.
wine_exec() { # wine8|wine10 PROGRAM ARG...
  wine_which=$1
  shift
  wine_environment "$wine_which"
  wine_code=0
  trap : INT
  "${wine_which}_in" timeout --foreground -k 10 "$wine_timeout" \
    setsid wine64 "$@" || wine_code=$?
  [ "$wine_code" -ne 124 ] ||
    echo "guise: ended after $wine_timeout s under $wine_which" >&2
  return "$wine_code"
}
