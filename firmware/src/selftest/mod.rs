//! The self-test: every part of the box tried once, in under ten minutes.
//!
//! ```text
//!   Bench (the running box's services, or a board that is opened) ─► facts ─► judge (pure) ─► Tried … ─► Outcome
//!                                                                                                │        ├ page, JSON, lights
//!                                                                                                │        ├ DATA/selftest.json
//!                                                                                                ▼        └ Code, in a QR code ─► depot shelf
//!                                                                                               Said, a line as it goes
//! ```
//!
//! | file | holds |
//! |---|---|
//! | [`outcome`] | what was found: a verdict for each part and for the box |
//! | [`code`] | the same as a line of text for a QR code |
//! | [`page`] | the same for people, 80 columns wide |
//! | [`picture`] | the QR code in a terminal and as SVG |
//! | `facts`, `judge` | what is measured of each part, and the verdict that follows (pure) |
//! | `bench` | the port to the parts |
//! | `board` | a board that no box drives, opened for the test |
//! | `probes` | disk, library, records, slots: tried the same way whoever owns the rest |
//! | `run` | the order of the test |
//! | `keep` | `DATA/selftest.json` |
//! | `serial` | the number by which people know the box |
//!
//! Nothing is destroyed: the records take the same probe write that `/healthz` makes, the speed is measured on a file of its own, the alarm is put
//! back to what it was, slots are only read.

#[cfg(feature = "box")]
mod bench;
#[cfg(feature = "box")]
mod board;
pub mod code;
#[cfg(feature = "box")]
mod facts;
#[cfg(feature = "box")]
mod judge;
#[cfg(feature = "box")]
mod keep;
pub mod outcome;
pub mod page;
pub mod picture;
#[cfg(feature = "box")]
mod probes;
#[cfg(feature = "box")]
mod run;
#[cfg(feature = "box")]
mod serial;

#[cfg(feature = "box")]
pub use bench::{Bench, Lights, Pressed, Seen, Wanted};
#[cfg(feature = "box")]
pub use board::{ALARM_AHEAD_S, OwnBoard, lights_of, sample_of};
pub use code::Code;
#[cfg(feature = "box")]
pub use facts::{Air, Alarm, Cell, Power, Sample};
#[cfg(feature = "box")]
pub use keep::{keep, last};
pub use outcome::{Outcome, PartName, Tried, Verdict, Wear};
#[cfg(feature = "box")]
pub use run::{Around, Said, Wishes, run};
#[cfg(feature = "box")]
pub use serial::serial;

#[cfg(feature = "box")]
use board_support::BoardChoice;
#[cfg(feature = "box")]
use board_support::storage::registers;
#[cfg(feature = "box")]
use std::path::Path;

/// How worn the storage is, as its part of a result tells it, a line each.
#[cfg(feature = "box")]
#[must_use]
pub fn wear(board: &BoardChoice, data: &Path) -> Vec<String> {
    let (tried, _) = judge::disk::wear(&registers(board, data));
    page::part(&tried).lines().map(str::to_owned).collect()
}
