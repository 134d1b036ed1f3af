//! Charging tablets: a load that can wait. It takes what the lessons leave over.

use super::load_model::{ECO, FULL, LOAD_W, slot_draw_wh, stored_wh};
use super::outlook::{CAUTION, OCCASION, quantile};
use super::value::Values;
use super::{Observation, Planner};
use crate::forecast::{SLOT_HOURS, SLOTS};
use crate::units::Watts;

/// What the sockets draw while tablets charge, W, unless the site says otherwise.
pub(super) const USUAL_W: f64 = 20.0;
/// No sockets of a school draw more, W.
const MOST_W: f64 = 5_000.0;
/// A Wh in a tablet is worth this: less than any service, so that it takes only what the sun would
/// soon have nowhere to put. At twice that, weeks of changing skies cost 3 % of the service.
const WORTH: f64 = 0.006;
/// Charging begins when so many slots of it can be paid for, and goes on while one can.
const FIRST_SLOTS: usize = 6;
/// From this charge on the sun has nowhere else to go; charging goes on down to the second.
const NEARLY_FULL: [f64; 2] = [0.97, 0.93];

impl Planner {
    /// What the sockets draw while tablets charge; 20 W unless told. Negative counts as none.
    #[must_use]
    pub fn with_tablets(mut self, draw: Watts) -> Self {
        self.tablets_w = draw.get().clamp(0.0, MOST_W);
        self
    }

    /// Whether tablets may be charged in the next ten minutes.
    pub(super) fn charges_tablets(&self, seen: &Observation) -> bool {
        if self.state == 0 || seen.forced_off || self.film_w(seen.time).is_some() {
            return false;
        }
        // Without any sun.
        let left = self.ledger.energy_wh() - self.tablets_w * SLOT_HOURS;
        if !self.payable(self.state, None, left, self.floor_wh()) {
            return false;
        }
        let sun = self.forecast.next_w(seen.time.slot());
        let full = NEARLY_FULL[usize::from(self.charging)];
        if self.ledger.share() >= full && sun > LOAD_W[self.state] && self.is_light(seen) {
            return true;
        }
        let slots = if self.charging { 1 } else { FIRST_SLOTS };
        self.values.as_ref().is_some_and(|values| {
            self.forecast.is_trusted()
                && self.nothing_else_wants(seen, values)
                && self.lessons_are_paid(seen, values, slots)
        })
    }

    /// The panel gives something now.
    fn is_light(&self, seen: &Observation) -> bool {
        seen.panel
            .is_none_or(|panel| panel.get() > LOAD_W[self.state])
    }

    /// Whether the energy would bring less service, now or later, than it does in a tablet.
    fn nothing_else_wants(&self, seen: &Observation, values: &Values) -> bool {
        let slot = seen.time.slot();
        let belief = self.forecast.today();
        let taken = self.tablets_w * SLOT_HOURS;
        let net = self.forecast.next_w(slot) * SLOT_HOURS - slot_draw_wh(self.state, false);
        let charge = values.ahead()[0].charge[slot];
        let [without, with] = [0.0, taken].map(|taken| {
            let left = self.held(self.ledger.energy_wh() + stored_wh(net - taken, charge));
            values.at(0, slot + 1, left, belief)
        });
        without - with <= WORTH * taken
    }

    /// Whether dark days pay for the lessons, a booked film and `charging` slots of tablets until
    /// tomorrow is over.
    fn lessons_are_paid(&self, seen: &Observation, values: &Values, charging: usize) -> bool {
        let now = seen.time;
        let today = self.forecast.today();
        let skies = [*today, values.tomorrow(today)].map(|belief| quantile(&belief, CAUTION));
        let days = values.ahead();
        let floor = self.floor_wh();
        let mut energy_wh = self.ledger.energy_wh();
        (now.slot()..2 * SLOTS).all(|index| {
            let (day, slot) = (&days[index / SLOTS], index % SLOTS);
            let mut load = match day.film.as_ref().and_then(|film| film.draws(slot)) {
                Some(film_w) => LOAD_W[FULL] + film_w,
                None if index == now.slot() => LOAD_W[self.state],
                None if day.worth[slot] >= OCCASION => LOAD_W[ECO],
                None => LOAD_W[0],
            };
            if index < now.slot() + charging {
                load += self.tablets_w;
            }
            let net = (skies[index / SLOTS] * day.clear_w[slot] - load) * SLOT_HOURS;
            energy_wh = self.held(energy_wh + stored_wh(net, day.charge[slot]));
            energy_wh >= floor
        })
    }
}
