#!/bin/sh
# The Debian 13 tree that holds Wine 10, made and entered. Called by wine.sh,
# as root, in a mount namespace of its own, so that no mount stays behind:
#
#   wine10.sh make TREE            installs it there
#   wine10.sh enter TREE COMMAND   runs a command in it, in the same folder
set -eu

verb=$1
tree=$2
shift 2
mirror=${GUISE_DEBIAN_MIRROR:-http://deb.debian.org}

# What the tree has of its own; of everything else it sees this machine's.
is_own() {
  case $1 in
  /bin | /boot | /etc | /lib* | /sbin | /usr) return 0 ;;
  *) [ -L "$1" ] || [ ! -d "$1" ] ;;
  esac
}

make() {
  part=$tree.part
  rm -rf --one-file-system "$part"
  debootstrap --variant=minbase trixie "$part" "$mirror/debian"
  # Half made it is thrown away, so nothing has to be flushed to the disk.
  echo force-unsafe-io >"$part/etc/dpkg/dpkg.cfg.d/guise"
  mount --rbind /proc "$part/proc"
  mount --rbind /dev "$part/dev"
  echo "deb $mirror/debian-security trixie-security main" \
    >>"$part/etc/apt/sources.list"
  chroot "$part" apt-get -q update
  chroot "$part" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y --no-install-recommends install wine64
  chroot "$part" apt-get clean
  case $(chroot "$part" /usr/lib/wine/wine64 --version) in
  wine-10.*) ;;
  *)
    echo "guise: Debian 13's wine64 is not Wine 10" >&2
    exit 3
    ;;
  esac
  umount -l "$part/proc" "$part/dev"
  mv -T "$part" "$tree"
}

enter() {
  if is_own "/$(pwd -P | cut -d / -f 2)"; then
    echo "guise: under Wine 10 $(pwd -P) cannot be seen; start from below" \
      "/home, /root, /srv or /tmp" >&2
    exit 3
  fi
  for dir in /*; do
    is_own "$dir" && continue
    mkdir -p "$tree$dir"
    mount --rbind "$dir" "$tree$dir"
  done
  exec chroot "$tree" env -C "$(pwd -P)" "$@"
}

"$verb" "$@"
