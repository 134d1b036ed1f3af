"""install.list and locked.list: every file listed is there, every file is listed, and what units call is installed."""

import pathlib
import re

from layer import Layer

FILES = pathlib.PurePath("recipes-core/school-box/files")
RECIPE = pathlib.PurePath("recipes-core/school-box/school-box_0.1.0.bb")
LISTS = ("install.list", "locked.list")
# Used by the initramfs, or a list itself.
NOT_LISTED = {"init", *LISTS}


def lines(path: pathlib.Path) -> list[tuple[str, str, str]]:
    """(mode, file, target) of a list."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and not line.startswith("#")]
    if bad := [row for row in rows if len(row) != 3 or not re.fullmatch(r"0[0-7]{3}|dir|mask", row[0]) or not row[2].startswith("/")]:
        raise ValueError(f"{path.name}: `{' '.join(bad[0])}` is no line of MODE FILE TARGET")
    return [(mode, file, target) for mode, file, target in rows]


def package_problems(layer: Layer) -> list[str]:
    """The package that only release images have holds what locked.list names, and nothing else."""
    recipe = layer.folder / RECIPE
    named = re.search(r'^FILES:\$\{PN\}-locked \+= "([^"]*)"', recipe.read_text(encoding="utf-8"), re.MULTILINE)
    packed = {path.replace("${sysconfdir}", "/etc") for path in (named.group(1) if named else "").replace("\\", " ").split()}
    listed = {target for _, _, target in lines(layer.folder / FILES / "locked.list")}
    return [f"{target}: in locked.list or in {RECIPE.name}'s package of it, not in both" for target in sorted(packed ^ listed)]


def problems(layer: Layer) -> list[str]:
    """One line each."""
    folder = layer.folder / FILES
    found, listed, targets = [], set(), []
    for name in LISTS:
        try:
            rows = lines(folder / name)
        except ValueError as error:
            found.append(str(error))
            continue
        for mode, file, target in rows:
            targets.append(target)
            if file == "-":
                continue
            listed.add(file)
            if not (folder / file).is_file():
                found.append(f"{name}: {file} is not there")
            elif bool((folder / file).stat().st_mode & 0o100) != (mode == "0755"):
                found.append(f"{name}: {file} is executable here or there, not in both")
    found += [f"{target}: two files go there" for target in sorted({target for target in targets if targets.count(target) > 1})]
    found += [f"{FILES / path.name}: in no list" for path in sorted(folder.iterdir()) if path.name not in listed | NOT_LISTED]
    found += package_problems(layer) if not found else []
    for unit in sorted(folder.glob("*.service")):
        for call in re.findall(r"^Exec\w+=[-+!:@]*(/usr/libexec/school-box/\S+)", unit.read_text(encoding="utf-8"), re.MULTILINE):
            if call not in targets:
                found.append(f"{unit.name}: {call} is installed by no list")
    return found
