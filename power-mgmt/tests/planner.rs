//! The planner: what must hold whatever comes in, and what it says on a plain day.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use power_mgmt::plan::FilmAnswer;
use power_mgmt::units::{Celsius, StateOfCharge, Watts};
use power_mgmt::{LocalTime, Observation, PlanReason, Planner, PowerState, Site, SiteInput, Worth};
use proptest::prelude::*;

const CAPACITY_WH: f64 = 205.0;
const PANEL_W: f64 = 30.0;

fn site(latitude: f64) -> Site {
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

fn seen(index: i64, soc: f64, panel_w: f64) -> Observation {
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
    }
}

fn draw_w(state: PowerState) -> f64 {
    match state {
        PowerState::Storage | PowerState::Off => 0.05,
        PowerState::Minimal => 2.5,
        PowerState::Eco => 5.0,
        PowerState::Full => 9.0,
    }
}

/// A plain half sine of a sun from six to six, as a share of the panel's label.
fn sun(slot: i64) -> f64 {
    let hour = slot.rem_euclid(144) as f64 / 6.0 - 6.0;
    libm::sin(hour / 12.0 * std::f64::consts::PI).max(0.0) * 0.8
}

/// Plays days with an exact gauge; gives the lowest charge met while the box ran.
fn play(planner: &mut Planner, days: i64, sky: impl Fn(i64) -> f64) -> (f64, f64) {
    let (mut energy, mut before, mut lowest, mut worth) = (0.5 * CAPACITY_WH, 0.0, 1.0f64, 0.0);
    let mut on = false;
    for index in 0..days * 144 {
        let now = seen(index, energy / CAPACITY_WH, before);
        let state = planner.advise(&now).state;
        before = PANEL_W * sun(index) * sky(index);
        let runs = !state.is_power_off();
        let boot = if runs && !on {
            (6.0 - draw_w(state)) / 80.0
        } else {
            0.0
        };
        let net = before / 6.0 - draw_w(state) / 6.0 - boot;
        energy += if net > 0.0 { 0.95 * net } else { net };
        energy = energy.clamp(0.0, CAPACITY_WH);
        if runs {
            lowest = lowest.min(energy / CAPACITY_WH);
            worth += now.worth.get() / 6.0;
        }
        on = runs;
    }
    (lowest, worth)
}

#[test]
fn weeks_without_any_sun_never_touch_the_reserve_by_choice() {
    let mut planner = Planner::new(site(15.5));
    let (lowest, _) = play(&mut planner, 10, |_| 0.0);
    assert!(lowest >= 0.10, "{lowest}");
    assert_eq!(planner.forecast().last_clearness(), Some(0.0));
}

#[test]
fn lessons_come_first_and_a_sunny_week_serves_nearly_all_of_them() {
    let mut planner = Planner::new(site(15.5));
    let (lowest, worth) = play(&mut planner, 14, |_| 1.0);
    // Two weeks have 100 lesson hours, 21 evening hours' worth and some of the rest.
    assert!(lowest >= 0.10 && worth > 117.0, "{lowest} {worth}");
}

#[test]
fn the_forecast_learns_the_place_and_knows_its_error() {
    let mut planner = Planner::new(site(15.5));
    play(&mut planner, 14, |_| 0.8);
    let forecast = planner.forecast();
    assert!(
        forecast.day_error().unwrap() < 0.1,
        "{:?}",
        forecast.day_error()
    );
    assert!(forecast.is_trusted());
    assert!(forecast.clock_ahead_minutes().abs() < 40);
}

#[test]
fn a_clock_four_hours_ahead_shows_in_the_sun() {
    let mut planner = Planner::new(site(15.5));
    for index in 0..9 * 144 {
        planner.advise(&seen(index, 0.5, PANEL_W * sun(index - 24)));
    }
    let ahead = planner.forecast().clock_ahead_minutes();
    assert!((200..=290).contains(&ahead), "{ahead}");
}

#[test]
fn when_the_forecast_has_been_wrong_thresholds_decide() {
    let mut planner = Planner::new(site(15.5));
    play(&mut planner, 40, |_| 0.9);
    let mut reasons = Vec::new();
    for index in 40 * 144..54 * 144 {
        // Two days of sun, two of none, again and again: nothing it has learned foretells that.
        let sky = if (index / 288) % 2 == 0 { 0.0 } else { 1.6 };
        let advice = planner.advise(&seen(index, 0.5, PANEL_W * sun(index - 1) * sky));
        reasons.push(advice.reason);
    }
    assert!(reasons.contains(&PlanReason::Thresholds));
}

