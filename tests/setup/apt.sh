#!/bin/sh
# The one place that knows and installs Debian packages.
#
#   tests/setup/apt.sh FOR...        FOR: build, samples, browser, print, disk, boot, trust, peers, layer, cross, image, plain, vm, guest, air
#
# All there: says nothing, exit 0. Something missing: as root it is installed; otherwise one line names all of it, exit 1.
# Wrong usage: exit 2.
set -eu

# needs_of FOR: sets `why` (said to the person) and `needs`. A need is a package, `gcc`, or a command that any package may
# have brought, `cmd:node=nodejs`: fine when the command `node` is there, else the package `nodejs`.
needs_of() {
    case $1 in
    build)
        why='to build'
        needs='cmd:cc=gcc libc6-dev'
        ;;
    samples)
        why='for the sample library'
        needs='ca-certificates cmd:zimwriterfs=zim-tools cmd:python3=python3 cmd:pip3=python3-pip'
        ;;
    browser)
        why='for the browser tests'
        needs='chromium fonts-noto-core cmd:node=nodejs cmd:npm=npm'
        ;;
    print)
        why='to look at what is printed'
        needs='cmd:pdftoppm=poppler-utils'
        ;;
    disk)
        why='for the power cuts on a lying disk'
        needs='cmd:qemu-storage-daemon=qemu-system-common mount e2fsprogs cmd:strace=strace'
        ;;
    boot)
        why="for the boot loaders' own tools"
        needs='dosfstools cmd:mcopy=mtools cmd:mkenvimage=u-boot-tools'
        ;;
    trust)
        why="to try the update's trust against python-tuf"
        needs='ca-certificates cmd:python3=python3 python3-venv'
        ;;
    peers)
        why='to measure peers'
        needs='kiwix-tools nginx-light cmd:xdelta3=xdelta3 cmd:casync=casync cmd:zstd=zstd cmd:swupdate=swupdate cmd:rauc=rauc cmd:dbus-daemon=dbus cmd:time=time cmd:cpio=cpio cmd:openssl=openssl cmd:losetup=mount cmd:mmdebstrap=mmdebstrap cmd:mkfs.erofs=erofs-utils cmd:mksquashfs=squashfs-tools cmd:mke2fs=e2fsprogs'
        ;;
    layer)
        why='to check the Yocto layer'
        needs='ca-certificates cmd:python3=python3 python3-venv cmd:mkfs.vfat=dosfstools e2fsprogs mount'
        ;;
    cross)
        why='to build for the box'
        needs='cmd:aarch64-linux-gnu-gcc=gcc-aarch64-linux-gnu libc6-dev-arm64-cross'
        ;;
    image)
        why='to make the test image'
        needs='cmd:python3=python3 cmd:mkimage=u-boot-tools cmd:veritysetup=cryptsetup-bin cmd:mkfs.erofs=erofs-utils cmd:mcopy=mtools cmd:mkfs.vfat=dosfstools cmd:mkfs.ext4=e2fsprogs cmd:depmod=kmod cmd:systemd-sysusers=systemd cmd:zstd=zstd'
        ;;
    plain)
        why='to make a plain Debian that the image is measured against'
        needs='cmd:systemd-hwdb=udev cmd:journalctl=systemd cmd:debugfs=e2fsprogs'
        ;;
    vm)
        why='to boot the test image'
        needs='cmd:qemu-system-aarch64=qemu-system-arm u-boot-qemu cmd:qemu-img=qemu-utils'
        ;;
    air)
        why="to try the box's network without a radio"
        needs='cmd:dnsmasq=dnsmasq-base cmd:dhclient=isc-dhcp-client cmd:udhcpc=udhcpc cmd:dig=bind9-dnsutils cmd:ip=iproute2 cmd:nft=nftables cmd:setpriv=util-linux cmd:dhcpcd=dhcpcd-base cmd:curl=curl cmd:python3=python3 cmd:NetworkManager=network-manager cmd:dbus-daemon=dbus-daemon cmd:rdisc6=ndisc6 cmd:pkill=procps'
        ;;
    guest)
        why='to boot a guest with stand-ins for chips and radios'
        needs='cmd:qemu-system-x86_64=qemu-system-x86 cmd:python3=python3 cmd:depmod=kmod cmd:hostapd=hostapd cmd:dnsmasq=dnsmasq-base cmd:wpa_supplicant=wpasupplicant cmd:iw=iw cmd:ip=iproute2 cmd:curl=curl'
        ;;
    *)
        echo 'usage: apt.sh build|samples|browser|print|disk|boot|peers|layer|cross|image|plain|vm|guest|air ...' >&2
        exit 2
        ;;
    esac
}

there() {
    case $1 in
    cmd:*)
        command=${1%%=*}
        command -v "${command#cmd:}" >/dev/null 2>&1 && return
        ;;
    esac
    [ "$(dpkg-query -W -f='${db:Status-Status}' "${1#*=}" 2>/dev/null || true)" = installed ]
}

[ "$#" -gt 0 ] || needs_of ''
missing=
said=
for purpose in "$@"; do
    needs_of "$purpose"
    lacking=
    for need in $needs; do
        there "$need" || lacking="$lacking ${need#*=}"
    done
    [ -n "$lacking" ] || continue
    missing="$missing$lacking"
    said="$said,$lacking ($why)"
done
missing=${missing# }
said=${said#, }
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "missing: $said. There is no apt-get here: install them in this machine's own way, then run this again." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "missing: $said. Run as root: apt-get install --no-install-recommends $missing" >&2
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
# Debian's parts of one QEMU go together: where a piece of it came from the backports, the rest comes from there too.
backports=
case " $missing " in
*' qemu-'*)
    for piece in qemu-utils qemu-system-common; do
        case $(dpkg-query -W -f='${db:Status-Status} ${Version}' "$piece" 2>/dev/null || true) in
        'installed '*~bpo*) backports=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)-backports ;;
        esac
    done
    ;;
esac
# shellcheck disable=SC2016 # apt-get's own names
if [ -n "$backports" ] && ! apt-get indextargets --format '$(CODENAME)' | grep -qx "$backports"; then
    # From the same mirror as the rest, with the same key.
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' | awk -v release="${backports%-backports}" '$1 == release { print $2; exit }')
    [ -n "$mirror" ] || {
        echo "could not install $missing: the QEMU that is installed came from $backports, which is not among this machine's apt sources; add it" >&2
        exit 1
    }
    echo "adding $backports to the apt sources: the QEMU that is installed came from there"
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
        "$mirror" "$backports" >/etc/apt/sources.list.d/school-box-backports.sources
    update
fi

# Unquoted on purpose: a list of names from the table above. u-boot-qemu stays that of the release: its settings are known to the loader's maker.
# shellcheck disable=SC2086
install() {
    of_qemu='' others=''
    for name in $missing; do
        case $name in
        qemu-*) of_qemu="$of_qemu $name" ;;
        *) others="$others $name" ;;
        esac
    done
    [ -z "$others" ] || apt install -y --no-install-recommends $others || return
    [ -z "$of_qemu" ] || apt install -y --no-install-recommends ${backports:+-t "$backports"} $of_qemu
}
echo "installing $said"
if install; then exit 0; fi
# Lists that are a little old name versions that the archive no longer has.
if [ -z "$updated" ]; then
    update
    if install; then exit 0; fi
fi
echo "could not install $missing: $(grep -m1 '^E:' "$log" || tail -n 1 "$log")" >&2
exit 1
