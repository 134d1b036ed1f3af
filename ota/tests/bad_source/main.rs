//! Sources that are wrong, whatever is wrong with them: refused with one line, the box untouched, and the good source next to them still taken to the end.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod every_bit;
mod lines;
#[path = "../model/mod.rs"]
mod model;
mod resumed;
