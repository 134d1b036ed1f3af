//! A sunny school day as a pure model: sun, charger and battery of the reference hardware. It goes on into the night and the next day,
//! for ever.
//!
//! - Sun: a clear-day sine from 06:00 to 18:00 on the kit's largest panel, 100 W; the roof's shade lies on it until 07:10, so that the day begins with
//!   the battery at rest.
//! - Charger: gives what the panel has, tapers at 14.2 V, and after 90 minutes there holds 13.5 V until the next morning. It never
//!   draws from the pack.
//! - Battery: LiFePO₄, 4 cells in series, 20 Ah: an open-circuit voltage by charge behind one resistance. Cell curve: the low-rate
//!   table of Prada's 2013 parameters at 25 °C.

use power_mgmt::PowerState;
use std::f64::consts::PI;
use std::time::Duration;

/// 2026-03-02 07:00 UTC, a Monday: where the day begins.
pub const BEGINS_AT: u64 = 1_772_434_800;
/// Charge at the beginning, of 1: spent by the evening before.
pub const BEGINS_WITH: f64 = 0.255;

const HOUR: f64 = 3600.0;
/// Seconds after midnight where the day begins.
const BEGINS_S: f64 = 7.0 * HOUR;
const DAY_S: f64 = 24.0 * HOUR;
const SUNRISE_H: f64 = 6.0;
const DAYLIGHT_H: f64 = 12.0;
/// When the roof's shade begins to leave the panel, and how long that takes, h.
const SHADE_FROM_H: f64 = 7.0 + 10.0 / 60.0;
const SHADE_LEAVES_H: f64 = 10.0 / 60.0;
/// The largest panel of the kit, so that the morning takes the box from `minimal` to `full`.
const PANEL_W: f64 = 100.0;
const CHARGER_EFFICIENCY: f64 = 0.95;
const ABSORPTION_V: f64 = 14.2;
const FLOAT_V: f64 = 13.5;
const ABSORPTION_S: f64 = 90.0 * 60.0;
const CAPACITY_AH: f64 = 20.0;
/// Pack and wiring, Ω.
const RESISTANCE: f64 = 0.040;
/// The longest step of the integration, s.
const STEP_S: f64 = 10.0;
/// Open-circuit voltage of the pack every 2.5 % of charge, V.
const OCV: [f64; 41] = [
    10.0000, 11.0546, 11.5692, 11.8671, 12.1240, 12.3813, 12.5660, 12.6587, 12.7030, 12.7330,
    12.7650, 12.8056, 12.8549, 12.9077, 12.9565, 12.9954, 13.0232, 13.0417, 13.0535, 13.0610,
    13.0660, 13.0694, 13.0719, 13.0740, 13.0759, 13.0779, 13.0808, 13.0865, 13.1004, 13.1314,
    13.1788, 13.2195, 13.2405, 13.2492, 13.2529, 13.2551, 13.2567, 13.2586, 13.2651, 13.3334,
    14.2000,
];

/// What the reference box draws in a state, W.
#[must_use]
pub const fn draw_w(state: PowerState) -> f64 {
    state.reference_draw().get()
}

/// The wall clock `elapsed` box time after the day began, s since 1970.
#[must_use]
pub const fn wall_clock(elapsed: Duration) -> u64 {
    BEGINS_AT.saturating_add(elapsed.as_secs())
}

/// What the sensors would say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// At the pack, V.
    pub volts: f64,
    /// Into the pack, A.
    pub amps: f64,
    /// Of the pack, °C.
    pub celsius: f64,
    /// Drawn from the panel, W.
    pub solar_w: f64,
    /// Charge, of 1. No sensor says this.
    pub charge: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Charger {
    /// Gives all it has up to 14.2 V; so many seconds were spent there.
    Charging { at_limit_s: f64 },
    /// Full: holds 13.5 V until the next morning.
    Floating,
}

/// The day, moved on by [`SunnyDay::advance_to`].
#[derive(Debug, Clone)]
pub struct SunnyDay {
    /// Box time since the beginning, s.
    at_s: f64,
    charge: f64,
    charger: Charger,
    amps: f64,
    solar_w: f64,
}

