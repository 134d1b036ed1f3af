"""A release: what os-release says of a system, and the parts of the slot that it is installed in."""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import layer
from .say import Refused, say

SCRIPTS = Path("yocto-layer/scripts")
BOOT = Path("yocto-layer/recipes-bsp/school-box-boot/files")
# As the layer names the machine that the test image is made for.
BOARD = "school-box-qemuarm64"
# What a later release has in place of an earlier one: no compressor makes it smaller, and no block of it was there before.
NEWS_BYTES = 3 << 20


@dataclass(frozen=True)
class Release:
    """What a box goes by when it is offered another system."""

    number: int
    name: str

    def __post_init__(self) -> None:
        if self.number < 1 or any(letter in '"\\$`\n' for letter in self.name):
            raise Refused(f"release {self.number}, `{self.name}`: a whole number from 1 on and plain words are meant")

    def next(self, steps: int) -> "Release":
        """The one that comes so many later."""
        return Release(self.number + steps, f"{self.name}, {steps} later")


def write_into(root: Path, release: Release, first: bool) -> None:
    """Makes the system in `root` this release. Only what is not the first has news."""
    path = root / "usr/lib/os-release"
    kept = [line for line in path.read_text().splitlines() if not line.startswith(("VERSION=", "IMAGE_ID=", "IMAGE_VERSION="))]
    said = [f'VERSION="{release.name}"', f"IMAGE_ID={BOARD}", f"IMAGE_VERSION={release.number}"]
    path.write_text("\n".join([*kept, *said]) + "\n")
    if not first:
        news = root / "usr/share/school-box/news"
        news.write_bytes(hashlib.shake_128(f"release {release.number}".encode()).digest(NEWS_BYTES))
        news.chmod(0o644)


def slot(root: Path, parts: Path, kernel: Path, epoch: int) -> None:
    """root.img, root.verity, root.roothash and boot-area.img of the system in `root`; initramfs.img is in `parts` already."""
    erofs = layer.setting("conf/machine/include/school-box.inc", "EXTRA_IMAGECMD:erofs").replace("${REPRODUCIBLE_TIMESTAMP_ROOTFS}", str(epoch))
    subprocess.run(["mkfs.erofs", "--all-root", *erofs.split(), parts / "root.img", root], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([SCRIPTS / "seal-root", parts / "root.img", BOOT / "boot-args.in", "uboot", parts / "root"], check=True)
    (parts / "slot.env").write_text(f"slot_args={(parts / 'root.args').read_text()}\n")
    image = shutil.copyfile(next((kernel / "boot").glob("vmlinuz-*")), parts / "Image")
    fat = [image, parts / "initramfs.img", parts / "slot.env"]
    subprocess.run([SCRIPTS / "make-fat", parts / "boot-area.img", "96", "BOOTAREA", "5c4001b2", *fat], check=True)


def later(root: Path, parts: Path, kernel: Path, epoch: int, releases: list[Release]) -> None:
    """The slots of releases after the first, each in a folder of its own, in order: a root is changed from one to the next."""
    for release in releases:
        say(f"sealing release {release.number}")
        folder = parts / f"release-{release.number}"
        folder.mkdir()
        shutil.copyfile(parts / "initramfs.img", folder / "initramfs.img")
        write_into(root, release, first=False)
        slot(root, folder, kernel, epoch)
