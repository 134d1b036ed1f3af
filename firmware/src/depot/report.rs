//! `depot report show`: reads what a box has sent.

use super::{Failure, tell};
use crate::causes::chain;
use crate::hex::hex;
use crate::report::Bundle;
use crate::report::findings::findings;
use crate::report::page::page;
use clap::{Args, Subcommand};
use ota::trust::PublicKey;
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Reports of boxes
#[derive(Debug, Subcommand)]
pub(super) enum Report {
    Show(Show),
}

impl Report {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Show(show) => show.run(),
        }
    }
}

/// Check a report's signature and show it, what stands out first
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depot report show school-box-report-….sbr --key box.pem")]
pub(super) struct Show {
    /// The report
    file: PathBuf,
    /// The public key of the box that should have made it: a file in PEM, or its 64 hexadecimal digits
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    fn run(self) -> Result<(), Failure> {
        let named = |why: &str| Failure::NotDone(format!("{}: {why}", self.file.display()));
        let file = File::open(&self.file).map_err(|error| named(&error.to_string()))?;
        let (bundle, public) = Bundle::read(file).map_err(|error| named(&chain(&error)))?;
        let signer = PublicKey::ed25519(&public);
        let expected = self.key.as_deref().map(expected).transpose()?;
        if expected.as_ref().is_some_and(|key| *key != signer) {
            return Err(named(
                "it is signed by another box than the one whose key you gave",
            ));
        }
        let known = expected.is_some();
        let key = hex(&public);
        if self.json {
            let value = json!({
                "key": key,
                "key_expected": known,
                "manifest": bundle.manifest,
                "findings": findings(&bundle),
                "sections": bundle.sections,
                "days": bundle.days,
                "events": bundle.events,
            });
            tell::say(&serde_json::to_string_pretty(&value).unwrap_or_default());
            return Ok(());
        }
        let signed = match known {
            true => "signed by the key you gave".to_owned(),
            false => format!("signed by the unknown key {key}"),
        };
        tell::say(page(&bundle, &signed).trim_end());
        Ok(())
    }
}

fn expected(key: &str) -> Result<PublicKey, Failure> {
    let digits = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits {
        let byte = |at: usize| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).unwrap_or(0);
        return Ok(PublicKey::ed25519(&std::array::from_fn(byte)));
    }
    let unread = |why: String| Failure::Usage(format!("--key {key}: {why}"));
    let file = fs::read(Path::new(key)).map_err(|error| unread(error.to_string()))?;
    ota::publish::public_key(&file).map_err(|error| unread(error.to_string()))
}
