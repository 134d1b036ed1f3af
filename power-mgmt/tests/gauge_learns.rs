//! What the gauge learns over days, keeps over gaps and power cuts, and does not believe.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod rig;

use power_mgmt::units::AmpHours;
use power_mgmt::{BatterySample, Policy, PolicyInput, SavedError, SocEstimator};
use rig::Pack;
use std::time::Duration;

const STEP_S: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Of the rig's pack.
const CAPACITY_AH: f64 = 20.0;

/// A box with a panel: a pack, a sensor that is off, a counter that never sleeps.
#[derive(Debug, Clone)]
struct Box {
    pack: Pack,
    gauge: SocEstimator,
    now: u64,
    offset: f64,
    counter: Option<f64>,
    /// Largest error of the charge since it was last cleared, share.
    worst: f64,
    /// Samples, and those whose band held the truth.
    held: (u32, u32),
}

impl Box {
    fn new(charge: f64, offset: f64) -> Self {
        Self {
            pack: Pack { charge },
            gauge: SocEstimator::new(&Policy::default()),
            now: 0,
            offset,
            counter: None,
            worst: 0.0,
            held: (0, 0),
        }
    }

    /// What flows at this time of the day: lessons, an evening, a sun.
    fn amps(&self) -> f64 {
        let hour = self.now as f64 / HOUR as f64 % 24.0;
        let load = if (7.0..17.0).contains(&hour) {
            11.0
        } else {
            5.0
        };
        let sun = (60.0 * (hour - 6.0) / 12.0 * (18.0 - hour) / 3.0).clamp(0.0, 55.0);
        self.pack.current(sun, load)
    }

    fn flow(&mut self, amps: f64) {
        self.pack.flow(amps, STEP_S as f64);
        self.now += STEP_S;
        if let Some(counter) = &mut self.counter {
            *counter += amps * STEP_S as f64 / HOUR as f64;
        }
    }

    fn sample(&self, amps: f64) -> BatterySample {
        let true_one = self.pack.sample(amps, None);
        let shown =
            BatterySample::from_plain(true_one.voltage.get(), amps + self.offset, Some(25.0), None);
        shown
            .unwrap()
            .with_counter(self.counter.and_then(AmpHours::new))
    }

    fn lives(&mut self, seconds: u64) {
        for _ in 0..seconds / STEP_S {
            let amps = self.amps();
            self.flow(amps);
            self.looks(amps);
        }
    }

    fn looks(&mut self, amps: f64) {
        let now = Duration::from_secs(self.now);
        self.gauge.handle_sample(&self.sample(amps), now).unwrap();
        let reading = self.gauge.reading(now);
        let error = reading.soc.unwrap().fraction() - self.pack.charge;
        self.worst = self.worst.max(error.abs());
        let (low, high) = reading.band.unwrap();
        let held = (low.fraction()..=high.fraction()).contains(&self.pack.charge);
        self.held.0 += 1;
        self.held.1 += u32::from(held);
    }

    /// Off: nobody looks, `amps` flow all the same.
    fn sleeps(&mut self, seconds: u64, amps: f64) {
        for _ in 0..seconds / STEP_S {
            self.flow(amps);
        }
    }

    fn width(&self) -> f64 {
        let band = self.gauge.reading(Duration::from_secs(self.now)).band;
        let (low, high) = band.unwrap();
        high.fraction() - low.fraction()
    }

    fn error(&self) -> f64 {
        let reading = self.gauge.reading(Duration::from_secs(self.now));
        reading.soc.unwrap().fraction() - self.pack.charge
    }
}

