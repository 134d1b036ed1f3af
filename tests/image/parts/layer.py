"""What the layer says: where its files go on the box, and its partition table. Read from the layer's own files."""

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from .say import Refused

LAYER = Path("yocto-layer")
FILES = LAYER / "recipes-core/school-box/files"
WKS = LAYER / "files/wic/school-box-qemuarm64.wks.in"
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def setting(file: str, name: str) -> str:
    """`NAME = "value"` of a file of the layer."""
    found = re.search(rf'^{re.escape(name)} \??= "([^"]*)"$', (LAYER / file).read_text(), re.MULTILINE)
    if not found:
        raise Refused(f"{LAYER / file}: no {name}")
    return found.group(1)


def install(root: Path) -> None:
    """Every line of install.list and locked.list: MODE FILE TARGET, `dir - TARGET`, `mask - TARGET`."""
    for name in ("install.list", "locked.list"):
        for line in (FILES / name).read_text().splitlines():
            if not line or line.startswith("#"):
                continue
            what, source, target = line.split()
            place = root / target.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.is_symlink() or place.is_file():
                place.unlink()
            if what == "dir":
                place.mkdir(exist_ok=True)
            elif what == "mask":
                place.symlink_to("/dev/null")
            else:
                shutil.copyfile(FILES / source, place)
                place.chmod(int(what, 8))


@dataclass(frozen=True)
class Partition:
    """One `part NAME` line. Sizes in bytes."""

    name: str
    system_id: int
    size: int
    align: int
    active: bool
    content: str | None
    """The file of SCHOOL_BOX_PARTS that is copied into it."""
    fstype: str | None
    label: str
    fsuuid: str
    mkfs_options: list[str]


@dataclass(frozen=True)
class Table:
    """A .wks file."""

    disk_id: int
    partitions: list[Partition]


def table() -> Table:
    disk_id, partitions = None, []
    for line in WKS.read_text().splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        options = dict(option(words[i], words[i + 1] if i + 1 < len(words) else "") for i in range(1, len(words)) if words[i].startswith("--"))
        if words[0] == "bootloader":
            if options.get("ptable") != "msdos":
                raise Refused(f"{WKS}: the test image can only write an msdos table")
            disk_id = int(options["diskid"], 0)
        elif words[0] == "part":
            partitions.append(partition(words[1], options))
        else:
            raise Refused(f"{WKS}: {words[0]} is not understood")
    if disk_id is None:
        raise Refused(f"{WKS}: no bootloader line")
    return Table(disk_id, partitions)


def option(word: str, following: str) -> tuple[str, str]:
    name, equals, value = word[2:].partition("=")
    if equals:
        return name, value
    return name, "" if following.startswith("--") else following


def partition(name: str, options: dict[str, str]) -> Partition:
    source = options.get("source")
    content = None
    if source == "rawcopy":
        content = options["sourceparams"].removeprefix("file=${SCHOOL_BOX_PARTS}/")
    elif source not in (None, "empty"):
        raise Refused(f"{WKS}: source {source} is not understood")
    size = options["fixed-size"]
    return Partition(
        name=name,
        system_id=int(options["system-id"], 16),
        size=int(size[:-1]) * UNITS[size[-1]],
        align=int(options.get("align", "1")) * 1024,
        active="active" in options,
        content=content,
        fstype=options.get("fstype"),
        label=options.get("label", ""),
        fsuuid=options.get("fsuuid", ""),
        mkfs_options=shlex.split(options.get("mkfs-extraopts", "")),
    )
