//! The power service: gauge -> governor -> load plan, and the plan of the day beside it.
//!
//! Every second of real time it reads the gauge on a blocking thread, with a bounded wait; silence is an input too.
//! The plan goes out on a `watch` and onto the board's switches; a power-off goes to the supervisor, which stops
//! all else first and this service last: then it drops the rails. The machine itself is switched off by who started the box.
//!
//! | file | holds |
//! |---|---|
//! | here | what others see: commands, report, handle |
//! | `life` | the turns of the service: the thin shell |
//! | `hearing` | a read of the gauge, and when its silence is told |
//! | `mind` | governor and planning together, and what is kept of them |
//! | `planning` | the plan of the day, every ten minutes (pure) |
//! | `tally`, `local` | what ten minutes amounted to; local time (pure) |
//! | `sleep` | off by plan, and when a box that is off is woken (pure) |
//! | `bedtime` | following the plan, the alarm first |
//! | `alarm` | the clock's alarm, with a bounded wait |
//! | `keeping` | the files that outlive a restart |
//! | `later` | what a later system noted in them survives this one |
//! | `stored` | into storage, its monthly look, and out again |
//! | [`warehouse`] | the record of storage, and what people are told of it |
//! | `story` | the day behind and ahead, for pages |

mod alarm;
mod bedtime;
mod hearing;
mod keeping;
mod later;
mod life;
mod local;
mod mind;
mod planning;
mod sleep;
mod stored;
mod story;
mod tally;
pub mod warehouse;

pub use alarm::take_alarm;
pub use keeping::{last_gauge, last_known_charge};
pub use sleep::PLAN_BEGINS_AFTER;
pub use story::{DayStory, Lived};

use super::{Part, ServiceName};
use crate::activity::Activity;
use crate::clock::Clock;
use crate::config::Place;
use crate::config::timetable::Timetable;
use crate::selftest::Alarm;
use crate::supervisor::health::Criticality;
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Service, StopRequester};
use board_support::gauge::Gauge;
use board_support::loads::LoadSwitches;
use board_support::wake::WakeAlarm;
use life::Shared;
use power_mgmt::{Film, FilmAnswer, Governor, LoadPlan, Policy, PowerState, Reading, Reason};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use warehouse::StorageTold;

/// A service that takes longer to answer is between two lives.
const ANSWER_PATIENCE: Duration = Duration::from_secs(5);

/// Answers the one who asks for storage: one line if it cannot be.
pub type StorageAnswer = oneshot::Sender<Result<StorageTold, String>>;

/// What is asked of the power machine.
#[derive(Debug)]
pub enum PowerCommand {
    /// Go to warehouse storage (already confirmed by the button table).
    Store,
    /// Switch off (already confirmed by the button table).
    SwitchOff,
    /// Somebody pressed the button: people are there.
    Attention,
    /// Can this film be shown?
    CanShow(Film, oneshot::Sender<FilmAnswer>),
    /// Keep energy for this film, if it can be shown at least in part.
    BookFilm(Film, oneshot::Sender<FilmAnswer>),
    /// Keep energy for none.
    UnbookFilm(oneshot::Sender<()>),
    /// Go to warehouse storage; the answer comes a second before the power goes.
    EnterStorage(StorageAnswer),
    /// Stay in use, or come back into it.
    LeaveStorage(StorageAnswer),
    /// Try the wake alarm.
    TryAlarm(oneshot::Sender<Alarm>),
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

/// Asks the stores what is wrong with them: a line each. Blocks.
pub type Faults = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// What the service is made of; lives share it.
#[derive(Clone)]
pub struct PowerParts {
    /// The clocks.
    pub clock: Clock,
    /// See [`PowerReport::time_scale`]. What is learned on a day that runs faster than ours is not kept.
    pub time_scale: u32,
    /// The checked policy.
    pub policy: Policy,
    /// Where the school is.
    pub place: Place,
    /// Its week.
    pub timetable: Timetable,
    /// `None` on mains.
    pub gauge: Option<Part<dyn Gauge>>,
    /// The rails.
    pub loads: Part<dyn LoadSwitches>,
    /// The clock's alarm on the latch; `None` where nothing could wake the box.
    pub wake: Option<Part<dyn WakeAlarm>>,
    /// The data folder: see [`warehouse`], and the files of `DATA/power`. `None` keeps nothing.
    pub data: Option<PathBuf>,
    /// Whether learners are at work.
    pub activity: Activity,
    /// What is wrong with the stores, for the monthly look of a stored box.
    pub faults: Faults,
    /// For so long after the start, box time, the thresholds alone decide: [`PLAN_BEGINS_AFTER`] but in tests.
    pub plan_begins_after: Duration,
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

impl PowerHandle {
    /// For those who ask and wait for the answer.
    #[must_use]
    pub fn desk(&self) -> PowerDesk {
        PowerDesk(self.commands.clone())
    }
}

/// Asks the power service, and waits for its answer.
#[derive(Debug, Clone)]
pub struct PowerDesk(mpsc::Sender<PowerCommand>);

impl PowerDesk {
    /// Asks whoever holds the other end.
    #[must_use]
    pub const fn over(commands: mpsc::Sender<PowerCommand>) -> Self {
        Self(commands)
    }

    /// Whether, and until when, a film can be shown. `None`: the service does not answer just now.
    pub async fn can_show(&self, film: Film) -> Option<FilmAnswer> {
        self.ask(|answer| PowerCommand::CanShow(film, answer)).await
    }

    /// Books it, if it can be shown at least in part; the answer is that of [`can_show`](Self::can_show).
    pub async fn book(&self, film: Film) -> Option<FilmAnswer> {
        self.ask(|answer| PowerCommand::BookFilm(film, answer))
            .await
    }

    /// Drops the film that was booked.
    pub async fn unbook(&self) -> Option<()> {
        self.ask(PowerCommand::UnbookFilm).await
    }

    /// Into storage. `None`: the service does not answer just now.
    ///
    /// # Errors
    /// One line: the record could not be kept; the box stays in use.
    pub async fn enter_storage(&self) -> Option<Result<StorageTold, String>> {
        self.ask(PowerCommand::EnterStorage).await
    }

    /// Out of storage. `None`: the service does not answer just now.
    ///
    /// # Errors
    /// One line: the record could not be kept.
    pub async fn leave_storage(&self) -> Option<Result<StorageTold, String>> {
        self.ask(PowerCommand::LeaveStorage).await
    }

    /// Sets the wake alarm a day ahead, reads it back, and clears it. `None`: the service does not answer just now.
    pub async fn try_alarm(&self) -> Option<Alarm> {
        self.ask(PowerCommand::TryAlarm).await
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> PowerCommand) -> Option<T> {
        let (answer, told) = oneshot::channel();
        let asking = async {
            self.0.send(command(answer)).await.ok()?;
            told.await.ok()
        };
        timeout(ANSWER_PATIENCE, asking).await.ok().flatten()
    }
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
    let shared = Arc::new(Shared::new(parts, report, plan, received));
    let service = Service {
        name: ServiceName::Power,
        criticality: Criticality::Critical,
        policy: RestartPolicy::HOUSE,
        silence_limit: Duration::from_secs(15),
        // A read of the gauge that just began, the rails, and then what is kept.
        stop_within: Duration::from_secs(5),
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
