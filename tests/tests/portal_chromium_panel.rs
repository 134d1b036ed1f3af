//! The page of the four lights in a real browser at phone size: well and in need of help, in both directions of writing, large, dark, without script,
//! with nothing that moves; the screenshots stay in `tests/output/screenshots`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use system_tests::browser::{Browser, Findings, Visit};
use system_tests::world::{RunningBox, World, folder_pack};

fn insist_that_all_is_well(found: &[Findings]) {
    let faults: Vec<String> = found.iter().flat_map(Findings::faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn visits(running: &RunningBox, name: &str, change: impl Fn(Visit) -> Visit) -> Vec<Visit> {
    let visit = |language: &&str| {
        let visit = Visit::phone(&format!("lights-{name}-{language}"), running.url("/lights"));
        change(visit.language(language))
    };
    ["en", "ar"].iter().map(visit).collect()
}

#[test]
fn the_lights_on_a_phone() {
    let Some(browser) = Browser::find("the page of the lights in Chromium") else {
        return;
    };
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    world.sim().battery(14.2, 0.2);
    let running = world.launch().on_air().start();
    running.wait_for_status("well", |status| status["panel"]["state"] == "well");
    let well = browser.visit(&visits(&running, "well", |visit| visit));
    insist_that_all_is_well(&well);
    assert!(
        well[0].text().contains("Green battery light, always on"),
        "{}",
        well[0].text()
    );
    assert_eq!(well[1].language(), ("ar", "rtl"));
    assert!(well.iter().all(|page| page.moving().is_empty()), "{well:?}");
    assert!(well.iter().all(|page| page.font_px() >= 18.0));

    world.sim().silence_battery();
    running.wait_for_status("sensor", |status| status["panel"]["state"] == "sensor");
    let help = browser.visit(&visits(&running, "help", |visit| visit));
    insist_that_all_is_well(&help);
    assert!(
        help[0].text().contains("Red help light, three times"),
        "{}",
        help[0].text()
    );
    for page in &help {
        assert_eq!(
            page.moving(),
            ["b3"],
            "the help light alone: {}",
            page.name()
        );
    }
    let still = browser.visit(&visits(&running, "still", Visit::still));
    assert!(
        still.iter().all(|page| page.moving().is_empty()),
        "{still:?}"
    );
    let large = |visit: Visit| visit.width(320).text_percent(200);
    insist_that_all_is_well(&browser.visit(&visits(&running, "help-320-200", large)));
    insist_that_all_is_well(&browser.visit(&visits(&running, "help-dark", Visit::dark)));
    let bare = browser.visit(&visits(&running, "help-no-script", Visit::without_script));
    insist_that_all_is_well(&bare);
    assert_eq!(bare[0].text(), help[0].text());
    running.stop();
}
