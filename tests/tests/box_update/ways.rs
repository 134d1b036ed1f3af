//! The ways that a release comes, and what becomes of it.

use crate::rig::{
    BOARD, LATER, Publisher, has_thirteen, insist_that_it_boots, is_doing, offer, reboot, school,
    start, start_with, update_status, wait_for_coming,
};
use std::fs;
use system_tests::world::{RangeServer, wait_for};

const TRIED: &str = "gen=2\norder=B A\ntries=3\n";

fn both() -> Publisher {
    let publisher = Publisher::new();
    publisher.add(12, BOARD, &[]);
    publisher.add(13, BOARD, &[]);
    publisher
}

/// The whole way: A → B, tried, confirmed, the floor raised; and no way back.
#[test]
fn a_release_is_offered_installed_tried_and_confirmed() {
    let publisher = Publisher::new();
    publisher.add(12, BOARD, &[]);
    let world = school(&publisher);
    let before = world.path("before");
    publisher.copy_to(&before);
    publisher.add(13, BOARD, &[]);
    let repository = publisher.repository().display().to_string();

    let running = start(&world);
    let same = offer(&world, &before.display().to_string(), &[]).succeeded();
    assert!(
        same.stdout.contains("nothing newer"),
        "the control: {same:?}"
    );
    let offered = offer(&world, &repository, &["--json"]).succeeded().json();
    assert_eq!(offered["outcome"], "activated", "{offered}");
    assert_eq!(offered["update"]["coming"]["version"], 13, "{offered}");
    assert!(has_thirteen(&world));
    assert_eq!(world.sim().read("boot.env"), TRIED);
    let log = running.log();
    for event in [
        "ota.offer",
        "ota.fetched",
        "ota.slot_written",
        "ota.slot_activated",
    ] {
        assert_eq!(log.matches(event).count(), 1, "{event} in\n{log}");
    }
    let stale = offer(&world, &before.display().to_string(), &[]);
    assert!(stale.refused(1).contains("restarted first"), "{stale:?}");
    running.stop();

    assert_eq!(reboot(&world), "B");
    let running = start(&world);
    let told = running.status()["update"].clone();
    assert_eq!(
        (&told["state"], &told["version"]),
        (&"trial".into(), &13.into()),
        "{told}"
    );
    let trial = offer(&world, &repository, &[]);
    assert!(trial.refused(1).contains("on trial"), "{trial:?}");
    running.wait_for_status("the confirmation", |status| {
        status["update"]["state"] == "idle"
    });
    running.wait_for_status("the floor", |status| status["update"]["floor"] == 13);
    let newest = offer(&world, &repository, &[]).succeeded();
    assert!(newest.stdout.contains("nothing newer"), "{newest:?}");
    let back = offer(&world, &before.display().to_string(), &[]);
    assert!(back.refused(1).contains("go back"), "{back:?}");
    running.stop();
    assert_eq!(reboot(&world), "B");
    assert_eq!(update_status(&world)["floor"], 13);
}

/// With no box running the verb does it all, and says what is left to do.
#[test]
fn the_verb_does_it_in_the_place_of_a_box() {
    let publisher = both();
    let world = school(&publisher);
    let done = offer(&world, &publisher.repository().display().to_string(), &[]).succeeded();
    assert!(
        done.stdout.contains("2026.13") && done.stdout.contains("restart"),
        "{done:?}"
    );
    assert!(
        done.stderr.lines().any(|line| line.contains("fetching")),
        "it tells how far it is: {done:?}"
    );
    assert_eq!(world.sim().read("boot.env"), TRIED);
    assert!(has_thirteen(&world));
    insist_that_it_boots(&world);
}

/// A stick is enough, in a folder of it too; nobody has to say anything.
#[test]
fn a_stick_is_taken_by_itself() {
    let publisher = both();
    let world = school(&publisher);
    let running = start(&world);
    publisher.copy_to(&world.path("stick/school-box"));
    fs::create_dir_all(world.sim().dir().join("usb")).unwrap();
    fs::rename(world.path("stick"), world.sim().dir().join("usb/stick")).unwrap();
    let coming = wait_for_coming(&running, "the trial to come", |coming| {
        is_doing(coming, "restart")
    });
    assert_eq!(coming["version"], 13, "{coming}");
    assert_eq!(world.sim().read("boot.env"), TRIED);
    running.stop();
}

/// An address is asked when there is a way out, and not before.
#[test]
fn an_address_is_asked_when_there_is_a_way_out() {
    let publisher = both();
    let world = school(&publisher);
    let server = RangeServer::of(&publisher.repository());
    world.sim().set("uplink", "0");
    let running = start_with(&world, &format!("sources = ['{}']\n", server.url()));
    running.wait_for_status("some seconds", |status| {
        status["uptime_s"].as_u64() > Some(8)
    });
    assert_eq!(server.asked(), [""; 0], "there is no way out");
    world.sim().set("uplink", "1");
    wait_for_coming(&running, "the trial to come", |coming| {
        is_doing(coming, "restart")
    });
    assert!(has_thirteen(&world));
    let told = running.status()["update"]["last_look"].clone();
    assert!(told.to_string().contains("offers 2026.13"), "{told}");
    running.stop();
}

