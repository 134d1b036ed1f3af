//! `depot label`: a label for each card of a manifest, ten to a sheet of A4: number, programme, system and date, and the number as a QR code.
//!
//! The network's name and key are not on it: the box draws them when it is first switched on, so that no two have the same and no desk knows them. Then
//! `school-box welcome` prints them.

use super::manifest::{CardLine, Manifest};
use super::{Failure, tell};
use crate::serial::Serial;
use crate::welcome::code::{Code, QUIET, TooLong};
use crate::welcome::drawing::Fill;
use crate::welcome::path::Path as Pen;
use crate::welcome::print::Form;
use crate::welcome::sheet::{Held, Line, Mark, Square};
use crate::welcome::{Faces, Paper, Sheet};
use clap::Args;
use std::path::PathBuf;

/// Labels on a sheet: columns and rows.
const COLUMNS: usize = 2;
const ROWS: usize = 5;
/// Of a label, and of the white around all of them, mm.
const WIDE: f64 = 95.0;
const HIGH: f64 = 54.0;
const LEFT: f64 = 10.0;
const TOP: f64 = 13.5;
/// White at a label's edges, and the side of its QR code without the white around, mm.
const EDGE: f64 = 4.0;
const CODE: f64 = 28.0;
/// Type of the number, and of all else, mm.
const LARGE: f64 = 8.0;
const SMALL: f64 = 3.6;

/// Labels for the boxes of a manifest, to print: number, programme, system and date, with a QR code
#[derive(Debug, Args)]
#[command(after_help = "Example:
  depot label --manifest philippines.cards.jsonl --pdf --out labels.pdf

The network's key is not on it: each box draws its own when it is first switched on, and `school-box welcome` prints it then.")]
pub(super) struct Label {
    /// The manifest that `card write` kept
    #[arg(long, value_name = "FILE")]
    manifest: PathBuf,
    /// Only this box (can be given again) [default: all that have a number]
    #[arg(long, value_name = "NUMBER")]
    serial: Vec<Serial>,
    #[command(flatten)]
    form: Form,
}

impl Label {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.form.checked()?;
        let manifest = Manifest::read(&self.manifest)?.told();
        let chosen = chosen(&manifest.cards, &self.serial).map_err(Failure::NotDone)?;
        if !self.form.is_pdf() && chosen.len() > COLUMNS * ROWS {
            return Err(Failure::Usage(format!(
                "{} labels have no room in one picture; choose up to {} with --serial, or take --pdf",
                chosen.len(),
                COLUMNS * ROWS
            )));
        }
        let faces = Faces::own();
        let sheets =
            sheets(&chosen, &faces).map_err(|error| Failure::NotDone(error.to_string()))?;
        self.form.print(&sheets, &faces)?;
        tell::warn(&format!(
            "{}, {} of paper",
            tell::number_of(chosen.len(), "label"),
            tell::number_of(sheets.len(), "sheet")
        ));
        // A box whose line could not be read has no label.
        manifest
            .shortfall()
            .map_or(Ok(()), |line| Err(Failure::NotDone(line)))
    }
}

/// The newest line of each number, in the order of the numbers.
fn chosen<'a>(lines: &'a [CardLine], asked: &[Serial]) -> Result<Vec<&'a CardLine>, String> {
    let mut chosen: Vec<&CardLine> = Vec::new();
    for line in lines.iter().rev() {
        let Some(serial) = &line.serial else { continue };
        let wanted = asked.is_empty() || asked.iter().any(|one| one.as_str() == serial);
        if wanted && chosen.iter().all(|known| known.serial != line.serial) {
            chosen.push(line);
        }
    }
    chosen.sort_by(|a, b| a.serial.cmp(&b.serial));
    let is_there = |one: &&Serial| {
        chosen
            .iter()
            .all(|line| line.serial.as_deref() != Some(one.as_str()))
    };
    match asked.iter().find(is_there) {
        Some(missing) => Err(format!(
            "{missing} is not in the manifest; look for it in another one"
        )),
        None if chosen.is_empty() => {
            Err("no card of the manifest has a number: write cards with --serial-from".to_owned())
        }
        None => Ok(chosen),
    }
}

fn sheets(lines: &[&CardLine], faces: &Faces) -> Result<Vec<Sheet>, TooLong> {
    lines
        .chunks(COLUMNS * ROWS)
        .map(|lines| sheet(lines, faces))
        .collect()
}

