//! What each power state permits on the box, and what it draws then.
//!
//! The draws are those of the reference hardware: a Pi-class board, its radio, its storage. They are what the planner reckons with and what the simulated
//! day draws; the box itself lives by what its gauge measures.

use crate::PowerState;
use crate::units::Watts;
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

impl CpuSpeed {
    /// `lowest` or `on_demand`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lowest => "lowest",
            Self::OnDemand => "on_demand",
        }
    }
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

impl SyncWindow {
    /// `closed`, `records` or `open`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Records => "records",
            Self::Open => "open",
        }
    }
}

/// What the box may run now. Pure data: services follow it, nobody asks the battery.
///
/// | | full | eco | minimal | off, storage | why |
/// |---|---|---|---|---|---|
/// | `radio_dbm` | 20 | 14 | 8 | 0 | 100, 25 and 6 mW: across the school yard; across the classroom and a wall; across the room. 20 dBm is the most that many countries allow at 2.4 GHz |
/// | `http_connections` | 256 | 128 | 32 | 0 | forty devices with six connections each; with three; thirty who read |
/// | `video_kbit_s` | 8000 | 1500 | 0 | 0 | a film of a digital camera; one for a phone's screen (480 lines); none: sending it keeps the radio's transmitter on |
/// | `cpu` | on demand | on demand | lowest | lowest | pages are made quickly and the processor sleeps again; at the lowest clock when little is asked |
/// | `sync` | open | records | closed | closed | what children did goes out before anything comes in |
/// | `display`, `projector`, `usb_charging` | on | off | off | off | each draws as much as the box itself, or more |
/// | `panel_full` | on | on | off | off | some 10 mA a light |
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
    /// Ceiling of each film that is sent, kbit/s (1000 bits); 0: films wait until there is more charge.
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

impl PowerState {
    /// What the reference box draws in this state on the average of a school hour, without tablets and projector: what the planner reckons with.
    ///
    /// | state | W | why |
    /// |---|---|---|
    /// | full | 9 | what a Pi-class hub draws with a class in full use |
    /// | eco | 5 | half-way: fewer and slower answers, a quieter radio, no screen |
    /// | minimal | 2.5 | the same hub idle, its radio on |
    /// | off | 0.05 | the clock, the gauge and the charger's own need; it empties a full pack of 256 Wh in half a year |
    /// | storage | 0.001 | the clock's alarm alone: the latch has cut the rest |
    #[must_use]
    pub const fn reference_draw(self) -> Watts {
        Watts::from_milliwatts(match self {
            Self::Full => 9_000,
            Self::Eco => 5_000,
            Self::Minimal => 2_500,
            Self::Off => 50,
            Self::Storage => 1,
        })
    }
}

impl LoadPlan {
    /// The one plan of a state; what the state draws is [`PowerState::reference_draw`].
    ///
    /// ```
    /// use power_mgmt::{LoadPlan, PowerState};
    ///
    /// let eco = LoadPlan::for_state(PowerState::Eco);
    /// assert!(eco.permits_films() && !eco.usb_charging);
    /// assert!(!LoadPlan::for_state(PowerState::Minimal).permits_films());
    /// ```
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

    /// Films may be sent, however slowly.
    #[must_use]
    pub const fn permits_films(&self) -> bool {
        self.video_kbit_s > 0
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

    #[test]
    fn a_lower_state_draws_less() {
        let draws = PowerState::ALL.map(|state| state.reference_draw().get());
        assert!(draws.windows(2).all(|pair| pair[0] < pair[1]), "{draws:?}");
        assert_eq!(draws, [0.001, 0.05, 2.5, 5.0, 9.0]);
    }

    #[test]
    fn films_wait_only_where_there_is_no_rate_for_them() {
        for state in PowerState::ALL {
            let plan = LoadPlan::for_state(state);
            assert_eq!(plan.permits_films(), state >= PowerState::Eco, "{state}");
            assert_eq!(plan.radio, plan.radio_dbm > 0, "{state}");
        }
    }
}
