//! Packs of lessons from a repository: whole at first, then as what changed; after the system, in the school's order; cut, starved, lied to.

use crate::rig::{
    BOARD, LATER, Publisher, book, has_thirteen, offer, offering, school, start, start_with,
};
use serde_json::Value;
use system_tests::world::{Manners, RangeServer, RunningBox, World, wait_for, wait_until};

pub(crate) const READING: &str = "packs = [\"reading\"]\n";

/// A page that says which version is installed; 0: none.
pub(crate) fn edition(running: &RunningBox, pack: &str) -> u64 {
    let answer = running.get_from(pack, "/page7");
    if answer.status != 200 {
        return 0;
    }
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let said = text
        .split_once("Edition ")
        .and_then(|(_, rest)| rest.split_once('.'));
    said.unwrap().0.parse().unwrap()
}

pub(crate) fn library_is_sound(world: &World) {
    let report = world
        .run(&["library", "verify", "--json"])
        .succeeded()
        .json();
    assert_eq!(report["faults"], Value::Array(Vec::new()), "{report}");
}

/// Nothing is left of what came.
pub(crate) fn is_tidy(world: &World) {
    assert!(!world.data().join("incoming/offered").exists());
    let parcels = world.data().join("updates/pack-parcels");
    assert_eq!(std::fs::read_dir(parcels).unwrap().count(), 0);
}

/// Whole at first, then as what changed: by a patch, and by blocks of what is there where no patch fits.
#[test]
fn a_pack_comes_whole_and_then_as_what_changed() {
    let publisher = Publisher::new();
    let whole = book("Reading", 1);
    publisher.add_pack("reading", 1, &whole, &[]);
    let server = RangeServer::of(&publisher.repository());
    let world = school(&publisher);
    let running = start_with(&world, READING);
    let taken = offer(&world, &server.url(), &["--json"]).succeeded().json();
    assert_eq!(taken["outcome"], "packs_taken", "{taken}");
    assert_eq!(edition(&running, "reading"), 1);
    is_tidy(&world);
    let first = server.given();
    assert!(first > 1_000_000, "the control: it came whole: {first}");

    let mut cost = Vec::new();
    for (version, patches) in [(2, "3"), (3, "0")] {
        publisher.add_pack(
            "reading",
            version,
            &book("Reading", version),
            &["--patches", patches],
        );
        let before = server.given();
        let taken = offer(&world, &server.url(), &[]).succeeded();
        assert!(
            taken.stdout.contains(&format!("reading version {version}")),
            "{taken:?}"
        );
        assert_eq!(edition(&running, "reading"), version);
        is_tidy(&world);
        cost.push(server.given() - before);
    }
    eprintln!(
        "a pack of {} bytes: {first} at first, {} by a patch, {} by blocks and frames",
        whole.len(),
        cost[0],
        cost[1]
    );
    assert!(
        cost[0] * 10 < first && cost[1] * 2 < first,
        "{first} {cost:?}"
    );
    let nothing = offer(&world, &server.url(), &[]);
    assert!(!nothing.stdout.contains("in the library"), "{nothing:?}");
    running.stop();
    library_is_sound(&world);
}

/// Edition 1 by hand.
pub(crate) fn installed(publisher: &Publisher) -> World {
    let world = school(publisher);
    let by_hand = world.write("old.zim", book("Reading", 1));
    world
        .run(&["import", by_hand.to_str().unwrap()])
        .succeeded();
    world
}

/// What a pack of `version` costs a box that has none.
pub(crate) fn cost_of(publisher: &Publisher) -> u64 {
    let server = RangeServer::of(&publisher.repository());
    let world = school(publisher);
    let running = start_with(&world, READING);
    offer(&world, &server.url(), &[]).succeeded();
    running.stop();
    server.given()
}

/// Without a running box the verb does it all.
#[test]
fn the_verb_takes_packs_in_the_place_of_a_box() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    let world = school(&publisher);
    let folder = publisher.repository().display().to_string();
    let unasked = offer(&world, &folder, &[]);
    assert!(
        !unasked.stdout.contains("reading"),
        "the control: nobody wants it: {unasked:?}"
    );
    std::fs::write(
        world.data().join("config.toml"),
        format!("[update]\n{READING}"),
    )
    .unwrap();
    let taken = offer(&world, &folder, &[]).succeeded();
    assert!(
        taken.stdout.contains("reading version 1 is in the library"),
        "{taken:?}"
    );
    assert!(
        taken.stderr.contains("pack: "),
        "it tells how far it is: {taken:?}"
    );
    is_tidy(&world);
    library_is_sound(&world);
}

/// A repository with both: the system first, and the packs in the school's order.
#[test]
fn the_system_comes_first_and_packs_in_the_schools_order() {
    let publisher = Publisher::new();
    publisher.add(12, BOARD, &[]);
    for id in ["Arithmetic", "Maths", "Reading"] {
        publisher.add_pack(&id.to_lowercase(), 1, &book(id, 1), &[]);
    }
    publisher.add(13, BOARD, &[]);
    let world = school(&publisher);
    let running = start_with(&world, "packs = [\"reading\", \"maths\"]\n");
    let folder = publisher.repository().display().to_string();
    let taken = offer(&world, &folder, &["--json"]).succeeded().json();
    assert_eq!(taken["outcome"], "activated", "{taken}");
    assert!(has_thirteen(&world));
    let log = running.log();
    let at = |words: &str| {
        log.find(words)
            .unwrap_or_else(|| panic!("no {words} in\n{log}"))
    };
    let order = [
        at("ota.slot_activated"),
        at("ota.pack_taken id=\"reading\""),
        at("ota.pack_taken id=\"maths\""),
    ];
    assert!(order.is_sorted(), "{order:?} in\n{log}");
    assert!(!log.contains("arithmetic"), "nobody asked for it:\n{log}");
    running.stop();
}

