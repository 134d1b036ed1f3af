FILESEXTRAPATHS:prepend:school-box-distro := "${THISDIR}/files:"

# What the initramfs needs beyond the default.
SRC_URI:append:school-box-distro = " file://school-box.cfg"
