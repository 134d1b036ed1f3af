//! The portal in a real browser at phone size: layout, reach, languages, without script, `axe-core`; a screenshot of
//! each page stays in `tests/output/screenshots` to be looked at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use system_tests::browser::{Browser, Findings, Visit};
use system_tests::print::Printer;
use system_tests::world::{RunningBox, World, Zim, folder_pack};

/// A box with the starter pack, a folder and a book, as a school meets it.
fn school(world: &World) -> RunningBox {
    let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content-store/starter-pack/start");
    world.import(&starter);
    world.import(&folder_pack(world, "lessons"));
    let text = "<p>Rain falls on the mountain and runs to the sea.</p>";
    let book = (0..8).fold(Zim::new("The book of rain", "eng"), |zim, number| {
        zim.page(&format!("P{number}"), &format!("Rain, part {number}"), text)
    });
    world.import(&world.write("rain.zim", book.bytes()));
    world.start()
}

fn insist_that_all_is_well(found: &[Findings]) {
    let faults: Vec<String> = found.iter().flat_map(Findings::faults).collect();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// The pages that every reader meets: name, path, status.
const PAGES: [(&str, &str, u64); 7] = [
    ("home", "/", 200),
    ("search", "/search?q=rain", 200),
    ("search-nothing", "/search?q=xyzzy", 200),
    ("status", "/status", 200),
    ("sun", "/sun", 200),
    ("welcome", "/welcome", 200),
    ("error", "/no/such/page", 404),
];

fn visits(running: &RunningBox, suffix: &str, change: impl Fn(Visit) -> Visit) -> Vec<Visit> {
    PAGES
        .iter()
        .map(|(name, path, _)| change(Visit::phone(&format!("{name}-{suffix}"), running.url(path))))
        .collect()
}

fn insist_on_statuses(found: &[Findings]) {
    for (page, (_, _, status)) in found.iter().zip(PAGES.iter().cycle()) {
        assert_eq!(page.status(), *status, "{}", page.name());
    }
}

#[test]
fn the_portal_on_a_phone_in_english_and_arabic() {
    let Some(browser) = Browser::find("portal in Chromium") else {
        return;
    };
    let world = World::new();
    let running = school(&world);
    for (language, direction) in [("en", "ltr"), ("ar", "rtl")] {
        let found = browser.visit(&visits(&running, language, |visit| {
            visit.language(language)
        }));
        insist_on_statuses(&found);
        for page in &found {
            assert_eq!(page.language(), (language, direction), "{}", page.name());
            assert!(
                page.font_px() >= 18.0,
                "{}: text of {} px",
                page.name(),
                page.font_px()
            );
        }
        assert!(
            found[0].text().contains("The book of rain"),
            "{}",
            found[0].text()
        );
        insist_that_all_is_well(&found);
    }
    running.stop();
}

#[test]
fn the_portal_in_every_language_from_the_first_day() {
    let Some(browser) = Browser::find("portal in Chromium, languages") else {
        return;
    };
    let world = World::new();
    let running = school(&world);
    let visits: Vec<Visit> = ["fr", "es", "uk"]
        .iter()
        .map(|language| {
            Visit::phone(&format!("home-{language}"), running.url("/")).language(language)
        })
        .collect();
    let found = browser.visit(&visits);
    for (page, language) in found.iter().zip(["fr", "es", "uk"]) {
        assert_eq!(page.language(), (language, "ltr"));
    }
    insist_that_all_is_well(&found);
    running.stop();
}

#[test]
fn the_portal_on_the_narrowest_phone_large_dark_and_without_script() {
    let Some(browser) = Browser::find("portal in Chromium, conditions") else {
        return;
    };
    let world = World::new();
    let running = school(&world);
    let plain = browser.visit(&visits(&running, "plain", |visit| visit));
    for language in ["en", "ar"] {
        let narrow = browser.visit(&visits(&running, &format!("320-{language}"), |visit| {
            visit.width(320).language(language)
        }));
        insist_that_all_is_well(&narrow);
        let large = browser.visit(&visits(&running, &format!("200-{language}"), |visit| {
            visit.width(320).text_percent(200).language(language)
        }));
        for (page, usual) in large.iter().zip(&plain) {
            let (large, usual) = (page.font_px(), usual.font_px());
            assert!(
                large >= 1.9 * usual,
                "{}: {usual} px grow to {large} px only",
                page.name()
            );
        }
        insist_that_all_is_well(&large);
    }
    let dark = browser.visit(&visits(&running, "dark", Visit::dark));
    for (page, light) in dark.iter().zip(&plain) {
        assert_ne!(
            page.background(),
            light.background(),
            "{} is as light in the dark",
            page.name()
        );
    }
    insist_that_all_is_well(&dark);
    let scriptless = browser.visit(&visits(&running, "no-script", Visit::without_script));
    for (page, usual) in scriptless.iter().zip(&plain) {
        assert_eq!(page.status(), usual.status());
        // The time left may have moved on by a minute; the words are the same.
        let words = |page: &Findings| page.text().chars().filter(|c| c.is_alphabetic()).count();
        let (with, without) = (words(usual), words(page));
        assert!(
            without * 10 >= with * 9,
            "{}: {without} letters without script, {with} with it",
            page.name()
        );
    }
    insist_that_all_is_well(&scriptless);
    running.stop();
}

#[test]
fn the_portal_tells_a_low_battery_and_a_silent_sensor() {
    let Some(browser) = Browser::find("portal in Chromium, battery") else {
        return;
    };
    let world = World::new();
    let config = world.write("box.toml", "[power]\ndwell_s = 0\n");
    world.import(&folder_pack(&world, "lessons"));
    let running = world.launch().config(&config).start();
    world.sim().battery(12.7, -0.2);
    running.wait_for_status("little charge", |status| {
        status["power"]["state"] == "minimal"
    });
    let look = |name: &str| {
        let pages = [("home", "/"), ("status", "/status")];
        pages.map(|(page, path)| Visit::phone(&format!("{page}-{name}"), running.url(path)))
    };
    let low = browser.visit(&look("low-battery"));
    world.sim().silence_battery();
    running.wait_for_status("a silent sensor", |status| {
        status["battery"]["stale"] == true
    });
    let silent = browser.visit(&look("silent-sensor"));
    assert_ne!(
        low[0].text(),
        silent[0].text(),
        "the first page tells the silence"
    );
    insist_that_all_is_well(&low);
    insist_that_all_is_well(&silent);
    running.stop();
}

/// A guest beyond the seats of the radio: their place, and nothing else, on the phones of a class.
#[test]
fn the_page_of_a_guest_who_waits() {
    let Some(browser) = Browser::find("portal in Chromium, a guest who waits") else {
        return;
    };
    let world = World::new();
    // Three seats, two of them reserved; the browser comes second.
    world.sim().set("radio/facts", "wlan0 limit=4");
    let guests = "02:00:5e:10:00:10 -50 0 127.0.0.9\n02:00:5e:10:00:11 -50 0 127.0.0.1,::1";
    world.sim().set("radio/stations", guests);
    let config = world.write("box.toml", "[air]\nreserved_seats = 2\n");
    let running = world.launch().on_air().config(&config).start();
    running.wait_for_status("a guest waits", |status| status["radio"]["waiting"] == 1);
    for (language, words) in [
        ("en", "You are next."),
        ("fr", "Le prochain tour est le tien."),
        ("es", "Eres el siguiente de la fila."),
        ("uk", "Твоя черга — наступна."),
        ("ar", "أنت التالي."),
    ] {
        let visit = |name: &str| {
            Visit::phone(&format!("waiting-{name}-{language}"), running.url("/")).language(language)
        };
        let found = browser.visit(&[
            visit("360").width(360),
            visit("320").width(320),
            visit("200").width(320).text_percent(200),
            visit("plain").without_script(),
        ]);
        for page in &found {
            assert_eq!(page.status(), 200, "{}", page.name());
            assert!(
                page.text().contains(words),
                "{}: {}",
                page.name(),
                page.text()
            );
            assert!(page.font_px() >= 18.0, "{}", page.name());
        }
        insist_that_all_is_well(&found);
    }
    running.stop();
}

/// The drawing, the plan and the question for a film, as a school with a clock meets them on a Monday at ten.
#[test]
fn the_sun_and_the_plan_of_the_day() {
    let Some(browser) = Browser::find("portal in Chromium, the sun") else {
        return;
    };
    let world = World::new();
    world.import(&folder_pack(&world, "lessons"));
    world.sim().set("rtc", MONDAY_TEN);
    world.sim().battery(13.3, -0.4);
    world.sim().set("charger/power_w", "12");
    let running = world.start();
    running.wait_for_status("a plan of the day", |status| {
        status["power"]["plan"]["clock_trusted"] == true
    });
    let question = "/sun?start=18:00&minutes=90";
    let look = |name: &str, path: &str, change: &dyn Fn(Visit) -> Visit| {
        let visit = |language| {
            let visit = Visit::phone(&format!("{name}-{language}"), running.url(path));
            change(visit.language(language))
        };
        browser.visit(&["en", "ar"].map(visit))
    };
    for found in [
        look("sun-plan", "/sun", &|visit| visit),
        look("sun-plan-dark", "/sun", &Visit::dark),
        look("sun-plan-320", "/sun", &|visit| visit.width(320)),
        look("sun-plan-200", question, &|visit| {
            visit.width(320).text_percent(200)
        }),
        look("sun-film-no-script", question, &Visit::without_script),
        look("home-plan", "/", &|visit| visit),
    ] {
        insist_that_all_is_well(&found);
    }
    let asked = browser.visit(&[Visit::phone("sun-film", running.url(question))]);
    let told = asked[0].text();
    let answers = ["Yes, 90 minutes at 18:00.", "Only until", "Not today."];
    assert!(answers.iter().any(|answer| told.contains(answer)), "{told}");
    running.stop();
}

/// 2026-03-02 10:00 UTC, Unix seconds.
const MONDAY_TEN: &str = "1772445600";

#[test]
fn an_empty_library_is_told_kindly() {
    let Some(browser) = Browser::find("portal in Chromium, empty") else {
        return;
    };
    let world = World::new();
    let running = world.start();
    insist_that_all_is_well(&browser.visit(&[
        Visit::phone("home-empty-en", running.url("/")),
        Visit::phone("home-empty-ar", running.url("/")).language("ar"),
    ]));
    running.stop();
}

/// Every page of the starter pack, in the language it is written in.
#[test]
fn the_starter_pack_in_every_language() {
    let Some(browser) = Browser::find("starter pack in Chromium") else {
        return;
    };
    let world = World::new();
    let starter = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content-store/starter-pack/start");
    world.import(&starter);
    let running = world.start();
    let origin = format!("http://{}", running.pack_host("start"));
    let mut pages = Vec::new();
    pages_under(&starter, "", &mut pages);
    assert!(
        pages.len() >= 25,
        "the five languages of five lessons: {pages:?}"
    );
    let visits: Vec<Visit> = pages
        .iter()
        .map(|page| {
            let name = format!("start-{}", page.trim_end_matches(".html").replace('/', "-"));
            Visit::phone(&name, format!("{origin}/{page}")).width(320)
        })
        .collect();
    let found = browser.visit(&visits);
    for page in &found {
        assert_eq!(page.status(), 200, "{}", page.name());
        let (language, direction) = page.language();
        assert!(!language.is_empty(), "{} says no language", page.name());
        assert_eq!(
            direction == "rtl",
            language.starts_with("ar"),
            "{}",
            page.name()
        );
    }
    insist_that_all_is_well(&found);
    running.stop();
}

fn pages_under(dir: &Path, prefix: &str, pages: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            pages_under(&entry.path(), &format!("{name}/"), pages);
        } else if name.ends_with(".html") {
            pages.push(name);
        }
    }
}

