#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::super::line::tests::numbered;
use super::super::past::last;
use super::super::ring::tests::break_the_sync;
use super::*;
use std::fs;
use tracing_subscriber::layer::SubscriberExt as _;

fn lived(data: &Path, what: impl FnOnce(), how: &str) -> Vec<String> {
    let events = Events::default();
    let subscriber = tracing_subscriber::registry().with(events.layer());
    let keeper = events.keep_in(data, false);
    while events.boot().is_none() {
        std::thread::yield_now();
    }
    tracing::subscriber::with_default(subscriber, || {
        what();
        keeper.stop(how);
    });
    let past = last(data, 100).unwrap().events;
    past.iter()
        .map(|event| {
            let text = event.to_string();
            let cut = text.splitn(4, ' ').collect::<Vec<_>>();
            format!("{} {}", cut[0], cut[3])
        })
        .collect()
}

#[test]
fn what_is_logged_is_kept_without_what_others_named() {
    let data = tempfile::tempdir().unwrap();
    let told = lived(
        data.path(),
        || {
            tracing::info!(from = "full", to = "eco", "power.state_changed");
            tracing::error!(
                event = "library.pack_unreadable",
                pack = "maryams-lessons",
                error = "the file \"Марьям.zim\" is damaged",
                bytes = 7
            );
            tracing::info!("somebody else's words");
        },
        "stop",
    );
    assert_eq!(
        told,
        [
            "1.1 I power.state_changed from=\"full\" to=\"eco\"",
            "1.1 E library.pack_unreadable bytes=7 error=\"the file \"~.zim\" is damaged\" pack=\"~-lessons\"",
            "1.1 I box.stopped how=\"stop\"",
        ]
    );
    let told = lived(data.path(), || {}, "power off");
    assert_eq!(
        told.last().map(String::as_str),
        Some("1.2 I box.stopped how=\"power off\"")
    );
}

#[test]
fn a_storm_is_counted_and_what_else_happens_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let told = lived(
        data.path(),
        || {
            for number in 0..342_u32 {
                tracing::warn!(number, "power.gauge_failed");
            }
            tracing::info!("air.planned");
        },
        "stop",
    );
    let storm = told
        .iter()
        .filter(|line| line.contains("power.gauge_failed number"));
    assert_eq!(storm.count(), 30);
    assert!(
        told.iter().any(|line| line.ends_with("I air.planned")),
        "{told:?}"
    );
}

#[test]
fn what_a_failed_sync_has_lost_is_counted_and_told() {
    let data = tempfile::tempdir().unwrap();
    let events = Events::default();
    let mut work = Work::new(events.clone(), data.path(), false);
    work.open();
    let mut write = |name: &str| {
        let shared = &events.shared;
        shared.put(Level::Info, name.to_owned(), Fields::default());
        work.write(Duration::ZERO, false);
        (work.lost, work.failing)
    };
    assert_eq!(write("air.planned"), (0, false));
    break_the_sync(data.path());
    assert_eq!(write("air.gone"), (1, true));
    assert_eq!(write("air.healed"), (0, false));
    let past = last(data.path(), 9).unwrap().events;
    let names: Vec<&str> = past.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["air.planned", "air.healed", LOST]);
    assert_eq!(past[2].fields["count"], Value::Number(1));
}

#[test]
fn what_waits_is_told_as_the_lines_that_will_keep_it_until_they_do() {
    let data = tempfile::tempdir().unwrap();
    let events = Events::default();
    let subscriber = tracing_subscriber::registry().with(events.layer());
    let here = events.clone();
    let mut work = Work::new(events, data.path(), false);
    tracing::subscriber::with_default(subscriber, || {
        assert_eq!(here.unwritten(), None, "of no start yet");
        work.open();
        tracing::warn!(
            event = "library.pack_unreadable",
            error = "the file \"Марьям.zim\" is damaged"
        );
        let told = here.unwritten().unwrap();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[1].contains("the file \\\"~.zim\\\" is damaged"),
            "{told:?}"
        );
        work.write(Duration::ZERO, false);
        let file = data.path().join(FOLDER).join("00000001.log");
        assert_eq!(told.concat(), fs::read_to_string(file).unwrap());
        assert_eq!(here.unwritten(), Some(Vec::new()), "it is kept");
        // A disk that takes long: neither waiting nor kept, and told all the same.
        here.shared.waiting().writing = vec![numbered(1)];
        assert_eq!(here.unwritten(), Some(vec![numbered(1).to_line()]));
    });
}
