"""U-Boot for the virtual machine: Debian's program and the flash that holds its own settings, as our recipe would build them in."""

import struct
import zlib
from pathlib import Path

from .say import Refused

U_BOOT = Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")
FLASH_BYTES = 64 << 20
ENVIRONMENT_BYTES = 0x40000
FIRST_VARIABLE = b"\0bootcmd="


def write(program: Path, settings: Path) -> None:
    """Writes the two flash images of QEMU's `virt`. Only the delay differs from Debian's build: nobody talks to the boot loader."""
    data = U_BOOT.read_bytes()
    flash(program, data)
    at = data.find(FIRST_VARIABLE) + 1
    if at == 0:
        raise Refused(f"{U_BOOT}: its built-in settings are not where they are expected")
    variables = [word for word in data[at : data.index(b"\0\0", at)].split(b"\0") if not word.startswith(b"bootdelay=")]
    body = (b"\0".join([*variables, b"bootdelay=-2"]) + b"\0\0").ljust(ENVIRONMENT_BYTES - 4, b"\0")
    flash(settings, struct.pack("<I", zlib.crc32(body)) + body)


def flash(out: Path, data: bytes) -> None:
    with out.open("wb") as file:
        file.write(data)
        file.truncate(FLASH_BYTES)
