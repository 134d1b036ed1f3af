SUMMARY = "The school box"
DESCRIPTION = "Release image: root in EROFS under dm-verity, two slots, data of its own, no shell on any line"

require school-box-image.inc

ROOTFS_POSTPROCESS_COMMAND += "lock_root"
