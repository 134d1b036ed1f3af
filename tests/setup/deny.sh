#!/bin/bash
# Runs cargo-deny over the workspace, installing it beside the build when the machine has none.
#
# The advisories come from a public repository: where that can't be reached they are said to be unchecked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=0.20.2
own=target/tools
if command -v cargo-deny >/dev/null 2>&1; then
    deny=cargo-deny
else
    deny=$own/bin/cargo-deny
    if ! [ -x "$deny" ]; then
        echo "installing cargo-deny $version beside the build (it guards licences, sources and banned crates)"
        cargo install --quiet --locked --root "$own" "cargo-deny@$version"
    fi
fi

"$deny" --locked check --hide-inclusion-graph bans licenses sources
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if "$deny" --locked check --hide-inclusion-graph advisories >"$log" 2>&1; then
    cat "$log"
elif grep -q 'failed to fetch advisory database' "$log"; then
    echo 'SKIPPED: advisories: their database cannot be reached from here'
else
    cat "$log" >&2
    exit 1
fi
