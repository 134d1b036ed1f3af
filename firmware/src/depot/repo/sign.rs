//! `depot repo sign`: one more signature on what waits; or, when nothing does, the timestamp anew.

use super::disk::{self, Step};
use super::draft::Draft;
use super::duty::Duty;
use super::keys::{KeyPlace, of_root};
use super::offers::Title;
use super::options::SigningOptions;
use super::session::Session;
use super::trouble::Trouble;
use crate::depot::tell;
use clap::Args;
use jiff::Timestamp;
use ota::publish::{Holders, Signed, key_id};
use ota::trust::PublicKey;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Add your signature to a draft that waits; with no draft, sign the timestamp anew before it expires
///
/// A draft is published when enough have signed it. Renewing takes snapshot and targets along when half of their time is over.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Sign {
    /// The repository's folder
    repo: PathBuf,
    /// A root key, where a root waits
    #[arg(long, value_name = "KEY")]
    root_key: Vec<KeyPlace>,
    /// Take the signatures that somebody else's copy of the draft has: its draft.json, or the folder it is in
    #[arg(long, value_name = "COPY")]
    take: Vec<PathBuf>,
    /// Drop the draft: nothing of it is published
    #[arg(long, conflicts_with_all = ["take", "root_key"])]
    drop: bool,
    #[command(flatten)]
    signing: SigningOptions,
}

const HELP: &str = "\
Several people, several computers: whoever adds a release leaves REPO/draft.json. Carry REPO to the next one, who reads what it changes and signs \
it; or send it to all and take their signatures together with --take.

Example:
  depot repo sign REPO --key targets=ana.key
  depot repo sign REPO --take /media/stick/REPO
Once a week, by a timer:
  depot repo sign REPO";

impl Sign {
    pub(super) fn run(self) -> Result<(), Trouble> {
        let mut session = Session::open(&self.repo, &self.signing, &of_root(&self.root_key))?;
        if self.drop {
            return drop_draft(&session);
        }
        for from in &self.take {
            session.take(from)?;
        }
        let draft = if session.draft.is_empty() {
            renewal(&session)?
        } else {
            tell::say(&changes(&session)?.join("\n"));
            session.draft.clone()
        };
        let ended = session.end(draft, Vec::new(), &mut disk::Folders)?;
        tell::say(&ended.lines(&self.repo).join("\n"));
        Ok(())
    }
}

fn drop_draft(session: &Session) -> Result<(), Trouble> {
    let waits = !session.draft.is_empty();
    disk::carry_out(&mut disk::Folders, &[Step::Remove(session.place.draft())])?;
    tell::say(if waits {
        "The draft is dropped. What is published stays as it is."
    } else {
        "No draft waits."
    });
    Ok(())
}

/// The timestamp, and below it what is half through its time and can be signed here.
fn renewal(session: &Session) -> Result<Draft, Trouble> {
    let mut draft = Draft::default();
    let signing = session.signing(&session.keys);
    let root = session.published.root()?;
    let root = root.ok_or_else(|| {
        Trouble::Refused("there is no root yet: depot repo init makes one".to_owned())
    })?;
    let old = |duty: Duty| {
        let file = session.published.newest(duty);
        let at_hand = !session
            .keys
            .signers(duty, &[duty.holders(&root)])
            .is_empty();
        at_hand && file.is_none_or(|file| is_half_over(file, session.now))
    };
    if old(Duty::Targets) {
        draft.renew(Duty::Targets, &signing)?;
    } else if old(Duty::Snapshot) {
        draft.renew(Duty::Snapshot, &signing)?;
    } else {
        draft.renew(Duty::Timestamp, &signing)?;
    }
    Ok(draft)
}

fn is_half_over(file: &Signed, now: Timestamp) -> bool {
    file.entry().map_or(true, |entry| {
        let (from, to) = (entry.at.as_second(), entry.expires.as_second());
        now.as_second() >= from + (to - from) / 2
    })
}

/// What whoever signs now says yes to.
fn changes(session: &Session) -> Result<Vec<String>, Trouble> {
    let mut lines = Vec::new();
    let path = session.place.draft();
    if let Some(file) = session.draft.file(Duty::Root) {
        let root = file.root().map_err(Trouble::file(&path))?;
        let before = session.published.root()?;
        for duty in Duty::ALL {
            let known = before.as_ref().map(|before| duty.holders(before));
            lines.push(who_signs(duty, known, duty.holders(&root)));
        }
    }
    if let Some(file) = session.draft.file(Duty::Targets) {
        let after = file.offered().map_err(Trouble::file(&path))?;
        let before = session.published.offered()?;
        let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for path in paths {
            let what = match (before.get(path), after.get(path)) {
                (None, Some(_)) => "offers",
                (Some(_), None) => "withdraws",
                (Some(one), Some(other)) if one != other => "changes",
                (_, _) => continue,
            };
            let name = Title::parse(path).map_or_else(|| path.clone(), |title| title.folder());
            lines.push(format!("The draft {what} {name}."));
        }
    }
    for duty in [Duty::Snapshot, Duty::Timestamp] {
        if session.draft.file(duty).is_some() {
            lines.push(format!("The draft renews {duty}."));
        }
    }
    Ok(lines)
}

/// Keys are told by the first digits of their ids, as keygen tells them.
fn who_signs(duty: Duty, before: Option<&Holders>, after: &Holders) -> String {
    let keys = after.keys.iter().map(|key| {
        let known = before.is_none_or(|before| before.keys.contains(key));
        format!("{}{}", short_id(key), if known { "" } else { " (new)" })
    });
    let keys: Vec<String> = keys.collect();
    format!(
        "The draft lets {duty} be signed by {} of: {}.",
        after.threshold,
        keys.join(", ")
    )
}

/// Enough to tell keys apart.
pub(super) fn short_id(key: &PublicKey) -> String {
    key_id(key).chars().take(8).collect()
}
