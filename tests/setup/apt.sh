#!/bin/sh
# The one place that installs Debian packages.
#
#   tests/setup/apt.sh WHY NEED...
#
# WHY is said to the person ("to build", "for the browser tests"). A NEED is a package, `gcc`, or a command that any
# package may have brought, `cmd:node=nodejs`: fine when the command `node` is there, else the package `nodejs`.
#
# All there: says nothing, exit 0. Something missing: as root it is installed; otherwise one line names it, exit 1.
# Wrong usage: exit 2.
set -eu

if [ "$#" -lt 2 ] || [ -z "$1" ]; then
    echo "usage: apt.sh WHY PACKAGE|cmd:COMMAND=PACKAGE ..." >&2
    exit 2
fi
why=$1
shift

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

missing=
for need in "$@"; do
    package=$need
    case $need in
    cmd:?*=?*)
        package=${need#*=}
        command=${need%%=*}
        if command -v "${command#cmd:}" >/dev/null 2>&1; then continue; fi
        ;;
    cmd:*)
        echo "apt.sh: '$need' is not of the form cmd:COMMAND=PACKAGE" >&2
        exit 2
        ;;
    esac
    case $package in
    -* | *[!a-z0-9.+:-]*)
        echo "apt.sh: '$package' is not the name of a package" >&2
        exit 2
        ;;
    esac
    installed "$package" || missing="$missing $package"
done
missing=${missing# }
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "needed $why and missing: $missing. There is no apt-get here: install them in this machine's own way, then run this again." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "needed $why and missing: $missing. Run as root: apt-get install --no-install-recommends $missing" >&2
    exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export DEBIAN_FRONTEND=noninteractive

apt() {
    apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 "$@" >"$log" 2>&1
}

# The folder's own times tell when the lists were last fetched: the files carry the times of the archive.
lists=/var/lib/apt/lists
fresh() {
    [ -n "$(find "$lists" -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null)" ] &&
        [ -n "$(find "$lists" "$lists/partial" -maxdepth 0 -mtime -7 -print -quit 2>/dev/null)" ]
}
updated=
update() {
    echo "fetching the lists of packages"
    apt update || {
        echo "apt-get update failed: $(grep -m1 '^[EW]:' "$log" || echo 'no reason given'). Check the network, then run this again." >&2
        exit 1
    }
    updated=yes
}

fresh || update
echo "installing $missing ($why)"
# Unquoted on purpose: a list of names, each checked above.
# shellcheck disable=SC2086
install() { apt install -y --no-install-recommends $missing; }
if install; then exit 0; fi
# Lists that are a little old name versions that the archive no longer has.
if [ -z "$updated" ]; then
    update
    if install; then exit 0; fi
fi
echo "could not install $missing: $(grep -m1 '^E:' "$log" || tail -n 1 "$log")" >&2
exit 1
