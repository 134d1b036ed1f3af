#![allow(clippy::unwrap_used, reason = "tests")]

mod weight;

use super::energy::{Energy, Feed, Saving, Teach};
use super::*;
use crate::status::Status;
use crate::web::fault::Fault;
use crate::web::origin::Authority;
use content_store::library::{Hit, PackId, PackKind, PackSummary};
use power_mgmt::ChargeStatus;

/// A morning on battery: 10:12 at the school.
pub(super) fn status() -> Status {
    let mut status = crate::status::sample::sample();
    (status.time, status.utc_offset_min) = (Some("2026-03-02T09:12:00Z".to_owned()), 60);
    status.battery.status = ChargeStatus::Discharging;
    (status.battery.charge_percent, status.battery.solar_w) = (Some(63.4), Some(0.0));
    (status.power.minutes_left, status.power.minutes_to_full) = (Some(410), None);
    status.power.minutes_left_band = Some([380, 440]);
    status
}

pub(super) fn reader<'a>(languages: &'a Languages, tag: &str) -> Reader<'a> {
    Reader {
        words: languages.choose(Some(tag), ""),
        languages,
        wishes: Wishes::default(),
        origin: Origin::of(
            Authority::read("localhost:8080").as_ref(),
            "school.internal",
        ),
        away: false,
        forgotten: false,
    }
}

/// "What you did is kept" belongs to a box that keeps it.
#[test]
fn a_box_that_keeps_nothing_promises_nothing_when_it_goes_to_sleep() {
    let languages = Languages::load();
    let mut status = status();
    status.power.state = power_mgmt::PowerState::Off;
    let energy = Energy::of(&status);
    for (tag, _, _) in languages.names() {
        let mut reader = reader(&languages, tag);
        let kept = reader.notices(&energy);
        reader.forgotten = true;
        let forgotten = reader.notices(&energy);
        assert!(
            kept.iter().all(|notice| !forgotten.contains(notice)),
            "{tag}: {forgotten:?}"
        );
        assert_eq!((kept.len(), forgotten.len()), (1, 2), "{tag}");
        let words: Vec<&str> = kept[0].split_whitespace().collect();
        let left: Vec<&str> = forgotten[1].split_whitespace().collect();
        assert!(left.len() < words.len() && left.iter().all(|word| words.contains(word)));
    }
}

/// What a publisher calls a release is text, too.
#[test]
fn the_name_of_a_release_is_escaped() {
    let languages = Languages::load();
    let mut status = crate::status::sample::updating();
    let coming = status.update.coming.as_mut().unwrap();
    let hostile = "\"><script>alert(1)</script>";
    coming.release = hostile.to_owned();
    coming.from = hostile.to_owned();
    coming.waits_for = Some(hostile.to_owned());
    status.update.release = hostile.to_owned();
    status.update.last_look = hostile.to_owned();
    let page = state::html(&reader(&languages, "ar"), &status);
    assert!(
        !page.contains("<script") && !page.contains("\"\">"),
        "{page}"
    );
    assert_eq!(page.matches("alert(1)").count(), 5, "{page}");
}

/// What other programs wrote of the start is text, whatever it looks like.
#[test]
fn what_the_start_found_wrong_is_escaped() {
    let languages = Languages::load();
    let mut status = status();
    status.degraded = vec!["</li><script>alert(1)</script> & more".to_owned()];
    let page = state::html(&reader(&languages, "en"), &status);
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("alert(1)"), "{page}");
}

#[test]
fn a_box_that_keeps_nothing_says_so_in_every_language() {
    let languages = Languages::load();
    for (tag, _, _) in languages.names() {
        let mut reader = reader(&languages, tag);
        let pages = |reader: &Reader<'_>| {
            let energy = Energy::of(&status());
            [
                home::html(reader, &energy, &packs(), None, 0),
                state::html(reader, &status()),
                error::html(reader, &Fault::NoPage),
            ]
        };
        let forgets = reader.words.text("forgets");
        let kept = reader.words.text("fault-kept");
        assert!(
            pages(&reader).iter().all(|page| !page.contains(&forgets)),
            "{tag}"
        );
        reader.forgotten = true;
        for page in pages(&reader) {
            assert!(
                page.contains(&forgets) && !page.contains(&kept),
                "{tag}: {page}"
            );
        }
    }
}

