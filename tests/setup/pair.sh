#!/bin/bash
# A real pair of systems to measure updates on, in target/pair: made by make-pair.sh of the folder named, which takes some minutes and some 3 GB, once.
# Then bita, a peer that no distribution packs, built into target/tools. The last line is the path of bita; empty where it could not be built.
set -euo pipefail
maker=$(realpath "${1:?the folder of make-pair.sh}")/make-pair.sh
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
pair=target/pair
if ! [ -s "$pair/v2.erraw.img" ]; then
    echo "== making the two systems of an update, out of Debian's packages, in $pair: this takes some minutes" >&2
    bash "$maker" "$pair" >"$pair.log" 2>&1 || { tail -n 5 "$pair.log" >&2; exit 1; }
    rm -rf "$pair"/v[12] "$pair"/*.ext4.img "$pair"/*.sqfs.img
fi
version=0.15.0
bita=$(command -v bita || echo "$PWD/target/tools/bin/bita")
if ! [ -x "$bita" ]; then
    echo "== building bita $version beside the build, as a peer" >&2
    cargo install --quiet --locked --root target/tools "bita@$version" >&2 || bita=
fi
echo "$bita"
