//! The turns of the service: asks the air, with a bounded wait, what the mind wants to know and to have done. The thin shell.

use super::mind::{Action, Mind, Moment, Settings};
use super::reboots::{self, Around, Reboots, hindrance};
use super::{AccessPointParts, AirCommand, AirReport, AirState, Silence, Waiting};
use crate::supervisor::{Life, LifeError, Stop};
use crate::telemetry::chain;
use board_support::BoardError;
use board_support::radio::{Air, AirPlan, Rung};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Between two turns.
const EVERY: Duration = Duration::from_secs(1);
/// What the port promises, and a second for a busy board.
const FOLLOW_WITHIN: Duration = Duration::from_secs(3);
const RADIOS_WITHIN: Duration = Duration::from_secs(3);
const SCAN_WITHIN: Duration = Duration::from_secs(11);
const SERVE_WITHIN: Duration = Duration::from_secs(6);
const SIGNS_WITHIN: Duration = Duration::from_secs(3);
const CLIMB_WITHIN: Duration = Duration::from_secs(11);
const SILENCE_WITHIN: Duration = Duration::from_secs(3);
/// An empty battery waits for nobody.
const SILENCE_AT_POWER_OFF: Duration = Duration::from_secs(1);
/// Learners are at work until nothing was asked of the lessons for this long.
const AT_WORK: Duration = Duration::from_secs(10 * 60);

/// What the lives of the service share.
pub(super) struct Shared {
    parts: AccessPointParts,
    report: watch::Sender<AirReport>,
    waiting: watch::Sender<Waiting>,
    desk: Mutex<Desk>,
    /// Of radios' devices, over all lives.
    resets: AtomicU64,
}

struct Desk {
    commands: mpsc::Receiver<AirCommand>,
    plan: watch::Receiver<power_mgmt::LoadPlan>,
    /// Read at the first need.
    reboots: Option<Reboots>,
    /// How long this start had run when the count was last saved.
    saved_at: Duration,
    /// When a person was last there, since boot: it outlives a life.
    person_at: Option<Duration>,
}

impl Shared {
    pub(super) fn new(
        parts: AccessPointParts,
        report: watch::Sender<AirReport>,
        waiting: watch::Sender<Waiting>,
        commands: mpsc::Receiver<AirCommand>,
    ) -> Self {
        let desk = Desk {
            commands,
            plan: parts.plan.clone(),
            reboots: None,
            saved_at: Duration::ZERO,
            person_at: None,
        };
        Self {
            parts,
            report,
            waiting,
            desk: Mutex::new(desk),
            resets: AtomicU64::new(0),
        }
    }

