//! The service tree: lives, faults, restarts, the ordered stop.

use super::Pulse;
use super::branch::{Branch, State, last_words};
use super::ending::{Ending, Step};
use super::health::{self, Criticality, ServiceHealth, Verdict, Vitals};
use super::probe::Probe;
use super::restart::{FaultHistory, RestartPolicy};
use super::systemd;
use crate::clock::Clock;
use crate::services::ServiceName;
use board_support::faults::FaultSwitch;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Why the box stops. Ordered: a later reason overrules an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// The process ends (TERM, or the end of the ladder): running answers may finish within the drain.
    Process,
    /// As before, and then the machine restarts: a new system is to be tried, or one on trial is not well.
    Restart,
    /// The battery or a person wants the box off: no drain at all, and then the machine is shut down.
    PowerOff,
}

/// How a life ends when it ends badly.
pub type LifeError = Box<dyn std::error::Error + Send + Sync>;

type LifeFuture = Pin<Box<dyn Future<Output = Result<(), LifeError>> + Send>>;

/// What a service is given for one life.
pub struct Life {
    /// To be beaten at every turn of work.
    pub pulse: Pulse,
    /// Turns to `Some` when the service shall end; while it does, a [`Stop::Process`] may still become a power-off.
    pub stop: watch::Receiver<Option<Stop>>,
}

impl Life {
    /// Waits until the service shall end.
    pub async fn stopped(&mut self) -> Stop {
        match self.stop.wait_for(Option::is_some).await.map(|stop| *stop) {
            Ok(Some(stop)) => stop,
            // The supervisor is gone: there is nobody left to serve.
            Ok(None) | Err(_) => Stop::Process,
        }
    }

    /// Waits until the service shall end without any drain.
    pub async fn powered_off(&mut self) {
        let _ = self
            .stop
            .wait_for(|stop| *stop == Some(Stop::PowerOff))
            .await;
    }
}

/// A service as the tree knows it.
pub struct Service {
    /// Its name in events and tables.
    pub name: ServiceName,
    /// How much it is needed.
    pub criticality: Criticality,
    /// How it is restarted.
    pub policy: RestartPolicy,
    /// A silence as long as this is a hang.
    pub silence_limit: Duration,
    /// How long it may take to end when asked.
    pub stop_within: Duration,
    /// Begins a new life.
    pub begin: Box<dyn Fn(Life) -> LifeFuture + Send>,
}

/// Asks the supervisor to stop the box. A power-off overrules all else, also while the box stops already.
#[derive(Clone)]
pub struct StopRequester(watch::Sender<Option<Stop>>);

impl StopRequester {
    /// Asks; never waits.
    pub fn ask(&self, stop: Stop) {
        self.0.send_if_modified(|wish| {
            let graver = *wish < Some(stop);
            if graver {
                *wish = Some(stop);
            }
            graver
        });
    }
}

/// How the box ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// Asked to, and every service ended in time.
    Cleanly(Stop),
    /// A service failed too often: whoever started the process must start it again.
    Escalated(String),
}

/// Starts, watches, restarts and stops the services it is given, in their order.
pub struct Supervisor {
    clock: Clock,
    faults: FaultSwitch,
    branches: Vec<Branch>,
    lives: JoinSet<Result<(), LifeError>>,
    wish: watch::Receiver<Option<Stop>>,
    ending: Ending,
    verdict: watch::Sender<Verdict>,
    vitals: watch::Sender<Vitals>,
}

impl Supervisor {
    /// A tree without services, and the handle to stop it.
    #[must_use]
    pub fn new(
        clock: Clock,
        faults: FaultSwitch,
        verdict: watch::Sender<Verdict>,
    ) -> (Self, StopRequester) {
        let (ask, wish) = watch::channel(None);
        let tree = Self {
            clock,
            faults,
            branches: Vec::new(),
            lives: JoinSet::new(),
            wish,
            ending: Ending::default(),
            verdict,
            vitals: watch::Sender::default(),
        };
        (tree, StopRequester(ask))
    }

