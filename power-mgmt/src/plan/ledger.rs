//! The energy ledger: the reported charge filtered against what must have flowed.
//!
//! A two-state Kalman filter over the stored share `x` and the gauge's slow error `b`, a first-order
//! autoregression with a time constant of a week. Counting says how `x` moves; the gauge says
//! `x + b`. How noisy the gauge is shows in its steps: an exact one is followed to the letter, a
//! wandering one is outvoted by the counting. A battery that takes no more although the sun gives
//! more is full, whatever the gauge says.

use super::load_model::{CHARGE_EFFICIENCY, SELF_DISCHARGE, slot_draw_wh, stored_wh};
use crate::bytes::{Reader, Writer};
use crate::forecast::SLOT_HOURS;

/// What is kept of the gauge's error from slot to slot: a week's time constant.
const KEEP: f64 = 0.999;
/// Draw and sun are known to two percent, slot by slot.
const FLOW_ERROR: f64 = 0.02;
/// Variance of the share when the battery has just been seen full.
const FULL_VARIANCE: f64 = 1e-5;
/// Variance of the share after a gap or a contradiction.
const UNKNOWN_VARIANCE: f64 = 1e-4;
/// Misfits in a row after which the gauge is believed: another battery, or an error of ours.
const CONTRADICTIONS: u8 = 3;

/// What has flowed in one slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    pub(super) state: usize,
    pub(super) boots: bool,
    pub(super) panel_w: f64,
    /// What tablets and projector drew, W.
    pub(super) extra_w: f64,
    pub(super) cold: bool,
}

/// Stored share and the gauge's error, with their covariance.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    capacity_wh: f64,
    share: f64,
    bias: f64,
    var_share: f64,
    covariance: f64,
    var_bias: f64,
    /// Variance of the gauge's own steps.
    noise: f64,
    steps: u32,
    contradictions: u8,
    started: bool,
}

impl Ledger {
    pub(super) const fn new(capacity_wh: f64) -> Self {
        Self {
            capacity_wh,
            share: 0.0,
            bias: 0.0,
            var_share: UNKNOWN_VARIANCE,
            covariance: 0.0,
            var_bias: UNKNOWN_VARIANCE,
            noise: 1e-6,
            steps: 0,
            contradictions: 0,
            started: false,
        }
    }

    /// How noisy the gauge is; its charge is not worth keeping.
    pub(super) fn save(&self, to: &mut Writer) {
        to.number(self.noise);
        to.whole(self.steps.into());
    }

    pub(super) fn restore(&mut self, from: &mut Reader<'_>) -> Option<()> {
        self.noise = from.number(0.0..=1.0)?;
        self.steps = u32::try_from(from.whole(0..=u32::MAX.into())?).ok()?;
        Some(())
    }

    pub(super) const fn share(&self) -> f64 {
        self.share
    }

    pub(super) fn energy_wh(&self) -> f64 {
        self.share * self.capacity_wh
    }

    /// Standard deviation of the energy, Wh.
    pub(super) fn sd_wh(&self) -> f64 {
        libm::sqrt(self.var_share.max(0.0)) * self.capacity_wh
    }

    /// How far the gauge may stand below the truth, as a share: two standard deviations of its slow
    /// error, at most half the floor.
    pub(super) fn gauge_slack(&self) -> f64 {
        let stationary = libm::sqrt(self.noise.max(0.0) / (1.0 - KEEP * KEEP));
        (2.0 * stationary).min(0.05)
    }

    /// Nothing is known of what has flowed: the gauge is believed.
    pub(super) fn resume(&mut self, soc: f64) {
        self.started = true;
        self.share = soc;
        self.bias = 0.0;
        self.var_share = UNKNOWN_VARIANCE;
        self.covariance = 0.0;
        self.var_bias = UNKNOWN_VARIANCE;
        self.contradictions = 0;
    }

    /// One slot has passed; the gauge says `soc` at its end.
    pub(super) fn step(&mut self, flow: Flow, soc: f64) {
        if !self.started {
            return self.resume(soc);
        }
        let draw = slot_draw_wh(flow.state, flow.boots) + flow.extra_w * SLOT_HOURS;
        let net = flow.panel_w * SLOT_HOURS - draw;
        let charge = if flow.cold { 0.0 } else { CHARGE_EFFICIENCY };
        let leak = self.share * SELF_DISCHARGE * SLOT_HOURS / 24.0;
        let change = stored_wh(net, charge) / self.capacity_wh - leak;
        self.predict(change);
        self.correct(soc, change);
    }

    fn predict(&mut self, change: f64) {
        self.share += change;
        self.bias *= KEEP;
        self.var_share += FLOW_ERROR * change * FLOW_ERROR * change + 1e-10;
        self.covariance *= KEEP;
        self.var_bias = self.var_bias * KEEP * KEEP + self.noise;
        if self.share > 1.0 {
            self.share = 1.0;
            self.var_share = self.var_share.min(FULL_VARIANCE);
            self.covariance = 0.0;
        }
        self.share = self.share.max(0.0);
    }

