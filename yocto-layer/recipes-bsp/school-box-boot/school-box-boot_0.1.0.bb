SUMMARY = "What starts a school box"
DESCRIPTION = "The boot script for U-Boot, autoboot.txt and config.txt for the Raspberry Pi, and the kernel's arguments for both"
HOMEPAGE = "https://github.com/unicef/school-box"
BUGTRACKER = "https://github.com/unicef/school-box/issues"
SECTION = "bootloaders"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://${SCHOOL_BOX_SOURCE}/LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

DEPENDS = "u-boot-mkimage-native"

SRC_URI = "\
    file://autoboot.txt \
    file://boot-args.in \
    file://boot.cmd \
    file://config.txt \
"

S = "${UNPACKDIR}"

PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit deploy nopackages

INHIBIT_DEFAULT_DEPS = "1"

do_configure[noexec] = "1"

do_compile() {
    mkimage -A arm64 -T script -C none -n "school-box" -d ${UNPACKDIR}/boot.cmd ${B}/boot.scr
}

do_install[noexec] = "1"

do_deploy() {
    install -m 0644 ${B}/boot.scr ${DEPLOYDIR}/boot.scr
    install -m 0644 ${UNPACKDIR}/boot-args.in ${DEPLOYDIR}/school-box-boot-args.in
    install -m 0644 ${UNPACKDIR}/autoboot.txt ${DEPLOYDIR}/school-box-autoboot.txt
    install -m 0644 ${UNPACKDIR}/config.txt ${DEPLOYDIR}/school-box-config.txt
}
addtask deploy before do_build after do_compile
