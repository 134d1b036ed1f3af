//! What the verbs that sign have in common on their command line.

use super::duty::{Count, Of};
use super::keys::KeyPlace;
use clap::Args;
use jiff::Timestamp;

/// Who signs, and when.
#[derive(Debug, Args)]
pub(super) struct SigningOptions {
    /// A key that signs, in place of those that init was told: ROLE=FILE, or ROLE=command:PUBLIC_KEY_FILE:COMMAND
    #[arg(long = "key", value_name = "ROLE=KEY")]
    pub(super) keys: Vec<Of<KeyPlace>>,
    /// Days for which the files of a role are current from now on: root 3650, targets and snapshot 730, timestamp 365
    #[arg(long = "expires", value_name = "ROLE=DAYS")]
    pub(super) expires: Vec<Of<Count>>,
    /// Sign as at this time in place of now, such as 2026-11-30T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<Timestamp>,
}

impl SigningOptions {
    pub(super) fn now(&self) -> Timestamp {
        // To the second, as metadata tells it.
        let now = self.at.unwrap_or_else(now);
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the publisher's own clock; there is no box whose clock could lie"
)]
pub(in crate::depot) fn now() -> Timestamp {
    Timestamp::now()
}
