//! A battery of the reference kind, ten minutes at a time: what the power planner's benchmark reckons with.

use power_mgmt::PowerState;

/// Ten minutes, h.
pub(super) const SLOT_H: f64 = 1.0 / 6.0;
/// Charge below which the reserve is spent.
pub(super) const RESERVE: f64 = 0.10;
const CHARGE_EFFICIENCY: f64 = 0.95;
/// 3 % in thirty days.
const SELF_DISCHARGE_PER_SLOT: f64 = 0.03 / 30.0 / 144.0;
/// The pack's own protection cuts here, and lets go there.
const CUT: f64 = 0.05;
const RESUME: f64 = 0.12;
/// A start: 45 s at 6 W.
const BOOT_H: f64 = 45.0 / 3600.0;
const BOOT_W: f64 = 6.0;

/// What the box draws, W.
pub(super) const fn draw_w(state: PowerState) -> f64 {
    state.reference_draw().get()
}

/// Energy, and whether the protection has cut.
#[derive(Debug, Clone)]
pub(super) struct Pack {
    capacity_wh: f64,
    energy_wh: f64,
    cut: bool,
    on: bool,
}

impl Pack {
    /// Half full, as a box arrives.
    pub(super) const fn new(capacity_wh: f64) -> Self {
        Self {
            capacity_wh,
            energy_wh: 0.5 * capacity_wh,
            cut: false,
            on: false,
        }
    }

    /// 0 to 1.
    pub(super) fn charge(&self) -> f64 {
        (self.energy_wh / self.capacity_wh).clamp(0.0, 1.0)
    }

    /// The protection has cut: nothing runs.
    pub(super) const fn is_cut(&self) -> bool {
        self.cut
    }

    /// Ten minutes in `state` with `extra_w` beside it and `panel_w` of sun; what really ran, and for which share of the time.
    pub(super) fn step(
        &mut self,
        state: PowerState,
        extra_w: f64,
        panel_w: f64,
        battery_c: f64,
    ) -> (PowerState, f64) {
        if self.cut && self.charge() >= RESUME {
            self.cut = false;
        }
        let state = if self.cut { PowerState::Off } else { state };
        let runs = !state.is_power_off();
        let extra_w = if runs { extra_w } else { 0.0 };
        let boots = runs && !self.on;
        let boot_wh = if boots {
            (BOOT_W - draw_w(state)) * BOOT_H
        } else {
            0.0
        };
        let need_wh = (draw_w(state) + extra_w) * SLOT_H + boot_wh;
        let net_wh = panel_w * SLOT_H - need_wh;
        let leak_wh = self.energy_wh * SELF_DISCHARGE_PER_SLOT;
        let flow_wh = match (net_wh >= 0.0, battery_c >= 0.0) {
            (true, true) => net_wh * CHARGE_EFFICIENCY,
            (true, false) => 0.0,
            (false, _) => net_wh,
        };
        let left_wh = (self.energy_wh + flow_wh).min(self.capacity_wh) - leak_wh;
        let floor_wh = CUT * self.capacity_wh;
        self.on = runs;
        let mut share = if boots { 1.0 - BOOT_H / SLOT_H } else { 1.0 };
        self.energy_wh = left_wh.max(0.0);
        if left_wh < floor_wh && runs {
            share *= (1.0 - (floor_wh - left_wh) / need_wh.max(1e-9)).max(0.0);
            self.energy_wh = floor_wh;
            (self.cut, self.on) = (true, false);
        }
        (state, if runs { share } else { 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_is_kept_within_the_pack() {
        let mut pack = Pack::new(100.0);
        for _ in 0..60 {
            pack.step(PowerState::Off, 0.0, 20.0, 25.0);
        }
        assert!(pack.charge() > 0.999);
        // In frost the sun carries the load and charges nothing.
        let full = Pack::new(100.0);
        let mut cold = full.clone();
        cold.step(PowerState::Eco, 0.0, 50.0, -1.0);
        assert!(cold.energy_wh <= full.energy_wh);
    }

    #[test]
    fn the_protection_cuts_and_lets_go() {
        let mut pack = Pack::new(30.0);
        let mut ran = 0.0;
        for _ in 0..12 {
            ran += pack.step(PowerState::Full, 0.0, 0.0, 25.0).1;
        }
        assert!(pack.is_cut() && ran > 8.0 && ran < 9.5, "{ran}");
        assert_eq!(pack.step(PowerState::Full, 60.0, 0.0, 25.0).1, 0.0);
        for _ in 0..3 {
            pack.step(PowerState::Full, 0.0, 9.0, 25.0);
        }
        assert_eq!(
            pack.step(PowerState::Full, 0.0, 9.0, 25.0).0,
            PowerState::Full
        );
    }
}
