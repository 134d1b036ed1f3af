//! The solar forecast: learns this place's sun from its own panel.
//!
//! What the panel gives in ten minutes = what a clear sky would give then (geometry of the sun and
//! a panel tilted to the equator, corrected slot by slot by this panel's own days: tilt, trees,
//! hills, its real size) × the *clearness* of the day (one number, the first hours of light tell it)
//! × scatter of single clouds.
//!
//! | file | holds |
//! |---|---|
//! | `sun` | position of the sun, clear-sky power: the prior |
//! | `envelope` | this panel's correction of it |
//! | `today` | the belief over the present day's clearness |
//! | `chain` | how the clearness of a day follows that of the day before |
//! | `skill` | how wrong the forecast has been |
//! | `noon` | how wrong the clock is against the sun |
//! | `place` | the latitude, where nobody gave one |

mod chain;
mod envelope;
mod noon;
mod place;
mod site;
mod skill;
mod sun;
mod time;
mod today;

pub(crate) use chain::{CLASSES, CLEARNESS, Distribution};
pub use site::{Site, SiteError, SiteInput};
pub use time::LocalTime;
pub(crate) use time::weekday;

use crate::bytes::{Reader, Writer};
use crate::units::{WattHours, Watts};
use chain::{DayChain, moments};
use envelope::Envelope;
use noon::{Light, Noon};
use place::Place;
use skill::Skill;
pub use sun::SunPath;
use today::Today;

/// Ten-minute slots of a day.
pub(crate) const SLOTS: usize = 144;
/// Hours of one slot.
pub(crate) const SLOT_HOURS: f64 = 1.0 / 6.0;
/// No day counts as clearer: a doubled panel is learned by its shape and level all the same.
const MOST_CLEAR: f64 = 2.0;
/// A day counts when the panel was heard for this share of its light.
const WHOLE: f64 = 0.97;

/// A power or an energy of the future, with the standard deviation of its error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harvest {
    /// Expected.
    pub mean: WattHours,
    /// Standard deviation of the error.
    pub sd: WattHours,
}

/// Learns what the panel gives, and foretells it.
///
/// # Order of calls
/// [`handle_slot`](Self::handle_slot) once for every ten minutes that have passed;
/// [`handle_day`](Self::handle_day) whenever the date is known. Slots may be missing and clocks may
/// jump: a day that was not seen whole teaches nothing.
#[derive(Debug, Clone)]
pub struct SolarForecast {
    site: Site,
    envelope: Envelope,
    chain: DayChain,
    today: Today,
    skill: Skill,
    noon: Noon,
    /// Where nobody gave a position.
    place: Option<Place>,
    doubted: bool,
    day: Option<i64>,
    /// Clear-sky power of the present day by geometry alone, W.
    geometry: [f64; SLOTS],
    /// The same as this panel gives it, W.
    clear: [f64; SLOTS],
    seen: [Option<f64>; SLOTS],
}

impl SolarForecast {
    /// Knows the geometry of the site and a prior for any climate.
    #[must_use]
    pub fn new(site: Site) -> Self {
        let chain = DayChain::new();
        Self {
            site,
            envelope: Envelope::new(),
            today: Today::new(chain.climate()),
            chain,
            skill: Skill::new(),
            noon: Noon::new(),
            place: site.is_guess().then(Place::new),
            doubted: false,
            day: None,
            geometry: [0.0; SLOTS],
            clear: [0.0; SLOTS],
            seen: [None; SLOTS],
        }
    }

    /// The panel gave `mean` over the ten minutes that began at `start`. Negative power counts as
    /// none, more than twice the label as twice the label.
    pub fn handle_slot(&mut self, start: LocalTime, mean: Watts) {
        self.handle_day(start.day());
        let slot = start.slot();
        let seen = mean.get().clamp(0.0, 2.0 * self.site.panel().get());
        self.seen[slot] = Some(seen);
        let best = self.clear.iter().copied().fold(0.0, f64::max);
        self.today.learn(seen, self.clear[slot], best);
    }

