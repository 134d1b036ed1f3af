//! A payload from a base, a patch or nothing: what is fetched, what comes out, and what bad bytes get.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod cuts;
mod doubt;
mod garbled;
mod patched;
mod rig;
mod there;
