//! Cut in the middle, in every way that a process can be; and gone on with.

use crate::rig::{
    BOARD, Publisher, has_thirteen, insist_that_it_boots, is_doing, offer, offering, reboot,
    school, start, wait_for_coming,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::{Duration, Instant};
use system_tests::world::{Manners, RangeServer, wait_until};

fn both() -> Publisher {
    let publisher = Publisher::new();
    publisher.add(12, BOARD, &[]);
    publisher.add(13, BOARD, &[]);
    publisher
}

/// What an uncut offer costs.
fn whole(publisher: &Publisher) -> u64 {
    let server = RangeServer::of(&publisher.repository());
    let world = school(publisher);
    offer(&world, &server.url(), &[]).succeeded();
    server.given()
}

/// Stopped in order while it fetches; what came is not fetched again.
#[test]
fn a_fetch_that_was_stopped_goes_on_where_it_was() {
    let publisher = both();
    let whole = whole(&publisher);
    assert!(whole > 900_000, "there is something to fetch: {whole}");
    let server = RangeServer::of(&publisher.repository());
    server.behave(Manners {
        bytes_per_second: 150_000,
        ..Manners::default()
    });
    let world = school(&publisher);
    let running = start(&world);
    let mut verb = offering(&world, &server.url());
    // The rate is told from the third second on.
    let half = |coming: &serde_json::Value| {
        is_doing(coming, "fetching")
            && coming["done_bytes"].as_u64() > Some(400_000)
            && coming["bytes_per_s"].as_u64() > Some(0)
    };
    let coming = wait_for_coming(&running, "half of it, and its rate", half);
    assert!(coming["bytes_per_s"].as_u64().unwrap() > 50_000, "{coming}");
    assert!(coming["of_bytes"].as_u64().unwrap() > 900_000, "{coming}");
    assert!(
        coming["reused_bytes"].as_u64().unwrap() > 2_000_000,
        "{coming}"
    );
    let mut running = running;
    let ended = running.terminate();
    assert!(
        ended.status.success() && ended.took < Duration::from_secs(6),
        "{ended:?}\n{}",
        running.log()
    );
    assert!(!verb.wait().unwrap().success(), "the verb hears of it");
    let before = server.given();
    assert!(before < whole, "the control: it was cut");
    server.behave(Manners::default());
    let running = start(&world);
    offer(&world, &server.url(), &[]).succeeded();
    assert!(has_thirteen(&world));
    let again = server.given().saturating_sub(whole);
    assert!(again < 120_000, "{again} bytes came twice, of {whole}");
    running.stop();
}

/// The person goes, the box goes on.
#[test]
fn ctrl_c_ends_the_telling_and_not_the_work() {
    let publisher = both();
    let server = RangeServer::of(&publisher.repository());
    server.behave(Manners {
        bytes_per_second: 100_000,
        ..Manners::default()
    });
    let world = school(&publisher);
    let running = start(&world);
    let mut verb = offering(&world, &server.url());
    wait_for_coming(&running, "the fetch", |coming| {
        is_doing(coming, "fetching") && coming["done_bytes"].as_u64() > Some(0)
    });
    kill(
        Pid::from_raw(i32::try_from(verb.id()).unwrap()),
        Signal::SIGINT,
    )
    .unwrap();
    assert!(!verb.wait().unwrap().success());
    server.behave(Manners::default());
    wait_for_coming(&running, "the trial to come", |coming| {
        is_doing(coming, "restart")
    });
    assert!(has_thirteen(&world));
    running.stop();
}

/// Killed wherever it is, again and again: a good slot boots each time, and at last the new one is there.
#[test]
fn killed_in_every_phase_it_boots_and_ends_well() {
    let publisher = both();
    let server = RangeServer::of(&publisher.repository());
    server.behave(Manners {
        bytes_per_second: 500_000,
        ..Manners::default()
    });
    let world = school(&publisher);
    let mut seen = Vec::new();
    // Ever later, until it is done before the end comes.
    for round in 1..40_u32 {
        let running = start(&world);
        let mut verb = offering(&world, &server.url());
        let end = Instant::now() + Duration::from_millis(150) * round;
        let mut doing = String::new();
        wait_until("the moment", || {
            let coming = running.status()["update"]["coming"].clone();
            coming["doing"]
                .as_str()
                .unwrap_or_default()
                .clone_into(&mut doing);
            doing == "restart" || Instant::now() >= end
        });
        running.kill();
        let _ = verb.kill();
        let _ = verb.wait();
        insist_that_it_boots(&world);
        seen.push(doing);
        // Perhaps activated and not told yet: whoever starts slot A then is told at once to restart into the trial.
        if world.sim().read("boot.env").contains("order=B A") {
            break;
        }
    }
    assert_eq!(reboot(&world), "B", "{seen:?}");
    assert!(seen.iter().any(|doing| doing == "fetching"), "{seen:?}");
    assert!(has_thirteen(&world));
}
