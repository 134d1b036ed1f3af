//! Tier 1: random samples, silences, time steps and requests against the invariants of the crate
//! and a small reference model.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod model;

use model::Model;
use power_mgmt::units::AmpHours;
use power_mgmt::{
    Action, BatterySample, Governor, LoadPlan, Policy, PolicyInput, PowerState, Reading, Reason,
    SocEstimator,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Debug, Clone)]
enum Event {
    /// The same voltage and current, this many times.
    Samples {
        volts: f64,
        amps: f64,
        celsius: f64,
        times: u8,
        every_s: u64,
    },
    Missing,
    Wait(u64),
    WaitForTimeout,
    TimeBack(u64),
    Storage,
    Off,
}

fn samples() -> impl Strategy<Value = Event> {
    let volts = prop_oneof![
        6 => prop::sample::select(vec![11.0, 12.05, 12.3, 12.8, 13.05, 13.2, 13.35, 14.2]),
        2 => 10.0..14.5,
        1 => -5.0..40.0,
    ];
    let amps = prop_oneof![8 => -3.0..3.0, 1 => -200.0..200.0];
    let celsius = prop_oneof![8 => 0.0..45.0, 1 => -60.0..140.0];
    (volts, amps, celsius, 1u8..12, 1u64..90).prop_map(|(volts, amps, celsius, times, every_s)| {
        Event::Samples {
            volts,
            amps,
            celsius,
            times,
            every_s,
        }
    })
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        20 => samples(),
        3 => Just(Event::Missing),
        3 => (0u64..8_000).prop_map(Event::Wait),
        2 => Just(Event::WaitForTimeout),
        1 => (0u64..10_000).prop_map(Event::TimeBack),
    ];
    let request =
        prop_oneof![6 => Just(None), 1 => Just(Some(Event::Storage)), 1 => Just(Some(Event::Off))];
    (
        prop::collection::vec(event.clone(), 1..40),
        request,
        prop::collection::vec(event, 0..8),
    )
        .prop_map(|(mut before, request, after)| {
            before.extend(request);
            before.extend(after);
            before
        })
}

struct World {
    governor: Governor,
    model: Model,
    now: Duration,
    /// The state as the actions told it.
    told: PowerState,
    changed_at: Option<Duration>,
    off: Option<Reason>,
    reached: BTreeSet<(PowerState, &'static str)>,
}

impl World {
    fn new(policy: Policy) -> Self {
        let now = Duration::from_secs(7);
        Self {
            governor: Governor::new(policy, now),
            model: Model::new(now),
            now,
            told: PowerState::Minimal,
            changed_at: None,
            off: None,
            reached: BTreeSet::new(),
        }
    }

    fn run(&mut self, event: &Event) {
        match *event {
            Event::Samples {
                volts,
                amps,
                celsius,
                times,
                every_s,
            } => {
                let sample = BatterySample::from_plain(volts, amps, Some(celsius), None).unwrap();
                for _ in 0..times {
                    self.now += Duration::from_secs(every_s);
                    self.sample(&sample, self.now);
                }
            }
            Event::Missing => {
                self.governor.handle_sample_missing(self.now);
                self.model.time(self.now);
            }
            Event::Wait(seconds) => self.timeout(self.now + Duration::from_secs(seconds)),
            Event::WaitForTimeout => {
                let due = self.governor.poll_timeout().unwrap_or(self.now);
                self.timeout(due.max(self.now));
            }
            Event::TimeBack(seconds) => {
                let back = self.now.saturating_sub(Duration::from_secs(seconds));
                self.governor.handle_timeout(back);
                self.model.time(self.now);
            }
            Event::Storage => {
                self.governor.handle_storage_request(self.now);
                self.model.go(PowerState::Storage, self.now);
            }
            Event::Off => {
                self.governor.handle_off_request(self.now);
                self.model.go(PowerState::Off, self.now);
            }
        }
        self.check();
    }

    fn timeout(&mut self, now: Duration) {
        self.now = now;
        self.governor.handle_timeout(self.now);
        self.model.time(self.now);
        if let Some(next) = self.governor.poll_timeout() {
            assert!(next > self.now, "a deadline of {next:?} at {:?}", self.now);
        }
    }

    fn sample(&mut self, sample: &BatterySample, now: Duration) {
        self.governor.handle_sample(sample, now);
        self.model.time(now);
        let reading = self.governor.reading(now);
        if reading.missing == 0 && reading.distrust.is_none() {
            self.model.sample(&reading, now);
        }
        self.check();
    }

