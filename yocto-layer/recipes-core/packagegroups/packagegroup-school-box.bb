SUMMARY = "What a school box runs"
SUMMARY:${PN}-radios = "Firmware of the radios"
DESCRIPTION = "The supervisor, the daemons it starts, and the tools that its units call"
HOMEPAGE = "https://github.com/unicef/school-box"
BUGTRACKER = "https://github.com/unicef/school-box/issues"
SECTION = "base"

PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup

PACKAGES = "${PN} ${PN}-radios"

RDEPENDS:${PN} = "\
    base-files \
    base-passwd \
    coreutils \
    diffutils \
    dnsmasq \
    e2fsprogs-dumpe2fs \
    e2fsprogs-e2fsck \
    e2fsprogs-mke2fs \
    e2fsprogs-resize2fs \
    grep \
    gzip \
    hostapd \
    iw \
    kernel-modules \
    netbase \
    nftables \
    os-release \
    packagegroup-core-boot \
    school-box \
    school-box-starter-pack \
    sed \
    systemd \
    util-linux-blkid \
    util-linux-blockdev \
    util-linux-mount \
    util-linux-mountpoint \
    util-linux-umount \
    wireless-regdb-static \
"

# One package for every radio of the board table and of the adapters that a supply team buys.
RDEPENDS:${PN}-radios = "\
    linux-firmware-ath9k \
    linux-firmware-mt7601u \
    linux-firmware-mt76x2 \
    linux-firmware-ralink \
    linux-firmware-rtl8192cu \
    linux-firmware-rtl8821 \
    linux-firmware-rtl8822 \
"
RDEPENDS:${PN}-radios:append:school-box-rpi = " \
    linux-firmware-rpidistro-bcm43455 \
    linux-firmware-rpidistro-bcm43456 \
"
