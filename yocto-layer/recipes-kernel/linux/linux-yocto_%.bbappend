FILESEXTRAPATHS:prepend:school-box-distro := "${THISDIR}/files:"

SRC_URI:append:school-box-distro = " file://school-box.cfg"
COMPATIBLE_MACHINE:school-box-qemuarm64 = "^school-box-qemuarm64$"
