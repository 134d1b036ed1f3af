"""Sticks: whatever a stick has on it, it is mounted to be read and nothing more, by its kernel name; what is a box's own disk is none."""

import os
import pathlib
import re
import subprocess
import tempfile

from layer import Layer

FILES = pathlib.PurePath("recipes-core/school-box/files")
KERNEL = pathlib.PurePath("recipes-kernel/linux/files/school-box.cfg")
SAFE = {"ro", "nosuid", "nodev", "noexec"}
# File systems of sticks, and what each needs besides; a kernel option for each.
KINDS = {
    "vfat": ({"uid=900", "gid=900", "fmask=0377", "dmask=0277"}, "CONFIG_VFAT_FS"),
    "exfat": ({"uid=900", "gid=900", "fmask=0377", "dmask=0277"}, "CONFIG_EXFAT_FS"),
    "ext4": ({"noload"}, "CONFIG_EXT4_FS"),
}
OTHERS = ("", "ntfs", "crypto_LUKS", "swap", "erofs")
# What names vfat reads them by, and how the kernel meets a stick at all.
ALSO = ("CONFIG_NLS_CODEPAGE_437", "CONFIG_NLS_ISO8859_1", "CONFIG_USB_STORAGE", "CONFIG_BLK_DEV_SD")
NAMES = ("sda1", "sdb", "mmcblk1p2")
NO_NAMES = ("", "..", "sda1/../..", "My stick", "SDA", "-o")


def problems(layer: Layer) -> list[str]:
    """One line each."""
    return script_problems(layer) + errand_problems(layer) + rule_problems(layer) + kernel_problems(layer)


def script_problems(layer: Layer) -> list[str]:
    """mount-stick, with stand-ins for what it calls."""
    found = []
    for kind, (needs, _) in KINDS.items():
        for name in NAMES:
            calls, there = run(layer, name, kind)
            options = {option for call in calls for option in call[call.index("-o") + 1].split(",")} if calls else set()
            if len(calls) != 1 or calls[0][:2] != ["-t", kind] or calls[0][-2:] != [f"DEV/{name}", f"STICKS/{name}"] or there != [name]:
                found.append(f"mount-stick: {name} ({kind}) is not mounted as such at a place of its name: {calls}")
            found += [f"mount-stick: {kind} is mounted without {option}" for option in sorted((SAFE | needs) - options)]
            found += [f"mount-stick: {kind} is mounted with {option}" for option in sorted({"rw", "suid", "dev", "exec"} & options)]
    for name, kind in [(name, "vfat") for name in NO_NAMES] + [("sda1", other) for other in OTHERS]:
        calls, there = run(layer, name, kind)
        if calls or there:
            found.append(f"mount-stick: `{name}` ({kind or 'nothing'}) is mounted or leaves something: {calls} {there}")
    calls, there = run(layer, "sda1", "vfat", mounts=False)
    if there:
        found.append("mount-stick: what cannot be mounted leaves a folder")
    return sorted(set(found))


