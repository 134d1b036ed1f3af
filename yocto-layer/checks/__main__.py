"""All checks of the layer, then the checks of the checks: each is run on a copy with one thing broken, and must see it."""

import pathlib
import sys
import time

import breakages
import boot_choice
import data
import disk
import installed
import recipes
import releases
import sticks
import tools
import uplink
from layer import Layer

CHECKS = {
    "oelint-adv": tools.lint_problems,
    "kas files": tools.kas_problems,
    "recipes": recipes.problems,
    "installed files": installed.problems,
    "crate list": tools.crate_problems,
    "disk layout": disk.problems,
    "shell": tools.shell_problems,
    "boot choice": boot_choice.problems,
    "data partition": data.problems,
    "releases": releases.problems,
    "sticks": sticks.problems,
    "uplink": uplink.problems,
}


def main() -> int:
    layer = Layer(pathlib.Path(__file__).resolve().parent.parent)
    bad = 0
    for name, check in CHECKS.items():
        began = time.monotonic()
        found = check(layer)
        print(f"{name}: {'sound' if not found else f'{len(found)} problems'} ({time.monotonic() - began:.1f} s)")
        for line in found:
            print(f"  {line}")
        bad += len(found)
    blind = breakages.unseen(layer, CHECKS)
    for line in blind:
        print(f"  {line}")
    print(f"negative controls: {len(breakages.BREAKAGES) - len(blind)} of {len(breakages.BREAKAGES)} breakages seen")
    return 1 if bad or blind else 0


if __name__ == "__main__":
    sys.exit(main())
