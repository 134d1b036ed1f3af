//! `depot card`: the real binary, as a supply team packs cards, with cards that are cut short, small, somebody's, or broken.
//!
//! Proved: what is written verifies, and one changed byte does not; twenty kills leave no card that looks done, and the next run ends it; one card that
//! breaks does not stop the others; every bad input gets one line and changes nothing; two boxes from one profile have nothing in common but the
//! library, which each serves at once; what a box kept on a card is gone when it is written anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod boxes;
mod cuts;
mod desk;
mod faults;
mod former;
mod image;
mod looped;
mod written;
