//! `depot repo init`: a repository, empty and signed.

use super::disk;
use super::draft::Draft;
use super::duty::{Count, Duty, Of};
use super::keys::{KeyPlace, Keys, of_root};
use super::options::SigningOptions;
use super::place::Place;
use super::published::Published;
use super::session::Session;
use super::settings::Settings;
use super::trouble::Trouble;
use crate::depot::tell;
use clap::Args;
use ota::publish::{Holders, RootDraft};
use std::path::PathBuf;

/// Make a repository: a folder of plain files, empty and signed
///
/// The root key says who may sign what. It is wanted here and for rotate, and belongs in a safe. The keys of the other roles sign every day.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Init {
    /// A folder that is not there yet, or empty
    repo: PathBuf,
    /// A root key: FILE, or command:PUBLIC_KEY_FILE:COMMAND; again for each
    #[arg(long, value_name = "KEY", required = true)]
    root_key: Vec<KeyPlace>,
    /// How many of a role's keys must sign; by default one
    #[arg(long, value_name = "ROLE=N")]
    threshold: Vec<Of<Count>>,
    #[command(flatten)]
    signing: SigningOptions,
}

const HELP: &str = "\
A key is a file of depot repo keygen, its public half where somebody else has to sign (depot repo sign), or a command that gets the bytes to sign \
on standard input and answers the signature: 64 bytes, or these in hexadecimal or base64. A role for which no key is given is signed by the root \
keys: good for a try, not for boxes in the field.

Beside REPO stands REPO.desk, which is not published: where the keys are that sign every day (never a key), images of releases, and what is being \
made.

Example:
  depot repo keygen root.key; depot repo keygen online.key
  depot repo init REPO --root-key root.key --key targets=online.key --key snapshot=online.key --key timestamp=online.key

Targets signed by two of three people, each with a key of their own:
  depot repo init REPO --root-key root.key --key targets=ana.key.pub --key targets=ben.key.pub --key targets=eve.key.pub \\
      --threshold targets=2 --key snapshot=online.key --key timestamp=online.key";

impl Init {
    pub(super) fn run(self) -> Result<(), Trouble> {
        let given = self.given();
        let keys = Keys::open(&given)?;
        let root = self.root(&keys)?;
        let place = Place::create(&self.repo)?;
        let mut settings = Settings::default();
        settings.expires_days.set(&self.signing.expires);
        settings.remember(&given);
        let session = Session {
            published: Published::default(),
            draft: Draft::default(),
            now: self.signing.now(),
            keys,
            settings,
            place,
        };
        let mut draft = Draft::default();
        draft.set_root(&session.signing(&session.keys).next(Duty::Root), &root)?;
        let first = vec![session.settings.kept(&session.place)];
        let ended = session.end(draft, first, &mut disk::Folders)?;
        let repo = self.repo.display();
        let mut lines = vec![format!("{repo} is a new repository.")];
        lines.extend(ended.lines(&self.repo));
        lines.extend(self.root_signs());
        lines.push(format!(
            "{repo}/metadata/1.root.json is what a box must have to believe it."
        ));
        tell::say(&lines.join("\n"));
        Ok(())
    }

    /// Roles that are left to the root keys.
    fn left_to_root(&self) -> Vec<Duty> {
        let given = |duty: &Duty| self.signing.keys.iter().any(|one| one.duty == *duty);
        let online = Duty::ALL.into_iter().filter(|duty| *duty != Duty::Root);
        online.filter(|duty| !given(duty)).collect()
    }

    fn given(&self) -> Vec<Of<KeyPlace>> {
        let mut given = of_root(&self.root_key);
        for duty in self.left_to_root() {
            let value = self.root_key.iter().cloned();
            given.extend(value.map(|value| Of { duty, value }));
        }
        given.extend(self.signing.keys.clone());
        given
    }

    fn root_signs(&self) -> Option<String> {
        let roles: Vec<&str> = self.left_to_root().into_iter().map(Duty::name).collect();
        let roles = roles.join(", ");
        (!roles.is_empty()).then(|| {
            format!("The root key signs {roles}: before boxes are in the field give these keys of their own with depot repo rotate.")
        })
    }

    fn root(&self, keys: &Keys) -> Result<RootDraft, Trouble> {
        let holders = |duty: Duty| {
            let threshold = self.threshold.iter().rev().find(|one| one.duty == duty);
            let holders = Holders {
                keys: keys.of(duty),
                threshold: threshold.map_or(1, |one| u64::from(one.value.0)),
            };
            enough(duty, &holders).map(|()| holders)
        };
        Ok(RootDraft {
            root: holders(Duty::Root)?,
            targets: holders(Duty::Targets)?,
            snapshot: holders(Duty::Snapshot)?,
            timestamp: holders(Duty::Timestamp)?,
        })
    }
}

/// A role that nobody could ever sign for would end the repository.
pub(super) fn enough(duty: Duty, holders: &Holders) -> Result<(), Trouble> {
    let keys = holders.keys.len() as u64;
    if keys == 0 {
        return Err(Trouble::Usage(format!(
            "nobody signs {duty}: give --key {duty}=FILE"
        )));
    }
    if keys < holders.threshold {
        return Err(Trouble::Usage(format!(
            "{} of the keys of {duty} must sign, and there are {keys}: give more keys or a lower --threshold",
            holders.threshold
        )));
    }
    Ok(())
}