fn pack(id: &str, kind: PackKind, title: &str, description: &str, language: &str) -> PackSummary {
    PackSummary {
        id: PackId::new(id).unwrap(),
        kind,
        title: title.to_owned(),
        description: description.to_owned(),
        language: language.to_owned(),
        home: "index.html".to_owned(),
        pages: 10,
        bytes: 1_000,
        version: "0".repeat(64),
    }
}

pub(super) fn packs() -> Vec<PackSummary> {
    use PackKind::{Folder, Zim};
    vec![
        pack(
            "developers-reference",
            Zim,
            "Debian Developer's Reference",
            "How a large group of people makes software together.",
            "en",
        ),
        pack(
            "sciences",
            Zim,
            "Découvrir les sciences",
            "Des expériences simples, avec ce que l’on trouve à la maison.",
            "fr",
        ),
        pack(
            "malak",
            Folder,
            "حكايات الجدة",
            "قصص قصيرة للقراءة معًا.",
            "ar",
        ),
        pack(
            "mova",
            Folder,
            "Читаємо разом",
            "Оповідання для першого класу.",
            "uk",
        ),
        pack("start", Folder, "Start", "The starter pack.", ""),
        pack(
            "bad",
            Folder,
            "<script>alert(1)</script> & \"quotes\"",
            "</p><img src=x onerror=alert(1)>",
            "en",
        ),
        pack(
            "water",
            Folder,
            "Clean water",
            "How to make water safe to drink.",
            "en",
        ),
        pack(
            "maths-1",
            Folder,
            "Matemáticas 1",
            "Sumar y restar con piedras y semillas.",
            "es",
        ),
        pack(
            "first-aid",
            Folder,
            "First aid",
            "What to do until help comes.",
            "en",
        ),
        pack("plants", Zim, "Plants around us", "", "en"),
        pack(
            "music",
            Folder,
            "Songs",
            "Songs to sing in the morning circle.",
            "sw",
        ),
        pack("atlas", Zim, "Atlas", "Maps of the world.", "en"),
    ]
}

fn home(languages: &Languages, tag: &str, status: &Status, packs: &[PackSummary]) -> String {
    home::html(
        &reader(languages, tag),
        &Energy::of(status),
        packs,
        Some(&format!("{tag}/")),
        0,
    )
}

fn hits() -> Vec<Hit> {
    let hit = |path: &str, title: &str, summary: &str| Hit {
        pack: PackId::new("water").unwrap(),
        pack_title: "Clean water".to_owned(),
        path: path.to_owned(),
        title: title.to_owned(),
        summary: summary.to_owned(),
    };
    vec![
        hit("a b/boil?.html", "Boil it", "Boil water for one minute."),
        hit("x", "<b>Filter</b>", ""),
    ]
}

#[test]
fn the_first_page_in_english_and_arabic() {
    let languages = Languages::load();
    let few = &packs()[..6];
    insta::assert_snapshot!(
        "home-en",
        without_style(&home(&languages, "en", &status(), few))
    );
    insta::assert_snapshot!(
        "home-ar",
        without_style(&home(&languages, "ar", &status(), few))
    );
}

#[test]
fn search_state_and_error_pages() {
    let languages = Languages::load();
    let reader = reader(&languages, "en");
    let query = search::Query {
        text: "water & \"sun\"".to_owned(),
        page: 0,
    };
    let found = search::linked(&reader, hits());
    insta::assert_snapshot!("search-json", search::json(&query, &found));
    insta::assert_snapshot!(
        "search-en",
        without_style(&search::html(&reader, &query, found, true))
    );
    let mut worn = status();
    worn.degraded = vec!["configuration: built-in defaults are in use".to_owned()];
    insta::assert_snapshot!("state-en", without_style(&state::html(&reader, &worn)));
    let mut updating = status();
    updating.update = crate::status::sample::updating().update;
    insta::assert_snapshot!(
        "state-updating-en",
        without_style(&state::html(&reader, &updating))
    );
    insta::assert_snapshot!(
        "error-en",
        without_style(&error::html(&reader, &Fault::NoPage))
    );
}

