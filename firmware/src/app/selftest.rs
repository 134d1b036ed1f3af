//! What a self-test of the running box talks through.

use crate::activity::Activity;
use crate::config::Config;
use crate::selftest::{Seen, Wanted, last};
use crate::services::Part;
use crate::services::control::TestParts;
use crate::services::diagnostics::TrialLine;
use crate::stores::Stores;
use board_support::BoardChoice;
use board_support::clock::Rtc;
use std::sync::Arc;
use tokio::sync::watch;

/// The end of who drives lights and button, and the end of the test.
pub(super) fn lines(
    stores: &Stores,
    board: &BoardChoice,
    time_scale: u32,
    rtc: Box<dyn Rtc>,
    (config, activity): (&Config, &Activity),
) -> (TrialLine, TestParts) {
    let (wants, wanted) = watch::channel(Wanted::default());
    let (tells, seen) = watch::channel(Seen::default());
    let (results, ended) = watch::channel(last(stores.data()));
    let trial = TrialLine {
        wanted,
        seen: Arc::new(tells),
        ended,
    };
    let test = TestParts {
        board: board.clone(),
        time_scale,
        rtc: Part::new(rtc),
        wanted: Arc::new(wants),
        seen,
        last: Arc::new(results),
        config: config.clone(),
        activity: activity.clone(),
    };
    (trial, test)
}