    fn correct(&mut self, soc: f64, change: f64) {
        let expected = self.share + self.bias;
        if soc >= 1.0 && expected >= 1.0 {
            return;
        }
        let off = soc - expected;
        let variance = self.var_share + 2.0 * self.covariance + self.var_bias + 1e-8;
        if off.abs() > 0.04 + 6.0 * libm::sqrt(variance) {
            // One odd reading is nothing; several are another battery, or an error of ours.
            self.contradictions = self.contradictions.saturating_add(1);
            if self.contradictions >= CONTRADICTIONS {
                self.resume(soc);
            }
            return;
        }
        self.contradictions = 0;
        let stalled = off < -0.5 * change - 4.0 * libm::sqrt(self.noise);
        if change > 0.003 && stalled && self.share > 0.85 {
            self.share = 1.0;
            self.bias = (soc - 1.0).min(0.0);
            self.var_share = FULL_VARIANCE;
            self.covariance = 0.0;
            return;
        }
        self.learn_noise(off, soc);
        self.weigh(off, variance);
    }

    fn learn_noise(&mut self, off: f64, soc: f64) {
        if self.share < 0.999 && soc < 1.0 {
            self.steps = self.steps.saturating_add(1);
            let weight = (1.0 / (f64::from(self.steps) + 2.0)).max(0.01);
            self.noise += weight * ((off * off).min(4e-5) - self.noise);
            self.noise = self.noise.max(1e-10);
        }
    }

    fn weigh(&mut self, off: f64, variance: f64) {
        let (a, b, c) = (self.var_share, self.covariance, self.var_bias);
        let (gain_share, gain_bias) = ((a + b) / variance, (b + c) / variance);
        self.share = (self.share + gain_share * off).clamp(0.0, 1.0);
        self.bias = (self.bias + gain_bias * off).clamp(-1.0, 1.0);
        self.var_share = (a - gain_share * (a + b)).max(0.0);
        self.covariance = b - gain_share * (b + c);
        self.var_bias = (c - gain_bias * (b + c)).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Flow = Flow {
        state: 0,
        boots: false,
        panel_w: 0.0,
        extra_w: 0.0,
        cold: false,
    };

    #[test]
    fn an_exact_gauge_is_followed() {
        let mut ledger = Ledger::new(205.0);
        let mut truth = 0.5;
        for slot in 0..2_000 {
            let flow = Flow {
                state: 2,
                panel_w: if slot % 144 < 60 { 12.0 } else { 0.0 },
                ..IDLE
            };
            ledger.step(flow, truth);
            assert!((ledger.share() - truth).abs() < 0.02, "{slot}");
            let net = flow.panel_w / 6.0 - 5.0 / 6.0;
            truth = (truth + stored_wh(net, 0.95) / 205.0).clamp(0.0, 1.0);
        }
    }

    #[test]
    fn a_wandering_gauge_is_outvoted_by_counting() {
        let mut ledger = Ledger::new(205.0);
        let (mut truth, mut error, mut random): (f64, f64, u64) = (0.5, 0.0, 1);
        let (mut gauge, mut filtered) = (0.0, 0.0);
        for _ in 0..4_000 {
            // A first-order autoregression of 3 % with a week's time constant, from an even noise.
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let even = (random >> 40) as f64 / f64::from(1u32 << 24) - 0.5;
            error = 0.999 * error + 0.0046 * even;
            ledger.step(IDLE, (truth + error).clamp(0.0, 1.0));
            let off = ledger.share() - truth;
            (gauge, filtered) = (gauge + error * error, filtered + off * off);
            truth -= 0.05 / 6.0 / 205.0 + truth * SELF_DISCHARGE / 144.0;
        }
        assert!(filtered < 0.25 * gauge, "{filtered} {gauge}");
    }

    #[test]
    fn what_the_tablets_draw_is_in_the_account() {
        // A gauge that is known to wander: the counting has the word.
        let after = |extra_w: f64| {
            let mut ledger = Ledger::new(205.0);
            ledger.resume(0.9);
            ledger.noise = 1e-4;
            let mut truth = 0.9;
            for _ in 0..24 {
                ledger.step(Flow { extra_w, ..IDLE }, truth + 0.03);
                truth -= 20.05 / 6.0 / 205.0;
            }
            ledger.share() - truth
        };
        assert!(after(20.0).abs() < 0.02, "{}", after(20.0));
        assert!(after(0.0) > 0.04, "{}", after(0.0));
    }

    #[test]
    fn another_battery_is_noticed() {
        let mut ledger = Ledger::new(205.0);
        for _ in 0..500 {
            ledger.step(IDLE, 0.9);
        }
        for _ in 0..4 {
            ledger.step(IDLE, 0.2);
        }
        assert!((ledger.share() - 0.2).abs() < 0.01);
    }
}
