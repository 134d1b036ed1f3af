//! `school-box records`: the learners' records, for tools.

use super::{DataFolder, Failure, ask, misunderstood, print_json};
use crate::control::{Answer, Request};
use crate::telemetry::say;
use clap::Subcommand;

/// The learners' records
#[derive(Debug, Subcommand)]
pub(super) enum Records {
    /// Make an xAPI credential for an outside tool; asked for again, it makes a new password
    #[command(
        after_help = "Example:\n  school-box records credential science-quiz --data /var/lib/school-box --json"
    )]
    Credential {
        /// The tool's name; never a person's. Its username is told with the password
        name: String,
        #[command(flatten)]
        data: DataFolder,
        /// Print {"username": …, "password": …}
        #[arg(long)]
        json: bool,
    },
}

impl Records {
    pub(super) const fn data(&self) -> &DataFolder {
        let Self::Credential { data, .. } = self;
        data
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Credential { name, data, json } = self;
        let Answer::Credential(credential) =
            ask(&data.data, &Request::Credential { name }, &mut |_, _| {})?
        else {
            return Err(misunderstood());
        };
        if json {
            return print_json(&credential);
        }
        say(&format!("username {}", credential.username));
        say(&format!("password {}", credential.password));
        say("the password is not shown again");
        Ok(())
    }
}