/// The style is the same on every page and has its own file.
pub(super) fn without_style(html: &str) -> String {
    let (before, rest) = html.split_once("<style>").unwrap();
    format!(
        "{before}<style>…{}",
        &rest[rest.find("</style>").unwrap()..]
    )
}

#[test]
fn nothing_that_a_pack_or_a_reader_says_becomes_markup() {
    let languages = Languages::load();
    let page = home(&languages, "en", &status(), &packs());
    assert!(!page.contains("<script") && !page.contains("<img"));
    let reader = reader(&languages, "en");
    let query = search::Query {
        text: "\"><script>alert(1)</script>".to_owned(),
        page: 0,
    };
    let page = search::html(&reader, &query, search::linked(&reader, hits()), false);
    assert!(!page.contains("<script") && !page.contains("<b>"));
}

#[test]
fn the_starter_pack_leads_into_its_language_and_stands_first() {
    let languages = Languages::load();
    let page = home(&languages, "fr", &status(), &packs());
    let place = |text: &str| page.find(text).unwrap_or(usize::MAX);
    assert!(place("http://start.localhost:8080/fr/") < place("http://sciences.localhost:8080/"));
    assert!(place("http://sciences.localhost:8080/") < place("http://water.localhost:8080/"));
    let without = home::html(
        &reader(&languages, "fr"),
        &Energy::of(&status()),
        &packs(),
        None,
        0,
    );
    assert!(without.contains("http://start.localhost:8080/\""));
}

#[test]
fn an_empty_library_says_what_to_do() {
    let languages = Languages::load();
    assert!(home(&languages, "en", &status(), &[]).contains("Ask a grown-up"));
    assert!(!home(&languages, "en", &status(), &packs()).contains("Ask a grown-up"));
}

#[test]
fn a_large_library_is_leafed_through() {
    let languages = Languages::load();
    let many: Vec<PackSummary> = (0..50)
        .map(|n| {
            pack(
                &format!("p{n}"),
                PackKind::Zim,
                &format!("Pack {n}"),
                "",
                "en",
            )
        })
        .collect();
    let page = |number| {
        home::html(
            &reader(&languages, "en"),
            &Energy::of(&status()),
            &many,
            None,
            number,
        )
    };
    let cards = |html: &str| html.matches("<li class=\"card").count();
    assert_eq!(
        [0, 1, 2, 9].map(|number| cards(&page(number))),
        [24, 24, 2, 2]
    );
    assert!(page(0).contains("/?page=1") && !page(0).contains("rel=\"prev\""));
    assert!(page(2).contains("/?page=1") && !page(2).contains("rel=\"next\""));
}

#[test]
fn equal_facts_are_one_page() {
    let facts = |percent, minutes| {
        let mut status = status();
        status.battery.charge_percent = Some(percent);
        status.power.minutes_left_band = Some([minutes, minutes + 60]);
        Energy::of(&status)
    };
    assert_eq!(facts(63.4, 380), facts(63.9, 381));
    assert_ne!(facts(63.4, 380), facts(64.0, 380));
    let told = Energy {
        feed: Feed::Giving(Teach::Until(16, 30)),
        percent: Some(63),
        between: None,
        saving: Saving::None,
        hours: Vec::new(),
    };
    assert_eq!(facts(63.4, 380), told);
}

#[test]
fn the_style_loses_its_comments_and_keeps_its_rules() {
    assert_eq!(stripped("/* a */\n.b{\n  c:d /* e */\n}\n"), ".b{c:d}");
    assert!(STYLE.contains(".card{") && !STYLE.contains("/*") && !STYLE.contains("</"));
}
