//! The verbs of `school-box`: one file each.
//!
//! Exit 0: done. 1: it could not be done, and one line on standard error says what, on what, and what to do.
//! 2: wrong usage or configuration. 3, from `run` alone: the machine has to be restarted, for a new system to be tried, or for one on trial that is not well.

mod boot_select;
mod confirm;
mod console;
mod erase;
mod gauge;
mod handover;
mod import;
mod library;
mod owner;
mod panel;
mod plan;
mod records;
mod report;
mod run;
mod selftest;
mod stage;
mod status;
mod storage;
mod update;
mod welcome;

use crate::config::Config;
use crate::control::{self, Answer, AskError, Request};
use crate::telemetry;
use crate::welcome::print::Refused;
use board_support::BoardChoice;
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The supervisor of the school box.
#[derive(Debug, Parser)]
#[command(name = "school-box", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::Run),
    Import(import::Import),
    Stage(stage::Stage),
    #[command(subcommand)]
    Library(library::Library),
    #[command(subcommand)]
    Records(records::Records),
    Status(status::Status),
    Report(report::Report),
    Selftest(selftest::Selftest),
    Console(console::ConsoleVerb),
    Welcome(welcome::Welcome),
    #[command(subcommand)]
    Panel(panel::Panel),
    Plan(plan::Plan),
    #[command(subcommand)]
    Update(update::Update),
    #[command(subcommand)]
    Storage(storage::Storage),
    Erase(erase::Erase),
    Handover(handover::Handover),
    BootSelect(boot_select::BootSelect),
    Gauge(gauge::Gauge),
}

impl Verb {
    fn run(self) -> Result<(), Failure> {
        if let Some((data, sources)) = self.works_on() {
            owner::become_owner(data, sources)?;
        }
        match self {
            Self::Run(run) => run.run(),
            Self::Import(import) => import.run(),
            Self::Stage(stage) => stage.run(),
            Self::Library(library) => library.run(),
            Self::Records(records) => records.run(),
            Self::Status(status) => status.run(),
            Self::Report(report) => report.run(),
            Self::Selftest(selftest) => selftest.run(),
            Self::Console(console) => console.run(),
            Self::Welcome(welcome) => welcome.run(),
            Self::Panel(panel) => panel.run(),
            Self::Update(update) => update.run(),
            Self::Storage(storage) => storage.run(),
            Self::Erase(erase) => erase.run(),
            Self::Handover(handover) => handover.run(),
            Self::BootSelect(select) => select.run(),
            Self::Gauge(gauge) => gauge.run(),
            Self::Plan(plan) => plan.run(),
        }
    }

    /// The data that a verb works on beside or in place of the box, and what it reads for that. The box itself has the user that starts it.
    fn works_on(&self) -> Option<(&Path, &[PathBuf])> {
        let (data, sources): (&DataFolder, &[PathBuf]) = match self {
            Self::Run(_) | Self::BootSelect(_) | Self::Gauge(_) | Self::Plan(_) => return None,
            Self::Import(import) => (&import.data, &import.paths),
            Self::Stage(stage) => (&stage.data, &[]),
            Self::Library(library) => (library.data(), &[]),
            Self::Records(records) if !records.works_as_owner() => return None,
            Self::Records(records::Records::Receipts(receipts)) => {
                (&receipts.data, std::slice::from_ref(&receipts.from))
            }
            Self::Records(records) => (records.data(), &[]),
            Self::Handover(handover) if !handover.works_as_owner() => return None,
            Self::Handover(handover) => (&handover.data, &[]),
            Self::Status(status) => (&status.data, &[]),
            Self::Report(report) => (&report.data, &[]),
            Self::Selftest(selftest) => (&selftest.data, &[]),
            Self::Console(console) => (&console.data, &[]),
            Self::Welcome(welcome) => (&welcome.data, &[]),
            Self::Panel(panel) => return panel.data(),
            Self::Update(update) => (update.data(), update.sources()),
            Self::Storage(storage) => (storage.data(), &[]),
            Self::Erase(erase) => (&erase.data, &[]),
        };
        Some((&data.data, sources))
    }
}

/// Where the data of the box lies.
#[derive(Debug, Args)]
struct DataFolder {
    /// The folder that holds the library and the records
    #[arg(long, value_name = "DIR", default_value = "/var/lib/school-box")]
    data: PathBuf,
}

/// Why a verb ends without having done its work.
#[derive(Debug)]
enum Failure {
    /// Exit 1.
    NotDone(String),
    /// Exit 2.
    Usage(String),
    /// Exit 3, from `run` alone: whoever started the box restarts the machine.
    Restart(String),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotDone(line) => Self::NotDone(line),
            Refused::Usage(line) => Self::Usage(line),
        }
    }
}

impl From<AskError> for Failure {
    fn from(error: AskError) -> Self {
        Self::NotDone(telemetry::chain(&error))
    }
}

impl Cli {
    /// Does what the command line says; tells one line on standard error when it can't.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let (code, line) = match self.verb.run() {
            Ok(()) => return ExitCode::SUCCESS,
            Err(Failure::NotDone(line)) => (1, line),
            Err(Failure::Usage(line)) => (2, line),
            Err(Failure::Restart(line)) => (3, line),
        };
        telemetry::warn(&line);
        ExitCode::from(code)
    }
}

/// How the parts of a verb ask the box.
type Ask<'a> = dyn FnMut(&Request) -> Result<Answer, Failure> + 'a;

/// Asks the box that runs on `data`, or does it in its place.
fn ask(
    data: &Path,
    request: &Request,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Answer, Failure> {
    // As the box that would run on this data, which a bad file does not stop either.
    let config = Config::of_the_box(None, data).unwrap_or_default();
    Ok(control::ask(data, &config, request, progress)?)
}

/// As [`ask`]; `board` is the one that the box would run on: without a programme's key, the simulated school day has the demo one.
fn ask_on(
    data: &Path,
    board: &BoardChoice,
    request: &Request,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Answer, Failure> {
    let mut config = Config::of_the_box(None, data).unwrap_or_default();
    if *board == BoardChoice::Sim {
        config.programme = config.programme.or_demo();
    }
    Ok(control::ask(data, &config, request, progress)?)
}

/// An answer to another question: a running box of another version.
fn misunderstood() -> Failure {
    Failure::NotDone(
        "the running box answered something else: it is of another version; restart it".to_owned(),
    )
}

fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| Failure::NotDone(error.to_string()))?;
    telemetry::say(&text);
    Ok(())
}
