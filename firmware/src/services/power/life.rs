//! The turns of the service: reads, asks the mind, and does what it says. The thin shell.

use super::bedtime::Sleep;
use super::hearing::{self, Hearing};
use super::keeping::{self, Keeping, Saves};
use super::local::local_of;
use super::mind::{Mind, Moment};
use super::planning::Planning;
use super::stored::Look;
use super::warehouse::StorageFile;
use super::{DayStory, PowerCommand, PowerParts, PowerReport};
use crate::supervisor::{Life, LifeError, Stop};
use power_mgmt::{Action, Governor, LoadPlan, LocalTime, PowerState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

/// Between two samples, real time.
const EVERY: Duration = Duration::from_secs(1);
/// The same on a board whose time runs faster.
const FASTEST: Duration = Duration::from_millis(10);
/// The plan is applied again after so long, real time: what it switches may have come late, or been switched by others.
const APPLY_AGAIN: Duration = Duration::from_secs(60);

/// What the lives of the service share.
pub(super) struct Shared {
    pub(super) parts: PowerParts,
    report: watch::Sender<PowerReport>,
    plan: watch::Sender<LoadPlan>,
    desk: Mutex<Desk>,
    keeping: Option<Keeping>,
    pub(super) storage: Option<StorageFile>,
}

struct Desk {
    commands: mpsc::Receiver<PowerCommand>,
    memory: Memory,
}

/// What outlives a life within the process.
#[derive(Default)]
pub(super) struct Memory {
    /// When the first life began, box time.
    pub(super) begun: Option<Duration>,
    last_turn: Option<Duration>,
    /// When the plan was last applied, since boot.
    applied_at: Duration,
    saves: Saves,
    saved_at: Option<Duration>,
    hearing: Hearing,
    /// When the button was last pressed, since boot.
    pub(super) person_at: Option<Duration>,
    /// The monthly look of a stored box.
    pub(super) look: Option<Look>,
    /// When to go to storage, box time: whoever asked has heard the answer by then.
    pub(super) stores_at: Option<Duration>,
    pub(super) sleep: Sleep,
}

impl Shared {
    pub(super) fn new(
        parts: PowerParts,
        report: watch::Sender<PowerReport>,
        plan: watch::Sender<LoadPlan>,
        commands: mpsc::Receiver<PowerCommand>,
    ) -> Self {
        // What is learned on a day that is played faster is no truth of this battery.
        let kept = parts.data.as_deref().filter(|_| parts.time_scale == 1);
        Self {
            keeping: kept.map(Keeping::in_data),
            storage: parts.data.as_deref().map(StorageFile::in_data),
            parts,
            report,
            plan,
            desk: Mutex::new(Desk {
                commands,
                memory: Memory::default(),
            }),
        }
    }

    pub(super) async fn live(&self, mut life: Life) -> Result<(), LifeError> {
        let mut desk = self.desk.lock().await;
        let Desk { commands, memory } = &mut *desk;
        let mut mind = self.wake_up(memory).await?;
        // A minute of a faster time is none too seldom, down to what a processor can follow.
        let every = self.parts.clock.real(EVERY * 60).clamp(FASTEST, EVERY);
        let mut tick = interval(every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let deadline = self.real_deadline(&mind.governor);
            tokio::select! {
                biased;
                stop = life.stopped() => {
                    if stop == Stop::PowerOff { self.drop_rails().await; }
                    self.keep(&mind, memory).await;
                    return Ok(());
                }
                Some(command) = commands.recv() => mind = self.obey(mind, memory, command).await?,
                _ = tick.tick() => mind = self.turn(mind, memory).await?,
                () = sleep_until(deadline) => mind.governor.handle_timeout(self.parts.clock.box_time()),
            }
            self.act(&mut mind, memory).await;
            self.publish(&mind, memory);
            life.pulse.beat().await;
        }
    }

    /// The first life begins from the files, a later one from what was last kept in memory.
    async fn wake_up(&self, memory: &mut Memory) -> Result<Box<Mind>, LifeError> {
        let now = self.parts.clock.box_time();
        let first = memory.begun.is_none();
        memory.begun.get_or_insert(now);
        memory.saved_at.get_or_insert(now);
        memory.last_turn = None;
        if first {
            self.settle_storage(memory).await;
        }
        let keeping = self.keeping.clone();
        let (parts, kept) = (self.parts.clone(), std::mem::take(&mut memory.saves));
        let begun = tokio::task::spawn_blocking(move || {
            let saves = match &keeping {
                Some(keeping) if first => keeping.load(),
                Some(_) | None => kept,
            };
            let policy = parts.policy.clone();
            let site = parts.place.site(policy.capacity(), &parts.timetable);
            let planning =
                (parts.gauge.as_ref().and(site)).map(|site| Planning::new(site, &parts.timetable));
            let mind = Mind::new(
                Governor::new(policy, now),
                planning,
                &saves,
                keeping.as_ref(),
            );
            // Some dozens of kilobytes: moved from thread to thread in a box.
            (Box::new(mind), saves)
        });
        let (mut mind, saves) = begun.await?;
        memory.saves = saves;
        if let (Some(_), (Some(at), _)) = (&memory.look, self.local()) {
            mind.keep_low(at, now);
        }
        Ok(mind)
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

    async fn turn(&self, mind: Box<Mind>, memory: &mut Memory) -> Result<Box<Mind>, LifeError> {
        let mut mind = self.sample(mind, memory).await?;
        self.heed_the_plan(&mut mind, memory).await;
        self.look_around(&mut mind, memory).await;
        let now = self.parts.clock.box_time();
        if memory.stores_at.is_some_and(|at| at <= now) {
            memory.stores_at = None;
            mind.governor.handle_storage_request(now);
        }
        if memory
            .saved_at
            .is_none_or(|at| now.saturating_sub(at) >= keeping::EVERY)
        {
            self.keep(&mind, memory).await;
        }
        Ok(mind)
    }

    /// After a gap, or on its first samples, the gauge weighs its explanations anew, and once a day the planner solves the days ahead: up
    /// to a second on a slow board, so on a thread.
    async fn sample(
        &self,
        mut mind: Box<Mind>,
        memory: &mut Memory,
    ) -> Result<Box<Mind>, LifeError> {
        let Some(gauge) = &self.parts.gauge else {
            return Ok(mind);
        };
        let heard = hearing::read(gauge.clone()).await;
        let sample = heard.as_ref().ok().copied();
        let moment = self.moment(memory);
        let keeping = self.keeping.clone();
        let thinking = tokio::task::spawn_blocking(move || {
            let anew = mind.handle_turn(sample.as_ref(), &moment);
            let saves = anew.then(|| mind.saves(moment.trusted));
            if let Some(keeping) = keeping.filter(|_| anew && mind.has_lost_trust()) {
                let why = "the battery is not as it was left";
                keeping.refuse(keeping::Kept::Gauge, why);
            }
            (mind, saves)
        });
        let (mind, saves) = thinking.await?;
        if let Some(saves) = saves {
            memory.saves = saves;
        }
        let heard = heard.and_then(|_| hearing::believed(&mind.governor.reading(moment.now)));
        if let Some(change) = memory.hearing.handle_read(heard) {
            change.log();
        }
        Ok(mind)
    }

    fn moment(&self, memory: &mut Memory) -> Moment {
        let now = self.parts.clock.box_time();
        let passed = memory
            .last_turn
            .map_or(Duration::ZERO, |last| now.saturating_sub(last));
        memory.last_turn = Some(now);
        let (local, trusted) = self.local();
        Moment {
            now,
            passed,
            local,
            trusted,
        }
    }

    /// Local time, the best there is, and whether it is trusted.
    pub(super) fn local(&self) -> (Option<LocalTime>, bool) {
        let clock = &self.parts.clock;
        let trusted = clock.wall_trusted();
        let unix_s = trusted.unwrap_or_else(|| clock.wall()).as_second();
        let local = local_of(unix_s, self.parts.place.utc_offset_min);
        (local, trusted.is_some())
    }

    /// Trusted Unix seconds.
    pub(super) fn unix(&self) -> Option<u64> {
        u64::try_from(self.parts.clock.wall_trusted()?.as_second()).ok()
    }

    async fn obey(
        &self,
        mut mind: Box<Mind>,
        memory: &mut Memory,
        command: PowerCommand,
    ) -> Result<Box<Mind>, LifeError> {
        let now = self.parts.clock.box_time();
        // Who asked may have gone; then nobody is waiting for the answer.
        match command {
            PowerCommand::Store => {
                memory.person_at = Some(self.parts.clock.since_boot());
                self.store_as_the_button_says(&mut mind, memory).await;
            }
            PowerCommand::SwitchOff => mind.governor.handle_off_request(now),
            PowerCommand::Attention => memory.person_at = Some(self.parts.clock.since_boot()),
            PowerCommand::EnterStorage(answer) => {
                let _ = answer.send(self.enter_storage(&mind, memory).await);
            }
            PowerCommand::LeaveStorage(answer) => {
                let _ = answer.send(self.leave_storage(&mind, memory).await);
            }
            PowerCommand::TryAlarm(answer) => {
                let _ = answer.send(self.try_alarm(memory).await);
            }
            PowerCommand::CanShow(film, answer) => {
                return think(mind, move |mind| {
                    let _ = answer.send(mind.can_show(film));
                })
                .await;
            }
            PowerCommand::BookFilm(film, answer) => {
                return think(mind, move |mind| {
                    let _ = answer.send(mind.book(film));
                })
                .await;
            }
            PowerCommand::UnbookFilm(answer) => {
                return think(mind, move |mind| {
                    mind.unbook();
                    let _ = answer.send(());
                })
                .await;
            }
        }
        Ok(mind)
    }

    /// Of several plans only the last is followed: the plan of a start that the first sample overrules would make the rails flicker.
    async fn act(&self, mind: &mut Mind, memory: &mut Memory) {
        let mut plan = None;
        while let Some(action) = mind.governor.poll_action() {
            match action {
                Action::Changed { from, to, reason } => {
                    tracing::info!(%from, %to, reason = reason.as_str(), "power.state_changed");
                }
                Action::Apply(next) => plan = Some(next),
                Action::PowerOff(reason) => {
                    self.see_to_the_alarm(mind, memory, reason).await;
                    tracing::warn!(reason = reason.as_str(), "power.off");
                    self.parts.stop.ask(Stop::PowerOff);
                }
            }
        }
        let since_boot = self.parts.clock.since_boot();
        let again = since_boot.saturating_sub(memory.applied_at) >= APPLY_AGAIN;
        let plan = plan.or_else(|| again.then(|| self.plan.borrow().clone()));
        if let Some(plan) = plan {
            memory.applied_at = since_boot;
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

    fn publish(&self, mind: &Mind, memory: &Memory) {
        let now = self.parts.clock.box_time();
        let on_mains = self.parts.gauge.is_none();
        let mut story = mind
            .planning
            .as_ref()
            .map_or_else(Arc::default, Planning::story);
        if memory.look.is_some() {
            story = Arc::new(DayStory {
                storage_check: true,
                ..DayStory::clone(&story)
            });
        }
        self.report.send_replace(PowerReport {
            at: now,
            reading: (!on_mains).then(|| mind.governor.reading(now)),
            reason: (!on_mains).then(|| mind.governor.reason()),
            plan: self.plan.borrow().clone(),
            on_mains,
            time_scale: self.parts.time_scale,
            story,
        });
    }

    async fn keep(&self, mind: &Mind, memory: &mut Memory) {
        memory.saved_at = Some(self.parts.clock.box_time());
        memory.saves = mind.saves(self.parts.clock.wall_trusted().is_some());
        let Some(keeping) = self.keeping.clone() else {
            return;
        };
        let saves = memory.saves.clone();
        let _ = tokio::task::spawn_blocking(move || keeping.save(&saves)).await;
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

/// The plan of the day is solved anew for a film: not on the runtime.
async fn think(
    mut mind: Box<Mind>,
    of: impl FnOnce(&mut Mind) + Send + 'static,
) -> Result<Box<Mind>, LifeError> {
    let thinking = tokio::task::spawn_blocking(move || {
        of(&mut mind);
        mind
    });
    Ok(thinking.await?)
}
