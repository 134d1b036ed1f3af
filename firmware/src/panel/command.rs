//! The verb `panel` of both programs: the table, the lights played in a terminal, the card and the playbooks to print.

use super::frames::{FRAME_MS, frame, word};
use super::sheets::{card, playbook};
use super::{ROWS, Row, State, Words};
use crate::texts::Languages;
use crate::welcome::print::{Form, Refused, lacking, unspoken};
use crate::welcome::{Faces, Paper, Sheet};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What the four lights say: the table, a simulator, the card and the playbooks to print
#[derive(Debug, Subcommand)]
pub enum Panel {
    /// Every state of the lights, a line each
    #[command(after_help = examples(&["list --json"]))]
    List {
        /// Print the table as JSON
        #[arg(long)]
        json: bool,
    },
    /// What one state means and what to do, in words
    #[command(after_help = examples(&["show disk --lang fr"]))]
    Show {
        /// Its name, as `list` gives it
        state: String,
        /// A language of the box, by its tag
        #[arg(long = "lang", value_name = "TAG", default_value = "en")]
        language: String,
    },
    /// Play the lights of a state, or of every state: in place on a terminal, else a frame a line
    #[command(after_help = examples(&["simulate disk --seconds 8"]))]
    Simulate {
        /// Its name, as `list` gives it [default: all]
        state: Option<String>,
        /// How long each is played, seconds
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
        seconds: u64,
    },
    /// The card of all states, to print
    #[command(after_help = examples(&["card --pdf --lang ar --out card.pdf"]))]
    Card {
        /// How it is printed.
        #[command(flatten)]
        print: Print,
        /// The paper
        #[arg(long, value_enum, default_value_t = Paper::A5)]
        paper: Paper,
    },
    /// What to do in a state, a page each, to print
    #[command(after_help = examples(&[
        "playbook disk --pdf --lang uk --out disk.pdf",
        "playbook --pdf --out all.pdf",
    ]))]
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

/// What is typed, by the name of the program that is asked: the verbs are those of two.
fn examples(lines: &[&str]) -> String {
    let asked = std::env::args_os().next().map(PathBuf::from);
    let name = asked.as_deref().and_then(Path::file_name);
    let name = name.map_or("school-box".into(), OsStr::to_string_lossy);
    let typed = lines.iter().map(|line| format!("\n  {name} panel {line}"));
    format!("Example:{}", typed.collect::<String>())
}

/// How a sheet is printed.
#[derive(Debug, Args)]
pub struct Print {
    #[command(flatten)]
    form: Form,
    /// A language of the box, by its tag
    #[arg(long = "lang", value_name = "TAG", default_value = "en")]
    language: String,
    /// A TrueType file, for letters that the box has none for (can be given again)
    #[arg(long = "font", value_name = "FILE")]
    fonts: Vec<PathBuf>,
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
                    None if !print.form.is_pdf() => {
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
    let spoken: Vec<&str> = all.iter().map(|words| words.tag.as_str()).collect();
    let own = all.iter().find(|words| words.tag == tag);
    own.cloned().ok_or_else(|| unspoken(tag, &spoken))
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
        self.form.checked()?;
        let words = words_of(&self.language)?;
        let faces =
            Faces::with(&self.fonts).map_err(|error| Refused::NotDone(error.to_string()))?;
        if let Some(letter) = words.lack(&faces).filter(|_| self.form.is_pdf()) {
            return Err(Refused::NotDone(lacking(letter, &words.tag)));
        }
        self.form.print(&pages(&words, &faces), &faces)
    }
}
