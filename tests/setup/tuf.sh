#!/bin/bash
# python-tuf, the reference client and publisher that ours is tried against, pinned, in target/tuf. Its last line is that Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
venv=target/tuf
pins='tuf==7.0.1 securesystemslib==1.6.0 cryptography==50.0.2'
if [ "$(cat "$venv/installed" 2>/dev/null)" != "$pins" ]; then
    echo "== installing python-tuf into $venv, to try the update's trust against it" >&2
    rm -rf "$venv"
    python3 -m venv "$venv"
    # shellcheck disable=SC2086 # words are what is meant
    "$venv/bin/pip" install --quiet --disable-pip-version-check $pins
    echo "$pins" >"$venv/installed"
fi
echo "$PWD/$venv/bin/python"
