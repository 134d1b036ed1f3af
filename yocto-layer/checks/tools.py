"""What other programs judge: oelint-adv, kas's schema, and our own writer of the crate list."""

import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import kas
import yaml

from layer import Layer

HERE = pathlib.Path(__file__).resolve().parent

# Why each rule is off:
UNWANTED_RULES = {
    "oelint.vars.homepageping": "asks the network",
    "oelint.var.bbclassextend": "nothing of ours is wanted for the build host or an SDK",
    "oelint.var.licenseremotefile": "the licence is the workspace's own",
    "oelint.var.suggestedvar.CVE_PRODUCT": "images and boot files are no product of their own in a list of weaknesses",
}


def lint_problems(layer: Layer) -> list[str]:
    """oelint-adv over every file of metadata, hints included."""
    files = layer.named(".bb", ".bbappend", ".bbclass", ".inc", ".conf")
    metadata = [str(path) for path in files if layer.folder / "recipes-core/school-box/files" not in path.parents]
    command = [str(pathlib.Path(sys.executable).parent / "oelint-adv"), "--quiet", "--release", "wrynose", "--jobs", "2"]
    command.append(f"--constantmods=+{HERE / 'oelint-constants.json'}")
    for rule in UNWANTED_RULES:
        command += ["--suppress", rule]
    done = subprocess.run(command + metadata, capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if re.search(r":\d+:(error|warning|info):", line)]
    if done.returncode and not said:
        said = [f"oelint-adv ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}"]
    return said


def kas_problems(layer: Layer) -> list[str]:
    """Each file against kas's own schema; every foreign repository pinned to a commit; every file included is there."""
    schema = json.loads((pathlib.Path(kas.__file__).parent / "schema-kas.json").read_text(encoding="utf-8"))
    judge = jsonschema.validators.validator_for(schema)(schema)
    said = []
    for path in layer.named(".yml"):
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        said += [f"{layer.shown(path)}: {error.json_path}: {error.message}" for error in judge.iter_errors(config)]
        for name, repo in (config.get("repos") or {}).items():
            if "url" in repo and not re.fullmatch(r"[0-9a-f]{40}", repo.get("commit", "")):
                said.append(f"{layer.shown(path)}: {name} is not pinned to a commit")
        for include in config["header"].get("includes", []):
            if not (path.parent / include).is_file():
                said.append(f"{layer.shown(path)}: {include} is not there")
        machine = config.get("machine")
        if machine and not (layer.folder / "conf/machine" / f"{machine}.conf").is_file():
            said.append(f"{layer.shown(path)}: there is no machine {machine}")
    return said


def crate_problems(layer: Layer) -> list[str]:
    """The crate list equals Cargo.lock."""
    done = subprocess.run([sys.executable, str(layer.folder / "scripts/write-crates-inc"), "--check"], capture_output=True, text=True, check=False)
    return [done.stderr.strip()] if done.returncode else []


def shell_problems(layer: Layer) -> list[str]:
    """Every script of ours is sh that parses."""
    said = []
    for path in sorted(layer.folder.rglob("*")):
        if not path.is_file() or path.suffix in (".bb", ".conf", ".sh"):
            continue
        head = path.read_bytes()[:10]
        if head.startswith(b"#!/bin/sh") or path.name == "boot-choice":
            done = subprocess.run(["sh", "-n", str(path)], capture_output=True, text=True, check=False)
            said += [f"{layer.shown(path)}: {done.stderr.strip()}"] if done.returncode else []
    return said
