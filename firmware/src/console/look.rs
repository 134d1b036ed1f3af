//! Looking at the box: its program by the control socket, its disk by reading. Nothing is locked, nothing is written, nothing waits long;
//! each has a thread of its own, so that a hung disk or a hung program leaves the screen alive.

use super::line::MOST_EVENTS;
use super::seen::{OnDisk, Program, Seen};
use crate::clock::Clock;
use crate::control::{self, Answer, Request, Unanswered, ask_running};
use crate::diagnostics::page::duration;
use crate::events::Event;
use crate::events::boots::of_the_machine;
use crate::report::{collect, key};
use crate::selftest;
use crate::services::power::last_known_charge;
use crate::services::power::warehouse::StorageFile;
use crate::slots::UpdateWish;
use crate::status::{Status, Update, machine};
use crate::supervisor::lives::Lives;
use board_support::BoardChoice;
use board_support::start::StartFacts;
use content_store::disk;
use jiff::Timestamp;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::Duration;

/// A running box answers in milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// Between two looks at the program, and at the disk, while somebody is there.
const PROGRAM_EVERY: Duration = Duration::from_secs(1);
const DISK_EVERY: Duration = Duration::from_secs(5);
/// And while nobody has pressed a key for [`NOBODY`], or none at all: years of nobody cost next to nothing.
const IDLE_EVERY: Duration = Duration::from_secs(10);
const NOBODY: Duration = Duration::from_secs(10 * 60);

/// What a look saw.
#[derive(Debug)]
pub(super) enum Look {
    /// The program, and how often it was restarted since the system started.
    Program(Program, u32),
    /// The disk.
    Disk(Box<OnDisk>),
}

impl Seen {
    /// A look has come back.
    pub(super) fn take(&mut self, look: Look) {
        match look {
            Look::Program(program, restarts) => {
                (self.program, self.restarts) = (program, restarts);
            }
            Look::Disk(disk) => {
                self.disk = Some(*disk);
                self.disk_at = Clock::of_the_desk().since_boot();
            }
        }
    }
}

/// When somebody was last there, for the threads that look.
#[derive(Debug, Clone, Default)]
pub(super) struct Presence(Arc<Mutex<(Option<Duration>, Vec<Thread>)>>);

impl Presence {
    /// A key was pressed: who looked seldom looks at once.
    pub(super) fn note(&self, now: Duration) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_near(known.0, now) {
            known.1.iter().for_each(Thread::unpark);
        }
        known.0 = Some(now);
    }

    fn watched_by(&self, thread: Thread) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.1.push(thread);
    }

    /// Between two looks at `now`; `busy`: while somebody is there.
    pub(super) fn every(&self, busy: Duration, now: Duration) -> Duration {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_near(known.0, now) {
            busy
        } else {
            IDLE_EVERY
        }
    }
}

fn is_near(last: Option<Duration>, now: Duration) -> bool {
    last.is_some_and(|last| now.saturating_sub(last) < NOBODY)
}

/// What is looked at.
#[derive(Debug, Clone)]
pub struct Place {
    /// The data folder.
    pub data: PathBuf,
    /// The board.
    pub board: BoardChoice,
}

impl Place {
    /// Looks until nobody hears of it any more.
    ///
    /// # Errors
    /// When a thread cannot be made.
    pub(super) fn watch(
        &self,
        told: &SyncSender<Look>,
        presence: &Presence,
    ) -> std::io::Result<()> {
        self.look_again_and_again("look-program", PROGRAM_EVERY, Self::program, told, presence)?;
        self.look_again_and_again("look-disk", DISK_EVERY, Self::disk, told, presence)
    }

    fn look_again_and_again(
        &self,
        name: &str,
        every: Duration,
        look: fn(&Self) -> Look,
        told: &SyncSender<Look>,
        presence: &Presence,
    ) -> std::io::Result<()> {
        let (place, told, known) = (self.clone(), told.clone(), presence.clone());
        let thread = std::thread::Builder::new().name(name.to_owned());
        let looking = thread.spawn(move || {
            while told.send(look(&place)).is_ok() {
                let now = Clock::of_the_desk().since_boot();
                std::thread::park_timeout(known.every(every, now));
            }
        })?;
        presence.watched_by(looking.thread().clone());
        Ok(())
    }

    /// Asks the program.
    #[must_use]
    pub(super) fn program(&self) -> Look {
        let lives = Lives::of_this_boot(&self.data);
        let restarts = lives
            .as_ref()
            .map_or(0, |lives| lives.starts.saturating_sub(1));
        let program = match ask_running(&self.data, &Request::Status, PATIENCE, &mut |_| {}) {
            Ok(Answer::Status(status)) => Program::Runs(status, self.devices()),
            Ok(_) => Program::Silent("it is of another version: restart it".to_owned()),
            Err(error @ (Unanswered::Silent | Unanswered::NotRunning)) => {
                let alive = lives.as_ref().is_some_and(|lives| is_alive(lives.pid));
                let now = Clock::of_the_desk().since_boot();
                let why = Lives::told(lives.as_ref(), alive, now);
                if error == Unanswered::Silent {
                    Program::Silent(why)
                } else {
                    Program::Gone(why)
                }
            }
            Err(Unanswered::Refused(why)) => Program::Silent(why),
        };
        Look::Program(program, restarts)
    }

    fn devices(&self) -> Vec<crate::services::access_point::Device> {
        match ask_running(&self.data, &Request::Devices, PATIENCE, &mut |_| {}) {
            Ok(Answer::Devices(devices)) => devices,
            Ok(_) | Err(_) => Vec::new(),
        }
    }

