//! The verb `panel` of both programs: the table, the lights played in a terminal, the card and the playbooks to print.

use super::frames::{FRAME_MS, frame, word};
use super::sheets::{card, playbook};
use super::{ROWS, Row, State, Words};
use crate::texts::Languages;
use crate::welcome::{Faces, Paper, Sheet, out, pdf, svg};
use clap::{ArgGroup, Args, Subcommand};
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Why nothing came of it.
#[derive(Debug)]
pub enum Refused {
    /// It could not be done.
    NotDone(String),
    /// It was asked for wrongly.
    Usage(String),
}

/// What the four lights say: the table, a simulator, the card and the playbooks to print
#[derive(Debug, Subcommand)]
pub enum Panel {
    /// Every state of the lights, a line each
    #[command(after_help = "Example:\n  school-box panel list --json")]
    List {
        /// Print the table as JSON
        #[arg(long)]
        json: bool,
    },
    /// What one state means and what to do, in words
    #[command(after_help = "Example:\n  school-box panel show disk --lang fr")]
    Show {
        /// Its name, as `list` gives it
        state: String,
        /// A language of the box, by its tag
        #[arg(long = "lang", value_name = "TAG", default_value = "en")]
        language: String,
    },
    /// Play the lights of a state, or of every state: in place on a terminal, else a frame a line
    #[command(after_help = "Example:\n  school-box panel simulate disk --seconds 8")]
    Simulate {
        /// Its name, as `list` gives it [default: all]
        state: Option<String>,
        /// How long each is played, seconds
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
        seconds: u64,
    },
    /// The card of all states, to print
    #[command(after_help = "Example:\n  school-box panel card --pdf --lang ar --out card.pdf")]
    Card {
        /// How it is printed.
        #[command(flatten)]
        print: Print,
        /// The paper
        #[arg(long, value_enum, default_value_t = Paper::A5)]
        paper: Paper,
    },
    /// What to do in a state, a page each, to print
    #[command(
        after_help = "Example:\n  school-box panel playbook disk --pdf --lang uk --out disk.pdf\n  school-box panel playbook --pdf --out all.pdf"
    )]
    Playbook {
        /// Its name, as `list` gives it [default: all, as PDF]
        state: Option<String>,
        /// How it is printed.
        #[command(flatten)]
        print: Print,
        /// The paper
        #[arg(long, value_enum, default_value_t = Paper::A4)]
        paper: Paper,
    },
}

/// How a sheet is printed.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("form").required(true))]
pub struct Print {
    /// As a picture, whose letters are those of whoever prints it
    #[arg(long, group = "form")]
    svg: bool,
    /// As a file for any printer
    #[arg(long, group = "form")]
    pdf: bool,
    /// A language of the box, by its tag
    #[arg(long = "lang", value_name = "TAG", default_value = "en")]
    language: String,
    /// A TrueType file, for letters that the box has none for (can be given again)
    #[arg(long = "font", value_name = "FILE")]
    fonts: Vec<PathBuf>,
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Panel {
    /// Does it; what is to be said goes to `say`.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn run(self, say: &dyn Fn(&str)) -> Result<(), Refused> {
        match self {
            Self::List { json } => say(&list(json)),
            Self::Show { state, language } => say(&shown(named(&state)?, &words_of(&language)?)),
            Self::Simulate { state, seconds } => {
                let rows = match state {
                    None => ROWS.iter().collect(),
                    Some(name) => vec![named(&name)?],
                };
                rows.into_iter().for_each(|row| play(row, seconds, say));
            }
            Self::Card { print, paper } => {
                print.run(&|words, faces| vec![card(words, faces, paper)])?;
            }
            Self::Playbook {
                state,
                print,
                paper,
            } => {
                let rows: Vec<&Row> = match state {
                    None if print.svg => {
                        return Err(Refused::Usage(
                            "a picture has one page: name a state, or take --pdf for all of them"
                                .to_owned(),
                        ));
                    }
                    None => ROWS.iter().collect(),
                    Some(name) => vec![named(&name)?],
                };
                let one =
                    |row: &&Row, words: &Words, faces: &Faces| playbook(row, words, faces, paper);
                print
                    .run(&|words, faces| rows.iter().map(|row| one(row, words, faces)).collect())?;
            }
        }
        Ok(())
    }
}

fn named(name: &str) -> Result<&'static Row, Refused> {
    State::named(name).map(State::row).ok_or_else(|| {
        let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
        let name: String = name.chars().take(40).collect();
        Refused::Usage(format!(
            "{name}: the lights have no such state; they have {}",
            names.join(", ")
        ))
    })
}

