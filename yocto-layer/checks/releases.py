"""What an image says of its release, and whom it believes about the next: the functions of the image, run by a shell with stand-ins for bitbake's."""

import pathlib
import re
import subprocess
import tempfile

from layer import Layer

INC = pathlib.PurePath("recipes-core/images/school-box-image.inc")
BEFORE = 'ID=school-box\nVERSION="0.1.0"\nPRETTY_NAME="School box 0.1.0"\n'
AFTER = {"VERSION": '"2026.11 (rains)"', "IMAGE_ID": "school-box-rpi", "IMAGE_VERSION": "12"}
NO_NUMBERS = ("", "0", "012", "1.2", "-1", "12a", "2026.11")


def problems(layer: Layer) -> list[str]:
    """One line each."""
    found = []
    with tempfile.TemporaryDirectory() as place:
        root = pathlib.Path(place)
        done, said = name_release(layer, root, "12")
        lines = said.splitlines()
        if done.returncode:
            return [f"{INC.name}: name_release: {done.stderr.strip()}"]
        found += [f"{INC.name}: os-release does not say {name}={value} once" for name, value in AFTER.items() if lines.count(f"{name}={value}") != 1]
        if sum(line.startswith("VERSION=") for line in lines) != 1 or "ID=school-box" not in lines:
            found.append(f"{INC.name}: os-release has lost or doubled what stood there: {lines}")
        for number in NO_NUMBERS:
            if name_release(layer, root, number)[0].returncode == 0:
                found.append(f"{INC.name}: SCHOOL_BOX_RELEASE = `{number}` is taken")
    return found + root_problems(layer)


def name_release(layer: Layer, root: pathlib.Path, number: str) -> tuple[subprocess.CompletedProcess, str]:
    """Runs it over a root file system; what it left in os-release."""
    path = root / "usr/lib/os-release"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(BEFORE)
    done = run(layer, "name_release", {"IMAGE_ROOTFS": str(root), "nonarch_libdir": "/usr/lib", "MACHINE": "school-box-rpi", "SCHOOL_BOX_RELEASE": number, "SCHOOL_BOX_RELEASE_NAME": "2026.11 (rains)"})
    return done, path.read_text()


def root_problems(layer: Layer) -> list[str]:
    """The first root is laid in as it is; without one a warning says what follows."""
    found = []
    with tempfile.TemporaryDirectory() as place:
        root, given = pathlib.Path(place, "root"), pathlib.Path(place, "root.json")
        given.write_text("{}")
        variables = {"IMAGE_ROOTFS": str(root), "datadir": "/usr/share"}
        done = run(layer, "lay_update_root", {**variables, "SCHOOL_BOX_UPDATE_ROOT": ""})
        if done.returncode or "warning: " not in done.stderr or root.exists():
            found.append(f"{INC.name}: without SCHOOL_BOX_UPDATE_ROOT there is no warning: {done.stderr.strip()}")
        done = run(layer, "lay_update_root", {**variables, "SCHOOL_BOX_UPDATE_ROOT": str(given)})
        laid = root / "usr/share/school-box/update-root.json"
        if done.returncode or done.stderr or not laid.is_file() or laid.read_text() != "{}":
            found.append(f"{INC.name}: SCHOOL_BOX_UPDATE_ROOT is not laid in: {done.stderr.strip()}")
    return found


def run(layer: Layer, function: str, variables: dict[str, str]) -> subprocess.CompletedProcess:
    """One function of the file, its `${NAME}` filled in as bitbake fills them."""
    text = (layer.folder / INC).read_text(encoding="utf-8")
    body = re.search(rf"^{function}\(\) \{{\n.*?^\}}\n", text, re.MULTILINE | re.DOTALL)
    script = re.sub(r"\$\{(\w+)\}", lambda name: variables.get(name.group(1), name.group(0)), body.group(0) if body else "")
    words = 'bbwarn() { echo "warning: $*" >&2; }\nbbnote() { echo "note: $*" >&2; }\nbbfatal() { echo "$*" >&2; exit 1; }\n'
    return subprocess.run(["sh", "-eu", "-c", f"{words}{script}\n{function}"], capture_output=True, text=True, check=False)
