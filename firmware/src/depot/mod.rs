//! The verbs of `depot`, the second binary: one file or folder each. Nothing here needs a box, or Linux.
//!
//! Exit 0: done. 1: it could not be done, and one line on standard error says what, on what, and what to do.
//! 2: wrong usage.

mod card;
mod label;
pub mod manifest;
mod panel;
mod records;
mod repo;
mod report;
mod shelf;
mod site;
mod tell;
mod welcome;

use crate::welcome::print::Refused;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// What is done in the warehouse and at the publisher's desk.
#[derive(Debug, Parser)]
#[command(name = "depot", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Card(card::Card),
    Label(label::Label),
    #[command(subcommand)]
    Panel(crate::panel::command::Panel),
    Repo(repo::Repo),
    #[command(subcommand)]
    Records(records::Records),
    #[command(subcommand)]
    Report(report::Report),
    Shelf(shelf::Shelf),
    Site(site::Site),
    Welcome(welcome::Welcome),
}

/// Why a verb ends without having done its work.
#[derive(Debug)]
enum Failure {
    /// Exit 1.
    NotDone(String),
    /// Exit 2.
    Usage(String),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotDone(line) => Self::NotDone(line),
            Refused::Usage(line) => Self::Usage(line),
        }
    }
}

impl Cli {
    /// Does what the command line says; tells one line on standard error when it can't.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let done = match self.verb {
            Verb::Card(card) => card.run(),
            Verb::Label(label) => label.run(),
            Verb::Panel(panel) => panel::run(panel),
            Verb::Repo(repo) => repo.run(),
            Verb::Report(report) => report.run(),
            Verb::Shelf(shelf) => shelf.run(),
            Verb::Records(records) => records.run(),
            Verb::Site(site) => site.run(),
            Verb::Welcome(welcome) => welcome.run(),
        };
        let (code, line) = match done {
            Ok(()) => return ExitCode::SUCCESS,
            Err(Failure::NotDone(line)) => (1, line),
            Err(Failure::Usage(line)) => (2, line),
        };
        tell::warn(&line);
        ExitCode::from(code)
    }
}
