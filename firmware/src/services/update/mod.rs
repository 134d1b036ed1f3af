//! The update service: watches a slot on trial until it is confirmed or given up, brings newer systems into the other slot, and does what people ask of
//! both.
//!
//! | file | holds |
//! |---|---|
//! | here | the turns of the service, and its handle |
//! | `trial` | the trial half: what is seen of the box, and what follows |
//! | `working` | the working half: [`ota::updater::Updater`], what it may, what it does |
//! | `person` | a person's offer, from the asking to the answer |
//! | `packs` | packs of lessons: what is next where the system needs nothing |
//! | `worker` | the one thread that looks, fetches and installs |
//! | `around` | what is around the box: addresses and sticks; power, learners, hours |
//!
//! What the trial half watches: the supervisor's vitals, the battery's report, the proof of the store. A slot that is not well in time leaves word and
//! asks for a restart, so that the loader spends the next try; the last one brings the other slot.
//!
//! What the working half does takes minutes, on a thread that outlives the service's lives; the service itself turns once a second and never waits for
//! it, but at the end: work is told to stop and waited for, longest inside an activation. What is not done by then is left as a power cut leaves it.

mod around;
mod packs;
mod person;
mod trial;
mod worker;
mod working;

use super::power::PowerReport;
use super::{Part, ServiceName};
use crate::activity::Activity;
use crate::clock::Clock;
use crate::config::timetable::Timetable;
use crate::slots::{Slots, UpdateWish};
use crate::status::Update;
use crate::supervisor::health::{Criticality, Healthz, Vitals};
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Life, LifeError, Service, Stop, StopRequester};
use crate::updates::offer::{Offer, Offered};
use crate::updates::{Known, WorkParts};
use ota::{TrialPolicy, TrialVerdict};
use power_mgmt::Policy;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::time::{MissedTickBehavior, interval};
use trial::{Seen, Trial};
use working::Working;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// Work that is told to stop ends at its next step; one that hangs in the disk or the network is left.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// The state of the slots, or one line: why not.
pub type Answer = Result<Update, String>;

/// What is asked, and where the answer goes.
#[derive(Debug)]
pub enum Asked {
    /// Of the slots.
    Wish(UpdateWish, oneshot::Sender<Answer>),
    /// To take a newer system from somewhere. The answer comes when it is there, or cannot be.
    Offer(Offer, oneshot::Sender<Result<Offered, String>>),
}

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
    /// What newer systems are brought with; `None` on a board with one system.
    pub work: Option<WorkParts>,
    /// What was remembered at the start.
    pub known: Known,
    /// The box's random number; empty where it could not be kept.
    pub box_id: String,
    /// Whether learners are at work.
    pub activity: Activity,
    /// The school's week, and its offset from UTC, minutes.
    pub hours: (Timetable, i32),
    /// The power policy.
    pub battery: Policy,
}

/// The public half.
#[derive(Clone)]
pub struct UpdateHandle {
    /// The state of the slots, and of what is coming.
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
    /// What the slots say.
    slots: Update,
    working: Working,
}

/// The service and its handle.
#[must_use]
pub fn service(parts: UpdateParts) -> (Service, UpdateHandle) {
    let (slots, proof) = {
        let slots = parts.slots.lock();
        (slots.told(), slots.proof())
    };
    let working = Working::new(&parts, &slots);
    let (told, update) = watch::channel(slots.clone());
    let (wishes, received) = mpsc::channel(2);
    let verdict = TrialVerdict::new(parts.policy, parts.clock.since_boot());
    let shared = Arc::new(Shared {
        parts,
        told,
        desk: Mutex::new(Desk {
            wishes: received,
            trial: proof.map(|proof| (proof, verdict)),
            slots,
            working,
        }),
    });
    let service = Service {
        name: ServiceName::Update,
        criticality: Criticality::Essential,
        policy: RestartPolicy::HOUSE,
        silence_limit: Duration::from_secs(30),
        stop_within: STOP_WITHIN,
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
        let desk = &mut *desk;
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                stop = life.stopped() => {
                    desk.working.end(stop).await;
                    return Ok(());
                }
                Some(asked) = desk.wishes.recv() => self.obey(asked, desk).await?,
                report = desk.working.report() => {
                    desk.working.handle_report(report, &self.parts);
                    self.turn(desk).await?;
                }
                _ = tick.tick() => {
                    self.watch(desk).await?;
                    self.turn(desk).await?;
                }
            }
            life.pulse.beat().await;
        }
    }

    async fn obey(&self, asked: Asked, desk: &mut Desk) -> Result<(), LifeError> {
        let (wish, answer) = match asked {
            Asked::Offer(offer, answer) => {
                desk.working
                    .handle_person(offer, answer, &desk.slots, &self.parts);
                return self.turn(desk).await;
            }
            Asked::Wish(wish, answer) => (wish, answer),
        };
        let told = if wish == UpdateWish::Status {
            Ok(self.told.borrow().clone())
        } else {
            let done = self.with_slots(move |slots| slots.wish(wish)).await?;
            if done.is_ok() {
                desk.trial = None;
                desk.slots.waits_for = None;
                desk.working.handle_wish(wish, &self.parts);
                self.turn(desk).await?;
            }
            done.map(|_| self.told.borrow().clone())
        };
        // A verb that hung up has no use for the answer.
        let _ = answer.send(told);
        Ok(())
    }

    /// The trial half's second.
    async fn watch(&self, desk: &mut Desk) -> Result<(), LifeError> {
        let lack = match self.look(&mut desk.trial).await? {
            Seen::Nothing | Seen::Over => None,
            Seen::Waits(lack) => lack,
            Seen::Confirmed => {
                desk.working.handle_confirmed();
                None
            }
        };
        desk.slots.waits_for = lack.map(|lack| lack.to_string());
        Ok(())
    }

    /// The working half's, and what is told of both.
    async fn turn(&self, desk: &mut Desk) -> Result<(), LifeError> {
        let waits_for = desk.slots.waits_for.take();
        desk.slots = self.with_slots(|slots| slots.told()).await?;
        desk.slots.waits_for = waits_for;
        let restarts = desk.working.turn(&desk.slots, &self.parts);
        let update = desk.working.told(&desk.slots, &self.parts);
        desk.working.answer(&update);
        self.told.send_if_modified(|told| {
            let changed = *told != update;
            *told = update;
            changed
        });
        // Whoever offered it has heard by now: the verbs' service is among the first to stop.
        match restarts {
            true => self.restart().await,
            false => Ok(()),
        }
    }

    /// Into the trial.
    async fn restart(&self) -> Result<(), LifeError> {
        tracing::info!("ota.restart");
        let prepared = self
            .with_slots(|slots| slots.prepare_restart().err())
            .await?;
        if let Some(problem) = prepared {
            tracing::error!(problem, "ota.restart_not_prepared");
        }
        self.parts.stop.ask(Stop::Restart);
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
