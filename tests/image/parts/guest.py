"""
A small x86 guest without a disk: target/image/guest holds Debian's kernel and tools, unpacked once; from them comes an initramfs of what one
test needs.

The kernel is taken out of its wrapping here: QEMU starts it by its PVH entry, and to unpack it in emulation would take three fifths of the boot.
"""

import lzma
import os
import shutil
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path

from . import archive, initramfs
from . import root as root_fs
from .say import Refused, say

OUT = Path("target/image/guest")
ROOT = OUT / "root"
INIT = Path("tests/image/guest-init")
# The line between test and guest.
MODULES = ["virtio_pci", "virtio_console"]
LIBRARIES = [ROOT / "usr/lib/x86_64-linux-gnu", ROOT / "lib/x86_64-linux-gnu"]
FOLDERS = [ROOT / name for name in ("usr/sbin", "usr/bin", "sbin", "bin")]


def build() -> None:
    """Unpacks the packages and the kernel, unless what is there was made of the same."""
    archive.fetch(archive.GUEST, OUT / "packages")
    stamp = OUT / "made-of"
    debs = sorted((OUT / "packages").glob("*.deb"))
    of = f"{zlib.crc32(b''.join(deb.name.encode() for deb in debs) + Path(__file__).read_bytes()):08x}\n"
    if stamp.is_file() and stamp.read_text() == of:
        return
    stamp.unlink(missing_ok=True)
    say("unpacking kernel and tools of a small guest")
    with tempfile.TemporaryDirectory(dir=OUT, prefix="making-") as work:
        root = Path(work) / "root"
        for deb in debs:
            subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
        base = next((root / "lib/modules").iterdir())
        subprocess.run(["depmod", "-b", root, base.name], check=True)
        (Path(work) / "vmlinux").write_bytes(unwrapped(next((root / "boot").glob("vmlinuz-*"))))
        shutil.rmtree(ROOT, ignore_errors=True)
        root.rename(ROOT)
        (Path(work) / "vmlinux").replace(OUT / "vmlinux")
    stamp.write_text(of)


def unwrapped(image: Path) -> bytes:
    """The kernel's own ELF file out of a bzImage (Linux, Documentation/x86/boot.rst: setup_sects, payload_offset, payload_length)."""
    data = image.read_bytes()
    sectors = data[0x1F1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    payload = data[(sectors + 1) * 512 + offset :][:length]
    try:
        # Behind the compressed kernel stands its size.
        kernel = lzma.decompress(payload[:-4], lzma.FORMAT_XZ)
    except lzma.LZMAError as why:
        raise Refused(f"{image.name} holds no kernel that xz can unpack ({why}): teach tests/image/parts/guest.py its form") from why
    if not kernel.startswith(b"\x7fELF"):
        raise Refused(f"{image.name} holds no ELF kernel")
    return kernel


def pack(out: Path, tree: Path, programs: list[str]) -> None:
    """
    Writes `out`, an uncompressed cpio: `tree`, the modules that its `etc/modules` names (one a line, options behind the name), and `programs`,
    paths or names out of the packages, with the libraries they need.
    """
    if not (OUT / "made-of").is_file():
        raise Refused(f"{OUT} is not there: run tests/image/assemble --guest first")
    with tempfile.TemporaryDirectory() as work:
        stage = Path(work) / "stage"
        shutil.copytree(tree, stage, symlinks=True)
        for name in ("bin", "dev", "etc", "proc", "sys", "tmp", "usr/bin", "usr/lib"):
            (stage / name).mkdir(parents=True, exist_ok=True)
        for name in ("lib", "lib64"):
            if (stage / name).exists():
                raise Refused(f"/{name} is a link to /usr/lib in the guest: put the test's files there")
            (stage / name).symlink_to("usr/lib")
        shutil.copyfile(INIT, stage / "init")
        (stage / "init").chmod(0o755)
        listed = stage / "etc/modules"
        lines = [*MODULES, *(listed.read_text().splitlines() if listed.is_file() else [])]
        listed.write_text("".join(f"{line}\n" for line in lines))
        root_fs.copy_modules(ROOT, stage, [line.split()[0] for line in lines])
        add_program(stage, "bin", "busybox")
        for program in programs:
            add_program(stage, "usr/bin", program)
        out.write_bytes(initramfs.cpio(stage))


def add_program(stage: Path, folder: str, program: str) -> None:
    path = Path(program) if "/" in program else packaged(program)
    shutil.copy(path, stage / folder / path.name)
    environment = {**os.environ, "LC_ALL": "C", "LD_LIBRARY_PATH": ":".join(str(folder.resolve()) for folder in LIBRARIES)}
    done = subprocess.run(["ldd", path], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        # A static program.
        return
    for line in done.stdout.splitlines():
        add_library(stage, program, line.split())


def add_library(stage: Path, program: str, words: list[str]) -> None:
    """One line of `ldd`: `NAME => PATH (…)`, `LOADER (…)`, or `linux-vdso.so.1 (…)`."""
    if words[1:3] == ["=>", "not"]:
        raise Refused(f"{program} needs {words[0]}, which is neither here nor in tests/image/guest.list: add its package there, then pin it")
    if words[1] == "=>":
        shutil.copy(words[2], stage / "usr/lib" / words[0])
    elif words[0].startswith("/"):
        shutil.copy(words[0], stage / "usr/lib" / Path(words[0]).name)


def packaged(name: str) -> Path:
    for folder in FOLDERS:
        if (folder / name).is_file():
            return folder / name
    raise Refused(f"no program {name} in the packages of tests/image/guest.list")
