//! `depot card`: cards for boxes, written and checked. The first power-on serves the whole library; nothing is imported in the field.
//!
//! | file | holds |
//! |---|---|
//! | `writing`, `verify` | the verbs; `targets`: what is named on the command line, and whether it may be erased |
//! | `serials` | which number each card gets |
//! | `profile`, `profile.toml` | a country's profile, checked; its manual |
//! | `prepare`, `library`, `e2fs` | the data partition, made once at the desk; its library; its file system |
//! | `system` | the image, looked at once |
//! | `map` | which file of the data stands where, and which packs it is of |
//! | `table`, `ext4` | the partition table of an image; the blocks in use of a file system |
//! | `plan`, `write` | what is written where; one card written, step by step; `former`: what it held before, cleared |
//! | `facts`, `linux` | what this system knows of a disk, and what follows; `unmount`: what is mounted and given up |
//! | `device`, `bytes`, `hashing` | cards and files; numbers and places; hashes |
//! | `shown` | how far it is |
//!
//! A card has no partition table until everything on it was written, synced, read back and compared: one that was cut short is no card.

mod bytes;
mod device;
mod e2fs;
mod ext4;
mod facts;
mod former;
mod hashing;
mod library;
mod linux;
mod map;
mod plan;
mod prepare;
mod profile;
mod serials;
mod shown;
mod system;
mod table;
mod targets;
mod unmount;
mod verify;
mod write;
mod writing;

use super::Failure;
use crate::config::{Config, ConfigError};
use clap::{Args, Subcommand};
use std::path::Path;

/// Cards for boxes: written from a country's profile, and checked
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(super) struct Card {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Write(writing::Write),
    Verify(verify::Verify),
}

/// The box's settings of a profile, whatever else stands in it.
pub(super) fn settings(profile: &Path) -> Result<Config, ConfigError> {
    profile::settings(profile)
}

impl Card {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.verb {
            Verb::Write(write) => write.run(),
            Verb::Verify(verify) => verify.run(),
        }
    }
}
