"""Debian's packages, pinned by `packages.lock`."""

import subprocess
from pathlib import Path

from .say import Refused, say

ARCHIVE = "tests/image/archive.sh"
LIST = Path("tests/image/packages.list")
LOCK = Path("tests/image/packages.lock")


def run(*arguments: str | Path) -> str:
    done = subprocess.run([ARCHIVE, "arm64", *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Refused("Debian's packages cannot be fetched: see above; check the network, then run this again")
    return done.stdout


def lock() -> None:
    """Writes the lock anew: the newest version of every package in the list."""
    names = [name for line in LIST.read_text().splitlines() if not line.startswith("#") for name in line.split()]
    names[names.index("linux-image-arm64")] = kernel_package()
    shown = sorted(run("show", *names).splitlines())
    if len(shown) != len(names):
        raise Refused(f"{LIST}: {len(names)} packages are asked for, the archive shows {len(shown)}")
    LOCK.write_text("# name version sha256, written by `tests/image/assemble --lock`\n" + "\n".join(shown) + "\n")


def kernel_package() -> str:
    for line in run("depends", "linux-image-arm64").splitlines():
        if line.startswith("linux-image-6"):
            return line
    raise Refused("linux-image-arm64 depends on no kernel")


def fetch(into: Path) -> None:
    """The packages of the lock, and nothing else, in `into`. Says so where the archive has moved on."""
    pinned = {}
    for line in LOCK.read_text().splitlines():
        if not line.startswith("#"):
            name, version, sha256 = line.split()
            pinned[name] = (version, sha256)
    into.mkdir(parents=True, exist_ok=True)
    have = {path.name for path in into.glob("*.deb")}
    want = {name: f"{name}_{version.replace(':', '%3a')}_" for name, (version, _) in pinned.items()}
    for file in have:
        if not any(file.startswith(prefix) for prefix in want.values()):
            (into / file).unlink()
    lacking = [name for name, prefix in want.items() if not any(file.startswith(prefix) for file in have)]
    if not lacking:
        return
    say(f"fetching {len(lacking)} of {len(pinned)} Debian packages")
    offered = {line.split()[0]: line.split()[1:] for line in run("show", *lacking).splitlines()}
    for name in lacking:
        if name not in offered:
            raise Refused(f"Debian's archive has no {name} any more: pin anew with `tests/image/assemble --lock`")
        if tuple(offered[name]) != pinned[name]:
            raise Refused(
                f"Debian's archive now has {name} {offered[name][0]}, the lock {pinned[name][0]}: pin anew with `tests/image/assemble --lock`"
            )
    run("fetch", into, *lacking)
