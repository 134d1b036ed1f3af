//! Which pack is next: pure.
//!
//! | of the packs that are offered | is next |
//! |---|---|
//! | the one that was begun, while it is offered still | first: a poor network would else never finish any |
//! | those on the school's list | in its order |
//! | those that are installed already | by their ids |
//!
//! Of each the newest version whose turn has come, newer than what the school has, that was not given up; of a pack that came another way the newest alone. Where
//! it is held back, the pack waits. What is neither on the list nor installed is nobody's wish.

use super::offer::is_id;
use crate::ledger::{ATTEMPTS_AT_MOST, Ledger};
use crate::look::{percent_of, takes_part};
use crate::trust::{Target, Trusted};
use std::collections::BTreeSet;

/// A version of a pack that is offered.
#[derive(Debug, Clone)]
pub struct PackRelease {
    /// The pack.
    pub id: String,
    /// Its number.
    pub version: u64,
    /// Of a hundred boxes so many have it now.
    pub percent: u8,
    /// Its offer.
    pub target: Target,
}

/// What the school has and what it asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct School {
    /// Its list, the most wanted first.
    pub list: Vec<String>,
    /// Ids of the packs that are installed.
    pub installed: BTreeSet<String>,
}

/// Offers that are left alone for now, by the hash of their `pack.json`.
pub type HeldBack = BTreeSet<String>;

/// What comes next.
#[derive(Debug, Clone)]
pub enum Choice<'a> {
    /// This one.
    Take(&'a PackRelease),
    /// Nothing that the school wants is newer than what it has.
    Nothing {
        /// Packs that are newer, and left alone: they failed too often.
        given_up: Vec<&'a PackRelease>,
    },
}

impl School {
    /// Somebody asked for it, or it is here.
    #[must_use]
    pub fn wants(&self, id: &str) -> bool {
        self.installed.contains(id) || self.list.iter().any(|wanted| wanted == id)
    }

    /// The version that it has; 0: none, or one that came another way.
    #[must_use]
    pub fn has(&self, id: &str, ledger: &Ledger) -> u64 {
        let record = ledger.packs.get(id);
        let record = record.filter(|_| self.installed.contains(id));
        record.map_or(0, |record| record.version)
    }

    /// The ids that it wants, the most wanted first, each once.
    fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        for id in self.list.iter().chain(&self.installed) {
            if !ids.contains(&id.as_str()) {
                ids.push(id);
            }
        }
        ids
    }
}

/// The packs that a repository offers, in no order that matters.
#[must_use]
pub fn offered(trusted: &Trusted) -> Vec<PackRelease> {
    trusted.offered().filter_map(release).collect()
}

fn release(target: Target) -> Option<PackRelease> {
    let (id, version) = named(&target.path)?;
    Some(PackRelease {
        id: id.to_owned(),
        version,
        percent: percent_of(target.custom.as_ref()),
        target,
    })
}

/// Of `packs/ID/VERSION/pack.json`; a number has one spelling.
fn named(path: &str) -> Option<(&str, u64)> {
    let rest = path.strip_prefix("packs/")?.strip_suffix("/pack.json")?;
    let (id, number) = rest.split_once('/')?;
    let version: u64 = number.parse().ok()?;
    (is_id(id) && version > 0 && version.to_string() == number).then_some((id, version))
}

/// The pack that is next for this school. With `now` a staged roll-out is not waited for: a person brought it.
#[must_use]
pub fn choose<'a>(
    offered: &'a [PackRelease],
    school: &School,
    ledger: &Ledger,
    held: &HeldBack,
    box_id: &str,
    now: bool,
) -> Choice<'a> {
    let mut given_up = Vec::new();
    let is_begun = |release: &&PackRelease| {
        let begun = ledger.pack.as_ref();
        begun.is_some_and(|begun| release.target.sha256() == Some(begun.bundle.as_str()))
    };
    let mut question = Question {
        school,
        ledger,
        held,
        given_up: &mut given_up,
        has_turn: &|release| now || takes_part(box_id, &release.target.path, release.percent),
    };
    let begun = offered.iter().find(is_begun);
    if let Some(release) = begun.filter(|release| question.fits(release) == Fits::Yes) {
        return Choice::Take(release);
    }
    for id in school.ids() {
        if let Some(release) = question.of_line(id, offered) {
            return Choice::Take(release);
        }
    }
    Choice::Nothing { given_up }
}

/// Whether a release is the one to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fits {
    Yes,
    /// An older one may.
    No,
    /// No other of this pack is taken in its place.
    Waits,
}

struct Question<'q, 'a> {
    school: &'q School,
    ledger: &'q Ledger,
    held: &'q HeldBack,
    given_up: &'q mut Vec<&'a PackRelease>,
    has_turn: &'q dyn Fn(&PackRelease) -> bool,
}

impl<'a> Question<'_, 'a> {
    fn fits(&mut self, release: &'a PackRelease) -> Fits {
        let sha256 = release.target.sha256().unwrap_or_default();
        let has = self.school.has(&release.id, self.ledger);
        if !self.school.wants(&release.id) || release.version <= has {
            Fits::No
        } else if self.held.contains(sha256) {
            Fits::Waits
        } else if is_given_up(release, self.ledger) {
            self.given_up.push(release);
            Fits::No
        } else if (self.has_turn)(release) {
            Fits::Yes
        } else {
            Fits::No
        }
    }

    /// The one to take of a pack, if there is one.
    fn of_line(&mut self, id: &str, offered: &'a [PackRelease]) -> Option<&'a PackRelease> {
        let mut line: Vec<&PackRelease> = offered.iter().filter(|one| one.id == id).collect();
        line.sort_by_key(|release| std::cmp::Reverse(release.version));
        // Of a pack that came another way nobody knows how old it is: only the newest is surely no step back.
        if self.school.installed.contains(id) && self.school.has(id, self.ledger) == 0 {
            line.truncate(1);
        }
        for release in line {
            match self.fits(release) {
                Fits::Yes => return Some(release),
                Fits::Waits => return None,
                Fits::No => {}
            }
        }
        None
    }
}

fn is_given_up(release: &PackRelease, ledger: &Ledger) -> bool {
    let record = ledger.packs.get(&release.id);
    let failed = record.and_then(|record| record.failed.as_ref());
    failed.is_some_and(|failed| {
        failed.count >= ATTEMPTS_AT_MOST && release.target.sha256() == Some(failed.bundle.as_str())
    })
}

#[cfg(test)]
mod tests;
