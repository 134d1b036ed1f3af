//! The diagnostics service: light panel, button, technician's line. The box does without it, so it is best effort.

mod news;
mod trial;

pub use trial::TrialLine;

use super::access_point::AirCommand;
use super::power::PowerCommand;
use super::{Part, ServiceName};
use crate::activity::Activity;
use crate::diagnostics::button::{ATTENTION, Armed, ButtonMachine, Meaning};
use crate::diagnostics::indicator::{self, Lasts, Shown, Tested, Trouble};
use crate::diagnostics::live::{LiveLine, two_lines};
use crate::diagnostics::page::page;
use crate::erase::{self, Erased};
use crate::panel::Cause;
use crate::status::{Panel, RadioState, Status, View};
use crate::stores::Stores;
use crate::supervisor::health::{Criticality, Healthz, Verdict};
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service};
use board_support::BoardError;
use board_support::button::Button;
use board_support::panel::{LightPanel, Lights, LineLevels, lines_at};
use board_support::serial::SerialPage;
use news::{Follower, News};
use power_mgmt::LoadPlan;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use trial::Trial;

/// Between two looks at the button: short enough for a tap, and for the phases of a blink.
const EVERY: Duration = Duration::from_millis(100);
/// Between two looks at the state of the box.
const STATE_EVERY: u32 = 10;
/// Learners are at work until nothing was asked of the lessons for this long.
const AT_WORK: Duration = Duration::from_secs(10 * 60);

/// What the service is made of; lives share it.
#[derive(Clone)]
pub struct DiagnosticsParts {
    /// The state of the box.
    pub view: View,
    /// The stores, for erasing.
    pub stores: Stores,
    /// Whether learners are at work.
    pub activity: Activity,
    /// The verdict of the supervisor.
    pub verdict: watch::Receiver<Verdict>,
    /// The proof of the stores.
    pub healthz: watch::Receiver<Healthz>,
    /// The plan in force.
    pub plan: watch::Receiver<LoadPlan>,
    /// What a press asks of the power service.
    pub power: mpsc::Sender<PowerCommand>,
    /// What it asks of the access point.
    pub air: mpsc::Sender<AirCommand>,
    /// The lights.
    pub panel: Part<dyn LightPanel>,
    /// What they show.
    pub told: watch::Sender<Option<Panel>>,
    /// The button.
    pub button: Part<dyn Button>,
    /// Counts the taps of the button: somebody is there.
    pub taps: watch::Sender<u64>,
    /// The technician's page of a simulated board.
    pub serial: Part<dyn SerialPage>,
    /// On a desk's terminal: the two lines drawn in place.
    pub live: Option<LiveLine>,
    /// What a self-test wants of lights and button.
    pub trial: TrialLine,
}

/// The service.
#[must_use]
pub fn service(parts: DiagnosticsParts) -> Service {
    Service {
        name: ServiceName::Diagnostics,
        criticality: Criticality::BestEffort,
        policy: RestartPolicy::HOUSE,
        silence_limit: Duration::from_secs(10),
        stop_within: Duration::from_secs(1),
        begin: Box::new(move |life| {
            let parts = parts.clone();
            Box::pin(async move {
                let view = parts.view.clone();
                let status = tokio::task::spawn_blocking(move || view.now()).await?;
                Desk::new(parts, status).live(life).await
            })
        }),
    }
}

/// One life of the service.
struct Desk {
    parts: DiagnosticsParts,
    button: ButtonMachine,
    trial: Trial,
    status: Status,
    attention_until: Option<Duration>,
    /// The lights, since when, and which of them were lit when they were last told.
    shown: Option<(Lights, Duration, LineLevels)>,
    /// The lights tell what the button does.
    hinting: bool,
    /// What brings about what the lights tell of the box.
    cause: Option<Cause>,
    news: Follower,
    page: String,
    erasing: Option<JoinHandle<Result<Erased, String>>>,
    silent_button: Complaint,
    silent_panel: Complaint,
    silent_line: Complaint,
}

