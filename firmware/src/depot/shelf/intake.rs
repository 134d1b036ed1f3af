//! Manifests and results of self-tests. A line that cannot be read is told and left out, and so is one that tells of no box here; the others count.

use super::super::manifest::{CardLine, TORN, is_torn};
use super::Failure;
use super::when::When;
use crate::selftest::code::{Code, CodeError};
use crate::selftest::outcome::{FORM, Outcome};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// No list of cards or results is longer, bytes: some ten thousand cards.
const LARGEST: u64 = 256 << 20;
/// Strange lines that are told one by one; of more only the count is.
const MOST_NOTICES: usize = 50;

/// What was read.
#[derive(Debug)]
pub(super) struct Store {
    /// The day on which it is read.
    today: Date,
    /// By serial number.
    pub(super) boxes: BTreeMap<String, OnShelf>,
    /// What is strange: a line each.
    pub(super) notices: Vec<String>,
    /// Lines that could not be read. What was read and is of no use here is told alone: a person may know why, and it stands there for good.
    pub(super) unread: usize,
    more: usize,
}

/// A box in the store.
#[derive(Debug, Clone)]
pub(super) struct OnShelf {
    pub(super) serial: String,
    pub(super) profile: String,
    /// When its card was written; `None` where the manifest's day is none.
    pub(super) written: Option<Date>,
    /// The system that was written, as people call it.
    pub(super) system: String,
    /// What the battery holds when full, Wh, by the profile.
    pub(super) battery_wh: f64,
    /// The newest result of a self-test, whatever card was in the box then.
    pub(super) result: Option<Code>,
}

/// What every form of a result has.
#[derive(Deserialize)]
struct Form {
    form: u32,
}

impl Store {
    fn new(today: Date) -> Self {
        Self {
            today,
            boxes: BTreeMap::new(),
            notices: Vec::new(),
            unread: 0,
            more: 0,
        }
    }

