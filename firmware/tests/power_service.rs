//! The power service over parts made for the test: a driver that falls over, and what the switches are told at a start.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use board_support::BoardError;
use board_support::faults::FaultSwitch;
use board_support::gauge::{Gauge, GaugeError};
use board_support::loads::LoadSwitches;
use firmware::clock::Clock;
use firmware::services::Part;
use firmware::services::power::{self, PowerHandle, PowerParts};
use firmware::supervisor::health::Verdict;
use firmware::supervisor::probe::Probe;
use firmware::supervisor::{Ended, Stop, Supervisor};
use power_mgmt::{BatterySample, LoadPlan, Policy, PowerState};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);

/// A pack that is nearly full and at rest; the first `falls` questions make its driver panic.
struct Falling {
    falls: u32,
}

impl Gauge for Falling {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        if self.falls > 0 {
            self.falls -= 1;
            panic!("as the test wants it");
        }
        Ok(BatterySample::from_plain(13.3, -0.4, Some(24.0), None).unwrap())
    }
}

#[derive(Clone, Default)]
struct Switches(Arc<Mutex<Vec<PowerState>>>);

impl LoadSwitches for Switches {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        self.0.lock().unwrap().push(plan.state);
        Ok(())
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        self.0.lock().unwrap().push(PowerState::Off);
        Ok(())
    }
}

/// Runs the service until it believes something of its battery, and then switches off; what the switches were told.
async fn lived(gauge: Falling) -> Vec<PowerState> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let clock = Clock::of_the_desk();
    let (told, _verdict) = watch::channel(Verdict::Healthy);
    let (mut supervisor, stop) = Supervisor::new(clock.clone(), FaultSwitch::default(), told);
    let switches = Switches::default();
    let (service, handle) = power::service(PowerParts {
        clock: clock.clone(),
        time_scale: 1,
        policy: Policy::default(),
        gauge: Some(Part::new(Box::new(gauge))),
        loads: Part::new(Box::new(switches.clone())),
        stop: stop.clone(),
    });
    supervisor.start(service);
    let PowerHandle { mut report, .. } = handle;
    tokio::spawn(async move {
        let believed = |report: &power::PowerReport| {
            report
                .reading
                .as_ref()
                .is_some_and(|reading| reading.soc.is_some())
        };
        report.wait_for(believed).await.unwrap();
        stop.ask(Stop::PowerOff);
    });
    let probe = Probe::start(listener.local_addr().unwrap(), clock, || {}).unwrap();
    let ended = timeout(SOON, supervisor.run(&probe)).await.unwrap();
    assert_eq!(ended, Ended::Cleanly(Stop::PowerOff));
    switches.0.lock().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_of_the_start_is_passed_over_where_the_first_sample_knows_better() {
    let told = lived(Falling { falls: 0 }).await;
    assert_eq!(told, [PowerState::Full, PowerState::Off]);
}

/// The first turn knows nothing and follows the plan of the start; the second reads the gauge all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_gauge_whose_driver_fell_over_is_read_again() {
    let told = lived(Falling { falls: 1 }).await;
    assert_eq!(
        told,
        [PowerState::Minimal, PowerState::Full, PowerState::Off]
    );
}
