//! `school-box update offer`: a newer system, and packs, from a stick, a folder or an address.

use super::super::{Failure, misunderstood, print_json};
use super::Where;
use crate::config::Config;
use crate::control::{self, Answer, Line, Request};
use crate::status::Coming;
use crate::telemetry::say;
use crate::updates::offer::Offer;
use crate::updates::place::from_here;
use crate::updates::{packs, told};
use clap::Args;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// Take a newer system, and packs of lessons, from a stick, a folder or an address
///
/// Works while the box runs: it fetches what is missing, writes the other slot, and tries the new system at the next restart. After the system come the packs
/// that the school has in an older version or that `update.packs` names, in that order. An offer that was cut goes
/// on where it stopped, from any source. Ctrl-C ends the telling, not the box's work.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  school-box update offer /media/stick --data /var/lib/school-box\n  school-box update offer https://updates.example.org/box --restart"
)]
pub(in crate::cli) struct OfferVerb {
    /// A folder or stick with a repository, or the address of one
    #[arg(value_name = "SOURCE", value_parser = SourceWord::read)]
    pub(super) source: SourceWord,
    #[command(flatten)]
    pub(super) place: Where,
    /// Do not wait for this box's turn in a staged roll-out
    #[arg(long)]
    now: bool,
    /// Restart the box as soon as the new system is ready, whoever is learning
    #[arg(long)]
    restart: bool,
}

/// What a person names as a source.
#[derive(Debug, Clone)]
pub(super) struct SourceWord {
    /// An address, or the whole path of a folder.
    text: String,
    /// The folder, for those who see to its rights; none for an address.
    pub(super) folder: Vec<PathBuf>,
}

impl SourceWord {
    /// An empty word is a slip, not a folder.
    fn read(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            let meant = "give a folder, or an address that begins with http:// or https://";
            return Err(meant.to_owned());
        }
        let text = from_here(text);
        let folder = (!text.contains("://")).then(|| PathBuf::from(&text));
        Ok(Self {
            text,
            folder: folder.into_iter().collect(),
        })
    }
}

impl OfferVerb {
    pub(super) fn run(self) -> Result<(), Failure> {
        let data = &self.place.data.data;
        let request = Request::Offer {
            offer: Offer {
                source: self.source.text.clone(),
                now: self.now,
                restart: self.restart,
            },
            board: self.place.board.clone(),
        };
        let config = Config::of_the_box(None, data).unwrap_or_default();
        let mut shown = Shown::new(self.place.json);
        let answer = control::ask_and_follow(data, &config, &request, &mut |line| shown.hear(line));
        shown.end();
        let Answer::Offered(offered) = answer? else {
            return Err(misunderstood());
        };
        if self.place.json {
            return print_json(&*offered);
        }
        say(&offered.line);
        Ok(())
    }
}

/// How far it is, on standard error: in place on a terminal, elsewhere a line at each quarter of each step.
struct Shown {
    silent: bool,
    terminal: bool,
    last: String,
    step: (String, u64),
}

impl Shown {
    fn new(silent: bool) -> Self {
        Self {
            silent,
            terminal: io::stderr().is_terminal(),
            last: String::new(),
            step: (String::new(), u64::MAX),
        }
    }

    fn hear(&mut self, line: &Line) {
        let Line::Update(update) = line else { return };
        let (system, pack) = (update.coming.as_ref(), update.coming_pack.as_ref());
        let at_work = |coming: &&Coming| coming.waits_for.is_none();
        // Of two the one that is being worked on.
        let pack = pack.filter(|pack| system.is_none() || at_work(pack));
        let (coming, text) = match (system, pack) {
            _ if self.silent => return,
            (_, Some(pack)) => (pack, packs::told::line(pack)),
            (Some(system), None) => (system, told::line(system)),
            (None, None) => return,
        };
        let quarter = (coming.done_bytes.saturating_mul(4))
            .checked_div(coming.of_bytes)
            .unwrap_or(0);
        let step = (coming.doing.clone(), quarter);
        if self.last == text || (!self.terminal && self.step == step) {
            return;
        }
        let (lead, end) = if self.terminal {
            ("\r\x1b[K", "")
        } else {
            ("", "\n")
        };
        // A terminal that is gone needs no progress.
        let _ = write!(io::stderr(), "{lead}  {text}{end}");
        (self.last, self.step) = (text, step);
    }

    fn end(&self) {
        if self.terminal && !self.last.is_empty() {
            let _ = writeln!(io::stderr());
        }
    }
}
