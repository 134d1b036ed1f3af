//! What radios there are, what they hear, and which serves where: the mind's look around, as seldom as may be. Pure: time is an argument.

use super::channel::{self, Asked, Choice};
use crate::config::air::Night;
use board_support::radio::{Channel, Heard, RadioFacts};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Between two looks at what radios there are: one may be plugged in, or pulled.
const RADIOS_EVERY: Duration = Duration::from_secs(30);
/// The same while one is missing.
const RADIOS_SOON: Duration = Duration::from_secs(5);
/// The air is looked over again after this, at night and when nobody is there.
const SCAN_AGAIN: Duration = Duration::from_secs(20 * 3600);
/// The hour of the night for it.
const SCAN_HOUR: Night = Night {
    from: 2 * 60,
    to: 4 * 60,
};
/// A box without a clock takes any time at which nobody has been there for so long.
const DESERTED: Duration = Duration::from_secs(2 * 3600);
/// See the [module](self).
pub(super) struct Survey {
    /// What a person has fixed.
    asked: Asked,
    pub(super) radios: Vec<RadioFacts>,
    pub(super) radios_at: Option<Duration>,
    /// Why they cannot be looked at.
    pub(super) trouble: Option<String>,
    to_scan: VecDeque<String>,
    scanned_at: Option<Duration>,
    heard: HashMap<String, Vec<Heard>>,
    pub(super) choice: Choice,
    chosen: bool,
    deserted_since: Duration,
}

impl Survey {
    pub(super) fn new(asked: Asked, now: Duration) -> Self {
        Self {
            asked,
            radios: Vec::new(),
            radios_at: None,
            trouble: None,
            to_scan: VecDeque::new(),
            scanned_at: None,
            heard: HashMap::new(),
            choice: Choice::default(),
            chosen: false,
            deserted_since: now,
        }
    }

    /// Somebody is there.
    pub(super) fn handle_company(&mut self, now: Duration) {
        self.deserted_since = now;
    }

    /// What radios there are; `None`: the question hangs.
    pub(super) fn handle_radios(
        &mut self,
        radios: Option<Result<Vec<RadioFacts>, String>>,
        now: Duration,
    ) {
        self.radios_at = Some(now);
        let radios = match radios {
            Some(Ok(radios)) => radios,
            Some(Err(error)) => {
                self.trouble = Some(format!("the radios cannot be looked at: {error}"));
                return;
            }
            None => return,
        };
        self.trouble = None;
        if radios == self.radios && self.chosen {
            return;
        }
        let known: Vec<&str> = self
            .radios
            .iter()
            .map(|radio| radio.interface.as_str())
            .collect();
        let new = radios
            .iter()
            .filter(|radio| radio.access_point && !known.contains(&radio.interface.as_str()));
        // What a person has fixed needs no search, and the first beacon waits for none.
        if self.asked.channel.is_none() {
            self.to_scan = new.map(|radio| radio.interface.clone()).collect();
        }
        self.radios = radios;
        self.chosen = false;
    }

    /// What a radio heard; `None`: the question hangs. One that does not scan hears nothing, and serves all the same.
    pub(super) fn handle_heard(
        &mut self,
        interface: &str,
        heard: Option<Result<Vec<Heard>, String>>,
        now: Duration,
    ) {
        self.scanned_at = Some(now);
        self.chosen = false;
        match heard {
            Some(Ok(heard)) => {
                self.heard.insert(interface.to_owned(), heard);
            }
            Some(Err(error)) => tracing::info!(interface, error, "air.not_scanned"),
            None => {}
        }
    }

    /// The radios are to be looked at.
    pub(super) fn radios_are_due(&self, now: Duration) -> bool {
        let every = match self.choice.placed.is_empty() || self.trouble.is_some() {
            true => RADIOS_SOON,
            false => RADIOS_EVERY,
        };
        self.radios_at
            .is_none_or(|at| now.saturating_sub(at) >= every)
    }

    /// A radio that is to scan now.
    pub(super) fn poll_scan(&mut self, minute: Option<u16>, now: Duration) -> Option<String> {
        self.scan_at_night(minute, now);
        self.to_scan.pop_front()
    }

    /// At night, or where nobody knows when that is, when nobody has been there for long; never while anybody is.
    fn scan_at_night(&mut self, minute: Option<u16>, now: Duration) {
        let deserted = now.saturating_sub(self.deserted_since);
        let quiet = match minute {
            Some(minute) => SCAN_HOUR.covers(minute) && deserted >= DESERTED / 8,
            None => deserted >= DESERTED,
        };
        let due = self.scanned_at.unwrap_or(Duration::ZERO) + SCAN_AGAIN <= now;
        if quiet && due && self.to_scan.is_empty() {
            self.scanned_at = Some(now);
            let able = self.radios.iter().filter(|radio| radio.access_point);
            self.to_scan = able.map(|radio| radio.interface.clone()).collect();
        }
    }

    /// A place for each radio, where anything is new.
    pub(super) fn choose(&mut self) {
        if std::mem::replace(&mut self.chosen, true) {
            return;
        }
        let heard = self.all_heard();
        let at = self.choice.placed.iter();
        let now = at
            .map(|placed| (placed.interface.clone(), placed.channel))
            .collect();
        let choice = channel::choose(&self.radios, &heard, self.asked, &now);
        for placed in choice
            .placed
            .iter()
            .filter(|placed| now.get(&placed.interface) != Some(&placed.channel))
        {
            let (interface, channel) = (&placed.interface, placed.channel.number);
            tracing::info!(
                interface,
                channel,
                mhz = placed.channel.mhz,
                "air.channel_chosen"
            );
        }
        self.choice = choice;
    }

    /// Who else is on the air.
    pub(super) fn all_heard(&self) -> Vec<Heard> {
        let mut heard: Vec<Heard> = self.heard.values().flatten().cloned().collect();
        // Two radios hear the same neighbour: the louder counts.
        heard.sort_by_key(|one| (one.mac, one.mhz, std::cmp::Reverse(one.dbm)));
        heard.dedup_by_key(|one| (one.mac, one.mhz));
        heard
    }

    /// Where a radio serves.
    pub(super) fn channel_of(&self, interface: &str) -> Option<Channel> {
        let placed = self
            .choice
            .placed
            .iter()
            .find(|placed| placed.interface == interface);
        placed.map(|placed| placed.channel)
    }
}
