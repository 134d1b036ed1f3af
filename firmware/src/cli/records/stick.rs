//! `school-box records stick`: what a stick with a folder for records is plugged in for. The image calls it (`stick-errands`).

use super::carry::{CarryError, carry};
use super::receipts::take_in;
use crate::cli::{DataFolder, Failure, misunderstood, print_json};
use crate::clock::Clock;
use crate::control::{self, Answer, Request, ask_running};
use crate::outgoing::{StickOut, StickTold};
use crate::telemetry::{say, warn};
use clap::Args;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A box that has just been switched on opens its records first.
const STARTING_TAKES_AT_MOST: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Of an answer of the box: it seals some megabytes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Take receipts in from a stick's folder, seal into it what is not acknowledged, and let the running box tell what became of it
///
/// What the image does with a stick that has a folder `school-box-records`. Only a running box is asked.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box records stick /media/stick/school-box-records --data /var/lib/school-box"
)]
pub(in crate::cli) struct Stick {
    /// The folder on the stick
    folder: PathBuf,
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// Print {"out": {"is": …}, "receipts": …, "refused": …}
    #[arg(long)]
    json: bool,
}

impl Stick {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let data = &self.data.data;
        wait_for_the_box(data);
        let mut ask = |request: &Request| {
            ask_running(data, request, PATIENCE, &mut |_| {}).map_err(|error| {
                Failure::NotDone(match error {
                    control::Unanswered::Refused(why) => why,
                    gone @ (control::Unanswered::NotRunning | control::Unanswered::Silent) => {
                        format!(
                            "{gone}; nothing is lost: plug the stick in again once the box serves"
                        )
                    }
                })
            })
        };
        let errand = Errand::on(&self.folder, &mut ask)?;
        ask(&Request::Stick { told: errand.told })?;
        if self.json {
            print_json(&errand.told)?;
        } else {
            errand.lines.iter().for_each(|line| say(line));
        }
        // Each is told; the verb ends with the last.
        let mut failures = errand.failures;
        let last = failures.pop();
        failures.iter().for_each(tell);
        last.map_or(Ok(()), Err)
    }
}

fn wait_for_the_box(data: &Path) {
    let clock = Clock::of_the_desk();
    let end = clock.since_boot() + STARTING_TAKES_AT_MOST;
    while !control::answers(data) && clock.since_boot() < end {
        std::thread::park_timeout(LOOK_AGAIN);
    }
}

/// What was done with a stick.
pub(super) struct Errand {
    pub(super) told: StickTold,
    lines: Vec<String>,
    pub(super) failures: Vec<Failure>,
}

impl Errand {
    /// Both ways: receipts in, then what waits out, whatever became of the receipts.
    pub(super) fn on(
        folder: &Path,
        ask: &mut dyn FnMut(&Request) -> Result<Answer, Failure>,
    ) -> Result<Self, Failure> {
        let has_key = has_key(ask)?;
        let mut errand = Self {
            told: StickTold {
                out: StickOut::NoKey,
                receipts: 0,
                refused: 0,
            },
            lines: Vec::new(),
            failures: Vec::new(),
        };
        // Without the programme's key no receipt can be believed: that is said once, of what goes out.
        if has_key {
            errand.bring_in(folder, ask);
        }
        errand.take_out(folder, has_key, ask);
        Ok(errand)
    }

    fn bring_in(
        &mut self,
        folder: &Path,
        ask: &mut dyn FnMut(&Request) -> Result<Answer, Failure>,
    ) {
        match take_in(folder, ask) {
            Ok(taken) => {
                self.lines.push(taken.line());
                (self.told.receipts, self.told.refused) = (taken.taken, taken.refused);
                self.failures.extend(taken.or_refused().err());
            }
            Err(failure) => self.failures.push(failure),
        }
    }

    fn take_out(
        &mut self,
        folder: &Path,
        has_key: bool,
        ask: &mut dyn FnMut(&Request) -> Result<Answer, Failure>,
    ) {
        match carry(folder, ask) {
            Ok(carried) => {
                self.lines.extend(carried.lines(folder));
                self.told.out = match carried.counts() {
                    (_, 0) => StickOut::Nothing,
                    (statements, bundles) => StickOut::Carried {
                        statements,
                        bundles,
                    },
                };
            }
            Err(error) => {
                self.told.out = of_error(&error, has_key);
                self.failures.push(error.into());
            }
        }
    }
}

fn tell(failure: &Failure) {
    let (Failure::NotDone(line) | Failure::Usage(line) | Failure::Restart(line)) = failure;
    warn(line);
}

fn has_key(ask: &mut dyn FnMut(&Request) -> Result<Answer, Failure>) -> Result<bool, Failure> {
    let Answer::Status(status) = ask(&Request::Status)? else {
        return Err(misunderstood());
    };
    Ok(status.records.sealed_for != "none")
}

fn of_error(error: &CarryError, has_key: bool) -> StickOut {
    match error {
        CarryError::Box(_) if !has_key => StickOut::NoKey,
        CarryError::Box(_) | CarryError::Unreadable(..) => StickOut::BoxFailed,
        CarryError::Busy(_) => StickOut::Busy,
        CarryError::Unwritable(_, error) if error.kind() == ErrorKind::ReadOnlyFilesystem => {
            StickOut::Locked
        }
        CarryError::Unwritable(_, error) if error.kind() == ErrorKind::StorageFull => {
            StickOut::Full
        }
        CarryError::Unwritable(..) => StickOut::Failing,
    }
}
