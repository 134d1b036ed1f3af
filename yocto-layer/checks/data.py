"""mount-data on partitions of every kind, on loop devices in a mount namespace of its own: what is mounted, and what is said."""

import os
import pathlib
import subprocess
import tempfile

from layer import Layer

MIB = 1 << 20
MARK = b"school-box formats this partition"
SCRIPT = 'sh "$1" "$2" "$3/facts" "$3/data" >"$3/told" 2>&1; findmnt -no FSTYPE "$3/data"; touch "$3/data/kept" && umount "$3/data"'


def ext4(file: pathlib.Path, mib: int, blocks: int) -> None:
    """As the depot makes it, small."""
    with file.open("wb") as out:
        out.truncate(mib * MIB)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "4096", "-J", "size=4", str(file), str(blocks)], check=True)


def blank(file: pathlib.Path, mib: int) -> None:
    with file.open("wb") as out:
        out.truncate(mib * MIB)


def vfat(file: pathlib.Path) -> None:
    blank(file, 128)
    subprocess.run(["mkfs.vfat", str(file)], check=True, stdout=subprocess.DEVNULL)


def without_superblock(file: pathlib.Path) -> None:
    ext4(file, 256, 256 * 256 - 256)
    with file.open("r+b") as out:
        out.write(bytes(4096))


def larger(file: pathlib.Path) -> None:
    ext4(file, 256, 256 * 256 - 256)
    os.truncate(file, 128 * MIB)


def half_made(file: pathlib.Path) -> None:
    ext4(file, 128, 128 * 256 - 256)
    with file.open("r+b") as out:
        out.seek(4096)
        out.write(bytes(4 * MIB))
        out.seek(-4096, os.SEEK_END)
        out.write(MARK)


def rubbish(file: pathlib.Path) -> None:
    blank(file, 128)
    with file.open("r+b") as out:
        out.write(b"not a file system ".ljust(64) * 65536)


def filled(file: pathlib.Path) -> None:
    """By somebody at a desk, to the last block."""
    ext4(file, 128, 128 * 256 - 256)
    script = 'mount -o loop "$1" "$2" && ! cat /dev/zero >"$2/filler" 2>/dev/null; umount "$2"'
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", str(file), place], check=True)


# What is made, what is mounted then, and the one line about it (none where all is well).
CASES = {
    "no partition": (lambda file: None, "tmpfs", "the data partition is missing: "),
    "1 MiB": (lambda file: blank(file, 1), "tmpfs", "the data partition has only 1 MiB: "),
    "16 MiB": (lambda file: blank(file, 16), "tmpfs", "the data partition has only 16 MiB: "),
    "blank": (lambda file: blank(file, 128), "ext4", ""),
    "good": (lambda file: ext4(file, 128, 128 * 256 - 256), "ext4", ""),
    "formatting was cut": (half_made, "ext4", ""),
    "vfat": (vfat, "tmpfs", "the data partition holds a file system of another kind (vfat)"),
    "no superblock": (without_superblock, "ext4", "the data partition was damaged and has been repaired: "),
    "made for a larger card": (larger, "tmpfs", "the data was made for a larger card than this one: "),
    "full": (filled, "overlay", "the data partition is full to the last block: "),
    "rubbish": (rubbish, "tmpfs", "the data partition cannot be repaired: "),
}


def run(layer: Layer, place: pathlib.Path, make) -> tuple[str, list[str]]:
    """(type of what is mounted, lines of `problems`); "not writable" where nothing can be kept for the day."""
    file, device = place / "card", "/dev/no-such-device"
    make(file)
    (place / "data").mkdir()
    if file.exists():
        device = subprocess.run(["losetup", "--find", "--show", str(file)], check=True, capture_output=True, text=True).stdout.strip()
    try:
        script = layer.folder / "recipes-core/school-box/files/mount-data"
        command = ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", str(script), device, str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        if file.exists():
            subprocess.run(["losetup", "--detach", device], check=False)
    told = place / "facts/problems"
    return done.stdout.strip() if done.returncode == 0 else "not writable", told.read_text().splitlines() if told.is_file() else []


def can_run() -> bool:
    """Loop devices and mounts are root's."""
    return os.geteuid() == 0 and pathlib.Path("/dev/loop-control").exists()


def problems(layer: Layer) -> list[str]:
    """One line each."""
    if not can_run():
        print("  data partition: skipped, it needs root and loop devices")
        return []
    found = []
    for name, (make, want, line) in CASES.items():
        with tempfile.TemporaryDirectory() as place:
            mounted, told = run(layer, pathlib.Path(place), make)
        if mounted != want or len(told) != (1 if line else 0) or not all(one.startswith(line) for one in told):
            found.append(f"mount-data, {name}: {mounted} is mounted and {told} told, not {want} and [{line!r}…]")
    return found