impl Default for SunnyDay {
    fn default() -> Self {
        Self::new()
    }
}

impl SunnyDay {
    /// 07:00, the battery at [`BEGINS_WITH`].
    #[must_use]
    pub const fn new() -> Self {
        Self {
            at_s: 0.0,
            charge: BEGINS_WITH,
            charger: Charger::Charging { at_limit_s: 0.0 },
            amps: 0.0,
            solar_w: 0.0,
        }
    }

    /// Moves the day on to `elapsed` box time after its beginning while the box draws `load_w`. A time that has passed changes
    /// nothing.
    pub fn advance_to(&mut self, elapsed: Duration, load_w: f64) {
        let end = elapsed.as_secs_f64();
        self.flow(load_w);
        while self.at_s < end {
            let step = (end - self.at_s).min(STEP_S);
            self.step(step);
            self.flow(load_w);
        }
    }

    /// What the sensors say now.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment {
            volts: ocv(self.charge) + self.amps * RESISTANCE,
            amps: self.amps,
            celsius: celsius(self.hour()),
            solar_w: self.solar_w,
            charge: self.charge,
        }
    }

    /// Hour of the day, 0 to 24.
    fn hour(&self) -> f64 {
        (self.at_s + BEGINS_S).rem_euclid(DAY_S) / HOUR
    }

    fn step(&mut self, seconds: f64) {
        self.at_s += seconds;
        self.charge = (self.charge + self.amps * seconds / HOUR / CAPACITY_AH).clamp(0.0, 1.0);
        let before_sunrise = self.hour() < SUNRISE_H;
        self.charger = match self.charger {
            Charger::Floating if before_sunrise => Charger::Charging { at_limit_s: 0.0 },
            Charger::Floating => Charger::Floating,
            Charger::Charging { at_limit_s } if at_limit_s >= ABSORPTION_S => Charger::Floating,
            Charger::Charging { at_limit_s } if self.at_limit() => Charger::Charging {
                at_limit_s: at_limit_s + seconds,
            },
            Charger::Charging { at_limit_s } => Charger::Charging { at_limit_s },
        };
    }

    fn at_limit(&self) -> bool {
        ocv(self.charge) + self.amps * RESISTANCE > ABSORPTION_V - 0.01
    }

    /// Current and panel power at this instant.
    fn flow(&mut self, load_w: f64) {
        let open = ocv(self.charge);
        let load_a = load_w / open;
        let sun_a = panel_w(self.hour()) * CHARGER_EFFICIENCY / open;
        let limit_v = match self.charger {
            Charger::Charging { .. } => ABSORPTION_V,
            Charger::Floating => FLOAT_V,
        };
        // The charger lowers its own output to hold the voltage, down to nothing; it cannot draw from the pack.
        let charger_a = sun_a.min((limit_v - open) / RESISTANCE + load_a).max(0.0);
        self.amps = charger_a - load_a;
        self.solar_w = charger_a * open / CHARGER_EFFICIENCY;
    }
}

/// What the panel could give, W, at an hour of the day.
fn panel_w(hour: f64) -> f64 {
    let height = (PI * (hour - SUNRISE_H) / DAYLIGHT_H).sin();
    let up = hour > SUNRISE_H && hour < SUNRISE_H + DAYLIGHT_H;
    let light = ((hour - SHADE_FROM_H) / SHADE_LEAVES_H).clamp(0.0, 1.0);
    if up { PANEL_W * height * light } else { 0.0 }
}

/// 18 °C before sunrise, 30 °C at 15:00.
fn celsius(hour: f64) -> f64 {
    24.0 + 6.0 * (2.0 * PI * (hour - 15.0) / 24.0).cos()
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to 40"
)]
fn ocv(charge: f64) -> f64 {
    let last = OCV.len() - 1;
    let place = charge.clamp(0.0, 1.0) * last as f64;
    let below = (place as usize).min(last - 1);
    let (lower, upper) = (OCV[below], OCV[below + 1]);
    lower + (upper - lower) * (place - below as f64)
}
