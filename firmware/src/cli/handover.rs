//! `school-box handover`: the box goes to another school.

use super::confirm::Confirmation;
use super::records::{carry, take_in};
use super::{DataFolder, Failure, ask_on, misunderstood, print_json};
use crate::control::{self, Answer, Request};
use crate::erase::handover::{WORDS, WORDS_WITHOUT_RECEIPTS};
use crate::telemetry::{say, warn};
use board_support::BoardChoice;
use clap::Args;
use std::path::PathBuf;

/// Pass the box on to another school: records out, receipts checked, everyone forgotten, another network; the lessons stay
///
/// While statements are not known to have arrived at the programme it does nothing but carry them, and says how many there are.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box handover --to /media/stick --data /var/lib/school-box"
)]
pub(super) struct Handover {
    /// A folder or stick: receipts are taken in from there, and what is not yet acknowledged is sealed into it
    #[arg(long, value_name = "DIR")]
    pub(super) to: Option<PathBuf>,
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// In an emergency: give up what is not known to have arrived
    #[arg(long)]
    without_receipts: bool,
    #[command(flatten)]
    confirmation: Confirmation,
    /// The board, where no box runs on the data
    #[arg(long, value_name = "auto|sim|sim:DIR", default_value = "auto")]
    board: BoardChoice,
    /// Print {"statements": …, "took_ms": …}
    #[arg(long)]
    json: bool,
}

impl Handover {
    /// As with `records export`: onto a stick the caller writes, where a box runs.
    pub(super) fn works_as_owner(&self) -> bool {
        self.to.is_none() || !control::answers(&self.data.data)
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        let data = &self.data.data;
        let mut ask = |request: &Request| ask_on(data, &self.board, request, &mut |_, _| {});
        if let Some(to) = &self.to {
            if to.is_dir() {
                let taken = take_in(to, &mut ask)?;
                if !self.json {
                    say(&taken.line());
                }
                // What is not known to have arrived holds the hand-over up by itself.
                if let Err(Failure::NotDone(line)) = taken.or_refused() {
                    warn(&line);
                }
            }
            let carried = carry(to, &mut ask)?;
            if !self.json {
                carried.lines(to).iter().for_each(|line| say(line));
            }
        }
        let (words, what) = if self.without_receipts {
            let what = "everyone will be forgotten, and with them all that the programme has not acknowledged";
            (WORDS_WITHOUT_RECEIPTS, what)
        } else {
            (
                WORDS,
                "everyone will be forgotten, and the network gets another name and key",
            )
        };
        self.confirmation.or_refuse(words, what)?;
        let request = Request::HandOver {
            without_receipts: self.without_receipts,
        };
        let Answer::Erased(erased) = ask(&request)? else {
            return Err(misunderstood());
        };
        if self.json {
            return print_json(&erased);
        }
        for line in [
            format!(
                "everyone is forgotten: {} statements; the lessons are as they were",
                erased.statements
            ),
            "the network's new name and key hold from the box's next start: then print its label with `school-box welcome`".to_owned(),
            "the settings stay: put the new school's place and timetable into config.toml".to_owned(),
        ] {
            say(&line);
        }
        Ok(())
    }
}