/// The welcome that a teacher prints: one page on either paper, and both codes are read from it.
#[test]
fn the_welcome_is_one_printed_page_with_codes_that_are_large_enough() {
    let test = "printing the welcome with Chromium";
    let (Some(browser), Some(printer)) = (Browser::find(test), Printer::find(test)) else {
        return;
    };
    let world = World::new();
    let running = world.start();
    for (paper, size) in [("A4", (210.0, 297.0)), ("A5", (148.0, 210.0))] {
        for language in ["en", "fr", "es", "uk", "ar"] {
            let name = format!("welcome-{paper}-{language}").to_lowercase();
            let visit = Visit::phone(&name, running.url("/welcome"))
                .language(language)
                .printed_on(paper);
            insist_that_all_is_well(&browser.visit(std::slice::from_ref(&visit)));
            let pages = printer.pages(&visit.pdf(), &name);
            assert_eq!(pages.len(), 1, "{name}");
            let (wide, high) = pages[0].size_mm;
            assert!(
                (wide - size.0).abs() < 1.0 && (high - size.1).abs() < 1.0,
                "{name}"
            );
            let texts: Vec<&str> = pages[0]
                .codes
                .iter()
                .map(|code| code.text.as_str())
                .collect();
            assert_eq!(texts.len(), 2, "{name}: {texts:?}");
            assert!(
                texts[0].starts_with("WIFI:T:WPA;S:School-"),
                "{name}: {texts:?}"
            );
            assert!(
                texts[1].starts_with("http://school.internal:"),
                "{name}: {texts:?}"
            );
            for code in &pages[0].codes {
                assert!(code.side_mm >= 25.0, "{name}: {code:?}");
            }
        }
    }
    running.stop();
}