/// What one box fetched whole, another has from it.
#[test]
fn a_box_serves_another() {
    let publisher = both();
    let (first, second) = (school(&publisher), school(&publisher));
    let running = start(&first);
    offer(&first, &publisher.repository().display().to_string(), &[]).succeeded();
    let address = running.url("/updates");
    let done = offer(&second, &address, &["--json"]).succeeded().json();
    assert_eq!(done["outcome"], "activated", "{done}");
    assert!(has_thirteen(&second));
    // Nothing but the repository is there.
    for path in [
        "/updates/../box-id",
        "/updates/metadata/../../ledger.json",
        "/updates/ledger.json",
    ] {
        assert!([400, 404].contains(&running.get(path).status), "{path}");
    }
    running.stop();
}

/// A battery whose low end is not above the reserve and a trial's cost: written, and tried when the charger has come.
#[test]
fn a_low_battery_waits_with_the_trial_for_the_charger() {
    let publisher = both();
    let world = school(&publisher);
    world.sim().battery(13.25, -0.4);
    let power = "[power]\nfull_at_percent = 65\neco_at_percent = 60\nminimal_at_percent = 55\n";
    let running = start_with(&world, power);
    let staged = offer(
        &world,
        &publisher.repository().display().to_string(),
        &["--json"],
    )
    .succeeded()
    .json();
    assert_eq!(staged["outcome"], "staged", "{staged}");
    assert!(
        staged["line"].to_string().contains("charged further"),
        "{staged}"
    );
    assert_eq!(world.sim().read("boot.env"), "gen=1\norder=A\ntries=\n");
    world.sim().battery(14.6, 0.3);
    wait_for("the trial to come", LATER, || {
        (world.sim().read("boot.env") == TRIED).then_some(())
    });
    running.stop();
}

/// A person may say when; else the box waits until nobody learns.
#[test]
fn the_restart_waits_for_quiet_or_for_a_word() {
    let publisher = both();
    let world = school(&publisher);
    let repository = publisher.repository().display().to_string();
    let mut running = start(&world);
    let activated = offer(&world, &repository, &[]).succeeded();
    assert!(activated.stdout.contains("--restart"), "{activated:?}");
    assert!(running.ended().is_none());
    running.stop();

    let other = school(&publisher);
    let runtime = other.path("run");
    fs::create_dir(&runtime).unwrap();
    let mut running = other.launch().env("RUNTIME_DIRECTORY", &runtime).start();
    offer(&other, &repository, &["--restart"]).succeeded();
    let ended = running.wait_for_end(LATER);
    assert_eq!(ended.status.code(), Some(3), "{}", running.log());
    assert_eq!(
        fs::read_to_string(runtime.join("next")).unwrap(),
        "reboot\n"
    );
    assert_eq!(reboot(&other), "B");
}

/// A staged roll-out is waited for; a person need not.
#[test]
fn a_staged_roll_out_is_waited_for() {
    let publisher = Publisher::new();
    publisher.add(12, BOARD, &[]);
    publisher.add(13, BOARD, &["--rollout", "0"]);
    let world = school(&publisher);
    let repository = publisher.repository().display().to_string();
    let waits = offer(&world, &repository, &[]).succeeded();
    assert!(waits.stdout.contains("turn"), "{waits:?}");
    assert!(!has_thirteen(&world));
    offer(&world, &repository, &["--now"]).succeeded();
    assert!(has_thirteen(&world));
}

/// What a person went back from is not installed again by itself.
#[test]
fn a_release_that_was_rolled_back_is_left_alone() {
    let publisher = both();
    let world = school(&publisher);
    let repository = publisher.repository().display().to_string();
    offer(&world, &repository, &[]).succeeded();
    assert_eq!(reboot(&world), "B");
    let running = start(&world);
    running.wait_for_status("the confirmation", |status| status["update"]["floor"] == 13);
    running.stop();
    let board = format!("sim:{}", world.sim().dir().display());
    world
        .run(&["update", "rollback", "--board", &board])
        .succeeded();
    assert_eq!(reboot(&world), "A");
    let again = offer(&world, &repository, &[]);
    assert!(again.refused(1).contains("newer release"), "{again:?}");
    publisher.add(14, BOARD, &[]);
    let newer = offer(&world, &repository, &[]).succeeded();
    assert!(newer.stdout.contains("2026.14"), "{newer:?}");
}
