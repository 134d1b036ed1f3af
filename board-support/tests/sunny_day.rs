//! The simulated sunny day against a table of its hours, and against physics.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use board_support::sim::sunny_day::{BEGINS_AT, BEGINS_WITH, Moment, SunnyDay, draw_w, wall_clock};
use power_mgmt::units::{Amps, Celsius, Volts, Watts};
use power_mgmt::{Action, BatterySample, Governor, Policy, PowerState};
use std::fmt::Write as _;
use std::time::Duration;

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// A simple governor, for a load that follows the charge.
fn state(moment: &Moment) -> PowerState {
    match moment.charge {
        c if c < 0.3 => PowerState::Minimal,
        c if c < 0.5 => PowerState::Eco,
        _ => PowerState::Full,
    }
}

#[test]
fn a_day_and_a_half_by_the_hour() {
    let mut day = SunnyDay::new();
    let mut table = String::from("hour   charge  volts   amps   sun W  temp\n");
    for minute in 0..=36 * 60 {
        let load = draw_w(state(&day.moment()));
        day.advance_to(minutes(minute), load);
        if minute % 60 == 0 {
            let m = day.moment();
            let hour = (7 + minute / 60) % 24;
            writeln!(
                table,
                "{hour:02}:00  {:5.1} %  {:6.3}  {:+6.2}  {:5.1}  {:4.1}",
                m.charge * 100.0,
                m.volts,
                m.amps,
                m.solar_w,
                m.celsius
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

/// What a newcomer is promised: within three real minutes the charge rises from a quarter to more than half.
#[test]
fn three_hours_of_morning_sun_charge_the_box_visibly() {
    let mut day = SunnyDay::new();
    assert!((0.24..0.27).contains(&day.moment().charge));
    day.advance_to(minutes(8), 2.5);
    assert!(
        day.moment().amps < 0.0,
        "in the shade the battery is read at rest"
    );
    for minute in 0..=180 {
        let load = draw_w(state(&day.moment()));
        day.advance_to(minutes(minute), load);
    }
    let charge = day.moment().charge;
    assert!((0.55..0.85).contains(&charge), "{charge}");
}

#[test]
fn one_long_step_is_many_short_ones() {
    let (mut at_once, mut by_second) = (SunnyDay::new(), SunnyDay::new());
    at_once.advance_to(minutes(300), 5.0);
    for second in 0..=300 * 60 {
        by_second.advance_to(Duration::from_secs(second), 5.0);
    }
    let apart = (at_once.moment().charge - by_second.moment().charge).abs();
    assert!(apart < 0.001, "{apart}");
}

#[test]
fn a_month_stays_within_physics() {
    let mut day = SunnyDay::new();
    for minute in 0..30 * 24 * 60 {
        day.advance_to(minutes(minute), if minute % 97 == 0 { 60.0 } else { 9.0 });
        let m = day.moment();
        assert!((0.0..=1.0).contains(&m.charge), "{m:?}");
        assert!(
            m.volts <= 14.201 && m.solar_w >= 0.0 && m.solar_w <= 100.001,
            "{m:?}"
        );
        let hour = (7 * 60 + minute) / 60 % 24;
        assert!(
            (6..18).contains(&hour) || m.solar_w == 0.0,
            "sun at {hour}:00"
        );
    }
}

#[test]
fn time_that_stands_or_runs_backwards_changes_no_charge() {
    let mut day = SunnyDay::new();
    day.advance_to(minutes(60), 5.0);
    let before = day.moment();
    day.advance_to(minutes(60), 5.0);
    day.advance_to(minutes(10), 5.0);
    assert_eq!(day.moment(), before);
    assert!(before.charge > BEGINS_WITH);
}

#[test]
fn the_wall_clock_goes_with_the_day() {
    assert_eq!(wall_clock(Duration::ZERO), BEGINS_AT);
    assert_eq!(wall_clock(minutes(60)), BEGINS_AT + 3600);
    assert_eq!(BEGINS_AT % 86_400, 7 * 3600, "07:00");
}

/// The day under the real estimator and governor: what a newcomer is shown within three minutes.
#[test]
fn the_box_wakes_up_in_the_morning_sun() {
    let mut day = SunnyDay::new();
    let mut governor = Governor::new(Policy::default(), Duration::ZERO);
    let mut load = draw_w(PowerState::Minimal);
    let mut changes: Vec<(u64, PowerState)> = Vec::new();
    for second in (0..=3 * 3600).step_by(5) {
        let now = Duration::from_secs(second);
        day.advance_to(now, load);
        governor.handle_sample(&sample(&day.moment()), now);
        while let Some(action) = governor.poll_action() {
            if let Action::Apply(plan) = action {
                load = draw_w(plan.state);
            }
        }
        let state = governor.state();
        if changes.last().is_none_or(|(_, last)| *last != state) {
            changes.push((second, state));
        }
    }
    let states: Vec<_> = changes.iter().map(|(_, state)| *state).collect();
    assert_eq!(
        states,
        [PowerState::Minimal, PowerState::Eco, PowerState::Full],
        "{changes:?}"
    );
}

fn sample(m: &Moment) -> BatterySample {
    BatterySample {
        voltage: Volts::new(m.volts).unwrap(),
        current: Amps::new(m.amps).unwrap(),
        temperature: Celsius::new(m.celsius),
        solar: Watts::new(m.solar_w),
        counter: None,
    }
}
