//! The power service over parts made for the test: a driver that falls over, what the switches are told at a start, and what a box does before it goes
//! off: the alarm first, and against nobody's will.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use board_support::BoardError;
use board_support::faults::FaultSwitch;
use board_support::gauge::{Gauge, GaugeError};
use board_support::loads::LoadSwitches;
use board_support::wake::WakeAlarm;
use firmware::activity::Activity;
use firmware::clock::Clock;
use firmware::config::Place;
use firmware::config::timetable::Timetable;
use firmware::services::Part;
use firmware::services::power::{
    self, PLAN_BEGINS_AFTER, PowerCommand, PowerHandle, PowerParts, PowerReport,
};
use firmware::supervisor::health::Verdict;
use firmware::supervisor::probe::Probe;
use firmware::supervisor::{Ended, Stop, StopRequester, Supervisor};
use power_mgmt::{BatterySample, Governor, LoadPlan, Policy, PowerState};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(60);

/// A pack at rest; the first `falls` questions make its driver panic.
struct Falling {
    falls: u32,
    volts: f64,
}

impl Gauge for Falling {
    fn sample(&mut self) -> Result<BatterySample, GaugeError> {
        if self.falls > 0 {
            self.falls -= 1;
            panic!("as the test wants it");
        }
        Ok(BatterySample::from_plain(self.volts, -0.4, Some(24.0), Some(0.0)).unwrap())
    }
}

/// What switches and alarm were told, in order: `full`, `off`, `wake 1772…`, `no wake`.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn say(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl LoadSwitches for Told {
    fn apply(&mut self, plan: &LoadPlan) -> Result<(), BoardError> {
        self.say(plan.state.to_string());
        Ok(())
    }

    fn power_off(&mut self) -> Result<(), BoardError> {
        self.say("rails off".to_owned());
        Ok(())
    }
}

/// What the alarm does when it is set.
#[derive(Clone, Copy, PartialEq)]
enum Alarm {
    Works,
    Refuses,
    Forgets,
}

struct Waking(Told, Alarm);

impl WakeAlarm for Waking {
    fn set(&mut self, at: Option<u64>) -> Result<Option<u64>, BoardError> {
        self.0
            .say(at.map_or("no wake".to_owned(), |at| format!("wake {at}")));
        match self.1 {
            Alarm::Works => Ok(at),
            Alarm::Forgets => Ok(None),
            Alarm::Refuses if at.is_none() => Ok(None),
            Alarm::Refuses => Err(BoardError::Write {
                path: "/dev/rtc0".into(),
                source: std::io::Error::other("as the test wants it"),
            }),
        }
    }
}

/// A box of parts.
struct Rig {
    data: TempDir,
    told: Told,
    parts: PowerParts,
}

/// Monday, the second of March 2026, 23:00.
const MONDAY_NIGHT: u64 = 1_772_492_400;
/// The morning after it, six o'clock.
const TUESDAY_SIX: u64 = MONDAY_NIGHT + 7 * 3600;

impl Rig {
    fn new(gauge: Falling, clock: Clock, alarm: Alarm) -> Self {
        let (told, data) = (Told::default(), tempfile::tempdir().unwrap());
        // Only the type is needed; the true one comes with the supervisor.
        let (_, stop) = supervisor(&clock);
        let parts = PowerParts {
            clock,
            time_scale: 1,
            policy: Policy::default(),
            place: Place::default(),
            timetable: Timetable::default(),
            gauge: Some(Part::new(Box::new(gauge))),
            loads: Part::new(Box::new(told.clone())),
            wake: Some(Part::new(Box::new(Waking(told.clone(), alarm)))),
            data: Some(data.path().to_owned()),
            activity: Activity::default(),
            faults: Arc::new(Vec::new),
            plan_begins_after: PLAN_BEGINS_AFTER,
            stop,
        };
        Self { data, told, parts }
    }

    /// A box at night that the plan wants off: a third is left, a tiny panel, and the gauge knows it. The plan begins at once.
    fn tired(clock: Clock, alarm: Alarm) -> Self {
        let at_a_third = Falling {
            falls: 0,
            volts: 12.86,
        };
        let mut rig = Self::new(at_a_third, clock, alarm);
        rig.parts.plan_begins_after = Duration::ZERO;
        rig.parts.place.panel_w = 8.0;
        keep_a_learned_gauge(rig.data.path());
        rig
    }

