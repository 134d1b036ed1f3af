//! The access point: what is on the air, and that it stays there.
//!
//! Every second it looks at the signs of each cell on a blocking thread, with a bounded wait; a question that hangs is a sign too. What
//! follows from signs, load plan, clock, button and configuration is decided by pure modules; this service does what they say.
//!
//! | file | holds |
//! |---|---|
//! | here | what others see: commands, report, handle |
//! | `life` | the turns of the service: the thin shell |
//! | `mind` | from facts, scans and signs to the next thing asked of the air (pure) |
//! | `survey` | what radios there are, what they hear, which serves where: the mind's look around (pure) |
//! | `channel` | which radio serves where (pure) |
//! | `schedule` | when the air is silent, and how loud it is otherwise (pure) |
//! | `ladder` | reload, restart, down and up, reset (pure) |
//! | `reboots` | when the machine may be restarted for the air (pure), and the file it rests on |
//! | `admission` | who has a seat when the radio is full (pure) |
//! | `wanted` | the plan of the air of all that (pure) |
//! | `told`, `trouble` | what people are told, and what is wrong (pure) |
//!
//! The network's key goes from [`Identity`] into the daemon's configuration, and to no log and no page.

mod admission;
mod channel;
mod ladder;
mod life;
mod mind;
mod reboots;
mod schedule;
mod survey;
mod told;
mod trouble;
mod wanted;

pub use schedule::Silence;
pub use told::{AirReport, AirState, CellReport, Device};

use super::{Part, ServiceName};
use crate::activity::Activity;
use crate::air::Identity;
use crate::clock::Clock;
use crate::config::air::Air as Wanted;
use crate::status::Update;
use crate::supervisor::health::Criticality;
use crate::supervisor::restart::RestartPolicy;
use crate::supervisor::{Service, StopRequester};
use board_support::radio::Air;
use life::Shared;
use power_mgmt::LoadPlan;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// The longest question, a scan of ten seconds, and what a slow board adds.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

/// What is asked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AirCommand {
    /// Somebody pressed the button: a silent night ends for an hour.
    Attention,
}

/// The place of each address that waits for a seat, from 1.
pub type Waiting = Arc<BTreeMap<IpAddr, u16>>;

/// What the service is made of; lives share it.
pub struct AccessPointParts {
    /// The clocks.
    pub clock: Clock,
    /// The radios and their daemons.
    pub air: Part<dyn Air>,
    /// What the configuration says of the air.
    pub wanted: Wanted,
    /// The box's own host name.
    pub host: String,
    /// Offset of the school's local time from UTC, minutes.
    pub utc_offset_min: i32,
    /// The network's own name and key.
    pub identity: Identity,
    /// What is wrong with them: a line each.
    pub identity_trouble: Vec<String>,
    /// The data folder.
    pub data: PathBuf,
    /// It is no disk but memory.
    pub data_in_memory: bool,
    /// The load plan in force.
    pub plan: watch::Receiver<LoadPlan>,
    /// What the update service publishes.
    pub update: watch::Receiver<Update>,
    /// Whether learners are at work.
    pub activity: Activity,
    /// To restart the machine.
    pub stop: StopRequester,
}

/// The public half.
#[derive(Debug, Clone)]
pub struct AccessPointHandle {
    /// How the air goes.
    pub report: watch::Receiver<AirReport>,
    /// Who waits for a seat.
    pub waiting: watch::Receiver<Waiting>,
    /// Four are more than a button speaks.
    pub commands: mpsc::Sender<AirCommand>,
}

impl AccessPointHandle {
    /// Of a box that is not on the air by its own will: nobody asks it, and it never changes.
    #[must_use]
    pub fn off() -> Self {
        Self {
            report: watch::channel(AirReport::off()).1,
            waiting: watch::channel(Waiting::default()).1,
            commands: mpsc::channel(1).0,
        }
    }
}

/// The service and its handle.
#[must_use]
pub fn service(parts: AccessPointParts) -> (Service, AccessPointHandle) {
    let (report, report_seen) = watch::channel(AirReport::off());
    let (waiting, waiting_seen) = watch::channel(Waiting::default());
    let (commands, received) = mpsc::channel(4);
    let shared = Arc::new(Shared::new(parts, report, waiting, received));
    let service = Service {
        name: ServiceName::AccessPoint,
        criticality: Criticality::Essential,
        policy: RestartPolicy::HOUSE,
        silence_limit: SILENCE_LIMIT,
        stop_within: Duration::from_secs(4),
        begin: Box::new(move |life| {
            let shared = Arc::clone(&shared);
            Box::pin(async move { shared.live(life).await })
        }),
    };
    let handle = AccessPointHandle {
        report: report_seen,
        waiting: waiting_seen,
        commands,
    };
    (service, handle)
}