    /// It is this day now (since 1970-01-01). A new day ends the one before; a day that lies
    /// before it drops what was seen of it.
    pub fn handle_day(&mut self, day: i64) {
        if self.day == Some(day) {
            return;
        }
        if let Some(last) = self.day
            && day > last
        {
            self.end_day(day - last);
        }
        self.begin_day(day);
    }

    fn end_day(&mut self, days: i64) {
        let whole = self.whole_day();
        self.doubted = whole.as_ref().is_some_and(|seen| self.is_fault(seen));
        let whole = whole.filter(|_| !self.doubted);
        let expected: f64 = self.clear.iter().sum();
        let clearness = whole
            .filter(|_| expected > 0.0)
            .map(|seen| (seen.iter().sum::<f64>() / expected).min(MOST_CLEAR));
        self.skill.judge(clearness);
        self.chain.learn(clearness);
        for _ in 1..days.min(30) {
            self.chain.learn(None);
        }
        if let (Some(seen), Some(day)) = (whole, self.day) {
            self.learn_shape(&seen, day);
        }
    }

    /// Light around the clock where the sun sets: what says so is no panel.
    fn is_fault(&self, seen: &[f64; SLOTS]) -> bool {
        let [lit, sets] = [seen, &self.geometry].map(|day| Light::of(day).is_some());
        seen.iter().any(|w| *w > 0.0) && !lit && sets
    }

    /// What a whole day tells of the clock, the place and the panel.
    fn learn_shape(&mut self, seen: &[f64; SLOTS], day: i64) {
        let Some(light) = Light::of(seen) else { return };
        let noon = SunPath::new(&self.site, day, 0.0).noon_minute();
        let clock = self.noon.learn(light, noon);
        let site = self.site;
        let moved = (self.place.as_mut()).is_some_and(|place| place.learn(light, day, &site));
        if !clock && !moved {
            self.envelope.learn(seen, &self.geometry);
            return;
        }
        self.envelope = Envelope::new();
        let [before, now]: [f64; 2] = [
            self.clear.iter().sum(),
            self.path(day).clear_day().iter().sum(),
        ];
        if moved && before > 0.0 && now > 0.0 {
            self.chain.rescale(before / now);
        }
    }

    /// The light that a day may have.
    fn resume(&mut self, day: i64) {
        self.day = Some(day);
        self.geometry = self.path(day).clear_day();
        self.clear = self.envelope.apply(&self.geometry);
    }

    fn begin_day(&mut self, day: i64) {
        self.resume(day);
        self.seen = [None; SLOTS];
        let climate = self.chain.climate();
        let prior = match self.chain.latest() {
            Some(clearness) => self.chain.after(clearness, &climate),
            None => climate,
        };
        self.skill.foretell(moments(&prior));
        self.today = Today::new(prior);
    }

    fn path(&self, day: i64) -> SunPath {
        let site = (self.place.as_ref())
            .map_or(self.site, |place| self.site.at_latitude(place.latitude()));
        SunPath::new(&site, day, self.noon.ahead_min())
    }

    /// Power of each slot if it was seen, when nearly all light of the day was.
    fn whole_day(&self) -> Option<[f64; SLOTS]> {
        let all: f64 = self.geometry.iter().sum();
        let had: f64 = (self.geometry.iter().zip(&self.seen))
            .filter_map(|(clear, seen)| seen.map(|_| clear))
            .sum();
        (all > 0.0 && had > WHOLE * all).then(|| self.seen.map(|w| w.unwrap_or(0.0)))
    }

    /// What the panel will give from `from` to the end of that day, if it is today or later.
    #[must_use]
    pub fn rest_of_day(&self, from: LocalTime) -> Harvest {
        let clear: f64 = self.clear_day(from.day())[from.slot()..].iter().sum();
        let belief = match self.day {
            Some(day) if day == from.day() => *self.today.belief(),
            _ => self.chain.climate(),
        };
        let (mean, sd) = moments(&belief);
        let energy =
            |share: f64| WattHours::new(share * clear * SLOT_HOURS).unwrap_or(WattHours::ZERO);
        Harvest {
            mean: energy(mean),
            sd: energy(sd),
        }
    }

