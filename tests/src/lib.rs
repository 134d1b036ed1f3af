//! The whole box under test: the real `school-box` over loopback, driven by what it serves and by the files of the
//! simulated board, and by nothing else.
//!
//! ```text
//!   skip      how a lack is told, for every crate of the house
//!   need      what a suite lacks: said as `SKIPPED: …`, counted, a failure where SCHOOL_BOX_TESTS_STRICT=1
//!   world     a box of one's own: World (data, simulated board) → RunningBox (process, HTTP, log)
//!   browser   Chromium through playwright-core and axe-core: pages as a reader meets them
//!   disk      a disk that lies: cuts the power at every write and sync
//!   vm        the image in a virtual machine: cards, serial line, HTTP, a shell inside; and a small x86 guest for chips and radios
//! ```
//!
//! | suite | proves |
//! |---|---|
//! | `tests/box_lives.rs` | sample to lights, request to file, statement to disk, TERM to clean stop |
//! | `tests/box_verbs.rs` | every verb with a running box and without one |
//! | `tests/box_systemd.rs` | what the box tells systemd, and what it does with a bad configuration at boot |
//! | `tests/box_supervision.rs` | a service that panics or hangs is restarted while the others serve |
//! | `tests/box_slots.rs` | trial, confirmation, fallback and its reason, the update verbs, `boot-select` as the loader |
//! | `tests/box_button.rs` | no run of presses erases or stores without the confirmation |
//! | `tests/box_power.rs`, `tests/box_loads.rs` | what the gauge knows outlives a restart, storage mode and its alarm; what each power state really switches |
//! | `tests/depot_site.rs` | the desk's program: what a place gives, what bad input gets |
//! | `tests/trust_python_tuf.rs` | the trust of updates against python-tuf, in both directions |
//! | `tests/bad_input_*.rs` | what strangers send, what people mistype, what a broken file or a full disk does |
//! | `tests/portal_chromium.rs` | the portal in a real browser: layout, reach, languages, `axe-core` |
//! | `tests/image/` | the booted image (`make test-image`): boots, fallbacks, power cuts, verity, watchdog, power-off; drivers in a small guest |
//! | `tests/power_cut_*.rs` | a power cut at every write of an import, of a record commit, of what the gauge keeps |
//!
//! `src/bin/bench.rs` measures what is promised in numbers and never fails on time; no test asserts on speed.
//! The binary under test is `SCHOOL_BOX`, or `school-box` beside the test executables; an outdated one is refused.
//!
//! A rig that cannot go on fails its test by a panic that says what it waited for: there is nobody to hand an error to.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "rigs of tests: a rig that cannot go on fails its test"
)]

pub mod browser;
pub mod disk;
pub mod need;
mod skip;
pub mod vm;
pub mod world;
