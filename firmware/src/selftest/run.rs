//! The order of the test: what takes long is bounded, and all of it together ends within ten minutes.
//!
//! | step | at most, s |
//! |---|---|
//! | battery at rest | 6 |
//! | lights, then a press of the button | 8 and 60 |
//! | a stick | 60 |
//! | the radio, where it is being taken up | 30 |
//! | speed of the storage, three ways | 45 |
//! | a write of the records | 20 |
//! | the library: as much as there is time for | 210 |
//! | each of the two slots | 60 |
//! | clock and alarm | 10 |

use super::bench::{Bench, Lights, Pressed};
use super::facts::{Air, ClockFacts, Mean, Person, Power, SlotFacts};
use super::judge::{self, Load};
use super::outcome::{FORM, Outcome, PartName, Tried, Wear, verdict};
use super::probes;
use crate::clock::Clock;
use crate::stores::Stores;
use board_support::BoardChoice;
use board_support::release::Release;
use board_support::slots::Which;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::time::Duration;

/// A person has so long for what is asked.
const PERSON_PATIENCE: Duration = Duration::from_secs(60);
/// A radio that is being taken up.
const RADIO_PATIENCE: Duration = Duration::from_secs(30);
/// The battery is looked at so often, and so many times at rest.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);
const SAMPLES_AT_REST: u32 = 6;
/// Between two looks at what a person does.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Each of the four lights, alone, where somebody looks on; else it is only driven.
const LIGHT_IS_SEEN: Duration = Duration::from_millis(1000);
const LIGHT_IS_DRIVEN: Duration = Duration::from_millis(150);
/// Progress is told no more often than this.
const TOLD_EVERY: Duration = Duration::from_millis(500);

const PRESS: &str = "If you saw all four, press the button on the box now (60 s).";
const LET_GO: &str =
    "The button is down: let it go. If you saw all four lights, press it once then (60 s).";

/// What the person wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// Nobody takes part.
    pub unattended: bool,
}

/// What is said while the test goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Something that the person is to do or to see.
    Ask(String),
    /// What is being done, and how far: bytes done, of so many.
    Doing(String, u64, u64),
    /// A part was tried.
    Tried(Tried),
}

/// Where the test is made.
pub struct Around<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The board.
    pub board: &'a BoardChoice,
    /// Library and records; or why they cannot be opened.
    pub stores: Result<Stores, String>,
    /// The clocks.
    pub clock: &'a Clock,
    /// Seconds of the board in one of ours: 1, but on a simulated day.
    pub time_scale: u32,
    /// Model of the board.
    pub model: String,
    /// The running system.
    pub release: Release,
    /// Bytes of the disk that stay free.
    pub keep_free: u64,
    /// The data lies in memory.
    pub in_memory: bool,
    /// The box's serial number.
    pub serial: String,
}

/// Tries every part. Blocks; the lights show what they show anyway when it returns.
pub fn run(
    bench: &mut dyn Bench,
    around: &Around<'_>,
    wishes: Wishes,
    told: &mut dyn FnMut(Said),
) -> Outcome {
    let began = around.clock.since_boot();
    let mut test = Test {
        bench,
        around,
        wishes,
        told,
        load: Load::default(),
        told_at: Duration::ZERO,
        sampled_at: Duration::ZERO,
        person_patience: PERSON_PATIENCE,
        parts: Vec::new(),
    };
    let (power, wear) = test.all();
    let mut parts = test.parts;
    let place = |part: PartName| PartName::ALL.iter().position(|known| *known == part);
    parts.sort_by_key(|tried| place(tried.part));
    let (ready, words) = verdict(&parts);
    let sample = match power {
        Power::Measured(sample) => Some(sample),
        Power::OnMains | Power::Silent(_) => None,
    };
    let now = around.clock.wall_trusted();
    Outcome {
        form: FORM,
        verdict: words,
        ready,
        serial: around.serial.clone(),
        board: around.model.clone(),
        firmware: env!("CARGO_PKG_VERSION").to_owned(),
        system: around.release.name.clone(),
        system_version: around.release.version,
        at: now.map(|now| format!("{now:.0}")),
        took_s: around.clock.since_boot().saturating_sub(began).as_secs(),
        unattended: wishes.unattended,
        charge_percent: sample.as_ref().and_then(|sample| sample.charge_percent),
        capacity_wh: sample.as_ref().and_then(|sample| sample.capacity_wh),
        wear,
        parts,
    }
}