    fn check(&mut self) {
        while let Some(action) = self.governor.poll_action() {
            assert!(self.off.is_none(), "{action:?} after the power was cut");
            match action {
                Action::Changed { from, to, reason } => self.changed(from, to, reason),
                Action::Apply(plan) => assert_eq!(plan, LoadPlan::for_state(self.told)),
                Action::PowerOff(reason) => {
                    assert!(self.told.is_power_off());
                    assert_ne!(reason, Reason::Silent);
                    self.off = Some(reason);
                }
            }
        }
        assert_eq!(self.governor.state(), self.told);
        assert_eq!(self.governor.plan(), LoadPlan::for_state(self.told));
        assert_eq!(
            self.governor.state(),
            self.model.state,
            "the model disagrees"
        );
        assert_eq!(self.told.is_power_off(), self.off.is_some());
        honest(&self.governor.reading(self.now));
    }

    fn changed(&mut self, from: PowerState, to: PowerState, reason: Reason) {
        assert_eq!(from, self.told);
        assert_ne!(from, to);
        if let (true, Some(before)) = (to > from, self.changed_at) {
            assert!(self.now - before >= Model::DWELL, "{from} -> {to} too soon");
        }
        if matches!(reason, Reason::Reserve | Reason::Critical) {
            assert!(!self.governor.reading(self.now).gains());
        }
        self.reached.insert((to, reason.as_str()));
        self.told = to;
        self.changed_at = Some(self.now);
    }
}

/// Charge within 0..=1, within its band, and nothing that is not finite.
fn honest(reading: &Reading) {
    assert_eq!(reading.soc.is_some(), reading.band.is_some());
    if let (Some(soc), Some((low, high))) = (reading.soc, reading.band) {
        assert!((0.0..=1.0).contains(&soc.fraction()), "{soc}");
        assert!(low <= soc && soc <= high, "{soc} outside {low} to {high}");
        assert!(reading.cautious().unwrap() <= soc);
        let guarded = reading.guarded().unwrap();
        assert!(reading.cautious().unwrap() <= guarded && guarded <= soc);
    }
    for watts in [reading.power, reading.draw, reading.solar] {
        assert!(watts.is_none_or(|w| w.get().is_finite()));
    }
    if let Some((shortest, longest)) = reading.time_to_empty_band {
        let likely = reading.time_to_empty.unwrap();
        assert!(shortest <= likely && likely <= longest);
    }
    assert!(reading.soc_sd.is_none_or(|sd| sd.fraction() > 0.0));
    if let Some((ah, sd)) = reading.capacity {
        assert!(ah.get() > 0.0 && sd.get() >= 0.0, "{ah} ± {sd}");
    }
    assert!(reading.health.is_none_or(|h| h.is_finite() && h > 0.0));
    assert!(
        reading
            .offset
            .is_none_or(|(amps, sd)| amps.get().is_finite() && sd.get() >= 0.0)
    );
    assert!(reading.mean_current.is_none_or(|a| a.get().is_finite()));
    assert!(reading.harvested.is_none_or(|h| h.get() >= 0.0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn governor_keeps_its_invariants_and_agrees_with_the_model(events in events()) {
        let mut world = World::new(Policy::default());
        for event in &events {
            world.run(event);
        }
    }

    /// Any bits at all: what is not finite cannot become a sample, what is implausible changes nothing
    /// but the count of missing samples.
    #[test]
    fn any_number_is_survived(
        rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>(), any::<u64>()), 1..60)
    ) {
        let mut gauge = SocEstimator::new(&Policy::default());
        for (volts, amps, celsius, solar, at) in rows {
            let now = Duration::from_secs(at);
            match BatterySample::from_plain(volts, amps, Some(celsius), Some(solar)) {
                Some(sample) => {
                    let before = gauge.reading(now).soc;
                    if gauge.handle_sample(&sample, now).is_err() {
                        prop_assert_eq!(gauge.reading(now).soc, before);
                    }
                }
                None => prop_assert!(!volts.is_finite() || !amps.is_finite()),
            }
            honest(&gauge.reading(now));
        }
    }

    /// A counter that says anything at all, a pack that jumps, gaps of any length: the charge stays in its band.
    #[test]
    fn any_counter_and_any_gap_are_survived(
        rows in prop::collection::vec((8.0..16.0, -100.0..100.0, any::<f64>(), 0u64..400_000), 1..12)
    ) {
        let mut gauge = SocEstimator::new(&Policy::default());
        let mut now = Duration::ZERO;
        for (volts, amps, counter, later) in rows {
            now += Duration::from_secs(later);
            let sample = BatterySample::from_plain(volts, amps, Some(20.0), None).unwrap();
            let _ = gauge.handle_sample(&sample.with_counter(AmpHours::new(counter)), now);
            honest(&gauge.reading(now));
        }
        let mut next = SocEstimator::new(&Policy::default());
        if let Some(saved) = gauge.save() {
            prop_assert!(next.restore(&saved).is_ok());
        }
        let _ = next.handle_sample(&BatterySample::from_plain(13.2, -0.5, None, None).unwrap(), now);
        honest(&next.reading(now));
    }

    /// Bytes that are no save are refused.
    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..3_000)) {
        prop_assert!(SocEstimator::new(&Policy::default()).restore(&bytes).is_err());
    }

    /// The longer the silence, the wider the band.
    #[test]
    fn silence_never_narrows_the_band(
        volts in 11.0..14.0, amps in -2.0..2.0, first in 0u64..100_000, more in 0u64..100_000
    ) {
        let mut gauge = SocEstimator::new(&Policy::default());
        let sample = BatterySample::from_plain(volts, amps, None, None).unwrap();
        gauge.handle_sample(&sample, Duration::ZERO).unwrap();
        let band = |at| gauge.reading(Duration::from_secs(at)).band.unwrap();
        let (early, late) = (band(first), band(first + more));
        prop_assert!(late.0 <= early.0 && early.1 <= late.1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// A box's days with everything at once: readings that hang, a clock that is set back, batteries exchanged, absurd panels,
    /// gaps. Whatever comes, the gauge stays honest, and what is acted on is no more than what is estimated.
    #[test]
    fn any_fault_of_the_sensors_is_survived(
        faults in prop::collection::vec((0u8..7, 1u16..40, 8.5..15.5, -9.0..9.0, 1u64..200), 1..10)
    ) {
        let mut gauge = SocEstimator::new(&Policy::default());
        let mut now = Duration::from_secs(50_000);
        for (fault, times, volts, amps, every_s) in faults {
            // Each gap makes the gauge think anew: a few are as good as many.
            let times = if fault == 4 { times % 3 } else { times };
            for n in 0..times {
                let swing = f64::from(n % 2);
                let (volts, amps) = match fault {
                    0 => (volts - 0.06 * swing, amps),
                    1 => (volts, amps - 2.0 * swing),
                    _ => (volts + 0.03 * amps * swing, amps * swing),
                };
                let solar = (fault == 2).then_some(1e300 * amps);
                now = match fault {
                    3 => now.saturating_sub(Duration::from_secs(every_s)),
                    4 => now + Duration::from_secs(1_000 * every_s),
                    _ => now + Duration::from_secs(every_s),
                };
                let sample = BatterySample::from_plain(volts, amps, Some(25.0), solar).unwrap();
                let judged = gauge.handle_sample(&sample, now);
                let reading = gauge.reading(now);
                honest(&reading);
                prop_assert_eq!(reading.distrust, judged.err());
                prop_assert_eq!(reading.missing == 0, judged.is_ok());
            }
        }
    }
}

/// A box at more than half charge whose battery then fills.
fn fills() -> [Event; 2] {
    let samples = |volts, times, every_s| Event::Samples {
        volts,
        amps: 1.0,
        celsius: 25.0,
        times,
        every_s,
    };
    [samples(13.2, 1, 10), samples(13.6, 60, 10)]
}

#[test]
fn the_model_agrees_on_a_filling_battery() {
    let mut world = World::new(Policy::default());
    fills().iter().for_each(|event| world.run(event));
    assert_eq!(world.told, PowerState::Full);
}

/// Negative control: the invariants see a governor that does not wait.
#[test]
#[should_panic(expected = "too soon")]
fn a_hasty_governor_is_caught() {
    with_dwell(200);
}

/// Negative control: and one that waits too long.
#[test]
#[should_panic(expected = "the model disagrees")]
fn a_lazy_governor_is_caught() {
    with_dwell(400);
}

fn with_dwell(dwell_s: u64) {
    let input = PolicyInput {
        dwell_s,
        ..PolicyInput::default()
    };
    let mut world = World::new(Policy::new(input).unwrap());
    fills().iter().for_each(|event| world.run(event));
}

/// Negative control: the random sequences are not so tame that nothing is ever tested.
#[test]
fn the_random_sequences_reach_every_state_for_every_reason() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for _ in 0..150 {
        let events = events().new_tree(&mut runner).unwrap().current();
        let mut world = World::new(Policy::default());
        events.iter().for_each(|event| world.run(event));
        reached.append(&mut world.reached);
    }
    let expected = [
        (PowerState::Storage, Reason::StorageRequested),
        (PowerState::Off, Reason::OffRequested),
        (PowerState::Off, Reason::Critical),
        (PowerState::Off, Reason::Reserve),
        (PowerState::Minimal, Reason::BatteryLow),
        (PowerState::Minimal, Reason::Silent),
        (PowerState::Eco, Reason::BatteryHigh),
        (PowerState::Eco, Reason::BatteryLow),
        (PowerState::Eco, Reason::Silent),
        (PowerState::Full, Reason::BatteryHigh),
        (PowerState::Full, Reason::SampleBack),
    ];
    for (state, reason) in expected {
        assert!(
            reached.contains(&(state, reason.as_str())),
            "{state} for {} was never reached",
            reason.as_str()
        );
    }
}
