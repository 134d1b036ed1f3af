//! Connectivity probes: how a phone that has just joined finds the portal, and why it stays afterwards.
//!
//! ```text
//! table.rs    pure: every platform's probes, what satisfies them, and where that is written
//! success.rs  pure: the answers that satisfy them, to the byte
//! guests.rs   pure: which addresses have opened the portal, for how long; bounded, in memory alone
//! signs.rs    pure: from a request's headers, whether a person sees the page, and in what window
//! answer.rs   the answers: on to the portal, success, RFC 8908
//! ```
//!
//! The rule: an address that has not opened `/` is sent there by each probe; one that has is told what its platform calls success,
//! for twelve hours. Whatever else is asked of a host that is not ours is sent to the portal, so that nothing hangs.

mod answer;
mod guests;
mod signs;
mod success;
pub(super) mod table;

pub(super) use answer::{api, elsewhere, probe};
pub(super) use guests::Guests;
pub(super) use signs::{in_a_window, reads_first, sees_pages};
pub(super) use success::Success;

#[cfg(test)]
mod tests;
