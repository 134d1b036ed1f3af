//! `school-box library`: what is installed; every blob checked; removal.

use super::{DataFolder, Failure, ask, misunderstood, print_json};
use crate::control::{Answer, Request, counted};
use crate::diagnostics::page::bytes;
use crate::telemetry::say;
use clap::Subcommand;
use content_store::library::{PackId, PackSummary};

/// The packs of the library
#[derive(Debug, Subcommand)]
pub(super) enum Library {
    /// Say what is installed
    #[command(after_help = "Example:\n  school-box library list --data /var/lib/school-box --json")]
    List {
        #[command(flatten)]
        data: DataFolder,
        /// Print the packs as JSON
        #[arg(long)]
        json: bool,
    },
    /// Read every byte of every pack and compare it with its hash
    #[command(after_help = "Example:\n  school-box library verify --data /var/lib/school-box")]
    Verify {
        #[command(flatten)]
        data: DataFolder,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a pack
    #[command(
        after_help = "Example:\n  school-box library remove wikipedia-en --data /var/lib/school-box"
    )]
    Remove {
        /// The pack, as `library list` names it
        id: String,
        #[command(flatten)]
        data: DataFolder,
        /// Print the removed pack as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Library {
    pub(super) const fn data(&self) -> &DataFolder {
        match self {
            Self::List { data, .. } | Self::Verify { data, .. } | Self::Remove { data, .. } => data,
        }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::List { data, json } => list(&data, json),
            Self::Verify { data, json } => verify(&data, json),
            Self::Remove { id, data, json } => remove(&id, &data, json),
        }
    }
}

fn list(data: &DataFolder, json: bool) -> Result<(), Failure> {
    let Answer::Packs(packs) = ask(&data.data, &Request::LibraryList, &mut |_, _| {})? else {
        return Err(misunderstood());
    };
    if json {
        return print_json(&packs);
    }
    if packs.is_empty() {
        say("the library is empty; take lessons in with `school-box import`");
    }
    for pack in &packs {
        say(&line(pack));
    }
    Ok(())
}

fn line(pack: &PackSummary) -> String {
    let language = if pack.language.is_empty() {
        "-"
    } else {
        &pack.language
    };
    format!(
        "{:<24} {:<4} {:>9}  {:>7} pages  {}",
        pack.id.as_str(),
        language,
        bytes(pack.bytes),
        pack.pages,
        pack.title
    )
}

fn verify(data: &DataFolder, json: bool) -> Result<(), Failure> {
    let Answer::Verified(report) = ask(&data.data, &Request::LibraryVerify, &mut |_, _| {})? else {
        return Err(misunderstood());
    };
    if json {
        print_json(&report)?;
    } else {
        for fault in &report.faults {
            say(fault);
        }
        say(&format!(
            "{}, {}, {} read",
            counted(report.packs, "pack"),
            counted(report.blobs, "blob"),
            bytes(report.bytes)
        ));
    }
    if report.faults.is_empty() {
        return Ok(());
    }
    let what = match report.faults.len() {
        1 => "1 fault in the library; import the pack that it names".to_owned(),
        more => format!("{more} faults in the library; import the packs they name"),
    };
    Err(Failure::NotDone(format!("{what} again")))
}

fn remove(id: &str, data: &DataFolder, json: bool) -> Result<(), Failure> {
    let id = PackId::new(id).ok_or_else(|| {
        Failure::Usage(format!(
            "{id:?} is no pack; `school-box library list` says what is installed"
        ))
    })?;
    let Answer::Pack(pack) = ask(&data.data, &Request::LibraryRemove { id }, &mut |_, _| {})?
    else {
        return Err(misunderstood());
    };
    if json {
        return print_json(&pack);
    }
    say(&format!("removed {}: {}", pack.id.as_str(), pack.title));
    Ok(())
}
