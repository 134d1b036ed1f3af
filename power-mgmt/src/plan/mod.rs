//! The planner: spends each watt-hour where lessons are.
//!
//! | file | holds |
//! |---|---|
//! | `load_model` | draw and worth of each state |
//! | `timetable` | the learned week |
//! | `ledger` | the charge, filtered against what must have flowed |
//! | `value` | what stored energy is worth: stochastic dynamic programming |
//! | `solve` | the days it is solved for |
//! | `frost` | charge kept for weeks in which no sun charges |
//! | `choose` | the state of the next ten minutes |
//! | `safe` | thresholds for when the forecast has been wrong |
//! | `outlook` | the plan of the next 24 hours, played on |
//! | `film` | questions to it, and the film that is booked |
//! | `tablets` | charging, a load that can wait |
//! | `reason` | the advice, explained |
//! | `saved` | what was learned, as bytes |
//!
//! Once a day the worth of stored energy is solved for the days ahead; every ten minutes the state
//! with the best sum of service now and worth left is advised. Nothing is advised that could end
//! below 10 %: not with no sun at all, and not within the error of the charge.

mod choose;
mod film;
mod frost;
mod ledger;
mod load_model;
mod outlook;
mod reason;
mod safe;
mod saved;
mod solve;
mod tablets;
mod timetable;
mod value;

pub use film::{Film, FilmAnswer};
pub use outlook::{Ahead, Block};
pub use reason::{Advice, Occasion, PlanReason};
pub use timetable::{Week, Worth};

use crate::PowerState;
use crate::forecast::{LocalTime, SLOTS, Site, SolarForecast};
use crate::policy::RESERVE_PERCENT;
use crate::units::{Celsius, StateOfCharge, Watts};
use ledger::{Flow, Ledger};
use load_model::{FULL, STATES, index_of};
use timetable::Timetable;
use value::Values;

/// Share of the charge that no plan spends.
const RESERVE: f64 = RESERVE_PERCENT / 100.0;
/// What tablets and projector may draw at most, W: what is more is an error of who measured it.
const MOST_EXTRA_W: f64 = 10_000.0;

/// What the planner is told at the start of each ten minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Local standard time.
    pub time: LocalTime,
    /// Worth of service now.
    pub worth: Worth,
    /// What the gauge says.
    pub soc: StateOfCharge,
    /// The low end of the gauge's 95 % band, if it knows one: it is kept above the reserve too.
    pub soc_low: Option<StateOfCharge>,
    /// Mean power of the panel over the ten minutes before; `None` if it was not heard.
    pub panel: Option<Watts>,
    /// Temperature of the battery; below 0 °C it takes no charge.
    pub battery: Option<Celsius>,
    /// The pack's protection has cut.
    pub forced_off: bool,
    /// What the box has really done since the last advice; `None`: as advised.
    pub ran: Option<PowerState>,
    /// Mean draw, over the ten minutes before, of what hangs on the box besides itself: tablets that
    /// charge, a projector. `None` where nothing is known of any.
    pub extra: Option<Watts>,
}

/// Plans the states over days.
///
/// # Order of calls
/// [`advise`](Self::advise) at the start of every ten minutes. Gaps, repeated and backward times are
/// survived: after one the gauge is believed anew.
#[derive(Debug, Clone)]
pub struct Planner {
    site: Site,
    forecast: SolarForecast,
    timetable: Timetable,
    ledger: Ledger,
    /// Temperature of the battery at each time of the day, °C.
    warmth: Option<[f64; SLOTS]>,
    /// The same as it was when today was solved first.
    warm_today: Option<[f64; SLOTS]>,
    warm_day: Option<i64>,
    /// Slow mean of it, °C.
    season_c: Option<f64>,
    values: Option<Values>,
    solved: Option<i64>,
    /// Charge above 10 % kept for days without any sun, Wh.
    runway_wh: f64,
    last: Option<LocalTime>,
    state: usize,
    booted: bool,
    film: Option<Film>,
    /// Draw of the sockets while tablets charge, W.
    tablets_w: f64,
    charging: bool,
    /// The change of state that was told last, and from which state.
    told: Option<(usize, LocalTime)>,
}

impl Planner {
    /// Knows nothing but the site, and takes the usual school week.
    #[must_use]
    pub fn new(site: Site) -> Self {
        Self::with_week(site, &Week::usual(&site))
    }

