//! `depot shelf`: which boxes of the store are due a check, a charge, an update, why and when; and what is left in each battery.
//!
//! | file | holds |
//! |---|---|
//! | `intake` | manifests and results of self-tests, and what is wrong with them |
//! | `duties` | what a box is due (pure) |
//! | `battery`, `when` | what is left in a battery; days of tests, and months (pure) |
//! | `table` | the same for people, 80 columns wide |

mod battery;
mod duties;
mod intake;
mod table;
mod when;

use super::repo::newest_system;
use super::{Failure, tell};
use clap::Args;
use duties::{Rules, Told, told};
use intake::Store;
use jiff::civil::Date;
use serde::Serialize;
use std::path::PathBuf;

/// Which boxes in the store are due a check, a charge or an update, why and when, without opening them
///
/// From the manifests that `depot card write` kept, and from the results of self-tests: the texts of their QR codes, a line each, as any phone scans
/// them, or the files selftest.json. A result from before a box's card was written tells of its battery alone.
#[derive(Debug, Args)]
#[command(
    after_help = "What is left in a battery is reckoned with 1 mW, 3 % of self-discharge a month and a monthly look of the box at itself; in great heat twice as fast.\n\nExample:\n  depot shelf cards.jsonl --results scanned.txt --latest 2026.11 --months 8\n  zbarcam --raw | depot shelf cards.jsonl --results - --json"
)]
pub(super) struct Shelf {
    /// A manifest, as `depot card write` keeps it
    #[arg(value_name = "MANIFEST", required = true)]
    manifests: Vec<PathBuf>,
    /// Results of self-tests: texts of QR codes, a line each, or a selftest.json; `-` is standard input (can be given again)
    #[arg(long, value_name = "FILE")]
    results: Vec<PathBuf>,
    /// The newest system, as the manifest calls it: older ones are due an update
    #[arg(long, value_name = "VERSION")]
    latest: Option<String>,
    /// The same, by what a repository offers
    #[arg(long, value_name = "FOLDER", conflicts_with = "latest")]
    repo: Option<PathBuf>,
    /// How far to look ahead, in months of thirty days, 1 to 60
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=60))]
    months: u16,
    /// A box is to be tested again after so many months, 1 to 60
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=60))]
    check_every: u16,
    /// Reckon as on this day in place of today, such as 2027-03-01
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
    /// List every box, not only those that are due something
    #[arg(long)]
    all: bool,
    /// Print every box as JSON: charges in percent, energy in Wh
    #[arg(long)]
    json: bool,
}

/// What is found of a whole store.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    /// The day that it is reckoned for.
    today: Date,
    /// How far it looks ahead, months.
    months: u16,
    /// Every box, the most urgent first.
    boxes: Vec<Told>,
    /// What is strange about what was read: a line each.
    notices: Vec<String>,
}

impl Shelf {
    pub(super) fn run(self) -> Result<(), Failure> {
        let today = self.today.unwrap_or_else(today);
        let store = Store::read(&self.manifests, &self.results, today)?;
        let latest = match &self.repo {
            Some(repo) => Some(newest_system(repo)?),
            None => self.latest.clone(),
        };
        let rules = Rules {
            today,
            latest,
            months: self.months,
            check_every: self.check_every,
        };
        let unread = store.unread;
        let found = found(store, &rules);
        for notice in &found.notices {
            tell::warn(notice);
        }
        if self.json {
            let json = serde_json::to_string_pretty(&found)
                .map_err(|error| Failure::NotDone(error.to_string()))?;
            tell::say(&json);
        } else {
            tell::say(table::page(&found, self.all).trim_end());
        }
        match unread {
            0 => Ok(()),
            1 => Err(Failure::NotDone(
                "1 line cannot be read; see what is said of it above".to_owned(),
            )),
            more => Err(Failure::NotDone(format!(
                "{more} lines cannot be read; see what is said of them above"
            ))),
        }
    }
}

fn found(store: Store, rules: &Rules) -> Found {
    let mut notices = store.notices;
    let mut boxes: Vec<Told> = Vec::with_capacity(store.boxes.len());
    for one in store.boxes.values() {
        let told = told(one, rules);
        notices.extend(told.notice.clone());
        boxes.push(told);
    }
    // The first duty is the most urgent; a box without any comes last.
    boxes.sort_by(|one, other| {
        let key = |told: &Told| (told.duties.first().map(|duty| duty.on), told.serial.clone());
        let ((one_on, one_serial), (other_on, other_serial)) = (key(one), key(other));
        let missing_last = one_on.is_none().cmp(&other_on.is_none());
        missing_last
            .then(one_on.cmp(&other_on))
            .then(one_serial.cmp(&other_serial))
    });
    Found {
        today: rules.today,
        months: rules.months,
        boxes,
        notices,
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the clock of the warehouse's desk; there is no box whose clock could lie"
)]
fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::system())
        .date()
}
