#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::status::sample::coming;
use crate::web::texts::Languages;
use std::fmt::Write as _;

fn told(update: &Update, words: &Words<'_>) -> String {
    let System {
        state,
        coming,
        last_look,
        ..
    } = System::of(update, words);
    let mut text = String::new();
    if let Some(state) = state {
        let _ = writeln!(text, "  {state}");
    }
    if let Some(coming) = coming {
        let bar = coming
            .done
            .map_or("no bar".to_owned(), |done| format!("bar {done} of 1000"));
        let _ = writeln!(text, "  [{}] {bar}", coming.release);
        for sentence in &coming.sentences {
            let _ = writeln!(text, "  {sentence}");
        }
        let speed = coming.speed.unwrap_or_default();
        let _ = writeln!(
            text,
            "  speed `{speed}`, from `{}`, waits for `{}`",
            coming.from, coming.waits_for
        );
    }
    if !last_look.is_empty() {
        let _ = writeln!(text, "  looked: {last_look}");
    }
    text
}

fn update(change: impl FnOnce(&mut Update, &mut Coming)) -> Update {
    let mut update = Update::idle(ota::Slot::A);
    let mut arriving = coming();
    change(&mut update, &mut arriving);
    update.coming = Some(arriving);
    update
}

/// Every state of a system and every step of one that is coming, in every language.
#[test]
fn every_step_in_words() {
    let mut cases: Vec<(String, Update)> = [
        "idle",
        "trial",
        "fell_back",
        "restart_needed",
        "unproven",
        "unknown",
    ]
    .map(|state| {
        let mut update = Update::idle(ota::Slot::B);
        update.state = state.to_owned();
        (state.to_owned(), update)
    })
    .into();
    for doing in [
        "fetching",
        "surveying",
        "writing",
        "checking",
        "staged",
        "restart",
        "dancing",
    ] {
        cases.push((
            doing.to_owned(),
            update(|_, coming| coming.doing = doing.to_owned()),
        ));
    }
    cases.push((
        "nothing known yet".to_owned(),
        update(|_, coming| {
            (
                coming.done_bytes,
                coming.of_bytes,
                coming.reused_bytes,
                coming.bytes_per_s,
            ) = (0, 0, 0, 0);
        }),
    ));
    cases.push((
        "waiting".to_owned(),
        update(|update, coming| {
            coming.waits_for = Some("the sun: charge is below 40 %".to_owned());
            update.last_look = "school.example: 2026.12 is newer than 2026.11".to_owned();
        }),
    ));
    cases.push((
        "a slow network".to_owned(),
        update(|_, coming| {
            (coming.of_bytes, coming.bytes_per_s) = (150_000_000, 9_000);
        }),
    ));
    cases.push((
        "hardly any".to_owned(),
        update(|_, coming| coming.bytes_per_s = 12),
    ));
    cases.push((
        "more than all".to_owned(),
        update(|_, coming| coming.done_bytes = u64::MAX),
    ));
    let languages = Languages::load();
    let mut table = String::new();
    for (tag, _, _) in languages.names() {
        let words = languages.choose(Some(tag), "");
        for (name, update) in &cases {
            let _ = write!(table, "{tag}: {name}\n{}", told(update, &words));
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn each_language_has_words_of_its_own_for_all_of_it() {
    let languages = Languages::load();
    let english = languages.choose(Some("en"), "");
    let keys = include_str!("../../../../texts/en.ftl");
    let keys = keys.lines().filter(|line| line.starts_with("system-"));
    let keys: Vec<&str> = keys
        .filter_map(|line| Some(line.split_once(" =")?.0))
        .collect();
    assert!(keys.len() > 20, "{keys:?}");
    for (tag, _, _) in languages.names().filter(|(tag, _, _)| *tag != "en") {
        let words = languages.choose(Some(tag), "");
        let values = [("done", "1"), ("all", "2"), ("here", "3")]
            .map(|(name, value)| (name, Value::Ready(value.to_owned())));
        let counts = ["minutes", "hours"].map(|name| (name, Value::Count(7)));
        let values = [values.as_slice(), counts.as_slice()].concat();
        for key in &keys {
            assert_ne!(
                words.say(key, &values),
                english.say(key, &values),
                "{tag} {key}"
            );
        }
    }
}

#[test]
fn what_a_publisher_writes_is_cut_and_cleaned() {
    let languages = Languages::load();
    let hostile = format!("\u{202e}<b>\u{1b}[2J{}", "x".repeat(500));
    let update = update(|update, coming| {
        update.release.clone_from(&hostile);
        update.last_look.clone_from(&hostile);
        coming.release.clone_from(&hostile);
        coming.from.clone_from(&hostile);
        coming.waits_for = Some(hostile.clone());
    });
    let system = System::of(&update, &languages.choose(Some("ar"), ""));
    let coming = system.coming.unwrap();
    for (text, most) in [
        (system.release, NAME),
        (coming.release, NAME),
        (system.last_look, LINE),
        (coming.from, LINE),
        (coming.waits_for, LINE),
    ] {
        assert!(
            text.starts_with("<b>[2Jx") && text.chars().count() == most,
            "{text}"
        );
    }
}
