#!/bin/bash
# Builds the supervisor for the box (aarch64); its last line is the path of the program.
#
# The machine's own toolchain has the standard library for the machine alone. Debian's security archive carries a newer
# compiler together with the library for arm64: both are unpacked beside the build, nothing on the machine changes.
# Debian's cross gcc links, and compiles the parts in C.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=aarch64-unknown-linux-gnu
rust=$PWD/target/image/rust
# Another compiler than the machine's: in the shared folder the two would push each other's work out.
cargo_dir=target/image/cargo

tests/setup/apt.sh build cross

if [ ! -f "$rust/complete" ]; then
    rm -rf "$rust"
    read -r _ version _ < <(tests/image/archive.sh amd64 show rustc-web)
    if [ "$(printf '%s\n' 1.94 "$version" | sort -V | head -n1)" != 1.94 ]; then
        echo "Debian's rustc-web is $version here, the workspace wants 1.94 or later: is the security archive among this machine's apt sources?" >&2
        exit 1
    fi
    echo "== unpacking Debian's Rust ${version%%+*} with its library for arm64 (once; 180 MB to fetch)" >&2
    tests/image/archive.sh amd64 unpack "$rust" rustc-web libstd-rust-web-dev "libstd-rust-web-$(cut -d. -f1,2 <<<"$version")" libllvm22
    tests/image/archive.sh arm64 unpack "$rust" libstd-rust-web-dev
    touch "$rust/complete"
fi

export RUSTC=$rust/usr/bin/rustc
export LD_LIBRARY_PATH=$rust/usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
export CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar
# The same bytes from any folder: neither paths nor the times of the files that are embedded.
home=${CARGO_HOME:-$HOME/.cargo}
export RUSTFLAGS="--remap-path-prefix=$PWD=/school-box --remap-path-prefix=$home=/cargo"
export CFLAGS_aarch64_unknown_linux_gnu="-ffile-prefix-map=$PWD=/school-box -ffile-prefix-map=$home=/cargo"
export SOURCE_DATE_EPOCH=1

echo "== building the supervisor for $target with $("$RUSTC" --version)" >&2
cargo build --locked --release --target "$target" --target-dir "$cargo_dir" -p firmware --bin school-box >&2
echo "$cargo_dir/$target/release/school-box"
