//! The verbs of `school-box`: one file each.
//!
//! Exit 0: done. 1: it could not be done, and one line on standard error says what, on what, and what to do.
//! 2: wrong usage or configuration. 3, from `run` alone: the machine has to be restarted, for a slot on trial is not well.

mod boot_select;
mod gauge;
mod import;
mod library;
mod owner;
mod plan;
mod records;
mod run;
mod status;
mod storage;
mod update;

use crate::config::Config;
use crate::control::{self, Answer, AskError, Request};
use crate::telemetry;
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
    #[command(subcommand)]
    Library(library::Library),
    #[command(subcommand)]
    Records(records::Records),
    Status(status::Status),
    Plan(plan::Plan),
    #[command(subcommand)]
    Update(update::Update),
    #[command(subcommand)]
    Storage(storage::Storage),
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
            Self::Library(library) => library.run(),
            Self::Records(records) => records.run(),
            Self::Status(status) => status.run(),
            Self::Update(update) => update.run(),
            Self::Storage(storage) => storage.run(),
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
            Self::Library(library) => (library.data(), &[]),
            Self::Records(records) => (records.data(), &[]),
            Self::Status(status) => (&status.data, &[]),
            Self::Update(update) => (update.data(), &[]),
            Self::Storage(storage) => (storage.data(), &[]),
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
