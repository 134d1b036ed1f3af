//! The planner: spends each watt-hour where lessons are.
//!
//! | file | holds |
//! |---|---|
//! | `load_model` | draw and worth of each state |
//! | `timetable` | the learned week |
//! | `ledger` | the charge, filtered against what must have flowed |
//! | `value` | what stored energy is worth: stochastic dynamic programming |
//! | `safe` | thresholds for when the forecast has been wrong |
//! | `outlook` | the plan of the day ahead, and questions to it (a film) |
//! | `reason` | the advice, explained |
//!
//! Once a day the worth of stored energy is solved for the days ahead; every ten minutes the state
//! with the best sum of service now and worth left is advised. Nothing is advised that could end
//! below 10 %: not with no sun at all, and not within the error of the charge.

mod ledger;
mod load_model;
mod outlook;
mod reason;
mod safe;
mod timetable;
mod value;

pub use outlook::{Ahead, Block, Film, FilmAnswer};
pub use reason::{Advice, Occasion, PlanReason};
pub use timetable::{Week, Worth};

use crate::PowerState;
use crate::forecast::{Distribution, LocalTime, SLOTS, Site, SolarForecast};
use crate::gauge::SavedError;
use crate::policy::RESERVE_PERCENT;
use crate::units::{Celsius, StateOfCharge, Watts};
use alloc::vec::Vec;
use ledger::{Flow, Ledger};
use load_model::{
    CHARGE_EFFICIENCY, LOAD_W, SELF_DISCHARGE, STATES, UTILITY, index_of, slot_draw_wh,
    slot_service_hours, stored_wh,
};
use timetable::Timetable;
use value::{DayAhead, Grid, Row, Values};

/// Days solved in slots of ten minutes.
const NEAR_DAYS: i64 = 7;
/// Days after them solved in hours, against the season.
const FAR_DAYS: i64 = 60;
/// How long a solution of the far days holds.
const FAR_HOLDS_DAYS: i64 = 7;
/// Slots of an hour.
const HOUR: usize = 6;

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
    values: Option<Values>,
    /// Worth at the start of each of the days from `far_day + NEAR_DAYS` on.
    far: Vec<Row>,
    far_day: i64,
    solved: Option<i64>,
    /// Charge above 10 % kept for days without any sun, Wh.
    runway_wh: f64,
    last: Option<LocalTime>,
    state: usize,
    booted: bool,
    film: Option<Film>,
}

