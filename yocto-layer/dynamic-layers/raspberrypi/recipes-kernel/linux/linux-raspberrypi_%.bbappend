FILESEXTRAPATHS:prepend:school-box-distro := "${THISDIR}/../../../../recipes-kernel/linux/files:${THISDIR}/files:"

SRC_URI:append:school-box-distro = " file://school-box.cfg file://school-box-rpi.cfg"
