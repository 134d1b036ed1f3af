"""
A plain Debian to measure our start against: target/image/peer/disk.img.

What debootstrap installs (priority required and important) and Debian's kernel with the initramfs that Debian's own mkinitramfs makes of it,
inside the machine; ext4 root named by its UUID in fstab and checked at boot, a journal that is kept, every unit that the packages' presets
enable, systemd-networkd with DHCP, a login on the serial line, no first boot. Added: one socket on port 80, answered by systemd. The same
U-Boot with the same settings, and the same disk, as ours: boot.scr, kernel and initramfs on a FAT partition, root beside it.

The packages' own scripts do not run (they are for another processor); what they would have left is made here.
"""

import os
import shutil
import subprocess
import tempfile
import zlib
from pathlib import Path

from . import archive, disk, initramfs, loader
from . import root as root_fs
from .layer import Partition, Table
from .say import Refused, say

SCRIPTS = Path("yocto-layer/scripts")
FILES = Path("tests/image/peer")
ROOT_UUID = "5c4001b0-0000-4000-8000-706565720000"
MAKING_INITRAMFS_SECONDS = 1800


def build(out: Path, epoch: int) -> None:
    """Makes it, unless what is there was made of the same."""
    of = made_of(__file__, loader.__file__, *sorted(path for path in FILES.rglob("*") if path.is_file()))
    stamp = out / "made-of"
    if stamp.is_file() and stamp.read_text() == of:
        return
    if os.geteuid() != 0:
        raise Refused("the plain Debian's files belong to several users: make it as root")
    debs = out / "packages"
    archive.fetch(archive.PEER, debs)
    stamp.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix="making-") as work:
        make(Path(work), out, debs, epoch)
        for name in ("disk.img", "flash0.img", "flash1.img"):
            (Path(work) / "parts" / name).replace(out / name)
    stamp.write_text(of)
    say(f"{out / 'disk.img'}: a plain Debian, to measure against")


def made_of(*files: str | Path) -> str:
    """Changes when one of these files does, or the lock."""
    return f"{zlib.crc32(b''.join(Path(file).read_bytes() for file in (archive.PEER.lock, *files))):08x}\n"


