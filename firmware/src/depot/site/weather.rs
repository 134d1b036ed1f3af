//! Years of weather that could be: drawn from the climate of a place, the same for the same seed.
//!
//! - *A day's clearness* is drawn from a beta distribution with the month's mean and spread (F. Youcef Ettoumi et al., Renewable Energy 26
//!   (2002) 47) and follows that of the day before by a Gaussian autoregression of 0.29 (V. Graham, K. Hollands, B. Huget, Solar
//!   Energy 40 (1988) 83; the stations of the climate table: 0.28). Those years are typical ones, chosen without long storms: a
//!   slow part of 15 % of the variance is added, which makes months differ from year to year by 0.04 of the index. That share is a judgement.
//! - *Within the day* the light has the shape of a clear sky (Haurwitz 1945) times clouds: an autoregression that scatters most under a half
//!   clear sky, and keeps the day's sum.
//! - *Onto the panel* it goes through the diffuse share of D. Erbs et al. (1982) and an isotropic sky (Liu and Jordan 1963); a warm panel
//!   gives less (D. Faiman 2008; 0.38 % per K); 10 % are lost in wires and mismatch, 3 % to dirt.
//! - *The climate table's own error* is in the years too: each is drawn as if the place were a little sunnier or darker than its entry.
//! - *Assumed, without a source:* how the temperature wanders from day to day and over a day; snow on the panel in frost; a battery indoors,
//!   warmer than the air by 2 K and in the cold by more, eight hours behind it.

use super::chance::{Chance, normal_cdf, normal_quantile};
use super::climate::{Climate, MONTH_ERROR, YEAR_ERROR_SHARE};
use power_mgmt::Site;
use power_mgmt::forecast::SunPath;

/// Ten-minute slots of a day.
pub(super) const SLOTS: usize = 144;
pub(super) const DAYS: usize = 365;
/// Days before the first of January in which the planner learns; nothing of them is counted.
pub(super) const LEARNING_DAYS: usize = 20;
pub(super) const MONTH_DAYS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// From one day's clearness to the next.
const DAY_TO_DAY: f64 = 0.29;
/// Share of the scatter that lasts for about ten days: storms, dust, high pressure.
const SPELLS: f64 = 0.15;
const SPELL_TO_SPELL: f64 = 0.90;
/// From one slot's clouds to the next.
const SLOT_TO_SLOT: f64 = 0.85;
/// Scatter of ten minutes under a half clear sky.
const CLOUDS: f64 = 0.45;
const SOLAR_CONSTANT: f64 = 1361.0;
const PER_KELVIN: f64 = -0.0038;
/// W/m² of light that warm a panel by a kelvin, in a wind of 1.5 m/s (Faiman).
const FAIMAN: f64 = 35.0;
const LOSSES: f64 = 0.90 * 0.97;
/// What snow lets through.
const UNDER_SNOW: f64 = 0.08;
/// The light of no place is clearer over a day, nor darker.
const CLEAREST: f64 = 0.82;
const DARKEST: f64 = 0.02;
/// The battery follows the air by this share in ten minutes: eight hours.
const BATTERY_FOLLOWS: f64 = 0.0204;

/// One year, its learning days before it.
#[derive(Debug, Clone)]
pub(super) struct Year {
    /// What a panel of 1 W gives, W, slot by slot.
    pub(super) panel: Vec<f32>,
    /// Temperature of the battery, °C.
    pub(super) battery: Vec<f32>,
}

/// The month, 0 to 11, of a day of the year.
pub(super) fn month_of(day: usize) -> usize {
    let mut left = day % DAYS;
    MONTH_DAYS
        .iter()
        .position(|days| {
            let here = left < *days;
            left = left.wrapping_sub(*days);
            here
        })
        .unwrap_or(11)
}

/// Draws the years of a place.
#[derive(Debug)]
pub(super) struct Sky<'a> {
    site: &'a Site,
    climate: &'a Climate,
    first_day: i64,
    count: usize,
}

impl<'a> Sky<'a> {
    /// `count` years at once, of which the first of January is `first_day` since 1970.
    pub(super) const fn new(
        site: &'a Site,
        climate: &'a Climate,
        first_day: i64,
        count: usize,
    ) -> Self {
        Self {
            site,
            climate,
            first_day,
            count,
        }
    }