#[test]
fn a_day_of_plans_reads_well() {
    let mut planner = Planner::new(site(15.5));
    play(&mut planner, 9, |index| {
        if (index / 144) % 3 == 0 { 0.3 } else { 0.6 }
    });
    let mut text = String::new();
    let mut soc = 0.45;
    let mut told = String::new();
    for index in 9 * 144..10 * 144 {
        let advice = planner.advise(&seen(index, soc, PANEL_W * sun(index - 1) * 0.4));
        let net = (PANEL_W * sun(index) * 0.4 - draw_w(advice.state)) / 6.0;
        soc += net / CAPACITY_WH;
        let line = advice.to_string();
        if line != told {
            let time = advice.at.minute();
            text += &format!("{:02}:{:02} {line}\n", time / 60, time % 60);
            told = line;
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_film_is_shown_from_a_full_battery_and_not_from_the_reserve() {
    let answer = |soc: f64, minutes: u16| {
        let mut planner = Planner::new(site(15.5));
        // Friday, without lessons after the film.
        let friday = (0..7)
            .find(|d| LocalTime::new(20_000 + d, 0).unwrap().weekday() == 4)
            .unwrap();
        planner.advise(&seen(friday * 144 + 84, soc, 0.0));
        let start = LocalTime::new(20_000 + friday, 14 * 60).unwrap();
        planner.can_show(start, minutes, Watts::new(60.0).unwrap())
    };
    assert_eq!(answer(1.0, 90), FilmAnswer::Yes);
    assert_eq!(answer(0.11, 90), FilmAnswer::No);
    assert!(matches!(answer(0.45, 240), FilmAnswer::Until(_)));
    assert_eq!(answer(1.0, 2_000), FilmAnswer::NotToday);
}

#[derive(Debug, Clone)]
enum Event {
    Steps { times: u8, soc: f64, panel: f64 },
    Follow { times: u8, panel: f64 },
    Jump(i64),
    Deaf(u8),
    Cold(f64),
    Cut,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let panel = || {
        prop_oneof![
            Just(0.0),
            0.0..40.0,
            Just(-500.0),
            Just(1e300),
            Just(f64::MIN_POSITIVE)
        ]
    };
    let event = prop_oneof![
        4 => (1u8..100, 0.0..=1.0, panel())
            .prop_map(|(times, soc, panel)| Event::Steps { times, soc, panel }),
        4 => (1u8..200, panel()).prop_map(|(times, panel)| Event::Follow { times, panel }),
        1 => (-100_000i64..100_000).prop_map(Event::Jump),
        1 => (1u8..200).prop_map(Event::Deaf),
        1 => (-300.0..300.0).prop_map(Event::Cold),
        1 => Just(Event::Cut),
    ];
    prop::collection::vec(event, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn nothing_that_the_reserve_would_pay_is_ever_started(
        events in events(), latitude in -90.0..=90.0f64,
    ) {
        let mut planner = Planner::new(site(latitude));
        let (mut index, mut soc, mut celsius) = (0i64, 0.5, 20.0);
        let step = |planner: &mut Planner, index: i64, soc: f64, panel: Option<f64>, cut, celsius| {
            let mut now = seen(index, soc, 0.0);
            now.panel = panel.and_then(Watts::new);
            now.battery = Celsius::new(celsius);
            now.forced_off = cut;
            let state = planner.advise(&now).state;
            let believed = planner.charge().fraction();
            prop_assert!((0.0..=1.0).contains(&believed));
            let after = believed - draw_w(state) / 6.0 / CAPACITY_WH;
            prop_assert!(state.is_power_off() || after >= 0.10, "{state} at {believed}");
            // However far the gauge is distrusted, half the reserve is its last word.
            prop_assert!(state.is_power_off() || soc >= 0.05, "{state} at {soc}");
            prop_assert!(state != PowerState::Storage);
            Ok(state)
        };
        for event in events {
            match event {
                Event::Steps { times, soc: said, panel } => for _ in 0..times {
                    index += 1;
                    soc = said;
                    step(&mut planner, index, soc, Some(panel), false, celsius)?;
                },
                Event::Follow { times, panel } => for _ in 0..times {
                    index += 1;
                    let state = step(&mut planner, index, soc, Some(panel), false, celsius)?;
                    let net = panel.clamp(0.0, 60.0) - draw_w(state);
                    soc = (soc + net / 6.0 / CAPACITY_WH).clamp(0.0, 1.0);
                },
                Event::Jump(by) => index += by,
                Event::Deaf(times) => for _ in 0..times {
                    index += 1;
                    step(&mut planner, index, soc, None, false, celsius)?;
                },
                Event::Cold(to) => celsius = to,
                Event::Cut => {
                    index += 1;
                    step(&mut planner, index, soc, Some(0.0), true, celsius)?;
                }
            }
        }
        let _ = planner.outlook();
    }
}
