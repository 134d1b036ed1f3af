//! What the pages weigh, in every language; and a way to look at them.

use super::{hits, home, packs, reader};
use crate::status::sample::{planned, updating};
use crate::web::answer::{Page, Wishes};
use crate::web::fault::Fault;
use crate::web::portal::{Languages, POLICY, Reader, day, error, film, search, state};
use crate::welcome::Facts;
use flate2::Compression;

/// Bytes over the wire that a page may have.
const BUDGET: usize = 20_000;

/// The heaviest day: with an answer about a film.
fn day(reader: &Reader<'_>) -> String {
    let story = crate::status::sample::story(crate::status::sample::at(0, 11 * 60 + 30));
    let question = film::Question {
        start: 14 * 60,
        minutes: 90,
    };
    let day = day::Day {
        status: &planned(),
        story: &story,
        age: 0,
        asked: Some(film::Asked {
            question,
            answer: Some(power_mgmt::FilmAnswer::Yes),
        }),
    };
    day::html(reader, &day)
}

/// The longest name and key.
fn welcome(reader: &Reader<'_>) -> String {
    let facts = Facts {
        network: "W".repeat(32),
        phrase: Some("W".repeat(63)),
        address: "http://school.internal/".to_owned(),
        notice: None,
    };
    super::welcome::html(reader, &facts, true).unwrap()
}

/// The longest of its states.
fn lights(reader: &Reader<'_>) -> String {
    let panel = crate::status::Panel {
        lights: "battery=red:quick wifi=off lessons=off help=blink4".to_owned(),
        state: Some("radio".to_owned()),
    };
    super::lights::html(reader, Some(&panel))
}

#[test]
fn every_page_stays_within_its_weight_in_every_language() {
    let languages = Languages::load();
    let tags: Vec<String> = languages
        .names()
        .map(|(tag, _, _)| tag.to_owned())
        .collect();
    for tag in tags {
        let reader = reader(&languages, &tag);
        let query = search::Query {
            text: "water".to_owned(),
            page: 0,
        };
        let many = std::iter::repeat_with(hits)
            .flatten()
            .take(search::HITS)
            .collect();
        let pages = [
            ("home", home(&languages, &tag, &planned(), &packs())),
            ("state", state::html(&reader, &updating())),
            ("day", day(&reader)),
            ("welcome", welcome(&reader)),
            ("lights", lights(&reader)),
            (
                "search",
                search::html(&reader, &query, search::linked(&reader, many), true),
            ),
            ("error", error::html(&reader, &Fault::NoPage)),
            ("waiting", error::html(&reader, &Fault::Waits(3))),
        ];
        for (name, html) in pages {
            let wishes = Wishes {
                accept_encoding: "gzip".to_owned(),
                ..Wishes::default()
            };
            let answer =
                Page::new(html, Compression::fast()).answer(http::StatusCode::OK, &wishes, &POLICY);
            let weight = answer.body().len();
            assert!(weight <= BUDGET as u64, "{name} {tag}: {weight} bytes");
            if let Ok(folder) = std::env::var("PAGES_TO") {
                write_out(&folder, name, &tag, weight, &reader);
            }
        }
    }
}

/// For looking at: `PAGES_TO=folder cargo test every_page`.
fn write_out(folder: &str, name: &str, tag: &str, weight: u64, reader: &Reader<'_>) {
    let html = match name {
        "home" => home(reader.languages, tag, &planned(), &packs()),
        "state" => state::html(reader, &updating()),
        "day" => day(reader),
        "welcome" => welcome(reader),
        "lights" => lights(reader),
        "error" => error::html(reader, &Fault::NoPage),
        _ => {
            let query = search::Query {
                text: "water".to_owned(),
                page: 0,
            };
            search::html(reader, &query, search::linked(reader, hits()), true)
        }
    };
    std::fs::write(format!("{folder}/{name}-{tag}-{weight}.html"), html).unwrap();
}