fn words_of(tag: &str) -> Result<Words, Refused> {
    let all = Words::of_all(&Languages::load());
    let tags: Vec<String> = all.iter().map(|words| words.tag.clone()).collect();
    let own = all.into_iter().find(|words| words.tag == tag);
    own.ok_or_else(|| {
        let tag: String = tag.chars().take(40).collect();
        Refused::Usage(format!(
            "--lang {tag}: the box does not speak it; it speaks {}",
            tags.join(", ")
        ))
    })
}

/// A line a state, or the table as data.
fn list(json: bool) -> String {
    if json {
        let rows: Vec<Value> = ROWS.iter().map(row_json).collect();
        return serde_json::to_string_pretty(&rows).unwrap_or_default();
    }
    let line = |row: &Row| {
        let sight = row.sights.first().copied();
        let lights = sight.map(|sight| sight.map(word)).unwrap_or_default();
        let [battery, wifi, lessons, help] = lights;
        format!(
            "{:<12} battery {battery:<7} wi-fi {wifi:<6} lessons {lessons:<6} help {help}",
            row.name
        )
    };
    let lines: Vec<String> = ROWS.iter().map(line).collect();
    lines.join("\n")
}

fn row_json(row: &Row) -> Value {
    let sight = |[battery, wifi, lessons, help]: [String; 4]| json!({"battery": battery, "wifi": wifi, "lessons": lessons, "help": help});
    json!({
        "state": row.name,
        "lights": row.sights.iter().map(|seen| sight(seen.map(word))).collect::<Vec<_>>(),
        "causes": row.causes.iter().map(|cause| cause.as_str()).collect::<Vec<_>>(),
        "who": row.who.as_str(),
        "steps": row.steps.len(),
    })
}

/// A playbook in words.
#[must_use]
pub fn shown(row: &Row, words: &Words) -> String {
    let Some(told) = words.told(row) else {
        return row.name.to_owned();
    };
    let [means, to_do, when] = &words.heads;
    let mut text = format!(
        "{}\n\n{means}\n{}\n\n{to_do}\n{}\n",
        told.seen, told.means, told.who
    );
    for (number, step) in &told.steps {
        text += &format!("{number}. {step}\n");
    }
    text + &format!("\n{when}\n{}", told.call)
}

/// Plays each way in which a state is seen. A frame is drawn in place on a terminal, in its time; elsewhere it is a line, at once.
fn play(row: &Row, seconds: u64, say: &dyn Fn(&str)) {
    let live = io::stdout().is_terminal();
    for sight in row.sights {
        say(&format!("{}: {}", row.name, sight.map(word).join(" ")));
        let start = Instant::now();
        for ms in (0..seconds * 1_000).step_by(100) {
            let line = format!("{:>6.1} s   {}", seconds_of(ms), frame(*sight, ms));
            if !live {
                say(&line);
                continue;
            }
            let mut out = io::stdout().lock();
            // A terminal that is gone needs no lights.
            if write!(out, "\r{line}").and_then(|()| out.flush()).is_err() {
                return;
            }
            wait_until(start, Duration::from_millis(ms + FRAME_MS));
        }
        if live {
            say("");
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "some minutes")]
fn seconds_of(ms: u64) -> f64 {
    ms as f64 / 1e3
}

fn wait_until(start: Instant, after: Duration) {
    while let Some(left) = after
        .checked_sub(start.elapsed())
        .filter(|left| !left.is_zero())
    {
        std::thread::park_timeout(left);
    }
}

impl Print {
    fn run(&self, pages: &dyn Fn(&Words, &Faces) -> Vec<Sheet>) -> Result<(), Refused> {
        if self.pdf && self.out.is_none() && io::stdout().is_terminal() {
            return Err(Refused::Usage(
                "a PDF is nothing for a terminal; name a file with --out".to_owned(),
            ));
        }
        let words = words_of(&self.language)?;
        let faces =
            Faces::with(&self.fonts).map_err(|error| Refused::NotDone(error.to_string()))?;
        if let Some(letter) = words.lack(&faces).filter(|_| self.pdf) {
            return Err(Refused::NotDone(format!(
                "no typeface here has the letter {letter} of the language {}; name a TrueType file that has it with --font",
                words.tag
            )));
        }
        let sheets = pages(&words, &faces);
        let bytes = match self.pdf {
            true => {
                pdf::sheets(&sheets, &faces).map_err(|error| Refused::NotDone(error.to_string()))?
            }
            false => sheets
                .iter()
                .map(svg::sheet)
                .collect::<String>()
                .into_bytes(),
        };
        out::write(self.out.as_deref(), &bytes).map_err(Refused::NotDone)
    }
}
