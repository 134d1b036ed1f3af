//! The diagnostics service: light panel, button, technician's line. The box does without it, so it is best effort.

use super::power::PowerCommand;
use super::{Part, ServiceName};
use crate::activity::Activity;
use crate::diagnostics::button::{ATTENTION, Armed, ButtonMachine, Meaning};
use crate::diagnostics::indicator::{self, Lasts, Shown, Trouble};
use crate::diagnostics::live::{LiveLine, two_lines};
use crate::diagnostics::page::page;
use crate::status::{RadioState, Status, View};
use crate::stores::Stores;
use crate::supervisor::health::{Criticality, Healthz, Verdict};
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service};
use board_support::BoardError;
use board_support::button::Button;
use board_support::panel::{LightPanel, Lights, Rhythm};
use board_support::serial::SerialPage;
use content_store::records::RecordsError;
use power_mgmt::LoadPlan;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

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
    /// The lights.
    pub panel: Part<dyn LightPanel>,
    /// The button.
    pub button: Part<dyn Button>,
    /// The technician's line.
    pub serial: Part<dyn SerialPage>,
    /// On a desk's terminal: the two lines drawn in place.
    pub live: Option<LiveLine>,
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
    status: Status,
    attention_until: Option<Duration>,
    shown: Option<(Lights, Duration)>,
    page: String,
    erasing: Option<JoinHandle<Result<(), RecordsError>>>,
    silent_button: Complaint,
    silent_panel: Complaint,
    silent_line: Complaint,
}

impl Desk {
    fn new(parts: DiagnosticsParts, status: Status) -> Self {
        Self {
            status,
            parts,
            button: ButtonMachine::default(),
            attention_until: None,
            shown: None,
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
                self.show_page().await;
            }
            turns = turns.wrapping_add(1);
            self.turn().await;
            life.pulse.beat().await;
        }
    }

    async fn turn(&mut self) {
        let now = self.parts.view.clock().since_boot();
        let at_work = self.parts.activity.within(AT_WORK, now);
        let button = self.parts.button.clone();
        let pressed = blocking(move || button.lock().is_pressed()).await;
        if let Some(pressed) = self.silent_button.hear(pressed, "button") {
            self.button.handle_level(pressed, at_work, now);
        }
        while let Some(meaning) = self.button.poll_meaning() {
            self.act(meaning, now);
        }
        self.tell_erased().await;
        self.show_lights(now).await;
    }

    fn act(&mut self, meaning: Meaning, now: Duration) {
        tracing::info!(meaning = ?meaning, "button.pressed");
        self.ask_power(PowerCommand::Attention);
        match meaning {
            Meaning::Nothing | Meaning::Arm(_) | Meaning::Refuse => {}
            Meaning::Attention => self.attention_until = Some(now + ATTENTION),
            Meaning::SwitchOff => self.ask_power(PowerCommand::SwitchOff),
            Meaning::Confirm(Armed::Storage) => self.ask_power(PowerCommand::Store),
            Meaning::Confirm(Armed::Erase) => self.erase(),
        }
    }

    fn ask_power(&self, command: PowerCommand) {
        // Four wishes wait at most; a fifth says nothing new.
        let _ = self.parts.power.try_send(command);
    }

    /// Begins; years of records take longer than a silence that is a hang.
    fn erase(&mut self) {
        let (stores, now) = (self.parts.stores.clone(), self.parts.view.clock().wall());
        self.erasing.get_or_insert_with(|| {
            tokio::task::spawn_blocking(move || stores.records().forget_everyone(now))
        });
    }

    async fn tell_erased(&mut self) {
        let Some(done) = self.erasing.take_if(|erasing| erasing.is_finished()) else {
            return;
        };
        match done.await {
            Ok(Ok(())) => tracing::warn!("records.erased"),
            Ok(Err(error)) => tracing::error!(
                error = crate::telemetry::chain(&error),
                "records.not_erased"
            ),
            Err(error) => tracing::error!(
                error = crate::telemetry::chain(&error),
                "records.not_erased"
            ),
        }
    }

    /// Nobody drives the lights of a stopped box, so none of them may go on telling what was.
    async fn go_dark(self) -> Result<(), LifeError> {
        let panel = self.parts.panel.clone();
        let told =
            tokio::task::spawn_blocking(move || panel.lock().show(&Lights::DARK, Duration::ZERO));
        Ok(told.await??)
    }

    async fn show_lights(&mut self, now: Duration) {
        let lights = indicator::lights(&self.shown_now(now));
        let since = match self.shown {
            Some((same, since)) if same == lights => since,
            Some(_) | None => now,
        };
        let changed = self.shown.is_none_or(|(shown, _)| shown != lights);
        if changed || blinks(&lights) {
            let panel = self.parts.panel.clone();
            let told =
                blocking(move || panel.lock().show(&lights, now.saturating_sub(since))).await;
            let told = self.silent_panel.hear(told, "panel");
            self.shown = told.map(|()| (lights, since));
        }
        if let Some(live) = &self.parts.live {
            live.draw(two_lines(&lights, &self.status));
        }
    }

    fn shown_now(&self, now: Duration) -> Shown {
        let attention = self.attention_until.is_some_and(|until| now < until);
        Shown {
            power: self.parts.plan.borrow().state,
            lasts: Lasts::of(self.status.promise()),
            whole_panel: attention
                || self.parts.plan.borrow().panel_full && !self.status.power.storage_check,
            radio: self.status.radio.state == RadioState::On,
            // From memory lessons are read as from a disk.
            lessons: self.status.library.packs > 0
                && (self.status.storage.in_memory
                    || self.parts.healthz.borrow().failing().is_none()),
            trouble: self.trouble(),
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

fn blinks(lights: &Lights) -> bool {
    [
        lights.wifi,
        lights.lessons,
        lights.help,
        lights.battery.map_or(Rhythm::Off, |(_, rhythm)| rhythm),
    ]
    .iter()
    .any(|rhythm| matches!(rhythm, Rhythm::Blink(_)))
}

/// Off the runtime: drivers and the disk block. `None` when the work panicked, which its own hook has told.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}
