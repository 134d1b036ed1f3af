//! `school-box console`: the technician's page on a serial line.

use super::{DataFolder, Failure};
use crate::clock::Clock;
use crate::console::{self, Ended, Place};
use crate::telemetry::chain;
use board_support::terminal::Terminal;
use board_support::{BoardChoice, BoardError};
use clap::Args;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

/// A line that was lost is looked for so often.
const AGAIN: Duration = Duration::from_secs(2);

/// The technician's page on a serial line or this terminal; works while the box is down
///
/// Read-only. What changes the state of the box (restart, update, storage, self-test, hand-over) is done once its button is pressed within 30 s.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  school-box console --data /var/lib/school-box\n  school-box console --tty /dev/ttyAMA0\n  echo battery | school-box console --line"
)]
pub(super) struct ConsoleVerb {
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// The serial line [default: this terminal]
    #[arg(long, value_name = "PATH")]
    tty: Option<PathBuf>,
    /// A command a line, an answer a line, as JSON: for scripts
    #[arg(long)]
    line: bool,
    /// The board, whose slots are looked at where no box runs on the data
    #[arg(long, value_name = "auto|sim|sim:DIR", default_value = "auto")]
    board: BoardChoice,
}

impl ConsoleVerb {
    pub(super) fn run(self) -> Result<(), Failure> {
        let place = Place {
            data: self.data.data,
            board: self.board,
        };
        if self.tty.is_none() && !io::stdin().is_terminal() {
            if !self.line {
                return Err(Failure::Usage(
                    "standard input is no terminal; name one with --tty, or use --line".to_owned(),
                ));
            }
            return console::serve(&place, &mut io::stdin().lock())
                .map_err(|error| Failure::NotDone(format!("cannot read standard input: {error}")));
        }
        let dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
        let by_hand = self.tty.is_none() && !crate::telemetry::started_by_systemd_at_all();
        on_line(place, self.tty, self.line || dumb, by_hand)
    }
}

/// Until the person leaves; a named line that is lost is opened again, and this terminal is not there any more.
fn on_line(place: Place, tty: Option<PathBuf>, lines: bool, by_hand: bool) -> Result<(), Failure> {
    let open = || match &tty {
        Some(path) => Terminal::open(path),
        None => Terminal::of_stdin(),
    };
    let unusable = |error: BoardError| {
        let line = chain(&error);
        Failure::NotDone(format!("{line}; name the serial line with --tty"))
    };
    let mut line = open().map_err(unusable)?;
    let mut console = console::Console::new(place, lines, by_hand)
        .map_err(|error| Failure::NotDone(format!("cannot begin: {error}")))?;
    loop {
        match console.serve(&mut line) {
            Ended::Left => return Ok(()),
            Ended::Lost(error) if tty.is_none() => {
                return Err(Failure::NotDone(format!("the terminal is gone: {error}")));
            }
            Ended::Lost(_) => line = again(&open),
        }
    }
}

fn again(open: &dyn Fn() -> Result<Terminal, BoardError>) -> Terminal {
    let clock = Clock::of_the_desk();
    loop {
        let next = clock.uptime() + AGAIN;
        while let Some(rest) = next
            .checked_sub(clock.uptime())
            .filter(|rest| !rest.is_zero())
        {
            std::thread::park_timeout(rest);
        }
        if let Ok(line) = open() {
            return line;
        }
    }
}