    /// Reads all of them.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn read(
        manifests: &[PathBuf],
        results: &[PathBuf],
        today: Date,
    ) -> Result<Self, Failure> {
        let mut store = Self::new(today);
        for path in manifests {
            let text = text(path, "manifest")?;
            for (number, line) in lines(&text) {
                store.card(&format!("{}, line {number}", path.display()), line);
            }
        }
        for path in results {
            let text = text(path, "file of results")?;
            if text.trim_start().starts_with('{') {
                store.outcome(&path.display().to_string(), &text);
                continue;
            }
            for (number, line) in lines(&text) {
                store.scanned(&format!("{}, line {number}", path.display()), line);
            }
        }
        if store.more > 0 {
            store.notices.push(format!("and {} lines more", store.more));
        }
        Ok(store)
    }

    fn notice(&mut self, line: String) {
        if self.notices.len() < MOST_NOTICES {
            self.notices.push(line);
        } else {
            self.more += 1;
        }
    }

    fn unreadable(&mut self, line: String) {
        self.unread += 1;
        self.notice(line);
    }

    fn card(&mut self, place: &str, text: &str) {
        let card = match CardLine::parse(text) {
            Ok(card) => card,
            Err(_) if is_torn(text) => {
                return self.notice(format!("{place}: {TORN}"));
            }
            Err(why) => return self.unreadable(format!("{place}: {why}: it is left out")),
        };
        if let Some(key) = strange_key(text, &card) {
            self.notice(format!(
                "{place}: the key `{key}` is not known to this program: it is passed over"
            ));
        }
        let Some(serial) = card.serial.filter(|serial| !serial.is_empty()) else {
            return self.notice(format!(
                "{place}: the card has no serial number and cannot be followed: it is left out"
            ));
        };
        let written: Option<Date> = card.written.parse().ok();
        if written.is_none() {
            self.notice(format!("{place}: `{}` is no day", card.written));
        }
        let one = OnShelf {
            serial: serial.clone(),
            profile: card.profile,
            written,
            system: card.image.version,
            battery_wh: card.battery_wh,
            result: None,
        };
        let Some(known) = self.boxes.get_mut(&serial) else {
            self.boxes.insert(serial, one);
            return;
        };
        // By the day, in whatever order the manifests are given; of one day the later line.
        let newer = one.written >= known.written;
        if newer {
            *known = one;
        }
        let which = match newer {
            true => "this line counts",
            false => "the other line counts, which was written later",
        };
        self.notice(format!(
            "{place}: {serial} stands in the manifests twice: {which}"
        ));
    }

    fn outcome(&mut self, place: &str, text: &str) {
        // Told before all else: a later form may have other fields.
        let form = serde_json::from_str::<Form>(text).map_or(FORM, |found| found.form);
        if form != FORM {
            return self.unreadable(format!("{place}: {}", CodeError::Later));
        }
        match serde_json::from_str::<Outcome>(text) {
            Ok(outcome) => self.result(place, Code::of(&outcome)),
            Err(error) => self.unreadable(format!(
                "{place}: it is no result of a self-test ({error}): it is left out"
            )),
        }
    }

    fn scanned(&mut self, place: &str, line: &str) {
        // As a scanner writes it that names the kind of code.
        let text = line.strip_prefix("QR-Code:").unwrap_or(line);
        match Code::read(text) {
            Ok(code) => self.result(place, code),
            Err(error @ (CodeError::NotOurs | CodeError::Later | CodeError::Damaged)) => {
                self.unreadable(format!("{place}: {error}"));
            }
        }
    }

    /// The newest counts; one without a time is older than any, and so is one of a day that is to come.
    fn result(&mut self, place: &str, code: Code) {
        if code.serial.is_empty() {
            return self.notice(format!(
                "{place}: the box has no serial number: it is left out"
            ));
        }
        let today = self.today;
        match self.boxes.get_mut(&code.serial) {
            Some(known) => {
                let newer = known
                    .result
                    .as_ref()
                    .is_none_or(|result| time(&code, today) >= time(result, today));
                if newer {
                    known.result = Some(code);
                }
            }
            None => self.notice(format!(
                "{place}: {} stands in no manifest: give that too; it is left out",
                code.serial
            )),
        }
    }
}

