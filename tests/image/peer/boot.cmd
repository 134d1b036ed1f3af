# A plain Debian: kernel and initramfs from the partition this script is in.
setenv bootargs "root=UUID=5c4001b0-0000-4000-8000-706565720000 ro quiet console=ttyAMA0,115200"
load ${devtype} ${devnum}:1 ${kernel_addr_r} Image
load ${devtype} ${devnum}:1 ${ramdisk_addr_r} initrd.img
booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
