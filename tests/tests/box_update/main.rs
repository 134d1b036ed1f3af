//! A newer system on its way into the other slot: offered from a folder, a stick, an address or another box; cut, starved, lied to; tried and confirmed.
//!
//! The real `school-box` on a simulated board, repositories by the real `depot repo`, a web server whose manners a test chooses, and `boot-select` as the
//! loader.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bad;
mod cuts;
mod packs;
mod packs_cut;
mod rig;
mod ways;
