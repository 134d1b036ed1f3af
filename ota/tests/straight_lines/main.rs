//! The straight lines on a box in memory: what is fetched, written, remembered, and what happens where something is not as it seemed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod attempts;
#[path = "../model/mod.rs"]
mod model;
mod read_back;
mod repair;
mod stopped;