def make(work: Path, out: Path, debs: Path, epoch: int) -> None:
    """Everything of it in `work/parts`. The initramfs takes some minutes and is kept in `out`."""
    parts, root = work / "parts", work / "root"
    parts.mkdir()
    say("unpacking a plain Debian")
    install(root, debs)
    version = next((root / "usr/lib/modules").iterdir()).name
    image = shutil.copyfile(root / f"boot/vmlinuz-{version}", parts / "Image")
    made, stamp, of = out / "initrd.img", out / "initrd-made-of", made_of(FILES / "make-initramfs", FILES / "first-init")
    if not (made.is_file() and stamp.is_file() and stamp.read_text() == of):
        stamp.unlink(missing_ok=True)
        say("its mkinitramfs runs in the machine (some minutes)")
        make_initramfs(work, root, version, epoch).replace(made)
        stamp.write_text(of)
    shutil.copyfile(made, root / f"boot/initrd.img-{version}")
    initrd = shutil.copyfile(made, parts / "initrd.img")
    script = parts / "boot.scr"
    mkimage = ["mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-n", "plain", "-d", FILES / "boot.cmd", script]
    subprocess.run(mkimage, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([SCRIPTS / "make-fat", parts / "boot.img", "96", "BOOT", "5c4001c0", image, initrd, script], check=True)
    root_image(parts / "root.img", root, epoch)
    loader.write(parts / "flash0.img", parts / "flash1.img")
    fat = Partition("boot", 0x0C, 96 << 20, 1 << 20, True, "boot.img", None, "", "", [])
    system = Partition("root", 0x83, (parts / "root.img").stat().st_size, 1 << 20, False, "root.img", None, "", "", [])
    spare = Partition("spare", 0x83, 1 << 20, 1 << 20, False, None, None, "", "", [])
    disk.write(parts / "disk.img", Table(0x5C4001C0, [fat, system, spare, spare]), parts, epoch)


def install(root: Path, debs: Path) -> None:
    """The packages, and what their scripts would have left."""
    root.mkdir()
    for deb in sorted(debs.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    root_fs.merge_usr(root)
    version = next((root / "usr/lib/modules").iterdir()).name
    subprocess.run(["depmod", "-b", root, version], check=True)
    for name in ("passwd", "group"):
        shutil.copyfile(root / f"usr/share/base-passwd/{name}.master", root / "etc" / name)
    subprocess.run(["systemd-sysusers", "--root", root], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["systemd-hwdb", "--root", root, "update"], check=True)
    subprocess.run(["journalctl", "--root", root, "--update-catalog"], check=True, stderr=subprocess.DEVNULL)
    # The journal is kept where this folder is.
    (root / "var/log/journal").mkdir()
    (root / "usr/bin/awk").symlink_to("mawk")
    (root / "etc/machine-id").write_text("5c4001b000004000800070656572aaaa\n")
    shutil.copytree(FILES / "root", root, dirs_exist_ok=True, symlinks=True)
    subprocess.run(["systemctl", "--root", root, "preset-all", "--quiet"], check=True, stderr=subprocess.DEVNULL)
    # As after its first boot: nothing is left to be brought up to date.
    for place in ("etc", "var"):
        (root / place / ".updated").touch()


def make_initramfs(work: Path, root: Path, version: str, epoch: int) -> Path:
    """Boots the root once, by a minimal initramfs, into a script that runs mkinitramfs and switches off."""
    stage, first = work / "first", work / "first.img"
    bootstrap(stage, first, root, version)
    target, raw, serial = root / "usr/sbin/make-initramfs", work / "first-root.img", work / "serial.txt"
    shutil.copyfile(FILES / "make-initramfs", target)
    target.chmod(0o755)
    root_image(raw, root, epoch)
    target.unlink()
    command = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-m", "1024", "-accel", "tcg", "-display", "none", "-nodefaults"]
    command += ["-serial", f"file:{serial}", "-no-reboot", "-kernel", str(work / "parts/Image"), "-initrd", str(first)]
    command += ["-append", f"console=ttyAMA0 quiet panic=1 version={version}"]
    command += ["-drive", f"if=none,id=root,format=raw,file={raw}", "-device", "virtio-blk-pci,drive=root"]
    try:
        subprocess.run(command, check=True, timeout=MAKING_INITRAMFS_SECONDS)
    except subprocess.TimeoutExpired as why:
        raise Refused(f"the plain Debian did not make its initramfs in {MAKING_INITRAMFS_SECONDS} s") from why
    made = work / "initrd.img"
    subprocess.run(["debugfs", "-R", f"dump /boot/initrd.made {made}", raw], check=True, stderr=subprocess.DEVNULL)
    if not made.is_file() or made.stat().st_size < 1 << 20:
        raise Refused(f"the plain Debian made no initramfs: {serial.read_text(errors='replace')[-400:]}")
    return made


def bootstrap(stage: Path, out: Path, root: Path, version: str) -> None:
    """An initramfs that only mounts the root: klibc's tools are Debian's own for that."""
    for name in ("dev", "proc", "sysroot", "usr/bin", "usr/sbin", "usr/lib"):
        (stage / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib"):
        (stage / name).symlink_to(f"usr/{name}")
    initramfs.copy_with_libraries(root, stage, "usr/bin/kmod")
    initramfs.copy_with_libraries(root, stage, "usr/bin/dash")
    initramfs.copy_with_libraries(root, stage, "usr/bin/mount")
    initramfs.copy_with_libraries(root, stage, "usr/bin/sleep")
    (stage / "usr/bin/sh").symlink_to("dash")
    (stage / "usr/sbin/modprobe").symlink_to("../bin/kmod")
    shutil.copytree(root / "usr/lib/klibc/bin", stage / "usr/lib/klibc/bin")
    for library in (root / "usr/lib").glob("klibc-*.so"):
        shutil.copy(library, stage / "usr/lib")
    root_fs.copy_modules(root, stage, ["virtio_pci", "virtio_blk", "ext4", "crc32c_generic"])
    shutil.copyfile(FILES / "first-init", stage / "init")
    (stage / "init").chmod(0o755)
    out.write_bytes(initramfs.cpio(stage))


def root_image(out: Path, root: Path, epoch: int) -> None:
    """2 GiB of ext4, as Debian's installer makes it."""
    out.unlink(missing_ok=True)
    with out.open("wb") as file:
        file.truncate(2 << 30)
    env = {**os.environ, "E2FSPROGS_FAKE_TIME": str(epoch)}
    subprocess.run(["mkfs.ext4", "-q", "-F", "-U", ROOT_UUID, "-d", root, out], check=True, env=env)
