//! The update service: watches a slot on trial until it is confirmed or given up, and does what people ask of the slots.
//!
//! What it watches: the supervisor's vitals, the battery's report, the proof of the store. A slot that is not well in time leaves word and
//! asks for a restart, so that the loader spends the next try; the last one brings the other slot.

use super::power::PowerReport;
use super::{Part, ServiceName};
use crate::clock::Clock;
use crate::slots::{Proof, Slots, UpdateWish};
use crate::status::{Update, sensor_is_silent};
use crate::supervisor::health::{Criticality, Healthz, Vitals};
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service, Stop, StopRequester};
use ota::{BatterySign, Lack, Signs, TrialPolicy, TrialVerdict, Verdict};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::time::{MissedTickBehavior, interval};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// The probe asks every 10 s and waits 5 s for an answer. Before the first answer its silence counts from its start, which the hold outlasts.
const PAGE_IS_FRESH: Duration = Duration::from_secs(16);

/// The state of the slots, or one line: why not.
pub type Answer = Result<Update, String>;

/// What is asked, and where the answer goes.
pub type Asked = (UpdateWish, oneshot::Sender<Answer>);

/// What is to be proved, and how far it is.
type Trial = Option<(Proof, TrialVerdict)>;

/// What the service is made of; lives share it.
pub struct UpdateParts {
    /// The clocks.
    pub clock: Clock,
    /// The slots, settled.
    pub slots: Part<Slots>,
    /// How long a trial takes.
    pub policy: TrialPolicy,
    /// What the supervisor sees.
    pub vitals: watch::Receiver<Vitals>,
    /// What the power service publishes.
    pub power: watch::Receiver<PowerReport>,
    /// The proof of the store.
    pub healthz: watch::Receiver<Healthz>,
    /// To restart the machine.
    pub stop: StopRequester,
}

/// The public half.
#[derive(Clone)]
pub struct UpdateHandle {
    /// The state of the slots.
    pub update: watch::Receiver<Update>,
    /// Two are more than one technician asks.
    pub wishes: mpsc::Sender<Asked>,
}

struct Shared {
    parts: UpdateParts,
    told: watch::Sender<Update>,
    /// Held by the one life there is.
    desk: Mutex<Desk>,
}

struct Desk {
    wishes: mpsc::Receiver<Asked>,
    /// It outlives a life: a restart of this service does not prolong a trial.
    trial: Trial,
}

/// The service and its handle.
#[must_use]
pub fn service(parts: UpdateParts) -> (Service, UpdateHandle) {
    let (update, proof) = {
        let slots = parts.slots.lock();
        (slots.told(), slots.proof())
    };
    let (told, update) = watch::channel(update);
    let (wishes, received) = mpsc::channel(2);
    let verdict = TrialVerdict::new(parts.policy, parts.clock.since_boot());
    let shared = Arc::new(Shared {
        parts,
        told,
        desk: Mutex::new(Desk {
            wishes: received,
            trial: proof.map(|proof| (proof, verdict)),
        }),
    });
    let service = Service {
        name: ServiceName::Update,
        criticality: Criticality::Essential,
        policy: RestartPolicy::HOUSE,
        silence_limit: Duration::from_secs(30),
        stop_within: Duration::from_secs(2),
        begin: Box::new(move |life| {
            let shared = Arc::clone(&shared);
            Box::pin(async move { shared.live(life).await })
        }),
    };
    (service, UpdateHandle { update, wishes })
}

impl Shared {
    async fn live(&self, mut life: Life) -> Result<(), LifeError> {
        let mut desk = self.desk.lock().await;
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = life.stopped() => return Ok(()),
                Some((wish, answer)) = desk.wishes.recv() => {
                    let done = self.obey(wish, &mut desk.trial).await?;
                    // A verb that hung up has no use for the answer.
                    let _ = answer.send(done);
                }
                _ = tick.tick() => self.look(&mut desk.trial).await?,
            }
            life.pulse.beat().await;
        }
    }

    async fn obey(&self, wish: UpdateWish, trial: &mut Trial) -> Result<Answer, LifeError> {
        if wish == UpdateWish::Status {
            return Ok(Ok(self.told.borrow().clone()));
        }
        let done = self.with_slots(move |slots| slots.wish(wish)).await?;
        if done.is_ok() {
            *trial = None;
            self.publish(None).await?;
        }
        Ok(done)
    }

    async fn look(&self, trial: &mut Trial) -> Result<(), LifeError> {
        let Some((proof, verdict)) = trial else {
            return Ok(());
        };
        let proof = *proof;
        match verdict.handle_signs(self.signs(), self.parts.clock.since_boot()) {
            Verdict::Wait { lack, .. } => return self.publish(lack).await,
            Verdict::Confirm => {
                let done = self
                    .with_slots(move |slots| match proof {
                        Proof::Trial => slots.confirm("the box"),
                        Proof::Naming => slots.name_the_running_slot(),
                    })
                    .await?;
                // Not written: this life ends, and the next one tries again.
                done?;
            }
            Verdict::GiveUp(lack) => match proof {
                Proof::Trial => self.give_up(lack).await?,
                Proof::Naming => tracing::warn!(%lack, "ota.slot_not_named"),
            },
        }
        *trial = None;
        self.publish(None).await
    }

    async fn give_up(&self, lack: Lack) -> Result<(), LifeError> {
        let within = self.parts.policy.within.as_secs();
        let why = format!("{lack} (waited {within} s)");
        self.with_slots(move |slots| {
            slots.give_up(&why);
            if let Err(problem) = slots.prepare_restart() {
                tracing::error!(problem, "ota.restart_not_prepared");
            }
        })
        .await?;
        self.parts.stop.ask(Stop::Restart);
        Ok(())
    }

    fn signs(&self) -> Signs {
        let parts = &self.parts;
        let vitals = *parts.vitals.borrow();
        let report = parts.power.borrow();
        Signs {
            critical_ready: vitals.critical_ready,
            battery: if report.on_mains {
                BatterySign::None
            } else if sensor_is_silent(&report, parts.clock.box_time()) {
                BatterySign::Silent
            } else {
                BatterySign::Fresh
            },
            page_served: vitals.probe_silent_for <= PAGE_IS_FRESH,
            store_healthy: parts.healthz.borrow().failing().is_none(),
        }
    }

    async fn publish(&self, lack: Option<Lack>) -> Result<(), LifeError> {
        let mut update = self.with_slots(|slots| slots.told()).await?;
        update.waits_for = lack.map(|lack| lack.to_string());
        self.told.send_if_modified(|told| {
            let changed = *told != update;
            *told = update;
            changed
        });
        Ok(())
    }

    /// The boot choice is read and written on a thread: a card may take seconds.
    async fn with_slots<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Slots) -> T + Send + 'static,
    ) -> Result<T, LifeError> {
        let slots = self.parts.slots.clone();
        Ok(tokio::task::spawn_blocking(move || work(&mut slots.lock())).await?)
    }
}
