//! `depot repo rotate`: another root, by the consent of the old one: keys come and go.

use super::disk;
use super::draft::Draft;
use super::duty::{Count, Duty, Of};
use super::init::enough;
use super::keys::{KeyPlace, Keys, of_root};
use super::options::SigningOptions;
use super::session::Session;
use super::trouble::Trouble;
use crate::depot::tell;
use clap::Args;
use ota::publish::RootDraft;
use std::path::PathBuf;

/// Let keys come and go, by a new root that the old root's keys and the new ones sign; boxes follow
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Rotate {
    /// The repository's folder
    repo: PathBuf,
    /// A root key that signs, of the old root or of the new one; again for each
    #[arg(long, value_name = "KEY", required = true)]
    root_key: Vec<KeyPlace>,
    /// A key that joins a role: private, or only its public half
    #[arg(long, value_name = "ROLE=KEY")]
    add_key: Vec<Of<KeyPlace>>,
    /// A key that leaves a role: it, or its public half
    #[arg(long, value_name = "ROLE=KEY")]
    drop_key: Vec<Of<KeyPlace>>,
    /// How many of a role's keys must sign
    #[arg(long, value_name = "ROLE=N")]
    threshold: Vec<Of<Count>>,
    #[command(flatten)]
    signing: SigningOptions,
}

const HELP: &str = "\
A new root takes effect when enough keys of the old root and enough of the new one have signed it. With no change it only lasts longer. \
The key that leaves is still wanted for its last signature, so that no box meets a moment without a good one; where it is lost, a box that reads in \
that moment tries again later. A lost root key is replaced while enough others are left: keep two.

Example:
  depot repo rotate REPO --root-key root.key --drop-key timestamp=online.key.pub --add-key timestamp=new.key
  depot repo rotate REPO --root-key root.key --add-key root=safe2.key --drop-key root=root.key";

impl Rotate {
    pub(super) fn run(self) -> Result<(), Trouble> {
        let joins_root = self.add_key.iter().filter(|one| one.duty == Duty::Root);
        let joining: Vec<KeyPlace> = joins_root.map(|one| one.value.clone()).collect();
        // A new root key may be named twice: as one that joins, and as one that signs.
        let old = self.root_key.iter().filter(|key| !joining.contains(key));
        let old: Vec<KeyPlace> = old.cloned().collect();
        let mut session = Session::open(&self.repo, &self.signing, &of_root(&old))?;
        session.nothing_waits()?;
        let Some(mut root) = session.published.root()? else {
            return Err(Trouble::Refused(format!(
                "{} has no root yet: depot repo init makes one",
                self.repo.display()
            )));
        };
        self.change(&mut root)?;
        session.keys.extend(Keys::open(&self.add_key)?);
        session.settings.remember(&self.add_key);
        session.settings.forget(&self.drop_key);
        let mut draft = Draft::default();
        let entry = session.signing(&session.keys).next(Duty::Root);
        draft.set_root(&entry, &root)?;
        let first = vec![session.settings.kept(&session.place)];
        let ended = session.end(draft, first, &mut disk::Folders)?;
        tell::say(&ended.lines(&self.repo).join("\n"));
        Ok(())
    }

    fn change(&self, root: &mut RootDraft) -> Result<(), Trouble> {
        let (leaving, joining) = (Keys::open(&self.drop_key)?, Keys::open(&self.add_key)?);
        for duty in Duty::ALL {
            let holders = duty.holders_mut(root);
            for key in leaving.of(duty) {
                if !holders.keys.contains(&key) {
                    return Err(Trouble::Refused(format!(
                        "a key given with --drop-key does not sign {duty}: nothing was changed"
                    )));
                }
                holders.keys.retain(|one| *one != key);
            }
            for key in joining.of(duty) {
                if !holders.keys.contains(&key) {
                    holders.keys.push(key);
                }
            }
            if let Some(one) = self.threshold.iter().rev().find(|one| one.duty == duty) {
                holders.threshold = u64::from(one.value.0);
            }
            enough(duty, holders)?;
        }
        Ok(())
    }
}
