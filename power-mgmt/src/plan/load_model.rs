//! What each state draws and is worth, as the planner reckons: the reference hardware.

use crate::PowerState;
use crate::forecast::SLOT_HOURS;

/// The states that are planned, rising; `Storage` is a person's wish, never a plan.
pub(super) const STATES: [PowerState; 4] = [
    PowerState::Off,
    PowerState::Minimal,
    PowerState::Eco,
    PowerState::Full,
];
/// Index of `Eco` and `Full` among them.
pub(super) const ECO: usize = 2;
pub(super) const FULL: usize = 3;
/// Draw of each, W.
pub(super) const LOAD_W: [f64; 4] = [
    STATES[0].reference_draw().get(),
    STATES[1].reference_draw().get(),
    STATES[2].reference_draw().get(),
    STATES[3].reference_draw().get(),
];
/// Worth of an hour of each, at a worth of 1.
pub(super) const UTILITY: [f64; 4] = [0.0, 0.5, 0.85, 1.0];
/// Share of the charger's current that can be drawn again.
pub(super) const CHARGE_EFFICIENCY: f64 = 0.95;
/// Self-discharge, share of what is stored, a day.
pub(super) const SELF_DISCHARGE: f64 = 0.001;
/// A start: 45 s at 6 W, without service.
const BOOT_HOURS: f64 = 45.0 / 3600.0;
const BOOT_W: f64 = 6.0;

/// Index of a state in the tables of this module.
pub(super) const fn index_of(state: PowerState) -> usize {
    match state {
        PowerState::Storage | PowerState::Off => 0,
        PowerState::Minimal => 1,
        PowerState::Eco => ECO,
        PowerState::Full => FULL,
    }
}

/// Draw of one slot, Wh.
pub(super) fn slot_draw_wh(state: usize, boots: bool) -> f64 {
    let boot = if boots {
        (BOOT_W - LOAD_W[state]) * BOOT_HOURS
    } else {
        0.0
    };
    LOAD_W[state] * SLOT_HOURS + boot
}

/// Hours of service in one slot. A start serves later slots too: two thirds of it are theirs.
pub(super) fn slot_service_hours(boots: bool) -> f64 {
    SLOT_HOURS - if boots { BOOT_HOURS / 3.0 } else { 0.0 }
}

/// What a net energy, Wh, does to the store: surplus is charged with loss, a deficit is drawn.
pub(super) fn stored_wh(net: f64, charge: f64) -> f64 {
    if net > 0.0 { net * charge } else { net }
}
