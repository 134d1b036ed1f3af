FILESEXTRAPATHS:prepend:school-box-distro := "${THISDIR}/files:"

SRC_URI:append:school-box-qemuarm64 = " file://school-box.cfg"
