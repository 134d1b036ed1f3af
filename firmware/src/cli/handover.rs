//! `school-box handover`: the box goes to another school.

use super::confirm::Confirmation;
use super::records::{carry, take_in};
use super::{Ask, DataFolder, Failure, ask_on, misunderstood, print_json};
use crate::control::{self, Answer, HeldUp, Request, counted};
use crate::erase::handover::{WORDS, WORDS_WITHOUT_RECEIPTS};
use crate::telemetry::{say, warn};
use board_support::BoardChoice;
use clap::Args;
use std::path::{Path, PathBuf};

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
            self.carry_to(to, &mut ask)?;
        }
        self.be_sure(&mut ask)?;
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
                "everyone is forgotten: {}; the lessons are as they were",
                counted(erased.statements, "statement")
            ),
            "the network's new name and key hold from the box's next start: then print its label with `school-box welcome`".to_owned(),
            "the settings stay: put the new school's place and timetable into config.toml".to_owned(),
        ] {
            say(&line);
        }
        Ok(())
    }

    /// Receipts in, and what waits out.
    fn carry_to(&self, to: &Path, ask: &mut Ask<'_>) -> Result<(), Failure> {
        if to.is_dir() {
            let taken = take_in(to, ask)?;
            if !self.json {
                say(&taken.line());
            }
            // What is not known to have arrived holds the hand-over up by itself.
            if let Err(Failure::NotDone(line)) = taken.or_refused() {
                warn(&line);
            }
        }
        let carried = carry(to, ask)?;
        if !self.json {
            carried.lines(to).iter().for_each(|line| say(line));
        }
        Ok(())
    }

    /// Whether it can be done is asked first: nobody types words for nothing. Who need not type any hears it from the hand-over itself.
    fn be_sure(&self, ask: &mut Ask<'_>) -> Result<(), Failure> {
        if self.without_receipts {
            let what = "everyone will be forgotten, and with them all that the programme has not acknowledged";
            return self.confirmation.or_refuse(WORDS_WITHOUT_RECEIPTS, what);
        }
        if self.confirmation.asks() {
            let Answer::HeldUp(held_up) = ask(&Request::HeldUp)? else {
                return Err(misunderstood());
            };
            if let Some(why) = why_not(&held_up) {
                return Err(Failure::NotDone(why));
            }
        }
        let what = "everyone will be forgotten, and the network gets another name and key";
        self.confirmation.or_refuse(WORDS, what)
    }
}

/// A line; `None`: nothing holds it up.
fn why_not(held_up: &HeldUp) -> Option<String> {
    let (waits, remedy) = match (&held_up.damaged, held_up.statements) {
        (Some(aside), _) => (
            format!(
                "records that were damaged lie in {}, and nobody has carried them out",
                aside.display()
            ),
            "let a technician take that file",
        ),
        (None, 0) => return None,
        (None, count) => {
            let are = if count == 1 { "is" } else { "are" };
            let statements = counted(count, "statement");
            (
                format!("{statements} {are} not known to have arrived at the programme"),
                "carry them there with --to, take its receipts in with `school-box records receipts`",
            )
        }
    };
    Some(format!(
        "nothing was done: {waits}; {remedy}, and hand over then; in an emergency --without-receipts gives them up"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_it_up_is_told_in_a_line() {
        let of = |statements, damaged: Option<&str>| {
            why_not(&HeldUp {
                statements,
                damaged: damaged.map(PathBuf::from),
            })
        };
        assert_eq!(of(0, None), None);
        for (statements, damaged, told) in [
            (1, None, "1 statement is not known to have arrived"),
            (200, None, "200 statements are not known to have arrived"),
            (0, Some("/data/records.bad"), "lie in /data/records.bad"),
        ] {
            let line = of(statements, damaged).unwrap_or_default();
            assert!(line.starts_with("nothing was done: "), "{line}");
            assert!(line.contains(told), "{line}");
            assert!(line.contains("--without-receipts"), "{line}");
        }
    }
}
