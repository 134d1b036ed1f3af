//! The desk beside others who write what it reads.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::clock::Clock;
use crate::config::Config;
use crate::events::{Events, last};
use crate::selftest::{Seen, Wanted};
use crate::services::access_point::AccessPointHandle;
use crate::services::power::PowerReport;
use crate::status::sample::{sample, silent};
use crate::status::{Update, ViewParts};
use board_support::{Board, BoardChoice};
use power_mgmt::PowerState;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use tracing_subscriber::layer::SubscriberExt as _;

const PATIENCE: Duration = Duration::from_secs(60);
/// Far more than it took to stand still, with the writers beside it.
const LOOKS: usize = 1_000_000;
const WRITERS: usize = 8;

/// A desk on a simulated board in `data`, and who writes the plan that it reads.
fn desk(data: &Path) -> (Desk, watch::Sender<LoadPlan>) {
    let stores = Stores::open(data, &Config::default()).unwrap();
    let board = Board::open(&BoardChoice::SimDir(data.join("sim")), data).unwrap();
    let (plan, plan_seen) = watch::channel(LoadPlan::for_state(PowerState::Full));
    let verdict = watch::channel(Verdict::Healthy).1;
    let report = PowerReport {
        at: Duration::ZERO,
        reading: None,
        reason: None,
        plan: plan.borrow().clone(),
        on_mains: true,
        story: Arc::default(),
        time_scale: 1,
    };
    let view = View::new(ViewParts {
        clock: Clock::start(1, None),
        board: board.model,
        serial: None,
        update: watch::channel(Update::idle(ota::Slot::A)).1,
        utc_offset_min: 0,
        degraded_at_start: Vec::new(),
        data_in_memory: false,
        stores: stores.clone(),
        power: watch::channel(report).1,
        air: AccessPointHandle::off().report,
        panel: watch::channel(None).1,
        verdict: verdict.clone(),
        found: watch::channel(Vec::new()).1,
        selftest: watch::channel(None).1,
        stick: watch::channel(None).1,
    });
    let parts = DiagnosticsParts {
        view,
        stores,
        activity: Activity::default(),
        verdict,
        healthz: watch::channel(Healthz::HEALTHY).1,
        plan: plan_seen,
        power: mpsc::channel(4).0,
        air: mpsc::channel(4).0,
        panel: Part::new(board.panel),
        told: watch::channel(None).0,
        button: Part::new(board.button),
        taps: watch::channel(0).0,
        serial: Part::new(board.serial),
        live: None,
        trial: TrialLine {
            wanted: watch::channel(Wanted::default()).1,
            seen: Arc::new(watch::channel(Seen::default()).0),
            ended: watch::channel(None).1,
        },
    };
    (Desk::new(parts, sample()), plan)
}

/// Two looks at one channel at a time, and a writer between them, are two threads that wait for each other for ever; with them went the runtime.
#[test]
fn no_look_at_the_plan_waits_for_its_writer_while_it_holds_another() {
    let data = tempfile::tempdir().unwrap();
    let (desk, plan) = desk(data.path());
    let over = Arc::new(AtomicBool::new(false));
    // One of several always waits: a single one comes in between two looks too seldom.
    for _ in 0..WRITERS {
        let (plan, over) = (plan.clone(), Arc::clone(&over));
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                plan.send_modify(|_| {});
            }
        });
    }
    let (looked, wait) = channel();
    std::thread::spawn(move || {
        for _ in 0..LOOKS {
            let _ = desk.shown_now(Duration::ZERO, desk.trouble(), None);
        }
        let _ = looked.send(());
    });
    let looked = wait.recv_timeout(PATIENCE);
    over.store(true, Ordering::Relaxed);
    assert!(looked.is_ok(), "it waits for a writer that waits for it");
}

/// What `happens` leaves in the ring of events, without its times.
fn told(data: &Path, happens: impl FnOnce()) -> Vec<String> {
    let events = Events::default();
    let subscriber = tracing_subscriber::registry().with(events.layer());
    let keeper = events.keep_in(data, false);
    while events.boot().is_none() {
        std::thread::yield_now();
    }
    tracing::subscriber::with_default(subscriber, || {
        happens();
        keeper.stop("stop");
    });
    let past = last(data, 100).unwrap().events;
    let line = |event: &crate::events::Event| {
        let text = event.to_string();
        text.splitn(4, ' ').nth(3).unwrap_or_default().to_owned()
    };
    past.iter().map(line).collect()
}

/// A year later somebody asks when the sensor fell silent, and what the button was pressed for.
#[test]
fn what_lights_and_button_were_about_is_found_in_the_ring() {
    let data = tempfile::tempdir().unwrap();
    let (mut desk, _plan) = desk(data.path());
    let told = told(data.path(), || {
        for (status, cause, looks) in [
            (sample(), Cause::Full, 5),
            (silent(), Cause::Sensor, 50),
            (sample(), Cause::Full, 100),
        ] {
            (desk.status, desk.cause) = (status, Some(cause));
            (0..looks).for_each(|_| desk.tell_news());
        }
        desk.act(Meaning::Arm(Armed::Erase), Duration::ZERO);
        desk.act(Meaning::Confirm(Armed::Storage), Duration::ZERO);
    });
    assert_eq!(
        told,
        [
            "I panel.state_changed cause=\"full\" from=\"asleep\" to=\"well\"",
            "I panel.state_changed cause=\"sensor\" from=\"well\" to=\"sensor\"",
            "W box.degraded line=\"the battery sensor is silent: see that its plug is in\"",
            "I panel.state_changed cause=\"full\" from=\"sensor\" to=\"well\"",
            "I box.mended line=\"the battery sensor is silent: see that its plug is in\"",
            "I button.pressed meaning=\"arm_erase\"",
            "I button.pressed meaning=\"confirm_storage\"",
            "I box.stopped how=\"stop\"",
        ]
    );
}