    /// Runs until `asks` has had its way with the box, and the box has ended; what was told.
    async fn live<F>(self, asks: impl FnOnce(PowerHandle, StopRequester) -> F) -> Vec<String>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let clock = self.parts.clock.clone();
        let (mut supervisor, stop) = supervisor(&clock);
        let (service, handle) = power::service(PowerParts {
            stop: stop.clone(),
            ..self.parts
        });
        supervisor.start(service);
        tokio::spawn(asks(handle, stop));
        let probe = Probe::start(listener.local_addr().unwrap(), clock, || {}).unwrap();
        let ended = timeout(SOON, supervisor.run(&probe)).await.unwrap();
        assert!(matches!(ended, Ended::Cleanly(_)), "{ended:?}");
        self.told.all()
    }

    /// Waits until the box goes off by itself.
    async fn lives_alone(self) -> Vec<String> {
        self.live(|handle, _stop| async move {
            let mut report = handle.report;
            let _ = report.wait_for(|_| false).await;
        })
        .await
    }

    /// Insists that the box, which is advised to go off, stays; what was told before the test ended it.
    async fn stays(self, first: Option<PowerCommand>) -> Vec<String> {
        self.live(|handle, stop| async move {
            if let Some(command) = first {
                handle.commands.send(command).await.unwrap();
            }
            let mut report = handle.report;
            report.wait_for(is_advised_off).await.unwrap();
            // More turns than it takes to confirm a power-off.
            for _ in 0..6 {
                report.changed().await.unwrap();
                assert!(is_advised_off(&report.borrow()));
                assert_eq!(report.borrow().plan.state, PowerState::Minimal);
            }
            stop.ask(Stop::Process);
        })
        .await
    }
}

fn is_advised_off(report: &PowerReport) -> bool {
    let advice = report.story.advice;
    advice.is_some_and(|advice| advice.state == PowerState::Off)
}

fn supervisor(clock: &Clock) -> (Supervisor, StopRequester) {
    let (told, _verdict) = watch::channel(Verdict::Healthy);
    Supervisor::new(clock.clone(), FaultSwitch::default(), told)
}

/// A gauge as a life of seven hours leaves it.
static LEARNED: LazyLock<Vec<u8>> = LazyLock::new(learned_gauge);

fn keep_a_learned_gauge(data: &Path) {
    std::fs::create_dir(data.join("power")).unwrap();
    std::fs::write(data.join("power/gauge.bin"), &*LEARNED).unwrap();
}

/// Charged to the full, then drawn to a third.
fn learned_gauge() -> Vec<u8> {
    const OCV: [f64; 11] = [
        10.0, 12.12, 12.70, 12.855, 13.02, 13.066, 13.076, 13.10, 13.24, 13.257, 13.4,
    ];
    let mut governor = Governor::new(Policy::default(), Duration::ZERO);
    let mut at = Duration::ZERO;
    let mut feed = |volts: f64, amps: f64| {
        at += Duration::from_secs(60);
        let sample = BatterySample::from_plain(volts, amps, Some(24.0), Some(0.0)).unwrap();
        governor.handle_sample(&sample, at);
    };
    for _ in 0..30 {
        feed(14.2, 0.3);
    }
    for minute in 0..405_u16 {
        let charge = 10.0 * (1.0 - f64::from(minute) * 2.0 / 60.0 / 20.0);
        let below = charge.floor().clamp(0.0, 9.0);
        let (low, high) = (OCV[below as usize], OCV[below as usize + 1]);
        feed(low + (high - low) * (charge - below) - 2.0 * 0.03, -2.0);
    }
    for _ in 0..30 {
        feed(12.86, -0.4);
    }
    governor.saved_gauge().unwrap()
}

fn at_night() -> Clock {
    Clock::start(1, Some(MONDAY_NIGHT))
}

