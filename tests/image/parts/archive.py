"""Debian's packages, pinned by a lock: the image's own, those of the plain Debian it is measured against, and a small guest's."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .say import Refused, say

ARCHIVE = "tests/image/archive.sh"


@dataclass(frozen=True)
class Selection:
    """What is asked for, and the versions it was pinned to."""

    list: Path
    lock: Path
    follow: bool
    """Whether what these depend on is wanted too."""
    arch: str = "arm64"
    """Debian's name of the processor."""

    @property
    def kernel(self) -> str:
        """The package that depends on the newest kernel."""
        return f"linux-image-{self.arch}"

    def run(self, *arguments: str | Path) -> str:
        done = subprocess.run([ARCHIVE, self.arch, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise Refused("Debian's packages cannot be fetched: see above; check the network, then run this again")
        return done.stdout

    def kernel_package(self) -> str:
        for line in self.run("depends", self.kernel).splitlines():
            if line.startswith("linux-image-6"):
                return line
        raise Refused(f"{self.kernel} depends on no kernel")

    def successor(self, name: str) -> str:
        """The name to ask for: a kernel's own changes with its releases."""
        return self.kernel_package() if name.startswith("linux-image-") else name

    def offers(self, names: list[str]) -> dict[str, tuple[str, str]]:
        """Version and checksum that the archive has now."""
        return {name: (version, sha256) for name, version, sha256 in map(str.split, self.run("show", *names).splitlines())}


IMAGE = Selection(Path("tests/image/packages.list"), Path("tests/image/packages.lock"), follow=False)
PEER = Selection(Path("tests/image/peer.list"), Path("tests/image/peer.lock"), follow=True)
PHONE = Selection(Path("tests/image/phone.list"), Path("tests/image/phone.lock"), follow=False)
GUEST = Selection(Path("tests/image/guest.list"), Path("tests/image/guest.lock"), follow=False, arch="amd64")


def lock(selection: Selection) -> None:
    """Writes the lock anew: the newest version of every package in the list."""
    names = [name for line in selection.list.read_text().splitlines() if not line.startswith("#") for name in line.split()]
    if selection.follow:
        names = sorted({*selection.run("closure", *names).splitlines()} - {selection.kernel})
    elif selection.kernel in names:
        names[names.index(selection.kernel)] = selection.kernel_package()
    shown = sorted(selection.run("show", *names).splitlines())
    if len(shown) != len(names):
        raise Refused(f"{selection.list}: {len(names)} packages are asked for, the archive shows {len(shown)}")
    selection.lock.write_text("# name version sha256, written by `tests/image/assemble --lock`\n" + "\n".join(shown) + "\n")


def fetch(selection: Selection, into: Path) -> None:
    """
    The packages of the lock, and nothing else, in `into`. Debian's archive keeps no version that it has replaced: the newer one is taken then,
    with a line that says so. Another checksum for the same version is never taken.
    """
    pinned = read_lock(selection.lock)
    into.mkdir(parents=True, exist_ok=True)
    have = {path.name for path in into.glob("*.deb") if sound(path, pinned)}
    lacking = [name for name, (version, _) in pinned.items() if not any(file.startswith(prefix(name, version)) for file in have)]
    taken = newer(selection, pinned, lacking) if lacking else {}
    wanted = {new: version for name in pinned for new, version in [taken.get(name, (name, pinned[name][0]))]}
    for file in have:
        if not file.startswith(tuple(prefix(*one) for one in wanted.items())):
            (into / file).unlink()
    missing = [name for name, version in wanted.items() if not any(file.startswith(prefix(name, version)) for file in have)]
    if missing:
        say(f"fetching {len(missing)} of {len(pinned)} Debian packages")
        selection.run("fetch", into, *missing)
    for name, (new, version) in taken.items():
        say(f"WARNING: {new} {version} in place of the pinned {name} {pinned[name][0]}, which Debian's archive has replaced: this is not the pinned image")
    if taken:
        say(f"to pin it: tests/image/assemble --lock, then look at what {selection.lock} says")


def sound(file: Path, pinned: dict[str, tuple[str, str]]) -> bool:
    """Whether a file fetched earlier is still what was fetched, if it is a pinned one. One that is not goes away, to be fetched again."""
    name = file.name.partition("_")[0]
    version, sha256 = pinned.get(name, ("", ""))
    if file.name.startswith(prefix(name, version)) and hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        file.unlink()
        return False
    return True


def read_lock(lock: Path) -> dict[str, tuple[str, str]]:
    """Version and checksum of each package."""
    rows = [line.split() for line in lock.read_text().splitlines() if not line.startswith("#")]
    return {name: (version, sha256) for name, version, sha256 in rows}


def prefix(name: str, version: str) -> str:
    """How the file of a package begins."""
    return f"{name}_{version.replace(':', '%3a')}_"


def newer(selection: Selection, pinned: dict[str, tuple[str, str]], lacking: list[str]) -> dict[str, tuple[str, str]]:
    """Name and version to take in place of what is pinned. Refuses the same version with another checksum, and what is gone altogether."""
    taken = {}
    successors = {name: selection.successor(name) for name in lacking}
    offered = selection.offers(list(successors.values()))
    for name, new in successors.items():
        if new not in offered:
            raise Refused(f"Debian's archive has no {name} any more: take it out of the list or name what came in its place")
        version, sha256 = offered[new]
        if (new, version) != (name, pinned[name][0]):
            taken[name] = (new, version)
        elif sha256 != pinned[name][1]:
            raise Refused(f"Debian's archive has {name} {version} with another checksum ({sha256}) than {pinned[name][1]} of the lock: it is not taken")
    return taken
