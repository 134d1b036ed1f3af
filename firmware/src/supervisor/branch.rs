//! One service in the tree: what its lives come to.

use super::Pulse;
use super::health::{Criticality, ServiceHealth};
use super::restart::{Disposition, FaultHistory};
use super::tree::{Ended, Service, Stop};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{AbortHandle, Id, JoinError};

/// An aborted task that is still there after this long blocks its thread: only the process's end helps.
const ABORT_TAKES_AT_MOST: Duration = Duration::from_secs(5);

/// Between two lives, in one, or at the end of all.
pub(super) enum State {
    Waiting {
        at: Duration,
    },
    Running {
        started: Duration,
        pulse: Pulse,
        stop: watch::Sender<Option<Stop>>,
        task: AbortHandle,
        hung: bool,
    },
    Ended,
}

/// A service, its faults and its present life.
pub(super) struct Branch {
    pub(super) service: Service,
    pub(super) history: FaultHistory,
    pub(super) state: State,
}

/// Why a task ended that did not return.
pub(super) fn last_words(error: JoinError) -> String {
    let payload = match error.try_into_panic() {
        Ok(payload) => payload,
        Err(_cancelled) => return "hung and was cut off".to_owned(),
    };
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.map_or_else(|| "panicked".to_owned(), |text| format!("panicked: {text}"))
}

impl Branch {
    pub(super) fn is_life(&self, id: Id) -> bool {
        matches!(&self.state, State::Running { task, .. } if task.id() == id)
    }

    pub(super) fn handle_fault(&mut self, problem: &str, now: Duration) -> Option<Ended> {
        let State::Running { started, .. } = self.state else {
            return None;
        };
        let name = self.service.name;
        tracing::error!(service = %name, problem, "service.failed");
        let disposition = self
            .history
            .handle_fault(&self.service.policy, started, now);
        let at = match disposition {
            Disposition::RestartAt(at) => at,
            Disposition::Escalate if self.service.criticality == Criticality::Critical => {
                return Some(Ended::Escalated(format!(
                    "{name} failed too often, last: {problem}"
                )));
            }
            Disposition::Escalate => now + self.service.policy.longest_wait,
        };
        self.state = State::Waiting { at };
        None
    }

    pub(super) fn health(&self, now: Duration) -> ServiceHealth {
        let silent_for = match &self.state {
            State::Running { pulse, .. } => pulse.silent_for(),
            State::Waiting { .. } | State::Ended => Duration::ZERO,
        };
        ServiceHealth {
            name: self.service.name,
            criticality: self.service.criticality,
            running: matches!(self.state, State::Running { .. }),
            silent_for,
            silence_limit: self.service.silence_limit,
            recent_faults: self.history.recent(&self.service.policy, now),
        }
    }

    /// A hung task is aborted, which ends it at its next await; one that blocks its thread is beyond that.
    pub(super) fn cut_off_when_hung(&mut self) -> Option<Ended> {
        let State::Running {
            pulse, task, hung, ..
        } = &mut self.state
        else {
            return None;
        };
        let silent_for = pulse.silent_for();
        if silent_for < self.service.silence_limit {
            return None;
        }
        if !*hung {
            *hung = true;
            task.abort();
        }
        let beyond_help = silent_for >= self.service.silence_limit + ABORT_TAKES_AT_MOST;
        beyond_help.then(|| Ended::Escalated(format!("{} blocks its thread", self.service.name)))
    }
}