impl Desk {
    fn new(parts: DiagnosticsParts, status: Status) -> Self {
        Self {
            status,
            trial: Trial::new(parts.trial.clone()),
            parts,
            button: ButtonMachine::default(),
            attention_until: None,
            shown: None,
            hinting: false,
            cause: None,
            news: Follower::default(),
            page: String::new(),
            erasing: None,
            silent_button: Complaint::default(),
            silent_panel: Complaint::default(),
            silent_line: Complaint::default(),
        }
    }

    async fn live(mut self, mut life: Life) -> Result<(), LifeError> {
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut turns = 0_u32;
        loop {
            tokio::select! {
                biased;
                _ = life.stopped() => return self.go_dark().await,
                _ = tick.tick() => {}
            }
            if turns.is_multiple_of(STATE_EVERY) {
                let view = self.parts.view.clone();
                if let Some(status) = blocking(move || view.now()).await {
                    self.status = status;
                }
                self.tell_news();
                self.show_page().await;
            }
            turns = turns.wrapping_add(1);
            self.turn().await;
            life.pulse.beat().await;
        }
    }

    /// What is new of the lights and of what is wrong goes into the ring of events.
    fn tell_news(&mut self) {
        let news = self.news.handle_look(self.cause, &self.status.degraded);
        news.iter().for_each(News::log);
    }

    async fn turn(&mut self) {
        let now = self.parts.view.clock().since_boot();
        let at_work = self.parts.activity.within(AT_WORK, now);
        let button = self.parts.button.clone();
        let pressed = blocking(move || button.lock().is_pressed()).await;
        let is_the_tests = self.trial.hear(pressed.as_ref());
        if let Some(pressed) = self.silent_button.hear(pressed, "button") {
            self.button
                .handle_level(pressed && !is_the_tests, at_work, now);
        }
        while let Some(meaning) = self.button.poll_meaning() {
            self.act(meaning, now);
        }
        self.tell_erased().await;
        self.show_lights(now).await;
    }

    fn act(&mut self, meaning: Meaning, now: Duration) {
        tracing::info!(%meaning, "button.pressed");
        self.trial.forget();
        self.ask_power(PowerCommand::Attention);
        match meaning {
            Meaning::Nothing | Meaning::Arm(_) | Meaning::Refuse => {}
            Meaning::Attention => {
                self.attention_until = Some(now + ATTENTION);
                self.parts.taps.send_modify(|taps| *taps += 1);
                let _ = self.parts.air.try_send(AirCommand::Attention);
            }
            Meaning::SwitchOff => self.ask_power(PowerCommand::SwitchOff),
            Meaning::Confirm(Armed::Storage) => self.ask_power(PowerCommand::Store),
            Meaning::Confirm(Armed::Erase) => self.erase(),
        }
    }

    fn ask_power(&self, command: PowerCommand) {
        // Four wishes wait at most; a fifth says nothing new.
        let _ = self.parts.power.try_send(command);
    }

    fn erase(&mut self) {
        let stores = self.parts.stores.clone();
        self.erasing
            .get_or_insert_with(|| tokio::task::spawn_blocking(move || erase::everyone(&stores)));
    }

    async fn tell_erased(&mut self) {
        let Some(done) = self.erasing.take_if(|erasing| erasing.is_finished()) else {
            return;
        };
        match done.await {
            Ok(Ok(erased)) => tracing::warn!(took_ms = erased.took_ms, "records.erased"),
            Ok(Err(error)) => tracing::error!(error, "records.not_erased"),
            Err(error) => tracing::error!(
                error = crate::telemetry::chain(&error),
                "records.not_erased"
            ),
        }
    }

    /// Nobody drives the lights of a stopped box, so none of them may go on telling what was.
    async fn go_dark(self) -> Result<(), LifeError> {
        self.publish(None);
        let panel = self.parts.panel.clone();
        let told =
            tokio::task::spawn_blocking(move || panel.lock().show(&Lights::DARK, Duration::ZERO));
        Ok(told.await??)
    }

