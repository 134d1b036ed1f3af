//! The library from the outside: real files in, pages out, and what bad files, full disks and cuts leave.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod bad_archives;
mod catalogue;
mod disk_full;
mod folders;
mod oracle;
mod owned;
mod resume;
mod rig;
#[path = "../../../tests/src/skip.rs"]
mod skip;
mod zim_writer;
mod zims;