struct Test<'a, 'b> {
    bench: &'a mut dyn Bench,
    around: &'a Around<'b>,
    wishes: Wishes,
    told: &'a mut dyn FnMut(Said),
    load: Load,
    told_at: Duration,
    sampled_at: Duration,
    person_patience: Duration,
    parts: Vec<Tried>,
}

impl Test<'_, '_> {
    fn all(&mut self) -> (Power, Option<Wear>) {
        let first = self.bench.clock();
        let first_at = self.now();
        let mut power = self.battery_at_rest();
        self.hands();
        self.radio();
        let wear = self.disk();
        self.slots();
        let second = self.bench.clock();
        let clock = ClockFacts {
            first,
            second,
            between: self.now().saturating_sub(first_at),
        };
        self.add(judge::clock(&clock, self.around.time_scale));
        let alarm = self.bench.try_alarm();
        self.add(judge::alarm(&alarm));
        let dog = probes::dog(self.around);
        self.add(judge::watchdog(&dog));
        // A gauge needs some samples to tell the charge: what it says last is the best.
        if let last @ Power::Measured(_) = self.bench.power() {
            power = last;
        }
        self.add(judge::gauge(&power, &self.load));
        self.add(judge::charger(&power));
        (power, wear)
    }

    fn now(&self) -> Duration {
        self.around.clock.since_boot()
    }

    fn add(&mut self, tried: Tried) {
        (self.told)(Said::Tried(tried.clone()));
        self.parts.push(tried);
    }

    fn wait(&self, time: Duration) {
        let until = self.now() + time;
        while let Some(left) = until.checked_sub(self.now()).filter(|left| !left.is_zero()) {
            std::thread::park_timeout(left);
        }
    }

    /// Until `done` says so; whether it did within the time.
    fn until(&mut self, patience: Duration, done: &mut dyn FnMut(&mut Self) -> bool) -> bool {
        let end = self.now() + patience;
        loop {
            if done(self) {
                return true;
            }
            if self.now() >= end {
                return false;
            }
            self.wait(LOOK_EVERY);
        }
    }

    fn battery_at_rest(&mut self) -> Power {
        self.doing("the battery at rest", 0, 0);
        let mut power = self.bench.power();
        for _ in 1..SAMPLES_AT_REST {
            if let Power::Measured(sample) = &power {
                self.load.rest.add(sample);
            } else if power == Power::OnMains {
                break;
            }
            self.wait(SAMPLE_EVERY);
            power = self.bench.power();
        }
        power
    }

    fn hands(&mut self) {
        let before = self.bench.button();
        if !self.wishes.unattended {
            self.ask("Look at the lights: they come on one after the other, from left to right.");
        }
        let shown = self.lights_in_turn();
        let unasked = match (self.wishes.unattended, &shown) {
            (true, _) => Some(Person::NotAsked),
            (false, Err(_)) => Some(Person::NoLights),
            (false, Ok(())) => None,
        };
        let (button, person) = match before {
            Ok(before) => self.a_press(before, unasked),
            Err(why) => (Err(why), unasked.unwrap_or(Person::NoButton)),
        };
        let after = self.bench.lights(Lights::AsEver);
        let shown = shown.and(after);
        self.add(judge::panel(&shown, person));
        self.add(judge::button(&button, person));
        self.sockets();
    }