    async fn show_lights(&mut self, now: Duration) {
        let wish = self.trial.unanswered();
        let trouble = self.trouble();
        let tested = self.trial.tested(now, trouble);
        let state = self.shown_now(now, trouble, tested);
        self.cause = indicator::cause(&state);
        let on_trial = self.trial.lights();
        self.hinting = state.hint.is_some() || on_trial.is_some();
        let lights = on_trial.unwrap_or_else(|| indicator::lights(&state));
        let since = match self.shown {
            Some((same, since, _)) if same == lights => since,
            Some(_) | None => now,
        };
        let phase = now.saturating_sub(since);
        let shown = (lights, since, lines_at(&lights, phase));
        // A slow light is looked at ten times a second, and told twice in two.
        if self.shown != Some(shown) || wish.is_some() {
            let panel = self.parts.panel.clone();
            let told = blocking(move || panel.lock().show(&lights, phase)).await;
            if let Some(wish) = wish {
                let answer = match &told {
                    Some(Ok(())) => Ok(()),
                    Some(Err(error)) => Err(crate::telemetry::chain(error)),
                    None => Err("their driver fell over".to_owned()),
                };
                self.trial.shown(wish, answer);
            }
            let told = self.silent_panel.hear(told, "panel");
            self.shown = told.map(|()| shown);
        }
        self.publish(self.shown.map(|(lights, ..)| lights));
        if let Some(live) = &self.parts.live {
            live.draw(two_lines(&lights, &self.status));
        }
    }

    fn publish(&self, lights: Option<Lights>) {
        let panel = lights.map(|lights| Panel {
            lights: lights.to_string(),
            state: match self.hinting {
                true => None,
                false => indicator::read(&lights).map(|state| state.row().name.to_owned()),
            },
        });
        self.parts.told.send_if_modified(|told| {
            let news = *told != panel;
            *told = panel;
            news
        });
    }

    fn shown_now(&self, now: Duration, trouble: Trouble, tested: Option<Tested>) -> Shown {
        let attention = self.attention_until.is_some_and(|until| now < until);
        // One look, let go of at once: whoever looks twice at a time waits for a writer that waits for them.
        let (power, panel_full) = {
            let plan = self.parts.plan.borrow();
            (plan.state, plan.panel_full)
        };
        Shown {
            power,
            lasts: Lasts::of(self.status.promise()),
            storage_check: self.status.power.storage_check,
            whole_panel: attention || panel_full && !self.status.power.storage_check,
            radio: self.status.radio.state == RadioState::On,
            // From memory lessons are read as from a disk.
            lessons: self.status.library.packs > 0
                && (self.status.storage.in_memory
                    || self.parts.healthz.borrow().failing().is_none()),
            trouble,
            tested,
            hint: self.button.hint(now),
        }
    }

    fn trouble(&self) -> Trouble {
        let storage = &self.status.storage;
        if matches!(*self.parts.verdict.borrow(), Verdict::Failing(_)) {
            Trouble::Failing
        } else if self.status.battery.stale {
            Trouble::Sensor
        } else if storage.free_bytes < storage.reserve_bytes
            || self.parts.healthz.borrow().failing().is_some()
        {
            Trouble::Storage
        } else if self.status.radio.broken {
            Trouble::Radio
        } else if self.status.degraded.is_empty() {
            Trouble::None
        } else {
            Trouble::Degraded
        }
    }

    async fn show_page(&mut self) {
        let page = page(&self.status);
        if page == self.page {
            return;
        }
        let (serial, text) = (self.parts.serial.clone(), page.clone());
        let told = blocking(move || serial.lock().show(&text)).await;
        if self.silent_line.hear(told, "serial line").is_some() {
            self.page = page;
        }
    }
}

/// Whether a part's failure was told: once, until it works again.
#[derive(Default)]
struct Complaint(bool);

impl Complaint {
    fn hear<T>(&mut self, done: Option<Result<T, BoardError>>, part: &str) -> Option<T> {
        match done? {
            Ok(value) => {
                self.0 = false;
                Some(value)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.0, true) {
                    let error = crate::telemetry::chain(&error);
                    tracing::error!(part, error, "diagnostics.part_failed");
                }
                None
            }
        }
    }
}

/// Off the runtime: drivers and the disk block. `None` when the work panicked, which its own hook has told.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

#[cfg(test)]
mod tests;