def run(layer: Layer, name: str, kind: str, mounts: bool = True) -> tuple[list[list[str]], list[str]]:
    """How `mount` was called, and what is there then."""
    with tempfile.TemporaryDirectory() as place:
        tools, devices, sticks = (pathlib.Path(place, part) for part in ("tools", "DEV", "STICKS"))
        for folder in (tools, devices, sticks):
            folder.mkdir()
        said = pathlib.Path(place, "said")
        for tool, does in (("blkid", f"echo '{kind}'"), ("mount", f'printf "%s\\n" "$@" >>{said}; echo >>{said}; exit {0 if mounts else 32}')):
            (tools / tool).write_text(f"#!/bin/sh\n{does}\n")
            (tools / tool).chmod(0o755)
        script = layer.folder / FILES / "mount-stick"
        done = subprocess.run(
            ["sh", script, name, devices, sticks],
            env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return [["failed", str(done.returncode)]], []
        text = said.read_text().replace(f"{place}/", "") if said.exists() else ""
        calls = [call.splitlines() for call in text.split("\n\n") if call]
        return calls, sorted(path.name for path in sticks.iterdir()) if sticks.is_dir() else ["no folder of sticks any more"]


RECORDS, REPORT = "school-box-records", "school-box-report"
# What a stick is like, the folders it has, and what is in each of them afterwards.
GIVEN = {RECORDS: ["box.sealed"], REPORT: ["box.sbr"]}
ERRANDS = (
    ("vfat", (REPORT,), "", {REPORT: ["box.sbr"]}),
    ("exfat", (REPORT,), "", {REPORT: ["box.sbr"]}),
    ("vfat", (RECORDS,), "", {RECORDS: ["box.sealed"]}),
    ("exfat", (RECORDS,), "", {RECORDS: ["box.sealed"]}),
    ("vfat", (RECORDS, REPORT), "", GIVEN),
    ("vfat", (), "", {}),
    ("ext4", (RECORDS, REPORT), "", {RECORDS: [], REPORT: []}),
    ("vfat", (RECORDS, REPORT), "full", {RECORDS: [], REPORT: []}),
    ("vfat", (RECORDS, REPORT), "locked", {RECORDS: [], REPORT: []}),
    ("vfat", (RECORDS, REPORT), "stopped", {RECORDS: [], REPORT: []}),
)


def errand_problems(layer: Layer) -> list[str]:
    """stick-errands, with stand-ins for what it calls: whole or not there, and read-only again whatever happens."""
    found = []
    for kind, folders, trouble, wanted in ERRANDS:
        stick = f"a stick of {kind}{f' that is {trouble}' if trouble else ''} with {', '.join(folders) or 'no folder'}"
        calls, there = errand(layer, kind, folders, trouble)
        if there != wanted:
            found.append(f"stick-errands: {stick} has {there}, not {wanted}")
        mounts = [call for call in calls if call.startswith("remount")]
        if mounts not in ([], ["remount,rw", "remount,ro"]) and trouble != "locked":
            found.append(f"stick-errands: {stick} is left as {mounts}")
        if trouble == "locked" and "remount,ro" in mounts:
            found.append(f"stick-errands: {stick} was never writable, and is left as {mounts}")
        if mounts and (kind == "ext4" or not folders):
            found.append(f"stick-errands: {stick} is made writable")
        if RECORDS in folders and kind != "ext4" and f"records stick {RECORDS}" not in calls:
            found.append(f"stick-errands: {stick} is not looked at for receipts")
        found += [f"stick-errands: {stick}: {call}" for call in calls if call.startswith("failed")]
    unit = (layer.folder / FILES / "school-box-stick-errands@.service").read_text(encoding="utf-8")
    for line in (
        "BindsTo=school-box-stick@%i.service",
        f"ConditionPathIsDirectory=|/run/school-box-sticks/%I/{RECORDS}",
        f"ConditionPathIsDirectory=|/run/school-box-sticks/%I/{REPORT}",
        "ProtectSystem=strict",
        "PrivateNetwork=yes",
        "ReadWritePaths=/run/school-box-sticks\n",
    ):
        if f"\n{line}" not in unit:
            found.append(f"school-box-stick-errands@.service: no {line.strip()}")
    return found


def errand(layer: Layer, kind: str, folders: tuple[str, ...], trouble: str) -> tuple[list[str], dict[str, list[str]]]:
    """What was called, `mount` by its options and the box's program by its verb, and what each folder of the stick has then."""
    with tempfile.TemporaryDirectory() as place:
        tools, stick = pathlib.Path(place, "tools"), pathlib.Path(place, "sticks/sda1")
        for folder in (tools, stick, *(stick / name for name in folders)):
            folder.mkdir(parents=True)
        said = pathlib.Path(place, "said")
        records = {
            "": 'echo sealed >"$3/box.sealed"',
            "full": "echo full >&2; exit 1",
            "locked": "echo locked >&2; exit 1",
            # As a unit that takes too long, or whose stick was pulled out.
            "stopped": "kill -TERM $PPID; exit 1",
        }[trouble]
        stand_ins = {
            "mount": f'echo "$2" >>{said}' + ('; [ "$2" != remount,rw ]' if trouble == "locked" else ""),
            "chown": ":",
            "sync": ":",
            "school-box": f"""case $1 in
                report) echo report >>{said}; echo report >"$5/box.sbr" ;;
                records) echo "$1 $2 ${{3##*/}}" >>{said}; {records} ;;
            esac""",
            "cp": ': >"$2"; exit 1' if trouble == "full" else 'exec /bin/cp "$@"',
        }
        for tool, does in stand_ins.items():
            (tools / tool).write_text(f"#!/bin/sh\n{does}\n")
            (tools / tool).chmod(0o755)
        mounts = pathlib.Path(place, "mounts")
        mounts.write_text(f"none /run tmpfs rw 0 0\n/dev/sda1 {stick} {kind} ro 0 0\n")
        script = layer.folder / FILES / "stick-errands"
        done = subprocess.run(
            ["sh", script, "sda1", place, stick.parent, mounts],
            env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "TMPDIR": place},
            capture_output=True,
            text=True,
            check=False,
        )
        calls = said.read_text().splitlines() if said.exists() else []
        if done.returncode:
            calls.append(f"failed {done.returncode}")
        left = [path.name for path in pathlib.Path(place).glob("report.*")]
        if left:
            calls.append(f"failed to take {left} away")
        return calls, {name: sorted(path.name for path in (stick / name).iterdir()) for name in folders}