/// Runs the service until it believes something of its battery, and then switches off; what the switches were told.
async fn lived(falls: u32) -> Vec<String> {
    let nearly_full = Falling { falls, volts: 13.3 };
    let mut rig = Rig::new(nearly_full, Clock::of_the_desk(), Alarm::Works);
    rig.parts.wake = None;
    rig.live(|handle, stop| async move {
        let mut report = handle.report;
        let believed = |report: &PowerReport| {
            report
                .reading
                .as_ref()
                .is_some_and(|reading| reading.soc.is_some())
        };
        report.wait_for(believed).await.unwrap();
        stop.ask(Stop::PowerOff);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_of_the_start_is_passed_over_where_the_first_sample_knows_better() {
    assert_eq!(lived(0).await, ["full", "rails off"]);
}

/// The first turn knows nothing and follows the plan of the start; the second reads the gauge all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_gauge_whose_driver_fell_over_is_read_again() {
    assert_eq!(lived(1).await, ["minimal", "full", "rails off"]);
}

/// The control of all that stay: with a clock, an alarm and nobody there, the plan switches off, and the alarm was set before.
#[tokio::test(flavor = "multi_thread")]
async fn off_by_plan_sets_the_alarm_first() {
    let told = Rig::tired(at_night(), Alarm::Works).lives_alone().await;
    let [.., off, rails] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!((&**off, &**rails), ("off", "rails off"), "{told:?}");
    let wakes: Vec<&String> = told
        .iter()
        .filter(|told| told.starts_with("wake"))
        .collect();
    let [wake] = wakes[..] else {
        panic!("{told:?}")
    };
    let at: u64 = wake.strip_prefix("wake ").unwrap().parse().unwrap();
    let within = MONDAY_NIGHT + 600..=MONDAY_NIGHT + 86_400;
    assert!(within.contains(&at) && at.is_multiple_of(600), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_clock_the_plan_never_switches_off() {
    let clock = Clock::start(1, None);
    // The system's own time may be anything: a timetable without any hour of note.
    let rig = Rig::tired(clock, Alarm::Works);
    let told = rig
        .live(|handle, stop| async move {
            let mut report = handle.report;
            for _ in 0..8 {
                report.changed().await.unwrap();
                assert!(!report.borrow().plan.state.is_power_off());
            }
            stop.ask(Stop::Process);
        })
        .await;
    assert!(
        !told.iter().any(|told| told.starts_with("wake")),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_that_cannot_be_set_keeps_the_box_on() {
    for alarm in [Alarm::Refuses, Alarm::Forgets] {
        let told = Rig::tired(at_night(), alarm).stays(None).await;
        let tried = told.iter().filter(|told| told.starts_with("wake")).count();
        assert_eq!(tried, 1, "once in ten minutes: {told:?}");
    }
    let mut without = Rig::tired(at_night(), Alarm::Works);
    without.parts.wake = None;
    assert_eq!(without.stays(None).await, ["minimal"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_waits_for_people() {
    let rig = Rig::tired(at_night(), Alarm::Works);
    rig.parts.activity.mark(rig.parts.clock.since_boot());
    assert_eq!(rig.stays(None).await, ["no wake", "minimal"]);
    let rig = Rig::tired(at_night(), Alarm::Works);
    let told = rig.stays(Some(PowerCommand::Attention)).await;
    assert!(!told.iter().any(|told| told == "off"), "{told:?}");
    let mut rig = Rig::tired(at_night(), Alarm::Works);
    rig.parts.plan_begins_after = PLAN_BEGINS_AFTER;
    let told = rig
        .live(|handle, stop| async move {
            let mut report = handle.report;
            report.wait_for(is_advised_off).await.unwrap();
            for _ in 0..6 {
                report.changed().await.unwrap();
                assert!(!report.borrow().plan.state.is_power_off());
            }
            stop.ask(Stop::Process);
        })
        .await;
    assert!(
        !told.iter().any(|told| told.starts_with("wake")),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_battery_is_tried_again_in_the_morning() {
    let empty = Falling {
        falls: 0,
        volts: 9.8,
    };
    let told = Rig::new(empty, at_night(), Alarm::Works)
        .lives_alone()
        .await;
    let wake = told.iter().find_map(|told| told.strip_prefix("wake "));
    let at: u64 = wake.unwrap().parse().unwrap();
    // By six where the planner foresees no better time; else when the sun will have given enough for a start.
    assert!(
        (TUESDAY_SIX..=TUESDAY_SIX + 6 * 3600).contains(&at),
        "{told:?}"
    );
    assert_eq!(told.last().map(String::as_str), Some("rails off"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_switches_the_box_off_will_switch_it_on() {
    let rig = Rig::new(
        Falling {
            falls: 0,
            volts: 13.3,
        },
        at_night(),
        Alarm::Works,
    );
    let told = rig
        .live(|handle, _stop| async move {
            let mut report = handle.report;
            report
                .wait_for(|report| report.plan.state == PowerState::Full)
                .await
                .unwrap();
            handle.commands.send(PowerCommand::SwitchOff).await.unwrap();
            let _ = report.wait_for(|_| false).await;
        })
        .await;
    assert_eq!(told, ["no wake", "full", "no wake", "off", "rails off"]);
}
