# The school box. `make run` and `make test` install what they miss and say so.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

APT := tests/setup/apt.sh
BOX := target/release/school-box
DESK := target/desk
SAMPLES := target/sample-library
BROWSER := tests/browser/node_modules/.package-lock.json

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

run: build samples ## build, import the sample library, serve http://localhost:8080
	@echo '== importing the sample library (what is there already is kept)'
	@$(BOX) import content-store/starter-pack/start $(SAMPLES)/developers-reference.zim $(SAMPLES)/reading-room --data $(DESK)
	@echo '== the box runs on a simulated sunny day, 60 times as fast: open http://localhost:8080  (stop it with Ctrl-C)'
	@$(BOX) run --board sim --data $(DESK) --listen 127.0.0.1:8080 --no-radio

test: needs-build needs-test samples $(BROWSER) ## everything that needs no virtual machine
	@echo '== building the box and its tests'
	@cargo build --locked -p firmware
	@rm -f tests/output/skipped.txt
	@echo '== testing every room'
	@cargo test --locked --workspace --exclude system-tests
	@echo '== testing the whole box'
	@cargo test --locked -p system-tests --no-fail-fast
	@if [ -s tests/output/skipped.txt ]; then echo '== skipped for want of something:'; sort -u tests/output/skipped.txt; else echo '== nothing was skipped'; fi

bench: build needs-build samples ## the table of figures, peers measured in the same run
	@$(APT) 'to measure peers' kiwix-tools nginx-light
	@cargo run --locked --release -p system-tests --bin bench

check: needs-build ## format, lints, documentation, dependencies
	@echo '== format'; cargo fmt --all --check
	@echo '== lints'; cargo clippy --locked --workspace --all-targets -- -D warnings
	@echo '== documentation'; RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps --document-private-items
	@echo '== dependencies'; tests/setup/deny.sh

build: needs-build
	@echo '== building the box (the first time takes some minutes)'
	@cargo build --locked --release -p firmware

samples:
	@tests/setup/sample-library.sh $(SAMPLES)

$(BROWSER): tests/browser/package-lock.json
	@$(APT) 'for the browser tests' cmd:node=nodejs cmd:npm=npm
	@echo '== installing the browser driver and the accessibility checker'
	@npm ci --prefix tests/browser --no-audit --no-fund --loglevel=error
	@touch $@

needs-build:
	@command -v cargo >/dev/null || { echo 'cargo is missing: install Rust (rustup, stable) and run this again' >&2; exit 1; }
	@$(APT) 'to build' cmd:cc=gcc libc6-dev

needs-test:
	@$(APT) 'for the browser tests' chromium fonts-noto-core cmd:node=nodejs cmd:npm=npm
	@$(APT) 'for the power cuts on a lying disk' cmd:qemu-storage-daemon=qemu-system-common cmd:losetup=mount cmd:mkfs.ext4=e2fsprogs cmd:fusermount3=fuse3 cmd:strace=strace

clean: ## remove all that was made
	@rm -rf target tests/output tests/browser/node_modules

.PHONY: help run test bench check build samples needs-build needs-test clean
