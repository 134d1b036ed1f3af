SUMMARY = "The supervisor of the school box"
SUMMARY:${PN}-locked = "No shell on any line of a school box"
SUMMARY:${PN}-starter-pack = "The first lessons of a school box"
DESCRIPTION = "One program that owns battery, library, records, web and updates, with its units and settings"
HOMEPAGE = "https://github.com/unicef/school-box"
BUGTRACKER = "https://github.com/unicef/school-box/issues"
SECTION = "base"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

require school-box-crates.inc

SRC_URI += "\
    file://after-stop \
    file://boot-choice \
    file://coldplug.conf \
    file://config.toml \
    file://emergency.service \
    file://grow-data \
    file://install.list \
    file://journald.conf \
    file://keep-log \
    file://keep-names \
    file://locked.list \
    file://modprobe.conf \
    file://mount-data \
    file://mount-stick \
    file://nftables.conf \
    file://poweroff.conf \
    file://preset \
    file://reboot.conf \
    file://rescue \
    file://school-box-coldplug.service \
    file://school-box-console@.service \
    file://school-box-data.service \
    file://school-box-firewall.service \
    file://school-box-grow.service \
    file://school-box-log-ring.service \
    file://school-box-log-ring.timer \
    file://school-box-names.path \
    file://school-box-names.service \
    file://school-box-rescue.service \
    file://school-box-starter.service \
    file://school-box-stick-errands@.service \
    file://school-box-stick@.service \
    file://school-box.service \
    file://stick-errands \
    file://sysctl.conf \
    file://system.conf \
    file://sysusers.conf \
    file://tmp.mount \
    file://tmpfiles.conf \
    file://udev.rules \
    file://uplink.network \
    file://var.mount \
"

inherit cargo cargo-update-recipe-crates externalsrc systemd useradd

# The layer is a part of the workspace it builds: the image is made of the sources it lies among.
EXTERNALSRC = "${SCHOOL_BOX_SOURCE}"

CARGO_BUILD_FLAGS += "--package firmware --bin school-box"

SYSTEMD_PACKAGES = "${PN}"
SYSTEMD_SERVICE:${PN} = "\
    school-box-coldplug.service \
    school-box-console@ttyAMA0.service \
    school-box-data.service \
    school-box-firewall.service \
    school-box-grow.service \
    school-box-log-ring.timer \
    school-box-names.path \
    school-box-names.service \
    school-box-starter.service \
    school-box.service \
    tmp.mount \
    var.mount \
"

# The numbers stand in sysusers.conf too, for images that are not made by this recipe.
USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system --gid 900 school-box; --system --gid 901 school-box-parts; --system --gid 902 school-box-slots"
USERADD_PARAM:${PN} = "--system --uid 900 --gid school-box --comment 'School box' --home-dir /data --no-create-home --shell ${sbindir}/nologin school-box"

# install.list and locked.list say where each file goes; the test image reads the same lists.
install_listed[doc] = "Installs what a list names"
install_listed() {
    while read -r mode file target; do
        case "$mode" in
        '' | '#'*) ;;
        dir) install -d "${D}$target" ;;
        mask) install -d "${D}$(dirname "$target")" && ln -s /dev/null "${D}$target" ;;
        *) install -D -m "$mode" "${UNPACKDIR}/$file" "${D}$target" ;;
        esac
    done < "${UNPACKDIR}/$1"
}

do_install() {
    install -D -m 0755 ${B}/target/${CARGO_TARGET_SUBDIR}/school-box ${D}${bindir}/school-box
    install_listed install.list
    install_listed locked.list
    install -d ${D}${datadir}/school-box/starter-pack
    cp -R --no-preserve=ownership ${S}/content-store/starter-pack/start/. ${D}${datadir}/school-box/starter-pack/
}

PACKAGES =+ "${PN}-locked ${PN}-starter-pack"

# Each target of locked.list; the other masks are in every image.
FILES:${PN}-locked += "\
    ${sysconfdir}/systemd/system/emergency.service \
    ${sysconfdir}/systemd/system/getty@.service \
    ${sysconfdir}/systemd/system/serial-getty@.service \
    ${sysconfdir}/systemd/system/console-getty.service \
    ${sysconfdir}/systemd/system/container-getty@.service \
    ${sysconfdir}/systemd/system/getty-static.service \
    ${sysconfdir}/systemd/system/autovt@.service \
    ${sysconfdir}/systemd/system/rescue.service \
    ${sysconfdir}/systemd/system/debug-shell.service \
    ${sysconfdir}/systemd/system/ctrl-alt-del.target \
    ${sysconfdir}/systemd/system/systemd-networkd-wait-online.service \
    ${sysconfdir}/systemd/system/systemd-firstboot.service \
    ${sysconfdir}/systemd/system/hostapd.service \
    ${sysconfdir}/systemd/system/hostapd@.service \
    ${sysconfdir}/systemd/system/dnsmasq.service \
    ${sysconfdir}/systemd/system/nftables.service \
    ${sysconfdir}/systemd/system/systemd-resolved.service \
    ${sysconfdir}/systemd/system/systemd-timesyncd.service \
    ${sysconfdir}/systemd/system-generators/systemd-getty-generator \
    ${sysconfdir}/systemd/system-generators/systemd-debug-generator \
    ${sysconfdir}/systemd/system-generators/systemd-gpt-auto-generator \
"
FILES:${PN}-starter-pack += "${datadir}/school-box"
FILES:${PN} += "\
    /data \
    ${nonarch_libdir}/modprobe.d \
    ${nonarch_libdir}/sysctl.d \
    ${nonarch_libdir}/systemd \
    ${nonarch_libdir}/sysusers.d \
    ${nonarch_libdir}/tmpfiles.d \
    ${nonarch_libdir}/udev \
"
