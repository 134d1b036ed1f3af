//! Packs over the engine: whole, by a patch, by blocks of what is there; cut at every write, by a base that rots, by offers that lie.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking"
)]

#[path = "../model/mod.rs"]
mod model;

mod lies;
mod lines;
mod rig;