fn sheet(lines: &[&CardLine], faces: &Faces) -> Result<Sheet, TooLong> {
    let mut sheet = Sheet {
        size: Paper::A4.size(),
        title: "School box".to_owned(),
        tag: "en".to_owned(),
        marks: Vec::new(),
        codes: Vec::new(),
    };
    for (place, line) in lines.iter().enumerate() {
        let (column, row) = (place % COLUMNS, place / COLUMNS);
        let x = (0..column).fold(LEFT, |x, _| x + WIDE);
        let y = (0..row).fold(TOP, |y, _| y + HIGH);
        label(&mut sheet, line, faces, (x, y))?;
    }
    Ok(sheet)
}

/// What the QR code says: the number first, for whoever scans with a phone.
fn told(line: &CardLine) -> String {
    let serial = line.serial.as_deref().unwrap_or_default();
    format!(
        "{serial} school-box system={} written={}",
        line.image.version.replace(' ', "-"),
        line.written
    )
}

fn label(
    sheet: &mut Sheet,
    line: &CardLine,
    faces: &Faces,
    (x, y): (f64, f64),
) -> Result<(), TooLong> {
    let frame = Pen::default().rect(x, y, WIDE, HIGH);
    sheet.marks.push(Mark::Stroke(frame, 0.1, Fill::Nothing));
    let code = Code::of(&told(line))?;
    let square = CODE / f64::from(code.side());
    let quiet = square * f64::from(QUIET);
    let at = (x + WIDE - EDGE - quiet - CODE, y + EDGE + quiet);
    sheet.marks.push(Mark::Stroke(
        code.path().placed(at.0, at.1, square),
        0.0,
        Fill::Ink,
    ));
    sheet.codes.push(Square {
        at,
        side: CODE,
        quiet,
    });
    let beside = at.0 - quiet - EDGE - x;
    let whole = WIDE - 2.0 * EDGE;
    let below = y + EDGE + CODE + 2.0 * quiet;
    let serial = line.serial.clone().unwrap_or_default();
    let programme = line
        .programme
        .clone()
        .unwrap_or_else(|| "for a trial".to_owned());
    for (text, down, size, room) in [
        (serial, y + EDGE + LARGE, LARGE, beside),
        (line.profile.clone(), y + EDGE + 2.0 * LARGE, SMALL, beside),
        (
            format!("{}  {}", line.image.version, line.written),
            y + EDGE + 2.0 * LARGE + 1.5 * SMALL,
            SMALL,
            beside,
        ),
        (programme, below + SMALL, SMALL * 1.2, whole),
    ] {
        // Smaller where it would not fit.
        let size = size.min(room / faces.width(&text, false).max(1.0));
        sheet.marks.push(Mark::Text(Line {
            text,
            tag: String::new(),
            rtl: false,
            at: (x + EDGE, down),
            held: Held::Left,
            size,
        }));
    }
    Ok(())
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
mod tests {
    use super::super::manifest::tests::line;
    use super::*;
    use crate::welcome::pdf;

    #[test]
    fn each_number_has_one_label_the_newest_and_all_are_within_their_frames() {
        let mut lines: Vec<CardLine> = (1..=23).map(|n| line(&format!("SB-{n:04}"))).collect();
        lines.push(CardLine {
            written: "2026-12-24".to_owned(),
            ..line("SB-0003")
        });
        lines.push(CardLine {
            serial: None,
            ..line("")
        });
        let chosen = chosen(&lines, &[]).unwrap();
        assert_eq!(chosen.len(), 23);
        assert_eq!(chosen[2].written, "2026-12-24");
        let faces = Faces::own();
        let sheets = sheets(&chosen, &faces).unwrap();
        assert_eq!(
            sheets
                .iter()
                .map(|sheet| sheet.codes.len())
                .collect::<Vec<_>>(),
            [10, 10, 3]
        );
        for mark in sheets.iter().flat_map(|sheet| &sheet.marks) {
            let Mark::Text(text) = mark else { continue };
            let right = text.at.0 + faces.width(&text.text, false) * text.size;
            let column = if text.at.0 < LEFT + WIDE {
                LEFT + WIDE
            } else {
                LEFT + 2.0 * WIDE
            };
            assert!(right <= column - EDGE + 0.01 && text.size > 1.5, "{text:?}");
        }
        assert!(sheets[0].codes.iter().all(|code| code.side >= 25.0));
        let pdf = pdf::sheets(&sheets, &faces).unwrap();
        assert!(pdf.starts_with(b"%PDF"));
    }

    #[test]
    fn what_cannot_be_chosen_is_told() {
        let lines = [CardLine {
            serial: None,
            ..line("")
        }];
        assert!(chosen(&lines, &[]).unwrap_err().contains("--serial-from"));
        let asked = ["SB-1".parse().unwrap()];
        assert!(
            chosen(&lines, &asked)
                .unwrap_err()
                .contains("SB-1 is not in the manifest")
        );
    }
}
