//! `depot records open`: bundles back into statements.
//!
//! Each bundle becomes `OUT/STORE-00001.jsonl`, a statement a line, and `OUT/receipts/STORE-00001.receipt`. The receipt comes after the
//! statements are on the disk: it is the word on which a box forgets them.

use super::kept::{aside, failed, private, settle};
use crate::depot::{Failure, tell};
use crate::sealed::bundle::{self, Contents, Head};
use crate::sealed::key::ProgrammeSecret;
use crate::sealed::receipt::Receipt;
use crate::sealed::{BUNDLE_ENDING, OPENED_ENDING, RECEIPT_ENDING, file_name};
use clap::Args;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// No key's file is longer, bytes.
const LONGEST_KEY: u64 = 4096;

/// Open bundles of records: a statement a line, and a receipt for each bundle to carry back to its box
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  depot records open --key programme.key /media/stick --to records"
)]
pub(in crate::depot) struct Open {
    /// The programme's private key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Bundles, or folders with bundles
    #[arg(required = true, value_name = "BUNDLE")]
    bundles: Vec<PathBuf>,
    /// Where the statements and the receipts go; made if it is missing
    #[arg(long, value_name = "OUT")]
    to: PathBuf,
    /// Print what was opened as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Opened {
    file: PathBuf,
    receipt: PathBuf,
    store: String,
    number: u64,
    statements: u64,
    digest: String,
}

#[derive(Debug, Default, Serialize)]
struct Report {
    opened: Vec<Opened>,
    /// Which numbers of a store have not come yet.
    missing: BTreeMap<String, Vec<u64>>,
    /// What could not be opened, and why.
    refused: Vec<String>,
}

impl Open {
    pub(super) fn run(self) -> Result<(), Failure> {
        let secret = self.secret()?;
        let bundles = self.found()?;
        let receipts = self.to.join("receipts");
        fs::create_dir_all(&receipts).map_err(failed(
            "made",
            &receipts,
            "give another folder with --to",
        ))?;
        let mut report = Report::default();
        let mut digests = BTreeMap::new();
        for path in &bundles {
            match self.open(path, &secret) {
                Ok((opened, contents)) => {
                    digests.insert((opened.store.clone(), opened.number), contents);
                    report.opened.push(opened);
                }
                Err(why) => report.refused.push(why),
            }
        }
        report.refused.extend(broken_chains(&digests));
        report.missing = self.missing(&report.opened)?;
        self.tell(&report)?;
        match report.refused.first() {
            None => Ok(()),
            Some(why) => Err(Failure::NotDone(format!(
                "{} of {} bundles were not opened: {why}",
                report.refused.len(),
                bundles.len()
            ))),
        }
    }

    fn secret(&self) -> Result<ProgrammeSecret, Failure> {
        let mut text = String::new();
        File::open(&self.key)
            .and_then(|file| file.take(LONGEST_KEY).read_to_string(&mut text))
            .map_err(failed(
                "read",
                &self.key,
                "give the programme's private key",
            ))?;
        text.parse().map_err(|error| {
            Failure::NotDone(format!(
                "{} is no private key of a programme: {error}",
                self.key.display()
            ))
        })
    }

    /// Every bundle that was named, in the order of their names.
    fn found(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut found = BTreeSet::new();
        for path in &self.bundles {
            let unreadable = failed("read", path, "give a bundle, or a folder with some");
            if !fs::metadata(path).map_err(&unreadable)?.is_dir() {
                found.insert(path.clone());
                continue;
            }
            for entry in fs::read_dir(path).map_err(&unreadable)? {
                let file = entry.map_err(&unreadable)?.path();
                if file.extension().is_some_and(|end| end == BUNDLE_ENDING) {
                    found.insert(file);
                }
            }
        }
        if found.is_empty() {
            return Err(Failure::NotDone(format!(
                "no bundle is there: give files that end in .{BUNDLE_ENDING}, or the folder of a stick"
            )));
        }
        Ok(found.into_iter().collect())
    }

