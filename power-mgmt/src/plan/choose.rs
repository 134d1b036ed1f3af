//! The state of the next ten minutes.

use super::load_model::{
    CHARGE_EFFICIENCY, FULL, LOAD_W, UTILITY, slot_draw_wh, slot_service_hours, stored_wh,
};
use super::{Observation, Planner, RESERVE, safe};
use crate::forecast::{Distribution, SLOT_HOURS};
use crate::units::StateOfCharge;

/// Booked Wh are worth this: more than `Eco` instead of `Minimal` in lessons, less than `Minimal`
/// instead of nothing.
pub(super) const FILM_WORTH: f64 = 0.17;
/// What a change of state must bring, in hours of lessons: below it the plan would flicker for nothing.
const LEAST_GAIN: f64 = 0.0006;

/// What a decision depends on besides what the planner has learned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    /// 0 today, 1 tomorrow.
    pub(super) day: usize,
    pub(super) slot: usize,
    pub(super) energy_wh: f64,
    pub(super) worth: f64,
    pub(super) panel_w: f64,
    pub(super) charge: f64,
    /// The state before.
    pub(super) before: usize,
    /// What a booked film draws besides `Full`.
    pub(super) film_w: Option<f64>,
    pub(super) belief: &'a Distribution,
}

impl Planner {
    /// The state with the best sum of service now and worth left, among those that can be paid for.
    pub(super) fn choose(&self, seen: &Observation) -> usize {
        let share = seen.soc.fraction();
        let low = seen.soc_low.map_or(share, StateOfCharge::fraction);
        let worst = seen
            .soc_low
            .map_or(share + self.ledger.gauge_slack(), |_| low);
        if worst <= RESERVE {
            return 0;
        }
        let cold = seen.battery.is_some_and(|celsius| celsius.get() < 0.0);
        let film_w = self.film_w(seen.time);
        let moment = Moment {
            day: 0,
            slot: seen.time.slot(),
            energy_wh: self.ledger.energy_wh(),
            worth: seen.worth.get().max(film_w.map_or(0.0, |_| 1.0)),
            panel_w: self.forecast.next_w(seen.time.slot()),
            charge: if cold { 0.0 } else { CHARGE_EFFICIENCY },
            before: self.state,
            film_w,
            belief: self.forecast.today(),
        };
        let cautious = self.ledger.share().min(share).min(0.5 * (share + low));
        self.pick(moment, cautious)
    }

    /// By worth, or by thresholds of the `cautious` share while the forecast has been wrong.
    pub(super) fn pick(&self, now: Moment<'_>, cautious: f64) -> usize {
        if self.forecast.is_trusted() {
            return self.best(now);
        }
        let state = match now.film_w {
            Some(_) => FULL,
            None => safe::threshold_state(cautious, now.worth),
        };
        let floor = self.floor_wh();
        (0..=state)
            .rev()
            .find(|s| self.payable(*s, now.film_w, now.energy_wh, floor))
            .unwrap_or(0)
    }

    /// 10 %, a little for the step itself, and what the charge may be wrong by.
    pub(super) fn floor_wh(&self) -> f64 {
        let reserve = RESERVE * self.site.battery().get();
        reserve + self.runway_wh.min(2.0) + 2.0 * self.ledger.sd_wh()
    }

    pub(super) fn payable(
        &self,
        state: usize,
        film_w: Option<f64>,
        energy_wh: f64,
        floor_wh: f64,
    ) -> bool {
        // Without any sun, and as if the box had to start.
        let film_w = film_w.filter(|_| state == FULL).unwrap_or(0.0);
        let draw = slot_draw_wh(state, true).max(slot_draw_wh(state, false));
        state == 0 || energy_wh - draw - film_w * SLOT_HOURS >= floor_wh
    }

    fn best(&self, now: Moment<'_>) -> usize {
        let Some(values) = &self.values else { return 0 };
        let floor = self.floor_wh();
        let capacity = self.site.battery().get();
        let mut best = (f64::MIN, 0);
        for (state, utility) in UTILITY.iter().enumerate() {
            if !self.payable(state, now.film_w, now.energy_wh, floor) {
                continue;
            }
            let boots = state > 0 && now.before == 0;
            let film_w = now.film_w.filter(|_| state == FULL);
            let mut draw = slot_draw_wh(state, boots);
            let mut worth = now.worth * utility * slot_service_hours(boots);
            if let Some(film_w) = film_w {
                draw += film_w * SLOT_HOURS;
                worth += FILM_WORTH * (LOAD_W[FULL] + film_w) * SLOT_HOURS;
            }
            let net = now.panel_w * SLOT_HOURS - draw;
            let left = (now.energy_wh + stored_wh(net, now.charge)).min(capacity);
            worth += values.at(now.day, now.slot + 1, left, now.belief);
            if state == now.before {
                worth += LEAST_GAIN;
            }
            if worth > best.0 {
                best = (worth, state);
            }
        }
        best.1
    }
}
