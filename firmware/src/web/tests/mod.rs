#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
//! The server over loopback, on a real library and real records.

mod captive;
mod door;
mod film;
mod films;
mod pages;
mod report;
mod rig;
