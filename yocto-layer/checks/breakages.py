"""Negative controls: one thing broken in a copy of the layer, and the check that must see it."""

import dataclasses
import pathlib
import shutil
import tempfile

import data
from layer import Layer

FILES = "recipes-core/school-box/files"


@dataclasses.dataclass(frozen=True)
class Breakage:
    """`old` becomes `new` in `file` (an empty `old`: the file goes away); `check` must complain, and name `told`."""

    check: str
    file: str
    old: str
    new: str
    told: str


BREAKAGES = [
    Breakage("oelint-adv", "recipes-core/school-box/school-box_0.1.0.bb", 'SECTION = "base"', 'SECTION="base"', "school-box_0.1.0.bb"),
    Breakage("kas files", "kas/rpi.yml", "machine: school-box-rpi", "machina: school-box-rpi", "machina"),
    Breakage("kas files", "kas/common.yml", "commit: fae9db3168dbff1b8c76fe9c6726a9687ff97514", "branch: main", "bitbake"),
    Breakage("recipes", "recipes-core/school-box/school-box_0.1.0.bb", 'SECTION = "base"', 'SECTION = "base', "parse"),
    Breakage("recipes", "recipes-core/school-box/school-box_0.1.0.bb", "file://mount-data", "file://mount-date", "mount-date"),
    Breakage("recipes", "recipes-core/school-box/school-box_0.1.0.bb", "LICENSE;md5=3b83", "LICENSE;md5=0000", "md5"),
    Breakage("recipes", "recipes-kernel/linux/files/school-box.cfg", "", "", "school-box.cfg"),
    Breakage("installed files", f"{FILES}/install.list", "0755 mount-data ", "0644 mount-data ", "mount-data"),
    Breakage("installed files", f"{FILES}/install.list", "0755 after-stop ", "#", "after-stop"),
    Breakage("installed files", f"{FILES}/locked.list", "mask - /etc/systemd/system/getty@.service", "", "getty@.service"),
    Breakage("crate list", "recipes-core/school-box/school-box-crates.inc", "crate://", "crate:///", "Cargo.lock"),
    Breakage("disk layout", "files/wic/school-box-rpi.wks.in", "--fixed-size 768M", "--fixed-size 700M", "root-a"),
    Breakage("disk layout", "files/wic/school-box-qemuarm64.wks.in", "part boot-env", "part boot-enw", "boot-enw"),
    Breakage("disk layout", "files/wic/school-box-qemuarm64.wks.in", "--diskid 0x5c4001b0", "", "diskid"),
    Breakage("disk layout", f"{FILES}/init", "verity-b:8", "verity-b:9", "init"),
    Breakage("shell", f"{FILES}/rescue", "esac", "", "rescue"),
    Breakage("boot choice", f"{FILES}/boot-choice", "CHOICE_COPY_BYTES - 4", "CHOICE_COPY_BYTES - 8", "uboot"),
    Breakage("boot choice", f"{FILES}/boot-choice", "choice_first=3 choice_second=2", "choice_first=2 choice_second=3", "tryboot"),
    Breakage("boot choice", f"{FILES}/boot-choice", '"$(choice_get gen)" = "$choice_gen"', '"$choice_gen" = "$choice_gen"', "note"),
    Breakage("releases", "recipes-core/images/school-box-image.inc", "IMAGE_VERSION=%s", "IMAGE_REVISION=%s", "IMAGE_VERSION"),
    Breakage("releases", "recipes-core/images/school-box-image.inc", "'' | *[!0-9]* | 0*) bbfatal", "'') bbfatal", "is taken"),
    Breakage("releases", "recipes-core/images/school-box-image.inc", "        bbwarn ", "        bbnote ", "warning"),
    Breakage("sticks", f"{FILES}/mount-stick", "nosuid,nodev", "nosuid", "nodev"),
    Breakage("sticks", f"{FILES}/mount-stick", "*[!a-z0-9]*", "*[!a-z0-9./]*", "is mounted"),
    Breakage("sticks", f"{FILES}/mount-stick", "$SAFE,noload", "$SAFE", "noload"),
    Breakage("sticks", f"{FILES}/stick-errands", "mount -o remount,ro", ": remount,ro", "is left as"),
    Breakage("sticks", f"{FILES}/stick-errands", '[ -z "$writable" ] || mount', "mount", "was never writable"),
    Breakage("sticks", f"{FILES}/stick-errands", "trap 'exit 0' INT TERM", "", "that is stopped"),
    Breakage("sticks", f"{FILES}/stick-errands", "vfat | exfat)", "vfat | exfat | ext4)", "ext4"),
    Breakage("sticks", f"{FILES}/stick-errands", 'rm -f "$REPORT/$report.part"', ":", "that is full"),
    Breakage("sticks", f"{FILES}/stick-errands", 'records stick "$RECORDS"', 'records stick "$STICK"', "looked at for receipts"),
    Breakage("sticks", f"{FILES}/stick-errands", "	make_writable\n", "	make_writable || return 0\n", "locked with"),
    Breakage("sticks", f"{FILES}/school-box-stick-errands@.service", "ReadWritePaths=/run/school-box-sticks", "ReadWritePaths=/run/school-box-sticks /data", "ReadWritePaths"),
    Breakage("sticks", f"{FILES}/school-box-stick-errands@.service", "ConditionPathIsDirectory=|/run/school-box-sticks/%I/school-box-records", "", "school-box-records"),
    Breakage("sticks", f"{FILES}/udev.rules", 'ENV{ID_PART_ENTRY_UUID}!="5c4001b0-*"', 'ENV{ID_PART_ENTRY_UUID}!=""', "5c4001b0"),
    Breakage("sticks", "recipes-kernel/linux/files/school-box.cfg", "CONFIG_EXFAT_FS=m", "# none", "EXFAT"),
    Breakage("uplink", f"{FILES}/nftables.conf", 'oifname "usb*"', 'oifname "wl*"', "is no uplink"),
    Breakage("uplink", f"{FILES}/nftables.conf", "ip protocol icmp accept\n\t\tmeta", "tcp dport 80 accept\n\t\tmeta", "learners"),
    Breakage("uplink", f"{FILES}/nftables.conf", 'iifname "box0" tcp dport 53', "tcp dport 53", "alone"),
    Breakage("uplink", f"{FILES}/nftables.conf", "update @lease_askers { ether saddr limit rate over 20/minute burst 20 packets } drop", "accept", "port 67"),
    Breakage("uplink", f"{FILES}/nftables.conf", 'oifname "box0" udp sport 68 udp dport 67 accept', 'oifname "box0" accept', "is no uplink"),
    Breakage("uplink", f"{FILES}/keep-names", "[0-9a-fA-F.:]", "[^ ]", "reboot"),
    Breakage("data partition", f"{FILES}/mount-data", "LEAST=67108864", "LEAST=1", "16 MiB"),
    Breakage("data partition", f"{FILES}/mount-data", "-lt 262144", "-lt 0", "full"),
    Breakage("data partition", f"{FILES}/mount-data", "if marked; then", "if false; then", "formatting was cut"),
]


def unseen(layer: Layer, checks) -> list[str]:
    """The breakages that their check did not see."""
    said = []
    for breakage in BREAKAGES:
        if breakage.check == "data partition" and not data.can_run():
            continue
        with tempfile.TemporaryDirectory() as place:
            copy = pathlib.Path(place, layer.folder.name)
            shutil.copytree(layer.folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
            for name in ("Cargo.lock", "LICENSE"):
                shutil.copy(layer.workspace / name, place)
            broken = copy / breakage.file
            if breakage.old or breakage.new:
                text = broken.read_text(encoding="utf-8")
                if breakage.old not in text:
                    said.append(f"{breakage.file} has no `{breakage.old}` to break any more; correct breakages.py")
                    continue
                broken.write_text(text.replace(breakage.old, breakage.new, 1), encoding="utf-8")
            else:
                broken.unlink()
            found = checks[breakage.check](Layer(copy))
            if not any(breakage.told in line for line in found):
                said.append(f"{breakage.check} does not see `{breakage.new}` in place of `{breakage.old}` in {breakage.file}: {found}")
    return said
