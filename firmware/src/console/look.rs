//! Looking at the box: its program by the control socket, its disk by reading. Nothing is locked, nothing is written, nothing waits long;
//! each has a thread of its own, so that a hung disk or a hung program leaves the screen alive.

use super::line::MOST_EVENTS;
use super::seen::{OnDisk, Program};
use crate::clock::Clock;
use crate::control::{self, Answer, Request, Unanswered, ask_running};
use crate::events;
use crate::selftest;
use crate::services::power::last_known_charge;
use crate::services::power::warehouse::StorageFile;
use crate::slots::UpdateWish;
use crate::status::{Update, machine};
use crate::supervisor::lives::Lives;
use board_support::BoardChoice;
use board_support::start::StartFacts;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::sys::statvfs::statvfs;
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

    fn every(&self, busy: Duration, now: Duration) -> Duration {
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
        Look::Disk(Box::new(OnDisk {
            problems: StartFacts::of(&self.board).problems,
            update: Some(self.slots()),
            charge_percent: last_known_charge(&self.data),
            storage: storage(&self.data),
            disk: room(&self.data),
            machine: Some(machine()),
            wear: selftest::wear(&self.board, &self.data),
            events: events(&self.data),
            test: test(&self.data),
        }))
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
    let disk = statvfs(data).ok()?;
    let block = disk.fragment_size();
    Some((block * disk.blocks(), block * disk.blocks_available()))
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

/// Oldest first; a ring that cannot be read says so itself.
fn events(data: &Path) -> Vec<String> {
    match events::last(data, MOST_EVENTS) {
        Ok(past) => past.events.iter().map(ToString::to_string).collect(),
        Err(error) => vec![format!(
            "the events cannot be read: {error}; see to the card"
        )],
    }
}
