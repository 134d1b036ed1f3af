//! `school-box selftest`: every part tried once.

use super::{DataFolder, Failure, misunderstood, print_json};
use crate::config::Config;
use crate::control::{Answer, Line, Request, answers, ask_and_follow};
use crate::panel::{State, Words};
use crate::selftest::picture::{ASCII_SIDE, Style, svg, terminal};
use crate::selftest::{Code, Outcome, Said, Wishes, page};
use crate::telemetry::{chain, say, warn};
use crate::texts::Languages;
use crate::welcome::code::Code as Squares;
use board_support::BoardChoice;
use clap::Args;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Try every part of the box once, in under ten minutes, and say whether it is ready for a school
///
/// The result is kept in the data folder and shown as a QR code, which `depot shelf` takes in. Nothing is destroyed.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box selftest --data /var/lib/school-box\n  school-box selftest --unattended --json --data /var/lib/school-box\n\nExit 0: ready. 1: a part needs help, or the test could not be made."
)]
pub(super) struct Selftest {
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// The board, where no box runs on the data
    #[arg(long, value_name = "auto|sim|sim:DIR", default_value = "auto")]
    board: BoardChoice,
    /// Nobody takes part: what needs a person is told as not tried
    #[arg(long)]
    unattended: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Write the QR code as a picture, too
    #[arg(long, value_name = "FILE")]
    qr_svg: Option<PathBuf>,
    /// Draw the QR code in ASCII, at most 80 columns wide, for a line that knows nothing else; its text comes last
    #[arg(long)]
    ascii: bool,
}

impl Selftest {
    pub(super) fn run(self) -> Result<(), Failure> {
        let data = &self.data.data;
        let request = Request::Selftest {
            wishes: Wishes {
                unattended: self.unattended,
            },
            board: self.board.clone(),
        };
        let config = Config::of_the_box(None, data).unwrap_or_default();
        let mut told = |line: &Line| {
            if let Line::Selftest(said) = line {
                tell(said);
            }
        };
        // A board that no box drives is dark afterwards.
        let shows_it = answers(data);
        let answer = ask_and_follow(data, &config, &request, &mut told)?;
        cleared();
        let Answer::Selftest(outcome) = answer else {
            return Err(misunderstood());
        };
        let text = Code::of(&outcome).text();
        let squares = Squares::of(&text).map_err(|error| Failure::NotDone(chain(&error)))?;
        if let Some(path) = &self.qr_svg {
            written(path, &svg(&squares))?;
        }
        if self.json {
            print_json(&*outcome)?;
        } else {
            say(page::page(&outcome).trim_end());
            let lit = lights(outcome.ready).filter(|_| shows_it);
            lit.iter().for_each(|line| say(line));
            say("");
            match self.ascii {
                true => show_in_ascii(&text),
                false => show(&text, &squares),
            }
        }
        verdict(&outcome)
    }
}

fn verdict(outcome: &Outcome) -> Result<(), Failure> {
    if outcome.ready {
        return Ok(());
    }
    let failed: Vec<&str> = outcome.failed().map(|tried| tried.part.as_str()).collect();
    let need = if failed.len() == 1 {
        "needs help"
    } else {
        "need help"
    };
    Err(Failure::NotDone(format!(
        "{} {need}: do what the result says, and test again",
        failed.join(", ")
    )))
}

/// What the lights of the box say of it, in the words of their own card.
fn lights(ready: bool) -> Option<String> {
    let state = if ready { State::Passed } else { State::Failed };
    let spoken = Words::of_all(&Languages::load());
    let words = spoken.iter().find(|words| words.tag == "en")?;
    let told = words.told(state.row())?;
    Some(format!("Lights: {}.", told.seen))
}

fn show(text: &str, squares: &Squares) {
    say(&format!(
        "For `depot shelf`: scan the code, or copy its text:\n{text}\n"
    ));
    let style = if io::stdout().is_terminal() {
        Style::Colours
    } else {
        Style::Plain
    };
    draw(&terminal(squares, style));
}

/// The text comes last: of a screen of 24 lines the code, which has some 40, has run off the top.
fn show_in_ascii(text: &str) {
    let scan = match Squares::within(text, ASCII_SIDE) {
        Ok(squares) => {
            let lines = terminal(&squares, Style::Ascii);
            draw(&lines);
            format!("scan the code in a window of {} lines, or", lines.len())
        }
        // A serial number of some hundred letters: its code is too wide for the line.
        Err(_) => "take a picture of the code with --qr-svg, or".to_owned(),
    };
    say(&format!("For `depot shelf`: {scan} copy its text:\n{text}"));
}

/// Not by way of `say`, which lets no order to the terminal through: these are ours.
fn draw(lines: &[String]) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{}", lines.join("\n")).and_then(|()| out.flush());
}

/// What the person is to do stands on standard error, so that it is read while the result goes to a file; how far it is only where somebody looks on.
fn tell(said: &Said) {
    match said {
        Said::Ask(text) => {
            cleared();
            warn(text);
        }
        Said::Tried(tried) => progress(&format!(
            "{}: {}",
            tried.part.as_str(),
            tried.verdict.word()
        )),
        Said::Doing(what, _, 0) => progress(what),
        Said::Doing(what, done, total) => {
            progress(&format!("{what}: {} %", done.saturating_mul(100) / total));
        }
    }
}

fn progress(line: &str) {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r  {line:<77.77}").and_then(|()| out.flush());
    }
}

fn cleared() {
    let mut out = io::stderr().lock();
    if out.is_terminal() {
        let _ = write!(out, "\r{:79}\r", "").and_then(|()| out.flush());
    }
}

fn written(path: &Path, text: &str) -> Result<(), Failure> {
    let done = File::create(path).and_then(|mut file| {
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
    });
    done.map_err(|error| {
        Failure::NotDone(format!(
            "the picture cannot be written to {}: {error}; give a file in a folder that you may write with --qr-svg",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lights_are_told_in_the_words_of_their_card() {
        for (ready, told) in [
            (
                true,
                "Lights: Network and lessons flash fast together, help is dark.",
            ),
            (
                false,
                "Lights: Network, lessons and help flash fast together.",
            ),
        ] {
            assert_eq!(lights(ready).as_deref(), Some(told));
        }
    }
}
