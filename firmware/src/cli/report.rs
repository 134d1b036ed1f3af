//! `school-box report`: the file a technician sends.

use super::{DataFolder, Failure, print_json};
use crate::control::{Answer, Request, Unanswered, ask_running};
use crate::report::{collect, key};
use crate::status::Status;
use crate::telemetry::{say, warn};
use board_support::usb::write_file;
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A box that takes longer to tell its state hangs, and is reported without it: a stick is given two minutes in all.
const STATE_TAKES_AT_MOST: Duration = Duration::from_secs(10);

/// Write a support bundle: what happened, how the box is, its health; signed, and without anybody's name
///
/// Works while the box runs, hangs or falls over.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box report --data /var/lib/school-box --to /media/stick\n  depot report show school-box-report-….sbr"
)]
pub(super) struct Report {
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// The folder that the file goes to, such as a stick's
    #[arg(long, value_name = "DIR", default_value = ".")]
    to: PathBuf,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Written {
    file: PathBuf,
    bytes: usize,
}

impl Report {
    pub(super) fn run(self) -> Result<(), Failure> {
        let data = &self.data.data;
        if !data.is_dir() {
            let line = format!(
                "there is no data folder {}; give the box's folder with --data",
                data.display()
            );
            return Err(Failure::NotDone(line));
        }
        let state = state(data);
        let made =
            key::open_or_make(data).and_then(|key| collect::file(data, state.as_deref(), &key));
        let (name, bytes) = made.map_err(Failure::NotDone)?;
        let file = write_file(&self.to, &name, &bytes).map_err(|error| {
            let to = self.to.display();
            Failure::NotDone(format!("the report cannot be written to {to}: {error}; give a folder that you may write with --to"))
        })?;
        if self.json {
            let bytes = bytes.len();
            return print_json(&Written { file, bytes });
        }
        say(&file.display().to_string());
        Ok(())
    }
}

/// The state of the box on `data`; `None` where none runs, or none that answers.
fn state(data: &Path) -> Option<Box<Status>> {
    match ask_running(data, &Request::Status, STATE_TAKES_AT_MOST, &mut |_| {}) {
        Ok(Answer::Status(state)) => Some(state),
        Err(Unanswered::NotRunning) => None,
        Ok(_) | Err(Unanswered::Silent | Unanswered::Refused(_)) => {
            warn("the running box does not answer: its state is left out");
            None
        }
    }
}