/// When a result was made, as far as it can be believed.
fn time(code: &Code, today: Date) -> Option<i64> {
    code.at.filter(|_| When::of(code, today).day().is_some())
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .map(|(place, line)| (place + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty())
}

/// The first key of a line that this program does not know.
fn strange_key(text: &str, card: &CardLine) -> Option<String> {
    let there: Map<String, Value> = serde_json::from_str(text).ok()?;
    let known = serde_json::to_value(card).ok()?;
    there
        .keys()
        .find(|key| known.get(key.as_str()).is_none())
        .map(|key| key.chars().take(40).collect())
}

fn text(path: &Path, what: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().lock().take(LARGEST).read_to_end(&mut bytes),
        _ => File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)),
    };
    read.map_err(|error| {
        Failure::NotDone(format!(
            "cannot read the {what} {}: {error}; give a file that you may read",
            path.display()
        ))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::super::manifest::tests::line;
    use super::*;

    fn store() -> Store {
        Store::new(jiff::civil::date(2026, 11, 29))
    }

    /// What is on the shelf of these days' cards of one number, in this order.
    fn shelved(days: &[&str]) -> (Option<String>, Vec<String>) {
        let mut store = store();
        for day in days {
            let card = CardLine {
                written: (*day).to_owned(),
                profile: format!("of {day}"),
                ..line("SB-1")
            };
            store.card("here", &serde_json::to_string(&card).unwrap_or_default());
        }
        let profile = store.boxes.get("SB-1").map(|one| one.profile.clone());
        (profile, store.notices)
    }

    #[test]
    fn of_two_cards_of_one_number_the_newer_counts_in_whatever_order_they_come() {
        let (old, new) = ("2026-03-01", "2026-11-29");
        for order in [[old, new], [new, old]] {
            let (profile, notices) = shelved(&order);
            assert_eq!(profile.as_deref(), Some("of 2026-11-29"), "{order:?}");
            assert_eq!(notices.len(), 1, "it is told");
        }
        // A day that is none is older than any; of one day the later line counts.
        let (profile, _) = shelved(&[new, "soon"]);
        assert_eq!(profile.as_deref(), Some("of 2026-11-29"));
        let (_, notices) = shelved(&[new, new]);
        assert!(
            notices
                .iter()
                .all(|told| told.ends_with("this line counts"))
        );
        // Control: one line alone says nothing.
        assert_eq!(shelved(&[new]).1, [""; 0]);
    }

    #[test]
    fn what_was_read_and_is_of_no_use_is_told_and_no_failure() {
        let mut store = store();
        let cards = [None, Some("SB-1"), Some("SB-1")].map(|serial| CardLine {
            serial: serial.map(str::to_owned),
            ..line("")
        });
        for card in cards {
            store.card("here", &serde_json::to_string(&card).unwrap_or_default());
        }
        // Written anew under another number since.
        store.result("there", code("SB-l", "2026-11-20T08:00:00Z", 1));
        store.result("there", code("", "2026-11-20T08:00:00Z", 1));
        assert_eq!((store.notices.len(), store.unread), (4, 0));
        // Control: what cannot be read is one.
        store.card("here", "{\"format\": 1}");
        store.scanned("there", "https://example.org/menu");
        assert_eq!((store.notices.len(), store.unread), (6, 2));
    }

    fn code(serial: &str, at: &str, place: u64) -> Code {
        let at = at.parse::<jiff::Timestamp>().ok();
        Code {
            serial: serial.to_owned(),
            system: String::new(),
            system_version: place,
            at: at.map(|at| at.as_second()),
            charge_percent: None,
            capacity_wh: None,
            letters: "O".repeat(15),
            wear: None,
        }
    }

    /// Which of the results of these times counts; an empty one is of no clock.
    fn counts(times: [&str; 2]) -> Option<u64> {
        let mut store = store();
        let card = serde_json::to_string(&line("SB-1"));
        store.card("here", &card.unwrap_or_default());
        for (place, at) in (0..).zip(times) {
            store.result("there", code("SB-1", at, place));
        }
        let result = store.boxes.get("SB-1")?.result.as_ref();
        result.map(|code| code.system_version)
    }

    #[test]
    fn a_result_of_a_day_to_come_is_older_than_any_that_can_be() {
        let mended = "2026-11-20T08:00:00Z";
        for never in ["2031-01-01T00:00:00Z", "2026-12-01T00:00:00Z", ""] {
            assert_eq!(counts([never, mended]), Some(1), "{never}");
            assert_eq!(counts([mended, never]), Some(0), "{never}");
        }
        // Neither can be believed: the later line counts.
        assert_eq!(counts(["2031-01-01T00:00:00Z", ""]), Some(1));
        // Control: of two that can be the later counts, and a day ahead is around the world.
        for newer in ["2026-11-28T08:00:00Z", "2026-11-30T23:00:00Z"] {
            assert_eq!(counts([newer, mended]), Some(0), "{newer}");
            assert_eq!(counts([mended, newer]), Some(1), "{newer}");
        }
    }

    #[test]
    fn a_result_of_a_later_form_is_told_as_one() {
        let said = |form: u32| {
            let mut store = store();
            store.outcome("there", &format!("{{\"form\": {form}, \"all\": \"new\"}}"));
            assert_eq!(store.unread, 1);
            store.notices.pop().unwrap_or_default()
        };
        assert!(said(FORM + 1).contains("later form than this program knows"));
        // Control: of our own form it is what is missing that is told.
        assert!(said(FORM).contains("missing field"));
    }
}