    pub(super) async fn live(&self, mut life: Life) -> Result<(), LifeError> {
        let mut desk = self.desk.lock().await;
        let mut mind = self.mind(&desk);
        if mind.notice().is_some() {
            tracing::warn!(risk = super::trouble::OPEN, "air.open");
        }
        let mut reboot = None;
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let Desk { commands, plan, .. } = &mut *desk;
            tokio::select! {
                biased;
                stop = life.stopped() => return self.leave(stop).await,
                Some(AirCommand::Attention) = commands.recv() => {
                    let now = self.parts.clock.since_boot();
                    mind.handle_person(now);
                    desk.person_at = Some(now);
                }
                Ok(()) = plan.changed() => {}
                _ = tick.tick() => {}
            }
            while let Some(action) = mind.poll_action(&self.moment()) {
                tokio::select! {
                    biased;
                    stop = life.stopped() => return self.leave(stop).await,
                    () = self.act(&mut mind, action) => {}
                }
                life.pulse.beat().await;
                self.publish(&mind, reboot.as_ref());
            }
            reboot = self.see_to_a_reboot(&mind, &mut desk).await?;
            self.publish(&mind, reboot.as_ref());
            life.pulse.beat().await;
        }
    }

    fn mind(&self, desk: &Desk) -> Mind {
        let parts = &self.parts;
        let settings = Settings {
            name: parts.identity.network_name(&parts.wanted),
            phrase: parts.identity.phrase().to_owned(),
            wanted: parts.wanted.clone(),
            host: parts.host.clone(),
            trouble: parts.identity_trouble.clone(),
        };
        let mut mind = Mind::new(settings, parts.clock.since_boot());
        if let Some(at) = desk.person_at {
            mind.handle_person(at);
        }
        mind
    }

    fn moment(&self) -> Moment {
        let parts = &self.parts;
        let offset = i64::from(parts.utc_offset_min);
        let local = |wall: jiff::Timestamp| wall.as_second().div_euclid(60) + offset;
        Moment {
            now: parts.clock.since_boot(),
            plan: parts.plan.borrow().clone(),
            minute: parts
                .clock
                .wall_trusted()
                .and_then(|wall| u16::try_from(local(wall).rem_euclid(1440)).ok()),
        }
    }

    async fn act(&self, mind: &mut Mind, action: Action) {
        let now = || self.parts.clock.since_boot();
        match action {
            Action::Follow(country) => {
                let followed = self
                    .ask(FOLLOW_WITHIN, move |air| air.follow(country))
                    .await;
                let hangs = || Err("it does not answer".to_owned());
                mind.handle_followed(followed.map_or_else(hangs, told));
            }
            Action::AskRadios => {
                let radios = self.ask(RADIOS_WITHIN, |air| air.radios()).await;
                mind.handle_radios(radios.map(told), now());
            }
            Action::Scan(interface) => {
                let on = interface.clone();
                let heard = self.ask(SCAN_WITHIN, move |air| air.scan(&on)).await;
                mind.handle_heard(&interface, heard.map(told), now());
            }
            Action::Serve(plan) => self.serve(mind, *plan).await,
            Action::AskSigns => {
                let signs = self.ask(SIGNS_WITHIN, |air| air.signs()).await;
                mind.handle_signs(signs, now());
            }
            Action::Climb {
                interface,
                rung,
                ill,
            } => {
                tracing::warn!(
                    interface,
                    rung = rung.as_str(),
                    sign = ill.as_str(),
                    "air.rung_climbed"
                );
                self.climb(interface, rung).await;
            }
        }
    }

    async fn serve(&self, mind: &mut Mind, plan: AirPlan) {
        let asked = plan.clone();
        let done = self.ask(SERVE_WITHIN, move |air| air.serve(&asked)).await;
        match &done {
            Some(Ok(())) => tracing::info!(cells = plan.cells.len(), "air.planned"),
            Some(Err(error)) => tracing::error!(error = chain(error), "air.not_planned"),
            None => tracing::error!("air.hangs"),
        }
        mind.handle_served(plan, done.map(told), self.parts.clock.since_boot());
    }

    /// Whether it helped is seen by the signs.
    async fn climb(&self, interface: String, rung: Rung) {
        if rung == Rung::ResetDevice {
            self.resets.fetch_add(1, Ordering::Relaxed);
        }
        let on = interface.clone();
        match self
            .ask(CLIMB_WITHIN, move |air| air.climb(&on, rung))
            .await
        {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                tracing::error!(
                    interface,
                    rung = rung.as_str(),
                    error = chain(&error),
                    "air.rung_failed"
                );
            }
            None => tracing::error!(interface, rung = rung.as_str(), "air.hangs"),
        }
    }

    /// `None`: it took longer than `within`, or an earlier question still holds the air; at most one thread ever hangs on it.
    async fn ask<T: Send + 'static>(
        &self,
        within: Duration,
        question: impl FnOnce(&mut dyn Air) -> T + Send + 'static,
    ) -> Option<T> {
        let air = self.parts.air.clone();
        let asking =
            tokio::task::spawn_blocking(move || air.try_lock().map(|mut air| question(&mut **air)));
        timeout(within, asking).await.ok()?.ok().flatten()
    }

    async fn leave(&self, stop: Stop) -> Result<(), LifeError> {
        let within = match stop {
            Stop::Process | Stop::Restart => SILENCE_WITHIN,
            Stop::PowerOff => SILENCE_AT_POWER_OFF,
        };
        let air = self.parts.air.clone();
        // A question that was under way is waited for.
        let silencing = tokio::task::spawn_blocking(move || air.lock().silence());
        if timeout(within, silencing).await.is_err() {
            tracing::warn!("air.not_silenced_in_time");
        }
        Ok(())
    }

    fn publish(&self, mind: &Mind, reboot: Option<&String>) {
        let report = AirReport::of(mind, reboot, self.resets.load(Ordering::Relaxed));
        self.report.send_if_modified(|told| {
            let changed = *told != report;
            if told.state != report.state {
                let (from, to) = (word(told.state), word(report.state));
                tracing::info!(from, to, "air.state_changed");
            }
            *told = report;
            changed
        });
        self.waiting.send_if_modified(|told| {
            let changed = **told != mind.seating.waiting;
            if changed {
                *told = Arc::new(mind.seating.waiting.clone());
            }
            changed
        });
    }

    /// Asks for a restart of the machine where it is wished for and may be; else the line that says why not. Keeps the count.
    async fn see_to_a_reboot(
        &self,
        mind: &Mind,
        desk: &mut Desk,
    ) -> Result<Option<String>, LifeError> {
        let path = self.parts.data.join("air").join(reboots::NAME);
        let up = self.parts.clock.uptime();
        let known = match desk.reboots.take() {
            Some(known) => known,
            None => {
                let path = path.clone();
                tokio::task::spawn_blocking(move || Reboots::load(&path)).await?
            }
        };
        let known = desk.reboots.insert(known);
        if known.is_due(up, desk.saved_at) {
            desk.saved_at = up;
            let _ = save(known.at(up), path.clone()).await?;
        }
        let Some(why) = mind.reboot_wish() else {
            return Ok(None);
        };
        if let Some(hindrance) = hindrance(known, &self.around(mind, up)) {
            return Ok(Some(format!("{why}: the box restarts for it {hindrance}")));
        }
        match save(known.with_one(up), path).await? {
            Ok(()) => {
                tracing::error!(why, "air.reboot");
                self.parts.stop.ask(Stop::Restart);
                Ok(Some(format!("{why}: the box restarts for it now")))
            }
            Err(error) => Ok(Some(format!(
                "{why}: the box does not restart for it, for it could not keep count ({error}); check the data disk, or switch it off and on"
            ))),
        }
    }

    fn around(&self, mind: &Mind, up: Duration) -> Around {
        let parts = &self.parts;
        let update = parts.update.borrow();
        Around {
            up,
            serves: mind.serves(),
            at_work: parts.activity.within(AT_WORK, parts.clock.since_boot()),
            on_trial: update.state == "trial",
            installing: update
                .coming
                .as_ref()
                .is_some_and(|coming| matches!(coming.doing.as_str(), "writing" | "checking")),
            in_memory: parts.data_in_memory,
        }
    }
}

