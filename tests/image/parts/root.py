"""The root file system: Debian's programs, and everything else from this repository."""

import os
import shutil
import stat
import struct
import subprocess
from pathlib import Path

from . import layer
from .say import Refused, say

MODULES = Path("tests/image/modules-root")
FILES = Path("tests/image/files")

# What a box has no use for. The kernel's own files travel elsewhere: modules by list, the image in the boot area.
PRUNED = """
boot etc/default etc/init.d etc/rc*.d etc/cron* etc/kernel etc/initramfs-tools etc/apparmor.d etc/bash_completion.d
etc/dbus-1 etc/dnsmasq.d* etc/e2scrub.conf etc/mke2fs.conf.dpkg* etc/network etc/pam.d etc/resolvconf etc/nftables.conf
etc/ld.so.conf.d etc/update-motd.d etc/hostapd etc/X11 etc/xdg etc/logrotate.d etc/insserv.conf.d etc/ufw etc/sysctl.d
usr/share/doc usr/share/man usr/share/locale usr/share/lintian usr/share/bash-completion usr/share/zsh usr/share/bug
usr/share/info usr/share/doc-base usr/share/initramfs-tools usr/share/menu usr/share/polkit-1 usr/share/dbus-1
usr/share/pkgconfig usr/share/apport usr/share/gcc usr/share/perl5 usr/share/runit usr/share/nftables usr/share/libgcrypt20
usr/share/pam-configs usr/share/pam usr/share/keyrings usr/share/factory usr/share/mime
usr/share/dnsmasq-base usr/share/pixmaps usr/share/icons usr/share/applications usr/include usr/games usr/src
usr/lib/pkgconfig usr/lib/aarch64-linux-gnu/gconv usr/lib/aarch64-linux-gnu/perl-base usr/lib/aarch64-linux-gnu/krb5
usr/lib/udev/hwdb.d usr/lib/systemd/catalog usr/lib/systemd/boot usr/lib/systemd/user usr/lib/systemd/user-generators
usr/lib/systemd/user-preset usr/lib/systemd/user-environment-generators usr/lib/environment.d usr/lib/kernel usr/lib/initcpio
usr/lib/dracut usr/lib/pcrlock.d usr/lib/ssl usr/lib/valgrind usr/share/bash usr/lib/init var
etc/modules-load.d
usr/lib/tmpfiles.d/home.conf usr/lib/tmpfiles.d/x11.conf usr/lib/tmpfiles.d/provision.conf usr/lib/tmpfiles.d/legacy.conf
""".split()

APPLETS = """
[ basename cat chgrp chmod chown cmp cp cut date dd df dirname du echo env expr false find grep gunzip gzip head hexdump hostname id
ip kill ln ls mkdir mktemp mv od printf ps pwd readlink realpath rm rmdir sed seq sh sha256sum sleep sort stat stty sync tail tar
test timeout touch tr true uname uniq wc xargs
""".split()


