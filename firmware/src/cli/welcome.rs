//! `school-box welcome`: the sheet by which a class meets the box, to be printed.

use super::{DataFolder, Failure, ask, misunderstood};
use crate::control::{Answer, Request};
use crate::telemetry::{chain, warn};
use crate::web::Languages;
use crate::welcome::print::{Form, GIVE_ONE, lacking, unspoken};
use crate::welcome::{Faces, Paper, Sheet, Words};
use clap::Args;
use std::path::PathBuf;

/// The sheet to print: two QR codes (network and page), three drawings, a sentence for each
///
/// The network's key stands on it: it is for those who may join.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  school-box welcome --pdf --out welcome.pdf --data /var/lib/school-box\n  school-box welcome --svg --paper a5 --lang uk --data /var/lib/school-box > welcome.svg"
)]
pub(super) struct Welcome {
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    pub(super) data: DataFolder,
    /// The paper
    #[arg(long, value_enum, default_value_t = Paper::A4)]
    paper: Paper,
    /// A language of the box, by its tag; one alone is told more fully (can be given again) [default: all]
    #[arg(long = "lang", value_name = "TAG")]
    languages: Vec<String>,
    /// A TrueType file, for letters that the box has none for (can be given again)
    #[arg(long = "font", value_name = "FILE")]
    fonts: Vec<PathBuf>,
}

impl Welcome {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.form.checked()?;
        let words = chosen(Words::of_all(&Languages::load()), &self.languages)?;
        let faces = Faces::with(&self.fonts).map_err(|error| Failure::NotDone(chain(&error)))?;
        let words = match self.form.is_pdf() {
            true => printable(words, &faces)?,
            false => words,
        };
        let Answer::Welcome(facts) = ask(&self.data.data, &Request::Welcome, &mut |_, _| {})?
        else {
            return Err(misunderstood());
        };
        if let Some(notice) = &facts.notice {
            warn(notice);
        }
        if let Some(letter) = faces
            .set(&facts.network, false)
            .1
            .lacks
            .filter(|_| self.form.is_pdf())
        {
            warn(&format!(
                "no typeface here has the letter {letter} of the network's name: it can be scanned and not read; {GIVE_ONE}"
            ));
        }
        let sheet = Sheet::of(&facts, &words, &faces, self.paper);
        let sheet = sheet.map_err(|error| Failure::NotDone(chain(&error)))?;
        Ok(self.form.print(&[sheet], &faces)?)
    }
}

/// The languages that were asked for, in that order.
fn chosen(all: Vec<Words>, asked: &[String]) -> Result<Vec<Words>, Failure> {
    if asked.is_empty() {
        return Ok(all);
    }
    let spoken: Vec<&str> = all.iter().map(|words| words.tag.as_str()).collect();
    let mut chosen: Vec<Words> = Vec::new();
    for tag in asked {
        let words = all.iter().find(|words| words.tag == *tag);
        let words = words.ok_or_else(|| unspoken(tag, &spoken))?;
        if chosen.iter().all(|known| known.tag != *tag) {
            chosen.push(words.clone());
        }
    }
    Ok(chosen)
}

/// Those whose letters are at hand; each of the others is told.
fn printable(words: Vec<Words>, faces: &Faces) -> Result<Vec<Words>, Failure> {
    let lacking = |words: &Words| {
        let letter = words.lack(faces)?;
        Some(lacking(letter, &words.tag))
    };
    let (left_out, kept): (Vec<_>, Vec<_>) = words
        .into_iter()
        .map(|words| (lacking(&words), words))
        .partition(|(lack, _)| lack.is_some());
    let mut lines = left_out.into_iter().filter_map(|(lack, _)| lack);
    if kept.is_empty() {
        let line = lines.next().unwrap_or_default();
        return Err(Failure::NotDone(line));
    }
    lines.for_each(|line| warn(&format!("left out: {line}")));
    Ok(kept.into_iter().map(|(_, words)| words).collect())
}
