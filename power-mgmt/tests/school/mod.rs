//! A small school with a plain sun, for the tests of the planner.

#![allow(dead_code, reason = "each test file uses its part")]

use power_mgmt::units::{Celsius, StateOfCharge, Watts};
use power_mgmt::{LocalTime, Observation, Planner, PowerState, Site, SiteInput, Worth};

pub(crate) const CAPACITY_WH: f64 = 205.0;
pub(crate) const PANEL_W: f64 = 30.0;

pub(crate) fn site(latitude: f64) -> Site {
    Site::new(SiteInput {
        latitude,
        longitude: 32.5,
        utc_offset_hours: 2.0,
        panel_w: PANEL_W,
        battery_wh: CAPACITY_WH,
        weekend: [4, 5],
    })
    .unwrap()
}

pub(crate) fn seen(index: i64, soc: f64, panel_w: f64) -> Observation {
    let minute = u16::try_from(index.rem_euclid(144) * 10).unwrap();
    let time = LocalTime::new(20_000 + index.div_euclid(144), minute).unwrap();
    let worth = match (time.weekday(), minute / 60) {
        (4 | 5, 7..=16) => 0.2,
        (_, 7..=16) => 1.0,
        (_, 18..=20) => 0.5,
        _ => 0.05,
    };
    Observation {
        time,
        worth: Worth::new(worth).unwrap(),
        soc: StateOfCharge::new(soc).unwrap(),
        soc_low: None,
        panel: Watts::new(panel_w),
        battery: Celsius::new(25.0),
        forced_off: false,
        ran: None,
        extra: None,
    }
}

pub(crate) fn draw_w(state: PowerState) -> f64 {
    match state {
        PowerState::Storage | PowerState::Off => 0.05,
        PowerState::Minimal => 2.5,
        PowerState::Eco => 5.0,
        PowerState::Full => 9.0,
    }
}

/// A plain half sine of a sun from six to six, as a share of the panel's label.
pub(crate) fn sun(slot: i64) -> f64 {
    let hour = slot.rem_euclid(144) as f64 / 6.0 - 6.0;
    libm::sin(hour / 12.0 * std::f64::consts::PI).max(0.0) * 0.8
}

/// A box in the sun, with an exact gauge.
pub(crate) struct School {
    pub(crate) planner: Planner,
    pub(crate) energy_wh: f64,
    pub(crate) index: i64,
    /// What tablets and projector draw while they are let.
    pub(crate) extra_w: f64,
    panel_w: f64,
    drew_w: f64,
    on: bool,
}

impl School {
    pub(crate) fn new(planner: Planner, share: f64) -> Self {
        Self {
            planner,
            energy_wh: share * CAPACITY_WH,
            index: 0,
            extra_w: 0.0,
            panel_w: 0.0,
            drew_w: 0.0,
            on: false,
        }
    }

    pub(crate) fn share(&self) -> f64 {
        self.energy_wh / CAPACITY_WH
    }

    /// What the planner is told now.
    pub(crate) fn sees(&self) -> Observation {
        let mut seen = seen(self.index, self.share(), self.panel_w);
        seen.extra = Watts::new(self.drew_w);
        seen
    }

    /// Ten minutes under a sky; gives the advice that they were spent by.
    pub(crate) fn step(&mut self, sky: f64) -> power_mgmt::Advice {
        let advice = self.planner.advise(&self.sees());
        self.panel_w = PANEL_W * sun(self.index) * sky;
        let runs = !advice.state.is_power_off();
        let boot = if runs && !self.on {
            (6.0 - draw_w(advice.state)) / 80.0
        } else {
            0.0
        };
        self.drew_w = if advice.charge_tablets {
            self.extra_w
        } else {
            0.0
        };
        let net = (self.panel_w - draw_w(advice.state) - self.drew_w) / 6.0 - boot;
        self.energy_wh += if net > 0.0 { 0.95 * net } else { net };
        self.energy_wh = self.energy_wh.clamp(0.0, CAPACITY_WH);
        self.on = runs;
        self.index += 1;
        advice
    }

    pub(crate) fn days(&mut self, days: i64, sky: impl Fn(i64) -> f64) {
        for _ in 0..days * 144 {
            self.step(sky(self.index));
        }
    }

    /// On to an hour of the present day or the next.
    pub(crate) fn until(&mut self, hour: i64, sky: f64) {
        while self.index.rem_euclid(144) != hour * 6 {
            self.step(sky);
        }
    }
}