    /// One of the years.
    pub(super) fn year(&self, index: usize, seed: u64) -> Year {
        let months = self.months(index, seed);
        let mut chance = Chance::new(seed, 1000 + index as u64);
        let mut year = Year {
            panel: Vec::with_capacity((LEARNING_DAYS + DAYS) * SLOTS),
            battery: Vec::with_capacity((LEARNING_DAYS + DAYS) * SLOTS),
        };
        let mut air = Air::new(self.climate);
        let (mut sky, mut snow) = (Spell::default(), false);
        for day in 0..LEARNING_DAYS + DAYS {
            let of_year = (day + DAYS - LEARNING_DAYS) % DAYS;
            let clearness = months[month_of(of_year)].quantile(sky.next_day(&mut chance));
            let mean = air.next_day(of_year, &mut chance);
            snow = lies(snow, mean, clearness, chance.uniform());
            let sun = SunPath::new(
                self.site,
                self.first_day + day as i64 - LEARNING_DAYS as i64,
                0.0,
            );
            let light = day_light(&sun, of_year, clearness, &mut chance);
            let swing = 2.0 + 5.0 * clearness;
            for (slot, on_panel) in light.iter().enumerate() {
                let warmth =
                    mean + swing * libm::sin(std::f64::consts::TAU * (slot as f64 - 54.0) / 144.0);
                let heat = 1.0 + PER_KELVIN * (warmth + on_panel / FAIMAN - 25.0);
                let clean = if snow { UNDER_SNOW } else { 1.0 };
                let watts = on_panel / 1000.0 * LOSSES * heat.clamp(0.5, 1.3) * clean;
                year.panel.push(watts.max(0.0) as f32);
                year.battery.push(air.battery(warmth) as f32);
            }
        }
        year
    }

    /// The months of one year, each with its share of the table's own error. Over all years the place's error is spread evenly.
    fn months(&self, index: usize, seed: u64) -> [Beta; 12] {
        let mut chance = Chance::new(seed, index as u64);
        // A step without a common divisor: every rank once, and the years come mixed.
        let step = [7, 5, 3]
            .into_iter()
            .find(|step| !self.count.is_multiple_of(*step))
            .unwrap_or(1);
        let rank = (index * step + 3) % self.count.max(1);
        let place = normal_quantile((rank as f64 + 0.5) / self.count.max(1) as f64);
        std::array::from_fn(|month| {
            let mean = self.climate.clearness[month];
            let of_place = YEAR_ERROR_SHARE * mean;
            let of_month = (MONTH_ERROR * MONTH_ERROR - of_place * of_place)
                .max(0.0)
                .sqrt();
            let drawn = mean + of_place * place + of_month * chance.normal();
            Beta::new(drawn, self.climate.spread[month])
        })
    }
}

/// What the days are in a row.
#[derive(Debug, Default)]
struct Spell {
    day: f64,
    spell: f64,
}

impl Spell {
    /// The share of days that are darker than the next.
    fn next_day(&mut self, chance: &mut Chance) -> f64 {
        let follow = |from: f64, keep: f64, chance: &mut Chance| {
            keep * from + (1.0 - keep * keep).sqrt() * chance.normal()
        };
        self.day = follow(self.day, DAY_TO_DAY, chance);
        self.spell = follow(self.spell, SPELL_TO_SPELL, chance);
        normal_cdf((1.0 - SPELLS).sqrt() * self.day + SPELLS.sqrt() * self.spell)
    }
}

/// Frost and a dark day may bring snow; sun or thaw takes it.
fn lies(snow: bool, mean_c: f64, clearness: f64, chance: f64) -> bool {
    let falls = mean_c < 0.5 && clearness < 0.30 && chance < 0.3;
    let goes = mean_c > 1.0 || (clearness > 0.35 && chance > 0.4) || chance > 0.8;
    falls || (snow && !goes)
}

/// Light on the panel in each slot of a day, W/m².
fn day_light(
    sun: &SunPath,
    day_of_year: usize,
    clearness: f64,
    chance: &mut Chance,
) -> [f64; SLOTS] {
    let minute = |slot: usize| (slot * 10 + 5) as f64;
    let height: [f64; SLOTS] = std::array::from_fn(|slot| sun.cos_zenith(minute(slot)));
    let turn = std::f64::consts::TAU * day_of_year as f64 / 365.0;
    let above = SOLAR_CONSTANT * (1.0 + 0.033 * libm::cos(turn));
    let clear = height.map(|cos| {
        if cos > 0.005 {
            1098.0 * cos * libm::exp(-0.057 / cos)
        } else {
            0.0
        }
    });
    let all_above: f64 = height.iter().map(|cos| above * cos.max(0.0)).sum();
    let all_clear: f64 = clear.iter().sum();
    let wanted = clearness * all_above;
    if all_clear <= 0.0 || wanted <= 0.0 {
        return [0.0; SLOTS];
    }
    // Under a very clear sky Haurwitz's day is a little too dark: the sum decides.
    let share = (wanted / all_clear).min(1.25);
    let level = clouds(&clear, share, chance);
    std::array::from_fn(|slot| {
        let above = above * height[slot].max(0.0);
        on_panel(sun, minute(slot), level[slot], above, height[slot])
    })
}