    /// The button, after the lights were shown; `before` they were, it said so. A press meanwhile is no answer, and one that is down all the while hangs.
    /// `unasked`: why nobody is asked for one.
    fn a_press(
        &mut self,
        before: Pressed,
        unasked: Option<Person>,
    ) -> (Result<Pressed, String>, Person) {
        let since = match self.bench.button() {
            Ok(since) => since,
            Err(why) => return (Err(why), unasked.unwrap_or(Person::NoButton)),
        };
        let mut button = Ok(Pressed {
            times: 0,
            down: before.down && since.down,
        });
        if let Some(person) = unasked {
            return (button, person);
        }
        self.ask(if since.down { LET_GO } else { PRESS });
        let pressed = self.until(self.person_patience, &mut |test| {
            button = test.bench.button().map(|now| Pressed {
                times: now.times.saturating_sub(since.times),
                ..now
            });
            !matches!(button, Ok(Pressed { times: 0, .. }))
        });
        let person = match pressed && button.is_ok() {
            true => Person::Did,
            false => Person::DidNot,
        };
        (button, person)
    }

    fn lights_in_turn(&mut self) -> Result<(), String> {
        let time = if self.wishes.unattended {
            LIGHT_IS_DRIVEN
        } else {
            LIGHT_IS_SEEN
        };
        for light in 0..4 {
            self.bench.lights(Lights::One(light))?;
            self.wait(time);
        }
        self.bench.lights(Lights::All)
    }

    fn sockets(&mut self) {
        let mut found = probes::sticks(self.around);
        let mut person = Person::NotAsked;
        if found.0 == 0 && !self.wishes.unattended {
            self.ask("Plug a stick into the box now (60 s).");
            let done = self.until(self.person_patience, &mut |test| {
                found = probes::sticks(test.around);
                found.0 > 0
            });
            person = if done { Person::Did } else { Person::DidNot };
        }
        self.add(judge::usb(found.0, found.1, person));
    }

    fn radio(&mut self) {
        let mut air = self.bench.air();
        if air == Air::Starting {
            self.doing("the radio", 0, 0);
            self.until(RADIO_PATIENCE, &mut |test| {
                air = test.bench.air();
                air != Air::Starting
            });
        }
        self.add(judge::radio(&air));
    }

    fn disk(&mut self) -> Option<Wear> {
        self.doing("the storage", 0, 0);
        let storage = probes::storage(self.around);
        self.add(judge::storage(&storage));
        let (tried, wear) = judge::wear(&probes::wear(self.around));
        self.add(tried);
        let records = probes::records(self.around);
        self.add(judge::records(&records));
        let library = probes::library(self.around, &mut |done, total| {
            self.at_work("the library", done, total);
        });
        self.add(judge::library(&library));
        wear
    }

    fn slots(&mut self) {
        for (part, which, name) in [
            (PartName::RunningSlot, Which::Running, "the running system"),
            (PartName::OtherSlot, Which::Other, "the other system"),
        ] {
            let busy = self
                .bench
                .slots_are_busy()
                .filter(|_| which == Which::Other);
            let facts = match busy {
                Some(why) => SlotFacts::LeftAlone(why),
                None => probes::slot(self.around, which, &mut |done, total| {
                    self.at_work(name, done, total);
                }),
            };
            self.add(judge::slot(part, &facts));
        }
    }

    fn ask(&mut self, text: &str) {
        (self.told)(Said::Ask(text.to_owned()));
    }

    fn doing(&mut self, what: &str, done: u64, total: u64) {
        self.told_at = self.now();
        (self.told)(Said::Doing(what.to_owned(), done, total));
    }

    /// Reading and hashing is the work under which the battery is looked at.
    fn at_work(&mut self, what: &str, done: u64, total: u64) {
        let now = self.now();
        if now.saturating_sub(self.told_at) >= TOLD_EVERY {
            self.doing(what, done, total);
        }
        if now.saturating_sub(self.sampled_at) >= SAMPLE_EVERY {
            self.sampled_at = now;
            if let Power::Measured(sample) = self.bench.power() {
                let work: &mut Mean = &mut self.load.work;
                work.add(&sample);
            }
        }
    }
}

#[cfg(test)]
mod tests;
