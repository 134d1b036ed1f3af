"""The disk: an MBR with the layer's partitions, numbered as wic numbers them (three primary, the rest logical)."""

import os
import struct
import subprocess
from pathlib import Path

from .layer import Partition, Table
from .say import Refused

SECTOR = 512
EXTENDED = 0x0F
PRIMARY = 3


def write(out: Path, table: Table, parts: Path, epoch: int) -> None:
    """Writes `out`, sparse, from the files in `parts`."""
    out.unlink(missing_ok=True)
    with out.open("w+b") as disk:
        place = SECTOR
        entries = []
        for partition in table.partitions[:PRIMARY]:
            start = aligned(place, partition.align)
            entries.append(entry(partition.active, partition.system_id, start // SECTOR, partition.size // SECTOR))
            fill(disk, start, partition, parts, epoch)
            place = start + partition.size
        logical = table.partitions[PRIMARY:]
        base = aligned(place, logical[0].align)
        end = write_logical(disk, logical, base, parts, epoch)
        entries.append(entry(False, EXTENDED, base // SECTOR, (end - base) // SECTOR))
        disk.seek(440)
        disk.write(struct.pack("<I", table.disk_id) + b"\0\0" + b"".join(entries) + b"\x55\xaa")
        disk.truncate(end)


def write_logical(disk, partitions: list[Partition], base: int, parts: Path, epoch: int) -> int:
    """Each logical partition has a table of its own before it: itself, and where the next table is, counted from `base`."""
    tables, place = [], base
    for partition in partitions:
        start = aligned(place + SECTOR, partition.align)
        fill(disk, start, partition, parts, epoch)
        tables.append((place, start, partition))
        place = start + partition.size
    for number, (here, start, partition) in enumerate(tables):
        links = [entry(partition.active, partition.system_id, (start - here) // SECTOR, partition.size // SECTOR)]
        if number + 1 < len(tables):
            following, next_start, next_partition = tables[number + 1]
            links.append(entry(False, EXTENDED, (following - base) // SECTOR, (next_start + next_partition.size - following) // SECTOR))
        disk.seek(here + 446)
        disk.write(b"".join(links).ljust(64, b"\0") + b"\x55\xaa")
    return place


def entry(active: bool, system_id: int, start: int, count: int) -> bytes:
    """No cylinders: everything that reads this table counts sectors."""
    return struct.pack("<B3sB3sII", 0x80 if active else 0, b"\xfe\xff\xff", system_id, b"\xfe\xff\xff", start, count)


def fill(disk, start: int, partition: Partition, parts: Path, epoch: int) -> None:
    content = parts / partition.content if partition.content else None
    if partition.fstype == "ext4":
        content = parts / f"{partition.name}.ext4"
        make_ext4(content, partition, epoch)
    elif partition.fstype:
        raise Refused(f"partition {partition.name}: {partition.fstype} is not understood")
    if content is None:
        return
    if content.stat().st_size > partition.size:
        raise Refused(f"{content.name}: {content.stat().st_size} bytes do not fit partition {partition.name} of {partition.size}")
    disk.seek(start)
    with content.open("rb") as source:
        while chunk := source.read(1 << 20):
            # Zeros stay holes.
            disk.seek(len(chunk), os.SEEK_CUR) if not any(chunk) else disk.write(chunk)


def make_ext4(out: Path, partition: Partition, epoch: int) -> None:
    out.unlink(missing_ok=True)
    with out.open("wb") as file:
        file.truncate(partition.size)
    env = {**os.environ, "E2FSPROGS_FAKE_TIME": str(epoch), "SOURCE_DATE_EPOCH": str(epoch)}
    command = ["mkfs.ext4", "-q", "-F", "-L", partition.label, "-U", partition.fsuuid, *partition.mkfs_options, out]
    subprocess.run(command, check=True, env=env)


def aligned(place: int, to: int) -> int:
    return -(-place // to) * to
