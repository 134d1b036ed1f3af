"""The .wks files: sizes, order and names of the partitions, fixed numbers, and the agreement of all that speaks of them."""

import pathlib
import re
import shlex

from layer import Layer

MIB = 1 << 20
SLOT_MIB = {"boot": 96, "root": 768, "verity": 8}
ORDER = {
    "uboot": "boot-select boot-a boot-b root-a root-b verity-a verity-b boot-env data".split(),
    "tryboot": "boot-select boot-a boot-b root-a root-b verity-a verity-b data".split(),
}
MACHINES = {"school-box-qemuarm64": "uboot", "school-box-rpi": "tryboot"}


def parts(path: pathlib.Path) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The options of `bootloader` and of each `part`; a part's name under `name`."""
    loader, found = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        options, rest = {}, words[1:]
        while rest:
            word = rest.pop(0)
            if not word.startswith("--"):
                options["name"] = word
            elif "=" in word:
                key, _, options[key[2:]] = word.partition("=")
                key = ""
            else:
                options[word[2:]] = rest.pop(0) if rest and not rest[0].startswith("--") else ""
        if words[0] == "bootloader":
            loader = options
        elif words[0] == "part":
            found.append(options)
        else:
            raise ValueError(f"`{words[0]}` is neither bootloader nor part")
    return loader, found


def mib(part: dict[str, str]) -> int:
    """Its fixed size; 0 where there is none."""
    size = re.fullmatch(r"(\d+)M", part.get("fixed-size", ""))
    return int(size[1]) if size else 0


def wks_problems(name: str, path: pathlib.Path, loader_kind: str) -> list[str]:
    """What is wrong with one file."""
    loader, found = parts(path)
    names = [part.get("name", "?") for part in found]
    said = []
    if names != ORDER[loader_kind]:
        said.append(f"partitions {' '.join(names)}; {' '.join(ORDER[loader_kind])} are meant, in this order")
    if loader.get("ptable") != "msdos" or not re.fullmatch(r"0x[0-9a-f]{8}", loader.get("diskid", "")):
        said.append("the bootloader line needs --ptable msdos and a fixed --diskid: else two builds differ")
    for part in found:
        role, _, slot = part.get("name", "").rpartition("-")
        if not mib(part):
            said.append(f"{part.get('name')}: no --fixed-size in MiB")
        elif slot in ("a", "b") and mib(part) != SLOT_MIB.get(role):
            said.append(f"{part['name']}: {mib(part)} MiB; a slot has {SLOT_MIB.get(role)} MiB and cannot grow in the field")
        if "align" not in part:
            said.append(f"{part.get('name')}: no --align")
    fixed = [part["fsuuid"] for part in found if "fsuuid" in part]
    if len(fixed) != len(set(fixed)):
        said.append("two partitions have one --fsuuid")
    data = found[-1] if found else {}
    if data.get("fstype") != "ext4" or "fsuuid" not in data or "hash_seed=" not in data.get("mkfs-extraopts", ""):
        said.append("data must be ext4 with a fixed --fsuuid and hash_seed")
    # A verity tree of SHA-256 over 4 KiB blocks: 1/128 of the data and 1/128 of that, and so on.
    blocks = SLOT_MIB["root"] * MIB // 4096
    tree = 0
    while blocks > 1:
        blocks = -(-blocks // 128)
        tree += blocks
    if tree * 4096 > SLOT_MIB["verity"] * MIB:
        said.append(f"a tree over a full root needs {tree * 4096} bytes, more than verity-a has")
    return [f"files/wic/{name}.wks.in: {line}" for line in said]


def number(names: list[str], name: str) -> int:
    """A partition's number in an MBR: the fourth is the extended one."""
    place = names.index(name) + 1
    return place if place < 4 else place + 1


def agreement_problems(layer: Layer) -> list[str]:
    """The initramfs and the boot script count the partitions as the .wks files do; both lay the boot environment out alike."""
    said = []
    init = (layer.folder / "recipes-core/school-box/files/init").read_text(encoding="utf-8")
    both = dict(pair.split(":") for pair in re.search(r"^\tnames='(.*)'$", init, re.MULTILINE)[1].split())
    extra = {"uboot": re.search(r'uboot\) names="\$names (.*)" ;;', init)[1], "tryboot": re.search(r'\*\) names="\$names (.*)" ;;', init)[1]}
    for kind, names in ORDER.items():
        told = both | dict(pair.split(":") for pair in extra[kind].split())
        true = {name: str(number(names, name)) for name in names}
        if told != true:
            said.append(f"init: the partitions of {kind} are {true}")
    script = (layer.folder / "recipes-bsp/school-box-boot/files/boot.cmd").read_text(encoding="utf-8")
    env = number(ORDER["uboot"], "boot-env")
    for want in (f"part start ${{devtype}} ${{devnum}} {env} bx_at", "for bx_copy in 0 2000;", "env import -c ${bx_addr} 4000 gen order tries"):
        if want not in script:
            said.append(f"boot.cmd: `{want}` is not in it; see make-boot-env and boot-choice for the layout")
    if 0x2000 * 512 != 256 * 0x4000:
        said.append("copy 1 of the boot environment lies at two places")
    return said


def problems(layer: Layer) -> list[str]:
    """One line each."""
    found = []
    for name, kind in MACHINES.items():
        path = layer.folder / "files/wic" / f"{name}.wks.in"
        try:
            found += wks_problems(name, path, kind)
        except (OSError, ValueError) as error:
            found.append(f"files/wic/{name}.wks.in: {error}")
    return found + agreement_problems(layer)
