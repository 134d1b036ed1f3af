#!/bin/bash
# A view of Debian's archive for one architecture, beside the build: own lists, own cache, an empty status. The machine's
# own packages are neither read nor changed; where the archive is comes from the machine's own list of sources.
#
#   tests/image/archive.sh ARCH update               fetches the lists, at most once a day
#   tests/image/archive.sh ARCH unpack DIR PACKAGE…  downloads the packages and unpacks them into DIR, no script is run
#   tests/image/archive.sh ARCH fetch DIR PACKAGE…   downloads the packages into DIR; what is there already is kept
#   tests/image/archive.sh ARCH show PACKAGE…        one line a package: name version sha256
#   tests/image/archive.sh ARCH depends PACKAGE      the packages it depends on, one a line
#   tests/image/archive.sh ARCH closure PATTERN…     everything an empty system gets with these, one a line; nothing merely recommended
#
# PACKAGE is a name or name=version; PATTERN is one of apt's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
arch=$1 verb=$2
shift 2
root=$PWD/target/image/apt-$arch
export APT_CONFIG=$root/apt.conf

prepare() {
    mkdir -p "$root"/{lists/partial,cache/archives/partial,sources}
    : >"$root/status"
    rm -f "$root"/sources/*
    local file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
        # Debian's own archive only: a stranger's packages have no place in the image.
        if [ -f "$file" ] && grep -qE '^(URIs:|deb ).*/debian(-security)?/?( |$)' "$file"; then cp "$file" "$root/sources/"; fi
    done
    [ -n "$(ls -A "$root/sources")" ] || {
        echo "no Debian archive among this machine's apt sources: the test image is made of Debian's packages" >&2
        exit 1
    }
    cat >"$APT_CONFIG" <<END
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "$root";
Dir::State::status "$root/status";
Dir::Cache "$root/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$root/sources";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
END
}

update() {
    if [ -f "$root/updated" ] && [ -n "$(find "$root/updated" -mmin -1440)" ]; then return; fi
    prepare
    echo "fetching the lists of packages for $arch" >&2
    apt-get -qq update >&2
    touch "$root/updated"
}

fetch() {
    local dir=$1 want
    shift
    mkdir -p "$dir"
    for want in "$@"; do
        apt-cache show --no-all-versions "$want" >/dev/null || {
            echo "Debian's archive has no $want for $arch" >&2
            exit 1
        }
    done
    # apt-get keeps a file that is there already with the right size and checksum.
    (cd "$dir" && apt-get -qq download "$@" >&2)
}

case $verb in
update) update ;;
fetch)
    update
    fetch "$@"
    ;;
unpack)
    update
    to=$1
    shift
    debs=$(mktemp -d)
    trap 'rm -rf "$debs"' EXIT
    fetch "$debs" "$@"
    mkdir -p "$to"
    for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$to"; done
    ;;
show)
    update
    apt-cache show --no-all-versions "$@" | awk '
        /^Package: / { name = $2 } /^Version: / { version = $2 } /^SHA256: / { print name, version, $2 }'
    ;;
depends)
    update
    apt-cache depends "$1" | awk '$1 == "Depends:" { print $2 }'
    ;;
closure)
    update
    apt-get install --simulate --no-install-recommends "$@" | awk '$1 == "Inst" { print $2 }'
    ;;
*)
    echo "usage: archive.sh ARCH update|fetch|unpack|show|depends|closure …" >&2
    exit 2
    ;;
esac