#[test]
fn offset_and_capacity_are_learned_on_another_makers_pack() {
    let mut school = Box::new(0.6, 0.015);
    school.lives(5 * DAY);
    (school.worst, school.held) = (0.0, (0, 0));
    school.lives(3 * DAY);
    let reading = school.gauge.reading(Duration::from_secs(school.now));
    let (offset, offset_sd) = reading.offset.unwrap();
    assert!(
        (offset.get() - 0.015).abs() < 0.004,
        "{offset} ± {offset_sd}"
    );
    let (capacity, sd) = reading.capacity.unwrap();
    assert!(
        (capacity.get() - CAPACITY_AH).abs() < 2.0 * sd.get(),
        "{capacity} ± {sd}"
    );
    assert!(
        (capacity.get() / CAPACITY_AH - 1.0).abs() < 0.1,
        "{capacity}"
    );
    assert!(school.worst < 0.04, "{}", school.worst);
    let (looked, held) = school.held;
    assert!(
        f64::from(held) >= 0.9 * f64::from(looked),
        "{held} of {looked}"
    );
}

/// Negative control of the test above: a gauge that only counts would be off by the sensor's offset.
#[test]
fn the_offset_would_have_cost_more_than_the_gauge_errs() {
    let days = 3.0;
    assert!(0.015 * 24.0 * days / CAPACITY_AH > 0.04);
}

#[test]
fn a_counter_says_what_flowed_while_the_box_was_off() {
    let mut with = Box::new(0.6, 0.0);
    with.counter = Some(0.0);
    with.lives(3 * DAY + 18 * HOUR);
    let mut without = with.clone();
    without.counter = None;
    for school in [&mut with, &mut without] {
        school.sleeps(2 * DAY, -0.15);
        school.looks(-0.15);
    }
    assert!(with.error().abs() < 0.02, "{}", with.error());
    assert!(with.width() < 0.1, "{}", with.width());
    // Negative control: without it nobody can know, and the band says so.
    assert!(without.width() > 0.2, "{}", without.width());
    assert!(without.error().abs() < without.width());
}

/// A counter that was reset (its battery was out) is no counter for that gap.
#[test]
fn a_counter_that_jumps_is_not_believed() {
    let mut school = Box::new(0.6, 0.0);
    school.counter = Some(100_000.0);
    school.lives(2 * DAY + 18 * HOUR);
    school.counter = Some(0.0);
    school.lives(HOUR);
    assert!(school.error().abs() < 0.03, "{}", school.error());
}

#[test]
fn charged_unseen_to_full_is_seen_at_once() {
    let mut school = Box::new(0.6, 0.0);
    school.lives(2 * DAY + 6 * HOUR);
    school.sleeps(10 * HOUR, 2.0);
    assert!(school.pack.charge > 0.999);
    school.lives(HOUR);
    assert!(school.error().abs() < 0.03, "{}", school.error());
}

fn learned() -> (Box, Vec<u8>) {
    let mut school = Box::new(0.6, 0.015);
    school.lives(5 * DAY + 6 * HOUR);
    let bytes = school.gauge.save().unwrap();
    (school, bytes)
}

#[test]
fn what_was_learned_survives_a_power_cut() {
    let (mut school, bytes) = learned();
    assert!(bytes.len() < 4_096, "{}", bytes.len());
    let before = school.gauge.reading(Duration::from_secs(school.now));
    school.gauge = SocEstimator::new(&Policy::default());
    school.gauge.restore(&bytes).unwrap();
    school.now = 0;
    school.looks(-0.4);
    let after = school.gauge.reading(Duration::ZERO);
    assert!(school.gauge.trust_in_saved().unwrap() > 0.8);
    assert!(school.error().abs() < 0.06, "{}", school.error());
    let offset = |r: power_mgmt::Reading| r.offset.unwrap().0.get();
    assert!((offset(after) - offset(before)).abs() < 0.004);
    // Negative control: without the save the same sample says far less.
    let kept = school.width();
    school.gauge = SocEstimator::new(&Policy::default());
    school.looks(-0.4);
    assert!(school.width() > 1.5 * kept, "{} {kept}", school.width());
}