    fn slots(&self) -> Result<Update, String> {
        let answer = control::update(UpdateWish::Status, &self.board, &self.data)?;
        let Answer::Update(update) = answer else {
            return Err("the slots are not told".to_owned());
        };
        Ok(*update)
    }

    /// Reads the disk.
    #[must_use]
    pub(super) fn disk(&self) -> Look {
        let (events, written_up_to) = events(&self.data);
        Look::Disk(Box::new(OnDisk {
            problems: StartFacts::of(&self.board).problems,
            update: Some(self.slots()),
            charge_percent: last_known_charge(&self.data),
            storage: storage(&self.data),
            disk: room(&self.data),
            machine: Some(machine()),
            wear: selftest::wear(&self.board, &self.data),
            events,
            written_up_to,
            test: test(&self.data),
        }))
    }

    /// The support bundle, as its file's name and bytes; signed with the key that is there, for none is drawn from here.
    ///
    /// # Errors
    /// One line: there is no key, or the data cannot be read.
    pub(super) fn bundle(&self, state: Option<&Status>) -> Result<(String, Vec<u8>), String> {
        collect::file(&self.data, state, &key::known(&self.data)?)
    }
}

/// Another user's process is there, too.
fn is_alive(pid: u32) -> bool {
    let Ok(pid) = i32::try_from(pid) else {
        return false;
    };
    matches!(kill(Pid::from_raw(pid), None), Ok(()) | Err(Errno::EPERM))
}

fn room(data: &Path) -> Option<(u64, u64)> {
    let room = disk::room(data).ok()?;
    Some((room.total, room.free))
}

fn storage(data: &Path) -> Vec<String> {
    let Some(record) = StorageFile::in_data(data).load() else {
        return Vec::new();
    };
    let mut lines = vec![if record.stands() {
        "Storage   the box is stored: it looks itself over once a month".to_owned()
    } else {
        "Storage   the box is in use".to_owned()
    }];
    lines.extend(record.checks.last().and_then(|check| {
        let charge = check.charge_percent?;
        Some(format!(
            "          at its last check {charge:.0} % were left"
        ))
    }));
    lines
}

/// The last result, in the words of its own verb, and the line that the warehouse takes in.
fn test(data: &Path) -> Vec<String> {
    let last = selftest::last(data);
    let Some(outcome) = last else {
        return Vec::new();
    };
    let page = selftest::page::page(&outcome);
    let code = selftest::Code::of(&outcome).text();
    let for_the_shelf = format!("\nFor `depot shelf`:\n{code}");
    let lines = page.lines().chain(for_the_shelf.lines());
    lines.map(str::to_owned).collect()
}

/// Oldest first, and up to when, where the program does not tell what it has not written yet; a ring that cannot be read says so itself.
fn events(data: &Path) -> (Vec<String>, Option<String>) {
    let (past, is_whole) = match control::past(data, MOST_EVENTS) {
        Ok(past) => past,
        Err(error) => {
            let unread = format!("the events cannot be read: {error}; see to the card");
            return (vec![unread], None);
        }
    };
    let last = past.events.last().filter(|_| !is_whole);
    let now = Clock::of_the_desk().since_boot();
    let written_up_to = last.map(|last| when(last, of_the_machine(data), now));
    let lines = past.events.iter().map(ToString::to_string);
    (lines.collect(), written_up_to)
}

/// When `event` happened, by the best that is known of it: the machine is in boot `boot` of the box's count, since `now`.
fn when(event: &Event, boot: Option<u32>, now: Duration) -> String {
    let at = event.wall_s.and_then(|at| Timestamp::from_second(at).ok());
    if let Some(at) = at {
        return at.to_string();
    }
    if boot != Some(event.boot) {
        return format!("boot {}, start {}", event.boot, event.start);
    }
    let ago = now.saturating_sub(Duration::from_millis(event.since_boot_ms));
    match ago.as_secs() {
        seconds @ 0..120 => format!("{seconds} s ago"),
        seconds => format!("{} ago", duration(seconds / 60)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;
    use crate::events::Level;
    use std::collections::BTreeMap;
    use std::fs;

    #[test]
    fn when_the_last_event_was_is_told_as_well_as_anybody_knows_it() {
        let mut last = Event {
            boot: 12,
            start: 2,
            since_boot_ms: 90_000,
            wall_s: Some(1_772_443_800),
            level: Level::Info,
            name: "air.planned".to_owned(),
            fields: BTreeMap::new(),
        };
        let now = |seconds: u64| Duration::from_secs(90 + seconds);
        assert_eq!(when(&last, None, now(0)), "2026-03-02T09:30:00Z");
        last.wall_s = None;
        for (boot, ago, told) in [
            (Some(12), 70, "70 s ago"),
            (Some(12), 700, "11 min ago"),
            (Some(13), 700, "boot 12, start 2"),
            (None, 700, "boot 12, start 2"),
        ] {
            assert_eq!(when(&last, boot, now(ago)), told);
        }
    }

    #[test]
    fn a_bundle_is_signed_with_the_key_that_is_there_and_nothing_is_written_for_it() {
        let data = tempfile::tempdir().unwrap();
        let place = Place {
            data: data.path().to_owned(),
            board: BoardChoice::Sim,
        };
        let refused = place.bundle(None).unwrap_err();
        assert!(
            refused.contains("no key") && !refused.contains('\n'),
            "{refused}"
        );
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
        // The control: the box's program has drawn one.
        let drawn = key::open_or_make(data.path()).unwrap();
        let (name, bytes) = place.bundle(None).unwrap();
        assert!(name.contains(&drawn.box_id()), "{name}");
        assert!(!bytes.is_empty());
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 1);
    }
}
