#!/bin/bash
# Checks the layer without building it. Installs its tools once, into target/, and says so.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/../../target/yocto-checks
want=$(sha256sum <"$here/requirements.txt")

if [ "$(cat "$venv/installed" 2>/dev/null)" != "$want" ]; then
	command -v python3 >/dev/null || { echo 'python3 is missing: install it (Debian: python3 python3-venv) and run this again' >&2; exit 1; }
	echo "== installing oelint-adv (lints recipes), kas (its schema) and bitbake's parser into target/yocto-checks"
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
	echo "$want" >"$venv/installed"
fi
echo '== checking the Yocto layer'
PYTHONDONTWRITEBYTECODE=1 HOME=$venv exec "$venv/bin/python" "$here"
