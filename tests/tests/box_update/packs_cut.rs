//! Packs that are cut, starved and lied about.

use crate::packs::{READING, cost_of, edition, installed, is_tidy, library_is_sound};
use crate::rig::{
    Publisher, book, noise, offer, offering, school, start, start_with, update_status,
};
use serde_json::Value;
use system_tests::world::{Manners, RangeServer, RunningBox, wait_until};

/// Killed wherever it is, again and again: a whole version is served each time, and at last the new one.
#[test]
fn killed_in_every_phase_a_whole_version_is_served() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    publisher.add_pack("reading", 2, &book("Reading", 2), &["--patches", "0"]);
    let whole = {
        let server = RangeServer::of(&publisher.repository());
        let world = installed(&publisher);
        offer(&world, &server.url(), &[]).succeeded();
        server.given()
    };
    let world = installed(&publisher);
    let server = RangeServer::of(&publisher.repository());
    server.behave(Manners {
        bytes_per_second: 800_000,
        ..Manners::default()
    });
    let mut seen = Vec::new();
    for round in 1..60_u32 {
        let running = start(&world);
        let found = edition(&running, "reading");
        assert!(found == 1 || found == 2, "{seen:?}: {found}");
        if found == 2 {
            running.stop();
            break;
        }
        let mut verb = offering(&world, &server.url());
        let end = std::time::Instant::now() + std::time::Duration::from_millis(40) * round;
        let mut doing = String::new();
        wait_until("the moment", || {
            let pack = running.status()["update"]["coming_pack"]["doing"].clone();
            pack.as_str().unwrap_or_default().clone_into(&mut doing);
            std::time::Instant::now() >= end
        });
        running.kill();
        let _ = verb.kill();
        let _ = verb.wait();
        library_is_sound(&world);
        seen.push(doing);
    }
    let running = start(&world);
    assert_eq!(edition(&running, "reading"), 2, "{seen:?}");
    assert!(seen.iter().any(|doing| doing == "fetching"), "{seen:?}");
    let given = server.given();
    eprintln!(
        "killed {} times: {given} bytes, uncut {whole}; {seen:?}",
        seen.len()
    );
    running.stop();
}

/// Stopped in the middle, and gone on with from another source: what came is not fetched again.
#[test]
fn a_pack_that_was_cut_goes_on_from_another_source() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    let whole = cost_of(&publisher);
    let (first, second) = (
        RangeServer::of(&publisher.repository()),
        RangeServer::of(&publisher.repository()),
    );
    first.behave(Manners {
        bytes_per_second: 400_000,
        ..Manners::default()
    });
    let world = school(&publisher);
    let running = start_with(&world, READING);
    let mut verb = offering(&world, &first.url());
    wait_until("a third of it", || {
        running.status()["update"]["coming_pack"]["done_bytes"].as_u64() > Some(500_000)
    });
    running.kill();
    let _ = verb.kill();
    let _ = verb.wait();
    let cut = first.given();
    assert!(cut < whole, "the control: it was cut: {cut} of {whole}");
    let running = start_with(&world, READING);
    offer(&world, &second.url(), &[]).succeeded();
    assert_eq!(edition(&running, "reading"), 1);
    let all = first.given() + second.given();
    eprintln!("cut after {cut} bytes: {all} in all, {whole} uncut");
    assert!(
        second.given() < whole - 400_000,
        "what came is not fetched again"
    );
    running.stop();
}

/// Every byte that differs is found out; the installed pack stays; the good source beside it is taken.
#[test]
fn bad_sources_leave_what_is_installed_and_the_good_one_is_taken() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    publisher.add_pack("reading", 2, &book("Reading", 2), &[]);
    let world = installed(&publisher);
    let running = start(&world);
    for (manners, words) in [
        (
            Manners {
                flip_every: 30_000,
                ..Manners::default()
            },
            "not what was signed for",
        ),
        (
            Manners {
                cut_after: 20_000,
                ..Manners::default()
            },
            "cannot be read",
        ),
    ] {
        let bad = RangeServer::of(&publisher.repository());
        bad.behave(manners);
        let refused = offer(&world, &bad.url(), &[]);
        let line = refused.refused(1);
        assert!(line.contains(words), "{line}");
        assert_eq!(edition(&running, "reading"), 1, "{line}");
    }
    let good = RangeServer::of(&publisher.repository());
    offer(&world, &good.url(), &[]).succeeded();
    assert_eq!(edition(&running, "reading"), 2);
    running.stop();
    library_is_sound(&world);
}

