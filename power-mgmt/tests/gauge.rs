//! The gauge in the situations that matter.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rig;

use power_mgmt::{BatterySample, ChargeStatus, Distrust, Policy, Reading, SocEstimator};
use rig::Pack;
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn plain(volts: f64, amps: f64) -> BatterySample {
    BatterySample::from_plain(volts, amps, Some(25.0), None).unwrap()
}

fn width(reading: &Reading) -> f64 {
    let (low, high) = reading.band.unwrap();
    high.percent() - low.percent()
}

fn gauge() -> SocEstimator {
    SocEstimator::new(&Policy::default())
}

/// Feeds `amps` for `hours` in steps of ten seconds; returns the time reached.
fn run(gauge: &mut SocEstimator, pack: &mut Pack, amps: f64, hours: f64, from: u64) -> u64 {
    let end = from + (hours * 3_600.0) as u64;
    for at in (from..end).step_by(10) {
        let amps = pack.current(amps * 13.2, 0.0);
        pack.flow(amps, 10.0);
        gauge
            .handle_sample(&pack.sample(amps, None), s(at))
            .unwrap();
    }
    end
}

#[test]
fn it_starts_knowing_nothing() {
    let reading = gauge().reading(s(100));
    assert_eq!(reading, Reading::UNKNOWN);
    assert_eq!(reading.cautious(), None);
}

#[test]
fn one_voltage_on_the_plateau_says_little_and_one_below_it_says_much() {
    let mut flat = gauge();
    flat.handle_sample(&plain(13.08, 0.0), s(0)).unwrap();
    assert!(width(&flat.reading(s(0))) > 30.0);
    let mut low = gauge();
    low.handle_sample(&plain(12.0, 0.0), s(0)).unwrap();
    // Makers differ most at the empty end: two to ten percent have this voltage.
    assert!(width(&low.reading(s(0))) < 25.0);
    assert!(low.reading(s(0)).soc.unwrap().percent() < 15.0);
}

#[test]
fn a_full_charge_makes_it_certain_and_counting_follows() {
    let (mut gauge, mut pack) = (gauge(), Pack { charge: 0.5 });
    let at = run(&mut gauge, &mut pack, 3.0, 6.0, 0);
    let full = gauge.reading(s(at - 10));
    assert_eq!(full.status, ChargeStatus::Full);
    assert_eq!(full.time_to_full, None);
    assert!(full.soc.unwrap().percent() > 98.0);
    let at = run(&mut gauge, &mut pack, -1.0, 6.0, at);
    let later = gauge.reading(s(at - 10));
    assert_eq!(later.status, ChargeStatus::Discharging);
    let error = later.soc.unwrap().percent() - pack.charge * 100.0;
    assert!(error.abs() < 3.0, "{error}");
    let (low, high) = later.band.unwrap();
    assert!(low.fraction() < pack.charge && pack.charge < high.fraction());
    assert!(
        width(&later) > width(&full),
        "counting is not free of doubt"
    );
}

/// Negative control of the test above: high voltage with a large current is no full charge.
#[test]
fn absorption_without_taper_is_not_full() {
    let mut gauge = gauge();
    for at in (0..3_600).step_by(10) {
        gauge.handle_sample(&plain(14.2, 4.0), s(at)).unwrap();
    }
    assert_ne!(gauge.reading(s(3_600)).status, ChargeStatus::Full);
}

#[test]
fn an_empty_pack_is_seen_at_once() {
    let mut gauge = gauge();
    gauge.handle_sample(&plain(10.0, -0.2), s(0)).unwrap();
    assert!(gauge.reading(s(0)).soc.unwrap().percent() < 3.0);
}

#[test]
fn a_swapped_battery_is_believed_once_three_samples_agree() {
    let (mut gauge, mut pack) = (gauge(), Pack { charge: 0.9 });
    let at = run(&mut gauge, &mut pack, 3.0, 2.0, 0);
    let spike = gauge.handle_sample(&plain(11.0, -0.3), s(at));
    assert_eq!(spike, Err(Distrust::Step));
    let doubted = gauge.reading(s(at));
    assert_eq!(
        (doubted.missing, doubted.distrust),
        (1, Some(Distrust::Step))
    );
    assert!(doubted.soc.unwrap().percent() > 90.0);
    assert!(gauge.handle_sample(&plain(11.0, -0.3), s(at + 10)).is_err());
    gauge.handle_sample(&plain(11.0, -0.3), s(at + 20)).unwrap();
    let swapped = gauge.reading(s(at + 20));
    assert!(swapped.soc.unwrap().percent() < 10.0);
    assert_eq!((swapped.missing, swapped.distrust), (0, None));
}

#[test]
fn a_voltage_that_nothing_explains_overrules_the_count() {
    let (mut gauge, mut pack) = (gauge(), Pack { charge: 0.5 });
    let at = run(&mut gauge, &mut pack, 3.0, 1.0, 0);
    // Too small a step to be refused, far too large for the plateau.
    let low = plain(12.5, -0.3);
    for i in 0..2 {
        let doubted = gauge.handle_sample(&low, s(at + 10 * i));
        assert_eq!(doubted, Err(Distrust::Contradiction));
    }
    for i in 2..5 {
        gauge.handle_sample(&low, s(at + 10 * i)).unwrap();
    }
    assert!(gauge.reading(s(at + 50)).soc.unwrap().percent() < 30.0);
}

