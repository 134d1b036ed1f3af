//! The messages as they are written in the sources: each of their words is listed. A word that a message brings new is added to `words.txt`,
//! unless somebody bears it as a name: then another word is found for the message.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::uttered::lost;
use super::whole::{MARKS, UNITS};
use super::{WORDS, is_of_a_word};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Where messages are written that reach a bundle: files, and folders with the files that lie in them.
const ROOMS: [&str; 52] = [
    "board-support/src/board.rs",
    "board-support/src/bus/mod.rs",
    "board-support/src/ds3231.rs",
    "board-support/src/error.rs",
    "board-support/src/gauge/mod.rs",
    "board-support/src/key_store.rs",
    "board-support/src/radio/kernel_log.rs",
    "board-support/src/radio/mod.rs",
    "board-support/src/radio/reset.rs",
    "board-support/src/radio/rival.rs",
    "board-support/src/rpi.rs",
    "board-support/src/serial.rs",
    "board-support/src/start.rs",
    "board-support/src/usb.rs",
    "board-support/src/vedirect",
    "board-support/src/wake.rs",
    "board-support/src/watchdog.rs",
    "content-store/src/disk.rs",
    "content-store/src/records/error.rs",
    "firmware/src/app",
    "firmware/src/app.rs",
    "firmware/src/clock.rs",
    "firmware/src/diagnostics/button.rs",
    "firmware/src/erase.rs",
    "firmware/src/panel/cause.rs",
    "firmware/src/selftest/board.rs",
    "firmware/src/selftest/judge",
    "firmware/src/selftest/outcome.rs",
    "firmware/src/selftest/probes.rs",
    "firmware/src/services",
    "firmware/src/services/access_point",
    "firmware/src/services/control",
    "firmware/src/services/diagnostics",
    "firmware/src/services/nightly",
    "firmware/src/services/power",
    "firmware/src/services/update",
    "firmware/src/slots",
    "firmware/src/slots.rs",
    "firmware/src/status",
    "firmware/src/stores.rs",
    "firmware/src/supervisor/branch.rs",
    "firmware/src/supervisor/ending.rs",
    "firmware/src/supervisor/health.rs",
    "firmware/src/supervisor/lives.rs",
    "firmware/src/supervisor/tree.rs",
    "firmware/src/updates",
    "ota/src/slot.rs",
    "power-mgmt/src/gauge/screen.rs",
    "power-mgmt/src/plan/reason.rs",
    "power-mgmt/src/reason.rs",
    "power-mgmt/src/state.rs",
    "power-mgmt/src/storage.rs",
];

#[test]
fn every_word_of_every_message_is_listed() {
    let (mut messages, mut names) = (0, Vec::new());
    let mut missing = BTreeSet::new();
    for file in sources() {
        let code = code(&fs::read_to_string(&file).unwrap());
        for literal in literals(&code) {
            messages += 1;
            let place = file.display();
            let words = unknown(&literal).into_iter();
            missing.extend(words.map(|word| format!("{word}: {place}: {literal}")));
        }
        names.extend(names_of_cases(&code));
    }
    assert!(
        messages > 400 && names.len() > 80,
        "{messages} {}",
        names.len()
    );
    assert_eq!(missing, BTreeSet::new());
    assert_eq!(lost(names), [""; 0]);
}

fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for room in ROOMS.map(|room| root.join(room)) {
        if room.is_file() {
            files.push(room);
            continue;
        }
        for entry in fs::read_dir(&room).unwrap() {
            let path = entry.unwrap().path();
            let is_ours = path.extension().is_some_and(|ending| ending == "rs");
            if is_ours && !path.ends_with("tests.rs") && !path.ends_with("sample.rs") {
                files.push(path);
            }
        }
    }
    files
}

/// A source without its tests and comments, and without the one character that would open a literal.
fn code(source: &str) -> String {
    let code = source.split("\n#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines();
    let code: Vec<&str> = lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    code.join("\n").replace("'\"'", "")
}

/// The literals of more than one word.
fn literals(code: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut letters = code.chars();
    while letters.any(|letter| letter == '"') {
        let mut literal = String::new();
        while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
            // Of what is escaped only a quote is a sign of the text.
            match letter {
                '\\' if letters.next() == Some('"') => literal.push('"'),
                '\\' => literal.push(' '),
                letter => literal.push(letter),
            }
        }
        literals.push(literal);
    }
    literals.retain(|literal| literal.contains(' '));
    literals
}

/// What an enum is called in events and states: `Self::Full => "full"`.
fn names_of_cases(code: &str) -> Vec<String> {
    let is_name = |text: &&str| {
        !text.is_empty() && (text.bytes()).all(|b| b.is_ascii_lowercase() || b"_-".contains(&b))
    };
    let cases = code.lines().filter_map(|line| line.split_once("=> \""));
    cases
        .filter_map(|(_, told)| told.split('"').next())
        .filter(is_name)
        .map(str::to_owned)
        .collect()
}

/// The words of a format that would be left out; a unit stands behind a number.
fn unknown(literal: &str) -> Vec<String> {
    let (mut text, mut within) = (String::new(), 0_usize);
    for letter in literal.chars() {
        match letter {
            '{' => within += 1,
            '}' => within = within.saturating_sub(1),
            _ if within == 0 => text.push(letter),
            _ => {}
        }
    }
    for mark in MARKS {
        text = text.replace(mark, " ");
    }
    let is_known = |word: &&str| {
        // A figure, or the form of a time.
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        digits || word.starts_with('%') || WORDS.contains(*word) || UNITS.contains(word)
    };
    text.split(|c: char| !is_of_a_word(c))
        .filter(|word| !is_known(word))
        .map(str::to_owned)
        .collect()
}
