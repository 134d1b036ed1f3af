//! What each power state permits on the box.

use crate::PowerState;
use serde::{Deserialize, Serialize};

/// What the box may run now. Pure data: services follow it, nobody asks the battery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadPlan {
    /// The state that this plan belongs to.
    pub state: PowerState,
    /// The access point may transmit.
    pub radio: bool,
    /// HTTP connections served at once; 0 closes the door.
    pub http_connections: u16,
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
                http_connections: 256,
                usb_charging: true,
                projector: true,
                panel_full: true,
            },
            PowerState::Eco => Self {
                state,
                radio: true,
                http_connections: 128,
                usb_charging: false,
                projector: false,
                panel_full: true,
            },
            PowerState::Minimal => Self {
                state,
                radio: true,
                http_connections: 32,
                usb_charging: false,
                projector: false,
                panel_full: false,
            },
            PowerState::Off | PowerState::Storage => Self {
                state,
                radio: false,
                http_connections: 0,
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