def build(root: Path, packages: Path, kernel: Path, program: Path) -> None:
    """Fills `root`, a folder that is not there yet."""
    root.mkdir(parents=True)
    say("unpacking Debian's packages")
    for deb in sorted(packages.glob("*.deb")):
        if not deb.name.startswith("linux-image-"):
            subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    merge_usr(root)
    for pattern in PRUNED:
        for path in root.glob(pattern):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    busybox_links(root)
    copy_modules(kernel, root, MODULES.read_text().split())
    shutil.copytree(FILES, root, dirs_exist_ok=True, symlinks=True)
    say("installing what is ours")
    layer.install(root)
    shutil.copyfile(program, root / "usr/bin/school-box")
    (root / "usr/bin/school-box").chmod(0o755)
    pack = root / "usr/share/school-box/starter-pack"
    shutil.copytree("content-store/starter-pack/start", pack)
    # A checkout's modes follow the umask of whoever made it; the image's do not.
    for path in (pack, *pack.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    as_elsewhere(root)
    folders(root)
    make_users(root)
    enable_units(root)
    check_libraries(root)


def lay_update_root(root: Path, file: Path) -> None:
    """Whom the system believes about updates at first."""
    place = root / "usr/share/school-box/update-root.json"
    shutil.copyfile(file, place)
    place.chmod(0o644)


def merge_usr(root: Path) -> None:
    """Debian's packages still name /bin, /lib and /sbin; on the box these are links into /usr."""
    for name in ("bin", "sbin", "lib"):
        into = root / "usr" / name
        into.mkdir(parents=True, exist_ok=True)
        if (root / name).is_dir():
            move_into(root / name, into)
            shutil.rmtree(root / name)
        (root / name).symlink_to(f"usr/{name}")


def move_into(source: Path, target: Path) -> None:
    for entry in sorted(source.iterdir()):
        there = target / entry.name
        if entry.is_dir() and not entry.is_symlink():
            there.mkdir(exist_ok=True)
            move_into(entry, there)
        else:
            if there.is_symlink() or there.exists():
                there.unlink()
            shutil.move(entry, there)


def busybox_links(root: Path) -> None:
    """What the layer's scripts call and no package of its own brings. No login, no getty, no network servers."""
    have = {path.name for folder in ("usr/bin", "usr/sbin") for path in (root / folder).iterdir()}
    for applet in APPLETS:
        if applet not in have:
            (root / "usr/bin" / applet).symlink_to("busybox")


def copy_modules(kernel: Path, root: Path, names: list[str]) -> None:
    """The named modules and what they need, with new tables for modprobe."""
    base = next((kernel / "lib/modules").iterdir())
    if not (base / "modules.dep").is_file():
        subprocess.run(["depmod", "-b", kernel, base.name], check=True)
    needs = {}
    for line in (base / "modules.dep").read_text().splitlines():
        module, _, rest = line.partition(":")
        needs[Path(module).name.removesuffix(".ko").replace("-", "_")] = [module, *rest.split()]
    builtin = {Path(line).name.removesuffix(".ko").replace("-", "_") for line in (base / "modules.builtin").read_text().splitlines()}
    target = root / "usr/lib/modules" / base.name
    for name in names:
        key = name.replace("-", "_")
        if key in builtin:
            continue
        if key not in needs:
            raise Refused(f"kernel {base.name} has no module {name}")
        for module in needs[key]:
            (target / module).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(base / module, target / module)
    for table in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
        shutil.copyfile(base / table, target / table)
    if not (root / "lib").exists():
        (root / "lib").symlink_to("usr/lib")
    subprocess.run(["depmod", "-b", root, base.name], check=True)


def as_elsewhere(root: Path) -> None:
    """What Debian leaves to its scripts or its administrators, done as everywhere else."""
    for name in ("regulatory.db", "regulatory.db.p7s"):
        (root / "usr/lib/firmware" / name).symlink_to(f"{name}-upstream")
    target = root / "usr/lib/systemd/system/default.target"
    target.unlink()
    target.symlink_to("multi-user.target")


def folders(root: Path) -> None:
    for name in ("data", "dev", "proc", "sys", "run", "tmp", "var", "root", "etc"):
        (root / name).mkdir(exist_ok=True)
    (root / "etc/mtab").unlink(missing_ok=True)
    (root / "etc/mtab").symlink_to("../proc/self/mounts")
    # Empty: systemd lays a number of its own over it, in memory.
    (root / "etc/machine-id").write_text("")
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").symlink_to("../run/school-box-names/resolv.conf")


def make_users(root: Path) -> None:
    """Users as the layer's sysusers files name them; nobody has a password."""
    for name in ("passwd", "group", "shadow", "gshadow"):
        (root / "etc" / name).unlink(missing_ok=True)
    env = {**os.environ, "SOURCE_DATE_EPOCH": "86400"}
    done = subprocess.run(["systemd-sysusers", "--root", root], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"systemd-sysusers: {done.stderr.strip()}")
    for path in (root / "etc").glob(".pwd.lock"):
        path.unlink()
    for name in ("passwd-", "group-", "shadow-", "gshadow-"):
        (root / "etc" / name).unlink(missing_ok=True)


def enable_units(root: Path) -> None:
    """What the presets say, nothing else: Debian's links were made by scripts that never ran."""
    subprocess.run(["systemctl", "--root", root, "preset-all", "--preset-mode=full", "--quiet"], check=True, stderr=subprocess.DEVNULL)


def check_libraries(root: Path) -> None:
    """Every library that a program or library asks for is there: no package was forgotten."""
    libraries, asked = set(), {}
    for path in root.rglob("*"):
        if path.is_symlink():
            libraries.add(path.name)
        elif path.is_file() and stat.S_ISREG(path.stat().st_mode):
            if ".so" in path.name:
                libraries.add(path.name)
            if "/modules/" not in str(path):
                for name in needed(path):
                    asked.setdefault(name, path)
    lacking = [f"{name} (for /{path.relative_to(root)})" for name, path in sorted(asked.items()) if name not in libraries]
    if lacking:
        raise Refused(f"the image lacks {', '.join(lacking)}: add their packages to tests/image/packages.list, then pin them with `tests/image/assemble --lock`")


def needed(path: Path) -> list[str]:
    """DT_NEEDED of a 64-bit little-endian ELF file; nothing for any other file."""
    with path.open("rb") as file:
        if file.read(6) != b"\x7fELF\x02\x01":
            return []
        data = b"\x7fELF\x02\x01" + file.read()
    offset, size, count = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<IIQQQQ", data, offset + size * i) for i in range(count)]
    loads = [s for s in segments if s[0] == 1]

    def file_offset(address: int) -> int:
        return next(s[2] + address - s[3] for s in loads if s[3] <= address < s[3] + s[5])

    for kind, _, at, _, _, length in segments:
        if kind == 2:
            entries = [struct.unpack_from("<QQ", data, at + 16 * i) for i in range(length // 16)]
            strings = file_offset(next(value for tag, value in entries if tag == 5))
            names = [strings + value for tag, value in entries if tag == 1]
            return [data[name : data.index(b"\0", name)].decode() for name in names]
    return []
