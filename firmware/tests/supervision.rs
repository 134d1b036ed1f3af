//! The service tree with services made for the test: panics, hangs, early ends, the order of the stop.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use board_support::faults::FaultSwitch;
use firmware::clock::Clock;
use firmware::services::ServiceName;
use firmware::supervisor::health::{Criticality, Verdict};
use firmware::supervisor::probe::Probe;
use firmware::supervisor::restart::RestartPolicy;
use firmware::supervisor::{Ended, Life, LifeError, Service, Stop, StopRequester, Supervisor};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);

/// What the services of a test did, in order.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn count(&self, what: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|line| *line == what)
            .count()
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// What a life of a service does.
#[derive(Clone, Copy)]
enum Conduct {
    Serve,
    PanicAtOnce,
    PanicInTheFirstLife,
    EndAtOnce,
    HangFor(Duration),
    IgnoreStop,
    /// Asked to stop, it has work for an hour.
    Drain,
}

fn service(
    name: ServiceName,
    criticality: Criticality,
    conduct: Conduct,
    diary: &Diary,
) -> Service {
    let diary = diary.clone();
    Service {
        name,
        criticality,
        policy: RestartPolicy {
            first_wait: Duration::from_millis(20),
            ..RestartPolicy::HOUSE
        },
        silence_limit: match conduct {
            Conduct::HangFor(limit) => limit,
            Conduct::Serve
            | Conduct::PanicInTheFirstLife
            | Conduct::PanicAtOnce
            | Conduct::EndAtOnce
            | Conduct::IgnoreStop
            | Conduct::Drain => Duration::from_secs(60),
        },
        stop_within: match conduct {
            Conduct::Drain => Duration::from_secs(3600),
            Conduct::Serve
            | Conduct::PanicInTheFirstLife
            | Conduct::PanicAtOnce
            | Conduct::EndAtOnce
            | Conduct::HangFor(_)
            | Conduct::IgnoreStop => Duration::from_millis(300),
        },
        begin: Box::new(move |life| Box::pin(live(life, name, conduct, diary.clone()))),
    }
}

async fn live(
    mut life: Life,
    name: ServiceName,
    conduct: Conduct,
    diary: Diary,
) -> Result<(), LifeError> {
    diary.note(format!("{name} began"));
    match conduct {
        Conduct::PanicAtOnce => panic!("as the test wants it"),
        Conduct::EndAtOnce => return Ok(()),
        Conduct::HangFor(_) | Conduct::IgnoreStop => std::future::pending().await,
        Conduct::PanicInTheFirstLife if diary.count(&format!("{name} began")) == 1 => {
            panic!("as the test wants it")
        }
        Conduct::Serve | Conduct::PanicInTheFirstLife => {
            let stop = life.stopped().await;
            diary.note(format!("{name} stopped: {stop:?}"));
        }
        Conduct::Drain => {
            let stop = life.stopped().await;
            diary.note(format!("{name} stopped: {stop:?}"));
            life.powered_off().await;
            diary.note(format!("{name} cut"));
        }
    }
    Ok(())
}

struct Rig {
    supervisor: Supervisor,
    stop: StopRequester,
    verdict: watch::Receiver<Verdict>,
    probe: Probe,
    diary: Diary,
}

impl Rig {
    fn start(&mut self, name: ServiceName, criticality: Criticality, conduct: Conduct) {
        let service = service(name, criticality, conduct, &self.diary);
        self.supervisor.start(service);
    }
}

/// A supervisor whose self-probe is answered by a thread of the test.
fn rig() -> Rig {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 512];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let clock = Clock::start(1, None);
    let (told, verdict) = watch::channel(Verdict::Healthy);
    let (supervisor, stop) = Supervisor::new(clock.clone(), FaultSwitch::default(), told);
    let probe = Probe::start(address, clock, || {}).unwrap();
    Rig {
        supervisor,
        stop,
        verdict,
        probe,
        diary: Diary::default(),
    }
}

