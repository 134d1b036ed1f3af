//! `depot repo`: signed repositories of systems and packs, as plain files for any web server or stick.
//!
//! | file | holds |
//! |---|---|
//! | `keygen`, `init`, `add`, `rollout`, `sign`, `rotate`, `verify` | the verbs |
//! | `place` | where things lie: what is published, what is the desk's alone |
//! | `session` | one go at a repository: opened, checked, ended in one change |
//! | `published`, `draft` | the metadata that holds, and the one to come: signed role by role, published when enough have signed |
//! | `duty`, `keys`, `command`, `settings`, `options` | roles and expiry; keys in files and behind commands; what the desk remembers; the command line |
//! | `offers`, `system`, `making` | releases and packs; parts that belong together; frames and patches |
//! | `newest`, `shop` | the newest system, and the packs, for others |
//! | `payload` | a system or pack made of its frames, or by a patch |
//! | `check` | what a box would believe, and every byte of it |
//! | `disk`, `unused` | durable steps; what is removed |
//! | `digest`, `tally`, `trouble` | hashes, sizes, what failed |
//!
//! # Order of writes
//!
//! Files of targets, the draft, targets, snapshot, timestamp, root, the draft goes, what is unused goes. Each is written aside, synced, renamed.
//! After a cut at any of them a box reads the old release or the new one, and the next verb ends what was begun.

mod add;
mod check;
mod command;
mod digest;
mod disk;
mod draft;
mod duty;
mod init;
mod keygen;
mod keys;
mod making;
mod newest;
mod offers;
pub(super) mod options;
mod payload;
mod place;
mod published;
mod rollout;
mod rotate;
mod session;
mod settings;
pub(super) mod shop;
mod sign;
mod system;
mod tally;
mod trouble;
mod unused;
mod verify;

#[cfg(test)]
mod tests;

pub(super) use newest::newest_system;

use super::Failure;
use clap::{Args, Subcommand};

/// Signed repositories of systems and packs: made, filled, signed, rotated, verified
///
/// A repository is a folder of plain files, as they lie, for any web server, stick or box (The Update Framework 1.0, consistent snapshots).
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Repo {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Keygen(keygen::Keygen),
    Init(init::Init),
    Add(add::Add),
    Rollout(rollout::Rollout),
    Sign(sign::Sign),
    Rotate(rotate::Rotate),
    Verify(verify::Verify),
}

impl Repo {
    pub(super) fn run(self) -> Result<(), Failure> {
        let done = match self.verb {
            Verb::Keygen(keygen) => keygen.run(),
            Verb::Init(init) => init.run(),
            Verb::Add(add) => add.run(),
            Verb::Rollout(rollout) => rollout.run(),
            Verb::Sign(sign) => sign.run(),
            Verb::Rotate(rotate) => rotate.run(),
            Verb::Verify(verify) => verify.run(),
        };
        done.map_err(Failure::from)
    }
}