    /// Knows the site and this school's week.
    #[must_use]
    pub fn with_week(site: Site, week: &Week) -> Self {
        Self {
            forecast: SolarForecast::new(site),
            timetable: Timetable::new(week),
            ledger: Ledger::new(site.battery().get()),
            site,
            warmth: None,
            warm_today: None,
            warm_day: None,
            season_c: None,
            values: None,
            solved: None,
            runway_wh: 0.0,
            last: None,
            state: 0,
            booted: false,
            film: None,
            tablets_w: tablets::USUAL_W,
            charging: false,
            told: None,
        }
    }

    /// What to do in the next ten minutes, and why.
    pub fn advise(&mut self, seen: &Observation) -> Advice {
        self.learn(seen);
        self.release_film(seen.time);
        let today = seen.time.day();
        if self.solved != Some(today) {
            self.solve(today);
        }
        let state = if seen.forced_off {
            0
        } else {
            self.choose(seen)
        };
        self.booted = state > 0 && self.state == 0;
        self.state = state;
        self.last = Some(seen.time);
        self.charging = self.charges_tablets(seen);
        self.explain(seen)
    }

    /// The forecast it plans with.
    #[must_use]
    pub const fn forecast(&self) -> &SolarForecast {
        &self.forecast
    }

    /// The charge it plans with: the gauge's, filtered against what must have flowed.
    #[must_use]
    pub fn charge(&self) -> StateOfCharge {
        StateOfCharge::clamped(self.ledger.share())
    }

    /// Standard deviation of [`charge`](Self::charge), as a share of the capacity.
    #[must_use]
    pub fn charge_sd(&self) -> StateOfCharge {
        StateOfCharge::clamped(self.ledger.sd_wh() / self.site.battery().get())
    }

    fn learn(&mut self, seen: &Observation) {
        if let Some(ran) = seen.ran {
            self.booted = index_of(ran) > 0 && (self.booted || self.state == 0);
            self.state = index_of(ran);
        }
        let passed = self.last.map(|last| seen.time.index() - last.index());
        match (passed, self.last, seen.panel) {
            (Some(1), Some(last), Some(panel)) => {
                self.forecast.handle_slot(last, panel);
                if self.forecast.doubts_panel() {
                    // What flowed is not known.
                    self.ledger.resume(seen.soc.fraction());
                }
                let flow = Flow {
                    state: self.state,
                    boots: self.booted,
                    panel_w: panel.get().clamp(0.0, 2.0 * self.site.panel().get()),
                    extra_w: seen.extra.map_or(0.0, |w| w.get().clamp(0.0, MOST_EXTRA_W)),
                    cold: seen.battery.is_some_and(|celsius| celsius.get() < 0.0),
                };
                self.ledger.step(flow, seen.soc.fraction());
            }
            (Some(0), _, _) => {}
            (_, _, _) => self.ledger.resume(seen.soc.fraction()),
        }
        self.forecast.handle_day(seen.time.day());
        self.timetable.learn(seen.time, seen.worth);
        self.learn_warmth(seen);
    }

    fn learn_warmth(&mut self, seen: &Observation) {
        let Some(celsius) = seen.battery else { return };
        let celsius = celsius.get().clamp(-60.0, 90.0);
        let warmth = self.warmth.get_or_insert([celsius; SLOTS]);
        let slot = &mut warmth[seen.time.slot()];
        *slot += 0.35 * (celsius - *slot);
    }

    fn explain(&mut self, seen: &Observation) -> Advice {
        let floor = self.floor_wh();
        let energy_wh = self.ledger.energy_wh();
        let mut advice = Advice {
            at: seen.time,
            state: STATES[self.state],
            until: None,
            reason: PlanReason::Balanced,
            charge_tablets: self.charging,
        };
        if seen.forced_off {
            advice.reason = PlanReason::PackCut;
        } else if !self.forecast.is_trusted() {
            advice.reason = PlanReason::Thresholds;
        } else if self.state == 0 && !self.payable(1, None, energy_wh, floor) {
            advice.reason = PlanReason::Reserve;
        } else {
            advice.until = self.changes_at(seen.time);
            if self.state == FULL {
                advice.reason = match self.film_w(seen.time) {
                    Some(_) => PlanReason::Film,
                    None => PlanReason::Plenty,
                };
            } else if let Some(occasion) = self.next_occasion(seen.time) {
                advice.reason = PlanReason::SavesFor(occasion);
            }
        }
        self.told = advice.until.map(|until| (self.state, until));
        advice
    }
}