async fn until(mut done: impl FnMut() -> bool) {
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let waiting = async {
        while !done() {
            look.tick().await;
        }
    };
    timeout(SOON, waiting).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn services_stop_in_reverse_order_and_power_is_last() {
    let mut rig = rig();
    for name in [ServiceName::Power, ServiceName::Store, ServiceName::Web] {
        rig.start(name, Criticality::Essential, Conduct::Serve);
    }
    let diary = rig.diary.clone();
    let stop = rig.stop.clone();
    tokio::spawn(async move {
        until(|| diary.count("web began") == 1).await;
        stop.ask(Stop::Process);
    });
    assert_eq!(
        timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap(),
        Ended::Cleanly(Stop::Process)
    );
    let stops: Vec<String> = rig
        .diary
        .all()
        .into_iter()
        .filter(|line| line.contains("stopped"))
        .collect();
    assert_eq!(
        stops,
        [
            "web stopped: Process",
            "store stopped: Process",
            "power stopped: Process"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_off_wins_over_a_stop_that_came_before_it() {
    let mut rig = rig();
    rig.start(ServiceName::Power, Criticality::Critical, Conduct::Serve);
    rig.stop.ask(Stop::Process);
    rig.stop.ask(Stop::PowerOff);
    assert_eq!(
        timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap(),
        Ended::Cleanly(Stop::PowerOff)
    );
    assert_eq!(rig.diary.count("power stopped: PowerOff"), 1);
}

/// Only the power service can let go of the latch, and it may be between two lives.
#[tokio::test(flavor = "multi_thread")]
async fn a_power_off_finds_a_service_that_waits_for_its_restart() {
    let mut rig = rig();
    let conduct = Conduct::PanicInTheFirstLife;
    rig.start(ServiceName::Power, Criticality::Critical, conduct);
    let (diary, stop) = (rig.diary.clone(), rig.stop.clone());
    tokio::spawn(async move {
        until(|| diary.count("power began") == 1).await;
        stop.ask(Stop::PowerOff);
    });
    let ended = timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap();
    assert_eq!(ended, Ended::Cleanly(Stop::PowerOff));
    assert_eq!(rig.diary.count("power stopped: PowerOff"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_off_in_the_middle_of_the_stop_cuts_the_drain() {
    let mut rig = rig();
    rig.start(ServiceName::Power, Criticality::Critical, Conduct::Serve);
    rig.start(ServiceName::Web, Criticality::Essential, Conduct::Drain);
    rig.stop.ask(Stop::Process);
    let (diary, stop) = (rig.diary.clone(), rig.stop.clone());
    tokio::spawn(async move {
        until(|| diary.count("web stopped: Process") == 1).await;
        stop.ask(Stop::PowerOff);
        stop.ask(Stop::Process);
    });
    assert_eq!(
        timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap(),
        Ended::Cleanly(Stop::PowerOff)
    );
    assert_eq!(rig.diary.count("web cut"), 1);
    assert_eq!(
        rig.diary.count("power stopped: PowerOff"),
        1,
        "the latch is let go"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_panic_said_is_told() {
    let mut rig = rig();
    rig.start(
        ServiceName::Power,
        Criticality::Critical,
        Conduct::PanicAtOnce,
    );
    let ended = timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap();
    assert_eq!(
        ended,
        Ended::Escalated("power failed too often, last: panicked: as the test wants it".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_essential_service_that_panics_is_restarted_and_the_verdict_says_so() {
    let mut rig = rig();
    rig.start(ServiceName::Power, Criticality::Critical, Conduct::Serve);
    rig.start(
        ServiceName::Web,
        Criticality::Essential,
        Conduct::PanicAtOnce,
    );
    let (diary, stop, verdict) = (rig.diary.clone(), rig.stop.clone(), rig.verdict.clone());
    tokio::spawn(async move {
        until(|| {
            diary.count("web began") >= 3 && matches!(*verdict.borrow(), Verdict::Degraded(_))
        })
        .await;
        stop.ask(Stop::Process);
    });
    assert_eq!(
        timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap(),
        Ended::Cleanly(Stop::Process)
    );
    assert_eq!(rig.diary.count("power began"), 1, "the others go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_critical_service_that_keeps_ending_ends_the_process() {
    for conduct in [Conduct::PanicAtOnce, Conduct::EndAtOnce] {
        let mut rig = rig();
        rig.start(ServiceName::Power, Criticality::Critical, conduct);
        let ended = timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap();
        assert!(
            matches!(&ended, Ended::Escalated(why) if why.contains("power failed too often")),
            "{ended:?}"
        );
        assert_eq!(
            rig.diary.count("power began"),
            4,
            "the first life and three restarts"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_is_cut_off_and_restarted() {
    let mut rig = rig();
    let hang = Conduct::HangFor(Duration::from_millis(200));
    rig.start(ServiceName::Diagnostics, Criticality::BestEffort, hang);
    let (diary, stop) = (rig.diary.clone(), rig.stop.clone());
    tokio::spawn(async move {
        until(|| diary.count("diagnostics began") >= 2).await;
        stop.ask(Stop::Process);
    });
    assert_eq!(
        timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap(),
        Ended::Cleanly(Stop::Process)
    );
}

/// The negative control of the test above: a silence within its limit is nobody's fault.
#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_service_within_its_limit_is_left_alone() {
    let mut rig = rig();
    let quiet = Conduct::HangFor(Duration::from_secs(60));
    rig.start(ServiceName::Diagnostics, Criticality::BestEffort, quiet);
    let stop = rig.stop.clone();
    tokio::spawn(async move {
        // Nothing to wait for but the time in which it would have been restarted.
        let _ = timeout(Duration::from_secs(3), std::future::pending::<()>()).await;
        stop.ask(Stop::Process);
    });
    timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap();
    assert_eq!(rig.diary.count("diagnostics began"), 1);
    assert_eq!(*rig.verdict.borrow(), Verdict::Healthy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_ignores_the_stop_is_cut_off_at_its_deadline() {
    let mut rig = rig();
    rig.start(ServiceName::Power, Criticality::Critical, Conduct::Serve);
    rig.start(
        ServiceName::Web,
        Criticality::Essential,
        Conduct::IgnoreStop,
    );
    rig.stop.ask(Stop::Process);
    assert_eq!(
        timeout(SOON, rig.supervisor.run(&rig.probe)).await.unwrap(),
        Ended::Cleanly(Stop::Process)
    );
    assert_eq!(rig.diary.count("power stopped: Process"), 1);
}
