#!/bin/bash
# Boots the test image: its serial line on this terminal (Ctrl-A X ends it), its HTTP on http://localhost:8081.
#
#   tests/image/boot.sh [QEMU OPTION…]
#
# The box keeps its card, target/image/card.qcow2 of 8 GB, from boot to boot; a newer image means a new card.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tests/setup/apt.sh vm
image=target/image/disk.img
card=target/image/card.qcow2
[ -f "$image" ] || {
    echo "$image is not there: make it first (tests/image/cross.sh, then tests/image/assemble)" >&2
    exit 1
}
if [ ! -f "$card" ] || [ "$image" -nt "$card" ]; then
    qemu-img create -q -f qcow2 -b "$PWD/$image" -F raw "$card" 8G
fi
exec qemu-system-aarch64 -M virt -cpu cortex-a53 -m 1024 -accel tcg -nographic -nodefaults -serial mon:stdio \
    -drive if=pflash,format=raw,readonly=on,file=target/image/flash0.img \
    -drive if=pflash,format=raw,snapshot=on,file=target/image/flash1.img \
    -drive if=none,id=card,format=qcow2,file="$card" -device virtio-blk-pci,drive=card \
    -netdev user,id=net,hostfwd=tcp:127.0.0.1:8081-:80 -device virtio-net-pci,netdev=net,romfile= "$@"
