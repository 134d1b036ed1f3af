//! `depot card`: the real binary, as a supply team packs cards, with cards that are cut short, small, somebody's, or broken.
//!
//! Proved: what is written verifies, and one changed byte does not; twenty kills leave no card that looks done, and the next run ends it; one card that
//! breaks does not stop the others; every bad input gets one line and changes nothing; nothing that somebody holds, or that changed since it was looked
//! at, is written, and what is mounted and given up is unmounted first; a wrong byte is told with its pack; what rotted at the desk is the desk's; packs
//! of a repository are believed as a box believes them; two boxes from one profile have nothing in common but the library, which each serves at once;
//! what a box kept on a card is gone when it is written anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod boxes;
mod claims;
mod cuts;
mod desk;
mod faults;
mod former;
mod image;
mod looped;
mod named;
mod numbers;
mod rot;
mod signed;
mod torn;
mod written;
