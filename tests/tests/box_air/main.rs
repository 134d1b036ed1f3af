//! The access point over simulated radios, with the real binary: what is on the air, what heals it, what is said of it, who is let in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

mod guests;
mod heals;
mod rig;
mod told;
