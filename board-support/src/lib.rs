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
//! | [`boot_control`] | where the boot choice is kept, one boot loader a file |
//! | [`sim`] | the simulated board: every part above as plain files, or a sunny day at 60 times speed |
//! | [`start`] | what the start of the system found wrong, before the box |
//! | [`faults`] | what a test asks a service to suffer, on a simulated board only |
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
pub mod loads;
pub mod panel;
#[cfg(test)]
mod recording;
mod rpi;
pub mod serial;
pub mod sim;
pub mod start;
pub mod table;
pub mod vedirect;
pub mod wake;

pub use board::{Board, BoardChoice};
pub use bus::ChipError;
pub use error::BoardError;
pub use table::BoardId;
