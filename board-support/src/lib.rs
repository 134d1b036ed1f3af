//! The boards of the school box: the only crate that touches hardware.
//!
//! A [`Board`] is a set of parts behind traits, each owned by the one service that drives it. Which parts there are and where they are
//! wired stands in one table, a row per board; a machine that is in no row is [`BoardId::Generic`] and stands on mains.
//!
//! | module | holds |
//! |---|---|
//! | [`board`] | [`Board`], [`BoardChoice`]: opening the chosen board |
//! | [`table`] | the board table: lines, buses, addresses; finding the row from the device tree |
//! | [`gauge`] | [`gauge::Gauge`] and its drivers, one a file: INA228, INA226, the kernel's `power_supply` class; the solar charger's share |
//! | [`vedirect`] | Victron's text protocol: solar chargers and battery monitors on a serial line |
//! | [`wake`], [`ds3231`] | the alarm that switches the box on: by the kernel, else by the chip itself |
//! | [`bus`] | chips on I2C: registers, faults, adapters of SMBus calls alone |
//! | [`panel`] | the four lights: [`panel::Lights`] to lines at an instant (pure) |
//! | [`button`], [`loads`], [`serial`], [`clock`] | the other parts: a trait each, and its driver on Linux |
//! | [`key_store`] | the key of the learners' records: kept in two copies, destroyed in place |
//! | [`radio`] | the air: what radios can do and hear (nl80211), the bridge of their cells, hostapd and dnsmasq |
//! | [`boot_control`] | where the boot choice is kept, one boot loader a file |
//! | [`slots`] | the disks of the two slots; the running one is never written |
//! | [`storage`], [`watchdog`] | what the storage tells of its wear and how fast it is; the watchdog as the kernel shows it |
//! | [`terminal`] | a terminal line that a console owns: raw, never waited for |
//! | [`memory`] | what the allocator gives back |
//! | [`rank`] | how a thread stands behind the others |
//! | [`release`] | what system runs |
//! | [`own_verb`] | a verb of this very program, as a child |
//! | [`usb`] | sticks, and the repository on one |
//! | [`sim`] | the simulated board: every part above as plain files, or a sunny day at 60 times speed |
//! | [`start`] | what the start of the system found wrong, before the box |
//! | [`faults`] | what a test asks a service to suffer, on a simulated board only |
//! | `error` | [`BoardError`]: what can go wrong with a part |
//! | `files` | small files: read with a bound, written so that a reader never sees half of one |
//! | `boot_time`, `calendar` | the one place here that reads a clock; seconds since 1970 as the fields of a clock chip |
//!
//! ```text
//!   Board::open ─┬─ sim, sim:DIR ────────────────► sim/     files in, files out
//!                └─ auto ─ device tree ─ table ─┬► rpi      rppal, I2C, sysfs, tty, VE.Direct
//!                                               └► absent   dark, silent, never pressed; a laptop's battery, if there is one
//! ```
//!
//! A part of a real board that does not open is replaced by its silent stand-in and named in [`Board::faults_at_open`]: a school never
//! meets a box that will not start.

mod absent;
pub mod board;
pub mod boot_control;
mod boot_time;
pub mod bus;
pub mod button;
mod calendar;
pub mod clock;
pub mod ds3231;
mod error;
pub mod faults;
mod files;
pub mod gauge;
pub mod key_store;
pub mod loads;
pub mod memory;
pub mod own_verb;
pub mod panel;
pub mod radio;
pub mod rank;
#[cfg(test)]
mod recording;
pub mod release;
mod rpi;
pub mod serial;
pub mod sim;
#[cfg(test)]
#[path = "../../tests/src/skip.rs"]
mod skip;
pub mod slots;
pub mod start;
pub mod storage;
pub mod table;
pub mod terminal;
pub mod usb;
pub mod vedirect;
pub mod wake;
pub mod watchdog;

pub use board::{Board, BoardChoice};
pub use bus::ChipError;
pub use error::BoardError;
pub use table::BoardId;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use std::path::Path;

    /// Every file and folder beside this file, in the table or the drawing.
    #[test]
    fn the_map_misses_no_module() {
        let map: String = include_str!("lib.rs")
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for entry in std::fs::read_dir(here).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let stem = name.strip_suffix(".rs").unwrap_or(&name);
            // A stand-in for tests alone.
            let is_ours = !["lib", "recording", "snapshots"].contains(&stem);
            let told = [format!("`{stem}`"), format!("► {stem} ")];
            assert!(
                !is_ours || told.iter().any(|told| map.contains(told)),
                "{name}"
            );
        }
    }
}
