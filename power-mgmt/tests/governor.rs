//! The governor in the situations that matter.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use power_mgmt::governor::OFF_CONFIRMATIONS;
use power_mgmt::{Action, BatterySample, Governor, LoadPlan, Policy, PowerState, Reason};
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn plain(volts: f64, amps: f64) -> BatterySample {
    BatterySample::from_plain(volts, amps, Some(25.0), None).unwrap()
}

fn drain(governor: &mut Governor) -> Vec<Action> {
    std::iter::from_fn(|| governor.poll_action()).collect()
}

fn started(volts: f64, amps: f64) -> Governor {
    let mut governor = Governor::new(Policy::default(), s(0));
    governor.handle_sample(&plain(volts, amps), s(0));
    governor
}

#[test]
fn it_starts_minimal_and_the_first_sample_chooses_without_dwell() {
    let mut governor = Governor::new(Policy::default(), s(5));
    assert_eq!(governor.state(), PowerState::Minimal);
    assert_eq!(governor.reason(), Reason::Started);
    let minimal = LoadPlan::for_state(PowerState::Minimal);
    assert_eq!(drain(&mut governor), [Action::Apply(minimal)]);
    assert_eq!(governor.poll_timeout(), None);
    governor.handle_sample(&plain(13.4, 1.0), s(6));
    assert_eq!(
        drain(&mut governor),
        [
            Action::Changed {
                from: PowerState::Minimal,
                to: PowerState::Full,
                reason: Reason::BatteryHigh
            },
            Action::Apply(LoadPlan::for_state(PowerState::Full)),
        ]
    );
}

#[test]
fn a_critical_battery_switches_off_once_and_for_good() {
    let mut governor = started(11.0, -0.5);
    drain(&mut governor);
    assert_eq!(
        governor.state(),
        PowerState::Minimal,
        "one sample is not enough"
    );
    for i in 1..u64::from(OFF_CONFIRMATIONS) {
        governor.handle_sample(&plain(11.0, -0.5), s(i));
    }
    let actions = drain(&mut governor);
    assert_eq!(
        actions.last(),
        Some(&Action::PowerOff(Reason::Critical)),
        "{actions:?}"
    );
    for i in 3..2_000 {
        governor.handle_sample(&plain(13.6, 5.0), s(i));
    }
    governor.handle_storage_request(s(2_001));
    governor.handle_off_request(s(2_002));
    governor.handle_timeout(s(1_000_000));
    assert_eq!(drain(&mut governor), []);
    assert_eq!(governor.state(), PowerState::Off);
    assert_eq!(governor.reason(), Reason::Critical);
}

#[test]
fn the_reserve_is_kept_unless_the_sun_carries_the_box() {
    // A pack nobody knows, at 3 to 13 % by its maker.
    let mut losing = started(12.5, -0.2);
    let mut gaining = started(12.5, 0.3);
    for i in 1..60 {
        losing.handle_sample(&plain(12.5, -0.2), s(i));
        gaining.handle_sample(&plain(12.5, 0.3), s(i));
    }
    assert_eq!(losing.state(), PowerState::Off);
    assert_eq!(losing.reason(), Reason::Reserve);
    assert_eq!(gaining.state(), PowerState::Minimal);
}

#[test]
fn ignorance_alone_switches_no_box_off() {
    // A fifth is left by the estimate, nothing by the low end of its band.
    let mut governor = started(12.7, -0.2);
    for i in 1..600 {
        governor.handle_sample(&plain(12.7, -0.2), s(i));
    }
    assert_eq!(governor.state(), PowerState::Minimal);
    let reading = governor.reading(s(600));
    let [cautious, guarded] = [reading.cautious(), reading.guarded()]
        .map(|charge| charge.map_or(0.0, |charge| charge.fraction()));
    assert!(cautious < 0.12 && guarded > 0.12, "{cautious} {guarded}");
}

#[test]
fn a_cloud_of_a_minute_does_not_bounce_a_box_that_gains() {
    let mut governor = started(12.15, 0.8);
    for i in 1..1_800 {
        let cloud = i % 300 >= 240;
        let sample = if cloud {
            plain(12.1, -0.2)
        } else {
            plain(12.15, 0.8)
        };
        governor.handle_sample(&sample, s(i));
        assert_eq!(governor.state(), PowerState::Minimal, "at {i} s");
    }
}

#[test]
fn silence_lowers_in_two_steps_and_never_switches_off() {
    let mut governor = started(13.4, 1.0);
    drain(&mut governor);
    let first = governor.poll_timeout().unwrap();
    assert_eq!(first, Policy::default().silent_eco_after());
    governor.handle_sample_missing(first - s(1));
    assert_eq!(governor.state(), PowerState::Full);
    governor.handle_timeout(first);
    assert_eq!(
        (governor.state(), governor.reason()),
        (PowerState::Eco, Reason::Silent)
    );
    let second = governor.poll_timeout().unwrap();
    governor.handle_timeout(second);
    assert_eq!(governor.state(), PowerState::Minimal);
    assert_eq!(governor.poll_timeout(), None);
    governor.handle_sample_missing(second + s(30 * 86_400));
    assert_eq!(governor.state(), PowerState::Minimal);
}

#[test]
fn a_sensor_that_speaks_again_lifts_the_state_after_the_dwell() {
    let mut governor = started(13.4, 1.0);
    governor.handle_timeout(s(300));
    assert_eq!(governor.state(), PowerState::Eco);
    for at in (301..601).step_by(10) {
        governor.handle_sample(&plain(13.4, 1.0), s(at));
        assert_eq!(governor.state(), PowerState::Eco, "at {at} s");
    }
    governor.handle_sample(&plain(13.4, 1.0), s(601));
    assert_eq!(
        (governor.state(), governor.reason()),
        (PowerState::Full, Reason::SampleBack)
    );
}

#[test]
fn requests_cut_the_power_once() {
    for (storage, state, reason) in [
        (true, PowerState::Storage, Reason::StorageRequested),
        (false, PowerState::Off, Reason::OffRequested),
    ] {
        let mut governor = started(13.4, 1.0);
        drain(&mut governor);
        for at in [s(10), s(11)] {
            if storage {
                governor.handle_storage_request(at);
            } else {
                governor.handle_off_request(at);
            }
        }
        assert_eq!(
            drain(&mut governor),
            [
                Action::Changed {
                    from: PowerState::Full,
                    to: state,
                    reason
                },
                Action::Apply(LoadPlan::for_state(state)),
                Action::PowerOff(reason),
            ]
        );
    }
}

#[test]
fn a_sample_that_is_not_believed_counts_as_missing() {
    let mut governor = started(13.4, 1.0);
    let lying = plain(13.4, 5_000.0);
    for at in (10..400).step_by(10) {
        governor.handle_sample(&lying, s(at));
    }
    assert_eq!(governor.state(), PowerState::Eco);
    assert_eq!(governor.reason(), Reason::Silent);
}