/// What comes whole and is no pack, or not the one that it is offered as: one line, thrice, and no more before there is another. What is no archive at
/// all no desk offers (`depot_repo`).
#[test]
fn what_is_no_pack_is_tried_thrice_and_then_left_alone() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    let mut broken = book("Reading", 2);
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    for (version, bytes, words) in [
        (2, broken, "checksum"),
        (4, book("Maths", 4), "calls itself `maths`"),
    ] {
        let world = installed(&publisher);
        publisher.add_pack("reading", version, &bytes, &[]);
        let folder = publisher.repository().display().to_string();
        let running = start(&world);
        for attempt in 1..=3 {
            let refused = offer(&world, &folder, &[]);
            let line = refused.refused(1).to_lowercase();
            assert!(line.contains(words), "{version}, {attempt}: {line}");
            assert_eq!(line.contains("left alone"), attempt == 3, "{line}");
            assert_eq!(edition(&running, "reading"), 1);
        }
        let server = RangeServer::of(&publisher.repository());
        let left = offer(&world, &server.url(), &[]);
        assert!(!left.stderr.contains("reading"), "{left:?}");
        assert!(
            !server.asked().iter().any(|path| path.contains("frames")),
            "it is not fetched"
        );
        is_tidy(&world);
        assert_eq!(update_status(&world)["coming_pack"], Value::Null);
        running.stop();
    }
    // The control: a good one after them.
    let world = installed(&publisher);
    publisher.add_pack("reading", 5, &book("Reading", 5), &[]);
    let running = start(&world);
    offer(&world, &publisher.repository().display().to_string(), &[]).succeeded();
    assert_eq!(edition(&running, "reading"), 5);
    running.stop();
}

/// No desk of ours signs it; another's may. It is the box's staging that says so, and not for want of room, which would be tried for ever.
#[test]
fn what_is_no_archive_at_all_is_refused_by_the_box_too() {
    let publisher = Publisher::new();
    let world = installed(&publisher);
    let stage = |name: &str, bytes: Vec<u8>| {
        let file = world.write(name, bytes);
        let file = file.to_str().unwrap();
        let staged = ["stage", file, "--offered-as", "reading", "--keep-free", "0"];
        let outcome = world.run(&staged);
        let last = outcome.stdout.lines().last().unwrap_or_default();
        (outcome.code, serde_json::from_str(last).unwrap())
    };
    let (code, said): (_, Value) = stage("noise.zim", noise(7, 300_000));
    assert_eq!((code, &said["refused"]["full"]), (Some(1), &false.into()));
    let why = said["refused"]["why"].as_str().unwrap();
    assert!(why.contains("noise.zim"), "{why}");
    library_is_sound(&world);
    // The control: one that is.
    let (code, said) = stage("good.zim", book("Reading", 3));
    assert_eq!(code, Some(0), "{said}");
}

/// What one contact may cost is spent; the next one goes on where it stopped.
#[test]
fn a_budget_that_is_spent_goes_on_with_the_next_contact() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    let whole = cost_of(&publisher);
    assert!(whole > 1_500_000, "more than one contact may cost: {whole}");
    let server = RangeServer::of(&publisher.repository());
    let world = school(&publisher);
    world.sim().set("uplink", "1");
    let settings = format!("budget_mb = 1\nsources = [\"{}\"]\n{READING}", server.url());
    let running = start_with(&world, &settings);
    let pack = |running: &RunningBox| running.status()["update"]["coming_pack"].clone();
    wait_until("the budget's end", || {
        let pack = pack(&running);
        pack["waits_for"].is_string() && server.given() >= 1_000_000
    });
    let first = server.given();
    assert!(first < 1_030_000, "not more than it may cost: {first}");
    assert_eq!(edition(&running, "reading"), 0);
    world.sim().set("uplink", "0");
    // The next contact: the network was away and is back.
    std::thread::sleep(std::time::Duration::from_secs(7));
    world.sim().set("uplink", "1");
    wait_until("the rest", || edition(&running, "reading") == 1);
    let all = server.given();
    eprintln!(
        "in two contacts: {first} and {} bytes; {whole} in one",
        all - first
    );
    assert!(all < whole + 60_000, "{all} of {whole}");
    running.stop();
}