    fn open(&self, path: &Path, secret: &ProgrammeSecret) -> Result<(Opened, Contents), String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let mut input = BufReader::new(File::open(path).map_err(|error| told(&error))?);
        // Which file it becomes stands in its head, which nobody has vouched for yet: it names a store and a number, nothing else.
        let Head { store, number, .. } =
            File::open(path)
                .map_err(|error| told(&error))
                .and_then(|file| {
                    bundle::head(&mut BufReader::new(file)).map_err(|error| told(&error))
                })?;
        let out = self.to.join(file_name(&store, number, OPENED_ENDING));
        let temporary = aside(&out);
        let file = private(&temporary, false).map_err(|error| told(&error))?;
        let mut writer = BufWriter::new(&file);
        let opened = bundle::open(&mut input, secret, &mut |piece| writer.write_all(piece));
        let flushed = writer.flush();
        drop(writer);
        let whole = opened.and_then(|opened| {
            flushed?;
            Ok(opened)
        });
        let (head, contents) = match whole {
            Ok(whole) => whole,
            Err(error) => {
                let _ = fs::remove_file(&temporary);
                return Err(told(&error));
            }
        };
        let receipt = match self.known(&head, secret) {
            // Anybody can seal something to a programme: what came first is not written over.
            Some(known) if known != contents.digest => {
                let _ = fs::remove_file(&temporary);
                return Err(format!(
                    "{}: {} came before with other statements; look at both, and open this one to another folder",
                    path.display(),
                    out.display()
                ));
            }
            Some(_) | None => {
                settle(&out, &file).map_err(|error| told(&error))?;
                self.receipt(&head, &contents, secret)
                    .map_err(|error| told(&error))?
            }
        };
        let opened = Opened {
            file: out,
            receipt,
            store,
            number,
            statements: contents.statements,
            digest: contents.digest.clone(),
        };
        Ok((opened, contents))
    }

    /// The digest of the bundle of this name that was opened before.
    fn known(&self, head: &Head, secret: &ProgrammeSecret) -> Option<String> {
        let text = fs::read_to_string(self.receipt_path(head)).ok()?;
        let receipt = Receipt::believed(&text, &secret.public().ok()?).ok()?;
        Some(receipt.digest)
    }

    fn receipt_path(&self, head: &Head) -> PathBuf {
        let name = file_name(&head.store, head.number, RECEIPT_ENDING);
        self.to.join("receipts").join(name)
    }

    fn receipt(
        &self,
        head: &Head,
        contents: &Contents,
        secret: &ProgrammeSecret,
    ) -> io::Result<PathBuf> {
        let receipt = Receipt::sign(head, contents, secret).map_err(io::Error::other)?;
        let path = self.receipt_path(head);
        let mut file = File::create(aside(&path))?;
        serde_json::to_writer(&mut file, &receipt)?;
        settle(&path, &file)?;
        Ok(path)
    }

    /// Numbers below the highest that came, of the stores that came now.
    fn missing(&self, opened: &[Opened]) -> Result<BTreeMap<String, Vec<u64>>, Failure> {
        let unreadable = failed("read", &self.to, "give another folder with --to");
        let mut missing = BTreeMap::new();
        let stores: BTreeSet<&String> = opened.iter().map(|one| &one.store).collect();
        for store in stores {
            let highest = opened.iter().filter(|one| one.store == *store);
            let highest = highest.map(|one| one.number).max().unwrap_or_default();
            let mut there = BTreeSet::new();
            for entry in fs::read_dir(&self.to).map_err(&unreadable)? {
                there.insert(entry.map_err(&unreadable)?.file_name());
            }
            let is_there = |number: &u64| {
                let name = file_name(store, *number, OPENED_ENDING);
                there.contains(std::ffi::OsStr::new(&name))
            };
            // A made-up number must not make a list without an end.
            let gaps: Vec<u64> = (1..highest).filter(|n| !is_there(n)).take(100).collect();
            if !gaps.is_empty() {
                missing.insert(store.clone(), gaps);
            }
        }
        Ok(missing)
    }

    fn tell(&self, report: &Report) -> Result<(), Failure> {
        if self.json {
            let text = serde_json::to_string_pretty(report);
            tell::say(&text.map_err(|error| Failure::NotDone(error.to_string()))?);
            return Ok(());
        }
        let statements: u64 = report.opened.iter().map(|one| one.statements).sum();
        tell::say(&format!(
            "{statements} statements of {} bundles are in {}; carry {} back to their boxes",
            report.opened.len(),
            self.to.display(),
            self.to.join("receipts").display()
        ));
        for (store, numbers) in &report.missing {
            tell::say(&format!(
                "of store {store} bundles {numbers:?} have not come yet"
            ));
        }
        Ok(())
    }
}

/// Two bundles of one store, one after the other, that do not follow each other.
fn broken_chains(digests: &BTreeMap<(String, u64), Contents>) -> Vec<String> {
    let breaks = digests.iter().filter(|((store, number), contents)| {
        let before = digests.get(&(store.clone(), number.wrapping_sub(1)));
        before.is_some_and(|before| contents.previous.as_ref() != Some(&before.digest))
    });
    breaks
        .map(|((store, number), _)| {
            format!(
                "bundle {number} of store {store} does not follow the one before: it was sealed anew since; ask the box for both again"
            )
        })
        .collect()
}
