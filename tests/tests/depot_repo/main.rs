//! `depot repo`: the real binary, as a publisher works with it, alone and with others, and as people mistake things.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod desk;
mod faults;
mod releases;
mod signers;
