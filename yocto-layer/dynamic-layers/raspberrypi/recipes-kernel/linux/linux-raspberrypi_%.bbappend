FILESEXTRAPATHS:prepend:school-box-distro := "${THISDIR}/../../../../recipes-kernel/linux/files:"

SRC_URI:append:school-box-distro = " file://school-box.cfg"
