#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::*;
use fluent_syntax_walk::{Message, messages};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the messages of a file and the values that each uses, without the library under test.
mod fluent_syntax_walk {
    use std::collections::{BTreeMap, BTreeSet};

    pub(super) type Message = BTreeSet<String>;

    pub(super) fn messages(source: &str) -> BTreeMap<String, Message> {
        let mut all = BTreeMap::new();
        let mut current = String::new();
        for line in source
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        {
            if !line.starts_with([' ', '}']) {
                current = line.split(" =").next().unwrap().to_owned();
                let twice = all.insert(current.clone(), BTreeSet::new());
                assert!(twice.is_none(), "{current} stands twice");
            }
            let values = line
                .split('$')
                .skip(1)
                .map(|rest| rest.split([' ', '}']).next().unwrap().to_owned());
            all.get_mut(&current).unwrap().extend(values);
        }
        all
    }
}

fn files() -> BTreeMap<String, String> {
    let text =
        |name: &str| String::from_utf8(TextFiles::get(name).unwrap().data.into_owned()).unwrap();
    TextFiles::iter()
        .map(|name| (name.to_string(), text(&name)))
        .collect()
}

#[test]
fn every_language_says_the_same_things_with_the_same_values() {
    let files = files();
    let english = messages(&files["en.ftl"]);
    assert!(files.len() >= 5, "{:?}", files.keys());
    for (name, source) in &files {
        let own = messages(source);
        let differing: Vec<(&String, Option<&Message>, Option<&Message>)> = english
            .keys()
            .chain(own.keys())
            .filter(|key| english.get(*key) != own.get(*key))
            .map(|key| (key, english.get(key), own.get(key)))
            .collect();
        assert!(
            differing.is_empty(),
            "{name} differs from en.ftl: {differing:?}"
        );
        assert!(
            FluentResource::try_new(source.clone()).is_ok(),
            "{name} breaks the grammar"
        );
    }
}

#[test]
fn every_message_can_be_said_for_every_number() {
    let languages = Languages::load();
    let english = messages(&files()["en.ftl"]);
    for language in &languages.all {
        for (key, values) in &english {
            for count in (0..130).chain([1_000, 100_000]) {
                let values: Vec<(&str, Value)> = values
                    .iter()
                    .map(|name| match name.as_str() {
                        "time" => ("time", Value::Ready("16:30".to_owned())),
                        name => (name, Value::Count(count)),
                    })
                    .collect();
                let said = language
                    .own(key, &values)
                    .unwrap_or_else(|| panic!("{} cannot say {key}", language.tag));
                assert!(
                    !said.contains(['{', '}', '$']) && !said.trim().is_empty(),
                    "{} {key}: {said}",
                    language.tag
                );
            }
        }
    }
}

/// What code and templates ask for is there, and nothing is there that nobody asks for.
#[test]
fn messages_and_their_users_agree() {
    let english: BTreeSet<String> = messages(&files()["en.ftl"]).into_keys().collect();
    let room = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let users = users(&room.join("src")) + &users(&room.join("templates"));
    let whole = |key: &String| users.contains(&format!("\"{key}\""));
    let ends = ["until", "days", "hours", "minutes", "soon", "unknown", "do"];
    let composed = |key: &String| {
        let stem = ends
            .iter()
            .find_map(|end| key.strip_suffix(end)?.strip_suffix('-'));
        stem.is_some_and(|stem| users.contains(&format!("\"{stem}\"")))
    };
    let idle: Vec<_> = english
        .iter()
        .filter(|key| !whole(key) && !composed(key))
        .collect();
    assert!(idle.is_empty(), "nobody says {idle:?}");
    let asked = users
        .split(".text(\"")
        .chain(users.split(".say(\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let missing: BTreeSet<_> = asked
        .filter(|key| key.len() < 40 && is_key(key) && !english.contains(*key))
        .collect();
    assert!(missing.is_empty(), "en.ftl lacks {missing:?}");
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

fn users(folder: &std::path::Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match path.is_dir() {
            true => all += &users(&path),
            false if path.ends_with("tests.rs") => {}
            false => all += &std::fs::read_to_string(&path).unwrap(),
        }
    }
    all
}

#[test]
fn plural_forms_and_digits_of_the_languages() {
    let languages = Languages::load();
    let mut table = String::new();
    for tag in ["ar", "en", "es", "fr", "uk"] {
        let words = languages.choose(Some(tag), "");
        for hours in [0, 1, 2, 3, 5, 11, 21, 22, 25, 100] {
            table += &format!(
                "{tag} {hours:>3}  {}\n",
                words.say("energy-teach-hours", &[("hours", Value::Count(hours))])
            );
        }
        let until = words.say(
            "energy-teach-until",
            &[("time", Value::Ready("16:30".to_owned()))],
        );
        table += &format!(
            "{tag} 16:30 {until}\n{tag} 12.84 {}\n",
            words.decimal(12.84, 2)
        );
    }
    insta::assert_snapshot!(table);
}

#[test]
fn a_choice_wins_over_the_browser_and_nonsense_is_no_choice() {
    let languages = Languages::load();
    assert_eq!(languages.choose(Some("ar"), "fr").tag(), "ar");
    assert_eq!(languages.choose(Some("<script>"), "fr").tag(), "fr");
    assert_eq!(languages.choose(None, "de").tag(), "en");
    assert_eq!(languages.choose(Some("ar"), "").direction(), "rtl");
    assert_eq!(languages.choose(Some("uk"), "").direction(), "ltr");
}

#[test]
fn a_school_may_have_its_own_languages_alone() {
    let tags = ["uk", "ar"].map(str::to_owned);
    let languages = Languages::of(&tags);
    let known: Vec<&str> = languages.names().map(|(tag, _, _)| tag).collect();
    assert_eq!(known, ["ar", "uk"]);
    assert_eq!(
        languages.choose(None, "fr").tag(),
        "uk",
        "the first of them"
    );
    assert_eq!(languages.choose(None, "ar").tag(), "ar");
    assert_eq!(languages.choose(Some("fr"), "").tag(), "uk");
    assert_eq!(Languages::of(&[]).names().count(), files().len());
}
