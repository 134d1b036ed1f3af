//! `school-box status`: the state of the running box, in a page.

use super::{DataFolder, Failure, ask, misunderstood, print_json};
use crate::control::{Answer, Request};
use crate::diagnostics::page::page;
use crate::telemetry::say;
use clap::Args;

/// The state of the running box in a page
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  school-box status --data /var/lib/school-box")]
pub(super) struct Status {
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// Print the state as JSON, as /api/v1/status does
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Answer::Status(status) = ask(&self.data.data, &Request::Status, &mut |_, _| {})? else {
            return Err(misunderstood());
        };
        if self.json {
            return print_json(&*status);
        }
        say(page(&status).trim_end());
        Ok(())
    }
}
