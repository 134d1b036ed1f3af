//! `school-box panel`: what the lights say now, and what they can say.

use super::{DataFolder, Failure, ask, misunderstood, print_json};
use crate::control::{Answer, Request};
use crate::panel::command::{self, shown};
use crate::panel::{State, Words};
use crate::telemetry::say;
use crate::texts::Languages;
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// What the four lights say: now, in a simulator, and on paper
#[derive(Debug, Subcommand)]
pub(super) enum Panel {
    Now(Now),
    #[command(flatten)]
    Shared(command::Panel),
}

/// What the lights of the running box say now, and what to do
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  school-box panel now --data /var/lib/school-box")]
pub(super) struct Now {
    #[command(flatten)]
    data: DataFolder,
    /// Print lights and state as JSON
    #[arg(long)]
    json: bool,
}

impl Panel {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Now(now) => now.run(),
            Self::Shared(panel) => Ok(panel.run(&say)?),
        }
    }

    /// The data of the box that it asks.
    pub(super) fn data(&self) -> Option<(&Path, &[PathBuf])> {
        match self {
            Self::Now(now) => Some((&now.data.data, &[])),
            Self::Shared(_) => None,
        }
    }
}

impl Now {
    fn run(self) -> Result<(), Failure> {
        let Answer::Status(status) = ask(&self.data.data, &Request::Status, &mut |_, _| {})? else {
            return Err(misunderstood());
        };
        let Some(panel) = status.panel else {
            return Err(Failure::NotDone(
                "no box drives the lights just now; start it, and ask again".to_owned(),
            ));
        };
        if self.json {
            return print_json(&panel);
        }
        say(&panel.lights);
        let state = panel.state.as_deref().and_then(State::named);
        match state {
            None => say("The button is held, or was just now: the lights tell what it does."),
            Some(state) => {
                let words = Words::of_all(&Languages::load());
                for english in words.iter().filter(|words| words.tag == "en") {
                    say(&shown(state.row(), english));
                }
            }
        }
        Ok(())
    }
}