/// A pack is under way when a system comes near: the pack waits, and goes on afterwards.
#[test]
fn a_system_that_comes_near_goes_before_a_pack_that_is_under_way() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    let slow = RangeServer::of(&publisher.repository());
    slow.behave(Manners {
        bytes_per_second: 150_000,
        ..Manners::default()
    });
    let world = school(&publisher);
    world.sim().set("uplink", "1");
    let running = start_with(
        &world,
        &format!("sources = [\"{}\"]\n{READING}", slow.url()),
    );
    wait_until("the pack's beginning", || {
        running.status()["update"]["coming_pack"]["done_bytes"].as_u64() > Some(50_000)
    });
    publisher.add(13, BOARD, &[]);
    publisher.copy_to(&world.path("stick/school-box"));
    std::fs::create_dir_all(world.sim().dir().join("usb")).unwrap();
    std::fs::rename(world.path("stick"), world.sim().dir().join("usb/stick")).unwrap();
    running.wait_for_log("ota.slot_activated");
    assert!(has_thirteen(&world));
    let before = running.log();
    assert!(
        !before.contains("ota.pack_taken"),
        "the pack waited:\n{before}"
    );
    running.wait_for_log("ota.pack_taken");
    running.stop();
}

/// A stick with a newer version of what is installed: nobody has to say anything.
#[test]
fn a_stick_renews_what_is_installed() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 4, &book("Reading", 4), &[]);
    publisher.add_pack("maths", 1, &book("Maths", 1), &[]);
    let world = school(&publisher);
    let by_hand = world.write("old.zim", book("Reading", 3));
    world
        .run(&["import", by_hand.to_str().unwrap()])
        .succeeded();
    let running = start(&world);
    assert_eq!(edition(&running, "reading"), 3);
    publisher.copy_to(&world.path("stick/school-box"));
    std::fs::create_dir_all(world.sim().dir().join("usb")).unwrap();
    std::fs::rename(world.path("stick"), world.sim().dir().join("usb/stick")).unwrap();
    wait_until("the newer edition", || edition(&running, "reading") == 4);
    running.wait_for_log("ota.pack_taken");
    let status = running.wait_for_status("what came last", |status| {
        status["update"]["last_pack"]
            .as_str()
            .is_some_and(|line| line.contains("in the library"))
    });
    assert!(status["update"]["coming_pack"].is_null(), "{status}");
    assert_eq!(
        running.get_from("maths", "/page7").status,
        404,
        "nobody asked for it"
    );
    running.stop();
}

/// How far it is, for people: JSON, page, verb.
#[test]
fn a_pack_on_its_way_is_told_everywhere() {
    let publisher = Publisher::new();
    publisher.add_pack("reading", 1, &book("Reading", 1), &[]);
    publisher.add_pack("reading", 2, &book("Reading", 2), &["--patches", "0"]);
    let server = RangeServer::of(&publisher.repository());
    let world = school(&publisher);
    let by_hand = world.write("old.zim", book("Reading", 1));
    world
        .run(&["import", by_hand.to_str().unwrap()])
        .succeeded();
    let running = start(&world);
    server.behave(Manners {
        bytes_per_second: 60_000,
        ..Manners::default()
    });
    let mut verb = offering(&world, &server.url());
    let pack = wait_for("half of it", LATER, || {
        let pack = running.status()["update"]["coming_pack"].clone();
        (pack["doing"] == "fetching" && pack["bytes_per_s"].as_u64() > Some(0)).then_some(pack)
    });
    assert_eq!(
        (&pack["release"], &pack["version"]),
        (&"reading".into(), &2.into()),
        "{pack}"
    );
    assert!(pack["of_bytes"].as_u64().unwrap() > 300_000, "{pack}");
    assert!(pack["reused_bytes"].as_u64().unwrap() > 2_000_000, "{pack}");
    assert!(
        pack["from"].as_str().unwrap().contains("127.0.0.1"),
        "{pack}"
    );
    let said = world.run(&["update", "status"]).succeeded().stdout;
    assert!(said.contains("pack: fetching reading"), "{said}");
    let mut pages = Vec::new();
    for tag in ["en", "fr", "es", "uk", "ar"] {
        let page = running.get(&format!("/status?lang={tag}"));
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert!(
            text.contains("id=\"lessons\"") && text.contains("reading"),
            "{tag}: {text}"
        );
        let heading = text.split_once("<h2 id=\"lessons\">").unwrap().1;
        pages.push(heading.split_once('<').unwrap().0.to_owned());
    }
    pages.dedup();
    assert_eq!(
        pages.len(),
        5,
        "a heading of its own in each language: {pages:?}"
    );
    assert!(
        world
            .sim()
            .read("serial")
            .contains("Pack      reading: fetching")
    );
    let _ = verb.kill();
    let _ = verb.wait();
    running.stop();
}
