//! A box that was told nothing of its place, or whose clock is wrong, finds both in its panel's days.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod school;

use power_mgmt::units::{StateOfCharge, Watts};
use power_mgmt::{LocalTime, Planner, Site, SiteInput, SolarForecast};
use school::{CAPACITY_WH, draw_w, seen};
use std::f64::consts::PI;

/// A site of which nothing is known but the time zone.
fn nowhere() -> Site {
    Site::new(SiteInput {
        latitude: 0.0,
        longitude: 30.0,
        utc_offset_hours: 2.0,
        panel_w: 30.0,
        battery_wh: 205.0,
        weekend: [5, 6],
    })
    .unwrap()
}

/// A horizontal panel under a sky that is clear on most days; the sun's noon at 12:10.
fn panel_w(latitude: f64, day: i64, minute: f64) -> f64 {
    let season = 2.0 * PI * ((day - 80) as f64) / 365.25;
    let declination = 0.409 * libm::sin(season);
    let hour = (minute - 730.0) / 720.0 * PI;
    let latitude = latitude.to_radians();
    let height = libm::sin(latitude) * libm::sin(declination)
        + libm::cos(latitude) * libm::cos(declination) * libm::cos(hour);
    let sky = [1.0, 0.9, 0.4, 1.0, 0.15][usize::try_from(day.rem_euclid(5)).unwrap()];
    28.0 * height.max(0.0) * sky
}

/// Days from the first of January 2025 on, with a clock that is ahead by so many minutes.
fn lived(latitude: f64, from: i64, days: i64, ahead_min: i64) -> SolarForecast {
    let mut forecast = SolarForecast::new(nowhere());
    let first = LocalTime::from_civil(2025, 1, 1, 0, 0).unwrap().day() + from;
    for slot in 0..days * 144 {
        let true_minute = slot * 10 - ahead_min;
        let (day, minute) = (true_minute.div_euclid(1440), true_minute.rem_euclid(1440));
        let seen = panel_w(latitude, from + day, minute as f64 + 5.0);
        let told = u16::try_from(slot % 144 * 10).unwrap();
        let start = LocalTime::new(first + slot / 144, told).unwrap();
        forecast.handle_slot(start, Watts::new(seen).unwrap());
    }
    forecast
}

#[test]
fn the_latitude_is_learned_from_the_length_of_the_days() {
    for (latitude, from) in [
        (52.0, 0),
        (52.0, 170),
        (-34.0, 10),
        (-34.0, 100),
        (0.0, 0),
        (15.0, 150),
    ] {
        let forecast = lived(latitude, from, 60, 0);
        let learned = forecast.latitude();
        assert!(
            (learned - latitude).abs() <= 10.0,
            "{latitude} from day {from}: {learned}"
        );
    }
}

#[test]
fn a_place_that_was_given_is_not_moved() {
    let mut input = SiteInput {
        latitude: 40.0,
        longitude: 33.0,
        ..SITE
    };
    let mut forecast = SolarForecast::new(Site::new(input).unwrap());
    for slot in 0..40 * 144 {
        let start =
            LocalTime::new(20_089 + slot / 144, u16::try_from(slot % 144 * 10).unwrap()).unwrap();
        let seen = panel_w(10.0, slot / 144, (slot % 144 * 10) as f64);
        forecast.handle_slot(start, Watts::new(seen).unwrap());
    }
    assert_eq!(forecast.latitude(), 40.0);
    input.latitude = 0.0;
    assert_eq!(
        SolarForecast::new(Site::new(input).unwrap()).latitude(),
        0.0
    );
}

const SITE: SiteInput = SiteInput {
    latitude: 0.0,
    longitude: 30.0,
    utc_offset_hours: 2.0,
    panel_w: 30.0,
    battery_wh: 205.0,
    weekend: [5, 6],
};

#[test]
fn a_clock_that_is_up_to_twelve_hours_wrong_is_corrected() {
    for ahead in [-720, -660, -480, -180, 0, 120, 300, 600, 700, 720] {
        let forecast = lived(20.0, 40, 22, ahead);
        let found = f64::from(forecast.clock_ahead_minutes());
        // The sun's noon is at 12:10 here, and the equation of time a quarter of an hour.
        let off = (found - ahead as f64 + 720.0).rem_euclid(1440.0) - 720.0;
        assert!(off.abs() < 45.0, "{ahead}: {found}");
        // The learned geometry is where the light is.
        let error = forecast.day_error().unwrap();
        assert!(error < 0.45, "{ahead}: {error}");
    }
}

/// Hours of service in lessons, weighed by their worth, of a school whose box was told `told`.
fn served(told: SiteInput, latitude: f64, from: i64, days: i64) -> f64 {
    let mut planner = Planner::new(Site::new(told).unwrap());
    let (mut energy_wh, mut panel, mut worth, mut on) = (0.5 * CAPACITY_WH, 0.0, 0.0, false);
    let first = LocalTime::from_civil(2025, 1, 1, 0, 0).unwrap().day() + from;
    for slot in 0..days * 144 {
        let mut now = seen((first - 20_000) * 144 + slot, 0.0, panel);
        now.soc = StateOfCharge::new(energy_wh / CAPACITY_WH).unwrap();
        let state = planner.advise(&now).state;
        panel = panel_w(latitude, from + slot / 144, (slot % 144 * 10) as f64 + 5.0);
        let runs = !state.is_power_off();
        let boot = if runs && !on {
            (6.0 - draw_w(state)) / 80.0
        } else {
            0.0
        };
        let net = (panel - draw_w(state)) / 6.0 - boot;
        energy_wh = (energy_wh + if net > 0.0 { 0.95 * net } else { net }).clamp(0.0, CAPACITY_WH);
        assert!(!runs || energy_wh >= 0.10 * CAPACITY_WH);
        let utility = [0.0, 0.5, 0.85, 1.0][(draw_w(state) / 2.4) as usize];
        worth += now.worth.get() * utility / 6.0;
        on = runs;
    }
    worth
}

/// Over whole years the loss is below a tenth of a point; here, in the half with the turn of the
/// season and of a generator of its own, it may be two.
#[test]
fn a_school_that_gave_no_position_is_served_as_well() {
    for (latitude, from) in [(52.0, 230), (-34.0, 60)] {
        let right = SiteInput { latitude, ..SITE };
        let [told, untold] = [right, SITE].map(|told| served(told, latitude, from, 130));
        assert!(untold > 0.98 * told, "{latitude}: {untold} of {told}");
    }
}
