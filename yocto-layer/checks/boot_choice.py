"""boot-choice, run by sh on files: what it reads is what the makers write, and what it writes is sound and leaves the newer copy alone."""

import pathlib
import struct
import subprocess
import tempfile
import zlib

from layer import Layer

COPY = 0x4000
SECOND = 4 << 20


def copy(text: bytes) -> bytes:
    """A copy as U-Boot writes it."""
    body = text.ljust(COPY - 4, b"\0")
    return struct.pack("<I", zlib.crc32(body)) + body


def fields(raw: bytes) -> str:
    """gen/order/tries of a copy, or why it is none."""
    if struct.unpack("<I", raw[:4])[0] != zlib.crc32(raw[4:]):
        return "unsound"
    told = dict(entry.split("=", 1) for entry in raw[4:].rstrip(b"\0").decode().split("\0"))
    return f"{told.get('gen')}/{told.get('order')}/{told.get('tries', '')}"


def run(library: pathlib.Path, place: pathlib.Path, loader: str, call: str) -> str:
    """What a call of the library prints."""
    script = f"LOADER={loader}; CHOICE_DEV={place}; CHOICE_TMP={place}; . {library}; {call}"
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False).stdout.strip()


def uboot_problems(layer: Layer, library: pathlib.Path, place: pathlib.Path) -> list[str]:
    """The two raw copies."""
    said, device = [], place / "boot-env"
    subprocess.run([str(layer.folder / "scripts/make-boot-env"), str(device), "--order", "A B", "--gen", "9"], check=True)
    if run(library, place, "uboot", "choice_get order; choice_get gen") != "A B\n9":
        said.append("uboot: what make-boot-env wrote is read otherwise")
    for step, (good, want) in enumerate((("B", ("9/A B/", "a/B/")), ("A", ("b/A/", "a/B/")), ("B", ("b/A/", "c/B/")))):
        run(library, place, "uboot", f"choice_retire {good}")
        raw = device.read_bytes()
        got = (fields(raw[:COPY]), fields(raw[SECOND : SECOND + COPY]))
        if got != want:
            said.append(f"uboot: after change {step + 1} the copies hold {got}, not {want}")
    for torn in (0, SECOND):
        raw = bytearray(len(raw))
        raw[0:COPY], raw[SECOND : SECOND + COPY] = copy(b"gen=1f\0order=B A\0tries=2\0"), copy(b"gen=1e\0order=A\0")
        raw[torn + 100] ^= 1
        device.write_bytes(raw)
        want = "1e/A/" if torn == 0 else "1f/B A/2"
        got = run(library, place, "uboot", 'echo "$(choice_get gen)/$(choice_get order)/$(choice_get tries)"')
        if got != want:
            said.append(f"uboot: with the copy at {torn} torn, {got} is read, not {want}")
    device.write_bytes(bytes(len(raw)))
    if run(library, place, "uboot", "choice_get order || echo none") != "none":
        said.append("uboot: a choice is read where none is")
    return said


def tryboot_problems(layer: Layer, library: pathlib.Path, place: pathlib.Path) -> list[str]:
    """The one sector."""
    said, device, sector = [], place / "boot-select", 97 * 512
    text = (layer.folder / "recipes-bsp/school-box-boot/files/autoboot.txt").read_bytes()
    factory = text + b"#" * (511 - len(text)) + b"\n"
    device.write_bytes(bytes(sector) + factory + bytes(4096))
    if run(library, place, "tryboot", "choice_get gen; choice_get order; choice_get tries") != "1\nA":
        said.append("tryboot: autoboot.txt is read otherwise")
    run(library, place, "tryboot", "choice_retire B")
    raw = device.read_bytes()
    got = raw[sector : sector + 512].decode()
    want = "[all]\ntryboot_a_b=1\nboot_partition=3\n[tryboot]\nboot_partition=2\n#gen=2\n#order=B\n#tries=\n"
    if got.rstrip("#\n") != want.rstrip() or not got.endswith("#\n") or any(raw[:sector]) or any(raw[sector + 512 :]):
        said.append(f"tryboot: the sector holds {got.rstrip(chr(10) + '#')!r}")
    return said


def note_problems(layer: Layer, library: pathlib.Path, place: pathlib.Path) -> list[str]:
    """Why a slot was left reaches the slot after it, and nobody once the choice has changed again."""
    said = []
    subprocess.run([str(layer.folder / "scripts/make-boot-env"), str(place / "boot-env"), "--order", "A B", "--gen", "9"], check=True)
    (place / "boot-select").write_bytes(bytes(4 << 20))
    told = lambda slot: run(library, place, "uboot", f"choice_noted {slot} || echo nothing")  # noqa: E731
    if told("B") != "nothing":
        said.append("note: there is one where none was written")
    before = (place / "boot-env").read_bytes()
    run(library, place, "uboot", "choice_note A 1 'it is damaged'")
    if (place / "boot-env").read_bytes() != before or any((place / "boot-select").read_bytes()[: -(1 << 12)]):
        said.append("note: writing it touched something else")
    if told("B") != "nothing":
        said.append("note: it holds before the choice was made")
    run(library, place, "uboot", "choice_retire B")
    if told("B") != "slot A was left: it is damaged" or told("A") != "nothing":
        said.append(f"note: slot B is told {told('B')!r}, slot A {told('A')!r}")
    run(library, place, "uboot", "choice_retire B")
    if told("B") != "nothing":
        said.append("note: it outlives the next change")
    run(library, place, "uboot", "choice_note B 0 'it failed'")
    if told("A") != "slot B was left: it failed":
        said.append(f"note: after a trial slot A is told {told('A')!r}")
    return said


def problems(layer: Layer) -> list[str]:
    """One line each."""
    library = layer.folder / "recipes-core/school-box/files/boot-choice"
    with tempfile.TemporaryDirectory() as place:
        return [line for check in (uboot_problems, tryboot_problems, note_problems) for line in check(layer, library, pathlib.Path(place))]
