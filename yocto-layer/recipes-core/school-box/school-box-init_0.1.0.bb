SUMMARY = "The first program of a school box"
DESCRIPTION = "Opens the slot's root with dm-verity and starts systemd in it; leaves a slot that cannot be trusted"
HOMEPAGE = "https://github.com/unicef/school-box"
BUGTRACKER = "https://github.com/unicef/school-box/issues"
SECTION = "base"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://${SCHOOL_BOX_SOURCE}/LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

# boot-choice is one text for the initramfs and for the rescue in the system.
SRC_URI = "\
    file://boot-choice \
    file://init \
"

S = "${UNPACKDIR}"

inherit allarch

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    install -D -m 0755 ${UNPACKDIR}/init ${D}/init
    install -D -m 0644 ${UNPACKDIR}/boot-choice ${D}${nonarch_libdir}/school-box/boot-choice
    install -d ${D}/dev ${D}/proc ${D}/sys ${D}/run ${D}/sysroot
}

FILES:${PN} += "/init /dev /proc /run /sys /sysroot ${nonarch_libdir}/school-box"