/// Light on level ground under clouds that leave `share` of the clear day's sum.
fn clouds(clear: &[f64; SLOTS], share: f64, chance: &mut Chance) -> [f64; SLOTS] {
    let scatter = CLOUDS * 4.0 * (share / 1.1).min(1.0) * (1.0 - share / 1.1).max(0.0);
    let fresh = (1.0 - SLOT_TO_SLOT * SLOT_TO_SLOT).sqrt();
    let mut cloud = chance.normal();
    let level = clear.map(|light| {
        cloud = SLOT_TO_SLOT * cloud + fresh * chance.normal();
        light * (share * (1.0 + scatter * cloud)).clamp(0.02, 1.2)
    });
    let scale = share * clear.iter().sum::<f64>() / level.iter().sum::<f64>().max(1e-9);
    level.map(|light| light * scale)
}

/// From level ground onto the panel.
fn on_panel(sun: &SunPath, minute: f64, level: f64, above: f64, cos_zenith: f64) -> f64 {
    if level <= 0.0 || cos_zenith <= 0.005 {
        return 0.0;
    }
    let kt = (level / above.max(1.0)).clamp(0.0, 1.0);
    let diffuse = level * erbs(kt);
    let beam = (level - diffuse) * sun.cos_incidence(minute).max(0.0) / cos_zenith.max(0.05);
    let (sky, ground) = sun.views();
    (beam + diffuse * sky + level * ground).min(1400.0)
}

/// Share of diffuse light, by the clearness index of the moment (Erbs et al. 1982).
fn erbs(kt: f64) -> f64 {
    if kt <= 0.22 {
        1.0 - 0.09 * kt
    } else if kt <= 0.80 {
        0.9511 + kt * (-0.1604 + kt * (4.388 + kt * (-16.638 + kt * 12.336)))
    } else {
        0.165
    }
}

/// The air and the battery in it.
#[derive(Debug)]
struct Air<'a> {
    climate: &'a Climate,
    off: f64,
    battery: Option<f64>,
}

impl<'a> Air<'a> {
    const fn new(climate: &'a Climate) -> Self {
        Self {
            climate,
            off: 0.0,
            battery: None,
        }
    }

    /// Mean temperature of a day: it wanders more where the seasons are wide.
    fn next_day(&mut self, of_year: usize, chance: &mut Chance) -> f64 {
        let spread = 1.2 + 0.2 * (self.climate.seasons() - 1.0).max(0.0);
        self.off = 0.7 * self.off + (1.0 - 0.49_f64).sqrt() * spread * chance.normal();
        self.climate.temperature(of_year as f64) + self.off
    }

    /// Temperature of the battery after ten minutes in this air.
    fn battery(&mut self, air: f64) -> f64 {
        let indoors = air + 2.0 + 0.28 * (10.0 - air).max(0.0);
        let now = self.battery.get_or_insert(indoors);
        *now += BATTERY_FOLLOWS * (indoors - *now);
        *now
    }
}

/// A beta distribution between the darkest and the clearest day, by its quantiles.
#[derive(Debug, Clone)]
struct Beta {
    /// The clearness below which 0, 1/64 … all of the days lie.
    steps: [f64; 65],
}

impl Beta {
    fn new(mean: f64, spread: f64) -> Self {
        let width = CLEAREST - DARKEST;
        let mean = ((mean - DARKEST) / width).clamp(0.03, 0.97);
        // No distribution is wider than two points, none of use narrower than a hundredth.
        let spread = (spread / width).clamp(0.01, 0.95 * (mean * (1.0 - mean)).sqrt());
        let weight = mean * (1.0 - mean) / (spread * spread) - 1.0;
        let (a, b) = (mean * weight, (1.0 - mean) * weight);
        const PARTS: usize = 2000;
        let log_density = |part: usize| {
            let x = (part as f64 + 0.5) / PARTS as f64;
            (a - 1.0) * libm::log(x) + (b - 1.0) * libm::log(1.0 - x)
        };
        let top = (0..PARTS).map(log_density).fold(f64::MIN, f64::max);
        let mut below = Vec::with_capacity(PARTS);
        let mut sum = 0.0;
        for part in 0..PARTS {
            sum += libm::exp(log_density(part) - top);
            below.push(sum);
        }
        let steps = std::array::from_fn(|step| {
            let share = step as f64 / 64.0 * sum;
            let part = below.partition_point(|b| *b < share);
            DARKEST + width * (part as f64 / PARTS as f64).min(1.0)
        });
        Self { steps }
    }

    fn quantile(&self, share: f64) -> f64 {
        let at = share.clamp(0.0, 1.0) * 64.0;
        let step = (at as usize).min(63);
        let part = at - step as f64;
        self.steps[step] * (1.0 - part) + self.steps[step + 1] * part
    }
}