    /// False while the forecast has been wrong by more than it said: act on thresholds then.
    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        self.skill.trusted()
    }

    /// The panel was reported to give power around the clock on the last day: nothing was learned from it.
    #[must_use]
    pub const fn doubts_panel(&self) -> bool {
        self.doubted
    }

    /// Mean absolute error of a day's clearness foretold at its midnight, over about a week; 1 is a
    /// clear day's harvest. `None` before the first day.
    #[must_use]
    pub const fn day_error(&self) -> Option<f64> {
        self.skill.error()
    }

    /// Clearness of the last day, 0 (nothing) to about 1 (clear); `None` if it was not seen whole.
    #[must_use]
    pub fn last_clearness(&self) -> Option<f64> {
        self.chain.latest()
    }

    /// What the clock of the box is ahead of the sun at the site, whole minutes; 0 while the
    /// difference is no more than trees and hills explain.
    #[must_use]
    pub fn clock_ahead_minutes(&self) -> i32 {
        libm::round(self.noon.ahead_min()) as i32
    }

    /// Degrees north: as given, or as learned where nothing was given.
    #[must_use]
    pub fn latitude(&self) -> f64 {
        (self.place.as_ref()).map_or(self.site.latitude(), Place::latitude)
    }

    pub(crate) fn save(&self, to: &mut Writer) {
        self.envelope.save(to);
        self.chain.save(to);
        self.skill.save(to);
        self.noon.save(to);
        if let Some(place) = &self.place {
            place.save(to);
        }
        to.flag(self.doubted);
        to.flag(self.day.is_some());
        if let Some(day) = self.day {
            to.whole(day);
            self.today.save(to);
            to.runs(self.seen);
        }
    }

    /// What was saved at the same site.
    pub(crate) fn restore(site: Site, from: &mut Reader<'_>) -> Option<Self> {
        let mut forecast = Self::new(site);
        forecast.envelope = Envelope::restore(from)?;
        forecast.chain = DayChain::restore(from)?;
        forecast.skill = Skill::restore(from)?;
        forecast.noon = Noon::restore(from)?;
        if let Some(place) = &mut forecast.place {
            *place = Place::restore(from)?;
        }
        forecast.doubted = from.flag()?;
        if from.flag()? {
            let day = from.whole(-LocalTime::MOST_DAYS..=LocalTime::MOST_DAYS)?;
            forecast.resume(day);
            forecast.today = Today::restore(from)?;
            let most = 2.0 * site.panel().get();
            forecast.seen = from.runs(SLOTS, 0.0..=most)?.try_into().ok()?;
        }
        Some(forecast)
    }

    /// What a clear sky would give on a day, W for each slot.
    pub(crate) fn clear_day(&self, day: i64) -> [f64; SLOTS] {
        if self.day == Some(day) {
            return self.clear;
        }
        self.envelope.apply(&self.path(day).clear_day())
    }

    /// The belief over today's class.
    pub(crate) const fn today(&self) -> &Distribution {
        self.today.belief()
    }

    /// How the class of a day follows that of the day before, in the next days.
    pub(crate) fn matrix(&self) -> [Distribution; CLASSES] {
        self.chain.matrix()
    }

    /// The same for a day farther ahead.
    pub(crate) fn matrix_ahead(&self, days: f64) -> [Distribution; CLASSES] {
        self.chain.matrix_ahead(days)
    }

    /// Clearness expected so many slots after the next one, today.
    pub(crate) fn clearness_in(&self, slots: usize) -> f64 {
        self.today.clearness_in(slots)
    }

    /// Expected in a slot of today that begins now, W.
    pub(crate) fn next_w(&self, slot: usize) -> f64 {
        self.today.clearness_in(0) * self.clear[slot.min(SLOTS - 1)]
    }
}
