# shellcheck shell=sh
# Sourced by windows.sh: Wine 8 and Wine 10, installed, with a prefix each, and
# programs run by them.
#
# winedbg is off because with it a program that crashed may be said to have
# ended well; mscoree and mshtml because their installers ask.

wine_cache=${XDG_CACHE_HOME:-$HOME/.cache}/guise
wine_timeout=${GUISE_WINE_TIMEOUT:-600}

wine_environment() { # PREFIX
  unset DISPLAY WAYLAND_DISPLAY
  export WINEPREFIX="$1" WINEARCH=win64 WINEDEBUG=-all LC_ALL=C.UTF-8
  export WINEDLLOVERRIDES="mscoree,mshtml,winedbg.exe="
  export PATH="/usr/lib/wine:$PATH"
}

# wine_prefix PREFIX [IN...]: makes it, once, with the command IN before Wine's.
# DDE wants windows; the null driver has them without a display.
wine_prefix() {
  wine_environment "$1"
  [ ! -e "$1/.guise-ready" ] || return 0
  shift
  echo "guise: preparing $WINEPREFIX" >&2
  mkdir -p "$WINEPREFIX"
  {
    timeout 300 "$@" wine64 wineboot.exe -i
    timeout 60 "$@" wineserver -w
    timeout 60 "$@" wine64 reg.exe add 'HKCU\Software\Wine\Drivers' \
      /v Graphics /d null /f
    timeout 60 "$@" wineserver -k || :
    timeout 60 "$@" wineserver -w
  } </dev/null >"$WINEPREFIX/guise.log" 2>&1 || {
    cat "$WINEPREFIX/guise.log" >&2
    echo "guise: Wine could not prepare $WINEPREFIX" >&2
    exit 3
  }
  touch "$WINEPREFIX/.guise-ready"
}

# One at a time: two programs that start at once prepare once.
wine_prepare() { # wine8|wine10
  mkdir -p "$wine_cache"
  (
    flock 9
    "$1_prepare"
  ) 9>"$wine_cache/$1.lock"
}

wine8_prepare() {
  guise_need wine64 test -x /usr/lib/wine/wine64
  guise_install
  case $(/usr/lib/wine/wine64 --version) in
  wine-8.*) ;;
  *)
    echo "guise: this machine's wine64 is not Wine 8 (Debian 12's)" >&2
    exit 3
    ;;
  esac
  wine_prefix "$wine_cache/wine8"
}

# The server outlives the program, for the next one's sake.
wine8_enter() {
  wine_environment "$wine_cache/wine8"
  wineserver -p120 </dev/null >/dev/null 2>&1 || :
  timeout --foreground -k 10 "$wine_timeout" wine64 "$@"
}

wine_exec() { # wine8|wine10 PROGRAM ARG...
  wine_which=$1
  shift
  wine_prepare "$wine_which"
  wine_code=0
  "${wine_which}_enter" "$@" || wine_code=$?
  [ "$wine_code" -ne 124 ] ||
    echo "guise: ended after $wine_timeout s under $wine_which" >&2
  exit "$wine_code"
}
