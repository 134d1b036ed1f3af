"""The first root in memory: the layer's `init`, busybox, dmsetup, and the kernel modules up to the root file system."""

import os
import shutil
from pathlib import Path

from . import root as root_fs

# One group of modules in the order in which `init` loads them.
MODULES = Path("tests/image/modules-initramfs")
APPLETS = """
blockdev cat cmp cp cut dd echo grep gunzip gzip head ln mkdir mknod modprobe mount printf reboot rm sed sh sleep switch_root sync tail
test tr true umount wc [ mv
""".split()


def build(stage: Path, out: Path, kernel: Path, root: Path) -> None:
    """Writes `out`, an uncompressed cpio: unpacking a compressed one costs a slow board more than reading it."""
    for name in ("dev", "proc", "sys", "run", "sysroot", "etc", "usr/bin", "usr/sbin", "usr/lib/school-box"):
        (stage / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib"):
        (stage / name).symlink_to(f"usr/{name}")
    layer = Path("yocto-layer/recipes-core/school-box/files")
    shutil.copyfile(layer / "init", stage / "init")
    (stage / "init").chmod(0o755)
    shutil.copyfile(layer / "boot-choice", stage / "usr/lib/school-box/boot-choice")
    for program in ("usr/bin/busybox", "usr/sbin/dmsetup"):
        copy_with_libraries(root, stage, program)
    for applet in APPLETS:
        (stage / "usr/bin" / applet).symlink_to("busybox")
    modules = MODULES.read_text().split()
    root_fs.copy_modules(kernel, stage, modules)
    (stage / "etc/modules").write_text("".join(f"{name}\n" for name in modules))
    out.write_bytes(cpio(stage))


def copy_with_libraries(root: Path, stage: Path, program: str) -> None:
    source = (root / program).resolve()
    target = stage / program
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    libraries = "usr/lib/aarch64-linux-gnu"
    for name in (*root_fs.needed(source), "ld-linux-aarch64.so.1"):
        there = root / libraries / name
        if (stage / libraries / name).exists() or not there.exists():
            continue
        copy_with_libraries(root, stage, f"{libraries}/{name}")
    # The path of the loader that is written into every program.
    loader = stage / "usr/lib/ld-linux-aarch64.so.1"
    if not loader.is_symlink():
        loader.symlink_to("aarch64-linux-gnu/ld-linux-aarch64.so.1")


def cpio(stage: Path) -> bytes:
    """The `newc` format, everything root's, times zero, names sorted: the same tree gives the same bytes."""
    parts = []
    paths = sorted(stage.rglob("*"), key=lambda path: str(path.relative_to(stage)))
    for number, path in enumerate(paths, start=1):
        if path.is_symlink():
            mode, data = 0o120777, os.readlink(path).encode()
        elif path.is_dir():
            mode, data = 0o040755, b""
        else:
            mode, data = (0o100755 if os.access(path, os.X_OK) else 0o100644), path.read_bytes()
        parts.append(entry(number, mode, str(path.relative_to(stage)), data))
    # The kernel opens /dev/console before `init` runs.
    parts.append(entry(len(paths) + 1, 0o020600, "dev/console", b"", device=(5, 1)))
    parts.append(entry(0, 0, "TRAILER!!!", b""))
    return padded(b"".join(parts), 512)


def entry(number: int, mode: int, name: str, data: bytes, device: tuple[int, int] = (0, 0)) -> bytes:
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return padded(head, 4) + padded(data, 4)


def padded(data: bytes, to: int) -> bytes:
    return data + b"\0" * (-len(data) % to)