/// What a decision depends on besides what the planner has learned.
#[derive(Debug, Clone, Copy)]
struct Moment<'a> {
    slot: usize,
    energy_wh: f64,
    worth: f64,
    panel_w: f64,
    charge: f64,
    on: bool,
    belief: &'a Distribution,
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
            film: None,
            forecast: SolarForecast::new(site),
            timetable: Timetable::new(week),
            ledger: Ledger::new(site.battery().get()),
            site,
            warmth: None,
            values: None,
            far: Vec::new(),
            far_day: 0,
            solved: None,
            runway_wh: 0.0,
            last: None,
            state: 0,
            booted: false,
        }
    }

    /// What to do in the next ten minutes, and why.
    pub fn advise(&mut self, seen: &Observation) -> Advice {
        self.learn(seen);
        let today = seen.time.day();
        if self.solved != Some(today) {
            self.solve(today);
        }
        let state = self.choose(seen);
        self.booted = state > 0 && self.state == 0 && !seen.forced_off;
        self.state = if seen.forced_off { 0 } else { state };
        self.last = Some(seen.time);
        self.explain(seen, state)
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

    /// When a box that is advised to switch off now should be woken; `None` while it is advised to run.
    #[must_use]
    pub fn wakes_at(&self) -> Option<LocalTime> {
        let now = self.last?;
        let asleep = self.state == 0;
        self.next_day()
            .into_iter()
            .find(|ahead| asleep && ahead.from > now && !ahead.state.is_power_off())
            .map(|ahead| ahead.from)
    }

    /// What was learned, as bytes worth keeping over a power cut; `None` before anything was.
    #[must_use]
    pub fn save(&self) -> Option<Vec<u8>> {
        None
    }

    /// Begins with what was learned before. Before the first [`advise`](Self::advise).
    ///
    /// # Errors
    /// What is wrong with the bytes; the planner then begins knowing nothing.
    pub fn restore(&mut self, _bytes: &[u8]) -> Result<(), SavedError> {
        Err(SavedError::NotAGauge)
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
                let flow = Flow {
                    state: self.state,
                    boots: self.booted,
                    panel_w: panel.get().clamp(0.0, 2.0 * self.site.panel().get()),
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

    /// The state with the best sum of service now and worth left, among those that can be paid for.
    fn choose(&self, seen: &Observation) -> usize {
        let share = seen.soc.fraction();
        let floor = self.floor_wh();
        let low = seen.soc_low.map_or(share, StateOfCharge::fraction);
        let worst = seen
            .soc_low
            .map_or(share + self.ledger.gauge_slack(), |_| low);
        if worst <= RESERVE_PERCENT / 100.0 {
            return 0;
        }
        let energy_wh = self.ledger.energy_wh();
        if !self.forecast.is_trusted() {
            let cautious = self.ledger.share().min(share).min(0.5 * (share + low));
            let state = safe::threshold_state(cautious, seen.worth.get());
            return (0..=state)
                .rev()
                .find(|s| self.payable(*s, energy_wh, floor))
                .unwrap_or(0);
        }
        let cold = seen.battery.is_some_and(|celsius| celsius.get() < 0.0);
        self.best(Moment {
            slot: seen.time.slot(),
            energy_wh,
            worth: seen.worth.get(),
            panel_w: self.forecast.next_w(seen.time.slot()),
            charge: if cold { 0.0 } else { CHARGE_EFFICIENCY },
            on: self.state > 0,
            belief: self.forecast.today(),
        })
    }

    /// 10 %, a little for the step itself, and what the charge may be wrong by.
    fn floor_wh(&self) -> f64 {
        let reserve = RESERVE_PERCENT / 100.0 * self.site.battery().get();
        reserve + self.runway_wh.min(2.0) + 2.0 * self.ledger.sd_wh()
    }

    fn payable(&self, state: usize, energy_wh: f64, floor_wh: f64) -> bool {
        // Without any sun, and as if the box had to start.
        state == 0
            || energy_wh - slot_draw_wh(state, true).max(slot_draw_wh(state, false)) >= floor_wh
    }

    fn best(&self, now: Moment<'_>) -> usize {
        let Some(values) = &self.values else { return 0 };
        let floor = self.floor_wh();
        let capacity = self.site.battery().get();
        let mut best = (f64::MIN, 0);
        for (state, utility) in UTILITY.iter().enumerate() {
            if !self.payable(state, now.energy_wh, floor) {
                continue;
            }
            let boots = state > 0 && !now.on;
            let net = now.panel_w / 6.0 - slot_draw_wh(state, boots);
            let left = (now.energy_wh + stored_wh(net, now.charge)).min(capacity);
            let gain = now.worth * utility * slot_service_hours(boots);
            let worth = gain + values.at(now.slot + 1, left, now.belief);
            if worth > best.0 {
                best = (worth, state);
            }
        }
        best.1
    }

    fn solve(&mut self, today: i64) {
        self.solved = Some(today);
        let capacity = self.site.battery().get();
        self.runway_wh = self.runway(today);
        let floor = RESERVE_PERCENT / 100.0 * capacity + self.runway_wh;
        let grid = Grid::new(floor.min(0.9 * capacity), capacity);
        let age = today.saturating_sub(self.far_day);
        if self.far.is_empty() || !(0..FAR_HOLDS_DAYS).contains(&age) {
            self.solve_far(today, &grid);
        }
        let age = usize::try_from(today - self.far_day).unwrap_or(0);
        let end = self.far.get(age).or(self.far.last()).cloned();
        let days: Vec<DayAhead> = (0..NEAR_DAYS)
            .map(|ahead| self.ahead(today, ahead))
            .collect();
        let end = end.unwrap_or_else(|| grid.distant_end());
        self.values = Some(Values::solve(grid, end, &days, &self.forecast.matrix()));
    }

    fn solve_far(&mut self, today: i64, grid: &Grid) {
        self.far.clear();
        self.far_day = today;
        let mut row = grid.distant_end();
        for ahead in (NEAR_DAYS..NEAR_DAYS + FAR_HOLDS_DAYS + FAR_DAYS).rev() {
            let matrix = self.forecast.matrix_ahead(ahead as f64);
            grid.day(
                &mut row,
                &self.ahead(today, ahead),
                Some(&matrix),
                HOUR,
                |_| (),
            );
            if ahead < NEAR_DAYS + FAR_HOLDS_DAYS {
                self.far.push(row.clone());
            }
        }
        self.far.reverse();
    }

    fn ahead(&self, today: i64, ahead: i64) -> DayAhead {
        // How far the temperature may wander until then, K.
        let sd = 1.5 + 0.5 * ahead.min(10) as f64;
        DayAhead {
            clear_w: self.forecast.clear_day(today + ahead),
            worth: *self.timetable.day(today + ahead),
            charge: self.warmth.map_or([CHARGE_EFFICIENCY; SLOTS], |warmth| {
                // The logistic curve stands for the normal distribution.
                warmth.map(|t| CHARGE_EFFICIENCY / (1.0 + libm::exp(-1.7 * t / sd)))
            }),
        }
    }

    /// What `Off` itself may draw until the next sun that charges, Wh. Cold and snow can keep the
    /// sun out for weeks; where the darkest day still feeds the clock, a day and a half suffice.
    fn runway(&self, today: i64) -> f64 {
        let capacity = self.site.battery().get();
        let day_wh = 24.0 * LOAD_W[0] + SELF_DISCHARGE * RESERVE_PERCENT / 100.0 * capacity;
        let warm = self
            .warmth
            .map_or(20.0, |w| w.iter().sum::<f64>() / SLOTS as f64);
        let cold_days = (1.5 * (8.0 - warm)).clamp(0.0, 12.0) + (-3.0 * warm).clamp(0.0, 24.0);
        let darkest_wh = 0.02 / 6.0 * self.forecast.clear_day(today).iter().sum::<f64>();
        let dark_days = 12.0 * (2.0 - darkest_wh / day_wh).clamp(0.0, 1.0);
        (1.5 + cold_days.max(dark_days)) * day_wh + 0.002 * capacity
    }

    fn explain(&self, seen: &Observation, state: usize) -> Advice {
        let mut advice = Advice {
            at: seen.time,
            state: STATES[state],
            until: None,
            reason: PlanReason::Balanced,
            charge_tablets: state == 3,
        };
        if seen.forced_off {
            advice.reason = PlanReason::PackCut;
        } else if !self.forecast.is_trusted() {
            advice.reason = PlanReason::Thresholds;
        } else if state == 0 && !self.payable(1, self.ledger.energy_wh(), self.floor_wh()) {
            advice.reason = PlanReason::Reserve;
        } else {
            advice.until = self.changes_at(seen.time, state);
            if state == 3 {
                advice.reason = PlanReason::Plenty;
            } else if let Some(occasion) = self.next_occasion(seen.time) {
                advice.reason = PlanReason::SavesFor(occasion);
            }
        }
        advice
    }
}
