//! Charge that must last over frost and darkness: what `Off` itself draws until the sun can charge.
//!
//! Below 0 °C a pack takes no charge; in high latitudes that can last for most of a winter, and what
//! the clock draws in it has to be stored before it begins.

use super::load_model::{CHARGE_EFFICIENCY, LOAD_W, SELF_DISCHARGE};
use super::{Planner, RESERVE};
use crate::forecast::{LocalTime, SLOT_HOURS, SLOTS};
use core::f64::consts::PI;

/// Mean of a year at the equator, °C, and how much cooler each degree of latitude is, K: until the
/// place's own weather is known.
const EQUATOR_C: f64 = 30.0;
const COOLER_K: f64 = 0.42;
/// Amplitude of the year's temperature, K for each degree of latitude: between a coast and a continent.
const SEASON_K: f64 = 0.22;
/// Days after the solstice on which it is coldest or hottest.
const LAG_DAYS: f64 = 30.0;
/// A winter may be so much colder than the season and the present weather say, K.
const COLDER_K: f64 = 4.5;
/// How weather strays about the season, K.
const STRAY_K: f64 = 3.7;
/// Clearness that even a winter under snow has on its mean.
const DARK: f64 = 0.05;
/// How far it is looked, and in which steps, days.
const HORIZON: u32 = 150;
const STEP: u32 = 5;
/// Weight of a new day in the slow mean of the temperature.
const SLOW: f64 = 0.1;

impl Planner {
    /// A day begins: the slow mean of the temperature takes the day before.
    pub(super) fn learn_season(&mut self) {
        if let (Some(mean), Some(day)) = (self.mean_warmth(), self.warm_day) {
            // The first days of a winter are no measure of it.
            let latitude = self.forecast.latitude().abs();
            let usual = EQUATOR_C - COOLER_K * latitude + SEASON_K * latitude * self.season(day);
            let season = self.season_c.get_or_insert(mean.min(usual).max(-30.0));
            *season += SLOW * (mean - *season);
        }
    }

    fn mean_warmth(&self) -> Option<f64> {
        let all = self.warm_today?.iter().sum::<f64>();
        Some(all / SLOTS as f64)
    }

    /// What `Off` itself may draw until the next sun that charges, Wh. Where the darkest day still
    /// feeds the clock, a day and a half suffice.
    pub(super) fn runway(&self, today: i64) -> f64 {
        let capacity = self.site.battery().get();
        let day_wh = 24.0 * LOAD_W[0] + SELF_DISCHARGE * RESERVE * capacity;
        let warm = self.mean_warmth().unwrap_or(20.0);
        let cold_days = (1.5 * (8.0 - warm)).clamp(0.0, 12.0) + (-3.0 * warm).clamp(0.0, 24.0);
        let darkest_wh = 0.02 * SLOT_HOURS * self.forecast.clear_day(today).iter().sum::<f64>();
        let dark_days = 12.0 * (2.0 - darkest_wh / day_wh).clamp(0.0, 1.0);
        let spell = cold_days.max(dark_days) * day_wh;
        1.5 * day_wh + spell.max(self.winter(today, warm, day_wh)) + 0.002 * capacity
    }

    /// The deepest that the account of `Off` and a poor winter's sun will stand below now's, Wh.
    fn winter(&self, today: i64, warm: f64, day_wh: f64) -> f64 {
        let now_c = warm.min(self.season_c.unwrap_or(warm)) - COLDER_K;
        let amplitude = SEASON_K * self.forecast.latitude().abs();
        // What no season can bring to frost is spared the search.
        if now_c - 2.0 * amplitude > 2.0 * STRAY_K {
            return 0.0;
        }
        let season = |ahead: u32| self.season(today + i64::from(ahead));
        let (mut account, mut deepest) = (0.0f64, 0.0f64);
        for ahead in (0..HORIZON).step_by(STEP as usize) {
            let celsius = now_c + amplitude * (season(ahead) - season(0));
            let charges = CHARGE_EFFICIENCY / (1.0 + libm::exp(-1.7 * celsius / STRAY_K));
            let clear = self.forecast.clear_day(today + i64::from(ahead));
            let sun_wh = DARK * SLOT_HOURS * clear.iter().sum::<f64>();
            account += f64::from(STEP) * (charges * sun_wh - day_wh);
            deepest = deepest.min(account);
        }
        -deepest
    }

    /// The season of a day, -1 coldest to 1 warmest.
    fn season(&self, day: i64) -> f64 {
        let solstice = if self.forecast.latitude() < 0.0 {
            172.0
        } else {
            -10.0
        };
        let angle = (LocalTime::day_of_year(day) - solstice - LAG_DAYS) / 365.25;
        -libm::cos(2.0 * PI * angle)
    }
}