#[test]
fn silence_widens_the_band_without_moving_the_estimate() {
    let (mut gauge, mut pack) = (gauge(), Pack { charge: 0.5 });
    let at = run(&mut gauge, &mut pack, 3.0, 6.0, 0);
    let at = run(&mut gauge, &mut pack, -1.0, 4.0, at);
    let fresh = gauge.reading(s(at));
    gauge.handle_missing();
    let stale = gauge.reading(s(at + 3 * 3_600));
    assert_eq!(stale.soc, fresh.soc);
    let shorter = fresh.time_to_empty.unwrap() - stale.time_to_empty.unwrap();
    assert!(shorter >= s(3 * 3_600 - 10), "the draw goes on unseen");
    assert!(width(&stale) > width(&fresh) + 15.0);
    assert_eq!(stale.missing, 1);
    assert!(stale.sample_age.unwrap() >= s(3 * 3_600));
    gauge
        .handle_sample(&pack.sample(-0.5, None), s(at + 3 * 3_600))
        .unwrap();
    let back = gauge.reading(s(at + 3 * 3_600));
    assert!(
        width(&back) > width(&fresh),
        "what the silence hid stays in the band"
    );
}

#[test]
fn times_follow_the_smoothed_draw_down_to_the_reserve() {
    let (mut gauge, mut pack) = (gauge(), Pack { charge: 0.5 });
    let at = run(&mut gauge, &mut pack, 3.0, 6.0, 0);
    let at = run(&mut gauge, &mut pack, -0.7, 1.0, at);
    let reading = gauge.reading(s(at));
    // 0.86 of 256 Wh above the reserve of a tenth, at about 9.3 W.
    let hours = reading.time_to_empty.unwrap().as_secs_f64() / 3_600.0;
    assert!((21.0..27.0).contains(&hours), "{hours}");
    assert_eq!(reading.time_to_full, None);
    let at = run(&mut gauge, &mut pack, 2.0, 0.5, at);
    let reading = gauge.reading(s(at));
    assert_eq!(reading.time_to_empty, None);
}

#[test]
fn the_band_of_the_time_to_empty_follows_from_the_band_of_the_charge() {
    let (mut gauge, mut pack) = (gauge(), Pack { charge: 0.5 });
    // Met on the plateau: little is known, and the time says so.
    let at = run(&mut gauge, &mut pack, -0.7, 2.0, 0);
    let vague = gauge.reading(s(at - 10));
    let (shortest, longest) = vague.time_to_empty_band.unwrap();
    let likely = vague.time_to_empty.unwrap();
    assert!(shortest < likely && likely < longest);
    let (low, high) = vague.band.unwrap();
    let hours = |soc: f64| (soc - 0.1).max(0.0) * vague.health.unwrap() * 256.0;
    let ratio = longest.as_secs_f64() / likely.as_secs_f64();
    let expected = hours(high.fraction()) / hours(vague.soc.unwrap().fraction());
    assert!((ratio - expected).abs() < 0.01, "{ratio} {expected}");
    assert_eq!(shortest.is_zero(), low.fraction() <= 0.1);
    // What it really lasts down to the reserve lies within.
    let lasts = (pack.charge - 0.1) * 20.0 / 0.7 * 3_600.0;
    assert!((shortest.as_secs_f64()..longest.as_secs_f64()).contains(&lasts));
    // After a full charge it is narrow.
    let at = run(&mut gauge, &mut pack, 3.0, 6.0, at);
    let at = run(&mut gauge, &mut pack, -0.7, 1.0, at);
    let (shortest, longest) = gauge.reading(s(at - 10)).time_to_empty_band.unwrap();
    assert!(longest.as_secs_f64() < 1.2 * shortest.as_secs_f64());
    // Negative control: a pack that charges has none.
    let at = run(&mut gauge, &mut pack, 2.0, 0.5, at);
    assert_eq!(gauge.reading(s(at - 10)).time_to_empty_band, None);
}

#[test]
fn the_time_to_full_is_never_zero_before_the_pack_is_full() {
    let (mut gauge, mut pack) = (gauge(), Pack { charge: 0.5 });
    let at = run(&mut gauge, &mut pack, 3.0, 6.0, 0);
    let mut at = run(&mut gauge, &mut pack, -2.0, 4.0, at);
    let mut told = Vec::new();
    let started = at;
    let found = loop {
        at = run(&mut gauge, &mut pack, 0.9, 1.0 / 60.0, at);
        let reading = gauge.reading(s(at - 10));
        if reading.status == ChargeStatus::Full {
            break at;
        }
        assert!(at < started + 20 * 3_600, "never full");
        told.push((at, reading.time_to_full.unwrap_or_default()));
    };
    // The first half an hour still smooths the draw before.
    for &(at, time) in &told[30..] {
        let left = (found - at) as f64;
        assert!(!time.is_zero(), "{left} s before");
        assert!(
            (time.as_secs_f64() - left).abs() < 600.0 + 0.1 * left,
            "{time:?} of {left} s"
        );
    }
    assert_eq!(gauge.reading(s(at - 10)).time_to_full, None);
}

#[test]
fn harvest_and_draw_come_from_a_charger_that_speaks() {
    let mut gauge = gauge();
    let sample = BatterySample::from_plain(13.0, 1.0, None, Some(18.0)).unwrap();
    for at in (0..=3_600).step_by(10) {
        gauge.handle_sample(&sample, s(at)).unwrap();
    }
    let reading = gauge.reading(s(3_600));
    assert!((reading.harvested.unwrap().get() - 18.0).abs() < 1e-6);
    assert!((reading.draw.unwrap().get() - 5.0).abs() < 1e-9);
    assert!((reading.power.unwrap().get() - 13.0).abs() < 1e-9);
}