def rule_problems(layer: Layer) -> list[str]:
    """The rule that starts the unit, and the unit."""
    found = []
    rules = [line for line in (layer.folder / FILES / "udev.rules").read_text(encoding="utf-8").splitlines() if "school-box-stick@" in line]
    if len(rules) != 1:
        return [f"udev.rules: {len(rules)} rules for sticks"]
    for word in ('SUBSYSTEM=="block"', 'ENV{ID_BUS}=="usb"', 'ENV{ID_PART_ENTRY_UUID}!="5c4001b0-*"', 'TAG+="systemd"', "school-box-stick@%k.service"):
        if word not in rules[0]:
            found.append(f"udev.rules: the rule for sticks has no {word}")
    kinds = re.search(r'ENV\{ID_FS_TYPE\}=="([^"]*)"', rules[0])
    if not kinds or set(kinds.group(1).split("|")) != set(KINDS):
        found.append("udev.rules: other file systems than mount-stick takes")
    if re.search(r"ID_FS_LABEL|ID_FS_UUID|RUN", rules[0]):
        found.append("udev.rules: the rule for sticks uses what the stick says of itself, or runs something")
    unit = (layer.folder / FILES / "school-box-stick@.service").read_text(encoding="utf-8")
    for line in ("BindsTo=dev-%i.device", "ExecStart=/usr/libexec/school-box/mount-stick %I", "ExecStop=-/usr/bin/umount --lazy", "CapabilityBoundingSet=CAP_SYS_ADMIN"):
        if f"\n{line}" not in unit:
            found.append(f"school-box-stick@.service: no {line}")
    # A mount made in a world of one's own is seen by nobody.
    for word in ("Protect", "Private", "ReadOnlyPaths", "ReadWritePaths", "TemporaryFileSystem"):
        if f"\n{word}" in unit:
            found.append(f"school-box-stick@.service: {word}… hides the mount from the supervisor")
    return found


def kernel_problems(layer: Layer) -> list[str]:
    """The kernel has what a stick needs."""
    text = (layer.folder / KERNEL).read_text(encoding="utf-8") if (layer.folder / KERNEL).is_file() else ""
    wanted = [option for _, option in KINDS.values()] + list(ALSO)
    return [f"{KERNEL}: no {option}" for option in wanted if not re.search(rf"^{option}=[ym]$", text, re.MULTILINE)]
