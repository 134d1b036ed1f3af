//! The power service: gauge -> governor -> load plan.
//!
//! Every second of real time it reads the gauge on a blocking thread, with a bounded wait; silence is an input too.
//! The plan goes out on a `watch` and onto the board's switches; a power-off goes to the supervisor, which stops
//! all else first and this service last: then it drops the rails. The machine itself is switched off by who started the box.

mod story;

pub use story::{DayStory, Lived};

use super::{Part, ServiceName};
use crate::clock::Clock;
use crate::supervisor::health::Criticality;
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service, Stop, StopRequester};
use board_support::gauge::Gauge;
use board_support::loads::LoadSwitches;
use power_mgmt::{Action, BatterySample, Governor, LoadPlan, Policy, PowerState, Reading, Reason};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

/// Between two samples, real time.
const EVERY: Duration = Duration::from_secs(1);
/// A gauge that takes longer has said nothing.
const GAUGE_PATIENCE: Duration = Duration::from_millis(800);

/// What a person asks of the power machine, already confirmed by the button table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerCommand {
    /// Go to warehouse storage.
    Store,
    /// Switch off.
    SwitchOff,
}

/// What the service knows after a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerReport {
    /// Box time of the turn.
    pub at: Duration,
    /// What the gauge believes; `None` on a board without one.
    pub reading: Option<Reading>,
    /// Why the state is what it is; `None` on mains.
    pub reason: Option<Reason>,
    /// The plan in force.
    pub plan: LoadPlan,
    /// The board has no gauge.
    pub on_mains: bool,
    /// Box seconds in a real second.
    pub time_scale: u32,
    /// The day behind and the day ahead.
    pub story: Arc<DayStory>,
}

/// What the service is made of; lives share it.
#[derive(Clone)]
pub struct PowerParts {
    /// The clocks.
    pub clock: Clock,
    /// See [`PowerReport::time_scale`].
    pub time_scale: u32,
    /// The checked policy.
    pub policy: Policy,
    /// `None` on mains.
    pub gauge: Option<Part<dyn Gauge>>,
    /// The rails.
    pub loads: Part<dyn LoadSwitches>,
    /// To stop the box.
    pub stop: StopRequester,
}

/// The public half.
pub struct PowerHandle {
    /// Every turn.
    pub report: watch::Receiver<PowerReport>,
    /// Changes of the plan.
    pub plan: watch::Receiver<LoadPlan>,
    /// Four are more than a button speaks.
    pub commands: mpsc::Sender<PowerCommand>,
}

struct Shared {
    parts: PowerParts,
    report: watch::Sender<PowerReport>,
    plan: watch::Sender<LoadPlan>,
    commands: Mutex<mpsc::Receiver<PowerCommand>>,
}

/// The service and its handle.
#[must_use]
pub fn service(parts: PowerParts) -> (Service, PowerHandle) {
    let on_mains = parts.gauge.is_none();
    let plan = parts.start_plan();
    let (report, report_seen) = watch::channel(PowerReport {
        at: parts.clock.box_time(),
        reading: None,
        reason: (!on_mains).then_some(Reason::Started),
        plan: plan.clone(),
        on_mains,
        time_scale: parts.time_scale,
        story: Arc::default(),
    });
    let (plan, plan_seen) = watch::channel(plan);
    let (commands, received) = mpsc::channel(4);
    let shared = Arc::new(Shared {
        parts,
        report,
        plan,
        commands: Mutex::new(received),
    });
    let service = Service {
        name: ServiceName::Power,
        criticality: Criticality::Critical,
        policy: RestartPolicy::HOUSE,
        silence_limit: Duration::from_secs(15),
        // A read of the gauge that just began, and then the rails.
        stop_within: Duration::from_secs(3),
        begin: Box::new(move |life| {
            let shared = Arc::clone(&shared);
            Box::pin(async move { shared.live(life).await })
        }),
    };
    let handle = PowerHandle {
        report: report_seen,
        plan: plan_seen,
        commands,
    };
    (service, handle)
}

impl PowerParts {
    fn start_plan(&self) -> LoadPlan {
        match self.gauge {
            None => LoadPlan::for_state(PowerState::Full),
            Some(_) => Governor::new(self.policy.clone(), self.clock.box_time()).plan(),
        }
    }
}