    /// Notes how far a stop is in `ending`.
    #[must_use]
    pub fn noting(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    /// What is seen at each tick, once a second.
    #[must_use]
    pub fn vitals(&self) -> watch::Receiver<Vitals> {
        self.vitals.subscribe()
    }

    /// Adds a service; it starts at once.
    pub fn start(&mut self, service: Service) {
        let mut branch = Branch {
            service,
            history: FaultHistory::default(),
            state: State::Ended,
        };
        self.begin(&mut branch);
        self.branches.push(branch);
    }

    fn begin(&mut self, branch: &mut Branch) {
        let pulse = Pulse::new(branch.service.name, self.clock.clone(), self.faults.clone());
        let (stop, stop_seen) = watch::channel(None);
        let life = Life {
            pulse: pulse.clone(),
            stop: stop_seen,
        };
        let task = self.lives.spawn((branch.service.begin)(life));
        branch.state = State::Running {
            started: self.clock.since_boot(),
            pulse,
            stop,
            task,
            hung: false,
        };
    }

    /// Runs until asked to stop or until a critical service fails too often.
    pub async fn run(mut self, probe: &Probe) -> Ended {
        let mut watchdog = systemd::Watchdog::from_environment();
        let mut tick = interval(
            watchdog
                .period()
                .unwrap_or(Duration::from_secs(1))
                .min(Duration::from_secs(1)),
        );
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = loop {
            tokio::select! {
                biased;
                Ok(stop) = asked(&mut self.wish) => break Ended::Cleanly(stop),
                Some(ended) = self.lives.join_next_with_id() => {
                    if let Some(escalated) = self.handle_end(ended) { break escalated; }
                }
                _ = tick.tick() => {
                    if let Some(escalated) = self.handle_tick(probe) { break escalated; }
                    if !matches!(*self.verdict.borrow(), Verdict::Failing(_)) {
                        watchdog.feed(self.clock.since_boot());
                    }
                }
            }
        };
        systemd::stopping();
        self.stop_in_order(ended).await
    }

    fn handle_end(
        &mut self,
        ended: Result<(Id, Result<(), LifeError>), JoinError>,
    ) -> Option<Ended> {
        let (id, problem) = match ended {
            Ok((id, Ok(()))) => (id, "ended without being asked".to_owned()),
            Ok((id, Err(error))) => (id, crate::telemetry::chain(&*error)),
            Err(error) => (error.id(), last_words(error)),
        };
        let now = self.clock.since_boot();
        let branch = self.branches.iter_mut().find(|branch| branch.is_life(id))?;
        branch.handle_fault(&problem, now)
    }

    fn handle_tick(&mut self, probe: &Probe) -> Option<Ended> {
        let now = self.clock.since_boot();
        let mut branches = std::mem::take(&mut self.branches);
        for branch in &mut branches {
            if matches!(branch.state, State::Waiting { at } if at <= now) {
                tracing::info!(service = %branch.service.name, "service.restarted");
                self.begin(branch);
            }
        }
        self.branches = branches;
        let services: Vec<ServiceHealth> = self
            .branches
            .iter()
            .map(|branch| branch.health(now))
            .collect();
        let probe_silent_for = probe.silent_for(&self.clock);
        self.publish(health::verdict(&services, probe_silent_for));
        self.vitals.send_replace(Vitals {
            critical_ready: health::critical_ready(&services),
            probe_silent_for,
        });
        self.branches.iter_mut().find_map(Branch::cut_off_when_hung)
    }

    fn publish(&self, verdict: Verdict) {
        self.verdict.send_if_modified(|current| {
            let changed = *current != verdict;
            if changed {
                tracing::info!(verdict = %verdict, "box.health_changed");
                *current = verdict;
            }
            changed
        });
    }

    /// Reverse order of start: power stays to the end. Each has its own deadline and is cut off after it.
    async fn stop_in_order(mut self, ended: Ended) -> Ended {
        // Dropped at the end: what they hold (the stores) may take its time to close, and power must not wait for it.
        let mut branches = std::mem::take(&mut self.branches);
        for branch in branches.iter_mut().rev() {
            // A wish may have become a graver one meanwhile.
            let wish = *self.wish.borrow();
            self.ending.begin(wish.unwrap_or(Stop::Process));
            self.ending.at(Step::Service(branch.service.name));
            let well = self.end_life(branch).await;
            let critical = branch.service.criticality == Criticality::Critical;
            if !well && critical && *self.wish.borrow() == Some(Stop::PowerOff) {
                // Whoever drops the rails was between two lives, or fell on the way: it gets one more for that.
                self.begin(branch);
                self.end_life(branch).await;
            }
        }
        self.ending.at(Step::Parts);
        drop(branches);
        match ended {
            Ended::Cleanly(stop) => Ended::Cleanly(self.wish.borrow().unwrap_or(stop)),
            Ended::Escalated(reason) => Ended::Escalated(reason),
        }
    }

    /// Whether there was a life, and it ended as it was asked to.
    async fn end_life(&mut self, branch: &Branch) -> bool {
        let State::Running { stop, task, .. } = &branch.state else {
            return false;
        };
        if task.is_finished() {
            return false;
        }
        let ends = end(&mut self.lives, &mut self.wish, stop, task.id());
        let ended = timeout(branch.service.stop_within, ends).await;
        if ended.is_err() {
            tracing::warn!(service = %branch.service.name, "service.cut_off_at_stop");
            task.abort();
        }
        ended.unwrap_or(false)
    }
}

/// Waits for a wish to stop the box.
async fn asked(wish: &mut watch::Receiver<Option<Stop>>) -> Result<Stop, watch::error::RecvError> {
    let stop = *wish.wait_for(Option::is_some).await?;
    Ok(stop.unwrap_or(Stop::Process))
}

/// Asks one life to end, waits until it has, and passes on what is wished meanwhile; whether it ended well.
async fn end(
    lives: &mut JoinSet<Result<(), LifeError>>,
    wish: &mut watch::Receiver<Option<Stop>>,
    stop: &watch::Sender<Option<Stop>>,
    life: Id,
) -> bool {
    loop {
        let wished = wish.borrow_and_update().unwrap_or(Stop::Process);
        stop.send_replace(Some(wished));
        tokio::select! {
            Some(ended) = lives.join_next_with_id() => {
                if ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id) == life {
                    return matches!(ended, Ok((_, Ok(()))));
                }
            }
            Ok(()) = wish.changed() => {}
            else => return false,
        }
    }
}
