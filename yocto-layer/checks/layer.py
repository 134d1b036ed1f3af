"""The layer as the checks see it: its folder, its recipes as bitbake's own parser reads them, and one way to tell what is wrong."""

import dataclasses
import pathlib
import sys
import tempfile
import types

# What the recipes inherit from openembedded-core. Empty here: our own text is what is checked, and the real ones are not at hand.
FOREIGN_CLASSES = (
    "base allarch cargo cargo-update-recipe-crates core-image deploy externalsrc nopackages packagegroup systemd useradd"
).split()


@dataclasses.dataclass(frozen=True)
class Layer:
    """A layer within its workspace."""

    folder: pathlib.Path

    @property
    def workspace(self) -> pathlib.Path:
        """Where Cargo.lock and LICENSE are."""
        return self.folder.parent

    def named(self, *endings: str) -> list[pathlib.Path]:
        """Our files with these endings, sorted."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file() and path.name.endswith(endings))

    def recipes(self) -> list[pathlib.Path]:
        """Our recipes."""
        return self.named(".bb")

    def shown(self, path: pathlib.Path) -> str:
        """The path as a person names it."""
        return str(path.relative_to(self.workspace)) if path.is_relative_to(self.workspace) else str(path)


def bitbake():
    """bitbake's parser from PyPI; it wants a module of the hash server, which parsing does not use."""
    for name in ("hashserv", "hashserv.client"):
        sys.modules.setdefault(name, types.ModuleType(name))
    sys.modules["hashserv"].client = sys.modules["hashserv.client"]
    sys.modules["hashserv.client"].ClientPool = object
    import bb  # noqa: PLC0415
    import bb.data  # noqa: PLC0415
    import bb.parse  # noqa: PLC0415
    import bb.parse.parse_py  # noqa: PLC0415

    return bb


def parsed(layer: Layer, recipe: pathlib.Path):
    """bitbake's data of one recipe. Raises what bitbake raises."""
    bb = bitbake()
    with tempfile.TemporaryDirectory() as stubs:
        classes = pathlib.Path(stubs, "classes")
        classes.mkdir()
        for name in FOREIGN_CLASSES:
            (classes / f"{name}.bbclass").touch()
        data = bb.data.init()
        data.setVar("BBPATH", f"{stubs}:{layer.folder}")
        data.setVar("__bbclasstype", "recipe")
        data.setVar("SCHOOL_BOX_SOURCE", str(layer.workspace))
        data.setVar("UNPACKDIR", "/unpacked")
        data.setVar("FILE", str(recipe))
        bb.parse.siggen = types.SimpleNamespace(finalise=lambda *_: None)
        variants = bb.parse.handle(str(recipe), data)
        return variants[""] if isinstance(variants, dict) else data