#[test]
fn a_stale_save_is_noticed() {
    let (mut school, bytes) = learned();
    school.pack.charge = 0.05;
    school.gauge = SocEstimator::new(&Policy::default());
    school.gauge.restore(&bytes).unwrap();
    school.now = 0;
    for _ in 0..30 {
        school.flow(-0.4);
        school.looks(-0.4);
    }
    let reading = school.gauge.reading(Duration::from_secs(school.now));
    assert!(reading.soc.unwrap().fraction() < 0.2, "{:?}", reading.soc);
}

/// Off for weeks, charged or drained unseen: with a counter the save still holds, without one the band says that nobody knows.
#[test]
fn a_save_of_weeks_ago_holds_with_a_counter_and_is_doubted_without() {
    let mut school = Box::new(0.6, 0.015);
    school.counter = Some(0.0);
    school.lives(4 * DAY + 6 * HOUR);
    let bytes = school.gauge.save().unwrap();
    for (amps, hours) in [(-0.02, 21 * 24), (1.5, 3)] {
        let mut with = school.clone();
        with.sleeps(hours * HOUR, amps);
        with.gauge = SocEstimator::new(&Policy::default());
        with.gauge.restore(&bytes).unwrap();
        with.now = 0;
        let mut without = with.clone();
        without.counter = None;
        with.looks(-0.4);
        without.looks(-0.4);
        assert!(
            with.error().abs() < with.width(),
            "{amps}: {}",
            with.error()
        );
        // Negative control: nobody counted.
        assert!(
            without.width() > 1.5 * with.width(),
            "{amps}: {}",
            without.width()
        );
        assert_eq!(
            without.held.0 - school.held.0,
            without.held.1 - school.held.1,
            "{amps}"
        );
    }
}

#[test]
fn a_save_of_another_pack_is_not_believed() {
    let (mut school, bytes) = learned();
    let input = PolicyInput {
        capacity_wh: 512.0,
        ..PolicyInput::default()
    };
    let mut larger = SocEstimator::new(&Policy::new(input).unwrap());
    assert_eq!(larger.restore(&bytes), Err(SavedError::OtherPack));
    // The same label on another battery: the first voltages tell.
    school.pack.charge = 0.03;
    school.gauge = SocEstimator::new(&Policy::default());
    school.gauge.restore(&bytes).unwrap();
    school.now = 0;
    school.looks(-0.4);
    let (low, _) = school.gauge.reading(Duration::ZERO).band.unwrap();
    assert!(
        low.fraction() < 0.05 && school.error().abs() < 0.1,
        "{}",
        school.error()
    );
    // Negative control: the pack it was saved for.
    let (mut own, bytes) = learned();
    own.gauge = SocEstimator::new(&Policy::default());
    assert_eq!(own.gauge.restore(&bytes), Ok(()));
    own.now = 0;
    own.looks(-0.4);
    assert!(own.gauge.trust_in_saved().unwrap() > 0.8);
}

#[test]
fn any_bit_turned_and_any_end_cut_off_is_noticed() {
    let (_, bytes) = learned();
    let restore = |bytes: &[u8]| SocEstimator::new(&Policy::default()).restore(bytes);
    for at in (0..bytes.len()).step_by(13) {
        let mut turned = bytes.clone();
        turned[at] ^= 1 << (at % 8);
        assert!(restore(&turned).is_err(), "bit {at}");
        assert!(restore(&bytes[..at]).is_err(), "cut at {at}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(restore(&longer).is_err());
    // Negative control.
    assert_eq!(restore(&bytes), Ok(()));
}

#[test]
fn a_damaged_save_leaves_a_gauge_that_knows_nothing() {
    let (mut school, mut bytes) = learned();
    bytes[100] ^= 1;
    school.gauge = SocEstimator::new(&Policy::default());
    assert_eq!(school.gauge.restore(&bytes), Err(SavedError::Damaged));
    school.looks(-0.4);
    assert_eq!(school.gauge.trust_in_saved(), None);
    assert!(school.width() > 0.2);
}

#[test]
fn nothing_to_save_before_the_first_sample() {
    assert_eq!(SocEstimator::new(&Policy::default()).save(), None);
}
