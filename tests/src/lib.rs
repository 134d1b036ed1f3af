//! The whole box under test: the real `school-box` over loopback, driven by what it serves and by the files of the
//! simulated board, and by nothing else.
//!
//! ```text
//!   skip      how a lack is told, for every crate of the house
//!   need      what a suite lacks: said as `SKIPPED: …`, counted, a failure where SCHOOL_BOX_TESTS_STRICT=1
//!   world     a box of one's own: World (data, simulated board) → RunningBox (process, HTTP, log)
//!   net       networks of one's own: namespaces, cables, the box's network in one, devices in the others
//!   browser   Chromium through playwright-core and axe-core: pages as a reader meets them
//!   print     what a printer makes of a PDF file, and the QR codes on it
//!   names     two hundred names to plant, and the search for them in every encoding
//!   disk      a disk that lies: cuts the power at every write and sync
//!   console   the technician's console on a pseudo-terminal, and a terminal that says what its screen shows
//!   lan       computers on a cable, in namespaces: a box and its devices without a radio
//!   vm        the image in a virtual machine: cards, serial line, HTTP, a shell inside; and a small x86 guest for chips and radios
//! ```
//!
//! | suite | proves |
//! |---|---|
//! | `tests/box_lives.rs` | sample to lights, request to file, statement to disk, TERM to clean stop |
//! | `tests/box_verbs.rs` | every verb with a running box and without one |
//! | `tests/box_systemd.rs` | what the box tells systemd, and what it does with a bad configuration at boot |
//! | `tests/box_stop.rs` | whatever hangs, a box that is told to stop ends, and says what hung |
//! | `tests/box_night.rs` | the look at night finds damage in the system that does not run |
//! | `tests/box_supervision.rs` | a service that panics or hangs is restarted while the others serve |
//! | `tests/box_slots.rs` | trial, confirmation, fallback and its reason, the update verbs, `boot-select` as the loader |
//! | `tests/captive_portal.rs` | phones' connectivity probes: the portal first, then content |
//! | `tests/air_clients.rs` | the real box on a cable below its firewall: DHCP clients, NetworkManager, Chromium, `dig`, IPv4 and IPv6 alone, floods, a rival |
//! | `tests/air_net/` | addresses and names without a radio: DHCP clients, resolvers, IPv6, floods, rivals, dnsmasq as a child |
//! | `tests/depot_repo/` | the publisher's desk: releases, signers, what goes wrong; python-tuf reads it |
//! | `tests/box_update/` | a release, and packs, from a folder, a stick, an address, another box: cut, starved, lied to; tried and confirmed |
//! | `tests/power_cut_packs.rs` | the power cut while a pack of a repository comes: the version before, or the new one, whole |
//! | `tests/box_selftest.rs` | each part of a self-test fails by its real cause and is well without it; its code is read back from the terminal |
//! | `tests/depot_shelf.rs` | what a store of boxes is due, from manifests and codes, good and strange |
//! | `tests/box_console/` | the technician's console on a pseudo-terminal: every page, with and without the program; events that are not written yet; noise, pastes, small and lost terminals; self-test and hand-over; nothing without the button |
//! | `tests/box_button.rs` | no run of presses erases or stores without the confirmation |
//! | `tests/box_panel/` | every state of the lights by its real cause; the card and the playbooks printed; the simulator |
//! | `tests/portal_chromium_panel.rs` | the page of the lights in a real browser: what blinks, and what does not |
//! | `tests/box_power.rs`, `tests/box_loads.rs` | what the gauge knows outlives a restart, storage mode and its alarm; what each power state really switches |
//! | `tests/box_air/` | the access point over simulated radios: load plan, night, every rung of the ladder, what is wrong and what is said; seats and shares |
//! | `tests/depot_card/` | cards: written, killed twenty times, verified to the pack; somebody's disk, a broken one, bad profiles, a desk that rots; signed packs; two boxes of one profile |
//! | `tests/depot_site.rs` | the desk's program: what a place gives, what bad input gets |
//! | `tests/trust_python_tuf.rs` | the trust of updates against python-tuf, in both directions |
//! | `tests/bad_input_*.rs` | what strangers send, what people mistype, what a broken file or a full disk does |
//! | `tests/portal_chromium.rs` | the portal in a real browser: layout, reach, languages, `axe-core` |
//! | `tests/report_names.rs` | the support bundle, the event ring and the log name nobody; the desk reads what the box has signed, and nothing else |
//! | `tests/box_report.rs` | the support bundle tells the number on the label, and what the box has not written yet |
//! | `tests/soak_year.rs` | a year of the real binary: lessons, brown-outs, wrong clocks, radio halts, a full disk; nothing grows (`make soak`; two weeks in `make test`) |
//! | `tests/box_welcome.rs` | the printed welcome: every language on either paper, codes read back, who may read the key |
//! | `tests/portal_chromium_updates.rs` | the same for what a teacher reads of an update, at every step |
//! | `tests/box_erase.rs`, `tests/box_handover.rs` | everyone forgotten, by the button and by verbs: data folder and raw disk searched; the box passed on, cut anywhere |
//! | `tests/depot_records.rs` | records sealed to the programme and its receipts back: 200 names, flipped bits, wrong keys, forged and broken receipts, exports at once |
//! | `tests/box_stick.rs` | a stick with a folder for records: receipts in, what waits out, and what is said of one that is full, locked or without a key |
//! | `tests/migrations.rs` | the power cut while an update changes the tables of the records; either program goes on |
//! | `tests/image/` | the booted image (`make test-image`): boots, fallbacks, power cuts, verity, watchdog, power-off; drivers and radios in a small guest |
//! | `tests/power_cut_*.rs` | a power cut at every write of an import, of a record commit, of what the gauge keeps, of the event ring |
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
pub mod console;
pub mod disk;
pub mod lan;
pub mod names;
pub mod need;
pub mod net;
pub mod print;
mod skip;
pub mod vm;
pub mod world;
