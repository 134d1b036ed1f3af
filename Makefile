# The school box. `make run` and `make test` install what they miss and say so.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

APT := tests/setup/apt.sh
BOX := target/release/school-box
DESK := target/desk
SAMPLES := target/sample-library
BROWSER := tests/browser/node_modules/.package-lock.json
SKIPPED := tests/output/skipped.txt
# Reference data of battery and sun, with the programs that score an estimator and a policy; not a part of this repository.
POWER ?= ../shared/power
# Of the power cuts of `make soak`: how many, and which draws.
STATES ?= 100000
SEED := $(or $(SEED),$(shell date +%s))
# Days that its simulated year has.
DAYS ?= 365
# A maker of two real systems, to measure an update from one to the other.
OTA ?= ../shared/ota
# What a suite lacked is shown at the end, also after a failure.
TELL_SKIPPED = trap 'if [ -s $(SKIPPED) ]; then echo "== skipped for want of something:"; sort -u $(SKIPPED); else echo "== nothing was skipped"; fi' EXIT

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: needs-run build samples ## build, import the sample library, serve http://localhost:8080
	@echo '== importing the sample library (what is there already is kept)'
	@$(BOX) import content-store/starter-pack/start $(SAMPLES)/developers-reference.zim $(SAMPLES)/reading-room --data $(DESK)
	@echo '== the box runs on a simulated sunny day, 60 times as fast: open http://localhost:8080  (stop it with Ctrl-C)'
	@$(BOX) run --board sim --data $(DESK) --listen 127.0.0.1:8080 --no-radio

test: needs-test samples $(BROWSER) ## everything that needs no virtual machine
	@tests/setup/tuf.sh >/dev/null
	@echo '== building the box and its tests'
	@cargo build --locked -p firmware
	@rm -f $(SKIPPED)
	@$(TELL_SKIPPED); \
	failed=; \
	echo '== testing every room'; \
	cargo test --locked --workspace --exclude system-tests --no-fail-fast || failed=yes; \
	echo '== testing the whole box'; \
	tests/whole-box || failed=yes; \
	[ -z "$$failed" ]

test-image: image ## the image, booted in a virtual machine: boots, fallbacks, power cuts, watchdog; drivers in a small guest
	@tests/image/assemble --guest || echo '== going on without the small guest: what needs it is skipped' >&2
	@echo '== building the box and its tests'
	@cargo build --locked -p firmware
	@cargo build --locked -p board-support --examples
	@cargo test --locked -p system-tests --features image --test image --no-run
	@rm -f $(SKIPPED)
	@$(TELL_SKIPPED); \
	echo '== testing the booted image, two machines at a time; their serial lines are in tests/output/image'; \
	failed=; \
	cargo test --locked -p system-tests --features image --test image -- --test-threads=2 || failed=yes; \
	echo '== making the image again, elsewhere: the same bytes'; \
	tests/image/twice --assemble-only || failed=yes; \
	[ -z "$$failed" ]

bench: needs-bench build samples ## the table of figures, peers measured in the same run
	@cargo run --locked --release -p system-tests --bin bench
	@if [ -d $(POWER)/score ]; then cargo run --locked --release -p system-tests --bin bench_power -- $(POWER) "$$(tests/setup/power.sh)"; \
	else echo 'not measured: battery gauge and planner (no reference data at $(POWER); name its folder with POWER=…)'; fi
	@if [ -f $(OTA)/make-pair.sh ]; then bita="$$(tests/setup/pair.sh $(OTA))" && cargo run --locked --release -p system-tests --bin bench_ota -- target/pair $$bita; \
	else echo 'not measured: updates (no make-pair.sh at $(OTA); name its folder with OTA=…)'; fi

soak: needs-build build ## an update whose power is cut in 100,000 ways (STATES=…, SEED=…), then a simulated year of the box (DAYS=…)
	@echo '== cutting the power of an update in $(STATES) ways, seed $(SEED); the same again: make soak STATES=$(STATES) SEED=$(SEED)'
	@SCHOOL_BOX_CUT_STATES=$(STATES) SCHOOL_BOX_CUT_SEED=$(SEED) cargo test --locked --release -p ota --test power_cuts -- --nocapture
	@echo '== $(DAYS) days of the real binary, with brown-outs, wrong clocks, radio halts, a full disk: some 4 s a day'
	@SCHOOL_BOX=$(abspath $(BOX)) SCHOOL_BOX_SOAK_DAYS=$(DAYS) cargo test --locked -p system-tests --test soak_year -- --nocapture --test-threads=1

bench-image: image ## the same for the image, a plain Debian beside it
	@tests/image/assemble --peer
	@cargo run --locked --release -p system-tests --bin bench_image
	@cargo run --locked --release -p system-tests --bin bench_card -- target/image/disk.img

check: needs-check ## format, lints, documentation, dependencies, the Yocto layer
	@echo '== format'; cargo fmt --all --check
	@echo '== lints'; cargo clippy --locked --workspace --all-targets --features system-tests/image -- -D warnings
	@echo '== depot, which is built without the box'; cargo clippy --locked -p firmware --no-default-features --bin depot -- -D warnings
	@echo '== documentation'; RUSTDOCFLAGS='-D warnings' cargo doc --locked --workspace --no-deps --document-private-items
	@echo '== dependencies'; tests/setup/deny.sh
	@yocto-layer/checks/run.sh

image: needs-image ## the test image for an emulated arm64 board
	@tests/image/cross.sh
	@tests/image/assemble

boot: image ## boot it: serial line on this terminal, HTTP on http://localhost:8081
	@tests/image/boot.sh

build: needs-build
	@echo '== building the box (the first time takes some minutes)'
	@cargo build --locked --release -p firmware

samples:
	@tests/setup/sample-library.sh $(SAMPLES)

$(BROWSER): tests/browser/package-lock.json
	@echo '== installing the browser driver and the accessibility checker'
	@npm ci --prefix tests/browser --engine-strict --no-audit --no-fund --no-progress --loglevel=error
	@touch $@

needs-build needs-check needs-run needs-test needs-bench needs-image: needs-rust
needs-build: ; @$(APT) build
needs-check: ; @$(APT) build layer
needs-run: ; @$(APT) build samples
needs-test: ; @$(APT) build samples browser print disk boot trust air
needs-bench: ; @$(APT) build samples peers layer
needs-image: ; @$(APT) build cross image vm

needs-rust:
	@command -v cargo >/dev/null || { echo 'cargo is missing: install Rust (rustup, stable) and run this again' >&2; exit 1; }

clean: ## remove all that was made
	@rm -rf target tests/output tests/browser/node_modules

.NOTPARALLEL:
.PHONY: help run test test-image bench bench-image soak check image boot build samples clean
.PHONY: needs-rust needs-build needs-check needs-run needs-test needs-bench needs-image
