"""Every recipe parses; every file it names is there, and none lies about unnamed; licence checksums are true."""

import hashlib
import pathlib
import re

from layer import Layer, bitbake, parsed


def named_files(data) -> list[str]:
    """What SRC_URI takes from beside the recipe."""
    return [entry.removeprefix("file://").split(";")[0] for entry in (data.getVar("SRC_URI") or "").split() if entry.startswith("file://")]


def search_folders(recipe: pathlib.Path) -> list[pathlib.Path]:
    """Where bitbake looks for them: FILESPATH's default."""
    name, _, version = recipe.stem.partition("_")
    return [recipe.parent / f"{name}-{version}", recipe.parent / name, recipe.parent / "files"]


def licence_problems(layer: Layer, recipe: pathlib.Path, data) -> list[str]:
    """The checksum of each licence file against the file."""
    entries = (data.getVar("LIC_FILES_CHKSUM") or "").split()
    if not entries and not recipe.name.startswith("packagegroup-"):
        return [f"{layer.shown(recipe)}: no LIC_FILES_CHKSUM; name the licence's file and its md5"]
    problems = []
    for entry in entries:
        path, _, md5 = entry.removeprefix("file://").partition(";md5=")
        file = layer.workspace / path
        if not file.is_file():
            problems.append(f"{layer.shown(recipe)}: licence file {path} is not there")
        elif hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest() != md5:
            problems.append(f"{layer.shown(recipe)}: {path} has another md5 than {md5}; look at what changed, then correct it")
    return problems


def append_problems(layer: Layer) -> list[str]:
    """What the appends name is there too; they have no recipe here to be parsed with."""
    problems = []
    for append in layer.named(".bbappend"):
        text = append.read_text(encoding="utf-8")
        places = [append.parent / place for place in re.findall(r'\$\{THISDIR\}/([^:"]+)', text)]
        problems += [
            f"{layer.shown(append)}: file://{name} is not there"
            for name in re.findall(r"file://(\S+?)[\s\"]", text)
            if not any((place / name).is_file() for place in places)
        ]
    return problems


def problems(layer: Layer) -> list[str]:
    """One line each."""
    bb = bitbake()
    found, used = append_problems(layer), set()
    for recipe in layer.recipes():
        try:
            data = parsed(layer, recipe)
        except (bb.parse.ParseError, bb.BBHandledException, bb.data_smart.ExpansionError) as error:
            found.append(f"{layer.shown(recipe)}: bitbake cannot parse it: {error}")
            continue
        for name in named_files(data):
            there = [folder / name for folder in search_folders(recipe) if (folder / name).is_file()]
            used.update(there[:1])
            if not there:
                found.append(f"{layer.shown(recipe)}: file://{name} is not there")
        found += licence_problems(layer, recipe, data)
    for folder in {recipe.parent / "files" for recipe in layer.recipes()}:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            if path.is_file() and path not in used:
                found.append(f"{layer.shown(path)}: no recipe names it")
    return found
