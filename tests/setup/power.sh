#!/bin/bash
# What the scoring programs of the battery gauge and the planner need: numpy, pinned, in target/power-scoring. Its last line is that Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
venv=target/power-scoring
numpy=2.4.6
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$numpy" ]; then
    echo "== installing numpy $numpy into $venv, for the scoring programs" >&2
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check "numpy==$numpy"
    echo "$numpy" >"$venv/installed"
fi
echo "$venv/bin/python"
