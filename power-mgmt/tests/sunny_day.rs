//! A simulated sunny day, from a quarter charge at seven in the morning, as a golden file.

mod rig;

use power_mgmt::{Action, Governor, Policy, PowerState};
use rig::Pack;
use std::fmt::Write as _;
use std::time::Duration;

const STEP_S: u64 = 10;

/// Watts of a 60 W panel, from seven to seventeen.
fn sun(hour: f64) -> f64 {
    let height = (hour - 7.0) / 10.0;
    (200.0 * height * (1.0 - height)).clamp(0.0, 50.0)
}

fn draw(state: PowerState) -> f64 {
    match state {
        PowerState::Full => 9.0,
        PowerState::Eco => 5.0,
        PowerState::Minimal => 2.5,
        PowerState::Off => 0.05,
        PowerState::Storage => 0.001,
    }
}

#[test]
fn from_a_quarter_to_full_and_through_the_night() {
    let mut pack = Pack { charge: 0.25 };
    let mut governor = Governor::new(Policy::default(), Duration::ZERO);
    let mut log = String::new();
    for step in 0..(48 * 3_600 / STEP_S) {
        let now = Duration::from_secs(step * STEP_S);
        let hour = 7.0 + now.as_secs_f64() / 3_600.0;
        let solar = sun(hour % 24.0);
        let amps = pack.current(solar, draw(governor.state()));
        pack.flow(amps, STEP_S as f64);
        governor.handle_sample(&pack.sample(amps, Some(solar)), now);
        while let Some(action) = governor.poll_action() {
            note(&mut log, &action, hour, &pack, &governor, now);
        }
        if (step * STEP_S).is_multiple_of(3 * 3_600) {
            let reading = governor.reading(now);
            let _ = writeln!(log, "{} {}", clock(hour), told(&reading, &pack));
        }
    }
    insta::assert_snapshot!(log);
}

fn clock(hour: f64) -> String {
    let minutes = (hour * 60.0) as u64;
    format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

fn told(reading: &power_mgmt::Reading, pack: &Pack) -> String {
    let percent = |soc: Option<power_mgmt::units::StateOfCharge>| {
        soc.map_or("?".to_owned(), |soc| format!("{soc:.0}"))
    };
    let hours = |time: Option<Duration>| {
        time.map_or("-".to_owned(), |t| {
            format!("{:.0} h", t.as_secs_f64() / 3_600.0)
        })
    };
    format!(
        "true {:.0} %, told {} ({} to {}), {}, empty in {}, full in {}",
        pack.charge * 100.0,
        percent(reading.soc),
        percent(reading.band.map(|b| b.0)),
        percent(reading.band.map(|b| b.1)),
        reading.status,
        hours(reading.time_to_empty),
        hours(reading.time_to_full),
    )
}

fn note(
    log: &mut String,
    action: &Action,
    hour: f64,
    pack: &Pack,
    governor: &Governor,
    now: Duration,
) {
    match action {
        Action::Changed { from, to, reason } => {
            let told = told(&governor.reading(now), pack);
            let _ = writeln!(log, "{} {from} -> {to}: {reason}; {told}", clock(hour));
        }
        Action::Apply(plan) => assert_eq!(plan.state, governor.state()),
        Action::PowerOff(reason) => {
            let _ = writeln!(log, "{} power off: {reason}", clock(hour));
        }
    }
}
