//! When the air is silent, and how loud it is otherwise. Pure: time is an argument.
//!
//! | the load plan | dBm | beacons, units of 1,024 µs |
//! |---|---|---|
//! | full | 20 | 100: what phones expect |
//! | eco | 14 | 200 |
//! | minimal | 8 | 300: a phone that looks for networks by asking finds it as soon; one that only listens takes some seconds longer |
//! | no radio | silent | |
//!
//! Silent at night where the configuration says so and the clock is trusted; a tap on the button wakes it for an hour. A box that does
//! not know the hour is never silent: better a night on the air than a lesson without it.

use crate::config::air::Night;
use power_mgmt::{LoadPlan, PowerState};
use std::time::Duration;

/// How long a tap on the button wakes the air for.
pub(super) const WOKEN: Duration = Duration::from_secs(3600);

/// What the air shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// On the air.
    On {
        /// Transmit power, dBm, before the channel's own bound.
        dbm: u8,
        /// Between two beacons, units of 1,024 µs.
        beacon_tu: u16,
    },
    /// Silent on purpose.
    Silent(Silence),
}

/// Why the air is silent on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// The load plan has no radio.
    Power,
    /// It is night.
    Night,
}

impl Silence {
    /// `power` or `night`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Power => "power",
            Self::Night => "night",
        }
    }
}

/// Of a plan, at a minute of the local day (`None`: nobody knows the hour); `woken`: a person pressed the button within [`WOKEN`].
pub(super) fn wish(
    plan: &LoadPlan,
    night: Option<Night>,
    minute: Option<u16>,
    woken: bool,
) -> Wish {
    let is_night = night
        .zip(minute)
        .is_some_and(|(night, at)| night.covers(at));
    if !plan.radio {
        Wish::Silent(Silence::Power)
    } else if is_night && !woken {
        Wish::Silent(Silence::Night)
    } else {
        Wish::On {
            dbm: plan.radio_dbm,
            beacon_tu: beacon_tu(plan.state),
        }
    }
}

const fn beacon_tu(state: PowerState) -> u16 {
    match state {
        PowerState::Full => 100,
        PowerState::Eco => 200,
        PowerState::Minimal | PowerState::Off | PowerState::Storage => 300,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        let night = Some(Night {
            from: 22 * 60,
            to: 6 * 60,
        });
        for state in PowerState::ALL {
            let plan = LoadPlan::for_state(state);
            for (hour, minute) in [
                ("noon", Some(720)),
                ("midnight", Some(0)),
                ("nobody knows", None),
            ] {
                for woken in [false, true] {
                    let told = wish(&plan, night, minute, woken);
                    table.push_str(&format!("{state}, {hour}, woken {woken} -> {told:?}\n"));
                }
            }
        }
        insta::assert_snapshot!(table);
        let full = LoadPlan::for_state(PowerState::Full);
        assert!(
            matches!(wish(&full, None, Some(0), false), Wish::On { .. }),
            "no night is set"
        );
    }
}
