SUMMARY = "The initramfs of a school box"
DESCRIPTION = "busybox, dmsetup and our init: what stands between the kernel and a verified root"
HOMEPAGE = "https://github.com/unicef/school-box"
BUGTRACKER = "https://github.com/unicef/school-box/issues"
SECTION = "images"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://${SCHOOL_BOX_SOURCE}/LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

inherit core-image

PACKAGE_INSTALL = "busybox libdevmapper school-box-init"
IMAGE_FEATURES = ""
IMAGE_LINGUAS = ""
IMAGE_NAME_SUFFIX = ""
IMAGE_FSTYPES = "${INITRAMFS_FSTYPES}"
NO_RECOMMENDATIONS = "1"

# The kernel waits for this image, so it cannot wait for the kernel.
KERNELDEPMODDEPEND = ""
IMAGE_ROOTFS_SIZE = "8192"
IMAGE_ROOTFS_EXTRA_SPACE = "0"
