SUMMARY = "The school box with a shell on its serial line, for developers"
DESCRIPTION = "As school-box-image, with a root shell on the serial line and a few tools; never for a school"

require school-box-image.inc

SCHOOL_BOX_LOCK = ""
# nooelint: oelint.var.badimagefeature.empty-root-password,oelint.var.badimagefeature.serial-autologin-root - that is what this image is for
IMAGE_FEATURES += "empty-root-password serial-autologin-root"
IMAGE_INSTALL += "systemd-serialgetty strace"