/// As in events.
const fn word(state: AirState) -> &'static str {
    match state {
        AirState::Off => "off",
        AirState::Starting => "starting",
        AirState::OnAir => "on_air",
        AirState::Silent(Silence::Power) => "silent_power",
        AirState::Silent(Silence::Night) => "silent_night",
        AirState::Broken => "broken",
    }
}

async fn save(reboots: Reboots, path: PathBuf) -> Result<Result<(), String>, LifeError> {
    let saving = move || reboots.save(&path).map_err(|error| chain(&error));
    Ok(tokio::task::spawn_blocking(saving).await?)
}

fn told<T>(outcome: Result<T, BoardError>) -> Result<T, String> {
    outcome.map_err(|error| chain(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::words::plain;
    use crate::services::access_point::ladder::Ill;

    #[test]
    fn every_word_of_the_air_is_kept_in_the_ring() {
        let states = [
            AirState::Off,
            AirState::Starting,
            AirState::OnAir,
            AirState::Silent(Silence::Power),
            AirState::Silent(Silence::Night),
            AirState::Broken,
        ];
        let ills = [
            Ill::Gone,
            Ill::Silent,
            Ill::NoBeacons,
            Ill::Deaf,
            Ill::Halted,
        ];
        let signs = ills.map(Ill::as_str).into_iter();
        let rungs = Rung::ALL.map(Rung::as_str).into_iter();
        let words = states.map(word).into_iter().chain(signs).chain(rungs);
        for told in words.chain(ills.map(Ill::words)).chain(["wlan0", "wlan1"]) {
            assert_eq!(plain(told), told);
        }
    }
}
