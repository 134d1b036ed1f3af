# From a root file system to the parts of a slot and of the disk. The work is done by scripts that the test image runs too.
#
# SCHOOL_BOX_PARTS holds, for the .wks.in files and for an update: root.img, root.verity, root.roothash, boot-area.img (one for both slots: the
# loader tells which one it started), boot-select.img and, with U-Boot, boot-env.img.

SCHOOL_BOX_PARTS = "${WORKDIR}/school-box-parts"
SCHOOL_BOX_SCRIPTS = "${SCHOOL_BOX_SOURCE}/yocto-layer/scripts"
WICVARS:append = " SCHOOL_BOX_PARTS"

do_image_slots[doc] = "Makes the parts of a slot and of the disk from the root file system"
do_image_slots[dirs] = "${SCHOOL_BOX_PARTS}"
do_image_slots[cleandirs] = "${SCHOOL_BOX_PARTS}"
do_image_slots[depends] += "\
    cryptsetup-native:do_populate_sysroot \
    dosfstools-native:do_populate_sysroot \
    mtools-native:do_populate_sysroot \
    virtual/kernel:do_deploy \
    school-box-boot:do_deploy \
    school-box-initramfs:do_image_complete \
"
do_image_slots[depends] += "${@'rpi-bootfiles:do_deploy' if d.getVar('SCHOOL_BOX_LOADER') == 'tryboot' else ''}"
do_image_slots[file-checksums] += "${@' '.join('%s/%s:True' % (d.getVar('SCHOOL_BOX_SCRIPTS'), name) for name in ('seal-root', 'make-fat', 'make-boot-select', 'make-boot-env', 'open-data-end'))}"

do_image_slots() {
    export SOURCE_DATE_EPOCH="${REPRODUCIBLE_TIMESTAMP_ROOTFS}"
    cp ${IMGDEPLOYDIR}/${IMAGE_LINK_NAME}.erofs root.img
    ${SCHOOL_BOX_SCRIPTS}/seal-root root.img ${DEPLOY_DIR_IMAGE}/school-box-boot-args.in ${SCHOOL_BOX_LOADER} root

    set -- "${DEPLOY_DIR_IMAGE}/${KERNEL_IMAGETYPE};${SCHOOL_BOX_KERNEL_NAME}" \
        "${DEPLOY_DIR_IMAGE}/school-box-initramfs-${MACHINE}.cpio.gz;initramfs.img"
    if [ "${SCHOOL_BOX_LOADER}" = uboot ]; then
        printf 'slot_args=%s\n' "$(cat root.args)" > slot.env
        set -- "$@" "slot.env"
        ${SCHOOL_BOX_SCRIPTS}/make-boot-select uboot boot-select.img ${DEPLOY_DIR_IMAGE}/boot.scr
        ${SCHOOL_BOX_SCRIPTS}/make-boot-env boot-env.img
    else
        cp root.args cmdline.txt
        set -- "$@" "cmdline.txt"
        ${SCHOOL_BOX_SCRIPTS}/make-boot-select tryboot boot-select.img ${DEPLOY_DIR_IMAGE}/school-box-autoboot.txt
    fi
    for entry in $(echo "${SCHOOL_BOX_BOOT_FILES}"); do
        case $entry in
        *';'*) set -- "$@" "${DEPLOY_DIR_IMAGE}/$entry" ;;
        *) set -- "$@" "${DEPLOY_DIR_IMAGE}/$entry;${entry##*/}" ;;
        esac
    done
    ${SCHOOL_BOX_SCRIPTS}/make-fat boot-area.img 96 BOOTAREA 5c4001b2 "$@"
}
addtask do_image_slots after do_image_erofs before do_image_wic

# The last step of the disk: data reaches to the end of whatever card it is written to.
IMAGE_CMD:wic:append() {
    ${SCHOOL_BOX_SCRIPTS}/open-data-end "$out.wic"
}
