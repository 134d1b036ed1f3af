//! `school-box stage`: one file parsed and staged, for the box that asked for it. Nobody types it: the box starts it for a pack that came with an update, so
//! that what a stranger made is parsed in a process of its own.

use super::{DataFolder, Failure};
use crate::telemetry::{chain, say};
use crate::updates::packs::Staging;
use clap::Args;
use content_store::formats::{self, ImportError};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use std::path::{Path, PathBuf};

/// Stage a file for the box that asks for it
#[derive(Debug, Args)]
#[command(hide = true)]
pub(super) struct Stage {
    /// The file; it becomes a part of the library
    file: PathBuf,
    /// What the pack must be called
    #[arg(long, value_name = "ID")]
    offered_as: String,
    /// Bytes of the disk that are left free
    #[arg(long, value_name = "BYTES")]
    keep_free: u64,
    #[command(flatten)]
    pub(super) data: DataFolder,
}

impl Stage {
    pub(super) fn run(self) -> Result<(), Failure> {
        // Without the box nobody takes in what it stages.
        let _ = prctl::set_pdeathsig(Signal::SIGKILL);
        let refused = match self.staged(&self.data.data) {
            Ok(staged) => {
                tell(&Staging::Staged(staged));
                return Ok(());
            }
            Err(refused) => refused,
        };
        tell(&refused);
        Err(Failure::NotDone("it was not staged".to_owned()))
    }

    fn staged(&self, data: &Path) -> Result<PathBuf, Staging> {
        let refused = |error: ImportError| Staging::Refused {
            why: chain(&error),
            full: error.is_full(),
        };
        let mut plan = formats::plan(&self.file).map_err(refused)?;
        if plan.id.as_str() != self.offered_as {
            return Err(Staging::Refused {
                why: format!(
                    "it is offered as `{}` and calls itself `{}`",
                    self.offered_as,
                    plan.id.as_str()
                ),
                full: false,
            });
        }
        plan.owned = true;
        let mut shown = u64::MAX;
        let staged = formats::stage(&plan, data, self.keep_free, &mut |progress| {
            // A line for each hundredth.
            let share = (progress.done.saturating_mul(100)).checked_div(progress.total);
            if share != Some(shown) {
                shown = share.unwrap_or(u64::MAX);
                tell(&Staging::Progress(progress.done, progress.total));
            }
        });
        staged.map_err(refused)
    }
}

fn tell(line: &Staging) {
    say(&serde_json::to_string(line).unwrap_or_default());
}
