//! `school-box erase`: everyone is forgotten.

use super::confirm::Confirmation;
use super::{DataFolder, Failure, ask, misunderstood, print_json};
use crate::control::{Answer, Request, counted};
use crate::telemetry::say;
use clap::Args;

/// What is typed.
const WORDS: &str = "forget everyone";

/// Forget everyone: learners, their records, tools' credentials; the lessons stay. It cannot be undone
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box erase --data /var/lib/school-box\n\nThe same by the button alone: hold it until three lights shine, let go, and hold it again for some four seconds while the lights count down."
)]
pub(super) struct Erase {
    #[command(flatten)]
    pub(super) data: DataFolder,
    #[command(flatten)]
    confirmation: Confirmation,
    /// Print {"statements": …, "took_ms": …}
    #[arg(long)]
    json: bool,
}

impl Erase {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.confirmation.or_refuse(
            WORDS,
            "every learner's records on this box will be gone for good",
        )?;
        let Answer::Erased(erased) = ask(&self.data.data, &Request::Erase, &mut |_, _| {})? else {
            return Err(misunderstood());
        };
        if self.json {
            return print_json(&erased);
        }
        say(&format!(
            "everyone is forgotten: {}, in {:.1} s; the lessons are as they were",
            counted(erased.statements, "statement"),
            erased.took_ms as f64 / 1000.0
        ));
        Ok(())
    }
}