impl Shared {
    async fn live(&self, mut life: Life) -> Result<(), LifeError> {
        let mut commands = self.commands.lock().await;
        let mut governor = Governor::new(self.parts.policy.clone(), self.parts.clock.box_time());
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let deadline = self.real_deadline(&governor);
            tokio::select! {
                biased;
                stop = life.stopped() => {
                    if stop == Stop::PowerOff { self.drop_rails().await; }
                    return Ok(());
                }
                Some(command) = commands.recv() => obey(&mut governor, command, self.parts.clock.box_time()),
                _ = tick.tick() => governor = self.sample(governor).await?,
                () = sleep_until(deadline) => governor.handle_timeout(self.parts.clock.box_time()),
            }
            self.act(&mut governor).await;
            self.publish(&governor);
            life.pulse.beat().await;
        }
    }

    fn real_deadline(&self, governor: &Governor) -> Instant {
        const NEVER: Duration = Duration::from_secs(3600);
        let clock = &self.parts.clock;
        // On mains there is nothing to measure, and so nothing that time alone could change.
        let timeout = self
            .parts
            .gauge
            .as_ref()
            .and_then(|_| governor.poll_timeout());
        let wait = timeout.map_or(NEVER, |at| clock.real(at.saturating_sub(clock.box_time())));
        Instant::now() + wait.clamp(Duration::from_millis(1), NEVER)
    }

    /// After a gap, or on its first samples, the gauge weighs its explanations anew: up to a second on a slow board, so on a thread.
    async fn sample(&self, mut governor: Governor) -> Result<Governor, LifeError> {
        let Some(gauge) = &self.parts.gauge else {
            return Ok(governor);
        };
        let sample = read(gauge.clone()).await;
        let now = self.parts.clock.box_time();
        let thinking = tokio::task::spawn_blocking(move || {
            match sample {
                Some(sample) => governor.handle_sample(&sample, now),
                None => governor.handle_sample_missing(now),
            }
            governor
        });
        Ok(thinking.await?)
    }

    /// Of several plans only the last is followed: the plan of a start that the first sample overrules would make the rails flicker.
    async fn act(&self, governor: &mut Governor) {
        let mut plan = None;
        while let Some(action) = governor.poll_action() {
            match action {
                Action::Changed { from, to, reason } => {
                    tracing::info!(%from, %to, reason = reason.as_str(), "power.state_changed");
                }
                Action::Apply(next) => plan = Some(next),
                Action::PowerOff(reason) => {
                    tracing::warn!(reason = reason.as_str(), "power.off");
                    self.parts.stop.ask(Stop::PowerOff);
                }
            }
        }
        if let Some(plan) = plan {
            self.apply(plan).await;
        }
    }

    async fn apply(&self, plan: LoadPlan) {
        let plan = match &self.parts.gauge {
            None if !plan.state.is_power_off() => LoadPlan::for_state(PowerState::Full),
            None | Some(_) => plan,
        };
        self.plan.send_if_modified(|current| {
            let changed = *current != plan;
            current.clone_from(&plan);
            changed
        });
        let loads = self.parts.loads.clone();
        let applied = tokio::task::spawn_blocking(move || loads.lock().apply(&plan)).await;
        if let Ok(Err(error)) = applied {
            tracing::error!(
                error = crate::telemetry::chain(&error),
                "power.switches_failed"
            );
        }
    }

    fn publish(&self, governor: &Governor) {
        let now = self.parts.clock.box_time();
        let on_mains = self.parts.gauge.is_none();
        self.report.send_replace(PowerReport {
            at: now,
            reading: (!on_mains).then(|| governor.reading(now)),
            reason: (!on_mains).then(|| governor.reason()),
            plan: self.plan.borrow().clone(),
            on_mains,
            time_scale: self.parts.time_scale,
            story: Arc::default(),
        });
    }

    async fn drop_rails(&self) {
        let loads = self.parts.loads.clone();
        let off = tokio::task::spawn_blocking(move || loads.lock().power_off()).await;
        if let Ok(Err(error)) = off {
            tracing::error!(
                error = crate::telemetry::chain(&error),
                "power.switches_failed"
            );
        }
    }
}

fn obey(governor: &mut Governor, command: PowerCommand, now: Duration) {
    match command {
        PowerCommand::Store => governor.handle_storage_request(now),
        PowerCommand::SwitchOff => governor.handle_off_request(now),
    }
}

/// `None`: the gauge failed, or was slower than its patience. A read that is still under way holds the part, so the
/// next one turns back at once and is silent too: at most one thread ever hangs on a dead bus.
async fn read(gauge: Part<dyn Gauge>) -> Option<BatterySample> {
    let reading =
        tokio::task::spawn_blocking(move || gauge.try_lock().map(|mut gauge| gauge.sample()));
    match timeout(GAUGE_PATIENCE, reading).await {
        Ok(Ok(Some(Ok(sample)))) => Some(sample),
        Ok(Ok(Some(Err(error)))) => {
            tracing::debug!(
                error = crate::telemetry::chain(&error),
                "power.gauge_failed"
            );
            None
        }
        Ok(Ok(None) | Err(_)) | Err(_) => None,
    }
}
