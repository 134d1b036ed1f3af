//! The supervisor of the school box, and everything a person meets.
//!
//! # Map
//!
//! ```text
//! main.rs         exit code
//! cli/            one file per verb of `school-box`
//! config.rs       RawConfig (TOML) -> Config, checked once; config/source.rs: the line an error names;
//!                 config/place.rs, timetable.rs, air.rs: where the school is, its week, and its network;
//!                 config/records.rs, update.rs: for whom records are sealed, and where newer systems and packs come from
//! telemetry.rs    events to journald or to plain text
//! causes.rs       an error and all that caused it, in a line; hex.rs: bytes in hexadecimal digits
//! events/         what has happened, kept on the disk within a ration, without names; read with the data folder alone
//! clock.rs        the one module that reads clocks
//! air/            the network's own name and key, drawn once
//! activity.rs     whether learners are at work
//! app.rs          wires the services of a running box and supervises them; app/address.rs: where it serves,
//!                 app/air.rs: what the access point stands on,
//!                 app/signals.rs: TERM and INT; app/ground.rs: what the box stands on; app/end.rs: its last acts,
//!                 app/overdue.rs: those of a stop that does not end; app/selftest.rs: what a test of the running box talks through,
//!                 app/updates.rs: what the update service begins with, app/trial.rs: starts and ends that are about a trial
//! stores.rs       the library and the records of one data folder, opened under its lock
//! slots.rs        the two system slots: settled at start, confirmed, rolled back; what is told of them
//! sources/        where updates come from: the web, another box, a folder
//! status.rs       the state of the box as one value, told by pages, console and panel
//! texts.rs        what the box says, in every language (`firmware/texts`)
//! updates/        updates on this box's disk: the ports of `ota`, permits, one action done
//! supervisor/     service tree: restart policy, health verdict, ordered stop, watchdog, self-probe
//! report/         the support bundle: gathered on the box, signed, nameless; read by `depot`
//! services/       power, access point, diagnostics, store, update, control, nightly, web: each a private task and a public handle
//! serial.rs       the number that the supply team gave the box
//! selftest/       every part tried once: facts, verdicts (pure), the result as a page and as a QR code
//! depot/          the verbs of the second binary, `depot`: they, and what they share with the box (`config`, `texts`, `welcome`, `panel`,
//!                 `serial`, `sealed`, `causes`, `hex`, the formats of `events`, `report` and `selftest`), are built without the feature `box` too
//! console/        the technician's console: a process of its own on the serial line
//! control/        the socket by which a verb asks the running box
//! panel/          the states of the light panel: one table of what is seen, what it means, who can act
//! erase.rs        everyone is forgotten; sealed/: records on their way to the programme, and its receipts
//! outgoing.rs     records on their way out of this box; outgoing/folder.rs: sealed files that wait to be carried,
//!                 outgoing/stick.rs: what became of a stick; erase/handover.rs: the box goes to another school
//! diagnostics/    light panel indicator and button table (pure), technician's page, live line
//! welcome/        the printed welcome: QR codes and drawings, as SVG and as PDF; pure
//! web/            server, routes, portal, pack pages, record store's HTTP face
//! ```
//!
//! # Tasks and their channels
//!
//! | task | is told by | tells through |
//! |---|---|---|
//! | `power` | `mpsc<PowerCommand>` (4: a button speaks seldom) | `watch<PowerReport>`, `watch<LoadPlan>`, `StopRequester` |
//! | `access_point` | `mpsc<AirCommand>` (4), `watch<LoadPlan>`, `watch<Update>`, its radios | `watch<AirReport>`, `watch<Waiting>`, `StopRequester` |
//! | `diagnostics` | `watch`es of all, the button, a self-test's `watch<Wanted>` | panel and serial line, `watch<Seen>`, `PowerCommand`, `AirCommand`, `Records::forget_everyone` |
//! | `store` | the writer's health | `watch<Healthz>` |
//! | `update` | `mpsc<Asked>` (2: one technician), `watch`es of vitals, power and store, reports of its thread | `watch<Update>`, `StopRequester`, tasks for its thread |
//! | `control` | its socket | answers on it; `Asked` |
//! | `nightly` | `watch<PowerReport>`, whether learners are at work | `watch` of what it found |
//! | `web` | its listener, `watch<LoadPlan>`, `watch<Healthz>`, `watch<Waiting>` | answers on it |
//!
//! Started in this order, stopped in the reverse: power stays to the end.

#[cfg(feature = "box")]
pub mod activity;
#[cfg(feature = "box")]
pub mod air;
#[cfg(feature = "box")]
pub mod app;
pub mod causes;
#[cfg(feature = "box")]
pub mod cli;
#[cfg(feature = "box")]
pub mod clock;
pub mod config;
#[cfg(feature = "box")]
pub mod console;
#[cfg(feature = "box")]
pub mod control;
pub mod depot;
#[cfg(feature = "box")]
pub mod diagnostics;
#[cfg(feature = "box")]
pub mod erase;
pub mod events;
pub mod hex;
#[cfg(feature = "box")]
pub mod outgoing;
pub mod panel;
pub mod report;
pub mod sealed;
pub mod selftest;
pub mod serial;
#[cfg(feature = "box")]
pub mod services;
#[cfg(feature = "box")]
pub mod slots;
#[cfg(feature = "box")]
pub mod sources;
#[cfg(feature = "box")]
pub mod status;
#[cfg(feature = "box")]
pub mod stores;
#[cfg(feature = "box")]
pub mod supervisor;
#[cfg(feature = "box")]
pub mod telemetry;
#[cfg_attr(not(feature = "box"), allow(dead_code, reason = "depot says less"))]
pub(crate) mod texts;
#[cfg(feature = "box")]
pub mod updates;
#[cfg(feature = "box")]
pub mod web;
pub mod welcome;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::path::Path;

    /// Every file and folder beside this file; of `app` and `config`, which are told file by file, all of theirs.
    #[test]
    fn the_map_misses_no_file() {
        let map = include_str!("lib.rs").split("# Tasks").next().unwrap();
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let not_ours = ["lib.rs", "bin", "tests.rs", "manual.toml", "snapshots"];
        for folder in ["", "app", "config"] {
            for entry in std::fs::read_dir(here.join(folder)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let stem = name.strip_suffix(".rs").unwrap_or(&name);
                let ways = [format!("{stem}.rs"), format!("{stem}/")];
                assert!(
                    not_ours.contains(&name.as_str()) || ways.iter().any(|way| map.contains(way)),
                    "{folder}/{name}"
                );
            }
        }
    }
}
