//! `school-box records`: the learners' records, for tools and for the programme.

mod carry;
mod receipts;
mod stick;
#[cfg(test)]
mod tests;

use super::{DataFolder, Failure, ask, ask_on, misunderstood, print_json};
use crate::control::{self, Answer, Request, counted};
use crate::telemetry::say;
use board_support::BoardChoice;
use clap::{Args, Subcommand};
use content_store::records::RecordsReport;
use std::path::{Path, PathBuf};

pub(super) use carry::carry;
pub(super) use receipts::take_in;

/// The learners' records
#[derive(Debug, Subcommand)]
pub(super) enum Records {
    /// Make an xAPI credential for an outside tool; asked for again, it makes a new password
    #[command(
        after_help = "Example:\n  school-box records credential science-quiz --data /var/lib/school-box --json"
    )]
    Credential {
        /// The tool's name; never a person's. Its username is told with the password
        name: String,
        #[command(flatten)]
        data: DataFolder,
        /// Print {"username": …, "password": …}
        #[arg(long)]
        json: bool,
    },
    Export(Export),
    Receipts(Receipts),
    Stick(stick::Stick),
    /// Check every page and every statement, and every bundle that was carried out
    #[command(after_help = "Example:\n  school-box records verify --data /var/lib/school-box")]
    Verify {
        #[command(flatten)]
        data: DataFolder,
        /// Print what was found as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Seal what the programme has not acknowledged, into a folder or onto a stick
///
/// Nothing on the stick can be read without the programme's private key. The same again writes only what is missing there.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box records export --to /media/stick --data /var/lib/school-box"
)]
pub(super) struct Export {
    /// Where to; made if only its last part is missing
    #[arg(long, value_name = "DIR")]
    pub(super) to: PathBuf,
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// The board, where no box runs on the data
    #[arg(long, value_name = "auto|sim|sim:DIR", default_value = "auto")]
    board: BoardChoice,
    /// Print the bundles as JSON
    #[arg(long)]
    json: bool,
}

/// Take the programme's receipts in: what has arrived there is not carried again
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box records receipts /media/stick --data /var/lib/school-box"
)]
pub(super) struct Receipts {
    /// A receipt, or a folder with some
    pub(super) from: PathBuf,
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// The board, where no box runs on the data
    #[arg(long, value_name = "auto|sim|sim:DIR", default_value = "auto")]
    board: BoardChoice,
    /// Print {"taken": …, "known": …, "of_other_boxes": …, "refused": …}
    #[arg(long)]
    json: bool,
}

impl Records {
    pub(super) const fn data(&self) -> &DataFolder {
        match self {
            Self::Credential { data, .. } | Self::Verify { data, .. } => data,
            Self::Export(export) => &export.data,
            Self::Receipts(receipts) => &receipts.data,
            Self::Stick(stick) => &stick.data,
        }
    }

    /// What is read on the way, and whether the caller's own hands are needed: they write onto a stick, a running box does the rest.
    pub(super) fn works_as_owner(&self) -> bool {
        match self {
            Self::Export(export) => !control::answers(&export.data.data),
            Self::Stick(_) => false,
            Self::Credential { .. } | Self::Receipts(_) | Self::Verify { .. } => true,
        }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Credential { name, data, json } => credential(name, &data, json),
            Self::Export(export) => export.run(),
            Self::Receipts(receipts) => receipts.run(),
            Self::Stick(stick) => stick.run(),
            Self::Verify { data, json } => verify(&data, json),
        }
    }
}

fn credential(name: String, data: &DataFolder, json: bool) -> Result<(), Failure> {
    let Answer::Credential(credential) =
        ask(&data.data, &Request::Credential { name }, &mut |_, _| {})?
    else {
        return Err(misunderstood());
    };
    if json {
        return print_json(&credential);
    }
    say(&format!("username {}", credential.username));
    say(&format!("password {}", credential.password));
    say("the password is not shown again");
    Ok(())
}

fn verify(data: &DataFolder, json: bool) -> Result<(), Failure> {
    let Answer::RecordsVerified(report) = ask(&data.data, &Request::RecordsVerify, &mut |_, _| {})?
    else {
        return Err(misunderstood());
    };
    if json {
        print_json(&report)?;
    } else {
        let are = if report.statements == 1 { "is" } else { "are" };
        say(&format!(
            "{} {are} what was written, in {} and what came since",
            counted(report.statements, "statement"),
            counted(report.bundles, "bundle")
        ));
    }
    if report.is_sound() {
        return Ok(());
    }
    Err(Failure::NotDone(format!(
        "the records are damaged: {}; export them now, and see to the card",
        wrong(&report).join("; ")
    )))
}

/// A line for each kind of damage.
fn wrong(report: &RecordsReport) -> Vec<String> {
    let mut wrong = Vec::new();
    if report.unreadable > 0 {
        let are = if report.unreadable == 1 { "is" } else { "are" };
        let statements = counted(report.unreadable, "statement");
        wrong.push(format!("{statements} {are} not what was written"));
    }
    match &report.changed_bundles[..] {
        [] => {}
        [one] => wrong.push(format!("bundle {one} changed")),
        more => wrong.push(format!("bundles {more:?} changed")),
    }
    wrong.extend(report.database.first().cloned());
    wrong
}

impl Export {
    fn run(self) -> Result<(), Failure> {
        let data = &self.data.data;
        let mut ask = |request: &Request| ask_on(data, &self.board, request, &mut |_, _| {});
        let carried = carry(&self.to, &mut ask)?;
        if self.json {
            return print_json(&carried);
        }
        for line in carried.lines(&self.to) {
            say(&line);
        }
        Ok(())
    }
}

impl Receipts {
    fn run(self) -> Result<(), Failure> {
        let data: &Path = &self.data.data;
        let mut ask = |request: &Request| ask_on(data, &self.board, request, &mut |_, _| {});
        let taken = take_in(&self.from, &mut ask)?;
        if self.json {
            print_json(&taken)?;
        }
        taken.or_none(&self.from)?;
        if !self.json {
            say(&taken.line());
        }
        taken.or_refused()
    }
}
