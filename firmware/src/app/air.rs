//! What the access point stands on: the radios of the board, the network's own name and key.

use crate::activity::Activity;
use crate::air::Identity;
use crate::clock::Clock;
use crate::config::Config;
use crate::services::Part;
use crate::services::access_point::{self, AccessPointHandle, AccessPointParts};
use crate::status::Update;
use crate::supervisor::{Service, StopRequester};
use crate::telemetry::chain;
use crate::welcome::Facts;
use board_support::radio::Air;
use power_mgmt::LoadPlan;
use std::path::Path;
use tokio::sync::watch;

/// Opened before anything is served.
pub(super) struct AirGround {
    pub(super) air: Part<dyn Air>,
    pub(super) identity: Identity,
    /// What is wrong with them: a line each.
    pub(super) trouble: Vec<String>,
}

impl AirGround {
    /// Of the box on `data`. A key that cannot be kept is one for today: a school never meets a box that is not on the air for its disk.
    ///
    /// # Errors
    /// One line: there is no key at all, and so no network.
    pub(super) fn open(air: Box<dyn Air>, data: &Path) -> Result<Self, String> {
        let (identity, trouble) = match Identity::open_or_make(data) {
            Ok(identity) => {
                let notice = identity.notice().map(str::to_owned);
                (identity, notice)
            }
            Err(error) => {
                let line = format!(
                    "{}; until then the key on the label does not fit",
                    chain(&error)
                );
                let identity = Identity::for_now().map_err(|error| {
                    format!("no key can be drawn for the network ({error}): the box is not on the air; start it again")
                })?;
                (identity, Some(line))
            }
        };
        Ok(Self {
            air: Part::new(air),
            identity,
            trouble: trouble.into_iter().collect(),
        })
    }
}

/// What the printed welcome tells of the box, which serves on `port`: its network's name and key, and without a radio those that it would have.
pub(super) fn on_the_sheet(
    ground: Option<&AirGround>,
    config: &Config,
    data: &Path,
    port: u16,
) -> Option<Facts> {
    let identity = match ground {
        Some(ground) => Some(ground.identity.clone()),
        None => Identity::open_or_make(data)
            .inspect_err(|error| tracing::error!(event = "air.no_identity", error = chain(error)))
            .ok(),
    };
    identity.map(|identity| Facts::of(&config.air, &identity, &config.host, port))
}

/// What is around the access point.
pub(super) struct Around<'a> {
    pub(super) clock: &'a Clock,
    pub(super) plan: &'a watch::Receiver<LoadPlan>,
    pub(super) update: &'a watch::Receiver<Update>,
    pub(super) activity: &'a Activity,
    pub(super) data: &'a Path,
    pub(super) in_memory: bool,
    pub(super) stop: StopRequester,
}

/// The service and its handle; without ground there is no service, and the handle tells of silence.
pub(super) fn service(
    ground: Option<AirGround>,
    config: &Config,
    around: Around<'_>,
) -> (Option<Service>, AccessPointHandle) {
    let Some(ground) = ground else {
        return (None, AccessPointHandle::off());
    };
    let (service, handle) = access_point::service(AccessPointParts {
        clock: around.clock.clone(),
        air: ground.air,
        wanted: config.air.clone(),
        host: config.host.clone(),
        utc_offset_min: config.place.utc_offset_min,
        identity: ground.identity,
        identity_trouble: ground.trouble,
        data: around.data.to_owned(),
        data_in_memory: around.in_memory,
        plan: around.plan.clone(),
        update: around.update.clone(),
        activity: around.activity.clone(),
        stop: around.stop,
    });
    (Some(service), handle)
}
