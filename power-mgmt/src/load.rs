//! What each power state permits on the box.

use crate::PowerState;
use serde::{Deserialize, Serialize};

/// How fast the processor may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CpuSpeed {
    /// At its lowest clock.
    Lowest,
    /// As the work needs it, up to the highest clock.
    OnDemand,
}

/// What may be carried in and out beside the lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncWindow {
    /// Nothing.
    Closed,
    /// The learners' records, out.
    Records,
    /// Everything: records, updates, packs.
    Open,
}

/// What the box may run now. Pure data: services follow it, nobody asks the battery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadPlan {
    /// The state that this plan belongs to.
    pub state: PowerState,
    /// The access point may transmit.
    pub radio: bool,
    /// Transmit power of the access point, dBm; 0 while it is silent.
    pub radio_dbm: u8,
    /// HTTP connections served at once; 0 closes the door.
    pub http_connections: u16,
    /// Ceiling of each film that is sent, kbit/s; 0: films wait until there is more charge.
    pub video_kbit_s: u32,
    /// How fast the processor may run.
    pub cpu: CpuSpeed,
    /// What may be carried in and out beside the lessons.
    pub sync: SyncWindow,
    /// The box's own picture output is on.
    pub display: bool,
    /// USB sockets may charge tablets.
    pub usb_charging: bool,
    /// The projector's rail is on.
    pub projector: bool,
    /// The light panel shows more than the help and battery lights.
    pub panel_full: bool,
}

impl LoadPlan {
    /// The one plan of a state. Reference draw: full 9 W, eco 5 W, minimal 2.5 W, off 0.05 W,
    /// storage 0.001 W.
    #[must_use]
    pub const fn for_state(state: PowerState) -> Self {
        match state {
            PowerState::Full => Self {
                state,
                radio: true,
                radio_dbm: 20,
                http_connections: 256,
                video_kbit_s: 8_000,
                cpu: CpuSpeed::OnDemand,
                sync: SyncWindow::Open,
                display: true,
                usb_charging: true,
                projector: true,
                panel_full: true,
            },
            PowerState::Eco => Self {
                state,
                radio: true,
                radio_dbm: 14,
                http_connections: 128,
                video_kbit_s: 1_500,
                cpu: CpuSpeed::OnDemand,
                sync: SyncWindow::Records,
                display: false,
                usb_charging: false,
                projector: false,
                panel_full: true,
            },
            PowerState::Minimal => Self {
                state,
                radio: true,
                radio_dbm: 8,
                http_connections: 32,
                video_kbit_s: 0,
                cpu: CpuSpeed::Lowest,
                sync: SyncWindow::Closed,
                display: false,
                usb_charging: false,
                projector: false,
                panel_full: false,
            },
            PowerState::Off | PowerState::Storage => Self {
                state,
                radio: false,
                radio_dbm: 0,
                http_connections: 0,
                video_kbit_s: 0,
                cpu: CpuSpeed::Lowest,
                sync: SyncWindow::Closed,
                display: false,
                usb_charging: false,
                projector: false,
                panel_full: false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_state_never_permits_more() {
        for pair in PowerState::ALL.windows(2) {
            let [lower, higher] = [pair[0], pair[1]].map(LoadPlan::for_state);
            assert!(lower.http_connections <= higher.http_connections);
            assert!(lower.radio <= higher.radio);
            assert!(lower.radio_dbm <= higher.radio_dbm);
            assert!(lower.video_kbit_s <= higher.video_kbit_s);
            assert!(lower.cpu <= higher.cpu);
            assert!(lower.sync <= higher.sync);
            assert!(lower.display <= higher.display);
            assert!(lower.usb_charging <= higher.usb_charging);
            assert!(lower.projector <= higher.projector);
            assert!(lower.panel_full <= higher.panel_full);
            assert_eq!(lower.state, pair[0]);
        }
    }

    #[test]
    fn lessons_are_served_in_every_state_but_off_and_storage() {
        for state in PowerState::ALL {
            let plan = LoadPlan::for_state(state);
            assert_eq!(plan.radio, !state.is_power_off(), "{state}");
            assert_eq!(plan.http_connections > 0, plan.radio, "{state}");
        }
    }
}
