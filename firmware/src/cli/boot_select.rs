//! `school-box boot-select`: the boot script's logic as a program.

use super::{Failure, print_json};
use crate::telemetry::{chain, say, warn};
use board_support::boot_control::env_file::EnvFile;
use clap::Args;
use ota::Slot;
use serde::Serialize;
use std::path::PathBuf;

/// Say which slot the boot loader would boot now, and spend a try as it would
///
/// Only a trial writes anything. Without a readable choice it is slot A, and a warning; nothing is written then.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  school-box boot-select --env /var/lib/school-box/sim/boot.env")]
pub(super) struct BootSelect {
    /// The boot choice: `boot.env` of a simulated board, or the partition (or an image of it) that U-Boot reads
    #[arg(long, value_name = "FILE")]
    env: PathBuf,
    /// Print {"slot": …, "tries_left": …, "warning": …}
    #[arg(long)]
    json: bool,
}

/// What was picked.
#[derive(Debug, Serialize)]
struct Picked {
    slot: Slot,
    /// Boots left to a slot on trial after this one.
    tries_left: Option<u8>,
    warning: Option<String>,
}

impl BootSelect {
    pub(super) fn run(self) -> Result<(), Failure> {
        let picked = pick(&EnvFile::at(self.env));
        if let Some(warning) = &picked.warning {
            warn(warning);
        }
        if self.json {
            return print_json(&picked);
        }
        say(&picked.slot.to_string());
        Ok(())
    }
}

fn pick(env: &EnvFile) -> Picked {
    let bare = |slot, warning| Picked {
        slot,
        tries_left: None,
        warning,
    };
    let before = match env.load() {
        Ok((_, choice)) => choice,
        Err(error) => {
            let warning = format!("{}; slot A boots", chain(&error));
            return bare(Slot::A, Some(warning));
        }
    };
    let (slot, after) = before.boot();
    if after == before {
        return bare(slot, None);
    }
    match env.store(after) {
        Ok(()) => Picked {
            tries_left: match after {
                ota::BootChoice::Trial { tries_left, .. } => Some(tries_left),
                ota::BootChoice::Settled { .. } => None,
            },
            ..bare(slot, None)
        },
        // A trial whose tries cannot be counted could never end.
        Err(error) => {
            let warning = format!("{}; slot {} boots", chain(&error), slot.other());
            bare(slot.other(), Some(warning))
        }
    }
}
