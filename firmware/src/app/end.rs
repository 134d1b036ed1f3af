//! The last acts of a box.

use crate::clock::Clock;
use crate::stores::Stores;
use crate::supervisor::lives::Lives;
use crate::supervisor::next::Next;
use crate::supervisor::{Ended, Stop};
use anyhow::Context as _;
use ota::Restart;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// Beyond it the process ends without having closed the stores.
const CLOSING_TAKES_AT_MOST: Duration = Duration::from_secs(3);

/// Whoever else holds the stores has let go by then, or hangs.
const OTHERS_TAKE_AT_MOST: Duration = Duration::from_secs(1);

/// A box that has ended.
pub(super) struct Over {
    pub(super) ended: Ended,
    /// To be closed.
    pub(super) stores: Option<Stores>,
    /// What the boot loader was made ready for.
    pub(super) restart: Option<Restart>,
}

impl Over {
    pub(super) fn before_it_began() -> Self {
        Self {
            ended: Ended::Cleanly(Stop::Process),
            stores: None,
            restart: None,
        }
    }
}

/// For the technician's console, which is there when the box is not. A disk that does not take them has its own trouble.
pub(super) fn last_words(data: &Path, ended: &anyhow::Result<Ended>) {
    let why = match ended {
        Ok(Ended::Cleanly(Stop::Process)) => "it was stopped".to_owned(),
        Ok(Ended::Cleanly(Stop::Restart)) => "it asked for a restart of the machine".to_owned(),
        Ok(Ended::Cleanly(Stop::PowerOff)) => "it switched the box off".to_owned(),
        Ok(Ended::Escalated(reason)) => reason.clone(),
        Err(error) => format!("{error:#}"),
    };
    let _ = Lives::end(data, &why, Clock::of_the_desk().since_boot());
}

/// Finishes what the writers are at. A disk that hangs, or a large pack that is just being swept away, is left as a power cut leaves
/// it: nothing that was answered is lost by that.
pub(super) fn close(stores: Stores) {
    let (closed, wait) = mpsc::sync_channel(1);
    let closing = std::thread::Builder::new()
        .name("close".to_owned())
        .spawn(move || {
            stores.close(OTHERS_TAKE_AT_MOST);
            let _ = closed.send(());
        });
    if closing.is_err() || wait.recv_timeout(CLOSING_TAKES_AT_MOST).is_err() {
        tracing::warn!("stores.not_closed_in_time");
    }
}

/// How a box ended, in the words of its events.
pub(super) fn how(ended: &anyhow::Result<Ended>) -> &'static str {
    match ended {
        Ok(Ended::Cleanly(Stop::Process)) => "stop",
        Ok(Ended::Cleanly(Stop::Restart)) => "restart",
        Ok(Ended::Cleanly(Stop::PowerOff)) => "power off",
        Ok(Ended::Escalated(_)) => "escalated",
        Err(_) => "failed",
    }
}

/// The last act: nothing of ours is open any more.
pub(super) fn leave_word(next: Option<Next>, folder: &Path) -> anyhow::Result<()> {
    let Some(next) = next else { return Ok(()) };
    next.leave_in(folder).with_context(|| {
        format!(
            "cannot ask for `{}` in {}; the machine stays on: see that this user may write there",
            next.as_str(),
            folder.display()
        )
    })
}
